"""A labeling source as one decorated function, and how any source is saved with a pipeline.

::

    @labeling_source("doses", label="Dose")
    def doses(text: str):
        return re.finditer(r"\\d+ ?mg", text)

A source that is a class has ``name`` and ``__call__(doc)``; ``to_state()`` and ``from_state(state)`` are
asked for where it has them, else its fields or attributes are its state. A saved source names its module and
the package that brings it, so that a pipeline opened without that package says what to install.
"""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import json
import re
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from math import isfinite
from numbers import Real
from operator import index
from pathlib import Path
from typing import Any, Literal, TypeVar

from spacy.tokens import Doc, Span

from hybrid_ner.errors import OTHER_VERSION, InputError, ModelError, PluginError, wrong_kind
from hybrid_ner.matching.match import Evidence, Match
from hybrid_ner.registry import SOURCES, Provider, load_plugins, module_of, others_code, provider_of
from hybrid_ner.sources import LabelingSource
from hybrid_ner.terms import Gazetteer
from hybrid_ner.text import without_space

Function = TypeVar("Function", bound=Callable[..., Iterable[Any]])
_MARK = "labeling_source"
_NAME = re.compile(r"\w[\w @+-]{0,62}")  # a name of a folder has 255 bytes, a letter up to 4
_NAMES = "Use up to 63 letters, digits, _, -, + and @: it is the name of a component and of its folder."
_NO_ARGUMENTS = "It is made without arguments: give them defaults, or register an object that has them."
_AGAIN = "Let it take what to_state() gives, as JSON keeps it, or a saved pipeline could not be opened."
_FORM = "Give (start, end, label), (start, end) with label=…, a re.Match, a Span or a Match."
_NO_CHANGES = "Give places, and leave its tokens and the span groups of others as they are."
_LIST = "Give a list of places, or yield one after the other, also where there is one or none."


@dataclass(frozen=True)
class FunctionSource:
    """A function as a labeling source.

    Args:
        function: Reads a ``Doc``, or a string; gives matches, spans or character offsets.
        label: Label of results that carry none.
        reads_text: Whether the function wants the text, not the ``Doc``.
        last: Whether it runs after all other sources, whose groups it may read, instead of before them.
    """

    name: str
    function: Callable[..., Iterable[Any]]
    label: str = ""
    reads_text: bool = False
    last: bool = False

    @property
    def reads_view(self) -> bool:
        """Whether it can do without a ``Doc``."""
        return self.reads_text

    def __call__(self, doc: Doc) -> list[Match]:
        """Matches in characters of ``doc.text``.

        Raises:
            PluginError: The function failed, or gave something else than places in the text.
        """
        return asked(self, doc)


def written(source: Any) -> Any:
    """The function or object whose code a source is."""
    return source.function if isinstance(source, FunctionSource) else source


def is_of_others(source: Any) -> bool:
    """Whether a source is not this package's own."""
    return module_of(written(source)).partition(".")[0] != "hybrid_ner"


def asked(source: Any, doc: Doc) -> list[Match]:
    """What a source of somebody else finds in a document, checked.

    A class may give all that a function may.

    Raises:
        PluginError: It failed, or gave something else than places in the text.
    """
    text, code, called = doc.text, written(source), f"the labeling source {source.name!r}"
    reads_text = isinstance(source, FunctionSource) and source.reads_text
    do = "Correct it, or leave it out."
    if isinstance(source, FunctionSource) and not reads_text:
        do += " It is given spaCy's Doc; a function is given the text where its parameter is called text."
    before = _shape(doc)
    with others_code(called, code, do):
        given = code(text if reads_text else doc)
        many = not isinstance(given, str | bytes | Mapping | Span) and isinstance(given, Iterable)
        bound = _LEAST_BOUND + _A_CHARACTER * len(text)
        found = [*islice(given, bound + 1)] if many else []
    if _shape(doc) != before:
        raise PluginError(f"{called} changed the document that it was asked about.", hint=_NO_CHANGES)
    if len(found) > bound:
        said = f"gave more than {bound:,} places for a text of {len(text):,} characters."
        raise PluginError(f"{called} {said}", hint="Give a list, or a generator that ends.")
    if not many and given:
        raise PluginError(f"{called} gave {repr(given)[:80]}, which is no list.", hint=_LIST)
    if isinstance(given, tuple) and given and all(isinstance(each, int | str) for each in given):
        raise PluginError(f"{called} gave {given!r}, one place instead of a list.", hint=_LIST)
    return [_match(source, text, each) for each in found]


