"""A Streamlit script with the annotator over plain memory: for tests and figures of the component alone.

Query: ``text`` names a text below or a number of characters, ``spans`` a number of spans, ``faint`` how many
of these (the last ones) the pipeline did not choose, ``more`` how many labels nothing has, ``slow`` seconds
that every script run takes.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import streamlit as st

from hybrid_ner.review.document import DocumentView, SpanView
from hybrid_ner.review.reply import Reply
from hybrid_ner.text import content_hash
from hybrid_ner.ui.components import Turn, draw, payload, sent
from hybrid_ner.ui.inbox import Edit, read_edits, read_have, take_in

TEXTS = {
    "unicode": "Fever 😀 and cafe\u0301 au lait spots.\r\nPt 👩\u200d⚕️ denies chest pain,\n"
    "but reports 𝒜fib twice: 𝒜fib!\n",
    "hostile": '<script>document.title="owned"</script> **bold** $x^2$ <img src=x onerror=alert(1)> fever\n',
    "rtl": "החולה קיבל aspirin בגלל חום גבוה.\nLatin line with שלום in it.\n",
    "empty": "",
}
LABELS = ("Disease", "Chemical", "Symptom", "Anatomy")
KEYS = (
    ("a", "ok {n}", "accept"),
    ("x", "no {n}", "reject"),
    ("]", "{n} +1", "right edge out"),
    ("[", "{n} <1", "left edge out"),
    ("w", "why {n}", "why"),
    ("f", 'flag "{text}"', "flag with a note"),
    ("r", "reopen {n}", "take the decision back"),
    ("ArrowRight", "next", "next document"),
)


def made_text(size: int) -> str:
    """``size`` characters in lines of words."""
    words = [f"word{i % 97}" for i in range(size // 6 + 1)]
    lines = [" ".join(words[i : i + 18]) for i in range(0, len(words), 18)]
    return "\n".join(lines)[:size]


def tokens_of(text: str) -> list[tuple[int, int]]:
    """White space tokens, with marks at the edges apart."""
    found: list[tuple[int, int]] = []
    at = 0
    for word in text.split():
        start = text.index(word, at)
        at = start + len(word)
        core = word.strip(".,:;!?")
        if core:
            left = start + word.index(core)
            found.append((left, left + len(core)))
    return found


def first_view(name: str, spans: int, faint: int = 0, more: int = 0) -> DocumentView:
    """The document as nobody has touched it."""
    text = TEXTS[name] if name in TEXTS else made_text(int(name))
    tokens = tokens_of(text)
    every = max(1, len(tokens) // spans) if spans else len(tokens) + 1
    places = tokens[::every][:spans]
    rows = tuple(
        SpanView(
            n,
            a,
            b,
            text[a:b],
            LABELS[n % 4],
            "open",
            ("rule", "model", "rule+model")[n % 3],
            score=0.5 + n % 5 / 10,
            chosen=n <= spans - faint,
        )
        for n, (a, b) in enumerate(places, 1)
    )
    labels = (*LABELS, *(f"Other{n}" for n in range(1, more + 1)))
    return DocumentView(
        name, 1, 1, text, content_hash(text), "r1", 0, rows, tuple(tokens), labels, "random", 1, False
    )


@st.cache_resource
def memory() -> dict[str, Any]:
    """What all sessions of this server share."""
    return {}


def apply(key: str, edit: Edit) -> Reply:
    """The review engine in a few lines: idempotent, checked."""
    kept = memory()[key]
    if (edit.client_id, edit.sequence) in kept["seen"]:
        return kept["seen"][edit.client_id, edit.sequence]
    reply = Reply(change(kept, edit), "done")
    kept["seen"][edit.client_id, edit.sequence] = reply
    kept["log"].append((edit.kind, edit.number, edit.start, edit.end, edit.surface, edit.label, edit.line))
    return reply


def change(kept: dict[str, Any], edit: Edit) -> str:
    """Apply one edit to the view."""
    view: DocumentView = kept["view"]
    if edit.kind == "line":
        return f"heard: {edit.line}"
    if edit.start >= 0 and view.text[edit.start : edit.end] != edit.surface:
        return "the text there differs"
    if edit.kind == "add":
        new = SpanView(
            len(view.spans) + 1, edit.start, edit.end, edit.surface, edit.label, "accepted", "reviewer"
        )
        kept["view"] = replace(view, spans=(*view.spans, new))
        return f"added {edit.surface}"
    values: dict[str, Any] = {
        "accept": {"status": "accepted"},
        "reject": {"status": "rejected"},
        "reopen": {"status": "open"},
        "relabel": {"status": "accepted", "label": edit.label},
        "boundary": {"status": "accepted", "start": edit.start, "end": edit.end, "surface": edit.surface},
    }[edit.kind]
    spans = tuple(replace(s, **values) if s.number == edit.number else s for s in view.spans)
    kept["view"] = replace(view, spans=spans)
    return f"{edit.kind} {edit.number}"


def main() -> None:
    """One run of the script."""
    query = st.query_params
    name, spans = query.get("text", "unicode"), int(query.get("spans", "5"))
    key = query.get("key", f"{name}-{spans}")
    time.sleep(float(query.get("slow", "0")))
    faint, more = int(query.get("faint", "0")), int(query.get("more", "0"))
    memory().setdefault(key, {"view": first_view(name, spans, faint, more), "seen": {}, "log": []})
    known = st.session_state.setdefault("known", {})
    outcome = take_in(read_edits(sent("annotator")), known, lambda edit: apply(key, edit))
    known.update(outcome.acknowledged)
    turn = Turn(
        known,
        outcome.replies[-1][1].echo if outcome.replies else "",
        len(known),
        read_have(sent("annotator")),
    )
    draw("annotator", "annotator", payload(memory()[key]["view"], "harness", turn, KEYS))
    st.text(f"edits written: {len(memory()[key]['log'])}")
    st.json(memory()[key]["log"], expanded=False)
    for entry in memory()[key]["log"][-3:]:
        st.text(repr(entry))


if __name__ == "__main__":  # not where its texts are imported
    main()
