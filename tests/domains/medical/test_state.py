"""Every medical source can be saved as plain values and made again."""

from __future__ import annotations

import json

import pytest

from hybrid_ner.domains.medical.diseases import DiseaseWords
from hybrid_ner.domains.medical.sources import medical_sources
from hybrid_ner.errors import InputError
from hybrid_ner.sources import write_matches
from hybrid_ner.sources.functions import restore_source, source_state
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.text.tokenizer import blank

GAZETTEER = Gazetteer((Term("hepatitis", "Disease"), Term("aspirin", "Chemical")))
TEXT = "Toxic hepatitis type II and renal failure (RF) after aspirins, CCl4 and MK-801; RF was fatal."


def test_a_restored_source_votes_as_before() -> None:
    doc = blank().make_doc(TEXT)
    for source in medical_sources(GAZETTEER):
        votes = source(doc)
        again = restore_source(json.loads(json.dumps(source_state(source))), GAZETTEER)
        assert again.name == source.name
        assert again(doc) == votes
        write_matches(doc, source.name, votes)


def test_names_are_unique_and_only_earlier_sources_are_read() -> None:
    seen: list[str] = []
    for source in medical_sources(GAZETTEER):
        assert source.name not in seen
        assert set(getattr(source, "reads", ())) <= set(seen)
        seen.append(source.name)


def test_an_incomplete_state_is_an_error() -> None:
    with pytest.raises(InputError, match="unusable state of a DiseaseWords"):
        restore_source(
            {**source_state(DiseaseWords("x", ())), "state": {"kind": "DiseaseWords", "name": "x"}}
        )


def test_the_genetics_switch_adds_adjectives() -> None:
    doc = blank().make_doc("C2-deficient families")
    found = {
        switches: [
            match.end
            for source in medical_sources(GAZETTEER, switches)
            if source.name == "deficiencies"
            for match in source(doc)
        ]
        for switches in ((), ("genetics",))
    }
    assert found == {(): [], ("genetics",): [12]}
