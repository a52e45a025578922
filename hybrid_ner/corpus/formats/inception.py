"""What INCEpTION writes: UIMA CAS as XMI and JSON, WebAnno TSV."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from hybrid_ner.corpus.document import Document, Entity, Located
from hybrid_ner.corpus.formats.records import BadRecordError, mapping, objects
from hybrid_ner.corpus.formats.shared import FAR, Format, begins, not_read, points_of_units, read_only
from hybrid_ner.io import Place, Problem, Report, open_bytes, parse_json, read_rows, read_text
from hybrid_ner.terms.readers.streams import elements, local

# UIMA CAS as XMI and as JSON (INCEpTION, cTAKES, DKPro), without its type system.
#
# Annotations with begin and end give entities: the label is the feature ``value``, ``label``, ``type`` …, or
# else the name of the type (``DiseaseDisorderMention``); ``identifier`` and the like is the concept. Types of
# words and of the layout (token, sentence, part of speech …) are passed over; relations, chains and slots of
# other annotations are counted. Offsets count UTF-16 units. Each view with a text is a document.
#
# https://docs.oasis-open.org/uima/v1.0/uima-v1.0.html and https://github.com/apache/uima-uimaj-io-jsoncas

_STRUCTURE = re.compile(
    r"\b(?:lexmorph|syntax|segmentation|metadata|textspan|structured|uima\.tcas)\b"
    r"|(?:^|\.)(?:Token|Sentence|Paragraph|Lemma|Stem|POS|DocumentAnnotation|TagsetDescription)$"
)
"""Packages and names of types that stand for words and layout, in DKPro, cTAKES and elsewhere."""
_LABELS = ("value", "label", "entityType", "category", "type", "class")
_ENDS = frozenset({"Governor", "Dependent", "source", "target", "arg1", "arg2"})
"""Features of relations, which have a begin and an end too; other types tell by what they refer to."""
_IDS = ("identifier", "conceptId", "concept_id", "cui", "code")
_ID = "%ID"
"""Where the number of a feature structure is kept: a feature may be called ``id`` too."""
_PLACED = frozenset({"sofa", "begin", "end", "TYPE", _ID})
_OWN = frozenset({*_PLACED, *_LABELS, *_IDS})
_SLOT = frozenset({"role", "target"})
"""Features of what fills a slot of an annotation with another one."""
_ELEMENTS = "%ELEMENTS"
_XMI = "{http://www.omg.org/XMI}"


def read_xmi(path: Path, report: Report) -> Iterator[Located]:
    yield from _documents(path, list(_xmi(path)), report)


def _xmi(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name of the type and the features of each feature structure."""
    with open_bytes(path) as stream:
        for above, element in elements(stream, str(path)):
            if len(above) == 1:
                values: dict[str, Any] = {
                    _ID if name == f"{_XMI}id" else local(name): value
                    for name, value in element.attrib.items()
                }
                for child in element:  # once for each item of a list
                    name, said = local(child.tag), child.text or ""
                    values[name] = [*values[name], said] if name in values else [said]
                values = {name: _alone(value) for name, value in values.items()}
                # {http:///de/tudarmstadt/…/ner/type.ecore}NamedEntity
                space = element.tag.lstrip("{").rpartition("}")[0]
                package = space.removeprefix("http:///").removesuffix(".ecore").replace("/", ".")
                yield f"{package}.{local(element.tag)}", values
                element.clear()


