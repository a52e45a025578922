"""Results of a Wikidata (or any) SPARQL query in JSON, read as a stream.

Format: https://www.w3.org/TR/sparql11-results-json/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hybrid_ner.terms.readers.base import Reader
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.json_stream import json_items
from hybrid_ner.terms.readers.options import Options, option
from hybrid_ner.terms.readers.report import NOT_WANTED, Recorder
from hybrid_ner.terms.term import Term

__all__ = ["READER", "WikidataOptions"]

_ENTITY = re.compile(r"https?://www\.wikidata\.org/entity/([QPL]\d+)\Z")
_Q_ID = re.compile(r"[QPL]\d+\Z")
_BINDINGS = re.compile(r'"bindings"\s*:\s*\[')


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
    for number, binding in json_items(files, name, _BINDINGS):
        recorder.report.rows += 1
        if not isinstance(binding, dict):
            recorder.bad("a result that is no object", number, str(binding)[:80])
            continue
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
    if not any(values.get(variable, {}).get("value") for variable in options.names):
        recorder.skip("no name", number, f"{concept}, variables {sorted(values)}")
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
