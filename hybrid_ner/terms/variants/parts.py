"""What a text leaves out of names of one's own lists, or turns: companies, people, drugs, ICD entries."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hybrid_ner.terms.lint import english_words

# Companies: "Harrow & Pike Holdings, Inc." is "Harrow & Pike Holdings", "Delmarva Freight Co." a "Company".

_SHORT = {"Incorporated": "Inc", "Corporation": "Corp", "Company": "Co", "Limited": "Ltd"}
_OTHER = {**_SHORT, **{short: full for full, short in _SHORT.items()}}
_SUFFIX = re.compile(
    r"(?P<name>[^,]{2,}?|.+ (?:&|and) [^,]+?)(?P<comma>,)? "
    rf"(?P<form>{'|'.join(_OTHER)}|L\.?L\.?C|L\.?L\.?P|L\.?P|P\.?L\.?C"
    r"|P\.?C|P\.?A|GmbH(?: & Co\.? KG)?|mbH|AG|S\.?A(?:\.?S)?|S\.?p\.?A|S\.?r\.?l|B\.?V|N\.?V|KG|AB|A/S|ASA"
    r"|Oyj?|Pty|Pte|K\.?K)\.?"
)
_ARTICLE = re.compile(r"the (?=[A-Z])", re.IGNORECASE)
_LEAST = 5
"""Letters of the one word of a company that may stand for it."""


def company_forms(text: str) -> Iterator[tuple[str, str]]:
    """A body without its article, with its legal form written otherwise, and without it."""
    if (article := _ARTICLE.match(text)) and len(text) > article.end() + _LEAST:
        text = text[article.end() :]
        yield text, "article"
    found = _SUFFIX.fullmatch(text)
    if not found:
        return
    name, form = found["name"], found["form"]
    for written in dict.fromkeys((form, _OTHER.get(form, form))):
        stops = ("",) if written in _SHORT else (".", "")
        yield from ((f"{name}{comma} {written}{stop}", "legal form") for comma in (",", "") for stop in stops)
    inner = _SUFFIX.fullmatch(name)  # "Acme Pty Ltd"
    name = inner["name"] if inner and inner["form"] in ("Pty", "Pte", "Co") else name
    if form not in _SHORT and (" " in name or (len(name) >= _LEAST and name.lower() not in english_words())):
        everyday = english_words().issuperset(word.lower() for word in name.split())
        yield name, CAPITALS if everyday else "legal form"


CAPITALS = "legal form, in its capitals"
"""Rule of a company whose words are everyday ones: "Tanager Development", not every tanager development."""


# People: "O'Connor, Sean P." is "Sean P. O'Connor" and "Sean O'Connor".

_PERSON = re.compile(
    r"(?P<last>[^\W\d_][^,()\d]+), (?P<given>[^\W\d_][^,()\d]*?)(?:,? (?P<suffix>(?:Jr|Sr)\.?|II|III|IV))?"
    r"(?:,? \(?(?:Dr|Prof|Mr|Mrs|Ms|Hon|Rev|M\.?D|Ph\.?D|Esq|R\.?N|D\.?O|J\.?D|Q\.?C|K\.?C)\.?\)?)*"
)
_MIDDLE = re.compile(r"(?<=[^\W\d_]{2})(?: [^\W\d_]\.?)+\Z")
_INNER = re.compile(r"(?<=[^\W\d_]{2}) [A-Z]\.? (?=[^\W\d_]{2})")
_TITLED = re.compile(
    r"(?:(?:Dr|Prof|Mr|Mrs|Ms|Hon|Rev|Sr|Judge|Justice)\.? )+(?=[A-Z])"
    r"|,? (?:M\.?D|Ph\.?D|Esq|R\.?N|D\.?O|J\.?D)\.?\Z"
)
_MIDDLED = re.compile(r"\A[A-Z][\w'’-]+, [A-Z][a-z]+ [A-Z]\.\Z")
_OF_PEOPLE = re.compile(
    r"(?:person|people|names?|staff|physician|doctor|nurse|surgeon|clinician|lawyer|attorney|counsel|author"
    r"|witness|judge|employee|patient|custodian|client|solicitor|barrister|signator|part(?:y|ies)|plaintiff"
    r"|defendant|petitioner|respondent|guarantor|tenant|landlord|borrower|insured|debtor|creditor|trustee"
    r"|contact|member|resident|guest|owner)",
    re.IGNORECASE,
)


def is_of_people(label: str, text: str) -> bool:
    """Whether a label or the name says that a term is a person, or may be: "Marsh, Eleanor T."."""
    return _OF_PEOPLE.search(label) is not None or _MIDDLED.search(text) is not None


def person_forms(text: str) -> Iterator[tuple[str, str]]:
    """A person in natural order, without middle initials, without a title."""
    if found := _PERSON.fullmatch(text):
        last, given = found["last"].strip(), found["given"].strip()
        for first in dict.fromkeys((given, _MIDDLE.sub("", given))):
            yield f"{first} {last}", "order"
            yield f"{last}, {first}", "order"
            if suffix := found["suffix"]:
                yield from ((f"{first} {last}{mark}{suffix}", "order") for mark in (" ", ", "))
        return
    bare = _TITLED.sub("", text)
    for name in dict.fromkeys((bare, _INNER.sub(" ", bare))):
        if " " in name and name != text:
            yield name, "title" if name == bare else "initial"


# Drugs: the form and strength of a dose may go, and the salt, but not what a mineral is a salt of.

_SALT = re.compile(
    r"(?P<base>[A-Za-z][a-z]{5,}(?:[ /-][a-z]{6,})?) (?:di|tri|hemi)?(?:sodium|potassium|calcium|magnesium"
    r"|hcl|hydrochloride|hydrobromide|sul(?:ph|f)ate|phosphate|succinate|tartrate|maleate|mesylate|besylate|fumarate"
    r"|acetate|citrate|bromide|nitrate|gluconate|lactate|pamoate|tosylate|valerate|propionate|xinafoate|axetil"
    r"|medoxomil|etexilate|disoproxil|alafenamide|mofetil|monohydrate|dihydrate|trihydrate)"
    r"(?: (?:sodium|monohydrate|dihydrate|trihydrate))?",
    re.IGNORECASE,
)
_METAL = re.compile(
    r"(?:ium|[rn]ous|ic|yl|ose|osine|(?:cyt|ur|thym)idine|zinc|copper|silver|iron|alumin[iu]m|carbon|hydrogen"
    r"|pyridoxal|choline|creatine|glycerol|inositol)\Z",
    re.IGNORECASE,
)
"""What is no drug without its partner: "magnesium sulfate", "ethyl acetate", "adenosine triphosphate"."""
_DOSED = re.compile(
    r"(?P<drug>.{4,}?)(?: |-(?=X[LRT]|[ES]R))(?:ER|XR|SR|XL|CR|DR|IR|LA|EC|ODT|CD|XT"
    r"|\d[\d.,]* ?(?:mg|mcg|g|ml|units?|%)(?:/\S+)?|[Tt]ab(?:let)?s?|[Cc]ap(?:sule)?s?|[Ii]nj(?:ection)?"
    r"|(?:[Oo]ral )?(?:solution|suspension))"
)
_COMBINED = re.compile(r"([A-Za-z][a-z]{5,})-([a-z]{6,})")


def drug_forms(text: str) -> Iterator[tuple[str, str]]:
    """A drug without the form and strength of its dose, and without its salt."""
    drug = text
    while found := _DOSED.fullmatch(drug):
        drug = found["drug"]
        yield drug, "dose form"
    if pair := _COMBINED.fullmatch(drug):
        yield f"{pair[1]}/{pair[2]}", "slash"
    if (salt := _SALT.fullmatch(drug)) and not any(map(_METAL.search, salt["base"].split())):
        yield salt["base"], "salt"


# Entries of ICD-10: "Pneumonia, unspecified organism", "Essential (primary) hypertension".

_CODE = re.compile(r"(?:\w+:)?[A-TV-Z]\d[0-9A-Z](?:\.?[0-9A-Z]{1,4})?")
_VAGUE = re.compile(
    r",? (?:[\w ]{0,30}\b(?:unspecified|not (?:elsewhere |otherwise )?(?:specified|classified)|nos)\b[^,]*"
    r"|(?:un)?complicated|initial encounter|subsequent encounter|sequela|single episode|without [^,]+)",
    re.IGNORECASE,
)
_WITHOUT = re.compile(r" without (?:\w+ ){0,3}\w+\Z", re.IGNORECASE)
_LEAST_ENTRY = 4
"""Letters of an entry that is cut: "Gout, unspecified"."""
_MOST_CUT = 6
"""Parts that an entry loses at most: every cut has forms of its own, and hostile cells hold hundreds."""
_FIRST = re.compile(r"\Aunspecified ", re.IGNORECASE)
_WITHIN = re.compile(r" \([a-z ]+\)(?= )")


def is_entry(concept: str) -> bool:
    """Whether an id is a code of ICD-10, whose entries say what they leave open."""
    return _CODE.fullmatch(concept) is not None


def entry_forms(text: str) -> Iterator[tuple[str, str]]:
    """What a clinician writes for an entry: without what it leaves open or rules out."""
    name, before = _FIRST.sub("", _WITHIN.sub("", text), count=1), ""
    for _ in range(_MOST_CUT):
        if name == before or len(name) < _LEAST_ENTRY:
            return
        if name != text:
            yield name, "entry"
        before, comma = name, name.rfind(",")
        if name.endswith(" unspecified"):  # "Chronic kidney disease, stage 3 unspecified"
            name = name.removesuffix(" unspecified").rstrip(",")
            continue
        vague = comma > 0 and _VAGUE.fullmatch(name[comma:])
        name = name[:comma] if vague else _WITHOUT.sub("", name)
