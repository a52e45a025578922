"""JSON Lines and EntityRuler patterns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers import read_gazetteer
from hybrid_ner.terms.readers import streams as json_stream
from hybrid_ner.terms.readers.jsonl import NOT_PLAIN

Write = Callable[..., Path]


def test_records_with_every_key(write: Write) -> None:
    line = (
        '{"term": "ALS", "label": "Disease", "concept_id": "D:1", "status": "abbreviation", "mode": "case",'
        ' "source": "mine", "synonyms": ["motor neuron disease"], "parents": ["D:0"]}\n'
    )
    reading = read_gazetteer(write("a.jsonl", line))
    first, second = reading
    assert (first.text, first.label, first.concept_id) == ("ALS", "Disease", "D:1")
    assert (first.status, first.mode, first.source, first.row) == ("abbreviation", "case", "mine", 1)
    assert (second.text, second.status, second.concept_id) == ("motor neuron disease", "synonym", "D:1")
    assert reading.parents == {"D:1": ("D:0",)}


def test_entity_ruler_phrase_and_token_patterns(write: Write) -> None:
    lines = (
        '{"label": "ORG", "pattern": "Apple", "id": "apple"}\n'
        '{"label": "GPE", "pattern": [{"LOWER": "san"}, {"LOWER": "francisco"}]}\n'
        '{"label": "VIRUS", "pattern": [{"ORTH": "SARS"}, {"ORTH": "-"}, {"ORTH": "CoV"}]}\n'
    )
    terms = list(read_gazetteer(write("patterns.jsonl", lines)))
    assert [(t.text, t.label, t.concept_id, t.mode) for t in terms] == [
        ("Apple", "ORG", "apple", "folded"),
        ("san francisco", "GPE", "", "folded"),
        ("SARS-CoV", "VIRUS", "", "case"),
    ]


@pytest.mark.parametrize(
    "pattern",
    [
        '[{"LOWER": {"REGEX": "deal"}}]',
        '[{"POS": "NOUN"}]',
        '[{"LOWER": "a", "OP": "+"}]',
        "[{}]",
        "5",
    ],
)
def test_token_patterns_that_are_not_plain_are_reported(write: Write, pattern: str) -> None:
    text = f'{{"label": "X", "pattern": {pattern}}}\n{{"label": "X", "pattern": "plain"}}\n'
    reading = read_gazetteer(write("patterns.jsonl", text))
    assert [t.text for t in reading] == ["plain"]
    assert reading.report.skipped[NOT_PLAIN].count == 1
    assert reading.report.skipped[NOT_PLAIN].examples[0][0] == 1


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"term": "a1", "label"', "not JSON"),
        ("[1, 2]", "not a JSON object"),
        ('{"label": "X"}', "no term"),
        ('{"term": "...", "label": "X"}', "unusable term"),
    ],
)
def test_malformed_lines_name_the_row(write: Write, line: str, problem: str) -> None:
    path = write("a.jsonl", '{"term": "ok", "label": "X"}\n' + line + "\n")
    with pytest.raises(InputError, match=rf"a\.jsonl, row 2: {problem}"):
        list(read_gazetteer(path))
    reading = read_gazetteer(path, skip_bad=True)
    assert [t.text for t in reading] == ["ok"]
    assert reading.report.bad[problem].examples[0][0] == 2


@pytest.mark.parametrize("block", [3, 1 << 16])
def test_a_json_array_of_records_and_strings(
    write: Write, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(json_stream, "_CHUNK", block)
    text = '\ufeff [{"label": "ORG", "pattern": "Apple"},\n "pear", {"term": "flu", "label": "Disease"}]\n'
    reading = read_gazetteer(write("Fruit.json", text))
    found = [(t.text, t.label, t.row) for t in reading]
    assert found == [("Apple", "ORG", 1), ("pear", "Fruit", 2), ("flu", "Disease", 3)]


def test_a_cut_or_odd_json_array(write: Write) -> None:
    with pytest.raises(InputError, match=r"row 2: not whole JSON"):
        list(read_gazetteer(write("a.json", '[{"term": "a1", "label": "X"}, {"term":')))
    with pytest.raises(InputError, match=r"row 1: not a JSON object: 12"):
        list(read_gazetteer(write("a.json", "[12]")))


def test_invalid_utf8_names_the_row(write: Write) -> None:
    path = write("a.jsonl", b'{"term": "ok", "label": "X"}\n{"term": "\xff", "label": "X"}\n')
    with pytest.raises(InputError, match=r"row 2: not valid UTF-8"):
        list(read_gazetteer(path))


def test_a_token_pattern_is_exact_or_not(write: Write) -> None:
    lines = (
        '{"label": "X", "pattern": [{"ORTH": "IL"}, {"LOWER": "receptor"}]}\n'
        '{"label": "X", "pattern": [{"LOWER": "covid"}, {"ORTH": "-"}, {"TEXT": "19"}]}\n'
    )
    reading = read_gazetteer(write("patterns.jsonl", lines))
    assert [(t.text, t.mode) for t in reading] == [("covid-19", "folded")]
    assert reading.report.skipped[NOT_PLAIN].examples[0][0] == 1


def test_synonyms_in_one_string_are_judged_by_the_records(write: Write) -> None:
    lines = '{"term": "flu", "synonyms": "influenza, grippe"}\n{"term": "MI", "synonyms": ["a, b"]}\n'
    reading = read_gazetteer(write("a.jsonl", lines), label="X")
    assert [t.text for t in reading] == ["flu", "influenza", "grippe", "MI", "a, b"]
    assert reading.report.notes == [
        "synonyms that are one string are separated by ',', as the first records show"
    ]
