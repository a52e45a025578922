"""A tokenizer's own tokens, several times faster: each chunk between spaces is cut once and remembered.

spaCy keeps such a cache too, but then looks through every whole document for special cases again, which
costs more than the rest. spaCy's English special cases hold no white space beside other characters, so
that what happens inside a chunk does not depend on its neighbors; for rules that do, the tokenizer itself
is used. One difference is left: spaCy sees an emoticon across a space, as in ":) :)", and then leaves the
real ones beside it uncut.
"""

from __future__ import annotations

import re

from spacy.language import Language
from spacy.tokens import Doc

__all__ = ["ChunkTokenizer"]

_REMEMBERED = 500_000
_MIXED = re.compile(r"\S\s|\s\S")
_ODD_SPACE = re.compile(r"[^\S ]|  |^ | $")


class ChunkTokenizer:
    """Makes the same documents as ``nlp.make_doc``; not for several threads at once.

    Args:
        nlp: Its tokenizer must not change afterwards.
    """

    def __init__(self, nlp: Language) -> None:
        self.nlp = nlp
        self._chunks: dict[str, tuple[str, ...]] = {}
        rules = getattr(nlp.tokenizer, "rules", None)
        self._whole = rules is None or any(map(_MIXED.search, rules))

    def __call__(self, text: str) -> Doc:
        """Tokenize a text."""
        if self._whole or not text:
            return self.nlp.make_doc(text)
        words: list[str] = []
        spaces: list[bool] = []
        known = self._chunks
        for chunk, spaced in _chunks(text):
            cut = known.get(chunk) or self._cut(chunk)
            words += cut
            if len(cut) > 1:
                spaces += [False] * (len(cut) - 1)
            spaces.append(spaced)
        return Doc(self.nlp.vocab, words=words, spaces=spaces)

    def _cut(self, chunk: str) -> tuple[str, ...]:
        if len(self._chunks) >= _REMEMBERED:
            self._chunks.clear()
        cut = self._chunks[chunk] = tuple(token.text for token in self.nlp.tokenizer(chunk))
        return cut


def _chunks(text: str) -> list[tuple[str, bool]]:
    """Runs of white space or of anything else, each with whether a space that belongs to it follows.

    One plain space after a run of other characters belongs to that run; the rest is a run of its own.
    """
    if not _ODD_SPACE.search(text):
        parts = text.split(" ")
        return [*((part, True) for part in parts[:-1]), (parts[-1], False)]
    found: list[tuple[str, bool]] = []
    for run in re.findall(r"\s+|\S+", text):
        if not run.isspace() or not found or run[0] != " ":
            found.append((run, False))
            continue
        found[-1] = (found[-1][0], True)
        if len(run) > 1:
            found.append((run[1:], False))
    return found
