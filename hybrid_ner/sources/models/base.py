"""What every model is as a labeling source: windows, a label map, kept answers, and what went wrong.

A kind of model is a subclass that answers texts short enough for it. Everything else is here: long text is
read in windows, each answer is moved to the characters of the document, answered windows are kept on disk so
that nothing is asked twice, and whatever cannot be used is listed with its document.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import sqlite3
import time
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, Self

from hybrid_ner.errors import InputError, ModelError
from hybrid_ner.matching.match import Evidence, Match
from hybrid_ner.sources.base import unique
from hybrid_ner.text import quantity
from hybrid_ner.text.windows import Window, owned, windows_of

__all__ = [
    "CACHE_VARIABLE",
    "MOVED_VARIABLE",
    "UNKNOWN",
    "Answer",
    "ModelReport",
    "ModelSettings",
    "ModelSource",
    "Reply",
    "fingerprint_of",
]

CACHE_VARIABLE = "HYBRID_NER_ANSWERS"
"""Folder of the kept answers; by default ``hybrid_ner`` in the user's cache folder."""
MOVED_VARIABLE = "HYBRID_NER_MODELS"
"""Folders, separated as in ``PATH``, in which models are that are not where a pipeline was made."""
UNKNOWN = 0.5
"""Score of what comes without a probability: neither sure enough for "all score>0.9" nor hopeless."""
_VERSION = 1
"""Of what is kept; raise it when the same answer would be read in another way."""
_BATCH = 16
"""Windows that are asked together, and kept together."""
_ENDS = 64 << 10
"""Bytes from either end of a file by which models are told apart: training changes all weights."""


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


@dataclass(frozen=True)
class ModelSettings:
    """What is said about a model beside its kind.

    Args:
        place: Folder, package, file or address.
        name: Name of the source and of its span group; by default its kind.
        labels: The model's label → ours, or nothing to leave it out; empty takes all as they are.
        min_score: Least probability of a span; spans without one pass.
        counts: Whether its votes count among the rules, or are only shown to reviewers.
        window: Most of a text that is read at once, in characters or in the model's own tokens; 0 for what
            the model takes.
        cache: File of kept answers; by default one of the user's own; ``off`` keeps none.
    """

    place: str
    name: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    min_score: float = 0.0
    counts: bool = True
    window: int = 0
    cache: str = ""


