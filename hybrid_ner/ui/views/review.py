"""Review: the document on the left, what was said on the right, one line to type below."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any

import streamlit as st

from hybrid_ner.errors import HybridNerError, InputError, told
from hybrid_ner.review import KEYS, DocumentView, Reply, Shown, offered
from hybrid_ner.review.chat.situation import quoted
from hybrid_ner.review.commands.help import MANUAL, Words, words_for
from hybrid_ner.review.document import Outline
from hybrid_ner.review.store.gold import TABLE, gold_file
from hybrid_ner.review.store.lookups import label_looks, standing
from hybrid_ner.review.store.ranking import order_words
from hybrid_ner.text import quantity
from hybrid_ner.ui import frame, inbox, state
from hybrid_ner.ui.components import SHOWN, Turn, draw, draw_turns, payload, sent, turn_rows
from hybrid_ner.ui.inbox import TURNS, answer_of
from hybrid_ner.ui.state import Here
from hybrid_ner.ui.views.models import learning, watch

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

ANNOTATOR, ASIDE, TYPED, ERASED = "annotator", "aside", "typed lines", "what was erased"
HEARD = "typed line kept"
"""Key of whether the line that the chat box holds in this run is among those that were typed."""
EMPTY = "Nothing was said yet. Press a to accept the framed term, x to reject it, or say below what to do."
UNMARKED = "Nothing was said yet. Drag over words to mark them, or say below what to do."


def page(here: state.Here) -> None:
    """One run of the page: what the browser sent first, then the document as it is now."""
    line = st.bottom.chat_input(
        "Type a command or a sentence; ? for help", key="typed", on_submit=_typed, args=(here.project,)
    )
    # Of a line that comes before the session has drawn the box, as after a restart of the server, Streamlit
    # tells by this value alone.
    heard = st.session_state.pop(HEARD, False)
    if line and not heard:
        state.to_the_end(_keep_typed, here.project, line)
    _return_to_document(here)
    outcome = _take_edits(here)
    said = st.session_state.get(TYPED, [])
    while said:
        _say(here, said)
    view, turn = _current(here)
    state.keep_in_address(doc=view.doc_id if view else "")
    if outcome.failure:
        st.error(frame.plain(f"Not saved: {outcome.failure} The page keeps your edits and tries again."))
    _say_erased()
    header = st.container()
    with st.container(key="work"):
        left, right = st.columns([3, 2], gap="medium")
    with header:
        _header(here, view)
    with left:
        keys = [(k.key, k.command, k.help) for k in KEYS]
        draw("annotator", ANNOTATOR, payload(view, here.project, turn, keys))
    with right:
        # Above the log, so that they open downwards and nothing of them is cut off.
        words = own_words(here, view)
        with st.container(horizontal=True, key="lookups"):
            with st.popover("Keys and commands", type="tertiary"):
                st.html(sheet(words))
            frame.beside_document(here, view)
            if view is not None:
                _out_of_place(here, view.doc_id)
        live = _talk(here, words, view)
    watch(here, live, running=True)


def _typed(project: str) -> None:
    """Keep what was typed until a run takes it: one that a key or another line cuts off would forget it."""
    state.to_the_end(_keep_typed, project, st.session_state["typed"])
    st.session_state[HEARD] = True


def _keep_typed(project: str, line: str) -> None:
    st.session_state.setdefault(TYPED, []).append((project, line))


def _return_to_document(here: state.Here) -> None:
    """After a reload, the browser's Back, or from another page: the document that is named there."""
    back = state.gone_back()
    if back:
        st.session_state.pop(state.SCREEN, None)
    wanted = back or st.session_state.get("doc") or st.query_params.get("doc", "")
    if not wanted:
        return
    st.session_state["doc"] = wanted
    try:
        if here.open_id != wanted:
            here.session.open(wanted)
    except InputError as error:
        st.session_state.pop("doc", None)
        st.query_params.pop("doc", None)
        st.warning(frame.plain(error))


def _take_edits(here: state.Here) -> inbox.Outcome:
    waiting = [edit for name in (ANNOTATOR, TURNS) for edit in inbox.read_edits(sent(name))]
    return here.take(waiting, lambda edit: apply(here, edit))


