"""What formats of text cannot spell, in names and in texts: written otherwise and told, or refused."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from hybrid_ner.corpus.document import Document
from hybrid_ner.errors import CorpusError
from hybrid_ner.io import Place, Problem, Report

LONGEST = 200
"""Bytes of a file name: file systems take 255, and a suffix and the mark of a temporary file need some."""


def without_nul(document: Document, path: Path) -> Document:
    """The document, if a file of text can hold it.

    Raises:
        CorpusError: It holds the character U+0000, by which every reader knows a file that is no text.
    """
    if "\x00" in document.text:
        said = f"document {document.doc_id!r} holds the character U+0000, which no file of text can hold."
        hint = "Clean it first (hybrid-ner corpus clean), or write JSON Lines."
        raise CorpusError(said, path=path, hint=hint)
    return document


def as_json(value: Any, path: Path) -> str:
    """A value as JSON that every reader takes.

    Raises:
        CorpusError: It holds what JSON has no form for, such as a number of NumPy, or ``NaN``.
    """
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        problem = f"a document holds a value that JSON cannot hold ({error}): {repr(value)[:60]}…"
        hint = "Give plain strings, numbers, lists and dicts as offsets, meta data and attributes."
        raise CorpusError(problem, path=path, hint=hint) from error


class Spelled:
    """Labels or ids of concepts in a format that ends them at some characters: those are written as ``_``.

    Args:
        what: How people call them.
        unfit: Pattern of what stands in no such name; white space around one is no part of it either.
        why: What the format does not have, for the notice of what was changed.
    """

    def __init__(self, what: str, unfit: str, why: str) -> None:
        self._what, self._unfit, self._why = what, re.compile(unfit), why
        self._written: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        return self._written.setdefault(name, self._unfit.sub("_", name.strip()) or "_")

    def warn(self, path: Path, report: Report) -> None:
        """Report each name that was changed."""
        for name, written in self._written.items():
            if name != written:
                said = f"{self._what} {name!r} is written as {written!r}: {self._why}."
                report(Problem(self._what, said, Place(str(path)), warning=True))


class SpelledIds:
    """Ids of documents in a format that cannot spell all of them; no two of them become one.

    Args:
        unfit: Pattern of what stands in no id, and what is written for it.
    """

    def __init__(self, unfit: str, instead: str) -> None:
        self._unfit, self._instead, self._taken = re.compile(unfit), instead, set[str]()

    def __call__(self, doc_id: str, path: Path, report: Report) -> str:
        """The id as it is written; one that is changed is reported."""
        written = self._unfit.sub(self._instead, doc_id).strip() or "_"
        written = written if len(written) <= LONGEST else shortened(written)
        while written in self._taken:
            written += "_"
        self._taken.add(written)
        if written != doc_id:
            message = f"document id {doc_id!r} is written as {written!r}."
            report(Problem("id", message, Place(str(path)), doc_id, warning=True))
        return written


def shortened(name: str) -> str:
    """The beginning of a name, and enough of its hash to tell it from others with this beginning."""
    return f"{name[: LONGEST - 20].rstrip('%')}~{hashlib.sha256(name.encode()).hexdigest()[:16]}"
