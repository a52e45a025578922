"""Lists with marks: Markdown, and YAML, JSON or code of labels over terms."""

from __future__ import annotations

import json
import re
import tomllib
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from hybrid_ner.bounds import bounded_whole
from hybrid_ner.errors import InputError
from hybrid_ner.io import said_once
from hybrid_ner.terms.readers import records
from hybrid_ner.terms.readers.base import OWN_LIST, Options, Reader, Recorder, Term, decode, give, looks
from hybrid_ner.terms.readers.files import HEAD_BYTES, Files
from hybrid_ner.terms.readers.headings import (
    NAMES,
    alike,
    is_coded,
    plain,
    told_by_rows,
    told_without,
    usual,
)
from hybrid_ner.terms.readers.interchange import TEXT_ARRAY, pasted, unquoted_string
from hybrid_ner.terms.readers.report import are_known, are_labels, parents_note
from hybrid_ner.terms.readers.tables import TableOptions, table_terms
from hybrid_ner.terms.readers.written import are_rows_of_names, listed, without_bullet
from hybrid_ner.terms.variants.words import bare, is_short_for, item_of
from hybrid_ner.text import quantity
from hybrid_ner.text.encodings import read_written
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)

# Markdown: the items of its lists and the rows of its tables; prose, headings and code blocks are no terms. A
# heading is the label of the items below it where none is given and there are several. Where a text has no
# item and no table, its short lines are the terms, else what is in bold before paragraphs, else the headings.


def _read_markdown(files: Files, options: TableOptions, recorder: Recorder) -> Iterator[Term]:
    name = recorder.begin(files, files.only())
    decoded = ((row, decode(line, row, recorder)) for row, line in enumerate(files.lines(name), start=1))
    lines = [(row, text) for row, text in decoded if text is not None]
    heads = {row for (row, text), (_, rule) in pairwise(lines) if "|" in rule and _RE.RULE.match(rule)}
    unmarked = {} if heads else _unmarked(lines)
    headed = _headed(lines, unmarked)
    label, table, fenced, bold = "", list[tuple[int, list[str]]](), False, set[int]()
    items = [text for _, text in lines if without_bullet(text) != text]
    terms = [item_of(without_bullet(text)) for text in items]
    recorder.learn([*terms, *unmarked.values()])
    recorder.report.notes += parents_note([len(t) - len(t.lstrip()) for t in items], terms)
    for row, text in [*lines, (0, "")]:
        if _RE.FENCE.match(text):
            fenced = not fenced
        elif not fenced and "|" in text and (table or row in heads or _RE.BARS.search(text)):
            if not (len(table) == 1 and _RE.RULE.match(text)):
                table.append((row, _cells(text)))
                bold |= {row} if _RE.BOLD_ROW.fullmatch(text) else set()
            continue
        if table:
            begins = 0 if any(table[0][1]) else 1  # without headings, the first row is empty: "| | |"
            yield from table_terms(table[begins:], options, recorder, label, bold)
            table = []
        if row in unmarked:
            recorder.report.rows += 1
            yield from give({"term": unmarked[row], "label": label}, (), (), row, recorder)
        elif heading := _RE.HEADING.match(text):
            label = _label(heading[2]) if headed else ""
        elif not text.strip() or fenced or _RE.FENCE.match(text):
            continue
        elif without_bullet(text) != text.rstrip("\n") and not _RE.RULE.match(text):
            recorder.report.rows += 1
            yield from give({"term": item_of(without_bullet(text)), "label": label}, (), (), row, recorder)
        else:
            recorder.skip("text beside lists and tables", row, text)


def _headed(lines: Iterable[tuple[int, str]], unmarked: Mapping[int, str]) -> bool:
    """Whether several headings have items or tables right under them."""
    count, open_ = 0, False
    for row, text in lines:
        if _RE.HEADING.match(text) and row not in unmarked:
            open_ = True
        elif open_ and (row in unmarked or without_bullet(text) != text or "|" in text):
            count, open_ = count + 1, False
    return count > 1


