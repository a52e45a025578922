"""The files a reader is given: a plain or compressed file, a zip archive or a folder, read as a stream.

A file in parts (``MRCONSO.RRF.aa.gz``, ``.ab.gz``) is one member, whose name lacks the mark of the part.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache, partial
from itertools import chain, islice, pairwise
from pathlib import Path, PurePosixPath
from typing import IO, Any, NamedTuple, cast

from hybrid_ner.bounds import bounded, bounded_lines, reading, split_blocks
from hybrid_ner.errors import Hint, InputError
from hybrid_ner.guarded import check_names
from hybrid_ner.io import is_there, missing_file
from hybrid_ner.terms.shipped import names_of_lists
from hybrid_ner.text import quantity
from hybrid_ner.text.encodings import as_utf8

_PART = re.compile(
    r"(?P<stem>.+\.\w+)\.(?P<mark>(?!gz|xz)[a-z]{2,3}|\d{2,3})(?P<packed>\.gz|\.bz2|\.xz)?", re.I
)
_FIRST = re.compile(r"a+|0+1?")


class Part(NamedTuple):
    """One part by its name: ``whole`` lacks the mark, which counts from the first (``aa``, ``00``)."""

    name: str
    whole: str
    mark: str

    @property
    def is_first(self) -> bool:
        """Whether nothing comes before it."""
        return _FIRST.fullmatch(self.mark) is not None


def as_part(name: str) -> Part | None:
    """The part that a name states, if it states one."""
    found = _PART.fullmatch(name)
    return Part(name, found["stem"] + (found["packed"] or ""), found["mark"].lower()) if found else None


def group(names: Iterable[str]) -> dict[str, tuple[Part, ...]]:
    """Whole name → its parts in order, for each first part with others that follow it.

    Raises:
        InputError: A part between two others is missing.
    """
    found: dict[tuple[str, int], list[Part]] = {}
    for part in filter(None, map(as_part, names)):
        found.setdefault((part.whole, len(part.mark)), []).append(part)
    groups = {}
    for (whole, _), parts in found.items():
        parts.sort(key=lambda part: part.mark)
        if len(parts) == 1 or not parts[0].is_first:
            continue
        for before, after in pairwise(parts):
            if after.mark != (wanted := _next(before.mark)):
                problem = f"part {wanted} of {whole} is missing: {before.name} is followed by {after.name}."
                raise InputError(problem, hint="Copy all parts to one folder.")
        groups[whole] = tuple(parts)
    return groups


def _next(mark: str) -> str:
    if mark.isdigit():
        return str(int(mark) + 1).zfill(len(mark))
    head, last = mark[:-1], mark[-1]
    return head + chr(ord(last) + 1) if last != "z" else (_next(head) if head else "") + "a"


class _Joined(io.RawIOBase):
    """The bytes of several streams behind each other; each is opened when it is needed."""

    def __init__(self, openers: Iterable[Callable[[], AbstractContextManager[Any]]]) -> None:
        self._openers, self._opened = iter(openers), ExitStack()
        self._stream: Any = io.BytesIO()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not (count := self._stream.readinto(buffer)):
            if (opener := next(self._openers, None)) is None:
                return 0
            self._opened.close()
            self._stream = self._opened.enter_context(opener())
        return int(count)

    def close(self) -> None:
        self._opened.close()
        super().close()


HEAD_BYTES = 8192
"""How much of a file is looked at to guess its format."""

_OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
_MAX_LISTED = 8
WORKBOOKS = (".xlsx", ".xlsm", ".ods", ".docx")
"""Ends of files that are archives of sheets or tables."""
_ZIPPED = (".zip", ".nlm")
_TARRED = (".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".7z", ".rar")


class Files:
    """One or more members behind a path; every member is opened as a decompressed stream of bytes.

    Args:
        path: A file, a ``.gz``/``.bz2``/``.xz`` file, a ``.zip`` archive or a folder.
        member: Base name (or pattern) of the only member to read.

    Raises:
        InputError: The path does not exist, is no readable archive, or is a file that is not the member.
    """

    def __init__(self, path: str | Path, member: str = "") -> None:
        self.path = Path(path)
        self.member = member
        self._heads: dict[str, bytes] = {}
        if not is_there(self.path):
            error = missing_file(self.path, names_of_lists())
            raise InputError(error.problem, path=error.path, hint=error.hint)
        if self.is_zip and not zipfile.is_zipfile(self.path):
            raise InputError("is no zip archive.", path=self.path, hint="Download or copy the file again.")
        if self.path.is_file() and self.path.name.lower().endswith(_TARRED):
            hint = "Unpack it, then give the folder or the file in it."
            raise InputError("is an archive that is not read.", path=self.path, hint=hint)
        if member and self._is_plain_file and not _fits(self.path.name, member):
            said = f"is no archive or folder, which member={member!r} (--member) could choose from."
            hint = "Leave it out; the sheet of a workbook is --columns sheet=NAME (sheet=NAME in Python)."
            raise InputError(said, path=self.path, hint=Hint("option", hint))

    @cached_property
    def is_zip(self) -> bool:
        """Whether members come from a zip archive."""
        return self.path.suffix.lower() in _ZIPPED and self.path.is_file()

    @cached_property
    def _stored(self) -> tuple[str, ...]:
        """Files as they are stored: relative to a folder, inside an archive, or the file and its parts."""
        if self.is_zip:
            with reading(self.path), zipfile.ZipFile(self.path) as archive:
                found = [info.filename for info in archive.infolist() if not info.is_dir()]
                check_names(found, self.path)
        elif self.path.is_dir():
            found = [p.relative_to(self.path).as_posix() for p in self.path.rglob("*") if p.is_file()]
        else:
            return self._with_parts()
        shown = (n for n in found if not any(p.startswith((".", "__MACOSX")) for p in PurePosixPath(n).parts))
        return tuple(sorted(shown))

    def _with_parts(self) -> tuple[str, ...]:
        part = as_part(self.path.name)
        if part is None:
            return (self.path.name,)
        beside = sorted(near.name for near in self.path.absolute().parent.iterdir() if near.is_file())
        names = tuple(name for name in beside if (one := as_part(name)) and one.whole == part.whole)
        parts = group(names).get(part.whole, ())
        if parts and part.mark != parts[0].mark and part.name in {one.name for one in parts}:
            hint = f"Give the first part, {parts[0].name}: the others are read after it."
            raise InputError(f"is a later part of {part.whole}.", path=self.path, hint=hint)
        return tuple(one.name for one in parts) or (self.path.name,)

    @cached_property
    def _parts(self) -> dict[str, tuple[Part, ...]]:
        """Name of a member that is stored in parts → the parts."""
        return group(self._stored)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Members, sorted; a file in parts is one."""
        parts = {part.name for whole in self._parts.values() for part in whole}
        whole = (*self._parts, *(name for name in self._stored if name not in parts))
        every = self._is_plain_file or not self.member
        return tuple(sorted(name for name in whole if every or _fits(name, self.member)))

    @cached_property
    def _is_plain_file(self) -> bool:
        return not self.is_zip and not self.path.is_dir()

    def find(self, *patterns: str) -> list[str]:
        """Members whose base name (without a compression suffix, any case) fits one of the patterns.

        A path that is one file always is its own member, whatever its name.
        """
        return [*self.names] if self.is_single else [n for n in self.names if _fits(n, *patterns)]

    def beside(self, *patterns: str) -> tuple[Files, str] | None:
        """The first companion file: in the same folder or archive, or next to a single file."""
        return next(self.all_beside(*patterns), None)

    def all_beside(self, *patterns: str) -> Iterator[tuple[Files, str]]:
        """Every companion file, in the order of the names."""
        if not self._is_plain_file:
            yield from ((self, name) for name in Files(self.path).names if _fits(name, *patterns))
            return
        near = {p.name: p for p in self.path.resolve().parent.iterdir() if p.is_file()}
        parts = {part.name for whole in group(near).values() for part in whole[1:]}
        for name in sorted(near.keys() - parts):
            part = as_part(name)
            if _fits(name, *patterns) or (part and part.is_first and _fits(part.whole, *patterns)):
                files = Files(near[name])
                yield files, files.names[0]

    @property
    def is_single(self) -> bool:
        """Whether there is one member, however it is stored."""
        return self._is_plain_file or len(self.names) == 1

    def only(self) -> str:
        """The single member.

        Raises:
            InputError: There are none or several.
        """
        if len(self.names) == 1:
            return self.names[0]
        names = self.names or (self._stored if self.member else ())
        listed = ", ".join(names[:_MAX_LISTED]) + (", …" if len(names) > _MAX_LISTED else "")
        if not self.names and self.member:
            problem = f"no file in it fits {self.member!r}; it holds {listed or 'nothing readable'}."
            raise InputError(problem, path=self.path, hint="Name one of them, or a pattern such as *.csv.")
        if self.names and all(name.lower().endswith((*_ZIPPED, *_TARRED)) for name in self.names):
            hint = "Unpack it, then give one of them."
            raise InputError(f"holds other archives ({listed}).", path=self.path, hint=hint)
        said = "Give the format, or name one of them with --member NAME (member=NAME in Python)."
        held = f"{quantity(len(self.names), 'file')} ({listed or 'nothing readable'})"
        raise InputError(f"holds {held}; one was expected.", path=self.path, hint=Hint("option", said))

    def shown(self, name: str) -> str:
        """Name of a member as terms keep it: short, without the machine's folders."""
        return name if self.path.is_dir() or not self.is_zip else f"{self.path.name}!{name}"

    def where(self, name: str) -> str:
        """Full name of a member for an error message."""
        if self.path.is_dir():
            return str(self.path / name)
        return f"{self.path}!{name}" if self.is_zip else str(self.path)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """The decompressed bytes of a member; text in UTF-16 or UTF-32 is given as UTF-8.

        Raises:
            InputError: The compressed data is damaged or ends early.
        """
        try:
            with reading(self.where(name)), self._opened(name) as stream:
                yield as_utf8(stream, self._stored_head(name), self.where(name))
        except (RuntimeError, NotImplementedError) as error:
            if not self.is_zip or isinstance(error, RecursionError):
                raise
            problem, hint = f"cannot be unpacked ({error}).", "Unpack it yourself first."
            raise InputError(problem, path=self.where(name), hint=hint) from error

    @contextmanager
    def _opened(self, name: str) -> Iterator[IO[bytes]]:
        stored = [part.name for part in self._parts.get(name, ())]
        # A file compressed and then cut, or parts compressed one by one: what is joined is unpacked as one.
        joined = io.BufferedReader(_Joined(partial(self._stream, part) for part in stored))
        with cast("IO[bytes]", joined) if stored else self._stream(name) as raw:
            opener = _OPENERS.get(PurePosixPath(name).suffix.lower())
            stream = raw if opener is None else cast("IO[bytes]", opener(raw, "rb"))
            if stream is raw and not stored and not self.is_zip:
                yield raw
            else:
                yield bounded(stream, sum(map(self._size, stored or [name])), self.where(name))

    def _file(self, stored: str) -> Path:
        return self.path / stored if self.path.is_dir() else self.path.with_name(stored)

    def _size(self, stored: str) -> int:
        """Bytes of a stored file as it lies on the disk or in the archive."""
        if self.is_zip:
            with zipfile.ZipFile(self.path) as archive:
                return archive.getinfo(stored).compress_size
        return self._file(stored).stat().st_size

    @contextmanager
    def _stream(self, stored: str) -> Iterator[IO[bytes]]:
        """One file as it is stored."""
        if self.is_zip:
            with zipfile.ZipFile(self.path) as archive, archive.open(stored) as raw:
                yield raw
        else:
            with self._file(stored).open("rb") as plain:
                yield plain

    def head(self, name: str, size: int = HEAD_BYTES) -> bytes:
        """The first bytes of a member, decompressed and without byte order mark."""
        with self.open(name) as stream:
            return stream.read(size).removeprefix(codecs.BOM_UTF8)

    def _stored_head(self, name: str) -> bytes:
        """The first bytes as they are in the file, which tell its encoding."""
        if name not in self._heads:
            with self._opened(name) as stream:
                self._heads[name] = stream.read(HEAD_BYTES)
        return self._heads[name]

    def lines(self, name: str, *, quoted: bool = False) -> Iterator[bytes]:
        """Lines of a member without line ends and byte order mark.

        Args:
            quoted: Whether a carriage return may stand within quotes, and ends no line between others.
        """
        head, where = self.head(name), self.where(name)
        with self.open(name) as stream:
            if b"\r" in head and b"\n" not in head:  # as Macs once wrote them
                blocks = iter(partial(stream.read, 1 << 16), b"")
                for line in split_blocks(blocks, b"\r", where):
                    yield from line.removeprefix(codecs.BOM_UTF8).removeprefix(b"\n").split(b"\n")
            else:
                lines = bounded_lines(stream, where)
                first = (line.removeprefix(codecs.BOM_UTF8) for line in islice(lines, 1))
                for line in map(_without_end, chain(first, lines)):
                    yield from (line,) if quoted else line.split(b"\r")


