"""A domain: a subject with its labels, sources, terms and samples; as a folder, and in Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

from hybrid_ner.errors import InputError, given_path, wrong_kind
from hybrid_ner.text.encodings import decoded, read_written

Builder: TypeAlias = Callable[[Any, tuple[str, ...]], Iterable[Any]]
"""Gazetteer and names of switches → labeling sources."""


@dataclass(frozen=True)
class Domain:
    """A subject: its sources, terms, labels and samples; one folder each.

    Args:
        name: As given to ``--domain``.
        title: For people.
        sources: Function that makes the labeling sources, in order of trust, from the gazetteer and the names
            of the switches that are on; or where it is, as ``module:function``. By default the sources are
            the gazetteer and the abbreviations that a document defines.
        labels: Labels in key order, each with what other schemes call the same, the closest first.
        terms: Folder with ``packs.tsv`` and the term files, if any are shipped.
        samples: Folder with ``gold.jsonl`` and ``unlabeled.jsonl``, if there are any.
        rules: Rule file (``sources.rule_sets``) that runs after the gazetteer where ``sources`` is not given.
        switches: Optional rules.
        context: Folder with ConText lists (``sources.context``), when mentions get context flags.
        expand: Whether to learn words from raw text when nobody asks: with and without the shipped terms.
        variants: Whether its terms are found in other forms too (``terms.variants``); lists that have the
            forms that people write, and lists of proper names, do without.
        order: Place among the others where people choose, small numbers first.
        meanings: Label → what it means in a few words, for people; a project's codebook comes before it.
    """

    name: str
    title: str = ""
    sources: Builder | str | None = None
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    terms: Path | None = None
    samples: Path | None = None
    rules: Path | None = None
    switches: tuple[str, ...] = ()
    context: Path | None = None
    expand: tuple[bool, bool] = (False, False)
    variants: bool = True
    order: int = 50
    meanings: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name or not isinstance(self.labels, Mapping):
            found = (self.name, self.labels)
            raise wrong_kind("a name and labels", found, 'Give Domain("hotel", labels={"Room": ()}).')
        for place in ("terms", "samples", "rules", "context"):
            if (path := getattr(self, place)) is not None:
                object.__setattr__(self, place, given_path(path))

    def builder(self) -> Builder | None:
        """``sources``, imported."""
        if isinstance(self.sources, str):
            module, _, name = self.sources.partition(":")
            found: Builder = getattr(import_module(module), name)
            return found
        return self.sources

    def expands(self, shipped: bool) -> bool:
        """Whether to learn words when nobody says so; ``shipped``: with the domain's own term lists."""
        return self.expand[0] if shipped and self.terms is not None else self.expand[1]

    @property
    def gold(self) -> Path | None:
        """Annotated samples, as JSON Lines."""
        return self.samples and self.samples / "gold.jsonl"

    @property
    def unlabeled(self) -> Path | None:
        """Samples without annotation, as JSON Lines."""
        return self.samples and self.samples / "unlabeled.jsonl"

    @property
    def has_samples(self) -> bool:
        """Whether there are samples of both kinds."""
        files = (self.gold, self.unlabeled)
        return all(file is not None and file.is_file() and file.stat().st_size > 0 for file in files)


_KEYS = "Use the keys name, title, labels, meanings, expand, variants."


def read_domain(folder: str | Path) -> Domain:
    """A domain that is a folder: ``domain.yaml``, and beside it what there is of the others.

    ::

        domain.yaml   name, title, labels (each with a list of other names), meanings, expand, variants
        terms/        packs.tsv and its files, or plain term files in the shipped format
        rules.yaml    a rule file (``sources.rule_sets``); rules.tsv will do
        samples/      gold.jsonl and unlabeled.jsonl

    Raises:
        InputError: There is no such folder, or ``domain.yaml`` cannot be used.
    """
    place = Path(folder).absolute()
    file = place / "domain.yaml"
    said = _said_of_domain(file)
    unknown = set(said) - {"name", "title", "labels", "meanings", "expand", "variants"}
    name = str(said.get("name") or "")
    if unknown or not name.isidentifier():
        what = f"unknown key {min(map(str, unknown))!r}" if unknown else f"the name {name!r} is not one word"
        raise InputError(f"{what}.", path=file, hint=_KEYS)
    _check_term_files(place / "terms")
    expand = _switch(said, "expand", False, file)

    def beside(part: str) -> Path | None:
        return place / part if (place / part).exists() else None

    return Domain(
        name,
        str(said.get("title") or name),
        labels=_labels(said.get("labels"), file),
        terms=beside("terms"),
        samples=beside("samples"),
        rules=beside("rules.yaml") or beside("rules.yml") or beside("rules.tsv"),
        expand=(expand, expand),
        variants=_switch(said, "variants", True, file),
        meanings=_meanings(said.get("meanings"), file),
    )


def _said_of_domain(file: Path) -> Mapping[str, Any]:
    hint = "Give name, title and labels, each label with a list of other names."
    if not file.is_file():
        raise InputError("no description of a domain: no such file.", path=file, hint=hint)
    said = read_written(decoded(file, hint), file, hint)
    if not isinstance(said, dict):
        raise InputError("no description of a domain: found no keys.", path=file, hint=hint)
    return said


def _labels(given: Any, file: Path) -> dict[str, tuple[str, ...]]:
    """Labels with their other names; one name may stand without a list, and labels without names too."""
    given = dict.fromkeys(given) if isinstance(given, list) else given or {}
    if not isinstance(given, dict) or not all(isinstance(v, (str, list, type(None))) for v in given.values()):
        hint = "Write labels: {Crop: [plant], Pest: []}."
        raise InputError("labels: expected each with a list of other names.", path=file, hint=hint)
    return {str(k): tuple(map(str, [v] if isinstance(v, str) and v else v or ())) for k, v in given.items()}


def _meanings(given: Any, file: Path) -> dict[str, str]:
    """What labels mean."""
    if not isinstance(given or {}, dict) or not all(isinstance(v, str) for v in (given or {}).values()):
        hint = "Write meanings: {Crop: a plant that is grown}."
        raise InputError("meanings: expected each label with a sentence.", path=file, hint=hint)
    return {str(label): str(said) for label, said in (given or {}).items()}


def _check_term_files(terms: Path) -> None:
    """A list in another form would be passed over without a word."""
    for path in sorted(terms.iterdir()) if terms.is_dir() and not (terms / "packs.tsv").is_file() else ():
        if path.suffix.lower() in (".csv", ".txt", ".xlsx", ".jsonl", ".json", ".yaml", ".yml", ".obo"):
            problem = "terms of a domain are read from .tsv files of this package's form alone."
            hint = f"Make one: hybrid-ner gazetteer import {path.name} --out {path.stem}.tsv"
            raise InputError(problem, path=path, hint=hint)


def _switch(said: Mapping[str, Any], key: str, default: bool, file: Path) -> bool:
    given = said.get(key)
    value = {"yes": True, "true": True, "no": False, "false": False}.get(str(given).lower())
    if given is not None and value is None:
        raise InputError(f"{key} is yes or no, found {given!r}.", path=file, hint=f"Write {key}: yes or no.")
    return default if value is None else value
