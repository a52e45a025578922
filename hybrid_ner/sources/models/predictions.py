"""What another program found, as a labeling source: a file or folder in any corpus format.

A text is known by its characters without white space, since formats such as CoNLL keep no other: offsets are
carried over by counting them.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hybrid_ner.corpus import Document, Entity, Opinion, read_corpus, read_opinions, write_corpus
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


# The other way round: what each one said of some texts becomes a source of its own.

_OUR_OWN = ("model", "rule", "gazetteer", "abbreviations", "near_matches", "context", "distrusted")
"""Names of parts of a pipeline that nobody else may have."""


def source_name(said: str) -> str:
    """The name of a person, model or file as the name of a labeling source: ``ana@example.org`` stays."""
    plain = re.sub(r"[^\w@+-]+", "_", said.strip()).strip("_")[:60] or "others"
    return f"{plain}_said" if plain.lower() in _OUR_OWN else plain


def keep_opinions(opinions: Iterable[Opinion], folder: Path, default: str) -> dict[str, Path]:
    """Write what each one said into a file of its own, beside what it said of other texts before.

    Args:
        folder: For the files, ``NAME.jsonl``.
        default: Name of those that have none.

    Returns:
        Name of the source → its file.
    """
    said: dict[str, dict[str, Document]] = {}
    for each in opinions:
        mine = said.setdefault(source_name(each.by or default), {})
        key = each.document.content_hash
        before = mine[key].entities or () if key in mine else ()
        entities = tuple(_plain(e, each.by) for e in each.document.entities or ())
        mine[key] = Document(key[:32], each.document.text, (*before, *entities))
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, Path] = {}
    for name, documents in said.items():
        files[name] = path = folder / f"{name}.jsonl"
        kept = {d.content_hash: d for d in read_corpus(path)} if path.is_file() else {}
        write_corpus(path, ({**kept, **documents}).values())
    return files


def _plain(entity: Entity, by: str) -> Entity:
    """With its score, and who said it."""
    kept = {key: entity.attrs[key] for key in ("score", "model_score", "probability") if key in entity.attrs}
    return replace(entity, attrs={**kept, **({"source": by} if by else {})})
