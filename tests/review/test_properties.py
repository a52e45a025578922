"""Any sequence of commands: projections equal the fold, and undoing all of it restores the exact state."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybrid_ner.corpus import Document
from hybrid_ner.review import DocumentView, Operation, Project, ReviewSession, ReviewStore, parse
from hybrid_ner.review.commands.language import ParseError
from hybrid_ner.review.store.backup import check_store
from hybrid_ner.review.store.events import fold_project
from hybrid_ner.review.store.gold import gold_hash
from hybrid_ner.review.store.lookups import withdrawals
from hybrid_ner.review.store.overlay import load_overlay
from tests.conftest import examples
from tests.review.conftest import unsafe_but_fast
from tests.review.helpers import NOTE, FakeModels, ward
from tests.review.reviewer_process import whole

NUMBERS = st.integers(1, 6)
WORDS = st.sampled_from(
    [
        *("afib", "mi", "ECHO", "metropolol", "chest pain", "arbor", "you", "25 mg", "nothing"),
        *("started on metropolol", "near the arbor vitae", "MI of the arbor"),
    ]
)
LABELS = st.sampled_from(["PROBLEM", "DRUG", "TEST", "PERSON"])
SHIFTS = st.sampled_from(["+1", "-1", "<1", ">1", "+2 <1"])
FILTERS = st.sampled_from(
    ["", " where neg", ' where near "arbor"', " score>0.5", " source:both", " except doc 2", " status:open"]
)
WIDE = st.sampled_from(["score>0.5", "label:PROBLEM", "source:rule", "method:fuzzy", "where neg"])
SCOPES = st.sampled_from(["", " here", " list", " global"])
MODELS = st.sampled_from(["r1", "r2", "r3"])

LINES = st.one_of(
    st.sampled_from(
        ["ok", "next", "ok next", "back", "skip", "redo", "undo", "undo all", "unflag", "adjudicate"]
    ),
    st.builds("ok {}".format, NUMBERS),
    st.builds("ok {} next".format, NUMBERS),
    st.builds("no {}".format, NUMBERS),
    st.builds("reopen {}".format, NUMBERS),
    st.builds("no all but {}".format, NUMBERS),
    st.builds("flag {}".format, WORDS),
    st.builds("{} is {}".format, NUMBERS, LABELS),
    st.builds("{} {}".format, NUMBERS, SHIFTS),
    st.builds('{} = "{}"'.format, NUMBERS, WORDS),
    st.builds("{} -> X:{}".format, NUMBERS, NUMBERS),
    st.builds('add "{}" #{} {}'.format, WORDS, st.integers(1, 2), LABELS),
    st.builds("merge {} {}".format, NUMBERS, NUMBERS),
    st.builds('split {} at "{}"'.format, NUMBERS, st.sampled_from(["on", "the", "of"])),
    st.builds("relabel {} {} -> {}".format, NUMBERS, NUMBERS, LABELS),
    st.builds("go {}".format, st.integers(1, 6)),
    st.builds("queue {}".format, st.sampled_from(["disagree", "fuzzy", "random 3", "flagged", "mine"])),
    st.builds('ok all "{}"{}'.format, WORDS, FILTERS),
    st.builds("{} all {}".format, st.sampled_from(["ok", "no"]), WIDE),
    st.builds('no all "{}"{} including reviewed'.format, WORDS, FILTERS),
    st.builds('relabel all "{}"{} -> {}'.format, WORDS, FILTERS, LABELS),
    st.builds("relabel all {} including reviewed -> {}".format, WIDE, LABELS),
    st.builds('add all "{}" {}'.format, WORDS, LABELS),
    st.builds('never "{}"{}'.format, WORDS, SCOPES),
    st.builds('never "{}" {}{}'.format, WORDS, LABELS, SCOPES),
    st.builds('term + "{}" = a thing {}{}'.format, WORDS, LABELS, SCOPES),
    st.builds('variant "{}" = afib{}'.format, WORDS, SCOPES),
    st.builds("abbr {} = a thing {}{}".format, st.sampled_from(["MI", "ECHO", "no"]), LABELS, SCOPES),
    st.builds("undo {}".format, st.integers(1, 12)),
    st.builds("undo bulk b{}".format, st.integers(1, 4)),
    st.builds("label {}".format, st.sampled_from(["SIGN", "drug", "NEW"])),
    st.builds("join label {} into {}".format, LABELS, LABELS),
    st.builds("take {}".format, st.sampled_from(["ana", "bob"])),
    st.builds("withdraw doc {} because twice".format, st.integers(1, 6)),
    st.builds("reinstate d{}".format, st.integers(1, 6)),
    st.builds("promote {}".format, MODELS),
    st.builds("rollback {}".format, MODELS),
)
"""Lines of every command that writes, and of those that move."""
ANSWERS = st.sampled_from(["yes", "yes", "yes", "except 1", "except 2", "cancel"])
EDITS = st.builds(
    Operation,
    st.sampled_from(["accept", "reject", "relabel", "add", "boundary", "reopen"]),
    st.sampled_from([f"d{n}" for n in range(1, 7)]),
    content_hash=st.just(""),
    client_id=st.just("tab"),
    sequence=st.just(0),
    number=NUMBERS,
    start=st.integers(0, 20),
    end=st.integers(3, 40),
    label=LABELS,
)
"""Edits made with the mouse; hash and surface are filled in when they are sent."""
CORRECTED = st.builds(
    Document,
    st.sampled_from([f"d{n}" for n in range(1, 7)]),
    st.sampled_from(
        [
            NOTE.replace("metropolol", "metoprolol"),
            f"Seen again.\n{NOTE}",
            "afib again,\nmi was ruled out. MI of the arbor branch.",
            "metropolol  and afib.",
            "",
        ]
    ),
)
"""Documents that have another text."""


def _turns(*more: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    said = st.one_of(LINES, LINES, EDITS, *more)
    return st.lists(st.tuples(st.sampled_from(["ana", "bob"]), said, ANSWERS), max_size=22)


TURNS, SAID = _turns(CORRECTED), _turns()
Turn = tuple[str, str | Operation | Document, str]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with six notes, copied for every example."""
    path = tmp_path_factory.mktemp("filled") / "review.sqlite3"
    with ReviewStore.open(path) as store:
        ward(store, domain="generic")
    return path


