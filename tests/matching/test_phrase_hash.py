from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybrid_ner.matching.automata import AutomatonEngine
from hybrid_ner.matching.phrase_hash import PhraseHashEngine, build_phrases, hash_table
from hybrid_ner.text import tokens as fold_table
from hybrid_ner.text.tokens import HashTable, spread_of, tokenize
from tests.matching.strategies import TERM_TEXTS, TEXTS
from tests.oracle.matching import fold_key


def hash_engine(terms: list[str]) -> PhraseHashEngine:
    return PhraseHashEngine(build_phrases(terms))


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=6), st.lists(TERM_TEXTS, max_size=10))
def test_batches_equal_the_automaton(texts: list[str], terms: list[str]) -> None:
    terms = [*terms, *(text for text in texts if fold_key(text))]
    ours, reference = hash_engine(terms), AutomatonEngine(terms)
    assert ours.group_of.tolist() == reference.group_of.tolist()
    found, expected = ours.find(texts), reference.find(texts)
    assert list(found.rows()) == list(expected.rows())


@settings(deadline=None)
@given(TEXTS)
def test_tokens_cover_the_folded_text(text: str) -> None:
    tokens = tokenize([text])
    folded = "".join(map(chr, tokens.folded[: tokens.places[tokens.count]].tolist()))
    assert folded == fold_key(text).replace(" ", "")


@pytest.mark.parametrize("ignored", [0, 255])
def test_an_index_finds_what_probing_finds(ignored: int) -> None:
    random = np.random.default_rng(5)
    spread = random.integers(1 << 8, 1 << 62, 3_000, dtype=np.uint64) << np.uint64(8)
    slots, where = hash_table(spread_of(spread), spread | np.uint64(ignored and 7))
    absent = random.integers(1 << 8, 1 << 62, 3_000, dtype=np.uint64) << np.uint64(8)
    mixed = random.permutation(np.concatenate([spread, absent]))
    probing, indexed = HashTable(slots, np.uint64(ignored)), HashTable(slots, np.uint64(ignored))
    expected = probing.find(mixed, spread_of(mixed))
    assert probing._levels is None  # so few keys are not worth an index
    assert sorted(expected[expected >= 0]) == sorted(where)
    assert indexed.find(np.tile(mixed, 2)).tolist() == expected.tolist() * 2
    assert indexed._levels
    assert indexed.find(mixed[:3]).tolist() == expected[:3].tolist()  # once made it serves few, too


def test_keys_that_only_their_homes_tell_apart_are_probed() -> None:
    keys = np.array([1 << 32, 1 << 32], dtype=np.uint64)
    homes = np.array([1 << 60, 1 << 62], dtype=np.uint64)
    slots, where = hash_table(homes, keys | np.array([1, 2], dtype=np.uint64))
    table = HashTable(slots, np.uint64(255))
    for _ in range(len(slots) + 1):  # until an index would be made
        assert table.find(keys, homes).tolist() == where.tolist()
    assert table._levels == []


def test_batches_larger_than_the_working_arrays() -> None:
    terms = ["heart attack", "attack", "½", "e\u0301t\u0301"]
    texts = ["a heart attack " * 30_000, "½" * 40_000, "", " étt heart", "ét " * 200_000]
    assert list(hash_engine(terms).find(texts).rows()) == list(AutomatonEngine(terms).find(texts).rows())


def test_many_unfolding_characters_grow_the_buffer() -> None:
    text = "㈝" * 5000
    assert tokenize([text]).count == tokenize([text + " "]).count > 0


def test_pages_of_the_fold_table_are_filled_by_several_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = fold_table.FoldTable()
    monkeypatch.setattr("hybrid_ner.text.tokens.fold_table", lambda: fresh)
    texts = [chr(0x100 * n + 0x41) + " É" for n in range(2, 60)]
    engine = hash_engine(["é"])
    with ThreadPoolExecutor(8) as pool:
        assert [len(hits) for hits in pool.map(lambda text: engine.find([text]), texts)] == [1] * len(texts)


def test_long_repetitions_stay_linear_in_the_text() -> None:
    text = "a " * 200_000
    assert len(hash_engine(["a a a", "b"]).find([text])) == 199_998
