"""Compare: did rules, model or hybrid get better, where, and what do they still disagree on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import altair as alt
import streamlit as st

from hybrid_ner.evaluation.counts import SIGNIFICANT, enough, least_p
from hybrid_ner.review.commands.models import in_words
from hybrid_ner.review.rounds.model_runs import kept_disagreements
from hybrid_ner.review.store import lookups
from hybrid_ner.review.store.labels import HIDDEN
from hybrid_ner.text import quantity
from hybrid_ner.training.registry import ModelRecord
from hybrid_ner.ui.frame import cells, chosen_row, model_name, open_document, plain, sentence
from hybrid_ner.ui.state import Here
from hybrid_ner.ui.views.models import watch

SYSTEMS = ("rule", "model", "hybrid")
SAID = {"rule": "rules", "model": "model", "hybrid": "both"}
"""How a plot calls them."""
COLORS = ("#0072b2", "#d55e00", "#009e73")
SHAPES = ("square", "triangle-up", "circle")
CURVE_WIDTHS = (5, 3, 1.5)
CURVE_SIZES = (260, 130, 60)


def _systems(scores: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The systems that were scored, in their order."""
    return ((system, scores["systems"][system]) for system in SYSTEMS if system in scores["systems"])


def label_rows(scores: Mapping[str, Any], names: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """F1 × 100 with its interval, for all labels together and for each, as they are called.

    Of a few documents none is told: two that agree by chance would look like certainty.
    """
    names = {"all": "all labels", **(names or {})}
    rows = []
    for system, found in _systems(scores):
        for label, part in (("all", found["micro"]), *found["per_label"].items()):
            low_high = part["f1_interval"] if enough(found["documents"]) else {}
            figures = {"f1": part["f1"], **{end: low_high.get(end, part["f1"]) for end in ("low", "high")}}
            shown = {name: round(100 * value, 1) for name, value in figures.items()}
            named = f"{names.get(label, label)} ({part['gold']:,})"
            rows.append({"label": named, "system": SAID[system], **shown})
    return rows


def verdict(scores: Mapping[str, Any]) -> tuple[str, str]:
    """In one sentence whether rules and model together beat the rules alone, and its figures.

    Both are empty without a model.
    """
    systems = scores["systems"]
    found = [
        each for each in scores.get("contrasts", ()) if {each["first"], each["second"]} == {"rule", "hybrid"}
    ]
    if not {"hybrid", "model"} <= set(systems) or not found:
        return "", ""
    sign = 1 if found[0]["second"] == "hybrid" else -1
    gain = sign * found[0]["f1"]
    low, high = sorted(sign * found[0]["interval"][end] for end in ("low", "high"))
    hybrid, rules = (f"{100 * systems[name]['micro']['f1']:.1f}" for name in ("hybrid", "rule"))
    gold = systems["hybrid"]["micro"]["gold"], systems["hybrid"]["documents"]
    on = f"{quantity(gold[0], 'mention')} in {quantity(gold[1], 'document')}"
    # Drawn from few documents, samples are much the same: a small interval would say "sure".
    interval = f" (95 % interval {100 * low:+.1f} to {100 * high:+.1f})"
    chance = interval if enough(gold[1]) else " and may be chance"
    figures = (
        f"F1 of rules and model together {hybrid}, of the rules alone {rules}, on {on}: "
        f"the difference is {100 * gain:+.1f} points{chance}."
    )
    if gain == low == high == 0:
        few = "" if enough(gold[1]) else ": too few to tell how they do on others"
        return "Rules and model together answer as the rules alone do.", f"F1 {hybrid} on {on}{few}."
    clear = max(found[0].get("p_value", 0.0), least_p(gold[1])) < SIGNIFICANT
    if clear and (low > 0 or high < 0):
        how = "better" if low > 0 else "worse"
        return f"Rules and model together are {how} than the rules alone.", figures
    return (
        "It is too early to tell whether rules and model together are better than the rules alone: "
        f"only {on} {'is' if gold[0] == 1 else 'are'} kept apart to test them.",
        figures,
    )


def _encodings() -> dict[str, Any]:
    systems = list(SAID.values())
    color, shape = (kind("system:N", sort=systems, title=None) for kind in (alt.Color, alt.Shape))
    return {
        "color": color.scale(domain=systems, range=list(COLORS)),
        "shape": shape.scale(domain=systems, range=list(SHAPES)),
    }


def dot_plot(rows: Sequence[Mapping[str, Any]]) -> alt.LayerChart:
    """F1 by label: a mark for every system, and its 95 % interval where there is one."""
    title = "F1 × 100" + (", with 95 % interval" if any(row["low"] < row["high"] for row in rows) else "")
    labels = list(dict.fromkeys(row["label"] for row in rows))
    base = alt.Chart(alt.Data(values=list(rows))).encode(
        y=alt.Y("label:N", sort=labels, title=None, axis=alt.Axis(labelLimit=220)),
        yOffset=alt.YOffset("system:N", sort=list(SAID.values())),
    )
    domain = alt.Scale(domain=[0, 100])
    names = {"f1:Q": "F1 × 100", "low:Q": "95 % interval from", "high:Q": "to"}
    tooltip = ["label:N", "system:N", *(alt.Tooltip(each, title=name) for each, name in names.items())]
    color = _encodings()["color"]
    lines = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", scale=domain, title=title), x2="high:Q", color=color
    )
    marks = base.mark_point(size=80, filled=True, opacity=1).encode(
        x=alt.X("f1:Q", scale=domain), tooltip=tooltip, **_encodings()
    )
    return alt.layer(lines, marks).properties(height=alt.Step(17))