def apply(here: state.Here, edit: inbox.Edit) -> Reply:
    """One edit in the project that it was made in, on the document that was on the screen."""
    if edit.project != here.project:
        return Reply(f"an edit belongs to project {edit.project!r}; open that project to save it", "error")
    if edit.kind != inbox.LINE:
        return here.session.apply(edit)
    shown = st.session_state.get("doc", "")
    if edit.doc_id and edit.doc_id != shown and not state.moves(edit.line):
        here.session.open(edit.doc_id)
    here.prepare(edit.line)
    reply = here.session.handle(
        _agreed(here, edit.line),
        client_id=edit.client_id,
        sequence=edit.sequence,
        shown=edit.shown,
        question=edit.question or st.session_state.get(state.QUESTION),
    )
    _set_aside(here, edit.line, reply)
    inbox.aim_at(reply.doc_id, *(reply.place or (None,)))
    return reply


def _set_aside(here: state.Here, line: str, reply: Reply) -> None:
    """Keep the files that a line asked for until the next line."""
    st.session_state.pop(ASIDE, None)
    if reply.download:
        forms, said = [reply.download], f"{line}: {reply.echo}"
        if reply.understood.startswith("export jsonl"):
            # Whoever names no format may want a table: people open it, programs read the other.
            forms, said = [TABLE, reply.download], f"{line}: as a table for Excel, or whole, for programs"
        project, names = here.session.project, here.label_names
        files = [gold_file(project, form, names, reply.since) for form in forms]
        st.session_state[ASIDE] = (said, files)


def _aside() -> None:
    """The files that were asked for, to download."""
    if ASIDE not in st.session_state:
        return
    said, files = st.session_state[ASIDE]
    with st.container(border=True, key="aside"):
        st.text(said)
        for file in files:
            frame.offer(file)
        st.button("Close", on_click=st.session_state.pop, args=(ASIDE, None), key="close aside")


def _say(here: state.Here, said: list[tuple[str, str]]) -> None:
    """Run the first of the lines that were typed; it waits there until nothing cuts it off any more."""
    first = project, line = said[0]

    def taken() -> None:
        if said and said[0] is first:
            said.pop(0)

    if project != here.project:
        taken()
        elsewhere = Reply(f"that was typed in project {project!r}; say it there", "error")
        state.to_the_end(here.remember, line, elsewhere)
        return
    framed = inbox.read_framed(sent(ANNOTATOR), st.session_state.get("doc", ""))
    _speak(here, line, framed, begins=taken, then=partial(_after, here, line))


def _after(here: state.Here, line: str, reply: Reply) -> None:
    """What else the page shows after a line that was typed."""
    meant = reply.understood or line
    _set_aside(here, meant, reply)
    inbox.aim_at(reply.doc_id, *(reply.place or (None,)))
    number = 0 if reply.moved else state.named_span(meant)
    inbox.look_at(here.session.place_of(number) if number else None)


def _speak(
    here: state.Here,
    line: str,
    framed: int = 0,
    begins: Callable[[], None] = state.nothing,
    then: Callable[[Reply], None] = state.nothing,
) -> Reply:
    """Run a line about what this tab was drawn last, whatever other tabs have opened since."""
    screen: Shown | None = st.session_state.get(state.SCREEN)
    if screen is not None and here.open_id != screen.doc_id:
        _reopen(here, screen.doc_id)
    question = st.session_state.get(state.QUESTION)
    return here.handle(_agreed(here, line), screen, question, framed, begins=begins, then=then)


def _reopen(here: state.Here, doc_id: str) -> None:
    """Open what this tab has drawn; what was withdrawn meanwhile gives way to what is open now."""
    try:
        here.session.open(doc_id)
    except InputError as error:
        st.session_state.pop("doc", None)
        st.warning(frame.plain(error))


OUT_OF_PLACE = "not ours"
"""A popover, which is closed by being drawn anew."""
_REASONS = ("wrong patient or case", "duplicate", "consent was withdrawn", "imported by mistake")


def _out_of_place(here: state.Here, doc_id: str) -> None:
    """A popover that takes the document out of the project, which is asked about first, or erases it."""
    with st.popover("Not our document?", type="tertiary", key=frame.fresh(OUT_OF_PLACE)):
        st.caption("It is taken out of the project. What was decided in it is kept, and comes back with it.")
        reason = st.selectbox("Why", _REASONS, accept_new_options=True, key="out of place")
        line = f"withdraw because {quoted(reason or '')}"
        st.button("Withdraw this document", key="withdraw", on_click=_withdraw, args=(here, line))
        st.divider()
        st.caption(
            "Its text may have to go for good: then it is erased here, with all that was decided and said in "
            "it. This cannot be undone."
        )
        typed = st.text_input("Type the name of the document to erase it", key=f"erase {doc_id}")
        hide_id = st.checkbox("Erase its name too", key=f"hide {doc_id}")
        st.button(
            "Erase it for good",
            key="erase",
            disabled=typed.strip() != doc_id.strip(),
            on_click=_erase,
            args=(here, doc_id, reason or "", hide_id),
        )


