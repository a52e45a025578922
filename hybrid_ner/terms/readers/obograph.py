"""OBO Graphs JSON (``hp.json``, ``mondo.json``), node by node.

Specification: https://github.com/geneontology/obographs. Several graphs of a file are read one after the
other; parents come from the edges ``is_a``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hybrid_ner.terms.readers.base import Options, Reader, option
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.obo import ONTOLOGY_LABELS, SCOPES, synonym_status
from hybrid_ner.terms.readers.rdf import curie
from hybrid_ner.terms.readers.report import NOT_WANTED, Recorder
from hybrid_ner.terms.readers.streams import json_items
from hybrid_ner.terms.term import Term

__all__ = ["READER", "OboGraphOptions"]

_NODES, _EDGES = re.compile(r'"nodes"\s*:\s*\['), re.compile(r'"edges"\s*:\s*\[')
_SCOPES = {f"has{scope.title()}Synonym": scope for scope in SCOPES}
_NAMESPACE = "oboInOwl#hasOBONamespace"


@dataclass(frozen=True, slots=True)
class OboGraphOptions(Options):
    """Options of OBO Graphs."""

    scopes: tuple[str, ...] = option(
        ("EXACT", "NARROW"), "synonym scopes: EXACT, NARROW, BROAD, RELATED", choices=SCOPES
    )
    prefixes: tuple[str, ...] = option((), "id prefixes to keep, for example MONDO; all when empty")
    obsolete: bool = option(False, "also read deprecated nodes")


def _read(files: Files, options: OboGraphOptions, recorder: Recorder) -> Iterator[Term]:
    name = files.only()
    recorder.begin(files.shown(name), files.where(name))
    for row, node in json_items(files, name, _NODES, every=True):
        recorder.report.rows += 1
        if isinstance(node, dict) and isinstance(node.get("id"), str):
            yield from _node(node, row, options, recorder)
        else:
            recorder.bad("no node with an id", row, str(node)[:80])
    for _, edge in _edges(files, name):
        if edge.get("pred") == "is_a":
            recorder.parent(curie(str(edge.get("sub"))), [curie(str(edge.get("obj")))])


def _edges(files: Files, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    found = json_items(files, name, _EDGES, every=True, needed=False)
    return ((row, edge) for row, edge in found if isinstance(edge, dict))


def _node(node: dict[str, Any], row: int, options: OboGraphOptions, recorder: Recorder) -> Iterator[Term]:
    concept = curie(node["id"])
    prefix = concept.partition(":")[0]
    meta = node["meta"] if isinstance(node.get("meta"), dict) else {}
    text = str(node.get("lbl") or "")
    synonyms = [each for each in meta.get("synonyms") or () if isinstance(each, dict)]
    shown = f"{concept} {text}".strip()
    namespaces = [
        str(value.get("val"))
        for value in meta.get("basicPropertyValues") or ()
        if isinstance(value, dict) and str(value.get("pred")).endswith(_NAMESPACE)
    ]
    if node.get("type", "CLASS") != "CLASS":
        recorder.skip("no class", row, shown)
    elif meta.get("deprecated") and not options.obsolete:
        recorder.skip("obsolete", row, shown)
    elif options.prefixes and prefix not in options.prefixes:
        recorder.skip("other id prefix", row, shown)
    elif not text and not synonyms:
        recorder.skip("no name", row, shown)
    elif not (label := recorder.label_of([*namespaces, prefix])):
        recorder.skip(NOT_WANTED, row, shown)
    else:
        source = recorder.source or prefix
        if text and (term := recorder.term(text, row, label, concept, "preferred", source=source)):
            yield term
        yield from _synonyms(synonyms, row, (label, concept, source), options, recorder)


def _synonyms(
    synonyms: list[dict[str, Any]],
    row: int,
    of: tuple[str, str, str],
    options: OboGraphOptions,
    recorder: Recorder,
) -> Iterator[Term]:
    label, concept, source = of
    for each in synonyms:
        text, scope = str(each.get("val") or ""), _SCOPES.get(str(each.get("pred")), "RELATED")
        if not text:
            recorder.bad("empty synonym", row, concept)
        elif scope not in options.scopes:
            recorder.skip(f"synonym scope {scope}", row, text)
        else:
            status = synonym_status(str(each.get("synonymType") or ""))
            if term := recorder.term(text, row, label, concept, status, source=source):
                yield term


def _sniff(name: str, head: bytes) -> bool:
    return head.lstrip().startswith(b"{") and b'"graphs"' in head


READER = Reader("obograph", "OBO Graphs JSON", _read, _sniff, OboGraphOptions, label_map=ONTOLOGY_LABELS)
