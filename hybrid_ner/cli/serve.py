"""``hybrid-ner app``: the review page in the browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from hybrid_ner.ui.workspace import Workspace

__all__ = ["app", "open_page"]

app = typer.Typer(add_completion=False)

LOOPBACK = ("127.0.0.1", "localhost", "::1")


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
) -> None:
    """Open the review page: correct suggestions, retrain, compare. Stop it with Ctrl-C."""
    from hybrid_ner.ui.workspace import Workspace

    open_page(Workspace.at(workspace, store), port, host)


def open_page(place: Workspace, port: int, host: str = LOOPBACK[0], project: str = "") -> NoReturn:
    """Become the server of the page.

    Args:
        place: The workspace.
        port: Port of the page.
        host: Address to listen on.
        project: The project to open first.
    """
    import os
    import sys

    from hybrid_ner.resources import shipped
    from hybrid_ner.ui.security import server_options
    from hybrid_ner.ui.workspace import PROJECT_VARIABLE, STORE_VARIABLE, WORKSPACE_VARIABLE

    environment = {**os.environ, WORKSPACE_VARIABLE: str(place.folder), STORE_VARIABLE: place.store}
    environment[PROJECT_VARIABLE] = project
    typer.echo(f"Projects: {place.folder}")
    typer.echo(f"Page:     http://{host}:{port}")
    if host not in LOOPBACK:
        typer.echo(
            "Other machines can reach this page. Put it behind HTTPS and configure sign-in ([auth] in "
            ".streamlit/secrets.toml), or reviewers are known by typed names alone.",
            err=True,
        )
    options = [part for name, value in server_options(port, host).items() for part in (f"--{name}", value)]
    command = [sys.executable, "-m", "streamlit", "run", str(shipped("app.py")), *options]
    sys.stdout.flush()
    os.execve(sys.executable, command, environment)
