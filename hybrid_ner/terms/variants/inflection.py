"""Number and possessives: the head noun in singular and plural, eponyms with and without 's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hybrid_ner.terms.variants.order import inverted

__all__ = ["plural", "possessive", "singular"]

_SHORTEST = 4
_HEAD = re.compile(r"[a-z]+\Z")
_CONNECTED = re.compile(r" (?:of|in|with|due|by|from|for|to|without) ")
_COUNTABLE = re.compile(
    r"(?:oma|osis|iasis|paresis|cele|cyst|polyp|ulcer|abscess|tumou?r|cancer|lesion|fracture|infection|hernia"
    r"|fistula|aneurysm|seizure|ache|nodule|wart|sprain|deformity|ectomy|otomy|ostomy|oscopy|biopsy|disease"
    r"|disorder|syndrome|deficiency|injury|dysfunction|defect|symptom|blocker|agonist|inhibitor|steroid|opioid"
    r"|opiate|barbiturate|diuretic|antibiotic|analgesic|an[ae]{1,2}sthetic|vitamin|hormone|statin|toxin|protein|resin"
    r"|globulin|cyte|blast|neuron|gland|organ|bone|muscle|nerve|artery|vein|membrane|gene|stone|zone|scan|chain"
    r"|protocol|statute|contract|agreement|court|clause|treaty|licen[cs]e|patent|dialysis|stasis)\Z"
)
"""Ends of nouns that have a plural though they look like substances, and of the one-word terms with one."""
_MASS = re.compile(
    r"(?:ss|tis|us|ics|ness|ism|ity|ia|pathy|uria|ase|ide|ine|ate|ic|al|ous|ed|ing|ly|ive|able|oid|ary"
    r"|[aiu]m|ol|[aeiy]ne|one|in|an|il|[aeiou]b|vir|lose|nose|cose|tose|xose|ax|ix|ox|pollen|pork|flesh|whole"
    r"|osa|ica|ecta|enita|aris|avis|alis|ens|ans|orme|tarda|vera|rubra|coli|ovale|[^sx]is|extract|solution)\Z"
)
"""Ends of heads that are no countable nouns: conditions, substances, adjectives, Latin epithets."""
_ACID = re.compile(r"(?<!nucle)(?<!carboxyl)(?<!organ)(?:ic|ous|oic) \Z")
_PLURALS = (
    (re.compile(r"(?<=[a-z])(s|x)is\Z"), r"\1es"),
    (re.compile(r"(?<=[^aeiou])y\Z"), "ies"),
    (re.compile(r"(?<=lea|hal|cal)f\Z"), "ves"),
    (re.compile(r"(s|x|z|ch|sh)\Z"), r"\1es"),
    (re.compile(r"\Z"), "s"),
)
_SINGULARS = tuple(
    (re.compile(rf"{ending}\Z", re.IGNORECASE), other)
    for ending, other in (
        ("(it)ides", r"\1is"),
        ("([aeou]l)yses", r"\1ysis"),
        ("(sep|phy|schi|phyla)([sx])es", r"\1\2is"),
        ("(cri)ses", r"\1sis"),
        ("(var|cerv|append|matr)ices", r"\1ix"),
        ("(cort|vert|ind)ices", r"\1ex"),
        ("(ach)es", r"\1e"),
        # Sugars and everyday words keep their -ose; the rest are conditions.
        ("(luc|ruct|lact|malt|mann|abin|rib|xyl|ran|lul|tr|pent|hex|hept|ald|ket|amyl)oses", r"\1ose"),
        (r"(\b|over|purp)([dnhr]?)oses", r"\1\2ose"),
        ("oses", "osis"),
        ("([^e])eses", r"\1esis"),
        ("(st|ct|i)ases", r"\1asis"),
        ("(vir|sin|fet|thromb|embol|call|menisc)uses", r"\1us"),
        ("ies", "y"),
        ("(x|z|ch|sh|ss)es", r"\1"),
        ("([^s])s", r"\1"),
    )
)
_PLURAL = re.compile(r"(?<=[^su])s\Z(?<!is)")
_NO_PLURAL = re.compile(
    r"(?:diabetes|herpes|rabies|scabies|caries|series|species|facies|measles|mumps|tabes|pancreas|atlas|[ao]nas"
    r"|itras|osphas|[bdnrt]as|ulfas|[a-z]os|oides|migrans|[fn]ulminans|vigilans|nigricans|albicans|elegans|recurrens"
    r"|intermittens|dens|ceps|rickets|agitans|pointes)\Z"
)
"""Words that end as plurals do and are none: diseases, Latin epithets, salts (-as) and organophosphates."""
_POSSESSIVE = re.compile(r"(?<=[^\W\d_]{2})['’](s)(?=\s|\Z)|(?<=s)['’](?=\s|\Z)")


def _split(text: str) -> tuple[str, str, str] | None:
    """Words before the head, the head noun, words after it ("of the …"); ``None`` without a plain head.

    An inverted text is put in its natural order first: only that is ever inflected.
    """
    if "," in text:
        text = next(inverted(text), "")
    connected = _CONNECTED.search(text)
    front, back = (text[: connected.start()], text[connected.start() :]) if connected else (text, "")
    before, space, head = front.rpartition(" ")
    if len(head) < _SHORTEST or not _HEAD.match(head.lower()) or head.isupper():
        return None
    return before + space, head, back


def plural(text: str) -> Iterator[str]:
    """Plural of the head noun, unless it is one or has none."""
    parts = _split(text)
    if parts is None:
        return
    before, head, back = parts
    lower = head.lower()
    countable = bool(_COUNTABLE.search(lower)) and not lower.endswith("tis")
    if _PLURAL.search(lower) or (not countable and (not before or _MASS.search(lower))):
        return
    if lower == "acid" and _ACID.search(before.lower()):
        return
    yield before + _first(head, _PLURALS) + back


def singular(text: str) -> Iterator[str]:
    """Singular of the head noun, if it looks like a plural."""
    parts = _split(text)
    if parts is None or not _PLURAL.search(parts[1].lower()):
        return
    before, head, back = parts
    if head.lower().endswith("ics") or " and " in before or _NO_PLURAL.search(head.lower()):
        return
    yield before + _first(head, _SINGULARS) + back


def _first(word: str, endings: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    for ending, other in endings:
        changed, count = ending.subn(other, word, count=1)
        if count:
            return changed
    return word


def possessive(text: str) -> Iterator[str]:
    """Without the possessive ("Crohn disease") and without its apostrophe ("Crohns disease")."""
    if _POSSESSIVE.search(text):
        yield _POSSESSIVE.sub("", text)
        yield _POSSESSIVE.sub(lambda found: found[1] or "", text)
