"""From the mentions of a document to concepts of one vocabulary, all candidates kept.

An abbreviation is looked up by the words it stands for; a disease that the document calls brought about by
a drug is the concept of that name; among equal candidates the document decides.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

from hybrid_ner.io import paused_gc, read_list, read_mapping
from hybrid_ner.sources.concept_names import Candidate, ConceptNames, ConceptWords, words_of
from hybrid_ner.terms.crosswalk import concept_names, concepts_folder, load_crosswalk
from hybrid_ner.terms.shipped import load_parents, pack_domains, read_pack, shipped_packs

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
    """The names of a domain's packs, and of those that serve ids alone."""
    packs = shipped_packs(domain) if domain in pack_domains() else ()
    terms = chain.from_iterable(read_pack(pack.path) for pack in packs)
    with paused_gc():
        return ConceptNames(
            chain(terms, concept_names(domain)),
            load_crosswalk(domain),
            vocabularies,
            load_words(domain),
            load_parents(domain) if packs else {},
        )


@cache
def shipped_files(domain: str) -> frozenset[str]:
    """Names of the files of a domain's packs: a term of another file is of the user's own."""
    return (
        frozenset(pack.path.name for pack in shipped_packs(domain))
        if domain in pack_domains()
        else frozenset()
    )


@cache
def load_words(domain: str) -> ConceptWords:
    """The word lists of a domain."""
    rules = concepts_folder(domain).parent / "rules"
    if not (rules / "concept_words.txt").is_file():
        return ConceptWords()
    same = read_mapping(rules / "concept_words.txt").items()
    whole = read_mapping(rules / "concept_meanings.txt").items()
    return ConceptWords(
        {word: tuple(words_of(meaning)) for key, meaning in same for word in words_of(key)},
        frozenset(read_list(rules / "concept_qualifiers.txt")),
        read_list(rules / "chemical_salts.txt"),
        {key if key != key.lower() else " ".join(words_of(key)): name for key, name in whole},
    )
