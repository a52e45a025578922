"""Witnesses of a trial: ``PW-4 Jagmohan Singh``, ``Dr. R.P. Sharma (PW.3)``, ``Darshan Singh as DW2``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc

from hybrid_ner.matching.match import Match
from hybrid_ner.weak.legal.names import NAME, NameSource

__all__ = ["Witnesses"]

_NUMBER = (
    r"(?:\b(?:P\.?\s?W|D\.?\s?W|C\.?\s?W|R\.?\s?W|A\.?\s?W|PE|L\.?\s?W|NAW)s?(?![A-Za-z])\.?[\s\xad/-]*"
    r"(?:No\.?\s{0,40})?\d{1,3}(?:/[A-Z\d]{1,2})?(?![\d/]))"
)
_BEFORE = re.compile(
    rf"(?P<name>{NAME})(?:\s(?:SHO|ASI|SI|HC|BDPO|IO|Inspector))?\s?,?\s{{0,2}}(?:[(\[]\s?"
    rf"(?:as\s{{1,40}})?{_NUMBER}|(?:as\s{{1,40}}"
    rf"|-\s?)?{_NUMBER}(?!\s{{0,40}}[,(-]?\s{{0,40}}(?:Mr|Sh|Smt|Dr|Shri|HC|ASI|SI|Ct)\b))"
)
_WITNESS = re.compile(
    rf"\b(?:[Ww]itness(?P<plural>es)?|WITNESS)\s{{1,40}}(?:namely\s{{0,40}},?\s{{0,40}})?(?:[Mm]r\.\s{{1,40}}"
    rf"|[Ss]hri\s{{1,40}}"
    rf"|[Ss]mt\.\s{{1,40}})?(?P<name>{NAME})"
)


@dataclass(frozen=True)
class Witnesses(NameSource):
    """Names beside a witness number."""

    @cached_property
    def _after(self) -> re.Pattern[str]:
        return re.compile(
            rf"{_NUMBER}\s{{0,2}}[),–:-]?\s{{0,2}}(?:is\s{{1,40}}|was\s{{1,40}}"
            rf"|namely\s{{1,40}})?\(?\s?{self.titles}(?P<name>{NAME})"
        )

    def find(self, doc: Doc) -> Iterator[Match]:
        """Witnesses in the text."""
        text = doc.text
        for rule, pattern in (
            ("PW number …", self._after),
            ("… PW number", _BEFORE),
        ):
            yield from self.people(text, pattern, "WITNESS", rule)
        yield from self.listed(text, _WITNESS, "WITNESS", "witness …")