@contextmanager
def copied(filled: Path) -> Iterator[tuple[Project, dict[str, ReviewSession]]]:
    with (
        tempfile.TemporaryDirectory() as folder,
        ReviewStore.open(shutil.copy(filled, Path(folder) / "review.sqlite3")) as store,
    ):
        unsafe_but_fast(store)
        models = FakeModels("r1", "r2", "r3")
        sessions = {
            name: ReviewSession(store, "notes", name, tokenize=whole, models=models)
            for name in ("ana", "bob")
        }
        yield store.project("notes"), sessions


def view_of(session: ReviewSession, doc_id: str) -> DocumentView | None:
    """A document, ``None`` for one that is withdrawn."""
    with session.project.read() as connection:
        out = {each.doc_id for each in withdrawals(connection, session.project.id)}
    return None if doc_id in out else session.view(doc_id)


def answered(
    session: ReviewSession, turn: str | Operation | Document, answer: str = "yes", number: int = 0
) -> None:
    """Run a line, send an edit or correct a text; answer what it asks, a narrowed question too."""
    if isinstance(turn, Document):
        session.correct([turn])
        return
    if isinstance(turn, Operation):
        view = view_of(session, turn.doc_id)
        if view is None:
            assert session.apply(replace(turn, sequence=number)).level == "error"
            return
        span = next((s for s in view.spans if s.number == turn.number), None)
        by_number = turn.kind not in ("add", "boundary") and span is not None
        surface = span.surface if by_number and span else view.text[turn.start : turn.end]
        session.apply(replace(turn, content_hash=view.content_hash, surface=surface, sequence=number))
        return
    reply = session.handle(turn)
    if reply.pending is not None and answer != "yes":
        reply = session.handle(answer)
    if reply.pending is not None:
        session.handle(reply.pending.answer)


def run(sessions: dict[str, ReviewSession], turns: list[Turn]) -> None:
    """Run turns, each as its reviewer."""
    for number, (name, turn, answer) in enumerate(turns):
        answered(sessions[name], turn, answer, number)


