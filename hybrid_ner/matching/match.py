"""What a matcher returns, and why; what engines find, and what their hits mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Literal, NamedTuple, get_args

from hybrid_ner.errors import InputError, wrong_kind
from hybrid_ner.terms import Term
from hybrid_ner.text import exact_form, fold
from hybrid_ner.text.offsets import unbroken
from hybrid_ner.text.tokens import Ints as Ints

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

    def __post_init__(self) -> None:
        pairs = self.labels.items() if isinstance(self.labels, Mapping) else self.labels
        try:
            object.__setattr__(self, "labels", tuple((label, mode) for label, mode in pairs))
            share = 0.0 <= self.threshold <= 1.0
        except (TypeError, ValueError):
            share = False
        if not share or any(mode not in _MODES for mode in (self.mode, *(mode for _, mode in self.labels))):
            hint = f'Give modes ({", ".join(_MODES)}) and a share: Fuzzy("label", (("Drug", "off"),), 0.9).'
            found = (self.mode, self.labels, self.threshold)
            raise wrong_kind("a mode, modes of labels and a share", found, hint)

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
        if isinstance(given, Fuzzy):
            return given
        if not isinstance(given, str):
            raise wrong_kind("a fuzzy mode", given, f"Use {', '.join(_MODES)}, or Fuzzy(…).")
        return cls.parse((given,))

    @classmethod
    def restore(cls, plain: Mapping[str, Any]) -> Fuzzy:
        """From what ``as_dict`` gave; ``off`` for nothing."""
        labels = ((str(label), mode) for label, mode in plain.get("labels", ()))
        return cls(plain.get("mode", "off"), tuple(labels), float(plain.get("threshold", 0.0)))

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "labels": [list(pair) for pair in self.labels]}

    def unused(self, labels: Sequence[str]) -> Iterator[str]:
        """What is said of labels that no term has, such as a misspelled one."""
        for label, _ in self.labels:
            if label not in labels:
                meant = get_close_matches(label, labels, 1, 0.6) or labels
                yield f"no term has the label {label!r} of the fuzzy mode; there is {', '.join(meant)}."

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

    def rows(self) -> Iterator[tuple[int, int, int, int]]:
        """(document, start, end, group) of each hit."""
        columns = (self.docs, self.starts, self.ends, self.groups)
        return zip(*(column.tolist() for column in columns), strict=True)


class Reading(NamedTuple):
    """What a surface means under one label."""

    label: str
    concept_ids: tuple[str, ...]
    evidence: Evidence

    def match(self, start: int, end: int) -> Match:
        """The match at these characters."""
        return Match(start, end, self.label, self.concept_ids, 1.0, self.evidence)


def accepts(term: Term, surface: str, *, defined: bool) -> bool:
    """Whether the mode of a term accepts a surface; ``defined`` if the document may define it."""
    meant = defined or term.mode != "defined"
    return term.mode == "folded" or (meant and exact_form(term.text) in _written(surface))


@lru_cache(maxsize=4096)
def _written(surface: str) -> frozenset[str]:
    """The letters of a surface, also as they are where no line ends within a word ("HER-⏎2")."""
    return frozenset(map(exact_form, (surface, *(text for _, text, _ in unbroken(surface)))))


def reading_of(terms: Sequence[Term], label: str, surface: str) -> Reading:
    """What a surface that these terms accept means under one label."""
    same = [t for t in terms if t.label == label]
    ids = tuple(dict.fromkeys(t.concept_id for t in same if t.concept_id))
    return Reading(label, ids, _evidence(surface, same[0]))


def _evidence(surface: str, term: Term) -> Evidence:
    wild = not term.parent and ("*" in term.text or "?" in term.text) and fold(surface) != fold(term.text)
    method: Method = "variant" if term.parent or wild else "exact" if surface == term.text else "folded"
    edits = ("wildcard",) if wild else (term.rule,) if term.parent and term.rule else ()
    return Evidence(method, surface, term.parent or term.text, term.file, term.row, edits)
