from __future__ import annotations

import pytest

from hybrid_ner.matching.edits import edits_between, is_plausible


@pytest.mark.parametrize(
    ("found", "reference"),
    [
        ("prostaglandin e1", "prostaglandin e2"),
        ("vitamin c", "vitamin d"),
        ("hypokalemia", "hyperkalemia"),
        ("arthrosis", "arthritis"),
        ("interferon 12", "interferon 2"),
        ("ethane", "ethene"),
        ("taxol.", "taxols"),
        ("lessor", "lessee"),
        ("hipotension", "hipertension"),
        ("kraniotomie", "kraniektomie"),
        ("hypokaliamie", "hypokalzamie"),
    ],
)
def test_another_thing_is_refused(found: str, reference: str) -> None:
    assert not is_plausible(found, reference, edits_between(reference, found))


@pytest.mark.parametrize(
    ("found", "reference"),
    [
        ("myocardial infarctoin", "myocardial infarction"),
        ("heartattack", "heart attack"),
        ("hyperkalmia", "hyperkalemia"),
        ("behcet'k disrease", "behcet's disease"),
        ("hemoptisis", "hemoptysis"),
        ("interferon-2", "interferon 2"),
    ],
)
def test_a_slip_is_accepted(found: str, reference: str) -> None:
    assert is_plausible(found, reference, edits_between(reference, found))
