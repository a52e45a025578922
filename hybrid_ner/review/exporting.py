"""Write the gold in any corpus format; ``.spacy`` keeps the rejected spans as a span group."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hybrid_ner.corpus import Document, ProblemLog
from hybrid_ner.corpus.files import write_bytes
from hybrid_ner.corpus.formats import FORMATS
from hybrid_ner.corpus.problems import Place, Problem, Report
from hybrid_ner.errors import InputError

if TYPE_CHECKING:
    from spacy.tokens import Doc

__all__ = ["GOLD_FORMATS", "REJECTED", "Exported", "export_documents", "export_path", "gold_docs"]

REJECTED = "rejected"
"""Span group of rejected spans, for ``incorrect_spans_key`` of spaCy's entity recognizer."""

_SUFFIXES = {
    "jsonl": ".jsonl",
    "spacy": ".spacy",
    "conll": ".conll",
    "biluo": ".biluo",
    "csv": ".csv",
    "brat": "",
    "label-studio": ".json",
    "doccano": ".doccano.jsonl",
    "prodigy": ".prodigy.jsonl",
}
GOLD_FORMATS = tuple(_SUFFIXES)
"""Formats that the gold can be written in."""


@dataclass(frozen=True, slots=True)
class Exported:
    """Documents written, where to, and what the format could not hold."""

    path: Path
    documents: int
    lost: ProblemLog


def export_path(name: str, project: str, given: str, folder: Path) -> Path:
    """Where an export goes: as given, else ``<project>_gold`` in the folder.

    Raises:
        InputError: Unknown format.
    """
    if name not in _SUFFIXES:
        known = ", ".join(_SUFFIXES)
        raise InputError(f"unknown export format {name!r}.", hint=f"Use one of {known}.")
    if given:
        return folder / Path(given).expanduser()
    safe = "".join(c if c.isalnum() or c in "-_" else "_" for c in project)
    return folder / f"{safe}_gold{_SUFFIXES[name] or '_' + name}"


def export_documents(documents: Iterable[Document], name: str, path: Path) -> Exported:
    """Write documents whole or not at all; what the format cannot hold is in ``lost``."""
    lost = ProblemLog()
    if name == "spacy":
        return Exported(path, _write_docbin(path, documents, lost), lost)
    return Exported(path, FORMATS[name].write(path, documents, lost), lost)


def _write_docbin(path: Path, documents: Iterable[Document], report: Report) -> int:
    from spacy.tokens import DocBin

    binary = DocBin(store_user_data=True, docs=gold_docs(documents, report))
    with write_bytes(path) as handle:
        handle.write(binary.to_bytes())
    return len(binary)


def gold_docs(documents: Iterable[Document], report: Report) -> Iterator[Doc]:
    """spaCy Docs with explicit entities, and the rejected spans in the group ``rejected``.

    A span that fits no tokens is reported and left out.
    """
    from hybrid_ner.pipeline.tokenizer import blank

    nlp = blank()
    nlp.max_length = sys.maxsize
    for document in documents:
        doc = nlp.make_doc(document.text)
        doc.user_data["id"] = document.doc_id
        doc.user_data["meta"] = json.dumps(dict(document.meta))
        attrs = {f"{e.start}:{e.end}": dict(e.attrs) for e in document.entities or () if e.attrs}
        doc.user_data["entity_attrs"] = json.dumps(attrs)
        entities = [(e.start, e.end, e.label, e.concept_id) for e in document.entities or ()]
        doc.set_ents(_aligned(doc, document.doc_id, entities, report), default="outside")
        rejected = [(r["start"], r["end"], r["label"], "") for r in document.meta.get("rejected", ())]
        doc.spans[REJECTED] = _aligned(doc, document.doc_id, rejected, report)
        yield doc


def _aligned(
    doc: Doc, doc_id: str, spans: Iterable[tuple[int, int, str, str]], report: Report
) -> list[object]:
    found = []
    for start, end, label, concept in spans:
        span = doc.char_span(start, end, label, kb_id=concept)
        if span is None or span[0].is_space or span[-1].is_space:
            said = f"{label} [{start}, {end}) of document {doc_id!r} does not begin and end with tokens."
            report(Problem("lost annotation", said, Place(), doc_id))
        else:
            found.append(span)
    return found
