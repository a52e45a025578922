"""Label names across schemes."""

from __future__ import annotations

import pytest

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.corpus.cleaning import aliases, label_mapping, map_labels
from hybrid_ner.registry import DOMAINS
from hybrid_ner.review.store.labels import common_kind, label_words, labels_meant, plain_words, respelled

CONTRACTS = ("BUSINESS", "COURT", "GOVERNMENT", "LEGISLATION/ACT", "LOCATION", "MISCELLANEOUS", "PERSON")
JUDGMENTS = ("COURT", "GPE", "JUDGE", "ORG", "OTHER_PERSON", "STATUTE")


@pytest.mark.parametrize(
    ("label", "inventory", "expected"),
    [
        ("ORG", CONTRACTS, "BUSINESS"),
        ("STATUTE", CONTRACTS, "LEGISLATION/ACT"),
        ("GPE", CONTRACTS, "LOCATION"),
        ("JUDGE", CONTRACTS, "PERSON"),
        ("WITNESS", CONTRACTS, "PERSON"),
        ("GOVERNMENT", JUDGMENTS, "ORG"),
        ("LAWYER", JUDGMENTS, "OTHER_PERSON"),
        ("PERSON", JUDGMENTS, "OTHER_PERSON"),
        ("DRUG", ("Chemical", "Disease"), "Chemical"),
        ("disease", ("Chemical", "Disease"), "Disease"),
        ("Disease", ("SpecificDisease", "Modifier"), "SpecificDisease"),
        ("PROBLEM", ("DISORDER",), "DISORDER"),
        ("Case-Number", ("CASE_NUMBER",), "CASE_NUMBER"),
    ],
)
def test_counterpart(label: str, inventory: tuple[str, ...], expected: str) -> None:
    assert label_mapping([label], inventory) == {label: expected}


def test_known_labels_and_labels_without_counterpart_stay() -> None:
    assert label_mapping(["COURT", "PROVISION", "DATE", "CASE_NUMBER"], CONTRACTS) == {}


def test_every_native_label_belongs_to_a_domain() -> None:
    assert {label for _, domain in DOMAINS.all() for label in domain.labels} == set(aliases())


def test_documents_are_renamed_lazily_and_a_given_mapping_wins() -> None:
    docs = [Document("a", "xy", (Entity(0, 1, "ORG"), Entity(1, 2, "ODD"))), Document("b", "x")]
    first, second = map_labels(docs, CONTRACTS, {"ODD": "COURT"})
    assert [e.label for e in first.entities or ()] == ["BUSINESS", "COURT"]
    assert second is docs[1]


@pytest.mark.parametrize(
    ("label", "inventory", "expected"),
    [
        ("Klinischer_Befund", {"Klinischer Befund"}, "Klinischer Befund"),
        ("ДИАГНОЗ", {"Диагноз", "Препарат"}, "Диагноз"),
        ("Breeds", {"Breed"}, "Breed"),
        ("Breed", {"Breeds"}, "Breeds"),
    ],
)
def test_labels_of_any_script_are_told_apart(label: str, inventory: set[str], expected: str) -> None:
    assert label_mapping([label], inventory) == {label: expected}


@pytest.mark.parametrize("label", ["Препарат", "薬", "§", "Médoc"])
def test_a_label_of_another_script_is_no_other_label(label: str) -> None:
    assert label_mapping([label], {"Диагноз", "病気", "€", "Mdoc"}) == {}


@pytest.mark.parametrize("said", ["organisation", "an organization", "company", "companies", "firm"])
def test_a_word_that_says_what_one_label_says_does_not_ask_for_another(said: str) -> None:
    # In corpora without GOVERNMENT an ORG may be one: a mapping for scores, no everyday word.
    assert labels_meant(said, [*DOMAINS.get("legal").labels]) == ("ORG",)


@pytest.mark.parametrize(
    ("label", "several"),
    [
        ("Diagnose", "Diagnosen"),
        ("Medikament", "Medikamente"),
        ("Maßnahme", "Massnahmen"),
        ("Prozedur", "Prozeduren"),
        ("Enfermedad", "enfermedades"),
        ("Diagnóstico", "diagnósticos"),
    ],
)
def test_plurals_of_labels_in_other_languages(label: str, several: str) -> None:
    assert label_words((label,))[plain_words(several)] == ((label,), True)


def test_labels_in_another_spelling_are_known() -> None:
    found = ["Client", "defined terms", "CASE NUMBER", "DATE", "Organisation", "Treaty"]
    known = ["CLIENT", "DEFINED TERM", "CASE_NUMBER", "DATE", "ORG"]
    assert respelled(found, known) == {
        "Client": "CLIENT",
        "defined terms": "DEFINED TERM",
        "CASE NUMBER": "CASE_NUMBER",
        "Organisation": "ORG",  # its name on the page, where two of that name could not be told apart
    }
    assert respelled(["Firms", "Company"], {"ORG": "Firm", "COURT": "Court"}) == {"Firms": "ORG"}


def test_short_names_are_meant_by_what_they_are_short_for() -> None:
    labels = ["COND", "PROC", "AMT", "PROV", "DEV"]
    said = "condition", "the procedures", "an amount", "provision", "device"
    assert [labels_meant(each, labels) for each in said] == [(label,) for label in labels]


@pytest.mark.parametrize(
    ("said", "labels", "meant"),
    [
        ("antibiotic", ("Disease", "Chemical"), ("Chemical",)),
        ("blood thinner", ("MEDICATION", "Disease"), ("MEDICATION",)),
        ("infection", ("Disease", "Chemical"), ("Disease",)),
        ("bank", ("PERSON", "ORG"), ("ORG",)),
        ("bank", ("PERSON", "GPE"), ()),
        ("antibiotic", ("Medication", "Medicine"), ()),
    ],
)
def test_a_kind_of_a_thing_has_the_one_label_for_the_thing(said, labels, meant) -> None:
    assert common_kind(said, labels) == meant


def test_people_are_more_than_one_person() -> None:
    assert label_words(("PERSON",))[("people",)] == (("PERSON",), True)
