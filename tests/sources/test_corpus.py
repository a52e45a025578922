"""Training windows."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc, DocBin, Span

from hybrid_ner.text.tokenizer import blank
from hybrid_ner.training.recipe import training_windows, write_training_data

NLP = blank()


@given(
    st.lists(st.sampled_from(["a", "b", ".", "\n", ";"]), max_size=60),
    st.sets(st.integers(0, 58)),
    st.integers(2, 12),
)
def test_windows_keep_every_token_and_entity(words: list[str], starts: set[int], size: int) -> None:
    doc = Doc(NLP.vocab, words=words)
    spans = [Span(doc, s, s + 2, "X") for s in sorted(starts) if s % 2 == 0 and s + 2 <= len(doc)]
    doc.set_ents(spans)
    pieces = list(training_windows(doc, size))
    assert [t.text for piece in pieces for t in piece] == words
    assert sum(len(piece.ents) for piece in pieces) == len(spans)


def test_every_twentieth_window_is_held_out(tmp_path: Path) -> None:
    docs = [NLP.make_doc("One two three.") for _ in range(40)]
    for doc in docs:
        doc.set_ents([])
    train, dev = tmp_path / "train.spacy", tmp_path / "dev.spacy"
    assert write_training_data(docs, train, dev) == (38 * 4, 2 * 4)
    assert len(DocBin().from_disk(train)) == 38
    assert len(DocBin().from_disk(dev)) == 2
