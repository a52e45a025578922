"""From text to ``Doc`` with the gazetteer's spans, each text read once.

The matcher works on the text itself, in batches, while spaCy only tokenizes: no term is tokenized, so
that terms do not evict the text's words from the tokenizer's cache.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import IDX, LENGTH
from spacy.language import Language
from spacy.strings import StringStore
from spacy.tokens import Doc, Span, SpanGroup

from hybrid_ner.errors import TermError
from hybrid_ner.matching import Evidence, GazetteerMatcher, Hits, Match
from hybrid_ner.matching.batches import batches
from hybrid_ner.matching.groups import Reading
from hybrid_ner.pipeline.chunks import ChunkTokenizer

__all__ = ["GazetteerDocs"]

_REMEMBERED = 50_000
"""Surfaces whose label and ids are kept as numbers."""
_AHEAD = 500_000
"""Characters that are matched together."""

Ids = tuple[int, int, int]
"""Label, concept and term as numbers of the string store."""
Places = NDArray[np.int32]
Tokens = NDArray[np.intp]


class GazetteerDocs:
    """Writes a matcher's spans into documents, as one span group.

    ``kb_id`` is the first concept, ``span_id`` the term as its source writes it. Not for several threads
    at once.

    Args:
        matcher: Finds the spans.
        name: Name of the span group.
        evidence: Also keep all concepts and the evidence of each span in ``SpanGroup.attrs["evidence"]``,
            by ``start:end:label`` in characters.
    """

    def __init__(self, matcher: GazetteerMatcher, *, name: str = "gazetteer", evidence: bool = False) -> None:
        self.matcher, self.name, self.evidence = matcher, name, evidence
        self._tokenizer: ChunkTokenizer | None = None
        self._ids: dict[tuple[int, str], Ids] = {}

    def match_docs(self, nlp: Language, texts: Iterable[str]) -> Iterator[Doc]:
        """Tokenized documents with the span group; ``nlp``'s components do not run.

        Matches that fit no tokens are in ``doc.spans[name].attrs["misaligned"]``.
        """
        if self._tokenizer is None or self._tokenizer.nlp is not nlp:
            self._tokenizer = ChunkTokenizer(nlp)  # kept: what it remembers serves later calls too
            self._ids = {}
        make_doc, matcher = self._tokenizer, self.matcher
        needs_matches = self.evidence or matcher.every_label or matcher.fuzzy == "label"
        for batch in batches(texts, _AHEAD):
            docs = list(map(make_doc, batch))
            if needs_matches:
                for doc, matches in zip(docs, matcher.match_batch(batch), strict=True):
                    self._write_matches(doc, matches)
            else:
                self._write_hits(nlp.vocab.strings, docs, batch, matcher.match_arrays(batch))
            yield from docs

    def annotate(self, doc: Doc) -> list[Match]:
        """Write the span group into a document; return the matches that fit no tokens."""
        return self._write_matches(doc, self.matcher.match(doc.text))

    def _write_hits(
        self, strings: StringStore, docs: Sequence[Doc], texts: Sequence[str], hits: Hits
    ) -> None:
        known, ids = self._ids, []
        for number, start, end, group in hits.rows():
            key = group, texts[number][start:end]
            ids.append(known.get(key) or self._learn(strings, *key))
        bounds = np.searchsorted(hits.docs, np.arange(len(texts) + 1)).tolist()
        for doc, (first, stop) in zip(docs, pairwise(bounds), strict=True):
            self._write(doc, hits.starts[first:stop], hits.ends[first:stop], ids[first:stop], {})

    def _learn(self, strings: StringStore, group: int, surface: str) -> Ids:
        if len(self._ids) >= _REMEMBERED:
            self._ids.clear()
        ids = self._ids[group, surface] = _numbers(strings, self.matcher.reading(group, surface))
        return ids

    def _write_matches(self, doc: Doc, matches: Sequence[Match]) -> list[Match]:
        ids = [_numbers(doc.vocab.strings, match) for match in matches]
        attrs: dict[str, object] = {}
        if self.evidence:
            attrs["evidence"] = {f"{m.start}:{m.end}:{m.label}": _plain(m) for m in matches}
        starts = np.array([m.start for m in matches], dtype=np.int32)
        ends = np.array([m.end for m in matches], dtype=np.int32)
        return [matches[place] for place in self._write(doc, starts, ends, ids, attrs)]

    def _write(
        self, doc: Doc, starts: Places, ends: Places, ids: Sequence[Ids], attrs: dict[str, object]
    ) -> list[int]:
        """Set the span group; return which spans fit no tokens."""
        spans, misaligned = [], []
        if len(starts):
            first, last, fits = _tokens(doc, starts, ends)
            rows = zip(first.tolist(), last.tolist(), fits.tolist(), ids, strict=True)
            for place, (begin, end, fit, (label, concept, term)) in enumerate(rows):
                if fit:
                    spans.append(Span(doc, begin, end + 1, label, kb_id=concept, span_id=term))
                else:
                    misaligned.append(place)
        if misaligned:
            text_of = doc.vocab.strings
            attrs["misaligned"] = [[int(starts[i]), int(ends[i]), text_of[ids[i][0]]] for i in misaligned]
        doc.spans[self.name] = SpanGroup(doc, name=self.name, spans=spans, attrs=attrs)
        return misaligned


def _numbers(strings: StringStore, found: Match | Reading) -> Ids:
    concept = found.concept_ids[0] if found.concept_ids else ""
    evidence = found.evidence or Evidence("exact", "", "")
    try:
        return strings.add(found.label), strings.add(concept), strings.add(evidence.reference)
    except UnicodeEncodeError as error:
        problem = f"the term {evidence.reference!r} ({found.label}, {concept!r}) holds a lone surrogate."
        file, row = evidence.file or None, evidence.row or None
        raise TermError(problem, path=file, row=row, hint="Correct the row.") from error


def _tokens(
    doc: Doc, starts: Places, ends: Places
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    """First and last token of each span of characters, and whether the span ends where they do.

    ``Doc.char_span`` finds the same, one span at a time, in twice the time.
    """
    table = doc.to_array([IDX, LENGTH]).astype(np.int32)
    begins = table[:, 0]
    stops = begins + table[:, 1]
    first, last = np.searchsorted(begins, starts), np.searchsorted(stops, ends)
    fits = (begins.take(first, mode="clip") == starts) & (stops.take(last, mode="clip") == ends)
    return first, last, np.asarray(fits)


def _plain(match: Match) -> dict[str, object]:
    row: dict[str, object] = {"concepts": list(match.concept_ids), "score": match.score}
    if match.evidence:
        row |= asdict(match.evidence)
        row["edits"] = list(match.evidence.edits)
        row["evidence_score"], row["score"] = match.evidence.score, match.score
    return row
