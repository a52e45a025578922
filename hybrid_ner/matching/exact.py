"""From text to labeled spans, without spaCy: exact matching, and near matches beside it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import pairwise
from operator import add
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.errors import InputError, given_path, wrong_kind
from hybrid_ner.matching.automata import AutomatonEngine, Wildcards, hits_of
from hybrid_ner.matching.compiled import Compiled, CompiledGazetteer, TermColumns, load_gazetteer
from hybrid_ner.matching.edits import (
    Edit,
    describe,
    edits_between,
    everyday_words,
    is_another_acronym,
    is_plausible,
)
from hybrid_ner.matching.fuzzy_index import FuzzyArrays, FuzzyIndex, Proposal, build_fuzzy
from hybrid_ner.matching.match import (
    Evidence,
    Fuzzy,
    FuzzyMode,
    Hits,
    Ints,
    Match,
    Reading,
    accepts,
    reading_of,
)
from hybrid_ner.matching.phrase_hash import PhraseArrays, PhraseHashEngine, build_phrases
from hybrid_ner.terms import MATCH_MODES, Gazetteer, Term
from hybrid_ner.terms.lint import english_words
from hybrid_ner.text import fold, quantity
from hybrid_ner.text.offsets import VALUE, Intervals, OffsetMap, Touching, before_values, unbroken
from hybrid_ner.text.patterns import Remembered, batches, paused_gc

# Which of several overlapping hits are kept, and what a hit on terms that share a folded form means.


def taken(hits: Hits, which: NDArray[np.bool_] | NDArray[np.intp]) -> Hits:
    """The hits under a mask or at positions."""
    return Hits(hits.docs[which], hits.starts[which], hits.ends[which], hits.groups[which])


def longest_first(hits: Hits) -> NDArray[np.bool_]:
    """Mask: the longest hits, of those of one length the left ones; none that overlaps an earlier choice."""
    mask = np.zeros(hits.docs.size, dtype=np.bool_)
    if not mask.size:
        return mask
    docs = hits.docs.astype(np.int64) << 32  # so that a place is one number, whatever the text
    starts, ends = docs | hits.starts, docs | hits.ends
    every = np.flatnonzero(_changes(starts) | _changes(ends))  # of hits on the same characters the first
    rows = every[_changes(starts[every][::-1])[::-1]]  # of those with one start the last, which is longest
    lefts, rights = starts[rows], ends[rows]
    heads = np.flatnonzero(np.append(True, lefts[1:] >= (reached := np.maximum.accumulate(rights))[:-1]))
    mask[rows[heads]] = True
    lasts = np.append(heads[1:], len(rows)) - 1
    for place in np.flatnonzero(reached[lasts] > rights[heads]).tolist():  # what overlaps reaches beyond it
        first, last = np.searchsorted(starts[every], (lefts[heads[place]], lefts[lasts[place]] + 1)).tolist()
        near, taken = every[first:last], Intervals()
        longest = near[np.argsort(starts[near] - ends[near], kind="stable")].tolist()
        mask[near] = False  # "Port of London" in "the Port of London", not "the Port"
        mask[[row for row in longest if taken.take(int(starts[row]), int(ends[row]))]] = True
    return mask


_COMMA = re.compile(r",\s")


def crossing_commas(texts: Sequence[str], hits: Hits) -> NDArray[np.bool_]:
    """Mask: hits that hold a comma and share only a part of their characters with one that holds none.

    Inverted names stand in indexes, commas in sentences: "dermatitis, contact" is none of "atopic dermatitis,
    contact allergy", "anemia, iron-deficiency" is one.
    """
    mask = np.zeros(hits.docs.size, dtype=np.bool_)
    docs = hits.docs.astype(np.int64) << 32
    starts, ends = docs | hits.starts, docs | hits.ends
    reached = np.maximum.accumulate(ends)
    meets = starts[1:] < reached[:-1]
    rows = np.flatnonzero(np.append(meets, False) | np.append(False, meets))
    places = zip(*(each[rows].tolist() for each in (hits.docs, hits.starts, hits.ends)), strict=True)
    mask[rows] = [_COMMA.search(texts[doc], start, end) is not None for doc, start, end in places]
    crossed = []
    for row in np.flatnonzero(mask).tolist():
        start, end = starts[row], ends[row]
        near = slice(np.searchsorted(reached, start, "right"), np.searchsorted(starts, end))
        first, last = starts[near], ends[near]
        before, behind = (first < start) & (start < last) & (last < end), (start < first) & (end < last)
        crossed.append(bool(((before | behind) & ~mask[near]).any()))
    mask[mask] = crossed
    return mask


def _typed_values(texts: Sequence[str]) -> dict[int, list[int]]:
    """Where a value is typed to a name ("Hb9.8"): the number of the text, and the places of its first digits.

    Digits of all texts are found at once, in a fifth of the time that a regular expression takes.
    """
    signs = np.frombuffer("\n".join(texts).encode("utf-8", "surrogatepass"), np.uint8)
    digits = np.flatnonzero(signs - 48 < 10)
    letters = digits[signs[digits - 1] > 64]
    letters -= np.searchsorted(np.flatnonzero((signs & 0xC0) == 0x80), letters)  # bytes to characters
    ends = np.cumsum([0, *(len(text) + 1 for text in texts)])
    docs = np.searchsorted(ends, letters, side="right") - 1
    found: dict[int, list[int]] = {}
    for doc, at in zip(docs.tolist(), (letters - ends[docs]).tolist(), strict=True):
        if texts[doc][at - 1].isalpha() and VALUE.match(texts[doc], at):
            found.setdefault(doc, []).append(at)
    return found


def _changes(values: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Where another value stands before, or none; of one value and more."""
    return np.append(True, values[1:] != values[:-1])


