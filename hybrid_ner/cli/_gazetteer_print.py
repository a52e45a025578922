"""How the gazetteer commands print counts, differences and found terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, cast

import typer

from hybrid_ner.cli._console import print_json
from hybrid_ner.cli._gazetteer import print_reports, term_row
from hybrid_ner.terms import Gazetteer, GazetteerDiff, Term
from hybrid_ner.terms.hierarchy import count_children
from hybrid_ner.terms.readers import ReadReport
from hybrid_ner.terms.readers.base import Reader
from hybrid_ner.terms.readers.options import describe
from hybrid_ner.terms.search import How, TermSearch
from hybrid_ner.text import quantity

__all__ = ["described", "diff", "formats", "found", "stats", "tree"]


def formats(readers: Sequence[Reader], as_json: bool) -> None:
    """What each format takes: options with their defaults, labels of its own types, files of a release."""
    if as_json:
        print_json(
            {
                reader.name: {
                    "title": reader.title,
                    "options": [option.as_dict() for option in describe(reader.options)],
                    "labels": dict(reader.label_map),
                    "label": reader.label,
                    "files": list(reader.members),
                }
                for reader in readers
            }
        )
        return
    for reader in readers:
        typer.echo(f"{reader.name}: {reader.title}")
        for option in describe(reader.options):
            typer.echo(f"    {option.name}={option.default or '…'}  {option.help}")
        if reader.members:
            typer.echo(f"    takes {', '.join(reader.members)} of a folder or archive")
        if labels := _labels(reader):
            typer.echo(f"    labels unless --map or --label says otherwise: {labels}")


def _labels(reader: Reader) -> str:
    """Types of the source by the label they get: ``Disease (T047, T191)``."""
    types: dict[str, list[str]] = {}
    for kind, label in reader.label_map.items():
        types.setdefault(label or "left out", []).append(kind)
    return "; ".join(f"{label} ({', '.join(kinds)})" for label, kinds in types.items()) or reader.label


def stats(gazetteer: Gazetteer, reports: Iterable[ReadReport], as_json: bool) -> None:
    """Counts of a gazetteer."""
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
    for title, values in (
        ("label", counts.labels),
        ("source", counts.sources),
        ("status", counts.statuses),
        ("mode", counts.modes),
    ):
        _counted(title, values)
    typer.echo(f"fingerprint {gazetteer.fingerprint}")


def _counted(title: str, values: Mapping[str, int]) -> None:
    for name, count in sorted(values.items(), key=lambda item: -item[1]):
        typer.echo(f"{title:<10} {count:>12,}  {name or '(none)'}")


def tree(gazetteer: Gazetteer, concept: str, as_json: bool) -> None:
    """A concept and its children with the sizes of their subtrees."""
    rows = count_children(gazetteer, concept)
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    typer.echo("   terms  concepts")
    for number, row in enumerate(rows):
        typer.echo(f"{row.terms:>8,}  {row.concepts:>8,}  {'  ' * bool(number)}{row.concept_id}  {row.name}")


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
    """Terms that fit a query."""
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
