"""What the consistency check lists."""

from __future__ import annotations

import json
from dataclasses import asdict

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.corpus.check import CheckResult, check_corpora, corpus_stats


def _doc(name: str, text: str, *mentions: tuple[str, str]) -> Document:
    entities = tuple(Entity(text.index(m), text.index(m) + len(m), label) for m, label in mentions)
    return Document(name, text, entities)


def _check(*documents: Document) -> CheckResult:
    return check_corpora({"all": documents})


def _said(result: CheckResult, kind: str) -> list[str]:
    return [finding.message for finding in result.findings if finding.kind == kind]


def test_a_clean_corpus_has_no_findings() -> None:
    result = _check(_doc("a", "Aspirin helps.", ("Aspirin", "C")), Document("b", "Unread aspirin."))
    assert (result.findings, result.unlabeled, result.mentions) == ((), 1, 1)


def test_one_surface_with_several_labels() -> None:
    result = _check(_doc("a", "Lead is toxic.", ("Lead", "C")), _doc("b", "The lead!", ("lead", "D")))
    assert _said(result, "label conflict") == ["'lead' carries several labels: C 1, D 1."]


def test_other_edges() -> None:
    result = _check(
        _doc("a", "Severe migraine hurts.", ("Severe migraine", "D")),
        _doc("b", "He has severe migraine.", ("migraine", "D")),
        _doc("c", "Severe migraine with aura came.", ("Severe migraine with aura", "D")),
    )
    (finding,) = [f for f in result.findings if f.kind == "boundary disagreement"]
    assert "annotated whole 1 time, with other edges 1 time" in finding.message
    assert (finding.examples[0].doc_id, finding.examples[0].excerpt) == ("b", "He has severe [migraine].")


def test_forgotten_and_seldom_annotated_mentions() -> None:
    result = _check(
        _doc("a", "Aspirin and water.", ("Aspirin", "C"), ("water", "C")),
        _doc("b", "Aspirin in water.", ("Aspirin", "C")),
        _doc("c", "aspirin or water"),
    )
    assert _said(result, "forgotten mention") == ["'aspirin' is annotated 2 of 3 times (C 2)."]
    assert _said(result, "seldom annotated") == ["'water' is annotated 1 of 3 times (C 1)."]


def test_an_acronym_is_no_common_word() -> None:
    result = _check(_doc("a", "Relapsed ALL was seen.", ("ALL", "D")), _doc("b", "all of them saw ALL"))
    assert _said(result, "forgotten mention") == ["'all' is annotated 1 of 2 times (D 1)."]


def test_spans_that_training_would_trip_over() -> None:
    text = "Aspirin, ibuprofen helps"
    spans = ((0, 3, "A"), (0, 8, "A"), (8, 18, "B"), (9, 18, "B"), (9, 18, "B"))
    result = _check(Document("a", text, tuple(Entity(*span) for span in spans)))
    assert result.counts == {
        "misaligned": 2,
        "white space at edge": 1,
        "punctuation at edge": 1,
        "overlap": 2,
        "repeated annotation": 1,
    }
    assert "1 A annotation: an edge inside a token" in _said(result, "misaligned")[0]


def test_leaks_between_parts() -> None:
    text = " ".join(f"word{i}" for i in range(60)) + " aspirin"
    train = [_doc("1", text, ("aspirin", "C")), _doc("x", "Aspirin!", ("Aspirin", "C"))]
    dev = [
        _doc("2", text.upper(), ("ASPIRIN", "C")),
        _doc("3", f"{text} was new", ("aspirin", "D")),
        _doc("x", "Other", ("Other", "C")),
    ]
    result = check_corpora({"train": train, "dev": dev})
    assert _said(result, "duplicate document") == ["1 pair between train and dev."]
    assert _said(result, "near-duplicate document")[0].startswith("1 pair between train and dev")
    assert _said(result, "repeated id") == ["1 document id stands in both train and dev."]
    (shared,) = result.shared
    assert (shared.shared, shared.mentions, shared.by_label) == (1, 3, {"C": (1, 2), "D": (0, 1)})
    assert result.as_dict()["counts"]["repeated id"] == 1


# Sizes of a corpus.


def test_counts() -> None:
    entities = (Entity(0, 7, "C", "X:1|X:2"), Entity(12, 19, "C"), Entity(24, 39, "D"))
    documents = [
        Document("a", "Aspirin and ASPIRIN for severe migraine", entities, {"kind": "note", "pmid": 1}),
        Document("b", "None", (), {"kind": "note", "pmid": 2}),
        Document("c", "Unread text", None, {"kind": "letter", "pmid": 3}),
    ]
    stats = corpus_stats(documents)
    assert (stats.documents, stats.unlabeled, stats.without_entities, stats.mentions) == (3, 1, 1, 3)
    assert (stats.words, stats.characters, stats.median_length) == (9, 54, 11)
    assert stats.longest == ("a", 39)
    chemical = stats.labels["C"]
    assert (chemical.mentions, chemical.surfaces, chemical.documents, chemical.concepts) == (2, 1, 1, 2)
    assert chemical.top == (("aspirin", 2),)
    assert stats.labels["D"].words == 2
    assert "pmid" not in stats.meta
    assert json.loads(json.dumps(asdict(stats)))["labels"]["C"]["mentions"] == 2


def test_an_empty_iterable() -> None:
    assert corpus_stats([]).documents == 0
