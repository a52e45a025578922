"""``gazetteer match``: the spans that a list hits in a text, each with its reason."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import typer

from hybrid_ner.cli._console import print_json
from hybrid_ner.errors import InputError
from hybrid_ner.matching import GazetteerMatcher, Match
from hybrid_ner.terms import Gazetteer
from hybrid_ner.text import excerpt

__all__ = ["documents", "matches"]


def documents(text: str, file: str) -> list[tuple[str, str]]:
    """Names and texts to look at.

    Raises:
        InputError: Neither or both were given, or the file is no text.
    """
    if bool(text) == bool(file):
        raise InputError("there is no text to look at.", hint="Give either --text TEXT or --input FILE.")
    if text:
        return [("", text)]
    if file == "-":
        return [("", sys.stdin.read())]
    if file.endswith((".jsonl", ".jsonl.gz")):
        from hybrid_ner.corpus import read_corpus

        return [(document.doc_id, document.text) for document in read_corpus(Path(file))]
    if not Path(file).is_file():
        raise InputError("no such file.", path=file, hint="Check the path, or give --text TEXT.")
    try:
        return [("", Path(file).read_text(encoding="utf-8"))]
    except UnicodeDecodeError as error:
        raise InputError(f"not valid UTF-8 ({error}).", path=file, hint="Give a text file.") from error


def matches(
    gazetteer: Gazetteer, texts: list[tuple[str, str]], every_label: bool, limit: int, as_json: bool
) -> None:
    """Print every match with its offsets, label, concept and reason; then the counts."""
    matcher = GazetteerMatcher(gazetteer, every_label=every_label)
    counts: Counter[str] = Counter()
    rows = _rows(matcher, texts, counts)
    shown = list(islice(rows, limit or None))
    left = sum(1 for _ in rows)
    if as_json:
        print_json({"counts": counts, "matches": [_plain(name, match) for name, _, match in shown]})
        return
    for name, text, match in shown:
        concepts = f" {', '.join(match.concept_ids)}" if match.concept_ids else ""
        typer.echo(f"{name + ' ' if name else ''}{match.start}-{match.end} {match.label}{concepts}")
        typer.echo(f"    {excerpt(text, match.start, match.end)}")
        typer.echo(f"    {match.evidence.sentence() if match.evidence else ''}")
    if left:
        typer.echo(f"… {left:,} more (--limit 0 shows all)")
    listed = ", ".join(f"{count:,} {label}" for label, count in counts.most_common()) or "nothing"
    typer.echo(f"matched {listed}")


def _rows(
    matcher: GazetteerMatcher, texts: Iterable[tuple[str, str]], counts: Counter[str]
) -> Iterator[tuple[str, str, Match]]:
    for name, text in texts:
        for match in matcher.match(text):
            counts[match.label] += 1
            yield name, text, match


def _plain(name: str, match: Match) -> dict[str, Any]:
    evidence = match.evidence
    row: dict[str, Any] = {"doc": name} if name else {}
    row |= {
        "start": match.start,
        "end": match.end,
        "label": match.label,
        "concept_ids": list(match.concept_ids),
    }
    if evidence:
        row |= {
            "surface": evidence.surface,
            "method": evidence.method,
            "reference": evidence.reference,
            "file": evidence.file,
            "row": evidence.row,
            "why": evidence.sentence(),
        }
    return row
