"""What the legal sources find in made-up sentences: one table a kind of entity."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Label = Callable[[str], set[tuple[str, str]]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He was tried under the Imaginary Goods Act, 1977.", "Imaginary Goods Act, 1977"),
        (
            "The Protection of River Birds (Control and Sale) Act was cited.",
            "Protection of River Birds (Control and Sale) Act",
        ),
        ("Section 9 of the Code of Civil Procedure, 1908 bars it.", "Code of Civil Procedure, 1908"),
        ("convicted under Section 302 IPC", "IPC"),
        ("filed under the Securities Exchange Act of 1934, as amended", "Securities Exchange Act of 1934"),
        ("rights under the Constitution of India are not absolute", "Constitution of India"),
        ("by Act No. 54 of 1994 the section was changed", "Act No. 54 of 1994"),
    ],
)
def test_legislation_is_found_whole(label: Label, text: str, expected: str) -> None:
    assert (expected, "STATUTE") in label(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("our annual report on Form 10-K for 2019", "Form 10-K"),
        ("amended by Form 10-K/A, filed late", "Form 10-K/A"),
        ("a current report on FORM 8-K.", "FORM 8-K"),
        ("semi-annual reports on Form N-CSR", "Form N-CSR"),
        ("a Schedule 14D-9 and a Schedule TO-T", "Schedule 14D-9"),
        ("the Substitute Form W-8 BEN below", "Substitute Form W-8 BEN"),
        ("insiders file Form 4 within two days", "Form 4"),
        ("allotment was reported in Form PAS-3", "Form PAS-3"),
        ("details in Form No. 26AS do not match", "Form No. 26AS"),
    ],
)
def test_filed_forms_are_found_whole(label: Label, text: str, expected: str) -> None:
    assert (expected, "FORM") in label(text)


@pytest.mark.parametrize(
    "text",
    [
        "the form of 10 units",
        "in Form 7 of the report",
        "Form 4.2 applies",
        "Schedule 1 to this Agreement",
        "Form A1/B",
    ],
)
def test_other_forms_and_schedules_are_left(label: Label, text: str) -> None:
    assert not [found for found in label(text) if found[1] == "FORM"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("under Sections 302 and 34 of the Code", "Sections 302 and 34"),
        ("clause (2) of Article 254 was relied on", "clause (2) of Article 254"),
        ("an application under Order XXXIX Rules 1 and 2 CPC", "Order XXXIX Rules 1 and 2"),
        ("charged u/s 138 of the NI Act", "s 138"),
        ("Section 120-B read with the rest", "Section 120-B"),
        ("pursuant to 15 U.S.C. § 78j(b) and", "§ 78j(b)"),
        ("under 17 C.F.R. § 240.10b-5 it", "§ 240.10b-5"),
        ("liable under Rule 10b-5 for", "Rule 10b-5"),
    ],
)
def test_provisions_keep_lists_and_parts_together(label: Label, text: str, expected: str) -> None:
    assert (expected, "PROVISION") in label(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a Division Bench of the Madras High Court held", "Madras High Court"),
        (
            "In The High Court Of Judicature At Madras\n\nDated: 01.02.2003",
            "High Court Of Judicature At Madras",
        ),
        ("the learned District Judge, Coimbatore dismissed it", "District Judge, Coimbatore"),
        (
            "filed in the United States District Court for the Southern District of New York",
            "United States District Court for the Southern District of New York",
        ),
        ("the Ninth Circuit reversed", "Ninth Circuit"),
        ("a case in the E.D. La. last year", "E.D. La."),
        ("judges of the S.D.N.Y. agree", "S.D.N.Y."),
        ("the Hon'ble Supreme Court observed", "Supreme Court"),
    ],
)
def test_courts_are_found_without_titles(label: Label, text: str, expected: str) -> None:
    assert (expected, "COURT") in label(text)


@pytest.mark.parametrize(
    ("text", "provision", "act"),
    [
        ("nach § 4 Abs. 1 Satz 2 Nr. 3 AsylG wird", "§ 4 Abs. 1 Satz 2 Nr. 3", "AsylG"),
        ("§ 60 Abs. 5 und Abs. 7 Satz 1 AufenthG.", "§ 60 Abs. 5 und Abs. 7 Satz 1", "AufenthG"),
        ("i.V.m. §§ 51 ff. AO", "§§ 51 ff.", "AO"),
        ("§ 8c KStG 1988 hilft", "§ 8c", "KStG 1988"),
        ("Art. 6 Abs. 1 lit. f DSGVO", "Art. 6 Abs. 1 lit. f", "DSGVO"),
        ("elected under s 171A TCGA 1992. They", "s 171A", "TCGA 1992"),
        ("and section 33 FA 2014 applies", "section 33", "FA 2014"),
        ("denied by s. 179(1)(b) ITA the", "s. 179(1)(b)", "ITA"),
        ("contrary to reg 4(4) TUPE and", "reg 4(4)", "TUPE"),
        ("and regs 13 and 13A of the Working Time Act 1998", "regs 13 and 13A", "Working Time Act 1998"),
        ("by Sch 9 para 1 of the Equality Act 2010", "Sch 9 para 1", "Equality Act 2010"),
        ("in strijd met art. 8 EVRM.", "art. 8", "EVRM"),
        ("op grond van artikel 29 Vw 2000;", "artikel 29", "Vw 2000"),
        ("in artikel 3:2 Awb is", "artikel 3:2", "Awb"),
        ("enligt 5 kap. 6 § UtlL.", "5 kap. 6 §", "UtlL"),
        (
            "under paragraph 276ADE(1)(vi) of the Immigration Rules",
            "paragraph 276ADE(1)(vi)",
            "Immigration Rules",
        ),
    ],
)
def test_provisions_of_other_countries_with_their_acts(
    label: Label, text: str, provision: str, act: str
) -> None:
    assert sorted(label(text)) == sorted([(provision, "PROVISION"), (act, "STATUTE")])


@pytest.mark.parametrize(
    "text", ["art. 15 pkt 2", "art. 32 ust. 1 pkt 2", "12 kap. 18 a § 2 st.", "reg. 32", "Artikel 5"]
)
def test_provisions_of_other_countries(label: Label, text: str) -> None:
    assert label(f"vgl. {text} x") == {(text, "PROVISION")}


def test_the_number_of_a_registration_is_no_regulation(label: Label) -> None:
    assert not label("Reg. No. 333-12345")


@pytest.mark.parametrize(
    "text", ["SECTION 3 SHALL APPLY", "Section 138 NI Act", "in paragraph 12 of the judgment"]
)
def test_no_act_by_other_words_in_capitals(label: Label, text: str) -> None:
    assert not {"SHALL", "NI", "paragraph 12"}.intersection(found for found, _ in label(text))


def test_the_official_journal_is_no_law_report(label: Label) -> None:
    assert not label("amended (OJ 2017 L 87, p. 417).")


@pytest.mark.parametrize("text", ["the trial court erred", "The High Court was right.", "a tennis court"])
def test_no_court_without_a_name(label: Label, text: str) -> None:
    assert not [entity for entity in label(text) if entity[1] == "COURT"]


@pytest.mark.parametrize(
    ("text", "expected", "kind"),
    [
        ("by order dated 21st day of October, 2014", "21st day of October, 2014", "DATE"),
        ("on March 21, 1963 the notice", "March 21, 1963", "DATE"),
        ("ended 31.3.1995 and", "31.3.1995", "DATE"),
        ("in Criminal Appeal No. 2330 of 2007 the court", "Criminal Appeal No. 2330 of 2007", "CASE_NUMBER"),
        ("in crime No. 355 of 1989 he", "crime No. 355 of 1989", "CASE_NUMBER"),
        ("see W.P.(C) 3454/2006.", "W.P.(C) 3454/2006", "CASE_NUMBER"),
        ("No. 1:02-cv-00345 was filed", "No. 1:02-cv-00345", "CASE_NUMBER"),
        ("filed as No. 14-cv-2291 in May", "No. 14-cv-2291", "CASE_NUMBER"),
        ("In C.A. No. 2018-0455-JTL, the court ruled", "C.A. No. 2018-0455-JTL", "CASE_NUMBER"),
        ("Civil Action No. 18-1234 (RDM) was", "Civil Action No. 18-1234 (RDM)", "CASE_NUMBER"),
        ("Joined Cases C-293/12 and C-594/12", "C-594/12", "CASE_NUMBER"),
        ("on appeal, C\u201148/22 P, the", "C\u201148/22 P", "CASE_NUMBER"),
        ("order in T-451/20 R Harbor Mills v Commission", "T-451/20 R", "CASE_NUMBER"),
        ("order in T-451/20 R Harbor Mills v Commission", "Harbor Mills v Commission", "PRECEDENT"),
        ("in Case 120/78 the Court", "120/78", "CASE_NUMBER"),
        ("held, EU:C:2014:317, that", "EU:C:2014:317", "CASE_NUMBER"),
        ("held in ECLI:NL:HR:2019:2006.", "ECLI:NL:HR:2019:2006", "CASE_NUMBER"),
        ("under Regulation No 1/2003 it", "Regulation No 1/2003", "STATUTE"),
        (
            "the EuGH und der Gerichtshof der Europäischen Union",
            "Gerichtshof der Europäischen Union",
            "COURT",
        ),
        ("Europol and the European Union Agency for Cybersecurity", "Europol", "GOVERNMENT"),
        ("Urteil vom 27.11.2019, I R 40/19, juris", "I R 40/19", "CASE_NUMBER"),
        ("Beschl. v. 3.4.2020 - 2 BvR 12/20", "2 BvR 12/20", "CASE_NUMBER"),
        ("BFH, Urteil vom 27.11.2019, I R 40/19", "BFH", "COURT"),
        ("vor dem Bundesverwaltungsgericht und", "Bundesverwaltungsgericht", "COURT"),
        ("Klage zum Finanzgericht München erhoben", "Finanzgericht München", "COURT"),
        ("signed on 2/14/2020 by both", "2/14/2020", "DATE"),
        ("due Feb. 14th, 2020 at noon", "Feb. 14th, 2020", "DATE"),
    ],
)
def test_dates_and_case_numbers(label: Label, text: str, expected: str, kind: str) -> None:
    assert (expected, kind) in label(text)


@pytest.mark.parametrize(
    ("text", "expected", "kind"),
    [
        (
            "in Claim Nos. HT-2020-000123 and HT-2021-000456, the",
            "Claim Nos. HT-2020-000123 and HT-2021-000456",
            "CASE_NUMBER",
        ),
        ("Case No: CO/3809/2016. Before", "Case No: CO/3809/2016", "CASE_NUMBER"),
        ("Record No. 2018/567 JR, the", "Record No. 2018/567 JR", "CASE_NUMBER"),
        ("appeal PA/01234/2019 failed", "PA/01234/2019", "CASE_NUMBER"),
        ("in UKEAT/0123/19/JOJ the", "UKEAT/0123/19/JOJ", "CASE_NUMBER"),
        ("struck out claim 1804567/2018 and", "1804567/2018", "CASE_NUMBER"),
        ("the child, ZC19C00456, was", "ZC19C00456", "CASE_NUMBER"),
        ("Docket: IMM-4512-20. Ottawa", "IMM-4512-20", "CASE_NUMBER"),
        ("Docket: A-123-20. Toronto", "A-123-20", "CASE_NUMBER"),
        ("in NSD 1234 of 2019 the judge", "NSD 1234 of 2019", "CASE_NUMBER"),
        ("the lease LON/00AG/LSC/2021/0123 was", "LON/00AG/LSC/2021/0123", "CASE_NUMBER"),
        ("in SYG 1234 of 2021 the", "SYG 1234 of 2021", "CASE_NUMBER"),
        (
            "File No. CV-20-00645321. Stone v. Mills, 2023 ONSC 12",
            "Stone v. Mills, 2023 ONSC 12",
            "PRECEDENT",
        ),
        ("Lady Stone and Lord Rivers gave judgments", "Stone", "JUDGE"),
        ("as Stone J had said, it", "Stone", "JUDGE"),
        ("the Federal Court of Australia held", "Federal Court of Australia", "COURT"),
        ("the Ontario Superior Court of Justice erred", "Ontario Superior Court of Justice", "COURT"),
        ("the UTIAC and others", "UTIAC", "COURT"),
        ("in the Administrative Court, Lord Stone LCJ sat", "Administrative Court", "COURT"),
        ("we follow 2019 ONSC 4411; the", "2019 ONSC 4411", "PRECEDENT"),
        ("see [2021] FCAFC 12 and", "[2021] FCAFC 12", "PRECEDENT"),
        ("2018 CanLII 1234 (CA IRB) is", "2018 CanLII 1234 (CA IRB)", "PRECEDENT"),
        ("in 2023:DHC:1234-DB it", "2023:DHC:1234-DB", "PRECEDENT"),
        ("(1990) 12 EHRR 1 is old", "(1990) 12 EHRR 1", "PRECEDENT"),
        (
            "R (on the application of Stone) v Secretary of State for Justice [2017] UKSC 5 holds",
            "R (on the application of Stone) v Secretary of State for Justice [2017] UKSC 5",
            "PRECEDENT",
        ),
        ("As in Re C (A Child) [2020] EWFC 45, it", "Re C (A Child) [2020] EWFC 45", "PRECEDENT"),
        ("put by Stone LJ at [34], the", "Stone", "JUDGE"),
        ("before Stone J.", "Stone", "JUDGE"),
        ("is clear (Stone J)", "Stone", "JUDGE"),
        ("Stone J and Rivers J delivered", "Stone", "JUDGE"),
        ("Stone J and Rivers J delivered", "Rivers", "JUDGE"),
        ("Lady Stone JSC and Lord Rivers JSC agreed", "Rivers", "JUDGE"),
        ("Lord Stone and Lady Rivers JJSC agreed", "Stone", "JUDGE"),
        ("Sir Ada Stone MR and Dame Eve Rivers P sat", "Ada Stone", "JUDGE"),
        ("before HHJ Stone in", "Stone", "JUDGE"),
        ("Brown, Côté and Rowe JJ. dissented", "Côté", "JUDGE"),
        ("as L'Heureux-Dubé J. held", "L'Heureux-Dubé", "JUDGE"),
        ("The witness Mr. André Gagné said", "André Gagné", "WITNESS"),
        ("as Rivers J.A. wrote", "Rivers", "JUDGE"),
    ],
)
def test_courts_judges_and_numbers_of_the_common_law(
    label: Label, text: str, expected: str, kind: str
) -> None:
    assert (expected, kind) in label(text)


def test_citations_in_a_row_are_all_found(label: Label) -> None:
    """A precedent holds four citations at most; the ones behind begin another."""
    courts = "[2019] EWHC 12, [2018] EWCOP 3, [2017] UKPC 4, [2021] CSIH 5"
    cited = f"{courts}, [2020] NIQB 6, [2019] IESC 7, [2020] ICR 123"
    precedents = [found for found, kind in label(f"See {cited}.") if kind == "PRECEDENT"]
    assert ", ".join(sorted(precedents, key=cited.index)) == cited


@pytest.mark.parametrize(
    "text",
    [
        "by Schedule J and Annex J are",
        "in Class J at par",
        "Harbor Oil JSC paid",
        "sold by Mary J. Blige",
        "in 1998 Cri LJ 12",
    ],
)
def test_what_ends_in_j_is_no_judge(label: Label, text: str) -> None:
    assert not [entity for entity in label(text) if entity[1] == "JUDGE"]


@pytest.mark.parametrize(
    "text",
    ["Harbor Works Limited and Mills Steel PLC sued", "Harbor Works GmbH and Mills Steel PLC sued"],
)
def test_and_behind_a_legal_form_parts_two_companies(label: Label, text: str) -> None:
    assert ("Mills Steel PLC", "ORG") in label(text)


@pytest.mark.parametrize(
    "text",
    ["FIR No. 66/2008 was lodged", "see Notification No. 55/75 dated", "Page No. 8/14", "plots AC-12/45"],
)
def test_numbers_of_other_things_are_no_case_numbers(label: Label, text: str) -> None:
    assert not [entity for entity in label(text) if entity[1] == "CASE_NUMBER"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "In Arvind Rao v. State of Kerala, AIR 1979 SC 135, it was held",
            "Arvind Rao v. State of Kerala, AIR 1979 SC 135",
        ),
        ("relied on (2013) 10 SCC 421 here", "(2013) 10 SCC 421"),
        ("in Doe v. Lambert, 586 U.S. ___ (2019), the", "Doe v. Lambert, 586 U.S. ___ (2019)"),
        ("R v Smith [2017] UKSC 5 held", "R v Smith [2017] UKSC 5"),
        ("see [2019] EWHC 1245 (Ch).", "[2019] EWHC 1245 (Ch)"),
        ("in Doe v. Widget Corp., 410 U.S. 113 (1973), the", "Doe v. Widget Corp., 410 U.S. 113 (1973)"),
        ("See Lal Chand & Anr v. Mohan Das and others (supra).", "Lal Chand & Anr v. Mohan Das and others"),
        ("as in Lotus Mills Ltd., v. Union of India, the rule", "Lotus Mills Ltd., v. Union of India"),
        ("held in Anand Rao v, Mohan Das that", "Anand Rao v, Mohan Das"),
        ("said in Fakir Chand v. King Emperor (1) that", "Fakir Chand v. King Emperor (1)"),
        (
            "in Rao v. Das [(2006) 12 SCC 459 : (2007) 2 SCC (Cri) 214] this",
            "Rao v. Das [(2006) 12 SCC 459 : (2007) 2 SCC (Cri) 214]",
        ),
        ("in 'Rao v. Das', AIR 1950 All 234 the", "Rao v. Das', AIR 1950 All 234"),
        ("see (2007) 11 SCC 40 (Lotus Mills v. Mohan Das).", "(2007) 11 SCC 40 (Lotus Mills v. Mohan Das)"),
        ("in Rao v. Das, 118 (2005) DLT 320, the", "Rao v. Das, 118 (2005) DLT 320"),
        (
            "in Rao v. Income Tax Officer, District IV, Kanpur, [1972] 3 S.C.R. 320 the",
            "Rao v. Income Tax Officer, District IV, Kanpur, [1972] 3 S.C.R. 320",
        ),
        ("State v. Mohan Das Page No. 3 of 9", "State v. Mohan Das"),
    ],
)
def test_precedents_take_their_citation_along(label: Label, text: str, expected: str) -> None:
    assert (expected, "PRECEDENT") in label(text)


@pytest.mark.parametrize(
    ("text", "expected", "kind"),
    [
        ("Mr. Justice K.T. Sankaran wrote", "K.T. Sankaran", "JUDGE"),
        ("as Bhagwati, J. observed", "Bhagwati", "JUDGE"),
        ("The Honourable Mr.Justice V.Dhanapalan", "V.Dhanapalan", "JUDGE"),
        ("PW1 Smt. Prem Devi deposed", "Prem Devi", "WITNESS"),
        ("Chagla and Shah JJ. agreed", "Shah", "JUDGE"),
        ("PW-4 Jagmohan Singh deposed", "Jagmohan Singh", "WITNESS"),
        ("Dr. R.P. Sharma (PW.3) deposed", "R.P. Sharma", "WITNESS"),
        ("the report of Rajan Pillai [P.W.48] says", "Rajan Pillai", "WITNESS"),
        ("Assistant Analyser Shri Vivek R. Dhole (P.W. 1) took notes", "Vivek R. Dhole", "WITNESS"),
        ("the witnesses Usha Devi and Jarnail Singh agree", "Jarnail Singh", "WITNESS"),
        ("it was held by Mahajan J. in that case", "Mahajan", "JUDGE"),
        ("as Judge Easterbrook wrote, it", "Easterbrook", "JUDGE"),
        ("Vice Chancellor Thornbury held a trial", "Thornbury", "JUDGE"),
        ("passed by Sh. Rohit Gulia, ld. Civil Judge, Delhi", "Rohit Gulia", "JUDGE"),
        ("the appellants Ajay Kumar, Narender Kumar and Sunil Gaur fled", "Narender Kumar", "PETITIONER"),
        ("the appellants Ajay Kumar, Narender Kumar and Sunil Gaur fled", "Sunil Gaur", "PETITIONER"),
        ("the appellant Rajesh Kohli denied it", "Rajesh Kohli", "PETITIONER"),
        ("respondent No. 2 - N. Srinivasan appeared", "N. Srinivasan", "RESPONDENT"),
        ("the deceased Basavanni was", "Basavanni", "OTHER_PERSON"),
        ("/s/ Thomas B. Fielding", "Thomas B. Fielding", "OTHER_PERSON"),
        ("his uncle Suresh Kumar came", "Suresh Kumar", "OTHER_PERSON"),
        ("It goes to my younger niece, Xena Qorvath, and to nobody else.", "Xena Qorvath", "OTHER_PERSON"),
        ("As Lord Hobart of Greystone said, the rule is old.", "Hobart", "JUDGE"),
    ],
)
def test_people_get_the_role_their_context_gives(label: Label, text: str, expected: str, kind: str) -> None:
    assert (expected, kind) in label(text)


@pytest.mark.parametrize(
    ("text", "expected", "kind"),
    [
        ("merged into Quillmark Instruments, Inc. on Monday", "Quillmark Instruments, Inc.", "ORG"),
        ("owed by Sarada Forgings (P) Ltd. since", "Sarada Forgings (P) Ltd.", "ORG"),
        ("he studied at Gujarat University in", "Gujarat University", "ORG"),
        (
            "filed with the Securities and Exchange Commission",
            "Securities and Exchange Commission",
            "GOVERNMENT",
        ),
        ("the Kerala Government notified", "Kerala Government", "GOVERNMENT"),
        ("lives in Karnataka now", "Karnataka", "GPE"),
        ("of village Barnai in", "Barnai", "GPE"),
        ("treated at Civil Hospital, Karnal on that day", "Civil Hospital, Karnal", "ORG"),
        ("Respondent No.3 Lotus Insurance Company Limited paid", "Lotus Insurance Company Limited", "ORG"),
        ("sold in the State of Gujarat since", "Gujarat", "GPE"),
        ("the State of Gujarat has filed an appeal", "State of Gujarat", "GOVERNMENT"),
        ("of Kansas City, MO on Monday", "MO", "GPE"),
    ],
)
def test_organizations_and_places(label: Label, text: str, expected: str, kind: str) -> None:
    assert (expected, kind) in label(text)


def test_place_inside_another_name_is_no_place(label: Label) -> None:
    assert ("Bangalore", "GPE") not in label("the Bangalore Water Supply Scheme was late")


@pytest.mark.parametrize(
    "text",
    [
        "sentenced to undergo RI for two years",
        "Rule 27 of Or. 41 of the Code",
        "the Additional District Judge held",
    ],
)
def test_short_forms_and_offices_are_no_places(label: Label, text: str) -> None:
    assert not [found for found in label(text) if found[1] == "GPE"]


def test_defined_alias_is_tagged_through_the_document(label: Label) -> None:
    text = 'Quillmark Instruments, Inc. ("Quillmark") sold it. Later Quillmark paid. Then Quillmark left.'
    assert ("Quillmark", "ORG") in label(text)


def test_surname_follows_the_full_name(label: Label) -> None:
    assert ("Fielding", "OTHER_PERSON") in label(
        "Mr. Thomas B. Fielding joined in 1999. In May, Fielding left."
    )


def test_caption_names_parties_and_counsel(label: Label) -> None:
    text = (
        "In The High Court Of Kerala At Ernakulam\n\nCrl.A.No. 12 of 2004()\n\n\n"
        "1. Leby Mathai, S/O. Issac,\n"
        "                      ...  Petitioner\n\n                        Vs\n\n\n1. The State of Kerala,\n"
        "                       ...       Respondent\n\n"
        "                For Petitioner  :Sri.B.Gopan\n\n O R D E R\n"
    )
    found = label(text)
    assert {("Leby Mathai", "PETITIONER"), ("State of Kerala", "RESPONDENT"), ("B.Gopan", "LAWYER")} <= found
