"""How people name a model as a source: ``KIND:PLACE``, or a file of settings.

::

    # models.yaml
    - spacy: en_core_web_sm
      labels: {ORG: GOVERNMENT_BODY, PERSON: JUDGE}
    - llm: http://127.0.0.1:11434/v1
      name: qwen
      model: qwen3:8b
      labels:
        Disease: a disease, symptom or abnormal finding
        Chemical: a drug or other substance with a name

``--source models.yaml`` takes both. One that is kept with a project is a line of JSON of the same keys.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from hybrid_ner.corpus.codebook import Codebook, read_codebook
from hybrid_ner.corpus.formats import names_in
from hybrid_ner.errors import InputError
from hybrid_ner.io import parse_json
from hybrid_ner.registry import SOURCES
from hybrid_ner.sources.models import ModelSettings, ModelSource
from hybrid_ner.sources.models.endpoint import Endpoint
from hybrid_ner.sources.models.predictions import source_name

_ENDINGS = (".yaml", ".yml", ".json")
_VERSION = re.compile(r"\d+-[0-9a-f]{8}")
"""Of a codebook that was told already: ``12-3fa9c1d2``."""
_BOUNDS: Mapping[str, tuple[float, float | None]] = {
    "min_score": (0, 1),
    "window": (0, None),
    "temperature": (0, None),
    "max_tokens": (1, None),
    "timeout": (0.1, 86_400),
    "tries": (1, None),
    "parallel": (1, None),
}
"""Least and greatest values of settings; a day is longer than any answer takes, and not too long to wait."""
_BUILT_IN = ("draft", "gliner", "llm", "predictions", "spacy", "transformers")
"""Known without importing anything; those of other packages are asked."""


def kinds() -> tuple[str, ...]:
    """Names of sources that need a place and settings."""
    return tuple(name for name in SOURCES.names() if name in _BUILT_IN or _is_one(name))


def _is_one(name: str) -> bool:
    with suppress(InputError):  # a package that cannot be imported is no reason to refuse another source
        return _kind(name) is not None
    return False


def _kind(name: str) -> type[ModelSource] | None:
    found = SOURCES.get(name) if name in SOURCES else None
    return found if isinstance(found, type) and issubclass(found, ModelSource) else None


def is_model(given: str) -> bool:
    """Whether a source is named with its place, or by a file of settings."""
    kind, sign, _ = given.partition(":")
    return given.startswith("{") or given.lower().endswith(_ENDINGS) or bool(sign and kind.isidentifier())


def read_models(given: str) -> tuple[ModelSource, ...]:
    """The sources that were named: one, or those of a file.

    Raises:
        InputError: An unknown kind or setting, or a model that is not there.
    """
    return tuple(_source(spec, where) for spec, where in _specs(given))


def kept_names(given: Iterable[str], labels: Iterable[str] = ()) -> tuple[str, ...]:
    """The same sources, named so that they are found from any folder: what a project keeps.

    Args:
        labels: Those of the project, for models that are asked for labels and were told none.
    """
    asked = {label: label for label in labels}

    def labeled(spec: dict[str, Any], where: str) -> dict[str, Any]:
        asks = asked and "labels" not in spec and _source(spec, where).asks
        return {**spec, "labels": asked} if asks else spec

    return _each(given, labeled)


def _each(given: Iterable[str], change: Callable[[dict[str, Any], str], dict[str, Any]]) -> tuple[str, ...]:
    """The same sources, with the settings of models changed."""
    found: list[str] = []
    for name in given:
        specs = [change(*spec) for spec in _specs(name)] if is_model(name) else []
        found += [json.dumps(spec, ensure_ascii=False) for spec in specs] if is_model(name) else [name]
    return tuple(found)


def with_codebook(given: Iterable[str], book: Codebook) -> tuple[str, ...]:
    """The same sources, told what a codebook says of their labels.

    Args:
        book: The codebook; one without a rule that holds changes nothing.
    """

    def told(spec: dict[str, Any], where: str) -> dict[str, Any]:
        kind = _kind(next((key for key in spec if key in kinds()), ""))
        return _told_codebook(spec, book) if kind is not None and kind.asks else spec

    return _each(given, told) if book else tuple(given)


def with_renamed(given: Iterable[str], renamed: Mapping[str, str]) -> tuple[str, ...]:
    """The same sources, whose labels have become others."""
    return _each(given, lambda spec, where: {**spec, "renamed": dict(renamed)}) if renamed else tuple(given)


def _told_codebook(spec: Mapping[str, Any], book: Codebook) -> dict[str, Any]:
    """Settings with definitions where there is no other description; a language model gets the rules too."""
    given = spec.get("labels") or list(book.labels)
    labels = {name: name for name in given} if isinstance(given, list) else dict(given)
    meant = {
        name: said if said not in (None, "", name) else book.definition(name) or name
        for name, said in labels.items()
    }
    told = {**spec, "labels": meant, "codebook": book.version}
    if "llm" in spec and (rules := book.guidelines(labels)):
        told["guidelines"] = "\n\n".join(filter(None, (str(spec.get("guidelines") or ""), rules)))
    return told


def remote_of(given: Iterable[str]) -> tuple[str, ...]:
    """Hosts other than this machine that the sources would send text to; none of them is opened."""
    models = [spec for name in given if is_model(name) for spec, _ in _specs(name)]
    asked = [Endpoint(str(spec["llm"])) for spec in models if "llm" in spec]
    return tuple(dict.fromkeys(each.host for each in asked if each.is_remote))


def _specs(given: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Kind, place and settings of each, and what an error calls it.

    One for each person or model that a file of predictions names, where the settings name none.
    """
    for spec, where in _given(given):
        place = Path(str(spec.get("predictions", "")))
        alone = "predictions" not in spec or "name" in spec or "only" in spec or not place.exists()
        names = () if alone else names_in(place)
        yield from (({**spec, "name": source_name(name), "only": name}, where) for name in names)
        if not names:
            yield spec, where


