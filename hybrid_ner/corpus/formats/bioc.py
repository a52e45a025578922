"""BioC in XML and JSON (https://bioc.sourceforge.net): passages at offsets, annotations with locations.

The passages of a document are joined where their offsets put them, so that offsets are those of the file; a
passage that its offset puts over another, or far away, follows the last one after a line break. ``infons``
of the document are kept as meta data, passages as ``meta["passages"]``. Relations and annotations of several
parts have no place here: the first are counted, the others reported.

Texts in other XML: articles of PubMed and JATS, clinical documents (CDA), texts of i2b2 with their tags,
editions (TEI), acts, bills and judgments (Akoma Ntoso), patents (USPTO).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any
from xml.etree import ElementTree

from hybrid_ner.corpus.document import Document, Entity, Located, why_elsewhere
from hybrid_ner.corpus.formats import shared
from hybrid_ner.corpus.formats.jsonl import BadRecordError, as_list, json_records
from hybrid_ner.corpus.formats.records import Losses, mapping, objects, side_by_side
from hybrid_ner.errors import CorpusError, spelled
from hybrid_ner.io import Place, Problem, Report, open_bytes, parse_json, unpacked_name
from hybrid_ner.terms.readers.streams import child, elements, inside, local, value
from hybrid_ner.text import quantity

_INTEGER = re.compile(r"\s*-?\d{1,12}\s*")
_TYPES = ("type", "label", "entity_type")
_IDS = ("identifier", "Identifier", "concept_id", "MESH", "NCBI Gene", "NCBIGene", "CUI")
_LISTS = ("documents", "PubTator3")


def _json_documents(path: Path, report: Report) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Those of a collection, of an array of documents, or one a line."""
    number, nulls = 0, 0
    for place, found in json_records(path, report, as_list):
        listed = next((found[k] for k in _LISTS if isinstance(found, dict) and k in found), [found])
        if not isinstance(listed, list):
            said = "expected a list of documents."
            report(Problem("document", said, place, hint="Export the documents as BioC again."))
            continue
        nulls += sum(each is None for each in listed)
        for document in listed:
            number += 1
            if document is None:
                continue
            if isinstance(document, dict) and isinstance(document.get("passages"), list):
                yield number, document
            else:
                report(Problem("document", "expected a document with passages.", Place(str(path), number)))
    shared.not_read(Counter({shared.NULL_RECORD: nulls}), path, report)


