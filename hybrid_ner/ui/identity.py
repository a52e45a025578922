"""Who is reviewing: signed in where that is configured, else a typed name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

__all__ = ["reviewer", "sign_in_configured", "signed_in_name", "typed_name"]

_DEFAULT = "reviewer"


def sign_in_configured() -> bool:
    """Whether ``[auth]`` is in the server's secrets."""
    try:
        return "auth" in st.secrets
    except StreamlitSecretNotFoundError:
        return False


def reviewer() -> str:
    """Name that goes with every event; stops the page until somebody has signed in where that is wanted."""
    if not sign_in_configured():
        name = typed_name(st.session_state.get("reviewer") or st.query_params.get("reviewer", ""))
        # Going to another page empties the address.
        st.session_state["reviewer"] = name
        return name
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
    return " ".join(said.replace("@", " ").split())[:60] or _DEFAULT
