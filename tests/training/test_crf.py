"""What reviewed documents teach the CRF, judged on those left out."""

from __future__ import annotations

import numpy as np
import pytest
from spacy.tokens import Doc

from hybrid_ner.corpus import Entity
from hybrid_ner.pipeline.build import rule_pipeline
from hybrid_ner.pipeline.labeling import source_names
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.training.choose_fusion import MODEL_ALONE, RULES_ALONE, f1
from hybrid_ner.training.crf import CrfWork, Forecast, crf_facts, forecast, learn_crf, prior_size
from hybrid_ner.training.policy import Decided, Reviewed

DRUGS = [f"{a}{b}{c}ol" for a in "bcdf" for b in "aeiou" for c in "lmn"]


def text(number: int) -> str:
    return f"Patient {number} took {DRUGS[number % len(DRUGS)]} and slept."


def reviewed(known: int, number: int = 12) -> tuple[dict[str, Reviewed], list[str]]:
    """Documents with one drug each, of which the list holds the first ``known``."""
    nlp = rule_pipeline(Gazetteer.of(Term(drug, "Drug") for drug in DRUGS[:known]), "generic")
    found = {}
    for n in range(number):
        doc = nlp(text(n))
        start = doc.text.index(DRUGS[n])
        entity = Entity(start, start + len(DRUGS[n]), "Drug")
        found[f"d{n}"] = Reviewed(doc, Decided((entity,), complete=True))
    return found, source_names(nlp)


def others(known: int, number: int) -> list[Doc]:
    nlp = rule_pipeline(Gazetteer.of(Term(drug, "Drug") for drug in DRUGS[:known]), "generic")
    return [nlp(text(n)) for n in range(20, 20 + number)]


def quiet(share: float, line: str) -> None:
    pass


def test_words_no_list_has_are_learned_and_the_model_is_chosen() -> None:
    found, sources = reviewed(known=0)
    learned = learn_crf(found, sources, None, [], quiet)
    assert learned.choice is not None
    assert learned.choice.settings.policy == "model_only" or learned.choice.settings.min_score <= 1
    assert learned.choice.f1 == 1.0
    assert learned.choice.default_f1 == 0.0
    assert learned.forecast is not None
    assert not learned.forecast.worth
    facts = crf_facts(learned)
    assert facts["fusion"]["sentence"] == learned.choice.sentence()
    assert facts["forecast"]["sentence"].endswith("reviewing more of this text changes little")


def test_complete_lists_stay_alone() -> None:
    found, sources = reviewed(known=len(DRUGS))
    learned = learn_crf(found, sources, None, others(len(DRUGS), prior_size(12)), quiet)
    assert learned.choice is not None
    assert (learned.choice.settings, learned.choice.f1) == (RULES_ALONE, 1.0)


def test_documents_that_the_rules_labeled_are_learned_where_that_helps() -> None:
    known = len(DRUGS)
    found, sources = reviewed(known, number=4)
    work = CrfWork(found, sources, None, others(known, 2))
    assert len(work.prior) == 2
    without = work.fit([0])
    work.with_prior = True
    assert len(work.fit([0]).weights) > len(without.weights)


def test_few_documents_are_not_judged() -> None:
    found, sources = reviewed(0, number=3)
    learned = learn_crf(found, sources, None, [], quiet)
    assert (learned.choice, learned.forecast) == (None, None)
    assert "B-Drug" in learned.model.tags


def test_no_document_is_judged_by_what_it_taught() -> None:
    found, sources = reviewed(0, number=8)
    # The odd one's drug stands where no other document has one.
    nlp = rule_pipeline(Gazetteer(), "generic")
    doc = nlp("Zyxol!")
    found["odd"] = Reviewed(doc, Decided((Entity(0, 5, "Drug"),), complete=True))
    work = CrfWork(found, sources, None)
    counts = work.left_out(9, 1.0, lambda share: None)
    assert counts[MODEL_ALONE][-1].tolist() == [0, 0, 1]
    assert counts[MODEL_ALONE][:-1, 0].tolist() == [1] * 8


def test_forecast_follows_the_curve() -> None:
    half = np.array([[50, 100, 100]] * 40)
    whole = np.array([[60, 100, 100]] * 40)
    found = forecast(50, 40, half, whole)
    # The error fell from 0.5 to 0.4 with twice the documents: an exponent of 0.32.
    error = 0.4 * (40 / 50) ** np.log2(1.25)
    assert found.gain == pytest.approx(error - 0.4 * (40 / 60) ** np.log2(1.25))
    assert found.low == pytest.approx(found.gain)
    assert found.curve == ((20, 0.5), (40, 0.6))
    assert found.sentence() == "the next 10 documents will probably bring +2.1 (2.1 to 2.1)"
    assert float(f1(whole.sum(0))) == 0.6


def test_a_falling_curve_promises_nothing() -> None:
    found = forecast(50, 40, np.array([[60, 100, 100]] * 9), np.array([[50, 100, 100]] * 9))
    assert found == Forecast(10, 0.0, 0.0, 0.0, ((20, 0.6), (40, 0.5)))
    assert "changes little" in found.sentence()


def test_labels_that_nobody_accepted_are_no_part_of_the_prior() -> None:
    found, sources = reviewed(known=len(DRUGS), number=4)
    rules = rule_pipeline(Gazetteer.of([Term("slept", "Sign"), Term(DRUGS[20], "Drug")]), "generic")
    work = CrfWork(found, sources, None, [rules(text(20))])
    tags = {tag for _, tags in work.prior[0] for tag in tags}
    assert tags == {"O", "B-Drug"}
