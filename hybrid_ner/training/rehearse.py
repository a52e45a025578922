"""A simulated review: documents are answered as their gold says, and others score what that taught."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np

from hybrid_ner.corpus import Document
from hybrid_ner.pipeline.fusion import System, system_spans
from hybrid_ner.sources.learned import ReviewPolicy
from hybrid_ner.terms import Gazetteer
from hybrid_ner.training.bootstrap import BootstrapSettings, Report
from hybrid_ner.training.choose_fusion import Counts, f1
from hybrid_ner.training.policy import Decided
from hybrid_ner.training.update import Update, rules_inputs, update_learner

_SYSTEMS: tuple[System, ...] = ("rule", "model", "hybrid")
_TENTH = 10


@dataclass(frozen=True, slots=True)
class Round:
    """What so many reviewed documents have taught.

    Args:
        reviewed: Documents.
        counts: System → right, predicted and annotated spans of each document kept out.
        seconds: From the decisions to the new suggestions.
    """

    reviewed: int
    counts: dict[System, Counts]
    seconds: float

    def f1(self, system: System = "hybrid") -> float:
        """Strict micro F1 on the documents kept out, between 0 and 1."""
        return float(f1(self.counts[system].sum(0)))

    def wrong(self, system: System = "hybrid") -> int:
        """Spans that were missed, and those that are wrong."""
        right, predicted, gold = self.counts[system].sum(0).tolist()
        return int(predicted + gold - 2 * right)


def small_list(gazetteer: Gazetteer) -> Gazetteer:
    """The terms of one concept in ten, always the same ones: as small as a list of one's own often is."""
    return Gazetteer.of(t for t in gazetteer if crc32((t.concept_id or t.text).encode()) % _TENTH == 0)


def rehearse(
    gazetteer: Gazetteer,
    text: Iterable[Document],
    gold: Sequence[Document],
    numbers: Sequence[int],
    settings: BootstrapSettings,
    folder: Path,
    report: Report = lambda step, share, line: None,
) -> Iterator[Round]:
    """Review the first documents of one half of the gold, and score on the other half each time.

    Args:
        gazetteer: Terms of the rules.
        text: Other documents of the project.
        gold: Annotated documents; those of the second half are never learned from, their text neither.
        numbers: How many are reviewed, fewest first; 0 for what there is before any review.
        settings: As for a first model.
        folder: Where rules and votes are kept.
        report: Told about progress.
    """
    seen, kept_out = gold[::2], gold[1::2]
    project = [Document(d.doc_id, d.text) for d in (*seen, *text)]
    inputs = rules_inputs(settings, gazetteer.fingerprint)
    for number in numbers:
        decided = {d.doc_id: Decided(d.entities or (), (), complete=True) for d in seen[: max(1, number)]}
        started = time.perf_counter()
        made = update_learner(
            gazetteer,
            project,
            decided,
            folder / "model",
            settings,
            folder=folder / "kept",
            inputs=inputs,
            report=report,
        )
        seconds = time.perf_counter() - started
        yield Round(number, _scored(made, kept_out, rules_only=number == 0), seconds)


def _scored(made: Update, kept_out: Sequence[Document], *, rules_only: bool) -> dict[System, Counts]:
    bare = [Document(d.doc_id, d.text) for d in kept_out]
    if rules_only:
        nlp = made.rules.pipeline(ReviewPolicy())
        nlp.add_pipe("entity_fusion", config={"sources": list(made.rules.names)})
        docs = list(made.rules.finish(nlp, made.rules.read(bare, nlp.vocab, lambda share, line: None)))
    else:
        docs = [doc for _, doc in made.read(bare)]
    rows: dict[System, list[tuple[int, int, int]]] = {system: [] for system in _SYSTEMS}
    for document, doc in zip(kept_out, docs, strict=True):
        wanted = {(e.start, e.end, e.label) for e in document.entities or ()}
        for system in _SYSTEMS:
            found = {(s.start_char, s.end_char, s.label_) for s in system_spans(doc, system)}
            rows[system].append((len(found & wanted), len(found), len(wanted)))
    return {system: np.array(each, dtype=np.int64) for system, each in rows.items()}
