"""The shipped medical sample corpus: complete, well formed, and aligned with the tokenizer."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import hybrid_ner
from hybrid_ner.text.tokenizer import blank

FOLDER = Path(hybrid_ner.__file__).parent / "domains" / "medical" / "samples"
OTHER_SENSES = {("med-013", "RA"), ("med-017", "cold")}
"""Room air, and cold to the touch."""


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


def folded(surface: str) -> str:
    """Case kept in short surfaces: ``ALL`` is a leukaemia, ``all`` is not."""
    return surface if len(surface) <= 4 else surface.casefold()


def test_counts(gold: list[dict[str, Any]], unlabeled: list[dict[str, Any]]) -> None:
    assert len(gold) >= 42
    assert len(gold) + len(unlabeled) >= 155
    assert not any("entities" in record for record in unlabeled)


def test_counts_in_the_readme_hold(gold: list[dict[str, Any]], unlabeled: list[dict[str, Any]]) -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    lengths = [len(record["text"].split()) for record in gold + unlabeled]
    assert f"`gold.jsonl`: {len(gold)} documents" in readme
    assert f"`unlabeled.jsonl`: {len(unlabeled)} documents" in readme
    assert f"{min(lengths)} to {max(lengths)} words" in readme


def test_ids_are_unique_and_of_one_form(gold: list[dict[str, Any]], unlabeled: list[dict[str, Any]]) -> None:
    ids = [record["id"] for record in gold + unlabeled]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"med-\d{3}", doc_id) for doc_id in ids)


def test_meta_names_kind_and_split(gold: list[dict[str, Any]], unlabeled: list[dict[str, Any]]) -> None:
    for split, records in (("gold", gold), ("unlabeled", unlabeled)):
        assert {record["meta"]["split"] for record in records} == {split}
        kinds = Counter(record["meta"]["kind"] for record in records)
        assert len(kinds) >= 15
        assert kinds["abstract"] < len(records) / 2


def test_lengths_in_words(gold: list[dict[str, Any]], unlabeled: list[dict[str, Any]]) -> None:
    for record in gold + unlabeled:
        assert 60 <= len(record["text"].split()) <= 220, record["id"]


def test_texts_are_trimmed_and_free_of_markup(
    gold: list[dict[str, Any]], unlabeled: list[dict[str, Any]]
) -> None:
    for record in gold + unlabeled:
        assert record["text"] == record["text"].strip(), record["id"]
        assert not re.search(r"\[\[|\]\]|\||[\x00-\x09\x0b-\x1f]", record["text"]), record["id"]


def test_spans_are_inside_ordered_disjoint_and_trimmed(gold: list[dict[str, Any]]) -> None:
    for record in gold:
        end = 0
        for entity in record["entities"]:
            assert end <= entity["start"] < entity["end"] <= len(record["text"]), record["id"]
            end = entity["end"]
        assert all(text == text.strip() for text, _ in surfaces(record)), record["id"]


def test_labels_occur_in_every_document(gold: list[dict[str, Any]]) -> None:
    for record in gold:
        assert {label for _, label in surfaces(record)} == {"Chemical", "Disease"}, record["id"]


def test_a_surface_has_one_label(gold: list[dict[str, Any]]) -> None:
    labels: dict[str, set[str]] = {}
    for record in gold:
        for text, label in surfaces(record):
            labels.setdefault(folded(text), set()).add(label)
    assert {text: found for text, found in labels.items() if len(found) > 1} == {}


def test_every_occurrence_of_a_tagged_surface_is_tagged(gold: list[dict[str, Any]]) -> None:
    """Anywhere in the gold, not only in the document that tags it."""
    known = {folded(text) for record in gold for text, _ in surfaces(record)}
    pattern = re.compile(
        "|".join(
            rf"(?<!\w){re.escape(s)}(?!\w)" if len(s) <= 4 else rf"(?<!\w)(?i:{re.escape(s)})(?!\w)"
            for s in sorted(known, key=len, reverse=True)
        )
    )
    for record in gold:
        tagged = {place for e in record["entities"] for place in range(e["start"], e["end"])}
        for match in pattern.finditer(record["text"]):
            missed = tagged.isdisjoint(range(match.start(), match.end()))
            assert not missed or (record["id"], match[0]) in OTHER_SENSES, (record["id"], match[0])


def test_spans_follow_the_guidelines(gold: list[dict[str, Any]]) -> None:
    leading = re.compile(
        r"(?i)(?:the|an?|no|severe|mild|moderate|left|right|bilateral|recurrent) (?!ventricular)"
    )
    inside = re.compile(r"(?i)\b\d+ ?mg\b|-induced\b|^(?:disease|syndrome|drug|patient)s?$")
    for record in gold:
        for text, _ in surfaces(record):
            assert not leading.match(text), (record["id"], text)
            assert not inside.search(text), (record["id"], text)


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
