"""Cleaning: what each step does, and where annotations go."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.corpus import Document, Entity, ProblemLog
from hybrid_ner.corpus.cleaning import DEFAULT_STEPS, STEPS, Cleaner, clean_text
from hybrid_ner.errors import CorpusError, InputError

CASES = [
    ("mojibake", "Honâ€™ble Î±-blocker, SjÃ¶gren, 5Â\u00a0mg", "Hon’ble α-blocker, Sjögren, 5\u00a0mg"),
    ("mojibake", "É’ Ça Âge garçon", "É’ Ça Âge garçon"),
    ("html", "A &amp; B &#945;&#x3b2; &nosuch; &lt5 AT&T;", "A & B αβ &nosuch; &lt5 AT&T;"),
    ("line-breaks", "a\r\nb\rc\u2028d\x0ce", "a\nb\nc\nd\ne"),
    ("control", "a\x00b\u200bc\ufeff\td\n\u202ee", "abc\td\ne"),
    ("hyphenation", "an infec-\n  tion and infections", "an infection and infections"),
    ("hyphenation", "atrial fibril ‐\nlation, 5 -\nlike", "atrial fibrillation, 5 -\nlike"),
    ("hyphenation", "Green¬\nwich, COVID-\n19", "Greenwich, COVID-\n19"),
    ("hyphenation", "HIV-\npositive, TNF-\nalpha", "HIV-positive, TNF-alpha"),
    ("hyphenation", "drug-\ninduced, as drug-induced", "drug-induced, as drug-induced"),
    (
        "hyphenation",
        "The drug was drug-\ninduced and induced again",
        "The drug was drug-induced and induced again",
    ),
    (
        "hyphenation",
        "attorney-\nin-fact of Diaz-\nVilla and A-\n4",
        "attorney-in-fact of Diaz-Villa and A-\n4",
    ),
    ("soft-hyphens", "in\u00adfection 2004\u00ad2005 -\u00ad", "infection 2004-2005 -"),
    ("spaces", "5\u00a0mg\u2009of\tx\u3000y", "5 mg of x y"),
    ("ligatures", "ﬁbrosis eﬄux", "fibrosis efflux"),
    ("composed", "Sjo\u0308gren x\u0301", "Sjögren x\u0301"),
    ("quotes", "“a” ‘b’ c’s", "\"a\" 'b' c's"),
    ("wrapped-lines", "one\ntwo, \nthree.\nFour\n\nfive", "one two, \nthree.\nFour\n\nfive"),
    ("runs", "a  b \nc\n\n\n\nd   ", "a b\nc\n\nd "),
]


@pytest.mark.parametrize(("step", "dirty", "clean"), CASES)
def test_step(step: str, dirty: str, clean: str) -> None:
    assert clean_text(dirty, [step]).text == clean


def test_every_step_has_a_case() -> None:
    assert {step for step, *_ in CASES} == set(STEPS)


def test_steps_are_taken_in_their_own_order_and_counted() -> None:
    found = clean_text("A&nbsp;B\u200b", ["spaces", "control", "html"])
    assert found.text == "A B"
    assert list(found.edits.items()) == [("html", 1), ("control", 1), ("spaces", 1)]
    with pytest.raises(InputError, match="unknown cleaning step odd"):
        clean_text("", ["odd"])


PIECES = (
    "Aspirin",
    "SjÃ¶gren",
    "in\u00adfection",
    "&alpha;-blocker",
    "5\u00a0mg",
    "\u200bx",
    "infec-\ntion",
    "ﬁn",
)
GAPS = (" ", "\r\n", "\u00a0", "  ", "\t", "\n\n\n")


@given(st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(GAPS)), min_size=1, max_size=8), st.data())
def test_annotated_words_stay_annotated(parts: list[tuple[str, str]], data: st.DataObject) -> None:
    text, spans = "", []
    for piece, gap in parts:
        spans.append((len(text), len(text) + len(piece)))
        text += piece + gap
    entities = tuple(Entity(start, end, "A") for start, end in spans)
    steps = data.draw(st.sets(st.sampled_from(sorted(STEPS))))
    document = Cleaner(tuple(steps)).document(Document("d", text, entities))
    assert len(document.entities or ()) == len(spans)
    for (piece, _), entity in zip(parts, document.entities or (), strict=True):
        surface = document.text[entity.start : entity.end]
        assert surface == clean_text(piece, tuple(steps)).text


@given(st.text(st.sampled_from("aé \u00a0\u00ad\n\r-&;lt\u200bâ€™ﬁ"), max_size=40), st.data())
def test_spans_come_back_to_where_they_were(text: str, data: st.DataObject) -> None:
    cleaned = clean_text(text, tuple(STEPS))
    start = data.draw(st.integers(0, max(0, len(text) - 1)))
    end = data.draw(st.integers(start + 1, max(start + 1, len(text))))
    new = cleaned.to_new(start, end)
    if new is not None and text:
        assert 0 <= new[0] < new[1] <= len(cleaned.text)
        back = cleaned.to_source(*new)
        assert cleaned.to_new(*back) == new


def test_an_annotation_whose_edge_is_changed_is_listed() -> None:
    document = Document("d", "x &alpha; y", (Entity(0, 4, "A"), Entity(0, 9, "B")))
    log = ProblemLog()
    cleaned = Cleaner(DEFAULT_STEPS, log).document(document)
    assert cleaned.entities == (Entity(0, 3, "B"),)
    assert "'x &a' [0, 4) of document 'd' cannot move" in log.problems[0].message
    with pytest.raises(CorpusError, match="cannot move"):
        Cleaner().document(document)


def test_an_annotation_of_nothing_but_dirt_is_listed() -> None:
    log = ProblemLog()
    cleaned = Cleaner(DEFAULT_STEPS, log).document(Document("d", "a\u200bb", (Entity(1, 2, "A"),)))
    assert (cleaned.text, cleaned.entities, len(log)) == ("ab", (), 1)


def test_clean_documents_pass_unchanged() -> None:
    cleaner = Cleaner()
    documents = [Document("a", "clean"), Document("b", "x\u00a0y", None)]
    first, second = cleaner(documents)
    assert first is documents[0]
    assert (second.text, second.entities) == ("x y", None)
    assert (cleaner.changed, dict(cleaner.edits)) == (1, {"spaces": 1})
