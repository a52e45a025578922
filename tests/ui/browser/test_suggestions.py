"""Other people's suggestions, uploaded as files of their tools: the queue begins where they differ."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.tokens import DocBin

from tests.ui.browser.conftest import Open, Server

NOTES = {
    "agreed": "Plain zestril was continued without any change.",
    "half": "Then lisinopril followed, and the nausea came back.",
    "apart": "New amlodipine was stopped after oedema of both ankles.",
}
"""How many of two sources found each term decides the order: one of one, one of two, none of two alike."""
FIRST = {"agreed": ["zestril"], "half": ["lisinopril", "nausea"], "apart": ["amlodipine"]}
SECOND = {"agreed": ["zestril"], "half": ["lisinopril"], "apart": ["oedema"]}
Found = dict[str, list[str]]


def spans(key: str, found: Found) -> list[dict[str, Any]]:
    text = NOTES[key]
    return [
        {"start": text.index(word), "end": text.index(word) + len(word), "label": "Drug"}
        for word in found[key]
    ]


def argilla(folder: Path) -> list[Path]:
    """As ``dataset.records.to_json`` leaves it: a model's suggestion and a person's answer."""
    rows = [
        {
            "id": key,
            "fields": {"text": text},
            "suggestions": {"spans": {"value": spans(key, FIRST), "score": 0.9, "agent": "one"}},
            "responses": {"spans": [{"value": spans(key, SECOND), "user_id": "two", "status": "submitted"}]},
        }
        for key, text in NOTES.items()
    ]
    return [_json(folder / "argilla.json", rows)]


def label_studio(folder: Path) -> list[Path]:
    """Predictions of two model versions."""
    rows = [
        {
            "id": number,
            "data": {"text": text},
            "annotations": [],
            "predictions": [
                {"model_version": name, "result": [_region(each) for each in spans(key, found)]}
                for name, found in (("one", FIRST), ("two", SECOND))
            ],
        }
        for number, (key, text) in enumerate(NOTES.items())
    ]
    return [_json(folder / "tasks.json", rows)]


def _region(span: dict[str, Any]) -> dict[str, Any]:
    value = {"start": span["start"], "end": span["end"], "labels": [span["label"]]}
    return {"type": "labels", "from_name": "label", "to_name": "text", "value": value}


def prodigy(folder: Path) -> list[Path]:
    """Answers of two annotators."""
    path = folder / "answers.jsonl"
    rows = [
        {"text": text, "spans": spans(key, found), "answer": "accept", "_annotator_id": name, "_task_hash": 1}
        for key, text in NOTES.items()
        for name, found in (("one", FIRST), ("two", SECOND))
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return [path]


def docbins(folder: Path) -> list[Path]:
    """A file of each of two pipelines."""
    nlp = spacy.blank("en")
    paths = []
    for name, found in (("one", FIRST), ("two", SECOND)):
        binary = DocBin()
        for key, text in NOTES.items():
            doc = nlp(text)
            doc.ents = [doc.char_span(s["start"], s["end"], s["label"]) for s in spans(key, found)]
            binary.add(doc)
        paths.append(folder / f"{name}.spacy")
        binary.to_disk(paths[-1])
    return paths


def _json(path: Path, rows: list[Any]) -> Path:
    path.write_text(json.dumps(rows))
    return path


@pytest.mark.slow
@pytest.mark.parametrize("write", [argilla, label_studio, prodigy, docbins])
def test_uploaded_suggestions_begin_where_their_sources_differ(
    open_page: Open, server: Server, tmp_path: Path, write: Callable[[Path], list[Path]]
) -> None:
    files = write(tmp_path)
    project = server.project(**NOTES)
    page = open_page(server.address("queue", project=project))
    page.get_by_text("Show what is marked in them as suggestions").click()
    chosen = page.get_by_test_id("stFileUploader").filter(has_text="Drop files or a folder here").first
    chosen.locator("input[type='file']").set_input_files([str(path) for path in files])
    page.get_by_text(files[-1].name).wait_for()
    page.get_by_role("button", name="Add them").click()
    known = page.get_by_text("0 documents added, 3 known; suggestions of")
    for name in ("one", "two"):
        known.filter(has_text=f"{name} (").wait_for()
    session = server.session(project)
    session.handle("queue disagree")
    order = [row.doc_id for row in session.queue(10)]
    assert order.index("apart") < order.index("half") < order.index("agreed")
