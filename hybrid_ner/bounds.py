"""What a reader of files may use, and the one place where errors of libraries become errors of this package.

The bounds are wide enough for the largest published lists and stop what only grows: a few kilobytes that
unpack to gigabytes, one line without end, brackets without end. They can be raised for one piece of work::

    with limited(unpacked=500 * GIB, ratio=10_000):
        load_gazetteer("dump.json.bz2")

and for a command by ``hybrid-ner --limit unpacked=500G --limit ratio=10000 gazetteer import …``.
"""

from __future__ import annotations

import csv
import errno
import io
import json
import lzma
import re
import struct
import zipfile
import zlib
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import IO, Any, AnyStr, cast

from hybrid_ner.errors import Hint, HybridNerError, InputError, missing_part

MIB, GIB = 1 << 20, 1 << 30
_BLOCK = 1 << 16
_SIZE = re.compile(r"(\d+)\s*([kmgt]?)i?b?", re.IGNORECASE)
_SIZES = {"": 0, "k": 10, "m": 20, "g": 30, "t": 40}


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of every reader of documents and term lists.

    Args:
        unpacked: Bytes that a compressed file may unpack to. The largest list that is read daily, MRCONSO of
            UMLS, has 2 GB; a dump of Wikidata needs more.
        ratio: How many times its packed size a file of more than 16 MiB may unpack to. Published lists reach
            30, a table of one repeated row some 300.
        line: Bytes of one line, which is held in memory.
        whole: Bytes of a file that can only be read whole (a text, a JSON array, ``.spacy``).
        depth: How deep XML elements may be nested; published files reach 20.
    """

    unpacked: int = 64 * GIB
    ratio: int = 200
    line: int = 64 * MIB
    whole: int = 2 * GIB
    depth: int = 200


_FREE = 16 * MIB
"""Unpacked bytes from which the ratio counts: a small file harms nobody however it is packed."""
_DEFAULT = Limits()
_current: ContextVar[Limits] = ContextVar("limits", default=_DEFAULT)


def limits() -> Limits:
    """The bounds that hold here."""
    return _current.get()


@contextmanager
def limited(**bounds: int) -> Iterator[Limits]:
    """Other bounds for what is read inside the block; those not named stay."""
    token = _current.set(replace(_current.get(), **bounds))
    try:
        yield _current.get()
    finally:
        _current.reset(token)


def parse_limits(given: list[str]) -> Mapping[str, int]:
    """Bounds as typed: ``unpacked=500G``, ``ratio=10000``.

    Raises:
        InputError: No such bound, or no number.
    """
    names = [field.name for field in fields(Limits)]
    found = {}
    for text in given:
        name, _, value = text.partition("=")
        size = _SIZE.fullmatch(value.strip())
        if name.strip() not in names or size is None or int(size[1]) < 1:
            hint = f"Give NAME=NUMBER, for example unpacked=500G; names are {', '.join(names)}."
            raise InputError(f"{text!r} is no limit.", hint=hint)
        found[name.strip()] = int(size[1]) << _SIZES[size[2].lower()]
    return found


def _exceeded(name: str, said: str, where: str | Path, row: int | None = None) -> InputError:
    words = "If the file is what it should be, raise the limit: --limit {name}=… before the command."
    hint = Hint("limit", words, name=name)
    return InputError(said, path=where, row=row, hint=hint)


def shown_size(size: int) -> str:
    """``64 MiB``: a size as people read it."""
    for unit, shift in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if size >= 1 << shift:
            return f"{size / (1 << shift):,.0f} {unit}"
    return f"{size:,} bytes"


def bounded(stream: IO[bytes], packed: int, where: str | Path) -> IO[bytes]:
    """An unpacked stream that stops where it has grown out of proportion.

    Args:
        stream: Gives the unpacked bytes.
        packed: Bytes of the packed file.
        where: The file, for the error.

    Raises:
        InputError: While reading, with the bound that was passed.
    """
    return cast("IO[bytes]", io.BufferedReader(_Counted(stream, packed, where), _BLOCK))


class _Counted(io.RawIOBase):
    def __init__(self, stream: IO[bytes], packed: int, where: str | Path) -> None:
        self._stream, self._packed, self._where = stream, max(packed, 1), where
        self._limits, self._read = limits(), 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self._read += len(data)
        allowed = self._limits
        if self._read > allowed.unpacked:
            said = f"unpacks to more than {shown_size(allowed.unpacked)}."
            raise _exceeded("unpacked", said, self._where)
        if self._read > _FREE and self._read > allowed.ratio * self._packed:
            said = f"{shown_size(self._packed)} unpack to more than {allowed.ratio:,} times as much."
            raise _exceeded("ratio", said, self._where)
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def bounded_lines(stream: IO[bytes], where: str | Path) -> Iterator[bytes]:
    """The lines of a stream, with their ends.

    Raises:
        InputError: One is too long to be held in memory.
    """
    most = limits().line
    for row, line in enumerate(iter(partial(stream.readline, most + 1), b""), start=1):
        if len(line) > most:
            raise _exceeded("line", f"a line of more than {shown_size(most)}.", where, row)
        yield line


def split_blocks(blocks: Iterable[AnyStr], mark: AnyStr, where: str | Path) -> Iterator[AnyStr]:
    """The pieces between marks of a text that comes in blocks; what follows the last is one unless empty.

    Raises:
        InputError: One is too long to be held in memory.
    """
    most, row = limits().line, 1
    held: list[AnyStr] = []
    size = 0
    for block in blocks:
        pieces: list[AnyStr] = block.split(mark)
        first, others = pieces[0], pieces[1:]
        held.append(first)
        size += len(first)
        if size > most:
            raise _exceeded("line", f"a line of more than {shown_size(most)}.", where, row)
        if others:
            yield mark[:0].join(held)
            yield from others[:-1]
            row += len(others)
            held, size = [others[-1]], len(others[-1])
    if rest := mark[:0].join(held) if held else None:
        yield rest


def bounded_whole(stream: IO[bytes], where: str | Path) -> bytes:
    """All bytes of a stream.

    Raises:
        InputError: They are too many to be held in memory.
    """
    blocks, size = [], 0
    # Not in one go: a reader that is asked for two gigabytes takes them before it knows what there is.
    for block in iter(partial(stream.read, MIB), b""):
        blocks.append(block)
        size += len(block)
        check_whole(size, where)
    return b"".join(blocks)


def check_whole(size: int, where: str | Path) -> None:
    """Refuse bytes that are too many to be held in memory."""
    if size > (most := limits().whole):
        raise _exceeded("whole", f"more than {shown_size(most)}, which can only be read whole.", where)


_TREE = 12
"""Bytes of memory for each byte of XML that is held as a tree: 30 MiB of a Word table took 360 MiB."""


def check_workbook(stream: Any, where: str) -> None:
    """Refuse a workbook that unpacks to too much: its strings are held in memory."""
    with zipfile.ZipFile(stream) as archive:
        for part in archive.infolist():
            if "sharedStrings" in part.filename or part.filename == "content.xml":
                check_whole(part.file_size, where)
            if part.filename == "word/document.xml" and _TREE * part.file_size > (most := limits().whole):
                said = (
                    f"its text unpacks to {shown_size(part.file_size)} and takes {_TREE} times as much memory"
                )
                raise _exceeded("whole", f"{said}, more than {shown_size(most)}.", where)
        if sum(part.file_size for part in archive.infolist()) > (most := limits().unpacked):
            said = f"the file unpacks to more than {shown_size(most)}."
            raise InputError(said, path=where, hint="Split the workbook.")
    stream.seek(0)


def check_item(size: int, where: str | Path, row: int) -> None:
    """Refuse an item of a JSON array that is too long to be held in memory."""
    if size > limits().line:
        raise _exceeded("line", f"an item of more than {shown_size(limits().line)}.", where, row)


def check_depth(depth: int, where: str | Path) -> None:
    """Refuse XML whose elements are nested out of reason: such trees break whoever walks through them."""
    if depth > limits().depth:
        raise _exceeded("depth", f"XML elements are nested more than {limits().depth:,} deep.", where)


_PACKED = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, zipfile.LargeZipFile, struct.error)
_FOREIGN = (csv.Error, UnicodeError, RecursionError, MemoryError, OverflowError, *_PACKED)
"""What the libraries that read files raise about their content. Other errors are ours, and stay that."""


@contextmanager
def reading(
    path: str | Path, kind: type[InputError] = InputError, *, library: bool = False, hint: str = ""
) -> Iterator[None]:
    """What libraries raise about the content of a file becomes an error that names it.

    Args:
        library: The block is nothing but the work of a parser that states no errors of its own (Word, PDF,
            ``.spacy``): whatever comes out of it is about the file.
        hint: The next step, where the usual one does not fit.

    Raises:
        InputError: As ``kind``.
    """
    try:
        yield
    except HybridNerError as error:
        if type(error) is not InputError or kind is InputError:
            raise
        raise kind(error.problem, path=error.path or path, row=error.row, hint=error.hint) from error
    except Exception as error:
        if missing := missing_part(error):
            raise missing from error
        # bz2 and gzip say "invalid data" as an OSError without a number; those with one are the disk's.
        # Seeking to where a damaged archive says its contents begin is an invalid argument.
        content = isinstance(error, OSError) and error.errno in (None, errno.EINVAL)
        if not (library or content or isinstance(error, _FOREIGN)):
            raise
        if library and isinstance(error, OSError) and not content:
            raise
        said, step = _said(error)
        raise kind(said, path=path, hint=hint or step) from error


_AGAIN = "Download or copy the file again."


def _said(error: Exception) -> tuple[str, str]:
    """What to say of an error of a library, and the next step."""
    text = " ".join(str(error).split())[:200] or "its content makes no sense"
    if isinstance(error, RecursionError):
        return "brackets or elements are nested too deeply.", "Check that it is the right file."
    if isinstance(error, MemoryError):
        return "more memory is needed to read it than there is.", "Give it in smaller parts."
    if isinstance(error, csv.Error):
        return f"broken table ({text}).", "Check the quotes, or save the table again."
    if isinstance(error, UnicodeError):
        return f"text in another encoding than expected ({text}).", "Save the file as UTF-8."
    if isinstance(error, zipfile.BadZipFile):
        return "the file is damaged, or another kind of file than its name says.", _AGAIN
    if isinstance(error, (*_PACKED, OSError)):
        return f"compressed data is damaged or ends early ({text}).", _AGAIN
    # The class of the error is a word of the library: it helps nobody who has the file.
    if isinstance(error, LookupError):
        # "no relationship of type 'http://schemas.openxml…' in collection" says nothing to those who read it.
        text = "something is missing in it" + (f": {text}" if "://" not in text else "")
    return f"cannot be read ({text}).", _AGAIN


_KEPT = 1_000
"""Characters behind which a match that began before a block is taken for lost."""


class JsonWindow:
    """A part of a JSON text that grows until the next item is whole.

    Args:
        blocks: The text, the last block empty.
    """

    def __init__(self, blocks: Iterator[bytes], where: str) -> None:
        self._where, self._blocks = where, blocks
        self._decode = getincrementaldecoder("utf-8-sig")().decode
        self._text = ""
        self._at = 0
        self.items = 0

    def _more(self) -> bool:
        """Read on: as much again as is held, so that a long item is not decoded once a block."""
        blocks, held, new = [self._text[self._at :]], len(self._text) - self._at, 0
        check_item(held, self._where, self.items + 1)
        try:
            for block in self._blocks:
                blocks.append(self._decode(block, not block))
                new += len(block)
                if new >= held:
                    break
        except UnicodeDecodeError as error:
            raise self._broken(f"byte 0x{error.object[error.start]:02x} is not UTF-8") from error
        if not new:
            return False
        self._text, self._at = "".join(blocks), 0
        return True

    def seek(self, pattern: re.Pattern[str], *, needed: bool = True) -> bool:
        """Move behind the next match; false where there is none and none is needed."""
        while (found := pattern.search(self._text, self._at)) is None:
            self._at = max(self._at, len(self._text) - _KEPT)
            if self._more():
                continue
            if not needed:
                return False
            step = "Give the result of a query, with results and bindings, or another format."
            problem = "no array of items was found."
            raise InputError(problem, path=self._where, hint=Hint("option", step))
        self._at = found.end()
        return True

    def next_item(self) -> bool:
        """Move to the next item; false at the end of the array."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in " \t\r\n,":
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at] != "]"
            if not self._more():
                raise self._broken("the array is not closed")

    def decode(self, decoder: json.JSONDecoder) -> Any:
        while True:
            try:
                value, end = decoder.raw_decode(self._text, self._at)
            except RecursionError as error:
                raise self._broken("brackets are nested too deeply") from error
            except json.JSONDecodeError as error:
                if not self._more():
                    raise self._broken(str(error)) from error
                continue
            except ValueError as error:  # what more text would not mend: a key twice, an endless number
                raise self._broken(str(error)) from error
            if end == len(self._text) and self._more():
                continue  # a number may go on in the next block
            self._at = end
            self.items += 1
            return value

    def _broken(self, problem: str) -> InputError:
        said, step = f"not whole JSON ({problem}).", "Save or download the file again."
        return InputError(said, path=self._where, row=self.items + 1, hint=step)
