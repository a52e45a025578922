"""The words of a medical text, and terms among them in another spelling.

Plural or singular, British or American, hyphen, space or none: the variants are made of the words of the text
and looked up among the terms, so that the gazetteer itself does not grow.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, compress
from threading import Lock
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc

from hybrid_ner.domains.medical.base import american, is_british, spelling_variants
from hybrid_ner.domains.registry import (
    Evidence,
    Match,
    Patterns,
    PerText,
    Remembered,
    RuleSource,
    aggregate,
    runs,
)
from hybrid_ner.terms import Gazetteer, SurfaceIndex, Term, hashes_of, squash, stems_of, surface_key
from hybrid_ner.terms.variants import begins_little, name_behind
from hybrid_ner.text.tokens import may_hold, powers_of

_RE = Patterns(__file__)


@dataclass(frozen=True)
class FollowingSource(RuleSource):
    """A source that goes by what others found before it.

    Args:
        reads: Names of those sources, in order of trust.
    """

    reads: tuple[str, ...]

    def chosen(self, doc: Doc, label: str) -> list[Match]:
        """What they found of a label; where they overlap, the most trusted."""
        return [vote.match for vote in aggregate(doc, self.reads) if vote.match.label == label]


_CLOSE = frozenset({" ", "-", "‐", "‑", "–", " -", "- ", "\n"})
_LISTED = frozenset({", ", ",", "/"})
_CONJUNCTIONS = frozenset({"and", "or"})
_LONGEST_PHRASE = 5
_SHORT_FORM = re.compile(r"[(\[][A-Z0-9][A-Za-z0-9-]{1,9}[)\]](?=\s\w)")


@dataclass(frozen=True, slots=True)
class Words:
    """Words of ``text``: ``lower[i]`` stands in characters ``[starts[i], ends[i])``.

    Args:
        starts: First character of each word.
        ends: One past the last character of each word.
        lower: Each word in lower case, without a possessive ending.
        gaps: What stands between each word and the one before it; a skipped short form is no part of it.
        surfaces: Each word as the text writes it.
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    lower: tuple[str, ...]
    gaps: tuple[str, ...]
    surfaces: tuple[str, ...]

    def starting_at(self, offset: int) -> int | None:
        """Number of the word that starts at a character, if one does."""
        number = bisect_left(self.starts, offset)
        return number if number < len(self.starts) and self.starts[number] == offset else None

    def ending_at(self, offset: int) -> int | None:
        """Number of the word that ends at a character, if one does."""
        number = bisect_right(self.ends, offset) - 1
        return number if number >= 0 and self.ends[number] == offset else None

    def phrase_before(self, number: int, phrases: Set[str]) -> int:
        """How many words of the longest listed phrase end right before word ``number``; 0 for none."""
        best = 0
        key = ""
        for length in range(1, _LONGEST_PHRASE + 1):
            at = number - length
            if at < 0 or (length > 1 and self.gaps[at + 1] not in _CLOSE):
                break
            key = f"{self.lower[at]} {key}" if key else self.lower[at]
            best = length if key in phrases else best
        return best

    def phrase_at(self, number: int, phrases: Set[str]) -> int:
        """How many words of the longest listed phrase start with word ``number``; 0 for none."""
        best = 0
        key = ""
        for length in range(1, _LONGEST_PHRASE + 1):
            at = number + length - 1
            if at >= len(self.lower) or (length > 1 and self.gaps[at] not in _CLOSE):
                break
            key = f"{key} {self.lower[at]}" if key else self.lower[at]
            best = length if key in phrases else best
        return best

    def listed(self, phrases: Set[str], first: Set[str]) -> Iterator[tuple[int, int]]:
        """Characters of the longest listed phrase from each word; ``first``: words that one begins with."""
        for number, word in enumerate(self.lower):
            if word in first and (length := self.phrase_at(number, phrases)):
                yield self.starts[number], self.ends[number + length - 1]

    def walk_left(self, number: int, phrases: Set[str], coordinated: bool = True) -> int:
        """First word of the chain of listed phrases that ends right before word ``number``.

        Phrases may be joined by spaces, hyphens and, once one phrase was taken, by slashes, "and", "or", and
        by commas to the left of such a conjunction. Without any phrase the result is ``number``.
        """
        first, conjoined = number, False
        while first > 0:
            if self.gaps[first].startswith(",") and not conjoined:
                break  # "throat, neck pain" are two; "breast, lung and ovarian cancer" is one list
            step = self._joined(first, number, phrases, coordinated)
            if step == 0:
                break
            conjoined = conjoined or not _CONJUNCTIONS.isdisjoint(self.lower[first - step : first])
            first -= step
        return first

    def _joined(self, first: int, number: int, phrases: Set[str], coordinated: bool) -> int:
        gap = self.gaps[first]
        if gap in _CLOSE or (gap in _LISTED and first < number and coordinated):
            length = self.phrase_before(first, phrases)
            if length:
                return length
            if first < number and coordinated and self.lower[first - 1] in _CONJUNCTIONS:
                return self._over_conjunction(first - 1, phrases)
        return 0

    def _over_conjunction(self, conjunction: int, phrases: Set[str]) -> int:
        at = conjunction
        if self.lower[at] == "or" and at > 0 and self.gaps[at] == "/" and self.lower[at - 1] == "and":
            at -= 1
        if at == 0 or self.gaps[at] not in {" ", ", ", "-", "- "}:
            return 0
        length = self.phrase_before(at, phrases)
        return length + (conjunction - at) + 1 if length else 0


