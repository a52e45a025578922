"""What headings of a table and keys of records say about their roles, and what the rows say beside them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from hybrid_ner.terms import MATCH_MODES, TERM_STATUSES
from hybrid_ner.terms.readers.report import OUT_OF_USE, are_known, are_labels
from hybrid_ner.terms.variants.words import is_short_for
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)

NAMES: Mapping[str, tuple[str, ...]] = {
    role: tuple(names.split("; ")) for names, role in _RE.made("names", str)
}
"""Role → names of the columns that play it, folded, best first."""

SEVERAL = ("synonyms", "parents")
"""Roles whose cells may hold several values."""

OTHERWISE = " (--label NAME gives all rows that label instead)"
"""What makes other labels of those that a column or key gives."""


def plain(name: str) -> str:
    """A heading in lower case, words with single spaces: "preferredTerm" and "Preferred_Term" are one."""
    apart = _RE.CAMEL.sub(" ", name) if not name.isupper() else name
    return " ".join(apart.lower().replace("_", " ").replace("-", " ").split())


def usual(first: Sequence[str]) -> dict[str, int]:
    """Role → position of the column that has a usual name of it."""
    cells = _without_asides(first)
    named = {role: [cells.index(name) for name in names if name in cells] for role, names in NAMES.items()}
    return {role: places[0] for role, places in named.items() if places}


def _without_asides(first: Sequence[str]) -> list[str]:
    """Headings without what they say in brackets: "Name (trade name)", "Generic (Brand)"."""
    return [_RE.ASIDE.sub("", cell) or cell for cell in map(plain, first)]


def alike(first: Sequence[str], found: dict[str, int]) -> tuple[dict[str, int], dict[str, str]]:
    """Roles by what headings look like, and those that were guessed.

    ``id, label`` is a table of names; ``name, kind, also known as`` has a usual name and two that look like
    roles; ``Term name; Category; Also known as`` has two roles at least, so that the first row of a table
    without headings is not taken for them.
    """
    cells = [plain(cell) for cell in first]
    if len(cells) == 1 and _RE.NAMES_ALONE.fullmatch(cells[0]):  # "Trade name" above a list
        return {"term": 0}, {"term": first[0].strip()}
    roles = dict(found)
    if "term" not in roles and "label" in roles and len(roles) > 1 and cells[roles["label"]] == "label":
        roles["term"] = roles.pop("label")
        kinds = [cells.index(name) for name in NAMES["label"] if name in cells and name != "label"]
        roles |= {"label": kinds[0]} if kinds else {}
    for like, role in _RE.rules("roles"):
        free = [at for at, cell in enumerate(cells) if at not in roles.values() and like.search(cell)]
        free = [at for at in free if role != "term" or not _RE.SECOND.match(cells[at])]
        free = [at for at in free if role != "concept_id" or not _numbers_records(cells[at], cells)]
        if role not in roles and free:
            free = [at for at in free if not _RE.FOREIGN.match(cells[at])] or free
            roles[role] = next((at for at in free if _RE.PREFERRED.search(cells[at])), free[0])
    if "term" not in roles or (len(roles) < 2 and not also(first, roles.values())):
        return found, {}
    return roles, {role: first[at].strip() for role, at in roles.items() if found.get(role) != at}


def _numbers_records(cell: str, cells: Sequence[str]) -> bool:
    """Whether a heading numbers cases, patients or rows, not what the terms mean.

    "Patient ID" does beside "Drug"; beside "Patient" or "Name" it has the ids of the terms.
    """
    if (found := _RE.RECORD.fullmatch(cell)) is None:
        return False
    named = {found["of"], f"{found['of']}s", f"{found['of']} name", "name", "full name", "title"}
    return _RE.OF_ROWS.fullmatch(found["of"]) is not None or named.isdisjoint(cells)


def also(names: Sequence[str], taken: Collection[int], rows: Sequence[Sequence[str]] = ()) -> tuple[int, ...]:
    """Columns of short forms, further synonyms and other languages that play no role yet."""
    # "Trivialname / common name" says one thing twice.
    heads = enumerate([plain(cell), *plain(cell).split(" / ")] for cell in names)
    others = tongues(names, rows)
    return tuple(
        at for at, said in heads if at not in taken and (at in others or any(map(_RE.ALSO.fullmatch, said)))
    )


def tongues(names: Sequence[str], rows: Sequence[Sequence[str]] = ()) -> frozenset[int]:
    """Columns whose headings are codes of languages, where there are several over names: "EN", "DE", "FR".

    Such codes also stand for countries, over ticks and numbers.
    """
    found = {at for at, cell in enumerate(names) if _RE.TONGUE_CODE.fullmatch(plain(cell))}
    cells = [row[at].strip() for row in rows for at in found if len(row) > at and row[at].strip()]
    named = 2 * sum(len(cell) > 1 and cell.lower() != cell.upper() for cell in cells) >= len(cells)
    return frozenset(found if named and len(found) > 1 else ())


def form(names: Sequence[str], taken: Collection[int]) -> int | None:
    """Position of the column of legal forms beside names of companies, if a table has one."""
    heads = enumerate(map(plain, names))
    return next((at for at, cell in heads if at not in taken and _RE.FORM.fullmatch(cell)), None)


_MOSTLY, _COUNTED = 0.8, re.compile(r"\W*\d")
_MOST_WORDS = 14
"""Words a cell from which it describes and does not name."""
_DISTINCT = 0.9
"""Least share of cells of a column of terms that are filled and differ."""
CODE = re.compile(r"[^\W\d_]{0,5}[-:_. ]?\d[\w.,:/%-]*|https?://\S+|\W*")


def described(names: Sequence[str]) -> int | None:
    """Position of a column that holds the names where no heading says so: "code, description"."""
    return next((at for at, name in enumerate(names) if _RE.DESCRIBED.fullmatch(plain(name))), None)


def is_coded(column: Sequence[str]) -> bool:
    """Whether most cells of a column are codes with a digit, and all of them differ."""
    filled = [cell for cell in column if cell]
    if any(map(_RE.AMOUNT.fullmatch, filled)):
        return False
    codes = sum(any(map(str.isdigit, cell)) and CODE.fullmatch(cell) is not None for cell in filled)
    return 2 * codes > len(column) and len(set(filled)) == len(filled) > 1


def prefixed(first: Sequence[str], rows: Sequence[Sequence[str]]) -> int | None:
    """Position of the column whose codes all begin with its heading: "RID" over "RID1301"."""
    for at, head in enumerate(cell.strip() for cell in first):
        said = [row[at].strip() for row in rows if len(row) > at]
        if head.isupper() and is_coded(said) and all(cell[: len(head)] == head for cell in said):
            return at
    return None


def holds_parts(heading: str, cells: Sequence[str]) -> bool:
    """Whether a semicolon parts what a product consists of, as in WHODrug: "Amoxicillin;Clavulanic acid"."""
    head, cut = plain(heading), [cell for cell in cells if ";" in cell]
    tight = all("; " not in cell and " ;" not in cell for cell in cut)
    return _RE.INGREDIENTS.fullmatch(head) is not None or (tight and _RE.PRODUCT.fullmatch(head) is not None)


def told_by_rows(
    first: Sequence[str], found: dict[str, int], rows: Sequence[Sequence[str]], *, sure: bool = False
) -> tuple[dict[str, int], dict[str, str]]:
    """The term's column of a table whose heading is no usual name: the first one of differing words.

    The first row must show that it holds headings: one is a usual one ("Category", "Notes"), or stands over
    codes and is none ("Cat. no." over "A1"); of keys of records this is sure.
    """
    if (concepts := _concepts(first, found, rows)) is not None:
        return concepts, {"term": first[concepts["term"]].strip()}
    least = 2 if len(first) > 2 else 1  # a row of one cell is a heading of those below it
    rows = [row for row in rows if len(row) == len(first) and sum(map(bool, row)) >= least]
    cells = _without_asides(first)
    heads = [cell for cell in map(plain, first) if any(map(str.isalnum, cell))]  # not "#"
    heads = [cell for cell in heads if _RE.VOCABULARY.match(cell) is None]
    numbered = any(CODE.fullmatch(cell.strip()) for cell in first if cell.strip()[:1].isdigit())  # "1-100"
    if len(rows) < 2 or len(first) < 2 or not all(cells) or numbered or any(map(CODE.fullmatch, heads)):
        return found, {}
    columns = [[row[at].strip() for row in rows] for at in range(len(first))]
    coded = [2 * sum(map(bool, map(CODE.fullmatch, column))) > len(column) for column in columns]
    heads = [cell for cell, below in zip(cells, columns, strict=True) if cell not in map(plain, below)]
    telling = any(coded) or any(map(_is_telling, heads))  # "PARTY" above "PARTY" is a label
    if not (sure or telling or tongues(first, rows)):
        return found, {}
    worded = [at for at in range(len(first)) if not coded[at]]
    differ = [at for at in worded if at not in found.values() and _differ(columns[at])]
    free = [at for at in differ if not _RE.HEADING.fullmatch(cells[at]) or holds_two(first[at])]
    free = [at for at in differ if at in free or cells[at].startswith(("brand", "generic"))]
    if not free:
        lengths = [sum(len(cell.split()) for cell in column) for column in columns]
        free = [at for at in worded if _RE.DESCRIBED.fullmatch(cells[at])]
        free = [at for at in free if lengths[at] <= _MOST_WORDS * len(rows)]
    words = [at for at in worded if any(columns[at])]
    if not free and len(words) == 1 and any(_numbers_records(cell, cells) for cell in cells):
        free = words  # "Patient ID, Drug": what patients take comes again
    if not free and not coded[0] and len(set(columns[0]) - {""}) == len(rows):
        free = [0]  # "Unit, Beds" over names of wards
    if not free:
        return found, {}
    main = [at for at in free if holds_two(first[at]) or not _RE.ALSO.fullmatch(cells[at])] or free
    roles = {"term": next((at for at in main if _RE.PREFERRED.search(cells[at])), main[0])}
    others = [at for at, cell in enumerate(cells) if at != roles["term"] and _RE.SYNONYMS.search(cell)]
    if "synonyms" not in found and others:
        roles["synonyms"] = others[0]
    ids = [at for at, cell in enumerate(cells) if coded[at] and _RE.IDS.search(cell)]
    ids = [at for at in ids if not _numbers_records(cells[at], cells)]
    roles |= {"concept_id": ids[0]} if ids and "concept_id" not in found else {}
    return found | roles, {role: first[at].strip() for role, at in roles.items()}


def _differ(column: Sequence[str]) -> bool:
    """Whether nearly all cells are filled and differ, as those of a column of terms do."""
    return len(set(column) - {""}) >= _DISTINCT * len(column)


def _concepts(
    first: Sequence[str], found: dict[str, int], rows: Sequence[Sequence[str]]
) -> dict[str, int] | None:
    """Roles where "Concept" stands over names that differ, not over ids: "Concept, Synonym 1, Code"."""
    if (at := found.get("concept_id")) is None:
        return None
    cells = [plain(cell) for cell in first]
    said = [row[at].strip() for row in rows if len(row) == len(first)]
    coded = any(map(CODE.fullmatch, said)) or any(":" in cell or "_" in cell for cell in said)
    if cells[at] != "concept" or coded or not 1 < len(said) == len({*said}):
        return None
    ids = [place for place, cell in enumerate(cells) if place != at and cell in NAMES["concept_id"]]
    others = {role: place for role, place in found.items() if role != "concept_id"}
    return {**others, "term": at, **dict(zip(("concept_id",), ids, strict=False))}


def swapped(first: Sequence[str], found: Mapping[str, int], rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """Term and label where "entity" stands over labels, as in "entity, value" over "drug, aspirin"."""
    at = found.get("term", -1)
    if at < 0 or "label" in found or plain(first[at]) not in ("entity", "entities"):
        return {}
    columns = [[row[place].strip() for row in rows if len(row) == len(first)] for place in range(len(first))]
    free = [place for place, said in enumerate(columns) if place not in found.values() and _differ(said)]
    free = [place for place in free if not is_coded(columns[place])]
    return {"label": at, "term": free[0]} if free and are_labels(columns[at]) else {}


def _is_telling(cell: str) -> bool:
    """Whether a cell can only be a heading."""
    whole = any(like.fullmatch(cell) for like in (_RE.HEADING, _RE.WHO, _RE.ALSO, _RE.KIND, _RE.FORM))
    return whole or bool(_RE.SYNONYMS.search(cell)) or any(cell in names for names in NAMES.values())


def told_without(rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """Roles of a table without headings: names in one column, codes or labels beside them: "R05, Cough"."""
    rows = [row for row in rows if len(row) == len(rows[0])]
    if len(rows) < 2:
        return {}
    columns = [[row[at].strip() for row in rows] for at in range(len(rows[0]))]
    coded = [all(cell and CODE.fullmatch(cell) for cell in column) for column in columns]
    differ = [*map(_differ, columns)]
    names = [at for at, column in enumerate(columns) if not coded[at] and differ[at] and "" not in column]
    codes = [at for at in range(len(columns)) if coded[at] and differ[at]]
    kinds = [at for at, column in enumerate(columns) if not coded[at] and are_labels(column)]
    if len(kinds) == 1 and len(names := [at for at in names if at not in kinds]) == 1:  # "aspirin, Drug"
        return {"term": names[0], "label": kinds[0], **({"concept_id": codes[0]} if codes else {})}
    if len(rows[0]) == 2 and not codes and differ == [True, True]:  # "HTN; hypertension"
        short = sum(is_short_for(row[0].strip(), row[1].strip()) for row in rows)
        return {"term": 1, "synonyms": 0} if 2 * short > len(rows) else {}
    if not kinds and codes == [] and len(names) == 1:  # "C0020538|hypertension", each code several times
        long = [all(map(_RE.LONG_CODE.match, column)) for column in columns]
        codes = [at for at in range(len(columns)) if coded[at] and long[at]]
    if len(names) != 1 or not codes:
        return {}
    numbers = all(row[codes[0]].strip().isdigit() and len(row[codes[0]].strip()) <= _ROW for row in rows)
    return {"term": names[0]} if numbers else {"term": names[0], "concept_id": codes[0]}


def halves(names: Sequence[str]) -> tuple[int, int] | None:
    """Positions of the columns of family and given names, where a table has both."""
    cells = [plain(cell) for cell in names]
    last = next((at for at, cell in enumerate(cells) if _RE.LAST.fullmatch(cell)), None)
    first = next((at for at, cell in enumerate(cells) if _RE.FIRST.fullmatch(cell)), None)
    return None if last is None or first is None else (last, first)


_ROW = 4
"""Digits of what may be the number of a row."""


def named_after(first: Sequence[str], label: str, rows: Sequence[Sequence[str]] = ()) -> int | None:
    """Position of the column whose heading is the label: "CLIENT (full legal name)" of clients, no counts.

    Nor what says yes or no, "High alert" in ``high_alert.csv``, nor codes: "OPS" in ``ops.csv``.
    """
    label, heads = plain(label), [_RE.ASIDE.sub("", plain(cell)) for cell in first]
    wanted = {label, f"{label} name", f"{label}s", f"{label} names", label.removesuffix("s")} - {""}
    wanted -= {name for usual in NAMES.values() for name in usual}
    found = next((at for at, head in enumerate(heads) if head in wanted), None) if label else None
    said = [row[found].strip() for row in rows if found is not None and len(row) > found]
    unlike = [_RE.COUNT, _RE.TICK, *([CODE] if found is not None and _RE.IDS.search(heads[found]) else [])]
    no_names = sum(any(like.fullmatch(cell) for like in unlike) for cell in said)
    return None if 2 * no_names > len(said) > 0 else found


def kind_at(cells: Sequence[str], rows: Sequence[Sequence[str]], taken: Collection[int]) -> int | None:
    """Position of a column of labels whose heading is no usual name of it: "Role" over few that repeat."""
    for at, cell in enumerate(map(plain, cells)):
        said = [row[at].strip() for row in rows if len(row) == len(cells) and row[at].strip()]
        share = 1 if _RE.KIND.fullmatch(cell) else 2
        few = 0 < share * len(set(said)) < len(said) + share - 1 and not any(map(CODE.fullmatch, said))
        if at not in taken and few and (_RE.KIND.fullmatch(cell) or all(map(_RE.LABEL.fullmatch, said))):
            return at
    return None


def ticked(
    first: Sequence[str], rows: Sequence[Sequence[str]], taken: Collection[int], labeled: bool = False
) -> dict[int, str]:
    """Columns that are labels of the rows that have a tick there: "Name, Drug, Disease" over "x".

    One of them is a label of a domain, or, where nothing else says a label, each row has one tick. What says
    yes or no otherwise ("High alert", "Formulary") is no label.
    """
    free = [at for at, cell in enumerate(first) if at not in taken and cell.strip()]
    found = {at: as_label(first[at]) for at in free if are_ticks(row[at] for row in rows if len(row) > at)}
    known = {at: label for at, label in found.items() if is_kind(first[at])}
    marks = [{at for at in found if len(row) > at and is_ticked(row[at])} for row in rows]
    if known:
        return known if all(mark & {*known} for mark in marks) else found
    sure = len(found) > 1 and len(rows) > 2 and {*map(len, marks)} == {1} and len(set().union(*marks)) > 1
    return found if sure and not labeled else {}


def are_ticks(cells: Iterable[str]) -> bool:
    """Whether a column says yes or no."""
    said = [cell.strip() for cell in cells if cell.strip()]
    return bool(said) and all(map(_RE.TICK.fullmatch, said))


def is_ticked(cell: str) -> bool:
    """Whether a cell says yes: "x", "1", "✓"."""
    return bool(cell.strip()) and _RE.NO_TICK.fullmatch(cell.strip()) is None


def numbered(cells: Sequence[str], term: int) -> dict[int, str]:
    """Columns that are one, cut up: "Diagnosis 1", "Diagnosis 2"; each with the label that they state."""
    parts = [re.fullmatch(r"(.*?[^\W\d])[ .#(-]*(\d{1,2})\)?", plain(cell)) for cell in cells]
    first = parts[term]
    same = [at for at, part in enumerate(parts) if first and part and part[1] == first[1]]
    return dict.fromkeys(same, as_label(first[1])) if first and len(same) > 1 else {}


def kinds(first: Sequence[str], rows: Sequence[Sequence[str]], labeled: bool = False) -> dict[int, str]:
    """Columns that are lists beside each other, with the labels that their headings are.

    "Drug, Disease, Anatomy" over names: no heading plays a role, no column holds codes, numbers, prose or
    repeats, and the first row differs from the others: some columns end before others do, or headings have
    capitals or plurals where names have none, or one is a label of a domain (then names may come again).
    """
    cells = [plain(cell) for cell in first]
    rows = [[*row, *[""] * (len(first) - len(row))] for row in rows if any(map(str.strip, row))]
    columns = [[cell for row in rows if (cell := row[at].strip())] for at in range(len(first))]
    names = [name for column in columns for name in column]
    known = any(are_known([cell]) for cell in cells) and not any(map(_COUNTED.match, names))
    if len(first) < 2 or len(rows) < 2 or not all(cells) or not all(columns) or usual(first):
        return {}
    for cell, column in zip(cells, columns, strict=True):
        pieces = [piece for name in column for piece in re.split(r"[,;|\n]", name)]
        prose = any(len(name.split()) > _MOST_WORDS // 2 for name in (cell, *pieces))
        told = any(like.search(cell) for like, _ in _RE.rules("roles"))
        told = told or bool(_RE.HEADING.fullmatch(_RE.ASIDE.sub("", cell)))
        told = told or all(map(_RE.TICK.fullmatch, column))  # "On formulary (Y/N)"
        again = len(set(column)) < len(column) and not known
        if told or prose or again or any(map(CODE.fullmatch, (cell, *column))):
            return {}
    ends = [max(at for at, row in enumerate(rows) if row[place].strip()) for place in range(len(first))]
    lists = all(end + 1 == len(column) for end, column in zip(ends, columns, strict=True))
    small = sum(name[:1].islower() for name in names) > _MOSTLY * len(names) and not labeled
    several = sum(name.endswith("s") for name in names) * 2 > len(names)
    told_apart = known or (lists and len(set(ends)) > 1) or (small and all(c[:1].isupper() for c in first))
    told_apart = told_apart or (not several and all(cell.endswith("s") for cell in cells))
    return {at: as_label(cell) for at, cell in enumerate(first)} if told_apart else {}


def only_list(first: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[int, str]:
    """The only column of names that differ, beside others that repeat: "EFFECT; SYSTEM" over "nausea; GI"."""
    rows = [row for row in rows if len(row) == len(first)]
    columns = [[row[at].strip() for row in rows] for at in range(len(first))]
    differ = [at for at, column in enumerate(columns) if "" not in column and len(set(column)) == len(rows)]
    if len(rows) < 3 or len(differ) != 1 or len(first) < 2 or not all(map(str.strip, first)):
        return {}
    (at,) = differ
    coded = 2 * sum(CODE.fullmatch(name) is not None for name in columns[at]) > len(rows)
    prose = sum(len(name.split()) for name in columns[at]) > _MOST_WORDS // 2 * len(rows)
    again = any(plain(cell) in map(plain, column) for cell, column in zip(first, columns, strict=True))
    return {} if coded or prose or again else {at: as_label(first[at])}


def names_list(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether the only cell of a first row is a label, those below it names: "Disease" over "gout"."""
    names = [row[0].strip() for row in rows if len(row) == 1 and row[0].strip()]
    return (
        bool(len(first) == 1 and is_kind(first[0]) and names)
        and not are_known(names)
        and first[0].strip() not in names
    )


