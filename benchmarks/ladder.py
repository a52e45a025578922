"""What the two rule ladders share: documents with gold, scores in a cell, sources run and timed."""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spacy.tokens import Doc

from hybrid_ner.sources import LabelingSource, write_matches
from hybrid_ner.text.tokenizer import blank

Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one system on one part."""

    right: int
    predicted: int
    gold: int

    def cell(self, digits: int) -> str:
        """Precision / recall / F1, the last one with so many digits."""
        precision = self.right / self.predicted if self.predicted else 0.0
        recall = self.right / self.gold if self.gold else 0.0
        f1 = 2 * precision * recall / (precision + recall) if self.right else 0.0
        return f"{100 * precision:.1f} / {100 * recall:.1f} / **{100 * f1:.{digits}f}**"


@dataclass(frozen=True, slots=True)
class Part:
    """Documents with their gold spans."""

    name: str
    docs: list[Doc]
    gold: list[set[Span]]

    @property
    def labels(self) -> set[str]:
        """Labels that the part annotates."""
        return {label for spans in self.gold for _, _, label in spans}


def half_of(record: dict[str, Any]) -> str:
    """``read`` or ``unread``: the part of train that the document of a record falls into, by hash.

    Half of the judgments is read; of the filings a second round read half of what the first had left.
    """
    meta = record["meta"]
    judgment = "source" in meta
    key = meta["source"].split()[-1].rstrip("/") if judgment else str(meta.get("group", record["id"]))
    number = int(hashlib.sha1(key.encode()).hexdigest(), 16)
    return "unread" if number % 2 and (judgment or number % 4 == 3) else "read"


def read_part(path: Path, name: str, kind: str = "", half: str = "") -> Part:
    """Read a corpus in the JSON Lines form, or its records of one ``meta.kind``, or of one half."""
    nlp = blank()
    lines = path.read_text(encoding="utf-8").splitlines()
    records: list[dict[str, Any]] = [json.loads(line) for line in lines if line.strip()]
    records = [record for record in records if not kind or record["meta"].get("kind") == kind]
    records = [record for record in records if not half or half_of(record) == half]
    gold = [{(e["start"], e["end"], e["label"]) for e in record["entities"]} for record in records]
    return Part(name, [nlp.make_doc(record["text"]) for record in records], gold)


def label(part: Part, sources: Sequence[LabelingSource]) -> float:
    """Run the sources over every document; the seconds it took."""
    begin = time.perf_counter()
    for doc in part.docs:
        for source in sources:
            write_matches(doc, source.name, source(doc))
    return time.perf_counter() - begin


def forget(parts: Sequence[Part]) -> None:
    """Take every vote off the documents."""
    for part in parts:
        for doc in part.docs:
            doc.spans.clear()


def header(parts: Sequence[Part]) -> str:
    """First two lines of a table with one column a part."""
    titles = [f"{part.name} ({sum(map(len, part.gold)):,} gold)" for part in parts]
    return f"| step | {' | '.join(titles)} |\n|---{'|---' * len(parts)}|"


def row(title: str, scores: Sequence[Score], digits: int) -> str:
    """One line of a table."""
    return f"| {title} | {' | '.join(score.cell(digits) for score in scores)} |"


def command_line(
    description: str, write: Callable[[argparse.Namespace], str], *, halves: bool = False
) -> None:
    """Parse the options of a ladder, print what ``write`` makes of them, and keep it when asked to.

    Args:
        description: What ``--help`` says.
        write: Makes the tables.
        halves: Whether ``--half`` is offered.
    """
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    shared = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=shared, help="folder with one folder a corpus")
    parser.add_argument("--part", default="dev", choices=("train", "dev"))
    parser.add_argument("--without", action="store_true", help="also leave out each source in turn")
    if halves:
        parser.add_argument("--half", default="", choices=("read", "unread"), help="by hash of the document")
        parser.add_argument("--documents", action="store_true", help="what single documents weigh in the gap")
    parser.add_argument("--output", type=Path, help="write the tables to this file as well")
    arguments = parser.parse_args()
    text = write(arguments)
    print(text)
    if arguments.output:
        command = f"python {Path('benchmarks') / parser.prog} --part {arguments.part}"
        command += " --without" * arguments.without
        arguments.output.write_text(f"Written by `{command}`.\n\n{text}\n", encoding="utf-8")
