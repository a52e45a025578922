"""Models: retrain in the background, read the gate report, promote or go back."""

from __future__ import annotations

import streamlit as st

from hybrid_ner.review.store.gold import gold_report
from hybrid_ner.text import quantity
from hybrid_ner.training.jobs import JobState
from hybrid_ner.training.registry import ModelRecord
from hybrid_ner.ui.asking import last_answer
from hybrid_ner.ui.frame import cells, plain
from hybrid_ner.ui.state import Here

__all__ = ["page"]

STEPS = {
    "start": "Starting",
    "read": "Reading",
    "expand": "Learning words",
    "label": "Marking by rules",
    "train": "Training",
    "fusion": "Joining rules and model",
    "finish": "Training",
    "assemble": "Saving",
    "score": "Scoring",
    "suggest": "Making suggestions",
}
"""Steps of the job in their order, and how they are called here."""


def page(here: Here) -> None:
    """One run of the page."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        _training(here)
    with right:
        _candidate(here)
    _runs(here)


def _training(here: Here) -> None:
    st.subheader("Learn from the review")
    st.text("Decided so far: " + gold_report(here.session.project).sentence())
    st.caption(
        "Training runs beside the page: you can go on reviewing, close the browser, or stop it. "
        "The new model stays a candidate until somebody promotes it."
    )
    running = here.models.job.is_running()
    st.button("Retrain", type="primary", disabled=running, on_click=here.handle, args=("retrain",))
    last_answer(here, ("retrain", "cancel", "stop"))
    st.fragment(_live, run_every=1.0 if running else None)(here, running)


def _live(here: Here, was_running: bool) -> None:
    """The running job, looked at every second; the whole page is drawn again when it ends."""
    state = here.models.job.state()
    if was_running and state.state not in ("queued", "running"):
        st.rerun()
    if state.state in ("queued", "running"):
        if state.state == "queued":
            st.info(plain(f"Waiting, {state.message}"))
        else:
            st.progress(_share(state), plain(f"{STEPS.get(state.step, state.step)}: {state.message}"))
        st.caption(plain(f"Started by {state.request.get('reviewer') or 'somebody'}"))
        if st.button("Stop training" if state.state == "running" else "Leave the queue"):
            here.handle("cancel training")
            st.rerun()
    elif state.state == "done":
        st.success(plain(f"{state.message}. Its report stands under “Use another model”."))
    elif state.state == "failed":
        st.error(plain(f"The last training did not end well: {state.message}"))
    elif state.state == "cancelled":
        st.info("The last training was stopped. Nothing was changed.")


def _share(state: JobState) -> float:
    """Share of the whole job: the training step counts as much as all others together."""
    weights = [0.5 if step == "train" else 0.5 / (len(STEPS) - 1) for step in STEPS]
    if state.step not in STEPS:
        return 0.0
    at = list(STEPS).index(state.step)
    return min(1.0, sum(weights[:at]) + weights[at] * max(0.0, min(1.0, state.share)))


def _candidate(here: Here) -> None:
    records = here.models.registry.records()
    current = here.models.current()
    others = [record.model_id for record in records if record.model_id != current]
    st.subheader("Use another model")
    last_answer(here, ("promote", "rollback", "undo", *[r.model_id for r in records]))
    st.text(f"In use: {current or 'none'}")
    if not others:
        st.caption("There is no other model yet.")
        return
    chosen = st.selectbox("Model", others[::-1], key=f"model beside {current} of {len(records)}")
    newer = int(chosen[1:]) > int(current[1:] or 0) if current else True
    if newer:
        gate = here.models.gate(chosen)
        verdict = "passes the gate" if gate.passed else "does not pass the gate"
        (st.success if gate.passed else st.warning)(plain(f"{chosen} {verdict}: {gate.summary}"))
        for line in gate.worse:
            st.text(f"worse: {line}")
    word = "promote" if newer else "rollback"
    with st.form(f"switch {chosen}", border=True):
        said = st.text_input(f"Type {chosen} to {'promote it' if newer else 'go back to it'}", max_chars=20)
        if st.form_submit_button("Promote" if newer else "Roll back", type="primary"):
            if said.strip() == chosen:
                here.handle(f"{word} {chosen}")
                here.handle(chosen)
                st.rerun()
            st.warning(f"Type the name {chosen} to confirm.")
    st.caption("Model, term list changes and settings are switched together.")


def _runs(here: Here) -> None:
    records = here.models.registry.records()
    if not records:
        return
    st.subheader("All models")
    current = here.models.current()
    rows = [_row(record, current) for record in reversed(records)]
    st.dataframe(cells(rows), hide_index=True, alt="Every model with what it learned from and its scores")
    history = here.models.registry.history()
    if history:
        with st.expander("When which model was in use"):
            for change in reversed(history[-30:]):
                by = f" by {change['by']}" if change["by"] else ""
                st.text(f"{change['at'].replace('T', ' ')[:16]}  {change['model'] or 'none'}{by}")


def _row(record: ModelRecord, current: str) -> dict[str, object]:
    meta, systems = record.meta, (record.scores or {}).get("systems", {})
    counts = meta["counts"]
    return {
        "model": record.model_id + (" (in use)" if record.model_id == current else ""),
        "made": meta["created"].replace("T", " ")[:16],
        "by": meta["reviewer"],
        "learned from": _learned(record),
        "reviewed": meta["reviewed_documents"],
        "terms": f"{meta['gazetteer_terms']:,}",
        "term changes": meta["overlay_edits"],
        "documents": counts["documents"],
        **{f"{name} F1": _f1(systems, name) for name in ("rule", "model", "hybrid")},
        "gold documents": meta["gold_documents"],
        "seconds": meta["seconds"],
    }


def _learned(record: ModelRecord) -> str:
    if record.pipeline is None:
        return "nothing: rules alone"
    counts = record.meta["counts"]
    terms = counts.get("reviewed_terms", 0)
    taught = f", {quantity(terms, 'reviewed term')}" if terms else ""
    return f"{quantity(counts['train_tokens'], 'token')}{taught} after {record.meta['base'] or 'nothing'}"


def _f1(systems: dict[str, dict[str, dict[str, float]]], name: str) -> str:
    return f"{100 * systems[name]['micro']['f1']:.1f}" if name in systems else ""
