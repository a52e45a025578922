"""Recipes, and training on annotated documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.errors import CorpusError, InputError
from hybrid_ner.training.predict import load_pipeline
from hybrid_ner.training.student import RECIPES, recipe_path, train_on_documents


def test_every_recipe_is_found() -> None:
    assert "cnn" in RECIPES
    assert all(recipe_path(name).is_file() for name in RECIPES)


def test_unknown_recipe_lists_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"Use one of .*cnn"):
        recipe_path("nothing")


def test_training_lists_spans_that_fit_no_tokens(tmp_path: Path) -> None:
    good = Document("good", "Aspirin helps.", (Entity(0, 7, "Chemical"),))
    bad = Document("bad", "Aspirin helps.", (Entity(0, 3, "Chemical"),))
    lines: list[str] = []
    result = train_on_documents(
        "cnn",
        [good] * 30 + [bad, Document("open", "unlabeled")],
        tmp_path / "model",
        overrides={"training.max_epochs": 1},
        progress=lambda share, line: lines.append(line),
    )
    assert result["misaligned"] == ["bad 0-3 Chemical"]
    assert result["labels"] == ["Chemical"]
    assert lines
    assert load_pipeline(tmp_path / "model").pipe_names == ["ner"]


def test_nothing_annotated_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no document carries annotations"):
        train_on_documents("cnn", [Document("a", "text")], tmp_path / "model")
