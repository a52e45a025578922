"""Abbreviations that a text defines, and how their label spreads."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc

from hybrid_ner.matching import Match
from hybrid_ner.sources import VETO, aggregate, write_matches
from hybrid_ner.sources.functions import restore_source, source_state
from hybrid_ner.sources.gazetteer import AbbreviationSource, find_definitions
from hybrid_ner.text.tokenizer import blank

NLP = blank()


@pytest.mark.parametrize(
    ("text", "short", "long"),
    [
        ("Patients with acute renal failure (ARF) were seen.", "ARF", "acute renal failure"),
        ("treated with 5-fluorouracil (5-FU) alone", "5-FU", "5-fluorouracil"),
        ("ARF (acute renal failure) occurred", "ARF", "acute renal failure"),
        ("hepatocellular carcinoma [HCC] was found", "HCC", "hepatocellular carcinoma"),
        ("chronic kidney disease (CKD; n = 12)", "CKD", "chronic kidney disease"),
        ("a Material Adverse Effect (an “MAE”) occurs", "MAE", "Material Adverse Effect"),
        ('Force Majeure Event (each, a "FME" or "Event")', "FME", "Force Majeure Event"),
        ("acute renal failure (hereafter ARF) was", "ARF", "acute renal failure"),
        ("Allgemeine Geschäftsbedingungen („AGB“) gelten", "AGB", "Allgemeine Geschäftsbedingungen"),
        ("hypertension artérielle (« HTA »)", "HTA", "hypertension artérielle"),
        ("It ended. Deep vein thrombosis (DVT) came", "DVT", "Deep vein thrombosis"),
    ],
)
def test_definitions(text: str, short: str, long: str) -> None:
    (found,) = find_definitions(text)
    assert (found.short, text[found.start : found.end]) == (short, long)
    assert text[found.short_start : found.short_start + len(short)] == short


@pytest.mark.parametrize(
    "text",
    [
        "values (p < 0.05)",
        "in 2010 (see above)",
        "rats (n = 8)",
        "a trial (the largest one)",
        "x ()",
        "(ARF) first",
    ],
)
def test_no_definition(text: str) -> None:
    assert find_definitions(text) == []


@given(st.text(alphabet="abAB12 ()[];-/.", max_size=60))
def test_definitions_lie_in_the_text(text: str) -> None:
    for found in find_definitions(text):
        assert 0 <= found.start < found.end <= len(text)
        assert text[found.short_start : found.short_start + len(found.short)] == found.short


def labeled(text: str, *known: tuple[str, str]) -> list[str]:
    """Surfaces labeled ``Disease`` when the first source voted for ``known`` surfaces."""
    doc = document(text, *known)
    return [text[v.match.start : v.match.end] for v in aggregate(doc, ["terms", "abbreviations"])]


def document(text: str, *known: tuple[str, str]) -> Doc:
    doc = NLP.make_doc(text)
    votes = [Match(text.index(s), text.index(s) + len(s), label) for s, label in known]
    write_matches(doc, "terms", votes)
    source = AbbreviationSource(("terms",))
    write_matches(doc, source.name, source(doc))
    return doc


def test_the_label_spreads_over_the_document() -> None:
    text = "Renal failure (RF) is common. RF was fatal; two RFs were not."
    assert labeled(text, ("Renal failure", "Disease")) == ["Renal failure", "RF", "RF", "RFs"]


def test_a_short_form_without_known_long_form_is_voted_down() -> None:
    text = "The total count (TC) rose. TC fell."
    doc = document(text, ("TC", "Disease"))
    votes = AbbreviationSource(("terms",))(doc)
    assert {vote.label for vote in votes} == {VETO}
    assert labeled(text, ("TC", "Disease")) == []


def test_the_definition_overrules_the_label_of_the_gazetteer() -> None:
    text = "Alcoholic liver disease (ALD) and ALD."
    doc = document(text, ("Alcoholic liver disease", "Disease"), ("ALD", "Chemical"))
    assert {vote.match.label for vote in aggregate(doc, ["terms", "abbreviations"])} == {"Disease"}


def test_initials_in_another_order_count_right_after_a_mention() -> None:
    text = "Myotonic dystrophy (DM) is rare. DM runs in families."
    assert labeled(text, ("Myotonic dystrophy", "Disease")) == ["Myotonic dystrophy", "DM", "DM"]


def test_the_protein_of_a_disease_is_not_the_disease() -> None:
    text = "Wiskott-Aldrich syndrome (WASP) binds. WASP"
    assert labeled(text, ("Wiskott-Aldrich syndrome", "Disease")) == ["Wiskott-Aldrich syndrome"]


def test_a_gene_named_by_its_disease_keeps_the_label() -> None:
    text = "adenomatous polyposis coli gene (APC) and APC"
    assert labeled(text, ("adenomatous polyposis coli", "Disease"))[-1] == "APC"


def test_a_source_survives_its_state() -> None:
    source = AbbreviationSource(("terms", "heads"), veto=False)
    assert restore_source(json.loads(json.dumps(source_state(source)))) == source


@pytest.mark.parametrize("long", ["heart failure", "coronary heart failure", "chronic heart flu disease"])
def test_a_short_form_before_its_long_form_takes_the_label(long: str) -> None:
    text = f"CHF ({long}) was seen. CHF was treated."
    wanted = ["CHF", long, "CHF"] if long[0] == "c" else [long]
    assert labeled(text, (long, "Disease")) == wanted
