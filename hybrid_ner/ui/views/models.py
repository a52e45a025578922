"""Models: update or retrain in the background, see what changed and how it was judged, use it or go back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from hybrid_ner.evaluation.counts import enough
from hybrid_ner.review.commands.models import in_words, spelled
from hybrid_ner.review.rounds import Changes, GateReport
from hybrid_ner.review.rounds.model_runs import project_documents
from hybrid_ner.review.rounds.model_service import share_of
from hybrid_ner.review.store.gold import GoldReport, gold_report
from hybrid_ner.text import quantity
from hybrid_ner.training.jobs import JobState
from hybrid_ner.training.registry import ModelRecord
from hybrid_ner.ui.frame import (
    cells,
    chosen_row,
    in_names,
    last_answer,
    model_name,
    open_document,
    plain,
    sentence,
)
from hybrid_ner.ui.state import Here

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

OFFERED_AFTER = 5
"""Documents finished since the last training after which the review page offers to learn from them."""
_CLOSED, _ALONE, _BEGAN = "closed model", "learns alone", "began alone"

STEPS = {
    "start": "Starting",
    "read": "Reading",
    "rules": "Preparing the rules",
    "expand": "Learning words",
    "label": "Marking by lists and rules",
    "train": "Learning",
    "fusion": "Joining rules and model",
    "finish": "Learning once more",
    "assemble": "Saving",
    "score": "Testing",
    "suggest": "Making suggestions",
}
"""Steps of the job in their order, and how they are called here."""


def page(here: Here) -> None:
    """One run of the page."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        live = _training(here)
    with right:
        _candidate(here)
    watch(here, live, running=here.models.job.is_running())
    _runs(here)


def _training(here: Here) -> DeltaGenerator:
    """Buttons that begin a training; the place where it is watched."""
    st.header("Learn from the review")
    report = gold_report(here.session.project)
    st.text(decided(report))
    st.caption(
        "Learning runs beside the page: you can go on reviewing, close the browser, or stop it. "
        "What was learned is used when somebody says so."
    )
    running = here.models.job.is_running()
    with st.container(horizontal=True):
        # What was learned already is no news: then what it brought is the next step.
        kind = "primary" if here.models.finished_since(here.session.project) else "secondary"
        none = not (report.documents or report.partial or report.conflicts)
        st.button(
            _offer(here),
            type=kind,  # type: ignore[arg-type]
            disabled=running or none,
            help="Accept or reject some suggestions first." if none else None,
            on_click=here.handle,
            args=("update",),
        )
        st.button("Retrain", disabled=running, on_click=here.handle, args=("retrain",))
    st.caption("Learning from these takes seconds to a minute. Retrain learns everything anew, in minutes.")
    st.toggle(
        f"Learn by itself after every {OFFERED_AFTER} finished documents",
        st.session_state.get(_ALONE, False),
        key="alone widget",
        # The state of a widget is gone with its page.
        on_change=lambda: st.session_state.update({_ALONE: st.session_state["alone widget"]}),
        help="While this browser reviews. What was learned still waits for somebody to use it.",
    )
    _boundaries(here)
    said = here.replies[-1][1].echo if here.replies else ""
    if running or not any(news in said for news in (" has started", " was stopped")):
        # These are no news once it has ended: the outcome speaks then.
        last_answer(here, ("update", "retrain", "cancel", "stop"))
    live = st.container()
    _outcome(here, _finished(here))
    return live


def decided(report: GoldReport) -> str:
    """What there is to learn from, in plain words."""
    said = f"{quantity(report.documents, 'document')} reviewed to the end, with "
    said += f"{quantity(report.spans, 'mention')} accepted and {report.negatives:,} rejected."
    if report.partial:
        said += f" Partly reviewed: {len(report.partial):,} more."
    if report.conflicts:
        many = quantity(len(report.conflicts), "document")
        said += f" In {many} reviewers differ: the page Team settles that."
    return said


def _boundaries(here: Here) -> None:
    """A switch for each kind of words whose place at the edge of mentions was learned."""
    for kind, wanted in here.models.boundaries().items():
        st.toggle(
            f"Learn whether {kind} {'are' if kind.endswith('s') else 'is'} part of mentions",
            wanted,
            key=f"boundary {kind}",
            on_change=_keep_boundary,
            args=(here, kind),
            help="Counts from the next time it learns.",
        )


def _keep_boundary(here: Here, kind: str) -> None:
    here.models.learn_boundaries(kind, st.session_state[f"boundary {kind}"])


