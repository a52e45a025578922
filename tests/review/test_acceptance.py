"""The acceptance cases of the design, each a bug in another tool, each a test by name."""

from __future__ import annotations

import pytest

from hybrid_ner.corpus import Document
from hybrid_ner.review import ReviewSession, ReviewStore, Suggestion, Vote
from hybrid_ner.review.store.gold import gold_documents
from tests.review.helpers import FakeModels, make_project, operation, say, statuses, suggest, surfaces, ward


def _open(store: ReviewStore, text: str, *found: Suggestion, **more: object) -> ReviewSession:
    project = make_project(store, [(text, found)])
    return ReviewSession(store, project.name, "ana", **more)  # type: ignore[arg-type]


def test_the_same_string_twice_in_a_sentence(store: ReviewStore) -> None:
    text = "ECHO today, ECHO tomorrow."
    session = _open(store, text)
    asked = session.handle('add "ECHO" TEST')
    assert asked.level == "ask"
    assert asked.table is not None
    assert [row[0] for row in asked.table.rows] == ["#1", "#2"]
    assert session.handle("#2").level == "done"
    assert session.handle('add "ECHO" #1 TEST').level == "done"
    view = session.view()
    assert view is not None
    assert [(s.number, s.start) for s in view.spans] == [(1, 12), (2, 0)]
    assert "there is no #3" in session.handle('add "ECHO" #3 TEST').echo


def test_the_same_string_twice_clicked_twice(store: ReviewStore) -> None:
    session = _open(store, "ECHO today, ECHO tomorrow.")
    session.apply(operation(session, "add", 1, start=12, end=16, label="TEST"))
    session.apply(operation(session, "add", 2, start=0, end=4, label="TEST"))
    assert surfaces(session) == [("ECHO", "TEST"), ("ECHO", "TEST")]
    assert session.transcript()[1:] == ['add "ECHO" #2 TEST', 'add "ECHO" #1 TEST']


def test_a_command_that_is_said_once_more_shows_its_samples_again(store: ReviewStore) -> None:
    found = suggest("Aspirin and fever.", "Aspirin", "DRUG"), suggest("Aspirin, again.", "Aspirin", "DRUG")
    project = make_project(store, [("Aspirin and fever.", found[:1]), ("Aspirin, again.", found[1:])])
    session = ReviewSession(store, project.name, "ana")
    for _ in range(2):
        asked = session.handle('ok all "aspirin"')
        assert asked.level == "ask"
        assert asked.table is not None
    assert session.handle("ok, but only in this one").level == "done"


def test_adjacent_spans(store: ReviewStore) -> None:
    text = "aspirin/clopidogrel given"
    session = _open(store, text, suggest(text, "aspirin", "DRUG"), suggest(text, "clopidogrel", "DRUG"))
    say(session, "ok")
    assert surfaces(session) == [("aspirin", "DRUG"), ("clopidogrel", "DRUG")]
    say(session, 'add "given" TEST')
    assert len(surfaces(session)) == 3


def test_spans_that_touch_do_not_push_each_other_out(store: ReviewStore) -> None:
    session = _open(store, "pain/fever")
    say(session, 'add "pain" PROBLEM', 'add "/" TEST', 'add "fever" PROBLEM')
    assert [surface for surface, _ in surfaces(session)] == ["pain", "/", "fever"]


@pytest.mark.parametrize(
    ("start", "end"),
    [(8, 16), (8, 17), (7, 16), (7, 18), (9, 15)],
    ids=["comma", "both", "left", "all", "inside"],
)
def test_trailing_comma_or_space_swept_in(store: ReviewStore, start: int, end: int) -> None:
    session = _open(store, "He took aspirin,  then left.")
    session.apply(operation(session, "add", 1, start=start, end=end, label="DRUG"))
    assert surfaces(session) == [("aspirin", "DRUG")]


def test_trailing_comma_in_a_quoted_boundary(store: ReviewStore) -> None:
    text = "He took aspirin 100 mg, then left."
    session = _open(store, text, suggest(text, "aspirin", "DRUG"))
    say(session, '1 = "aspirin 100 mg, "')
    assert surfaces(session) == [("aspirin 100 mg", "DRUG")]


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\n\n  "])
def test_a_span_over_a_line_break(store: ReviewStore, break_: str) -> None:
    session = _open(store, f"Acute kidney{break_}injury noted.")
    assert session.handle('add "kidney injury" PROBLEM').level == "done"
    assert surfaces(session) == [(f"kidney{break_}injury", "PROBLEM")]
    say(session, "next")
    (gold,) = gold_documents(session.project)
    assert [gold.text[e.start : e.end] for e in gold.entities or ()] == [f"kidney{break_}injury"]
    assert "\n" not in session.handle("reopen 1").echo


