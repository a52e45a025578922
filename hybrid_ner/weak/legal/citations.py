"""Law report citations: ``AIR 1979 SC 135``, ``(2013) 10 SCC 421``, ``410 U.S. 113 (1973)``.

The shape is found first, then the name of the report is looked up, so that thousands of reports cost nothing.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

__all__ = ["find_citations", "reporter_key"]

_YEAR = r"(?:1[789]|20)\d\d"
_OPEN, _CLOSE = r"(?:[(\[]\s?)?", r"(?:\s?[)\]])?"
_WORD = r"[A-Z][A-Za-z0-9.&'’]{0,40}"
_NAME = rf"{_WORD}(?:\s?\([A-Z][\w.&\s]{{0,14}}\)|\s{{1,3}}{_WORD}|\s?&\s?{_WORD}){{0,4}}?"
_VOLUME = (
    r"(?:[(\[]?\s?(?:[Ss]upp[l.]*\s{0,40})?(?:\(?\d{1,3}\)?|[IVX]{1,5})\s?[)\]]?|[(\[]?[Ss]upp[l.]*[)\]]?)"
)
_PAGE = r"(?:_{2,6}|(?:[Pp]age\s{1,40}|[Pp]\.\s?|[Pp]g\.?\s?)?\d{1,5}(?:(?:-|,\s)\d{1,5}(?![\w(]))?)"
_PLACE = r"(?:\s?\([A-Z][\w.]{0,9}(?:\s[A-Z]{1,3})?\))?"
_PLAIN = (
    re.compile(
        rf"(?:\([A-Z]\)\s)?(?P<name>AIR|A\.\s?I\.\s?R\.?|AlR|ILR|I\.\s?L\.\s?R\.?|JT|J\.T\.|L\.?\s?R\.?"
        rf"|MANU|PLR)[\s,]{{0,40}}"
        rf"{_OPEN}(?:{_YEAR}|\d{{1,3}}){_CLOSE}[\s,]{{0,40}}(?:{_VOLUME}[\s,]{{0,40}})?"
        rf"(?:{_NAME})[\s,.]{{0,40}}{_PAGE}{_PLACE}"
    ),
    re.compile(
        rf"(?:\[{_YEAR}\]|\b{_YEAR})\s(?P<name>UK(?:SC|HL|PC|UT|FTT|EAT)|EW(?:CA\s(?:Civ|Crim)|HC|FC|COP)|CS[OI]H|NI(?:CA|QB|KB)"
        r"|INSC|IEHC|IESC|NZSC|NZCA|HCA|SGCA|SGHC|ZASCA)\s\d{1,5}(?:\s\([A-Z][A-Za-z]{0,9}\))?"
    ),
)
"""Whose report is named in the shape itself, neutral citations among them."""
_SHAPES = (
    re.compile(
        rf"(?:\b(?:\d{{1,3}}|[IVX]{{1,5}})\s(?=[(\[]))?{_OPEN}{_YEAR}{_CLOSE}[\s,]{{0,40}}"
        rf"(?:{_VOLUME}[\s,]{{0,40}})??(?P<name>{_NAME})[\s,.]{{0,40}}{_PAGE}{_PLACE}"
    ),
    re.compile(
        rf"\b\d{{1,4}}\s{{1,3}}(?P<name>{_NAME})\s{{0,3}}{_PAGE}(?:\s\([^()\n]{{0,30}}\d{{4}}\))?{_PLACE}"
    ),
)
"""Whose report is looked up."""


def reporter_key(name: str) -> str:
    """A reporter's name without dots, spaces, parentheses and case."""
    return re.sub(r"[\s.,'’]|\([^)]*\)", "", name).casefold()


def find_citations(text: str, reporters: Container[str]) -> Iterator[tuple[int, int]]:
    """Character spans of citations whose report is known; they may overlap.

    Args:
        text: Any text.
        reporters: Keys (``reporter_key``) of law reports.
    """
    for shape in (*_PLAIN, *_SHAPES):
        for found in shape.finditer(text):
            if shape in _PLAIN or reporter_key(found["name"]) in reporters:
                start, end = found.start(), _balanced(text, *found.span())
                wrapped = (
                    text[start] == "(" and text[end - 1] == ")" and ")" not in text[start + 1 : start + 6]
                )
                yield (start + 1, end - 1) if wrapped else (start, end)


def _balanced(text: str, start: int, end: int) -> int:
    """``end``, moved past the closing brackets that the citation opened."""
    for opening, closing in ("()", "[]"):
        if (
            text.count(opening, start, end) > text.count(closing, start, end)
            and text[end : end + 1] == closing
        ):
            end += 1
    return end
