"""What reviewed documents gain (R-n): rules, model and hybrid after n documents of review.

Purpose: show what reviewing is worth, and that the hybrid is never noticeably worse than the better of rules
and model, whatever the lists. The project holds the text of the corpus' train part. The product's own queue
chooses n documents by the first suggestions of the rules, an oracle answers them from train gold, and the
product's retraining learns from them. Scores are strict F1 on dev, whose text and gold no step sees::

    python benchmarks/rounds.py --data DATA --corpus bc5cdr --domain generic --share 0.1 --n 0 10 50 100

``--share`` simulates a user's small list: the terms of a random share of the shipped concepts, seed 0.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from expand import sample

from hybrid_ner.corpus import Corpus, Document, read_corpus
from hybrid_ner.evaluation.compare import three_way
from hybrid_ner.pipeline.build import rule_pipeline
from hybrid_ner.review.queue import Queue
from hybrid_ner.review.store.schema import document
from hybrid_ner.review.store.store import ReviewStore
from hybrid_ner.review.store.suggestion import suggestions_from_doc
from hybrid_ner.terms import Gazetteer
from hybrid_ner.terms.shipped import load_shipped
from hybrid_ner.training.bootstrap import BootstrapSettings
from hybrid_ner.training.lists import gather_terms
from hybrid_ner.training.policy import Decided
from hybrid_ner.training.predict import load_pipeline, read_docs
from hybrid_ner.training.retrain import RetrainSettings, retrain

HEADER = (
    "| reviewed | rule P / R / F1 | model | hybrid | hybrid - best | fusion | rules' recall | terms learned "
    "| votes distrusted | seconds |\n|---|---|---|---|---|---|---|---|---|---|"
)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    shared = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=shared, help="folder with one folder a corpus")
    parser.add_argument("--corpus", default="bc5cdr")
    parser.add_argument("--domain", default="generic")
    parser.add_argument("--share", type=float, default=1.0, help="part of the shipped medical concepts")
    parser.add_argument("--n", type=int, nargs="+", default=[0, 10, 50, 100])
    parser.add_argument("--documents", type=int, default=1000, help="documents of train in the project")
    parser.add_argument("--kind", default="", help="only documents with this meta.kind")
    arguments = parser.parse_args()
    wanted = [
        [d for d in read_corpus(arguments.data / arguments.corpus / part) if _is(d, arguments.kind)]
        for part in ("train.jsonl", "dev.jsonl")
    ]
    train, dev = wanted[0][: arguments.documents], wanted[1]
    gazetteer = terms(arguments.domain, arguments.share)
    order = queue(train, gazetteer, arguments.domain)
    gold = sum(len(d.entities or ()) for d in dev)
    print(f"{arguments.corpus} {arguments.kind} dev, {gold:,} gold; {len(gazetteer):,} terms\n\n{HEADER}")
    for number in arguments.n:
        print(one_round(train, dev, gazetteer, arguments.domain, order[:number]), flush=True)


def _is(each: Document, kind: str) -> bool:
    return not kind or each.meta.get("kind") == kind


def terms(domain: str, share: float) -> Gazetteer:
    """The shipped lists of the domain; a share of the medical ones for ``generic``."""
    return gather_terms(domain) if domain != "generic" else sample(load_shipped("medical"), share)


def queue(train: Sequence[Document], gazetteer: Gazetteer, domain: str) -> list[str]:
    """Documents in the order of the default queue, after the rules' first suggestions."""
    nlp = rule_pipeline(gazetteer, domain)
    bare = [Document(d.doc_id, d.text) for d in train]
    with TemporaryDirectory() as folder, ReviewStore.open(f"{folder}/review.sqlite3") as store:
        project = store.create_project("rounds", sorted({t.label for t in gazetteer}))
        project.add_documents(bare)
        pairs = ((d.doc_id, suggestions_from_doc(doc)) for d, doc in read_docs(nlp, bare))
        project.add_suggestions("rules", pairs)
        with project.read() as connection:
            value = Queue(project.id, project.reviewer_id("oracle")).value
            return list(connection.scalars(sa.select(document.c.doc_id).order_by(value, document.c.position)))


def one_round(
    train: Sequence[Document], dev: Sequence[Document], gazetteer: Gazetteer, domain: str, reviewed: list[str]
) -> str:
    """Retrain with the reviewed documents and score: one row."""
    chosen = set(reviewed)
    decided = {d.doc_id: Decided(d.entities or (), (), True) for d in train if d.doc_id in chosen}
    bare = [Document(d.doc_id, d.text) for d in train]
    started = time.perf_counter()
    with TemporaryDirectory() as folder:
        out = Path(folder) / "model"
        found = retrain(gazetteer, bare, decided, out, RetrainSettings(BootstrapSettings(domain)))
        seconds = time.perf_counter() - started
        scored = three_way(load_pipeline(out), Corpus.of(dev))
    assert scored is not None, "dev holds no gold"
    micro = {name: scores.micro for name, scores in scored.comparison.systems.items()}
    numbers = [f"{100 * m.precision:.1f} / {100 * m.recall:.1f} / {100 * m.f1:.1f}" for m in micro.values()]
    behind = 100 * (micro["hybrid"].f1 - max(micro["rule"].f1, micro["model"].f1))
    fusion = found.get("fusion", {}).get("settings", {"policy": "rules_first", "min_score": "bound"})
    cells = [len(chosen), *numbers, f"{behind:+.1f}", f"{fusion['policy']} {fusion['min_score']}"]
    cells += [found.get(key, "") for key in ("rule_recall", "reviewed_terms", "distrusted")]
    return f"| {' | '.join(map(str, cells))} | {seconds:.0f} |"


if __name__ == "__main__":
    main()
