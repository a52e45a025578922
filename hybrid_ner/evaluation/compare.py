"""Several systems on the same gold, among them rules, model and hybrid; and one system on several sets."""

from __future__ import annotations

import gzip
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache, partial
from itertools import combinations, islice
from pathlib import Path
from typing import Any, Literal, get_args

from spacy.language import Language
from spacy.tokens import Doc

from hybrid_ner import __version__
from hybrid_ner.corpus.cleaning import label_mapping
from hybrid_ner.corpus.document import Document, Entity, documents_of
from hybrid_ner.errors import CorpusError, InputError, wrong_kind
from hybrid_ner.evaluation import Scores, Settings, counts, score
from hybrid_ner.matching import gather_terms
from hybrid_ner.pipeline import given_pipeline, rule_pipeline, tell_learned
from hybrid_ner.registry import DOMAINS
from hybrid_ner.terms.shipped import load_crosswalk, table_rows
from hybrid_ner.text import brief
from hybrid_ner.training.predict import SYSTEMS, document_from, predict, read_docs

# What a system got wrong: missed, spurious, boundary and label mistakes, with their place in the text.

MistakeKind = Literal["missed", "spurious", "boundary", "label", "boundary and label"]
MISTAKE_KINDS: tuple[MistakeKind, ...] = get_args(MistakeKind)

_WIDTH = 60


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake; a gold mention and a prediction that overlap make one, not two.

    Args:
        gold: The gold mention, ``None`` for a spurious prediction.
        predicted: The prediction, ``None`` for a missed mention.
        window: The text around it.
        offset: Where the window starts in the document.
    """

    kind: MistakeKind
    doc_id: str
    gold: Entity | None
    predicted: Entity | None
    window: str
    offset: int

    def surface(self, entity: Entity) -> str:
        """The characters of one of its two mentions."""
        return self.window[entity.start - self.offset : entity.end - self.offset]

    def as_dict(self) -> dict[str, Any]:
        row: dict[str, Any] = {"kind": self.kind, "id": self.doc_id}
        for name, entity in (("gold", self.gold), ("predicted", self.predicted)):
            row[name] = entity and {
                "start": entity.start,
                "end": entity.end,
                "label": entity.label,
                "text": self.surface(entity),
            }
        return {**row, "excerpt": " ".join(self.window.split())}


def find_mistakes(pairs: Iterable[counts.Pair], labels: Sequence[str]) -> Iterator[Mistake]:
    """Every mistake on the scored labels, in the order of the documents."""
    for pair in pairs:
        for gold, predicted in _matches(pair, labels):
            if (kind := _kind(gold, predicted)) is None:
                continue
            present = [entity for entity in (gold, predicted) if entity is not None]
            start = max(0, min(entity.start for entity in present) - _WIDTH)
            text = pair.gold.text[start : max(entity.end for entity in present) + _WIDTH]
            yield Mistake(kind, pair.gold.doc_id, gold, predicted, text, start)


def confusions(pairs: Iterable[counts.Pair], labels: Sequence[str]) -> Counter[tuple[str, str]]:
    """How often a gold label was given a predicted label; an empty label stands for no mention."""
    return Counter(
        (gold.label if gold else "", predicted.label if predicted else "")
        for pair in pairs
        for gold, predicted in _matches(pair, labels)
    )


def _matches(pair: counts.Pair, labels: Sequence[str]) -> Iterator[tuple[Entity | None, Entity | None]]:
    """Each mention once, beside the mention of the other side that it shares most characters with."""
    for gold, found in counts.clusters(pair, frozenset(labels)):
        candidates = sorted(
            (-_closeness(g, p), i, j)
            for i, g in enumerate(gold)
            for j, p in enumerate(found)
            if g.start < p.end and p.start < g.end
        )
        left, right = dict(enumerate(gold)), dict(enumerate(found))
        for _, i, j in candidates:
            if i in left and j in right:
                yield left.pop(i), right.pop(j)
        yield from ((g, None) for g in left.values())
        yield from ((None, p) for p in right.values())


def _closeness(gold: Entity, predicted: Entity) -> float:
    """Shared part of the two mentions' characters; an equal label decides between equals."""
    shared = min(gold.end, predicted.end) - max(gold.start, predicted.start)
    whole = max(gold.end, predicted.end) - min(gold.start, predicted.start)
    return shared / whole + (1e-6 if gold.label == predicted.label else 0)


