"""What is drawn by JavaScript: annotator, board of cards and chat log, and the plain values each is given.

The files of each stand in the folder of its name. Every line of the chat is a text node, so nothing a
document holds is interpreted. The annotator's edits are never lost: the browser keeps what it answers and
sends it again until the page acknowledges it (``ui.inbox``). Offsets are code points on the wire.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from hybrid_ner.review import Pending, Reply, TurnRow, offered
from hybrid_ner.review.chat.situation import quoted
from hybrid_ner.review.commands.help import MANUAL, Words
from hybrid_ner.review.document import DocumentView, Outline, SpanView
from hybrid_ner.review.store.lookups import COLOURS, LABEL_KEYS, LabelLook, with_names
from hybrid_ner.review.term_queue import TermCard

# The annotator component: its files, joined and registered once a process, and what it is given to draw.

_FOLDER = Path(__file__).parent
_PARTS = ("fit", "offsets", "spans", "guess", "outbox", "keys", "paint", "bar", "parts", "draw", "main")
_SCRIPTS = {
    "annotator": tuple(f"annotator/{name}.js" for name in _PARTS),
    "cards": ("annotator/fit.js", "annotator/outbox.js", "annotator/keys.js", "cards/cards.js"),
    "turns": ("annotator/fit.js", "annotator/outbox.js", "turns/hints.js", "turns/turns.js"),
}
"""Component → its JavaScript: plain files in the order they need each other."""


def script(name: str) -> str:
    """The JavaScript of a component."""
    return "\n".join((_FOLDER / file).read_text(encoding="utf-8") for file in _SCRIPTS[name])


@cache
def _component(name: str) -> Any:
    """A component by its folder: its files, joined and registered once a process."""
    html, css = ((_FOLDER / name / f"{name}.{kind}").read_text(encoding="utf-8") for kind in ("html", "css"))
    return st.components.v2.component(f"hybrid_ner.{name}", html=html, css=css, js=script(name))


def draw(name: str, key: str, data: dict[str, Any]) -> None:
    """Draw a component under a key."""
    _component(name)(key=key, data=data, on_outbox_change=_nothing)


def _nothing() -> None:
    """Lines are read in the script body: after a server restart no callback fires."""


def sent(key: str) -> Any:
    """What the browser sent last, before the component is drawn again; ``None`` at first."""
    state = st.session_state.get(key)
    return state.get("outbox") if isinstance(state, Mapping) else getattr(state, "outbox", None)


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
        aim: Which request this is, and the characters whose span is framed, or which are marked.
        looks: How labels are shown; by default as they are called, in their order.
        guess: For each word the label of the listed terms that end like it, for spans that a reviewer adds.
        question: Key and answer of the question that Enter confirms; nothing when none waits.
    """

    acknowledged: Mapping[str, int]
    echo: str = ""
    number: int = 0
    have: str = ""
    outline: Outline | None = None
    part: int = 0
    aim: tuple[str, int, int] | None = None
    question: tuple[str, str] | None = None
    looks: tuple[LabelLook, ...] = ()
    guess: Callable[[Sequence[str]], Sequence[str]] = lambda words: [""] * len(words)


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
    empty = {"text": "", "astral": [], "tokens": [], "told": [], "names": [], "pages": []}
    if view is None:
        blank = {"id": "", "version": 0, "hash": "none", "key": "none", "base": 0, "part": 0}
        return {**blank, "parts": [], "done": False, **empty}
    start, end = view.window or (0, len(view.text))
    key = f"{view.content_hash}:{start}-{end}" if view.window else view.content_hash
    head = {"id": view.doc_id, "hash": view.content_hash, "key": key, "base": start, "part": turn.part}
    head["parts"] = _parts(turn.outline)
    head["version"], head["done"] = view.version, view.done
    if key == turn.have:
        return {**head, **empty, "text": None}
    text = view.text[start:end]
    tokens = token_gaps(view.tokens, start)
    told, names = _told(view, turn)
    return {
        **head,
        "text": text,
        "astral": list(_cached_astral(text)),
        "tokens": tokens,
        "told": told,
        "names": names,
        "pages": list(turn.outline.pages) if turn.outline else [],
    }


def _told(view: DocumentView, turn: Turn) -> tuple[list[int], list[str]]:
    """For each token the place of its guessed label in the names; -1 for none."""
    said = [view.text[start:end] for start, end in view.tokens]
    words = list(dict.fromkeys(said))
    guessed = dict(zip(words, turn.guess(words), strict=True))
    names = sorted(set(guessed.values()) - {""})
    places = {name: place for place, name in enumerate(names)}
    return [places.get(guessed[word], -1) for word in said], names


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
        span.near or span.method,
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


# The board of cards: its files, joined and registered once a process, and what it is given to draw.

MAX_LEFT = 2000
"""Cards that a tab may have left."""


