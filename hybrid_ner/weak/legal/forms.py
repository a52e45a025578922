"""Forms and schedules that are filed with an authority: ``Form 10-K``, ``Form N-CSR``, ``Schedule 14D-9``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc

from hybrid_ner.matching.match import Match
from hybrid_ner.weak.legal.base import LegalSource, rule_match
from hybrid_ner.weak.legal.lists import alternation

__all__ = ["Forms"]

_LETTERED = (
    r"(?:[A-Z]{1,3}-?\d{1,4}[A-Z]{0,3}|\d{1,4}-?[A-Z]{1,4}\d{0,3}|[A-Z]-[A-Z]{1,4}|[A-Z]{2,4}-\d{1,2})"
    r"(?:-\d{1,2}|\s?-?(?:BEN(?:-E)?|INT|DIV|MISC|NEC))?(?:/A)?(?![\w/-])"
)
_SCHEDULE = re.compile(
    r"\b(?:[Ss]chedules?|SCHEDULES?)\s{1,40}(?:TO-[A-Z]|1[34][A-Z](?:-\d{1,2})?(?:/A)?)(?![\w/-])"
)


@dataclass(frozen=True)
class Forms(LegalSource):
    """Forms by their number.

    Args:
        name: Name of the source.
        numbers: Those that are plain numbers.
    """

    numbers: tuple[str, ...]

    @cached_property
    def _form(self) -> re.Pattern[str]:
        plain = rf"{alternation(self.numbers)}(?![\w/-]|\.\d)"
        return re.compile(
            r"\b(?:Substitute\s{1,40})?(?:Forms?|FORMS?)\s{1,40}(?:No\.?\s{0,40})?"
            + f"(?:{_LETTERED}|{plain})"
        )

    def find(self, doc: Doc) -> Iterator[Match]:
        """Forms in the text."""
        text = doc.text
        for rule, pattern in (("form", self._form), ("schedule that is filed", _SCHEDULE)):
            for found in pattern.finditer(text):
                yield rule_match(text, found.start(), found.end(), "FORM", rule)
