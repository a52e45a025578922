"""A candidate from reviewed documents."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.errors import CorpusError
from hybrid_ner.pipeline import FusionSettings
from hybrid_ner.terms import ADDED, Gazetteer, Term
from hybrid_ner.text.tokenizer import blank
from hybrid_ner.training.bootstrap import BootstrapSettings
from hybrid_ner.training.policy import Decided, correct
from hybrid_ner.training.predict import load_pipeline
from hybrid_ner.training.retrain import RetrainSettings, _third, _Work, retrain

TEXT = "Aspirin for chest pain."
QUICK = RetrainSettings(BootstrapSettings("generic", overrides={"training.max_epochs": 1}), repeats=4)


def entities(decided: Decided) -> list[tuple[str, str]]:
    doc = blank()(TEXT)
    doc.set_ents([doc.char_span(0, 7, "Chemical"), doc.char_span(12, 22, "Disease")])
    correct(doc, decided)
    return [(ent.text, ent.label_) for ent in doc.ents]


def test_without_decisions_the_rules_stand() -> None:
    assert entities(Decided()) == [("Aspirin", "Chemical"), ("chest pain", "Disease")]


def test_rejected_span_goes() -> None:
    assert entities(Decided(rejected=(Entity(12, 22, "Disease"),))) == [("Aspirin", "Chemical")]


def test_rejected_label_leaves_another_label_alone() -> None:
    assert len(entities(Decided(rejected=(Entity(12, 22, "Symptom"),)))) == 2


def test_accepted_span_takes_the_place_of_what_it_overlaps() -> None:
    found = entities(Decided(accepted=(Entity(18, 22, "Symptom"),)))
    assert found == [("Aspirin", "Chemical"), ("pain", "Symptom")]


def test_complete_document_is_as_the_reviewer_left_it() -> None:
    assert entities(Decided(accepted=(Entity(18, 22, "Disease"),), complete=True)) == [("pain", "Disease")]
    assert entities(Decided(complete=True)) == []


def test_span_that_fits_no_tokens_is_listed() -> None:
    doc = blank()(TEXT)
    assert correct(doc, Decided(accepted=(Entity(1, 3, "Disease"),))) == ["1-3 Disease “sp”"]


def test_candidate_learns_from_rules_and_reviewers(tmp_path: Path) -> None:
    gazetteer = Gazetteer.of([Term("aspirin", "Chemical")])
    documents = [Document(f"d{n}", f"{TEXT} Note {n}.") for n in range(6)]
    decided = {"d0": Decided((Entity(12, 22, "Disease"),), complete=True)}
    steps: list[str] = []
    result = retrain(
        gazetteer, documents, decided, tmp_path / "m", QUICK, lambda step, share, line: steps.append(step)
    )
    assert (result["reviewed"], result["weak"], result["documents"]) == (1, 5, 6)
    assert result["tokens"] > result["documents"] * 5
    assert result["misfit"] == []
    assert list(dict.fromkeys(steps)) == ["expand", "label", "train", "assemble"]
    nlp = load_pipeline(tmp_path / "m")
    assert set(nlp.get_pipe("ner").labels) == {"Chemical", "Disease"}
    assert nlp.config["hybrid"]["gazetteer_fingerprint"] == gazetteer.fingerprint


def test_nothing_to_learn_from_is_said(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="nothing to learn"):
        retrain(Gazetteer.of([Term("zzz", "X")]), [Document("d", TEXT)], {}, tmp_path / "m", QUICK)
    assert not (tmp_path / "m").exists()


def test_enough_reviewed_documents_choose_the_fusion(tmp_path: Path) -> None:
    documents = [Document(f"d{n}", f"{TEXT} Note {n}.") for n in range(12)]
    complete = Decided((Entity(0, 7, "Chemical"), Entity(12, 22, "Disease")), complete=True)
    decided = {d.doc_id: complete for d in documents[:9]}
    gazetteer = Gazetteer.of([Term("aspirin", "Chemical")])
    steps: list[str] = []
    result = retrain(
        gazetteer, documents, decided, tmp_path / "m", QUICK, lambda step, share, line: steps.append(step)
    )
    order = ["expand", "label", "train", "fusion", "finish", "assemble"]
    assert list(dict.fromkeys(steps)) == order
    assert (result["reviewed"], result["weak"], result["documents"]) == (9, 3, 12)
    assert (result["reviewed_terms"], result["distrusted"], result["rule_recall"]) == (1, 0, 1.0)
    assert result["fusion"]["documents"] == 3
    assert [ent.text for ent in load_pipeline(tmp_path / "m")(TEXT).ents] == ["Aspirin", "chest pain"]


def test_rules_that_miss_most_are_not_learned_from(tmp_path: Path) -> None:
    documents = [Document(f"d{n}", f"Aspirin for word{n} pain{n}.") for n in range(12)]
    pains = {d.doc_id: d.text.index("word") for d in documents}
    decided = {
        d.doc_id: Decided((Entity(pains[d.doc_id], len(d.text) - 1, "Disease"),), complete=True)
        for d in documents[:9]
    }
    result = retrain(Gazetteer.of([Term("aspirin", "Chemical")]), documents, decided, tmp_path / "m", QUICK)
    assert (result["rule_recall"], result["reviewed"], result.get("weak", 0)) == (0.0, 9, 0)


def test_fusion_set_by_hand_is_kept(tmp_path: Path) -> None:
    documents = [Document(f"d{n}", f"{TEXT} Note {n}.") for n in range(9)]
    decided = {d.doc_id: Decided((Entity(12, 22, "Disease"),), complete=True) for d in documents}
    fusion = FusionSettings(0.8, "model_first")
    settings = RetrainSettings(replace(QUICK.bootstrap, fusion=fusion), repeats=1)
    result = retrain(
        Gazetteer.of([Term("aspirin", "Chemical")]), documents, decided, tmp_path / "m", settings
    )
    assert "fusion" not in result
    kept = load_pipeline(tmp_path / "m").get_pipe("entity_fusion")
    assert (kept.min_score, kept.policy) == (0.8, "model_first")


def test_copies_of_what_is_learned_from_do_not_choose_the_fusion() -> None:
    texts = [
        "alpha beta gamma delta epsilon zeta",
        "one two three four five six",
        "red blue green pink grey teal",
    ]
    copies = [Document(f"{text} {n}", f"{text} number {n}") for n in range(4) for text in texts]
    kept = _third(copies)
    assert {d.text.split()[0] for d in kept} == {"alpha"}
    assert len(kept) == 4
    # Two texts cannot be parted in three.
    assert _third([d for d in copies if d not in kept]) == []
    plain = [Document(str(n), f"text {n}") for n in range(10)]
    assert _third(plain) == plain[::3]


def test_terms_that_reviewers_added_judge_nothing(tmp_path: Path) -> None:
    terms = Gazetteer.of(
        [Term("aspirin", "Chemical"), Term("heparin", "Chemical", file=f"{ADDED}ana", row=2)]
    )
    work = _Work(terms, [], {}, QUICK, tmp_path, lambda step, share, line: None)
    assert [term.text for term in work.judged] == ["aspirin"]
    assert len(work.gazetteer) == 2


def test_a_list_that_was_made_from_the_reviewed_documents_judges_nothing(tmp_path: Path) -> None:
    names = [f"{first}{second}tol" for first in "bcdf" for second in "aeiou"]
    documents = [Document(name, f"She took {name} today, and was well.") for name in names]
    entities = {d.doc_id: (Entity(9, 9 + len(d.doc_id), "Chemical"),) for d in documents}
    decided = {d.doc_id: Decided(entities[d.doc_id], (), True) for d in documents[:12]}
    terms = Gazetteer.of(Term(name, "Chemical") for name in [*names[:12], "aspirin"])
    work = _Work(terms, documents, decided, QUICK, tmp_path, lambda step, share, line: None)
    assert not any(doc.spans["gazetteer"] for doc, _ in work._read_decided().values())
    assert [term.text for term in work.judged] == ["aspirin"]
    assert work.learned["copied"]["terms"] == 12
    assert len(work.gazetteer) == 13
