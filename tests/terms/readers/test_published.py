"""Published tables: LOINC, ATC, DrugBank, CTD, UNII, GLEIF."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers import guess_format, read_gazetteer
from hybrid_ner.terms.readers.base import header_of
from hybrid_ner.terms.readers.files import HEAD_BYTES, Files

Write = Callable[..., Path]

LOINC = (
    '"LOINC_NUM","COMPONENT","PROPERTY","CLASS","STATUS","LONG_COMMON_NAME","CONSUMER_NAME","RELATEDNAMES2"\r\n'
    '"1-1","Madeglobin^2H post meal","MCnc","CHEM","ACTIVE","Madeglobin [Mass/volume] in Blood",'
    '"Madeglobin test","MG; Glob"\r\n'
    '"2-2","Oldglobin","MCnc","CHEM","DEPRECATED","Oldglobin in Blood","",""\r\n'
    '"3-3","Made ""quoted"" count","Num","HEM","ACTIVE","Made count","Made count",""\r\n'
)
ATC = (
    "ATC code,ATC level name\nN,NERVOUS SYSTEM\nN02,ANALGESICS\nN02B,OTHER ANALGESICS\nN02BA,Acids\n"
    'N02BA99,madeamine\nN02BA51,"madeamine, combinations"\n'
)
DRUGBANK = (
    "DrugBank ID,Accession Numbers,Common name,CAS,UNII,Synonyms,Standard InChI Key\n"
    'DB1,X1 | X2,Madeamine,1-1-1,U1,"Amine, made | Madeaminum | MAM",KEY\n'
    "DB2,,Otheramine,,,,\n"
)
CTD = (
    "# Report created: Mon\n# https://ctdbase.org/\n# Fields:\n"
    "# ChemicalName,ChemicalID,CasRN,Definition,ParentIDs,TreeNumbers,ParentTreeNumbers,Synonyms\n#\n"
    '"Amine, made",MESH:C1,1-1-1,"Made, here.",MESH:D1|MESH:D2,D02.1,D02,Madeamine|MAM\n'
    "Otheramine,MESH:C2,,,,,,\n"
)
CTD_DISEASES = (
    "# CTD_diseases\n# Fields:\n# DiseaseName\tDiseaseID\tAltDiseaseIDs\tDefinition\tParentIDs\tTreeNumbers"
    "\tParentTreeNumbers\tSynonyms\tSlimMappings\n#\n"
    'Made "fever"\tMESH:D9\t\t\tMESH:C\tC01\tC\tFever, Made\tInfection\n'
)
UNII = (
    "Name\tTYPE\tUNII\tDisplay Name\nMADEAMINE\tof\tU1\tMADEAMINE\nMADEAMINUM\tcn\tU1\tMADEAMINE\n"
    "AMIDEX\tbn\tU1\tMADEAMINE\nNSC-1\tcd\tU1\tMADEAMINE\n"
)
GLEIF = (
    '"LEI","Entity.LegalName","Entity.LegalName.xmllang","Entity.OtherEntityNames.OtherEntityName.1",'
    '"Entity.OtherEntityNames.OtherEntityName.1.type","Entity.LegalAddress.Country","Entity.EntityCategory",'
    '"Entity.EntityStatus"\n'
    '"L1","Made, ""Inc.""","en","Made Holdings","TRADING_NAME","US","GENERAL","ACTIVE"\n'
    '"L2","Gone Ltd","en","","","IN","GENERAL","INACTIVE"\n'
    '"L3","Fonds Fait","fr","","","FR","FUND","ACTIVE"\n'
)


