"""What the gazetteer commands share: options of the input, loading, checking, matching, and printing."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from itertools import chain, groupby, islice, tee
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from hybrid_ner.cli._options import Asked, Columns, SkipBad, bars, kept, print_json, say
from hybrid_ner.errors import InputError
from hybrid_ner.text import excerpt, quantity

if TYPE_CHECKING:
    from hybrid_ner.io import Report
    from hybrid_ner.matching import GazetteerMatcher, Match
    from hybrid_ner.sources.gazetteer import GazetteerSource
    from hybrid_ner.terms import Gazetteer, GazetteerDiff, Term
    from hybrid_ner.terms.lint import How, LintReport
    from hybrid_ner.terms.readers import Reading, ReadReport
    from hybrid_ner.terms.readers.base import Reader

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE...",
        help="Term files, archives, release folders; a domain with terms, or one of its packs (DOMAIN/PACK).",
    ),
]
FormatName = Annotated[
    str, typer.Option("--format", "-f", metavar="NAME", help="Format of the files; guessed when not given.")
]
Label = Annotated[str, typer.Option("--label", "-l", help="Label of every row.")]
LabelMap = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        "-m",
        metavar="TYPE=LABEL",
        help="Label of one of the source's own types (T047=Disease), others are left out; may be repeated.",
    ),
]
Source = Annotated[str, typer.Option(help="Name of the list, for rows that bring none.")]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        "-s",
        metavar="OPTION=VALUE",
        help="Option of the format (languages=ENG,FRE), see 'gazetteer formats'; may be repeated.",
    ),
]
Mode = Annotated[
    str,
    typer.Option(
        metavar="MODE",
        help="How rows that do not say so match: folded (in any case), case (exact letters), defined (only "
        "where the text defines them) or auto (exact letters for short acronyms). Default: folded for your "
        "own lists, auto for published ones.",
    ),
]
Member = Annotated[
    str,
    typer.Option(metavar="NAME", help="File to read in an archive or folder of several; may be a pattern."),
]

Under = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CONCEPT", help="Only this concept (MESH:D009369) and those below; may be repeated."
    ),
]
NotUnder = Annotated[
    list[str] | None,
    typer.Option(metavar="CONCEPT", help="Not this concept and those below; may be repeated."),
]


@dataclass(frozen=True, slots=True)
class Input:
    """How term files are to be read."""

    format: str = ""
    label: str = ""
    label_map: Sequence[str] = ()
    source: str = ""
    settings: Sequence[str] = ()
    skip_bad: bool = False
    mode: str = ""
    member: str = ""
    reports: list[ReadReport] = field(default_factory=list)

    def open(self, path: str) -> Reading:
        """The terms of one file; its report is kept."""
        from hybrid_ner.terms.readers import read_gazetteer

        options = {**_pairs(self.settings, "--set"), **self._columns(path)}
        reading = read_gazetteer(
            path,
            options.pop("format", self.format or None),
            label=self.label,
            label_map=_pairs(self.label_map, "--map"),
            source=self.source,
            skip_bad=self.skip_bad,
            **{name: value for name in ("mode", "member") if (value := getattr(self, name))},
            **options,
        )
        self.reports.append(reading.report)
        return reading

    def _columns(self, path: str) -> dict[str, Any]:
        """What ``--columns`` says, where the file is a table."""
        from hybrid_ner.matching import table_options
        from hybrid_ner.terms.readers import get_reader, guess_format
        from hybrid_ner.terms.readers.files import Files as TermFiles

        if not (columns := kept("columns")) or not Path(path).exists():
            return {}
        reader = get_reader(self.format) if self.format else guess_format(TermFiles(path, self.member))
        return table_options(reader, columns)


def which_input(
    format: FormatName = "",
    label: Label = "",
    map: LabelMap = None,
    source: Source = "",
    set: Settings = None,
    columns: Columns = "",
    mode: Mode = "",
    member: Member = "",
    skip_bad: SkipBad = False,
) -> Asked:
    """How term files are to be read; the columns are held until the command ends."""
    return {"given": Input(format, label, map or (), source, set or (), skip_bad, mode, member)}


def which_subtrees(under: Under = None, not_under: NotUnder = None) -> Asked:
    """Which of their concepts."""
    return {"under": under or (), "not_under": not_under or ()}


def _pairs(words: Sequence[str], name: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for word in words:
        key, sign, value = word.partition("=")
        if not sign or not key:
            raise InputError(f"{name} takes NAME=VALUE, found {word!r}.", hint="Write NAME=VALUE.")
        pairs[key] = value
    return pairs


def checked_output(path: Path) -> Path:
    """The path of a gazetteer to write, or of a list for another program.

    Raises:
        InputError: It does not say that it is one.
    """
    if not path.name.removesuffix(".gz").endswith((".tsv", ".csv", ".ttl", ".jsonl")):
        raise InputError(
            "a gazetteer is written to .tsv or .tsv.gz; .csv, .ttl (SKOS) and .jsonl (spaCy patterns) are "
            "for other programs.",
            path=path,
            hint="Give such a name to --out.",
        )
    return path


def export(gazetteer: Gazetteer, path: Path) -> int:
    """Write a list for another program, and say what it cannot hold; returns how many terms."""
    from hybrid_ner.terms.write import export_gazetteer

    for what in export_gazetteer(gazetteer, path):
        typer.echo(f"{path} has no place for {what}.", err=True)
    return len(gazetteer)


def load(
    names: Sequence[str],
    given: Input,
    under: Sequence[str] | None = None,
    not_under: Sequence[str] | None = None,
) -> Gazetteer:
    """Files and shipped domains as one gazetteer; earlier ones win."""
    from hybrid_ner.terms import restrict

    with counted("terms") as count:
        loaded = [_load_one(name, given, count) for name in names]
    whole = loaded[0] if len(loaded) == 1 else loaded[0].merge(*loaded[1:])
    return restrict(whole, under or (), not_under or ())


def holding(name: str, query: str, given: Input) -> Gazetteer:
    """The terms that may fit a query: of a gazetteer file only the rows that hold its text are read."""
    from hybrid_ner.terms import Gazetteer
    from hybrid_ner.terms.readers import guess_format
    from hybrid_ner.terms.readers.files import Files as TermFiles

    is_ours = Path(name).exists() and (given.format or guess_format(TermFiles(name)).name) == "gazetteer"
    if not is_ours or not query.strip():
        return load([name], given)
    return Gazetteer(tuple(replace(given, settings=(f"containing={query}",)).open(name)), {}, name)


def _load_one(name: str, given: Input, count: Any) -> Gazetteer:
    from hybrid_ner.terms.shipped import load_shipped, pack_domains

    if not Path(name).exists() and name in pack_domains():
        return load_shipped(name)
    reading = given.open(name)
    reading.watch = count
    return reading.gazetteer()


@contextmanager
def counted(what: str) -> Iterator[Any]:
    """A function that shows a growing count on a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    with bars(quiet=False) as report:
        yield lambda count: report("read", 0.0, f"{count:,} {what}")


