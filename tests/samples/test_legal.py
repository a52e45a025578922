"""The shipped legal sample corpus: complete, well formed, and aligned with the tokenizer."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import hybrid_ner
from hybrid_ner.text.tokenizer import blank

FOLDER = Path(hybrid_ner.__file__).parent / "domains" / "legal" / "samples"
LABELS = {
    "CASE_NUMBER",
    "COURT",
    "DATE",
    "GOVERNMENT",
    "GPE",
    "JUDGE",
    "ORG",
    "PRECEDENT",
    "PROVISION",
    "STATUTE",
}
KINDS = {
    "affidavit",
    "contract",
    "filing",
    "judgment",
    "notice",
    "opinion",
    "order",
    "petition",
    "preamble",
    "statute",
}


def read(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def gold() -> list[dict[str, Any]]:
    return read("gold.jsonl")


@pytest.fixture(scope="module")
def unlabeled() -> list[dict[str, Any]]:
    return read("unlabeled.jsonl")


def surfaces(record: dict[str, Any]) -> list[tuple[str, str]]:
    return [(record["text"][e["start"] : e["end"]], e["label"]) for e in record["entities"]]


def test_counts(gold: list[dict[str, Any]], unlabeled: list[dict[str, Any]]) -> None:
    assert len(gold) >= 42
    assert len(gold) + len(unlabeled) >= 155
    assert not any("entities" in record for record in unlabeled)


def test_ids_are_unique_and_of_one_form(gold: list[dict[str, Any]], unlabeled: list[dict[str, Any]]) -> None:
    ids = [record["id"] for record in gold + unlabeled]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"law-\d{3}", doc_id) for doc_id in ids)


def test_meta_names_kind_jurisdiction_and_split(
    gold: list[dict[str, Any]], unlabeled: list[dict[str, Any]]
) -> None:
    for split, records in (("gold", gold), ("unlabeled", unlabeled)):
        assert {record["meta"]["split"] for record in records} == {split}
        assert {record["meta"]["kind"] for record in records} == KINDS
        share = Counter(record["meta"]["jurisdiction"] for record in records)
        assert set(share) == {"IN", "US"}
        assert min(share.values()) > 0.4 * len(records)


def test_lengths_in_words(gold: list[dict[str, Any]], unlabeled: list[dict[str, Any]]) -> None:
    for record in gold + unlabeled:
        assert 60 <= len(record["text"].split()) <= 220, record["id"]


def test_spans_are_inside_ordered_disjoint_and_trimmed(gold: list[dict[str, Any]]) -> None:
    for record in gold:
        end = 0
        for entity in record["entities"]:
            assert end <= entity["start"] < entity["end"] <= len(record["text"]), record["id"]
            end = entity["end"]
        assert all(text == text.strip() for text, _ in surfaces(record)), record["id"]


def test_every_label_occurs_often(gold: list[dict[str, Any]]) -> None:
    counts = Counter(label for record in gold for _, label in surfaces(record))
    assert set(counts) == LABELS
    assert min(counts.values()) >= 25


def test_a_surface_has_one_label(gold: list[dict[str, Any]]) -> None:
    labels: dict[str, set[str]] = {}
    for record in gold:
        for text, label in surfaces(record):
            labels.setdefault(text, set()).add(label)
    assert {text: found for text, found in labels.items() if len(found) > 1} == {}


def test_every_occurrence_of_a_tagged_name_is_tagged(gold: list[dict[str, Any]]) -> None:
    """Within its document; provisions excepted, for a contract's own sections are not tagged."""
    for record in gold:
        covered = [False] * len(record["text"])
        for entity in record["entities"]:
            covered[entity["start"] : entity["end"]] = [True] * (entity["end"] - entity["start"])
        for text, label in surfaces(record):
            if label != "PROVISION":
                for match in re.finditer(rf"(?<!\w){re.escape(text)}(?!\w)", record["text"]):
                    assert any(covered[match.start() : match.end()]), (record["id"], text)


def test_spans_follow_the_guidelines(gold: list[dict[str, Any]]) -> None:
    for record in gold:
        for text, label in surfaces(record):
            if label == "JUDGE":
                assert not re.match(r"(?i)(?:hon|justice|judge|mr|ms|shri|dr)\b", text), text
            elif label in {"CASE_NUMBER", "DATE", "PRECEDENT"}:
                assert re.search(r"\d", text), text
            elif label == "ORG":
                assert not text.startswith("M/s"), text


def test_no_sentence_occurs_twice(gold: list[dict[str, Any]], unlabeled: list[dict[str, Any]]) -> None:
    seen: dict[str, str] = {}
    for record in gold + unlabeled:
        for sentence in re.split(r"(?<=[.;:?!])\s+|\n+", record["text"]):
            words = " ".join(re.findall(r"\w+", sentence.casefold()))
            if words.count(" ") >= 4:
                assert words not in seen, (seen.get(words), record["id"], sentence)
                seen[words] = record["id"]


def test_gold_aligns_with_the_tokenizer(gold: list[dict[str, Any]]) -> None:
    nlp = blank()
    for record in gold:
        doc = nlp.make_doc(record["text"])
        for entity in record["entities"]:
            span = doc.char_span(entity["start"], entity["end"])
            assert span is not None, (record["id"], record["text"][entity["start"] : entity["end"]])
