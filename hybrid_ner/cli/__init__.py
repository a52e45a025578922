"""The ``hybrid-ner`` command: one file per noun, imported only when it is asked for.

A noun file holds ``app = typer.Typer(add_completion=False, …)``; heavy imports stay inside its command
bodies, so that ``--help`` answers at once. To add a noun, add its file and one line to ``NOUNS``. With one
command and no callback the noun is that command (``hybrid-ner bootstrap``), else a group
(``hybrid-ner gazetteer stats``).
"""

from __future__ import annotations

import errno
import inspect
import re
import warnings
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core

from hybrid_ner.errors import HybridNerError

__all__ = ["NOUNS", "app", "main"]

NOUNS: tuple[str, ...] = (
    "demo",
    "bootstrap",
    "label",
    "train",
    "retrain",
    "tune",
    "compare-recipes",
    "learning-curve",
    "predict",
    "predict-files",
    "evaluate",
    "gazetteer",
    "rules",
    "domains",
    "corpus",
    "words",
    "review",
    "app",
)
"""Modules of this package that are commands, in the order of the help page."""

_FILES = {"app": "serve"}
"""Where the module has another name than the command: ``app`` is the root command below."""


class _Nouns(typer.core.TyperGroup):
    """Commands imported by name, and one line instead of a traceback for an expected error."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(NOUNS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in NOUNS:
            return None
        module = _FILES.get(cmd_name, cmd_name.replace("-", "_"))
        command = typer.main.get_command(import_module(f"{__name__}.{module}").app)
        command.name = cmd_name
        for each in (command, *getattr(command, "commands", {}).values()):
            each.help = _paragraphs(each.help)
            if not hasattr(each, "commands"):
                each.params.append(_plugin_option())
        return command

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (HybridNerError, OSError) as error:
            # Click itself ends quietly when the reader of a pipe goes away.
            if ctx.params.get("debug") or isinstance(error, BrokenPipeError):
                raise
            typer.echo(f"error: {_one_line(error)}", err=True)
            raise typer.Exit(2) from error
        except KeyboardInterrupt as error:
            typer.echo("stopped.", err=True)
            raise typer.Exit(130) from error


app = typer.Typer(
    cls=_Nouns,
    name="hybrid-ner",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _load_plugins(files: list[Path] | None) -> list[Path]:
    from hybrid_ner.cli._options import PLUGINS
    from hybrid_ner.registry import load_plugins

    load_plugins(files or ())
    PLUGINS.set(tuple(files or ()))
    return files or []


def _plugin_option() -> Any:
    """``--plugin``, which every command has: what it loads may be asked for anywhere."""
    holder = typer.Typer()

    @holder.command()
    def command(
        plugin: Annotated[
            list[Path] | None,
            typer.Option(
                metavar="FILE",
                is_eager=True,
                callback=_load_plugins,
                help="Python file of your own that adds labeling sources, formats, …; may be repeated.",
            ),
        ] = None,
    ) -> None: ...

    option = next(each for each in typer.main.get_command(holder).params if each.name == "plugin")
    option.expose_value = False
    return option


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
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Term lists and raw text in, a reviewed hybrid entity recognizer out."""
    if limit:
        from hybrid_ner.bounds import limited, parse_limits

        ctx.with_resource(limited(**parse_limits(limit)))


def _paragraphs(text: str | None) -> str | None:
    """A docstring without the line breaks of its source, which a terminal would keep."""
    return text and re.sub(r"(?<!\n)\n[ \t]*(?!\n)", " ", inspect.cleandoc(text))


def main() -> None:
    """Entry point of the ``hybrid-ner`` script."""
    warnings.showwarning = _show_warning
    app()


_HINTS = {
    errno.ENOSPC: "Free some space, or choose another place; what was finished before is kept.",
    errno.EDQUOT: "Free some space, or choose another place; what was finished before is kept.",
    errno.EFBIG: "Raise the limit for the size of a file (ulimit -f), or choose another place.",
    errno.EACCES: "Ask for the right to it, or choose another path.",
    errno.EROFS: "Choose a path that can be written to.",
    errno.ENOTDIR: "Choose another path.",
    errno.EISDIR: "Give a file, not a folder.",
}
"""The next step after what the operating system refused."""


def _one_line(error: HybridNerError | OSError) -> str:
    if isinstance(error, OSError) and not isinstance(error, HybridNerError):
        where = "" if error.filename is None else f"{error.filename}: "
        return f"{where}{error.strerror or error}. {_HINTS.get(error.errno or 0, '')}".rstrip()
    return " ".join(str(error).split())


def _show_warning(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    """One line, without the line of code that a Python programmer would be shown."""
    typer.echo(f"warning: {' '.join(str(message).split())}", err=True)
