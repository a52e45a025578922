"""Who is reviewing."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from hybrid_ner.review import ReviewStore
from hybrid_ner.ui import main as main_script
from hybrid_ner.ui.identity import signed_in_name, typed_name

SCRIPT = """
import streamlit as st
from hybrid_ner.ui.identity import reviewer

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
    assert signed_in_name({"sub": "u1", "preferred_username": "maria"}) == "maria"