def _shape(doc: Any) -> tuple[int, dict[str, int]] | None:
    """What others rely on in a ``Doc``: its tokens, and how much each source has voted."""
    if not isinstance(doc, Doc):
        return None  # a source of texts is given no more than that
    return len(doc), {name: len(votes) for name, votes in doc.spans.items() if "evidence" in votes.attrs}


_LEAST_BOUND, _A_CHARACTER = 10_000, 20
"""More places than a source has in a text, of which a generator that does not end gives any number."""


def _match(source: Any, text: str, found: Any) -> Match:
    """A place as a match."""
    concepts: Any = ()
    score, evidence, label = 1.0, None, getattr(source, "label", "")
    if isinstance(found, Match):
        start, end, label, concepts, score, evidence = found
    elif isinstance(found, Span):
        start, end, concepts = found.start_char, found.end_char, found.kb_id_
        label = found.label_ or label
        # One of a pipeline of the source's own is welcome, as long as it has read the same text.
        if found.doc.text[:end] != text[:end]:
            said = f"the labeling source {source.name!r} gave {str(found)[:80]!r}, a span of another text."
            raise PluginError(said, hint="Give spans of the document it is asked about.")
    elif isinstance(found, re.Match):
        start, end = found.span()
    elif isinstance(found, tuple | list) and 2 <= len(found) <= 3:
        start, end, label = (*found, label)[:3] if len(found) == 2 else (*found[:2], found[2] or label)
    else:
        raise PluginError(f"the labeling source {source.name!r} gave {repr(found)[:80]}.", hint=_FORM)
    whole = all(hasattr(at, "__index__") and not isinstance(at, bool) for at in (start, end))
    whole = whole and isinstance(label, str)
    if not whole or not 0 <= start < end <= len(text) or not label:
        said = f"gave ({start!r}, {end!r}, {label!r}) for a text of {len(text):,} characters."
        raise PluginError(f"the labeling source {source.name!r} {said}", hint=_FORM)
    start, end = without_space(text, index(start), index(end))
    concepts = ((concepts,) if concepts else ()) if isinstance(concepts, str) else (concepts or ())
    ids = isinstance(concepts, tuple | list) and all(isinstance(each, str) for each in concepts)
    if (
        not ids
        or not isinstance(score, Real)
        or not isfinite(score)
        or not isinstance(evidence, Evidence | None)
    ):
        said = f"gave a match with the concept ids {concepts!r}, score {score!r}, evidence {evidence!r}."
        hint = "Give concept ids as a tuple of strings, the score as a number, and Evidence or None."
        raise PluginError(f"the labeling source {source.name!r} {said}", hint=hint)
    evidence = evidence or Evidence("pattern", text[start:end], source.name)
    return Match(start, end, label, tuple(concepts), float(score), evidence)


