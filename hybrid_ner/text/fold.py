"""Fold text for matching, map every folded offset back to the source; where a word may start and end."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

_TYPOGRAPHY = {
    **dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"),
    **dict.fromkeys("‘’‚‛′`´ʼ＇", "'"),
    **dict.fromkeys("“”„‟″＂«»", '"'),
    **dict.fromkeys("⁄∕", "/"),
}
_LETTERS = {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i"}
"""Latin letters that Unicode does not decompose but that sources spell in two ways."""
_ASCII = "".join(" " if chr(c).isspace() else "'" if chr(c) == "`" else chr(c).lower() for c in range(128))
_UNUSUAL = re.compile(r"\s{2,}|[^\x00-\x7f]")
_VISIBLE_FORMATS = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2"


def is_word_char(char: str) -> bool:
    """Letters, digits and the marks that belong to them."""
    return char.isalnum() or unicodedata.category(char)[0] == "M"


def extends_previous(char: str) -> bool:
    """Whether a character is a mark on the character before it."""
    return unicodedata.category(char)[0] == "M" or unicodedata.combining(char) != 0 or char in "ﾞﾟ"


@lru_cache(maxsize=65536)
def fold_char(char: str) -> str:
    """The folded form of one character: usually one character, sometimes none or several."""
    if char.isspace():
        return " "
    if char in _TYPOGRAPHY:
        return _TYPOGRAPHY[char]
    if _is_dropped(char):
        return ""
    folded = char
    while (again := _fold_once(folded)) != folded:
        folded = again
    if " " not in folded:
        return folded
    return _fold_once(char, "NFD")  # a spacing accent or a ligature of words: keep its canonical base


def _fold_once(text: str, form: Literal["NFD", "NFKD"] = "NFKD") -> str:
    kept = (c for c in unicodedata.normalize(form, text) if not _is_dropped(c))
    plain = "".join(kept).casefold()
    return "".join(_LETTERS.get(c) or _TYPOGRAPHY.get(c) or c for c in plain)


def _is_dropped(char: str) -> bool:
    if unicodedata.combining(char) or char in "®™℠":  # "Tylenol® Extra Strength"; no letters "tm"
        return True
    if unicodedata.category(char) == "Cf":
        return char not in _VISIBLE_FORMATS
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


@dataclass(frozen=True, slots=True)
class FoldedText:
    """A folded text and the way back.

    Args:
        source: The text as given.
        folded: Its folded form.
        points: Folded offsets from which another distance to the source holds, ascending;
            empty where the fold kept every offset.
        shifts: Source offset minus folded offset from each point on.
    """

    source: str
    folded: str
    points: tuple[int, ...] = ()
    shifts: tuple[int, ...] = ()

    def origin(self, offset: int) -> int:
        """Source offset of the character that the folded character at ``offset`` comes from."""
        if offset >= len(self.folded):
            return len(self.source)
        place = bisect_right(self.points, offset)
        return offset + self.shifts[place - 1] if place else offset

    def splits_source(self, offset: int) -> bool:
        """Whether the folded ``offset`` lies inside what one source character was folded to."""
        return bool(self.points) and 0 < offset < len(self.folded) and self._same_origin(offset)

    def _same_origin(self, offset: int) -> bool:
        return self.origin(offset - 1) == self.origin(offset)

    def to_source(self, start: int, end: int) -> tuple[int, int]:
        """Source offsets, half open, of a folded span: whole characters with the marks on the last."""
        if not self.points:
            return start, end
        source_end = self.origin(end - 1) + 1
        for place in range(source_end, self.origin(end)):
            if extends_previous(self.source[place]):
                source_end = place + 1
        return self.origin(start), source_end


def fold_text(text: str) -> FoldedText:
    """Fold ``text`` and keep the offsets."""
    if text.isascii():
        folded = text.translate(_ASCII)
        if "  " not in folded:
            return FoldedText(text, folded)
    return _Folder(text).result()


class _Folder:
    """Copies plain ASCII stretches as they are and looks only at what may change a length."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.parts: list[str] = []
        self.length = 0
        self.shift = 0
        self.points: list[int] = []
        self.shifts: list[int] = []
        self.after_space = False

    def result(self) -> FoldedText:
        text, done = self.text, 0
        for found in _UNUSUAL.finditer(text):
            self._plain(done, found.start())
            self._unusual(found)
            done = found.end()
        self._plain(done, len(text))
        self._shift(len(text))
        return FoldedText(text, "".join(self.parts), tuple(self.points), tuple(self.shifts))

    def _plain(self, start: int, end: int) -> None:
        if start < end:
            self._add(self.text[start:end].translate(_ASCII), start)

    def _unusual(self, found: re.Match[str]) -> None:
        source = found.start()
        if found.end() - source > 1:
            self._add(" ", source)
            return
        for char in fold_char(found[0]):
            self._add(char, source)

    def _add(self, folded: str, source: int) -> None:
        if self.after_space and folded[0] == " ":
            folded, source = folded[1:], source + 1
            if not folded:
                return
        self._shift(source)
        self.parts.append(folded)
        self.length += len(folded)
        self.after_space = folded[-1] == " "

    def _shift(self, source: int) -> None:
        if source - self.length != self.shift:
            self.shift = source - self.length
            self.points.append(self.length)
            self.shifts.append(self.shift)


def fold(text: str) -> str:
    """The folded form alone, without white space at its edges: the key of a term."""
    return fold_text(text).folded.strip(" ")


@lru_cache(maxsize=65536)
def exact_form(text: str) -> str:
    """The letters as they are, in one typography: what two equal case-sensitive surfaces share."""
    plain = "".join(
        " " if c.isspace() else _TYPOGRAPHY.get(c) or c
        for c in unicodedata.normalize("NFC", text)
        if unicodedata.category(c) != "Cf" or c in _VISIBLE_FORMATS
    )
    return " ".join(plain.split())


def is_edge(text: FoldedText, offset: int) -> bool:
    """Whether a match may start or end at a folded offset."""
    folded = text.folded
    if offset in (0, len(folded)):
        return True
    after = folded[offset]
    if after.isascii() and folded[offset - 1].isascii():
        inside = after.isalnum() and folded[offset - 1].isalnum()
    else:
        is_mark = unicodedata.category(after)[0] == "M"
        inside = is_mark or (is_word_char(after) and is_word_char(folded[offset - 1]))
    return not inside and not text.splits_source(offset)


def is_whole(text: FoldedText, start: int, end: int) -> bool:
    """Whether the folded span ``[start, end)`` covers whole words."""
    return is_edge(text, start) and is_edge(text, end)
