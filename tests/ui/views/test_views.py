"""Every page runs, on an empty workspace and on a project; what components send is tested apart."""

from __future__ import annotations

import errno
import json
import os
import re
import time
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash
from typer.testing import CliRunner

from hybrid_ner import cli
from hybrid_ner.corpus import Document
from hybrid_ner.corpus.codebook import Codebook, Rule
from hybrid_ner.matching.match import Fuzzy
from hybrid_ner.registry import DOMAINS
from hybrid_ner.review import JobStatus, Reply, ReviewSession, ReviewStore
from hybrid_ner.review.rounds import FOR_REVIEW, GateReport
from hybrid_ner.review.rounds.model_runs import read_suggestions, write_suggestions
from hybrid_ner.review.rounds.model_service import ProjectModels
from hybrid_ner.review.rounds.round import first_round, next_round, project_overlay
from hybrid_ner.review.store.gold import gold_file, gold_report
from hybrid_ner.review.store.lookups import never_suggested
from hybrid_ner.review.store.schema import document
from hybrid_ner.review.store.suggestion import Suggestion, Vote
from hybrid_ner.sources.models.endpoint import REMOTE_VARIABLE, allow_remote
from hybrid_ner.training.jobs import Job, JobState, Progress, TrainingQueue
from hybrid_ner.ui import main as main_script
from hybrid_ner.ui.creating import create_project
from hybrid_ner.ui.frame import keep_notices
from hybrid_ner.ui.inbox import Outcome
from hybrid_ner.ui.state import GLUE, Here
from hybrid_ner.ui.views import compare, models, review, terms
from hybrid_ner.ui.views.queue import NOTHING_CHOSEN
from hybrid_ner.ui.views.team import assign_line
from hybrid_ner.ui.views.welcome import begun
from hybrid_ner.ui.workspace import Workspace
from tests.ui.conftest import NOTES, quiet, wish

SCRIPT = """
from hybrid_ner.ui.views import {page}
from hybrid_ner.ui.state import here

found = here("{reviewer}")
{page}.page(found)
"""


@pytest.fixture(autouse=True)
def _in_the_workspace(place: Workspace) -> None:
    pass


def run(page: str, reviewer: str = "ana") -> AppTest:
    tested = AppTest.from_string(SCRIPT.format(page=page, reviewer=reviewer), default_timeout=60).run()
    assert not tested.exception
    return tested


def words(tested: AppTest) -> str:
    shown = (tested.text, tested.caption, tested.info, tested.success, tested.markdown, tested.error)
    return "\n".join(str(each.value) for group in shown for each in group)


def test_main_welcomes_before_the_first_project() -> None:
    tested = AppTest.from_file(str(main_script.__file__), default_timeout=60).run()
    assert not tested.exception
    assert [b.label for b in tested.button][:2] == ["Medical demo", "Legal demo"]


def test_a_link_to_a_project_that_is_not_there_says_so_and_opens_no_document(notes: str) -> None:
    """Documents of two projects may have one name: a link must not lead into another one unseen."""
    tested = AppTest.from_file(str(main_script.__file__), default_timeout=60)
    tested.query_params.update({"reviewer": "ana", "project": "spring <b>", "doc": "note-2"})
    for _ in range(2):
        assert not tested.run().exception
        (said,) = (each.value.replace("\\", "") for each in tested.warning)
        assert said.startswith("There is no project spring <b> here")
        assert said.endswith(f"This is {notes}.")
        assert tested.query_params["doc"] != ["note-2"]
    next(b for b in tested.button if b.key == "close not here").click().run()
    assert not tested.warning


def test_welcome_offers_models_and_says_where_text_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REMOTE_VARIABLE, "")
    tested = AppTest.from_file(str(main_script.__file__), default_timeout=60).run()
    assert "Everything stays on this computer." in words(tested)
    assert "Models as sources" in [each.label for each in tested.expander]
    allow_remote(["models.example.org"])
    tested.run()
    assert not tested.exception
    assert "Everything stays" not in words(tested)
    said = "".join(str(each.value) for each in tested.warning).replace("\\", "")
    assert "Language models may be sent text on models.example.org." in said