_REMEMBERED = 50_000  # surfaces whose readings are kept: the same few make up most hits


_MATCH: Callable[[tuple[Any, ...]], Match] = partial(tuple.__new__, Match)  # in a third of the time


class TermGroups:
    """The terms of each group, in order of priority.

    Args:
        terms: All terms; may be read lazily.
        group_of: Group of each term, -1 for none.
        modes: Position of each term's mode in ``MATCH_MODES``.
    """

    def __init__(self, terms: Sequence[Term], group_of: Ints, modes: NDArray[np.uint8]) -> None:
        self._terms = terms
        count = int(group_of.max(initial=-1)) + 1
        kept = np.flatnonzero(group_of >= 0)
        self._members = kept[np.argsort(group_of[kept], kind="stable")].astype(np.int32)
        sizes = np.bincount(group_of[kept], minlength=count)
        self._offsets = np.concatenate(([0], np.cumsum(sizes))).astype(np.int32)
        self.sensitive: NDArray[np.bool_] = np.zeros(count, dtype=np.bool_)
        self.sensitive[group_of[kept][modes[kept] != MATCH_MODES.index("folded")]] = True
        self._read: dict[tuple[int, str, bool], tuple[Reading, ...]] = {}
        self._first: Any = Remembered(self._first_meaning)

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def terms(self, group: int) -> tuple[Term, ...]:
        offsets, terms = self._offsets.data, self._terms  # a view is read in half the time
        return tuple([terms[each] for each in self._members.data[offsets[group] : offsets[group + 1]]])

    def readings(self, group: int, surface: str, *, defined: bool = False) -> tuple[Reading, ...]:
        """What a hit means, one reading for each label, in the order of the first term of each."""
        key = (group, surface, defined)
        known = self._read.get(key)
        if known is None:
            if len(self._read) >= _REMEMBERED:
                self._read.clear()
            terms = self.accepted(group, surface, defined=defined)
            labels = dict.fromkeys(term.label for term in terms)
            self._read[key] = known = tuple(reading_of(terms, label, surface) for label in labels)
        return known

    @paused_gc()
    def matches(self, texts: Sequence[str], hits: Hits, *, every_label: bool = False) -> list[list[Match]]:
        """Hits that are accepted as matches of each text, with the first label of each or with all."""
        docs, starts, ends, groups = (c.tolist() for c in (hits.docs, hits.starts, hits.ends, hits.groups))
        surfaces = [texts[doc][start:end] for doc, start, end in zip(docs, starts, ends, strict=True)]
        if every_label:
            rows = zip(docs, starts, ends, map(self.readings, groups, surfaces), strict=True)
            told = [(doc, r.match(start, end)) for doc, start, end, several in rows for r in several]
            docs, found = [doc for doc, _ in told], [match for _, match in told]
        else:  # without a step of Python's for each
            places, hits_on = zip(starts, ends, strict=True), zip(groups, surfaces, strict=True)
            found = [*map(_MATCH, map(add, places, map(self._first.__getitem__, hits_on)))]
        bounds = np.searchsorted(docs, np.arange(len(texts) + 1)).tolist()
        return [found[first:last] for first, last in pairwise(bounds)]

    def _first_meaning(self, hit: Any) -> tuple[Any, ...]:
        """What follows the offsets in the match of the first label of a group and surface."""
        terms = self.accepted(*hit)
        return reading_of(terms, terms[0].label, hit[1]).match(0, 0)[2:]

    def accepted(self, group: int, surface: str, *, defined: bool = False) -> tuple[Term, ...]:
        """The terms of a group whose mode accepts the surface; ``defined`` if the document may define it.

        Where a file lists "eGFR" and "EGFR" as two things, what has the letters of the surface comes first.
        """
        terms = self.terms(group)
        if self.sensitive[group]:
            terms = tuple(t for t in terms if accepts(t, surface, defined=defined))
        if len(terms) < 2 or terms[0].text == surface:
            return terms
        first, *others = terms
        same = (t for t in others if t.text == surface and t.label != first.label and t.file == first.file)
        exact = next(same, first)
        return (exact, *(t for t in terms if t is not exact))


