"""Files: the shipped ones, read row by row with exact complaints, written whole or not at all."""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import json
import logging
import lzma
import os
import re
import sys
import warnings
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, redirect_stdout, suppress
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TextIO, cast

from hybrid_ner.bounds import bounded, bounded_lines, bounded_whole
from hybrid_ner.errors import CorpusError, HybridNerError, InputError
from hybrid_ner.text import atomic_path, followed, part_folder
from hybrid_ner.text.encodings import as_utf8

if TYPE_CHECKING:
    import sqlite3

_PACKAGE = Path(__file__).resolve().parent


def shipped(*parts: str) -> Path:
    """Path of a shipped file or folder, for example ``shipped("gazetteers", "medical")``.

    Raises:
        InputError: The installation lacks it.
    """
    for root in (_PACKAGE / "_shipped", _PACKAGE.parent):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    problem = f"{'/'.join(parts)} is missing from this installation."
    raise InputError(problem, hint="Install hybrid-ner again.")


_NAMES = 10_000
"""Names of a folder that are looked through for one that was meant."""


def is_there(path: Path) -> bool:
    """Whether it is a file or folder; ``missing_file`` says what another path is."""
    return path.is_file() or path.is_dir()


def missing_file(path: Path, known: Iterable[str] = ()) -> CorpusError:
    """The error for a path that is not there, with what may have been meant: a file beside it, a known name.

    One that is a pipe or a device cannot be read, as files are read more than once: ``<(zcat a.gz)``.

    Args:
        known: Names that would have been taken too, such as those of shipped lists.
    """
    if path.exists():
        hint = "Give a file, packed or not; documents may come on standard input too: -."
        return CorpusError("it is a pipe or a device, which can be read but once.", path=path, hint=hint)
    if path.is_symlink():
        problem = f"a link to {os.readlink(path)}, which is not there."
        return CorpusError(problem, path=path, hint="Give the file itself, or mend the link.")
    beside: list[str] = []
    with suppress(OSError), os.scandir(path.parent) as entries:
        beside = [entry.name for entry in islice(entries, _NAMES)]
    near = get_close_matches(str(path), list(known), 2, 0.75)
    near += (str(path.parent / name) for name in get_close_matches(path.name, beside, 2, 0.75))
    hint = f"Did you mean {' or '.join(dict.fromkeys(near))}?" if near else "Check the path."
    return CorpusError("no such file or folder.", path=path, hint=hint)


def cache_folder() -> Path:
    """Where what can be made again is kept (``XDG_CACHE_HOME``); it need not exist, nor be writable."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "hybrid_ner").expanduser()


def made_file(kind: str, name: str, files: Iterable[Path], how: str) -> Path:
    """The file of the cache for what is made of some files; another where their content is another.

    Args:
        how: What else it depends on: versions of what makes it.
    """
    digest = sha256(how.encode())
    for path in files:
        digest.update(path.name.encode() + path.read_bytes())
    return cache_folder() / f"{kind}-{name}-{digest.hexdigest()[:16]}.gaz"


def keep_made(path: Path, write: Callable[[Path], None]) -> bool:
    """Write such a file in place of earlier ones of its kind; false where nothing can be written."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write(path)
    except (HybridNerError, OSError) as error:
        logging.getLogger(__name__).info("what was made is not kept: %s", error)
        return False
    for old in path.parent.glob(f"{path.stem.rpartition('-')[0]}-*{path.suffix}"):
        if old != path:
            old.unlink(missing_ok=True)
    return True


@dataclass(frozen=True, slots=True)
class Place:
    """A file and a one-based row in it."""

    path: str = ""
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that cannot be used.

    Args:
        kind: Short name to count by, for example ``offsets``.
        message: What was expected and what was found.
        warning: Something is lost that nobody needs for recognizing entities.
    """

    kind: str
    message: str
    place: Place = field(default_factory=Place)
    doc_id: str = ""
    hint: str = ""
    warning: bool = False

    def error(self) -> CorpusError:
        return CorpusError(self.message, path=self.place.path or None, row=self.place.row, hint=self.hint)

    def as_dict(self) -> dict[str, Any]:
        row = asdict(self)
        return {**row.pop("place"), **row}

    def __str__(self) -> str:
        return f"[{self.kind}] {self.error()}"


Report = Callable[[Problem], None]
"""Told about every problem; raising stops the reading, returning leaves the unusable part out."""


def fail(problem: Problem) -> None:
    """The default report: stop at the first problem, but only warn of a warning."""
    if not problem.warning:
        raise problem.error()
    warnings.warn(str(problem), stacklevel=2)


UNREADABLE: ContextVar[Report | None] = ContextVar("documents that others' code fails on", default=None)
"""Told about documents that are left out since a source of another package fails on them; without it that
is an error."""


class ProblemLog:
    """A report that keeps every problem, so that a caller can count and list them."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def __call__(self, problem: Problem) -> None:
        self.problems.append(problem)

    def __len__(self) -> int:
        return len(self.problems)

    @property
    def counts(self) -> Mapping[str, int]:
        return dict(sorted(Counter(problem.kind for problem in self.problems).items()))


