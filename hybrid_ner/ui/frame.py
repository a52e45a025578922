"""What pages share: the project, the reviewer, words shown as they are, news of training, and the codebook.

Every button of the codebook sends a line of the language, so that log, undo and session files know of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from hybrid_ner.corpus.codebook import Codebook, Rule
from hybrid_ner.errors import HybridNerError, told
from hybrid_ner.io import write_bytes
from hybrid_ner.review import DocumentView, Pending
from hybrid_ner.review.chat.offers import in_plain
from hybrid_ner.review.chat.situation import quoted
from hybrid_ner.review.rounds import NOTICES
from hybrid_ner.review.store.codebook import codebook_of
from hybrid_ner.review.store.gold import GoldFile, since_said
from hybrid_ner.review.store.lookups import label_looks, with_names
from hybrid_ner.review.store.reviewers import ROLES, load_roles
from hybrid_ner.sources.models.endpoint import remote_hosts
from hybrid_ner.sources.models.settings import remote_of
from hybrid_ner.text import guarded, quantity
from hybrid_ner.ui import state
from hybrid_ner.ui.importing import LEFT_OUT, count_left_out
from hybrid_ner.ui.inbox import aim_at, answer_of, unticked

_SPECIAL = re.compile(r"([\\`*{}\[\]()#!|<>$~:^&=\"'/@]|(?<!\w)[._+-]|[._+-](?!\w))")

_ADDRESS = re.compile(r"https?:|www(?=\.)|(?<=\S)@(?=\S)", re.IGNORECASE)


def plain(text: object) -> str:
    """Text for places where Streamlit reads Markdown: labels of buttons and messages.

    Every character that could start markup, a link, a formula, an icon or an image is escaped, within words
    (``S24-1.txt``) few: backslashes are read out. Addresses are taken apart by an invisible word joiner.
    """
    line = _ADDRESS.sub("\\g<0>\u2060", " ".join(str(text).split()))
    return _SPECIAL.sub(r"\\\1", line)


_LINES = re.compile(r" \(`[^`]*`\)|`([^`]*)`")


def sentence(said: str) -> str:
    """An answer of the chat as it stands on a page: with a capital letter, but for an id ("n1: settled").

    Lines of commands are drawn as such in the log alone: those in brackets are left out, others quoted.
    """
    said = _LINES.sub(lambda found: f"“{found[1]}”" if found[1] else "", said)
    first = said.split(" ", 1)[0].rstrip(",:;.")
    return f"{said[:1].upper()}{said[1:]}" if first.isalpha() else said


def cells(rows: Iterable[Mapping[str, object]]) -> list[dict[str, object]]:
    """Rows of a table on the page, whose toolbar downloads them: no cell is a formula."""
    return [
        {name: guarded(value) if isinstance(value, str) else value for name, value in row.items()}
        for row in rows
    ]


_FEW_NOTES = 2
"""So many notes are read at a glance; above them it is said first how many files are not there."""
_LOST = 20
"""Lost annotations, and files that cannot be used, that are listed."""


@cache
def style() -> str:
    """Spacing and small corrections, the same on every page, as CSS."""
    return Path(__file__).with_name("page.css").read_text(encoding="utf-8")


def masthead(here: state.Here, title: str) -> None:
    """Project and reviewer, at the top right; and the heading of the page for those who hear it read."""
    name = f"{plain(here.project)} · {plain(here.reviewer)}"
    with st.container(horizontal=True, horizontal_alignment="right", key="masthead"):
        st.html(f'<h1 class="unseen">{title}</h1>')
        popover = st.popover(name, type="tertiary")
    with popover:
        _settings(here)


def sent_elsewhere(here: state.Here) -> None:
    """Say so where a language model on another machine reads the documents of the project."""
    for host in remote_of(here.models.setup.sources):
        if host in remote_hosts():
            st.warning(f"New documents of this project are sent to {plain(host)} to be marked.")
        else:
            st.warning(
                f"The language model of this project runs on {plain(host)}, which this page may not ask. "
                f"Where documents may leave this computer, it is started with --allow-remote and that name."
            )


def wrong_link(here: state.Here) -> None:
    """Say so, until it is closed, where a link names a project that is not there for this person."""
    if state.NOT_HERE not in st.session_state:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.warning(
            f"There is no project {plain(st.session_state[state.NOT_HERE])} here, or none that you have a "
            f"role in. This is {plain(here.project)}."
        )
        st.button("Close", on_click=st.session_state.pop, args=(state.NOT_HERE, None), key="close not here")


def keep_notices(folder: Path, notes: Sequence[str]) -> None:
    """Keep what should be known about the files of a project in its folder: a page loaded anew shows it."""
    if notes:
        with write_bytes(folder / NOTICES) as file:
            file.write(json.dumps([*notes]).encode())


def failed(place: Any, what: str, error: HybridNerError | OSError, notes: Sequence[str]) -> None:
    """Say in a place of the page why something was not done, and what is wrong with each file.

    Args:
        what: What was not done: ``The project was not created``.
        notes: What was noted of the files, see ``leave_out``.
    """
    each = [note for note in notes if note.startswith(LEFT_OUT)]
    left = count_left_out(each[_LOST:])
    more = [f"and {quantity(left, 'more file')}"] if left else []
    lines = [f"- {plain(line.removeprefix(LEFT_OUT))}" for line in (*each[:_LOST], *more)]
    place.error("\n".join([plain(f"{what}: {told(error)}"), "", *lines]))


def unread(here: state.Here) -> list[str]:
    """What nobody has closed yet."""
    path = here.place.folder_of(here.session.project) / NOTICES
    found: list[str] = json.loads(path.read_bytes()) if path.exists() else []
    return found


def notices(here: state.Here) -> None:
    """What should be known about the files of a new project, until somebody has read it."""
    notes = unread(here)
    if not notes:
        return
    with st.container(border=True, key="notes", horizontal=True, vertical_alignment="center"):
        with st.container(gap=None, width="stretch", key="note list"):
            left_out = count_left_out(notes)
            more = sum(not note.startswith(LEFT_OUT) for note in notes)
            if left_out + more > _FEW_NOTES and left_out:
                others = f", {quantity(more, 'more note')}" if more else ""
                st.markdown(f"**{quantity(left_out, 'file')} left out{others}**")
            for note in sorted(notes, key=lambda note: not note.startswith(LEFT_OUT)):
                st.text(in_names(here, note))
        path = here.place.folder_of(here.session.project) / NOTICES
        st.button("Close", on_click=path.unlink, args=(True,), key="close notes")


NEW_NAME = "new name"
"""Key of the name that was typed last, where nobody has worked in the project under it."""


def _settings(here: state.Here) -> None:
    names = list(here.projects)
    chosen = st.selectbox("Project", names, names.index(here.project), key=f"project of {here.project}")
    if chosen != here.project:
        state.choose_project(chosen)
        st.rerun()
    if state.sign_in_configured():
        st.text(f"Signed in as {here.reviewer}")
        st.button("Sign out", on_click=st.logout)
        _roles(here)
    else:
        said = st.text_input("Your name, kept with every decision", here.reviewer, max_chars=60)
        st.caption("This name is typed, not verified: sign-in is not configured on this server.")
        if state.rename(said):
            # Who is not known here yet may be somebody who is, under another name.
            named = state.typed_name(said)
            st.session_state[NEW_NAME] = "" if named in here.session.project.reviewers() else named
            st.rerun()
        if st.session_state.get(NEW_NAME) == here.reviewer:
            others = ", ".join(each for each in here.session.project.reviewers() if each != here.reviewer)
            known = f"{here.reviewer} is new in this project, which knows {others}."
            st.warning(plain(f"{known} What was decided under a name and given to it stays with that name."))
    if st.button("New project"):
        st.session_state["new project"] = True
        st.rerun()


def fresh(name: str) -> str:
    """Key of a form or field that keeps what it was given until ``emptied``."""
    return f"{name} {st.session_state.get(f'{name} done', 0)}"


def emptied(name: str) -> None:
    """Empty a form or field: the next run draws it anew."""
    st.session_state[f"{name} done"] = st.session_state.get(f"{name} done", 0) + 1


def form(name: str, **look: Any) -> Any:
    """A form that keeps what was typed until ``form_done``: what is refused need not be typed again."""
    return st.form(fresh(name), **look)


def form_done(name: str) -> None:
    """Empty a form, and draw the page with what it did."""
    emptied(name)
    st.rerun()


def _roles(here: state.Here) -> None:
    """Who may do what here; an owner changes it."""
    mine = here.session.role
    st.caption(f"You are {mine} in this project.")
    if mine != "owner":
        return
    with here.session.project.read() as connection:
        roles = load_roles(connection, here.session.project.id)
    for name, role in roles.items():
        st.text(f"{name}: {role}")
    if not roles:
        st.text("Nobody has a role: everybody who signs in is a reviewer.")
    with form("roles", border=False):
        name = st.text_input("Give a role to (as the person signs in, * for everybody)", max_chars=100)
        role = st.selectbox("Role", (*ROLES, "none"))
        if st.form_submit_button("Give it") and name.strip():
            try:
                here.session.give_role(name.strip(), role)
            except HybridNerError as error:
                st.error(plain(error))
            else:
                form_done("roles")


def open_document(here: state.Here, doc_id: str, start: int | None = None, end: int = 0) -> None:
    """Go to a document on the Review page, and there to the span at a character, or to some characters."""
    st.session_state["doc"] = doc_id
    aim_at(doc_id, start, end)
    st.switch_page(st.session_state["pages"]["review"])


def chosen_row(rows: Iterable[Mapping[str, object]], key: str, alt: str, **more: Any) -> int | None:
    """A table of which one row can be chosen; its number, ``None`` when none is.

    Args:
        rows: As the table shows them.
        alt: What it is, for people who do not see it.
        more: ``most``, pixels that it may be high (420), and what else ``st.dataframe`` takes.
    """
    shown = cells(rows)
    height = min(more.pop("most", 420), 38 + 35 * len(shown))
    one: dict[str, Any] = {"on_select": "rerun", "selection_mode": "single-row", "hide_index": True}
    chosen = st.dataframe(shown, key=key, alt=alt, height=height, **one, **more)
    return next(iter(chosen["selection"]["rows"]), None)


def offer(found: GoldFile) -> None:
    """A button that downloads a file, and what the file could not hold."""
    if not found.documents:
        nothing = "There is no reviewed document yet: the file would be empty. Review one to the end first."
        if found.since:
            nothing = f"Nothing is new or changed since {since_said(found.since)}: the file would be empty."
        st.info(nothing)
        return
    for problem in found.lost[:_LOST]:
        st.text(problem)
    if len(found.lost) > _LOST:
        st.text(f"and {quantity(len(found.lost) - _LOST, 'more thing')} that this format cannot hold")
    st.download_button(
        f"Download {plain(found.name)}", found.content, found.name, type="primary", on_click="ignore"
    )


# Questions of the review engine as buttons, and its last answer on pages without a chat.


def model_name(here: state.Here, model_id: str, *, short: bool = False) -> str:
    """A model as people tell it from others: the rules alone, or its number and when it learned."""
    if model_id not in here.models.registry.ids():
        return model_id or "none"  # suggestions that were imported name a model of elsewhere
    record = here.models.registry.get(model_id)
    said = "the rules alone" if record.pipeline is None else f"model {model_id[1:]}"
    if short or model_id == "r0":
        return said
    return f"{said} ({record.meta['created'].replace('T', ' ')[:16]})"


_BULK = re.compile(r" \[b\d+\]")
"""The name of a bulk step, which only a typed ``undo bulk b5`` needs: ``accepted 6 mentions [b5]``."""
_STEP = re.compile(
    r"((?:^|; )(?:un|re)done: )step \d+(?: b\d+)? \((.*?)\)(?=$|; (?:un|re)done: |; \d+ later | → doc )"
)
"""Numbers of steps, which only a typed ``undo 12`` needs: ``undone: step 12 b5 (…); undone: step 1 (…)``."""
_MODEL = re.compile(
    r"(?<![\w`])r\d+(?= is (?:now )?in use| is ready after| and r\d+ were not)"
    r"|(?<= and )r\d+(?= were not)|(?<=in use, )r\d+(?= was)"
    r"|(?<=^scores of )r\d+|^r\d+(?=, tested on | beside )|(?<= beside )r\d+(?=: )"
)


def in_names(here: state.Here, text: str) -> str:
    """An answer in which labels and models are called as everywhere on the page."""
    text = _STEP.sub(r"\1\2", _BULK.sub("", text))
    text = _MODEL.sub(lambda found: model_name(here, found[0]), text)
    text = re.sub(r" is now in use, ([^;]*) was(?=$|;)", r" is now in use instead of \1", text)
    text = re.sub(r"undone: ([^;]*) is now in use( instead of )([^;]*)", r"undone: back to \3\2\1", text)
    text = text.replace("the rules alone is ", "the rules alone are ")
    return with_names(text, label_looks(here.session.project))


def asked(here: state.Here, words: tuple[str, ...] = ()) -> Pending | None:
    """The question that waits, on Review; on other pages only one whose line begins with one of ``words``.

    What is drawn is what an answer is for.
    """
    pending = here.session.pending
    if pending and words and pending.line.split(" ", 1)[0] not in words:
        pending = None
    st.session_state[state.QUESTION] = pending.key if pending else ""
    return pending


def confirmation(here: state.Here, pending: Pending | None) -> None:
    """A question that waits, see ``asked``, with a button for the answer; any other command drops it."""
    if pending is None:
        return
    just_asked = bool(here.replies) and here.replies[-1][1].pending == pending
    question = sentence(in_names(here, pending.question))
    if pending.kind == "choice":
        _choices(here, pending, question)
        return
    with st.container(border=True, key="pending"):
        how = " Enter or y says yes, Escape leaves it." if pending.kind in ("yes", "count") else ""
        st.text(f"{question}. {'Which one?' if pending.kind == 'which' else 'Go on?'}{how}")
        with st.container(horizontal=True):
            # A step that wants its count or a name typed has no key: that would be too quick.
            key = "y" if pending.kind == "yes" else None
            # Asked for when it is pressed: a tick may come with the click.
            st.button(
                _yes(pending),
                "yes",
                type="primary",
                on_click=lambda: here.handle(answer_of(pending), None, pending.key),
                shortcut=key,
            )
            for place, name in enumerate(_PLACES[: pending.count - 1] if pending.kind == "which" else (), 2):
                _choice(here, -place, (name, f"#{place}"))
            for n, choice in enumerate(pending.choices):
                _choice(here, n, choice)
            st.button("Leave it", key="leave", on_click=here.handle, args=("cancel", None, pending.key))
            if not just_asked:
                # After a reload the samples are gone: asking again shows them.
                st.button("Show it again", key="ask again", on_click=here.handle, args=(pending.line,))


def _choices(here: state.Here, pending: Pending, question: str) -> None:
    """A question with a button for each answer."""
    with st.container(border=True, key="pending"):
        st.text(question)
        numbered = list(enumerate(pending.choices))
        labels = [each for each in numbered if each[1][0].startswith("As ")]
        folded = labels[_LABELS:] if len(labels) > _LABELS + 1 else []
        with st.container(horizontal=True):
            for n, choice in numbered:
                if folded and n == folded[0][0]:
                    with st.popover("Another label…"):
                        for place, other in folded:
                            _choice(here, place, other)
                elif (n, choice) not in folded:
                    _choice(here, n, choice, first=n == 0)


_LABELS = 4
"""Labels that a question offers at once; the others are one click away."""


def _choice(here: state.Here, number: int, choice: tuple[str, str], *, first: bool = False) -> None:
    said, line = choice
    look: dict[str, Any] = {"type": "primary" if first else "secondary", "help": plain(line)}
    said = f"Yes: {in_plain(line)}" if said == f"Yes: {line}" else said
    st.button(plain(in_names(here, said)), f"choice {number}", on_click=here.handle, args=(line,), **look)


_PLACES = ("The second one", "The third one")
"""Places of a text that have a button besides the first; of more, the number is typed."""


def _yes(pending: Pending) -> str:
    if pending.kind == "which":
        return "The first one"
    if out := unticked(pending.key):
        return f"Yes, without the {'one' if len(out) == 1 else len(out)} not ticked"
    return "Yes" if pending.kind == "yes" else f"Yes: {plain(pending.answer.removeprefix('yes '))}"


def last_answer(here: state.Here, words: tuple[str, ...]) -> None:
    """The last answer on this page, which has no chat, when the line began with one of ``words``.

    A question is shown with its buttons: see ``confirmation``.
    """
    if not here.replies or not state.said_here():
        return
    line, reply = here.replies[-1]
    if reply.pending is None and line.split(" ", 1)[0] in (*words, "yes"):
        shown = {"error": st.error, "done": st.success}.get(reply.level, st.info)
        shown(plain(sentence(in_names(here, reply.outcome))))


_KINDS = {
    "means": "It means",
    "include": "Include",
    "exclude": "Exclude",
    "boundary": "Where it begins and ends",
}
_NAMES = {"definition": "", "include": "Include: ", "exclude": "Exclude: ", "boundary": "Begins and ends: "}
_SHORT = 40
"""Characters of a span in the list of examples."""


def beside_document(here: state.Here, view: DocumentView | None) -> None:
    """A popover with the rules of one label, and a form to write another."""
    looks = [look for look in label_looks(here.session.project) if not look.hidden]
    if not looks:
        return
    with st.popover("What labels mean", type="tertiary"):
        book = codebook_of(here.session.project)
        names = {look.label: look.name for look in looks}
        label = st.selectbox("Label", list(names), format_func=names.__getitem__, key="codebook label")
        meant = {look.label: look.definition for look in looks}[label]
        if meant and not book.definition(label):
            st.text(f"{names[label]}: {meant}")  # as its subject says
        _rules(here, book, label)
        _form(here, label, view, defined=bool(book.definition(label)))


def _rules(here: state.Here, book: Codebook, label: str) -> None:
    held, proposed = book.rules(label), book.suggested(label)
    if not held and not proposed:
        said = "No rule of your own is written yet. What is written is told to reviewers and language models."
        st.caption(said)
    for rule in held:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            _told(rule, _NAMES[rule.kind])
            _press(here, "Take out", label, "no", rule, "out")
    for rule in proposed:
        with st.container(border=True):
            _told(rule, f"Proposed by {rule.by}. {_NAMES[rule.kind]}")
            with st.container(horizontal=True, gap="small"):
                _press(here, "Accept", label, "ok", rule)
                _press(here, "Reject", label, "no", rule)


def _told(rule: Rule, before: str) -> None:
    with st.container(gap=None, width="stretch"):
        st.text(f"{before}{rule.text}")
        for example in rule.examples:
            st.caption(plain(f"{example.sentence()}, {example.doc_id}"))


def _press(here: state.Here, name: str, label: str, verb: str, rule: Rule, key: str = "") -> None:
    line, key = f"codebook {quoted(label)} {verb} {rule.number}", f"{key or verb} {label} {rule.number}"
    st.button(name, key=f"codebook {key}", on_click=here.handle, args=(line,), type="tertiary")


def _form(here: state.Here, label: str, view: DocumentView | None, *, defined: bool) -> None:
    kinds = {**_KINDS, **({"means": "It means, instead of what is written"} if defined else {})}
    decided = {span.number: span for span in view.spans if span.status != "open"} if view else {}
    with form(f"codebook of {label}", border=False):
        # A label has one definition: where it is written, another rule is meant rather.
        kind = st.selectbox("Kind", list(kinds), int(defined), format_func=kinds.__getitem__)
        text = st.text_area("Rule", height=68, max_chars=2_000)
        like = decided and st.multiselect(
            "Examples: decided mentions of this document",
            list(decided),
            format_func=lambda n: f"{n} {decided[n].surface[:_SHORT]} ({decided[n].status})",
        )
        if st.form_submit_button("Write it") and text.strip():
            numbers = f" like {' '.join(map(str, like))}" if like else ""
            reply = here.handle(f"codebook {quoted(label)} {kind} {quoted(text)}{numbers}")
            if reply.level == "error":
                st.rerun()  # the log says why
            form_done(f"codebook of {label}")
