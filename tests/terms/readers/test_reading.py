"""Opening files: compression, archives, guesses, labels, errors."""

from __future__ import annotations

import bz2
import gzip
import lzma
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.terms import Term
from hybrid_ner.terms.readers import FORMATS, get_reader, load_gazetteer, read_gazetteer
from hybrid_ner.terms.readers.base import describe

Write = Callable[..., Path]
TSV = "term\tlabel\tconcept_id\tstatus\tmode\tsource\n"


@pytest.mark.parametrize("pack", [gzip, bz2, lzma])
def test_compressed_files(write: Write, pack: object) -> None:
    suffix = {"gzip": "gz", "bz2": "bz2", "lzma": "xz"}[pack.__name__]  # type: ignore[attr-defined]
    path = write(f"a.csv.{suffix}", pack.compress(b"term,label\nflu,Disease\n"))  # type: ignore[attr-defined]
    (term,) = load_gazetteer(path)
    assert (term.text, term.row, term.file) == ("flu", 2, f"a.csv.{suffix}")


def test_zip_with_one_member_and_with_several(tmp_path: Path) -> None:
    path = tmp_path / "lists.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("in/Disease.csv", "term,label\nflu,Disease\n")
        archive.writestr("__MACOSX/._Disease.csv", "junk")
    (term,) = load_gazetteer(path)
    assert term.file == "lists.zip!in/Disease.csv"
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("other.csv", "term,label\ncold,Disease\n")
    with pytest.raises(InputError, match=r"holds 2 files \(in/Disease.csv, other.csv\).*member=NAME"):
        load_gazetteer(path)
    assert [t.text for t in load_gazetteer(path, member="other.csv")] == ["cold"]


