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
import traceback
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property, lru_cache
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

from hybrid_ner.errors import HybridNerError, InputError, PluginError, given_path, missing_part, wrong_kind
from hybrid_ner.text.encodings import decoded, read_written

PLUGINS_VARIABLE = "HYBRID_NER_PLUGINS"
"""Plug-in files of one's own, separated as in ``PATH``; processes that this one starts read them too."""

T = TypeVar("T")


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
        expected: What a value has to be, for people.
        is_one: Whether a value is one.
    """

    def __init__(
        self,
        plural: str,
        singular: str,
        expected: str = "",
        is_one: Callable[[Any], bool] = lambda value: True,
    ) -> None:
        self.plural, self.singular, self.expected, self._is_one = plural, singular, expected, is_one
        self._told: set[str] = set()
        self._came_with: dict[str, str] = {}
        self._kept = catalogue.create("hybrid_ner", plural, entry_points=True)

    @property
    def group(self) -> str:
        return f"hybrid_ner_{self.plural}"

    def register(self, name: str, value: T) -> T:
        """Add or replace one for this process; gives ``value`` back.

        Raises:
            InputError: It is none, or calls itself otherwise, or this package has another of that name.
        """
        if problem := self._problem(name, value):
            raise InputError(f"the {self.singular} {name!r} {problem}")
        if self.is_ours(name):
            if not self.is_registered(name):
                self._load(name)
            if catalogue.REGISTRY[(*self._kept.namespace, name)] is not value:
                hint = "Give yours another."
                raise InputError(f"hybrid-ner has a {self.singular} {name!r} itself.", hint=hint)
            return value
        registered: T = self._kept.register(name, func=value)
        return registered

    def _problem(self, name: str, value: Any) -> str:
        """Why a value cannot be had under this name; empty where it can."""
        if not isinstance(name, str) or not name or (self.plural == "commands" and len(name.split()) != 1):
            return "could not be found. Register it under one word."
        if not self._is_one(value):
            return f"is none: found {repr(value)[:80]}. Give {self.expected}."
        called = getattr(value, "name", name) if self.one_name else name
        return "" if called == name else f"calls itself {called!r}. Use one name for both."

    @property
    def one_name(self) -> bool:
        """Whether a value has to have the name that it is registered under."""
        return self.plural in ("domains", "readers", "formats")

    def beside(self, taken: Collection[str]) -> tuple[str, ...]:
        """The names that are not this package's own; of others it is told once that they are not used.

        Args:
            taken: Names that this package has itself.
        """
        names = self.names()
        for name in {*names} & {*taken}:
            points = [point for point in self._points() if point.name == name]
            self._warn_taken(name, _package(points[0]) if points else "this process")
        return tuple(name for name in names if name not in taken)

    def names(self) -> tuple[str, ...]:
        """Every name, sorted; no package is imported for it."""
        # Plug-in files are named for this process; they register when they are run.
        load_plugins()
        mine = (names[-1] for names in catalogue.REGISTRY if names[:-1] == self._kept.namespace)
        return tuple(sorted({*mine, *(point.name for point in self._points())}))

    def is_ours(self, name: str) -> bool:
        """Whether this package brings it."""
        return any(point.name == name and _is_ours(point) for point in self._points())

    def package_of(self, name: str) -> str:
        """The other package that brings it, with its version; empty for what none brings."""
        points = [point for point in self._points() if point.name == name]
        return "" if self.is_ours(name) or not points else _package(points[0])

    def remember(self, name: str, package: str) -> None:
        """Name that package where the thing is asked for and is not there any more."""
        if package:
            self._came_with[name] = package

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
        if not isinstance(name, str):
            raise wrong_kind(f"the name of a {self.singular}", name, f"Use one of {', '.join(names)}.")
        if name not in names:
            if package := self._came_with.get(name):
                problem = f"the {self.singular} {name!r} came with {package}, which is not installed."
                raise InputError(problem, hint=f"Install it: pip install {package.partition(' ')[0]}")
            near = get_close_matches(name, names, 3)
            known = f"Did you mean {' or '.join(near)}?" if near else f"Use one of {', '.join(names)}."
            where = f" Others come with a package, or by --plugin FILE (group {self.group})."
            raise InputError(f"unknown {self.singular} {name!r}.", hint=known + where if names else where)
        # Asked of what is registered too: a decorator runs when anything else of its module is imported.
        points = [point for point in self._points() if point.name == name]
        if len({point.value for point in points}) > 1 and not any(map(_is_ours, points)):
            theirs = " and ".join(sorted(map(_package, points)))
            raise InputError(
                f"{theirs} both bring a {self.singular} {name!r}.", hint="Uninstall one of them."
            )
        if not self.is_registered(name):
            self._load(name)
        # Not catalogue's own get: it would prefer the entry point to what this process registered.
        value: T = catalogue.REGISTRY[(*self._kept.namespace, name)]
        return value

    def _load(self, name: str) -> None:
        points = [point for point in self._points() if point.name == name]
        own = [point for point in points if _is_ours(point)]
        theirs = sorted({_package(point) for point in points if point not in own})
        if own and theirs:
            self._warn_taken(name, theirs[0])
        points = own or points
        try:
            value = points[0].load()
        except Exception as error:  # whatever another package's code does when it is imported
            if missing := missing_part(error):
                raise missing from error
            package, said = _package(points[0]), f"{type(error).__name__}: {error}"
            problem = f"the {self.singular} {name!r} of {package} cannot be imported ({said})."
            raise InputError(problem, hint=f"Install {package} again, or uninstall it.") from error
        if problem := self._problem(name, value):
            raise InputError(f"the {self.singular} {name!r} of {_package(points[0])} {problem}")
        if not self.is_registered(name):
            self._kept.register(name, func=value)

    def all(self, taken: Collection[str] = ()) -> Iterator[tuple[str, T]]:
        """Every name with its value; one that cannot be had is left out with a warning, once.

        Args:
            taken: Names that this package has itself, as for ``beside``.
        """
        for name in self.beside(taken):
            try:
                yield name, self.get(name)
            except InputError as error:
                self._warn(name, f"left out: {error}")

    def _warn_taken(self, name: str, brings: str) -> None:
        has = f"the {self.singular} {name!r} of {brings}: hybrid-ner has one of that name."
        self._warn(name, f"left out: {has} It needs another.")

    def _warn(self, name: str, said: str) -> None:
        if name not in self._told:
            self._told.add(name)
            warnings.warn(said, stacklevel=3)

    def _points(self) -> list[EntryPoint]:
        return self._installed

    @cached_property
    def _installed(self) -> list[EntryPoint]:
        # catalogue looks for them once, when it is imported, and then through all of them each time.
        return list(self._kept._get_entry_points())


def _has(*names: str) -> Callable[[Any], bool]:
    # The classes themselves stand below this module.
    return lambda value: all(hasattr(value, name) for name in names)


SOURCES: Registry[Any] = Registry(
    "sources", "labeling source", "a decorated function, or a class or an object that is called", callable
)
"""Labeling sources: what ``@labeling_source`` registers, or a class or factory without arguments."""
DOMAINS: Registry[Domain] = Registry(
    "domains", "domain", "a hybrid_ner.registry.Domain", lambda value: isinstance(value, Domain)
)
READERS: Registry[Any] = Registry(
    "readers", "term list format", "a hybrid_ner.terms.readers.base.Reader", _has("name", "read", "sniff")
)
"""``hybrid_ner.terms.readers.base.Reader`` objects."""
FORMATS: Registry[Any] = Registry(
    "formats", "corpus format", "a hybrid_ner.corpus.formats.Format", _has("name", "read", "write", "holds")
)
"""``hybrid_ner.corpus.formats.Format`` objects."""
LEARNERS: Registry[Any] = Registry(
    "learners",
    "learner",
    "the path of a .cfg file, or a function that gives one",
    lambda value: isinstance(value, str | os.PathLike) or callable(value),
)
"""Training recipes: the path of a ``.cfg`` file, or a function that gives one."""
COMMANDS: Registry[Any] = Registry("commands", "chat command", "a function of session and rest", callable)
"""Functions of the session and the rest of the line that give the reply."""
_DOORS: tuple[Registry[Any], ...] = (SOURCES, DOMAINS, READERS, FORMATS, LEARNERS, COMMANDS)


def provider_of(module: str) -> Provider:
    """The installed package that a module belongs to."""
    top = module.partition(".")[0]
    for registry in _DOORS:
        for point in registry._points():
            if point.dist is not None and point.value.partition(":")[0].partition(".")[0] == top:
                return Provider(*_release(point.dist), module)
    file = getattr(sys.modules.get(module), "__file__", None) or ""
    for package in _packages(tuple(sys.path)).get(top, ()):
        with suppress(PackageNotFoundError):
            if _is_of(distribution(package), top, file):
                return Provider(package, version(package), module)
    return Provider("", "", module, str(Path(file).absolute()) if file else "")


@lru_cache(256)
def _release(package: Distribution) -> tuple[str, str]:
    """Name and version of a package; both are read anew from its file each time that they are asked for."""
    return package.name, package.version


@lru_cache(1)
def _packages(path: tuple[str, ...]) -> Mapping[str, list[str]]:
    """Installed packages by the modules that they bring, by ``sys.path``.

    The list of files of every package is read for it: half a second, once for every error of a plug-in.
    """
    return packages_distributions()


def _is_of(package: Distribution, top: str, file: str) -> bool:
    """Whether a module's file is one of a package's; some packages bring a folder called ``tests`` too."""
    listed = [each for each in package.files or () if each.parts[0] == top]
    # A package installed for editing lists no files of its own.
    return not file or not listed or any(Path(str(each.locate())) == Path(file) for each in listed)


@contextmanager
def others_code(
    what: str, code: Any, do: str = "Correct it, or leave it out.", on: Any = ""
) -> Iterator[None]:
    """What goes wrong in the code of somebody else is told with its package, file and row.

    Args:
        what: What it is, for people: ``the labeling source 'doses'``.
        code: The function, class or object that is run; that of this package fails as it is.
        do: The next step.
        on: The file that it is run on, if any.

    Raises:
        PluginError: Something else than an error that says what to do.
    """
    try:
        yield
    except HybridNerError:
        raise
    except (Exception, SystemExit) as error:  # whatever it does
        if isinstance(error, OSError) and str(on):
            raise  # it names the file
        module = module_of(code)
        if module.partition(".")[0] == "hybrid_ner":
            raise
        if missing := missing_part(error):
            raise missing from error
        provider = provider_of(module)
        brought = (f" of {provider}" if provider.package else "") + (f", on {on}," if str(on) else "")
        said = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        file, row = _place(error, module)
        raise PluginError(f"{what}{brought} failed ({said}).", path=file, row=row, hint=do) from error


def module_of(code: Any) -> str:
    """Name of the module that a function, class or object is written in."""
    code = getattr(code, "func", code)  # of a partial
    return str(getattr(code, "__module__", None) or type(code).__module__)


def _place(error: BaseException, module: str) -> tuple[str | None, int | None]:
    """File and row of a package's code in which an error came up; the last of several."""
    top = module.partition(".")[0]
    for frame, row in reversed([*traceback.walk_tb(error.__traceback__)]):
        if frame.f_globals.get("__name__", "").partition(".")[0] == top:
            return frame.f_code.co_filename, row
    return None, None


