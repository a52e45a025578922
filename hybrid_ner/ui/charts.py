"""Plots of the Compare page: one order, one colour and one shape a system, everywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

__all__ = ["COLORS", "SYSTEMS", "curve_rows", "dot_plot", "label_rows", "learning_curve"]

SYSTEMS = ("rule", "model", "hybrid")
COLORS = ("#0072b2", "#d55e00", "#009e73")
SHAPES = ("square", "triangle-up", "circle")
CURVE_WIDTHS = (5, 3, 1.5)
CURVE_SIZES = (260, 130, 60)


def label_rows(scores: Mapping[str, Any]) -> list[dict[str, Any]]:
    """F1 × 100 with its interval, for all labels together and for each."""
    rows = []
    for system in SYSTEMS:
        found = scores["systems"].get(system)
        if found is None:
            continue
        for label, part in (("all", found["micro"]), *found["per_label"].items()):
            low_high = part["f1_interval"]
            figures = {"f1": part["f1"], "low": low_high["low"], "high": low_high["high"]}
            shown = {name: round(100 * value, 1) for name, value in figures.items()}
            rows.append({"label": f"{label} ({part['gold']:,})", "system": system, **shown})
    return rows


def _encodings() -> dict[str, Any]:
    return {
        "color": alt.Color("system:N", sort=list(SYSTEMS), title=None).scale(
            domain=list(SYSTEMS), range=list(COLORS)
        ),
        "shape": alt.Shape("system:N", sort=list(SYSTEMS), title=None).scale(
            domain=list(SYSTEMS), range=list(SHAPES)
        ),
    }


def dot_plot(rows: Sequence[Mapping[str, Any]]) -> alt.LayerChart:
    """F1 by label: a mark and its 95 % interval for every system."""
    labels = list(dict.fromkeys(row["label"] for row in rows))
    base = alt.Chart(alt.Data(values=list(rows))).encode(
        y=alt.Y("label:N", sort=labels, title=None, axis=alt.Axis(labelLimit=220)),
        yOffset=alt.YOffset("system:N", sort=list(SYSTEMS)),
    )
    domain = alt.Scale(domain=[0, 100])
    tooltip = ["label:N", "system:N", "f1:Q", "low:Q", "high:Q"]
    color = _encodings()["color"]
    lines = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", scale=domain, title="F1 × 100, with 95 % interval"), x2="high:Q", color=color
    )
    marks = base.mark_point(size=80, filled=True, opacity=1).encode(
        x=alt.X("f1:Q", scale=domain), tooltip=tooltip, **_encodings()
    )
    return alt.layer(lines, marks).properties(height=alt.Step(17))


def curve_rows(rounds: Sequence[tuple[str, Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """F1 × 100 of each system, round by round."""
    rows = []
    for order, (name, scores) in enumerate(rounds):
        for system in SYSTEMS:
            found = scores["systems"].get(system)
            if found is not None:
                f1 = round(100 * found["micro"]["f1"], 1)
                rows.append({"round": name, "order": order, "system": system, "f1": f1})
    return rows


def learning_curve(rows: Sequence[Mapping[str, Any]]) -> alt.LayerChart:
    """F1 of each system over the rounds."""
    names = list(dict.fromkeys(row["round"] for row in rows))
    base = alt.Chart(alt.Data(values=list(rows))).encode(
        x=alt.X("round:N", sort=names, title="round", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("f1:Q", scale=alt.Scale(domain=[0, 100]), title="F1 × 100"),
    )
    layers: list[alt.Chart] = []
    for system, width, size in zip(SYSTEMS, CURVE_WIDTHS, CURVE_SIZES, strict=True):
        # Equal scores lie on each other: what is drawn first is larger, so that it still shows.
        one = base.transform_filter(alt.datum.system == system)
        layers += (
            one.mark_line(strokeWidth=width).encode(color=_encodings()["color"]),
            one.mark_point(size=size, filled=True, opacity=1).encode(
                tooltip=["round:N", "system:N", "f1:Q"], **_encodings()
            ),
        )
    return alt.layer(*layers).properties(height=260)
