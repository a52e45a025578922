"""Every reader on what it should never be given: a clear error with file, row and next step."""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybrid_ner.errors import InputError
from hybrid_ner.terms import count_children, restrict
from hybrid_ner.terms.readers import FORMATS, load_gazetteer, read_gazetteer
from hybrid_ner.terms.readers.files import HEAD_BYTES
from tests.conftest import examples

Write = Callable[..., Path]
HEADERS = {
    "gazetteer": "term\tlabel\tconcept_id\tstatus\tmode\tsource\n",
    "mesh-xml": "<DescriptorRecordSet>",
    "snomed": (
        "id\teffectiveTime\tactive\tmoduleId\tconceptId\tlanguageCode\ttypeId\tterm\tcaseSignificanceId\r\n"
    ),
    "icd10cm-xml": "<ICD10CM.tabular>",
    "loinc": "LOINC_NUM,COMPONENT,CLASS,STATUS,LONG_COMMON_NAME\n",
    "atc": "ATC code,ATC level name\n",
    "drugbank": "DrugBank ID,Common name,Synonyms\n",
    "ctd": "# Fields:\n# DiseaseName,DiseaseID,Synonyms\n",
    "unii": "Name\tTYPE\tUNII\tDisplay Name\n",
    "gleif": "LEI,Entity.LegalName,Entity.EntityStatus\n",
    "wikidata": '{"head":{"vars":["item"]},"results":{"bindings":[',
    "tbx": "<martif>",
    "skos": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    "owl": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    "csv": "term,label\n",
}
TOLERANT = {"txt"}
"""Any line of text is a term of a plain list."""


def load(path: Path, format: str, **options: Any) -> int:
    return len(load_gazetteer(path, format, label="X", **options))


