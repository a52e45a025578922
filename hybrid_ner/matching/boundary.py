"""Where a match may start and end.

A match covers whole words: at neither edge may a letter or digit of the match touch a letter or digit
outside it. Marks belong to the character before them, so no edge lies in front of a mark, and none lies
inside what one source character was folded to (½ is "1/2", but "1" does not match in it).
"""

from __future__ import annotations

import unicodedata

from hybrid_ner.matching.normalize import FoldedText, is_word_char

__all__ = ["is_edge", "is_whole"]


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