def _texts(path: Path, **given: object) -> list[str]:
    return [t.text for t in read_gazetteer(path, **given)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "text", "format", "first", "concept", "label", "count"),
    [
        ("Loinc.csv", LOINC, "loinc", "Madeglobin", "LOINC:1-1", "LabTest", 5),
        ("atc.csv", ATC, "atc", "madeamine", "ATC:N02BA99", "Chemical", 1),
        ("drugbank vocabulary.csv", DRUGBANK, "drugbank", "Madeamine", "DRUGBANK:DB1", "Chemical", 5),
        ("CTD_chemicals.csv", CTD, "ctd", "Amine, made", "MESH:C1", "Chemical", 4),
        ("CTD_diseases.tsv", CTD_DISEASES, "ctd", 'Made "fever"', "MESH:D9", "Disease", 2),
        ("UNII_Names_1.txt", UNII, "unii", "MADEAMINE", "UNII:U1", "Chemical", 3),
        ("gleif.csv", GLEIF, "gleif", 'Made, "Inc."', "LEI:L1", "ORG", 3),
    ],
)
def test_each_table_is_recognized_and_read(
    write: Write, name: str, text: str, format: str, first: str, concept: str, label: str, count: int
) -> None:
    path = write(name, text)
    assert guess_format(Files(path)).name == format
    terms = list(read_gazetteer(path))
    assert (terms[0].text, terms[0].concept_id, terms[0].label) == (first, concept, label)
    path.write_text(f"\ufeff{text}", encoding="utf-8")
    assert guess_format(Files(path)).name == format
    assert terms[0].status == "preferred"
    assert len(terms) == count


def test_loinc_options(write: Write) -> None:
    path = write("Loinc.csv", LOINC)
    assert "Oldglobin" in _texts(path, statuses="")
    assert _texts(path, classes="HEM", names="COMPONENT") == ['Made "quoted" count']
    assert "Glob" in _texts(path, names="RELATEDNAMES2")
    reading = read_gazetteer(path)
    list(reading)
    assert reading.report.skipped["status DEPRECATED"].count == 1


def test_atc_levels_parents_and_combinations(write: Write) -> None:
    path = write("atc.csv", ATC)
    assert _texts(path, levels="2,4") == ["ANALGESICS", "Acids"]
    reading = read_gazetteer(path, combinations=True)
    assert "madeamine, combinations" in [t.text for t in reading]
    assert reading.parents["ATC:N02BA99"] == ("ATC:N02BA",)
    assert reading.parents["ATC:N02"] == ("ATC:N",)


def test_ctd_without_fields_line_has_eight_columns(write: Write) -> None:
    path = write("CTD_chemicals.csv", "# ctdbase.org\nMadeamine,MESH:C1,,,MESH:D1,,,MAM\n")
    reading = read_gazetteer(path)
    assert [t.text for t in reading] == ["Madeamine", "MAM"]
    assert reading.parents == {"MESH:C1": ("MESH:D1",)}


def test_synonyms_can_be_left_out(write: Write) -> None:
    assert _texts(write("drugbank vocabulary.csv", DRUGBANK), synonyms=False) == ["Madeamine", "Otheramine"]
    assert _texts(write("CTD_chemicals.csv", CTD), synonyms=False) == ["Amine, made", "Otheramine"]


def test_unii_brands_and_types(write: Write) -> None:
    path = write("UNII_Names_1.txt", UNII)
    assert [t.status for t in read_gazetteer(path)] == ["preferred", "synonym", "brand"]
    assert _texts(path, name_types="cd") == ["NSC-1"]


def test_unii_names_are_made_readable(write: Write) -> None:
    rows = (
        ".ALPHA.-MADEOL [WHO-DD]\tcn\tU2\t.ALPHA.-MADEOL\n"
        ".ALPHA.-MADEOL\tof\tU2\t.ALPHA.-MADEOL\n"
        "MADE[2,3-B]OL\tsys\tU2\t.ALPHA.-MADEOL\nMADEOL [USP-RS]\tcn\tU3\tMADEOL\n"
    )
    path = write("UNII_Names_1.txt", UNII.splitlines()[0] + "\n" + rows)
    assert _texts(path) == ["ALPHA-MADEOL", "MADE[2,3-B]OL", "MADEOL"]
    assert _texts(path, as_written="true")[0] == ".ALPHA.-MADEOL [WHO-DD]"


