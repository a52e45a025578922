"""Learned words as a labeling source."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.domains.registry import DomainSettings, build_sources
from hybrid_ner.pipeline import rule_pipeline
from hybrid_ner.sources.functions import restore_source, source_state
from hybrid_ner.sources.learned import LearnedWord, LearnedWordSource, words_of
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.text.tokenizer import blank

WORDS = (LearnedWord("zorvexine", "Chemical", 0.8, 3), LearnedWord("plavitis", "Disease", 0.6, 1))
TERMS = Gazetteer.of([Term("aspirin", "Chemical"), Term("acute plavitis", "Disease", "X:1")])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Zorvexine helped.", ["Zorvexine"]),
        ("ZORVEXINE-induced plavitis", ["ZORVEXINE", "plavitis"]),
        ("N-zorvexine and 2,4-zorvexine", ["N-zorvexine", "2,4-zorvexine"]),
        ("anti-zorvexine", ["zorvexine"]),
        ("zorvexines, zorvexine2", []),
        ("zorvexine zorvexine, plavitis zorvexine", ["zorvexine zorvexine", "plavitis", "zorvexine"]),
        ("nothing", []),
        ("", []),
    ],
)
def test_source_finds_whole_words_with_their_prefix(text: str, found: list[str]) -> None:
    assert [text[m.start : m.end] for m in LearnedWordSource(WORDS)(blank()(text))] == found


def test_evidence_says_that_and_how_surely_the_word_was_learned() -> None:
    (match,) = LearnedWordSource(WORDS)(blank()("Severe plavitis."))
    assert match.evidence is not None
    assert (match.label, match.score, match.evidence.method, match.evidence.score) == (
        "Disease",
        0.6,
        "learned",
        0.6,
    )
    assert "learned word" in match.evidence.sentence()


def test_a_word_that_was_not_learned_is_known_by_its_longest_ending() -> None:
    words = (*WORDS, LearnedWord("-exine", "Chemical", 0.9, 7), LearnedWord("-itis", "Disease", 0.7, 9))
    words = (*words, LearnedWord("-rvitis", "Place", 0.6, 4), LearnedWord("-ould", "Disease", 0.6, 5))
    text = "Morfexine, zorvexine, Gastritis, parvitis, exine, exines, should."
    found = [(text[m.start : m.end], m.label, m.score) for m in LearnedWordSource(words)(blank()(text))]
    assert found == [
        ("Morfexine", "Chemical", 0.9),
        ("zorvexine", "Chemical", 0.8),
        ("Gastritis", "Disease", 0.7),
        ("parvitis", "Place", 0.6),
    ]  # "should" is an everyday word
    first = LearnedWordSource(words)(blank()(text))[0].evidence
    assert first is not None
    assert "learned ending -exine" in first.sentence()


def test_state_survives_json() -> None:
    source = LearnedWordSource(WORDS)
    state = json.loads(json.dumps(source_state(source)))
    restored = restore_source(state)
    assert source_state(restored) == source_state(source)


@pytest.mark.parametrize("domain", ["generic", "medical", "legal"])
def test_every_domain_takes_learned_words(domain: str) -> None:
    names = [s.name for s in build_sources(domain, TERMS, DomainSettings(learned=WORDS))]
    assert names.count("learned_words") == 1
    assert "learned_words" not in [s.name for s in build_sources(domain, TERMS, DomainSettings())]


def test_longer_terms_win_and_abbreviations_follow_learned_words() -> None:
    nlp = rule_pipeline(TERMS, "generic", DomainSettings(learned=WORDS))
    doc = nlp("Acute plavitis was seen. Zorvexine (ZVX) helped; ZVX and aspirin are safe.")
    assert [(ent.text, ent.label_) for ent in doc.ents] == [
        ("Acute plavitis", "Disease"),
        ("Zorvexine", "Chemical"),
        ("ZVX", "Chemical"),
        ("ZVX", "Chemical"),
        ("aspirin", "Chemical"),
    ]


def test_learned_words_can_be_switched_off() -> None:
    settings = DomainSettings(disabled=("learned_words",), learned=WORDS)
    assert "learned_words" not in [s.name for s in build_sources("generic", TERMS, settings)]


@given(st.text(max_size=60))
def test_words_are_runs_of_letters_that_nothing_continues(text: str) -> None:
    for start, end in words_of(text):
        assert end - start >= 4
        assert text[start:end].isalpha() or not text[start:end].isascii()
        assert start == 0 or not (text[start - 1].isascii() and text[start - 1].isalnum())
        assert end == len(text) or not (text[end].isascii() and text[end].isalnum())
