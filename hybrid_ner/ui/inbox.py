"""Edits as they arrive from the browser: checked, applied in order, each exactly once.

The browser sends every edit that has not been acknowledged, again and again. Writing down that an edit was
seen is the store's part (it answers a repeated ``(client, sequence)`` with the first answer); this module
only saves the question when the page already knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast, get_args

import streamlit as st

from hybrid_ner.errors import StoreError
from hybrid_ner.review import DocumentView, Pending
from hybrid_ner.review.chat.situation import numbers_said
from hybrid_ner.review.document import Outline
from hybrid_ner.review.reply import Reply
from hybrid_ner.review.screen import Operation, OperationKind, Shown, ShownSpan
from hybrid_ner.text.offsets import Intervals
from hybrid_ner.ui.components import sent

LINE = cast(OperationKind, "line")
KINDS: tuple[str, ...] = (*get_args(OperationKind), LINE)
MAX_EDITS = 5000
"""Edits in one message; the browser keeps the rest."""
MAX_TEXT = 20_000
"""Characters in one text field of an edit."""
MAX_SHOWN = 50_000
"""Spans that a tab may show."""


@dataclass(frozen=True, slots=True)
class Edit(Operation):
    """One edit of a browser tab, ``line`` for a command, or the reason why it is none.

    Args:
        project: Project it was made in.
        line: The command.
        count: Spans that the page counted: a question about exactly these is answered with yes.
        question: Key of the question that the line answers.
        problem: Why it cannot be applied; empty when it can.
    """

    project: str = ""
    line: str = ""
    count: int = 0
    question: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message.

    Args:
        acknowledged: Client id → number of its last edit that is answered.
        replies: Answers to the edits that were new to the page, with their edits.
        failure: Why the store could not write; the browser will send the rest again.
    """

    acknowledged: dict[str, int] = field(default_factory=dict)
    replies: list[tuple[Edit, Reply]] = field(default_factory=list)
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """A part of a document that the reviewer wants to see.

    Args:
        name: Of this wish: a wish that was granted is not granted again.
        part: Number of the part, from 0.
    """

    name: str
    doc_id: str
    part: int


def read_edits(value: Any) -> list[Edit]:
    """The edits of a message; what is no edit at all is passed over, it cannot be answered either."""
    rows = value.get("edits") if isinstance(value, Mapping) else None
    if not isinstance(rows, list):
        return []
    return [edit for row in rows[:MAX_EDITS] if (edit := _read(row)) is not None]


def read_framed(value: Any, doc_id: str) -> int:
    """Number of the span that the page framed when it last said so, in this document; 0 when it did not."""
    framed = value.get("framed") if isinstance(value, Mapping) else None
    if not isinstance(framed, Mapping) or framed.get("doc") != doc_id:
        return 0
    number = framed.get("number")
    return number if isinstance(number, int) and number > 0 else 0


def read_have(value: Any) -> str:
    """Hash of the text that the browser has."""
    have = value.get("have") if isinstance(value, Mapping) else None
    return have if isinstance(have, str) and len(have) <= 128 else ""


TURNS = "turns"
"""Key of the chat log."""


def unticked(question: str) -> list[int]:
    """Samples that are not ticked in the table of this question, as the chat log said last."""
    value = sent(TURNS)
    if not isinstance(value, Mapping) or not question or value.get("question") != question:
        return []
    out = value.get("out")
    numbers = map(_whole, out[:MAX_EDITS] if isinstance(out, list) else ())
    return sorted({number for number in numbers if number is not None and number > 0})


def answer_of(pending: Pending) -> str:
    """The answer that agrees with a question, without the samples that are not ticked."""
    out = unticked(pending.key)
    return f"except {' '.join(map(str, out))}" if out else pending.answer


def read_wish(value: Any) -> Wish | None:
    """The part of a document that the reviewer wants to see."""
    row = value.get("wish") if isinstance(value, Mapping) else None
    if not isinstance(row, Mapping):
        return None
    name, doc_id, part = row.get("name"), row.get("doc"), _whole(row.get("part"))
    if not isinstance(name, str) or not isinstance(doc_id, str) or part is None or len(name) > 128:
        return None
    return Wish(name, doc_id, part)


def take_in(edits: list[Edit], known: Mapping[str, int], apply: Callable[[Edit], Reply]) -> Outcome:
    """Apply what is new, in order; stop at the first edit that the store could not write.

    Args:
        edits: As read from the message.
        known: Client id → number of the last edit that this page has answered.
        apply: Runs one edit in its review session.
    """
    outcome = Outcome(dict(known))
    for edit in _new(edits, outcome.acknowledged):
        if edit.problem:
            reply = Reply(f"an edit of the page was refused: {edit.problem}", "error")
        else:
            try:
                reply = apply(edit)
            except StoreError as error:
                return Outcome(outcome.acknowledged, outcome.replies, str(error))
        outcome.acknowledged[edit.client_id] = edit.sequence
        outcome.replies.append((edit, reply))
    return outcome