def load_plugin(path: str | Path) -> None:
    """Run a Python file of one's own that registers sources or anything else; once in a process.

    Args:
        path: The file, which becomes a module named after it; or the folder of a domain (``read_domain``).
            Processes started from here load it too.

    Raises:
        InputError: No such file, or it cannot be run.
    """
    file = given_path(path).absolute()
    if file.is_dir():
        domain, before = read_domain(file), _registered()
        DOMAINS.register(domain.name, domain)
        _keep_apart(before, file)
        _hand_on(file)
        return
    if not file.is_file() or file.suffix != ".py":
        problem = "expected a Python file (.py) or a domain's folder."
        raise InputError(problem, path=path, hint="Check the path.")
    loaded = sys.modules.get(file.stem)
    if loaded is not None and getattr(loaded, "__file__", None) == str(file):
        _hand_on(file)
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
    before = _registered()
    try:
        spec.loader.exec_module(module)
        logging.getLogger(__name__).info("plug-in %s", file)
    except (Exception, SystemExit) as error:  # whatever the user's code does
        del sys.modules[file.stem]
        problem = f"the plug-in cannot be run ({type(error).__name__}: {error})."
        row = _place(error, file.stem)[1]
        raise InputError(problem, path=path, row=row, hint="Correct the file.") from error
    brings = _keep_apart(before, file)
    _hand_on(file)
    if not brings:
        todo = 'Decorate a function with @labeling_source("name"), or call register() of what it brings.'
        warnings.warn(f"{path}: the plug-in registers nothing. {todo}", stacklevel=2)


