"""Expansion as a resumable step of the bootstrap."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybrid_ner.corpus import Corpus, Document
from hybrid_ner.sources.expand import ExpansionSettings
from hybrid_ner.training.bootstrap import BootstrapSettings, bootstrap
from hybrid_ner.training.expansion import TABLE, learn_from, read_words
from hybrid_ner.training.predict import load_pipeline
from tests.sources.test_expand import DRUGS, LIST, SETTINGS, TEXTS


def corpus(texts: list[str]) -> Corpus:
    return Corpus.of(Document(f"d{number}", text) for number, text in enumerate(texts))


def test_step_is_reused_until_its_inputs_change(tmp_path: Path) -> None:
    words, first = learn_from(LIST, [corpus(TEXTS)], tmp_path, SETTINGS)
    again, second = learn_from(LIST, [corpus(TEXTS)], tmp_path, SETTINGS)
    assert words == again == read_words(tmp_path / TABLE)
    assert (first["reused"], second["reused"], first["words"]) == (False, True, len(words))
    _, more = learn_from(LIST, [corpus(TEXTS), corpus(["One more text."])], tmp_path, SETTINGS)
    assert not more["reused"]
    (tmp_path / TABLE).unlink()
    assert learn_from(LIST, [corpus(TEXTS)], tmp_path, SETTINGS)[0] == words


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
    assert list(result.steps) == ["expand", "label", "data", "train", "assemble"]
    nlp = load_pipeline(tmp_path / "model")
    assert nlp.pipe_names == ["gazetteer", "learned_words", "abbreviations", "ner", "entity_fusion"]
    learned = {word.word for word in read_words(tmp_path / "model.work" / TABLE)} & set(DRUGS)
    word = min(learned)
    doc = nlp(f"Patients were given {word} daily.")
    assert [(span.text, span.label_) for span in doc.spans["learned_words"]] == [(word, "Chemical")]
    again = bootstrap(LIST, corpus(TEXTS), tmp_path / "model", settings)
    assert all(again.steps[name]["reused"] for name in ("expand", "data", "train", "assemble"))
