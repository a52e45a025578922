"""Text folded for matching, with a map back; where a word may start and end; small helpers of every layer."""

from __future__ import annotations

import atexit
import errno
import glob
import hashlib
import logging
import os
import re
import shutil
import time
import unicodedata
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from threading import get_ident
from typing import Literal

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NUMBERS = re.compile(r"\[Errno (\d+)\]")


def content_hash(text: str) -> str:
    """SHA-256 of the text, in hex: the identity of a document's content."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def excerpt(text: str, start: int, end: int, width: int = 40) -> str:
    """The words around ``[start, end)`` on one line, with the span in square brackets."""
    left, right = text[max(0, start - width) : start], text[end : end + width]
    span = " ".join(text[start:end].split())
    return f"{beside(left, width, left=True)}[{span}]{beside(right, width, left=False)}".strip()


def beside(text: str, width: int, *, left: bool) -> str:
    """What stands left or right of a span, in whole words on one line; the space beside the span is kept."""
    line = " ".join(text.split())
    edge = " " if (text[-1:] if left else text[:1]).isspace() else ""
    if len(text) >= width and " " in line:
        line = "… " + line.split(" ", 1)[1] if left else line.rsplit(" ", 1)[0] + " …"
    return line + edge if left else edge + line


def without_space(text: str, start: int, end: int) -> tuple[int, int]:
    """A place without the white space at its edges; one that is white space alone as it is."""
    inner = text[start:end].strip()
    start = text.index(inner, start) if inner else start
    return start, start + len(inner) if inner else end


def plain_line(text: str) -> str:
    """Foreign text on one line, without terminal codes and halves of characters (no file takes them)."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def quantity(number: int, one: str, many: str = "") -> str:
    """``1 document``, ``2 documents``: a count with what is counted, and perhaps its verb."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def some(names: Iterable[str], most: int = 5) -> str:
    """``d1, d2 …``: the first names, and whether there are more."""
    first = [*islice(names, most + 1)]
    return ", ".join(first[:most]) + " …" * (len(first) > most)


_SHOWN = 6
"""Members of a collection that are printed; more are counted."""
_CHARACTERS = 80


def brief(found: object) -> str:
    """One line for a dataclass that may hold a million rows: ``__repr__ = brief`` in its body.

    Long texts are cut, long collections and arrays counted: ``Gazetteer(terms=‹404,137›, parents={})``.
    """
    shown = [field for field in fields(found) if field.repr]  # type: ignore[arg-type]
    values = (f"{field.name}={_brief_value(getattr(found, field.name))}" for field in shown)
    return f"{type(found).__qualname__}({', '.join(values)})"


def _brief_value(value: object) -> str:
    if isinstance(value, str):
        return repr(value) if len(value) <= _CHARACTERS else f"{value[:40]!r}…‹{len(value):,} characters›"
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"‹{value.dtype} {'×'.join(map(str, value.shape))}›"
    if isinstance(value, Collection):
        if len(value) > _SHOWN:
            return f"‹{len(value):,}›"
        shown = repr(value)
        return shown if len(shown) <= _CHARACTERS else f"‹{len(value):,}›"
    return repr(value) if is_dataclass(value) or not callable(value) else f"‹{type(value).__name__}›"


_NAME = 48
"""Characters of a name that the name of its temporary file begins with: a name may have 255 bytes."""


def part_of(path: Path) -> Path:
    """Where this process and thread make what will stand at ``path``: hidden, beside it."""
    remove_stale(path)
    return path.parent / f".{path.name[:_NAME]}.{os.getpid()}.{get_ident()}.part"


def may_write(path: Path) -> bool:
    """Whether this process may write to what is there."""
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def followed(path: Path) -> Path:
    """Where a link leads, and any other path as it is.

    Raises:
        OSError: It leads to itself.
    """
    if not path.is_symlink():
        return path
    with suppress(FileNotFoundError):
        path.stat()
    return Path(os.path.realpath(path))


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that replaces it when the block ends well and is removed when not.

    Where ``path`` is a link, so is what is written: the file that it leads to is replaced, not the link.

    Raises:
        OSError: It cannot be written there, or is a file that may not be written to.
    """
    path = followed(path)
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if path.is_file() and not may_write(path):  # which replacing it does not ask
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = part_of(path)
    try:
        with named_after(path):
            yield temporary
            with temporary.open("rb") as written:
                os.fsync(written.fileno())
            os.replace(temporary, path)
            logging.getLogger(__name__).debug("wrote %s", path)
    finally:
        with suppress(OSError):  # a read-only file system refuses this too, and what it said before counts
            for beside in ("", "-wal", "-shm", "-journal"):  # a database has its log
                temporary.with_name(temporary.name + beside).unlink(missing_ok=True)


