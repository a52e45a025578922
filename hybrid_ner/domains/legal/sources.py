"""The legal labeling sources in order of trust, and those that go by what the others found in the document.

``Epicor`` after ``Epicor Software Corporation``, ``the "Harbor Trust"``, ``QRM shall``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from spacy.tokens import Doc

from hybrid_ner.domains.legal import citations
from hybrid_ner.domains.legal.base import GAZETTEER, LegalPatterns, LegalSource
from hybrid_ner.domains.legal.base import rule_words as words
from hybrid_ner.domains.legal.courts import Captions, Courts, Judges, Parties, Witnesses
from hybrid_ner.domains.legal.names import KNOWN_NAME, Dates, OtherNames, Persons, PlaceGuard, Places
from hybrid_ner.domains.legal.organisations import Agencies, Companies, Institutions
from hybrid_ner.domains.registry import (
    VETO,
    GazetteerSource,
    LabelingSource,
    Match,
    read_matches,
    rule_match,
    set_of,
)
from hybrid_ner.terms import Gazetteer
from hybrid_ner.terms.lint import english_words
from hybrid_ner.terms.shipped import load_shipped

_RE = LegalPatterns(__file__)

_PEOPLE = ("JUDGE", "WITNESS", "PETITIONER", "RESPONDENT", "LAWYER", "OTHER_PERSON")


@dataclass(frozen=True)
class Spread(LegalSource):
    """Tags repeated and shortened names.

    Args:
        forms: Legal forms of companies, which a short name leaves out.
        guard: Folded words that are no short name of anything.
        given: English given names, which alone stand for nobody in particular ("Grant", "Mark").
    """

    outranks: ClassVar[bool] = True

    reads: tuple[str, ...]
    forms: tuple[str, ...]
    guard: tuple[str, ...]
    given: tuple[str, ...] = ()

    _given = set_of("given")
    _forms = set_of("forms", each=lambda form: form.strip(".,").casefold())
    _guard = set_of("guard", each=str.casefold)

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        votes: dict[str, Counter[str]] = {}
        alone, titled = set[str](), set[str]()
        weak: set[tuple[int, int]] = set()
        firms = {(m.start, m.end) for m in read_matches(doc, "legal_companies")}
        founders = filter(None, (_RE.FOUNDER.match(text, *firm) for firm in firms))
        named_after = {found["family"]: found for found in founders}
        for name in self.reads:
            for match in read_matches(doc, name):
                if match.label in _PEOPLE and any(
                    found.start() <= match.start < found.end() for found in named_after.values()
                ):
                    continue  # the beginning of a company's name
                told = match.label in _PEOPLE and not _is_weak(match)
                for form in self._short(text[match.start : match.end], match.label):
                    votes.setdefault(form, Counter())[match.label] += 1
                    if match.label == "ORG" and self._only(text[match.start : match.end], form):
                        alone.add(form)
                    if told:
                        titled.add(form)
                if match.label == "OTHER_PERSON" and not told:
                    weak.add((match.start, match.end))
        if not votes:
            return
        taken = {text[m.start : m.end] for m in read_matches(doc, GAZETTEER) if m.label != "ORG"} - alone
        firms_alone = alone - titled
        lower = set(re.findall(r"(?<![\w.@/])[a-z]+(?![\w@/]|\.\w)", text))
        for word in _RE.CAPITALS.finditer(text):
            for span in _prefixes(text, *word.span()):
                form = text[slice(*span)]
                if form in named_after and (initials := _abbreviated(text, *span, named_after[form])):
                    yield rule_match(text, initials, span[1], "ORG", "company named after a person", 0.8)
                elif form in votes and form not in taken and form.casefold() not in lower:
                    label = "ORG" if form in firms_alone else votes[form].most_common(1)[0][0]
                    if label in _PEOPLE and " " not in form:
                        span = _initialed(text, *span)
                    short = " " not in form and (label == "ORG" or label in _PEOPLE)
                    if short and _is_part(text, *span, votes, label):
                        continue
                    if label == "ORG" and span in weak:
                        yield rule_match(text, *span, VETO, "name of a company in the document")
                    yield rule_match(text, *span, label, "named elsewhere in the document", 0.8)

    def _short(self, name: str, label: str) -> Iterator[str]:
        name = " ".join(name.split())
        words = _RE.WORD.findall(name)
        if label in _PEOPLE:
            yield name
            # The first of several, where it is an English given name, says little.
            given = {words[0]} & self._given if len(words) > 1 else set()
            yield from filter(self._telling, {words[0], words[-1]} - given)
        elif label == "ORG":
            written = _RE.CAPS.sub(lambda word: word.group().capitalize(), name) if len(name) > 5 else name
            if name.isupper() and written != name and not written.isupper():  # "HARBOR MILLS INC."
                every = self._short(written, label)
                yield from (form for form in every if " " in form or form.casefold() not in english_words())
            yield name
            kept = name.replace(",", "").split()
            while kept and kept[-1].strip(".,").casefold() in self._forms:
                kept.pop()
                short = " ".join(kept)
                if len(kept) > 1 or (kept and self._telling(kept[0])):
                    yield short
            joined = len(kept) > 1 and kept[1] in ("&", "and")
            if len(kept) > 1 and not joined and self._telling(kept[0]) and len(kept[0]) > 3:
                yield kept[0]
            elif joined and len(kept) > 2:  # "Mason & Data", "Mason and Data" of "Mason & Data Company"
                yield from (f"{kept[0]} {link} {kept[2]}" for link in ("&", "and"))

    def _only(self, name: str, form: str) -> bool:
        """Whether the company's name is ``form`` and a legal form: ``Dover Corporation``."""
        rest = name.removeprefix(form).replace(",", " ").split()
        return bool(rest) and all(word.strip(".").casefold() in self._forms for word in rest)

    def _telling(self, word: str) -> bool:
        return len(word) > 2 and word.casefold() not in self._guard


