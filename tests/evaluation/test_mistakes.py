"""Kinds of mistakes, and each mention in at most one of them."""

from __future__ import annotations

import pytest
from hypothesis import given

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.evaluation.counts import Pair, count
from hybrid_ner.evaluation.mistakes import confusions, find_mistakes
from tests.evaluation.strategies import LABELS, pairs

TEXT = "severe migraine attack"


@pytest.mark.parametrize(
    ("gold", "predicted", "kinds"),
    [
        ([(7, 15, "A")], [(7, 15, "A")], []),
        ([(7, 15, "A")], [], ["missed"]),
        ([], [(7, 15, "A")], ["spurious"]),
        ([(7, 15, "A")], [(0, 15, "A")], ["boundary"]),
        ([(7, 15, "A")], [(7, 15, "B")], ["label"]),
        ([(7, 15, "A")], [(0, 15, "B")], ["boundary and label"]),
        ([(0, 22, "A")], [(0, 6, "A"), (7, 22, "A")], ["spurious", "boundary"]),
        ([(0, 15, "A"), (7, 15, "A")], [(0, 15, "A")], ["missed"]),
        ([(7, 15, "A")], [(7, 15, "OTHER")], ["missed"]),
    ],
)
def test_kind(gold: list, predicted: list, kinds: list[str]) -> None:  # type: ignore[type-arg]
    pair = Pair(Document("d", TEXT, tuple(Entity(*e) for e in gold)), tuple(Entity(*e) for e in predicted))
    assert sorted(m.kind for m in find_mistakes([pair], ["A", "B"])) == sorted(kinds)


def test_surface_and_excerpt() -> None:
    text = "x" * 200 + TEXT + "y" * 200
    pair = Pair(Document("d", text, (Entity(207, 215, "A"),)), (Entity(200, 215, "A"),))
    (mistake,) = find_mistakes([pair], ["A"])
    row = mistake.as_dict()
    assert (row["gold"]["text"], row["predicted"]["text"]) == ("migraine", "severe migraine")
    assert len(row["excerpt"]) == 60 + 15 + 60


@given(pairs())
def test_mistakes_account_for_every_count(given_pairs: list[Pair]) -> None:
    micro = count(given_pairs, LABELS).micro
    mistakes = list(find_mistakes(given_pairs, LABELS))
    assert sum(m.gold is not None for m in mistakes) == micro.fn
    assert sum(m.predicted is not None for m in mistakes) == micro.fp
    table = confusions(given_pairs, LABELS)
    assert sum(n for (gold, _), n in table.items() if gold) == micro.gold
    assert sum(n for (_, found), n in table.items() if found) == micro.predicted
