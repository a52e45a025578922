"""Predictions beside gold: what is refused, renamed and grouped."""

from __future__ import annotations

import pytest

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.errors import CorpusError
from hybrid_ner.evaluation.pairs import group_system, pair_system

GOLD = [Document("a", "IBM sued.", (Entity(0, 3, "BUSINESS"),)), Document("b", "None.", ())]


def _predicted(*entities: Entity) -> list[Document]:
    return [Document("a", "IBM sued.", entities), Document("b", "None.", ())]


def test_order_is_golds_and_other_documents_are_counted() -> None:
    found = pair_system(GOLD, [*reversed(_predicted()), Document("z", "more", ())])
    assert [pair.gold.doc_id for pair in found.pairs] == ["a", "b"]
    assert found.unscored == ("z",)


@pytest.mark.parametrize(
    ("gold", "predicted", "said"),
    [
        (GOLD, [Document("a", "IBM sued.", ())], "1 of 2 gold documents without prediction: 'b'"),
        (GOLD, [Document("a", "IBM sues.", ()), GOLD[1]], "differs from gold at character 7"),
        (GOLD, [Document("a", "IBM sued", ()), GOLD[1]], "differs from gold at character 8"),
        (GOLD, [Document("a", "IBM sued."), GOLD[1]], "carries no predictions"),
        ([Document("a", "x")], [Document("a", "x", ())], "1 of 1 gold document without annotation"),
    ],
)
def test_what_cannot_be_scored(gold: list[Document], predicted: list[Document], said: str) -> None:
    with pytest.raises(CorpusError, match=said):
        pair_system(gold, predicted)


def test_labels_that_gold_lacks_take_its_name() -> None:
    found = pair_system(GOLD, _predicted(Entity(0, 3, "ORG")))
    assert found.mapped == {"ORG": "BUSINESS"}
    assert found.pairs[0].predicted == (Entity(0, 3, "BUSINESS"),)
    plain = pair_system(GOLD, _predicted(Entity(0, 3, "ORG")), aliases=False)
    assert plain.pairs[0].predicted == (Entity(0, 3, "ORG"),)


def test_a_given_name_comes_before_the_aliases() -> None:
    found = pair_system(GOLD, _predicted(Entity(0, 3, "ORG")), {"ORG": "COURT", "X": "BUSINESS"})
    assert found.mapped == {"ORG": "COURT"}


def test_groups_by_meta_value() -> None:
    gold = [Document(str(i), "x", (), {"kind": {"of": kind}}) for i, kind in enumerate("aba")]
    system = pair_system(gold, gold)
    groups = group_system(system, "meta.kind.of")
    assert {name: [p.gold.doc_id for p in part.pairs] for name, part in groups.items()} == {
        "a": ["0", "2"],
        "b": ["1"],
    }
    with pytest.raises(CorpusError, match="no gold document has 'kinds'"):
        group_system(system, "kinds")
