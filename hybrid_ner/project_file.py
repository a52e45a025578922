"""``hybrid-ner.toml``: what a folder of work says once, for every command and the page.

::

    domain = "medical"
    labels = ["Chemical", "Disease"]
    lists = ["drugs.csv"]                  # or a table for each list, with its own label and columns:
    # [[lists]]
    # file = "drugs.csv"
    # label = "Chemical"
    # columns = "term=Name,synonyms=4"
    # version = "RxNorm 2026-10"           # for the card of a packaged model
    # license = "UMLS"
    rules = ["rules.yaml"]
    sources = ["doses"]
    plugins = ["doses.py"]
    corpus = "notes.jsonl"
    model = "model"

    [settings]                             # any option of a command, by its name
    fuzzy = ["label"]

Paths are those of the folder that holds the file. What the command line says comes first.
"""

from __future__ import annotations

import json
import logging
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from hybrid_ner.errors import InputError

NAME = "hybrid-ner.toml"
VARIABLE = "HYBRID_NER_PROJECT_FILE"
"""The file for processes that are started from here, as the page; empty for none."""
_LOG = logging.getLogger(__name__)
_MANY = ("labels", "rules", "sources", "plugins")
_ONE = ("domain", "corpus", "model")
_PATHS = ("rules", "plugins")
_KEYS = (*_ONE, *_MANY, "lists", "shipped", "settings")
_LIST_KEYS = ("file", "label", "columns", "version", "license")


@dataclass(frozen=True, slots=True)
class ListFile:
    """A term list of the folder.

    Args:
        file: Where it is, or a shipped pack (``medical/anatomy``).
        label: Label of its rows, instead of their own.
        columns: Roles of its columns, as for ``--columns``.
        version: What it is, and of when.
    """

    file: Path
    label: str = ""
    columns: str = ""
    version: str = ""
    license: str = ""


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """What the file says.

    Args:
        path: The file; ``None`` where there is none, and then nothing is said.
        domain: Whose rules and lists are used; empty when not said.
        labels: In key order.
        lists: Term lists, in order of trust.
        shipped: Whether the domain's own lists are used too; ``None`` when not said.
        sources: Registered labeling sources beside the domain's.
        plugins: Python files that register some of them.
        settings: Options of commands by name.
    """

    path: Path | None = None
    domain: str = ""
    labels: tuple[str, ...] = ()
    lists: tuple[ListFile, ...] = ()
    shipped: bool | None = None
    rules: tuple[Path, ...] = ()
    sources: tuple[str, ...] = ()
    plugins: tuple[Path, ...] = ()
    corpus: Path | None = None
    model: Path | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    def options_of(self, file: Path) -> dict[str, str]:
        """Label and columns that the file says of one list."""
        for each in self.lists:
            if each.file == file or each.file.absolute() == file.absolute():
                return {key: value for key in ("label", "columns") if (value := getattr(each, key))}
        return {}


def find_project_file(start: Path) -> Path | None:
    """The file in a folder or the nearest one above it, up to the root of a repository or the home."""
    home = Path.home()
    for folder in (start, *start.parents):
        if (folder / NAME).is_file():
            return folder / NAME
        if folder == home or (folder / ".git").exists():
            break
    return None


def current() -> ProjectFile:
    """What holds in this process: the file that ``VARIABLE`` names, else the nearest one.

    Raises:
        InputError: It cannot be used.
    """
    named = os.environ.get(VARIABLE)
    path = find_project_file(Path.cwd()) if named is None else Path(named) if named else None
    return ProjectFile() if path is None else read_project_file(path)


