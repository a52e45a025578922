from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.matching.edits import Edit, describe, edits_between
from tests.oracle.fuzzy import distance

WORDS = st.text("abc", max_size=9)


@given(WORDS, WORDS)
def test_edits_are_fewest_and_lead_from_one_to_the_other(reference: str, found: str) -> None:
    edits = edits_between(reference, found)
    assert len(edits) == distance(reference, found)
    built, done = "", 0
    for edit in edits:
        built += reference[done : edit.at]
        assert len(built) == edit.place
        assert reference[edit.at : edit.at + len(edit.old)] == edit.old
        built += edit.new
        done = edit.at + len(edit.old)
    assert built + reference[done:] == found


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (Edit("insert", 1, 1, "", "x"), "extra “x”"),
        (Edit("delete", 1, 1, "x", ""), "“x” missing"),
        (Edit("replace", 1, 1, "x", "y"), "“y” for “x”"),
        (Edit("swap", 1, 1, "xy", "yx"), "“xy” swapped"),
    ],
)
def test_edits_in_words(edit: Edit, said: str) -> None:
    assert describe(edit) == said
