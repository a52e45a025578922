"""State, order and sturdiness of the legal sources."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybrid_ner.domains.legal.base import LegalSource
from hybrid_ner.domains.legal.citations import Statutes
from hybrid_ner.errors import InputError
from hybrid_ner.sources import LabelingSource, write_matches
from hybrid_ner.sources.functions import restore_source, source_state
from hybrid_ner.text.tokenizer import blank
from tests.conftest import examples

NLP = blank()
TEXT = (
    "In Lal Chand v. State of Kerala, AIR 1979 SC 135, Mr. Justice K. Rao held that Section 9 of the "
    "Sale of Goods Act, 1930 applies to "
    ' Quillmark Industries Ltd. ("Quillmark") at Kochi on 21.3.1963 in W.P. No. 5 of 1960.'
)


def test_every_source_survives_json(sources: list[LabelingSource]) -> None:
    doc = NLP.make_doc(TEXT)
    for source in sources:
        if isinstance(source, LegalSource):
            again = restore_source(json.loads(json.dumps(source_state(source))))
            assert again == source
            assert again(doc) == source(doc)
        write_matches(doc, source.name, source(doc))


def test_gazetteer_comes_first_and_names_are_unique(sources: list[LabelingSource]) -> None:
    names = [source.name for source in sources]
    assert names[0] == "gazetteer"
    assert len(set(names)) == len(names)


def test_state_with_a_missing_field_is_refused() -> None:
    with pytest.raises(InputError, match="unusable state of a Statutes"):
        restore_source({**source_state(Statutes("x", (), (), ())), "state": {"name": "x"}})


@settings(max_examples=examples(20), deadline=None)
@given(text=st.text(alphabet=st.sampled_from("AbvS.,()[]@'\"/-& \n\t1290…é§"), max_size=80))
def test_any_text_gives_spans_inside_the_text(sources: list[LabelingSource], text: str) -> None:
    doc = NLP.make_doc(text)
    for source in sources:
        matches = source(doc)
        assert all(0 <= match.start < match.end <= len(text) for match in matches)
        write_matches(doc, source.name, matches)
