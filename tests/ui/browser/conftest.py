"""One server and one browser for all tests; a test fails when a page asks anybody but that server."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit
from weakref import WeakKeyDictionary

import pytest

from hybrid_ner.review import ReviewSession, ReviewStore
from hybrid_ner.review.rounds import ModelSetup
from hybrid_ner.ui.creating import create_project
from hybrid_ner.ui.security import server_flags
from hybrid_ner.ui.workspace import Workspace
from tests.review.server import free_port
from tests.ui.conftest import quiet, wish

sync_api = pytest.importorskip("playwright.sync_api")

REQUIRED = "HYBRID_NER_REQUIRE_SERVICES"
REPOSITORY = Path(__file__).resolve().parents[3]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT = 60_000
"""Milliseconds that a page may take on a busy machine."""
LONG = 5 * WAIT
"""Milliseconds that training, or a project of the shipped lists, may take there."""
sync_api.expect.set_options(timeout=WAIT)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser."""
    for item in items:
        if "tests/ui/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)


def chromium() -> str:
    """Path of a Chromium; without one the test is skipped, or fails where services are required."""
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))),
        "",
    )
    if not found:
        why = "no Chromium is installed (Debian: apt-get install chromium)"
        pytest.fail(f"{why} ({REQUIRED}=1)") if os.environ.get(REQUIRED) == "1" else pytest.skip(why)
    return found


@dataclass
class Server:
    """A running page and what it keeps."""

    url: str
    place: Workspace
    store: ReviewStore
    made: list[str] = field(default_factory=list)

    def project(self, **texts: str) -> str:
        """A project of its own for a test."""
        name = f"p{len(self.made)}"
        self.made.append(name)
        create_project(self.store, self.place, wish(name, **texts), quiet)
        return name

    def session(self, project: str, reviewer: str = "ana") -> ReviewSession:
        """The same project, seen by a program."""
        return ReviewSession(self.store, project, reviewer)

    def setup(self, project: str) -> ModelSetup:
        """Settings of its models."""
        return self.place.setup(self.store.project(project))

    def address(self, page: str = "", **query: str) -> str:
        """Address of a page."""
        return f"{self.url}/{page}?{urlencode({'reviewer': 'ana', **query})}"


_running: dict[str, subprocess.Popen[bytes]] = {}
"""The server of each address."""


def serve(script: Path, folder: Path, workspace: Path, port: int = 0) -> Generator[str, None, None]:
    """Run a script until the tests are done; yields its address."""
    port = port or free_port()
    environment = {**os.environ, "HYBRID_NER_WORKSPACE": str(workspace), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "streamlit", "run", str(script), *server_flags(port, "127.0.0.1")]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        until_healthy(url, server, folder / "server.log")
        _running[url] = server
        yield url
    finally:
        stop(server)


@contextlib.contextmanager
def paused(url: str) -> Iterator[Callable[[], None]]:
    """A function that stops the server of an address until the end of the block: what it is sent, waits."""
    try:
        yield lambda: _running[url].send_signal(signal.SIGSTOP)
    finally:
        _running[url].send_signal(signal.SIGCONT)


def stop(server: subprocess.Popen[bytes]) -> None:
    """End a server, however busy the machine is."""
    server.terminate()
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def until_healthy(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 2 * WAIT / 1000
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the server did not start:\n{log.read_text(encoding='utf-8')[-2000:]}")


@pytest.fixture(scope="package")
def browser() -> Iterator[sync_api.Browser]:
    """One headless Chromium."""
    path = chromium()
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS, timeout=2 * WAIT)
        yield opened
        opened.close()


