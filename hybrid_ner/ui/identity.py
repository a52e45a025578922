"""Who is reviewing: signed in where that is configured, else a name asked once and kept in the browser."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

__all__ = [
    "ask_name",
    "glue",
    "rename",
    "reviewer",
    "sign_in_configured",
    "signed_in_name",
    "typed_name",
]

_NAME, _TYPED = "reviewer", "reviewer typed"
_COOKIE = "hybrid_ner_name"


def sign_in_configured() -> bool:
    """Whether ``[auth]`` is in the server's secrets."""
    try:
        return "auth" in st.secrets
    except StreamlitSecretNotFoundError:
        return False


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
        st.title("hybrid_ner")
        st.write("Please sign in to review.")
        st.button("Sign in", on_click=st.login, type="primary")
        st.stop()
    return signed_in_name(st.user.to_dict())


def signed_in_name(claims: Mapping[str, Any]) -> str:
    """Name of somebody who signed in; an address that the provider has not verified could be anybody's."""
    if claims.get("email") and claims.get("email_verified") is not False:
        return str(claims["email"])
    return str(claims.get("preferred_username") or claims["sub"])


def typed_name(said: str) -> str:
    """A typed name; ``@`` is left out, so that nobody can type the address of somebody who signed in."""
    shown = "".join(c if c.isprintable() and c != "@" else " " for c in said)
    return " ".join(shown.split())[:60].strip()


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


def glue(name: str) -> None:
    """What the page itself does in the browser (``page.js``), and keeping a name there.

    A name is kept that was typed, or the first one. One that only stands in an address holds for its tab:
    somebody may have sent the address.
    """
    keep = name and not sign_in_configured() and (st.session_state.get(_TYPED) or not _kept_name())
    with st.container(key="glue"):
        _component()(key="page", data={"cookie": _COOKIE, "name": name if keep else ""})


@lru_cache(maxsize=1)
def _component() -> Any:
    script = Path(__file__).with_name("page.js").read_text(encoding="utf-8")
    return st.components.v2.component("hybrid_ner.page", html="<span></span>", js=script)


def _kept_name() -> str:
    return typed_name(unquote(st.context.cookies.get(_COOKIE, "")))
