"""Growing names to the left and right of a head word."""

from __future__ import annotations

import pytest

from hybrid_ner.domains.legal.base import Walk, walk_left, walk_right

WALK = Walk(frozenset({"of", "and", "the"}), frozenset({"under", "the"}), frozenset({"act"}), commas=True)


@pytest.mark.parametrize(
    ("text", "head", "name"),
    [
        ("under Prevention of Fraud Act", "Act", "Prevention of Fraud "),
        ("Under the Blue Act", "Act", "Blue "),
        ("Red Act and Blue Act", "Blue Act", ""),
        ("the Birds (Control and Sale) Act", "Act", "Birds (Control and Sale) "),
        ("birds Act", "Act", ""),
        ("under Customs, Excise and Salt Act", "Act", "Customs, Excise and Salt "),
        ("x " * 300 + "Long Name Act", "Act", "Long Name "),
    ],
)
def test_walk_left(text: str, head: str, name: str) -> None:
    at = text.rindex(head)
    assert text[walk_left(text, at, WALK) : at] == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("State of Kerala held", "State of Kerala"),
        ("of Kerala", ""),
        ("Ram (Dead) was", "Ram (Dead)"),
        ("Ram (supra)", "Ram"),
    ],
)
def test_walk_right(text: str, name: str) -> None:
    assert text[: walk_right(text, 0, WALK)] == name
