"""The ``hybrid-ner`` command: one file per topic, imported only when it is asked for.

A noun is a function (``hybrid-ner bootstrap``) or a ``typer.Typer`` of several commands (``hybrid-ner
gazetteer stats``); heavy imports stay inside the command bodies, so that ``--help`` answers at once. To add a
noun, add one line to ``NOUNS``, and one to ``_FILES`` unless the function, or ``app`` of a group, stands in
the module of its name.
"""

from __future__ import annotations

import codecs
import inspect
import re
import signal
import sys
import warnings
from collections.abc import Iterable, Sequence
from contextlib import redirect_stdout
from difflib import get_close_matches
from functools import lru_cache, partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import typer
import typer.core

from hybrid_ner.errors import HybridNerError, InputError, missing_part, told

__all__ = ["NOUNS", "app", "examples", "main"]

NOUNS: dict[str, str] = {
    "demo": "Bootstrap a hybrid model from shipped term lists and sample texts, and score it.",
    "new": "Write hybrid-ner.toml: lists, labels and settings for a folder of work.",
    "bootstrap": "Label text by rules, train a student on it, fuse both, and score them if there is gold.",
    "label": "Label text by rules alone and write the aggregated weak labels with a manifest.",
    "train": "Train a spaCy recognizer on labeled documents, by a recipe.",
    "retrain": "Learn from what reviewers decided: new terms, votes to leave out, a better model and fusion.",
    "tune": "Search the settings of a recipe that are best on reviewed documents left out in turn.",
    "compare-recipes": "Compare recipes on reviewed documents: rules, each model alone and each hybrid.",
    "learning-curve": "Show what the model and the hybrid have after more and more reviewed documents.",
    "predict": "Find entities in documents with one of a pipeline's three systems.",
    "predict-files": "Find entities in every file of a folder; a file that is finished is not done again.",
    "evaluate": "Score predictions against gold: strict, partial, by label, seen and unseen, with intervals.",
    "sources": "Show what each labeling source covers, with whom it agrees, and how often it is right.",
    "transfer": "Score the rules that a domain ships on annotated sets, each tuned on or never read.",
    "package": "Make an installable wheel of a model, with a card of its scores, term lists and review.",
    "gazetteer": "Import, build, inspect and search term lists.",
    "rules": "Check files of your own rules; --rules FILE uses one.",
    "domains": "List the domains, and the sources, formats and commands that other packages bring.",
    "corpus": "Convert, clean, split, check and describe files of documents.",
    "words": "Word vectors and classes from raw text.",
    "review": "Review suggestions: in a terminal or in a browser.",
    "app": "Open the review page: correct suggestions, retrain, compare. Stop it with Ctrl-C.",
}
"""Modules of this package that are commands, in the order of the help page, and what it says of each: they
are imported when one is asked for."""

_GROUPS = ("gazetteer", "corpus", "review", "rules", "words")
_FILES = {
    **dict.fromkeys(("demo", "domains", "new"), "bootstrap"),
    **dict.fromkeys(("label", "sources"), "train"),
    **dict.fromkeys(("package", "predict-files"), "predict"),
    **dict.fromkeys(("tune", "compare-recipes", "learning-curve"), "retrain"),
    **{"app": "store:page", "review": "store", "rules": "bootstrap:rules_app", "transfer": "evaluate"},
    "words": "train:words_app",
}
"""Module, and name where it is another one, of nouns that do not stand in the module of their name."""


@lru_cache(maxsize=1)
def examples() -> dict[str, list[str]]:
    """Command → lines that people can copy, from ``examples.txt``; a test parses every one of them."""
    found: dict[str, list[str]] = {}
    for line in Path(__file__).with_name("examples.txt").read_text(encoding="utf-8").splitlines():
        _, noun, *rest = line.split()
        found.setdefault(f"{noun} {rest[0]}" if noun in _GROUPS else noun, []).append(line)
    return found


def _help(noun: str, command: Any, show: Any, context: Any, formatter: Any) -> None:
    """Help of a command; options that take a registered name say which there are."""
    for option in command.params:
        if names := _registered(f"{noun} {command.name}", option.opts):
            option.help = f"{option.help} {names}"
    show(context, formatter)


