"""The tables of the HTML report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from hybrid_ner.evaluation.bootstrap import Interval
from hybrid_ner.evaluation.compare import Contrast
from hybrid_ner.evaluation.html import Markup, element
from hybrid_ner.evaluation.scores import Scores
from hybrid_ner.text import quantity

__all__ = ["contrast_table", "label_table", "notes", "overview_table", "table"]


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Markup:
    """A table; plain strings are escaped."""
    head = element("tr", *(element("th", name) for name in columns))
    body = (element("tr", *(element("td", cell) for cell in row)) for row in rows)
    return element("table", element("thead", head), element("tbody", *body))


def overview_table(systems: Mapping[str, Scores]) -> Markup:
    """Precision, recall and F1 of every system, with the other ways to score."""
    first = next(iter(systems.values()))
    columns = ["System", "Gold", "Predicted", "P", "R", "F1", "95 %", "Macro F1", "Partial F1", "Type F1"]
    if first.seen and first.unseen:
        columns += [f"Seen F1 ({first.seen.gold:,})", f"Unseen F1 ({first.unseen.gold:,})"]
    return table(columns, (_overview_row(name, scores) for name, scores in systems.items()))


def _overview_row(name: str, scores: Scores) -> list[str]:
    micro = scores.micro
    return [
        name,
        f"{micro.gold:,}",
        f"{micro.predicted:,}",
        *map(_percent, (micro.precision, micro.recall, micro.f1)),
        _interval(scores.micro_interval),
        *map(_percent, (scores.macro_f1, scores.partial.f1, scores.type_only.f1)),
        *(_percent(part.f1) for part in (scores.seen, scores.unseen) if part),
    ]


def label_table(systems: Mapping[str, Scores]) -> Markup:
    """Counts and scores of every label, one line a system."""
    columns = ["Label", "System", "Gold", "P", "R", "F1", "95 %", "tp", "fp", "fn"]
    rows = (
        [
            label,
            name,
            f"{score.gold:,}",
            *map(_percent, (score.precision, score.recall, score.f1)),
            _interval(scores.intervals[label]),
            *map(str, (score.tp, score.fp, score.fn)),
        ]
        for label in next(iter(systems.values())).labels
        for name, scores in systems.items()
        for score in (scores.labels[label],)
    )
    return table(columns, rows)


def contrast_table(contrasts: Sequence[Contrast]) -> Markup:
    """Differences between systems."""
    rows = (
        [
            f"{contrast.second} - {contrast.first}",
            f"{100 * contrast.difference.f1:+.2f}",
            _interval(contrast.difference.interval, "+.1f"),
            f"{contrast.difference.p_value:.3f}",
        ]
        for contrast in contrasts
    )
    return table(["Difference", "F1", "95 %", "p (paired bootstrap)"], rows)


def notes(systems: Mapping[str, Scores]) -> Iterator[str]:
    """What was renamed and what was not scored."""
    for name, scores in systems.items():
        if scores.mapped:
            renamed = ", ".join(f"{a} → {b}" for a, b in sorted(scores.mapped.items()))
            yield f"{name}: labels scored under gold's name: {renamed}."
        if scores.out_of_scheme:
            listed = ", ".join(f"{label} {n:,}" for label, n in scores.out_of_scheme.items())
            yield f"{name}: predictions outside the scored labels, not scored: {listed}."
        if scores.unscored_documents:
            documents = quantity(scores.unscored_documents, "predicted document")
            yield f"{name}: {documents} not in gold, not scored."
        if scores.duplicates:
            yield f"{name}: {quantity(scores.duplicates, 'prediction')} given twice, counted once."


def _percent(value: float) -> str:
    return f"{100 * value:.1f}"


def _interval(interval: Interval, form: str = ".1f") -> str:
    return f"{100 * interval.low:{form}} to {100 * interval.high:{form}}"
