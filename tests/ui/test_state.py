"""Lines that a page handles with care."""

from __future__ import annotations

import re
from collections import UserDict
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.delta_generator_singletons import context_dg_stack
from streamlit.runtime.scriptrunner import RerunData, RerunException
from streamlit.testing.v1 import AppTest

from hybrid_ner.errors import StoreError
from hybrid_ner.review import Reply, ReviewSession, ReviewStore
from hybrid_ner.review.store.reviewers import give_role
from hybrid_ner.training.jobs import Job, JobState
from hybrid_ner.ui import main as main_script
from hybrid_ner.ui.creating import create_project
from hybrid_ner.ui.state import here, moves, named_span, needs_terms, signed_in_name, typed_name
from hybrid_ner.ui.views import models, review
from hybrid_ner.ui.workspace import Workspace
from tests.ui.conftest import quiet, wish


def test_moves_are_told_from_decisions() -> None:
    assert all(map(moves, ("next", "back", "go 3", "skip", "ok next", "find x")))
    assert not any(map(moves, ("ok", "why 3", "flag next week", "")))


def test_questions_to_the_term_lists_are_known() -> None:
    assert all(map(needs_terms, ("why 3", 'variant "a"', "3 -> fever", "yes 3")))
    assert not any(map(needs_terms, ("ok", "no 3", "next")))


def test_span_that_a_line_is_about_is_known() -> None:
    lines = {"why 3": 3, "ok 5-9": 5, "no 4": 4, "7 +1": 7, "2 is Drug": 2, "ok": 0, "undo 3": 0, "what": 0}
    assert {line: named_span(line) for line in lines} == lines


def test_who_comes_back_goes_on_in_the_project_of_last_time(
    notes: str, place: Workspace, store: ReviewStore
) -> None:
    create_project(store, place, wish("newer", one="Aspirin helps."), quiet)
    ReviewSession(store, notes, "ana").handle("go note-2")

    def opened(name: str) -> str:
        tested = AppTest.from_string(f"{OPENED}here({name!r}).project)", default_timeout=60)
        return str(tested.run().text[0].value)

    assert [opened(name) for name in ("ana", "bob")] == [notes, "newer"]
    ReviewSession(store, "newer", "ana").handle("next")
    assert opened("ana") == "newer"


OPENED = "import streamlit as st\nfrom hybrid_ner.ui.state import here\nst.text("


class Pressed(UserDict[str, object]):
    """State that ends the run once when it is looked at, as Streamlit does after a click or a key."""

    waits = False
    get = Mapping.get  # as Streamlit's own; from Python 3.12 on that of UserDict looks for the key first

    def __getitem__(self, key: str) -> object:
        if self.waits:
            self.waits = False
            raise RerunException(RerunData())
        return super().__getitem__(key)


@pytest.mark.parametrize("when", ["before", "while"])
def test_a_sentence_is_answered_once_although_a_key_is_pressed_meanwhile(
    when: str, notes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody typed where to go and clicked at once: the page stayed, and the log knew nothing of it."""
    pressed = Pressed()
    monkeypatch.setattr("streamlit.session_state", pressed)
    found = here("ana")
    assert found is not None
    handle, said = ReviewSession.handle, [(notes, "go note-2")]

    def slowly(session: ReviewSession, line: str, **more: Any) -> Reply:
        pressed.waits = when == "while"
        return handle(session, line, **more)

    monkeypatch.setattr(ReviewSession, "handle", slowly)
    pressed.waits = when == "before"
    with pytest.raises(RerunException):
        review._say(found, said)
    while said:
        review._say(found, said)
    assert pressed["doc"] == "note-2"
    assert [line for line, _ in found.replies] == ["go note-2"]


def test_an_answer_counts_once_however_often_the_page_is_run(
    notes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last answer was read out again whenever anything on the page was pressed."""
    monkeypatch.setattr("streamlit.session_state", Pressed(known={}))
    found = here("ana")
    assert found is not None
    found.handle("ok 1")
    found.handle("undo")
    first, second = (review._turn(found) for _ in range(2))
    assert (first.number, second.number) == (2, 2)
    assert re.match(r"undone: accepted 1 ", first.echo), "without the number of the step"


# Who is reviewing.

SCRIPT = """
import streamlit as st
from hybrid_ner.ui.state import reviewer

st.text("reviewer: " + reviewer())
"""


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("ana", "ana"),
        ("  Ana  B ", "Ana B"),
        ("", ""),
        ("a\0\u202eb", "a b"),
        ("boss@clinic.test", "boss clinic.test"),
        ("x" * 99, "x" * 60),
    ],
)
def test_typed_name_is_short_and_no_address(said: str, name: str) -> None:
    assert typed_name(said) == name


def test_name_comes_from_the_address_and_stays() -> None:
    tested = AppTest.from_string(SCRIPT)
    tested.query_params["reviewer"] = "ana"
    tested.run()
    assert tested.text[0].value == "reviewer: ana"
    tested.query_params.clear()
    assert tested.run().text[0].value == "reviewer: ana"


def test_without_a_name_nobody_is_taken_for_somebody() -> None:
    assert AppTest.from_string(SCRIPT).run().text[0].value.strip() == "reviewer:"


