"""Term lists: search the term lists, change them for this project, see what a term would match."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING

import streamlit as st

from hybrid_ner.errors import HybridNerError
from hybrid_ner.registry import DOMAINS
from hybrid_ner.review.chat.situation import quoted
from hybrid_ner.review.rounds import ModelSetup
from hybrid_ner.review.rounds.round import project_overlay
from hybrid_ner.review.rounds.terms import TermTable
from hybrid_ner.review.store import lookups
from hybrid_ner.review.store.overlay import OverlayEntry
from hybrid_ner.terms import Term
from hybrid_ner.text import fold, quantity
from hybrid_ner.ui import frame
from hybrid_ner.ui.creating import add_lists, add_rules, take_out
from hybrid_ner.ui.importing import OFFERED_TERMS
from hybrid_ner.ui.state import Here
from hybrid_ner.ui.views import welcome
from hybrid_ner.ui.views.models import watch

if TYPE_CHECKING:
    from pathlib import Path

    from streamlit.delta_generator import DeltaGenerator

SHORT = 2
"""A term of so few letters matches much that it does not mean."""


@dataclass(frozen=True, slots=True)
class Warned:
    """A term and what may be wrong with it."""

    term: Term
    warning: str


def known_terms(table: TermTable, keys: Iterable[str]) -> list[Warned]:
    """The terms with these folded texts, in the order of the keys; once where several lists have one."""
    wanted = {key: place for place, key in enumerate(keys)}
    found = sorted((wanted[key], number) for number, key in enumerate(table.keys) if key in wanted)
    once = {(place, table.label_numbers[number]): number for place, number in reversed(found)}
    return [_warned(table, number) for _, number in sorted(once.items())]


def search_terms(table: TermTable, typed: str, label: str = "", limit: int = 5000) -> list[Warned]:
    """Terms whose folded text holds what was typed; those that begin with it first.

    Args:
        typed: Nothing typed finds every term.
        label: Only terms with this label.
    """
    key = fold(typed)
    code = table.labels.index(label) if label in table.labels else -1
    if label and code < 0:
        return []
    # People write Ehlers-Danlos with a hyphen or a space, and so do lists.
    keys = dict.fromkeys((key, key.replace(" ", "-"), key.replace("-", " ")))
    begin = chain.from_iterable(table.keys.beginning(each) for each in keys if each)
    first = _labeled(table, begin, code)
    rest = _labeled(table, chain.from_iterable(map(table.keys.holding, keys)), code)
    numbers = dict.fromkeys(islice(chain(first, rest), 2 * limit))
    return [_warned(table, number) for number in islice(numbers, limit)]


def _labeled(table: TermTable, numbers: Iterable[int], code: int) -> Iterator[int]:
    if code < 0:
        return iter(numbers)
    return (number for number in numbers if table.label_numbers[number] == code)


def _warned(table: TermTable, number: int) -> Warned:
    term = table.terms[number]
    said = []
    if table.ambiguous[number]:
        said.append("several labels")
    if term.mode == "folded" and len(table.keys[number]) <= SHORT:
        said.append("very short")
    return Warned(term, ", ".join(said))


WORDS = ("term", "variant", "abbr", "never", "always", "undo")
"""Commands whose questions and answers are shown here."""
PAGE = 100
LISTS, RULES = "more lists", "more rules"
"""Fields for files, which are empty again when these were added."""
ACTIONS = {"term": "added", "variant": "spelling of", "abbr": "abbreviation of", "never": "blocked"}
SCOPES = {"list": "this project", "here": "the open document only", "global": "every project"}


def page(here: Here) -> None:
    """One run of the page."""
    frame.confirmation(here, frame.asked(here, WORDS))
    frame.last_answer(here, WORDS)
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.header("Terms of the lists")
        _terms(here)
        live = _lists(here)
    with right:
        _try(here)
        _new(here)
        _edits(here)
    watch(here, live, running=True)


def _terms(here: Here) -> None:
    here.open_terms()
    table = here.terms.table
    if not len(table):
        st.info("This project has no term list. “Add term lists” takes one, “Add a term” a single term.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        typed = st.text_input(
            f"Search {quantity(len(table), 'term')}", type="search", live=True, width="stretch"
        )
        names = here.label_names
        label = st.selectbox(
            "Label", ["all", *table.labels], format_func=lambda name: names.get(name, name), width=180
        )
    wanted = "" if label == "all" else label
    if typed:
        found = search_terms(table, typed, wanted)
    else:
        texts = lookups.top_surfaces(here.session.project)
        used = known_terms(table, texts)
        found = [each for each in used if wanted in ("", each.term.label)]
    if not found:
        st.info("No term holds this." if typed else "No term of the lists is suggested in this project yet.")
        return
    pages = -(-len(found) // PAGE)
    number = min(st.session_state.get("term page", 1), pages)
    part = found[(number - 1) * PAGE : number * PAGE]
    hits = lookups.surface_counts(here.session.project, [each.term.text for each in part])
    warned = any(each.warning for each in part)
    picked = frame.chosen_row(
        (_row(each, hits[each.term.text], names, warned=warned) for each in part),
        f"terms {typed} {label} {number}",
        "Terms of the lists. Choose a row to change it for this project.",
        most=470,
        column_config={
            # In pixels: beside each other they fit, and on a phone the first three do.
            "term": st.column_config.TextColumn(width=210 if warned else None),
            "label": st.column_config.TextColumn(width=100),
            "suggested here": st.column_config.NumberColumn(width=112),
            "look out": st.column_config.TextColumn(width=190),
        },
    )
    if pages > 1:
        st.pagination(pages, key="term page")
    more = "the first " if len(found) == 5000 else ""
    what = "" if typed else " suggested in this project's documents, the most frequent first"
    if not typed and len(texts) == lookups.MOST_SURFACES:
        what = f" among the {lookups.MOST_SURFACES} texts that are suggested most often here"
    st.caption(
        f"{more}{quantity(len(found), 'term')}{what}. Changes hold for this project, not for the lists."
    )
    if picked is not None:
        _change(here, part[picked].term)


def _row(each: Warned, hits: int, names: Mapping[str, str], *, warned: bool) -> dict[str, object]:
    """What fits beside each other without being cut; the rest is said of a chosen row."""
    row = {
        "term": each.term.text,
        "label": names.get(each.term.label, each.term.label),
        "suggested here": hits,
    }
    return {**row, "look out": each.warning} if warned else row


def _origin(term: Term) -> str:
    """Which concept a term names, how, and the row of the list that says so."""
    where = f"{term.source} {term.file}, row {term.row}" if term.row else term.source
    kind = {"preferred": "main name"}.get(term.status, term.status)
    return " · ".join(filter(None, (kind, term.concept_id, where.strip())))


def _change(here: Here, term: Term) -> None:
    with st.container(border=True):
        st.text(f"{term.text} ({here.label_names.get(term.label, term.label)})")
        st.caption(frame.plain(_origin(term)))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.button(
                "Block it in this project",
                on_click=here.handle,
                args=(f"never {quoted(term.text)} {quoted(term.label)}",),
                key="block",
            )
            spelling = st.text_input("Another spelling of it", max_chars=120, key=f"spelling of {term.text}")
            st.button(
                "Add the spelling",
                on_click=here.handle,
                args=(f"variant {quoted(spelling)} = {quoted(term.text)}",),
                disabled=not spelling.strip(),
                key="add spelling",
            )
        synonyms = _synonyms(here, term)
        if synonyms:
            st.caption(f"Same concept: {frame.plain(', '.join(synonyms[:12]))}")


def _synonyms(here: Here, term: Term) -> Sequence[str]:
    same = (each.text for each in here.terms.of_concept(term.concept_id))
    return [text for text in dict.fromkeys(same) if text != term.text]


def _lists(here: Here) -> DeltaGenerator | None:
    """The lists behind the suggestions, more of them, and what becomes of misspelled terms.

    Returns:
        Where to show the training that keeps them as they are; ``None`` while none runs.
    """
    setup, running = here.models.setup, here.models.job.is_running()
    st.header("Lists of this project")
    shipped = DOMAINS.get(setup.domain)
    if setup.shipped and shipped.terms is not None:
        st.text(f"The lists of the subject {shipped.title or setup.domain}")
    _taken_out(here, setup.term_files, "Its terms are no longer suggested", running=running)
    with st.expander("Add term lists"):
        files = st.file_uploader(
            "Drop files here, or choose them",
            OFFERED_TERMS,
            accept_multiple_files=True,
            help=welcome.TERM_HELP,
            key=frame.fresh(LISTS),
        )
        st.caption(welcome.TERM_LIMITS)
        told_of = welcome.ask_lists(files or (), list(here.label_names))
        if st.button("Add them", disabled=not files or running, key="add lists"):
            given = [(file.name, file.getvalue()) for file in files or ()]
            read_again(here, lambda notes: add_lists(setup, given, told_of, notes, here.label_names), LISTS)
    with st.expander(f"Misspelled terms: {welcome.MISSPELLED[setup.fuzzy.mode]}"):
        fuzzy = welcome.ask_misspelled(here.label_names, setup.fuzzy, f"of {here.project}")
        if st.button("Keep this", disabled=fuzzy == setup.fuzzy or running, key="keep misspelled"):
            read_again(here, lambda notes: replace(setup, fuzzy=fuzzy))
    _rules(here, setup, running=running)
    if not running:
        return None
    st.caption("While it learns, lists and rules stay as they are.")
    return st.container()


def _rules(here: Here, setup: ModelSetup, *, running: bool) -> None:
    """The project's own rule files, and more of them."""
    st.header("Rules of this project")
    _taken_out(here, setup.rule_files, "Its rules no longer suggest anything", running=running)
    with st.expander("Add rule files"):
        files = st.file_uploader(
            "Drop rule files here, or choose them",
            welcome.RULE_TYPES,
            accept_multiple_files=True,
            help=welcome.RULE_HELP,
            key=frame.fresh(RULES),
        )
        if st.button("Add them", disabled=not files or running, key="add rules"):
            given = [(file.name, file.getvalue()) for file in files or ()]
            read_again(here, lambda notes: add_rules(setup, given, notes), RULES)