def _registered(command: str, option: Sequence[str]) -> str:
    """The names that an option of a command takes; no package is imported for them."""
    from hybrid_ner import registry

    noun = command.split()[0]
    if "--domain" in option:
        return f"Domains: {', '.join(registry.DOMAINS.names())}."
    if "--recipe" in option:
        return f"Registered: {', '.join(registry.LEARNERS.names())}."
    if "--source" in option and noun != "gazetteer" and (more := registry.SOURCES.names()):
        return f"Registered: {', '.join(more)}."
    if command == "review export" and "--format" in option and find_spec("sqlalchemy"):
        from hybrid_ner.review.store.gold import export_formats

        return f"Formats: {', '.join(export_formats())}."
    if (noun == "corpus" or command == "review import") and {"--from", "--to", "--format"} & {*option}:
        from hybrid_ner.corpus.formats import formats
        from hybrid_ner.corpus.formats.shared import read_only

        able = [
            name for name, each in formats().items() if "--to" not in option or each.write is not read_only
        ]
        return f"Formats: {', '.join(able)}."
    if noun == "gazetteer" and "--format" in option:
        from hybrid_ner.terms.readers import FORMATS

        return f"Formats: {', '.join((*FORMATS, *registry.READERS.beside(FORMATS)))}."
    return ""


class _Nouns(typer.core.TyperGroup):
    """Commands imported by name, and one line instead of a traceback for an expected error."""

    _listing = False

    def list_commands(self, ctx: Any) -> list[str]:
        return list(NOUNS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in NOUNS:
            return None
        if self._listing or (ctx.resilient_parsing and not ctx._protected_args):
            return typer.core.TyperCommand(cmd_name, help=NOUNS[cmd_name])
        module, _, name = _FILES.get(cmd_name, cmd_name).partition(":")
        name = name or ("app" if cmd_name in _GROUPS else cmd_name.replace("-", "_"))
        found = getattr(import_module(f"{__name__}.{module}"), name)
        command = typer.main.get_command(found) if isinstance(found, typer.Typer) else _command(found)
        command.name = cmd_name
        for each in (command, *getattr(command, "commands", {}).values()):
            each.help = _paragraphs(each.help)
            if not hasattr(each, "commands"):
                _refuse_empty_paths(each.params)
                each.params += _shared_options()
                each.parse_args = partial(_parse_once, each.parse_args, each.params)
                each.invoke = partial(_invoke, each.invoke)
                each.format_help = partial(_help, cmd_name, each, each.format_help)
                lines = examples().get(cmd_name if each is command else f"{cmd_name} {each.name}")
                # A paragraph each, as help joins lines of one.
                each.epilog = lines and "\n\n".join(["Examples:", *(f"  {line}" for line in lines)])
        return command

    def format_help(self, ctx: Any, formatter: Any) -> None:
        self._listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._listing = False

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        return _parse_once(super().parse_args, self.params, ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in NOUNS and not args[0].startswith("-") and not ctx.resilient_parsing:
            ctx.fail(f"No such command {args[0]!r}. {self._nearest(ctx, args[0])}")
        return super().resolve_command(ctx, args)

    def _nearest(self, ctx: Any, word: str) -> str:
        """What was meant: a command, or one that stands below another ("stats")."""
        near = get_close_matches(word.replace("_", "-"), list(NOUNS), 3, 0.6)
        for noun in _GROUPS:
            below = getattr(self.get_command(ctx, noun), "commands", {})
            near += [f"{noun} {name}" for name in get_close_matches(word, list(below), 1, 0.8)]
        return f"Did you mean {' or '.join(near)}?" if near else "hybrid-ner --help lists them."

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (HybridNerError, OSError, ModuleNotFoundError) as error:
            said = missing_part(error) if isinstance(error, ImportError) else error
            # Click itself ends quietly when the reader of a pipe goes away.
            if ctx.params.get("debug") or isinstance(error, BrokenPipeError) or said is None:
                raise
            typer.echo(f"error: {told(said)}", err=True)
            raise typer.Exit(2) from error
        except typer.BadParameter as error:
            missing = type(error).__name__ == "MissingParameter"  # which typer does not export
            if missing and error.param is not None and error.param.name in _IN_PROJECT_FILE:
                error.message = (
                    "Give it here, or once for a folder of work in hybrid-ner.toml (hybrid-ner new)."
                )
            raise
        except KeyboardInterrupt as error:
            typer.echo("stopped.", err=True)
            raise typer.Exit(128 + (error.args or (signal.SIGINT,))[0]) from error


_IN_PROJECT_FILE = ("corpus", "out", "model")
"""Needed options that a project file gives."""

app = typer.Typer(
    cls=_Nouns,
    name="hybrid-ner",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _load_plugins(context: typer.Context, files: list[Path] | None) -> list[Path]:
    from hybrid_ner.cli._options import PLUGINS
    from hybrid_ner.registry import load_plugins

    with redirect_stdout(sys.stderr):  # what it prints is neither an answer nor data
        load_plugins(files or ())
    before = PLUGINS.set(tuple(files or ()))
    context.call_on_close(lambda: PLUGINS.reset(before))
    return files or []


def _allow_remote(hosts: list[str] | None) -> list[str]:
    if hosts:  # or nothing of the web is imported
        from hybrid_ner.sources.models.endpoint import allow_remote

        allow_remote(hosts)
    return hosts or []


def _log(times: int) -> int:
    """Tell on standard error what is read, made and reused; twice: every detail."""
    if times:
        import logging

        level = logging.INFO if times == 1 else logging.DEBUG
        logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", datefmt="%H:%M:%S")
        logging.getLogger("hybrid_ner").setLevel(level)
    return times


def _everywhere(
    plugin: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            is_eager=True,
            callback=_load_plugins,
            help="Python file of your own that adds labeling sources, formats, …; may be repeated.",
        ),
    ] = None,
    allow_remote: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST",
            is_eager=True,
            callback=_allow_remote,
            help="Let a language model on this host be sent text; without it only this machine is asked.",
        ),
    ] = None,
    verbose: Annotated[
        int, typer.Option("--verbose", "-v", count=True, callback=_log, hidden=True)
    ] = 0,  # behind the command too, where people write it
) -> None:
    """Options that every command has: any may load a plug-in, or ask a language model."""


