"""A pipeline for spaCy alone: what it keeps, and what it says it lost."""

from __future__ import annotations

import pytest

from hybrid_ner.domains.registry import DomainSettings
from hybrid_ner.matching.match import Fuzzy
from hybrid_ner.pipeline import FusionSettings, assemble, rule_pipeline
from hybrid_ner.pipeline.hybrid_rules import compared, plain_pipeline, told
from hybrid_ner.sources.learned import LearnedWord, ReviewedTerm, ReviewPolicy
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.text.tokenizer import blank

TERMS = Gazetteer.of(
    [
        Term("heart failure", "Disease", "C:1"),
        Term("cold", "Disease", "C:2"),
        Term("COLD", "Device", "C:3", mode="case"),
        Term("cold", "Finding", "C:4"),
        Term("Heart Failure", "Disease", "C:5"),
        Term("MI", "Disease", "C:6", mode="defined"),
    ]
)


def _found(nlp, text: str) -> list[tuple[str, str, str]]:  # type: ignore[no-untyped-def]
    return [(e.text, e.label_, e.ent_id_) for e in nlp(text).ents]


def test_terms_labels_and_ids_are_kept() -> None:
    made = plain_pipeline(rule_pipeline(TERMS))
    factories = {made.nlp.get_pipe_meta(name).factory for name in made.nlp.pipe_names}
    assert factories == {"entity_ruler"}
    assert _found(made.nlp, "HEART FAILURE-induced cold, two heart failures.") == [
        ("HEART FAILURE", "Disease", "C:1"),
        ("cold", "Disease", "C:2"),
        ("heart failures", "Disease", "C:1"),
    ]


def test_losses_are_counted() -> None:
    made = plain_pipeline(rule_pipeline(TERMS, fuzzy=Fuzzy.of("label")))
    assert made.lost["terms that match only where a text defines them"] == 1
    assert made.lost["terms whose words have another label before"] == 1
    assert made.lost["spellings and concepts beside the first of the same words"] == 1
    assert made.lost["near matches of terms (sources with fuzzy matching)"] == 1
    assert made.lost["labeling sources that are no list of terms (abbreviations)"] == 1
    assert "context flags (negated, family, …)" not in made.lost


def test_learned_words_and_reviewed_terms_come_along() -> None:
    policy = ReviewPolicy((ReviewedTerm("night sweats", "Finding", 3, 3),))
    settings = DomainSettings(reviewed=policy, learned=(LearnedWord("gizmosis", "Disease", 0.9, 4),))
    made = plain_pipeline(rule_pipeline(TERMS, settings=settings))
    found = [(text, label) for text, label, _ in _found(made.nlp, "Night sweats and gizmosis.")]
    assert found == [("Night sweats", "Finding"), ("gizmosis", "Disease")]


def test_model_is_spacys_own_and_its_bound_is_said() -> None:
    student = blank()
    student.add_pipe("scored_ner", name="ner").add_label("Disease")
    student.initialize()
    made = plain_pipeline(assemble(TERMS, "generic", DomainSettings(), student, FusionSettings(0.8)))
    assert made.nlp.get_pipe_meta("ner").factory == "ner"
    assert any("below 0.8" in what for what in made.lost)
    alone = plain_pipeline(assemble(TERMS, "generic", DomainSettings(), student, FusionSettings(2.0)))
    assert "ner" not in alone.nlp.pipe_names
    assert alone.lost["models left out, since the hybrid adds none of their spans"] == 1


def test_domain_rules_and_flags_are_losses() -> None:
    made = plain_pipeline(rule_pipeline(TERMS, "medical"))
    assert made.lost["context flags (negated, family, …)"] == 1
    assert any(what.startswith("labeling sources that are no list of terms") for what in made.lost)


def test_comparison_counts_spans() -> None:
    full = rule_pipeline(TERMS)
    counts = compared(
        full, plain_pipeline(full).nlp, ["Chronic obstructive disease", "Heart\nfailure; cold."]
    )
    assert counts == {"documents": 2, "both": 1, "lost": 1, "added": 0}
    assert told(counts).startswith(
        "in 2 documents it finds 1 of the 2 entities of the full pipeline (50.0 %)"
    )


@pytest.mark.parametrize("text", ["5-FU/LV (cold)", "s.302/34 of cold, don't", "x" * 200 + "-cold"])
def test_tokens_are_the_same(text: str) -> None:
    full = rule_pipeline(TERMS)
    assert [t.text for t in plain_pipeline(full).nlp(text)] == [t.text for t in full(text)]
