"""Gazetteer edits made in review: an overlay of the project, never a change of the shipped files."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hybrid_ner.corpus.files import write_text
from hybrid_ner.matching.normalize import fold
from hybrid_ner.review.schema import document, event, reviewer, step
from hybrid_ner.terms import Gazetteer, Term

__all__ = ["SCOPES", "Overlay", "OverlayEntry", "blocked_surfaces", "load_overlay", "write_overlay"]

SCOPES = ("here", "list", "global")
"""One document; the project's list (default); every project of the store."""


@dataclass(frozen=True, slots=True)
class OverlayEntry:
    """One edit.

    Args:
        action: ``never`` blocks; ``term``, ``variant`` and ``abbr`` add.
        text: The string.
        label: Entity label; empty for a ``never`` that holds for every label.
        concept: Canonical term of the concept, or the long form of an abbreviation.
        concept_id: Concept, when known.
        scope: ``here``, ``list`` or ``global``.
        doc_id: The document of a ``here`` edit.
        reviewer: Who made it.
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

    def blocks(self, term: Term) -> bool:
        """Whether this edit takes ``term`` out of a gazetteer."""
        same = self.action == "never" and self.scope != "here" and fold(term.text) == fold(self.text)
        return same and self.label in ("", term.label)

    def to_term(self) -> Term:
        """The term that this edit adds."""
        status = {"abbr": "abbreviation", "variant": "variant"}.get(self.action, "synonym")
        parent = self.concept if self.action == "variant" else ""
        rule = "review" if self.action == "variant" else ""
        return Term(
            self.text,
            self.label,
            self.concept_id,
            status,  # type: ignore[arg-type]
            source=f"review:{self.reviewer}",
            row=self.step,
            parent=parent,
            rule=rule,
        )


@dataclass(frozen=True, slots=True)
class Overlay:
    """The edits in effect, in order; undone ones are not in it."""

    entries: tuple[OverlayEntry, ...] = ()

    def added(self, doc_id: str = "") -> Gazetteer:
        """Terms that the edits add: those of every document, and of ``doc_id`` alone when given."""
        terms = [
            e.to_term()
            for e in self.entries
            if e.action != "never" and (e.scope != "here" or (doc_id and e.doc_id == doc_id))
        ]
        return Gazetteer(tuple(terms), {}, "review overlay")

    def blocked(self) -> tuple[OverlayEntry, ...]:
        """The ``never`` edits."""
        return tuple(e for e in self.entries if e.action == "never")

    def apply(self, base: Gazetteer) -> Gazetteer:
        """``base`` without what is blocked, with what is added; ``base`` itself is not changed."""
        by_key: dict[str, list[OverlayEntry]] = {}
        for each in self.blocked():
            by_key.setdefault(fold(each.text), []).append(each)
        if by_key:
            base = base.filter(lambda term: not any(e.blocks(term) for e in by_key.get(fold(term.text), ())))
        added = self.added()
        return base.merge(added) if added.terms else base


def load_overlay(connection: sa.Connection, project_id: int) -> Overlay:
    """The edits of a project, and the global ones of every other project of the store."""
    query = (
        sa.select(
            event.c.payload, event.c.at, event.c.project_id, step.c.number, reviewer.c.name, document.c.doc_id
        )
        .join(step, step.c.id == event.c.step_id)
        .join(reviewer, reviewer.c.id == event.c.reviewer_id)
        .outerjoin(document, document.c.id == step.c.document_id)
        .where(event.c.kind == "gazetteer", step.c.undone.is_(False))
        .order_by(event.c.id)
    )
    rows = connection.execute(query)
    return Overlay(
        tuple(
            _entry(row)
            for row in rows
            if row.project_id == project_id or row.payload.get("scope") == "global"
        )
    )


def _entry(row: Any) -> OverlayEntry:
    return OverlayEntry(
        **row.payload,
        doc_id=(row.doc_id or "") if row.payload.get("scope") == "here" else "",
        reviewer=row.name,
        at=row.at,
        step=row.number,
    )


def blocked_surfaces(overlay: Overlay) -> Mapping[str, frozenset[str]]:
    """Folded surface → blocked labels; an empty set blocks every label."""
    found: dict[str, set[str]] = {}
    for each in overlay.blocked():
        if each.scope != "here":
            found.setdefault(fold(each.text), set()).add(each.label)
    return {key: frozenset() if "" in labels else frozenset(labels) for key, labels in found.items()}


def write_overlay(path: Path, overlay: Overlay) -> int:
    """Write the edits as CSV, one a row with its provenance; the number of edits."""
    names = [each.name for each in fields(OverlayEntry)]
    with write_text(path) as handle:
        writer = csv.DictWriter(handle, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(entry) for entry in overlay.entries)
    return len(overlay.entries)