def _texts(given: Iterable[str]) -> Iterator[str]:
    """Each of several texts, or the one that was given."""
    for text in given if isinstance(given, Iterable) and not isinstance(given, str | bytes) else (given,):
        if not isinstance(text, str):
            raise wrong_kind("a text", text, "Give a string; of a Doc or Document its text.")
        yield text


EngineName = Literal["auto", "automaton", "hash"]
_LARGE = 20_000
"""Terms from which ``auto`` takes the phrase hash: below, an automaton is built in no time and quicker."""


class GazetteerMatcher:
    """Finds the terms of a gazetteer as whole words.

    A surface with several labels gets the label of its earliest term (of terms that one file has in other
    capitals, of the one with the surface's) and all concept ids of that label.
    Safe to use from several threads once built.

    Args:
        gazetteer: Terms; earlier terms win where one surface has several labels.
        engine: ``automaton`` (pyahocorasick), ``hash`` (compiled phrase hash) or ``auto``.
        overlap: ``longest`` takes the longest spans first, ``all`` every span.
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
        overlap: Literal["longest", "all"] = "longest",
        every_label: bool = False,
        fuzzy: FuzzyMode | Fuzzy = "off",
        common_words: Iterable[str] | None = None,
    ) -> None:
        if not isinstance(gazetteer, Gazetteer):
            raise wrong_kind("a Gazetteer", gazetteer, "Give Gazetteer.of(terms), or load_gazetteer(path).")
        if engine not in get_args(EngineName) or overlap not in ("longest", "all"):
            hint = "Engines are auto, automaton and hash; overlaps longest and all."
            raise InputError(f"there is no engine {engine!r} with overlap {overlap!r}.", hint=hint)
        fuzzy = Fuzzy.of(fuzzy)
        self.gazetteer, self.fuzzy, self._fuzzy = gazetteer, fuzzy, None
        self.overlap, self.every_label = overlap, every_label
        compiled = gazetteer if isinstance(gazetteer, CompiledGazetteer) else None
        self._terms: Sequence[Term] = compiled.rows if compiled is not None else gazetteer.terms
        self._engine = _engine(self._terms, compiled, "hash" if fuzzy.is_on else engine)
        self._groups = TermGroups(self._terms, self._engine.group_of, _modes(self._terms))
        wild = Wildcards(self._terms, self._engine.group_of)
        self._wild = wild if len(wild) else None
        if fuzzy.is_on and self._engine.arrays is not None:
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
        **settings: Any,
    ) -> GazetteerMatcher:
        """Open a compiled gazetteer; its arrays are memory-mapped and shared between processes.

        Args:
            path: A file that ``save`` wrote.
            fingerprint: ``Gazetteer.fingerprint`` of the source as it is now, to refuse a stale file.
            verify: Compare checksums; reads the whole file once.
            settings: Those of the class, as ``fuzzy="label"``.

        Raises:
            CompiledFileError: The file is missing, foreign, truncated, damaged or stale.
        """
        return cls(load_gazetteer(given_path(path), fingerprint=fingerprint, verify=verify), **settings)

    def __repr__(self) -> str:
        return f"<GazetteerMatcher, {quantity(len(self._terms), 'term')}, fuzzy {self.fuzzy}>"

    def save(self, path: str | Path) -> None:
        """Write the compiled gazetteer to a file for ``load``, the fuzzy index too when there is one."""
        self.compiled().save(given_path(path))

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
        return self._match([*_texts([text])])[0]

    def match_batch(self, texts: Iterable[str]) -> Iterator[list[Match]]:
        """Matches of each text; reads ahead about a million characters."""
        for batch in batches(_texts(texts)):
            yield from self._match(batch)

    def match_apart(self, texts: Iterable[str]) -> Iterator[tuple[list[Match], list[Match]]]:
        """Matches of each text, and the near matches that are only suggested."""
        for batch in batches(_texts(texts)):
            for found, near in self._both(batch):
                yield found, [m for m in near if self.fuzzy.mode_of(m.label) == "suggest"] if near else []

    def suggestions(self, text: str) -> list[Match]:
        """Fuzzy matches for a reviewer, beside the exact ones; none under ``fuzzy="off"``."""
        return next(self.suggest_batch([text]))

    def suggest_batch(self, texts: Iterable[str]) -> Iterator[list[Match]]:
        """Suggestions for each text."""
        for batch in batches(_texts(texts)):
            yield from (near for _, near in self._both(batch))

    def match_arrays(self, texts: Sequence[str]) -> Hits:
        """Spans and term groups of a batch, without building matches.

        Overlaps are resolved; exact matches only, whatever ``fuzzy`` says.
        """
        hits = self._found(texts)
        if self.overlap == "all":
            return hits
        hits = taken(hits, ~crossing_commas(texts, hits))
        return taken(hits, longest_first(hits))

    def _found(self, texts: Sequence[str]) -> Hits:
        """Every accepted hit, those over the end of a line and before a typed value too."""
        hits = self._as_written(texts)
        rows = [*self._over_lines(texts), *self._before_values(texts)]
        return hits_of({*hits.rows(), *rows}) if rows else hits

    def _over_lines(self, texts: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
        lines = ((doc, text) for doc, text in enumerate(texts) if "\n" in text or "\r" in text)
        for doc, first, last, group, length in self._mended(
            (doc, *each) for doc, t in lines for each in unbroken(t)
        ):
            edges = texts[doc][first] + texts[doc][last - 1]
            if last - first > length and not any(map(str.isspace, edges)):
                yield doc, first, last, group

    def _before_values(self, texts: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
        """ "Hb" of "Hb9.8"."""
        values = _typed_values(texts).items()
        pieces = ((doc, *each) for doc, digits in values for each in before_values(texts[doc], digits))
        for doc, first, last, group, length in self._mended(pieces):
            behind = texts[doc][last - 1 : last + 1]
            if last - first == length and behind[:1].isalpha() and behind[1:].isdigit():
                yield doc, first, last, group

    def _mended(
        self, pieces: Iterable[tuple[int, int, str, OffsetMap]]
    ) -> Iterator[tuple[int, int, int, int, int]]:
        """Hits in edited pieces of texts: number of the text, characters there, group, length here."""
        pieces = [*pieces]
        hits = self._as_written([text for *_, text, _ in pieces]).rows() if pieces else ()
        for at, start, end, group in hits:
            doc, piece, _, places = pieces[at]
            first, last = places.to_source(start, end)
            yield doc, piece + first, piece + last, group, end - start

    def _as_written(self, texts: Sequence[str]) -> Hits:
        hits = self._engine.find(texts)
        return self._accepted(texts, self._wild.add(texts, hits) if self._wild else hits)

    def group_terms(self, group: int) -> tuple[Term, ...]:
        """Every term of a group that ``match_arrays`` names, in order of priority."""
        return self._groups.terms(group)

    def lookup(self, surface: str, *, include_defined: bool = False) -> Match | None:
        """The match that covers the whole ``surface`` (white space at its edges aside), if there is one.

        Args:
            surface: A string, not a text to search in.
            include_defined: Also find terms that match only where a document defines them.
        """
        (surface,) = _texts([surface])
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
        kept = np.ones(hits.docs.size, dtype=np.bool_)
        for row in unsure.tolist():
            surface = texts[hits.docs[row]][hits.starts[row] : hits.ends[row]]
            kept[row] = bool(self._groups.readings(int(hits.groups[row]), surface))
        return taken(hits, kept)


def _engine(
    terms: Sequence[Term], compiled: CompiledGazetteer | None, name: EngineName
) -> AutomatonEngine | PhraseHashEngine:
    if name == "automaton" or (name == "auto" and len(terms) < _LARGE):
        return AutomatonEngine(term.text for term in terms)
    if compiled is not None:
        return PhraseHashEngine(compiled.phrases)  # a file is opened to be read at once, often for one text
    engine = PhraseHashEngine(build_phrases(term.text for term in terms))
    engine.index()
    return engine


def _modes(terms: Sequence[Term]) -> NDArray[np.uint8]:
    if isinstance(terms, TermColumns):
        return terms.codes("mode", MATCH_MODES)
    return np.array([MATCH_MODES.index(term.mode) for term in terms], dtype=np.uint8)


# Fuzzy matching: typing errors, scanning errors and spelling variants of terms. Only windows that hold an
# unknown word are looked at: one that is neither in a common-English list nor in any term. Exact matches come
# first; a fuzzy match overlaps one only where it strictly contains it.

_EDIT_COST = 3
"""Characters that a longer window must gain to be worth one more edit."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    proposal: Proposal
    term: Term
    edits: tuple[Edit, ...]
    score: float
    worth: tuple[float, ...]


