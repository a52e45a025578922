"""Items of a JSON array, decoded one at a time from a file of any size."""

from __future__ import annotations

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from typing import Any

from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers.files import Files

__all__ = ["json_items"]

_CHUNK = 1 << 16


def json_items(files: Files, name: str, start: re.Pattern[str]) -> Iterator[tuple[int, Any]]:
    """Numbered items of the array behind the first match of ``start``.

    Raises:
        InputError: The text is no JSON, has no such array, or ends before the array does.
    """
    decoder, window = json.JSONDecoder(), _Window(files, name)
    window.seek(start)
    while window.next_item():
        yield window.items + 1, window.decode(decoder)


class _Window:
    """A part of a JSON text that grows until the next item is whole."""

    def __init__(self, files: Files, name: str) -> None:
        self._where = files.where(name)
        self._blocks = _decoded(files, name)
        self._text = ""
        self._at = 0
        self.items = 0

    def _more(self) -> bool:
        try:
            block = next(self._blocks, None)
        except UnicodeDecodeError as error:
            raise self._broken(f"byte 0x{error.object[error.start]:02x} is not UTF-8") from error
        if block is None:
            return False
        self._text, self._at = self._text[self._at :] + block, 0
        return True

    def seek(self, pattern: re.Pattern[str]) -> None:
        """Move behind the first match."""
        found = None
        while found is None:
            if not self._more():
                raise InputError(
                    "no array of items was found.",
                    path=self._where,
                    hint="Give the result of a query, with results and bindings, or another format.",
                )
            found = pattern.search(self._text)
        self._at = found.end()

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
        """The item that starts here."""
        while True:
            try:
                value, end = decoder.raw_decode(self._text, self._at)
            except RecursionError as error:
                raise self._broken("brackets are nested too deeply") from error
            except ValueError as error:
                if not self._more():
                    raise self._broken(str(error)) from error
                continue
            if end == len(self._text) and self._more():
                continue  # a number may go on in the next block
            self._at = end
            self.items += 1
            return value

    def _broken(self, problem: str) -> InputError:
        return InputError(
            f"not whole JSON ({problem}).",
            path=self._where,
            row=self.items + 1,
            hint="Save or download the file again.",
        )


def _decoded(files: Files, name: str) -> Iterator[str]:
    decoder = getincrementaldecoder("utf-8-sig")()
    with files.open(name) as stream:
        while block := stream.read(_CHUNK):
            yield decoder.decode(block)
        yield decoder.decode(b"", final=True)
