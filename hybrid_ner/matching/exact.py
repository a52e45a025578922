"""Exact matching, wildcards in terms too ("diabet*"): from text to labeled spans, without spaCy."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Literal

import ahocorasick
import numpy as np
from numpy.typing import NDArray

from hybrid_ner.matching.compiled import Compiled, CompiledGazetteer, TermColumns, load_gazetteer
from hybrid_ner.matching.match import (
    Engine,
    Fuzzy,
    FuzzyMode,
    Hits,
    Ints,
    Match,
    Overlap,
    Reading,
    TermGroups,
    Weights,
    longest_first,
)
from hybrid_ner.matching.phrase_hash import PhraseHashEngine, build_phrases
from hybrid_ner.terms import MATCH_MODES, Gazetteer, Term
from hybrid_ner.text import fold, fold_text, is_whole, quantity
from hybrid_ner.text.offsets import best_weight
from hybrid_ner.text.patterns import batches

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

    def add(self, texts: Sequence[str], hits: Hits) -> Hits:
        """The hits, and those of these terms."""
        found = ((doc, *hit) for doc, text in enumerate(texts) for hit in self._find(text))
        rows = [*found] if self._terms else []
        return Hits.of([*hits.rows(), *rows]) if rows else hits

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
        self.arrays = None
        self._lengths = [len(key) for key in keys]
        self._automaton = ahocorasick.Automaton(ahocorasick.STORE_INTS)
        for key, group in keys.items():
            self._automaton.add_word(key, group)
        if keys:
            self._automaton.make_automaton()

    def find(self, texts: Sequence[str]) -> Hits:
        """Every occurrence in each text."""
        if not self._lengths:
            return Hits.of([])
        return Hits.of([(doc, *hit) for doc, text in enumerate(texts) for hit in self._find(text)])

    def _find(self, text: str) -> Iterator[tuple[int, int, int]]:
        folded = fold_text(text)
        lengths = self._lengths
        for last, group in self._automaton.iter(folded.folded):
            start, end = last + 1 - lengths[group], last + 1
            if is_whole(folded, start, end):
                yield *folded.to_source(start, end), group


EngineName = Literal["auto", "automaton", "hash"]
_LARGE = 20_000
"""Terms from which ``auto`` takes the phrase hash: below, an automaton is built in no time and quicker."""


class GazetteerMatcher:
    """Finds the terms of a gazetteer as whole words.

    A surface with several labels gets the label of its earliest term and all concept ids of that label.
    Safe to use from several threads once built.

    Args:
        gazetteer: Terms; earlier terms win where one surface has several labels.
        engine: ``automaton`` (pyahocorasick), ``hash`` (compiled phrase hash) or ``auto``.
        overlap: ``longest`` takes the longest spans first, ``weight`` the set of non-overlapping spans
            that is worth most, ``all`` every span.
        weights: What spans are worth under ``overlap="weight"``; by default each character counts one.
        every_label: One match for every label of a surface instead of the first label only.
        fuzzy: ``off``; ``suggest`` finds near matches for ``suggestions`` only; ``label`` adds them to the
            matches; or both by label (``Fuzzy``). Only terms that ignore case are matched fuzzily. Implies
            the ``hash`` engine.
        common_words: Words that are never misspellings; by default the shipped English list.
    """

    def __init__(
        self,
        gazetteer: Gazetteer,
        *,
        engine: EngineName = "auto",
        overlap: Overlap = "longest",
        weights: Weights | None = None,
        every_label: bool = False,
        fuzzy: FuzzyMode | Fuzzy = "off",
        common_words: Iterable[str] | None = None,
    ) -> None:
        fuzzy = Fuzzy.of(fuzzy)
        self.gazetteer, self.fuzzy, self._fuzzy = gazetteer, fuzzy, None
        self.overlap, self.weights, self.every_label = overlap, weights or Weights(), every_label
        compiled = gazetteer if isinstance(gazetteer, CompiledGazetteer) else None
        self._terms: Sequence[Term] = compiled.rows if compiled is not None else gazetteer.terms
        self._engine = _engine(self._terms, compiled, "hash" if fuzzy.is_on else engine)
        self._groups = TermGroups(self._terms, self._engine.group_of, _modes(self._terms))
        self._wild = Wildcards(self._terms, self._engine.group_of)
        if fuzzy.is_on and self._engine.arrays is not None:
            from hybrid_ner.matching.fuzzy import FuzzyMatcher

            kept = compiled.fuzzy if compiled is not None else None
            self._fuzzy = FuzzyMatcher(
                self._engine.arrays, self._groups, fuzzy, arrays=kept, english=common_words
            )

    @classmethod
    def load(
        cls,
        path: str | Path,
        *,
        fingerprint: str | None = None,
        verify: bool = True,
        overlap: Overlap = "longest",
        weights: Weights | None = None,
        every_label: bool = False,
        fuzzy: FuzzyMode | Fuzzy = "off",
        common_words: Iterable[str] | None = None,
    ) -> GazetteerMatcher:
        """Open a compiled gazetteer; its arrays are memory-mapped and shared between processes.

        Args:
            path: A file that ``save`` wrote.
            fingerprint: ``Gazetteer.fingerprint`` of the source as it is now, to refuse a stale file.
            verify: Compare checksums; reads the whole file once.
            overlap: This and the rest as for the class.
            weights: What spans are worth.
            every_label: One match for every label.
            fuzzy: ``off``, ``suggest`` or ``label``, or ``Fuzzy``.
            common_words: Words that are never misspellings.

        Raises:
            CompiledFileError: The file is missing, foreign, truncated, damaged or stale.
        """
        return cls(
            load_gazetteer(path, fingerprint=fingerprint, verify=verify),
            overlap=overlap,
            weights=weights,
            every_label=every_label,
            fuzzy=fuzzy,
            common_words=common_words,
        )

    def __repr__(self) -> str:
        return f"<GazetteerMatcher, {quantity(len(self._terms), 'term')}, fuzzy {self.fuzzy}>"

    def save(self, path: str | Path) -> None:
        """Write the compiled gazetteer to a file for ``load``, the fuzzy index too when there is one."""
        self.compiled().save(Path(path))

    def compiled(self, of: Gazetteer | None = None) -> Compiled:
        """What a compiled file holds.

        Args:
            of: The terms themselves, where those that are matched have forms of theirs behind them.
        """
        if isinstance(self.gazetteer, CompiledGazetteer):
            arrays, own = self.gazetteer.phrases, self.gazetteer.has_variants
        else:
            arrays, own = self._engine.arrays or build_phrases(t.text for t in self._terms), of is not None
        return Compiled(
            self.gazetteer if of is None else of,
            arrays,
            self._fuzzy.arrays if self._fuzzy else None,
            self.gazetteer if own else None,
        )

    @property
    def unmatchable(self) -> tuple[Term, ...]:
        """Terms that fold to nothing and therefore never match."""
        return tuple(self._terms[i] for i in np.flatnonzero(self._engine.group_of < 0).tolist())

    def match(self, text: str) -> list[Match]:
        """Matches in order of start."""
        return self._match([text])[0]

    def match_batch(self, texts: Iterable[str]) -> Iterator[list[Match]]:
        """Matches of each text; reads ahead about a million characters."""
        for batch in batches(texts):
            yield from self._match(batch)

    def match_apart(self, texts: Iterable[str]) -> Iterator[tuple[list[Match], list[Match]]]:
        """Matches of each text, and the near matches that are only suggested."""
        for batch in batches(texts):
            for found, near in self._both(batch):
                yield found, [m for m in near if self.fuzzy.mode_of(m.label) == "suggest"] if near else []

    def suggestions(self, text: str) -> list[Match]:
        """Fuzzy matches for a reviewer, beside the exact ones; none under ``fuzzy="off"``."""
        return next(self.suggest_batch([text]))

    def suggest_batch(self, texts: Iterable[str]) -> Iterator[list[Match]]:
        """Suggestions for each text."""
        for batch in batches(texts):
            yield from (near for _, near in self._both(batch))

    def match_arrays(self, texts: Sequence[str]) -> Hits:
        """Spans and term groups of a batch, without building matches.

        Overlaps are resolved; exact matches only, whatever ``fuzzy`` says.
        """
        hits = self._accepted(texts, self._wild.add(texts, self._engine.find(texts)))
        if self.overlap == "longest":
            return hits.take(longest_first(hits))
        return hits if self.overlap == "all" else hits.take(self._heaviest(texts, hits))

    def group_terms(self, group: int) -> tuple[Term, ...]:
        """Every term of a group that ``match_arrays`` names, in order of priority."""
        return self._groups.terms(group)

    def reading(self, group: int, surface: str) -> Reading:
        """What a hit of ``match_arrays`` means: its label, concepts and evidence."""
        return self._groups.readings(group, surface)[0]

    def lookup(self, surface: str, *, include_defined: bool = False) -> Match | None:
        """The match that covers the whole ``surface`` (white space at its edges aside), if there is one.

        Args:
            surface: A string, not a text to search in.
            include_defined: Also find terms that match only where a document defines them.
        """
        start = len(surface) - len(surface.lstrip())
        end = len(surface.rstrip())
        hits = self._engine.find([surface])
        for group in hits.groups[(hits.starts == start) & (hits.ends == end)].tolist():
            for reading in self._groups.readings(group, surface[start:end], defined=include_defined):
                return reading.match(start, end)
        return None

    def _match(self, texts: Sequence[str]) -> list[list[Match]]:
        if not any(mode == "label" for mode in (self.fuzzy.mode, *(mode for _, mode in self.fuzzy.labels))):
            return self._exact(texts)
        return [found for found, _ in self._both(texts)]

    def _exact(self, texts: Sequence[str]) -> list[list[Match]]:
        return self._groups.matches(texts, self.match_arrays(texts), every_label=self.every_label)

    def _both(self, texts: Sequence[str]) -> Iterator[tuple[list[Match], list[Match]]]:
        """Matches, those near ones among them that label, and all near ones of each text."""
        exact = self._exact(texts)
        if self._fuzzy is None:
            yield from ((found, []) for found in exact)
            return
        for found, close in zip(exact, self._fuzzy.match_batch(texts, exact), strict=True):
            labeling = [match for match in close if self.fuzzy.mode_of(match.label) == "label"]
            yield (self._fuzzy.merge(found, labeling) if labeling else found), close

    def _accepted(self, texts: Sequence[str], hits: Hits) -> Hits:
        """Without the hits that no term's mode accepts."""
        unsure = np.flatnonzero(self._groups.sensitive[hits.groups])
        if not len(unsure):
            return hits
        kept = np.ones(len(hits), dtype=np.bool_)
        for row in unsure.tolist():
            surface = texts[hits.docs[row]][hits.starts[row] : hits.ends[row]]
            kept[row] = bool(self._groups.readings(int(hits.groups[row]), surface))
        return hits.take(kept)

    def _heaviest(self, texts: Sequence[str], hits: Hits) -> NDArray[np.intp]:
        chosen: list[int] = []
        for doc, found in groupby(enumerate(hits.rows()), key=lambda row: row[1][0]):
            numbers, spans, weights = [], [], []
            for number, (_, start, end, group) in found:
                term = self._groups.accepted(group, texts[doc][start:end])[0]
                numbers.append(number)
                spans.append((start, end))
                weights.append(self.weights.of(term, end - start))
            chosen.extend(numbers[place] for place in best_weight(spans, weights))
        return np.array(chosen, dtype=np.intp)


def _engine(terms: Sequence[Term], compiled: CompiledGazetteer | None, name: EngineName) -> Engine:
    if name == "automaton" or (name == "auto" and len(terms) < _LARGE):
        return AutomatonEngine(term.text for term in terms)
    return PhraseHashEngine(
        compiled.phrases if compiled is not None else build_phrases(t.text for t in terms)
    )


def _modes(terms: Sequence[Term]) -> NDArray[np.uint8]:
    if isinstance(terms, TermColumns):
        return terms.codes("mode", MATCH_MODES)
    return np.array([MATCH_MODES.index(term.mode) for term in terms], dtype=np.uint8)
