"""What ``hybrid-ner.toml`` says, as the defaults of one command."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from hybrid_ner.errors import InputError
from hybrid_ner.project_file import ProjectFile, read_project_file

_FROM_STORE = ("gazetteer",)
"""What the commands of a review know from its store."""
_OWN_WORK = ("demo", "new")
_MADE_HERE = ("bootstrap", "train")
"""Commands whose output is the model."""


def defaults(noun: str, command: Any, path: Path) -> dict[str, Any]:
    """Default of each option of a command and those below it, as click's ``default_map`` wants it.

    Raises:
        InputError: The file cannot be used, or sets an option that no command has.
    """
    if noun in _OWN_WORK:
        return {}
    said = read_project_file(path)
    values = _values(said)
    if noun != "review":
        values.pop("labels", None)  # elsewhere they would leave the others out
    _check_settings(said)
    found = _of(command, values, noun)
    for name, below in getattr(command, "commands", {}).items():
        # What a store says of its own project comes before the folder; a new one is told by it.
        taken = {
            k: v for k, v in values.items() if noun != "review" or name == "init" or k not in _FROM_STORE
        }
        found[name] = _of(below, taken, noun)
    return found


def _values(said: ProjectFile) -> dict[str, Any]:
    """Options by name, as the command line would give them."""
    values: dict[str, Any] = {**said.settings}
    values |= {"domain": said.domain, "labels": ",".join(said.labels), "shipped": said.shipped}
    values |= {"gazetteer": [str(each.file) for each in said.lists], "source": list(said.sources)}
    values |= {"rules": [str(each) for each in said.rules], "plugin": [str(each) for each in said.plugins]}
    values |= {"corpus": _shown(said.corpus), "model": _shown(said.model)}
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def _shown(path: Path | None) -> str:
    return "" if path is None else str(path)


def _of(command: Any, values: Mapping[str, Any], noun: str) -> dict[str, Any]:
    """The values that a command has an option for; of its arguments only one that stands alone."""
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = {each.name: each for each in command.params if each.param_type_name == "option"}
    if len(arguments) == 1:
        options[arguments[0].name] = arguments[0]
    taken = {name: value for name, value in values.items() if name in options}
    if noun in _MADE_HERE and "model" in values and "out" in options:
        taken["out"] = values["model"]
    if noun == "review" and "model" in taken and not Path(taken["model"]).exists():
        del taken["model"]  # suggestions of a model that is still to be made
    return taken


def _check_settings(said: ProjectFile) -> None:
    known = {name for command in _every() for name in (each.name for each in command.params)}
    for name in said.settings:
        if name not in known:
            near = get_close_matches(name.replace("-", "_"), list(known), 1)
            hint = f"Did you mean {near[0]}?" if near else "Use the name of an option, with _ for -."
            raise InputError(f"[settings]: no command has an option {name!r}.", path=said.path, hint=hint)


def _every() -> Iterator[Any]:
    """Every command there is; imported for this check alone."""
    import typer

    from hybrid_ner.cli import NOUNS, app

    root: Any = typer.main.get_command(app)
    context = root.make_context("hybrid-ner", ["--no-config"], resilient_parsing=True)
    context._protected_args = ["-"]
    with warnings.catch_warnings():
        for noun in NOUNS:
            command = root.get_command(context, noun)
            yield from (command, *getattr(command, "commands", {}).values())
