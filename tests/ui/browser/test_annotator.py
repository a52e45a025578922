"""The annotator in a real browser, over a plain memory: offsets, keys, and edits that are never lost."""

from __future__ import annotations

import ast
import re

import pytest

from tests.ui.browser.conftest import RANGE, Open, drag, paused, pointed, sync_api
from tests.ui.harness_app import TEXTS


def open_text(
    open_page: Open, harness: str, name: str, key: str, spans: int = 5, slow: float = 0
) -> sync_api.Page:
    page = open_page(f"{harness}/?text={name}&spans={spans}&key={key}&slow={slow}")
    page.locator(".annotator").wait_for()
    page.locator(".annotator[data-document]").wait_for()
    return page


def written(page: sync_api.Page, number: int) -> list[tuple[str, int, int, int, str, str, str]]:
    """The last edits that the server wrote down, once there are ``number``."""
    page.get_by_text(f"edits written: {number}", exact=True).wait_for()
    page.locator("[data-test-script-state='notRunning']").wait_for(state="attached")
    rows = page.locator("[data-testid='stText']").all_inner_texts()
    return [ast.literal_eval(row) for row in rows if row.startswith("(")]


def test_dragged_spans_have_exact_code_points(open_page: Open, harness: str) -> None:
    page = open_text(open_page, harness, "unicode", "drag", 0)
    names = ("Disease", "Chemical", "Symptom", "Anatomy")
    for number, surface in enumerate(("😀", "cafe\u0301", "𝒜fib", "chest pain"), 1):
        drag(page, surface)
        page.keyboard.press(str(number))
        kind, _, start, end, said, name, _ = written(page, number)[-1]
        assert (kind, said) == ("add", surface)
        assert TEXTS["unicode"][start:end] == surface
        assert name == names[number - 1]


def test_span_may_cross_lines(open_page: Open, harness: str) -> None:
    page = open_text(open_page, harness, "unicode", "lines", 0)
    drag(page, "chest", "but")
    page.keyboard.press("1")
    _, _, start, end, said, _, _ = written(page, 1)[-1]
    assert said == TEXTS["unicode"][start:end] == "chest pain,\nbut"
    pieces = page.locator(".mention").evaluate_all("all => all.map((n) => n.getClientRects().length)")
    assert pieces == [1, 1], "no frame around an end of line"


def test_drag_inside_a_word_takes_the_whole_word(open_page: Open, harness: str) -> None:
    page = open_text(open_page, harness, "unicode", "snap", 0)
    drag(page, "eni", "pai")
    page.keyboard.press("1")
    assert written(page, 1)[-1][4] == "denies chest pain"


def test_a_drag_that_rests_on_its_way_is_one_mention(open_page: Open, harness: str) -> None:
    page = open_text(open_page, harness, "unicode", "rest", 0)
    drag(page, "Fever")
    page.keyboard.press("2")  # from now on a new mention has a likely label
    written(page, 1)
    for number, outside in ((2, False), (3, True)):
        places = pointed(page, ["reports", "reports"] if outside else ["denies", "pain"])
        page.mouse.down()
        page.mouse.move((places["x0"] + places["x1"]) / 2, places["y0"], steps=3)
        page.wait_for_timeout(700)  # longer than a selection made by touch waits before it is taken
        sync_api.expect(page.locator(".mention.draft"), "the mouse has not been let go").to_have_count(0)
        page.mouse.move(places["x1"], places["y1"], steps=3)
        if outside:
            page.mouse.move(1275, places["y1"], steps=3)
        page.mouse.up()
        page.locator(".mention.draft").first.wait_for()
        page.keyboard.press("1")
        kind, _, _, _, said, label, _ = written(page, number)[-1]
        assert (kind, label) == ("add", "Disease")
        assert said == ("reports 𝒜fib twice: 𝒜fib" if outside else "denies chest pain")


def test_a_new_mention_that_is_drawn_anew_is_still_one(open_page: Open, harness: str) -> None:
    page = open_text(open_page, harness, "unicode", "anew", 0)
    drag(page, "Fever")
    page.keyboard.press("2")
    written(page, 1)
    for last in ("chest", "pain"):  # the first was too short
        drag(page, "chest", last)
    expect = page.locator(".about .surface")
    sync_api.expect(expect).to_have_text("chest pain")
    places = pointed(page, ["pain", "pain"])
    page.mouse.dblclick(places["x0"] + 4, places["y0"])
    page.keyboard.press("Enter")
    assert written(page, 2)[-1][4:6] == ("pain", "Chemical")