def _kind(gold: Entity | None, predicted: Entity | None) -> MistakeKind | None:
    """What is wrong; ``None`` where both are the same."""
    if predicted is None:
        return "missed"
    if gold is None:
        return "spurious"
    same_place = (gold.start, gold.end) == (predicted.start, predicted.end)
    if gold.label == predicted.label:
        return None if same_place else "boundary"
    return "label" if same_place else "boundary and label"


@dataclass(frozen=True, slots=True)
class Contrast:
    """The second system against the first."""

    first: str
    second: str
    difference: counts.Difference

    def as_dict(self) -> dict[str, Any]:
        return {"first": self.first, "second": self.second, **asdict(self.difference)}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Scores of several systems.

    Args:
        systems: Name → scores, in the order given.
        contrasts: For each pair of systems, the later one minus the earlier one.
        groups: The same for parts of the gold documents, when asked for.
        empty_groups: Parts that hold no gold entity to score.
    """

    systems: Mapping[str, Scores]
    contrasts: tuple[Contrast, ...]
    groups: Mapping[str, Comparison] = field(default_factory=dict)
    empty_groups: tuple[str, ...] = ()

    __repr__ = brief

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON; a single system's values also stand at the top."""
        only = next(iter(self.systems.values())).as_dict() if len(self.systems) == 1 else {}
        return {
            **only,
            "systems": {name: scores.as_dict() for name, scores in self.systems.items()},
            "contrasts": [contrast.as_dict() for contrast in self.contrasts],
            "groups": {name: group.as_dict() for name, group in self.groups.items()},
            "empty_groups": list(self.empty_groups),
        }


def compare(
    gold: Iterable[Document],
    predictions: Mapping[str, Iterable[Document]],
    settings: Settings | None = None,
    by: str | None = None,
) -> Comparison:
    """Score every system, and each against each.

    Args:
        gold: Annotated documents.
        predictions: Name of a system → its predictions for all of them.
        settings: What is scored, and how.
        by: Name of a value in the documents' meta data; each of its values is also scored apart, on
            the labels that occur there.
    """
    settings = settings or Settings()
    return compare_systems(pair_systems(gold, predictions, settings), settings, by)


def pair_systems(
    gold: Iterable[Document], predictions: Mapping[str, Iterable[Document]], settings: Settings
) -> dict[str, counts.System]:
    """Every system's predictions beside gold."""
    if not predictions:
        raise InputError("there is no system to score.", hint="Give predictions.")
    if not isinstance(predictions, Mapping):
        said = f"expected predictions by name of a system, found {repr(predictions)[:60]}."
        raise InputError(said, hint='Give {"rules": documents}.')
    if not isinstance(settings, Settings):
        raise wrong_kind("Settings", settings, "Give hybrid_ner.evaluation.Settings(…).")
    documents = [*documents_of(gold)]
    found = {}
    for name, predicted in predictions.items():
        try:
            found[name] = counts.pair_system(documents, predicted, settings.mapping, settings.aliases)
        except CorpusError as error:
            if error.path is not None or len(predictions) == 1:
                raise
            raise CorpusError(f"{name}: {error.problem}", hint=error.hint) from error
    return found


def compare_systems(
    systems: Mapping[str, counts.System], settings: Settings, by: str | None = None
) -> Comparison:
    """As ``compare``, for systems that are already paired with gold."""
    scores = {name: score(system, settings) for name, system in systems.items()}
    how = {"resamples": settings.resamples, "seed": settings.seed}
    tables = {name: each.counts.table for name, each in scores.items()}
    contrasts = tuple(
        Contrast(a, b, counts.paired_difference(tables[b], tables[a], **how))
        for a, b in combinations(scores, 2)
    )
    if by is None:
        return Comparison(scores, contrasts)
    groups, empty = _groups(systems, settings, by)
    return Comparison(scores, contrasts, groups, empty)


