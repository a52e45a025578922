"""A new candidate from a reviewed project: the rules' labels, corrected by what reviewers decided.

A completely reviewed document is learned from as the reviewer left it, several times over; a partly reviewed
one keeps the rules' labels except where somebody decided. Review edits of the gazetteer are expected to be
in ``gazetteer`` already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.errors import CorpusError
from hybrid_ner.pipeline.build import assemble, rule_pipeline, save
from hybrid_ner.terms import Gazetteer
from hybrid_ner.training.bootstrap import BootstrapSettings, Report, schedule
from hybrid_ner.training.calibrate import calibrate
from hybrid_ner.training.predict import read_docs
from hybrid_ner.training.student import train_student
from hybrid_ner.weak.corpus import write_training_data

__all__ = ["Decided", "RetrainSettings", "correct", "retrain"]


@dataclass(frozen=True, slots=True)
class Decided:
    """What reviewers decided in one document.

    Args:
        accepted: Spans that are right, with their labels.
        rejected: Spans that are wrong.
        complete: The document was read to the end: whatever is not accepted is no entity.
    """

    accepted: tuple[Entity, ...] = ()
    rejected: tuple[Entity, ...] = ()
    complete: bool = False


@dataclass(frozen=True, slots=True)
class RetrainSettings:
    """How a candidate is made.

    Args:
        bootstrap: Domain, sources, fusion, recipe and token budget, as for the first model.
        repeats: How often a completely reviewed document is shown for one showing of the others.
    """

    bootstrap: BootstrapSettings
    repeats: int = 3


@dataclass
class _Counts:
    """What the training data holds; ``misfit`` lists decided spans that fit no tokens."""

    counter: Counter[str] = field(default_factory=Counter)
    misfit: list[str] = field(default_factory=list)


def retrain(
    gazetteer: Gazetteer,
    documents: Iterable[Document],
    decided: Mapping[str, Decided],
    out: Path,
    settings: RetrainSettings,
    report: Report = lambda step, share, line: None,
) -> dict[str, Any]:
    """Label, correct, train and assemble; the pipeline appears in ``out`` when it is complete.

    Args:
        gazetteer: Terms for the rules, review edits included.
        documents: Text of the project; documents kept apart for scoring must not be in it.
        decided: Document id → decisions.
        out: Folder for the hybrid pipeline.
        settings: See ``RetrainSettings``.
        report: Told about progress.

    Returns:
        Counts of the training data, and ``misfit``: decided spans that fit no tokens.

    Raises:
        CorpusError: Nothing to learn from.
    """
    bootstrap = settings.bootstrap
    report("label", 0.0, f"building the matcher for {len(gazetteer):,} terms")
    rules = rule_pipeline(gazetteer, bootstrap.domain, bootstrap.sources)
    counts = _Counts()
    with TemporaryDirectory(prefix=".training.", dir=_made(out.parent)) as folder:
        work = Path(folder)
        docs = _examples(rules, documents, decided, settings, counts, report)
        tokens, held_out = write_training_data(docs, work / "train.spacy", work / "dev.spacy")
        if not counts.counter["entities"]:
            raise CorpusError(
                "neither the rules nor the reviewers found an entity, so there is nothing to learn from.",
                hint="Accept some spans, or add terms that fit the documents.",
            )
        student = train_student(
            bootstrap.recipe,
            work / "train.spacy",
            work / "dev.spacy",
            work / "student",
            overrides={**schedule(tokens), **bootstrap.overrides},
            progress=lambda share, line: report("train", share, line),
        )
        fusion = bootstrap.fusion
        if fusion.min_score is None:
            fusion = replace(fusion, min_score=calibrate(student, work / "dev.spacy"))
    report("assemble", 0.0, "putting rules and model together")
    nlp = assemble(gazetteer, bootstrap.domain, bootstrap.sources, student, fusion)
    nlp.config["hybrid"] = _provenance(gazetteer, settings)
    save(nlp, out)
    return {"train_tokens": tokens, "dev_tokens": held_out, **counts.counter, "misfit": counts.misfit}


def _provenance(gazetteer: Gazetteer, settings: RetrainSettings) -> dict[str, Any]:
    return {
        "domain": settings.bootstrap.domain,
        "gazetteer_fingerprint": gazetteer.fingerprint,
        "gazetteer_terms": len(gazetteer),
        "recipe": settings.bootstrap.recipe,
        "fusion": asdict(settings.bootstrap.fusion),
    }


def _examples(
    rules: Language,
    documents: Iterable[Document],
    decided: Mapping[str, Decided],
    settings: RetrainSettings,
    counts: _Counts,
    report: Callable[[str, float, str], None],
) -> Iterator[Doc]:
    """Labeled documents up to the token budget; the completely reviewed ones come first and always."""
    ordered = sorted(documents, key=lambda d: not decided.get(d.doc_id, Decided()).complete)
    counter, budget = counts.counter, settings.bootstrap.train_tokens
    for document, doc in read_docs(rules, ordered):
        decision = decided.get(document.doc_id, Decided())
        times = max(1, settings.repeats) if decision.complete else 1
        if not decision.complete and counter["tokens"] + len(doc) > budget and counter["tokens"]:
            counter["left_out"] += 1
            continue
        counts.misfit += [f"{document.doc_id} {place}" for place in correct(doc, decision)]
        kind = "reviewed" if decision.complete else "partly_reviewed" if _any(decision) else "weak"
        counter.update({kind: 1, "documents": 1, "tokens": len(doc) * times, "entities": len(doc.ents)})
        report("label", counter["documents"] / len(ordered), f"{counter['documents']:,} documents labeled")
        yield from [doc] * times


def correct(doc: Doc, decided: Decided) -> list[str]:
    """Put the decisions into ``doc.ents``; returns decided spans that fit no tokens, one line each."""
    misfit: list[str] = []
    wanted = [span for e in decided.accepted if (span := _span(doc, e, misfit)) is not None]
    kept: list[Span] = []
    if not decided.complete:
        wrong = {(e.start, e.end, e.label) for e in decided.rejected}
        taken = {token for span in wanted for token in range(span.start, span.end)}
        kept = [
            ent
            for ent in doc.ents
            if (ent.start_char, ent.end_char, ent.label_) not in wrong
            and taken.isdisjoint(range(ent.start, ent.end))
        ]
    doc.set_ents(filter_spans([*wanted, *kept]))
    return misfit


def _span(doc: Doc, entity: Entity, misfit: list[str]) -> Span | None:
    span = doc.char_span(entity.start, entity.end, entity.label)
    if span is None:
        misfit.append(f"{entity.start}-{entity.end} {entity.label}")
    return span


def _any(decided: Decided) -> bool:
    return bool(decided.accepted or decided.rejected)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
