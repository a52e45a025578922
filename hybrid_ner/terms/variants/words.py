"""Other words for a term of one's own list: compounds, another order, clipped words, two names in one row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from hybrid_ner.io import shipped
from hybrid_ner.terms.lint import english_words, read_words
from hybrid_ner.terms.variants.forms import SITE


def other_words(text: str) -> Iterator[tuple[str, str]]:
    """The rule and the form; repeats are possible."""
    for make in (_compounds, _turned, _clipped, _alternatives):
        yield from make(text)


_FUNCTION = re.compile(
    r"(?:the|and|for|from|with|without|into|onto|over|under|upon|about|after|before|between|per|via|not|all|any"
    r"|some|every|each|both|few|more|most|other|such|that|this|these|those|wh\w+|how|may|can|will|shall|must"
    r"|should|would|could|might|has|have|had|was|were|are|been|being|its|his|her|our|your|their|one|two|three"
    r"|off|out|down|too|very)",
    re.IGNORECASE,
)
"""Words that are no part of a compound: "all ready" is not "already"."""
_PREFIX = re.compile(
    r"(?:intra|inter|extra|infra|supra|post|pre|non|anti|multi|sub|over|under|semi|micro|peri|trans|retro"
    r"|ultra|hyper|hypo|iso|poly)(?=([a-z]{4,}))",
    re.IGNORECASE,
)
_COMBINED = re.compile(
    r"((?:ventricul|gastr|cardi|neur|cerebr|vascul|arteri|ven|hepat|nephr|ureter|vesic|vagin|rect|an|cost|stern"
    r"|oste|chondr|fibr|muscul|cut|derm|ocul|nas|or|pharyng|laryng|trache|bronch|pulmon|thorac|lumb|sacr|ili|femor"
    r"|tibi|cervic|occipit|front|pariet|tempor|sphen|maxill|mandibul|duoden|jejun|ile|col|pancreat|bili|splen"
    r"|lymph|hemat|haemat|medic|soci|psych|electr|magnet|therm|hydr|aer|phot|ge)o)([a-z]{5,})",
    re.IGNORECASE,
)
"""Combining forms: "ventriculoperitoneal" is also "ventriculo-peritoneal"."""
_TWICE = re.compile(r"\b([A-Za-z]+)-(?=\1\b)", re.IGNORECASE)
_SHORTEST = 3
"""Letters of each part of a compound: of two, "in-sight", anything is made of words."""


def _compounds(text: str) -> Iterator[tuple[str, str]]:
    """ "driveshaft", "tug-boat", "oak leaf", "intra-medullary nail", "tamtam"."""
    words = text.split(" ")
    first, rest = words[0], text[len(words[0]) :]
    if len(words) == 2 and all(w.isalpha() and len(w) >= _SHORTEST for w in words):
        if not _FUNCTION.fullmatch(first):
            yield "together", f"{first}{words[1].lower()}"
    elif _TWICE.search(text):
        yield "together", _TWICE.sub(r"\1", text)
    if not first.isascii() or not first.isalpha() or first.isupper():
        return
    if (prefix := _PREFIX.match(first)) and prefix[1].lower() in english_words():
        yield "hyphen", f"{prefix[0]}-{prefix[1]}{rest}"
    yield from (("hyphen", form) for form in combined(text))
    for cut in range(_SHORTEST, len(first) - _SHORTEST + 1):
        parts = first[:cut], first[cut:]
        if english_words().issuperset(part.lower() for part in parts) and not any(
            map(_FUNCTION.fullmatch, parts)
        ):
            yield "hyphen", f"{'-'.join(parts)}{rest}"
            # "firefighter" is a word by itself, and a "black bird" need be no blackbird.
            if first.lower() not in english_words():
                yield "apart", f"{' '.join(parts)}{rest}"


def combined(text: str) -> Iterator[str]:
    """A first word of two combining forms with its hyphen: "gastro-oesophageal reflux"."""
    if found := _COMBINED.match(text):
        yield f"{found[1]}-{text[found.end(1) :]}"


_PART = re.compile(rf"{SITE.pattern}|\b(?:cord|canal|column|dis[ck]|joint|ankle|shin|calf|forearm)\Z", re.I)
_PHRASE = re.compile(r" (?:of|in|with|due|by|from|for|on|to|without|and|or|as|at) ", re.IGNORECASE)
_HEAD = re.compile(r"[a-z]{4,}")
_UNIT = re.compile(
    r"\b(\d+)[ -](second|minute|hour|day|week|month|year|mile|inch|point|stage)s?['’]?(?= [A-Za-z])"
)
_CODED = re.compile(r"([A-Za-z][A-Za-z -]+) ((?=\w*[A-Za-z])(?=\w*\d)[A-Za-z0-9]+|(?!19|20)\d{4,})")


def _turned(text: str) -> Iterator[tuple[str, str]]:
    """ "prosthesis of the knee", "72-hour clause" for "72 hours clause", "M8x40 bolt"."""
    site, _, head = text.rpartition(" ")
    if _PART.search(site) and _HEAD.fullmatch(head.lower()) and not _PHRASE.search(text):
        yield from (("of-the", f"{head} of {article}{site}") for article in ("the ", ""))
    if _UNIT.search(text):
        yield from (("number", _UNIT.sub(rf"\1{mark}\2", text)) for mark in "- ")
    if coded := _CODED.fullmatch(text):
        yield "order", f"{coded[2]} {coded[1]}"


_BINOMIAL = re.compile(
    r"([A-Z])[a-z]{2,} ([a-z]{2,}(?:a|us|um|is|ii|ae|ens|ans|i[xo]|[lr]i|ax|or|os|e|[aeo][sx]|[oe]n))"
)
_SHORTENED = re.compile(r"[A-Z][a-z]{1,3} [A-Z][a-z]{1,3}")


def _clipped(text: str) -> Iterator[tuple[str, str]]:
    """The initial of a genus ("B. pendula"), full stops behind clipped words ("Cab. Sauv.")."""
    if (name := _BINOMIAL.fullmatch(text)) and name[2] not in _everyday():
        yield from (("genus", f"{name[1]}{mark}{name[2]}") for mark in (". ", "."))
    if _SHORTENED.fullmatch(text) and not english_words().issuperset(text.lower().split()):
        yield "full stop", text.replace(" ", ". ") + "."


_EITHER = re.compile(r"([A-Za-z]{4,}(?: [A-Za-z]+)*) ?/ ?([A-Za-z]{4,}(?: [A-Za-z]+)*)")
_PAIRED = re.compile(
    r"(?:in|out)put|client|server|dose|response|cost|benefit|push|pull|acid|base|host|guest|master|slave|inner"
    r"|outer|upper|lower|male|female|mother|father|parent|child|price|performance|supply|demand|risk|reward|debit"
    r"|credit|profit|loss|read|write|stop|start|pass|fail|true|false|black|white|fight|flight"
)
"""Halves of one notion, not two names of a thing: "client/server"."""


def _alternatives(text: str) -> Iterator[tuple[str, str]]:
    """Each of two names that one row holds: "larch/tamarack", "sugar maple/rock maple"."""
    if not (pair := _EITHER.fullmatch(text)):
        return
    halves = pair[1].split(), pair[2].split()
    if len(halves[0]) == len(halves[1]) == 1:
        ends = (half[0].lower() for half in halves)
        several = not any(_PAIRED.fullmatch(end) or end in _everyday() for end in ends)
    else:
        several = min(map(len, halves)) > 1 and halves[0][-1].lower() == halves[1][-1].lower()
    if several:
        yield from (("slash", " ".join(half)) for half in halves)


@cache
def _everyday() -> frozenset[str]:
    return frozenset(word.lower() for word in read_words(shipped("gazetteers", "english", "frequent.txt")))
