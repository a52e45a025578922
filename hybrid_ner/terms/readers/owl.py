"""OWL ontologies with OBO annotations (RDF/XML as a stream; Turtle and others with rdflib)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hybrid_ner.terms.readers.base import Options, Reader, is_wanted_language, option
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.obo import ONTOLOGY_LABELS, SCOPES
from hybrid_ner.terms.readers.rdf import RDF, Statement, Subject, curie, is_rdf, subjects, vocabulary
from hybrid_ner.terms.readers.report import NOT_WANTED, Recorder
from hybrid_ner.terms.term import Term, TermStatus

__all__ = ["READER", "OwlOptions"]

_OWL = "http://www.w3.org/2002/07/owl#"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_OIO = "http://www.geneontology.org/formats/oboInOwl#"
_SCOPES = {f"has{scope.title()}Synonym": scope for scope in SCOPES}
_ALTERNATIVE = "http://purl.obolibrary.org/obo/IAO_0000118"
_SKOS_PREF = "http://www.w3.org/2004/02/skos/core#prefLabel"
_SKOS_ALT = "http://www.w3.org/2004/02/skos/core#altLabel"


@dataclass(frozen=True, slots=True)
class OwlOptions(Options):
    """Options of OWL."""

    languages: tuple[str, ...] = option(
        ("en",), "language tags; en also takes en-GB; untagged labels are kept"
    )
    scopes: tuple[str, ...] = option(
        ("EXACT", "NARROW"), "synonym scopes: EXACT, NARROW, BROAD, RELATED", choices=SCOPES
    )
    prefixes: tuple[str, ...] = option((), "id prefixes to keep, for example MONDO; all when empty")
    obsolete: bool = option(False, "also read deprecated classes")
    prefix: str = option("", "short ids for addresses that are no OBO address")


def _read(files: Files, options: OwlOptions, recorder: Recorder) -> Iterator[Term]:
    for subject in subjects(files, files.only(), recorder):
        concept = curie(subject.uri, options.prefix)
        prefix = concept.partition(":")[0]
        names = subject.literals(f"{_RDFS}label") or [s for s in subject.statements if _scope(s)]
        kinds = subject.resources(f"{RDF}type")
        if kinds and f"{_OWL}Class" not in kinds:
            if names:
                recorder.skip("no class", subject.row, f"{concept} {names[0].value}")
            continue
        if not kinds and not names:
            continue
        # A file of translations says nothing of a class but its names, and some only its synonyms.
        shown = f"{concept} {names[0].value if names else ''}".strip()
        if subject.is_true(f"{_OWL}deprecated") and not options.obsolete:
            recorder.skip("obsolete", subject.row, shown)
        elif options.prefixes and prefix not in options.prefixes:
            recorder.skip("other id prefix", subject.row, shown)
        elif not names:
            recorder.skip("no name", subject.row, shown)
        elif not (label := recorder.label_of([prefix])):
            recorder.skip(NOT_WANTED, subject.row, shown)
        else:
            above = subject.resources(f"{_RDFS}subClassOf")
            recorder.parent(concept, (curie(uri, options.prefix) for uri in above))
            yield from _strings(subject, concept, label, options, recorder)


def _strings(
    subject: Subject, concept: str, label: str, options: OwlOptions, recorder: Recorder
) -> Iterator[Term]:
    source = recorder.source or concept.partition(":")[0]
    for said in subject.statements:
        scope = _scope(said)
        if said.is_resource or not scope:
            continue
        if not said.value:
            recorder.bad("empty label", subject.row, concept)
        elif scope != "NAME" and scope not in options.scopes:
            recorder.skip(f"synonym scope {scope}", subject.row, said.value)
        elif not is_wanted_language(said.language, options.languages):
            recorder.skip("language", subject.row, f"{said.value} ({said.language})")
        else:
            status: TermStatus = "preferred" if scope == "NAME" else "synonym"
            if term := recorder.term(said.value, subject.row, label, concept, status, source=source):
                yield term


def _scope(said: Statement) -> str:
    if said.predicate in (f"{_RDFS}label", _SKOS_PREF):
        return "NAME"
    if said.predicate in (_ALTERNATIVE, _SKOS_ALT):
        return "EXACT"
    return _SCOPES.get(said.predicate.removeprefix(_OIO), "") if said.predicate.startswith(_OIO) else ""


def _sniff(name: str, head: bytes) -> bool:
    if name.endswith((".owl", ".ofn", ".omn", ".owx")) or b"owl:Ontology" in head:
        return True
    return is_rdf(name, head) and vocabulary(head) == "owl"


READER = Reader(
    "owl",
    "OWL ontologies (RDF/XML; Turtle and others with rdflib)",
    _read,
    _sniff,
    OwlOptions,
    members=("*.owl",),
    label_map=ONTOLOGY_LABELS,
)
