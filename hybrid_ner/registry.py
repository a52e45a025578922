"""The doors for other packages: what can be added, under which name, and who brings it.

A package adds a labeling source, domain, term reader, corpus format, learner or chat command by an entry
point in its ``pyproject.toml``::

    [project.entry-points.hybrid_ner_sources]
    doses = "my_package.doses:doses"

The groups are ``hybrid_ner_sources``, ``_domains``, ``_readers``, ``_formats``, ``_learners`` and
``_commands``; the domains of this package come through the same door. In one process
``SOURCES.register("doses", …)`` does the same, and a file of one's own is read by ``load_plugin``
(``--plugin FILE``). Nothing is imported before it is asked for, apart from files named so.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from importlib import import_module
from importlib.metadata import (
    Distribution,
    EntryPoint,
    PackageNotFoundError,
    distribution,
    packages_distributions,
    version,
)
from pathlib import Path
from typing import Any, Generic, TypeAlias, TypeVar

import catalogue

from hybrid_ner.errors import InputError, missing_part

PLUGINS_VARIABLE = "HYBRID_NER_PLUGINS"
"""Plug-in files of one's own, separated as in ``PATH``; processes that this one starts read them too."""

T = TypeVar("T")
Builder: TypeAlias = Callable[[Any, tuple[str, ...]], Iterable[Any]]
"""Gazetteer and names of switches → labeling sources."""


@dataclass(frozen=True, slots=True)
class Provider:
    """The installed package that brings something.

    Args:
        package: Name to give to ``pip install``; empty for a file of one's own.
        version: Its version.
        module: Python module.
        file: The module's file, when it belongs to no installed package.
    """

    package: str
    version: str
    module: str
    file: str = ""

    def __str__(self) -> str:
        return f"{self.package} {self.version}" if self.package else (self.file or self.module)


class Registry(Generic[T]):
    """One kind of thing by name: registered in this process, or an entry point of an installed package.

    Args:
        plural: Last part of the entry point group.
        singular: What one is called, for people.
    """

    def __init__(self, plural: str, singular: str) -> None:
        self.plural, self.singular = plural, singular
        self._kept = catalogue.create("hybrid_ner", plural, entry_points=True)

    @property
    def group(self) -> str:
        return f"hybrid_ner_{self.plural}"

    def register(self, name: str, value: T) -> T:
        """Add or replace one for this process; gives ``value`` back."""
        registered: T = self._kept.register(name, func=value)
        return registered

    def names(self) -> tuple[str, ...]:
        """Every name, sorted; no package is imported for it."""
        # Plug-in files are named for this process; they register when they are run.
        load_plugins()
        mine = (names[-1] for names in catalogue.REGISTRY if names[:-1] == self._kept.namespace)
        return tuple(sorted({*mine, *(point.name for point in self._points())}))

    def is_registered(self, name: str) -> bool:
        return (*self._kept.namespace, name) in catalogue.REGISTRY

    def __contains__(self, name: str) -> bool:
        return name in self.names()

    def get(self, name: str) -> T:
        """The one of that name.

        Raises:
            InputError: There is none, or its package cannot be imported.
        """
        names = self.names()
        if name not in names:
            near = get_close_matches(name, names, 3)
            known = f"Did you mean {' or '.join(near)}?" if near else f"Use one of {', '.join(names)}."
            where = f" Others come with a package, or by --plugin FILE (group {self.group})."
            raise InputError(f"unknown {self.singular} {name!r}.", hint=known + where if names else where)
        if not self.is_registered(name):
            self._load(name)
        # Not catalogue's own get: it would prefer the entry point to what this process registered.
        value: T = catalogue.REGISTRY[(*self._kept.namespace, name)]
        return value

    def _load(self, name: str) -> None:
        points = [point for point in self._points() if point.name == name]
        if len({point.value for point in points}) > 1:
            both = " and ".join(sorted(_package(point) for point in points))
            hint = "Uninstall one of them."
            raise InputError(f"{both} both bring a {self.singular} {name!r}.", hint=hint)
        try:
            value = points[0].load()
        except Exception as error:  # whatever another package's code does when it is imported
            if missing := missing_part(error):
                raise missing from error
            package, said = _package(points[0]), f"{type(error).__name__}: {error}"
            problem = f"the {self.singular} {name!r} of {package} cannot be imported ({said})."
            raise InputError(problem, hint=f"Install {package} again, or uninstall it.") from error
        if not self.is_registered(name):
            self.register(name, value)

    def all(self) -> Iterator[tuple[str, T]]:
        """Every name with its value; one that cannot be imported is left out with a warning."""
        for name in self.names():
            try:
                yield name, self.get(name)
            except InputError as error:
                warnings.warn(f"left out: {error}", stacklevel=2)

    def _points(self) -> list[EntryPoint]:
        return self._installed

    @cached_property
    def _installed(self) -> list[EntryPoint]:
        # catalogue looks for them once, when it is imported, and then through all of them each time.
        return list(self._kept._get_entry_points())


