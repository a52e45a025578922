"""How often the chat does what people mean: sentences of files, each with the effect that it has to have.

Purpose: the share of other people's sentences at their first try, apart by what became of them. A sentence
that only asks counts by what its buttons would do: ``right choice`` when one of them has the effect.

Run: ``python -m benchmarks.phrasings FILE.tsv…`` (the format is in ``tests/review/phrasing.py``); ``--rows``
prints every row that was not done.
"""

from __future__ import annotations

import argparse
import collections
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from tests.review.phrasing import Outcome, Phrasing, Sayings, fits, read_phrasings

KINDS = ("done", "right choice", "asked otherwise", "refused", "otherwise", "WRONG WRITE")
"""``otherwise``: nothing was written, and something else than was meant was answered or shown."""


def kind_of(sayings: Sayings, row: Phrasing) -> tuple[str, Outcome]:
    """What became of one sentence."""
    outcome = sayings.say(row)
    if fits(outcome, row):
        return "done", outcome
    if outcome.wrote:
        return "WRONG WRITE", outcome
    if outcome.reply.level == "error":
        return "refused", outcome
    if outcome.reply.level != "ask":
        return "otherwise", outcome
    return ("right choice" if _offers(sayings, row, outcome) else "asked otherwise"), outcome


def _offers(sayings: Sayings, row: Phrasing, outcome: Outcome) -> bool:
    pending = outcome.reply.pending
    lines = [line for _, line in pending.choices if line != "cancel"] if pending else []
    for line in lines or ["yes"]:
        before = " | ".join(filter(None, (row.before, row.sentence))) if line == "yes" else row.before
        if fits(sayings.say(replace(row, sentence=line, before=before)), row):
            return True
    return False


def measure(paths: Iterable[Path], rows_too: bool) -> None:
    """Print the shares of every file."""
    with tempfile.TemporaryDirectory() as folder:
        sayings = Sayings(Path(folder))
        for path in paths:
            counts: collections.Counter[str] = collections.Counter()
            for row in read_phrasings(path):
                kind, outcome = kind_of(sayings, row)
                counts[kind] += 1
                if rows_too and kind != "done":
                    print(
                        f"{kind:15} {row.where} {row.sentence!r} [{row.document} {row.before}] {row.effect}"
                    )
                    reply = outcome.reply
                    print(f"    {sorted(outcome.effects)} {reply.understood} | {reply.echo[:110]}")
            total = sum(counts.values())
            shares = ", ".join(f"{kind} {counts[kind]}" for kind in KINDS)
            print(f"{path.name}: {total} sentences, {counts['done'] / max(1, total):.1%} done: {shares}")
        sayings.store.close()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--rows", action="store_true")
    made = parser.parse_args()
    measure(made.files, made.rows)


if __name__ == "__main__":
    main()
