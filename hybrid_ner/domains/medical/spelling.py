"""Terms in another spelling: plural or singular, British or American, hyphen, space or none.

The variants are made of the words of the text and looked up among the terms, so that the gazetteer
itself does not grow.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import accumulate
from threading import Lock
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc

from hybrid_ner.domains.medical.base import Words, split_words
from hybrid_ner.matching.match import Evidence, Match
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.terms.surfaces import SurfaceIndex, hashes_of, powers_of, squash, stems_of, surface_key
from hybrid_ner.text.patterns import Patterns, Remembered

_RE = Patterns(__file__)

_LONGEST = 6
_SHORTEST = 5
_JOINED = frozenset({" ", "-", " -", "- "})


def spelling_variants(surface: str) -> Iterator[tuple[str, str]]:
    """Other spellings of a folded string and the rule of each, the surest first."""
    yield from _numbers(surface)
    if "-" in surface:
        yield surface.replace("-", " "), "space for hyphen"
        yield surface.replace("-", ""), "without hyphen"
    elif " " in surface:
        yield surface.replace(" ", "-"), "hyphen for space"
    if not surface.isalpha() and _RE.CODE_GAP.search(surface):
        for joint in ("", " ", "-"):
            yield _RE.CODE_GAP.sub(joint, surface), "joint of letters and digits"
    if _is_british(surface):
        american = _american(surface)
        yield american, "British spelling"
        for variant, _ in _numbers(american):
            yield variant, "British spelling, plural or singular"


@cache
def _british() -> tuple[re.Pattern[str], dict[str, str]]:
    """British parts of words, longest first, and what each becomes."""
    parts = dict(_RE.made("british", str))
    return re.compile("|".join(sorted(parts, key=len, reverse=True))), parts


def _is_british(text: str) -> bool:
    for sign in _RE.each("SIGNS"):
        if sign in text:
            return _british()[0].search(text) is not None
    return False


def _american(text: str) -> str:
    return _british()[0].sub(_american_part, text) if _is_british(text) else text


def _american_part(part: re.Match[str]) -> str:
    return _british()[1][part.group()]


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


_WORD = np.dtype(
    [
        ("hashed", np.uint64),  # hash of its squashed ``surface_key``
        ("power", np.uint64),  # what the hash of a word behind it is multiplied by
        ("stem", np.uint64),  # hash of its stem
        ("bare", np.bool_),  # whether nothing is left of it as a stem
        ("british", np.bool_),  # whether it has a part that Americans write otherwise
        ("alone", np.bool_),  # whether it may be a term by itself
        ("opens", np.bool_),  # whether a term may start with it
    ]
)
_REMEMBERED = 200_000
"""Words of which it is remembered what they tell: the same few thousand make up most texts."""


class _Lexicon:
    """What each word tells by itself, asked once for all new ones together; safe to share between threads.

    Args:
        terms: The terms.
    """

    def __init__(self, terms: SurfaceIndex) -> None:
        self._terms, self._lock = terms, Lock()
        self._rows: dict[str, int] = {}
        self._told = np.zeros(1024, dtype=_WORD)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._terms,)

    def told(self, words: Sequence[str]) -> NDArray[Any]:
        """What each of the words tells."""
        with self._lock:
            if len(self._rows) > _REMEMBERED:
                self._rows.clear()
            if fresh := list(set(words).difference(self._rows)):
                first, last = len(self._rows), len(self._rows) + len(fresh)
                if last > len(self._told):
                    self._told = np.concatenate((self._told, np.zeros(last, dtype=_WORD)))
                self._told[first:last] = self._of(fresh)
                self._rows.update(zip(fresh, range(first, last), strict=True))
            return self._told[[*map(self._rows.__getitem__, words)]]

    def _of(self, words: list[str]) -> NDArray[Any]:
        keys = [*map(surface_key, words)]
        squashed, stems = [*map(squash, keys)], stems_of(keys)
        told = np.zeros(len(words), dtype=_WORD)
        told["hashed"], told["stem"] = hashes_of(squashed), hashes_of(stems)
        told["power"] = powers_of(np.array([*map(len, squashed)]))
        told["bare"] = [not stem for stem in stems]
        told["british"] = british = [*map(_is_british, keys)]
        told["alone"] = told["british"] | self._terms.may_be_terms(told["stem"])
        told["opens"] = [*map(self._opens, words, british)]
        return told

    def _opens(self, surface: str, british: bool) -> bool:
        word = (surface[:-2] if surface.endswith(("'s", "’s")) else surface).lower()
        return self._terms.starts(_american(word) if british else word)


class SpellingSource:
    """Votes for words that are a term but for their spelling.

    Args:
        gazetteer: Terms; only those that match without regard to case are looked at.
        stops: Terms in lower case that are no mention in any spelling.
        name: Name of the source and of its span group.
    """

    reads_view: ClassVar[bool] = True
    reads_texts: ClassVar[bool] = True

    def __init__(self, gazetteer: Gazetteer, stops: tuple[str, ...] = (), name: str = "spelling") -> None:
        self.gazetteer = gazetteer
        self.stops = stops
        self.name = name
        self._stopped = frozenset(stops)
        self._terms = gazetteer.surfaces
        self._lexicon = _Lexicon(self._terms)
        self._found: tuple[Remembered[_Found], Remembered[_Found]] = (
            Remembered(partial(self._lookup, whole=False)),
            Remembered(partial(self._lookup, whole=True)),
        )

    def __call__(self, doc: Doc) -> list[Match]:
        """Every window of a few words that is a term in another spelling and none as it stands."""
        return next(self.read([doc.text]))[0]

    def read(self, texts: Sequence[str]) -> Iterator[tuple[list[Match], list[Match]]]:
        """The same of each text; the second list, for near matches, is empty."""
        every = [split_words(text, skip_short_forms=True) for text in texts]
        told = self._lexicon.told([word for words in every for word in words.surfaces])
        joined = np.array([gap in _JOINED for words in every for gap in words.gaps] + [False], dtype=np.bool_)
        bounds = [0, *accumulate(len(words.starts) for words in every)]
        joined[bounds] = False  # no window reaches over two texts
        alone = np.flatnonzero(told["alone"]).tolist()
        windows = sorted((*zip(alone, alone, strict=True), *self._windows(told, joined)))
        found: list[list[Match]] = [[] for _ in texts]
        for first, last in windows:
            number = bisect_right(bounds, first) - 1
            if match := self._match(every[number], first - bounds[number], last - bounds[number]):
                found[number].append(match)
        return ((matches, []) for matches in found)

    def _windows(self, told: NDArray[Any], joined: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
        """First and last of several words that may be a term; all windows of one length at a time."""
        last = first = np.flatnonzero(told["opens"] & joined[1:])
        start = told[first]
        hashed, power, stem, british = (start[name] for name in ("hashed", "power", "stem", "british"))
        for _ in range(_LONGEST - 1):
            last = last + 1
            going = np.flatnonzero(joined[last])
            first, last, hashed, power = first[going], last[going], hashed[going], power[going]
            more = told[last]
            # A stem of which nothing is left in the last word ends in the words before it.
            stem = np.where(more["bare"], stem[going], hashed + power * more["stem"])
            hashed, power = hashed + power * more["hashed"], power * more["power"]
            british = british[going] | more["british"]
            hits = np.flatnonzero(british | self._terms.may_be_terms(stem))
            yield from zip(first[hits].tolist(), last[hits].tolist(), strict=True)

    def _match(self, words: Words, first: int, last: int) -> Match | None:
        key = surface_key(words.surfaces[first])
        for at in range(first + 1, last + 1):
            key += words.gaps[at] + surface_key(words.surfaces[at])
        start, end = words.starts[first], words.ends[last]
        found = self._found[end - start == len(key)][key] if len(key) >= _SHORTEST else None
        if found is None:
            return None
        term, rule = found
        if key[-1].isdigit() and last > first and words.gaps[last] == " " and _RE.DOSE.match(words.text, end):
            return None
        evidence = Evidence("variant", words.text[start:end], term.text, term.file, term.row, (rule,))
        return Match(start, end, term.label, (term.concept_id,) if term.concept_id else (), 1.0, evidence)

    def _lookup(self, key: str, whole: bool) -> _Found:
        if key in self._stopped:
            return None
        if (row := self._terms.row(key)) is not None:
            return None if whole else (self.gazetteer[row], "short form in brackets left out")
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
