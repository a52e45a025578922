"""One HTML file with tables, plots and lists of mistakes; it needs nothing else and asks for nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from hybrid_ner import __version__
from hybrid_ner.corpus.document import Document
from hybrid_ner.evaluation import Scores, compare
from hybrid_ner.evaluation.counts import Interval, System, pair_system
from hybrid_ner.io import write_text
from hybrid_ner.text import quantity


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Markup:
    """A table; plain strings are escaped."""
    head = element("tr", *(element("th", name) for name in columns))
    body = (element("tr", *(element("td", cell) for cell in row)) for row in rows)
    return element("table", element("thead", head), element("tbody", *body))


def overview_table(systems: Mapping[str, Scores]) -> Markup:
    """Precision, recall and F1 of every system, with the other ways to score."""
    first = next(iter(systems.values()))
    columns = [
        "System",
        "Gold",
        "Predicted",
        "P",
        "R",
        "F1",
        "95 % interval",
        "Macro F1",
        "Partial F1",
        "Type F1",
    ]
    if first.seen and first.unseen:
        columns += [f"Seen F1 ({first.seen.gold:,})", f"Unseen F1 ({first.unseen.gold:,})"]
    rows = (
        [
            name,
            f"{scores.micro.gold:,}",
            f"{scores.micro.predicted:,}",
            *map(_percent, (scores.micro.precision, scores.micro.recall, scores.micro.f1)),
            _interval(scores.micro_interval),
            *map(_percent, (scores.macro_f1, scores.partial.f1, scores.type_only.f1)),
            *(part.shown for part in (scores.seen, scores.unseen) if part),
        ]
        for name, scores in systems.items()
    )
    return table(columns, rows)


def label_table(systems: Mapping[str, Scores]) -> Markup:
    """Counts and scores of every label, one line a system."""
    columns = ["Label", "System", "Gold", "P", "R", "F1", "95 % interval", "tp", "fp", "fn"]
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


def contrast_table(contrasts: Sequence[compare.Contrast]) -> Markup:
    rows = (
        [
            f"{contrast.second} - {contrast.first}",
            f"{100 * contrast.difference.f1:+.2f}",
            _interval(contrast.difference.interval, "+.1f"),
            f"{contrast.difference.p_value:.3f}",
        ]
        for contrast in contrasts
    )
    return table(["Difference", "F1", "95 % interval", "p (paired bootstrap)"], rows)


def notes(systems: Mapping[str, Scores]) -> Iterator[str]:
    """What was renamed and what was not scored, for the terminal too."""
    for name, scores in systems.items():
        if scores.mapped:
            renamed = ", ".join(f"{a} → {b}" for a, b in sorted(scores.mapped.items()))
            yield f"{name}: labels scored under gold's name: {renamed}"
        if scores.out_of_scheme:
            predictions = quantity(sum(scores.out_of_scheme.values()), "prediction")
            listed = ", ".join(f"{label} {n:,}" for label, n in scores.out_of_scheme.items())
            yield f"{name}: {predictions} outside the scored labels, not scored: {listed}"
        if scores.unscored_documents:
            documents = quantity(scores.unscored_documents, "predicted document")
            yield f"{name}: {documents} not in gold, not scored"
        if scores.duplicates:
            yield f"{name}: {quantity(scores.duplicates, 'prediction')} given twice, counted once"
        if scores.on_learned:
            yield f"{name}: {scores.on_learned}"


def _percent(value: float) -> str:
    return f"{100 * value:.1f}"


def _interval(interval: Interval, form: str = ".1f") -> str:
    return f"{100 * interval.low:{form}} to {100 * interval.high:{form}}"


_SHOWN = 150


def mistake_sections(systems: Mapping[str, System], comparison: compare.Comparison) -> Iterator[Markup]:
    gold, found = element("span", "gold", class_="gold"), element("span", "predicted", class_="found")
    for name, system in systems.items():
        labels = list(comparison.systems[name].labels)
        mistakes = list(compare.find_mistakes(system.pairs, labels))
        yield element(
            "section",
            element("h2", f"Mistakes of {name} ({len(mistakes):,})"),
            element("p", "Underlined: ", gold, ". Shaded: ", found, ".", class_="note"),
            *_kinds(mistakes),
            _confusion_details(system, labels),
        )


def _kinds(mistakes: Sequence[compare.Mistake]) -> Iterator[Markup]:
    for kind in compare.MISTAKE_KINDS:
        found = [mistake for mistake in mistakes if mistake.kind == kind]
        if not found:
            continue
        shown = found[:: max(1, -(-len(found) // _SHOWN))]
        said = f"{kind}: {len(found):,}"
        if len(shown) < len(found):
            said += f" ({len(shown)} shown, evenly over the documents)"
        rows = ([m.doc_id, *(e.label if e else "" for e in (m.gold, m.predicted)), marked(m)] for m in shown)
        listed = table(["Document", "Gold", "Predicted", "Text"], rows)
        yield element("details", element("summary", said), _scroll(listed))


def marked(mistake: compare.Mistake) -> Markup:
    """The excerpt with gold underlined and the prediction shaded."""
    spans = [
        (entity.start - mistake.offset, entity.end - mistake.offset, name)
        for entity, name in ((mistake.gold, "gold"), (mistake.predicted, "found"))
        if entity is not None
    ]
    text = mistake.window
    cuts = sorted({0, len(text), *(edge for start, end, _ in spans for edge in (start, end))})
    pieces: list[str] = []
    for start, end in pairwise(cuts):
        names = " ".join(name for left, right, name in spans if left <= start and end <= right)
        piece = text[start:end]
        pieces.append(element("span", piece, class_=names) if names else piece)
    return element("span", *pieces)


def _confusion_details(system: System, labels: Sequence[str]) -> Markup:
    counts = compare.confusions(system.pairs, labels)
    names = [*labels, ""]
    rows = (
        [gold or "(none)", *(str(counts.get((gold, found), 0) or "") for found in names)] for gold in names
    )
    shown = table(["Gold ↓ predicted →", *labels, "(none)"], rows)
    said = "labels: gold against predicted, overlapping mentions"
    return element("details", element("summary", said), _scroll(shown))


_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def write_report(
    path: str | Path,
    comparison: compare.Comparison,
    gold: Iterable[Document],
    predictions: Mapping[str, Iterable[Document]],
    title: str = "Evaluation",
    forecast: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Write the report; it appears only once it is complete.

    Args:
        forecast: What a fast update foretold, as it keeps it: its learning curve is drawn.
    """
    documents = list(gold)
    systems = {
        name: pair_system(documents, predicted, comparison.systems[name].mapped, aliases=False)
        for name, predicted in predictions.items()
    }
    save_report(path, comparison, systems, title, forecast)


