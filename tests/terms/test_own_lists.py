"""Lists as people bring them: what is written in a cell or line, and what a text makes of it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.matching import GazetteerMatcher
from hybrid_ner.matching.automata import _WILD, Wildcards, _pattern, hits_of
from hybrid_ner.matching.compiled import load_gazetteer as load_compiled
from hybrid_ner.pipeline import rule_pipeline
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.terms.readers import read_gazetteer
from hybrid_ner.terms.variants import with_own_variants
from hybrid_ner.terms.variants.words import names_of


def _benchmark() -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "benchmarks" / "own_lists.py"
    spec = importlib.util.spec_from_file_location("own_lists", path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["own_lists"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BENCHMARK = _benchmark()
CASES = [case for path in sorted(BENCHMARK.FOLDER.glob("*.txt")) for case in BENCHMARK.cases(path)]
OPEN = {
    "trademarks.csv": (["QUILLPAD®"], ["QUILLPAD"]),  # the sign belongs to the mention or not
    "NSAID.txt": (["Indometacin"], []),  # another name of the drug
    "drugs_gp_tuples.txt": (["acetaminophen"], []),  # in brackets: "human", "oral" stand so too
    "wine_faults.txt": ([], ["Brett"]),  # a man of the name
}
"""What is known to be missed and to be wrong."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_mentions_of_a_list_that_somebody_brings(tmp_path: Path, case: Any) -> None:
    if case.name.endswith(".xlsx"):
        pytest.importorskip("openpyxl")
    assert BENCHMARK.judged(case, tmp_path) == OPEN.get(case.name, ([], []))


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        ("heroin [smack, gear]; ketamine [ket]; MDMA [mandy, molly]", "is read as other names"),
        ("opiates [morphine, codeine]; poppy [codeine, opium]; morphine; codeine", "name, first 'opiates"),
        ("aspirin (oral, daily); heparin (slow, drip); zinc", "name, first 'aspirin"),
        ("vitamin B (B1, B6); vitamin D (D2, D3); zinc", "name, first 'vitamin B"),
        ("aspirin (tablet); heparin (drip)", ""),
    ],
)
def test_what_a_list_means_by_brackets_is_told(tmp_path: Path, rows: str, note: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(rows.replace("; ", "\n"), encoding="utf-8")
    reading = read_gazetteer(path, label="X")
    list(reading)
    assert [each for each in reading.report.notes if "brackets" in each and note in each] or not note


@pytest.mark.parametrize(
    ("text", "name", "others", "tag"),
    [
        ("atrial fibrillation (AF, AFib)", "atrial fibrillation", ("AF", "AFib"), ""),
        ("end-stage renal disease [ESRD]", "end-stage renal disease", ("ESRD",), ""),
        ("TSH (thyroid-stimulating hormone)", "TSH", ("thyroid-stimulating hormone",), ""),
        ("myocardial infarction (aka heart attack)", "myocardial infarction", ("heart attack",), ""),
        ("Cough (finding)", "Cough", (), "finding"),
        ("needle holder (Mayo-Hegar)", "needle holder (Mayo-Hegar)", ("needle holder",), ""),
        ("open reduction [ORIF surgery]", "open reduction [ORIF surgery]", ("open reduction",), ""),
        ("laparoscopic cholecystectomy [lap chole]", "laparoscopic cholecystectomy", ("lap chole",), ""),
        ("claim(s)", "claim", ("claims",), ""),
        ("sodium sulphate (Na2SO4)", "sodium sulphate", ("Na2SO4",), ""),
        ("Interferon-γ (IFN-γ)", "Interferon-γ", ("IFN-γ",), ""),
        ("Lead (Pb)", "Lead", ("Pb",), ""),
        ("Arsenic [As]", "Arsenic", ("As",), ""),
        ("milk (incl. lactose)", "milk", ("lactose",), ""),
        ("bill of lading (B/L)", "bill of lading", ("B/L",), ""),
        ("total knee arthroplasty / TKA", "total knee arthroplasty", ("TKA",), ""),
        ("Klebsiella oxytoca, K. oxytoca", "Klebsiella oxytoca", ("K. oxytoca",), ""),
        ("Crohn disease, M. Crohn", "Crohn disease, M. Crohn", (), ""),
        ("amoxicillin [Amoxil]", "amoxicillin", ("Amoxil",), ""),
        ("NOVALGIN [METAMIZOLE SODIUM]", "NOVALGIN", ("METAMIZOLE SODIUM",), ""),
        ("AUGMENTIN [AMOXICILLIN;CLAVULANIC ACID]", "AUGMENTIN", (), ""),
        ("ZOFRAN /00955301/", "ZOFRAN", (), ""),
        ("Brackwell Works Ltd t/a Brackwell", "Brackwell Works Ltd", ("Brackwell",), ""),
        ("Dawes Holdings Ltd, formerly Dawes Bros Ltd", "Dawes Holdings Ltd", ("Dawes Bros Ltd",), ""),
        ("salbutamol (albuterol)", "salbutamol", ("albuterol",), ""),
        ("acetylsalicylic acid (ASA)", "acetylsalicylic acid", ("ASA",), ""),
        ("cruciate ligament rupture [CL rupture]", "cruciate ligament rupture", ("CL rupture",), ""),
        ("Xylaria (magnus)", "Xylaria (magnus)", ("Xylaria",), ""),
        ("apixaban (Eliquis)", "apixaban", ("Eliquis",), ""),
        ("retractor (Balfour)", "retractor (Balfour)", (), ""),
        ("xanthan gum / xanthan", "xanthan gum", ("xanthan",), ""),
        ("insulin glargine / lixisenatide", "insulin glargine / lixisenatide", (), ""),
        ("Agency for Asylum (AA, formerly OA)", "Agency for Asylum", ("AA", "OA"), ""),
        ("fracture of the hip (hip fracture)", "fracture of the hip", ("hip fracture",), ""),
        ('ACME, INC. ("Acme" or the "Company")', "ACME, INC.", ("Acme", "Company"), ""),
        ('John Q. Public, an individual ("Guarantor")', "John Q. Public", ("Guarantor",), ""),
        ("myocardial infarction (MI, heart attack)", "myocardial infarction", ("MI", "heart attack"), ""),
        ("hip / knee", "hip / knee", (), ""),
        ("Na (sodium)", "Na (sodium)", (), ""),
        ("cold (illness)", "cold (illness)", (), ""),
        ("vitamin B (B1, B6)", "vitamin B (B1, B6)", (), ""),
        ("iron(III) oxide", "iron(III) oxide", (), ""),
        ("factor (VIII)", "factor (VIII)", (), ""),
        ("cough [NOS]", "cough", ("cough NOS",), ""),
        ("neoplasm of spine [NOS]", "neoplasm of spine", ("neoplasm of spine NOS",), ""),
        ("nitric oxide synthase [NOS]", "nitric oxide synthase", ("NOS",), ""),
        ("necrotizing enterocolitis (NEC)", "necrotizing enterocolitis", ("NEC",), ""),
        ("Northeast Corridor (NEC)", "Northeast Corridor", ("NEC",), ""),
        ("[X]Depression", "Depression", (), ""),
        ("Planning Act 1990 (PA, PlanA)", "Planning Act 1990", ("PA", "PlanA", "PA 1990", "PlanA 1990"), ""),
        ("[D] Chest pain", "Chest pain", (), ""),
        ("[D]-phenylalanine", "[D]-phenylalanine", (), ""),
        ("hypoglycaemia (hypo)", "hypoglycaemia", ("hypo",), ""),
        ("stage I/II", "stage I/II", (), ""),
    ],
)
def test_names_in_brackets(text: str, name: str, others: tuple[str, ...], tag: str) -> None:
    found = names_of(text)
    assert (found.name, found.others, found.tag) == (name, others, tag)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("diabetes and diabetic", ["diabetes", "diabetic"]),
        ("prediabetes", []),
        ("hepatitis, hepatocellular", ["hepatitis"]),
        ("HLA-B*57:01 and HLA-B57", ["HLA-B*57:01"]),
        ("subcardial, cardiac; a cart", ["subcardial", "cardiac"]),
    ],
)
def test_wildcards_match_words_and_alleles_are_none(tmp_path: Path, text: str, found: list[str]) -> None:
    terms = Gazetteer.of([Term(term, "X") for term in ("diabet*", "hepat*itis", "HLA-B*57:01", "*card*")])
    matcher = GazetteerMatcher(terms)
    assert [text[m.start : m.end] for m in matcher.match(text)] == found
    matcher.save(tmp_path / "terms.gaz")
    again = GazetteerMatcher(load_compiled(tmp_path / "terms.gaz"))
    assert again.match(text) == matcher.match(text)


