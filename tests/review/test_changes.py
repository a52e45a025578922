"""What changed in the gold between two times, and by whom."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from typer.testing import CliRunner

from hybrid_ner.cli import app
from hybrid_ner.corpus import Document
from hybrid_ner.review import FileAccess, Project, ReviewSession, ReviewStore
from hybrid_ner.review.store import journal
from hybrid_ner.review.store.gold import GoldChanges, gold_changes, gold_documents, gold_file, write_changes
from hybrid_ner.review.store.journal import moment
from tests.conftest import examples
from tests.review.helpers import NOTE, say, ward
from tests.review.test_properties import SAID, Turn, copied, filled, run

__all__ = ["filled"]  # the store that the sequences begin with


class Clock:
    """Days of November, which a test sets."""

    def __init__(self) -> None:
        self.day, self._ticks = 1, count()

    def __call__(self) -> str:
        return f"2026-11-{self.day:02}T10:00:00.{next(self._ticks):03}+00:00"


@pytest.fixture
def clock() -> Iterator[Clock]:
    made = Clock()
    with mock.patch.object(journal, "now", made):
        yield made


def _told(changes: GoldChanges) -> list[tuple[str, str, list[tuple[str, ...]]]]:
    return [
        (d.doc_id, d.state, [(c.kind, c.text, c.label, c.was[2] if c.was else "", c.by) for c in d.changes])
        for d in changes.documents
    ]


def _since(project: Project, first: int, last: int = 30) -> GoldChanges:
    return gold_changes(project, moment(f"2026-11-{first:02}"), moment(f"2026-11-{last:02}", end=True))


def test_each_kind_of_change_is_told_with_who_made_it(any_store: ReviewStore, clock: Clock) -> None:
    project = ward(any_store)
    ana, bob = (ReviewSession(any_store, project.name, name) for name in ("ana", "bob"))
    say(ana, "go d1", "ok", "go d4", "ok", "go d6", "ok")
    clock.day = 2
    say(ana, "go d1", "2 is DRUG", '1 = "Pt denies chest pain"', "no 4", 'add "25 mg" DRUG', "go d2", "ok")
    assert [d for d, *_ in _told(_since(project, 1, 1))] == ["d1", "d4", "d6"]
    made = _since(project, 2)
    assert _told(made) == [
        (
            "d1",
            "changed",
            [
                ("resized", "Pt denies chest pain", "PROBLEM", "PROBLEM", "ana"),
                ("relabelled", "afib", "DRUG", "PROBLEM", "ana"),
                ("added", "25 mg", "DRUG", "", "ana"),
                ("taken out", "ECHO", "TEST", "", "ana"),
            ],
        ),
        ("d2", "new", [("added", "afib", "PROBLEM", "", "ana"), ("added", "mi", "PROBLEM", "", "ana")]),
    ]
    assert made.counts()["DRUG"] == {"added": 1, "relabelled": 1}
    assert made.sentence() == "3 added, 1 relabelled, 1 resized, 1 taken out in 2 documents"
    clock.day = 3
    say(ana, "go d1", "undo", "undo")  # d2, and the dose
    say(bob, "go d6", "no 1", "ok")  # differs from ana, so that nobody's counts
    project.withdraw("d4", "twice", by="lea")
    assert [(d, state, len(found)) for d, state, found in _told(_since(project, 3))] == [
        ("d1", "changed", 1),
        ("d2", "open again", 2),
        ("d4", "withdrawn", 2),
        ("d6", "open again", 3),
    ]
    assert _told(_since(project, 3))[0][2] == [("taken out", "25 mg", "DRUG", "", "ana")]
    assert {by for _, _, found in _told(_since(project, 3))[2:3] for *_, by in found} == {"lea"}
    # Over both days what came and went in between is no change.
    assert [d for d, *_ in _told(_since(project, 2, 3))] == ["d1", "d4", "d6"]
    assert _told(_since(project, 4)) == []
    assert _since(project, 4).sentence() == "no change"


def test_a_file_holds_what_is_new_or_changed_since_the_last_one(
    any_store: ReviewStore, clock: Clock, tmp_path: Path
) -> None:
    project = ward(any_store)
    ana, bob = (ReviewSession(any_store, project.name, name) for name in ("ana", "bob"))
    say(ana, "go d1", "ok", "go d4", "ok", "go d6", "ok")
    assert ana.handle("export table since last").echo.startswith("you have taken no file before")
    assert ana.handle("download my work").download == "jsonl"
    clock.day = 2
    say(ana, "go d1", "2 is DRUG", "go d2", "ok")
    project.withdraw("d4", "twice", by="lea")
    reply = ana.handle("download only what is new, as excel")
    assert (reply.download, reply.since[:16]) == ("table", "2026-11-01T09:59")
    assert (
        reply.echo == "what is reviewed and new or changed since 2026-11-01 09:59 UTC, as a table for Excel"
    )
    found = gold_file(project, reply.download, since=reply.since)
    assert found.documents == 3, "what was written within the minute comes again"
    assert gold_file(project, "table", since=moment("2026-11-02")).documents == 2
    named = gold_file(project, "jsonl", since=moment("2026-11-02"))
    assert named.name == "notes_since_2026-11-02T00_00_gold.jsonl"
    assert [json.loads(line)["id"] for line in named.content.splitlines()] == ["d1", "d2"]
    assert bob.handle("export table since last").level == "error", "others have files of their own"
    assert ana.handle("export what I did since Monday").echo.startswith("Since which day?")
    writing = ReviewSession(any_store, project.name, "cleo", files=FileAccess(tmp_path))
    echo = writing.handle("export table new.csv since 2026-11-02").echo
    assert ": 2 documents, " in echo
    assert "since 2026-11-02 00:00 UTC; reviewed then, and no longer: 1 (d4); left out" in echo
    assert {row["document"] for row in csv.DictReader((tmp_path / "new.csv").open(encoding="utf-8-sig"))} == {
        "d1", "d2"
    }  # fmt: skip
    assert writing.handle("export table since 2026-11-03").echo.startswith("nothing is new: 0 documents")


def test_a_corrected_text_moves_mentions_and_an_erased_document_is_named(
    store: ReviewStore, clock: Clock
) -> None:
    project = ward(store)
    ana = ReviewSession(store, project.name, "ana")
    say(ana, "go d1", "ok", "go d4", "ok", "go d6")
    clock.day = 2
    project.correct([Document("d1", NOTE.replace("Pt denies ", "Pt  denies\n\n"))], by="lea")
    project.erase("d4", "consent", by="lea")
    made = _since(project, 2)
    assert _told(made) == []
    assert [(e.doc_id, e.reviewer) for e in made.erased] == [("d4", "lea")]
    assert made.sentence() == "no change; 1 document erased"
    clock.day = 3
    project.correct([Document("d1", NOTE.replace("metropolol", "metoprolol"))], by="lea")
    say(ana, "go d1", "no 3", "ok")
    assert ("taken out", "metropolol", "DRUG", "") in [c[:4] for c in _told(_since(project, 2))[0][2]]


def test_a_clock_that_was_wrong_hides_nothing(store: ReviewStore, clock: Clock) -> None:
    project = ward(store)
    ana = ReviewSession(store, project.name, "ana")
    with mock.patch.object(journal, "now", return_value="2999-01-01T00:00:00.000+00:00"):
        say(ana, "go d1", "ok")
    clock.day = 5
    say(ana, "go d4", "ok")
    clock.day = 2
    say(ana, "go d5", "ok")
    for since, found in ((4, ["d1", "d4", "d5"]), (6, ["d1"])):
        changes = gold_changes(project, moment(f"2026-11-{since:02}"))
        assert [(d.doc_id, d.state) for d in changes.documents] == [(each, "new") for each in found]


def test_days_and_times_have_zones() -> None:
    assert moment("2026-11-30") == "2026-11-30T00:00:00.000+00:00"
    assert moment("2026-11-30", end=True) == "2026-12-01T00:00:00.000+00:00"
    assert moment("2026-11-30T01:00+02:00", end=True) == "2026-11-29T23:00:00.000+00:00"
    with pytest.raises(ValueError, match="yesterday"):
        moment("yesterday")


def test_the_command_line_tells_and_writes_changes(tmp_path: Path, ward_file: Path, clock: Clock) -> None:
    store = tmp_path / "review.sqlite3"
    store.write_bytes(ward_file.read_bytes())
    with ReviewStore.open(store) as opened:
        say(ReviewSession(opened, "notes", "ana"), "go d4", "ok", "go d5", "ok")

    def run(*words: str) -> str:
        result = CliRunner().invoke(app, ["review", "changes", str(store), *words])
        assert not result.exit_code, result.output
        return result.output

    said = run("--since", "2026-11-01", "--output", str(tmp_path / "c.csv"))
    assert "2 added in 2 documents" in said
    assert "d4 (new): + “metropolol” DRUG by ana; + “afib” PROBLEM by ana" in said
    rows = list(csv.DictReader((tmp_path / "c.csv").open(encoding="utf-8")))
    assert [(r["document"], r["kind"], r["text"]) for r in rows] == [
        ("d4", "added", "metropolol"),
        ("d4", "added", "afib"),
        ("d5", "", ""),
    ]
    assert json.loads(run("--since", "2026-11-02", "--json"))["documents"] == []
    with ReviewStore.open(store) as opened:
        write_changes(tmp_path / "c.json", _since(opened.project(), 1))
    assert json.loads((tmp_path / "c.json").read_text())["counts"]["all"] == {"added": 2}
    result = CliRunner().invoke(app, ["review", "changes", str(store), "--since", "soon"])
    assert result.exit_code
    assert "no day" in result.output


@given(before=SAID, after=SAID)
@settings(max_examples=examples(5), deadline=None)
def test_changes_lead_from_the_gold_of_then_to_that_of_now(
    filled: Path, before: list[Turn], after: list[Turn]
) -> None:
    def gold(project: Project) -> set[tuple[str, int, int, str]]:
        return {
            (d.doc_id, e.start, e.end, e.label) for d in gold_documents(project) for e in d.entities or ()
        }

    clock = Clock()
    with mock.patch.object(journal, "now", clock), copied(filled) as (project, sessions):
        run(sessions, before)
        was = gold(project)
        clock.day = 2
        run(sessions, after)
        for each in (d for d in _since(project, 2).documents):
            for c in each.changes:
                old = c.was or ((c.start, c.end, c.label) if c.kind == "taken out" else None)
                was -= {(each.doc_id, *old)} if old else set()
                was |= set() if c.kind == "taken out" else {(each.doc_id, c.start, c.end, c.label)}
        assert was == gold(project)