def _withdraw(here: state.Here, line: str) -> None:
    frame.emptied(OUT_OF_PLACE)  # the question would stand behind it
    _speak(here, line)


def _erase(here: state.Here, doc_id: str, reason: str, hide_id: bool) -> None:
    frame.emptied(OUT_OF_PLACE)
    state.to_the_end(_erase_whole, here, doc_id, reason, hide_id)


def _erase_whole(here: state.Here, doc_id: str, reason: str, hide_id: bool) -> None:
    """Erase a document, and whatever this tab knows of it."""
    if st.session_state.get(ERASED, ("",))[0] == doc_id:
        return  # the run was cut off after it
    try:
        done = here.session.erase(here.models.setup, [doc_id], reason, hide_id=hide_id)
    except (HybridNerError, OSError) as error:
        st.session_state[ERASED] = ("", [told(error)], [])
        return
    for name in ("replies", "doc", state.SCREEN, state.QUESTION, ASIDE, "disagreements"):
        st.session_state.pop(name, None)
    st.query_params.pop("doc", None)
    st.session_state[ERASED] = (doc_id, done.sentences(), list(done.left))


def _say_erased() -> None:
    """What was erased, and what is out of reach, until it is closed; or why nothing was."""
    if ERASED not in st.session_state:
        return
    doc_id, said, left = st.session_state[ERASED]
    with st.container(border=True, key="erased"):
        (st.success if doc_id else st.error)(frame.plain("; ".join(said)))
        if left:
            st.caption("Out of reach, and may still hold the text:")
            st.markdown("\n".join(f"- {frame.plain(line)}" for line in left))
        st.button("Close", on_click=st.session_state.pop, args=(ERASED, None), key="close erased")


def _agreed(here: state.Here, line: str) -> str:
    """A line; a yes by key or by typing means the ticked samples, as that of the button does."""
    pending = here.session.pending if line.lower().startswith("yes") else None
    return answer_of(pending) if pending and line.strip().lower() == pending.answer else line


def _current(here: state.Here) -> tuple[DocumentView | None, Turn]:
    """The document, or the part of a long one, that is on the screen now."""
    wanted = st.session_state.get("doc", "")
    if wanted and here.open_id != wanted:
        _reopen(here, wanted)
    outline = here.session.outline()
    if outline is None:
        return None, _turn(here)
    part = inbox.shown_part(outline, inbox.read_wish(sent(ANNOTATOR)))
    view = here.session.view(window=outline.window(part) if len(outline) > 1 else None)
    if view is not None:
        st.session_state["doc"] = view.doc_id
        st.session_state[state.SCREEN] = Shown.of(view)
    return view, _turn(here, outline, part)


def _turn(here: state.Here, outline: Outline | None = None, part: int = 0) -> Turn:
    looks = label_looks(here.session.project)
    last = frame.in_names(here, here.replies[-1][1].echo) if here.replies else ""
    have, aim = inbox.read_have(sent(ANNOTATOR)), inbox.aimed_at(outline.doc_id) if outline else None
    pending = here.session.pending
    # A version is named by typing: a key would be too quick for that.
    question = (pending.key, answer_of(pending)) if pending and pending.kind in ("yes", "count") else None
    used = {look.label for look in looks if not look.hidden}
    return Turn(
        st.session_state["known"],
        last,
        st.session_state.get(state.TURN, 0),
        have,
        outline,
        part,
        aim,
        question,
        looks,
        partial(here.terms.labels_like, used=used),
    )