def _unmarked(lines: Sequence[tuple[int, str]]) -> dict[int, str]:
    """Row → term of a text that has no item and no table; nothing where it has some, or only prose."""
    plain = [text for _, text in lines if not _RE.RULE.match(text)]
    if any(text.count("|") > 1 or without_bullet(text) != text for text in plain):
        return {}
    fenced = [at for at, (_, text) in enumerate(lines) if _RE.FENCE.match(text)]
    if len(fenced) > 1:  # a list in a block of code
        blocks = zip(fenced[::2], fenced[1::2], strict=False)
        lines = [line for start, end in blocks for line in lines[start + 1 : end]]
    said = [(row, text.strip().rstrip("\\,")) for row, text in lines if any(map(str.isalnum, text))]
    headings = [(row, found) for row, text in said if (found := _RE.HEADING.match(text))]
    said = [(row, text) for row, text in said if not _RE.HEADING.match(text) and text[0] not in ":>"]
    short = [text for _, text in said if len(text.split()) <= _MOST_WORDS and text[-1] not in ".:?!"]
    if len(said) > 1 and len(short) >= _MOST * len(said):
        return {row: item_of(text) for row, text in said}
    if len(bold := [(row, text) for row, text in said if text.startswith(("**", "__"))]) > 1:
        return {row: item_of(text) for row, text in bold}
    deepest = max((len(found[1]) for _, found in headings), default=0)
    terms = {row: bare(found[2]) for row, found in headings if len(found[1]) == deepest}
    return terms if len(terms) > 2 else {}


_MOST_WORDS, _MOST = 6, 0.8  # words of a line that may be a term, share of such lines in a list of them


def _cells(text: str) -> list[str]:
    text = text.strip().removeprefix("|")
    text = text if text.endswith("\\|") else text.removesuffix("|")
    return [bare(cell) for cell in _RE.CELL.split(text)]


def _label(text: str) -> str:
    """A heading, or a key, as a label: "Surgical tools" → ``Surgical_tools``."""
    return re.sub(r"\W+", "_", bare(text)).strip("_")


MARKDOWN = Reader(
    "markdown",
    "lists and tables in Markdown",
    _read_markdown,
    looks(ends=(".md", ".markdown", ".mdown")),
    TableOptions,
    **OWN_LIST,
)


# YAML, or JSON that is one object: labels over lists of terms, terms over their synonyms, or a list of
# records as in JSON Lines.

_OF_TERMS = {*NAMES["term"], "canonical", "preferred"}
_SHOWN = 3  # keys that a note names
_MOST_LABELS = 12  # keys from which they are terms, each over its synonyms


def _read_nested(files: Files, options: Options, recorder: Recorder) -> Iterator[Term]:
    name = recorder.begin(files, files.only())
    with files.open(name) as stream:
        text = decode(bounded_whole(stream, files.where(name)), 1, recorder) or ""
    text = text.removeprefix("\ufeff")
    if not name.lower().endswith(_MARKED) and (lines := grouped(text)):
        recorder.report.notes.append("lines name a label and its terms")
        recorder.labeled_by = "the line"
        for row, label, term in lines:
            recorder.report.rows += 1
            yield from give({"term": term, "label": label}, (), (), row, recorder)
        return
    for whole in _documents(name, text, files.where(name), recorder.report.notes):
        if not isinstance(whole, (list, dict)):
            said = f"expected a list or a mapping, found {str(whole)[:80]!r}."
            hint = "Write - TERM, or LABEL: and the terms below."
            raise InputError(said, path=files.where(name), hint=hint)
        yield from _Nested(text, recorder).read(whole, "")


def _documents(name: str, text: str, where: str, notes: list[str]) -> Iterator[Any]:
    coded = None
    if not name.lower().endswith(_MARKED):
        coded = tuples(text) or pasted(text)
    try:
        if coded is None and text.lstrip().startswith(("{", "[[")):
            with suppress(json.JSONDecodeError):
                # 1.10 as it is written
                yield json.loads(text, parse_float=str, object_pairs_hook=said_once)
                return
            coded = pasted(text)  # a mapping of Python, with single quotes or a comma behind the last item
        if coded is not None:
            notes.append("the terms are the strings of a piece of code, or what a pattern finds")
            yield coded
            return
        if name.lower().endswith(".toml"):
            yield tomllib.loads(text)
            return
        row = 0
        for part in _RE.DOCUMENT.split(text):
            if part.strip():
                yield _with_nulls(read_written("\n" * row + part, Path(where), "Mend the file."))
            row += part.count("\n")
    except InputError as error:
        said = error.problem.replace("no YAML:", "no YAML or JSON:")
        raise InputError(said, path=where, row=error.row, hint=error.hint) from error
    except (ValueError, RecursionError) as error:
        said = " ".join(str(error).split())[:200]
        at = _row_of_second(text, said)
        raise InputError(f"no YAML or JSON: {said}.", path=where, row=at, hint="Mend the file.") from error


