"""What a matcher returns: a span of the source text, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple, get_args

from hybrid_ner.errors import InputError

Method = Literal[
    "exact", "folded", "variant", "fuzzy", "abbreviation", "pattern", "learned", "reviewed", "model"
]


@dataclass(frozen=True, slots=True)
class Evidence:
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
        if self.file:
            said += f", {self.file}" + (f" row {self.row}" if self.row else "")
        return said + (f", score {self.score:.2f}." if self.score < 1 else ".")


class Match(NamedTuple):
    """A labeled span of the source text.

    A named tuple, since matches are made by the ten thousand: a frozen dataclass takes three times as long.

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
