"""The codebook beside the document: what the labels mean, written and accepted with a few clicks.

Every button sends a line of the language, so that log, undo and session files know of it.
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from hybrid_ner.corpus.codebook import Codebook, Rule, rules_of
from hybrid_ner.errors import HybridNerError, told
from hybrid_ner.review import DocumentView
from hybrid_ner.review.store.codebook import codebook_of, suggest_rules
from hybrid_ner.review.store.lookups import label_looks
from hybrid_ner.text import quantity
from hybrid_ner.ui.frame import plain, quoted
from hybrid_ner.ui.state import Here

_KINDS = {
    "means": "It means",
    "include": "Include",
    "exclude": "Exclude",
    "boundary": "Where it begins and ends",
}
_NAMES = {"definition": "", "include": "Include: ", "exclude": "Exclude: ", "boundary": "Begins and ends: "}
_SHORT = 40
"""Characters of a span in the list of examples."""


def beside_document(here: Here, view: DocumentView | None) -> None:
    """A popover with the rules of one label, and a form to write another."""
    looks = [look for look in label_looks(here.session.project) if not look.hidden]
    if not looks:
        return
    with st.popover("What labels mean", type="tertiary"):
        book = codebook_of(here.session.project)
        names = {look.label: look.name for look in looks}
        label = st.selectbox("Label", list(names), format_func=names.__getitem__, key="codebook label")
        _rules(here, book, label)
        _form(here, label, view)


def _rules(here: Here, book: Codebook, label: str) -> None:
    held, proposed = book.rules(label), book.suggested(label)
    if not held and not proposed:
        st.caption(
            "Nothing is written yet. What is written here is told to reviewers and to language models."
        )
    for rule in held:
        with st.container(horizontal=True, gap="small"):
            _told(rule, _NAMES[rule.kind])
            _press(
                here, "Take out", f"codebook {quoted(label)} no {rule.number}", f"out {label} {rule.number}"
            )
    for rule in proposed:
        with st.container(border=True):
            _told(rule, f"Proposed by {rule.by}. {_NAMES[rule.kind]}")
            with st.container(horizontal=True, gap="small"):
                _press(
                    here, "Accept", f"codebook {quoted(label)} ok {rule.number}", f"ok {label} {rule.number}"
                )
                _press(
                    here, "Reject", f"codebook {quoted(label)} no {rule.number}", f"no {label} {rule.number}"
                )


def _told(rule: Rule, before: str) -> None:
    with st.container(gap=None, width="stretch"):
        st.text(f"{before}{rule.text}")
        for example in rule.examples:
            st.caption(plain(f"{example.sentence()}, {example.doc_id}"))


def _press(here: Here, name: str, line: str, key: str) -> None:
    st.button(name, key=f"codebook {key}", on_click=here.handle, args=(line,), type="tertiary")


def _form(here: Here, label: str, view: DocumentView | None) -> None:
    decided = {span.number: span for span in view.spans if span.status != "open"} if view else {}
    with st.form(f"codebook of {label}", border=False, clear_on_submit=True):
        kind = st.selectbox("Kind", list(_KINDS), format_func=_KINDS.__getitem__)
        text = st.text_area("Rule", height=68, max_chars=2_000)
        like = st.multiselect(
            "Examples: decided spans of this document",
            list(decided),
            format_func=lambda n: f"{n} {decided[n].surface[:_SHORT]} ({decided[n].status})",
        )
        if st.form_submit_button("Write it") and text.strip():
            numbers = f" like {' '.join(map(str, like))}" if like else ""
            here.handle(f"codebook {quoted(label)} {kind} {quoted(text)}{numbers}")
            st.rerun()


def codebook_files(here: Here) -> None:
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
            "Guidelines (Markdown) or a codebook (JSON): every rule becomes a proposal", ["md", "json"]
        )
        if st.button("Propose them", disabled=given is None) and given is not None:
            try:
                new = _propose(here, given.name, given.getvalue())
            except HybridNerError as error:
                st.error(plain(told(error)))
            else:
                st.success(
                    f"{quantity(new, 'rule')} proposed: they wait under What labels mean, in the review."
                )


def _propose(here: Here, name: str, content: bytes) -> int:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"codebook{Path(name).suffix}"
        path.write_bytes(content)
        return suggest_rules(here.session.project, rules_of(path), here.reviewer, "codebook")
