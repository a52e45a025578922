"""Variants of terms by named rules; each variant knows the term and the rule that it comes from.

Last comes what a text leaves out of names of one's own lists, or turns: companies, people, ICD entries.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from hybrid_ner.errors import InputError
from hybrid_ner.registry import DOMAINS
from hybrid_ner.terms import Gazetteer, MatchMode, Term
from hybrid_ner.terms.lint import english_words
from hybrid_ner.terms.shipped import pack_domains, shipped_packs
from hybrid_ner.terms.variants.forms import RULES
from hybrid_ner.terms.variants.own import (
    DECLINED,
    entry_forms,
    is_entry,
    languages_of,
    leaves_open,
    name_forms,
    numbered_together,
    own_forms,
)
from hybrid_ner.text.patterns import Patterns, paused_gc

_RE = Patterns(Path(__file__).with_name("names"))

__all__ = [
    "PEOPLE",
    "RULES",
    "Expansion",
    "add_own_variants",
    "begins_little",
    "expand",
    "is_verb",
    "name_behind",
    "own_forms",
    "variants",
    "with_own_variants",
]

MOST = 100_000
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


def is_verb(text: str, start: int, end: int) -> bool:
    """Whether a word that looks like a plural is what somebody does: "the Borrower warrants that"."""
    before = text[max(0, start - _SEEN) : start]
    if before[-3:].lower() == "re-":
        return True  # "re-mortgages": not the term, whether it is a verb or not
    word = text[start:end]
    if word[-5:] == "s act" and word[word.rfind(" ", 0, -4) + 1].islower():
        return True  # "tenants act at their own risk", not the Tenants Act
    if word.endswith("ing") and _RE.IN_PROGRESS.search(before):
        return not text.startswith(" of ", end)  # "the child was coloring"
    if _RE.MODAL.search(before):
        return " " not in word  # "may harbor bacteria"
    if word.lower() not in _VERBS:
        return False
    return bool(_RE.SUBJECT.search(before) or _RE.OBJECT.match(text, end))


begins_little = _RE.LITTLE.match
"""Whether a name of a text begins, from a place on, with a word of everyday that a symbol may be called like:
"no", "as". The pattern itself, since it is asked of every match."""


def name_behind(text: str, start: int, end: int, listed: str) -> int:
    """Where the name begins if what stands before it is a word, and no symbol as in the list; else 0.

    "no aspirin" is no NO-aspirin, "as 701" no AS 701. In capitals throughout ("NO ASPIRIN") the hyphen tells.
    """
    word = _RE.LITTLE.match(text, start, end)
    if word is None or not listed.startswith(word[1].upper()) or _RE.IN_CAPITALS.fullmatch(listed):
        return 0
    loud = word[2] == " " and text[word.end() : end].isupper() and not listed[len(word[0]) :].isupper()
    return 0 if word[1].isupper() and not loud else word.end()


_SPELLED = frozenset(
    (
        *(
            "plural",
            "singular",
            "hyphen",
            "american",
            "british",
            "spelling",
            "possessive",
            "letters",
            "greek",
        ),
        *("full stop", "trade mark", "edition"),
    )
)
"""Rules that make the same name, written otherwise."""


@paused_gc()
def add_own_variants(gazetteer: Gazetteer, shipped: Iterable[str], names: Collection[str]) -> Gazetteer:
    """The terms, then the other forms of those that come from a list of the user's own.

    Lists with more than ``MOST`` terms of their own stay as they are. A form that is a term of such a list
    already is left to it, and so is one of a shipped list, but for another spelling or number: that comes
    first, as the term itself does. Rows made by a rule have no forms.

    Args:
        gazetteer: Terms of every list.
        shipped: Files whose terms stay as they are.
        names: Labels of proper names, which have one number and one spelling.
    """
    stay = frozenset(shipped)
    own = [t for t in gazetteer.terms if t.file not in stay and not t.rule and len(t.text) >= _SHORTEST_CODE]
    if not own or len(own) > MOST:
        return gazetteer
    taken = {term.text.casefold() for term in gazetteer.terms if term.file not in stay}
    of_others = {term.text.casefold() for term in gazetteer.terms if term.file in stay}
    first: list[Term] = []
    added: list[Term] = []
    shared = _shared(own)
    languages = _languages(own)
    for term in own:
        for text, rule in _parts(term, names, languages.get((term.file, term.text), "")):
            key = text.casefold()
            same = _SPELLED.issuperset(rule.split(", "))
            if (rule == "edition" and key in shared) or (rule.startswith(INITIALS) and _bare(key) in shared):
                continue
            if key not in taken and len(text) >= _SHORTEST_HEAD and (same or key not in of_others):
                taken.add(key)
                word = rule.startswith(CAPITALS) or (rule == "edition" and key in english_words())
                word = word or rule == _CAPITAL_INITIALS or (rule == DECLINED and text[0].isupper())
                mode: MatchMode = "case" if word else term.mode
                made = replace(term, text=text, status="variant", mode=mode, parent=term.text, rule=rule)
                (first if key in of_others else added).append(made)
    added += _numbered(own, taken)
    return Gazetteer((*first, *gazetteer.terms, *added), gazetteer.parents, gazetteer.name)


def _numbered(own: Sequence[Term], taken: Collection[str]) -> Iterator[Term]:
    """What two terms of a label are in one, as each of them: "BRCA1/2" has the ids of both."""
    labels: dict[str, dict[str, Term]] = {}
    for term in own:
        labels.setdefault(term.label, {}).setdefault(term.text, term)
    for terms in labels.values():
        for text, both in numbered_together(terms):
            if text.casefold() not in taken:
                for term in map(terms.__getitem__, both):
                    mode: MatchMode = "case" if term.text[1].isdigit() else term.mode  # no "t1/2" for "T1/2"
                    yield replace(
                        term, text=text, status="variant", mode=mode, parent=term.text, rule="numbers"
                    )


def _shared(own: Iterable[Term]) -> frozenset[str]:
    """Forms that are of several names: "Pensions Act" of 1995 and 2004, "J. Smith" of John and Jane.

    Short forms ("ACR" of "ACR 2010") are left out where the list names no act ("Equality Act 2010").
    """
    dated = (term for term in own if term.text[-4:].isdigit())
    named = {
        (text.casefold(), term.concept_id or term.text)
        for term in dated
        for text, rule in name_forms(term.text)
        if rule == "edition"
    }
    acts = any(_RE.ACT.search(text) for text, _ in named)
    people = (term for term in own if is_of_people(term.label, term.text))
    first = {
        (_bare(text.casefold()), term.concept_id or term.text)
        for term in people
        for text, rule in person_forms(term.text)
        if rule.startswith(INITIALS)
    }
    counts = Counter(text for text, _ in (*named, *first))
    several = frozenset(text for text, count in counts.items() if count > 1)
    return several | frozenset(text for text, _ in named if not (acts or " " in text))


def _bare(initials: str) -> str:
    """Without what stands between initials: "J. A. Smith" and "JA Smith" are one."""
    return initials.translate(_BETWEEN)


_BETWEEN = str.maketrans("", "", ". -")


def _languages(own: Iterable[Term]) -> dict[tuple[str, str], str]:
    """The language of each term, by its file and text, where its file tells one."""
    files: dict[str, list[str]] = {}
    for term in own:
        files.setdefault(term.file, []).append(term.text)
    told = ((file, *each) for file, texts in files.items() for each in languages_of(texts).items())
    return {(file, text): language for file, text, language in told}


def _parts(term: Term, proper: Collection[str], language: str) -> Iterator[tuple[str, str]]:
    """The forms of a term, then the names that a text makes of it and their forms."""
    if _RE.TRADE_MARK.search(term.text):
        yield from ((_RE.TRADE_MARK.sub(mark, term.text), "trade mark") for mark in ("", "(R)", "(TM)"))
        term = replace(term, text=_RE.TRADE_MARK.sub("", term.text))
    yield from _forms(term, proper, language)
    for text, rule in chain.from_iterable(make(term.text) for make in _makers(term)):
        if text != term.text and any(map(str.isalnum, text)):
            yield text, rule
            further = (
                _forms(replace(term, text=text), proper, language)
                if rule != PARTS and not rule.startswith(INITIALS)
                else ()
            )
            yield from ((form, f"{rule}, {how}") for form, how in further)


def _makers(term: Term) -> Iterator[Callable[[str], Iterator[tuple[str, str]]]]:
    if is_of_people(term.label, term.text):
        yield person_forms
    if term.label not in PEOPLE and term.text[:1].isupper():
        yield company_forms
        yield case_forms
    if term.mode == "folded" and term.label not in _NAMES:
        yield drug_forms
        if is_entry(term.concept_id) or leaves_open(term.text):
            yield entry_forms


def _forms(term: Term, proper: Collection[str], language: str) -> Iterator[tuple[str, str]]:
    if term.label in proper:
        yield from name_forms(term.text)
    elif term.mode == "folded":
        yield from own_forms(term.text, language)
    elif term.mode == "case" and term.text.isupper() and term.text.isalpha():
        yield from name_forms(term.text)
        if term.text[-1] != "S":
            yield f"{term.text}s", "plural"


_FOR_EXACT = frozenset({"greek", "hyphen"})
"""Rules that may be used on terms that want exact letters; the others make words of acronyms."""

_FOR_NAMES = frozenset({"greek", "hyphen", "roman", "possessive"})
PEOPLE = (
    *("PERSON", "PER", "NAME", "OTHER_PERSON", "JUDGE", "LAWYER", "ATTORNEY", "WITNESS"),
    *("PETITIONER", "RESPONDENT", "PLAINTIFF", "DEFENDANT", "PATIENT", "DOCTOR"),
)
"""Labels of people: another letter is another person."""
_NAMES = {
    *(*PEOPLE, "GPE", "LOC", "LOCATION", "ORG", "ORGANIZATION", "ORGANISATION", "BUSINESS", "COMPANY"),
    *("CORPORATION", "GOVERNMENT", "COURT", "STATUTE", "REPORTER"),
}
"""Labels of proper names: they have no plural and one order of words."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """A gazetteer with its variants behind its own terms.

    Args:
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


