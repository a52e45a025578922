"""Team: who reviews what and how far everybody is; versions of a document beside each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape

import streamlit as st

from hybrid_ner.review import Pending, Reply
from hybrid_ner.review.chat.situation import quoted
from hybrid_ner.review.document.differences import Difference, Versions
from hybrid_ner.review.store.lookups import LabelLook, label_looks
from hybrid_ner.text import quantity
from hybrid_ner.ui.frame import asked, cells, confirmation, in_names, last_answer, open_document, plain
from hybrid_ner.ui.state import Here

WORDS = ("assign", "settle", "adjudicate", "take", "undo")
"""Commands whose answers are shown here."""
_SETTLED = "settled by"
"""Who had settled the document that is shown, when it was drawn."""
AROUND = 110
"""Characters of the sentence on both sides of a difference."""
FEW = 30
"""Differences drawn at a time."""


def page(here: Here) -> None:
    """One run of the page."""
    # What comes and goes has its own place, and the names stay: tabs that move or change begin at the first.
    with st.container():
        confirmation(here, pending := asked(here, WORDS))
        _table(here, pending)
        said = here.replies[-1][1] if here.replies else None
        # The versions that it opened stand below.
        opened = said is not None and here.replies[-1][0] == "adjudicate" and said.level == "info"
        last_answer(here, () if opened else WORDS)
        if waiting := here.session.conflicts():
            where = (
                f"Reviewers differ in {quantity(waiting, 'document')}: “Where they differ” shows each place"
            )
            st.caption(f"{where} side by side, to settle it.")
    people, differences = st.tabs(["Who reviews what", "Where they differ"])
    with people:
        _people(here)
        _share_out(here)
        _agreement(here)
    with differences:
        _differences(here)


def _table(here: Here, pending: Pending | None) -> None:
    """Who would get how many, under the question."""
    reply = here.replies[-1][1] if here.replies else None
    if reply is not None and pending is not None and reply.pending == pending:
        _rows(reply)


_HEADS = {
    **{"first": "first reviewer", "second": "second reviewer", "both": "marked by both"},
    **{"first only": "by the first only", "second only": "by the second only", "one only": "by one only"},
    **{"span F1": "F1", "token kappa": "kappa by word"},
}
"""What scripts read by name, for people."""


def _rows(reply: Reply) -> None:
    if reply.table is not None:
        columns = [_HEADS.get(name, name) for name in reply.table.columns]
        shown = (
            [f"{each:.2f}" if isinstance(each, float) else each for each in row] for row in reply.table.rows
        )
        rows = [dict(zip(columns, row, strict=True)) for row in shown]
        st.dataframe(cells(rows), hide_index=True, width="content")


def _people(here: Here) -> None:
    st.header("Progress")
    found = here.session.progress()
    dealt = any(row.assigned for row in found)
    if not dealt:
        st.text("No document was given to anybody: everybody takes the next one that waits.")
    elif free := here.session.given_to_nobody():
        st.warning(
            f"Given to nobody: {quantity(free, 'document')}. Those who have none of their own get them next. "
            "Share out again to give them to somebody: everybody keeps what they have."
        )
    for row in found:
        total = row.assigned or (0 if dealt else len(here.session.project))
        of = f"{row.done:,} of {quantity(total, 'document')}" if total else quantity(row.done, "document")
        said = f"{row.reviewer}: {of} reviewed{', none given' if dealt and not row.assigned else ''}"
        more = [
            f"{row.shared:,} shared" if row.shared else "",
            f"{quantity(row.accepted, 'mention')} accepted",
        ]
        more += [f"{row.rejected:,} rejected", f"last here {row.last[:10]}" if row.last else "not begun"]
        st.progress(row.done / total if total else 0.0, plain(" · ".join([said, *filter(None, more)])))


def _share_out(here: Here) -> None:
    st.header("Share out documents")
    with st.form("assign", border=True):
        names = st.text_input("Reviewers, with commas between", placeholder="ana, bob, carl", max_chars=600)
        with st.container(horizontal=True):
            each = st.number_input("Reviewers of a document", 1, 20, 1, width=190)
            overlap = st.number_input("Read by one more, in %", 0, 100, 0, width=190)
            numbers = st.text_input("Documents (empty for all)", placeholder="1-40", max_chars=20, width=190)
        st.caption(
            "Everybody then has a queue of their own. Shared documents show how well two people agree; where "
            "they differ, the other tab settles it."
        )
        sent = st.form_submit_button("Share them out", type="primary")
    if sent:
        known = here.session.project.reviewers()
        here.handle(assign_line(names, int(each), int(overlap), numbers, known))
        st.rerun()
    if any(row.assigned for row in here.session.progress()):
        st.button("Take the assignment back", on_click=here.handle, args=("assign nobody",))


def assign_line(
    names: str, each: int = 1, overlap: int = 0, numbers: str = "", known: Iterable[str] = ()
) -> str:
    """The line of the command language that the form stands for.

    Args:
        known: Reviewers of the project, whose names may hold commas ("Müller, Anna"); of others quotes tell.
    """
    whole = "".join(rf"{re.escape(name)}(?=\s*(?:,|$))|" for name in sorted(known, key=len, reverse=True))
    found = re.findall(rf'\s*({whole}"[^"]+"|[^,]+)', names)
    people = ", ".join(quoted(name.strip(' "')) for name in found if name.strip(' "'))
    line = f"assign {people}" if people else "assign"
    line += f" each {each}" if each > 1 else ""
    line += f" overlap {overlap}%" if overlap else ""
    return f"{line} docs {numbers.strip()}" if numbers.strip() else line


def _agreement(here: Here) -> None:
    st.header("Agreement")
    if st.button("Compare every two reviewers"):
        for line in ("agreement", "agreement by label"):
            reply = here.session.handle(line)
            st.text(in_names(here, reply.echo))
            _rows(reply)
            if reply.table is None:
                break
    st.caption(
        "How far two people mark the same places with the same label, where both have reviewed: "
        "1 is full agreement. F1 counts whole marks; Cohen's kappa, and for more than two people "
        "Krippendorff's alpha, go word by word and leave out what chance would bring."
    )


def _differences(here: Here) -> None:
    found = here.session.versions()
    waiting = here.session.conflicts()
    if found is None or len(found.reviewers) < 2 or not found.differences:
        if waiting:
            st.text(f"{quantity(waiting, 'document')} that two people have finished, and marked differently.")
            st.button("Open the first document", type="primary", on_click=here.handle, args=("adjudicate",))
        else:
            st.text("Wherever two reviewers have finished a document, they agree.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(_standing(found), width="stretch")
        st.button("Undo", key="undo settle", on_click=here.handle, args=("undo",))
        kind = "secondary" if found.open else "primary"
        st.button("Next document", key="next conflict", type=kind, on_click=here.handle, args=("adjudicate",))
        if st.button("Look in the document"):
            first = (found.open or found.differences)[0]
            open_document(here, found.doc_id, first.start)
    by = st.session_state[_SETTLED] = here.session.settled_by(found.doc_id)
    if by and by != here.reviewer:
        st.info(plain(f"{by} has settled this document. What you choose here takes the place of that."))
    looks = {look.label: look for look in label_looks(here.session.project)}
    current = found.open[0].number if found.open else 0
    many = len(found.differences) > FEW and found.open
    for each in (found.open if many else found.differences)[:FEW]:
        framed = each.number == current
        with st.container(border=True, key=f"difference {each.number}{' now' if framed else ''}"):
            _difference(here, found, each, looks, framed=framed)
    if (more := len(found.open) - FEW) > 0:
        st.text(f"and {quantity(more, 'more difference')}, which come when these are settled")


def _standing(found: Versions) -> str:
    a = found.agreement
    return (
        f"{found.doc_id}: {len(found.open):,} of {quantity(len(found.differences), 'difference')} left · "
        f"{found.reviewers[0]} and {found.reviewers[1]} agree on {a.both:,} of "
        f"{quantity(a.both + a.first + a.second, 'mark')} · "
        f"{quantity(found.waiting, 'document waits', 'documents wait')}"
    )


def _difference(
    here: Here, found: Versions, each: Difference, looks: Mapping[str, LabelLook], *, framed: bool
) -> None:
    """The versions in columns, and a button for each; the first difference that waits has the keys."""
    for column, name, spans in zip(
        st.columns(len(found.reviewers)), found.reviewers, each.versions, strict=True
    ):
        with column:
            taken = " ✓" if each.settled == name else ""
            st.text(f"{name}{taken}")
            st.html(version_html(found.text, each, spans, looks))
    choices = [(f"{name}'s", quoted(name)) for name in found.reviewers]
    # Where one has marked nothing, both are what the other has; of those that overlap one alone can count.
    choices += [("Both", "both")] if all(each.versions) and each.together else []
    choices += [("Neither", "none")]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for place, (said, choice) in enumerate(choices, 1):
            st.button(
                plain(said),
                key=f"settle {each.number} {place}",
                type="primary" if each.settled and choice.strip('"') == each.settled else "secondary",
                on_click=_settle,
                args=(here, found.doc_id, f"settle {each.number} {choice}"),
                shortcut=str(place) if framed and place < 10 else None,
            )
        _other_label(here, found.doc_id, each, looks)
        if each.settled:
            st.caption(plain(f"settled: {in_names(here, each.settled)}"))
    line, reply = here.replies[-1] if here.replies else ("", None)
    if reply is not None and reply.level == "error" and line.startswith(f"settle {each.number} "):
        st.error(plain(in_names(here, reply.outcome)))  # the answer above may be out of sight


def _settle(here: Here, doc_id: str, line: str) -> None:
    """Run a line about the document that this tab shows, unless somebody has settled it meanwhile."""
    if here.open_id != doc_id:
        here.session.open(doc_id)
    by = here.session.settled_by(doc_id)
    if by not in (st.session_state.get(_SETTLED), "", here.reviewer):
        said = f"{by} has settled {doc_id} meanwhile, and nothing was changed: look once more"
        here.remember(line, Reply(said, "error"))
        return
    here.handle(line)


def _other_label(here: Here, doc_id: str, each: Difference, looks: Mapping[str, LabelLook]) -> None:
    key = f"label {each.number}"

    def take() -> None:
        if label := st.session_state.get(key):
            _settle(here, doc_id, f"settle {each.number} is {label}")

    labels = here.session.labels
    index = labels.index(each.settled) if each.settled in labels else None
    st.selectbox(
        "Another label",
        labels,
        index,
        format_func=lambda label: looks[label].name if label in looks else label,
        key=key,
        on_change=take,
        width=200,
        placeholder="Another label",
        label_visibility="collapsed",
    )


def version_html(
    text: str,
    difference: Difference,
    spans: Sequence[tuple[int, int, str]],
    looks: Mapping[str, LabelLook],
) -> str:
    """The sentence with one reviewer's spans marked, as HTML; the text is escaped."""
    start, end = max(0, difference.start - AROUND), min(len(text), difference.end + AROUND)
    if start:
        start = text.find(" ", start, difference.start) + 1 or start
    if end < len(text):
        end = max(text.rfind(" ", difference.end, end), difference.end)
    parts, at = ["…" if start else ""], start
    for first, last, label in spans:
        look = looks.get(label)
        hue, name = (look.colour, look.name) if look else ("grey", label)
        parts.append(escape(text[at:first]))
        parts.append(
            f'<mark class="version {escape(hue)}">{escape(text[first:last])} <b>{escape(name)}</b></mark>'
        )
        at = last
    parts += [escape(text[at:end]), "…" if end < len(text) else ""]
    said = "".join(parts) if spans else "".join(parts) + ' <i class="version">nothing marked</i>'
    return f'<p class="version">{said}</p>'
