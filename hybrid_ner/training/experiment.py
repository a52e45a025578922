"""Compare recipes, settings and amounts of text on the same folds of reviewed documents.

Gold that is kept apart for scoring takes no part: every document is read by rules and a model that have
learned from the others alone, and what is chosen for one fold is chosen by the others.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from spacy.tokens import Doc, Span, SpanGroup
from spacy.vocab import Vocab

from hybrid_ner.corpus import Document
from hybrid_ner.errors import CorpusError
from hybrid_ner.pipeline import MODEL_GROUP, FusionSettings
from hybrid_ner.pipeline.crf import CrfEntityRecognizer
from hybrid_ner.text import quantity, scratch
from hybrid_ner.training.bootstrap import BootstrapSettings, Report
from hybrid_ner.training.choose_fusion import MODEL_ALONE, RULES_ALONE, Counts, choose, f1, options
from hybrid_ner.training.crf import CrfWork
from hybrid_ner.training.label import fingerprint
from hybrid_ner.training.pooling import choose_crf
from hybrid_ner.training.predict import load_pipeline
from hybrid_ner.training.recipe import learns_votes, load_recipe, train_on_documents
from hybrid_ner.training.update import ReadDocuments, crf_settings

CURVE = (5, 10, 20, 50, 100, 200, 500, 1000)
"""Numbers of reviewed documents of a learning curve."""
LEAST = 4
"""Reviewed documents below which nothing is compared."""
_FOLDS = 3
"""A recipe that trains for minutes is not fitted more often."""
_FEW_OTHERS = (0, 0.25, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Trial:
    """A recipe with settings.

    Args:
        recipe: ``crf``, or one that ``spacy train`` fits.
        overrides: Settings by dotted name.
        folds: Parts of the documents; 0 for as many as a retraining takes.
    """

    recipe: str = "crf"
    overrides: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    folds: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a recipe has on documents left out.

    Args:
        counts: System (``rule``, ``model``, ``hybrid``) → right, predicted and annotated spans by document.
        seconds: In a comparison of recipes for one training and reading one fold; else for all folds.
        size: Bytes of the trained recognizer, as it is saved; only in a comparison of recipes.
    """

    counts: Mapping[str, Counts]
    seconds: float
    size: int

    def f1(self, system: str = "hybrid") -> float:
        """Strict micro F1, between 0 and 1."""
        return float(f1(self.counts[system].sum(0)))


@dataclass(frozen=True, slots=True)
class Point:
    """One place of a learning curve.

    Args:
        documents: Learned from.
        outcome: On the documents left out.
    """

    documents: int
    outcome: Outcome


class _Student(CrfWork):
    """The same folds for a recipe that ``spacy train`` fits on the reviewed documents alone."""

    def __init__(self, read: ReadDocuments, documents: Mapping[str, Document], trial: Trial) -> None:
        super().__init__(read.reviewed, read.rules.voters, None)
        self.ways = tuple(dict.fromkeys((RULES_ALONE, MODEL_ALONE, *options())))
        self.documents, self.trial, self.size = documents, trial, 0

    def _answer(self, learn: Sequence[int], held_out: Sequence[int]) -> None:
        pairs = ((self.documents[self.ids[n]], self.complete[n].decided.accepted) for n in learn)
        gold = [replace(document, entities=accepted) for document, accepted in pairs]
        with scratch() as folder:
            out = folder / "model"
            train_on_documents(self.trial.recipe, gold, out, overrides=self.trial.overrides)
            parts = (file for name in ("ner", "transformer", "tok2vec") for file in (out / name).rglob("*"))
            self.size = sum(file.stat().st_size for file in parts if file.is_file())
            nlp = load_pipeline(out)
            for n in held_out:
                doc = self.complete[n].doc
                _write(doc, nlp(doc.text))


def compare_recipe(
    read: ReadDocuments,
    documents: Sequence[Document],
    settings: BootstrapSettings,
    trial: Trial,
    *,
    alone: bool = True,
) -> Outcome:
    """Rules, model and hybrid of a recipe on reviewed documents left out in turn.

    Args:
        read: What the rules said of the documents (``update.read_reviewed``), its ``others`` as a list.
        alone: One fold after the other, so that seconds and size are those of one training.

    Raises:
        CorpusError: Fewer than four documents.
        InputError: A setting that the recipe does not have.
    """
    work = _work(read, documents, settings, trial)
    started, folds = time.perf_counter(), trial.folds or _folds(work.distinct, trial.recipe)
    found = work.left_out(folds, alone=alone)
    seconds = (time.perf_counter() - started) / folds
    return Outcome(_systems(work, found, folds), seconds, _size(work) if alone else 0)


