"""Systematic chemical names that no list knows, by their parts: "di-o-tolylguanidine"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc

from hybrid_ner.matching.match import Match
from hybrid_ner.weak.medical.base import CHEMICAL, MedicalSource, rule_match
from hybrid_ner.weak.rulefiles import alternation

__all__ = ["SystematicNames"]

_CHUNK = re.compile(r"[^\s/;=<>]{8,}")
_LONG_PART = 4
_LONG_WORD = 12
_PUNCTUATION = ")]}.,:'\"”"


@dataclass(frozen=True)
class SystematicNames(MedicalSource):
    """Chunks without spaces that hold several parts of systematic names.

    Args:
        morphemes: Parts of systematic names.
        endings: How such a name ends.
    """

    morphemes: tuple[str, ...]
    endings: tuple[str, ...]

    @cached_property
    def _part(self) -> re.Pattern[str]:
        return re.compile(alternation(tuple(m for m in self.morphemes if len(m) >= _LONG_PART)))

    @cached_property
    def _endings(self) -> tuple[str, ...]:
        return tuple(ending + plural for ending in self.endings for plural in ("", "s"))

    def find(self, doc: Doc) -> Iterator[Match]:
        """Every chunk with two parts, or one part and a locant, and such an ending."""
        text = doc.text
        for found in _CHUNK.finditer(text):
            if not found.group().lower().rstrip(_PUNCTUATION).endswith(self._endings):
                continue
            start, end = _trimmed(found)
            if self._is_name(text[start:end].lower()):
                yield rule_match(text, start, end, CHEMICAL, "systematic name")

    def _is_name(self, name: str) -> bool:
        if not name.rstrip(")]}").endswith(self._endings):
            return False
        located = "-" in name and any(map(str.isdigit, name))
        if not located and (name.endswith("yl") or ("-" not in name and len(name) < _LONG_WORD)):
            return False
        parts = len(self._part.findall(name))
        return parts >= 2 or (parts == 1 and located)


def _trimmed(found: re.Match[str]) -> tuple[int, int]:
    start, end = found.span()
    text = found.string
    while end > start and (text[end - 1] in _PUNCTUATION[3:] or _unbalanced(text[start:end], -1)):
        end -= 1
    while start < end and (text[start] in "'\"“" or _unbalanced(text[start:end], 0)):
        start += 1
    if text[start] in "([{" and _encloses(text[start:end]):
        return start + 1, end - 1
    return start, end


def _encloses(chunk: str) -> bool:
    """Whether the bracket that opens the chunk is closed by its last character."""
    depth = 0
    for at, char in enumerate(chunk):
        depth += (char in "([{") - (char in ")]}")
        if depth == 0:
            return at == len(chunk) - 1
    return False


def _unbalanced(chunk: str, at: int) -> bool:
    """Whether the bracket at one edge has no partner inside the chunk."""
    pairs = {")": "(", "]": "[", "}": "{", "(": ")", "[": "]", "{": "}"}
    bracket = chunk[at]
    return bracket in pairs and chunk.count(bracket) > chunk.count(pairs[bracket])
