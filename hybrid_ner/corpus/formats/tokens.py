"""Documents by their tokens: CoNLL in its dialects, and spaCy's DocBin."""

from __future__ import annotations

import json
import re
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hybrid_ner.bounds import check_whole, reading
from hybrid_ner.corpus.document import Document, Entity, Located, without_overlaps
from hybrid_ner.corpus.formats import shared
from hybrid_ner.corpus.formats.records import Losses, as_json, without_nul
from hybrid_ner.errors import CorpusError
from hybrid_ner.io import Place, Problem, Report, read_rows, write_bytes

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Span

# CoNLL columns: a token a line, its tag last, a blank line after a sentence.
#
# IOB1, BIO (IOB2), BILUO and BIOES tags are read; BIO and BILUO are written. A document starts at
# ``-DOCSTART-`` or at a comment ``# id = …``; in a file with neither, every sentence is a document. Such
# files hold no white space, so tokens are joined by one space and sentences by a line break, unless a comment
# ``# text = …`` (a JSON string) holds the text: that is how this module writes, so that offsets survive.

_COMMENT = re.compile(r"#\s*(newdoc id|id|doc_id|text|sent_id)\s*[=:]\s*(.*)")
_OTHER_COMMENT = re.compile(r"#\s*[\w.:-]+\s*=|# [^\t]*\Z")
"""``# speaker = Ann``; a word may be ``#`` too, with its tag."""
_TAG = re.compile(r"(?:(?P<part>[BILUESM])-(?P<label>.+)|O)\Z")
_TAGS = "The tag is the last column: B- and the label for the first token of a mention, I- behind it, else O."
_HEADINGS = re.compile(
    r"(?i)(?:tokens?|words?|wort|form|text)"
    r"(?:[ \t]+(?:#|id|lemma|[ux]?pos|chunk|tags?|labels?|ner(?:[-_ ]?tags?)?|bio|iob2?|entity|entities))+"
)
"""Names of columns above the first token: ``Token  Tag``."""
_SPAN_TAG = re.compile(r"[BIES]-\w")
_NOTHING = ("", "_", "-", "O", "-X-")
_INSIDE = frozenset("ILEM")
_LAST = frozenset("LEUS")


@dataclass(slots=True)
class Block:
    row: int
    doc_id: str = ""
    text: str | None = None
    rows: list[tuple[int, str, str]] = field(default_factory=list)
    second: list[str] = field(default_factory=list)
    beside: Counter[int] = field(default_factory=Counter)
    """Column → how often it says something that is no tag: parts of speech, lemmas."""
    sentence_starts: set[int] = field(default_factory=set)


def read_conll(path: Path, report: Report) -> Iterator[Located]:
    """Documents of a file; tags before the last column (chunks, nested names) are counted."""
    others = Counter[str]()
    stray = shared.StrayTags()
    for number, block in enumerate(_without_numbers(_blocks(path, report, others)), start=1):
        place = Place(str(path), block.row)
        others.update({f"value of column {at}": count for at, count in block.beside.items()})
        if document := _document_conll(block, block.doc_id or str(number), place, report, stray):
            yield place, document
    stray.tell(report)
    shared.not_read(others, path, report)


def tagged(
    words: Iterable[str],
    tags: Iterable[str],
    text: str | None,
    place: Place,
    report: Report,
    stray: shared.StrayTags,
) -> Document | None:
    """A document of words with a tag each; without a text the words are joined by spaces.

    Args:
        tags: IOB1, BIO, BILUO or BIOES.
        text: What the words were cut from.
        report: Told about words that the text lacks, and of tags that continue nothing.
        stray: Told about those which only the whole file can judge.
    """
    rows = [(place.row or 0, word, tag) for word, tag in zip(words, tags, strict=True)]
    return _document_conll(Block(place.row or 0, "", text, rows), str(place.row), place, report, stray)


