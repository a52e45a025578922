"""The legal rules step by step, and label by label.

Purpose: show what every labeling source is worth on annotated judgments, captions and filings, and that
a change of a list or rule does not cost elsewhere. Strict span and label F1, micro-averaged over the labels
that the part annotates; the gold count stands beside every figure. Judgment sentences and captions of
InLegalNER are scored apart, each on its own labels. The lists were written with the train and dev parts in
sight; nothing was fitted to them, and one shipped default serves all parts::

    python benchmarks/ladder_legal.py [--data ../shared/data] [--part dev] [--without] [--output FILE]

``--without`` also measures the full stack with each source left out in turn. ``--part train --half read`` and
``--half unread`` print the labels of either half of the train documents: of the one, errors were read to
write rules; of the other, no text was looked at since.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ladder import Part, Score, command_line, forget, header, label, read_part, row

from hybrid_ner.corpus.cleaning import label_mapping
from hybrid_ner.domains.legal.sources import LegalSettings, legal_sources
from hybrid_ner.sources.base import aggregate
from hybrid_ner.terms.shipped import load_shipped

PARTS = (
    ("judgments", "inlegalner", "judgement"),
    ("captions", "inlegalner", "preamble"),
    ("filings", "ener", ""),
)
UNREACHED = {"MISCELLANEOUS"}
"""Gold labels without a native counterpart: counted in "all labels", left out of "native labels"."""

DIGITS = 1


def by_label(part: Part, names: Sequence[str]) -> dict[str, Score]:
    """Label → score, "all labels" and "native labels" of the aggregated votes of some sources."""
    right: Counter[str] = Counter()
    predicted: Counter[str] = Counter()
    inventory, mapping = part.labels, dict[str, str]()
    for doc, gold in zip(part.docs, part.gold, strict=True):
        votes = [vote.match for vote in aggregate(doc, names)]
        mapping |= label_mapping({m.label for m in votes} - mapping.keys(), inventory)
        named = ((m.start, m.end, mapping.get(m.label, m.label)) for m in votes)
        spans = {span for span in named if span[2] in inventory}
        right.update(label for _, _, label in spans & gold)
        predicted.update(label for _, _, label in spans)
    counts = Counter(label for spans in part.gold for _, _, label in spans)
    scores = {label: Score(right[label], predicted[label], counts[label]) for label in sorted(counts)}
    scores["all labels"] = total(scores.values())
    scores["native labels"] = total(s for label, s in scores.items() if label in inventory - UNREACHED)
    return scores


def score(part: Part, names: Sequence[str]) -> Score:
    """The score over all labels."""
    return by_label(part, names)["all labels"]


def tables(arguments: argparse.Namespace) -> str:
    """The tables that the command line asks for."""
    file, half = f"{arguments.part}.jsonl", arguments.half
    parts = [read_part(arguments.data / c / file, name, kind, half) for name, c, kind in PARTS]
    of = f"{arguments.part} parts, {half} half" if half else f"{arguments.part} parts"
    title = f"Legal rules, {of}: precision / recall / F1, strict"
    return f"{title}\n\n{labels(parts) if half else ladder(parts, arguments.without)}"


def labels(parts: list[Part]) -> str:
    """The tables of labels alone."""
    sources = legal_sources(load_shipped("legal", parents=False))
    for part in parts:
        label(part, sources)
    names = [source.name for source in sources]
    return "\n".join(line for part in parts for line in label_table(part, names))


def label_table(part: Part, names: Sequence[str]) -> Iterator[str]:
    """The table of one part by label."""
    yield from (
        f"By label: {part.name}",
        "",
        "| label | gold | right | wrong | P / R / F1 |",
        "|---|---|---|---|---|",
    )
    yield from (*label_rows(by_label(part, names)), "")


def ladder(parts: list[Part], without: bool) -> str:
    """The table of steps, the table of labels, and the table of left-out sources when asked for."""
    sources = legal_sources(load_shipped("legal", parents=False))
    seconds = [label(part, sources) for part in parts]
    names = [source.name for source in sources]
    rows = [(names[0], [score(part, names[:1]) for part in parts])]
    for count in range(2, len(names) + 1):
        rows.append((f"+ {names[count - 1]}", [score(part, names[:count]) for part in parts]))
    lines = ["Step by step, all labels of the part", "", header(parts), *(row(*r, DIGITS) for r in rows), ""]
    for part in parts:
        lines += label_table(part, names)
    lines.append(speed(parts, seconds, len(sources)))
    if without:
        lines += ["", "All sources but one, all labels", "", header(parts)]
        lines += [row(f"without {name}", left(parts, name), DIGITS) for name in names]
    return "\n".join(lines)


def left(parts: list[Part], name: str) -> list[Score]:
    """The full stack without one source; the others do not read its votes."""
    sources = legal_sources(load_shipped("legal", parents=False), LegalSettings(skip=(name,)))
    forget(parts)
    for part in parts:
        label(part, sources)
    return [score(part, [source.name for source in sources]) for part in parts]


def total(scores: Iterable[Score]) -> Score:
    """The sum of counts."""
    counts = [(s.right, s.predicted, s.gold) for s in scores]
    return Score(*(sum(column) for column in zip(*counts, strict=True)))


def label_rows(scores: dict[str, Score]) -> Iterator[str]:
    """One line a label."""
    for name, score in scores.items():
        counts = f"{score.gold} | {score.right} | {score.predicted - score.right}"
        yield f"| {name} | {counts} | {score.cell(DIGITS)} |"


def speed(parts: list[Part], seconds: list[float], count: int) -> str:
    """Characters a second of all sources together."""
    rates = (sum(len(d.text) for d in p.docs) / s for p, s in zip(parts, seconds, strict=True))
    named = ", ".join(f"{p.name} {rate:,.0f}" for p, rate in zip(parts, rates, strict=True))
    return f"Characters a second, one core, {count} sources: {named}."


if __name__ == "__main__":
    command_line(__doc__ or "", tables, halves=True)
