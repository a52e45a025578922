"""What a sentence can be about: the spans on the card, their texts, the labels, what was said before."""

from __future__ import annotations

import os
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any

from rapidfuzz.distance import OSA

from hybrid_ner.errors import InputError
from hybrid_ner.review.chat.words import DOCUMENTS, PHRASE, canonical_words
from hybrid_ner.review.document.spans import occurrences_in
from hybrid_ner.review.store.labels import label_words, plain_words
from hybrid_ner.review.store.postings import find_all
from hybrid_ner.terms.variants.own import other_letters

# What people say: the table of intents (``intents.txt``), and small talk.

_SHORT = {
    "{ok}": r"(?:okay|fine|right)",
    "{doc}": r"(?:document|thing|one)",
    "{today}": r"(?: (?:for )?(?:today|now|the day|tonight|the moment|this evening))?",
}
_NAMED = (("R", r"REF\\d+"), ("L", r"LAB\\d+"), ("T", r"(?:REF|TXT|UNK)\\d+"))


@dataclass(frozen=True)
class Intent:
    """One thing that people want.

    Args:
        example: How somebody may say it.
        lines: Template of the line, or the name of a reading after ``@``.
        patterns: Bare wordings.
        writes: Whether it changes decisions, so that doubt and questions only ask for it.
    """

    example: str
    lines: str
    patterns: tuple[str, ...]
    writes: bool = True

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """All wordings as one pattern."""
        each = []
        for pattern in self.patterns:
            for short, meant in _SHORT.items():
                pattern = pattern.replace(short, meant)
            pattern = _canonical(pattern)
            for name, marker in _NAMED:
                pattern = re.sub(rf"\b{name}\b", marker, pattern)
            each.append(f"(?:{pattern})")
        return re.compile("|".join(each))


def _canonical(pattern: str) -> str:
    """A wording in canonical words, each once in a choice: "(?:no|no)*" is tried in two to the nth ways."""
    single = canonical_words()[0]
    said = re.sub(r"(?<![\\{\w])[a-z]{2,}(?![\w}])", lambda m: single.get(m[0]) or m[0], pattern)
    return re.sub(r"(?<=\(\?:)[^()]+(?=\))", lambda m: "|".join(dict.fromkeys(m[0].split("|"))), said)


PHRASINGS = "HYBRID_NER_PHRASINGS"
"""Environment variable: a file of one's own in the notation of ``intents.txt``, which is tried first."""


@lru_cache(maxsize=1)
def intents() -> tuple[Intent, ...]:
    """The table, from the first intent that is tried to the last.

    Raises:
        InputError: A row of one's own file cannot be read.
    """
    own = os.environ.get(PHRASINGS, "")
    mine = _read_intents(Path(own), check=True) if own else []
    return (*mine, *_read_intents(Path(__file__).with_name("intents.txt"), check=False))


def _read_intents(path: Path, *, check: bool) -> list[Intent]:
    found: list[Intent] = []
    try:
        rows = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = "it is no UTF-8" if isinstance(error, ValueError) else error.strerror
        raise InputError(f"{path} cannot be read: {why}.", hint=f"{PHRASINGS} names it.") from error
    for number, row in enumerate(rows, 1):
        if row.startswith("    "):
            if check and not (found and _compiles(row.strip())):
                raise InputError(
                    f"{path}, row {number}: {row.strip()!r} is no wording.",
                    hint='Write `zap 3  =>  no {0}`, and below it, indented, "zap R".',
                )
            last = found[-1]
            found[-1] = Intent(last.example, last.lines, (*last.patterns, row.strip()), last.writes)
        elif " => " in row:
            example, _, lines = row.partition("=>")
            if check and (lines.strip().startswith("@") or re.search(r"\{(?!f\}|\dq?\})", lines)):
                raise InputError(
                    f"{path}, row {number}: {lines.strip()!r} is no line of the command language.",
                    hint="Write a line such as `no {0}` behind the arrow.",
                )
            asks = lines.endswith("(asks)")
            found.append(Intent(example.strip(), lines.removesuffix("(asks)").strip(), (), not asks))
    return found


