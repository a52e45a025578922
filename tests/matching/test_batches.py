from __future__ import annotations

from itertools import count, islice

from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.text.patterns import batches


@given(st.lists(st.text("a", max_size=9)), st.integers(1, 20))
def test_batches_hold_every_text_in_order_and_are_bounded(texts: list[str], characters: int) -> None:
    found = list(batches(texts, characters))
    assert [text for batch in found for text in batch] == texts
    assert all(sum(len(text) + 1 for text in batch[:-1]) < characters for batch in found)


def test_texts_are_read_as_they_are_needed_even_empty_ones() -> None:
    asked = count()
    endless = ("" for _ in asked)
    assert len(list(islice(batches(endless, 10), 3))) == 3
    assert next(asked) <= 31