_SNIFFED = 0.95
"""Share of the lines that are a token and a tag, in a file of columns; some are broken."""


def sniff_conll(name: str, head: str) -> bool:
    """Whether lines are columns that end in a tag, whatever the file is called."""
    lines = [line for line in head.split("\n") if line.strip() and not line.startswith(("#", "-DOCSTART-"))]
    good = sum(map(bool, map(_columns, lines)))
    plus = head.startswith("# global.columns")  # CoNLL-U Plus says which column is which
    return not plus and good >= 2 and good >= _SNIFFED * len(lines)


def _columns(line: str) -> list[str]:
    """The columns of a line, the first a token and the last its tag; empty where it has none."""
    columns = line.split("\t") if "\t" in line else line.split()
    columns[-1:] = [tag.strip() for tag in columns[-1:]]
    return columns if len(columns) > 1 and columns[0] and _TAG.match(columns[-1]) else []


def _blocks(path: Path, report: Report, others: Counter[str]) -> Iterator[Block]:
    block = Block(1)
    marked = False
    for row, line in read_rows(path, report, windows=True):
        comment = _COMMENT.match(line)
        starts = line.startswith("-DOCSTART-") or (comment is not None and comment[1].endswith("id"))
        if starts and not (comment and comment[1] == "sent_id"):
            if block.rows or block.text is not None:
                yield block
            block, marked = Block(row, comment[2].strip() if comment else ""), True
        elif comment is not None:
            if comment[1] == "text" and marked and block.text is None:
                block.text = _text(comment[2])
        elif not line.strip():
            if block.rows and not marked:
                yield block
                block = Block(row + 1)
            block.sentence_starts.add(len(block.rows))
        else:
            columns = _columns(line)
            if not columns and _OTHER_COMMENT.match(line):
                others["comment"] += 1
                continue
            if not columns and not (block.rows or marked) and _HEADINGS.fullmatch(line.strip()):
                others["heading"] += 1
                continue
            if not columns:
                message = f"expected a token and a tag such as B-Disease or O, found {line[:60]!r}."
                report(Problem("row", message, Place(str(path), row), hint=_TAGS))
                continue
            tags = (number for number, tag in enumerate(columns[1:-1], 2) if _SPAN_TAG.match(tag))
            others.update(f"tag of column {number}" for number in tags)
            cells = enumerate(columns[1:-1], 2)
            block.beside.update(
                at for at, cell in cells if cell not in _NOTHING and not _SPAN_TAG.match(cell)
            )
            block.row = block.row if block.rows or marked else row
            block.rows.append((row, columns[0], columns[-1]))
            block.second.append(columns[1] if len(columns) > 2 else "")
    if block.rows or block.text is not None:
        yield block


def _without_numbers(blocks: Iterable[Block]) -> Iterator[Block]:
    """Where the tokens of each sentence are numbered, as in CoNLL-U, the words are the next column.

    One token tells nothing ("1 mg B-Dose"): the first block of several decides for blocks of one.
    """
    waiting, numbered = list[Block](), None
    for block in blocks:
        if len(block.rows) > 1:
            numbered = _is_numbered(block) if numbered is None else numbered
            yield from (_renumbered(each, numbered and _is_numbered(each)) for each in waiting)
            waiting = []
            yield _renumbered(block, _is_numbered(block))
        elif waiting or (numbered is None and _is_numbered(block)):  # in their order
            waiting.append(block)
        else:
            yield _renumbered(block, bool(numbered) and _is_numbered(block))
    yield from (_renumbered(each, len(waiting) > 1 and _is_numbered(each)) for each in waiting)


def _is_numbered(block: Block) -> bool:
    number, wanted = 0, []
    for at in range(len(block.rows)):
        number = 1 if at in block.sentence_starts else number + 1
        wanted.append(str(number))
    return bool(wanted) and all(block.second) and [token for _, token, _ in block.rows] == wanted


