"""Which part of a long document is on the screen, and the window of it that is read."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import streamlit as st

from hybrid_ner.review import DocumentView
from hybrid_ner.review.document.parts import Outline
from hybrid_ner.review.document.spans import occurrences_in
from hybrid_ner.text.offsets import Intervals
from hybrid_ner.ui.inbox import Wish

_PART, _TARGET, _GRANTED, _AIM = "part", "part target", "part granted", "aim"


def shown_part(outline: Outline, wish: Wish | None) -> int:
    """The part to show: the one wished for, where something was looked for, or the one of before.

    In a document that was not open before it is the first part with something open.

    Args:
        outline: The document.
        wish: What the annotator asked for; granted once.
    """
    doc_id, part = st.session_state.get(_PART, ("", 0))
    if doc_id != outline.doc_id:
        part = _from_address(outline)
    if wish is not None and wish.name != st.session_state.get(_GRANTED):
        st.session_state[_GRANTED] = wish.name
        if wish.doc_id == outline.doc_id:
            part = wish.part
    part = _aimed(outline, part)
    part = max(0, min(part, len(outline) - 1))
    st.session_state[_PART] = (outline.doc_id, part)
    _keep_in_address(part if len(outline) > 1 else None)
    return part


def look_at(place: int | None) -> None:
    """Show the part with this character at the next run; nothing happens without one."""
    if place is not None:
        st.session_state[_TARGET] = place


def aim_at(doc_id: str, start: int | None) -> None:
    """Frame the span at this character of a document when it is drawn; nothing happens without one."""
    if start is not None and start >= 0:
        look_at(start)
        number = st.session_state.get(_AIM, ("", 0, 0))[2] + 1
        st.session_state[_AIM] = (doc_id, start, number)


def aimed_at(doc_id: str) -> tuple[str, int] | None:
    """Which request it is, and the character that was aimed at in this document."""
    wanted, start, number = st.session_state.get(_AIM, ("", 0, 0))
    return (f"{wanted} {number}", start) if number and wanted == doc_id else None


def look_for(text: str) -> None:
    """Show the next part that holds a text at the next run; nothing happens without a text."""
    if text:
        st.session_state[_TARGET] = text


def _aimed(outline: Outline, part: int) -> int:
    target = st.session_state.pop(_TARGET, None)
    if isinstance(target, int):
        return outline.part_at(target)
    if isinstance(target, str):
        held = sorted({outline.part_at(start) for start, _ in occurrences_in(outline.text, target)})
        return next((each for each in held if each > part), held[0] if held else part)
    return part


def _from_address(outline: Outline) -> int:
    """After a reload the part that the address names, if it belongs to this document."""
    named = st.query_params.get(_PART, "")
    first_look = _PART not in st.session_state
    return int(named) - 1 if first_look and named.isdecimal() and len(named) < 10 else outline.first_open()


def _keep_in_address(part: int | None) -> None:
    if part is None:
        st.query_params.pop(_PART, None)
    elif st.query_params.get(_PART) != str(part + 1):
        st.query_params[_PART] = str(part + 1)


def number_ranges(numbers: Iterable[int]) -> str:
    """``1-3 7`` for 1, 2, 3 and 7."""
    ordered = sorted(numbers)
    breaks = [0, *(n for n, (a, b) in enumerate(pairwise(ordered), 1) if b > a + 1), len(ordered)]
    runs = [ordered[start:end] for start, end in pairwise(breaks) if start < end]
    return " ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def accept_line(view: DocumentView) -> tuple[int, str]:
    """How many open spans on the screen would be accepted, and the line that accepts exactly these.

    Those that the pipeline chose; of some that overlap the better one, as the annotator counts them too.
    """
    waiting = [span for span in view.spans if span.status == "open" and span.chosen]
    taken, numbers = Intervals(), []
    for span in sorted(waiting, key=lambda s: (-s.score, s.start - s.end, s.number)):
        if not taken.overlap(span.start, span.end):
            taken.add(span.start, span.end)
            numbers.append(span.number)
    return len(numbers), f"ok {number_ranges(numbers)}".strip()