def _groups(
    systems: Mapping[str, counts.System], settings: Settings, by: str
) -> tuple[dict[str, Comparison], tuple[str, ...]]:
    parts: dict[str, dict[str, counts.System]] = {}
    for name, system in systems.items():
        for value, part in counts.group_system(system, by).items():
            parts.setdefault(value, {})[name] = part
    found: dict[str, Comparison] = {}
    for value, group in parts.items():
        here = counts.inventory(pair.gold for pair in next(iter(group.values())).pairs)
        labels = here if settings.labels is None else tuple(x for x in settings.labels if x in here)
        if labels:
            found[value] = compare_systems(group, replace(settings, labels=labels))
    return found, tuple(value for value in parts if value not in found)


Reader = Callable[[Sequence[Document]], Iterator[tuple[Document, Doc]]]
"""Gives each document with its ``Doc``, in order."""


@dataclass(frozen=True, slots=True)
class MisalignedGold:
    """A gold span, in characters, that does not fall on token boundaries."""

    doc_id: str
    start: int
    end: int
    label: str
    surface: str


@dataclass(frozen=True, slots=True)
class ThreeWay:
    """Scores, and the predictions they were made from, by system.

    Args:
        comparison: The scores.
        gold: The annotated documents.
        predictions: System → documents with its entities.
        misaligned: Gold spans that fit no tokens: they count as missed by every system.
    """

    comparison: Comparison
    gold: tuple[Document, ...]
    predictions: dict[str, list[Document]]
    misaligned: tuple[MisalignedGold, ...] = ()

    __repr__ = brief


def three_way(
    nlp: Language, documents: Iterable[Document], settings: Settings | None = None, by: str | None = None
) -> ThreeWay | None:
    """Score the three systems on the annotated documents; ``None`` when none is annotated.

    Where the pipeline has learned from some of them, the scores say so (``Scores.on_learned``).
    """
    marked = tell_learned(given_pipeline(nlp), documents_of(documents))
    return three_way_of(partial(read_docs, nlp), marked, settings, by)


def three_way_of(
    read: Reader, documents: Iterable[Document], settings: Settings | None = None, by: str | None = None
) -> ThreeWay | None:
    """The same for whatever gives documents as a hybrid pipeline has read them."""
    gold = tuple(d for d in counts.checked(documents, "gold") if d.entities is not None)
    if not any(d.entities for d in gold):
        return None
    predictions: dict[str, list[Document]] = {system: [] for system in SYSTEMS}
    misaligned: list[MisalignedGold] = []
    scored: list[Document] = []
    for document, doc in read(gold):
        scored.append(document)
        for e in document.entities or ():
            if doc.char_span(e.start, e.end) is None:
                said = document.text[e.start : e.end]
                misaligned.append(MisalignedGold(document.doc_id, e.start, e.end, e.label, said))
        for system in SYSTEMS:
            predictions[system].append(document_from(document, doc, system))
    return ThreeWay(compare(scored, predictions, settings, by), tuple(scored), predictions, tuple(misaligned))


# The shipped default on annotated sets, each marked by whether its rules were tuned on that text.
#
# ``read_sets.tsv`` names the sets that rule authors read, or whose scores they saw; ``read_documents.tsv.gz``
# knows their documents by a hash of how the text begins, letters and digits alone, so that a copy in another
# format or under another name is known too. Whatever is not there was never read.

MARKS = ("tuned on", "scores seen", "never read")
"""Rules were written with the text in sight; only its scores were seen while they were; neither."""
_HERE = Path(__file__).parent
_BEGINNING = 150
"""Letters and digits that tell a document: copies differ in white space, quotes and how they end."""


@dataclass(frozen=True, slots=True)
class ReadSet:
    """A set that had a part in the rules.

    Args:
        name: As ``read_documents.tsv.gz`` calls it.
        mark: One of ``MARKS``.
        what: Which part of what.
    """

    name: str
    mark: str
    what: str


@dataclass(frozen=True, slots=True)
class Row:
    """One set, or the part of it with one mark.

    Args:
        name: Name of the set.
        mark: One of ``MARKS``.
        scores: Its scores; ``None`` where no label of it is one of the domain.
        unasked: Gold mentions of labels that the domain does not have, by label.
    """

    name: str
    mark: str
    scores: Scores | None
    unasked: Mapping[str, int]

    def as_dict(self) -> dict[str, Any]:
        scores = self.scores.as_dict() if self.scores else None
        return {"set": self.name, "mark": self.mark, "unasked": dict(self.unasked), "scores": scores}


