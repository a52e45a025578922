from __future__ import annotations

from pathlib import Path

import pytest

from hybrid_ner.matching import GazetteerMatcher
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.terms.lint import english_words
from hybrid_ner.terms.variants import with_own_variants

TERMS = Gazetteer.of(
    [
        Term("myocardial infarction", "Disease", "D:1", file="d.tsv", row=2),
        Term("infarction", "Disease", "D:2"),
        Term("liposarcoma", "Disease", "D:3"),
        Term("fibrosarcoma", "Disease", "D:4"),
        Term("cisplatin", "Drug", "C:1"),
        Term("carboplatin", "Drug", "C:2"),
        Term("NSCLC-X", "Disease", "D:5", mode="case"),
        Term("shock", "Disease", "D:6"),
    ]
)


def label(text: str) -> list[tuple[str, str]]:
    return [
        (text[m.start : m.end], m.evidence.reference if m.evidence else "")
        for m in GazetteerMatcher(TERMS, fuzzy="label").match(text)
    ]


def test_the_switch_goes_from_off_over_suggest_to_label() -> None:
    text = "Liposarcma after cisplatin."
    found = {}
    for mode in ("off", "suggest", "label"):
        matcher = GazetteerMatcher(TERMS, fuzzy=mode)
        found[mode] = ([m.label for m in matcher.match(text)], [m.label for m in matcher.suggestions(text)])
    assert found == {
        "off": (["Drug"], []),
        "suggest": (["Drug"], ["Disease"]),
        "label": (["Disease", "Drug"], ["Disease"]),
    }


def test_evidence_names_the_edits() -> None:
    (match,) = GazetteerMatcher(TERMS, fuzzy="label").match("Myocardial infarctoin")
    assert match.concept_ids == ("D:1",)
    assert match.evidence is not None
    assert match.evidence.edits == ("“io” swapped",)
    assert match.score == match.evidence.score == pytest.approx(20 / 21)
    assert match.evidence.sentence() == (
        "“Myocardial infarctoin” matches “myocardial infarction” (fuzzy): “io” swapped, "
        "d.tsv row 2, score 0.95."
    )


def test_a_fuzzy_match_gives_way_to_an_exact_one_unless_it_contains_it() -> None:
    assert label("miocardial infarction") == [("miocardial infarction", "myocardial infarction")]
    assert label("infarction, cysplatin") == [("infarction", "infarction"), ("cysplatin", "cisplatin")]


def test_what_a_list_has_is_no_slip_of_another_form() -> None:
    text = "Excluded pursuant to section 124 GWB."
    terms = Gazetteer.of([Term("section 124 GWB", "LAW"), Term("sect-ion 124 GWB", "LAW")])
    (match,) = GazetteerMatcher(terms, fuzzy="label").match(text)
    assert match.evidence
    assert (match.evidence.method, match.score) == ("exact", 1.0)


def test_a_slip_is_one_of_the_term_rather_than_of_a_form_made_of_it() -> None:
    terms = with_own_variants(Gazetteer.of([Term("hipertansiyon", "Disease")]))
    (match,) = GazetteerMatcher(terms, fuzzy="label").match("hipertansiyonu var")
    assert match.evidence is not None
    assert (match.evidence.reference, match.evidence.edits) == ("hipertansiyon", ("extra “u”",))


@pytest.mark.parametrize("after", [" is let.", " a farm"])
def test_a_term_as_listed_does_not_take_in_the_word_after_it(after: str) -> None:
    terms = with_own_variants(Gazetteer.of([Term("Long Barrow Farm, Bibury GL7 5NW", "Property")]))
    (match,) = GazetteerMatcher(terms, fuzzy="label").match(f"Long Barrow Farm, Bibury GL7 5NW{after}")
    assert match.evidence is not None
    assert (match.evidence.method, match.end) == ("exact", 32)


def test_words_of_the_dictionary_and_case_terms_are_never_matched_fuzzily() -> None:
    assert "shocks" in english_words()
    assert label("the shocks; NSCLC-Y") == []


def test_a_term_that_the_dictionary_has_is_found_when_it_is_misspelled() -> None:
    assert "metformin" in english_words()
    terms = Gazetteer.of([Term("metformin", "Drug"), Term("shock", "Disease"), Term("house", "Place")])
    matcher = GazetteerMatcher(terms, fuzzy="label")
    text = "metfromin in shoc, in a huose"
    assert [(m.label, text[m.start : m.end]) for m in matcher.match(text)] == [
        ("Drug", "metfromin"),
        ("Disease", "shoc"),
    ]


def test_a_term_the_document_names_exactly_is_preferred() -> None:
    terms = Gazetteer.of([Term("ketamine", "Drug"), Term("ketimine", "Drug")])
    matcher = GazetteerMatcher(terms, fuzzy="label")
    text = "ketimine and ketxmine"
    assert [m.evidence.reference for m in matcher.match(text) if m.evidence] == ["ketimine", "ketimine"]
    assert [m.evidence.reference for m in matcher.match("ketxmine") if m.evidence] == ["ketamine"]


def test_an_acronym_is_not_a_slip_of_another_one() -> None:
    terms = Gazetteer.of(
        [Term("HPV infection", "Disease"), Term("HCV", "Virus"), Term("HBV vaccine", "Drug")]
    )
    matcher = GazetteerMatcher(terms, fuzzy="label")
    assert [m.label for m in matcher.match("HCV infection, HBV vacine")] == ["Virus", "Drug"]
    assert [m.label for m in matcher.match("hpv infektion")] == ["Disease"]


def test_an_inverted_name_gives_way_to_one_within_the_sentence() -> None:
    terms = Gazetteer.of([Term("heart failure", "Disease"), Term("failure, kidney", "Disease")])
    (match,) = GazetteerMatcher(terms, fuzzy="label").match("heart faqlure, kidney stones")
    assert match.evidence is not None
    assert match.evidence.reference == "heart failure"


def test_own_common_words_replace_the_list() -> None:
    matcher = GazetteerMatcher(TERMS, fuzzy="label", common_words=["Cysplatin"])
    assert matcher.match("cysplatin") == []


def test_the_fuzzy_index_is_saved_with_the_gazetteer(tmp_path: Path) -> None:
    path = tmp_path / "fuzzy.gaz"
    built = GazetteerMatcher(TERMS, fuzzy="label")
    built.save(path)
    text = "liposarcomma, cisplatn and myocardiall infarction"
    assert GazetteerMatcher.load(path, fuzzy="label").match(text) == built.match(text)
    assert len(built.match(text)) == 3
    assert GazetteerMatcher.load(path).suggestions(text) == []
    GazetteerMatcher(TERMS).save(path)
    assert GazetteerMatcher.load(path, fuzzy="suggest").suggestions(text) == built.suggestions(text)
