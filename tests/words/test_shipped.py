"""The word vectors that come with the package."""

from __future__ import annotations

import numpy as np
import pytest

from hybrid_ner.io import shipped
from hybrid_ner.matching import fold
from hybrid_ner.words import SHIPPED, choose_words, load_words, other_words, resolve_words, word_form

MEDICAL = "The patient was given metoprolol for hypertension; serum creatinine rose and dyspnea occurred."
LEGAL = "The appellant filed a motion to dismiss; the district court affirmed the judgment under the statute."


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_words_are_small_and_whole(name: str) -> None:
    words = load_words(name)
    assert shipped("words", f"{name}.words").stat().st_size < 5_000_000
    assert len(words) > 30_000
    assert sorted(words.classes) == [50, 200, 1000]
    assert all(numbers.max() == count - 1 for count, numbers in words.classes.items())
    assert len(set(words.words)) == len(words)
    # Signs that folding drops ("®") stand alone in the text that the words were taken from.
    assert all(word in (word_form(word), fold(word)) or not fold(word) for word in words.words[:2000])
    assert np.linalg.norm(words.unit(), axis=1) == pytest.approx(1, abs=1e-3)
    assert load_words(name) is words


@pytest.mark.parametrize(
    ("name", "word", "near", "far"),
    [
        ("medical", "cisplatin", "carboplatin", "seizures"),
        ("medical", "headache", "vomiting", "cisplatin"),
        ("legal", "plaintiff", "defendant", "statute"),
        ("legal", "murder", "robbery", "plaintiff"),
    ],
)
def test_words_of_a_kind_are_neighbours(name: str, word: str, near: str, far: str) -> None:
    vectors = load_words(name).vectors([word, near, far])
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2
    numbers = load_words(name).classes_of([word, near, far])[50]
    assert numbers[0] == numbers[1] != numbers[2]


@pytest.mark.parametrize(("text", "name"), [(MEDICAL, "medical"), (LEGAL, "legal")])
def test_the_words_that_fit_the_text_are_chosen(text: str, name: str) -> None:
    words = choose_words([text])
    assert words is load_words(name)
    assert resolve_words("auto", [text]) is words
    assert [other.name for other in other_words(words)] == [other for other in SHIPPED if other != name]


def test_none_and_no_text_choose_nothing() -> None:
    assert resolve_words("none", [MEDICAL]) is None
    assert choose_words([]) is None
    assert other_words(None) == []
