from __future__ import annotations

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.symbols import ORTH
from spacy.tokens import Doc

from hybrid_ner.pipeline.chunks import ChunkTokenizer
from hybrid_ner.pipeline.tokenizer import blank

PIECES = [
    " ", "  ", "\n", "\r\n", "\t", "\u00a0", "don't", "U.S.", "a.m.", "10a.m.", "e.g.,",
    "(5-FU/LV)", "cisplatin-induced", "s.302/34", "“x”", "can't've", "é", "😀", "...", "…",
    "1,000.5", "Mr.", "'s",
]  # fmt: skip
TEXTS = st.one_of(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.text(max_size=20))


@pytest.fixture(scope="module", params=["ours", "english"])
def nlp(request: pytest.FixtureRequest) -> Language:
    return blank() if request.param == "ours" else spacy.blank("en")


def tokens(doc: Doc) -> list[tuple[int, str, str]]:
    return [(token.idx, token.text, token.whitespace_) for token in doc]


@settings(deadline=None, max_examples=300)
@given(text=TEXTS)
def test_the_tokens_are_those_of_the_tokenizer(nlp: Language, text: str) -> None:
    doc = ChunkTokenizer(nlp)(text)
    assert doc.text == text
    assert tokens(doc) == tokens(nlp.make_doc(text))


def test_rules_with_white_space_are_left_to_the_tokenizer() -> None:
    nlp = spacy.blank("en")
    nlp.tokenizer.add_special_case("New York", [{ORTH: "New"}, {ORTH: " "}, {ORTH: "York"}])
    text = "New York, (New York)"
    assert tokens(ChunkTokenizer(nlp)(text)) == tokens(nlp.make_doc(text))
