"""The gold as a file."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from hybrid_ner.review import ReviewSession, ReviewStore
from hybrid_ner.ui.downloads import GOLD_FORMATS, gold_file


@pytest.mark.parametrize("form", sorted(GOLD_FORMATS))
def test_every_format_holds_the_reviewed_documents(form: str, notes: str, store: ReviewStore) -> None:
    session = ReviewSession(store, notes, "ana")
    session.open("note-2")
    session.handle("ok")
    name, content, problems = gold_file(session.project, form)
    assert content
    assert all("meta data" in problem for problem in problems)
    if form == "brat":
        assert name == "gold.zip"
        assert sorted(zipfile.ZipFile(io.BytesIO(content)).namelist()) == ["note-2.ann", "note-2.txt"]
    if form == "jsonl":
        assert [e["label"] for e in json.loads(content)["entities"]] == ["Disease", "Disease", "Drug", "Drug"]