def read_project_file(path: Path) -> ProjectFile:
    """Read one.

    Raises:
        InputError: It is no TOML, or holds a key or a value that nothing takes.
        OSError: It cannot be read.
    """
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8-sig"))  # as Windows' editor writes it
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"no valid TOML ({error}).", path=path, hint="Correct the line.") from error
    _check_keys(said, _KEYS, path)
    folder = path.absolute().parent
    values: dict[str, Any] = {key: _text(said[key], key, path) for key in _ONE if key in said}
    values |= {key: _texts(said[key], key, path) for key in _MANY if key in said}
    for key in _PATHS:
        values[key] = tuple(folder / each for each in values.get(key, ()))
    for key in ("corpus", "model"):
        values[key] = folder / values[key] if values.get(key) else None
    if not isinstance(said.get("shipped", True), bool) or not isinstance(said.get("settings", {}), dict):
        problem = "shipped is true or false, settings is a table."
        raise InputError(problem, path=path, hint="Correct the value.")
    if not isinstance(lists := said.get("lists", []), list):
        raise InputError("lists are a list of files or of tables.", path=path, hint='Write ["drugs.csv"].')
    _LOG.info("settings of %s", path)
    return ProjectFile(
        path,
        lists=tuple(_list_file(each, folder, path) for each in lists),
        shipped=said.get("shipped"),
        settings=said.get("settings", {}),
        **values,
    )


def _list_file(given: Any, folder: Path, path: Path) -> ListFile:
    row = {"file": given} if isinstance(given, str) else given
    if not isinstance(row, dict) or not row.get("file"):
        problem = f"a list without a file: {json.dumps(given)}."
        raise InputError(problem, path=path, hint='Write file = "drugs.csv".')
    _check_keys(row, _LIST_KEYS, path)
    texts = {key: _text(value, key, path) for key, value in row.items()}
    place = folder / texts.pop("file")
    pack = Path(row["file"])
    # "medical/anatomy" is a shipped pack where no such file is.
    return ListFile(place if place.exists() or pack.suffix or len(pack.parts) != 2 else pack, **texts)


def _check_keys(given: Iterable[str], known: Iterable[str], path: Path) -> None:
    for key in given:
        if key not in known:
            near = get_close_matches(key, list(known), 1)
            hint = f"Did you mean {near[0]}?" if near else f"Use {', '.join(known)}."
            raise InputError(f"unknown key {key!r}.", path=path, hint=hint)


def _text(value: Any, key: str, path: Path) -> str:
    if not isinstance(value, str):
        raise InputError(f"{key} is a text, found {value!r}.", path=path, hint=f'Write {key} = "…".')
    return value


def _texts(value: Any, key: str, path: Path) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        problem = f"{key} is a list of texts, found {value!r}."
        raise InputError(problem, path=path, hint=f'Write {key} = ["…"].')
    return tuple(value)


_HEAD = """# What every command in this folder and the page start from; the command line comes first.
# Keys: domain, labels, lists, shipped, rules, sources, plugins, corpus, model, and [settings] for any
# other option by its name.

"""
_END = """
# A list may say more, each in a table of its own instead of the line above:
# [[lists]]
# file = "drugs.csv"
# label = "Chemical"                  # of all its rows
# columns = "term=Name,synonyms=4"    # where its headings do not say it
# version = "RxNorm 2026-10"          # for the card of a packaged model
# license = "UMLS"

# [settings]
# fuzzy = ["label"]
"""


def project_text(values: Mapping[str, Any]) -> str:
    """A new file with these values; what is not said stands there as a comment."""
    examples = {
        "domain": "generic",
        "labels": ["Chemical", "Disease"],
        "lists": ["drugs.csv"],
        "shipped": True,
        "rules": ["rules.yaml"],
        "plugins": ["doses.py"],
        "corpus": "notes.jsonl",
        "model": "model",
    }
    lines = []
    for key, example in examples.items():
        said = (given := values.get(key)) not in (None, "", [], ())
        value = json.dumps(given if said else example, ensure_ascii=False)
        lines.append(f"{key} = {value}" if said else f"# {key} = {value}")
    return _HEAD + "\n".join([*lines, _END])