def labeling_source(
    name: str, *, label: str = "", order: Literal["first", "last"] = "first"
) -> Callable[[Function], Function]:
    """Register a function, or a class, as the labeling source ``name``; it stays usable as it is.

    A function whose first parameter is annotated ``str`` or called ``text`` is given the text, any other
    the ``Doc``. It gives places: ``(start, end, label)`` in characters, ``(start, end)``, ``re.Match``,
    ``Span`` or ``Match``. The label ``VETO`` votes against what other sources say of the same characters.

    Args:
        name: What ``--source`` and ``why`` call it.
        label: Label of results that carry none.
        order: ``first``: it is trusted more than the domain's sources, and abbreviations of its spans are
            found; ``last``: it may read the groups of all others, and veto their votes.

    Raises:
        InputError: A name, label or order that cannot be used.
    """
    _check_name(name)
    if not isinstance(label, str) or order not in ("first", "last"):
        said = f"the labeling source {name!r} has label={label!r} and order={order!r}."
        raise InputError(said, hint='The label is text, the order "first" or "last".')

    def register(function: Function) -> Function:
        if isinstance(function, type):
            SOURCES.register(name, function)
            return function
        if not callable(function) or not hasattr(function, "__dict__"):  # a builtin, a method of an object
            raise wrong_kind("a function", function, f'Write one, and @labeling_source("{name}") above it.')
        first = next(iter(inspect.signature(function).parameters.values()), None)
        reads_text = first is not None and (first.annotation in (str, "str") or first.name == "text")
        source = FunctionSource(name, function, label, reads_text, order == "last")
        setattr(function, _MARK, source)
        SOURCES.register(name, source)
        return function

    return register


def as_source(given: Any) -> LabelingSource:
    """The labeling source that a name, a decorated function, a class or an object stands for.

    Raises:
        InputError: It stands for none.
    """
    if isinstance(given, str):
        found = as_source(SOURCES.get(given))
        if found.name != given:
            raise InputError(
                f"the labeling source {given!r} calls itself {found.name!r}.", hint="Use one name for both."
            )
        return found
    given = getattr(given, _MARK, given)
    if hasattr(given, "settings_type") and isinstance(given, type):
        kind = getattr(given, "kind", given.__name__)
        raise InputError(f"the source {kind!r} needs a model.", hint=f"Say where it is: {kind}:PLACE.")
    if isinstance(given, type) or (inspect.isfunction(given) and not inspect.signature(given).parameters):
        with others_code(f"the labeling source {given.__name__}", given, _NO_ARGUMENTS):
            given = given()
    if not callable(given) or not isinstance(getattr(given, "name", None), str):
        raise InputError(
            f"{given!r} is no labeling source.",
            hint='Decorate the function with @labeling_source("name"), or give the object a name.',
        )
    if is_of_others(given):
        _check_name(given.name)
    source: LabelingSource = given
    return source


def _check_name(name: Any) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InputError(f"a labeling source cannot be called {name!r}.", hint=_NAMES)


def as_sources(given: Any) -> tuple[LabelingSource, ...]:
    """As ``as_source``, also of what names models: ``KIND:PLACE``, or a file of settings with several.

    Raises:
        InputError: It stands for none, or a model is not there.
    """
    if isinstance(given, str) and given not in SOURCES:
        from hybrid_ner.sources.models.settings import is_model, read_models

        if is_model(given):
            models = read_models(given)
            for model in models:
                _check_name(model.name)
            return models
    return (as_source(given),)


def sources_of(path: str | Path) -> tuple[str, ...]:
    """Names of the labeling sources that a plug-in file has registered."""
    module, found = Path(path).stem, []
    for name in SOURCES.names():
        source = SOURCES.get(name) if SOURCES.is_registered(name) else None
        if getattr(written(source), "__module__", "") == module:
            found.append(name)
    return tuple(found)


def plugin_files(names: Iterable[str]) -> tuple[str, ...]:
    """The plug-in files that these sources come from; those of installed packages need none."""
    files = (source_state(each)["from"]["file"] for name in names for each in as_sources(name))
    return tuple(dict.fromkeys(file for file in files if file))


def runs_last(source: LabelingSource) -> bool:
    """Whether it reads the votes of all other sources."""
    return bool(getattr(source, "last", False))


