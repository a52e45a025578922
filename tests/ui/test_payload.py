"""What the annotator is given to draw."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.review import DocumentView, SpanView
from hybrid_ner.review.document import Outline
from hybrid_ner.text import content_hash
from hybrid_ner.ui.components import Turn, astral_positions, payload, token_gaps

TEXT = "Fever 😀 and 𝒜fib."
SPAN = SpanView(1, 0, 5, "Fever", "Disease", "open", "rule", score=0.97)
VIEW = DocumentView(
    "d1", 1, 3, TEXT, content_hash(TEXT), "r1", 0, (SPAN,), ((0, 5), (6, 7)), ("Disease",), "random", 3, False
)


@given(st.text(alphabet=st.sampled_from("a é\u0301😀𝒜\n")))
def test_astral_positions_are_where_javascript_counts_twice(text: str) -> None:
    positions = astral_positions(text)
    units = 0
    for place, character in enumerate(text):
        assert units == place + sum(p < place for p in positions)
        units += len(character.encode("utf-16-le")) // 2


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 9))))
def test_token_gaps_rebuild_the_tokens(steps: list[tuple[int, int]]) -> None:
    tokens, at = [], 0
    for gap, length in steps:
        tokens.append((at + gap, at + gap + length))
        at += gap + length
    gaps = token_gaps(tokens)
    rebuilt, at = [], 0
    for gap, length in zip(gaps[::2], gaps[1::2], strict=True):
        rebuilt.append((at + gap, at + gap + length))
        at += gap + length
    assert rebuilt == tokens


def test_payload_is_plain_json_in_code_points() -> None:
    data = payload(VIEW, "p", Turn({"tab": 3}, "accepted", 2), [("a", "ok {n}", "accept")])
    assert json.loads(json.dumps(data)) == data
    assert data["doc"]["astral"] == [6, 12]
    assert data["spans"][0][:5] == [1, 0, 5, "Disease", "open"]
    assert data["acknowledged"] == {"tab": 3}
    assert data["keys"] == [{"key": "a", "command": "ok {n}", "help": "accept"}]


def test_text_that_the_browser_has_is_not_sent_again() -> None:
    assert payload(VIEW, "p", Turn({}, have=VIEW.content_hash))["doc"]["text"] is None
    assert payload(VIEW, "p", Turn({}, have="other"))["doc"]["text"] == TEXT


def test_part_of_a_document_counts_from_its_first_character() -> None:
    outline = Outline("d1", TEXT, (0, 6), (1, 2), (0, 3))
    part = replace(VIEW, window=(6, 18), spans=(), tokens=((6, 7), (8, 11)))
    data = payload(part, "p", Turn({}, outline=outline, part=1))["doc"]
    assert (data["base"], data["text"], data["astral"]) == (6, TEXT[6:18], [0, 6])
    assert data["tokens"] == [0, 1, 1, 3]
    assert (data["part"], data["parts"]) == (1, [[1, 0], [2, 3]])
    assert data["key"] != payload(VIEW, "p", Turn({}))["doc"]["key"] == VIEW.content_hash == data["hash"]


def test_empty_project_has_an_empty_document() -> None:
    data = payload(None, "p", Turn({}))
    assert data["doc"]["text"] == ""
    assert data["spans"] == []


def test_value_that_would_blank_the_component_is_refused() -> None:
    broken = replace(VIEW, spans=(replace(SPAN, score=float("nan")),))
    with pytest.raises(ValueError, match="JSON"):
        payload(broken, "p", Turn({}))
