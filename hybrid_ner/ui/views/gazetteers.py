"""Gazetteers: search the term lists, change them for this project, see what a term would match."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from hybrid_ner.review.lookups import find_term, surface_counts, top_surfaces
from hybrid_ner.review.overlay import OverlayEntry
from hybrid_ner.review.rounds import project_overlay
from hybrid_ner.terms import Term
from hybrid_ner.text import quantity
from hybrid_ner.ui.asking import confirmation, last_answer
from hybrid_ner.ui.frame import open_document
from hybrid_ner.ui.shown_part import look_for
from hybrid_ner.ui.state import Here
from hybrid_ner.ui.term_search import Warned, known_terms, search_terms
from hybrid_ner.ui.text import plain, quoted

__all__ = ["page"]

PAGE = 100
ACTIONS = {"term": "added", "variant": "spelling of", "abbr": "abbreviation of", "never": "blocked"}
SCOPES = {"list": "this project", "here": "the open document only", "global": "every project"}


def page(here: Here) -> None:
    """One run of the page."""
    confirmation(here)
    last_answer(here, ("term", "variant", "abbr", "never", "undo"))
    left, right = st.columns([3, 2], gap="large")
    with left:
        _terms(here)
    with right:
        _try(here)
        _new(here)
        _edits(here)


def _terms(here: Here) -> None:
    here.open_terms()
    table = here.terms.table
    if not len(table):
        st.info("This project has no term list. Add terms on the right.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        typed = st.text_input(
            f"Search {quantity(len(table), 'term')}", type="search", live=True, width="stretch"
        )
        label = st.selectbox("Label", ["all", *table.labels], width=180)
    wanted = "" if label == "all" else label
    if typed:
        found = search_terms(table, typed, wanted)
    else:
        used = known_terms(table, top_surfaces(here.session.project))
        found = [each for each in used if wanted in ("", each.term.label)]
    if not found:
        st.info("No term holds this." if typed else "No term of the lists is suggested in this project yet.")
        return
    pages = -(-len(found) // PAGE)
    number = min(st.session_state.get("term page", 1), pages)
    part = found[(number - 1) * PAGE : number * PAGE]
    hits = surface_counts(here.session.project, [each.term.text for each in part])
    chosen = st.dataframe(
        [_row(each, hits[each.term.text]) for each in part],
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"terms {typed} {label} {number}",
        height=min(470, 38 + 35 * len(part)),
        alt="Terms of the lists. Choose a row to change it for this project.",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if pages > 1:
            st.pagination(pages, key="term page")
        more = "the first " if len(found) == 5000 else ""
        what = "" if typed else " that stand in this project's documents, the most frequent first"
        st.caption(
            f"{more}{quantity(len(found), 'term')}{what}. Changes hold for this project, not for the lists."
        )
    picked = chosen["selection"]["rows"]
    if picked:
        _change(here, part[picked[0]].term)


def _row(each: Warned, hits: int) -> dict[str, object]:
    term = each.term
    return {
        "term": term.text,
        "label": term.label,
        "suggested here": hits,
        "concept": term.concept_id,
        "kind": term.status,
        "look out": each.warning,
        "source": f"{term.source} {term.file}:{term.row}" if term.row else term.source,
    }


def _change(here: Here, term: Term) -> None:
    with st.container(border=True):
        st.text(f"{term.text} ({term.label})")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.button(
                "Block it in this project",
                on_click=here.handle,
                args=(f"never {quoted(term.text)} {term.label}",),
                key="block",
            )
            spelling = st.text_input("Another spelling of it", max_chars=120, key=f"spelling of {term.text}")
            st.button(
                "Add the spelling",
                on_click=here.handle,
                args=(f"variant {quoted(spelling)} = {quoted(term.text)}",),
                disabled=not spelling.strip(),
                key="add spelling",
            )
        synonyms = _synonyms(here, term)
        if synonyms:
            st.caption(f"Same concept: {plain(', '.join(synonyms[:12]))}")


def _synonyms(here: Here, term: Term) -> Sequence[str]:
    same = (each.text for each in here.terms.of_concept(term.concept_id))
    return [text for text in dict.fromkeys(same) if text != term.text]


def _try(here: Here) -> None:
    st.subheader("What would a term match here?")
    typed = st.text_input("Term", live=True, max_chars=120, key="try", placeholder="for example: afib")
    if not typed or not any(map(str.isalnum, typed)):
        return
    found = find_term(here.session.project, typed)
    st.text(f"{quantity(found.occurrences, 'time')} in {quantity(found.documents, 'document')}")
    for number, (doc_id, sample) in enumerate(found.samples):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if st.button(plain(doc_id), key=f"sample {number}", type="tertiary"):
                look_for(typed)
                open_document(here, doc_id)
            st.text(sample)


def _new(here: Here) -> None:
    st.subheader("Add a term")
    with st.form("new term", clear_on_submit=True):
        text = st.text_input("Term, as documents write it", max_chars=120)
        concept = st.text_input(
            "What it stands for", max_chars=120, placeholder="for example: atrial fibrillation"
        )
        label = st.selectbox("Label", here.session.labels)
        kind = st.radio("It is", ["a term", "an abbreviation"], horizontal=True)
        scope = st.selectbox("It holds for", list(SCOPES), format_func=SCOPES.__getitem__)
        if st.form_submit_button("Add it") and text.strip():
            head = f"abbr {quoted(text)}" if kind == "an abbreviation" else f"term + {quoted(text)}"
            here.handle(f"{head} = {quoted(concept.strip() or text.strip())} {label} {scope}")
            st.rerun()


def _edits(here: Here) -> None:
    entries = project_overlay(here.session.project).entries
    st.subheader("Changes made in this project")
    if not entries:
        st.caption("None yet. Every change can be undone here.")
        return
    for entry in reversed(entries[-50:]):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(_told(entry), width="stretch")
            mine = entry.reviewer == here.reviewer
            st.button(
                "Undo",
                key=f"undo {entry.step}",
                disabled=not mine,
                help=None if mine else "Only its author can undo it",
                on_click=here.handle,
                args=(f"undo {entry.step}",),
            )


def _told(entry: OverlayEntry) -> str:
    what = f"{ACTIONS[entry.action]} {entry.concept}".strip()
    return f"{entry.text} {entry.label}: {what} · {entry.provenance}"
