"""Captions of judgments, and case numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc

from hybrid_ner.domains.legal.base import (
    NAME,
    LegalPatterns,
    LegalSource,
    Walk,
    alternation,
    rule_match,
    walk_left,
)
from hybrid_ner.domains.legal.names import NameSource
from hybrid_ner.matching.match import Match
from hybrid_ner.text.prefilter import WordPattern

_RE = LegalPatterns(__file__)

_HEAD = 9000


_BESIDE, _LINE = 110, 160
"""Characters of a line beside a lawyer's name that may tell one: a paragraph of a judgment is one line."""


def _american(text: str) -> Iterator[Match]:
    """Parties of a heading ``ADA STONE, Plaintiff, v. HARBOR MILLS, LLC and JOHN DOE, Defendants.``"""
    for found in _RE.words.HEADED.finditer(text):
        if ".." in found.group() or "…" in found.group():
            continue  # Indian: a line a party, its role behind dots
        for side, label in (("left", "PETITIONER"), ("right", "RESPONDENT")):
            begin, end = found.span(side)
            cuts = [(m.start(), m.end()) for m in _RE.SIDE_BY_SIDE.finditer(text, begin, end)]
            for low, high in zip((begin, *(b for _, b in cuts)), (*(a for a, _ in cuts), end), strict=True):
                more = _RE.DESCRIBED.search(text, low, high)
                name = text[low : more.start() if more else high].rstrip(" ,")
                if name[:1].isupper() and len(name) > 2:
                    yield rule_match(text, low, low + len(name), label, "heading with v.")


@dataclass(frozen=True)
class Captions(NameSource):
    """Parties and lawyers by layout.

    Args:
        offices: First words, folded, of offices that are parties.
        stops: Folded beginnings of lines that name no party.
    """

    offices: tuple[str, ...]
    stops: tuple[str, ...]

    @cached_property
    def _titled(self) -> re.Pattern[str]:
        return re.compile(
            r"(?<!\w)(?:Mr|Mrs|Ms|Miss|Shri|Sri|Smt|Sh|Dr|Kum|Adv|SRI|SMT|MR|Mr\.\s?Senior\s{1,40}Advocate"
            r"|Advs)\b\s{0,2}[.:]?\s{0,3}"
            rf"(?:(?:Sri|Smt|Shri|Dr|Mr|SRI)\b\.?\s{{0,2}})?(?P<name>{NAME})"
        )

    def find(self, doc: Doc) -> Iterator[Match]:
        """Parties and lawyers in the caption, when the document has one."""
        text = doc.text[:_HEAD]
        yield from _american(text)
        if text.count("\n") < 3 or not _RE.CAPTION.search(text):
            return
        parties = list(self._parties(text))
        yield from parties
        yield from self._lawyers(text, parties)

    def _parties(self, text: str) -> Iterator[Match]:
        for found in _RE.LABELED.finditer(text):
            side = "RESPONDENT" if found["side"][0] in "Rr" else "PETITIONER"
            yield from self._party(text, *found.span("name"), side, "labeled line")
        for line in _RE.ONE_LINE.finditer(text):
            yield from self._party(text, *line.span("left"), "PETITIONER", "line with Versus")
            yield from self._party(text, *line.span("right"), "RESPONDENT", "line with Versus")
        for versus in _RE.VERSUS.finditer(text):
            yield from self._block(text, _start(text, versus.start()), versus.start(), "PETITIONER")
            yield from self._block(text, versus.end(), _end(text, versus.end()), "RESPONDENT")

    def _block(self, text: str, start: int, end: int, label: str) -> Iterator[Match]:
        numbers = list(_RE.NUMBER.finditer(text, start, end))
        limits = [*(m.start() for m in numbers), end]
        entries = [(m.end(), limit) for m, limit in zip(numbers, limits[1:], strict=True)]
        if not numbers or (label == "RESPONDENT" and text[start : limits[0]].strip()):
            entries.insert(0, (start, limits[0]))
        for begin, limit in entries:
            while begin < limit and text[begin].isspace():
                begin += 1
            line = text.find("\n", begin, limit)
            stop = line if line >= 0 else limit
            if self._is_office(text, begin, stop):
                stop = _RE.ADDRESSED.match(text, begin, limit).end()  # type: ignore[union-attr]
            yield from self._party(text, begin, stop, label, "line beside Versus")

    def _is_office(self, text: str, start: int, end: int) -> bool:
        while lead := _RE.LEAD.match(text, start, end):
            start = lead.end()
        return text[start:end].split(" ")[0].strip(".,").casefold() in self.offices

    def _party(self, text: str, start: int, end: int, label: str, rule: str) -> Iterator[Match]:
        while lead := _RE.LEAD.match(text, start, end):
            start = lead.end()
        office = self._is_office(text, start, end)
        cut = (_RE.OFFICE_CUT if office else _RE.CUT).search(text, start, end)
        end = cut.start() if cut else end
        comma = text.find(",", start, end)
        if comma > start and not office and not re.match(r",\s{0,40}(?:Inc|Ltd|LLC)", text[comma:end]):
            end = comma
        while end > start and (text[end - 1].isspace() or text[end - 1] in ".,-:;*=_"):
            end -= 1
        surface = text[start:end]
        if text[end : end + 1] == "." and re.search(r"\b(?:Ltd|Co|Corpn|Inc)$|\.[A-Z]$", surface):
            end += 1
        if surface.casefold().startswith(self.stops):
            return
        if len(surface) > 2 and surface[0].isupper() and not _RE.ROLE.fullmatch(surface):
            yield rule_match(text, start, end, label, rule)

    def _lawyers(self, text: str, parties: list[Match]) -> Iterator[Match]:
        taken = {m.start for m in parties}
        for found in self._titled.finditer(text):
            span = self.person(text, *found.span("name"))
            if (
                span is None
                or span[0] in taken
                or re.search(r"(?i)justice\W*$", text[max(0, span[0] - 14) : span[0]])
            ):
                continue
            line = text.rfind("\n", 0, found.start()) + 1
            after = text.find("\n", span[1])
            low, high = max(line, span[0] - _BESIDE), span[1] + _BESIDE
            around = text[low : min(after, high) if after >= 0 else high]
            previous = text[max(0, line - 120) : line] if len(text[line:after]) < _LINE else ""
            if _RE.COUNSEL.search(around) or _RE.COUNSEL.search(previous) or found.group().startswith("Adv"):
                yield rule_match(text, *span, "LAWYER", "counsel in the caption")