def is_kind(name: str) -> bool:
    """Whether a name is a label of a domain, or says what a list is of: "Chemical", "Drugs"."""
    return are_known([plain(name)]) or is_listed(name)


def is_listed(name: str) -> bool:
    """Whether a name says what a list is of and is no term of it: "Diseases", "Medikamente"."""
    return _RE.LISTED.fullmatch(plain(name)) is not None


def is_sum(term: str, cells: Sequence[str], place: int) -> bool:
    """Whether a row is that below a table: "Total", and numbers beside it."""
    others = [cell for at, cell in enumerate(cells) if at != place and cell.strip()]
    term = _RE.COUNTED.sub("Total", term)  # "Total parties: 12"
    term = re.sub(r"(?<=[\s:=])[\d.,' ]+[^\W\d_]*\Z", "", term).strip()  # "Total: 24", "Total: 22 terms"
    return len(cells) > 1 and _RE.SUM.fullmatch(term) is not None and all(map(_RE.COUNT.fullmatch, others))


def as_label(heading: str) -> str:
    """A heading as a label: "Surgical tools" → ``Surgical_tools``, "client" → ``Client``."""
    label = re.sub(r"\W+", "_", _RE.ASIDE.sub("", heading) or heading).strip("_")
    return label[:1].upper() + label[1:]


