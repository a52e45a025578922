"""Abbreviations that a document defines itself, found by Schwartz and Hearst's algorithm.

"A Simple Algorithm for Identifying Abbreviation Definitions in Biomedical Text", PSB 2003. A definition is
``long form (short form)`` or ``short form (long form)``; the characters of the short form must occur in the
long form in order, the first one at the start of a word. The short form then takes the label of the
long form, everywhere in the document; where the long form is no entity, the short form is voted down.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from spacy.tokens import Doc

from hybrid_ner.matching.match import Evidence, Match
from hybrid_ner.sources import VETO, decided
from hybrid_ner.text import brief

_PARENTHESIS = re.compile(r"\(([^()\[\]]{2,120})\)|\[([^()\[\]]{2,120})\]")
_OPENING = re.compile(r"[(\[]")
_SPLIT = re.compile(r"[;,]\s|\s+(?:or|and)\s+")
_MAX_SHORT = 12
_REACH = 600
"""Characters before a parenthesis in which its long form may start."""
_TAIL = re.compile(r"\s(?:genes?|locus|loci|proteins?|patients?|famil(?:y|ies)|mutations?|phenotypes?)$")
_GOES_ON = re.compile(r"\s(?:diseases?|syndromes?|disorders?)$")
_WORD = re.compile(r"\w+")
_LAST_WORD = re.compile(r"[\w/+-]+\s*$")
_BRACKET = re.compile(r"\(([^()]{2,25})\)")


@dataclass(frozen=True, slots=True)
class Definition:
    """A short form and where its long form stands: characters ``[start, end)``."""

    short: str
    short_start: int
    start: int
    end: int


def find_definitions(text: str) -> list[Definition]:
    """The abbreviations a text defines, in order; the first definition of a short form stands."""
    found: dict[str, Definition] = {}
    for definition in _definitions(text):
        found.setdefault(definition.short, definition)
    return list(found.values())


def _definitions(text: str) -> Iterator[Definition]:
    for bracket in _PARENTHESIS.finditer(text):
        group = 1 if bracket.group(1) is not None else 2
        inside, offset = bracket.group(group), bracket.start(group)
        short = inside if inside.isalnum() else _SPLIT.split(inside, maxsplit=1)[0].strip()
        if _is_short_form(short):
            start = _long_form_start(text, bracket.start(), short)
            if start is not None:
                yield Definition(
                    short, offset + inside.index(short), start, _strip_end(text, bracket.start())
                )
                continue
        if " " in inside and (definition := _reversed(text, bracket.start(), inside, offset)):
            yield definition


def _reversed(text: str, opening: int, inside: str, offset: int) -> Definition | None:
    """``short (long form)``: the word before the parenthesis is the short form."""
    before = _LAST_WORD.search(text[max(0, opening - _MAX_SHORT - 1) : opening])
    short = before.group().strip() if before else ""
    if not (_is_short_form(short) and short != short.lower() and " " in inside.strip()):
        return None
    at = _best_start(inside, short)
    if at is None or len(inside) - at <= len(short):
        return None
    return Definition(short, text.rindex(short, 0, opening), offset + at, offset + len(inside.rstrip()))


def _is_short_form(short: str) -> bool:
    if not 2 <= len(short) <= _MAX_SHORT or short.count(" ") > 1:
        return False
    return (
        "/" not in short and short[0].isalnum() and any(map(str.isalpha, short)) and not short.endswith(".")
    )


def _long_form_start(text: str, opening: int, short: str) -> int | None:
    """Where the long form before ``opening`` starts, if those words spell out the short form."""
    words = min(len(short) + 5, len(short) * 2)
    begin = max(0, opening - _REACH)
    left = text[begin:opening].rstrip()
    floor = 0
    for mark in (". ", "; ", "(", ")", ": "):
        floor = max(floor, left.rfind(mark, floor) + 1)
    piece = left[floor:]
    parts = piece.rsplit(None, words)
    candidate = piece[len(parts[0]) if len(parts) > words else 0 :].lstrip()
    at = _best_start(candidate, short)
    if at is None or len(candidate) - at <= len(short) or short in candidate[at:].split():
        return None
    return begin + len(left) - len(candidate) + at


def _best_start(long: str, short: str) -> int | None:
    """Match the short form from its end; the first character must begin a word."""
    lower = long.lower()
    if len(lower) != len(long):  # "İ" has two characters in lower case
        lower = "".join(char.lower()[:1] for char in long)
    position = len(long)
    for number in range(len(short) - 1, -1, -1):
        wanted = short[number].lower()
        if not wanted.isalnum():
            continue
        position = lower.rfind(wanted, 0, position)
        while number == 0 and position > 0 and long[position - 1].isalnum():
            position = lower.rfind(wanted, 0, position)
        if position < 0:
            return None
    start = long.rfind(" ", 0, position) + 1
    return max(start, long.rfind("/", 0, position) + 1) if short[0].isalpha() else start


def _strip_end(text: str, opening: int) -> int:
    while opening and text[opening - 1].isspace():
        opening -= 1
    return opening


@dataclass(frozen=True, slots=True)
class AbbreviationSource:
    """Spreads the label of a defined abbreviation over its document.

    Args:
        reads: Names of earlier sources, in order of trust, whose spans decide on a long form.
        name: Name of the source and of its span group.
        veto: Whether a short form whose long form is no entity is voted down.
    """

    reads: tuple[str, ...]
    name: str = "abbreviations"
    veto: bool = True
    reads_view: ClassVar[bool] = True

    __repr__ = brief

    def __call__(self, doc: Doc) -> list[Match]:
        """Votes for and against every occurrence of every defined short form."""
        text = doc.text
        if not _OPENING.search(text):
            return []
        spans = _Decided(decided(doc, self.reads)[1])
        known = {d.short: (spans.naming(text, d), _long_form(text, d)) for d in find_definitions(text)}
        for short, named in spans.before_brackets(text):
            if known.get(short, (None, ""))[0] is None:
                known[short] = named, text[named.start : named.end]
        places = _occurrences(text, known)
        votes: list[Match] = []
        for short, (match, long_form) in known.items():
            votes.extend(self._votes(places[short], short, long_form, match))
        return votes

    def to_state(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        return {"kind": "AbbreviationSource", "reads": list(self.reads), "name": self.name, "veto": self.veto}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> AbbreviationSource:
        """The source that ``to_state`` described."""
        return cls(tuple(state["reads"]), str(state["name"]), bool(state["veto"]))

    def _votes(
        self, places: Iterable[tuple[int, int]], short: str, long_form: str, known: Match | None
    ) -> Iterator[Match]:
        evidence = Evidence("abbreviation", short, long_form)
        against = known is not None or (self.veto and sum(map(str.isupper, short)) > 1)
        for start, end in places:
            if against:
                yield Match(start, end, VETO, (), 1.0, evidence)
            if known is not None:
                yield Match(start, end, known.label, known.concept_ids, 1.0, evidence)


def _long_form(text: str, definition: Definition) -> str:
    return text[definition.start : definition.end]


class _Decided:
    """Spans of a document that do not overlap, to be found by where they begin and end.

    Args:
        spans: In order.
    """

    def __init__(self, spans: Sequence[Match]) -> None:
        self._spans = spans
        self._starts = [span[0] for span in spans]
        self._by_end = {span[1]: span for span in spans}

    def naming(self, text: str, definition: Definition) -> Match | None:
        """The span that names the long form.

        It ends where the long form ends, or before a word like "gene" there, and covers at least half of
        it or begins with the same letter; or it goes on after the short form ("von Hippel-Lindau (VHL)
        disease").
        """
        end = definition.end
        tail = _TAIL.search(text, definition.start, end)
        ends = {end, tail.start()} if tail else {end}
        for match in self._near(definition.start, ends):
            beyond = definition.short_start + len(definition.short) if definition.short_start >= end else end
            if match.start <= definition.start and match.end > beyond:
                if _GOES_ON.search(text, definition.short_start, match.end):
                    return match
            elif match.end in ends and _names(text, definition, match):
                return match
        return None

    def before_brackets(self, text: str) -> Iterator[tuple[str, Match]]:
        """Short forms in brackets right after a span that share its initials in any order ("(DM)")."""
        for bracket in _BRACKET.finditer(text):
            at = bracket.start()
            match = self._by_end.get(at - text[at - 1 : at].isspace())
            if match is None:
                continue
            initials = [word[0].upper() for word in re.findall(r"[^\W_]+", text[match.start : match.end])]
            for short in re.split(r"\s*/\s*|,\s*|\s+(?:or|and)\s+", bracket.group(1)):
                if sum(map(str.isupper, short)) > 1 and _is_short_form(short):
                    common = Counter(c for c in short if c.isupper()) & Counter(initials)
                    if common.total() >= max(2, len(short) - 1) and not _is_product(short, initials):
                        yield short, match

    def _near(self, start: int, ends: Iterable[int]) -> list[Match]:
        """The last span that begins at or before ``start`` and those that end at ``ends``, in order."""
        before = bisect_right(self._starts, start)
        found = {self._spans[before - 1].start: self._spans[before - 1]} if before else {}
        found |= {span.start: span for end in ends if (span := self._by_end.get(end))}
        return [found[key] for key in sorted(found)]


def _names(text: str, definition: Definition, match: Match) -> bool:
    if match.start < definition.start:
        return False
    shared = match.end - match.start
    if shared * 2 >= definition.end - definition.start:
        return True
    long_form = text[definition.start : definition.end]
    return "-" in long_form or text[match.start].lower() == definition.short[0].lower()


def _is_product(short: str, initials: Sequence[str]) -> bool:
    """Whether the short form names the protein ("WASP") of the disease ("Wiskott-Aldrich syndrome")."""
    return short.endswith("P") and "P" not in initials


def _occurrences(text: str, shorts: Collection[str]) -> dict[str, list[tuple[int, int]]]:
    """Where each short form stands as a word, also with the s of a plural; the text is read once for all.

    Short forms are looked up by the letters and digits they begin with: a search for each of them would
    read a long text as often as it defines abbreviations.
    """
    found: dict[str, list[tuple[int, int]]] = {short: [] for short in shorts}
    if not found:
        return found
    by_beginning: dict[str, list[str]] = {}
    for short in shorts:
        begin = _WORD.match(short)
        assert begin is not None, "short forms begin with a letter or digit"
        by_beginning.setdefault(begin.group(), []).append(short)
    for short, start in _candidates(text, by_beginning):
        end = _end_of(text, short, start)
        if end and (not found[short] or found[short][-1][1] <= start):
            found[short].append((start, end))
    return found


def _end_of(text: str, short: str, start: int) -> int:
    """Where a short form that begins here ends as a word, with the s of a plural; 0 where it is another."""
    end = start + len(short)
    if not text.startswith(short, start):
        return 0
    end += text.startswith("s", end)
    following = text[end : end + 1]
    return 0 if following.isalnum() or following == "_" else end


def _candidates(text: str, by_beginning: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, int]]:
    """Short forms and starts of words that they may be, for each short form in order of the text."""
    if len(by_beginning) <= _FEW:
        for beginning, shorts in by_beginning.items():
            for word in _words(text, beginning):
                yield from ((short, word.start()) for short in shorts)
        return
    for word in _WORD.finditer(text):
        letters = word.group()
        for beginning in (letters, letters[:-1]) if letters[-1] == "s" else (letters,):
            yield from ((short, word.start()) for short in by_beginning.get(beginning, ()))


_FEW = 40
"""Short forms whose beginnings are found sooner one by one than by looking at every word."""


def _words(text: str, beginning: str) -> Iterator[re.Match[str]]:
    """The words that are these letters and digits, or these with an s."""
    at = text.find(beginning)
    while at >= 0:
        word = _WORD.match(text, at)
        inside = at > 0 and _WORD.match(text, at - 1)
        if word and not inside and len(word.group()) - len(beginning) <= word.group().endswith("s"):
            yield word
        at = text.find(beginning, at + len(beginning))