def print_reports(reports: Iterable[ReadReport]) -> None:
    """What was read and skipped, on standard error."""
    for report in reports:
        for line in report.lines():
            typer.echo(line, err=True)


def term_row(term: Term) -> Mapping[str, Any]:
    """A term for JSON: only what it has."""
    names = ("label", "concept_id", "status", "mode", "source", "file", "row", "parent", "rule")
    return {"term": term.text, **{name: value for name in names if (value := getattr(term, name))}}


def formats(readers: Sequence[Reader], as_json: bool) -> None:
    """What each format takes: options with their defaults, labels of its own types, files of a release."""
    from hybrid_ner.terms.readers.base import describe

    rows, lines = {}, []
    for reader in readers:
        options, members = describe(reader.options), list(reader.members)
        row = {"title": reader.title, "options": [option._asdict() for option in options]}
        rows[reader.name] = {**row, "labels": dict(reader.label_map), "label": reader.label, "files": members}
        lines.append(f"{reader.name}: {reader.title}")
        lines += [f"    {each.name}={each.default or '…'}  {each.help}" for each in options]
        lines += [f"    takes {', '.join(members)} of a folder or archive"] if members else []
        if labels := _labels(reader):
            lines.append(f"    labels unless --map or --label says otherwise: {labels}")
    say(as_json, rows, *lines)


def _labels(reader: Reader) -> str:
    """Types of the source by the label they get: ``Disease (T047, T191)``."""
    types: dict[str, list[str]] = {}
    for kind, label in reader.label_map.items():
        types.setdefault(label or "left out", []).append(kind)
    return "; ".join(f"{label} ({', '.join(kinds)})" for label, kinds in types.items()) or reader.label


def stats(gazetteer: Gazetteer, reports: Iterable[ReadReport], as_json: bool) -> None:
    counts = gazetteer.stats()
    if as_json:
        row = {**asdict(counts), "parents": len(gazetteer.parents), "fingerprint": gazetteer.fingerprint}
        print_json({**row, "reports": [report.as_dict() for report in reports]})
        return
    print_reports(reports)
    typer.echo(f"terms      {counts.terms:>12,}")
    typer.echo(f"concepts   {counts.concepts:>12,}")
    typer.echo(f"parents    {len(gazetteer.parents):>12,}")
    typer.echo(f"ambiguous  {counts.ambiguous:>12,}  (strings with several labels)")
    by = {"label": counts.labels, "source": counts.sources, "status": counts.statuses, "mode": counts.modes}
    for title, values in by.items():
        for name, count in sorted(values.items(), key=lambda item: -item[1]):
            typer.echo(f"{title:<10} {count:>12,}  {name or '(none)'}")
    typer.echo(f"fingerprint {gazetteer.fingerprint}")


