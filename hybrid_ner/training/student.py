"""Train the student: a spaCy pipeline with one entity recognizer, from a recipe and weak labels."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from io import StringIO
from pathlib import Path
from typing import IO, Any

import spacy
from spacy.language import Language
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from spacy.util import load_config

from hybrid_ner.errors import InputError

__all__ = ["RECIPES", "Progress", "recipe_path", "train_student"]

_FOLDER = Path(__file__).parent / "recipes"
RECIPES = tuple(sorted(path.stem for path in _FOLDER.glob("*.cfg")))

Progress = Callable[[float, str], None]
"""Called with the share of the work done, between 0 and 1, and a line for people."""

_listener: ContextVar[Progress | None] = ContextVar("training_progress", default=None)


def recipe_path(name: str) -> Path:
    """Path of a shipped recipe or of the user's own ``.cfg``.

    Raises:
        InputError: Neither exists.
    """
    path = Path(name) if name.endswith(".cfg") else _FOLDER / f"{name}.cfg"
    if not path.is_file():
        raise InputError(
            f"no training recipe {name!r}.", hint=f"Use one of {', '.join(RECIPES)} or the path of a .cfg file."
        )
    return path


def train_student(
    recipe: str,
    train_path: Path,
    dev_path: Path,
    output: Path,
    *,
    overrides: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> Language:
    """Train with ``spacy train``'s own loop and return the last, averaged weights.

    Args:
        recipe: Name of a shipped recipe, or a config file.
        train_path: Weakly labeled ``.spacy`` file.
        dev_path: Held-out weak labels, for the log only: nothing is chosen by them.
        output: Folder for spaCy's ``model-last``.
        overrides: Config settings by dotted name, as ``spacy train`` takes them.
        progress: Told the share of epochs done.

    Raises:
        InputError: The recipe does not exist.
    """
    settings = {"paths.train": str(train_path), "paths.dev": str(dev_path), **(overrides or {})}
    config = load_config(recipe_path(recipe), overrides=settings, interpolate=False)
    token = _listener.set(progress)
    try:
        output.mkdir(parents=True, exist_ok=True)
        nlp = init_nlp(config)
        train(nlp, output, stdout=StringIO(), stderr=StringIO())
    finally:
        _listener.reset(token)
    return spacy.load(output / "model-last")


@spacy.registry.loggers("hybrid_ner.ProgressLogger.v1")
def progress_logger() -> Callable[..., Any]:
    """Logger that reports to the ``progress`` of ``train_student``, or to the console without one."""

    def setup(nlp: Language, stdout: IO[str] = sys.stdout, stderr: IO[str] = sys.stderr) -> Any:
        listener = _listener.get()
        epochs = nlp.config["training"]["max_epochs"] or 1

        def log_step(info: dict[str, Any] | None) -> None:
            if info is None:
                return
            loss = sum(info["losses"].values())
            line = f"epoch {info['epoch'] + 1} of {epochs}, step {info['step']}, loss {loss:,.0f}"
            if listener:
                listener(min(1.0, info["epoch"] / epochs), line)
            else:
                stdout.write(line + "\n")

        return log_step, lambda: None

    return setup
