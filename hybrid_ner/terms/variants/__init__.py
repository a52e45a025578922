"""Variants of terms by named rules; each variant knows the term and the rule that it comes from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain

from hybrid_ner.errors import InputError
from hybrid_ner.io import paused_gc
from hybrid_ner.registry import DOMAINS
from hybrid_ner.terms.gazetteer import Gazetteer
from hybrid_ner.terms.shipped import pack_domains, shipped_packs
from hybrid_ner.terms.term import MatchMode, Term
from hybrid_ner.terms.variants.forms import RULES
from hybrid_ner.terms.variants.own import name_forms, own_forms
from hybrid_ner.terms.variants.parts import (
    CAPITALS,
    company_forms,
    drug_forms,
    entry_forms,
    is_entry,
    is_of_people,
    person_forms,
)

__all__ = [
    "PEOPLE",
    "RULES",
    "Expansion",
    "add_own_variants",
    "expand",
    "is_verb",
    "own_forms",
    "variants",
    "with_own_variants",
]

_MOST = 100_000
"""Terms of own lists from which they stay as they are: a terminology of that size lists its forms, and to
make those of 400,000 terms took 20 s."""
_SEEN = 40
"""Characters before a word that tell whether it is a verb."""
_SHORTEST = 4
_SHORTEST_HEAD, _SHORTEST_CODE = 3, 2
_VERBS = frozenset(
    "warrants covenants licenses leases transfers grants pledges claims orders releases guarantees".split()  # noqa: SIM905
)
"""Plurals that are also what one party does."""
_SUBJECT = re.compile(
    r"(?:\b(?:represents?|covenants?|agrees?|acknowledges?|certifies)\b,?(?:\s+and)?(?:\s+hereby)?"
    r"|\b(?:hereby|neither|nor|not|it|he|she|who|which))\s+\Z",
    re.I,
)
_OBJECT = re.compile(
    r"\s*,?\s*(?:that\b|as\s+follows|to\s+(?:(?:each|the)\s+)?\w+(?:\s+\w+){0,4}\s+that\b"
    r"|(?:and\s+|or\s+)?(?:represents|covenants|agrees|guarantees|certifies)\b)",
    re.I,
)
"""What stands before and behind them then: "Borrower represents and warrants", "covenants that"."""


def is_verb(text: str, start: int, end: int) -> bool:
    """Whether a word that looks like a plural is what somebody does: "the Borrower warrants that"."""
    before = text[max(0, start - _SEEN) : start]
    if before[-3:].lower() == "re-":
        return True  # "re-mortgages": not the term, whether it is a verb or not
    if text[start:end].lower() not in _VERBS:
        return False
    return bool(_SUBJECT.search(before) or _OBJECT.match(text, end))


@paused_gc()
def add_own_variants(gazetteer: Gazetteer, shipped: Iterable[str], names: Iterable[str]) -> Gazetteer:
    """The terms, then the other forms of those that come from a list of the user's own.

    Lists with more than ``_MOST`` terms of their own stay as they are. A form that is a term already, in
    whatever list, is left to it. Rows made by a rule have no forms.

    Args:
        gazetteer: Terms of every list.
        shipped: Files whose terms stay as they are.
        names: Labels of proper names, which have one number and one spelling.
    """
    stay, proper = frozenset(shipped), frozenset(names)
    own = [term for term in gazetteer.terms if term.file not in stay and not term.rule]
    own = [term for term in own if len(term.text) >= _SHORTEST_CODE]
    if not own or len(own) > _MOST:
        return gazetteer
    taken = {term.text.casefold() for term in gazetteer.terms}
    added: list[Term] = []
    for term in own:
        for text, rule in _parts(term, proper):
            key = text.casefold()
            if key not in taken and len(text) >= _SHORTEST_HEAD:
                taken.add(key)
                mode: MatchMode = "case" if rule.startswith(CAPITALS) else term.mode
                made = replace(term, text=text, status="variant", mode=mode, parent=term.text, rule=rule)
                added.append(made)
    return Gazetteer((*gazetteer.terms, *added), gazetteer.parents, gazetteer.name)


def _parts(term: Term, proper: frozenset[str]) -> Iterator[tuple[str, str]]:
    """The forms of a term, then the names that a text makes of it and their forms."""
    forms = _name_forms if term.label in proper else _forms
    yield from forms(term)
    for text, rule in chain.from_iterable(make(term.text) for make in _makers(term)):
        if text != term.text and any(map(str.isalnum, text)):
            yield text, rule
            yield from ((form, f"{rule}, {how}") for form, how in forms(replace(term, text=text)))


def _makers(term: Term) -> Iterator[Callable[[str], Iterator[tuple[str, str]]]]:
    if is_of_people(term.label, term.text):
        yield person_forms
    if term.label not in PEOPLE and term.text[:1].isupper():
        yield company_forms
    if term.mode == "folded" and term.label not in _NAMES:
        yield drug_forms
        if is_entry(term.concept_id):
            yield entry_forms


def _name_forms(term: Term) -> Iterator[tuple[str, str]]:
    return name_forms(term.text)


def _forms(term: Term) -> Iterator[tuple[str, str]]:
    if term.mode == "folded":
        yield from own_forms(term.text)
    elif term.mode == "case" and term.text.isupper() and term.text.isalpha() and term.text[-1] != "S":
        yield f"{term.text}s", "plural"


_FOR_EXACT = frozenset({"greek", "hyphen"})
"""Rules that may be used on terms that want exact letters; the others make words of acronyms."""

_FOR_NAMES = frozenset({"greek", "hyphen", "roman", "possessive"})
PEOPLE = (
    *("PERSON", "PER", "NAME", "OTHER_PERSON", "JUDGE", "LAWYER", "ATTORNEY", "WITNESS"),
    *("PETITIONER", "RESPONDENT", "PLAINTIFF", "DEFENDANT", "PATIENT", "DOCTOR"),
)
"""Labels of people: another letter is another person."""
_NAMES = frozenset(
    {
        *PEOPLE,
        *(
            "GPE",
            "LOC",
            "LOCATION",
            "ORG",
            "ORGANIZATION",
            "ORGANISATION",
            "BUSINESS",
            "COMPANY",
            "CORPORATION",
        ),
        *("GOVERNMENT", "COURT", "STATUTE", "REPORTER"),
    }
)
"""Labels of proper names: they have no plural and one order of words."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """A gazetteer with its variants behind its own terms.

    Args:
        gazetteer: The terms, then the variants.
        made: Variants by rule.
        known: Variants that were terms already, by rule; they were left out.
    """

    gazetteer: Gazetteer
    made: Mapping[str, int]
    known: Mapping[str, int]


def variants(term: Term, rules: Iterable[str] = tuple(RULES)) -> Iterator[Term]:
    """Variants of one term, without repeats; a variant has none.

    Raises:
        InputError: An unknown rule.
    """
    if term.rule or len(term.text) < _SHORTEST:
        return
    seen = {term.text.casefold()}
    for rule in _checked(rules):
        if term.mode != "folded" and rule not in _FOR_EXACT:
            continue
        if term.label in _NAMES and rule not in _FOR_NAMES:
            continue
        for text in RULES[rule](term.text):
            key = text.casefold()
            if len(text) >= _SHORTEST and key not in seen:
                seen.add(key)
                yield replace(term, text=text, status="variant", parent=term.text, rule=rule)


def expand(gazetteer: Gazetteer, rules: Iterable[str] = tuple(RULES)) -> Expansion:
    """Add the variants of every term, except those whose text is a term or an earlier variant.

    A text that already names something is left to it, so that a rule never makes a term ambiguous.

    Raises:
        InputError: An unknown rule.
    """
    rules = _checked(rules)
    made: Counter[str] = Counter()
    known: Counter[str] = Counter()
    added: list[Term] = []
    with paused_gc():
        taken = {term.text.casefold() for term in gazetteer.terms}
        for term in gazetteer.terms:
            for variant in variants(term, rules):
                key = variant.text.casefold()
                if key in taken:
                    known[variant.rule] += 1
                else:
                    taken.add(key)
                    added.append(variant)
                    made[variant.rule] += 1
        whole = Gazetteer((*gazetteer.terms, *added), gazetteer.parents, gazetteer.name)
    return Expansion(whole, made, known)


def with_own_variants(gazetteer: Gazetteer) -> Gazetteer:
    """The terms, then other forms of them (``own_forms``), but for lists of domains that do without."""
    whole = (domain for domain in pack_domains() if not DOMAINS.get(domain).variants)
    shipped = (pack.path.name for domain in whole for pack in shipped_packs(domain))
    return add_own_variants(gazetteer, shipped, _NAMES)


def _checked(rules: Iterable[str]) -> tuple[str, ...]:
    rules = tuple(rules)
    for rule in rules:
        if rule not in RULES:
            raise InputError(f"unknown variant rule {rule!r}.", hint=f"Use any of {', '.join(RULES)}.")
    return rules