def _taken_out(here: Here, paths: Iterable[Path], what: str, *, running: bool) -> None:
    """A row for each file, with a way to take it out."""
    setup = here.models.setup
    for path in paths:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(path.name, width="stretch")
            key = f"out {path.name}" if path in setup.term_files else f"out rules {path.name}"
            with st.popover("Take out", type="tertiary", disabled=running, key=f"take {key}"):
                st.text(f"{what}, and the file is gone from here. Decisions stay.")
                out = st.button("Yes, take it out", type="primary", key=key)
            if out:
                read_again(here, partial(take_out, setup, path))


def read_again(here: Here, change: Callable[[list[str]], ModelSetup], field: str = "") -> None:
    """Change the settings, and read the documents with them; the notes are shown on the next run.

    Args:
        field: What is emptied when it is done.
    """
    bar, notes = st.progress(0.0, "Reading the term lists"), list[str]()

    def report(step: str, share: float, said: str) -> None:
        bar.progress(min(1.0, max(0.0, share)), frame.plain(said))

    try:
        here.session.check_lists_may_change()  # before a file is touched
        read = here.session.read_again(change(notes), report, notes)
    except (HybridNerError, OSError) as error:
        frame.failed(bar, "Nothing was changed", error, notes)
        return
    said = "The documents were read again; what was decided stays."
    notes.append(said if read else "The model in use learned without this: it counts when it learns next.")
    if new := here.session.with_something_new:
        notes.append(
            f"{quantity(new, 'document')} that you have reviewed now "
            f"{'has' if new == 1 else 'have'} something new: choose that order on the Queue page."
        )
    frame.keep_notices(here.place.folder_of(here.session.project), notes)
    frame.emptied(field)
    st.rerun()


