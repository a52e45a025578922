"""Differences that are never typing errors: a fuzzy match across one of them would name another thing."""

from __future__ import annotations

import re

from hybrid_ner.matching.edits import Edit
from hybrid_ner.matching.normalize import fold

__all__ = ["is_another_acronym", "is_plausible"]

_WORDS = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_DIGITS = re.compile(r"\d+")
_ACRONYM = 4
_OPPOSED = (
    ("hypo", "hyper"),
    ("intra", "inter"),
    ("infra", "intra"),
    ("infra", "supra"),
    ("endo", "ecto"),
    ("ante", "anti"),
    ("macro", "micro"),
    ("ab", "ad"),
    ("pre", "pro"),
    ("mono", "nono"),
)
_ENDINGS = (
    ("itis", "osis"),
    ("emia", "uria"),
    ("ectomy", "otomy"),
    ("otomy", "ostomy"),
    ("ol", "al"),
    ("ane", "ene"),
    ("ene", "yne"),
    ("ine", "ane"),
    ("ate", "ite"),
    ("ide", "ite"),
    ("ide", "ate"),
    ("or", "ee"),
)


def is_plausible(found: str, reference: str, edits: tuple[Edit, ...]) -> bool:
    """Whether the edits look like a slip of the same name.

    Args:
        found: Folded form of what the text says.
        reference: Folded form of the term.
        edits: What turns the reference into what was found.
    """
    if _odd_edge(found[0], reference[0]) or _odd_edge(found[-1], reference[-1]):
        return False
    if _DIGITS.findall(found) != _DIGITS.findall(reference):
        return False
    if all(not _is_letter(edit) for edit in edits):
        return True
    return not _opposed(found, reference) and not _one_letter_word(found, reference)


def is_another_acronym(surface: str, reference: str) -> bool:
    """Whether a short word in capitals, one of several words, has other letters in the term.

    HCV infection is not HPV infection, whatever the distance of the two.

    Args:
        surface: What the text says.
        reference: Folded form of the term.
    """
    ours, theirs = _WORDS.findall(surface), _WORDS.findall(reference)
    if len(ours) != len(theirs) or len(ours) == 1:
        return False
    pairs = zip(ours, theirs, strict=True)
    return any(a.isupper() and len(a) <= _ACRONYM and fold(a) != b for a, b in pairs)


def _odd_edge(ours: str, theirs: str) -> bool:
    """Whether punctuation beside the mention was taken for a letter of it."""
    return ours != theirs and not ours.isalnum()


def _is_letter(edit: Edit) -> bool:
    return any(map(str.isalpha, edit.old + edit.new))


def _opposed(found: str, reference: str) -> bool:
    """Whether some word differs in a prefix or an ending that turns the meaning."""
    ours, theirs = _WORDS.findall(found), _WORDS.findall(reference)
    if len(ours) != len(theirs):
        return False
    for a, b in zip(ours, theirs, strict=True):
        if a != b and (_differs(a, b, _OPPOSED, ends=False) or _differs(a, b, _ENDINGS, ends=True)):
            return True
    return False


def _differs(a: str, b: str, pairs: tuple[tuple[str, str], ...], *, ends: bool) -> bool:
    for one, two in pairs:
        for x, y in ((one, two), (two, one)):
            if ends and a.endswith(x) and b.endswith(y) and a[: -len(x)] == b[: -len(y)]:
                return True
            if not ends and a.startswith(x) and b.startswith(y) and a[len(x) :] == b[len(y) :]:
                return True
    return False


def _one_letter_word(found: str, reference: str) -> bool:
    """Whether a word of one letter changed: vitamin C is not vitamin D."""
    ours, theirs = _WORDS.findall(found), _WORDS.findall(reference)
    return len(ours) == len(theirs) and any(a != b and len(b) == 1 for a, b in zip(ours, theirs, strict=True))