def source_state(source: LabelingSource) -> dict[str, Any]:
    """What a source is, as plain values that JSON can hold; a gazetteer's rows are kept apart.

    Raises:
        InputError: It cannot be found again in another process, or its state is not plain.
    """
    if isinstance(source, FunctionSource):
        if source.name not in SOURCES or SOURCES.get(source.name) != source:
            raise InputError(
                f"two labeling sources are called {source.name!r}.", hint="Give each a name of its own."
            )
        module = source.function.__module__ or "__main__"  # of code that was run as text
        return {"kind": "function", "name": source.name, "from": asdict(provider_of(module))}
    kind = type(source)
    if "<locals>" in kind.__qualname__:
        raise InputError(
            f"the labeling source {source.name!r} is a class in a function, which no other process finds.",
            hint="Define it at the top of its module.",
        )
    with others_code(f"to_state() of the labeling source {source.name!r}", source):
        state = source.to_state() if hasattr(source, "to_state") else _attributes(source)  # type: ignore[attr-defined]
    try:
        json.dumps(state)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"the labeling source {source.name!r} cannot be saved: {error}.",
            hint="Give it to_state() and from_state() with plain values.",
        ) from error
    whole = f"{kind.__module__}:{kind.__qualname__}"
    return {"kind": whole, "name": source.name, "from": asdict(provider_of(kind.__module__)), "state": state}


def check_saving(source: LabelingSource) -> None:
    """Refuse a source that could not be saved, or not be opened again.

    Raises:
        InputError: ``to_state`` or ``from_state`` is missing or gives something else.
        PluginError: One of them failed.
    """
    saved, kind, called = source_state(source), type(source), f"the labeling source {source.name!r}"
    if "state" not in saved or not is_of_others(source):
        return
    if hasattr(kind, "to_state") != hasattr(kind, "from_state"):
        has, lacks = sorted(("to_state()", "from_state()"), key=lambda each: not hasattr(kind, each[:-2]))
        hint = "Give it both, or neither: then its plain attributes are saved."
        raise InputError(f"{called} has {has} and no {lacks}.", hint=hint)
    # Through JSON, of which a tuple comes back as a list and a number that is a key as a string.
    again = _from_state(kind, json.loads(json.dumps(saved)), getattr(source, "gazetteer", None), _AGAIN)
    if not callable(again) or getattr(again, "name", None) != source.name:
        said = f"{called} is another one when it is made again from its state: {again!r:.80}."
        raise InputError(said, hint="Put its name into the state too.")


def _attributes(source: LabelingSource) -> dict[str, Any]:
    if is_dataclass(source):
        return {field.name: getattr(source, field.name) for field in fields(source)}
    return {name: value for name, value in vars(source).items() if not isinstance(value, Gazetteer)}


def restore_source(saved: Mapping[str, Any], gazetteer: Gazetteer | None = None) -> LabelingSource:
    """The source that ``source_state`` described.

    Raises:
        ModelError: The package or file that brings it is not there.
    """
    if "from" not in saved:
        raise ModelError(OTHER_VERSION)
    provider = Provider(**saved["from"])
    _check_version(str(saved["name"]), provider)
    if saved["kind"] == "function":
        return _function(str(saved["name"]), provider)
    hint = f"{_made_with(provider)}Make the pipeline again."
    return _from_state(_class(saved, provider), saved, gazetteer, hint)


def _from_state(
    kind: Any, saved: Mapping[str, Any], gazetteer: Gazetteer | None, hint: str
) -> LabelingSource:
    """A source of a class, made of its saved state."""
    state = saved["state"]
    if hasattr(kind, "from_state"):
        takes = "gazetteer" in inspect.signature(kind.from_state).parameters
        called = f"from_state() of the labeling source {saved['name']!r}"
        with others_code(called, kind, hint):
            restored: LabelingSource = kind.from_state(state, gazetteer) if takes else kind.from_state(state)
        return restored
    if is_dataclass(kind):
        values = {key: tuple(value) if isinstance(value, list) else value for key, value in state.items()}
        make: Any = kind
        try:
            made: LabelingSource = make(**values)
        except TypeError as error:
            problem = f"unusable state of a {make.__name__}: {error}."
            raise InputError(problem, hint="Save the pipeline again.") from error
        return made
    made = kind.__new__(kind)
    made.__dict__.update(state)
    if gazetteer is not None:
        made.gazetteer = gazetteer  # type: ignore[attr-defined]
    return made


