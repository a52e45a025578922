"""Examples of help in words of the project."""

from __future__ import annotations

import re

import pytest

from hybrid_ner.corpus import Document
from hybrid_ner.registry import DOMAINS
from hybrid_ner.review import ReviewSession, ReviewStore
from hybrid_ner.review.commands.base import offered
from hybrid_ner.review.commands.help import MANUAL, Words, sayings, words_for

MEDICAL = re.compile(r"(?i)\b(disease|drug|chemical|aspirin|pain|afib|busulfan|hypotension|hemorrhage)s?\b")
MARKED = [("Royal Court", "COURT"), ("(the Lessor)", "PARTY"), ("Ida Roe", "PARTY"), ("2019", "DATE")]


def test_labels_and_mentions_of_the_project_stand_for_those_of_the_manual() -> None:
    words = words_for(["DATE", "PARTY", "COURT", "CASE_NUMBER"], MARKED, "generic")
    assert words == Words(("Party", "Court", "Date", "Case number"), ("Ida Roe", "Royal Court"))
    told = {
        "not a disease, a drug": "not a party, a court",
        "add hypotension as a disease": "add Ida Roe as a party",
        'add "ECHO" TEST': 'add "Ida Roe" Date',
        "MI means myocardial infarction here": "IR means Ida Roe here",
        "just “hemorrhage”": "just “Roe”",
        "what is left?": "what is left?",
    }
    assert {said: words.told(said) for said in told} == told
    assert Words(("Effect",)).told("3 is a drug") == "3 is an effect"
    assert Words(("Effect",)).told("not a disease, a drug") == "", "there is but one label"
    assert Words(("Effect",)).told('find "statin"') == 'find "NAME"'
    assert Words(("Severity",)).told("they are tests") == "they are severities"
    assert Words(("Law firm",)).told("2 is DRUG · 2 drug") == '2 is "Law firm" · 2 law firm'


def test_without_labels_examples_are_as_they_are_written() -> None:
    assert MANUAL.told("3 is a drug") == "3 is a drug"


@pytest.mark.parametrize("domain", ["legal", "geography"])
def test_no_example_speaks_of_another_subject(domain: str) -> None:
    words = words_for(DOMAINS.get(domain).labels, [], domain)
    said = [words.told(each) for each in (*sayings(), *(form for spec in offered() for form in spec.usage))]
    assert [each for each in said if MEDICAL.search(each)] == []


def test_help_speaks_of_the_open_document(store: ReviewStore) -> None:
    project = store.create_project("leases", ["PARTY", "LEASE_TERM"])
    project.add_documents([Document("one", "Ida Roe lets to Pike plc.")])
    session = ReviewSession(store, "leases", "ana")
    assert session.handle('add "Ida Roe" PARTY').level == "done"
    lines = "\n".join((*session.handle("? say").lines, *session.handle("? edit").lines))
    assert {"“3 is a lease term”", "“you missed Ida Roe”"} <= {*re.findall("“[^”]*”", lines)}
    assert MEDICAL.search(lines) is None
