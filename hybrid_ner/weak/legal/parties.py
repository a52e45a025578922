"""Parties in running text: ``the appellant Rajesh Kohli``, ``Lila Singh (appellant No. 3)``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc

from hybrid_ner.matching.match import Match
from hybrid_ner.weak.legal.names import NAME, NameSource

__all__ = ["Parties"]

_SIDES = (
    ("PETITIONER", r"(?:appellant|petitioner|applicant|plaintiff|revisionist|review\s{1,40}petitioner)"),
    ("RESPONDENT", r"(?:respondent|defendant|opponent|opposite\s{1,40}party|non-applicant)"),
)
_NUMBER = r"(?:\s?[-–]?\s?\(?(?:[Nn]os?\.?\s?|[Nn]umber\s)?(?:\d{1,2}|[A-Z]\d?|[ivxl]{1,4})\)?)"


@dataclass(frozen=True)
class Parties(NameSource):
    """Names beside the word for a side of the case."""

    @cached_property
    def _patterns(self) -> tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...]:
        return tuple(
            (
                label,
                re.compile(
                    rf"\b(?i:(?:accused\s?[/-]\s?)?{word}(?P<plural>s)?){_NUMBER}?\s?(?:,|-|–|:|/|namely,?|viz\.?,?"
                    rf"|i\.e\.,?|is\s{{1,40}}one)?\s?"
                    rf"(?:one\s{{1,40}})?(?:M/[sS]\.?\s?)?{self.titles}(?P<name>{NAME})"
                ),
                re.compile(
                    rf"(?P<name>{NAME})\s?(?:,\s?|\(\s?|/)(?:the\s{{1,40}})?(?:accused[/-]"
                    rf"|present\s{{1,40}}|first\s{{1,40}}"
                    rf"|second\s{{1,40}}|\d[a-z]{{2}}\s{{1,40}})?(?i:{word})s?\b"
                ),
            )
            for label, word in _SIDES
        )

    def find(self, doc: Doc) -> Iterator[Match]:
        """Parties in the text."""
        text = doc.text
        for label, after, before in self._patterns:
            rule = f"{label.casefold()} …"
            yield from self.listed(text, after, label, rule)
            yield from self.people(text, before, label, f"… ({label.casefold()})")
