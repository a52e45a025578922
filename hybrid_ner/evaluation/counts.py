"""Gold documents beside the predictions of a system: pairs, what is right in them, and how sure that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.scorer import PRFScore

from hybrid_ner.corpus.cleaning import label_mapping
from hybrid_ner.corpus.document import Document, Entity, documents_of, misplaced
from hybrid_ner.errors import CorpusError, InputError
from hybrid_ner.io import Place
from hybrid_ner.text import quantity, some

# Gold documents beside the predictions of one system for them.


@dataclass(frozen=True, slots=True)
class Pair:
    """A gold document and the entities predicted for it.

    Args:
        learned: Whether the model that predicted them has learned from the document.
    """

    gold: Document
    predicted: tuple[Entity, ...]
    learned: bool = False

    @property
    def entities(self) -> tuple[Entity, ...]:
        return self.gold.entities or ()


@dataclass(frozen=True, slots=True)
class System:
    """What one system predicted, under gold's label names.

    Args:
        pairs: In the order of gold.
        mapped: Predicted label → name it was given.
        unscored: Ids of predicted documents that are not in gold.
    """

    pairs: Sequence[Pair]
    mapped: Mapping[str, str] = field(default_factory=dict)
    unscored: tuple[str, ...] = ()


def inventory(documents: Iterable[Document]) -> tuple[str, ...]:
    """Labels that occur, in alphabetical order."""
    return tuple(sorted({entity.label for each in documents for entity in each.entities or ()}))


def pair_system(
    gold: Sequence[Document],
    predicted: Iterable[Document],
    mapping: Mapping[str, str] | None = None,
    aliases: bool = True,
) -> System:
    """Match predictions to gold by document id; where gold's ids are others, by the whole text.

    White space may differ, as that of files of tokens does: entities are then put at gold's characters.

    Args:
        mapping: Predicted label → gold label.
        aliases: Whether other predicted labels that gold lacks take the name of their counterpart there.

    Raises:
        CorpusError: A gold document is unlabeled, has no prediction, or has another text there; an id comes
            twice, or an entity lies outside the text.
    """
    gold, predicted = [*checked(gold, "gold")], checked(predicted, "the predictions")
    number, unlabeled = quantity(len(gold), "gold document"), [d.doc_id for d in gold if d.entities is None]
    if unlabeled:
        problem = f"{len(unlabeled)} of {number} without annotation: {some(map(repr, unlabeled))}."
        hint = 'Give them "entities": [] if they hold none, or leave them out.'
        raise CorpusError(problem, hint=hint)
    found = _by_gold(gold, {document.doc_id: document for document in predicted})
    missing = [d.doc_id for d in gold if d.doc_id not in found]
    wanted = {d.doc_id for d in gold}
    others = tuple(doc_id for doc_id in found if doc_id not in wanted)
    if missing:
        beside = f" Predictions have the ids {some(map(repr, others))}, and other texts." if others else ""
        problem = f"{len(missing)} of {number} without prediction: {some(map(repr, missing))}.{beside}"
        hint = "Predict every gold document; a document without entities needs an empty list."
        hint = "Give them gold's ids, or its texts, each once; white space may differ." if others else hint
        raise CorpusError(problem, hint=hint)
    pairs = [_pair(each, found[each.doc_id]) for each in gold]
    names = sorted({entity.label for pair in pairs for entity in pair.predicted})
    mapped = label_mapping(names, inventory(gold)) if aliases else {}
    mapped.update({old: new for old, new in (mapping or {}).items() if old in names})
    return System([_renamed(pair, mapped) for pair in pairs], mapped, others)


def checked(documents: Iterable[Document], where: str) -> Iterator[Document]:
    """Documents that can be counted: each once, with entities that lie in the text."""
    seen: set[str] = set()
    for document in documents_of(documents):
        if document.doc_id in seen:
            said = f"document {document.doc_id!r} comes twice in {where}."
            raise CorpusError(said, hint="Give every document its own id.")
        seen.add(document.doc_id)
        for entity in document.entities or ():
            if problem := misplaced(document, entity, Place()):
                raise problem.error()
        yield document


def _by_gold(gold: Sequence[Document], found: dict[str, Document]) -> dict[str, Document]:
    """Predictions by the id that gold has: tools that export annotations often count documents anew.

    Texts that come twice tell nothing.
    """
    lacking = [each for each in gold if each.doc_id not in found]
    if not lacking:
        return found
    wanted = {each.doc_id for each in gold}
    by_text: dict[str, list[str]] = {}
    for doc_id, document in found.items():
        if doc_id not in wanted:
            by_text.setdefault(_letters(document.text), []).append(doc_id)
    times = Counter(_letters(each.text) for each in lacking)
    for each in lacking:
        text = _letters(each.text)
        if times[text] == 1 and len(ids := by_text.get(text, [])) == 1:
            found[each.doc_id] = found.pop(ids[0])
    return found


def _letters(text: str) -> str:
    """A text without white space."""
    return "".join(text.split())


def _respaced(gold: str, predicted: Document) -> Document | None:
    """Predictions at the characters of gold's text, whose white space is another; ``None`` where more is."""
    places = [at for at, char in enumerate(gold) if not char.isspace()]
    before = [0, *accumulate(not char.isspace() for char in predicted.text)]
    found = [(e, before[e.start], before[e.end]) for e in predicted.entities or ()]
    if _letters(gold) != _letters(predicted.text) or any(first == last for _, first, last in found):
        return None
    moved = tuple(replace(e, start=places[first], end=places[last - 1] + 1) for e, first, last in found)
    return replace(predicted, text=gold, entities=None if predicted.entities is None else moved)