# Companies: "Harrow & Pike Holdings, Inc." is "Harrow & Pike Holdings", "Delmarva Freight Co." a "Company".

_SHORT = {"Incorporated": "Inc", "Corporation": "Corp", "Company": "Co", "Limited": "Ltd"}
_OTHER = {**_SHORT, **{short: full for full, short in _SHORT.items()}}
_LEAST = 5
"""Letters of the one word of a company that may stand for it."""


_LONGEST_CASE = 300


def case_forms(text: str) -> Iterator[tuple[str, str]]:
    """A case without its citation, and its citation alone: "Roe v. Wade, 410 U.S. 113 (1973)"."""
    if len(text) < _LONGEST_CASE and (found := _RE.CASE.fullmatch(text)):
        for mark in ("v.", "v", "vs."):
            name = _RE.VERSUS.sub(mark, found["name"])
            yield name, "case"
            if name.startswith("R v"):
                yield f"R.{name[1:]}", "case"  # "R. v. Jordan", as Canada writes it
        if found["cite"]:
            yield found["cite"], "citation"


def company_forms(text: str) -> Iterator[tuple[str, str]]:
    """A body without its article, with its legal form written otherwise, and without it."""
    if (article := _RE.ARTICLE.match(text)) and len(text) > article.end() + _LEAST:
        text = text[article.end() :]
        yield text, "article"
    found = _RE.SUFFIX.fullmatch(text)
    if not found:
        return
    name, form = found["name"], found["form"]
    for written in dict.fromkeys((form, _OTHER.get(form.capitalize(), form))):
        # "Acme Inc." and "Acme S.p.A.", but "Acme KG" at the end of a sentence has no full stop of its own.
        clipped = written in _OTHER or "." in written.rpartition(" ")[2] or _RE.CLIPPED.fullmatch(written)
        stops = ("",) if written in _SHORT else (".", "") if clipped or text[-1] == "." else ("",)
        yield from ((f"{name}{comma} {written}{stop}", "legal form") for comma in (",", "") for stop in stops)
    yield from ((f"{name}{found['comma'] or ''} {written}", "legal form") for written in _dotted(form))
    inner = _RE.SUFFIX.fullmatch(name)  # "Acme Pty Ltd"
    name = inner["name"] if inner and inner["form"] in ("Pty", "Pte", "Co") else name
    several = name.count(" ") > 1
    if (form not in _SHORT or several) and (
        " " in name or (len(name) >= _LEAST and name.lower() not in english_words())
    ):
        everyday = english_words().issuperset(word.lower() for word in name.split())
        yield name, CAPITALS if everyday else "legal form"


