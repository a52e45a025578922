"""The codebook of a project: lines of the language, the log, exports, and what models are told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from hybrid_ner.corpus import Document, read_corpus
from hybrid_ner.corpus.codebook import Rule
from hybrid_ner.errors import InputError
from hybrid_ner.review import ReviewSession, ReviewStore
from hybrid_ner.review.rounds import ModelSetup
from hybrid_ner.review.rounds.round import first_round
from hybrid_ner.review.store.backup import check_store
from hybrid_ner.review.store.codebook import codebook_of, suggest_rules
from hybrid_ner.review.store.gold import Labeled, gold_file, gold_in
from hybrid_ner.review.store.lookups import label_looks
from hybrid_ner.review.store.schema import event
from hybrid_ner.sources.models.endpoint import CACHE_VARIABLE
from tests.review.helpers import NOTE, say, ward
from tests.sources.models.server import rows, serving


@pytest.fixture
def ana(store: ReviewStore) -> ReviewSession:
    session = ReviewSession(store, ward(store).name, "ana")
    say(session, "ok 1", "no 2")
    return session


def told(session: ReviewSession, label: str = "PROBLEM") -> list[tuple[int, str, str, list[str]]]:
    rules = codebook_of(session.project).rules(label)
    return [(r.number, r.kind, r.text, [e.text for e in r.examples]) for r in rules]


def test_rules_stand_on_decisions(ana: ReviewSession) -> None:
    reply = say(ana, 'codebook PROBLEM include "pain of any part" like 1')
    assert reply.echo == "PROBLEM rule 1, include: “pain of any part”, like “chest pain”"
    say(ana, 'codebook problem exclude "rhythms" like 2', 'codebook PROBLEM means "what ails a patient"')
    assert told(ana) == [
        (3, "definition", "what ails a patient", []),
        (1, "include", "pain of any part", ["chest pain"]),
        (2, "exclude", "rhythms", ["afib"]),
    ]
    yes = codebook_of(ana.project).rules("PROBLEM", "include")[0].examples[0]
    assert (yes.doc_id, yes.start, yes.end, yes.label, yes.decision, yes.reviewer) == (
        *("d1", NOTE.index("chest"), NOTE.index("chest") + 10),
        *("PROBLEM", "accepted", "ana"),
    )
    with ana.project.read() as connection:
        row = connection.execute(sa.select(event).where(event.c.id == yes.event)).one()
    assert (row.kind, row.payload["changes"][0]["set"]["status"]) == ("mentions", "accepted")
    shown = say(ana, "codebook PROBLEM")
    assert shown.table is not None
    assert [row[:3] for row in shown.table.rows] == [t[:3] for t in told(ana)]
    assert "denies [chest pain], h/o" in shown.table.rows[1][3]


def test_an_undecided_span_is_no_example(ana: ReviewSession) -> None:
    reply = ana.handle('codebook DRUG include "classes" like 3')
    assert (reply.level, told(ana, "DRUG")) == ("error", [])
    assert "mention 3 is not decided yet" in reply.echo
    assert "`ok 3` or `no 3`" in reply.echo


def test_everything_is_undone_and_numbers_never_shift(ana: ReviewSession) -> None:
    say(ana, 'codebook PROBLEM include "a"', 'codebook PROBLEM include "b"')
    first = codebook_of(ana.project).version
    say(ana, 'codebook PROBLEM 1 = "c"', "codebook PROBLEM 1 like 1", "codebook PROBLEM no 2")
    assert told(ana) == [(1, "include", "c", ["chest pain"])]
    say(ana, "codebook PROBLEM 1 unlike 1")
    assert told(ana) == [(1, "include", "c", [])]
    say(ana, "undo", "undo", "undo", "undo")
    assert told(ana) == [(1, "include", "a", []), (2, "include", "b", [])]
    assert codebook_of(ana.project).version == first
    say(ana, "undo", 'codebook PROBLEM include "d"')
    assert told(ana) == [(1, "include", "a", []), (3, "include", "d", [])]
    say(ana, "undo")
    say(ana, "redo")
    assert told(ana)[-1] == (3, "include", "d", [])
    assert all(not found.problems for found in check_store(ana.store))


def test_an_example_that_was_decided_otherwise_since_does_not_stand(ana: ReviewSession) -> None:
    say(ana, 'codebook PROBLEM include "pain" like 1', "no 1")
    rule = codebook_of(ana.project).rules("PROBLEM")[0]
    assert [e.stands for e in rule.examples] == [False]
    say(ana, "undo")
    assert codebook_of(ana.project).rules("PROBLEM")[0].examples[0].stands


def test_examples_of_a_withdrawn_document_are_left_out_until_it_is_back(ana: ReviewSession) -> None:
    say(ana, 'codebook PROBLEM include "pain" like 1')
    ana.project.withdraw("d1", "wrong patient", by="lea")
    assert told(ana) == [(1, "include", "pain", [])]
    ana.project.reinstate("d1", by="lea")
    assert told(ana) == [(1, "include", "pain", ["chest pain"])]
    assert codebook_of(ana.project).rules("PROBLEM")[0].examples[0].stands


def test_an_example_stands_in_a_corrected_text(ana: ReviewSession) -> None:
    say(ana, 'codebook PROBLEM include "pain" like 1')
    text = "Seen again today. " + NOTE
    ana.project.correct([Document("d1", text)], by="lea")
    assert codebook_of(ana.project).rules("PROBLEM")[0].examples[0].stands
    ana.project.correct([Document("d1", text.replace("chest pain", "cough"))], by="lea")
    assert not codebook_of(ana.project).rules("PROBLEM")[0].examples[0].stands


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("codebook SURGERY", "no label like 'SURGERY'"),
        ("codebook PROBLEM include", "expected a rule"),
        ('codebook PROBLEM include "x" like', "name one or more numbers"),
        ('codebook PROBLEM include "x" like 99', "there is no mention 99"),
        ("codebook PROBLEM ok 7", "PROBLEM has no rule 7"),
        ("codebook PROBLEM sometimes", "expected means, include, exclude"),
        (f'codebook PROBLEM include "{"x" * 2001}"', "a rule of 2,001 characters"),
    ],
)
def test_what_cannot_be_is_refused(ana: ReviewSession, line: str, said: str) -> None:
    reply = ana.handle(line)
    assert reply.level == "error"
    assert said in reply.echo
    assert not codebook_of(ana.project)


def test_a_second_definition_takes_the_place_of_the_first(ana: ReviewSession) -> None:
    say(ana, 'codebook PROBLEM means "one" like 1', 'codebook PROBLEM means "two"')
    assert told(ana) == [(1, "definition", "two", ["chest pain"])]
    assert {look.label: look.definition for look in label_looks(ana.project)}["PROBLEM"] == "two"
    listed = say(ana, "labels").table
    assert listed is not None
    assert listed.rows[0][2] == "two"


def test_what_is_replaced_is_said(ana: ReviewSession) -> None:
    say(ana, 'codebook PROBLEM means "one"')
    assert say(ana, 'codebook PROBLEM means "two"').echo == "PROBLEM means “two”, instead of “one”"
    assert say(ana, 'codebook PROBLEM 1 = "three"').echo == "PROBLEM rule 1: “three”, instead of “two”"
    suggest_rules(ana.project, {"PROBLEM": [Rule(1, "definition", "four")]}, "lea", "codebook")
    assert say(ana, "codebook PROBLEM ok 2").echo == "PROBLEM rule 2 holds now: “four”, instead of “three”"
    assert told(ana) == [(2, "definition", "four", [])]


def test_proposals_wait_for_a_person(ana: ReviewSession) -> None:
    drafted = {
        "problem": [Rule(1, "definition", "Ills.", by="qwen", accepted=False), Rule(2, "exclude", "Doses.")]
    }
    assert suggest_rules(ana.project, drafted, "lea", "codebook") == 2
    assert suggest_rules(ana.project, drafted, "lea", "codebook") == 0
    book = codebook_of(ana.project)
    assert (bool(book), [r.number for r in book.suggested("PROBLEM")]) == (False, [1, 2])
    say(ana, "codebook PROBLEM ok 1", "codebook PROBLEM no 2")
    assert told(ana) == [(1, "definition", "Ills.", [])]
    assert codebook_of(ana.project).suggested("PROBLEM") == ()
    with pytest.raises(InputError, match="no label like 'SURGERY'"):
        suggest_rules(ana.project, {"SURGERY": [Rule(1, "include", "x")]}, "lea", "codebook")


def test_a_session_file_repeats_it(ana: ReviewSession, store: ReviewStore, tmp_path: Path) -> None:
    say(ana, 'codebook PROBLEM include "pain; \\"ache\\"" like 1 2', "codebook PROBLEM 1 unlike 2")
    (tmp_path / "session.txt").write_text("\n".join(ana.transcript()))
    again = ReviewSession(store, ward(store, name="again").name, "ben")
    again.replay(tmp_path / "session.txt")
    assert told(again) == told(ana) == [(1, "include", 'pain; "ache"', ["chest pain"])]


def test_every_gold_export_names_the_version(ana: ReviewSession, tmp_path: Path) -> None:
    say(ana, 'codebook PROBLEM means "ills"', "ok")
    version = codebook_of(ana.project).version
    assert version
    content = gold_file(ana.project, "jsonl").content
    (tmp_path / "gold.jsonl").write_bytes(content)
    assert {d.meta["codebook"] for d in read_corpus(tmp_path / "gold.jsonl")} == {version}


def test_what_was_decided_before_a_rule_is_not_said_to_be_labeled_by_it(ana: ReviewSession) -> None:
    def versions() -> tuple[list[str], str]:
        with ana.project.read() as connection:
            labeled = Labeled(connection, ana.project.id)
            found = [d.meta.get("codebook", "") for d in labeled(gold_in(connection, ana.project.id))]
        return found, labeled.sentence()

    say(ana, "go 1", "ok", "go 2", 'codebook PROBLEM means "ills"', "ok", "go 1")
    first = codebook_of(ana.project).version
    assert versions()[0] == ["", first]
    say(ana, 'codebook PROBLEM include "pain" like 1', 'codebook DRUG exclude "doses"', "go 2")
    last = codebook_of(ana.project).version
    assert versions() == (
        ["", first],
        f"codebook {last}; 2 documents were decided before its last rule (d1, d2)",
    )
    say(ana, "reopen 1", "ok 1")
    assert versions()[0] == ["", last]


def test_models_are_told_the_codebook(ana: ReviewSession, tmp_path: Path) -> None:
    llm = json.dumps(
        {"llm": "http://127.0.0.1:9/v1", "labels": {"PROBLEM": "PROBLEM", "DRUG": "a substance"}}
    )
    ana.project.change_settings({"sources": [llm, "spacy:en_x"]})

    def made() -> tuple[str, ...]:
        setup = ModelSetup.of(ana.project, tmp_path)
        assert setup.settings["sources"] == (llm, "spacy:en_x")  # one home: the log
        return setup.told_sources

    assert made() == (llm, "spacy:en_x")
    say(ana, 'codebook PROBLEM means "ills" like 1', 'codebook DRUG means "not asked for"')
    say(ana, 'codebook DRUG exclude "doses"')
    spec = json.loads(made()[0])
    assert spec["labels"] == {"PROBLEM": "ills", "DRUG": "a substance"}
    assert spec["codebook"] == codebook_of(ana.project).version
    assert "e.g. Pt denies [chest pain], h/o" in spec["guidelines"]
    assert "DRUG:\n- exclude: doses" in spec["guidelines"]


def test_definitions_of_an_older_store_go_into_the_log(any_target: str) -> None:
    with ReviewStore.open(any_target) as store:
        project = ward(store)
        say(ReviewSession(store, project.name, "ana"), "ok 1")
        looks = {
            "PROBLEM": {"name": "Problem", "definition": " ills "},
            "DRUG": {"name": "Drug", "definition": ""},
        }
        project.change_settings({"label looks": looks})
        with store.engine.begin() as connection:
            connection.execute(sa.text("DROP INDEX ix_document_withdrawn"))
            connection.execute(sa.text("ALTER TABLE document DROP COLUMN withdrawn"))
            connection.execute(sa.text("ALTER TABLE document DROP COLUMN edition"))
            connection.execute(sa.text("ALTER TABLE suggestion DROP COLUMN edition"))
            connection.execute(sa.text("UPDATE alembic_version SET version_num = '0006'"))
    with ReviewStore.open(any_target) as store:
        project = store.project()
        assert codebook_of(project).definition("PROBLEM") == "ills"
        assert project.settings["label looks"]["PROBLEM"] == {"name": "Problem"}
        assert all(not found.problems for found in check_store(store))
        session = ReviewSession(store, project.name, "ana")
        say(session, 'codebook PROBLEM means "new"', "undo", "undo")
        assert codebook_of(project).definition("PROBLEM") == "ills"


def test_a_language_model_is_asked_anew_when_the_codebook_changes(
    ana: ReviewSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "answers"))
    with serving(rows(("chest pain", "PROBLEM"))) as server:
        llm = json.dumps(
            {"llm": server.address, "model": "m", "labels": {"PROBLEM": "PROBLEM"}, "parallel": 1}
        )
        ana.project.change_settings({"sources": [llm], "domain": "generic"})

        def asked() -> int:
            server.asked.clear()
            first_round(ana.project, ModelSetup.of(ana.project, tmp_path))
            return len(server.asked)

        assert asked() == 6
        assert asked() == 0
        say(ana, 'codebook PROBLEM means "what ails a patient" like 1')
        suggest_rules(ana.project, {"PROBLEM": [Rule(1, "exclude", "a proposal")]}, "lea", "codebook")
        assert asked() == 6
        system = server.asked[0]["messages"][0]["content"]
        assert "- PROBLEM: what ails a patient\n" in system
        assert "e.g. Pt denies [chest pain], h/o afib" in system
        assert "a proposal" not in system
        assert asked() == 0
        say(ana, 'codebook DRUG means "a substance"')  # nobody asks for it
        assert asked() == 0
    why = "\n".join(say(ana, "why 1").lines)
    assert "m says PROBLEM, prompt ner.1, codebook " in why
