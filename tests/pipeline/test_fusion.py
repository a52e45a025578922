"""Rules and model, fused."""

from __future__ import annotations

import pytest
from spacy.tokens import Doc, Span, SpanGroup
from spacy.training import Example

from hybrid_ner.matching import Match
from hybrid_ner.pipeline.fusion import EntityFusion, system_spans
from hybrid_ner.sources.base import VETO, write_matches
from hybrid_ner.text.tokenizer import blank

TEXT = "Aspirin caused severe gastric bleeding today"


def read(rules: list[Match], model: list[tuple[int, int, str, float]], **settings: object) -> Doc:
    doc = blank().make_doc(TEXT)
    write_matches(doc, "rules", rules)
    spans = [Span(doc, start, end, label) for start, end, label, _ in model]
    scores = [score for *_, score in model]
    doc.spans["model"] = SpanGroup(doc, name="model", spans=spans, attrs={"scores": scores})
    options = {"min_score": 0.5, "policy": "rules_first"} | settings
    return EntityFusion(["rules"], **options)(doc)  # type: ignore[arg-type]


def found(doc: Doc, system: str = "hybrid") -> list[tuple[str, str]]:
    return [(span.text, span.label_) for span in system_spans(doc, system)]


ASPIRIN = Match(0, 7, "Chemical", ("MESH:D001241",))
BLEEDING = Match(30, 38, "Disease")


def test_model_span_is_added_where_no_rule_is() -> None:
    doc = read([ASPIRIN], [(3, 5, "Disease", 0.9)])
    assert found(doc) == [("Aspirin", "Chemical"), ("gastric bleeding", "Disease")]


def test_rule_span_stands_against_an_overlapping_model_span() -> None:
    doc = read([BLEEDING], [(3, 5, "Disease", 0.9)])
    assert found(doc) == [("bleeding", "Disease")]


def test_model_first_keeps_the_model_span() -> None:
    doc = read([BLEEDING], [(3, 5, "Disease", 0.9)], policy="model_first")
    assert found(doc) == [("gastric bleeding", "Disease")]


def test_unsure_model_span_is_left_out() -> None:
    doc = read([ASPIRIN], [(3, 5, "Disease", 0.4)])
    assert found(doc) == [("Aspirin", "Chemical")]
    assert found(doc, "model") == [("gastric bleeding", "Disease")]


def test_concept_of_a_rule_span_reaches_the_entity() -> None:
    assert read([ASPIRIN], []).ents[0].kb_id_ == "MESH:D001241"


def test_veto_removes_the_earlier_vote() -> None:
    doc = blank().make_doc(TEXT)
    write_matches(doc, "terms", [ASPIRIN, BLEEDING])
    write_matches(doc, "vetoes", [Match(0, 7, VETO)])
    EntityFusion(["terms", "vetoes"], 0.5, "rules_first")(doc)
    assert found(doc) == [("bleeding", "Disease")]


def test_document_without_any_hit_has_explicitly_no_entities() -> None:
    doc = read([], [])
    assert doc.has_annotation("ENT_IOB")
    assert not doc.ents


@pytest.mark.parametrize(("system", "expected"), [("rule", 0.5), ("model", 0.5), ("hybrid", 1.0)])
def test_score_gives_f_of_each_system(system: str, expected: float) -> None:
    doc = read([ASPIRIN, Match(39, 44, "Disease")], [(3, 5, "Disease", 0.9), (5, 6, "Disease", 0.2)])
    gold = blank().make_doc(TEXT)
    gold.set_ents([Span(gold, 0, 1, "Chemical"), Span(gold, 3, 5, "Disease")])
    if system == "hybrid":
        doc = read([ASPIRIN], [(3, 5, "Disease", 0.9)])
    scores = EntityFusion(["rules"], 0.5, "rules_first").score([Example(doc, gold)])
    assert scores[f"{system}_f"] == pytest.approx(expected)
