"""The script that Streamlit runs: page settings, who is here, and the way to each page."""

from __future__ import annotations

from functools import partial

import streamlit as st

from hybrid_ner.errors import HybridNerError, StoreError, told
from hybrid_ner.ui import state
from hybrid_ner.ui.components import sent
from hybrid_ner.ui.frame import masthead, notices, plain, sent_elsewhere, style, wrong_link
from hybrid_ner.ui.inbox import read_edits
from hybrid_ner.ui.views import compare, gazetteers, models, queue, review, team, terms, welcome

_AGAIN_SECONDS = 5.0


def main() -> None:
    """One run of the script; what fails is said on the page."""
    try:
        _run()
    except (HybridNerError, OSError) as error:
        st.error(plain(told(error)))
        if isinstance(error, StoreError):
            _try_again()


def _try_again() -> None:
    """Draw the page again by itself: a server of databases that was started anew is there in a moment.

    What was decided meanwhile waits in the browser.
    """
    first = iter((True,))

    def look() -> None:
        if not next(first, False):
            st.rerun()

    st.fragment(look, run_every=_AGAIN_SECONDS)()
    st.caption(f"The page tries again every {_AGAIN_SECONDS:.0f} seconds; what you have decided is kept.")


def _run() -> None:
    st.set_page_config("hybrid_ner", page_icon="🩺", layout="wide", initial_sidebar_state="collapsed")
    st.html(f"<style>{style()}</style>")
    who = state.reviewer()
    if not who and state.has_projects():
        state.glue(who)
        state.ask_name()
        return
    found = state.here(who)
    if found is not None:
        _take_left(found)
    state.glue(who, found.project if found else "")
    if found is None or st.session_state.get("new project"):
        st.navigation(
            [st.Page(partial(welcome.page, found, who), title="Welcome", url_path="welcome")],
            position="hidden",
        ).run()
        return
    views = {"terms": terms, "queue": queue, "team": team, "compare": compare, "gazetteers": gazetteers}
    pages = {"review": st.Page(partial(review.page, found), title="Review", url_path="start", default=True)}
    for path, view in {**views, "models": models}.items():
        title = {"gazetteers": "Term lists"}.get(path, path.capitalize())
        pages[path] = st.Page(partial(view.page, found), title=title, url_path=path)
    st.session_state["pages"] = pages
    # Other addresses of the Review page, which Streamlit serves at the root alone.
    also = [
        st.Page(_to_review, title="Review", url_path=path, visibility="hidden")
        for path in ("review", "welcome")
    ]
    chosen = st.navigation([*pages.values(), *also], position="top")
    state.keep_in_address(project=found.project, reviewer=st.session_state.get("reviewer", ""))
    st.set_page_config(f"{chosen.title} · hybrid_ner")
    state.now_on(chosen.title)
    state.keep_choices()
    masthead(found, chosen.title)
    wrong_link(found)
    notices(found)
    gazetteers.never_read(found)
    sent_elsewhere(found)
    try:
        chosen.run()
    except (HybridNerError, OSError) as error:
        # A list or a model that cannot be read concerns one page; the others stay of use.
        st.error(plain(told(error)))


def _take_left(found: state.Here) -> None:
    """Write down what a page that was left could not send any more."""
    left = [edit for edit in read_edits(sent(state.GLUE)) if edit.project == found.project]
    outcome = found.take(left, lambda edit: (review if edit.doc_id else terms).apply(found, edit))
    if outcome.failure:
        st.error(plain(f"Not saved: {outcome.failure} The page keeps your decisions and tries again."))


def _to_review() -> None:
    st.switch_page(st.session_state["pages"]["review"], query_params=st.query_params.to_dict())


if __name__ == "__main__":
    main()
