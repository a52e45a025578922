"""Rules and model, fused."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy
from spacy.tokens import Doc, Span, SpanGroup
from spacy.training import Example

from hybrid_ner.matching import Match
from hybrid_ner.pipeline import FusionSettings
from hybrid_ner.pipeline.fusion import EntityFusion, Key, joined, pool, spans_of, system_spans, write_rules
from hybrid_ner.sources import VETO, write_matches
from hybrid_ner.text.tokenizer import blank
from hybrid_ner.training.choose_fusion import NEVER

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


def test_a_probability_that_just_reaches_the_threshold_is_enough() -> None:
    assert found(read([], [(3, 5, "Disease", 0.5)])) == [("gastric bleeding", "Disease")]


def test_the_model_alone_leaves_the_rules_out() -> None:
    doc = read([ASPIRIN], [(3, 5, "Disease", 0.9), (5, 6, "Date", 0.4)], policy="model_only")
    assert found(doc) == [("gastric bleeding", "Disease")]
    assert found(doc, "rule") == [("Aspirin", "Chemical")]


def test_spans_that_touch_stay_both_and_stand_in_order_of_the_text() -> None:
    doc = read([Match(22, 29, "Site"), ASPIRIN], [(4, 5, "Disease", 0.9), (2, 3, "Degree", 0.9)])
    said = [("Aspirin", "Chemical"), ("severe", "Degree"), ("gastric", "Site"), ("bleeding", "Disease")]
    assert found(doc) == said
    assert [s.text for s in joined([doc[3:5]], [doc[5:6], doc[4:5], doc[0:1]])] == [
        "Aspirin",
        "gastric bleeding",
        "today",
    ]


def test_a_model_that_does_not_say_how_sure_it_is_is_sure() -> None:
    doc = read([ASPIRIN], [])
    doc.spans["model"] = SpanGroup(doc, name="model", spans=[Span(doc, 3, 5, "Disease")])
    fusion = EntityFusion(["rules"], 1.0, "rules_first")
    assert [s.text for s in fusion.fused(doc)] == ["Aspirin", "gastric bleeding"]
    never = EntityFusion(["rules"], NEVER, "rules_first")
    assert [s.text for s in never.fused(doc)] == ["Aspirin"]
    del doc.spans["model"]
    assert [s.text for s in fusion.fused(doc)] == ["Aspirin"]
    assert system_spans(doc, "model") == []


def test_rules_say_their_source_and_concept() -> None:
    doc = read([ASPIRIN, BLEEDING], [])
    assert doc.spans["rule"].attrs == {"sources": ["rules", "rules"]}
    assert [s.kb_id_ for s in doc.spans["rule"]] == ["MESH:D001241", ""]
    again = spans_of(doc, write_rules(doc, ["rules"], "again"))
    assert [(s.text, s.label_) for s in again] == [("Aspirin", "Chemical"), ("bleeding", "Disease")]
    assert list(doc.spans["again"]) == again


@pytest.mark.parametrize("votes", [[], [ASPIRIN, BLEEDING], [BLEEDING], [Match(0, 7, ""), BLEEDING]])
def test_entities_of_the_rules_alone_are_those_that_spacy_sets(votes: list[Match]) -> None:
    docs = [blank().make_doc(TEXT) for _ in range(2)]
    docs[1].set_ents([Span(docs[1], 1, 3, "Old", kb_id="K")])
    for doc in docs:
        write_matches(doc, "rules", votes)
    docs[0].set_ents(spans_of(docs[0], votes))
    EntityFusion(["rules"], 0.5, "rules_first")(docs[1])
    seen = [[(t.ent_iob_, t.ent_type_, t.ent_kb_id_, t.ent_id_) for t in doc] for doc in docs]
    assert seen[0] == seen[1]
    assert [e.text for e in docs[1].ents] == [TEXT[m.start : m.end] for m in votes if m.label]


def test_score_of_a_system_without_any_span_is_zero() -> None:
    gold = blank().make_doc(TEXT)
    gold.set_ents([Span(gold, 0, 1, "Chemical")])
    scores = EntityFusion(["rules"], 0.5, "rules_first").score([Example(read([ASPIRIN], []), gold)])
    assert (scores["rule_p"], scores["rule_r"], scores["model_p"], scores["model_f"]) == (1.0, 1.0, 0.0, 0.0)


def test_the_component_is_strict_by_default() -> None:
    nlp = blank()
    fusion = nlp.add_pipe("entity_fusion")
    assert (fusion.sources, fusion.min_score, fusion.policy) == ([], 0.95, "rules_first")
    assert nlp.get_pipe_meta("entity_fusion").default_score_weights == {
        "rule_f": None,
        "model_f": None,
        "hybrid_f": 1.0,
    }


CONSIDERED = [[3, 5, "Disease", 0.9], [4, 5, "Disease", 0.6], [0, 1, "Chemical", 0.0], [5, 6, "Disease", 0.3]]


def pooled(rules: list[Match], trust: float, min_score: float = 0.5) -> Doc:
    doc = read(rules, [])
    doc.spans["model"] = SpanGroup(doc, name="model", attrs={"considered": CONSIDERED})
    doc.set_ents(EntityFusion(["rules"], min_score, "pooled", trust).fused(doc))
    return doc


@pytest.mark.parametrize(
    ("trust", "said"),
    [
        # “gastric bleeding” 0.9 × 0.9 = 0.81, “bleeding” 0.9 × 0.6 + 0.1 = 0.64, “Aspirin” 0.1.
        (0.1, [("gastric bleeding", "Disease")]),
        (0.6, [("Aspirin", "Chemical"), ("bleeding", "Disease")]),
    ],
)
def test_pooling_weighs_the_rules_against_the_model(trust: float, said: list[tuple[str, str]]) -> None:
    doc = pooled([ASPIRIN, BLEEDING], trust)
    assert [(span.text, span.label_) for span in doc.ents] == said
    assert [span.kb_id_ for span in doc.ents if span.text == "Aspirin"] == ["MESH:D001241"] * (trust == 0.6)


def test_pooling_takes_rules_at_what_their_label_is_worth() -> None:
    doc = pooled([ASPIRIN, BLEEDING], 0.1)
    for right, said in (
        ({}, ["Aspirin", "bleeding"]),
        ({"Chemical": 0.5, "Disease": 1.0}, ["bleeding"]),  # “Aspirin” 0.6 × 0.5 = 0.3
        ({"": 0.9, "Disease": 0.1}, ["Aspirin", "gastric bleeding"]),  # “bleeding” 0.4 × 0.6 + 0.6 × 0.1
    ):
        EntityFusion(["rules"], 0.35, "pooled", 0.6, right=right)(doc)
        assert [span.text for span in doc.ents] == said


@pytest.mark.parametrize(
    ("chosen", "edges", "said"),
    [
        ([(4, 6, "X")], [(2, 6, "X")], [(2, 6, "X")]),
        ([(4, 6, "X")], [(5, 6, "X")], [(5, 6, "X")]),
        ([(4, 6, "X")], [(6, 8, "X"), (0, 4, "X")], [(4, 6, "X")]),  # they only touch
        ([(4, 6, "X")], [(2, 6, "Y")], [(4, 6, "X")]),
        ([(4, 9, "X")], [(2, 5, "X"), (6, 9, "X")], [(4, 9, "X")]),
        ([(2, 4, "X"), (6, 8, "X")], [(2, 8, "X")], [(2, 4, "X"), (6, 8, "X")]),
        ([], [(2, 6, "X")], []),  # mentions that nobody found stay unfound
    ],
)
def test_edges_are_taken_over_from_who_knows_them(
    chosen: list[Key], edges: list[Key], said: list[Key]
) -> None:
    assert pool(dict.fromkeys(chosen, 0.9), {}, 0.1, {}, 0.3, edges) == said


def test_pooling_keeps_what_a_model_among_the_sources_has_earned() -> None:
    doc = pooled([ASPIRIN, BLEEDING], 0.1)
    for earned, said in (
        ([("rules", "Chemical", 0.7)], ["Aspirin", "gastric bleeding"]),
        ([("rules", "Chemical", 0.4)], ["gastric bleeding"]),  # no more than that is known of it
        ([("other", "Chemical", 0.7), ("rules", "Disease", 0.7)], ["gastric bleeding"]),  # the surer stands
    ):
        fusion = EntityFusion(["rules"], 0.5, "pooled", 0.1, earned)
        fusion(doc)
        assert [span.text for span in doc.ents] == said


def test_pooling_without_a_model_or_its_considered_spans_takes_the_rules_by_their_weight() -> None:
    doc = read([ASPIRIN], [])
    assert [s.text for s in EntityFusion(["rules"], 0.5, "pooled", 0.6).fused(doc)] == ["Aspirin"]
    assert EntityFusion(["rules"], 0.5, "pooled", 0.4).fused(doc) == []
    del doc.spans["model"]
    assert [s.text for s in EntityFusion(["rules"], 0.5, "pooled", 0.6).fused(doc)] == ["Aspirin"]


def test_a_pipeline_whose_model_is_left_out_has_the_rules() -> None:
    doc = read([ASPIRIN], [])
    del doc.spans["model"]
    assert [ent.text for ent in EntityFusion(["rules"], 0.5, "pooled", 0.4)(doc).ents] == ["Aspirin"]


def test_score_of_a_system_that_finds_nothing_is_zero() -> None:
    gold = blank().make_doc(TEXT)
    gold.set_ents([Span(gold, 0, 1, "Chemical")])
    scores = EntityFusion(["rules"], 0.5, "rules_first").score([Example(read([], []), gold)])
    assert (scores["rule_p"], scores["model_f"], scores["hybrid_r"]) == (0.0, 0.0, 0.0)


def test_what_rules_are_worth_by_label_is_saved_with_any_label(tmp_path: Path) -> None:
    right = (("", 0.5), ("a=b", 0.25), ("Adverse event", 0.75))
    nlp = blank()
    nlp.add_pipe("entity_fusion", config=FusionSettings(0.35, "pooled", 0.6, right=right).config([]))
    nlp.to_disk(tmp_path / "m")
    fusion = spacy.load(tmp_path / "m").get_pipe("entity_fusion")
    assert fusion.right == dict(right)