def test_gleif_options(write: Write) -> None:
    path = write("gleif.csv", GLEIF)
    assert _texts(path, countries="US", other_names=False) == ['Made, "Inc."']
    assert "Gone Ltd" in _texts(path, statuses="")
    assert _texts(path, label_map={"FUND": "FUND"}) == ["Fonds Fait"]


@pytest.mark.parametrize(
    ("name", "text", "line", "problem"),
    [
        ("Loinc.csv", LOINC, '"4-4","short"\n', "wrong number of columns"),
        ("Loinc.csv", LOINC, '"","x","","","ACTIVE","","",""\n', "no LOINC number"),
        ("Loinc.csv", LOINC, '"5-5"x,"a"\n', "broken quoting"),
        ("atc.csv", ATC, "Z99Z,nothing\nbad code,x\n", "not an ATC code"),
        ("drugbank vocabulary.csv", DRUGBANK, "DB3,,,,,,\n", "no DrugBank ID or no common name"),
        ("CTD_chemicals.csv", CTD, "x,MESH:C3\n", "wrong number of columns"),
        ("CTD_chemicals.csv", CTD, ",MESH:C3,,,,,,\n", "no name or no id"),
        ("UNII_Names_1.txt", UNII, "A\tof\t\tB\n", "no UNII or no name"),
        ("gleif.csv", GLEIF, '"L9","x"\n', "wrong number of columns"),
        ("gleif.csv", GLEIF, '"","x","","","","","","ACTIVE"\n', "no LEI or no legal name"),
    ],
)
def test_malformed_rows(write: Write, name: str, text: str, line: str, problem: str) -> None:
    path = write(name, text + line)
    with pytest.raises(InputError, match=rf"row \d+: {problem}"):
        list(read_gazetteer(path))
    reading = read_gazetteer(path, skip_bad=True)
    assert len(list(reading)) == len(_texts(write(f"whole/{name}", text)))
    assert reading.report.bad[problem].count >= 1


@pytest.mark.parametrize("format", ["loinc", "drugbank", "gleif", "unii", "atc"])
def test_a_table_without_its_columns_is_refused(write: Write, format: str) -> None:
    with pytest.raises(InputError, match=r"no column .*its columns are a, b"):
        list(read_gazetteer(write("x.csv", "a,b\n1,2\n"), format))


def test_header_of_is_lower_case() -> None:
    assert header_of(b"LEI;Name\r\n1;2\n") == ["lei", "name"]


def test_gleif_header_longer_than_what_is_looked_at_to_guess(write: Write) -> None:
    filler = ",".join(
        f'"Entity.OtherAddresses.OtherAddress.{n}.AdditionalAddressLine"' for n in range(1, 201)
    )
    header = f'"LEI","Entity.LegalName",{filler},"Entity.LegalAddress.Country","Entity.EntityStatus"\r\n'
    assert len(header) > HEAD_BYTES
    row = '"L1","Made Inc."' + ',""' * 200 + ',"US","ACTIVE"\r\n'
    path = write("20240301-gleif-goldencopy-lei2-golden-copy.csv", header + row)
    assert guess_format(Files(path)).name == "gleif"
    assert _texts(path, countries="US") == ["Made Inc."]


