"""UIMA CAS as XMI and as JSON (INCEpTION, cTAKES, DKPro), without its type system.

Annotations with begin and end give entities: the label is the feature ``value``, ``label``, ``type`` …, or
else the name of the type (``DiseaseDisorderMention``); ``identifier`` and the like is the concept. Types of
words and of the layout (token, sentence, part of speech …) are passed over, relations are counted. Offsets
count UTF-16 units. Each view with a text is a document.

https://docs.oasis-open.org/uima/v1.0/uima-v1.0.html and https://github.com/apache/uima-uimaj-io-jsoncas
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from hybrid_ner.bounds import check_depth
from hybrid_ner.corpus.document import Document, Entity, Located
from hybrid_ner.corpus.formats.shared import points_of_units
from hybrid_ner.io import Place, Problem, Report, open_bytes, parse_json, read_text
from hybrid_ner.terms.readers.streams import malformed
from hybrid_ner.text import quantity

_STRUCTURE = re.compile(
    r"\b(?:lexmorph|syntax|segmentation|metadata|textspan|structured|uima\.tcas)\b"
    r"|(?:^|\.)(?:Token|Sentence|Paragraph|Lemma|Stem|POS|DocumentAnnotation|TagsetDescription)$"
)
"""Packages and names of types that stand for words and layout, in DKPro, cTAKES and elsewhere."""
_LABELS = ("value", "label", "entityType", "category", "type", "class")
_ENDS = frozenset({"Governor", "Dependent", "source", "target", "arg1", "arg2"})
"""Features of relations, which have a begin and an end too."""
_IDS = ("identifier", "conceptId", "concept_id", "cui", "code")
_OWN = frozenset({"sofa", "begin", "end", "id", "ID", "TYPE", *_LABELS, *_IDS})


def sniff_xmi(name: str, head: str) -> bool:
    """Whether the root is that of an XMI file of a CAS."""
    return head.lstrip().startswith("<") and "xmi:XMI" in head and "uima/cas" in head


def sniff_json(name: str, head: str) -> bool:
    """Whether it holds feature structures of a CAS."""
    return head.lstrip().startswith("{") and ('"%FEATURE_STRUCTURES"' in head or '"%TYPES"' in head)


def read_xmi(path: Path, report: Report) -> Iterator[Located]:
    """Documents of an XMI file."""
    yield from _documents(path, list(_xmi(path)), report)


def _xmi(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name of the type and the features of each feature structure."""
    depth = 0
    try:
        with open_bytes(path) as stream:
            for event, element in ElementTree.iterparse(stream, ("start", "end")):
                depth += 1 if event == "start" else -1
                check_depth(depth, path)
                if event == "end" and depth == 1:
                    values = {name.rpartition("}")[2]: value for name, value in element.attrib.items()}
                    values |= {child.tag.rpartition("}")[2]: child.text or "" for child in element}
                    # {http:///de/tudarmstadt/…/ner/type.ecore}NamedEntity
                    space, _, name = element.tag.lstrip("{").rpartition("}")
                    package = space.removeprefix("http:///").removesuffix(".ecore").replace("/", ".")
                    yield f"{package}.{name}", values
                    element.clear()
    except (ElementTree.ParseError, LookupError) as error:
        raise malformed(error, str(path)) from error


def read_json(path: Path, report: Report) -> Iterator[Located]:
    """Documents of a JSON file."""
    text = read_text(path, report)
    if text is None:
        return
    try:
        structures = parse_json(text).get("%FEATURE_STRUCTURES") or ()
    except (ValueError, RecursionError, AttributeError) as error:
        report(Problem("json", f"broken JSON: {error}.", Place(str(path)), hint="Export the file again."))
        return
    listed = [each for each in structures if isinstance(each, dict)]
    found = [(str(each.get("%TYPE", "")), _features(each)) for each in listed]
    yield from _documents(path, found, report)


def _features(structure: Mapping[str, Any]) -> dict[str, Any]:
    return {name.lstrip("%@^").replace("ID", "id"): value for name, value in structure.items()}


def _documents(path: Path, structures: list[tuple[str, dict[str, Any]]], report: Report) -> Iterator[Located]:
    sofas = [v for name, v in structures if name.endswith("Sofa") and isinstance(v.get("sofaString"), str)]
    stem = path.name.removesuffix(".gz").rpartition(".")[0] or path.name
    left: Counter[str] = Counter()
    if not sofas:
        report(Problem("document", "no view with a text.", Place(str(path)), hint="Export the file again."))
    for sofa in sofas:
        doc_id = stem if len(sofas) == 1 else f"{stem}/{sofa.get('sofaID', sofa.get('id'))}"
        text = sofa["sofaString"]
        point = points_of_units(text)
        entities = []
        for name, values in structures:
            where = _where(values)
            if where is None or str(values.get("sofa")) != str(sofa.get("id")) or _STRUCTURE.search(name):
                continue
            if len(_ENDS.intersection(values)) > 1:
                left["relations"] += 1
            else:
                values["TYPE"] = name.rpartition(".")[2]
                entities.append(_entity(values, point(where[0]), point(where[1])))
        yield Place(str(path)), Document(doc_id, text, tuple(entities))
    if left:
        message = f"{quantity(left['relations'], 'relation')} left out, as they have no place here."
        report(Problem("not read", message, Place(str(path)), warning=True))


def _where(values: Mapping[str, Any]) -> tuple[int, int] | None:
    try:
        return int(values["begin"]), int(values["end"])
    except (KeyError, TypeError, ValueError):
        return None


def _entity(values: Mapping[str, Any], start: int, end: int) -> Entity:
    label = next((str(values[name]) for name in _LABELS if values.get(name)), values["TYPE"])
    concept = next((str(values[name]) for name in _IDS if values.get(name)), "")
    attrs = {
        k: v
        for k, v in values.items()
        if k not in _OWN and v not in (None, "") and isinstance(v, (str, int, float))
    }
    if label != values["TYPE"] and values["TYPE"] != "NamedEntity":
        attrs["layer"] = values["TYPE"]
    return Entity(start, end, label, concept, attrs)
