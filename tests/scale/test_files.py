"""Folders of files: one output each, resumable, in shards."""

from __future__ import annotations

import io
import json
import lzma
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from hybrid_ner.cli import app
from hybrid_ner.corpus import read_corpus
from hybrid_ner.errors import CorpusError, InputError
from hybrid_ner.scale import BatchLabeler, FileResult, label_files, label_store
from tests.ui.test_importing import pdf_file, word_file


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    (folder / "2024").mkdir(parents=True)
    rows = {"text": ["Aspirin, headache", None, "Aspirin"] * 700, "ward": list(range(2100))}
    pq.write_table(pa.table(rows), folder / "2024" / "a.parquet")
    record = {"id": "x", "text": "Headache \U0001f600", "meta": {"ward": "7"}}
    (folder / "b.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    (folder / "c.csv").write_text("id,text\n1,aspirin\n", encoding="utf-8")
    return folder


def run(notes: Path, model: Path, **options: object) -> list[FileResult]:
    labeler = BatchLabeler(model)
    return list(label_files(notes, notes.parent / "out", labeler, **options))  # type: ignore[arg-type]


def test_every_file_keeps_its_name_and_content(notes: Path, model: Path) -> None:
    done = run(notes, model)
    names = [(str(d.output.relative_to(notes.parent / "out")), d.documents, d.entities) for d in done]
    assert names == [("2024/a.parquet", 2100, 2100), ("b.jsonl", 1, 1), ("c.csv", 1, 1)]
    table = pq.read_table(done[0].output)
    assert table.column_names == ["text", "ward", "entities"]
    assert table.column("ward").to_pylist() == list(range(2100))
    assert [e["label"] for e in table.column("entities")[2097].as_py()] == ["Chemical", "Disease"]
    (document,) = read_corpus(done[1].output)
    assert document.meta == {"ward": "7"}
    assert [(e.start, e.end, e.label) for e in document.entities or ()] == [(0, 8, "Disease")]


def test_finished_files_are_not_done_again(notes: Path, model: Path) -> None:
    before = run(notes, model)
    again = run(notes, model)
    assert [d.reused for d in before] == [False] * 3
    assert [d.reused for d in again] == [True] * 3
    assert [(d.documents, d.entities) for d in again] == [(d.documents, d.entities) for d in before]
    (notes / "c.csv").write_text("id,text\n1,aspirin and headache\n", encoding="utf-8")
    again[1].output.unlink()
    assert [(d.reused, d.entities) for d in run(notes, model)] == [(True, 2100), (False, 1), (False, 2)]


def test_a_damaged_output_is_made_again(notes: Path, model: Path) -> None:
    before = run(notes, model)
    whole = [each.output.read_bytes() for each in before]
    before[0].output.write_bytes(whole[0][:-7])
    before[1].output.write_bytes(whole[1].replace(b"Disease", b"Diseqse"))
    assert [d.reused for d in run(notes, model)] == [False, False, True]
    assert [each.output.read_bytes() for each in before] == whole


def test_what_a_killed_run_left_is_taken_away(notes: Path, model: Path) -> None:
    run(notes, model)
    out = notes.parent / "out"
    ended = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    stale = [
        out / f".b.jsonl.{int(ended.stdout)}.abc.part",
        out / "2024" / f".a.parquet.{int(ended.stdout)}.part",
    ]
    alive = out / f".c.csv.{os.getpid()}.part"
    for file in (*stale, alive):
        file.write_bytes(b"half")
    run(notes, model)
    assert [file.exists() for file in (*stale, alive)] == [False, False, True]


def test_shards_share_the_files(notes: Path, model: Path) -> None:
    parts = [{d.source.name for d in run(notes, model, shard=(i, 2))} for i in range(2)]
    assert parts == [{"a.parquet", "c.csv"}, {"b.jsonl"}]
    assert [d.reused for d in run(notes, model)] == [True] * 3
    assert run(notes, model, shard=(7, 9)) == []
    with pytest.raises(CorpusError, match="no shard 2 of 2"):
        run(notes, model, shard=(2, 2))


def test_an_unreadable_file_leaves_what_was_finished(notes: Path, model: Path) -> None:
    (notes / "c.csv").write_text("id,body\n1,aspirin\n", encoding="utf-8")
    (notes / "2024" / "d.parquet").write_bytes(b"PAR1 torn")
    with (
        pytest.warns(UserWarning, match=r"d\.parquet: no readable Parquet file .*Copy it again"),
        pytest.raises(CorpusError, match=r"1 file of 4 could not be read; the others are done"),
    ):
        run(notes, model)
    out = notes.parent / "out"
    assert [p.name for p in out.rglob("*.parquet")] == ["a.parquet"]
    assert not list(out.rglob("*.part"))


def test_a_parquet_file_without_the_column_is_named(notes: Path, model: Path) -> None:
    pq.write_table(pa.table({"body": ["Aspirin"]}), notes / "2024" / "a.parquet")
    with (
        pytest.warns(UserWarning, match=r"a\.parquet: no column 'text' among body"),
        pytest.raises(CorpusError, match="1 file of 3 could not be read"),
    ):
        run(notes, model)


def test_links_that_are_not_followed_and_old_formats_are_told(notes: Path, model: Path) -> None:
    (notes / "back").symlink_to("..")
    (notes / "gone.txt").symlink_to("nowhere")
    (notes / "old.doc").write_bytes(b"x")
    said = r"3 files not read: 1 linked folder, not followed, 1 broken link, 1 \.doc .*Save it as \.docx"
    with pytest.warns(UserWarning, match=said):
        run(notes, model)


def test_outputs_inside_the_input_folder_are_no_inputs(notes: Path, model: Path) -> None:
    labeler = BatchLabeler(model)
    for expected in (False, True):
        done = list(label_files(notes, notes / "found", labeler))
        assert [d.reused for d in done] == [expected] * 3


def test_a_folder_without_usable_files_says_what_is_usable(tmp_path: Path, model: Path) -> None:
    (tmp_path / "a.md").write_text("x", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"no file to label here \(found 1 \.md.*Give texts"):
        list(label_files(tmp_path, tmp_path / "out", BatchLabeler(model)))
    with pytest.raises(CorpusError, match="no such file or folder"):
        list(label_files(tmp_path / "none", tmp_path / "out", BatchLabeler(model)))


def _command(notes: Path, model: Path, *options: str) -> Result:
    given = ["--model", str(model), "--input", str(notes), "--output", str(notes.parent / "out"), *options]
    return CliRunner().invoke(app, ["predict-files", *given])


def test_command_counts_and_says_what_was_finished_before(notes: Path, model: Path) -> None:
    result = _command(notes, model, "--quiet")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("2,102 entities in 2,102 documents of 3 files (hybrid)")
    assert "finished before: 3" in _command(notes, model, "--quiet").stdout
    rows = json.loads(_command(notes, model, "--json").stdout)["files"]
    assert [row["documents"] for row in rows] == [2100, 1, 1]


def test_command_refuses_an_unknown_system_in_one_line(notes: Path, model: Path) -> None:
    result = _command(notes, model, "--system", "best")
    assert result.exit_code == 2
    assert result.stderr.splitlines() == ["error: unknown system 'best'. Use one of rule, model, hybrid."]


def test_texts_word_and_pdf_become_json_lines_and_the_rest_is_counted(tmp_path: Path, model: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.txt").write_text("Aspirin", encoding="utf-8")
    (folder / "b.docx").write_bytes(word_file())
    (folder / "c.pdf").write_bytes(pdf_file("Took aspirin"))
    (folder / "d.png").write_bytes(b"\x89PNG\x00")
    with pytest.warns(UserWarning, match=r"1 file not read: 1 \.png \(d\.png\)"):
        done = run(folder, model)
    assert [d.output.name for d in done] == ["a.txt.jsonl", "b.docx.jsonl", "c.pdf.jsonl"]
    assert [len(list(read_corpus(d.output))) for d in done] == [1, 1, 1]


@pytest.mark.filterwarnings("ignore:.*without an abstract")
def test_what_is_only_read_becomes_json_lines(tmp_path: Path, model: Path) -> None:
    (folder := tmp_path / "notes").mkdir()
    (folder / "a.nbib").write_text("PMID- 1\nTI  - Aspirin\n", encoding="utf-8")
    (folder / "b.csv.xz").write_bytes(lzma.compress(b"id,text\n1,aspirin\n"))
    (folder / "c.xlsx").write_bytes(b"PK\x03\x04")
    with pytest.warns(UserWarning, match=r"1 file not read: 1 \.xlsx"):
        done = run(folder, model)
    assert [d.output.name for d in done] == ["a.nbib.jsonl", "b.csv.xz.jsonl"]
    assert [d.documents for d in done] == [1, 1]


# Object stores, by the one that fsspec keeps in memory, and by files under an address.


@pytest.fixture
def store() -> Iterator[fsspec.AbstractFileSystem]:
    memory = fsspec.filesystem("memory")
    table = io.BytesIO()
    pq.write_table(pa.table({"text": ["Aspirin, headache", None], "ward": [1, 2]}), table)
    memory.pipe("/in/2024/a.parquet", table.getvalue())
    memory.pipe("/in/b.jsonl", b'{"id": "x", "text": "Headache"}\n')
    memory.pipe("/in/c.docx", word_file())
    memory.pipe("/in/d.bin", b"\x00\x01")
    yield memory
    memory.rm("/", recursive=True)


def _run(model: Path, shard: tuple[int, int] = (0, 1)) -> list[FileResult]:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        done = list(label_store("memory://in", "memory://out", BatchLabeler(model), shard=shard))
    assert [str(each.message).split(":")[-1] for each in told if shard == (0, 1)] in (
        [],
        [" 1 .bin (d.bin)."],
    )
    return done


def test_every_file_is_labeled_and_put_whole(store: fsspec.AbstractFileSystem, model: Path) -> None:
    done = _run(model)
    assert [(str(d.output), d.documents, d.entities) for d in done] == [
        ("memory://out/2024/a.parquet", 2, 2),
        ("memory://out/b.jsonl", 1, 1),
        ("memory://out/c.docx.jsonl", 1, 0),
    ]
    rows = pq.read_table(io.BytesIO(store.cat("/out/2024/a.parquet"))).to_pylist()
    assert [row["ward"] for row in rows] == [1, 2]
    assert rows[1]["entities"] is None
    assert json.loads(store.cat("/out/b.jsonl"))["entities"][0]["label"] == "Disease"


def test_finished_files_are_not_fetched_again(
    store: fsspec.AbstractFileSystem, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _run(model)
    fetched: list[str] = []
    get = type(store).get_file
    monkeypatch.setattr(
        type(store), "get_file", lambda self, path, *a, **k: fetched.append(path) or get(self, path, *a, **k)
    )
    assert all(done.reused for done in _run(model))
    assert fetched == []
    store.pipe("/in/b.jsonl", b'{"id": "x", "text": "No headache"}\n')
    store.rm("/out/c.docx.jsonl")
    assert [done.reused for done in _run(model)] == [True, False, False]
    assert fetched == ["/in/b.jsonl", "/in/c.docx"]


def test_shards_share_the_files_store(store: fsspec.AbstractFileSystem, model: Path) -> None:
    done = [str(each.source) for i in range(3) for each in _run(model, (i, 3))]
    assert sorted(done) == [f"memory://in/{name}" for name in ("2024/a.parquet", "b.jsonl", "c.docx")]


def test_outputs_inside_the_input_are_no_inputs(store: fsspec.AbstractFileSystem, model: Path) -> None:
    for _ in range(2):
        with pytest.warns(UserWarning, match="1 file not read"):
            done = list(label_store("memory://in", "memory://in/found", BatchLabeler(model)))
        assert len(done) == 3


def test_the_same_as_from_folders(tmp_path: Path, model: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "n.csv").write_text("id,text\n1,aspirin\n")
    list(label_files(tmp_path / "in", tmp_path / "plain", BatchLabeler(model)))
    list(label_store(f"file://{tmp_path}/in", f"file://{tmp_path}/far", BatchLabeler(model)))
    assert (tmp_path / "far" / "n.csv").read_text() == (tmp_path / "plain" / "n.csv").read_text()
    assert not list((tmp_path / "far").rglob("*.part"))


def test_unknown_addresses_and_empty_ones_are_named(store: fsspec.AbstractFileSystem, model: Path) -> None:
    with pytest.raises(InputError, match="nowhere"):
        list(label_store("nowhere://in", "memory://out", BatchLabeler(model)))
    with pytest.raises(CorpusError, match="memory://none"):
        list(label_store("memory://none", "memory://out", BatchLabeler(model)))


def test_command(store: fsspec.AbstractFileSystem, model: Path) -> None:
    words = ["predict-files", "--model", str(model), "--input", "memory://in", "--output", "memory://out"]
    with pytest.warns(UserWarning, match="1 file not read"):
        result = CliRunner().invoke(app, [*words, "--quiet"])
    assert result.exit_code == 0, result.output
    assert "3 entities in 4 documents of 3 files (hybrid) → memory://out" in result.stdout