def _refuse_empty_paths(params: Iterable[Any]) -> None:
    """An empty path, as ``"$LIST"`` gives where LIST is not set, would be read as the current folder."""

    def checked(read: Any, param: Any, context: Any, value: Any) -> Any:
        if "" in (value if isinstance(value, list | tuple) else (value,)):
            hint = "Give a file or folder; a variable of the shell may not be set."
            raise InputError(f"{param.opts[0]}: the path is empty.", hint=hint)
        return read(context, value)

    for param in params:
        kind = (
            getattr(param, "type", None) or param.type_descriptor
        )  # of click, and of newer typers without it
        if "Path" in str(getattr(kind, "annotation", kind)):
            param.process_value = partial(checked, param.process_value, param)


def _parse_once(parse: Any, params: Sequence[Any], ctx: Any, args: list[str]) -> Any:
    """Parse a command line, unless an option of one value is given two: the first would be left out.

    Of ``--corpus a.jsonl --corpus b.jsonl`` one file would not be read, and nobody told.
    """
    options = [each for each in params if each.param_type_name == "option"]
    named = {name: each for each in options for name in (*each.opts, *each.secondary_opts)}
    given = dict[Any, str]()
    rest = iter([] if ctx.resilient_parsing else args)
    for word in rest:
        name, sign, value = word.partition("=")
        if word == "--" or (name not in named and ctx.command is ctx.find_root().command):
            break  # what follows is no option, or those of a command
        if (option := named.get(name)) is None:
            continue
        said = name if option.is_flag or option.count else value if sign else next(rest, "")
        if option.multiple or option.count:
            continue
        if (before := given.setdefault(option, said)) != said:
            both = f"{before} and {said}" if option.is_flag else f"{name}: {before!r} and {said!r}"
            ctx.fail(
                f"{both} are given, where one is taken: leave one out. Options that take several say so."
            )
    return parse(ctx, args)


def _command(function: Any) -> Any:
    """A function as a command; one that asks for the context takes settings of a recipe as options too."""
    more = "context" in inspect.signature(function).parameters
    settings = {"allow_extra_args": more, "ignore_unknown_options": more}
    holder = typer.Typer(add_completion=False)
    holder.command(context_settings=settings)(function)
    return typer.main.get_command(holder)


def _shared_options() -> list[Any]:
    """They are in no command's signature: their callbacks do what they are for."""
    options: list[Any] = _command(_everywhere).params
    for each in options:
        each.expose_value = False
    return options


def _invoke(run: Any, ctx: Any) -> Any:
    """Run a command, unless it would write over a file that it is given to read.

    What a command that was killed has left in the temporary folder goes first.
    """
    from hybrid_ner.cli._inputs import apart, writes_data
    from hybrid_ner.text import remove_left

    remove_left()
    apart(ctx.params)
    if not writes_data(ctx.params):
        return run(ctx)
    from hybrid_ner.io import stdout_for_data

    with stdout_for_data():
        return run(ctx)


