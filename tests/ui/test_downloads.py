"""The gold as a file."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import pytest

from hybrid_ner.corpus import Document
from hybrid_ner.errors import InputError
from hybrid_ner.review import ReviewSession, ReviewStore
from hybrid_ner.review.store.gold import GOLD_FORMATS, TABLE, gold_file
from hybrid_ner.ui.creating import create_project
from hybrid_ner.ui.workspace import Workspace
from tests.review.helpers import suggest
from tests.ui.conftest import quiet, wish


@pytest.mark.parametrize("form", sorted(GOLD_FORMATS))
def test_every_format_holds_the_reviewed_documents(form: str, notes: str, store: ReviewStore) -> None:
    session = ReviewSession(store, notes, "ana")
    session.open("note-2")
    session.handle("ok")
    found = gold_file(session.project, form)
    assert found.content
    assert found.documents == 1
    assert all("meta data" in problem for problem in found.lost)
    if form == "brat":
        assert found.name == "notes_gold_brat.zip"
        assert sorted(zipfile.ZipFile(io.BytesIO(found.content)).namelist()) == ["note-2.ann", "note-2.txt"]
    if form == "jsonl":
        entities = json.loads(found.content)["entities"]
        assert [e["label"] for e in entities] == ["Disease", "Disease", "Drug", "Drug"]


def test_name_of_a_project_does_not_reach_the_file_name(place: Workspace, store: ReviewStore) -> None:
    name = create_project(store, place, wish("../../a b"), quiet)
    assert gold_file(store.project(name), "jsonl").name == "______a_b_gold.jsonl"


def test_unknown_format_is_named(notes: str, store: ReviewStore) -> None:
    with pytest.raises(InputError, match="unknown export format 'xlsx'"):
        gold_file(store.project(notes), "xlsx")


def test_a_table_for_people_has_a_row_for_each_mention(place: Workspace, store: ReviewStore) -> None:
    project = store.project(create_project(store, place, wish(a="Café: aspirin, =1+1 x now."), quiet))
    session = ReviewSession(store, project.name, "ana")
    session.handle("ok 1")
    session.handle('add "=1+1 x" Disease')
    session.handle("next")
    found = gold_file(project, TABLE, {"Drug": "Medicine"})
    assert (found.documents, found.lost) == (1, ())
    assert found.name.endswith("_mentions.csv")
    assert found.content.startswith(b"\xef\xbb\xbf"), "Excel reads it as old Windows text without"
    head, *rows = csv.reader(io.StringIO(found.content.decode("utf-8-sig")))
    assert head[:3] == ["document", "mention", "label"]
    assert [row[:5] for row in rows] == [
        ["a", "aspirin", "Medicine", "6", "13"],
        ["a", "'=1+1 x", "Disease", "15", "21"],
    ]
    assert rows[0][5] == "Café: [aspirin], =1+1 x now."
    assert "page" not in head


def test_the_table_says_the_pages_of_a_pdf(store: ReviewStore) -> None:
    project = store.create_project("files", ["Drug"])
    text = "Aspirin on page one.\n\nIbuprofen on page two."
    scan = Document("scan", text, meta={"page_starts": [0, 22]})
    project.add_documents([scan, Document("note", "Aspirin.")])
    session = ReviewSession(store, "files", "ana")
    for doc, words in (("scan", ("Aspirin", "Ibuprofen")), ("note", ("Aspirin",))):
        session.open(doc)
        for each in words:
            session.handle(f'add "{each}" Drug')
        session.handle("next")
    head, *rows = csv.reader(io.StringIO(gold_file(project, TABLE).content.decode("utf-8-sig")))
    assert [(row[0], row[1], row[head.index("page")]) for row in rows] == [
        ("scan", "Aspirin", "1"),
        ("scan", "Ibuprofen", "2"),
        ("note", "Aspirin", ""),
    ]


def test_the_table_tells_what_is_denied(store: ReviewStore) -> None:
    text = "No fever, but chest pain."
    project = store.create_project("p", ("Disease",))
    project.add_documents([Document("a", text)])
    found = [suggest(text, "fever", "Disease", flags=("negated",)), suggest(text, "chest pain", "Disease")]
    project.add_suggestions("r1", [("a", found)])
    ReviewSession(store, "p", "ana").handle("ok next")
    rows = csv.DictReader(io.StringIO(gold_file(project, TABLE).content.decode("utf-8-sig")))
    assert [(row["mention"], row["context"]) for row in rows] == [("fever", "negated"), ("chest pain", "")]
