"""What texts are read with: patterns tried where words begin, what words and texts tell asked once.

Patterns stand in a text file beside the module that uses them, with an example above each. A row is a name
and a pattern (``YEAR = (?:19|20)\\d\\d``), which others take in as ``<YEAR>``. With ``^=`` it is tried only
where words begin (``WordPattern``). Rows below a ``[section]`` are a pattern and, behind ``=>`` between two
spaces each, what it stands for. A row that begins with four spaces goes on the one above; ``#`` and a space
begin a comment. In lower case ``<heads>`` stands for a field of the source that asks (``Patterns.own``).
"""

from __future__ import annotations

import gc
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import ContextDecorator
from dataclasses import dataclass
from functools import cache, cached_property, update_wrapper
from itertools import accumulate, compress, groupby
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from hybrid_ner.errors import InputError
from hybrid_ner.text.prefilter import ANY_CASE, LETTERS, beginnings_of, literals_of, plain

_Value = TypeVar("_Value")
_Sized = TypeVar("_Sized", bound=Sized)


class paused_gc(ContextDecorator):  # noqa: N801  # used as the functions of contextlib are
    """Switch the cyclic collector off for a while, if it is on.

    Terms and votes hold no cycles, yet every collection visits all of them: reading a million terms takes
    half the time without.
    """

    def __enter__(self) -> None:
        self._was_on = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        if self._was_on:
            gc.enable()

    def _recreate_cm(self) -> paused_gc:
        return paused_gc()  # for each call of a function that it decorates


_CHARACTERS = 1_000_000


def batches(texts: Iterable[_Sized], characters: int = _CHARACTERS) -> Iterator[list[_Sized]]:
    """Lists of texts, each closed by the text with which it reaches so many characters (tokens of a Doc)."""
    batch: list[_Sized] = []
    size = 0
    given: Iterable[Any] = [texts] if isinstance(texts, str) else texts
    for text in given:
        batch.append(text)
        size += len(text) + 1  # so that empty texts do not pile up
        if size >= characters:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


_REMEMBERED = 200_000


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


_KEPT = 500_000
"""Characters of the texts of which it is kept what was told: several documents are read together."""


class PerText(dict[str, _Value]):
    """A function of a text, asked once for each of the last texts: every source of a document asks the same.

    Args:
        function: From a text to a value.
    """

    def __init__(self, function: Callable[[str], _Value]) -> None:
        super().__init__()
        self._function, self._size = function, 0
        update_wrapper(self, function)

    __call__ = dict.__getitem__  # without a step of Python's where it is known

    def __missing__(self, text: str) -> _Value:
        value = self._function(text)
        if self._size + len(text) > _KEPT:
            self.clear()
        self._size += len(text)
        self[text] = value
        return value

    def clear(self) -> None:
        super().clear()
        self._size = 0


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
        self._of, self._begun = Remembered(self._look_up), Remembered(self._begin)
        self.places = PerText(self._places)

    def add(self, pattern: re.Pattern[str], begins: Iterable[str]) -> int:
        """Number of an expression; the same for an equal one."""
        number = self._known.setdefault((pattern.pattern, pattern.flags), len(self._known))
        if number == len(self._known) - 1:
            for begin in begins:
                self._numbers.setdefault(begin, []).append(number)
            for kept in (self._of, self._begun, self.places):
                kept.clear()
        return number

    def _look_up(self, word: str) -> tuple[int, ...]:
        exact = word if word.isalpha() else "".join("0" if char.isdecimal() else char for char in word)
        # Beyond ASCII the beginning in lower case may be another than that of the word in lower case.
        begun = self._begun[exact[:LETTERS]] if exact.isascii() else self._begin(exact)
        whole = self._numbers.get(f"{exact} "), self._numbers.get(f"{_folded(exact)} ")
        return tuple({*begun, *(whole[0] or ()), *(whole[1] or ())}) if any(whole) else begun

    def _begin(self, exact: str) -> tuple[int, ...]:
        """What may begin with the first letters of a word."""
        get, lower = self._numbers.get, _folded(exact)
        sizes = range(1, LETTERS + 1)
        parts = [get(exact[:size], ()) for size in sizes] + [get(lower[: size + 1], ()) for size in sizes]
        return tuple({number for part in parts for number in part})

    def _places(self, text: str) -> Mapping[int, Sequence[int]]:
        """Where the words stand with which a match of each expression may begin, by its number."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        words = runs(text)
        told = [*map(self._of.__getitem__, words.words)]
        for start, numbers in compress(zip(words.starts, told, strict=True), told):
            for number in numbers:
                found[number].append(start)
        return found


def _folded(exact: str) -> str:
    return ANY_CASE + plain(exact.lower())


_BEGINNINGS = _Beginnings()


@PerText
def _lower(text: str) -> str:
    return plain(text.lower())


class WordPattern:
    """An expression whose matches begin with a word: it is tried only where a word may begin one.

    Args:
        pattern: One that may match elsewhere is tried everywhere in a text that has the literals it needs.
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
        if self._number is None:
            return self.pattern.finditer(text) if self._may_match(text) else iter(())
        starts = _BEGINNINGS.places(text).get(self._number)
        return self._tried(text, starts) if starts else iter(())

    def _may_match(self, text: str) -> bool:
        return self._needed is None or any(map(_lower(text).__contains__, self._needed))

    def _tried(self, text: str, starts: Sequence[int]) -> Iterator[re.Match[str]]:
        last, match = 0, self.match
        for start in starts:
            if start >= last and (found := match(text, start)):
                yield found
                last = found.end()

    def matches(self, text: str) -> bool:
        if self._number is None:
            return self._may_match(text) and self.pattern.search(text) is not None
        starts = _BEGINNINGS.places(text).get(self._number)
        return starts is not None and next(self._tried(text, starts), None) is not None


