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
from hybrid_ner.matching import GazetteerMatcher, Hits
from hybrid_ner.matching.compiled import load_gazetteer as load_compiled
from hybrid_ner.matching.exact import _WILD, Wildcards, _pattern
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.terms.readers import read_gazetteer
from hybrid_ner.terms.readers.written import names_of
from hybrid_ner.terms.variants import with_own_variants


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
}
"""What is known to be missed and to be wrong."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_mentions_of_a_list_that_somebody_brings(tmp_path: Path, case: Any) -> None:
    if case.name.endswith(".xlsx"):
        pytest.importorskip("openpyxl")
    assert BENCHMARK.judged(case, tmp_path) == OPEN.get(case.name, ([], []))


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
        ("total knee arthroplasty / TKA", "total knee arthroplasty", ("TKA",), ""),
        ("hip / knee", "hip / knee", (), ""),
        ("Na (sodium)", "Na (sodium)", (), ""),
        ("cold (illness)", "cold (illness)", (), ""),
        ("vitamin B (B1, B6)", "vitamin B (B1, B6)", (), ""),
        ("iron(III) oxide", "iron(III) oxide", (), ""),
        ("factor (VIII)", "factor (VIII)", (), ""),
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
    ],
)
def test_wildcards_match_words_and_alleles_are_none(tmp_path: Path, text: str, found: list[str]) -> None:
    terms = Gazetteer.of([Term(term, "X") for term in ("diabet*", "hepat*itis", "HLA-B*57:01")])
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
    found = Wildcards(terms, groups).add([text], Hits.of([])).rows()
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
