"""What a reviewer may read beside a document: hints for the first review, keys, and commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from html import escape
from itertools import groupby

import streamlit as st

from hybrid_ner.review import KEYS, DocumentView, offered
from hybrid_ner.review.commands.examples import MANUAL, Words, words_for
from hybrid_ner.review.store.lookups import label_looks
from hybrid_ner.ui.components import SHOWN
from hybrid_ner.ui.state import Here

STEPS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    (
        "The framed term is a suggestion. If it is right, press **a** (or the Accept button). "
        "The next one is framed by itself.",
        lambda line: line.startswith(("ok", "accept")),
    ),
    (
        "If a term is wrong, press **x** (or Reject), or give it another label by its number or button. "
        "Backspace (or Undo) takes back the last step, whatever it was.",
        lambda line: line.startswith(("no ", "reject")) or " is " in line,
    ),
    (
        "To see why a term was marked, press **w** (or Why). The answer stands in the conversation.",
        lambda line: line.startswith("why"),
    ),
    (
        "A term was missed? Drag over it, then Enter; a number or button gives it another label. With Shift "
        "held, all its places here are marked. Then go on with **Next**.",
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
    if st.session_state.get("no guide") or st.session_state.get("notes") or not view.spans:
        return
    step = next_step([turn.line for turn in here.session.history(SHOWN)])
    if step is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="guide", border=True):
        st.markdown(f"**{step + 1} of {len(STEPS)}** · {STEPS[step][0]}", width="stretch")
        st.button("Hide hints", type="tertiary", on_click=_hide)


def _hide() -> None:
    st.session_state["no guide"] = True


_NAMES = {" ": "Space", "ArrowRight": "→", "ArrowLeft": "←"}
_LABELS_AND_MOVES = (
    ("1 … 9", "the label with that key (further ones have letters), for the framed mention or for a new one"),
    ("e", "the same verdict for the other places of the term in this document"),
    ("X, Shift + number or drag", "reject, give the label, or mark a missed term, there at once"),
    ("E", "the same verdict in all documents: shown first, Enter confirms"),
    ("↓ ↑", "choose another mention"),
    ("n", "draw a new mention without the mouse: arrow keys, Shift to make it longer, Escape to leave"),
    ("y", "yes, where a question waits"),
)
_SIGNS = (
    ("R", "the rules found it"),
    ("M", "the model found it"),
    ("R+M", "both found it"),
    ("R≠M", "both found something there, with another label"),
    ("T", "a term that was added in review"),
    ("≠ and =", "several people or models, who differ or agree"),
)
_TOPICS = {
    "decide": "Decide",
    "edit": "Change mentions",
    "explain": "Explain",
    "bulk": "Everywhere at once",
    "gazetteer": "Term lists",
    "codebook": "What labels mean",
    "move": "Documents",
    "undo": "Take back",
    "models": "Models",
    "team": "Several reviewers",
    "assign": "Who reviews what",
    "files": "Files",
    "answer": "Answers",
    "help": "Help",
    "added": "From other packages",
}


def sheet(words: Words = MANUAL) -> str:
    """Tables in HTML: the keys, and the commands topic by topic, with examples in words of the project."""
    keys = _table("Keys, while no field is typed in", _keys())
    more = "Commands have more forms: type ? and one of them, for example ? undo."
    signs = _table("Letters behind a label", _SIGNS)
    return f'<div class="sheet">{keys}{signs}{_commands(words)}<p>{more}</p></div>'


def _keys() -> Iterator[tuple[str, str]]:
    drawn_here = {key for key, _ in _LABELS_AND_MOVES}
    for key in KEYS:
        if not key.key.isdigit() and key.key not in drawn_here:
            yield _NAMES.get(key.key, key.key), key.help
    yield from _LABELS_AND_MOVES


def _commands(words: Words) -> str:
    return "".join(
        _table(_TOPICS.get(topic, topic), ((words.told(spec.usage[0]), spec.does) for spec in specs))
        for topic, specs in groupby(offered(files=False), lambda spec: spec.topic)
    )


def _table(title: str, rows: Iterable[tuple[str, str]]) -> str:
    drawn = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(does.replace("`", ""))}</td></tr>'
        for name, does in rows
    )
    return f"<table><caption>{escape(title)}</caption><tbody>{drawn}</tbody></table>"


def own_words(here: Here, view: DocumentView | None) -> Words:
    """What examples of help say in this project."""
    marked = [(span.surface, span.label) for span in view.spans] if view else []
    used = [look.label for look in label_looks(here.session.project) if not look.hidden]
    return words_for(used, marked, here.models.setup.domain)