def past(pattern: re.Pattern[str] | WordPattern, text: str, at: int, *end: int) -> int:
    """Where the match that begins at a place ends; the place itself where there is none."""
    found = pattern.match(text, at, *end)
    return found.end() if found else at


_LETTER_FIRST = re.compile(r"[A-Za-z\d](?![?*+{])[^|]*", re.ASCII)  # "renal cells?", not "a?typical"


def alternation(entries: Iterable[str]) -> str:
    """A regular expression source that matches any entry, longest first; entries are expressions.

    Neighbors that begin with one letter share it, which tells most places where none of them begins.
    """
    parts: list[str] = []
    ordered = sorted(entries, key=lambda entry: (-len(entry), entry))
    for shares, run in groupby(ordered, lambda entry: _LETTER_FIRST.fullmatch(entry) is not None):
        alike: dict[str, list[str]] = {}
        for entry in run if shares else ():
            alike.setdefault(entry[0].lower(), []).append(entry)
        parts += map(_sharing, alike.values()) if shares else run
    return f"(?:{'|'.join(parts)})"


def _sharing(entries: Sequence[str]) -> str:
    """Entries with their first letter once; as they are where it is a capital in some of them."""
    if len(entries) == 1 or len({entry[0] for entry in entries}) > 1:
        return "|".join(entries)
    return f"{entries[0][0]}(?:{'|'.join(entry[1:] for entry in entries)})"


_Made = TypeVar("_Made")
_ROW = re.compile(r"([A-Z][A-Z_\d]*) (\^?)= (.+)")


class _Rows(NamedTuple):
    named: dict[str, str]
    words: list[str]
    sections: dict[str, list[tuple[str, str]]]
    at: dict[str, int]


class _Words:
    def __init__(self, patterns: Mapping[str, WordPattern]) -> None:
        self.__dict__.update(patterns)

    def __getattr__(self, name: str) -> WordPattern:
        raise AttributeError(f"{name} is no row with ^=")


