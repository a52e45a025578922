"""What a command is, and the table of all commands.

A command is one class in one file: the words that start it, its forms, its line of help and its keys in the
decorator, what it touches in the body, then how it reads its words and what it does. Parser, help,
suggestions, keyboard, page and session files all follow from that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, TypeVar, dataclass_transform

from hybrid_ner import registry
from hybrid_ner.errors import HybridNerError
from hybrid_ner.review.reply import Reply

if TYPE_CHECKING:
    from hybrid_ner.review.commands.language import Cursor
    from hybrid_ner.review.commands.work import Work

Effect = Literal["asks", "own", "project"]
"""``asks`` writes nothing into the store, so that it runs without a lock; ``own`` depends on this reviewer's
decisions alone, in one document or on the way to the next one, and waits for others only while it appends to
the log; ``project`` locks the project from the start."""


class Command:
    """Base of every command; a subclass says what it touches where that differs from what stands here."""

    __slots__ = ()

    effect: ClassVar[Effect] = "project"
    role: ClassVar[str] = "reviewer"
    """Who may use it where reviewers sign in."""
    on_card: ClassVar[bool] = False
    """It is about the open document, so that one who sees another state of it is refused."""
    pushes: ClassVar[bool] = False
    """It takes the place of accepted spans that overlap."""
    answers: ClassVar[bool] = False
    """It answers a question of the session."""
    alone: ClassVar[bool] = False
    """It stands in a line of its own: answers, files, and what asks for a name."""
    moves: ClassVar[bool] = False
    """It may lead elsewhere the next time: what the queue holds depends on others too."""
    proposed: ClassVar[bool] = True
    """A model may propose it: not so files, models, other people's decisions, answers."""
    loose: ClassVar[bool] = False
    """It takes any words, so that a sentence can look like it: "find it", "never mind"."""
    asks_terms: ClassVar[bool] = False
    """It looks into the term lists."""

    reads: ClassVar[Callable[[Cursor], object] | None] = None
    """What it takes, where that is one thing; where it is more, the class has a ``read`` of its own."""
    skips: ClassVar[str] = ""
    """A word that may follow its name and says nothing: ``compare with ana``."""

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        """What follows the name."""
        cursor.word(cls.skips)
        return cls(cls.reads(cursor)) if cls.reads else cls()  # type: ignore[call-arg]

    def run(self, work: Work) -> Reply:
        """Do it, and say what was done."""
        raise NotImplementedError

    @property
    def goes_on(self) -> bool:
        """Whether it may lead to another document."""
        return self.moves

    @property
    def spans(self) -> tuple[int, ...]:
        """Numbers of the spans of the open document that it names."""
        numbers = getattr(self, "numbers", ())
        listed = tuple(getattr(numbers, "listed", numbers))
        return listed or ((self.number,) if hasattr(self, "number") else ())


class Asking(Command):
    """It changes nothing."""

    __slots__ = ()

    effect = "asks"


class OnCard(Command):
    """It is about the open document or its spans, for this reviewer alone."""

    __slots__ = ()

    effect = "own"
    on_card = True


class Leading(Command):
    """A person who leads says it, and no model proposes it."""

    __slots__ = ()

    role = "lead"
    proposed = False


@dataclass(frozen=True, slots=True)
class Key:
    """A key that types a command while the chat box has no focus.

    Args:
        key: As ``KeyboardEvent.key`` names it.
        command: The line to send; ``{n}`` is the selected span, ``{open}`` the open spans that the screen
            counts, ``{label}`` the label of a digit key, and a line that ends in ``{text}`` goes to the
            chat box to be completed.
    """

    key: str
    command: str
    help: str


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """A command as people see it.

    Args:
        names: Words that start it, the usual one first; ``N`` stands for a span number.
        does: What it does, one line.
        kind: The class, which reads what follows the name.
        files: It needs a session that may read files; no page offers it.
    """

    names: tuple[str, ...]
    topic: str
    usage: tuple[str, ...]
    does: str
    kind: type[Command]
    files: bool = False
    keys: tuple[Key, ...] = ()


NUMBER, HASH = "N", "#"
"""Stand for a span number, and for an occurrence by its number."""
TOPICS = (
    *("decide", "edit", "explain", "bulk", "gazetteer", "codebook", "move", "undo", "models", "team"),
    *("files", "help", "added"),
)
"""Modules of the language, in the order of the help; ``added`` are the commands of other packages."""
SPECS: list[CommandSpec] = []
"""Every command of the language."""
BY_NAME: dict[str, CommandSpec] = {}
"""The same by the words that start them."""
T = TypeVar("T", bound=Command)


@dataclass_transform(frozen_default=True)
def command(
    words: str = "",
    *,
    says: str = "",
    files: bool = False,
    keys: tuple[Key, ...] = (),
    reads: Callable[[Cursor], object] | None = None,
) -> Callable[[type[T]], type[T]]:
    """A command: the class becomes a frozen dataclass, and part of the language under its names.

    One without a name is what another one's words may stand for, and one that says nothing is not offered.

    Args:
        words: Words that start it, with commas between.
        says: Its line in the help, with all its forms: ``go 31 · go note_17: a document by number or id``.
        files: It needs a session that may read files.
        reads: Gives the value of its only field, from what follows the name.
    """
    usage, _, does = says.partition(": ")
    names = tuple(words.split(", ")) if words else ()

    def add(cls: type[T]) -> type[T]:
        made = cls if "__dataclass_fields__" in vars(cls) else dataclass(frozen=True, slots=True)(cls)
        made.reads = reads or made.reads
        topic = cls.__module__.rpartition(".")[2]
        spec = CommandSpec(names, topic, tuple(usage.split(" · ")), does, made, files, keys)
        BY_NAME.update(dict.fromkeys(names, spec))
        if says:
            SPECS.append(spec)
        return made

    return add


@command()
class Added(Command):
    """A command of another package, which is given the session and the rest of the line."""

    alone = True
    moves = True
    proposed = False
    name: str
    rest: str
    problem: str = ""
    """Why it is not run, such as another command behind it."""

    def given(self, session: object) -> Reply:
        """What it answers; outside of any transaction, so that it may handle lines of its own."""
        if self.problem:
            return Reply(f"{self.problem} Nothing changed.", "error")
        try:
            run = registry.COMMANDS.get(self.name)
            with registry.others_code(f"the command {self.name!r}", run, "Correct it."):
                said = run(session, self.rest)
        except HybridNerError as error:
            return Reply(str(error), "error")
        return said if isinstance(said, Reply) else Reply(f"{self.name}: done" if said is None else str(said))


def offered(*, files: bool = True, added: bool = True) -> list[CommandSpec]:
    """The commands in the order of the help.

    Args:
        files: With those that need a session that may read files.
        added: With those of other packages, which come last.
    """
    specs = sorted(SPECS, key=lambda spec: TOPICS.index(spec.topic))
    return [spec for spec in (*specs, *(_added() if added else ())) if files or not spec.files]


def _added() -> Iterator[CommandSpec]:
    """What functions of other packages say of themselves: forms between backquotes in the first line."""
    for name, run in registry.COMMANDS.all(BY_NAME):
        said = ((getattr(run, "__doc__", "") or "").strip().splitlines() or [""])[0]
        usage = tuple(form for form in re.findall("`+([^`]+)`+", said) if form.split()[0] == name)
        does = re.sub("^(?:`+[^`]+`+[,·; ]*)+:? *", "", said).rstrip(".") or "a command of another package"
        yield CommandSpec((name,), "added", usage or (name,), does, Added)
