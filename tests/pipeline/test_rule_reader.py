"""The rules asked alone give what they give on a Doc."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc

from hybrid_ner.corpus import Document
from hybrid_ner.domains.registry import DomainSettings
from hybrid_ner.pipeline.build import FusionSettings, assemble, rule_pipeline, take_misaligned
from hybrid_ner.pipeline.rule_reader import RuleReader
from hybrid_ner.sources.functions import labeling_source
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.text.tokenizer import TokenEdges, blank
from hybrid_ner.training.predict import document_from, predict, read_docs

TERMS = Gazetteer.of(
    [
        Term("breast cancer", "Disease", "D:1"),
        Term("aspirin", "Chemical", "C:1"),
        Term("can", "Chemical", "C:2"),
        Term("5-FU", "Chemical", "C:3"),
    ]
)
TEXTS = (
    "No breast cancer; aspirin-induced asthma, e.g. 5-FU/LV. You can't.",
    "History of breast  cancer (BC). BC recurred.\n\n can\u200b aspirin…",
    "",
    "x" * 300 + "-aspirin-" + "y" * 300,
)


def _documents() -> list[Document]:
    return [Document(str(n), text) for n, text in enumerate(TEXTS)]


def test_the_text_alone_gives_what_a_doc_gives() -> None:
    nlp, again = (rule_pipeline(TERMS, "medical") for _ in "ab")
    assert RuleReader.serves(nlp)
    wanted = [document_from(document, doc, "rule") for document, doc in read_docs(nlp, _documents())]
    assert list(predict(again, _documents(), "rule")) == wanted
    assert wanted[0].entities
    assert [entity.attrs.get("flags") for entity in wanted[0].entities][:1] == [["negated"]]
    lost = take_misaligned(nlp)
    assert [match.surface for match in lost] == ["can"]
    assert take_misaligned(again) == lost


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from(["a", "don't", "can't", "U.S.", " ", "\n", "-", "(", "°C.", "é", "x" * 140])))
def test_edges_are_those_of_the_tokens(parts: list[str]) -> None:
    text, nlp = "".join(parts), blank()
    edges, doc = TokenEdges(nlp.tokenizer), nlp.make_doc(text)
    for start in range(len(text)):
        for end in range(start + 1, min(start + 6, len(text) + 1)):
            assert edges.align(text, start, end) == (doc.char_span(start, end) is not None)


class _NoModel:
    def pipe(self, stream: Iterable[Doc], **_: int) -> Iterator[Doc]:
        raise AssertionError("the model was run")


def test_rules_alone_do_not_run_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    student = blank()
    student.add_pipe("crf_ner", name="ner")
    nlp = assemble(TERMS, "generic", DomainSettings(), student, FusionSettings(0.4))
    monkeypatch.setattr(type(nlp.get_pipe("ner")), "pipe", _NoModel.pipe)
    (found,) = predict(nlp, [Document("1", "aspirin")], "rule")
    assert [entity.label for entity in found.entities or ()] == ["Chemical"]
    with pytest.raises(AssertionError, match="was run"):
        list(predict(nlp, [Document("1", "aspirin")], "hybrid"))


@labeling_source("long_words", label="Long", order="last")
def long_words(doc: Doc) -> Iterator[tuple[int, int]]:
    """Words of eight letters that stand beside an earlier vote."""
    assert doc.spans["gazetteer"]
    return ((token.idx, token.idx + len(token)) for token in doc if len(token) == 8)


def test_a_source_that_wants_a_doc_gets_one_with_the_votes_so_far() -> None:
    nlp: Language = rule_pipeline(TERMS, "generic", sources=[long_words])
    (found,) = predict(nlp, [Document("1", "aspirin helps patients")], "rule")
    assert [(e.label, e.start) for e in found.entities or ()] == [("Chemical", 0), ("Long", 14)]


def test_a_foreign_component_is_not_passed_over() -> None:
    nlp = rule_pipeline(TERMS, "generic")
    nlp.add_pipe("sentencizer", first=True)
    assert not RuleReader.serves(nlp)
    (found,) = predict(nlp, [Document("1", "aspirin")], "rule")
    assert found.entities