def test_edges_of_a_new_mention_move_by_words(open_page: Open, harness: str) -> None:
    page = open_text(open_page, harness, "unicode", "new-edges")
    drag(page, "chest")
    page.keyboard.press("]")
    page.get_by_role("button", name="Move the left edge out by one word").click()
    sync_api.expect(page.locator(".about .surface")).to_have_text("denies chest pain")
    page.get_by_role("button", name="Move the left edge in by one word").click()
    page.keyboard.press("2")
    rows = written(page, 1)
    assert [(row[0], row[4], row[5]) for row in rows] == [("add", "chest pain", "Chemical")]


def test_an_edge_goes_on_past_punctuation(open_page: Open, harness: str) -> None:
    """A span ends with no comma: an edge that stopped there was back where it came from."""
    page = open_text(open_page, harness, "unicode", "past-comma")
    drag(page, "pain")
    page.keyboard.press("]")
    page.keyboard.press("2")
    assert written(page, 1)[0][4] == "pain,\nbut"


SELECT = """([text, size]) => {
  const host = [...document.querySelectorAll('*')].find((e) => e.shadowRoot?.querySelector('.annotator'));
  const walker = document.createTreeWalker(host.shadowRoot.querySelector('.page'), NodeFilter.SHOW_TEXT);
  let leaf = walker.nextNode();
  while (!leaf.data.includes(text)) leaf = walker.nextNode();
  const at = leaf.data.indexOf(text);
  document.getSelection().setBaseAndExtent(leaf, at, leaf, at + size);
}"""
"""What a long press does, and then each of its handles."""
SELECTED = "document.getSelection().type"


def test_a_selection_by_touch_may_grow(open_page: Open, harness: str) -> None:
    address = f"{harness}/?text=unicode&spans=0&key=touch&slow=0"
    page = open_page(address, viewport={"width": 390, "height": 844}, has_touch=True)
    page.locator(".annotator[data-document]").wait_for()
    page.locator(".page").tap()
    surface = page.locator(".about .surface")
    for size, said in ((5, "chest"), (10, "chest pain")):
        page.evaluate(SELECT, ["chest pain", size])
        sync_api.expect(surface).to_have_text(said)
        assert page.evaluate(SELECTED) == "Range", "its handles are there"
    page.get_by_role("button", name="Disease").tap()
    assert written(page, 1)[-1][4:6] == ("chest pain", "Disease")
    assert page.evaluate(SELECTED) != "Range"


def test_keys_decide_and_go_on(open_page: Open, harness: str) -> None:
    page = open_text(open_page, harness, "unicode", "keys")
    for key in ("a", "x", "3"):
        page.keyboard.press(key)
    rows = written(page, 3)
    assert [(row[0], row[1], row[5]) for row in rows] == [
        ("accept", 1, ""),
        ("reject", 2, ""),
        ("relabel", 3, "Symptom"),
    ]
    assert page.locator(".mention.selected").first.get_attribute("data-span") == "4"


def test_boundary_keys_move_by_tokens(open_page: Open, harness: str) -> None:
    page = open_text(open_page, harness, "unicode", "boundary")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("]")
    kind, number, start, end, said, _, _ = written(page, 1)[-1]
    assert (kind, number) == ("boundary", 2)
    assert said == TEXTS["unicode"][start:end] == "cafe\u0301 au"


def test_new_span_by_keyboard_alone(open_page: Open, harness: str) -> None:
    page = open_text(open_page, harness, "unicode", "draw", 0)
    for key in ("n", "ArrowRight", "ArrowRight", "Shift+ArrowRight", "2"):
        page.keyboard.press(key)
    row = written(page, 1)[-1]
    assert (row[0], row[5]) == ("add", "Chemical")
    assert TEXTS["unicode"][row[2] : row[3]] == row[4]
    assert len(row[4].split()) == 2


def test_every_edit_arrives_while_the_script_is_slow(open_page: Open, harness: str) -> None:
    """24 edits during runs of a third of a second: one that is lost would be a lost decision."""
    page = open_text(open_page, harness, "2000", "slow", 30, 0.3)
    for _ in range(24):
        page.keyboard.press("a")
    page.locator(".annotator[data-waiting='0']").wait_for()
    # The line below the component is drawn after it.
    page.get_by_text("edits written: 24", exact=True).wait_for()
    assert page.locator(".annotator").get_attribute("data-open") == "6"


def test_edits_survive_a_reload_in_the_middle(open_page: Open, harness: str) -> None:
    page = open_text(open_page, harness, "2000", "reload", 30, 0.5)
    for _ in range(6):
        page.keyboard.press("x")
    page.reload()
    page.locator(".annotator[data-document]").wait_for()
    page.locator(".annotator[data-open='24'][data-waiting='0']").wait_for()
    written(page, 6)


