"""Names that are looked for around what tells them are those that the whole expression finds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybrid_ner.domains.legal import courts, names
from hybrid_ner.domains.legal.base import NameBefore
from tests.conftest import examples

_BEFORE = [
    *(found for found, _ in names._PERSONS.rules_of("rules") if isinstance(found, NameBefore)),
    *(found for found, _ in courts._RE.rules_of("judges") if isinstance(found, NameBefore)),
    *map(
        courts._RE.near,
        ("SEVERAL", "SEVERAL_JUDGES", "BEFORE", "NAMED_PETITIONER", "NAMED_RESPONDENT"),
    ),
]
_PARTS = (
    *(
        "Ada",
        "A. B.",
        "McStone",
        "O'Hara",
        "Rao",
        "RAO",
        "Dubé",
        "Éva",
        " ",
        " ",
        " ",
        ", ",
        " and ",
        ".",
        "\n",
        "the",
        "1",
    ),
    *(
        " J.",
        " JJ.",
        ", J",
        " C.J.",
        "'s case",
        ", Chief Executive",
        " (deceased)",
        ", Esq",
        " PW-3",
        " (PW 1)",
    ),
    *(", the petitioner", " (respondent", ", District Judge", "Justice", "é", "-", "@", "alias"),
)


@pytest.mark.parametrize("before", _BEFORE, ids=lambda before: before._args[1][:20])
@settings(max_examples=examples(20))
@given(parts=st.lists(st.sampled_from(_PARTS), max_size=40), filler=st.sampled_from(("", "x " * 120)))
def test_a_name_before_something_is_found_as_by_one_expression(
    before: NameBefore, parts: list[str], filler: str
) -> None:
    text = "".join(parts[:20]) + filler + "".join(parts[20:])
    wanted = [found.span() for found in re.finditer(before._args[0], text)]
    assert [found.span() for found in before.finditer(text)] == wanted
