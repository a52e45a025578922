"""Suggestions of a model for the documents of a project: made, kept, shown; its probability of any span."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from spacy.language import Language

from hybrid_ner.corpus import Document
from hybrid_ner.errors import HybridNerError, ModelError
from hybrid_ner.pipeline import rule_pipeline
from hybrid_ner.review.rounds import Change, ModelService, ModelSetup, Place
from hybrid_ner.review.store.card import RunImport
from hybrid_ner.review.store.labels import HIDDEN
from hybrid_ner.review.store.lookups import DIFFERING, MOST_DISAGREEMENTS, Disagreement, said_votes
from hybrid_ner.review.store.overlay import Overlay
from hybrid_ner.review.store.project import Project
from hybrid_ner.review.store.schema import document, mention, model_run, of_project
from hybrid_ner.review.store.suggestion import Suggestion, suggestions_from_doc, suggestions_from_record
from hybrid_ner.text import atomic_path, quantity
from hybrid_ner.training.bootstrap import Report
from hybrid_ner.training.predict import load_pipeline, read_docs
from hybrid_ner.training.registry import ModelRecord, ModelRegistry

Suggested = tuple[str, Sequence[Suggestion]]
Item = TypeVar("Item")
_EVERY = 0.25
"""Seconds between two reports."""


def silent(step: str, share: float, line: str) -> None:
    """Progress that nobody looks at."""


def counted(items: Iterable[Item], total: int, report: Report, step: str, said: str) -> Iterator[Item]:
    """The items, telling how many of them have passed, a few times a second.

    Args:
        said: What is done with them: ``reading``.
    """
    last = 0.0
    for count, item in enumerate(items):
        if time.monotonic() - last > _EVERY:
            last = time.monotonic()
            report(step, count / max(total, 1), f"{said} {quantity(total, 'document')}: {count:,} done")
        yield item
    report(step, 1.0, f"{said} {quantity(total, 'document')}: all done")


def shown_runs(project: Project) -> dict[str, int]:
    """Runs whose suggestions are shown, each with the number of its documents."""
    joined = sa.select(model_run.c.name, sa.func.count()).join(document, document.c.run_id == model_run.c.id)
    query = joined.where(of_project(project.id)).group_by(model_run.c.name)
    with project.read() as connection:
        return {str(name): int(shown) for name, shown in connection.execute(query)}


def project_documents(project: Project, ids: Sequence[str] | None = None) -> Iterator[Document]:
    """The documents of a project in order, or some of them; unannotated."""
    query = sa.select(document.c.doc_id, document.c.text).where(of_project(project.id))
    if ids is not None:
        query = query.where(document.c.doc_id.in_(ids))
    with project.read() as connection:
        rows = connection.execute(query.order_by(document.c.position)).all()
    for row in rows:
        yield Document(row.doc_id, row.text)


def documents_without(project: Project, run: str) -> list[str]:
    """Ids of the documents that show another run than this one, or none."""
    shown = sa.select(model_run.c.id).where(model_run.c.project_id == project.id, model_run.c.name == run)
    query = sa.select(document.c.doc_id).where(
        of_project(project.id), document.c.run_id.is_(None) | document.c.run_id.not_in(shown)
    )
    with project.read() as connection:
        return list(connection.scalars(query.order_by(document.c.position)))


def corrected_documents(project: Project) -> set[str]:
    """Ids of the documents that have another text than at first: what is kept with a model may not fit it."""
    query = sa.select(document.c.doc_id).where(of_project(project.id), document.c.edition != "")
    with project.read() as connection:
        return set(connection.scalars(query))


def load_model(setup: ModelSetup, model: ModelRecord) -> Language:
    """The pipeline of a model; for rules without a trained model it is built from the lists."""
    if model.pipeline is not None:
        return load_pipeline(model.pipeline)
    gazetteer = setup.gazetteer(Overlay.of_rows(model.overlay))
    return rule_pipeline(gazetteer, setup.domain, setup.bootstrap.sources)


def suggest(nlp: Language, documents: Iterable[Document]) -> Iterator[Suggested]:
    """What a pipeline says about documents, with the vote of every source."""
    for each, doc in read_docs(nlp, documents):
        yield each.doc_id, suggestions_from_doc(doc)


def write_suggestions(path: Path, pairs: Iterable[Suggested]) -> int:
    """Keep suggestions with their model; returns the number of documents."""
    count = 0
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8") as lines:
        for doc_id, suggestions in pairs:
            row = {"id": doc_id, "entities": [each.to_record() for each in suggestions]}
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    return count


def read_suggestions(path: Path) -> Iterator[Suggested]:
    """The inverse of ``write_suggestions``; nothing for a missing file."""
    if not path.is_file():
        return
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                row = json.loads(line)
                yield str(row["id"]), suggestions_from_record(row["entities"])
            except (ValueError, KeyError, TypeError) as error:
                raise ModelError(
                    f"{path}, row {number}: no suggestions ({error}). Retrain the model."
                ) from error


def decided_places(project: Project) -> dict[tuple[str, str], set[Place]]:
    """Document id and ``accepted`` or ``rejected`` → the places that somebody has decided so."""
    m, found = mention.c, defaultdict[tuple[str, str], set[Place]](set)
    query = sa.select(document.c.doc_id, m.status, m.start_char, m.end_char, m.label)
    query = query.join(document, document.c.id == m.document_id).where(m.project_id == project.id)
    with project.read() as connection:
        for doc_id, status, start, end, label in connection.execute(query):
            found[doc_id, status].add((start, end, label))
    return found


def changes_between(
    before: Mapping[str, Sequence[Suggestion]],
    after: Mapping[str, Sequence[Suggestion]],
    decided: Mapping[tuple[str, str], set[Place]],
) -> tuple[Change, ...]:
    """Documents of ``after`` in which the chosen suggestions differ, in its order.

    Args:
        decided: See ``decided_places``: what was accepted is not new, what was rejected is not lost, and
            neither is what gave way to another mention that was accepted there.
    """
    found = []
    for doc_id, said in after.items():
        old, now = _chosen(before.get(doc_id, ())), _chosen(said)
        accepted, rejected = (decided.get((doc_id, status), set()) for status in ("accepted", "rejected"))
        new = now - old - _in_the_place_of(accepted, now - old) - accepted
        gone = old - now - _in_the_place_of(accepted, old - now) - rejected
        found += [Change(doc_id, tuple(sorted(new)), tuple(sorted(gone)))] if new or gone else []
    return tuple(found)


def _in_the_place_of(accepted: Iterable[Place], places: Iterable[Place]) -> set[Place]:
    """The places that others were accepted over: "CHF", where "decompensated CHF" was."""
    return {
        place
        for place in places
        if any(
            start < place[1] and place[0] < end and (start, end, label) != place
            for start, end, label in accepted
        )
    }


def kept_disagreements(project: Project, model: ModelRecord) -> list[Disagreement]:
    """What ``disagreements`` tells of the model in use, of any other: from the suggestions kept with it."""
    hidden = project.settings.get(HIDDEN, ())
    rows = [(d, s) for d, said in read_suggestions(model.suggestions) for s in said if s.label not in hidden]
    if all(s.mark == "rule" for _, s in rows):
        return []
    rows = [row for row in rows if row[1].mark in DIFFERING]
    # Of equal ones the order is that of the documents.
    rows = sorted(rows, key=lambda row: abs(row[1].score - 0.5))[:MOST_DISAGREEMENTS]
    ids = {doc_id for doc_id, _ in rows} - corrected_documents(project)
    texts = {d.doc_id: d.text for d in project_documents(project, sorted(ids))}
    told = ((d, s, texts[d][s.start : s.end], said_votes(s.detail()["votes"])) for d, s in rows if d in texts)
    return [Disagreement(d, text, s.label, s.mark, votes, s.start) for d, s, text, votes in told]


def _chosen(suggestions: Iterable[Suggestion]) -> set[Place]:
    return {(s.start, s.end, s.label) for s in suggestions if s.chosen}


def registry_of(project: Project, setup: ModelSetup) -> ModelRegistry:
    """The models of a project; the store says which one is in use, the pointer beside them follows."""
    return ModelRegistry(setup.models, lambda: project.model)


def show(project: Project, setup: ModelSetup, registry: ModelRegistry, report: Report = silent) -> RunImport:
    """Make the review show what the model in use says; does nothing when it does already.

    Documents that came after the model was made are read with it now.
    """
    current = registry.current()
    waiting = documents_without(project, current) if current else []
    if not waiting:
        return RunImport()
    model, wanted = registry.get(current), set(waiting)
    fits = wanted - corrected_documents(project)
    kept = [pair for pair in read_suggestions(model.suggestions) if pair[0] in fits]
    missing = wanted - {doc_id for doc_id, _ in kept}
    if missing:
        report("suggest", 0.0, f"reading {quantity(len(missing), 'document')}")
        nlp = load_model(setup, model)
        found = suggest(nlp, project_documents(project, sorted(missing)))
        kept += counted(found, len(missing), report, "suggest", "reading")
        merged = dict(read_suggestions(model.suggestions)) | dict(kept)
        write_suggestions(model.suggestions, merged.items())
    pairs = counted(kept, len(kept), report, "show", "writing the suggestions of")
    return project.add_suggestions(current, pairs, meta={"model": current})


# The trained model behind the suggestions of a run, asked for the probability of any span.
#
# Only the student's components of a saved pipeline are opened, at the first question: the term lists, which
# take most of the time and memory of a whole pipeline, are not needed to answer it. A CRF reads what they
# say, so with it the whole pipeline is opened.

AROUND = 4000
"""Characters on either side that the model reads."""
_RULES = ("labeling_source", "entity_fusion")
"""Factories that are no part of the student."""


@dataclass(frozen=True, slots=True)
class SpanScores:
    """What a model says of one span.

    Args:
        scores: Probability of each label.
        least: Probability from which the fusion adds a span of the model to those of the rules.
        grown: The text that was asked for, where the span had to grow to whole tokens.
    """

    model: str
    scores: Mapping[str, float]
    least: float
    grown: str = ""


def pipeline_folder(
    connection: sa.Connection, project_id: int, run: str, models: ModelService | None
) -> Path | str:
    """Folder of the pipeline that made a run, or the reason why there is none."""
    if not run:
        return "none: no model has read this document"
    query = sa.select(model_run.c.meta).where(model_run.c.project_id == project_id, model_run.c.name == run)
    named = str((connection.scalar(query) or {}).get("model", ""))
    if models is not None and run in models.models():
        folder = models.pipeline(run)
        return folder or f"none: {run} is rules alone; `retrain` makes a model"
    if not named:
        return f"none: the suggestions of {run} were imported without a model"
    folder = Path(named)
    if not (folder / "config.cfg").is_file():
        return f"none: the pipeline of {run} is no longer in {folder}"
    return folder


def open_student(folder: Path) -> tuple[Language, Mapping[str, Any]]:
    """The student's components, and the settings of the fusion; kept open for the next question."""
    return _opened(folder, (folder / "config.cfg").stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _opened(folder: Path, stamp: int) -> tuple[Language, Mapping[str, Any]]:
    import spacy
    from spacy.util import load_config

    components = load_config(folder / "config.cfg")["components"]
    without_rules = all(settings.get("factory") != "crf_ner" for settings in components.values())
    rules = [
        name
        for name, settings in components.items()
        if settings.get("factory") in _RULES and (without_rules or settings["factory"] == "entity_fusion")
    ]
    fusion: Mapping[str, Any] = next(
        (c for c in components.values() if c.get("factory") == "entity_fusion"), {}
    )
    return spacy.load(folder, exclude=rules), dict(fusion)


def span_scores(folder: Path, model: str, text: str, start: int, end: int) -> SpanScores | str:
    """Probability of each label for characters ``[start, end)``, or the reason why there is none."""
    from hybrid_ner.pipeline import Recognizer

    try:
        nlp, fusion = open_student(folder)
    except (HybridNerError, OSError, ValueError) as error:
        return f"cannot be asked: {folder} does not open ({error})"
    pipe = next((p for _, p in nlp.pipeline if isinstance(p, Recognizer)), None)
    if pipe is None:
        return f"none: {model} is rules alone"
    first, last = max(0, start - AROUND), min(len(text), end + AROUND)
    doc = nlp.make_doc(text[first:last])
    for _, other in nlp.pipeline:
        if other is not pipe:
            doc = other(doc)
    span = doc.char_span(start - first, end - first, alignment_mode="expand")
    if span is None:
        return "has no token there"
    grown = "" if span.text == text[start:end] else span.text
    least = float(fusion.get("min_score", 0.0))
    return SpanScores(model, pipe.span_scores(doc, span.start, span.end), least, grown)
