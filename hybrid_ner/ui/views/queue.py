"""Queue: which document comes next, adding documents, taking the gold away."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import streamlit as st

from hybrid_ner.corpus import Document
from hybrid_ner.corpus.codebook import rules_of
from hybrid_ner.errors import CorpusError, HybridNerError, InputError, told
from hybrid_ner.review import Pending, QueueRow
from hybrid_ner.review.chat.situation import quoted
from hybrid_ner.review.rounds.decisions import import_decisions, texts_by_id
from hybrid_ner.review.rounds.model_runs import counted, show
from hybrid_ner.review.store import lookups
from hybrid_ner.review.store.codebook import codebook_of, suggest_rules
from hybrid_ner.review.store.gold import GOLD_FORMATS, TABLE, gold_file, gold_report, since_said
from hybrid_ner.review.store.project import corrections_said
from hybrid_ner.review.store.ranking import ORDER_WORDS, order_words
from hybrid_ner.text import quantity, scratch
from hybrid_ner.training.bootstrap import Report
from hybrid_ner.ui import importing
from hybrid_ner.ui.creating import Files, opinions_in
from hybrid_ner.ui.frame import (
    asked,
    chosen_row,
    confirmation,
    emptied,
    failed,
    form,
    form_done,
    fresh,
    last_answer,
    offer,
    open_document,
    plain,
)
from hybrid_ner.ui.state import Here, said_here, say_here, workspace

NEED_A_MODEL = ("disagree", "new-terms")
"""Orders that mean nothing while only rules vote."""


DOCUMENT_HELP = (
    "A text, Word, PDF, OpenDocument, RTF or HTML file or a mail is one document. In a CSV or workbook the "
    "column with the documents is called text, or is the only one with sentences, and every row is one "
    "document. A ZIP is the files in it. Up to 10 MB a file; larger ones are added with hybrid-ner review "
    "import."
)
DOCUMENT_LIMITS = (
    "TXT, DOCX, PDF, XLSX, CSV or JSONL and more, up to 10 MB a file, as many as there are, or a ZIP. A file "
    "in red is too large, or did not arrive."
)
PASTE_HELP = (
    "All that is pasted is one document; a table or JSON is read as in a file. Without a name it is called "
    "pasted 1, pasted 2 and so on."
)
NOTHING_CHOSEN = "Choose files or paste a text first."
PAGE = 100
_KEPT = "labels kept"
"""Key of the news, for the next run, that the labels were written."""
_MARKED = "documents marked"
"""Key of those among them in which mentions are marked, which may be taken over as decisions."""
_CORRECTED = "documents corrected"
"""Key of the documents among them that the project has with another text."""
_ADDED = "documents added"
"""Key of what was said of the files that were added last, with their project and the line that undoes it."""
DOCUMENTS, GUIDELINES = "more documents", "guidelines"
"""Fields for files, which are empty again when these were added."""
JOINED, INTO = "Join the label", "into the label"
"""Fields for labels, which are empty again once it is asked whether to join them."""
_PROPOSED = "rules proposed"
"""Key of the news, for the next run, how many rules were proposed."""


WORDS = ("withdraw", "reinstate", "join")
"""Commands whose answers are shown here."""


def page(here: Here) -> None:
    """One run of the page."""
    pending = asked(here, WORDS)
    joining = pending if pending and pending.line.startswith("join ") else None
    with st.container():
        confirmation(here, None if joining else pending)
        last_answer(here, WORDS)
    _progress(here)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input("Search by name", type="search", live=True, width=280, key="queue search")
        order = here.session.order
        useful = [name for name in ORDER_WORDS if name not in NEED_A_MODEL or here.session.mixed]
        known = useful if order in useful else [*useful, order]
        st.selectbox(
            "Order",
            known,
            known.index(order),
            format_func=order_words,
            key=f"order {order}",
            on_change=lambda: here.handle(f"queue {st.session_state[f'order {order}']}"),
            width=280,
        )
    _rows(here, search or "")
    _withdrawn(here)
    left, right = st.columns(2, gap="large")
    with left:
        _add(here)
    with right:
        _take(here)
    _labels(here, joining)
    _codebook(here)


def _progress(here: Here) -> None:
    now = lookups.standing(here.session.project, here.reviewer)
    share = now.reviewed / now.documents if now.documents else 0.0
    st.progress(share, f"{now.reviewed:,} of {quantity(now.documents, 'document')} reviewed")
    st.caption(
        f"By you: {quantity(now.accepted, 'mention')} accepted · {now.rejected:,} rejected · "
        f"{quantity(here.session.left, 'document')} left for you"
    )


def _rows(here: Here, search: str) -> None:
    number = st.session_state.get("queue page", 1)
    dealt = any(row.assigned for row in here.session.progress())
    everybody = dealt and st.checkbox("Also the documents of others", key="everybody's documents")
    rows = here.session.queue(PAGE + 1, (number - 1) * PAGE, search, everybody=everybody)
    if not rows and number == 1:
        nothing = "No document fits." if search else "Nothing is in your queue."
        st.info(
            f"{nothing} “Also the documents of others” shows all." if dealt and not everybody else nothing
        )
        return
    shown = [_shown(row) for row in rows[:PAGE]]
    picked = chosen_row(
        ({name: row[name] for name in row if any(each[name] for each in shown)} for row in shown),
        f"queue {search} {number} {here.session.order}",
        "Documents of the queue, best first. Choose a row to open the document.",
        most=460,
        column_config={
            "no.": st.column_config.NumberColumn(width=56),
            "suggestions": st.column_config.NumberColumn(width=100),
        },
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(rows) > PAGE or number > 1:
            st.pagination(number + (len(rows) > PAGE), key="queue page")
        pressed = st.button("Open the chosen document", type="primary", disabled=picked is None)
        if pressed and picked is not None:
            open_document(here, rows[picked].doc_id)
        st.caption("Choose a row (with the keyboard: Shift and Space), then open it.")


def _withdrawn(here: Here) -> None:
    """The documents that were taken out of the project, to bring back."""
    with here.session.project.read() as connection:
        found = lookups.withdrawals(connection, here.session.project.id)
    if not found:
        return
    with st.expander(plain(lookups.withdrawn_said(found))):
        rows = [
            {"document": w.doc_id, "reason": w.reason, "who": w.reviewer, "when": w.at[:16]} for w in found
        ]
        picked = chosen_row(
            rows, "withdrawn", "Withdrawn documents. Choose a row to bring the document back."
        )
        with st.container(horizontal=True):
            if st.button("Bring the chosen document back", disabled=picked is None) and picked is not None:
                here.handle(f"reinstate {quoted(found[picked].doc_id)}")
                st.rerun()
            every = f"reinstate docs 1-{found[-1].position}"
            st.button("Bring them all back", on_click=here.handle, args=(every,))


def _shown(row: QueueRow) -> dict[str, object]:
    """A row of the queue, best first; a column in which no row says anything is left out."""
    state = "reviewed" if row.done else "skipped" if row.deferred else "begun" if row.begun else ""
    return {
        "no.": row.position,
        "document": row.doc_id,
        "begins": row.begins,
        "suggestions": row.suggestions,
        "state": state,
        "flag": row.flag,
        "open by": row.claimed_by,
        "given to": ", ".join(row.given),
        "reviewed by": ", ".join(row.finished),
    }


def _add(here: Here) -> None:
    with st.container(border=True):
        st.header("Add documents")
        files = choose_documents("Drop files or a folder here, or choose them", fresh(DOCUMENTS), here)
        marked = st.checkbox(
            "Show what is marked in them as suggestions",
            help="Each person and model that an export of Argilla, Label Studio or Prodigy names is a source "
            "of its own; the queue begins where they disagree.",
        )
        # Never greyed out: what is pasted arrives with the click.
        pressed = st.button("Add them")
        if not files:
            if pressed:
                st.warning(NOTHING_CHOSEN)
            _say_added(here)
            _say_marked(here)
            _say_corrected(here)
        if not files or not pressed:
            return
        bar, notes = st.progress(0.0, "Reading the files"), list[str]()

        def report(step: str, share: float, said: str) -> None:
            bar.progress(min(1.0, share), plain(said))

        try:
            said, changed, out, marks = (
                (_added_opinions(here, files, report, notes), [], "", [])
                if marked
                else _added(here, files, report, notes)
            )
        except (HybridNerError, OSError) as error:
            failed(bar, "No document was added", error, notes)
            return
        st.session_state[_ADDED] = (here.project, said, notes, out)
        st.session_state[_CORRECTED] = (here.project, changed)
        st.session_state[_MARKED] = (here.project, marks)
        say_here()
        form_done(DOCUMENTS)  # the queue above was drawn without them


def _say_added(here: Here) -> None:
    """What became of the files that were added, until others are chosen or another page is looked at."""
    added, said, notes, out = st.session_state.get(_ADDED, ("", (), (), ""))
    if here.project != added or not said_here():
        st.session_state.pop(_ADDED, None)
        return
    for line in said:
        st.success(plain(line))
    if out:
        st.button("Take them out again", on_click=here.handle, args=(out,))
    for note in notes:
        st.warning(plain(note))


def _say_marked(here: Here) -> None:
    """What is marked in the files that were added last becomes decisions by one click, as one step."""
    project, marked = st.session_state.get(_MARKED, ("", []))
    if project != here.project or not marked or _ADDED not in st.session_state:
        return
    said = "Each document is then reviewed by you, with what is marked in it. Undo takes it back."
    if st.button("Take them over as my decisions", help=said):
        try:
            done = import_decisions(here.session.project, here.reviewer, marked).sentence(here.reviewer)
        except HybridNerError as error:
            st.error(plain(told(error)))
            return
        st.session_state[_ADDED] = (here.project, [f"{line}." for line in done.splitlines()], [], "")
        del st.session_state[_MARKED]
        st.rerun()


def _say_corrected(here: Here) -> None:
    """What has another text in the files that were added last, and a button that takes it over."""
    project, changed = st.session_state.get(_CORRECTED, ("", []))
    if project != here.project or not changed:
        return
    try:
        st.warning(plain(f"{corrections_said(here.session.correct(changed, ask=True), would=True)}."))
        if st.button("Use the corrected texts"):
            done = here.session.correct(changed)
            show(here.session.project, here.models.setup, here.models.registry)
            st.session_state[_ADDED] = (here.project, [f"{corrections_said(done)}."], [], "")
            del st.session_state[_CORRECTED]
            st.rerun()
    except HybridNerError as error:
        st.error(plain(told(error)))


def choose_documents(asked: str, key: str = "documents", here: Here | None = None) -> Files:
    """Fields for files of documents and for pasted texts, and how many files have arrived.

    Args:
        key: Of the fields; under another one they are empty.
        here: Where the documents go: texts that are not named are numbered behind those that are there.

    Returns:
        Name and content of each; a pasted text is a text file.
    """
    files = st.file_uploader(
        asked, importing.OFFERED_DOCUMENTS, accept_multiple_files=True, key=key, help=DOCUMENT_HELP
    )
    # Many files come in archives: the browser packs them.
    count = sum(map(_files_in, files or ()))
    st.caption(f"**{quantity(count, 'file')}.** {DOCUMENT_LIMITS}" if count else DOCUMENT_LIMITS)
    given = [(file.name, file.getvalue()) for file in files or ()]
    if large := [name for name, content in given if content.startswith(importing.TOO_LARGE)]:
        st.warning(plain(f"Too large, and left out: {', '.join(large)}."))
    pasted = _paste(key)
    return given + importing.pasted_files(
        pasted, texts_by_id(here.session.project) if pasted and here else ()
    )


def _paste(key: str) -> list[tuple[str, str]]:
    """Fields for texts, each with its name: one, and more where they are asked for; those that are filled."""
    more, found = f"more texts of {key}", list[tuple[str, str]]()
    for number in range(1, 2 + st.session_state.get(more, 0)):
        asked, named = (
            ("Or paste a text here", "Its name (optional)")
            if number == 1
            else (f"Text {number}", f"Name of text {number} (optional)")
        )
        text = st.text_area(asked, height=96, help=PASTE_HELP, key=f"text {number} of {key}")
        name = st.text_input(named, max_chars=120, key=f"name {number} of {key}")
        if text and text.strip():
            found.append((name or "", text))
    st.button(
        "Paste another text", type="tertiary", key=f"another of {key}", on_click=_one_more, args=(more,)
    )
    return found


def _one_more(key: str) -> None:
    st.session_state[key] = st.session_state.get(key, 0) + 1


def _files_in(upload: Any) -> int:
    """How many files an uploaded file is: those in an archive, or one."""
    if not upload.name.lower().endswith(".zip"):
        return 1
    try:
        with ZipFile(upload) as archive:
            return sum(not part.is_dir() for part in archive.infolist())
    except BadZipFile:
        return 1  # what is wrong with it is said where it is read


def as_read(documents: Iterable[Document], report: Report) -> Iterator[Document]:
    """The documents, telling how many have been read: how many there are nobody knows before."""
    for count, each in enumerate(documents):
        if not count % 25:
            so_far = f", {count:,} so far" if count else ""
            report("documents", 0.0, f"reading the documents{so_far}")
        yield each


def _added(
    here: Here, files: Files, report: Report, notes: list[str]
) -> tuple[list[str], list[Document], str, list[Document]]:
    """Add the documents of files.

    Returns:
        What to say of it, those that the project has with another text, the line that takes the others out
        again, and those of them in which something is marked.
    """
    given = list(as_read(importing.read_documents(files, notes), report))
    importing.note_marks(given, notes)
    changed = {each.doc_id for each in here.session.project.corrections(given)}
    out = _erased_before(here, [each for each in given if each.doc_id not in changed], notes)
    documents = [each for each in given if each.doc_id not in changed | out]
    added = here.session.add_documents(counted(documents, len(documents), report, "documents", "adding"))
    show(here.session.project, here.models.setup, here.models.registry, report)
    said = [f"{added.sentence().removesuffix(', 0 known')}."]
    if added.added and (free := here.session.given_to_nobody()):
        notes.append(f"Given to nobody: {quantity(free, 'document')}. The Team page shares them out.")
    first, last = added.numbers
    undoing = f"withdraw docs {first}-{last} because imported by mistake" if added.added else ""
    # Beside marked documents one without a mark was read too.
    some = any(each.entities for each in documents)
    marked = [each for each in documents if some and each.entities is not None]
    return said, [each for each in given if each.doc_id in changed], undoing, marked


def _erased_before(here: Here, given: Iterable[Document], notes: list[str]) -> set[str]:
    """Ids of documents whose text was erased from the project; the notes say so."""
    project, out = here.session.project, set[str]()
    erased, known = project.erased_marks(), texts_by_id(project)
    for each in given if erased else ():
        try:
            project.refuse(each, known.get(each.doc_id, ""), erased)
        except CorpusError as error:
            notes.append(f"{importing.LEFT_OUT}{error}")
            out.add(each.doc_id)
    return out


def _added_opinions(here: Here, files: Files, report: Report, notes: list[str]) -> list[str]:
    """Make what is marked in files suggestions; what to say of each, and of each that was left out."""
    said: list[str] = []
    refused: list[InputError] = []
    each_file = [part for name, content in files for part in importing.unpacked(name, content)]
    for number, (name, content) in enumerate(each_file):
        report("read", number / len(each_file), f"reading {name}")
        try:
            opinions = opinions_in(name, content, notes)
            setup = workspace().setup(here.session.project)
            said.append(here.session.add_opinions(setup, opinions, Path(name).stem).sentence())
        except InputError as error:
            refused.append(error)
    importing.leave_out(refused, notes, usable=len(said))
    return said


def _labels(here: Here, joining: Pending | None) -> None:
    """Names, colours, keys and definitions of the labels, and which of them are used."""
    with st.expander("Labels: names, colours, keys, definitions"):
        looks = lookups.label_looks(here.session.project)
        edited = st.data_editor(
            [{"used": not look.hidden, **asdict(look)} for look in looks],
            column_order=("used", "label", "name", "key", "colour", "definition"),
            disabled=("label",),
            column_config={
                "colour": st.column_config.SelectboxColumn(options=lookups.COLOURS, required=True),
                "key": st.column_config.SelectboxColumn(options=["", *lookups.LABEL_KEYS]),
            },
            hide_index=True,
            alt="Labels: whether they are used, names, keys, colours, definitions",
            key=f"label looks {' '.join(look.label for look in looks)}",  # other rows, other edits
        )
        st.caption(
            "A label that is not used has no button, and its suggestions do not wait: they come back when "
            "you use the label again. What was decided stays."
        )
        if st.session_state.pop(_KEPT, False):
            st.success("The labels are kept so.")
        if st.button("Keep them"):
            meant = {look.label: look.definition for look in looks}
            try:
                lookups.keep_looks(here.session.project, (_look(row) for row in edited))
            except HybridNerError as error:
                st.error(plain(error))
                return
            for look in map(_look, edited):
                if look.definition and look.definition != meant[look.label]:
                    here.handle(f"codebook {quoted(look.label)} means {quoted(look.definition)}")
            st.session_state[_KEPT] = True
            st.rerun()
        _new_label(here)
        _join_labels(here, {look.label: look.name for look in looks if not look.hidden}, joining)


def _join_labels(here: Here, names: Mapping[str, str], pending: Pending | None) -> None:
    """Two fields for labels of which the first becomes the second, and the question whether it shall."""
    with form("join labels", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        one, other = (
            st.selectbox(said, [*names], None, format_func=names.__getitem__, key=fresh(said), width=240)
            for said in (JOINED, INTO)
        )
        pressed = st.form_submit_button("Join them")
    if pressed and not (one and other):
        st.warning("Choose two labels first.")
    elif pressed:
        reply = here.handle(f"join label {quoted(one)} into {quoted(other)}")
        if reply.level != "error":
            emptied(JOINED)
            emptied(INTO)
            form_done("join labels")
        st.error(plain(reply.echo))
    st.caption(
        "Every mention of the first has the second label from then on, in all documents and for everybody. "
        "What is accepted, rejected or open stays so. Undo, on the Review page, brings the label back."
    )
    confirmation(here, pending)
    last_answer(here, ("join",))


def _new_label(here: Here) -> None:
    """A field for a label that the project does not have."""
    with form("new label", border=False):
        name = st.text_input("A new label", max_chars=100).strip()
        if st.form_submit_button("Add it") and name:
            reply = here.handle(f"label {quoted(name)}", foreseen="0")  # nothing to preview
            if reply.level == "error":
                st.error(plain(reply.echo))
            else:
                st.session_state[_KEPT] = True
                form_done("new label")


def _look(row: Mapping[str, Any]) -> lookups.LabelLook:
    text = {name: str(row[name] or "").strip() for name in ("label", "name", "colour", "key", "definition")}
    return lookups.LabelLook(**text, hidden=not row["used"])


_FORMATS = {
    TABLE: "Table for Excel and the like: a mention a row",
    "jsonl": "JSONL: for programs, and to learn from",
    "csv": "CSV: a document a row, for programs",
    "conll": "CoNLL: a word a line",
    "spacy": "spaCy: a DocBin file",
    "biluo": "BILUO: a word a line",
    "brat": "brat: a text and a file of marks for each document",
}
"""Formats that people may not know by their names."""


def _take(here: Here) -> None:
    with st.container(border=True):
        st.header("Download what was reviewed")
        report = gold_report(here.session.project)
        st.text(report.sentence())
        if report.conflicts:
            st.caption("The Team page shows where reviewers differ; what is settled there is in the file.")
        form = st.selectbox(
            "Format",
            [TABLE, *GOLD_FORMATS],
            format_func=lambda name: _FORMATS.get(name, name),
            key="gold format",
        )
        last = here.session.last_taken
        new = last and st.checkbox(
            f"Only what is new or changed since you last prepared a file ({since_said(last)})"
        )
        if st.button("Prepare the file"):
            reply = here.handle(f"export {form} since last" if new else f"export {form}")
            if reply.level == "error":
                st.error(plain(reply.echo))
            else:
                for line in reply.lines:  # a preview that waited and was left
                    st.caption(plain(line))
                offer(gold_file(here.session.project, reply.download, here.label_names, reply.since))


def _codebook(here: Here) -> None:
    """The whole codebook to download, and guidelines to propose."""
    with st.expander("What labels mean: the codebook to download, or guidelines to take over"):
        project = here.session.project
        book = codebook_of(project)
        st.caption(plain(f"Version {book.version}" if book else "Nothing is written yet."))
        with st.container(horizontal=True):
            page = book.markdown(f"Codebook of {project.name}")
            plain_values = json.dumps(book.as_dict(), ensure_ascii=False, indent=1)
            st.download_button("Download as a page", page, "codebook.md", on_click="ignore")
            st.download_button("Download for programs", plain_values, "codebook.json", on_click="ignore")
        given = st.file_uploader(
            "Guidelines (Markdown) or a codebook (JSON): every rule becomes a proposal",
            ["md", "json"],
            key=fresh(GUIDELINES),
        )
        if said := st.session_state.pop(_PROPOSED, ""):
            st.success(said)
        if st.button("Propose them", disabled=given is None) and given is not None:
            try:
                new = _propose(here, given.name, given.getvalue())
            except HybridNerError as error:
                st.error(plain(told(error)))
            else:
                said = f"{quantity(new, 'rule')} proposed: What labels mean, in the review, has them."
                st.session_state[_PROPOSED] = said
                form_done(GUIDELINES)


def _propose(here: Here, name: str, content: bytes) -> int:
    with scratch() as folder:
        path = folder / importing.plain_name(name)
        path.write_bytes(content)
        try:
            rules = rules_of(path)
        except InputError as error:  # whoever chose the file knows it by its name alone
            raise InputError(error.problem, path=path.name, row=error.row, hint=error.hint) from error
        return suggest_rules(here.session.project, rules, here.reviewer, "codebook")
