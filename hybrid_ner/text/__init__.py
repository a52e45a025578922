"""Small helpers for text and files that every layer may use."""

from __future__ import annotations

import errno
import glob
import hashlib
import logging
import os
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from pathlib import Path
from threading import get_ident

__all__ = [
    "atomic_path",
    "brief",
    "content_hash",
    "excerpt",
    "guarded",
    "named_after",
    "plain_line",
    "quantity",
    "remove_stale",
    "unguarded",
]

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NUMBERS = re.compile(r"\[Errno (\d+)\]")


def content_hash(text: str) -> str:
    """SHA-256 of the text, in hex: the identity of a document's content."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def excerpt(text: str, start: int, end: int, width: int = 40) -> str:
    """The characters around ``[start, end)`` on one line, with the span in square brackets."""
    left, right = text[max(0, start - width) : start], text[end : end + width]
    return " ".join(f"{left}[{text[start:end]}]{right}".split())


def plain_line(text: str) -> str:
    """Foreign text on one line, without terminal codes and halves of characters (no file takes them)."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def quantity(number: int, one: str, many: str = "") -> str:
    """``1 document``, ``2 documents``: a count with what is counted, and perhaps its verb."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


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


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that replaces it when the block ends well and is removed when not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{get_ident()}.part")
    try:
        with named_after(path):
            yield temporary
            with temporary.open("rb") as written:
                os.fsync(written.fileno())
            os.replace(temporary, path)
            logging.getLogger(__name__).debug("wrote %s", path)
    finally:
        temporary.unlink(missing_ok=True)


def remove_stale(path: Path) -> None:
    """Take away temporary files beside ``path`` whose process is no more: it was killed while it wrote."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        process = left.name.removeprefix(f".{path.name}.").split(".")[0]
        if process.isdecimal() and not _runs(int(process)):
            left.unlink(missing_ok=True)


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
