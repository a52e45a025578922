"""Checks of term lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybrid_ner.terms import Term
from hybrid_ner.terms.lint import WordLists, lint, read_words

WORDS = WordLists(frozenset({"all", "may"}), frozenset({"ABC1", "REST"}))


def _kinds(*terms: Term) -> list[tuple[str, str]]:
    return [(f.kind, f.term.text) for f in lint(terms, WORDS).findings]


@pytest.mark.parametrize(
    ("text", "mode", "kind"),
    [
        ("All", "folded", "too-common"),
        ("ab", "folded", "too-short"),
        ("123", "folded", "number"),
        ("ABC1", "case", "gene-symbol"),
        ("<b>flu</b>", "folded", "markup"),
        ("flu &amp; cold", "folded", "markup"),
        ("see https://x.org", "folded", "markup"),
        ("{{flu}}", "folded", "markup"),
        ("SjÃ¶gren", "folded", "markup"),
        ("flu\ufffd", "folded", "markup"),
        ("ve\u0159\u0099. obch. spol.", "folded", "markup"),
    ],
)
def test_each_kind(text: str, mode: str, kind: str) -> None:
    assert _kinds(Term(text, "X", mode=mode)) == [(kind, text)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "term",
    [
        Term("ALL", "X", mode="case"),
        Term("mg", "X", mode="case"),
        Term("REST", "X", mode="defined"),
        Term("p < 0.05 flu", "X"),
        Term("Crohn's disease", "X"),
        Term("3-(2-aminoethyl)-1H-indole", "X"),
    ],
)
def test_what_is_fine(term: Term) -> None:
    assert _kinds(term) == []


def test_collisions_name_the_other_term() -> None:
    one, two = Term("flu", "Disease", "D:1"), Term("Flu", "Disease", "D:1")
    three, four = Term("flu", "Drug", "C:1"), Term("flu", "Disease", "D:2")
    found = lint((one, two, three, four, three), WORDS)
    assert [(f.kind, f.term, f.other) for f in found.findings] == [
        ("duplicate", two, one),
        ("ambiguous", three, one),
        ("duplicate", three, three),
    ]


def test_exact_terms_collide_only_in_equal_letters() -> None:
    exact, other = Term("CrPC", "Statute", mode="case"), Term("CRPC", "Statute", mode="case")
    assert lint((exact, other, Term("CRpc", "Gene", mode="defined")), WORDS).counts == {}
    assert lint((exact, Term("crpc", "Statute")), WORDS).counts == {"duplicate": 1}
    assert lint((exact, Term("CrPC", "Gene", mode="case")), WORDS).counts == {"ambiguous": 1}


def test_counts_are_whole_when_findings_are_cut() -> None:
    found = lint((Term(f"a{n}"[:2], "X", f"C:{n}") for n in range(10)), WORDS, kept=2, kinds=["too-short"])
    assert found.counts == {"too-short": 10}
    assert len(found.findings) == 2
    assert found.terms == 10


def test_shipped_lists_and_comments(tmp_path: Path) -> None:
    shipped = WordLists.shipped()
    assert {"patient", "the", "march"} <= set(shipped.common)
    assert "TP53" in shipped.genes
    path = tmp_path / "words.txt"
    path.write_text("# a comment\none  # why\n\ntwo\n", encoding="utf-8")
    assert read_words(path) == ["one", "two"]
