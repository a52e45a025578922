"""Components drawn in an empty page, without a server: what they do by themselves, in a moment each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hybrid_ner.review import DocumentView, Pending, ReviewSession, ReviewStore, SpanView, TurnRow
from hybrid_ner.review.store.card import default_tokenize
from hybrid_ner.review.store.lookups import LabelLook
from hybrid_ner.review.term_queue import Context, TermCard
from hybrid_ner.text import content_hash
from hybrid_ner.ui import components
from hybrid_ner.ui.components import Turn, board_data, card_key, payload, script, turn_rows
from tests.ui.browser.conftest import sync_api
from tests.ui.browser.test_page import CLIP, LONG, SCROLL

expect = sync_api.expect

ADDRESS = "http://127.0.0.1/alone"
"""Nobody is asked there: the tab has its storage at an address alone."""
DRAW = """([html, css]) => {
  const root = document.body.appendChild(document.createElement("div")).attachShadow({ mode: "open" });
  root.innerHTML = `<style>${css}</style>${html}`;
  window.sent = [];
  window.update = (data) => window.component({
    parentElement: root, data, setStateValue: (name, value) => sent.push(value),
  });
}"""


VIEWPORT: sync_api.ViewportSize = {"width": 900, "height": 560}


@pytest.fixture(scope="module")
def tab(browser: sync_api.Browser) -> Iterator[sync_api.Page]:
    """A tab that reaches nobody."""
    context = browser.new_context(has_touch=True)
    made = context.new_page()
    made.route("**/*", lambda asked: asked.fulfill(body="<!doctype html>", content_type="text/html"))
    yield made
    context.close()


@pytest.fixture
def page(tab: sync_api.Page) -> sync_api.Page:
    """An empty page, which remembers nothing."""
    tab.set_viewport_size(VIEWPORT)
    tab.goto(ADDRESS)
    tab.evaluate("sessionStorage.clear()")
    tab.reload()
    return tab


def draw(page: sync_api.Page, name: str, data: dict[str, Any]) -> None:
    """Draw a component, as Streamlit does; ``update`` gives it other data, ``sent`` is what it has sent."""
    folder = Path(components.__file__).parent / name
    html, css = ((folder / f"{name}.{kind}").read_text(encoding="utf-8") for kind in ("html", "css"))
    page.add_script_tag(
        content=script(name).replace("export default function", "window.component = function")
    )
    page.evaluate(DRAW, [html, css])
    page.evaluate("(data) => update(data)", data)


def lines(page: sync_api.Page) -> list[str]:
    """The lines that wait, as they were sent last."""
    said: list[str] = page.evaluate("(sent.at(-1)?.edits || []).map((edit) => edit.line)")
    return said


def document(text: str, *words: str, faint: str = "", turn: Turn | None = None) -> dict[str, Any]:
    """What the annotator draws of a text in which these words are marked, one of them only less likely."""
    places = [(text.index(word), word) for word in (*words, *filter(None, [faint]))]
    spans = tuple(
        SpanView(n, start, start + len(word), word, "Drug", "open", "rule", chosen=word != faint)
        for n, (start, word) in enumerate(places, 1)
    )
    tokens, digest = tuple(default_tokenize(text)), content_hash(text)
    view = DocumentView("d1", 1, 1, text, digest, "r1", 0, spans, tokens, ("Drug", "Disease"), "", 1, False)
    return payload(view, "p", turn or Turn({}), [("a", "ok {n}", "accept"), ("x", "no {n}", "reject")])


def card(term: str, places: int) -> TermCard:
    contexts = tuple(
        Context(f"n{n}", n, 0, len(term), "", term, f" in note {n} and more.", True, "rule", 0.9)
        for n in range(1, places + 1)
    )
    return TermCard(term, "Drug", places, 0, places, (("rule", places),), (), 0, 0, contexts)


def board(*cards: TermCard, **more: Any) -> dict[str, Any]:
    return board_data(cards, "p", (), {}, None, None, **more)


def test_after_a_rejection_what_lies_inside_comes_next(page: sync_api.Page) -> None:
    text = "Severe chest pain. Then fever."
    draw(page, "annotator", document(text, "Severe chest pain", "fever", faint="chest pain"))
    for surface in ("Severe chest pain", "chest pain", "fever"):
        expect(page.locator(".about .surface")).to_have_text(surface)
        page.keyboard.press("x")
    assert page.evaluate("sent.at(-1).edits.map((edit) => edit.surface)") == [
        "Severe chest pain",
        "chest pain",
        "fever",
    ]


def test_a_near_match_is_told_from_a_listed_term_before_it_is_framed(page: sync_api.Page) -> None:
    evidence = {"method": "fuzzy", "reference": "Leber", "edits": ["“d” for “b”"]}
    detail = json.dumps({"votes": [{"source": "gazetteer", "evidence": evidence}]})
    text = "Leber, Leder, Leder."
    spans = (
        SpanView(1, 0, 5, "Leber", "Organ", "open", "rule", "exact"),
        SpanView(2, 7, 12, "Leder", "Organ", "open", "rule", "fuzzy", detail=detail),
        SpanView(3, 14, 19, "Leder", "Organ", "accepted", "rule", "fuzzy", detail=detail),
    )
    tokens, digest = tuple(default_tokenize(text)), content_hash(text)
    view = DocumentView("d1", 1, 1, text, digest, "r1", 0, spans, tokens, ("Organ",), "", 1, False)
    draw(page, "annotator", payload(view, "p", Turn({}), []))
    tags = page.locator(".annotator .mention").evaluate_all("(all) => all.map((each) => each.dataset.label)")
    assert [tag.partition("Organ")[0] for tag in tags] == ["", "≈ ", ""]
    expect(page.locator("#span-2")).to_have_attribute(
        "aria-label", re.compile("almost “Leber” .“d” for “b”., not decided")
    )


def test_new_spans_get_the_label_of_listed_terms_that_end_alike(page: sync_api.Page) -> None:
    def guess(words: Any) -> list[str]:
        return ["Disease" if word.endswith("rofen") else "" for word in words]

    text = "Naproxofen for dark flu. Aprofen of old, Dexrofen (DXF), zzz."
    draw(page, "annotator", document(text, "flu", turn=Turn({}, guess=guess)))
    asked = {word: [text.index(word), text.index(word) + len(word)] for word in ("Aprofen", "DXF", "zzz")}
    asked |= {"dark flu": [15, 23], "Aprofen of old": [25, 39]}
    said = page.evaluate(
        """(asked) => {
          const drawn = instances.get(document.querySelector("div").shadowRoot);
          return Object.entries(asked).map(([word, place]) => [word, guess.of(drawn, ...place)]);
        }""",
        asked,
    )
    assert dict(said) == {
        "Aprofen": "Disease",
        "Aprofen of old": "Disease",
        "DXF": "Disease",
        "dark flu": "Drug",  # as "flu" is shown here
        "zzz": "",
    }


def edits(page: sync_api.Page) -> list[tuple[str, str, str]]:
    """Kind, text and label of the edits that wait."""
    told = "(sent.at(-1)?.edits || []).map((edit) => [edit.kind, edit.surface || '', edit.label || ''])"
    return [(kind, text, label) for kind, text, label in page.evaluate(told)]


def over(page: sync_api.Page, words: str) -> None:
    """Draw with the mouse over words of the annotator."""
    mention = page.locator(".page").evaluate(
        """(node, words) => {
          const walk = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
          while (walk.nextNode()) {
            const at = walk.currentNode.data.indexOf(words);
            if (at < 0) continue;
            const range = document.createRange();
            range.setStart(walk.currentNode, at);
            range.setEnd(walk.currentNode, at + words.length);
            const { left, right, top, bottom } = range.getBoundingClientRect();
            return [left, right, (top + bottom) / 2];
          }
        }""",
        words,
    )
    left, right, middle = mention
    page.mouse.move(left + 1, middle)
    page.mouse.down()
    page.mouse.move(right - 1, middle, steps=4)
    page.mouse.up()


def test_enter_makes_the_new_mention_and_nothing_else(page: sync_api.Page) -> None:
    draw(page, "annotator", document("Aspirin for fever, cough and flu.", "Aspirin", "flu"))
    over(page, "cough")
    about = page.locator(".about .rest")
    expect(about).to_have_text("new mention: choose its label, by button or key")
    page.keyboard.press("Enter")
    assert edits(page) == [], "no label is made up"
    expect(about).to_have_text("new mention: choose its label, by button or key")
    page.keyboard.press("2")
    over(page, "fever")
    expect(about).to_have_text("new mention: Disease with Enter, or choose another label")
    page.keyboard.press("Enter")
    added = [("add", "cough", "Disease"), ("add", "fever", "Disease")]
    assert edits(page) == added, "what waits is not accepted"
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    expect(about).to_contain_text("new mention")
    assert edits(page) == added, "what was drawn by keys is shown with its label first"
    page.keyboard.press("Enter")
    assert len(edits(page)) == 3


def test_the_frame_stays_on_a_span_of_which_an_edge_was_moved(page: sync_api.Page) -> None:
    text = "Breathless at rest. Furosemide and Echo."
    draw(page, "annotator", document(text, "Breathless", "Furosemide", "Echo"))
    surface, wider = page.locator(".about .surface"), page.get_by_role("button", name="right edge out")
    wider.click()
    expect(surface).to_have_text("Breathless at")
    moved = document(text, "Breathless at", "Furosemide", "Echo")
    moved["spans"][0][4] = "accepted"
    moved["acknowledged"] = page.evaluate("({[sent.at(-1).edits[0].client]: 1})")
    page.evaluate("(data) => update(data)", moved)
    expect(surface).to_have_text("Breathless at")
    wider.click()
    assert edits(page)[-1][:2] == ("boundary", "Breathless at rest")


def test_a_document_without_marks_says_how_it_is_finished(page: sync_api.Page) -> None:
    about, said = page.locator(".about"), "Nothing is marked here. Drag over a term to add it, or "
    draw(page, "annotator", document("Nothing of note."))
    expect(about).to_have_text(f"{said}press Next: the document then counts as reviewed.")
    done = document("Nothing of note.")
    done["doc"]["done"] = True
    page.evaluate("(data) => update(data)", done)
    expect(about).to_have_text(f"{said}go on to the next document.")


def test_a_drag_that_begins_on_a_half_hidden_line_does_not_scroll(page: sync_api.Page) -> None:
    draw(page, "annotator", document(LONG, *(f"Line {n} has fever" for n in range(120))))
    line = page.evaluate(CLIP, "")
    page.mouse.move(300, line["y0"])
    page.wait_for_timeout(100)  # more than the annotator waits
    line = page.evaluate(CLIP, line["start"])
    page.mouse.down()
    stood = set()
    for step in range(1, 9):
        page.mouse.move(300 + 20 * step, line["y0"])
        page.wait_for_timeout(60)  # the browser scrolls once in a while, as long as the mouse moves
        stood.add(page.evaluate(SCROLL))
    assert stood == {line["scroll"]} != {0}
    page.mouse.up()
    page.locator(".mention.draft").first.wait_for()


HEAD = """() => {
  const list = document.querySelector("div").shadowRoot.querySelector(".list");
  return list.querySelector(".framed .head").getBoundingClientRect().top - list.getBoundingClientRect().top;
}"""


def test_a_tick_moves_nothing_and_the_next_head_is_in_sight(page: sync_api.Page) -> None:
    cards = [card(term, 20) for term in ("aspirin", "fever", "afib")]
    draw(page, "cards", board(*cards))
    contexts = page.locator(".card.framed .contexts")
    contexts.evaluate("(each) => each.scrollTo(0, 120)")
    page.locator(".card.framed .contexts input").nth(9).uncheck()
    page.get_by_role("button", name="Only ticked (19)").wait_for()
    assert contexts.evaluate("(each) => each.scrollTop") > 100
    for n in (1, 2):
        page.locator(".list").evaluate("(each) => each.scrollTo(0, 200)")
        page.keyboard.press("a")
        page.evaluate("(data) => update(data)", board(*cards[n:]))
        expect(page.locator(".card.framed .term")).to_have_text(cards[n].term)
        assert page.evaluate(HEAD) >= 0


def test_a_card_that_was_left_is_told_and_not_drawn_again(page: sync_api.Page) -> None:
    cards = [card("aspirin", 2), card("fever", 1)]
    draw(page, "cards", board(*cards))
    page.keyboard.press(" ")
    expect(page.locator(".card.framed .term")).to_have_text("fever")
    left = page.evaluate("sent.at(-1).left")
    assert left == [card_key(cards[0], single=False)]
    page.reload()
    draw(page, "cards", board(*cards, left=left))
    expect(page.locator(".card .term")).to_have_text(["fever"])


def test_a_look_into_a_document_is_not_taken_once_more_by_a_tab_opened_anew(page: sync_api.Page) -> None:
    draw(page, "cards", board(card("aspirin", 2), card("fever", 1)))
    page.keyboard.press("a")
    page.keyboard.press("l")
    decided, looked = lines(page)
    assert decided.startswith('ok all "aspirin"')
    assert looked == "go 1"
    page.reload()
    draw(page, "cards", board(card("aspirin", 2), card("fever", 1)))
    assert lines(page) == [decided], "what was decided is sent again, the way is not"


def test_on_a_phone_what_can_be_done_stays_in_sight(page: sync_api.Page) -> None:
    head = 60  # pixels: the head of the page, below which things stay
    page.set_viewport_size({"width": 390, "height": 500})
    page.evaluate("head => { document.body.style.paddingTop = `${2 * head}px` }", head)
    cards = [card("aspirin", 20), card("fever", 20)]
    draw(page, "cards", board(*cards))

    def top(part: str) -> float:
        box = page.locator(f".card.framed {part}").bounding_box()
        assert box is not None
        return box["y"]

    page.locator(".card.framed .contexts li").nth(9).evaluate("n => n.scrollIntoView()")
    assert top(".head") < 0
    assert top(".actions") >= head - 1
    page.keyboard.press("a")
    page.evaluate("(data) => update(data)", board(cards[1]))
    expect(page.locator(".card.framed .term")).to_have_text("fever")
    assert top(".head") >= head - 1, "the name of the next term is in sight"


def test_documents_in_an_answer_are_a_click_away(page: sync_api.Page, store: ReviewStore, notes: str) -> None:
    reply = ReviewSession(store, notes, "ana").handle('all "aspirin"')
    assert reply.pending is None, "nothing is asked"
    rows = turn_rows([TurnRow("", 'all "aspirin"', reply.echo, reply.level)], [('all "aspirin"', reply)])
    more = {"empty": "", "commands": [], "project": notes, "question": "", "acknowledged": {}}
    draw(page, "turns", {"turns": rows, **more})
    sync_api.expect(page.locator(".turn td input")).to_have_count(0)
    page.locator(".turn .doc", has_text="note-2").last.click()
    assert lines(page) == ['go "note-2"']


FOCUSED = """() => {
  const { activeElement } = document.querySelector("div").shadowRoot;
  return activeElement && (activeElement.getAttribute("aria-label") || activeElement.textContent);
}"""


def decided(data: dict[str, Any], status: str) -> dict[str, Any]:
    """The same document when the server has the verdict on its first span."""
    first, *rest = data["spans"]
    return {**data, "spans": [[*first[:4], status, *first[5:]], *rest]}


def test_what_has_the_focus_keeps_it_when_the_answer_comes(page: sync_api.Page) -> None:
    data = document("Aspirin for fever.", "Aspirin", "fever")
    draw(page, "annotator", data)
    page.locator(".actions button", has_text="Why").focus()
    page.evaluate("(data) => update(data)", decided(data, "accepted"))
    expect(page.locator(".about .surface")).to_have_text("fever")
    assert page.evaluate(FOCUSED) == "Why"
    page.locator("#span-2").focus()
    page.evaluate("(data) => update(data)", {**data, "echo": "undone: accepted", "turn": 1})
    expect(page.locator(".about .surface")).to_have_text("Aspirin")
    assert page.evaluate(FOCUSED) == "1: Aspirin, Drug, suggested by the rules, not decided"
    page.locator(".actions button", has_text="Accept").press("Enter")
    assert page.evaluate(FOCUSED).startswith("2: fever"), "what comes next is read out"


def test_a_tick_keeps_the_focus(page: sync_api.Page) -> None:
    draw(page, "cards", board(card("aspirin", 3), card("fever", 1)))
    second = page.locator(".card.framed input").nth(1)
    second.press(" ")
    expect(page.get_by_role("button", name="Only ticked (2)")).to_be_visible()
    expect(second).to_be_focused()
    expect(second).not_to_be_checked()


READ_OUT = """async (data) => {
  const root = document.querySelector("div").shadowRoot;
  const watch = new MutationObserver(() => {});
  const regions = root.querySelectorAll("[aria-live], [role=status]");
  for (const each of regions) watch.observe(each, { childList: true });
  update(data);
  return watch.takeRecords().length;
}"""


def test_the_framed_card_and_a_question_are_read_out_once(page: sync_api.Page) -> None:
    cards = card("aspirin", 3), card("fever", 1)
    draw(page, "cards", board(*cards))
    aloud = page.locator(".spoken")
    expect(aloud).to_have_text("aspirin, Drug, 3 places in 3 documents · found by rules")
    page.keyboard.press("ArrowDown")
    expect(aloud).to_have_text(re.compile("^fever, Drug, 1 place in 1 document"))
    pending = Pending("yes", "yes", "never fever", "t1", question="reject 1 mention")
    asked = board_data(cards, "p", (), {}, ("said before", "info"), pending)
    page.evaluate("(data) => update(data)", asked)
    expect(aloud).to_have_text("reject 1 mention. Go on? Enter says yes, Escape leaves it.")
    assert page.evaluate(READ_OUT, asked) == 0, "what is drawn anew is not read out anew"


def test_an_answer_is_read_out_once_and_no_key_is(page: sync_api.Page) -> None:
    data = document("Aspirin for fever.", "Aspirin", "fever")
    draw(page, "annotator", {**data, "echo": "said on another page", "turn": 3})
    spoken = page.locator(".spoken")
    expect(spoken).to_be_empty()
    page.evaluate("(data) => update(data)", {**data, "echo": "see `why 1`", "turn": 4})
    expect(spoken).to_have_text("see why 1")
    spoken.evaluate("(each) => each.replaceChildren()")
    page.keyboard.press("a")
    page.evaluate("(data) => update(data)", {**data, "echo": "see `why 1`", "turn": 4})
    expect(spoken).to_be_empty()
    expect(page.locator("[role='status']")).to_have_count(0)


def test_the_frame_is_seen_in_forced_colours(page: sync_api.Page) -> None:
    outline = "(each) => getComputedStyle(each).outlineStyle"
    page.emulate_media(forced_colors="active")
    draw(page, "annotator", document("Aspirin for fever.", "Aspirin", "fever"))
    page.keyboard.press("ArrowDown")
    expect(page.locator("#span-2")).to_be_focused()
    assert page.locator("#span-2").evaluate(outline) == "solid"
    page.reload()
    draw(page, "cards", board(card("aspirin", 3), card("fever", 1)))
    assert page.locator(".card.framed").evaluate(outline) == "solid"
    page.emulate_media(forced_colors="none")


def test_nothing_lies_over_the_few_lines_of_a_screen_at_four_times_its_size(page: sync_api.Page) -> None:
    page.set_viewport_size({"width": 320, "height": 256})
    position = "(each) => getComputedStyle(each).position"
    draw(page, "annotator", document("Aspirin for fever.", "Aspirin", "fever"))
    assert page.locator(".bar").evaluate(position) == "static"
    page.reload()
    draw(page, "cards", board(card("aspirin", 3), card("fever", 1)))
    assert {page.locator(part).evaluate(position) for part in (".actions", ".foot")} == {"static"}


def test_the_key_of_the_label_that_a_card_has_accepts_it(page: sync_api.Page) -> None:
    """It relabeled, and said of what was accepted before that it was "relabeled already"."""
    looks = [LabelLook("Drug", "Drug", "blue", "1"), LabelLook("Disease", "Disease", "orange", "2")]
    draw(page, "cards", board_data([card("aspirin", 2), card("flu", 2)], "p", looks, {}, None, None))
    page.keyboard.press("1")
    page.keyboard.press("2")
    accepted, relabeled = lines(page)
    assert accepted == 'ok all "aspirin" label:Drug'
    assert relabeled.endswith("-> Disease")


def test_a_sample_is_named_by_what_a_tick_leaves_out(page: sync_api.Page) -> None:
    table = {
        "title": "",
        "columns": ["sample", "document", "context"],
        "rows": [["1", "note-2", "no [fever]"]],
    }
    turn = {"line": "no all fever", "echo": "reject 1 mention", "level": "ask", "lines": [], "table": table}
    more = {"empty": "", "commands": [], "project": "p", "question": "k", "acknowledged": {}}
    draw(page, "turns", {"turns": [turn], **more})
    expect(page.get_by_role("checkbox", name="sample 1, note-2, no [fever]")).to_be_checked()


def asking() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Each component that may ask: its name, and its data before it asks and then."""
    cards = [card("aspirin", 3)]
    pending = Pending("yes", "yes", "complete all", "t1", question="count 6 documents as reviewed")
    data = document("Aspirin for fever.", "Aspirin", "fever")
    return [
        ("cards", board(*cards), board_data(cards, "p", (), {}, None, pending)),
        ("annotator", data, {**data, "question": ["t1", "yes"]}),
    ]


