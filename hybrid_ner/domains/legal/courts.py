"""Who is at court: courts, judges, parties, witnesses; captions of judgments with their lawyers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from spacy.tokens import Doc

from hybrid_ner.domains.legal.base import LegalPatterns, LegalSource, each_match, walk_by, walk_left
from hybrid_ner.domains.legal.names import NameSource
from hybrid_ner.domains.registry import Match, WordPattern, past, read_matches, rule_match, set_of

_RE = LegalPatterns(__file__)


@dataclass(frozen=True)
class Courts(LegalSource):
    """Particular courts.

    Args:
        officers: Judicial officers that stand for their court when a place follows.
        modifiers: Words that may stand in front of an officer.
        barriers: Capitalized words, folded, that the name starts after ("Bench of the Madras High Court").
    """

    heads: tuple[str, ...]
    stops: tuple[str, ...]
    generic: tuple[str, ...]
    officers: tuple[str, ...]
    modifiers: tuple[str, ...]
    barriers: tuple[str, ...]

    _head = _RE.own("HEAD", WordPattern)
    _officer = _RE.own("OFFICER", WordPattern)
    _walk = walk_by("of", "and", "&", "for", "the", parentheses=False, most=9)
    _generic = set_of("generic")

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        yield from each_match(text, ((_RE.words.FIXED, "highest court"),), "COURT")
        officer = self._officer, "judicial officer with a place"
        yield from each_match(text, (*_RE.rules_of("courts"), officer), "COURT")
        yield from self._named(text)

    def _named(self, text: str) -> Iterator[Match]:
        for found in self._head.finditer(text):
            start = walk_left(text, found.start(), self._walk)
            start = past(_RE.SIGNED, text, start, found.start())
            name = " ".join(text[start : found.end()].split()).casefold()
            if name in self._generic or (start == found.start() and " " not in name):
                continue
            if _RE.HOUSE.search(text, max(0, start - 7), start):
                continue
            yield rule_match(text, start, found.end(), "COURT", f"… {found.group()}")
            tail = _RE.TAIL.match(text, found.end())
            if tail:
                yield rule_match(text, start, tail.end(), "COURT", f"… {found.group()}, place")


@dataclass(frozen=True)
class Judges(NameSource):
    """Names with a judge's title."""

    _titled = _RE.own("TITLED", WordPattern)

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        for pattern, rule in ((self._titled, "Justice …"), *_RE.rules_of("judges")):
            yield from self.people(text, pattern, "JUDGE", rule)
        for found in _RE.words.PEER.finditer(text):
            if span := self.person(text, *found.span(found.lastgroup or 0)):
                yield rule_match(text, *span, "JUDGE", "Lord … said")
        for found in (*_RE.near("SEVERAL").finditer(text), *_RE.near("SEVERAL_JUDGES").finditer(text)):
            for part in _RE.SPLIT.finditer(text, *found.span("names")):
                span = self.person(text, *part.span())
                if span:
                    yield rule_match(text, *span, "JUDGE", "… and …, JJ.")


@dataclass(frozen=True)
class Parties(NameSource):
    """Names beside the word for a side of the case."""

    _petitioner, _respondent = (
        _RE.own("PETITIONER_NAMED", WordPattern),
        _RE.own("RESPONDENT_NAMED", WordPattern),
    )

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        firms = {m.start: m.end for m in read_matches(doc, "legal_companies")}
        for label, after in (("PETITIONER", self._petitioner), ("RESPONDENT", self._respondent)):
            rule = f"{label.casefold()} …"
            for match in self.listed(text, after, label, rule):
                end = firms.get(match.start, match.end)  # "Defendant Harbor Transit Services, LLC"
                yield rule_match(text, match.start, end, label, rule) if end > match.end else match
            for found in _RE.near(f"NAMED_{label}").finditer(text):
                # "With respect to Harbor, plaintiffs filed": one name is not several parties
                if found["plural"] and not _RE.AND_BEFORE.search(
                    text, max(0, found.start() - 10), found.start()
                ):
                    continue
                if span := self.person(text, *found.span("name")):
                    yield rule_match(text, *span, label, f"… ({label.casefold()})")


@dataclass(frozen=True)
class Witnesses(NameSource):
    """Names beside a witness number."""

    _after = _RE.own("NUMBERED_WITNESS", WordPattern)

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        for rule, pattern in (("PW number …", self._after), ("… PW number", _RE.near("BEFORE"))):
            yield from self.people(text, pattern, "WITNESS", rule)
        yield from self.listed(text, _RE.words.WITNESS, "WITNESS", "witness …")


