"""A document of several parts in a real browser: every part is reached, and every place is exact."""

from __future__ import annotations

import pytest

from hybrid_ner.corpus import Document
from hybrid_ner.review.document import cut
from tests.ui.browser.conftest import Open, Server, drag, say, settled, sync_api

FILLER = "the patient 😀 slept well and ate some soup, then read the paper in the garden until noon"
LINES = [f"Day {n}: took aspirin for fever; {FILLER}." if n % 8 == 0 else f"{FILLER}." for n in range(1400)]
TEXT = "\n".join(LINES).replace(FILLER, f"{FILLER} with Rosa\u0301rio 𝒜lm", 1000)
STARTS = cut(TEXT)


@pytest.fixture(scope="module")
def project(server: Server) -> str:
    """One project for all tests: each is a reviewer of its own."""
    name = server.project(long=TEXT, short="Fever.")
    scan = Document("scan", "😀 one.\n\nPage two.\n\nThree.", meta={"page_starts": [0, 8, 19]})
    server.store.project(name).add_documents([scan])
    return name


def opened(open_page: Open, server: Server, project: str, reviewer: str) -> sync_api.Page:
    page = open_page(server.address(project=project, doc="long", reviewer=reviewer))
    page.locator(".annotator[data-document='long']").wait_for()
    settled(page)
    return page


def at_part(page: sync_api.Page, part: int) -> None:
    page.locator(f".annotator[data-part='{part}']").wait_for()
    settled(page)


def decided(server: Server, project: str, reviewer: str) -> list[tuple[int, str, str]]:
    view = server.session(project, reviewer).view("long")
    assert view is not None
    assert all(TEXT[s.start : s.end] == s.surface for s in view.spans)
    return [(s.start, s.surface, s.status) for s in view.spans if s.status != "open"]


def test_parts_are_reached_by_key_and_decided_in_place(open_page: Open, server: Server, project: str) -> None:
    assert len(STARTS) >= 3
    page = opened(open_page, server, project, "bea")
    at_part(page, 0)
    page.keyboard.press("a")
    page.keyboard.press(".")
    at_part(page, 1)
    page.keyboard.press("x")
    settled(page)
    first, second = decided(server, project, "bea")
    assert first == (TEXT.index("aspirin"), "aspirin", "accepted")
    assert second[0] >= STARTS[1] - 400
    assert (second[1], second[2]) in {("aspirin", "rejected"), ("fever", "rejected")}
    page.keyboard.press(",")
    at_part(page, 0)


def test_new_span_in_a_later_part_has_exact_code_points(
    open_page: Open, server: Server, project: str
) -> None:
    page = opened(open_page, server, project, "cleo")
    page.get_by_label("Part shown").select_option("2")
    at_part(page, 2)
    drag(page, "Rosa\u0301rio", "𝒜lm")
    page.keyboard.press("1")
    settled(page)
    [(start, surface, status)] = decided(server, project, "cleo")
    assert (surface, status) == ("Rosa\u0301rio 𝒜lm", "accepted")
    assert STARTS[2] - 400 <= start


@pytest.mark.slow
def test_reload_comes_back_to_the_part(open_page: Open, server: Server, project: str) -> None:
    page = opened(open_page, server, project, "dora")
    page.get_by_role("button", name="Next part").click()
    at_part(page, 1)
    page.keyboard.press("a")
    page.reload()
    at_part(page, 1)


@pytest.mark.slow
def test_document_opens_where_something_is_open(open_page: Open, server: Server, project: str) -> None:
    page = opened(open_page, server, project, "ella")
    page.keyboard.press("Enter")
    page.locator(".turn .echo", has_text="accepted").last.wait_for()
    settled(page)
    assert page.locator(".annotator").get_attribute("data-part") == "0"
    page.keyboard.press("Enter")
    at_part(page, 1)
    say(page, "go short")
    page.locator(".annotator[data-document='short']").wait_for()
    say(page, "back")
    page.locator(".annotator[data-document='long']").wait_for()
    at_part(page, 1)
    assert all(start < STARTS[1] + 400 for start, _, _ in decided(server, project, "ella"))


@pytest.mark.slow
def test_what_a_line_is_about_is_shown_in_its_part(open_page: Open, server: Server, project: str) -> None:
    page = opened(open_page, server, project, "fay")
    view = server.session(project).view("long")
    assert view is not None
    middle = sum(start <= view.spans[199].start for start in STARTS) - 1
    assert 0 < middle < len(STARTS) - 1
    for line, part in (
        ("why 200", middle),
        (f'find "Day {1400 - 8}"', len(STARTS) - 1),
        ("ok 200", middle),
    ):
        say(page, line)
        at_part(page, part)


def test_words_that_were_looked_for_are_marked_and_can_be_labeled(
    open_page: Open, server: Server, project: str
) -> None:
    page = opened(open_page, server, project, "gus")
    say(page, "find noon")
    say(page, "find noon")
    page.locator(".draft", has_text="noon").wait_for()
    settled(page)
    first = TEXT.index("noon")
    second = TEXT.index("noon", first + 1)
    sync_api.expect(page.locator(".draft")).to_have_count(1)
    page.locator(".page").focus()
    page.keyboard.press("1")
    settled(page)
    assert decided(server, project, "gus") == [(second, "noon", "accepted")]
    say(page, f'find "Day {1400 - 8}"')
    at_part(page, len(STARTS) - 1)
    page.locator(".draft", has_text="Day 1392").wait_for()
    # What was only looked for is made no mention by going on.
    say(page, "go short")
    page.locator(".annotator[data-document='short']").wait_for()
    assert decided(server, project, "gus") == [(second, "noon", "accepted")]
    say(page, "go scan")
    page.locator(".annotator[data-document='scan']").wait_for()
    say(page, "go to page 2, please")
    page.locator(".draft", has_text="Page").wait_for()
    sync_api.expect(page.get_by_text("page 2 of 3 · 0 open")).to_be_visible()