def save_report(
    path: str | Path,
    comparison: compare.Comparison,
    systems: Mapping[str, System],
    title: str = "Evaluation",
    forecast: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """As ``write_report``, for systems that are already paired with gold."""
    style = Path(__file__).with_name("report.css").read_text(encoding="utf-8")
    head = element(
        "head",
        Markup('<meta charset="utf-8">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'),
        Markup('<meta name="viewport" content="width=device-width">'),
        element("title", title),
        element("style", Markup(style)),
    )
    unscored = f"Not scored, no gold entity: {', '.join(comparison.empty_groups)}."
    body = element(
        "body",
        element("h1", title),
        element(
            "p",
            "Strict: exact characters and label, micro average, × 100. Partial and type: nervaluate. "
            "Intervals: 95 %, by drawing documents with replacement.",
            class_="note",
        ),
        _scores(comparison, "All documents"),
        *(_scores(group, name) for name, group in comparison.groups.items()),
        *([element("p", unscored, class_="note")] if comparison.empty_groups else []),
        *([_curve(forecast)] if forecast else []),
        *mistake_sections(systems, comparison),
        element("p", f"hybrid-ner {__version__}", class_="note"),
    )
    with write_text(Path(path)) as handle:
        handle.write("<!doctype html>\n" + element("html", head, body, lang="en") + "\n")


def _curve(forecast: Mapping[str, Any]) -> Markup:
    """F1 by number of documents learned from, and what the next ones will probably bring."""
    measured = [(float(number), 100 * f1) for number, f1 in forecast["curve"]]
    number, f1 = forecast.get("now") or forecast["curve"][-1]
    ahead = (float(number + forecast["documents"]), 100 * (f1 + forecast["gain"]))
    foreseen = dict.fromkeys([measured[-1], (float(number), 100 * f1), ahead])
    lines = {"measured on documents left out": measured, "foreseen": [*foreseen]}
    return element(
        "section",
        element("h2", "What more reviewed documents bring"),
        element("p", forecast["sentence"]),
        element("p", "Measured on reviewed documents that smaller models of others read.", class_="note"),
        line_plot(lines, "reviewed documents learned from", "F1 of the hybrid"),
    )


def _scores(comparison: compare.Comparison, title: str) -> Markup:
    names = list(comparison.systems)
    documents = next(iter(comparison.systems.values())).documents
    parts = [
        element("h2", f"{title} ({quantity(documents, 'document')})"),
        _scroll(overview_table(comparison.systems)),
        *([contrast_table(comparison.contrasts)] if comparison.contrasts else []),
        *(element("p", f"{note}.", class_="note") for note in notes(comparison.systems)),
        element("h3", "F1"),
        legend(names),
        dot_plot(_summary_rows(comparison), names, f"F1 of {', '.join(names)}, {title}"),
        element("h3", "F1 by label"),
        dot_plot(_label_rows(comparison), names, f"F1 by label of {', '.join(names)}, {title}"),
        _scroll(label_table(comparison.systems)),
    ]
    return element("section", *parts)


def _scroll(content: Markup) -> Markup:
    return element("div", content, class_="scroll")


def _summary_rows(comparison: compare.Comparison) -> list[PlotRow]:
    systems = list(comparison.systems.values())
    first = systems[0]
    micro = [Mark(s.micro.f1, s.micro_interval.low, s.micro_interval.high) for s in systems]
    rows = [PlotRow(f"all ({first.micro.gold:,})", micro)]
    if first.seen and first.unseen:
        rows.append(PlotRow(f"seen ({first.seen.gold:,})", [Mark(s.seen.f1) for s in systems if s.seen]))
        unseen = [Mark(s.unseen.f1) for s in systems if s.unseen]
        rows.append(PlotRow(f"unseen ({first.unseen.gold:,})", unseen))
    rows.append(PlotRow("partial", [Mark(s.partial.f1) for s in systems]))
    rows.append(PlotRow("type", [Mark(s.type_only.f1) for s in systems]))
    return rows


def _label_rows(comparison: compare.Comparison) -> list[PlotRow]:
    systems = list(comparison.systems.values())
    return [
        PlotRow(
            f"{label} ({score.gold:,})",
            [Mark(s.labels[label].f1, s.intervals[label].low, s.intervals[label].high) for s in systems],
        )
        for label, score in systems[0].labels.items()
    ]


# Dot plots with intervals and line plots as inline SVG, and HTML whose text is always escaped.

_HIGH, _EDGE = 320, 60


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def element(name: str, *children: str, **attributes: str | float) -> Markup:
    """An element; children that are not ``Markup`` are escaped.

    Args:
        **attributes: Attribute values, escaped; a trailing underscore of a name is dropped and inner ones
            become hyphens.
    """
    values = {key: f"{v:g}" if isinstance(v, float) else str(v) for key, v in attributes.items()}
    shown = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"' for key, value in values.items()
    )
    return Markup(f"<{name}{shown}>{join(children)}</{name}>")


