"""SKOS vocabularies (EuroVoc, AGROVOC, thesauri): preferred, alternative and hidden labels.

A concept that has only SKOS-XL labels, which are nodes of their own, is given at the end of the file.
Specification: https://www.w3.org/TR/skos-reference/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from hybrid_ner.errors import Hint
from hybrid_ner.terms.readers.base import Options, Reader, is_wanted_language, option
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.rdf import RDF, Statement, Subject, curie, is_rdf, subjects, vocabulary
from hybrid_ner.terms.readers.report import NOT_WANTED, Recorder
from hybrid_ner.terms.term import Term, TermStatus

__all__ = ["READER", "SkosOptions"]

_SKOS = "http://www.w3.org/2004/02/skos/core#"
_XL = "http://www.w3.org/2008/05/skos-xl#"
_DEPRECATED = "http://www.w3.org/2002/07/owl#deprecated"
_NO_CONCEPTS = frozenset({f"{_SKOS}ConceptScheme", f"{_SKOS}Collection", f"{_SKOS}OrderedCollection"})
_LABELS: tuple[tuple[str, TermStatus], ...] = (
    ("prefLabel", "preferred"),
    ("altLabel", "synonym"),
    ("hiddenLabel", "variant"),
)


@dataclass(frozen=True, slots=True)
class SkosOptions(Options):
    """Options of SKOS."""

    languages: tuple[str, ...] = option(
        ("en",), "language tags; en also takes en-GB; untagged labels are kept"
    )
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
            forms[subject.uri] = tuple(s for s in said if is_wanted_language(s.language, options.languages))
        if any(subject.literals(_SKOS + kind) for kind, _ in _LABELS):
            yield from _concept(subject, options, recorder)
        elif any(subject.resources(_XL + kind) for kind, _ in _LABELS):
            waiting.append(subject)
    for subject in waiting:
        yield from _concept(_spelled_out(subject, forms), options, recorder)


def _spelled_out(subject: Subject, forms: Mapping[str, Sequence[Statement]]) -> Subject:
    """With the literal forms of its SKOS-XL labels as plain labels."""
    plain = (
        replace(form, predicate=_SKOS + kind)
        for kind, _ in _LABELS
        for label in subject.resources(_XL + kind)
        for form in forms.get(label, ())
    )
    return replace(subject, statements=(*subject.statements, *plain))


def _concept(subject: Subject, options: SkosOptions, recorder: Recorder) -> Iterator[Term]:
    names = [name.value for kind, _ in _LABELS for name in subject.literals(_SKOS + kind)]
    shown = names[0] if names else subject.uri
    concept = curie(subject.uri, options.prefix)
    schemes = subject.resources(f"{_SKOS}inScheme", f"{_SKOS}topConceptOf")
    label = recorder.label_of([*schemes, *map(_last, schemes)])
    if _NO_CONCEPTS.intersection(subject.resources(f"{RDF}type")):
        recorder.skip("scheme or collection, no concept", subject.row, shown)
    elif subject.is_true(_DEPRECATED) and not options.obsolete:
        recorder.skip("obsolete", subject.row, shown)
    elif options.schemes and not {*schemes, *map(_last, schemes)}.intersection(options.schemes):
        recorder.skip("other concept scheme", subject.row, shown)
    elif not label and recorder.label_map:
        recorder.skip(NOT_WANTED, subject.row, shown)
    elif not label:
        hint = Hint("option", "Give a label for the whole file, or a label map by concept scheme.")
        recorder.bad("no label", subject.row, shown, hint)
    elif not names:
        recorder.skip("no name in these languages", subject.row, shown)
    else:
        _hierarchy(subject, concept, options, recorder)
        yield from _names(subject, concept, label, options, recorder)


def _hierarchy(subject: Subject, concept: str, options: SkosOptions, recorder: Recorder) -> None:
    """Parents, from either end of the relation."""
    broader = subject.resources(f"{_SKOS}broader", f"{_SKOS}broaderGeneric")
    recorder.parent(concept, (curie(uri, options.prefix) for uri in broader))
    for uri in subject.resources(f"{_SKOS}narrower"):
        recorder.parent(curie(uri, options.prefix), [concept])


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
            elif not is_wanted_language(said.language, options.languages):
                recorder.skip("language", subject.row, f"{said.value} ({said.language})")
            elif term := recorder.term(said.value, subject.row, label, concept, status):
                yield term


def _sniff(name: str, head: bytes) -> bool:
    declared = _SKOS.encode() in head and b"owl:Ontology" not in head
    return {"skos": True, "owl": False}.get(vocabulary(head) if is_rdf(name, head) else "", declared)


READER = Reader(
    "skos", "SKOS (RDF/XML; Turtle and others with rdflib)", _read, _sniff, SkosOptions, own_labels=True
)
