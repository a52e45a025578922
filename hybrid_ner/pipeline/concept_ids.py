"""Concept ids of one vocabulary as a spaCy component, saved with the pipeline.

``kb_id_`` of the entities, and of the spans of rules and model alone, becomes the id in the vocabulary asked
for, empty where it has none. Every candidate stays in ``doc.spans["concepts"].attrs["candidates"]`` by
``start:end:label`` in characters, the best first, each with the name it was found by and who states it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from hybrid_ner.pipeline.fusion import RULE_GROUP
from hybrid_ner.pipeline.labeling import LabelingSourceComponent
from hybrid_ner.pipeline.scored_ner import MODEL_GROUP
from hybrid_ner.sources.abbreviations import find_definitions
from hybrid_ner.sources.base import read_matches, view_of
from hybrid_ner.sources.concept_names import Candidate
from hybrid_ner.sources.concepts import Mention, link, load_names, shipped_files
from hybrid_ner.terms.crosswalk import parse_ids

CONCEPT_GROUP = "concepts"
"""Span group of the linked mentions."""
Place = tuple[int, int, str]


class ConceptIds:
    """Gives every mention the id of one vocabulary.

    Args:
        vocabularies: Names of vocabularies, the preferred one first: an id of the second is given where the
            first has none.
        domain: Whose names and crosswalk to use.
        key: Span group of the rules' answer.
    """

    def __init__(self, vocabularies: Iterable[str], domain: str = "medical", key: str = RULE_GROUP) -> None:
        self.vocabularies, self.domain, self.key = tuple(vocabularies), domain, key

    def __repr__(self) -> str:
        return f"<concept ids of {', '.join(self.vocabularies)}>"

    def __call__(self, doc: Doc) -> Doc:
        """Write ``kb_id_`` and ``doc.spans["concepts"]``."""
        groups = [name for name in (self.key, MODEL_GROUP) if name in doc.spans]
        spans = {
            _place(span) for spans in (doc.ents, *(doc.spans[name] for name in groups)) for span in spans
        }
        if not spans:
            return doc
        text = view_of(doc).text
        mentions = self._mentions(doc, text, sorted(spans))
        linked = link(load_names(self.domain, self.vocabularies), text, mentions)
        found = {(m.start, m.end, m.label): each for m, each in zip(mentions, linked, strict=True)}
        ids = {place: each[0].concept if each else "" for place, each in found.items()}
        for name in groups:
            old = doc.spans[name]
            doc.spans[name] = SpanGroup(doc, name=name, spans=_with_ids(doc, old, ids), attrs=dict(old.attrs))
        doc.set_ents(_with_ids(doc, doc.ents, ids))
        kept = {f"{s}:{e}:{label}": list(map(_plain, each)) for (s, e, label), each in found.items() if each}
        doc.spans[CONCEPT_GROUP] = SpanGroup(
            doc,
            name=CONCEPT_GROUP,
            spans=[Span(doc, *_tokens(doc, place), place[2], kb_id=ids[place]) for place in sorted(ids)],
            attrs={"candidates": kept},
        )
        return doc

    def _mentions(self, doc: Doc, text: str, places: Iterable[Place]) -> list[Mention]:
        """What each source said of a mention, with the words that an abbreviation stands for."""
        said = _said(doc, self.key, shipped_files(self.domain))
        long_forms = {d.short: text[d.start : d.end] for d in find_definitions(text)}
        mentions = []
        for start, end, label in places:
            ids, reference, is_own = said.get((start, end, label), ((), "", False))
            long_form = reference or _spelled_out(text[start:end], long_forms)
            mentions.append(Mention(start, end, label, long_form, ids, is_own))
        return mentions


def _plain(candidate: Candidate) -> dict[str, Any]:
    kept = {key: value for key, value in asdict(candidate).items() if value not in ("", False)}
    kept.pop("stated", None)
    return kept


def _place(span: Span) -> Place:
    return span.start_char, span.end_char, span.label_


def _tokens(doc: Doc, place: Place) -> tuple[int, int]:
    span = doc.char_span(place[0], place[1])
    return span.start, span.end


def _with_ids(doc: Doc, spans: Iterable[Span], ids: Mapping[Place, str]) -> list[Span]:
    return [Span(doc, s.start, s.end, s.label_, kb_id=ids[_place(s)], span_id=s.id_) for s in spans]


def _said(doc: Doc, key: str, shipped: frozenset[str]) -> dict[Place, tuple[tuple[str, ...], str, bool]]:
    """Ids, long form and whether a list of one's own said so, of the source behind each rule span."""
    found: dict[Place, tuple[tuple[str, ...], str, bool]] = {}
    if key not in doc.spans:
        return found
    for name in dict.fromkeys(doc.spans[key].attrs.get("sources", ())):
        for match in read_matches(doc, name):
            evidence = match.evidence
            is_short = evidence is not None and evidence.method == "abbreviation"
            long_form = evidence.reference if evidence is not None and is_short else ""
            place = match.start, match.end, match.label
            own = evidence is not None and evidence.file not in ("", *shipped) and bool(match.concept_ids)
            found.setdefault(place, (match.concept_ids, long_form, own))
    return found


def _spelled_out(surface: str, long_forms: Mapping[str, str]) -> str:
    """A mention with the abbreviations in it written out ("VHL disease"); empty when it has none."""
    for each in (surface, surface.removesuffix("s")):
        if each in long_forms:
            return long_forms[each]
    words = [long_forms.get(word, word) for word in surface.split(" ")]
    spelled = " ".join(words)
    return spelled if spelled != surface else ""


def candidates_of(span: Span) -> list[dict[str, Any]]:
    """Every concept that a span of a linked document may name, the best first."""
    if CONCEPT_GROUP not in span.doc.spans:
        return []
    kept = span.doc.spans[CONCEPT_GROUP].attrs["candidates"]
    found: list[dict[str, Any]] = kept.get(f"{span.start_char}:{span.end_char}:{span.label_}", [])
    return found


def add_concept_ids(nlp: Language, domain: str, ids: str) -> None:
    """Append the component where ids of a vocabulary are asked for.

    Args:
        nlp: A pipeline that ends with fusion.
        domain: Its domain.
        ids: Vocabularies separated by commas; empty or ``lists`` for the ids that term lists give.

    Raises:
        InputError: An unknown vocabulary.
    """
    if vocabularies := parse_ids(ids):
        nlp.add_pipe("concept_ids", config={"vocabularies": list(vocabularies), "domain": domain})


def set_ids(nlp: Language, ids: str) -> None:
    """Let a pipeline give ids of another vocabulary than it was made with."""
    vocabularies = parse_ids(ids)
    domains = [
        pipe.domain for _, pipe in nlp.pipeline if isinstance(pipe, (ConceptIds, LabelingSourceComponent))
    ]
    for name in [name for name, pipe in nlp.pipeline if isinstance(pipe, ConceptIds)]:
        nlp.remove_pipe(name)
    if vocabularies:
        add_concept_ids(nlp, domains[0] if domains else "medical", ids)


@Language.factory(
    "concept_ids", assigns=["doc.ents", "doc.spans", "token.ent_kb_id"], default_config={"domain": "medical"}
)
def create_concept_ids(nlp: Language, name: str, vocabularies: list[str], domain: str) -> ConceptIds:
    """Factory ``concept_ids``."""
    return ConceptIds(parse_ids(",".join(vocabularies)), domain)
