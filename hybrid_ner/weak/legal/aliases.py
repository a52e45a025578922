"""Names that the document defines: ``Element Merger Sub, Inc. ("Element")``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from spacy.tokens import Doc

from hybrid_ner.matching.match import Match
from hybrid_ner.weak.legal.base import LegalSource, rule_match
from hybrid_ner.weak.source import read_matches

__all__ = ["Aliases"]

_DEFINITION = re.compile(
    r"[.,]{0,2}\s{0,40}(?:(?:a|an)\s[^()\n]{3,90}?,?\s)?[(\[]\s?(?:(?:hereinafter|hereafter|herein"
    r"|for\s{1,40}short)?,?\s{0,40}(?:called|referred\s{1,40}to\s{1,40}as|known\s{1,40}as)?,?\s{0,40}"
    r"(?:as\s{1,40}|also\s{1,40})?(?:collectively,?\s{1,40})?)?(?:[Tt]he\s{1,40})?(?P<quote>[\"“”‘']\s?)?"
    r"(?:[Tt]he\s{1,40})?(?P<name>[A-Z][\w&./’'\- ]{1,40}?)\s?(?P<end>[\"”’'])?,?"
    r"(?:\s(?:for\s{1,40}short|in\s{1,40}short|hereinafter)|\s?(?:or|and)\s[^()\n]{1,60}|\s?;[^()\n]{1,60}"
    r"|\s?:\s[^()\n]{1,20})?\s?[)\]]"
)
_LABELS = ("ORG", "STATUTE", "GOVERNMENT", "COURT")


@dataclass(frozen=True)
class Aliases(LegalSource):
    """Short names in parentheses after a name, tagged through the document.

    Args:
        reads: Span groups whose names may be followed by a definition.
        guard: Folded words that define a role rather than a name ("the Company").
    """

    reads: tuple[str, ...]
    guard: tuple[str, ...]

    def find(self, doc: Doc) -> Iterator[Match]:
        """Defined short names, wherever they occur."""
        text = doc.text
        known: dict[str, str] = {}
        for name in self.reads:
            for match in read_matches(doc, name):
                if match.label in _LABELS:
                    found = _DEFINITION.match(text, match.end)
                    if found and self._usable(found, text[match.start : match.end], text):
                        known.setdefault(found["name"], match.label)
        if not known:
            return
        pattern = re.compile(
            rf"(?<![\w.-])(?:{'|'.join(re.escape(n) for n in sorted(known, key=len, reverse=True))})(?![\w-])"
        )
        for found in pattern.finditer(text):
            yield rule_match(text, *found.span(), known[found.group()], "defined in the document")

    def _usable(self, found: re.Match[str], full: str, text: str) -> bool:
        name = found["name"]
        if name.casefold() in self.guard or not any(map(str.isupper, name)) or not _stands_for(name, full):
            return False
        quoted = bool(found["quote"] and found["end"])
        return quoted or text.count(name) > 2 or (name.isupper() and text.count(name) > 1)


def _stands_for(short: str, full: str) -> bool:
    """Whether the short name is made of words or initials of the full one, or looks like an acronym."""
    words = re.findall(r"[\w&]+", full.casefold())
    if short.isupper() and " " not in short and len(short) < 7:
        return True
    return all(
        any(word.startswith(part) for word in words) for part in re.findall(r"[\w&]+", short.casefold())
    )