def _given(given: str) -> Iterator[tuple[dict[str, Any], str]]:
    if given.startswith("{"):
        yield _found(dict(parse_json(given)), Path()), "--source"
    elif given.lower().endswith(_ENDINGS) and given.partition(":")[0] not in kinds():
        path = Path(given)
        for number, spec in enumerate(_listed(path.read_text(encoding="utf-8"), str(path)), 1):
            yield _found(spec, path.parent), f"{path}, source {number}"
    else:
        kind, _, place = given.partition(":")
        yield _found({kind: place}, Path()), given


def _listed(text: str, where: str) -> list[dict[str, Any]]:
    import srsly

    try:
        read = srsly.yaml_loads(text)
    except Exception as error:  # its parser raises whatever it likes
        said = " ".join(str(error).split())[:200]
        raise InputError(f"{where}: no settings of models ({said}).", hint="Correct the file.") from error
    specs = read if isinstance(read, list) else [read]
    if not specs or not all(isinstance(spec, dict) and spec for spec in specs):
        raise InputError(
            f"{where}: expected a list of models.",
            hint="Begin each with its kind: `- spacy: en_core_web_sm`.",
        )
    return [dict(spec) for spec in specs]


def _found(spec: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The settings with the place of a file made absolute; it is looked for beside the settings.

    A codebook that is named is read here, so that what is kept holds what it says.
    """
    named = spec.get("codebook")
    if isinstance(named, str) and named and not _VERSION.fullmatch(named):
        spec = _told_codebook(spec, read_codebook(folder / Path(named).expanduser()))
    kind = next((key for key in spec if key in kinds()), None)
    place = spec.get(kind) if kind else None
    if not kind or not isinstance(place, str) or not place or "://" in place:
        return spec
    path = folder / Path(place).expanduser()
    return {**spec, kind: str(path.absolute())} if path.exists() else spec


def _source(spec: Mapping[str, Any], where: str) -> ModelSource:
    named = [key for key in spec if key in kinds()]
    if len(named) != 1:
        known, first = kinds(), next(iter(spec))
        near = get_close_matches(str(first), known, 1)
        hint = f"Did you mean {near[0]}?" if near else f"Begin with one of {', '.join(known)}."
        if first in SOURCES:
            hint = f"{first} takes no settings: register one that has them under a name of its own."
        raise InputError(f"{where}: {first!r} is no kind of model.", hint=hint)
    kind = _kind(named[0])
    assert kind is not None
    place = spec[named[0]]
    if not isinstance(place, str) or not place:
        raise InputError(f"{where}: {named[0]} has no place.", hint=f"Say where it is: {named[0]}:PLACE.")
    given = {key: value for key, value in spec.items() if key != named[0]}
    return kind(kind.settings_type(place, **_checked(kind.settings_type, given, where)))


def _checked(kind: type[ModelSettings], given: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Values of the types that the settings have.

    Raises:
        InputError: An unknown key, or a value of another type.
    """
    known = {each.name: each for each in fields(kind) if each.name != "place"}
    checked: dict[str, Any] = {}
    for key, value in given.items():
        if key not in known:
            near = get_close_matches(str(key), known, 1)
            hint = f"Did you mean {near[0]}?" if near else f"Use any of {', '.join(known)}."
            raise InputError(f"{where}: unknown setting {key!r}.", hint=hint)
        checked[key] = _value(str(known[key].type), value, f"{where}: {key}")
        least, most = _BOUNDS.get(key, (None, None))
        if least is not None and not least <= checked[key] <= (most or checked[key]):
            bounds = f"{least:g} to {most:g}" if most else f"at least {least:g}"
            raise InputError(f"{where}: {key} wants {bounds}, found {value!r}.", hint="Correct the setting.")
    return checked


def _value(wanted: str, value: Any, where: str) -> Any:
    if wanted.startswith("Mapping") and isinstance(value, list):
        return {str(each): str(each) for each in value}
    if wanted.startswith("Mapping") and isinstance(value, dict):
        return {str(key): "" if said is None else str(said) for key, said in value.items()}
    if wanted.startswith("tuple") and isinstance(value, (list, str)):
        return (value,) if isinstance(value, str) else tuple(map(str, value))
    if wanted.startswith("bool") and isinstance(value, bool):
        return value
    if wanted in ("int", "float") and isinstance(value, (int, float)) and not isinstance(value, bool):
        if wanted == "float" or value == int(value):
            return float(value) if wanted == "float" else int(value)
    elif wanted == "str" and isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return str(value)
    kinds_said = {"Mapping": "names with values", "tuple": "a list", "bool": "true or false"}
    said = next((text for start, text in kinds_said.items() if wanted.startswith(start)), f"a {wanted}")
    raise InputError(f"{where} wants {said}, found {value!r}.", hint="Correct the setting.")
