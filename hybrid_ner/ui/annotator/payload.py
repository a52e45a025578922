"""What the annotator is given to draw: plain values, offsets in code points."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from hybrid_ner.review.view import DocumentView, SpanView

__all__ = ["KeyLine", "Turn", "astral_positions", "payload", "token_gaps"]

KeyLine = tuple[str, str, str]
"""A key as the browser names it, the command template it stands for, one line of help."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What the page has to tell the browser besides the document.

    Args:
        acknowledged: Client id → number of its last edit that is written down.
        echo: The last answer, read out to people who use a screen reader.
        number: Grows with every answer.
        have: Hash of the text that the browser already has; it is not sent again.
    """

    acknowledged: Mapping[str, int]
    echo: str = ""
    number: int = 0
    have: str = ""


def payload(
    view: DocumentView | None, project: str, turn: Turn, keys: Iterable[KeyLine] = ()
) -> dict[str, Any]:
    """Everything the component draws.

    Raises:
        ValueError: A value that would not survive the way (it would blank the component).
    """
    data = {
        "project": project,
        "doc": _document(view, turn.have),
        "spans": [_span(span) for span in view.spans] if view else [],
        "labels": list(view.labels) if view else [],
        "keys": [{"key": key, "command": command, "help": said} for key, command, said in keys],
        "acknowledged": dict(turn.acknowledged),
        "echo": turn.echo,
        "turn": turn.number,
    }
    json.dumps(data, allow_nan=False)
    return data


def _document(view: DocumentView | None, have: str) -> dict[str, Any]:
    if view is None:
        return {"id": "", "hash": "none", "text": "", "astral": [], "tokens": []}
    head = {"id": view.doc_id, "hash": view.content_hash}
    if view.content_hash == have:
        return {**head, "text": None, "astral": [], "tokens": []}
    astral = list(_cached_astral(view.text))
    return {**head, "text": view.text, "astral": astral, "tokens": token_gaps(view.tokens)}


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
    ]


def astral_positions(text: str) -> list[int]:
    """Places of the characters that JavaScript counts twice."""
    if text.isascii():
        return []
    return [place for place, character in enumerate(text) if character > "\uffff"]


@lru_cache(maxsize=4)
def _cached_astral(text: str) -> tuple[int, ...]:
    return tuple(astral_positions(text))


def token_gaps(tokens: Sequence[tuple[int, int]]) -> list[int]:
    """For every token the characters skipped before it and its length: short numbers, short payload."""
    gaps: list[int] = []
    at = 0
    for start, end in tokens:
        gaps += (int(start) - at, int(end) - int(start))
        at = int(end)
    return gaps
