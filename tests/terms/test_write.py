"""Writing the gazetteer format: round trips, equal bytes, whole or not at all."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hybrid_ner.errors import InputError, TermError
from hybrid_ner.terms import MATCH_MODES, TERM_STATUSES, Gazetteer, Term
from hybrid_ner.terms.readers import load_gazetteer, read_gazetteer
from hybrid_ner.terms.write import export_gazetteer, parents_path, write_gazetteer, write_reading, write_terms
from tests.conftest import examples

_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=8)
_TEXTS = st.lists(_WORDS, min_size=1, max_size=3).map(" ".join).filter(lambda t: any(map(str.isalnum, t)))
_TERMS = st.builds(
    Term,
    text=_TEXTS,
    label=_WORDS,
    concept_id=st.sampled_from(("", "D:1", "D:2")),
    status=st.sampled_from(TERM_STATUSES),
    source=st.sampled_from(("", "mine")),
    mode=st.sampled_from(MATCH_MODES),
    parent=st.just(""),
    rule=st.just(""),
)
_VARIANTS = _TERMS.flatmap(
    lambda t: st.just(Term(t.text, t.label, t.concept_id, "variant", "", "folded", "", 0, "p", "plural"))
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=examples(20)
)
@given(terms=st.lists(st.one_of(_TERMS, _VARIANTS), min_size=1, max_size=6), zipped=st.booleans())
def test_what_is_written_is_read(tmp_path: Path, terms: list[Term], zipped: bool) -> None:
    gazetteer = Gazetteer(tuple(terms), {"D:1": ("D:2", "D:3")})
    path = tmp_path / ("g.tsv.gz" if zipped else "g.tsv")
    write_gazetteer(gazetteer, path)
    again = load_gazetteer(path)
    assert again.fingerprint == gazetteer.fingerprint
    assert [(t.parent, t.rule) for t in again] == [(t.parent, t.rule) for t in gazetteer]
    assert again.parents == gazetteer.parents


def test_equal_rows_give_equal_bytes_under_any_name(tmp_path: Path) -> None:
    gazetteer = Gazetteer((Term("flu", "Disease"),), {"B": ("A",), "A": ("C",)})
    write_gazetteer(gazetteer, tmp_path / "a.tsv.gz")
    write_gazetteer(gazetteer, tmp_path / "b.tsv.gz")
    assert (tmp_path / "a.tsv.gz").read_bytes() == (tmp_path / "b.tsv.gz").read_bytes()
    assert (tmp_path / "a.parents.tsv.gz").read_bytes() == (tmp_path / "b.parents.tsv.gz").read_bytes()


def test_a_term_that_does_not_fit_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    write_gazetteer(Gazetteer((Term("flu", "Disease"),)), path)
    before = path.read_bytes()
    with pytest.raises(TermError, match=r"b\.csv, row 4: term 'a\\tb' holds a tab or a line break"):
        write_terms([Term("cold", "Disease"), Term("a\tb", "Disease", file="b.csv", row=4)], path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.tsv"]


def test_parents_of_an_earlier_gazetteer_do_not_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv.gz"
    write_gazetteer(Gazetteer((Term("flu", "Disease", "B"),), {"B": ("A",)}), path)
    write_gazetteer(Gazetteer((Term("flu", "Disease", "B"),)), path)
    assert not parents_path(path).exists()
    assert load_gazetteer(path).parents == {}


def test_a_foreign_file_named_parents_is_noted_and_not_read(tmp_path: Path) -> None:
    (tmp_path / "parents.tsv").write_text("mother\tfather\nx\ty\n", encoding="utf-8")
    path = tmp_path / "a.tsv"
    write_gazetteer(Gazetteer((Term("flu", "Disease", "B"),)), path)
    assert load_gazetteer(path).parents == {}


def test_a_file_without_a_term_is_not_written(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text("term,label\nflu,Disease\n")
    out = tmp_path / "out.tsv"
    with pytest.raises(InputError, match=r"no term found in 1 row \(1 not in the rows asked for"):
        write_reading(read_gazetteer(source, where="label=Chemical"), out)
    assert not out.exists()


def test_no_cell_is_a_formula_for_a_spreadsheet(tmp_path: Path) -> None:
    terms = tuple(
        Term(text, "+L", "=D:1", "synonym", "@s") for text in ("=HYPERLINK(1)", "-ol x", "+cmd", "'=1")
    )
    path = tmp_path / "t.tsv"
    write_gazetteer(Gazetteer(terms, {"=D:1": ("-D:2", "D:3")}), path)
    for file in (path, parents_path(path)):
        cells = [cell for line in file.read_text().splitlines()[1:] for cell in line.split("\t")]
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    found = load_gazetteer(path)
    assert [t.text for t in found.terms] == [t.text for t in terms]
    assert {(t.label, t.concept_id, t.source) for t in found.terms} == {("+L", "=D:1", "@s")}
    assert dict(found.parents) == {"=D:1": ("-D:2", "D:3")}


# Lists for other programs, read back by them and by this package.

GAZETTEER = Gazetteer(
    (
        Term("fever", "Disease", "D:1", "preferred", "own", "folded"),
        Term('Pyrexia "high", <1>', "Disease", "D:1", "synonym", "own", "folded"),
        Term("Fièvre\\", "Disease", "http://x.example/2", "preferred", "", "folded"),
        Term("PUO", "Disease", "D:1", "abbreviation", "own", "case"),
        Term("=cmd", "Drug", "", "preferred", "", "folded"),
    ),
    {"D:1": ("D:0",)},
    "x",
)


def _all(gazetteer: Gazetteer) -> list[tuple[str, str, str]]:
    return sorted((t.text, t.label, t.concept_id) for t in gazetteer.terms)


def test_csv_is_read_back_whole(tmp_path: Path) -> None:
    assert export_gazetteer(GAZETTEER, tmp_path / "x.csv") == []
    again = load_gazetteer(tmp_path / "x.csv")
    kept = [(t.text, t.label, t.concept_id, t.status, t.mode, t.source) for t in again.terms]
    assert kept == [(t.text, t.label, t.concept_id, t.status, t.mode, t.source) for t in GAZETTEER.terms]
    assert again.parents == GAZETTEER.parents
    rows = list(csv.reader((tmp_path / "x.csv").open(encoding="utf-8")))
    assert rows[5][0] == "'=cmd"


def test_skos_is_what_rdflib_reads(tmp_path: Path) -> None:
    rdflib = pytest.importorskip("rdflib")
    lost = export_gazetteer(GAZETTEER, tmp_path / "x.ttl")
    assert lost == [
        "match modes of 1 terms",
        "sources of 3 terms",
        "statuses (abbreviation, brand) of 1 terms",
    ]
    graph = rdflib.Graph().parse(tmp_path / "x.ttl")
    skos = rdflib.SKOS
    concept = rdflib.URIRef("urn:hybrid-ner:D:1")
    assert [str(v) for v in graph.objects(concept, skos.prefLabel)] == ["fever"]
    assert sorted(map(str, graph.objects(concept, skos.altLabel))) == ["PUO", 'Pyrexia "high", <1>']
    assert [str(v) for v in graph.objects(concept, skos.broader)] == ["urn:hybrid-ner:D:0"]
    again = load_gazetteer(tmp_path / "x.ttl", label_map={"Disease": "Disease", "Drug": "Drug"})
    assert [(text, label) for text, label, _ in _all(again)] == [
        (t, label) for t, label, _ in _all(GAZETTEER)
    ]


def test_patterns_are_what_the_entity_ruler_matches(tmp_path: Path) -> None:
    import spacy

    export_gazetteer(GAZETTEER, tmp_path / "x.jsonl")
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").from_disk(tmp_path / "x.jsonl")
    doc = nlp("FEVER or PUO, not puo.")
    assert [(e.text, e.label_, e.ent_id_) for e in doc.ents] == [
        ("FEVER", "Disease", "D:1"),
        ("PUO", "Disease", "D:1"),
    ]
    rows = [json.loads(line) for line in (tmp_path / "x.jsonl").read_text("utf-8").splitlines()]
    assert len(rows) == len(GAZETTEER)
    again = load_gazetteer(tmp_path / "x.jsonl")
    assert {(t.text.lower(), t.mode) for t in again.terms} >= {("fever", "folded"), ("puo", "case")}
