"""Documents that should not be in a project: out of everything, with all decisions kept, and back again."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from hybrid_ner.cli import app
from hybrid_ner.corpus import Document, Entity
from hybrid_ner.errors import InputError, StoreError
from hybrid_ner.review import Project, ReviewSession, ReviewStore
from hybrid_ner.review.rounds.decisions import import_decisions
from hybrid_ner.review.rounds.model_runs import documents_without, project_documents
from hybrid_ner.review.rounds.round import decisions
from hybrid_ner.review.store import database
from hybrid_ner.review.store.backup import check_store
from hybrid_ner.review.store.gold import gold_documents, gold_hash, gold_report
from hybrid_ner.review.store.lookups import (
    Standing,
    find_term,
    keep_looks,
    label_looks,
    standing,
    top_surfaces,
    withdrawals,
)
from hybrid_ner.review.store.ranking import count_surfaces
from hybrid_ner.review.store.reviewers import give_role
from hybrid_ner.review.store.schema import document, suggestion, surface
from tests.review.helpers import NOTE, FakeModels, note_suggestions, say, surfaces, ward


def _two(store: ReviewStore, project: Project) -> tuple[ReviewSession, ReviewSession]:
    """Ana and bob, who have both finished d4, each in their own way, and d6 alike."""
    ana, bob = (ReviewSession(store, project.name, name) for name in ("ana", "bob"))
    ana.open("d4")
    say(ana, "ok")
    bob.open("d4")
    say(bob, "no 1", "ok")
    for session in (ana, bob):
        session.open("d6")
        say(session, "ok")
    return ana, bob


def _known(project: Project) -> tuple[object, ...]:
    """Whatever is counted, listed or learned from, of a project."""
    with project.read() as connection:
        shown = connection.execute(
            sa.select(surface.c.surface_key, surface.c.suggested, surface.c.decided, surface.c.corrected)
        )
        counts = sorted(map(tuple, shown))
    report = gold_report(project)
    return (
        [(g.doc_id, g.entities, g.meta) for g in gold_documents(project)],
        (report.documents, report.spans, report.negatives, report.partial, report.conflicts),
        sorted(decisions(project, list(gold_documents(project))).items()),
        [d.doc_id for d in project_documents(project)],
        documents_without(project, "r1"),
        standing(project),
        counts,
        sorted(top_surfaces(project)),
        find_term(project, "afib").documents,
        len(project),
        project.states(),
    )


def _asked(session: ReviewSession) -> tuple[object, ...]:
    """What a reviewer is told and shown, but for the lines of the log."""
    lines = ("progress", "agreement", 'all "afib"', "confusions", "worst terms")
    told = [(reply.echo, reply.table and reply.table.rows) for reply in map(session.handle, lines)]
    queue = [(row.doc_id, row.suggestions, row.done, row.begun) for row in session.queue()]
    # But for the time of the last step.
    return json.loads(
        re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d", "", json.dumps([told, queue]))
    ), session.conflicts()


def test_a_withdrawn_document_is_in_nothing_and_comes_back_with_everything(any_store: ReviewStore) -> None:
    project = ward(any_store, reviews=2)
    ana, bob = _two(any_store, project)
    before, told = _known(project), _asked(ana)
    assert ana.conflicts() == 1
    project.withdraw(["d4", "d6"], "wrong patient", by="ana")
    assert _known(project)[3] == ["d1", "d2", "d3", "d5"]
    assert not project.states()
    assert not list(gold_documents(project))
    assert gold_report(project).sentence().endswith("; left out: 2 withdrawn (d4, d6)")
    assert standing(project) == Standing(4, 0, 0, 0)
    assert find_term(project, "metropolol").documents == 1
    assert {row.doc_id for row in ana.queue()} == {"d1", "d2", "d3", "d5"}
    assert (ana.left, bob.conflicts(), len(project)) == (4, 0, 4)
    assert "no two reviewers" in say(ana, "agreement").echo
    assert "of 4 documents: 0 mentions accepted" in say(ana, "totals").echo
    for line in ("find metropolol", 'all "arbor"', 'add all "vitae" PERSON'):
        assert "d6" not in str(say(ana, line))
        assert "d4" not in str(say(ana, line))
    found = check_store(any_store)
    assert [(each.problems, each.withdrawn) for each in found] == [((), 2)]
    assert "6 documents (2 of them withdrawn)" in found[0].sentence()
    project.reinstate(["d4", "d6"], by="ana")
    assert (_known(project), _asked(ana)) == (before, told)


def test_a_project_without_the_document_looks_the_same(any_store: ReviewStore) -> None:
    """What is counted after a withdrawal is what a project has that never had the document."""
    project = ward(any_store, name="with")
    texts = {d.doc_id: d.text for d in project_documents(project)}
    other = any_store.create_project("without", project.labels, domain="medical")
    other.add_documents(Document(doc_id, text) for doc_id, text in texts.items() if doc_id != "d1")
    with project.read() as connection:
        rows = connection.execute(
            sa.select(suggestion.c.surface_key, document.c.doc_id)
            .join(document, document.c.id == suggestion.c.document_id)
            .where(document.c.doc_id != "d1")
        ).all()
    project.withdraw("d1", by="lea")
    with project.alone() as connection:
        kept = {key: (c.left, c.decided) for key, c in count_surfaces(connection, project.id).items()}
    assert kept == {key: (sum(k == key for k, _ in rows), 0) for key, _ in rows}
    assert len(project) == len(other) == 5
    assert find_term(project, "afib").documents == find_term(other, "afib").documents


def test_every_step_can_be_undone_and_rebuilding_changes_nothing(any_store: ReviewStore) -> None:
    project = ward(any_store)
    ana, bob = _two(any_store, project)
    before = gold_hash(project)
    reply = say(ana, "go d4", "withdraw because wrong patient")
    assert reply.level == "ask"
    assert "(wrong patient): 4 decisions of ana and bob kept with it" in reply.echo
    assert not withdrawals_of(project)
    assert say(ana, "yes").echo.startswith("d4 is withdrawn (wrong patient)")
    view = ana.view()
    assert view is not None
    assert view.doc_id != "d4"
    out = project.states()
    project.rebuild()
    assert project.states() == out
    assert withdrawals_of(project) == [("d4", "wrong patient", "ana")]
    # What is undone meanwhile is undone, and seen when the document is back.
    say(bob, "go d6", "undo")
    assert say(ana, "undo").echo.endswith("→ doc 4 d4")
    assert not withdrawals_of(project)
    say(bob, "redo")
    assert gold_hash(project) == before
    assert "→ doc" in say(ana, "redo").echo
    assert withdrawals_of(project)
    assert say(ana, "reinstate d4").doc_id == "d4"
    assert gold_hash(project) == before
    assert not any(each.problems for each in check_store(any_store))


def test_many_documents_are_taken_out_and_brought_back_as_one_step(any_store: ReviewStore) -> None:
    """A whole folder was imported by mistake."""
    project = ward(any_store)
    ana, _ = _two(any_store, project)
    before, line = gold_hash(project), "withdraw docs 3-5 because imported by mistake"
    asked = say(ana, line)
    assert asked.level == "ask"
    assert asked.echo.startswith("take 3 documents, d3 to d5, out of the project (imported by mistake): ")
    assert asked.echo.count("kept with them, `reinstate docs 3-5` brings them back") == 1
    assert asked.table is not None
    assert asked.table.rows == (("d3",), ("d4",), ("d5",))
    assert say(ana, "yes").echo.startswith("3 documents are withdrawn (imported by mistake)")
    out = [(name, "imported by mistake", "ana") for name in ("d3", "d4", "d5")]
    assert withdrawals_of(project) == out
    # Those that are out already stay as they are.
    say(ana, "withdraw docs 2-4 because twice", "yes")
    assert withdrawals_of(project) == [("d2", "twice", "ana"), *out]
    say(ana, "undo")
    assert withdrawals_of(project) == out
    assert "no document from 3 to 5" in say(ana, "withdraw docs 3-5").echo
    assert say(ana, "reinstate docs 3-5").echo.startswith("3 documents are back")
    assert gold_hash(project) == before
    assert "not understood after docs" in say(ana, "withdraw docs five").echo
    say(ana, line, "yes")
    say(ana, "undo")
    assert not withdrawals_of(project)
    assert gold_hash(project) == before
    assert not any(each.problems for each in check_store(any_store))


def withdrawals_of(project: Project) -> list[tuple[str, str, str]]:
    with project.read() as connection:
        return [(w.doc_id, w.reason, w.reviewer) for w in withdrawals(connection, project.id)]


def test_nobody_stays_on_a_document_that_was_withdrawn(store: ReviewStore, project: Project) -> None:
    ana, bob = (ReviewSession(store, project.name, name) for name in ("ana", "bob"))
    ana.open("d2")
    ana.open("d4")
    bob.open("d4")
    assert say(bob, "ok all score>0.1").level == "ask"
    say(ana, "withdraw because twice", "yes")
    view = bob.view()
    assert view is not None
    assert view.doc_id != "d4"
    assert bob.pending is None
    say(ana, "go d1")
    assert say(ana, "back", "back").doc_id != "d4"
    with pytest.raises(InputError, match=r"'d4' is withdrawn \(twice\).*`reinstate d4`"):
        bob.open("d4")
    assert say(bob, "go 4").level == "error"
    assert "not withdrawn" in say(bob, "reinstate d1").echo
    assert "'d4' is withdrawn (twice)" in say(ana, 'withdraw doc "d4"').echo


def test_the_last_document_of_a_project_can_go(store: ReviewStore) -> None:
    project = store.create_project("one", ("PROBLEM",))
    project.add_documents([Document("only", NOTE)])
    ana = ReviewSession(store, "one", "ana")
    say(ana, "withdraw", "yes")
    assert (ana.view(), ana.left, len(project)) == (None, 0, 0)
    assert say(ana, "undo").doc_id == "only"


def test_a_file_that_is_imported_again_leaves_it_out(store: ReviewStore, project: Project) -> None:
    project.withdraw("d4", "consent", by="lea")
    texts = [Document("d4", "metropolol and afib.", (Entity(0, 10, "DRUG"),)), Document("new", "afib")]
    added = project.add_documents(texts)
    assert (added.added, added.known, added.withdrawn) == (1, 1, 1)
    assert added.sentence() == "1 document added, 1 known, 1 of them withdrawn and left so"
    assert [c.why for c in import_decisions(project, "ana", texts[:1]).conflicts] == ["withdrawn"]
    # A model that reads the project meanwhile says nothing of it; the document asks for it when it is back.
    project.add_suggestions("r2", [("d4", []), ("new", [])])
    project.reinstate("d4", by="lea")
    assert documents_without(project, "r2") == ["d1", "d2", "d3", "d4", "d5", "d6"]
    assert surfaces(ReviewSession(store, project.name, "ana"), "d4", "open")


def test_suggestions_come_back_with_the_labels_that_are_used(store: ReviewStore) -> None:
    project = ward(store)
    project.withdraw("d1", by="lea")
    looks = label_looks(project)
    keep_looks(project, [replace(look, hidden=look.label == "DRUG") for look in looks])
    project.reinstate("d1", by="lea")
    ana = ReviewSession(store, project.name, "ana")
    assert "DRUG" not in {label for _, label in surfaces(ana, "d1", "open")}
    project.withdraw("d1", by="lea")
    keep_looks(project, looks)
    assert not [row for row in ana.queue() if row.doc_id == "d1"]
    project.reinstate("d1", by="lea")
    assert len(surfaces(ana, "d1", "open")) == len(note_suggestions())


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("take this document out", "withdraw"),
        ("This is the wrong patient, remove the document.", 'withdraw because "This is the wrong patient"'),
        ("this is the wrong patient, take it out", 'withdraw because "this is the wrong patient"'),
        ("It's another client. Please remove it", 'withdraw because "It\'s another client"'),
        ("this is the wrong case!", 'withdraw because "this is the wrong case"'),
        ("please delete this letter, it is a duplicate of d3", 'withdraw because "a duplicate of d3"'),
        ("could you remove this report? she opted out", 'withdraw because "she opted out"'),
        ("Delete document 1.", 'withdraw doc "1"'),
        ("this note does not belong here", 'withdraw because "does not belong here"'),
    ],
)
def test_sentences_ask_before_a_document_goes(session: ReviewSession, said: str, line: str) -> None:
    reply = session.handle(said)
    assert (reply.level, reply.understood) == ("ask", line)
    assert session.handle("no").level != "error"
    assert not withdrawals_of(session.project)
    say(session, said, "yes")
    assert [row[0] for row in withdrawals_of(session.project)] == ["d1"]
    assert session.handle("bring the document back").doc_id == "d1"


def test_a_mention_that_is_taken_out_is_no_document(session: ReviewSession) -> None:
    for said in ("take it out of this note", "take 2 out", "take afib out of the document"):
        assert "withdraw" not in session.handle(said).understood
    assert not withdrawals_of(session.project)


def test_a_reviewer_who_signed_in_may_not(store: ReviewStore, project: Project) -> None:
    give_role(project, "lea", "owner", "lea")
    give_role(project, "ana", "reviewer", "lea")
    ana = ReviewSession(store, project.name, "ana", signed_in=True)
    reply = say(ana, "withdraw")
    assert reply.level == "error"
    assert "only a lead or owner" in reply.echo


def test_a_model_that_may_have_learned_from_it_is_named(store: ReviewStore, project: Project) -> None:
    models = FakeModels("r1", "r2")
    ana = ReviewSession(store, project.name, "ana", models=models)
    ana.open("d1")
    say(ana, "ok 1")
    assert say(ana, "withdraw", "yes").lines == ()
    models.now, models.folders = "r2", {"r2": Path("model")}
    said = "r2 may have learned from it: `retrain` makes a model that has not"
    assert say(ana, "undo", "withdraw", "yes").lines == (said,)


def test_the_command_line_takes_out_lists_and_brings_back(tmp_path: Path, ward_file: Path) -> None:
    store = tmp_path / "review.sqlite3"
    store.write_bytes(ward_file.read_bytes())

    def run(*words: str) -> str:
        result = CliRunner().invoke(app, ["review", *words])
        assert not result.exit_code, result.output
        return result.output

    assert "no document is withdrawn" in run("withdraw", str(store))
    said = run("withdraw", str(store), "d1", "d2", "--reason", "wrong patient", "--by", "lea")
    assert "2 documents are withdrawn (wrong patient)\nd1  wrong patient  lea" in said
    assert "left out: 2 withdrawn (d1, d2)" in run("export", str(store), str(tmp_path / "gold.jsonl"))
    assert "1 document is back: d1" in run("reinstate", str(store), "d1")
    left = json.loads(run("withdraw", str(store), "--json"))["withdrawn"]
    assert [each["doc_id"] for each in left] == ["d2"]
    result = CliRunner().invoke(app, ["review", "withdraw", str(store), "d2"])
    assert result.exit_code
    assert "withdrawn already (wrong patient)" in result.output


def test_a_store_of_before_is_brought_up_to_date_and_an_older_program_refuses(
    any_target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ReviewStore.open(any_target) as store:
        project = ward(store)
        _two(store, project)
        before = _known(project)
        with store.engine.begin() as connection:
            connection.execute(sa.text("DROP INDEX ix_document_withdrawn"))
            connection.execute(sa.text("ALTER TABLE document DROP COLUMN withdrawn"))
            connection.execute(sa.text("ALTER TABLE document DROP COLUMN edition"))
            connection.execute(sa.text("ALTER TABLE suggestion DROP COLUMN edition"))
            connection.execute(sa.text("UPDATE alembic_version SET version_num = '0007'"))
    with ReviewStore.open(any_target) as store:
        project = store.project()
        assert _known(project) == before
        project.withdraw("d4", "twice", by="lea")
        assert not any(each.problems for each in check_store(store))
        revisions = database._revisions()
        monkeypatch.setattr(database, "_revisions", lambda: revisions[1:])
        with pytest.raises(StoreError, match="a newer version of hybrid-ner has changed it"):
            project.reinstate("d4", by="lea")


_ASKS = re.compile(r"\b(?:document\.c|d)\.project_id == ")
_EVERY = {
    "store/schema.py",  # what counts and names the withdrawn ones
    "store/backup.py",  # checks the text of all
    "store/project.py",  # ids are unique among all
    "store/projection.py",  # folds all
    "store/card.py",  # what a model says of all is given
    "store/gold.py",  # tells which are left out
    "store/codebook.py",  # leaves out the examples of those
    "store/labels.py",  # of another table
    "rounds/decisions.py",  # texts that are known
    "commands/work.py",  # says that one is withdrawn
}


def test_whatever_lists_documents_leaves_out_those_that_were_withdrawn() -> None:
    """A new query of documents asks for ``of_project``, or stands in the list above with the reason."""
    root = Path(database.__file__).parent.parent
    found = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if "migrations" not in path.parts and _ASKS.search(path.read_text(encoding="utf-8"))
    }
    assert found == _EVERY