def _row_of_second(text: str, said: str) -> int | None:
    """The row of a key that stands twice, where the text has it no more often."""
    key = re.match(r"the key '(.+)' stands twice", said)
    found = [*re.finditer(rf'"{re.escape(key[1])}"\s*:', text)] if key else []
    return text.count("\n", 0, found[1].start()) + 1 if len(found) == 2 else None


def _with_nulls(node: Any) -> Any:
    """A value of YAML, whose words stay as they are written, but ``null``."""
    waiting = [node]
    seen = set[int]()
    while waiting:
        each = waiting.pop()
        if id(each) in seen or not isinstance(each, (list, dict)):
            continue
        seen.add(id(each))
        items = each.items() if isinstance(each, dict) else enumerate(each)
        for key in [key for key, value in items if value in ("", "~", "null", "Null", "NULL")]:
            each[key] = None
        waiting += each.values() if isinstance(each, dict) else each
    return None if node in ("", "~", "null") else node


_OF_FHIR = ("compose", "expansion", "concept", "entry", "resource")


class _Nested:
    def __init__(self, text: str, recorder: Recorder) -> None:
        self._text, self._recorder, self._at = text, recorder, 0
        self._ends = [*accumulate(len(line) for line in text.splitlines(keepends=True))]
        self._left = len(text) + 1

    def read(self, node: Any, label: str) -> Iterator[Term]:
        """The terms of a list, of a mapping, or of one name."""
        self._left -= 1
        if self._left < 0:
            # Aliases that stand for each other make a small file endless.
            said = "aliases unfold to more items than the file has characters."
            raise InputError(said, path=self._recorder.where, hint="Write the terms out.")
        if isinstance(node, list) and len(node) > 1 and all(map(_is_row, node)):
            rows = [["" if cell is None else str(cell) for cell in row] for row in node]
            yield from self._rows(rows, label)
        elif isinstance(node, list):
            several = any(isinstance(item, str) for item in node)
            for item in self._with_usual_keys(node, label):
                if several and isinstance(item, Mapping) and len(item) == 1:  # "- asthma: [bronchial asthma]"
                    yield from self._term(str(next(iter(item))), next(iter(item.values())), label)
                    continue
                yield from self.read(item, label)
            self._recorder.labeled_by = ""
        elif isinstance(node, Mapping):
            yield from self._mapping(node, label)
        elif node is not None:
            whole = [str(node)]
            for name in listed(whole[0]) if are_rows_of_names(whole) else whole:
                yield from self._give(name, (), label)

    def _rows(self, rows: list[list[str]], label: str) -> Iterator[Term]:
        """Lists in a list: a table with headings or labels, else the names of one thing each."""
        named = "term" in told_by_rows(rows[0], alike(rows[0], usual(rows[0]))[0], rows[1:])[0]
        told = told_without(rows) if not named and len({*map(len, rows)}) == 1 else {}
        if named or "term" in told:
            given = {role: str(at + 1) for role, at in told.items()}
            options = TableOptions(given, "", "no" if given else "yes")
            yield from table_terms(enumerate(rows, start=1), options, self._recorder, label)
            return
        self._recorder.report.notes.append("each inner list is read as the names of one thing")
        for first, *others in rows:
            yield from self._give(first, others, label)

    def _with_usual_keys(self, items: list[Any], label: str) -> list[Any]:
        """Records with a key for their term, which is told where it is guessed."""
        large = {key for item in items if isinstance(item, Mapping) and len(item) > 1 for key in item}
        held = [item for item in items if isinstance(item, Mapping) and item and {*item} <= large]
        label = label or self._recorder.label or self._recorder.otherwise
        keys = records.guessed_keys(held, label) if len(held) == len(items) > 1 else {}
        if not held or len(held) < len(items) or not (keys or "term" in usual([*map(str, held[0])])):
            return items
        told = records.told_keys(held, keys, labeled=bool(label))
        self._recorder.labeled_by = records.labeled_by(held, keys)
        records.add_notes(self._recorder.report.notes, told)
        return items if not keys else [records.renamed(dict(item), keys) for item in held]

    def _mapping(self, node: Mapping[Any, Any], label: str) -> Iterator[Term]:
        if "resourceType" in node:  # a ValueSet or CodeSystem of FHIR, whose own name is no term, or a Bundle
            node = self._fhir({key: value for key, value in node.items() if key in _OF_FHIR})
        keys = {str(key).lower().replace("_", " ").replace("-", " ") for key in node} & _OF_TERMS
        names = [records.in_english(node[key]) for key in node if str(key).lower() in NAMES["term"]]
        if keys and not any(isinstance(name, (list, Mapping)) for name in names):
            record = {str(key): value for key, value in node.items()}
            record |= {} if not label or any(name in record for name in NAMES["label"]) else {"label": label}
            yield from self._record(record, str(next(iter(node.values()))))
            return
        labels = [str(node[key]) for key in node if str(key).lower() in NAMES["label"]]
        if labels and any(_RE.WRAPPER.match(str(key)) and isinstance(node[key], list) for key in node):
            label = labels[0]  # "statins: {label: Statin, terms: [atorvastatin]}"
            node = {key: node[key] for key in node if _RE.WRAPPER.match(str(key))}
        nested = [str(key) for key, value in node.items() if isinstance(value, (list, Mapping))]
        held = any(map(_RE.WRAPPER.match, nested))
        # "Term" beside "Risk" and "Boilerplate" is a label as they are.
        beside = not held or sum(not _RE.WRAPPER.match(key) for key in nested) > 1
        said = [str(value) for value in node.values() if isinstance(value, (str, int)) and value != ""]
        flat = len(said) + sum(value in (None, "") for value in node.values()) == len(node) > 1
        if flat and ((labeled := are_labels(said)) or is_coded(said)):
            # {"flu": "Disease", "aspirin": "Drug"}, {"flu": "J10", "asthma": "J45"}; null is none
            self._recorder.labeled_by = "its value" if labeled else ""
            for name, other in (
                (str(name), "" if value is None else str(value)) for name, value in node.items()
            ):
                yield from self._give(name, (), *((other,) if labeled else (label, other)))
            self._recorder.labeled_by = ""
            return
        if (by_id := _by_id(node)) or (inner := _recurring(node)):
            # {"D1": {"name": "flu"}, …}, {"Heart": {"Drugs": […]}, "Brain": {"Drugs": […]}}
            for value in [by_id] if by_id else inner:
                yield from self.read(value, label if by_id else "")
            return
        told = self._recorder.label or self._recorder.otherwise
        single = flat and bool(told) and not any("," in value for value in said)
        terms = bool(label) or _are_terms(node) or single
        replaced: list[str] = []
        for key, value in node.items():
            name = str(key)
            inside = isinstance(value, (list, Mapping))
            if (held and not inside) or (_RE.META.match(name) and (not inside or _is_flat(value))):
                self._recorder.skip("says something of the file", self._row(name), f"{name}: {value}")
            elif _RE.WRAPPER.match(name) and not (beside and not label):
                yield from self.read(value, label)
            elif terms:
                yield from self._term(name, value, label)
            else:
                replaced += [name] * bool(self._recorder.label and inside)
                yield from self.read(value, _label(name))
        if replaced:
            shown = f"{', '.join(replaced[:_SHOWN])}{', …' * (len(replaced) > _SHOWN)}"
            note = f"keys over lists ({shown}) are labels, for which {told!r} stands: they are not looked for"
            self._recorder.report.notes.append(note)

    def _fhir(self, node: Mapping[str, Any], outside: Collection[str] = ()) -> dict[str, Any]:
        """FHIR's concepts alone: no rules that select some, nothing that a ValueSet excludes."""
        compose = node.get("compose")
        if isinstance(compose, Mapping):
            included = [part for part in _maps(compose.get("include")) if "concept" in part]
            rules = len(_maps(compose.get("include"))) - len(included)
            out = [each for part in _maps(compose.get("exclude")) for each in _maps(part.get("concept"))]
            for each in out:
                self._recorder.skip("excluded", self._row(str(each.get("code"))), str(each.get("display")))
            if rules:
                said = (
                    f"{quantity(rules, 'rule')} of a ValueSet that select codes: save it expanded ($expand)"
                )
                self._recorder.report.notes.append(f"not read: {said}")
            concepts = [{"concept": part["concept"]} for part in included]
            node = {**node, "compose": {"include": concepts}}
            outside = {str(each.get("code")) for each in out}
        made = {key: value for key, value in node.items() if key != "designation"}
        for key in ("compose", "include", "expansion", "concept", "contains"):
            if isinstance(within := node.get(key), Mapping):
                made[key] = self._fhir(within, outside)
            elif isinstance(within, list):
                made[key] = [self._fhir(each, outside) for each in _maps(within)]
                made[key] = [each for each in made[key] if str(each.get("code")) not in outside]
        others = _maps(node.get("designation"))
        english = [each for each in others if str(each.get("language") or "en").lower().startswith("en")]
        if names := [
            each["value"] for each in english if each.get("value") not in (None, node.get("display"))
        ]:
            made["synonyms"] = names
        for each in others:
            if each not in english:
                said = str(each.get("value"))
                self._recorder.skip(f"language {each['language']}", self._row(said), said)
        return made

    def _term(self, name: str, value: Any, label: str) -> Iterator[Term]:
        """A term over its synonyms, or over a record of what is said of it."""
        if isinstance(value, Mapping):
            record = {**({"label": label} if label else {}), **records.under(name, value)}
            yield from self._record(record, name)
        else:
            if isinstance(value, str) and _RE.AMOUNT.fullmatch(value):
                self._recorder.skip("no other name but an amount", self._row(name), f"{name}: {value}")
                value = None
            several = value if isinstance(value, list) else [value]
            others = [
                records.inner_name(each) if isinstance(each, Mapping) else str(each)
                for each in several
                if each
            ]
            for each in several:
                if isinstance(each, Mapping) and not records.inner_name(each):
                    self._recorder.skip("record without a name", self._row(name), f"{name}: {each}")
            yield from self._give(name, filter(None, others), label)

    def _record(self, record: dict[str, Any], name: str) -> Iterator[Term]:
        self._recorder.report.rows += 1
        yield from records.record_terms(record, self._row(name), self._recorder)

    def _give(self, name: str, others: Iterable[str], label: str, code: str = "") -> Iterator[Term]:
        self._recorder.report.rows += 1
        values = {"term": name, "label": label, "concept_id": code}
        yield from give(values, others, (), self._row(name), self._recorder)

    def _row(self, name: str) -> int:
        """The line of a name: behind the one before, since the order is that of the file."""
        self._at = max(self._at, self._text.find(name, self._at))
        return bisect_left(self._ends, self._at + 1) + 1


