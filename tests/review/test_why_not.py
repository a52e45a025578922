"""``why not``: the model's probability of a span, and the limits that the matcher really has."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from hybrid_ner.domains.registry import DomainSettings
from hybrid_ner.pipeline import FusionSettings, assemble, save
from hybrid_ner.review import Project, ReviewSession, ReviewStore, TermIndex
from hybrid_ner.review.document.explain import fuzzy_lines, model_lines
from hybrid_ner.review.rounds.model_runs import SpanScores, open_student, span_scores
from hybrid_ner.review.store.schema import model_run
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.text.tokenizer import blank
from tests.review.helpers import NOTE, FakeModels, make_project, suggest


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hybrid pipeline with an untrained student."""
    student = blank()
    ner = student.add_pipe("scored_ner", name="ner")
    for label in ("DRUG", "TEST"):
        ner.add_label(label)
    student.initialize()
    fusion = FusionSettings(min_score=0.75)
    nlp = assemble(Gazetteer.of([Term("aspirin", "DRUG")]), "generic", DomainSettings(), student, fusion)
    out = tmp_path_factory.mktemp("model")
    save(nlp, out)
    return out


def test_only_the_student_is_opened_and_once(folder: Path) -> None:
    nlp, fusion = open_student(folder)
    assert nlp.pipe_names == ["ner"]
    assert fusion["min_score"] == 0.75
    assert open_student(folder)[0] is nlp


def test_probabilities_of_a_span_and_of_one_that_cuts_a_token(folder: Path) -> None:
    start = NOTE.index("ECHO")
    whole = span_scores(folder, "r1", NOTE, start, start + 4)
    assert isinstance(whole, SpanScores)
    assert set(whole.scores) == {"DRUG", "TEST"}
    assert all(0 <= score <= 1 for score in whole.scores.values())
    assert (whole.least, whole.grown) == (0.75, "")
    part = span_scores(folder, "r1", NOTE, start, start + 2)
    assert isinstance(part, SpanScores)
    assert part.grown == "ECHO"
    assert part.scores == pytest.approx(whole.scores)


def test_text_far_away_does_not_slow_it_down_and_changes_nothing(folder: Path) -> None:
    text = "😀 word " * 30_000 + NOTE
    start = text.index("ECHO")
    found = span_scores(folder, "r1", text, start, start + 4)
    assert isinstance(found, SpanScores)


def _why_not(session: ReviewSession) -> str:
    session.open("d1")
    return "\n".join(session.handle('why not "f/u"').lines)


def test_the_model_of_an_imported_run_is_asked(store: ReviewStore, project: Project, folder: Path) -> None:
    with project.write() as connection:
        connection.execute(model_run.update().values(meta={"model": str(folder)}))
    said = _why_not(ReviewSession(store, project.name, "ana"))
    assert " < 0.75 (r1)" in said
    assert "DRUG 0." in said
    assert "TEST 0." in said


def test_the_model_of_the_registry_is_asked(store: ReviewStore, project: Project, folder: Path) -> None:
    models = FakeModels("r1")
    session = ReviewSession(store, project.name, "ana", models=models)
    assert "model     none: r1 is rules alone; `retrain` makes a model" in _why_not(session)
    models.folders["r1"] = folder
    assert " < 0.75 (r1)" in _why_not(session)


def test_what_is_missing_is_said(store: ReviewStore, project: Project, tmp_path: Path) -> None:
    session = ReviewSession(store, project.name, "ana")
    assert "model     none: the suggestions of r1 were imported without a model" in _why_not(session)
    with project.write() as connection:
        connection.execute(model_run.update().values(meta={"model": str(tmp_path / "gone")}))
    assert "model     none: the pipeline of r1 is no longer in" in _why_not(session)
    (tmp_path / "gone").mkdir()
    (tmp_path / "gone" / "config.cfg").write_text("[components]\n")
    assert "model     cannot be asked:" in _why_not(session)
    with project.write() as connection:
        connection.execute(sa.text("UPDATE document SET run_id = NULL"))
    assert "model     none: no model has read this document" in _why_not(session)


def test_model_lines_say_by_how_much() -> None:
    said = model_lines(SpanScores("r3", {"TEST": 0.02, "DRUG": 0.44}, 0.5, "ECG-like"))
    assert said == [
        "model     DRUG 0.44 < 0.50 (r3); TEST 0.02",
        "          asked for the whole tokens “ECG-like”",
    ]
    assert "≥ 0.50 (r3); likely enough" in model_lines(SpanScores("r3", {"DRUG": 0.9}, 0.5))[0]


@pytest.mark.parametrize(
    ("text", "term", "said"),
    [
        ("metropolol", "metoprolol", "0.80 < 0.90: 2 edits ("),
        ("metoprolal", "metoprolol", "1 allowed for 10 characters; refused"),
        ("furosemid", "furosemide", "0.90 ≥ 0.90: 1 edit (“e” missing), 1 allowed for 10 characters"),
        ("afic", "afib", "0.75 < 1.00: 1 edit (“c” for “b”), 0 allowed for 4 characters (one from 5 on"),
        ("congestve heart failur", "congestive heart failure", "2 edits"),
    ],
)
def test_the_fuzzy_limit_is_the_matchers(text: str, term: str, said: str) -> None:
    assert said in fuzzy_lines(text, TermIndex(Gazetteer.of([Term(term, "X")])))[0]


def test_no_term_is_near(store: ReviewStore, project: Project) -> None:
    index = TermIndex(Gazetteer.of([Term("zebra", "X")]))
    assert fuzzy_lines("afib", index) == ["best fuzzy none: no term begins like it and is about as long"]
    assert "terms     none" in _why_not(ReviewSession(store, project.name, "ana"))


def test_a_term_in_other_capitals_stands_in_the_list(store: ReviewStore) -> None:
    text = "Given ketamine."
    found = [suggest(text, "ketamine", "DRUG", "rule", method="folded", reference="Ketamine")]
    project = make_project(store, [(text, found)], name="capitals")
    session = ReviewSession(store, project.name, "ana")
    session.open("d1")
    assert session.handle("why 1").echo == "“ketamine” stands in the term list (“Ketamine”) as a drug."