def join(children: Iterable[str]) -> Markup:
    """Several pieces of markup or text as one."""
    return Markup("".join(child if isinstance(child, Markup) else escape(child) for child in children))


COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""One a system, in order; told apart by people who do not see red and green (Okabe and Ito)."""

_WIDTH, _LEFT, _RIGHT, _TOP, _LANE, _GAP, _FOOT = 760, 190, 50, 10, 15, 12, 28


@dataclass(frozen=True, slots=True)
class Mark:
    """A value between 0 and 1, with its interval when there is one."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class PlotRow:
    """A line of the plot: a name, and a mark for each system."""

    name: str
    marks: Sequence[Mark | None]


def dot_plot(rows: Sequence[PlotRow], systems: Sequence[str], title: str) -> Markup:
    """Values × 100 of every system for every row, on one axis from 0 to 100."""
    height = _TOP + sum(_row_height(row) for row in rows) + _FOOT
    parts = [element("title", title), _axis(height)]
    top = _TOP
    for row in rows:
        middle = top + _row_height(row) / 2
        parts.append(_text(_LEFT - 12, middle + 4, row.name, "end"))
        parts.extend(
            _mark(mark, number, top + _GAP / 2 + (number + 0.5) * _LANE, f"{row.name}, {systems[number]}")
            for number, mark in enumerate(row.marks)
            if mark is not None
        )
        top += _row_height(row)
    box = f"0 0 {_WIDTH} {height}"
    return element("svg", *parts, viewBox=box, width=_WIDTH, height=height, role="img", aria_label=title)


