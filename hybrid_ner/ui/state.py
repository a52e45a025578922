"""Who is here, in which project: the little that the pages share between script runs.

Decisions, position and questions live in the review store. Session state holds only what the browser was
told last; losing it costs nothing.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException

from hybrid_ner.errors import HybridNerError, told
from hybrid_ner.review import Project, Reply, ReviewSession, ReviewStore, Shown
from hybrid_ner.review.commands.help import Proposer
from hybrid_ner.review.commands.language import read_line, spec_of
from hybrid_ner.review.rounds import ModelSetup
from hybrid_ner.review.rounds.model_runs import show
from hybrid_ner.review.rounds.model_service import ProjectModels
from hybrid_ner.review.store.card import default_tokenize
from hybrid_ner.review.store.lookups import label_looks, on_the_card
from hybrid_ner.review.store.project import check_name
from hybrid_ner.review.store.reviewers import last_project, projects_of
from hybrid_ner.ui.components import sent
from hybrid_ner.ui.inbox import LINE, Edit, Outcome, take_in
from hybrid_ner.ui.security import sign_in_configured as sign_in_configured
from hybrid_ner.ui.workspace import PROJECT_VARIABLE, Terms, Workspace

# Who is reviewing: signed in where that is configured, else a name asked once and kept in the browser.

_NAME, _TYPED = "reviewer", "reviewer typed"
_COOKIE = "hybrid_ner_name"
GLUE = "page"
"""Key of what the page itself does in the browser."""


def reviewer() -> str:
    """Name that goes with every event, empty when nobody has said one yet.

    Stops the page until somebody has signed in where that is wanted. A name stands in the tab, in the
    address, or in the browser, in this order: the plain address opens as who has used this browser.
    """
    if not sign_in_configured():
        said = st.session_state.get(_NAME) or typed_name(st.query_params.get(_NAME, "")) or _kept_name()
        # Going to another page empties the address.
        st.session_state[_NAME] = said
        return str(said)
    if not getattr(st.user, "is_logged_in", False):
        value = sent(GLUE)
        glue("", asks=True)
        st.title("hybrid_ner")
        st.write("Please sign in to review.")
        if isinstance(value, Mapping) and value.get("refused"):
            st.warning(
                "You were not signed in: it was broken off, or the service that knows you refused it or "
                "cannot be reached. Try again; should it come again, tell those who look after the program."
            )
        st.button("Sign in", on_click=st.login, type="primary", key="sign in")
        st.stop()
    name = signed_in_name(st.user.to_dict())
    try:
        check_name(name, "reviewer")
    except HybridNerError as error:
        # The sign-in holds for weeks: without a way out nobody else could use this browser.
        st.text(told(error))
        st.button("Sign out", on_click=st.logout)
        st.stop()
    return name


def signed_in_name(claims: Mapping[str, Any]) -> str:
    """Name of somebody who signed in; an address that the provider has not verified could be anybody's.

    Some providers write truth values as texts. Whoever may choose an address may choose a user name that
    looks like one, too.
    """
    address, named = claims.get("email"), claims.get("preferred_username")
    doubtful = str(claims.get("email_verified", True)).lower() in ("false", "0")
    said = address if address and not doubtful else named
    if not said or (doubtful and "@" in str(said)):
        said = claims["sub"]
    return unicodedata.normalize("NFC", str(said))


def typed_name(said: str) -> str:
    """A typed name; ``@`` is left out, so that nobody can type the address of somebody who signed in."""
    shown = "".join(c if c.isprintable() and c != "@" else " " for c in said)
    return unicodedata.normalize("NFC", " ".join(shown.split()))[:60].strip()


def rename(said: str) -> bool:
    """Take a name that was typed into the page; says whether it is another one than before."""
    name = typed_name(said)
    if not name or name == st.session_state.get(_NAME):
        return False
    st.session_state[_NAME], st.session_state[_TYPED] = name, True
    return True


def ask_name() -> None:
    """The question for the name, before anything is decided under none."""
    st.title("Who reviews?")
    with st.form("who", border=False, width=420):
        said = st.text_input("Your name, kept with every decision", max_chars=60)
        if st.form_submit_button("Start", type="primary"):
            if rename(said):
                st.rerun()
            st.warning("Type a name first.")
    st.caption("It is asked once and kept in this browser. It is typed, not verified.")


def glue(name: str, project: str = "", *, asks: bool = False) -> None:
    """What the page itself does in the browser (``page.js``), and keeping a name there.

    Edits of the project that a page that was left could not send any more come with its state.

    A name is kept that was typed, or the first one. One that only stands in an address holds for its tab:
    somebody may have sent the address. Where people sign in, the other tabs follow who did.

    Args:
        asks: Whether the page asks to sign in: it is left for the provider, who leads back to its root.
    """
    signed = sign_in_configured()
    keep = name and not signed and (st.session_state.get(_TYPED) or not _kept_name())
    with st.container(key="glue"):
        data: dict[str, Any] = {"cookie": _COOKIE, "name": name if keep else "", "project": project}
        data |= {"acknowledged": dict(st.session_state.get("known", {})), "asks": asks}
        data["who"] = name if signed else ""
        _component()(key=GLUE, data=data, on_outbox_change=lambda: None)


@lru_cache(maxsize=1)
def _component() -> Any:
    script = Path(__file__).with_name("page.js").read_text(encoding="utf-8")
    return st.components.v2.component("hybrid_ner.page", html="<span></span>", js=script)


def _kept_name() -> str:
    return typed_name(unquote(st.context.cookies.get(_COOKIE, "")))


KEPT_REPLIES = 30
TURN = "turn"
"""Key of the number of answers so far: the last one is read out once, however often the page is run."""
SCREEN, QUESTION, ADDRESS = "screen", "question", "address"
"""What the browser was drawn last: the ``Shown`` document, the key of the question, what the address says."""
NOT_HERE = "not here"
"""Key of the name of a project that a link names and that is not there."""


PAGE, SAID = "page now", "said on"
"""The page that is open, and the one that the last answer was given on."""


def nothing(*_: object) -> None:
    """What is done where nothing is to be done."""


def said_here() -> bool:
    """Whether the last answer was given on the page that is open."""
    return bool(st.session_state.get(SAID, "") == st.session_state.get(PAGE, ""))


def say_here() -> None:
    """Have it that the last answer was given on this page."""
    st.session_state[SAID] = st.session_state.get(PAGE, "")


def to_the_end(step: Callable[..., object], *given: Any) -> None:
    """Do all of a step that is twice as once, although a click or a key has come in the meantime.

    Streamlit ends a run wherever it looks at its state while another one waits: of an answer that took time
    to find, nothing would be kept. Here the run ends after the step.
    """
    try:
        step(*given)
    except RerunException:
        to_the_end(step, *given)
        raise


@dataclass
class Here:
    """One script run's view of the project."""

    place: Workspace
    store: ReviewStore
    project: str
    projects: Sequence[str]
    reviewer: str
    session: ReviewSession
    models: ProjectModels
    terms: Terms

    @property
    def replies(self) -> list[tuple[str, Reply]]:
        """Lines and answers of this browser session."""
        kept: list[tuple[str, Reply]] = st.session_state.setdefault("replies", [])
        return kept

    def remember(self, line: str, reply: Reply) -> None:
        """Keep an answer for the log, and move on to the document that it names; twice is as once."""
        replies = self.replies
        if not any(kept is reply for _, kept in replies[-1:]):
            st.session_state[TURN] = st.session_state.get(TURN, 0) + 1
            replies.append((line, reply))
        del replies[:-KEPT_REPLIES]
        say_here()
        if reply.doc_id:
            st.session_state["doc"] = reply.doc_id
        st.session_state[QUESTION] = reply.pending.key if reply.pending else ""
        if reply.level == "done":
            # Its own step has changed what it shows; the next run draws it.
            st.session_state.pop(SCREEN, None)

    @property
    def label_names(self) -> dict[str, str]:
        """Every label of the project with the name that people see."""
        return {look.label: look.name for look in label_looks(self.session.project)}

    @property
    def open_id(self) -> str:
        """Id of the document on the card."""
        return on_the_card(self.session.project, self.session.author.reviewer_id)

    def take(self, waiting: list[Edit], apply: Callable[[Edit], Reply]) -> Outcome:
        """Apply what the browser sent and keep the answers; the caller says what could not be written."""
        known = st.session_state.setdefault("known", {})
        outcome = take_in(waiting, known, apply)
        for edit, reply in outcome.replies:
            # An edit of the mouse stays on the document that is open, whichever it was made on.
            self.remember(edit.line, reply if edit.kind == LINE else Reply(reply.echo, reply.level))
        # Last: a run that is cut off before gets the same answers again from the store.
        known.update(outcome.acknowledged)
        if outcome.replies:
            self.refresh()
        return outcome

    def handle(
        self,
        line: str,
        shown: Shown | None = None,
        question: str | None = None,
        framed: int = 0,
        foreseen: str = "",
        begins: Callable[[], None] = nothing,
        then: Callable[[Reply], None] = nothing,
    ) -> Reply:
        """Run a line, as typed; see ``ReviewSession.handle``.

        Args:
            begins: What is done when nothing can cut the line off any more.
            then: What is done with the answer; doing it twice is as doing it once.
        """
        try:
            self.prepare(line)
            begins()
            reply = self.session.handle(
                line, shown=shown, question=question, framed=framed, foreseen=foreseen
            )
        except (HybridNerError, OSError) as error:
            # Of a button that was pressed nobody else would tell.
            begins()
            reply = Reply(told(error), "error")
        to_the_end(self._keep, line, reply, then)
        self.refresh()
        return reply

    def _keep(self, line: str, reply: Reply, then: Callable[[Reply], None]) -> None:
        self.remember(line, reply)
        then(reply)

    def prepare(self, line: str) -> None:
        """Have the term lists ready before a line that asks them."""
        if needs_terms(line):
            self.open_terms()

    def open_terms(self) -> None:
        """Wait until the term lists are open, and say so meanwhile."""
        if not self.terms.ready:
            with st.spinner("Preparing the term lists: a few seconds, the first time only"):
                self.terms.make_ready()

    def refresh(self) -> None:
        """Show the suggestions of the model in use, when it has changed since this session looked."""
        current = self.models.current()
        if current and st.session_state.get("shown") != (self.project, current):
            show(self.session.project, self.models.setup, self.models.registry)
            st.session_state["shown"] = (self.project, current)


