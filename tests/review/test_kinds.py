"""Kinds of words: what a mention loses, keeps or gains by what people call it."""

from __future__ import annotations

import pytest

from hybrid_ner.review.chat.losses import bare_name, beside, is_slip, less_kind, only_kind


@pytest.mark.parametrize(
    ("surface", "said", "left"),
    [
        ("crushing chest pain since 0430", "the time", "crushing chest pain"),
        ("review clinic on 13 May 2024", "date", "review clinic"),
        ("Tuesday 6 May at 1415", "the time of day", "Tuesday 6 May"),
        ("apixaban 5 mg twice daily", "dose", "apixaban"),
        ("apixaban 5 mg twice daily", "frequency", "apixaban 5 mg"),
        ("Marchmont Estates LLP of Bristol", "the town bit", "Marchmont Estates LLP"),
        ("USD 900", "its currency", "900"),
        ("grade 3 neutropenia", "the grade", "neutropenia"),
        ("Dr Amara Bello", "her title", "Amara Bello"),
        ("June 2025", "time", ""),
        ("aspirin", "dose", ""),
        ("chest pain", "the weather", ""),
    ],
)
def test_a_mention_without_a_kind_of_words(surface: str, said: str, left: str) -> None:
    assert less_kind(surface, said) == left


def test_what_stays_of_a_mention() -> None:
    assert only_kind("review clinic on 13 May 2024", "the date") == "13 May 2024"
    assert only_kind("3 May to 4 May", "the date") == ""
    assert bare_name("apixaban 5 mg on Friday") == "apixaban"
    assert bare_name("apixaban") == ""
    assert bare_name("Marchmont Estates LLP of Bristol", called=True) == "Marchmont Estates LLP"


def test_words_of_a_kind_beside_a_mention() -> None:
    text = "A deposit of GBP 7,100 and 5.9 mmol/l of it, at Orchard Row, Bath. 1954 was dry."

    def with_words(mention: str, said: str, front: bool | None = None) -> str:
        start = text.index(mention)
        found = beside(text, start, start + len(mention), said, front=front)
        return text[slice(*found)] if found else ""

    assert with_words("7,100", "the currency") == "GBP 7,100"
    assert with_words("7,100", "the currency", front=False) == ""
    assert with_words("5.9", "its unit") == "5.9 mmol/l"
    assert with_words("Orchard Row", "the town") == "Orchard Row, Bath"
    assert with_words("Bath", "the year") == ""  # of another sentence


def test_slips() -> None:
    assert is_slip("Limitd", "Limited")
    assert is_slip("phospate 30 mg", "phosphate 30 mg")
    assert not is_slip("Ltd", "Inc")
    assert not is_slip("30 mg dose", "80 mg dose")
    assert not is_slip("Limited", "Limited")
