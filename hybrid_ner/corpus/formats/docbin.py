"""spaCy's binary ``.spacy`` files.

Ids, meta data and attributes travel in ``Doc.user_data``; a file without ids names documents by number.
"""

from __future__ import annotations

import json
import sys
import zlib
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hybrid_ner.bounds import check_whole, reading
from hybrid_ner.corpus.document import Document, Entity, Located
from hybrid_ner.corpus.formats.shared import lost_entities, without_overlaps
from hybrid_ner.errors import CorpusError
from hybrid_ner.io import Place, Report, write_bytes

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

_BLOCK = 1 << 16
_HINT = "This is no .spacy file, or a damaged one: write it again."
_ID, _META, _ATTRS = "id", "meta", "entity_attrs"


def read(path: Path, report: Report) -> Iterator[Located]:
    """Documents of a file; entities that were never set make a document unlabeled."""
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    if not path.is_file() or path.stat().st_size == 0:
        raise CorpusError("the file is empty.", path=path, hint="Give a .spacy file.")
    # spaCy lets zlib's, msgpack's and its own errors through, by the place of the damage.
    with reading(path, CorpusError, library=True, hint=_HINT):
        _check_unpacked(path)
        docs = DocBin().from_disk(path).get_docs(Vocab())
        for number, doc in enumerate(docs, start=1):
            yield Place(str(path), number), _document(doc, number)


def _check_unpacked(path: Path) -> None:
    """Refuse a file that unpacks to more than may be read whole; ``DocBin`` itself sets no bound."""
    unpacker, size = zlib.decompressobj(), 0
    with path.open("rb") as packed:
        for block in iter(partial(packed.read, _BLOCK), b""):
            while block:
                size += len(unpacker.decompress(block, 16 * _BLOCK))
                check_whole(size, path)
                block = unpacker.unconsumed_tail


def _document(doc: Doc, number: int) -> Document:
    data: dict[Any, Any] = doc.user_data
    attrs = _kept(data.get(_ATTRS))
    entities = None
    if doc.has_annotation("ENT_IOB"):
        entities = tuple(
            Entity(
                span.start_char,
                span.end_char,
                span.label_,
                span.kb_id_,
                attrs.get(f"{span.start_char}:{span.end_char}", {}),
            )
            for span in doc.ents
        )
    return Document(str(data.get(_ID) or number), doc.text, entities, _kept(data.get(_META)))


def _kept(value: Any) -> dict[str, Any]:
    """An object written as JSON, since DocBin turns lists into tuples; anything else is not ours."""
    if not isinstance(value, str):
        return {}
    found = json.loads(value)
    return found if isinstance(found, dict) else {}


def write(path: Path, documents: Iterable[Document], report: Report) -> int:
    """Write a file; overlapping annotations and those that fit no tokens are reported."""
    from spacy.tokens import DocBin

    from hybrid_ner.text.tokenizer import blank

    nlp = blank()
    nlp.max_length = sys.maxsize
    binary = DocBin(store_user_data=True)
    for document in documents:
        binary.add(_doc(document, nlp, path, report))
    with write_bytes(path) as handle:
        handle.write(binary.to_bytes())
    return len(binary)


def _doc(document: Document, nlp: Language, path: Path, report: Report) -> Doc:
    doc = nlp.make_doc(document.text)
    doc.user_data[_ID] = document.doc_id
    doc.user_data[_META] = json.dumps(dict(document.meta))
    if document.entities is None:
        return doc
    kept, overlapping = without_overlaps(document.entities)
    lost_entities(document, overlapping, "it overlaps a longer one", path, report)
    spans = []
    for entity in kept:
        span = doc.char_span(entity.start, entity.end, entity.label, kb_id=entity.concept_id)
        if span is None or span[0].is_space or span[-1].is_space:
            why = "it does not begin and end with tokens" if span is None else "white space at its edge"
            lost_entities(document, [entity], why, path, report)
        else:
            spans.append(span)
    doc.set_ents(spans, default="outside")
    doc.user_data[_ATTRS] = json.dumps({f"{e.start}:{e.end}": dict(e.attrs) for e in kept if e.attrs})
    return doc
