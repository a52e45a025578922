"""Several systems on the same gold."""

from __future__ import annotations

import pytest
from hypothesis import given

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.errors import CorpusError, InputError
from hybrid_ner.evaluation import Settings
from hybrid_ner.evaluation.compare import compare, confusions, find_mistakes
from hybrid_ner.evaluation.counts import Pair, count
from tests.evaluation.strategies import LABELS, pairs

GOLD = [
    Document(str(i), "aspirin", (Entity(0, 7, "C"),) if i % 3 else (), {"kind": "n" if i % 3 else "e"})
    for i in range(12)
]
NONE = [Document(d.doc_id, d.text, ()) for d in GOLD]
SETTINGS = Settings(resamples=200)


def test_every_pair_of_systems_is_contrasted_later_minus_earlier() -> None:
    found = compare(GOLD, {"rule": NONE, "model": GOLD, "hybrid": GOLD}, SETTINGS)
    assert [(c.first, c.second, c.difference.f1) for c in found.contrasts] == [
        ("rule", "model", 1),
        ("rule", "hybrid", 1),
        ("model", "hybrid", 0),
    ]


def test_groups_are_scored_on_their_own_labels_and_empty_ones_are_told() -> None:
    found = compare(GOLD, {"a": GOLD}, SETTINGS, by="meta.kind")
    assert {name: g.systems["a"].micro.gold for name, g in found.groups.items()} == {"n": 8}
    assert found.empty_groups == ("e",)


def test_a_single_system_also_stands_at_the_top_of_the_json() -> None:
    assert compare(GOLD, {"a": GOLD}, SETTINGS).as_dict()["micro"]["f1"] == 1
    assert "micro" not in compare(GOLD, {"a": GOLD, "b": NONE}, SETTINGS).as_dict()


def test_an_error_names_the_system() -> None:
    with pytest.raises(CorpusError, match="b: 12 of 12 gold documents without prediction"):
        compare(GOLD, {"a": GOLD, "b": []}, SETTINGS)
    with pytest.raises(InputError, match="no system"):
        compare(GOLD, {})


# Kinds of mistakes, and each mention in at most one of them.

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