def holds_two(heading: str) -> bool:
    """Whether a heading says that its cells hold a name and others: "Ab name / alias"."""
    return " / " in heading or _RE.TWO_NAMES.search(heading) is not None


def who(names: Sequence[str]) -> dict[int, str]:
    """Columns of names of people and bodies by their parts, and the label that the heading of each is.

    A list of matters has one for the client, the other party and counsel; of one alone nothing is said.
    """
    cells = enumerate(map(plain, names))
    found = {at: as_label(cell.removesuffix(" name")) for at, cell in cells if _RE.WHO.fullmatch(cell)}
    return found if len(found) > 1 else {}


WORDS = {"status": frozenset(TERM_STATUSES), "mode": frozenset((*MATCH_MODES, "auto")), "inactive": ()}
"""Role → all that it may hold; what says that a row is out of use holds ticks, days or words for it."""


def are_other_words(role: str, said: Iterable[str]) -> bool:
    """Whether a column or key of such a name holds something else throughout."""
    words = {each.strip().lower() for each in said} - {""}
    if role == "inactive":
        return not all(
            _RE.TICK.fullmatch(w) or _RE.DAY.fullmatch(w) or OUT_OF_USE.fullmatch(w) for w in words
        )
    return bool(words) and words.isdisjoint(WORDS[role])