class FuzzyMatcher:
    """Finds near matches of the terms that ignore case.

    Args:
        settings: Which near matches are kept.
        arrays: Its fuzzy index, if it was compiled before.
        english: Words that are never misspellings; by default the shipped list.
    """

    def __init__(
        self,
        phrases: PhraseArrays,
        groups: TermGroups,
        settings: Fuzzy,
        *,
        arrays: FuzzyArrays | None = None,
        english: Iterable[str] | None = None,
    ) -> None:
        self._groups, self._settings = groups, settings
        engine = PhraseHashEngine(phrases)
        words = english_words() if english is None else _folded(frozenset(english))
        self.arrays = arrays or _build(engine, groups)
        self.index = FuzzyIndex(engine, self.arrays, words)

    def match_batch(self, texts: Sequence[str], exact: Sequence[Sequence[Match]]) -> list[list[Match]]:
        """Fuzzy matches of each text, beside its exact ones; none overlaps another."""
        proposals = self.index.proposals(texts)
        return [self._choose(*row) for row in zip(texts, proposals, exact, strict=True)]

    @staticmethod
    def merge(exact: Sequence[Match], near: Sequence[Match]) -> list[Match]:
        """Both kinds in order, without the exact matches inside a fuzzy one; fuzzy ones do not overlap."""
        starts = [match.start for match in near]

        def is_inside(match: Match) -> bool:
            place = bisect_right(starts, match.start) - 1
            return place >= 0 and match.end <= near[place].end

        kept = (match for match in exact if not is_inside(match))
        return sorted((*kept, *near), key=lambda match: (match.start, match.end))

    def _choose(self, text: str, proposals: Sequence[Proposal], exact: Sequence[Match]) -> list[Match]:
        if not proposals:
            return []
        said = {fold(m.evidence.surface) for m in exact if m.evidence}
        touching = Touching(exact)
        candidates: list[_Candidate] = []
        for p in proposals:
            inside = touching(p.start, p.end)
            candidate = self._candidate(text, p, said) if all(_holds_more(p, m) for m in inside) else None
            if candidate and not _goes_on(candidate.term, inside):
                candidates.append(candidate)
        candidates.sort(key=lambda candidate: candidate.worth, reverse=True)
        taken = Intervals()
        chosen = [c for c in candidates if taken.take(c.proposal.start, c.proposal.end)]
        return sorted((self._match(text, c) for c in chosen), key=lambda match: match.start)

    def _candidate(self, text: str, proposal: Proposal, said: set[str]) -> _Candidate | None:
        surface = text[proposal.start : proposal.end]
        term = next(t for t in self._groups.terms(proposal.group) if t.mode == "folded")
        found, key = fold(surface), fold(term.text)
        edits = edits_between(key, found)
        if len(edits) != proposal.edits:  # the index keeps 16 bits of a character
            return None
        if not is_plausible(found, key, edits) or is_another_acronym(surface, key):
            return None
        score = 1.0 - len(edits) / max(len(key), len(found))
        if not self._settings.accepts(term.label, score):
            return None
        made = term.status == "variant"  # what the list itself has is meant rather: no "hipertansiyons"
        length = min(len(key), len(fold(term.parent))) if made else len(key)
        worth = (
            ", " not in key,  # inverted names stand in indexes, commas in sentences
            length - _EDIT_COST * proposal.edits,
            -proposal.edits,
            key in said,
            not made,
            found[0] == key[0],
            -abs(len(found) - len(key)),
            -proposal.group,
        )
        return _Candidate(proposal, term, edits, score, worth)

    def _match(self, text: str, candidate: _Candidate) -> Match:
        proposal, term, score = candidate.proposal, candidate.term, candidate.score
        same = (t for t in self._groups.terms(proposal.group) if t.mode == "folded" and t.label == term.label)
        concepts = tuple(dict.fromkeys(t.concept_id for t in same if t.concept_id))
        surface, edits = text[proposal.start : proposal.end], tuple(map(describe, candidate.edits))
        evidence = Evidence("fuzzy", surface, term.text, term.file, term.row, edits, score)
        return Match(proposal.start, proposal.end, term.label, concepts, score, evidence)


