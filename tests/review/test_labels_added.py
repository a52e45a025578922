"""Labels that reviewers add are steps: undone, redone, rebuilt and replayed like any other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hybrid_ner import rule_pipeline
from hybrid_ner.corpus import Document, Entity, write_corpus
from hybrid_ner.errors import InputError
from hybrid_ner.review import Project, ReviewSession, ReviewStore
from hybrid_ner.review.rounds import ModelSetup
from hybrid_ner.review.rounds.decisions import import_decisions
from hybrid_ner.review.rounds.round import project_overlay
from hybrid_ner.review.store.backup import check_store
from hybrid_ner.review.store.codebook import codebook_of
from hybrid_ner.review.store.gold import gold_hash
from hybrid_ner.review.store.lookups import keep_looks, label_looks
from hybrid_ner.sources import read_matches
from hybrid_ner.terms import Gazetteer
from tests.review.helpers import LABELS, NOTE, make_project, say, suggest, surfaces, ward


def test_a_label_is_a_step_that_undo_and_redo_cover(session: ReviewSession) -> None:
    reply = say(session, "label SIGN", "yes")
    assert reply.echo == "label SIGN added"
    assert reply.step == 1
    assert session.labels == (*LABELS, "SIGN")
    assert session.handle("undo").echo.startswith("undone: step 1 (label SIGN added")
    assert session.labels == LABELS
    say(session, "redo")
    assert session.labels == (*LABELS, "SIGN")


def test_a_new_label_that_several_labels_are_called_is_offered(store: ReviewStore) -> None:
    """The documented `label Party` could only relabel what was open."""
    project = store.create_project("case", ["PETITIONER", "RESPONDENT"], domain="legal")
    text = "The Charterers appear."
    project.add_documents([Document("d1", text)])
    project.add_suggestions("r1", [("d1", [suggest(text, "Charterers", "RESPONDENT")])])
    session = ReviewSession(store, "case", "ana")
    session.open("d1")
    choices = say(session, "label Party").pending
    assert choices is not None
    assert ("A new label Party", 'label "Party"') in choices.choices
    say(session, 'label "Party"', "yes")
    assert session.labels[-1] == "Party"


def test_labels_keep_their_keys_when_an_earlier_one_is_undone_and_redone(session: ReviewSession) -> None:
    say(session, "label A1", "yes", "label A2", "yes", "undo 1")
    assert session.labels == (*LABELS, "A2")
    say(session, "undo 2", "undo")
    say(session, "redo", "redo")
    assert session.labels == (*LABELS, "A1", "A2")


@pytest.mark.parametrize(
    ("text", "first"),
    [("Nurse Okafor", "PERSON"), ("St Mary's Hospital", "PROBLEM"), ("blurred sight", "PROBLEM")],
)
def test_a_missed_text_can_get_every_label_and_the_likeliest_is_first(
    store: ReviewStore, text: str, first: str
) -> None:
    """By its looks where a label fits them, else what most here are labeled; the others stand behind."""
    said = f"afib, metropolol and afib. {text} was there."
    found = [suggest(said, "afib", "PROBLEM"), suggest(said, "metropolol", "DRUG")]
    session = ReviewSession(store, make_project(store, [(said, found)]).name, "ana")
    asked = session.handle(f"you missed {text}")
    assert asked.pending is not None
    names = [name.removeprefix("As ") for name, _ in asked.pending.choices]
    assert (names[0], names[-1]) == (first, "Leave it")
    assert set(names[:-1]) == set(LABELS)
    assert session.handle(names[3].lower()).echo.endswith(f"“{text}” {names[3]}")


@pytest.mark.parametrize("answer", ["it is a treaty", "It's a treaty.", "as a treaty", "no, call it treaty"])
def test_a_label_that_there_is_not_is_offered_and_the_text_is_kept(store: ReviewStore, answer: str) -> None:
    said = "afib. The Hague Convention was signed."
    project = make_project(store, [(said, [suggest(said, "afib", "PROBLEM")])])
    session = ReviewSession(store, project.name, "ana")
    say(session, "you missed Hague Convention")
    asked = session.handle(answer)
    assert asked.echo == "There is no label for “treaty” yet. What is “Hague Convention”?"
    done = say(session, "as a new label treaty", "yes")
    assert done.echo.endswith("“Hague Convention” TREATY")
    assert session.labels == (*LABELS, "TREATY")
    say(session, "undo")
    assert session.labels == LABELS
    assert len(surfaces(session, status="accepted")) == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("label drug", "label DRUG is there already"),
        ('label "  "', "expected the name of the label"),
        ('label "—"', "is no name of a label"),
        (f"label {'x' * 101}", "at most 100"),
        ('label "Lab   Test"', "a new label Lab Test, beside PROBLEM"),
    ],
)
def test_names_of_labels(session: ReviewSession, line: str, said: str) -> None:
    assert said in session.handle(line).echo


def test_rebuilding_and_replaying_keep_the_labels(
    store: ReviewStore, session: ReviewSession, tmp_path: Path
) -> None:
    say(session, "label GONE", "yes", "undo", "label SIGN", "yes", "4 is SIGN", "ok")
    session.project.rebuild()
    assert session.labels == (*LABELS, "SIGN")
    path = tmp_path / "session.txt"
    path.write_text("go d1\n" + "\n".join(session.transcript()) + "\n")
    again = ReviewSession(store, ward(store, name="again").name, "bob")
    again.replay(path)
    assert again.labels == session.labels
    assert gold_hash(again.project) == gold_hash(session.project)


def test_labels_of_imported_decisions_are_undone_with_them(project: Project, store: ReviewStore) -> None:
    import_decisions(project, "ana", [Document("d1", NOTE, (Entity(0, 2, "WHO"),))])
    assert project.labels == (*LABELS, "WHO")
    say(ReviewSession(store, project.name, "ana"), "undo")
    assert project.labels == LABELS


@pytest.mark.parametrize("answer", ["as a drug", "it's a drug", "drug", "no, it is a drug"])
def test_a_label_in_an_answer_is_about_the_mention_that_was_asked_about(
    session: ReviewSession, answer: str
) -> None:
    """It gave the label to what the page frames: the answer relabeled another mention."""
    asked = session.handle("you missed afib")
    assert asked.pending is not None
    assert asked.pending.choices[0][1] == "ok 2"
    assert session.handle(answer).echo.startswith("2 “afib” PROBLEM → DRUG")
    assert surfaces(session) == [("afib", "DRUG")]


@pytest.mark.parametrize(
    "answer",
    [
        "not a drug",
        "it is not the drug",
        "isn't a drug",
        "no drug",
        "never mind",
        "is it a drug?",
        "maybe a drug",
    ],
)
def test_doubt_about_the_mention_that_was_asked_about_writes_nothing(
    session: ReviewSession, answer: str
) -> None:
    session.handle("you missed afib")
    session.handle(answer)
    assert surfaces(session) == []


@pytest.mark.parametrize(
    "answer",
    [
        "as drug",
        "drug",
        "they are drugs",
        "both are drugs",
        "they are not tests, they're drugs",
        "not tests but drugs",
        "drugs, not tests",
    ],
)
def test_a_label_for_several_texts_is_given_to_each(store: ReviewStore, answer: str) -> None:
    """Words that the answer calls "they" are those of the question, and no suggestion is touched."""
    said = "afib. Took senna, zinc and kelp."
    project = make_project(store, [(said, [suggest(said, "afib", "PROBLEM")])])
    session = ReviewSession(store, project.name, "ana")
    asked = session.handle("you missed senna, zinc and kelp")
    assert asked.echo == "What are “senna”, “zinc” and “kelp”?"
    for name, line in asked.pending.choices[:-1] if asked.pending else ():
        assert line.count(name.removeprefix("As ")) == 3
    session.handle(answer)
    added = surfaces(session, status="accepted")
    assert added == [("senna", "DRUG"), ("zinc", "DRUG"), ("kelp", "DRUG")]


@pytest.mark.parametrize("answer", ["they are not tests", "not tests", "they aren't tests."])
def test_a_label_that_is_denied_is_offered_last(store: ReviewStore, answer: str) -> None:
    said = "afib. Took senna, then zinc."
    project = make_project(store, [(said, [suggest(said, "afib", "PROBLEM")])])
    session = ReviewSession(store, project.name, "ana")
    session.handle("you missed senna and zinc")
    asked = session.handle(answer)
    assert asked.echo == "What are “senna” and “zinc”?"
    assert asked.pending
    assert [name for name, _ in asked.pending.choices][-2:] == ["As TEST", "Leave it"]
    assert surfaces(session, status="rejected") == []


@pytest.mark.parametrize("answer", ["they are wrong", "It is not right.", "none of them is an entity"])
def test_texts_that_are_nothing_leave_the_suggestions(store: ReviewStore, answer: str) -> None:
    said = "afib. Took senna, then zinc."
    project = make_project(store, [(said, [suggest(said, "afib", "PROBLEM")])])
    session = ReviewSession(store, project.name, "ana")
    assert session.handle("you missed senna and zinc").level == "ask"
    assert session.handle(answer).pending is None
    assert surfaces(session, status="open") == [("afib", "PROBLEM")]
    assert surfaces(session, status="accepted") == []


def outcomes(session: ReviewSession, doc_id: str = "d1") -> list[tuple[str, str, str]]:
    view = session.view(doc_id)
    assert view is not None
    return [(span.surface, span.label, span.status) for span in view.spans]


@pytest.fixture
def two_names(any_store: ReviewStore) -> Project:
    """A thing with two labels, as lists called Prob and PROBLEM give it."""
    text = "afib, gout and rash. Took senna."
    found = [suggest(text, "gout", "Prob"), suggest(text, "rash", "Prob"), suggest(text, "afib", "PROBLEM")]
    return make_project(any_store, [(text, [*found, suggest(text, "senna", "DRUG")])] * 2)


def test_labels_are_joined_and_nothing_is_decided_by_it(two_names: Project, any_store: ReviewStore) -> None:
    ana, bob = (ReviewSession(any_store, two_names.name, name) for name in ("ana", "bob"))
    say(ana, "go d1", "ok 2", "no 3")
    say(bob, "go d1", "ok 3")
    before = [outcomes(each) for each in (ana, bob)]
    labels = ana.labels
    asked = ana.handle("join label Prob into PROBLEM")
    assert asked.echo.startswith("join the label Prob into PROBLEM: its mentions are PROBLEM, and stay ")
    assert "2 open, 2 accepted, 1 rejected (ana, bob)" in asked.echo
    assert [outcomes(each) for each in (ana, bob)] == before
    say(ana, "yes")
    after = [
        [(text, label.replace("Prob", "PROBLEM"), said) for text, label, said in each] for each in before
    ]
    assert [outcomes(each) for each in (ana, bob)] == after
    assert ana.labels == tuple(label for label in labels if label != "Prob")
    assert [each.problems for each in check_store(any_store)] == [()]
    two_names.rebuild()
    assert [outcomes(each) for each in (ana, bob)] == after
    say(ana, "undo")
    assert ([outcomes(each) for each in (ana, bob)], ana.labels) == (before, labels)
    say(ana, "redo")
    assert [outcomes(each) for each in (ana, bob)] == after


def test_what_is_suggested_after_labels_were_joined_has_the_one_that_is_left(
    two_names: Project, any_store: ReviewStore
) -> None:
    ana = ReviewSession(any_store, two_names.name, "ana")
    say(ana, "join label Prob into PROBLEM", "yes")
    text = "More gout."
    two_names.add_documents([Document("new", text)])
    two_names.add_suggestions("r2", [("new", [suggest(text, "gout", "Prob")])])
    assert outcomes(ana, "new") == [("gout", "PROBLEM", "open")]
    assert "Prob" not in ana.labels
    assert "Prob was joined into PROBLEM" in ana.handle('label "Prob"').echo
    say(ana, "undo")
    assert outcomes(ana, "new") == [("gout", "Prob", "open")]


def test_a_label_that_was_joined_is_joined_on_and_both_come_back(
    two_names: Project, any_store: ReviewStore
) -> None:
    ana = ReviewSession(any_store, two_names.name, "ana")
    before, labels = outcomes(ana), ana.labels
    say(ana, "join label Prob into PROBLEM", "yes", "join label PROBLEM into TEST", "yes")
    assert {label for _, label, _ in outcomes(ana)} == {"TEST", "DRUG"}
    say(ana, "undo 1")
    assert [label for _, label, _ in outcomes(ana)] == ["TEST", "Prob", "Prob", "DRUG"]
    say(ana, "undo")
    assert outcomes(ana) == before
    assert set(ana.labels) == set(labels)
    two_names.rebuild()
    assert outcomes(ana) == before


def test_rules_and_model_that_named_one_thing_in_two_ways_agree_once_it_is_joined(
    any_store: ReviewStore,
) -> None:
    text = "gout and rash, then senna"
    found = [
        suggest(text, "gout", "PROBLEM", rule_label="Prob"),
        suggest(text, "rash", "Prob", model_label="DRUG"),
        suggest(text, "senna", "DRUG"),
    ]
    project = make_project(any_store, [(text, found)])
    ana = ReviewSession(any_store, project.name, "ana")

    def marks() -> list[str]:
        view = ana.view("d1")
        assert view is not None
        return [each.mark for each in view.spans]

    before = marks()
    assert before == ["rule≠model", "rule≠model", "rule+model"]
    say(ana, "join label Prob into PROBLEM", "yes")
    assert marks() == ["rule+model", "rule≠model", "rule+model"]
    project.add_documents([Document("d2", text)])
    project.add_suggestions("r2", [("d2", found)])
    second = ana.view("d2")
    assert second is not None
    assert [each.mark for each in second.spans] == ["rule+model", "rule≠model", "rule+model"]
    assert [each.problems for each in check_store(any_store)] == [()]
    say(ana, "undo")
    assert marks() == before


def test_what_the_codebook_says_goes_with_a_label_that_is_joined(
    two_names: Project, any_store: ReviewStore
) -> None:
    ana = ReviewSession(any_store, two_names.name, "ana")
    say(ana, "go d1", "ok 2", 'codebook Prob means "what is wrong"', 'codebook Prob include "rashes" like 2')
    say(ana, 'codebook PROBLEM include "all"', 'codebook DRUG means "what is given"')
    before = codebook_of(two_names)
    say(ana, "join label Prob into PROBLEM", "yes")
    book = codebook_of(two_names)
    assert set(book.labels) == set(before.labels) - {"Prob"}
    assert book.definition("PROBLEM") == "what is wrong"
    assert [(rule.number, rule.text) for rule in book.rules("PROBLEM", "include")] == [
        (1, "all"),
        (3, "rashes"),
    ]
    (example,) = book.rules("PROBLEM", "include")[1].examples
    assert (example.label, example.stands) == ("PROBLEM", True)
    assert ana.handle('codebook PROBLEM 3 = "rashes too"').level == "done"
    say(ana, "undo", "undo")
    assert codebook_of(two_names).labels == before.labels
    say(ana, 'codebook PROBLEM means "another"', "join label Prob into PROBLEM", "yes")
    book = codebook_of(two_names)
    assert book.definition("PROBLEM") == "another"
    assert [rule.text for rule in book.suggested("PROBLEM")] == ["what is wrong"], "it waits to be looked at"


def test_terms_of_lists_and_of_the_review_have_the_label_that_is_left(
    tmp_path: Path, store: ReviewStore
) -> None:
    project = store.create_project("lists", ["Prob", "Problem"])
    project.add_documents([Document("d1", "A rash.")])
    for folder in ("terms", "rules"):
        (tmp_path / folder).mkdir()
    (tmp_path / "terms" / "Prob.txt").write_text("gout\n")
    (tmp_path / "rules" / "own.yaml").write_text("label: Prob\nrules:\n  - terms: [rash]\n")
    session = ReviewSession(store, "lists", "ana")
    say(session, 'term + "rash" = rash Prob list', "yes", "join label Prob into Problem", "yes")
    setup = ModelSetup.of(project, tmp_path)
    assert [term.label for term in setup.gazetteer(project_overlay(project))] == ["Problem", "Problem"]
    assert "joined" not in setup.settings
    (own,) = setup.bootstrap.sources.sources
    assert [rule.label for rule in own.rules] == ["Problem"]
    said = Document("d1", "A rash.", (Entity(2, 6, "Prob"),))
    write_corpus(tmp_path / "theirs.jsonl", [said])
    theirs = replace(setup, folder=tmp_path / "none", sources=(f"predictions:{tmp_path / 'theirs.jsonl'}",))
    found = rule_pipeline(Gazetteer(), "generic", theirs.bootstrap.sources)(said.text)
    assert [match.label for match in read_matches(found, "predictions")] == ["Problem"]
    say(session, "undo")
    assert {term.label for term in ModelSetup.of(project, tmp_path).gazetteer()} == {"Prob"}


@pytest.mark.parametrize(
    "line",
    [
        "rename Prob to PROBLEM",
        "merge Prob into PROBLEM",
        "please join the labels Prob and PROBLEM",
        "Prob is the same as Problem",
    ],
)
def test_a_sentence_joins_labels(two_names: Project, any_store: ReviewStore, line: str) -> None:
    """A label that was renamed to one that is there accepted all that was open."""
    ana = ReviewSession(any_store, two_names.name, "ana")
    assert ana.handle(line).understood == 'join label "Prob" into "PROBLEM"'
    say(ana, "yes")
    assert {(label, status) for _, label, status in outcomes(ana)} == {("PROBLEM", "open"), ("DRUG", "open")}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("join label Prob", "say into which label"),
        ("join label Prob into Prob", "are one label"),
        ("join label DRUG into PROBLEM", "DRUG is not used"),
        ("join label Nothing into PROBLEM", "no label like 'Nothing'"),
    ],
)
def test_labels_that_cannot_be_joined(
    two_names: Project, any_store: ReviewStore, line: str, said: str
) -> None:
    looks = label_looks(two_names)
    keep_looks(two_names, [replace(look, hidden=look.label == "DRUG") for look in looks])
    assert said in ReviewSession(any_store, two_names.name, "ana").handle(line).echo


def test_two_labels_cannot_have_one_name(two_names: Project) -> None:
    """Both had buttons of that name, and people could not tell which was which."""
    looks = [
        replace(look, name="problem") if look.label == "Prob" else look for look in label_looks(two_names)
    ]
    with pytest.raises(InputError, match=r"would have the same name.*\n?.*Join the two labels"):
        keep_looks(two_names, looks)
    keep_looks(two_names, [replace(look, hidden=look.label == "Prob") for look in looks])
