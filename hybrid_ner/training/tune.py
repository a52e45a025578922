"""Search the settings of a recipe with Optuna, on reviewed documents left out in turn.

Akiba and others (2019), "Optuna". The search is kept in ``OUT/study.sqlite3``: called again with the same
documents and rules it goes on, with others it begins anew.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hybrid_ner.corpus import Document
from hybrid_ner.training.bootstrap import BootstrapSettings, Report
from hybrid_ner.training.experiment import Trial, compare_recipe
from hybrid_ner.training.label import fingerprint
from hybrid_ner.training.recipe import learns_votes, load_recipe
from hybrid_ner.training.update import ReadDocuments

__all__ = ["Row", "Search", "Setting"]


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
        documents: The reviewed documents.
        settings: As for a retraining.
        recipe: To be tuned.
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
        optuna.logging.set_verbosity(optuna.logging.WARNING)
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
            self.study.enqueue_trial(self._defaults(config))

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
        report("tune", 1.0, f"{len(self.rows())} trials, best {100 * self.best_f1:.2f}")

    @property
    def best(self) -> dict[str, Any]:
        """Settings of the best trial."""
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

    def _defaults(self, config: Any) -> dict[str, Any]:
        found = {}
        for each in self.space:
            value = _of(config, each.name)
            if each.low <= value <= each.high:
                found[each.name] = value
        return found


def _of(config: Any, name: str) -> Any:
    """A setting by its dotted name; ``None`` where the recipe has no such thing."""
    for part in name.split("."):
        config = config.get(part) if isinstance(config, Mapping) else None
    return config
