from __future__ import annotations

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.symbols import ORTH
from spacy.tokens import Doc

from hybrid_ner.errors import CorpusError
from hybrid_ner.pipeline.chunks import ChunkTokenizer
from hybrid_ner.pipeline.tokenizer import blank

PIECES = [
    " ", "  ", "\n", "\r\n", "\t", "\u00a0", "don't", "U.S.", "a.m.", "10a.m.", "e.g.,",
    "(5-FU/LV)", "cisplatin-induced", "s.302/34", "“x”", "can't've", "é", "😀", "...", "…",
    "1,000.5", "Mr.", "'s", ":", ")", "8", "(", "x:)", "30):", "id.", "n.2", "_", "^", "D", "(N.D.",
]  # fmt: skip
TEXTS = st.one_of(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.text(max_size=20))


@pytest.fixture(scope="module", params=["ours", "english"])
def nlp(request: pytest.FixtureRequest) -> Language:
    return blank() if request.param == "ours" else spacy.blank("en")


@pytest.fixture(scope="module")
def make_doc(nlp: Language) -> ChunkTokenizer:
    return ChunkTokenizer(nlp)


def tokens(doc: Doc) -> list[tuple[int, str, str, str]]:
    return [(token.idx, token.text, token.whitespace_, token.norm_) for token in doc]


@settings(deadline=None, max_examples=300)
@given(text=TEXTS)
def test_the_tokens_are_those_of_the_tokenizer(nlp: Language, make_doc: ChunkTokenizer, text: str) -> None:
    doc = make_doc(text)
    assert doc.text == text
    assert tokens(doc) == tokens(nlp.make_doc(text))


def test_rules_with_white_space_are_left_to_the_tokenizer() -> None:
    nlp = spacy.blank("en")
    nlp.tokenizer.add_special_case("New York", [{ORTH: "New"}, {ORTH: " "}, {ORTH: "York"}])
    text = "New York, (New York)"
    assert tokens(ChunkTokenizer(nlp)(text)) == tokens(nlp.make_doc(text))


def test_remembered_chunks_give_the_same_tokens_again(nlp: Language) -> None:
    text = "Don't (N.D. Ga.); see 30): 1 and x:) D, id. at n.2 ^ _ ^"
    make_doc = ChunkTokenizer(nlp)
    for _ in range(3):
        assert tokens(make_doc(text)) == tokens(nlp.make_doc(text))


@pytest.mark.parametrize("text", ["30): 1", "x:) :)", "(x: )", "x:) : ) : ) :)", "a): D b): D"])
def test_a_special_case_that_reaches_over_a_space_changes_its_neighbors(
    nlp: Language, make_doc: ChunkTokenizer, text: str
) -> None:
    assert tokens(make_doc(f"see {text} there")) == tokens(nlp.make_doc(f"see {text} there"))


@settings(deadline=None, max_examples=200)
@given(
    lines=st.lists(st.sampled_from(["30): 1", "x:) :)", "plain (text)", "don't", " 23:] D ", ""]), max_size=6)
)
def test_only_the_lines_of_such_a_case_are_cut_again(
    nlp: Language, make_doc: ChunkTokenizer, lines: list[str]
) -> None:
    for gap in ("\n", " \n ", "\n\n", "\r\n"):
        text = gap.join(lines)
        assert tokens(make_doc(text)) == tokens(nlp.make_doc(text))
        assert make_doc(text).text == text


def test_what_is_remembered_is_bounded(nlp: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hybrid_ner.pipeline.chunks._REMEMBERED", 3)
    make_doc = ChunkTokenizer(nlp)
    for text in ["a b c", "don't (d)", "a b", "don't e f g", "don't"]:
        assert tokens(make_doc(text)) == tokens(nlp.make_doc(text))


def test_a_memory_zone_keeps_nothing_of_its_words(nlp: Language) -> None:
    make_doc = ChunkTokenizer(nlp)
    with nlp.memory_zone():
        assert [token.text for token in make_doc("(zonedword)")] == ["(", "zonedword", ")"]
    assert tokens(make_doc("(zonedword)")) == tokens(nlp.make_doc("(zonedword)"))


def test_texts_longer_than_models_accept_are_tokenized(make_doc: ChunkTokenizer) -> None:
    assert len(make_doc("a " * 600_000)) == 600_000


def test_a_lone_surrogate_is_refused_with_its_place(make_doc: ChunkTokenizer) -> None:
    with pytest.raises(CorpusError, match="surrogate at character 6"):
        make_doc("a (bc \udc80d)")
