"""SNOMED CT: tags, inactive rows, case significance, language reference sets, CRLF, quotes."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers import load_gazetteer, read_gazetteer

Write = Callable[..., Path]
FSN, SYN, DEF = "900000000000003001", "900000000000013009", "900000000000550004"
CI, CS = "900000000000448009", "900000000000017005"
HEADER = "id effectiveTime active moduleId conceptId languageCode typeId term caseSignificanceId".replace(
    " ", "\t"
)


def _row(
    number: int, concept: int, text: str, kind: str = SYN, active: int = 1, case: str = CI, lang: str = "en"
) -> str:
    return "\t".join((str(number), "20240101", str(active), "9", str(concept), lang, kind, text, case))


DESCRIPTIONS = "\r\n".join(
    (
        HEADER,
        _row(1, 100, "Made fever (disorder)", FSN),
        _row(2, 100, "Made fever"),
        _row(3, 100, 'Fever "made'),
        _row(4, 100, "old fever", active=0),
        _row(5, 100, "pH", case=CS),
        _row(6, 100, "Smith made fever", case=CS),
        _row(7, 100, "fièvre", lang="fr"),
        _row(8, 100, "A fever that was made.", DEF),
        _row(9, 200, "Madeamine (substance)", FSN),
        _row(10, 200, "Madeamine"),
        _row(11, 300, "Walk (observable entity)", FSN),
        _row(12, 300, "Walk"),
        _row(13, 400, "Gone fever (disorder)", FSN),
        _row(14, 400, "Gone fever"),
        "",
    )
)
CONCEPTS = "\r\n".join(
    ("id\teffectiveTime\tactive\tmoduleId\tdefinitionStatusId", "100\t1\t1\t9\t9", "400\t1\t0\t9\t9", "")
)
RELATIONSHIPS = "\r\n".join(
    (
        "id\t" + "\t".join(["h"] * 9),
        "1\t1\t1\t9\t100\t50\t0\t116680003\t9\t9",
        "2\t1\t0\t9\t100\t51\t0\t116680003\t9\t9",
        "3\t1\t1\t9\t100\t52\t0\t363698007\t9\t9",
        "",
    )
)
LANGUAGE = "\r\n".join(
    (
        "id\t" + "\t".join(["h"] * 6),
        "1\t1\t1\t9\t900000000000509007\t2\t900000000000548007",
        "2\t1\t1\t9\t900000000000509007\t6\t900000000000549004",
        "3\t1\t1\t9\t900000000000508004\t3\t900000000000548007",
        "",
    )
).replace("1\t1\t1", "80088f9d-0000-5000-8000-3c5e9e8d1f40\t1\t1", 1)
FILES = {
    "Terminology/sct2_Description_Snapshot-en_INT_20240101.txt": DESCRIPTIONS,
    "Terminology/sct2_TextDefinition_Snapshot-en_INT_20240101.txt": DESCRIPTIONS,
    "Terminology/sct2_Concept_Snapshot_INT_20240101.txt": CONCEPTS,
    "Terminology/sct2_Relationship_Snapshot_INT_20240101.txt": RELATIONSHIPS,
    "Refset/der2_cRefset_LanguageSnapshot-en_INT_20240101.txt": LANGUAGE,
}


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A release archive."""
    path = tmp_path / "SnomedCT.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in FILES.items():
            archive.writestr(f"SnomedCT/Snapshot/{name}", text)
        archive.writestr("SnomedCT/Full/Terminology/sct2_Description_Full-en_INT_20240101.txt", DESCRIPTIONS)
    return path


def test_a_release_archive(release: Path) -> None:
    reading = read_gazetteer(release)
    assert [(t.text, t.label, t.concept_id, t.status, t.mode) for t in reading] == [
        ("Made fever", "Disease", "SNOMED:100", "preferred", "folded"),
        ('Fever "made', "Disease", "SNOMED:100", "preferred", "folded"),
        ("pH", "Disease", "SNOMED:100", "synonym", "case"),
        ("Smith made fever", "Disease", "SNOMED:100", "synonym", "folded"),
        ("Madeamine", "Chemical", "SNOMED:200", "synonym", "folded"),
    ]
    assert {reason: found.count for reason, found in reading.report.skipped.items()} == {
        "fully specified name": 2,
        "inactive": 3,
        "language": 1,
        "definition": 1,
        "type not wanted": 2,
    }
    assert reading.parents == {"SNOMED:100": ("SNOMED:50",)}


def test_a_short_form_and_its_name_in_one_description(write: Write) -> None:
    rows = (
        _row(1, 100, "Glaucoma, open angle (disorder)", FSN),
        _row(2, 100, "POAG - Primary open angle glaucoma"),
        _row(3, 200, "Detached retina (disorder)", FSN),
        _row(4, 200, "RD - Retinal detachment"),
        _row(5, 200, "Retinal detachment - tractional"),
    )
    path = write("sct2_Description_Snapshot-en_X.txt", "\r\n".join((HEADER, *rows, "")))
    assert [(t.text, t.concept_id, t.status, t.mode) for t in load_gazetteer(path)] == [
        ("Primary open angle glaucoma", "SNOMED:100", "synonym", "folded"),
        ("POAG", "SNOMED:100", "abbreviation", "case"),
        ("Retinal detachment", "SNOMED:200", "synonym", "folded"),
        ("RD", "SNOMED:200", "abbreviation", "defined"),
        ("Retinal detachment - tractional", "SNOMED:200", "synonym", "folded"),
    ]


def test_options(release: Path) -> None:
    def texts(**given: object) -> list[str]:
        return [t.text for t in read_gazetteer(release, **given)]  # type: ignore[arg-type]

    assert texts(refsets="900000000000509007") == ["Made fever", "Smith made fever"]
    assert texts(label="X", tags="observable entity") == ["Walk"]
    assert "old fever" in texts(inactive=True)
    assert texts(full_names=True).count("Made fever") == 2
    assert texts(languages="fr") == ["fièvre"]
    strict = {t.text: t.mode for t in read_gazetteer(release, strict_case=True)}
    assert strict["Smith made fever"] == "case"


def test_a_description_file_alone(write: Write) -> None:
    found = load_gazetteer(write("sct2_Description_Snapshot-en_X.txt", DESCRIPTIONS))
    assert "Gone fever" in [t.text for t in found]
    assert found.parents == {}


def test_full_files_are_refused(write: Write) -> None:
    with pytest.raises(InputError, match="Give the Snapshot: Full files"):
        load_gazetteer(write("sct2_Description_Full-en_X.txt", DESCRIPTIONS))


def test_malformed_row(write: Write) -> None:
    path = write("sct2_Description_Snapshot-en_X.txt", DESCRIPTIONS + "15\t2024\tbroken\r\n")
    with pytest.raises(InputError, match=r"row 16: not the columns of this file: 3 instead of 9"):
        load_gazetteer(path)
    reading = read_gazetteer(path, skip_bad=True)
    assert len(list(reading)) == 6
    assert reading.report.bad["not the columns of this file"].count == 1


def test_a_file_without_its_header_is_refused(write: Write) -> None:
    name = "sct2_Description_Snapshot-en_INT_20240101.txt"
    with pytest.raises(InputError, match=r"row 1: not the header of this file: '1\\t2024.*has 9 columns"):
        load_gazetteer(write(name, DESCRIPTIONS.partition("\r\n")[2]), skip_bad=True)
