"""Questions of the review engine as buttons, and its last answer on pages without a chat."""

from __future__ import annotations

import re

import streamlit as st

from hybrid_ner.review import Pending
from hybrid_ner.text import quantity
from hybrid_ner.ui.state import Here
from hybrid_ner.ui.text import plain

__all__ = ["asked", "confirmation", "last_answer"]

_TYPE = re.compile(r"(?:: |; to go on, )type `.*$", re.DOTALL)


def confirmation(here: Here) -> None:
    """The question that waits, with a button for the answer; any other command drops it."""
    pending = here.session.pending
    if pending is None:
        return
    just_asked = bool(here.replies) and here.replies[-1][1].pending == pending
    answer = pending.answer
    with st.container(border=True, key="pending"):
        st.text(asked(here.replies[-1][1].echo) if just_asked else _asked_before(pending))
        with st.container(horizontal=True):
            # A step that wants its count or a name typed has no key: that would be too quick.
            key = "y" if pending.kind == "yes" else None
            st.button(
                _yes(pending), key="yes", type="primary", on_click=here.handle, args=(answer,), shortcut=key
            )
            st.button("Leave it", key="leave", on_click=here.handle, args=("cancel",))
            if not just_asked:
                # After a reload the samples are gone: asking again shows them.
                st.button("Show it again", key="ask again", on_click=here.handle, args=(pending.line,))


def asked(echo: str) -> str:
    """A question without what to type, where a button stands beside it."""
    return f"{_TYPE.sub('', echo)}. Go on?"


def _asked_before(pending: Pending) -> str:
    what = f": {quantity(pending.count, 'span')}" if pending.count else ""
    where = f" in {quantity(pending.documents, 'document')}" if pending.documents else ""
    return f"{pending.line}{what}{where}. Go on?"


def _yes(pending: Pending) -> str:
    if pending.kind == "which":
        return "The first one"
    return "Yes" if pending.kind == "yes" else f"Yes: {plain(pending.answer.removeprefix('yes '))}"


def last_answer(here: Here, words: tuple[str, ...]) -> None:
    """The last answer, on pages without a chat, when the line began with one of ``words``.

    A question is shown with its buttons: see ``confirmation``.
    """
    if not here.replies:
        return
    line, reply = here.replies[-1]
    if reply.pending is None and line.split(" ", 1)[0] in (*words, "yes"):
        shown = {"error": st.error, "done": st.success}.get(reply.level, st.info)
        shown(plain(reply.echo))