def test_name_is_asked_before_a_project_is_opened(notes: str, store: ReviewStore) -> None:
    tested = AppTest.from_file(str(main_script.__file__), default_timeout=60).run()
    assert [title.value for title in tested.title] == ["Who reviews?"]
    assert "reviewer" not in store.project(notes).reviewers()
    tested.button[0].click().run()
    assert tested.warning[0].value == "Type a name first."
    tested.text_input[0].set_value("Bea @")
    tested.button[0].click().run()
    assert not tested.exception
    assert "Next" in [button.label for button in tested.button]
    assert "Bea" in store.project(notes).reviewers()


def test_where_sign_in_is_configured_nothing_is_shown_before() -> None:
    tested = AppTest.from_string(SCRIPT)
    tested.secrets["auth"] = {"client_id": "x"}
    tested.query_params["reviewer"] = "ana"
    tested.run()
    assert not tested.text
    assert [button.label for button in tested.button] == ["Sign in"]


def test_unverified_address_is_not_taken_for_a_name() -> None:
    claims = {"sub": "u1", "email": "maria@ward.test"}
    assert signed_in_name(claims) == signed_in_name({**claims, "email_verified": True}) == "maria@ward.test"
    assert signed_in_name({**claims, "email_verified": False}) == "u1"
    assert signed_in_name({**claims, "email_verified": "false"}) == "u1"
    assert signed_in_name({**claims, "email_verified": None}) == "maria@ward.test"
    assert signed_in_name({"sub": "u1", "preferred_username": "maria"}) == "maria"
    doubtful = {"sub": "u1", "email": "eve@ward.test", "email_verified": "false"}
    assert signed_in_name({**doubtful, "preferred_username": "maria@ward.test"}) == "u1"
    assert signed_in_name({**doubtful, "preferred_username": "eve"}) == "eve"


def test_a_name_is_one_name_however_its_letters_are_written() -> None:
    composed, apart = "J\u00f6rg", "Jo\u0308rg"
    assert typed_name(apart) == typed_name(composed) == composed
    assert signed_in_name({"sub": "u", "preferred_username": apart}) == composed


@pytest.mark.parametrize("page", ["models", "review", "gazetteers", "compare"])
def test_what_is_watched_is_called_outside_of_any_column(
    page: str, notes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Streamlit leaves its thread where a fragment was called, and draws the next page from there."""
    called: list[int] = []

    def fragment(live: object, run_every: float | None) -> object:
        called.append(len(context_dg_stack.get()))
        return lambda *given: live(*given)  # type: ignore[operator]

    monkeypatch.setattr(models.st, "fragment", fragment)
    monkeypatch.setattr(Job, "is_running", lambda job: True)
    monkeypatch.setattr(Job, "state", lambda job: JobState("running", "training", "train", 0.5))
    script = f"from hybrid_ner.ui.views import {page}\nfrom hybrid_ner.ui.state import here\n"
    tested = AppTest.from_string(f"{script}{page}.page(here('ana'))", default_timeout=60).run()
    assert not tested.exception
    assert called == [1]
    assert [each.label for each in tested.button].count("Stop training") == 1


def test_who_has_no_role_is_told_under_which_name_to_ask_for_one(
    notes: str, store: ReviewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_role(store.project(notes), "otto@ward.test", "owner", "admin")
    monkeypatch.setattr("hybrid_ner.ui.state.sign_in_configured", lambda: True)
    script = "from hybrid_ner.ui.views import welcome\nwelcome.page(None, 'maria@ward.test')"
    tested = AppTest.from_string(script, default_timeout=60).run()
    assert not tested.exception
    assert "Signed in as maria@ward.test" in [text.value for text in tested.text]
    assert "Nobody has given you a role in a project here yet" in tested.info[0].value
    assert "Sign out" in [button.label for button in tested.button]


def test_who_signed_in_under_no_possible_name_can_sign_out(monkeypatch: pytest.MonkeyPatch) -> None:
    user = SimpleNamespace(is_logged_in=True, to_dict=lambda: {"sub": "x" * 300})
    monkeypatch.setattr("hybrid_ner.ui.state.st.user", user)
    monkeypatch.setattr("hybrid_ner.ui.state.sign_in_configured", lambda: True)
    tested = AppTest.from_string(SCRIPT).run()
    assert [("is no name of a reviewer" in text.value) for text in tested.text] == [True]
    assert [button.label for button in tested.button] == ["Sign out"]


def test_a_store_that_cannot_be_reached_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    every: list[float] = []

    def fragment(look: Callable[[], None], run_every: float) -> Callable[[], None]:
        every.append(run_every)
        return look

    def fails() -> bool:
        raise StoreError("the server cannot be reached.")

    monkeypatch.setattr("streamlit.fragment", fragment)
    monkeypatch.setattr("hybrid_ner.ui.state.has_projects", fails)
    tested = AppTest.from_file(str(main_script.__file__), default_timeout=60)
    tested.query_params["reviewer"] = "ana"
    tested.run()
    assert "the server cannot be reached" in tested.error[0].value
    assert len(every) == 1
