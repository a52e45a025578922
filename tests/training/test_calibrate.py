"""The bound on what the student may add."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from spacy.tokens import Doc, DocBin, Span, SpanGroup

from hybrid_ner.text.tokenizer import blank
from hybrid_ner.training.calibrate import NEVER, Calibrated, calibrate

NLP = blank()


class Student:
    """Reads every document as one rule span and one added span of a given probability."""

    def __init__(self, scores: list[float]) -> None:
        self.vocab, self.scores = NLP.vocab, scores

    def pipe(self, docs: Iterable[Doc]) -> Iterator[Doc]:
        for doc, score in zip(docs, self.scores, strict=True):
            spans = [Span(doc, 0, 1, "A"), Span(doc, 2, 3, "A")]
            doc.spans["model"] = SpanGroup(doc, name="model", spans=spans, attrs={"scores": [0.99, score]})
            yield doc


def held_out(path: Path, count: int) -> Path:
    docbin = DocBin()
    for _ in range(count):
        doc = NLP.make_doc("one two three")
        doc.set_ents([Span(doc, 0, 1, "A")])
        docbin.add(doc)
    docbin.to_disk(path)
    return path


def test_threshold_keeps_the_bound(tmp_path: Path) -> None:
    scores = [n / 200 for n in range(200)]
    found = calibrate(Student(scores), held_out(tmp_path / "d.spacy", 200), 0.05)  # type: ignore[arg-type]
    chosen = found.min_score
    assert sum(score >= chosen for score in scores) < 200 * 0.05


def test_too_little_text_adds_nothing(tmp_path: Path) -> None:
    found = calibrate(Student([0.1] * 5), held_out(tmp_path / "d.spacy", 5))  # type: ignore[arg-type]
    assert found == Calibrated(NEVER, 5, 5, 0, 5)


def test_student_that_is_sure_of_everything_adds_nothing(tmp_path: Path) -> None:
    path = held_out(tmp_path / "d.spacy", 200)
    found = calibrate(Student([1.0] * 200), path)  # type: ignore[arg-type]
    assert found.min_score > 1
    assert (found.rule_spans, found.would_add, found.may_add) == (200, 200, 1)


@pytest.mark.parametrize("score", [0.0, 0.3])
def test_threshold_is_never_below_one_half(tmp_path: Path, score: float) -> None:
    path = held_out(tmp_path / "d.spacy", 300)
    assert calibrate(Student([score] * 300), path, 2.0).min_score == 0.5  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("repeated", "added", "repeats"), [(197, 1, True), (197, 20, False), (150, 1, False)]
)
def test_a_student_that_repeats_the_rules_is_known(repeated: int, added: int, repeats: bool) -> None:
    assert Calibrated(0.9, 200, added, 1, repeated).repeats is repeats


def test_little_text_says_nothing_of_repeating() -> None:
    assert not Calibrated(0.9, 20, 0, 0, 20).repeats