def learning_curve(
    read: ReadDocuments, documents: Sequence[Document], settings: BootstrapSettings, trial: Trial
) -> Iterator[Point]:
    """Rules, model and hybrid after more and more reviewed documents, always on the same ones left out."""
    work = _work(read, documents, settings, trial)
    folds = trial.folds or _folds(work.distinct, trial.recipe)
    most = len(work.complete) - -(-len(work.complete) // folds)
    for number in [*(n for n in CURVE if n < most), most]:
        started = time.perf_counter()
        counts = _systems(work, work.left_out(folds, number / most), folds)
        yield Point(number, Outcome(counts, time.perf_counter() - started, 0))


def weak_curve(
    read: ReadDocuments, documents: Sequence[Document], settings: BootstrapSettings
) -> Iterator[Point]:
    """The same for the CRF with all reviewed documents, and ever more that only the rules have labeled."""
    others = list(read.others)
    for share in _FEW_OTHERS:
        part = replace(read, others=others[: round(share * len(others))])
        work = _work(part, documents, settings, Trial())
        if share and not work.with_prior:
            return  # rules that know too little are not learned from
        started, folds = time.perf_counter(), _folds(work.distinct, "crf")
        counts = _systems(work, work.left_out(folds), folds)
        yield Point(len(work.prior), Outcome(counts, time.perf_counter() - started, 0))


def _work(
    read: ReadDocuments, documents: Sequence[Document], settings: BootstrapSettings, trial: Trial
) -> CrfWork:
    complete = sum(each.decided.complete for each in read.reviewed.values())
    if complete < LEAST:
        count = quantity(complete, "completely reviewed document")
        what = f"{count}: too few to compare on; {LEAST} are needed."
        raise CorpusError(what, hint="Review some more.")
    encoder = settings.overrides.get("paths.encoder")
    if encoder and "encoder" in load_recipe(trial.recipe).get("paths", {}):
        trial = replace(trial, overrides={"paths.encoder": encoder, **trial.overrides})
    work: CrfWork
    if not learns_votes(trial.recipe):
        work = _Student(read, {d.doc_id: d for d in documents}, trial)
    else:
        chosen = crf_settings(replace(settings, recipe=trial.recipe, overrides=dict(trial.overrides)))
        work = CrfWork(read.reviewed, read.rules.voters, read.words, read.others, chosen, read.states)
    if work.distinct < LEAST:
        what = (
            f"{quantity(complete, 'reviewed document')}, but only {work.distinct} that are no near-copies: "
            f"too few to compare on; {LEAST} are needed."
        )
        raise CorpusError(what, hint="Review some that differ more.")
    return work


def _folds(documents: int, recipe: str) -> int:
    return min(documents, 5 if learns_votes(recipe) else _FOLDS)


def _systems(work: CrfWork, counts: Mapping[FusionSettings, Counts], folds: int) -> dict[str, Counts]:
    """Counts of the three systems; how the hybrid is fused in a fold is chosen by the other folds."""
    hybrid = np.zeros_like(counts[RULES_ALONE])
    for numbers in map(list, work.folds(folds)):
        others = {way: np.delete(each, numbers, axis=0) for way, each in counts.items()}
        student = isinstance(work, _Student)
        choice = choose(others, RULES_ALONE) if student else choose_crf(others)
        hybrid[numbers] = counts[choice.settings][numbers]
    return {"rule": counts[RULES_ALONE], "model": counts[MODEL_ALONE], "hybrid": hybrid}


def _size(work: CrfWork) -> int:
    if isinstance(work, _Student):
        return work.size
    weights, voters = work.learn(lambda share, line: None)[0], work.voters
    recognizer = CrfEntityRecognizer(Vocab(), "ner", voters.rules)
    recognizer.learn(weights.model, work.words, work.states, *weights[1:])
    return len(recognizer.to_bytes())


def _write(doc: Doc, read: Doc) -> None:
    """Take over the model's spans of a document with the same tokens."""
    group = read.spans[MODEL_GROUP]
    spans = [Span(doc, span.start, span.end, span.label_) for span in group]
    scores = {"scores": list(group.attrs["scores"])}
    doc.spans[MODEL_GROUP] = SpanGroup(doc, name=MODEL_GROUP, spans=spans, attrs=scores)


# Search the settings of a recipe with Optuna, on reviewed documents left out in turn.
#
# Akiba and others (2019), "Optuna". The search is kept in ``OUT/study.sqlite3``: called again with the same
# documents and rules it goes on, with others it begins anew.


@dataclass(frozen=True, slots=True)
class Setting:
    """What may be chosen for a setting of a recipe.

    Args:
        name: Dotted, as on the command line.
        low: Least value …
        high: … and greatest.
        log: Whether factors count, not differences.
        whole: Whether it is an integer.
    """

    name: str
    low: float
    high: float
    log: bool = False
    whole: bool = False


_CRF = (
    Setting("components.ner.l1", 0.002, 1.0, log=True),
    Setting("components.ner.l2", 0.002, 2.0, log=True),
    Setting("components.ner.least_score", 0.2, 0.5),
)
_NETWORK = (
    Setting("training.dropout", 0.1, 0.5),
    Setting("training.optimizer.learn_rate", 2e-4, 5e-3, log=True),
    Setting("training.optimizer.learn_rate.initial_rate", 3e-5, 1e-3, log=True),
    Setting("training.optimizer.L2", 1e-4, 0.1, log=True),
    Setting("training.max_epochs", 4, 30, whole=True),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One finished trial; ``values`` in the order of ``Search.names``."""

    number: int
    f1: float
    seconds: float
    values: tuple[float, ...]


class Search:
    """A search and what it has found; the first trial is the recipe as it is.

    Args:
        read: What the rules said of the reviewed documents (``update.read_reviewed``).
        out: Folder where the search is kept.

    Raises:
        InputError: No such recipe.
    """

    def __init__(
        self,
        read: ReadDocuments,
        documents: Sequence[Document],
        settings: BootstrapSettings,
        recipe: str,
        out: Path,
    ) -> None:
        import optuna

        self.read, self.documents, self.settings, self.recipe = read, documents, settings, recipe
        config = load_recipe(recipe)
        possible = _CRF if learns_votes(recipe) else _NETWORK
        self.space = tuple(each for each in possible if isinstance(_of(config, each.name), int | float))
        self.names = tuple(each.name for each in self.space)
        optuna.logging.set_verbosity(optuna.logging.ERROR)  # it warns, at length, of a trial that is stopped
        out.mkdir(parents=True, exist_ok=True)
        asked = [(d.content_hash, [[e.start, e.end, e.label] for e in d.entities or ()]) for d in documents]
        self.study = optuna.create_study(
            storage=f"sqlite:///{out / 'study.sqlite3'}",
            study_name=fingerprint(read.rules.inputs, recipe, asked, self.names),
            sampler=optuna.samplers.TPESampler(seed=0),
            direction="maximize",
            load_if_exists=True,
        )
        if not self.study.trials:
            values = ((each, _of(config, each.name)) for each in self.space)
            defaults = {each.name: value for each, value in values if each.low <= value <= each.high}
            self.study.enqueue_trial(defaults)

    def run(self, minutes: float, most: int, report: Report) -> None:
        """Try settings until the time is up or so many trials are done in all; the default always is."""
        started = time.perf_counter()
        while not (done := len(self.rows())) or (not most or done < most):
            spent = time.perf_counter() - started
            if done and spent >= 60 * minutes:
                break
            share = max(spent / (60 * minutes) if minutes else 1.0, done / most if most else 0.0)
            said = f", best {100 * self.best_f1:.2f}" if done else ""
            report("tune", min(0.99, share), f"trial {done}{said}")
            self.study.optimize(self._objective, n_trials=1)
        report("tune", 1.0, f"{quantity(len(self.rows()), 'trial')}, best {100 * self.best_f1:.2f}")

    @property
    def best(self) -> dict[str, Any]:
        return dict(self.study.best_trial.params)

    @property
    def best_f1(self) -> float:
        """Its F1, between 0 and 1."""
        return float(self.study.best_value)

    def rows(self) -> list[Row]:
        """Every finished trial, oldest first."""
        rows = []
        for trial in self.study.trials:
            if trial.value is not None and trial.duration is not None:
                values = tuple(trial.params[name] for name in self.names)
                rows.append(Row(trial.number, float(trial.value), trial.duration.total_seconds(), values))
        return rows

    def _objective(self, trial: Any) -> float:
        chosen = {
            each.name: trial.suggest_int(each.name, int(each.low), int(each.high))
            if each.whole
            else trial.suggest_float(each.name, each.low, each.high, log=each.log)
            for each in self.space
        }
        asked = Trial(self.recipe, chosen)
        return compare_recipe(self.read, self.documents, self.settings, asked, alone=False).f1()


def _of(config: Any, name: str) -> Any:
    """A setting by its dotted name; ``None`` where the recipe has no such thing."""
    for part in name.split("."):
        config = config.get(part) if isinstance(config, Mapping) else None
    return config
