"""Exports of annotation tools in which several people and models speak of the same texts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import catalogue
import pytest

from hybrid_ner.corpus import Document, Entity, ProblemLog, read_corpus, write_corpus
from hybrid_ner.corpus.formats import names_in, read_opinions
from hybrid_ner.corpus.formats.shared import Format, read_only
from hybrid_ner.errors import CorpusError
from hybrid_ner.io import Place, Report
from hybrid_ner.registry import FORMATS
from hybrid_ner.sources.models.predictions import keep_opinions, source_name

TEXT = "😀 Aspirin for fever."
DRUG, FEVER = (2, 9), (14, 19)


def span(place: tuple[int, int], label: str, **more: Any) -> dict[str, Any]:
    return {"start": place[0], "end": place[1], "label": label, **more}


def region(place: tuple[int, int], label: str, **more: Any) -> dict[str, Any]:
    units = {"start": place[0] + 1, "end": place[1] + 1}  # UTF-16: the smiley takes two
    return {"type": "labels", "value": {**units, "text": TEXT[slice(*place)], "labels": [label]}, **more}


ARGILLA = [
    {
        "id": "1",
        "fields": {"text": TEXT},
        "suggestions": {
            "spans": {"value": [span(DRUG, "Drug")], "score": [0.8], "agent": "gliner"},
            "topic": {"value": "other", "agent": "gliner"},
        },
        "responses": {
            "spans": [
                {"value": [span(FEVER, "Disease")], "user_id": "u-1", "status": "submitted"},
                {"value": [], "user_id": "u-2", "status": "submitted"},
                {"value": [span(DRUG, "Disease")], "user_id": "u-3", "status": "discarded"},
            ]
        },
    }
]
STUDIO = [
    {
        "id": 7,
        "data": {"text": TEXT},
        "predictions": [
            {
                "model_version": "m1",
                "score": 0.7,
                "result": [region(DRUG, "Drug"), region(FEVER, "X", score=0.2)],
            },
            {"model_version": "m2", "result": []},
        ],
        "annotations": [
            {"completed_by": {"email": "ana@x.org"}, "result": [region(FEVER, "Disease")]},
            {"completed_by": 5, "result": [region(DRUG, "Drug")]},
            {"completed_by": 6, "was_cancelled": True, "result": []},
        ],
    }
]
PRODIGY = [
    {
        "text": TEXT,
        "spans": [span(DRUG, "Drug")],
        "answer": "accept",
        "_annotator_id": "db-ana",
        "_task_hash": 1,
    },
    {"text": TEXT, "spans": [], "answer": "accept", "_session_id": "db-ben", "_task_hash": 1},
    {
        "text": TEXT,
        "spans": [span(FEVER, "Disease")],
        "answer": "reject",
        "_annotator_id": "db-cy",
        "_task_hash": 1,
    },
    {
        "text": TEXT,
        "spans": [span(DRUG, "Drug", source="sm"), span(FEVER, "Disease", source="md")],
        "answer": "accept",
        "_task_hash": 2,
    },
]
Said = list[tuple[str, list[tuple[str, str, float | None]]]]


def said(path: Path, log: ProblemLog) -> Said:
    return [
        (
            o.by,
            [
                (o.document.text[e.start : e.end], e.label, e.attrs.get("score"))
                for e in o.document.entities or ()
            ],
        )
        for o in read_opinions(path, report=log)
    ]


@pytest.mark.parametrize(
    ("rows", "expected", "not_read"),
    [
        (
            ARGILLA,
            [("gliner", [("Aspirin", "Drug", 0.8)]), ("u-1", [("fever", "Disease", None)]), ("u-2", [])],
            "2 suggestions or responses without spans, or discarded: not read.",
        ),
        (
            STUDIO,
            [
                ("m1", [("Aspirin", "Drug", 0.7), ("fever", "X", 0.2)]),
                ("m2", []),
                ("ana@x.org", [("fever", "Disease", None)]),
                ("user 5", [("Aspirin", "Drug", None)]),
            ],
            "not read: 1 cancelled annotation.",
        ),
    ],
    ids=["argilla", "label-studio"],
)
def test_everybody_has_a_name_and_what_is_not_read_is_counted(
    tmp_path: Path, rows: list[Any], expected: Said, not_read: str
) -> None:
    path, log = tmp_path / "export.json", ProblemLog()
    path.write_text(json.dumps(rows))
    assert said(path, log) == expected
    assert [problem.message for problem in log.problems] == [not_read]
    assert names_in(path) == tuple(name for name, _ in expected)


def test_annotators_sessions_and_models_of_prodigy(tmp_path: Path) -> None:
    path, log = tmp_path / "export.jsonl", ProblemLog()
    path.write_text("\n".join(map(json.dumps, PRODIGY)))
    assert said(path, log) == [
        ("db-ana", [("Aspirin", "Drug", None)]),
        ("db-ben", []),
        ("md", [("fever", "Disease", None)]),
        ("sm", [("Aspirin", "Drug", None)]),
    ]
    assert [p.message for p in log.problems] == ["1 task rejected, ignored or without spans: not read."]


def test_other_formats_say_what_one_nameless_system_found(tmp_path: Path) -> None:
    write_corpus(
        tmp_path / "a.spacy", [Document("1", TEXT, (Entity(*DRUG, "Drug", "", {"source": "rules"}),))]
    )
    assert said(tmp_path / "a.spacy", ProblemLog()) == [("", [("Aspirin", "Drug", None)])]
    assert names_in(tmp_path / "a.spacy") == ()
    write_corpus(tmp_path / "none.jsonl", [Document("1", TEXT)])
    with pytest.raises(CorpusError, match="nobody has labeled anything"):
        list(read_opinions(tmp_path / "none.jsonl"))


def test_what_each_said_is_kept_beside_what_it_said_before(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_text(json.dumps(STUDIO))
    files = keep_opinions(read_opinions(path, report=ProblemLog()), tmp_path / "kept", "export")
    assert list(files) == ["m1", "m2", "ana@x_org", "user_5"]
    other = Document("z", "Other text", (Entity(0, 5, "Drug"),))
    again = Document("1", TEXT, (Entity(*FEVER, "Disease"),))
    write_corpus(tmp_path / "more.jsonl", [other, again])
    keep_opinions(read_opinions(tmp_path / "more.jsonl"), tmp_path / "kept", "m1")
    kept = {d.text: [e.label for e in d.entities or ()] for d in read_corpus(tmp_path / "kept" / "m1.jsonl")}
    assert kept == {TEXT: ["Disease"], "Other text": ["Drug"]}


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("ana@x.org", "ana@x_org"),
        ("Dr. A/B", "Dr_A_B"),
        ("model", "model_said"),
        ("  ", "others"),
        ("李", "李"),
    ],
)
def test_names_of_sources(given: str, name: str) -> None:
    assert source_name(given) == name


def brat(folder: Path, name: str, text: str, label: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.txt").write_text(text)
    (folder / f"{name}.ann").write_text(f"T1\t{label} 0 5\t{text[:5]}\n")


def webanno(file: Path, text: str, label: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    head = f"#FORMAT=WebAnno TSV 3.3\n#T_SP=custom.Finding|value\n\n#Text={text}\n"
    file.write_text(f"{head}1-1\t0-5\t{text}\t{label}\n")


def in_folders(path: Path, kind: str) -> None:
    """What ana and ben say of the texts fever and cough, ben only of the first."""
    for who, name, text, label in (
        ("ana", "n1", "fever", "Sign"),
        ("ben", "n1", "fever", "Disease"),
        ("ana", "n2", "cough", "Sign"),
    ):
        if kind == "brat":
            brat(path / who, name, text, label)
        elif kind == "inception":
            webanno(path / "annotation" / name / f"{who}.tsv", text, label)
        else:
            row = {"id": name, "text": text, "label": [[0, 5, label]]}
            with (path / f"{who}.jsonl").open("a") as file:
                file.write(json.dumps(row) + "\n")


@pytest.mark.parametrize("kind", ["brat", "inception", "doccano"])
def test_people_who_have_folders_or_files_of_their_own_are_told_apart(tmp_path: Path, kind: str) -> None:
    in_folders(tmp_path, kind)
    log = ProblemLog()
    opinions = read_opinions(tmp_path, report=log)
    found = {
        (each.document.doc_id, each.by, e.label) for each in opinions for e in each.document.entities or ()
    }
    assert found == {("n1", "ana", "Sign"), ("n1", "ben", "Disease"), ("n2", "ana", "Sign")}
    assert "annotators" not in log.counts
    assert sorted(names_in(tmp_path)) == ["ana", "ben"]
    documents = list(read_corpus(tmp_path, report=log))
    assert len({each.doc_id for each in documents}) == 3
    assert log.counts["annotators"] == 1
    assert "people (ana, ben)" in str(log.problems[-1])


def test_copy_from_before_annotation_and_curation_in_an_export_of_inception(tmp_path: Path) -> None:
    in_folders(tmp_path, "inception")
    webanno(tmp_path / "annotation" / "n1" / "INITIAL_CAS.tsv", "fever", "_")
    webanno(tmp_path / "annotation" / "n3" / "INITIAL_CAS.tsv", "chill", "_")
    webanno(tmp_path / "curation" / "n1" / "CURATION_USER.tsv", "fever", "Sign")
    log = ProblemLog()
    documents = {each.doc_id: each for each in read_corpus(tmp_path, report=log)}
    assert sorted(documents) == ["n1/CURATION_USER", "n1/ana", "n1/ben", "n2", "n3"]
    assert documents["n3"].entities is None
    assert "1 copy from before the annotation of INCEpTION" in str(log.problems[0])
    assert [d.doc_id for d in read_corpus(tmp_path / "curation")] == ["n1"]
    assert {e.by for e in read_opinions(tmp_path, report=log)} == {"ana", "ben", "CURATION_USER"}


def test_parts_of_a_corpus_and_texts_that_come_twice_are_no_people(tmp_path: Path) -> None:
    for part in ("train", "dev"):
        brat(tmp_path / "parts" / part, "n1", "fever", "Sign")
    for name in ("n1", "n2"):
        brat(tmp_path / "twice", name, "fever", "Sign")
    rows = [json.dumps({"id": f"d{n}", "text": f"fever {n}", "label": [[0, 5, "Sign"]]}) for n in range(5)]
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.jsonl").write_text("\n".join(rows[:3]))
    (tmp_path / "files" / "b.jsonl").write_text("\n".join(rows[2:]))
    for name in ("parts", "twice", "files"):
        assert names_in(tmp_path / name) == ()


@pytest.mark.parametrize("path", ["", "elsewhere"])
def test_places_of_a_format_of_somebody_else_may_be_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def read(file: Path, report: Report) -> Iterator[tuple[Place, Document]]:
        yield Place(path), Document(file.stem, file.read_text(), ())

    monkeypatch.setattr("catalogue.REGISTRY", dict(catalogue.REGISTRY))
    FORMATS.register("anywhere", Format("anywhere", (".any",), read, read_only))
    for name in ("a", "b"):
        (tmp_path / f"{name}.any").write_text("fever")
    assert [d.doc_id for d in read_corpus(tmp_path)] == ["a", "b"]
    assert names_in(tmp_path) == ()
