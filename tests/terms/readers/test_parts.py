"""Files in parts: found by their names, joined, a missing part is an error."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers import guess_format, load_gazetteer, read_gazetteer
from hybrid_ner.terms.readers.files import Files, as_part, group
from hybrid_ner.text.encodings import wide_encoding
from tests.conftest import examples

Write = Callable[..., Path]
TEXT = b"term,label\n" + b"".join(b"fever %d,Disease\n" % number for number in range(50))


def conso(number: int) -> bytes:
    return f"C000000{number}|ENG|P|L1|PF|S1|Y|A1||||MSH|MH|D1|fever {number}|0|N||\n".encode()


@settings(deadline=None, max_examples=examples(20))
@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=6), st.booleans())
def test_parts_give_the_bytes_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, cuts: list[int], one_by_one: bool
) -> None:
    assume(not wide_encoding(data))  # which is given as UTF-8
    folder = tmp_path_factory.mktemp("parts")
    stored = data if one_by_one else gzip.compress(data)
    edges = [0, *sorted(min(cut, len(stored)) for cut in cuts), len(stored)]
    for number, (start, end) in enumerate(pairwise(edges)):
        mark = f"a{chr(ord('a') + number)}"
        piece = stored[start:end]
        name = f"x.csv.{mark}.gz" if one_by_one else f"x.csv.gz.{mark}"
        (folder / name).write_bytes(gzip.compress(piece) if one_by_one else piece)
    files = Files(folder)
    if len(edges) > 2:
        assert files.names == ("x.csv.gz",)
        with files.open("x.csv.gz") as stream:
            assert stream.read() == data
        # A carriage return alone ends a line where there is no line feed.
        words = data.removeprefix(b"\xef\xbb\xbf").split()
        found = b"\n".join(files.lines("x.csv.gz")).split()
        assert found == words


@pytest.mark.parametrize("marks", [("aa", "ab", "ac"), ("00", "01", "02"), ("001", "002", "003")])
def test_a_first_part_stands_for_all(write: Write, marks: tuple[str, ...]) -> None:
    size = len(TEXT) // 3 + 1
    paths = [write(f"t.csv.{mark}", TEXT[at * size : (at + 1) * size]) for at, mark in enumerate(marks)]
    found = load_gazetteer(paths[0])
    assert len(found) == 50
    assert (found.terms[-1].file, found.terms[-1].row) == ("t.csv", 51)
    with pytest.raises(InputError, match=rf"is a later part of t.csv. Give the first part, t.csv.{marks[0]}"):
        load_gazetteer(paths[1])


def test_a_missing_part_is_an_error(write: Write) -> None:
    first = write("t.csv.aa", TEXT[:100])
    write("t.csv.ac", TEXT[100:])
    with pytest.raises(InputError, match=r"part ab of t.csv is missing: t.csv.aa is followed by t.csv.ac"):
        load_gazetteer(first)
    with pytest.raises(InputError, match="Copy all parts to one folder"):
        load_gazetteer(first.parent)


def test_a_metathesaurus_in_parts(write: Write, tmp_path: Path) -> None:
    rows = [conso(number) for number in range(1, 5)]
    whole = b"".join(rows)
    write("META/MRCONSO.RRF.aa.gz", gzip.compress(whole[:100]))
    write("META/MRCONSO.RRF.ab.gz", gzip.compress(whole[100:]))
    sty = [f"C000000{n}|T047|B2.2.1.2.1|Disease or Syndrome|AT1||\n".encode() for n in range(1, 5)]
    write("META/MRSTY.RRF.aa.gz", gzip.compress(b"".join(sty)[:60]))
    write("META/MRSTY.RRF.ab.gz", gzip.compress(b"".join(sty)[60:]))
    archive = tmp_path / "umls-metathesaurus-full.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in sorted((tmp_path / "META").iterdir()):
            packed.write(path, f"2024AB/META/{path.name}")
    for given_path in (tmp_path / "META", tmp_path / "META" / "MRCONSO.RRF.aa.gz", archive):
        assert guess_format(Files(given_path)).name == "umls"
        assert [t.text for t in load_gazetteer(given_path)] == [f"fever {n}" for n in range(1, 5)]


def test_names_that_only_look_like_parts_are_files_of_their_own(write: Write) -> None:
    folder = write("labels.en", "fever\n").parent
    write("labels.de", "Fieber\n")
    write("v1.2.10", "x\n")
    assert Files(folder).names == ("labels.de", "labels.en", "v1.2.10")
    assert not group(["a.csv.ab", "a.csv.ac", "a.csv.aa.gz"])
    part = as_part("MRCONSO.RRF.aa.gz")
    assert part is not None
    assert (part.whole, part.mark, part.is_first) == ("MRCONSO.RRF.gz", "aa", True)
    assert as_part("terms.csv") is None


def test_a_cut_part_is_an_error(write: Write) -> None:
    write("t.csv.aa.gz", gzip.compress(TEXT[:200]))
    write("t.csv.ab.gz", gzip.compress(TEXT[200:] * 50)[:60])
    with pytest.raises(InputError, match="compressed data is damaged or ends early"):
        list(read_gazetteer(write("t.csv.ac.gz", b"").with_name("t.csv.aa.gz"), "csv"))