def curve_rows(rounds: Sequence[tuple[str, Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """F1 × 100 of each system, round by round."""
    return [
        {"round": name, "order": order, "system": SAID[system], "f1": round(100 * found["micro"]["f1"], 1)}
        for order, (name, scores) in enumerate(rounds)
        for system, found in _systems(scores)
    ]


def learning_curve(rows: Sequence[Mapping[str, Any]]) -> alt.LayerChart:
    """F1 of each system over the rounds."""
    names = list(dict.fromkeys(row["round"] for row in rows))
    base = alt.Chart(alt.Data(values=list(rows))).encode(
        x=alt.X("round:N", sort=names, title=None, axis=alt.Axis(labelAngle=0)),
        y=alt.Y("f1:Q", scale=alt.Scale(domain=[0, 100]), title="F1 × 100"),
    )
    layers: list[alt.Chart] = []
    drawn = {row["system"] for row in rows}
    for system, width, size in zip(SAID.values(), CURVE_WIDTHS, CURVE_SIZES, strict=True):
        if system not in drawn:
            continue  # A layer without a mark is a picture without a name for those who hear it read.
        # Equal scores lie on each other: what is drawn first is larger, so that it still shows.
        one = base.transform_filter(alt.datum.system == system)
        layers += (
            one.mark_line(strokeWidth=width).encode(color=_encodings()["color"]),
            one.mark_point(size=size, filled=True, opacity=1).encode(
                tooltip=["round:N", "system:N", "f1:Q"], **_encodings()
            ),
        )
    return alt.layer(*layers).properties(height=260)


def documents_rows(forecast: Mapping[str, Any]) -> list[dict[str, Any]]:
    """F1 × 100 by documents learned from, as measured on others, and as foreseen for the next ones."""
    rows = [
        {"documents": number, "f1": round(100 * f1, 1), "what": "measured"}
        for number, f1 in forecast.get("curve", ())
    ]
    if not rows:
        return []
    number, f1 = forecast.get("now") or forecast["curve"][-1]
    foreseen = (
        *forecast["curve"][-1:],
        (number, f1),
        (number + forecast["documents"], f1 + forecast["gain"]),
    )
    more = dict.fromkeys((n, round(100 * each, 1)) for n, each in foreseen)
    return [*rows, *({"documents": n, "f1": each, "what": "foreseen"} for n, each in more)]


_LEAST_HEIGHT = 10.0
"""Points of F1 that the curve shows at least."""


def documents_curve(rows: Sequence[Mapping[str, Any]]) -> alt.LayerChart:
    """F1 of the hybrid over the number of documents; what is foreseen is dashed."""
    found = [row["f1"] for row in rows]
    # Not so near that a tenth of a point looks like a leap.
    low = max(0.0, min(*found, max(found) - _LEAST_HEIGHT))
    domain = [low, min(100.0, max(*found, low + _LEAST_HEIGHT))]
    base = alt.Chart(alt.Data(values=list(rows))).encode(
        x=alt.X("documents:Q", title="reviewed documents learned from", axis=alt.Axis(tickMinStep=1)),
        y=alt.Y("f1:Q", scale=alt.Scale(domain=domain), title="F1 × 100, both"),
        strokeDash=alt.StrokeDash("what:N", sort=["measured", "foreseen"], title=None),
    )
    marks = base.mark_point(size=80, filled=True, opacity=1).encode(
        tooltip=["documents:Q", "f1:Q", "what:N"],
        shape=alt.Shape("what:N", sort=["measured", "foreseen"], title=None),
    )
    return alt.layer(base.mark_line(strokeWidth=2), marks).properties(height=200)


NAMES = {"rule": "Rules alone", "model": "Model alone", "hybrid": "Rules and model together"}


def page(here: Here) -> None:
    """One run of the page."""
    records = here.models.registry.records()
    scored = [record for record in records if record.scores]
    learned_ones = [record for record in records if record.pipeline is not None]
    if scored:
        above = _scores(here, scored)
    else:
        _before(here, learned_ones)
        above = [here.models.current()]
    _disagreements(here, above, trained=bool(learned_ones))
    if learned := here.models.learned():
        with st.expander("What the last training found out"):
            for line in learned:
                st.caption(plain(sentence(in_words(line))))


def kept_apart(newest: ModelRecord | None, reviewed: int) -> str:
    """Why there are no scores yet: how many reviewed documents are kept apart for them."""
    said = (
        "See the scores here: about one reviewed document in five, chosen by its text, is kept apart for them"
    )
    if newest is None:
        return f"{said}, so there must be several"
    apart = newest.meta["gold_documents"]
    if not apart:
        return f"{said}; of your {reviewed:,} none was so far"
    return f"{said}; of your {reviewed:,} so far {apart:,}, too few or without a mention"


def _before(here: Here, learned_ones: Sequence[ModelRecord]) -> None:
    """Before the first scores: what will stand here, the next step, and what is known till then."""
    now = lookups.standing(here.session.project)
    running = here.models.job.is_running()
    newest = learned_ones[-1] if learned_ones else None
    st.header("Nothing to compare yet")
    st.write(
        "This page will say how much of what you marked the rules find, how much a model that learned from "
        "you finds, and how much both find together: for each label, model by model."
    )
    steps = (
        (f"Review documents to the end ({now.reviewed:,} of {now.documents:,} so far)", now.reviewed > 0),
        ("Let a model learn from them, which takes seconds to a minute", running or newest is not None),
        (kept_apart(newest, now.reviewed), False),
    )
    # Where all are reviewed, others are the only way to more.
    more, page_of = (
        ("Review documents", "review") if now.reviewed < now.documents else ("Add documents", "queue")
    )
    # Learning once more from the same decisions would change nothing.
    learn = now.reviewed > 0 and here.models.finished_since(here.session.project) > 0
    with st.container(border=True):
        for number, (said, done) in enumerate(steps, 1):
            st.text(f"{'✓' if done else f'{number}.'} {said}")
        with st.container(horizontal=True):
            if st.button(more, type="secondary" if learn else "primary"):
                st.switch_page(st.session_state["pages"][page_of])
            if learn and st.button("Learn from these decisions", type="primary", disabled=running):
                here.handle("update")
                st.switch_page(st.session_state["pages"]["models"])
    watch(here, st.container() if running else None, running=running)

    if newest is not None:
        fused = newest.meta["counts"].get("fusion") or {}
        if said := fused.get("sentence", ""):
            st.text(f"Till then, on reviewed documents left out in turn: {said}.")
        _over_documents(newest)


def _scores(here: Here, scored: list[ModelRecord]) -> list[str]:
    """Scores of a model, beside those of another if one is chosen; the models that are shown."""
    names = [record.model_id for record in scored]
    current = here.models.current()
    start = names.index(current) if current in names else len(names) - 1
    with st.container(horizontal=True, vertical_alignment="bottom"):
        named = partial(_named, here, current)
        chosen = st.selectbox("Scores of", names, start, format_func=named, width=340)
        others = ["none", *[name for name in names if name != chosen]]
        other = st.selectbox("Compare with", others, len(others) - 1, format_func=named, width=340)
    record = scored[names.index(chosen)]
    before = scored[names.index(other)] if other != "none" else None
    assert record.scores is not None
    said, figures = verdict(record.scores)
    if said:
        st.markdown(f"**{said}**")
        st.caption(plain(figures))
    old = here.models.scores_beside(record, before.model_id) if before else None
    _cards(record.scores, old, model_name(here, before.model_id, short=True) if before else "")
    if before and old is None:
        st.caption("The two were tested on different documents: what is between their scores says nothing.")
    st.caption(
        "Precision: how many of the marked terms are right. Recall: how many of the right terms were marked. "
        "F1 joins both; 100 is perfect. The interval, told from six documents on, says how far chance may "
        "move F1. Mentions: the places marked in the documents that were kept apart for this."
    )
    if "model" not in record.scores["systems"]:
        st.caption(
            "These are the rules alone: nothing was learned yet, so rules and model together equal them."
        )
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.header("By label")
        st.altair_chart(dot_plot(label_rows(record.scores, here.label_names)))
        few = not all(enough(found["documents"]) for _, found in _systems(record.scores))
        bars = "" if few else " A bar is the 95 % interval."
        st.caption(f"In brackets: mentions.{bars} Both: rules and model together.")
    with right:
        st.header("Model by model")
        rows = curve_rows([(model_name(here, r.model_id, short=True), r.scores) for r in scored if r.scores])
        st.altair_chart(learning_curve(rows))
        _over_documents(record)
    _seen(record.scores)
    if before is None:
        return [chosen]
    _side_by_side(here, before.model_id, record.model_id)
    return [chosen, before.model_id]


def _over_documents(record: ModelRecord) -> None:
    """The learning curve of a fast update, judged on reviewed documents left out in turn."""
    forecast = record.meta.get("counts", {}).get("forecast") or {}
    if rows := documents_rows(forecast):
        st.header("Over reviewed documents")
        st.altair_chart(documents_curve(rows))
        measured = "Measured on reviewed documents that smaller models of others read."
        st.caption(plain(f"{sentence(forecast.get('sentence', ''))}. {measured}"))


def _named(here: Here, current: str, name: str) -> str:
    said = "nothing" if name == "none" else model_name(here, name)
    return f"{said}, in use" if name == current else said


def _cards(scores: Mapping[str, Any], before: Mapping[str, Any] | None, other: str) -> None:
    """F1 of each system with its interval, and how far it is from that of another model."""
    with st.container(horizontal=True):
        for system, found in _systems(scores):
            micro = found["micro"]
            old = before["systems"].get(system) if before else None
            change = round(100 * (micro["f1"] - old["micro"]["f1"]), 1) if old else None
            low, high = 100 * micro["f1_interval"]["low"], 100 * micro["f1_interval"]["high"]
            between = f"95 % interval of F1 {low:.1f} to {high:.1f}"
            interval = between if enough(found["documents"]) else "too few documents for an interval"
            with st.container(border=True, width="stretch", height="stretch"):
                st.metric(
                    f"{NAMES[system]}: F1",
                    f"{100 * micro['f1']:.1f}",
                    None if change is None else f"{change:+.1f} against {other}" if change else f"as {other}",
                    delta_color="normal" if change else "off",
                    delta_arrow="auto" if change else "off",
                )
                st.caption(
                    f"precision {100 * micro['precision']:.1f} · recall {100 * micro['recall']:.1f} · "
                    f"{interval} · {quantity(micro['gold'], 'mention')} in "
                    f"{quantity(found['documents'], 'document')}"
                )


def _seen(scores: Mapping[str, Any]) -> None:
    rows = []
    for system, found in _systems(scores):
        if found["seen"] and found["unseen"]:
            row = {"system": NAMES[system]}
            for part, name in (("seen", "in the term lists"), ("unseen", "not in the lists")):
                mentions = found[part]["gold"]
                row[f"{name}, F1"] = f"{100 * found[part]['f1']:.1f}" if mentions else "nothing to find"
                row[f"{name}, mentions"] = f"{mentions:,}"
            rows.append(row)
    if rows:
        st.header("Known and new terms")
        st.dataframe(
            cells(rows),
            hide_index=True,
            alt="F1 on mentions that the term lists hold and that they do not hold",
        )


def _side_by_side(here: Here, first: str, second: str) -> None:
    table = here.models.compare(first, second)
    st.header("Side by side")
    st.caption(plain(f"F1 × 100 of {model_name(here, first)} and {model_name(here, second)}"))
    heads = ("what", *(model_name(here, name, short=True) for name in (first, second)), "change")
    names = {"all": "all labels", **here.label_names}
    rows = []
    for what, *figures in table.rows:
        label, _, system = str(what).rpartition(" ")
        rows.append(dict(zip(heads, (f"{names.get(label, label)}, {SAID[system]}", *figures), strict=True)))
    st.dataframe(cells(rows), hide_index=True, alt="F1 of both by label and system")


def _disagreements(here: Here, above: Sequence[str], *, trained: bool) -> None:
    """Where rules and model differ, for one of the models whose scores stand above."""
    current = here.models.current()
    # Models among the sources have opinions before anything was learned: then the rules alone are asked for.
    learned = [name for name in above if name in here.models.models() and here.models.pipeline(name)]
    apart = learned or [name for name in above if name == current]
    if not trained and not lookups.disagreements(here.session.project):
        return
    st.header("Where rules and model disagree")
    if not apart:
        st.info("The scores above are of the rules alone: choose a model that has learned.")
        return
    named = partial(_named, here, current)
    name = apart[0] if len(apart) == 1 else st.radio("Found by", apart, format_func=named, horizontal=True)
    said = f"Found by {named(name)}." if name and len(apart) == 1 else ""
    found = _found(here, name)
    if not found:
        in_use = bool(name) and here.models.pipeline(name) is not None
        later = "The model that learned is not in use yet: the Models page has a button for it."
        st.info("Nowhere: what the model finds, the rules find too." if in_use else later)
        return
    if name != current:
        said += f" A document that is opened shows suggestions of {model_name(here, current)}."
    if said:
        st.caption(plain(said))
    alt = "Spans on which rules and model differ. Choose a row to open its document."
    looks = lookups.label_looks(here.session.project)
    picked = chosen_row((_row(each, looks) for each in found), f"disagreements of {name}", alt)
    if st.button("Open the document of the chosen row", disabled=picked is None) and picked is not None:
        open_document(here, found[picked].doc_id, found[picked].start)


def _found(here: Here, name: str) -> list[lookups.Disagreement]:
    """Where rules and a model differ; of one that is not in use kept, since a page is drawn often."""
    project = here.session.project
    if name == here.models.current():
        return lookups.disagreements(project)
    key = (here.project, name, project.settings.get(HIDDEN))
    kept = st.session_state.get("disagreements")
    if kept is None or kept[0] != key:
        said = kept_disagreements(project, here.models.registry.get(name))
        kept = st.session_state["disagreements"] = (key, said)
    found: list[lookups.Disagreement] = kept[1]
    return found


def _row(each: lookups.Disagreement, looks: Sequence[lookups.LabelLook]) -> dict[str, object]:
    number = {"number": each.number} if each.number else {}
    return {
        "document": each.doc_id,
        **number,
        "text": each.text,
        "label": lookups.with_names(each.label, looks),
        "who": {"rule": "rules only", "model": "model only"}.get(each.mark, "different labels"),
        "found by": found_by(lookups.with_names(each.votes, looks)),
    }


def found_by(votes: str) -> str:
    """Votes for people: ``gazetteer Part 1.00, model Drug 0.81`` → ``term lists: Part, model: Drug``."""
    said = (re.fullmatch(r"(\S+) (.*) [\d.]+", vote) for vote in votes.split(", "))
    return ", ".join(f"{_SOURCES.get(v[1], v[1].replace('_', ' '))}: {v[2]}" for v in said if v)


_SOURCES = {"gazetteer": "term lists"}
"""Sources that people may not know by their names."""
