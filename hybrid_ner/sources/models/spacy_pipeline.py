"""A spaCy pipeline as a labeling source: its recognizer, span categorizer or rulers.

Long text is read in windows of characters, and what the pipeline keeps in its vocabulary for one is freed
before the next.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hybrid_ner.errors import InputError, ModelError
from hybrid_ner.sources.models.answers import Answer, Reply
from hybrid_ner.sources.models.base import ModelSettings, ModelSource, fingerprint_of

_SPAN_WRITERS = ("spancat", "spancat_singlelabel", "span_ruler", "future_entity_ruler")
_OVERLAP = 400
"""Characters that two windows share: a few sentences."""


@dataclass(frozen=True)
class SpacySettings(ModelSettings):
    """See ``ModelSettings``.

    Args:
        spans: Span groups to read; by default those that a span categorizer or ruler writes.
    """

    spans: tuple[str, ...] = ()


class SpacySource(ModelSource):
    """``spacy:FOLDER`` or ``spacy:PACKAGE``."""

    kind = "spacy"
    settings_type = SpacySettings
    settings: SpacySettings
    _title = ""  # spaCy makes its meta anew each time it is asked

    @property
    def path(self) -> Path:
        """The folder, or that of the package."""
        name = self.settings.place
        if not Path(name).exists() and name.isidentifier():
            found = importlib.util.find_spec(name)
            if found is not None and found.origin:
                return Path(found.origin).parent
        try:
            return super().path
        except InputError as error:
            package = f"Or install the package: pip install {name}." if name.isidentifier() else ""
            raise InputError(error.problem, path=error.path, hint=f"{error.hint} {package}".strip()) from None

    def _identified(self) -> str:
        return fingerprint_of(self.path)

    @property
    def title(self) -> str:
        """Name and version of the pipeline."""
        if not self._title:
            meta = self._pipeline().meta
            self._title = f"{meta.get('lang', '')}_{meta.get('name', 'pipeline')} {meta.get('version', '')}"
        return self._title

    def _budget(self) -> tuple[int, int]:
        return (self.settings.window or 20_000), _OVERLAP

    def _asked(self) -> dict[str, Any]:
        return {"spans": list(self.settings.spans)}

    def _pipeline(self) -> Any:
        if self._model is None:
            import spacy

            place = self.settings.place
            try:
                self._model = spacy.load(place if self._is_package else self.path)
            except Exception as error:  # damaged files, missing packages: they raise whatever they like
                raise ModelError(
                    f"{place}: the spaCy pipeline of the source {self.name!r} cannot be opened "
                    f"({type(error).__name__}: {' '.join(str(error).split())[:200]}). "
                    "Try spacy.load on it; install what it says is missing."
                ) from error
        return self._model

    @property
    def _is_package(self) -> bool:
        return not Path(self.settings.place).exists() and self.path.joinpath("__init__.py").is_file()

    def _ask(self, texts: Sequence[str]) -> Iterable[Reply]:
        nlp = self._pipeline()
        groups = self.settings.spans or tuple(_groups(nlp))
        for text in texts:
            with nlp.memory_zone():
                yield Reply(tuple(_answers(nlp(text), groups)))


def _groups(nlp: Any) -> Iterator[str]:
    """Span groups that its components write as their answer."""
    for name, pipe in nlp.pipeline:
        key = getattr(pipe, "key", None) or getattr(pipe, "spans_key", None)
        if nlp.get_pipe_meta(name).factory in _SPAN_WRITERS and isinstance(key, str):
            yield key


def _answers(doc: Any, groups: Sequence[str]) -> Iterator[Answer]:
    for ent in doc.ents:
        yield Answer(ent.start_char, ent.end_char, ent.label_)
    for name in groups:
        if name in doc.spans:
            spans = doc.spans[name]
            scores = spans.attrs.get("scores")
            given = [None] * len(spans) if scores is None else [float(score) for score in scores]
            for span, score in zip(spans, given, strict=True):
                yield Answer(span.start_char, span.end_char, span.label_, score)
