"""Documents in a notebook."""

from __future__ import annotations

import re

from hybrid_ner import Document, Entity, show
from hybrid_ner.pipeline import rule_pipeline
from hybrid_ner.terms import Gazetteer, Term

TERMS = Gazetteer.of([Term("heart failure", "Problem"), Term("Zestril", "Dr<u>g")])


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_document_shows_text_and_labels_and_no_markup_of_its_own() -> None:
    doc = Document("<b>1</b>", "Zestril & <script>x</script>", (Entity(0, 7, "Dr<u>g"),))
    html = doc._repr_html_()
    assert "<script>x" not in html
    assert "<u>" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;x" in html
    assert "Dr&lt;u&gt;g" in html


def test_overlapping_entities_are_counted() -> None:
    doc = Document("1", "heart failure", (Entity(0, 13, "A"), Entity(0, 5, "B"), Entity(6, 13, "C")))
    html = doc._repr_html_()
    assert _text(html).count("failure") == 1
    assert "2 entities not drawn" in html or "1 entity not drawn" in html


def test_document_without_entities_and_long_ones_are_drawn() -> None:
    assert "nothing" in Document("1", "nothing")._repr_html_()
    assert "5,000 more characters" in Document("1", "x" * 25_000)._repr_html_()


def test_doc_shows_entities_and_tiers_with_near_matches() -> None:
    doc = rule_pipeline(TERMS, fuzzy="suggest")("Heart failure; Zestrl. <i>")
    shown = show(doc, "gazetteer")
    assert repr(shown).startswith("<document of ")
    assert "rules 1" in repr(shown)
    html = shown._repr_html_()
    assert "rules: Problem" in _text(html)
    assert "gazetteer: Problem" in _text(html)
    assert "near match: Dr&lt;u&gt;g" in html
    assert "<i>" not in html


def test_doc_without_tiers_is_its_text() -> None:
    assert "Nothing" in show(rule_pipeline(TERMS)("Nothing here."))._repr_html_()


def test_many_tokens_are_not_all_drawn() -> None:
    doc = rule_pipeline(TERMS)("heart failure " * 1_500)
    assert "tiers of the other 1,000 tokens are not drawn" in show(doc)._repr_html_()
