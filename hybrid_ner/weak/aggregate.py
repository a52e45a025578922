"""From the votes of several sources to one set of non-overlapping spans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spacy.tokens import Doc

from hybrid_ner.matching.match import Match
from hybrid_ner.weak.source import VETO, read_matches

__all__ = ["Vote", "aggregate"]


@dataclass(frozen=True, slots=True)
class Vote:
    """A match and the source that cast it."""

    source: str
    match: Match


def aggregate(doc: Doc, sources: Sequence[str]) -> list[Vote]:
    """Choose non-overlapping votes: longest first, then the earlier source, then the earlier span.

    A vote with the label ``VETO`` removes the votes of earlier sources on exactly its characters.

    Args:
        doc: A document with one span group per source.
        sources: Group names in order of trust.
    """
    votes: list[tuple[int, Match]] = []
    for rank, name in enumerate(sources):
        matches = read_matches(doc, name)
        vetoed = {(m.start, m.end) for m in matches if m.label == VETO}
        votes = [vote for vote in votes if (vote[1].start, vote[1].end) not in vetoed]
        votes.extend((rank, m) for m in matches if m.label != VETO)
    votes.sort(key=lambda vote: (vote[1].start - vote[1].end, vote[0], vote[1].start))
    taken = bytearray(len(doc.text))
    chosen: list[Vote] = []
    for rank, match in votes:
        if not any(taken[match.start : match.end]):
            taken[match.start : match.end] = b"\x01" * (match.end - match.start)
            chosen.append(Vote(sources[rank], match))
    return sorted(chosen, key=lambda vote: vote.match.start)
