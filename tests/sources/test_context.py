"""Context flags: sentences with known answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.io import shipped
from hybrid_ner.matching.match import Match
from hybrid_ner.sources.base import write_matches
from hybrid_ner.sources.context import FLAGS, ContextRules, ContextSource
from hybrid_ner.text.tokenizer import blank

RULES = ContextRules.load(shipped("gazetteers", "medical", "rules"))


def _flags(text: str, word: str) -> tuple[str, ...]:
    start = text.index(word)
    return RULES.flags(text, [(start, start + len(word))])[0]


@pytest.mark.parametrize(
    ("text", "word", "flags"),
    [
        ("No chest pain today.", "chest pain", ("negated",)),
        ("Patient denies fever, chills or cough.", "cough", ("negated",)),
        ("Denies fever but has a cough.", "cough", ()),
        ("No fever. Cough is present.", "Cough", ()),
        ("Pulmonary embolism was ruled out.", "Pulmonary embolism", ("negated",)),
        ("No increase in pain.", "pain", ()),
        ("Gram-negative sepsis.", "sepsis", ()),
        ("NO EVIDENCE OF METASTASIS", "METASTASIS", ("negated",)),
        ("no\nevidence of metastasis", "metastasis", ("negated",)),
        ("Cannot rule out pneumonia.", "pneumonia", ("hypothetical",)),
        ("Return if dyspnea worsens.", "dyspnea", ("hypothetical",)),
        ("Pneumonia is suspected.", "Pneumonia", ("hypothetical",)),
        ("h/o afib, on warfarin.", "afib", ("historical",)),
        ("Past medical history: diabetes, hypertension.", "hypertension", ("historical",)),
        ("Past medical history: diabetes.\nHPI: presents with cough.", "cough", ()),
        ("Denies chest pain, h/o afib.", "afib", ("historical",)),
        ("Mother had breast cancer.", "breast cancer", ("family",)),
        ("Family history of stroke; patient has migraine.", "migraine", ()),
        ("No family history of colon cancer.", "colon cancer", ("family", "negated")),
        ("Nothing special about a cold.", "cold", ()),
        ("", "", ()),
    ],
)
def test_flags(text: str, word: str, flags: tuple[str, ...]) -> None:
    assert _flags(text, word) == flags


def test_a_scope_is_bounded() -> None:
    far = "no " + "word " * 30 + "pain"
    assert _flags(far, "pain") == ()


def test_every_trigger_is_read_with_its_row() -> None:
    assert {t.flag for t in RULES.triggers} == set(FLAGS)
    assert all(
        t.row and t.file.startswith("context_") and t.phrase == t.phrase.lower() for t in RULES.triggers
    )


def test_the_source_says_what_triggered() -> None:
    doc = blank()("Denies fever. Has cough.")
    write_matches(doc, "gazetteer", [Match(7, 12, "PROBLEM"), Match(18, 23, "PROBLEM")])
    (match,) = ContextSource(RULES, ("gazetteer",))(doc)
    assert (match.start, match.label) == (7, "NEGATED")
    assert match.evidence is not None
    assert match.evidence.reference == "denies"


def test_a_bad_row_is_named(tmp_path: Path) -> None:
    for flag in FLAGS:
        (tmp_path / f"context_{flag}.txt").write_text("# list\nbefore\tno\n", encoding="utf-8")
    assert len(ContextRules.load(tmp_path).triggers) == 4
    (tmp_path / "context_family.txt").write_text("# list\nsideways\tno\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"context_family.txt, row 2: expected `kind<TAB>phrase`"):
        ContextRules.load(tmp_path)
    assert ContextRules([]).flags("no pain", [(3, 7)]) == [()]
