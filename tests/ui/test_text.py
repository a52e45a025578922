"""Words on the screen."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.review import parse
from hybrid_ner.review.commands.gazetteer import Never
from hybrid_ner.review.document.differences import Difference
from hybrid_ner.ui.frame import cells, plain, quoted, sentence
from hybrid_ner.ui.views.team import version_html


@pytest.mark.parametrize(
    "text",
    ["**x**", "![a](http://b/c.png)", "$x^2$", ":material/home:", "<b>", "[a](b)", "# x", "`x`", ":red[x]"],
)
def test_plain_escapes_everything_that_could_be_markup(text: str) -> None:
    shown = plain(text)
    assert shown.replace("\\", "").replace("\u2060", "") == text
    for place, character in enumerate(shown):
        if character in "*![]($:<`#)":
            assert shown[place - 1] == "\\"


def test_plain_is_one_line() -> None:
    assert plain("a\n\n  b") == "a b"


def test_names_of_files_are_read_out_without_backslashes() -> None:
    assert plain("S24-1014_b.v2.txt") == "S24-1014_b.v2.txt"
    assert plain("1. _x_ - y") == "1\\. \\_x\\_ \\- y"


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S"]), min_size=1).filter(str.strip))
def test_quoted_text_arrives_as_it_was(text: str) -> None:
    command = parse(f"never {quoted(text)}")
    assert isinstance(command, Never)
    assert command.text == " ".join(text.split())


def test_downloaded_table_holds_no_formula() -> None:
    rows = [
        {"term": "=HYPERLINK(1)", "times": -1, "change": "-0.5"},
        {"term": "fever", "times": 2, "change": ""},
    ]
    assert cells(rows) == [{**rows[0], "term": "'=HYPERLINK(1)"}, rows[1]]


def test_an_answer_begins_with_a_capital_and_an_id_stays_as_it_is() -> None:
    for said, shown in (
        ("undone: step 3", "Undone: step 3"),
        ("n1: ben for “Leder”", "n1: ben for “Leder”"),
        ("note-1 is reviewed", "note-1 is reviewed"),
        ("shall I do that (`ok; left`)?", "Shall I do that?"),  # the button says it in words
        ("say `adjudicate` first", "Say “adjudicate” first"),
        ("", ""),
    ):
        assert sentence(said) == shown


def test_a_mark_and_its_label_are_two_words_for_who_hears_them() -> None:
    """ "chest painDisease" was read as one."""
    text = "Denies chest pain."
    each = Difference(1, 7, 17, (((7, 17, "Disease"),), ()))
    said = version_html(text, each, each.versions[0], {})
    assert re.sub("<[^>]+>", "", said) == "Denies chest pain Disease."