@dataclass(frozen=True, slots=True)
class Transfer:
    """All rows, and what the default was.

    Args:
        domain: Its domain.
        gazetteer: Fingerprint of its terms.
        rows: One a set and mark.
    """

    domain: str
    gazetteer: str
    rows: tuple[Row, ...]

    def as_dict(self) -> dict[str, Any]:
        default = {"domain": self.domain, "version": __version__, "gazetteer_fingerprint": self.gazetteer}
        return {"default": default, "sets": [row.as_dict() for row in self.rows]}


def document_key(text: str) -> str:
    """What tells a document from others, without holding any of its text."""
    start = "".join(islice((c for c in text.casefold() if c.isalnum()), _BEGINNING))
    return hashlib.blake2b(start.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


@cache
def read_sets() -> Mapping[str, ReadSet]:
    """The sets that had a part in the rules, by name."""
    rows = table_rows(_HERE / "read_sets.tsv", ("set", "mark", "what"))
    return {name: ReadSet(name, mark, what) for _, (name, mark, what) in rows}


@cache
def _documents() -> Mapping[str, str]:
    with gzip.open(_HERE / "read_documents.tsv.gz", "rt", encoding="utf-8") as lines:
        next(lines)
        pairs = (line.rstrip("\n").split("\t") for line in lines)
        return {key: read_sets()[name].mark for name, keys in pairs for key in keys.split(" ")}


def mark_of(text: str) -> str:
    """Whether the rules were tuned on a text, its scores were seen, or it was never read."""
    return _documents().get(document_key(text), MARKS[-1])


def transfer(
    sets: Iterable[tuple[str, Iterable[Document]]],
    domain: str,
    mapping: Mapping[str, str] | None = None,
    *,
    ids: str = "",
    report: Callable[[str], None] = lambda line: None,
) -> Transfer:
    """Score the rules that a domain ships, without a model, on annotated sets.

    Args:
        sets: Name and annotated documents of each.
        mapping: Gold label → label of the domain, where its name does not tell.
        ids: Vocabularies of the concept ids, as ``rule_pipeline`` takes them.

    Raises:
        CorpusError: A set without annotation, or none with a label of the domain.
    """
    terms = gather_terms(domain)
    nlp = rule_pipeline(terms, domain, ids=ids)
    settings = Settings(resamples=200, crosswalk=load_crosswalk(domain) or None)
    rows: list[Row] = []
    for name, documents in sets:
        groups: dict[str, list[Document]] = {}
        for document in documents:
            groups.setdefault(mark_of(document.text), []).append(document)
        for mark, group in ((mark, groups[mark]) for mark in MARKS if mark in groups):
            report(f"{name} ({mark})")
            gold, unasked = _asked(group, domain, mapping or {})
            predicted = predict(nlp, gold, "rule")
            scores = score(counts.pair_system(gold, predicted), settings) if counts.inventory(gold) else None
            rows.append(Row(name, mark, scores, unasked))
    if not any(row.scores for row in rows):
        known = ", ".join(DOMAINS.get(domain).labels)
        hint = f"It has {known}; name a counterpart with --map FROM=TO."
        raise CorpusError(f"no set has a label of the domain {domain}.", hint=hint)
    return Transfer(domain, terms.fingerprint, tuple(rows))


def _asked(
    documents: Sequence[Document], domain: str, mapping: Mapping[str, str]
) -> tuple[list[Document], dict[str, int]]:
    """Gold under the domain's names of its labels, and how much of it the domain does not know."""
    own = tuple(DOMAINS.get(domain).labels)
    labels = counts.inventory(documents)
    found = {label: label for label in labels if label in own} | label_mapping(labels, own) | dict(mapping)
    unasked: Counter[str] = Counter()
    kept = []
    for document in documents:
        if document.entities is None:
            hint = "Leave it out, or say that it holds none."
            raise CorpusError(f"document {document.doc_id!r} has no annotation.", hint=hint)
        asked = [entity for entity in document.entities if found.get(entity.label)]
        unasked.update(entity.label for entity in document.entities if not found.get(entity.label))
        entities = tuple(replace(entity, label=found[entity.label]) for entity in asked)
        kept.append(replace(document, entities=entities))
    return kept, unasked
