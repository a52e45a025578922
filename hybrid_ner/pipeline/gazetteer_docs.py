"""From text to ``Doc`` with the gazetteer's spans, each text read once.

The matcher works on the text itself, in batches, while spaCy only tokenizes: no term is tokenized, so
that terms do not evict the text's words from the tokenizer's cache.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import islice

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from hybrid_ner.matching import GazetteerMatcher, Match
from hybrid_ner.pipeline.chunks import ChunkTokenizer

__all__ = ["GazetteerDocs"]

_BATCH = 256
"""Texts that are matched together."""


class GazetteerDocs:
    """Writes a matcher's spans into documents, as one span group.

    ``kb_id`` is the first concept, ``span_id`` the term as its source writes it.

    Args:
        matcher: Finds the spans.
        name: Name of the span group.
        evidence: Also keep all concepts and the evidence of each span in ``SpanGroup.attrs["evidence"]``,
            by ``start:end:label`` in characters.
    """

    def __init__(self, matcher: GazetteerMatcher, *, name: str = "gazetteer", evidence: bool = False) -> None:
        self.matcher, self.name, self.evidence = matcher, name, evidence
        self._tokenizer: ChunkTokenizer | None = None

    def match_docs(self, nlp: Language, texts: Iterable[str]) -> Iterator[Doc]:
        """Tokenized documents with the span group; ``nlp``'s components do not run.

        Matches that fit no tokens are in ``doc.spans[name].attrs["misaligned"]``.
        """
        if self._tokenizer is None or self._tokenizer.nlp is not nlp:
            self._tokenizer = ChunkTokenizer(nlp)  # kept: what it remembers serves later calls too
        texts, make_doc = iter(texts), self._tokenizer
        while batch := list(islice(texts, _BATCH)):
            for text, matches in zip(batch, self.matcher.match_batch(batch), strict=True):
                doc = make_doc(text)
                self._write(doc, matches)
                yield doc

    def annotate(self, doc: Doc) -> list[Match]:
        """Write the span group into a document; return the matches that fit no tokens."""
        return self._write(doc, self.matcher.match(doc.text))

    def _write(self, doc: Doc, matches: Sequence[Match]) -> list[Match]:
        spans: list[Span] = []
        misaligned: list[Match] = []
        for m in matches:
            concept = m.concept_ids[0] if m.concept_ids else ""
            reference = m.evidence.reference if m.evidence else ""
            span = doc.char_span(m.start, m.end, m.label, kb_id=concept, span_id=reference)
            if span is None:
                misaligned.append(m)
            else:
                spans.append(span)
        attrs: dict[str, object] = {}
        if misaligned:
            attrs["misaligned"] = [[m.start, m.end, m.label] for m in misaligned]
        if self.evidence:
            attrs["evidence"] = {f"{m.start}:{m.end}:{m.label}": _plain(m) for m in matches}
        doc.spans[self.name] = SpanGroup(doc, name=self.name, spans=spans, attrs=attrs)
        return misaligned


def _plain(match: Match) -> dict[str, object]:
    row: dict[str, object] = {"concepts": list(match.concept_ids), "score": match.score}
    if match.evidence:
        row |= asdict(match.evidence)
        row["edits"] = list(match.evidence.edits)
        row["evidence_score"], row["score"] = match.evidence.score, match.score
    return row
