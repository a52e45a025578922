"""Which of many regular expressions can match a text at all, by the literals that they need.

Looking for a literal with ``in`` takes a tenth of a microsecond a kilobyte: some hundred of them are found
sooner than one automaton hands its hits, one by one, to Python.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any, TypeVar

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


class Prefilter:
    """Tells quickly which expressions are worth trying.

    Args:
        patterns: Expressions; one that needs no literal is always worth it.
    """

    def __init__(self, patterns: Sequence[re.Pattern[str]]) -> None:
        self._needed = [literals_of(pattern) for pattern in patterns]

    def possible(self, text: str) -> tuple[int, ...]:
        """Numbers of the expressions that may match."""
        lower = _plain(text.lower())
        return tuple(
            number
            for number, needed in enumerate(self._needed)
            if needed is None or any(literal in lower for literal in needed)
        )


def _plain(lower: str) -> str:
    return lower if lower.isascii() else lower.translate(_ALIKE)


_EDGE = "^"
"""Stands before the beginning of a match that must be one of a word."""
_LETTERS = 4
"""Characters of a beginning that are compared: enough to leave few words."""
_WIDEST = 64
"""Characters of a class that are told apart; a wider one ends what is known of a beginning."""


def beginnings_of(pattern: re.Pattern[str]) -> frozenset[str] | None:
    """How a word is written that a match may begin with; ``None`` where a match may begin elsewhere.

    Each is a few characters in lower case, ``0`` for every digit; one that ends in a space is a whole word.
    """
    nodes = _parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    found = {begin.rstrip("+") for begin in _beginnings(list(nodes))}
    if not all(begin[:1] == _EDGE and begin[1:].strip() for begin in found):
        return None
    return frozenset(begin.lstrip(_EDGE) for begin in found)


def _beginnings(nodes: Sequence[Any]) -> set[str]:
    """Beginnings of a sequence; one that the rest of a longer sequence may go on with ends in ``+``."""
    done: set[str] = set()
    going = {""}
    for kind, value in nodes:
        following: set[str] = set()
        for part in _ways(kind, value):
            for begin in going:
                whole = begin + part
                open_ = whole.endswith("+")
                word = whole[:-1] if open_ else whole
                letters = word.lstrip(_EDGE)
                cut = next((at for at, char in enumerate(letters) if not char.isalnum()), len(letters))
                edge = word[: len(word) - len(letters)]
                if cut < len(letters):
                    done.add(f"{edge}{letters[:cut]} ")
                elif not open_ or len(letters) >= _LETTERS:
                    done.add(edge + letters[:_LETTERS])
                else:
                    following.add(word)
        going = following
        if not going:
            return done
    return done | {f"{begin}+" for begin in going}


def _ways(kind: Any, value: Any) -> set[str]:
    """What a part of an expression may begin with, as ``_beginnings`` gives it."""
    if kind is _constants.LITERAL:
        return {f"{_plain_word(chr(value))}+"}
    if kind in (_constants.AT, _constants.ASSERT, _constants.ASSERT_NOT):
        return {f"{_EDGE}+" if _is_edge(kind, value) else "+"}
    if kind is _constants.IN:
        return _of_class(value)
    if kind is _constants.SUBPATTERN:
        return _beginnings(list(value[-1]))
    if kind is _constants.ATOMIC_GROUP:
        return _beginnings(list(value))
    if kind is _constants.BRANCH:
        return set().union(*(_beginnings(list(branch)) for branch in value[1]))
    if kind in (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT):
        least, most, repeated = value
        once = _beginnings(list(repeated))
        # What is repeated may be followed by itself: nothing more is known then.
        ways = once if most == 1 else {way.rstrip("+") for way in once}
        return ways if least else {*ways, "+"}
    return {""}


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


def _of_class(given: Iterable[Any]) -> set[str]:
    chars: set[str] = set()
    for kind, value in given:
        if kind is _constants.LITERAL:
            chars.add(chr(value))
        elif kind is _constants.RANGE and value[1] - value[0] <= _WIDEST:
            chars.update(map(chr, range(value[0], value[1] + 1)))
        elif kind is _constants.CATEGORY and value is _constants.CATEGORY_DIGIT:
            chars.add("0")
        else:
            return {""}
    return {f"{_plain_word(char)}+" for char in chars}


def _plain_word(word: str) -> str:
    lower = word.lower()
    if lower.isascii() and lower.isalpha():
        return lower
    lower = _plain(lower)
    return "".join("0" if char.isdecimal() else char for char in lower)


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


class Beginnings:
    """Tells which of many expressions a match may begin with at a word, by the letters of the word.

    Args:
        patterns: Expressions; those that may match elsewhere than at the beginning of a word are
            ``elsewhere``, by number.
    """

    def __init__(self, patterns: Sequence[re.Pattern[str]]) -> None:
        self._numbers: dict[str, list[int]] = {}
        self.of = Remembered(self._of)
        begins = [beginnings_of(pattern) for pattern in patterns]
        self.elsewhere = frozenset(number for number, begin in enumerate(begins) if begin is None)
        for number, found in enumerate(begins):
            for begin in found or ():
                self._numbers.setdefault(begin, []).append(number)

    def _of(self, word: str) -> tuple[int, ...]:
        plain, get = _plain_word(word), self._numbers.get
        parts = get(plain[:1]), get(plain[:2]), get(plain[:3]), get(plain[:_LETTERS]), get(f"{plain} ")
        if parts == _NONE:
            return ()
        return tuple(sorted({number for part in parts if part for number in part}))


_NONE = (None,) * (_LETTERS + 1)


class WordPattern:
    """An expression whose matches begin with a word: it is tried only where a word may begin one.

    Args:
        pattern: One that may match elsewhere is tried everywhere.
    """

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern, self._words = pattern, Beginnings((pattern,))

    def finditer(self, text: str, words: Iterable[str], starts: Iterable[int]) -> Iterator[re.Match[str]]:
        """As ``pattern.finditer``.

        Args:
            text: The text.
            words: Its runs of letters and digits.
            starts: Where each stands.
        """
        if self._words.elsewhere:
            yield from self._pattern.finditer(text)
            return
        last, may, match = 0, self._words.of, self._pattern.match
        for word, start in zip(words, starts, strict=True):
            if may[word] and start >= last and (found := match(text, start)):
                yield found
                last = found.end()