_BROUGHT: dict[tuple[str, ...], Path] = {}
"""What plug-ins have registered, and which."""


def _registered() -> dict[tuple[str, ...], Any]:
    return {names: value for names, value in catalogue.REGISTRY.items() if names[0] == "hybrid_ner"}


def _keep_apart(before: Mapping[tuple[str, ...], Any], file: Path) -> bool:
    """Whether a plug-in has registered anything; the name of another one stays with that.

    Raises:
        InputError: It has taken such a name.
    """
    mine = {names for names, value in _registered().items() if before.get(names) is not value}
    for names in sorted(mine):
        other = _BROUGHT.get(names, file)
        if names in before and other != file:
            catalogue.REGISTRY[names] = before[names]
            sys.modules.pop(file.stem, None)
            kind = next(each.singular for each in _DOORS if each.plural == names[1])
            problem = f"it brings a {kind} {names[-1]!r}, and so does {other}."
            raise InputError(problem, path=file, hint="Give one of them another name, or leave one out.")
    _BROUGHT.update(dict.fromkeys(mine, file))
    return bool(mine)


def _hand_on(file: Path) -> None:
    listed = os.environ.get(PLUGINS_VARIABLE, "").split(os.pathsep)
    if str(file) not in listed:
        os.environ[PLUGINS_VARIABLE] = os.pathsep.join(filter(None, (*listed, str(file))))


def load_plugins(paths: Iterable[str | Path] = ()) -> None:
    """Run plug-in files: the given ones, and those of ``HYBRID_NER_PLUGINS``."""
    listed = os.environ.get(PLUGINS_VARIABLE, "").split(os.pathsep)
    for path in (*paths, *filter(None, listed)):
        load_plugin(path)


def _is_ours(point: EntryPoint) -> bool:
    return point.value.startswith("hybrid_ner.")


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.value


# A domain: a subject with its labels, sources, terms and samples; as a folder, and in Python.

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
        context/      context_negated.txt and the like (``sources.context``): phrases that flag mentions
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
        context=beside("context"),
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