NO_LIST: list[tuple[bytes, str]] = [
    (b"", r"file.x: the file is empty. Check the file."),
    (b" \n\n", r"file.x: the file is empty"),
    (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", r"file.x: holds NUL bytes.*Give a text file"),
    (b"PK\x03\x04\x14\x00\x00\x00", r"file.x: holds NUL bytes"),
    (b"\n<!DOCTYPE html>\n<html><body>Sign in</body></html>", r"file.x: is a web page.*a login first"),
    (b"\xef\xbb\xbf<html><body>Sign in</body></html>", r"file.x: is a web page"),
    (b"\xef\xbb\xbf", r"file.x: the file is empty"),
]
"""What no format reads, and what is said of it."""


@pytest.mark.parametrize("format", FORMATS)
def test_no_text_or_no_file_of_terms(write: Write, format: str) -> None:
    def said(content: bytes) -> str:
        try:
            return f"{load(write('file.x', content), format)} terms"
        except InputError as error:
            return str(error)

    wrong = [f"{row}: {found}" for row, problem in NO_LIST if not re.search(problem, found := said(row))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("format", sorted(set(FORMATS) - TOLERANT))
def test_a_line_of_another_kind_names_its_row(write: Write, format: str) -> None:
    path = write("file.x", HEADERS.get(format, "") + "something | else\n")
    with pytest.raises(InputError, match=r"file\.x(, row \d+)?: .+\. \w+.+\."):
        load(path, format)


@pytest.mark.parametrize("format", ["gazetteer", "loinc", "atc", "drugbank", "ctd", "unii", "gleif", "csv"])
def test_a_header_without_rows_holds_no_term(write: Write, format: str) -> None:
    with pytest.raises(InputError, match=r"no term found in 0 rows\. Check the format"):
        load(write("file.x", HEADERS[format]), format)


@pytest.mark.parametrize("format", sorted(set(FORMATS) - TOLERANT))
def test_a_line_without_end_is_refused(write: Write, format: str) -> None:
    with pytest.raises(InputError) as found:
        load(write("file.x", HEADERS.get(format, "").encode() + b"x" * 1_200_000), format)
    assert len(str(found.value)) < 600


def test_terms_of_impossible_length_or_with_control_characters(write: Write) -> None:
    path = write("Disease.txt", "fever\n" + "x" * 20_000 + "\n")
    with pytest.raises(InputError, match=r"row 2: too long for a term: 20,000 characters: xxxx"):
        load_gazetteer(path)
    path = write("a.csv", "term,label\n" + "flu,Disease\n" * 1000 + "fe\x00ver,Disease\n")
    with pytest.raises(InputError, match=r"row 1002: control characters in a term: 'fe\\x00ver'"):
        load_gazetteer(path)
    obo = (
        "format-version: 1.2\n"
        + "! note\n" * 2000
        + '[Term]\nid: X:1\nname: fe\x00ver\nsynonym: "flu" EXACT []\n'
    )
    reading = read_gazetteer(write("a.obo", obo), label="X")
    assert [term.text for term in reading] == ["flu"]
    assert reading.report.skipped["control characters in a term"].count == 1


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('term,label\n"flu,Disease\n', r"row 2: broken quoting: a quote is not closed. Mend the quotes"),
        ('"term,label\nflu,Disease\n', r"broken quoting|no column can be taken"),
        ('term,label\n"flu"x,Disease\n', r"row 2: broken quoting: text behind a closing quote"),
        ('LEI,"Entity.LegalName"x,Entity.EntityStatus\nL,x,ACTIVE\n', r"row 1: broken quoting"),
        ("term,label\nflu\rcold,Disease\n", r"row 2: broken quoting: a carriage return inside a row"),
    ],
)
def test_broken_quotes_say_what_is_wrong(write: Write, content: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        load_gazetteer(write("a.csv", content))


def test_a_quoted_line_break_is_part_of_the_cell(write: Write) -> None:
    found = load_gazetteer(write("a.csv", 'term,label\n"lung\ncancer",Disease\nflu,Disease\n'))
    assert [(t.text, t.row) for t in found] == [("lung cancer", 2), ("flu", 4)]


def test_line_ends_and_encodings_of_other_programs(write: Write) -> None:
    text = "term,label\nflu,Disease\ncold,Disease\n"
    for content in (text.replace("\n", "\r"), text.replace("\n", "\r\n")):
        assert [t.text for t in load_gazetteer(write("a.csv", content))] == ["flu", "cold"]
    for name, content in (("a.txt", "flu\r\ncold\rgout\n"), ("b.md", "- flu\n- cold\r- gout\n")):
        found = load_gazetteer(write(name, content), label="Disease")
        assert [t.text for t in found] == ["flu", "cold", "gout"]
    late = "flu\r" * HEAD_BYTES + "cold\ngout\n"
    assert [t.text for t in load_gazetteer(write("c.txt", late), label="Disease")][-2:] == ["cold", "gout"]
    loinc = HEADERS["loinc"] + "1-1,Glob,HEM,ACTIVE,\n"
    for encoding in ("utf-16", "utf-8-sig"):
        assert [t.text for t in load_gazetteer(write("Loinc.csv", loinc.encode(encoding)))] == ["Glob"]


@pytest.mark.parametrize("key", ["term", "label", "id", "synonyms"])
@pytest.mark.parametrize(("name", "form"), [("a.jsonl", "{}\n{}\n"), ("a.yaml", "- {}\n- {}\n")])
def test_half_a_character_is_a_bad_row(write: Write, key: str, name: str, form: str) -> None:
    row = {"term": "flu", "label": "Disease", "id": "1", "synonyms": "grippe"}
    rows = (json.dumps(each) for each in ({**row, "term": "cold", "id": "2"}, {**row, key: "\ud800x"}))
    path = write(name, form.format(*rows))
    with pytest.raises(InputError, match=rf"{name}, row \d: a lone surrogate"):
        read_gazetteer(path).gazetteer()
    assert "cold" in [t.text for t in load_gazetteer(path, skip_bad=True)]


@pytest.mark.parametrize("names", [("../a.txt", "b.txt"), ("/a.txt", "b.txt"), ("a.txt", "x/../a.txt")])
def test_a_file_outside_of_an_archive_or_twice_in_it_is_not_passed_over(
    tmp_path: Path, names: Sequence[str]
) -> None:
    with zipfile.ZipFile(tmp_path / "lists.zip", "w") as archive:
        for name in names:
            archive.writestr(name, "flu\n")
    with pytest.raises(InputError, match=r"lists\.zip: it holds the file .* twice, or outside of it"):
        load_gazetteer(tmp_path / "lists.zip", label="Disease")


def test_columns_that_are_not_read_are_noted(write: Write) -> None:
    reading = read_gazetteer(write("a.csv", "term,term,label,definition\nflu,grippe,Disease,a fever\n"))
    assert [term.text for term in reading] == ["flu"]
    assert reading.report.notes == ["columns that were not read: term, definition"]


def test_repeated_ids_and_a_cyclic_hierarchy(write: Write) -> None:
    stanzas = (("X:1", "a fever", "X:2"), ("X:2", "b fever", "X:1"), ("X:2", "b fever again", "X:2"))
    text = "".join(f"[Term]\nid: {i}\nname: {name}\nis_a: {above}\n\n" for i, name, above in stanzas)
    found = load_gazetteer(write("a.obo", text), label="Disease")
    assert found.parents == {"X:1": ("X:2",), "X:2": ("X:1",)}
    assert len(restrict(found, ["X:1"])) == 3
    assert [(row.concept_id, row.terms) for row in count_children(found, "X:1")] == [("X:1", 3), ("X:2", 3)]


def test_json_of_another_kind_or_nested_too_deeply(write: Write) -> None:
    with pytest.raises(InputError, match=r"no array of items was found. Give the result of a query"):
        load(write("w.json", '{"pages": {"Q1": {}}}'), "wikidata")
    with pytest.raises(InputError, match="nested too deeply"):
        load(write("a.json", "[" * 100_000), "jsonl")
    with pytest.raises(InputError, match=r"row 1: not JSON"):
        load(write("a.jsonl", '{"a":' * 100_000), "jsonl")
    binding = '{"results": {"bindings": [{"item": {"value": "http://www.wikidata.org/entity/Q1"}}]}}'
    with pytest.raises(InputError, match=r"no term found in 1 row \(1 no name\)"):
        load(write("w.json", binding), "wikidata")


def test_the_gazetteer_format_wants_its_header(write: Write) -> None:
    with pytest.raises(InputError, match=r"row 1: expected the header 'term label concept_id .* format csv"):
        load(write("a.tsv", "name\ttype\nflu\tDisease\n"), "gazetteer")


@settings(deadline=None, max_examples=examples(50))
@given(format=st.sampled_from(sorted(FORMATS)), noise=st.binary(max_size=80))
def test_noise_never_ends_in_another_error(
    tmp_path_factory: pytest.TempPathFactory, format: str, noise: bytes
) -> None:
    path = tmp_path_factory.mktemp("noise") / "file.x"
    path.write_bytes(HEADERS.get(format, "").encode() + noise)
    for skip_bad in (False, True):
        with suppress(InputError):
            load(path, format, skip_bad=skip_bad)


def test_an_unknown_encoding_of_xml_is_an_error(write: Write) -> None:
    for format in ("tbx", "owl"):
        with pytest.raises(InputError, match=r"row 1: malformed XML \(unknown encoding: nope"):
            load(write("file.x", '<?xml version="1.0" encoding="nope"?><a/>'), format)


def test_a_table_with_a_broken_header_is_refused(write: Write) -> None:
    text = 'LEI,"Entity.LegalName"x,Entity.LegalName,Entity.EntityStatus\nL,x,x,ACTIVE\n'
    with pytest.raises(InputError, match=r"row 1: broken quoting in the header: text behind a closing quote"):
        load(write("gleif.csv", text), "gleif")


def test_an_open_quote_says_how_far_it_reaches(write: Write) -> None:
    csv = write("a.csv", 'term,label\n"flu,Disease\ncold,Disease\n')
    loinc = write("Loinc.csv", HEADERS["loinc"] + '1-1,"Glob,HEM,ACTIVE,\n2-2,Glob,HEM,ACTIVE,\n')
    for path in (csv, loinc):
        with pytest.raises(InputError, match=r"row 2: broken quoting: a quote is not closed, up to row 3"):
            load_gazetteer(path)


def test_json_that_is_not_utf_8_names_the_record(write: Write) -> None:
    with pytest.raises(InputError, match=r"row 1: not whole JSON \(byte 0xff is not UTF-8\)"):
        load_gazetteer(write("a.json", b'[{"term": "fl\xffu", "label": "Disease"}]'))


def test_a_list_whose_name_is_in_no_utf8_names_its_rows(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/M\xfcller.csv"))
    path.write_text("term,label\nZestril,Drug\n")
    reading = read_gazetteer(path)
    gazetteer = reading.gazetteer()
    assert [(term.text, term.file) for term in gazetteer] == [("Zestril", "Müller.csv")]
    assert "Müller.csv" in reading.report.path
