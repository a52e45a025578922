"""The codebook as a document: what holds, its version, pages for people and models, and drafts of models."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hybrid_ner.corpus.codebook import Codebook, Example, Rule, drafted_rules, read_codebook, rules_of
from hybrid_ner.errors import InputError

YES = Example("n1", 8, 18, "chest pain", "Disease", "accepted", 7, "ana", "Patient ", " today")
NO = Example("n2", 0, 5, "25 mg", "Drug", "rejected", 9, "ben", "", "\nof it")
BOOK = Codebook(
    {
        "Disease": (
            Rule(1, "exclude", "No doses.", (NO,)),
            Rule(2, "definition", "An illness.", (YES,)),
            Rule(3, "include", "Findings.", by="qwen", accepted=False),
        ),
        "Drug": (),
    },
    12,
)


def test_what_nobody_accepted_does_not_hold() -> None:
    assert [rule.number for rule in BOOK.rules("Disease")] == [2, 1]
    assert [rule.number for rule in BOOK.suggested("Disease")] == [3]
    assert (BOOK.definition("Disease"), BOOK.definition("Drug")) == ("An illness.", "")
    assert BOOK.guidelines(["Drug", "Disease"]).splitlines() == [
        "Disease:",
        "- examples:",
        "  e.g. Patient [chest pain] today (labeled Disease)",
        "- exclude: No doses.",
        "  e.g. [25 mg] of it (not labeled Drug)",
    ]


def test_version_changes_with_what_holds_alone() -> None:
    assert BOOK.version.startswith("12-")
    assert Codebook({"Disease": ()}, 3).version == ""
    fewer = Codebook({"Disease": BOOK.labels["Disease"][:2]}, 12)
    assert fewer.version == BOOK.version
    other = Codebook({"Disease": (replace(BOOK.labels["Disease"][1], text="A disease."),)}, 12)
    assert other.version != BOOK.version


def test_page_names_document_characters_and_event() -> None:
    page = BOOK.markdown("Codebook of notes")
    assert f"# Codebook of notes\n\nVersion {BOOK.version}.\n\n## Disease\n\nAn illness.\n" in page
    assert "- Patient [chest pain] today (labeled Disease) — n1 8-18, event 7 by ana" in page
    assert (
        "### Exclude\n\n1. No doses.\n   - [25 mg] of it (not labeled Drug) — n2 0-5, event 9 by ben" in page
    )
    assert "Findings" not in page


def test_an_example_that_was_decided_otherwise_is_told_to_people_alone() -> None:
    book = Codebook({"Disease": (Rule(1, "include", "Pain.", (replace(YES, stands=False),)),)})
    assert "then, and decided otherwise since" in book.markdown()
    assert book.guidelines(["Disease"]) == "Disease:\n- include: Pain."


def test_json_comes_back_whole(tmp_path: Path) -> None:
    path = tmp_path / "codebook.json"
    path.write_text(json.dumps(BOOK.as_dict()))
    assert read_codebook(path) == BOOK
    assert rules_of(path)["Disease"] == (
        Rule(1, "exclude", "No doses.", by="codebook.json", accepted=False),
        Rule(2, "definition", "An illness.", by="codebook.json", accepted=False),
    )


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"labels": {"A": [{"kind": "other"}]}}', '{"labels": 3}'])
def test_something_else_is_no_codebook(tmp_path: Path, text: str) -> None:
    (tmp_path / "c.json").write_text(text)
    with pytest.raises(InputError, match=r"c\.json: no codebook.*hybrid-ner review codebook"):
        read_codebook(tmp_path / "c.json")
    (tmp_path / "c.md").write_text("nothing of the kind")
    with pytest.raises(InputError, match="no rules found"):
        rules_of(tmp_path / "c.md")


DRAFT = """<!-- Draft of qwen, prompt guide.1: nobody has read it yet. -->
# Drug

## Definition
A substance that is **given**
to treat.

**Include:**
- names of classes
- brand names,
  with their spelling

Exclude: doses

### 4. Where a mention begins and ends
1. no articles
2) no doses

## Notes
- no rule
"""


def test_a_draft_of_a_model_becomes_proposals() -> None:
    found = drafted_rules(DRAFT)
    assert [(r.number, r.kind, r.text) for r in found["Drug"]] == [
        (1, "definition", "A substance that is given to treat."),
        (2, "include", "names of classes"),
        (3, "include", "brand names, with their spelling"),
        (4, "exclude", "doses"),
        (5, "boundary", "no articles"),
        (6, "boundary", "no doses"),
    ]
    assert {(r.by, r.accepted) for r in found["Drug"]} == {("qwen, prompt guide.1", False)}
