"""``hybrid-ner app``: the review page in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from hybrid_ner.ui.workspace import Workspace

app = typer.Typer(add_completion=False)


@app.command("app")
def serve(
    workspace: Annotated[Path, typer.Option(help="Folder of the projects; made at the first start.")] = Path(
        "workspace"
    ),
    store: Annotated[
        str, typer.Option(help="Review store: a file or a postgresql:// URL; by default in the workspace.")
    ] = "",
    port: Annotated[int, typer.Option(help="Port of the page.")] = 8501,
    host: Annotated[
        str, typer.Option(help="Address to listen on; only this machine by default.")
    ] = "127.0.0.1",
    proxy_name: Annotated[
        list[str] | None,
        typer.Option(help="Name under which a proxy on this machine serves the page; may be repeated."),
    ] = None,
    trainings: Annotated[
        int, typer.Option(min=1, max=99, help="Trainings that run at a time; further ones wait in a queue.")
    ] = 1,
) -> None:
    """Open the review page: correct suggestions, retrain, compare. Stop it with Ctrl-C."""
    from hybrid_ner.errors import need

    need("streamlit", "altair")  # the page is a process of its own, and would end without a word
    from hybrid_ner.ui.workspace import Workspace

    open_page(Workspace.at(workspace, store), port, host, names=proxy_name or (), trainings=trainings)


def open_page(
    place: Workspace,
    port: int,
    host: str = "127.0.0.1",
    project: str = "",
    names: Sequence[str] = (),
    trainings: int = 1,
) -> NoReturn:
    """Become the server of the page.

    Args:
        place: The workspace.
        port: Port of the page.
        host: Address to listen on.
        project: The project to open first.
        names: Names under which a proxy on this machine serves the page.
        trainings: How many may run at a time.

    Raises:
        InputError: The workspace cannot be written to.
    """
    import os
    import sys

    from hybrid_ner.io import shipped
    from hybrid_ner.training.jobs import PLACES_VARIABLE
    from hybrid_ner.ui.security import LOOPBACK, server_flags
    from hybrid_ner.ui.workspace import PROJECT_VARIABLE, STORE_VARIABLE, WORKSPACE_VARIABLE

    flags = server_flags(port, host, names)
    place.prepare()
    environment = {**os.environ, WORKSPACE_VARIABLE: str(place.folder), STORE_VARIABLE: place.store}
    environment |= {PROJECT_VARIABLE: project, PLACES_VARIABLE: str(trainings)}
    typer.echo(f"Projects: {place.folder}")
    typer.echo(f"Page:     http://{host}:{port}")
    if host not in LOOPBACK:
        typer.echo(
            "Other machines can reach this page. Put it behind HTTPS and configure sign-in ([auth] in "
            ".streamlit/secrets.toml), or reviewers are known by typed names alone.",
            err=True,
        )
    command = [sys.executable, "-m", "streamlit", "run", str(shipped("app.py")), *flags]
    sys.stdout.flush()
    os.execve(sys.executable, command, environment)
