"""Public bodies: ``Ministry of Home Affairs``, ``Government of Kerala``, ``Department of the Treasury``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc

from hybrid_ner.matching.match import Match
from hybrid_ner.weak.legal.base import GAZETTEER, LegalSource, rule_match
from hybrid_ner.weak.legal.lists import alternation
from hybrid_ner.weak.source import read_matches

__all__ = ["Agencies"]

_CAP = r"[A-Z][\w&'’-]{0,40}"
_STATE = re.compile(
    rf"\b(?P<name>(?:{_CAP}\s{{1,40}}){{1,2}}(?:State\s{{1,40}})?(?:Government|Govt\.?|Legislature"
    rf"|Administration))(?!\w)"
)


@dataclass(frozen=True)
class Agencies(LegalSource):
    """Public bodies by head word.

    Args:
        heads: First words of names that go on with "of".
        stops: Capitalized words that do not belong to the name of a state in front of "Government".
    """

    heads: tuple[str, ...]
    stops: tuple[str, ...]

    @cached_property
    def _of(self) -> re.Pattern[str]:
        return re.compile(
            rf"(?<![\w-])(?:(?:U\.\s?S\.|United\s{{1,40}}States|Union|Central"
            rf"|Federal)\s{{1,40}})?{alternation(self.heads)}[ \xa0]{{1,40}}(?:of|OF"
            rf"|for)[ \xa0]{{1,40}}(?:the\s{{1,40}})?"
            rf"{_CAP}(?:(?:[ \xa0]{{1,40}}(?:and|&|of|for)|,)?[ \xa0]{{1,40}}"
            rf"(?:the[ \xa0]{{1,40}})?{_CAP}){{0,5}}"
        )

    def find(self, doc: Doc) -> Iterator[Match]:
        """Public bodies in the text."""
        text = doc.text
        places = {m.start for m in read_matches(doc, GAZETTEER) if m.label == "GPE"}
        for found in self._of.finditer(text):
            yield rule_match(
                text, found.start(), found.end(), "GOVERNMENT", "ministry, department or board of", 0.8
            )
        for found in _STATE.finditer(text):
            words = found["name"].split()
            while words and words[0].casefold() in self.stops:
                words.pop(0)
            if len(words) > 1:
                start = found.start() + found["name"].index(words[0])
                if start not in places:
                    continue
                yield rule_match(text, start, found.end(), "GOVERNMENT", "… Government", 0.8)
