"""Terms: what waits, gathered by term across documents, and single doubtful spans one after the other."""

from __future__ import annotations

import streamlit as st

from hybrid_ner.review import Reply
from hybrid_ner.review.commands.undo import settled_term
from hybrid_ner.review.store.lookups import label_looks, standing
from hybrid_ner.review.term_queue import TermQueue, TermsWanted, decision_queue, term_queue
from hybrid_ner.text import quantity
from hybrid_ner.ui.components import board_data, draw, read_left, sent
from hybrid_ner.ui.frame import asked, in_names, open_document, plain
from hybrid_ner.ui.inbox import Edit, read_edits
from hybrid_ner.ui.state import Here, said_here

BOARD = "cards"
BY_TERM, ONE_BY_ONE = "Term by term", "One by one"
WORDS = ("ok", "no", "relabel", "never", "complete", "undo")
"""Commands of the cards, whose questions are shown here."""
FEW = 20
"""Cards drawn at a time: those that are decided make room for the next."""
_WANTED: dict[str, TermsWanted] = {
    "every term": "all",
    "rules and model disagree": "disagree",
    "misspelled terms": "near",
}
"""What may be shown besides the terms of a label."""
_DONE = {
    BY_TERM: "No term waits: all that was suggested is decided. Look for what was missed in the documents; "
    "Next counts each as reviewed.",
    ONE_BY_ONE: "Nothing waits for a yes or no here.",
}
_NONE = (
    "No term waits: nothing is suggested in these documents. Term lists takes a list or a single term; in a "
    "document, what is to be found can be marked."
)
_ALL_DONE = "Nothing waits: every document that is for you is reviewed. The Queue page downloads them."


def page(here: Here) -> None:
    """One run of the page."""
    going = _take_edits(here)
    if going is not None:
        open_document(here, here.replies[-1][1].doc_id, going.start)
    with st.container(horizontal=True, vertical_alignment="bottom", key="terms head"):
        kind = st.radio("Review", (BY_TERM, ONE_BY_ONE), horizontal=True, key="terms kind")
        search = st.text_input("Search", type="search", live=True, width=220, key="terms search")
        looks = label_looks(here.session.project)
        names = {look.label: look.name for look in looks}
        shown = {**dict(zip(_WANTED, _WANTED, strict=True)), **names}
        if st.session_state.get("terms wanted") not in shown:  # a label of another project
            st.session_state.pop("terms wanted", None)
        wanted = st.selectbox(
            "Show", list(shown), format_func=shown.__getitem__, key="terms wanted", width=260
        )
    single = kind == ONE_BY_ONE
    label = wanted if wanted in names else ""
    left = _left(here)
    found = _found(here, single, str(label), search or "", _WANTED.get(str(wanted), "all"))
    aside = f" Left for now: {len(left):,}, until the page is loaded anew." if left else ""
    st.caption(plain(_summary(found, single) + aside))
    _decided(here, found.decided)
    data = board_data(
        found.cards,
        here.project,
        looks,
        st.session_state["known"],
        _last_said(here),
        asked(here, WORDS),
        single=single,
        shared=found.shared,
        left=left,
        empty=_nothing(
            here,
            str(kind),
            narrowed=bool(search) or wanted != next(iter(_WANTED)),
            drawn=bool(found.cards),
        ),
    )
    draw("cards", BOARD, data)
    if found.terms > len(found.cards):
        more = min(FEW, found.terms - len(found.cards))
        st.button(f"Show {more} more", on_click=_more, key="more cards")


def _nothing(here: Here, kind: str, *, narrowed: bool, drawn: bool) -> str:
    """What to say where no card is drawn.

    Args:
        narrowed: Only some terms are asked for.
        drawn: There are cards, after the last of which it is said.
    """
    if narrowed:
        return "No term fits."
    if not here.session.left:
        return _ALL_DONE
    now = None if drawn else standing(here.session.project)
    if now is not None and not (now.accepted or now.rejected):
        return _NONE
    return _DONE[kind]


def _decided(here: Here, documents: int) -> None:
    """A way to finish the documents that a review by term leaves with nothing open."""
    if not documents:
        return
    many = quantity(documents, "document")
    with st.container(horizontal=True, vertical_alignment="center", key="all decided"):
        st.button(f"Count {many} as reviewed", on_click=here.handle, args=("complete all",))
        st.caption(
            f"All is decided in {many} that {'waits' if documents == 1 else 'wait'}: downloads and learning "
            "have it when somebody has looked for what was missed (Next), or says here that nobody need."
        )


def _last_said(here: Here) -> tuple[str, str] | None:
    """The last answer on this page with the term that it was about, and its level."""
    if not here.replies or not said_here():
        return None
    line, reply = here.replies[-1]
    if reply.level == "ask" and (reply.pending is None or reply.pending.kind != "choice"):
        return None
    about, said = settled_term(line), in_names(here, reply.outcome)
    return (f"{about}: {said}" if about and reply.level != "error" else said), reply.level


def _left(here: Here) -> frozenset[str]:
    """Cards that were left, also before another page was looked at."""
    key = f"cards left of {here.project}"
    left: frozenset[str] = st.session_state.get(key, frozenset()) | read_left(sent(BOARD))
    st.session_state[key] = left
    return left


def _more() -> None:
    st.session_state["cards shown"] = st.session_state.get("cards shown", FEW) + FEW


def _found(here: Here, single: bool, label: str, search: str, wanted: TermsWanted) -> TermQueue:
    """The cards to draw: as many as are shown besides those that were left."""
    limit = st.session_state.get("cards shown", FEW) + len(_left(here))
    queue = decision_queue if single else term_queue
    return queue(
        here.session.project,
        here.reviewer,
        limit,
        wanted=wanted,
        label=label,
        search=search,
    )


def _summary(found: TermQueue, single: bool) -> str:
    if single:
        waiting = quantity(found.spans, "place waits", "places wait")
        if not found.spans:
            return f"{waiting}."
        return f"{waiting}, the least certain first. One key decides each."
    if not found.terms:
        return "0 terms wait."
    likely = f", likely in {quantity(found.spans, 'place')}" if found.spans else ""
    return (
        f"{quantity(found.terms, 'term waits', 'terms wait')}{likely}; "
        "those that settle most come first. One verdict settles all places of a card."
    )


def _take_edits(here: Here) -> Edit | None:
    """Apply what the browser sent; the edit that wants to look into a document."""
    outcome = here.take(read_edits(sent(BOARD)), lambda edit: apply(here, edit))
    if outcome.failure:
        st.error(plain(f"Not saved: {outcome.failure} The page keeps your decisions and tries again."))
    went = [e for e, reply in outcome.replies if e.line.startswith("go ") and reply.level != "error"]
    return went[-1] if went else None


def apply(here: Here, edit: Edit) -> Reply:
    """A line; the card has shown how many places it settles, so that no yes to just these is asked for."""
    if edit.project != here.project:
        return Reply(f"a decision belongs to project {edit.project!r}; open that project to save it", "error")
    here.prepare(edit.line)
    return here.session.handle(
        edit.line,
        client_id=edit.client_id,
        sequence=edit.sequence,
        question=edit.question or None,
        foreseen=str(edit.count or ""),
    )
