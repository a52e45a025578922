"""Which column of a table plays which role, and the terms of a row by that."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from hybrid_ner.terms.readers import headings
from hybrid_ner.terms.readers.base import (
    REPEATED,
    Hint,
    InputError,
    Separators,
    Term,
    are_names,
    outside_brackets,
)
from hybrid_ner.terms.readers.headings import NAMES, SEVERAL, plain
from hybrid_ner.terms.readers.report import EMPTY, Recorder, give, labels_of
from hybrid_ner.terms.shipped import in_vocabulary
from hybrid_ner.terms.variants.words import is_short_for, says_state
from hybrid_ner.text import quantity


@dataclass(frozen=True, slots=True)
class Columns:
    """Role → position in a row.

    Args:
        at: Positions, from 0.
        names: Header cells, or empty.
        width: Cells that a row must have.
        where: File, for messages.
        guessed: Role → heading that is no usual name of it.
        also: Positions of further columns of names: short forms, more synonyms.
        parts: Positions of columns of other names, each with the label that its heading says.
        given_names: Position of given names, where the term's column holds family names.
        form: Position of legal forms, which end the names of companies.
        ticks: Positions of columns in which a tick says the label, with the labels.
        alone: Labels that stand alone in a cell of their column.
    """

    at: Mapping[str, int]
    names: tuple[str, ...]
    width: int
    where: str
    guessed: Mapping[str, str] = field(default_factory=dict)
    also: tuple[int, ...] = ()
    parts: Mapping[int, str] = field(default_factory=dict)
    given_names: int | None = None
    form: int | None = None
    ticks: Mapping[int, str] = field(default_factory=dict)
    alone: frozenset[str] = frozenset()

    @property
    def has_header(self) -> bool:
        """Whether the first row holds names."""
        return bool(self.names)

    @classmethod
    def of(
        cls,
        first: Sequence[str],
        given: Mapping[str, str],
        header: str,
        where: str,
        rows: Sequence[Sequence[str]] = (),
        label: str = "",
        labeled: bool = False,
    ) -> Columns:
        """From the first row, what the user said, the usual names, and what the next rows hold.

        Raises:
            InputError: No column can be taken for the term, or a named column is missing.
        """
        first = [cell.strip() for cell in first]
        each = given.get("term") == "*"  # a list in each column
        given = {role: name for role, name in given.items() if not (each and role == "term")}
        more = given.get("synonyms", "").split("\n")[1:]
        given = {role: name.split("\n")[0] if role in REPEATED else name for role, name in given.items()}
        if unknown := sorted(set(given) - set(NAMES)):
            raise InputError(f"unknown role {unknown[0]!r}.", path=where, hint=f"Roles: {', '.join(NAMES)}.")
        found, guessed = _roles(first, given, header, rows, label)
        named = header == "yes" or (header == "auto" and ("term" in found or names_one(given, first)))
        names = tuple(first) if named else ()
        words = [name for name in given.values() if name and not name.isdigit()]
        if words and header == "auto" and not named and len(first) > 1:
            said = f"no column {words[0]!r}; the first row is {' | '.join(filter(None, first))[:200]}."
            raise InputError(said, path=where, row=1, hint="Name one of these, or give its number.")
        find = cls({}, names, len(first), where).find
        at = {**(found if named else {}), **{role: find(name) for role, name in given.items() if name}}
        at = {role: position for role, position in at.items() if given.get(role, role)}
        at |= headings.swapped(first, at, rows) if not given else {}
        _leave_out_other_words(at, given, rows)
        if not named and not given:
            at = {"term": 0} if len(first) == 1 else headings.told_without([first, *rows])
            if "synonyms" in at and not is_short_for(*first[:2]):  # "from, to" over "HTN, hypertension"
                names = tuple(first)
        if named_parts := headings.halves(first) if "term" not in given and header != "no" else None:
            at = {role: place for role, place in at.items() if place not in named_parts}
            at["term"], names = named_parts[0], tuple(first)
            guessed = {role: name for role, name in guessed.items() if role != "term"}
        listed = "term" not in {**({} if len(first) == 1 and not named else at), **given} and header != "no"
        lists = _lists(first, rows, labeled) if listed else {}
        lists = {place: headings.as_label(cell) for place, cell in enumerate(first)} if each else lists
        if not rows and len(first) > 1 and not {**at, **given}:  # "aspirin, ibuprofen, naproxen" and no more
            return cls({"term": 0}, (), len(first), where, parts=dict.fromkeys(range(len(first)), ""))
        at, names = ({"term": min(lists)}, tuple(first)) if lists else (at, names)
        if "term" not in at and first:
            raise _no_term(first, where, rows)
        guessed = {role: name for role, name in guessed.items() if named and role not in given}
        further = headings.also(names, at.values(), rows) if "synonyms" not in given else (*map(find, more),)
        parts = _parts(names, at, further, lists) if "term" not in given else {}
        parts = {0: ""} if len(first) == 1 and names and not lists else parts
        kind = headings.kind_at(names, rows, {*at.values(), *further})
        if kind is not None and not (labeled or parts or "label" in {**at, **given}):
            at = {**at, "label": kind}
        if names and "label" in at and not (parts or "label" in given):
            guessed |= {"label": names[at["label"]]} if plain(names[at["label"]]) != "label" else {}
        form = None if parts else headings.form(names, {*at.values(), *further})
        return cls(at, names, len(first), where, guessed, further, parts, (named_parts or (0, None))[1], form)

    def labeled(self, label: str) -> Columns:
        """With a label that somebody chose: the term's column has it, others that of their own heading."""
        own = self.parts.get(self.at.get("term", -1))
        same = {at: label if said == own else said for at, said in self.parts.items()}
        return replace(self, parts=same) if label else self

    def ticked(self, rows: Sequence[Sequence[str]], given: Mapping[str, str], labeled: bool) -> Columns:
        """With the labels that ticks say, where no column says them: those asked for, or all that are."""
        if not self.names or self.parts:
            return self
        below = [row for row in rows[1:] if any(map(str.strip, row))]
        asked = [self.find(name) for name in given.get("label", "").split("\n") if name]
        if asked and all(headings.are_ticks(row[at] for row in below if len(row) > at) for at in asked):
            rest = {role: at for role, at in self.at.items() if role != "label"}
            return replace(self, at=rest, ticks={at: headings.as_label(self.names[at]) for at in asked})
        if (own := self.at.get("label")) is not None:
            said = (labels_of(row[own]) for row in below if len(row) > own)
            return replace(self, alone=frozenset(each[0] for each in said if len(each) == 1))
        taken = {*self.at.values(), *self.also}
        return replace(self, ticks=headings.ticked(self.names, below, taken, labeled))

    def find(self, name: str) -> int:
        """Position of a column by its name or its number from 1.

        Raises:
            InputError: There is none.
        """
        for match in (str.strip, plain):
            for position, cell in enumerate(self.names):
                if match(cell) == match(name):
                    return position
        if name.isdigit() and 1 <= int(name) <= self.width:
            return int(name) - 1
        width = f"{quantity(self.width, 'column')} and no header"
        have = f"columns: {', '.join(self.names)}" if self.names else width
        problem = f"no column {name!r}; it has {have}."
        raise InputError(problem, path=self.where, row=1, hint="Name one of them.")

    def title(self, at: int) -> str:
        """The heading of a column, or its number from 1."""
        return self.names[at] if self.names else str(at + 1)

    def labeled_by(self, rows: Sequence[Sequence[str]]) -> str:
        """What says the label of each row: "column 'Kind'"; empty where nothing does, or none of the rows."""
        if self.ticks:
            return f"columns {', '.join(repr(self.names[at]) for at in self.ticks)}"
        at = self.at.get("label")
        if at is None or all(EMPTY.fullmatch(cells[at].strip()) for cells in rows):
            return ""
        return f"column {self.names[at]!r}" if self.names else f"column {at + 1}"

    def notes(self, given: str) -> list[str]:
        """What people should know: columns that play no role, and roles that were guessed."""
        said = [
            f"column {name!r} is read as the {role.replace('_', ' ')}{headings.OTHERWISE * (role == 'label')}"
            for role, name in self.guessed.items()
            # Not where a label of all rows takes its place, nor of a list, of which it is said below.
            if not (role == "label" and given) and not (role == "term" and self.parts.get(self.at["term"]))
        ]
        said += [f"column {self.title(at)!r} is read as names of the same row too" for at in self.also]
        for at, label in self.parts.items() if self.names else ():
            as_what = f"names with the label {given or label!r}"
            said += [f"column {self.names[at]!r} is read as {as_what}"] * bool(label)
        if not self.names and self.width > 1 and len(self.at) > 1:
            roles = {"concept_id": "id", "label": "label", "synonyms": "synonyms"}
            first = f"there are no headings: column {self.at['term'] + 1} is read as the term"
            others = [f"column {self.at[role] + 1} as its {roles[role]}" for role in roles if role in self.at]
            said.append(", ".join([first, *others]))
        if self.ticks:
            labels = ", ".join(self.names[at] for at in self.ticks)
            said.append(f"ticks in the columns {labels} are read as labels{headings.OTHERWISE}")
        read = {*self.at.values(), *self.also, *self.parts, *self.ticks, self.given_names, self.form}
        own = self.names[self.at["term"]] if self.names else ""
        if self.given_names is not None:
            said.append(f"columns {self.names[self.given_names]!r} and {own!r} are read as one name")
        if self.form is not None:
            said.append(f"columns {own!r} and {self.names[self.form]!r} are read as one name too")
        unused = [name or f"number {at + 1}" for at, name in enumerate(self.names) if at not in read]
        return said + ([f"columns that were not read: {', '.join(unused)}"] if unused else [])

    def codes(self, rows: Sequence[Sequence[str]]) -> list[str]:
        """What is said of columns of codes, which are looked for in a text only when somebody asks for it."""
        named = (self.at["term"], *self.also, self.at.get("synonyms"), self.at.get("parents"))
        others = [(at, name or at + 1) for at, name in enumerate(self.names) if at not in named]
        coded = [name for at, name in others if headings.is_coded([row[at].strip() for row in rows])]
        said = "are not looked for in the text (--columns synonyms={} looks for them)"
        return [f"the codes of column {name!r} {said.format(name)}" for name in coded]

    def terms(
        self, cells: Sequence[str], row: int, recorder: Recorder, separators: Mapping[str, Separators]
    ) -> Iterator[Term]:
        """The terms of one row."""
        values = {role: cells[position].strip() for role, position in self.at.items()}
        several = {role: separators[role].split(values.pop(role, "")) for role in SEVERAL}
        if self.ticks:
            said = [label for at, label in self.ticks.items() if headings.is_ticked(cells[at])]
        else:
            said = labels_of(values.get("label", ""), self.alone)
        values["label"] = "\n".join(said)
        if self.names and values.get("concept_id"):
            values["concept_id"] = in_vocabulary(values["concept_id"], self.names[self.at["concept_id"]])
        two = self.names and headings.holds_two(self.names[self.at["term"]])
        if two and not says_state(values["term"]):
            values["term"], *others = _TWO.split(values["term"])
            for each in others:  # "albuterol (ProAir, Ventolin)"
                inner = each.removesuffix(")") if each.count("(") < each.count(")") else each
                inner = _INCLUDED.sub("", inner)  # "milk (incl. lactose)"
                several["synonyms"] += inner.split(", ") if inner != each else [each]
        elif (mark := separators["term"].mark) and not self.parts:
            values["term"], *others = map(str.strip, outside_brackets(mark, values["term"]))
            several["synonyms"] += others
        for at in self.also:
            several["synonyms"] += separators[self.title(at)].split(cells[at].strip())
        if self.given_names is not None and (given := cells[self.given_names].strip()):
            several["synonyms"].append(f"{values['term']}, {given}")
            values["term"] = f"{given} {values['term']}".strip()
        if self.form is not None and not EMPTY.fullmatch(ending := cells[self.form].strip()):
            several["synonyms"].append(f"{values['term']} {ending}")
        if EMPTY.fullmatch(values["term"]):
            values["term"] = next((name for name in several["synonyms"] if not EMPTY.fullmatch(name)), "")
        for at, label in self.parts.items():
            several_here = separators[self.names[at]].split(cells[at]) if self.names else [cells[at]]
            for name in several_here[at == self.at["term"] :]:
                if not EMPTY.fullmatch(name.strip()):
                    yield from give({"term": name.strip(), "label": label}, (), (), row, recorder)
            values |= {"term": several_here[0].strip()} if at == self.at["term"] else {}
        if self.parts:
            values["label"] = self.parts[self.at["term"]]
            if EMPTY.fullmatch(values["term"]) and any(cells[at].strip() for at in self.parts):
                return
        if not values["term"] or headings.is_sum(values["term"], cells, self.at["term"]):
            filled = ", ".join(filter(None, cells))
            recorder.skip("sum of the rows" if values["term"] else "no term in the row", row, filled)
            return
        yield from give(values, several["synonyms"], several["parents"], row, recorder)