_LEVEL = 6
"""Of compression: 9 takes twice the time for a hundredth less."""
_HEAD = 8192
_OPENERS: dict[bytes, Callable[..., Any]] = {
    b"\x1f\x8b": gzip.open,
    b"\xfd7zXZ\x00": lzma.open,
    **{b"BZh%d1AY&SY" % level: bz2.open for level in range(1, 10)},
}
"""How a packed file begins, and what opens it."""
PACKED = (".gz", ".bz2", ".xz")
"""What the name of such a file ends in."""
_UNREAD = {
    b"\x28\xb5\x2f\xfd": ("by zstd", "zstd -d FILE"),
    b"\x04\x22\x4d\x18": ("by lz4", "lz4 -d FILE"),
    b"\x1f\x9d": ("by compress", "uncompress FILE"),
    b"7z\xbc\xaf\x27\x1c": ("in an archive of 7-Zip", "7z x FILE"),
    b"Rar!\x1a\x07": ("in an archive of RAR", "unrar x FILE"),
}
"""How files begin that are packed in a way that is not read: which, and what unpacks them."""


def unpacked_name(name: str) -> str:
    """The name of a file without the mark that it is packed: ``notes.jsonl.gz`` → ``notes.jsonl``."""
    return next((name[: -len(end)] for end in PACKED if name.lower().endswith(end)), name)


@contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked (gzip, bzip2, xz) whatever its name, and in UTF-8 where they are wider.

    Raises:
        CorpusError: Missing, empty or binary file, or one that is packed in another way.
    """
    if not path.is_file():
        raise CorpusError("no such file.", path=path, hint="Check the path.")
    with path.open("rb") as raw:
        begins = raw.read(16)
    if opener := next((opener for mark, opener in _OPENERS.items() if begins.startswith(mark)), None):
        with bounded(cast("IO[bytes]", opener(path, "rb")), path.stat().st_size, path) as handle:
            yield _text_of(path, handle)
    else:
        with path.open("rb") as plain:
            yield _text_of(path, plain)


def unpacked_head(path: Path, size: int, line: int = 0) -> bytes:
    """The first bytes of a file, unpacked; none of a packed file that is damaged.

    Args:
        line: Where they end within a line, so many bytes more of this line, and as many first bytes again.
    """
    with path.open("rb") as raw:
        head = _head(raw, size, line)
    opener = next((opener for mark, opener in _OPENERS.items() if head.startswith(mark)), None)
    if opener is None:
        return head
    with suppress(OSError, EOFError, lzma.LZMAError, zlib.error), opener(path, "rb") as stream:
        return _head(stream, size, line)
    return b""


def _head(stream: IO[bytes], size: int, line: int) -> bytes:
    head = stream.read(size)
    return head + stream.readline(line) + stream.read(size) if line and len(head) == size else head


def refuse_packed(head: bytes, where: str | Path) -> None:
    """Refuse what is packed in a way that nobody reads, with what unpacks it.

    Raises:
        CorpusError: The first bytes say so.
    """
    for mark, (how, step) in _UNREAD.items():
        if head.startswith(mark):
            hint = f"Unpack it ({step}), then give what is in it."
            raise CorpusError(f"it is packed {how}, which is not read.", path=where, hint=hint)
    if head[257:262] == b"ustar":
        hint = "Unpack it (tar xf FILE), then give the folder."
        raise CorpusError("it is an archive (tar), which is not read.", path=where, hint=hint)


def _text_of(path: Path, stream: IO[bytes]) -> IO[bytes]:
    head = stream.peek(_HEAD)[:_HEAD]  # type: ignore[attr-defined]
    if (text := as_utf8(stream, head, path)) is stream:
        _refuse_binary(path, head)
    return text


def _refuse_binary(path: Path, head: bytes) -> None:
    refuse_packed(head, path)
    if not head:
        raise CorpusError("the file is empty.", path=path, hint="Give a file that holds documents.")
    if b"\x00" in head or head.startswith((b"%PDF", b"PK\x03\x04")):
        problem = f"expected text, found a binary file (it starts with {head[:8]!r})."
        raise CorpusError(problem, path=path, hint="Export the documents as text in UTF-8 first.")


_FOREIGN = re.compile(
    r"[^\W\d_\x00-\x7f]{4}|[^\W\d_][‡‰§¥£¹³¢¤¦¬¸][^\W\d_]"
    r"|[^\W\d_]þ(?![aeiouyáéíóúýæöørvj])|ý[b-df-hj-np-tv-zðþ]+ý"
)
"""Four accented letters in a row, or a sign within a word: "Grš§e" of old Macs, "w³aœciwy" of Polish; letters
where Icelandic has none: "ateþ" and "aðrýsý" of Turkish."""


def is_western(text: str) -> bool:
    """Whether text read by the code page 1252 may be what it says: no words of accented letters alone.

    Russian, Greek or Arabic of another code page looks so ("àñïèðèí"); "créée" has other letters too.
    """
    return _FOREIGN.search(text) is None


def decode(data: bytes, place: Place, report: Report, *, windows: bool = False) -> str | None:
    """UTF-8 bytes as text, or ``None`` after a report.

    Args:
        windows: Whether other bytes are read as older Windows programs write them, with a warning. Text
            that is UTF-8 but for a few bytes is damaged, and not taken for such.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        byte = data[error.start : error.start + 1]
        said = f"invalid UTF-8: byte {byte!r} at byte {error.start} of the row."
        damaged = sum(char > "\x7f" for char in data.decode("utf-8", "ignore"))
        broken = data.decode("utf-8", "replace").count("\ufffd")
    if windows and damaged < broken:
        with suppress(UnicodeDecodeError):
            text = data.decode("cp1252")
            if not is_western(text):
                hint = "Convert the file to UTF-8 from the code page it is in (iconv -f CP1251 for Russian,"
                hint += (
                    " CP1250 for Polish and Czech, CP1254 for Turkish, MACINTOSH for old Macs, GB18030 for"
                )
                hint += " Chinese)."
                report(Problem("encoding", f"{said} It is in no Western code page either.", place, hint=hint))
                return None
            said = "not in UTF-8: read as Windows text (code page 1252); check a word with an accent."
            report(Problem("encoding", said, place, warning=True))
            return text
    hint = "Convert the file to UTF-8, for example with iconv -f CP1252 -t UTF-8."
    if damaged >= broken:
        hint = "Its other accented letters are UTF-8: write this one again, or export the file again."
    elif any(byte in data for byte in _NOT_WINDOWS):
        hint = "Convert the file to UTF-8 from the code page it is in (iconv -f CP850 for DOS programs,"
        hint += " SHIFT_JIS or EUC-JP for Japanese, GB18030 for Chinese)."
    report(Problem("encoding", said, place, hint=hint))
    return None


