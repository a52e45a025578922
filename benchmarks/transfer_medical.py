"""The medical rules away from the abstracts they were written on: what they touch, and what they find.

Purpose: other kinds of text beside the two tuned corpora, each cut into a part that rule authors read and
parts that they did not. On abstracts about genes (jnlpba) a chemical or disease that touches a protein,
DNA, RNA or cell line is an error; on case reports (maccrobat) Medication is scored as Chemical, and
Disease_disorder and Sign_symptom as Disease; BC5CDR and NCBI must not fall. Strict spans of the shipped
default, rules alone::

    python benchmarks/transfer_medical.py [--data ../shared/data] [--save FILE] [--against FILE]

``--save`` keeps the figures, ``--against`` prints them beside the new ones (before → after).
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ladder import Part, label, read_part

from hybrid_ner.domains.medical.sources import medical_sources
from hybrid_ner.sources import aggregate
from hybrid_ner.terms.shipped import load_shipped

MAPPED = {"Medication": "Chemical", "Disease_disorder": "Disease", "Sign_symptom": "Disease"}
GENES = frozenset({"protein", "DNA", "RNA", "cell_line"})
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
Figures = dict[str, float]


def cut(part: Part, name: str, start: int, end: int | None = None) -> Part:
    """Some records of a part."""
    return Part(name, part.docs[start:end], part.gold[start:end])


def parts(data: Path) -> Iterator[Part]:
    """Every part: what was read by rule authors says so in its name."""
    yield read_part(data / "bc5cdr" / "dev.jsonl", "bc5cdr dev (read)")
    yield read_part(data / "ncbi_disease" / "dev.jsonl", "ncbi dev (read)")
    train = read_part(data / "jnlpba" / "train.jsonl", "")
    yield cut(train, "jnlpba train 1-350 (read)", 0, 350)
    yield cut(train, "jnlpba train 351-700", 350)
    yield read_part(data / "jnlpba" / "dev.jsonl", "jnlpba dev")
    yield cut(train, "jnlpba train 1-500", 0, 500)
    train = read_part(data / "maccrobat" / "train.jsonl", "")
    yield cut(train, "maccrobat train 1-60 (read)", 0, 60)
    yield cut(train, "maccrobat train 61-120", 60)
    yield read_part(data / "maccrobat" / "dev.jsonl", "maccrobat dev")


def measure(part: Part, names: Sequence[str]) -> Figures:
    """Figures of one part, by name."""
    predicted = [
        {(v.match.start, v.match.end, v.match.label) for v in aggregate(doc, names)} for doc in part.docs
    ]
    return _touching(part, predicted) if "protein" in part.labels else _found(part, predicted)


def _touching(part: Part, predicted: list[set[tuple[int, int, str]]]) -> Figures:
    counts: Counter[str] = Counter()
    for spans, gold in zip(predicted, part.gold, strict=True):
        for start, end, name in spans:
            counts[name] += 1
            counts[f"{name} touching"] += any(s < end and start < e and kind in GENES for s, e, kind in gold)
    return {name: counts[name] for name in ("Chemical", "Chemical touching", "Disease", "Disease touching")}


def _found(part: Part, predicted: list[set[tuple[int, int, str]]]) -> Figures:
    right, given, wanted, hit = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for spans, gold in zip(predicted, part.gold, strict=True):
        mapped = {(s, e, MAPPED.get(name, name)): name for s, e, name in gold}
        labels = {"Chemical", "Disease"} & {MAPPED.get(name, name) for name in part.labels}
        kept = {span for span in spans if span[2] in labels}
        for span in kept:
            given[span[2]] += 1
            right[span[2]] += span in mapped
        for span, name in mapped.items():
            if span[2] in labels:
                wanted[span[2]] += 1
                wanted[name] += name in MAPPED
                hit[name] += name in MAPPED and span in kept
    figures = {"F1": _f1(right.total(), given.total(), wanted["Chemical"] + wanted["Disease"])}
    figures |= {f"{name} F1": _f1(right[name], given[name], wanted[name]) for name in sorted(given)}
    figures |= {f"{name} recall": 100 * hit[name] / wanted[name] for name in MAPPED if wanted[name]}
    precision = 100 * right.total() / max(given.total(), 1)
    return {"precision": precision, **figures}


def _f1(right: int, given: int, wanted: int) -> float:
    return 200 * right / (given + wanted) if right else 0.0


def table(figures: Mapping[str, Figures], before: Mapping[str, Figures]) -> str:
    """One line a part."""
    lines = []
    for name, found in figures.items():
        earlier = before.get(name, {})
        cells = [
            f"{key} {earlier[key]:.5g} → {value:.5g}" if key in earlier else f"{key} {value:.5g}"
            for key, value in found.items()
        ]
        lines.append(f"{name}: {', '.join(cells)}")
    return "\n".join(lines)


def main() -> None:
    """Measure every part and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=SHARED, help="folder with one folder a corpus")
    parser.add_argument("--save", type=Path, help="keep the figures in this file")
    parser.add_argument("--against", type=Path, help="figures of an earlier run")
    arguments = parser.parse_args()
    sources = medical_sources(load_shipped("medical", parents=False))
    names = [source.name for source in sources]
    figures: dict[str, Figures] = {}
    for part in parts(arguments.data):
        label(part, sources)
        figures[part.name] = measure(part, names)
    before = json.loads(arguments.against.read_text(encoding="utf-8")) if arguments.against else {}
    print(table(figures, before))
    if arguments.save:
        arguments.save.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
