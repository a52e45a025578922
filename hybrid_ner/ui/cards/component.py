"""The board of cards: its files, joined and registered once a process, and what it is given to draw."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from hybrid_ner.review import Pending, Reply
from hybrid_ner.review.label_looks import LabelLook
from hybrid_ner.review.term_queue import TermCard
from hybrid_ner.ui.annotator.component import label_data
from hybrid_ner.ui.frame import quoted

__all__ = ["board", "board_data", "card_key", "read_left"]

_FOLDER = Path(__file__).parent
_SHARED = ("fit", "outbox", "keys")
"""Parts of the annotator that the board needs too."""
MAX_LEFT = 2000
"""Cards that a tab may have left."""


@lru_cache(maxsize=1)
def _component() -> Any:
    read = {name: (_FOLDER / f"cards.{name}").read_text(encoding="utf-8") for name in ("html", "css", "js")}
    shared = (_FOLDER.parent / "annotator" / f"{name}.js" for name in _SHARED)
    before = "\n".join(path.read_text(encoding="utf-8") for path in shared)
    return st.components.v2.component("hybrid_ner.cards", **{**read, "js": f"{before}\n{read['js']}"})


def board(key: str, data: dict[str, Any]) -> None:
    """Draw the component."""
    _component()(key=key, data=data, on_outbox_change=_nothing)


def _nothing() -> None:
    """Lines are read in the script body: after a server restart no callback fires."""


def board_data(
    cards: Sequence[TermCard],
    project: str,
    labels: Sequence[LabelLook],
    acknowledged: Mapping[str, int],
    said: Reply | None,
    pending: Pending | None,
    *,
    single: bool = False,
    empty: str = "",
) -> dict[str, Any]:
    """Everything the board draws.

    Args:
        cards: Best first.
        project: Edits name it.
        labels: Labels of the project as they are shown.
        acknowledged: Client id → number of its last edit that is written down.
        said: The last answer.
        pending: The question that waits.
        single: Every card is one span, with yes and no.
        empty: What to say without cards.
    """
    data = {
        "project": project,
        "labels": [label_data(look) for look in labels],
        "cards": [_card(card, single) for card in cards],
        "acknowledged": dict(acknowledged),
        "echo": {"text": said.echo, "level": said.level} if said and said.level != "ask" else None,
        "question": _question(pending),
        "single": single,
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
        "contexts": [
            [
                *(c.doc_id, int(c.position), int(c.start), int(c.end), c.before, c.surface, c.after),
                *(bool(c.likely), c.mark, round(float(c.score), 3)),
            ]
            for c in card.contexts
        ],
    }


def _question(pending: Pending | None) -> dict[str, str] | None:
    if pending is None or pending.kind in ("choice", "which"):
        return None
    count = pending.answer.removeprefix("yes").strip()
    yes = f"Yes, {count}" if count else "Yes"
    return {"text": pending.question, "answer": pending.answer, "key": pending.key, "yes": yes}


def read_left(value: Any) -> frozenset[str]:
    """Keys of the cards that the reviewer left to the review of documents."""
    left = value.get("left") if isinstance(value, Mapping) else None
    if not isinstance(left, list):
        return frozenset()
    return frozenset(key for key in left[:MAX_LEFT] if isinstance(key, str))