def test_many_wildcards_are_found_at_once_as_each_by_itself() -> None:
    parts = ["card", "cardio", "*itis", "hepat", "Über", "* fever", "cough*", "*card*", "sub"]
    wild = [f"{one}{mark}{other}" for one in parts for mark in "*?" for other in ("", "al", " cough")]
    terms = [Term(text, "X") for text in dict.fromkeys(wild)]
    text = "Cardiac card-cough, hepatitis; ÜBERALL İ ß cardial cough, subcardiac fever coughs 5x fever cough"
    groups = np.arange(len(terms), dtype=np.int32)
    found = Wildcards(terms, groups).add([text], hits_of([])).rows()
    alone = [
        (0, *hit.span(), at)
        for at, term in enumerate(terms)
        if _WILD.fullmatch(term.text)
        for hit in _pattern(term.text).finditer(text)
    ]
    assert sorted(found) == sorted(alone)
    assert len(alone) > 20


def test_a_wildcard_is_named_in_the_evidence() -> None:
    (match,) = GazetteerMatcher(Gazetteer.of([Term("diabet*", "X")])).match("Diabetes.")
    assert match.evidence is not None
    assert "matches “diabet*” (variant): wildcard" in match.evidence.sentence()


def _forms(text: str, label: str = "X", concept: str = "") -> set[str]:
    whole = with_own_variants(Gazetteer.of([Term(text, label, concept)]))
    return {term.text for term in whole.terms}


