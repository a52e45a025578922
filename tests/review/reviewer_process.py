"""A reviewer in a process of its own, for the tests that kill one or run two at once.

Usage: ``python -m tests.review.reviewer_process STORE REVIEWER CLIENT FIRST LAST``. Sends one numbered
command after the other and prints the number of each that was acknowledged.
"""

from __future__ import annotations

import sys

from hybrid_ner.review import ReviewSession, ReviewStore


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


def main() -> None:
    """Run commands FIRST to LAST."""
    target, reviewer, client, first, last = sys.argv[1:]
    with ReviewStore.open(target) as store:
        session = ReviewSession(store, "", reviewer, tokenize=whole)
        for number in range(int(first), int(last)):
            session.handle(command_of(number), client_id=client, sequence=number)
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
