"""Which of many regular expressions can match a text at all, by the literals that they need.

Looking for a literal with ``in`` takes a tenth of a microsecond a kilobyte: some hundred of them are found
sooner than one automaton hands its hits, one by one, to Python.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, update_wrapper
from itertools import accumulate
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any, Generic, TypeVar

_SHORTEST = 2
"""Characters of a literal that is worth looking for."""
_MOST = 2_000
_ALIKE = str.maketrans({"ſ": "s", "ı": "i", "İ": "i", "K": "k"})
"""Characters beyond ASCII that an expression which ignores case takes for ASCII letters."""


def literals_of(pattern: re.Pattern[str]) -> frozenset[str] | None:
    """Strings in lower case of which every match holds one; ``None`` where there are no such."""
    return _needed(_parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG))


def _needed(nodes: Iterable[Any]) -> frozenset[str] | None:
    """The best set that some part of a sequence needs: that whose shortest string is longest."""
    best: frozenset[str] | None = None
    run = ""
    for kind, value in (*nodes, (None, None)):
        if kind is _constants.LITERAL:
            run += chr(value)
            continue
        for found in (_single(run), _of(kind, value)):
            if found is not None and (best is None or _worth(found) > _worth(best)):
                best = found
        run = ""
    return best


def _single(run: str) -> frozenset[str] | None:
    folded = run.lower().translate(_ALIKE)
    # What other letters do in upper case is left alone: "ß" is "SS".
    return frozenset((folded,)) if len(folded) >= _SHORTEST and folded.isascii() else None


def _of(kind: Any, value: Any) -> frozenset[str] | None:
    if kind is _constants.SUBPATTERN:
        return _needed(value[-1])
    if kind is _constants.ATOMIC_GROUP:
        return _needed(value)
    if kind in (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT):
        return _needed(value[2]) if value[0] else None
    if kind is _constants.BRANCH:
        every = [_needed(branch) for branch in value[1]]
        joined = frozenset().union(*(each for each in every if each is not None))
        return joined if None not in every and len(joined) <= _MOST else None
    return None


def _worth(literals: frozenset[str]) -> tuple[int, int]:
    return min(map(len, literals)), -len(literals)


@lru_cache(maxsize=64)  # every tokenizer asks the same of the same
def needs_other_than_letters(pattern: re.Pattern[str]) -> bool:
    """Whether no match is possible in a string of ASCII letters alone."""
    return _needs_other(_parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG))


def _needs_other(nodes: Iterable[Any]) -> bool:
    """Whether some part of a sequence needs a character that is no ASCII letter."""
    for kind, value in nodes:
        if kind is _constants.LITERAL:
            needs = not _is_letter(value)
        elif kind is _constants.IN:
            needs = not any(_may_be_letter(*each) for each in value)
        elif kind is _constants.SUBPATTERN:
            needs = _needs_other(value[-1])
        elif kind is _constants.ATOMIC_GROUP:
            needs = _needs_other(value)
        elif kind is _constants.ASSERT:
            needs = _needs_other(value[1])
        elif kind is _constants.BRANCH:
            needs = all(map(_needs_other, value[1]))
        elif kind in (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT):
            needs = value[0] > 0 and _needs_other(value[2])
        else:
            needs = False
        if needs:
            return True
    return False


def _is_letter(code: int) -> bool:
    char = _plain(chr(code))  # an expression that ignores case may take "ſ" for s
    return char.isascii() and char.isalpha()


def _may_be_letter(kind: Any, value: Any) -> bool:
    if kind is _constants.LITERAL:
        return _is_letter(value)
    if kind is _constants.RANGE:
        first, last = value
        return bool(first <= ord("z") and last >= ord("A")) or any(first <= c <= last for c in _ALIKE)
    others = _constants.CATEGORY_DIGIT, _constants.CATEGORY_SPACE
    return not (kind is _constants.CATEGORY and value in others)


def _plain(lower: str) -> str:
    return lower if lower.isascii() else lower.translate(_ALIKE)


_EDGE, _ANY_CASE = "\ue000", "\ue001"
"""Marks of a beginning: it must be one of a word; its case does not matter."""
_LETTERS = 4
_SIZES = range(1, _LETTERS + 1)
"""Characters of a beginning that are compared: enough to leave few words."""
_WIDEST = 64
"""Characters of a class that are told apart; a wider one ends what is known of a beginning."""


def beginnings_of(pattern: re.Pattern[str]) -> frozenset[str] | None:
    """How a word is written that a match may begin with; ``None`` where a match may begin elsewhere.

    Each is a few characters with ``0`` for every digit; one that ends in a space is a whole word, and one
    that begins with ``_ANY_CASE`` is in lower case and stands for any.
    """
    nodes = _parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    found = {begin.rstrip("+") for begin in _beginnings(list(nodes), bool(pattern.flags & re.IGNORECASE))}
    if not all(_EDGE in begin and begin.strip(f"{_EDGE}{_ANY_CASE} ") for begin in found):
        return None
    return frozenset(begin.replace(_EDGE, "") for begin in found)


def _beginnings(nodes: Sequence[Any], any_case: bool) -> set[str]:
    """Beginnings of a sequence; one that the rest of a longer sequence may go on with ends in ``+``."""
    done: set[str] = set()
    going = {""}
    for kind, value in nodes:
        following: set[str] = set()
        for part in _ways(kind, value, any_case):
            for begin in going:
                whole = begin + part
                open_ = whole.endswith("+")
                letters = whole.rstrip("+").replace(_EDGE, "").replace(_ANY_CASE, "")
                marks = _EDGE * (_EDGE in whole) + _ANY_CASE * (_ANY_CASE in whole)
                letters = letters.lower() if _ANY_CASE in marks else letters
                cut = next((at for at, char in enumerate(letters) if not char.isalnum()), len(letters))
                if cut < len(letters):
                    done.add(f"{marks}{letters[:cut]} ")
                elif not open_ or len(letters) >= _LETTERS:
                    done.add(marks + letters[:_LETTERS])
                else:
                    following.add(marks + letters)
        going = following
        if not going:
            return done
    return done | {f"{begin}+" for begin in going}


def _ways(kind: Any, value: Any, any_case: bool) -> set[str]:
    """What a part of an expression may begin with, as ``_beginnings`` gives it."""
    if kind is _constants.LITERAL:
        return {_written(value, any_case)}
    if kind in (_constants.AT, _constants.ASSERT, _constants.ASSERT_NOT):
        return {f"{_EDGE}+" if _is_edge(kind, value) else "+"}
    if kind is _constants.IN:
        return _of_class(value, any_case)
    if kind is _constants.SUBPATTERN:
        return _beginnings(list(value[-1]), any_case or bool(value[1] & re.IGNORECASE))
    if kind is _constants.ATOMIC_GROUP:
        return _beginnings(list(value), any_case)
    if kind is _constants.BRANCH:
        return set().union(*(_beginnings(list(branch), any_case) for branch in value[1]))
    if kind in (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT):
        least, most, repeated = value
        once = _beginnings(list(repeated), any_case)
        # What is repeated may be followed by itself: nothing more is known then.
        ways = once if most == 1 else {way.rstrip("+") for way in once}
        return ways if least else {*ways, "+"}
    return {""}


def _written(code: int, any_case: bool) -> str:
    char = "0" if chr(code).isdecimal() else chr(code)
    return f"{_ANY_CASE}{_plain(char.lower())}+" if any_case and char.isalpha() else f"{char}+"


def _is_edge(kind: Any, value: Any) -> bool:
    """Whether no letter or digit stands before this place, if one stands behind it."""
    if kind is _constants.AT:
        return value in (_constants.AT_BOUNDARY, _constants.AT_BEGINNING, _constants.AT_BEGINNING_STRING)
    direction, before = value
    if direction > 0 or not before:
        return False
    kind_before, chars = before[-1]
    if kind is _constants.ASSERT:  # (?<= )
        return kind_before is _constants.LITERAL and not (chr(chars).isalnum() or chr(chars) == "_")
    word = (_constants.CATEGORY, _constants.CATEGORY_WORD)  # (?<!\w), (?<![\w-])
    return len(before) == 1 and kind_before is _constants.IN and word in chars


def _of_class(given: Iterable[Any], any_case: bool) -> set[str]:
    codes: set[int] = set()
    for kind, value in given:
        if kind is _constants.LITERAL:
            codes.add(value)
        elif kind is _constants.RANGE and value[1] - value[0] <= _WIDEST:
            codes.update(range(value[0], value[1] + 1))
        elif kind is _constants.CATEGORY and value is _constants.CATEGORY_DIGIT:
            codes.add(ord("0"))
        else:
            return {""}
    return {_written(code, any_case) for code in codes}


def _with_zeros(word: str) -> str:
    return word if word.isalpha() else "".join("0" if char.isdecimal() else char for char in word)


_REMEMBERED = 200_000
_Value = TypeVar("_Value")


class Remembered(dict[str, _Value]):
    """What a function says of words, asked once for each: the same few thousand make up most texts.

    Args:
        function: From a word to a value; the same for the same word.
    """

    def __init__(self, function: Callable[[str], _Value]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, word: str) -> _Value:
        if len(self) >= _REMEMBERED:
            self.clear()
        value = self[word] = self._function(word)
        return value

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._function,)


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of letters and digits of a text.

    Args:
        starts: First character of each.
        ends: One past the last character of each.
        words: Each as the text writes it.
        gaps: What stands before each, and behind the last.
    """

    starts: list[int]
    ends: list[int]
    words: list[str]
    gaps: list[str]