def _pair(gold: Document, predicted: Document) -> Pair:
    # Gold that was made from predictions may carry the mark of the model that made these.
    return Pair(gold, _predicted(gold, predicted), predicted.was_learned and not gold.was_learned)


def _predicted(gold: Document, predicted: Document) -> tuple[Entity, ...]:
    if predicted.text != gold.text:
        predicted = _respaced(gold.text, predicted) or predicted
    if predicted.text != gold.text:
        both = zip(gold.text, predicted.text, strict=False)
        shorter = min(len(gold.text), len(predicted.text))
        at = next((i for i, (a, b) in enumerate(both) if a != b), shorter)
        raise CorpusError(
            f"document {gold.doc_id!r}: the predicted text differs from gold at character {at} "
            f"({predicted.text[at : at + 20]!r}, gold {gold.text[at : at + 20]!r}).",
            hint="Predict the gold documents' own texts.",
        )
    if predicted.entities is None:
        hint = 'A document without entities needs "entities": [].'
        raise CorpusError(f"document {gold.doc_id!r} carries no predictions.", hint=hint)
    return predicted.entities


def _renamed(pair: Pair, mapped: Mapping[str, str]) -> Pair:
    if not any(entity.label in mapped for entity in pair.predicted):
        return pair
    renamed = tuple(replace(e, label=mapped.get(e.label, e.label)) for e in pair.predicted)
    return replace(pair, predicted=renamed)


def group_system(system: System, key: str) -> dict[str, System]:
    """Parts of a system's pairs, by a value of the gold document's meta data.

    Args:
        system: The whole.
        key: Name in ``meta``, with or without the leading ``meta.``; dots descend.

    Raises:
        CorpusError: No document has it.
    """
    path = key.removeprefix("meta.").split(".")
    groups: dict[str, list[Pair]] = {}
    for pair in system.pairs:
        value: Any = pair.gold.meta
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        groups.setdefault("(none)" if value is None else str(value), []).append(pair)
    if set(groups) == {"(none)"}:
        raise CorpusError(f"no gold document has {key!r} in its meta data.", hint="Check the name.")
    return {name: replace(system, pairs=pairs) for name, pairs in sorted(groups.items())}


