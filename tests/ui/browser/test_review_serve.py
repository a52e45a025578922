"""``hybrid-ner review serve STORE``: the page on a store that the command line made."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hybrid_ner.corpus import Document
from hybrid_ner.review import ReviewSession, ReviewStore
from hybrid_ner.ui.workspace import Workspace
from tests.review.helpers import make_project, suggest
from tests.ui.browser.conftest import Open, free_port, say, stop, until_healthy


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Address of the page, and the store; the project opened is not the newest one."""
    path = tmp_path / "notes.sqlite3"
    text = "Pt denies chest pain."
    with ReviewStore.open(path) as store:
        make_project(store, [(text, [suggest(text, "chest pain", "PROBLEM")])], name="ward one")
        other = store.create_project("other", ("X",))
        other.add_documents([Document("elsewhere", "Nothing here.")])
    port = free_port()
    run = "from hybrid_ner.cli import main; main()"
    command = [sys.executable, "-c", run, "review", "serve", str(path), "-p", "ward one", "--port", str(port)]
    log = tmp_path / "server.log"
    with log.open("wb") as out:
        server = subprocess.Popen(command, cwd=tmp_path, stdout=out, stderr=out)
    try:
        until_healthy(f"http://127.0.0.1:{port}", server, log)
        yield f"http://127.0.0.1:{port}/?reviewer=ana", path
    finally:
        stop(server)


@pytest.mark.slow
def test_the_page_opens_the_named_project_and_decides_in_that_store(
    served: tuple[str, Path], open_page: Open
) -> None:
    address, path = served
    page = open_page(address)
    page.get_by_text("Pt denies").first.wait_for()
    say(page, "ok 1")
    with ReviewStore.open(path, create=False) as store:
        view = ReviewSession(store, "ward one", "ana").view()
        assert view is not None
        assert [span.status for span in view.spans] == ["accepted"]
        assert Workspace.at(path.parent, str(path)).setup(store.project("ward one")).domain == "medical"
