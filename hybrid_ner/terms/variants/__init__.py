"""Variants of terms by named rules; each variant knows the term and the rule that it comes from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from hybrid_ner.errors import InputError
from hybrid_ner.io import paused_gc
from hybrid_ner.registry import DOMAINS
from hybrid_ner.terms.gazetteer import Gazetteer
from hybrid_ner.terms.shipped import pack_domains, shipped_packs
from hybrid_ner.terms.term import Term
from hybrid_ner.terms.variants.own import is_verb
from hybrid_ner.terms.variants.own import with_own_variants as _with_own_variants
from hybrid_ner.terms.variants.spelling import american, british, greek, hyphen, roman
from hybrid_ner.terms.variants.words import inverted, of_the, plural, possessive, singular

__all__ = ["PEOPLE", "RULES", "Expansion", "expand", "is_verb", "variants", "with_own_variants"]


Rule = Callable[[str], Iterable[str]]

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "inverted": inverted,
        "plural": plural,
        "singular": singular,
        "british": british,
        "american": american,
        "greek": greek,
        "possessive": possessive,
        "hyphen": hyphen,
        "roman": roman,
        "of-the": of_the,
    }
)
"""Name → rule: a function from a text to the texts that may stand for it."""

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

_SHORTEST = 4


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
    """The terms, then other forms of them (``variants.own``), but for lists of domains that do without."""
    whole = (domain for domain in pack_domains() if not DOMAINS.get(domain).variants)
    shipped = (pack.path.name for domain in whole for pack in shipped_packs(domain))
    return _with_own_variants(gazetteer, shipped, _NAMES)


def _checked(rules: Iterable[str]) -> tuple[str, ...]:
    rules = tuple(rules)
    for rule in rules:
        if rule not in RULES:
            raise InputError(f"unknown variant rule {rule!r}.", hint=f"Use any of {', '.join(RULES)}.")
    return rules