@dataclass(frozen=True, slots=True)
class Score:
    """Counts with the precision, recall and F1 that follow from them.

    Args:
        tp: Predicted and in gold.
        fp: Predicted, not in gold.
        fn: In gold, not predicted.
    """

    tp: int = 0
    fp: int = 0
    fn: int = 0

    @property
    def gold(self) -> int:
        return self.tp + self.fn

    @property
    def predicted(self) -> int:
        return self.tp + self.fp

    @property
    def precision(self) -> float:
        """Between 0 and 1; 0 where nothing was predicted."""
        return float(self._prf.precision)

    @property
    def recall(self) -> float:
        """Between 0 and 1; 0 where gold holds nothing."""
        return float(self._prf.recall)

    @property
    def f1(self) -> float:
        return float(self._prf.fscore)

    @property
    def shown(self) -> str:
        """F1 × 100; a dash where gold holds nothing."""
        return f"{100 * self.f1:.1f}" if self.gold else "–"

    @property
    def _prf(self) -> PRFScore:
        return PRFScore(tp=self.tp, fp=self.fp, fn=self.fn)

    def as_dict(self) -> dict[str, float | int]:
        names = ("precision", "recall", "f1", "tp", "fp", "fn", "gold", "predicted")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Counts:
    """Counts of one system on one gold standard.

    Args:
        table: Shape (documents, labels, 3): tp, fp, fn.
    """

    labels: tuple[str, ...]
    table: NDArray[np.int64]

    @cached_property
    def micro(self) -> Score:
        """Over all labels."""
        return _score(self.table.sum(axis=(0, 1)))

    @cached_property
    def per_label(self) -> Mapping[str, Score]:
        """For each label."""
        return {label: _score(self.table[:, i].sum(axis=0)) for i, label in enumerate(self.labels)}

    def of(self, documents: Sequence[int]) -> Score:
        """Over all labels, of some documents by number."""
        return _score(self.table[list(documents)].sum(axis=(0, 1)))


def _score(row: Any) -> Score:
    return Score(*map(int, row))


def count(pairs: Sequence[Pair], labels: Sequence[str], keep: Callable[[str], bool] | None = None) -> Counts:
    """Strict counts: exact characters and label.

    Args:
        pairs: Gold and predictions; a mention given twice counts once.
        labels: Labels to score; others are ignored on both sides.
        keep: Only mentions whose surface it accepts are counted, on both sides.
    """
    table = np.zeros((len(pairs), len(labels), 3), dtype=np.int64)
    for row, pair in enumerate(pairs):
        gold, found = (_by_label(pair, side, keep) for side in (pair.entities, pair.predicted))
        for column, label in enumerate(labels):
            prf = PRFScore()
            prf.score_set(found.get(label, set()), gold.get(label, set()))
            table[row, column] = prf.tp, prf.fp, prf.fn
    return Counts(tuple(labels), table)


def _by_label(
    pair: Pair, entities: Iterable[Entity], keep: Callable[[str], bool] | None
) -> dict[str, set[tuple[int, int]]]:
    text = pair.gold.text
    found: dict[str, set[tuple[int, int]]] = {}
    for entity in entities:
        if keep is None or keep(text[entity.start : entity.end]):
            found.setdefault(entity.label, set()).add((entity.start, entity.end))
    return found


def clusters(pair: Pair, labels: frozenset[str]) -> Iterator[tuple[list[Entity], list[Entity]]]:
    """Gold and predicted mentions that overlap, directly or through others; one given twice counts once."""
    sides = [(False, e) for e in pair.entities if e.label in labels]
    sides += [(True, e) for e in pair.predicted if e.label in labels]
    unique = {(e.start, e.end, e.label, side): e for side, e in sides}
    gold: list[Entity] = []
    found: list[Entity] = []
    last = 0
    for (start, end, _, side), entity in sorted(unique.items(), key=lambda item: item[0]):
        if start >= last and (gold or found):
            yield gold, found
            gold, found = [], []
        (found if side else gold).append(entity)
        last = max(last, end)
    if gold or found:
        yield gold, found


