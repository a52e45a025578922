"""Stores, projects, imports and migrations."""

from __future__ import annotations

import json
import time
from importlib.metadata import EntryPoint

import pytest
import spacy
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from spacy.tokens import SpanGroup

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.errors import CorpusError, InputError, StoreError
from hybrid_ner.matching.match import Evidence, Match
from hybrid_ner.pipeline import rule_pipeline
from hybrid_ner.registry import DOMAINS
from hybrid_ner.review import Project, ReviewSession, ReviewStore, Suggestion, Vote
from hybrid_ner.review.store.database import url_of
from hybrid_ner.review.store.schema import metadata, surface
from hybrid_ner.review.store.suggestion import (
    _without_covered,
    suggestions_from_doc,
    suggestions_from_document,
)
from hybrid_ner.sources import NEAR_MATCHES, VETO, write_matches
from hybrid_ner.terms import Gazetteer, Term
from tests.review.helpers import LABELS, NOTE, make_project, say, statuses, suggest, surfaces, ward


def test_migrations_make_the_tables_of_the_schema(any_store: ReviewStore) -> None:
    with any_store.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_opening_twice_changes_nothing(any_target: str) -> None:
    with ReviewStore.open(any_target) as store:
        project = ward(store)
        say(ReviewSession(store, project.name, "ana"), "ok")
        before = project.states()
    with ReviewStore.open(any_target) as store:
        assert store.project().states() == before


def test_urls() -> None:
    assert url_of("a/b.sqlite3").database == "a/b.sqlite3"
    assert url_of("postgresql://u@h/d").drivername == "postgresql+psycopg"
    assert url_of("postgres://u@h/d").drivername == "postgresql+psycopg"


def test_projects(store: ReviewStore) -> None:
    with pytest.raises(StoreError, match="none yet; make one"):
        store.project()
    store.create_project("a", ("X", "X", "Y"))
    assert store.project().labels == ("X", "Y")
    with pytest.raises(StoreError, match="exists already"):
        store.create_project("a")
    store.create_project("b")
    assert store.projects() == ("a", "b")
    with pytest.raises(StoreError, match=r"no project ''.*Projects: a, b"):
        store.project()
    with pytest.raises(StoreError, match="unknown domain"):
        store.create_project("c", domain="cooking")
    with pytest.raises(StoreError, match="at least one review"):
        store.create_project("c", reviews=0)
    with pytest.raises(StoreError, match="no name of a reviewer"):
        ReviewSession(store, "a", " ")


