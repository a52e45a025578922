"""Automata: all terms of a small list at once, and terms with wildcards ("diabet*")."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

import ahocorasick
import numpy as np

from hybrid_ner.matching.compiled import TermColumns
from hybrid_ner.matching.match import Hits, Ints
from hybrid_ner.terms import Term
from hybrid_ner.text import fold, fold_text, is_whole


def hits_of(rows: Iterable[tuple[int, int, int, int]]) -> Hits:
    """From rows of (document, start, end, group), in any order."""
    table = np.array(sorted(rows), dtype=np.int32).reshape(-1, 4)
    return Hits(*(np.ascontiguousarray(column) for column in table.T))


_MARKS = "*?"
_WILD = re.compile(
    r"(?!.*\w[*?](?-i:[A-Z]))(?:.*\s)?"
    r"(?:\*[a-z]{3,}(?:\*[a-z]*)?|[^\W\d_]*[a-z]{3}(?:\*|\?)[a-z]*\*?)(?:\s.*)?",
    re.IGNORECASE,
)
"""Marks beside three letters and no digit: "HLA-B*57:01", "CYP2D6*4" and "DAGL*Cr" are names."""
_FEW = 4
"""Beginnings that are sooner looked for one by one than by an automaton."""
_BEGUN, _WORDS = re.compile(r"[*?]*([^*?\s]+)"), re.compile(r"\w+")


class Wildcards:
    """Finds the terms that hold ``*`` (any letters and digits, or none) or ``?`` (one letter, or none).

    All at once: an automaton finds the first letters that each writes out, where its pattern is then tried.

    Args:
        terms: All terms.
        group_of: Group of each term.
    """

    def __init__(self, terms: Sequence[Term], group_of: Ints) -> None:
        found = [(int(group_of[row]), text) for row, text in _marked(terms) if _WILD.fullmatch(text)]
        self._terms = [(group, text) for group, text in found if group >= 0]
        begun: dict[str, list[int]] = {}
        for at, (_, text) in enumerate(self._terms):
            letters = _BEGUN.match(text)
            begun.setdefault(_lower(letters[1]) if letters else "", []).append(at)
        self._anywhere = begun.pop("", [])  # "* fever"
        self._begun = ahocorasick.Automaton()
        for first, those in begun.items():
            self._begun.add_word(first, (len(first), those))
        self._begun.make_automaton()
        few = len(begun) <= _FEW and "".join(begun).isascii()
        self._firsts = [first.encode() for first in begun] if few else [b""]

    def __len__(self) -> int:
        return len(self._terms)

    def add(self, texts: Sequence[str], hits: Hits) -> Hits:
        found = ((doc, *hit) for doc, text in enumerate(texts) for hit in self._find(text))
        rows = [*found]
        return hits_of([*hits.rows(), *rows]) if rows else hits

    def _find(self, text: str) -> Iterator[tuple[int, int, int]]:
        for group, term in map(self._terms.__getitem__, self._anywhere):
            yield from ((*found.span(), group) for found in _pattern(term).finditer(text))
        tried: dict[int, int] = {}  # term → where its next match may begin
        for begin, at in self._begins(text):
            if begin >= tried.get(at, 0):
                found = _pattern(self._terms[at][1]).match(text, begin)
                tried[at] = found.end() if found else begin + 1
                if found:
                    yield *found.span(), self._terms[at][0]

    def _begins(self, text: str) -> Iterator[tuple[int, int]]:
        """Where terms may begin, and which."""
        begun = [*self._begun.iter(_lower(text))] if self._may_begin(text) else []
        words = [word.span() for word in _WORDS.finditer(text)] if begun else []
        for last, (length, those) in begun:
            start = last + 1 - length
            near = bisect_right(words, (start, start)) - 1
            word = words[near][0] if near >= 0 and start <= words[near][1] else start
            for at in those:
                if (begin := word if self._terms[at][1][0] in _MARKS else start) == word:
                    yield begin, at

    def _may_begin(self, text: str) -> bool:
        # Bytes are in lower case sooner. "İ" and the sign of Kelvin become ASCII.
        bare = _lower(text) if "İ" in text or "\u212a" in text else text
        plain = bare.encode("utf-8", "surrogatepass").lower()
        return text != "" and any(first in plain for first in self._firsts)


def _lower(text: str) -> str:
    """In lower case, each character at its place."""
    return text.replace("İ", "I").lower()  # the one letter that is two in lower case


def _marked(terms: Sequence[Term]) -> Iterator[tuple[int, str]]:
    if isinstance(terms, TermColumns):
        yield from ((row, terms.text(row)) for row in terms.holding(_MARKS))
    else:
        texts = enumerate(term.text for term in terms)
        yield from ((row, text) for row, text in texts if "*" in text or "?" in text)


@cache
def _pattern(text: str) -> re.Pattern[str]:
    parts = (  # bounded, or a word of 80,000 letters would take seconds
        r"\w{0,64}" if part == "*" else r"[^\W\d_]?" if part == "?" else re.escape(part)
        for part in re.split(r"([*?])", text)
    )
    return re.compile(rf"(?<!\w){''.join(parts)}(?!\w)".replace("\\ ", r"[\s-]+"), re.IGNORECASE)


# The reference engine: pyahocorasick over the folded text. ``iter`` finds every occurrence and the boundary
# check keeps whole words. ``iter_long`` is not used: it chooses before the boundaries are known.


class AutomatonEngine:
    """Quick to build and low in latency for small gazetteers; needs no compiled code of ours.

    Args:
        terms: Strings to find, as their source writes them.
    """

    def __init__(self, terms: Iterable[str]) -> None:
        keys: dict[str, int] = {}
        groups = []
        for term in terms:
            key = fold(term)
            groups.append(keys.setdefault(key, len(keys)) if key else -1)
        self.group_of: Ints = np.array(groups, dtype=np.int32)
        self.arrays: None = None
        self._lengths = [len(key) for key in keys]
        self._automaton = ahocorasick.Automaton(ahocorasick.STORE_INTS)
        for key, group in keys.items():
            self._automaton.add_word(key, group)
        if keys:
            self._automaton.make_automaton()

    def find(self, texts: Sequence[str]) -> Hits:
        every = enumerate(texts) if self._lengths else ()
        return hits_of((doc, *hit) for doc, text in every for hit in self._find(text))

    def _find(self, text: str) -> Iterator[tuple[int, int, int]]:
        folded = fold_text(text)
        lengths = self._lengths
        for last, group in self._automaton.iter(folded.folded):
            start, end = last + 1 - lengths[group], last + 1
            if is_whole(folded, start, end):
                yield *folded.to_source(start, end), group
