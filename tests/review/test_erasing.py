"""Documents whose text is erased: no byte of it is left, and everything else is as it was."""

from __future__ import annotations

import json
import resource
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from hybrid_ner.cli import app
from hybrid_ner.corpus import Document, Entity, Opinion, write_corpus
from hybrid_ner.errors import CorpusError, InputError, StoreError
from hybrid_ner.review import Project, ReviewSession, ReviewStore
from hybrid_ner.review.rounds import NOTICES, ModelSetup
from hybrid_ner.review.rounds.decisions import erase_documents, import_decisions, keep_named
from hybrid_ner.review.rounds.model_runs import registry_of
from hybrid_ner.review.store import database
from hybrid_ner.review.store.backup import backup, check_store, restore
from hybrid_ner.review.store.card import CLAIM_SECONDS
from hybrid_ner.review.store.codebook import codebook_of
from hybrid_ner.review.store.events import fold_project
from hybrid_ner.review.store.gold import gold_documents, gold_report
from hybrid_ner.review.store.lookups import find_term, standing
from hybrid_ner.review.store.overlay import load_overlay
from hybrid_ner.review.store.postings import GONE
from hybrid_ner.review.store.reviewers import give_role
from hybrid_ner.review.store.schema import document, metadata
from hybrid_ner.training.jobs import Job
from hybrid_ner.training.registry import write_json
from tests.conftest import examples
from tests.review.helpers import NOTE, say, suggest, surfaces, ward
from tests.review.test_properties import TURNS, Turn, copied, filled, run

__all__ = ["filled"]  # the store that the sequences begin with

FIRST = "Magdalena Okonkwo, denies chest pain. Asked twice if the dog may come along too."
LETTER = FIRST.replace("denies", "seen by Dr Fröhlich, again denies") + " Afib."
SECRETS = ("Magdalena", "Okonkwo", "Fröhlich", "twice if the dog may come along", "998877", "lives with her")
"""Names, a part of a sentence, a number of the meta data, and what a reviewer wrote of the document."""


def _forms(secret: str) -> set[bytes]:
    """A text as files hold it: as it is, folded, and as JSON escapes it."""
    plain = {secret.lower(), secret.lower().replace("ö", "o"), json.dumps(secret)[1:-1].lower()}
    return {each.encode() for each in plain}


def _found(content: bytes) -> list[str]:
    held = content.lower()
    return [secret for secret in SECRETS if any(form in held for form in _forms(secret))]


