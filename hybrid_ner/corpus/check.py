"""Everything that can be wrong with an annotated corpus, listed, and strings annotated unlike each other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from hybrid_ner.corpus import Document, Entity, split
from hybrid_ner.matching.automata import AutomatonEngine
from hybrid_ner.matching.exact import longest_first, taken
from hybrid_ner.text import fold, quantity
from hybrid_ner.text.offsets import Touching

# Sizes and distributions of a corpus.

_WORD = re.compile(r"\w+")
_TOP = 5
_FEW_VALUES = 12


@dataclass(frozen=True, slots=True)
class LabelStats:
    """Mentions of a label.

    Args:
        surfaces: Different strings among them, folded.
        documents: Documents that hold one.
        words: Mean number of words of a mention.
        concepts: Different concept ids.
        top: The most frequent strings, with their counts.
    """

    mentions: int
    surfaces: int
    documents: int
    words: float
    concepts: int
    top: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class CorpusStats:
    """Sizes of a corpus; lengths are in characters.

    Args:
        unlabeled: Documents nobody annotated.
        without_entities: Annotated documents that hold none.
        words: Runs of letters, digits and underscores in all.
        median_length: Of a document.
        longest: Id and length of the longest document.
        meta: Name of a meta value → its values and counts, where there are few values.
    """

    documents: int
    unlabeled: int
    without_entities: int
    characters: int
    words: int
    median_length: float
    longest: tuple[str, int]
    mentions: int
    labels: Mapping[str, LabelStats]
    meta: Mapping[str, Mapping[str, int]]


@dataclass(slots=True)
class _Label:
    surfaces: Counter[str] = field(default_factory=Counter)
    documents: set[str] = field(default_factory=set)
    concepts: set[str] = field(default_factory=set)
    words: int = 0

    def stats(self) -> LabelStats:
        mentions, top = self.surfaces.total(), tuple(self.surfaces.most_common(_TOP))
        words, concepts = self.words / mentions, len(self.concepts)
        return LabelStats(mentions, len(self.surfaces), len(self.documents), words, concepts, top)


def corpus_stats(documents: Iterable[Document]) -> CorpusStats:
    """Count, in one pass."""
    lengths: list[int] = []
    longest = ("", 0)
    labels: dict[str, _Label] = {}
    meta: dict[str, Counter[str]] = {}
    words = unlabeled = bare = 0
    for document in documents:
        lengths.append(len(document.text))
        longest = max(longest, (document.doc_id, len(document.text)), key=lambda pair: pair[1])
        words += sum(1 for _ in _WORD.finditer(document.text))
        unlabeled += document.entities is None
        bare += document.entities == ()
        for entity in document.entities or ():
            label = labels.setdefault(entity.label, _Label())
            surface = document.text[entity.start : entity.end]
            label.surfaces[fold(surface)] += 1
            label.documents.add(document.doc_id)
            label.words += sum(1 for _ in _WORD.finditer(surface))
            label.concepts.update(filter(None, entity.concept_id.split("|")))
        for name, value in document.meta.items():
            if isinstance(value, str | int | bool):
                meta.setdefault(name, Counter())[str(value)] += 1
    found = {name: labels[name].stats() for name in sorted(labels)}
    return CorpusStats(
        documents=len(lengths),
        unlabeled=unlabeled,
        without_entities=bare,
        characters=sum(lengths),
        words=words,
        median_length=median(lengths) if lengths else 0,
        longest=longest,
        mentions=sum(each.mentions for each in found.values()),
        labels=found,
        # Kinds and years, not ids: few values, and each of them for several documents on average.
        meta={n: dict(v) for n, v in meta.items() if len(v) <= min(_FEW_VALUES, max(1, v.total() // 2))},
    )


_SHORTEST = 3
"""Shorter strings occur by chance and would drown the rest."""
_ACRONYM = 6


@dataclass(slots=True)
class _Uses:
    """Where a surface was annotated as it stands, with other edges, and not at all."""

    exact: list[split.Place] = field(default_factory=list)
    other: list[split.Place] = field(default_factory=list)
    never: list[split.Place] = field(default_factory=list)
    forms: set[str] = field(default_factory=set)

    def is_other_word(self, surface: str) -> bool:
        """Whether the string differs in case from an acronym: "all" is no mention of ALL."""
        acronyms = (len(form) <= _ACRONYM and sum(map(str.isupper, form)) > 1 for form in self.forms)
        return surface not in self.forms and all(acronyms)


def check_consistency(documents: Sequence[Document]) -> Iterator[split.Finding]:
    """Findings about labels, edges and forgotten mentions, those that concern most places first."""
    uses = _collect([document for document in documents if document.entities is not None])
    for findings in (
        _label_conflicts(uses),
        _boundary_disagreements(uses),
        _unannotated(uses, "forgotten mention"),
        _unannotated(uses, "seldom annotated"),
    ):
        yield from sorted(findings, key=lambda each: -each.count)


def _collect(documents: Sequence[Document]) -> dict[str, _Uses]:
    uses: dict[str, _Uses] = {}
    for document in documents:
        for entity in document.entities or ():
            surface = document.text[entity.start : entity.end]
            use = uses.setdefault(fold(surface), _Uses())
            use.exact.append((document, entity))
            use.forms.add(surface)
    engine = AutomatonEngine(key for key in uses if len(key) >= _SHORTEST)
    for document in documents:
        hits = engine.find([document.text])
        touching = Touching(document.entities or ())
        for _, start, end, _ in taken(hits, longest_first(hits)).rows():
            _note(uses, document, touching, start, end)
    return uses


def _note(uses: dict[str, _Uses], document: Document, find: Touching[Entity], start: int, end: int) -> None:
    """File an occurrence of an annotated string under what was annotated there."""
    key = fold(document.text[start:end])
    if key not in uses or uses[key].is_other_word(document.text[start:end]):
        return
    touching = find(start, end)
    if any((e.start, e.end) == (start, end) for e in touching):
        return
    if not touching:
        uses[key].never.append((document, Entity(start, end, "")))
    elif not any(e.start <= start and end <= e.end for e in touching):
        uses[key].other.append((document, touching[0]))


def _labels(places: Iterable[split.Place]) -> str:
    counts = Counter(entity.label for _, entity in places).most_common()
    return ", ".join(f"{label} {count}" for label, count in counts)


def _label_conflicts(uses: dict[str, _Uses]) -> Iterator[split.Finding]:
    for key, use in uses.items():
        counts = Counter(entity.label for _, entity in use.exact)
        if len(counts) > 1:
            rare_first = sorted(use.exact, key=lambda place: counts[place[1].label])
            message = f"{key!r} carries several labels: {_labels(use.exact)}."
            yield split.finding("label conflict", message, rare_first)


def _boundary_disagreements(uses: dict[str, _Uses]) -> Iterator[split.Finding]:
    for key, use in uses.items():
        if use.other:
            whole, other = quantity(len(use.exact), "time"), quantity(len(use.other), "time")
            message = f"{key!r} is annotated whole {whole}, with other edges {other}."
            yield split.finding("boundary disagreement", message, use.other)


def _unannotated(uses: dict[str, _Uses], kind: str) -> Iterator[split.Finding]:
    """Where most uses are annotated the rest looks forgotten; where few are, those look doubtful."""
    for key, use in uses.items():
        forgotten = len(use.exact) >= len(use.never)
        if use.never and forgotten == (kind == "forgotten mention"):
            every = quantity(len(use.exact) + len(use.never), "time")
            message = f"{key!r} is annotated {len(use.exact)} of {every} ({_labels(use.exact)})."
            yield split.finding(kind, message, use.never if forgotten else use.exact)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found.

    Args:
        findings: By kind, those that concern most places first.
        shared: Mentions that parts have in common, when there are several parts.
    """

    documents: int
    unlabeled: int
    mentions: int
    findings: tuple[split.Finding, ...]
    shared: tuple[split.SharedMentions, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        """Places of each kind of finding."""
        counts: Counter[str] = Counter()
        for each in self.findings:
            counts[each.kind] += each.count
        return dict(counts)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        plain = asdict(self)
        findings, shared = map(list, (plain.pop("findings"), plain.pop("shared")))
        return {**plain, "counts": self.counts, "findings": findings, "shared_mentions": shared}


def check_corpora(parts: Mapping[str, Iterable[Document]], *, threshold: float = 0.5) -> CheckResult:
    """Check one corpus, or the parts of a split against each other.

    Args:
        threshold: Resemblance from which documents count as near-duplicates.
    """
    held = {name: list(documents) for name, documents in parts.items()}
    documents = [document for each in held.values() for document in each]
    wrong = (*split.check_spans(documents), *split.check_documents(held, threshold))
    return CheckResult(
        documents=len(documents),
        unlabeled=sum(document.entities is None for document in documents),
        mentions=sum(len(document.entities or ()) for document in documents),
        findings=(*wrong, *check_consistency(documents)),
        shared=tuple(split.shared_mentions(held)),
    )