def _renumbered(block: Block, numbered: bool) -> Block:
    if numbered:
        del block.beside[2]
        block.rows = [(row, word, tag) for (row, _, tag), word in zip(block.rows, block.second, strict=True)]
    return block


def _text(comment: str) -> str | None:
    """The text in a JSON string; other comments about a text are only comments."""
    try:
        text = json.loads(comment)
    except json.JSONDecodeError:
        return None
    return text if isinstance(text, str) else None


def _document_conll(
    block: Block, doc_id: str, place: Place, report: Report, stray: shared.StrayTags
) -> Document | None:
    text = block.text
    if text is None:
        breaks = ("\n" if number in block.sentence_starts else " " for number in range(len(block.rows)))
        text = "".join(f"{gap}{row[1]}" for gap, row in zip(breaks, block.rows, strict=True))[1:]
    spans, at = [], 0
    for row, token, _ in block.rows:
        start = text.find(token, at)
        if start < 0:
            message = f"token {token!r} does not occur in the text of document {doc_id!r} from {at} on."
            report(Problem("token", message, Place(place.path, row), doc_id))
            return None
        if not _is_whole(text[at:start], row, doc_id, place, report):
            return None
        at = start + len(token)
        spans.append((start, at))
    last = block.rows[-1][0] if block.rows else block.row
    if not _is_whole(text[at:], last, doc_id, place, report):
        return None
    return Document(doc_id, text, tuple(tagged_entities(block, spans, doc_id, place, report, stray)))


def _is_whole(between: str, row: int, doc_id: str, place: Place, report: Report) -> bool:
    """Whether no words stand between two tokens, or behind the last one: the rows of these are lost."""
    if not any(map(str.isalnum, between)):
        return True
    words = " ".join(between.split())
    shown = f"{words[:40]}{'…' if len(words) > 40 else ''}"
    message = f"no token is {shown!r}, which is in the text of document {doc_id!r}."
    hint = "Rows are missing, or the file was cut off: copy or export it again."
    report(Problem("token", message, Place(place.path, row), doc_id, hint))
    return False


_STRAY = "Correct it: --skip-bad (of `corpus convert`, where a command has none) begins a new entity there."


def tagged_entities(
    block: Block,
    spans: list[tuple[int, int]],
    doc_id: str,
    place: Place,
    report: Report,
    stray: shared.StrayTags,
) -> Iterator[Entity]:
    stray.look(place.path, block.rows, block.sentence_starts)
    start, last, label = 0, 0, ""
    for number, (row, _, tag) in enumerate(block.rows):
        found = _TAG.match(tag)
        part, name = (found["part"] or "O", found["label"] or "") if found else ("O", "")
        goes_on = part in _INSIDE and name == label and number not in block.sentence_starts
        if part in "LEM" and not goes_on:
            message = f"tag {tag!r} continues no {name} entity of document {doc_id!r}."
            report(Problem("tag", message, Place(place.path, row), doc_id, _STRAY))
        if label and not goes_on:
            yield Entity(start, last, label)
        if part != "O" and not goes_on:
            start = spans[number][0]
        label, last = name, spans[number][1]
        if part in _LAST:
            yield Entity(start, last, label)
            label = ""
    if label:
        yield Entity(start, last, label)


_Tags = Callable[[str, int], list[str]]
"""Tags of an entity of so many tokens: BIO, or BILUO, which also marks the last one and an entity of one."""


def _bio(label: str, count: int) -> list[str]:
    return [f"B-{label}", *[f"I-{label}"] * (count - 1)]


def _biluo(label: str, count: int) -> list[str]:
    return [f"U-{label}"] if count == 1 else [f"B-{label}", *[f"I-{label}"] * (count - 2), f"L-{label}"]