_CAPTIONS = LegalPatterns(Path(__file__).with_name("captions"))

_HEAD = 9000


_BESIDE, _LINE = 110, 160
"""Characters of a line beside a lawyer's name that may tell one: a paragraph of a judgment is one line."""


def _american(text: str) -> Iterator[Match]:
    """Parties of a heading ``ADA STONE, Plaintiff, v. HARBOR MILLS, LLC and JOHN DOE, Defendants.``"""
    for found in _CAPTIONS.words.HEADED.finditer(text):
        if ".." in found.group() or "…" in found.group():
            continue  # Indian: a line a party, its role behind dots
        for side, label in (("left", "PETITIONER"), ("right", "RESPONDENT")):
            begin, end = found.span(side)
            cuts = [(m.start(), m.end()) for m in _CAPTIONS.SIDE_BY_SIDE.finditer(text, begin, end)]
            for low, high in zip((begin, *(b for _, b in cuts)), (*(a for a, _ in cuts), end), strict=True):
                more = _CAPTIONS.DESCRIBED.search(text, low, high)
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

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text[:_HEAD]
        yield from _american(text)
        if text.count("\n") < 3 or not _CAPTIONS.CAPTION.search(text):
            return
        parties = list(self._parties(text))
        yield from parties
        yield from self._lawyers(text, parties)

    def _parties(self, text: str) -> Iterator[Match]:
        for found in _CAPTIONS.LABELED.finditer(text):
            side = "RESPONDENT" if found["side"][0] in "Rr" else "PETITIONER"
            yield from self._party(text, *found.span("name"), side, "labeled line")
        for line in _CAPTIONS.ONE_LINE.finditer(text):
            yield from self._party(text, *line.span("left"), "PETITIONER", "line with Versus")
            yield from self._party(text, *line.span("right"), "RESPONDENT", "line with Versus")
        for versus in _CAPTIONS.VERSUS.finditer(text):
            yield from self._block(text, _start(text, versus.start()), versus.start(), "PETITIONER")
            yield from self._block(text, versus.end(), _end(text, versus.end()), "RESPONDENT")

    def _block(self, text: str, start: int, end: int, label: str) -> Iterator[Match]:
        numbers = list(_CAPTIONS.NUMBER.finditer(text, start, end))
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
                stop = _CAPTIONS.ADDRESSED.match(text, begin, limit).end()  # type: ignore[union-attr]
            yield from self._party(text, begin, stop, label, "line beside Versus")

    def _is_office(self, text: str, start: int, end: int) -> bool:
        while lead := _CAPTIONS.LEAD.match(text, start, end):
            start = lead.end()
        return text[start:end].split(" ")[0].strip(".,").casefold() in self.offices

    def _party(self, text: str, start: int, end: int, label: str, rule: str) -> Iterator[Match]:
        while lead := _CAPTIONS.LEAD.match(text, start, end):
            start = lead.end()
        office = self._is_office(text, start, end)
        cut = (_CAPTIONS.OFFICE_CUT if office else _CAPTIONS.CUT).search(text, start, end)
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
        if len(surface) > 2 and surface[0].isupper() and not _CAPTIONS.ROLE.fullmatch(surface):
            yield rule_match(text, start, end, label, rule)

    def _lawyers(self, text: str, parties: list[Match]) -> Iterator[Match]:
        taken = {m.start for m in parties}
        for found in _CAPTIONS.TITLED.finditer(text):
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
            if (
                _CAPTIONS.COUNSEL.search(around)
                or _CAPTIONS.COUNSEL.search(previous)
                or found.group().startswith("Adv")
            ):
                yield rule_match(text, *span, "LAWYER", "counsel in the caption")


def _start(text: str, versus: int) -> int:
    """Start of the block above "Versus": below the last line that belongs to something else."""
    start = versus
    for _ in range(150):
        previous = text.rfind("\n", 0, max(0, start - 1)) + 1
        line = text[previous:start].strip()
        if line and _CAPTIONS.ABOVE.search(line) and not _CAPTIONS.ROLE_LINE.search(line):
            break
        if _CAPTIONS.HEADING.match(line) and not _CAPTIONS.ADDRESS.search(line):
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
        if line and _CAPTIONS.BELOW.match(line):
            return end
        if following < 0:
            return len(text)
        end = following + 1
    return end
