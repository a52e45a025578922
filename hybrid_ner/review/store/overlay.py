"""Gazetteer edits made in review: an overlay of the project, never a change of the shipped files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hybrid_ner.errors import InputError
from hybrid_ner.io import fail, read_text, write_text
from hybrid_ner.review.store.labels import joined_labels
from hybrid_ner.review.store.schema import counting, document, event, reviewer, step
from hybrid_ner.terms import ADDED, Gazetteer, MatchMode, Term, guess_mode
from hybrid_ner.text import brief, fold, guarded, unguarded

SCOPES = ("here", "list", "global")
"""One document; the project's list (default); every project of the store."""
_ACTIONS = ("never", "term", "variant", "abbr")


@dataclass(frozen=True, slots=True)
class OverlayEntry:
    """One edit.

    Args:
        action: ``never`` blocks; ``term``, ``variant`` and ``abbr`` add.
        label: Entity label; empty for a ``never`` that holds for every label.
        concept: Canonical term of the concept, or the long form of an abbreviation.
        scope: ``here``, ``list`` or ``global``.
        doc_id: The document of a ``here`` edit.
        at: When, ISO 8601 in UTC.
        step: Number of the step in the log.
    """

    action: str
    text: str
    label: str = ""
    concept: str = ""
    concept_id: str = ""
    scope: str = "list"
    doc_id: str = ""
    reviewer: str = ""
    at: str = ""
    step: int = 0

    @property
    def provenance(self) -> str:
        """One line: who, when, where in the log."""
        return f"{self.reviewer}, {self.at[:10]}, step {self.step}, scope {self.scope}"

    def holds_in(self, doc_id: str) -> bool:
        """Whether it is in effect in a document; with an empty id, in all of them."""
        return self.scope != "here" or (doc_id != "" and self.doc_id == doc_id)

    @property
    def mode(self) -> MatchMode:
        """Abbreviations in capitals want their exact letters: "OR" is no "or"."""
        return guess_mode(self.text) if self.action == "abbr" else "folded"

    def to_term(self) -> Term:
        status = {"abbr": "abbreviation", "variant": "variant"}.get(self.action, "synonym")
        is_variant = self.action == "variant"
        return Term(
            self.text,
            self.label,
            self.concept_id,
            status,  # type: ignore[arg-type]
            source=f"{ADDED}{self.reviewer}",
            mode=self.mode,
            file=f"{ADDED}{self.reviewer}",
            row=self.step,
            parent=self.concept if is_variant else "",
            rule="review" if is_variant else "",
        )


@dataclass(frozen=True)
class Overlay:
    """The edits that are not undone, in order; of those about one text the last one counts."""

    entries: tuple[OverlayEntry, ...] = ()

    __repr__ = brief

    @cached_property
    def _blocking(self) -> Mapping[str, list[OverlayEntry]]:
        """The edits of every folded text that a ``never`` is about."""
        found: dict[str, list[OverlayEntry]] = {fold(e.text): [] for e in self.entries if e.action == "never"}
        for each in self.entries if found else ():
            if (edits := found.get(fold(each.text))) is not None:
                edits.append(each)
        return found

    def blocks(self, text: str, label: str, doc_id: str = "") -> bool:
        """Whether the last edit of a text with this label says never.

        Args:
            text: As it stands in a document or a list.
            doc_id: Where; edits of other documents do not count, and those of any do not when empty.
        """
        blocked = False
        for each in self._blocking.get(fold(text), ()) if self._blocking else ():
            if each.holds_in(doc_id) and each.label in ("", label):
                blocked = each.action == "never"
        return blocked

    def rows(self) -> list[dict[str, Any]]:
        return [asdict(entry) for entry in self.entries]

    @classmethod
    def of_rows(cls, rows: Iterable[Mapping[str, Any]]) -> Overlay:
        return cls(tuple(OverlayEntry(**row) for row in rows))

    def of(self, text: str, doc_id: str) -> tuple[OverlayEntry, ...]:
        """The edits of a text that are in effect in a document, oldest first."""
        key = fold(text)
        return tuple(e for e in self.entries if e.holds_in(doc_id) and fold(e.text) == key)

    def added(self, doc_id: str = "") -> Gazetteer:
        """Terms that the edits add: those of every document, and of ``doc_id`` alone when given."""
        terms = [
            e.to_term()
            for e in self.entries
            if e.action != "never" and e.holds_in(doc_id) and not self.blocks(e.text, e.label, doc_id)
        ]
        return Gazetteer(tuple(terms), {}, "review overlay")

    def apply(self, base: Gazetteer) -> Gazetteer:
        """``base`` without what is blocked, with what is added; ``base`` itself is not changed."""
        if self._blocking:
            base = base.filter(lambda term: not self.blocks(term.text, term.label))
        added = self.added()
        return base.merge(added) if added.terms else base


