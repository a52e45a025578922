"""Questions of the review engine as buttons, and its last answer on pages without a chat."""

from __future__ import annotations

import streamlit as st

from hybrid_ner.review import Pending
from hybrid_ner.ui.frame import plain
from hybrid_ner.ui.state import PAGE, QUESTION, SAID, Here

__all__ = ["confirmation", "last_answer"]


def confirmation(here: Here) -> None:
    """The question that waits, with a button for the answer; any other command drops it."""
    pending = here.session.pending
    st.session_state[QUESTION] = pending.key if pending else ""
    if pending is None:
        return
    just_asked = bool(here.replies) and here.replies[-1][1].pending == pending
    answer = pending.answer
    if pending.kind == "choice":
        _choices(here, pending)
        return
    with st.container(border=True, key="pending"):
        how = " Enter or y says yes, Escape leaves it." if pending.kind in ("yes", "count") else ""
        st.text(f"{pending.question}. Go on?{how}")
        with st.container(horizontal=True):
            # A step that wants its count or a name typed has no key: that would be too quick.
            key = "y" if pending.kind == "yes" else None
            st.button(
                _yes(pending),
                key="yes",
                type="primary",
                on_click=here.handle,
                args=(answer, None, pending.key),
                shortcut=key,
            )
            st.button("Leave it", key="leave", on_click=here.handle, args=("cancel", None, pending.key))
            if not just_asked:
                # After a reload the samples are gone: asking again shows them.
                st.button("Show it again", key="ask again", on_click=here.handle, args=(pending.line,))


def _choices(here: Here, pending: Pending) -> None:
    """A question with a button for each answer."""
    with st.container(border=True, key="pending"):
        st.text(pending.question)
        with st.container(horizontal=True):
            for n, (said, line) in enumerate(pending.choices):
                kind = "primary" if n == 0 else "secondary"
                st.button(
                    plain(said),
                    key=f"choice {n}",
                    type=kind,
                    on_click=here.handle,
                    args=(line,),
                    help=plain(line),
                )


def _yes(pending: Pending) -> str:
    if pending.kind == "which":
        return "The first one"
    return "Yes" if pending.kind == "yes" else f"Yes: {plain(pending.answer.removeprefix('yes '))}"


def last_answer(here: Here, words: tuple[str, ...]) -> None:
    """The last answer on this page, which has no chat, when the line began with one of ``words``.

    A question is shown with its buttons: see ``confirmation``.
    """
    if not here.replies or st.session_state.get(SAID, "") != st.session_state.get(PAGE, ""):
        return
    line, reply = here.replies[-1]
    if reply.pending is None and line.split(" ", 1)[0] in (*words, "yes"):
        shown = {"error": st.error, "done": st.success}.get(reply.level, st.info)
        shown(plain(reply.echo))
