"""How much the rules' answer counts beside a CRF."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from math import sqrt

import numpy as np
import pytest
from spacy.tokens import Doc, Span, SpanGroup

from hybrid_ner.pipeline import FusionSettings
from hybrid_ner.pipeline.fusion import RULE_GROUP, EntityFusion
from hybrid_ner.pipeline.scored_ner import MODEL_GROUP, ScoredSpan
from hybrid_ner.pipeline.token_features import TokenFeatures
from hybrid_ner.text.tokenizer import blank
from hybrid_ner.training.choose_fusion import MODEL_ALONE, RULES_ALONE, Counts, choose
from hybrid_ner.training.pooling import (
    TRUSTING,
    Answered,
    Told,
    between,
    choose_crf,
    count_ways,
    crf_ways,
    doubt,
    fit_spans,
    judged_rules,
    limited,
    pooled,
    told_of,
    trusting,
)

POOLED = pooled(0)


def rows(*groups: tuple[int, int]) -> Counts:
    """So many documents with so many right of ten spans, ten of them predicted."""
    return np.array([(right, 10, 10) for documents, right in groups for _ in range(documents)])


@pytest.mark.parametrize(("rules_f1", "careful"), [(0.3, False), (0.779, False), (0.781, True), (0.9, True)])
def test_rules_that_do_well_get_more_weight_beside_a_crf(rules_f1: float, careful: bool) -> None:
    first = trusting(10**4) if careful else pooled(10**4)
    assert crf_ways(rules_f1, 10**4) == (first, RULES_ALONE, MODEL_ALONE)
    assert (TRUSTING.min_score, TRUSTING.trust) == (0.45, 0.4)
    # Few documents tell least of rules that do well.
    assert [(way.min_score, way.trust) for way in map(trusting, (0, 150))] == [(0.5, 0.55), (0.475, 0.475)]
    assert trusting(10**6) == TRUSTING


@pytest.mark.parametrize(("accepted", "careful"), [(20, False), (60, True), (1000, True)])
def test_few_spans_do_not_tell_that_rules_do_well(accepted: int, careful: bool) -> None:
    assert (trusting(accepted) in crf_ways(0.75, accepted, right=(("", 0.8),))) == careful


@pytest.mark.parametrize(("accepted", "trust"), [(0, 0.55), (200, 0.275), (1000, 0.045), (10**7, 0.0)])
def test_rules_weigh_less_beside_a_crf_that_has_learned_from_more_spans(accepted: int, trust: float) -> None:
    way = pooled(accepted)
    assert way == crf_ways(0.5, accepted)[0] == FusionSettings(way.min_score, "pooled", trust)
    assert way.min_score is not None
    # Whatever the weight, a span that no rule has needs the probability of the CRF read alone.
    assert way.min_score / (1 - trust) == pytest.approx(0.3, abs=0.002)


def test_a_tuned_probability_holds_in_the_pool_too() -> None:
    way, strong = crf_ways(0.5, 0, right=(("", 0.2),), least=0.42)[0], crf_ways(0.9, 10**6, least=0.42)[0]
    assert (way.min_score, strong.min_score) == (round(0.42 * 0.45, 3), 0.63)
    lowered = limited(way, [answered(40, 0, doubted=True)])
    assert lowered.min_score == pytest.approx(0.7 * 0.42 * (1 - lowered.trust), abs=0.001)  # nothing accepted


def test_rules_count_with_the_share_of_their_spans_that_may_be_right() -> None:
    drugs = {(n, n + 1, "Drug") for n in range(9)}
    signs = {(n, n + 1, "Sign") for n in range(9, 18)}
    told = told_of(0, drugs | signs, drugs, "abcdefghijklmnopqr")
    # (9 + 1.5) of (18 + 3) and one standard error; so the labels, with ten spans at that share
    whole = 0.5 + sqrt(0.25 / 21)
    expected = {"": whole}
    for label, right in (("Drug", 9), ("Sign", 0)):
        share = (right + 10 * whole) / 19
        expected[label] = share + sqrt(share * (1 - share) / 19)
    assert dict(judged_rules(told)) == pytest.approx(expected, abs=0.001)
    assert dict(judged_rules([])) == {"": round(0.5 + sqrt(0.25 / 3), 3)}
    way = crf_ways(0.5, 10, right=judged_rules(told))[0]
    assert dict(way.config(())["right"]) == dict(judged_rules(told))
    assert way == FusionSettings(**json.loads(json.dumps(asdict(way))))
    assert hash(way) == hash(FusionSettings(**json.loads(json.dumps(asdict(way)))))


def test_rules_that_are_all_right_by_a_last_digit_more_than_all() -> None:
    # Twelve spans of two words: (10 + sqrt(9) + sqrt(3)) / (10 + 9 / sqrt(9) + 3 / sqrt(3)) rounds up.
    words = ["a"] * 9 + ["b"] * 3
    told = [Told(0, word, "Drug", True, source) for source in ("list", "words") for word in words]
    assert max(dict(judged_rules(told)).values()) == 1.0


def test_sources_count_with_what_each_is_worth() -> None:
    spans = [(n, n + 1, "Drug") for n in range(40)]
    sources = {span: "words" if span[0] < 20 else "list" for span in spans}
    text = "".join(chr(0x4E00 + n) for n in range(40))
    right = dict(judged_rules(told_of(0, spans, set(spans[20:]), text, sources)))
    assert right["Drug|words"] < right["Drug"] < right["Drug|list"]
    # A model that doubts all of them: listed terms are worth more there than learned words.
    doubts = Answered({}, set(), dict.fromkeys(spans, 0.0), set(spans[20:]), text=text, sources=sources)
    way = limited(pooled(0, tuple(right.items())), [doubts])
    worth = dict(way.right)
    assert worth["Drug|words"] < worth["Drug"] < worth["Drug|list"]
    assert doubts.counted(way) == (20, 20, 20)


@pytest.mark.parametrize(("missed", "share"), [(0, 0.2), (40, 0.24), (400, 0.3)])
def test_rules_count_more_where_little_is_reached(missed: int, share: float) -> None:
    way, judged = pooled(0, (("", 0.2),)), answered(20, 20, doubted=True)
    judged = judged._replace(gold=judged.gold | {(n, n + 1, "Drug") for n in range(100, 100 + missed)})
    # F1 of the rules is 1, 0.5 and 0.09, which counts as 0.4: half of it is what helps, not 0.3.
    less = 0.3 * 0.3 * 0.45 * max(0, 1 - len(judged.gold) / 300)  # of what a span needs (``_eased``)
    assert dict(limited(way, [judged]).right) == pytest.approx({"": share - less / 0.55}, abs=0.001)
    # Nothing is taken off where spans are judged as a whole.
    assert dict(limited(way, [judged], judged=True).right) == pytest.approx({"": share}, abs=0.001)


def test_a_document_full_of_one_wrong_word_says_less_against_rules_than_many_words() -> None:
    spans = {(n, n + 1, "Drug") for n in range(25)}
    one, many = (
        dict(judged_rules(told_of(0, spans, set(), text))) for text in ("a" * 25, "abcdefghijklmnopqrstuvwxy")
    )
    assert one["Drug"] > 2 * many["Drug"]
    four = [each for n in range(4) for each in told_of(n, spans, set(), "a" * 25)]
    assert dict(judged_rules(four))["Drug"] < one["Drug"]  # and four such documents more than one


def crf_choice(both: Counts, rules: Counts) -> FusionSettings:
    # The model alone would be best by far: it is compared for the table, and never chosen.
    return choose_crf({POOLED: both, RULES_ALONE: rules, MODEL_ALONE: np.full_like(both, 10)}).settings


def test_rules_alone_replace_a_crf_only_on_many_documents_that_clearly_say_so() -> None:
    assert crf_choice(rows((19, 6)), rows((19, 8))) == POOLED
    assert crf_choice(rows((20, 6)), rows((20, 8))) == RULES_ALONE
    assert crf_choice(rows((20, 8)), rows((20, 6))) == POOLED
    # Better in three documents of thirty: ahead on 96 % of the draws, and 97.5 % are asked.
    assert crf_choice(rows((30, 8)), rows((3, 9), (27, 8))) == POOLED
    few = choose_crf({POOLED: rows((12, 6)), RULES_ALONE: rows((12, 8))})
    assert (few.settings, few.best, few.more, few.rules_f1) == (POOLED, RULES_ALONE, 8, 0.8)
    assert few.sentence() == (
        "rules and model together, by default: on 12 reviewed documents that nothing had learned from yet, "
        "it has F1 60.0 and rules alone 80.0; fewer than 20 documents are too few to change the default"
    )
    told = replace(few, learned=10).sentence()
    assert (
        "on 12 reviewed documents, each read by a smaller model of 10 of the others, it has F1 60.0" in told
    )


def test_what_beats_the_rules_says_theirs_too() -> None:
    choice = choose_crf({POOLED: rows((12, 9)), RULES_ALONE: rows((12, 8))})
    assert choice.sentence() == (
        "rules and model together: F1 90.0 on 12 reviewed documents that nothing had learned from yet, "
        "the rules alone 80.0"
    )
    alone = choose({TRUSTING: rows((12, 9)), POOLED: rows((12, 8))}, TRUSTING)
    assert alone.rules_f1 is None
    assert alone.sentence().endswith("and nothing tried is better")


def answered(rules: int, right: int, doubted: bool) -> Answered:
    """So many rule spans, some of them right, that a model does not see or is sure of."""
    spans = [(n, n + 1, "Drug") for n in range(rules)]
    model = {} if doubted else dict.fromkeys(spans, 0.9)
    text = "".join(chr(0x4E00 + n) for n in range(rules))  # each another word
    return Answered(model, set(model), dict.fromkeys(spans, 0.0), set(spans[:right]), text=text)


def test_rules_count_no_more_than_they_are_worth_where_the_model_sees_nothing() -> None:
    way = pooled(0, (("", 0.6), ("Sign", 0.1)))
    # (0 + 10 × 0.3) of (40 + 10) right and one standard error, each beside a weight of 0.45 of the model
    most = (0.06 + sqrt(0.06 * 0.94 / 50)) * 0.45 / 0.55
    lowered = limited(way, [answered(40, 0, doubted=True), answered(300, 300, doubted=False)])
    assert lowered.right == (("", round(most, 3)), ("Sign", round(most, 3)))
    assert limited(way, [answered(300, 300, doubted=True)]).right == way.right
    assert limited(pooled(0), [answered(40, 0, doubted=True)]) == pooled(0)  # nobody judged the rules


def test_what_the_model_considers_says_nothing_of_what_it_does_not_see() -> None:
    way, unseen = pooled(0, (("", 0.6),)), answered(40, 0, doubted=True)
    doubted = unseen._replace(model=dict.fromkeys(unseen.rules, 0.2))
    assert limited(way, [unseen]).right < limited(way, [doubted]).right


def test_rules_weigh_less_the_further_the_model_is_ahead() -> None:
    way = pooled(0, (("", 0.2),))
    weak = Answered({}, set(), {(0, 1, "Drug"): 0.0}, {(n, n + 1, "Drug") for n in range(100, 200)})
    found = {(n, n + 1, "Drug") for n in range(100, 200)}
    ahead = limited(way, [weak._replace(model=dict.fromkeys(found, 0.9), chosen=found)])
    # Rules: nothing right, 101 wrong or missed; model: all 100 right, each counted twice; both begin with 50.
    assert ahead.trust == round(0.55 * 1.1 * (50 / 151) / (250 / 50), 3)
    # 0.3 less before anything is accepted, nothing less from 300 spans on: 100 are accepted here
    assert ahead.min_score == pytest.approx(0.3 * (1 - ahead.trust) * (1 - 0.3 * 2 / 3), abs=0.001)
    behind = Answered({}, set(), dict.fromkeys(found, 0.0), found)
    assert limited(way, [behind]).trust == way.trust  # no more than by what was learned
    assert limited(way, []).trust == way.trust
    few = Answered({(0, 1, "Drug"): 0.9}, {(0, 1, "Drug")}, {}, {(0, 1, "Drug")})
    assert limited(way, [few]).trust == way.trust


def ahead(found: int, spans: int = 1000) -> Counts:
    """A model beside rules with 70 % right; both find as many spans as are accepted."""
    return np.array([[round(found / 100 * spans), spans, spans]])


@pytest.mark.parametrize(
    ("found", "spans", "careful"), [(70, 1000, True), (75, 1000, False), (75, 50, True), (60, 1000, True)]
)
def test_beside_good_rules_pooling_is_careful_unless_the_model_is_clearly_ahead(
    found: int, spans: int, careful: bool
) -> None:
    ways = crf_ways(0.722, 1000, right=(("", 0.8),))
    light = pooled(1000, (("", 0.8),))
    assert ways == (trusting(1000), RULES_ALONE, MODEL_ALONE, light)
    counts = dict(zip(ways, [ahead(50), ahead(70, spans), ahead(found, spans), ahead(90)], strict=True))
    assert choose_crf(counts).settings == (trusting(1000) if careful else light)
    assert crf_ways(0.71, 1000, right=(("", 0.8),)) == (light, *ways[1:3])


@pytest.mark.parametrize(
    ("found", "spans", "careful"), [(70, 1000, False), (68, 1000, False), (66, 1000, True), (66, 50, False)]
)
def test_beside_rules_that_may_be_good_pooling_is_careful_if_the_model_is_clearly_behind(
    found: int, spans: int, careful: bool
) -> None:
    right = (("", 0.8),)
    ways = crf_ways(0.7, 1000, right=right, error=0.015)
    assert ways == (pooled(1000, right), RULES_ALONE, MODEL_ALONE, trusting(1000))
    counts = dict(zip(ways, [ahead(90), ahead(70, spans), ahead(found, spans), ahead(50)], strict=True))
    assert choose_crf(counts).settings == (trusting(1000) if careful else ways[0])
    assert crf_ways(0.7, 1000, right=right, error=0.01) == ways[:3]  # two errors below are more than chance


def test_what_rules_say_of_other_labels_does_not_tell_who_is_ahead() -> None:
    drug, day = (0, 1, "Drug"), (1, 2, "Date")
    found = Answered({}, set(), {drug: 0.0, day: 0.0}, {drug})
    assert count_ways([RULES_ALONE], [found])[RULES_ALONE].tolist() == [[1, 2, 1]]
    assert count_ways([RULES_ALONE], [found], {"Drug"})[RULES_ALONE].tolist() == [[1, 1, 1]]


def test_a_model_that_is_clearly_behind_takes_no_span_from_rules_that_do_well() -> None:
    weak = answered(300, 300, doubted=True)
    assert weak.counted(trusting(1000))[1] == 0
    assert weak.counted(limited(trusting(1000), [weak]))[1] == 300
    assert limited(trusting(1000), [answered(300, 300, doubted=False)]) == trusting(1000)


@pytest.mark.parametrize(("accepted", "added"), [(15, 1), (400, 0)])
def test_after_few_accepted_spans_what_no_rule_has_needs_less(accepted: int, added: int) -> None:
    way = pooled(0, (("", 0.45),))
    used = limited(way, [answered(accepted, accepted, doubted=False)])
    known, new = (0, 1, "Drug"), (1, 2, "Drug")
    judged = Answered({new: 0.25}, set(), {known: 0.0}, {known, new})
    assert judged.counted(used) == (1 + added, 1 + added, 2)
    assert judged._replace(rules={}).counted(used)[1] == added
    wrong = limited(way, [answered(accepted, 0, doubted=True)])  # no reason to keep what rules alone have
    assert judged._replace(model={}).counted(wrong)[1] == 0


def test_answers_are_counted_as_the_pipeline_fuses_them() -> None:
    doc = blank()("Aspirin eased gastric bleeding today")
    spans = [Span(doc, 0, 1, "Drug"), Span(doc, 3, 4, "Sign")]
    doc.spans[RULE_GROUP] = SpanGroup(doc, spans=spans, attrs={"sources": ["terms", "model"]})
    considered = [[2, 4, "Sign", 0.5], [3, 4, "Sign", 0.1]]
    doc.spans[MODEL_GROUP] = SpanGroup(doc, spans=[Span(doc, 2, 4, "Sign")], attrs={"considered": considered})
    gold, earned = {(14, 30, "Sign")}, (("model", "Sign", 0.6),)
    found = Answered.of(doc, gold, earned)
    ways = [*crf_ways(0.5, 0, models=True, right=(("", 0.9),)), TRUSTING]
    for way, (counts,) in count_ways(ways, [found]).items():
        used = limited(way, [found])
        fusion = EntityFusion(
            [], used.min_score or 0.0, used.policy, used.trust, earned if used.known else (), dict(used.right)
        )
        fused = {(s.start_char, s.end_char, s.label_) for s in fusion.fused(doc)}
        assert counts.tolist() == [len(fused & gold), len(fused), 1]


def considered(text: str, right: str, wrong: str) -> tuple[Doc, Answered]:
    """A document of which a model thinks as much of what is right as of what is wrong."""
    spans = [(text.index(each), text.index(each) + len(each), "Disease") for each in (right, wrong)]
    return blank().make_doc(text), Answered(dict.fromkeys(spans, 0.4), set(), {}, set(spans[:1]), text=text)


def test_spans_that_are_right_where_a_model_had_not_read_teach_to_judge_others() -> None:
    texts = [(f"He had {a} {b} today.", f"{a} {b}", b) for a in ("severe", "mild") for b in ("pain", "cough")]
    docs, answers = zip(*(considered(*each) for each in texts), strict=True)
    features = TokenFeatures([])
    scorer = fit_spans(features, docs, answers)
    assert scorer is not None
    asked = [ScoredSpan(2, 4, "Disease", 0.4), ScoredSpan(3, 4, "Disease", 0.4)]
    ((wide, narrow),) = scorer.judged(features, [blank().make_doc("She had severe fever today.")], [asked])
    assert wide.score > 0.5 > 0.4 > narrow.score
    assert fit_spans(features, docs, [each._replace(gold=set()) for each in answers]) is None


def test_nothing_is_learned_of_words_to_be_forgotten_in_judging_spans() -> None:
    docs, answers = zip(
        *(considered(f"He had Smith {b} now.", b, "Smith") for b in ("pain", "cough")), strict=True
    )
    scorer = fit_spans(TokenFeatures([], hidden={"smith"}), docs, answers)
    assert scorer is not None
    assert not any("smi" in name for name in scorer.weights)
    assert any("pain" in name for name in scorer.weights)


def test_a_careful_way_that_is_behind_on_the_documents_left_out_goes_towards_the_light_one() -> None:
    careful, light = replace(TRUSTING, trust=0.5, min_score=0.5), replace(POOLED, right=(("Drug", 0.4),))
    ahead, behind = rows((12, 9)), rows((12, 8))
    assert doubt({careful: ahead, light: behind, RULES_ALONE: ahead}, careful) == (careful, 0.0)
    assert doubt({careful: behind, light: ahead}, careful) == (light, 0.5)
    assert doubt({light: behind, careful: ahead}, light) == (light, 0.0)
    # Of three documents each speaks for one of them: they are ahead on more than half of the draws, or not.
    other, share = doubt({careful: rows((1, 9), (2, 7)), light: rows((3, 8))}, careful)
    assert other == light
    assert 0.25 < share < 0.5
    kept = replace(light, known=True)
    assert doubt({careful: behind, kept: ahead, RULES_ALONE: ahead}, careful) == (careful, 0.0)
    assert doubt({RULES_ALONE: behind, light: ahead}, RULES_ALONE) == (RULES_ALONE, 0.0)


def test_between_two_pools_a_span_needs_what_lies_between() -> None:
    careful = FusionSettings(0.4, "pooled", 0.6)
    light = FusionSettings(0.2, "pooled", 0.2, right=(("", 0.5), ("Drug", 0.25)))
    assert between(careful, light, 0.0) == careful
    half = between(careful, light, 0.5)
    assert (half.min_score, half.trust) == (0.3, 0.4)
    # What rules add: (0.6 + 0.2 * 0.5) / 2, and (0.6 + 0.2 * 0.25) / 2 to a drug.
    added = {name: half.trust * part for name, part in half.right}
    assert added == pytest.approx({"": 0.35, "Drug": 0.325}, abs=0.001)
    assert between(light, careful, 0.5) == half
