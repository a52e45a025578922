"""RDF statements subject by subject: RDF/XML as a stream, other syntaxes through rdflib; other XML whole.

The stream reads each node element on its own, as ontology tools write them; blank nodes and anonymous
classes are passed over. Addresses are resolved against the ``xml:base`` of the root. Turtle, N3 and
N-Triples need the package rdflib and are read whole. JSON-LD is not read: its contexts are fetched from
the network.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from hybrid_ner.bounds import bounded_whole
from hybrid_ner.errors import Hint, InputError
from hybrid_ner.terms import Term
from hybrid_ner.terms.readers.base import OWN_LIST, Files, Options, Reader, Recorder, in_language, option
from hybrid_ner.terms.readers.records import RecordOptions, record_of, terms_of_records, text_of
from hybrid_ner.terms.readers.streams import LANG, ended, is_xml, local

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_ABOUT, _RESOURCE, _ROOT = f"{{{_RDF}}}about", f"{{{_RDF}}}resource", f"{{{_RDF}}}RDF"
_ID, _PARSE_TYPE = f"{{{_RDF}}}ID", f"{{{_RDF}}}parseType"
_BASE = LANG.replace("lang", "base")
_TYPE = f"{_RDF}type"
_OBO = re.compile(r"http://purl\.obolibrary\.org/obo/([A-Za-z][A-Za-z_]*)_([A-Za-z0-9]+)\Z")
_XML = re.compile(rb"<(?:[?!]|[\w.-]+(?::[\w.-]+)?\s)")
_FUNCTIONAL = re.compile(rb"(?:Prefix|Ontology)\s*[(:]")
_OTHER_SYNTAX = "Save it as RDF/XML or Turtle: OWL/XML, functional and Manchester syntax are not read."
_SYNTAX = {".ttl": "turtle", ".nt": "nt", ".n3": "n3"}


@dataclass(frozen=True, slots=True)
class Statement:
    """One property of a subject: a literal with its language, or a resource."""

    predicate: str
    value: str
    language: str = ""
    is_resource: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """A named node and its properties; ``row`` is its number in the file."""

    row: int
    uri: str
    statements: tuple[Statement, ...]

    def resources(self, *predicates: str) -> list[str]:
        return [s.value for s in self.statements if s.is_resource and s.predicate in predicates]

    def literals(self, predicate: str) -> list[Statement]:
        return [s for s in self.statements if not s.is_resource and s.predicate == predicate]

    @property
    def kinds(self) -> list[str]:
        """What the node is, by ``rdf:type``."""
        return self.resources(_TYPE)

    def is_true(self, predicate: str) -> bool:
        return any(s.value in ("true", "1") for s in self.literals(predicate))


_TURTLE = re.compile(
    rb"(?:\s|#[^\n]*\n)*(?:@prefix|@base|prefix\s|base\s*<|<[a-z]+:[^>\s]*>\s+(?:a|<))", re.I
)
_SKOS_NAME = re.compile(
    rb"(?:xmlns:|@?prefix\s+|ENTITY\s+)([\w.-]*)[:=\s]*[\"'<\s]+http://www\.w3\.org/2004/02/skos/core#", re.I
)
_SKOS_CONCEPT, _SKOS_LABEL = rb"skos/core#Concept\b", rb"skos/core#(?:pref|alt)Label\b"
_OWL_CLASS = re.compile(rb"(?:owl[:;#])Class\b")
_ANNOTATED = re.compile(rb"oboInOwl[:;#]has\w+Synonym|rdfs:label\b|rdf-schema#label\b")


def is_rdf(name: str, head: bytes) -> bool:
    """Whether a file is RDF, by its lower-case name and its first bytes."""
    if name.endswith((".ttl", ".nt", ".n3", ".rdf", ".owl")):
        return True
    return (
        b"rdf:RDF" in head if head.lstrip().startswith(b"<") and b"<?" in head else bool(_TURTLE.match(head))
    )


def vocabulary(head: bytes) -> str:
    """``skos`` or ``owl``, by what the first bytes declare most: concepts or classes; else empty.

    Prefixes may have any name: ``skos:Concept``, ``core:Concept``, ``&skos;Concept`` or the whole address.
    """
    names = b"|".join(sorted({re.escape(name) for name in _SKOS_NAME.findall(head)}))
    short = rb"|(?<![\w.-])(?:" + names + rb")[:;]" if names else b""
    concepts = len(re.findall(_SKOS_CONCEPT + (short and short + rb"Concept\b"), head))
    classes = len(_OWL_CLASS.findall(head))
    if concepts or classes:
        return "skos" if concepts >= classes else "owl"
    if re.search(_SKOS_LABEL + (short and short + rb"(?:pref|alt)Label\b"), head):
        return "skos"
    return "owl" if b"owl" in head and _ANNOTATED.search(head) else ""


def curie(uri: str, prefix: str = "") -> str:
    """Short id: ``DOID:4`` for an OBO address, else the last part behind ``prefix``, else the address."""
    if found := _OBO.match(uri):
        return f"{found[1]}:{found[2]}"
    return f"{prefix}:{re.split(r'[/#:]', uri)[-1]}" if prefix else uri


def subjects(files: Files, name: str, recorder: Recorder) -> Iterator[Subject]:
    """Subjects of one file.

    Raises:
        InputError: Malformed RDF, or a syntax that needs rdflib where it is not installed.
    """
    recorder.begin(files, name)
    head = files.head(name).lstrip()
    if _FUNCTIONAL.match(head):
        raise InputError("is in another syntax of OWL.", path=files.where(name), hint=_OTHER_SYNTAX)
    if head.startswith((b"{", b"[")):
        problem, hint = "JSON-LD is not read: its contexts are elsewhere.", "Save it as Turtle or RDF/XML."
        raise InputError(problem, path=files.where(name), hint=hint)
    bare = name.lower().removesuffix(".gz")
    syntax = next((s for suffix, s in _SYNTAX.items() if bare.endswith(suffix)), "")
    if not syntax and not _XML.match(head):
        syntax = "turtle"
    found = _with_rdflib(files, name, syntax) if syntax else _stream(files, name)
    for subject in found:
        recorder.report.rows += 1
        yield subject


@dataclass(frozen=True, slots=True)
class _Root:
    """What the root says for every node: the base of addresses, and the language of literals."""

    base: str = ""
    language: str = ""

    def resolve(self, uri: str) -> str:
        """The whole address."""
        return urljoin(self.base, uri) if self.base else uri

    def address(self, node: Element) -> str:
        """Address of a node, by ``rdf:about`` or ``rdf:ID``; empty for a blank node."""
        if about := node.get(_ABOUT):
            return self.resolve(about)
        return self.resolve(f"#{name}") if (name := node.get(_ID)) else ""


def _stream(files: Files, name: str) -> Iterator[Subject]:
    number, root = 0, None
    for above, element in ended(files, name):
        if root is None:
            top = above[0] if above else element
            if top.tag != _ROOT:
                problem = f"its root is {local(top.tag)}, not RDF."
                raise InputError(problem, path=files.where(name), row=1, hint=_OTHER_SYNTAX)
            root = _Root(top.get(_BASE) or "", top.get(LANG) or "")
        if len(above) == 1:
            number += 1
            for node in _named(element, root):
                yield Subject(number, root.address(node), tuple(_statements(node, root)))
            above[0].remove(element)


def _named(element: Element, root: _Root) -> Iterator[Element]:
    """Nodes with an address: this one, and those written inside its properties."""
    if root.address(element):
        yield element
    for inner in (node for prop in element for node in prop):
        yield from _named(inner, root)


def _plain(tag: str) -> str:
    return tag[1:].replace("}", "", 1) if tag.startswith("{") else tag


def _statements(node: Element, root: _Root) -> Iterator[Statement]:
    kind = _plain(node.tag)
    language = node.get(LANG) or root.language
    if kind != f"{_RDF}Description":
        yield Statement(_TYPE, kind, is_resource=True)
    for attribute, value in node.attrib.items():
        if not attribute.startswith(f"{{{_RDF}}}") and attribute not in (LANG, _BASE):
            yield Statement(_plain(attribute), value, language)
    for child in node:
        if resource := child.get(_RESOURCE):
            yield Statement(_plain(child.tag), root.resolve(resource), is_resource=True)
        elif len(child) == 0 or child.get(_PARSE_TYPE) == "Literal":
            text = " ".join("".join(child.itertext()).split())
            yield Statement(_plain(child.tag), text, child.get(LANG) or language)
        elif inner := root.address(child[0]):
            yield Statement(_plain(child.tag), inner, is_resource=True)


def _with_rdflib(files: Files, name: str, syntax: str) -> Iterator[Subject]:
    import rdflib

    graph: Any = rdflib.Graph()
    with files.open(name) as stream:
        try:
            graph.parse(BytesIO(bounded_whole(stream, files.where(name))), format=syntax)
        except InputError:
            raise
        except Exception as error:  # rdflib raises a different class for every syntax
            problem = f"not valid {syntax} ({' '.join(str(error).split())[:200]})."
            hint = (
                "Save the file as UTF-8."
                if isinstance(error, UnicodeError)
                else "Check the file and its suffix."
            )
            row = getattr(error, "lines", None)  # of Turtle and N3: how many were read
            row = row + 1 if isinstance(row, int) else None
            raise InputError(problem, path=files.where(name), row=row, hint=hint) from error
    named = sorted(s for s in set(graph.subjects()) if isinstance(s, rdflib.URIRef))
    for number, subject in enumerate(named, start=1):
        said = []
        for predicate, value in graph.predicate_objects(subject):
            if isinstance(value, rdflib.URIRef):
                said.append(Statement(str(predicate), str(value), is_resource=True))
            elif isinstance(value, rdflib.Literal):
                text = " ".join(str(value).split())
                said.append(Statement(str(predicate), text, value.language or ""))
        said.sort(key=lambda statement: (statement.predicate, statement.value))
        yield Subject(number, str(subject), tuple(said))


# SKOS vocabularies (EuroVoc, AGROVOC, thesauri): preferred, alternative and hidden labels.
#
# A concept that has only SKOS-XL labels, which are nodes of their own, is given at the end of the file.
# Specification: https://www.w3.org/TR/skos-reference/

_SKOS = "http://www.w3.org/2004/02/skos/core#"
_XL = "http://www.w3.org/2008/05/skos-xl#"
_DEPRECATED = "http://www.w3.org/2002/07/owl#deprecated"
_NO_CONCEPTS = frozenset({f"{_SKOS}ConceptScheme", f"{_SKOS}Collection", f"{_SKOS}OrderedCollection"})
_LABELS: tuple[tuple[str, str], ...] = (
    ("prefLabel", "preferred"),
    ("altLabel", "synonym"),
    ("hiddenLabel", "variant"),
)


LANGUAGES = "language tags; en also takes en-GB; untagged labels are kept"


@dataclass(frozen=True, slots=True)
class SkosOptions(Options):
    languages: tuple[str, ...] = option(("en",), LANGUAGES)
    schemes: tuple[str, ...] = option((), "concept schemes to keep, by address or its last part")
    hidden: bool = option(False, "also read hidden labels (misspellings)")
    obsolete: bool = option(False, "also read deprecated concepts")
    prefix: str = option(
        "", "short ids: the last part of the address behind this prefix, for example EUROVOC"
    )


def _read(files: Files, options: SkosOptions, recorder: Recorder) -> Iterator[Term]:
    forms: dict[str, tuple[Statement, ...]] = {}
    waiting: list[Subject] = []
    for subject in subjects(files, files.only(), recorder):
        if said := subject.literals(f"{_XL}literalForm"):
            forms[subject.uri] = tuple(s for s in said if in_language(s.language, options.languages))
        if any(subject.literals(_SKOS + kind) for kind, _ in _LABELS):
            yield from _concept(subject, options, recorder)
        elif any(subject.resources(_XL + kind) for kind, _ in _LABELS):
            waiting.append(subject)
    for subject in waiting:  # with the literal forms of its SKOS-XL labels as plain labels
        named = [(kind, label) for kind, _ in _LABELS for label in subject.resources(_XL + kind)]
        spelled = ((kind, form) for kind, label in named for form in forms.get(label, ()))
        plain = (replace(form, predicate=_SKOS + kind) for kind, form in spelled)
        spelled_out = replace(subject, statements=(*subject.statements, *plain))
        yield from _concept(spelled_out, options, recorder)


def _concept(subject: Subject, options: SkosOptions, recorder: Recorder) -> Iterator[Term]:
    names = [name.value for kind, _ in _LABELS for name in subject.literals(_SKOS + kind)]
    shown = names[0] if names else subject.uri
    concept = curie(subject.uri, options.prefix)
    schemes = subject.resources(f"{_SKOS}inScheme", f"{_SKOS}topConceptOf")
    if _NO_CONCEPTS.intersection(subject.kinds):
        recorder.skip("scheme or collection, no concept", subject.row, shown)
    elif subject.is_true(_DEPRECATED) and not options.obsolete:
        recorder.skip("obsolete", subject.row, shown)
    elif options.schemes and not {*schemes, *map(_last, schemes)}.intersection(options.schemes):
        recorder.skip("other concept scheme", subject.row, shown)
    elif not (label := recorder.wanted([*schemes, *map(_last, schemes)], subject.row, shown)):
        return
    elif not names:
        recorder.skip("no name in these languages", subject.row, shown)
    else:
        # Parents stand at either end of the relation.
        broader = subject.resources(f"{_SKOS}broader", f"{_SKOS}broaderGeneric")
        recorder.parent(concept, (curie(uri, options.prefix) for uri in broader))
        for uri in subject.resources(f"{_SKOS}narrower"):
            recorder.parent(curie(uri, options.prefix), [concept])
        yield from _names(subject, concept, label, options, recorder)


def _last(uri: str) -> str:
    return uri.rstrip("/#").replace("#", "/").rpartition("/")[2]


def _names(
    subject: Subject, concept: str, label: str, options: SkosOptions, recorder: Recorder
) -> Iterator[Term]:
    for kind, status in _LABELS:
        for said in subject.literals(_SKOS + kind):
            if not said.value:
                recorder.bad("empty label", subject.row, concept)
            elif kind == "hiddenLabel" and not options.hidden:
                recorder.skip("hidden label", subject.row, said.value)
            elif not in_language(said.language, options.languages):
                recorder.skip("language", subject.row, f"{said.value} ({said.language})")
            else:
                yield from recorder.terms(said.value, subject.row, label, concept, status)


def _sniff(name: str, head: bytes) -> bool:
    declared = _SKOS.encode() in head and b"owl:Ontology" not in head
    return {"skos": True, "owl": False}.get(vocabulary(head) if is_rdf(name, head) else "", declared)


SKOS = Reader(
    "skos", "SKOS (RDF/XML; Turtle and others with rdflib)", _read, _sniff, SkosOptions, own_labels=True
)


# XML of any other shape: elements that repeat are records of their attributes and of the elements in them.

_AS_TEXT = "Save its list as text (one term a line) or CSV UTF-8."
_OF_ONE, _MOST_WORDS = re.compile(r"syn|alias|alt|aka|variant|abbr|name", re.IGNORECASE), 14


def _read_xml(files: Files, options: Any, recorder: Recorder) -> Iterator[Term]:
    name = recorder.begin(files, files.only())
    with files.open(name) as stream:
        bounded_whole(stream, files.where(name))
    *_, (_, root) = ended(files, name)
    found = [*_records(root, "", recorder)]
    texts = sum(len(str(record.get("term", "")).split()) > _MOST_WORDS for record in found)
    if not found or 2 * texts > len(found):
        said = f"nothing in <{local(root.tag)}> repeats that could be a term."
        raise InputError(said, path=files.where(name), hint=Hint("format", _AS_TEXT))
    yield from terms_of_records(iter(enumerate(found, start=1)), options, recorder)


def _records(above: Element, label: str, recorder: Recorder) -> Iterator[dict[str, Any]]:
    """Records of the elements that repeat in an element, or further in, under the names of their groups."""
    tags = Counter(local(each.tag) for each in above)
    several = [tag for tag in tags if tags[tag] > 1]
    inside = [each for each in above if len(each)]
    for number, each in enumerate(above, start=1):
        tag, inner = local(each.tag), {local(part.tag) for part in each}
        is_list = len(inner) == 1 < len(each) and not _OF_ONE.search(min(inner))
        if is_list or (len(each) and tag not in several):
            named = [
                value for key, value in each.attrib.items() if local(key) != "id" and not value.isdigit()
            ]
            own = named[0] if named else tag if len(inside) > 1 else label
            yield from _records(each, own, recorder)
        elif tag not in several and text_of(each):
            recorder.skip("element that does not repeat", number, f"{tag}: {text_of(each)}")
        elif record := record_of(each):
            own = label or tag * (len(several) > 1)
            yield record if not own or {"label", "type", "category"} & {*record} else {**record, "label": own}


XML = Reader(
    "xml",
    "XML whose elements repeat",
    _read_xml,
    lambda name, head: is_xml(head) and b"rdf:RDF" not in head and b"<Ontology" not in head,
    RecordOptions,
    **OWN_LIST,
)
