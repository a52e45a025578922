"""Label Studio, doccano and Prodigy files as those tools write them."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from hybrid_ner.corpus import Document, Entity, ProblemLog, read_corpus, write_corpus
from hybrid_ner.errors import CorpusError

ASTRAL = "🫀 pain, 𝒜spirin given"


def _file(path: Path, *rows: Any, lines: bool = True) -> Path:
    path.write_text("\n".join(map(json.dumps, rows)) if lines else json.dumps(list(rows)), encoding="utf-8")
    return path


def _spans(document: Document) -> list[tuple[str, str]]:
    return [(document.text[e.start : e.end], e.label) for e in document.entities or ()]


@pytest.mark.parametrize(("start", "end"), [(3, 7), (2, 6)], ids=["utf16", "code points"])
def test_label_studio_offsets_are_utf16_unless_its_text_says_otherwise(
    tmp_path: Path, start: int, end: int
) -> None:
    value = {"start": start, "end": end, "text": "pain", "labels": ["Symptom"]}
    task = {
        "id": 7,
        "data": {"text": ASTRAL},
        "annotations": [{"result": [{"type": "labels", "value": value}]}],
    }
    (document,) = read_corpus(_file(tmp_path / "x.json", task, lines=False), "label-studio")
    assert _spans(document) == [("pain", "Symptom")]
    assert document.doc_id == "7"


def test_label_studio_is_written_in_utf16_units(tmp_path: Path) -> None:
    document = Document("d", ASTRAL, (Entity(2, 6, "Symptom"), Entity(8, 15, "Drug")))
    write_corpus(tmp_path / "x.json", [document], "label-studio")
    (task,) = json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))
    values = [region["value"] for region in task["annotations"][0]["result"]]
    units = ASTRAL.encode("utf-16-le")
    said = [units[2 * v["start"] : 2 * v["end"]].decode("utf-16-le") for v in values]
    assert said == [v["text"] for v in values] == ["pain", "𝒜spirin"]


def test_the_text_of_label_studio_is_what_regions_lie_in(tmp_path: Path) -> None:
    region = {"type": "labels", "value": {"start": 0, "end": 4, "text": "Gout", "labels": ["Disease"]}}
    tasks = [
        {"id": 1, "data": {"mrn": "M-1", "note": "Gout."}, "annotations": [{"result": [region]}]},
        {"id": 2, "data": {"mrn": "M-2", "note": "Well."}, "annotations": []},
    ]
    path = _file(tmp_path / "x.json", *tasks, lines=False)
    assert [(d.text, d.meta["mrn"]) for d in read_corpus(path)] == [("Gout.", "M-1"), ("Well.", "M-2")]


def test_the_text_of_label_studio_may_be_named(tmp_path: Path) -> None:
    task = {"id": 1, "data": {"mrn": "M-1", "note": "Gout."}, "annotations": [{"result": []}]}
    path = _file(tmp_path / "x.json", task, lines=False)
    with pytest.raises(CorpusError, match=r"One of 'mrn', 'note' is the text\? Name it \(--text-column\)"):
        list(read_corpus(path))
    assert [d.text for d in read_corpus(path, text_column="note")] == ["Gout."]


def test_label_studio_keeps_the_last_annotation_that_was_not_cancelled(tmp_path: Path) -> None:
    def result(label: str) -> list[dict[str, Any]]:
        return [{"type": "labels", "value": {"start": 0, "end": 1, "labels": [label]}}]

    done = [{"result": result("A")}, {"result": result("B")}, {"result": result("C"), "was_cancelled": True}]
    tasks = [{"data": {"text": "x"}, "annotations": done}, {"data": {"text": "y"}, "annotations": []}]
    log = ProblemLog()
    path = _file(tmp_path / "x.json", *tasks, lines=False)
    first, second = read_corpus(path, "label-studio", report=log)
    assert _spans(first) == [("x", "B")]
    assert second.entities is None
    said = ["not read: 1 cancelled annotation, 1 other annotation."]
    assert [problem.message for problem in log.problems] == said
    done[0]["ground_truth"] = True
    path = _file(tmp_path / "x.json", *tasks, lines=False)
    assert _spans(next(iter(read_corpus(path, "label-studio", report=log)))) == [("x", "A")]


def test_what_label_studio_has_beside_labels_is_counted_once_a_file(tmp_path: Path) -> None:
    beside = [{"type": "relation"}, {"type": "relation"}, {"type": "choices", "value": {"choices": ["x"]}}]
    tasks = [
        {"data": {"text": "x"}, "annotations": [{"result": beside}], "predictions": [{"result": []}]},
        {"data": {"text": "y"}, "drafts": [{"result": []}]},
    ]
    log = ProblemLog()
    list(read_corpus(_file(tmp_path / "x.json", *tasks, lines=False), "label-studio", report=log))
    said = "not read: 1 prediction, 1 draft, 2 relations, 1 region of type choices without a label."
    assert [(problem.message, problem.warning) for problem in log.problems] == [(said, True)]


def test_doccano_reads_both_exports(tmp_path: Path) -> None:
    plain = {"id": 1, "text": ASTRAL, "label": [[2, 6, "Symptom"]], "ward": "b"}
    entity = {"id": 5, "label": "Symptom", "start_offset": 2, "end_offset": 6}
    relation = {"id": 2, "text": ASTRAL, "entities": [entity], "relations": []}
    first, second = read_corpus(_file(tmp_path / "x.jsonl", plain, relation), "doccano")
    assert _spans(first) == _spans(second) == [("pain", "Symptom")]
    assert first.meta == {"ward": "b"}


def test_prodigy_answers(tmp_path: Path) -> None:
    span = {"start": 0, "end": 1, "label": "A", "token_start": 0, "token_end": 0}
    rows = [{"text": "x", "spans": [span], "answer": a} for a in ("accept", "reject", "ignore")]
    log = ProblemLog()
    documents = list(read_corpus(_file(tmp_path / "x.jsonl", *rows), "prodigy", report=log))
    assert [d.entities is None for d in documents] == [False, True, True]
    assert documents[1].meta == {"answer": "reject"}
    said = "not read: 1 rejected task, 2 spans of such tasks, 1 ignored task."
    assert [problem.message for problem in log.problems] == [said]


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("doccano", {"text": "x", "label": [["0", 1, "A"]]}),
        ("doccano", {"text": "x", "label": [{"start": 0}]}),
        ("prodigy", {"text": "x", "spans": [{"start": 0, "end": 9, "label": "A"}]}),
        ("prodigy", {"spans": []}),
        (
            "label-studio",
            {"data": {"text": "x"}, "annotations": [{"result": [{"value": {"labels": ["A"]}}]}]},
        ),
        ("label-studio", {"data": {}}),
    ],
)
def test_a_bad_record_is_reported_with_its_row(tmp_path: Path, name: str, row: Any) -> None:
    good = {"data": {"text": "ok"}} if name == "label-studio" else {"text": "ok"}
    path = _file(tmp_path / "x", good, row, lines=name != "label-studio")
    log = ProblemLog()
    texts = [d.text for d in read_corpus(path, name, report=log)]
    assert texts[0] == "ok"
    assert [p.place.row for p in log.problems] == [2]


@pytest.mark.parametrize("name", ["doccano", "prodigy", "label-studio"])
def test_broken_json_is_reported(tmp_path: Path, name: str) -> None:
    path = tmp_path / "x"
    path.write_text('{"text": "ok", "data": {"text": "ok"}}\n{"text": ', encoding="utf-8")
    log = ProblemLog()
    with suppress(CorpusError):  # a format that is one JSON value holds no document then
        list(read_corpus(path, name, report=log))
    assert "broken JSON" in log.problems[0].message


def _region(start: int, end: int, text: str, label: str, **more: Any) -> dict[str, Any]:
    value = {"start": start, "end": end, "text": text, "labels": [label]}
    return {"id": "x1", "from_name": "l", "to_name": "t", "type": "labels", "value": value, **more}


def test_label_studio_full_export_of_version_1(tmp_path: Path) -> None:
    annotation = {
        "id": 3,
        "completed_by": 1,
        "result": [_region(3, 7, "pain", "S", origin="manual"), {"type": "relation", "from_id": "a"}],
        "was_cancelled": False,
        "ground_truth": False,
        "lead_time": 3.2,
        "draft_created_at": None,
    }
    task: dict[str, Any] = {
        "id": 12,
        "annotations": [annotation],
        "predictions": [],
        "drafts": [],
        "file_upload": "a.txt",
    }
    task |= {"data": {"note": ASTRAL}, "meta": {}, "project": 1, "inner_id": 1, "comment_count": 0}
    log = ProblemLog()
    path = _file(tmp_path / "x.json", task, lines=False)
    (document,) = read_corpus(path, "label-studio", report=log)
    assert (document.doc_id, _spans(document), document.meta) == ("12", [("pain", "S")], {})
    assert [problem.message for problem in log.problems] == ["not read: 1 relation."]


def test_label_studio_completions_of_version_0(tmp_path: Path) -> None:
    task = {"id": 1, "data": {"text": "pain"}, "completions": [{"result": [_region(0, 4, "pain", "S")]}]}
    (document,) = read_corpus(_file(tmp_path / "x.json", task, lines=False), "label-studio")
    assert _spans(document) == [("pain", "S")]


def test_label_studio_short_export(tmp_path: Path) -> None:
    found = [{"start": 3, "end": 7, "text": "pain", "labels": ["S"]}]
    more = {"annotator": 1, "annotation_id": 2, "created_at": "2024-01-01", "lead_time": 1.5}
    tasks = [{"text": ASTRAL, "id": 4, "label": found, **more}, {"text": "none", "id": 5, **more}]
    tasks.append({"text": "open", "id": 6})
    second = [{"start": 0, "end": 1, "text": ASTRAL[:1], "labels": ["T"]}]
    tasks.append({"text": ASTRAL, "id": 7, "label": found, "other": second, **more})
    documents = list(read_corpus(_file(tmp_path / "x.json", *tasks, lines=False), "label-studio"))
    assert [d.doc_id for d in documents] == ["4", "5", "6", "7"]
    assert _spans(documents[0]) == [("pain", "S")]
    assert [d.entities for d in documents[1:3]] == [(), None]
    assert {label for _, label in _spans(documents[3])} == {"S", "T"}  # a list for each label set
    assert documents[0].meta == {}


def test_label_studio_html_regions(tmp_path: Path) -> None:
    value: dict[str, Any] = {
        "start": "/p[1]/text()[1]",
        "end": "/p[1]/text()[1]",
        "startOffset": 0,
        "endOffset": 4,
    }
    value |= {"globalOffsets": {"start": 3, "end": 7}, "text": "pain", "hypertextlabels": ["S"]}
    region = {"type": "hypertextlabels", "value": value}
    bare = {"type": "hypertextlabels", "value": {**value, "globalOffsets": None}}
    tasks = [{"data": {"text": ASTRAL}, "annotations": [{"result": [each]}]} for each in (region, bare)]
    log = ProblemLog()
    path = _file(tmp_path / "x.json", *tasks, lines=False)
    first, second = read_corpus(path, "label-studio", report=log)
    assert _spans(first) == [("pain", "S")]
    assert _spans(second) == []
    assert [p.place.row for p in log.problems] == [2]
    assert "the place of S in document '2' is no pair of integers. Give offsets" in str(log.problems[0])


def test_label_studio_dialogue_says_what_to_do(tmp_path: Path) -> None:
    turns = [{"author": "A", "text": "pain"}]
    path = _file(tmp_path / "x.json", {"data": {"turns": turns}, "annotations": []}, lines=False)
    with pytest.raises(CorpusError, match=r"'turns' holds a text in parts .*: write each as a task"):
        list(read_corpus(path, "label-studio"))


def test_label_studio_regions_of_html_with_tags(tmp_path: Path) -> None:
    html = "<p>\U0001f489 &amp; <i>old</i> pain</p> if a < b"
    said: dict[str, Any] = {"hypertextlabels": ["S"], "globalOffsets": {"start": 9, "end": 13}}
    values = (said | {"text": "pain"}, said, said | {"globalOffsets": {"start": 17, "end": 20}})
    regions = [{"type": "hypertextlabels", "value": value} for value in values]
    path = _file(
        tmp_path / "x.json", {"data": {"text": html}, "annotations": [{"result": regions}]}, lines=False
    )
    (document,) = read_corpus(path, "label-studio")
    assert [words for words, _ in _spans(document)] == ["pain", "pain", "a <"]
    log = ProblemLog()
    write_corpus(tmp_path / "x.ann", [document], "brat", report=log)
    assert log.counts == {}, "the text beside the offsets is none that is lost"


def test_doccano_versions(tmp_path: Path) -> None:
    entity = {"id": 5, "label": "S", "start_offset": 2, "end_offset": 6, "user": 1}
    rows = [
        {"id": 1, "data": ASTRAL, "label": [[2, 6, "S"]]},
        {"id": 2, "text": ASTRAL, "labels": [[2, 6, "S"]], "annotation_approver": None},
        {"id": 3, "text": ASTRAL, "annotations": [entity], "meta": {}},
        {"id": 4, "text": ASTRAL, "label": [entity], "Comments": []},
    ]
    documents = list(read_corpus(_file(tmp_path / "x.jsonl", *rows), "doccano"))
    assert [_spans(d) for d in documents] == [[("pain", "S")]] * 4
    assert [d.text for d in documents] == [ASTRAL] * 4


def test_doccano_label_numbers_are_refused_with_the_way_out(tmp_path: Path) -> None:
    row = {"id": 1, "text": "pain", "annotations": [{"label": 3, "start_offset": 0, "end_offset": 4}]}
    with pytest.raises(CorpusError, match=r"label 3 is only a number.*text labels"):
        list(read_corpus(_file(tmp_path / "x.jsonl", row), "doccano"))


def test_prodigy_full_task(tmp_path: Path) -> None:
    span: dict[str, Any] = {
        "start": 2,
        "end": 6,
        "label": "S",
        "token_start": 1,
        "token_end": 1,
        "score": 0.7,
        "pattern": 4,
    }
    row: dict[str, Any] = {
        "text": ASTRAL,
        "tokens": [],
        "spans": [span],
        "meta": {"source": "w", "pattern": "4"},
    }
    row |= {"_input_hash": 1, "_task_hash": 2, "_view_id": "ner_manual", "answer": "accept"}
    row |= {"_session_id": None, "_timestamp": 1700000000, "_annotator_id": "x", "_is_binary": False}
    (document,) = read_corpus(_file(tmp_path / "x.jsonl", row), "prodigy")
    assert _spans(document) == [("pain", "S")]
    assert document.meta == {"source": "w", "pattern": "4"}


def test_prodigy_answers_about_single_spans_are_no_complete_annotation(tmp_path: Path) -> None:
    row = {
        "text": "x y",
        "spans": [{"start": 0, "end": 1, "label": "A"}],
        "answer": "accept",
        "_is_binary": True,
    }
    log = ProblemLog()
    (document,) = read_corpus(_file(tmp_path / "x.jsonl", row), "prodigy", report=log)
    assert document.entities is None
    assert log.counts == {"binary": 1}


def test_prodigy_tokens_choices_and_sessions(tmp_path: Path) -> None:
    tokens = [{"text": "Took", "start": 0, "end": 4, "id": 0}, {"text": "gin", "start": 5, "end": 8, "id": 1}]
    spans = [{"token_start": 1, "token_end": 1, "label": "DRUG"}]
    rows = [
        {"text": "Took gin", "tokens": tokens, "spans": spans, "answer": "accept", "_session_id": "a-ann"},
        {"text": "Took gin", "spans": [], "answer": "accept", "_session_id": "a-bob"},
        {"text": "Dry", "options": [{"id": "X"}], "accept": ["X"], "answer": "accept"},
    ]
    (path := tmp_path / "p.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.warns(UserWarning, match=r"1 text answered in more than one session \(a-ann and a-bob\)"):
        read = list(read_corpus(path))
    found = [None if d.entities is None else [(e.start, e.end) for e in d.entities] for d in read]
    assert found == [[(5, 8)], [], None]


def test_what_was_rejected_stays_so_behind_a_long_text(tmp_path: Path) -> None:
    text = "No aspirin was given. " * 4_000
    span = {"start": 3, "end": 10, "label": "Drug"}
    tasks = [{"text": text, "spans": [span], "answer": answer} for answer in ("accept", "reject")]
    log = ProblemLog()
    accepted, rejected = read_corpus(_file(tmp_path / "a.jsonl", *tasks), report=log)
    assert accepted.entities is not None
    assert rejected.entities is None
    assert "1 rejected task" in log.problems[0].message
