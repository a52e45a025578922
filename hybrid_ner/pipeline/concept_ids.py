"""From mentions to concepts of one vocabulary: a spaCy component, saved with the pipeline.

``kb_id_`` of the entities, and of the spans of rules and model alone, becomes the id in the vocabulary asked
for, empty where it has none. Every candidate stays in ``doc.spans["concepts"].attrs["candidates"]`` by
``start:end:label`` in characters, the best first, each with the name it was found by and who states it.
An abbreviation is looked up by the words it stands for; a disease that the document calls brought about by
a drug is the concept of that name; among equal candidates the document decides.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from hybrid_ner.errors import CompiledFileError
from hybrid_ner.io import keep_made, made_file, read_list, read_mapping
from hybrid_ner.matching.compiled import fold_id, read_arrays, write_arrays
from hybrid_ner.pipeline.fusion import RULE_GROUP
from hybrid_ner.pipeline.labeling import LabelingSourceComponent
from hybrid_ner.pipeline.scored_ner import MODEL_GROUP
from hybrid_ner.sources import read_matches, view_of
from hybrid_ner.sources.concept_names import (
    KEYED_BY,
    Candidate,
    ConceptNames,
    ConceptWords,
    NameIndex,
    words_of,
)
from hybrid_ner.sources.gazetteer import find_definitions
from hybrid_ner.terms import INDEXED_BY, Term, shipped

_HEREDITARY = re.compile(r"\b(?:hereditary|familial|inherited|germ-?line)\b", re.IGNORECASE)
_TOGETHER = re.compile(r"\s+and\s+|/|-")
_ALTERNATIVES = re.compile(r"\b(?:or|and/or|sporadic)\b|cancers\Z|tumou?rs\Z", re.IGNORECASE)
"""What makes several diseases of a mention, not one syndrome: "breast or ovarian cancer", "cancers"."""
_AFTER_CAUSE = re.compile(r"[\w)]-induced\s+(?:[\w-]+\s+)?\Z", re.I)
_BEFORE_CAUSE = re.compile(r"\s+(?:was |were |is |are )?induced by\b", re.I)


@dataclass(frozen=True, slots=True)
class Mention:
    """What is linked: characters ``[start, end)`` of a text, its label, and what the labeling source said.

    Args:
        long_form: The words that an abbreviation stands for, empty for none.
        ids: Ids that the source gave.
        own: Whether they are of a list of the user's own, which is believed first.
    """

    start: int
    end: int
    label: str
    long_form: str = ""
    ids: tuple[str, ...] = ()
    own: bool = False


def link(names: ConceptNames, text: str, mentions: Sequence[Mention]) -> list[list[Candidate]]:
    """Candidates of each mention of a document, the best first.

    A disease that the document calls brought about by a drug ("levodopa-induced dyskinesia") is the concept
    of that name, in all its mentions. Of candidates that share a name, one that stands near another concept
    of the document comes first.
    """
    found = [_find(names, text, mention) for mention in mentions]
    others = {each[0].concept for each in found if len(each) == 1}
    found = [_in_context(names, each, others) for each in found]
    if _HEREDITARY.search(text):
        found = [_as_syndrome(names, text, m, each) for m, each in zip(mentions, found, strict=True)]
    induced: dict[str, list[Candidate]] = {}
    for mention, each in zip(mentions, found, strict=True):
        if each and mention.label == "Disease" and _is_induced(text, mention):
            surface = mention.long_form or text[mention.start : mention.end]
            if better := names.caused(surface):
                induced.setdefault(each[0].concept, better)
    return [[*induced.get(each[0].concept, ()), *each] if each else each for each in found]


def _as_syndrome(names: ConceptNames, text: str, mention: Mention, found: list[Candidate]) -> list[Candidate]:
    """The hereditary syndrome of several diseases that a document names together, if there is one."""
    surface = mention.long_form or text[mention.start : mention.end]
    if mention.label != "Disease" or not found or found[0].how not in ("joined", "shortened"):
        return found
    if not _TOGETHER.search(surface) or _ALTERNATIVES.search(surface):
        return found
    plain = " ".join(_TOGETHER.split(_HEREDITARY.sub("", surface).strip()))
    return [*names.named(f"hereditary {plain} syndrome", mention.label), *found]


def _find(names: ConceptNames, text: str, mention: Mention) -> list[Candidate]:
    surface = text[mention.start : mention.end]
    found: list[Candidate] = []
    if mention.own:
        found = names.given(surface, mention.ids)
    if not found and mention.long_form:
        found = names.find(mention.long_form, mention.label, mention.ids)
        if found and not names.is_first(found):  # "VLCAD deficiency" is in MeSH, its long form in OMIM alone
            own = names.find(surface, mention.label)
            found = own if names.is_first(own) and own[0].how == "name" else found
    return found or names.find(surface, mention.label, mention.ids)


def _is_induced(text: str, mention: Mention) -> bool:
    before = _AFTER_CAUSE.search(text, max(0, mention.start - 60), mention.start)
    return before is not None or _BEFORE_CAUSE.match(text, mention.end) is not None


def _in_context(names: ConceptNames, found: list[Candidate], others: Collection[str]) -> list[Candidate]:
    """Candidates by a name that is the preferred one of none of them, in the order of the document."""
    if len(found) < 2 or not others or found[0].preferred or names.is_near(found[0].concept, others):
        return found
    for number, other in enumerate(found[1:], 1):
        equal = other.how == found[0].how and other.stated >= found[0].stated
        if equal and names.is_near(other.concept, others):
            return [other, *found[:number], *found[number + 1 :]]
    return found


@cache
def load_names(domain: str, vocabularies: tuple[str, ...]) -> ConceptNames:
    """The names of a domain's concepts, for those of some vocabularies."""
    return ConceptNames(
        _index(domain), shipped.load_crosswalk(domain), vocabularies, partial(_parents, domain)
    )