@pytest.fixture(scope="package")
def server(browser: sync_api.Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The page on a workspace of its own."""
    folder = tmp_path_factory.mktemp("server")
    place = Workspace.at(folder / "workspace")
    place.folder.mkdir()
    with ReviewStore.open(place.store) as store:
        for url in serve(REPOSITORY / "app.py", folder, place.folder):
            yield Server(url, place, store)


@pytest.fixture(scope="package")
def harness(browser: sync_api.Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The annotator alone; see ``harness_app``."""
    folder = tmp_path_factory.mktemp("harness")
    yield from serve(REPOSITORY / "tests" / "ui" / "harness_app.py", folder, folder)


Open = Callable[..., sync_api.Page]
_sockets: WeakKeyDictionary[sync_api.Page, sync_api.WebSocket] = WeakKeyDictionary()
"""The connection of each page over which its script is run."""


class Sessions:
    """Browser sessions that forget who was there; the first page of each is used again, since a new one
    would read and compile the scripts anew, which takes longer than most tests.
    """

    def __init__(self, browser: sync_api.Browser) -> None:
        self.browser = browser
        self.free: dict[str, list[sync_api.BrowserContext]] = {}

    def take(self, options: dict[str, object]) -> sync_api.BrowserContext:
        """A session that nobody uses, with one page."""
        free = self.free.setdefault(repr(options), [])
        if free:
            return free.pop()
        context = self.browser.new_context(**options)
        context.set_default_timeout(WAIT)
        context.new_page()
        return context

    def give_back(self, context: sync_api.BrowserContext, options: dict[str, object]) -> None:
        """Close its further pages and let it forget who was there."""
        page, *more = context.pages
        try:
            page.evaluate("localStorage.clear(), sessionStorage.clear()")
            page.mouse.move(0, 0)
            page.goto(urljoin(page.url, "/_stcore/health"))
        except sync_api.Error:  # its server has ended
            context.close()
            return
        for each in more:
            each.close()
        context.clear_cookies()
        self.free[repr(options)].append(context)


@pytest.fixture(scope="package")
def sessions(browser: sync_api.Browser) -> Sessions:
    """Browser sessions for one test after the other."""
    return Sessions(browser)


@pytest.fixture
def open_page(sessions: Sessions) -> Iterator[Open]:
    """Opens addresses, each in a browser session of its own, and watches what they ask and report."""
    taken: list[tuple[sync_api.BrowserContext, dict[str, object]]] = []
    outside: list[str] = []
    errors: list[str] = []

    watched: list[tuple[sync_api.Page, str, Callable[..., None]]] = []

    def watch(page: sync_api.Page) -> None:
        for what, told in {
            "websocket": lambda socket: _sockets.__setitem__(page, socket),
            "request": lambda request: outside.append(request.url) if leaves(request.url) else None,
            "pageerror": lambda error: errors.append(str(error)),
            "console": lambda said: errors.append(said.text) if is_violation(said.text) else None,
        }.items():
            page.on(what, told)  # type: ignore[call-overload]
            watched.append((page, what, told))

    def opened(address: str, **options: object) -> sync_api.Page:
        options = {"viewport": {"width": 1280, "height": 860}, **options}
        context = sessions.take(options)
        taken.append((context, options))
        (page,) = context.pages
        watch(page)
        page.goto(address)
        return page

    yield opened
    for page, what, told in watched:
        page.remove_listener(what, told)
    for each in taken:
        sessions.give_back(*each)
    assert outside == []
    assert errors == []


def leaves(url: str) -> bool:
    """Whether a request goes to another machine."""
    parts = urlsplit(url)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.hostname != "127.0.0.1"


def is_violation(said: str) -> bool:
    """Whether the browser stopped something because of the content policy."""
    return bool(re.search("Content Security Policy", said))


@contextlib.contextmanager
def drawn_anew(page: sync_api.Page) -> Iterator[None]:
    """Wait until the server has run its script once more for what is done in the block.

    The page itself need not show that it ran: of two states that come at once it draws the second.
    """
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    def ended(frame: str | bytes) -> bool:
        kind = ForwardMsg.FromString(frame).WhichOneof("type") if isinstance(frame, bytes) else ""
        return kind == "script_finished"

    with _sockets[page].expect_event("framereceived", ended, timeout=WAIT):
        yield
    settled(page)


def settled(page: sync_api.Page) -> None:
    """Wait until every edit is written down and the script has ended."""
    page.locator(".annotator[data-waiting='0']").wait_for()
    page.locator("[data-test-script-state='notRunning']").wait_for(state="attached")


STILL = """() => !document.querySelector('[data-stale=true]') && document.getAnimations().every(
  (each) => each.playState !== 'running' || each.effect.getComputedTiming().iterations === Infinity)"""


def still(page: sync_api.Page) -> None:
    """Wait until what the run before has left is gone and nothing is faded in or out."""
    page.locator("[data-test-script-state='notRunning']").wait_for(state="attached")
    page.wait_for_function(STILL)


def say(page: sync_api.Page, line: str) -> None:
    """Type a command into the chat box and wait for its answer."""
    answers = page.locator(".turn").filter(has=page.locator(".said", has_text=line))
    before = answers.count()
    box = page.get_by_placeholder("Type a command")
    box.fill(line)
    box.press("Enter")
    sync_api.expect(box).to_have_value("")  # it was sent
    answers.nth(before).wait_for()
    settled(page)


def pointed(page: sync_api.Page, words: list[str]) -> dict[str, float]:
    """Where to drag, with the mouse at the beginning: framing what it rests on may move the text."""
    before, places = {}, page.evaluate(RANGE, words)
    while before != places:
        before = places
        page.mouse.move(places["x0"], places["y0"])
        page.wait_for_timeout(100)  # more than the annotator waits
        places = page.evaluate(RANGE, words)
    return places


def drag(page: sync_api.Page, first: str, last: str = "", *, held: str = "") -> None:
    """Drag the mouse from the beginning of one text to the end of another, with a key held if one is named.

    On a busy machine the page may still move between looking and dragging: only then it is tried again.
    """
    draft = page.locator(".mention.draft").first
    for _ in range(3):
        places = pointed(page, [first, last or first])
        if held:
            page.keyboard.down(held)
        page.mouse.down()
        page.mouse.move(places["x1"], places["y1"], steps=6)
        page.mouse.up()
        if held:
            page.keyboard.up(held)
        with contextlib.suppress(sync_api.TimeoutError):
            draft.wait_for(timeout=WAIT / 2)
            return
        assert page.evaluate(RANGE, [first, last or first]) != places, "a drag over text that stood still"
    draft.wait_for()


STANDING = """
  // Until the fonts are there and the height fits, the text still moves.
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
  await document.fonts.ready;
  await frame();
  await frame();
"""
RANGE = (
    f"""async ([first, last]) => {{{STANDING}"""
    """
  const host = [...document.querySelectorAll('*')].find((e) => e.shadowRoot?.querySelector('.annotator'));
  const root = host.shadowRoot.querySelector('.page');
  const box = (text, end) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let leaf = walker.nextNode(); leaf; leaf = walker.nextNode()) {
      const at = leaf.data.indexOf(text);
      if (at < 0) continue;
      const range = document.createRange();
      range.setStart(leaf, at);
      range.setEnd(leaf, at + text.length);
      leaf.parentElement.scrollIntoView({ block: 'nearest' });
      const rects = range.getClientRects();
      return end ? rects[rects.length - 1] : rects[0];
    }
    throw new Error(`no text ${text}`);
  };
  const a = box(first, false), b = box(last, true);
  return { x0: a.left + 1, y0: (a.top + a.bottom) / 2, x1: b.right - 1, y1: (b.top + b.bottom) / 2 };
}"""
)