@pytest.mark.parametrize(
    "text",
    [
        "🫀 afib 💊 aspirin",
        "cafe\u0301 afib nai\u0308ve aspirin",
        "𝒜𝓃𝒶 has afib and 𝟤 aspirin",
        "line\r\nafib\r\n\r\naspirin\r\n",
        "👩‍⚕️ says afib — “aspirin”",
        "\ufeffafib\u200b aspirin\u00a0",
    ],
    ids=["emoji", "combining", "astral", "crlf", "joiner", "invisible"],
)
def test_emoji_combining_astral_and_crlf(store: ReviewStore, text: str) -> None:
    session = _open(store, text, suggest(text, "afib", "PROBLEM"))
    say(session, "ok")
    at = text.index("aspirin")
    session.apply(operation(session, "add", 1, start=at, end=at + 7, label="DRUG"))
    assert surfaces(session) == [("afib", "PROBLEM"), ("aspirin", "DRUG")]
    view = session.view()
    assert view is not None
    assert view.text == text
    (gold,) = gold_documents(session.project)
    assert [gold.text[e.start : e.end] for e in gold.entities or ()] == ["afib", "aspirin"]


def test_rule_and_model_overlap_of_equal_length(store: ReviewStore) -> None:
    text = "back wall pain"
    rule = Suggestion(0, 9, "ANATOMY", 0.8, (Vote("gazetteer", "ANATOMY", 0.8),), chosen=False)
    model = Suggestion(5, 14, "PROBLEM", 0.7, (Vote("model", "PROBLEM", 0.7),), chosen=True)
    session = _open(store, text, rule, model)
    reply = session.handle("ok")
    assert surfaces(session) == [("wall pain", "PROBLEM")]
    assert "out, because they overlap: 1" in reply.echo
    assert statuses(session) == {1: "rejected", 2: "accepted"}
    assert session.handle("ok 1").level == "done"
    assert statuses(session) == {1: "accepted", 2: "rejected"}
    say(session, "undo")
    assert statuses(session) == {1: "rejected", 2: "accepted"}
    say(session, "undo")
    refused = session.handle("ok 1 2")
    assert refused.level == "error"
    assert "mentions 1 and 2 overlap" in refused.echo
    assert statuses(session) == {1: "open", 2: "open"}


def test_same_characters_two_labels_is_one_span(store: ReviewStore) -> None:
    text = "cold again"
    rule = Suggestion(0, 4, "PROBLEM", 0.8, (Vote("gazetteer", "PROBLEM", 0.8),), chosen=False)
    model = Suggestion(0, 4, "DRUG", 0.7, (Vote("model", "DRUG", 0.7),), chosen=True)
    session = _open(store, text, rule, model)
    view = session.view()
    assert view is not None
    assert [(s.label, s.mark, s.sources) for s in view.spans] == [
        ("DRUG", "rule≠model", ("model", "gazetteer"))
    ]


def test_a_document_with_no_hits(store: ReviewStore) -> None:
    session = _open(store, "Nothing of note.")
    assert session.handle("ok").echo == "d1 is reviewed, it holds nothing"
    (gold,) = gold_documents(session.project)
    assert gold.entities == ()
    assert session.left == 0
    say(session, "undo", "next")
    assert [g.entities for g in gold_documents(session.project)] == [()]


def test_an_empty_document(store: ReviewStore) -> None:
    session = _open(store, "")
    view = session.view()
    assert view is not None
    assert (view.text, view.spans, view.tokens) == ("", (), ())
    assert session.handle('add "/" TEST').level == "error"
    assert session.handle("no 1").level == "error"
    assert session.handle("next").level == "done"
    assert [g.text for g in gold_documents(session.project)] == [""]


def test_two_reviewers_deciding_at_once(any_store: ReviewStore) -> None:
    project = ward(any_store)
    ana, bob = (ReviewSession(any_store, project.name, name) for name in ("ana", "bob"))
    ana.open("d1")
    bob.open("d1")
    say(ana, "ok 1")
    say(bob, "no 1")
    say(ana, "2 drug")
    assert statuses(ana)[1] == "accepted"
    assert statuses(bob)[1] == "rejected"
    assert statuses(bob)[2] == "open"
    say(bob, "undo")
    assert statuses(ana)[1] == "accepted"
    say(ana, "ok")
    say(bob, "no 1", "ok")
    assert list(gold_documents(project)) == []
    say(ana, "adjudicate", "take ana")
    (gold,) = gold_documents(project)
    assert gold.meta["reviewers"] == ["ana"]


