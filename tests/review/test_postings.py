"""The word index against reading every text."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from hybrid_ner.corpus import Document
from hybrid_ner.matching.normalize import fold_text
from hybrid_ner.review import ReviewStore
from hybrid_ner.review.postings import candidates, find_all, occurrences

ALPHABET = "aAbé \n'`´-ﬁß1_🫀"


def _naive(text: str, term: str) -> list[tuple[int, int]]:
    """Every place, one character after the other, by the definition."""
    folded, key = fold_text(text), fold_text(term).folded.strip()
    found, at = [], 0
    while key and at + len(key) <= len(folded.folded):
        end = at + len(key)
        inner = folded.folded[at:end] == key
        before = at > 0 and folded.folded[at - 1].isalnum() and key[0].isalnum()
        after = end < len(folded.folded) and folded.folded[end].isalnum() and key[-1].isalnum()
        if inner and not before and not after:
            found.append(folded.to_source(at, end))
            at = end
        else:
            at += 1
    return found


@given(text=st.text(ALPHABET, max_size=30), term=st.text(ALPHABET, min_size=1, max_size=4))
@settings(max_examples=500, deadline=None)
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