def test_a_project_whose_model_is_elsewhere_says_so(
    notes: str, store: ReviewStore, place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = store.project(notes)
    model = '{"llm": "https://models.example.org/v1", "labels": ["A"]}'
    replace(place.setup(project), sources=(model,)).save(project)
    monkeypatch.setenv(REMOTE_VARIABLE, "")
    tested = AppTest.from_file(str(main_script.__file__), default_timeout=60)
    tested.query_params["reviewer"] = "ana"
    for wanted in ("which this page may not ask", "this project are sent to models.example.org"):
        tested.run()
        assert not tested.exception
        assert wanted in "".join(str(each.value) for each in tested.warning).replace("\\", "")
        allow_remote(["models.example.org"])


def test_main_opens_the_review_of_a_project(notes: str) -> None:
    tested = AppTest.from_file(str(main_script.__file__), default_timeout=60)
    tested.query_params["reviewer"] = "ana"
    tested.run()
    assert not tested.exception
    assert "Next" in [b.label for b in tested.button]


def test_the_review_page_is_found_under_its_name_too(notes: str) -> None:
    """Streamlit serves the first page at the root alone; a link to "/review" says what it means."""
    for path in ("review", "welcome"):
        tested = AppTest.from_file(str(main_script.__file__), default_timeout=60)
        tested.query_params["reviewer"] = "ana"
        tested._page_hash = calc_hash(path)  # ``switch_page`` knows pages that are files alone
        tested.run()
        assert not tested.exception
        assert "Next" in [b.label for b in tested.button]


def test_a_decision_that_its_page_could_not_send_is_written_down_by_any_other(
    notes: str, store: ReviewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = ReviewSession(store, notes, "ana").view("note-2")
    assert view is not None
    edit = {"kind": "reject", "project": notes, "doc": "note-2", "hash": view.content_hash, "number": 1}
    sent = {"edits": [{**edit, "client": "tab", "sequence": 1, "surface": view.spans[0].surface}]}
    monkeypatch.setattr("hybrid_ner.ui.components.sent", lambda key: sent if key == GLUE else None)
    tested = AppTest.from_file(str(main_script.__file__), default_timeout=60)
    tested.query_params["reviewer"] = "ana"
    tested.run()
    assert not tested.exception
    after = ReviewSession(store, notes, "ana").view("note-2")
    assert after is not None
    assert after.spans[0].status == "rejected"


def test_cards_that_were_left_stay_left_after_another_page(
    notes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[dict[str, object]] = []
    monkeypatch.setattr(terms, "draw", lambda name, key, data: drawn.append(data))
    monkeypatch.setattr(terms, "sent", lambda key: {"left": ['all "aspirin" label:Drug']})
    tested = run("terms")
    monkeypatch.setattr(terms, "sent", lambda key: None)  # nothing of the board is left after another page
    tested.run()
    assert "Left for now: 1, until the page is loaded anew." in words(tested).replace("\\", "")
    assert drawn[-1]["left"] == ['all "aspirin" label:Drug']
    assert "Left for now" not in words(run("terms"))
    assert drawn[-1]["left"] == []


def test_page_takes_a_project_as_the_terminal_made_it(place: Workspace) -> None:
    """Domain, labels and lists: ``review init`` and the page read and write one record."""
    note = str(_note(place))
    for line in (["init", place.store, "--domain", "geography"], ["import", place.store, note]):
        assert CliRunner().invoke(cli.app, ["review", *line]).exit_code == 0
    assert "Add them" in [b.label for b in run("queue").button]
    found = Workspace.at(place.folder, place.store)
    with ReviewStore.open(place.store) as store:
        project = store.project()
        setup = found.setup(project)
        assert (setup.domain, project.labels) == ("geography", tuple(DOMAINS.get("geography").labels))
        first_round(project, setup)
    run("review")
    with ReviewStore.open(place.store) as store:
        view = ReviewSession(store, "", "ana").view()
    assert view is not None
    assert ("Lisbon", "rule") in {(span.surface, span.mark) for span in view.spans}


def test_a_project_whose_making_was_cut_off_is_read_by_a_click(place: Workspace, store: ReviewStore) -> None:
    def cut_off(step: str, share: float, line: str) -> None:
        if step == "suggest":
            raise KeyboardInterrupt  # as a server that is stopped

    with pytest.raises(KeyboardInterrupt):
        create_project(store, place, wish(), cut_off)
    tested = AppTest.from_file(str(main_script.__file__), default_timeout=60)
    tested.query_params["reviewer"] = "ana"
    tested.run()
    next(b for b in tested.button if b.label == "Read them now").click().run()
    assert not tested.exception
    assert "Read them now" not in [b.label for b in tested.button]
    view = ReviewSession(store, "notes", "ana").view("note-2")
    assert view is not None
    assert [s.surface for s in view.spans] == ["Fever", "afib", "Aspirin", "ibuprofen"]


def test_a_disk_that_fills_up_while_documents_are_read_leaves_the_project_and_says_so(
    place: Workspace, store: ReviewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hybrid_ner.review.rounds.round.model_runs.write_suggestions", full)
    notes: list[str] = []
    assert create_project(store, place, wish(), quiet, notes) == "notes"
    assert notes[-1].startswith("The project was made, but its documents were not read: ")
    assert FULL in notes[-1]
    assert never_suggested(store.project("notes"))


def _note(place: Workspace) -> Path:
    place.folder.mkdir()
    path = place.folder / "note.txt"
    path.write_text("The ship left Lisbon.", encoding="utf-8")
    return path


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/models/job/request.json")


FULL = "No space left on device. Free some space, or choose another place"


def test_a_button_on_a_full_disk_says_so(notes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tested = run("models")
    monkeypatch.setattr(Job, "start", full)
    next(b for b in tested.button if b.label == "Retrain").click().run()
    assert not tested.exception
    assert FULL in words(tested).replace("\\", "")
    monkeypatch.setattr(ReviewSession, "handle", full)
    next(b for b in tested.button if b.label == "Retrain").click().run()
    assert not tested.exception
    assert FULL in words(tested).replace("\\", "")


def test_a_button_that_a_role_does_not_allow_says_why(notes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hybrid_ner.ui.state.sign_in_configured", lambda: True)
    tested = run("models")
    next(b for b in tested.button if b.label == "Retrain").click().run()
    said = str(tested.error[0].value).replace("\\", "")
    assert said.startswith("Only a lead or owner of this project may use “retrain”; you are reviewer. Ask ")


@pytest.mark.parametrize("failing", ["views.review.page", "state.here"])
def test_a_page_on_a_full_disk_says_so(failing: str, notes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"hybrid_ner.ui.{failing}", full)
    tested = AppTest.from_string("from hybrid_ner.ui.main import main\n\nmain()", default_timeout=60)
    tested.query_params["reviewer"] = "ana"
    tested.run()
    assert not tested.exception
    assert FULL in tested.error[0].value.replace("\\", "")


@pytest.mark.parametrize("page", ["review", "terms", "queue", "team", "compare", "gazetteers", "models"])
def test_page_runs_on_a_project(page: str, notes: str) -> None:
    run(page)


def test_an_answer_is_shown_on_the_page_that_it_was_given_on(notes: str) -> None:
    """ "undone: step 3" of the Review page stood on Models."""
    tested = AppTest.from_string(SCRIPT.format(page="models", reviewer="ana"), default_timeout=60)
    tested.session_state["replies"] = [("undo", Reply("undone: step 3 (accepted aspirin)", "done"))]
    tested.session_state["page now"], tested.session_state["said on"] = "Models", "Review"
    tested.run()
    assert "Undone" not in words(tested)
    tested.session_state["said on"] = "Models"
    tested.run()
    assert "Undone" in words(tested)


def test_a_project_that_cannot_be_made_says_why_where_the_progress_was() -> None:
    tested = AppTest.from_string(
        "from hybrid_ner.errors import InputError\n"
        "from hybrid_ner.ui.views.welcome import _make\n"
        "def create(store, report):\n"
        "    report('terms', 0.5, 'indexing')\n"
        "    raise InputError('no label.', path='parties.txt')\n"
        "_make(create)",
        default_timeout=60,
    ).run()
    assert not tested.exception
    assert [each.value.replace("\\", "") for each in tested.error] == [
        "The project was not created: parties.txt: no label."
    ]
    assert not tested.status


def test_many_notes_begin_with_how_many_files_are_not_there(
    place: Workspace, notes: str, store: ReviewStore
) -> None:
    """They are there in every browser session until one has closed them."""
    script = (
        "from hybrid_ner.ui.frame import notices\nfrom hybrid_ner.ui.state import here\nnotices(here('ana'))"
    )
    said = ["Left out: a.pdf: damaged.", "Left out: b.doc: old.", "Two labels."]
    keep_notices(place.folder_of(store.project(notes)), said)
    for _ in range(2):
        tested = AppTest.from_string(script, default_timeout=60).run()
        assert "**2 files left out, 1 more note**" in words(tested)
    tested.button("close notes").click().run()
    assert words(tested) == ""


def test_documents_that_are_added_are_counted_at_once(notes: str) -> None:
    tested = run("queue")
    files = [("five.txt", b"Fever again.", "text/plain"), ("six.txt", b"", "text/plain")]
    tested.file_uploader[0].set_value(files).run()
    next(b for b in tested.button if b.label == "Add them").click().run()
    assert not tested.exception
    assert [each.value.replace("\\", "") for each in tested.success] == ["1 document added."]
    assert ["six" in each.value for each in tested.warning] == [True]
    assert "five" in [*tested.dataframe[0].value["document"]]
    tested.file_uploader[0].set_value(files).run()
    assert not tested.success
    tested.file_uploader[0].set_value(None).run()
    assert [each.value.replace("\\", "") for each in tested.success] == ["1 document added."]
    tested.session_state["page now"] = "another page"
    assert not tested.run().success


def pasted(tested: AppTest, text: str, name: str = "", number: int = 1) -> None:
    asked, named = (
        ("Or paste a text here", "Its name") if number == 1 else (f"Text {number}", f"Name of text {number}")
    )
    next(each for each in tested.text_area if each.label == asked).set_value(text)
    next(each for each in tested.text_input if each.label.startswith(named)).set_value(name)


def press(tested: AppTest, name: str) -> None:
    next(each for each in tested.button if each.label == name).click().run()
    assert not tested.exception


def test_pasted_texts_are_documents_as_files_are(notes: str, store: ReviewStore) -> None:
    tested = run("queue")
    pasted(tested, "Dear Dr Roe,\r\n\r\nfever\tagain.\n---\nAfib.")
    press(tested, "Add them")
    assert "1 document added." in words(tested).replace("\\", "")
    assert "".join(each.value for each in tested.text_area if each.label.startswith("Or paste")) == ""
    press(tested, "Paste another text")
    pasted(tested, "Fever.", "Letter of 3/12/2025")
    pasted(tested, "Fever once more.", number=2)
    press(tested, "Add them")
    session = ReviewSession(store, notes, "ana")
    found = {
        name: view.text
        for name in ("pasted 1", "Letter of 3-12-2025", "pasted 2")
        if (view := session.view(name))
    }
    assert found == {
        "pasted 1": "Dear Dr Roe,\r\n\r\nfever\tagain.\n---\nAfib.",
        "Letter of 3-12-2025": "Fever.",
        "pasted 2": "Fever once more.",
    }
    view = session.view("pasted 1")
    assert view is not None
    assert [span.surface for span in view.spans] == ["fever", "Afib"]
    pasted(tested, "Fever, corrected.", "pasted 1")
    press(tested, "Add them")
    assert any(each.label == "Use the corrected texts" for each in tested.button)


@pytest.mark.parametrize("text", ["", " \n\t\r\n "])
def test_an_empty_paste_is_told(notes: str, text: str) -> None:
    tested = run("queue")
    pasted(tested, text, "a name alone")
    press(tested, "Add them")
    assert [each.value for each in tested.warning] == [NOTHING_CHOSEN]


def test_what_cannot_be_used_of_a_paste_is_told_as_of_a_file(notes: str) -> None:
    tested = run("queue")
    pasted(tested, "Fever.\0", "scan")
    press(tested, "Add them")
    (said,) = (each.value.replace("\\", "") for each in tested.error)
    assert said.startswith("No document was added: scan.txt: this is not a text file.")


def test_a_project_is_made_from_a_pasted_text_alone(place: Workspace, store: ReviewStore) -> None:
    script = "from hybrid_ner.ui.views.welcome import page\npage(None, 'ana')"
    tested = AppTest.from_string(script, default_timeout=60).run()
    press(tested, "Create the project")
    assert "the project has no name" in words(tested).replace("\\", "")
    next(each for each in tested.text_input if each.label == "Name of the project").set_value("letters")
    next(each for each in tested.radio if each.label == "What they are about").set_value("generic")
    next(each for each in tested.text_area if each.label.startswith("Labels of your own")).set_value("Sign")
    press(tested, "Create the project")
    assert "Add a file or paste a text" in words(tested)
    pasted(tested, "Fever.")
    press(tested, "Create the project")
    view = ReviewSession(store, "letters", "ana").view("pasted 1")
    assert view is not None
    assert view.text == "Fever."


def test_who_shares_documents_out_sees_all_and_what_nobody_has(notes: str, store: ReviewStore) -> None:
    """The Queue page was empty for the one who watches, and new documents were nobody's without a word."""
    lead = ReviewSession(store, notes, "ana")
    for line in ("assign bob, eve", "yes"):
        lead.handle(line)
    tested = run("queue")
    assert "“Also the documents of others” shows all." in words(tested)
    tested.checkbox("everybody's documents").check().run()
    table = tested.dataframe[0].value
    assert {*table["given to"]} == {"bob", "eve"}
    assert len(table) == len(NOTES)
    pasted(tested, "Fever.")
    press(tested, "Add them")
    told = [each.value.replace("\\", "") for each in tested.warning]
    assert told == ["Given to nobody: 1 document. The Team page shares them out."]
    team = run("team")
    assert "Given to nobody: 1 document." in team.warning[0].value.replace("\\", "")
    bars = [each.proto.text.replace("\\", "") for each in team.get("progress")]
    assert bars[0].startswith("ana: 0 documents reviewed, none given")


def test_what_is_marked_in_files_is_told_where_it_is_left_out(notes: str) -> None:
    line = b'{"id": "g1", "text": "Gout.", "entities": [{"start": 0, "end": 4, "label": "Disease"}]}\n'
    tested = run("queue")
    tested.file_uploader[0].set_value([("gold.jsonl", line, "application/json")]).run()
    next(b for b in tested.button if b.label == "Add them").click().run()
    (said,) = (each.value.replace("\\", "") for each in tested.warning)
    assert said.startswith("Not taken over: 1 mark in 1 document")


def test_who_types_another_name_is_told_that_it_is_new_here(notes: str) -> None:
    """Documents and decisions of the name before were gone without a word."""
    tested = AppTest.from_file(str(main_script.__file__), default_timeout=60)
    tested.query_params["reviewer"] = "ana"
    tested.run()
    named = next(each for each in tested.text_input if each.label.startswith("Your name"))
    named.set_value("Ana Maria").run()
    assert not tested.exception
    (said,) = (each.value.replace("\\", "") for each in tested.warning)
    assert said.startswith("Ana Maria is new in this project, which knows ana.")
    next(each for each in tested.text_input if each.label.startswith("Your name")).set_value("ana").run()
    assert not tested.warning


def test_a_download_of_one_s_own_becomes_decisions_by_a_click(notes: str, store: ReviewStore) -> None:
    """It needed a command in a terminal."""
    bob = ReviewSession(store, notes, "bob")
    bob.handle("ok")
    done = gold_file(store.project(notes), "jsonl")
    bob.handle("undo")
    assert not gold_file(store.project(notes), "jsonl").documents
    tested = run("queue")
    tested.file_uploader[0].set_value([(done.name, done.content, "application/json")]).run()
    next(b for b in tested.button if b.label == "Add them").click().run()
    tested.file_uploader[0].set_value(None).run()
    next(b for b in tested.button if b.label == "Take them over as my decisions").click().run()
    (said,) = (each.value for each in tested.success)
    assert said.startswith("1 annotated document taken over for ana")
    assert not any(b.label == "Take them over as my decisions" for b in tested.button)
    (mine, before) = (
        [json.loads(line)["entities"] for line in each.content.decode().splitlines()]
        for each in (gold_file(store.project(notes), "jsonl"), done)
    )
    assert [[(e["start"], e["end"], e["label"]) for e in each] for each in mine] == [
        [(e["start"], e["end"], e["label"]) for e in each] for each in before
    ]
    assert ReviewSession(store, notes, "ana").handle("undo").echo.startswith("undone: ")
    assert not gold_file(store.project(notes), "jsonl").documents


def test_files_that_were_added_by_mistake_are_taken_out_together(notes: str) -> None:
    tested = run("queue")
    before = [*tested.dataframe[0].value["document"]]
    files = [(f"holiday{n}.txt", b"Beach fever.", "text/plain") for n in range(3)]
    tested.file_uploader[0].set_value(files).run()
    next(b for b in tested.button if b.label == "Add them").click().run()
    tested.file_uploader[0].set_value(None).run()
    next(b for b in tested.button if b.label == "Take them out again").click().run()
    assert "Take 3 documents, holiday0 to holiday2, out of the project" in words(tested)
    assert len(tested.dataframe[0].value) == len(before) + 3
    tested.button("yes").click().run()
    assert not tested.exception
    assert [*tested.dataframe[0].value["document"]] == before
    next(b for b in tested.button if b.label == "Bring them all back").click().run()
    assert {*tested.dataframe[0].value["document"]} == {*before, "holiday0", "holiday1", "holiday2"}


def test_a_corrected_text_is_taken_over_by_a_click(notes: str, store: ReviewStore) -> None:
    session = ReviewSession(store, notes, "ana")
    for line in ("go note-2", "ok"):
        session.handle(line)
    tested = run("queue")
    text = NOTES["note-2"].replace("Aspirin", "Acetaminophen").encode()
    files = [("note-2.txt", text, "text/plain"), ("six.txt", b"Fever again.", "text/plain")]
    tested.file_uploader[0].set_value(files).run()
    next(b for b in tested.button if b.label == "Add them").click().run()
    assert not tested.exception
    assert [each.value.replace("\\", "") for each in tested.success] == ["1 document added."]
    (asked,) = (each.value.replace("\\", "") for each in tested.warning)
    assert "3 of 4 decisions would be carried over, 1 to look at: note-2 “aspirin” Drug (ana)" in asked
    view = session.view("note-2")
    assert view is not None
    assert view.text == NOTES["note-2"]
    next(b for b in tested.button if b.label == "Use the corrected texts").click().run()
    assert not tested.exception
    assert ["3 of 4 decisions carried over" in each.value for each in tested.success] == [True]
    assert not tested.warning
    view = session.view("note-2")
    assert view is not None
    assert (view.text, view.done) == (text.decode(), False)
    accepted = [each.surface for each in view.spans if each.status == "accepted"]
    assert accepted == ["Fever", "afib", "ibuprofen"]


def test_a_name_with_a_comma_is_one_reviewer() -> None:
    line = assign_line('Roe, Jo, Bob Lee ,"Poe, Al"', known=["Jo", "Roe, Jo"])
    assert line == 'assign "Roe, Jo", "Bob Lee", "Poe, Al"'


def test_documents_are_shared_out_and_differences_settled_on_the_page(notes: str, store: ReviewStore) -> None:
    tested = run("team")
    tested.text_input[0].set_value("ana, Bob Lee")
    tested.number_input[1].set_value(50)
    next(b for b in tested.button if b.label == "Share them out").click().run()
    assert not tested.exception
    tested.button("yes").click().run()
    ana, bob = (ReviewSession(store, notes, name) for name in ("ana", "Bob Lee"))
    rows = {row.reviewer: (row.assigned, row.shared) for row in ana.progress()}
    assert rows == {"ana": (4, 2), "Bob Lee": (3, 2)}
    for session, lines in ((ana, ("ok",)), (bob, ("no 1", "ok"))):
        for line in ("go note-1", *lines):
            assert session.handle(line).level != "error"
    tested = run("team")
    shown = {b.label.replace("\\", "") for b in tested.button}
    assert {"ana's", "Bob Lee's", "Neither"} <= shown - {"Both"}
    next(b for b in tested.button if b.label.replace("\\", "") == "ana's").click().run()
    assert not tested.exception
    found = ana.versions()
    assert found is not None
    assert [each.settled for each in found.differences] == ["ana"]
    assert ana.conflicts() == 0


def test_command_in_the_chat_changes_the_document(notes: str, store: ReviewStore) -> None:
    tested = run("review")
    tested.chat_input[0].set_value("go note-2").run()
    tested.chat_input[0].set_value("no 2").run()
    assert not tested.exception
    view = ReviewSession(store, notes, "ana").view()
    assert view is not None
    assert [(s.number, s.status) for s in view.spans][:2] == [(1, "open"), (2, "rejected")]


def test_a_line_is_not_lost_with_the_run_that_it_came_with(
    notes: str, store: ReviewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    tested = run("review")
    cut_off = iter([True])
    took = review._take_edits

    def interrupted(here: Here) -> Outcome:
        if next(cut_off, False):
            st.rerun()  # as a key does that arrives while the run begins
        return took(here)

    monkeypatch.setattr(review, "_take_edits", interrupted)
    tested.chat_input[0].set_value("go note-2").run()
    assert not tested.exception
    assert [turn.line for turn in ReviewSession(store, notes, "ana").history()] == ["go note-2"]


def test_wide_step_asks_and_the_button_confirms(notes: str, store: ReviewStore) -> None:
    tested = run("review")
    tested.chat_input[0].set_value('ok all "aspirin"').run()
    assert tested.button("yes").label == "Yes"
    question = "Accept 4 mentions in 3 documents. Go on? Enter or y says yes, Escape leaves it."
    assert question in [text.value for text in tested.text]
    assert question in [text.value for text in run("review").text]
    tested.button("yes").click().run()
    view = ReviewSession(store, notes, "ana").view("note-1")
    assert view is not None
    assert {s.status for s in view.spans if s.surface == "aspirin"} == {"accepted"}


def test_question_can_be_left(notes: str, store: ReviewStore) -> None:
    tested = run("review")
    tested.chat_input[0].set_value('ok all "aspirin"').run()
    tested.button("leave").click().run()
    session = ReviewSession(store, notes, "ana")
    assert session.pending is None
    assert session.history()[-1].line == "cancel"


def test_a_document_is_taken_out_and_brought_back_on_the_page(notes: str, store: ReviewStore) -> None:
    session = ReviewSession(store, notes, "ana")
    for line in ("go note-2", "ok"):
        session.handle(line)
    tested, other = run("review"), run("review")
    tested.button("withdraw").click().run()
    assert "(wrong patient or case)" in words(tested)
    assert len(session.project) == 5
    tested.button("yes").click().run()
    assert not tested.exception
    assert len(session.project) == 4
    assert "note-2" not in [each.value for each in tested.text]
    # Another tab that has drawn it goes on with what is open now.
    other.button("press next").click().run()
    assert not other.exception
    queue = run("queue")
    assert queue.expander[0].label.startswith("1 document is withdrawn")
    assert session.handle('reinstate "note-2"').level == "done"
    view = session.view()
    assert view is not None
    assert view.done


def test_lines_that_touch_files_of_the_server_do_not_run(notes: str, store: ReviewStore) -> None:
    tested = run("review")
    tested.chat_input[0].set_value("export jsonl stolen.jsonl").run()
    assert not tested.exception
    (turn,) = ReviewSession(store, notes, "ana").history()
    assert turn.level == "error"


def test_export_is_offered_as_a_download(notes: str, store: ReviewStore) -> None:
    session = ReviewSession(store, notes, "ana")
    for line in ("go note-2", "ok"):
        session.handle(line)
    tested = run("review")
    tested.chat_input[0].set_value("export jsonl ../../stolen").run()
    assert "this session writes no files" in ReviewSession(store, notes, "ana").history()[-1].echo
    assert not tested.get("download_button")
    tested.chat_input[0].set_value("export jsonl").run()
    assert not tested.exception
    assert tested.get("download_button")[0].proto.label == "Download notes_gold.jsonl"
    tested.chat_input[0].set_value("export xlsx").run()
    assert "unknown export format" in ReviewSession(store, notes, "ana").history()[-1].echo
    assert not tested.get("download_button")


def test_work_is_offered_as_a_table_too_and_what_is_new_by_itself(notes: str, store: ReviewStore) -> None:
    session = ReviewSession(store, notes, "ana")
    for line in ("go note-2", "ok"):
        session.handle(line)
    assert "since you last" not in "".join(each.label for each in run("queue").checkbox)
    tested = run("review")
    tested.chat_input[0].set_value("download my work").run()
    offered = [each.proto.label for each in tested.get("download_button")]
    assert offered == ["Download notes_mentions.csv", "Download notes_gold.jsonl"]
    assert "as a table for Excel, or whole, for programs" in words(tested)
    tested.chat_input[0].set_value("download my work as a spreadsheet").run()
    assert [each.proto.label for each in tested.get("download_button")] == ["Download notes_mentions.csv"]
    queue = run("queue")
    session.handle('never "aspirin"')
    (new,) = (each for each in queue.checkbox if "since you last prepared a file" in each.label)
    new.check().run()
    next(each for each in queue.button if each.label == "Prepare the file").click().run()
    assert not queue.exception
    (found,) = queue.get("download_button")[:1]
    assert "_since_" in found.proto.label
    assert "Not done" in words(queue)
    assert session.history()[-1].line == "export table since last"


def test_a_project_without_suggestions_says_how_to_begin(place: Workspace, store: ReviewStore) -> None:
    create_project(store, place, replace(wish("bare", a="The rent."), terms=(), labels=("Term",)), quiet)
    with mock.patch.object(terms, "draw", wraps=terms.draw) as drawn:
        run("terms")
    assert drawn.call_args.args[2]["empty"].startswith("No term waits: nothing is suggested")
    with mock.patch.object(review, "draw_turns", wraps=review.draw_turns) as turns:
        run("review")
    assert review.UNMARKED in turns.call_args.args


def test_replay_says_where_it_runs(notes: str, store: ReviewStore) -> None:
    tested = run("review")
    tested.chat_input[0].set_value("replay session.txt").run()
    assert "hybrid-ner review replay STORE FILE" in ReviewSession(store, notes, "ana").history()[-1].echo


def test_buttons_are_commands_of_the_log(notes: str, store: ReviewStore) -> None:
    tested = run("review")
    tested.button("press ok").click().run()
    tested.button("press undo").click().run()
    lines = [turn.line for turn in ReviewSession(store, notes, "ana").history()]
    assert lines == ["ok 1-4", "undo"]


def test_hints_lead_through_the_first_review(notes: str) -> None:
    tested = run("review")
    assert "**1 of 4**" in words(tested)
    tested.chat_input[0].set_value("go note-2").run()
    tested.chat_input[0].set_value("ok 1").run()
    assert "**2 of 4**" in words(tested)


def test_queue_search_and_gold(notes: str) -> None:
    tested = run("queue")
    assert "0 of 5 documents reviewed" in str(tested.get("progress")[0].proto.text)
    tested.text_input[0].set_value("host").run()
    assert len(tested.dataframe[0].value) == 1


def test_an_outdated_screen_does_not_settle_what_somebody_has_settled(notes: str, store: ReviewStore) -> None:
    for name, lines in (("ana", ("ok",)), ("bob", ("no 1", "ok")), ("lead", ("adjudicate",))):
        session = ReviewSession(store, notes, name)
        for line in ("go note-1", *lines):
            session.handle(line)
    ana = ReviewSession(store, notes, "ana")
    ana.handle("adjudicate")
    outdated = run("team")
    neither = next(each for each in outdated.button if each.label == "Neither")
    ReviewSession(store, notes, "lead").handle("settle 1 ana")
    neither.click().run()
    assert "lead has settled note-1 meanwhile, and nothing was changed" in words(outdated)
    assert ana.settled_by("note-1") == "lead"
    # Now that it is said, the choice is taken.
    assert "lead has settled this document" in words(outdated)
    next(each for each in outdated.button if each.label == "Neither").click().run()
    assert ana.settled_by("note-1") == "ana"


def test_labels_of_several_words_are_named_by_every_button(place: Workspace, store: ReviewStore) -> None:
    lists = (("Lease term.txt", b"rent\n"),)
    told = {"Lease term.txt": {"otherwise": "Lease term"}}
    made = replace(wish("leases", a="The rent of the flat."), terms=lists, labels=("Lease term",), told=told)
    project = store.project(create_project(store, place, made, quiet))
    tested = run("gazetteers")

    def add(text: str) -> str:
        field = next(each for each in tested.text_input if each.label.startswith("Term, as"))
        field.set_value(text)
        next(b for b in tested.button if b.label == "Add it").click().run()
        return str(next(each for each in tested.text_input if each.label.startswith("Term, as")).value)

    assert (add("?!"), add("the flat")) == ("?!", ""), "what was refused is still there"
    tested.button("yes").click().run()
    assert [(t.text, t.label) for t in place.setup(project).gazetteer(project_overlay(project))] == [
        ("rent", "Lease term"),
        ("the flat", "Lease term"),
    ]
    session = ReviewSession(store, project.name, "ana")
    for line in ("never %s", "always %s", "never %s here"):
        line %= '"flat" "Lease term"'
        assert session.handle(line).level == "ask", line


def test_a_question_stands_on_the_page_that_it_belongs_to(notes: str, store: ReviewStore) -> None:
    session = ReviewSession(store, notes, "ana")
    shown = {'no all "fever"': ["terms"], "assign ana, bob": ["team"], 'maybe "fever" is wrong': []}
    for line, pages in shown.items():
        asked = session.handle(line).pending
        assert asked is not None, line
        for page in ("team", "gazetteers", "terms", "review"):
            tested = run(page)
            drawn = tested.session_state["question"] == asked.key
            assert drawn == (page in (*pages, "review")), (line, page)
            buttons = [each.key for each in tested.button]
            # A board of cards draws its own, and of several choices none leaves it.
            assert ("leave" in buttons) == (drawn and page != "terms" and asked.kind != "choice")


def test_a_reviewer_who_has_done_all_is_told_so_and_where_to_go(notes: str, store: ReviewStore) -> None:
    session = ReviewSession(store, notes, "ana")
    for name in ("note-1", "note-2", "note-3", "hostile", "note-4"):
        for line in (f"go {name}", "ok", "next"):
            last = session.handle(line).echo
    assert "no other document waits for you" in last
    tested = run("review")
    assert "Reviewed: 5 documents, all there are. The Queue page downloads them." in words(tested)
    assert "Go to the Queue" in [each.label for each in tested.button]


def test_compare_says_what_it_will_show_and_how_to_get_there(notes: str, store: ReviewStore) -> None:
    tested = run("compare")
    assert "Nothing to compare yet" in [each.value for each in tested.header]
    assert [each.label for each in tested.button if each.label[0] in "RL"] == ["Review documents"]
    session = ReviewSession(store, notes, "ana")
    assert session.handle("go note-1").level != "error"
    assert session.handle("ok 1-4 next").level != "error"
    tested = run("compare")
    assert "✓ Review documents to the end (1 of 5 so far)" in words(tested).replace("\\", "")
    assert "Learn from these decisions" in [each.label for each in tested.button]


def test_compare_says_how_many_are_kept_apart_and_what_to_do_when_all_are_reviewed(
    notes: str, store: ReviewStore
) -> None:
    assert compare.kept_apart(None, 3).endswith("so there must be several")
    session = ReviewSession(store, notes, "ana")
    for name in ("note-1", "note-2", "note-3", "hostile", "note-4"):
        for line in (f"go {name}", "ok", "next"):
            session.handle(line)
    labels = [each.label for each in run("compare").button]
    assert "Add documents" in labels
    assert "Review documents" not in labels


def test_disagreements_are_of_the_models_whose_scores_stand_above(
    place: Workspace, notes: str, store: ReviewStore
) -> None:
    setup = place.setup(store.project(notes))
    gold = {"id": "g", "text": "No fever.", "entities": [{"start": 3, "end": 8, "label": "Disease"}]}
    setup.gold_path.write_text(json.dumps(gold) + "\n", encoding="utf-8")
    updated(place, store, notes)
    updated(place, store, notes)
    registry = ProjectModels(place.store, setup, "ana", store.project(notes)).registry
    for model, word in (("r1", "denies"), ("r2", "metoprolol")):
        kept = dict(read_suggestions(registry.get(model).suggestions))
        at = NOTES["note-1"].index(word)
        kept["note-1"] = [Suggestion(at, at + len(word), "Drug", 0.6, (Vote("model", "Drug", 0.6),))]
        write_suggestions(registry.get(model).suggestions, kept.items())
    tested = run("compare")  # the rules alone are in use
    tested.selectbox[0].set_value("r1").run()
    tested.selectbox[1].set_value("none").run()
    said = words(tested).replace("\\", "")
    assert "Found by model 1 (" in said
    assert "A document that is opened shows suggestions of the rules alone." in said
    assert tested.dataframe[-1].value["text"].iloc[0] == "denies"
    tested.selectbox[1].set_value("r2").run()
    tested.radio[0].set_value("r2").run()
    assert tested.dataframe[-1].value["text"].iloc[0] == "metoprolol"
    assert tested.radio[0].label == "Found by"


def test_a_label_is_added_on_the_queue_page(notes: str, store: ReviewStore) -> None:
    tested = run("queue")
    next(each for each in tested.text_input if each.label == "A new label").set_value("Body part")
    next(each for each in tested.button if each.label == "Add it").click()
    tested.run()
    assert "The labels are kept so." in words(tested)
    view = ReviewSession(store, notes, "ana").view()
    assert view is not None
    assert "Body part" in view.labels


def test_changes_of_the_lists_say_where_they_hold(notes: str, store: ReviewStore) -> None:
    session = ReviewSession(store, notes, "ana")
    for line in ('never "afib"', "yes"):
        session.handle(line)
    assert re.search(
        r"^afib: blocked · in this project · ana, \d{4}-\d\d-\d\d$", words(run("gazetteers")), re.M
    )


def test_terms_page_finishes_documents_that_were_decided_by_term(notes: str, store: ReviewStore) -> None:
    session = ReviewSession(store, notes, "ana")
    for line in ('ok all "afib"', "yes", 'ok all "aspirin"', "yes"):
        session.handle(line)
    tested = run("terms")
    next(each for each in tested.button if each.label == "Count 1 document as reviewed").click().run()
    pending = ReviewSession(store, notes, "ana").pending
    assert pending is not None
    assert pending.line == "complete all"


def test_gazetteer_page_tries_and_adds_terms(notes: str, store: ReviewStore) -> None:
    tested = run("gazetteers")
    tested.text_input("try").set_value("again").run()
    assert "3 times in 2 documents" in words(tested)
    next(t for t in tested.text_input if t.label.startswith("Term, as")).set_value("metoprolol")
    next(b for b in tested.button if b.label == "Add it").click().run()
    assert not tested.exception
    assert ReviewSession(store, notes, "ana").pending is not None


def test_misspelled_terms_are_taken_otherwise_on_the_page(
    notes: str, place: Workspace, store: ReviewStore
) -> None:
    project = store.project(notes)
    project.add_documents([Document("slip", "Took asprin for fevver.")])
    tested = run("gazetteers")
    keep = tested.button("keep misspelled")
    assert keep.disabled
    tested.multiselect(f"of {notes} label suggest").set_value(["Disease"])
    tested.selectbox(f"of {notes} slips").set_value(0.9).run()
    tested.button("keep misspelled").click().run()
    assert not tested.exception
    assert place.setup(project).fuzzy == Fuzzy("label", (*FOR_REVIEW.labels, ("Disease", "suggest")), 0.9)
    kept = json.loads((place.folder_of(project) / "notes.json").read_bytes())
    assert kept == ["The documents were read again; what was decided stays."]


def test_nothing_changes_where_labels_of_people_are_hinted_at_already() -> None:
    tested = AppTest.from_string(
        "import streamlit as st\n"
        "from hybrid_ner.review.rounds import FOR_REVIEW\n"
        "from hybrid_ner.ui.views.welcome import ask_misspelled\n"
        "labels = {label: label for label, _ in reversed(FOR_REVIEW.labels[1:])} | {'Court': 'Court'}\n"
        "st.text(ask_misspelled(labels, FOR_REVIEW, 'x') == FOR_REVIEW)\n",
        default_timeout=60,
    ).run()
    assert words(tested) == "True"
    tested.radio[0].set_value("off").run()
    assert words(tested) == "False"
    assert [each.value for each in tested.multiselect] == [[], []]


def test_a_list_is_taken_out_on_the_page(notes: str, place: Workspace, store: ReviewStore) -> None:
    tested = run("gazetteers")
    tested.button("out Drug.txt").click().run()
    assert not tested.exception
    assert [path.name for path in place.setup(store.project(notes)).term_files] == ["Disease.txt"]
    view = ReviewSession(store, notes, "ana").view("note-2")
    assert view is not None
    assert [s.surface for s in view.spans] == ["Fever", "afib"]


def test_rule_files_are_added_and_taken_out_on_the_page(
    notes: str, place: Workspace, store: ReviewStore
) -> None:
    def uploads(tested: AppTest) -> list[int]:
        return [len(field.value or ()) for field in tested.get("file_uploader")]

    def visits() -> list[str]:
        view = ReviewSession(store, notes, "ana").view("note-1")
        assert view is not None
        return [span.surface for span in view.spans if span.label == "Event"]

    session = ReviewSession(store, notes, "ana")
    session.open("note-1")
    session.handle("ok")
    tsv = b"kind\tvalue\tlabel\tmatch\nterms\tvisit\tEvent\tthe [[visit]]\nveto\tno fever\t\t[[no fever]]\n"
    tested = run("gazetteers")
    tested.get("file_uploader")[1].upload("visits.tsv", tsv, "text/plain")
    tested = tested.run()
    assert uploads(tested) == [0, 1]
    tested = tested.button("add rules").click().run()
    assert not tested.exception
    assert (uploads(tested), visits()) == ([0, 0], ["visit"])
    kept = json.loads((place.folder_of(store.project(notes)) / "notes.json").read_bytes())
    assert kept[0] == "visits.tsv: 1 rule (Event 1), 1 rule against what others find."
    assert kept[-1].startswith("1 document that you have reviewed now has something new")
    assert session.handle("queue again").echo.endswith("note-1")
    tested.button("out rules visits.tsv").click().run()
    assert (place.setup(store.project(notes)).rule_files, visits()) == ((), [])


def test_the_queue_counts_what_one_has_decided_oneself(notes: str, store: ReviewStore) -> None:
    """Two people who accept one place are not two mentions, and Team says the same of each."""
    for name in ("ana", "bob"):
        session = ReviewSession(store, notes, name)
        session.open("note-2")
        session.handle("ok")
    said = words(run("queue")).replace("\\", "")
    assert "By you: 4 mentions accepted · 0 rejected · 4 documents left for you" in said


def test_what_was_added_is_no_longer_chosen(notes: str, store: ReviewStore) -> None:
    """A second click on the same button would add it once more, or say that it is known."""
    tested = run("queue")
    tested.get("file_uploader")[0].upload("letter.txt", b"Fever since Monday.", "text/plain")
    book = Codebook({"Disease": (Rule(1, "definition", "An illness."),)}, 1).as_dict()
    tested.get("file_uploader")[1].upload("book.json", json.dumps(book).encode(), "text/plain")
    tested = tested.run()
    for name, said in (
        ("Add them", "1 document added."),
        ("Propose them", "1 rule proposed: What labels mean, in the review, has them."),
    ):
        tested = next(each for each in tested.button if each.label == name).click().run()
        assert not tested.exception
        assert said in [each.value.replace("\\", "") for each in tested.success]
        assert not any(each.value for each in tested.get("file_uploader")[:1])
    assert next(each for each in tested.button if each.label == "Propose them").disabled
    press(tested, "Add them")
    assert [each.value for each in tested.warning] == [NOTHING_CHOSEN]
    assert not any(field.value for field in tested.get("file_uploader"))
    assert len(store.project(notes)) == 6
    tested.get("file_uploader")[1].upload("rules.md", b"No label here.", "text/plain")
    tested = tested.run()
    tested = next(each for each in tested.button if each.label == "Propose them").click().run()
    (refused,) = tested.error
    assert refused.value.replace("\\", "").startswith("rules.md: no rules found")


def asked_lists(known: list[str], **contents: bytes) -> AppTest:
    """The questions about uploaded lists alone; names of files with ``__`` for the dot."""

    def script(known: list[str], contents: dict[str, bytes]) -> None:
        from types import SimpleNamespace

        import streamlit as st

        from hybrid_ner.ui.views.welcome import ask_lists

        lists = [
            SimpleNamespace(name=name.replace("__", "."), size=len(said), getvalue=lambda said=said: said)
            for name, said in contents.items()
        ]
        st.json(ask_lists(lists, known))

    return AppTest.from_function(script, default_timeout=60, args=(known, contents)).run()


def test_a_list_is_known_by_the_name_of_its_label_or_asks_for_one() -> None:
    lists = {"defined terms__txt": b"Party\n", "stuff we need__txt": b"Closing\n", "Court__txt": b"SDNY\n"}
    tested = asked_lists(["DEFINED_TERM", "Court"], **lists)
    assert [each.placeholder for each in tested.selectbox] == [
        "Defined term",
        "choose one, or type a new one",
        "Court",
    ]
    assert json.loads(tested.json[0].value) == {"defined terms.txt": {"otherwise": "DEFINED_TERM"}}
    (warned,) = [str(each.value).replace("\\", "") for each in tested.warning]
    assert warned.startswith("stuff we need.txt: ")
    assert "“Label of” that file" in warned


def test_how_a_list_is_read_is_said_before_there_is_a_project() -> None:
    """Headings that are not the usual ones, columns that are passed over, and what comes of a correction."""
    rows = ("force majeure,all,boiler plate", "indemnify,MSA,liability", "hold harmless,MSA,liability")
    content = "\n".join(["Wording,Seen in,Type of clause", *rows]).encode()
    tested = asked_lists([], our_list__csv=content)
    (said,) = [str(each.value).replace("\\", "") for each in tested.caption]
    assert said.startswith("our_list.csv: 3 terms (liability 2, boiler plate 1)")
    assert "columns that were not read: Seen in" in said
    tested.text_input[0].set_value("term=Wording,label=Seen in").run()
    assert "(MSA 2, all 1)" in tested.caption[0].value.replace("\\", "")
    tested.text_input[0].set_value("term=Word").run()
    assert "Word" in tested.warning[0].value


def test_a_table_that_is_called_as_a_label_is_said_to_have_it() -> None:
    """It was read so, but the page said ``medicines``, so that people chose where nothing was to choose."""
    tested = asked_lists(["Medicine", "Problem"], medicines__csv=b"Medicine\nlactulose\n")
    assert tested.selectbox[0].placeholder == "Medicine"
    assert tested.caption[0].value.replace("\\", "").startswith("medicines.csv: 1 term (Medicine)")
    assert begun("Medic", ["Medicine", "Problem"]) == "Medic is a new label. If it is Medicine, choose that."
    assert begun("Medicine", ["Medicine", "Problem"]) == begun("Scan", ["Medicine"]) == ""


def test_a_list_with_classes_of_its_own_may_have_one_label() -> None:
    content = b"drug;class\nadalimumab;TNFi\nmethotrexate;csDMARD\n"
    tested = asked_lists(["Drug"], drugs__csv=content)
    assert not tested.checkbox
    tested.selectbox[0].set_value("Drug").run()
    assert "(TNFi 1, csDMARD 1)" in tested.caption[0].value.replace("\\", "")
    tested.checkbox[0].check().run()
    assert "drugs.csv: 2 terms (Drug)" in tested.caption[0].value.replace("\\", "")
    assert json.loads(tested.json[0].value) == {"drugs.csv": {"label": "Drug"}}


def test_what_was_chosen_on_terms_holds_while_another_page_is_looked_at(notes: str) -> None:
    tested = AppTest.from_file(str(main_script.__file__), default_timeout=60)
    tested.query_params["reviewer"] = "ana"
    tested._page_hash = calc_hash("terms")
    tested.run()
    tested.radio("terms kind").set_value("One by one").run()
    tested.selectbox("terms wanted").set_value("Disease").run()
    for path in ("queue", "terms"):
        tested._page_hash = calc_hash(path)
        tested.run()
        assert not tested.exception
    assert (tested.radio("terms kind").value, tested.selectbox("terms wanted").value) == (
        "One by one",
        "Disease",
    )


def test_few_lists_are_asked_about_one_by_one() -> None:
    tested = asked_lists(["Drug"], **{"our drugs__csv": b"name,x\nstatin,1\n", "Disease__txt": b"gout\n"})
    assert [each.label for each in tested.selectbox] == [
        "Label of our drugs.csv, where none is named",
        "Label of Disease.txt, where none is named",
    ]
    assert [each.placeholder for each in tested.selectbox][1] == "Disease"
    tested.selectbox[0].set_value("Drug")
    tested.text_input[0].set_value("term=2").run()
    assert json.loads(tested.json[0].value) == {"our drugs.csv": {"otherwise": "Drug", "columns": "term=2"}}


def test_review_says_why_nothing_waits(notes: str, store: ReviewStore) -> None:
    for name, lines in (("bob", ["assign bob", "yes"]), ("bob", ["ok next"] * len(store.project(notes)))):
        session = ReviewSession(store, notes, name)
        for line in lines:
            session.handle(line)
        said = str(run("review").info[0].value)
        assert said.startswith(
            "Nothing waits for you; others have" if "assign bob" in lines else "Reviewed: "
        )


def test_learning_waits_until_something_was_decided(notes: str, store: ReviewStore) -> None:
    def learn() -> bool:
        return bool(next(b.disabled for b in run("models").button if b.label.startswith("Learn from")))

    assert learn()
    for name, lines in (("bob", ("no 1", "ok next")), ("carl", ("ok next",))):
        session = ReviewSession(store, notes, name)
        for line in ("go note-2", *lines):
            session.handle(line)
    report = gold_report(store.project(notes))
    assert (report.documents, len(report.conflicts)) == (0, 1)  # even this is something
    assert not learn()


def test_models_page_lists_the_rules(notes: str) -> None:
    tested = run("models")
    assert "In use: the rules alone" in words(tested)
    assert len(tested.dataframe[0].value) == 1


def test_training_waits_in_the_queue_of_the_server_and_can_leave_it(
    place: Workspace, notes: str, store: ReviewStore
) -> None:
    setup = place.setup(store.project(notes))
    _, held = TrainingQueue(place.folder / "projects" / ".trainings").take()
    try:
        tested = run("models")
        next(b for b in tested.button if b.label == "Retrain").click().run()
        assert "1 training before it on this server" in words(tested)
        assert "Started by ana" in words(tested)
        assert Job(setup.job).state().state == "queued"
        next(b for b in tested.button if b.label == "Leave the queue").click().run()
        assert not tested.exception
        assert Job(setup.job).state().state == "cancelled"
        assert words(tested.run()).count("was stopped") == 1
    finally:
        held.close()
        Job(setup.job).cancel()
    assert [row.line for row in ReviewSession(store, notes, "ana").log()][-2:] == [
        "retrain",
        "cancel training",
    ]


def updated(place: Workspace, store: ReviewStore, notes: str) -> None:
    """What the worker of an update leaves, made here: two notes are reviewed."""
    session = ReviewSession(store, notes, "ana")
    for line in ("go note-1", 'add "metoprolol" Drug', "no 4", "ok next", "go note-2", "ok next"):
        session.handle(line)
    setup = place.setup(store.project(notes))
    setup.job.mkdir(parents=True, exist_ok=True)
    (setup.job / "request.json").write_text(json.dumps({"reviewer": "ana", "fast": True}), encoding="utf-8")
    result = next_round(store.project(notes), setup, quiet, "ana", fast=True)
    Progress(setup.job).done(f"{result['candidate']} is ready after 3 s", result)


def test_review_offers_to_learn_after_some_documents(
    notes: str, store: ReviewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[bool] = []

    def start(self: ProjectModels, project: str, reviewer: str, *, fast: bool = False) -> JobStatus:
        started.append(fast)
        return JobStatus("running", "started", by=reviewer, did=True, fast=fast)

    monkeypatch.setattr(ProjectModels, "start_retrain", start)
    session = ReviewSession(store, notes, "ana")
    for number in range(1, 6):
        assert not [b for b in run("review").button if b.label.startswith("Learn")], number
        session.handle(f"go {number}")
        session.handle("ok next")
    tested = run("review")
    assert tested.button("press update").label == "Learn from these decisions (5 documents)"
    tested.button("press update").click().run()
    assert not tested.exception
    assert started == [True]
    assert ReviewSession(store, notes, "ana").history()[-1].line == "update"
    tested.session_state["learns alone"] = True
    tested.run()
    assert not tested.exception
    assert started == [True, True]


def test_progress_is_told_in_plain_words_once_with_what_is_left() -> None:
    job = JobState(
        "running", "pass 3 of 12 over the text", "train", 0.25, since=AT.format(0), updated=AT.format(10)
    )
    assert models.doing(job) == "Learning: pass 3 of 12 over the text, about 30 seconds more"
    again = replace(job, step="finish", message="learning from 20 documents", share=0.0)
    assert models.doing(again) == "Learning once more: from 20 documents"
    assert models.doing(replace(again, step="train")) == "Learning from 20 documents"
    words_read = replace(again, step="expand", message="learning words from the text")
    assert models.doing(words_read) == "Learning words from the text"
    assert models.doing(
        replace(job, step="score", message="testing on 3 documents kept apart", share=0.0)
    ) == ("Testing on 3 documents kept apart")


AT = "2026-01-01T12:00:{:02}.000+00:00"


def test_an_update_is_seen_used_and_taken_back(place: Workspace, notes: str, store: ReviewStore) -> None:
    # What was added in review itself is no news; here it stands once more.
    store.project(notes).add_documents([Document("note-5", "Went on with metoprolol 25 mg.")])
    updated(place, store, notes)
    tested = run("review")
    said = words(tested)
    changed = next(line for line in said.splitlines() if line.startswith("The new model has learned"))
    gone = r"take (none|[1-9]\d*) away, in \d+ documents?\.$"
    assert re.search(rf"bring \d+ new suggestions? and {gone}", changed), said
    assert "gate" not in said
    tested.toggle[0].set_value(True).run()
    rows = tested.dataframe[0].value
    assert list(rows.columns) == ["document", "new", "gone"]
    assert "“metoprolol” Drug" in " ".join(rows["new"])
    before = [s.surface for s in ReviewSession(store, notes, "ana").view("note-4").spans]  # type: ignore[union-attr]
    tested.button("use update").click().run()
    assert not tested.exception
    assert store.project(notes).model == "r1"
    assert "The new model is in use" in words(tested)
    assert "The new model is in use" not in words(run("review", reviewer="bob"))
    assert [row.line for row in ReviewSession(store, notes, "ana").log()][-1] == "promote r1"
    tested.button("undo update").click().run()
    assert store.project(notes).model == "r0"
    after = ReviewSession(store, notes, "ana").view("note-4")
    assert after is not None
    assert [s.surface for s in after.spans] == before
    tested.button("close learned").click().run()
    assert "The new model has learned" not in words(tested)


@pytest.mark.parametrize("page", ["models", "review"])
def test_a_model_that_waits_is_offered_after_a_training_that_was_stopped(
    place: Workspace, notes: str, store: ReviewStore, page: str
) -> None:
    updated(place, store, notes)
    setup = place.setup(store.project(notes))
    # The next training is stopped, and nobody has said what becomes of the model before it.
    Progress(setup.job).write({"state": "cancelled", "message": "stopped by a reviewer"}, mode="w")
    tested = run(page)
    assert "The model that was made before, and still waits, has learned" in words(tested)
    tested.button("use update").click().run()
    assert store.project(notes).model == "r1"
    store.project(notes).use_model("r0")
    assert "still waits" not in words(run(page))  # it was used and left


def test_nothing_is_said_of_models_that_were_tested_on_different_documents() -> None:
    """Who had gone back two models read that the newest does worse, though nobody had compared the two."""
    said = models.judged(GateReport("r3", "r0", False, "", untested=True), 40)
    assert said.startswith("It was not tested on the same documents")


def test_models_are_named_in_whole_sentences(place: Workspace, notes: str, store: ReviewStore) -> None:
    updated(place, store, notes)
    said = (
        "r0 is now in use, r1 was",
        "r0 and r1 were not tested on the same documents",
        "undone: step 4 (r1 is now in use, r0 was)",
        "redone: step 4 (r1 is now in use, r0 was)",
        "undone: step 3 (2 “gout (old)” Drug; 3 “a” Drug); undone: step 2 (ok 1); 1 later step kept",
    )
    script = "import streamlit as st\nfrom hybrid_ner.ui.frame import in_names\n"
    script += (
        f"from hybrid_ner.ui.state import here\nfor each in {said}: st.text(in_names(here('ana'), each))"
    )
    tested = AppTest.from_string(script, default_timeout=60).run()
    first, second, undone, redone, several = (each.value for each in tested.text)
    assert re.fullmatch(r"the rules alone are now in use instead of model 1 \(.*\)", first)
    assert re.fullmatch(r"undone: back to the rules alone instead of model 1 \([^)]*\)", undone)
    assert re.fullmatch(r"redone: model 1 \([^)]*\) is now in use instead of the rules alone", redone)
    assert several == "undone: 2 “gout (old)” Drug; 3 “a” Drug; undone: ok 1; 1 later step kept"
    assert re.fullmatch(r"the rules alone and model 1 \(.*\) were not tested .*", second)
    assert not re.search(r"\br\d\b", words(run("models")))


def test_models_and_compare_tell_what_an_update_learned(
    place: Workspace, notes: str, store: ReviewStore
) -> None:
    updated(place, store, notes)
    registry = ProjectModels(
        place.store, place.setup(store.project(notes)), "ana", store.project(notes)
    ).registry
    path = registry.get("r1").folder / "meta.json"
    meta = json.loads(path.read_text(encoding="utf-8"))
    sentence = "the next 10 reviewed documents will probably bring the suggestions +1.2 points of F1"
    meta["counts"]["forecast"] = {"sentence": sentence}
    path.write_text(json.dumps(meta), encoding="utf-8")
    tested = run("models")
    assert "Learn from these decisions" in [b.label for b in tested.button]
    assert sentence in words(tested).replace("\\", "")
    assert any("words" in said for said in tested.dataframe[-1].value["learned from"])
    assert f"More documents: {sentence}" in words(run("compare")).replace("\\", "")


def test_a_question_for_a_label_shows_a_few_and_folds_the_others(notes: str, store: ReviewStore) -> None:
    session = ReviewSession(store, notes, "ana")
    for name in ("Test", "Person", "Place", "Device"):
        session.handle(f"label {name}")
        session.handle("yes")
    session.handle("go note-1")
    text = session.card().text
    word = next(word for word in re.findall(r"[a-z]{4,}", text) if not text.count(f"{word}s"))
    asked = session.handle(f"you missed {word}")
    assert asked.pending is not None
    tested = run("review")
    labels = [each.label for each in tested.button if each.key and each.key.startswith("choice ")]
    assert len(labels) == len(session.labels) + 1  # all of them, and leaving it
    assert any("Another label" in str(each.proto) for each in tested.get("popover"))
    assert not tested.button("choice 5").click().run().exception
    assert f"“{word}”" in session.history()[-1].echo


def test_reviewed_mentions_are_taken_too_by_a_button(notes: str, store: ReviewStore) -> None:
    session = ReviewSession(store, notes, "ana")
    label = session.labels[0]
    session.handle(f"no all label:{label}")
    session.handle("yes")
    session.handle(f"ok all label:{label}")
    tested = run("review")
    button = tested.button("choice 0")
    assert button.label.startswith("Accept the ")
    button.click().run()
    assert not tested.exception
    assert ReviewSession(store, notes, "ana").pending.kind == "count"  # type: ignore[union-attr]


def test_a_question_about_lines_is_asked_in_words(notes: str, store: ReviewStore) -> None:
    """The box said "Shall I do that (`ok; left`)?" with its backticks, and the button "Yes: ok; left"."""
    assert ReviewSession(store, notes, "ana").handle("all good, what's next?").level == "ask"
    tested = run("review")
    assert tested.button("choice 0").label.replace("\\", "") == "Yes: Accept all shown, what is left"
    assert "Shall I do that?" in [each.value for each in tested.text]


def test_a_document_is_erased_on_the_page_once_its_name_is_typed(notes: str, store: ReviewStore) -> None:
    session = ReviewSession(store, notes, "ana")
    for line in ("go note-2", "ok"):
        session.handle(line)
    tested = run("review")
    assert tested.button("erase").disabled
    tested.text_input("erase note-2").set_value("note-3").run()
    assert tested.button("erase").disabled
    tested.text_input("erase note-2").set_value("note-2").run()
    tested.button("erase").click().run()
    assert not tested.exception
    assert "note-2 is erased: " in words(tested).replace("\\", "")
    assert "backups and other copies of the store" in words(tested)
    assert [(e.doc_id, e.reason) for e in session.project.erasures()] == [("note-2", "wrong patient or case")]
    assert tested.query_params.get("doc") != ["note-2"]
    tested.button("close erased").click().run()
    assert "note-2 is erased" not in words(tested).replace("\\", "")
    # What somebody else has open stays.
    other = session.project
    bob = ReviewSession(store, notes, "bob")
    bob.open("note-3")
    session.open("note-3")
    tested = run("review")
    tested.text_input("erase note-3").set_value("note-3").run()
    with other.alone() as connection:
        claimed = document.update().where(document.c.doc_id == "note-3")
        connection.execute(claimed.values(claimed_by=bob.author.reviewer_id, claimed_at=time.time()))
    tested.button("erase").click().run()
    assert "bob has document 'note-3' open" in words(tested).replace("\\", "")
    assert len(session.project.erasures()) == 1
