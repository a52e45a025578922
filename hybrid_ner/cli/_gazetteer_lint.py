"""``gazetteer lint``: run the checks over files as they are read, and print what they found."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

import typer

from hybrid_ner.cli._console import print_json
from hybrid_ner.cli._gazetteer import Input, load, print_reports, term_row
from hybrid_ner.cli._gazetteer_print import described
from hybrid_ner.errors import InputError
from hybrid_ner.terms import Term
from hybrid_ner.terms.lint import KINDS, LintReport, WordLists, lint, read_words
from hybrid_ner.terms.readers import ReadReport
from hybrid_ner.text import quantity

__all__ = ["kinds", "run", "show", "word_lists"]


def word_lists(common: Path | None, genes: Path | None) -> WordLists:
    """The shipped lists, or the user's in their place."""
    lists = WordLists.shipped()
    words = frozenset(word.lower() for word in read_words(common)) if common else lists.common
    return WordLists(words, frozenset(read_words(genes)) if genes else lists.genes)


def kinds(only: Sequence[str] | None, skip: Sequence[str] | None) -> tuple[str, ...]:
    """Kinds of findings to look for.

    Raises:
        InputError: An unknown kind.
    """
    for kind in (*(only or ()), *(skip or ())):
        if kind not in KINDS:
            raise InputError(f"unknown kind {kind!r}.", hint=f"Use any of {', '.join(KINDS)}.")
    return tuple(kind for kind in only or KINDS if kind not in (skip or ()))


def run(
    files: Sequence[str], given: Input, lists: WordLists, wanted: Sequence[str], limit: int
) -> LintReport:
    """Check every row of the files together.

    Raises:
        InputError: A bad row.
    """
    return lint(_terms(files, given), lists, kept=limit or sys.maxsize, kinds=wanted)


def _terms(files: Sequence[str], given: Input) -> Iterator[Term]:
    for name in files:
        # A file is read row by row, because a gazetteer would have dropped its repeated rows.
        yield from given.open(name) if Path(name).exists() else load([name], given)


def show(found: LintReport, limit: int, reports: Iterable[ReadReport], as_json: bool) -> None:
    """Findings by kind."""
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