@contextmanager
def part_folder(path: Path) -> Iterator[Path]:
    """A folder to work in beside ``path``, gone afterwards."""
    folder = part_of(path)
    try:
        with named_after(path):
            folder.mkdir()
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_SCRATCH = "hybrid-ner-scratch."
_FRESH = 60.0
"""Seconds in which a new folder is left alone: the process that made it may not have locked it yet."""


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder of this process alone where the system has temporary files, gone afterwards.

    It is locked until the process ends, however it does: what one that was killed has left, the text of
    documents maybe, is taken away when the next one needs such a folder or runs a command.
    """
    remove_left()
    folder, held = Path(mkdtemp(prefix=_SCRATCH)), None
    try:
        with suppress(OSError, ImportError):
            held = lock(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if held is not None:
            os.close(held)


def scratch_until_exit() -> Path:
    """The same until the program ends."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(scratch())


def remove_left() -> None:
    """Take away the scratch folders of this user's processes that are no more."""
    with suppress(OSError), os.scandir(gettempdir()) as found:
        for each in found:
            if each.name.startswith(_SCRATCH) and each.is_dir(follow_symlinks=False):
                with suppress(OSError, ImportError):
                    about = each.stat(follow_symlinks=False)
                    if about.st_uid != os.geteuid() or time.time() - about.st_mtime < _FRESH:
                        continue
                    held = lock(Path(each.path))
                    shutil.rmtree(each.path, ignore_errors=True)
                    os.close(held)


def lock(path: Path) -> int:
    """A descriptor of a folder, or of a file that may be new, which nobody else can lock until it is closed.

    Raises:
        BlockingIOError: Somebody else has locked it.
        OSError, ImportError: It is not there, or neither it nor the system can be locked.
    """
    import fcntl  # not on Windows

    while True:
        held = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with suppress(FileNotFoundError):  # whoever had it has taken it away meanwhile
                if os.path.samestat(os.fstat(held), path.stat()):
                    return held
        except BaseException:
            os.close(held)
            raise
        os.close(held)


def remove_stale(path: Path) -> None:
    """Take away what lies beside ``path`` of a process that is no more: it was killed while it wrote."""
    begins = f".{path.name[:_NAME]}."
    for left in path.parent.glob(f"{glob.escape(begins)}*.part*"):  # a database has its log
        process = left.name.removeprefix(begins).split(".")[0]
        if process.isdecimal() and (not _runs(int(process)) or _was_before(left, int(process))):
            shutil.rmtree(left, ignore_errors=True)  # which leaves a file alone
            with suppress(OSError):
                left.unlink(missing_ok=True)


_BEGUN = time.time()
"""When this process may have begun to write."""


def _was_before(left: Path, process: int) -> bool:
    """Whether it is of an earlier process with the number of this one, as runs in a container may have."""
    with suppress(OSError):
        return process == os.getpid() and left.stat().st_mtime < _BEGUN
    return False


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


@contextmanager
def named_after(path: Path) -> Iterator[None]:
    """Errors of a temporary file for ``path``, and of a full disk, name ``path`` instead."""
    try:
        yield
    except shutil.Error as error:
        # Copying a folder goes on after a failure and tells all of them at the end, as texts.
        number = next((int(found) for found in _NUMBERS.findall(str(error))), None)
        if number is None:
            raise
        raise OSError(number, os.strerror(number), str(path)) from error
    except OSError as error:
        name = error.filename
        beside = name is not None and _is_temporary(os.fspath(name), path)
        if not beside and not (name is None and error.errno in _NO_ROOM):
            raise
        raise type(error)(error.errno, error.strerror, str(path)) from error


def _is_temporary(name: str, path: Path) -> bool:
    """Whether it lies in a hidden file or folder, as there is while ``path`` is made: beside it, or in it."""
    place = os.path.relpath(os.path.abspath(name), os.path.abspath(path.parent))
    first, *rest = Path(place).parts or ("",)
    hidden = [part for part in rest if part.startswith(".")]
    return first != ".." and ((first != path.name and first.startswith(".")) or bool(hidden))