def _start(text: str, versus: int) -> int:
    """Start of the block above "Versus": below the last line that belongs to something else."""
    start = versus
    for _ in range(150):
        previous = text.rfind("\n", 0, max(0, start - 1)) + 1
        line = text[previous:start].strip()
        if line and _RE.ABOVE.search(line) and not _RE.ROLE_LINE.search(line):
            break
        if _RE.HEADING.match(line) and not _RE.ADDRESS.search(line):
            break
        start = previous
        if start == 0:
            break
    return start


def _end(text: str, versus: int) -> int:
    """End of the block below "Versus"."""
    end = versus
    for _ in range(200):
        following = text.find("\n", end)
        line = text[end : following if following >= 0 else len(text)].strip()
        if line and _RE.BELOW.match(line):
            return end
        if following < 0:
            return len(text)
        end = following + 1
    return end


_CONNECTORS = frozenset({"of", "and", "&", "under", "for", "from"})


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
    def _short(self) -> WordPattern:
        return WordPattern(rf"(?<![\w.-]){alternation(self.types)}\s?-?{_RE.source('LIST')}")

    @cached_property
    def _walk(self) -> Walk:
        lower = frozenset(self.kinds)
        return Walk(_CONNECTORS, frozenset(self.stops), frozenset(self.barriers), most=7, lower=lower)

    def find(self, doc: Doc) -> Iterator[Match]:
        """Case numbers in the text."""
        text = doc.text
        for found in _RE.words.NUMBERED.finditer(text):
            if not _RE.ENDS_YEAR.search(found.group()):
                continue
            start = walk_left(text, found.start(), self._walk)
            line = text[start : found.start()].rpartition("\n")[2]
            indented, line = line[:1].isspace(), line.lstrip()
            if line and (indented or " " in line.strip()):  # "S. K. SHETTY\nWRIT PETITION NO. 5 OF 2021"
                start = found.start() - len(line)
            if start == found.start() or text[start : found.start()].casefold().startswith(self.foreign):
                continue
            yield rule_match(text, start, found.end(), "CASE_NUMBER", "kind of proceedings, No., year")
        for pattern, rule in (
            (self._short, "short kind of proceedings, year"),
            *_RE.rules_of("case_numbers"),
        ):
            for found in pattern.finditer(text):
                yield rule_match(text, found.start(), found.end(), "CASE_NUMBER", rule)