def _state(project: Project, sessions: dict[str, ReviewSession]) -> list[Any]:
    """Everything that a reviewer could see, but for the version numbers and where each one is."""
    for session in sessions.values():
        session.handle("queue disagree")
    views = [
        (name, view.spans, view.done, view.flag, view.flagged)
        for name, session in sessions.items()
        for view in (view_of(session, f"d{n}") for n in range(1, 7))
        if view is not None
    ]
    with project.read() as connection:
        overlay = load_overlay(connection, project.id)
    queue = [sorted((r.doc_id, r.done, r.deferred, r.flag) for r in s.queue()) for s in sessions.values()]
    models = [session.services.models.current() for session in sessions.values() if session.services.models]
    return [project.states(), views, overlay, queue, project.labels, gold_hash(project), models]


@given(turns=TURNS)
@settings(max_examples=examples(6), deadline=None)
def test_undoing_everything_restores_the_exact_state(filled: Path, turns: list[Turn]) -> None:
    with copied(filled) as (project, sessions):
        before = _state(project, sessions)
        run(sessions, turns)
        assert project.states() == fold_project(project.events())
        for session in sessions.values():
            while session.handle("undo").level == "done":
                pass
        assert _state(project, sessions) == before


@given(turns=TURNS)
@settings(max_examples=examples(4), deadline=None)
def test_projections_can_be_rebuilt_and_accepted_spans_never_overlap(filled: Path, turns: list[Turn]) -> None:
    with copied(filled) as (project, sessions):
        run(sessions, turns)
        before = _state(project, sessions)
        project.rebuild()
        assert _state(project, sessions) == before
        assert not any(each.problems for each in check_store(sessions["ana"].store))
        for state in project.states().values():
            kept = sorted((m.start, m.end) for m in state.mentions.values() if m.status == "accepted")
            assert all(first[1] <= second[0] for first, second in pairwise(kept))


@given(turns=TURNS)
@settings(max_examples=examples(5), deadline=None)
def test_undo_all_then_redo_all_comes_back(filled: Path, turns: list[Turn]) -> None:
    with copied(filled) as (project, sessions):
        ana = sessions["ana"]
        run({"ana": ana, "bob": ana}, turns)
        before = [project.states(), gold_hash(project)]
        count = 0
        while ana.handle("undo").level == "done":
            count += 1
        for _ in range(count):
            assert ana.handle("redo").level == "done"
        assert [project.states(), gold_hash(project)] == before


@given(turns=SAID)
@settings(max_examples=examples(5), deadline=None)
def test_the_transcript_replays_to_the_same_gold(filled: Path, turns: list[Turn]) -> None:
    with copied(filled) as (project, sessions):
        run({"ana": sessions["ana"], "bob": sessions["ana"]}, turns)
        lines, gold = sessions["ana"].transcript(), gold_hash(project)
    with copied(filled) as (project, sessions):
        for line in lines:
            assert sessions["ana"].handle(line).level != "error"
        assert gold_hash(project) == gold


@given(line=st.text(max_size=40) | st.text("ok no all 123-\"'#<>=+:,?", max_size=20))
@settings(max_examples=examples(50), deadline=None)
def test_any_line_is_a_command_or_a_clear_refusal(line: str) -> None:
    try:
        command: object = parse(line)
    except ParseError as error:
        command = error
    assert str(command)


@given(start=st.integers(-3, 80), length=st.integers(-2, 30), sequence=st.integers(0, 3))
@settings(max_examples=examples(20), deadline=None)
def test_an_operation_fits_the_text_or_is_refused(
    filled: Path, start: int, length: int, sequence: int
) -> None:
    with copied(filled) as (_, sessions):
        ana = sessions["ana"]
        view = ana.view("d1")
        assert view is not None
        surface = view.text[max(start, 0) : max(start + length, 0)]
        op = Operation(
            "add",
            "d1",
            view.content_hash,
            "tab",
            sequence,
            start=start,
            end=start + length,
            surface=surface,
            label="TEST",
        )
        reply = ana.apply(op)
        assert reply.level in ("done", "error")
        after = ana.view("d1")
        assert after is not None
        if reply.level == "error":
            assert after.spans == view.spans
        for span in after.spans:
            assert span.surface == after.text[span.start : span.end] == span.surface.strip()