def test_edits_are_shown_before_the_server_has_them(open_page: Open, harness: str) -> None:
    page = open_text(open_page, harness, "2000", "optimistic", 30, 1.0)
    # In one go: on a slow machine the answer may come before a second question to the browser.
    shown = page.locator(".annotator").evaluate(
        """node => {
          window.dispatchEvent(new KeyboardEvent("keydown", { key: "a" }));
          return [node.dataset.open, node.dataset.waiting];
        }"""
    )
    assert shown == ["29", "1"]
    page.locator(".annotator[data-waiting='0']").wait_for()
    written(page, 1)


@pytest.mark.slow
def test_answer_of_the_server_waits_for_the_end_of_a_drag(open_page: Open, harness: str) -> None:
    page = open_text(open_page, harness, "unicode", "drag-answer", 2)
    page.locator("[data-test-script-state='notRunning']").wait_for(state="attached")
    with paused(harness) as pause:
        pause()
        page.keyboard.press("a")
        places = page.evaluate(RANGE, ["but", "reports"])
        page.mouse.move(places["x0"], places["y0"])
        page.mouse.down()
        page.mouse.move(places["x1"], places["y1"], steps=6)
    page.get_by_text("edits written: 1", exact=True).wait_for()
    assert page.locator(".annotator").get_attribute("data-waiting") == "1"
    page.mouse.up()
    page.locator(".mention.draft", has_text="reports").wait_for()
    page.locator(".annotator[data-waiting='0']").wait_for()


@pytest.mark.slow
def test_unsaved_edits_are_said_to_be(open_page: Open, harness: str) -> None:
    page = open_text(open_page, harness, "2000", "unsaved", 30)
    page.locator("[data-test-script-state='notRunning']").wait_for(state="attached")
    with paused(harness) as pause:
        pause()
        page.keyboard.press("a")
        page.keyboard.press("x")
        page.locator(".saved.late", has_text="2 not saved yet, trying again").wait_for()
    page.locator(".annotator[data-waiting='0']").wait_for()
    page.locator(".saved:not(.late)").get_by_text("saved", exact=True).wait_for()
    written(page, 2)


def test_text_is_never_interpreted(open_page: Open, harness: str) -> None:
    page = open_text(open_page, harness, "hostile", "hostile", 3)
    shown = page.locator(".page").evaluate("node => node.textContent")
    assert shown == TEXTS["hostile"]
    assert page.title() != "owned"
    sync_api.expect(page.locator(".page script, .page img, .page a, .page strong")).to_have_count(0)


def test_empty_document_is_drawn(open_page: Open, harness: str) -> None:
    page = open_text(open_page, harness, "empty", "empty", 0)
    page.get_by_text("Nothing is marked here").wait_for()


def test_commands_with_words_open_a_field(open_page: Open, harness: str) -> None:
    page = open_text(open_page, harness, "unicode", "prompt")
    page.keyboard.press("f")
    page.locator(".prompt-line").wait_for()
    page.keyboard.type("ask cardiology")
    page.keyboard.press("Enter")
    assert written(page, 1)[-1][6] == 'flag "ask cardiology"'


def test_keys_of_streamlit_do_not_fire(open_page: Open, harness: str) -> None:
    page = open_text(open_page, harness, "unicode", "rkey")
    page.keyboard.press("c")
    page.keyboard.press("r")
    assert written(page, 1)[-1][0] == "reopen"
    sync_api.expect(page.get_by_role("dialog")).to_have_count(0)


def test_marks_are_named_for_screen_readers(open_page: Open, harness: str) -> None:
    page = open_text(open_page, harness, "unicode", "names")
    first = page.get_by_role("group", name="1: Fever, Chemical, suggested by the model, not decided")
    first.wait_for()
    page.keyboard.press("a")
    page.get_by_role("group", name="1: Fever, Chemical, suggested by the model, accepted").wait_for()
    sync_api.expect(page.get_by_role("toolbar", name="Selected mention")).to_be_visible()


def test_click_chooses_and_drag_moves_a_boundary(open_page: Open, harness: str) -> None:
    page = open_text(open_page, harness, "unicode", "click")
    page.locator("#span-3").click()
    assert page.locator(".about .number").inner_text() == "3"
    drag(page, "lait", "spots")
    page.get_by_role("button", name="Move 3 here").click()
    row = written(page, 1)[-1]
    assert row[:2] == ("boundary", 3)
    assert row[4] == "lait spots"


