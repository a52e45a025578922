"""The transcripts of the design: every command of its table, with its short form, as it is answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybrid_ner.corpus import Document, read_corpus
from hybrid_ner.review import (
    COMMANDS,
    KEYS,
    FileAccess,
    Key,
    Project,
    ReviewSession,
    ReviewStore,
    offered,
    parse,
)
from hybrid_ner.review.commands.models import CHANGED
from hybrid_ner.review.document import card_lines
from hybrid_ner.review.rounds import Change, JobStatus
from hybrid_ner.review.store.gold import GOLD_FORMATS, gold_hash
from hybrid_ner.terms import Gazetteer, Term
from tests.review.helpers import FakeModels, say, statuses, surfaces, ward


def test_the_card(session: ReviewSession) -> None:
    view = session.view()
    assert view is not None
    assert card_lines(view) == [
        "doc 1/6 · d1 · order: rules and model disagree · 6 documents left · round 1",
        "Pt denies [1 chest pain]-neg, h/o [2 afib]-hist; started on [3 metropolol] 25 mg, f/u [4 ECHO].",
        "  1 PROBLEM  rule+model 0.97 neg",
        "  2 PROBLEM  rule+model abbreviation 0.41 (afib) hist",
        "  3 DRUG  rule fuzzy 0.89 (metoprolol)",
        "  4 ?  TEST  model only 0.62",
    ]


@pytest.mark.parametrize(
    ("line", "same", "after"),
    [
        ("ok", "accept", "aaaa"),
        ("ok 1 3", "a 1,3", "aoao"),
        ("ok all but 4", "accept all but 4", "aaao"),
        ("no 4", "x 4", "ooor"),
        ("no 2-4", "reject 2 3 4", "orrr"),
        ("no all", "no all but", "rrrr"),
    ],
)
def test_accept_and_reject(session: ReviewSession, line: str, same: str, after: str) -> None:
    def initials() -> str:
        return "".join(status[0] for status in statuses(session, "d1").values())

    assert session.handle(line).level == "done"
    assert initials() == after
    if same != "no all but":
        say(session, "undo", same)
        assert initials() == after


def test_ok_next_saves_and_moves(session: ReviewSession) -> None:
    reply = session.handle("ok next")
    assert reply.moved
    assert "accepted 1 “chest pain” PROBLEM" in reply.echo
    assert session.left == 5


@pytest.mark.parametrize("line", ["skip", "later"])
def test_skipped_documents_come_back_at_the_end(session: ReviewSession, line: str) -> None:
    assert session.handle(line).moved
    seen = []
    for _ in range(6):
        view = session.view()
        assert view is not None
        seen.append(view.doc_id)
        say(session, "ok next")
    assert sorted(seen) == ["d1", "d2", "d3", "d4", "d5", "d6"]
    assert seen[-1] == "d1"


def test_flag_keeps_the_note(session: ReviewSession) -> None:
    say(session, 'flag "ask cardiology"', "go 2", "queue flagged")
    view = session.view()
    assert view is not None
    assert (view.doc_id, view.flagged, view.flag, view.queue) == ("d1", True, "ask cardiology", "flagged")
    assert session.handle("unflag").echo == "removed the flag of d1"


@pytest.mark.parametrize(
    ("line", "label"), [("2 is DRUG", "DRUG"), ("2 drug", "DRUG"), ("2 drgu", "DRUG"), ("2 pers", "PERSON")]
)
def test_relabel_is_fuzzy_and_echoed(session: ReviewSession, line: str, label: str) -> None:
    reply = session.handle(line)
    assert reply.echo == f"2 “afib” PROBLEM → {label}"
    assert ("afib", label) in surfaces(session)


def test_an_unclear_label_changes_nothing(session: ReviewSession) -> None:
    refused = session.handle("2 p")
    assert refused.level == "error"
    assert "could be PROBLEM or PERSON" in refused.echo
    assert "Labels: PROBLEM, DRUG" in session.handle("2 zzz").echo
    assert set(statuses(session).values()) == {"open"}


@pytest.mark.parametrize(
    ("line", "surface"),
    [
        ('3 = "metropolol 25 mg"', "metropolol 25 mg"),
        ("3 +1", "metropolol 25"),
        ("3 +2", "metropolol 25 mg"),
        ("3 <1", "on metropolol"),
        ("3 <1 +2", "on metropolol 25 mg"),
    ],
)
def test_boundary(session: ReviewSession, line: str, surface: str) -> None:
    assert session.handle(line).level == "done"
    assert surfaces(session) == [(surface, "DRUG")]


def test_boundary_gives_up_tokens(session: ReviewSession) -> None:
    say(session, "1 -1")
    assert surfaces(session) == [("chest", "PROBLEM")]
    say(session, "undo", "1 >1")
    assert surfaces(session) == [("pain", "PROBLEM")]
    assert "cannot move so far" in session.handle("1 -4").echo
    assert "does not stand at mention 1" in session.handle('1 = "afib"').echo


def test_link_to_a_concept(store: ReviewStore, project: Project) -> None:
    terms = Gazetteer.of([Term("atrial fibrillation", "PROBLEM", "MESH:D001281", source="mesh")])
    session = ReviewSession(store, project.name, "ana", gazetteer=terms)
    session.open("d1")
    assert "MESH:D001281" in session.handle("2 -> atrial fibrillation here").echo
    assert session.handle("2 -> MESH:D000001 here").level == "done"
    say(session, "undo")
    view = session.view()
    assert view is not None
    assert view.spans[1].concept_id == "MESH:D001281"
    assert "Close terms: “atrial fibrillation”" in session.handle("2 -> atrial fibrilation").echo


def test_add_asks_which(session: ReviewSession) -> None:
    say(session, "go 3")
    asked = session.handle('add "ECHO" TEST')
    assert asked.echo == "“ECHO” occurs 2 times: type `#1` to `#2`"
    assert session.handle("2").echo.startswith("2 “ECHO” TEST")
    assert session.handle('n "ECHO" #1 TEST').echo.startswith("3 “ECHO” TEST")


def test_merge_and_split(session: ReviewSession) -> None:
    say(session, 'add "started on" PERSON', "merge 3 5")
    assert surfaces(session) == [("started on metropolol", "PERSON")]
    assert session.handle('split 5 at "on"').level == "done"
    assert surfaces(session) == [("started", "PERSON"), ("metropolol", "PERSON")]
    say(session, "undo", "undo", "undo")
    assert surfaces(session) == []


def test_why_tells_every_step(session: ReviewSession) -> None:
    say(session, 'ok all "afib"', "yes")
    reply = session.handle("w 3")
    said = "\n".join((reply.echo, *reply.lines))
    for part in (
        "characters 43-53",
        "surface   'metropolol'",
        "folded    'metropolol'",
        "gazetteer: DRUG 0.89, weight 1; fuzzy match of “metoprolol”, threshold 0.90 (1 edit allowed)",
        "drugs.tsv row 12",
        "fusion    chosen by the pipeline",
        "model run r1",
        "concept   none linked",
        "tokens    metropolol",
        "decisions none on “metropolol” yet",
    ):
        assert part in said
    assert "decisions “afib” accepted PROBLEM 5 of 5" in "\n".join(session.handle("why 2").lines)


def test_why_not_names_the_step_that_failed_and_the_edit(store: ReviewStore, project: Project) -> None:
    terms = Gazetteer.of(
        [Term("echos", "TEST", "X:1"), Term("mi", "PROBLEM", "X:2", mode="case", file="t.tsv", row=3)]
    )
    session = ReviewSession(store, project.name, "ana", gazetteer=terms)
    session.open("d3")
    said = "\n".join(session.handle('why not "ECHO"').lines)
    assert "best fuzzy `echos` 0.80 ≥ 0.80: 1 edit (“s” missing), 1 allowed for 5 characters" in said
    assert "fuzzy     off: the term lists are searched for exact terms only" in said
    assert "model     none: the suggestions of r1 were imported without a model" in said
    assert '`term + "ECHO" = NAME LABEL` would catch it here (2) and 0 times in 0 other documents' in said
    session.open("d2")
    assert "it wants the exact letters “mi”" in "\n".join(session.handle('why not "MI"').lines)
    assert session.handle('why not "zebra"').echo == "“zebra” does not occur in d2."


def test_who_changed(session: ReviewSession) -> None:
    assert session.handle("who changed 2").echo.endswith(
        "nobody changed it; rule+model suggested PROBLEM 0.41"
    )
    say(session, "2 drug", "no 2", "undo")
    table = session.handle("who changed 2").table
    assert table is not None
    assert [(row[0], row[2], row[3], row[6]) for row in table.rows] == [
        (1, "ana", "2 drug", ""),
        (2, "ana", "no 2", "undone"),
    ]


def test_all_shows_count_documents_labels_status_and_samples(session: ReviewSession) -> None:
    say(session, "ok 2")
    reply = session.handle('A "AFIB"')
    assert reply.echo == "5 mentions in 5 documents “AFIB”"
    assert reply.lines == ("PROBLEM accepted: 1", "PROBLEM open: 4")
    assert reply.table is not None
    assert reply.table.rows[1][1:4] == ("d2", "PROBLEM", "open")
    bare = session.handle('all "echo"')
    assert bare.lines[-1].startswith("not marked: 2 in 1 document")


def test_a_bulk_decision_tells_of_places_without_a_mention(session: ReviewSession) -> None:
    """“X is a test everywhere” left the other places of X, and said nothing of them."""
    done = session.handle('relabel all "echo" -> DRUG')
    assert done.echo.startswith("relabeled 1 mention in 1 document as DRUG"), done.echo
    assert done.lines == ('not marked: 2 in 1 document (`add all "echo" DRUG` labels them)',)


def test_bulk_accept_with_preview_and_undo(session: ReviewSession) -> None:
    asked = session.handle('ok all "afib"')
    assert asked.level == "ask"
    assert asked.echo.startswith("accept 5 mentions in 5 documents: type `yes`")
    done = session.handle("yes")
    assert done.echo == "accepted 5 mentions in 5 documents [b1]"
    assert session.handle("undo bulk b1").level == "done"
    assert session.handle('all "afib"').lines == ("PROBLEM open: 5",)


def test_bulk_reject_where_near(session: ReviewSession) -> None:
    asked = session.handle('no all "mi" where near "arbor"')
    assert asked.echo.startswith("reject 2 mentions in 2 documents")
    say(session, "yes")
    rejected = [d for d in ("d2", "d6") if ("mi", "PROBLEM") in surfaces(session, d, "rejected")]
    assert rejected == ["d2", "d6"]


def test_bulk_relabel(session: ReviewSession) -> None:
    say(session, 'relabel all "metropolol" -> test', "yes")
    assert ("metropolol", "TEST") in surfaces(session, "d1")
    assert ("metropolol", "TEST") in surfaces(session, "d4")


def test_bulk_by_score_label_and_except(session: ReviewSession) -> None:
    asked = session.handle("ok all score>0.89 label:problem except doc 2")
    assert asked.pending is not None
    assert asked.pending.count == 5
    say(session, "yes")
    assert set(statuses(session, "d2").values()) == {"open"}
    assert statuses(session, "d1")[1] == "accepted"


def test_bulk_where_negated(session: ReviewSession) -> None:
    asked = session.handle("no all where neg")
    assert asked.echo.startswith("reject 3 mentions in 3 documents")
    say(session, "yes")
    assert statuses(session, "d1")[1] == "rejected"
    assert ("afib", "PROBLEM") in surfaces(session, "d3", "rejected")


def test_never_rejects_all_and_blocks(session: ReviewSession) -> None:
    asked = session.handle('never "mi"')
    assert asked.pending is not None
    assert asked.pending.answer == "yes"
    assert session.handle("yes 3").level == "ask"
    say(session, "yes")
    assert ("mi", "PROBLEM") in surfaces(session, "d2", "rejected")
    say(session, "undo")
    assert statuses(session, "d2") == {1: "open", 2: "open"}


def test_never_for_one_label(session: ReviewSession) -> None:
    say(session, 'never "you" person', "yes 1")
    assert surfaces(session, "d6", "rejected") == [("you", "PERSON")]


def test_gazetteer_edits(session: ReviewSession) -> None:
    assert session.handle('term + "ECHO" = echocardiogram TEST').pending is not None
    done = session.handle("yes 2")
    assert "2 new suggestions in 1 document" in done.echo
    assert surfaces(session, "d3", "open") == [("afib", "PROBLEM"), ("ECHO", "TEST"), ("ECHO", "TEST")]
    say(session, "undo")
    assert surfaces(session, "d3", "open") == [("afib", "PROBLEM")]
    say(session, 'term + "afib" = atrial fibrillation PROBLEM', "yes 0")
    assert session.handle('variant "a-fib"').level == "ask"
    assert "the spelling “a-fib” = afib PROBLEM added" in session.handle("yes 0").echo
    assert session.handle("abbr Pt = patient PERSON here").pending is not None
    assert session.handle("yes 1").level == "done"


def test_moving(session: ReviewSession) -> None:
    assert session.handle("go 3").doc_id == "d3"
    assert session.handle("go d5").doc_id == "d5"
    assert session.handle("back").doc_id == "d3"
    assert session.handle("back").doc_id == "d1"
    assert session.handle("go 31").level == "error"
    assert session.handle('find "arbor"').doc_id == "d2"
    assert session.handle('find "arbor"').doc_id == "d6"
    within = session.handle('find "ropol"')
    assert within.echo == "no document holds “ropol” as a word of its own; it is part of metropolol"
    assert not within.moved
    assert session.handle('find "x%_"').echo == "no document holds “x%_”"
    assert session.handle("next").moved


CLAUSES = "\n".join(
    f"{n}. Clause {n}. {'Governing Law: England. ' if n in (5, 90) else ''}The Seller delivers the goods."
    for n in range(1, 120)
)


def _with_a_contract(store: ReviewStore) -> ReviewSession:
    project = store.create_project("deal", ["Party"])
    texts = {"contract": CLAUSES, "mail": "The governing law is open.", "last": "Costs."}
    project.add_documents(Document(*each) for each in texts.items())
    session = ReviewSession(store, "deal", "ana")
    session.open("contract")
    return session


def _places(session: ReviewSession, *lines: str) -> list[tuple[str, str]]:
    """The document and the line of the text that each line leads to."""
    found = []
    for line in lines:
        reply, view = session.handle(line), session.view()
        assert reply.place, reply.echo
        assert view is not None
        text = view.text
        found.append((reply.doc_id, text[text.rfind("\n", 0, reply.place[0]) + 1 :].split(".")[0]))
    return found


def test_find_goes_from_place_to_place_in_a_long_document(store: ReviewStore) -> None:
    session = _with_a_contract(store)
    find = "find governing law"
    assert _places(session, find, find) == [("contract", "5"), ("contract", "90")]
    session.handle("queue")  # what is said between does not begin the search anew
    assert _places(session, find, find, find) == [
        ("mail", "The governing law is open"),
        ("contract", "5"),
        ("contract", "90"),
    ]
    here = 'find "governing law" here'
    assert _places(session, here, here) == [("contract", "5"), ("contract", "90")]
    assert session.handle(here).echo == "2 documents hold “governing law” → doc 1 contract, place 1 of 2"
    session.open("last")
    stays = session.handle(here)
    assert (stays.moved, stays.place, stays.doc_id) == (False, None, "last")
    assert stays.echo.startswith("“governing law” does not stand here; 2 other documents hold it")
    typed = session.handle('find "governing" law')
    assert typed.echo == 'no document holds “"governing" law”', "what is quoted at the beginning was lost"


def test_places_of_a_long_document_are_found_by_sentences(store: ReviewStore) -> None:
    session = _with_a_contract(store)
    said = (
        "Scroll down to the governing law clause, please.",
        "next occurrence",
        "go to clause 77",
        "where is the clause on governing law?",
        "take me to the end of the contract",
        "back to the top",
    )
    assert [place for _, place in _places(session, *said)] == ["5", "90", "77", "5", "119", "1"]
    assert session.handle("go to document 2").doc_id == "mail"
    assert session.handle("scroll to governing law").place == (4, 17)
    assert session.handle("back to the contract").doc_id == "contract"


def test_pages_of_a_pdf_are_reached(store: ReviewStore) -> None:
    project = store.create_project("files", ["Party"])
    scan = Document("scan", "First page.\n\nSecond page.\n\nThe last one.", meta={"page_starts": [0, 13, 27]})
    project.add_documents([scan, Document("note", "Page 2 is missing.")])
    session = ReviewSession(store, "files", "ana")
    session.open("scan")
    assert session.handle("go page 2").place == (13, 19)
    assert session.handle("Please take me to page 3").place == (27, 30)
    assert "Its pages are 1 to 3" in session.handle("go page 4").echo
    assert session.handle('find "page" here').echo.endswith("place 1 of 2, page 1")
    assert session.handle('find "page" here').echo.endswith("place 2 of 2, page 2")
    session.open("note")
    assert session.handle("go page 2").echo == "No document is called “page 2”."
    assert session.handle("open scan").doc_id == "scan"


@pytest.mark.parametrize(
    "order", ["disagree", "uncertain", "fuzzy", "new-terms", "conflicts", "random 3", "flagged", "mine"]
)
def test_every_order_of_the_queue(session: ReviewSession, order: str) -> None:
    say(session, "flag x", "ok 1")
    reply = session.handle(f"queue {order}")
    assert reply.level == "info"
    assert session.order == order.split()[0]
    assert session.left == {"random 3": 3, "flagged": 1, "mine": 1}.get(order, 6)


def test_undo_redo_and_log(session: ReviewSession) -> None:
    say(session, "ok 1", "no 2", "2 drug")
    assert session.handle("undo 2").echo.startswith("undone: step 2 (rejected 2 “afib” PROBLEM)")
    assert session.handle("undo").echo.startswith("undone: step 3")
    say(session, "redo")
    assert ("afib", "DRUG") in surfaces(session)
    table = session.handle("log").table
    assert table is not None
    assert [(row[0], row[5]) for row in table.rows] == [
        (1, ""),
        (2, "undone"),
        (3, ""),
        (4, ""),
        (5, ""),
        (6, ""),
    ]
    assert "is undone already" in session.handle("undo 2").echo
    assert "there is no step 77" in session.handle("undo 77").echo


def test_models(store: ReviewStore, project: Project) -> None:
    models = FakeModels("r1", "r2", "r4", "r9")
    session = ReviewSession(store, project.name, "ana", models=models)
    assert session.handle("score").table is not None
    assert session.handle("diff r1 r2").table is not None
    assert "there is no model 'r7'" in session.handle("promote r7").echo
    asked = session.handle("promote r4")
    assert asked.echo == "r4 passes the gate: hybrid F1 80.0 → 81.0: type `r4`"
    assert asked.lines == ("worse: DRUG 70 → 69",)
    assert session.handle("yes").level == "ask"
    assert session.handle("r4").echo == "r4 is now in use"
    assert "does NOT pass" in session.handle("promote r9").echo
    say(session, "rollback r2", "yes r2")
    assert models.now == "r2"
    say(session, "undo")
    assert models.now == "r4"
    say(session, "undo")
    assert models.now == ""
    say(session, "redo")
    assert models.now == "r4"
    assert session.handle("cancel training").echo == "nothing to stop: no update and no training is running"
    say(session, "retrain")
    assert session.handle("cancel training").echo == "the training was stopped"


def test_an_update_says_what_it_changed(store: ReviewStore, project: Project) -> None:
    models = FakeModels("r1", "r2")
    session = ReviewSession(store, project.name, "ana", models=models)
    assert session.handle("learn from these decisions").understood == "update"
    assert models.calls == ["update notes ana"]
    assert session.handle("status").echo == "the update is running: 10 %"
    assert session.handle("status").lines == ()
    changed, forecast = "41 suggestions new, 17 gone in 12 documents", models.learned()[0]
    done = JobStatus("done", "r2 is ready after 3 s", "r2", "ana", fast=True, lines=(changed, forecast))
    models.job = done
    assert session.handle("status").lines == (
        f"{changed}; see them with `changes r2`",
        forecast.replace("forecast", "more documents"),
        "`promote r2` puts it into use, `undo` brings the old suggestions back",
    )
    assert session.handle("score r2").lines == (forecast.replace("forecast", "more documents"),)
    assert "mentions are open here" in session.handle("how far is it?").echo
    assert "The update is done: r2 is ready after 3 s (`status` says more" in session.handle("left").echo


def test_changes_names_what_is_new_and_gone(store: ReviewStore, project: Project) -> None:
    models = FakeModels("r1", "r2")
    session = ReviewSession(store, project.name, "ana", models=models)
    assert session.handle("changes").echo == "r2 with nothing before it: no suggestion is new or gone"
    models.now = "r1"
    twice = ((3, 9, "TEST"), (3, 9, "TEST"))
    models.changed = (Change("d1", (*twice, (10, 20, "PROBLEM")), ((3, 9, "DRUG"),)),)
    said = session.handle("changes r2")
    assert said.echo == "r2 beside r1: 3 suggestions new, 1 gone in 1 document"
    assert said.table is not None
    assert said.table.rows == ((1, "d1", "“denies” TEST (2), “chest pain” PROBLEM", "“denies” DRUG"),)
    assert said.table.title == "`go 1` opens the first"
    assert "there is no model 'r7'" in session.handle("changes r7").echo
    models.changed = tuple(Change("d1", (), ((0, 2, "TEST"),)) for _ in range(CHANGED + 1))
    said = session.handle("changes")
    assert said.table is not None
    assert said.table.title.startswith(f"the first {CHANGED} of {CHANGED + 1} documents")


def test_undoing_a_promotion_leaves_the_later_one_of_somebody_else(
    store: ReviewStore, project: Project
) -> None:
    models = FakeModels("r1", "r2", "r3")
    ana, bob = (ReviewSession(store, project.name, name, models=models) for name in ("ana", "bob"))
    say(ana, "promote r1", "r1")
    say(bob, "promote r2", "r2")
    say(ana, "undo")
    assert models.now == "r2"
    say(bob, "undo")
    assert models.now == ""
    say(ana, "redo")
    assert models.now == "r1"


def test_models_are_optional(session: ReviewSession) -> None:
    for line in ("score", "retrain", "update", "changes", "promote r4"):
        assert session.handle(line).echo.startswith("this session has no models.")


def test_confusions_and_worst_terms(session: ReviewSession) -> None:
    say(session, "2 drug", "no 3", "ok 1")
    table = session.handle("confusions").table
    assert table is not None
    assert set(table.rows) == {("PROBLEM", "PROBLEM", 1), ("PROBLEM", "DRUG", 1), ("DRUG", "(none)", 1)}
    worst = session.handle("worst terms").table
    assert worst is not None
    assert set(worst.rows) == {("afib", "PROBLEM", 1, 1), ("metropolol", "DRUG", 1, 1)}


def test_team(store: ReviewStore, project: Project) -> None:
    ana, bob = (ReviewSession(store, project.name, name) for name in ("ana", "bob"))
    ana.open("d1")
    bob.open("d1")
    say(ana, "ok")
    say(bob, "2 drug", "no 4", "ok")
    assert bob.handle("compare with ana").table is not None
    assert "Did you mean ana?" in bob.handle("compare with anna").echo
    reply = ana.handle("agreement")
    assert reply.table is not None
    assert reply.table.rows[0][:3] == ("ana", "bob", 1)
    assert reply.table.rows[0][3] == pytest.approx(4 / 7, abs=1e-4)
    assert reply.table.rows[0][5:] == (2, 2, 1)
    assert ana.handle("adjudicate").table is not None
    assert ana.handle("take bob").echo == "d1: bob's version counts, 3 mentions"
    assert surfaces(ana, "d1") == surfaces(bob, "d1")
    assert ana.handle("adjudicate").echo.startswith("no conflict")


@pytest.mark.parametrize("format", GOLD_FORMATS)
def test_export(session: ReviewSession, tmp_path: Path, format: str) -> None:
    assert session.handle(f"export {format}").echo.startswith("there is no gold yet")
    say(session, "no 4", "ok")
    reply = session.handle(f"export {format} gold_{format}")
    assert reply.echo.startswith("what is reviewed: 1 document, 3 mentions, 1 rejected mention → "), (
        reply.echo
    )
    named = None if format in {"brat"} else format
    (document,) = read_corpus(tmp_path / f"gold_{format}", named)
    kept = [(document.text[e.start : e.end], e.label) for e in document.entities or ()]
    assert kept == [("chest pain", "PROBLEM"), ("afib", "PROBLEM"), ("metropolol", "DRUG")]
    assert "unknown export format" in session.handle("export word").echo


def test_replay_gives_the_same_gold(store: ReviewStore, session: ReviewSession, tmp_path: Path) -> None:
    lines = [
        "ok 1",
        "2 drug",
        'ok all "afib"',
        "yes",
        "go 3",
        'add "ECHO" TEST',
        "#2",
        "next",
        "ok",
        "undo",
        "ok next",
    ]
    say(session, *lines)
    path = tmp_path / "session.txt"
    path.write_text("# what ana did\n\ngo d1\n" + "\n".join(session.transcript()) + "\n")
    again = ReviewSession(store, ward(store, name="again").name, "bob", files=FileAccess(tmp_path))
    assert again.handle("replay session.txt").level == "done"
    assert gold_hash(again.project) == gold_hash(session.project)
    path.write_text("go 1\nbroken line\n")
    assert "session.txt, row 2: 'broken line'" in again.handle("replay session.txt").echo
    assert "cannot be read" in again.handle("replay none.txt").echo


@pytest.mark.parametrize("line", ["?", "h", "help"])
def test_help_begins_with_what_can_be_said_and_has_the_grammar(session: ReviewSession, line: str) -> None:
    assert session.handle(line).lines == session.handle("? say").lines
    reply = session.handle(f"{line} all")
    # Another package's command, which a test before this one may have brought, has a line as well.
    assert len(reply.lines) == len(offered())
    assert len(offered(added=False)) == len(COMMANDS)
    assert any("[A]" in said for said in session.handle("? bulk").lines)
    assert "Topics: " in session.handle("? cooking").echo


def test_help_shows_only_lines_that_parse() -> None:
    parsed = [parse(line) for spec in COMMANDS for line in spec.usage]
    assert len(parsed) >= len(COMMANDS)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.key)
def test_keys_are_commands(key: Key) -> None:
    typed = '"afib" DRUG' if key.key == "n" else '"afib"'
    parse(
        key.command.replace("{n}", "2")
        .replace("{open}", "1-3 5")
        .replace("{label}", "DRUG")
        .replace("{text}", typed)
    )
    assert [other.key for other in KEYS].count(key.key) == 1


def test_a_session_beside_another_reviewer_replays_to_the_same_decisions(
    store: ReviewStore, project: Project
) -> None:
    ana, bob = (ReviewSession(store, project.name, name) for name in ("ana", "bob"))
    for line in ("ok 1", "next", "no 1", "skip", 'ok all "afib"', "yes", "next", "ok next"):
        say(bob, "no all", "next")
        say(ana, line)
    ana.open("d5")
    say(ana, "next", "go 6", "no 1")
    again = ward(store, name="again")
    alone = ReviewSession(store, again.name, "ana")
    for line in ana.transcript():
        assert alone.handle(line).level != "error", line
    assert [surfaces(alone, f"d{n}") for n in range(1, 7)] == [surfaces(ana, f"d{n}") for n in range(1, 7)]
    assert [row.done for row in sorted(alone.queue(), key=lambda row: row.doc_id)] == [
        row.done for row in sorted(ana.queue(), key=lambda row: row.doc_id)
    ]


@pytest.mark.parametrize("doc_id", ["7", "doc 7", 'a "b" \\ c', "go 1", "x; y", "ä 😀"])
def test_session_files_name_any_document(store: ReviewStore, doc_id: str) -> None:
    for name in ("first", "second"):
        project = store.create_project(name, ("X",))
        project.add_documents([Document("one", "pain"), Document(doc_id, "pain"), Document("two", "pain")])
    first, second = (ReviewSession(store, name, "ana") for name in ("first", "second"))
    first.open(doc_id)
    say(first, 'add "pain" X')
    for line in first.transcript():
        assert second.handle(line).level != "error", line
    assert surfaces(second, doc_id) == [("pain", "X")]
