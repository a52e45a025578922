"""Lists for other programs, read back by them and by this package."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.terms.export import export_gazetteer
from hybrid_ner.terms.readers import load_gazetteer

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
