"""A reviewer in a process of its own, for the tests that kill one or run two at once."""

from __future__ import annotations

from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from hybrid_ner.review import ReviewSession, ReviewStore

CONTEXT = get_context("forkserver")
"""Processes of a server that has the package loaded: a new interpreter for each would take seconds."""
CONTEXT.set_forkserver_preload([__name__])


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A running process, and what it says: the number of every command that was acknowledged."""

    process: BaseProcess
    said: Connection

    @classmethod
    def start(cls, target: str, reviewer: str, client: str, first: int, last: int) -> Reviewer:
        """Let a reviewer send commands ``first`` to ``last``, one after the other."""
        said, tell = CONTEXT.Pipe(duplex=False)
        process = CONTEXT.Process(target=review, args=(target, reviewer, client, first, last, tell))
        process.start()
        tell.close()
        return cls(process, said)

    def next(self) -> int | None:
        """The next number that it says; ``None`` at its end."""
        try:
            return int(self.said.recv())
        except EOFError:
            return None

    def rest(self) -> list[int]:
        """Everything that it still says."""
        return list(iter(self.next, None))


def whole(text: str) -> list[tuple[int, int]]:
    """Tokens without spaCy: every word."""
    tokens, at = [], 0
    for word in text.split():
        at = text.index(word, at)
        tokens.append((at, at + len(word)))
        at += len(word)
    return tokens


def command_of(number: int) -> str:
    """Command number ``n``: an edit of a document, or a step over all of them with its confirmation."""
    kinds = (
        f"go {number % 6 + 1}",
        "reopen 1",
        "ok 1",
        "1 is DRUG",
        'relabel all "afib" -> TEST including reviewed',
        "yes 5",
        "undo",
        '1 = "afib"',
    )
    return kinds[number % len(kinds)]


def review(target: str, reviewer: str, client: str, first: int, last: int, tell: Connection) -> None:
    """What the process does."""
    with ReviewStore.open(target) as store:
        session = ReviewSession(store, "", reviewer, tokenize=whole)
        for number in range(first, last):
            session.handle(command_of(number), client_id=client, sequence=number)
            tell.send(number)
