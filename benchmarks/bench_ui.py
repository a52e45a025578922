"""How fast the review page answers, in a real browser: ``python -m benchmarks.bench_ui [--screenshots]``.

Purpose: a reviewer decides about one span a second, so a key must free the browser within a frame or two
whatever the document's length, and an edit must be written down well before the next one. Every figure is
the median of repeated tries on the real page with its review store; the check of each try is that the edit
arrived. The empty key press of the same run is the baseline: it waits for the same frame and does nothing.
Needs Chromium and Playwright.
"""

from __future__ import annotations

import argparse
import io
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from hybrid_ner.corpus import Document
from hybrid_ner.review import ReviewSession, ReviewStore
from hybrid_ner.review.rounds.terms import table_path
from hybrid_ner.ui.creating import Wish, create_demo, create_project
from hybrid_ner.ui.importing import read_documents
from hybrid_ner.ui.workspace import Workspace
from tests.ui.browser.conftest import FLAGS, REPOSITORY, chromium, serve
from tests.ui.conftest import quiet
from tests.ui.test_importing import zipped

SIZES = {"1 kB": 1_000, "20 kB": 20_000, "100 kB": 100_000, "1 MB": 1_000_000, "5 MB": 5_000_000}
TRIES = 15
FEW = 5
"""Tries in documents that are shown in parts."""
SCREENSHOTS = Path(__file__).parent.parent / "docs" / "screenshots"
TERMS = (("Drug.txt", b"aspirin\nheparin\n"), ("Disease.txt", b"fever\nchest pain\n"))
SENTENCE = "the patient slept well and ate some soup then took aspirin for fever at noon"

PRESS = """async (key) => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
  await frame();
  const started = performance.now();
  window.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  await frame();
  const free = performance.now() - started;
  const host = [...document.querySelectorAll('*')].find((e) => e.shadowRoot?.querySelector('.annotator'));
  const root = host.shadowRoot.querySelector('.annotator');
  while (root.dataset.waiting !== '0') await frame();
  return [free, performance.now() - started];
}"""