def tree(gazetteer: Gazetteer, concept: str, as_json: bool) -> None:
    """A concept and its children with the sizes of their subtrees."""
    from hybrid_ner.terms import count_children

    rows = count_children(gazetteer, concept)
    lines = (
        f"{row.terms:>8,}  {row.concepts:>8,}  {'  ' * bool(number)}{row.concept_id}  {row.name}"
        for number, row in enumerate(rows)
    )
    say(as_json, [asdict(row) for row in rows], "   terms  concepts", *lines)


def diff(found: GazetteerDiff, limit: int, as_json: bool) -> None:
    """What a newer gazetteer adds, removes and changes."""
    shown = limit or None
    if as_json:
        print_json(
            {
                "counts": {n: len(getattr(found, n)) for n in ("added", "removed", "changed")},
                "added": [term_row(term) for term in found.added[:shown]],
                "removed": [term_row(term) for term in found.removed[:shown]],
                "changed": [{"old": term_row(o), "new": term_row(n)} for o, n in found.changed[:shown]],
            }
        )
        return
    typer.echo(f"{len(found.added):,} added, {len(found.removed):,} removed, {len(found.changed):,} changed")
    for sign, terms in (("+", found.added), ("-", found.removed)):
        for term in terms[:shown]:
            typer.echo(f"{sign} {described(term)}")
        _rest(sign, len(terms), limit)
    for old, new in found.changed[:shown]:
        typer.echo(f"~ {described(new)}  was {old.status}, {old.mode}, {old.source or 'no source'}")
    _rest("~", len(found.changed), limit)


def _rest(sign: str, total: int, limit: int) -> None:
    if limit and total > limit:
        typer.echo(f"{sign} … {total - limit:,} more (--limit 0 shows all)")


def described(term: Term) -> str:
    """A term on one line."""
    origin = f"{term.file} row {term.row}" if term.row else term.file
    rule = f"{term.rule} of “{term.parent}”" if term.rule else ""
    parts = (term.label, term.concept_id, term.status, term.mode, term.source, rule, origin)
    return f"{term.text}  [{', '.join(part for part in parts if part)}]"


def found(
    gazetteer: Gazetteer, query: str, how: str, limit: int, offset: int, only: str, as_json: bool
) -> None:
    from hybrid_ner.terms.lint import TermSearch

    index = TermSearch(gazetteer)
    hits = index.search(query, cast("How", how), limit=limit, offset=offset, label=only)
    total = None if how == "fuzzy" else index.count(query, cast("How", how), label=only)
    if as_json:
        rows: Sequence[Mapping[str, Any]] = [{**term_row(h.term), "score": round(h.score, 1)} for h in hits]
        print_json({"query": query, "how": how, "total": total, "terms": rows})
        return
    for hit in hits:
        score = f"{hit.score:5.1f}  " if how == "fuzzy" else ""
        typer.echo(score + described(hit.term))
    if total is not None:
        typer.echo(f"{len(hits):,} of {quantity(total, 'term')}")
    elif not hits:
        typer.echo("no term is alike")


# ``gazetteer lint`` and ``gazetteer match``: what is wrong with a list, and what it hits in a text.


def linted(
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
    from hybrid_ner.terms.lint import KINDS, WordLists, lint, read_words

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


def findings(found: LintReport, limit: int, reports: Iterable[ReadReport], as_json: bool) -> None:
    from hybrid_ner.terms.lint import KINDS

    if as_json:
        rows = [
            {"kind": f.kind, **term_row(f.term), **({"other": term_row(f.other)} if f.other else {})}
            for f in found.sorted()
        ]
        print_json({"terms": found.terms, "counts": found.counts, "findings": rows})
        return
    print_reports(reports)
    for kind, alike in groupby(found.sorted(), key=lambda finding: finding.kind):
        typer.echo(f"{found.counts[kind]:,} {kind}: {KINDS[kind]}")
        for finding in alike:
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
    from hybrid_ner.corpus import read_corpus
    from hybrid_ner.corpus.formats import recognize

    if not text and not file and not sys.stdin.isatty() and (piped := sys.stdin.read()).strip():
        return [("", piped)]
    if bool(text) == bool(file):
        raise InputError("there is no text to look at.", hint="Give either --text TEXT or --input FILE.")
    if text:
        return [("", text)]
    if file == "-":
        return [("", sys.stdin.read())]
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
        voting = source.in_place(text, found)
        for match, near in sorted([*((m, False) for m in voting), *((m, True) for m in suggested)]):
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
