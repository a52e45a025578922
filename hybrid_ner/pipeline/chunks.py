"""A tokenizer's own documents, several times faster: each chunk between spaces is cut once and remembered.

spaCy keeps such a cache too, but then looks through every whole document for special cases again, which
costs more than the rest. Here a second tokenizer, without any rule, asks for the cuts of each chunk it has
not seen. Its cache holds no norms ("n't" is "not"), so chunks that need them are kept apart and looked for,
as are the few chunks whose tokens may depend on their neighbors.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from spacy.attrs import IDX, NORM, ORTH, SPACY
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

from hybrid_ner.errors import CorpusError
from hybrid_ner.pipeline.special_cases import SpecialCases

__all__ = ["ChunkTokenizer"]

_REMEMBERED = 500_000
_FEW = 16
"""Chunks that are faster looked for one after the other."""
_CHUNK, _SPACE = re.compile(r"\S+"), re.compile(r"\s+")
_COLUMNS = [ORTH, SPACY, NORM]
_MIXED = re.compile(r"\S\s|\s\S")


@dataclass(frozen=True, slots=True)
class _Cut:
    """A place between two tokens, as the match of an infix without characters."""

    place: int

    def start(self) -> int:
        return self.place

    end = start


@dataclass(frozen=True, slots=True)
class _Odd:
    """What the cache cannot tell of a chunk: norms of its tokens, where they have their own, and more."""

    norms: tuple[str, ...]
    special: bool


class ChunkTokenizer:
    """Makes the same documents as ``nlp.tokenizer``; not for several threads at once.

    Args:
        nlp: Its tokenizer must not change afterwards.
    """

    def __init__(self, nlp: Language) -> None:
        self.nlp = nlp
        self._cases: SpecialCases | None = None
        if type(nlp.tokenizer) is Tokenizer and not any(map(_MIXED.search, nlp.tokenizer.rules)):
            self._cases = SpecialCases(nlp.tokenizer)
        self._forget()

    def __call__(self, text: str) -> Doc:
        """Tokenize a text of any length.

        Raises:
            CorpusError: The text is no valid Unicode.
        """
        try:
            return self._make(text)
        except UnicodeEncodeError as error:
            place = next(i for i, char in enumerate(text) if "\ud800" <= char <= "\udfff")
            raise CorpusError(
                f"the text holds a lone surrogate at character {place}, which is no valid Unicode.",
                hint="Export the document again.",
            ) from error

    def _make(self, text: str) -> Doc:
        if self._cases is None or self.nlp.vocab.in_memory_zone:
            return self.nlp.tokenizer(text)
        if self._known >= _REMEMBERED:
            self._forget()
        doc = self._chunks(text)
        for space in self._spaces:
            if space in text and not self._with_norms_of(doc, space):
                return self.nlp.tokenizer(text)
        chunks = text.split()
        if self._odd.keys().isdisjoint(chunks):
            return doc
        return self._with_odd(doc, text, {chunk for chunk in chunks if chunk in self._odd}, self._cases)

    def _forget(self) -> None:
        self._chunks = Tokenizer(self.nlp.vocab, infix_finditer=self._cut, max_cache_size=_REMEMBERED)
        self._odd: dict[str, _Odd] = {}
        self._spaces: list[str] = []
        self._known = 0

    def _cut(self, chunk: str) -> list[_Cut]:
        """Called by the second tokenizer for a chunk that it does not remember."""
        assert self._cases is not None
        self._known += 1
        doc = self._cases.first_pass(chunk)
        special = self._cases.are_in(doc)
        if special:
            doc = self.nlp.tokenizer(chunk)
        if special or any(token.norm != token.lex.norm for token in doc):
            self._odd[chunk] = _Odd(tuple(token.norm_ for token in doc), special)
            if chunk.isspace():
                self._spaces.append(chunk)
        return [_Cut(token.idx) for token in doc[1:]]

    def _with_odd(self, doc: Doc, text: str, chunks: Collection[str], cases: SpecialCases) -> Doc:
        places = _places(text, chunks) if len(chunks) <= _FEW else _all_places(text, chunks)
        again = set()
        for start, end in places:
            odd = self._odd[text[start:end]]
            for token, norm in zip(doc.char_span(start, end), odd.norms, strict=True):
                token.norm_ = norm
            if odd.special and cases.reach_over(text, start, end):
                again.add(_lines(text, start, end))
        return self._with_lines_of(self.nlp.tokenizer, doc, text, sorted(again)) if again else doc

    def _with_lines_of(
        self, tokenizer: Tokenizer, doc: Doc, text: str, lines: Sequence[tuple[int, int]]
    ) -> Doc:
        """The document with some of its lines cut by another tokenizer."""
        begins, rows = doc.to_array([IDX]), doc.to_array(_COLUMNS)
        parts, done = [], 0
        for start, end in lines:
            first, stop = np.searchsorted(begins, (start, end))
            parts += [rows[done:first], tokenizer(text[start:end]).to_array(_COLUMNS)]
            done = stop
        table = np.concatenate((*parts, rows[done:]))
        made = Doc(self.nlp.vocab, words=table[:, 0].tolist(), spaces=table[:, 1].astype(bool).tolist())
        for place in np.flatnonzero(made.to_array([NORM]) != table[:, 2]).tolist():
            made[place].norm_ = self.nlp.vocab.strings[table[place, 2]]
        return made

    def _with_norms_of(self, doc: Doc, space: str) -> bool:
        """Give white space its norm; false where more than that would have to be done."""
        odd = self._odd[space]
        if odd.special or len(odd.norms) > 1:
            return False
        for token in doc:
            if token.is_space and token.text == space:
                token.norm_ = odd.norms[0]
        return True


def _places(text: str, chunks: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where these chunks stand between white space; reads the text once for each."""
    for chunk in chunks:
        start = text.find(chunk)
        while start >= 0:
            end = start + len(chunk)
            if not (text[start - 1 : start].strip() or text[end : end + 1].strip()):
                yield start, end
            start = text.find(chunk, end)


def _all_places(text: str, chunks: Collection[str]) -> Iterator[tuple[int, int]]:
    """The same for many chunks; reads the text once, slowly."""
    return (found.span() for found in _CHUNK.finditer(text) if found[0] in chunks)


def _lines(text: str, start: int, end: int) -> tuple[int, int]:
    """The lines around a stretch of text, with the white space behind them: no special case reaches out."""
    begin = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", end)
    begin += len(text[begin:start]) - len(text[begin:start].lstrip())
    if stop < 0:
        return begin, len(text)
    behind = _SPACE.match(text, stop)
    assert behind is not None
    return begin, behind.end()
