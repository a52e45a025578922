"""OBO 1.2 and 1.4 flat files (HPO, MONDO, DOID, ChEBI, Uberon), line by line.

Format: https://owlcollab.github.io/oboformat/doc/GO.format.obo-1_4.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hybrid_ner.terms.readers.base import Options, Reader, option, text_lines
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.report import NOT_WANTED, Recorder
from hybrid_ner.terms.term import Term, TermStatus

__all__ = ["ONTOLOGY_LABELS", "READER", "SCOPES", "OboOptions", "synonym_status"]

SCOPES = ("EXACT", "NARROW", "BROAD", "RELATED")

ONTOLOGY_LABELS = {
    "DOID": "Disease",
    "MONDO": "Disease",
    "HP": "Phenotype",
    "CHEBI": "Chemical",
    "UBERON": "Anatomy",
}
"""Prefix of the ids of well-known ontologies → label."""

_SYNONYM = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(EXACT|BROAD|NARROW|RELATED)?\s*([^\s\[{]+)?')
_OLD_TAGS = {f"{scope.lower()}_synonym": scope for scope in SCOPES}
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": " ", "W": " ", "t": " "}
_TRAILING = re.compile(r"\s+(?<!\\)(?:!|\{).*$")
_ABBREVIATION = re.compile(r"abbrev|acronym", re.IGNORECASE)
_BRAND = re.compile(r"brand|trade.?name", re.IGNORECASE)
_TYPE_NAME = re.compile(r'\s*(\S+)\s+"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class OboOptions(Options):
    """Options of OBO files."""

    scopes: tuple[str, ...] = option(
        ("EXACT", "NARROW"), "synonym scopes: EXACT, NARROW, BROAD, RELATED", choices=SCOPES
    )
    exclude_types: tuple[str, ...] = option(
        (), "synonym types to leave out by id or name, for example layperson"
    )
    prefixes: tuple[str, ...] = option((), "id prefixes to keep, for example MONDO; all when empty")
    obsolete: bool = option(False, "also read obsolete terms")


@dataclass(slots=True)
class _Stanza:
    kind: str = ""
    row: int = 0
    id: str = ""
    names: list[tuple[int, str]] = field(default_factory=list)
    synonyms: list[tuple[int, str, str]] = field(default_factory=list)
    namespace: str = ""
    parents: list[str] = field(default_factory=list)
    obsolete: bool = False


def _read(files: Files, options: OboOptions, recorder: Recorder) -> Iterator[Term]:
    stanza = _Stanza()
    namespace = ""
    kinds: dict[str, str] = {}
    for row, line in text_lines(files, files.only(), recorder, or_cp1252=True):
        if line.startswith("["):
            yield from _terms(stanza, kinds, options, recorder)
            stanza = _Stanza(line.strip(), row, namespace=namespace)
            continue
        tag, colon, value = line.partition(":")
        if not colon:
            if line.strip() and not line.startswith("!"):
                recorder.bad("line without a tag", row, line)
            continue
        if tag == "default-namespace":
            namespace = value.strip()
        elif tag == "synonymtypedef" and (named := _TYPE_NAME.match(value)):
            kinds[named[1]] = named[2]
        elif stanza.kind == "[Term]":
            _note(stanza, tag, value.strip(), row)
    yield from _terms(stanza, kinds, options, recorder)


def _note(stanza: _Stanza, tag: str, value: str, row: int) -> None:
    if tag == "id":
        stanza.id = _TRAILING.sub("", value)
    elif tag == "name":
        stanza.names.append((row, _unescape(_TRAILING.sub("", value))))
    elif tag == "synonym" or tag in _OLD_TAGS:
        stanza.synonyms.append((row, _OLD_TAGS.get(tag, ""), value))
    elif tag == "is_a":
        stanza.parents.append(re.split(r"[\s{!]", value, maxsplit=1)[0])
    elif tag == "is_obsolete":
        stanza.obsolete = value.startswith("true")
    elif tag == "namespace":
        stanza.namespace = value


def _terms(
    stanza: _Stanza, kinds: Mapping[str, str], options: OboOptions, recorder: Recorder
) -> Iterator[Term]:
    if stanza.kind != "[Term]":
        return
    recorder.report.rows += 1
    shown = f"{stanza.id} {stanza.names[0][1] if stanza.names else ''}".strip()
    prefix = stanza.id.partition(":")[0]
    if not stanza.id:
        recorder.bad("term without an id", stanza.row, shown)
    elif stanza.obsolete and not options.obsolete:
        recorder.skip("obsolete", stanza.row, shown)
    elif options.prefixes and prefix not in options.prefixes:
        recorder.skip("other id prefix", stanza.row, shown)
    elif not stanza.names:
        recorder.skip("no name", stanza.row, shown)
    elif not (label := recorder.label_of([stanza.namespace, prefix])):
        recorder.skip(NOT_WANTED, stanza.row, shown)
    else:
        recorder.parent(stanza.id, stanza.parents)
        for row, name in stanza.names:
            if term := recorder.term(
                name, row, label, stanza.id, "preferred", source=recorder.source or prefix
            ):
                yield term
        yield from _synonyms(stanza, label, kinds, options, recorder)


def _synonyms(
    stanza: _Stanza, label: str, kinds: Mapping[str, str], options: OboOptions, recorder: Recorder
) -> Iterator[Term]:
    """Synonyms by scope and type; ``kinds`` are the names of types that go by an id (``OMO:0003012``)."""
    source = recorder.source or stanza.id.partition(":")[0]
    for row, scope, value in stanza.synonyms:
        found = _SYNONYM.match(value)
        if not found:
            recorder.bad("synonym without a quoted text", row, value)
            continue
        text, scope, kind = _unescape(found[1]), scope or found[2] or "RELATED", found[3] or ""
        if scope not in options.scopes:
            recorder.skip(f"synonym scope {scope}", row, text)
        elif kind in options.exclude_types or kinds.get(kind, kind) in options.exclude_types:
            recorder.skip(f"synonym type {kind}", row, text)
        else:
            status = synonym_status(f"{kind} {kinds.get(kind, '')}")
            if term := recorder.term(text, row, label, stanza.id, status, source=source):
                yield term


def synonym_status(kind: str) -> TermStatus:
    """Status of a synonym by the id and the name of its type."""
    if _ABBREVIATION.search(kind):
        return "abbreviation"
    return "brand" if _BRAND.search(kind) else "synonym"


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), text) if "\\" in text else text


def _sniff(name: str, head: bytes) -> bool:
    return name.endswith(".obo") or head.startswith(b"format-version:")


READER = Reader(
    "obo", "OBO ontologies", _read, _sniff, OboOptions, members=("*.obo",), label_map=ONTOLOGY_LABELS
)