def test_a_cut_gzip_is_an_error(write: Write) -> None:
    whole = gzip.compress(b"term,label\n" + b"".join(b"flu%d,Disease\n" % n for n in range(5000)))
    with pytest.raises(InputError, match=r"compressed data is damaged or ends early"):
        load_gazetteer(write("a.csv.gz", whole[: len(whole) // 2]))


def test_missing_empty_binary_and_pickled_files(write: Write, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load_gazetteer(tmp_path / "none.csv")
    with pytest.raises(InputError, match="the file is empty"):
        load_gazetteer(write("a.csv", ""))
    with pytest.raises(InputError, match="binary file"):
        load_gazetteer(write("a.csv", b"\x00\x01\x02"))
    with pytest.raises(InputError, match="never read"):
        load_gazetteer(write("a.pkl", pickle.dumps({"a": "x" * 300})))
    with pytest.raises(InputError, match="is no zip archive"):
        load_gazetteer(write("a.zip", "term\n"))


def test_unknown_formats_and_options_list_what_there_is(write: Write) -> None:
    path = write("a.csv", "term,label\nflu,Disease\n")
    with pytest.raises(InputError, match=r"unknown format 'xls'.*csv"):
        read_gazetteer(path, "xls")
    with pytest.raises(InputError, match=r"csv has no option 'langage'. Its options: columns, separator"):
        read_gazetteer(path, langage="en")
    with pytest.raises(InputError, match="format not recognized"):
        read_gazetteer(write("a.unknown", "some text\n"))


def test_several_files_merge_with_earlier_rows_first(write: Write) -> None:
    one = write("one.csv", "term,label,status\nflu,Disease,synonym\n")
    two = write("two.csv", "term,label\nflu,Disease\ncold,Disease\n")
    found = load_gazetteer([one, two])
    assert [(t.text, t.status) for t in found] == [("flu", "synonym"), ("cold", "preferred")]


def test_the_gazetteer_format_keeps_everything(write: Write) -> None:
    path = write("g.tsv", TSV + 'Maxi "5" pads\tDevice\tX:1\tbrand\tcase\tmine\n')
    write("g.parents.tsv", "concept_id\tparents\nX:1\tX:0 X:9\n")
    found = load_gazetteer(path)
    assert found.terms == (Term('Maxi "5" pads', "Device", "X:1", "brand", "mine", "case", "g.tsv", 2),)
    assert found.parents == {"X:1": ("X:0", "X:9")}


def test_the_gazetteer_format_names_a_bad_row(write: Write) -> None:
    path = write("g.tsv", TSV + "flu\tDisease\tX:1\tpreferred\tfolded\tmine\nflu\tDisease\n")
    with pytest.raises(InputError, match=r"g\.tsv, row 3: wrong number of columns: 2 instead of 6"):
        load_gazetteer(path)
    assert len(load_gazetteer(path, skip_bad=True)) == 1


def test_a_second_pass_counts_anew(write: Write) -> None:
    reading = read_gazetteer(write("a.csv", "# note\nterm,label,id,parents\nflu,Disease,D:1,D:0\n"))
    assert len(list(reading)) == len(list(reading)) == 1
    assert (reading.report.rows, reading.report.terms) == (1, 1)
    assert reading.report.skipped["comment"].count == 1


def test_an_encrypted_archive_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "term,label\nflu,Disease\n")
    data = bytearray(path.read_bytes())
    data[6] |= 1  # the flag of an encrypted member, in its own header …
    data[data.index(b"PK\x01\x02") + 8] |= 1  # … and in the directory of the archive
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"a\.zip!a\.csv: cannot be unpacked .*Unpack it yourself"):
        load_gazetteer(path)


def test_reading_is_lazy(write: Write) -> None:
    reading = iter(read_gazetteer(write("a.csv", "term,label\nflu,Disease\nbroken\n")))
    assert next(reading).text == "flu"


@pytest.mark.parametrize("name", FORMATS)
def test_every_reader_is_whole(name: str) -> None:
    reader = get_reader(name)
    assert reader.name == name
    assert reader.title
    assert all(option.help for option in describe(reader.options))


def test_words_of_options_are_checked(write: Write) -> None:
    path = write("a.obo", "format-version: 1.2\n[Term]\nid: DOID:1\nname: flu\n")
    with pytest.raises(InputError, match=r"option scopes takes EXACT, .*, found 'EXAKT'"):
        read_gazetteer(path, scopes="EXACT,EXAKT")
    assert [t.text for t in read_gazetteer(path, scopes="exact")] == ["flu"]
    with pytest.raises(InputError, match=r"option header takes auto, yes, no, found 'maybe'"):
        read_gazetteer(write("a.csv", "term,label\n"), header="maybe")


def test_a_label_after_the_name_of_the_file_is_noted(write: Write) -> None:
    reading = read_gazetteer(write("Disease.csv", "term,group\nflu,x\ncold,y\n"))
    note = "rows that bring no label have 'Disease', after the name of the file"
    for _ in range(2):
        assert {t.label for t in reading} == {"Disease"}
        assert reading.report.notes == ["columns that were not read: group", note]
    labeled = read_gazetteer(write("Disease.csv", "term,label\nflu,Disease\n"))
    assert len(list(labeled)) == 1
    assert labeled.report.notes == []


def test_marks_of_utf8_between_files_put_together_are_no_part_of_names(tmp_path: Path) -> None:
    mark = b"\xef\xbb\xbf"
    (path := tmp_path / "Drug.txt").write_bytes(mark + b"aspirin\n" + mark + b"heparin\n")
    assert [term.text for term in read_gazetteer(path)] == ["aspirin", "heparin"]
    (path := tmp_path / "a.csv").write_bytes((mark + b"term,label\naspirin,Drug\n") * 2)
    assert [term.text for term in read_gazetteer(path)] == ["aspirin", "aspirin"]


def test_labels_that_look_alike_are_told(tmp_path: Path) -> None:
    (path := tmp_path / "a.csv").write_text("term,label\ngin,Drug\nrum,Dr\u200bug\n", encoding="utf-8")
    said = "'Drug', 'Dr\\u200bug' are different labels, as white space or signs differ"
    (reading := read_gazetteer(path)).gazetteer()
    assert reading.report.notes == [said]