SOURCES: Registry[Any] = Registry("sources", "labeling source")
"""Labeling sources: what ``@labeling_source`` registers, or a class or factory without arguments."""
DOMAINS: Registry[Domain] = Registry("domains", "domain")
READERS: Registry[Any] = Registry("readers", "term list format")
"""``hybrid_ner.terms.readers.base.Reader`` objects."""
FORMATS: Registry[Any] = Registry("formats", "corpus format")
"""``hybrid_ner.corpus.formats.Format`` objects."""
LEARNERS: Registry[Any] = Registry("learners", "learner")
"""Training recipes: the path of a ``.cfg`` file, or a function that gives one."""
COMMANDS: Registry[Any] = Registry("commands", "chat command")
"""Functions of the session and the rest of the line that give the reply."""


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
    import srsly

    try:
        said = srsly.read_yaml(file)
        if not isinstance(said, dict):
            raise ValueError("found no keys")
    except (OSError, ValueError) as error:
        problem = f"no description of a domain ({' '.join(str(error).split())[:200]})."
        hint = "Give name, title and labels, each label with a list of other names."
        raise InputError(problem, path=file, hint=hint) from error
    return said


def _labels(given: Any, file: Path) -> dict[str, tuple[str, ...]]:
    """Labels with their other names; one name may stand without a list, and labels without names too."""
    given = dict.fromkeys(given) if isinstance(given, list) else given or {}
    if not isinstance(given, dict) or not all(isinstance(v, (str, list, type(None))) for v in given.values()):
        hint = "Write labels: {Crop: [plant], Pest: []}."
        raise InputError("labels: expected each with a list of other names.", path=file, hint=hint)
    return {str(k): tuple(map(str, [v] if isinstance(v, str) else v or ())) for k, v in given.items()}


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
    """``yes`` and ``no`` are words in YAML 1.2, and truth values in what most people know of it."""
    value = {"yes": True, "no": False}.get(said.get(key, default), said.get(key, default))
    if not isinstance(value, bool):
        raise InputError(f"{key} is yes or no, found {value!r}.", path=file, hint=f"Write {key}: yes or no.")
    return value


def provider_of(module: str) -> Provider:
    """The installed package that a module belongs to."""
    top = module.partition(".")[0]
    for registry in (SOURCES, DOMAINS, READERS, FORMATS, LEARNERS, COMMANDS):
        for point in registry._points():
            if point.dist is not None and point.value.partition(":")[0].partition(".")[0] == top:
                return Provider(point.dist.name, point.dist.version, module)
    file = getattr(sys.modules.get(module), "__file__", None) or ""
    for package in packages_distributions().get(top, ()):
        with suppress(PackageNotFoundError):
            if _is_of(distribution(package), top, file):
                return Provider(package, version(package), module)
    return Provider("", "", module, str(Path(file).absolute()) if file else "")


def _is_of(package: Distribution, top: str, file: str) -> bool:
    """Whether a module's file is one of a package's; some packages bring a folder called ``tests`` too."""
    listed = [each for each in package.files or () if each.parts[0] == top]
    # A package installed for editing lists no files of its own.
    return not file or not listed or any(Path(str(each.locate())) == Path(file) for each in listed)


def load_plugin(path: str | Path) -> None:
    """Run a Python file of one's own that registers sources or anything else; once in a process.

    Args:
        path: The file, which becomes a module named after it; or the folder of a domain (``read_domain``).
            Processes started from here load it too.

    Raises:
        InputError: No such file, or it cannot be run.
    """
    file = Path(path).absolute()
    if file.is_dir():
        domain = read_domain(file)
        DOMAINS.register(domain.name, domain)
        _hand_on(file)
        return
    if not file.is_file() or file.suffix != ".py":
        problem = "expected a Python file (.py) or a domain's folder."
        raise InputError(problem, path=path, hint="Check the path.")
    _hand_on(file)
    loaded = sys.modules.get(file.stem)
    if loaded is not None and getattr(loaded, "__file__", None) == str(file):
        return
    found = None if loaded is not None else importlib.util.find_spec(file.stem)
    if loaded is not None or (found is not None and found.origin != str(file)):
        problem = f"a module called {file.stem!r} exists already."
        raise InputError(problem, path=path, hint="Rename the plug-in file.")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    try:
        spec.loader.exec_module(module)
        logging.getLogger(__name__).info("plug-in %s", file)
    except Exception as error:  # whatever the user's code does
        del sys.modules[file.stem]
        problem = f"the plug-in cannot be run ({type(error).__name__}: {error})."
        raise InputError(problem, path=path, hint="Correct the file.") from error


def _hand_on(file: Path) -> None:
    listed = os.environ.get(PLUGINS_VARIABLE, "").split(os.pathsep)
    if str(file) not in listed:
        os.environ[PLUGINS_VARIABLE] = os.pathsep.join(filter(None, (*listed, str(file))))


def load_plugins(paths: Iterable[str | Path] = ()) -> None:
    """Run plug-in files: the given ones, and those of ``HYBRID_NER_PLUGINS``."""
    listed = os.environ.get(PLUGINS_VARIABLE, "").split(os.pathsep)
    for path in (*paths, *filter(None, listed)):
        load_plugin(path)


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.value
