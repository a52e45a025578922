"""``hybrid-ner new``: a project file for a folder of work."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from hybrid_ner.cli._options import Domain, Gazetteers

app = typer.Typer(add_completion=False)


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="Folder of the work; made if it is new.")] = Path("."),
    domain: Domain = "generic",
    gazetteer: Gazetteers = None,
    labels: Annotated[str, typer.Option(help="Labels in key order, with commas between.")] = "",
    rules: Annotated[list[Path] | None, typer.Option(help="File of rules; may be repeated.")] = None,
    corpus: Annotated[Path | None, typer.Option(help="The text to work on.")] = None,
    model: Annotated[Path, typer.Option(help="Folder for the model.")] = Path("model"),
) -> None:
    """Write hybrid-ner.toml: lists, labels and settings that every command and the page then start from."""
    from hybrid_ner.cli._inputs import names
    from hybrid_ner.errors import InputError
    from hybrid_ner.project_file import NAME, project_text, read_project_file
    from hybrid_ner.registry import DOMAINS
    from hybrid_ner.terms.shipped import find_pack
    from hybrid_ner.text import atomic_path

    DOMAINS.get(domain)
    file = folder / NAME
    if file.exists():
        raise InputError("there is a project file already.", path=file, hint="Edit it, or remove it first.")
    lists = [str(path) if find_pack(str(path)) else _from(folder, path) for path in gazetteer or ()]
    values = {
        "domain": domain,
        "labels": list(names(labels)),
        "lists": lists,
        "rules": [_from(folder, path) for path in rules or ()],
        "corpus": _from(folder, corpus) if corpus else "",
        "model": _from(folder, model) if model.is_absolute() else str(model),
    }
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_path(file) as temporary:
        temporary.write_text(project_text(values), encoding="utf-8")
    read_project_file(file)
    typer.echo(f"Wrote     {file}")
    missing = [name for name in ("lists", "corpus") if not values[name]]
    if missing and domain == "generic":
        typer.echo(f"Next      say there what is missing: {', '.join(missing)}")
    else:
        typer.echo("Next      hybrid-ner bootstrap, in that folder")


def _from(folder: Path, path: Path) -> str:
    """A path as the file in ``folder`` will name it."""
    return os.path.relpath(path, folder)