def _compiles(wording: str) -> bool:
    try:
        return bool(Intent("", "", (wording,)).regex)
    except re.error:
        return False


def vocabulary() -> set[str]:
    """Every word that a wording knows."""
    patterns = [*_SHORT.values(), *(pattern for intent in intents() for pattern in intent.patterns)]
    return {word for text in patterns for word in re.findall(r"[a-z]{2,}", re.sub(r"\\.", " ", text))}


_WHICH = frozenset(
    ("next", "previous", "prev", "earlier", "last", "first", "second", "third", "fourth", "fifth", "this",
     "that", "other", "another", "pending", "many", "every", "each", "remaining", "open", "current")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spot:
    """A span of the card, as far as sentences can speak of it."""

    number: int
    start: int
    end: int
    surface: str
    label: str
    open: bool = True
    chosen: bool = True
    source: str = ""
    out: bool = False  # rejected
    score: float = 1.0

    def beside(self, start: int, end: int) -> bool:
        """Whether words from ``start`` to ``end`` of the text stand right before or behind the span."""
        return 0 < start - self.end < 3 or 0 < self.start - end < 3

    def meets(self, start: int, end: int) -> bool:
        """Whether it and the words from ``start`` to ``end`` of the text overlap."""
        return start < self.end and self.start < end

    def has(self, words: str) -> bool:
        """Whether its text is these words or has them in it, whole: "effusion" of "Pleural effusion"."""
        return f" {squeezed(words)} " in f" {squeezed(self.surface)} "


@dataclass(frozen=True, slots=True)
class Past:
    """A step that has changed the document.

    Args:
        step: Its number in the log.
        was: What it has changed as it was before, by number; ``None`` for what was not there.
        whole: It joins or splits mentions, so that none of them goes back alone.
    """

    step: int
    was: Mapping[int, Spot | None]
    whole: bool = False


_STOP = re.compile(r"[.;!?]\s|\n")  # "no fever. Cough"


@dataclass(frozen=True)
class Situation:
    """What words like "this", "the second one" or "the chemical" can mean now.

    Args:
        spots: The spans of the card, by number.
        text: Text of the document.
        labels: Labels of the project.
        framed: Number of the span that the page frames, 0 when it did not say.
        named: Number of the span that the lines since the last decision were about, 0 for none.
        lately: Number of the one span that was rejected or spoken of last, whatever else was said that names
            no other; 0 for none.
        waits: Number of the one span that the question which waits is about, 0 for none.
        last: The last command line that wrote something, empty for none.
        touched: Number of the one span that the line before has changed, 0 for none.
        place: Number of the document, 0 without one.
        fresh: The line before this one has changed something here.
        told: The line before this one was answered and changed nothing.
        asked: "Yes" can only be about the framed span: no other question was asked last.
        document: Name of the document.
        has_document: Whether a name is the id of a document.
        labels_of: Labels that a text is known under.
        label_guess: The label of the listed terms that end like words on no list; empty where none does.
        last_document: Number of the last document.
        document_with: Number of the other document that words stand in; 0 for none or several.
        elsewhere: Where else words stand: "2 times in “d2”"; empty for nowhere.
        past: The last steps here, the last one first.
        group: Numbers of the several spans that the line before named, or whose decision it took back.
        refused: The line before was not understood.
        part: A part of a line is read, which is not divided again.
        kept: What was read so far, by line and situation: a part of a line is come by in many ways. What is
            made of a situation by ``replace`` has the same.
    """

    spots: tuple[Spot, ...] = ()
    text: str = ""
    labels: tuple[str, ...] = ()
    framed: int = 0
    named: int = 0
    lately: int = 0
    waits: int = 0
    last: str = ""
    touched: int = 0
    fresh: bool = False
    told: bool = False
    asked: bool = True
    place: int = 0
    document: str = ""
    has_document: Callable[[str], bool] = field(default=lambda name: False)
    labels_of: Callable[[str], tuple[str, ...]] = field(default=lambda text: ())
    label_guess: Callable[[str], str] = field(default=lambda text: "")
    last_document: Callable[[], int] = field(default=lambda: 0)
    document_with: Callable[[str], int] = field(default=lambda words: 0)
    elsewhere: Callable[[str], str] = field(default=lambda words: "")
    past: Callable[[], tuple[Past, ...]] = field(default=tuple)
    group: tuple[int, ...] = ()
    refused: bool = False
    part: bool = False
    kept: dict[str, dict[Any, Any]] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def by_surface(self) -> dict[str, list[int]]:
        """Numbers of the spans by their text, in small letters."""
        found: dict[str, list[int]] = {}
        for spot in self.spots:
            said = squeezed(spot.surface)
            # "chest xray" for "chest x-ray"
            close = re.sub(r"(?<=\d) (?=[a-zµ%]{1,4}\b)", "", said)  # "75mg" for 75 mg
            for each in dict.fromkeys((said, said.replace("-", ""), said.replace("-", " "), close)):
                found.setdefault(each, []).append(spot.number)
        return found

    @cached_property
    def accented(self) -> dict[str, str]:
        """The words of the document that have accents, by how they are typed without."""
        found: dict[str, str] = {}
        for word in {each for each in re.findall(r"\w+", self.text) if not each.isascii()}:
            plain = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
            if plain.isascii():
                found[plain] = word
        return found

    @cached_property
    def small(self) -> str:
        """The document in small letters on one line."""
        return str(self.once("small", "", lambda: squeezed(self.text)))

    @cached_property
    def in_text(self) -> tuple[Spot, ...]:
        """The spans in the order of the text."""
        return tuple(sorted(self.spots, key=lambda s: (s.start, s.end)))

    @cached_property
    def shown(self) -> tuple[Spot, ...]:
        """Those that the card shows with a label, which the less likely ones have not: "the first two"."""
        return tuple(spot for spot in self.in_text if spot.chosen or not spot.open) or self.in_text

    @cached_property
    def waiting(self) -> tuple[Spot, ...]:
        """The open spans, in the order of the text."""
        return tuple(spot for spot in self.in_text if spot.open)

    @property
    def offered(self) -> tuple[Spot, ...]:
        """The open spans that are suggested, without the less likely ones unless there are no others."""
        return tuple(spot for spot in self.waiting if spot.chosen) or self.waiting

    @property
    def focus(self) -> Spot | None:
        """What "this" means: the framed span, or else the first one that waits."""
        framed = self.spot(self.framed)
        return framed or next(iter(self.offered), None)

    def found_by(self, source: str) -> tuple[Spot, ...]:
        """The open spans that only the rules, or only the model, have found."""
        return tuple(spot for spot in self.waiting if spot.source == source)

    @property
    def last_decided(self) -> Spot | None:
        """The one span that the last line has decided, bounded or added, or whose decision it took back."""
        if re.match(r"(?:un|re)do\b", self.last):
            return self.spot(self.touched)
        found = re.fullmatch(r"(?:\w+ )?(\d+)(?: (?:is|->) .*)?", self.last)
        alone = re.fullmatch(r'add "[^"]*"(?: [@#]\S+)? [^;]+', self.last)
        return self.spot(int(found.group(1)) if found else self.touched if alone else 0)

    @property
    def just_before(self) -> Spot | None:
        """The span decided a moment ago, where the framed one is behind it: "the next two" begin there."""
        last, order = self.last_decided if self.fresh else None, [*self.in_text]
        return last if last and self.focus in order[order.index(last) + 1 :][:1] else None

    def spot(self, number: int) -> Spot | None:
        """The span of that number."""
        return next((spot for spot in self.spots if spot.number == number), None)

    def these(self, numbers: Iterable[int]) -> list[Spot]:
        """The spans of these numbers, as far as they are here."""
        return [spot for number in numbers if (spot := self.spot(number))]

    def labels_named(self, said: str | None) -> tuple[str, ...]:
        """The labels that words name, whole and without a slip; see ``label_words``."""
        return label_words(self.labels).get(plain_words(said or ""), ((), False))[0]

    def labeled(self, labels: Sequence[str]) -> tuple[Spot, ...]:
        """The spans of a label: those that wait, or all when none does."""
        every = tuple(spot for spot in self.shown if spot.label in labels)
        every = every or tuple(spot for spot in self.in_text if spot.label in labels)
        return tuple(spot for spot in every if spot.open) or every

    def calls_document(self, word: str, before: str) -> bool:
        """Whether a word means the document on the card, or another: "the next patient", "this contract"."""
        one = word.removesuffix("s")
        called = one in DOCUMENTS.split() and one != "one"
        return called and before in _WHICH and word not in self.by_surface

    def holds(self, phrase: str) -> bool:
        """Whether the document has these words, whole."""
        at, said = self.small.find(phrase), self.small
        while phrase and at >= 0:
            end = at + len(phrase)
            left = at == 0 or not (said[at - 1].isalnum() and phrase[0].isalnum())
            if left and (end == len(said) or not (said[end].isalnum() and phrase[-1].isalnum())):
                return True
            at = said.find(phrase, at + 1)
        return False

    def near(self, word: str) -> str:
        """The one word of the document that a misspelled one may stand for; empty without one."""
        said, most = word.lower(), max(1, len(word) // 6)
        if typed := [each for each in other_letters(said) if find_all(self.small, each)]:
            return typed[0]  # "oedem" on a keyboard without umlauts
        words = set(re.findall(r"[^\W\d_]{5,}", self.small)) if len(said) > 4 else set()
        close = [each for each in words if OSA.distance(each, said, score_cutoff=most) <= most]
        return close[0] if len(close) == 1 else ""

    def near_span(self, said: str) -> str:
        """The one span of several words that misspelled words are nearest to; empty without one."""
        most = 1 if len(said) < 14 else 2
        close = [
            each
            for each in self.by_surface
            if len(each) > 7
            and each[:1] == said[:1]
            and each.count(" ") == said.count(" ") > 0
            and each != said
            and OSA.distance(each, said, score_cutoff=most) <= most
            and not (each.rstrip("s") == said.rstrip("s") or re.search(r"\d", each + said))
        ]
        return close[0] if len(close) == 1 else ""

    def by_initials(self, said: str) -> str:
        """The one text of spans that letters are the first of: AKI or aki for "acute kidney injury".

        Two letters, as AF, have to be large, and of an open mention.
        """
        if not (said.isalpha() and (said.isupper() or said.islower()) and 1 < len(said) < 7):
            return ""
        short = len(said) == 2
        if (short and said.islower()) or (said.isupper() and re.search(rf"\b{said}\b", self.text)):
            return ""
        small = ("of", "the", "and", "in", "to", "for", "with")
        found = [
            each
            for each, numbers in self.by_surface.items()
            if not short or any(spot.number in numbers for spot in self.waiting)
            if "".join(word[0] for word in re.split(r"[\s-]+", each) if word and word not in small)
            == said.lower()
        ]
        return found[0] if len({squeezed(each.replace("-", " ")) for each in found}) == 1 else ""

    def part_of(self, phrase: str) -> int:
        """Number of the one span that words are a part of, wherever they stand; 0 without one."""
        places = self.places(phrase)
        around = {s.number for a, b in places for s in self.spots_at(a, b) if s.start <= a and b <= s.end}
        return around.pop() if len(around) == len(places) == 1 else 0

    def only_named(self, phrase: str) -> bool:
        """Whether words stand nowhere but in spans."""
        places = self.places(phrase)
        within = (any(s.start <= a and b <= s.end for s in self.spots_at(a, b)) for a, b in places)
        return bool(places) and all(within)

    def names(self, word: str) -> bool:
        """Whether a word alone stands for the one span whose name it begins or ends: Jane for Jane Whitfield.

        Names of two words only, with capitals and nothing between: "India" may be more than the end of
        "Supreme Court of India", and "chest" is no name for "chest pain".
        """
        spot = self.spot(self.part_of(word))
        words = spot.surface.split() if spot else []
        capital = all(each[0].isupper() and each[1:].islower() for each in words)
        return len(words) == 2 and capital and word.lower() in map(str.lower, words)

    def held(self, phrase: str) -> list[Spot]:
        """The spans that lie in these words."""
        found = (
            s for a, b in self.places(phrase) for s in self.spots_at(a, b) if a <= s.start and s.end <= b
        )
        return sorted(dict.fromkeys(found), key=lambda spot: spot.number)

    def places(self, phrase: str) -> list[tuple[int, int]]:
        """Where the document has these words."""
        return list(self.once("places", phrase, lambda: sorted(occurrences_in(self.text, phrase))))

    def places_within(self, phrase: str, start: int, end: int) -> list[tuple[int, int]]:
        """Those that overlap or touch a part of the document."""
        places: list[tuple[int, int]] = self.once(
            "places", phrase, lambda: sorted(occurrences_in(self.text, phrase))
        )
        first = bisect_left(places, start, key=itemgetter(1))
        return places[first : bisect_right(places, end, lo=first, key=itemgetter(0))]

    def once(self, what: str, words: str, found: Callable[[], Any]) -> Any:
        """What is found for words in the text, looked for once while a line is read."""
        known = self.kept.setdefault(what, {})
        if (words, self.text) not in known:
            known[words, self.text] = found()
        return known[words, self.text]

    def bare(self, phrase: str) -> list[tuple[int, int]]:
        """Those where no mention is or was."""
        return self.unmarked(self.places(phrase))

    def unmarked(self, places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        """The places in which no mention is or was."""
        return [(a, b) for a, b in places if not any(s.meets(a, b) for s in self.spots_at(a, b))]

    @cached_property
    def names_elsewhere(self) -> list[tuple[int, int]]:
        """Where names of spans stand once more, unmarked."""
        return [place for name in dict.fromkeys(s.surface for s in self.spots) for place in self.bare(name)]

    def spots_at(self, start: int, end: int) -> list[Spot]:
        """The spans that overlap or touch a place, by number: a long document has thousands elsewhere."""
        starts, longest = self._starts
        here = self.in_text[bisect_left(starts, start - longest) : bisect_right(starts, end)]
        return sorted((spot for spot in here if spot.end >= start), key=lambda spot: spot.number)

    @cached_property
    def _starts(self) -> tuple[list[int], int]:
        """Where the spans begin, in order, and the characters of the longest one."""
        return [s.start for s in self.in_text], max((s.end - s.start for s in self.spots), default=0)

    def sentence(self, spot: Spot) -> str:
        """The sentence, or the line, that a mention stands in."""
        after = _STOP.search(self.text, spot.end)
        at = bisect_right(self._stops, spot.start)
        return self.text[self._stops[at - 1] if at else 0 : after.start() if after else len(self.text)]

    @cached_property
    def _stops(self) -> list[int]:
        """Where sentences and lines have ended."""
        return [stop.end() for stop in _STOP.finditer(self.text)]


def squeezed(text: str) -> str:
    """In small letters, with single spaces."""
    return " ".join(text.lower().split())


def span_words(found: list[re.Match[str]], at: int, line: str, situation: Situation) -> int:
    """Tokens from here on that are the text of a span; the longest."""
    for size in range(min(PHRASE, len(found) - at), 0, -1):
        said = squeezed(line[found[at].start() : found[at + size - 1].end()])
        if said in situation.by_surface and (size > 1 or not said.isdecimal()):
            return size
        if size > 1 and said[-1] == "s" and said[:-1] in situation.by_surface and not situation.holds(said):
            return size  # "all the thyroid storms"
    return 0


_SIDES = frozenset(
    ("before", "after", "to", "from", "until", "till", "since", "up", "out", "off", "first", "last", "next",
     "left", "right")
)  # fmt: skip
_ENDS = frozenset(
    ("end", "ends", "ending", "stop", "stops", "cut", "finish", "finishes", "until", "till")
)  # fmt: skip


def part_words(found: list[re.Match[str]], at: int, line: str, situation: Situation) -> int:
    """Tokens from here on that end the text of a span named by number and begin with a word of the chat.

    ``drop before bed from 5``, where 5 is "naproxen before bed": two words of the text, and no side of it.
    """
    if found[at].group().lower() not in _SIDES or (at and found[at - 1].group().lower() in _ENDS):
        return 0
    numbers = {int(token.group()) for token in found if token.lastgroup == "number"}
    for size in range(min(PHRASE, len(found) - at), 1, -1):
        said = squeezed(line[found[at].start() : found[at + size - 1].end()])
        if any(
            squeezed(spot.surface).endswith(f" {said}") for spot in situation.spots if spot.number in numbers
        ):
            return size
    return 0


def near_words(found: list[re.Match[str]], at: int, line: str, situation: Situation) -> int:
    """Tokens from here on that are a slip of the one span of so many words: "right uper lobe"."""
    for size in (4, 3, 2):
        if at + size <= len(found) and {t.lastgroup for t in found[at : at + size]} <= {"word", "number"}:
            said = squeezed(line[found[at].start() : found[at + size - 1].end()])
            if situation.near_span(said) and not situation.holds(said):
                return size
    return 0


def plural_words(found: list[re.Match[str]], at: int, line: str, situation: Situation) -> int:
    """Tokens from here on that are the plural of words that only spans have: "both Harbor Points"."""
    for size in (3, 2, 1):
        said = squeezed(line[found[at].start() : found[min(at + size, len(found)) - 1].end()])
        one = said.removesuffix("s")
        if at + size <= len(found) and one != said and situation.holds(one) and situation.only_named(one):
            return size
    return 0


def capitals(found: list[re.Match[str]], at: int, situation: Situation) -> int:
    """Two tokens where an article is written as in the text: "add The Court"."""
    if not at or found[at].group() != "The" or found[at - 1].lastgroup != "word" or at + 1 == len(found):
        return 0
    after = found[at + 1].group()
    return 2 if after[0].isupper() and f"The {after}" in situation.text else 0


def dotted_text(line: str, start: int, last: re.Match[str], situation: Situation) -> str:
    """Words that end in an initial, with its dot: "Mehta J. with the letter"."""
    said = line[start : last.end() + 1]
    short = last.group()[:1].isupper() and len(last.group()) < 3
    inner = said.endswith(".") and re.match(r" +(?!(?:is|was|are) an? )[a-z]", line[last.end() + 1 :])
    return said if short and inner and said in situation.text else ""


def numbers_said(numbers: Iterable[int]) -> str:
    """``1-3 7`` for 1, 2, 3 and 7."""
    ordered = sorted(set(numbers))
    breaks = [0, *(n for n, (a, b) in enumerate(pairwise(ordered), 1) if b > a + 1), len(ordered)]
    runs = [ordered[start:end] for start, end in pairwise(breaks) if start < end]
    return " ".join(
        str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" if len(run) > 2 else f"{run[0]} {run[1]}"
        for run in runs
    )


def numbers_in(line: str) -> set[int]:
    """The numbers of a line, those of ranges too: 1, 2, 3 and 7 of "1-3 and 7"."""
    ranges = re.findall(r"(\d{1,6})(?: ?(?:-|–|to) ?(\d{1,6}))?", line)
    return {n for a, b in ranges for n in range(int(a), min(int(b or a), int(a) + 1000) + 1)}


def spans_in(line: str) -> set[int]:
    """The spans that a line of the command language is about: 2 to 4 and 7 of ``ok 2-4; 7 = "40 mg"``."""
    plain = re.sub(r'"(?:[^"\\]|\\.)*"|[@#][\d-]+', "", line)
    ranges = re.findall(r"(?<![\w-])(\d+)(?:-(\d+))?(?![\w-])", plain)
    return {n for first, last in ranges for n in range(int(first), int(last or first) + 1)}


def quoted(text: str) -> str:
    """A text in quotes, as the language writes it."""
    return '"' + " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"') + '"'


def added_line(place: tuple[int, int], label: str, situation: Situation) -> str:
    """The line that adds a place of the text, with its order where the same words stand elsewhere too."""
    text = " ".join(situation.text[slice(*place)].split())
    places = situation.places(text)
    nth = f"#{places.index(place) + 1} " if len(places) > 1 and place in places else ""
    return f"add {quoted(text)} {nth}{label}"


def longest(line: str, situation: Situation) -> str:
    """The longest line read in a situation so far: the one that was typed, where this is a part of it."""
    seen = situation.kept.setdefault("typed", {})
    seen["line"] = max(seen.get("line", ""), line, key=len)
    return str(seen["line"])