def _xml_documents(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    number = 0
    with open_bytes(path) as stream:
        for above, element in elements(stream, str(path)):
            if element.tag == "document":
                number += 1
                yield number, _from_xml(element)
                (above[0] if above else element).clear()


def _from_xml(element: ElementTree.Element) -> dict[str, Any]:
    """A document, passage, sentence or annotation as the JSON form has it."""
    made: dict[str, Any] = {"infons": {i.get("key", ""): i.text or "" for i in element.findall("infon")}}
    for name in ("id", "offset", "text"):
        if (found := element.find(name)) is not None:
            made[name] = found.text or ""
    if "id" in element.attrib:
        made["id"] = element.attrib["id"]
    for name in ("passage", "sentence", "annotation", "relation"):
        made[f"{name}s"] = [_from_xml(each) for each in element.findall(name)]
    made["locations"] = [dict(each.attrib) for each in element.findall("location")]
    return made


def _number(value: Any) -> int:
    return int(value) if isinstance(value, str) and _INTEGER.fullmatch(value) else shared.integer(value)


def _located(
    documents: Iterable[tuple[int, Mapping[str, Any]]], path: Path, report: Report
) -> Iterator[Located]:
    others = Counter[str]()
    for number, raw in documents:
        place = Place(str(path), number)
        made = _Joined(str(raw.get("id") or number), place, report)
        try:
            for passage in _each(raw, "passages"):
                made.add(passage)
            made.annotations(_each(raw, "annotations"), 0, 0)
            others["relation"] += made.relations + len(_each(raw, "relations"))
            yield place, made.document(mapping(raw.get("infons"), "infons"))
        except BadRecordError as error:
            report(Problem(error.kind, str(error), place, hint="Export the document as BioC again."))
    shared.not_read(others, path, report)


def _each(part: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """What a part holds under a name, without what is ``null``."""
    return objects(part.get(name), name)


class _Joined:
    """The text of a document and its entities, passage by passage."""

    def __init__(self, doc_id: str, place: Place, report: Report) -> None:
        self._id, self._place, self._report = doc_id, place, report
        self._text, self._entities, self._waiting = "", list[Entity](), list[tuple[Any, int]]()
        self._passages: list[dict[str, Any]] = []
        self.relations = 0

    def add(self, part: Mapping[str, Any]) -> None:
        """A passage, with its own text or that of its sentences."""
        begin = len(self._text)
        sentences = _each(part, "sentences")
        offset = _number(part.get("offset"))
        if isinstance(part.get("text"), str) and part["text"]:
            start = self._append(part["text"], offset)
        else:
            parts = [(str(each.get("text") or ""), _number(each.get("offset"))) for each in sentences]
            starts = [self._append(*each) for each in parts]
            start = starts[0] if starts else begin
        for each, shift in [(part, start - offset), *((each, start - offset) for each in sentences)]:
            self.annotations(_each(each, "annotations"), shift, start)
            self.relations += len(_each(each, "relations"))
        self._passages.append(
            side_by_side({"start": start, "end": len(self._text)}, mapping(part.get("infons"), "infons"))
        )

    def _append(self, text: str, offset: int) -> int:
        gap = offset - len(self._text)
        if not self._text:
            gap = 0 if gap < 0 or gap > shared.FAR else gap
        elif not 0 < gap <= shared.FAR:
            gap = 1
        self._text += ("\n" if self._text else " ") * gap + text
        return len(self._text) - len(text)

    def annotations(self, found: Iterable[Mapping[str, Any]], shift: int, start: int) -> None:
        """Entities of one part, moved as its text was moved."""
        for raw in found:
            locations = _each(raw, "locations")
            places = [(_number(each.get("offset")), _number(each.get("length"))) for each in locations]
            one = shared.as_one(((at + shift, at + shift + length) for at, length in places), self._text)
            if one is None:
                message = f"annotation {raw.get('id')!r} has {len(locations)} parts; only one is possible."
                hint = "Make it one part, or leave such mentions out with --skip-bad, which lists them."
                self._report(Problem("discontinuous", message, self._place, self._id, hint))
                continue
            infons = mapping(raw.get("infons"), "infons")
            infons = {key: _value(key, value) for key, value in infons.items() if value not in (None, "")}
            label = next((infons.pop(name) for name in _TYPES if name in infons), "")
            concept = next((infons.pop(name) for name in _IDS if name in infons), "")
            said = raw.get("text")
            there = self._text[max(one[0], 0) : max(one[1], 0)]
            if said and " ".join(str(said).split()) != " ".join(there.split()):
                message = f"annotation {raw.get('id')!r} says {said!r}, the text there is {there!r}."
                hint = why_elsewhere(self._text, *one, str(said))
                self._report(Problem("surface", message, self._place, self._id, hint))
                continue
            concept = "" if concept == "-" else str(concept)
            self._entities.append(Entity(one[0], one[1], str(label), concept, infons))

    def document(self, infons: Mapping[str, Any]) -> Document:
        meta = {**infons, "passages": self._passages} if len(self._passages) > 1 else dict(infons)
        return Document(self._id, self._text, tuple(self._entities), meta)


def write_xml(path: Path, documents: Iterable[Document], report: Report) -> int:
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE collection SYSTEM "BioC.dtd">\n<collection>'
        "<source>hybrid_ner</source><date></date><key></key>\n"
    )

    lines = (f"<document>{_xml(made, path)}</document>\n" for made in _written(documents, path, report))
    return shared.write_each(path, lines, lambda line: [line], head, "</collection>\n")


def _xml(part: Mapping[str, Any], path: Path) -> str:
    said = []
    for name in ("id", "infons", "offset", "locations", "text", "passages", "annotations"):
        value = part.get(name)
        if name == "infons":
            for key, infon in (value or {}).items():
                said.append(f'<infon key="{_kept(key, path, _QUOTES)}">{_kept(str(infon), path)}</infon>')
        elif name == "locations":
            said += [f'<location offset="{at["offset"]}" length="{at["length"]}"/>' for at in value or ()]
        elif name == "passages":
            said += [f"<passage>{_xml(each, path)}</passage>" for each in value or ()]
        elif name == "annotations":
            for each in value or ():
                inside = _xml({k: v for k, v in each.items() if k != "id"}, path)
                said.append(f'<annotation id="{each["id"]}">{inside}</annotation>')
        elif value is not None:
            said.append(f"<{name}>{_kept(str(value), path)}</{name}>")
    return "".join(said)


_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
"""A carriage return would be read as a line feed."""
_QUOTES = {'"': "&quot;", "\t": "&#9;", "\n": "&#10;"}
"""In an attribute; white space in it is read as a space."""


def _kept(text: str, path: Path, quotes: Mapping[str, str] = MappingProxyType({})) -> str:
    """A text as XML."""
    bad = next((c for c in text if (ord(c) < 32 and c not in "\t\n\r") or c in "\ufffe\uffff"), None)
    if bad is not None:
        hint = "Clean it first (hybrid-ner corpus clean), or write another format."
        raise CorpusError(f"XML cannot hold the character U+{ord(bad):04X}.", path=path, hint=hint)
    marks: dict[str, str | int | None] = {**_MARKUP, **quotes}
    return text.translate(str.maketrans(marks))


def write_json(path: Path, documents: Iterable[Document], report: Report) -> int:
    before = '{"source": "hybrid_ner", "date": "", "key": "", "infons": {}, "documents": ['
    return shared.write_array(path, _written(documents, path, report), before, "\n]}\n")


def _written(documents: Iterable[Document], path: Path, report: Report) -> Iterator[dict[str, Any]]:
    lost = Losses(path, report)
    for document in documents:
        plain = {k: str(v) for k, v in document.meta.items() if isinstance(v, (str, int, float))}
        if document.meta.keys() - plain.keys() - {"passages"}:
            lost.note("meta data that is no plain value")
        if document.entities is None:
            lost.note("that nobody annotated it")
        number = 0
        passages = []
        for start, end, infons in _passages(document):
            inside = [e for e in document.entities or () if start <= e.start < max(end, start + 1)]
            annotations = [_annotation(e, n, document.text) for n, e in enumerate(inside, number + 1)]
            number += len(inside)
            text = document.text[start:end]
            inner = {"sentences": [], "annotations": annotations, "relations": []}
            passages.append({"offset": start, "infons": infons, "text": text, **inner})
        whole = {"passages": passages, "annotations": [], "relations": []}
        yield {"id": document.doc_id, "infons": plain, **whole}
    lost.warn()


def _passages(document: Document) -> list[tuple[int, int, dict[str, str]]]:
    """The passages that were read, where they still hold every entity and character; else one of all."""
    whole = [(0, len(document.text), dict[str, str]())]
    kept = document.meta.get("passages")
    try:
        found = [(int(p["start"]), int(p["end"]), {k: str(v) for k, v in p.items()}) for p in kept or ()]
    except (TypeError, KeyError, ValueError, AttributeError):
        return whole
    at = 0
    for start, end, _ in found:
        if not at <= start <= end <= len(document.text) or document.text[at:start].strip("\n"):
            return whole
        at = end
    fits = all(any(s <= e.start and e.end <= t for s, t, _ in found) for e in document.entities or ())
    if not found or at != len(document.text) or not fits:
        return whole
    return [(s, t, {k: v for k, v in infons.items() if k not in ("start", "end")}) for s, t, infons in found]


def _value(key: str, value: Any) -> Any:
    """An attribute of an entity; lists, objects and scores are written as JSON: ``["negated"]``, ``0.83``."""
    if isinstance(value, str) and (value[:1] in "[{" or key in ("score", "model_score")):
        try:
            return parse_json(value)
        except ValueError:
            return value
    return value


def _annotation(entity: Entity, number: int, text: str) -> dict[str, Any]:
    own = {"type": entity.label, **({"identifier": entity.concept_id} if entity.concept_id else {})}
    said = {
        key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for key, value in entity.attrs.items()
    }
    infons = side_by_side(own, said, () if entity.concept_id else _IDS)
    where = {"offset": entity.start, "length": entity.end - entity.start}
    surface = text[entity.start : entity.end]
    return {"id": str(number), "infons": infons, "text": surface, "locations": [where]}


XML = shared.Format(
    "bioc-xml",
    (".bioc.xml",),
    lambda path, report: _located(_xml_documents(path), path, report),
    write_xml,
    sniff=shared.begins("<", holds=("<collection", "<document")),
)
JSON = shared.Format(
    "bioc-json",
    (".bioc.json",),
    lambda path, report: _located(_json_documents(path, report), path, report),
    write_json,
    sniff=shared.begins("{", "[", holds=('"passages"', '"offset"')),
)


# Other XML that holds texts: each form tells by its elements what is text.
#
# PubMed: title and abstract, an article each. JATS: title, abstract and body. Clinical documents (CDA,
# C-CDA): the titles and narrative texts of the sections. i2b2: the text, with the tags that have offsets
# (of code points) as entities; the label is the attribute TYPE, else the name of the tag. TEI: what stands in
# <text>, as the source has it. Akoma Ntoso: all but the data about it. USPTO: title, abstract, description
# and claims.

_BLOCKS = frozenset((
    "p", "paragraph", "title", "item", "list", "table", "tr", "caption", "sec", "section", "br", "label",
    "article-title", "ArticleTitle", "AbstractText",
    "head", "div", "l", "ab", "lb", "pb", "row", "opener", "closer", "dateline", "salute", "signed",
    "speaker", "heading", "subheading", "block", "num", "longTitle", "listIntroduction", "listWrapUp",
    "invention-title", "claim", "claim-text", "us-claim-statement",
))  # fmt: skip
"""Elements that stand on lines of their own."""
_CELLS = frozenset({"td", "th", "cell", "entry"})
_NO_TEXT = frozenset((
    "xref", "ref-list", "fig", "graphic", "tex-math", "object-id", "journal-meta", "footnoteRef",
    "renderMultiMedia", "authorialNote", "note", "del", "figure", "maths", "chemistry", "img",
))  # fmt: skip
"""Elements that are no part of what is read as text: marks of references, formulas, pictures, notes."""
_NUMBERS = frozenset({"num"})
"""Elements that begin the line of what follows them: "(a) any record"."""


def read_texts(path: Path, report: Report) -> Iterator[Located]:
    """Documents of a file in one of these forms; what is beside the text is counted."""
    number, others, alone = 0, Counter[str](), 0
    with open_bytes(path) as whole:
        for above, element in chain.from_iterable(elements(each, str(path)) for each in _each_xml(whole)):
            name = local(element.tag)
            others["chapter of a book"] += name == "PubmedBookArticle"
            made = _TEXTS.get(name)
            made = _of_i2b2 if not above and child(element, "TEXT") is not None else made
            if made is None or (name == "article" and any(local(each.tag) == "article" for each in above)):
                continue
            number += 1
            place = Place(str(path), number)
            document = made(element, str(number), others)
            if document.doc_id == str(number) and not above:
                document = replace(document, doc_id=spelled(unpacked_name(path.name).rpartition(".")[0]))
            alone += name == "PubmedArticle" and "\n" not in document.text
            if document.text.strip():
                yield place, document
            else:
                report(Problem("text", f"<{name}> holds no text.", place, hint="Leave it out.", warning=True))
            if above:
                above[-1].remove(element)
    shared.not_read(others, path, report)
    if alone:
        said = f"{quantity(alone, 'article')} without an abstract: the title alone is the text."
        report(Problem("no abstract", said, Place(str(path)), warning=True))


def _each_xml(whole: IO[bytes]) -> Iterator[IO[bytes]]:
    """The documents of a file that may hold several, one behind the other, as those of the USPTO do."""
    if not re.search(rb"<us-patent-\w+", whole.read(_HEAD_OF_PATENT)):
        whole.seek(0)
        yield whole
        return
    whole.seek(0)
    lines = list[bytes]()
    for line in whole:
        if line.startswith(b"<?xml") and lines:
            yield BytesIO(b"".join(lines))
            lines.clear()
        lines.append(line)
    yield BytesIO(b"".join(lines))


_HEAD_OF_PATENT = 1000
"""Bytes in which the name of the first element stands, behind the declarations."""


def _prose(
    element: ElementTree.Element | None, others: Counter[str], blocks: Collection[str] = _BLOCKS
) -> str:
    """The text of an element, a line for each block in it."""
    pieces: list[str] = []

    def walk(part: ElementTree.Element) -> None:
        name = local(str(part.tag))
        if name in _NO_TEXT:
            others[f"element of kind {name}"] += 1
            return
        if name == "lb" and part.get("break") == "no":  # within a word
            pieces[-1:] = [each.rstrip().rstrip("-") for each in pieces[-1:]]
            return
        if name == "choice":  # what the source says, and how the editor would have it
            others["reading of the editor"] += max(len(part) - 1, 0)
            for each in part[:1]:
                walk(each)
            return
        pieces.append("\n" * (name in blocks) + "\t" * (name in _CELLS))
        pieces.append(re.sub(r"\s+", " ", part.text or ""))
        for each in part:
            walk(each)
            pieces.append(re.sub(r"\s+", " ", each.tail or ""))
        pieces.append("\v" if name in _NUMBERS else "\n" * (name in blocks))

    if element is not None:
        walk(element)
    whole = re.sub(r"\v\s*", " ", "".join(pieces))
    lines = (re.sub(r" ?\t ?", "\t", re.sub(" {2,}", " ", line)).strip() for line in whole.split("\n"))
    return "\n".join(filter(None, lines))


def _of_pubmed(element: ElementTree.Element, number: str, others: Counter[str]) -> Document:
    parts = [_prose(child(element, "MedlineCitation", "Article", "ArticleTitle"), others)]
    others["abstract in another language"] += sum(
        local(each.tag) == "OtherAbstract" for each in inside(element, "MedlineCitation")
    )
    for each in inside(element, "MedlineCitation", "Article", "Abstract"):
        if local(each.tag) == "AbstractText":
            heading = each.get("Label", "")
            parts.append(f"{heading}: {_prose(each, others)}" if heading else _prose(each, others))
    return Document(value(element, "MedlineCitation", "PMID") or number, "\n".join(filter(None, parts)))


def _of_jats(element: ElementTree.Element, number: str, others: Counter[str]) -> Document:
    meta = child(element, "front", "article-meta")
    ids = {
        each.get("pub-id-type", ""): each.text or ""
        for each in inside(meta)
        if local(each.tag) == "article-id"
    }
    parts = [child(meta, "title-group", "article-title"), child(meta, "abstract"), child(element, "body")]
    text = "\n".join(filter(None, (_prose(part, others) for part in parts)))
    return Document(next((ids[name] for name in ("pmid", "pmc", "doi") if ids.get(name)), number), text)


def _of_clinic(element: ElementTree.Element, number: str, others: Counter[str]) -> Document:
    said = [value(element, "title")]
    for each in element.iter():
        if local(str(each.tag)) == "section":
            said += [value(each, "title"), _prose(child(each, "text"), others)]
        others["entry of coded data"] += local(str(each.tag)) == "entry"
        if local(str(each.tag)) == "nonXMLBody":
            body = child(each, "text")
            if body is not None and body.get("representation") == "B64":
                others[f"body in base64 ({body.get('mediaType', 'of an unknown kind')})"] += 1
            else:
                said.append(_prose(body, others))
    return Document(number, "\n".join(filter(None, said)))


def _of_edition(element: ElementTree.Element, number: str, others: Counter[str]) -> Document:
    named = element.get("{http://www.w3.org/XML/1998/namespace}id", "")
    doc_id = named or value(element, "teiHeader", "fileDesc", "publicationStmt", "idno")
    return Document(doc_id or number, _prose(child(element, "text"), others, _BLOCKS - {"title"}))


def _of_law(element: ElementTree.Element, number: str, others: Counter[str]) -> Document:
    kind = next(iter(element), None)
    work = child(kind, "meta", "identification", "FRBRWork", "FRBRthis")
    doc_id = "" if work is None else work.get("value", "")
    text = "\n".join(_prose(each, others) for each in inside(kind) if local(each.tag) != "meta")
    return Document(doc_id or number, text)


def _of_patent(element: ElementTree.Element, number: str, others: Counter[str]) -> Document:
    about = next((each for each in element if local(each.tag).startswith("us-bibliographic-data")), None)
    named = child(about, "publication-reference", "document-id")
    doc_id = "".join(value(named, name) for name in ("country", "doc-number", "kind"))
    parts = [child(about, "invention-title"), *(child(element, name) for name in _PATENT)]
    return Document(doc_id or number, "\n".join(filter(None, (_prose(part, others) for part in parts))))


_PATENT = ("abstract", "description", "us-claim-statement", "claims")


def _of_i2b2(element: ElementTree.Element, number: str, others: Counter[str]) -> Document:
    found = child(element, "TEXT")
    text = "".join(found.itertext()) if found is not None else ""
    entities, tags = [], child(element, "TAGS")
    for each in inside(element, "TAGS"):
        start, end = (_number(each.get(name, "")) for name in ("start", "end"))
        if start < 0 or end < 0:  # a tag of the whole document, or of two others
            others["tag without a place"] += 1
            continue
        known = {"id", "start", "end", "text", "TYPE", "comment"}
        attrs: dict[str, Any] = {key: said for key, said in each.attrib.items() if key not in known and said}
        attrs |= {"text": each.get("text")} if each.get("text") else {}
        entities.append(Entity(start, end, each.get("TYPE") or local(each.tag), "", attrs))
    looked = tags is not None and (bool(entities) or not len(tags))
    return Document(number, text, tuple(entities) if looked else None)


_TEXTS: Mapping[str, Callable[[ElementTree.Element, str, Counter[str]], Document]] = MappingProxyType(
    {
        "PubmedArticle": _of_pubmed,
        "article": _of_jats,
        "ClinicalDocument": _of_clinic,
        "TEI": _of_edition,
        "akomaNtoso": _of_law,
        "us-patent-grant": _of_patent,
        "us-patent-application": _of_patent,
    }
)


def sniff_texts(name: str, head: str) -> bool:
    """Whether the first element is that of such a form."""
    begins = head.lstrip("\ufeff\r\n ").startswith("<")
    found = re.search(r"<(?![?!])(?:\w+:)?([\w-]+)", head) if begins else None
    tag = found[1] if found else ""
    if tag == "article":
        return "<front" in head or "JATS" in head
    return tag in (*_TEXTS, "PubmedArticleSet", "pmc-articleset", "teiCorpus") or (
        bool(tag) and "<TEXT>" in head
    )


TEXTS = shared.Format("xml-texts", (".nxml",), read_texts, shared.read_only, sniff=sniff_texts)
