"""What a matcher returns, and why; the interface that engines stand behind, the choice among their hits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import pairwise
from operator import add
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.errors import InputError
from hybrid_ner.terms import MATCH_MODES, Term
from hybrid_ner.text import exact_form
from hybrid_ner.text.offsets import Intervals
from hybrid_ner.text.patterns import paused_gc

if TYPE_CHECKING:
    from hybrid_ner.matching.phrase_hash import PhraseArrays

Method = Literal[
    "exact", "folded", "variant", "fuzzy", "abbreviation", "pattern", "learned", "reviewed", "model"
]


class _Rows:
    __slots__ = ("_rows",)  # beside the fields of an evidence: what was asked for
    _rows: dict[Any, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Evidence(_Rows):
    """Why a span was labeled.

    Args:
        method: How the surface was recognized.
        surface: The source text between the offsets.
        reference: The term, long form or pattern that it was recognized by.
        file: File of the reference term or pattern.
        row: One-based row in that file, 0 when unknown.
        edits: Edit operations in words, for ``fuzzy`` and ``variant``.
        score: Between 0 and 1.
        words: What a language model wrote about it.
    """

    method: Method
    surface: str
    reference: str
    file: str = ""
    row: int = 0
    edits: tuple[str, ...] = ()
    score: float = 1.0
    words: str = ""

    def row_of(self, concepts: tuple[str, ...], score: float) -> dict[str, Any]:
        """It and what its match says as plain values: the same object for the same, not to be changed."""
        try:
            return self._rows[concepts, score]
        except (AttributeError, KeyError):
            row = {"concepts": [*concepts], "score": score, "method": self.method, "surface": self.surface}
            row |= {"reference": self.reference, "file": self.file, "row": self.row, "edits": [*self.edits]}
            row |= {"words": self.words, "evidence_score": self.score}
            object.__setattr__(self, "_rows", {**getattr(self, "_rows", {}), (concepts, score): row})
            return row

    def sentence(self) -> str:
        """One sentence for the reviewer."""
        said = f"“{self.surface}” "
        if self.method == "exact":
            said += "is a term of the gazetteer"
        elif self.method == "learned":
            said += f"was labeled by the model ({self.reference})"
        elif self.method == "reviewed":
            said += f"was learned from review: {self.reference}"
        elif self.method == "model":
            said += f"was named by a model: {self.reference}" + (f", “{self.words}”" if self.words else "")
        else:
            said += f"matches “{self.reference}” ({self.method})"
        if self.edits:
            said += f": {'; '.join(self.edits)}"
        said += f", {self.file}" + (f" row {self.row}" if self.row else "") if self.file else ""
        return said + (f", score {self.score:.2f}." if self.score < 1 else ".")


class Match(NamedTuple):
    """A labeled span of the source text; a named tuple, since a frozen dataclass takes three times as long.

    Attributes:
        start: First character, in code points of the source text.
        end: One past the last character (half open).
        label: Entity label.
        concept_ids: Every concept the surface may name, best first.
        score: Between 0 and 1.
        evidence: Why.
    """

    start: int
    end: int
    label: str
    concept_ids: tuple[str, ...] = ()
    score: float = 1.0
    evidence: Evidence | None = None

    @property
    def kb_id(self) -> str | int:
        """The best concept, for spaCy: 0 for none, since it looks up even an empty string."""
        return self.concept_ids[0] if self.concept_ids else 0


FuzzyMode = Literal["off", "suggest", "label"]
_MODES: tuple[FuzzyMode, ...] = get_args(FuzzyMode)


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """Whether near matches of terms are looked for, and what becomes of them.

    Args:
        mode: ``off``; ``suggest`` keeps them apart, for a reviewer; ``label`` puts them among the matches.
        labels: Label → mode, where it is another one.
        threshold: Least score of a near match: 1 less the share of edits in the longer of the two strings.
    """

    mode: FuzzyMode = "off"
    labels: tuple[tuple[str, FuzzyMode], ...] = ()
    threshold: float = 0.0

    @classmethod
    def parse(cls, values: Iterable[str], threshold: float = 0.0, default: FuzzyMode = "off") -> Fuzzy:
        """From words: a mode, or LABEL=MODE.

        Raises:
            InputError: An unknown mode, or a threshold that is no share.
        """
        mode, labels = default, {}
        for value in values:
            label, _, said = value.rpartition("=")
            found = next((each for each in _MODES if each == said), None)
            if found is None:
                hint = f"Use {', '.join(_MODES)}, or one of them for a label: Disease=label."
                raise InputError(f"unknown fuzzy mode {value!r}.", hint=hint)
            if label:
                labels[label] = found
            else:
                mode = found
        if not 0.0 <= threshold <= 1.0:
            raise InputError(f"the fuzzy threshold {threshold} is no share.", hint="Use 0 to 1, such as 0.9.")
        return cls(mode, tuple(labels.items()), threshold)

    @classmethod
    def of(cls, given: FuzzyMode | str | Fuzzy) -> Fuzzy:
        """The settings that a mode, or settings, stand for."""
        return given if isinstance(given, Fuzzy) else cls.parse((given,))

    @classmethod
    def restore(cls, plain: Mapping[str, Any]) -> Fuzzy:
        """From what ``as_dict`` gave; ``off`` for nothing."""
        labels = ((str(label), mode) for label, mode in plain.get("labels", ()))
        return cls(plain.get("mode", "off"), tuple(labels), float(plain.get("threshold", 0.0)))

    def as_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        return {**asdict(self), "labels": [list(pair) for pair in self.labels]}

    @property
    def is_on(self) -> bool:
        """Whether near matches are looked for at all."""
        return self.mode != "off" or any(mode != "off" for _, mode in self.labels)

    def mode_of(self, label: str) -> FuzzyMode:
        """What becomes of the near matches of a label."""
        return dict(self.labels).get(label, self.mode)

    def accepts(self, label: str, score: float) -> bool:
        """Whether a near match is kept."""
        return score >= self.threshold and self.mode_of(label) != "off"

    def __str__(self) -> str:
        parts = [self.mode, *(f"{label}={mode}" for label, mode in self.labels)]
        return " ".join(parts) + (f" from {self.threshold:g}" if self.threshold else "")


Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Hits:
    """Spans in a batch of texts, as arrays of one length.

    Ordered by document, then start, then end; offsets are characters of the source text, half open.

    Args:
        docs: Number of the text in the batch.
        starts: First character.
        ends: One past the last character.
        groups: Number of the group of terms that share the folded form of the span.
    """

    docs: Ints
    starts: Ints
    ends: Ints
    groups: Ints

    def __len__(self) -> int:
        return len(self.docs)

    def take(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> Hits:
        """The hits under a mask or at positions."""
        return Hits(self.docs[which], self.starts[which], self.ends[which], self.groups[which])

    def rows(self) -> Iterator[tuple[int, int, int, int]]:
        """(document, start, end, group) of each hit."""
        columns = (self.docs, self.starts, self.ends, self.groups)
        return zip(*(column.tolist() for column in columns), strict=True)

    @classmethod
    def of(cls, rows: Sequence[tuple[int, int, int, int]]) -> Hits:
        """From rows of (document, start, end, group), in any order."""
        table = np.array(sorted(rows), dtype=np.int32).reshape(-1, 4)
        return cls(*(np.ascontiguousarray(column) for column in table.T))


class Engine(Protocol):
    """Finds every whole-word occurrence of a set of folded strings, nested and overlapping ones included."""

    @property
    def group_of(self) -> Ints:
        """Group of each term, by term number; -1 for a term whose folded form is empty."""
        ...

    @property
    def arrays(self) -> PhraseArrays | None:
        """Plain arrays that can be saved, where the engine has them."""
        ...

    def find(self, texts: Sequence[str]) -> Hits:
        """Every occurrence in each text."""
        ...


# Which of several overlapping hits are kept, and what a hit on terms that share a folded form means.

Overlap = Literal["longest", "weight", "all"]


@dataclass(frozen=True, slots=True)
class Weights:
    """Factors of what a character of a match is worth, by label and by name of the term's source; or 1."""

    labels: Mapping[str, float] = field(default_factory=dict)
    sources: Mapping[str, float] = field(default_factory=dict)

    def of(self, term: Term, length: int) -> float:
        """Worth of ``length`` characters labeled by ``term``."""
        return length * self.labels.get(term.label, 1.0) * self.sources.get(term.source, 1.0)