def test_package_of_a_domain_that_is_gone_is_named(
    store: ReviewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = EntryPoint("inn", "inns.domain:DOMAIN", DOMAINS.group)
    with monkeypatch.context() as there:
        there.setattr(DOMAINS, "_points", lambda: [point])
        store.create_project("rooms", domain="inn")
    monkeypatch.setattr(DOMAINS, "_came_with", {})
    assert store.project("rooms").settings["domain"] == "inn"  # it is still opened
    with pytest.raises(InputError, match=r"domain 'inn' came with inns\.domain.*not installed\. Install it"):
        DOMAINS.get("inn")


def test_projects_do_not_see_each_other(store: ReviewStore) -> None:
    one, two = ward(store), ward(store, name="other")
    say(ReviewSession(store, one.name, "ana"), "ok all score>0", "yes", "never mi", "yes 0")
    assert two.states() == {}
    assert set(statuses(ReviewSession(store, two.name, "ana"), "d1").values()) == {"open"}


def test_documents_are_known_by_their_text(project: Project) -> None:
    again = project.add_documents([Document("d1", NOTE), Document("d9", "new"), Document("d9", "new")])
    assert (again.added, again.known) == (1, 2)
    assert len(project) == 7
    with pytest.raises(CorpusError, match="another text"):
        project.add_documents([Document("d1", "changed")])


def test_suggestions_that_do_not_fit_are_refused(project: Project) -> None:
    with pytest.raises(CorpusError, match="not in project"):
        project.add_suggestions("r2", [("d99", [])])
    with pytest.raises(CorpusError, match="suggestion 0-999 lies outside its 70 characters"):
        project.add_suggestions("r2", [("d1", [Suggestion(0, 999, "A")])])


def test_an_interrupted_import_can_be_repeated(project: Project) -> None:
    first = project.add_suggestions("r2", [("d1", [suggest(NOTE, "afib", "PROBLEM")])])
    both = [("d1", [suggest(NOTE, "afib", "PROBLEM")]), ("d2", [])]
    second = project.add_suggestions("r2", both)
    assert (first.documents, second.documents, second.known) == (1, 1, 1)


def test_a_new_run_replaces_suggestions_and_keeps_decisions(
    store: ReviewStore, session: ReviewSession
) -> None:
    say(session, "2 drug", "no 3", '3 = "metropolol 25 mg"', "no 3")
    fresh = [
        suggest(NOTE, "metropolol 25 mg", "DRUG"),
        suggest(NOTE, "Pt", "PERSON"),
        suggest(NOTE, "afib", "TEST"),
    ]
    session.project.add_suggestions("r2", [("d1", fresh)])
    view = session.view("d1")
    assert view is not None
    assert [(s.number, s.surface, s.label, s.status) for s in view.spans] == [
        (2, "afib", "DRUG", "accepted"),
        (3, "metropolol 25 mg", "DRUG", "rejected"),
        (5, "Pt", "PERSON", "open"),
    ]
    other = session.view("d2")
    assert other is not None
    assert other.model_id == "r1"


def test_new_labels_join_the_project(store: ReviewStore) -> None:
    project = make_project(store, [("abc", [Suggestion(0, 3, "ZEBRA"), Suggestion(0, 3, "ZEBRA")])])
    assert project.labels == (*LABELS, "ZEBRA")


def test_votes_on_the_same_characters_are_merged(store: ReviewStore) -> None:
    low = Suggestion(0, 3, "A", 0.3, (Vote("x", "A", 0.3),), chosen=False)
    high = Suggestion(0, 3, "B", 0.9, (Vote("model", "B", 0.9),))
    session = ReviewSession(store, make_project(store, [("abc", [low, high])]).name, "ana")
    view = session.view()
    assert view is not None
    assert [(s.label, s.sources, s.mark) for s in view.spans] == [("B", ("model", "x"), "rule≠model")]


def test_suggestions_of_a_doc() -> None:
    nlp = spacy.blank("en")
    doc = nlp("afib on metoprolol and x")
    evidence = Evidence("fuzzy", "metoprolol", "metoprolol", "drugs.tsv", 4, ("1 edit",), 0.9)
    write_matches(doc, "gazetteer", [Match(8, 18, "DRUG", ("X:1",), 0.9, evidence), Match(23, 24, VETO)])
    write_matches(doc, "pattern", [Match(0, 4, "PROBLEM", (), 0.7)])
    model = [doc.char_span(0, 4, "PROBLEM"), doc.char_span(8, 18, "TEST"), doc.char_span(23, 24, "TEST")]
    doc.spans["model"] = SpanGroup(doc, name="model", spans=model, attrs={"scores": [0.8, 0.4, 0.2]})
    doc.spans["rule"] = SpanGroup(doc, name="rule", spans=[doc.char_span(0, 4, "PROBLEM")])
    doc.ents = [doc.char_span(0, 4, "PROBLEM"), doc.char_span(8, 18, "DRUG")]
    found = suggestions_from_doc(doc)
    assert [(s.start, s.label, s.mark, s.chosen) for s in found] == [
        (0, "PROBLEM", "rule+model", True),
        (8, "DRUG", "rule≠model", True),
        (23, "TEST", "model", False),
    ]
    assert found[1].rule == "gazetteer alone; lost: model says TEST"
    assert (found[1].concept_id, found[1].method, found[1].score) == ("X:1", "fuzzy", 0.9)
    assert (found[2].score, found[2].rule) == (0.2, "voted down by gazetteer")


def test_an_entity_that_only_the_pool_chose_is_the_model_s_and_as_sure_as_the_model() -> None:
    """It had no vote: the page said that the rules found it, was certain of it, and that it was reviewed."""
    doc = spacy.blank("en")("no severe purpura and afib now")
    listed = [[2, 3, "PROBLEM", 0.27], [4, 5, "PROBLEM", 0.2], [4, 5, "TEST", 0.6], [1, 3, "PROBLEM", 0.1]]
    doc.spans["model"] = SpanGroup(doc, name="model", attrs={"considered": listed})
    write_matches(doc, "pattern", [Match(22, 26, "TEST", (), 0.7)])
    doc.ents = [doc.char_span(10, 17, "PROBLEM"), doc.char_span(22, 30, "PROBLEM")]  # the second: edges moved
    found = {(s.start, s.end): s for s in suggestions_from_doc(doc)}
    assert [found[place].mark for place in ((10, 17), (22, 30), (22, 26))] == ["model", "model", "rule"]
    assert [found[place].score for place in ((10, 17), (22, 30))] == [0.27, 0.2]
    assert found[10, 17].rule == "model alone"


def test_many_near_matches_take_no_longer_each() -> None:
    """Each was held against each entity: a document of a megabyte took minutes, one of five hours."""
    many = 30_000
    near = [Vote(NEAR_MATCHES, "DRUG", 0.9)]
    inside = {(5 * n + 1, 5 * n + 2): near for n in range(many)}
    whole = {(5 * n, 5 * n + 3): near for n in range(many)}
    alone = {(5 * n + 3, 5 * n + 4): near for n in range(many)}
    started = time.process_time()
    assert _without_covered({**inside, **whole, **alone}, whole) == {**whole, **alone}
    assert time.process_time() - started < 10  # five minutes before


def test_suggestions_of_a_record() -> None:
    attrs = {"source": "gazetteer", "model_score": 0.4, "chosen": False}
    (found,) = suggestions_from_document(Document("d", "abc", (Entity(0, 3, "A", "X:1", attrs),)))
    assert (found.mark, found.concept_id, found.chosen) == ("rule+model", "X:1", False)


def test_docs_need_an_id(project: Project) -> None:
    doc = spacy.blank("en")(NOTE)
    with pytest.raises(CorpusError, match="no document id"):
        project.add_docs("r2", [doc])
    doc.user_data["doc_id"] = "d1"
    assert project.add_docs("r2", [doc]).documents == 1


def test_rebuild_from_the_log(store: ReviewStore, session: ReviewSession) -> None:
    say(session, "ok", 'no all "mi"', "yes", "undo", "redo", "skip")
    before = session.project.states()
    session.project.rebuild()
    assert session.project.states() == before
    assert surfaces(session, "d1")


def test_a_store_of_the_first_version_is_brought_up_to_date(any_target: str) -> None:
    with ReviewStore.open(any_target) as store:
        session = ReviewSession(store, ward(store).name, "ana")
        say(session, "go d1", "2 is DRUG", "no 3", "go d2", "ok 1")
        with session.project.read() as connection:
            before = connection.execute(sa.select(surface).order_by(surface.c.surface_key)).all()
            mixed = connection.execute(sa.text("SELECT mixed FROM project")).all()
        with store.write() as connection:
            for line in (
                "DROP TABLE surface",
                "DROP TABLE assignment",
                "ALTER TABLE position DROP COLUMN at_value",
                "ALTER TABLE position DROP COLUMN at_position",
                "ALTER TABLE project DROP COLUMN mixed",
                "ALTER TABLE suggestion DROP COLUMN whole",
                "ALTER TABLE posting DROP COLUMN counts",
                "ALTER TABLE turn DROP COLUMN doc_id",
                "ALTER TABLE project DROP COLUMN model",
                "DROP INDEX ix_document_withdrawn",
                "ALTER TABLE document DROP COLUMN withdrawn",
                "ALTER TABLE document DROP COLUMN edition",
                "ALTER TABLE suggestion DROP COLUMN edition",
                "UPDATE alembic_version SET version_num = '0001'",
            ):
                connection.execute(sa.text(line))
    with ReviewStore.open(any_target) as store:
        project = store.project("notes")
        with project.read() as connection:
            after = connection.execute(sa.select(surface).order_by(surface.c.surface_key)).all()
            assert connection.execute(sa.text("SELECT mixed FROM project")).all() == mixed
        assert [tuple(row)[:5] for row in after] == [tuple(row)[:5] for row in before]
        assert any(row.corrected for row in after)
        session = ReviewSession(store, "notes", "ana")
        assert "not marked: 2 in 1 document" in "\n".join(session.handle('all "ECHO"').lines)
        assert say(session, "go d2", "ok 2").level == "done"


def test_what_the_rules_suggest_is_plain_values() -> None:
    """A private field of the evidence, which no JSON holds, went along: no project could be made."""
    nlp = rule_pipeline(Gazetteer.of([Term("chest pain", "PROBLEM", "X:1")]), "generic")
    (found,) = suggestions_from_doc(nlp("Pt denies chest pain."))
    row = json.loads(json.dumps(found.to_record()))
    assert row["votes"][0]["evidence"]["reference"] == "chest pain"
    assert not [name for name in row["votes"][0]["evidence"] if name.startswith("_")]


def test_rows_that_were_called_by_number_alone_are_known(store: ReviewStore) -> None:
    """Rows of a table without ids were "2" before they were "calls 2": the same file is no second copy."""
    project = store.create_project("rows", labels=LABELS)
    project.add_documents([Document("2", "one"), Document("3", "two")])
    again = project.add_documents([Document("calls 2", "one"), Document("calls 3", "another")])
    assert (again.added, again.known) == (1, 1)
    assert project.add_documents([Document("calls 3", "another")]).known == 1