def test_gleif_xml(write: Write) -> None:
    def record(lei: str, name: str, status: str) -> str:
        return (
            f'<lei:LEIRecord><lei:LEI>{lei}</lei:LEI><lei:Entity><lei:LegalName xml:lang="en">{name}'
            "</lei:LegalName><lei:OtherEntityNames><lei:OtherEntityName>Made Holdings</lei:OtherEntityName>"
            "</lei:OtherEntityNames><lei:LegalAddress><lei:Country>US</lei:Country></lei:LegalAddress>"
            f"<lei:EntityStatus>{status}</lei:EntityStatus></lei:Entity></lei:LEIRecord>"
        )

    text = (
        '<?xml version="1.0"?><lei:LEIData xmlns:lei="http://www.gleif.org/data/schema/leidata/2016">'
        f"<lei:LEIRecords>{record('L1', 'Made &amp; Co.', 'ACTIVE')}{record('L2', 'Gone', 'INACTIVE')}"
        f"{record('', 'Nameless', 'ACTIVE')}</lei:LEIRecords></lei:LEIData>"
    )
    path = write("golden-copy.xml", text)
    with pytest.raises(InputError, match=r"golden-copy.xml, row 3: no LEI or no legal name: Nameless"):
        list(read_gazetteer(path))
    reading = read_gazetteer(path, skip_bad=True, countries="US")
    assert [(t.text, t.concept_id, t.status) for t in reading] == [
        ("Made & Co.", "LEI:L1", "preferred"),
        ("Made Holdings", "LEI:L1", "synonym"),
    ]
    assert reading.report.skipped["status INACTIVE"].count == 1
    with pytest.raises(InputError, match="malformed XML"):
        list(read_gazetteer(write("golden-copy.xml", text[:-40]), skip_bad=True))


def test_atc_rows_of_several_doses_give_a_name_once(write: Write) -> None:
    text = "ATC code,ATC level name,DDD,U,Adm.R,Note\nN02BA99,madeamine,3,g,O,\nN02BA99,madeamine,1,g,P,\n"
    reading = read_gazetteer(write("atc.csv", text))
    assert [(t.text, t.row) for t in reading] == [("madeamine", 2)]
    assert reading.report.skipped["same name of the same code"].examples == [(3, "N02BA99 madeamine")]


@pytest.mark.parametrize(
    "header", ["ATC-Code\tATC-Bedeutung", "atc_code\tatc_name", "ATCCode\tName", "ATC\tSubstance"]
)
def test_atc_columns_by_other_names(write: Write, header: str) -> None:
    path = write("atc.tsv", f"{header}\tDDD\nN02BA99\tmadeamine\t3 g\n")
    assert guess_format(Files(path)).name == "atc"
    assert _texts(path) == ["madeamine"]


def test_atc_xml(write: Write) -> None:
    rows = (
        "<z:row ATCCode='N' Name='NERVOUS SYSTEM'/><z:row ATCCode='N02BA99' Name='made\namine' Comment=''/>"
    )
    text = f"<xml xmlns:rs='urn:rowset' xmlns:z='#RowsetSchema'><rs:data>{rows}%s</rs:data></xml>"
    path = write("2024 ATC.xml", text % "")
    assert guess_format(Files(path)).name == "atc"
    assert [(t.text, t.concept_id, t.row) for t in read_gazetteer(path)] == [("made amine", "ATC:N02BA99", 2)]
    path = write("2024 ATC.xml", text % "<z:row ATCCode='?' Name='x'/>")
    with pytest.raises(InputError, match=r"row 3: not an ATC code: \? x"):
        list(read_gazetteer(path))


def test_ctd_synonyms_in_the_columns_of_newer_files(write: Write) -> None:
    text = (
        "# http://ctdbase.org/\n# Fields:\n# ChemicalName,ChemicalID,CasRN,PubChemCID,PubChemSID,DTXSID,"
        "InChIKey,Definition,ParentIDs,TreeNumbers,ParentTreeNumbers,MESHSynonyms,CTDCuratedSynonyms\n#\n"
        'Madeamine,MESH:C1,,,,,,"A, B",MESH:D1,,,MAM|Amine made,MAM|madein\n'
    )
    assert _texts(write("CTD_chemicals.csv", text)) == ["Madeamine", "MAM", "Amine made", "madein"]
