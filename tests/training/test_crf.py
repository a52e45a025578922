"""What reviewed documents teach the CRF, judged on those left out."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from spacy.tokens import Doc

from hybrid_ner.corpus import Entity
from hybrid_ner.pipeline import rule_pipeline
from hybrid_ner.pipeline.labeling import Voters, voters_of
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.training.choose_fusion import MODEL_ALONE, RULES_ALONE, described, f1, forecast
from hybrid_ner.training.crf import CrfWork, learn_crf, prior_size
from hybrid_ner.training.jobs import CORES_VARIABLE
from hybrid_ner.training.policy import Decided, Reviewed
from hybrid_ner.training.pooling import Answered, choose_crf, crf_ways, pooled, trusting
from hybrid_ner.training.update import crf_facts
from hybrid_ner.words import BuildSettings, build_words

POOLED = pooled(0)
DRUGS = [f"{a}{b}{c}ol" for a in "bcdf" for b in "aeiou" for c in "lmn"]


def text(number: int) -> str:
    return f"Patient {number} took {DRUGS[number % len(DRUGS)]} and slept."


def reviewed(known: int, number: int = 16) -> tuple[dict[str, Reviewed], Voters]:
    """Documents with one drug each, of which the list holds the first ``known``."""
    nlp = rule_pipeline(Gazetteer.of(Term(drug, "Drug") for drug in DRUGS[:known]), "generic")
    found = {}
    for n in range(number):
        doc = nlp(text(n))
        start = doc.text.index(DRUGS[n])
        entity = Entity(start, start + len(DRUGS[n]), "Drug")
        found[f"d{n}"] = Reviewed(doc, Decided((entity,), complete=True))
    return found, voters_of(nlp)


def others(known: int, number: int) -> list[Doc]:
    nlp = rule_pipeline(Gazetteer.of(Term(drug, "Drug") for drug in DRUGS[:known]), "generic")
    return [nlp(text(n)) for n in range(20, 20 + number)]


def quiet(share: float, line: str) -> None:
    pass


def test_words_no_list_has_are_learned() -> None:
    found, sources = reviewed(known=0)
    learned = learn_crf(found, sources, None, [], quiet)
    assert learned.choice is not None
    assert (learned.choice.settings.policy, learned.choice.f1) == ("pooled", 1.0)
    assert learned.forecast is not None
    assert not learned.forecast.worth
    facts = crf_facts(learned)
    assert facts["fusion"]["sentence"] == learned.choice.sentence()
    assert facts["forecast"]["sentence"].endswith("reviewing more of this text changes little")


def test_complete_lists_lose_nothing() -> None:
    found, sources = reviewed(known=len(DRUGS))
    learned = learn_crf(found, sources, None, others(len(DRUGS), prior_size(12)), quiet)
    assert learned.choice is not None
    assert (learned.choice.settings, learned.choice.f1) == (trusting(16), 1.0)


@pytest.mark.parametrize(("known", "prior"), [(len(DRUGS), 2), (6, 0)])
def test_documents_that_strong_rules_labeled_are_learned(known: int, prior: int) -> None:
    found, sources = reviewed(known, number=12)
    work = CrfWork(found, sources, None, others(known, 2))
    assert len(work.prior) == prior


def test_weights_beside_are_fitted_from_enough_accepted_spans_on() -> None:
    found, sources = reviewed(known=len(DRUGS), number=12)
    work = CrfWork(found, sources, None, others(len(DRUGS), 2))
    assert work.with_prior
    for fit in (work.fit_edges, work.fit_untold):
        assert fit(range(12)) is None
    assert (work._iterations(), work._iterations(30), work._iterations(begun=True)) == (60, 30, 30)
    work.accepted = 250
    assert (work._iterations(), work._iterations(30), work._iterations(begun=True)) == (40, 20, 20)
    work._miss_little = False
    assert (work._iterations(), work._iterations(30), work._iterations(begun=True)) == (60, 30, 30)
    work._miss_little = True
    edges, untold = (fit(range(12)) for fit in (work.fit_edges, work.fit_untold))
    assert edges is not None
    assert untold is not None
    assert edges.tags == untold.tags == work.tags
    says_votes = re.compile(r"-?\da=|as=|aw=|d=|da=|v=")
    assert any(map(says_votes.match, edges.weights))
    assert not any(map(says_votes.match, untold.weights))
    weights = work.learn(quiet)[0]
    # The model has begun with what the reviewed documents alone teach.
    model = work.fit(range(12), start=edges)
    pairs = (weights.model, model), (weights.edges, edges), (weights.untold, untold)
    for made, wanted in pairs:
        assert made is not None
        assert made.to_plain() == wanted.to_plain()


@pytest.mark.parametrize(("number", "judges"), [(9, False), (10, True)])
def test_spans_are_judged_as_a_whole_from_ten_documents_on(number: int, judges: bool) -> None:
    found, sources = reviewed(known=0, number=number)
    work, answers = CrfWork(found, sources, None), list[Answered]()
    for each in work.complete:
        gold = each.decided.spans
        wrong = (0, len(each.doc[0]), "Drug")
        answers.append(Answered(dict.fromkeys([wrong, *gold], 0.5), set(), {}, gold, text=each.doc.text))
    assert (work.fit_spans(answers) is not None) == judges


def test_rules_that_are_clearly_better_stay_alone() -> None:
    both, rules = np.array([[5, 10, 10]] * 24), np.array([[8, 10, 10]] * 24)
    ways = {POOLED: both, RULES_ALONE: rules, MODEL_ALONE: both}
    assert choose_crf(ways).settings == RULES_ALONE
    few = choose_crf({way: counts[:12] for way, counts in ways.items()})
    assert few.settings == POOLED
    assert few.sentence() == (
        "rules and model together, by default: on 12 reviewed documents that nothing had learned from yet, "
        "it has F1 50.0 and rules alone 80.0; fewer than 20 documents are too few to change the default"
    )


def test_trusted_sources_are_kept_where_documents_left_out_say_so() -> None:
    kept, rules = replace(POOLED, known=True), np.array([[6, 10, 10]] * 12)
    less, more = np.array([[6, 10, 10]] * 12), np.array([[7, 10, 10]] * 12)
    many = np.array([[7, 10, 10]] * 20)
    # Few documents that tell nothing keep what review said of a source, many that tell nothing do not.
    cases = (less, more, kept), (more, less, POOLED), (more, more, kept), (many, many, POOLED)
    for both, known, chosen in cases:
        alone = rules[:1].repeat(len(both), axis=0)
        ways = {POOLED: both, RULES_ALONE: alone, MODEL_ALONE: alone, kept: known}
        assert choose_crf(ways).settings == chosen
    assert described(kept) == "rules and model together, trusted sources kept"
    assert crf_ways(0.5, 0, models=True) == (POOLED, RULES_ALONE, MODEL_ALONE, kept)
    earned = [("good", "Drug", 0.7)]
    assert (kept.config(earned)["earned"], POOLED.config(earned)["earned"]) == ([["good", "Drug", 0.7]], [])


def test_other_cores_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    found, sources = reviewed(6)
    both = []
    for cores in ("1", "2"):
        monkeypatch.setenv(CORES_VARIABLE, cores)
        both.append(CrfWork(found, sources, None).left_out(3))
    assert all((both[0][way] == both[1][way]).all() for way in both[0])


def test_the_network_that_was_begun_before_others_were_read_is_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found, sources = reviewed(len(DRUGS))
    words = build_words(map(text, range(20)), BuildSettings(min_count=1))
    networks = []
    for cores in ("1", "2"):
        monkeypatch.setenv(CORES_VARIABLE, cores)
        dense = learn_crf(found, sources, words, others(len(DRUGS), 2), quiet).dense
        assert dense is not None
        networks.append(dense)
    assert (networks[0].first == networks[1].first).all()


def test_a_document_that_was_left_out_keeps_what_was_accepted_for_what_is_fitted_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(CORES_VARIABLE, "1")
    found, sources = reviewed(0)
    odd = rule_pipeline(Gazetteer(), "generic")("Zyxol!")  # no model finds it without having read it
    found["odd"] = Reviewed(odd, Decided((Entity(0, 5, "Drug"),), complete=True))
    work = CrfWork(found, sources, None)
    before = [[str(ent) for ent in each.doc.ents] for each in work.complete]
    work.left_out(17)
    assert before[-1] == ["Zyxol"]
    assert [[str(ent) for ent in each.doc.ents] for each in work.complete] == before


def test_other_documents_are_read_beside_strong_rules_alone() -> None:
    asked = []
    for known in (0, 16):
        found, sources = reviewed(known)
        work = CrfWork(found, sources, None, (asked.append(known) or doc for doc in others(known, 2)))
        assert len(work.others) == (2 if known else 0)
    assert asked == [16, 16]


def test_few_documents_are_not_judged() -> None:
    found, sources = reviewed(0, number=3)
    learned = learn_crf(found, sources, None, [], quiet)
    assert (learned.choice, learned.forecast, learned.fusion) == (None, None, RULES_ALONE)
    assert "B-Drug" in learned.model.tags


@pytest.mark.parametrize(
    ("number", "mentions", "seen", "more"),
    [
        (1, 1, "1 accepted mention in 1 reviewed document", "4 documents, or two with 20 mentions"),
        (3, 1, "3 accepted mentions in 3 reviewed documents", "4 documents, or two with 20 mentions"),
        (9, 0, "0 accepted mentions in 9 reviewed documents", "more, until 1 mention is accepted"),
    ],
)
def test_why_the_rules_stay_alone_is_said_and_nothing_is_foretold(
    number: int, mentions: int, seen: str, more: str
) -> None:
    found, sources = reviewed(0, number)
    if not mentions:
        found = {key: Reviewed(each.doc, Decided(complete=True)) for key, each in found.items()}
    facts = crf_facts(learn_crf(found, sources, None, [], quiet))
    said = f"rules alone for now: {seen} cannot tell what a model is worth: review {more}"
    assert facts["waits"]["sentence"] == said
    assert not {"fusion", "forecast"} & set(facts)


@pytest.mark.parametrize("number", [1, 2])
def test_one_long_document_is_worth_many_short_ones(number: int) -> None:
    nlp, found = rule_pipeline(Gazetteer(), "generic"), {}
    for each in range(number):
        long, drugs = "", list[Entity]()
        for n in range(100 * each, 100 * each + 100):
            start = len(long) + text(n).index(DRUGS[n % len(DRUGS)])
            drugs.append(Entity(start, start + len(DRUGS[n % len(DRUGS)]), "Drug"))
            long += text(n) + "\n\n"
        found[f"d{each}"] = Reviewed(nlp(long), Decided(tuple(drugs), complete=True))
    sources = voters_of(nlp)
    learned = learn_crf(found, sources, None, [], quiet)
    assert learned.fusion.policy == "pooled"
    assert (learned.choice is None) == (number == 1)


def test_no_document_is_judged_by_what_it_taught() -> None:
    found, sources = reviewed(0, number=8)
    # The odd one's drug stands where no other document has one.
    nlp = rule_pipeline(Gazetteer(), "generic")
    doc = nlp("Zyxol!")
    found["odd"] = Reviewed(doc, Decided((Entity(0, 5, "Drug"),), complete=True))
    work = CrfWork(found, sources, None)
    counts = work.left_out(9)
    assert counts[MODEL_ALONE][-1].tolist() == [0, 0, 1]
    assert counts[MODEL_ALONE][:-1, 0].tolist() == [1] * 8


def copied(found: dict[str, Reviewed], times: int) -> dict[str, Reviewed]:
    """The same documents so many times, each with the number of its page."""
    nlp, more = rule_pipeline(Gazetteer(), "generic"), {}
    for name, each in found.items():
        for n in range(times):
            rest = " ".join(f"{word}{name}" for word in ("seen", "by", "nurse", "and", "porter", "then"))
            text = f"{each.doc.text} {rest}. Page {n}."
            more[f"{name} {n}"] = Reviewed(nlp(text), each.decided)
    return more


def test_a_document_is_not_judged_by_what_its_copy_taught() -> None:
    found = copied(reviewed(0, number=4)[0], 4)
    work = CrfWork(found, Voters(), None)
    assert work.distinct == 4
    for number in (10, 2):
        parts = [{work.groups[place] for place in part} for part in work.folds(number)]
        assert len(parts) == min(number, 4)
        assert sum(map(len, parts)) == len(set().union(*parts)) == 4
    learned = learn_crf(found, Voters(), None, [], quiet)
    assert learned.choice is not None
    assert learned.choice.learned == 12
    # Sixteen documents would do, four of their own do not.
    assert learned.forecast is None


def test_copies_of_one_document_judge_nothing() -> None:
    found = copied(reviewed(0, number=1)[0], 20)
    learned = learn_crf(found, Voters(), None, [], quiet)
    assert (learned.choice, learned.forecast, learned.fusion.policy) == (None, None, "pooled")


def test_mentions_that_fit_no_tokens_are_nothing_that_was_accepted() -> None:
    nlp, found = rule_pipeline(Gazetteer(), "generic"), {}
    for n in range(12):
        text = f"\u60a3\u8005{n}\u670d\u7528\u963f\u53f8\u5339\u6797"  # "patient N takes aspirin"
        accepted = (Entity(len(text) - 4, len(text), "Drug"),)
        found[f"d{n}"] = Reviewed(nlp(text), Decided(accepted, complete=True))
    learned = learn_crf(found, voters_of(nlp), None, [], quiet)
    assert len(learned.misfit) == 12
    assert (learned.fusion, learned.forecast) == (RULES_ALONE, None)
    assert "0 accepted mentions that can be learned in 12 reviewed documents" in learned.waits


def test_nothing_is_foretold_where_nothing_right_is_found() -> None:
    nlp, found = rule_pipeline(Gazetteer(), "generic"), {}
    for n in range(16):
        doc = nlp(f"{DRUGS[n]}!" if n % 2 else f"Zz{n} qq{n} {DRUGS[n]} vv{n} ww{n}")
        start = doc.text.index(DRUGS[n])
        entity = Entity(start, start + len(DRUGS[n]), f"Label{n}")  # each occurs once
        found[f"d{n}"] = Reviewed(doc, Decided((entity,), complete=True))
    learned = learn_crf(found, voters_of(nlp), None, [], quiet)
    assert learned.choice is not None
    assert (learned.choice.f1, learned.forecast) == (0.0, None)


def test_what_rules_say_of_other_labels_counts_in_no_comparison() -> None:
    found = reviewed(known=8, number=8)[0]
    nlp = rule_pipeline(
        Gazetteer.of([*(Term(drug, "Drug") for drug in DRUGS[:8]), Term("slept", "Sign")]), "generic"
    )
    found = {name: Reviewed(nlp(each.doc.text), each.decided) for name, each in found.items()}
    counts = CrfWork(found, voters_of(nlp), None).left_out(4)
    assert counts[RULES_ALONE].sum(0).tolist() == [8, 8, 8]


def test_forecast_follows_the_curve() -> None:
    half = np.array([[50, 100, 100]] * 40)
    whole = np.array([[60, 100, 100]] * 40)
    found = forecast(50, 40, half, whole)
    # The error fell from 0.5 to 0.4 with twice the documents: an exponent of 0.32, drawn towards 0.15.
    exponent = 2 / 3 * np.log2(1.25) + 1 / 3 * 0.15
    assert found.gain == pytest.approx(0.4 * (0.8**exponent - (2 / 3) ** exponent))
    assert found.high - found.gain == pytest.approx(found.gain - found.low)
    assert found.curve == ((20, 0.5), (40, 0.6))
    # The curve is that of 40, and goes on from all 50.
    assert found.now == (50, pytest.approx(1 - 0.4 * 0.8**exponent))
    assert found.sentence() == (
        "the next 10 reviewed documents will probably bring the suggestions +1.8 points of F1 "
        "(80 % interval +1.1 to +2.5; 100 is perfect)"
    )
    assert float(f1(whole.sum(0))) == 0.6


def test_few_documents_promise_less_and_leave_more_open() -> None:
    steep = [np.array([[right, 100, 100]] * 400) for right in (30, 60)]
    few, many = forecast(10, 9, *(rows[:10] for rows in steep)), forecast(400, 390, *steep)
    unshrunk = 0.4 * ((9 / 10) ** np.log2(1.75) - (9 / 20) ** np.log2(1.75))
    assert few.gain < 0.6 * unshrunk
    assert few.high - few.low > 5 * (many.high - many.low)


def test_documents_with_few_mentions_leave_more_open() -> None:
    def reach(mentions: int) -> float:
        half, whole = (np.array([[right, mentions, mentions]] * 50) for right in (0, mentions // 2))
        found = forecast(50, 40, half, whole)
        return found.high - found.gain

    assert reach(100) == pytest.approx(reach(20), rel=0.01)
    assert reach(2) == pytest.approx(reach(20) * 5**0.5, rel=0.01)


def test_ten_more_documents_change_less_of_many() -> None:
    def reach(documents: int) -> float:
        half, whole = (np.array([[right, 100, 100]] * documents) for right in (40, 50))
        found = forecast(documents, documents, half, whole)
        return found.high - found.gain

    # Ten of twenty are half of what is learned from then, ten of hundred a tenth; and ninety scatter less.
    assert reach(10) / reach(90) == pytest.approx((9 * 5) ** 0.5)


def test_a_falling_curve_promises_nothing() -> None:
    found = forecast(50, 40, np.array([[60, 100, 100]] * 9), np.array([[50, 100, 100]] * 9))
    assert (found.gain, found.curve) == (0.0, ((20, 0.6), (40, 0.5)))
    assert found.low < 0 < found.high
    assert "changes little" in found.sentence()


def test_labels_that_nobody_accepted_are_no_part_of_the_prior() -> None:
    found, sources = reviewed(known=len(DRUGS), number=4)
    rules = rule_pipeline(Gazetteer.of([Term("slept", "Sign"), Term(DRUGS[20], "Drug")]), "generic")
    work = CrfWork(found, sources, None, [rules(text(20))])
    assert work.with_prior
    tags = {tag for stretch in work.prior[0] for tag in stretch.tags}
    assert tags == {"O", "B-Drug"}
