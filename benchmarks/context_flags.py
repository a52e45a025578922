"""Context flags on sentences with known answers: precision and recall by flag, and time by length.

Purpose: show what each flag is worth and on which kind of note, and that time grows with the length of
the text alone. The sentences (``tests/sources/context_traps.tsv``) were written for this project, traps
beside near misses::

    python benchmarks/context_flags.py [--traps FILE]

FILE has the columns ``note``, ``text``, ``mention`` and ``flags`` (comma-separated, ``-`` for none); the
mention is its first occurrence in the text.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from hybrid_ner.corpus.document import FLAGS
from hybrid_ner.sources.context import ContextRules, context_rules, shipped_lists

TRAPS = Path(__file__).resolve().parents[1] / "tests" / "sources" / "context_traps.tsv"


def read(path: Path) -> Iterator[tuple[str, str, str, frozenset[str]]]:
    """Note kind, text, mention and flags of each row."""
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        if line.strip() and not line.startswith("#"):
            note, text, mention, flags = line.split("\t")
            yield note, text.replace("\\n", "\n"), mention, frozenset(flags.split(",")) - {"-"}


def measure(rules: ContextRules, path: Path) -> str:
    """The table by flag, the table by kind of note, and every row that is wrong."""
    right, given, wanted = Counter[str](), Counter[str](), Counter[str]()
    notes, whole, wrong = Counter[str](), Counter[str](), []
    for note, text, mention, flags in read(path):
        start = text.index(mention)
        found = frozenset(rules.flags(text, [(start, start + len(mention))])[0])
        right.update(found & flags)
        given.update(found)
        wanted.update(flags)
        notes[note] += 1
        whole[note] += found == flags
        if found != flags:
            wrong.append(f"{text!r}: {mention!r} is {sorted(flags)}, found {sorted(found)}")
    rows = ["| flag | traps | precision | recall |", "|---|---|---|---|"]
    for flag in FLAGS:
        precision, recall = right[flag] / max(given[flag], 1), right[flag] / max(wanted[flag], 1)
        rows.append(f"| {flag} | {wanted[flag]} | {100 * precision:.1f} | {100 * recall:.1f} |")
    rows += ["", "| note | sentences | all flags right |", "|---|---|---|"]
    rows += [f"| {note} | {count} | {whole[note]} |" for note, count in notes.items()]
    rows.append(f"| all | {notes.total()} | {whole.total()} |")
    return "\n".join([*rows, *wrong])


def speed(rules: ContextRules) -> str:
    """Seconds for ever longer texts of the same sentences, three times each, the least."""
    sentences = [text for _, text, _, _ in read(TRAPS)]
    rows = ["| characters | spans | s | µs a character |", "|---|---|---|---|"]
    for times in (4, 16, 64):
        text = "\n".join(sentences * times)
        spans = [(at, at + 6) for at in range(0, len(text) - 6, 40)]
        seconds = min(_seconds(rules, text, spans) for _ in range(3))
        rows.append(f"| {len(text):,} | {len(spans):,} | {seconds:.2f} | {1e6 * seconds / len(text):.2f} |")
    return "\n".join(rows)


def _seconds(rules: ContextRules, text: str, spans: list[tuple[int, int]]) -> float:
    begin = time.perf_counter()
    rules.flags(text, spans)
    return time.perf_counter() - begin


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--traps", type=Path, default=TRAPS, help="sentences with known flags")
    arguments = parser.parse_args()
    loaded = context_rules(shipped_lists())
    print(measure(loaded, arguments.traps), speed(loaded), sep="\n\n")
