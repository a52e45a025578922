"""What the medical sources share: the words of a text, and what it talks about: genes, or a patient."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Set
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import compress, islice
from typing import Any, Literal

from spacy.tokens import Doc

from hybrid_ner.domains.registry import RuleSource as MedicalSource
from hybrid_ner.domains.registry import set_of
from hybrid_ner.io import read_list, shipped
from hybrid_ner.matching.match import Match
from hybrid_ner.sources import aggregate, rule_match
from hybrid_ner.text.patterns import Patterns, PerText, WordPattern, runs

__all__ = ["MedicalSource", "rule_match", "set_of"]

_RE = Patterns(__file__)

CHEMICAL = "Chemical"
DISEASE = "Disease"


@dataclass(frozen=True)
class FollowingSource(MedicalSource):
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
        text: The source text.
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
        text: Any text.
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


# What a document talks about. A kind is told by how many different features of a list occur, so that one word
# decides nothing. A text of 100,000 characters holds every word sooner or later: what is longer than a few
# pages is judged by its pages.

_PAGE = 4_000
"""Characters of a page: a long report or a full-text article is judged page by page."""
_GENES, _MUCH_OF_GENES = 3, 6
"""Features: abstracts on disease genes have three to five of them, those on cells and proteins more."""
_CLINICAL = 5
_PAPER = 4
"""Features that a text needs more when it speaks as a paper does: an abstract about a case is no note."""

_NOTE = 2
"""Features of notes that a page needs; one more for each kind of speech that notes lack."""
_DENSE = 2.5
"""Features of notes on 1,000 characters, and points of terseness, of a note: case reports have 0 to 2.5,
notes 3 to 20."""
_ABSTRACT = 2_000
"""Characters: one paragraph of that length, with a title at most, is often an abstract; it needs one more."""


def _groups() -> dict[str, list[str]]:
    """Groups of lines of ``note_features.txt``: HEADING, CARE, and the features by number."""
    text = shipped("gazetteers", "medical", "rules", "note_features.txt").read_text(encoding="utf-8")
    groups: dict[str, list[str]] = {}
    for number, block in enumerate(text.split("\n\n")):
        lines = [line for line in block.splitlines() if line and not line.startswith("#")]
        if lines:
            named = lines[0] in ("HEADING", "CARE")
            groups[lines[0] if named else str(number)] = lines[named:]
    return groups


def _note_features() -> list[str]:
    """One expression for each feature of notes: a heading, two of them, then those of the file."""
    groups = _groups()
    heading = f"LINE(?:{'|'.join(groups.pop('HEADING'))})[ ]?:"
    del groups["CARE"]
    features = [heading, rf"{heading}[\s\S]*?{heading}", *("|".join(lines) for lines in groups.values())]
    return [each.replace("LINE", _begun("\n.;")).replace("CLAUSE", _begun("\n.;,:")) for each in features]


def _begun(behind: str) -> str:
    """Where a word begins a text, or stands behind one of these characters and a few spaces.

    As a look behind, not as a match of what stands there: an expression is then known to begin with its word.
    """
    return rf"\b(?:(?<![\s\S])|{'|'.join(rf'(?<=[{behind}]{spaces})' for spaces in _INDENTS)})"


_INDENTS = ("", r"\s", r"\s\s", r"\s\s\s", r"\s\s\s\s")
_FEW_WORDS = 6
_TERSE: tuple[tuple[float, ...], ...] = ((), (0.1, 0.15), (0.15, 0.2), (0.15, 0.2), (0.15, 0.22))
"""By how many words of care a text has, below which shares of plain words it earns a point."""
_FEW_LINES = 600
"""Characters of a note that is too short for features: its words of care are looked for in more lists."""
_MOST_TERSE = max(map(len, _TERSE))


@cache
def _care() -> re.Pattern[str]:
    """Words of care, in lower case."""
    return re.compile(rf"\b(?:{'|'.join(_groups()['CARE'])})\b")


@cache
def _care_words() -> frozenset[str]:
    """Findings, drugs, sites and analytes of one word, as the lists of the rules have them."""
    lists = ("clinical_findings", "clinical_drugs", "body_sites", "analytes")
    files = (shipped("gazetteers", "medical", "rules", f"{name}.txt") for name in lists)
    return frozenset(entry.lower() for file in files for entry in read_list(file) if " " not in entry)


_ENOUGH = _CLINICAL + 1 + _PAPER
_Kind = Literal["genes", "clinical", "paper", "note", "many", "law", "elsewhere"]
_OTHERS: tuple[_Kind, ...] = ("paper", "many", "law", "elsewhere")


_Feature = tuple[WordPattern, re.Pattern[str] | None]
"""An expression, and one in lower case that need not begin with a word."""


@cache
def _features() -> dict[_Kind, list[_Feature]]:
    """All features by kind."""
    listed: tuple[_Kind, ...] = ("genes", "clinical")
    kinds: list[tuple[_Kind, tuple[str, str]]] = [
        *((kind, row) for kind in listed for row in _RE.made(kind, str)),
        *(("note", (feature, "")) for feature in _note_features()),
        *((kind, (_RE.source(kind.upper()), "")) for kind in _OTHERS),
    ]
    found: dict[_Kind, list[_Feature]] = {}
    for kind, (first, second) in kinds:
        # In exact letters, over pages in lower case: what it begins with is then looked for as a string.
        elsewhere = re.compile(second) if second else None
        found.setdefault(kind, []).append((WordPattern(first, re.IGNORECASE), elsewhere))
    return found


@PerText
def talks_of_genes(text: str) -> bool:
    """Whether the text is about genes, proteins and cells, where names of chemicals stand in other names."""
    return _most_pages(text, "genes", _GENES)


@PerText
def talks_mostly_of_genes(text: str) -> bool:
    """Whether it is about little else."""
    return _most_pages(text, "genes", _MUCH_OF_GENES)


@PerText
def is_clinical(text: str) -> bool:
    """Whether the text tells of a patient: a note or a case report, not an abstract about many."""
    if len(text) < _PAGE and _is_short_note(text):
        return True
    abstract = len(text) < _ABSTRACT and text.count("\n") <= 1 and not _RE.HEADED.match(text)
    about_many = abstract and _count(text, "many") > 0
    return _most_pages(text, "clinical", _CLINICAL + abstract + about_many, _PAPER)


@PerText
def is_note(text: str) -> bool:
    """Whether the text is a note: about a patient, and as dense with headings and short forms as notes are.

    Case reports tell of a patient too, in sentences, and are annotated by another guideline.
    """
    if not is_clinical(text):
        return False
    if len(text) < _FEW_LINES and _is_short_note(text):
        return True
    page = text[:_PAGE]
    asked = _DENSE + 2 * _count(page, "paper") - 1_000 * _count(page, "note") / len(page)
    return asked <= 0 or (asked <= _MOST_TERSE and _terseness(page) >= asked)


@PerText
def is_case_report(text: str) -> bool:
    """Whether the text tells of a patient in the sentences of a paper, not of a note."""
    return is_clinical(text) and not is_note(text)


def _is_short_note(text: str) -> bool:
    """Whether a page has the headings, short forms and turns of notes, and little of papers and law."""
    asked = _NOTE + sum(_count(text, kind) for kind in _OTHERS)
    asked += _count(text, "elsewhere")  # these tell more than a word of law
    found = _count(text, "note")
    return found >= asked or (found + _MOST_TERSE >= asked and found + _terseness(text) >= asked)


def _terseness(text: str) -> int:
    """0 to 2: how far a text is fragments about a patient, ``IV site without redness. Pain controlled.``"""
    words = _RE.WORDS.findall(_lower(text))
    segments = len(_RE.SEGMENTS.findall(text))
    if len(words) < _FEW_WORDS or not 2 <= segments <= 0.8 * len(words):  # a list of words is no text
        return 0
    plain = sum(_RE.PLAIN.fullmatch(word) is not None for word in words) / len(words)
    told = set(_care().findall(_lower(text)))
    if len(text) < _FEW_LINES and segments > 2:  # one sentence is no note
        told |= _care_words().intersection(words)
    limits = _TERSE[min(len(_TERSE) - 1 - (len(text) >= _FEW_LINES), len(told))]
    return sum(plain < limit for limit in limits)


def _most_pages(text: str, kind: _Kind, least: int, paper: int = 0) -> bool:
    """Whether more than half of the pages have so many features, and ``paper`` more in a paper's speech."""
    count = max(1, round(len(text) / _PAGE))
    size = len(text) // count + 1
    kinds = []
    for at in range(0, len(text), size):
        page = text[at : at + size]
        found = _count(page, kind)
        kinds.append(found >= least + paper or (found >= least and not _count(page, "paper")))
    return 2 * sum(kinds) > len(kinds) if len(kinds) > 1 else any(kinds)


_lower = PerText(str.lower)


@lru_cache(maxsize=64)  # three questions are asked of every page
def _count(page: str, kind: _Kind) -> int:
    """How many features of a kind a page has; more than ``_ENOUGH`` are not counted."""
    lower = _lower(page)
    found = (
        1
        for pattern, elsewhere in _features()[kind]
        if pattern.matches(page) or (elsewhere is not None and elsewhere.search(lower) is not None)
    )
    return sum(islice(found, _ENOUGH))
