"""What each medical rule labels, on sentences written for the test."""

from __future__ import annotations

from functools import cache

import pytest

from hybrid_ner.domains.medical.sources import medical_sources
from hybrid_ner.sources import LabelingSource, aggregate, read_matches, write_matches
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.text.tokenizer import blank

NLP = blank()
TERMS = (
    Term("hepatitis", "Disease", "MESH:D056486"),
    Term("gastrointestinal hemorrhage", "Disease", "MESH:D006471"),
    Term("von Hippel-Lindau disease", "Disease", "MESH:D006623"),
    Term("carcinoma", "Disease"),
    Term("galactosemia", "Disease"),
    Term("glutamates", "Chemical"),
    Term("estradiol", "Chemical"),
    Term("bupropion", "Chemical"),
    Term("naloxone", "Chemical"),
    Term("AIDS", "Disease", mode="case"),
)


@cache
def sources() -> tuple[LabelingSource, ...]:
    return tuple(medical_sources(Gazetteer(TERMS)))


def labeled(text: str) -> list[tuple[str, str]]:
    """Surface and label of every span of the full stack."""
    doc = NLP.make_doc(text)
    for source in sources():
        assert write_matches(doc, source.name, source(doc)) == []
    votes = aggregate(doc, [source.name for source in sources()])
    return [(text[v.match.start : v.match.end], v.match.label) for v in votes]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("She has hepatitis.", "hepatitis"),
        ("Two patients had AIDS.", "AIDS"),
        ("seizures were seen", "seizures"),
        ("a case of retinopathy", "retinopathy"),
        ("acute on chronic renal failure", "renal failure"),
        ("screening for breast and ovarian cancer", "breast and ovarian cancer"),
        ("breast/ovarian cancer families", "breast/ovarian cancer"),
        ("cardiac, hepatic and renal toxicity", "cardiac, hepatic and renal toxicity"),
        ("gastrointestinal (GI) toxicity was mild", "gastrointestinal (GI) toxicity"),
        ("carcinoma of the urinary bladder", "carcinoma of the urinary bladder"),
        ("hereditary galactosemia", "hereditary galactosemia"),
        ("X-linked galactosemia", "X-linked galactosemia"),
        ("galactosemia type II", "galactosemia type II"),
        ("C2 deficiency", "C2 deficiency"),
        ("deficiency of phenylalanine hydroxylase", "deficiency of phenylalanine hydroxylase"),
        ("impaired renal function", "impaired renal function"),
        ("QT prolongation", "QT prolongation"),
        ("gastrointestinal haemorrhages", "gastrointestinal haemorrhages"),
        ("von Hippel-Lindau (VHL) disease", "von Hippel-Lindau (VHL) disease"),
    ],
)
def test_diseases(text: str, expected: str) -> None:
    assert (expected, "Disease") in labeled(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("release of glutamate", "glutamate"),
        ("17beta-estradiol levels", "17beta-estradiol"),
        ("binding of [3H]-naloxone", "[3H]-naloxone"),
        ("bupropion HCl tablets", "bupropion HCl"),
        ("blocked by MK-801", "MK-801"),
        ("BN 52021 was given", "BN 52021"),
        ("10 mM NaCl", "NaCl"),
        ("release of NO was seen", "NO"),
        ("users of oral contraceptives", "oral contraceptives"),
        ("N-nitroso-N-methylurea was injected", "N-nitroso-N-methylurea"),
    ],
)
def test_chemicals(text: str, expected: str) -> None:
    assert (expected, "Chemical") in labeled(text)


@pytest.mark.parametrize(
    "text",
    [
        "The study was approved by the committee.",
        "Visual aids were given to the students.",
        "loss of function mutations",
        "a diploma in medicine",
        "She failed the function test in 2010.",
        "registered as NCT01234567 and approved by the FDA",
        "the CD-104 antigen",
        "No deficiency was seen.",
        "type II collagen",
        "NO KNOWN REACTIONS",
        "Case PV-118 and lot no. AB-12345 came with report SR-2024-118.",
        "PV-2026-1000 is closed; see MRN-448812.",
    ],
)
def test_nothing_to_label(text: str) -> None:
    assert labeled(text) == []


@pytest.mark.parametrize("text", ["", "\n\n", "…", "(", "-", "and or and", ") of the of the (", "type I"])
def test_odd_texts_do_not_break_a_source(text: str) -> None:
    assert labeled(text) == []


def test_votes_say_which_rule_made_them() -> None:
    doc = NLP.make_doc("acute renal failure")
    for source in sources():
        write_matches(doc, source.name, source(doc))
    (match,) = read_matches(doc, "disease_heads")
    assert match.evidence is not None
    assert match.evidence.sentence() == "“renal failure” matches “… failure” (pattern)."


def test_spelling_names_the_term_and_the_change() -> None:
    doc = NLP.make_doc("gastrointestinal haemorrhages")
    source = next(source for source in sources() if source.name == "spelling")
    (match,) = source(doc)
    assert match.concept_ids == ("MESH:D006471",)
    assert match.evidence is not None
    assert match.evidence.reference == "gastrointestinal hemorrhage"
    assert match.evidence.edits == ("British spelling, plural or singular",)
