"""Records as JSON, YAML and XML hold them: trees, names that are records, and what is said of their keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from hybrid_ner.terms.readers.columns import ANOTHER, OTHERWISE
from hybrid_ner.terms.readers.headings import NAMES, alike, halves, plain
from hybrid_ner.terms.readers.streams import local


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
        for key in [
            key for key, inner in each.items() if plain(str(key)) in _OWN and isinstance(inner, dict)
        ]:
            each = {**each[key], **{name: said for name, said in each.items() if name != key}}
        below = [
            key for key, inner in each.items() if _NARROWER.fullmatch(plain(str(key))) and _are_records(inner)
        ]
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
    named = {role: ANOTHER if role.startswith(ANOTHER) else f"the {role.replace('_', ' ')}" for role in told}
    said = [
        f"key {key!r} is read as {named[role]}{OTHERWISE * (role == 'label')}" for role, key in told.items()
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


def names_in(element: Element, text_of: Callable[[Element], str]) -> list[str]:
    """The texts of an element and of those in it; one that holds several of different names is a record.

    <aka><uid>12</uid><type>a.k.a.</type><lastName>ZAYDAN</lastName><firstName>Muhammad</firstName></aka>
    """
    inner = {local(str(each.tag)): text_of(each) for each in element}
    if len(inner) > 1 and len(inner) == len(element) and (name := inner_name(inner)):
        return [name]
    return [
        *filter(None, [text_of(element)]),
        *(name for each in element for name in names_in(each, text_of)),
    ]
