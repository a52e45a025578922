"""The gazetteer as a labeling source: near matches that vote, and those that are only suggested."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybrid_ner.domains.registry import DomainSettings, build_sources
from hybrid_ner.errors import InputError
from hybrid_ner.matching.match import Fuzzy
from hybrid_ner.pipeline import rule_pipeline, save
from hybrid_ner.pipeline.labeling import set_fuzzy
from hybrid_ner.review.store.suggestion import suggestions_from_doc
from hybrid_ner.sources import NEAR_MATCHES, read_matches
from hybrid_ner.sources.gazetteer import GazetteerSource
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.text.tokenizer import blank
from hybrid_ner.training.predict import load_pipeline

TERMS = Gazetteer.of(
    [
        Term("hypertension", "Disease", "D:1"),
        Term("lisinopril", "Drug", "C:1"),
        Term("heart failure", "Disease"),
    ]
)
TEXT = "Hypertensoin and heart failure; takes lysinopril."


def _said(fuzzy: Fuzzy | str) -> tuple[list[str], list[str]]:
    doc = rule_pipeline(TERMS, fuzzy=fuzzy)(TEXT)
    near = read_matches(doc, NEAR_MATCHES) if NEAR_MATCHES in doc.spans else []
    return [ent.text for ent in doc.ents], [TEXT[m.start : m.end] for m in near]


@pytest.mark.parametrize(
    ("fuzzy", "entities", "near"),
    [
        ("off", ["heart failure"], []),
        ("suggest", ["heart failure"], ["Hypertensoin", "lysinopril"]),
        ("label", ["Hypertensoin", "heart failure", "lysinopril"], []),
        (Fuzzy("off", (("Drug", "label"),)), ["heart failure", "lysinopril"], []),
        (Fuzzy("label", (("Drug", "suggest"),)), ["Hypertensoin", "heart failure"], ["lysinopril"]),
        (Fuzzy("label", (), 0.91), ["Hypertensoin", "heart failure"], []),
        (Fuzzy("suggest", (), 0.9), ["heart failure"], ["Hypertensoin", "lysinopril"]),
    ],
)
def test_near_matches_vote_are_suggested_or_left_out(
    fuzzy: Fuzzy | str, entities: list[str], near: list[str]
) -> None:
    assert _said(fuzzy) == (entities, near)


@pytest.mark.parametrize("fuzzy", [Fuzzy("suggest"), Fuzzy("off", (("Drug", "label"),), 0.5)])
def test_settings_are_saved_with_the_pipeline(tmp_path: Path, fuzzy: Fuzzy) -> None:
    made = rule_pipeline(TERMS, settings=DomainSettings(fuzzy=fuzzy))
    save(made, tmp_path / "m")
    opened = load_pipeline(tmp_path / "m")
    assert opened.get_pipe("gazetteer").source.fuzzy == fuzzy  # type: ignore[attr-defined]
    before, after = made(TEXT), opened(TEXT)
    for name in ("gazetteer", NEAR_MATCHES):
        assert read_matches(after, name) == read_matches(before, name)


def test_state_of_an_earlier_version_looks_for_exact_terms() -> None:
    source = GazetteerSource.from_state({"name": "gazetteer"}, TERMS)
    assert not source.fuzzy.is_on
    assert [m.start for m in source(blank()(TEXT))] == [17]


def test_mode_of_a_pipeline_can_be_changed() -> None:
    nlp = rule_pipeline(TERMS)
    set_fuzzy(nlp, "label")
    assert len(nlp(TEXT).ents) == 3


@pytest.mark.parametrize("text", ["6 microg/ml in the blood", "tested by ANOVA", "nociception in rats"])
def test_words_of_a_trade_are_no_misspellings(text: str) -> None:
    terms = Gazetteer.of([Term(each, "X") for each in ("microgen", "anovar", "nociceptin", "micron")])
    assert [ent.text for ent in rule_pipeline(terms, fuzzy="label")(text).ents] == []


def test_suggested_near_matches_come_into_review_with_their_edits() -> None:
    first, second, third = suggestions_from_doc(rule_pipeline(TERMS, fuzzy="suggest")(TEXT))
    assert (first.chosen, first.method, first.label, first.concept_id) == (False, "fuzzy", "Disease", "D:1")
    assert first.rule == "a near match, which casts no vote"
    assert first.votes[0].evidence["edits"] == ("“io” swapped",)
    assert (second.chosen, second.method) == (True, "exact")
    assert (third.chosen, third.votes[0].evidence["reference"]) == (False, "lisinopril")


def test_near_match_inside_an_entity_is_not_suggested() -> None:
    terms = Gazetteer.of([Term("hypertension", "Disease"), Term("pulmonary hypertensoin", "Disease")])
    doc = rule_pipeline(terms, fuzzy="suggest")("Severe pulmonary hypertensoin.")
    (only,) = suggestions_from_doc(doc)
    assert only.method == "exact"


@pytest.mark.parametrize(
    ("words", "made"),
    [
        ((), Fuzzy()),
        (("suggest",), Fuzzy("suggest")),
        (("label", "Drug=off"), Fuzzy("label", (("Drug", "off"),))),
        (("A=B=suggest",), Fuzzy("off", (("A=B", "suggest"),))),
    ],
)
def test_settings_are_read_from_words(words: tuple[str, ...], made: Fuzzy) -> None:
    assert Fuzzy.parse(words) == made
    assert Fuzzy.restore(made.as_dict()) == made


@pytest.mark.parametrize(("words", "threshold"), [(("on",), 0.0), (("Drug=yes",), 0.0), (("label",), 1.5)])
def test_unknown_mode_and_threshold_are_refused(words: tuple[str, ...], threshold: float) -> None:
    with pytest.raises(InputError, match="fuzzy"):
        Fuzzy.parse(words, threshold)


def test_another_class_in_a_domain_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    class Own(GazetteerSource):
        pass

    monkeypatch.setattr("hybrid_ner.domains.registry._of_domain", lambda *_: [Own(TERMS)])
    (source,) = build_sources("generic", TERMS, DomainSettings(fuzzy=Fuzzy("label")))
    assert isinstance(source, Own)
    assert not source.fuzzy.is_on


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("Assessment: 1. Psoriasis 2. Gout 3. asthma", ["Psoriasis", "Gout", "asthma"]),
        ("1) Severe psoriasis 2) Gout", ["psoriasis", "Gout"]),
        ("1. Gout\n2. Psoriasis 3. asthma", ["Gout", "Psoriasis", "asthma"]),
        ("He has psoriasis 2. Gout was ruled out.", ["psoriasis 2", "Gout"]),  # nothing is counted
        ("1. Psoriasis 2. He was seen.\n2. Gout", ["Psoriasis 2", "Gout"]),  # the second item is another
        ("1) Psoriasis 2. Gout", ["Psoriasis 2", "Gout"]),  # another way of counting
        ("1. Ataxia 2. Gout", ["Ataxia 2", "Gout"]),  # no term without the number
    ],
)
def test_the_mark_of_the_next_item_is_no_part_of_a_name(text: str, entities: list[str]) -> None:
    names = ["psoriasis", "psoriasis 2", "psoriasis 3", "gout", "asthma", "ataxia 2"]
    doc = rule_pipeline(Gazetteer.of([Term(name, "Disease") for name in names]))(text)
    assert [ent.text for ent in doc.ents] == entities


def test_a_filtration_rate_is_no_gene() -> None:
    nlp = rule_pipeline(Gazetteer.of([Term("EGFR", "Gene")]))
    assert [ent.text for ent in nlp("eGFR 62 ml/min; EGFR and Egfr mutated.").ents] == ["EGFR", "Egfr"]
    listed = rule_pipeline(Gazetteer.of([Term("eGFR", "Test")]))
    assert [ent.text for ent in listed("eGFR 62 ml/min").ents] == ["eGFR"]


def test_terms_that_differ_in_capitals_are_told_apart_by_them() -> None:
    terms = [Term("eGFR", "Test"), Term("EGFR", "Gene"), Term("PTX", "Drug"), Term("Ptx", "Toxin")]
    doc = rule_pipeline(Gazetteer.of(terms))("eGFR, EGFR, Egfr, PTX, Ptx, ptx")
    found = [(ent.text, ent.label_) for ent in doc.ents]
    assert found == [
        *(("eGFR", "Test"), ("EGFR", "Gene"), ("Egfr", "Test")),
        *(("PTX", "Drug"), ("Ptx", "Toxin"), ("ptx", "Drug")),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("No donor, no donor", ["donor", "donor"]),
        ("NO-donor, NO donor, NO-DONOR", ["NO-donor", "NO donor", "NO-DONOR"]),
        ("NO DONOR", ["DONOR"]),  # in capitals throughout it is the word
        ("as 701 units, AS 701", ["AS 701"]),
        ("At III he stopped; AT III low", ["AT III"]),
        ("in the on call room", ["on call room"]),  # a list in capitals does not say which word is a symbol
        ("No entry sign", ["No entry sign"]),
    ],
)
def test_a_little_word_is_no_symbol(text: str, found: list[str]) -> None:
    names = ("NO-donor", "donor", "AS 701", "AT III", "ON CALL ROOM", "no entry sign")
    nlp = rule_pipeline(Gazetteer.of([Term(name, "X") for name in names]))
    assert [ent.text for ent in nlp(text).ents] == found
