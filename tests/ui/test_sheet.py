"""The sheet of keys and commands."""

from __future__ import annotations

from html import escape

from hybrid_ner.review import COMMANDS, KEYS
from hybrid_ner.review.store.ranking import ORDER_WORDS, order_words
from hybrid_ner.ui.views.review import sheet


def test_sheet_holds_every_key_and_command() -> None:
    drawn = sheet()
    for key in KEYS:
        if not key.key.isdigit() and key.key != "n":
            assert f"<td>{escape(key.help)}</td>" in drawn
    for spec in COMMANDS:
        # A page has no files of the server to read.
        assert (f'<th scope="row">{escape(spec.usage[0])}</th>' in drawn) is not spec.files
    assert "`" not in drawn


def test_every_order_of_the_help_has_a_name() -> None:
    usage = next(spec.usage for spec in COMMANDS if spec.names == ("queue",))
    assert {form.split()[1] for form in usage} == set(ORDER_WORDS)
    assert order_words("fuzzy") == "similar spellings"
    assert order_words("random 50") == "random 50"