def _alone(value: Any) -> Any:
    """The one item of a list; else the value."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def read_json(path: Path, report: Report) -> Iterator[Located]:
    if (text := read_text(path, report)) is None:
        return
    try:
        whole = mapping(parse_json(text), "CAS")
        listed = objects(whole.get("%FEATURE_STRUCTURES"), "%FEATURE_STRUCTURES")
    except (ValueError, RecursionError, BadRecordError) as error:
        said = str(error) if isinstance(error, BadRecordError) else f"broken JSON: {error}."
        report(Problem("json", said, Place(str(path)), hint="Export the file again."))
        return
    found = []
    for each in listed:
        found.append((str(each.get("%TYPE", "")), {name.lstrip("@^"): value for name, value in each.items()}))
    lists = {str(v.get(_ID)): v[_ELEMENTS] for _, v in found if isinstance(v.get(_ELEMENTS), list)}
    for each, (_, values) in zip(listed, found, strict=True):
        refers = [name.removeprefix("@") for name in each if name.startswith("@")]
        values |= {name: lists[key] for name in refers if (key := str(values[name])) in lists}
    yield from _documents(path, found, report)


def _documents(path: Path, structures: list[tuple[str, dict[str, Any]]], report: Report) -> Iterator[Located]:
    sofas = [v for name, v in structures if name.endswith("Sofa") and isinstance(v.get("sofaString"), str)]
    stem = _stem(path)
    left: Counter[str] = Counter()
    joining, chained, slots = _joining(structures), _chained(structures), _slots(structures)
    left["slot"] += len(slots)
    if not sofas:
        report(Problem("document", "no view with a text.", Place(str(path)), hint="Export the file again."))
    for sofa in sofas:
        doc_id = stem if len(sofas) == 1 else f"{stem}/{sofa.get('sofaID', sofa.get(_ID))}"
        text = sofa["sofaString"]
        point = points_of_units(text)
        entities = []
        for name, values in structures:
            where = _where(values)
            if where is None or str(values.get("sofa")) != str(sofa.get(_ID)) or _STRUCTURE.search(name):
                continue
            if name in joining or len(_ENDS.intersection(values)) > 1:
                left["relation"] += 1
            elif name in chained:
                left["link of a chain"] += 1
            else:
                plain = {key: said for key, said in values.items() if not _fills(said, slots)}
                plain["TYPE"] = name.rpartition(".")[2]
                entities.append(_entity(plain, point(where[0]), point(where[1])))
        yield Place(str(path)), Document(doc_id, text, _looked_at(path, entities))
    not_read(left, path, report)


def _joining(structures: list[tuple[str, dict[str, Any]]]) -> set[str]:
    """Types of which two or more features always refer to other annotations: custom relations.

    ``custom.DrugEffect(begin, end, drug=17, effect=23)``, where 17 and 23 are annotations.
    """
    places = {str(values.get(_ID)) for _, values in structures if _where(values)}
    features: dict[str, Counter[str]] = {}
    for name, values in structures:
        if _where(values):
            refers = (key for key, value in values.items() if key not in _OWN and str(value) in places)
            features.setdefault(name, Counter()).update({"": 1, **dict.fromkeys(refers, 1)})
    return {name for name, found in features.items() if list(found.values()).count(found[""]) > 2}


def _chained(structures: list[tuple[str, dict[str, Any]]]) -> set[str]:
    """Types of which one annotation names the next of its type: ``CoreferenceLink(begin, end, next=27)``."""
    types = {str(values.get(_ID)): name for name, values in structures if _where(values)}
    return {
        name for name, values in structures if _where(values) and types.get(str(values.get("next"))) == name
    }


def _slots(structures: list[tuple[str, dict[str, Any]]]) -> set[str]:
    """Ids of what fills slots with other annotations: ``EventArgsLink(role="drug", target=17)``."""
    return {str(v.get(_ID)) for _, v in structures if v.keys() >= _SLOT and not _where(v)}


def _fills(said: Any, slots: set[str]) -> bool:
    """Whether the value of a feature is what fills slots alone: "30 31" in XMI, a list in JSON."""
    listed = said if isinstance(said, list) else said.split() if isinstance(said, str) else []
    return bool(listed) and all(str(each) in slots for each in listed)


def _stem(path: Path) -> str:
    """Name of a file, which is that of its document; INCEpTION calls it after the annotator."""
    if is_exported((*path.parts[:-1], path.stem)):
        return path.parent.name
    return path.name.removesuffix(".gz").rpartition(".")[0] or path.name


_INITIAL, _USERS = "INITIAL_CAS", ("INITIAL_CAS", "CURATION_USER")
"""Who annotates in INCEpTION beside people: nobody yet, and those who settle differences."""


def is_exported(parts: Sequence[str]) -> bool:
    """Whether a file lies as in an export of INCEpTION: ``annotation/n1.txt/ana``, without its ending."""
    return len(parts) > 2 and (parts[-3] in ("annotation", "curation") or parts[-1] in _USERS)


def exported(files: Sequence[Path]) -> dict[Path, str | None]:
    """Files of an export of INCEpTION → id of the document, with the annotator where there are several.

    ``n1.txt`` for ``curation/n1.txt/CURATION_USER.xmi`` alone, ``n1.txt/ana`` beside
    ``annotation/n1.txt/ben.xmi``; ``None`` for the copy from before anybody annotated, beside a later one.
    """
    found = [file for file in files if is_exported((*file.parts[:-1], file.stem))]
    times = Counter(file.parent.name for file in found if file.stem != _INITIAL)

    def named(file: Path) -> str | None:
        others = times[file.parent.name]
        if file.stem == _INITIAL:
            return None if others else file.parent.name
        return file.parent.name + f"/{file.stem}" * (others > 1)

    return {file: named(file) for file in found}


def _looked_at(path: Path, entities: Sequence[Entity]) -> tuple[Entity, ...] | None:
    """The entities of a document; ``None`` where there are none since nobody has annotated it yet."""
    return None if not entities and path.stem == _INITIAL else tuple(entities)


def is_beside(file: Path, format: str) -> bool:
    """Whether it only describes files of a format: the types of an XMI file."""
    return format == "uima-xmi" and file.name.lower() == "typesystem.xml"


def _where(values: Mapping[str, Any]) -> tuple[int, int] | None:
    try:
        return int(values["begin"]), int(values["end"])
    except (KeyError, TypeError, ValueError):
        return None


def _entity(values: Mapping[str, Any], start: int, end: int) -> Entity:
    """An entity; what is neither its label nor its concept is kept as attributes.

    Args:
        values: Features, with the name of the type or layer as ``TYPE``.
    """
    said = {name: value for name, value in values.items() if value not in (None, "", [])}
    labeled = next((name for name in _LABELS if name in said), "TYPE")
    coded = next((name for name in _IDS if name in said), "")
    plain = (name for name, value in said.items() if isinstance(value, (str, int, float, list)))
    beside = {*_PLACED, labeled, coded}
    attrs = {name: said[name] for name in plain if name not in beside and not name.startswith("%")}
    if labeled != "TYPE" and values["TYPE"] != "NamedEntity":
        attrs["layer"] = values["TYPE"]
    return Entity(start, end, str(said[labeled]), str(said.get(coded, "")), attrs)


# WebAnno TSV 3, the export of WebAnno and INCEpTION: a token a line, span layers in columns.
#
# https://inception-project.github.io/releases/latest/docs/user-guide.html#sect_formats_webannotsv3
#
# Offsets count UTF-16 units. A span layer gives entities as in a CAS; where it has one feature alone, that is
# the label, and the layer an attribute. Layers of words (part of speech, lemma …) are passed over; relations,
# chains and slots are counted. What stood between sentences is not in such a file: a line break takes its
# place.

_MARK = "#FORMAT=WebAnno TSV 3"
_WORDS = ("POS", "Lemma", "Stem", "MorphologicalFeatures", "Dependency", "SurfaceForm", "Token")
_TOKEN = re.compile(r"\d+-\d+(?:\.\d+)?\Z")
_PLACE = re.compile(r"\d{1,12}-\d{1,12}")
_NUMBER = re.compile(r"(.*)\[(\d+)\]\Z", re.DOTALL)
_PIPE = re.compile(r"(?<!\\)\|")
_ESCAPED = {r"\t": "\t", r"\n": "\n", r"\r": "\r"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class _Layer(NamedTuple):
    name: str
    features: list[str]
    at: int


@dataclass(slots=True)
class _Span:
    """A span while its tokens are read, in UTF-16 units."""

    layer: str
    start: int
    end: int
    values: dict[str, str] = field(default_factory=dict)


def read_webanno(path: Path, report: Report) -> Iterator[Located]:
    """The document of a file, named after it."""
    found = _File(path, report)
    yield Place(str(path)), found.document()
    not_read(found.left, path, report)


class _File:
    """One file: its text by sentences, and the spans of its layers."""

    def __init__(self, path: Path, report: Report) -> None:
        self._path, self._report = path, report
        self._pieces: list[str] = []
        self._units = 0
        self._sentence: list[str] = []
        self._layers: list[_Layer] = []
        self._columns = 3
        self._open: dict[tuple[str, str], _Span] = {}
        self._spans: list[_Span] = []
        self.left: Counter[str] = Counter()
        for row, line in read_rows(path, report, windows=True):
            self._line(row, line)

    def document(self) -> Document:
        text = "".join(self._pieces)
        point = points_of_units(text)
        entities = []
        for span in self._spans:
            entities.append(_entity({**span.values, "TYPE": span.layer}, point(span.start), point(span.end)))
        return Document(_stem(self._path), text, _looked_at(self._path, entities))

    def _line(self, row: int, line: str) -> None:
        if line.startswith("#T_"):
            self._layer(line)
        elif line.startswith("#Text="):
            self._sentence.append(_plain(line.removeprefix("#Text=")))
        elif line.startswith("#") and not self._sentence:
            pass
        elif not line.strip():
            self._open.clear()
        else:
            fields = line.split("\t")
            if not _TOKEN.match(fields[0]) or len(fields) < 3 or not _PLACE.fullmatch(fields[1]):
                message = f"expected a token such as '1-1<tab>0-5<tab>Fever', found {line[:60]!r}."
                self._report(Problem("row", message, Place(str(self._path), row)))
                return
            self._token(row, fields)

    def _layer(self, line: str) -> None:
        kind, _, rest = line.removeprefix("#T_").partition("=")
        name, *features = rest.split("|")
        short = name.rpartition(".")[2]
        if kind == "SP":
            self._layers.append(_Layer(short, features or ["value"], self._columns))
        elif short not in _WORDS:
            self._layers.append(_Layer("relation" if kind == "RL" else "chain", features, self._columns))
        # The annotation that a relation begins at is among its features: "role|BT_webanno.custom.Cue".
        self._columns += 2 if kind == "CH" else max(len(features), 1)

    def _token(self, row: int, fields: list[str]) -> None:
        start, end = map(int, fields[1].split("-"))
        if self._sentence:
            text = "\n".join(self._sentence)
            self._sentence = []
            gap = max(start - self._units, 0)
            if gap <= FAR:
                self._pieces.append(("\n" if self._pieces else " ") * gap + text)
                self._units += gap + len(text.encode("utf-16-le", "surrogatepass")) // 2
        if end > self._units:
            said = f"the token lies at {start:,} to {end:,}, and the text read so far ends at"
            self._report(Problem("row", f"{said} {self._units:,}.", Place(str(self._path), row)))
            return
        for layer in self._layers:
            cells = [_PIPE.split(cell) for cell in fields[layer.at : layer.at + max(len(layer.features), 1)]]
            if all(cell == ["_"] for cell in cells):
                continue
            if layer.name in ("relation", "chain"):
                self.left[layer.name] += len(cells[0])
            elif layer.name not in _WORDS:
                for number in range(max(map(len, cells))):
                    given = [cell[number] if number < len(cell) else "*" for cell in cells]
                    self._span(layer, given, start, end)

    def _span(self, layer: _Layer, cells: list[str], start: int, end: int) -> None:
        numbered = [_NUMBER.match(cell) for cell in cells]
        number = next((found[2] for found in numbered if found), "")
        key = (layer.name, number)
        if number and key in self._open:
            self._open[key].end = end
            return
        said = [found[1] if found else cell for cell, found in zip(cells, numbered, strict=True)]
        values, slot = dict[str, str](), False
        plain = [name for at, name in enumerate(layer.features) if not _is_slot(layer.features, at)]
        for at, (name, value) in enumerate(zip(layer.features, said, strict=False)):
            if _is_slot(layer.features, at):
                slot = slot or value not in ("*", "_", "")
            elif value not in ("*", "_", ""):
                values["value" if len(plain) == 1 and name not in _IDS else name] = _plain(value)
        self.left["slot"] += slot
        self._spans.append(_Span(layer.name, start, end, values))
        if number:
            self._open[key] = self._spans[-1]


def _is_slot(features: Sequence[str], at: int) -> bool:
    """Whether a column names a role, or next to it who has it: "ROLE_custom.Event:args_…|custom.Drug"."""
    return any(name.startswith("ROLE_") for name in features[max(at - 1, 0) : at + 1])


def _plain(text: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[0], found[1]), text) if "\\" in text else text


WEBANNO = Format("webanno", (), read_webanno, read_only, sniff=lambda name, head: head.startswith(_MARK))
XMI = Format("uima-xmi", (".xmi",), read_xmi, read_only, sniff=begins("<", holds=("xmi:XMI", "uima/cas")))
_OF_CAS = begins("{", one_of=('"%FEATURE_STRUCTURES"', '"%TYPES"'))
CAS_JSON = Format("uima-json", (), read_json, read_only, sniff=_OF_CAS)
