"""Expansion as a resumable step of the bootstrap."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from hybrid_ner.cli._bootstrap import _learned
from hybrid_ner.corpus import Corpus, Document, Entity
from hybrid_ner.pipeline.crf_model import CrfSettings
from hybrid_ner.pipeline.labeling import Voters
from hybrid_ner.text.tokenizer import blank
from hybrid_ner.training import expansion
from hybrid_ner.training.bootstrap import BootstrapSettings, bootstrap
from hybrid_ner.training.crf import CrfWork, habits, hidden_words, learn_crf
from hybrid_ner.training.expansion import (
    TABLE,
    Expansion,
    ExpansionSettings,
    expand,
    learn_from,
    read_words,
)
from hybrid_ner.training.policy import Decided, Reviewed
from hybrid_ner.training.predict import load_pipeline
from hybrid_ner.training.update import crf_facts
from tests.training.test_expand import DRUGS, LIST, SETTINGS, TEXTS


def corpus(texts: list[str]) -> Corpus:
    return Corpus.of(Document(f"d{number}", text) for number, text in enumerate(texts))


def test_step_is_reused_until_its_inputs_change(tmp_path: Path) -> None:
    words, first = learn_from(LIST, [corpus(TEXTS)], tmp_path, SETTINGS)
    again, second = learn_from(LIST, [corpus(TEXTS)], tmp_path, SETTINGS)
    assert words == again == read_words(tmp_path / TABLE)
    assert (first["reused"], second["reused"], first["words"]) == (
        False,
        True,
        sum(not word.is_ending for word in words),
    )
    assert first["endings"] == len(words) - first["words"] > 0
    _, more = learn_from(LIST, [corpus(TEXTS), corpus(["One more text."])], tmp_path, SETTINGS)
    assert not more["reused"]
    (tmp_path / TABLE).unlink()
    assert learn_from(LIST, [corpus(TEXTS)], tmp_path, SETTINGS)[0] == words


def test_the_same_words_are_learned_on_any_number_of_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sums of several threads differ in their last digits, and one learned word brings others with it."""
    threads: list[set[int]] = []

    def looked(*given: Any) -> Expansion:
        threads.append({pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"})
        return expand(*given)

    monkeypatch.setattr(expansion, "expand", looked)
    with threadpool_limits(2, user_api="blas"):
        learn_from(LIST, [corpus(TEXTS)], tmp_path, SETTINGS)
    assert threads == [{1}]


@pytest.mark.parametrize(
    ("text", "settings", "vectors"),
    [
        ("Patients with chest pain were given aspirin.", ExpansionSettings(), "medical"),
        ("Die Patientin wurde wegen Brustschmerzen mit Metoprolol behandelt.", ExpansionSettings(), "none"),
        ("Paciente que acude a urgencias por dolor de cabeza; niega fiebre.", ExpansionSettings(), "none"),
        ("Die Patientin wurde behandelt.", ExpansionSettings(words="medical"), "medical"),  # somebody asked
    ],
)
def test_vectors_of_another_language_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, settings: ExpansionSettings, vectors: str
) -> None:
    """Beside English text "wurde" is as rare as a drug, and was learned as one."""
    monkeypatch.setattr(expansion, "expand", lambda *_: Expansion())
    _, result = learn_from(LIST, [corpus([text])], tmp_path, settings)
    assert result["vectors"] == vectors
    said = _learned(result, tmp_path / TABLE)
    assert ("which know" in said) == (vectors == "none")


def test_only_the_first_texts_are_read(tmp_path: Path) -> None:
    few = ExpansionSettings(tokens=15, words="none")
    _, result = learn_from(LIST, [corpus(TEXTS[:1]), corpus(TEXTS[1:])], tmp_path, few)
    assert result["documents"] == 2


@pytest.mark.parametrize(
    ("settings", "expands"),
    [
        (BootstrapSettings("generic"), True),
        (BootstrapSettings("generic", expand=False), False),
        (BootstrapSettings("medical"), False),
        (BootstrapSettings("legal", expand=True), True),
    ],
)
def test_expansion_is_on_where_lists_are_small(settings: BootstrapSettings, expands: bool) -> None:
    assert settings.expands is expands


def test_saved_pipeline_labels_learned_words(tmp_path: Path) -> None:
    settings = BootstrapSettings("generic", expansion=SETTINGS, overrides={"training.max_epochs": 1})
    result = bootstrap(LIST, corpus(TEXTS), tmp_path / "model", settings)
    assert list(result.steps) == ["expand", "trust", "label", "data", "train", "assemble"]
    nlp = load_pipeline(tmp_path / "model")
    assert nlp.pipe_names == ["gazetteer", "learned_words", "abbreviations", "ner", "entity_fusion"]
    learned = {word.word for word in read_words(tmp_path / "model.work" / TABLE)} & set(DRUGS)
    word = min(learned)
    doc = nlp(f"Patients were given {word} daily.")
    assert [(span.text, span.label_) for span in doc.spans["learned_words"]] == [(word, "Chemical")]
    again = bootstrap(LIST, corpus(TEXTS), tmp_path / "model", settings)
    assert all(again.steps[name]["reused"] for name in ("expand", "data", "train", "assemble"))


# What was learned about the edges of mentions, in words, and how to forget it.

SITES = ("arm", "leg", "knee", "hip", "toe", "ear", "eye", "jaw")


def reviewed() -> dict[str, Reviewed]:
    """ "severe" stays outside, "left" belongs inside."""
    found = {}
    for number, site in enumerate(SITES):
        text = f"She has severe {site} pain and left {site} ache today."
        spans = (f"{site} pain", f"left {site} ache")
        entities = tuple(Entity(text.index(s), text.index(s) + len(s), "Sign") for s in spans)
        found[str(number)] = Reviewed(blank().make_doc(text), Decided(entities, complete=True))
    return found


def test_habits_are_told() -> None:
    said = {habit.kind: habit.sentence() for habit in habits(reviewed().values())}
    assert said == {
        "severity": "severity (severe) stays outside: 8 of 8 places",
        "location": "location (left) belongs inside: 8 of 8 places",
    }
    learned = learn_crf(reviewed(), Voters(), None, [], lambda share, line: None)
    assert [each["kind"] for each in crf_facts(learned)["boundaries"]] == ["severity", "location"]


def test_few_places_and_mixed_ones_say_nothing() -> None:
    assert habits(list(reviewed().values())[:1]) == ()
    text = "Severe pain, severe pain."
    mixed = Decided((Entity(0, 11, "Sign"), Entity(20, 24, "Sign")), complete=True)
    assert habits([Reviewed(blank().make_doc(text), mixed)] * 4) == ()


def test_initials_are_no_articles() -> None:
    found = []
    for name in ("Sharma", "Gupta", "Rao", "Sen"):
        text = f"Before A. K. {name} and the A-{name} court."
        spans = (f"A. K. {name}", f"A-{name}")
        entities = tuple(Entity(text.index(s), text.index(s) + len(s), "Judge") for s in spans)
        found.append(Reviewed(blank().make_doc(text), Decided(entities, complete=True)))
    said = [habit.sentence() for habit in habits(found)]
    assert said == ["articles (the) stay outside: 4 of 4 places"]


def test_labels_that_differ_are_told_apart() -> None:
    found = []
    for site in SITES:
        text = f"Left {site} ache, and a rash on the left {site}."
        signs, at = Entity(0, len(site) + 10, "Site"), text.rindex(site)
        entities = (signs, Entity(at, at + len(site), "Sign"))
        found.append(Reviewed(blank().make_doc(text), Decided(entities, complete=True)))
    assert {habit.sentence() for habit in habits(found)} == {
        "location (left) belongs inside of Site: 8 of 8 places",
        "location (left) stays outside of Sign: 8 of 8 places",
    }


def test_nothing_is_learned_of_words_to_forget() -> None:
    forget = hidden_words(["severity", "Left"])
    assert {"severe", "mild", "left"} <= set(forget)
    settings = CrfSettings(forget=forget)
    model = CrfWork(reviewed(), Voters(), None, (), settings).fit(range(len(SITES)))
    assert not any(name.endswith(("w=severe", "w=left")) for name in model.weights)
    known = CrfWork(reviewed(), Voters(), None).fit(range(len(SITES)))
    assert any(name.endswith("w=severe") for name in known.weights)
    # And nothing is said of them.
    learned = learn_crf(reviewed(), Voters(), None, [], lambda share, line: None, settings)
    assert learned.habits == ()
