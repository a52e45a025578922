"""Places and dates, and what is called after places: nationalities, time zones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from spacy.tokens import Doc

from hybrid_ner.domains.legal.base import GAZETTEER, LegalSource, is_kind, rule_match
from hybrid_ner.matching.match import Match
from hybrid_ner.sources import VETO, read_matches
from hybrid_ner.text.prefilter import WordPattern

_TOWN = r"[A-Z][a-z]{2,40}(?:\s[A-Z][a-z]{2,40})?"
_RULES = (
    (
        "district, village or taluk of",
        rf"\b(?:[Dd]istricts?|[Dd]istt?\.?|[Vv]illage|[Tt]aluka?|[Tt]ehsil|[Tt]ahsil|[Mm]andal"
        rf"|[Tt]own(?=\sof))\s{{0,40}}[:-]?\s(?:of\s)?(?P<name>{_TOWN})",
    ),
    (
        "… district, village or taluk",
        rf"\b(?!(?:North|South|East|West)ern\b|Middle\b|Central\b)(?P<name>{_TOWN})\s(?:[Dd]istrict|[Vv]illage|[Tt]aluka?|[Tt]ehsil|[Tt]ahsil)\b",
    ),
    (
        "resident of",
        r"\b(?:R/[Oo]\.?|r/o\.?|resident\s{1,40}of|residing\s{1,40}at"
        r"|inhabitant\s{1,40}of)\s(?P<name>[A-Z][a-z]{2,40})(?=[\s,.;])",
    ),
    (
        # "at Devanpalli": what towns and villages of India end in
        "Indian place by its ending",
        r"(?P<name>[A-Z](?:(?<=\bat\s.)|(?<=\b(?:in|of|to)\s.)|(?<=\b(?:near|from)\s.))[a-z]{2,12}"
        r"(?:pur|nagar|abad|palli|palle|garh|ganj|wadi|puram|halli|gaon|patnam|peta|pet|gudem|guda|khurd|pura"
        r"|pore|pudi|kunta|kunte|tala|kulam|cherry))(?=[\s,.;)])",
    ),
    (
        # "District Educational Officer, Wandoor,": the seat of an office
        "office, place",
        r"\b(?:Tahsildar|Collector|Officer|Magistrate|Inspector|Superintendent|Registrar|Commissioner|Engineer|Munsif)"
        r",\s(?P<name>[A-Z][a-z]{2,20})(?=[,.;)]|\s(?:and|has|had|was|in|on|dated|who|to)\b)",
    ),
    (
        # "418 Willow Street", "200 SW 1st Ave": the number of a house leaves no doubt
        "house and street",
        r"\b\d{1,5}[A-Z]?\s(?P<street>(?:(?:North|South|East|West|[NS]\.?[EW]?\.?|[EW]\.?)\s)?(?:[A-Z][\w’'.]{0,20}\s"
        r"|\d{1,3}(?:st|nd|rd|th)\s){1,3}(?:Street|Avenue|Ave\.?|Road|Rd\.?|Drive|Boulevard|Blvd\.?|Lane|Parkway"
        r"|Place|Terrace|Crescent|Highway|Way))(?![\w-])",
    ),
    (
        "street address",
        r"(?P<name>(?:(?:North|South|East|West|N\.|S\.|E\.|W\.)\s)?[A-Z]\w{1,40}(?:\s[A-Z]\w{1,40})?\s"
        r"(?:Drive"
        r"|Avenue|Ave\.?|Parkway|Boulevard|Blvd\.?))\b",
    ),
    (
        # "450 Fifth Street, N.W.": the quarter of a town
        "quarter behind a street",
        r"(?:Street|Avenue|St\.|Ave\.|Road|Blvd\.|Boulevard),?\s(?P<name>N\.?[EW]\.?|S\.?[EW]\.?)(?![\w.])",
    ),
    (
        "numbered street",
        r"\b\d{2,5}\s(?P<name>(?:(?:North|South|East|West|N\.|S\.|E\.|W\.)\s)?[A-Z][\w.]{0,40}"
        r"(?:\s[A-Z]\w{1,40})?\sSt\.)",
    ),
)
_PATTERNS = tuple((rule, WordPattern(pattern)) for rule, pattern in _RULES)
_STATE = re.compile(r"State\s{1,3}of\s{1,3}")
_WITHIN = re.compile(
    r"\b(?:in|within|outside|throughout|former|erstwhile|new|neighbouring)\s{1,3}(?:the\s{1,3})?$"
)
"""The territory is meant, not its government."""
_SHORT = re.compile(r"[A-Z][A-Z]|(?:[A-Z]\.\s?){2}|[A-Z][a-z]{1,4}\.")
_COUNTRY = "place.us:united-states-of-america"
_NEXT = re.compile(r"[ \xa0]{1,3}(?P<word>[A-Z&][\w'’-]*)")
_PREVIOUS = re.compile(r"(?P<word>[A-Z][\w.'’-]{0,40}|[/&-])[ \xa0]{0,3}$")


@dataclass(frozen=True)
class Places(LegalSource):
    """Places by what stands beside them.

    Args:
        guard: Words that are no place.
        offices: Words beside "District" that belong to an office.
    """

    guard: tuple[str, ...]
    offices: tuple[str, ...]

    @cached_property
    def _guard(self) -> frozenset[str]:
        return frozenset(word.casefold() for word in self.guard)

    def find(self, doc: Doc) -> Iterator[Match]:
        """Places in the text."""
        text = doc.text
        for rule, pattern in _PATTERNS:
            for found in pattern.finditer(text):
                name = found.lastgroup or 0
                words = found[name].split()
                known = words[0].casefold() in self._guard or any(word in self.offices for word in words)
                if name == "street" or not known:
                    yield rule_match(text, *found.span(name), "GPE", rule, 0.8)
        for match in read_matches(doc, GAZETTEER):
            state = _STATE.match(text, match.start, match.end)
            if (
                state
                and match.label == "GOVERNMENT"
                and _WITHIN.search(text, max(0, match.start - 24), match.start)
            ):
                yield rule_match(text, match.start, match.end, VETO, "in the State of")
                yield rule_match(text, state.end(), match.end, "GPE", "in the State of", 0.8)


def _is_loose_state(text: str, place: Match) -> bool:
    """Whether ``RI``, ``S.C.`` or ``Or.`` stands without a city: it then means something else."""
    if not _SHORT.fullmatch(text, place.start, place.end):
        return False
    states = (i for i in place.concept_ids if i.startswith("place.us:") and i != _COUNTRY)
    return any(states) and not text[max(0, place.start - 3) : place.start].rstrip().endswith(",")


def _is_heading(word: str, place: str) -> bool:
    """Whether a word beside a place belongs to a heading: ``COMMISSION Washington, D.C. FORM 10-Q``."""
    return len(word) > 3 and word.isupper() and not place.isupper()


@dataclass(frozen=True)
class PlaceGuard(LegalSource):
    """Votes against gazetteer names that go on in capitalized words ("Bangalore Water Supply Board").

    Args:
        reads: Span groups of other sources: a place that one of them also voted for, with any label, stays.
        after: Folded words that may follow a place.
        before: Folded words that may precede a place.
    """

    reads: tuple[str, ...]
    after: tuple[str, ...]
    before: tuple[str, ...]

    def find(self, doc: Doc) -> Iterator[Match]:
        """Votes against places that are part of a longer name."""
        text = doc.text
        others = {(m.start, m.end) for name in self.reads for m in read_matches(doc, name)}
        places = [m for m in read_matches(doc, GAZETTEER) if m.label in ("GPE", "ORG")]
        starts, ends = {m.start for m in places}, {m.end for m in places}
        for place in places:
            free = place.label == "ORG" or (place.start, place.end) not in others
            if free and self._inside_a_name(text, place, starts, ends):
                yield rule_match(text, place.start, place.end, VETO, "place inside a longer name")
            elif free and _is_loose_state(text, place):
                yield rule_match(
                    text, place.start, place.end, VETO, "no city before the short form of a state"
                )

    def _inside_a_name(self, text: str, place: Match, starts: set[int], ends: set[int]) -> bool:
        following = _NEXT.match(text, place.end)
        if is_kind(text, place.start, place.end):
            return False
        if (
            following
            and following.start("word") not in starts
            and following["word"].casefold() not in self.after
            and not _is_heading(following["word"], text[place.start : place.end])
        ):
            return True
        if place.label == "ORG":
            return False
        previous = _PREVIOUS.search(text, max(0, place.start - 24), place.start)
        if previous is None or previous.end("word") in ends:
            return False
        if _is_heading(previous["word"], text[place.start : place.end]):
            return False
        word = previous["word"].casefold().rstrip(".")
        first = previous.start() == 0 or text[: previous.start()].rstrip()[-1:] in ".:;?!\n("
        return word not in self.before and not (first and word.isalpha())


_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|"
    r"Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_YEAR = r"(?:1[6-9]|20)\d\d\b"
_DAY = r"(?:[0-2]?\d|3[01])"
_ORDINAL = rf"{_DAY}\s?(?:st|nd|rd|th)?"
_DATE_RULES = (
    (
        "day month year",
        rf"\b{_ORDINAL}\s{{0,40}}(?:day\s{{1,40}})?"
        rf"(?:of\s{{1,40}})?[-,]?\s{{0,40}}{_MONTH}\s{{0,40}}[-,]?\s{{0,40}}(?:of\s{{1,40}})?{_YEAR}",
    ),
    ("month day year", rf"\b{_MONTH}\s{{0,40}}{_DAY}(?:st|nd|rd|th)?\b\s{{0,40}},?\s{{0,40}}{_YEAR}"),
    ("numeric", rf"(?<![\d./-]){_DAY}\s?([./-])\s?(?:0?\d|1[0-2])\s?\1\s?(?:{_YEAR}|\d\d\b)(?![./-]?\d)"),
    (
        "numeric, month first",
        rf"(?<![\d./-])(?:0?[1-9]|1[0-2])/(?:1[3-9]|2\d|3[01])/(?:{_YEAR}|\d\d\b)(?![./-]?\d)",
    ),
    ("numeric", r"(?<![\d./-])(?:1[6-9]|20)\d\d([./-])(?:0\d|1[0-2])\1(?:[0-2]\d|3[01])(?![./-]?\d)"),
)
_DATE_PATTERNS = tuple((rule, WordPattern(pattern, re.IGNORECASE)) for rule, pattern in _DATE_RULES)


@dataclass(frozen=True)
class Dates(LegalSource):
    """Dates that name a day."""

    def find(self, doc: Doc) -> Iterator[Match]:
        """Dates in the text."""
        text = doc.text
        for rule, pattern in _DATE_PATTERNS:
            for found in pattern.finditer(text):
                yield rule_match(text, found.start(), found.end(), "DATE", f"date, {rule}")


_PEOPLES = (
    "American|African|Asian|European|North American|South American|Latin American|Central American|Argentine"
    "|Argentinian|Australian|Austrian|Belgian|Brazilian|British|Bulgarian|Canadian|Chilean|Chinese|Colombian"
    "|Croatian|Cuban|Czech|Danish|Dutch|Egyptian|Estonian|Finnish|French|German|Ghanaian|Greek|Hungarian"
    "|Icelandic|Indian|Indonesian|Iranian|Iraqi|Irish|Israeli|Italian|Japanese|Kenyan|Korean|Latvian"
    "|Lithuanian|Malaysian|Mexican|Nigerian|Norwegian|Pakistani|Peruvian|Philippine|Polish|Portuguese"
    "|Romanian|Russian|Scandinavian|Scottish|Serbian|Singaporean|Slovak|Spanish|Swedish|Swiss|Taiwanese|Thai"
    "|Turkish|Ukrainian|Venezuelan|Vietnamese|Welsh"
)
_OTHER_NAMES = (
    # "Japanese law", not "American Express", "Swiss Re", "Indian Penal Code"
    ("nationality", WordPattern(rf"(?<![\w.-])(?:{_PEOPLES})(?![\w-]|['’]s|\s(?!Persons?\b)[A-Z&])")),
    # "non-U.S. holders", "non-GAAP measures", "non-European"
    ("non-…", WordPattern(rf"\b[Nn]on-(?:U\.\s?S\.|[A-Z]{{2,6}}s?|{_PEOPLES})(?![\w-])")),
    (
        # "5:00 p.m., Eastern Standard Time", "New York City time"
        "time zone",
        WordPattern(
            r"(?:\b(?=[A-Z])|(?:(?<=[mM]\.,\s)|(?<=[mM]\.\s)|(?<=\d\s)|(?<=[mM]\s)|(?<=[mM],\s)|(?<=noon,\s)))"
            r"(?:[Ee]astern|EASTERN|[Cc]entral(?:\sEuropean)?|CENTRAL|[Mm]ountain|MOUNTAIN|[Pp]acific|PACIFIC"
            r"|[Aa]tlantic|New\sYork(?:\sCity)?|London|Tokyo|Greenwich\s[Mm]ean)"
            r"(?:\s(?:[Dd]aylight|[Ss]tandard|[Ss]avings?|DAYLIGHT|STANDARD)){0,2}\s(?:[Tt]ime|TIME)\b"
        ),
    ),
    (
        # "FDA-approved", "U.S.-based", "Nasdaq-listed"
        "body or place as an adjective",
        WordPattern(
            r"(?<![\w-])(?:[A-Z]{2,6})-(?:approved|assisted|backed|based|cleared|compliant"
            r"|denominated|domiciled|insured|issued|listed|quoted|ranked|registered|regulated|required|sponsored|traded)\b"
        ),
    ),
    ("device by its name", WordPattern(r"\bi(?:Phone|Pad|Pod|Tunes|Ad|Cloud|Mac|OS)s?(?:\sStore)?(?![\w-])")),
    ("the Internet", WordPattern(r"\b(?:Internet|INTERNET|World\sWide\sWeb)(?![\w-]|\s[A-Z](?!ddress))")),
)


@dataclass(frozen=True)
class OtherNames(LegalSource):
    """Names that are nobody's and no place's: nationalities, time zones, the Internet."""

    outranks: ClassVar[bool] = True

    def find(self, doc: Doc) -> Iterator[Match]:
        """Such names in the text."""
        text = doc.text
        for rule, pattern in _OTHER_NAMES:
            for found in pattern.finditer(text):
                yield rule_match(text, found.start(), found.end(), "OTHER_NAME", rule, 0.8)
