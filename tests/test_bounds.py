"""What readers may use, and what libraries raise."""

from __future__ import annotations

import bz2
import csv
import gzip
import lzma
import zlib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hybrid_ner.bounds import GIB, limited, limits, parse_limits, reading, split_blocks
from hybrid_ner.cli import app
from hybrid_ner.corpus import read_corpus
from hybrid_ner.errors import CorpusError, InputError
from hybrid_ner.terms.readers import load_gazetteer

ROW = b"term,label\n" + b"fever,Disease\n" * 20_000
RECORD = b'{"text": "%s"}\n'


@pytest.mark.parametrize(
    ("suffix", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)]
)
def test_a_packed_list_stops_where_it_is_out_of_proportion(tmp_path: Path, suffix: str, pack: object) -> None:
    path = tmp_path / f"Disease.csv{suffix}"
    path.write_bytes(pack(b"term,label\n" + b" " * 70_000_000))  # type: ignore[operator]
    with pytest.raises(InputError, match=r"more than 200 times as much.*--limit ratio=… before the command"):
        load_gazetteer(path)
    with limited(unpacked=1 << 20), pytest.raises(InputError, match=r"unpacks to more than 1 MiB"):
        load_gazetteer(path)


def test_a_list_of_ordinary_proportion_is_read(tmp_path: Path) -> None:
    path = tmp_path / "Disease.csv.gz"
    path.write_bytes(gzip.compress(ROW))
    assert len(load_gazetteer(path)) == 1


def test_a_packed_corpus_stops_too(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(RECORD % (b"x" * 70_000_000)))
    with pytest.raises(CorpusError, match="times as much"):
        list(read_corpus(path))


def test_docbins_are_unpacked_within_bounds(tmp_path: Path) -> None:
    path = tmp_path / "a.spacy"
    path.write_bytes(zlib.compress(b"\0" * 3_000_000))
    with (
        limited(whole=1 << 20),
        pytest.raises(CorpusError, match="more than 1 MiB, which can only be read whole"),
    ):
        list(read_corpus(path))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r"])
def test_a_line_without_end_is_not_held(tmp_path: Path, encoding: str, end: str) -> None:
    path = tmp_path / "Disease.csv"
    path.write_bytes(f"term,label{end}flu,Disease{end}{'x' * 3_000_000}".encode(encoding))
    with limited(line=1 << 20), pytest.raises(InputError, match="a line of more than 1 MiB"):
        load_gazetteer(path)


def test_an_item_of_json_without_end_is_not_held(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"term": "' + "x" * 3_000_000, encoding="utf-8")
    with limited(line=1 << 20), pytest.raises(InputError, match="row 1: an item of more than 1 MiB"):
        load_gazetteer(path, label="X")


@pytest.mark.parametrize("format", ["owl", "skos", "tbx", "mesh-xml"])
def test_xml_is_not_nested_without_end(tmp_path: Path, format: str) -> None:
    path = tmp_path / "a.xml"
    root = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    path.write_text(root + "<a>" * 100_000 + "</a>" * 100_000 + "</rdf:RDF>", encoding="utf-8")
    with pytest.raises(InputError, match="nested more than 200 deep"):
        load_gazetteer(path, format, label="X")


def test_entities_that_multiply_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tbx"
    names = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    path.write_text(
        f'<!DOCTYPE a [<!ENTITY e0 "xxxxxxxxxx">{names}]><martif>&e11;</martif>', encoding="utf-8"
    )
    with pytest.raises(InputError, match="malformed XML"):
        load_gazetteer(path, "tbx", label="X")


def test_pieces_of_blocks_are_those_of_the_whole() -> None:
    text = "a\nbc\n\ndef\n"
    for size in range(1, 8):
        blocks = (text[at : at + size] for at in range(0, len(text), size))
        assert [*split_blocks(blocks, "\n", "x")] == text.removesuffix("\n").split("\n")
    assert [*split_blocks(["a", "b"], "\n", "x")] == ["ab"]


def test_what_libraries_raise_names_the_file() -> None:
    for error, said in (
        (csv.Error("line contains NUL"), "broken table"),
        (EOFError("ended"), "damaged or ends early"),
        (OSError("Invalid data stream"), "damaged or ends early"),
        (RecursionError(), "nested too deeply"),
        (MemoryError(), "more memory"),
    ):
        with pytest.raises(CorpusError, match=rf"a\.x: .*{said}"), reading("a.x", CorpusError):
            raise error
    with pytest.raises(KeyError), reading("a.x"):
        raise KeyError("ours")
    with (
        pytest.raises(InputError, match=r"cannot be read \(something is missing in it: 'theirs'\)"),
        reading("a.x", library=True),
    ):
        raise KeyError("theirs")
    with pytest.raises(FileNotFoundError), reading("a.x", library=True):
        open("/nowhere/a.x")  # noqa: SIM115


def test_limits_as_typed(tmp_path: Path) -> None:
    assert parse_limits(["unpacked=500G", "ratio = 10000"]) == {"unpacked": 500 * GIB, "ratio": 10_000}
    for wrong in ("size=1", "line", "line=0", "line=many"):
        with pytest.raises(InputError, match="is no limit"):
            parse_limits([wrong])
    path = tmp_path / "Disease.txt"
    path.write_text("chest pain\n", encoding="utf-8")
    command = ["gazetteer", "stats", str(path)]
    assert CliRunner().invoke(app, command).exit_code == 0
    result = CliRunner().invoke(app, ["--limit", "line=4", *command])
    assert (result.exit_code, "a line of more than 4 bytes" in result.stderr) == (2, True)
    assert limits().line > 4