def _header(here: state.Here, view: DocumentView | None) -> None:
    if view is None or (view.done and not view.left):
        now = standing(here.session.project)
        with st.container(horizontal=True, vertical_alignment="center", key="all done"):
            st.info(_nothing(now.documents, now.documents - now.reviewed), width="stretch")
            if st.button("Go to the Queue", type="primary"):
                st.switch_page(st.session_state["pages"]["queue"])
    if view is None:
        return
    open_spans, accept = inbox.accept_line(view)
    accept_name = f"Accept {open_spans:,} here" if view.window else f"Accept all {open_spans:,}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="header"):
        with st.container(width="stretch", gap=None, key="about"):
            with st.container(key="title"):
                st.text(view.doc_id)
            st.caption(frame.plain(_where(here, view)))
        _press(here, accept_name if open_spans else "Nothing to accept", accept, not open_spans, key="ok")
        _press(here, "Undo", "undo")
        _press(here, "Back", "back")
        _press(here, "Skip", "skip")
        _press(here, "Next", "next", primary=view.left > 0)


def _nothing(documents: int, left: int) -> str:
    """Why no document is here, and what can be done."""
    if not documents:
        return "There is no document yet: the Queue page adds some."
    if not left:
        return f"Reviewed: {quantity(documents, 'document')}, all there are. The Queue page downloads them."
    return (
        f"Nothing waits for you; others have {quantity(left, 'document')} left. The Queue page can list all."
    )


def _where(here: state.Here, view: DocumentView) -> str:
    parts = [
        f"document {view.position:,} of {view.total:,}",
        f"order: {order_words(view.queue)}",
        f"{view.left:,} left",
    ]
    if view.model_id and here.session.mixed:
        parts.append(f"suggestions of {frame.model_name(here, view.model_id)}")
    if view.done:
        parts.append("reviewed")
    if view.flag:
        parts.append(f"flagged: {view.flag}")
    if view.claimed_by:
        parts.append(f"{view.claimed_by} has it open too")
    return " · ".join(parts)


def _press(
    here: state.Here, name: str, line: str, disabled: bool = False, primary: bool = False, key: str = ""
) -> None:
    look: dict[str, Any] = {"type": "primary" if primary else "secondary", "disabled": disabled}
    st.button(name, key=f"press {key or line}", on_click=_speak, args=(here, line), **look)


def _talk(here: state.Here, words: Words, view: DocumentView | None) -> DeltaGenerator | None:
    """A hint or the question that waits, what a training changed, the log; where a running one is watched."""
    proposer = here.session.proposer
    if proposer is not None:
        st.caption(
            frame.plain(
                f"A model on this machine ({proposer.url}) proposes lines for what is not understood."
            )
        )
    pending = frame.asked(here)
    # One at a time: two cards would leave no room for the log, where what is asked about is listed.
    live = learning(here) if pending is None else None
    frame.confirmation(here, pending)
    if pending is None and view is not None and view.left:
        guide(here, view)
    _aside()
    history = here.session.history(SHOWN)
    rows = [_worded(here, row) for row in turn_rows(history, here.replies)]
    known, question = st.session_state["known"], st.session_state[state.QUESTION]
    empty = EMPTY if view is not None and view.spans else UNMARKED
    draw_turns(TURNS, rows, empty, here.project, known, question, words)
    return live


_LABELS = frozenset({"label", "suggested", "decided", "new", "gone"})
"""Columns of answers that hold labels; others may hold text of documents."""


def _worded(here: state.Here, row: dict[str, Any]) -> dict[str, Any]:
    """A turn in which labels are called as everywhere on the page."""
    table = row["table"]
    if table:
        worded = [partial(frame.in_names, here) if name in _LABELS else str for name in table["columns"]]
        rows = [[word(cell) for word, cell in zip(worded, cells, strict=True)] for cells in table["rows"]]
        table = {**table, "title": frame.in_names(here, table["title"]), "rows": rows}
    # The machine's words about one mention stay as the log has them.
    machine = row["lines"] and re.match(r"span \d+: |“.*” at \d", row["lines"][0])
    lines = row["lines"] if machine else [frame.in_names(here, line) for line in row["lines"]]
    return {**row, "echo": frame.in_names(here, row["echo"]), "table": table, "lines": lines}


# What a reviewer may read beside a document: hints for the first review, keys, and commands.

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
    """Show the hint that comes next: beside the document, whose lines it would push down on a laptop."""
    if st.session_state.get("no guide") or frame.unread(here) or not view.spans:
        return
    step = next_step([turn.line for turn in here.session.history(SHOWN)])
    if step is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="guide", border=True):
        st.markdown(f"**{step + 1} of {len(STEPS)}** · {STEPS[step][0]}", width="stretch")
        hide = ("no guide", True)
        st.button("Hide hints", type="tertiary", on_click=st.session_state.__setitem__, args=hide)


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
    ("R", "a term list or a rule found it"),
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
