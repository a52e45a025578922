"""Ontologies in the three forms that the OBO Foundry gives: OBO text, OBO Graphs JSON, OWL."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hybrid_ner.terms import Term
from hybrid_ner.terms.readers.base import Files, Options, Reader, Recorder, in_language, option, text_lines
from hybrid_ner.terms.readers.rdf import LANGUAGES, Statement, Subject, curie, is_rdf, subjects, vocabulary
from hybrid_ner.terms.readers.streams import json_items

# OBO 1.2 and 1.4 flat files (HPO, MONDO, DOID, ChEBI, Uberon), line by line.
#
# Format: https://owlcollab.github.io/oboformat/doc/GO.format.obo-1_4.html

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
class OboGraphOptions(Options):
    """Options of OBO Graphs, and of the other two forms."""

    scopes: tuple[str, ...] = option(
        ("EXACT", "NARROW"), "synonym scopes: EXACT, NARROW, BROAD, RELATED", choices=SCOPES
    )
    prefixes: tuple[str, ...] = option((), "id prefixes to keep, for example MONDO; all when empty")
    obsolete: bool = option(False, "also read obsolete terms and deprecated classes")


@dataclass(frozen=True, slots=True)
class OboOptions(OboGraphOptions):
    exclude_types: tuple[str, ...] = option(
        (), "synonym types to leave out by id or name, for example layperson"
    )


@dataclass(frozen=True, slots=True)
class _Of:
    """A class as all three forms have it, and what is asked of it; ``namespaces`` may tell its label."""

    row: int
    id: str
    name: str
    options: OboGraphOptions
    recorder: Recorder
    obsolete: bool = False
    namespaces: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        return f"{self.id} {self.name}".strip()

    def label(self, is_named: bool) -> str:
        """Its label; empty for a class that is left out, which is counted."""
        prefix, options = self.id.partition(":")[0], self.options
        if self.obsolete and not options.obsolete:
            reason = "obsolete"
        elif options.prefixes and prefix not in options.prefixes:
            reason = "other id prefix"
        elif not is_named:
            reason = "no name"
        else:
            return self.recorder.wanted([*self.namespaces, prefix], self.row, self.shown)
        self.recorder.skip(reason, self.row, self.shown)
        return ""

    def terms(
        self, text: str, label: str, scope: str = "", status: str = "preferred", row: int = 0
    ) -> tuple[Term, ...]:
        """A name, or a synonym if its scope is wanted; the ontology is the source."""
        row = row or self.row
        if scope and scope not in self.options.scopes:
            self.recorder.skip(f"synonym scope {scope}", row, text)
            return ()
        source = self.recorder.source or self.id.partition(":")[0]
        return self.recorder.terms(text, row, label, self.id, status, source=source)


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

    def note(self, tag: str, value: str, row: int) -> None:
        if tag == "id":
            self.id = _TRAILING.sub("", value)
        elif tag == "name":
            self.names.append((row, _unescape(_TRAILING.sub("", value))))
        elif tag == "synonym" or tag in _OLD_TAGS:
            self.synonyms.append((row, _OLD_TAGS.get(tag, ""), value))
        elif tag == "is_a":
            self.parents.append(re.split(r"[\s{!]", value, maxsplit=1)[0])
        elif tag == "is_obsolete":
            self.obsolete = value.startswith("true")
        elif tag == "namespace":
            self.namespace = value


def _read_text(files: Files, options: OboOptions, recorder: Recorder) -> Iterator[Term]:
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
            stanza.note(tag, value.strip(), row)
    yield from _terms(stanza, kinds, options, recorder)


def _terms(
    stanza: _Stanza, kinds: Mapping[str, str], options: OboOptions, recorder: Recorder
) -> Iterator[Term]:
    if stanza.kind != "[Term]":
        return
    recorder.report.rows += 1
    name = stanza.names[0][1] if stanza.names else ""
    of = _Of(stanza.row, stanza.id, name, options, recorder, stanza.obsolete, (stanza.namespace,))
    if not stanza.id:
        recorder.bad("term without an id", stanza.row, of.shown)
    elif label := of.label(bool(stanza.names)):
        recorder.parent(stanza.id, stanza.parents)
        for row, name in stanza.names:
            yield from of.terms(name, label, row=row)
        yield from _synonyms_text(stanza, label, kinds, of)


def _synonyms_text(stanza: _Stanza, label: str, kinds: Mapping[str, str], of: _Of) -> Iterator[Term]:
    """Synonyms by scope and type; ``kinds`` are the names of types that go by an id (``OMO:0003012``)."""
    excluded = of.options.exclude_types if isinstance(of.options, OboOptions) else ()
    for row, scope, value in stanza.synonyms:
        found = _SYNONYM.match(value)
        if not found:
            of.recorder.bad("synonym without a quoted text", row, value)
            continue
        text, scope, kind = _unescape(found[1]), scope or found[2] or "RELATED", found[3] or ""
        if scope in of.options.scopes and not {kind, kinds.get(kind, kind)}.isdisjoint(excluded):
            of.recorder.skip(f"synonym type {kind}", row, text)
        else:
            yield from of.terms(text, label, scope, synonym_status(f"{kind} {kinds.get(kind, '')}"), row)


def synonym_status(kind: str) -> str:
    """Status of a synonym by the id and the name of its type."""
    return "abbreviation" if _ABBREVIATION.search(kind) else "brand" if _BRAND.search(kind) else "synonym"


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), text) if "\\" in text else text


TEXT = Reader(
    "obo",
    "OBO ontologies",
    _read_text,
    lambda name, head: name.endswith(".obo") or head.startswith(b"format-version:"),
    OboOptions,
    members=("*.obo",),
    label_map=ONTOLOGY_LABELS,
)


# OBO Graphs JSON (``hp.json``, ``mondo.json``), node by node.
#
# Specification: https://github.com/geneontology/obographs. Several graphs of a file are read one after the
# other; parents come from the edges ``is_a``.

_NODES, _EDGES = re.compile(r'"nodes"\s*:\s*\['), re.compile(r'"edges"\s*:\s*\[')
_SCOPES = {f"has{scope.title()}Synonym": scope for scope in SCOPES}
_NAMESPACE = "oboInOwl#hasOBONamespace"


def _read_graph(files: Files, options: OboGraphOptions, recorder: Recorder) -> Iterator[Term]:
    name = recorder.begin(files, files.only())
    for row, node in json_items(files, name, _NODES, every=True):
        recorder.report.rows += 1
        if isinstance(node, dict) and isinstance(node.get("id"), str):
            yield from _node(node, row, options, recorder)
        else:
            recorder.bad("no node with an id", row, str(node)[:80])
    for _, edge in json_items(files, name, _EDGES, every=True, needed=False):
        if isinstance(edge, dict) and edge.get("pred") == "is_a":
            recorder.parent(curie(str(edge.get("sub"))), [curie(str(edge.get("obj")))])


def _node(node: dict[str, Any], row: int, options: OboGraphOptions, recorder: Recorder) -> Iterator[Term]:
    meta = node["meta"] if isinstance(node.get("meta"), dict) else {}
    text = str(node.get("lbl") or "")
    synonyms, values = (
        [each for each in meta.get(name) or () if isinstance(each, dict)]
        for name in ("synonyms", "basicPropertyValues")
    )
    said = (str(each.get("val")) for each in values if str(each.get("pred")).endswith(_NAMESPACE))
    of = _Of(row, curie(node["id"]), text, options, recorder, bool(meta.get("deprecated")), tuple(said))
    if node.get("type", "CLASS") != "CLASS":
        recorder.skip("no class", row, of.shown)
    elif label := of.label(bool(text or synonyms)):
        yield from of.terms(text, label) if text else ()
        for each in synonyms:
            scope, status = str(each.get("pred")), synonym_status(str(each.get("synonymType") or ""))
            if synonym := str(each.get("val") or ""):
                yield from of.terms(synonym, label, _SCOPES.get(scope, "RELATED"), status)
            else:
                recorder.bad("empty synonym", row, of.id)


GRAPH = Reader(
    "obograph",
    "OBO Graphs JSON",
    _read_graph,
    lambda name, head: head.lstrip().startswith(b"{") and b'"graphs"' in head,
    OboGraphOptions,
    label_map=ONTOLOGY_LABELS,
)


# OWL ontologies with OBO annotations (RDF/XML as a stream; Turtle and others with rdflib).

_OWL = "http://www.w3.org/2002/07/owl#"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_OIO = "http://www.geneontology.org/formats/oboInOwl"
_NAMES = (f"{_RDFS}label", "http://www.w3.org/2004/02/skos/core#prefLabel")
_ALTERNATIVES = ("http://purl.obolibrary.org/obo/IAO_0000118", "http://www.w3.org/2004/02/skos/core#altLabel")


@dataclass(frozen=True, slots=True)
class OwlOptions(OboGraphOptions):
    languages: tuple[str, ...] = option(("en",), LANGUAGES)
    prefix: str = option("", "short ids for addresses that are no OBO address")


def _read_owl(files: Files, options: OwlOptions, recorder: Recorder) -> Iterator[Term]:
    for subject in subjects(files, files.only(), recorder):
        concept = curie(subject.uri, options.prefix)
        names = subject.literals(f"{_RDFS}label") or [s for s in subject.statements if _scope(s)]
        kinds = subject.kinds
        name, obsolete = names[0].value if names else "", subject.is_true(f"{_OWL}deprecated")
        of = _Of(subject.row, concept, name, options, recorder, obsolete)
        if kinds and f"{_OWL}Class" not in kinds:
            if names:
                recorder.skip("no class", subject.row, f"{concept} {name}")
        # A file of translations says nothing of a class but its names, and some only its synonyms.
        elif (kinds or names) and (label := of.label(bool(names))):
            above = subject.resources(f"{_RDFS}subClassOf")
            recorder.parent(concept, (curie(uri, options.prefix) for uri in above))
            yield from _strings(subject, label, of, options.languages)


def _strings(subject: Subject, label: str, of: _Of, languages: tuple[str, ...]) -> Iterator[Term]:
    for said in subject.statements:
        scope = _scope(said)
        if said.is_resource or not scope:
            continue
        is_name = scope == "NAME"
        if not said.value:
            of.recorder.bad("empty label", subject.row, of.id)
        elif (is_name or scope in of.options.scopes) and not in_language(said.language, languages):
            of.recorder.skip("language", subject.row, f"{said.value} ({said.language})")
        else:
            yield from of.terms(said.value, label, *(() if is_name else (scope, "synonym")))


def _scope(said: Statement) -> str:
    if said.predicate in _NAMES:
        return "NAME"
    if said.predicate in _ALTERNATIVES:
        return "EXACT"
    oio, _, name = said.predicate.rpartition("#")
    return _SCOPES.get(name, "") if oio == _OIO else ""


def _sniff_owl(name: str, head: bytes) -> bool:
    if name.endswith((".owl", ".ofn", ".omn", ".owx")) or b"owl:Ontology" in head:
        return True
    return is_rdf(name, head) and vocabulary(head) == "owl"


OWL = Reader(
    "owl",
    "OWL ontologies (RDF/XML; Turtle and others with rdflib)",
    _read_owl,
    _sniff_owl,
    OwlOptions,
    members=("*.owl",),
    label_map=ONTOLOGY_LABELS,
)
