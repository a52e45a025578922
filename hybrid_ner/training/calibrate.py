"""How sure the student must be before its spans are added to the rules: decided without gold.

Every span that the model adds where the rules have none may be wrong. Adding ``k`` wrong spans to ``n`` rule
spans lowers F1 by a factor of about ``k / 2n`` whatever the gold is, so a bound on ``k / n``, measured on
held-out text, bounds the loss. The least probability that keeps the bound is chosen; text too small to tell
adds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc, DocBin

from hybrid_ner.pipeline.scored_ner import MODEL_GROUP

__all__ = ["LEAST_SPANS", "MAX_ADDED", "NEVER", "REPEATS", "Calibrated", "calibrate"]

MAX_ADDED = 0.006
"""Added spans for each rule span: a loss of at most about 0.3 points of F1 if every one is wrong."""
NEVER = 1.01
"""A probability that no span reaches."""
_LEAST = 0.5
REPEATS = 0.97
"""A student with so much of the rules' spans on text it has not seen has learned nothing else."""
LEAST_SPANS = 100
"""Held-out spans of the rules below which nothing is said of that."""
_FEW_ADDED = 0.02


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What the held-out text says of a student.

    Args:
        min_score: Least probability of a span that is added: at least 0.5, or more than 1 when none may be.
        rule_spans: Spans of the rules in the held-out text.
        would_add: Spans that the student has where the rules have none.
        may_add: How many of them the bound allows.
        repeated: Spans of the rules that the student has exactly.
    """

    min_score: float
    rule_spans: int
    would_add: int
    may_add: int
    repeated: int = 0

    @property
    def repeats(self) -> bool:
        """Whether the student only repeats the rules, and so is not worth its time."""
        few = self.would_add <= _FEW_ADDED * self.rule_spans
        return self.rule_spans >= LEAST_SPANS and self.repeated >= REPEATS * self.rule_spans and few


def calibrate(student: Language, held_out: Path, max_added: float = MAX_ADDED) -> Calibrated:
    """The least span probability at which the student adds at most ``max_added`` spans for each rule span.

    Args:
        student: Pipeline with a scored recognizer.
        held_out: ``.spacy`` file of windows with the rules' entities that the student was not trained on.
        max_added: Bound on added spans for each rule span.
    """
    docs = list(DocBin().from_disk(held_out).get_docs(student.vocab))
    rules = sum(len(doc.ents) for doc in docs)
    scores, repeated = _added_scores(student, docs)
    added = sorted(scores, reverse=True)
    allowed = int(rules * max_added)
    if not allowed:
        least = NEVER
    elif len(added) < allowed:
        least = _LEAST
    else:
        least = max(_LEAST, min(NEVER, round(added[allowed - 1] + 0.0001, 4)))
    return Calibrated(least, rules, len(added), allowed, repeated)


def _added_scores(student: Language, docs: Iterable[Doc]) -> tuple[list[float], int]:
    """Probabilities of the student's spans where the rules have none, and how many it has alike."""
    scores: list[float] = []
    repeated = 0
    texts = [_plain(doc) for doc in docs]
    for doc, read in zip(docs, student.pipe(texts), strict=True):
        taken = {token for ent in doc.ents for token in range(ent.start, ent.end)}
        group = read.spans[MODEL_GROUP]
        known = {(ent.start, ent.end, ent.label_) for ent in doc.ents}
        repeated += sum((span.start, span.end, span.label_) in known for span in group)
        for span, score in zip(group, group.attrs["scores"], strict=True):
            if taken.isdisjoint(range(span.start, span.end)):
                scores.append(score)
    return scores, repeated


def _plain(doc: Doc) -> Doc:
    return Doc(doc.vocab, words=[t.text for t in doc], spaces=[bool(t.whitespace_) for t in doc])
