"""RxNorm: term types, suppression, vocabularies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers import read_gazetteer

Write = Callable[..., Path]


def _row(rxcui: str, text: str, tty: str, sab: str = "RXNORM", suppress: str = "N") -> str:
    return f"{rxcui}|ENG||||||A{rxcui}|||{rxcui}|{sab}|{tty}|{rxcui}|{text}||{suppress}|4096|"


ROWS = "\n".join(
    (
        _row("1", "madeamine", "IN"),
        _row("2", "Amidex", "BN"),
        _row("3", "madeamine 5 MG Oral Tablet", "SCD"),
        _row("4", "oldamine", "IN", suppress="O"),
        _row("1", "MADEAMINE", "SU", sab="MTHSPL"),
        "",
    )
)


def test_ingredients_and_brands(write: Write) -> None:
    reading = read_gazetteer(write("RXNCONSO.RRF", ROWS))
    assert [(t.text, t.label, t.concept_id, t.status) for t in reading] == [
        ("madeamine", "Chemical", "RXNORM:1", "preferred"),
        ("Amidex", "Chemical", "RXNORM:2", "brand"),
    ]
    assert set(reading.report.skipped) == {"term type", "suppressed", "vocabulary"}


def test_options(write: Write) -> None:
    path = write("rrf/RXNCONSO.RRF", ROWS).parent
    texts = [t.text for t in read_gazetteer(path, vocabularies="", term_types="SCD,SU", label="Drug")]
    assert texts == ["madeamine 5 MG Oral Tablet", "MADEAMINE"]
    assert "oldamine" in [t.text for t in read_gazetteer(path, suppressed="yes")]
    mapped = read_gazetteer(path, label_map={"BN": "Brand"})
    assert [(t.text, t.label) for t in mapped] == [("Amidex", "Brand")]


@pytest.mark.parametrize(
    ("line", "problem"), [("1|ENG|x", "wrong number of columns"), (_row("x", "a b", "IN"), "no RXCUI")]
)
def test_malformed_rows(write: Write, line: str, problem: str) -> None:
    path = write("RXNCONSO.RRF", ROWS + line + "\n")
    with pytest.raises(InputError, match=rf"row 6: {problem}"):
        list(read_gazetteer(path))
    assert len(list(read_gazetteer(path, skip_bad=True))) == 2
