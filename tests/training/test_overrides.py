"""Config settings from the command line."""

from __future__ import annotations

import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.training.recipe import parse_overrides


def test_values_are_json_or_text() -> None:
    args = ["--training.max_epochs", "3", "--training.dropout=0.1", "--nlp.lang", "en", "--a.b", "true"]
    expected = {"training.max_epochs": 3, "training.dropout": 0.1, "nlp.lang": "en", "a.b": True}
    assert parse_overrides(args) == expected


@pytest.mark.parametrize(
    "args", [["training.max_epochs", "3"], ["--epochs", "3"], ["--a.b"], ["--a.b", "--c.d", "1"]]
)
def test_unusable_argument_is_named(args: list[str]) -> None:
    with pytest.raises(InputError, match=args[0].replace(".", r"\.")):
        parse_overrides(args)
