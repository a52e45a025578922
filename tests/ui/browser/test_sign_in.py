"""Sign-in with a provider: who signed in is who decided, whatever the address says."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from hybrid_ner.review import ReviewStore
from hybrid_ner.review.store.reviewers import give_role
from hybrid_ner.ui.workspace import Workspace
from tests.ui.browser.conftest import REPOSITORY, Open, Server, free_port, serve, settled, sync_api

pytest.importorskip("authlib", reason="the extra `auth` is not installed")
provider_module = pytest.importorskip("tests.ui.browser.provider")

SECRETS = """[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "kept by this test alone"
client_id = "{client}"
client_secret = "known to both"
server_metadata_url = "{provider}/.well-known/openid-configuration"
"""

MARIA = "maria@ward.test"
UNSENT = '[{"client":"c","sequence":1,"project":"elsewhere"}]'
"""An edit that waits in a tab: of who made it, not of who signs in there next."""


@pytest.mark.slow
def test_decisions_carry_who_signed_in(open_page: Open, tmp_path: Path) -> None:
    place, port = Workspace.at(tmp_path / "workspace"), free_port()
    place.folder.mkdir()
    (tmp_path / ".streamlit").mkdir()
    with (
        provider_module.running_provider() as provider,
        ReviewStore.open(place.store) as store,
        ExitStack() as stopped,
    ):
        written = SECRETS.format(port=port, client=provider_module.CLIENT, provider=provider.url)
        (tmp_path / ".streamlit" / "secrets.toml").write_text(written, encoding="utf-8")
        provider.claims = {"sub": "u1", "email": MARIA, "email_verified": True}
        running = stopped.enter_context(closing(serve(REPOSITORY / "app.py", tmp_path, place.folder, port)))
        server = Server(next(running), place, store)
        project = server.project()
        page = open_page(server.address(project=project, doc="note-2", reviewer="ana"))
        page.get_by_text("Please sign in to review").wait_for()
        sync_api.expect(page.locator(".annotator")).to_have_count(0)
        page.wait_for_function("sessionStorage.getItem('hybrid-ner-wanted')")
        page.get_by_role("button", name="Sign in").click()
        page.locator(".annotator[data-document]").wait_for()
        page.wait_for_url("**doc=note-2**")  # the address that was opened first
        page.locator(".annotator[data-document='note-2']").wait_for()
        settled(page)
        page.keyboard.press("a")
        settled(page)
        imported, row = server.session(project, MARIA).log()
        assert (imported.line, row.reviewer) == ("import", MARIA)
        assert server.session(project, "ana").history() == []
        page.locator(".st-key-masthead button").click()
        page.get_by_text("Signed in as maria@ward.test").wait_for()
        page.get_by_text("You are reviewer in this project.").wait_for()
        sync_api.expect(page.get_by_label("Your name")).to_have_count(0)
        page.keyboard.press("Escape")
        page.get_by_role("link", name="Models").click()
        page.get_by_role("button", name="Retrain").click()
        page.get_by_text("only a lead or owner of this project may use").wait_for()
        assert not server.setup(project).job.exists()
        give_role(store.project(project), MARIA, "owner", "admin")
        page.reload()
        page.locator(".st-key-masthead button").click()
        page.get_by_label("Give a role to").fill("rea@ward.test")
        page.get_by_role("button", name="Give it").click()
        page.get_by_text("rea@ward.test: reviewer").wait_for()
        _signs_out(page, server.address(project=project))
        provider.refuses = True
        page.wait_for_function("sessionStorage.getItem('hybrid-ner-who') === ''")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_text("You were not signed in").wait_for()


def _signs_out(page: sync_api.Page, address: str) -> None:
    """The other tabs of the browser follow: one that stays open would go on under her name."""
    other = page.context.new_page()
    other.goto(address)
    other.locator(".annotator[data-document]").wait_for()
    shelf = "hybrid-ner-unsaved-cards"
    other.evaluate("([name, kept]) => sessionStorage.setItem(name, kept)", [shelf, UNSENT])
    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("Please sign in to review").wait_for()
    other.get_by_text("Please sign in to review").wait_for()
    names = (shelf, f"{shelf} of {MARIA}")
    kept = [other.evaluate("name => sessionStorage.getItem(name)", name) for name in names]
    assert kept == [None, UNSENT]
