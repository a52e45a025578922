"""Dot plots with intervals and line plots as inline SVG, and HTML whose text is always escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

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
