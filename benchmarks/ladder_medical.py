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
from collections.abc import Sequence

from ladder import Part, Score, command_line, forget, header, label, read_part, row

from hybrid_ner.domains.medical.sources import medical_sources
from hybrid_ner.sources import LabelingSource, aggregate
from hybrid_ner.terms import Gazetteer
from hybrid_ner.terms.shipped import load_shipped

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
            "common_diseases",
            "clinical_abbreviations",
        ),
    ),
)

DIGITS = 2


def score(part: Part, names: Sequence[str]) -> Score:
    """The aggregated votes of some sources against the gold spans."""
    right = predicted = 0
    for doc, gold in zip(part.docs, part.gold, strict=True):
        votes = (vote.match for vote in aggregate(doc, names))
        spans = {(m.start, m.end, m.label) for m in votes if m.label in part.labels}
        right, predicted = right + len(spans & gold), predicted + len(spans)
    return Score(right, predicted, sum(map(len, part.gold)))


def tables(arguments: argparse.Namespace) -> str:
    """The tables that the command line asks for."""
    parts = [read_part(arguments.data / name / f"{arguments.part}.jsonl", name) for name in CORPORA]
    title = f"Medical rules, {arguments.part} parts: precision / recall / F1, strict"
    return f"{title}\n\n{ladder(parts, arguments.without)}"


def ladder(parts: list[Part], without: bool) -> str:
    """The table of steps, and the table of left-out sources when asked for."""
    packs, rows = list(GAZETTEER_STEPS[0][1]), []
    rows.append((GAZETTEER_STEPS[0][0], steps(parts, load_shipped("medical", packs, parents=False))))
    full = load_shipped("medical", parents=False)
    sources = medical_sources(full)
    seconds = [label(part, sources) for part in parts]
    names = [source.name for source in sources]
    rows.append((GAZETTEER_STEPS[1][0], [score(part, names[:1]) for part in parts]))
    for count in range(2, len(names) + 1):
        rows.append((f"+ {names[count - 1]}", [score(part, names[:count]) for part in parts]))
    lines = [
        header(parts),
        *(row(title, scores, DIGITS) for title, scores in rows),
        "",
        speed(parts, seconds, full),
    ]
    if without:
        left_out = [(f"without {name}", left(parts, sources, name)) for name in names]
        lines += ["", header(parts), *(row(title, scores, DIGITS) for title, scores in left_out)]
    return "\n".join(lines)


def steps(parts: list[Part], gazetteer: Gazetteer) -> list[Score]:
    """The gazetteer alone."""
    source = medical_sources(gazetteer)[0]
    for part in parts:
        label(part, [source])
    return [score(part, [source.name]) for part in parts]


def left(parts: list[Part], sources: Sequence[LabelingSource], name: str) -> list[Score]:
    """The full stack without one source; the others do not read its votes."""
    sources = [source for source in sources if source.name != name]
    forget(parts)
    for part in parts:
        label(part, sources)
    return [score(part, [source.name for source in sources]) for part in parts]


def speed(parts: list[Part], seconds: list[float], gazetteer: Gazetteer) -> str:
    """How long the full stack took."""
    each = ", ".join(
        f"{part.name} {len(part.docs)} documents in {taken:.1f} s"
        for part, taken in zip(parts, seconds, strict=True)
    )
    return f"{len(gazetteer)} terms; full stack: {each}."


if __name__ == "__main__":
    command_line(__doc__ or "", tables)
