"""Questions as buttons."""

from __future__ import annotations

import pytest

from hybrid_ner.ui.asking import asked


@pytest.mark.parametrize(
    ("echo", "shown"),
    [
        (
            "accept 7 spans in 7 documents: type `yes` (or `except N` for a sample shown)",
            "accept 7 spans in 7 documents. Go on?",
        ),
        ("r1 passes the gate; to go on, type `r1`", "r1 passes the gate. Go on?"),
        ('variant "a: type b" = afib: type `yes 0`', 'variant "a: type b" = afib. Go on?'),
    ],
)
def test_question_beside_a_button_does_not_say_what_to_type(echo: str, shown: str) -> None:
    assert asked(echo) == shown