def never_read(here: Here) -> None:
    """Where nothing was suggested yet, as after a server that ended while it made the project: a way on."""
    if here.models.current() or not lookups.never_suggested(here.session.project):
        return
    with st.container(border=True, key="never read", horizontal=True, vertical_alignment="center"):
        said = "The lists and rules of this project have not read its documents yet: nothing is suggested."
        st.text(said, width="stretch")
        if st.button("Read them now", type="primary"):
            read_again(here, lambda notes: here.models.setup)


def _try(here: Here) -> None:
    st.header("What would a term match here?")
    typed = st.text_input("Term", live=True, max_chars=120, key="try")
    if not typed or not any(map(str.isalnum, typed)):
        return
    found = lookups.find_term(here.session.project, typed)
    st.text(f"{quantity(found.occurrences, 'time')} in {quantity(found.documents, 'document')}")
    for number, (doc_id, sample, place) in enumerate(found.samples):
        with st.container(gap=None):
            if st.button(frame.plain(doc_id), key=f"sample {number}", type="tertiary"):
                frame.open_document(here, doc_id, *place)
            st.text(sample)
    if (more := found.documents - len(found.samples)) > 0:
        st.caption(f"and in {quantity(more, 'more document')}")


def _new(here: Here) -> None:
    st.header("Add a term")
    with frame.form("new term"):
        text = st.text_input("Term, as documents write it", max_chars=120)
        concept = st.text_input("What it stands for, where it is a short form", max_chars=120)
        names = here.label_names
        label = st.selectbox("Label", list(names), format_func=names.__getitem__)
        kind = st.radio("It is", ["a term", "an abbreviation"], horizontal=True)
        scope = st.selectbox("It holds for", list(SCOPES), format_func=SCOPES.__getitem__)
        if st.form_submit_button("Add it") and text.strip():
            head = f"abbr {quoted(text)}" if kind == "an abbreviation" else f"term + {quoted(text)}"
            means = concept.strip() or text.strip()
            if here.handle(f"{head} = {quoted(means)} {quoted(label)} {scope}").level == "error":
                st.rerun()  # said above
            frame.form_done("new term")


def _edits(here: Here) -> None:
    entries = project_overlay(here.session.project).entries
    st.header("Changes made in this project")
    if not entries:
        st.caption("None yet. Every change can be undone here.")
        return
    for entry in reversed(entries[-50:]):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(_told(entry), width="stretch")
            mine = entry.reviewer == here.reviewer
            st.button(
                "Undo",
                key=f"undo {entry.step}",
                disabled=not mine,
                help=None if mine else "Only its author can undo it",
                on_click=here.handle,
                args=(f"undo {entry.step}",),
            )


def _told(entry: OverlayEntry) -> str:
    what = f"{ACTIONS[entry.action]} {entry.concept}".strip()
    named = f"{entry.text} {entry.label}".strip()
    where = f"in {entry.doc_id}" if entry.scope == "here" else f"in {SCOPES[entry.scope]}"
    return f"{named}: {what} · {where} · {entry.reviewer}, {entry.at[:10]}"