def _new(edits: list[Edit], acknowledged: Mapping[str, int]) -> Iterator[Edit]:
    for edit in sorted(edits, key=lambda e: e.sequence):
        if edit.sequence > acknowledged.get(edit.client_id, 0):
            yield edit


def _read(row: Any) -> Edit | None:
    if not isinstance(row, Mapping):
        return None
    client, sequence = row.get("client"), _whole(row.get("sequence"))
    if not isinstance(client, str) or not 0 < len(client) <= 64 or sequence is None or sequence < 1:
        return None
    try:
        return _checked(client, sequence, row)
    except ValueError as error:
        return Edit(LINE, "", "", client, sequence, problem=str(error))


def _checked(client: str, sequence: int, row: Mapping[str, Any]) -> Edit:
    kind = _text(row, "kind")
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}")
    names = ("project", "surface", "label", "line", "question")
    values: dict[str, Any] = {name: _text(row, name) for name in names}
    values["shown"] = _shown(row)
    numbers = (("number", 0), ("start", -1), ("end", -1), ("count", 0))
    values |= {name: _number(row, name, default) for name, default in numbers}
    made_on = (_text(row, "doc"), _text(row, "hash"))
    return Edit(cast(OperationKind, kind), *made_on, client, sequence, **values)


def _shown(row: Mapping[str, Any]) -> Shown | None:
    """What the tab shows: ``[number, start, end, label, status]`` of spans, in code points."""
    rows = row.get("shown")
    if rows is None:
        return None
    if not isinstance(rows, list) or len(rows) > MAX_SHOWN:
        raise ValueError(f"shown must be a list of at most {MAX_SHOWN:,} spans")
    spans = {}
    for each in rows:
        is_span = isinstance(each, list) and len(each) == 5
        if not is_span or not all(isinstance(part, str) for part in each[3:]):
            raise ValueError("a shown span must be its number, start, end, label and status")
        number, start, end = (_whole(part) for part in each[:3])
        if number is None or start is None or end is None:
            raise ValueError("a shown span must have whole numbers")
        spans[number] = ShownSpan(start, end, each[3], each[4])
    return Shown(_text(row, "doc"), spans, _number(row, "version", 0), row.get("whole") is True)


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name, "")
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise ValueError(f"{name} must be a text of at most {MAX_TEXT:,} characters")
    return value


def _number(row: Mapping[str, Any], name: str, default: int) -> int:
    value = _whole(row.get(name, default))
    if value is None:
        raise ValueError(f"{name} must be a whole number")
    return value


def _whole(value: Any) -> int | None:
    # JavaScript has one number type: 3 may arrive as 3.0.
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


# Which part of a long document is on the screen, and the window of it that is read.

_PART, _TARGET, _GRANTED, _AIM = "part", "part target", "part granted", "aim"


def shown_part(outline: Outline, wish: Wish | None) -> int:
    """The part to show: the one wished for, where something was looked for, or the one of before.

    In a document that was not open before it is the first part with something open.

    Args:
        wish: What the annotator asked for; granted once.
    """
    doc_id, part = st.session_state.get(_PART, ("", 0))
    if doc_id != outline.doc_id:
        part = _from_address(outline)
    if wish is not None and wish.name != st.session_state.get(_GRANTED):
        st.session_state[_GRANTED] = wish.name
        if wish.doc_id == outline.doc_id:
            part = wish.part
    if (target := st.session_state.pop(_TARGET, None)) is not None:
        part = outline.part_at(target)
    there: int = max(0, min(part, len(outline) - 1))
    st.session_state[_PART] = (outline.doc_id, there)
    _keep_in_address(there if len(outline) > 1 else None)
    return there


def look_at(place: int | None) -> None:
    """Show the part with this character at the next run; nothing happens without one."""
    if place is not None:
        st.session_state[_TARGET] = place


def aim_at(doc_id: str, start: int | None, end: int = 0) -> None:
    """Frame the span at this character of a document when it is drawn; nothing happens without one.

    Args:
        end: Where no span is, the characters up to here are marked, as if they had been selected.
    """
    if start is not None and start >= 0:
        look_at(start)
        number = st.session_state.get(_AIM, ("", 0, 0, 0))[3] + 1
        st.session_state[_AIM] = (doc_id, start, end, number)


def aimed_at(doc_id: str) -> tuple[str, int, int] | None:
    """Which request it is, and the characters that were aimed at in this document."""
    wanted, start, end, number = st.session_state.get(_AIM, ("", 0, 0, 0))
    return (f"{wanted} {number}", start, end) if number and wanted == doc_id else None


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
    return len(numbers), f"ok {numbers_said(numbers)}".strip()