def learning(here: Here) -> DeltaGenerator | None:
    """Beside a document: the update offered after every few documents, and what it changed.

    Returns:
        The place where it is watched while it runs (``watch``).
    """
    if here.session.role == "reviewer":
        return None
    if here.models.job.is_running() or _begin_alone(here):
        return st.container()
    ready = _finished(here)
    # Who comes later to a model that is in use already has nothing to decide about it.
    used = ready and ready == here.models.current()
    own = not used or here.models.registry.get(ready).meta["reviewer"] == here.session.reviewer
    if ready and own and st.session_state.get(_CLOSED) != (here.project, ready):
        with st.container(border=True, key="learned"):
            _outcome(here, ready, may_close=True)
    if _due(here):
        with st.container(border=True, key="learn"):
            state = here.models.job.state()
            if state.state == "failed":
                st.error(plain(f"The last training did not end well: {state.message}"))
            st.button(_offer(here), on_click=here.handle, args=("update",), key="press update")
    return None


def _due(here: Here) -> bool:
    return here.models.finished_since(here.session.project) >= OFFERED_AFTER


def _begin_alone(here: Here) -> bool:
    """Start the update where the reviewer lets it start by itself: once, whatever becomes of it."""
    if not st.session_state.get(_ALONE) or not _due(here):
        return False
    now = (here.project, here.models.models(), here.models.finished_since(here.session.project))
    if st.session_state.get(_BEGAN) == now:
        return False
    st.session_state[_BEGAN] = now
    return here.handle("update").level != "error"


def _offer(here: Here) -> str:
    count = here.models.finished_since(here.session.project)
    return "Learn from these decisions" + (f" ({quantity(count, 'document')})" if count else "")


def _finished(here: Here) -> str:
    """The model of the last job that ended well; after one that did not, the one that waits since before."""
    state = here.models.job.state()
    made = str(state.result.get("candidate", "")) if state.state == "done" else here.models.waiting()
    return made if made and made == next(reversed(here.models.models()), "") else ""


def _outcome(here: Here, made: str, *, may_close: bool = False) -> None:
    """What the last job changed, with a button to see it, to use it, and to go back."""
    if not made:
        return
    found, current = _changes(here, made), here.models.current()
    said = learned_sentence(found.counts(), used=made == current)
    if here.models.job.state().state != "done":
        said = said.replace("The new model", "The model that was made before, and still waits,", 1)
    st.text(said)
    plain_ones, figures = _told(here, made)
    said = ""
    with st.container(horizontal=True):
        if made != current:
            said = _use(here, made, elsewhere=may_close, changes=bool(found.documents))
        elif found.before:
            name = f"Back to {model_name(here, found.before)}"
            st.button(plain(name), on_click=_switch, args=(here, "rollback", found.before), key="undo update")
        if may_close:
            close = (_CLOSED, (here.project, made))
            st.button("Close", on_click=st.session_state.__setitem__, args=close, key="close learned")
    if said:
        st.caption(plain(said))
    # Above all that is said besides: on Review the card is low, and what a click opens must be in sight.
    if found.documents and st.toggle("See what changed", key=f"changes of {made}"):
        _changed(here, found)
    for line in plain_ones:
        st.caption(plain(sentence(line)))
    summary = here.models.gate(made).summary if made != current else ""
    figures = [*(line for line in figures if line not in summary), *filter(None, [summary])]
    if figures:
        with st.expander("In figures"):
            for line in figures:
                st.caption(plain(sentence(in_names(here, line))))


def learned_sentence(counts: Mapping[str, int], *, used: bool) -> str:
    """What a model that has learned changes, of ``Changes.counts``."""
    if not counts["documents"]:
        return "The new model has learned from your decisions: no suggestion is new, and none is gone."
    new = quantity(counts["new"], "new suggestion") if counts["new"] else "no new suggestion"
    gone = f"{counts['gone']:,}" if counts["gone"] else "none"
    changed = f"{gone} away, in {quantity(counts['documents'], 'document')}."
    if used:
        return f"The new model is in use: it brought {new} and took {changed}"
    return f"The new model has learned from your decisions. It would bring {new} and take {changed}"


_WITH_FIGURES, _NAMED = ("fusion", "forecast"), ("boundaries", "copied", "misfit")


def _told(here: Here, made: str) -> tuple[list[str], list[str]]:
    """What was learned, for people; and what is said in scores."""
    told: tuple[list[str], list[str]] = ([], [])
    for line in here.models.learned(made):
        kind, _, said = line.partition(": ")
        told[kind in _WITH_FIGURES].append(in_words(line) if kind in _NAMED else said or line)
    return told


