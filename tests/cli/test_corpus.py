"""``hybrid-ner corpus``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hybrid_ner.cli import app
from hybrid_ner.cli._inputs import first_of
from hybrid_ner.corpus import Document, Entity, read_corpus, write_corpus
from tests.ui.test_importing import pdf_file, word_file

ENTITIES = (Entity(13, 21, "Chemical"),)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    documents = [
        Document(f"d{i}", f"Number {i}\u00a0of aspi\u00adrin {i * 7}", ENTITIES, {"kind": i % 2})
        for i in range(10, 20)
    ]
    path = tmp_path / "docs.jsonl"
    write_corpus(path, documents)
    return path


def _run(*given: object) -> Result:
    return CliRunner().invoke(app, ["corpus", *map(str, given)])


def _json(*given: object) -> dict:  # type: ignore[type-arg]
    result = _run(*given, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_convert_there_and_back_with_a_new_label(source: Path, tmp_path: Path) -> None:
    assert _json("convert", source, tmp_path / "x.csv", "--map", "Chemical=Drug")["documents"] == 10
    result = _run("convert", tmp_path / "x.csv", tmp_path / "out", "--to", "brat")
    assert result.exit_code == 0
    assert "10 documents written" in result.output
    assert "meta data of 10 documents left out" in result.output
    assert {e.label for d in read_corpus(tmp_path / "out") for e in d.entities or ()} == {"Drug"}


def test_only_the_named_label_changes(tmp_path: Path) -> None:
    entities = (Entity(0, 1, "A"), Entity(2, 3, "Chemical"))
    write_corpus(tmp_path / "a.jsonl", [Document("d", "x y", entities)])
    _json("convert", tmp_path / "a.jsonl", tmp_path / "b.jsonl", "--map", "A=DRUG")
    (document,) = read_corpus(tmp_path / "b.jsonl")
    assert [e.label for e in document.entities or ()] == ["DRUG", "Chemical"]


def test_map_of_a_label_that_does_not_occur_is_said(source: Path, tmp_path: Path) -> None:
    found = _json("convert", source, tmp_path / "x.jsonl", "--map", "Chemicl=Drug")
    assert found["problem_counts"] == {"unused map": 1}
    assert "no annotation is labeled 'Chemicl'" in found["problems"][0]["message"]


@pytest.mark.parametrize("shares", [["../a=1"], ["=1"], ["a=1", "a=2"], ["a"]])
def test_parts_of_a_split_have_names_of_files(source: Path, tmp_path: Path, shares: list[str]) -> None:
    given = [part for share in shares for part in ("--share", share)]
    assert _run("split", source, tmp_path / "parts", *given).exit_code == 2
    assert not (tmp_path / "parts").exists()


def test_convert_stops_at_bad_input_or_lists_it(source: Path, tmp_path: Path) -> None:
    source.write_text(source.read_text() + "{broken\n")
    result = _run("convert", source, tmp_path / "y.jsonl")
    assert result.exit_code == 2
    assert "row 11: broken JSON" in result.output
    assert not (tmp_path / "y.jsonl").exists()
    row = _json("convert", source, tmp_path / "y.jsonl", "--skip-bad")
    assert (row["documents"], row["problem_counts"], row["problems"][0]["row"]) == (10, {"json": 1}, 11)


def test_unknown_label(source: Path, tmp_path: Path) -> None:
    result = _run("convert", source, tmp_path / "y.jsonl", "--labels", "Disease, Drug")
    assert result.exit_code == 2
    assert "row 1: Chemical [13, 21) of document 'd10': expected one of Disease, Drug" in result.output


def test_clean_moves_annotations(source: Path, tmp_path: Path) -> None:
    row = _json("clean", source, tmp_path / "c.jsonl")
    assert (row["changed"], row["edits"]) == (10, {"soft-hyphens": 10, "spaces": 10})
    cleaned = list(read_corpus(tmp_path / "c.jsonl"))
    assert {d.text[e.start : e.end] for d in cleaned for e in d.entities or ()} == {"aspirin"}
    assert _json("clean", source, tmp_path / "c.jsonl", "--steps", "spaces")["edits"] == {"spaces": 10}
    assert "mojibake\n" in _run("clean", "--list-steps").output


def test_split_into_parts(source: Path, tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    row = _json("split", source, parts, "--share", "train=7", "--share", "test=3", "--threshold", "1")
    assert row["documents"] == {"train": 7, "test": 3}
    assert len({d.doc_id for name in ("train", "test") for d in read_corpus(parts / f"{name}.jsonl")}) == 10
    assert _run("split", source, tmp_path / "p", "--share", "train").exit_code == 2
    halves = ("--share", "a=1", "--share", "b=1")
    kinds = _json("split", source, tmp_path / "kinds", "--group-by", "meta.kind", *halves)
    assert kinds["documents"] == {"a": 5, "b": 5}
    slip = _run("split", source, tmp_path / "slip", "--group-by", "Kind")
    assert slip.exit_code == 2
    assert "no document has 'Kind' in its meta data. It has kind" in " ".join(slip.output.split())
    assert not (tmp_path / "slip").exists()


def test_check_lists_and_can_fail(source: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes(source.read_bytes())
    result = _run("check", source, copy, "--threshold", "1")
    assert result.exit_code == 0
    for said in ("10 pairs between docs.jsonl and copy.jsonl", "10 of 10 mentions of copy.jsonl (100%)"):
        assert said in " ".join(result.output.split())
    assert _run("check", source, copy, "--strict").exit_code == 1
    assert _run("check", source, source).exit_code == 2
    assert _json("check", source)["mentions"] == 10


def test_stats(source: Path) -> None:
    assert _json("stats", source)["labels"]["Chemical"]["mentions"] == 10
    result = _run("stats", source)
    assert "meta.kind: 0 5, 1 5" in result.output
    assert "Chemical" in result.output


def test_table_of_stats_keeps_its_headers_in_a_pipe(source: Path) -> None:
    told = CliRunner().invoke(app, ["corpus", "stats", str(source)], env={"COLUMNS": "80"}).output
    header = next(line for line in told.splitlines() if "mentions" in line)
    assert header.split()[:6] == ["label", "mentions", "surfaces", "documents", "words", "concepts"]


def _piped(given: bytes, *words: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", "from hybrid_ner.cli import main; main()", "corpus", *words]
    return subprocess.run(command, input=given, capture_output=True, check=False, timeout=300)


def test_standard_input_and_output() -> None:
    given = b"id,text,label\n1,Fever today,x\n"
    done = _piped(given, "convert", "-", "-")
    assert json.loads(done.stdout) == {"id": "1", "text": "Fever today", "meta": {"label": "x"}}
    assert b"1 document written to -" in done.stderr
    columns = _piped(b"Metformin B-Chemical\nhelps O\n", "convert", "-", "-", "--to", "bioc-json")
    (document,) = json.loads(columns.stdout)["documents"]
    assert document["passages"][0]["annotations"][0]["text"] == "Metformin"


def test_standard_output_is_not_shared(source: Path) -> None:
    result = _run("convert", source, "-", "--json")
    assert result.exit_code != 0
    assert "both go to standard output" in result.output
    result = _run("convert", source, "-", "--to", "brat")
    assert "brat is a folder of files" in result.output


def test_a_folder_of_word_pdf_and_text(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.docx").write_bytes(word_file())
    (tmp_path / "in" / "b.pdf").write_bytes(pdf_file("Took aspirin"))
    (tmp_path / "in" / "c.txt").write_text("Fever")
    (tmp_path / "in" / "d.png").write_bytes(b"\x89PNG\x00")
    found = _json("convert", tmp_path / "in", tmp_path / "x.jsonl", "--skip-bad")
    assert found["documents"] == 3
    assert "1 file in the folder not read: 1 .png" in found["problems"][0]["message"]


def test_the_text_column_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("nr,Befund\n1,Fieber\n")
    assert _json("stats", tmp_path / "a.csv", "--text-column", "Befund")["documents"] == 1
    result = _run("stats", tmp_path / "a.csv")
    assert "--text-column NAME" in result.output
    assert _run("stats", tmp_path / "a.csv").exit_code != 0


@pytest.mark.parametrize("command", ["convert", "clean"])
def test_documents_are_never_written_over_themselves(source: Path, command: str) -> None:
    before = source.read_bytes()
    result = _run(command, source, source)
    assert result.exit_code == 2
    assert "take the place of the input" in " ".join(result.output.split())
    assert source.read_bytes() == before


@pytest.mark.parametrize(
    ("given", "said"), [("", ": the file is empty"), ('{"text": "a"}\n{"tex', ", row 2: broken")]
)
def test_standard_input_is_called_so(tmp_path: Path, given: str, said: str) -> None:
    command = [sys.executable, "-m", "hybrid_ner.cli", "corpus", "convert", "-", str(tmp_path / "x.jsonl")]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"standard input{said}" in done.stderr


def test_of_many_lines_the_first_are_listed_and_the_rest_counted() -> None:
    lines = first_of(range(1_025))
    assert lines == [*map(str, range(20)), "… 1,005 more; --json lists all."]
    assert first_of(["one", "two"]) == ["one", "two"]