_DOTTED = frozenset(("BV", "NV", "SA", "SL", "SLU", "SRL", "SAS", "SpA", "LLC", "LLP", "LP", "PLC"))
"""Legal forms that are written with full stops too; hardly anybody writes A.G."""


def _dotted(form: str) -> Iterator[str]:
    """A legal form with other full stops, its own too: "S.p.A" → "SpA", "sp. z o.o" → "sp. z o. o."."""
    if "." in form and " " not in form:
        yield form.replace(".", "")
    elif form in _DOTTED:
        yield ".".join(form) + "."
    if ". z o" in form:
        yield from (form.replace("o. o", "o.o") + ".", form.replace("o.o", "o. o") + ".")


CAPITALS = "legal form, in its capitals"
"""Rule of a company whose words are everyday ones: "Tanager Development", not every tanager development."""


# People: "O'Connor, Sean P." is "Sean P. O'Connor" and "Sean O'Connor".


def is_of_people(label: str, text: str) -> bool:
    """Whether a label or the name says that a term is a person, or may be: "Marsh, Eleanor T."."""
    return _RE.OF_PEOPLE.search(label) is not None or _RE.MIDDLED.search(text) is not None


def person_forms(text: str) -> Iterator[tuple[str, str]]:
    """A person in the other order, without middle initials, without a title."""
    if found := _RE.PERSON.fullmatch(_RE.TITLED.sub("", text)):
        last, given = found["last"].strip(), found["given"].strip()
        for first in dict.fromkeys((given, _RE.MIDDLE.sub("", given))):
            yield f"{first} {last}", "order"
            yield f"{last}, {first}", "order"
            yield from _by_initials(first, last)
            if suffix := found["suffix"]:
                yield from ((f"{first} {last}{mark}{suffix}", "order") for mark in (" ", ", "))
        return
    if author := _RE.AUTHOR.fullmatch(text):  # "Smith J", "Müller HP"
        last, initials = author[1], author[2]
        for given in (f"{'. '.join(initials)}.", f"{'.'.join(initials)}.", initials):
            yield from (
                (name, "order") for name in (f"{given} {last}", f"{last}, {given}", f"{last} {given}")
            )
        return
    bare = _RE.TITLED.sub("", text)
    for name in dict.fromkeys((bare, _RE.INNER.sub(" ", bare))):
        if " " in name and name != text:
            yield name, "title" if name == bare else "initial"
    natural = _RE.NATURAL.fullmatch(bare)  # "Jean-Baptiste Nkurunziza", not "Edgewater Technology"
    if natural and natural["last"].lower() not in english_words():
        yield f"{natural['last']}, {natural['given']}", "order"
        yield from _by_initials(natural["given"], natural["last"])


