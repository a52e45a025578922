"""One pipeline of legal sources for all tests of this folder."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hybrid_ner.domains.legal.sources import legal_sources
from hybrid_ner.sources import LabelingSource, aggregate, write_matches
from hybrid_ner.terms.shipped import load_shipped
from hybrid_ner.text.tokenizer import blank

Found = set[tuple[str, str]]


@pytest.fixture(scope="session")
def sources() -> list[LabelingSource]:
    return legal_sources(load_shipped("legal"))


@pytest.fixture(scope="session")
def label(sources: list[LabelingSource]) -> Callable[[str], Found]:
    """Aggregated entities of a text as (surface, label)."""
    nlp = blank()

    def run(text: str) -> Found:
        doc = nlp.make_doc(text)
        for source in sources:
            write_matches(doc, source.name, source(doc))
        votes = aggregate(doc, [source.name for source in sources])
        return {(text[v.match.start : v.match.end], v.match.label) for v in votes}

    return run
