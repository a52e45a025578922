from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings

from hybrid_ner.text import exact_form, fold, fold_char, fold_text
from tests.matching.strategies import TEXTS
from tests.oracle.matching import fold_key, folded_units


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Ménière’s  Disease", "meniere's disease"),
        ("pneu\u00admonia", "pneumonia"),
        ("STRASSE Straße", "strasse strasse"),
        ("İIı", "iii"),
        ("Taxol™", "taxol"),
        ("½ mg", "1/2 mg"),
        ("œdema\r\n\tcordis", "oedema cordis"),
        ("β–blocker", "β-blocker"),
        ("ΑΣ ας", "ας".replace("ς", "σ") + " " + "ας".replace("ς", "σ")),
        ("a \u200b b", "a b"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_every_character_folds_to_a_fixed_point_and_alike_composed_or_not() -> None:
    for code in range(0x110000):
        char = chr(code)
        # Three of four code points are no characters: some of them stand for all.
        if code % 64 and unicodedata.category(char) in ("Cn", "Co", "Cs"):
            continue
        folded = fold_char(char)
        assert fold(folded) == folded.strip(" ")
        assert " " not in folded or char.isspace()
        for form in ("NFC", "NFD"):
            assert "".join(map(fold_char, unicodedata.normalize(form, char))) == folded


@settings(deadline=None)
@given(TEXTS)
def test_fold_text_equals_folding_each_character(text: str) -> None:
    folded = fold_text(text)
    units = folded_units(text)
    assert folded.folded == "".join(unit[0] for unit in units)
    assert [folded.origin(i) for i in range(len(units))] == [unit[1] for unit in units]
    assert folded.origin(len(units)) == len(text)


@settings(deadline=None)
@given(TEXTS)
def test_fold_is_idempotent_and_ignores_composition(text: str) -> None:
    assert fold(text) == fold_key(text)
    assert fold(fold(text)) == fold(text)
    assert fold(unicodedata.normalize("NFD", text)) == fold(text)


@settings(deadline=None)
@given(TEXTS)
def test_source_spans_are_ordered_and_inside_the_text(text: str) -> None:
    folded = fold_text(text)
    for start in range(len(folded.folded)):
        left, right = folded.to_source(start, start + 1)
        assert 0 <= left < right <= len(text)


def test_exact_form_keeps_letters_and_unifies_typography() -> None:
    assert exact_form("Crohn’s–Leśniowski \n x\u00ad") == "Crohn's-Leśniowski x"
    assert exact_form("e\u0301") == "é"
    assert exact_form("Eſſex Suﬀolk CO₂ Na₊ m²") == "Essex Suffolk CO2 Na+ m²"
    assert exact_form("ACE") != exact_form("Ace")