# What a spreadsheet takes for a formula: "=HYPERLINK(…)", "+cmd|…", "-2+3", "@SUM(…)", also in full width,
# and after a tab or a line break, which it drops. Apostrophes before it are the guard itself.
_FORMULA = re.compile("'*[=+\\-@\\t\\r\\n\uff1d\uff0b\uff0d\uff20]")
# "-0.5", "+12 %": as a formula it is the number that it looks like.
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)* ?%?")


def guarded(cell: str) -> str:
    """A cell that a spreadsheet shows as text and does not run: with an apostrophe before a formula.

    ``unguarded`` gives back exactly what was written, so a reader of our own tables loses nothing.
    """
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def unguarded(cell: str) -> str:
    """The inverse of ``guarded``, for cells of a table that this package wrote."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


_TYPOGRAPHY = {
    **dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"),
    **dict.fromkeys("‘’‚‛′`´ʼ＇", "'"),
    **dict.fromkeys("“”„‟″＂«»", '"'),
    **dict.fromkeys("⁄∕", "/"),
}
_PRINTED = {char: unicodedata.normalize("NFKC", char) for char in "ſﬀﬁﬂﬃﬄﬅﬆ₀₁₂₃₄₅₆₇₈₉₊₋"}
"""Other signs for the same letters and digits, as print has them: "Eſſex", "Suﬀolk", "CO₂"."""
_LETTERS = {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "∆": "δ"}
_LETTERS |= {"ی": "ي", "ى": "ي", "ک": "ك"}
"""Letters that Unicode does not decompose but that sources spell in two ways ("∆" is no letter at all; the
last are those of Persian in Arabic)."""
_ASCII = "".join(" " if chr(c).isspace() else "'" if chr(c) == "`" else chr(c).lower() for c in range(128))
_UNUSUAL = re.compile(r"\s{2,}|[^\x00-\x7f]")
_VISIBLE_FORMATS = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2"


def is_word_char(char: str) -> bool:
    """Letters, digits and the marks that belong to them."""
    return char.isalnum() or unicodedata.category(char)[0] == "M"


def extends_previous(char: str) -> bool:
    """Whether a character is a mark on the character before it."""
    return unicodedata.category(char)[0] == "M" or unicodedata.combining(char) != 0 or char in "ﾞﾟ"


@lru_cache(maxsize=65536)
def fold_char(char: str) -> str:
    """The folded form of one character: usually one character, sometimes none or several."""
    if char.isspace():
        return " "
    if char in _TYPOGRAPHY:
        return _TYPOGRAPHY[char]
    if _is_dropped(char):
        return ""
    folded = char
    while (again := _fold_once(folded)) != folded:
        folded = again
    if " " not in folded:
        return folded
    return _fold_once(char, "NFD")  # a spacing accent or a ligature of words: keep its canonical base


def _fold_once(text: str, form: Literal["NFD", "NFKD"] = "NFKD") -> str:
    kept = (c for c in unicodedata.normalize(form, text) if not _is_dropped(c))
    plain = "".join(kept).casefold()
    return "".join(_LETTERS.get(c) or _TYPOGRAPHY.get(c) or c for c in plain)


def _is_dropped(char: str) -> bool:
    if unicodedata.combining(char) or char in "®™℠":  # "Tylenol® Extra Strength"; no letters "tm"
        return True
    if unicodedata.category(char) == "Cf":
        return char not in _VISIBLE_FORMATS
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


@dataclass(frozen=True, slots=True)
class FoldedText:
    """A folded text and the way back.

    Args:
        points: Folded offsets from which another distance to the source holds, ascending;
            empty where the fold kept every offset.
        shifts: Source offset minus folded offset from each point on.
    """

    source: str
    folded: str
    points: tuple[int, ...] = ()
    shifts: tuple[int, ...] = ()

    def origin(self, offset: int) -> int:
        """Source offset of the character that the folded character at ``offset`` comes from."""
        if offset >= len(self.folded):
            return len(self.source)
        place = bisect_right(self.points, offset)
        return offset + self.shifts[place - 1] if place else offset

    def splits_source(self, offset: int) -> bool:
        """Whether the folded ``offset`` lies inside what one source character was folded to."""
        inside = bool(self.points) and 0 < offset < len(self.folded)
        return inside and self.origin(offset - 1) == self.origin(offset)

    def to_source(self, start: int, end: int) -> tuple[int, int]:
        """Source offsets, half open, of a folded span: whole characters with the marks on the last."""
        if not self.points:
            return start, end
        source_end = self.origin(end - 1) + 1
        for place in range(source_end, self.origin(end)):
            if extends_previous(self.source[place]):
                source_end = place + 1
        return self.origin(start), source_end


def fold_text(text: str) -> FoldedText:
    """Fold ``text`` and keep the offsets."""
    if text.isascii():
        folded = text.translate(_ASCII)
        if "  " not in folded:
            return FoldedText(text, folded)
    return _Folder(text).result()


class _Folder:
    """Copies plain ASCII stretches as they are and looks only at what may change a length."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.parts: list[str] = []
        self.length = 0
        self.shift = 0
        self.points: list[int] = []
        self.shifts: list[int] = []
        self.after_space = False

    def result(self) -> FoldedText:
        text, done = self.text, 0
        for found in _UNUSUAL.finditer(text):
            self._plain(done, found.start())
            self._unusual(found)
            done = found.end()
        self._plain(done, len(text))
        self._shift(len(text))
        return FoldedText(text, "".join(self.parts), tuple(self.points), tuple(self.shifts))

    def _plain(self, start: int, end: int) -> None:
        if start < end:
            self._add(self.text[start:end].translate(_ASCII), start)

    def _unusual(self, found: re.Match[str]) -> None:
        source = found.start()
        if found.end() - source > 1:
            self._add(" ", source)
            return
        for char in fold_char(found[0]):
            self._add(char, source)

    def _add(self, folded: str, source: int) -> None:
        if self.after_space and folded[0] == " ":
            folded, source = folded[1:], source + 1
            if not folded:
                return
        self._shift(source)
        self.parts.append(folded)
        self.length += len(folded)
        self.after_space = folded[-1] == " "

    def _shift(self, source: int) -> None:
        if source - self.length != self.shift:
            self.shift = source - self.length
            self.points.append(self.length)
            self.shifts.append(self.shift)


