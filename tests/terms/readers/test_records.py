"""Records within records: trees, names that are records, symbols, keys that nobody reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers import read_gazetteer
from hybrid_ner.terms.readers.records import inner_name, unnested

Write = Callable[..., Path]

TREE = """{"name": "Diseases", "id": "D0", "children": [
 {"name": "heart disease", "id": "D1", "children": [
  {"name": "heart failure", "synonyms": ["HF"], "id": "D2"}]},
 {"name": "flu"}]}"""
NAMED = """[{"id": "P-1", "type": "Person", "born": "1970", "names": [
  {"full": "Александр Петров", "script": "Cyrl"}, {"full": "Aleksandr Petrov"}]},
 {"id": "P-2", "type": "Person", "names": [{"first_name": "Ana", "last_name": "Reis"}]}]"""
GENES = """{"release": "2026-01", "genes": [
 {"symbol": "CAT", "name": "catalase", "locus": "11p13"},
 {"symbol": "WAS", "name": "WASP actin nucleation promoting factor", "locus": "Xp11"}]}"""
KEYED = """{"Drug": {"aspirin": {"id": "D1", "synonyms": ["ASA"]}, "ibuprofen": {"id": "D2"}},
 "Disease": {"flu": {}}}"""
PROPERTIES = """{"id": "N1", "caption": "Ana Petrova", "properties": {"name": ["Ana Petrova", "Ана Петрова"]}}
{"id": "N2", "caption": "A", "properties": {"name": ["Al-Noor"], "weakAlias": ["ANT"], "topics": ["x"]}}
"""


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("tree.json", TREE, "Diseases D0, heart disease D1, heart failure D2, HF D2, flu"),
        ("tree.jsonl", TREE.replace("\n", ""), "Diseases D0, heart disease D1, heart failure D2, HF D2, flu"),
        ("names.json", NAMED, "Александр Петров P-1, Aleksandr Petrov P-1, Ana Reis P-2"),
        (
            "genes.json",
            GENES,
            "catalase name:catalase, CAT name:catalase,"
            " WASP actin nucleation promoting factor name:wasp-actin-nucleation-promoting-factor,"
            " WAS name:wasp-actin-nucleation-promoting-factor",
        ),
        ("keyed.json", KEYED, "aspirin D1, ASA D1, ibuprofen D2, flu"),
        (
            "codes.json",
            '{"I50": {"name": "heart failure"}, "M10": {"name": "gout"}}',
            "heart failure I50, gout M10",
        ),
        ("ftm.jsonl", PROPERTIES, "Ana Petrova N1, Ана Петрова N1, Al-Noor N2, ANT N2"),
    ],
)
def test_no_name_in_a_record_is_lost(write: Write, name: str, text: str, told: str) -> None:
    reading = read_gazetteer(write(name, text), label="X")
    assert ", ".join(f"{t.text} {t.concept_id}".strip() for t in reading) == told


def test_narrower_records_know_what_they_stand_under(write: Write) -> None:
    reading = read_gazetteer(write("tree.json", TREE), label="X")
    assert reading.gazetteer().parents == {"D1": ("D0",), "D2": ("D1",)}


@pytest.mark.parametrize(
    ("name", "text", "unread"),
    [
        ("genes.json", GENES, "locus"),
        ("names.json", NAMED, "born"),
        (
            "usual.jsonl",
            '{"name": "flu", "severity": "low"}\n{"name": "gout", "onset": 3}\n',
            "severity, onset",
        ),
        ("single.yaml", "- {name: flu, severity: low}\n- {name: gout, onset: 3}\n", "severity, onset"),
    ],
)
def test_keys_that_nobody_reads_are_told_once(write: Write, name: str, text: str, unread: str) -> None:
    reading = read_gazetteer(write(name, text), label="X")
    reading.gazetteer()
    assert [note for note in reading.report.notes if "not read" in note] == [
        f"keys that were not read: {unread}"
    ]


def test_a_record_among_names_is_read_without_a_false_note(write: Write) -> None:
    text = "Drug:\n  - aspirin: [ASA]\n  - name: metoprolol\n    brands: [Beloc]\n  - heparin\n"
    reading = read_gazetteer(write("a.yaml", text))
    assert [t.text for t in reading] == ["aspirin", "ASA", "metoprolol", "Beloc", "heparin"]
    assert reading.report.notes == []


def test_symbols_are_written_as_they_stand(write: Write) -> None:
    table = write("genes.csv", "symbol,chromosome\nCAT,11\nREST,4\nMET,7\n")
    assert {t.mode for t in read_gazetteer(table, label="Gene")} == {"case"}
    export = "HGNC ID\tApproved symbol\tApproved name\tPrevious symbols\n"
    export += "HGNC:1\tCAT\tcatalase\t\nHGNC:2\tWAS\tWASP actin factor\tTHC, IMD2\n"
    found = [(t.text, t.concept_id) for t in read_gazetteer(write("hgnc.tsv", export), label="Gene")]
    assert {("CAT", "HGNC:1"), ("WAS", "HGNC:2"), ("THC", "HGNC:2"), ("IMD2", "HGNC:2")} <= {*found}


def test_an_alias_of_xml_that_is_a_record_is_one_name(write: Write) -> None:
    entry = (
        "<entry><uid>{0}</uid><firstName>{1}</firstName><lastName>{2}</lastName><akaList><aka><uid>9{0}</uid>"
    )
    entry += "<type>a.k.a.</type><lastName>{3}</lastName><firstName>{4}</firstName></aka></akaList></entry>"
    people = entry.format(1, "Abu", "ABBAS", "ZAYDAN", "Muhammad") + entry.format(
        2, "Li", "WEI", "WEY", "Lee"
    )
    reading = read_gazetteer(write("list.xml", f"<list>{people}</list>"), label="Person")
    found = {t.text for t in reading}
    assert {"Abu ABBAS", "Muhammad ZAYDAN", "Li WEI", "Lee WEY"} <= found
    assert found.isdisjoint({"a.k.a.", "91", "Muhammad", "ZAYDAN"})


def test_parts_by_themselves() -> None:
    assert inner_name({"val": "Fits", "pred": "exact"}) == "Fits"
    assert inner_name({"full": "Ana", "script": "Latn"}) == "Ana"
    assert inner_name({"script": "Latn"}) == ""
    assert list(unnested("flu")) == ["flu"]
    assert list(unnested({"id": 1, "children": ["a", "b"]})) == [{"id": 1, "children": ["a", "b"]}]


def test_a_key_twice_in_one_record_is_told(write: Write) -> None:
    for name, text in (
        ("a.jsonl", '{"term": "rum", "term": "gin"}'),
        ("a.json", '[{"term": "rum", "term": "gin"}]'),
        ("b.json", '{"Spirit": ["rum"], "Spirit": ["gin"]}'),
    ):
        with pytest.raises(InputError, match="stands twice in one object"):
            list(read_gazetteer(write(name, text), label="X"))
    code = "S = {'Spirit': ['rum'], 'Wine': ['port'], 'Spirit': ['gin']}"
    assert [t.text for t in read_gazetteer(write("a.py", code))] == ["rum", "gin", "port"]


def test_what_was_rejected_in_prodigy_is_no_term(write: Write) -> None:
    rows = '{"text": "rum", "answer": "accept"}\n{"text": "the", "answer": "reject"}\n'
    reading = read_gazetteer(write("a.jsonl", rows), label="X")
    assert [term.text for term in reading] == ["rum"]
    assert reading.report.skipped["answer 'reject'"].count == 1


def test_keys_whose_place_another_label_takes_are_told(write: Write) -> None:
    path = write("street.json", '{"heroin": ["smack", "gear"], "ketamine": ["ket"]}')
    reading = read_gazetteer(path, label="SUBSTANCE")
    assert [term.text for term in reading] == ["smack", "gear", "ket"]
    assert reading.report.notes == [
        "keys over lists (heroin, ketamine) are labels, for which 'SUBSTANCE' stands: they are not looked for"
    ]


def test_a_count_of_a_list_is_no_label(write: Write) -> None:
    rows = "".join(f"<Item id='{n}'><Name>{name}</Name></Item>" for n, name in enumerate(("rum", "gin")))
    reading = read_gazetteer(write("spirits.xml", f"<Top><List count='2'>{rows}</List></Top>"))
    assert {term.label for term in reading} == {"spirits"}


def test_a_record_among_synonyms_is_no_text_of_a_python_value(write: Write) -> None:
    text = '{"Spirit": {"rum": [{"name": "grog"}, {"proof": 40, "age": {"years": 7}}], "gin": ["geneva"]}}'
    reading = read_gazetteer(write("a.json", text))
    assert [term.text for term in reading] == ["rum", "grog", "gin", "geneva"]


def test_a_list_of_sentences_is_told(write: Write) -> None:
    reading = read_gazetteer(write("a.txt", "He drank rum all day.\nDid she have gin?\n"), label="X")
    reading.gazetteer()
    assert any(note.startswith("most terms are whole sentences") for note in reading.report.notes)


@pytest.mark.parametrize(
    ("inner", "told"),
    [
        ('"D1": {"name": "rum", "synonyms": ["grog"]}', [("rum", "D1"), ("grog", "D1")]),
        ('"kill devil": {"name": "rum"}', [("kill devil", "name:kill-devil"), ("rum", "name:kill-devil")]),
        ('"NR": {"name": "navy rum"}', [("navy rum", "name:navy-rum"), ("NR", "name:navy-rum")]),
        ('"rum": {"name": "rum"}', [("rum", "")]),
    ],
)
def test_a_name_under_another_is_kept(write: Write, inner: str, told: list[tuple[str, str]]) -> None:
    reading = read_gazetteer(write("a.json", f'{{"Spirit": {{{inner}}}}}'))
    assert [(term.text, term.concept_id) for term in reading] == told