def _without_end(line: bytes) -> bytes:
    return line.rstrip(b"\r\n")


def _fits(name: str, *patterns: str) -> bool:
    return any(fnmatchcase(base, pattern.lower()) for base in _bases(name) for pattern in patterns)


@lru_cache(1 << 18)  # an archive may have many members, of which each format asks
def _bases(name: str) -> tuple[str, ...]:
    return tuple({unpacked_name(name), PurePosixPath(name).name.lower()})


def unpacked_name(name: str) -> str:
    """Base name in small letters, without the suffix of a compressed file."""
    base = PurePosixPath(name).name.lower()
    return next((base.removesuffix(suffix) for suffix in _OPENERS if base.endswith(suffix)), base)


_LABEL = re.compile(r"[^\W\d_][\w-]*\Z")
_NO_LABELS = re.compile(
    r"(?:data|dictionar|entit|export|file|final|gazetteer|glossar|input|item|lexicon|list|main|master|name|new"
    r"|pattern|sample|surface|tab|table|term|terminology|test|tmp|vocab|word|sheet|tabelle|feuil|hoja|foglio|blad"
    r"|ark|v|q|version|copy)(?:y|ies|s|ularies|ulary)?[_-]?\d*\Z",
    re.IGNORECASE,
)
"""Names of files and sheets that say nothing about the label of their terms."""


def label_of_name(stem: str) -> str:
    """The label that the name of a file or sheet states: ``Disease``; none for names such as ``terms``."""
    return stem if _LABEL.match(stem) and not _NO_LABELS.match(stem) else ""