def load_overlay(connection: sa.Connection, project_id: int) -> Overlay:
    """The edits of a project, and the global ones of every other project of the store."""
    columns = (event.c.payload, event.c.at, event.c.project_id, step.c.number, reviewer.c.name)
    query = (
        counting(*columns, document.c.doc_id)
        .join(reviewer, reviewer.c.id == event.c.reviewer_id)
        .outerjoin(document, document.c.id == step.c.document_id)
        .where(event.c.kind == "gazetteer")
    )
    entries, joined = [], joined_labels(connection, project_id)
    for row in connection.execute(query):
        scope = row.payload.get("scope")
        if row.project_id == project_id or scope == "global":
            doc_id = (row.doc_id or "") if scope == "here" else ""
            made = {"reviewer": row.name, "at": row.at, "step": row.number}
            entry = OverlayEntry(**row.payload, doc_id=doc_id, **made)
            entries.append(replace(entry, label=joined.get(entry.label, entry.label)))
    return Overlay(tuple(entries))


_COLUMNS = tuple(each.name for each in fields(OverlayEntry))


def write_overlay(path: Path, overlay: Overlay) -> int:
    """Write the edits as CSV, one a row with its provenance; the number of edits."""
    with write_text(path) as handle:
        writer = csv.DictWriter(handle, _COLUMNS, lineterminator="\n")
        writer.writeheader()
        for entry in overlay.entries:
            writer.writerow({name: guarded(str(value)) for name, value in asdict(entry).items()})
    return len(overlay.entries)


def read_overlay(path: Path) -> Overlay:
    """The edits in a file that ``write_overlay`` wrote; those that were taken out of it no longer count.

    Raises:
        InputError: Another file, or a row that is no edit.
    """
    rows = csv.DictReader(io.StringIO(read_text(path, fail) or "", newline=""))
    if not {*_COLUMNS} <= set(rows.fieldnames or ()):
        raise InputError(
            f"expected the columns {', '.join(_COLUMNS)}.",
            path=path,
            row=1,
            hint="Give a file that `hybrid-ner review overlay` wrote; term lists go to --gazetteer.",
        )
    return Overlay(tuple(_read_entry(path, number, row) for number, row in enumerate(rows, 2)))


def _read_entry(path: Path, number: int, row: Mapping[str, Any]) -> OverlayEntry:
    values = {name: unguarded(row[name] or "") for name in _COLUMNS}
    if values["action"] not in _ACTIONS or values["scope"] not in SCOPES or not fold(values["text"]):
        expected = f"an action ({', '.join(_ACTIONS)}), a text and a scope ({', '.join(SCOPES)})"
        raise InputError(f"expected {expected}.", path=path, row=number, hint="Correct the row.")
    if values["action"] != "never" and not values["label"]:
        raise InputError("a term that is added needs a label.", path=path, row=number, hint="Add it.")
    step = values.pop("step")
    return OverlayEntry(**values, step=int(step) if step.isdecimal() else 0)
