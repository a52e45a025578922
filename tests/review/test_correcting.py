"""Documents that have another text: decisions go with their words, and nothing is lost without a word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from hybrid_ner.cli import app
from hybrid_ner.corpus import Document
from hybrid_ner.errors import CorpusError
from hybrid_ner.review import Project, ReviewSession, ReviewStore
from hybrid_ner.review.rounds.model_runs import documents_without
from hybrid_ner.review.store import events
from hybrid_ner.review.store.backup import backup, check_store, restore
from hybrid_ner.review.store.events import align, fold_project, has_new_words, place_in
from hybrid_ner.review.store.gold import gold_documents, gold_hash
from hybrid_ner.review.store.lookups import find_term
from hybrid_ner.review.store.project import corrections_said
from tests.conftest import examples
from tests.review.helpers import NOTE, make_project, note_suggestions, say, suggest, surfaces, ward

CORRECTED = NOTE.replace("Pt denies ", "Pt  denies\n").replace("metropolol", "metoprolol")
"""Wrapped otherwise, and with the name of the drug spelled right."""
SAID = (
    "1 document has another text (d1): 5 of 6 decisions carried over, 1 to look at: d1 “metropolol” DRUG "
    "(ana); no longer reviewed: 1 document (d1)"
)


def _moved(before: str, after: str, words: str) -> str | None:
    start = before.index(words)
    found = place_in(align(before, after), start, start + len(words))
    return after[slice(*found)] if found else None


def test_words_are_found_where_the_texts_align() -> None:
    assert _moved(NOTE, CORRECTED, "chest pain") == "chest pain"
    assert _moved(NOTE, CORRECTED, "Pt denies chest") == "Pt  denies\nchest"
    assert _moved(NOTE, CORRECTED, "metropolol") is None
    assert _moved(NOTE, CORRECTED, "metropolol 25 mg") is None
    # One word among others is none: it may be any.
    assert _moved("a fever came", "no cough; fever 39", "fever") is None
    # A part of a word goes with it, and so does one sign.
    assert _moved("new: 25mg daily", "so, new: 25mg daily", "25") == "25"
    assert align("one", "") == align("", "one") == []


def test_long_texts_are_aligned_by_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    before = "".join(f"line {n} has words\n" for n in range(60))
    after = before.replace("line 7 has", "line 7 had").replace("line 50 ", "new line 50 ")
    whole = align(before, after)
    monkeypatch.setattr(events, "_MOST", 40)
    assert align(before, after) == whole
    assert _moved(before, after, "line 51 has") == "line 51 has"


TEXTS = st.lists(st.sampled_from(["fever", "and", "cough", ".", "\n", " ", "25", "mg", "😀"]), max_size=12)


@given(TEXTS, TEXTS)
@settings(max_examples=examples(60), deadline=None)
def test_a_block_is_the_same_in_both_texts_and_back(first: list[str], second: list[str]) -> None:
    before, after = " ".join(first), " ".join(second)
    blocks = align(before, after)
    for a, b, n, _ in blocks:
        assert before[a : a + n] == after[b : b + n] != ""
    for start in range(len(before)):
        for end in range(start + 1, min(start + 8, len(before)) + 1):
            if moved := place_in(blocks, start, end):
                assert before[start:end].split() == after[slice(*moved)].split()
                assert place_in([(b, a, n, j) for a, b, n, j in blocks], *moved) == (start, end)
    same = align(before, before)
    assert not has_new_words(same, before, 0)


def _reviewed(store: ReviewStore, project: Project) -> tuple[ReviewSession, ReviewSession]:
    """Ana has finished d1, bob decided two of its mentions."""
    ana, bob = (ReviewSession(store, project.name, name) for name in ("ana", "bob"))
    ana.open("d1")
    say(ana, "ok")
    bob.open("d1")
    say(bob, "no 1", "2 is DRUG")
    return ana, bob


def test_decisions_go_with_their_words_and_come_back_with_undo(any_store: ReviewStore) -> None:
    project = ward(any_store)
    ana, bob = _reviewed(any_store, project)
    before, gold = project.states(), gold_hash(project)
    new = [Document("d1", CORRECTED, None, {"source": "scan 2"}), Document("d2", _text(project, "d2"))]
    asked = project.corrections(new)
    assert project.states() == before
    lea = ReviewSession(any_store, project.name, "lea")
    done = lea.correct(new)
    assert done == asked
    assert corrections_said(done) == SAID
    assert surfaces(ana, "d1") == [("chest pain", "PROBLEM"), ("afib", "PROBLEM"), ("ECHO", "TEST")]
    assert (surfaces(bob, "d1", "rejected"), surfaces(bob, "d1")) == (
        [("chest pain", "PROBLEM")],
        [("afib", "DRUG")],
    )
    view = ana.view("d1")
    assert view is not None
    assert (view.text, view.done, view.flag) == (
        CORRECTED,
        False,
        "the text has changed: look at “metropolol” DRUG",
    )
    assert [row.doc_id for row in ana.queue() if row.flag] == ["d1"]
    assert (find_term(project, "metoprolol").documents, find_term(project, "metropolol").documents) == (1, 1)
    assert not any(each.problems for each in check_store(any_store))
    after = project.states()
    assert after == fold_project(project.events())
    project.rebuild()
    assert project.states() == after
    # Whoever looks at it again decides on the text as it is, and the flag goes.
    say(ana, "go d1", 'add "metoprolol" DRUG', "unflag", "next")
    (found,) = gold_documents(project)
    assert [found.text[e.start : e.end] for e in found.entities or ()][2] == "metoprolol"
    assert found.meta["source"] == "scan 2"
    say(ana, "undo", "undo", "undo")
    assert project.states() == after
    # A step from before is still that of a mention that is there, in its history too.
    assert say(ana, "who changed 1").table
    assert say(lea, "undo").level == "done"
    assert (project.states(), gold_hash(project)) == (before, gold)
    assert len(surfaces(ana, "d1")) == len(note_suggestions())
    assert not any(each.problems for each in check_store(any_store))
    assert say(lea, "redo").level == "done"
    assert project.states() == after
    assert say(ana, "undo").level == "done"
    assert not surfaces(ana, "d1")


def _text(project: Project, doc_id: str) -> str:
    view = ReviewSession(ReviewStore(project.engine), project.name, "ana").view(doc_id)
    assert view is not None
    return view.text


def test_a_document_stays_reviewed_where_nothing_is_lost_or_new(store: ReviewStore, project: Project) -> None:
    ana = ReviewSession(store, project.name, "ana")
    ana.open("d4")
    say(ana, "ok")
    first, second, third = ("metropolol,\n  and afib.", "metropolol and afib. Fever.", "metropolol and afib.")
    (told,) = project.correct([Document("d4", first)], by="lea")
    assert (told.carried, told.lost, told.reopened) == (2, (), ())
    (told,) = project.correct([Document("d4", second)], by="lea")
    assert told.reopened == ("ana",)
    assert not list(gold_documents(project))
    # The first text again: what was decided on it stands as it stood.
    (told,) = project.correct([Document("d4", third)], by="lea")
    (gold,) = gold_documents(project)
    assert [gold.text[e.start : e.end] for e in gold.entities or ()] == ["metropolol", "afib"]
    assert not project.correct([Document("d4", third)], by="lea")


def test_flags_follow_the_new_text(store: ReviewStore) -> None:
    text = "No fever was seen today. Cough."
    project = make_project(store, [(text, [suggest(text, "fever", "PROBLEM")])])
    ana = ReviewSession(store, project.name, "ana")
    ana.open("d1")
    say(ana, "ok")
    project.correct([Document("d1", "Fever: fever was seen today. Cough.")], by="lea")
    view = ana.view("d1")
    assert view is not None
    assert [(s.surface, s.status, s.flags) for s in view.spans] == [("fever", "accepted", ())]
    lea = ReviewSession(store, project.name, "lea")
    say(lea, "undo")
    view = ana.view("d1")
    assert view is not None
    assert [s.flags for s in view.spans] == [("negated",)]


def test_suggestions_are_those_of_the_text(store: ReviewStore, project: Project) -> None:
    ana = ReviewSession(store, project.name, "ana")
    project.correct([Document("d1", CORRECTED)], by="lea")
    # Nobody could read it anew: what was imported goes with its words, too.
    assert [text for text, _ in surfaces(ana, "d1", "open")] == ["chest pain", "afib", "ECHO"]
    say(ReviewSession(store, project.name, "lea"), "undo")
    assert len(surfaces(ana, "d1", "open")) == len(note_suggestions())
    project.use_model("r1")
    project.correct([Document("d1", CORRECTED + " Again.")], by="lea")
    assert documents_without(project, "r1") == ["d1"]
    project.add_suggestions("r1", [("d1", [suggest(CORRECTED, "metoprolol", "DRUG")])])
    assert [text for text, _ in surfaces(ana, "d1", "open")] == ["metoprolol"]


def test_independent_versions_and_backups_have_the_text(store: ReviewStore, tmp_path: Path) -> None:
    project = ward(store)
    ana, bob = (ReviewSession(store, project.name, name) for name in ("ana", "bob"))
    for session, lines in ((ana, ("ok",)), (bob, ("no 1", "ok"))):
        session.open("d4")
        say(session, *lines)
    before = say(ana, "agreement").table
    project.correct([Document("d4", "metropolol\nand afib.")], by="lea")
    assert say(ana, "agreement").table == before
    say(ana, "go d4", "take bob")
    assert say(bob, "agreement").table == before
    backup(store, tmp_path / "copy")
    restored = restore(tmp_path / "copy", tmp_path / "again.sqlite3")
    assert not any(each.problems for each in restored)


def test_a_withdrawn_document_is_corrected_too(store: ReviewStore, project: Project) -> None:
    project.withdraw("d1", "twice", by="lea")
    assert project.correct([Document("d1", CORRECTED)], by="lea")
    assert len(project) == 5
    project.reinstate("d1", by="lea")
    ana = ReviewSession(store, project.name, "ana")
    assert _text(project, "d1") == CORRECTED
    assert [text for text, _ in surfaces(ana, "d1", "open")] == ["chest pain", "afib", "ECHO"]
    project.withdraw("d1", "twice", by="lea")
    lea = ReviewSession(store, project.name, "lea")
    assert say(lea, "undo", "undo", "undo", "undo").level == "done"
    assert _text(project, "d1") == NOTE
    assert len(surfaces(ana, "d1", "open")) == len(note_suggestions())
    assert not any(each.problems for each in check_store(store))
    with pytest.raises(CorpusError, match="given twice, with different texts"):
        project.correct([Document("d1", "one"), Document("d1", "two")], by="lea")


def test_an_import_says_what_would_become_of_the_decisions_and_waits_for_a_word(
    tmp_path: Path, ward_file: Path
) -> None:
    path, file = tmp_path / "review.sqlite3", tmp_path / "new.jsonl"
    path.write_bytes(ward_file.read_bytes())
    rows = [{"id": "d1", "text": CORRECTED}, {"id": "d7", "text": "A new one."}]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    with ReviewStore.open(path) as store:
        _reviewed(store, store.project())
        gold = gold_hash(store.project())

    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["review", "import", str(path), str(file), "--by", "lea", *words])
        return result.exit_code, " ".join(result.output.split())

    code, said = run()
    assert code == 2
    assert "5 of 6 decisions would be carried over, 1 to look at: d1 “metropolol” DRUG (ana)" in said
    assert "--corrected takes the texts over" in said
    with ReviewStore.open(path) as store:
        assert (len(store.project()), gold_hash(store.project())) == (6, gold)
    assert "1 document added, 0 known" in run("--skip-bad")[1]
    code, said = run("--corrected")
    assert not code
    assert f"{SAID} 0 documents added, 2 known" in said
    assert "another text" not in run("--corrected")[1]
    with ReviewStore.open(path) as store:
        assert _text(store.project(), "d1") == CORRECTED


def test_a_store_of_before_is_brought_up_to_date(any_target: str) -> None:
    with ReviewStore.open(any_target) as store:
        project = ward(store)
        _reviewed(store, project)
        before = project.states()
        with store.engine.begin() as connection:
            connection.execute(sa.text("DROP INDEX ix_document_withdrawn"))
            for column in ("document.withdrawn", "document.edition", "suggestion.edition"):
                table, _, name = column.partition(".")
                connection.execute(sa.text(f"ALTER TABLE {table} DROP COLUMN {name}"))
            connection.execute(sa.text("UPDATE alembic_version SET version_num = '0007'"))
    with ReviewStore.open(any_target) as store:
        project = store.project()
        assert project.states() == before
        assert corrections_said(project.correct([Document("d1", CORRECTED)], by="lea")) == SAID
        assert not any(each.problems for each in check_store(store))
