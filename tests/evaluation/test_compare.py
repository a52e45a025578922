"""Several systems on the same gold."""

from __future__ import annotations

import pytest

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.errors import CorpusError, InputError
from hybrid_ner.evaluation.compare import compare
from hybrid_ner.evaluation.scores import Settings

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