def fold(text: str) -> str:
    """The folded form alone, without white space at its edges: the key of a term."""
    if text.isascii() and "  " not in (folded := text.translate(_ASCII)):
        return folded.strip(" ")
    return fold_text(text).folded.strip(" ")


@lru_cache(maxsize=65536)
def exact_form(text: str) -> str:
    """The letters as they are, in one typography: what two equal case-sensitive surfaces share."""
    plain = "".join(
        " " if c.isspace() else _TYPOGRAPHY.get(c) or _PRINTED.get(c) or c
        for c in unicodedata.normalize("NFC", text)
        if unicodedata.category(c) != "Cf" or c in _VISIBLE_FORMATS
    )
    return " ".join(plain.split())


def is_edge(text: FoldedText, offset: int) -> bool:
    """Whether a match may start or end at a folded offset."""
    folded = text.folded
    if offset in (0, len(folded)):
        return True
    after = folded[offset]
    if after.isascii() and folded[offset - 1].isascii():
        inside = after.isalnum() and folded[offset - 1].isalnum()
    else:
        is_mark = unicodedata.category(after)[0] == "M"
        inside = is_mark or (is_word_char(after) and is_word_char(folded[offset - 1]))
    return not inside and not text.splits_source(offset)


_DIGITS = frozenset("0123456789")


def in_figure(text: str, start: int) -> bool:
    """Whether a place lies behind the sign of a number: at the 5 of "2.5 mg", the 9 of "6,900 euros".

    Nothing begins there, so that "5 mg" is not found in "2.5 mg". "B1,6" is no number.
    """
    if start < 2 or text[start - 1] not in ".," or text[start : start + 1] not in _DIGITS:
        return False
    begun = start - 2
    while begun and is_word_char(text[begun - 1]):
        begun -= 1
    return text[start - 2] in _DIGITS and text[begun] in _DIGITS


def is_whole(text: FoldedText, start: int, end: int) -> bool:
    """Whether the folded span ``[start, end)`` covers whole words, and begins within no number."""
    return is_edge(text, start) and is_edge(text, end) and not in_figure(text.folded, start)
