"""Variants of terms by named rules; each variant knows the term and the rule that it comes from."""

from __future__ import annotations

import re
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
from hybrid_ner.terms.variants.forms import (
    american,
    british,
    greek,
    hyphen,
    in_case_of,
    inverted,
    of_the,
    plural,
    possessive,
    roman,
    singular,
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

# Other forms of the terms of a user's own list: number, hyphens, spelling, and these together.
#
# A list that somebody writes has one form of a name ("Change of Control"), the text has any of them
# ("Change-of-Control", "warrants" for "Warrant"). The rules of ``RULES`` are made for terminologies and for
# a reader who looks through what they make; these run unseen, over nouns of every kind, and leave out what
# would be another word.

_MOST_WORDS = 5
"""Words of a term whose spaces may be hyphens: longer ones are phrases, which nobody writes so."""
_MOST = 100_000
"""Terms of own lists from which they stay as they are: a terminology of that size lists its forms, and to
make those of 400,000 terms took 20 s."""
_SEEN = 40
"""Characters before a word that tell whether it is a verb."""
_SHORTEST = 4
_SHORTEST_HEAD = 3
_WORD = re.compile(r"[A-Za-z]+")
_CONNECTED = re.compile(r"[ -](?:of|in|with|due|by|from|for|on|to|without|under|and|or|as|at)[ -]", re.I)
_PAIR = re.compile(r"([A-Za-z]+) (and|or|&) ([A-Za-z]+)", re.I)
_VOWEL = re.compile(r"[aeiouy]", re.I)
_NO_PLURALS = frozenset(
    """
    advice equipment information knowledge software hardware money cash evidence property research progress
    traffic law good custom arm new mean damage thank premise proceed earning saving due content work manner
    spectacle glass will may must can real general special legal net gross fair best other same own per air
    blood water
    """.split()  # noqa: SIM905 (a list is read more easily so)
)
"""One-word terms whose plural is another word or none ("damage", "good", "custom")."""
_ONLY_PLURAL = frozenset(
    """
    goods customs arms news means damages thanks premises proceeds earnings savings dues contents works
    manners spectacles glasses wills headquarters series species rights holdings minutes remains securities
    futures stocks utilities diabetes rabies measles mumps herpes scabies caries facies atlas pancreas bias
    lens corps chaos canvas texas kansas arkansas gas plus aids basics economics
    """.split()  # noqa: SIM905
)
"""Words in -s whose form without it is another word or none."""
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
_IRREGULAR = {
    "child": "children",
    "man": "men",
    "woman": "women",
    "person": "persons",
    "index": "indices",
    "appendix": "appendices",
    "matrix": "matrices",
    "addendum": "addenda",
    "memorandum": "memoranda",
    "criterion": "criteria",
    "bacterium": "bacteria",
    "ovum": "ova",
    "diagnosis": "diagnoses",
    "leaf": "leaves",
    "half": "halves",
    "life": "lives",
    "shelf": "shelves",
    "thief": "thieves",
    "wife": "wives",
    "foot": "feet",
    "tooth": "teeth",
}
_REGULAR = {other: one for one, other in _IRREGULAR.items()}


def own_forms(text: str) -> Iterator[tuple[str, str]]:
    """Other forms of a term that ignores case, each with the rule that makes it; repeats are possible."""
    spelled = [("", text)]
    spelled += [(rule, other) for rule, make in _SPELLED.items() for other in make(text)]
    spelled += [("hyphen", other) for other in _joined(text)]
    for rule, form in spelled:
        if rule:
            yield form, rule
        for number, other in _numbers(form):
            yield other, f"{number}, {rule}" if rule else number
            if not rule:
                yield from ((joined, f"{number}, hyphen") for joined in _joined(other))


def _joined(text: str) -> Iterator[str]:
    """Hyphens for spaces, everywhere or at the first place, and spaces for hyphens: "third-party claim"."""
    words = text.split(" ")
    if 1 < len(words) <= _MOST_WORDS and all(map(_WORD.fullmatch, words)):
        yield "-".join(words)
        if len(words) > 2:
            yield f"{words[0]}-{' '.join(words[1:])}"
    if "-" in text and all(map(_WORD.fullmatch, re.split("[ -]", text))):
        yield text.replace("-", " ")
        if re.match(r"(?:non|re|co|pre|sub|multi|inter|anti|over|under)-", text, re.I):
            yield text.replace("-", "", 1)


def _numbers(text: str) -> Iterator[tuple[str, str]]:
    """The head noun in the other number: what stands before the first "of", "in", "to"; of "X and Y" both."""
    if pair := _PAIR.fullmatch(text):
        heads = [next(_numbers(word), None) for word in (pair[1], pair[3])]
        if heads[0] and heads[1] and heads[0][0] == heads[1][0]:
            yield heads[0][0], f"{heads[0][1]} {pair[2]} {heads[1][1]}"
    connected = _CONNECTED.search(text)
    front, back = (text[: connected.start()], text[connected.start() :]) if connected else (text, "")
    place = max(front.rfind(" "), front.rfind("-")) + 1
    before, head = front[:place], front[place:]
    if len(head) < _SHORTEST_HEAD or not _WORD.fullmatch(head) or not _VOWEL.search(head):
        return
    lower, alone = head.lower(), not before
    if other := _REGULAR.get(lower):
        yield "singular", before + in_case_of(head, other) + back
    elif lower.endswith("s") and not lower.endswith(("ss", "us", "is")):
        if lower not in _ONLY_PLURAL and not (alone and len(lower) <= _SHORTEST):
            yield "singular", before + in_case_of(head, _singular(lower)) + back
    elif not (alone and lower in _NO_PLURALS):
        yield "plural", before + in_case_of(head, _plural(lower)) + back


def _plural(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("sis"):
        return word[:-2] + "es"
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "zzes", "ches", "shes")):
        return word[:-2]
    return word[:-1]


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
    own = [term for term in own if term.label not in proper and len(term.text) >= _SHORTEST_HEAD]
    if not own or len(own) > _MOST:
        return gazetteer
    taken = {term.text.casefold() for term in gazetteer.terms}
    added: list[Term] = []
    for term in own:
        for text, rule in _forms(term):
            key = text.casefold()
            if key not in taken and len(text) >= _SHORTEST_HEAD:
                taken.add(key)
                added.append(replace(term, text=text, status="variant", parent=term.text, rule=rule))
    return Gazetteer((*gazetteer.terms, *added), gazetteer.parents, gazetteer.name)


def _forms(term: Term) -> Iterator[tuple[str, str]]:
    if term.mode == "folded":
        yield from own_forms(term.text)
    elif term.mode == "case" and term.text.isupper() and term.text.isalpha() and term.text[-1] != "S":
        yield f"{term.text}s", "plural"


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
_SPELLED = {name: rule for name, rule in RULES.items() if name not in ("plural", "singular")}
"""The rules for everything but number."""

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