def _changes(here: Here, made: str) -> Changes:
    """What a model changed; kept, since a page is drawn after every key."""
    key = (here.project, made, here.models.current())
    kept = st.session_state.get("changes")
    if kept is None or kept[0] != key:
        kept = st.session_state["changes"] = (key, here.models.changes(made))
    found: Changes = kept[1]
    return found


def _use(here: Here, made: str, *, elsewhere: bool, changes: bool) -> str:
    """One click where the gate lets it pass, or where there is no gold yet; what is known of it."""
    gate, documents = here.models.gate(made), here.models.registry.get(made).meta["gold_documents"]
    free = gate.passed or gate.unsure or gate.untested or not documents
    if free:
        st.button("Use it", type="primary", on_click=_switch, args=(here, "promote", made), key="use update")
        if not changes:
            return "In these documents it changes nothing; in others it may."
    where = ", on the Models page" if elsewhere else ", on the right"
    return judged(gate, documents) + ("" if free else f" It can be used all the same{where}.")


def judged(gate: GateReport, documents: int) -> str:
    """What the test on so many reviewed documents says of a model, without a figure."""
    if not documents:
        return "It could not be tested: no reviewed document is kept apart yet. Look at what changed."
    if gate.untested:
        return (
            "It was not tested on the same documents as what is in use: look at what changed, then use it or "
            "leave it."
        )
    if gate.unsure or not enough(documents):
        return (
            "Too few reviewed documents are kept apart to tell whether it is better: look at what changed, "
            "then use it or leave it."
        )
    if gate.passed:
        return "On reviewed documents that it has not learned from it does as well as before, or better."
    return "On reviewed documents that it has not learned from it does worse than what is in use."


def _switch(here: Here, word: str, name: str) -> None:
    """The step, as one click: what is asked before it stands beside the button."""
    here.handle(f"{word} {name}", foreseen=name)


def _changed(here: Here, found: Changes) -> None:
    ids = [each.doc_id for each in found.documents]
    texts = {each.doc_id: each.text for each in project_documents(here.session.project, ids)}
    rows = []
    for each in found.documents:
        new, gone = (in_names(here, spelled(texts.get(each.doc_id, ""), s)) for s in (each.new, each.gone))
        rows.append({"document": each.doc_id, "new": new, "gone": gone})
    alt = "Documents with new or lost suggestions. Choose a row to open the document."
    picked = chosen_row(rows, f"changed by {found.model}", alt, most=300)
    pressed = st.button("Open the document of the chosen row", disabled=picked is None, key="open changed")
    if pressed and picked is not None:
        open_document(here, ids[picked])


def watch(here: Here, place: DeltaGenerator | None, *, running: bool) -> None:
    """Look at the running job every second; the whole page is drawn again when it ends.

    Called outside of any column, with the place to draw into: Streamlit leaves its thread where a fragment
    was called, and would draw the next page there, of which the browser then shows nothing.
    """
    if place is not None:
        st.fragment(_live, run_every=1.0 if running else None)(here, place, running)


def doing(state: JobState) -> str:
    """What a running job does now: ``Learning: pass 3 of 12 over the text, about 20 seconds more``."""
    step, said = STEPS.get(state.step, state.step), state.message
    # "Learning once more: from 20 documents", and no step that is said twice.
    said = said.removeprefix("learning ") if state.step == "finish" else said
    said = said if said.lower().startswith(step.lower()) else f"{step}: {said}"
    return sentence(said) + (f", {state.step_left} more" if state.step_left else "")


def _live(here: Here, place: DeltaGenerator, was_running: bool) -> None:
    state = here.models.job.state()
    said = in_names(here, state.message)
    if was_running and state.state not in ("queued", "running"):
        st.rerun()
    with place:
        if state.state in ("queued", "running"):
            if state.state == "queued":
                st.info(plain(f"Waiting, {state.message}"))
            else:
                st.progress(share_of(state), plain(in_names(here, doing(state))))
            st.caption(plain(f"Started by {state.request.get('reviewer') or 'somebody'}"))
            if st.button("Stop training" if state.state == "running" else "Leave the queue"):
                here.handle("cancel training")
                st.rerun()
        elif state.state == "done":
            st.success(plain(f"{sentence(said)}."))
        elif state.state == "failed":
            st.error(plain(f"The last training did not end well: {state.message}"))
        elif state.state == "cancelled":
            st.info("The last training was stopped. Nothing was changed.")


