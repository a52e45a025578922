"""The trained model behind the suggestions of a run, asked for the probability of any span.

Only the student's components of a saved pipeline are opened, at the first question: the term lists, which
take most of the time and memory of a whole pipeline, are not needed to answer it. A CRF reads what they say,
so with it the whole pipeline is opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hybrid_ner.errors import HybridNerError
from hybrid_ner.review.rounds.models import ModelService
from hybrid_ner.review.store.schema import model_run

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["SpanScores", "open_student", "pipeline_folder", "span_scores"]

AROUND = 4000
"""Characters on either side that the model reads."""
_RULES = ("labeling_source", "entity_fusion")
"""Factories that are no part of the student."""


@dataclass(frozen=True, slots=True)
class SpanScores:
    """What a model says of one span.

    Args:
        model: Its id.
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
    from hybrid_ner.pipeline.scored_ner import Recognizer

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