def names_one(given: Mapping[str, str], first: Sequence[str]) -> bool:
    """Whether a cell is a name that the user gave."""
    cells = {plain(cell) for cell in first}
    return any(plain(name) in cells for name in given.values() if not name.isdigit())


def _lists(first: Sequence[str], rows: Sequence[Sequence[str]], labeled: bool) -> dict[int, str]:
    """The columns that hold a list each, with its label: "Disease" over "gout"; none in any other table."""
    if headings.names_list(first, rows):
        return {0: headings.as_label(first[0])}
    return headings.kinds(first, rows, labeled) or headings.only_list(first, rows)


def _roles(
    first: Sequence[str], given: Mapping[str, str], header: str, rows: Sequence[Sequence[str]], label: str
) -> tuple[dict[str, int], Mapping[str, str]]:
    """Role → position as headings and rows show, and role → heading where that is a guess."""
    found = headings.usual(first)
    guessed: Mapping[str, str] = {}
    if "term" in found or "term" not in given or names_one(given, first):
        found, guessed = headings.alike(first, found)
    if "term" not in found and "term" not in given and header != "no":
        found, guessed = headings.told_by_rows(first, found, rows)
    if "concept_id" not in {**found, **given} and (code := headings.prefixed(first, rows)) is not None:
        found, guessed = {**found, "concept_id": code}, {**guessed, "concept_id": first[code].strip()}
    after = headings.named_after(first, label, rows)
    if after is not None and "term" not in {**headings.usual(first), **given}:
        kept = {role: at for role, at in found.items() if at != after}
        found, guessed = {**kept, "term": after}, {**guessed, "term": first[after].strip()}
    return found, guessed