def test_a_new_mention_far_from_the_framed_one_moves_none(open_page: Open, harness: str) -> None:
    page = open_text(open_page, harness, "unicode", "far", 1)
    page.locator("#span-1").click()
    drag(page, "spots")  # five words away from the framed "Fever"
    page.get_by_role("button", name="Cancel").wait_for()
    sync_api.expect(page.get_by_role("button", name=re.compile("^Move [0-9]+ here$"))).to_have_count(0)


def test_spans_that_were_not_chosen_are_counted_apart(open_page: Open, harness: str) -> None:
    page = open_page(f"{harness}/?text=unicode&spans=5&faint=2&key=faint")
    page.locator(".annotator[data-document]").wait_for()
    counts = page.locator(".counts")
    sync_api.expect(counts).to_have_text("3 open (and 2 less likely) · 0 accepted · 0 rejected")
    page.keyboard.press("a")
    sync_api.expect(counts).to_have_text("2 open (and 2 less likely) · 1 accepted · 0 rejected")
    written(page, 1)


def test_large_document_is_drawn_and_edited(open_page: Open, harness: str) -> None:
    page = open_text(open_page, harness, "100000", "large", 2000)
    assert page.locator(".annotator").get_attribute("data-open") == "2000"
    page.keyboard.press("a")
    written(page, 1)


def test_text_from_right_to_left_has_exact_places(open_page: Open, harness: str) -> None:
    page = open_text(open_page, harness, "rtl", "rtl", 0)
    for number, surface in enumerate(("חום", "aspirin", "שלום"), 1):
        drag(page, surface)
        page.keyboard.press(str(number))
        _, _, start, end, said, _, _ = written(page, number)[-1]
        assert said == surface == TEXTS["rtl"][start:end]
    directions = page.locator(".line").evaluate_all(
        "lines => lines.map((n) => getComputedStyle(n).direction)"
    )
    assert directions == ["rtl", "ltr"]


def test_number_stays_with_its_term_between_other_scripts(open_page: Open, harness: str) -> None:
    page = open_text(open_page, harness, "rtl", "rtl-marks", 5)
    boxes = page.locator(".mention.first").evaluate_all("all => all.map((n) => n.getClientRects().length)")
    assert boxes == [1] * len(boxes)


def test_of_many_labels_those_in_use_here_have_buttons(open_page: Open, harness: str) -> None:
    page = open_text(open_page, harness, "unicode&more=14", "many")
    labels = page.get_by_role("button", name=re.compile("^(Disease|Chemical|Symptom|Anatomy|Other[0-9]+)$"))
    first = ["Disease", "Chemical", "Symptom", "Anatomy", "Other1", "Other2"]
    sync_api.expect(labels).to_have_text(first)
    page.get_by_role("button", name="12 more labels").click()
    sync_api.expect(labels).to_have_text([*first, *(f"Other{n}" for n in range(3, 15))])
    page.get_by_role("button", name="Fewer labels").click()
    sync_api.expect(labels).to_have_text(first)
    page.keyboard.press("9")  # a folded label keeps its key
    assert written(page, 1)[-1][5] == "Other5"
    expect_named = page.get_by_role("button", name="Other5", exact=True)
    sync_api.expect(expect_named).to_have_count(1)


def test_the_first_of_many_labels_stay_however_many_others_are_in_use(open_page: Open, harness: str) -> None:
    """Labels of one's own stand first, and nothing in a document had them yet: they were folded away."""
    page = open_text(open_page, harness, "1000&more=14", "own", spans=7)
    for key in "90bdgim":
        page.keyboard.press(key)
    written(page, 7)
    labels = page.get_by_role("button", name=re.compile("^(Disease|Chemical|Symptom|Anatomy|Other[0-9]+)$"))
    used = [f"Other{number}" for number in range(1, 12) if number not in (3, 4)]
    sync_api.expect(labels).to_have_text(["Disease", "Chemical", "Symptom", "Anatomy", *used])


def test_buttons_are_named_without_their_keys(open_page: Open, harness: str) -> None:
    page = open_text(open_page, harness, "unicode", "buttons")
    names = ["Accept", "Reject", "Disease", "Why", "Move the left edge out by one word"]
    assert all(page.get_by_role("button", name=name, exact=True).count() == 1 for name in names)


def test_an_edge_of_a_mention_out_of_sight_is_shown_before_it_moves(open_page: Open, harness: str) -> None:
    page = open_text(open_page, harness, "100000", "away", 2000)
    page.locator("#span-1").click()
    page.locator(".page").evaluate("(page) => { page.scrollTop = 4000; }")
    page.keyboard.press("]")
    sync_api.expect(page.locator(".spoken")).to_contain_text("once more moves its edge")
    page.keyboard.press("]")
    assert written(page, 1)[-1][:2] == ("boundary", 1)
