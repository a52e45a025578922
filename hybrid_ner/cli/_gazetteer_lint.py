"""``gazetteer lint`` and ``gazetteer match``: what is wrong with a list, and what it hits in a text."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby, islice, tee
from pathlib import Path
from typing import Any

import typer

from hybrid_ner.cli._gazetteer import Input, described, load, print_reports, term_row
from hybrid_ner.cli._options import print_json
from hybrid_ner.errors import InputError
from hybrid_ner.io import Report
from hybrid_ner.matching import GazetteerMatcher, Match
from hybrid_ner.sources.gazetteer import GazetteerSource
from hybrid_ner.terms.lint import KINDS, LintReport, WordLists, lint, read_words
from hybrid_ner.terms.readers import ReadReport
from hybrid_ner.text import excerpt, quantity


def run(
    files: Sequence[str],
    given: Input,
    *,
    common: Path | None,
    genes: Path | None,
    only: Sequence[str],
    skip: Sequence[str],
    limit: int,
) -> LintReport:
    """Check every row of the files together, by the shipped words or the user's in their place.

    Raises:
        InputError: A bad row, or an unknown kind of findings.
    """
    for kind in (*only, *skip):
        if kind not in KINDS:
            raise InputError(f"unknown kind {kind!r}.", hint=f"Use any of {', '.join(KINDS)}.")
    wanted = tuple(kind for kind in only or KINDS if kind not in skip)
    lists = WordLists.shipped()
    words = frozenset(word.lower() for word in read_words(common)) if common else lists.common
    lists = WordLists(words, frozenset(read_words(genes)) if genes else lists.genes)
    # A file is read row by row, because a gazetteer would have dropped its repeated rows.
    rows = (given.open(name) if Path(name).exists() else load([name], given) for name in files)
    return lint(chain.from_iterable(rows), lists, kept=limit or sys.maxsize, kinds=wanted)


def show(found: LintReport, limit: int, reports: Iterable[ReadReport], as_json: bool) -> None:
    if as_json:
        rows = [
            {"kind": f.kind, **term_row(f.term), **({"other": term_row(f.other)} if f.other else {})}
            for f in found.sorted()
        ]
        print_json({"terms": found.terms, "counts": found.counts, "findings": rows})
        return
    print_reports(reports)
    for kind, findings in groupby(found.sorted(), key=lambda finding: finding.kind):
        typer.echo(f"{found.counts[kind]:,} {kind}: {KINDS[kind]}")
        for finding in findings:
            other = f"  and  {described(finding.other)}" if finding.other else ""
            typer.echo(f"    {described(finding.term)}{other}")
        if limit and found.counts[kind] > limit:
            typer.echo(f"    … {found.counts[kind] - limit:,} more (--limit 0 shows all)")
    total = sum(found.counts.values())
    typer.echo(f"{quantity(total, 'finding')} in {quantity(found.terms, 'term')}")


def documents(text: str, file: str, report: Report) -> list[tuple[str, str]]:
    """Names and texts to look at; what is piped in where neither is named.

    Args:
        report: Told about what of a file cannot be read.

    Raises:
        InputError: Neither or both were given, or the file is no text.
    """
    if not text and not file and not sys.stdin.isatty() and (piped := sys.stdin.read()).strip():
        return [("", piped)]
    if bool(text) == bool(file):
        raise InputError("there is no text to look at.", hint="Give either --text TEXT or --input FILE.")
    if text:
        return [("", text)]
    if file == "-":
        return [("", sys.stdin.read())]
    from hybrid_ner.corpus import read_corpus
    from hybrid_ner.corpus.formats import recognize

    form = recognize(Path(file)) if Path(file).is_file() else None
    named = Path(file).is_dir() or (form is not None and form.name != "txt")
    found = read_corpus(Path(file), None if named else "txt", report=report)
    return [(document.doc_id if named else "", document.text) for document in found]


def matches(
    texts: list[tuple[str, str]], every_label: bool, source: GazetteerSource, limit: int, as_json: bool
) -> None:
    """Print every match with its offsets, label, concept and reason; then the counts."""
    counts: Counter[str] = Counter()
    rows = _rows(source, source.matcher_of(every_label=every_label), texts, counts)
    shown = list(islice(rows, limit or None))
    left = sum(1 for _ in rows)
    if as_json:
        plain = [_plain(name, match) | ({"near": True} if near else {}) for name, _, match, near in shown]
        print_json({"counts": counts, "matches": plain})
        return
    for name, text, match, near in shown:
        concepts = f" {', '.join(match.concept_ids)}" if match.concept_ids else ""
        label = f"{'near ' if near else ''}{match.label}"
        typer.echo(f"{name + ' ' if name else ''}{match.start}-{match.end} {label}{concepts}")
        typer.echo(f"    {excerpt(text, match.start, match.end)}")
        typer.echo(f"    {match.evidence.sentence() if match.evidence else ''}")
    if left:
        typer.echo(f"… {left:,} more (--limit 0 shows all)")
    listed = ", ".join(f"{count:,} {label}" for label, count in counts.most_common()) or "nothing"
    typer.echo(f"matched {listed}")


def _rows(
    source: GazetteerSource, matcher: GazetteerMatcher, texts: Iterable[tuple[str, str]], counts: Counter[str]
) -> Iterator[tuple[str, str, Match, bool]]:
    """Document, its text, match, and whether it is only suggested."""
    rows, given = tee(texts)
    for (name, text), (found, suggested) in zip(rows, matcher.match_apart(t for _, t in given), strict=True):
        nouns = source.nouns(text, found)
        for match, near in sorted([*((m, False) for m in nouns), *((m, True) for m in suggested)]):
            counts[f"near {match.label}" if near else match.label] += 1
            yield name, text, match, near


def _plain(name: str, match: Match) -> dict[str, Any]:
    evidence = match.evidence
    row: dict[str, Any] = {"doc": name} if name else {}
    row |= {"start": match.start, "end": match.end, "label": match.label}
    row["concept_ids"] = list(match.concept_ids)
    if evidence:
        row |= {n: getattr(evidence, n) for n in ("surface", "method", "reference", "file", "row")}
        row["why"] = evidence.sentence()
    return row