def legend(systems: Sequence[str]) -> Markup:
    """Which color and shape stands for which system."""
    entries = (
        element(
            "span",
            element("svg", _shape(number, 8, 8), width=16, height=16, aria_hidden="true"),
            f" {name}",
            class_="key",
        )
        for number, name in enumerate(systems)
    )
    return element("p", *entries, class_="legend")


def _row_height(row: PlotRow) -> int:
    return len(row.marks) * _LANE + _GAP


def _x(value: float) -> float:
    return _LEFT + value * (_WIDTH - _LEFT - _RIGHT)


def _axis(height: int) -> Markup:
    bottom = height - _FOOT
    lines = []
    for tick in range(0, 101, 20):
        x = _x(tick / 100)
        lines.append(element("line", x1=x, x2=x, y1=_TOP, y2=bottom, class_="grid"))
        lines.append(_text(x, bottom + 18, str(tick), "middle"))
    return join(lines)


def _mark(mark: Mark, number: int, y: float, name: str) -> Markup:
    said = f"{name}: {100 * mark.value:.1f}"
    parts = []
    if mark.low is not None and mark.high is not None:
        said += f" (95 %: {100 * mark.low:.1f} to {100 * mark.high:.1f})"
        ends, color = {"x1": _x(mark.low), "x2": _x(mark.high)}, COLORS[number % len(COLORS)]
        parts.append(element("line", **ends, y1=y, y2=y, stroke=color, stroke_width=2))
    shown = _text(_x(max(mark.value, mark.high or 0)) + 9, y + 4, f"{100 * mark.value:.1f}", "start")
    return element("g", element("title", said), *parts, _shape(number, _x(mark.value), y), shown)


def _shape(number: int, x: float, y: float) -> Markup:
    """Circle, square, triangle or diamond: the shape tells systems apart without color."""
    color = COLORS[number % len(COLORS)]
    kind = number % 4
    if kind == 0:
        return element("circle", cx=x, cy=y, r=4.5, fill=color)
    if kind == 1:
        return element("rect", x=x - 4, y=y - 4, width=8, height=8, fill=color)
    corners = [(0, -5.5), (5, 4), (-5, 4)] if kind == 2 else [(0, -6), (6, 0), (0, 6), (-6, 0)]
    points = " ".join(f"{x + dx:g},{y + dy:g}" for dx, dy in corners)
    return element("polygon", points=points, fill=color)


def _text(x: float, y: float, text: str, anchor: str) -> Markup:
    return element("text", text, x=x, y=y, text_anchor=anchor)


def line_plot(lines: Mapping[str, Sequence[tuple[float, float]]], across: str, up: str) -> Markup:
    """Named lines of ``(x, y)``, each axis as long as the values reach, with a legend."""
    points = np.array([point for line in lines.values() for point in line], dtype=float)
    low, high = points.min(axis=0), points.max(axis=0)
    corner, reach = np.array([_EDGE, _HIGH - _EDGE]), np.array([_WIDTH - 2 * _EDGE, 2 * _EDGE - _HIGH])
    parts = [element("title", f"{up} by {across}")]
    for number, (name, line) in enumerate(lines.items()):
        places = corner + (np.array(line) - low) / np.maximum(high - low, 1e-9) * reach
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(element("polyline", points=path, fill="none", stroke="currentColor", stroke_opacity=0.4))
        for (x, y), place in zip(line, places.tolist(), strict=True):
            said = element("title", f"{name}: {x:g}, {y:.1f}")
            parts.append(element("g", said, _shape(number, *place)))
    right, bottom = _WIDTH - _EDGE, _HIGH - _EDGE
    parts += [
        _text(_EDGE, bottom + _EDGE / 2, f"{low[0]:g}", "start"),
        _text(right, bottom + _EDGE / 2, f"{high[0]:g}", "end"),
        _text(_WIDTH / 2, bottom + _EDGE - 8, across, "middle"),
        _text(_EDGE - 12, bottom, f"{low[1]:.1f}", "end"),
        _text(_EDGE - 12, _EDGE, f"{high[1]:.1f}", "end"),
        _text(_EDGE, _EDGE / 2, up, "start"),
    ]
    box, name = f"0 0 {_WIDTH} {_HIGH}", f"{up} by {across}"
    drawn = element("svg", *parts, viewBox=box, width=_WIDTH, height=_HIGH, role="img", aria_label=name)
    return join([drawn, legend(list(lines))])
