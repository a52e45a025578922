"""The word index against reading every text."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybrid_ner.corpus import Document
from hybrid_ner.review import ReviewSession, ReviewStore, Suggestion
from hybrid_ner.review.commands.selection import unlabeled
from hybrid_ner.review.store import postings
from hybrid_ner.review.store.postings import MANY, bounds, candidates, find_all, occurrences
from hybrid_ner.review.store.schema import posting
from hybrid_ner.text import fold_text, in_figure
from tests.conftest import examples
from tests.review.conftest import unsafe_but_fast
from tests.review.helpers import make_project, say

ALPHABET = "aAbé \n'`´-ﬁß1_🫀.,2"


def _naive(text: str, term: str) -> list[tuple[int, int]]:
    """Every place, one character after the other, by the definition."""
    folded, key = fold_text(text), fold_text(term).folded.strip()
    found, at = [], 0
    while key and at + len(key) <= len(folded.folded):
        end = at + len(key)
        inner = folded.folded[at:end] == key
        before = at > 0 and folded.folded[at - 1].isalnum() and key[0].isalnum()
        after = end < len(folded.folded) and folded.folded[end].isalnum() and key[-1].isalnum()
        if inner and not before and not after and not in_figure(folded.folded, at):
            found.append(folded.to_source(at, end))
            at = end
        else:
            at += 1
    return found


@given(text=st.text(ALPHABET, max_size=30), term=st.text(ALPHABET, min_size=1, max_size=4))
@settings(max_examples=examples(150), deadline=None)
def test_find_all_is_the_definition(text: str, term: str) -> None:
    assert find_all(text, term) == _naive(text, term)


def test_candidates_hold_every_word(store: ReviewStore) -> None:
    texts = [
        "Atrial fibrillation.",
        "fibrillation",
        "ATRIAL\nFibrillation again",
        "atrial-fibrillation",
        "atrials",
    ]
    project = store.create_project("p")
    project.add_documents(Document(f"d{n}", text) for n, text in enumerate(texts[:3]))
    project.add_documents(Document(f"e{n}", text) for n, text in enumerate(texts[3:]))
    with project.read() as connection:
        assert candidates(connection, project.id, "atrial fibrillation") == [1, 3, 4]
        found = {
            number: places for number, _, places in occurrences(connection, project.id, "atrial fibrillation")
        }
        assert found == {1: [(0, 19)], 3: [(0, 19)]}
        assert candidates(connection, project.id, "none") == []
        assert candidates(connection, project.id, "--") == []


PIECES = st.lists(
    st.sampled_from(
        ["afib", "Afib", "afibs", "25mg", "a-fib", "a", "é", "ﬁ", "e\u0301", "🫀", " ", " ", "\n", "_", "'"]
    ),
    min_size=1,
    max_size=12,
).map("".join)
TERMS = ("afib", "25", "mg", "a", "a-fib", "a a", "afib afib", "é", "e", "fi", "_a")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReviewStore]:
    """A store that every example adds a project to."""
    with ReviewStore.open(tmp_path_factory.mktemp("shared") / "r.sqlite3") as store:
        unsafe_but_fast(store)
        yield store


@given(texts=st.lists(PIECES, min_size=1, max_size=4), data=st.data())
@settings(max_examples=examples(15), deadline=None)
def test_texts_that_are_not_read_hold_nothing_without_a_span(
    shared: ReviewStore, texts: list[str], data: st.DataObject
) -> None:
    found = []
    for text in texts:
        offsets = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).filter(
            lambda p: p[0] < p[1]
        )
        spans = data.draw(st.lists(offsets, max_size=4))
        whole = [place for term in TERMS[:3] for place in find_all(text, term)]
        kept = [place for place in whole if data.draw(st.booleans())]
        found.append([Suggestion(*place, "X") for place in dict.fromkeys([*spans, *kept])])
    name = f"p{len(shared.projects())}"
    made = make_project(shared, list(zip(texts, found, strict=True)), name=name, domain="generic")
    session = ReviewSession(shared, name, "ana")
    say(session, "ok 1", "no 2", "go 2", "1 +1")
    with made.write() as connection:
        work = session.look(connection)
        quick = [unlabeled(work, term) for term in TERMS]
        connection.execute(posting.update().where(posting.c.project_id == made.id).values(counts=None))
        assert [unlabeled(work, term) for term in TERMS] == quick


def test_texts_of_covered_terms_are_not_read(session: ReviewSession, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def counting(text: str, term: str) -> list[tuple[int, int]]:
        read.append(1)
        return find_all(text, term)

    monkeypatch.setattr(postings, "find_all", counting)
    say(session, 'all "afib"', 'all "metropolol"')
    assert read == []
    assert "not marked: 2 in 1 document" in "\n".join(session.handle('all "ECHO"').lines)
    assert len(read) == 1


def test_counts_are_bounds(store: ReviewStore) -> None:
    project = store.create_project("p")
    project.add_documents([Document("d1", "a b a " * 200), Document("d2", "b a"), Document("d3", "c")])
    with project.read() as connection:
        assert bounds(connection, project.id, "a") == {1: MANY, 2: 1}
        assert bounds(connection, project.id, "b a") == {1: 200, 2: 1}
        assert bounds(connection, project.id, "c b") == {}
