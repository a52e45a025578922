"""Plots: one order, colour and shape a system."""

from __future__ import annotations

from typing import Any

import pytest

from hybrid_ner.ui.views.compare import (
    curve_rows,
    documents_curve,
    documents_rows,
    dot_plot,
    found_by,
    label_rows,
    learning_curve,
    verdict,
)


def score(f1: float, gold: int = 10) -> dict[str, object]:
    return {"f1": f1, "gold": gold, "f1_interval": {"low": f1 - 0.1, "high": f1 + 0.1}}


SCORES = {
    "systems": {
        "rule": {"micro": score(0.5), "per_label": {"Drug": score(0.6)}, "documents": 6},
        "hybrid": {"micro": score(0.7), "per_label": {"Drug": score(0.8)}, "documents": 6},
    }
}


def test_labels_have_their_figures_in_percent() -> None:
    rows = label_rows(SCORES, {"Drug": "Medicine"})
    assert [(r["label"], r["system"], r["f1"]) for r in rows] == [
        ("all labels (10)", "rules", 50.0),
        ("Medicine (10)", "rules", 60.0),
        ("all labels (10)", "both", 70.0),
        ("Medicine (10)", "both", 80.0),
    ]
    assert (rows[0]["low"], rows[0]["high"]) == (40.0, 60.0)


def test_few_documents_have_no_interval() -> None:
    """Two documents had 61 to 64 for all labels, and 40 to 80 for one of them."""
    few = {"systems": {name: {**found, "documents": 5} for name, found in SCORES["systems"].items()}}
    assert all(row["low"] == row["f1"] == row["high"] for row in label_rows(few))


def test_every_layer_has_the_whole_axis_and_the_same_colors() -> None:
    plot = dot_plot(label_rows(SCORES)).to_dict()
    assert [layer["encoding"]["x"]["scale"]["domain"] for layer in plot["layer"]] == [[0, 100], [0, 100]]
    colors = [layer["encoding"]["color"]["scale"] for layer in plot["layer"]]
    assert colors[0] == colors[1]
    assert colors[0]["domain"] == ["rules", "model", "both"]


def test_curve_keeps_the_order_of_rounds() -> None:
    rows = curve_rows([("r2", SCORES), ("r10", SCORES)])
    assert [(r["round"], r["system"]) for r in rows][::2] == [("r2", "rules"), ("r10", "rules")]
    assert learning_curve(rows).to_dict()["layer"][0]["encoding"]["x"]["sort"] == ["r2", "r10"]


def test_curves_of_equal_scores_can_be_told_apart() -> None:
    every = {"systems": {**SCORES["systems"], "model": SCORES["systems"]["rule"]}}
    layers = learning_curve(curve_rows([("r0", every)])).to_dict()["layer"]
    for kind, measure in (("line", "strokeWidth"), ("point", "size")):
        sizes = [layer["mark"][measure] for layer in layers if layer["mark"]["type"] == kind]
        assert len(sizes) == 3
        assert sizes == sorted(set(sizes), reverse=True)


def test_a_system_without_scores_has_no_layer() -> None:
    assert len(learning_curve(curve_rows([("r0", SCORES)])).to_dict()["layer"]) == 4


@pytest.mark.parametrize(
    ("gain", "low", "high", "documents", "said"),
    [
        (
            0.02,
            0.01,
            0.03,
            30,
            "Rules and model together are better than the rules alone. F1 of rules and model together 72.0, "
            "of the rules alone 70.0, on 74 mentions in 30 documents: the difference is +2.0 points "
            "(95 % interval +1.0 to +3.0).",
        ),
        (-0.02, -0.03, -0.01, 30, "Rules and model together are worse than the rules alone"),
        # Two documents that agree: chance does that every second time.
        (-0.02, -0.03, -0.01, 2, "It is too early to tell whether rules and model together are better than"),
        (0.02, -0.01, 0.03, 30, "It is too early to tell whether rules and model together are better than"),
        (0.0, 0.0, 0.0, 30, "answer as the rules alone do. F1 70.0 on 74 mentions in 30 documents."),
        (0.0, 0.0, 0.0, 3, "F1 70.0 on 74 mentions in 3 documents: too few to tell how they do on others."),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_the_verdict_is_one_plain_sentence(
    gain: float, low: float, high: float, documents: int, said: str, turned: bool
) -> None:
    systems = {
        name: {"micro": {"f1": f1, "gold": 74}, "documents": documents}
        for name, f1 in (("rule", 0.7), ("model", 0.5), ("hybrid", 0.7 + gain))
    }
    row: dict[str, Any] = {
        "first": "rule",
        "second": "hybrid",
        "f1": gain,
        "interval": {"low": low, "high": high},
    }
    if turned:
        row = {"first": "hybrid", "second": "rule", "f1": -gain, "interval": {"low": -high, "high": -low}}
    assert said in " ".join(verdict({"systems": systems, "contrasts": [row]}))
    assert verdict({"systems": systems}) == ("", "")


def test_curve_over_documents_goes_on_as_foreseen() -> None:
    forecast = {"documents": 10, "gain": 0.021, "curve": [[8, 0.55], [16, 0.6]], "sentence": "…"}
    rows = documents_rows(forecast)
    assert [(r["documents"], r["f1"], r["what"]) for r in rows] == [
        (8, 55.0, "measured"),
        (16, 60.0, "measured"),
        (16, 60.0, "foreseen"),
        (26, 62.1, "foreseen"),
    ]
    assert documents_curve(rows).to_dict()["layer"]
    # Judged are models of a part of the documents; the next ones come on top of all of them.
    rows = documents_rows(forecast | {"now": (32, 0.65)})
    assert [(r["documents"], r["f1"]) for r in rows[2:]] == [(16, 60.0), (32, 65.0), (42, 67.1)]
    assert documents_rows({}) == []


def test_votes_are_told_without_their_scores() -> None:
    assert (
        found_by("gazetteer Heart drug 1.00, my_rules Heart 0.81")
        == "term lists: Heart drug, my rules: Heart"
    )
    assert found_by("") == ""