INITIALS = "initials"
"""Rule of a person by the initials, "N. Okafor", which may be of several people of a list."""
_CAPITAL_INITIALS = f"{INITIALS}, in their capitals"
"""Rule of initials without full stops: "B Okafor"."""


def _by_initials(given: str, last: str) -> Iterator[tuple[str, str]]:
    """ "N. Okafor", "J.-B. Nkurunziza", "J.A. Smith", "J Smith"; "A Baker" is as often any baker."""
    names = _RE.GIVEN.findall(given)
    if not names or names[0][1:2] == ".":
        return
    for several in dict.fromkeys((tuple(name[0] for name in names), (names[0][0],))):
        for mark in ("-",) if "-" in given else (" ", ""):
            yield f"{f'.{mark}'.join(several)}. {last}", INITIALS
        if several[0] not in "AEIOUY":  # which are words in some language
            yield f"{' '.join(several)} {last}", _CAPITAL_INITIALS


# Drugs: the form and strength of a dose may go, and the salt, but not what a mineral is a salt of.

PARTS = "parts"
"""Rule of a combination written otherwise, which has no further forms: each part is another drug."""


def drug_forms(text: str) -> Iterator[tuple[str, str]]:
    """A drug without the form and strength of its dose, and without its salt."""
    drug = text
    while (found := _RE.DOSED.fullmatch(drug)) and not _is_counted(drug, found["drug"]):
        drug = found["drug"]
        yield drug, "dose form"
    if parts := _RE.PARTS.fullmatch(drug):  # as WHODrug writes a combination
        yield from ((f"{parts[1]}{mark}{parts[2]}", PARTS) for mark in ("/", " / ", "-", " and ", " + "))
    if pair := _RE.COMBINED.fullmatch(drug):
        yield f"{pair[1]}/{pair[2]}", "slash"
    salt = _RE.SALT.fullmatch(drug)
    if salt and any(map(_RE.METAL.search, salt["base"].split())):
        salt = None
    if salt := salt or _RE.SALT_OF.fullmatch(drug):
        yield salt["base"], "salt"


def _is_counted(text: str, name: str) -> bool:
    """Whether what stands behind a word is no way to give a drug: "stage IV", "Type IM", "swim cap"."""
    word = name.split()[-1].lower()
    short = _RE.SHORT_FORM_OF_DOSE.fullmatch(text, len(name) + 1) is not None
    return short and word in english_words() and not _RE.DRUG.search(word)