@pytest.mark.parametrize(
    ("term", "label", "concept", "form", "other"),
    [
        ("Vesper Works, Inc.", "Client", "", "Vesper Works", "Vesper"),
        ("Apple Inc.", "Client", "", "Apple Inc", "Apple"),
        ("Delmarva Freight Co.", "Client", "", "Delmarva Freight Company", "Delmarva Freight Limited"),
        ("O'Connor, Sean P.", "PERSON", "", "Sean O'Connor", "Sean"),
        ("Anemia, Aplastic", "Disease", "", "Aplastic Anemia", "Aplastic"),
        ("levothyroxine sodium", "Drug", "", "levothyroxine", "sodium"),
        ("magnesium sulfate", "Drug", "", "magnesium sulphate", "magnesium"),
        ("adenosine triphosphate", "Drug", "", "adenosine triphosphates", "adenosine"),
        ("clonidine hydrochloride", "Drug", "", "clonidine", "hydrochloride"),
        ("Toprol-XL 50 mg", "Drug", "", "Toprol", "50 mg"),
        ("non-small cell lung cancer", "Disease", "", "non small-cell lung cancer", "small cell lung cancer"),
        ("β-blocker", "Drug", "", "beta blockers", "blocker"),
        ("PPIs", "Drug", "", "PPI", "PP"),
        ("chest_pain", "Sign", "", "chest pain", "chest"),
        ("Roe v. Wade, 410 U.S. 113 (1973)", "PRECEDENT", "", "Roe v. Wade", "Wade"),
        ("Roe v. Wade, 410 U.S. 113 (1973)", "PRECEDENT", "", "410 U.S. 113", "410"),
        ("Saint Mary's Hospital", "Site", "", "St. Mary's Hospital", "Mary's Hospital"),
        ("Section 1983", "STATUTE", "", "§ 1983", "1983"),
        ("42 U.S.C. § 1983", "STATUTE", "", "42 USC 1983", "1983"),
        ("Rule 12(b)(6)", "Rule", "", "Rule 12 (b)(6)", "Rule 12"),
        ("ISO 9001:2015", "Standard", "", "ISO 9001", "9001:2015"),
        ("Müller HP", "Author", "", "H. P. Müller", "Müller"),
        ("Smith J", "Author", "", "J. Smith", "Smith"),
        ("Harrow Pike Machines Corporation", "Client", "", "Harrow Pike Machines", "Harrow Pike"),
        ("Metoprolol tartrate 25 mg BID", "Drug", "", "Metoprolol", "BID"),
        ("Pneumonia, unspecified organism", "Dx", "J18.9", "Pneumonia", "organism"),
        ("Fever, unspecified", "Dx", "", "Fever, unspecified", "Fever"),
    ],
)
def test_what_a_text_leaves_out_of_a_name(term: str, label: str, concept: str, form: str, other: str) -> None:
    forms = _forms(term, label, concept)
    assert form in forms
    assert other not in forms


def test_a_company_of_everyday_words_wants_its_capitals() -> None:
    terms = with_own_variants(Gazetteer.of([Term("Tanager Development, LLC", "Client")]))
    text = "Tanager Development sued; tanager development is slow."
    assert [m.start for m in GazetteerMatcher(terms).match(text)] == [0]


