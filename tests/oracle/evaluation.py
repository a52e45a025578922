"""Slow, obvious scores."""

from __future__ import annotations

from collections.abc import Sequence

from hybrid_ner.evaluation.counts import Pair


def strict_counts(pairs: Sequence[Pair], label: str) -> tuple[int, int, int]:
    """True positives, false positives and false negatives of one label, mention by mention."""
    tp = fp = fn = 0
    for pair in pairs:
        gold = {(e.start, e.end) for e in pair.entities if e.label == label}
        found = {(e.start, e.end) for e in pair.predicted if e.label == label}
        for span in found:
            if span in gold:
                tp += 1
            else:
                fp += 1
        for span in gold:
            fn += span not in found
    return tp, fp, fn
