"""What reviewers decided in a document, and how it corrects the rules' labels."""

from __future__ import annotations

from dataclasses import dataclass

from spacy.tokens import Doc, Span

from hybrid_ner.corpus import Entity
from hybrid_ner.corpus.formats.loss import without_overlaps

__all__ = ["Decided", "correct"]


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

    def __bool__(self) -> bool:
        return self.complete or bool(self.accepted or self.rejected)

    def judge(self, start: int, end: int, label: str) -> bool | None:
        """Whether a span names an accepted entity, if only in part; ``None`` where nobody decided."""
        if any(e.label == label and e.start < end and start < e.end for e in self.accepted):
            return True
        if self.complete or any((e.start, e.end, e.label) == (start, end, label) for e in self.rejected):
            return False
        return None


def correct(doc: Doc, decided: Decided) -> list[str]:
    """Put the decisions into ``doc.ents``.

    Returns:
        One line for each accepted span that fits no tokens or lies over a longer one.
    """
    accepted, overlapping = without_overlaps(decided.accepted)
    misfit = [f"{e.start}-{e.end} {e.label} (overlaps a longer one)" for e in overlapping]
    wanted = [span for e in accepted if (span := _span(doc, e, misfit)) is not None]
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
    doc.set_ents([*wanted, *kept])
    return misfit


def _span(doc: Doc, entity: Entity, misfit: list[str]) -> Span | None:
    span = doc.char_span(entity.start, entity.end, entity.label)
    if span is None:
        misfit.append(f"{entity.start}-{entity.end} {entity.label}")
    return span
