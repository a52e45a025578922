"""Object stores, by the one that fsspec keeps in memory, and by files under an address."""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from hybrid_ner.cli import app
from hybrid_ner.errors import CorpusError, InputError
from hybrid_ner.scale import BatchLabeler, FileResult, label_files, label_store
from tests.ui.test_importing import word_file


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


def test_shards_share_the_files(store: fsspec.AbstractFileSystem, model: Path) -> None:
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
