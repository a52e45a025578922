"""Fold text for matching and map every folded offset back to the source.

Terms and text go through the same fold: compatibility decomposition without combining marks,
case folding, one form for dashes and quotes, one space for any run of white space. The fold may
change lengths (ß → ss, ﬁ → fi, e + accent → e, CRLF → space); ``FoldedText`` then keeps the
source offset of every folded character.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["FoldedText", "fold", "fold_text"]

_DASHES = "‐‑‒–—―−﹘﹣－\u00ad"
_SINGLE_QUOTES = "‘’‚‛′`´ʼ＇"
_DOUBLE_QUOTES = "“”„‟″＂«»"


@lru_cache(maxsize=65536)
def _fold_char(char: str) -> str:
    if char.isspace():
        return " "
    if char in _DASHES:
        return "-"
    if char in _SINGLE_QUOTES:
        return "'"
    if char in _DOUBLE_QUOTES:
        return '"'
    decomposed = unicodedata.normalize("NFKD", char)
    kept = "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()
    return unicodedata.normalize("NFKD", kept) if not kept.isascii() else kept


@dataclass(frozen=True, slots=True)
class FoldedText:
    """A folded text and the way back.

    Args:
        source: The text as given.
        folded: Its folded form.
        starts: Source offset of each folded character plus ``len(source)`` at the end,
            or ``None`` where the fold kept every offset.
    """

    source: str
    folded: str
    starts: tuple[int, ...] | None

    def to_source(self, start: int, end: int) -> tuple[int, int]:
        """Source offsets of the folded span ``[start, end)``, half open, never inside a source character."""
        if self.starts is None:
            return start, end
        last = self.starts[end - 1]
        stop = end
        while stop < len(self.folded) and self.starts[stop] == last:
            stop += 1
        source_end = self.starts[stop]
        while source_end > last + 1 and self.source[source_end - 1].isspace():
            source_end -= 1
        return self.starts[start], source_end


def fold_text(text: str) -> FoldedText:
    """Fold ``text`` and keep the offsets."""
    if text.isascii() and "  " not in text and not any(c in text for c in "\n\r\t\v\f`"):
        return FoldedText(text, text.lower(), None)
    chars: list[str] = []
    starts: list[int] = []
    for index, char in enumerate(text):
        for folded in _fold_char(char):
            if folded == " " and chars and chars[-1] == " ":
                continue
            chars.append(folded)
            starts.append(index)
    starts.append(len(text))
    return FoldedText(text, "".join(chars), tuple(starts))


def fold(text: str) -> str:
    """The folded form alone, without white space at its edges: the key of a term."""
    return fold_text(text).folded.strip()
