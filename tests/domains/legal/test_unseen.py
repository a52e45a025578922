"""Rules for what unseen filings and judgments lack: each with a near miss that stays as it was."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Label = Callable[[str], set[tuple[str, str]]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The fund follows the Russell 3000 Index closely.", "Russell 3000 Index"),
        ("compared with the Harbor Capital Municipal Bond Index", "Harbor Capital Municipal Bond Index"),
        ("ranked in the Lipper Growth Funds Classification.", "Lipper Growth Funds Classification"),
        (
            "granted under the Brightwater 2005 Management Incentive Plan in May",
            "Brightwater 2005 Management Incentive Plan",
        ),
        ("shares quoted on the OTC Bulletin Board until May", "OTC Bulletin Board"),
        ("listed on the Nasdaq Global Select Market since", "Nasdaq Global Select Market"),
        ("issued ASU No. 2010-20, Receivables (Topic 310)", "Receivables"),
        ("in accordance with ASC 815, Derivatives and Hedging.", "Derivatives and Hedging"),
        ("Northfield Growth Fund Russell 3000 Index (no fees)", "Russell 3000 Index"),
    ],
)
def test_indices_plans_standards_and_markets_are_instruments(label: Label, text: str, expected: str) -> None:
    assert (expected, "INSTRUMENT") in label(text)


@pytest.mark.parametrize(
    "text",
    [
        "under any Deferred Compensation Plan of ours",
        "an index of terms",
        "The Plan was amended.",
        "the Board met in May",
    ],
)
def test_a_kind_of_plan_is_no_instrument(label: Label, text: str) -> None:
    assert not [found for found in label(text) if found[1] == "INSTRUMENT"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sold to Brightwater Partners (HK), Ltd. in May", "Brightwater Partners (HK), Ltd."),
        ("deposited with Quarry Trust of Delaware, as trustee", "Quarry Trust of Delaware"),
        ("audited by Mason, Rivers & Stone LLP for the year", "Mason, Rivers & Stone LLP"),
        ("advised by Rivers, Mason, Stone & Co., a broker", "Rivers, Mason, Stone & Co."),
        ("the Brightwater Fund and Quarry Growth Fund were merged", "Quarry Growth Fund"),
        ("an account at Quarry Trust Company, FSB, was closed", "Quarry Trust Company, FSB"),
        ("interests in the First Quarry Master Trust were sold", "First Quarry Master Trust"),
        ("filed by Northfield Series Trust I, a trust", "Northfield Series Trust I"),
        ("a contract between Mr. Frank Stone and Quarry Mills Inc. of May", "Quarry Mills Inc."),
        ("the Savings Plan and Quarry Wealth Management agreed", "Quarry Wealth Management"),
        ("quoted under the symbol “ QRYM ” since May", "QRYM"),
        ("Quarry Mills (NYSE: QRM) said", "QRM"),
        ("supplied by M/s Lotus Finance (Ex.PW1/D4) in May", "Lotus Finance"),
        ("Quarry Messaging, Inc. grew. Quarry Messaging's focus moved.", "Quarry Messaging"),
    ],
)
def test_companies_are_found_with_their_bounds(label: Label, text: str, expected: str) -> None:
    assert (expected, "ORG") in label(text)


def test_partners_are_not_taken_from_a_list_of_companies(label: Label) -> None:
    assert ("Quarry Mills Inc.", "ORG") in label("owned by Lotus, Brightwater, Quarry Mills Inc. and others")


@pytest.mark.parametrize(
    ("text", "expected", "kind"),
    [
        ("We appoint Gifford R. Zellerman as proxy.", "Gifford R. Zellerman", "OTHER_PERSON"),
        ("write to the attention of Lorna Ferrowson, Manager", "Lorna Ferrowson", "OTHER_PERSON"),
        ("/s/ Orrin M. Stonefield Orrin M. Stonefield", "Orrin M. Stonefield", "OTHER_PERSON"),
        (
            "Mr. Orrin Dickhout left. The contracts with H. C. Dickhout were kept.",
            "H. C. Dickhout",
            "OTHER_PERSON",
        ),
        ("The photographer Sukhdev Singh HC (PW-3) produced the film", "Sukhdev Singh", "WITNESS"),
        ("The fifth objection of Achutan Nair (fifth respondent) failed", "Achutan Nair", "RESPONDENT"),
        (
            "The defendants Nos. 1 and 2 Hem Chandra Dey and Protap Bose were sued",
            "Protap Bose",
            "RESPONDENT",
        ),
    ],
)
def test_persons_end_where_their_name_ends(label: Label, text: str, expected: str, kind: str) -> None:
    assert (expected, kind) in label(text)


def test_a_sentence_adverb_is_no_party(label: Label) -> None:
    assert not [f for f in label("Thereupon, the appellant filed an appeal.") if f[1] == "PETITIONER"]


def test_a_given_name_alone_is_not_spread(label: Label) -> None:
    found = label("Mr. Bill Stonefield signed. The House passed the Bill in May.")
    assert ("Bill", "OTHER_PERSON") not in found


def test_the_name_of_a_company_is_no_person(label: Label) -> None:
    found = label("Arthur Stonefield Inc. was founded in May. Arthur Stonefield sells mills.")
    assert ("Arthur Stonefield", "ORG") in found


@pytest.mark.parametrize(
    ("text", "expected", "kind"),
    [
        (
            "as defined (under the Investment Company Act of 1940) and",
            "Investment Company Act of 1940",
            "STATUTE",
        ),
        ("the Imaginary Goods Act (1977) applies", "Imaginary Goods Act (1977)", "STATUTE"),
        (
            "under the California Code of Civil Procedure only",
            "California Code of Civil Procedure",
            "STATUTE",
        ),
        (
            "the Public Company Accounting Oversight Board (United States) requires",
            "Public Company Accounting Oversight Board (United States)",
            "GOVERNMENT",
        ),
        ("SECURITIES AND EXCHANGE COMMISSION Washington, D.C. FORM 10-Q", "Washington, D.C.", "GPE"),
        ("with Quarry Mills, a Delaware limited partnership", "Delaware", "GPE"),
        ("They went to Devanpalli, and came back.", "Devanpalli", "GPE"),
        ("the order of the Educational Officer, Wandur, was set aside", "Wandur", "GPE"),
    ],
)
def test_acts_bodies_and_places_are_found_whole(label: Label, text: str, expected: str, kind: str) -> None:
    assert (expected, kind) in label(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "In Nawab Mir v. Akaji Rao, (1928) 11 Nagar L J 62, it was held",
            "Nawab Mir v. Akaji Rao, (1928) 11 Nagar L J 62",
        ),
        (
            "in the case of Susan Thomas, 1994 ACJ 1 (SC), the Court",
            "Susan Thomas, 1994 ACJ 1 (SC)",
        ),
        (
            "in the case of Chander Deo Singh (AIR 1963 SC 1430) the Court",
            "Chander Deo Singh (AIR 1963 SC 1430)",
        ),
        (
            "(2) Sohan Lal v. Madan Lal AIR 1999 SC 2526 (3) Ram Das v. State of Bihar",
            "Sohan Lal v. Madan Lal AIR 1999 SC 2526",
        ),
    ],
)
def test_precedents_reach_over_their_citation(label: Label, text: str, expected: str) -> None:
    assert (expected, "PRECEDENT") in label(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In Sohan Lal v. Madan Lal, 1999 Section 302 was read", "Sohan Lal v. Madan Lal"),
        ("In Sohan Lal v. Madan Lal, 2001 March 5 was named", "Sohan Lal v. Madan Lal"),
        ("In Google SL v Costeja ECLI:EU:C:2014:317 it was held", "Google SL v Costeja"),
    ],
)
def test_other_numbers_behind_a_case_are_no_citation(label: Label, text: str, expected: str) -> None:
    assert (expected, "PRECEDENT") in label(text)


@pytest.mark.parametrize(
    ("text", "citation"),
    [
        ("Lowell v. Stone, 118 F. Supp. 2d 402 (S.D.N.Y. 2000).", "118 F. Supp. 2d 402"),
        ("People v. Lark, 12 Cal. App. 4th 700 (1993).", "12 Cal. App. 4th 700"),
        ("In re Lark, 9 Vet. App. 4 (1996).", "9 Vet. App. 4 (1996)"),
        ("In re Moss, 88 Mich. App. 12 (1979).", "88 Mich. App. 12 (1979)"),
        ("Alder v. Dunn, 2019 WL 3344556 (D. Or. 2019).", "2019 WL 3344556"),
        ("Harlow v. Brandt, 512 U.S. 218, 114 S. Ct. 2223 (1994).", "114 S. Ct. 2223"),
        ("The Court drew the line there. Harlow, 512 U.S. at 224.", "512 U.S. at 224"),
    ],
)
def test_american_citations_are_found_whole(label: Label, text: str, citation: str) -> None:
    assert [found for found, kind in label(text) if kind == "PRECEDENT" and citation in found]


@pytest.mark.parametrize(
    "text", ["sold for 512 U.S. dollars at 224 shops", "Deliver 31 crates at 5 Main Street."]
)
def test_sums_and_streets_are_no_citation(label: Label, text: str) -> None:
    assert not [found for found in label(text) if found[1] == "PRECEDENT"]


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("a trademark of Brightwater, Inc.. Others follow.", "Brightwater, Inc.", "ORG"),
        (
            "merged QMC and Quarry Metropolitan Company, Inc. in May",
            "Quarry Metropolitan Company, Inc.",
            "ORG",
        ),
        ("a letter to Lotus Motor of North America, LLC, dated", "Lotus Motor of North America, LLC", "ORG"),
        ("a suit against Quarry Hudson Bank, USA, N.A., of May", "Quarry Hudson Bank, USA, N.A.", "ORG"),
        ("a division of The Quarry Mills Companies, Inc. in May", "The Quarry Mills Companies, Inc.", "ORG"),
        ("wrote to Dana L. Stone, Stone & Rivers LLP, today", "Stone & Rivers LLP", "ORG"),
        (
            "owned by Brightwater Regional Hospital Authority since",
            "Brightwater Regional Hospital Authority",
            "ORG",
        ),
        ("left to the Humane Society of Austin in May", "Humane Society of Austin", "ORG"),
        ("cars made by Honda and others", "Honda", "ORG"),
        ("lives in Travis County, Texas, today", "Travis County", "GPE"),
        ("Room at 100 F Street, N.E., Washington", "F Street", "GPE"),
        ("our most recent 10-K and 8-K filings", "8-K", "FORM"),
        ("as O.C.G.A. § 9-11-12 says", "O.C.G.A.", "STATUTE"),
        (
            "under the General Data Protection Regulation (GDPR) and the California Consumer Privacy Act.",
            "California Consumer Privacy Act",
            "STATUTE",
        ),
        ("Civil Action File No. 2022CV361847 was", "Civil Action File No. 2022CV361847", "CASE_NUMBER"),
        ("see Index No. 651234/2020 of May", "Index No. 651234/2020", "CASE_NUMBER"),
        (
            "By: /s/ Walter P. Quill, Jr.\nWalter P. Quill, Jr.\nOfficer",
            "Walter P. Quill, Jr.",
            "OTHER_PERSON",
        ),
        ("IN THE SUPERIOR COURT OF FULTON COUNTY\n", "SUPERIOR COURT OF FULTON COUNTY", "COURT"),
        (
            "She appealed to the Ninth Circuit Court of Appeals.\nOn May",
            "Ninth Circuit Court of Appeals",
            "COURT",
        ),
        (
            "the United States Court of Appeals for the Ninth Circuit.\nThis Agreement",
            "United States Court of Appeals for the Ninth Circuit",
            "COURT",
        ),
        ("/s/ Ada T. Mason\nFulton County Superior Court", "Fulton County Superior Court", "COURT"),
        ("Defendant Quarry Transit Services, LLC's Motion", "Quarry Transit Services, LLC", "ORG"),
    ],
)
def test_filings_contracts_and_court_papers(label: Label, text: str, name: str, kind: str) -> None:
    assert (name, kind) in label(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("call 1-800-SEC-0330 for more", "SEC"),
        ("48 Linden Court, Apt. 3B, is rented", "Linden Court"),
        ("if only one Reference Treasury Dealer answers", "Reference Treasury"),
        ("WHEREFORE, Plaintiff prays for judgment", "WHEREFORE"),
        ("lives in Travis County, Texas, today", "Travis"),
    ],
)
def test_what_is_no_name_stays_alone(label: Label, text: str, name: str) -> None:
    assert not [found for found in label(text) if found[0].startswith(name) and found[1] != "GPE"]


def test_johnson_and_johnson_stay_one(label: Label) -> None:
    assert ("Quarry and Quarry, Inc.", "ORG") in label("a product of Quarry and Quarry, Inc., was sold")


def test_parties_of_an_american_heading(label: Label) -> None:
    text = "ADA M. STONE, Plaintiff,\nv.\nQUARRY TRANSIT SERVICES, LLC and JOHN DOE, Defendants.\n\nORDER\n"
    found = label(text)
    assert {("ADA M. STONE", "PETITIONER"), ("QUARRY TRANSIT SERVICES, LLC", "RESPONDENT")} <= found
    assert not [each for each in found if each[1] == "PRECEDENT"]


def test_the_firm_behind_a_person_is_no_part_of_the_name(label: Label) -> None:
    found = label("Quarry Mills, Inc. met analysts.\nKeith Mason Quarry\nSure.")
    assert ("Keith Mason", "OTHER_PERSON") in found


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("We have adopted a Code of Ethics for officers.", "Code of Ethics"),
        ("loans of our FDIC-assisted transactions", "FDIC"),
        ("these non-GAAP measures help", "GAAP"),
        ("bought by Quarry Partners (the “LBO”) in 2005. The LBO closed.", "LBO"),
        ("Quarry Mills Corp. manages New Quarry Portfolio and others.", "Quarry"),
    ],
)
def test_parts_of_words_and_defined_events_are_no_names(label: Label, text: str, name: str) -> None:
    assert name not in {found for found, _ in label(text)}


@pytest.mark.parametrize(
    "text", ["the FDIC insured it", "Quarry Mills Corp. grew. Then Quarry CEO Ada Stone left."]
)
def test_short_names_beside_them_stay(label: Label, text: str) -> None:
    assert {found for found, _ in label(text)} & {"FDIC", "Quarry"}


@pytest.mark.parametrize(
    ("text", "expected", "kind"),
    [
        ("its Japanese subsidiary was sold", "Japanese", "OTHER_NAME"),
        ("paid to non-U.S. holders in May", "non-U.S.", "OTHER_NAME"),
        ("these non-GAAP measures", "non-GAAP", "OTHER_NAME"),
        ("by 5:00 p.m., Eastern Standard Time, on Monday", "Eastern Standard Time", "OTHER_NAME"),
        ("10:00 a.m., New York City time, in May", "New York City time", "OTHER_NAME"),
        ("you may vote over the Internet or by mail", "Internet", "OTHER_NAME"),
        (
            "using the Black-Scholes option-pricing model with",
            "Black-Scholes option-pricing model",
            "INSTRUMENT",
        ),
        ("through American Depositary Receipts only", "American Depositary Receipts", "INSTRUMENT"),
        ("as told in our 2010 Form 10-K filing", "2010 Form 10-K", "FORM"),
        ("100 F Street, N.E., Washington, D.C. 20549", "N.E.", "GPE"),
    ],
)
def test_names_of_nobody_are_found(label: Label, text: str, expected: str, kind: str) -> None:
    assert (expected, kind) in label(text)


@pytest.mark.parametrize(
    "text",
    [
        "a card of American Express was used",
        "under the Indian Penal Code he was tried",
        "sold by Internet Initiative Japan Inc. in May",
        "the central time frame of the plan",
        "a non-binding letter",
    ],
)
def test_nationalities_inside_names_are_no_names_of_their_own(label: Label, text: str) -> None:
    assert not [found for found in label(text) if found[1] == "OTHER_NAME"]


_ACTING = "VELQ shall pay. VELQ has a board. VELQ's notes were sold. They met VELQ. We sold VELQ shares."


def test_a_name_that_is_never_told_in_full_acts_as_a_company(label: Label) -> None:
    assert ("VELQ", "ORG") in label(_ACTING)


@pytest.mark.parametrize(
    "text",
    [
        _ACTING.rpartition(" We")[0],  # four mentions are too few
        "objective evidence (VELQ) is used. " + _ACTING,  # short for plain words
        "VELQ fell. VELQ of May. The VELQ rate. An adjusted VELQ ratio. See VELQ below.",  # a measure
        _ACTING.replace("VELQ", "Lender"),  # a role
    ],
)
def test_measures_roles_and_rare_words_act_as_nobody(label: Label, text: str) -> None:
    assert not [found for found in label(text) if found[1] == "ORG"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("agreed by R. Orrin Stonefield on behalf of us", "R. Orrin Stonefield"),
        ("Lorna Q. McFerrow signed the notes", "Lorna Q. McFerrow"),
        ("Orvo T. O'Ferrow signed the notes", "Orvo T. O'Ferrow"),
        ("Reporting person:\nFerrowson Ada M.\n(Last) (First) (Middle)", "Ferrowson Ada M."),
        ("signed by George W Stonefield Jr\nDirector", "George W Stonefield Jr"),
    ],
)
def test_initials_and_particles_belong_to_names(label: Label, text: str, expected: str) -> None:
    assert (expected, "OTHER_PERSON") in label(text)


@pytest.mark.parametrize(
    "text",
    [
        "Form of Warrant A.\nMore",
        "Exhibit Index A.\nMore",
        "see Exhibit C. The Company has",
        "of B. General Terms of it",
    ],
)
def test_letters_of_headings_are_no_initials(label: Label, text: str) -> None:
    assert not [found for found in label(text) if found[1] == "OTHER_PERSON"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("two FDA-approved generics reached the market", "FDA-approved"),
        ("held in FDIC-insured accounts at the bank", "FDIC-insured"),
        ("an application for the iPhone and for others", "iPhone"),
    ],
)
def test_bodies_as_adjectives_and_devices_are_names(label: Label, text: str, expected: str) -> None:
    assert (expected, "OTHER_NAME") in label(text)


def test_what_a_company_does_is_not_its_name(label: Label) -> None:
    text = "Each Issuing Bank, the Surviving Company and the Controlled Group shall pay"
    names = {name for name, _ in label(f"{text} Sterling Bank and Tessco Group.")}
    assert names.isdisjoint({"Issuing Bank", "Surviving Company", "Controlled Group"})
    assert names >= {"Sterling Bank", "Tessco Group"}


def test_a_family_name_inside_another_name_is_nobody(label: Label) -> None:
    told = "Mr. Alan Tregarth resigned in May. "
    assert ("Tregarth", "OTHER_PERSON") in label(told + "Tregarth agreed to it.")
    assert ("Tregarth", "OTHER_PERSON") not in label(told + "The Tregarth Prize was paid out.")


VELORA = (
    "The acquisition of Velora closed in May. An agreement with Velora followed. Velora was paid."
    " Costs of Velora rose, and Velora moved."
)
TENSOR = (
    "The tensile Velora test was run. A Velora test failed. Our Velora test passed. One Velora test"
    " is left, the Velora test of May."
)


def test_a_company_is_told_by_what_is_done_to_it(label: Label) -> None:
    assert ("Velora", "ORG") in label(VELORA)
    assert ("Velora", "ORG") not in label(TENSOR)


@pytest.mark.parametrize(
    ("text", "expected", "wrong"),
    [
        (
            "Velora Systems, Inc. and its consolidated subsidiaries (VSX) lost. VSX was sold.",
            ("VSX", "ORG"),
            ("subsidiaries", "ORG"),
        ),
        (
            "The report of Velora Capital Corp. II and its subsidiaries (VCC II), and VCC II too. VCC II.",
            ("VCC II", "ORG"),
            ("II", "ORG"),
        ),
        (
            "It was sold to eHarbor Services, Inc. in May.",
            ("eHarbor Services, Inc.", "ORG"),
            ("Services, Inc.", "ORG"),
        ),
        (
            "Each a Minnesota Corporation (a Fund).",
            ("Minnesota", "GPE"),
            ("Minnesota Corporation", "ORG"),
        ),
        (
            "It became a Delaware Limited Liability Company.",
            ("Delaware", "GPE"),
            ("Delaware Limited Liability Company", "ORG"),
        ),
        ("A deposit at Delaware Trust Company.", ("Delaware Trust Company", "ORG"), ("Delaware", "GPE")),
    ],
)
def test_short_names_small_letters_and_kinds_of_companies(
    label: Label, text: str, expected: tuple[str, str], wrong: tuple[str, str]
) -> None:
    found = label(text)
    assert expected in found
    assert wrong not in found


@pytest.mark.parametrize(
    ("text", "expected", "wrong"),
    [
        (
            "Savers hold the Velora Growth fund. Every Velora report tells it.",
            {("Velora Growth fund", "ORG"), ("Velora", "ORG")},
            set(),
        ),
        (
            "Any Annual fund, mutual fund or Mutual funds.",
            set(),
            {"Annual fund", "Mutual funds"},
        ),
        (
            "a branch of Velora Capital Corp. II Velora Data Systems Inc. in May",
            {("Velora Capital Corp. II", "ORG"), ("Velora Data Systems Inc.", "ORG")},
            set(),
        ),
        (
            "held by Quarry Income Fund Brightwater Capital in May",
            {("Quarry Income Fund", "ORG"), ("Brightwater Capital", "ORG")},
            set(),
        ),
        (
            "The Board of Directors The Quarry Bank, N.A. in May",
            {("The Quarry Bank, N.A.", "ORG")},
            set(),
        ),
        (
            "Rover & Data Services Company, Inc. grew. A share of Rover and Data, and of Rover & Data, rose.",
            {("Rover & Data", "ORG"), ("Rover and Data", "ORG")},
            set(),
        ),
        (
            "advised by Orrin W. Dickhout & Co., Inc. in May, and O.W. Dickhout reported.",
            {("O.W. Dickhout", "ORG")},
            set(),
        ),
        (
            "the Directors of Quarry Pharmaceuticals, Inc. met",
            {("Quarry Pharmaceuticals, Inc.", "ORG")},
            {"Directors of Quarry Pharmaceuticals"},
        ),
        (
            "as a saver in the Quarry Partner 401 (k) program, and in a 401 (k) program",
            {("Quarry Partner 401 (k) program", "INSTRUMENT")},
            {"401 (k) program"},
        ),
        (
            "under ASU No. 2010-26, Accounting for Costs of Acquiring or Renewing Contracts.",
            {("Accounting for Costs of Acquiring or Renewing Contracts", "INSTRUMENT")},
            set(),
        ),
        (
            "see Opinion No. 25, “ Stock Issued to Employees, ” and SAS No. 61 (Talk with Audit Committees)",
            {("Stock Issued to Employees", "INSTRUMENT"), ("Talk with Audit Committees", "INSTRUMENT")},
            set(),
        ),
    ],
)
def test_names_in_a_row_names_with_and_and_plans_by_section(
    label: Label, text: str, expected: set[tuple[str, str]], wrong: set[str]
) -> None:
    found = label(text)
    assert expected <= found
    assert wrong.isdisjoint(surface for surface, _ in found)


@pytest.mark.parametrize(
    ("text", "expected", "wrong"),
    [
        (
            "IN THE HIGH COURT OF JUSTICE\nBUSINESS AND PROPERTY COURTS\nMR JUSTICE QUENTIN",
            {("QUENTIN", "JUDGE")},
            {"BUSINESS"},
        ),
        (
            "14. Governing Law. Change in Law. This Lease ends in May.",
            set(),
            {"Governing Law", "Change in Law"},
        ),
        (
            "Commission Delegated Regulation (EU) No 1151/2012 and Directive 2011/83/EU apply.",
            {
                ("Commission Delegated Regulation (EU) No 1151/2012", "STATUTE"),
                ("Directive 2011/83/EU", "STATUTE"),
            },
            set(),
        ),
        (
            "under the Hague Convention on the Service of Documents, the Federal Act on Banks and the UK GDPR"
            " and the Fisheries Act 2018 (NSW)",
            {
                ("Hague Convention on the Service of Documents", "STATUTE"),
                ("Federal Act on Banks", "STATUTE"),
                ("Fisheries Act 2018 (NSW)", "STATUTE"),
            },
            {"UK GDPR and the Fisheries Act 2018 (NSW)"},
        ),
        (
            "as Lord Quentin said and Ferrars J held in the High Court",
            {("Quentin", "JUDGE"), ("Ferrars", "JUDGE")},
            set(),
        ),
        ("Schedule J in the Lease; Lord Velorum is the deity.", set(), {"Schedule", "Velorum"}),
        (
            "Before STONEFIELD, Chief Judge, and QUILL and FERRARS, Circuit Judges.",
            {("STONEFIELD", "JUDGE"), ("QUILL", "JUDGE"), ("FERRARS", "JUDGE")},
            set(),
        ),
        (
            "The Honorable Lettice Quill, Bankruptcy Judge, of the Western District of Missouri sat.",
            {("Lettice Quill", "JUDGE"), ("Western District of Missouri", "COURT")},
            {"Western"},
        ),
        (
            "I, LETTICE QUILL, name my cousin, Orrin Ferrars. Affidavit of Tamsin Quill. Sgt. Dobney fired.",
            {(name, "OTHER_PERSON") for name in ("LETTICE QUILL", "Orrin Ferrars", "Tamsin Quill", "Dobney")},
            {"fired"},
        ),
        (
            'Tamsin Quill ("Tenant") left. Contact Lettice Dobney at (202) 555-0101. Sincerely, Orrin Quill',
            {(name, "OTHER_PERSON") for name in ("Tamsin Quill", "Lettice Dobney", "Orrin Quill")},
            set(),
        ),
        (
            "A Lieutenant Governor, an Officer Certificate, Town Center, Chief Executive Officer Board.",
            set(),
            {"Governor", "Certificate", "Center", "Board"},
        ),
        (
            "at 12526 High Meadow Drive and 200 SW 1st Ave, Boston, and 41 Willow Lane",
            {("High Meadow Drive", "GPE"), ("SW 1st Ave", "GPE"), ("Willow Lane", "GPE")},
            set(),
        ),
        (
            "by Customer and Velorum B.V., Tamsin Quill FERRARS & DOBNEY LLP and STOCK OF VELORA MILLS INC.",
            {("Velorum B.V.", "ORG"), ("FERRARS & DOBNEY LLP", "ORG"), ("VELORA MILLS INC.", "ORG")},
            set(),
        ),
        (
            "VELORA QUARRY CORP. sells ovens. Velora Quarry and Velora grew at the University of Northmoor.",
            {("Velora Quarry", "ORG"), ("Velora", "ORG"), ("University of Northmoor", "ORG")},
            set(),
        ),
        ("With respect to Velora, plaintiffs filed a motion.", set(), {"Velora"}),
        ("of the Ministry of Justice. Admissibility was argued.", set(), {"Admissibility"}),
        (
            "Chairman of the Committee. Executive Salary. The Velora 2008 Stock Incentive Plan was approved.",
            {("Velora 2008 Stock Incentive Plan", "INSTRUMENT")},
            set(),
        ),
        (
            '"Velora Law" means the Velora Banking Act of 1990. A Velora Law, "Parent" means Velora Inc.',
            {("Velora Law", "STATUTE")},
            {"Parent"},
        ),
    ],
)
def test_other_kinds_of_legal_text(
    label: Label, text: str, expected: set[tuple[str, str]], wrong: set[str]
) -> None:
    found = label(text)
    assert expected <= found
    assert wrong.isdisjoint(surface for surface, _ in found)


def test_a_lawyer_stands_beside_the_mark(label: Label) -> None:
    line = (
        "Mr Quill was the director of the firm and spoke of it at length, " * 4
        + "for the claimant nobody spoke."
    )
    found = label(f"BETWEEN\nVelora Ltd Claimant\n- and -\nFerrars Ltd Respondent\n{line}\n")
    assert ("Quill", "LAWYER") not in found


@pytest.mark.parametrize(
    ("text", "expected", "label_"),
    [
        ("Ms Alder QC for Meridian Shipping plc appeared.", "Meridian Shipping plc", "ORG"),
        ("heard Hollis for Brightwater Utilities plc.", "Brightwater Utilities plc", "ORG"),
        ("The Institute for Ageing Ltd paid.", "Institute for Ageing Ltd", "ORG"),
        (
            "It followed Harrow Mills Ltd v.\n\nSecretary of State for Transport [2011] UKSC 14.",
            "Harrow Mills Ltd v.\n\nSecretary of State for Transport [2011] UKSC 14",
            "PRECEDENT",
        ),
        (
            "as in General Manager, Harbor Transport Corporation v. Stone (2001) 2 SCC 9.",
            "General Manager, Harbor Transport Corporation v. Stone (2001) 2 SCC 9",
            "PRECEDENT",
        ),
        ("in Roe v. State 1981 Cri.L.J.1813, it", "Roe v. State 1981 Cri.L.J.1813", "PRECEDENT"),
        ("LEASE. Quillen Realty Partners, L.P. leases", "Quillen Realty Partners, L.P.", "ORG"),
        ("accounts at Bank of the Ozarks and others", "Bank of the Ozarks", "ORG"),
        ("Rosalind Achebe, the chief financial officer, certified", "Rosalind Achebe", "OTHER_PERSON"),
        ("See Item 404 of Regulation S-K.", "Item 404", "PROVISION"),
        ("see AIR 1991 (SC) 1463.", "AIR 1991 (SC) 1463", "PRECEDENT"),
        ("(1980) 21 (2) Guj LR 167 says", "(1980) 21 (2) Guj LR 167", "PRECEDENT"),
    ],
)
def test_counsel_and_cases_that_a_page_parts(label: Label, text: str, expected: str, label_: str) -> None:
    assert (expected, label_) in label(text)


def test_a_heading_over_a_blank_line_is_no_cited_case(label: Label) -> None:
    assert not any(kind == "PRECEDENT" for _, kind in label("Northwind Ltd\n\nv Harbor Council\n\nJudgment"))
