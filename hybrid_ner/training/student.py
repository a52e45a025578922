"""Train the student: a spaCy pipeline with one entity recognizer, from a recipe and weak labels."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from spacy.util import filter_spans, load_config

from hybrid_ner.corpus import Document
from hybrid_ner.errors import CorpusError, InputError
from hybrid_ner.pipeline.build import save
from hybrid_ner.pipeline.tokenizer import blank
from hybrid_ner.weak.corpus import write_training_data

__all__ = ["RECIPES", "Progress", "recipe_path", "train_on_documents", "train_student"]

_FOLDER = Path(__file__).parent / "recipes"
_LAST = "model-last"
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
            f"no training recipe {name!r}.",
            hint=f"Use one of {', '.join(RECIPES)} or the path of a .cfg file.",
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
    base: Path | None = None,
) -> Language:
    """Train with ``spacy train``'s own loop and return the last, averaged weights.

    Args:
        recipe: Name of a shipped recipe, or a config file.
        train_path: Weakly labeled ``.spacy`` file.
        dev_path: Held-out weak labels, for the log only: nothing is chosen by them.
        output: Folder for spaCy's ``model-last``.
        overrides: Config settings by dotted name, as ``spacy train`` takes them.
        progress: Told the share of epochs done.
        base: An earlier ``output``, whose student goes on learning instead of a new one.

    Raises:
        InputError: The recipe does not exist.
    """
    settings = {"paths.train": str(train_path), "paths.dev": str(dev_path), **(overrides or {})}
    config = load_config(recipe_path(recipe), overrides=settings, interpolate=False)
    if base is not None:
        config["components"] = {"ner": {"source": str(base / _LAST)}}
    token = _listener.set(progress)
    try:
        output.mkdir(parents=True, exist_ok=True)
        nlp = init_nlp(config)
        train(nlp, output, stdout=StringIO(), stderr=StringIO())
    finally:
        _listener.reset(token)
    return spacy.load(output / _LAST)


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


def train_on_documents(
    recipe: str,
    documents: Iterable[Document],
    out: Path,
    *,
    overrides: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train on annotated documents and move the pipeline to ``out``; unannotated ones are left out.

    Returns:
        Token counts, labels, and the spans that fitted no tokens, one line each.

    Raises:
        CorpusError: No document carries an annotation.
    """
    misaligned: list[str] = []
    with TemporaryDirectory(prefix=".training.", dir=_existing(out.parent)) as folder:
        work = Path(folder)
        docs = _gold_docs(blank(), documents, misaligned)
        tokens, held_out = write_training_data(docs, work / "train.spacy", work / "dev.spacy")
        if not tokens:
            raise CorpusError("no document carries annotations to learn from.", hint="Label the text first.")
        nlp = train_student(
            recipe,
            work / "train.spacy",
            work / "dev.spacy",
            work / "student",
            overrides=overrides,
            progress=progress,
        )
        save(nlp, out)
    labels = list(nlp.get_pipe("ner").labels)
    return {"train_tokens": tokens, "dev_tokens": held_out, "labels": labels, "misaligned": misaligned}


def _gold_docs(nlp: Language, documents: Iterable[Document], misaligned: list[str]) -> Iterator[Doc]:
    for document in documents:
        if document.entities is None:
            continue
        doc = nlp.make_doc(document.text)
        spans = []
        for entity in document.entities:
            span = doc.char_span(entity.start, entity.end, entity.label)
            if span is None:
                misaligned.append(f"{document.doc_id} {entity.start}-{entity.end} {entity.label}")
            else:
                spans.append(span)
        doc.set_ents(filter_spans(spans))
        yield doc


def _existing(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
