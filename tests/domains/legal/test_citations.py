"""Shapes of law report citations."""

from __future__ import annotations

import pytest

from hybrid_ner.domains.legal.citations import find_citations, reporter_key

REPORTERS = {reporter_key(name) for name in ("SCC", "S.C.R.", "ITR", "Cri LJ", "F.3d", "U.S.")}


@pytest.mark.parametrize(
    "citation",
    [
        "AIR 1979 SC 135",
        "(2013) 10 SCC 421",
        "[1950] S.C.R. 88",
        "[1992] 193 ITR 255",
        "1996 Cri LJ 1254",
        "548 F.3d 1052",
        "410 U.S. 113 (1973)",
        "ILR 2008 Karnataka 1493",
    ],
)
def test_known_reports_are_found(citation: str) -> None:
    text = f"as held in {citation}, and"
    assert citation in {text[start:end] for start, end in find_citations(text, REPORTERS)}


@pytest.mark.parametrize(
    "text", ["12 Monkeys 1995", "in 2010 Mr. Lal 3 times", "5 March 1999", "214 CLR 1\nSection 501(2)"]
)
def test_unknown_reports_are_left_alone(text: str) -> None:
    assert list(find_citations(text, REPORTERS)) == []
