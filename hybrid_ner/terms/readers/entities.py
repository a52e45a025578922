"""Names of entities of every kind: Wikidata, legal entities by GLEIF, TermBase eXchange."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from hybrid_ner.bounds import bounded_whole
from hybrid_ner.terms.readers.base import Files, Options, Reader, Recorder, Term, in_language, looks, option
from hybrid_ner.terms.readers.streams import LANG, Table, inside, is_xml, json_items, local, records, value

# Wikidata: results of a SPARQL query in JSON (long or short form), or entities as in its dumps; streamed.
#
# Formats: https://www.w3.org/TR/sparql11-results-json/ and
# https://doc.wikimedia.org/Wikibase/master/php/docs_topics_json.html

_ENTITY = re.compile(r"https?://www\.wikidata\.org/entity/([QPL]\d+)\Z")
_Q_ID = re.compile(r"[QPL]\d+\Z")
_BINDINGS = re.compile(r'"bindings"\s*:\s*\[')
_ARRAY = re.compile(r"\[")
_HEAD_OF_ARRAY = re.compile(rb'"item"\s*:\s*"https?://www\.wikidata\.org/entity/|"labels"\s*:\s*[\[{]')
_TYPES, _PARENTS = "P31", "P279"
"""Properties instance of and subclass of."""


@dataclass(frozen=True, slots=True)
class WikidataOptions(Options):
    item: str = option("item", "variable of the concept")
    names: tuple[str, ...] = option(
        ("itemLabel", "itemAltLabel", "alias"), "variables of its names, the preferred one first"
    )
    type: str = option("type", "variable of the type that the label map reads; entities have P31")
    parent: str = option("parent", "variable of the parent concept; entities have P279")
    languages: tuple[str, ...] = option(
        ("en",), "language tags of names; en also takes en-GB; untagged names are kept"
    )


class _Name(NamedTuple):
    text: str
    language: str
    preferred: bool


class _Item(NamedTuple):
    concept: str
    types: tuple[str, ...]
    parents: tuple[str, ...]
    names: tuple[_Name, ...]


def _read_wikidata(files: Files, options: WikidataOptions, recorder: Recorder) -> Iterator[Term]:
    name = recorder.begin(files, files.only())
    seen: tuple[str, set[str]] = ("", set())
    for number, record in _results(files, name, recorder):
        recorder.report.rows += 1
        if not isinstance(record, dict):
            recorder.bad("a result that is no object", number, str(record)[:80])
            continue
        item = _of_entity(record) if "labels" in record else _of_binding(record, options)
        if not item.concept:
            recorder.bad(f"no value for ?{options.item}", number, f"variables {sorted(record)}")
            continue
        if item.concept != seen[0]:
            seen = (item.concept, set())
        # Label maps may write a type as its address, as ``WIKIDATA:Q9`` or as ``Q9``.
        short = [(kind, _curie(kind)) for kind in item.types]
        types = [name for kind, id in short for name in (kind, id, id.removeprefix("WIKIDATA:"))]
        if not (label := recorder.wanted(types, number, f"{item.concept} {', '.join(item.types)}".strip())):
            continue
        recorder.parent(item.concept, item.parents)
        if not item.names:
            recorder.skip("no name", number, f"{item.concept}, variables {sorted(record)}"[:120])
        yield from _names(number, item, label, seen[1], options, recorder)


def _results(files: Files, name: str, recorder: Recorder) -> Iterator[tuple[int, Any]]:
    """Results of a query, entities of a dump (an array, or one a line), or those that a site gives by id."""
    head = files.head(name).lstrip()
    if _BY_ID.match(head) or _HEAD_OF_ENTITY.match(head):
        with files.open(name) as stream:
            whole = bounded_whole(stream, files.where(name)) if _BY_ID.match(head) else b""
        lines = enumerate([whole] if whole else files.lines(name), start=1)
        for row, line in lines:
            try:
                found = json.loads(line) if line.strip() else None
            except (ValueError, RecursionError) as error:
                recorder.bad("not JSON", row, f"{error}: {line[:80]!r}")
                continue
            entities = found["entities"].values() if whole and found else [found] * bool(found)
            yield from enumerate(entities, start=row)
        return
    yield from json_items(files, name, _ARRAY if head.startswith(b"[") else _BINDINGS)


_BY_ID = re.compile(rb'\{\s*"entities"\s*:\s*\{\s*"[QPL]\d+"')
_HEAD_OF_ENTITY = re.compile(rb'\{(?=[^\n]*"labels"\s*:)[^\n]{0,400}?"id"\s*:\s*"[QPL]\d+"')


def _names(
    number: int, item: _Item, label: str, seen: set[str], options: WikidataOptions, recorder: Recorder
) -> Iterator[Term]:
    for name in item.names:
        if name.text in seen:
            continue
        if _Q_ID.match(name.text):
            recorder.skip("no label in this language", number, name.text)
        elif not in_language(name.language, options.languages):
            recorder.skip("language", number, f"{name.text} ({name.language})")
        else:
            seen.add(name.text)
            status: Any = "preferred" if name.preferred else "synonym"
            yield from recorder.terms(name.text, number, label, item.concept, status)


def _of_binding(binding: dict[str, Any], options: WikidataOptions) -> _Item:
    """One result: each variable has an object with its value, in the short form the value itself."""
    values = {}
    for variable, cell in binding.items():
        cell = {"value": cell} if isinstance(cell, str) else cell
        if isinstance(cell, dict) and isinstance(cell.get("value"), str):
            values[variable] = cell
    uris = {key: values.get(key, {}).get("value", "") for key in (options.item, options.type, options.parent)}
    names = []
    for rank, variable in enumerate(options.names):
        cell = values.get(variable, {})
        # The label service joins all alternative labels with commas.
        joined = variable.endswith("AltLabel")
        texts = cell.get("value", "").split(", ") if joined else [cell.get("value", "")]
        names += [_Name(text, str(cell.get("xml:lang") or ""), not rank) for text in texts if text]
    above = (_curie(uris[options.parent]),) if uris[options.parent] else ()
    return _Item(_curie(uris[options.item]), (uris[options.type],), above, tuple(names))


def _of_entity(entity: dict[str, Any]) -> _Item:
    """An entity: labels and aliases by language, types and parents from its claims."""
    names = [(label, True) for label in _values(entity.get("labels"))]
    for aliases in _values(entity.get("aliases")):
        names += [(alias, False) for alias in aliases if isinstance(aliases, list)]
    found = tuple(
        _Name(str(name["value"]), _language(name), preferred)
        for name, preferred in names
        if isinstance(name, dict) and name.get("value")
    )
    identifier = str(entity.get("id", ""))
    concept = f"WIKIDATA:{identifier}" if _Q_ID.match(identifier) else ""
    return _Item(concept, _claimed(entity, _TYPES), _claimed(entity, _PARENTS), found)


def _values(by_language: Any) -> list[Any]:
    """An empty mapping of PHP is written as an empty list."""
    return list(by_language.values()) if isinstance(by_language, dict) else []


def _language(name: dict[str, Any]) -> str:
    language = str(name.get("language", ""))
    return "" if language == "mul" else language  # for all languages


def _claimed(entity: dict[str, Any], property: str) -> tuple[str, ...]:
    """Ids that an entity states for a property, without deprecated statements."""
    claims = entity.get("claims")
    ids = []
    for claim in claims.get(property, ()) if isinstance(claims, dict) else ():
        try:
            if claim.get("rank") != "deprecated":
                ids.append(f"WIKIDATA:{claim['mainsnak']['datavalue']['value']['id']}")
        except (KeyError, TypeError, AttributeError):
            continue  # a statement of no value, or of some unknown one
    return tuple(ids)


def _curie(uri: str) -> str:
    found = _ENTITY.match(uri)
    return f"WIKIDATA:{found[1]}" if found else uri


def _sniff_wikidata(name: str, head: bytes) -> bool:
    if not name.endswith((".json", ".srj", ".jsonl", ".ndjson")):
        return False
    if _BY_ID.match(head.lstrip()) or _HEAD_OF_ENTITY.match(head.lstrip()):
        return True
    if head.lstrip().startswith(b"["):
        return _HEAD_OF_ARRAY.search(head) is not None
    return head.lstrip().startswith(b"{") and (b'"bindings"' in head or b'"vars"' in head)


WIKIDATA = Reader(
    "wikidata",
    "Wikidata: SPARQL results in JSON, or entities of a dump",
    _read_wikidata,
    _sniff_wikidata,
    WikidataOptions,
    own_labels=True,
    source="Wikidata",
)


# GLEIF legal entity identifiers: golden copy or concatenated file, as CSV or as XML (LEI-CDF).
#
# Format: https://www.gleif.org/en/about-lei/common-data-file-format

_NAME, _STATUS = "entity.legalname", "entity.entitystatus"
_COUNTRY, _CATEGORY = "entity.legaladdress.country", "entity.entitycategory"
_OTHER = "entity.otherentitynames.otherentityname."
_TRANSLITERATED = "entity.transliteratedotherentitynames.transliteratedotherentityname."
_OTHER_LISTS = ("OtherEntityNames", "TransliteratedOtherEntityNames")


@dataclass(frozen=True, slots=True)
class GleifOptions(Options):
    statuses: tuple[str, ...] = option(("ACTIVE",), "Entity.EntityStatus values to keep; all when empty")
    countries: tuple[str, ...] = option((), "countries of the legal address to keep, for example US,IN")
    other_names: bool = option(True, "also give other and transliterated names")


class _Entity(NamedTuple):
    row: int
    lei: str
    name: str
    status: str
    country: str
    category: str
    others: tuple[str, ...]


def _read_gleif(files: Files, options: GleifOptions, recorder: Recorder) -> Iterator[Term]:
    name = files.only()
    entities = _from_xml if is_xml(files.head(name)) else _from_table
    for entity in entities(files, name, recorder):
        if not entity.lei or not entity.name:
            recorder.bad("no LEI or no legal name", entity.row, f"{entity.lei} {entity.name}".strip())
        elif options.statuses and entity.status not in options.statuses:
            recorder.skip(f"status {entity.status or 'none'}", entity.row, entity.name)
        elif options.countries and entity.country not in options.countries:
            recorder.skip("country", entity.row, entity.name)
        elif label := recorder.wanted([entity.category], entity.row, entity.name):
            concept = f"LEI:{entity.lei}"
            yield from recorder.terms(entity.name, entity.row, label, concept, "preferred")
            for other in filter(None, entity.others if options.other_names else ()):
                yield from recorder.terms(other, entity.row, label, concept)


def _from_table(files: Files, name: str, recorder: Recorder) -> Iterator[_Entity]:
    table = Table(files, name, recorder, ("LEI", "Entity.LegalName", "Entity.EntityStatus"))
    others = [c for c in table.columns if c.startswith((_OTHER, _TRANSLITERATED)) and c[-1].isdigit()]
    for row, cells in table:
        country, category = cells.get(_COUNTRY, ""), cells.get(_CATEGORY, "")
        more = tuple(cells[column] for column in others)
        yield _Entity(row, cells["lei"], cells[_NAME], cells[_STATUS], country, category, more)


def _from_xml(files: Files, name: str, recorder: Recorder) -> Iterator[_Entity]:
    paths = (["LegalName"], ["EntityStatus"], ["LegalAddress", "Country"], ["EntityCategory"])
    for number, record in records(files, name, recorder, {"LEIRecord"}):
        called, status, country, category = (value(record, "Entity", *path) for path in paths)
        others = (value(other) for names in _OTHER_LISTS for other in inside(record, "Entity", names))
        lei = value(record, "LEI")
        yield _Entity(number, lei, called, status, country, category, tuple(others))


GLEIF = Reader(
    "gleif",
    "GLEIF legal entities, CSV or XML",
    _read_gleif,
    looks(holds=(b"LEIData",), columns=("lei", _NAME)),
    GleifOptions,
    label="ORG",
    source="GLEIF",
    mode="folded",
)


# TermBase eXchange: TBX 2 (``martif``) and TBX 3 (``tbx``), by ISO 30042; MultiTerm (``mtf``), and
# translation memories (``tmx``), whose segments are the terms.

_ENTRIES = {"termEntry", "conceptEntry", "conceptGrp", "tu"}
_LANGUAGES = frozenset({"langSet", "langSec", "languageGrp", "tuv"})
_TERMS = frozenset({"tig", "ntig", "termSec", "termGrp", "seg"})
_ABBREVIATIONS = frozenset({"abbreviation", "acronym", "initialism", "shortForm"})
_UNKNOWN = "und"
"""Tag of a section without one, by BCP 47: it is in no language that was asked for."""
_UNWANTED = ("deprecated", "superseded", "obsolete", "rejected")


@dataclass(frozen=True, slots=True)
class TbxOptions(Options):
    languages: tuple[str, ...] = option(("en",), "languages; en also takes en-GB")
    deprecated: bool = option(False, "also read deprecated and superseded terms")
    prefix: str = option("", "put before each id with a colon, for example IATE")


def _read_tbx(files: Files, options: TbxOptions, recorder: Recorder) -> Iterator[Term]:
    for number, entry in records(files, files.only(), recorder, _ENTRIES):
        common = (e for e in entry if local(e.tag) not in _LANGUAGES)
        fields = [field for e in common for field in _said(e, "subjectField")]
        own = next((value(e) for e in entry if local(e.tag) == "concept"), "")
        identifier = entry.get("id") or entry.get("tuid") or own
        concept = f"{options.prefix}:{identifier}" if options.prefix and identifier else identifier
        if label := recorder.wanted(fields, number, f"{identifier} ({', '.join(fields)})"):
            yield from _terms_tbx(number, entry, concept, label, options, recorder)


def _terms_tbx(
    number: int, entry: Element, concept: str, label: str, options: TbxOptions, recorder: Recorder
) -> Iterator[Term]:
    for section in (e for e in entry.iter() if local(e.tag) in _LANGUAGES):
        named = next((e.get("lang", "").lower() for e in section if local(e.tag) == "language"), "")
        language = section.get(LANG) or section.get("lang") or named or _UNKNOWN
        for group in (e for e in section if local(e.tag) in _TERMS):
            text = next((value(e) for e in group.iter() if local(e.tag) in ("term", "seg")), "")
            standings = _said(group, "administrativeStatus") or _said(group, "normativeAuthorization")
            standing = next(iter(standings), "")
            if not text:
                recorder.bad("term without text", number, concept)
            elif not in_language(language, options.languages):
                recorder.skip(f"language {language}", number, text)
            elif standing.startswith(_UNWANTED) and not options.deprecated:
                recorder.skip("deprecated", number, text)
            else:
                status = "preferred" if standing.startswith("preferred") else "synonym"
                status = status if _ABBREVIATIONS.isdisjoint(_said(group, "termType")) else "abbreviation"
                yield from recorder.terms(text, number, label, concept, status)


def _said(element: Element, category: str) -> list[str]:
    """Values of a data category: an attribute names it, or in the style DCT the element itself."""
    return [value(e) for e in element.iter() if category in (e.get("type"), local(e.tag))]


TBX = Reader(
    "tbx",
    "TermBase eXchange, MultiTerm XML, translation memories (TMX)",
    _read_tbx,
    looks(ends=(".tbx", ".tmx"), holds=(b"<martif", b"<tbx ", b"<tmx ", b"<conceptGrp>")),
    TbxOptions,
    own_labels=True,
)
