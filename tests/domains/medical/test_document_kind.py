"""Short notes are told from abstracts, judgments, leaflets and lists."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hybrid_ner.domains.medical.base import is_clinical, is_note
from hybrid_ner.pipeline import rule_pipeline
from hybrid_ner.terms import Gazetteer, Term


def _documents() -> Iterator[tuple[str, str]]:
    text = Path(__file__).with_name("document_kinds.txt").read_text(encoding="utf-8")
    for part in text.split("### ")[1:]:
        kind, _, document = part.partition("\n")
        yield kind, document.strip()


def test_notes_of_all_kinds_and_what_is_none() -> None:
    wrong = [
        f"{kind}: {text[:60]!r}"
        for kind, text in _documents()
        if is_clinical(text) is not kind.startswith("note")
    ]
    assert not wrong, "\n".join(wrong)


def test_there_are_many_of_both() -> None:
    kinds = [kind.partition(" ")[0] for kind, _ in _documents()]
    assert kinds.count("note") >= 90
    assert kinds.count("other") >= 60


def test_a_measured_value_is_a_mention_in_a_note_and_an_enzyme_is_not() -> None:
    nlp = rule_pipeline(Gazetteer.of([Term("sodium", "Chemical"), Term("creatine", "Chemical")]), "medical")
    note = "Labs: sodium 128 mmol/L, creatine kinase 90. Vitals: BP 100/60. Plan: d/w renal."
    assert [ent.text for ent in nlp(note).ents] == ["sodium"]


def test_only_notes_are_notes() -> None:
    wrong = [
        f"{kind}: {text[:60]!r}" for kind, text in _documents() if kind.startswith("other") and is_note(text)
    ]
    assert not wrong, "\n".join(wrong)


def test_most_short_notes_are_told_from_case_reports() -> None:
    notes = [text for kind, text in _documents() if kind.startswith("note")]
    assert sum(map(is_note, notes)) >= 0.9 * len(notes)