@st.cache_resource
def workspace() -> Workspace:
    """The workspace of this server."""
    return Workspace.from_environment()


@st.cache_resource
def open_store(target: str) -> ReviewStore:
    """The review store, shared by all sessions of this server."""
    if "://" not in target:
        Path(target).parent.mkdir(parents=True, exist_ok=True)
    return ReviewStore.open(target)


@st.cache_resource
def _terms(_place: Workspace, _project: Project, name: str, stamp: str) -> Terms:
    return Terms(_place, _project)


@lru_cache(maxsize=32)
def _tokens(text: str) -> tuple[tuple[int, int], ...]:
    return tuple(default_tokenize(text))


def terms_of(place: Workspace, project: Project, setup: ModelSetup) -> Terms:
    """The term lists of a project, shared by all sessions; read again when they change."""
    found: Terms = _terms(place, project, project.name, repr(setup.terms_stamp()))
    return found


def choose_project(name: str) -> None:
    """Go to another project."""
    for forgotten in (
        "replies",
        "doc",
        "shown",
        "known",
        "part",
        "part target",
        "aim",
        "aside",
        SCREEN,
        QUESTION,
    ):
        st.session_state.pop(forgotten, None)
    st.session_state.pop(NOT_HERE, None)
    st.session_state["project"] = name
    st.query_params.pop("doc", None)


