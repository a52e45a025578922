"""JSON of the wrong shape, and what a format cannot spell: a reading or an error with file and next step."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hybrid_ner.corpus import Document, Entity, ProblemLog, read_corpus, read_opinions, write_corpus
from hybrid_ner.errors import CorpusError, HybridNerError

ODD: tuple[Any, ...] = (None, 1, -1.5, True, "", "x", [], {}, [None], ["x"], [[]], {"a": 1}, 10**30)

_SPAN = {"start": 3, "end": 7, "label": "A"}
_REGION = {
    "type": "labels",
    "from_name": "l",
    "to_name": "t",
    "value": {"start": 3, "end": 7, "labels": ["A"]},
}
SAMPLES: dict[str, Any] = {
    "label-studio": {
        "id": 1,
        "data": {"text": "No pain."},
        "annotations": [{"completed_by": {"email": "a@b"}, "result": [_REGION]}],
        "predictions": [{"model_version": "m", "score": 0.5, "result": [_REGION]}],
    },
    "prodigy": {"text": "No pain.", "spans": [_SPAN], "answer": "accept", "meta": {"score": 0.5}},
    "argilla": {
        "id": "1",
        "fields": {"text": "No pain."},
        "responses": {"span": [{"value": [_SPAN], "status": "submitted", "user_id": "u"}]},
        "suggestions": {"span": {"value": [_SPAN], "agent": "m", "score": [0.5]}},
        "metadata": {"ward": 7},
    },
    "doccano": {"id": 1, "text": "No pain.", "label": [[3, 7, "A"]], "Comments": []},
    "bioc-json": {
        "documents": [
            {
                "id": "1",
                "infons": {"a": "b"},
                "passages": [
                    {
                        "offset": 0,
                        "infons": {"type": "title"},
                        "text": "No pain.",
                        "annotations": [
                            {
                                "id": "1",
                                "infons": {"type": "A"},
                                "text": "pain",
                                "locations": [{"offset": 3, "length": 4}],
                            }
                        ],
                        "relations": [],
                        "sentences": [],
                    }
                ],
            }
        ]
    },
    "uima-json": {
        "%FEATURE_STRUCTURES": [
            {"%ID": 1, "%TYPE": "uima.cas.Sofa", "sofaString": "No pain."},
            {"%ID": 2, "%TYPE": "x.Sign", "@sofa": 1, "begin": 3, "end": 7, "value": "A"},
        ]
    },
    "jsonl": {"id": "a", "text": "No pain.", "entities": [_SPAN], "meta": {"ward": 7}},
}


def _places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*above, key)
        yield from _places(each, (*above, key))


def _with(value: Any, place: tuple[Any, ...], odd: Any) -> Any:
    changed = copy.deepcopy(value)
    inner = changed
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = odd
    return changed


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.filterwarnings("ignore")
def test_every_value_may_be_another_one(name: str, tmp_path: Path) -> None:
    path, read, refused = tmp_path / "odd.json", 0, list[str]()
    for place in _places(SAMPLES[name]):
        for odd in ODD:
            path.write_text(json.dumps(_with(SAMPLES[name], place, odd)), encoding="utf-8")
            for every in (read_corpus, read_opinions):
                try:
                    list(every(path, name))
                    read += 1
                except HybridNerError as error:
                    refused.append(str(error))
    assert read
    assert refused
    assert [said for said in refused if "odd.json" not in said] == []


def test_predictions_of_label_studio_may_be_ids_alone(tmp_path: Path) -> None:
    task = {**SAMPLES["label-studio"], "predictions": [12, 13], "drafts": [7]}
    path = tmp_path / "tasks.json"
    path.write_text(json.dumps([task]), encoding="utf-8")
    with pytest.warns(UserWarning, match="2 predictions, 1 draft"):
        (found,) = read_corpus(path)
    assert [(e.start, e.end, e.label) for e in found.entities or ()] == [(3, 7, "A")]


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (r'{"id": "\ud800", "text": "abc"}', "the id of document"),
        (r'{"id": "a", "text": "abc", "meta": {"k": ["\ud800"]}}', "the meta of document 'a'"),
        (
            r'{"id": "a", "text": "abc", "entities": [{"start": 0, "end": 1, "label": "\ud800"}]}',
            "is said of",
        ),
        (
            r'{"id": "a", "text": "abc", "entities": [{"start": 0, "end": 1, "label": "D", "x": "\ud800"}]}',
            "is said of",
        ),
    ],
)
def test_a_lone_surrogate_anywhere_in_a_record(record: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f'{{"id": "whole", "text": "abc"}}\n{record}\n', encoding="utf-8")
    with pytest.raises(CorpusError, match=f"{said}.*lone surrogate") as raised:
        list(read_corpus(path))
    assert raised.value.row == 2
    log = ProblemLog()
    kept = list(read_corpus(path, report=log))
    write_corpus(tmp_path / "kept.jsonl", kept)
    assert kept[0].doc_id == "whole"
    assert log.counts == {"encoding": 1}


_FILES = {
    "brat": "out",
    "txt": "out",
    "conll": "out.conll",
    "biluo": "out.biluo",
    "csv": "out.csv",
    "pubtator": "out.pubtator",
}


@pytest.mark.parametrize("name", _FILES)
def test_a_text_that_no_reader_would_take_for_one_is_not_written(name: str, tmp_path: Path) -> None:
    out = tmp_path / _FILES[name]
    with pytest.raises(CorpusError, match=r"document 'b' holds the character U\+0000.*corpus clean"):
        write_corpus(out, [Document("a", "fine"), Document("b", "x\0y")], name, report=ProblemLog())
    assert not out.exists()
    write_corpus(tmp_path / "out.jsonl", [Document("b", "x\0y")])
    assert [each.text for each in read_corpus(tmp_path / "out.jsonl")] == ["x\0y"]


@pytest.mark.parametrize("name", ["brat", "conll", "biluo", "pubtator", "bioc-xml", "csv"])
def test_names_with_white_space_come_back_with_all_else(name: str, tmp_path: Path) -> None:
    label, concept = "two\nlines\tand a tab", "X:1\tX:2\nX:3"
    given = Document("a", "No pain, no rash.", (Entity(3, 7, label, concept), Entity(12, 16, "Sign", "X:4")))
    log, out = ProblemLog(), tmp_path / _FILES.get(name, "out.xml")
    write_corpus(out, [given], name, report=log)
    (back,) = read_corpus(out, name)
    assert [(e.start, e.end) for e in back.entities or ()] == [(3, 7), (12, 16)]
    first = (back.entities or ())[0]
    for what, was, now in (("label", label, first.label), ("concept id", concept, first.concept_id)):
        told = any(f"{what} {was!r} is written as {now!r}" in each.message for each in log.problems)
        assert (
            was == now
            or told
            or (what == "concept id" and "concept ids of 1 document" in str(log.problems[0]))
        )


@pytest.mark.parametrize("name", ["conll", "pubtator"])
def test_ids_that_become_one_stay_apart(name: str, tmp_path: Path) -> None:
    ids = ["a b", "a_b", "a\nb", "a_b_", "x" * 300]
    log, out = ProblemLog(), tmp_path / _FILES[name]
    write_corpus(out, [Document(each, f"text of {n}", ()) for n, each in enumerate(ids)], name, report=log)
    back = list(read_corpus(out, name))
    assert [each.text for each in back] == [f"text of {n}" for n in range(len(ids))]
    assert len({each.doc_id for each in back}) == len(ids)
    changed = [(was, each.doc_id) for was, each in zip(ids, back, strict=True) if was != each.doc_id]
    said = [each.message for each in log.problems if each.kind == "id"]
    assert said == [f"document id {was!r} is written as {now!r}." for was, now in changed]


def test_a_second_title_of_an_id_is_a_second_document(tmp_path: Path) -> None:
    path = tmp_path / "a.pubtator"
    path.write_text("7|t|One.\n7|a|\n\n7|t|Two.\n7|a|\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"document id '7' was already used in row 1"):
        list(read_corpus(path))


def test_a_record_that_mentions_pubtator_is_json(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": "a", "text": "7|t|x"}\n{"id": "b", "text": "y"}\n', encoding="utf-8")
    assert [each.text for each in read_corpus(path)] == ["7|t|x", "y"]


@pytest.mark.parametrize("flags", [5, "negated", [1, None], {"a": 1}])
def test_flags_of_another_program_are_no_error(flags: Any, tmp_path: Path) -> None:
    given = Document("a", "No pain.", (Entity(3, 7, "A", "", {"flags": flags}),))
    log = ProblemLog()
    write_corpus(tmp_path / "out", [given], "brat", report=log)
    assert log.counts == {"lost data": 1}
    assert (tmp_path / "out" / "a.ann").read_text(encoding="utf-8") == "T1\tA 3 7\tpain\n"


@pytest.mark.parametrize("rejected", [5, [{"start": "0", "end": 1, "label": "D"}], [{"start": 0, "end": 99}]])
def test_rejected_of_another_program_stays_meta_data(rejected: Any, tmp_path: Path) -> None:
    write_corpus(tmp_path / "a.spacy", [Document("a", "No pain.", (), {"rejected": rejected})])
    assert [each.meta for each in read_corpus(tmp_path / "a.spacy")] == [{"rejected": rejected}]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("a text", "expected a Document"),
        (Document(5, "x"), "not both strings"),  # type: ignore[arg-type]
        (Document("a", "\ud800"), "lone surrogate"),
        (Document("a", "abc", (Entity(0, 9, "D"),)), "outside the text"),
        (Document("a", "abc", (Entity(0, 1, ""),)), "empty label"),
        (Document("a", "abc", (Entity(0.0, 1, "D"),)), "no integers"),  # type: ignore[arg-type]
        (Document("a", "abc", ((0, 1, "D"),)), "expected an Entity"),  # type: ignore[arg-type]
    ],
)
@pytest.mark.parametrize("name", ["jsonl", "conll", "label-studio", "parquet"])
def test_what_could_not_be_read_again_is_not_written(
    name: str, document: Any, said: str, tmp_path: Path
) -> None:
    with pytest.raises(CorpusError, match=said):
        write_corpus(tmp_path / "out", [document], name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, object()])
@pytest.mark.parametrize("name", ["jsonl", "csv", "parquet", "spacy", "label-studio", "prodigy"])
def test_a_value_that_json_cannot_hold(name: str, value: Any, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="JSON cannot hold"):
        write_corpus(tmp_path / "out", [Document("a", "x", (), {"k": value})], name)
    assert list(tmp_path.iterdir()) == []
