"""Models of any kind as labeling sources: what all share; no kind is imported before it is named.

A kind (``spacy``, ``transformers``, ``gliner``, ``llm``, ``predictions``, ``draft``) is a subclass, behind
the registry of sources, that answers texts short enough for it; with a place and settings (``settings`` reads
what people write) it is a source like any other. Everything else is here: long text is read in windows, each
answer is moved to the characters of the document, answered windows are kept on disk so that nothing is asked
twice, and whatever cannot be used is listed with its document.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import chain, compress, islice
from pathlib import Path
from typing import Any, ClassVar, Self

from hybrid_ner.errors import InputError, ModelError
from hybrid_ner.io import missing_file
from hybrid_ner.matching.match import Evidence, Match
from hybrid_ner.sources import unique
from hybrid_ner.sources.models.endpoint import Answer, KeptAnswers, ModelReport, Reply
from hybrid_ner.text.offsets import Window, owned, windows_of

MOVED_VARIABLE = "HYBRID_NER_MODELS"
"""Folders, separated as in ``PATH``, in which models are that are not where a pipeline was made."""
UNKNOWN = 0.5
"""Score of what comes without a probability: neither sure enough for "all score>0.9" nor hopeless."""
_VERSION = 1
"""Of what is kept; raise it when the same answer would be read in another way."""
_BATCH = 16
"""Windows that are asked together, and kept together."""
_SHARED = 300
"""Characters that two halves of a text share."""
_ENDS = 64 << 10
"""Bytes from either end of a file by which models are told apart: training changes all weights."""


@dataclass(frozen=True)
class ModelSettings:
    """What is said about a model beside its kind.

    Args:
        place: Folder, package, file or address.
        name: Name of the source and of its span group; by default its kind.
        labels: The model's label → ours, or nothing to leave it out; empty takes all as they are.
        renamed: Label of ours → the one that it is by now: a project says so of labels that were joined.
        min_score: Least probability of a span; spans without one pass.
        counts: ``None`` counts what has earned it (``training.trust``), ``True`` everything, and of ``False``
            votes are only shown to reviewers.
        window: Most of a text that is read at once, in characters or in the model's own tokens; 0 for what
            the model takes.
        cache: File of kept answers; by default one of the user's own; ``off`` keeps none.
    """

    place: str
    name: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    min_score: float = 0.0
    counts: bool | None = None
    window: int = 0
    cache: str = ""


class ModelSource:
    """A model as a labeling source.

    Its votes stand where no rule's do, and come after those of every other source.

    Raises:
        InputError: The model, or a package that it needs, is not there.
    """

    kind: ClassVar[str] = ""
    packages: ClassVar[tuple[str, ...]] = ()
    """Modules that must be importable; the extra of this package with the name of the kind brings them."""
    holds: ClassVar[str] = ""
    """File by which the folder of such a model is known."""
    settings_type: ClassVar[type[ModelSettings]] = ModelSettings
    asks: ClassVar[bool] = False
    """Whether it must be told which labels to look for."""
    reads_view: ClassVar[bool] = True
    last: ClassVar[bool] = True
    opines: ClassVar[bool] = True
    """Whether it reads documents, so that saying nothing of a place is an opinion too."""

    def __init__(self, settings: ModelSettings) -> None:
        self.settings = settings
        self.name = settings.name or self.kind
        self.report = ModelReport()
        self.knows_text = True
        self._ahead: dict[str, Reply] = {}
        self._notes: dict[str, list[str]] = {}
        self._model: Any = None
        missing = [name for name in self.packages if importlib.util.find_spec(name) is None]
        if missing:
            raise InputError(
                f"the source {self.name!r} needs {' and '.join(missing)}; not installed.",
                hint=f"pip install 'hybrid-ner[{self.kind}]'.",
            )
        self.identity = self._identified()

    @property
    def counts(self) -> bool:
        """Whether its votes may count among the rules."""
        return self.settings.counts is not False

    @property
    def at_once(self) -> int:
        """Questions that it is asked at the same time."""
        return 1

    @property
    def earns(self) -> bool:
        """Whether they count only as far as they have earned it."""
        return self.settings.counts is None

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
        if self.holds and not (self.path / self.holds).is_file():
            raise InputError(
                f"the source {self.name!r} wants a folder with {self.holds}.",
                path=self.path,
                hint="Give the folder of such a model, as save_pretrained leaves it.",
            )
        return fingerprint_of(self.path)

    def _wanted(self) -> Mapping[str, str]:
        """The labels that it is told to look for, each with what it means."""
        if not self.settings.labels:
            raise InputError(
                f"the source {self.name!r} has no labels to ask for.",
                hint="Give them in its settings: labels: {Disease: a disease or symptom}.",
            )
        return self.settings.labels

    def _budget(self) -> tuple[int, int]:
        """Most cost of a window, and how much two of them share."""
        return (self.settings.window or 20_000), 400

    def _measure(self, texts: Sequence[str]) -> Sequence[int]:
        return [len(text) for text in texts]

    def _asked(self) -> dict[str, Any]:
        """Settings that change what is answered."""
        return {}

    def _ask(self, texts: Sequence[str]) -> Iterable[Reply]:
        """One reply for each text, in order."""
        raise NotImplementedError

    def _in_pieces(self, text: str) -> Reply:
        """The answer about a text that cannot be answered whole: of each half by itself."""
        answers: list[Answer] = []
        problems: list[str] = []
        windows = windows_of(text, len(text) // 2 + 1, min(_SHARED, len(text) // 8))
        if len(windows) < 2:
            return Reply(
                problems=(f"{len(text):,} characters that are too many to be read, and cannot be cut",)
            )
        for window in windows:
            reply = next(iter(self._ask([text[window.start : window.end]])))
            if reply.unanswered:
                return reply
            problems += reply.problems
            placed = (
                replace(a, start=a.start + window.start, end=a.end + window.start) for a in reply.answers
            )
            answers += (a for a in placed if window.first <= a.start < window.last)
        return Reply(tuple(answers), tuple(problems))

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
        near = missing_file(given).hint
        raise InputError(
            f"the source {self.name!r} has no model here.",
            path=given,
            hint=f"{near} Or name the folder that {given.name} is in now by {MOVED_VARIABLE}.",
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
        kept = compress(chain.from_iterable(placed), chain.from_iterable(told))
        return unique(match for each in kept if (match := self._match(text, *each)))

    def look_ahead(self, texts: Sequence[str]) -> None:
        """Ask about several documents together, for a model that answers several questions at once.

        Reading the documents then finds the answers.
        """
        store = KeptAnswers.of(self.settings.cache)
        parts = (
            text[w.start : w.end] for text in texts for w in windows_of(text, *self._budget(), self._measure)
        )
        self._ahead.clear()
        while batch := list(islice(parts, _BATCH)):
            asked = {self._key(text): text for text in batch if text.strip()}
            known = store.get(list(asked))
            missing = {key: text for key, text in asked.items() if key not in known}
            self._ahead.update(self._new_answers(missing, store))

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
        store, rest = KeptAnswers.of(self.settings.cache), iter(texts)
        while batch := list(islice(rest, _BATCH)):
            keys = [self._key(text) for text in batch]
            known = {key: self._ahead.pop(key) for key in dict.fromkeys(keys) if key in self._ahead}
            kept = store.get([key for key in keys if key not in known])
            self.report.kept += len(kept)
            known |= kept
            missing = {key: text for key, text in zip(keys, batch, strict=True) if key not in known}
            known |= self._new_answers(missing, store)
            yield from (known[key] for key in keys)

    def _new_answers(self, missing: Mapping[str, str], store: KeptAnswers) -> dict[str, Reply]:
        """Replies by key to texts by key, each kept as soon as it is there."""
        started, found = time.perf_counter(), dict[str, Reply]()
        for key, reply in self._answered(missing):
            found[key] = reply
            if not reply.unanswered:
                store.put(key, reply)
        self.report.seconds += time.perf_counter() - started if missing else 0.0
        return found

    def _answered(self, missing: Mapping[str, str]) -> Iterator[tuple[str, Reply]]:
        """Keys with replies, in any order."""
        yield from zip(missing, self._ask(list(missing.values())), strict=True)

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
        ours = self._ours(answer.label)
        label = self.settings.renamed.get(ours, ours)
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
        values = {each.name: getattr(self.settings, each.name) for each in fields(self.settings)}
        plain = {name: dict(v) if isinstance(v, Mapping) else v for name, v in values.items()}
        return {**plain, "identity": self.identity}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """The source that ``to_state`` described.

        Raises:
            ModelError: The model, or a package that it needs, is not there.
        """
        # Older versions kept the identity as "model", in the place of the name of a language model.
        saved = "identity" if "identity" in state else "model"
        plain = ((key, value) for key, value in state.items() if key != saved)
        values: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in plain}
        try:
            source = cls(cls.settings_type(**values))
        except InputError as error:
            raise ModelError(f"this pipeline needs a model: {error}") from error
        if source.identity != state.get(saved):
            said = f"{source.name}: {source.settings.place} is another model than when this was saved."
            warnings.warn(said, stacklevel=2)
        return source

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_model": None}  # each process opens it for itself


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
