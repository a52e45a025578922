"""Concept ids of the shipped default: how many of the exactly right spans carry the right one.

Purpose: ids of one vocabulary against those of BC5CDR (MeSH) and NCBI Disease (MeSH, OMIM where MeSH has
none). The rules were written with train and the first half of dev in sight; the second half was never
read. An id counts as right when it is the same, of a composite mention all of them; *equivalent* also counts
what the crosswalk links to the gold id (OMIM to MeSH, which has taken many of them over since); *known* is
the share right among gold ids that MeSH 2024 still has::

    python benchmarks/concept_ids.py [--data ../shared/data] [--ids mesh,omim] [--part dev]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from hybrid_ner.corpus import Entity, read_corpus
from hybrid_ner.evaluation import ids_of, score_ids
from hybrid_ner.evaluation.counts import Pair
from hybrid_ner.matching import gather_terms
from hybrid_ner.pipeline import rule_pipeline
from hybrid_ner.terms.shipped import concept_names, load_crosswalk
from hybrid_ner.training.predict import predict

CORPORA = {"bc5cdr": ("Chemical", "Disease"), "ncbi_disease": ("Disease",)}
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def parts(pairs: list[Pair], part: str) -> Iterator[tuple[str, list[Pair]]]:
    """Train; or dev, and its halves."""
    if part == "train":
        yield "train (read)", pairs
        return
    yield "dev", pairs
    yield "dev, first half (read)", pairs[: len(pairs) // 2]
    yield "dev, second half", pairs[len(pairs) // 2 :]


def known_ids() -> frozenset[str]:
    """Every id that the shipped lists have."""
    terms = gather_terms("medical")
    return frozenset(t.concept_id for t in (*terms, *concept_names("medical")))


def row(pairs: Sequence[Pair], labels: Sequence[str], known: frozenset[str]) -> str:
    """Cells of one part."""
    found = score_ids(pairs, labels, load_crosswalk("medical"))
    still = score_ids([_only(pair, known) for pair in pairs], labels)
    assert found is not None
    assert found.equivalent is not None
    assert still is not None
    shares = found.right, found.equivalent, found.without
    cells = " | ".join(f"{100 * n / found.spans:.1f}" for n in shares)
    score = found.together
    three = " / ".join(f"{100 * value:.1f}" for value in (score.precision, score.recall, score.f1))
    return f"{found.spans} | {cells} | {100 * still.accuracy:.1f} | {three}"


def _only(pair: Pair, known: frozenset[str]) -> Pair:
    """Gold without the MeSH ids that have been retired since."""

    def is_known(e: Entity) -> bool:
        return all(i in known or not i.startswith("MESH:") for i in ids_of(e.concept_id))

    entities = pair.entities
    kept = tuple(e if is_known(e) else replace(e, concept_id="") for e in entities)
    return Pair(replace(pair.gold, entities=kept), pair.predicted)


def main() -> None:
    """Measure both corpora."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=SHARED, help="folder with one folder a corpus")
    parser.add_argument("--ids", default="mesh,omim", help="vocabularies; lists for the ids of the lists")
    parser.add_argument("--part", default="dev", choices=("train", "dev"))
    arguments = parser.parse_args()
    terms, known = gather_terms("medical"), known_ids()
    nlp = rule_pipeline(terms, "medical", ids=arguments.ids)
    print("| corpus | right spans | right | equivalent | none | known | span and id P / R / F1 |")
    print("|---|---|---|---|---|---|---|")
    for corpus, labels in CORPORA.items():
        documents = list(read_corpus(arguments.data / corpus / f"{arguments.part}.jsonl"))
        predicted = predict(nlp, documents, "rule")
        pairs = [Pair(gold, p.entities or ()) for gold, p in zip(documents, predicted, strict=True)]
        for name, some in parts(pairs, arguments.part):
            print(f"| {corpus} {name} | {row(some, labels, known)} |", flush=True)


if __name__ == "__main__":
    main()
