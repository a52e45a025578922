"""The legal rules step by step, and label by label.

Purpose: show what every labeling source is worth on annotated judgments, captions and filings, and that
a change of a list or rule does not cost elsewhere. Strict span and label F1, micro-averaged over the labels
that the part annotates; the gold count stands beside every figure. Judgment sentences and captions of
InLegalNER are scored apart, each on its own labels. The lists were written with the train and dev parts in
sight; nothing was fitted to them, and one shipped default serves all parts::

    python benchmarks/ladder_legal.py [--data ../shared/data] [--part dev] [--without] [--output FILE]

``--without`` also measures the full stack with each source left out in turn.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spacy.tokens import Doc

from hybrid_ner.labels import label_mapping
from hybrid_ner.pipeline.tokenizer import blank
from hybrid_ner.terms.shipped import load_shipped
from hybrid_ner.weak.aggregate import aggregate
from hybrid_ner.weak.legal import LegalSettings, legal_sources
from hybrid_ner.weak.source import LabelingSource, write_matches

PARTS = (
    ("judgments", "inlegalner", "judgement"),
    ("captions", "inlegalner", "preamble"),
    ("filings", "ener", ""),
)
UNREACHED = {"MISCELLANEOUS"}
"""Gold labels without a native counterpart: counted in "all labels", left out of "native labels"."""

Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one system on one part."""

    right: int
    predicted: int
    gold: int

    @property
    def cell(self) -> str:
        """Precision / recall / F1."""
        precision = self.right / self.predicted if self.predicted else 0.0
        recall = self.right / self.gold if self.gold else 0.0
        f1 = 2 * precision * recall / (precision + recall) if self.right else 0.0
        return f"{100 * precision:.1f} / {100 * recall:.1f} / **{100 * f1:.1f}**"


@dataclass(frozen=True, slots=True)
class Part:
    """Documents with their gold spans."""

    name: str
    docs: list[Doc]
    gold: list[set[Span]]

    @property
    def labels(self) -> set[str]:
        """Labels that the part annotates."""
        return {label for spans in self.gold for _, _, label in spans}

    def score(self, names: Sequence[str]) -> dict[str, Score]:
        """Label → score, "all labels" and "native labels" of the aggregated votes of some sources."""
        right: Counter[str] = Counter()
        predicted: Counter[str] = Counter()
        inventory, mapping = self.labels, dict[str, str]()
        for doc, gold in zip(self.docs, self.gold, strict=True):
            votes = [vote.match for vote in aggregate(doc, names)]
            mapping |= label_mapping({m.label for m in votes} - mapping.keys(), inventory)
            named = ((m.start, m.end, mapping.get(m.label, m.label)) for m in votes)
            spans = {span for span in named if span[2] in inventory}
            right.update(label for _, _, label in spans & gold)
            predicted.update(label for _, _, label in spans)
        counts = Counter(label for spans in self.gold for _, _, label in spans)
        scores = {label: Score(right[label], predicted[label], counts[label]) for label in sorted(counts)}
        scores["all labels"] = total(scores.values())
        scores["native labels"] = total(s for label, s in scores.items() if label in inventory - UNREACHED)
        return scores


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    shared = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=shared, help="folder with one folder a corpus")
    parser.add_argument("--part", default="dev", choices=("train", "dev"))
    parser.add_argument("--without", action="store_true", help="also leave out each source in turn")
    parser.add_argument("--output", type=Path, help="write the tables to this file as well")
    arguments = parser.parse_args()
    parts = [read_part(arguments.data / c / f"{arguments.part}.jsonl", name, kind) for name, c, kind in PARTS]
    title = f"Legal rules, {arguments.part} parts: precision / recall / F1, strict"
    text = f"{title}\n\n{ladder(parts, arguments.without)}"
    print(text)
    if arguments.output:
        command = (
            f"python benchmarks/ladder_legal.py --part {arguments.part}" + " --without" * arguments.without
        )
        arguments.output.write_text(f"Written by `{command}`.\n\n{text}\n", encoding="utf-8")


def read_part(path: Path, name: str, kind: str) -> Part:
    """Read the records of one kind from a corpus in the JSON Lines form."""
    nlp = blank()
    records: list[dict[str, Any]] = [json.loads(row) for row in path.read_text(encoding="utf-8").splitlines()]
    records = [record for record in records if not kind or record["meta"].get("kind") == kind]
    gold = [{(e["start"], e["end"], e["label"]) for e in record["entities"]} for record in records]
    return Part(name, [nlp.make_doc(record["text"]) for record in records], gold)


def ladder(parts: list[Part], without: bool) -> str:
    """The table of steps, the table of labels, and the table of left-out sources when asked for."""
    sources = legal_sources(load_shipped("legal", parents=False))
    seconds = [label(part, sources) for part in parts]
    names = [source.name for source in sources]
    rows = [(names[0], [part.score(names[:1])["all labels"] for part in parts])]
    for count in range(2, len(names) + 1):
        rows.append((f"+ {names[count - 1]}", [part.score(names[:count])["all labels"] for part in parts]))
    lines = ["Step by step, all labels of the part", "", header(parts), *(row(*r) for r in rows), ""]
    for part in parts:
        lines += [
            f"By label: {part.name}",
            "",
            "| label | gold | right | wrong | P / R / F1 |",
            "|---|---|---|---|---|",
        ]
        lines += [*label_rows(part.score(names)), ""]
    lines.append(speed(parts, seconds, len(sources)))
    if without:
        lines += ["", "All sources but one, all labels", "", header(parts)]
        lines += [row(f"without {name}", left(parts, name)) for name in names]
    return "\n".join(lines)


def left(parts: list[Part], name: str) -> list[Score]:
    """The full stack without one source; the others do not read its votes."""
    sources = legal_sources(load_shipped("legal", parents=False), LegalSettings(skip=(name,)))
    for part in parts:
        for doc in part.docs:
            doc.spans.clear()
        label(part, sources)
    return [part.score([source.name for source in sources])["all labels"] for part in parts]


def label(part: Part, sources: Sequence[LabelingSource]) -> float:
    """Run the sources over every document; the seconds it took."""
    begin = time.perf_counter()
    for doc in part.docs:
        for source in sources:
            write_matches(doc, source.name, source(doc))
    return time.perf_counter() - begin


def total(scores: Iterable[Score]) -> Score:
    """The sum of counts."""
    counts = [(s.right, s.predicted, s.gold) for s in scores]
    return Score(*(sum(column) for column in zip(*counts, strict=True)))


def header(parts: list[Part]) -> str:
    """First two lines of a table with one column a part."""
    titles = [f"{part.name} ({sum(map(len, part.gold)):,} gold)" for part in parts]
    return f"| step | {' | '.join(titles)} |\n|---{'|---' * len(parts)}|"


def row(title: str, scores: list[Score]) -> str:
    """One line of a table."""
    return f"| {title} | {' | '.join(score.cell for score in scores)} |"


def label_rows(scores: dict[str, Score]) -> Iterator[str]:
    """One line a label."""
    for name, score in scores.items():
        yield f"| {name} | {score.gold} | {score.right} | {score.predicted - score.right} | {score.cell} |"


def speed(parts: list[Part], seconds: list[float], count: int) -> str:
    """Characters a second of all sources together."""
    rates = (sum(len(d.text) for d in p.docs) / s for p, s in zip(parts, seconds, strict=True))
    named = ", ".join(f"{p.name} {rate:,.0f}" for p, rate in zip(parts, rates, strict=True))
    return f"Characters a second, one core, {count} sources: {named}."


if __name__ == "__main__":
    main()