def _abbreviated(text: str, start: int, end: int, founder: re.Match[str]) -> int | None:
    """Where ``P.B. Stone`` begins, which ends with a family name at ``[start, end)``."""
    first = _initialed(text, start, end)[0]
    letters = text[first:start].replace(".", "").replace(" ", "")
    return first if letters == founder["given"] + founder["middle"] else None


def _is_part(text: str, start: int, end: int, votes: Container[str], label: str) -> bool:
    """Whether the short name of a company or person stands inside another name: ``New Harbor Portfolio``."""
    following = _RE.GOES_ON.match(text, end)
    if label in _PEOPLE:
        return bool(following) and not _RE.ROLE_NEXT.match(text, end)
    if following and not _RE.ROLE_NEXT.match(text, end):
        return True
    before = _RE.NAME_BEFORE.search(text, max(0, start - 20), start)
    if before is None or before.group().strip() in votes:
        return False
    first = text[max(0, before.start() - 2) : before.start()]
    return bool(first.strip()) and first.strip()[-1] not in '.:;?!"“”('


def _is_weak(match: Match) -> bool:
    """Whether a person's name was told by lists alone, without a title or office beside it."""
    return match.evidence is not None and match.evidence.reference == KNOWN_NAME


def _initialed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span with the initials in front of it: ``H. C. Mason``."""
    initials = _RE.INITIALS.search(text, max(0, start - 12), start)
    alone = initials and not _RE.NAME_BEFORE.search(text, max(0, initials.start() - 20), initials.start())
    return (initials.start() if initials and alone else start), end


def _prefixes(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Every run of whole words inside ``[start, end)``."""
    bounds = [m.span() for m in _RE.WORDS.finditer(text[start:end])]
    if "'" in text[start:end] or "’" in text[start:end]:
        possessive = ("'s", "’s")
        bounds = [
            (low, high - 2 * text[start + low : start + high].endswith(possessive)) for low, high in bounds
        ]
    for first, (low, _) in enumerate(bounds):
        for _, high in bounds[first:]:
            if text[start + high - 1] != "&":
                yield start + low, start + high


_LABELS = ("ORG", "STATUTE", "GOVERNMENT", "COURT")


@dataclass(frozen=True)
class Aliases(LegalSource):
    """Short names in parentheses after a name, tagged through the document.

    Args:
        guard: Folded words that define a role rather than a name ("the Company").
    """

    reads: tuple[str, ...]
    guard: tuple[str, ...]

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        known: dict[str, str] = {}
        often = cache(text.count)  # a text may define one name a thousand times
        for name in self.reads:
            for match in read_matches(doc, name):
                if match.label in _LABELS:
                    found = _RE.DEFINITION.match(text, match.end) or _RE.MEANT.search(
                        text, max(0, match.start - 60), match.start
                    )
                    if found and found.re is _RE.MEANT and match.label == "ORG" and _is_plain(found["name"]):
                        continue
                    if found and self._usable(found, text[match.start : match.end], often):
                        known.setdefault(found["name"], match.label)
        if not known:
            return
        pattern = re.compile(
            rf"(?<![\w.-])(?:{'|'.join(re.escape(n) for n in sorted(known, key=len, reverse=True))})(?![\w-])"
        )
        for found in pattern.finditer(text):
            yield rule_match(text, *found.span(), known[found.group()], "defined in the document")

    def _usable(self, found: re.Match[str], full: str, often: Callable[[str], int]) -> bool:
        name = found["name"]
        if name.casefold() in self.guard or not any(map(str.isupper, name)) or not _stands_for(name, full):
            return False
        quoted = bool(found["quote"] and found["end"])
        return quoted or often(name) > 2 or (name.isupper() and often(name) > 1)


def _is_plain(name: str) -> bool:
    """Whether English has every word: ``“Title Company” means Harbor Title Company``."""
    return not name.isupper() and all(word.casefold() in english_words() for word in name.split())


def _stands_for(short: str, full: str) -> bool:
    """Whether the short name is made of words or initials of the full one, or looks like an acronym."""
    words = re.findall(r"[\w&]+", full.casefold())
    if short.isupper() and " " not in short and len(short) < 7:
        return True
    initials = "".join(word[0] for word in words)
    return all(
        any(word.startswith(part) for word in words) or (len(part) > 2 and part in initials)
        for part in re.findall(r"[\w&]+", short.casefold())
    )


