"""SPARQL JSON: languages, joined aliases, missing labels, cut files, small blocks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers import guess_format, read_gazetteer
from hybrid_ner.terms.readers import streams as json_stream
from hybrid_ner.terms.readers.files import Files

Write = Callable[..., Path]
ENTITY = "http://www.wikidata.org/entity/"


def _binding(item: str, **values: str) -> dict[str, dict[str, str]]:
    found = {"item": {"type": "uri", "value": ENTITY + item}}
    for name, value in values.items():
        text, _, language = value.partition("@")
        found[name] = {"type": "literal", "value": text, **({"xml:lang": language} if language else {})}
    return found


BINDINGS = [
    _binding("Q1", itemLabel="made court@en", itemAltLabel="court of making, CoM@en", type=ENTITY + "Q9"),
    _binding("Q1", itemLabel="made court@en", alias="the “makers”@en", parent=ENTITY + "Q7"),
    _binding("Q2", itemLabel="Q2"),
    _binding("Q3", itemLabel="cour faite@fr"),
]


def _json(bindings: list[dict[str, dict[str, str]]]) -> str:
    return json.dumps({"head": {"vars": ["item", "itemLabel"]}, "results": {"bindings": bindings}}, indent=1)


@pytest.mark.parametrize("block", [7, 1 << 16])
def test_names_languages_and_parents(write: Write, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(json_stream, "_CHUNK", block)
    path = write("query.json", "\ufeff" + _json(BINDINGS))
    assert guess_format(Files(path)).name == "wikidata"
    reading = read_gazetteer(path, label="COURT")
    assert [(t.text, t.concept_id, t.status, t.row) for t in reading] == [
        ("made court", "WIKIDATA:Q1", "preferred", 1),
        ("court of making", "WIKIDATA:Q1", "synonym", 1),
        ("CoM", "WIKIDATA:Q1", "synonym", 1),
        ("the “makers”", "WIKIDATA:Q1", "synonym", 2),
    ]
    assert {r: s.count for r, s in reading.report.skipped.items()} == {
        "no label in this language": 1,
        "language": 1,
    }
    assert reading.parents == {"WIKIDATA:Q1": ("WIKIDATA:Q7",)}
    assert reading.report.rows == 4


def test_options(write: Write) -> None:
    path = write("COURT.json", _json(BINDINGS))
    assert [t.text for t in read_gazetteer(path, languages="fr")] == ["cour faite"]
    assert [t.label for t in read_gazetteer(path)][:1] == ["COURT"]
    mapped = read_gazetteer(path, label_map={"WIKIDATA:Q9": "TRIBUNAL"})
    assert {t.label for t in mapped} == {"TRIBUNAL"}
    assert [t.text for t in read_gazetteer(path, names="alias")] == ["the “makers”"]


def test_a_result_without_its_item(write: Write) -> None:
    path = write("COURT.json", _json([*BINDINGS, {"other": {"type": "literal", "value": "x"}}]))
    with pytest.raises(InputError, match=r"row 5: no value for \?item: variables \['other'\]"):
        list(read_gazetteer(path))
    assert len(list(read_gazetteer(path, skip_bad=True))) == 4


@pytest.mark.parametrize("cut", [30, 200, 700])
def test_a_cut_file_is_an_error(write: Write, cut: int) -> None:
    path = write("COURT.json", _json(BINDINGS)[:cut])
    with pytest.raises(InputError, match=r"not whole JSON|no array of items"):
        list(read_gazetteer(path, "wikidata", skip_bad=True))


def test_the_short_form_of_a_result(write: Write) -> None:
    rows = [
        {"item": ENTITY + "Q1", "itemLabel": "made court", "itemAltLabel": "court of making, CoM"},
        {"item": ENTITY + "Q2", "itemLabel": "Q2"},
    ]
    path = write("query.json", json.dumps(rows))
    assert guess_format(Files(path)).name == "wikidata"
    reading = read_gazetteer(path, label="COURT")
    assert [t.text for t in reading] == ["made court", "court of making", "CoM"]
    assert reading.report.skipped["no label in this language"].count == 1


def test_entities_of_a_dump(write: Write) -> None:
    def claims(*ids: str) -> list[dict[str, object]]:
        known = [{"mainsnak": {"datavalue": {"value": {"id": one}}}, "rank": "normal"} for one in ids]
        return [*known, {"mainsnak": {"snaktype": "novalue"}}, {**known[0], "rank": "deprecated"}]

    first = {
        "type": "item",
        "id": "Q1",
        "labels": {
            "en": {"language": "en", "value": "made court"},
            "fr": {"language": "fr", "value": "cour faite"},
        },
        "aliases": {"en": [{"language": "en", "value": "CoM"}], "mul": [{"language": "mul", "value": "MC"}]},
        "claims": {"P31": claims("Q9"), "P279": claims("Q7")},
    }
    second = {"type": "item", "id": "Q2", "labels": [], "aliases": [], "claims": []}
    path = write("dump.json", f"[\n{json.dumps(first)},\n{json.dumps(second)}\n]\n")
    assert guess_format(Files(path)).name == "wikidata"
    for mapped in ("Q9", "WIKIDATA:Q9"):
        reading = read_gazetteer(path, label_map={mapped: "COURT"})
        assert [(t.text, t.label, t.status) for t in reading] == [
            ("made court", "COURT", "preferred"),
            ("CoM", "COURT", "synonym"),
            ("MC", "COURT", "synonym"),
        ]
        assert reading.parents == {"WIKIDATA:Q1": ("WIKIDATA:Q7",)}
        assert reading.report.skipped["language"].examples == [(1, "cour faite (fr)")]
    named = read_gazetteer(path, label="COURT")
    assert len(list(named)) == 3
    assert named.report.skipped["no name"].count == 1


def test_a_list_of_ones_own_with_such_ids_is_no_wikidata_file(write: Write) -> None:
    path = write("COURT.json", json.dumps([{"term": "made court", "id": ENTITY + "Q1"}]))
    assert guess_format(Files(path)).name == "jsonl"


@pytest.mark.parametrize("language", [5, None, ["en"], {"a": 1}])
def test_a_language_that_is_none_is_no_traceback(write: Write, language: object) -> None:
    cells = {"type": "literal", "value": "made court", "xml:lang": language}
    path = write("COURT.json", _json([{**BINDINGS[0], "itemLabel": cells}]))
    texts = [term.text for term in read_gazetteer(path, label="COURT").gazetteer()]
    assert texts
    assert ("made court" in texts) is (language is None)


def test_an_empty_list_in_a_list_of_names(write: Write) -> None:
    path = write("a.yaml", '{"Drug": [["aspirin", "ASA"]], "Disease": [[[]]]}')
    assert [term.text for term in read_gazetteer(path).gazetteer()] == ["aspirin", "ASA"]


@pytest.mark.parametrize("name", ["entity.json", "dump.ndjson"])
def test_entities_by_id_and_one_a_line(write: Write, name: str) -> None:
    each = {"type": "item", "id": "Q1", "labels": {"en": {"language": "en", "value": "rum"}}, "claims": {}}
    whole = {"entities": {"Q1": each}} if name == "entity.json" else each
    terms = [*read_gazetteer(write(name, json.dumps(whole) + "\n"), label="X")]
    assert [(term.text, term.concept_id) for term in terms] == [("rum", "WIKIDATA:Q1")]