@cache
def _parents(domain: str) -> dict[str, tuple[str, ...]]:
    return shipped.load_parents(domain) if domain in shipped.pack_domains() else {}


@cache
def _index(domain: str) -> NameIndex:
    """The names of a domain, made once for a release and kept in the user's cache."""
    words = load_words(domain)
    rules = _rules(domain)
    files = [pack.path for pack in _packs(domain)]
    beside = (shipped.concepts_folder(domain) / shipped.NAMES, *map(rules.joinpath, _WORDS))
    files += filter(Path.is_file, beside)
    known = made_file("names", domain, files, f"{fold_id()} {INDEXED_BY} {KEYED_BY}")
    with suppress(CompiledFileError):
        return NameIndex(read_arrays(known)[0], words)
    arrays = NameIndex.made(_names(domain), words)
    if keep_made(known, lambda path: write_arrays(path, arrays, {})):
        arrays = read_arrays(known, verify=False)[0]  # what processes share
    return NameIndex(arrays, words)


def _packs(domain: str) -> Sequence[shipped.Pack]:
    return shipped.shipped_packs(domain) if domain in shipped.pack_domains() else ()


def _names(domain: str) -> Iterator[Term]:
    """The names of a domain's packs, and of those that serve ids alone."""
    for pack in _packs(domain):
        yield from shipped.read_pack(pack.path)
    yield from shipped.concept_names(domain)


@cache
def shipped_files(domain: str) -> frozenset[str]:
    """Names of the files of a domain's packs: a term of another file is of the user's own."""
    return frozenset(pack.path.name for pack in _packs(domain))


_WORDS = ("concept_words.txt", "concept_meanings.txt", "concept_qualifiers.txt", "chemical_salts.txt")
"""Files of what words of names mean, beside the other rules of a domain."""


def _rules(domain: str) -> Path:
    return shipped.concepts_folder(domain).parent / "rules"


@cache
def load_words(domain: str) -> ConceptWords:
    same, whole, qualifiers, salts = map(_rules(domain).joinpath, _WORDS)
    if not same.is_file():
        return ConceptWords()
    return ConceptWords(
        {
            word: tuple(words_of(meaning))
            for key, meaning in read_mapping(same).items()
            for word in words_of(key)
        },
        frozenset(read_list(qualifiers)),
        read_list(salts),
        {key if key != key.lower() else " ".join(words_of(key)): n for key, n in read_mapping(whole).items()},
    )


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
            spans=[doc.char_span(*place, kb_id=ids[place]) for place in sorted(ids)],
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


def _with_ids(doc: Doc, spans: Iterable[Span], ids: Mapping[Place, str]) -> list[Span]:
    return [Span(doc, s.start, s.end, s.label_, kb_id=ids[_place(s)], span_id=s.id_) for s in spans]


def _said(doc: Doc, key: str, brought: frozenset[str]) -> dict[Place, tuple[tuple[str, ...], str, bool]]:
    """Ids, long form and whether a list of one's own said so, of the source behind each rule span."""
    found: dict[Place, tuple[tuple[str, ...], str, bool]] = {}
    if key not in doc.spans:
        return found
    for name in dict.fromkeys(doc.spans[key].attrs.get("sources", ())):
        for match in read_matches(doc, name):
            long_form, own = "", False
            if evidence := match.evidence:
                long_form = evidence.reference if evidence.method == "abbreviation" else ""
                own = evidence.file not in ("", *brought) and bool(match.concept_ids)
            found.setdefault((match.start, match.end, match.label), (match.concept_ids, long_form, own))
    return found


def _spelled_out(surface: str, long_forms: Mapping[str, str]) -> str:
    """A mention with the abbreviations in it written out ("VHL disease"); empty when it has none."""
    for each in (surface, surface.removesuffix("s")):
        if each in long_forms:
            return long_forms[each]
    spelled = " ".join(long_forms.get(word, word) for word in surface.split(" "))
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
    if vocabularies := shipped.parse_ids(ids):
        nlp.add_pipe("concept_ids", config={"vocabularies": list(vocabularies), "domain": domain})


def set_ids(nlp: Language, ids: str) -> None:
    """Let a pipeline give ids of another vocabulary than it was made with."""
    vocabularies = shipped.parse_ids(ids)
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
    return ConceptIds(shipped.parse_ids(",".join(vocabularies)), domain)