def now_on(page: str) -> None:
    """Keep which page is open; an answer of another one is not shown on it."""
    if st.session_state.get(PAGE) != page:
        st.session_state[PAGE], st.session_state[SAID] = page, None


STAYING = ("terms kind", "terms search", "terms wanted", "queue search", "gold format")
"""Keys of fields whose value holds until it is changed, also while another page is looked at."""


def keep_choices() -> None:
    """Keep what fields say whose page is not drawn in this run, which Streamlit would forget."""
    for key in STAYING:
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]


def has_projects() -> bool:
    """Whether a project exists."""
    place = workspace()
    return place.exists and bool(open_store(place.store).projects())


def here(reviewer: str) -> Here | None:
    """The project that is open, or ``None`` before the first one exists."""
    if not has_projects():
        return None
    place, signed_in = workspace(), sign_in_configured()
    store = open_store(place.store)
    names = projects_of(store, reviewer) if signed_in else store.projects()
    if not names:
        return None
    linked = "" if st.session_state.get("project") else st.query_params.get("project", "")
    if linked and linked not in names:
        st.session_state[NOT_HERE] = linked
        st.query_params.pop("doc", None)  # another project may have a document of that name
    wanted = st.session_state.get("project") or linked
    # Who comes back goes on where they were.
    wanted = wanted or os.environ.get(PROJECT_VARIABLE, "") or last_project(store, reviewer)
    project = wanted if wanted in names else names[-1]
    st.session_state["project"] = project
    opened = store.project(project)
    setup = place.setup(opened)
    terms = terms_of(place, opened, setup)
    models = ProjectModels(place.store, setup, reviewer, opened)
    session = ReviewSession(
        store,
        project,
        reviewer,
        gazetteer=terms,
        models=models,
        tokenize=_tokens,
        proposer=Proposer.from_environment(),
        signed_in=signed_in,
    )
    found = Here(place, store, project, names, reviewer, session, models, terms)
    found.refresh()
    return found


def keep_in_address(**values: Any) -> None:
    """Put values into the address, so that a reload comes back here."""
    for name, value in values.items():
        if value and st.query_params.get(name) != value:
            st.query_params[name] = value
        st.session_state[f"{ADDRESS} {name}"] = value


def gone_back() -> str:
    """The document that the address names, when the browser's Back or Forward has changed it; else empty."""
    named = st.query_params.get("doc", "")
    return named if named and named != st.session_state.get(f"{ADDRESS} doc", named) else ""


# What a page must know of a line before it runs it.


def named_span(line: str) -> int:
    """Number of the first span that a line is about, 0 for other lines."""
    command = read_line(line).command
    return next(iter(command.spans), 0) if command else 0


def moves(line: str) -> bool:
    """Whether a line goes to another document, so that the one on the screen need not be opened first."""
    command = read_line(line).command
    return command is not None and command.goes_on and not command.answers


def needs_terms(line: str) -> bool:
    """Whether a line asks the term lists, or a sentence may."""
    said, spec = read_line(line), spec_of(line.split(" ", 1)[0])
    return any(each.asks_terms for each in said.commands) or (spec is not None and spec.kind.asks_terms)