# Where a table begins.


def rows_above(rows: Sequence[Sequence[str]]) -> int:
    """How many rows stand above the headings: a title with nothing beside it, headings merged over others.

    "Implant register", then "Device, , Manufacturer, " over "Name, Model, Company, Country".
    """
    filled_in = [sum(map(bool, map(str.strip, row))) for row in rows]
    for at in range(1, min(_MOST_ABOVE, len(rows) - 1)):
        # "Done by: K. Amsel; 12.03.2024" and blank rows stand above headings that fill more cells.
        more = filled_in[at] > max(1 + (at < 3), *filled_in[:at])
        headed = more and any(are_telling(row, rows[one + 1 : at]) for one, row in enumerate(rows[:at]))
        if more and not headed and are_headings(rows[at], rows[at + 1 :]):
            return at
    count = 0
    while len(rows) > count + 2:
        first, second, third = ([cell.strip() for cell in row] for row in rows[count : count + 3])
        filled = sum(map(bool, first))
        below = [row for row in rows[count + 2 :] if sum(map(bool, map(str.strip, row))) > 1]
        # A name of a group under the headings.
        named = below and sum(map(bool, third)) < 2 and are_headings(second, below)
        third = [*below[0]] if named else third
        title = filled <= 1 < min(sum(map(bool, second)), sum(map(bool, third)))
        # "Term, , Code, " over "Preferred, Alternative, ICD, Local": both rows name the term.
        merged = 0 < filled < sum(map(bool, second)) and all(second) and names_term(second)
        if not (title or merged):
            break
        count += 1
    return count


_MOST_ABOVE = 12
"""Rows above the headings of a table at most: a title, who made it, when."""


def are_headings(cells: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    return names_term(cells) or "term" in told_by_rows(cells, {}, below)[0]


def names_term(cells: Sequence[str]) -> bool:
    return "term" in alike(cells, usual(cells))[0]


def are_telling(cells: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a row within a table is one of headings: a cell can be nothing else, or is a label."""
    found = [cell for cell in map(plain, cells) if cell]
    telling = any(_is_telling(cell) or _RE.IDS.search(cell) or is_kind(cell) for cell in found)
    width = max((at for at, cell in enumerate(cells, 1) if cell.strip()), default=0)
    rows = [[*row[:width], *[""] * (width - len(row))] for row in below]
    return names_term(cells) or (telling and are_headings(cells[:width], rows))


def are_units(cells: Sequence[str]) -> bool:
    """Whether all that a row holds stands in brackets: "(text), (code), (mg)"."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    return len(filled) > 1 and all(re.fullmatch(r"\([^()]*\)|\[[^][]*\]", cell) for cell in filled)
