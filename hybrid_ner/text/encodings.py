"""Text in UTF-16 or UTF-32, with its mark or without, given as UTF-8; YAML that people write by hand."""

from __future__ import annotations

import codecs
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, cast

from hybrid_ner.errors import InputError

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as the mark of UTF-16 does
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LOOKED_AT = 8192
"""Bytes by which an encoding is told."""
_LEAST = 4
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1f]")
"""Bytes that text in UTF-8 or a code page does not hold."""
_HIGH = 0x20
"""High bytes below are those of alphabets: 0 of Latin, 3 of Greek, 4 of Cyrillic, 6 of Arabic."""
_MOSTLY = 0.6
_LAST_PLANE = 0x10
_BLOCK = 1 << 16
_DECLARED = re.compile(r"\A(\ufeff?\s*<\?xml[^>]{0,200}?encoding=[\"'])[\w-]+")


def wide_encoding(head: bytes) -> str:
    """The codec of text whose characters take two or four bytes; empty for any other.

    It is told by its mark. Without one, as databases and scripts write it, it is told by the bytes that stand
    in every second (fourth) place, which are few and small in alphabets, and by what is read then: letters,
    no control characters. Chinese, Japanese and Korean without a mark are not told.

    Args:
        head: The first bytes of a file; of fewer than four nothing is told without a mark.
    """
    head = head[:_LOOKED_AT]
    if marked := next((codec for mark, codec in _MARKS if head.startswith(mark)), ""):
        return marked
    if len(head) < _LEAST or not _NO_TEXT.search(head):
        return ""
    for codec, width in (("utf-32-le", 4), ("utf-32-be", 4), ("utf-16-le", 2), ("utf-16-be", 2)):
        places = [head[at::width] for at in range(width)]
        high = places[::-1] if codec.endswith("le") else places
        if _are_high(high) and _is_clean(head[: len(head) // width * width], codec):
            return codec
    return ""


def _are_high(places: Sequence[bytes]) -> bool:
    """Whether the bytes of each place, the highest first, are those of an alphabet."""
    first, *others = places
    if len(others) > 1:  # of four
        return bool(first) and not any(first) and max(others[0], default=0) <= _LAST_PLANE and any(others[2])
    common = Counter(first).most_common(2)
    few = sum(count for byte, count in common if byte < _HIGH)
    return few >= _MOSTLY * len(first) > 0 and any(others[0])


def _is_clean(head: bytes, codec: str) -> bool:
    try:
        # The last character may be cut.
        text = codecs.getincrementaldecoder(codec)().decode(head)
    except UnicodeDecodeError:
        return False
    kinds = {unicodedata.category(char) for char in {*text} - {*"\t\n\r\v\f"}}
    return bool(text) and kinds.isdisjoint({"Cc", "Cn", "Co", "Cs"})


def narrowed(content: bytes) -> bytes:
    """The first bytes of a file, or all, in UTF-8 where they are wider; else as they are."""
    if not (codec := wide_encoding(content)):
        return content
    return _as_declared(content.decode(codec, "ignore")).encode()


def _as_declared(text: str) -> str:
    """XML that says another encoding than that in which it is given now."""
    return _DECLARED.sub(r"\1utf-8", text, count=1)


def as_utf8(stream: IO[bytes], head: bytes, where: str | Path) -> IO[bytes]:
    """A stream whose bytes are UTF-8 where those of the file are wider; else the stream itself.

    Args:
        stream: At the beginning of the file.
        head: Its first bytes.
        where: The file, for the error.

    Raises:
        InputError: While reading, where the file is damaged or was cut off.
    """
    if not (codec := wide_encoding(head)):
        return stream
    return cast("IO[bytes]", io.BufferedReader(_Narrowed(stream, codec, where), _BLOCK))


class _Narrowed(io.RawIOBase):
    def __init__(self, stream: IO[bytes], codec: str, where: str | Path) -> None:
        self._stream, self._codec, self._where = stream, codec, where
        self._decode = codecs.getincrementaldecoder(codec)().decode
        self._waiting, self._begun = b"", False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._waiting:
            block = self._stream.read(_BLOCK)
            try:
                text = self._decode(block, not block)
            except UnicodeDecodeError as error:
                problem = f"is not whole {self._codec[:6].upper()} ({error.reason})."
                hint = "The file was cut off or is damaged: save it again, as UTF-8."
                raise InputError(problem, path=self._where, hint=hint) from error
            if not block and not text:
                return 0
            self._waiting = (text if self._begun else _as_declared(text)).encode()
            self._begun = True
        count = min(len(buffer), len(self._waiting))
        buffer[:count], self._waiting = self._waiting[:count], self._waiting[count:]
        return count


_SAID = re.compile(
    r"(?:found|could not|expected|mapping values|did not|undefined|unacceptable).*?(?= in \"|$)"
)
_QUOTED = "Put words that begin with ! in quotes."
_ADVICE = (
    (r"'\\t'|\t", "Indent by spaces, never by tabs."),
    ("[‘’“”„]", "Use straight quotes, ' and \", not those that word processors make."),
    ("\u00a0", "Use plain spaces: there is a no-break space, as web pages and word processors have it."),
    ("unknown escape", "Put patterns in single quotes, in which \\ is only \\."),
    ("end of stream|<stream end>", "Close the bracket or the quote that is open at the end of the file."),
    ("duplicate key", "Leave one of the two."),
    ("mapping values are not allowed", "Put words with a colon in quotes."),
)
"""What is in the message or the row → the next step."""


def decoded(path: Path, hint: str) -> str:
    """The text of a file that people write by hand: UTF-8, UTF-16 or UTF-32.

    Raises:
        InputError: It cannot be read, or is in another encoding.
    """
    content = b""
    try:
        content = narrowed(path.read_bytes())
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        save = "Save it as UTF-8 (in Excel as Unicode text)."
        raise InputError("not valid UTF-8.", path=path, row=row, hint=save) from error
    except OSError as error:
        raise InputError(f"{error.strerror or error}.", path=path, hint=hint) from error


def read_written(content: str, path: Path, hint: str) -> Any:
    """What a YAML file holds: lists, mappings and words.

    Words stay as they are written, in quotes or not: ``1.10``, ``no``, ``2024-01-01`` and ``null`` are what
    they look like, and an empty value is an empty word.

    Args:
        content: The file's text.
        path: Where it is, for errors.
        hint: The next step where none is known for the mistake.

    Raises:
        InputError: It is no YAML.
    """
    from srsly.ruamel_yaml import YAML

    try:
        for event in YAML(typ="base", pure=True).parse(content):
            if tag := getattr(event, "tag", None):  # which would be read past
                row = event.start_mark.line + 1
                raise InputError(f"no YAML here: the tag {tag!r}.", path=path, row=row, hint=_QUOTED)
        return YAML(typ="base", pure=True).load(content)
    except InputError:
        raise
    except Exception as error:  # of several families; a duplicate key is a warning
        mark = getattr(error, "problem_mark", None)
        row = mark.line + 1 if mark is not None else None
        message = " ".join(str(getattr(error, "problem", None) or error).split())
        lines = content.split("\n")  # a mark at the end of the file is behind the last
        line = lines[min(mark.line, len(lines) - 1)] if mark is not None else ""
        message = message.partition(" To suppress")[0]
        said = _SAID.search(message)
        do = next((each for sign, each in _ADVICE if re.search(sign, f"{message}\n{line}")), hint)
        problem = f"no YAML: {(said[0] if said else message)[:160].rstrip('.')}."
        raise InputError(problem, path=path, row=row, hint=do) from error