def test_a_yaml_of_aliases_is_no_bomb(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    rows = ["a0: &a0 [x1, x2, x3, x4, x5, x6, x7, x8, x9]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    path.write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(InputError, match="aliases unfold"):
        list(read_gazetteer(path))


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.yaml", "a: [b", "no YAML or JSON"),
        ("a.yaml", "only words", "expected a list or a mapping"),
        ("a.json", '{"a": [1}', "no YAML or JSON"),
        ("a.md", "# Title\n\nOnly prose.\n", "no term found"),
    ],
)
def test_what_is_no_list_is_said(tmp_path: Path, name: str, text: str, problem: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=problem):
        list(read_gazetteer(path, label="X").some())


def test_rows_of_nested_terms_are_lines_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("# ours\nDrug:\n  - aspirin\n  - ibuprofen: Advil\n", encoding="utf-8")
    assert [(t.text, t.label, t.row, t.status) for t in read_gazetteer(path)] == [
        ("aspirin", "Drug", 3, "preferred"),
        ("ibuprofen", "Drug", 4, "preferred"),
        ("Advil", "Drug", 4, "synonym"),
    ]


def test_terms_over_synonyms_and_a_record_a_term(tmp_path: Path) -> None:
    path = tmp_path / "Disease.yaml"
    path.write_text(
        "heart attack: [MI, myocardial infarction]\nlow back pain:\n  id: M54.5\n  aliases: lumbago\n",
        "utf-8",
    )
    assert [(t.text, t.label) for t in read_gazetteer(path)] == [
        (text, "Disease")
        for text in ("heart attack", "MI", "myocardial infarction", "low back pain", "lumbago")
    ]


@pytest.mark.parametrize(
    ("name", "text", "terms", "said"),
    [
        ("a.txt", "Disease list\n\nflu\nasthma\n", "flu, asthma", "skipped 1: heading (row 1: Disease list)"),
        ("a.txt", "Hypertension\n\nflu\nasthma\n", "Hypertension, flu, asthma", ""),
        ("a.txt", "DRUGS\n=====\naspirin\nflu\n", "aspirin, flu", "skipped 1: heading (row 1: DRUGS)"),
        ("a.txt", "flu\n---\nasthma\n", "flu, asthma", "skipped 1: comment (row 2: ---)"),
        (
            "a.txt",
            "term = synonym\nflu = grippe\nRA = arthritis\n",
            "flu, grippe, RA, arthritis",
            "row 1: term",
        ),
        ("a.txt", "flu → grippe\ncold → coryza\n", "flu, grippe, cold, coryza", "read as another name"),
        ("a.txt", "flu|grippe\nasthma\n", "flu, grippe, asthma", "several names of one thing"),
        ("a.txt", "R05 Cough\nR50.9 Fever\nJ45 Asthma\n", "Cough, Fever, Asthma", "read as their ids"),
        ("a.txt", "CD4 count\nCD8 count\nCD20 antigen\n", "CD4 count, CD8 count, CD20 antigen", ""),
        ("a.txt", "5-HT agonist\n5-FU\n17-OH steroid\n", "5-HT agonist, 5-FU, 17-OH steroid", ""),
        ("a.txt", '["flu", "asthma"]\n', "flu, asthma", ""),
        (
            "a.txt",
            "a; b; c\nd; e; f\ng; h; i\nj; k; l\n",
            "a, b, c, d, e, f, g, h, i, j, k, l",
            "several names",
        ),
        ("list", "flu\nasthma\n", "flu, asthma", ""),
        ("a.txt", "A\nabscess\nasthma\nB\nbursitis\n", "abscess, asthma, bursitis", "skipped 2: heading"),
        ("a.txt", "abscess ... 3\nasthma .... 4\nflu ... 7\n", "abscess, asthma, flu", "counts or pages"),
        ("a.txt", "Page 1 of 2\nflu,\nasthma\n", "flu, asthma", "skipped 1: comment"),
        ("a.csv", "Last,First,Dept\nRoe,Jane,A\n", "Jane Roe, Roe, Jane", "are read as one name"),
        (
            "a.csv",
            "HTN;hypertension\nMI;myocardial infarction\n",
            "hypertension, HTN, myocardial infarction, MI",
            "",
        ),
        (
            "a.json",
            '{"n": 1, "results": [{"code": "J10", "display": "Flu"}]}',
            "Flu",
            "of the file (row 1: n: 1)",
        ),
        ("a.csv", "Party,Role\nAcme Inc,Buyer\nBeta LLC,Seller\n", "Acme Inc, Beta LLC", "not read: Role"),
        (
            "a.csv",
            "Test,Value\nTotal protein,5\nTotal,6\nHDL,1\n",
            "Total protein, HDL",
            "sum of the rows (row 3",
        ),
        ("a.csv", "No,Diagnosis,ICD\n1,flu,J10\n2,-,J4\n3,N/A,\n4,RA,M06\n", "flu, RA", "skipped 2: no term"),
        ("a.csv", "Name,Code,Note\nflu,J10\nasthma,J45,x\n", "flu, asthma", "first row 2: what is missing"),
        (
            "a.csv",
            "Stock list\nName,Code,Note\nflu,J10,\nRA,M06,x\nsee over\n",
            "flu, RA",
            "text beside the table",
        ),
        ("a.csv", "Name (trade name),Qty\nfurosemide (Lasix),5\n", "furosemide, Lasix", ""),
        ("a.json", '{"flu": "J10", "asthma": "J45"}', "flu, asthma", ""),
        (
            "a.json",
            '[{"x": "flu", "y": "a"}, {"x": "RA", "y": "a"}]',
            "flu, RA",
            "keys that were not read: y",
        ),
        ("a.json", '[{"name": "flu"}, {"name": ""}, null]', "flu", "skipped 2: no term (row 2"),
        (
            "a.yaml",
            "aspirin: 75 mg\nheparin: 5000 units\n",
            "aspirin, heparin",
            "no other name but an amount",
        ),
        ("a.yaml", "- flu\n- asthma: [wheeze]\n", "flu, asthma, wheeze", ""),
        (
            "a.csv",
            "n,name,kind\n1,2,4-D,X\n2,DDT,X\n3,1,2-diol,Y\n4,E605,Y\n",
            "2,4-D, DDT, 1,2-diol, E605",
            "row 2",
        ),
        (
            "a.csv",
            "name,no\nRoe, Jane,7\nPoe, Ann,8\n",
            "Roe, Jane, Poe, Ann",
            "',' without quotes around them",
        ),
        ("a.csv", "name,note\ngout,a\nflu,b\nRA,c,d\n", "", "3 instead of 2: RA, c, d"),
        (
            "a.txt",
            "Panel 3    page 2\nGene    Full name   Locus\nATM     ATM kinase  11q\nMLH1    mutL one    3p\n",
            "ATM, ATM kinase, MLH1, mutL one",
            "title above",
        ),
        (
            "a.txt",
            "Some kind       Dose   Qty\nFurosemide     40 mg   120\nParacetamol            1200\n"
            "Heparin sodium  5 mL     8\n",
            "Furosemide, Paracetamol, Heparin sodium",
            "Dose, Qty",
        ),
        (
            "a.txt",
            " id |  name   |  x\n----+---------+-----\n  1 | flu     | ab\n  2 | asthma  | cd\n(2 rows)\n",
            "flu, asthma",
            "text beside the table",
        ),
        (
            "a.txt",
            "+----+--------+\n| id | name   |\n+----+--------+\n| 7  | flu    |\n| 8  | asthma |\n"
            "+----+--------+\n",
            "flu, asthma",
            "",
        ),
        (
            "a.json",
            '[{"id": 1, "name": "flu", "status": "current"}, {"id": 2, "name": "RA", "status": "retired"}]',
            "flu",
            "not active",
        ),
        ("a.json", '[{"name": "flu", "abbr": "F1", "n": 2}]', "flu, F1", "'abbr' is read as another name"),
        ("a.json", '[{"lastName": "Roe", "firstName": "Jane"}]', "Jane Roe, Roe, Jane", ""),
        (
            "a.txt",
            "Ours:\n• flu - bad\n• RA\n• gout - bad\n• cough - not\n",
            "flu, RA, gout, cough",
            "a remark",
        ),
        (
            "a.txt",
            "Hi, please:\n\n- flu\n- gout\n- RA\n\nThanks,\nDana\n",
            "flu, gout, RA",
            "skipped 3: heading",
        ),
        ("a.txt", "#flu\n#longcovid\n", "flu, longcovid", ""),
        ("a.txt", "<ul>\n<li>flu</li>\n<li>gout</li>\n</ul>\n", "flu, gout", ""),
        ("a.txt", "\\item flu\n\\item gout\n", "flu, gout", ""),
        ("a.txt", "* [[flu]]\n* [[Gout (disease)|gout]]\n", "flu, gout", ""),
        ("a.txt", "flu.\nheart failure.\ngout.\n", "flu, heart failure, gout", ""),
        ("a.txt", "chest pain 120\nflu 88\ngout 45\nRA 4\n", "chest pain, flu, gout, RA", "counts"),
        ("a.txt", "factor 7\nfactor 8\nfactor 9\nfactor 10\n", "factor 7, factor 8, factor 9, factor 10", ""),
        ("a.txt", "HTN=hypertension\nRA=arthritis\n", "HTN, hypertension, RA, arthritis", "another name"),
        ("a.txt", "flu, gout, RA and cough\n", "flu, gout, RA, cough", ""),
        ("a.txt", "Drugs\n\tAspirin\n\tHeparin\n", "Aspirin, Heparin", "'Drugs' is read as the heading"),
        ("a.rst", "Ours\n====\n\n* flu\n* gout\n", "flu, gout", "row 1: Ours"),
        ("a.csv", "RxNorm,Medication,Brand Name(s)\n6809,drug,Lasix\n291,other,\n", "drug, Lasix, other", ""),
        (
            "a.csv",
            "preferred,synonym1,synonym2\nflu,grippe,\nRA,arthritis,x1\n",
            "flu, grippe, RA, arthritis, x1",
            "",
        ),
        (
            "a.csv",
            "Wirkstoff;Handelsname\nIbuprofen;Nurofen\nFurosemid;Lasix\n",
            "Ibuprofen, Nurofen, Furosemid, Lasix",
            "",
        ),
        (
            "a.csv",
            "from,to\nHTN,hypertension\nMI,myocardial infarction\n",
            "hypertension, HTN, myocardial infarction, MI",
            "",
        ),
        ("a.csv", "flu,gout,RA\n", "gout, RA, flu", ""),
        ("a.csv", "LLT,PT\nqueasy,flu\nsore,gout\n", "flu, queasy, gout, sore", "'PT' is read as the term"),
        (
            "a.csv",
            "LLT code,LLT name,PT code,PT name\n1001,queasy,1002,flu\n1003,sore,1004,gout\n",
            "flu, queasy, gout, sore",
            "'PT code' is read as the concept id",
        ),
        ("a.csv", "RID,name\nRID12,flu\nRID7,gout\n", "flu, gout", "'RID' is read as the concept id"),
        ("a.csv", "Drug name,ATC\nx1;y1,J01CR02\nz1,M01AE01\n", "x1;y1, z1", ""),
        ("a.csv", "Drug name,ATC\nx1; y1,J01CR02\nz1,M01AE01\n", "x1, y1, z1", "separated by ';'"),
        ("a.csv", "name\nHarrow &amp; Pike\n", "Harrow & Pike", ""),
        (
            "a.txt",
            "C0020538|HTN one\nC0020538|HTN two\nC0027051|MI\n",
            "HTN one, HTN two, MI",
            "column 1 as its id",
        ),
        ("a.txt", "MRI spine\nMRI knee\nMRI hip\nCTA head\n", "MRI spine, MRI knee, MRI hip, CTA head", ""),
        ("a.txt", "crack - hip\ncrack - rib\nsprain - rib\n", "crack - hip, crack - rib, sprain - rib", ""),
        (
            "a.json",
            '{"Heart": {"Drugs": ["x1"], "Signs": ["y1"]}, "Brain": {"Drugs": ["x2"]}}',
            "x1, y1, x2",
            "",
        ),
        (
            "a.md",
            '# T\n\n**"Services"** means what we do.\n\n**"Fee"** has a meaning.\n',
            "Services, Fee",
            "",
        ),
        (
            "a.csv",
            "Generic (Brand),Indication\nsertraline (Zoloft),low mood\nx (ProAir, Ventolin),y\n",
            "sertraline, Zoloft, x, ProAir, Ventolin",
            "Indication",
        ),
        (
            "a.csv",
            "ICD-10,Diagnosis,Count\nI10,flu,12\nE78.5,gout,9\n,Total,21\n",
            "flu, gout",
            "sum of the rows",
        ),
        ("a.csv", "nom;synonyme\ngrippe;HTA\n", "grippe, HTA", ""),
        (
            "a.txt",
            "Our terms v2 -- not to be passed on\n\naorta; aortic\ndisc\nliver\n\n-- end --\n",
            "aorta, aortic, disc, liver",
            "row 1",
        ),
        ("a.md", "- **Hypertension** (HTN): bad\n- **Gout**: worse\n", "Hypertension, HTN, Gout", ""),
        ("a.md", "Name | Kind\n--- | ---\nflu | a\ngout | b\n", "flu, gout", ""),
        ("a.txt", "Flu [MESH:D007251]\nGout [MESH:D006073]\n", "Flu, Gout", "codes beside the terms"),
        ("a.txt", "Flu (J10)\nGout (M10.9)\n", "Flu, Gout", "codes beside the terms"),
        ("a.txt", "Flu.....J10\nGout....M10\n", "Flu, Gout", "codes beside the terms"),
        ("a.txt", "  12 flu\n   7 gout\n   3 RA\n   1 MS\n", "flu, gout, RA, MS", "counts"),
        ("a.txt", "flu,DISEASE\naspirin,DRUG\n", "flu, aspirin", ""),
        ("a.txt", "What we track are: flu, gout, and cough.\n", "flu, gout, cough", ""),
        ("a.txt", "TERM LIST\nflu\ngout\n", "flu, gout", "heading (row 1"),
        ("a.md", "# Ours\n\nflu\nasthma\\\nRA\n", "flu, asthma, RA", ""),
        ("a.md", "Our list:\n\n```\nflu\nasthma\n```\n", "flu, asthma", "Our list:"),
        (
            "a.md",
            "# G\n\n**Lender** means a bank that lends.\n\n**Loan**: what is lent.\n",
            "Lender, Loan",
            "",
        ),
        (
            "a.md",
            "flu\n: an infection of the airways.\n\nRA\n: a disease of joints.\n",
            "flu, RA",
            "an infection",
        ),
        (
            "a.md",
            "# G\n## Flu\nIt is one.\n## RA\nIt is two.\n## MS\nIt is three.\n",
            "Flu, RA, MS",
            "It is one.",
        ),
        ("a.txt", '"flu","asthma","it\'s"\n', "flu, asthma, it's", "strings of a piece of code"),
        ("a.txt", "DRUGS = [\n  'a1',\n  \"b2\",  # old\n]\n", "a1, b2", ""),
        ("a.txt", "WHERE name IN ('flu', 'Crohn''s disease')", "flu, Crohn's disease", ""),
        ("a.txt", 'x <- c("flu", "asthma")', "flu, asthma", ""),
        ("a.txt", "const X = ['flu', 'RA'];\n", "flu, RA", ""),
        ("a.py", '"""ours"""\nX = {"flu", "RA"}\n', "flu, RA", ""),
        ("a.txt", "flu|asthma|RA", "flu, asthma, RA", ""),
        ("a.txt", r"\b(?:flu|tumou?rs?)\b", "flu, tumor, tumors, tumour, tumours", ""),
        ("a.txt", "diabet\\w*\nheart\\s+(attack|failure)\n", "diabet*, heart attack, heart failure", ""),
        ("a.txt", "INSERT INTO t VALUES ('flu','Disease'),('RA','Disease');", "flu, RA", ""),
        (
            "a.sql",
            "CREATE TABLE t (id INT);\nINSERT INTO `t` (`id`, `name`, `alias`, `grp`) VALUES\n"
            "(1, 'flu', NULL, 'x'), (2, 'Crohn''s disease', 'CD', 'y');\n",
            "flu, Crohn's disease, CD",
            "columns that were not read: grp",
        ),
        ("a.txt", "(1, 'flu (J)', 'x'),\n(2, 'gout', 'x'),\n(3, 'RA', NULL)\n", "flu (J), gout, RA", ""),
        (
            "a.csv",
            "Code,Name\nSPAD,signal passed at danger\nTSR,temporary speed restriction\n",
            "signal passed at danger, SPAD, temporary speed restriction, TSR",
            "",
        ),
        (
            "a.json",
            '{"MI": {"name": "myocardial infarction"}, "RA": {"name": "rheumatoid arthritis"}}',
            "myocardial infarction, MI, rheumatoid arthritis, RA",
            "",
        ),
        ("a.txt", "O'Brien, O'Hara, O'Neil, O'Dea\n", "O'Brien, O'Hara, O'Neil, O'Dea", "with commas"),
        (
            "a.json",
            '[["flu", "grippe"], ["RA", "arthritis"]]',
            "flu, grippe, RA, arthritis",
            "names of one thing",
        ),
        ("a.json", '[["name", "type"], ["flu", "X"], ["RA", "Y"]]', "flu, RA", ""),
        (
            "a.jsonl",
            '{"name": "flu", "active": false}\n{"name": "RA", "active": true}\n',
            "RA",
            "not active (row 1",
        ),
    ],
)
def test_layouts_are_read_and_what_is_left_out_is_told(
    tmp_path: Path, name: str, text: str, terms: str, said: str
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    reading = read_gazetteer(path, label="Some_kind")
    if not terms:
        with pytest.raises(InputError, match=said):
            list(reading)
        return
    assert ", ".join(term.text for term in reading) == terms
    assert said in "\n".join(reading.report.lines()[1:])


@pytest.mark.parametrize(
    ("name", "text", "terms"),
    [
        (
            "a list.csv",
            "Drug,Disease\naspirin,gout\nheparin,asthma\nwarfarin,\n",
            "Drug: aspirin, heparin, warfarin; Disease: gout, asthma",
        ),
        (
            "a list.csv",
            "Statins,ACE inhibitors\nsimvastatin,ramipril\natorvastatin,enalapril\n",
            "Statins: simvastatin, atorvastatin; ACE_inhibitors: ramipril, enalapril",
        ),
        ("a list.csv", "Patient,Diagnosis 1,Diagnosis 2\nP1,gout,flu\nP2,RA,\n", "Diagnosis: gout, RA, flu"),
        (
            "b.csv",
            "Matter,Party,Role\n7,Acme,BUYER\n8,Beta,SELLER\n9,Gamma,BUYER\n10,Delta,SELLER\n",
            "BUYER: Acme, Gamma; SELLER: Beta, Delta",
        ),
        (
            "b.csv",
            "term,soort\nkoorts,klacht\njicht,ziekte\nastma,ziekte\n",
            "klacht: koorts; ziekte: astma, jicht",
        ),
        ("b.csv", "EFFECT;SYSTEM\nNAUSEA;GI\nRASH;SKIN\nCOLIC;GI\n", "EFFECT: COLIC, NAUSEA, RASH"),
        ("b.json", '[["aspirin", "Drug"], ["gout", "Disease"]]', "Drug: aspirin; Disease: gout"),
        ("b.json", '{"drug": ["a b", "c",], /* x */ "kind": ["d"]}', "drug: a b, c; kind: d"),
        ("b.json", '{"aspirin": "Drug", "gout": "Disease"}', "Drug: aspirin; Disease: gout"),
        ("b.txt", 'DRUGS = ["aspirin", "x"]\nGENES = ["y"]', "DRUGS: aspirin, x; GENES: y"),
        ("b.txt", 'list(drug = c("aspirin", "x"), gene = c("y"))', "drug: aspirin, x; gene: y"),
        ("b.csv", "aspirin,Drug\nheparin,Drug\ngout,Disease\n", "Drug: aspirin, heparin; Disease: gout"),
        (
            "b.md",
            "# Drugs\n\naspirin\nheparin\n\n# Diseases\n\ngout\n",
            "Drugs: aspirin, heparin; Diseases: gout",
        ),
        ("b.ini", "[Drug]\naspirin\nheparin\n[Disease]\ngout\n", "Drug: aspirin, heparin; Disease: gout"),
        (
            "b.txt",
            "Drugs:\n- aspirin\n- heparin\n\nDiseases:\n- gout\n",
            "Drugs: aspirin, heparin; Diseases: gout",
        ),
        ("b.toml", 'drugs = ["aspirin", "x"]\ngenes = ["y"]\n', "drugs: aspirin, x; genes: y"),
        (
            "b.txt",
            "Drugs: aspirin, heparin\nDiseases: gout, flu\n",
            "Drugs: aspirin, heparin; Diseases: gout, flu",
        ),
        ("b.txt", "gene = A1\ngene = A2\ndrug = x\ndrug = y\n", "gene: A1, A2; drug: x, y"),
        ("b.txt", "DRUG aspirin\nDISEASE heart failure\n", "DRUG: aspirin; DISEASE: heart failure"),
        ("b.txt", "aspirin: DRUG\nheparin: DRUG\ngout: DISEASE\n", "DRUG: aspirin, heparin; DISEASE: gout"),
        (
            "b.json",
            '{"Heart": {"Drugs": ["x1"], "Signs": ["y1"]}, "Brain": {"Drugs": ["x2"]}}',
            "Drugs: x1, x2; Signs: y1",
        ),
        ("b.json", '[{"name": "x1", "role": "A b"}, {"name": "x2", "role": "A b"}]', "A b: x1, x2"),
    ],
)
def test_labels_that_columns_state(tmp_path: Path, name: str, text: str, terms: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    found: dict[str, list[str]] = {}
    for term in read_gazetteer(path):
        found.setdefault(term.label, []).append(term.text)
    wanted = dict(each.split(": ") for each in terms.split("; "))
    assert {label: sorted(names) for label, names in found.items()} == {
        label: sorted(names.split(", ")) for label, names in wanted.items()
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("acute leukaemia\nALL\nMET\nCOPD\n", ["copd", "ALL"]),
        ("ALL\nMET\nBRCA1\nTP53\nCHEK2\n", ["ALL"]),
        ("FEVER\nRASH\nMET\nALL\n", ["all", "met", "ALL"]),
    ],
)
def test_words_in_capitals_are_other_words_where_the_list_has_small_letters(
    text: str, found: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "list.txt"
    path.write_text(text, encoding="utf-8")
    matcher = GazetteerMatcher(read_gazetteer(path, label="X").gazetteer())
    said = "all copd we met; ALL"
    assert sorted(said[m.start : m.end] for m in matcher.match(said)) == sorted(found)


def test_a_document_says_what_to_save(tmp_path: Path) -> None:
    path = tmp_path / "list.rtf"
    path.write_text("{\\rtf1 flu}", encoding="utf-8")
    with pytest.raises(InputError, match=r"is a document, not a term list.*one term a line"):
        read_gazetteer(path, label="X")


@pytest.mark.parametrize(
    ("domain", "terms", "text", "found"),
    [
        (
            "legal",
            {"Nurse Patel": "PARTY", "Port of Immingham Authority": "PARTY", "the Port": "PARTY"},
            "Nurse Patel told the Port of Immingham Authority that the Port was shut.",
            ["Nurse Patel PARTY", "Port of Immingham Authority PARTY", "the Port PARTY"],
        ),
        (
            "legal",
            {"Acme Holdings": "CLIENT"},
            "Acme Holdings was served. Acme Holdings Ltd was not.",
            ["Acme Holdings CLIENT", "Acme Holdings Ltd ORG"],
        ),
        (
            "legal",
            {"Harbour Water": "ORG"},
            "The Harbour Water Supply Board met.",
            ["Harbour Water ORG"],
        ),
        (
            "medical",
            {"drowsy": "Symptom", "creatine": "Chemical"},
            "Past medical history: drowsy. Labs: creatine 128 mmol/L, creatine kinase 90. Vitals: BP 100/60.",
            ["drowsy Symptom", "creatine Chemical"],
        ),
    ],
)
def test_no_shipped_rule_outvotes_what_the_user_listed(
    domain: str, terms: dict[str, str], text: str, found: list[str]
) -> None:
    nlp = rule_pipeline(Gazetteer.of(Term(*item) for item in terms.items()), domain)
    assert [f"{ent.text} {ent.label_}" for ent in nlp(text).ents] == found


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        (
            "colouring",
            "No colorings. The child was coloring; the coloring was red.",
            ["colorings", "coloring"],
        ),
        ("harbour", "Crabs may harbor parasites in the harbor.", ["harbor"]),
        ("standard of care", "The standard of care; care standards.", ["standard of care"]),
        ("check valve", "The check-valve stuck, the checked valve did not.", ["check-valve"]),
        (
            "general average",
            "General-average was declared; the average general was not.",
            ["General-average"],
        ),
        ("tree nut", "Tree nuts; a tree, nuts and bolts.", ["Tree nuts"]),
    ],
)
def test_forms_of_a_term_and_what_only_looks_like_one(term: str, text: str, found: list[str]) -> None:
    nlp = rule_pipeline(Gazetteer.of([Term(term, "X")]))
    assert [ent.text for ent in nlp(text).ents] == found


def test_an_acronym_that_is_a_little_word_elsewhere_needs_its_capitals(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("term,synonyms\namyotrophic lateral sclerosis,ALS\n")
    nlp = rule_pipeline(read_gazetteer(path, label="X").gazetteer())
    found = [ent.text for ent in nlp("Er sei als Kind gesund gewesen. ALS since 2019.").ents]
    assert found == ["ALS"]