def test_a_question_has_enter_whatever_button_of_the_page_has_asked(page: sync_api.Page) -> None:
    """Enter pressed *Count 6 documents as reviewed* once more, instead of saying yes."""
    for name, before, asked in asking():
        page.reload()
        draw(page, name, before)
        page.evaluate("document.body.append(document.createElement('button'))")
        page.locator("body > button").focus()
        page.evaluate("(data) => update(data)", asked)
        page.keyboard.press("Enter")
        assert lines(page) == ["yes"]


def test_a_question_that_was_left_can_be_asked_again(page: sync_api.Page) -> None:
    """It was not shown the second time on Terms; on Review Enter went on to the next document instead."""
    for name, before, asked in asking():
        page.evaluate("sessionStorage.clear()")
        page.reload()
        draw(page, name, before)
        for key in ("Escape", "Enter"):
            page.evaluate("(data) => update(data)", asked)
            page.keyboard.press(key)
            waiting = page.evaluate("sent.at(-1).edits.map((each) => [each.client, each.sequence]).at(-1)")
            page.evaluate("(data) => update(data)", {**before, "acknowledged": dict([waiting])})
        said = page.evaluate("sent.flatMap((each) => each.edits.map((edit) => edit.line))")
        assert list(dict.fromkeys(said)) == ["cancel", "yes"], name