def _is_module(name: str) -> bool:
    """Whether a module of that name can be imported."""
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # nor the package that it would be in
        return False


def _function(name: str, provider: Provider) -> LabelingSource:
    if name not in SOURCES:
        _imported(name, provider)
    if name not in SOURCES:
        raise _missing(name, provider, f"{provider.module} no longer registers it")
    return as_source(name)


def _made_with(provider: Provider) -> str:
    """The version that a source was saved with, where another one is installed now."""
    with suppress(PackageNotFoundError):
        if provider.package and (now := version(provider.package)) != provider.version:
            return f"It was saved by {provider}, and {now} is installed. "
    return ""


def _series(release: str) -> list[str]:
    """What stays the same while a package promises to work as before: 1 of 1.4.0, 0.3 of 0.3.2."""
    parts = release.split(".")
    return parts[: 1 + (parts[0] == "0")]


def _check_version(name: str, provider: Provider) -> None:
    said = _made_with(provider) if provider.package != "hybrid-ner" else ""
    if said and _series(version(provider.package)) != _series(provider.version):
        found = f"the labeling source {name!r} may find other things than when the pipeline was saved."
        warnings.warn(f"{found} {said.rstrip()}", stacklevel=4)


def _class(saved: Mapping[str, Any], provider: Provider) -> Any:
    module, _, path = str(saved["kind"]).partition(":")
    if module.startswith("hybrid_ner.") and not _is_module(module):
        raise ModelError(OTHER_VERSION)
    found: Any = _imported(str(saved["name"]), replace(provider, module=module))
    for part in path.split("."):
        found = getattr(found, part, None)
    # What a file says is called below: nothing but a class of sources may be.
    if not isinstance(found, type) or "__call__" not in dir(found):
        raise _missing(str(saved["name"]), provider, f"{module} has no class {path}")
    return found


def _imported(name: str, provider: Provider) -> Any:
    load_plugins()
    if provider.module in sys.modules:
        return sys.modules[provider.module]
    try:
        return import_module(provider.module)
    except Exception as error:  # whatever another package's code does when it is imported
        raise _missing(name, provider, f"{type(error).__name__}: {error}") from error


def _missing(name: str, provider: Provider, why: str) -> ModelError:
    if provider.package:
        another = _made_with(provider)  # is installed, so that its name alone would bring nothing
        which = f"{provider.package}=={provider.version}" if another else provider.package
        todo = f"it comes with the package {provider}. {another}Install it: pip install {which}"
    elif provider.module == "__main__":
        todo = "it was defined in a script. Move it to a file of its own, and build the pipeline again"
    else:
        todo = (
            f"it comes from the file {provider.file}. Give that file: --plugin FILE, "
            "hybrid_ner.load_plugin(FILE), or the variable HYBRID_NER_PLUGINS"
        )
    return ModelError(f"this pipeline needs the labeling source {name!r}; {todo} ({why}).")


def code_of(source: LabelingSource) -> str:
    """Hash of the file that a source is written in and of its state: other code makes other labels."""
    function = source.function if isinstance(source, FunctionSource) else type(source)
    file = inspect.getsourcefile(function)
    digest = hashlib.sha256(Path(file).read_bytes() if file and Path(file).is_file() else b"")
    digest.update(json.dumps(source_state(source), sort_keys=True).encode())
    return digest.hexdigest()


def with_more_reads(source: LabelingSource, names: tuple[str, ...]) -> LabelingSource:
    """The source, reading the groups of these sources too, if it reads groups at all."""
    reads = getattr(source, "reads", None)
    if not names or not isinstance(reads, tuple) or not is_dataclass(source):
        return source
    changed: LabelingSource = replace(source, reads=(*names, *reads))  # type: ignore[arg-type]
    return changed