def _candidate(here: Here) -> None:
    records = here.models.registry.records()
    current = here.models.current()
    others = [record.model_id for record in records if record.model_id != current]
    st.header("Use another model")
    last_answer(here, ("promote", "rollback", "undo", *[r.model_id for r in records]))
    st.text(f"In use: {model_name(here, current)}")
    if not others:
        st.caption("There is no other model yet.")
        return
    chosen = st.selectbox(
        "Model",
        others[::-1],
        format_func=lambda name: model_name(here, name),
        key=f"model beside {current} of {len(records)}",
    )
    newer = int(chosen[1:]) > int(current[1:] or 0) if current else True
    if newer:
        gate = here.models.gate(chosen)
        documents = here.models.registry.get(chosen).meta["gold_documents"]
        told = enough(documents) and not (gate.unsure or gate.untested)
        show = (st.success if gate.passed else st.warning) if told else st.info
        show(plain(judged(gate, documents)))
        with st.expander("In figures"):
            for line in (gate.summary, *(f"Worse: {line}" for line in gate.worse)):
                st.caption(plain(sentence(in_names(here, line))))
    word, said = ("promote", "Use this model") if newer else ("rollback", "Go back to it")
    with st.popover(said, type="primary" if newer else "secondary", key=f"switch {chosen}"):
        new, old = model_name(here, chosen), model_name(here, current)
        st.text(f"Suggestions of {new} then replace those of {old}, for everybody. What was decided stays.")
        yes = f"Yes, {said[0].lower()}{said[1:]}"
        st.button(yes, type="primary", on_click=_switch, args=(here, word, chosen), key=f"{word} {chosen}")
    st.caption("Model, term list changes and settings are switched together.")


def _runs(here: Here) -> None:
    records = here.models.registry.records()
    if not records:
        return
    st.header("All models")
    current = here.models.current()
    newest, alt = records[::-1], "Every model, and what it learned from"
    st.dataframe(cells(_row(here, each, current) for each in newest), hide_index=True, alt=alt)
    with st.expander("In figures"):
        figures = cells(_figures(here, each) for each in newest)
        widths = {"learned from": st.column_config.TextColumn(width=300)}
        st.dataframe(figures, hide_index=True, alt=f"{alt}, in figures", column_config=widths)
    history = here.models.registry.history()
    if history:
        with st.expander("When which model was in use"):
            for change in reversed(history[-30:]):
                said = model_name(here, change["model"]) + (f" by {change['by']}" if change["by"] else "")
                st.text(f"{change['at'].replace('T', ' ')[:16]}  {said}")


_SAID = {"rule": "rules", "model": "model", "hybrid": "both"}


def _row(here: Here, record: ModelRecord, current: str) -> dict[str, object]:
    meta = record.meta
    taught = max(0, meta["reviewed_documents"] - meta["gold_documents"])  # it is tested on the others
    learned = f"{quantity(taught, 'reviewed document')} and the rules"
    return {
        "model": model_name(here, record.model_id),
        "in use": "yes" if record.model_id == current else "",
        "made by": meta["reviewer"],
        "learned from": learned if record.pipeline else "nothing: it is the rules",
        "tested on": quantity(meta["gold_documents"], "document") if meta["gold_documents"] else "not yet",
    }


def _figures(here: Here, record: ModelRecord) -> dict[str, object]:
    meta, systems = record.meta, (record.scores or {}).get("systems", {})
    counts = meta["counts"]
    return {
        "model": model_name(here, record.model_id, short=True),
        "learned from": _learned(here, record),
        "reviewed": meta["reviewed_documents"],
        "terms": f"{meta['gazetteer_terms']:,}",
        "term changes": meta["overlay_edits"],
        "documents": counts["documents"],
        **{f"{said} F1": _f1(systems, name) for name, said in _SAID.items()},
        "tested on": meta["gold_documents"],
        "seconds": meta["seconds"],
    }


def _learned(here: Here, record: ModelRecord) -> str:
    if record.pipeline is None:
        return "nothing: rules alone"
    counts = record.meta["counts"]
    terms = counts.get("reviewed_terms", 0)
    taught = f", {quantity(terms, 'reviewed term')}" if terms else ""
    tokens = counts["train_tokens"] if "train_tokens" in counts else counts["tokens"]
    return (
        f"{quantity(tokens, 'word')}{taught}, after {model_name(here, record.meta['base'] or '', short=True)}"
    )


def _f1(systems: dict[str, dict[str, dict[str, float]]], name: str) -> str:
    return f"{100 * systems[name]['micro']['f1']:.1f}" if name in systems else ""
