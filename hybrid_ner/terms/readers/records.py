"""Records as JSON, YAML and XML hold them: what their keys say, trees, and names that are records."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any
from xml.etree.ElementTree import Element

from hybrid_ner.terms.readers import headings
from hybrid_ner.terms.readers.base import Hint, InputError, Options, Recorder, Separators, Term, give, option
from hybrid_ner.terms.readers.headings import CODE, NAMES, SEVERAL, alike, halves, plain
from hybrid_ner.terms.readers.streams import LANG, local
from hybrid_ner.terms.variants.words import is_short_for


def guessed_keys(records: Sequence[Mapping[str, Any]], label: str = "") -> dict[str, str]:
    """Role → key of records whose keys are no usual names: ``preferred`` and ``alt``, ``allergen``."""
    names = list(dict.fromkeys(str(key) for record in records for key in record))
    found = headings.usual(names)
    keys = _keys(records, names, found, label)
    exact = {*(name.replace(" ", mark) for of in NAMES.values() for name in of for mark in " _")}
    keys = {role: names[at] for role, at in found.items() if names[at] not in exact} | keys
    taken = {*found.values(), *(names.index(key) for key in keys.values() if key)}
    if last_first := headings.halves(names):
        keys |= {"term": names[last_first[0]], "given": names[last_first[1]]}
    others = headings.also(names, taken) if {"term"} & {*found, *keys} else ()
    rows = [[str(record.get(name, "")) for name in names] for record in records]
    unlabeled = {"term"} & {*found, *keys} and not {"label"} & {*found, *keys}
    ticks = headings.ticked(names, rows, taken, bool(label)) if unlabeled else ()
    return (
        keys | {f"{ANOTHER} {at}": names[at] for at in others} | {f"{TICK} {at}": names[at] for at in ticks}
    )


ANOTHER = "another name"
"""Role of a key of further names."""
TICK = "a label of what it is true of"
"""Role of a key that is the label of the records in which it is true."""


def _keys(
    records: Sequence[Mapping[str, Any]], names: list[str], found: dict[str, int], label: str
) -> dict[str, str]:
    cells = ([record.get(name, "") for name in names] for record in records)
    rows = [["" if isinstance(cell, (list, dict)) else str(cell) for cell in row] for row in cells]
    guessed = dict(headings.alike(names, found)[1])
    guessed |= {role: names[at] for role, at in headings.swapped(names, found, rows).items()}
    for role in headings.WORDS:
        said = [str(record.get(names[found[role]], "")) for record in records] if role in found else []
        if headings.are_other_words(role, said):
            is_active = role == "status" and "active" not in found
            guessed |= {role: "", "active": names[found[role]]} if is_active else {role: ""}
    kind = headings.kind_at(names, rows, found.values()) if not {"label"} & {*found, *guessed} else None
    guessed |= {} if kind is None else {"label": names[kind]}
    if "term" in found or "term" in guessed or "pattern" in names:
        return guessed
    if (at := headings.named_after(names, label)) is None and (at := headings.described(names)) is None:
        return {**guessed, **headings.told_by_rows(names, found, rows, sure=True)[1]}
    others = headings.alike([names[at], *names], {"term": 0})[1]
    return {**guessed, **{role: key for role, key in others.items() if key != names[at]}, "term": names[at]}


def renamed(record: dict[str, Any], keys: dict[str, str]) -> dict[str, Any]:
    """A record with its guessed keys under their usual names; an empty key takes a role away."""
    known = [(NAMES[role][0], key) for role, key in keys.items() if role in NAMES]
    found = {name: record.get(key, "") for name, key in known if key in record or not key}
    more = [record.get(key) for role, key in keys.items() if role.startswith(ANOTHER)]
    found["also"] = [name for each in more for name in (each if isinstance(each, list) else [each]) if name]
    if ticks := [key for role, key in keys.items() if role.startswith(TICK)]:
        found["label"] = [
            headings.as_label(key) for key in ticks if headings.is_ticked(str(record.get(key, "")))
        ]
    if given := record.get(keys.get("given", "")):
        found["also"].append(f"{found['term']}, {given}")
        found["term"] = f"{given} {found['term']}"
    return {key: value for key, value in record.items() if key not in keys.values()} | found


def under(key: str, value: Mapping[Any, Any]) -> dict[str, Any]:
    """The record of a term that stands under its name, or, where it has one of its own, under its id."""
    record = {str(each): said for each, said in value.items()}
    own = next(
        (each for each in record if plain(each) in NAMES["term"] and isinstance(record[each], str)), ""
    )
    if not own or record[own] in ("", key):
        return {**record, "term": key}
    name = record.pop(own)
    if is_short_for(key, name):  # {"MI": {"name": "myocardial infarction"}}
        return {**record, "term": name, "abbreviation": key}
    if any(map(str.isdigit, key)) and CODE.fullmatch(key):
        return {"id": key, **record, "term": name}
    others = next((record.pop(each) for each in [*record] if plain(each) in NAMES["synonyms"]), None) or []
    others = others if isinstance(others, list) else re.split(r"\s*[;|]\s*", str(others))
    return {**record, "term": key, "synonyms": [name, *others]}


def inner_name(record: Mapping[str, Any]) -> str:
    """The name that a record among names holds: {"full": "Ana Petrova", "script": "Latn"}, {"last": …}."""
    keys = {plain(str(key)): key for key, value in record.items() if value and isinstance(value, (str, int))}
    said = list(keys.values())
    if parts := halves(list(keys)):
        return f"{record[said[parts[1]]]} {record[said[parts[0]]]}"
    found = next((keys[key] for key in _INNER if key in keys), None)
    if found is None:  # a key that only looks like a name's counts beside a role that is sure
        place = alike([*keys, "id"], {"concept_id": len(keys)})[0].get("term", len(said))
        found = said[place] if place < len(said) else None
    return "" if found is None else str(record[found])


_INNER = ("val", "value", *NAMES["term"], "label", "full", "whole", "full name", "whole name", "name full")


def unnested(record: Any) -> Iterator[Any]:
    """A record, then the narrower ones in it, which know its id: a tree under "children" or "narrower".

    What stands under "properties" counts as the record's own. Anything but a record is given as it is.
    """
    waiting = [record]
    while waiting:
        each = waiting.pop(0)
        if not isinstance(each, dict):
            yield each
            continue
        own = [key for key, inner in each.items() if isinstance(inner, dict) and plain(str(key)) in _OWN]
        for key in own:
            each = {**each[key], **{name: said for name, said in each.items() if name != key}}
        below = [k for k, inner in each.items() if _are_records(inner) and _NARROWER.fullmatch(plain(str(k)))]
        above = next((each[key] for key in each if plain(str(key)) in NAMES["concept_id"]), None)
        link = {"parent_id": above} if isinstance(above, (str, int)) else {}
        waiting = [{**link, **inner} for key in below for inner in each[key]] + waiting
        yield {key: inner for key, inner in each.items() if key not in below}


_OWN = ("properties", "attributes", "fields")
_NARROWER = re.compile(
    r"children|child(?: nodes)?|narrower|sub ?(?:terms?|class(?:es)?|concepts?|types?|categor(?:y|ies))|nodes"
    r"|descendants|kinder|hyponyms|concept|contains"  # the last two of FHIR
)
"""Keys of a record under which narrower ones stand: {"name": "Heart", "children": [{"name": "AFib"}]}."""


def _are_records(inner: Any) -> bool:
    return isinstance(inner, list) and bool(inner) and all(isinstance(each, dict) for each in inner)


def labeled_by(records: Iterable[Mapping[str, Any]], keys: Mapping[str, str]) -> str:
    """What says the label of each record: "key 'type'"; empty where no record has one."""
    usual = {keys["label"]} if "label" in keys else {*NAMES["label"]}
    usual |= {key for role, key in keys.items() if role.startswith(TICK)}
    found = (key for each in records for key in each if plain(str(key)) in usual or key in usual)
    return next((f"key {key!r}" for key in found), "")


UNREAD = "keys that were not read: "


def told_keys(
    records: Sequence[Mapping[str, Any]], keys: Mapping[str, str], *, labeled: bool = False
) -> list[str]:
    """What people should know of guessed keys (of labels unless given), and of those that play no role."""
    rest = dict.fromkeys(str(key) for record in records for key in record)
    told = {role: key for role, key in keys.items() if key and role != "active"}
    kind = [key for key in rest if plain(key) in NAMES["label"][1:]]
    told = {**dict(zip(("label",), kind, strict=False)), **told}
    if labeled:
        told.pop("label", "")
    named = {role: f"the {role.replace('_', ' ')}" for role in told}
    named |= {role: mark for role in told for mark in (ANOTHER, TICK) if role.startswith(mark)}
    said = [
        f"key {key!r} is read as {named[role]}{headings.OTHERWISE * (role == 'label')}"
        for role, key in told.items()
    ]
    known = {*keys.values(), *(name for usual in NAMES.values() for name in usual)}
    unread = [key for key in rest if key.replace("_", " ").lower() not in known and key not in known]
    return [*said, UNREAD + ", ".join(unread)] if unread else said


def add_notes(notes: list[str], told: Iterable[str]) -> None:
    """Add what is not said yet; keys that were not read are listed in one note."""
    for note in told:
        before = next((at for at, said in enumerate(notes) if said.startswith(UNREAD)), None)
        if before is not None and note.startswith(UNREAD):
            names = [*notes[before].removeprefix(UNREAD).split(", "), *note.removeprefix(UNREAD).split(", ")]
            notes[before] = UNREAD + ", ".join(dict.fromkeys(names))
        elif note not in notes:
            notes.append(note)


# Terms of records.

NOT_PLAIN = "token pattern that is not plain text"
_JUDGED = 1_000
"""Records by which it is judged what separates the values of a string."""
_JOINED = frozenset("-/'’.,:;")
_LANGUAGE = re.compile(r"[a-z]{2}(?:-[A-Z]{2})?")


@dataclass(frozen=True, slots=True)
class RecordOptions(Options):
    columns: Mapping[str, str] = option({}, f"role=key of the records; roles: {', '.join(NAMES)}")


def terms_of_records(
    records: Iterator[tuple[int, Any]], options: RecordOptions, recorder: Recorder
) -> Iterator[Term]:
    """Terms of numbered records, by whose first ones it is judged what their keys say."""
    records = ((row, each) for row, record in records for each in unnested(record))
    first = list(islice(records, _JUDGED))
    held = [record for _, record in first if isinstance(record, dict)]
    given = {role: name.split("\n") for role, name in options.columns.items()}
    if not given and any(map(_is_document, held)):
        hint = "Give it as documents (a corpus), and a list of names here."
        raise InputError("holds texts with annotations, not terms.", path=recorder.where, hint=hint)
    keys = guessed_keys(held, recorder.label or recorder.fallback)
    keys |= {role: names[0] for role, names in given.items()}
    keys |= {f"{ANOTHER} {name}": name for names in given.values() for name in names[1:]}
    written = [_cells(renamed(record, keys)) for record in held]
    separators = _judged(written)
    names = [record for _, record in first if isinstance(record, str)]
    recorder.learn([*names, *(cells["term"] for cells in written)])
    recorder.report.notes += told_keys(held, keys, labeled=bool(recorder.label))
    by = labeled_by(held, keys)
    recorder.report.notes += [
        f"{role} that are one string are separated by {found.mark!r}, as the first records show"
        for role, found in separators.items()
        if found.mark != "|"
    ]
    for row, record in chain(first, records):
        recorder.report.rows += 1
        recorder.labeled_by = by if isinstance(record, dict) else ""  # a name alone is labeled as the list is
        record = {"term": record} if isinstance(record, str) else record
        if isinstance(record, dict) and record.get("answer") in _ANSWERED_NO:
            recorder.skip(f"answer {record['answer']!r}", row, str(record.get("text", ""))[:80])
        elif isinstance(record, dict):
            yield from _terms(renamed(record, keys), row, recorder, separators)
        elif record is None:
            recorder.skip("no term", row, "null")
        else:
            recorder.bad("not a JSON object", row, str(record)[:80], "Write one object a line.")


_ANSWERED_NO = ("reject", "ignore")
"""What was said in Prodigy of a name that is no term (``terms.teach``)."""


def _is_document(record: Mapping[str, Any]) -> bool:
    """Whether a record is a text with places in it: {"text": "…", "spans": [{"start": 0, "end": 4, …}]}."""
    lists = (record.get(key) for key in ("spans", "entities", "tokens", "annotations"))
    first = (each[0] for each in lists if isinstance(each, list) and each)
    return isinstance(record.get("text"), str) and any(
        isinstance(each, Mapping) and {"start", "end"} <= {*each} for each in first
    )


def _cells(record: dict[str, Any]) -> dict[str, str]:
    """The term, and the roles of several values that are one string."""
    several = {role: value for role in SEVERAL if isinstance(value := _value(record, role), str)}
    return {"term": _text(record, "term"), **several}


def _judged(written: Sequence[dict[str, str]]) -> dict[str, Separators]:
    """What separates the values of a role that are one string."""
    cells = {role: [(each["term"], each[role]) for each in written if each.get(role)] for role in SEVERAL}
    return {role: Separators.judged(found) for role, found in cells.items()}


def record_terms(record: dict[str, Any], row: int, recorder: Recorder) -> Iterator[Term]:
    """The terms of one record that stands by itself."""
    for each in unnested(record):
        keys = guessed_keys([each])
        add_notes(recorder.report.notes, (n for n in told_keys([each], keys) if n.startswith(UNREAD)))
        named = renamed(each, keys)
        yield from _terms(named, row, recorder, _judged([_cells(named)]))


def _terms(
    record: dict[str, Any], row: int, recorder: Recorder, separators: dict[str, Separators]
) -> Iterator[Term]:
    if "pattern" in record and not isinstance(record["pattern"], str):
        text, mode = _joined(record["pattern"])
        if not text:
            recorder.skip(NOT_PLAIN, row, json.dumps(record["pattern"], ensure_ascii=False))
            return
        record = {**record, "pattern": text, "mode": mode}
    if isinstance(several_names := _value(record, "term"), list) and several_names:  # the first one names it
        several_names = [inner_name(each) if isinstance(each, dict) else each for each in several_names]
        record = renamed(record, {}) | {NAMES["term"][0]: several_names[0], "also": several_names[1:]}
    values = {role: _text(record, role) for role in NAMES}
    if isinstance(labels := _value(record, "label"), list):  # {"label": ["Drug", "Chemical"]}
        values["label"] = "\n".join(
            inner_name(each) if isinstance(each, dict) else str(each) for each in labels
        )
    values["term"] = values["term"] or str(record.get("pattern", ""))
    if not values["term"]:
        keys = f"keys {', '.join(sorted({*record} - {'also'}))}"
        if any(name in record for name in NAMES["term"]):
            recorder.skip("no term", row, keys)
        else:
            recorder.bad("no term", row, keys, Hint("keys", "Name the key of the terms: --columns term=KEY."))
        return
    several = {role: _several(record, role, separators[role]) for role in SEVERAL}
    synonyms = [*several["synonyms"], *map(str, record.get("also", ()))]
    yield from give(values, synonyms, several["parents"], row, recorder)


def _joined(pattern: Any) -> tuple[str, str]:
    """The text of a token pattern and its match mode; empty when it is no one string of one mode."""
    words: list[str] = []
    modes: set[str] = set()
    for token in pattern if isinstance(pattern, list) else [None]:
        if not isinstance(token, dict) or len(token) != 1:
            return "", ""
        ((attribute, value),) = token.items()
        if attribute.upper() not in ("ORTH", "TEXT", "LOWER") or not isinstance(value, str):
            return "", ""
        if value.lower() != value.upper():
            modes.add("folded" if attribute.upper() == "LOWER" else "case")
        words.append(value)
    text = ""
    for word in words:
        tight = not text or word in _JOINED or text[-1] in "-/" or word.startswith(("'", "’"))
        text += word if tight else f" {word}"
    return ("", "") if len(modes) > 1 else (text, next(iter(modes), "folded"))


def _value(record: dict[str, Any], role: str) -> Any:
    for name in NAMES[role]:
        for key in (name, name.replace(" ", "_")):
            if record.get(key) not in (None, ""):
                return in_english(record[key])
    return ""


def in_english(value: Any) -> Any:
    """Of {"en": "hull", "de": "Rumpf"} the English, else the first; anything else as it is."""
    if isinstance(value, dict) and value and all(map(_LANGUAGE.fullmatch, map(str, value))):
        return value.get("en", next(iter(value.values())))
    return value


def _text(record: dict[str, Any], role: str) -> str:
    value = _value(record, role)
    return "" if isinstance(value, (list, dict)) else str(value)


def _several(record: dict[str, Any], role: str, separators: Separators) -> list[str]:
    value = _value(record, role)
    if not isinstance(value, list):
        return separators.split(str(value)) if value else []
    # Synonyms may be records themselves: {"val": "Fits", "pred": "hasExactSynonym"}.
    names = (inner_name(each) if isinstance(each, dict) else each for each in value)
    return [str(name) for name in names if name]


# Records of XML.

_INLINE = frozenset({"b", "i", "em", "strong", "sub", "sup", "span", "u"})
"""Elements that are part of a name: "H<sub>2</sub>O"."""


def text_of(element: Element) -> str:
    """The text of an element of XML itself."""
    inline = len(element) and all(local(str(each.tag)) in _INLINE for each in element)
    return " ".join(("".join(element.itertext()) if inline else element.text or "").split())


def record_of(element: Element) -> dict[str, Any]:
    """What an element of XML holds as a record: its attributes, its text, and the texts in its elements."""
    record = defaultdict[str, list[str]](list)
    for key, value in element.attrib.items():
        record[local(key)] += [value] * (key != LANG)
    record["term"] += filter(None, [text_of(element)])
    told = {each.tag for each in element if each.get(LANG, "").startswith("en")}
    for each in element:  # <synonym type="brand">Lasix</synonym>, <alias value="Lasix"/>
        if local(str(each.tag)) not in _INLINE and (each.tag not in told or each.get(LANG, "")[:2] == "en"):
            record[local(each.tag)] += names_in(each) or each.attrib.values()
    return {key: names[0] if len(names) == 1 else names for key, names in record.items() if names}


def names_in(element: Element) -> list[str]:
    """The texts of an element and of those in it; one that holds several of different names is a record.

    <aka><uid>12</uid><type>a.k.a.</type><lastName>ZAYDAN</lastName><firstName>Muhammad</firstName></aka>
    """
    inner = {local(str(each.tag)): text_of(each) for each in element}
    if len(inner) > 1 and len(inner) == len(element) and (name := inner_name(inner)):
        return [name]
    return [*filter(None, [text_of(element)]), *(name for each in element for name in names_in(each))]