def board_data(
    cards: Sequence[TermCard],
    project: str,
    labels: Sequence[LabelLook],
    acknowledged: Mapping[str, int],
    said: tuple[str, str] | None,
    pending: Pending | None,
    *,
    single: bool = False,
    shared: bool = False,
    left: Iterable[str] = (),
    empty: str = "",
) -> dict[str, Any]:
    """Everything the board draws.

    Args:
        cards: Best first.
        project: Edits name it.
        labels: Labels of the project as they are shown.
        acknowledged: Client id → number of its last edit that is written down.
        said: The last answer and its level.
        pending: The question that waits.
        single: Every card is one span, with yes and no.
        shared: Something stands in documents that do not wait: verdicts leave it out.
        left: Keys of cards that were left before.
        empty: What to say without cards.
    """
    data = {
        "project": project,
        "labels": [label_data(look) for look in labels],
        "cards": [_card(card, single) for card in cards],
        "acknowledged": dict(acknowledged),
        "echo": {"text": said[0], "level": said[1]} if said else None,
        "question": _question(pending, labels),
        "single": single,
        "shared": shared,
        "left": sorted(left),
        "empty": empty,
    }
    json.dumps(data, allow_nan=False)
    return data


def card_key(card: TermCard, *, single: bool) -> str:
    """What selects the card: the term and its label, and the place where it is a single span."""
    label = card.label if card.label.isidentifier() else quoted(card.label)
    first = card.contexts[0]
    place = f" only {first.position} @{first.start}-{first.end}" if single else ""
    return f"all {quoted(card.term)} label:{label}{place}"


def _card(card: TermCard, single: bool) -> dict[str, Any]:
    return {
        "key": card_key(card, single=single),
        "term": card.term,
        "quoted": quoted(card.term),
        "select": card_key(card, single=False),
        "label": card.label,
        "spans": int(card.spans),
        "others": int(card.others),
        "documents": int(card.documents),
        "marks": [list(each) for each in card.marks],
        "elsewhere": [list(each) for each in card.elsewhere],
        "accepted": int(card.accepted),
        "rejected": int(card.rejected),
        "single": single,
        "near": card.near,
        "contexts": [
            [
                *(c.doc_id, int(c.position), int(c.start), int(c.end), c.before, c.surface, c.after),
                *(bool(c.likely), c.mark, round(float(c.score), 3)),
            ]
            for c in card.contexts
        ],
    }


def _question(pending: Pending | None, labels: Sequence[LabelLook]) -> dict[str, str] | None:
    if pending is None or pending.kind in ("choice", "which"):
        return None
    count = pending.answer.removeprefix("yes").strip()
    yes = f"Yes, {count}" if count else "Yes"
    return {
        "text": with_names(pending.question, labels),
        "answer": pending.answer,
        "key": pending.key,
        "yes": yes,
    }


def read_left(value: Any) -> frozenset[str]:
    """Keys of the cards that the reviewer left to the review of documents."""
    left = value.get("left") if isinstance(value, Mapping) else None
    if not isinstance(left, list):
        return frozenset()
    return frozenset(key for key in left[:MAX_LEFT] if isinstance(key, str))


# The chat log: at most the last thirty turns, each with its explanation when it has one.

SHOWN = 30
"""Turns on the page."""
ROWS = 200
"""Rows of one table."""


def turn_rows(history: Sequence[TurnRow], replies: Sequence[tuple[str, Reply]]) -> list[dict[str, Any]]:
    """The turns as plain values; the latest replies lend theirs what the history does not keep.

    Args:
        history: As the store keeps it, newest last.
        replies: Lines and answers of this browser session, newest last.
    """
    waiting = list(replies)
    rows: list[dict[str, Any]] = []
    for turn in reversed(history):
        row: dict[str, Any] = {
            "line": turn.line,
            "echo": turn.echo,
            "level": turn.level,
            "lines": [],
            "table": None,
        }
        for index in range(len(waiting) - 1, -1, -1):
            line, reply = waiting[index]
            if (reply.understood or line, reply.echo) == (turn.line, turn.echo):
                row |= _rich(reply)
                if reply.understood and reply.understood != line:
                    row |= {"line": line, "meant": reply.understood}
                del waiting[index:]
                break
        rows.append(row)
    return rows[::-1]


def _rich(reply: Reply) -> dict[str, Any]:
    table = None
    if reply.table:
        rows = [["" if value is None else str(value) for value in row] for row in reply.table.rows[:ROWS]]
        table = {"title": reply.table.title, "columns": list(reply.table.columns), "rows": rows}
    return {"lines": list(reply.lines), "table": table} | ({"then": reply.then} if reply.then else {})


def draw_turns(
    key: str,
    rows: list[dict[str, Any]],
    empty: str,
    project: str = "",
    acknowledged: Mapping[str, int] | None = None,
    question: str = "",
    words: Words = MANUAL,
) -> None:
    """Draw the log; its commands are suggested while somebody types into the chat box.

    Args:
        rows: See ``turn_rows``.
        empty: What to say without any.
        project: Lines of clicks name it.
        acknowledged: Client id → number of its last line that is written down.
        question: Key of the question that waits: ticks of its samples answer it.
        words: Of the project, for examples of commands.
    """
    forms = ((words.told(usage), spec.does) for spec in offered(files=False) for usage in spec.usage)
    commands = [{"usage": usage, "does": does} for usage, does in forms if usage]
    data: dict[str, Any] = {"turns": rows, "empty": empty, "commands": commands}
    data |= {"project": project, "question": question, "acknowledged": dict(acknowledged or {})}
    draw("turns", key, data)