def _parts(
    names: Sequence[str], at: Mapping[str, int], further: Collection[int], lists: dict[int, str]
) -> dict[int, str]:
    """Columns of other names than the term's: other parties, other kinds, or numbered as it is."""
    parts = lists or headings.numbered(names, at["term"]) if names else {}
    if not parts and "label" not in at:
        parts = {place: label for place, label in headings.who(names).items() if place not in further}
    return parts if at["term"] in parts else {}


def _no_term(first: Sequence[str], where: str, rows: Sequence[Sequence[str]]) -> InputError:
    widths = {len(row) for row in rows} - {len(first)}
    if rows and sum(len(row) > len(first) for row in rows) * 2 > len(rows):  # "Amoxicillin,0,5 g,capsule"
        said = f"rows have {max(widths)} cells, the first row has {len(first)}."
        hint = "Put quotes around values that hold a comma (or what else stands between cells)."
        return InputError(said, path=where, row=2, hint=Hint("comma", hint))
    shown = " | ".join(cell for cell in first if cell.strip())[:200]
    hint = (
        "Name the columns, for example --columns term=NAME,label=TYPE or --columns term=1"
        " (columns=term=NAME in Python); columns=term=* reads each as a list under its label."
    )
    said = f"no column can be taken for the term; the first row is {shown}."
    return InputError(said, path=where, row=1, hint=Hint("columns", hint))


