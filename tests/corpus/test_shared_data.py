"""The measuring corpora, where they are at hand: counts, offsets, and a perfect score for gold itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybrid_ner.corpus import read_corpus
from hybrid_ner.evaluation import Settings, evaluate

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
MENTIONS = {
    "bc5cdr/train": 9385,
    "bc5cdr/dev": 9591,
    "ncbi_disease/train": 5145,
    "ncbi_disease/dev": 787,
    "inlegalner/dev": 2773,
    "ener/dev": 1472,
}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no corpora at {DATA}")


@pytest.mark.parametrize(("name", "mentions"), MENTIONS.items())
def test_gold_scores_itself_perfectly(name: str, mentions: int) -> None:
    documents = list(read_corpus(DATA / f"{name}.jsonl"))
    scores = evaluate(documents, documents, Settings(resamples=100))
    assert (scores.micro.gold, scores.micro.f1, scores.partial.f1, scores.type_only.f1) == (mentions, 1, 1, 1)
    for document in documents:
        for entity in document.entities or ():
            assert document.text[entity.start : entity.end].strip()
