"""Sources that apply what reviewed documents taught."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybrid_ner.domains.registry import DomainSettings
from hybrid_ner.pipeline import rule_pipeline, save
from hybrid_ner.sources.learned import (
    Distrust,
    DistrustedSource,
    ReviewedTerm,
    ReviewedTermSource,
    ReviewPolicy,
)
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.training.predict import load_pipeline

LISTS = Gazetteer.of([Term("aspirin", "Chemical"), Term("cold", "Disease"), Term("chest pain", "Disease")])


def entities(policy: ReviewPolicy, text: str) -> list[tuple[str, str]]:
    nlp = rule_pipeline(LISTS, "generic", DomainSettings(reviewed=policy))
    return [(ent.text, ent.label_) for ent in nlp(text).ents]


def test_empty_policy_adds_no_source() -> None:
    assert not ReviewPolicy()
    names = rule_pipeline(LISTS, "generic").pipe_names
    assert rule_pipeline(LISTS, "generic", DomainSettings(reviewed=ReviewPolicy())).pipe_names == names


def test_reviewed_term_is_labeled_as_a_whole_word_in_any_case() -> None:
    policy = ReviewPolicy((ReviewedTerm("night sweats", "Symptom", 2, 2),))
    assert entities(policy, "Night sweats; tonight sweatsuit.") == [("Night sweats", "Symptom")]


def test_acronym_keeps_its_capitals() -> None:
    policy = ReviewPolicy((ReviewedTerm("AIDS", "Disease", 1, 1),))
    assert entities(policy, "AIDS, not hearing aids.") == [("AIDS", "Disease")]


def test_reviewers_label_wins_over_the_lists() -> None:
    policy = ReviewPolicy((ReviewedTerm("aspirin", "Drug", 3, 3),))
    assert entities(policy, "Aspirin given.") == [("Aspirin", "Drug")]


def test_distrusted_surface_is_voted_down() -> None:
    policy = ReviewPolicy(distrusted=(Distrust("surface", "cold", "Disease", 0, 4),))
    assert entities(policy, "Cold water and chest pain.") == [("chest pain", "Disease")]


@pytest.mark.parametrize(
    ("kind", "value", "kept"), [("head", "pain", ["Cold"]), ("source", "gazetteer", []), ("rule", "x: y", 2)]
)
def test_kinds_of_distrust(kind: str, value: str, kept: list[str] | int) -> None:
    policy = ReviewPolicy(distrusted=(Distrust(kind, value, "Disease", 0, 9),))
    found = [text for text, _ in entities(policy, "Cold. Chest pain.")]
    assert found == kept if isinstance(kept, list) else len(found) == kept


def test_distrust_is_of_one_label() -> None:
    policy = ReviewPolicy(distrusted=(Distrust("source", "gazetteer", "Disease", 0, 9),))
    assert entities(policy, "Aspirin for chest pain.") == [("Aspirin", "Chemical")]


def test_span_with_one_trusted_vote_stands() -> None:
    policy = ReviewPolicy(
        (ReviewedTerm("cold", "Disease", 5, 6),), (Distrust("source", "gazetteer", "Disease", 0, 9),)
    )
    assert entities(policy, "Cold.") == [("Cold", "Disease")]


def test_evidence_says_what_reviewers_did() -> None:
    policy = ReviewPolicy(
        (ReviewedTerm("sweats", "Symptom", 2.5, 3),), (Distrust("surface", "cold", "Disease", 0, 4),)
    )
    doc = rule_pipeline(LISTS, "generic", DomainSettings(reviewed=policy))("Cold sweats.")
    (added,) = ReviewedTermSource(policy.terms)(doc)
    assert added.evidence is not None
    assert added.evidence.sentence() == (
        "“sweats” was learned from review: accepted in 2.5 of 3 reviewed documents."
    )
    (against,) = DistrustedSource(policy.distrusted, ["gazetteer"])(doc)
    assert against.evidence is not None
    assert "surface “cold” as Disease: right in 0 of 4 reviewed documents" in against.evidence.sentence()


def test_saved_pipeline_keeps_the_policy(tmp_path: Path) -> None:
    policy = ReviewPolicy(
        (ReviewedTerm("night sweats", "Symptom", 2, 2),), (Distrust("surface", "cold", "Disease", 0, 4),)
    )
    save(rule_pipeline(LISTS, "generic", DomainSettings(reviewed=policy)), tmp_path / "m")
    doc = load_pipeline(tmp_path / "m")("Cold night sweats.")
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("night sweats", "Symptom")]
