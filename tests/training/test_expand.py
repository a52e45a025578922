"""Words learned from raw text."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from hybrid_ner.matching.edits import everyday_words
from hybrid_ner.sources.learned import LearnedWordSource
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.text.tokenizer import blank
from hybrid_ner.training.expansion import ExpansionSettings, expand, known_words
from hybrid_ner.words import BuildSettings, build_words

SETTINGS = ExpansionSettings(dimensions=20, min_positives=10, max_share=0.2, words="none")
SYLLABLES = ("bro", "cal", "dex", "flu", "gan", "mor", "pri", "tol", "ven", "zar")


def names(ending: str, count: int, seed: int) -> list[str]:
    """Made-up names of one kind."""
    pick = random.Random(seed)
    made: dict[str, None] = {}
    while len(made) < count:
        made["".join(pick.sample(SYLLABLES, 2)) + ending] = None
    return list(made)


DRUGS, PLACES = names("idine", 80, 1), names("burg", 80, 2)
TEXTS = [
    text
    for drug, place in zip(DRUGS, PLACES, strict=True)
    for text in (
        f"Patients were given {drug} daily. They took {drug} orally without harm.",
        f"The train to {place} was late. Visitors reach {place} by road.",
    )
]
LIST = Gazetteer.of(
    [
        *(Term(word, "Chemical") for word in DRUGS[:25]),
        *(Term(word, "Place") for word in PLACES[:25]),
        Term("acute pain", "Disease"),
        Term("fever", "Disease"),
    ]
)


def test_words_of_the_same_kind_are_learned_with_their_label() -> None:
    found = expand(TEXTS, LIST, SETTINGS)
    labels = {item.word: item.label for item in found.accepted}
    right = sum(labels.get(word) == "Chemical" for word in DRUGS[25:])
    right += sum(labels.get(word) == "Place" for word in PLACES[25:])
    assert right >= 20  # a word has to outscore half of the known ones
    assert not any(labels.get(word) == "Place" for word in DRUGS)
    assert not any(labels.get(word) == "Chemical" for word in PLACES)
    assert all(SETTINGS.min_score <= item.score <= 1 for item in found.accepted)


def test_terms_and_excluded_words_are_never_accepted() -> None:
    excluded = {DRUGS[30], DRUGS[31]}
    found = expand(TEXTS, LIST, SETTINGS, excluded)
    words = {item.word for item in (*found.accepted, *found.to_review)}
    assert words.isdisjoint(excluded | set(DRUGS[:25]) | set(PLACES[:25]))


def test_frequent_words_are_kept_for_a_reviewer() -> None:
    found = expand(TEXTS, LIST, replace(SETTINGS, max_share=0.0, min_score=0.0))
    assert found.accepted
    assert found.to_review
    words = [item for item in found.accepted if not item.is_ending]
    assert all(item.documents == 1 for item in words)  # one document is always allowed
    assert all(item.documents > 1 for item in found.to_review)


def test_beside_a_list_that_covers_the_text_nothing_is_labeled() -> None:
    covering = LIST.merge(Gazetteer.of(Term(word, "Chemical") for word in DRUGS), _places(78))
    found = expand(TEXTS, covering, SETTINGS)
    assert not found.accepted
    assert len(found.to_review) < (80 + 78) / 2


def _places(count: int) -> Gazetteer:
    return Gazetteer.of(Term(word, "Place") for word in PLACES[:count])


def test_the_same_input_gives_the_same_words() -> None:
    assert expand(TEXTS, LIST, SETTINGS) == expand(TEXTS, LIST, SETTINGS)


def test_labels_with_too_few_known_words_are_not_learned() -> None:
    found = expand(TEXTS, LIST, replace(SETTINGS, min_positives=26))
    assert not found.accepted
    assert found.known == {"Chemical": 25, "Disease": 0, "Place": 25}


@pytest.mark.parametrize("texts", [[], [""], ["no words here of any use"], ["123 456"]])
def test_text_without_terms_teaches_nothing(texts: list[str]) -> None:
    assert not expand(texts, LIST, SETTINGS).accepted


def test_text_of_terms_alone_teaches_nothing() -> None:
    assert not expand([" ".join(DRUGS[:25])], LIST, SETTINGS).accepted


def test_known_words_are_single_and_unambiguous() -> None:
    terms = [
        Term("Fever", "A"),
        Term("pain", "A"),
        Term("pain", "B"),
        Term("two words", "B"),
        Term("p53", "B"),
    ]
    assert known_words(Gazetteer.of(terms)) == {"A": {"fever"}}


def test_everyday_words_hold_no_comment() -> None:
    words = everyday_words()
    assert {"about", "january"} <= words
    assert not any("#" in word for word in words)


def test_words_of_other_text_are_learned_before_a_document_holds_them() -> None:
    known = build_words(TEXTS, BuildSettings(20, min_count=1), "other")
    few = [text for text in TEXTS if not any(word in text for word in (*DRUGS[60:], *PLACES[60:]))]
    alone = {item.word for item in expand(few, LIST, SETTINGS).accepted}
    found = {item.word: item for item in expand(few, LIST, SETTINGS, known_text=known).accepted}
    assert alone.isdisjoint(DRUGS[60:])
    unseen = [found[word] for word in DRUGS[60:] if word in found]
    assert len(unseen) >= 4
    assert {item.label for item in unseen} == {"Chemical"}
    assert {item.documents for item in unseen} == {1}  # of the other text


def test_words_of_the_list_that_no_text_holds_teach_how_such_words_are_spelled() -> None:
    # Endings of which the text holds three and one; nothing but letters tells kinds apart.
    endings = ("idine", "olol", "azole", "statin", "cillin", "mycin", "sartan", "dipine")
    drugs = [names(ending, 18, number) for number, ending in enumerate(endings)]
    endings = ("burg", "ville", "field", "ford", "wick", "stead", "worth", "dale")
    others = [word for number, ending in enumerate(endings, 20) for word in names(ending, 6, number)]
    held = [word for kind in drugs[:4] for word in kind[:3]] + [kind[0] for kind in drugs[4:]]
    missing = [word for kind in drugs[4:] for word in kind[4:8]]
    texts = [f"We saw {word} again." for word in (*held, *missing, *others)]
    elsewhere = [word for kind in drugs[4:] for word in kind[8:]]
    few, many = (
        {item.word for item in (*found.accepted, *found.to_review)}
        for listed in (held, [*held, *elsewhere])
        if (found := expand(texts, Gazetteer.of(Term(word, "Chemical") for word in listed), SETTINGS))
    )
    assert len(few.intersection(missing)) <= len(missing) / 4
    assert len(many.intersection(missing)) >= 3 * len(missing) / 4
    assert len(many.difference(missing)) <= 2


def test_forms_of_one_word_do_not_speak_for_each_other() -> None:
    pick = random.Random(7)
    made = ["".join(pick.sample("abcdefghijklmnopqrstuvwxyz", 8)) for _ in range(160)]
    forms = [stem + ending for stem in made[:20] for ending in ("", "a", "e", "o")]
    texts = [f"We looked at {word} again." for word in (*forms, *made[20:])]
    found = expand(texts, Gazetteer.of(Term(word, "Chemical") for word in forms), SETTINGS)
    # Nothing tells the others from the known words, so the known ones may not look better.
    assert len(found.accepted) + len(found.to_review) > 140 / 3


def test_endings_tell_words_that_no_text_held() -> None:
    found = expand(TEXTS, LIST, SETTINGS)
    endings = {item.word: item for item in found.accepted if item.is_ending}
    assert {item.label for item in endings.values()} == {"Chemical", "Place"}
    source = LearnedWordSource(found.accepted)
    unseen = "Patients from Quillburg took xylidine at a parson's meeting."
    assert {(unseen[m.start : m.end], m.label) for m in source(blank()(unseen))} == {
        ("Quillburg", "Place"),
        ("xylidine", "Chemical"),
    }
    for ending, item in endings.items():
        assert item.score > 0.5
        assert item.documents >= 3
        shorter = (endings.get(f"-{ending[cut:]}") for cut in range(2, len(ending)))
        assert next((other.label for other in shorter if other), "") != item.label
