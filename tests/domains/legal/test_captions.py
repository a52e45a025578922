"""Parties and counsel by the layout of a caption."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Label = Callable[[str], set[tuple[str, str]]]

COURT = "In The High Court Of Judicature At Madras\n\nDated: 01.02.2003\n\n"


def test_addresses_of_offices_belong_to_the_party(label: Label) -> None:
    text = (
        f"{COURT}C.S. No. 12/04\n\nK.Dhanaseelan \t\t\t..Petitioner\n\nVs.\n\n"
        "1. The District Collector,\n    Cuddalore District,\n    Cuddalore.\n\n"
        "2. The Chief Engineer (General)\n    Tamil Nadu Electricity Board,\n    Anna Salai.\t\t"
        "... Respondents\n"
    )
    found = label(text)
    assert ("K.Dhanaseelan", "PETITIONER") in found
    assert ("District Collector,\n    Cuddalore District,\n    Cuddalore", "RESPONDENT") in found
    assert (
        "Chief Engineer (General)\n    Tamil Nadu Electricity Board,\n    Anna Salai",
        "RESPONDENT",
    ) in found


@pytest.mark.parametrize(
    "heading",
    ["In the matter of:", "In re:", "Unique Case Id No.02402C0158212013", "RCT No.34/13", "E-124/09"],
)
def test_headings_above_the_party_are_no_party(label: Label, heading: str) -> None:
    text = (
        f"{COURT}{heading}\n\nSh. Narender Sharma,\nS/o Sh. Surender Sharma\nR/o H.No. 12/34, Gandhi Nagar\n"
        "\t\t\t.... Petitioner\n\nVersus\n\nSmt. Nisha Gupta\n\t\t\t.... Respondent\n"
    )
    found = label(text)
    assert ("Narender Sharma", "PETITIONER") in found
    assert ("Nisha Gupta", "RESPONDENT") in found
    assert not [surface for surface, kind in found if kind == "PETITIONER" and surface in heading]


def test_a_first_party_without_number_counts_too(label: Label) -> None:
    text = (
        f"{COURT}A.Rangasamy\t\t\t... Appellant\n\n\tVs.\n\nN.Karthikeyan\n"
        "2. P.Shahul Hameed\t\t... Respondents\n"
    )
    assert {("N.Karthikeyan", "RESPONDENT"), ("P.Shahul Hameed", "RESPONDENT")} <= label(text)


def test_an_initial_v_is_no_versus(label: Label) -> None:
    text = (
        f"{COURT}Petitioner:\nUnion Of India\n\n\tVs.\n\nRespondent:\nV. Ramakrishnan & Ors.\n\n"
        "Date Of Judgment\n"
    )
    assert ("V. Ramakrishnan", "RESPONDENT") in label(text)


def test_lines_that_name_no_party_are_left(label: Label) -> None:
    text = (
        f"{COURT}State of Kerala\t\t\t... Appellant\n\n\tVersus\n\n1. Accused Persons\n2. B.Gopan\n\n"
        "\t\t\t... Respondents\n"
    )
    found = label(text)
    assert ("B.Gopan", "RESPONDENT") in found
    assert ("Accused Persons", "RESPONDENT") not in found


def test_the_number_of_the_next_party_is_no_part_of_an_address(label: Label) -> None:
    text = (
        f"{COURT}A.Rangasamy\t\t\t... Appellant\n\n\tVs.\n\n(1) The District Collector,\n    Cuddalore\n"
        "(2) P.Shahul Hameed\t\t... Respondents\n"
    )
    found = label(text)
    assert {("District Collector,\n    Cuddalore", "RESPONDENT"), ("P.Shahul Hameed", "RESPONDENT")} <= found
