"""The annotator component: its files, joined and registered once a process, and what it is given to draw."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from hybrid_ner.review.document.parts import Outline
from hybrid_ner.review.document.view import DocumentView, SpanView
from hybrid_ner.review.label_looks import COLOURS, LABEL_KEYS, LabelLook

__all__ = [
    "KeyLine",
    "Turn",
    "annotate",
    "astral_positions",
    "label_data",
    "payload",
    "script",
    "sent",
    "token_gaps",
]


_FOLDER = Path(__file__).parent
_SCRIPTS = ("fit", "offsets", "spans", "guess", "outbox", "keys", "paint", "bar", "parts", "draw", "main")


def script() -> str:
    """The JavaScript of the component: plain files in the order they need each other."""
    return "\n".join((_FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS)


@lru_cache(maxsize=1)
def _component() -> Any:
    return st.components.v2.component(
        "hybrid_ner.annotator",
        html=(_FOLDER / "annotator.html").read_text(encoding="utf-8"),
        css=(_FOLDER / "annotator.css").read_text(encoding="utf-8"),
        js=script(),
    )


def sent(key: str) -> Any:
    """What the browser sent last, before the component is drawn again; ``None`` at first."""
    state = st.session_state.get(key)
    return state.get("outbox") if isinstance(state, Mapping) else getattr(state, "outbox", None)


def annotate(key: str, data: dict[str, Any]) -> None:
    """Draw the component."""
    _component()(key=key, data=data, on_outbox_change=_nothing)


def _nothing() -> None:
    """Edits are read in the script body: after a server restart no callback fires."""


KeyLine = tuple[str, str, str]
"""A key as the browser names it, the command template it stands for, one line of help."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What the page has to tell the browser besides the document.

    Args:
        acknowledged: Client id → number of its last edit that is written down.
        echo: The last answer, read out to people who use a screen reader.
        number: Grows with every answer.
        have: Key of the text that the browser already has; it is not sent again.
        outline: The parts of the document, where it has several.
        part: The one that is shown.
        aim: Which request this is, and the character whose span is framed at first.
        looks: How labels are shown; by default as they are called, in their order.
        question: Key and answer of the question that Enter confirms; nothing when none waits.
    """

    acknowledged: Mapping[str, int]
    echo: str = ""
    number: int = 0
    have: str = ""
    outline: Outline | None = None
    part: int = 0
    aim: tuple[str, int] | None = None
    question: tuple[str, str] | None = None
    looks: tuple[LabelLook, ...] = ()


def payload(
    view: DocumentView | None, project: str, turn: Turn, keys: Iterable[KeyLine] = ()
) -> dict[str, Any]:
    """Everything the component draws.

    Raises:
        ValueError: A value that would not survive the way (it would blank the component).
    """
    data = {
        "project": project,
        "doc": _document(view, turn),
        "spans": [_span(span) for span in view.spans] if view else [],
        "labels": [label_data(look) for look in turn.looks or _plain_looks(view)],
        "keys": [{"key": key, "command": command, "help": said} for key, command, said in keys],
        "acknowledged": dict(turn.acknowledged),
        "echo": turn.echo,
        "turn": turn.number,
        "aim": list(turn.aim) if turn.aim else None,
        "order": view.queue if view else "",
        "question": list(turn.question) if turn.question else None,
    }
    json.dumps(data, allow_nan=False)
    return data


def label_data(look: LabelLook) -> dict[str, Any]:
    """A label as the browser draws it."""
    hue = COLOURS.index(look.colour)
    rest = {"key": look.key, "definition": look.definition, "hidden": look.hidden}
    return {"label": look.label, "name": look.name, "hue": hue, **rest}


def _plain_looks(view: DocumentView | None) -> list[LabelLook]:
    labels = view.labels if view else ()
    keys = LABEL_KEYS.ljust(len(labels))
    return [
        LabelLook(label, label, COLOURS[n % len(COLOURS)], keys[n].strip()) for n, label in enumerate(labels)
    ]


def _document(view: DocumentView | None, turn: Turn) -> dict[str, Any]:
    """Text, tokens and astral characters of what is shown; places in it count from ``base``."""
    empty = {"text": "", "astral": [], "tokens": []}
    if view is None:
        return {
            "id": "",
            "version": 0,
            "hash": "none",
            "key": "none",
            "base": 0,
            "part": 0,
            "parts": [],
            **empty,
        }
    start, end = view.window or (0, len(view.text))
    key = f"{view.content_hash}:{start}-{end}" if view.window else view.content_hash
    head = {"id": view.doc_id, "hash": view.content_hash, "key": key, "base": start, "part": turn.part}
    head["parts"] = _parts(turn.outline)
    head["version"] = view.version
    if key == turn.have:
        return {**head, **empty, "text": None}
    text = view.text[start:end]
    tokens = token_gaps(view.tokens, start)
    return {**head, "text": text, "astral": list(_cached_astral(text)), "tokens": tokens}


def _parts(outline: Outline | None) -> list[list[int]]:
    """Open spans of each part, those that the pipeline chose and the others; nothing for a single part."""
    if outline is None or len(outline) < 2:
        return []
    return [list(counts) for counts in zip(outline.chosen, outline.others, strict=True)]


def _span(span: SpanView) -> list[Any]:
    return [
        int(span.number),
        int(span.start),
        int(span.end),
        span.label,
        span.status,
        span.mark,
        round(float(span.score), 3),
        bool(span.chosen),
        span.reason,
        ", ".join(span.flags),
        span.method,
        span.suggested_label,
    ]


def astral_positions(text: str) -> list[int]:
    """Places of the characters that JavaScript counts twice."""
    if text.isascii():
        return []
    return [place for place, character in enumerate(text) if character > "\uffff"]


@lru_cache(maxsize=4)
def _cached_astral(text: str) -> tuple[int, ...]:
    return tuple(astral_positions(text))


def token_gaps(tokens: Sequence[tuple[int, int]], start: int = 0) -> list[int]:
    """For every token the characters skipped before it and its length: short numbers, short payload."""
    gaps: list[int] = []
    at = start
    for start, end in tokens:
        gaps += (int(start) - at, int(end) - int(start))
        at = int(end)
    return gaps
