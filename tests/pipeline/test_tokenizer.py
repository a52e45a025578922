"""The tokenizer of every pipeline."""

from __future__ import annotations

import pytest

from hybrid_ner.text.tokenizer import blank


def test_text_longer_than_a_million_characters_is_read() -> None:
    text = "word " * 200_001
    assert len(blank().make_doc(text)) == 200_001


@pytest.mark.parametrize("mark", ["\u200b", "\u200e", "\u2060", "\ufeff"])
def test_invisible_marks_stand_apart_from_words(mark: str) -> None:
    text = f"{mark}fever{mark} and chest {mark}pain"
    words = [token.text for token in blank()(text)]
    assert words == [mark, "fever", mark, "and", "chest", mark, "pain"]


def test_joiners_stay_in_their_word() -> None:
    assert blank()("a\u200d\u200cb 👩\u200d⚕")[0].text == "a\u200d\u200cb"
