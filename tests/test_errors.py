"""Hints have a name and values, so that each face says them in its own words."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from hybrid_ner.errors import Hint, InputError, MissingPartError
from hybrid_ner.terms.readers import load_gazetteer
from hybrid_ner.ui.importing import _WORDS

HINT = Hint("limit", "raise the limit: --limit {name}=…", name="rows")


@pytest.mark.parametrize("other", [pickle.loads(pickle.dumps(HINT)), Hint.restore(Hint.plain(HINT))])
def test_hint_reaches_another_process_whole(other: Hint) -> None:
    assert (other, other.code, other.values) == ("raise the limit: --limit rows=…", "limit", {"name": "rows"})


def test_each_face_says_a_hint_in_its_words() -> None:
    assert Hint.in_words(HINT, {"limit": "Split it ({name})."}) == "Split it (rows)."
    assert Hint.in_words(HINT, {"other": "…"}) is HINT
    assert Hint.in_words("Check it.", {"": "…"}) == "Check it."
    assert Hint.restore(Hint.plain("Check {it}.")) == "Check {it}."


def test_page_has_words_for_every_hint_that_names_an_option(tmp_path: Path) -> None:
    plain = tmp_path / "things.csv"
    plain.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_gazetteer(plain)
    assert "--" not in Hint.in_words(caught.value.hint, _WORDS)
    assert not any("--" in words or "format=" in words for words in _WORDS.values())


def test_missing_part_comes_back_from_a_worker_process() -> None:
    back = pickle.loads(pickle.dumps(MissingPartError("torch", "transformers")))
    assert (back.module, back.part) == ("torch", "transformers")
    assert "pip install 'hybrid-ner[transformers]'" in str(back)
