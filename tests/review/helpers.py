"""Small projects for the review tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hybrid_ner.corpus import Document
from hybrid_ner.review import (
    GateReport,
    JobStatus,
    Operation,
    Project,
    Reply,
    ReviewSession,
    ReviewStore,
    Suggestion,
    Table,
    Vote,
)
from hybrid_ner.review.rounds import Change, Changes

LABELS: tuple[str, ...] = ("PROBLEM", "DRUG", "TEST", "PERSON", "ANATOMY")
NOTE = "Pt denies chest pain, h/o afib; started on metropolol 25 mg, f/u ECHO."


def suggest(
    text: str,
    word: str,
    label: str,
    sources: str = "rule+model",
    score: float = 0.9,
    nth: int = 1,
    **more: Any,
) -> Suggestion:
    """A suggestion for the ``nth`` occurrence of ``word``; ``sources`` as the card marks it."""
    start = -1
    for _ in range(nth):
        start = text.index(word, start + 1)
    votes = []
    if "rule" in sources:
        method = more.pop("method", "exact")
        evidence = {"method": method, "surface": word, "reference": more.pop("reference", word), "edits": []}
        evidence |= {"file": "drugs.tsv", "row": 12, "score": score}
        votes.append(Vote("gazetteer", more.pop("rule_label", label), score, 1.0, evidence))
    if "model" in sources:
        votes.append(Vote("model", more.pop("model_label", label), more.pop("prob", score)))
    return Suggestion(start, start + len(word), label, score, tuple(votes), **more)


def note_suggestions() -> list[Suggestion]:
    """The suggestions of the card in the design."""
    return [
        suggest(NOTE, "chest pain", "PROBLEM", score=0.97),
        suggest(NOTE, "afib", "PROBLEM", score=0.41, method="abbreviation"),
        suggest(NOTE, "metropolol", "DRUG", "rule", 0.89, method="fuzzy", reference="metoprolol"),
        suggest(NOTE, "ECHO", "TEST", "model", 0.62, chosen=False),
    ]


def make_project(
    store: ReviewStore,
    documents: Sequence[tuple[str, Sequence[Suggestion]]],
    *,
    name: str = "notes",
    run: str = "r1",
    **options: Any,
) -> Project:
    """A project with documents ``d1``, ``d2``, … and their suggestions."""
    options.setdefault("domain", "medical")
    project = store.create_project(name, LABELS, **options)
    named = [(f"d{n}", text, found) for n, (text, found) in enumerate(documents, 1)]
    project.add_documents(Document(doc_id, text) for doc_id, text, _ in named)
    project.add_suggestions(run, [(doc_id, found) for doc_id, _, found in named])
    return project


def ward(store: ReviewStore, **options: Any) -> Project:
    """Six notes: the card of the design, and others that share its terms."""
    texts = (
        NOTE,
        "afib again, mi ruled out. MI of the arbor branch.",
        "No afib. ECHO normal. Repeat ECHO.",
        "metropolol and afib.",
        "Nothing to see here.",
        "you see mi near the arbor vitae; afib.",
    )
    found = [note_suggestions()]
    for text in texts[1:]:
        words = (("afib", "PROBLEM"), ("mi ", "PROBLEM"), ("metropolol", "DRUG"), ("you", "PERSON"))
        found.append([suggest(text, w.strip(), label) for w, label in words if w in text])
    return make_project(store, list(zip(texts, found, strict=True)), **options)


def say(session: ReviewSession, *lines: str) -> Reply:
    """Run lines; the last answer."""
    return [session.handle(line) for line in lines][-1]


def statuses(session: ReviewSession, doc_id: str | None = None) -> dict[int, str]:
    """Status by span number."""
    view = session.view(doc_id)
    return {span.number: span.status for span in view.spans} if view else {}


def surfaces(
    session: ReviewSession, doc_id: str | None = None, status: str = "accepted"
) -> list[tuple[str, str]]:
    """``(surface, label)`` of the spans of a status, in order of the text."""
    view = session.view(doc_id)
    spans = sorted(view.spans, key=lambda s: s.start) if view else []
    return [(span.surface, span.label) for span in spans if span.status == status]


def operation(
    session: ReviewSession, kind: Any, sequence: int, doc_id: str | None = None, **more: Any
) -> Operation:
    """An operation on what the session shows; the surface is filled in."""
    view = session.view(doc_id)
    assert view is not None
    if "surface" not in more:
        if "start" in more:
            more["surface"] = view.text[more["start"] : more["end"]]
        else:
            more["surface"] = next(s.surface for s in view.spans if s.number == more["number"])
    return Operation(kind, view.doc_id, view.content_hash, "tab", sequence, **more)


class FakeModels:
    """A ``ModelService`` in memory."""

    def __init__(self, *names: str) -> None:
        self.names, self.now, self.job = list(names or ("r1", "r2")), "", JobStatus("idle")
        self.calls: list[str] = []
        self.folders: dict[str, Path] = {}
        self.changed: tuple[Change, ...] = ()

    def start_retrain(self, project: str, reviewer: str, *, fast: bool = False) -> JobStatus:
        if self.job.state != "running":
            self.calls.append(f"{'update' if fast else 'retrain'} {project} {reviewer}")
        self.job = JobStatus("running", "10 %", fast=fast)
        return self.job

    def status(self) -> JobStatus:
        return self.job

    def cancel(self) -> JobStatus:
        self.job = JobStatus("cancelled")
        return self.job

    def current(self) -> str:
        return self.now

    def models(self) -> tuple[str, ...]:
        return tuple(self.names)

    def pipeline(self, model_id: str) -> Path | None:
        return self.folders.get(model_id)

    def gate(self, candidate: str) -> GateReport:
        return GateReport(candidate, self.now, candidate != "r9", "hybrid F1 80.0 → 81.0", ("DRUG 70 → 69",))

    def use(self, model_id: str) -> None:
        self.now = model_id

    def scores(self, model_id: str = "") -> Table:
        return Table(("system", "F1"), (("hybrid", 81.0),), model_id or self.now)

    def compare(self, first: str, second: str) -> Table:
        return Table(("what", first, second), (("hybrid", 80.0, 81.0),))

    def changes(self, model_id: str = "") -> Changes:
        return Changes(model_id or self.names[-1], self.now, self.changed)

    def learned(self, model_id: str = "") -> tuple[str, ...]:
        return ("forecast: the next 10 documents will probably bring +1.2 (0.3 to 2.4)",)
