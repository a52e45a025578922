"""Training recipes: found by name, overridden by dotted settings, and checked before anything is trained."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from catalogue import RegistryError
from spacy.language import Language
from spacy.schemas import ConfigSchemaTraining
from spacy.util import load_config, load_model_from_config, registry

from hybrid_ner.errors import InputError, MissingPartError, need
from hybrid_ner.pipeline.scored_ner import Recognizer
from hybrid_ner.registry import LEARNERS

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
    if not name.endswith(".cfg") and name not in LEARNERS:
        known = ", ".join(LEARNERS.names())
        hint = f"Use one of {known} or the path of a .cfg file."
        raise InputError(f"no training recipe {name!r}.", hint=hint)
    made = Path(name) if name.endswith(".cfg") else LEARNERS.get(name)
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
    if settings:
        _checked(path, settings)
    return load_config(path, overrides=settings, interpolate=False)


def schedule(tokens: int) -> dict[str, Any]:
    """Config settings for a training set of this size: little text needs more passes."""
    return {"training.max_epochs": min(12, max(3, round(1_000_000 / max(1, tokens))))}


def _checked(path: Path, settings: Mapping[str, Any]) -> Language:
    """An untrained pipeline of the recipe: every section has been built once."""
    try:
        config = load_config(path, overrides=dict(settings), interpolate=False)
        nlp = load_model_from_config(config, auto_fill=True)
        registry.resolve(nlp.config.interpolate()["training"], schema=ConfigSchemaTraining)
    except (ValueError, TypeError, KeyError) as error:
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