_OFTEN, _SHARE = 5, 0.4
"""Mentions, and the share of them that must act: two fifths parted companies from technical terms in the
filings that were read (9 of 9 mentions against 15 below)."""


@dataclass(frozen=True)
class Acting(LegalSource):
    """Names that a document never says in full but that act as companies: ``QRM shall``, ``Velora's board``.

    Args:
        guard: Folded words that define a role rather than a name ("Lender").
    """

    reads: tuple[str, ...]
    guard: tuple[str, ...]

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        places: dict[str, list[tuple[int, int]]] = {}
        for word in _RE.UNKNOWN.finditer(text):
            places.setdefault(word.group(), []).append(word.span())
        often = {word for word, spans in places.items() if len(spans) >= _OFTEN}
        often -= {plural for plural in often if plural[-1] == "s" and plural[:-1] in places}
        names = sorted(filter(self._unknown, often))
        if not names:
            return
        short = set(_RE.DEFINED_LOWER.findall(text))
        known = (match for source in self.reads for match in read_matches(doc, source))
        taken = {at for match in known for at in range(match.start, match.end)}
        for name in names:
            free = [span for span in places[name] if span[0] not in taken]
            acts = sum(
                _RE.ACTS.match(text, end) is not None
                or _RE.ACTED_ON.search(text, max(0, start - 40), start) is not None
                for start, end in free
            )
            if name not in short and len(free) >= _OFTEN and acts >= _SHARE * len(free):
                for start, end in free:
                    yield rule_match(text, start, end, "ORG", "acts as a company", 0.8)

    def _unknown(self, word: str) -> bool:
        folded = word.casefold()
        single = folded if word.isupper() else folded.removesuffix("s")
        return not any(form in known for known in (english_words(), self.guard) for form in (folded, single))


def legal_sources(gazetteer: Gazetteer, switches: Iterable[str] = ()) -> list[LabelingSource]:
    """The gazetteer and every legal rule in order of trust, with the shipped lists; there are no switches."""
    sources = [*_citing(), *_naming(), *_people()]
    names = tuple(source.name for source in sources)
    aliases = Aliases("legal_aliases", (GAZETTEER, *names), words("alias_guard"))
    repeated = (*(name for name in names if name != "legal_captions"), aliases.name)
    forms = (*words("company_forms"), *words("company_weak_forms"))
    guard = (*words("spread_guard"), *words("name_guard"))
    spread = Spread("legal_spread", repeated, forms, guard, words("given_names"))
    names = (*names, aliases.name, spread.name)
    acting = Acting("legal_acting", (GAZETTEER, *names), words("alias_guard"))
    places = PlaceGuard("legal_place_guard", names, *_lists("place_after place_before"))
    return [GazetteerSource(gazetteer, GAZETTEER), *sources, aliases, spread, acting, places]


def _lists(names: str) -> list[tuple[str, ...]]:
    return [*map(words, names.split())]


def _citing() -> list[LegalSource]:
    reports = load_shipped("legal", ("reporters_india", "reporters_us"), parents=False)
    reporters = tuple(sorted({citations.reporter_key(term.text) for term in reports}))
    officers = "court_officers court_officer_modifiers court_barriers"
    stops, barriers = _lists("precedent_stops precedent_barriers")
    case_lists = _lists("case_types case_stops case_barriers case_kinds case_foreign")
    return [
        citations.Forms("legal_forms", words("form_numbers")),  # before: "Schedule 14D-9" is no provision
        citations.Instruments("legal_instruments"),
        citations.Provisions("legal_provisions"),
        citations.Statutes("legal_statutes", *_lists("act_heads act_stops act_generic")),
        Courts("legal_courts", *_lists(f"court_heads court_stops court_generic {officers}")),
        Dates("legal_dates"),
        Captions("legal_captions", *_lists("honorifics name_guard party_offices party_stops")),
        citations.CaseNumbers("legal_case_numbers", *case_lists),
        citations.Precedents("legal_precedents", reporters, stops, barriers, "legal_captions"),
    ]


def _people() -> list[LegalSource]:
    people = _lists("honorifics name_guard")
    return [
        Judges("legal_judges", *people),
        Witnesses("legal_witnesses", *people),
        Parties("legal_parties", *people),
        Persons("legal_persons", *people, *_lists("given_names indian_names")),
    ]


def _naming() -> list[LegalSource]:
    kept = "company_weak_forms company_barriers company_before_of alias_guard"
    institutions = _lists("organization_heads organization_stops organization_generic seated_heads")
    return [
        Companies("legal_companies", *_lists(f"company_forms company_left_stops company_generic {kept}")),
        Agencies("legal_agencies", *_lists("agency_heads organization_stops")),
        Institutions("legal_institutions", *institutions),
        Places("legal_places", *_lists("name_guard district_offices")),
        OtherNames("legal_other_names"),
    ]
