"""What a labeling source is, and how its votes are kept on a ``Doc``.

A source reads a ``Doc`` (and the groups of earlier sources) and returns matches in characters. One
place turns matches into spans: each source owns one ``SpanGroup`` named after it, ``kb_id`` is the
concept, ``span_id`` the term or rule, and ``SpanGroup.attrs["evidence"]`` holds the evidence by
``start:end:label`` in characters, so that all of it survives a ``DocBin``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Protocol

from spacy.tokens import Doc, Span, SpanGroup

from hybrid_ner.matching.match import Evidence, Match

__all__ = ["VETO", "LabelingSource", "Misaligned", "read_matches", "write_matches"]

VETO = "O"
"""Label of a vote against: no entity of exactly these characters."""


class LabelingSource(Protocol):
    """Votes on spans of a document; returning none abstains."""

    @property
    def name(self) -> str:
        """Name of the source and of its span group."""
        ...

    def __call__(self, doc: Doc) -> list[Match]:
        """Matches in characters of ``doc.text``; must not change ``doc``."""
        ...


@dataclass(frozen=True, slots=True)
class Misaligned:
    """A match that does not fall on token boundaries and therefore was left out."""

    start: int
    end: int
    label: str
    surface: str


def write_matches(doc: Doc, name: str, matches: Iterable[Match]) -> list[Misaligned]:
    """Write matches into the span group ``name``; return those that fit no tokens."""
    text = doc.text
    spans: list[Span] = []
    evidence: dict[str, dict[str, object]] = {}
    misaligned: list[Misaligned] = []
    for match in matches:
        reference = match.evidence.reference if match.evidence else ""
        span = doc.char_span(
            match.start, match.end, match.label, kb_id=_first(match.concept_ids), span_id=reference
        )
        if span is None:
            surface = text[match.start : match.end]
            misaligned.append(Misaligned(match.start, match.end, match.label, surface))
            continue
        spans.append(span)
        evidence[_key(match.start, match.end, match.label)] = {
            "concepts": list(match.concept_ids),
            "score": match.score,
            **(_plain(match.evidence) if match.evidence else {}),
        }
    group = SpanGroup(doc, name=name, spans=spans, attrs={"evidence": evidence})
    doc.spans[name] = group
    return misaligned


def read_matches(doc: Doc, name: str) -> list[Match]:
    """The matches kept in the span group ``name``, with their evidence; empty when it is absent."""
    return list(_matches(doc, name)) if name in doc.spans else []


def _matches(doc: Doc, name: str) -> Iterator[Match]:
    group = doc.spans[name]
    kept = group.attrs.get("evidence", {})
    for span in group:
        row = dict(kept.get(_key(span.start_char, span.end_char, span.label_), {}))
        concepts = tuple(row.pop("concepts", ()) or ([span.kb_id_] if span.kb_id_ else []))
        score = float(row.pop("score", 1.0))
        found = None
        if row:
            row["edits"] = tuple(row.get("edits", ()))
            row["score"] = float(row.pop("evidence_score", 1.0))
            found = Evidence(**row)
        yield Match(span.start_char, span.end_char, span.label_, concepts, score, found)


def _plain(evidence: Evidence) -> dict[str, object]:
    row = asdict(evidence)
    row["edits"] = list(evidence.edits)
    row["evidence_score"] = row.pop("score")
    return row


def _key(start: int, end: int, label: str) -> str:
    return f"{start}:{end}:{label}"


def _first(ids: tuple[str, ...]) -> str:
    return ids[0] if ids else ""
