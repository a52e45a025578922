"""One matcher in several threads and processes."""

from __future__ import annotations

import multiprocessing
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

from hybrid_ner.matching import GazetteerMatcher
from hybrid_ner.terms import Gazetteer, Term

TERMS = Gazetteer.of(
    [
        Term("heart attack", "Disease", "D:1"),
        Term("lisinopril", "Drug", "C:1"),
        Term("MI", "Disease", "D:1", mode="case"),
        Term("ﬁbrosis", "Disease", "D:2"),
    ]
)
TEXTS = [f"{'x ' * n}heart  attack, lisinoprill, MI mi fibrosis é{chr(0x400 + 7 * n)}" for n in range(40)]
MAKERS: dict[str, Callable[[Path], GazetteerMatcher]] = {
    "automaton": lambda _: GazetteerMatcher(TERMS, engine="automaton"),
    "hash": lambda _: GazetteerMatcher(TERMS, engine="hash", overlap="all"),
    "fuzzy": lambda _: GazetteerMatcher(TERMS, fuzzy="label"),
    "empty": lambda _: GazetteerMatcher(Gazetteer()),
    "loaded": lambda folder: _loaded(folder),
}


def _loaded(folder: Path) -> GazetteerMatcher:
    GazetteerMatcher(TERMS, fuzzy="label").save(folder / "a.gaz")
    return GazetteerMatcher.load(folder / "a.gaz", fuzzy="label")


@pytest.fixture(params=MAKERS)
def matcher(request: pytest.FixtureRequest, tmp_path: Path) -> GazetteerMatcher:
    return MAKERS[request.param](tmp_path)


def test_eight_threads_find_what_one_finds(matcher: GazetteerMatcher) -> None:
    single = [matcher.match(text) for text in TEXTS]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(matcher.match, TEXTS * 5)) == single * 5
        assert all(list(pool.map(lambda _: list(matcher.match_batch(TEXTS)) == single, range(8))))


def test_a_pickled_matcher_finds_the_same(matcher: GazetteerMatcher) -> None:
    again = pickle.loads(pickle.dumps(matcher))
    assert [again.match(text) for text in TEXTS] == [matcher.match(text) for text in TEXTS]


@pytest.mark.parametrize("start", ["fork", "spawn"])
@pytest.mark.parametrize("name", ["automaton", "loaded"])
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # forking beside threads of others
def test_processes_find_what_one_finds(start: str, name: str, tmp_path: Path) -> None:
    matcher = MAKERS[name](tmp_path)
    with ProcessPoolExecutor(2, multiprocessing.get_context(start)) as pool:
        assert [*pool.map(matcher.match, TEXTS)] == [matcher.match(text) for text in TEXTS]
