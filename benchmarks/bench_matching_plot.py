"""The growth plot: speed and memory against the number of terms and against the length of a document."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["write_plot"]

_WIDTH, _HEIGHT, _LEFT, _TOP = 300, 220, 60, 40
_COLORS = ["#1b6ca8", "#d1495b", "#3a7d44", "#8d5a97", "#e08e2b", "#555555", "#00798c", "#a44a3f", "#b59a00"]
Points = list[tuple[float, float]]


def write_plot(rows: Sequence[Mapping[str, Any]]) -> str:
    """SVG with four panels, both axes logarithmic."""
    speed: dict[str, Points] = {}
    memory: dict[str, Points] = {}
    length: dict[str, Points] = {}
    peak: dict[str, Points] = {}
    for row in rows:
        if "lengths" in row:
            name = row["engine"].removeprefix("lengths of ")
            length[name] = [(float(k), v) for k, v in row["lengths"].items()]
            peak[name] = [(float(k), max(v, 0.1)) for k, v in row["peaks"].items()]
        elif "medical" in row:
            speed.setdefault(row["engine"], []).append((row["terms"], row["medical"]))
            memory.setdefault(row["engine"], []).append((row["terms"], max(row["memory"], 0.1)))
    names = list(speed)
    panels = [
        _panel(0, "MB/s by terms (stock caches)", speed, names),
        _panel(1, "memory, MB, by terms", memory, names),
        _panel(2, "MB/s by characters of one document", length, names),
        _panel(3, "peak memory, MB, by characters", peak, names),
    ]
    legend = [
        f'<text x="{_LEFT + 150 * (n % 9)}" y="{_TOP + _HEIGHT + 60 + 18 * (n // 9)}" '
        f'fill="{_color(names, name)}">{name}</text>'
        for n, name in enumerate(names)
    ]
    width, height = 4 * (_WIDTH + _LEFT) + 40, _TOP + _HEIGHT + 90
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="12">'
    )
    return "\n".join(
        [head, f'<rect width="{width}" height="{height}" fill="white"/>', *panels, *legend, "</svg>\n"]
    )


def _color(names: Sequence[str], name: str) -> str:
    return _COLORS[names.index(name) % len(_COLORS)] if name in names else _COLORS[0]


def _panel(place: int, title: str, series: Mapping[str, Points], names: Sequence[str]) -> str:
    left = _LEFT + place * (_WIDTH + _LEFT)
    points = [point for row in series.values() for point in row]
    if not points:
        return ""
    x_from, x_to = _decades([x for x, _ in points])
    y_from, y_to = _decades([y for _, y in points])

    def at(x: float, y: float) -> tuple[float, float]:
        across = (math.log10(x) - x_from) / (x_to - x_from)
        up = (math.log10(y) - y_from) / (y_to - y_from)
        return left + across * _WIDTH, _TOP + (1 - up) * _HEIGHT

    parts = [f'<text x="{left}" y="{_TOP - 14}" font-weight="bold">{title}</text>']
    for power in range(x_from, x_to + 1):
        x, y = at(10**power, 10**y_from)
        parts.append(f'<line x1="{x}" y1="{_TOP}" x2="{x}" y2="{y}" stroke="#ddd"/>')
        parts.append(f'<text x="{x}" y="{y + 16}" text-anchor="middle">{_short(power)}</text>')
    for power in range(y_from, y_to + 1):
        x, y = at(10**x_from, 10**power)
        parts.append(f'<line x1="{x}" y1="{y}" x2="{left + _WIDTH}" y2="{y}" stroke="#ddd"/>')
        parts.append(f'<text x="{x - 6}" y="{y + 4}" text-anchor="end">{_short(power)}</text>')
    for name, row in series.items():
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*point) for point in sorted(row)))
        parts.append(
            f'<polyline points="{line}" fill="none" stroke="{_color(names, name)}" stroke-width="2"/>'
        )
        parts += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{_color(names, name)}"/>'
            for x, y in (at(*point) for point in row)
        ]
    return "\n".join(parts)


def _decades(values: Sequence[float]) -> tuple[int, int]:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def _short(power: int) -> str:
    value = 10.0**power
    return f"{value / 1e6:g}M" if value >= 1e6 else f"{value / 1e3:g}k" if value >= 1e3 else f"{value:g}"