_INCLUDED = re.compile(r"(?i)\A(?:incl(?:\.|uding)|i\.e\.|e\.g\.)\s+")
_TWO = re.compile(r"\s*[;|]\s*|\s+/\s+|\s+\((?!.*\()")


def _leave_out_other_words(
    at: dict[str, int], given: Mapping[str, str], rows: Sequence[Sequence[str]]
) -> None:
    """Leave out a column of another meaning: "Status" over "Formulary", "Mode" over "oral"."""
    for role in headings.WORDS:
        if role in at and role not in given and rows:
            said = (row[at[role]] for row in rows if len(row) > at[role])
            if headings.are_other_words(role, said):
                place = at.pop(role)
                if role == "status":
                    at.setdefault("active", place)
    if {"term", "concept_id"} <= {*at} - {*given} and "synonyms" not in at:
        pairs = [(row[at["concept_id"]], row[at["term"]]) for row in rows if len(row) > max(at.values())]
        if 2 * sum(is_short_for(code.strip(), name) for code, name in pairs) > len(pairs):
            at["synonyms"] = at.pop("concept_id")  # "Code, Name" over "MI, myocardial infarction"


def judge(
    rows: Sequence[Sequence[str]], columns: Columns, separator: str, recorder: Recorder
) -> dict[str, Separators]:
    """Separators of each role, as given or as the first rows show; what people should know is noted."""
    (notes := recorder.report.notes).extend(columns.notes(recorder.label))
    found = dict.fromkeys(SEVERAL, Separators(separator or "|"))
    several = [at for role in SEVERAL if (at := columns.at.get(role)) is not None]
    bars = not separator and any("|" in row[at] for row in rows for at in (*several, *columns.also))

    def judged(at: int) -> Separators:
        if separator:
            return Separators(separator)
        made = Separators.judged([(row[columns.at["term"]], row[at].strip()) for row in rows])
        return made.beside_bars([row[at] for row in rows]) if bars else made

    for role in SEVERAL if not separator else ():
        if (at := columns.at.get(role)) is None:
            continue
        found[role] = judged(at)
        if (mark := found[role].mark) != "|":
            name = columns.title(at)
            notes.append(f"values of column {name!r} are separated by {mark!r}, as its first rows show")
    own = [row[columns.at["term"]].strip() for row in rows]
    parts = bool(columns.names) and headings.holds_parts(columns.title(columns.at["term"]), own)
    found["term"] = Separators(";" if separator in ("", ";") and are_names(own) and not parts else "")
    if found["term"].mark and not columns.parts:
        name = columns.title(columns.at["term"])
        notes.append(f"names of column {name!r} are separated by ';', as its first rows show")
    for at in columns.also:
        found[columns.title(at)] = judged(at)
    for at in columns.parts if columns.names else ():
        head, said = columns.names[at], [row[at] for row in rows]
        found[head] = _between(head, said, separator, notes, columns.width == 1)
    notes += columns.codes(rows)
    named = {columns.at["term"], columns.at.get("synonyms", columns.at["term"]), *columns.also}
    symbols = columns.names and "symbol" in plain(columns.names[columns.at["term"]])  # of genes: "CAT", "WAS"
    others = [row[at].strip() for row in rows for at in sorted(named - {columns.at["term"]})]
    recorder.learn(own, others, capitals=bool(symbols))
    return found


def _between(heading: str, cells: Sequence[str], separator: str, notes: list[str], alone: bool) -> Separators:
    """What stands between the names of a list that is a column: a comma where cells show it.

    Those of "Symptoms" over "fever, cough" do, and of "Food" over "eggs, milk, fish"; not "cancer, lung".
    """
    found = Separators(separator) if separator else Separators.judged([("", cell) for cell in cells])
    commas = max((cell.count(",") for cell in cells), default=0)
    if found.pattern and (alone or (not heading.endswith("s") and commas < 2)):
        found = Separators(found.mark if found.mark != "," else "")
    if not (found.pattern or separator or alone) and commas:
        notes.append(f"column {heading!r}: names with a comma are one (--columns separator=comma cuts them)")
    if found.mark and any(found.mark in cell for cell in cells):
        notes.append(f"names of column {heading!r} are separated by {found.mark!r}, as its first rows show")
    return found
