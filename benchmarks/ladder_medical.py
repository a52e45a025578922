"""The medical rules step by step: how much each labeling source adds.

Purpose: show what every rule is worth on annotated abstracts and that a change of a list or rule does not
cost elsewhere. Strict span and label F1, micro-averaged over the labels that the corpus annotates, official
dev parts, the gold count beside every figure, one shipped default for both corpora. The lists were
written with the train and dev parts in sight; nothing was fitted to them::

    python benchmarks/ladder_medical.py [--data ../shared/data] [--part dev] [--without] [--output FILE]

``--without`` also measures the full stack with each source left out in turn.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from spacy.tokens import Doc

from hybrid_ner.pipeline.tokenizer import blank
from hybrid_ner.terms import Gazetteer
from hybrid_ner.terms.shipped import load_shipped
from hybrid_ner.weak.aggregate import aggregate
from hybrid_ner.weak.medical import MedicalSettings, medical_sources
from hybrid_ner.weak.source import LabelingSource, write_matches

CORPORA = ("bc5cdr", "ncbi_disease")
GAZETTEER_STEPS = (
    ("MeSH descriptors and the two name lists", ("mesh_chemicals", "mesh_diseases", "drugs", "diseases")),
    (
        "+ Disease Ontology, supplementary records, written names",
        (
            "doid",
            "mesh_disease_supplements",
            "mesh_chemical_supplements",
            "common_names",
            "clinical_abbreviations",
        ),
    ),
)

Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one system on one corpus."""

    right: int
    predicted: int
    gold: int

    @property
    def cell(self) -> str:
        """Precision / recall / F1."""
        precision = self.right / self.predicted if self.predicted else 0.0
        recall = self.right / self.gold if self.gold else 0.0
        f1 = 2 * precision * recall / (precision + recall) if self.right else 0.0
        return f"{100 * precision:.1f} / {100 * recall:.1f} / **{100 * f1:.2f}**"


@dataclass(frozen=True, slots=True)
class Part:
    """Documents of a corpus with their gold spans."""

    name: str
    docs: list[Doc]
    gold: list[set[Span]]

    @property
    def labels(self) -> set[str]:
        """Labels that the corpus annotates."""
        return {label for spans in self.gold for _, _, label in spans}

    def score(self, names: Sequence[str]) -> Score:
        """The aggregated votes of some sources against the gold spans."""
        right = predicted = 0
        for doc, gold in zip(self.docs, self.gold, strict=True):
            votes = (vote.match for vote in aggregate(doc, names))
            spans = {(m.start, m.end, m.label) for m in votes if m.label in self.labels}
            right, predicted = right + len(spans & gold), predicted + len(spans)
        return Score(right, predicted, sum(map(len, self.gold)))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    shared = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=shared, help="folder with one folder a corpus")
    parser.add_argument("--part", default="dev", choices=("train", "dev"))
    parser.add_argument("--without", action="store_true", help="also leave out each source in turn")
    parser.add_argument("--output", type=Path, help="write the tables to this file as well")
    arguments = parser.parse_args()
    parts = [read_part(arguments.data / name / f"{arguments.part}.jsonl", name) for name in CORPORA]
    text = ladder(parts, arguments.without)
    print(text)
    if arguments.output:
        arguments.output.write_text(text + "\n", encoding="utf-8")


def read_part(path: Path, name: str) -> Part:
    """Read a corpus in the JSON Lines form."""
    nlp = blank()
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    gold = [{(e["start"], e["end"], e["label"]) for e in record["entities"]} for record in records]
    return Part(name, [nlp.make_doc(record["text"]) for record in records], gold)


def ladder(parts: list[Part], without: bool) -> str:
    """The table of steps, and the table of left-out sources when asked for."""
    packs, rows = list(GAZETTEER_STEPS[0][1]), []
    rows.append((GAZETTEER_STEPS[0][0], steps(parts, load_shipped("medical", packs, parents=False))))
    full = load_shipped("medical", parents=False)
    sources = medical_sources(full, MedicalSettings.shipped())
    seconds = [label(part, sources) for part in parts]
    names = [source.name for source in sources]
    rows.append((GAZETTEER_STEPS[1][0], [part.score(names[:1]) for part in parts]))
    for count in range(2, len(names) + 1):
        rows.append((f"+ {names[count - 1]}", [part.score(names[:count]) for part in parts]))
    lines = [header(parts), *(row(title, scores) for title, scores in rows), "", speed(parts, seconds, full)]
    if without:
        left_out = [(f"without {name}", left(parts, sources, name)) for name in names]
        lines += ["", header(parts), *(row(title, scores) for title, scores in left_out)]
    return "\n".join(lines)


def steps(parts: list[Part], gazetteer: Gazetteer) -> list[Score]:
    """The gazetteer alone."""
    source = medical_sources(gazetteer, MedicalSettings.shipped())[0]
    for part in parts:
        label(part, [source])
    return [part.score([source.name]) for part in parts]


def left(parts: list[Part], sources: Sequence[LabelingSource], name: str) -> list[Score]:
    """The full stack without one source; the others do not read its votes."""
    sources = [source for source in sources if source.name != name]
    for part in parts:
        for doc in part.docs:
            doc.spans.clear()
        label(part, sources)
    return [part.score([source.name for source in sources]) for part in parts]


def label(part: Part, sources: Sequence[LabelingSource]) -> float:
    """Run the sources over every document; the seconds it took."""
    start = time.perf_counter()
    for doc in part.docs:
        for source in sources:
            write_matches(doc, source.name, source(doc))
    return time.perf_counter() - start


def header(parts: list[Part]) -> str:
    """Head of a table, with the gold counts."""
    cells = " | ".join(f"{part.name} ({sum(map(len, part.gold))} gold) P / R / F1" for part in parts)
    return f"| step | {cells} |\n|---|" + "---|" * len(parts)


def row(title: str, scores: list[Score]) -> str:
    """One line of a table."""
    return f"| {title} | " + " | ".join(score.cell for score in scores) + " |"


def speed(parts: list[Part], seconds: list[float], gazetteer: Gazetteer) -> str:
    """How long the full stack took."""
    each = ", ".join(
        f"{part.name} {len(part.docs)} documents in {taken:.1f} s"
        for part, taken in zip(parts, seconds, strict=True)
    )
    return f"{len(gazetteer)} terms; full stack: {each}."


if __name__ == "__main__":
    main()
