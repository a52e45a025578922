"""What models answered, kept so that nothing is asked twice, and counted."""

from __future__ import annotations

import json
import os
import sqlite3
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from hybrid_ner.errors import InputError
from hybrid_ner.io import cache_folder
from hybrid_ner.text import quantity

CACHE_VARIABLE = "HYBRID_NER_ANSWERS"
"""Folder of the kept answers; by default ``hybrid_ner`` in the user's cache folder."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A span that a model named.

    Args:
        start: First character of the text that was asked about.
        end: One past the last.
        label: In the model's own words.
        score: Its probability; ``None`` where it gives none.
        words: What it said about it.
        by: Who found it, where the model passes on what others did.
    """

    start: int
    end: int
    label: str
    score: float | None = None
    words: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for one text.

    Args:
        answers: The spans.
        problems: What was answered but cannot be used, for people.
        unanswered: Why nothing came back; such a text is asked again the next time.
    """

    answers: tuple[Answer, ...] = ()
    problems: tuple[str, ...] = ()
    unanswered: str = ""

    def packed(self) -> str:
        """For the file of kept answers."""
        rows = [[a.start, a.end, a.label, a.score, a.words, a.by] for a in self.answers]
        return json.dumps([rows, self.problems], ensure_ascii=False)

    @classmethod
    def unpacked(cls, kept: str) -> Reply:
        """The inverse of ``packed``."""
        rows, problems = json.loads(kept)
        return cls(tuple(Answer(*row) for row in rows), tuple(problems))


@dataclass
class ModelReport:
    """What one source did.

    Args:
        windows: Texts that it was to answer.
        kept: Of them, those that were answered before.
        unanswered: Of them, those without an answer.
        problems: Answers, or parts of one, that could not be used.
        tokens_in: Tokens read, where the model counts them.
        tokens_out: Tokens written.
        seconds: Spent waiting for it.
        absent: Texts that a file of predictions does not have.
        left_out: Spans by label that the label map does not name.
    """

    windows: int = 0
    kept: int = 0
    unanswered: int = 0
    problems: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    absent: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    def line(self, name: str) -> str:
        """For people."""
        said = f"{name}: {quantity(self.windows, 'window')}"
        said += f", {self.kept:,} answered before" if self.kept else ""
        said += f", {self.seconds:.1f} s" if self.seconds >= 0.05 else ""
        if self.tokens_in or self.tokens_out:
            said += f", {self.tokens_in:,} tokens read and {self.tokens_out:,} written"
        said += f"; {quantity(self.problems, 'answer')} not usable" if self.problems else ""
        said += f"; {quantity(self.unanswered, 'window')} without an answer" if self.unanswered else ""
        said += f"; {quantity(self.absent, 'text')} not in its file" if self.absent else ""
        others = ", ".join(f"{label} {count:,}" for label, count in self.left_out.most_common())
        return said + (f"; labels that are not in its map: {others}" if others else "")

    def as_dict(self) -> dict[str, Any]:
        """Plain values; ``add`` takes them back."""
        return {**asdict(self), "seconds": round(self.seconds, 2), "left_out": dict(self.left_out)}

    def add(self, other: Mapping[str, Any]) -> None:
        """Take in the counts of another."""
        for name, value in other.items():
            if name == "left_out":
                self.left_out.update(value)
            elif hasattr(self, name):
                setattr(self, name, getattr(self, name) + value)


class KeptAnswers:
    """Answers on disk, by what was asked; each is written whole or not at all.

    Args:
        path: The file; ``None`` keeps nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path

    @classmethod
    def of(cls, setting: str) -> KeptAnswers:
        """As the settings of a source say."""
        if setting == "off":
            return cls(None)
        folder = os.environ.get(CACHE_VARIABLE) or str(cache_folder())
        path = Path(setting or Path(folder, "answers.sqlite3")).expanduser()
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # answers quote documents
        except OSError as error:
            said = f"answers of models are not kept: {path}: {error.strerror}. Set {CACHE_VARIABLE}."
            warnings.warn(said, stacklevel=2)
            return cls(None)
        return cls(path)

    def get(self, keys: Sequence[str]) -> dict[str, Reply]:
        """Those that were answered before."""
        marks = ", ".join("?" * len(keys))
        rows = self._run(f"SELECT key, answer FROM answers WHERE key IN ({marks})", keys)
        return {key: Reply.unpacked(answer) for key, answer in rows}

    def put(self, key: str, reply: Reply) -> None:
        """Keep an answer."""
        self._run("INSERT OR REPLACE INTO answers VALUES (?, ?)", (key, reply.packed()))

    def _run(self, query: str, values: Sequence[str]) -> list[Any]:
        if self.path is None:
            return []
        try:
            # A connection for each call: a source may be used in several threads and processes.
            with closing(sqlite3.connect(self.path, timeout=60)) as kept, kept:
                kept.execute("CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT)")
                return kept.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise InputError(
                f"the kept answers of models cannot be used ({error}).",
                path=self.path,
                hint="Remove the file; everything is asked again then.",
            ) from error
