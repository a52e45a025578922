"""Numbers of proceedings: ``Criminal Appeal No. 12 of 1999``, ``W.P.(C) 34540/2006``, ``1:02-cv-00345``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc

from hybrid_ner.matching.match import Match
from hybrid_ner.weak.legal.base import LegalSource, rule_match
from hybrid_ner.weak.legal.lists import alternation
from hybrid_ner.weak.legal.walk import Walk, walk_left

__all__ = ["CaseNumbers"]

_CONNECTORS = frozenset({"of", "and", "&", "under", "for", "from"})
_PART = r"(?:[A-Z]{1,2}-)?\d{1,6}(?:-?[A-Z]{1,2}\b)?(?:\s?\([A-Za-z]{1,5}\))?(?:-[A-Z]{1,3}\b|-\d{1,5})?"
_YEAR = (
    r"(?:\s{0,40}/\s{0,40}(?:[A-Z][A-Za-z]{0,4}\s{0,40}/\s{0,40})?(?:(?:19|20)\d\d|\d\d)\b(?!/)"
    r"|\s{1,40}(?:of|OF|Of)\s{1,40}"
    r"(?:of\s{1,40})?(?:18|19|20)\d\d\b)"
)
_SEP = (
    r"(?:\s{0,40},\s{0,40}(?:and\s{1,40}|&\s{0,40})?|\s{1,40}and\s{1,40}|\s{0,40}&\s{0,40}"
    r"|\s{1,40}to\s{1,40}|\s{1,40})"
)
_NUMBERED = re.compile(
    rf"(?:\b(?:Nos?|NOS?|no)\b\s?[.,:]*\s{{0,40}}|\b(?:Nos?|NOS?)\.?)(?:\s{{0,40}}:\s{{0,40}})?"
    rf"{_PART}(?:{_SEP}{_PART}(?={_SEP}{_PART}|{_YEAR})|{_YEAR}|{_SEP}{_PART}{_YEAR})*"
)
_LIST = (
    rf"{_PART}(?:\s{{0,40}},\s{{0,40}}{_PART}|\s{{0,40}}&\s{{0,40}}{_PART})*{_YEAR}(?:{_SEP}{_PART}{_YEAR})*"
)
_DOCKET = re.compile(
    r"\b(?:(?:Civil|Criminal|Case|Docket|Civ\.?|Cr\.?|C\.A\.)\s{1,40}(?:Action\s{1,40})?)?"
    r"(?:Nos?\.\s{0,40})?(?:\d{1,2}:)?\d{2,4}-(?:cv|cr|bk|mc|ap|md|ml|CV|CR|BK|MC|AP|MD)-\d{2,6}(?:-[A-Z]{1,5})*\b"
)
_AMERICAN = re.compile(
    r"\b(?:C\.\s?A\.|Civ(?:il|\.)\s{1,3}A(?:ction|\.)|Crim(?:inal|\.)\s{1,3}(?:Action|Case)|Docket|Cause|Index|Appeal|Case)"
    r"\s{1,3}Nos?\.\s{0,3}\d{2,4}-(?:[A-Z]{1,3}-)?\d{2,6}(?:-[A-Z]{1,5})?(?:/\d{4})?(?:\s\([A-Z]{2,4}\)){0,2}(?![\w-])"
)
_ENDS_YEAR = re.compile(rf"{_YEAR}\s{{0,40}}$")


@dataclass(frozen=True)
class CaseNumbers(LegalSource):
    """Case numbers by kind of proceedings, "No." and year.

    Args:
        types: Abbreviated kinds of proceedings that may stand without "No.".
        stops: Capitalized words that do not belong to the kind of proceedings.
        barriers: Capitalized words, folded, that a kind of proceedings starts after.
        kinds: Lower-case words that name a kind of proceedings ("suit No. 5 of 1990").
        foreign: First words of numbers of other things ("FIR No. 5/2001").
    """

    types: tuple[str, ...]
    stops: tuple[str, ...]
    barriers: tuple[str, ...]
    kinds: tuple[str, ...]
    foreign: tuple[str, ...]

    @cached_property
    def _short(self) -> re.Pattern[str]:
        return re.compile(rf"(?<![\w.-]){alternation(self.types)}\s?-?{_LIST}")

    @cached_property
    def _walk(self) -> Walk:
        lower = frozenset(self.kinds)
        return Walk(_CONNECTORS, frozenset(self.stops), frozenset(self.barriers), most=7, lower=lower)

    def find(self, doc: Doc) -> Iterator[Match]:
        """Case numbers in the text."""
        text = doc.text
        for found in _NUMBERED.finditer(text):
            if not _ENDS_YEAR.search(found.group()):
                continue
            start = walk_left(text, found.start(), self._walk)
            if start == found.start() or text[start : found.start()].casefold().startswith(self.foreign):
                continue
            yield rule_match(text, start, found.end(), "CASE_NUMBER", "kind of proceedings, No., year")
        for rule, pattern in (
            ("short kind of proceedings, year", self._short),
            ("docket", _DOCKET),
            ("docket", _AMERICAN),
        ):
            for found in pattern.finditer(text):
                yield rule_match(text, found.start(), found.end(), "CASE_NUMBER", rule)
