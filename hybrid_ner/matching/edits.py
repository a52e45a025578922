"""Edits between a term and the string that was found, in words; which of them are never typing errors."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from hybrid_ner.io import shipped
from hybrid_ner.terms.lint import read_words
from hybrid_ner.text.fold import fold

Kind = Literal["insert", "delete", "replace", "swap"]


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of the reference.

    Args:
        kind: What happened to the reference.
        at: Offset in the reference; for ``insert`` the character before which it happened.
        place: Offset in the found string; for ``delete`` where the character is missing.
        old: Characters of the reference.
        new: Characters that were found.
    """

    kind: Kind
    at: int
    place: int
    old: str
    new: str


def edits_between(reference: str, found: str) -> tuple[Edit, ...]:
    """The fewest insertions, deletions, replacements and swaps of neighbors, from left to right.

    Optimal string alignment (Damerau-Levenshtein without editing a place twice).
    """
    start = _common(reference, found)
    a, b = reference[start:], found[start:]
    end = _common(a[::-1], b[::-1])
    a, b = a[: len(a) - end], b[: len(b) - end]
    costs = _costs(a, b)
    edits: list[Edit] = []
    i, j = len(a), len(b)
    while i or j:
        cost = costs[i][j]
        if i and j and a[i - 1] == b[j - 1] and cost == costs[i - 1][j - 1]:
            i, j = i - 1, j - 1
            continue
        kind: Kind
        if _swapped(a, b, i, j) and cost == costs[i - 2][j - 2] + 1:
            kind, di, dj = "swap", 2, 2
        elif i and j and cost == costs[i - 1][j - 1] + 1:
            kind, di, dj = "replace", 1, 1
        elif i and cost == costs[i - 1][j] + 1:
            kind, di, dj = "delete", 1, 0
        else:
            kind, di, dj = "insert", 0, 1
        edits.append(Edit(kind, start + i - di, start + j - dj, a[i - di : i], b[j - dj : j]))
        i, j = i - di, j - dj
    return tuple(reversed(edits))


def describe(edit: Edit) -> str:
    """The edit in words."""
    if edit.kind == "insert":
        return f"extra “{edit.new}”"
    if edit.kind == "delete":
        return f"“{edit.old}” missing"
    if edit.kind == "swap":
        return f"“{edit.old}” swapped"
    return f"“{edit.new}” for “{edit.old}”"


def _common(a: str, b: str) -> int:
    for place, (x, y) in enumerate(zip(a, b, strict=False)):
        if x != y:
            return place
    return min(len(a), len(b))


def _swapped(a: str, b: str, i: int, j: int) -> bool:
    return i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]


def _costs(a: str, b: str) -> list[list[int]]:
    costs = [list(range(len(b) + 1))]
    for i in range(1, len(a) + 1):
        row = [i]
        for j in range(1, len(b) + 1):
            best = min(costs[i - 1][j - 1] + (a[i - 1] != b[j - 1]), costs[i - 1][j] + 1, row[j - 1] + 1)
            if _swapped(a, b, i, j):
                best = min(best, costs[i - 2][j - 2] + 1)
            row.append(best)
        costs.append(row)
    return costs


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


def english_words() -> frozenset[str]:
    """Folded words of the shipped list: ASCII letters only, at least two."""
    return word_list(shipped("gazetteers", "english", "words.txt.gz"))


@cache
def everyday_words() -> frozenset[str]:
    """Folded words of the shipped list of the most frequent English words."""
    return frozenset(map(fold, read_words(shipped("gazetteers", "english", "frequent.txt"))))


@cache
def word_list(path: Path) -> frozenset[str]:
    """Words of a gzip file with one word a line."""
    return frozenset(gzip.decompress(path.read_bytes()).decode("utf-8").split())
