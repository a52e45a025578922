"""Releases as vendors deliver them: folders and archives with more than the file that is read."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers import guess_format, load_gazetteer, read_gazetteer
from hybrid_ner.terms.readers.files import Files

Write = Callable[..., Path]
DESCRIPTION = (
    "id\teffectiveTime\tactive\tmoduleId\tconceptId\tlanguageCode\ttypeId\tterm\tcaseSignificanceId\r\n"
)
CONCEPT = "id\teffectiveTime\tactive\tmoduleId\tdefinitionStatusId\r\n"
FSN, SYN, CI = "900000000000003001", "900000000000013009", "900000000000448009"
LOINC = 'LOINC_NUM,COMPONENT,CLASS,STATUS,LONG_COMMON_NAME\n1-1,Madeglobin,HEM,ACTIVE,"Madeglobin, blood"\n'
ORDER = "00001 A00     0 Made fever                                                   Made fever, long\n"


def descriptions(concept: int, name: str) -> str:
    rows = ((f"{name} (disorder)", FSN), (name, SYN))
    return DESCRIPTION + "".join(
        f"{concept}{at}\t20240101\t1\t9\t{concept}\ten\t{kind}\t{text}\t{CI}\r\n"
        for at, (text, kind) in enumerate(rows)
    )


def rxnorm(rxcui: str, name: str) -> str:
    return f"{rxcui}|ENG||||||A{rxcui}|||{rxcui}|RXNORM|IN|{rxcui}|{name}||N|4096|\n"


RELEASES: dict[str, tuple[str, Mapping[str, str], list[str]]] = {
    "SnomedCT_MadeRF2_PRODUCTION_20240101T120000Z": (
        "snomed",
        {
            "Snapshot/Terminology/sct2_Description_Snapshot-en_INT_20240101.txt": descriptions(
                1, "Made fever"
            ),
            "Snapshot/Terminology/sct2_Concept_Snapshot_INT_20240101.txt": CONCEPT + "1\t1\t1\t9\t9\r\n",
            "Snapshot/Terminology/sct2_TextDefinition_Snapshot-en_INT_20240101.txt": DESCRIPTION,
            "Full/Terminology/sct2_Description_Full-en_INT_20240101.txt": descriptions(1, "Old fever"),
            "Full/Terminology/sct2_Concept_Full_INT_20240101.txt": CONCEPT + "1\t1\t0\t9\t9\r\n",
            "Delta/Terminology/sct2_Description_Delta-en_INT_20240101.txt": descriptions(2, "New fever"),
            "Readme_en_20240101.txt": "A made-up release.",
        },
        ["Made fever"],
    ),
    "RxNorm_full_01012024": (
        "rxnorm",
        {
            "rrf/RXNCONSO.RRF": rxnorm("1", "madeamine") + rxnorm("2", "othermine"),
            "rrf/RXNREL.RRF": "",
            "prescribe/rrf/RXNCONSO.RRF": rxnorm("1", "madeamine"),
            "scripts/oracle/populate.sql": "select 1;",
            "Readme_Full_01012024.txt": "A made-up release.",
        },
        ["madeamine", "othermine"],
    ),
    "Loinc_2.00": (
        "loinc",
        {
            "LoincTable/Loinc.csv": LOINC,
            "LoincTableCore/LoincTableCore.csv": LOINC,
            "AccessoryFiles/PartFile/Part.csv": "PartNumber,PartName\nLP1,Made\n",
            "LoincTable/MapTo.csv": "LOINC,MAP_TO\n",
        },
        ["Madeglobin", "Madeglobin, blood"],
    ),
    "icd10cm-code-descriptions": (
        "icd10cm-order",
        {
            "Code Descriptions/icd10cm-order-2025.txt": ORDER,
            "Code Descriptions/icd10cm-codes-2025.txt": "A00     Made fever, long\n",
            "Code Descriptions/icd10cm-order-addenda-2025.txt": "Add: 00001 A01\n",
        },
        ["Made fever, long"],
    ),
}


def texts(path: Path) -> list[str]:
    return [term.text for term in load_gazetteer(path)]


@pytest.mark.parametrize("name", RELEASES)
@pytest.mark.parametrize("packed", [False, True])
def test_the_right_file_of_a_release_is_read(tmp_path: Path, name: str, packed: bool) -> None:
    format, members, wanted = RELEASES[name]
    path = tmp_path / (f"{name}.zip" if packed else name)
    for member, text in members.items():
        if packed:
            with zipfile.ZipFile(path, "a") as archive:
                archive.writestr(f"{name}/{member}", text)
        else:
            (path / member).parent.mkdir(parents=True, exist_ok=True)
            (path / member).write_text(text, newline="")
    assert guess_format(Files(path)).name == format
    assert texts(path) == wanted


def test_a_prescribable_part_is_named_in_the_report(tmp_path: Path) -> None:
    for member, text in RELEASES["RxNorm_full_01012024"][1].items():
        (tmp_path / member).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / member).write_text(text)
    reading = read_gazetteer(tmp_path)
    assert len(list(reading)) == 2
    assert reading.report.notes == ["the prescribable part (prescribe/) repeats rows and was not read"]
    assert texts(tmp_path / "prescribe") == ["madeamine"]


@pytest.mark.parametrize("kind", ["Full", "Delta"])
def test_full_and_delta_files_alone_are_refused(write: Write, kind: str) -> None:
    path = write(f"sct2_Description_{kind}-en_INT_20240101.txt", descriptions(1, "Made fever"))
    with pytest.raises(InputError, match=r"holds no Snapshot description file. Give the Snapshot"):
        load_gazetteer(path)


def test_inactive_concepts_of_every_module_are_left_out(write: Write) -> None:
    folder = write("a/sct2_Description_Snapshot-en_A.txt", descriptions(1, "Made fever")).parents[1]
    write("a/sct2_Concept_Snapshot_A.txt", CONCEPT + "1\t1\t1\t9\t9\r\n")
    write("b/sct2_Description_Snapshot-en_B.txt", descriptions(2, "Gone fever"))
    write("b/sct2_Concept_Snapshot_B.txt", CONCEPT + "2\t1\t0\t9\t9\r\n")
    assert texts(folder) == ["Made fever"]


def test_a_core_table_is_read_where_there_is_no_other(write: Write) -> None:
    assert texts(write("LoincTableCore/LoincTableCore.csv", LOINC).parent) == [
        "Madeglobin",
        "Madeglobin, blood",
    ]


def test_tables_of_older_programs_are_read_as_windows_1252(write: Write) -> None:
    text = "ATC code;ATC level name\nN02BA99;ácido\n".encode("cp1252")
    reading = read_gazetteer(write("atc.csv", text))
    assert [term.text for term in reading] == ["ácido"]
    assert reading.report.notes == ["some rows are not UTF-8 and were read as Windows-1252"]


def test_an_archive_in_an_archive_and_other_archives_say_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "umls-full.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("2024AB/2024ab-1-meta.nlm", "PK")
        archive.writestr("2024AB/2024ab-2-meta.nlm", "PK")
    with pytest.raises(InputError, match=r"holds other archives \(2024AB/2024ab-1-meta.nlm, .*Unpack it"):
        load_gazetteer(path)
    for name in ("a.tar.gz", "b.tgz", "c.7z"):
        (tmp_path / name).write_bytes(b"x")
        with pytest.raises(InputError, match=r"is an archive that is not read. Unpack it"):
            load_gazetteer(tmp_path / name)


def test_a_folder_of_nothing_known_lists_what_it_holds(write: Write) -> None:
    folder = write("in/notes.docx", b"PK").parent
    write("in/more.pdf", b"%PDF")
    with pytest.raises(InputError, match=r"holds 2 files \(more.pdf, notes.docx\).*name one of them"):
        load_gazetteer(folder)
    (folder.parent / "empty").mkdir()
    with pytest.raises(InputError, match=r"holds 0 files \(nothing readable\)"):
        load_gazetteer(folder.parent / "empty")


def test_a_national_edition_names_its_files_after_itself(write: Write) -> None:
    language = "id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId\tacceptabilityId\r\n"
    preferred = f"u\t1\t1\t9\t5\t11\t{'900000000000548007'}\r\n"
    relations = "\t".join(("id", *"bcdefghij")) + "\r\n1\t1\t1\t9\t1\t50\t0\t116680003\t9\t9\r\n"
    for version, name in (("Full", "Old fever"), ("Delta", "New fever"), ("Snapshot", "Made fever")):
        folder = f"uk/{version}"
        write(
            f"{folder}/Terminology/sct2_Description_UKCL{version}-en_GB1000000_20240410.txt",
            descriptions(1, name) + descriptions(2, f"Gone {name}").removeprefix(DESCRIPTION),
        )
        write(
            f"{folder}/Terminology/sct2_Concept_UKCL{version}_GB1000000_20240410.txt",
            CONCEPT + "1\t1\t1\t9\t9\r\n2\t1\t0\t9\t9\r\n",
        )
        write(f"{folder}/Terminology/sct2_Relationship_UKCL{version}_GB1000000_20240410.txt", relations)
        write(
            f"{folder}/Refset/Language/der2_cRefset_UKCLLanguage{version}-en_GB1000000_20240410.txt",
            language + preferred,
        )
    reading = read_gazetteer(write("uk/Readme.txt", "A made-up release.").parent, "snomed")
    assert [(t.text, t.status) for t in reading] == [("Made fever", "preferred")]
    assert reading.parents == {"SNOMED:1": ("SNOMED:50",)}
    assert reading.report.notes == []


def test_descriptions_alone_say_what_is_lost(write: Write) -> None:
    path = write("sct2_Description_Snapshot-en_INT_20240101.txt", descriptions(1, "Made fever"))
    reading = read_gazetteer(path)
    assert [t.status for t in reading] == ["synonym"]
    assert [note.rpartition(": ")[2] for note in reading.report.notes] == [
        "names of inactive concepts are given too",
        "concepts have no parents",
        "no name is marked as the preferred one",
    ]
    with pytest.raises(InputError, match=r"reference sets are not known\. Give the folder or archive"):
        list(read_gazetteer(path, refsets="900000000000509007"))


def test_members_of_a_large_archive_are_looked_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for at in range(300):
            archive.writestr(f"a/{at}.csv", "term,label\nflu,X\n")
    asked = list[Path]()
    is_file = Path.is_file
    monkeypatch.setattr(Path, "is_file", lambda path: bool(asked.append(path)) or is_file(path))
    with pytest.raises(InputError, match=r"holds 300 files .*; one was expected"):
        load_gazetteer(tmp_path / "many.zip")
    assert len(asked) < 300, "whether the archive is a file is asked once, not for each member and format"


def test_a_member_of_a_file_that_is_no_archive_is_refused(write: Write) -> None:
    path = write("a.csv", "term,label\nflu,X\n")
    with pytest.raises(
        InputError, match=r"a.csv: is no archive or folder, which member='b.csv' \(--member\)"
    ):
        load_gazetteer(path, member="b.csv")
    assert len(load_gazetteer(path, member="*.csv")) == 1  # beside an archive: --member '*.csv'


def test_a_member_that_is_not_there_lists_what_is(write: Write) -> None:
    folder = write("in/one.csv", "term,label\nflu,Disease\n").parent
    write("in/two.csv", "term,label\ncold,Disease\n")
    with pytest.raises(InputError, match=r"no file in it fits 'none.csv'; it holds one.csv, two.csv"):
        load_gazetteer(folder, member="none.csv")


def test_the_hierarchy_of_a_loinc_release_is_read(write: Write) -> None:
    write("Loinc/LoincTable/Loinc.csv", LOINC)
    folder = write(
        "Loinc/AccessoryFiles/ComponentHierarchyBySystem/ComponentHierarchyBySystem.csv",
        '"PATH_TO_ROOT","SEQUENCE","IMMEDIATE_PARENT","CODE","CODE_TEXT"\n'
        '"","1","","LP1-1","Laboratory"\n"LP1-1","1","LP1-1","1-1","Madeglobin"\n',
    ).parents[2]
    reading = read_gazetteer(folder)
    assert [term.text for term in reading] == ["Madeglobin", "Madeglobin, blood"]
    assert reading.parents == {"LOINC:1-1": ("LOINC:LP1-1",)}
    assert reading.report.rows == 1
