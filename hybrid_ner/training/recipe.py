"""Training recipes, checked before anything is trained; the student that one trains on windows of text."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import reduce
from io import StringIO
from pathlib import Path
from typing import IO, Any

import spacy
from catalogue import RegistryError
from spacy.language import Language
from spacy.schemas import ConfigSchemaTraining
from spacy.tokens import Doc, DocBin, Span
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from spacy.util import load_config, load_model_from_config, registry

from hybrid_ner.corpus.document import Document, Entity, without_overlaps
from hybrid_ner.errors import CorpusError, HybridNerError, InputError, MissingPartError, need, wrong_kind
from hybrid_ner.pipeline import Recognizer, alone, bare, blank, check_out, note_learned, save
from hybrid_ner.registry import LEARNERS, others_code
from hybrid_ner.text import atomic_path, named_after, part_folder

_FOLDER = Path(__file__).parent / "recipes"
CNN, CRF = _FOLDER / "cnn.cfg", _FOLDER / "crf.cfg"
_VOTES = "crf_ner"
_EXTRA = "spacy-transformers."


def trf() -> Path:
    """The recipe ``trf``.

    Raises:
        MissingPartError: The part ``trf`` is not installed.
    """
    need("spacy_transformers")
    return _FOLDER / "trf.cfg"


def recipe_path(name: str) -> Path:
    """Path of a registered recipe, or of the user's own ``.cfg``.

    Raises:
        InputError: Neither exists.
        MissingPartError: A part of the package that it needs is not installed.
    """
    if not isinstance(name, str):
        raise wrong_kind("the name of a training recipe", name, f"Use one of {', '.join(LEARNERS.names())}.")
    if not name.endswith(".cfg") and name not in LEARNERS:
        known = ", ".join(LEARNERS.names())
        hint = (
            f"Use one of {known} or the path of a .cfg file. Others come with a package ({LEARNERS.group})."
        )
        raise InputError(f"no training recipe {name!r}.", hint=hint)
    made = Path(name) if name.endswith(".cfg") else LEARNERS.get(name)
    with others_code(f"the learner {name!r}", made):
        path = Path(made() if callable(made) else made)
    if not path.is_file():
        raise InputError("no such training recipe.", path=path, hint=f"Begin with a shipped one: {CNN}.")
    return path


def learns_votes(name: str) -> bool:
    """Whether a recipe is fitted on the votes of the sources, in seconds, instead of by ``spacy train``."""
    try:
        parts = load_config(recipe_path(name), interpolate=False)["components"]
        return bool(parts["ner"]["factory"] == _VOTES)
    except (ValueError, KeyError, TypeError):
        return bool(load_recipe(name)["components"]["ner"].get("factory") == _VOTES)  # tells what is wrong


def load_recipe(name: str, overrides: Mapping[str, Any] | None = None) -> Any:
    """The config of a recipe with settings put in, still with its variables.

    Args:
        overrides: Settings by dotted name, as ``spacy train`` takes them.

    Raises:
        InputError: No such recipe, one without a recognizer called ``ner`` that gives probabilities, a
            setting that it does not have, or a value of the wrong kind: spaCy itself would find that out
            after all the labeling, and leaves out names under ``training`` that it does not know.
    """
    path, settings = recipe_path(name), dict(overrides or {})
    bare = _checked(path, {})
    if "ner" not in bare.pipe_names or not isinstance(bare.get_pipe("ner"), Recognizer):
        problem = "the recipe has no component called ner that tells the probability of a span."
        raise InputError(problem, path=path, hint=f"Begin with a shipped one: {CNN}.")
    known = set(_names(bare.config))
    for setting in settings:
        if setting not in known:
            near = get_close_matches(setting, known, 3, cutoff=0.8)
            hint = f"Did you mean {' or '.join(near)}?" if near else f"Its settings are listed in {path}."
            raise InputError(f"the recipe {name} has no setting {setting!r}.", hint=hint)
    usual = bare.config.interpolate()
    for setting, value in settings.items():
        _check_number(setting, value, reduce(lambda section, key: section[key], setting.split("."), usual))
    if settings:
        _checked(path, settings)
    config = load_config(path, overrides=settings, interpolate=False)
    dropout = config.get("training", {}).get("dropout")
    if type(dropout) in (int, float):
        if not 0 <= dropout < 1:
            said = f"training.dropout = {dropout}: expected a share from 0 to below 1."
            raise InputError(said, path=path, hint="For example --training.dropout 0.2.")
        config["training"]["dropout"] = float(dropout)  # spaCy takes a whole number for a series
    return config


def _check_number(setting: str, value: Any, usual: Any) -> None:
    """Refuse a number with which spaCy fails in the middle of the work, learns nothing or never ends.

    Raises:
        InputError: It is negative, 0 where a count or a rate is meant, or beyond all use.
    """
    if not {type(usual), type(value)} <= {int, float} or setting == "training.dropout":
        return  # a dropout is a share in every recipe, given or not
    most = _MOST_EPOCHS if setting == "training.max_epochs" else _MOST
    if setting.endswith(_SHARES):
        fits, wanted = 0 < value < 1, "a share between 0 and 1"
    elif setting.endswith(_RATES):
        fits, wanted = 0 < value < most, "a number above 0"
    else:
        least = min(1, usual) if type(usual) is int else 0
        fits, wanted = least <= value <= most, f"{least} to {most:,}"
    if not fits:
        hint = f"The recipe has {usual}: leave it out, or give a number near that."
        raise InputError(f"{setting} = {value}: expected {wanted}.", hint=hint)


_SHARES, _RATES = (".least_score", ".beta1", ".beta2"), (".learn_rate", ".initial_rate", ".eps", ".compound")
_MOST_EPOCHS, _MOST = 10_000, 2**31
"""Epochs that come to an end, and what any count or seed may be."""


def schedule(tokens: int) -> dict[str, Any]:
    """Config settings for a training set of this size: little text needs more passes."""
    return {"training.max_epochs": min(12, max(3, round(1_000_000 / max(1, tokens))))}


def _checked(path: Path, settings: Mapping[str, Any]) -> Language:
    """An untrained pipeline of the recipe: every section has been built once."""
    try:
        config = load_config(path, overrides=dict(settings), interpolate=False)
        nlp = load_model_from_config(config, auto_fill=True)
        registry.resolve(nlp.config.interpolate()["training"], schema=ConfigSchemaTraining)
    except (ValueError, TypeError, KeyError, ImportError) as error:  # a language is imported
        if isinstance(error, RegistryError) and _EXTRA in str(error):
            raise MissingPartError("spacy_transformers", "trf") from error
        given = f" with {', '.join(f'{k} = {v!r}' for k, v in settings.items())}" if settings else ""
        raise InputError(
            f"unusable training recipe{given}: {_told(error)}.",
            path=None if settings else path,
            hint="Correct the setting." if settings else f"Begin with a shipped one: {CNN}.",
        ) from error
    return nlp


def _told(error: Exception) -> str:
    """What spaCy found, without the dump of the whole section."""
    found = getattr(error, "errors", None)
    if isinstance(found, list) and found:
        return "; ".join(f"{'.'.join(map(str, e.get('loc', ())))}: {e.get('msg', '')}" for e in found)
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[:2]).rstrip(".") or type(error).__name__


def _names(section: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for name, value in section.items():
        yield prefix + name
        if isinstance(value, Mapping):
            yield from _names(value, f"{prefix}{name}.")


def parse_overrides(args: Iterable[str]) -> dict[str, Any]:
    """Dotted setting names with their values; a value is JSON where it can be, else a string.

    Raises:
        InputError: An argument that is no dotted option, or one without a value.
    """
    overrides: dict[str, Any] = {}
    rest = iter(args)
    for arg in rest:
        name, equals, value = arg.removeprefix("--").partition("=")
        if not arg.startswith("--") or "." not in name:
            hint = "Config settings look like --training.max_epochs 3."
            raise InputError(f"unexpected argument {arg!r}.", hint=hint)
        if not equals:
            value = next(rest, "")
            if not value or value.startswith("--"):
                raise InputError(f"setting {arg} has no value.", hint=f"Write {arg} VALUE.")
        try:
            overrides[name] = json.loads(value)
        except ValueError:
            overrides[name] = value
    return overrides


# The student: windows of weakly labeled text, a recipe, one entity recognizer.

WINDOW = 300
"""Longest training example, in tokens."""


def training_windows(doc: Doc, size: int = WINDOW) -> Iterator[Doc]:
    """Plain documents of at most about ``size`` tokens with the entities of ``doc``; never cuts an entity."""
    inside = {i for ent in doc.ents for i in range(ent.start + 1, ent.end)}
    start = 0
    while start < len(doc):
        end = _cut(doc, start, size, inside)
        window = bare(doc[start:end])
        ents = [e for e in doc.ents if start <= e.start and e.end <= end]
        window.set_ents([Span(window, e.start - start, e.end - start, e.label) for e in ents])
        yield window
        start = end


def write_training_data(
    docs: Iterable[Doc], train: Path, dev: Path, *, held_out: int = 20
) -> tuple[int, int]:
    """Write ``.spacy`` files; every ``held_out``-th window goes to ``dev``. Returns their token counts."""
    bins, tokens = (DocBin(), DocBin()), [0, 0]
    number = 0
    for doc in docs:
        for window in training_windows(doc):
            side = int(number % held_out == held_out - 1)
            bins[side].add(window)
            tokens[side] += len(window)
            number += 1
    for path, docbin in zip((train, dev), bins, strict=True):
        with atomic_path(path) as temporary:
            docbin.to_disk(temporary)
    return tokens[0], tokens[1]


def _cut(doc: Doc, start: int, size: int, inside: set[int]) -> int:
    end = min(start + size, len(doc))
    if end == len(doc):
        return end
    for place in range(end, start + size // 2, -1):
        before = doc[place - 1]
        if place not in inside and ("\n" in before.text or before.text in ".;!?"):
            return place
    while end < len(doc) and end in inside:
        end += 1
    return end


_LAST = "model-last"

Progress = Callable[[float, str], None]
"""Called with the share of the work done, between 0 and 1, and a line for people."""

_NEVER = 2.0
_heard: ContextVar[tuple[Progress | None, float]] = ContextVar("training", default=(None, _NEVER))
"""Progress and ``enough`` of the running ``train_student``."""


class _EnoughError(Exception):
    """Nothing more is to be learned."""


def train_student(
    recipe: str,
    train_path: Path,
    dev_path: Path,
    output: Path,
    *,
    overrides: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    base: Path | None = None,
    enough: float = _NEVER,
) -> Language:
    """Train with ``spacy train``'s own loop and return the last, averaged weights.

    Args:
        train_path: Weakly labeled ``.spacy`` file.
        dev_path: Held-out weak labels, for the log only: nothing is chosen by them.
        output: Folder for spaCy's ``model-last``.
        progress: Told the share of epochs done.
        base: An earlier ``output``, whose student goes on learning instead of a new one.
        enough: F1 against the held-out weak labels from which the student only repeats them: training ends.

    Raises:
        InputError: The recipe does not exist, or a setting is not one of its own.
    """
    settings = {"paths.train": str(train_path), "paths.dev": str(dev_path), **(overrides or {})}
    config = load_recipe(recipe, settings)
    if base is not None:
        config["components"] = {"ner": {"source": str(base / _LAST)}}
    token = _heard.set((progress, enough))
    try:
        output.mkdir(parents=True, exist_ok=True)
        nlp = _initialized(config)
        train(nlp, output, stdout=StringIO(), stderr=StringIO())
    except _EnoughError:
        pass  # spaCy has saved the averaged weights on the way out
    finally:
        _heard.reset(token)
    return spacy.load(output / _LAST)


def _initialized(config: Any) -> Language:
    """The untrained pipeline.

    Raises:
        InputError: The encoder of the recipe is neither in a folder nor on the hub, or sizes do not fit.
    """
    encoder = str(config.get("paths", {}).get("encoder") or "")
    try:
        if Path(encoder).is_absolute() or encoder.count("/") > 1:  # no name that the hub could have
            Path(encoder).stat()
        return init_nlp(config)
    except (ValueError, IndexError, MemoryError) as error:
        if isinstance(error, InputError):
            raise
        if encoder and "custom code" in str(error):
            said = f"the encoder {encoder!r} needs code that comes with its weights, which is not run."
            raise InputError(said, hint="Give one of a kind that transformers knows.") from error
        said = f"the settings of the recipe do not fit each other, or the machine: {_told(error)}."
        hint = "Leave out settings under components, or give sizes that belong together the same number."
        raise InputError(said, hint=hint) from error
    except (HybridNerError, ImportError):
        raise
    except Exception as error:  # no such folder, or damaged files: its libraries raise whatever they like
        if not encoder:
            raise
        told = str(error).splitlines()[0] if str(error) else type(error).__name__
        hint = "Give the folder that save_pretrained left, or a name on the Hugging Face hub."
        raise InputError(f"the encoder {encoder!r} cannot be opened ({told}).", hint=hint) from error


@spacy.registry.loggers("hybrid_ner.ProgressLogger.v1")
def progress_logger() -> Callable[..., Any]:
    """Logger that reports to the ``progress`` of ``train_student``, or to the console without one."""

    def setup(nlp: Language, stdout: IO[str] = sys.stdout, stderr: IO[str] = sys.stderr) -> Any:
        listener, enough = _heard.get()
        epochs = nlp.config["training"]["max_epochs"] or 1

        def log_step(info: dict[str, Any] | None) -> None:
            if info is None:
                return
            if (info.get("score") or 0.0) >= enough:
                raise _EnoughError
            if listener:
                line = f"pass {info['epoch'] + 1} of {epochs} over the text"
                listener(min(1.0, info["epoch"] / epochs), line)
            else:
                loss = sum(info["losses"].values())
                stdout.write(
                    f"epoch {info['epoch'] + 1} of {epochs}, step {info['step']:,}, loss {loss:,.0f}\n"
                )

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

    Little text gets more passes over it (``schedule``), as in a bootstrap.

    Returns:
        Token counts, labels, and one line for each span that was not learned: ``misaligned`` fitted no
        tokens, ``overlapping`` lay over a longer one.

    Raises:
        CorpusError: No document carries an entity.
        InputError: Unusable recipe, setting or ``out``, or another process writes to it.
    """
    load_recipe(recipe, overrides)
    check_out(out)
    found = _Found()
    out.parent.mkdir(parents=True, exist_ok=True)
    with named_after(out), alone(out), part_folder(out) as work:
        docs = _gold_docs(blank(), documents, found)
        tokens, held_out = write_training_data(docs, work / "train.spacy", work / "dev.spacy")
        if not found.entities:
            raise CorpusError("no document carries an entity to learn from.", hint="Label the text first.")
        nlp = train_student(
            recipe,
            work / "train.spacy",
            work / "dev.spacy",
            work / "student",
            overrides={**schedule(tokens), **(overrides or {})},
            progress=progress,
        )
        note_learned(nlp, found.hashes)
        save(nlp, out)
    return {
        "train_tokens": tokens,
        "dev_tokens": held_out,
        "labels": list(nlp.get_pipe("ner").labels),
        "misaligned": found.misaligned,
        "overlapping": found.overlapping,
    }


@dataclass(slots=True)
class _Found:
    """What the annotations held: entities to learn, and those that cannot be; ``hashes`` of the documents."""

    entities: int = 0
    hashes: list[str] = field(default_factory=list)
    misaligned: list[str] = field(default_factory=list)
    overlapping: list[str] = field(default_factory=list)


def _gold_docs(nlp: Language, documents: Iterable[Document], found: _Found) -> Iterator[Doc]:
    for document in documents:
        if document.entities is None:
            continue
        kept, lost = without_overlaps(document.entities)
        found.overlapping += [_place(document, entity) for entity in lost]
        doc = nlp.make_doc(document.text)
        spans = []
        for entity in kept:
            span = doc.char_span(entity.start, entity.end, entity.label)
            if span is None:
                found.misaligned.append(_place(document, entity))
            else:
                spans.append(span)
        doc.set_ents(spans)
        found.entities += len(spans)
        found.hashes.append(document.content_hash)
        yield doc


def _place(document: Document, entity: Entity) -> str:
    return f"{document.doc_id} {entity.start}-{entity.end} {entity.label}"