def text_of(size: int) -> str:
    """``size`` characters in lines of twelve words, with a term every forty characters or so."""
    said = SENTENCE.split()
    words = [said[i % len(said)] for i in range(size // 4)]
    lines = [" ".join(words[i : i + 12]) for i in range(0, len(words), 12)]
    return "\n".join(lines)[:size]


@contextmanager
def running(folder: Path) -> Iterator[tuple[str, Workspace, ReviewStore]]:
    """The page on a new workspace."""
    place = Workspace.at(folder / "workspace")
    place.folder.mkdir()
    with ReviewStore.open(place.store) as store:
        for url in serve(REPOSITORY / "app.py", folder, place.folder):
            yield url, place, store


def opened(browser: Browser, address: str, **options: Any) -> Page:
    """A page that has been drawn."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 860}, **options})
    context.set_default_timeout(120_000)
    page = context.new_page()
    page.goto(address)
    return page


def settled(page: Page) -> None:
    """Wait until nothing is on its way."""
    page.locator(".annotator[data-waiting='0']").wait_for()
    page.locator("[data-test-script-state='notRunning']").wait_for(state="attached")


def seconds(action: Callable[[], object]) -> float:
    """Time of one call."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def keys(
    browser: Browser, url: str, session: ReviewSession, doc: str, project: str = "speed"
) -> dict[str, float]:
    """Milliseconds from a key press to a free browser, and to the edit being written down."""
    page = opened(browser, f"{url}/?project={project}&reviewer=ana&doc={doc}")
    page.locator(f".annotator[data-document='{doc}'] .mention").first.wait_for()
    settled(page)
    before, tries = decided(session, doc), FEW if doc.endswith("MB") else TRIES
    found = [page.evaluate(PRESS, "a") for _ in range(tries)]
    idle = [page.evaluate(PRESS, "F13")[0] for _ in range(tries)]
    assert decided(session, doc) - before == tries, "an edit was lost"
    page.context.close()
    free, trip = (statistics.median(row[column] for row in found) for column in (0, 1))
    return {"free": free, "idle": statistics.median(idle), "trip": trip}


def decided(session: ReviewSession, doc: str) -> int:
    """Accepted spans of a document."""
    view = session.view(doc)
    assert view is not None
    return sum(span.status == "accepted" for span in view.spans)


def commands(browser: Browser, url: str) -> float:
    """Seconds from Enter in the chat box to the answer on the screen."""
    page = opened(browser, f"{url}/?project=speed&reviewer=ben&doc=20kB")
    page.locator(".annotator .mention").first.wait_for()
    settled(page)
    times = []
    for number in range(1, 8):
        box = page.get_by_placeholder("Type a command")
        box.fill(f"no {number}")
        said = page.locator(".turn .said", has_text=f"no {number}")
        times.append(seconds(lambda box=box, said=said: (box.press("Enter"), said.wait_for())))  # type: ignore[misc]
        settled(page)
    page.context.close()
    return statistics.median(times)


def pages(browser: Browser, url: str) -> dict[str, float]:
    """Seconds to the first drawn document, and from one page to another and back."""
    address = f"{url}/?project=speed&reviewer=cara&doc=20kB"
    firsts = [load(browser, address, ".annotator .mention") for _ in range(5)]
    page = opened(browser, address)
    page.locator(".annotator .mention").first.wait_for()
    settled(page)
    queue, review = [], []
    for _ in range(5):
        queue.append(seconds(lambda: go(page, "Queue", "text=Add documents")))
        review.append(seconds(lambda: go(page, "Review", ".annotator .mention")))
    page.context.close()
    medians = map(statistics.median, (firsts, queue, review))
    return dict(zip(("first paint", "to Queue", "to Review"), medians, strict=True))


def parts(browser: Browser, url: str, doc: str) -> dict[str, float]:
    """Seconds until a long document is drawn, and from one of its parts to the next."""
    started = time.perf_counter()
    page = opened(browser, f"{url}/?project=speed&reviewer=dan&doc={doc}")
    page.locator(f".annotator[data-document='{doc}'] .mention").first.wait_for()
    first = time.perf_counter() - started
    settled(page)

    def turn(number: int) -> None:
        page.keyboard.press(".")
        page.locator(f".annotator[data-part='{number}'] .mention").first.wait_for()

    turns = [seconds(lambda number=number: turn(number)) for number in range(1, FEW + 1)]  # type: ignore[misc]
    page.context.close()
    return {"first paint": first, "next part": statistics.median(turns)}


BARE = """
import streamlit as st
st.set_page_config(layout="wide")
st.button("Next")
st.text("two words")
"""
MANY = 2_000


def packed(content: bytes) -> Wish:
    """A project of the documents in an archive, as somebody makes it who brings nothing else."""
    return Wish("packed", "generic", list(read_documents([("all.zip", content)])), labels=("Drug",))


def many(browser: Browser, folder: Path) -> None:
    """Print what a project of many documents costs, beside a Streamlit page of two words in the same run."""
    bare = folder / "bare.py"
    bare.write_text(BARE, encoding="utf-8")
    bare_server = serve(bare, folder, folder)
    bare_url = next(bare_server)
    place = Workspace.at(folder / "many")
    place.folder.mkdir()
    with ReviewStore.open(place.store) as store:
        documents = [Document(f"doc{n}", f"{text_of(900)} case {n}") for n in range(MANY)]
        wish = Wish("many", "generic", documents, TERMS)
        made = seconds(lambda: create_project(store, place, wish, quiet))
        content = zipped(**{f"{each.doc_id}.txt": each.text.encode() for each in documents})
        imported = seconds(lambda: create_project(store, place, packed(content), quiet))
        assert len(store.project("packed")) == MANY
        server = serve(REPOSITORY / "app.py", folder, place.folder)
        url = next(server)
        loads: dict[str, list[float]] = {"Review": [], "Terms": [], "a page of two words": []}
        for _ in range(FEW):
            for name, address, there in (
                ("Review", f"{url}/?project=many&reviewer=ana", ".annotator .mention"),
                ("Terms", f"{url}/terms?project=many&reviewer=ana", ".card.framed"),
                ("a page of two words", bare_url, "text=two words"),
            ):
                loads[name].append(load(browser, address, there))
        row = keys(browser, url, ReviewSession(store, "many", "ana"), "doc7", "many")
        (folder / "single").mkdir()
        arrived = arrive(browser, url, folder / "single")
        server.close()  # type: ignore[attr-defined]
    bare_server.close()  # type: ignore[attr-defined]
    print(f"\n| {MANY:,} documents | |\n|---|---:|")
    print(f"| making the project, with suggestions | {made:.1f} s |")
    print(f"| the same documents as one ZIP, without lists and rules | {imported:.1f} s |")
    print(f"| as many single files, chosen at once, until they have arrived | {arrived:.1f} s |")
    for name, times in loads.items():
        print(f"| page load, {name} | {statistics.median(times):.2f} s |")
    for name in ("free", "idle", "trip"):
        print(f"| key press, {name} | {row[name]:.0f} ms |")


def arrive(browser: Browser, url: str, folder: Path) -> float:
    """Seconds until as many single files, chosen at once, have arrived."""
    for number in range(MANY):
        (folder / f"note {number}.txt").write_text(f"{text_of(900)} case {number}", encoding="utf-8")
    page = opened(browser, f"{url}/queue?project=many&reviewer=ana")
    page.locator("input[type='file']").first.wait_for(state="attached")
    page.locator("[data-test-script-state='notRunning']").wait_for(state="attached")
    files = [str(each) for each in folder.iterdir()]

    def chosen() -> None:
        page.locator("input[type='file']").first.set_input_files(files)
        page.get_by_text(f"{MANY:,} files.").wait_for()

    taken = seconds(chosen)
    page.context.close()
    return taken


def load(browser: Browser, address: str, there: str) -> float:
    """Seconds until something is on a new page."""
    started = time.perf_counter()
    page = opened(browser, address)
    page.locator(there).first.wait_for()
    taken = time.perf_counter() - started
    page.context.close()
    return taken


def questions(browser: Browser, folder: Path) -> None:
    """Print the wait for the first question about the medical terms, with and without their kept table."""
    place = Workspace.at(folder / "questions")
    place.folder.mkdir()
    with ReviewStore.open(place.store) as store:
        project = create_demo(store, place, "medical", quiet, "ana")
        kept = table_path(place.setup(store.project(project)))
    print("\n| medical terms | table built now | table kept |\n|---|---:|---:|")
    for name, ask in (("first `why` after the page is drawn", why), ("Term lists page", gazetteers)):
        times = []
        for fresh in (True, False):
            if fresh:
                kept.unlink()
            server = serve(REPOSITORY / "app.py", folder, place.folder)
            times.append(ask(browser, f"{next(server)}/", f"?project={project}&reviewer=ana"))
            server.close()  # type: ignore[attr-defined]
        print(f"| {name} | {times[0]:.2f} s | {times[1]:.2f} s |")


def why(browser: Browser, url: str, query: str) -> float:
    """Seconds from the key to the explanation, on a server that was just started."""
    page = opened(browser, f"{url}{query}")
    page.locator(".annotator .mention.selected").first.wait_for()
    page.keyboard.press("w")
    # The steps are there, folded below the plain sentence.
    taken = seconds(lambda: page.locator(".turn .lines").last.wait_for(state="attached"))
    page.context.close()
    return taken


def gazetteers(browser: Browser, url: str, query: str) -> float:
    """Seconds from the click to the list of terms, on a server that was just started."""
    page = opened(browser, f"{url}{query}")
    page.locator(".annotator .mention").first.wait_for()
    taken = seconds(lambda: go(page, "Term lists", "[data-testid='stDataFrame']"))
    page.context.close()
    return taken


def go(page: Page, name: str, there: str) -> None:
    """Go to a page and wait for something on it."""
    page.get_by_role("link", name=name).click()
    page.locator(there).first.wait_for()


def measure(browser: Browser, folder: Path) -> None:
    """Print every figure."""
    with running(folder) as (url, place, store):
        documents = [Document(name.replace(" ", ""), text_of(size)) for name, size in SIZES.items()]
        create_project(store, place, Wish("speed", "generic", documents, TERMS), quiet)
        session = ReviewSession(store, "speed", "ana")
        print("| document | spans | key press → free browser | empty key press | key press → written down |")
        print("|---|---:|---:|---:|---:|")
        for name in SIZES:
            doc = name.replace(" ", "")
            view = session.view(doc)
            assert view is not None
            row = keys(browser, url, session, doc)
            figures = " | ".join(f"{row[key]:.0f} ms" for key in ("free", "idle", "trip"))
            print(f"| {name} | {len(view.spans):,} | {figures} |")
        print("\n| step | median |\n|---|---:|")
        print(f"| chat command → updated document (20 kB) | {1000 * commands(browser, url):.0f} ms |")
        for name, value in pages(browser, url).items():
            print(f"| {name} (20 kB) | {1000 * value:.0f} ms |")
        for size in ("1 MB", "5 MB"):
            for name, value in parts(browser, url, size.replace(" ", "")).items():
                print(f"| {name} ({size}) | {1000 * value:.0f} ms |")
    questions(browser, folder)


def picture(page: Page, name: str) -> None:
    """A small PNG of what is on the screen, once nothing of it is being fetched."""
    page.wait_for_function("() => !document.querySelector(\"[data-testid='stSkeleton']\")")
    with Image.open(io.BytesIO(page.screenshot())) as drawn:
        drawn.convert("RGB").quantize(160).save(SCREENSHOTS / f"{name}.png", optimize=True)


LOOKS = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
}