def _write(path: Path, documents: Iterable[Document], report: Report, tags: _Tags) -> int:
    """Write tags, with each document's id and text as comments."""
    lost, nlp = Losses(path, report, concepts=True), _tokenizer()
    ids = lost.ids(r"[\r\n\x00]+", " ")
    labels = lost.spelled("label", r"[\t\r\n\x00]+", "CoNLL has no tabs and line breaks in labels")

    def lines(document: Document) -> Iterator[str]:
        yield f"# id = {ids(document.doc_id)}\n"
        yield from _lines(document, nlp, lost, lambda label, count: tags(labels(label), count))

    return shared.write_each(path, lost.noting(documents), lines)


def _tokenizer() -> Language:
    from hybrid_ner.text.tokenizer import blank

    nlp = blank()
    nlp.max_length = sys.maxsize
    return nlp


def _lines(document: Document, nlp: Language, lost: Losses, tags_of: _Tags) -> Iterator[str]:
    doc = nlp.make_doc(without_nul(document, lost.path).text)
    tags = ["O"] * len(doc)
    for span in _aligned(doc, document, _apart(document, lost), lost):
        tags[span.start : span.end] = tags_of(span.label_, len(span))
    if document.entities is None:
        message = f"document {document.doc_id!r} is unlabeled; CoNLL cannot say so, every tag is O."
        lost.tell("unlabeled", message, document.doc_id, warning=True)
    yield f"# text = {json.dumps(document.text, ensure_ascii=False)}\n"
    for token, tag in zip(doc, tags, strict=True):
        if token.is_space:
            # White space is in the text comment; a blank row would end the sentence inside an entity.
            yield "\n" if "\n" in token.text and tag[0] != "I" else ""
        else:
            yield f"{token.text}\t{tag}\n"
    yield "\n"


CONLL = shared.Format(
    "conll",
    (".conll", ".iob", ".bio", ".iob2", ".conll.gz", ".bioes"),
    read_conll,
    partial(_write, tags=_bio),
    sniff=sniff_conll,
)
BILUO = shared.Format("biluo", (".biluo", ".bilou"), read_conll, partial(_write, tags=_biluo))


# spaCy's binary ``.spacy`` files.
#
# Ids, meta data and attributes travel in ``Doc.user_data``; a file without ids names documents by number.

_BLOCK = 1 << 16
_HINT = "This is no .spacy file, or a damaged one: write it again."
_ID, _META, _ATTRS = "id", "meta", "entity_attrs"
_REJECTED = "rejected"
"""What reviewers rejected: a key of ``meta``, and a span group, spaCy's ``incorrect_spans_key``."""


def read_docbin(path: Path, report: Report) -> Iterator[Located]:
    """Documents of a file; entities that were never set make a document unlabeled."""
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    if not path.is_file() or path.stat().st_size == 0:
        raise CorpusError("the file is empty.", path=path, hint="Give a .spacy file.")
    others = Counter[str]()
    # spaCy lets zlib's, msgpack's and its own errors through, by the place of the damage.
    with reading(path, CorpusError, library=True, hint=_HINT):
        _check_unpacked(path)
        docs = DocBin().from_disk(path).get_docs(Vocab())
        for number, doc in enumerate(docs, start=1):
            groups = (name for name in doc.spans if name != _REJECTED)
            others.update({f"span of the group {name}": len(doc.spans[name]) for name in groups})
            others["label of whole texts"] += len(doc.cats)
            yield Place(str(path), number), _document_docbin(doc, number)
    shared.not_read(others, path, report)


def _check_unpacked(path: Path) -> None:
    """Refuse a file that unpacks to more than may be read whole; ``DocBin`` itself sets no bound."""
    unpacker, size = zlib.decompressobj(), 0
    with path.open("rb") as packed:
        for block in iter(partial(packed.read, _BLOCK), b""):
            while block:
                size += len(unpacker.decompress(block, 16 * _BLOCK))
                check_whole(size, path)
                block = unpacker.unconsumed_tail