_NOT_WINDOWS = b"\x81\x8d\x8f\x90\x9d"
"""Bytes that the code page 1252 has no letter for; 0x81 is "ü" in those of DOS."""


def parse_json(text: str) -> Any:
    """A JSON value, as the standard has it.

    Raises:
        ValueError: No JSON; also for ``NaN`` and ``Infinity``, which ``json.loads`` takes although no
            other reader has to, and for an object that says one key in two ways.
        RecursionError: Nested too deep.
    """
    return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=said_once)


def said_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The keys and values of a JSON object, as ``object_pairs_hook`` is given them.

    Raises:
        ValueError: A key has two values, of which ``json`` would keep the last.
    """
    made = dict(pairs)
    if len(made) < len(pairs):
        for key, value in pairs:
            if value != made[key]:
                raise ValueError(f"the key {key!r} stands twice in one object; leave one of the two")
    return made


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value; write null")


def read_rows(
    path: Path, report: Report, *, ends: bool = False, windows: bool = False
) -> Iterator[tuple[int, str]]:
    """One-based row number and text of every line; ``\\n``, ``\\r\\n`` and ``\\r`` end one.

    Args:
        report: Told about lines that are not UTF-8; once, if they are read all the same.
        ends: Whether the lines keep their line breaks, and ``\\r`` ends one only where nothing else does.
        windows: As for ``decode``.
    """
    warned: list[Problem] = []

    def told(problem: Problem) -> None:
        if not (problem.warning and warned):
            report(problem)
        warned.extend([problem] * problem.warning)

    with open_bytes(path) as handle:
        lines = bounded_lines(handle, path)
        for row, data in enumerate(_of_tables(lines) if ends else _by_returns(lines), start=1):
            if row == 1:
                data = data.removeprefix(b"\xef\xbb\xbf")
            if (line := decode(data, Place(str(path), row), told, windows=windows)) is not None:
                yield row, line


def _by_returns(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Lines without their ends: of old Macs, also between others where files were put together."""
    for line in lines:
        yield from line.rstrip(b"\r\n").split(b"\r")


