"""The component itself: its files, joined and registered once a process, and how it is mounted."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

__all__ = ["annotate", "script", "sent"]

_FOLDER = Path(__file__).parent
_SCRIPTS = ("fit", "offsets", "spans", "outbox", "keys", "paint", "bar", "parts", "draw", "main")


def script() -> str:
    """The JavaScript of the component: plain files in the order they need each other."""
    return "\n".join((_FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS)


@lru_cache(maxsize=1)
def _component() -> Any:
    return st.components.v2.component(
        "hybrid_ner.annotator",
        html=(_FOLDER / "annotator.html").read_text(encoding="utf-8"),
        css=(_FOLDER / "annotator.css").read_text(encoding="utf-8"),
        js=script(),
    )


def sent(key: str) -> Any:
    """What the browser sent last, before the component is drawn again; ``None`` at first."""
    state = st.session_state.get(key)
    return state.get("outbox") if isinstance(state, Mapping) else getattr(state, "outbox", None)


def annotate(key: str, data: dict[str, Any]) -> None:
    """Draw the component."""
    _component()(key=key, data=data, on_outbox_change=_nothing)


def _nothing() -> None:
    """Edits are read in the script body: after a server restart no callback fires."""
