"""What the browser does around the pages: Back, the menu of a phone, a server that is away, dragging."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from hybrid_ner.review.rounds.model_runs import project_documents
from hybrid_ner.ui.security import server_flags
from tests.ui.browser.conftest import (
    REPOSITORY,
    STANDING,
    WAIT,
    Open,
    Server,
    drag,
    free_port,
    paused,
    say,
    settled,
    still,
    stop,
    sync_api,
    until_healthy,
)

expect = sync_api.expect
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


@pytest.mark.slow
def test_back_and_forward_go_through_documents_and_pages(open_page: Open, server: Server) -> None:
    project = server.project()
    page = open_page(server.address(project=project, doc="note-1"))
    page.locator(".annotator[data-document='note-1']").wait_for()
    for doc in ("note-2", "note-4"):
        say(page, f"go {doc}")
        page.wait_for_url(f"**doc={doc}*")
    page.go_back()
    page.locator(".annotator[data-document='note-2']").wait_for()
    settled(page)
    page.go_back()
    page.locator(".annotator[data-document='note-1']").wait_for()
    settled(page)
    page.go_forward()
    page.locator(".annotator[data-document='note-2']").wait_for()
    settled(page)
    view = server.session(project).view()
    assert view is not None
    assert view.doc_id == "note-2", "what is decided now is decided there"
    page.get_by_role("link", name="Queue").click()
    page.locator("[data-testid='stDataFrame']").first.wait_for()
    page.wait_for_url("**/queue?*project=*")  # what joins an address later is no step of its own
    page.go_back()
    page.locator(".annotator[data-document='note-2']").wait_for()


@pytest.mark.slow
def test_back_from_the_document_of_a_card_and_once_more(open_page: Open, server: Server) -> None:
    page = open_page(server.address("queue", project=server.project()))
    page.locator("[data-testid='stDataFrame']").first.wait_for()
    page.get_by_role("link", name="Terms", exact=True).click()
    page.locator(".card.framed button.look").first.click()
    page.wait_for_url("**/?*doc=*")
    page.go_back()
    page.locator(".card.framed").wait_for()
    page.go_back()
    page.wait_for_url("**/queue?*")
    page.locator("[data-testid='stDataFrame']").first.wait_for()


def test_the_page_that_a_link_led_to_has_the_keys(open_page: Open, server: Server) -> None:
    project = server.project()
    page = open_page(server.address("queue", project=project))
    page.locator("[data-testid='stDataFrame']").first.wait_for()
    page.get_by_role("link", name="Terms", exact=True).click()
    page.locator(".card.framed").wait_for()
    before = int(page.locator(".cards").get_attribute("data-cards") or 0)
    page.keyboard.press("Enter")
    page.locator(f".cards[data-cards='{before - 1}'][data-waiting='0']").wait_for()
    page.get_by_role("link", name="Review", exact=True).click()
    page.locator(".annotator .mention").first.wait_for()
    page.keyboard.press("Enter")
    page.locator(".turn .said", has_text="ok ").last.wait_for()


@pytest.mark.slow
def test_settling_differences_stays_where_it_is(open_page: Open, server: Server) -> None:
    project = server.project()
    for name, lines in (("bob", ("no 1 2", "ok")), ("carl", ("ok",))):
        for line in ("go note-1", *lines):
            assert server.session(project, name).handle(line).level != "error"
    page = open_page(server.address("team", project=project))
    page.get_by_text("Reviewers differ in 1 document").wait_for()
    page.get_by_role("tab", name="Where they differ").click()
    page.get_by_role("button", name="Open the first document").click()
    page.get_by_label("Another label").first.click()
    page.get_by_role("option", name="Drug").click()
    page.get_by_text("settled: Drug").wait_for()
    # The list of labels does not keep the digits.
    page.wait_for_function("document.activeElement === document.body")
    still(page)
    page.keyboard.press("3")
    page.get_by_text("settled: none").wait_for()
    # A question on a page without a document has the keys.
    page.get_by_role("tab", name="Who reviews what").click()
    field = page.get_by_label("Reviewers, with commas between")
    for key, said in (("Escape", "nothing changed"), ("Enter", "everybody has a queue")):
        field.fill("bob, carl")
        field.press("Enter")
        page.locator(".st-key-yes button:focus").wait_for()
        page.keyboard.press(key)
        page.locator(".st-key-pending").wait_for(state="detached")
        still(page)
        assert said in server.session(project).history()[-1].echo


def test_the_difference_that_has_the_digits_is_in_sight(open_page: Open, server: Server) -> None:
    """Somebody settled by keys what stood far below the window."""
    project = server.project()
    for name, line in (("bob", "no 1-4"), ("carl", "ok")):
        server.session(project, name).handle(f"go note-1; {line}")
    page = open_page(server.address("team", project=project), viewport={"width": 1280, "height": 500})
    page.get_by_role("tab", name="Where they differ").click()
    page.get_by_role("button", name="Open the first document").click()
    page.locator("[class*='st-key-difference-1']").first.wait_for()  # before, a key is about nothing
    for settled_ones in range(1, 4):
        still(page)
        page.keyboard.press("1")
        expect(page.get_by_text("settled: bob")).to_have_count(settled_ones)
    expect(page.locator("[class*='st-key-difference-4']").get_by_role("button").first).to_be_in_viewport()


@pytest.mark.slow
def test_the_review_page_is_found_under_its_name_too(open_page: Open, server: Server) -> None:
    project = server.project(one="Aspirin helps.")
    for path in ("review", "welcome"):
        page = open_page(server.address(path, project=project, doc="one"))
        page.locator(".annotator[data-document='one']").wait_for()
        expect(page.get_by_text("Page not found")).to_have_count(0)


@pytest.mark.slow
def test_many_files_arrive_in_a_few_archives(open_page: Open, server: Server) -> None:
    project = server.project(one="Aspirin helps.")
    page = open_page(server.address("queue", project=project))
    page.get_by_role("button", name="Prepare the file").wait_for()
    texts = {f"Müller {n}": f"Fiëver in note {n}. 😀" for n in range(105)}
    files = [
        {"name": f"{name}.txt", "mimeType": "text/plain", "buffer": text.encode()}
        for name, text in texts.items()
    ]
    files += [
        {"name": f"scan {n}.png", "mimeType": "image/png", "buffer": bytes(5_000_000)} for n in range(2)
    ]
    uploads: list[str] = []
    page.on("request", lambda asked: uploads.append(asked.url) if "upload_file" in asked.url else None)
    page.locator("input[type='file']").first.set_input_files(files)  # type: ignore[arg-type]
    page.get_by_text("107 files.").wait_for()
    assert len(uploads) == 2
    page.get_by_text("files 1 to 106.zip").wait_for()
    page.get_by_role("button", name="Add them").click()
    page.get_by_text("105 documents added").wait_for()
    page.get_by_text("Left out: scan 1.png").wait_for()
    made = {each.doc_id: each.text for each in project_documents(server.session(project).project)}
    assert made == {"one": "Aspirin helps.", **texts}


def test_a_text_is_pasted_and_added_by_one_click(open_page: Open, server: Server) -> None:
    """The click is the first thing that the server hears of the text."""
    project = server.project(one="Aspirin helps.")
    page = open_page(server.address("queue", project=project))
    page.get_by_role("button", name="Prepare the file").wait_for()
    box = page.get_by_role("textbox", name="Or paste a text here")
    box.fill("Dear Dr Roe,\n\n\tfever again.")
    page.get_by_role("button", name="Add them").click()
    expect(page.get_by_text("1 document added")).to_be_visible()
    expect(box).to_have_value("")
    made = {each.doc_id: each.text for each in project_documents(server.session(project).project)}
    assert made == {"one": "Aspirin helps.", "pasted 1": "Dear Dr Roe,\n\n\tfever again."}


def test_labels_are_joined_by_click_and_one_undo_brings_them_back(open_page: Open, server: Server) -> None:
    project = server.project(one="Aspirin for fever.")
    session = server.session(project)
    session.handle("ok 1")
    page = open_page(server.address("queue", project=project))
    page.get_by_role("button", name="Prepare the file").wait_for()
    page.get_by_text("Labels: names, colours").click()
    for field, label in (("Join the label", "Drug"), ("into the label", "Disease")):
        still(page)
        _choose(page, field, label)
    still(page)
    page.get_by_role("button", name="Join them").click()
    expect(page.locator(".st-key-pending")).to_contain_text("0 open, 1 accepted, 0 rejected (ana)")
    expect(page.locator(".st-key-yes")).to_be_in_viewport()
    page.locator(".st-key-yes button").click()
    expect(page.get_by_text("Joined the label Drug into Disease").last).to_be_visible()
    assert session.labels == ("Disease",)
    page.get_by_role("link", name="Review", exact=True).click()
    page.locator(".annotator .mention").first.wait_for()
    expect(page.locator(".annotator .counts")).to_contain_text("1 open · 1 accepted · 0 rejected")
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.locator(".annotator .actions button", has_text="Drug")).to_be_visible()
    view = session.view("one")
    assert view is not None
    assert [(s.label, s.status) for s in view.spans] == [("Drug", "accepted"), ("Disease", "open")]


def _choose(page: sync_api.Page, field: str, label: str) -> None:
    """Choose in a list, which what is laid out above it may shut once, so that it is opened again."""
    box = page.get_by_role("combobox", name=field)
    option = page.get_by_role("option", name=label, exact=True)
    for _ in range(3):
        box.press("ArrowDown")
        with suppress(sync_api.TimeoutError):
            option.click(timeout=3_000)
            break
    expect(box).to_have_value(label)


LINES = """() => {
  const roots = [...document.querySelectorAll("*")].map((each) => each.shadowRoot).filter(Boolean);
  const page = roots.map((root) => root.querySelector(".annotator .page")).find(Boolean);
  const below = document.querySelector("[data-testid='stBottom']").getBoundingClientRect().top;
  const end = Math.min(page.getBoundingClientRect().bottom, below);
  const lines = [...page.querySelectorAll(".line")].map((line) => line.getBoundingClientRect());
  return lines.filter((line) => line.bottom <= end).length >= 6;
}"""


@pytest.mark.parametrize(("width", "height"), [(1280, 720), pytest.param(1093, 614, marks=pytest.mark.slow)])
def test_the_first_lines_are_in_sight_on_a_small_laptop(
    open_page: Open, server: Server, width: int, height: int
) -> None:
    """The hint of the first visit pushed them under the field to type in; 1093 is 1366 at 125 %."""
    project = server.project(long="\n".join(f"Fever on day {n}." for n in range(30)))
    page = open_page(server.address(project=project, doc="long"), viewport={"width": width, "height": height})
    page.locator(".annotator .mention").first.wait_for()
    expect(page.locator(".st-key-guide")).to_be_visible()
    settled(page)
    page.wait_for_function(LINES)


@pytest.mark.slow
def test_the_hint_stands_above_the_document_on_a_phone(open_page: Open, server: Server) -> None:
    page = open_page(server.address(project=server.project(), doc="note-1"), **PHONE)
    page.locator(".annotator .mention").first.wait_for()
    settled(page)
    hint, text = (page.locator(part).bounding_box() for part in (".st-key-guide", ".annotator .page"))
    assert hint
    assert text
    assert hint["y"] + hint["height"] <= text["y"]


@pytest.mark.parametrize(("width", "height"), [(1093, 614), pytest.param(390, 844, marks=pytest.mark.slow)])
def test_all_of_a_preview_is_seen(open_page: Open, server: Server, width: int, height: int) -> None:
    """Its text was cut off at the right, with the bar to scroll it out of sight below."""
    project = server.project()
    page = open_page(
        server.address(project=project, doc="note-1"), viewport={"width": width, "height": height}
    )
    page.locator(".annotator .mention").first.wait_for()
    say(page, 'no all "aspirin"')
    text = page.locator(".turn.ask td[colspan]", has_text="[aspirin]").first
    text.scroll_into_view_if_needed()
    expect(text).to_be_in_viewport(ratio=1)
    wide = page.locator(".turn.ask .wide")
    assert wide.evaluate("(wide) => wide.scrollWidth - wide.clientWidth") == 0


@pytest.mark.slow
def test_a_file_that_is_too_large_is_told_before_and_after(open_page: Open, server: Server) -> None:
    page = open_page(server.address("queue", project=server.project(one="Aspirin helps.")))
    page.get_by_role("button", name="Prepare the file").wait_for()
    files = [
        {"name": "small.txt", "mimeType": "text/plain", "buffer": b"Fever."},
        {"name": "scan.txt", "mimeType": "text/plain", "buffer": b"Fever. " * 1_600_000},
    ]
    page.locator("input[type='file']").first.set_input_files(files)  # type: ignore[arg-type]
    page.get_by_text("Too large, and left out: scan.txt.").wait_for()
    page.get_by_role("button", name="Add them").click()
    page.get_by_text("1 document added").wait_for()
    page.get_by_text("Left out: scan.txt: it has 11.2 MB").wait_for()


@pytest.mark.slow
def test_a_decision_and_the_link_after_it_both_arrive(open_page: Open, server: Server) -> None:
    project = server.project()
    page = open_page(server.address(project=project, doc="note-2"))
    page.locator(".annotator[data-document='note-2'] .mention").first.wait_for()
    settled(page)
    with paused(server.url) as stop:
        stop()
        page.keyboard.press("x")
        page.get_by_role("link", name="Terms", exact=True).click(no_wait_after=True)
        page.wait_for_timeout(5_000)  # longer than it waits before it asks again, twice
    page.locator(".card.framed").wait_for()
    page.wait_for_function("() => Object.values(sessionStorage).every((kept) => kept === '[]')")
    view = server.session(project).view("note-2")
    assert view is not None
    assert view.spans[0].status == "rejected"
    assert "/terms?" in page.url


DROP = """(zone, names) => {
  const transfer = new DataTransfer();
  for (const name of names) transfer.items.add(new File([name], name));
  zone.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: transfer }));
}"""


@pytest.mark.parametrize(
    ("count", "drawn"),
    [(101, "files 1 to 101.zip"), pytest.param(2, "n1.txt", marks=pytest.mark.slow)],
)
def test_dropped_files_are_packed_where_they_are_many(
    open_page: Open, server: Server, count: int, drawn: str
) -> None:
    page = open_page(server.address("queue", project=server.project(one="Aspirin helps.")))
    page.get_by_role("button", name="Prepare the file").wait_for()
    zone = page.locator("[data-testid='stFileUploaderDropzone']").first
    zone.evaluate(DROP, [f"n{n}.txt" for n in range(count)])
    page.get_by_text(f"{count} files.").wait_for()
    expect(zone.get_by_text(drawn)).to_have_count(1)
    expect(page.get_by_text("Drag and drop")).to_have_count(0)


@pytest.mark.slow
def test_a_dropped_folder_arrives_with_every_file_of_its_folders(
    open_page: Open, server: Server, tmp_path: Path
) -> None:
    texts = {"a/note.txt": "Fever.", "b/note.txt": "Afib.", "b/letter.txt": "Aspirin."}
    for name, text in {**texts, ".DS_Store": "\0", "b/~$letter.docx": "\0"}.items():
        path = tmp_path / "wards" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    project = server.project(one="Aspirin helps.")
    page = open_page(server.address("queue", project=project))
    page.get_by_role("button", name="Prepare the file").wait_for()
    zone = page.locator("[data-testid='stFileUploaderDropzone']").first
    zone.scroll_into_view_if_needed()
    box = zone.bounding_box()
    assert box is not None
    place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    # As a file manager drops it: only such a drop holds a folder.
    data = {"items": [], "files": [str(tmp_path / "wards")], "dragOperationsMask": 1}
    browser = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        browser.send("Input.dispatchDragEvent", {"type": kind, **place, "data": data})
    page.get_by_text("3 files.").wait_for()
    page.get_by_role("button", name="Add them").click()
    page.get_by_text("3 documents added").wait_for()
    page.get_by_text("0 of 4 documents reviewed").wait_for()
    made = [each.text for each in project_documents(server.session(project).project)]
    assert sorted(made) == sorted(["Aspirin helps.", *texts.values()])


@pytest.mark.slow
def test_on_a_phone_a_question_is_brought_into_sight(open_page: Open, server: Server) -> None:
    project = server.project()
    page = open_page(server.address(project=project, doc="note-1"), **PHONE)
    page.locator(".annotator .mention").first.wait_for()
    for line in ("why 1", "maybe 2 is wrong"):
        say(page, line)
    expect(page.locator(".st-key-pending button").last).to_be_in_viewport()


def test_a_long_name_stays_in_the_head_of_a_phone(open_page: Open, server: Server) -> None:
    """It slipped below the line of the menu."""
    address = server.address(project=server.project(), reviewer="Dr Anneliese Petersen-Lindqvist")
    page = open_page(address, **PHONE)
    page.locator(".annotator .mention").first.wait_for()
    name, menu = (
        page.locator(each).first.bounding_box()
        for each in (".st-key-masthead button", "[data-testid='stExpandSidebarButton']")
    )
    assert name is not None
    assert menu is not None
    assert abs(name["y"] + name["height"] / 2 - menu["y"] - menu["height"] / 2) < 6


@pytest.mark.slow
def test_the_menu_of_a_phone_closes_after_a_choice(open_page: Open, server: Server) -> None:
    page = open_page(server.address(project=server.project()), **PHONE)
    page.locator(".annotator .mention").first.wait_for()
    page.get_by_test_id("stExpandSidebarButton").click()
    menu = page.get_by_test_id("stSidebar")
    menu.get_by_role("link", name="Queue").click()
    page.locator("[data-testid='stDataFrame']").first.wait_for()
    page.wait_for_function(
        "document.querySelector(\"[data-testid='stSidebar']\")?.getAttribute('aria-expanded') !== 'true'"
    )


@pytest.fixture
def short_lived(tmp_path: Path, server: Server) -> Iterator[subprocess.Popen[bytes]]:
    """A second server on the same workspace, for a test to stop."""
    port = free_port()
    environment = {**os.environ, "HYBRID_NER_WORKSPACE": str(server.place.folder), "OMP_NUM_THREADS": "1"}
    flags = server_flags(port, "127.0.0.1")
    command = [sys.executable, "-m", "streamlit", "run", str(REPOSITORY / "app.py"), *flags]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=log, stderr=log)
    try:
        until_healthy(f"http://127.0.0.1:{port}", process, tmp_path / "log")
        process.args = [f"http://127.0.0.1:{port}"]
        yield process
    finally:
        stop(process)


@pytest.mark.slow
def test_a_server_that_is_away_is_told_in_words_of_this_page(
    open_page: Open, server: Server, short_lived: subprocess.Popen[bytes]
) -> None:
    address = server.address(project=server.project()).replace(server.url, short_lived.args[0])  # type: ignore[index]
    page = open_page(address)
    page.locator(".annotator .mention").first.wait_for()
    short_lived.send_signal(signal.SIGKILL)
    short_lived.wait()
    page.get_by_text("The program behind this page is not running").wait_for(timeout=2 * WAIT)
    expect(page.get_by_text("connected to the internet")).to_have_count(0)
    expect(page.get_by_text("Streamlit")).to_have_count(0)


LONG = " ".join(
    f"Line {n} has fever and aspirin and so on for a while, then some words more." for n in range(120)
)
CLIP = (
    f"""async (known) => {{{STANDING}"""
    """
  // Scrolls until a span lies half above the edge, and says where it and a word behind it are; of a known one
  // only the latter.
  const host = [...document.querySelectorAll('*')].find((e) => e.shadowRoot?.querySelector('.annotator'));
  const page = host.shadowRoot.querySelector('.page');
  const spans = [...page.querySelectorAll('.mention')];
  const top = page.getBoundingClientRect().top;
  const span = spans.find((each) =>
    known ? each.dataset.span === known : each.getBoundingClientRect().top > top + 150);
  const box = span.getBoundingClientRect();
  if (!known) page.scrollTop += box.top - top + box.height / 2;
  const now = span.getBoundingClientRect();
  const y = now.bottom - 6;
  const text = span.nextSibling;
  const range = document.createRange();
  // The number and the label of a span are drawn around its words.
  range.selectNodeContents(span);
  const first = range.getBoundingClientRect();
  const at = text.data.search(/\\b(on|while|some|so|and)\\b/);
  range.setStart(text, at); range.setEnd(text, at + 3);
  const last = range.getBoundingClientRect();
  return {x0: first.left + 2, y0: y, x1: last.right, y1: y, scroll: page.scrollTop,
    start: span.dataset.span, said: span.textContent + text.data.slice(0, at + 3)};
}"""
)
SCROLL = "() => [...document.querySelectorAll('*')].find((e) => e.shadowRoot?.querySelector('.annotator'))" \
    ".shadowRoot.querySelector('.page').scrollTop"  # fmt: skip


@pytest.mark.slow
def test_a_drag_that_begins_on_a_half_hidden_line_marks_what_was_dragged_over(
    open_page: Open, server: Server
) -> None:
    project = server.project(long=LONG)
    page = open_page(server.address(project=project, doc="long"), viewport={"width": 900, "height": 560})
    page.locator(".annotator[data-document='long']").wait_for()
    settled(page)
    before, places = {}, page.evaluate(CLIP, "")
    while before != places:  # framing what the mouse rests on may move the text
        before = places
        page.mouse.move(places["x0"], places["y0"])
        page.wait_for_timeout(100)  # more than the annotator waits
        places = page.evaluate(CLIP, places["start"])
    page.mouse.down()
    page.mouse.move(places["x1"], places["y1"], steps=8)
    assert page.evaluate(SCROLL) == places["scroll"]
    page.mouse.up()
    draft = page.locator(".mention.draft")
    draft.first.wait_for()
    said = " ".join("".join(draft.all_inner_texts()).split())
    assert places["said"].split()[0] in said
    assert said.startswith(places["said"].split()[0])


@pytest.mark.slow
def test_pointing_frames_and_a_new_span_has_a_likely_label(open_page: Open, server: Server) -> None:
    text = "Fever after aspirin. Aspirin again, then aspirin. Hay fever came, and a scarlet fever."
    project = server.project(one=text, two="Fever.")
    page = open_page(server.address(project=project, doc="one"))
    page.locator(".annotator[data-document='one']").wait_for()
    settled(page)
    page.locator(".mention[data-span='3']").hover()
    page.locator(".mention.selected[data-span='3']").wait_for()
    page.keyboard.press("X")
    settled(page)
    session = server.session(project)

    def decided() -> list[tuple[str, str, str]]:
        view = session.view("one")
        assert view is not None
        spans = sorted(view.spans, key=lambda span: span.start)
        return [(s.surface, s.label, s.status) for s in spans if s.status != "open" and not s.reason]

    assert decided() == [(word, "Drug", "rejected") for word in ("aspirin", "Aspirin", "aspirin")]
    drag(page, "Hay", "fever")
    page.get_by_text("new mention: Disease with Enter, or choose another label").wait_for()
    drag(page, "scarlet")
    page.keyboard.press("2")
    drag(page, "after")
    page.keyboard.press("Escape")
    settled(page)
    new = [each for each in decided() if each[2] == "accepted"]
    assert [each[0] for each in new] == ["Hay fever", "scarlet"]
    assert new[0][1] == "Disease"
    assert new[1][1] != "Disease"
    drag(page, "again")
    page.keyboard.press("Enter")  # makes the mention
    page.keyboard.press("Enter")  # accepts the rest
    page.locator(".annotator[data-document='two']").wait_for()
    settled(page)
    assert ("again", "accepted") in {(surface, status) for surface, _, status in decided()}


@pytest.mark.slow
def test_new_spans_get_the_label_of_listed_terms_that_end_alike(open_page: Open, server: Server) -> None:
    text = "Naproxofen for dark fever pain. Dark was it, and dark. Dexrofen (DXF), zzz."
    project = server.project(one=text)
    page = open_page(server.address(project=project, doc="one"))
    page.locator(".annotator[data-document='one']").wait_for()
    settled(page)
    for first, last, said in (
        ("Naproxofen", "Naproxofen", "new mention: Drug with Enter"),
        ("Naproxofen", "dark", "new mention: Drug with Enter"),
        ("DXF", "DXF", "new mention: Drug with Enter"),
        ("zzz", "zzz", "new mention: choose its label"),
    ):
        drag(page, first, last)
        page.locator(".about", has_text=said).wait_for()
        page.keyboard.press("Escape")
    drag(page, "dark", held="Shift")
    page.get_by_text("here and in 2 other places").wait_for()
    page.keyboard.press("2")
    settled(page)
    view = server.session(project).view("one")
    assert view is not None
    assert sorted(s.start for s in view.spans if s.surface.lower() == "dark") == [15, 32, 49]


def test_the_question_whether_to_withdraw_is_not_hidden(server: Server, open_page: Open) -> None:
    page = open_page(server.address(project=server.project(), doc="note-1"))
    page.locator(".annotator[data-document='note-1']").wait_for()
    page.get_by_role("button", name="Not our document?").click()
    page.get_by_role("button", name="Withdraw this document").click()
    page.get_by_text("Take note-1 out of the project").first.wait_for()
    sync_api.expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)
    page.locator(".st-key-yes button").click()
    page.get_by_text("note-1 is withdrawn").first.wait_for()
