"""Terms in another spelling: plural or singular, British or American, hyphen, space or none.

The variants are made of the words of the text and looked up among the terms, so that the gazetteer
itself does not grow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, ClassVar, NamedTuple

from spacy.tokens import Doc

from hybrid_ner.domains.medical.base import Words, split_words
from hybrid_ner.matching.match import Evidence, Match
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.terms.surfaces import TOLD_FROM, squash, surface_key
from hybrid_ner.text.prefilter import Remembered

_LONGEST = 6
_SHORTEST = 5
_JOINED = frozenset({" ", "-", " -", "- "})
_BRITISH = {
    "aemi": "emi",
    "aesium": "esium",
    "aetio": "etio",
    "aluminium": "aluminum",
    "anaes": "anes",
    "behaviour": "behavior",
    "caec": "cec",
    "colour": "color",
    "faec": "fec",
    "foet": "fet",
    "glycaem": "glycem",
    "gynaec": "gynec",
    "haem": "hem",
    "isation": "ization",
    "ischaem": "ischem",
    "leuco": "leuko",
    "leukaem": "leukem",
    "oea": "ea",
    "oede": "ede",
    "oeso": "eso",
    "oest": "est",
    "orrhoe": "orrhe",
    "orthopaed": "orthoped",
    "paed": "ped",
    "pnoea": "pnea",
    "sulph": "sulf",
    "tumour": "tumor",
}
_BRITISH_PART = re.compile("|".join(sorted(_BRITISH, key=len, reverse=True)))
_BRITISH_SIGNS = ("ae", "oe", "our", "isation", "leuco", "sulph", "aluminium")
"""One of them is in every British part: few words have one, and ``in`` is quick."""
_CODE_GAP = re.compile(r"(?<=[a-z])[ -]?(?=\d)")


def spelling_variants(surface: str) -> Iterator[tuple[str, str]]:
    """Other spellings of a folded string and the rule of each, the surest first."""
    yield from _numbers(surface)
    if "-" in surface:
        yield surface.replace("-", " "), "space for hyphen"
        yield surface.replace("-", ""), "without hyphen"
    elif " " in surface:
        yield surface.replace(" ", "-"), "hyphen for space"
    if not surface.isalpha() and _CODE_GAP.search(surface):
        for joint in ("", " ", "-"):
            yield _CODE_GAP.sub(joint, surface), "joint of letters and digits"
    if _is_british(surface):
        american = _american(surface)
        yield american, "British spelling"
        for variant, _ in _numbers(american):
            yield variant, "British spelling, plural or singular"


def _is_british(text: str) -> bool:
    for sign in _BRITISH_SIGNS:
        if sign in text:
            return _BRITISH_PART.search(text) is not None
    return False


def _american(text: str) -> str:
    return _BRITISH_PART.sub(_american_part, text) if _is_british(text) else text


def _american_part(part: re.Match[str]) -> str:
    return _BRITISH[part.group()]


def _numbers(surface: str) -> Iterator[tuple[str, str]]:
    if surface.endswith("ies"):
        yield surface[:-3] + "y", "plural"
    elif surface.endswith("ses") or surface.endswith("xes") or surface.endswith("ches"):
        yield surface[:-2], "plural"
        yield surface[:-2] + "is", "plural"
    if surface.endswith("s") and not surface.endswith(("ss", "us", "is")):
        yield surface[:-1], "plural"
    elif not surface.endswith("s"):
        yield surface + "s", "singular"
        if surface.endswith("y"):
            yield surface[:-1] + "ies", "singular"


_Found = tuple[Term, str] | None
"""A term in another spelling, and the rule between the two."""


class _Word(NamedTuple):
    """What a word tells by itself.

    Attributes:
        key: Its ``surface_key``.
        letters: The same as bytes, squashed.
        british: Whether it has a part that Americans write otherwise.
        found: The term that it is in another spelling.
        opens: Whether a term of several words may start with it.
    """

    key: str
    letters: bytes
    british: bool
    found: _Found
    opens: bool


class SpellingSource:
    """Votes for words that are a term but for their spelling.

    Args:
        gazetteer: Terms; only those that match without regard to case are looked at.
        stops: Terms in lower case that are no mention in any spelling.
        name: Name of the source and of its span group.
    """

    reads_view: ClassVar[bool] = True

    def __init__(self, gazetteer: Gazetteer, stops: tuple[str, ...] = (), name: str = "spelling") -> None:
        self.gazetteer = gazetteer
        self.stops = stops
        self.name = name
        self._stopped = frozenset(stops)
        self._terms = gazetteer.surfaces
        self._words = Remembered(self._word)
        self._found: tuple[Remembered[_Found], Remembered[_Found]] = (
            Remembered(partial(self._lookup, whole=False)),
            Remembered(partial(self._lookup, whole=True)),
        )

    def __call__(self, doc: Doc) -> list[Match]:
        """Every window of a few words that is a term in another spelling and none as it stands."""
        words = split_words(doc.text, skip_short_forms=True)
        known = [*map(self._words.__getitem__, words.surfaces)]
        joined = [*map(_JOINED.__contains__, words.gaps), False]
        found: list[Match] = []
        begins = self._terms.begins
        for number, (key, letters, british, one, opens) in enumerate(known):
            if one:
                found.append(_match(words, number, number, *one))
            if opens and joined[number + 1]:
                other = known[number + 1]
                size = len(key) + len(words.gaps[number + 1]) + len(other[0])
                # A British part of a word lies in one word, so that it was looked for already.
                if size < TOLD_FROM or british or other[2] or begins(letters + other[1]):
                    self._longer(words, known, joined, number, found)
        return found

    def _longer(
        self, words: Words, known: list[_Word], joined: list[bool], number: int, found: list[Match]
    ) -> None:
        """The matches of several words that start with a word, by number of words."""
        ends, gaps, start, begins = words.ends, words.gaps, words.starts[number], self._terms.begins
        key, letters, british, _, _ = known[number]
        for last in range(number + 1, number + _LONGEST):
            if not joined[last]:
                return
            more, more_letters, more_british, _, _ = known[last]
            key = f"{key}{gaps[last]}{more}"
            letters += more_letters
            british = british or more_british
            if last > number + 1 and len(key) >= TOLD_FROM and not british and not begins(letters):
                return
            if len(key) >= _SHORTEST and (term := self._found[ends[last] - start == len(key)][key]):
                found.append(_match(words, number, last, *term))

    def _word(self, surface: str) -> _Word:
        key = surface_key(surface)
        letters = squash(key).encode("utf-8", "surrogatepass")
        british = _is_british(key)
        goes_on = british or len(key) < TOLD_FROM or self._terms.begins(letters)
        whole = len(surface) == len(key)
        found = self._found[whole][key] if goes_on and len(key) >= _SHORTEST else None
        word = surface[:-2] if surface.endswith(("'s", "’s")) else surface
        opens = goes_on and self._terms.starts(_american(word.lower()))
        return _Word(key, letters, british, found, opens)

    def _lookup(self, key: str, whole: bool) -> _Found:
        if key in self._stopped:
            return None
        if term := self._terms.find(key):
            return None if whole else (term, "short form in brackets left out")
        for variant, rule in spelling_variants(key):
            term = self._terms.find(variant)
            if term is not None:
                return term, rule
        return None

    def __repr__(self) -> str:
        return f"SpellingSource({self.gazetteer!r}, name={self.name!r})"

    def to_state(self) -> dict[str, Any]:
        """Plain values that JSON can hold; the gazetteer is kept apart."""
        return {"kind": "SpellingSource", "stops": list(self.stops), "name": self.name}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], gazetteer: Gazetteer) -> SpellingSource:
        """The source that ``to_state`` described, over a gazetteer."""
        return cls(gazetteer, tuple(state["stops"]), str(state["name"]))


def _match(words: Words, first: int, last: int, term: Term, rule: str) -> Match:
    start, end = words.starts[first], words.ends[last]
    evidence = Evidence("variant", words.text[start:end], term.text, term.file, term.row, (rule,))
    return Match(start, end, term.label, (term.concept_id,) if term.concept_id else (), 1.0, evidence)
