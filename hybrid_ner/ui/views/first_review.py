"""A short guided first review: one hint at a time, until each has been followed once."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from hybrid_ner.review import DocumentView
from hybrid_ner.ui.state import Here
from hybrid_ner.ui.turns.component import SHOWN

__all__ = ["STEPS", "guide", "next_step"]

STEPS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    (
        "The framed term is a suggestion. If it is right, press **a** (or the Accept button). "
        "The next one is framed by itself.",
        lambda line: line.startswith("ok"),
    ),
    (
        "If a term is wrong, press **x** to reject it, or a number to give it another label. "
        "Backspace takes back the last step, whatever it was.",
        lambda line: line.startswith("no ") or " is " in line,
    ),
    (
        "To see why a term was marked, press **w**. The answer comes in the log.",
        lambda line: line.startswith("why"),
    ),
    (
        "A term was missed? Drag over it with the mouse and press the number of its label. "
        "When the document is complete, go on with **Next** or the right arrow key.",
        lambda line: line == "next" or line.endswith(" next"),
    ),
)
"""Hints, and which line shows that a hint was followed."""


def next_step(lines: list[str]) -> int | None:
    """Number of the first hint that was not followed yet; ``None`` when all were, or the chat is long."""
    if len(lines) >= SHOWN:
        return None
    return next((n for n, (_, followed) in enumerate(STEPS) if not any(map(followed, lines))), None)


def guide(here: Here, view: DocumentView) -> None:
    """Show the hint that comes next."""
    if st.session_state.get("no guide") or not view.spans:
        return
    step = next_step([turn.line for turn in here.session.history(SHOWN)])
    if step is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="guide", border=True):
        st.markdown(f"**{step + 1} of {len(STEPS)}** · {STEPS[step][0]}", width="stretch")
        st.button("Hide hints", type="tertiary", on_click=_hide)


def _hide() -> None:
    st.session_state["no guide"] = True