def _maps(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _is_flat(value: Any) -> bool:
    """Whether it holds plain values by name: {"version": 2, "by": "pharmacy"}."""
    return isinstance(value, Mapping) and not any(isinstance(e, (list, Mapping)) for e in value.values())


def _by_id(node: Mapping[Any, Any]) -> list[Any]:
    """Records that stand under their ids: {"D1": {"label": "flu", "alt": ["grippe"]}, "D2": …}."""
    if len(node) < 2 or not all(isinstance(value, Mapping) for value in node.values()):
        return []
    inner = list(dict.fromkeys(str(key) for value in node.values() for key in value))
    only = [value[key] for value in node.values() for key in value]
    if len(inner) == 1 and plain(inner[0]) in NAMES["label"] and are_labels([*map(str, only)]):
        return [{**value, "term": str(key)} for key, value in node.items()]  # {"aspirin": {"label": "Drug"}}
    names = list(dict.fromkeys(["id", *inner]))
    at = alike(names, usual(names))[0].get("term")
    if at is None and _roles_of(inner):
        return [{**value, "term": str(key)} for key, value in node.items()]  # {"aspirin": {"id": "D1"}, …}
    at = at or 0
    said = [value.get(names[at]) for value in node.values()]
    if not all(isinstance(each, str) for each in said):
        return []
    short = 2 * sum(map(is_short_for, map(str, node), said)) > len(said)  # {"MI": {"name": "myocardial …"}}
    return [{"abbreviation" if short else "id": str(key), **value} for key, value in node.items()]


def _recurring(node: Mapping[Any, Any]) -> list[Any]:
    """The mappings under some keys, if the same labels stand over terms in several of them."""
    inner = [value for value in node.values() if isinstance(value, Mapping)]
    keys = [str(key) for value in inner for key in value]
    lists = all(isinstance(each, list) for value in inner for each in value.values())
    again = lists and len({*keys}) < len(keys) and not _roles_of(keys)
    return inner if len(inner) == len(node) > 1 and again else []


def _roles_of(keys: list[str]) -> dict[str, Any]:
    """Roles that keys play beside one for the term."""
    return {**usual(keys), **alike(["term", *keys], {"term": 0})[1]}


def _are_terms(node: Mapping[Any, Any]) -> bool:
    """Whether keys are terms over their synonyms, not labels over terms: several words, or too many."""
    names = [str(key) for key in node if not _RE.META.match(str(key)) and not _RE.WRAPPER.match(str(key))]
    lower = sum(name[:1].islower() and " " in name for name in names)
    return len(names) > _MOST_LABELS or 2 * lower > len(names)


def grouped(text: str) -> list[tuple[int, str, str]]:
    """Row, label and term where lines have both: "DRUG aspirin", "flu: DISEASE", "Drugs: aspirin, ibuprofen".

    Labels are those of a domain, in capitals behind a term, or come again and again before a colon or "=":
    of "MRI spine", "MRI knee" and of "fracture - hip", "fracture - wrist" nothing is one. Of many lines some
    may have none: their label is empty.
    """
    lines = [(row, line.strip()) for row, line in enumerate(text.splitlines(), 1)]
    lines = [(row, line) for row, line in lines if line and not line.startswith("#")]
    cut = [(row, found) for row, line in lines if (found := _RE.SIDES.fullmatch(line))]
    if len(cut) < 2 or _LINES * (len(lines) - len(cut)) > len(lines):
        return []
    left, right = [side[1] or side[3] for _, side in cut], [side[4] for _, side in cut]
    sign = cut[0][1][2]
    names = [re.split(r"\s*[,;]\s+", each.rstrip(".,;")) for each in right]
    if sum(map(len, names)) >= 2 * len(names) and len({*left}) == len(left):
        plural = all(each.endswith("s") or each.isupper() for each in left) and sign == ":"
        if not plural or len(cut) < len(lines):
            return []
        return [(row, one, name) for (row, _), one, of in zip(cut, left, names, strict=True) for name in of]
    if are_labels(right) and (are_known(right) or all(map(str.isupper, right))) and sign:
        left, right = right, left
    elif not are_labels(left) or not (are_known(left) or all(side[2] in (":", "=") for _, side in cut)):
        return []
    said = {row: (label, name) for (row, _), label, name in zip(cut, left, right, strict=True)}
    return [(row, *said.get(row, ("", line))) for row, line in lines]


_LINES = 5
"""Lines to each one without a label."""


def tuples(text: str) -> list[list[str]]:
    """Rows of a dump of SQL, the columns first where it names them; nothing where a text is none."""
    head = _RE.INSERT.search(text)
    rows = [_RE.VALUE.findall(found[0]) for found in _RE.TUPLE.finditer(text, head.end() if head else 0)]
    if len(rows) < 2 or not (head or _RE.ONLY_TUPLES.fullmatch(_RE.TUPLE.sub("", text))):
        return []
    names = [[name.strip(' \n\t`"[]') for name in head[1].split(",")]] if head and head[1] else []
    return names + [["" if cell.upper() == "NULL" else unquoted_string(cell) for cell in row] for row in rows]


_MARKED = (".yaml", ".yml", ".json", ".toml")
_CODE = (".txt", ".text", ".lst", ".list", ".py", ".js", ".ts", ".r", ".sql", ".rb", ".java", ".php")


def _is_row(item: Any) -> bool:
    return isinstance(item, list) and len(item) > 0 and not any(isinstance(x, (list, dict)) for x in item)


def _sniff_nested(name: str, head: bytes) -> bool:
    if name.endswith((".yaml", ".yml", ".toml")):
        return True
    if "." not in name or name.endswith(_CODE):
        text = head if len(head) < HEAD_BYTES else head.rpartition(b"\n")[0]
        said = text.decode("utf-8", "replace")
        return not TEXT_ARRAY.match(head) and bool(tuples(said) or pasted(said) is not None or grouped(said))
    is_object = head.lstrip().startswith(b"{") and b"}\n{" not in head.replace(b"\r", b"")
    return name.endswith(".json") and (is_object or bool(re.match(rb"\s*\[\s*\[", head)))


NESTED = Reader(
    "yaml",
    "YAML, JSON that is one object, or code: labels over terms, terms over synonyms, records",
    _read_nested,
    _sniff_nested,
    **OWN_LIST,
)