def _holds_more(proposal: Proposal, match: Match) -> bool:
    """Whether a near match has all of an exact one and more: what a list has as it stands is no slip."""
    inside = proposal.start <= match.start and match.end <= proposal.end
    return inside and (proposal.start, proposal.end) != (match.start, match.end)


def _goes_on(term: Term, inside: Iterable[Match]) -> bool:
    """Whether the same term stands there as listed, with another word after it.

    "GL7 5NW is" is two letters from "GL7 5NWs", a form that is made of "GL7 5NW".
    """
    names = {fold(term.text), fold(term.parent)}
    return any(m.evidence is not None and fold(m.evidence.reference) in names for m in inside)


@lru_cache(maxsize=4)
def _folded(words: frozenset[str]) -> frozenset[str]:
    return frozenset(map(fold, words))


def _build(engine: PhraseHashEngine, groups: TermGroups) -> FuzzyArrays:
    """Index one term of each group that ignores case and is no everyday word.

    Terms that a dictionary has (metformin, pneumonia) are indexed: only what a text says must not be in it.
    """
    everyday = everyday_words()
    chosen, texts = [], []
    for group in range(len(groups)):
        text = next((t.text for t in groups.terms(group) if t.mode == "folded"), None)
        if text is not None and fold(text) not in everyday:
            chosen.append(group)
            texts.append(text)
    return build_fuzzy(engine, texts, np.array(chosen, dtype=np.int32))
