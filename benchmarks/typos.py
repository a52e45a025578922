"""Near matches in the pipeline: what they find in misspelled mentions, and what they cost on clean text.

Purpose: the defaults of ``fuzzy``. In copies of annotated documents one random edit (a letter dropped,
doubled, replaced, or two neighbors swapped) is put into about a quarter of the mentions; rules alone then
read the text as it was and the text with edits, without near matches and with ``label``. Gold is read for
planting and scoring alone.

    python benchmarks/typos.py --data DATA [--corpus bc5cdr] [--documents 100] [--skip 0] [--errors]

DATA holds ``bc5cdr`` and the others, each with ``dev.jsonl``.
"""

from __future__ import annotations

import argparse
import random
import string
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from spacy.language import Language

from hybrid_ner.corpus import Document, Entity, read_corpus
from hybrid_ner.pipeline import rule_pipeline
from hybrid_ner.terms import Gazetteer
from hybrid_ner.terms.shipped import load_shipped
from hybrid_ner.training.predict import predict

SHARE = 0.25
LEAST = 5
"""Characters of a mention that gets an edit: shorter ones are other words then."""
MODES = ("off", "label")


def edited(mention: str, chance: random.Random) -> str:
    """The mention with one edit at a letter that is not its first."""
    places = [at for at in range(1, len(mention)) if mention[at].isalpha()]
    if not places:
        return mention
    at = chance.choice(places)
    kind = chance.choice(("drop", "double", "replace", "swap"))
    if kind == "drop":
        return mention[:at] + mention[at + 1 :]
    if kind == "double":
        return mention[:at] + mention[at] + mention[at:]
    if kind == "swap" and at + 1 < len(mention) and mention[at + 1].isalpha():
        return mention[:at] + mention[at + 1] + mention[at] + mention[at + 2 :]
    return mention[:at] + chance.choice(string.ascii_lowercase) + mention[at + 1 :]


def with_typos(document: Document, chance: random.Random) -> tuple[Document, int]:
    """A copy with edits in some of its mentions, and their number."""
    parts: list[str] = []
    entities: list[Entity] = []
    done = length = edits = 0
    for entity in sorted(document.entities or (), key=lambda e: (e.start, -e.end)):
        if entity.start < done:
            continue
        mention = document.text[entity.start : entity.end]
        now = edited(mention, chance) if len(mention) >= LEAST and chance.random() < SHARE else mention
        edits += now != mention
        parts += [document.text[done : entity.start], now]
        length += entity.start - done
        entities.append(Entity(length, length + len(now), entity.label, entity.concept_id))
        length += len(now)
        done = entity.end
    parts.append(document.text[done:])
    return Document(document.doc_id, "".join(parts), tuple(entities), document.meta), edits


def f1(nlp: Language, documents: Sequence[Document]) -> tuple[float, float, float]:
    """Strict precision, recall and F1 in percent, over all mentions."""
    hit = said = there = 0
    labels = {e.label for d in documents for e in d.entities or ()}  # NCBI has diseases alone
    for gold, found in zip(documents, predict(nlp, documents, "rule"), strict=True):
        right, given = spans(gold), {s for s in spans(found) if s[2] in labels}
        hit, said, there = hit + len(right & given), said + len(given), there + len(right)
    precision, recall = hit / max(1, said), hit / max(1, there)
    return 100 * precision, 100 * recall, 200 * precision * recall / max(1e-9, precision + recall)


def spans(document: Document) -> set[tuple[int, int, str]]:
    """Places and labels."""
    return {(e.start, e.end, e.label) for e in document.entities or ()}


def changed(before: Language, after: Language, documents: Sequence[Document]) -> Iterable[str]:
    """What near matches add and take on a text, with whether gold has it."""
    pairs = zip(predict(before, documents, "rule"), predict(after, documents, "rule"), documents, strict=True)
    for old, new, gold in pairs:
        for sign, places in (("+", spans(new) - spans(old)), ("-", spans(old) - spans(new))):
            for start, end, label in sorted(places):
                mark = "right" if (start, end, label) in spans(gold) else "wrong"
                around = gold.text[max(0, start - 30) : end + 20]
                yield f"{sign} {mark} {label} {gold.text[start:end]!r} in {around!r}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--corpus", default="bc5cdr")
    parser.add_argument("--domain", default="medical")
    parser.add_argument("--documents", type=int, default=100)
    parser.add_argument("--skip", type=int, default=0, help="Documents passed over first.")
    parser.add_argument("--threshold", type=float, default=0.0)
    parser.add_argument("--errors", action="store_true", help="List what near matches change on clean text.")
    given = parser.parse_args()
    everything = read_corpus(given.data / given.corpus / "dev.jsonl")
    clean = list(islice(everything, given.skip, given.skip + given.documents))
    chance = random.Random(13)
    pairs = [with_typos(document, chance) for document in clean]
    typos, edits = [document for document, _ in pairs], sum(count for _, count in pairs)
    mentions = sum(len(document.entities or ()) for document in typos)
    print(f"{len(clean)} documents, {edits} of {mentions} mentions with an edit")
    gazetteer: Gazetteer = load_shipped(given.domain)
    pipelines = {mode: rule_pipeline(gazetteer, given.domain, fuzzy=mode) for mode in MODES}
    for mode, nlp in pipelines.items():
        for name, documents in (("typos", typos), ("clean", clean)):
            scores = " ".join(f"{value:5.1f}" for value in f1(nlp, documents))
            print(f"fuzzy={mode:6} {name:6} P R F1 {scores}")
    if given.errors:
        print("\n".join(changed(pipelines["off"], pipelines["label"], clean)))


if __name__ == "__main__":
    main()
