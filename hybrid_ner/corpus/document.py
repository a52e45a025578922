"""A text with an id and its annotated mentions; the rules it obeys; a set of them that is read lazily."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from html import escape
from itertools import islice
from typing import Any

from hybrid_ner.errors import InputError, each_of, wrong_kind
from hybrid_ner.io import Place, Problem, Report
from hybrid_ner.text import brief, content_hash, exact_form, excerpt, quantity

FLAGS = ("negated", "historical", "family", "hypothetical", "possible")
"""Context flags: what the list ``attrs["flags"]`` of an entity may hold."""


@dataclass(frozen=True, slots=True)
class Entity:
    """An annotated mention: characters ``[start, end)`` of its document."""

    start: int
    end: int
    label: str
    concept_id: str = ""
    attrs: Mapping[str, Any] = field(default_factory=dict, compare=False, hash=False)


def context_flags(attrs: Mapping[str, Any]) -> tuple[str, ...]:
    """The context flags among what is said of an entity, sorted; other programs may mean else by the key."""
    said = attrs.get("flags")
    return tuple(sorted(flag for flag in FLAGS if isinstance(said, (list, tuple)) and flag in said))


LEARNED = "learned_from"
"""Key of a prediction's ``meta``, and of a pipeline's: what the model has learned from. A score on these
documents says nothing of other text."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text with an id.

    Args:
        doc_id: Unique in its corpus.
        text: As given; never changed.
        entities: Annotations in order, or ``None`` for a document nobody annotated.
        meta: Anything else the record holds.
    """

    doc_id: str
    text: str
    entities: tuple[Entity, ...] | None = None
    meta: Mapping[str, Any] = field(default_factory=dict, compare=False, hash=False)

    __repr__ = brief

    @property
    def content_hash(self) -> str:
        """SHA-256 of the text."""
        return content_hash(self.text)

    @property
    def was_learned(self) -> bool:
        """Whether the model whose predictions these are has learned from this document."""
        return self.meta.get(LEARNED) is True

    def _repr_html_(self) -> str:
        """The text with its entities, for notebooks."""
        ents = [(each.start, each.end, each.label) for each in self.entities or ()]
        return drawn(self.text, ents, self.doc_id)


PAGE_STARTS = "page_starts"
"""Key of ``meta``, of PDFs: the first character of each page, in code points (``pages`` are a journal's)."""


def page_starts(meta: Mapping[str, Any]) -> tuple[int, ...]:
    """Where the pages of a document begin; empty where nothing or something else says so."""
    starts = meta.get(PAGE_STARTS)
    if not isinstance(starts, list) or not all(type(each) is int and each >= 0 for each in starts):
        return ()
    return tuple(starts) if starts == sorted(starts) else ()


def named(document: Document, entity: Entity) -> str:
    """An entity in a message: ``Drug 'aspirin' [0, 7) of document 'd1'``."""
    surface = document.text[entity.start : entity.end]
    return f"{entity.label} {surface!r} [{entity.start}, {entity.end}) of document {document.doc_id!r}"


_MOST_DRAWN = 20_000
"""Characters of a text that a notebook draws."""


def drawn(text: str, ents: Iterable[tuple[int, int, str]], title: str = "") -> str:
    """HTML of a text with its entities (start, end, label); overlapping and later ones are counted below."""
    from spacy import displacy

    rows: list[dict[str, object]] = []
    end, hidden = 0, 0
    for start, stop, label in sorted(ents):
        if start < end or stop > _MOST_DRAWN:
            hidden += 1
            continue
        rows.append({"start": start, "end": stop, "label": escape(label)})
        end = stop
    row = {"text": text[:_MOST_DRAWN], "ents": rows, "title": escape(title) or None}
    html: str = displacy.render(row, style="ent", manual=True, jupyter=False)
    left = len(text) - _MOST_DRAWN
    said = [f"{left:,} more characters"] if left > 0 else []
    said += [f"{quantity(hidden, 'entity', 'entities')} not drawn, overlapping or behind"] if hidden else []
    return html + (f"<p>{'; '.join(said)}</p>" if said else "")


def without_overlaps(entities: Sequence[Entity]) -> tuple[list[Entity], list[Entity]]:
    """Entities that can stand side by side, the longest first, and those that overlap them."""
    kept: list[Entity] = []
    lost: list[Entity] = []
    taken = bytearray(max((entity.end for entity in entities), default=0))
    for entity in sorted(entities, key=lambda e: (e.start - e.end, e.start, e.label)):
        if taken.find(1, entity.start, entity.end) >= 0:
            lost.append(entity)
        else:
            kept.append(entity)
            taken[entity.start : entity.end] = b"\x01" * (entity.end - entity.start)
    return sorted(kept, key=lambda e: e.start), sorted(lost, key=lambda e: e.start)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one person or model said of a text.

    Args:
        by: Name of the person or model; empty where the file has none.
    """

    document: Document
    by: str = ""

    __repr__ = brief


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents that can be read more than once; nothing is read before it is asked for.

    Args:
        source: Starts reading from the first document, each time it is called.
        name: Shown to people, for example the file name.
    """

    source: Callable[[], Iterator[Document]]
    name: str = ""

    def __post_init__(self) -> None:
        if not callable(self.source):
            raise wrong_kind("a function that starts reading", self.source, "Give Corpus.of(documents).")

    def __iter__(self) -> Iterator[Document]:
        return iter(self.source())

    def __repr__(self) -> str:
        return f"<Corpus{f' {self.name!r}' if self.name else ''}, read when it is asked for>"

    @classmethod
    def of(cls, documents: Iterable[Document], name: str = "") -> Corpus:
        """A corpus of documents held in memory."""
        return cls(partial(iter, tuple(documents_of(documents))), name)

    def shard(self, index: int, count: int) -> Corpus:
        """Every ``count``-th document from number ``index`` on: the shards 0 … count-1 part the corpus."""
        if not (isinstance(index, int) and isinstance(count, int) and 0 <= index < count):
            raise InputError(f"shard {index} of {count} does not exist.", hint="Count shards from 0.")
        return Corpus(partial(_shard, self.source, index, count), f"{self.name} [{index}/{count}]")

    def filter(self, keep: Callable[[Document], bool]) -> Corpus:
        """The documents for which ``keep`` is true."""
        return Corpus(partial(_through, partial(filter, keep), self.source), self.name)

    def map(self, change: Callable[[Document], Document]) -> Corpus:
        """Every document, changed."""
        return Corpus(partial(_through, partial(map, change), self.source), self.name)


def documents_of(given: Any) -> Iterator[Document]:
    """Each of several documents, or the one that was given.

    Raises:
        InputError: Something else is among them.
    """
    hint = "Give Document(doc_id, text), or read_corpus(path)."
    for each in each_of(given, "documents", hint):
        if not isinstance(each, Document):
            raise wrong_kind("a Document", each, hint)
        if not isinstance(each.doc_id, str) or not isinstance(each.text, str):
            said = f"id and text of document {each.doc_id!r} are not both strings."
            raise InputError(said, hint="Give Document(str(id), text).")
        yield each


def _shard(source: Callable[[], Iterator[Document]], index: int, count: int) -> Iterator[Document]:
    return islice(source(), index, None, count)


def _through(step: Callable[..., Iterator[Document]], source: Callable[[], Iterator[Document]]) -> Any:
    return step(source())


Located = tuple[Place, Document]
"""A document and where it was read."""


def has_text(document: Document) -> bool:
    """Whether there is anything to review: a row of a table may have an empty cell, a file only spaces."""
    return bool(document.text.strip())


def told_empty(doc_ids: Sequence[str]) -> str:
    """What is said of documents without text, which a review has no use for."""
    said = quantity(len(doc_ids), "document without text is", "documents without text are")
    return f"{said} left out, as nothing in them can be reviewed; the first is {doc_ids[0]!r}."


def validated(
    located: Iterable[Located], report: Report, labels: Collection[str] | None = None
) -> Iterator[Document]:
    """The usable documents, each with its usable annotations in order; the rest goes to ``report``.

    Args:
        labels: Labels that may occur; ``None`` allows any.
    """
    seen: dict[str, Place] = {}
    first: dict[str, Place] = {}  # label → where it came first
    for place, document in located:
        if problem := _document_problem(document, place, seen):
            report(problem)
        else:
            seen[document.doc_id] = place
            usable = with_usable_entities(document, place, report, labels)
            for entity in usable.entities or ():
                first.setdefault(entity.label, place)
            yield usable
    # Labels that nobody can tell apart: "Drug" with a space behind it, or one of no width in it.
    shown: dict[str, str] = {}
    for label, place in first.items():
        if (other := shown.setdefault(exact_form(label), label)) != label:
            said = f"labels {other!r} and {label!r} look alike, and are two: white space or signs differ."
            hint = "Write them alike in the file; the second is here first."
            report(Problem("labels", said, place, hint=hint, warning=True))


def _document_problem(document: Document, place: Place, seen: dict[str, Place]) -> Problem | None:
    if document.doc_id in seen:
        first = seen[document.doc_id]
        where = first.path if first.row is None else f"row {first.row}"
        where += f" of {first.path}" * (first.row is not None and first.path != place.path)
        message = f"document id {document.doc_id!r} was already used in {where}."
        return Problem("duplicate id", message, place, document.doc_id, "Give every document its own id.")
    return unwritable(document, place)


_WRITE_AGAIN = "Export the document again."


def unwritable(document: Document, place: Place) -> Problem | None:
    """What is wrong with a document whose text, id or meta data no file could be written with."""
    for what, value in (("text", document.text), ("id", document.doc_id), ("meta", document.meta)):
        if said := _unspellable(value):
            message = f"the {what} of document {document.doc_id!r} {said}."
            return Problem("encoding", message, place, document.doc_id, _WRITE_AGAIN)
    return None


def _unspellable(value: str | Mapping[str, Any]) -> str:
    """Why UTF-8 cannot spell it: half a pair of UTF-16 units, which JSON has as ``"\\ud800"``."""
    try:
        text = value if isinstance(value, str) else ""
        if value and not text:
            text = json.dumps(value, ensure_ascii=False, default=str, skipkeys=True)
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        at = f" at character {error.start}" if isinstance(value, str) else ""
        return f"holds a lone surrogate{at}, which is no valid Unicode"
    except RecursionError:
        return "is nested too deep"
    return ""


def with_usable_entities(
    document: Document, place: Place, report: Report, labels: Collection[str] | None = None
) -> Document:
    """A document with its usable annotations in order; the rest goes to ``report``."""
    if not document.entities:
        return document
    kept = []
    for entity in document.entities:
        if problem := _entity_problem(document, entity, place, labels):
            report(problem)
        else:
            kept.append(entity)
    kept.sort(key=lambda entity: (entity.start, entity.end, entity.label))
    return Document(document.doc_id, document.text, tuple(kept), document.meta)


def _entity_problem(
    document: Document, entity: Entity, place: Place, labels: Collection[str] | None
) -> Problem | None:
    if found := misplaced(document, entity, place):
        return found
    span = f"{entity.label} [{entity.start}, {entity.end}) of document {document.doc_id!r}"
    said = entity.attrs.get("text")
    if isinstance(said, str) and said != document.text[entity.start : entity.end]:
        there = excerpt(document.text, entity.start, entity.end, 12)
        other = f"{span} says {said!r}, the text there is {there!r}."
        hint = why_elsewhere(document.text, entity.start, entity.end, said)
        return Problem("surface", other, place, document.doc_id, hint)
    if labels is not None and entity.label not in labels:
        known = f"{span}: expected one of {', '.join(sorted(labels))}."
        return Problem("unknown label", known, place, document.doc_id, "Correct or map the label.")
    return None


def why_elsewhere(text: str, start: int, end: int, said: str) -> str:
    """The next step where an annotation says other words than the text has there: what its offsets count.

    Args:
        said: The words of the annotation, or nothing where it says none.
    """
    usual = "Offsets count Unicode code points from 0, half open, not bytes."
    if not said or start < 0 or end < start:
        return usual
    wide = text.encode("utf-16-le", "surrogatepass")[2 * start : 2 * end]
    counts = {
        "bytes of UTF-8": text.encode("utf-8", "surrogatepass")[start:end].decode("utf-8", "replace"),
        "units of UTF-16": wide.decode("utf-16-le", "replace"),
        "line breaks as one character, and the text has two (CRLF)": text.replace("\r\n", "\n")[start:end],
        "line breaks as two characters (CRLF), and the text has one": text.replace("\n", "\r\n")[start:end],
        "from 1": text[max(start - 1, 0) : max(end - 1, 0)],
        "from 1, up to the last character": text[max(start - 1, 0) : end],
        "up to the last character of the mention": text[start : end + 1],
    }
    found = next((each for each, there in counts.items() if there == said), "")
    return (
        f"Its offsets count {found}: they have to count Unicode code points from 0, half open." * bool(found)
        or usual
    )


_NO_PLACE = (
    "Give offsets in characters; Label Studio has those of HTML as globalOffsets, from version 1.0 on."
)
_GIVE = "Give Entity(start, end, label)."


def misplaced(document: Document, entity: Entity, place: Place) -> Problem | None:
    """What is wrong with an entity by itself: its place in the text, its label, what is said of it."""

    def problem(kind: str, message: str, hint: str) -> Problem:
        return Problem(kind, message, place, document.doc_id, hint)

    if not isinstance(entity, Entity) or not isinstance(entity.label, str):
        return problem("entity", f"expected an Entity, found {entity!r}.", _GIVE)
    if not isinstance(entity.concept_id, str) or not isinstance(entity.attrs, Mapping):
        said = f"the concept id of {entity!r} is no string, or its attrs are no dict."
        return problem("entity", said, _GIVE)
    start, end, length = entity.start, entity.end, len(document.text)
    span = f"{entity.label} [{start}, {end}) of document {document.doc_id!r}"
    if any(isinstance(each, bool) or not hasattr(each, "__index__") for each in (start, end)):
        return problem("offsets", f"the offsets of {span} are no integers.", _GIVE)
    if start == end == -1:  # a reader's word for what is no integer
        place_of = f"the place of {entity.label} in document {document.doc_id!r}"
        return problem("offsets", f"{place_of} is no pair of integers.", _NO_PLACE)
    if not 0 <= start <= length or not 0 <= end <= length:
        outside = f"{span} lies outside the text of {quantity(length, 'character')}."
        said = entity.attrs.get("text")
        hint = why_elsewhere(document.text, start, end, said if isinstance(said, str) else "")
        return problem("offsets", outside, hint)
    if end <= start:
        return problem("empty span", f"{span} is empty.", "The end must be greater than the start.")
    if not entity.label:
        return problem("label", f"{span} has an empty label.", "Give every entity a label.")
    if half := _unspellable(entity.label + entity.concept_id) or _unspellable(entity.attrs):
        return problem("encoding", f"what is said of {span} {half}.", _WRITE_AGAIN)
    return None
