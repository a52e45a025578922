"""When ``hybrid-ner bootstrap`` learns words."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybrid_ner.cli._bootstrap import Request


@pytest.mark.parametrize(
    ("domain", "shipped", "expand", "expands"),
    [
        ("generic", True, None, True),
        ("generic", True, False, False),
        ("medical", True, None, False),
        ("medical", True, True, True),
        ("medical", False, None, True),
        ("medical", False, False, False),
        ("legal", False, None, False),
    ],
)
def test_words_are_learned_where_the_list_is_small(
    domain: str, shipped: bool, expand: bool | None, expands: bool
) -> None:
    request = Request(domain, Path("text.jsonl"), Path("out"), shipped=shipped, expand=expand)
    assert request.settings.expands is expands