_RUN = re.compile(r"([^\W_]+)")


_KEPT = 500_000
"""Characters of the texts of which it is kept what was told: several documents are read together."""


class PerText(Generic[_Value]):
    """A function of a text, asked once for each of the last texts: every source of a document asks the same.

    Args:
        function: From a text to a value.
    """

    def __init__(self, function: Callable[[str], _Value]) -> None:
        self._function, self._size = function, 0
        self._values: dict[str, _Value] = {}
        update_wrapper(self, function)

    def __call__(self, text: str) -> _Value:
        value = self._values.get(text)
        if value is None:
            value = self._function(text)
            if self._size + len(text) > _KEPT:
                self.clear()
            self._size += len(text)
            self._values[text] = value
        return value

    def clear(self) -> None:
        """Forget every text."""
        self._values.clear()
        self._size = 0


@PerText
def runs(text: str) -> Runs:
    """The runs of letters and digits of a text, in order."""
    parts = _RUN.split(text)  # gap, word, gap, …: quicker than match objects
    places = list(accumulate(map(len, parts)))
    return Runs(places[0:-1:2], places[1::2], parts[1::2], parts[0::2])


class _Beginnings:
    """Every ``WordPattern`` of the process, and which of them a match of may begin with a word."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], int] = {}
        self._numbers: dict[str, list[int]] = {}
        self._of = Remembered(self._look_up)
        self.places = PerText(self._places)

    def add(self, pattern: re.Pattern[str], begins: Iterable[str]) -> int:
        """Number of an expression; the same for an equal one."""
        number = self._known.setdefault((pattern.pattern, pattern.flags), len(self._known))
        if number == len(self._known) - 1:
            for begin in begins:
                self._numbers.setdefault(begin, []).append(number)
            self._of.clear()
            self.places.clear()
        return number

    def _look_up(self, word: str) -> tuple[int, ...]:
        exact, get = _with_zeros(word), self._numbers.get
        lower = _ANY_CASE + _plain(exact.lower())
        parts = [get(exact[:size]) for size in _SIZES] + [get(lower[: size + 1]) for size in _SIZES]
        parts += get(f"{exact} "), get(f"{lower} ")
        return tuple({number for part in parts if part for number in part})

    def _places(self, text: str) -> dict[int, list[int]]:
        """Where the words stand with which a match of each expression may begin, by its number."""
        found: dict[int, list[int]] = {}
        words = runs(text)
        for start, numbers in zip(words.starts, map(self._of.__getitem__, words.words), strict=True):
            for number in numbers:
                found.setdefault(number, []).append(start)
        return found


_BEGINNINGS = _Beginnings()


@PerText
def _lower(text: str) -> str:
    return _plain(text.lower())


class WordPattern:
    """An expression whose matches begin with a word: it is tried only where a word may begin one.

    Args:
        pattern: One that may match elsewhere is tried everywhere in a text that has the literals it needs.
        flags: Of ``re.compile``.
    """

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self.pattern = re.compile(pattern, flags)
        self.match = self.pattern.match
        begins = beginnings_of(self.pattern)
        self._number = None if begins is None else _BEGINNINGS.add(self.pattern, begins)
        self._needed = literals_of(self.pattern) if begins is None else None

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.pattern.pattern, self.pattern.flags)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """As that of an expression."""
        if self._number is None:
            lower = _lower(text) if self._needed is not None else ""
            if self._needed is None or any(literal in lower for literal in self._needed):
                yield from self.pattern.finditer(text)
            return
        last, match = 0, self.match
        for start in _BEGINNINGS.places(text).get(self._number, ()):
            if start >= last and (found := match(text, start)):
                yield found
                last = found.end()

    def matches(self, text: str) -> bool:
        """Whether there is a match."""
        return next(self.finditer(text), None) is not None


def alternation(entries: tuple[str, ...]) -> str:
    """A regular expression source that matches any entry, longest first; entries are expressions."""
    return "(?:" + "|".join(sorted(entries, key=lambda entry: (-len(entry), entry))) + ")"
