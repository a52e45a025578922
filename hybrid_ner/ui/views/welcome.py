"""Welcome: the demo in one click, or a project of one's own from files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

import streamlit as st

from hybrid_ner.corpus import read_corpus
from hybrid_ner.errors import HybridNerError
from hybrid_ner.matching.match import Fuzzy, FuzzyMode
from hybrid_ner.project_file import ProjectFile, current
from hybrid_ner.registry import DOMAINS, SOURCES, Domain
from hybrid_ner.review.rounds import FOR_REVIEW
from hybrid_ner.review.store.labels import abbreviated, human_name, respelled
from hybrid_ner.review.store.lookups import LabelLook, with_names
from hybrid_ner.sources.models.endpoint import remote_hosts
from hybrid_ner.sources.models.settings import kinds
from hybrid_ner.terms.readers.files import label_of_name
from hybrid_ner.ui import importing, state
from hybrid_ner.ui.creating import LABELS, Files, Wish, create_demo, create_project, labels_with_meanings
from hybrid_ner.ui.frame import failed, keep_notices, plain
from hybrid_ner.ui.views.queue import as_read, choose_documents

TERM_HELP = (
    "A text file with one term a line, named after its label (Disease.txt), or a table, from a "
    "spreadsheet or as CSV, with the columns term and label. MeSH, OBO and other terminologies are read too."
)
LABEL_HELP = (
    "Each gets a button and a key in the review. The meaning stands beside the documents, for everybody who "
    "reviews; you can also write here what a label of the subject or of your lists means. Names, colours and "
    "keys are changed on the Queue page."
)
RULE_HELP = (
    "A YAML or TSV file of patterns, heads, suffixes, terms and vetoes, each with a label and examples. "
    "`hybrid-ner rules --help` shows one, and `hybrid-ner rules check` tries it."
)
RULE_TYPES = ("yaml", "yml", "tsv")
MODEL_HELP = (
    "A YAML file that names models on this computer: a spaCy pipeline (spacy: en_core_web_sm), a folder of "
    "transformers or gliner, or a server with a language model (llm: http://127.0.0.1:11434/v1). "
    "The page docs/models.md shows one."
)
COLUMN_HELP = (
    "What is in which column, by its heading or its number: term=Name,label=Kind,synonyms=4. Several columns "
    "of synonyms are named one by one: synonyms=4,synonyms=5."
)
TERM_LIMITS = "XLSX, CSV, TSV, TXT, JSONL, OBO or XML, packed (.gz) or not, up to 10 MB a file."


MISSPELLED: dict[FuzzyMode, str] = {"label": "mark", "suggest": "only hint at", "off": "leave out"}
"""What becomes of them, for people."""
MISSPELLED_HELP = (
    "Words that are a term but for a slip or two: marked like any term, hinted at with a faint line that one "
    "key turns into a mention, or left out. Each says which term it almost is, and by which letters."
)
SLIPS = {
    0.0: "one from 5 letters on, two from 12 on",
    0.9: "one in 10 letters, two in 20",
    0.95: "one in 20 letters, two in 40",
}
"""Thresholds, as what they come to."""
_MARKUP = re.compile(r"[^\w .,;()+-]|www(?=\.)", re.IGNORECASE)
"""What might be markup in the name of a file; escaped it would be read out with its backslashes."""
_FEW_LISTS = 6
"""Lists that are asked about one by one."""


def page(here: state.Here | None, reviewer: str) -> None:
    """The page before the first project, and for every further one."""
    st.title("Mark the terms that matter")
    st.write(
        "Term lists find what they know, a model learns the rest, and you have the last word. "
        f"{_where_text_goes()}"
    )
    if here is not None:
        leave = ("new project", None)
        st.button("Back to the project", on_click=st.session_state.pop, args=leave, type="tertiary")
    reviewer = _name(here, reviewer)
    demo, own = st.columns([2, 3], gap="large")
    with demo:
        _demo(reviewer)
    with own:
        _own(reviewer)


def _where_text_goes() -> str:
    hosts = remote_hosts()
    if not hosts:
        return "Everything stays on this computer."
    named = plain(", ".join(hosts))
    return f"Documents stay on this computer, but for projects whose language model runs on {named}."


def _name(here: state.Here | None, reviewer: str) -> str:
    if state.sign_in_configured():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(f"Signed in as {reviewer}", width="content")
            st.button("Sign out", on_click=st.logout)
        if here is None and state.has_projects():
            st.info("Nobody has given you a role in a project here yet: ask an owner, by this name.")
        return reviewer
    said = st.text_input("Your name, kept with every decision", reviewer, max_chars=60, width=320)
    state.rename(said)
    return state.typed_name(said)


def _demo(reviewer: str) -> None:
    with st.container(border=True):
        st.header("Try it first")
        st.write(
            "About a hundred invented documents with a fitting term list. It takes half a minute, "
            "then a few hints lead through the first review."
        )
        with st.container(horizontal=True):
            wanted = [
                name
                for name, domain in _domains().items()
                if domain.samples
                and st.button(f"{domain.title or name} demo", type="primary", key=f"demo {name}")
            ]
        for domain in wanted:
            _make(
                lambda store, report, d=domain: create_demo(
                    store, state.workspace(), d, report, reviewer, state.sign_in_configured()
                )
            )


def _domains() -> dict[str, Domain]:
    """In the order that they ask for."""
    return dict(sorted(DOMAINS.all(), key=lambda each: (each[1].order, each[0])))


def _own(reviewer: str) -> None:
    with st.container(border=True):
        st.header("Your own documents")
        name = st.text_input(
            "Name of the project", max_chars=80, placeholder="for example: letters of this spring"
        )
        domains, said = _domains(), _project_file()
        domain = st.radio(
            "What they are about",
            list(domains),
            index=list(domains).index(said.domain) if said.domain in domains else 0,
            format_func=lambda name: domains[name].title or name,
            horizontal=True,
        )
        documents, terms = _files()
        scheme = used = list(domains[domain].labels)
        if scheme:
            said_of = [f"**{human_name(name)}**: {what}" for name, what in domains[domain].meanings.items()]
            used = st.multiselect(
                "Labels",
                scheme,
                scheme,
                format_func=human_name,
                key=f"labels of {domain}",
                help="\n\n".join(said_of) or None,
            )
        meanings = _own_labels()
        told, fuzzy = _reading(terms, (*scheme, *meanings))
        sources, rules = _own_rules(said.sources)
        models, predictions = _own_models()
        folder = said if _folder_is_used(said) else ProjectFile()
        above = st.container()
        # Never greyed out: what is pasted arrives with the click.
        if st.button("Create the project", type="primary"):
            wish = Wish(
                name,
                domain,
                [],
                _contents(terms),
                labels=tuple(dict.fromkeys((*folder.labels, *meanings))),
                told=told,
                shipped=folder.shipped is not False,
                by=reviewer,
                owner=state.sign_in_configured(),
                sources=sources,
                rules=_contents(rules),
                models=_contents(models),
                predictions=_contents(predictions),
                fuzzy=fuzzy,
                hidden=tuple(name for name in scheme if name not in used),
                meanings=meanings,
            )
            with above:
                _create(wish, documents, folder)


def _create(wish: Wish, found: Files, folder: ProjectFile) -> None:
    """Make the project; its documents are read where the progress is seen."""
    notes: list[str] = []

    def create(store: Any, report: Any) -> str:
        report("documents", 0.0, "reading the documents")
        given = importing.listed(folder.lists, folder.rules)
        read = list(as_read(importing.read_documents(found, notes), report))
        read += read_corpus(folder.corpus) if folder.corpus else ()
        importing.note_marks(read, notes)
        terms, rules = [*wish.terms, *given.terms], [*wish.rules, *given.rules]
        whole = replace(wish, documents=read, terms=terms, rules=rules, told={**wish.told, **given.told})
        return create_project(store, state.workspace(), whole, report, notes)

    _make(create, notes)


def _files() -> tuple[Files, list[Any]]:
    """Documents and term lists."""
    documents = choose_documents("Documents: drop files or a folder here, or choose them")
    terms = _dropped(
        "Term lists (optional where the subject has its own)", importing.OFFERED_TERMS, TERM_HELP
    )
    st.caption(TERM_LIMITS)
    return documents, terms


def _dropped(what: str, kinds: Sequence[str], help: str) -> list[Any]:
    asked = f"{what}: drop files here, or choose them"
    return list(st.file_uploader(asked, kinds, accept_multiple_files=True, help=help) or ())


def _own_labels() -> dict[str, str]:
    """Labels besides those of the subject and of the lists, each with what it means."""
    typed = st.text_area(
        "Labels of your own, one a line, and after a colon what they mean (optional)",
        height=96,
        max_chars=8_000,
        placeholder="Place: where something was made or found\nMaterial: what something is made of",
        help=LABEL_HELP,
    )
    return labels_with_meanings(typed or "")


def _reading(lists: Sequence[Any], known: Sequence[str]) -> tuple[dict[str, dict[str, str]], Fuzzy]:
    """What each list is told about its label and columns, and what misspelled terms are."""
    # Many lists bring no label: what they need is in sight.
    with st.expander("How term lists are read", bool(lists)):
        told = ask_lists(lists, known)
        labels = [*known, *(own[key] for own in told.values() for key in LABELS if key in own)]
        return told, ask_misspelled({name: human_name(name) for name in labels}, FOR_REVIEW, "new")


_PLAIN_LISTS = (".txt", ".lst")
"""Endings of lists that are a term a line, mostly, and then say nothing of a label."""
_SOON_READ = 1_000_000
"""Bytes of a list that is read while somebody waits: some 25,000 terms, in two to three seconds."""
_list_as_read = st.cache_data(max_entries=50, show_spinner="Reading the list")(importing.list_as_read)


def ask_lists(lists: Sequence[Any], known: Sequence[str]) -> dict[str, dict[str, str]]:
    """Ask for label and columns of uploaded term lists, each for itself while they are few.

    Args:
        known: Labels to choose from.

    Returns:
        Name of a list → what was said of it.
    """
    files = {importing.plain_name(each.name): each for each in reversed(lists)}
    names = list(reversed(files))
    if not names:
        return {}
    few = names if len(names) <= _FEW_LISTS else [""]
    said = {}
    for name in few:
        shown = _MARKUP.sub(" ", name) or "the lists"
        stem = PurePath(name).stem
        spelled = respelled([stem], known).get(stem, "")
        likely = human_name(spelled) if spelled else label_of_name(stem)
        # A table has headings and sheets, which say more than its name.
        meant = spelled if PurePath(name).suffix.lower() in _PLAIN_LISTS else ""
        # Columns stand below each other on a phone.
        left, right = st.columns(2, vertical_alignment="bottom")
        label = left.selectbox(
            f"Label of {shown}, where none is named",
            dict.fromkeys(known),
            None,
            format_func=human_name,
            accept_new_options=True,
            placeholder=likely or "choose one, or type a new one",
            key=f"label of list {name}",
        )
        columns = right.text_input(
            f"Columns of {shown}, where headings do not say them",
            placeholder="term=Name,synonyms=4",
            help=COLUMN_HELP,
            key=f"columns of list {name}",
        )
        named = (label or "").strip()
        # A column of classes ("TNF inhibitor") is no label that everybody wants.
        every = named and st.checkbox(
            f"For all terms of {shown}, also those that name another", key=f"every label of list {name}"
        )
        own = {"label" if every else "otherwise": named or meant, "columns": columns.strip()}
        said[name] = {key: value for key, value in own.items() if value}
        if said_of := begun(named, known):
            st.warning(plain(said_of))
        if name:
            _say_how_it_is_read(files[name], said[name], known)
    return {name: own for name in names if (own := said.get(name, said.get("", {})))}


def begun(named: str, known: Sequence[str]) -> str:
    """What to say of a new label that begins a known one: Enter takes what was typed so far."""
    near = () if named in known else abbreviated(named.casefold(), known)
    return "".join(f"{named} is a new label. If it is {human_name(each)}, choose that." for each in near)


def _say_how_it_is_read(file: Any, told: Mapping[str, str], known: Sequence[str]) -> None:
    """What comes of a list as it is told about now: a wrong column is seen before anything is marked.

    Args:
        known: Labels whose spelling those of the list take on.
    """
    if file.size > _SOON_READ:
        return
    labels, came = _list_as_read(file.name, file.getvalue(), told)
    spelled = respelled(labels, known)
    looks = [LabelLook(label, human_name(spelled.get(label, label)), "") for label in labels]
    (st.caption if labels else st.warning)(plain(with_names(came, looks)))


def ask_misspelled(labels: Mapping[str, str], now: Fuzzy, key: str) -> Fuzzy:
    """Ask what becomes of misspelled terms: of all, of some labels, and how many slips they may have.

    Args:
        labels: Labels there are, with their names.
        now: What holds, for the first look.
        key: Name of these fields.
    """
    modes = list(MISSPELLED)
    mode = st.radio(
        "Misspelled terms",
        modes,
        modes.index(now.mode),
        format_func=MISSPELLED.__getitem__,
        horizontal=True,
        help=MISSPELLED_HELP,
        key=f"{key} misspelled",
    )
    before = dict(now.labels) if mode == now.mode else {}
    own = {label: kept for label, kept in before.items() if label not in labels}
    for place, other in zip(st.columns(2), (each for each in modes if each != mode), strict=True):
        free = [label for label in labels if label not in own]
        chosen = place.multiselect(
            f"But {MISSPELLED[other]} those of",
            free,
            [label for label in free if before.get(label) == other],
            format_func=labels.__getitem__,
            placeholder="no label",
            key=f"{key} {mode} {other}",
        )
        own |= dict.fromkeys(chosen, other)
    slips = SLIPS if now.threshold in SLIPS else {**SLIPS, now.threshold: f"{now.threshold:.0%} alike"}
    least = st.selectbox(
        "Slips that a term may have",
        list(slips),
        list(slips).index(now.threshold),
        format_func=slips.__getitem__,
        disabled=mode == "off" and not own,
        key=f"{key} slips",
    )
    same = (mode, own, least) == (now.mode, before, now.threshold)
    return now if same else Fuzzy(mode, tuple(own.items()), least)


def _project_file() -> ProjectFile:
    """What ``hybrid-ner.toml`` says where the page was started; nothing when it cannot be used."""
    try:
        return current()
    except (HybridNerError, OSError) as error:
        st.warning(plain(error))
        return ProjectFile()


def _folder_is_used(said: ProjectFile) -> bool:
    """Whether the files that ``hybrid-ner.toml`` names come with the new project."""
    files = [*(each.file for each in said.lists), *said.rules, *([said.corpus] if said.corpus else ())]
    if said.path is None or not files:
        return False
    names = ", ".join(file.name for file in files)
    return bool(st.checkbox(plain(f"With the files of {said.path.name}: {names}"), value=True))


def _own_rules(chosen: Sequence[str]) -> tuple[tuple[str, ...], list[Any]]:
    """Labeling sources of other packages, where there are some, and rule files."""
    with st.expander("Rules of your own"):
        known = tuple(name for name in SOURCES.names() if name not in kinds())
        default = [name for name in chosen if name in known]
        sources = (
            tuple(st.multiselect("Labeling sources that are installed", known, default)) if known else ()
        )
        rules = _dropped("Rule files", RULE_TYPES, RULE_HELP)
    return sources, rules


def _own_models() -> tuple[list[Any], list[Any]]:
    """Settings of models, and what other programs found.

    Settings name folders of this computer: where people sign in, whoever runs the server adds them.
    """
    with st.expander("Models as sources"):
        settings = []
        if not state.sign_in_configured():
            settings = _dropped("Settings of models", ("yaml", "yml", "json"), MODEL_HELP)
        help = "In any format of documents. Found again by their text, and shown as suggestions."
        predictions = _dropped(
            "Documents with what another program found", (*importing.DOCUMENT_TYPES, "zip"), help
        )
        if hosts := remote_hosts():
            st.warning(f"Language models may be sent text on {plain(', '.join(hosts))}.")
        else:
            st.caption("Language models are asked on this computer alone.")
    return settings, predictions


def _contents(files: Sequence[Any]) -> Files:
    return [(file.name, file.getvalue()) for file in files]


def _make(create: Callable[..., str], notes: Sequence[str] = ()) -> None:
    """Run it with its progress on the screen, then go to the new project, which shows the notes."""
    place = state.workspace()
    shown = st.progress(0.0, "Preparing the project")

    def report(step: str, share: float, said: str) -> None:
        shown.progress(min(1.0, max(0.0, share)), plain(f"Preparing the project: {said}"))

    store = state.open_store(place.store)
    try:
        name = create(store, report)
    except (HybridNerError, OSError) as error:
        failed(shown, "The project was not created", error, notes)
        return
    st.session_state.pop("new project", None)
    state.choose_project(name)
    keep_notices(place.folder_of(store.project(name)), notes)
    st.rerun()
