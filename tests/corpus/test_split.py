"""Splits and near-duplicates."""

from __future__ import annotations

import random

import pytest

from hybrid_ner.corpus import Document
from hybrid_ner.corpus.split import (
    DuplicateFinder,
    apart,
    group_duplicates,
    normalized_hash,
    split_documents,
)
from hybrid_ner.errors import InputError

SHARES = {"train": 0.8, "dev": 0.2}


def _text(seed: int, words: int = 80) -> str:
    return " ".join(f"w{random.Random(seed * 1000 + i).randrange(5000)}" for i in range(words))


def _changed(text: str, places: int) -> str:
    words = text.split()
    for place in range(places):
        words[place * len(words) // places] = "changed"
    return " ".join(words)


def test_resemblance_is_estimated_from_shared_word_sequences() -> None:
    finder = DuplicateFinder(0.3)
    text = _text(1, 400)
    assert finder.add(text) == []
    assert finder.add(text.upper().replace(" ", ", ")) == [(0, 1.0)]
    ((number, share),) = finder.add(_changed(text, 10))
    assert number == 0
    assert share == pytest.approx((396 - 50) / (396 + 50), abs=0.15)
    assert finder.add(_text(2, 400)) == []


def test_short_and_empty_texts() -> None:
    assert group_duplicates(["", "a", "", "A!", "b", "..."]) == [0, 1, 0, 1, 4, 0]
    assert normalized_hash("A  b.") == normalized_hash("a b")


def test_chains_of_near_duplicates_are_one_group() -> None:
    text = _text(3)
    chain = [text, _changed(text, 1), _changed(text, 2), _text(4)]
    assert group_duplicates(chain) == [0, 0, 0, 3]


def test_parts_have_their_shares_and_keep_duplicates_together() -> None:
    documents = [
        Document(f"{i}-{j}", _changed(_text(i), j) if j else _text(i)) for i in range(50) for j in range(2)
    ]
    parts = split_documents(documents, SHARES)
    assert [len(part) for part in parts.values()] == [80, 20]
    families = [{d.doc_id.split("-")[0] for d in part} for part in parts.values()]
    assert not families[0] & families[1]


def test_equal_seeds_give_equal_parts_whatever_the_order() -> None:
    documents = [Document(str(i), _text(i)) for i in range(40)]
    first = {d.doc_id for d in split_documents(documents, SHARES, seed=1)["dev"]}
    assert {d.doc_id for d in split_documents(documents[::-1], SHARES, seed=1)["dev"]} == first
    assert {d.doc_id for d in split_documents(documents, SHARES, seed=2)["dev"]} != first


def test_documents_with_one_key_stay_together() -> None:
    documents = [Document(str(i), _text(i), meta={"case": i // 4}) for i in range(40)]
    parts = split_documents(documents, SHARES, key=lambda d: d.meta["case"])
    cases = [{d.meta["case"] for d in part} for part in parts.values()]
    assert not cases[0] & cases[1]
    assert len(parts["dev"]) == 8


def test_shares_must_be_positive() -> None:
    for shares in ({}, {"a": 0.0}, {"a": float("nan")}):
        with pytest.raises(InputError, match="greater than 0"):
            split_documents([], shares)


def test_places_of_one_group_are_dealt_out_together() -> None:
    assert apart([0, 1, 2, 3, 4], 2, [4, 3, 2, 1, 0]) == [(4, 2, 0), (3, 1)]
    assert apart([0, 1, 0, 0, 4, 5], 2, range(6)) == [(0, 2, 3), (1, 4, 5)]
    assert apart([0, 0, 0], 3, range(3)) == [(0, 1, 2)]
