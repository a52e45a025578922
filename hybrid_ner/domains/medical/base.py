"""What the medical sources share: settings, word lists, and matches made from words."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import Any

from hybrid_ner.domains.registry import RuleSource as MedicalSource
from hybrid_ner.domains.registry import rule_match
from hybrid_ner.errors import InputError
from hybrid_ner.io import read_list, shipped
from hybrid_ner.terms.shipped import COLUMNS, table_rows
from hybrid_ner.text.prefilter import PerText, runs

__all__ = [
    "CHEMICAL",
    "DISEASE",
    "LISTS",
    "SWITCHES",
    "MedicalSettings",
    "MedicalSource",
    "Words",
    "rule_match",
    "split_words",
]


CHEMICAL = "Chemical"
DISEASE = "Disease"


LISTS = tuple(
    """
    analytes banned_terms body_sites chemical_classes chemical_endings chemical_morphemes
    chemical_salts cell_lines clinical_drugs clinical_findings code_exceptions disease_heads
    disease_kinds disease_suffixes disease_tails disease_words formulas gene_heads genera heredity
    loss_phrases note_bare note_heads note_sites protein_names sites_of stop_terms suffix_exceptions
    whole_names
    """.split()  # noqa: SIM905
)
"""Files of ``gazetteers/medical/rules`` that the sources use, without their extension."""
SWITCHES = ("genetics",)


@dataclass(frozen=True, slots=True)
class MedicalSettings:
    """Word lists and switches of the medical sources.

    Args:
        lists: Entries of every list named in ``LISTS``.
        genetics: Whether "C2-deficient" is a mention as "C2 deficiency" is, as papers on genetics are
            annotated; elsewhere it mostly describes animals.
    """

    lists: Mapping[str, tuple[str, ...]]
    genetics: bool = False

    @classmethod
    def shipped(cls, genetics: bool = False, folder: Path | None = None) -> MedicalSettings:
        """The lists that come with the package, or those of the same names in another folder."""
        folder = folder or shipped("gazetteers", "medical", "rules")
        lists = {name: read_list(folder / f"{name}.txt") for name in LISTS}
        return cls({**lists, **_short_forms()}, genetics)

    @classmethod
    def of(cls, switches: Iterable[str] = ()) -> MedicalSettings:
        """The shipped lists with the named switches on.

        Raises:
            InputError: An unknown switch.
        """
        switches = set(switches)
        for name in sorted(switches - set(SWITCHES)):
            raise InputError(f"no medical switch {name!r}.", hint=f"Use any of {', '.join(SWITCHES)}.")
        return cls.shipped(genetics="genetics" in switches)

    def to_state(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        return {
            "lists": {name: list(entries) for name, entries in self.lists.items()},
            "genetics": self.genetics,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> MedicalSettings:
        """The settings that ``to_state`` described."""
        lists = {str(name): tuple(entries) for name, entries in state["lists"].items()}
        return cls(lists, bool(state["genetics"]))


def _short_forms() -> dict[str, tuple[str, ...]]:
    """The terms of two packs of short forms: rules read them in notes without being asked to."""
    forms: dict[str, list[str]] = {DISEASE: [], CHEMICAL: []}
    for pack in ("clinical_notes", "clinical_abbreviations"):
        path = shipped("gazetteers", "medical", f"{pack}.tsv")
        for _, (term, label, *_) in table_rows(path, COLUMNS):
            forms[label].append(term)
    return {"note_diseases": tuple(forms[DISEASE]), "note_drugs": tuple(forms[CHEMICAL])}


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
    skipped = [(_before_space(text, found.start()), found.end()) for found in _SHORT_FORM.finditer(text)]
    return _without(every, skipped) if skipped else every


def _before_space(text: str, bracket: int) -> int:
    return bracket - text[bracket - 1 : bracket].isspace()  # the search itself then stops at brackets alone


@PerText
def _all_words(text: str) -> Words:
    found = runs(text)
    gaps, joined = found.gaps, []
    if "'s" in text or "’s" in text:
        joined = [n for n, word in enumerate(found.words) if word == "s" and _is_ending(gaps[n], gaps[n + 1])]
    if not joined:
        return _words(text, found.starts, found.ends, found.words, gaps[:-1], found.words)
    own = [True] * len(found.words)
    ends, surfaces = found.ends[:], found.words[:]
    for number in joined:
        if number and own[number - 1]:  # "'s" belongs to the word before it
            own[number] = False
            ends[number - 1] = found.ends[number]
            surfaces[number - 1] += text[found.ends[number - 1] : found.ends[number]]
    starts, words, kept = compress(found.starts, own), compress(found.words, own), compress(gaps, own)
    return _words(text, starts, compress(ends, own), words, kept, compress(surfaces, own))


def _is_ending(before: str, after: str) -> bool:
    return before in ("'", "’") and not after.startswith("_")


def _words(
    text: str,
    starts: Iterable[int],
    ends: Iterable[int],
    words: Iterable[str],
    gaps: Iterable[str],
    surfaces: Iterable[str],
) -> Words:
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
