"""One round of the loop: what the project knows goes in, a scored model with its suggestions comes out."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.errors import CorpusError
from hybrid_ner.evaluation import Settings
from hybrid_ner.evaluation.compare import Reader, three_way_of
from hybrid_ner.pipeline import rule_pipeline, take_reports
from hybrid_ner.review.rounds import Changes, ModelSetup, model_runs
from hybrid_ner.review.store.events import DocumentState
from hybrid_ner.review.store.gold import gold_documents
from hybrid_ner.review.store.labels import extend_labels
from hybrid_ner.review.store.lookups import finished_documents
from hybrid_ner.review.store.overlay import Overlay, load_overlay
from hybrid_ner.review.store.project import Project
from hybrid_ner.review.store.schema import document, of_project
from hybrid_ner.review.store.suggestion import suggestions_from_doc
from hybrid_ner.terms import Gazetteer
from hybrid_ner.text import fold, quantity
from hybrid_ner.training.bootstrap import Report
from hybrid_ner.training.label import fingerprint
from hybrid_ner.training.policy import Decided
from hybrid_ner.training.predict import load_pipeline, read_docs
from hybrid_ner.training.registry import ModelRegistry, write_json
from hybrid_ner.training.retrain import RetrainSettings, retrain
from hybrid_ner.training.update import rules_inputs, update_learner


def project_overlay(project: Project) -> Overlay:
    """The review edits of the gazetteer that are in effect."""
    with project.read() as connection:
        return load_overlay(connection, project.id)


def decisions(project: Project, reviewed: Iterable[Document]) -> dict[str, Decided]:
    """What was decided, by document; where two reviewers differ in an unfinished one, it stays open."""
    found = {d.doc_id: Decided(d.entities or (), (), complete=True) for d in reviewed}
    query = sa.select(document.c.id, document.c.doc_id).where(of_project(project.id))
    with project.read() as connection:
        names = {row.id: row.doc_id for row in connection.execute(query)}
    grouped: dict[str, list[DocumentState]] = {}
    for (_, number), state in project.states().items():
        grouped.setdefault(names[number], []).append(state)
    for doc_id, states in grouped.items():
        if doc_id not in found:
            found[doc_id] = _partial(states)
    return found


def _partial(states: Sequence[DocumentState]) -> Decided:
    mentions = [m for state in states for m in state.mentions.values()]
    accepted = {(m.start, m.end, m.label): m for m in mentions if m.status == "accepted"}
    # A span that only made room for another one says nothing about itself.
    denied = [m for m in mentions if m.status == "rejected" and m.reason in ("", "never")]
    rejected = {(m.key[0], m.key[1], m.base_label or m.label) for m in denied}
    agreed = {place: m for place, m in accepted.items() if place not in rejected}
    wrong = [place for place in rejected if place not in accepted]
    return Decided(
        tuple(Entity(*place, m.concept_id) for place, m in sorted(agreed.items())),
        tuple(Entity(*place) for place in sorted(wrong)),
    )


def first_round(
    project: Project,
    setup: ModelSetup,
    report: Report = model_runs.silent,
    by: str = "",
    notes: list[str] | None = None,
) -> str:
    """The rules alone: their suggestions and their scores become the first model, which is used at once.

    Args:
        notes: Filled with what models among the sources did.

    Returns:
        Its id.
    """
    started = time.monotonic()
    overlay = project_overlay(project)
    report("terms", 0.0, "reading the term lists")
    gazetteer = setup.gazetteer(overlay)
    report("rules", 0.0, f"preparing {quantity(len(gazetteer), 'term')}")
    _take_labels(project, gazetteer)
    nlp = rule_pipeline(gazetteer, setup.domain, setup.bootstrap.sources)
    documents, gold = list(model_runs.project_documents(project)), setup.gold(gold_documents(project))
    registry = model_runs.registry_of(project, setup)
    with registry.stage() as staged:
        report("suggest", 0.0, f"reading {quantity(len(documents), 'document')}")
        found = model_runs.counted(
            model_runs.suggest(nlp, documents), len(documents), report, "suggest", "reading"
        )
        model_runs.write_suggestions(staged / "suggestions.jsonl", found)
        did = take_reports(nlp)
        notes = [] if notes is None else notes
        notes += (each.line(model) for model, each in did.items())
        report("score", 0.0, f"testing on {quantity(len(gold), 'document')} kept apart")
        terms = _Terms.of(gazetteer)
        scores = _scores(partial(read_docs, nlp), gold, terms, rules_alone=True)
        models = {model: each.as_dict() for model, each in did.items()}
        counts = {"documents": len(documents), "models": models}
        meta = {"kind": "rules", "base": "", "reviewer": by, "counts": counts}
        inputs = _inputs(setup, terms, overlay, documents, {}, gold)
        _write(staged, scores, overlay)
        seconds = round(time.monotonic() - started, 1)
        model_id = registry.add(staged, {**meta, **inputs, "seconds": seconds})
    project.use_model(model_id)
    registry.use(model_id, by)
    report("show", 0.0, "writing the suggestions")
    model_runs.show(project, setup, registry, report)
    return model_id


def read_again(
    project: Project,
    setup: ModelSetup,
    report: Report = model_runs.silent,
    by: str = "",
    notes: list[str] | None = None,
) -> bool:
    """Keep changed settings, and read the documents with them while the rules alone suggest.

    Returns:
        Whether they were read: a trained model hears of it when it learns next.
    """
    registry = model_runs.registry_of(project, setup)
    trained = bool(current := registry.current()) and registry.get(current).pipeline is not None
    setup.save(project)
    if not trained:
        first_round(project, setup, report, by, notes)
    else:
        _take_labels(project, setup.gazetteer(project_overlay(project)))
    return not trained


def _take_labels(project: Project, gazetteer: Gazetteer) -> None:
    """A list whose terms stand in no document yet has a label all the same, for what reviewers add."""
    with project.alone() as connection:
        extend_labels(connection, project.id, gazetteer.labels)


def next_round(
    project: Project, setup: ModelSetup, report: Report, by: str = "", *, fast: bool = False
) -> dict[str, Any]:
    """Train a candidate on everything decided so far, score it and read the project with it.

    Args:
        fast: Fit only the CRF, in seconds (``training.update``), instead of a full retraining.

    Returns:
        ``candidate`` with its id, counts, and what ``changed``: suggestions that are ``new`` and ``gone``
        against the model in use.

    Raises:
        CorpusError: The project is empty, or there is nothing to learn from.
    """
    started = time.monotonic()
    registry = model_runs.registry_of(project, setup)
    if in_use := registry.current():
        registry.get(in_use)  # what is compared with is missed before anything is learned
    report("read", 0.0, "reading documents and decisions")
    finished = finished_documents(project)
    overlay = project_overlay(project)
    reviewed = list(gold_documents(project))
    gold = setup.gold(reviewed)
    documents = list(model_runs.project_documents(project))
    if not documents:
        raise CorpusError("the project has no documents.", hint="Import some first.")
    known = decisions(project, reviewed)
    training = [d for d in documents if not _is_kept_apart(setup, d, known, gold)]
    with registry.stage() as staged:
        out = staged / "model"
        counts, read, terms = _learned(setup, overlay, training, known, out, report, fast=fast)
        report("score", 0.0, f"testing on {quantity(len(gold), 'document')} kept apart")
        _write(staged, _scores(read, gold, terms), overlay)
        inputs = _inputs(setup, terms, overlay, documents, known, gold)
        base = _rescored(setup, registry, inputs["gold_fingerprint"], gold, terms, report)
        write_json(staged / "base.json", base)
        report("suggest", 0.0, f"reading {quantity(len(documents), 'document')}")
        found = model_runs.counted(read(documents), len(documents), report, "suggest", "reading")
        made = {d.doc_id: suggestions_from_doc(doc) for d, doc in found}
        model_runs.write_suggestions(staged / "suggestions.jsonl", made.items())
        current = registry.current()
        before = dict(model_runs.read_suggestions(registry.get(current).suggestions)) if current else {}
        changed = model_runs.changes_between(before, made, model_runs.decided_places(project))
        counts["changed"] = Changes("", current, changed).counts()
        meta = {"kind": "trained", "base": base["model"], "reviewer": by, "counts": counts}
        meta["finished_documents"] = finished
        seconds = round(time.monotonic() - started, 1)
        model_id = registry.add(staged, {**meta, **inputs, "seconds": seconds})
    return {"candidate": model_id, "seconds": seconds, **counts}


@dataclass(frozen=True, slots=True)
class _Terms:
    """The term lists as far as a round has to know them.

    Args:
        fingerprint: Of the terms.
        known: Their folded texts, to tell seen mentions from unseen ones; ``None`` where nobody read them.
    """

    fingerprint: str
    count: int
    known: frozenset[str] | None

    @classmethod
    def of(cls, gazetteer: Gazetteer) -> _Terms:
        return cls(gazetteer.fingerprint, len(gazetteer), frozenset(fold(term.text) for term in gazetteer))


def _learned(
    setup: ModelSetup,
    overlay: Overlay,
    training: list[Document],
    known: Mapping[str, Decided],
    out: Path,
    report: Report,
    *,
    fast: bool,
) -> tuple[dict[str, Any], Reader, _Terms]:
    """Counts, how documents are read with the new model, and its terms."""
    settings = setup.bootstrap
    if not fast:
        terms = setup.gazetteer(overlay)
        counts = retrain(terms, training, known, out, RetrainSettings(settings, setup.repeats), report)
        return counts, partial(read_docs, load_pipeline(out)), _Terms.of(terms)
    made = update_learner(
        partial(setup.gazetteer, overlay),
        training,
        known,
        out,
        settings,
        folder=setup.folder / "learner",
        inputs=rules_inputs(settings, setup.terms_stamp(), overlay.rows()),
        report=report,
    )
    facts = made.rules.facts
    lists = _Terms(facts["gazetteer_fingerprint"], facts["gazetteer_terms"], None)
    return dict(made.counts), made.read, lists


def _is_kept_apart(
    setup: ModelSetup, each: Document, known: Mapping[str, Decided], gold: Sequence[Document]
) -> bool:
    """Gold is never trained on; a document that would be gold once it is reviewed is, until then."""
    decided = known.get(each.doc_id)
    complete = decided is not None and decided.complete
    return not setup.may_train_on(each, gold) and (complete or setup.gold_path.is_file())


def _scores(
    read: Reader, gold: Sequence[Document], terms: _Terms, *, rules_alone: bool = False
) -> dict[str, Any] | None:
    if not gold:
        return None
    scored = three_way_of(read, gold, Settings(known=terms.known))
    if scored is None:
        return None
    scores = scored.comparison.as_dict()
    # Right, wrong and missed spans of each document: two models are compared on draws of the same documents.
    scores["by_document"] = scored.comparison.systems["hybrid"].counts.table.sum(axis=1).tolist()
    if rules_alone:
        # Rules alone: a row of zeros for a model that does not exist would only mislead.
        del scores["systems"]["model"]
        scores["contrasts"] = [c for c in scores["contrasts"] if "model" not in (c["first"], c["second"])]
    return scores


def _rescored(
    setup: ModelSetup,
    registry: ModelRegistry,
    gold_fingerprint: str,
    gold: Sequence[Document],
    terms: _Terms,
    report: Report,
) -> dict[str, Any]:
    """The model in use on the gold of now: its kept scores, or new ones when the gold has changed."""
    current = registry.current()
    if not current:
        return {"model": "", "scores": None}
    model = registry.get(current)
    if model.meta.get("gold_fingerprint") == gold_fingerprint:
        return {"model": current, "scores": model.scores}
    report("score", 0.5, "testing the model in use on the same documents")
    read = partial(read_docs, model_runs.load_model(setup, model))
    return {"model": current, "scores": _scores(read, gold, terms, rules_alone=model.pipeline is None)}


def _write(staged: Path, scores: Mapping[str, Any] | None, overlay: Overlay) -> None:
    write_json(staged / "scores.json", scores)
    write_json(staged / "overlay.json", overlay.rows())


def _inputs(
    setup: ModelSetup,
    terms: _Terms,
    overlay: Overlay,
    documents: Sequence[Document],
    known: Mapping[str, Decided],
    gold: Sequence[Document],
) -> dict[str, Any]:
    """Settings and fingerprints of everything that went in."""
    settings = setup.bootstrap.as_dict()
    return {
        "settings": settings,
        "settings_fingerprint": fingerprint(settings, setup.repeats),
        "gazetteer_fingerprint": terms.fingerprint,
        "gazetteer_terms": terms.count,
        "overlay_fingerprint": fingerprint(overlay.rows()),
        "overlay_edits": len(overlay.entries),
        "data_fingerprint": fingerprint([(d.doc_id, d.content_hash) for d in documents], known),
        "gold_fingerprint": fingerprint(
            [[d.content_hash, [[e.start, e.end, e.label] for e in d.entities or ()]] for d in gold]
        ),
        "gold_documents": len(gold),
        "reviewed_documents": sum(each.complete for each in known.values()),
    }