class ModelSource:
    """A model as a labeling source.

    Its votes stand where no rule's do, and come after those of every other source.

    Args:
        settings: See ``ModelSettings``.

    Raises:
        InputError: The model, or a package that it needs, is not there.
    """

    kind: ClassVar[str] = ""
    packages: ClassVar[tuple[str, ...]] = ()
    """Modules that must be importable; the extra of this package with the name of the kind brings them."""
    settings_type: ClassVar[type[ModelSettings]] = ModelSettings
    asks: ClassVar[bool] = False
    """Whether it must be told which labels to look for."""
    reads_view: ClassVar[bool] = True
    last: ClassVar[bool] = True

    def __init__(self, settings: ModelSettings) -> None:
        self.settings = settings
        self.name = settings.name or self.kind
        self.report = ModelReport()
        self._notes: dict[str, list[str]] = {}
        self._model: Any = None
        missing = [name for name in self.packages if importlib.util.find_spec(name) is None]
        if missing:
            raise InputError(
                f"the source {self.name!r} needs {' and '.join(missing)}, which is not installed.",
                hint=f"pip install 'hybrid-ner[{self.kind}]'.",
            )
        self.identity = self._identified()

    @property
    def counts(self) -> bool:
        """Whether its votes count among the rules."""
        return self.settings.counts

    def with_labels(self, labels: Iterable[str]) -> Self:
        """The source, asking for these labels where it was told none."""
        named = {label: label for label in labels}
        if not self.asks or self.settings.labels or not named:
            return self
        return type(self)(replace(self.settings, labels=named))

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name!r} at {self.settings.place}>"

    # What a kind says of itself

    def _identified(self) -> str:
        """What tells this model from others, and from itself after another training."""
        return fingerprint_of(self.path)

    def _budget(self) -> tuple[int, int]:
        """Most cost of a window, and how much two of them share."""
        return (self.settings.window or 20_000), 400

    def _measure(self, texts: Sequence[str]) -> Sequence[int]:
        """Cost of texts."""
        return [len(text) for text in texts]

    def _asked(self) -> dict[str, Any]:
        """Settings that change what is answered."""
        return {}

    def _ask(self, texts: Sequence[str]) -> Iterable[Reply]:
        """One reply for each text, in order."""
        raise NotImplementedError

    def _said(self, answer: Answer) -> str:
        """Who says so, for ``why``."""
        said = f"{answer.by or self.title} says {answer.label}"
        return said if answer.score is not None else f"{said}, no probability"

    @property
    def title(self) -> str:
        """What people call the model."""
        return Path(self.settings.place).name

    @property
    def path(self) -> Path:
        """The place as a path that exists.

        Raises:
            InputError: There is nothing.
        """
        given = Path(self.settings.place)
        moved = filter(None, os.environ.get(MOVED_VARIABLE, "").split(os.pathsep))
        for path in (given, *(Path(folder) / given.name for folder in moved)):
            if path.exists():
                return path
        raise InputError(
            f"the source {self.name!r} has no model here.",
            path=given,
            hint=f"Put it there again, or name the folder that {given.name} is in now by {MOVED_VARIABLE}.",
        )

    # What they share

    def __call__(self, doc: Any) -> list[Match]:
        """Matches in characters of ``doc.text``."""
        text: str = doc.text
        windows = windows_of(text, *self._budget(), self._measure)
        replies = list(self._replies([text[w.start : w.end] for w in windows]))
        self._note(windows, replies)
        placed = [list(self._placed(text, *pair)) for pair in zip(windows, replies, strict=True)]
        told = owned(windows, [[(start, end) for start, end, _ in each] for each in placed])
        kept = (
            each
            for spans, own in zip(placed, told, strict=True)
            for each, is_own in zip(spans, own, strict=True)
            if is_own
        )
        return unique(match for each in kept if (match := self._match(text, *each)))

    def take_notes(self) -> dict[str, list[str]]:
        """What went wrong in the last document: ``unanswered`` and ``problems``, where there is some."""
        notes, self._notes = self._notes, {}
        return notes

    def take_report(self) -> ModelReport:
        """What it did since the last call."""
        report, self.report = self.report, ModelReport()
        return report

    def _note(self, windows: Sequence[Window], replies: Sequence[Reply]) -> None:
        def place(window: Window) -> str:
            return f"characters {window.start}-{window.end}"

        pairs = list(zip(windows, replies, strict=True))
        unanswered = [f"{place(w)}: {r.unanswered}" for w, r in pairs if r.unanswered]
        problems = [f"{place(w)}: {said}" for w, r in pairs for said in r.problems]
        self.report.windows += len(windows)
        self.report.unanswered += len(unanswered)
        self.report.problems += len(problems)
        named = {"unanswered": unanswered, "problems": problems}
        self._notes = {name: lines for name, lines in named.items() if lines}

    def _replies(self, texts: Sequence[str]) -> Iterator[Reply]:
        """Replies in order: those kept from before, and the others asked for in batches and kept at once."""
        store, rest = _Kept.of(self.settings.cache), iter(texts)
        while batch := list(islice(rest, _BATCH)):
            keys = [self._key(text) for text in batch]
            known = store.get(keys)
            self.report.kept += len(known)
            missing = {key: text for key, text in zip(keys, batch, strict=True) if key not in known}
            started = time.perf_counter()
            for key, reply in zip(missing, self._ask(list(missing.values())), strict=True):
                known[key] = reply
                if not reply.unanswered:
                    store.put(key, reply)
            self.report.seconds += time.perf_counter() - started if missing else 0.0
            yield from (known[key] for key in keys)

    def _key(self, text: str) -> str:
        asked = [_VERSION, self.kind, self.identity, self._asked(), text]
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()

    def _placed(self, text: str, window: Window, reply: Reply) -> Iterator[tuple[int, int, Answer]]:
        """The answers in characters of the document, without white space at their edges."""
        for answer in reply.answers:
            start, end = window.start + answer.start, window.start + answer.end
            if not window.start <= start < end <= window.end:
                self.report.problems += 1
                said = f"characters {start}-{end}: outside of what was asked ({answer.label})"
                self._notes.setdefault("problems", []).append(said)
                continue
            surface = text[start:end]
            start += len(surface) - len(surface.lstrip())
            end -= len(surface) - len(surface.rstrip())
            if start < end:
                yield start, end, answer

    def _match(self, text: str, start: int, end: int, answer: Answer) -> Match | None:
        label = self._ours(answer.label)
        if not label:
            self.report.left_out[answer.label] += 1
            return None
        if answer.score is not None and answer.score < self.settings.min_score:
            return None
        score = UNKNOWN if answer.score is None else answer.score
        evidence = Evidence("model", text[start:end], self._said(answer), score=score, words=answer.words)
        return Match(start, end, label, (), score, evidence)

    def _ours(self, label: str) -> str:
        labels = self.settings.labels
        return labels.get(label, "") if labels else label

    def to_state(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        return {**_plain(self.settings), "model": self.identity}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """The source that ``to_state`` described.

        Raises:
            ModelError: The model, or a package that it needs, is not there.
        """
        values = {key: value for key, value in state.items() if key != "model"}
        try:
            source = cls(cls.settings_type(**values))
        except InputError as error:
            raise ModelError(f"this pipeline needs a model: {error}") from error
        if source.identity != state.get("model"):
            said = f"{source.name}: {source.settings.place} is another model than when this was saved."
            warnings.warn(said, stacklevel=2)
        return source

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_model": None}  # each process opens it for itself


def _plain(settings: ModelSettings) -> dict[str, Any]:
    values = {each.name: getattr(settings, each.name) for each in fields(settings)}
    return {name: dict(v) if isinstance(v, Mapping) else v for name, v in values.items()}


def fingerprint_of(path: Path) -> str:
    """SHA-256 over names, sizes and both ends of a model's files, in hex; of a file itself for a file."""
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    digest = hashlib.sha256()
    for file in files:
        size = file.stat().st_size
        digest.update(f"{file.relative_to(path)}\t{size}\n".encode("utf-8", "surrogateescape"))
        with file.open("rb") as handle:
            digest.update(handle.read(_ENDS))
            handle.seek(max(0, size - _ENDS))
            digest.update(handle.read())
    return digest.hexdigest()


class _Kept:
    """Answers on disk, by what was asked; each is written whole or not at all.

    Args:
        path: The file; ``None`` keeps nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path

    @classmethod
    def of(cls, setting: str) -> _Kept:
        """As the settings of a source say."""
        if setting == "off":
            return cls(None)
        own = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
        folder = os.environ.get(CACHE_VARIABLE) or str(Path(own, "hybrid_ner"))
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
