"""One class a command: what follows from it, and the way of a line through the house."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

import hybrid_ner
from hybrid_ner.registry import COMMANDS as DOOR
from hybrid_ner.review import COMMANDS, FileAccess, ReviewSession, ReviewStore, offered, parse
from hybrid_ner.review.commands.base import SPECS, Added, Command
from hybrid_ner.review.commands.help import language_page, nearest
from hybrid_ner.review.commands.language import spec_of
from hybrid_ner.ui.views.review import sheet
from tests.review.helpers import say, ward

ROOT = Path(hybrid_ner.__file__).parent


@pytest.fixture
def added() -> Iterator[list[str]]:
    """A command of another package, and what it was given."""
    given: list[str] = []

    def shout(session: ReviewSession, rest: str) -> str:
        """``shout`` `shout WORD`: say it loudly."""
        given.append(rest)
        return rest.upper() or "..."

    DOOR.register("shout", shout)
    yield given
    import catalogue

    catalogue._remove(("hybrid_ner", "commands", "shout"))


def test_the_page_of_the_language_is_made_of_the_commands() -> None:
    page = (ROOT.parent / "docs" / "commands.md").read_text(encoding="utf-8")
    assert page == language_page(added=False), "run `hybrid-ner review commands > docs/commands.md`"


def test_every_command_runs_or_answers_and_says_what_it_touches() -> None:
    classes = [each for each in _below(Command) if not inspect.isabstract(each) and each is not Added]
    for each in classes:
        assert each.effect in ("asks", "own", "project")
        assert "run" in dir(each)
    assert {spec.kind for spec in SPECS} <= set(classes)
    assert all(spec.does and spec.usage[0] for spec in COMMANDS)


def _below(cls: type[Command]) -> set[type[Command]]:
    found = {each for each in cls.__subclasses__() if each.__module__.startswith("hybrid_ner.")}
    return found | {lower for each in found for lower in _below(each)}


@pytest.mark.parametrize("line", ["shout hey", 'shout it"s open'])
def test_a_command_of_another_package_is_part_of_the_language(
    session: ReviewSession, added: list[str], line: str
) -> None:
    rest = line.removeprefix("shout ")
    assert parse(line) == Added("shout", rest)
    assert session.handle(line).echo == rest.upper()
    assert added == [rest]


@pytest.mark.usefixtures("added")
def test_a_command_of_another_package_that_fails_says_where(session: ReviewSession) -> None:
    def shout(session: ReviewSession, rest: str) -> str:
        raise KeyError(rest)

    DOOR.register("shout", shout)
    reply = session.handle("shout hey")
    assert reply.level == "error"
    row = shout.__code__.co_firstlineno + 1
    assert f"test_commands.py, row {row}: the command 'shout' failed (KeyError: 'hey')" in reply.echo


def test_a_command_of_another_package_hears_politeness_and_no_other_command(
    session: ReviewSession, added: list[str]
) -> None:
    for line in ("please shout hey", "could you please shout hey", "shout a; b"):
        assert session.handle(line).level != "error"
    assert added == ["hey", "hey", "a; b"]
    for line in ("shout hey; ok 1", "ok 1; shout hey", "ok 1; shout hey; next"):
        said = session.handle(line)
        assert said.level == "error"
        assert said.echo == (
            "shout takes the rest of its line. Give 'shout hey' a line of its own. Nothing changed."
        )
    assert "'shout' a line of its own" in session.handle("shout; ok 1").echo
    assert added == ["hey", "hey", "a; b"]
    assert session.log() == []


def test_a_command_of_another_package_is_in_help_page_and_suggestions(
    session: ReviewSession, added: list[str]
) -> None:
    for line in ("? all", "? added"):
        assert "shout · shout WORD: say it loudly" in session.handle(line).lines
    assert session.handle("? shout").lines == ("shout · shout WORD: say it loudly",)
    assert "Topics: " in session.handle("? cooking").echo
    assert "shout WORD" in language_page()
    assert "say it loudly" in sheet()
    assert ("shout", "shout WORD") in {spec.usage for spec in offered(files=False)}
    assert nearest("shuot hey") == "shout hey"


def test_a_command_of_another_package_is_replayed(
    store: ReviewStore, added: list[str], tmp_path: Path
) -> None:
    session = ReviewSession(store, ward(store).name, "ana")
    say(session, "ok 1", "shout hey", "next")
    lines = session.transcript()
    assert "shout hey" in lines
    path = tmp_path / "session.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    again = ReviewSession(store, ward(store, name="again").name, "bob", files=FileAccess(tmp_path))
    assert again.handle("replay session.txt").level == "done"
    assert added == ["hey", "hey"]


def test_a_typed_line_takes_a_short_way(session: ReviewSession) -> None:
    """The wings it goes through, and how often it goes from one module to another."""
    session.handle("ok 2")
    called: list[tuple[str, str, str]] = []

    def note(frame: FrameType, event: str, argument: object) -> None:
        here = frame.f_code.co_filename
        if event == "call" and here.startswith(str(ROOT)):
            called.append((_caller(frame), here, frame.f_code.co_name))

    reply = _profiled(note, lambda: session.handle("ok 1").echo)
    assert reply.startswith("accepted 1")
    assert len({here for _, here, _ in called}) <= 12, sorted({here for _, here, _ in called})
    assert sum(before not in ("", here) for before, here, _ in called) <= 50
    assert sum(name == "tokenize" for _, _, name in called) == 1


def _caller(frame: FrameType) -> str:
    """The file of this package that called, whatever stood between."""
    before = frame.f_back
    while before is not None and not before.f_code.co_filename.startswith(str(ROOT)):
        before = before.f_back
    return before.f_code.co_filename if before is not None else ""


def _profiled(note: Callable[[FrameType, str, object], None], run: Callable[[], str]) -> str:
    known = sys.getprofile()
    sys.setprofile(note)
    try:
        return run()
    finally:
        sys.setprofile(known)


def test_a_word_in_capitals_is_its_own_command_before_it_is_another() -> None:
    found = [spec_of(word) for word in ("A", "a", "N", "OK", "#")]
    assert [spec.names[0] if spec else "" for spec in found] == ["all", "ok", "add", "ok", ""]