def _of_tables(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Lines; those of one that holds them all with carriage returns between, as Excel writes for a Mac.

    Otherwise these may stand within quotes, and end no line.
    """
    first, second = next(lines, b""), next(lines, b"")
    head, sign, _ = first.rstrip(b"\r\n").partition(b"\r")
    if sign and not second and b'"' not in head:
        yield from (line + b"\n" for line in first.rstrip(b"\r\n").split(b"\r"))
        return
    yield from filter(None, (first, second))
    yield from lines


def read_text(path: Path, report: Report, *, windows: bool = False) -> str | None:
    """The whole file as text, line breaks as they are, or ``None`` after a report."""
    with open_bytes(path) as handle:
        data = bounded_whole(handle, path).removeprefix(b"\xef\xbb\xbf")
    return decode(data, Place(str(path)), report, windows=windows)


@contextmanager
def write_bytes(path: Path) -> Iterator[IO[bytes]]:
    """A file that appears at ``path`` only once it is complete."""
    with atomic_path(path) as temporary, temporary.open("wb") as raw:
        yield raw


@contextmanager
def write_text(path: Path) -> Iterator[IO[str]]:
    """As ``write_bytes``, for text; packed when the name ends in ``.gz``."""
    with write_bytes(path) as raw, ExitStack() as layers:
        stream: Any = raw
        if path.suffix == ".gz":  # no name and no time in the header: equal content gives equal bytes
            archive = gzip.GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=raw, mtime=0)
            stream = layers.enter_context(archive)
        yield layers.enter_context(io.TextIOWrapper(stream, encoding="utf-8", newline="\n"))


_KEPT_FOR_DATA: ContextVar[TextIO | None] = ContextVar("kept_for_data", default=None)


@contextmanager
def stdout_for_data() -> Iterator[None]:
    """Keep standard output for documents and JSON: what anything else prints, such as code of another
    package, goes to standard error, or who reads the data could not parse them."""
    before = _KEPT_FOR_DATA.set(standard_output())
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        _KEPT_FOR_DATA.reset(before)


def standard_output() -> TextIO | None:
    """Where documents and JSON go; ``None`` where it is closed."""
    return _KEPT_FOR_DATA.get() or sys.stdout


@contextmanager
def write_folder(path: Path) -> Iterator[Path]:
    """A new folder to fill, which appears at ``path`` only once it is complete.

    Raises:
        CorpusError: ``path`` exists and is not an empty folder.
    """
    path = followed(path)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise CorpusError("expected a new or empty folder.", path=path, hint="Choose another folder.")
    path.parent.mkdir(parents=True, exist_ok=True)
    with part_folder(path) as made:
        yield made
        os.replace(made, path)


@contextmanager
def kept_database(path: Path, schema: str) -> Iterator[sqlite3.Connection]:
    """A transaction in a SQLite file of what can be made again; other processes may use it too.

    Raises:
        OSError: The disk is full.
        InputError: The file cannot be used, with what to do about it.
    """
    import sqlite3  # which nothing else here needs

    try:
        with closing(sqlite3.connect(path, timeout=60)) as kept, kept:
            kept.execute(schema)
            yield kept
    except sqlite3.DatabaseError as error:
        if "full" in str(error):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from error
        hint = f"Let one command at a time write to {path.parent}, and repeat this one."
        if any(sign in str(error) for sign in ("not a database", "malformed")):
            hint = "Remove the file: what it held is made again."
        raise InputError(f"what was kept cannot be used ({error}).", path=path, hint=hint) from error


# Lists of entries, one a line, with comments.

_COMMENT = re.compile(r"(?:^|\s{2,}|\t)#.*$")


def read_list(path: Path) -> tuple[str, ...]:
    """Entries of a list in file order, without comments and blank lines.

    Raises:
        InputError: An entry occurs twice, or the list is empty.
    """
    seen: dict[str, int] = {}
    for row, entry in _entries(path):
        if entry in seen:
            problem = f"{entry!r} stands in row {seen[entry]} already."
            raise InputError(problem, path=path, row=row, hint="Remove one of them.")
        seen[entry] = row
    if not seen:
        raise InputError("the list holds no entry.", path=path, hint="Install hybrid-ner again.")
    return tuple(seen)


def read_mapping(path: Path) -> dict[str, str]:
    """Two-column list (``from = to``) as a dictionary.

    Raises:
        InputError: A row without exactly one `` = `` sign, or one key twice.
    """
    pairs: dict[str, str] = {}
    for row, entry in _entries(path):
        left, sign, right = entry.partition(" = ")
        if not sign or left in pairs:
            found = "a second row for the same key" if sign else "no ` = `"
            raise InputError(f"expected `from = to`, found {found}: {entry!r}.", path=path, row=row)
        pairs[left.strip()] = right.strip()
    return pairs


def _entries(path: Path) -> list[tuple[int, str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    stripped = ((row, _COMMENT.sub("", line).strip()) for row, line in enumerate(lines, 1))
    return [(row, entry) for row, entry in stripped if entry]
