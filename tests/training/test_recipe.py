"""Recipes and their settings, checked before anything is trained."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from spacy.language import Language
from spacy.tokens import Doc

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.errors import InputError, MissingPartError
from hybrid_ner.registry import LEARNERS
from hybrid_ner.training import recipe
from hybrid_ner.training.recipe import learns_votes, load_recipe, recipe_path, schedule, train_on_documents


def test_every_recipe_is_registered_and_usable() -> None:
    assert {"cnn", "crf", "trf"} <= set(LEARNERS.names())
    for name in ("cnn", "crf"):
        assert load_recipe(name)["nlp"]["pipeline"] == ["ner"]
        assert learns_votes(name) == (name == "crf")


def test_recipe_without_its_part_names_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("hybrid_ner.errors.find_spec", lambda module: None)
    with pytest.raises(MissingPartError, match=r"hybrid-ner\[trf\]"):
        load_recipe("trf")
    if find_spec("spacy_transformers") is None:  # a copy of one's own knows nothing of the part
        path = tmp_path / "my.cfg"
        path.write_text((recipe._FOLDER / "trf.cfg").read_text(encoding="utf-8"), encoding="utf-8")
        with pytest.raises(MissingPartError, match=r"hybrid-ner\[trf\]"):
            load_recipe(str(path))


def test_recipe_of_ones_own_may_bring_its_recognizer(tmp_path: Path) -> None:
    class Mine:
        labels = ("Drug",)

        def __call__(self, doc: Doc) -> Doc:
            return doc

        def span_scores(self, doc: Doc, start: int, end: int) -> dict[str, float]:
            return {"Drug": 0.5}

    Language.factory("mine_for_a_test", func=lambda nlp, name: Mine())
    path = tmp_path / "my.cfg"
    text = recipe_path("crf").read_text(encoding="utf-8")
    head, _, tail = text.partition("[components.ner]")
    path.write_text(
        f'{head}[components.ner]\nfactory = "mine_for_a_test"\n\n[corpora]{tail.split("[corpora]")[1]}'
    )
    assert load_recipe(str(path))["components"]["ner"]["factory"] == "mine_for_a_test"
    assert not learns_votes(str(path))
    path.write_text(text.replace("iterations = 60", "iterations = 10"), encoding="utf-8")
    assert learns_votes(str(path))


def test_unknown_recipe_lists_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"Use one of .*cnn"):
        recipe_path("nothing")


def test_settings_are_put_in() -> None:
    settings = {"training.dropout": 0.5, "training.batcher.size.start": 3, "system.seed": 7}
    config = load_recipe("cnn", settings)
    assert config["training"]["dropout"] == 0.5
    assert config["training"]["batcher"]["size"]["start"] == 3
    assert config.interpolate()["training"]["seed"] == 7


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("training.max_epoch", 3, r"no setting 'training.max_epoch'.* Did you mean training.max_epochs"),
        ("nonsense.width", 3, r"no setting 'nonsense.width'"),
        ("training.max_epochs", "many", r"training.max_epochs = 'many': max_epochs: Input should be"),
        ("training.optimizer.learn_rate", "a", r"Invalid schedule for 'learn_rate'"),
        ("components.ner.model.hidden_width", "a", r"hidden_width"),
    ],
)
def test_setting_that_spacy_would_refuse_late_or_ignore(setting: str, value: Any, told: str) -> None:
    with pytest.raises(InputError, match=told):
        load_recipe("cnn", {setting: value})


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[nlp]", "[nothing]", "unusable training recipe"),
        ("[paths]", "nonsense", "unusable training recipe"),
        ('factory = "scored_ner"', 'factory = "ner"', "no component called ner that tells the probability"),
    ],
)
def test_unusable_recipe_names_its_file(tmp_path: Path, old: str, new: str, told: str) -> None:
    path = tmp_path / "my.cfg"
    text = recipe_path("cnn").read_text(encoding="utf-8")
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=told) as caught:
        load_recipe(str(path))
    assert str(path) in str(caught.value)


def test_little_text_gets_more_passes() -> None:
    little, much = schedule(10_000), schedule(2_000_000)
    assert little["training.max_epochs"] > much["training.max_epochs"]
    assert load_recipe("cnn", little)


@pytest.mark.parametrize("given", [7, 1, -0.1, 1.5])
def test_a_dropout_that_is_no_share_is_refused(given: float) -> None:
    with pytest.raises(InputError, match=r"training\.dropout = .*expected a share from 0 to below 1"):
        load_recipe("cnn", {"training.dropout": given})


def test_a_dropout_of_nothing_is_a_number_for_spacy() -> None:
    """A whole number was taken for a series, long after the labeling."""
    assert repr(load_recipe("cnn", {"training.dropout": 0})["training"]["dropout"]) == "0.0"


@pytest.mark.parametrize(
    ("name", "setting", "value", "wanted"),
    [
        ("cnn", "training.max_epochs", 0, "1 to 10,000"),
        ("cnn", "training.max_epochs", -1, "1 to 10,000"),
        ("cnn", "training.max_epochs", 10**9, "1 to 10,000"),
        ("cnn", "training.max_steps", -5, "0 to 2,147,483,648"),
        ("cnn", "training.optimizer.learn_rate", 0, "a number above 0"),
        ("cnn", "training.optimizer.beta1", 0, "a share between 0 and 1"),
        ("cnn", "training.batcher.size.start", -1, "1 to"),
        ("cnn", "components.ner.model.tok2vec.embed.width", 0, "1 to"),
        ("cnn", "corpora.train.max_length", -1, "0 to"),
        ("crf", "components.ner.iterations", 0, "1 to"),
        ("crf", "components.ner.l1", -0.5, "0 to"),
        ("crf", "components.ner.l1", float("nan"), "0 to"),
        ("crf", "components.ner.least_score", 3, "a share between 0 and 1"),
    ],
)
def test_numbers_of_no_use_are_refused_before_anything_is_trained(
    name: str, setting: str, value: float, wanted: str
) -> None:
    with pytest.raises(InputError, match=rf"{setting} = {value}: expected {wanted}"):
        load_recipe(name, {setting: value})


def test_sizes_that_do_not_fit_are_told_and_leave_no_model(tmp_path: Path) -> None:
    documents = [Document("d", "took gin", (Entity(5, 8, "DRUG"),))]
    settings = {"components.ner.model.tok2vec.embed.width": 32, "training.max_epochs": 1}
    with pytest.raises(InputError, match=r"settings of the recipe do not fit each other"):
        train_on_documents("cnn", documents, tmp_path / "out", overrides=settings)
    assert not [*tmp_path.iterdir()]
