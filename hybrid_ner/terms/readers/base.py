"""What a reader is: how its files are recognized, its options, and the generator that reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.options import Options
from hybrid_ner.terms.readers.report import Recorder
from hybrid_ner.terms.term import Term

__all__ = ["Reader", "decode", "quoting_problem", "text_lines"]

_QUOTING = {
    "field larger": "a field of more than 131,072 characters, as when a quote is not closed",
    "unexpected end": "a quote is not closed",
    "new-line character": "a carriage return inside a row",
    "expected after": "text behind a closing quote",
}


@dataclass(frozen=True, slots=True)
class Reader:
    """One format.

    Args:
        name: As given to ``format=``.
        title: What it reads, for people.
        read: Gives the terms of some files, lazily; skipped and bad rows go to the recorder.
        sniff: Whether a file is of this format, by its lower-case name without a compression suffix
            and its first bytes.
        options: Dataclass of its options.
        members: Patterns of the base names that a folder or archive of this format holds.
        label_map: Own types of the source → labels, used where the user gives none.
        label: Label of every row where the user gives none.
        own_labels: Rows may carry their label, or the file name may.
        source: Name of the list where rows do not say.
        mode: Match mode where rows do not say; ``auto`` guesses.
        strict: Whether a string without a letter or digit is an error.
    """

    name: str
    title: str
    read: Callable[[Files, Any, Recorder], Iterator[Term]]
    sniff: Callable[[str, bytes], bool]
    options: type[Options] = Options
    members: tuple[str, ...] = ()
    label_map: Mapping[str, str] = field(default_factory=dict)
    label: str = ""
    own_labels: bool = False
    source: str = ""
    mode: str = "auto"
    strict: bool = False


def text_lines(
    files: Files, name: str, recorder: Recorder, *, or_cp1252: bool = False
) -> Iterator[tuple[int, str]]:
    """Numbered lines of an UTF-8 file; another line is bad, or read as Windows-1252 where that may be."""
    recorder.begin(files.shown(name), files.where(name))
    for row, line in enumerate(files.lines(name), start=1):
        try:
            yield row, line.decode()
        except UnicodeDecodeError as error:
            if not or_cp1252:
                recorder.bad("not valid UTF-8", row, f"byte 0x{line[error.start]:02x} at {error.start}")
            elif (text := decode(line, row, recorder)) is not None:
                yield row, text


def decode(line: bytes, row: int, recorder: Recorder) -> str | None:
    """UTF-8, else Windows-1252 (noted once); ``None`` for a skipped bad row."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        pass
    try:
        text = line.decode("cp1252")
    except UnicodeDecodeError as error:
        recorder.bad(
            "neither UTF-8 nor Windows-1252", row, f"byte 0x{line[error.start]:02x} at {error.start}"
        )
        return None
    note = "some rows are not UTF-8 and were read as Windows-1252"
    if note not in recorder.report.notes:
        recorder.report.notes.append(note)
    return text


def quoting_problem(error: Exception, first: int = 0, last: int = 0) -> str:
    """What is wrong with the quotes of a row, in other words than those of the module csv.

    Args:
        error: As raised by a CSV reader.
        first: Row it began to read.
        last: Row it has reached: an open quote swallows the rows between.
    """
    said = next((words for part, words in _QUOTING.items() if part in str(error)), str(error))
    return f"{said}, up to row {last}" if last > first else said
