"""The models of a project: one folder each, and a pointer to the one in use.

Where the models belong to a review store, the store says which one is in use, in the transaction of the step
that says so; the pointer is then a copy for people and other programs, which is made to follow.

::

    models/
        current         which model is in use; replaced in one step, so it is the old or the new one
        history.jsonl   every change of the pointer
        r1/             meta.json  scores.json  overlay.json  suggestions.jsonl  model/ (a spaCy pipeline)
        r2/             …

A model folder holds everything that was decided together: the trained pipeline with its gazetteer, the
review edits of that gazetteer (``overlay.json``) and, in ``meta.json``, the fusion settings. Moving the
pointer therefore restores all of them at once. A folder is written beside and moved in whole.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hybrid_ner.errors import ModelError
from hybrid_ner.text import atomic_path, part_folder

_POINTER, _HISTORY = "current", "history.jsonl"


def write_json(path: Path, value: Any) -> None:
    """Write plain values; the file is complete or not there."""
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(value, indent=1, ensure_ascii=False), encoding="utf-8")


def read_json(path: Path) -> Any:
    """Read plain values; ``None`` for a missing file.

    Raises:
        ModelError: The file is damaged.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: cannot be read ({error}). Restore it, or delete this model.") from error


def read_record(path: Path) -> dict[str, Any]:
    """What an earlier run wrote down of its work; empty where it is missing, damaged or something else."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """One model.

    Args:
        model_id: ``r`` and a number that grows.
        folder: Where it is kept.
        meta: Settings, counts and fingerprints of its inputs.
        scores: Rule, model and hybrid on the frozen gold; ``None`` when there was no gold.
    """

    model_id: str
    folder: Path
    meta: Mapping[str, Any]
    scores: Mapping[str, Any] | None

    @property
    def pipeline(self) -> Path | None:
        """Folder that ``spacy.load`` opens; ``None`` for rules without a trained model."""
        path = self.folder / "model"
        return path if (path / "config.cfg").is_file() else None

    @property
    def overlay(self) -> list[Mapping[str, Any]]:
        """The review edits of the gazetteer that it was made with."""
        return read_json(self.folder / "overlay.json") or []

    @property
    def suggestions(self) -> Path:
        """What it says about every document of the project, as JSON Lines."""
        return self.folder / "suggestions.jsonl"


class ModelRegistry:
    """The models in one folder, which is made at first use.

    Args:
        folder: Where the models are kept.
        told: Says which model is in use; while it says ``None``, the pointer does.
    """

    def __init__(self, folder: Path, told: Callable[[], str | None] | None = None) -> None:
        self.folder, self._told = folder, told

    def ids(self) -> tuple[str, ...]:
        """Every model, oldest first."""
        if not self.folder.is_dir():
            return ()
        numbers = [_number(path) for path in self.folder.iterdir() if (path / "meta.json").is_file()]
        return tuple(f"r{number}" for number in sorted(n for n in numbers if n >= 0))

    def get(self, model_id: str) -> ModelRecord:
        """One model.

        Raises:
            ModelError: There is none of that name, or its files are damaged.
        """
        if model_id not in self.ids():
            if model_id == self.current():
                raise ModelError(
                    f"{self.folder}: the files of the model in use, {model_id}, are not here. Start the page "
                    "with the --workspace that has them, or copy its folder `projects` to where this one is."
                )
            known = ", ".join(self.ids()) or "none yet"
            raise ModelError(f"{self.folder}: no model {model_id!r}. Models: {known}.")
        folder = self.folder / model_id
        meta, scores = (read_json(folder / name) for name in ("meta.json", "scores.json"))
        return ModelRecord(model_id, folder, meta, scores)

    def records(self) -> list[ModelRecord]:
        return [self.get(model_id) for model_id in self.ids()]

    def current(self) -> str:
        """The model in use; empty when none was promoted."""
        told = self._told() if self._told else None
        return self.pointer() if told is None else told

    def pointer(self) -> str:
        """The model that the pointer names; empty when there is none."""
        pointer = read_json(self.folder / _POINTER) or {}
        return str(pointer.get("model", ""))

    def history(self) -> list[Mapping[str, Any]]:
        """Every change of the model in use, oldest first."""
        path = self.folder / _HISTORY
        if not path.is_file():
            return []
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]

    @contextmanager
    def stage(self) -> Iterator[Path]:
        """A folder to put a new model in; gone afterwards unless ``add`` took it.

        What a killed process has left in one goes too; one that another process is filling stays.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with part_folder(self.folder / "staged") as folder:
            yield folder

    def add(self, staged: Path, meta: Mapping[str, Any]) -> str:
        """Move a staged folder in as the next model and return its id; the model in use stays."""
        number = max((int(model_id[1:]) for model_id in self.ids()), default=-1) + 1
        while True:
            model_id, target = f"r{number}", self.folder / f"r{number}"
            write_json(staged / "meta.json", {**meta, "model": model_id, "created": _now()})
            try:
                # A folder replaces an empty one only: two writers cannot take the same number.
                os.replace(staged, target)
                return model_id
            except OSError:
                if not target.exists():
                    raise
                number += 1

    def use(self, model_id: str, by: str = "") -> None:
        """Make the pointer name a model, or none when empty; one atomic step, and none when it does already.

        Raises:
            ModelError: There is none of that name.
        """
        previous = self.pointer()
        if model_id == previous:
            return
        if model_id:
            self.get(model_id)
        change = {"model": model_id, "previous": previous, "by": by, "at": _now()}
        write_json(self.folder / _POINTER, change)
        with (self.folder / _HISTORY).open("a", encoding="utf-8") as history:
            history.write(json.dumps(change, ensure_ascii=False) + "\n")


def _number(path: Path) -> int:
    digits = path.name[1:]
    return int(digits) if path.name[:1] == "r" and digits.isdecimal() else -1


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