# Intervals and comparisons by drawing documents with replacement.
#
# Efron and Tibshirani, An Introduction to the Bootstrap (1993), percentile intervals. Documents, not
# mentions, are drawn: mentions of one document are not independent.

_CELLS = 4_000_000
"""Largest number of draws held at once."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """Micro F1 of one system minus that of another on the same documents.

    Args:
        interval: Its 95 % interval.
        p_value: Two-sided: twice the share of draws in which the difference has the other sign or is 0; at
            least ``least_p`` of the documents on which the two differ.
    """

    f1: float
    interval: Interval
    p_value: float
    resamples: int


def f1_intervals(table: NDArray[np.int64], *, resamples: int, seed: int) -> list[Interval]:
    """An interval of F1 for each column, then for all columns together.

    Args:
        table: Shape (documents, labels, 3): tp, fp, fn.
        seed: Equal seeds give equal intervals.
    """
    drawn = _drawn_f1(np.concatenate([table, table.sum(axis=1, keepdims=True)], axis=1), resamples, seed)
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    return [Interval(float(a), float(b)) for a, b in zip(low, high, strict=True)]


def paired_difference(
    first: NDArray[np.int64], second: NDArray[np.int64], *, resamples: int, seed: int
) -> Difference:
    """Whether the first system's micro F1 differs from the second's, the same documents drawn for both.

    Args:
        first: Shape (documents, labels, 3) of the first system.
        second: The same for the second; the same documents in the same order.
        resamples: Number of draws.
        seed: Equal seeds give equal results.
    """
    if len(first) != len(second):
        raise InputError("the two systems were not scored on the same documents.")
    one, two = first.sum(axis=1, keepdims=True), second.sum(axis=1, keepdims=True)
    both = np.concatenate([one, two], axis=1)
    drawn = _drawn_f1(both, resamples, seed)
    delta = drawn[:, 0] - drawn[:, 1]
    observed = _f1(both.sum(axis=0)[None])[0]
    low, high = np.percentile(delta, [2.5, 97.5])
    # One is added to both counts so that a p-value is never 0 (Davison and Hinkley 1997).
    tail = (1 + min(int((delta <= 0).sum()), int((delta >= 0).sum()))) / (1 + resamples)
    p_value = min(1.0, max(2 * tail, least_p(int((one != two).any((1, 2)).sum()))))
    return Difference(float(observed[0] - observed[1]), Interval(float(low), float(high)), p_value, resamples)


SIGNIFICANT = 0.05
"""What a p-value has to be below for a difference to count, as the 95 % intervals have it."""


def least_p(documents: int) -> float:
    """How likely chance alone favors the same of two equal systems on every document (sign test).

    Draws with replacement know only the documents at hand: two that agree look like certainty.
    """
    return float(2.0 ** (1 - documents))


def enough(documents: int) -> bool:
    """Whether so many documents can tell two systems apart, and how far chance moves a score: six or more."""
    return least_p(documents) < SIGNIFICANT


def _drawn_f1(table: NDArray[np.int64], resamples: int, seed: int) -> NDArray[np.float64]:
    """F1 of each column, one row a draw of documents with replacement."""
    generator = np.random.default_rng(seed)
    size = len(table)
    flat = table.reshape(size, -1)
    step = max(1, _CELLS // max(size, 1))
    drawn = []
    for start in range(0, resamples, step):
        weights = generator.multinomial(size, np.full(size, 1 / size), min(step, resamples - start))
        drawn.append(_f1((weights @ flat).reshape(len(weights), *table.shape[1:])))
    return np.concatenate(drawn)


def _f1(totals: NDArray[np.int64]) -> NDArray[np.float64]:
    tp, fp, fn = np.moveaxis(totals, -1, 0)
    return np.asarray(2 * tp / np.maximum(2 * tp + fp + fn, 1), dtype=np.float64)
