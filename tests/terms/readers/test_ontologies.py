"""OBO text and OBO Graphs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers import guess_format, read_gazetteer
from hybrid_ner.terms.readers.files import Files

# OBO: obsolete terms, scopes, escapes, types, malformed lines.

Write = Callable[..., Path]

OBO = r"""format-version: 1.2
default-namespace: disease_ontology

[Term]
id: DOID:1
name: made-up fever {source="x"} ! a comment
synonym: "fever \"M\", made\-up" EXACT []
synonym: "MUF" EXACT ABBREVIATION [X:1]
synonym: "hot days" NARROW layperson []
synonym: "fever" BROAD []
synonym: "warmth" RELATED []
is_a: DOID:0 {x="y"} ! disease

[Term]
id: DOID:2
name: old fever
is_obsolete: true

[Term]
id: HP:5
name: feels hot

[Term]
id: XX:9
name: foreign

[Term]
id: DOID:3

[Typedef]
id: part_of
name: part of
"""


def test_names_scopes_escapes_and_abbreviations(write: Write) -> None:
    reading = read_gazetteer(write("a.obo", OBO))
    assert [(t.text, t.concept_id, t.label, t.status, t.row) for t in reading] == [
        ("made-up fever", "DOID:1", "Disease", "preferred", 6),
        ('fever "M", made-up', "DOID:1", "Disease", "synonym", 7),
        ("MUF", "DOID:1", "Disease", "abbreviation", 8),
        ("hot days", "DOID:1", "Disease", "synonym", 9),
        ("feels hot", "HP:5", "Phenotype", "preferred", 21),
    ]
    counts = {reason: found.count for reason, found in reading.report.skipped.items()}
    assert counts == {
        "synonym scope BROAD": 1,
        "synonym scope RELATED": 1,
        "obsolete": 1,
        "type not wanted": 1,
        "no name": 1,
    }
    assert reading.report.rows == 5
    assert reading.parents == {"DOID:1": ("DOID:0",)}


def test_options(write: Write) -> None:
    path = write("a.obo", OBO)
    broad = [
        t.text for t in read_gazetteer(path, scopes="BROAD", exclude_types=["layperson"], prefixes="DOID")
    ]
    assert broad == ["made-up fever", "fever"]
    assert "old fever" in [t.text for t in read_gazetteer(path, obsolete=True)]
    assert {t.label for t in read_gazetteer(path, label="X")} == {"X"}
    assert "foreign" in [t.text for t in read_gazetteer(path, label="X")]
    assert {t.mode for t in read_gazetteer(path) if t.text == "MUF"} == {"case"}


def test_old_synonym_tags(write: Write) -> None:
    synonyms = 'exact_synonym: "c d" []\nbroad_synonym: "e" []\n'
    text = f"format-version: 1.0\n\n[Term]\nid: DOID:1\nname: a b\n{synonyms}"
    assert [t.text for t in read_gazetteer(write("a.obo", text))] == ["a b", "c d"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("synonym: no quotes EXACT []", "synonym without a quoted text"),
        ("this is no tag", "line without a tag"),
    ],
)
def test_malformed_lines(write: Write, line: str, problem: str) -> None:
    path = write("a.obo", f"format-version: 1.2\n\n[Term]\nid: DOID:1\nname: a b\n{line}\n")
    with pytest.raises(InputError, match=rf"a\.obo, row 6: {problem}"):
        list(read_gazetteer(path))
    reading = read_gazetteer(path, skip_bad=True)
    assert [t.text for t in reading] == ["a b"]
    assert reading.report.bad[problem].count == 1


def test_a_term_without_an_id(write: Write) -> None:
    with pytest.raises(InputError, match=r"row 3: term without an id: a b"):
        list(read_gazetteer(write("a.obo", "format-version: 1.2\n\n[Term]\nname: a b\n")))


def test_it_is_recognized_by_its_first_line(write: Write) -> None:
    assert guess_format(Files(write("a.txt", OBO))).name == "obo"


def test_an_ontology_that_names_skos_is_still_obo(write: Write) -> None:
    head = "format-version: 1.4\nidspace: skos http://www.w3.org/2004/02/skos/core#\n\n"
    path = write("a.obo", head + "[Term]\nid: X:1\nname: made fever\n")
    assert guess_format(Files(path)).name == "obo"


def test_bytes_of_windows_1252_are_read_with_a_note(write: Write) -> None:
    path = write("a.obo", "[Term]\nid: X:1\nname: fièvre\n".encode("cp1252"))
    reading = read_gazetteer(path, label="Disease")
    assert [term.text for term in reading] == ["fièvre"]
    assert reading.report.notes


def test_synonym_types_that_go_by_an_id(write: Write) -> None:
    text = (
        'format-version: 1.2\nsynonymtypedef: OMO:0003012 "acronym"\n'
        'synonymtypedef: BRAND_NAME "BRAND NAME"\nsynonymtypedef: X:1 "layperson term" EXACT\n\n'
        '[Term]\nid: MONDO:1\nname: made fever\nsynonym: "MAF" EXACT OMO:0003012 [X:2]\n'
        'synonym: "Madex" EXACT BRAND_NAME []\nsynonym: "hot days" EXACT X:1 []\n'
    )
    path = write("mondo.obo", text)
    assert [(t.text, t.status) for t in read_gazetteer(path)] == [
        ("made fever", "preferred"),
        ("MAF", "abbreviation"),
        ("Madex", "brand"),
        ("hot days", "synonym"),
    ]
    for excluded in ("X:1", "layperson term"):
        assert "hot days" not in [t.text for t in read_gazetteer(path, exclude_types=excluded)]


# OBO Graphs JSON.

GRAPH_OBO = "http://purl.obolibrary.org/obo/"
OIO = "http://www.geneontology.org/formats/oboInOwl#"


def _graph() -> dict[str, object]:
    synonyms = [
        {"pred": "hasExactSynonym", "val": "Pyrexia", "xrefs": []},
        {"pred": "hasExactSynonym", "val": "PUO", "synonymType": "http://x/hp#abbreviation"},
        {"pred": "hasBroadSynonym", "val": "Heat"},
    ]
    nodes = [
        {"id": f"{GRAPH_OBO}HP_0001945", "lbl": "Fever", "type": "CLASS", "meta": {"synonyms": synonyms}},
        {"id": f"{GRAPH_OBO}HP_0000001", "lbl": "All", "type": "CLASS"},
        {"id": f"{GRAPH_OBO}HP_0000009", "lbl": "obsolete x", "type": "CLASS", "meta": {"deprecated": True}},
        {"id": f"{GRAPH_OBO}RO_0000057", "lbl": "has participant", "type": "PROPERTY"},
        {"id": f"{GRAPH_OBO}HP_0000010", "type": "CLASS"},
    ]
    edges = [
        {"sub": f"{GRAPH_OBO}HP_0001945", "pred": "is_a", "obj": f"{GRAPH_OBO}HP_0000001"},
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
    second = {"nodes": [{"id": f"{GRAPH_OBO}MONDO_1", "lbl": "flu"}]}
    path = write("x.json", json.dumps({"graphs": [second, _graph(), second]}))
    assert [t.text for t in read_gazetteer(path)] == ["flu", "Fever", "Pyrexia", "PUO", "All", "flu"]
    assert [t.text for t in read_gazetteer(write("y.json", json.dumps({"graphs": [second]})))] == ["flu"]
