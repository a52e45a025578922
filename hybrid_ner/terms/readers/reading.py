"""Reading a term file: lazily with a report, or whole as a gazetteer."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from hybrid_ner.bounds import reading
from hybrid_ner.errors import Hint, InputError, TermError
from hybrid_ner.io import paused_gc
from hybrid_ner.terms.gazetteer import Gazetteer
from hybrid_ner.terms.readers.base import Reader, make
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.registry import check_text, get_reader, guess_format
from hybrid_ner.terms.readers.report import ReadReport, Recorder
from hybrid_ner.terms.shipped import find_pack, names_of_packs
from hybrid_ner.terms.term import MATCH_MODES, Term
from hybrid_ner.text import quantity

__all__ = ["Reading", "load_gazetteer", "read_gazetteer"]

_LOG = logging.getLogger(__name__)

_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
_NO_LABELS = re.compile(
    r"(data|dictionar|entit|file|gazetteer|glossar|input|item|lexicon|list|name|new|pattern|sample|surface"
    r"|tab|table|term|terminology|test|tmp|vocab|word)(y|ies|s|ularies|ulary)?\Z",
    re.IGNORECASE,
)
"""File names that say nothing about the label of their terms."""


_WATCHED = 10_000


class Reading:
    """Terms of one path, read while they are asked for; the report is complete at the end.

    ``watch`` may be set to a function that is told the number of terms now and then.

    Args:
        files: What is read.
        reader: The format.
        options: Options of the reader.
        recorder: Where counts, parents and skipped rows go.
    """

    def __init__(self, files: Files, reader: Reader, options: Any, recorder: Recorder) -> None:
        self._open = partial(reader.read, files, options, recorder)
        self._files = files
        self._recorder = recorder
        self.reader = reader
        self.watch: Callable[[int], None] | None = None

    def __iter__(self) -> Iterator[Term]:
        """The terms; a second pass starts over, and so do the counts."""
        self._recorder.report.clear()
        self._recorder.parents.clear()
        return self._read() if self.watch is None else self._watched(self.watch)

    def _read(self) -> Iterator[Term]:
        with reading(self._recorder.where or self.report.path, TermError):
            yield from self._open()

    def _watched(self, watch: Callable[[int], None]) -> Iterator[Term]:
        for number, term in enumerate(self._read(), start=1):
            if number % _WATCHED == 0:
                watch(number)
            yield term

    @property
    def holds_variants(self) -> bool:
        """Whether it is a gazetteer file with generated variants."""
        if self.reader.name != "gazetteer":
            return False
        return "rule" in self._files.head(self._files.only()).partition(b"\n")[0].decode().split("\t")

    @property
    def report(self) -> ReadReport:
        """What was read and what was skipped so far."""
        return self._recorder.report

    @property
    def parents(self) -> dict[str, tuple[str, ...]]:
        """Concept → parents, as far as read."""
        return {child: tuple(parents) for child, parents in self._recorder.parents.items()}

    def gazetteer(self, name: str = "") -> Gazetteer:
        """Read to the end.

        Raises:
            InputError: A bad row (unless bad rows are skipped), or no term at all.
        """
        with paused_gc():
            terms = tuple(self.some())
        _LOG.info("%s: %s, format %s", self.report.path, quantity(len(terms), "term"), self.reader.name)
        return Gazetteer(terms, self.parents, name or Path(self.report.path).name)

    def some(self) -> Iterator[Term]:
        """The terms; that there was none is an error.

        Raises:
            InputError: At the end, with what was skipped.
        """
        yield from self
        if not self.report.terms:
            left_out = (*self.report.skipped.items(), *self.report.bad.items())
            reasons = "; ".join(f"{found.count} {why}" for why, found in left_out)
            raise InputError(
                f"no term found in {quantity(self.report.rows, 'row')}{f' ({reasons})' if reasons else ''}.",
                path=self.report.path,
                hint=self._hint(),
            )

    def _hint(self) -> str:
        if "language" in self.report.skipped:
            return "Name the languages to read: --set languages=fr,de (languages= in Python)."
        return "Check the format and the options that select rows."


def read_gazetteer(
    path: str | Path,
    format: str | None = None,
    *,
    label: str = "",
    label_map: Mapping[str, str] | None = None,
    source: str = "",
    mode: str = "",
    skip_bad: bool = False,
    member: str = "",
    **options: Any,
) -> Reading:
    """Open a term file.

    Args:
        path: A file, a compressed file, a zip archive, a folder of a release, or a shipped pack
            (``medical/anatomy``).
        format: Name of a format (see ``FORMATS``); guessed when not given.
        label: Label of every row; overrides what the rows say.
        label_map: The source's own types → labels; other types are skipped, an empty label excludes one.
        source: Name of the list, kept in every term that brings none.
        mode: Match mode of rows that bring none: ``folded``, ``case``, ``defined`` or ``auto`` (exact
            letters for short acronyms); by default what fits the format.
        skip_bad: Count and list bad rows instead of stopping at the first.
        member: The file to read in an archive or folder of several.
        **options: Options of the format.

    Raises:
        InputError: No such file, no such format or option, or no label can be given.
    """
    if mode and mode not in (*MATCH_MODES, "auto"):
        raise InputError(f"unknown match mode {mode!r}.", hint=f"Use auto, {', '.join(MATCH_MODES)}.")
    with reading(path):
        files = Files(find_pack(str(path)) or path, member)
        reader = get_reader(format) if format else guess_format(files)
        if files.is_single:
            check_text(files, files.only())
    recorder = Recorder(
        ReadReport(str(path), reader.name),
        label=label,
        label_map=label_map or ({} if label else reader.label_map),
        fallback=_stem_label(files.path) if reader.own_labels else reader.label,
        guessed=reader.own_labels,
        source=source or reader.source,
        mode=mode or reader.mode,
        skip_bad=skip_bad,
        strict=reader.strict,
        taken=names_of_packs(files.path),
    )
    _check_label(recorder, reader)
    return Reading(files, reader, make(reader.options, options, reader.name), recorder)


def load_gazetteer(
    path: str | Path | Iterable[str | Path], format: str | None = None, **given: Any
) -> Gazetteer:
    """Read one term file, or several as one gazetteer in which earlier files win.

    Args:
        path: One path or several.
        format: As for ``read_gazetteer``.
        **given: As for ``read_gazetteer``.

    Raises:
        InputError: A path cannot be read, or a row is bad.
    """
    paths = [path] if isinstance(path, (str, Path)) else list(path)
    read = [read_gazetteer(one, format, **given).gazetteer() for one in paths]
    if not read:
        raise InputError("no term file was given.", hint="Give at least one.")
    return read[0] if len(read) == 1 else read[0].merge(*read[1:])


def _stem_label(path: Path) -> str:
    """The label that a file name states: ``Disease.txt`` → ``Disease``; none for names such as ``terms``."""
    stem = PurePosixPath(path.name).name.split(".")[0]
    return stem if _LABEL.match(stem) and not _NO_LABELS.match(stem) else ""


def _check_label(recorder: Recorder, reader: Reader) -> None:
    if recorder.label or recorder.label_map or recorder.fallback or reader.own_labels:
        return
    raise InputError(
        f"{reader.title}: rows bring no label.",
        path=recorder.report.path,
        hint=Hint("option", "Give a label for all of them, or a label map from the source's own types."),
    )
