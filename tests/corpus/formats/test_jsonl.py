"""The JSON Lines form: what is read, what is refused, and what is written."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.corpus import Document, Entity, ProblemLog, read_corpus, write_corpus
from hybrid_ner.corpus.formats.jsonl import from_record, to_record
from hybrid_ner.errors import CorpusError

GOOD = {"id": "a", "text": "Aspirin helps.", "entities": [{"start": 0, "end": 7, "label": "Chemical"}]}


def _file(tmp_path: Path, *lines: str | bytes) -> Path:
    path = tmp_path / "docs.jsonl"
    path.write_bytes(b"\n".join(x.encode() if isinstance(x, str) else x for x in lines))
    return path


def test_reads_again_and_in_shards(tmp_path: Path) -> None:
    path = _file(tmp_path, *(json.dumps({"id": str(i), "text": "x"}) for i in range(7)))
    corpus = read_corpus(path)
    assert [d.doc_id for d in corpus] == [d.doc_id for d in corpus] == list("0123456")
    assert [[d.doc_id for d in corpus.shard(i, 3)] for i in range(3)] == [
        ["0", "3", "6"],
        ["1", "4"],
        ["2", "5"],
    ]


def test_keeps_unlabeled_apart_from_empty_and_every_other_key(tmp_path: Path) -> None:
    extra = {"id": 3, "text": "y", "entities": [], "source": "s", "meta": {"source": "m"}}
    path = _file(tmp_path, '\ufeff{"text": "x"}', "", json.dumps(extra))
    first, second = read_corpus(path)
    assert (first.doc_id, first.entities) == ("1", None)
    assert (second.doc_id, second.entities) == ("3", ())
    assert second.meta == {"source": "m", "record.source": "s"}


def test_line_separators_inside_a_text_do_not_end_a_row(tmp_path: Path) -> None:
    text = "a\u2028b\u0085c\r\nd"
    path = _file(tmp_path, json.dumps({"id": "a", "text": text}, ensure_ascii=False))
    assert [d.text for d in read_corpus(path)] == [text]


BAD = [
    ("{", "broken JSON"),
    ('{"id": "b", "text": "x", "meta": {"n": NaN}}', "NaN is no JSON value; write null"),
    ('{"id": "b", "text": "x", "n": ' + "9" * 5000 + "}", "broken JSON"),
    ("[1]", "expected an object"),
    ('{"id": "b", "text": "x", "text": "y"}', "the key 'text' stands twice in one object"),
    ('{"id": "b"}', "expected a string as text, found nothing."),
    ('{"id": "b", "wording": "x", "n": 1}', "One of 'wording' is the text"),
    ('{"id": "b", "text": 5}', "expected a string as text, found int 5"),
    ('{"id": [], "text": ""}', "expected a string as id"),
    ('{"id": "a", "text": ""}', "already used in row 1"),
    ('{"id": "b", "text": "x", "entities": {}}', "expected a list of entities"),
    ('{"id": "b", "text": "x", "entities": [[0, "L"]]}', "expected an object as entity"),
    ('{"id": "b", "text": "x", "entities": [{"start": 0.0, "end": 1, "label": "L"}]}', "integer as start"),
    ('{"id": "b", "text": "x", "entities": [{"start": true, "end": 1, "label": "L"}]}', "integer as start"),
    ('{"id": "b", "text": "x", "entities": [{"start": 0, "end": 1}]}', "string as label"),
    ('{"id": "b", "text": "x", "entities": [{"start": 0, "end": 2, "label": "L"}]}', "outside the text"),
    ('{"id": "b", "text": "x", "entities": [{"start": -1, "end": 1, "label": "L"}]}', "outside the text"),
    ('{"id": "b", "text": "x", "entities": [{"start": 1, "end": 1, "label": "L"}]}', "is empty"),
    ('{"id": "b", "text": "x", "entities": [{"start": 0, "end": 1, "label": ""}]}', "empty label"),
    (
        '{"id": "b", "text": "xy", "entities": [{"start": 0, "end": 1, "label": "L", "text": "y"}]}',
        "says 'y'",
    ),
    ('{"id": "b", "text": "\\ud800"}', "lone surrogate"),
    ('{"id": "b", "text": "x", "meta": []}', "expected an object as meta"),
    (b'{"id": "b", "text": "\xff"}', "invalid UTF-8"),
]


@pytest.mark.parametrize(("line", "said"), BAD)
def test_bad_record_names_file_and_row(tmp_path: Path, line: str | bytes, said: str) -> None:
    path = _file(tmp_path, json.dumps(GOOD), line)
    with pytest.raises(CorpusError, match=said) as caught:
        list(read_corpus(path))
    assert (caught.value.path, caught.value.row) == (str(path), 2)
    assert caught.value.hint


@pytest.mark.parametrize(("line", "said"), BAD)
def test_log_lists_what_was_left_out(tmp_path: Path, line: str | bytes, said: str) -> None:
    path = _file(tmp_path, json.dumps(GOOD), line, '{"id": "z", "text": ""}')
    log = ProblemLog()
    ids = [d.doc_id for d in read_corpus(path, report=log)]
    assert ids[0] == "a"
    assert ids[-1] == "z"
    assert [(p.place.row, said in p.message) for p in log.problems] == [(2, True)]


def test_label_outside_the_given_set(tmp_path: Path) -> None:
    path = _file(tmp_path, json.dumps(GOOD))
    with pytest.raises(CorpusError, match="expected one of Disease"):
        list(read_corpus(path, labels=["Disease"]))
    assert len(list(read_corpus(path, labels=["Chemical"]))) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n\n", "no usable document"),
        (b"\x89PNG\r\n\x00\x01", "binary file"),
        (b"%PDF-1.7", "read as pdf"),
        ("{}".encode("utf-16"), "no usable document"),
        (gzip.compress(b'{"id": "a", "text": "x"}\n' * 9, mtime=0)[:-12], "compressed data is damaged"),
    ],
)
def test_unusable_file(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "docs.jsonl"
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=said):
        list(read_corpus(path, report=ProblemLog()))


def test_missing_file_and_unknown_format_fail_at_once(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no such file"):
        read_corpus(tmp_path / "none.jsonl")
    (tmp_path / "a.xyz").write_text("x")
    with pytest.raises(CorpusError, match="neither the content nor the name of the file tells the format"):
        read_corpus(tmp_path / "a.xyz")
    with pytest.raises(CorpusError, match="unknown format"):
        read_corpus(tmp_path / "a.xyz", "odd")


def test_gzip_is_recognized_by_content_and_written_the_same_each_time(tmp_path: Path) -> None:
    docs = [Document("a", "é𝔸", (Entity(0, 1, "L"),))]
    one, two = tmp_path / "1.jsonl.gz", tmp_path / "2.jsonl.gz"
    assert write_corpus(one, docs) == write_corpus(two, docs) == 1
    assert one.read_bytes() == two.read_bytes()
    one.rename(tmp_path / "plain.jsonl")
    assert list(read_corpus(tmp_path / "plain.jsonl")) == docs


def test_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = _file(tmp_path, json.dumps(GOOD))
    before = path.read_bytes()

    def breaks():  # type: ignore[no-untyped-def]
        yield Document("a", "x")
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        write_corpus(path, breaks())
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_five_megabytes_in_one_document(tmp_path: Path) -> None:
    text = "Aspirin and ß. " * 350_000
    document = Document("big", text, (Entity(len(text) - 15, len(text) - 8, "Chemical"),))
    write_corpus(tmp_path / "big.jsonl", [document])
    assert list(read_corpus(tmp_path / "big.jsonl")) == [document]


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    text = draw(_TEXT)
    spans = st.tuples(st.integers(0, len(text) - 1), st.integers(1, len(text)), st.sampled_from("AB"))
    found = draw(st.none() | st.lists(spans.filter(lambda s: s[0] < s[1]), max_size=4))
    entities = None if found is None else tuple(Entity(*span) for span in sorted(found))
    return Document(draw(_TEXT), text, entities, {"k": draw(_TEXT)})


@given(documents())
def test_record_round_trip(document: Document) -> None:
    again = from_record(json.loads(json.dumps(to_record(document))))
    assert again == document
    assert again.meta == document.meta


def test_meta_that_json_cannot_hold_names_the_document(tmp_path: Path) -> None:
    for value in (float("nan"), Path("x")):
        document = Document("a", "text", meta={"value": value})
        with pytest.raises(CorpusError, match="document 'a' holds a value that JSON cannot hold"):
            write_corpus(tmp_path / "out.jsonl", [document])
    assert not (tmp_path / "out.jsonl").exists()


def test_nothing_usable_says_the_first_problem(tmp_path: Path) -> None:
    path = _file(tmp_path, b'{"id": "a", "text": "caf\xe9"}', "{")
    with pytest.raises(CorpusError, match=r"no usable document .* row 1: invalid UTF-8") as caught:
        list(read_corpus(path, report=ProblemLog()))
    assert "broken JSON" not in str(caught.value)


def test_a_text_within_a_record_is_named_with_a_full_stop(tmp_path: Path) -> None:
    (path := tmp_path / "a.jsonl").write_text('{"ref": "a", "message": {"body": "Gout.", "to": "x"}}\n')
    (document,) = read_corpus(path, text_column="message.body")
    assert (document.text, document.meta["ref"]) == ("Gout.", "a")
    assert document.meta["message"] == {"to": "x"}
    with pytest.raises(CorpusError, match=r"there are ref, message\.body, message\.to"):
        list(read_corpus(path, text_column="body"))
    with pytest.raises(CorpusError, match=r"One of 'ref', 'message\.body', 'message\.to' is the text"):
        list(read_corpus(path))


def test_an_array_of_records_with_the_text_within_asks_for_its_key(tmp_path: Path) -> None:
    (path := tmp_path / "hits.json").write_text('[{"_id": "1", "_source": {"text": "Gout.", "title": "T"}}]')
    with pytest.raises(CorpusError, match=r"One of '_id', '_source\.text', '_source\.title' is the text"):
        list(read_corpus(path))
    assert [d.text for d in read_corpus(path, text_column="_source.text")] == ["Gout."]


@pytest.mark.parametrize(
    "spans",
    [
        [[0, 7, "Drug"]],
        [{"start": 0, "end": 7, "kind": "Drug"}],
        [{"start_char": 0, "end_char": 7, "label_": "Drug"}],
        {"spans": [[0, 7, "Drug"]]},
    ],
)
def test_spans_under_a_key_that_nobody_knows_are_told(tmp_path: Path, spans: object) -> None:
    path, log = tmp_path / "a.jsonl", ProblemLog()
    path.write_text(json.dumps({"text": "aspirin", "annos": spans}), encoding="utf-8")
    (document,) = read_corpus(path, report=log)
    assert (document.entities, document.meta) == (None, {"annos": spans})
    assert ["1 record with 'annos' of an unknown form" in str(each) for each in log.problems] == [True]


@pytest.mark.parametrize("key", ["doc_id", "document_id", "_id", "note_id", "example_id", "documentName"])
def test_ids_under_the_names_of_other_tools(tmp_path: Path, key: str) -> None:
    path, log = tmp_path / "a.jsonl", ProblemLog()
    rows = [{key: "n1", "text": "Gout."}, {key: 7, "text": "Flu."}, {"id": "x", key: "n1", "text": "Dry."}]
    path.write_text("\n".join(map(json.dumps, rows)))
    assert [d.doc_id for d in read_corpus(path, report=log)] == ["n1", "7", "x"]
    assert len(log) == 0
    path.write_text("\n".join(map(json.dumps, [*rows, rows[0]])))  # sentences of a document
    assert [d.doc_id for d in read_corpus(path, report=log)] == ["n1", "7", "x", "n1 4"]
    assert log.counts == {"ids": 1}


def test_every_line_may_hold_several_documents(tmp_path: Path) -> None:
    notes: list[dict[str, object]] = [
        {"id": 7, "codes": ["x"], "notes": [{"text": "Gout."}, {"id": "n2", "text": "Flu."}]},
        {"notes": [{"text": "Dry."}]},
    ]
    with pytest.warns(UserWarning, match="not read: 1 value of 'codes' beside documents"):
        read = list(read_corpus(_file(tmp_path, *map(json.dumps, notes))))
    assert [(d.doc_id, d.text) for d in read] == [("1.1", "Gout."), ("n2", "Flu."), ("2.1", "Dry.")]
    assert read[0].meta == {"record.id": 7}


def test_a_key_twice_in_an_array_over_several_lines_is_told(tmp_path: Path) -> None:
    path = _file(tmp_path, "[", '{"id": "a", "text": "x",', '"text": "y"}', "]")
    with pytest.raises(CorpusError, match="the key 'text' stands twice in one object"):
        list(read_corpus(path.rename(path.with_suffix(".json"))))


def test_marks_of_utf8_between_files_put_together_are_no_broken_json(tmp_path: Path) -> None:
    lines = (b'\xef\xbb\xbf{"id": "%d", "text": "a"}\n' % number for number in range(2))
    (path := tmp_path / "both.jsonl").write_bytes(b"".join(lines))
    assert [each.doc_id for each in read_corpus(path)] == ["0", "1"]


@pytest.mark.parametrize("label", ["Drug ", "Dr\u200bug", "\ufeffDrug", "Dr\u00adug"])
def test_labels_that_look_alike_are_told(tmp_path: Path, label: str) -> None:
    documents = [Document(str(n), "gin", (Entity(0, 3, x),)) for n, x in enumerate(("Drug", "drug", label))]
    write_corpus(tmp_path / "a.jsonl", documents)
    log = ProblemLog()
    assert [d.entities for d in read_corpus(tmp_path / "a.jsonl", report=log)] == [
        d.entities for d in documents
    ]
    assert [(p.message, p.place.row) for p in log.problems] == [
        (f"labels 'Drug' and {label!r} look alike, and are two: white space or signs differ.", 3)
    ]
