"""OBO Graphs JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from hybrid_ner.terms.readers import read_gazetteer

Write = Callable[..., Path]
OBO = "http://purl.obolibrary.org/obo/"
OIO = "http://www.geneontology.org/formats/oboInOwl#"


def _graph() -> dict[str, object]:
    synonyms = [
        {"pred": "hasExactSynonym", "val": "Pyrexia", "xrefs": []},
        {"pred": "hasExactSynonym", "val": "PUO", "synonymType": "http://x/hp#abbreviation"},
        {"pred": "hasBroadSynonym", "val": "Heat"},
    ]
    nodes = [
        {"id": f"{OBO}HP_0001945", "lbl": "Fever", "type": "CLASS", "meta": {"synonyms": synonyms}},
        {"id": f"{OBO}HP_0000001", "lbl": "All", "type": "CLASS"},
        {"id": f"{OBO}HP_0000009", "lbl": "obsolete x", "type": "CLASS", "meta": {"deprecated": True}},
        {"id": f"{OBO}RO_0000057", "lbl": "has participant", "type": "PROPERTY"},
        {"id": f"{OBO}HP_0000010", "type": "CLASS"},
    ]
    edges = [
        {"sub": f"{OBO}HP_0001945", "pred": "is_a", "obj": f"{OBO}HP_0000001"},
        {"sub": "x", "pred": "y"},
    ]
    return {"nodes": nodes, "edges": edges, "id": "hp"}


def test_nodes_synonyms_parents_and_what_is_skipped(write: Write) -> None:
    reading = read_gazetteer(write("hp.json", json.dumps({"graphs": [_graph()]}, indent=1)))
    assert [(t.text, t.label, t.concept_id, t.status, t.source) for t in reading] == [
        ("Fever", "Phenotype", "HP:0001945", "preferred", "HP"),
        ("Pyrexia", "Phenotype", "HP:0001945", "synonym", "HP"),
        ("PUO", "Phenotype", "HP:0001945", "abbreviation", "HP"),
        ("All", "Phenotype", "HP:0000001", "preferred", "HP"),
    ]
    assert reading.parents == {"HP:0001945": ("HP:0000001",)}
    assert {why: found.count for why, found in reading.report.skipped.items()} == {
        "synonym scope BROAD": 1,
        "obsolete": 1,
        "no class": 1,
        "no name": 1,
    }


def test_every_graph_is_read_and_edges_may_be_missing(write: Write) -> None:
    second = {"nodes": [{"id": f"{OBO}MONDO_1", "lbl": "flu"}]}
    path = write("x.json", json.dumps({"graphs": [second, _graph(), second]}))
    assert [t.text for t in read_gazetteer(path)] == ["flu", "Fever", "Pyrexia", "PUO", "All", "flu"]
    assert [t.text for t in read_gazetteer(write("y.json", json.dumps({"graphs": [second]})))] == ["flu"]
