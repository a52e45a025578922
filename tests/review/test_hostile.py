"""Odd names, odd characters, odd lengths: a clear answer, and nothing that steers a terminal."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from hybrid_ner.corpus import Document
from hybrid_ner.errors import CorpusError, StoreError
from hybrid_ner.review import FileAccess, ReviewSession, ReviewStore, parse
from hybrid_ner.review.commands.decide import Flag
from hybrid_ner.review.commands.edit import Add
from hybrid_ner.review.commands.explain import WhyNot
from hybrid_ner.review.document import card_lines, printable, reply_lines
from tests.review.helpers import make_project, operation, say, suggest, surfaces, ward

LETTERS = "abcdefghijklmnopqrstuvwxyzéßø漢字"


@pytest.mark.parametrize(
    "quoted",
    ["„a b“", "„a b”", "«a b»", "»a b«", "‘a b’", "'a b'", "“a b”", '"a b"', "”a b”", '"a b”', '“a b"'],
)
def test_quotes_of_every_keyboard(quoted: str) -> None:
    assert parse(f"add {quoted} DRUG") == Add("a b", "DRUG")
    assert parse(f"why not {quoted}") == WhyNot("a b")


def test_apostrophes_are_no_quotes() -> None:
    assert parse("add Crohn's DRUG") == Add("Crohn's", "DRUG")
    assert parse("add 'Crohn's disease' DRUG") == Add("Crohn's disease", "DRUG")
    assert parse("flag ask the 'ward") == Flag("ask the 'ward")


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        ("OK ALL BUT 4", "ok all but 4"),
        ("X 1", "no 1"),
        ("W 3", "why 3"),
        ('N "x" T', 'add "x" T'),
        ("UNDO BULK B7", "undo bulk b7"),
        ("YES 128", "yes 128"),
        ('WHY NOT "x"', 'why not "x"'),
        ("QUEUE Random 50", "queue random 50"),
        ("2 IS drug", "2 is drug"),
        ('NO ALL "x" WHERE NEAR "y" EXCEPT DOC 2', 'no all "x" where near "y" except doc 2'),
        ("MERGE 1 2", "merge 1 2"),
        ('relabel all "x" -> T Including Reviewed', 'relabel all "x" including reviewed -> T'),
        ("NEXT", "next"),
    ],
)
def test_commands_in_capitals(line: str, plain: str) -> None:
    assert parse(line) == parse(plain)


HUGE = "9" * 20


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"undo {HUGE}", "is no number"),
        (f"undo {2**31 - 1}", "there is no step"),
        (f"ok {2**31}", "is no number"),
        (f"ok {2**31 - 1}", "there is no mention"),
        (f"go {HUGE}", "there is no document"),
        (f"go {'9' * 5000}", "there is no document"),
        ("go ²", "there is no document"),
        (f"queue random {HUGE}", "is no number"),
        (f'ok all "afib" except doc {HUGE}', "is no number"),
        (f'ok all "afib" except doc "{HUGE}"', "there is no document"),
        (f'add "afib" #{HUGE} TEST', "no label like"),
        (f"1 +{HUGE}", "no label like"),
        (f"#{HUGE}", "is no command"),
        (f"yes {HUGE}", "nothing waits"),
    ],
)
def test_numbers_that_no_store_can_hold_are_refused(any_store: ReviewStore, line: str, said: str) -> None:
    session = ReviewSession(any_store, ward(any_store).name, "ana")
    before = session.project.version
    reply = session.handle(line)
    assert (reply.level, session.project.version) == ("error", before)
    assert said in reply.echo


def test_a_superscript_is_no_answer(session: ReviewSession) -> None:
    say(session, "go 3", 'add "ECHO" TEST')
    assert session.handle("²").level == "error"


@pytest.mark.parametrize("line", ["\udcff\udcfe", "ok \ud800", 'flag "a\0b"', "\0"])
def test_a_line_of_broken_characters_changes_nothing(session: ReviewSession, line: str) -> None:
    before = len(session.history())
    reply = session.handle(line)
    assert reply.level == "error"
    assert "holds characters that no text has" in reply.echo
    assert len(session.history()) == before


def test_an_operation_of_broken_characters_changes_nothing(session: ReviewSession) -> None:
    reply = session.apply(operation(session, "add", 1, start=0, end=2, surface="\ud800", label="DRUG"))
    assert reply.level == "error"
    assert surfaces(session) == []


def test_a_text_cannot_steer_the_terminal(store: ReviewStore) -> None:
    text = "a\x1b[31mred\x9b0m \u202eevil\rend\r\nline\x07"
    session = ReviewSession(store, make_project(store, [(text, [suggest(text, "red", "TEST")])]).name, "ana")
    view = session.view()
    assert view is not None
    said = "\n".join([*card_lines(view), *reply_lines(session.handle('all "red"'))])
    assert not any(ord(char) < 32 and char not in "\n\t" for char in said)
    assert not set("\x9b\u202e\x7f") & set(said)
    assert "a␛[31m[1 red]�0m �evil␍end\nline␇" in said
    assert printable("tab\tand\nline 😀") == "tab\tand\nline 😀"


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 101, "a\0b"])
def test_names_of_projects_and_reviewers(store: ReviewStore, name: str) -> None:
    with pytest.raises(StoreError, match=r"no name of a project\. Use 1 to 100 printable characters"):
        store.create_project(name)
    project = store.create_project("p")
    with pytest.raises(StoreError, match="no name of a reviewer"):
        project.reviewer_id(name)


def test_an_empty_file_of_the_user_does_not_become_a_store(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.touch()
    with pytest.raises(StoreError, match=r"is empty\. Make it with"):
        ReviewStore.open(path, create=False)
    assert path.stat().st_size == 0
    ReviewStore.open(path).close()
    ReviewStore.open(path, create=False).close()


def test_documents_that_cannot_be_kept_are_named(any_store: ReviewStore) -> None:
    project = any_store.create_project("p")
    with pytest.raises(CorpusError, match=r"document id 'd{40}'… has 401 characters\. Use at most 400"):
        project.add_documents([Document("d" * 401, "text")])
    odd = Document("d1", "a\0b pain")
    if any_store.engine.dialect.name == "postgresql":
        with pytest.raises(CorpusError, match="document 'd1' holds character number 0, which PostgreSQL"):
            project.add_documents([odd])
    else:
        assert project.add_documents([odd]).added == 1


def test_very_long_spans_are_kept_and_found(any_store: ReviewStore) -> None:
    rng = random.Random(3)
    long = "".join(rng.choices(LETTERS, k=6000))
    texts = [f"{long} x", f"y {long}", long[:400]]
    found = [[suggest(text, long if long in text else text, "TEST")] for text in texts]
    session = ReviewSession(
        any_store, make_project(any_store, list(zip(texts, found, strict=True))).name, "ana"
    )
    asked = session.handle(f'ok all "{long}"')
    assert asked.pending is not None
    assert asked.pending.count == 2
    assert session.handle("yes").level == "done"
    assert say(session, "go d3", "1 is DRUG").level == "done"


def test_a_document_of_white_space_has_no_spans_to_decide(store: ReviewStore) -> None:
    session = ReviewSession(store, make_project(store, [(" \n\t ", []), ("", [])]).name, "ana")
    for number in (1, 2):
        say(session, f"go {number}")
        assert session.handle('add " " TEST').level == "error"
        assert session.handle("next").echo.startswith(f"d{number} is reviewed, it holds nothing")


SECRET = "the first line of a file on the server"


@pytest.mark.parametrize(
    "line",
    [
        'replay "{}',
        "replay {}",
        'replay "{}"',
        "REPLAY {}",
        " replay {}",
        "replay\t{}",
        "replay \u201c{}",
        'export jsonl "{}',
        "export jsonl {}",
        'EXPORT csv "{}"',
        "export brat {}",
    ],
)
def test_no_line_reaches_a_path_without_the_right_to_files(
    store: ReviewStore, tmp_path: Path, line: str
) -> None:
    path = tmp_path / "secret.txt"
    path.write_text(SECRET)
    session = ReviewSession(store, ward(store).name, "ana")
    say(session, "ok")
    reply = session.handle(line.format(path))
    if line == 'export jsonl "{}':  # with its open quote it is a sentence, which offers a download
        assert reply.download == "jsonl"
    else:
        assert reply.level == "error"
    assert SECRET not in reply.echo + "".join(reply.lines) + repr(reply.table)
    assert path.read_text() == SECRET
    assert [each.name for each in tmp_path.iterdir() if not each.name.startswith("review")] == ["secret.txt"]


def test_export_without_files_names_the_format_to_download(store: ReviewStore) -> None:
    session = ReviewSession(store, ward(store).name, "ana")
    assert session.handle("export CSV").download == "csv"
    assert session.handle("? replay").level == "error"
    assert "unknown export format" in session.handle("export word").echo


def test_lines_of_a_session_file_reach_no_files(store: ReviewStore, tmp_path: Path) -> None:
    session = ReviewSession(store, ward(store).name, "ana", files=FileAccess(tmp_path))
    steps, target = tmp_path / "steps.txt", tmp_path / "written.jsonl"
    for line in (f"export jsonl {target}", "replay steps.txt"):
        steps.write_text(f"ok 1\n{line}\n")
        assert "steps.txt, row 2" in session.handle("replay steps.txt").echo
    assert not target.exists()
    say(session, "ok")
    assert session.handle(f"export jsonl {target}").level == "info"
    assert target.exists()
