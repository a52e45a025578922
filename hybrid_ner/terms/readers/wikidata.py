"""Results of a Wikidata (or any) SPARQL query in JSON, read as a stream.

Format: https://www.w3.org/TR/sparql11-results-json/
"""

from __future__ import annotations

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers.base import Reader
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.options import Options, option
from hybrid_ner.terms.readers.report import NOT_WANTED, Recorder
from hybrid_ner.terms.term import Term

__all__ = ["READER", "WikidataOptions"]

_ENTITY = re.compile(r"https?://www\.wikidata\.org/entity/([QPL]\d+)\Z")
_Q_ID = re.compile(r"[QPL]\d+\Z")
_BINDINGS = re.compile(r'"bindings"\s*:\s*\[')
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class WikidataOptions(Options):
    """Options of SPARQL results."""

    item: str = option("item", "variable of the concept")
    names: tuple[str, ...] = option(
        ("itemLabel", "itemAltLabel", "alias"), "variables of its names, the preferred one first"
    )
    type: str = option("type", "variable of the type that the label map reads")
    parent: str = option("parent", "variable of the parent concept")
    languages: tuple[str, ...] = option(("en",), "language tags of names; untagged names are kept")


def _read(files: Files, options: WikidataOptions, recorder: Recorder) -> Iterator[Term]:
    name = files.only()
    recorder.begin(files.shown(name), files.where(name))
    seen: tuple[str, set[str]] = ("", set())
    for number, binding in enumerate(_bindings(files, name), start=1):
        recorder.report.rows += 1
        values = {k: v for k, v in binding.items() if isinstance(v, dict) and isinstance(v.get("value"), str)}
        concept = _curie(values.get(options.item, {}).get("value", ""))
        if not concept:
            recorder.bad(f"no value for ?{options.item}", number, f"variables {sorted(binding)}")
            continue
        if concept != seen[0]:
            seen = (concept, set())
        kind = values.get(options.type, {}).get("value", "")
        label = recorder.label_of([kind, _curie(kind)])
        if not label:
            recorder.skip(NOT_WANTED, number, f"{concept} {kind}")
            continue
        if options.parent in values:
            recorder.parent(concept, [_curie(values[options.parent]["value"])])
        yield from _names(number, concept, label, values, seen[1], options, recorder)


def _names(
    number: int,
    concept: str,
    label: str,
    values: dict[str, Any],
    seen: set[str],
    options: WikidataOptions,
    recorder: Recorder,
) -> Iterator[Term]:
    for rank, variable in enumerate(options.names):
        cell = values.get(variable, {})
        language = cell.get("xml:lang", "")
        # The label service joins all alternative labels with commas.
        joined = variable.endswith("AltLabel")
        for text in cell.get("value", "").split(", ") if joined else [cell.get("value", "")]:
            if not text or text in seen:
                continue
            seen.add(text)
            if _Q_ID.match(text):
                recorder.skip("no label in this language", number, text)
            elif language and options.languages and language not in options.languages:
                recorder.skip("language", number, f"{text} ({language})")
            elif term := recorder.term(text, number, label, concept, "synonym" if rank else "preferred"):
                yield term


def _curie(uri: str) -> str:
    found = _ENTITY.match(uri)
    return f"WIKIDATA:{found[1]}" if found else uri


def _bindings(files: Files, name: str) -> Iterator[dict[str, Any]]:
    """Objects of the bindings array, decoded one at a time."""
    decoder, text = json.JSONDecoder(), _Text(files, name)
    text.seek(_BINDINGS)
    while text.next_item():
        yield text.object(decoder)


class _Text:
    """A window on a JSON text that grows until the next object is whole."""

    def __init__(self, files: Files, name: str) -> None:
        self._where = files.where(name)
        self._blocks = _decoded(files, name)
        self._window = ""
        self._at = 0
        self._objects = 0

    def _more(self) -> bool:
        block = next(self._blocks, None)
        if block is None:
            return False
        self._window, self._at = self._window[self._at :] + block, 0
        return True

    def seek(self, pattern: re.Pattern[str]) -> None:
        """Move behind the first match."""
        found = None
        while found is None:
            if not self._more():
                raise self._broken('no "bindings" array was found')
            found = pattern.search(self._window)
        self._at = found.end()

    def next_item(self) -> bool:
        """Move to the next object; false at the end of the array."""
        while True:
            while self._at < len(self._window) and self._window[self._at] in " \t\r\n,":
                self._at += 1
            if self._at < len(self._window):
                return self._window[self._at] != "]"
            if not self._more():
                raise self._broken("the array of results is not closed")

    def object(self, decoder: json.JSONDecoder) -> dict[str, Any]:
        """The object that starts here."""
        while True:
            try:
                value, self._at = decoder.raw_decode(self._window, self._at)
            except ValueError as error:
                if not self._more():
                    raise self._broken(str(error)) from error
                continue
            self._objects += 1
            if not isinstance(value, dict):
                raise self._broken(f"a result is no object: {str(value)[:60]}")
            return value

    def _broken(self, problem: str) -> InputError:
        return InputError(
            f"not whole SPARQL JSON ({problem}).",
            path=self._where,
            row=self._objects + 1,
            hint="Save the query's result again as JSON.",
        )


def _decoded(files: Files, name: str) -> Iterator[str]:
    decoder = getincrementaldecoder("utf-8-sig")()
    with files.open(name) as stream:
        try:
            while block := stream.read(_CHUNK):
                yield decoder.decode(block)
            yield decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise InputError("not valid UTF-8.", path=files.where(name), hint="Save it as UTF-8.") from error


def _sniff(name: str, head: bytes) -> bool:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return (
        name.endswith((".json", ".srj"))
        and start[:1] == b"{"
        and (b'"bindings"' in head or b'"vars"' in head)
    )


READER = Reader(
    "wikidata",
    "SPARQL results in JSON (Wikidata)",
    _read,
    _sniff,
    WikidataOptions,
    own_labels=True,
    source="Wikidata",
)
