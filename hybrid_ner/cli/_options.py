"""Options that several commands share, described in one way, and what they print alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from difflib import get_close_matches
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, get_type_hints

import typer

from hybrid_ner.text import quantity

# What several commands print alike: progress bars, counts, the next command.


@contextmanager
def bars(quiet: bool) -> Iterator[Callable[[str, float, str], None]]:
    """Progress bars on standard error, one a step, which appears with its first report; or silence."""
    if quiet:
        yield lambda step, share, line: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description:>9}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[line]}"),
    )
    tasks: dict[str, Any] = {}

    def finish() -> None:
        for task in tasks.values():
            progress.update(task, total=1.0, completed=1.0)

    def report(step: str, share: float, line: str) -> None:
        if step not in tasks:
            finish()
            tasks[step] = progress.add_task(step, total=1.0, line=line)
        progress.update(tasks[step], completed=share, total=1.0 if share > 0 else None, line=line)

    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield report
        finish()


def trust_lines(sentences: Sequence[str]) -> Iterator[str]:
    """What models among the sources have earned, and how those that are only shown come to count."""
    yield from (f"Source    {each}" for each in sentences)
    if any(": only shown" in each for each in sentences):
        yield "          what is only shown counts once it is reviewed, or with counts: true in its settings"


def model_lines(did: Mapping[str, Mapping[str, Any]], listed: str) -> Iterator[str]:
    """What each model among the sources did.

    Args:
        did: Source → its report as plain values.
        listed: Where unusable and missing answers are listed.
    """
    from hybrid_ner.sources.models.endpoint import ModelReport

    for name, found in did.items():
        report = ModelReport()
        report.add(found)
        yield f"Asked     {report.line(name)}"
        if report.unanswered or report.problems:
            again = "; the next run asks again for what is missing" if report.unanswered else ""
            yield f"          listed in {listed}{again}"


def unfit_lines(lost: Mapping[str, Any], listed: str) -> Iterator[str]:
    """That matches fit no tokens, if any do.

    Args:
        lost: What ``Unfit.as_dict`` gave.
        listed: Where they can be seen.
    """
    if count := lost["misaligned_count"]:
        first = ", the first 1,000 of each source" if count > len(lost["misaligned"]) else ""
        yield f"{quantity(count, 'match fits', 'matches fit')} no tokens; {listed}{first}"


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    from hybrid_ner.io import standard_output

    typer.echo(json.dumps(value, ensure_ascii=False, indent=1), file=standard_output())


def say(as_json: bool, row: Any, *lines: str) -> None:
    """The outcome for scripts, or for people."""
    if as_json:
        print_json(row)
    else:
        typer.echo("\n".join(lines))


PLUGINS: ContextVar[tuple[Path, ...]] = ContextVar("plugins", default=())
"""Files that the running command was given with ``--plugin``, which it has anyway."""


def _domains(incomplete: str) -> list[str]:
    """Names for the shell to complete."""
    from hybrid_ner.registry import DOMAINS

    return [name for name in DOMAINS.names() if name.startswith(incomplete)]


Domain = Annotated[
    str,
    typer.Option(
        autocompletion=_domains,
        help="Whose rules and lists to use; generic has yours alone (`hybrid-ner domains`).",
    ),
]
Gazetteers = Annotated[
    list[Path] | None,
    typer.Option("--gazetteer", help="Term list in any known format, or a shipped pack; may be repeated."),
]
Label = Annotated[str, typer.Option(help="Label of every row of the given term lists.")]
Shipped = Annotated[bool, typer.Option(help="Use the domain's shipped term lists too.")]
Unlabeled = Annotated[list[Path] | None, typer.Option(help="More text of the same kind; may be repeated.")]


def _skip_bad(context: typer.Context, value: bool) -> bool:
    """What is told of unreadable documents is told until the command ends."""
    if value:
        from hybrid_ner.io import UNREADABLE

        token = UNREADABLE.set(None)
        context.call_on_close(lambda: UNREADABLE.reset(token))
    return value


SkipBad = Annotated[
    bool,
    typer.Option(
        "--skip-bad",
        callback=_skip_bad,
        help="Leave out unusable rows and documents, and list them, instead of stopping.",
    ),
]
Switch = Annotated[list[str] | None, typer.Option(help="Turn on a domain switch, for example genetics.")]
Disable = Annotated[list[str] | None, typer.Option(help="Leave out a labeling source by name.")]
Recipe = Annotated[
    str, typer.Option(help="Training recipe: cnn, crf, trf, another that is registered or a .cfg file.")
]
Encoder = Annotated[
    str,
    typer.Option(
        help="Encoder of the recipe: a local folder, or for trf a name on the Hugging Face hub; for crf a "
        "folder with ONNX or Hugging Face weights, whose states become features."
    ),
]
TrainTokens = Annotated[int, typer.Option(min=1, help="Tokens of weakly labeled text to train on.")]
MinScore = Annotated[
    float | None,
    typer.Option(
        min=0.0, max=1.0, help="Least probability of an added model span; by default chosen on held-out text."
    ),
]
Expand = Annotated[
    bool | None,
    typer.Option(
        "--expand/--no-expand",
        help="Learn words your lists lack from the text; by default where lists are small.",
    ),
]
FuzzyModes = Annotated[
    list[str] | None,
    typer.Option(
        "--fuzzy",
        help="Near matches of terms (one or two typing errors): off, suggest (for review), label; or for one "
        "label, as Disease=label; may be repeated.",
    ),
]
FuzzyThreshold = Annotated[
    float,
    typer.Option(min=0.0, max=1.0, help="Least score of a near match: 0.9 is one edit in ten characters."),
]
Variants = Annotated[
    bool,
    typer.Option(
        "--variants/--no-variants",
        help="Find your terms in other forms too: plural, hyphens, British and American spelling.",
    ),
]
Ids = Annotated[
    str,
    typer.Option(
        help="Vocabulary of the concept ids: mesh, omim, doid, mondo, drugbank, chebi or icd10cm; several by "
        "commas, each where those before have none; lists for the ids that term lists give."
    ),
]
Source = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        help="Labeling source beside the domain's: a name, a model (spacy:en_core_web_sm, "
        "transformers:FOLDER, gliner:FOLDER, llm:ADDRESS, predictions:FILE) or a YAML file of models with "
        "settings; may be repeated. Default: those of --plugin.",
    ),
]
Rules = Annotated[
    list[Path] | None,
    typer.Option("--rules", help="File of rules (YAML or TSV; see `hybrid-ner rules`); may be repeated."),
]
Words = Annotated[
    str,
    typer.Option(
        help="Word vectors to learn with: auto (the shipped ones that fit), medical, legal, none, or a file."
    ),
]
Reviewed = Annotated[
    list[Path], typer.Option(help="Completely reviewed documents in any corpus format; may be repeated.")
]
Overlay = Annotated[
    Path | None, typer.Option(help="Edits of the term lists, as `hybrid-ner review overlay` writes them.")
]
Shard = Annotated[str, typer.Option(help="Only part I of N, as I/N, counted from 0: one process each.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress bars.")]


def with_encoder(encoder: str, overrides: Iterable[str]) -> tuple[str, ...]:
    """Settings of a recipe as options, with ``--encoder`` as the one it stands for."""
    return (*((f"--paths.encoder={json.dumps(encoder)}",) if encoder else ()), *overrides)


def settings_in(context: typer.Context) -> list[str]:
    """What a command was given beside its options: settings of a recipe.

    Raises:
        typer.BadParameter: One of them is an option of the command that is misspelled.
    """
    known = [name for each in context.command.params for name in each.opts if name.startswith("--")]
    for name in (each.partition("=")[0] for each in context.args):
        if name.startswith("--") and "." not in name and (near := get_close_matches(name, known, 2, 0.7)):
            raise typer.BadParameter(f"No such option: {name}. Did you mean {' or '.join(near)}?")
    return list(context.args)


def plugin_paths() -> tuple[str, ...]:
    """The ``--plugin`` files, for a project that is to load them by itself."""
    return tuple(str(path.absolute()) for path in PLUGINS.get())


def own_sources(given: Iterable[str] | None) -> tuple[str, ...]:
    """Names of the user's labeling sources: the given ones, else all of the ``--plugin`` files.

    Raises:
        InputError: There is no such source.
    """
    from hybrid_ner.sources.functions import as_sources, sources_of

    names = tuple(given or (name for path in PLUGINS.get() for name in sources_of(path)))
    for name in names:
        as_sources(name)
    return names


_KEPT: ContextVar[Mapping[str, str]] = ContextVar("options of reading", default=MappingProxyType({}))
"""Options that hold for every file of their kind in one command."""


@contextmanager
def _held(name: str, value: str) -> Iterator[None]:
    token = _KEPT.set({**_KEPT.get(), name: value})
    try:
        yield
    finally:
        _KEPT.reset(token)


def _keep(context: typer.Context, parameter: typer.CallbackParam, value: str) -> str:
    """Hold an option until the command ends."""
    if value:
        context.with_resource(_held(str(parameter.name), value))
    return value


TextColumn = Annotated[
    str,
    typer.Option(
        metavar="NAME", callback=_keep, help="Column or key of the text in a table, JSON or Parquet."
    ),
]
Columns = Annotated[
    str,
    typer.Option(
        metavar="ROLE=NAME,…",
        callback=_keep,
        help="Columns of term lists that are tables, by name or number: term=NAME,label=TYPE,synonyms=3.",
    ),
]


def kept(name: str) -> str:
    """What ``--columns`` or ``--text-column`` says; empty without it."""
    return _KEPT.get().get(name, "")


# Options that say the same in many commands are declared once, by a function that makes fields of a request
# of them; ``asks`` gives them to a command.

Asked = dict[str, Any]
"""Fields of a request; the parameter of a command that has this type is given what its options make."""


def which_rules(
    domain: Domain = "generic",
    gazetteer: Gazetteers = None,
    label: Label = "",
    columns: Columns = "",
    text_column: TextColumn = "",
    shipped: Shipped = True,
    skip_bad: SkipBad = False,
    switch: Switch = None,
    disable: Disable = None,
    source: Source = None,
    rules: Rules = None,
    fuzzy: FuzzyModes = None,
    fuzzy_threshold: FuzzyThreshold = 0.0,
    variants: Variants = True,
) -> Asked:
    """Which terms and which rules; the columns are held until the command ends."""
    from hybrid_ner.domains.registry import DomainSettings
    from hybrid_ner.matching.match import Fuzzy

    near = Fuzzy.parse(fuzzy or (), fuzzy_threshold)
    return {
        "domain": domain,
        "gazetteers": tuple(gazetteer or ()),
        "label": label,
        "shipped": shipped,
        "skip_bad": skip_bad,
        "how": DomainSettings(tuple(disable or ()), tuple(switch or ()), fuzzy=near, variants=variants),
        "sources": own_sources(source),
        "rules": tuple(rules or ()),
    }


def which_student(
    unlabeled: Unlabeled = None,
    train_tokens: TrainTokens = 600_000,
    min_score: MinScore = None,
    expand: Expand = None,
    words: Words = "auto",
    ids: Ids = "",
) -> Asked:
    """What a student is trained on, and what of its answer counts."""
    learned = {"train_tokens": train_tokens, "min_score": min_score, "expand": expand, "words": words}
    return {"unlabeled": tuple(unlabeled or ()), "ids": ids, **learned}


def asks(*shared: Callable[..., Asked]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of ``shared`` where its parameter ``asked`` stands."""

    def given_to(command: Callable[..., None]) -> Callable[..., None]:
        options = {each: _parameters(each) for each in shared}

        @wraps(command)
        def run(**values: Any) -> None:
            asked: Asked = {}
            for each, parameters in options.items():
                asked |= each(**{p.name: values.pop(p.name) for p in parameters})
            command(**values, asked=asked)

        parameters: list[Parameter] = []
        for own in _parameters(command):
            parameters += [p for each in options.values() for p in each] if own.name == "asked" else [own]
        run.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {each.name: each.annotation for each in parameters}
        return run

    return given_to


def _parameters(function: Callable[..., Any]) -> list[Parameter]:
    hints = get_type_hints(function, include_extras=True)
    found = signature(function).parameters.values()
    return [each.replace(kind=Parameter.KEYWORD_ONLY, annotation=hints[each.name]) for each in found]