class Patterns:
    """The patterns of a file, read when the first is asked for: ``patterns.YEAR``, ``patterns.words.ACT``.

    Args:
        module: The module whose file it is, of the same name but for ``.txt``.
        names: What patterns of the file take from elsewhere.
    """

    alternation = staticmethod(alternation)
    """How the entries of a field are told in a pattern."""

    def __init__(self, module: str | Path, **names: str) -> None:
        self._file, self._given = Path(module).with_suffix(".txt"), names
        self._of = cache(self._made)
        self._each = cache(lambda name: frozenset(self.source(name).split("|")))

    def __getattr__(self, name: str) -> re.Pattern[str]:
        if not name[:1].isupper():
            raise AttributeError(name)
        pattern = self.__dict__[name] = self._checked(re.compile, self.source(name))
        return pattern

    def source(self, name: str) -> str:
        """A pattern as it is written, or part of one."""
        try:
            return self._rows.named[name]
        except KeyError:
            raise AttributeError(f"{self._file} has no row {name}") from None

    @cached_property
    def words(self) -> _Words:
        """The patterns of the rows with ``^=``, compiled together."""
        rows = self._rows.words
        return _Words({name: self._checked(WordPattern, self.source(name)) for name in rows})

    def own(self, name: str, make: Callable[[str], _Made]) -> cached_property[_Made]:
        """A property of a source: a row, in which ``<heads>`` stands for what its field ``heads`` holds."""

        def made(source: object) -> _Made:
            def entries(field: re.Match[str]) -> str:
                value = getattr(source, field[1])
                return value if isinstance(value, str) else self.alternation(value)

            return self._checked(make, re.sub(r"(?<!\?P)<([a-z_]+)>", entries, self.source(name)))

        return cached_property(made)

    def each(self, name: str) -> frozenset[str]:
        """The words of a row with ``|`` between them."""
        return self._each(name)

    def rules(self, section: str) -> tuple[tuple[re.Pattern[str], str], ...]:
        """The patterns of a section in its order, each with what it stands for."""
        return self.made(section, re.compile)

    def rewritten(self, section: str, line: str) -> str:
        """A line after the rules of a section, one after the other."""
        for pattern, said in self.rules(section):
            if pattern.search(line):  # ``sub`` looks at a template before it has found anything
                line = pattern.sub(said, line)
        return line

    def made(self, section: str, make: Callable[[str], _Made]) -> tuple[tuple[_Made, str], ...]:
        """As ``rules``, of what a function makes of a pattern."""
        return self._of(section, make)  # type: ignore[return-value]

    def _made(self, section: str, make: Callable[[str], object]) -> tuple[tuple[object, str], ...]:
        return tuple((self._checked(make, pattern), said) for pattern, said in self._rows.sections[section])

    def _checked(self, make: Callable[[str], _Made], pattern: str) -> _Made:
        try:
            return make(pattern)
        except re.error as error:
            row = self._rows.at.get(pattern)
            raise InputError(f"no pattern: {error}.", path=self._file, row=row, hint="Correct it.") from None

    @cached_property
    def _rows(self) -> _Rows:
        found = _Rows(dict(self._given), [], {}, {})
        rules: list[tuple[str, str]] | None = None
        for at, row in self._whole():
            pattern, _, said = row.partition("  =>")
            if section := re.fullmatch(r"\[(\w+)\]", row):
                rules = found.sections.setdefault(section[1], [])
            elif name := _ROW.fullmatch(row):
                found.named[name[1]] = self._with_parts(name[3], at, found)
                found.words.extend([name[1]] * bool(name[2]))
            elif rules is None:
                raise InputError("no name.", path=self._file, row=at, hint="Write NAME = PATTERN.")
            else:
                said = said.removeprefix("  ")
                quoted = len(said) > 1 and said[0] == said[-1] == '"'
                rules.append((self._with_parts(pattern, at, found), said[1:-1] if quoted else said))
        return found

    def _whole(self) -> Iterator[tuple[int, str]]:
        """Rows that are no comments with their numbers, each with the lines that it goes on in."""
        lines = enumerate(self._file.read_text(encoding="utf-8").splitlines(), 1)
        rows: list[tuple[int, str]] = []
        for at, line in lines:
            if line.startswith("    ") and rows:
                rows[-1] = rows[-1][0], rows[-1][1] + line[4:]
            else:
                rows.append((at, line))
        return ((at, row) for at, row in rows if row.strip("# ") and not row.startswith("# "))

    def _with_parts(self, pattern: str, at: int, found: _Rows) -> str:
        """A pattern with the parts that it names; it is kept in which row it stands."""

        def part(name: re.Match[str]) -> str:
            if name[1] not in found.named:
                problem, hint = f"<{name[1]}> stands in no row above.", "Name it there, or correct it."
                raise InputError(problem, path=self._file, row=at, hint=hint)
            return found.named[name[1]]

        pattern = re.sub(r"<([A-Z][A-Z_\d]*)>", part, pattern)
        found.at[pattern] = at
        return pattern
