"""Formats that other packages bring: what fails in them is told; files are written whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from hybrid_ner.corpus.document import Document, Located
from hybrid_ner.corpus.formats.shared import Format, read_only
from hybrid_ner.errors import PluginError
from hybrid_ner.io import Place, Report
from hybrid_ner.registry import others_code
from hybrid_ner.text import atomic_path

_PAIR = "Give pairs of Place(path, row) and Document(id, text, entities)."
_COUNT = "Give the number of documents written."


_MADE: dict[int, tuple[Format, Format]] = {}
"""By identity, since what recognizes files compares readers; a format may hold what has no hash."""


def of_others(form: Format) -> Format:
    """The same format, as it is used: a ``PluginError`` tells where its code fails or gives no documents."""
    given, made = _MADE.get(id(form), (None, form))
    if given is not form:
        _MADE[id(form)] = form, (made := _guarded(form))
    return made


def _guarded(form: Format) -> Format:

    called = f"the corpus format {form.name!r}"

    def read(path: Path, report: Report, **options: Any) -> Iterator[Located]:
        with others_code(called, form.read, on=path):
            for each in form.read(path, report, **options):
                pair = isinstance(each, tuple) and len(each) == 2
                if not pair or not isinstance(each[0], Place) or not isinstance(each[1], Document):
                    raise PluginError(f"{called} gave {repr(each)[:80]}.", path=path, hint=_PAIR)
                yield each

    def write(path: Path, documents: Iterable[Document], report: Report) -> int:
        with others_code(called, form.write, on=path):
            if form.folder:
                count = form.write(path, documents, report)
            else:
                with atomic_path(path) as whole:
                    count = form.write(whole, documents, report)
                    whole.touch()  # a writer may write nothing where there is nothing
        if type(count) is not int:
            raise PluginError(f"{called} gave {count!r} when it had written.", path=path, hint=_COUNT)
        return count

    def sniff(name: str, head: str) -> bool:
        with others_code(called, form.sniff):
            return bool(form.sniff and form.sniff(name, head))

    endings = (form.suffixes,) if isinstance(form.suffixes, str) else tuple(form.suffixes)
    writes = write if callable(form.write) else read_only
    return replace(form, suffixes=endings, read=read, write=writes, sniff=form.sniff and sniff)
