"""What words learned from raw text add to a small term list, by rules alone.

Purpose: decide where word expansion (``hybrid_ner/training/expansion.py``) is on by default, and show what it
costs. A user's small list is simulated by a random share of the shipped medical concepts, all terms of one
together, seed 0. The domain is ``generic``: no medical rule takes part. The text is that of the train part,
whose gold is not read; the words are the shipped ones. Strict span and label F1 with the gold count::

    python benchmarks/expand.py [--data ../shared/data] [--part dev] [--domain generic] [--output FILE]

``--shares 1`` takes the full shipped lists, ``--words none`` the project's text alone, ``--raw`` adds about a
million tokens of raw abstracts and the text of dev (transductive).
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hybrid_ner.domains.registry import DomainSettings
from hybrid_ner.matching import fold
from hybrid_ner.matching.edits import everyday_words
from hybrid_ner.pipeline import rule_pipeline
from hybrid_ner.terms import Gazetteer
from hybrid_ner.terms.shipped import load_shipped
from hybrid_ner.training.expansion import Expansion, ExpansionSettings, expand
from hybrid_ner.words import other_words, resolve_words

RAW = ("case_report_abstracts", "pmc_abstracts")
RAW_CHARACTERS = 3_000_000
"""Characters read from each raw file: about half a million tokens."""

Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Gold:
    """Documents and their annotated spans."""

    texts: list[str]
    spans: list[set[Span]]

    @property
    def surfaces(self) -> set[str]:
        """Every annotated surface, folded."""
        rows = zip(self.texts, self.spans, strict=True)
        return {fold(text[start:end]) for text, spans in rows for start, end, _ in spans}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    shared = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=shared, help="folder with one folder a corpus")
    parser.add_argument("--corpus", default="bc5cdr")
    parser.add_argument("--part", default="dev", choices=("train", "dev"), help="gold that is scored")
    parser.add_argument("--domain", default="generic", help="whose rules run beside the words")
    parser.add_argument("--shares", type=float, nargs="+", default=[0.03, 0.1], help="parts of the concepts")
    parser.add_argument("--words", default="auto", help="word vectors to start from, or none")
    parser.add_argument("--raw", action="store_true", help="more text: abstracts, and the text of dev")
    parser.add_argument("--min-score", type=float, default=ExpansionSettings().min_score)
    parser.add_argument("--output", type=Path, help="write the table to this file as well")
    arguments = parser.parse_args()
    gold = {part: read_gold(arguments.data / arguments.corpus / f"{part}.jsonl") for part in ("train", "dev")}
    texts = gold["train"].texts
    if arguments.raw:
        texts = [*texts, *gold["dev"].texts]
        for name in RAW:
            texts += read_raw(arguments.data / "raw_medical" / f"{name}.jsonl.gz")
    words = resolve_words(arguments.words, texts)
    table = [header(arguments.corpus, arguments.part, gold[arguments.part])]
    full = load_shipped("medical")
    annotated = gold["train"].surfaces | gold["dev"].surfaces
    for share in arguments.shares:
        gazetteer = sample(full, share)
        started = time.perf_counter()
        settings = ExpansionSettings(min_score=arguments.min_score)
        found = expand(texts, gazetteer, settings, everyday_words(), words, other_words(words))
        seconds = time.perf_counter() - started
        for learned in (Expansion(), found):
            score = evaluate(gazetteer, arguments.domain, learned, gold[arguments.part])
            table.append(row(share, gazetteer, learned, score, annotated, seconds))
    print("\n".join(table))
    if arguments.output:
        arguments.output.write_text("\n".join(table) + "\n", encoding="utf-8")


def read_gold(path: Path) -> Gold:
    """A corpus in the JSON Lines form."""
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    spans = [{(e["start"], e["end"], e["label"]) for e in record["entities"]} for record in records]
    return Gold([record["text"] for record in records], spans)


def read_raw(path: Path) -> list[str]:
    """The first raw texts of a file, up to the number of characters."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return list(_first(json.loads(line)["text"] for line in lines))


def _first(texts: Iterator[str]) -> Iterator[str]:
    read = 0
    for text in texts:
        yield text
        read += len(text)
        if read >= RAW_CHARACTERS:
            return


def sample(gazetteer: Gazetteer, share: float) -> Gazetteer:
    """All terms of a random share of the concepts."""
    concepts = sorted({term.concept_id or term.text for term in gazetteer})
    kept = set(random.Random(0).sample(concepts, round(share * len(concepts))))
    return gazetteer.filter(lambda term: (term.concept_id or term.text) in kept)


def evaluate(gazetteer: Gazetteer, domain: str, learned: Expansion, gold: Gold) -> tuple[int, int, int]:
    """Right, predicted and annotated spans of the rules, over the labels that the corpus annotates."""
    nlp = rule_pipeline(gazetteer, domain, DomainSettings(learned=learned.accepted))
    labels = {label for spans in gold.spans for _, _, label in spans}
    right = predicted = 0
    for doc, spans in zip(nlp.pipe(gold.texts), gold.spans, strict=True):
        found = {(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents if ent.label_ in labels}
        right, predicted = right + len(found & spans), predicted + len(found)
    return right, predicted, sum(map(len, gold.spans))


def header(corpus: str, part: str, gold: Gold) -> str:
    """Head of the table."""
    count = sum(map(len, gold.spans))
    return (
        f"| {corpus} {part}, {count:,} gold | terms | known words in the text | words learned "
        "| of them annotated | seconds | P / R / F1 |\n|---|---|---|---|---|---|---|"
    )


def row(
    share: float,
    gazetteer: Gazetteer,
    learned: Expansion,
    score: Sequence[int],
    annotated: set[str],
    seconds: float,
) -> str:
    """One line of the table."""
    right, predicted, count = score
    precision, recall, f1 = right / max(1, predicted), right / count, 2 * right / (predicted + count)
    numbers = f"{100 * precision:.1f} / {100 * recall:.1f} / **{100 * f1:.2f}**"
    title = f"{share:.0%} of the concepts"
    if not learned.accepted:
        return f"| {title}, without | {len(gazetteer):,} | | | | | {numbers} |"
    known = ", ".join(f"{name} {number}" for name, number in learned.known.items())
    gold = sum(item.word in annotated for item in learned.accepted)
    words = f"{len(learned.accepted):,}"
    return (
        f"| {title}, with | {len(gazetteer):,} | {known} | {words} | {gold:,} | {seconds:.0f} | {numbers} |"
    )


if __name__ == "__main__":
    main()
