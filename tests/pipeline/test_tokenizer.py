"""The tokenizer of every pipeline."""

from __future__ import annotations

from hybrid_ner.pipeline.tokenizer import blank


def test_text_longer_than_a_million_characters_is_read() -> None:
    text = "word " * 200_001
    assert len(blank().make_doc(text)) == 200_001