def test_reload_in_the_middle_of_a_bulk_step(any_target: str) -> None:
    with ReviewStore.open(any_target) as store:
        session = ReviewSession(store, ward(store).name, "ana")
        asked = session.handle('ok all "afib"')
        assert asked.level == "ask"
    with ReviewStore.open(any_target) as store:
        again = ReviewSession(store, "", "ana")
        assert again.pending == asked.pending
        assert {status for n in range(1, 7) for status in statuses(again, f"d{n}").values()} == {"open"}
        done = again.handle("yes")
        assert done.level == "done"
        assert len(done.changed) == 5
        assert again.pending is None


def test_undo_after_switching_documents(session: ReviewSession) -> None:
    say(session, "ok 1", "go 3", "ok", "go 5")
    reply = session.handle("undo")
    assert reply.doc_id == "d3"
    assert reply.moved
    assert reply.changed == ("d3",)
    reply = session.handle("undo")
    assert reply.doc_id == "d1"
    assert set(statuses(session, "d1").values()) == {"open"}
    say(session, "redo", "redo")
    assert statuses(session, "d3") == {1: "accepted"}


@pytest.mark.parametrize("label", ["A", "x", "OK", "no", "NEXT", "all", "f", "2", "is", "skip", "#1"])
def test_label_keys_colliding_with_command_keys(store: ReviewStore, label: str) -> None:
    project = store.create_project("p", ("DRUG", label))
    text = "aspirin daily"
    project.add_documents([Document("d1", text)])
    project.add_suggestions("r1", [("d1", [suggest(text, "aspirin", "DRUG")])])
    session = ReviewSession(store, "p", "ana")
    assert session.handle(f"1 is {label}").level == "done"
    assert surfaces(session) == [("aspirin", label)]
    say(session, "undo")
    session.apply(operation(session, "relabel", 1, number=1, label=label))
    assert surfaces(session) == [("aspirin", label)]


def test_retrain_while_reviewing(store: ReviewStore, session: ReviewSession) -> None:
    models = FakeModels()
    ana = ReviewSession(store, session.project.name, "ana", models=models)
    say(ana, "ok 1", "2 drug", 'add "Pt" PERSON')
    assert "running" in ana.handle("retrain").echo
    assert "running" in ana.handle("retrain").echo
    assert models.calls == ["retrain notes ana"]
    before = ana.view()
    assert before is not None
    assert before.model_id == "r1"
    text = before.text
    fresh = [
        suggest(text, "chest pain", "PROBLEM"),
        suggest(text, "afib", "PROBLEM"),
        suggest(text, "25 mg", "DRUG"),
    ]
    session.project.add_suggestions("r2", [("d1", fresh)])
    after = ana.view()
    assert after is not None
    assert after.model_id == "r2"
    kept = {s.number: (s.surface, s.label, s.status) for s in after.spans}
    assert kept[1] == ("chest pain", "PROBLEM", "accepted")
    assert kept[2] == ("afib", "DRUG", "accepted")
    assert kept[5] == ("Pt", "PERSON", "accepted")
    assert kept[6] == ("25 mg", "DRUG", "open")
    assert 3 not in kept
    assert ana.handle("no 6").level == "done"
    events = [e for e in session.project.events() if e.kind == "mentions"]
    assert events[-1].payload["changes"][0]["key"][:2] == [54, 59]


HOSTILE = [
    "<b>afib</b> <script>alert(1)</script>",
    "**afib** [x](http://e.org) ![](http://e.org/i.png)",
    "$afib$ and $$\\frac{1}{2}$$",
    'ok all "afib"\nyes 128\nno 1',
    "afib'; DROP TABLE event; --",
    "afib %s {0} {text} \\n",
    "`afib` :red[x] :smile:",
]


@pytest.mark.parametrize(
    "text", HOSTILE, ids=["html", "markdown", "math", "command", "sql", "format", "code"]
)
def test_document_text_that_looks_like_something_else(store: ReviewStore, text: str) -> None:
    session = _open(store, text, suggest(text, "afib", "PROBLEM"))
    view = session.view()
    assert view is not None
    assert view.text == text
    assert statuses(session) == {1: "open"}
    quoted = text.splitlines()[0].replace("\\", "\\\\").replace('"', '\\"')
    say(session, f'add "{quoted}" TEST', "next")
    assert [(g.text) for g in gold_documents(session.project)] == [text]
    assert session.handle('all "afib"').level == "info"
    for reply in (session.handle("why 1"), session.handle('why not "afib"'), session.handle('find "afib"')):
        assert reply.level == "info"
        assert "\n" not in reply.echo
