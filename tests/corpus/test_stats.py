"""Sizes of a corpus."""

from __future__ import annotations

import json

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.corpus.stats import corpus_stats


def test_counts() -> None:
    entities = (Entity(0, 7, "C", "X:1|X:2"), Entity(12, 19, "C"), Entity(24, 39, "D"))
    documents = [
        Document("a", "Aspirin and ASPIRIN for severe migraine", entities, {"kind": "note", "pmid": 1}),
        Document("b", "None", (), {"kind": "note", "pmid": 2}),
        Document("c", "Unread text", None, {"kind": "letter", "pmid": 3}),
    ]
    stats = corpus_stats(documents)
    assert (stats.documents, stats.unlabeled, stats.without_entities, stats.mentions) == (3, 1, 1, 3)
    assert (stats.words, stats.characters, stats.median_length) == (9, 54, 11)
    assert stats.longest == ("a", 39)
    chemical = stats.labels["C"]
    assert (chemical.mentions, chemical.surfaces, chemical.documents, chemical.concepts) == (2, 1, 1, 2)
    assert chemical.top == (("aspirin", 2),)
    assert stats.labels["D"].words == 2
    assert "pmid" not in stats.meta
    assert json.loads(json.dumps(stats.as_dict()))["labels"]["C"]["mentions"] == 2


def test_an_empty_iterable() -> None:
    assert corpus_stats([]).documents == 0