def _version(wanted: bool) -> None:
    if wanted:
        from hybrid_ner import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _root(
    ctx: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    limit: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=NUMBER",
            help="Bound of what is read: unpacked=64G (bytes a file may unpack to), ratio=200 (times its "
            "packed size), line=64M, whole=2G (files held whole), depth=200 (of XML); may be repeated.",
        ),
    ] = None,
    verbose: Annotated[
        int,
        typer.Option(
            "--verbose",
            "-v",
            count=True,
            callback=_log,
            is_eager=True,
            help="Tell on standard error what is read, made and reused; -vv: every detail.",
        ),
    ] = 0,
    config: Annotated[
        Path | None,
        typer.Option(help="Project file; by default the nearest hybrid-ner.toml, in this folder or above."),
    ] = None,
    no_config: Annotated[bool, typer.Option("--no-config", help="Read no project file.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Term lists and raw text in, a reviewed hybrid entity recognizer out."""
    if not ctx.resilient_parsing:
        _take_project_file(ctx, config, no_config)
    if limit:
        from hybrid_ner.bounds import limited, parse_limits

        ctx.with_resource(limited(**parse_limits(limit)))


def _take_project_file(ctx: typer.Context, config: Path | None, no_config: bool) -> None:
    """Let the project file say what the command line does not."""
    import os

    from hybrid_ner.project_file import VARIABLE, find_project_file

    path = None if no_config else (config or find_project_file(Path.cwd()))
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(path.absolute()) if path else ""
    ctx.call_on_close(lambda: os.environ.update({VARIABLE: before}) if before else os.environ.pop(VARIABLE))
    if path is not None and ctx.invoked_subcommand:
        from hybrid_ner.cli._inputs import defaults

        command = ctx.command.get_command(ctx, ctx.invoked_subcommand)  # type: ignore[attr-defined]
        ctx.default_map = {ctx.invoked_subcommand: defaults(ctx.invoked_subcommand, command, path)}


def _paragraphs(text: str | None) -> str | None:
    """A docstring without the line breaks of its source, which a terminal would keep."""
    return text and re.sub(r"(?<!\n)\n[ \t]*(?!\n)", " ", inspect.cleandoc(text))


def main() -> None:
    """Entry point of the ``hybrid-ner`` script."""
    _replace_closed_streams()
    for number in (signal.SIGTERM, signal.SIGHUP):  # `kill`, a limit of time, a service; a closed terminal
        if signal.getsignal(number) == signal.SIG_DFL:  # of nohup it is not
            signal.signal(number, _stop)
    warnings.showwarning = _show_warning
    if "spacy" not in sys.modules:
        sys.modules.setdefault(_SPACYS, _LateCommands(_SPACYS))
    app(prog_name="hybrid-ner")


def _stop(number: int, _: object) -> None:
    """End as by Ctrl-C, so that what is half made, and text in temporary files, is removed."""
    raise KeyboardInterrupt(number)


def _replace_closed_streams() -> None:
    """Closed input is empty, what is said to a closed stream is not heard; no file is given its number."""
    import os

    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            file = os.open(os.devnull, os.O_RDWR)
            if number != 1:  # what writes documents to standard output has to know
                setattr(sys, name, open(file, "w" if number else "r", encoding="utf-8"))  # noqa: SIM115
        elif number and hasattr(stream := getattr(sys, name), "reconfigure"):
            # A sign that the encoding of the terminal lacks is no reason to end. In the locale C Python lets
            # bytes of names that are no UTF-8 through, but no other sign.
            ascii_alone = codecs.lookup(stream.encoding).name == "ascii"
            if stream.errors == "strict" or ascii_alone:
                stream.reconfigure(errors="backslashreplace")


_SPACYS = "spacy.cli.info"
"""All that ``import spacy`` asks its own command line for, which takes a third of that import."""


class _LateCommands(ModuleType):
    """Stands in for that module until spaCy has taken ``info``: the command line is imported when used."""

    def __getattr__(self, name: str) -> Any:
        if name != "info":
            raise AttributeError(name)
        sys.modules.pop(_SPACYS, None)
        sys.modules["spacy"].__dict__["__getattr__"] = _of_spacy
        return lambda *args, **kwargs: import_module(_SPACYS).info(*args, **kwargs)


def _of_spacy(name: str) -> Any:
    if name != "cli":
        raise AttributeError(f"module 'spacy' has no attribute {name!r}")
    return import_module("spacy.cli")


def _show_warning(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    """One line, without the line of code that a Python programmer would be shown."""
    typer.echo(f"warning: {' '.join(str(message).split())}", err=True)