def split_words(text: str, skip_short_forms: bool = False) -> Words:
    """The words of a text.

    Args:
        skip_short_forms: Whether to pass over short forms in brackets, so that the words around
            "(GI)" in "gastrointestinal (GI) toxicity" are neighbors.
    """
    return _without_short_forms(text) if skip_short_forms else _all_words(text)


@PerText
def _without_short_forms(text: str) -> Words:
    every = _all_words(text)
    spans = [found.span() for found in _SHORT_FORM.finditer(text)]
    # The space before is no part of the pattern, so that the search stops at brackets alone.
    skipped = [(start - text[start - 1 : start].isspace(), end) for start, end in spans]
    return _without(every, skipped) if skipped else every


@PerText
def _all_words(text: str) -> Words:
    found = runs(text)
    gaps, joined = found.gaps, []
    if "'s" in text or "’s" in text:
        single = (n for n, word in enumerate(found.words) if word == "s")
        joined = [n for n in single if gaps[n] in ("'", "’") and not gaps[n + 1].startswith("_")]
    if not joined:
        return _words(text, found.starts, found.ends, found.words, gaps[:-1], found.words)
    own = [True] * len(found.words)
    ends, surfaces = found.ends[:], found.words[:]
    for number in joined:
        if number and own[number - 1]:  # "'s" belongs to the word before it
            own[number] = False
            ends[number - 1] = found.ends[number]
            surfaces[number - 1] += text[found.ends[number - 1] : found.ends[number]]
    columns: Any = (found.starts, ends, found.words, gaps, surfaces)
    return _words(text, *(compress(column, own) for column in columns))


def _words(text: str, starts: Any, ends: Any, words: Iterable[str], gaps: Any, surfaces: Any) -> Words:
    lower = tuple(map(str.lower, words))
    return Words(text, tuple(starts), tuple(ends), lower, tuple(gaps), tuple(surfaces))


def _without(words: Words, skipped: Iterable[tuple[int, int]]) -> Words:
    """Without the bracketed short forms that stand right behind a word, or behind another one."""
    columns: list[list[Any]] = [[], [], [], [], []]
    every = (words.starts, words.ends, words.lower, words.gaps, words.surfaces)
    done, hidden, last = 0, -1, 0
    for start, end in skipped:
        number = bisect_left(words.starts, start, done)
        last = words.ends[number - 1] if number > done else last
        if start not in (last, hidden):
            continue
        for column, given in zip(columns, every, strict=True):
            column += given[done:number]
        if hidden >= 0 and number > done:
            columns[3][done - number] = words.text[hidden : words.starts[done]]
        done, hidden = bisect_left(words.starts, end, number), end
    for column, given in zip(columns, every, strict=True):
        column += given[done:]
    if hidden >= 0 and done < len(words.starts):
        columns[3][done - len(words.starts)] = words.text[hidden : words.starts[done]]
    return Words(words.text, *map(tuple, columns))


_LONGEST = 6
_SHORTEST = 5
_JOINED = frozenset({" ", "-", " -", "- "})


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
    """What each word tells by itself, asked once for all new ones together; safe to share between threads."""

    def __init__(self, terms: SurfaceIndex) -> None:
        self._terms, self._lock = terms, Lock()
        self._rows: dict[str, int] = {}
        self._told = np.zeros(1024, dtype=_WORD)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._terms,)

    def told(self, words: Sequence[str]) -> NDArray[Any]:
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
        told["british"] = british = [*map(is_british, keys)]
        told["alone"] = told["british"] | may_hold(self._terms.stems, told["stem"])
        told["opens"] = [*map(self._opens, words, british)]
        return told

    def _opens(self, surface: str, british: bool) -> bool:
        word = (surface[:-2] if surface.endswith(("'s", "’s")) else surface).lower()
        return self._terms.starts(american(word) if british else word)


class SpellingSource:
    """Votes for words that are a term but for their spelling.

    Args:
        gazetteer: Terms; only those that match without regard to case are looked at.
        stops: Terms in lower case that are no mention in any spelling.
    """

    name = "spelling"
    reads_view: ClassVar[bool] = True
    reads_texts: ClassVar[bool] = True

    def __init__(self, gazetteer: Gazetteer, stops: tuple[str, ...] = ()) -> None:
        self.gazetteer, self.stops = gazetteer, stops
        self._stopped = frozenset(stops)
        self._terms = gazetteer.surfaces
        self._lexicon, self._keys = _Lexicon(self._terms), Remembered(surface_key)
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
            hits = np.flatnonzero(british | may_hold(self._terms.stems, stem))
            yield from zip(first[hits].tolist(), last[hits].tolist(), strict=True)

    def _match(self, words: Words, first: int, last: int) -> Match | None:
        key = self._keys[words.surfaces[first]]
        for at in range(first + 1, last + 1):
            key += words.gaps[at] + self._keys[words.surfaces[at]]
        start, end = words.starts[first], words.ends[last]
        found = self._found[end - start == len(key)][key] if len(key) >= _SHORTEST else None
        if found is None:
            return None
        term, rule = found
        if key[-1].isdigit() and last > first and words.gaps[last] == " " and _RE.DOSE.match(words.text, end):
            return None
        if begins_little(words.text, start) and name_behind(words.text, start, end, term.text):
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
        return f"SpellingSource({self.gazetteer!r})"

    def to_state(self) -> dict[str, Any]:
        return {"stops": list(self.stops)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], gazetteer: Gazetteer) -> SpellingSource:
        return cls(gazetteer, tuple(state["stops"]))
