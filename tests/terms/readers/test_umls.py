"""UMLS: languages, suppression, vocabularies, term types, semantic types, quotes, bad rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers import guess_format, load_gazetteer, read_gazetteer
from hybrid_ner.terms.readers.files import Files

Write = Callable[..., Path]


def conso(
    cui: str,
    text: str,
    lat: str = "ENG",
    sab: str = "MSH",
    tty: str = "SY",
    suppress: str = "N",
    **flags: str,
) -> str:
    cells = [
        cui,
        lat,
        flags.get("ts", "S"),
        "L1",
        flags.get("stt", "PF"),
        "S1",
        flags.get("ispref", "N"),
        "A1",
    ]
    return "|".join([*cells, "", "", "", sab, tty, "X", text, "0", suppress, "", ""])


CONSO = "\n".join(
    (
        conso("C0000001", "Made fever", tty="MH", ts="P", ispref="Y"),
        conso("C0000001", "Made fever", sab="NCI"),
        conso("C0000001", 'fever "made', sab="NCI"),
        conso("C0000001", "Fièvre", lat="FRE", sab="MSHFRE"),
        conso("C0000001", "old fever", suppress="O"),
        conso("C0000001", "MF", tty="AB"),
        conso("C0000002", "madeamine", sab="RXNORM", tty="IN"),
        conso("C0000002", "Amidex", sab="RXNORM", tty="BN"),
        conso("C0000003", "walking"),
        conso("C0000001", "%", sab="SNOMEDCT_US"),
        "",
    )
)
STY = (
    "C0000001|T047|B2.2.1.2.1|Disease or Syndrome|AT1||\n"
    "C0000002|T121|A1.4.1.1.1|Pharmacologic Substance|AT2||\n"
    "C0000002|T116|A1.4.1.2.1.7|Amino Acid, Peptide, or Protein|AT3||\n"
    "C0000003|T056|B1.1|Daily or Recreational Activity|AT4||\n"
)


@pytest.fixture
def meta(write: Write) -> Path:
    """A META folder."""
    write("META/MRSTY.RRF", STY)
    return write("META/MRCONSO.RRF", CONSO).parent


def test_wanted_strings_of_wanted_types(meta: Path) -> None:
    reading = read_gazetteer(meta)
    assert [(t.text, t.label, t.concept_id, t.status, t.source, t.row) for t in reading] == [
        ("Made fever", "Disease", "UMLS:C0000001", "preferred", "UMLS:MSH", 1),
        ('fever "made', "Disease", "UMLS:C0000001", "synonym", "UMLS:NCI", 3),
        ("MF", "Disease", "UMLS:C0000001", "abbreviation", "UMLS:MSH", 6),
        ("madeamine", "Chemical", "UMLS:C0000002", "synonym", "UMLS:RXNORM", 7),
        ("Amidex", "Chemical", "UMLS:C0000002", "brand", "UMLS:RXNORM", 8),
    ]
    assert {reason: found.count for reason, found in reading.report.skipped.items()} == {
        "same string of the same concept": 1,
        "language": 1,
        "suppressed": 1,
        "type not wanted": 1,
        "no letter or digit": 1,
    }
    assert reading.report.format == "umls"
    assert reading.report.rows == 10


def test_options(meta: Path) -> None:
    def texts(**given: object) -> list[str]:
        return [t.text for t in read_gazetteer(meta, **given)]  # type: ignore[arg-type]

    assert texts(vocabularies="RXNORM") == ["madeamine", "Amidex"]
    assert texts(term_types="AB,BN") == ["MF", "Amidex"]
    assert "MF" not in texts(exclude_term_types=["AB"])
    assert "madeamine" not in texts(exclude_vocabularies="RXNORM")
    assert texts(languages="FRE") == ["Fièvre"]
    assert "old fever" in texts(suppressed=True)
    assert texts(label="X", semantic_types="T056") == ["walking"]
    assert texts(label_map={"Daily or Recreational Activity": "Act"}) == ["walking"]
    assert "walking" in texts(label="X")
    assert {t.mode for t in read_gazetteer(meta) if t.text == "MF"} == {"case"}


def test_the_file_alone_needs_a_label(write: Write) -> None:
    path = write("alone/MRCONSO.RRF", CONSO)
    with pytest.raises(InputError, match=r"no MRSTY\.RRF beside it.*one label for every row"):
        load_gazetteer(path)
    assert len(load_gazetteer(path, label="X")) == 6


def test_parents_from_mrrel(meta: Path) -> None:
    with pytest.raises(InputError, match=r"no MRREL\.RRF beside it"):
        load_gazetteer(meta, hierarchy=True)
    rows = (
        "C0000001|A1|AUI|PAR|C0000009|A9|AUI|inverse_isa|R1||MSH|MSH|||N||",
        "C0000001|A1|AUI|CHD|C0000008|A8|AUI|isa|R2||MSH|MSH|||N||",
        "C0000002|A1|AUI|PAR|C0000007|A7|AUI||R3||NCI|NCI|||N||",
        "C0000003|A1|AUI|PAR|C0000006|A6|AUI||R4||MSH|MSH|||N||",
    )
    (meta / "MRREL.RRF").write_text("\n".join(rows) + "\n", encoding="utf-8")
    found = load_gazetteer(meta, hierarchy=True)
    assert found.parents == {"UMLS:C0000001": ("UMLS:C0000009",), "UMLS:C0000002": ("UMLS:C0000007",)}
    msh = load_gazetteer(meta, hierarchy=True, vocabularies="MSH")
    assert msh.parents == {"UMLS:C0000001": ("UMLS:C0000009",)}


def test_types_are_found_beside_the_file(meta: Path) -> None:
    assert len(load_gazetteer(meta / "MRCONSO.RRF")) == 5


def test_a_part_of_the_file_is_recognized_under_another_name(write: Write) -> None:
    assert guess_format(Files(write("part.txt", CONSO))).name == "umls"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("C0000001|ENG|P|L1|PF", "wrong number of columns"),
        (conso("X1", "a b"), "no CUI in the first column"),
        (conso("C0000001", "a|b"), "wrong number of columns"),
    ],
)
def test_malformed_rows(write: Write, line: str, problem: str) -> None:
    path = write("MRCONSO.RRF", CONSO + line + "\n")
    with pytest.raises(InputError, match=rf"MRCONSO\.RRF, row 11: {problem}"):
        load_gazetteer(path, label="X")
    reading = read_gazetteer(path, label="X", skip_bad=True)
    assert len(list(reading)) == 6
    assert reading.report.bad[problem].examples[0][0] == 11


def test_invalid_utf8_names_the_row(write: Write) -> None:
    path = write("MRCONSO.RRF", CONSO.encode() + conso("C0000009", "x").encode() + b"\xff\n")
    with pytest.raises(InputError, match=r"row 11: not valid UTF-8: byte 0xff"):
        load_gazetteer(path, label="X")


# RxNorm: term types, suppression, vocabularies.


def _row(rxcui: str, text: str, tty: str, sab: str = "RXNORM", suppress: str = "N") -> str:
    return f"{rxcui}|ENG||||||A{rxcui}|||{rxcui}|{sab}|{tty}|{rxcui}|{text}||{suppress}|4096|"


ROWS = "\n".join(
    (
        _row("1", "madeamine", "IN"),
        _row("2", "Amidex", "BN"),
        _row("3", "madeamine 5 MG Oral Tablet", "SCD"),
        _row("4", "oldamine", "IN", suppress="O"),
        _row("1", "MADEAMINE", "SU", sab="MTHSPL"),
        "",
    )
)


def test_ingredients_and_brands(write: Write) -> None:
    reading = read_gazetteer(write("RXNCONSO.RRF", ROWS))
    assert [(t.text, t.label, t.concept_id, t.status) for t in reading] == [
        ("madeamine", "Chemical", "RXNORM:1", "preferred"),
        ("Amidex", "Chemical", "RXNORM:2", "brand"),
    ]
    assert set(reading.report.skipped) == {"term type", "suppressed", "vocabulary"}


def test_options_rxnorm(write: Write) -> None:
    path = write("rrf/RXNCONSO.RRF", ROWS).parent
    texts = [t.text for t in read_gazetteer(path, vocabularies="", term_types="SCD,SU", label="Drug")]
    assert texts == ["madeamine 5 MG Oral Tablet", "MADEAMINE"]
    assert "oldamine" in [t.text for t in read_gazetteer(path, suppressed="yes")]
    mapped = read_gazetteer(path, label_map={"BN": "Brand"})
    assert [(t.text, t.label) for t in mapped] == [("Amidex", "Brand")]


@pytest.mark.parametrize(
    ("line", "problem"), [("1|ENG|x", "wrong number of columns"), (_row("x", "a b", "IN"), "no RXCUI")]
)
def test_malformed_rows_rxnorm(write: Write, line: str, problem: str) -> None:
    path = write("RXNCONSO.RRF", ROWS + line + "\n")
    with pytest.raises(InputError, match=rf"row 6: {problem}"):
        list(read_gazetteer(path))
    assert len(list(read_gazetteer(path, skip_bad=True))) == 2


def test_a_row_that_lacks_a_column_is_no_row_of_another_form(tmp_path: Path) -> None:
    row = "C0018099|ENG|P|L1|PF|S1|Y|A1||M1|D1|MSH|MH|D1|Gout|0|N|256|\n"
    (tmp_path / "MRCONSO.RRF").write_text(row + row.replace("|Gout|", "|"))
    (tmp_path / "MRSTY.RRF").write_text("C0018099|T047|B2|Disease or Syndrome|AT1|256|\n")
    with pytest.raises(InputError, match=r"row 2: wrong number of columns: 17 instead of 18"):
        load_gazetteer(tmp_path, label="Disease")


def test_names_of_the_taxonomy(write: Write) -> None:
    rows = [
        ("1", "root", "", "scientific name"),
        ("562", "Escherichia coli", "", "scientific name"),
        ("562", "Bacillus coli", "", "synonym"),
        ("562", "Escherichia coli (Migula 1895) Castellani and Chalmers 1919", "", "authority"),
        ("498019", "[Candida] auris", "", "scientific name"),
        ("6754", "Cancer", "Cancer <genus>", "scientific name"),
        ("1301", "Streptococcus", "", "scientific name"),
        ("12721", "HIV", "", "acronym"),
    ]
    path = write("taxa.txt", "\n".join("\t|\t".join(row) + "\t|" for row in rows))
    reading = read_gazetteer(path)
    read = [(t.text, t.label, t.concept_id, t.status, t.mode) for t in reading.gazetteer().terms]
    assert reading.reader.name == "taxonomy"
    assert read == [
        ("Escherichia coli", "Organism", "NCBITaxon:562", "preferred", "folded"),
        ("Bacillus coli", "Organism", "NCBITaxon:562", "synonym", "folded"),
        ("Candida auris", "Organism", "NCBITaxon:498019", "preferred", "folded"),
        ("Cancer", "Organism", "NCBITaxon:6754", "preferred", "case"),
        ("Streptococcus", "Organism", "NCBITaxon:1301", "preferred", "folded"),
        ("HIV", "Organism", "NCBITaxon:12721", "abbreviation", "case"),
    ]
    assert {why: found.count for why, found in reading.report.skipped.items()} == {
        "name of the root": 1,
        "name class authority": 1,
    }


def test_malformed_rows_of_the_taxonomy(write: Write) -> None:
    path = write("names.dmp", "2\t|\tBacteria\t|\t\t|\tscientific name\t|\n3|x\n")
    with pytest.raises(InputError, match=r"row 2: not the columns of names.dmp"):
        read_gazetteer(path).gazetteer()
