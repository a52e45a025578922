"""What another program found, as a labeling source: a file or folder in any corpus format.

A text is known by its characters without white space, since formats such as CoNLL keep no other: offsets are
carried over by counting them.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hybrid_ner.corpus import Document, Entity, read_corpus
from hybrid_ner.corpus.opinions import read_opinions
from hybrid_ner.sources.models import ModelSettings, ModelSource
from hybrid_ner.sources.models.endpoint import Answer, Reply
from hybrid_ner.text import content_hash, quantity

_Row = tuple[int, int, str, float | None, str]
"""Start and end, counted without white space; label, score, who says so."""


@dataclass(frozen=True)
class PredictionsSettings(ModelSettings):
    """See ``ModelSettings``.

    Args:
        only: Whose predictions, where the file names several people or models; empty for all together.
    """

    only: str = ""


class PredictionsSource(ModelSource):
    """``predictions:FILE``; texts that the file lacks, or has unlabeled, are abstained on and counted.

    A file that names several people or models (``read_opinions``) is a source for each of them.
    """

    kind = "predictions"
    settings_type = PredictionsSettings
    settings: PredictionsSettings

    def _identified(self) -> str:
        found = super()._identified()
        return f"{found} {self.settings.only}" if self.settings.only else found

    def _budget(self) -> tuple[int, int]:
        return 1 << 40, 0  # a text is looked up whole

    def _replies(self, texts: Sequence[str]) -> Iterator[Reply]:
        """Looked up each time: the file is at hand."""
        known = self._index()
        for text in texts:
            rows = known.get(_key(text))
            self.report.absent += rows is None
            self.knows_text = rows is not None
            answers = tuple(_answers(text, rows or ()))
            blank = len(rows or ()) - len(answers)
            said = (f"{quantity(blank, 'span')} of white space alone",) if blank else ()
            yield Reply(answers, said)

    def _index(self) -> Mapping[str, tuple[_Row, ...]]:
        if self._model is None:
            found: dict[str, tuple[_Row, ...]] = {}
            only = self.settings.only
            for document in (each for each in self._documents() if each.entities is not None):
                key = _key(document.text)
                found[key] = (*found.get(key, ()), *_rows(document, only))
            self._model = found
        index: Mapping[str, tuple[_Row, ...]] = self._model
        return index

    def _documents(self) -> Iterator[Document]:
        if not self.settings.only:
            yield from read_corpus(self.path)
            return
        for each in read_opinions(self.path):
            if each.by == self.settings.only:
                yield each.document


def _key(text: str) -> str:
    return content_hash("".join(text.split()))


def _rows(document: Document, by: str) -> Iterator[_Row]:
    entities = document.entities or ()
    if not entities:
        return
    before = array("L", [0])  # characters that are no white space, before each offset
    for char in document.text:
        before.append(before[-1] + (not char.isspace()))
    for each in entities:
        yield before[each.start], before[each.end], each.label, _score(each), by or _who(each)


def _score(entity: Entity) -> float | None:
    for name in ("score", "model_score", "probability", "confidence"):
        found = entity.attrs.get(name)
        if isinstance(found, (int, float)) and 0 <= found <= 1:
            return float(found)
    return None


def _who(entity: Entity) -> str:
    found = entity.attrs.get("source") or entity.attrs.get("agent") or ""
    return found if isinstance(found, str) else ", ".join(map(str, found))


def _answers(text: str, rows: Sequence[_Row]) -> Iterator[Answer]:
    places = [at for at, char in enumerate(text) if not char.isspace()] if rows else []
    for start, end, label, score, who in rows:
        if start < end <= len(places):
            yield Answer(places[start], places[end - 1] + 1, label, score, by=who)
