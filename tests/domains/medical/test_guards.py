"""Which terms may match, and how strictly."""

from __future__ import annotations

import re

import pytest

from hybrid_ner.domains.medical.guards import TermGuard, guard_gazetteer, load_term_guard
from hybrid_ner.terms import Gazetteer, Term

GUARD = TermGuard(
    removed=frozenset({"can", "acid", "SED"}),
    kept=frozenset({"gout"}),
    genes=frozenset({"ALD", "WT1"}),
    proteins=re.compile(r"(?:^|[\s-])(?:factor|\w{4,}ase)$"),
)


@pytest.mark.parametrize(
    ("text", "label", "mode"),
    [
        ("renal failure", "Disease", "folded"),
        ("gout", "Disease", "folded"),
        ("AIDS", "Disease", "case"),
        ("CAN", "Disease", "case"),
        ("ALD", "Disease", "defined"),
        ("WT1", "Disease", "defined"),
        ("can", "Disease", None),
        ("acid", "Chemical", None),
        ("SED", "Disease", None),
        ("a 17", "Chemical", None),
        ("growth factor", "Chemical", None),
        ("growth factor", "Disease", "folded"),
        ("lactate dehydrogenase", "Chemical", None),
        ("U-50488", "Chemical", "folded"),
    ],
)
def test_mode_of_a_term(text: str, label: str, mode: str | None) -> None:
    term = GUARD(Term(text, label))
    assert (term.mode if term else None) == mode


def test_a_guarded_gazetteer_keeps_order_and_hierarchy() -> None:
    parents = {"A:1": ("A:0",)}
    gazetteer = Gazetteer((Term("gout", "Disease"), Term("can", "Disease"), Term("AIDS", "Disease")), parents)
    guarded = guard_gazetteer(gazetteer, GUARD)
    assert [(t.text, t.mode) for t in guarded] == [("gout", "folded"), ("AIDS", "case")]
    assert guarded.parents == parents


def test_the_shipped_guard_knows_genes_and_everyday_words() -> None:
    guard = load_term_guard()
    assert guard(Term("march", "Disease")) is None
    assert guard(Term("pain", "Disease")) is not None
    braf = guard(Term("BRAF", "Disease"))
    assert braf is not None
    assert braf.mode == "defined"