def _document_docbin(doc: Doc, number: int) -> Document:
    data: dict[Any, Any] = doc.user_data
    attrs = _kept(data.get(_ATTRS))
    entities = None
    if doc.has_annotation("ENT_IOB"):
        places = ((ent, ent.start_char, ent.end_char) for ent in doc.ents)
        found = (Entity(s, e, ent.label_, ent.kb_id_, attrs.get(f"{s}:{e}", {})) for ent, s, e in places)
        entities = tuple(found)
    meta = _kept(data.get(_META))
    if _REJECTED in doc.spans:
        spans = doc.spans[_REJECTED]
        said = [{"start": s.start_char, "end": s.end_char, "label": s.label_} for s in spans]
        meta.setdefault(_REJECTED, said)
    return Document(str(data.get(_ID) or number), doc.text, entities, meta)


def _kept(value: Any) -> dict[str, Any]:
    """An object written as JSON, since DocBin turns lists into tuples; anything else is not ours."""
    if not isinstance(value, str):
        return {}
    found = json.loads(value)
    return found if isinstance(found, dict) else {}


def write_docbin(path: Path, documents: Iterable[Document], report: Report) -> int:
    """Write a file; overlapping annotations and those that fit no tokens are reported."""
    from spacy.tokens import DocBin

    nlp, binary, lost = _tokenizer(), DocBin(store_user_data=True), Losses(path, report)
    for document in documents:
        binary.add(_doc(document, nlp, lost))
    with write_bytes(path) as handle:
        handle.write(binary.to_bytes())
    return len(binary)


def _doc(document: Document, nlp: Language, lost: Losses) -> Doc:
    doc = nlp.make_doc(document.text)
    doc.user_data[_ID] = document.doc_id
    doc.user_data[_META] = as_json(dict(document.meta), lost.path)
    if document.entities is None:
        return doc
    kept = _apart(document, lost)
    doc.set_ents(_aligned(doc, document, kept, lost), default="outside")
    attrs = {f"{e.start}:{e.end}": dict(e.attrs) for e in kept if e.attrs}
    doc.user_data[_ATTRS] = as_json(attrs, lost.path)
    rejected = document.meta.get(_REJECTED)
    if isinstance(rejected, list) and all(_is_place(each, document.text) for each in rejected):
        given = [Entity(each["start"], each["end"], each["label"]) for each in rejected]
        doc.spans[_REJECTED] = _aligned(doc, document, given, lost)
    return doc


def _is_place(said: Any, text: str) -> bool:
    """Whether it is a span as a review rejects them; what other programs mean by the word stays meta data."""
    if not isinstance(said, dict) or not isinstance(said.get("label"), str):
        return False
    start, end = (shared.integer(said.get(edge)) for edge in ("start", "end"))
    return 0 <= start < end <= len(text)


def _apart(document: Document, lost: Losses) -> list[Entity]:
    """The entities of a document but for those that overlap a longer one, which are reported."""
    kept, overlapping = without_overlaps(document.entities or ())
    lost.entities(document, overlapping, "it overlaps a longer one")
    return kept


def _aligned(doc: Doc, document: Document, entities: Iterable[Entity], lost: Losses) -> list[Span]:
    """Those that begin and end with tokens; the others are reported."""
    spans = []
    for entity in entities:
        span = doc.char_span(entity.start, entity.end, entity.label, kb_id=entity.concept_id)
        if span is None or span[0].is_space or span[-1].is_space:
            why = "it does not begin and end with tokens" if span is None else "white space at its edge"
            lost.entities(document, [entity], why)
        else:
            spans.append(span)
    return spans


def _is_docbin(name: str, head: bytes) -> bool:
    """Whether bytes begin as a ``DocBin`` does: packed, a version and the attributes it holds."""
    try:
        begin = zlib.decompressobj().decompress(head, 60)
    except zlib.error:
        return False
    return b"version" in begin and b"attrs" in begin


DOCBIN = shared.Format("spacy", (".spacy",), read_docbin, write_docbin, binary=_is_docbin)