def _left(folder: Path) -> dict[str, list[str]]:
    """What every file below a folder still holds."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): found for path in files if (found := _found(path.read_bytes()))}


def _dump(store: ReviewStore) -> bytes:
    """Every row of every table, and on a server its statistics of them."""
    rows: list[Any] = []
    with store.read() as connection:
        for table in metadata.sorted_tables:
            rows += map(tuple, connection.execute(sa.select(table)))
        if connection.dialect.name == "postgresql":
            rows += map(
                tuple, connection.exec_driver_sql("SELECT * FROM pg_stats WHERE schemaname = 'public'")
            )
    return "\n".join(map(repr, rows)).encode()


def _reviewed(store: ReviewStore) -> tuple[Project, ReviewSession]:
    """Six notes, and a letter of which a lot was decided and said, in it and elsewhere."""
    project = ward(store)
    project.add_documents([Document("p1", FIRST, None, {"number": "MRN 998877"})], by="lea")
    project.add_suggestions("r1", [("p1", [suggest(FIRST, "chest pain", "PROBLEM")])])
    project.correct([Document("p1", LETTER, None, {"by": "Dr Fröhlich"})], by="lea")
    ana, bob = (ReviewSession(store, project.name, name) for name in ("ana", "bob"))
    ana.open("p1")
    say(ana, 'add "Magdalena Okonkwo" PERSON', 'codebook PERSON include "as Magdalena is one" like 2')
    say(ana, "flag lives with her mother", "ok", "undo", "redo", "no 1", "undo")
    say(ana, 'never "Fröhlich"', "yes", "go d2", 'flag "like Okonkwo"', "find Okonkwo", "go d3")
    say(ana, 'term + "Magdalena" = Okonkwo PERSON', "yes", "undo", "go d3")
    ana.handle('all "Magdalena Okonkwo"', client_id="tab", sequence=1)
    bob.open("p1")
    say(bob, "no 1", 'ok all "afib"', "yes", "go d5", 'add all "Okonkwo" PERSON')
    return project, ana


def _others(project: Project) -> object:
    """What is decided in all documents but the letter."""
    gold = [d for d in gold_documents(project) if d.doc_id != "p1"]
    with project.read() as connection:
        number = connection.scalar(sa.select(document.c.id).where(document.c.position == 7))
    states = {key: (s.mentions, s.done, s.adjudicated) for key, s in project.states().items()}
    return gold, {key: found for key, found in states.items() if key[1] != number and found[0]}


def test_no_table_holds_a_word_of_it_and_the_rest_is_as_it_was(any_store: ReviewStore) -> None:
    project, ana = _reviewed(any_store)
    assert sorted(_found(_dump(any_store))) == sorted(SECRETS)
    before, asked = _others(project), project.erase("p1", "consent withdrawn", by="lea", ask=True)
    assert _others(project) == before
    assert len(project) == 7
    done = project.erase("p1", "consent withdrawn", by="lea")
    assert _found(_dump(any_store)) == []
    assert _others(project) == before
    for each in (asked, done):
        assert each.documents[0].lost == {"characters": 113, "suggestions": 2, "decisions": 3, "events": 8}
        assert "Fröhlich" in each.terms
        assert each.lines > 10
    assert len(project) == 6
    assert [(e.doc_id, e.reason, e.reviewer) for e in project.erasures()] == [
        ("p1", "consent withdrawn", "lea")
    ]
    checked = check_store(any_store)[0]
    assert (checked.problems, checked.withdrawn, checked.erased) == ((), 0, 1)
    assert "7 documents (1 of them erased)" in checked.sentence()
    assert "erased" not in gold_report(project).sentence()
    assert find_term(project, "chest pain").documents == 1
    view = ana.view("d2")
    assert view is not None
    assert view.flag == f"like {GONE}"
    rule = codebook_of(project).rules("PERSON")[0]
    assert (rule.text, rule.examples) == (f"as {GONE} is one", ())
    states = project.states()
    project.rebuild()
    assert project.states() == states == fold_project(project.events())


def _workspace(store: ReviewStore, project: Project, folder: Path) -> ModelSetup:
    """The folder of a project in which models, sources, gold, the learner and a training keep the letter."""
    setup = ModelSetup(folder / "projects" / "notes", "generic", shipped=False)
    registry = registry_of(project, setup)
    for name in ("rules", "trained"):
        with registry.stage() as staged:
            rows = [{"id": d, "entities": [], "of": LETTER} for d in ("d1", "p1")]
            (staged / "suggestions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
            with project.read() as connection:
                write_json(staged / "overlay.json", load_overlay(connection, project.id).rows())
            if name == "trained":
                (staged / "model").mkdir()
                (staged / "model" / "config.cfg").touch()
            lines = ["0-9 PERSON “Magdalena”", "3-7 DRUG “afib”"]
            registry.add(staged, {"counts": {"misfit": lines}})
    given = [Opinion(Document("x", text, (Entity(0, 9, "PERSON"),)), "eve") for text in (LETTER, NOTE)]
    keep_named(setup.folder, given, "eve")
    write_corpus(setup.gold_path, [Document("p1", FIRST, ()), Document("g1", NOTE, ())])
    (setup.folder / "learner").mkdir()
    (setup.folder / "learner" / "votes.sqlite3").write_text(LETTER)
    write_json(setup.folder / NOTICES, ["a.txt: no text", "okonkwo.txt: no text"])
    setup.job.mkdir()
    for name in ("request.json", "worker.log"):
        (setup.job / name).write_text(json.dumps({"said": LETTER}))
    return setup


def test_no_file_of_the_workspace_holds_a_byte_of_it(store: ReviewStore, tmp_path: Path) -> None:
    project, ana = _reviewed(store)
    setup = _workspace(store, project, tmp_path)
    place = Path("projects/notes")
    held = {
        *map(str, (place / "gold.jsonl", place / "learner/votes.sqlite3", place / "predictions/eve.jsonl"))
    }
    assert held < _left(tmp_path).keys()
    asked = erase_documents(project, setup, ["p1"], "consent", by="lea", ask=True)
    assert held < _left(tmp_path).keys()
    done = erase_documents(project, setup, ["p1"], "consent", by="lea")
    # The store stays open: its write-ahead log is looked at too.
    assert (tmp_path / "review.sqlite3-wal").is_file()
    assert _left(tmp_path) == {}
    assert asked.files == done.files
    assert len(done.files) == 7
    assert project.erasures()[0].models == ("r1",)
    assert any("models that may have learned from it: r1." in line for line in done.left)
    kept = json.loads((registry_of(project, setup).get("r1").folder / "meta.json").read_text())
    assert kept["counts"]["misfit"] == ["3-7 DRUG “afib”"]
    assert registry_of(project, setup).get("r0").suggestions.read_text().count("\n") == 1
    # Once more does no harm, says what the log says, and comes to a copy that is whole.
    again = erase_documents(project, setup, ["p1"], "consent", by="bob")
    assert again.sentences()[0].startswith("p1 was erased on ")
    assert again.files == ()
    backup(store, tmp_path / "copy")
    assert restore(tmp_path / "copy", tmp_path / "second.sqlite3")[0].erased == 1
    say(ana, "go d1", "ok")
    with ReviewStore.open(tmp_path / "review.sqlite3", create=False) as other:
        assert not any(each.problems for each in check_store(other))


def test_undo_and_redo_step_over_what_is_erased(store: ReviewStore) -> None:
    project, ana = _reviewed(store)
    say(ana, "go d1", "ok", "go p1", "no 1", "undo", "go d1")
    kept = surfaces(ana, "d1")
    project.erase("p1", "consent", by="ana")
    number = ana.log()[-1].number
    assert "cannot be undone" in say(ana, f"undo {number}").echo
    assert "“metropolol” DRUG" in say(ana, "undo").echo  # of d1
    assert surfaces(ana, "d1") != kept
    assert say(ana, "redo").level == "done"
    assert surfaces(ana, "d1") == kept
    for line in ("undo", "redo"):
        while (reply := say(ana, line)).level == "done":
            assert f"({GONE})" not in reply.echo
    assert not any(each.problems for each in check_store(store))
    for line in ("go p1", "reinstate p1", "withdraw doc p1"):
        reply = say(ana, line)
        assert reply.level == "error", line
    with pytest.raises(InputError, match=r"the text of document 'p1' is erased \(consent\)"):
        ana.open("p1")
    assert "p1" not in str(say(ana, "withdrawn"))


def test_a_later_import_is_told_and_needs_a_word(any_store: ReviewStore, tmp_path: Path) -> None:
    project, _ = _reviewed(any_store)
    project.erase("p1", "consent withdrawn", by="lea")
    for each, told in (
        (Document("p1", FIRST), r"'p1' was erased on .* by lea \(consent withdrawn\).*--again"),
        (Document("p1", "another letter"), "'p1' was erased on"),
        (Document("letter_9", LETTER), "'letter_9' has the text of one that was erased on"),
    ):
        with pytest.raises(CorpusError, match=told):
            project.add_documents([each])
        assert project.corrections([each]) == []
    with pytest.raises(CorpusError, match="is not in the project"):
        import_decisions(project, "ana", [Document("p1", FIRST, ())])
    assert project.add_documents([Document("p1", FIRST)], again=True).added == 1
    assert [d.doc_id for d in gold_documents(project)].count("p1") == 0
    assert import_decisions(project, "ana", [Document("p1", FIRST, (Entity(0, 9, "PERSON"),))]).taken == 1
    assert (len(project), project.add_documents([Document("p1", FIRST)]).known) == (7, 1)
    project.erase("p1", "again", by="lea")
    assert _found(_dump(any_store)) == []
    assert [each.reason for each in project.erasures()] == ["consent withdrawn", "again"]
    project.add_documents([Document("p1", FIRST)], again=True)
    assert (len(project), any(each.problems for each in check_store(any_store))) == (7, False)


def test_an_id_that_names_somebody_can_go_too(store: ReviewStore) -> None:
    project = ward(store)
    project.add_documents([Document("okonkwo_m", "Magdalena again. afib")], by="lea")
    ana = ReviewSession(store, project.name, "ana")
    say(ana, "go okonkwo_m", "ok", "go d1", "flag twin of okonkwo_m")
    project.withdraw("okonkwo_m", "wrong patient", by="ana")
    project.erase("okonkwo_m", "consent", by="lea", hide_id=True)
    assert _found(_dump(store)) == []
    assert project.erasures()[0].doc_id == ""
    with pytest.raises(CorpusError, match="'okonkwo_m' was erased"):
        project.add_documents([Document("okonkwo_m", "Magdalena again. afib")])
    assert project.erase("okonkwo_m", by="lea").documents[0].doc_id == "okonkwo_m"


def test_terms_that_are_general_can_stay(store: ReviewStore) -> None:
    project, _ = _reviewed(store)
    done = project.erase("p1", "consent", by="lea", keep_terms=True)
    assert done.terms == ("as Magdalena is one", "Fröhlich", "Magdalena")
    with project.read() as connection:
        assert [e.text for e in load_overlay(connection, project.id).entries] == ["Fröhlich"]
    assert codebook_of(project).rules("PERSON")[0].text == "as Magdalena is one"


def test_nothing_is_erased_while_somebody_has_it_open_or_it_is_learned_from(
    store: ReviewStore, project: Project, tmp_path: Path
) -> None:
    ana = ReviewSession(store, project.name, "ana")
    ana.open("d4")
    with pytest.raises(InputError, match=r"ana has document 'd4' open.*wait until"):
        project.erase("d4", "consent", by="lea")
    with project.alone() as connection:
        old = document.c.claimed_at - CLAIM_SECONDS - 1
        connection.execute(document.update().values(claimed_at=old))
    setup = ModelSetup(tmp_path / "project")
    job = Job(setup.job)
    job.folder.mkdir(parents=True)
    with job.held_off(), pytest.raises(InputError, match="a training runs"):
        erase_documents(project, setup, ["d4"], "consent", by="lea")
    assert not project.erasures()
    erase_documents(project, setup, ["d4"], "consent", by="lea")
    view = ana.view()
    assert view is not None
    assert view.doc_id != "d4"
    assert standing(project).documents == 5
    with pytest.raises(InputError, match="there is no document 'd9'"):
        project.erase(["d1", "d9"], "consent", by="lea")


def test_copies_of_the_text_are_named(store: ReviewStore, project: Project, tmp_path: Path) -> None:
    other = store.create_project("second")
    other.add_documents([Document("n1", NOTE)])
    project.add_documents([Document("twin", NOTE)])
    done = erase_documents(project, ModelSetup(tmp_path / "none"), ["d1"], "consent", by="lea")
    assert "other documents of this store that have the same text: second: n1; notes: twin" in done.left
    assert done.store.terms == ()  # the words are those of the twin


def test_who_signed_in_has_to_be_an_owner(store: ReviewStore, project: Project, tmp_path: Path) -> None:
    give_role(project, "lea", "owner", "lea")
    give_role(project, "ana", "lead", "lea")
    setup = ModelSetup(tmp_path / "none")
    with pytest.raises(Exception, match="only an owner of this project may erase documents"):
        ReviewSession(store, project.name, "ana", signed_in=True).erase(setup, ["d1"], "consent")
    assert (
        ReviewSession(store, project.name, "lea", signed_in=True)
        .erase(setup, ["d1"], "consent")
        .store.documents
    )


@pytest.mark.parametrize(
    "said",
    [
        "erase",
        "Erase this document for good.",
        "please permanently delete the text of this letter",
        "delete this note, the patient has the right to be forgotten",
        "can you remove this record under GDPR?".rstrip("?"),
    ],
)
def test_no_line_erases_and_the_answer_says_where(session: ReviewSession, said: str) -> None:
    reply = session.handle(said)
    assert "hybrid-ner review erase STORE d1" in reply.echo
    assert (reply.level, reply.pending) == ("info", None)
    assert not session.project.erasures()


def test_the_command_line_asks_erases_and_lists(tmp_path: Path, ward_file: Path) -> None:
    store = tmp_path / "review.sqlite3"
    store.write_bytes(ward_file.read_bytes())

    def run(*words: str, answer: str = "", fails: bool = False) -> str:
        result = CliRunner().invoke(app, ["review", *words], input=answer)
        assert bool(result.exit_code) == fails, result.output
        return " ".join(result.output.split())

    place = str(store)
    assert run("erase", place) == "no document was erased"
    assert "say why" in run("erase", place, "d1", fails=True)
    asked = run("erase", place, "d1", "--reason", "consent", answer="n\n", fails=True)
    assert "d1 would lose 70 characters, 4 suggestions" in asked
    assert "cannot be undone" in asked
    assert run("erase", place) == "no document was erased"
    done = run("erase", place, "d1", "--reason", "consent", "--by", "lea", answer="y\n")
    assert "d1 is erased: 70 characters" in done
    assert "out of reach, and may still hold the text: - " in done
    again = json.loads(run("erase", place, "d2", "--reason", "consent", "--yes", "--json"))
    assert [each["doc_id"] for each in again["erased"]] == ["d2"]
    assert "d1 was erased on" in run("erase", place)
    write_corpus(tmp_path / "again.jsonl", [Document("d1", NOTE), Document("n1", "afib")])
    assert "d1" in run("import", place, str(tmp_path / "again.jsonl"), fails=True)
    assert "1 document added" in run("import", place, str(tmp_path / "again.jsonl"), "--skip-bad")
    assert "1 document added" in run("import", place, str(tmp_path / "again.jsonl"), "--again")


def test_a_session_file_of_later_repeats_the_rest(store: ReviewStore) -> None:
    project, ana = _reviewed(store)
    project.erase("p1", "consent", by="lea")
    lines = ana.transcript()
    assert 'flag "like Okonkwo"' not in lines
    assert not [line for line in lines if GONE in line or "p1" in line]
    second = ward(store, name="second")
    replayed = ReviewSession(store, second.name, "ana")
    assert all(replayed.handle(line).level != "error" for line in lines)


def test_what_keeps_the_files_from_being_made_anew_is_told(
    tmp_path: Path, ward_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    path = tmp_path / "review.sqlite3"
    path.write_bytes(ward_file.read_bytes())
    with ReviewStore.open(path) as store, ReviewStore.open(path) as other:
        project = store.project()
        with other.read() as reader:
            reader.execute(sa.select(document.c.text)).fetchall()
            with pytest.raises(StoreError, match="say `hybrid-ner review erase` of it once more"):
                project.erase("d1", "consent", by="lea")
        assert len(project.erasures()) == 1
        assert b"chest pain" in path.read_bytes() + Path(f"{path}-wal").read_bytes()
        assert project.erase("d1", by="lea").before == 1
        assert b"chest pain" not in path.read_bytes() + Path(f"{path}-wal").read_bytes()


def test_a_fault_of_the_disk_is_told_as_one(tmp_path: Path, ward_file: Path) -> None:
    path = tmp_path / "review.sqlite3"
    path.write_bytes(ward_file.read_bytes())
    with ReviewStore.open(path) as store:
        project, most = store.project(), resource.getrlimit(resource.RLIMIT_FSIZE)
        project.reviewer_id("lea")
        with project.read() as connection:
            connection.exec_driver_sql("PRAGMA cache_size=1")  # so that it writes before the end of the step
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, most[1]))
            with pytest.raises(StoreError, match="the disk reported an error"):
                project.erase("d1", "consent", by="lea")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, most)
        assert not any(each.problems for each in check_store(store))
        assert project.erase("d1", "consent", by="lea").before == 0


@given(before=TURNS, number=st.integers(1, 6), after=TURNS)
@settings(max_examples=examples(5), deadline=None)
def test_erasing_among_any_other_steps_leaves_the_others_as_they_are(
    filled: Path, before: list[Turn], number: int, after: list[Turn]
) -> None:
    def others(project: Project) -> tuple[object, ...]:
        gold = [d for d in gold_documents(project) if d.doc_id != f"d{number}"]
        states = {key: replace(s, flag=None) for key, s in project.states().items() if key[1] != number}
        return gold, states

    with copied(filled) as (project, sessions):
        run(sessions, before)
        was = others(project)
        with project.alone() as connection:
            connection.execute(document.update().values(claimed_by=None))
        project.erase(f"d{number}", "consent", by="lea")
        assert others(project) == was
        assert not any(each.problems for each in check_store(sessions["ana"].store))
        run(sessions, [turn for turn in after if not _about(turn, number)])
        assert project.states() == fold_project(project.events())
        for session in sessions.values():
            while session.handle("undo").level == "done":
                pass
        gold = list(gold_documents(project))
        project.rebuild()
        assert list(gold_documents(project)) == gold
        assert not any(each.problems for each in check_store(sessions["ana"].store))


def _about(turn: Turn, number: int) -> bool:
    """Whether an edit or a corrected text is about the document, which a test that sends it would open."""
    return getattr(turn[1], "doc_id", "") == f"d{number}"