def longest_first(hits: Hits) -> NDArray[np.bool_]:
    """Mask: the longest hits, of those of one length the left ones; none that overlaps an earlier choice."""
    mask = np.zeros(len(hits), dtype=np.bool_)
    if not len(hits):
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


def _changes(values: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Where another value stands before, or none; of one value and more."""
    return np.append(True, values[1:] != values[:-1])


_REMEMBERED = 50_000  # surfaces whose readings are kept: the same few make up most hits


class Reading(NamedTuple):
    """What a surface means under one label."""

    label: str
    concept_ids: tuple[str, ...]
    evidence: Evidence

    def match(self, start: int, end: int) -> Match:
        """The match at these characters."""
        return Match(start, end, self.label, self.concept_ids, 1.0, self.evidence)


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
        self._first: dict[tuple[int, str], tuple[Any, ...]] = {}

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def terms(self, group: int) -> tuple[Term, ...]:
        """Every term of a group."""
        members = self._members[self._offsets[group] : self._offsets[group + 1]]
        return tuple(self._terms[member] for member in members.tolist())

    def readings(self, group: int, surface: str, *, defined: bool = False) -> tuple[Reading, ...]:
        """What a hit means, one reading for each label, in the order of the first term of each."""
        key = (group, surface, defined)
        known = self._read.get(key)
        if known is None:
            if len(self._read) >= _REMEMBERED:
                self._read.clear()
            self._read[key] = known = _readings(self.accepted(group, surface, defined=defined), surface)
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
            places, meanings = zip(starts, ends, strict=True), self._first_meanings(groups, surfaces)
            found = [*map(_MATCH, map(add, places, meanings))]
        bounds = np.searchsorted(docs, np.arange(len(texts) + 1)).tolist()
        return [found[first:last] for first, last in pairwise(bounds)]

    def _first_meanings(self, groups: Sequence[int], surfaces: Sequence[str]) -> list[Any]:
        """What follows the offsets in the match of the first label."""
        known = [*map(self._first.get, zip(groups, surfaces, strict=True))]
        if all(known):
            return known
        if len(self._first) >= _REMEMBERED:
            self._first.clear()
        return [self._first.get(h) or self._first_meaning(h) for h in zip(groups, surfaces, strict=True)]

    def _first_meaning(self, hit: tuple[int, str]) -> tuple[Any, ...]:
        terms = self.accepted(*hit)
        return self._first.setdefault(hit, _reading(terms, terms[0].label, hit[1]).match(0, 0)[2:])

    def accepted(self, group: int, surface: str, *, defined: bool = False) -> tuple[Term, ...]:
        """The terms of a group whose mode accepts the surface; ``defined`` if the document may define it."""
        terms = self.terms(group)
        if not self.sensitive[group]:
            return terms
        return tuple(t for t in terms if _accepts(t, surface, defined=defined))


def _accepts(term: Term, surface: str, *, defined: bool) -> bool:
    meant = defined or term.mode != "defined"
    return term.mode == "folded" or (meant and exact_form(term.text) == exact_form(surface))


def _readings(terms: Sequence[Term], surface: str) -> tuple[Reading, ...]:
    return tuple(_reading(terms, label, surface) for label in dict.fromkeys(t.label for t in terms))


def _reading(terms: Sequence[Term], label: str, surface: str) -> Reading:
    same = [t for t in terms if t.label == label]
    ids = tuple(dict.fromkeys(t.concept_id for t in same if t.concept_id))
    return Reading(label, ids, _evidence(surface, same[0]))


def _evidence(surface: str, term: Term) -> Evidence:
    wild = not term.parent and len(surface) != len(term.text) and ("*" in term.text or "?" in term.text)
    method: Method = "variant" if term.parent or wild else "exact" if surface == term.text else "folded"
    edits = ("wildcard",) if wild else (term.rule,) if term.parent and term.rule else ()
    return Evidence(method, surface, term.parent or term.text, term.file, term.row, edits)
