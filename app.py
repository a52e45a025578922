"""The review page: ``streamlit run app.py``, or ``hybrid-ner app`` from any folder."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

import hybrid_ner.ui
from hybrid_ner.ui.security import Doors

app = st.App(
    Path(hybrid_ner.ui.__file__).with_name("main.py"),
    middleware=[Middleware(Doors)],
)
