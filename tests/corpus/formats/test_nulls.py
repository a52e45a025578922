"""What is ``null`` in the JSON of annotation tools: a place that nobody filled, no mention and no error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hybrid_ner.corpus.formats import read_corpus, read_opinions
from hybrid_ner.errors import CorpusError
from hybrid_ner.io import ProblemLog

GIN = {"start": 5, "end": 8, "label": "DRUG"}
REGION = {"type": "labels", "value": {"start": 5, "end": 8, "text": "gin", "labels": ["DRUG"]}}
NOTHING: dict[str, Any] = {"type": "labels", "value": {"start": 0, "end": 4, "labels": [None]}}
TASK = {"id": 1, "data": {"text": "Took gin"}}
PAIR = ["Took gin", {"entities": [[5, 8, "DRUG"]]}]
FIELDS = {"id": "c", "fields": {"text": "Took gin"}, "suggestions": None}
DONE = {"text": "Took gin", "_task_hash": 1, "meta": None}
BIOC = {"id": "1", "infons": {"type": "DRUG"}, "text": "gin", "locations": [None, {"offset": 5, "length": 3}]}
ASKED = {"q": [None, {"value": [None, GIN], "status": None}]}


@pytest.mark.parametrize("pretty", [None, 1])
@pytest.mark.parametrize(
    ("name", "records"),
    [
        # The NER Annotator for spaCy keeps the place of lines that nobody has annotated.
        ("a.json", {"classes": ["DRUG"], "annotations": [None, PAIR]}),
        ("a.json", [None, {"text": "Took gin", "entities": [None, GIN]}]),
        ("a.json", [None, {"tokenized_text": ["Took", "gin"], "ner": [None, [1, 1, "DRUG"]]}]),
        ("a.json", [None, {"tokens": ["Took", "gin"], "ner_tags": [None, "B-DRUG"]}]),
        ("a.json", [None, {**TASK, "annotations": [None, {"result": [None, REGION]}]}]),
        ("a.json", [None, {**TASK, "annotations": [{"result": [NOTHING, REGION]}]}]),
        ("a.json", [None, {**FIELDS, "responses": ASKED}]),
        ("a.json", {"documents": [None, {"id": "1", "infons": None, "passages": [
            None, {"offset": 0, "text": "Took gin", "sentences": None, "annotations": [None, BIOC]}
        ]}]}),
        ("a.jsonl", [None, {"text": "Took gin", "label": [None, [5, 8, "DRUG"]]}]),
        ("a.jsonl", [None, {**DONE, "spans": [None, GIN], "answer": "accept"}]),
        ("a.jsonl", [None, {**DONE, "spans": [GIN], "answer": None}]),
    ],
)  # fmt: skip
def test_nulls_are_passed_over_and_records_counted(
    tmp_path: Path, name: str, records: Any, pretty: int | None
) -> None:
    lines = "".join(f"{json.dumps(each)}\n" for each in records) if name.endswith("l") else ""
    path, log = tmp_path / name, ProblemLog()
    path.write_text(lines or json.dumps(records, indent=pretty))
    (document,) = read_corpus(path, report=log)
    found = [(document.text[e.start : e.end], e.label) for e in document.entities or ()]
    assert found == [("gin", "DRUG")]
    assert [problem.message for problem in log.problems if not problem.warning] == []
    assert "not read: 1 null record" in " ".join(problem.message for problem in log.problems)


@pytest.mark.parametrize(
    "record",
    [
        {"text": "Took gin", "label": None},
        {"text": "Took gin", "entities": None, "relations": None, "Comments": None},
        {"text": "Took gin", "spans": None, "answer": None, "_task_hash": 1},
        ["Took gin", None],
        ["Took gin", {"entities": None}],
        {"id": 1, "data": {"text": "Took gin"}, "annotations": None, "predictions": None},
        {"id": 1, "data": {"text": "Took gin"}, "annotations": [{"result": None}]},
        {"id": 1, "fields": {"text": "Took gin"}, "responses": {"q": [{"value": None}]}, "suggestions": None},
    ],
)
def test_null_in_place_of_all_spans_is_no_annotation(tmp_path: Path, record: Any) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(record) + "\n")
    (document,) = read_corpus(path, report=ProblemLog())
    assert (document.text, document.entities) == ("Took gin", None), "nobody said that there is none"


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_null_as_the_text_is_told_as_such(tmp_path: Path, ending: str) -> None:
    """As pandas writes a missing note; no word of a column that nobody named."""
    path = tmp_path / f"notes.{ending}"
    if ending == "parquet":
        pq.write_table(pa.table({"note": ["Gout.", None], "ward": ["A", "B"]}), path)
    else:
        path.write_text('{"note": "Gout.", "ward": "A"}\n{"note": null, "ward": "B"}\n')
    corpus = read_corpus(path, text_column="note")
    with pytest.raises(CorpusError, match=r"row 2: 'note' is null, so the record has no text\."):
        list(corpus)


def test_null_of_doccano_by_name_and_opinions(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": 1, "text": "Took gin", "label": null}\n{"id": 2, "text": "x", "label": []}\n')
    assert [d.entities for d in read_corpus(path, "doccano")] == [None, ()]
    task = {"id": 1, "data": {"text": "Took gin"}, "annotations": [{"result": None}, {"result": [REGION]}]}
    path = tmp_path / "b.json"
    path.write_text(json.dumps([task, None]))
    (opinion,) = read_opinions(path, report=ProblemLog())
    assert [e.label for e in opinion.document.entities or ()] == ["DRUG"]


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"text": "Took gin", "label": [[5, 8, None]]}, "row 1: expected a string as label, found nothing"),
        ({"text": None, "label": []}, "row 1: expected a string as text, found nothing"),
        (
            {"text": "Took gin", "answer": "accept", "spans": [{**GIN, "label": None}]},
            "row 1: .*has an empty label",
        ),
    ],
)
def test_a_mention_whose_label_is_null_is_an_error(tmp_path: Path, record: Any, said: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(record) + "\n")
    with pytest.raises(CorpusError, match=said):
        list(read_corpus(path))
