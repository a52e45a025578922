"""The shipped default on annotated sets, each marked by whether its rules were tuned on that text.

``read_sets.tsv`` names the sets that rule authors read, or whose scores they saw; ``read_documents.tsv.gz``
knows their documents by a hash of how the text begins, letters and digits alone, so that a copy in another
format or under another name is known too. Whatever is not there was never read.
"""

from __future__ import annotations

import gzip
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from hybrid_ner import __version__
from hybrid_ner.corpus.cleaning import label_mapping
from hybrid_ner.corpus.document import Document
from hybrid_ner.errors import CorpusError
from hybrid_ner.evaluation import Scores, Settings, score
from hybrid_ner.evaluation.counts import inventory, pair_system
from hybrid_ner.matching import gather_terms
from hybrid_ner.pipeline import rule_pipeline
from hybrid_ner.registry import DOMAINS
from hybrid_ner.terms.shipped import load_crosswalk, table_rows
from hybrid_ner.training.predict import predict

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
            scores = score(pair_system(gold, predicted), settings) if inventory(gold) else None
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
    labels = inventory(documents)
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
