"""What headings of a table and keys of records say about their roles, and what the rows say beside them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from hybrid_ner.terms import MATCH_MODES, TERM_STATUSES
from hybrid_ner.terms.readers.base import is_short_for

NAMES: Mapping[str, tuple[str, ...]] = {
    "term": (
        "term",
        "text",
        "name",
        "string",
        "surface",
        "mention",
        "entity",
        "preferred term",
        "preferred label",
        "preflabel",
        "pref label",
        "rdfs:label",
        "lbl",
        "display",
        "pattern",
    ),
    "label": ("label", "type", "category", "class", "entity type", "semantic type"),
    "concept_id": ("concept id", "concept", "conceptid", "id", "code", "identifier", "curie", "cui"),
    "status": ("status",),
    "active": ("active", "is active", "active?"),
    "mode": ("mode", "match mode"),
    "source": ("source", "vocabulary"),
    "synonyms": (
        "synonyms",
        "synonym",
        "aliases",
        "alias",
        "alternative labels",
        "alt labels",
        "altlabel",
        "alt label",
    ),
    "parents": ("parents", "parent ids", "parent id"),
    "parent": ("parent",),
    "rule": ("rule",),
}
"""Role → names of the columns that play it, folded, best first."""

ROLES = tuple(NAMES)
SEVERAL = ("synonyms", "parents")
"""Roles whose cells may hold several values."""

_SHORT = r"abbreviations?|abbr?\.?|abbrev\.?|acronyms?|initials|short(?: form| name| title)?"
_LIKE: Mapping[str, re.Pattern[str]] = {
    "synonyms": re.compile(
        r"synonyms?\b|alias|\baka\b|known as|\bcalled\b|\balt(?:ernat\w+)?\b|other (?:name|term)|variants?\b"
        r"|^syns?\.?(?: ?\d+)?$"
    ),
    "concept_id": re.compile(r"\b(?:id|code|identifier|cui|uri|iri|curie)$"),
    "label": re.compile(r"\b(?:category|type|class|kind)$"),
    "term": re.compile(
        r"\b(?:term|name|title|phrase|keyword|expression|headword|lemma)\b|^(?:preferred|canonical)$"
    ),
}
"""Role → what headings of its column look like where none is one of the usual names."""


_FOREIGN = re.compile(r"latin|scientific|botanical|systematic|iupac|chemical|former|old")
"""Names that stand beside the one that texts use."""


def plain(name: str) -> str:
    """A heading in lower case, words with single spaces: "preferredTerm" and "Preferred_Term" are one."""
    apart = _CAMEL.sub(" ", name) if not name.isupper() else name
    return " ".join(apart.lower().replace("_", " ").replace("-", " ").split())


_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def is_header(first: Sequence[str]) -> bool:
    """Whether a first row names the column of the terms and at least one more."""
    return "term" in (found := usual(first)) and len(found) > 1


def usual(first: Sequence[str]) -> dict[str, int]:
    """Role → position of the column that has a usual name of it."""
    cells = [_ASIDE.sub("", cell) or cell for cell in map(plain, first)]  # "Name (trade name)"
    found: dict[str, int] = {}
    for role, names in NAMES.items():
        position = next((cells.index(name) for name in names if name in cells), None)
        if position is not None:
            found[role] = position
    return found


def alike(first: Sequence[str], found: dict[str, int]) -> tuple[dict[str, int], dict[str, str]]:
    """Roles by what headings look like, and those that were guessed.

    ``id, label`` is a table of names; ``name, kind, also known as`` has a usual name and two that look like
    roles; ``Term name; Category; Also known as`` has two roles at least, so that the first row of a table
    without headings is not taken for them.
    """
    cells = [plain(cell) for cell in first]
    roles = dict(found)
    if "term" not in roles and "label" in roles and len(roles) > 1 and cells[roles["label"]] == "label":
        roles["term"] = roles.pop("label")
        kinds = [
            at for name in NAMES["label"] if name in cells and (at := cells.index(name)) != roles["term"]
        ]
        roles.update(zip(("label",), kinds, strict=False))
    for role, like in _LIKE.items():
        free = [at for at, cell in enumerate(cells) if at not in roles.values() and like.search(cell)]
        free = [at for at in free if role != "term" or not re.fullmatch(_SHORT, cells[at])]
        if role not in roles and free:
            free = [at for at in free if not _FOREIGN.match(cells[at])] or free
            roles[role] = next((at for at in free if "pref" in cells[at]), free[0])
    if "term" not in roles or (len(roles) < 2 and not also(first, roles.values())):
        return found, {}
    return roles, {role: first[at].strip() for role, at in roles.items() if found.get(role) != at}


_NAMED = (
    r"(?:latin|scientific|botanical|common|vernacular|local|english|trade|brand|generic|chemical|systematic|iupac"
    r"|product|full|long|former|old|popular|technical|official|proprietary|preferred"
    r"|fully specified) names?(?:\(s\))?"
    r"|(?:wiss|sci|lat|dt|ger|engl?|fr|sp|it|scientif|bot|comm)\. ?names?"
    r"|(?:wissenschaftlich|deutsch|englisch|lateinisch)\w* (?:name|bezeichnung)|trivialnamen?|inci"
    r"|dba|d/b/a|doing business as|trading (?:as|name)|(?:legal|display|nick) ?name|fsn|preferred term"
    r"|latin|english|german|french|spanish|synonyms?\(s\)|brands?(?:\(s\))?|generic"
)
_ALSO = re.compile(rf"(?:{_SHORT})|{_NAMED}|(?:{_LIKE['synonyms'].pattern}).*")
"""Headings of more columns of names beside the term and its first column of synonyms."""


def also(names: Sequence[str], taken: Collection[int]) -> tuple[int, ...]:
    """Columns of short forms and of further synonyms that play no role yet."""
    # "Trivialname / common name" says one thing twice.
    heads = [[plain(cell), *plain(cell).split(" / ")] for cell in names]
    return tuple(at for at, said in enumerate(heads) if at not in taken and any(map(_ALSO.fullmatch, said)))


_HEADING = re.compile(
    r"(?:notes?|comments?|remarks?|description|definition|meaning|formula|units?|url|link|latin(?: name)?"
    rf"|{_SHORT}|generic(?: name)?|brand(?: name)?|no\.?|nr\.?|#|row|date"
    r"|year|language|count|qty|frequency|price|quantity|country|author|section|page|chapter|example|usage"
    r"|manufacturer|supplier|owner)"
)
"""Headings that say nothing of a term, but that the row they stand in is one of headings."""
_DESCRIBED = re.compile(
    r"(?:.+ )?desc(?:ription)?\.?|generic(?: name)?|latin name|meaning|brand(?: name)?", re.I
)
"""Headings of columns that hold the names where no other column does: "Code, Description"."""
_MOST_WORDS = 14
"""Words a cell from which it describes and does not name."""
_DISTINCT = 0.9
"""Least share of cells of a column of terms that are filled and differ."""
_CODE = re.compile(r"[^\W\d_]{0,5}[-:_. ]?\d[\w.,:/%-]*|https?://\S+|\W*")


_AMOUNT = re.compile(r"\d{1,2}|\d{1,2}([./])\d{1,2}\1\d{2,4}|\d{4}-\d\d(?:-\d\d)?|[\d.,]+ ?%")
"""Counts and dates, which are no codes."""


def described(names: Sequence[str]) -> int | None:
    """Position of a column that holds the names where no heading says so: "code, description"."""
    return next((at for at, name in enumerate(names) if _DESCRIBED.fullmatch(plain(name))), None)


def is_coded(column: Sequence[str]) -> bool:
    """Whether most cells of a column are codes with a digit, and all of them differ."""
    filled = [cell for cell in column if cell]
    if any(map(_AMOUNT.fullmatch, filled)):
        return False
    codes = sum(any(map(str.isdigit, cell)) and _CODE.fullmatch(cell) is not None for cell in filled)
    return 2 * codes > len(column) and len(set(filled)) == len(filled) > 1


def told_by_rows(
    first: Sequence[str], found: dict[str, int], rows: Sequence[Sequence[str]], *, sure: bool = False
) -> tuple[dict[str, int], dict[str, str]]:
    """The term's column of a table whose heading is no usual name: the first one of differing words.

    The first row must show that it holds headings: one is a usual one ("Category", "Notes"), or stands over
    codes and is none ("Cat. no." over "A1"); of keys of records this is sure.
    """
    least = 2 if len(first) > 2 else 1  # a row of one cell is a heading of those below it
    rows = [row for row in rows if len(row) == len(first) and sum(map(bool, row)) >= least]
    cells = [plain(cell) for cell in first]
    worded = [cell for cell in cells if any(map(str.isalnum, cell))]  # not "#"
    if len(rows) < 2 or len(first) < 2 or not all(cells) or any(map(_CODE.fullmatch, worded)):
        return found, {}
    columns = [[row[at].strip() for row in rows] for at in range(len(first))]
    coded = [
        2 * sum(_CODE.fullmatch(cell) is not None for cell in column) > len(column) for column in columns
    ]
    names = {name for usual in NAMES.values() for name in usual}
    told = (
        cell in names or _HEADING.fullmatch(cell) or _LIKE["synonyms"].search(cell) or _WHO.fullmatch(cell)
        for cell in cells
    )
    if not (sure or any(coded) or any(told)):
        return found, {}
    free = [
        at
        for at, column in enumerate(columns)
        if at not in found.values()
        and not coded[at]
        and (cells[at].startswith("brand") or not _HEADING.fullmatch(cells[at]))
        and len(set(column) - {""}) >= _DISTINCT * len(column)
    ]
    free = free or [
        at
        for at, column in enumerate(columns)
        if not coded[at]
        and _DESCRIBED.fullmatch(cells[at])
        and sum(len(cell.split()) for cell in column) <= _MOST_WORDS * len(column)
    ]
    if not free and not coded[0] and len(set(columns[0]) - {""}) == len(rows):
        free = [0]  # "Unit, Beds" over names of wards
    if not free:
        return found, {}
    roles = {"term": free[0]}
    synonyms = [at for at, cell in enumerate(cells) if at != free[0] and _LIKE["synonyms"].search(cell)]
    if "synonyms" not in found and synonyms:
        roles["synonyms"] = synonyms[0]
    return found | roles, {role: first[at].strip() for role, at in roles.items()}


def told_without(rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """Roles of a table without headings that has codes in one column and names in one other: "R05, Cough"."""
    rows = [row for row in rows if len(row) == len(rows[0])]
    if len(rows) < 2:
        return {}
    columns = [[row[at].strip() for row in rows] for at in range(len(rows[0]))]
    coded = [all(cell and _CODE.fullmatch(cell) for cell in column) for column in columns]
    differ = [len(set(column) - {""}) >= _DISTINCT * len(column) for column in columns]
    names = [at for at, column in enumerate(columns) if not coded[at] and differ[at] and "" not in column]
    codes = [at for at in range(len(columns)) if coded[at] and differ[at]]
    if len(rows[0]) == 2 and not codes and differ == [True, True]:  # "HTN; hypertension"
        short = sum(is_short_for(row[0].strip(), row[1].strip()) for row in rows)
        return {"term": 1, "synonyms": 0} if 2 * short > len(rows) else {}
    if len(names) != 1 or not codes:
        return {}
    numbers = all(row[codes[0]].strip().isdigit() and len(row[codes[0]].strip()) <= _ROW for row in rows)
    return {"term": names[0]} if numbers else {"term": names[0], "concept_id": codes[0]}


_LAST, _FIRST = (
    re.compile(r"(?:last|family|sur) ?names?|last|surname|nachname"),
    re.compile(r"(?:first|given|fore) ?names?|first|given|vorname"),
)
"""Headings of the two parts of the names of people."""


def halves(names: Sequence[str]) -> tuple[int, int] | None:
    """Positions of the columns of family and given names, where a table has both."""
    cells = [plain(cell) for cell in names]
    found = [
        next((at for at, cell in enumerate(cells) if part.fullmatch(cell)), -1) for part in (_LAST, _FIRST)
    ]
    return None if -1 in found else (found[0], found[1])


_ROW = 4
"""Digits of what may be the number of a row."""


def names_one(given: Mapping[str, str], first: Sequence[str]) -> bool:
    """Whether a cell is a name that the user gave."""
    cells = {plain(cell) for cell in first}
    return any(plain(name) in cells for name in given.values() if not name.isdigit())


def named_after(first: Sequence[str], label: str) -> int | None:
    """Position of the column whose heading is the label: "CLIENT (full legal name)" of clients."""
    label, heads = plain(label), [_ASIDE.sub("", plain(cell)) for cell in first]
    wanted = {label, f"{label} name", f"{label}s", f"{label} names", label.removesuffix("s")} - {""}
    wanted -= {name for usual in NAMES.values() for name in usual}
    return next((at for at, head in enumerate(heads) if head in wanted), None) if label else None


_ASIDE = re.compile(r"\s*[(\[].*")
_TWO_NAMES = re.compile(
    r"\w\)?\s*(?:/|\bor\b|\band\b|[,;+(]|\baka\b)\s*"
    r"(?:alias|aka|a\.k\.a|syn|other name|alt|abbr|acronym|short|trade|brand|generic|inn\b)",
    re.IGNORECASE,
)


def holds_two(heading: str) -> bool:
    """Whether a heading says that its cells hold a name and others: "Ab name / alias"."""
    return " / " in heading or _TWO_NAMES.search(heading) is not None


_WHO = re.compile(
    r"(?:[\w.]+ ){0,2}(?:client|part(?:y|ie)|opponent|plaintiff|defendant|petitioner|respondent"
    r"|appell(?:ant|ee)|claimant|counsel|attorney|lawyer|solicitor|barrister|judge|court|witness(?:e)?|debtor|creditor|lender"
    r"|borrower|buyer|seller|vendor|supplier|customer|insurer|insured|landlord|tenant|lessor|lessee|employe[er]"
    r"|agent|trustee|guarantor|company|companie|firm|patient|physician|doctor|surgeon|nurse|author|contact)s?"
    r"(?: names?)?",
    re.IGNORECASE,
)


def who(names: Sequence[str]) -> dict[int, str]:
    """Columns of names of people and bodies by their parts, and the label that the heading of each is.

    A list of matters has one for the client, the other party and counsel; of one alone nothing is said.
    """
    found = {
        at: plain(cell).removesuffix(" name") for at, cell in enumerate(names) if _WHO.fullmatch(plain(cell))
    }
    if len(found) < 2:
        return {}
    return {at: re.sub(r"\W+", "_", cell).strip("_").capitalize() for at, cell in found.items()}


WORDS = {"status": frozenset(TERM_STATUSES), "mode": frozenset((*MATCH_MODES, "auto"))}
"""Role → all that it may hold."""


def are_other_words(role: str, said: Iterable[str]) -> bool:
    """Whether a column or key of such a name holds something else throughout."""
    words = {each.strip().lower() for each in said} - {""}
    return bool(words) and words.isdisjoint(WORDS[role])


# Keys of JSON records.


def guessed_keys(records: Sequence[Mapping[str, Any]], label: str = "") -> dict[str, str]:
    """Role → key of records whose keys are no usual names: ``preferred`` and ``alt``, ``allergen``."""
    names = list(dict.fromkeys(str(key) for record in records for key in record))
    found = usual(names)
    guessed = dict(alike(names, found)[1])
    for role in WORDS:
        if role in found and are_other_words(
            role, (str(record.get(names[found[role]], "")) for record in records)
        ):
            guessed |= (
                {role: ""}
                if "active" in found or role != "status"
                else {role: "", "active": names[found[role]]}
            )
    if "term" in found or "term" in guessed or "pattern" in names:
        return guessed
    if (at := named_after(names, label)) is None and (at := described(names)) is None:
        cells = ([record.get(name, "") for name in names] for record in records)
        rows = [["" if isinstance(cell, (list, dict)) else str(cell) for cell in row] for row in cells]
        return {**guessed, **told_by_rows(names, found, rows, sure=True)[1]}
    others = alike([names[at], *names], {"term": 0})[1]
    return {**guessed, **{role: key for role, key in others.items() if key != names[at]}, "term": names[at]}


def told_keys(records: Sequence[Mapping[str, Any]], keys: Mapping[str, str]) -> list[str]:
    """What people should know of guessed keys, and of those that play no role beside them."""
    told = {role: key for role, key in keys.items() if key and role != "active"}
    said = [f"key {key!r} is read as the {role.replace('_', ' ')}" for role, key in told.items()]
    known = {*keys.values(), *(name for usual in NAMES.values() for name in usual)}
    rest = dict.fromkeys(str(key) for record in records for key in record)
    unread = [key for key in rest if key.replace("_", " ").lower() not in known and key not in known]
    return [*said, f"keys that were not read: {', '.join(unread)}"] if "term" in keys and unread else said


def renamed(record: dict[str, Any], keys: dict[str, str]) -> dict[str, Any]:
    """A record with its guessed keys under their usual names; an empty key takes a role away."""
    found = {NAMES[role][0]: record.get(key, "") for role, key in keys.items() if key in record or not key}
    return {**record, **found} if found else record