def draw(browser: Browser, folder: Path) -> None:
    """Pictures of every page on the medical demo, in three looks."""
    SCREENSHOTS.mkdir(exist_ok=True)
    with running(folder) as (url, place, store):
        for look, options in LOOKS.items():
            page = opened(browser, f"{url}/", **options)
            page.get_by_role("button", name="Medical demo").wait_for()
            page.locator("[data-test-script-state='notRunning']").wait_for(state="attached")
            picture(page, f"welcome-{look}")
            page.context.close()
        project = create_demo(store, place, "medical", quiet, "ana")
        two_versions(store, project)
        long = Wish("ward book", "generic", [Document("ward book 2025", text_of(400_000))], TERMS)
        create_project(store, place, long, quiet)
        for look, options in LOOKS.items():
            shots(browser, f"{url}/", project, look, options)
            long_shot(browser, f"{url}/", look, options)


def shots(browser: Browser, url: str, project: str, look: str, options: dict[str, Any]) -> None:
    """Every page in one look, after a few decisions."""
    page = opened(browser, f"{url}?project={project}&reviewer={look}&doc=med-053", **options)
    page.locator(".annotator .mention").first.wait_for()
    settled(page)
    for key in ("a", "a", "x", "a", "w"):
        page.keyboard.press(key)
    page.locator(".turn .lines").first.wait_for(state="attached")
    settled(page)
    picture(page, f"review-{look}")
    for name, there in {
        "terms": ".cards .card",
        "queue": "[data-testid='stDataFrame']",
        "compare": "[data-testid='stVegaLiteChart'] canvas, [data-testid='stVegaLiteChart'] svg",
        "gazetteers": "[data-testid='stDataFrame']",
        "models": "[data-testid='stDataFrame']",
    }.items():
        page.goto(f"{url}{name}?project={project}&reviewer={look}")
        page.locator(there).first.wait_for()
        page.locator("[data-test-script-state='notRunning']").wait_for(state="attached")
        picture(page, f"{name}-{look}")
    page.goto(f"{url}team?project={project}&reviewer={look}")
    page.get_by_label("Read by one more, in %").first.wait_for()
    page.locator("[data-test-script-state='notRunning']").wait_for(state="attached")
    picture(page, f"team-{look}")
    page.get_by_role("tab").nth(1).click()
    page.get_by_role("button", name="Neither").first.wait_for()
    page.locator("[data-test-script-state='notRunning']").wait_for(state="attached")
    picture(page, f"differences-{look}")
    page.context.close()


def two_versions(store: ReviewStore, project: str) -> None:
    """Two people have reviewed a document, not quite alike."""
    for name, lines in (("Bea", ("no 2", "ok")), ("Ben", ("8 is Chemical", "ok"))):
        session = ReviewSession(store, project, name)
        session.open("med-053")
        for line in lines:
            session.handle(line)
        session.handle("next")


def long_shot(browser: Browser, url: str, look: str, options: dict[str, Any]) -> None:
    """A document of several parts."""
    page = opened(browser, f"{url}?project=ward+book&reviewer={look}&doc=ward+book+2025", **options)
    page.locator(".annotator .mention").first.wait_for()
    settled(page)
    page.keyboard.press(".")
    page.locator(".annotator[data-part='1'] .mention").first.wait_for()
    settled(page)
    picture(page, f"parts-{look}")
    page.context.close()


def main() -> None:
    """Measure, or draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--screenshots", action="store_true", help="draw the pages instead of measuring")
    parser.add_argument("--many", action="store_true", help="only a project of many documents")
    wanted = parser.parse_args()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium(), headless=True, args=FLAGS)
        run = draw if wanted.screenshots else many if wanted.many else measure
        run(browser, Path(folder))
        browser.close()


if __name__ == "__main__":
    main()
