"""The legal rules step by step, and label by label.

Purpose: show what every labeling source is worth on annotated judgments, captions and filings, and that
a change of a list or rule does not cost elsewhere. Strict span and label F1, micro-averaged over the labels
that the part annotates; the gold count stands beside every figure. Judgment sentences and captions of
InLegalNER are scored apart, each on its own labels. The lists were written with the train and dev parts in
sight; nothing was fitted to them, and one shipped default serves all parts::

    python benchmarks/ladder_legal.py [--data ../shared/data] [--part dev] [--without] [--output FILE]

``--without`` also measures the full stack with each source left out in turn. ``--part train --half read`` and
``--half unread`` print the labels of either half of the train documents: of the one, errors were read to
write rules; of the other, no text was looked at since. ``--documents`` says how much of the gap between these
halves of the filings single documents carry, by their counts alone.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ladder import Part, Score, command_line, forget, header, label, read_part, row

from hybrid_ner.corpus.cleaning import label_mapping
from hybrid_ner.domains.legal.sources import legal_sources
from hybrid_ner.sources import aggregate
from hybrid_ner.terms.shipped import load_shipped

PARTS = (
    ("judgments", "inlegalner", "judgement"),
    ("captions", "inlegalner", "preamble"),
    ("filings", "ener", ""),
)
UNREACHED = {"MISCELLANEOUS"}
"""Gold labels without a native counterpart: counted in "all labels", left out of "native labels"."""

DIGITS = 1


def by_label(part: Part, names: Sequence[str], of: Iterable[str] = ()) -> dict[str, Score]:
    """Label → score, "all labels" and "native labels" of the aggregated votes of some sources.

    Args:
        part: Documents with gold.
        names: Sources.
        of: Labels that count beside those of the part.
    """
    right: Counter[str] = Counter()
    predicted: Counter[str] = Counter()
    inventory, mapping = part.labels | set(of), dict[str, str]()
    for doc, gold in zip(part.docs, part.gold, strict=True):
        votes = [vote.match for vote in aggregate(doc, names)]
        mapping |= label_mapping({m.label for m in votes} - mapping.keys(), inventory)
        named = ((m.start, m.end, mapping.get(m.label, m.label)) for m in votes)
        spans = {span for span in named if span[2] in inventory}
        right.update(label for _, _, label in spans & gold)
        predicted.update(label for _, _, label in spans)
    counts = Counter(label for spans in part.gold for _, _, label in spans)
    every = sorted(counts.keys() | predicted.keys())
    scores = {label: Score(right[label], predicted[label], counts[label]) for label in every}
    scores["all labels"] = total(scores.values())
    scores["native labels"] = total(s for label, s in scores.items() if label in inventory - UNREACHED)
    return scores


def score(part: Part, names: Sequence[str]) -> Score:
    """The score over all labels."""
    return by_label(part, names)["all labels"]


def tables(arguments: argparse.Namespace) -> str:
    """The tables that the command line asks for."""
    if arguments.documents:
        return "\n".join(documents(*(_counts(arguments, half) for half in ("read", "unread"))))
    file, half = f"{arguments.part}.jsonl", arguments.half
    parts = [read_part(arguments.data / c / file, name, kind, half) for name, c, kind in PARTS]
    of = f"{arguments.part} parts, {half} half" if half else f"{arguments.part} parts"
    title = f"Legal rules, {of}: precision / recall / F1, strict"
    return f"{title}\n\n{labels(parts) if half else ladder(parts, arguments.without)}"


SPLITS = 20_000
"""Random splits of the documents that the gap between the halves is compared with."""


def _counts(arguments: argparse.Namespace, half: str) -> list[Score]:
    """The score of every document of one half of the filings."""
    name, corpus, kind = PARTS[2]
    part = read_part(arguments.data / corpus / "train.jsonl", name, kind, half)
    sources = legal_sources(load_shipped("legal", parents=False))
    label(part, sources)
    names = [source.name for source in sources]
    each = (Part(name, [doc], [gold]) for doc, gold in zip(part.docs, part.gold, strict=True))
    return [by_label(one, names, part.labels)["all labels"] for one in each]


def _f1(scores: Iterable[Score]) -> float:
    whole = total(scores)
    return 200 * whole.right / (whole.predicted + whole.gold)


def documents(read: list[Score], unread: list[Score]) -> Iterator[str]:
    """The gap between the halves, without the document that weighs most in each, and under random splits."""
    gap = _f1(read) - _f1(unread)
    of_each = (f"{len(half)} documents {_f1(half):.1f}" for half in (read, unread))
    yield f"read and unread: {', '.join(of_each)}; gap {gap:.1f}"
    for name, half in (("read", read), ("unread", unread)):
        missed = [score.gold - score.right for score in half]
        most = missed.index(max(missed))
        without = _f1([*half[:most], *half[most + 1 :]])
        share = f"{missed[most]} of {sum(missed)} missed spans"
        yield f"{name}: one document has {share}; F1 without it {without:.1f}"
    every, size, rng = [*read, *unread], len(read), random.Random(0)
    splits = (rng.sample(every, len(every)) for _ in range(SPLITS))
    gaps = [_f1(split[:size]) - _f1(split[size:]) for split in splits]
    wider = sum(abs(other) >= abs(gap) for other in gaps) / SPLITS
    yield f"{100 * wider:.0f} % of {SPLITS:,} random splits into {size} and {len(unread)} have a gap as wide"


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
    every = legal_sources(load_shipped("legal", parents=False))
    sources = [source for source in every if source.name != name]
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
