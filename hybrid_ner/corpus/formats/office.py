"""Text of Word, PDF, OpenDocument, RTF, HTML and mail: one document a file; of HTML its marks as entities.

They are read in a process of their own (``hybrid_ner.guarded``): what people send may be damaged
or made to do harm. A PDF of scanned pages holds pictures and no text, and is refused.
"""

from __future__ import annotations

import io
import re
import zipfile
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, TypeAlias
from xml.etree import ElementTree

from hybrid_ner.bounds import limits, reading, shown_size
from hybrid_ner.corpus.cleaning import clean_text, joined_pages
from hybrid_ner.corpus.document import PAGE_STARTS, Document, Entity, Located
from hybrid_ner.corpus.formats import shared
from hybrid_ner.corpus.formats.jsonl import BadRecordError, as_list, json_records
from hybrid_ner.corpus.formats.records import mapping, objects
from hybrid_ner.errors import CorpusError, InputError, spelled
from hybrid_ner.guarded import Guard, check_office, guarded
from hybrid_ner.io import Place, Problem, Report, decode
from hybrid_ner.text import quantity, scratch
from hybrid_ner.text.encodings import narrowed

MAX_PAGES = 5000
_SCANNED = "A scanned page is a picture: run text recognition first."


def read(path: Path, report: Report) -> Iterator[Located]:
    """A document a file, named after it."""
    yield from files_text([(spelled(path.stem), path)], report)


def files_text(files: Sequence[tuple[str, Path]], report: Report) -> Iterator[Located]:
    """Documents of several files, each given by its id; an unusable one goes to ``report``."""
    hint = "Split the file, or save its text as .txt, which has no such limit."
    guard = Guard(seconds=300, memory=4 << 30, output=1 << 30, unpacked=limits().unpacked, hint=hint)
    paths = [str(path) for _, path in files]
    also = " Among many files, --skip-bad leaves such a one out." if len(files) > 1 else ""
    for number, found in guarded(f"{__name__}:read_one", paths, guard):
        name, path = files[number]
        if isinstance(found, InputError):
            report(Problem("file", found.problem, Place(str(path)), name, f"{found.hint}{also}".strip()))
            continue
        text, marks, pages, *notes = found
        for note in notes:
            report(Problem("not read", note, Place(str(path)), name, warning=True))
        yield Place(str(path)), office_document(name, text, marks, pages)


def office_document(
    name: str, text: str, marks: Iterable[tuple[int, int, str]], pages: Sequence[int]
) -> Document:
    """The document of a file with its marked passages and where its pages begin."""
    entities = tuple(Entity(*mark) for mark in marks) or None
    return Document(name, text, entities, {PAGE_STARTS: list(pages)} if pages else {})


def read_one(path: str) -> Iterator[Any]:
    """The child's task: text, marks (start, end, label), pages of one file, then what users should know."""
    content, told, name = Path(path).read_bytes(), Told(), Path(path).name
    head = narrowed(content[:8192])[:4096]
    ending = "html" if "htm" in Path(name).suffix.lower() else Path(name).suffix[1:].lower()
    kind = next((each for each, sniff in _SNIFFS.items() if sniff(name.lower(), head)), ending)
    kind = kind if kind in READERS else "docx"
    yield office_text(name, content, kind, told)
    yield told.marks
    yield told.pages
    yield from told.notes


@dataclass(frozen=True, slots=True)
class Told:
    """What a file holds beside its text: what was not read, marks (start, end, label), starts of pages."""

    notes: list[str] = field(default_factory=list)
    marks: list[tuple[int, int, str]] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)


def office_text(name: str, content: bytes, kind: str, told: Told) -> str:
    """The text of a file by its kind.

    Args:
        kind: A key of ``READERS``.
        told: Filled with what the file holds besides the text that is given.

    Raises:
        CorpusError: It is damaged, protected, too large, or holds no text.
    """
    check_office(content, name)
    text = READERS[kind](name, narrowed(content), told)
    if not text.strip():
        hint = _SCANNED if kind == "pdf" else "Check that it is the right file."
        raise CorpusError("the file holds no text.", path=name, hint=hint)
    return text


def _word(name: str, content: bytes, told: Told) -> str:
    import docx

    hint = "This is no Word document (.docx), or a damaged one: save it again as .docx."
    with reading(name, CorpusError, library=True, hint=hint):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_size(sum(part.file_size for part in archive.infolist()), name)
            _refuse_entities(archive.open("word/document.xml"), name)
            if beside := _beside(archive):
                told.notes.append(f"not read, as only paragraphs and tables are: {', '.join(beside)}.")
        return "\n".join(_word_lines(docx.Document(io.BytesIO(content)).element.body))


def _check_size(size: int, name: str) -> None:
    if size > (most := limits().unpacked):
        said = f"the file unpacks to more than {shown_size(most)}."
        raise CorpusError(said, path=name, hint="Split the document.")


def _refuse_entities(part: IO[bytes], name: str) -> None:
    """No office program writes a DOCTYPE; the entities that one defines would be left out of the text."""
    with part:
        if b"<!DOCTYPE" in part.read(_HEAD):
            said = "its text has a DOCTYPE, whose entities are not read."
            raise CorpusError(said, path=name, hint="Open it in a word processor and save it again.")


_HEAD = 4096


_PART = re.compile(r"word/(header|footer|footnote|endnote|comment)s?\d*\.xml")
_TEXT, _BOX = re.compile(rb"<w:t[ >]"), b"<w:txbxContent"


def _beside(archive: zipfile.ZipFile) -> list[str]:
    """Parts of a Word file with text that is beside the page, counted."""
    counts: Counter[str] = Counter()
    for name in archive.namelist():
        if found := _PART.fullmatch(name):
            counts[found[1]] += bool(_TEXT.search(archive.read(name)))
        elif name == "word/document.xml":
            counts["text box"] += archive.read(name).count(_BOX)
    # Notes and comments are all in one part each, a text box is written twice for older programs.
    whole = {"footnote": "footnotes", "endnote": "endnotes", "comment": "comments", "text box": "text boxes"}
    return [whole.get(what) or quantity(count, what) for what, count in counts.items() if count]


_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_WRITTEN = {"tab": "\t", "ptab": "\t", "cr": "\n", "noBreakHyphen": "-"}
_NOT_TEXT = ("del", "moveFrom", "rPr", "pPr", "drawing", "pict", "object")
"""Deleted words, and what holds text boxes."""


def _word_lines(block: Any) -> Iterator[str]:
    """Paragraphs and tables in the order of the page; a table row is one line, with tables in its cells."""
    for part in block.iterchildren(f"{_WORD}*"):
        kind = part.tag.removeprefix(_WORD)
        if kind == "p":
            yield "".join(_pieces(part))
        elif kind == "tr":
            yield "\t".join(_cells(part))
        elif kind not in _NOT_TEXT:  # a table, or the frame of a form's field around paragraphs
            yield from _word_lines(part)


def _cells(row: Any) -> Iterator[str]:
    """Each cell as it is written, not as often as its gridSpan says."""
    for part in row.iterchildren(f"{_WORD}*"):
        if part.tag == f"{_WORD}tc":
            yield " ".join(filter(None, _word_lines(part))).replace("\n", " ")
        elif part.tag != f"{_WORD}trPr":
            yield from _cells(part)


def _pieces(part: Any) -> Iterator[str]:
    """Text of a paragraph, also where it was inserted with changes tracked, or stands in a field."""
    for each in part.iterchildren(f"{_WORD}*"):
        kind = each.tag.removeprefix(_WORD)
        if kind == "t":
            yield each.text or ""
        elif kind == "br":
            yield "" if each.get(f"{_WORD}type") in ("page", "column") else "\n"
        elif kind in _WRITTEN:
            yield _WRITTEN[kind]
        elif kind not in _NOT_TEXT:
            yield from _pieces(each)


def _pdf(name: str, content: bytes, told: Told) -> str:
    from pypdf import PdfReader

    hint = "This is no PDF, or a damaged one: print it to a new PDF."
    with reading(name, CorpusError, library=True, hint=hint):
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise CorpusError("the file is protected by a password.", path=name, hint="Save it without one.")
        if len(reader.pages) > MAX_PAGES:
            raise CorpusError(f"more than {MAX_PAGES:,} pages.", path=name, hint="Split the document.")
        pages = [page.extract_text() for page in reader.pages]
    if 0 < (empty := sum(not page.strip() for page in pages)) < len(pages):
        told.notes.append(f"{empty:,} of {quantity(len(pages), 'page')} hold no text. {_SCANNED}")
    # Line ends of a page are its layout: "fibril-" and "lation" are one word, "beta-" and "blocker" stay two.
    text, running, starts = joined_pages([page.replace("\0", " ") for page in pages])
    if running:
        said = quantity(running, "header or footer", "headers and footers")
        told.notes.append(f"read once: {said} of the pages.")
    cleaned = clean_text(text, ("hyphenation", "soft-hyphens"))
    told.pages.extend(cleaned.places(starts))
    return cleaned.text


def _decoded(content: bytes, said: str = "") -> str:
    """UTF-16 or UTF-8 where it is, else the encoding that the file names, else that of Windows."""
    content = narrowed(content)
    for encoding in ("utf-8-sig", said, "cp1252"):
        with suppress(UnicodeDecodeError, LookupError):
            return content.decode(encoding)
    return content.decode("latin-1")


class _Page(HTMLParser):
    """The text of a page: a line for each block, a tab between cells, white space as a browser shows it.

    Marked passages are counted in characters that are no white space, which ``_tidy`` leaves as they are.
    """

    _LINES = re.compile(
        "address|article|aside|blockquote|body|br|dd|div|dl|dt|fig.*|footer|form|h[1-6]|header|hr|li|main|nav|ol|p"
        "|pre|section|t(able|body|r)|ul"
    )
    _HIDDEN = frozenset({"script", "style", "head", "template", "noscript"})

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.hidden = 0
        self.marks: list[tuple[int, int, str]] = []
        self._written, self._naming = 0, False
        self.unended: list[tuple[int, str, list[str]]] = []  # begin, label, and the label that stands inside

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "body":
            self.hidden = 0  # a head may be left open
        self.hidden += tag in self._HIDDEN
        self.pieces += ["\n"] if self._LINES.fullmatch(tag) else ["\t"] if tag in ("td", "th") else []
        if tag == "mark":
            self.unended.append((self._written, _label_of(dict(attrs)), []))
        # displaCy: <mark class="entity">gout <span>Disease</span></mark>
        self._naming |= tag == "span" and bool(self.unended) and self.unended[-1][1] == "entity"

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in self._HIDDEN and self.hidden > 0
        self.pieces += ["\n"] if self._LINES.fullmatch(tag) else []
        self._naming &= tag not in ("span", "mark")
        if tag == "mark" and self.unended:
            begin, label, inside = self.unended.pop()
            label = " ".join("".join(inside[:1]).split()) or label
            self.marks += [(begin, self._written, label)] if begin < self._written else []

    def handle_data(self, data: str) -> None:
        if self._naming:
            self.unended[-1][2].append(data)
        elif not self.hidden:
            self._written += len("".join(data.split()))
            self.pieces.append(re.sub(r"\s+", " ", data))


_NO_LABEL = "MARK"
"""Label of a mark that says none: an entity has one, and nothing that somebody marked is lost."""


def _label_of(said: Mapping[str, str | None]) -> str:
    """What a mark is, by the attributes data-label, class (of one word) and title, in this order."""
    names = (" ".join((said.get(key) or "").split()) for key in ("data-label", "class", "title"))
    label, kind, title = names
    return label or ("" if " " in kind else kind) or title or _NO_LABEL


def _placed(marks: Sequence[tuple[int, int, str]], text: str) -> Iterator[tuple[int, int, str]]:
    """Marks in characters of the text, from those counted without white space."""
    at = [number for number, char in enumerate(text) if not char.isspace()] if marks else []
    for begin, end, label in marks:
        yield at[begin], at[end - 1] + 1, label


_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w-]{1,40})", re.IGNORECASE)


def _html(name: str, content: bytes, told: Told) -> str:
    page, found = _Page(), _CHARSET.search(content[:4096])
    page.feed(_decoded(content, found[1].decode() if found else ""))
    page.close()
    text = _tidy("".join(page.pieces))
    told.marks.extend(_placed(page.marks, text))
    if told.marks:
        counts = Counter(label for _, _, label in told.marks).most_common(8)
        said = ", ".join(f"{label} {count:,}" for label, count in counts)
        told.notes.append(f"{quantity(len(told.marks), 'mark')} read as entities: {said}.")
    if unended := len(page.unended):
        told.notes.append(f"{quantity(unended, 'mark')} without an end, not read.")
    return text


def _tidy(text: str) -> str:
    lines = (re.sub(" *\t *", "\t", re.sub(" {2,}", " ", line)).strip() for line in text.split("\n"))
    return re.sub("\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"


def _mail(name: str, content: bytes, told: Told) -> str:
    from email import message_from_bytes, policy

    mail = message_from_bytes(content, policy=policy.default)
    body = mail.get_body(("plain", "html"))
    raw = body.get_payload(decode=True) if body is not None else b""
    text = ""
    if body is not None and isinstance(raw, bytes):
        is_page = body.get_content_type() == "text/html"
        text = _html(name, raw, told) if is_page else _decoded(raw, body.get_content_charset() or "")
    beside = [part.get_filename() or part.get_content_type() for part in mail.iter_attachments()]
    named = f", {quantity(len(beside), 'attachment')} ({', '.join(beside[:5])})" if beside else ""
    told.notes.append(f"not read: sender, receivers and other headers{named}.")
    subject = f"{mail['subject']}\n\n" if mail["subject"] else ""
    told.marks[:] = [(begin + len(subject), end + len(subject), label) for begin, end, label in told.marks]
    return subject + text.replace("\r\n", "\n")


_OPEN = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_ODT_TEXT, _ODT_TABLE, _ODT_OFFICE = (_OPEN % name for name in ("text", "table", "office"))
_ODT_NOT = (f"{_ODT_TEXT}tracked-changes", f"{_ODT_OFFICE}annotation", f"{_ODT_TEXT}note")
_ODT_SPACE = {f"{_ODT_TEXT}tab": "\t", f"{_ODT_TEXT}line-break": "\n"}


def _odt(name: str, content: bytes, told: Told) -> str:
    hint = "This is no OpenDocument text (.odt), or a damaged one: save it again."
    with reading(name, CorpusError, library=True, hint=hint), zipfile.ZipFile(io.BytesIO(content)) as archive:
        _check_size(archive.getinfo("content.xml").file_size, name)
        body = ElementTree.fromstring(archive.read("content.xml")).find(f".//{_ODT_OFFICE}text")
    if body is None:
        return ""
    left = sum(len(list(body.iter(kind))) for kind in _ODT_NOT[1:])
    told.notes.extend(
        [f"not read: {quantity(left, 'note or comment', 'notes and comments')}."] if left else []
    )
    return "\n".join(_odt_lines(body))


def _odt_lines(block: ElementTree.Element) -> Iterator[str]:
    """Paragraphs and table rows in the order of the page."""
    for part in block:
        if part.tag in (f"{_ODT_TEXT}p", f"{_ODT_TEXT}h"):
            yield "".join(_odt_pieces(part))
        elif part.tag == f"{_ODT_TABLE}table-row":
            yield "\t".join(" ".join(filter(None, _odt_lines(cell))) for cell in part)
        elif part.tag not in _ODT_NOT:
            yield from _odt_lines(part)


def _odt_pieces(part: ElementTree.Element) -> Iterator[str]:
    yield part.text or ""
    for each in part:
        if each.tag == f"{_ODT_TEXT}s":
            yield " " * int(each.get(f"{_ODT_TEXT}c") or 1)
        elif each.tag not in _ODT_NOT:
            yield _ODT_SPACE.get(each.tag, "")
            yield from _odt_pieces(each)
        yield each.tail or ""


_RTF = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z\r\n])|([{}])|[\r\n]+|(.)", re.DOTALL
)
_RTF_HIDDEN = frozenset(
    b"fonttbl colortbl stylesheet info pict object header footer headerl headerr headerf footerl footerr "
    b"footerf footnote annotation listtable listoverridetable rsidtbl generator themedata datastore".split()
)
_RTF_BESIDE = frozenset(word for word in _RTF_HIDDEN if word[:4] in (b"head", b"foot", b"anno"))
_RTF_WRITTEN = {
    **{b"par": "\n", b"line": "\n", b"sect": "\n", b"page": "\n", b"row": "\n", b"tab": "\t", b"cell": "\t"},
    **{b"emdash": "—", b"endash": "–", b"bullet": "•", b"lquote": "‘", b"rquote": "’", b"~": "\u00a0"},
    **{b"ldblquote": "“", b"rdblquote": "”", b"_": "-", b"{": "{", b"}": "}", b"\\": "\\"},
}


def _rtf(name: str, content: bytes, told: Told) -> str:
    """After the specification of RTF 1.9: groups, control words, characters of a code page or of Unicode."""
    page = re.search(rb"\\ansicpg(\d{3,5})", content[:1000])
    encoding = f"cp{page[1].decode()}" if page else "cp1252"
    pieces: list[str] = []
    groups: list[tuple[bool, int]] = []
    hidden, skip, beside = False, 0, 0
    width = 1  # characters for old readers behind each one of Unicode
    for found in _RTF.finditer(content):
        word, number, code, symbol, brace, char = found.groups()
        if brace:
            skip = 0
            hidden, width = groups.pop() if brace == b"}" and groups else (hidden, width)
            groups += [(hidden, width)] if brace == b"{" else []
        elif word == b"uc":
            width = int(number or 1)
        elif word in _RTF_HIDDEN or symbol == b"*":
            beside += not hidden and word in _RTF_BESIDE
            hidden = True
        elif skip and (code or char):
            skip -= 1
        elif not hidden and word == b"u":
            pieces.append(chr(int(number or 63) % 0x10000))
            skip = width
        elif not hidden:
            byte = bytes.fromhex(code.decode()) if code else char or b""
            pieces.append(_RTF_WRITTEN.get(word or symbol, "") or byte.decode(encoding, "replace"))
    if beside:
        told.notes.append(
            f"not read: {quantity(beside, 'header, footer or note', 'headers, footers or notes')}."
        )
    if groups:
        told.notes.append("it ends before its last bracket is closed, and may be cut off.")
    text = "".join(pieces).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\t\n", "\n")


Reading: TypeAlias = Callable[[str, bytes, Told], str]
READERS: Mapping[str, Reading] = MappingProxyType(
    {"pdf": _pdf, "docx": _word, "odt": _odt, "rtf": _rtf, "eml": _mail, "html": _html}
)


def _sniff_docx(name: str, head: bytes) -> bool:
    """Whether bytes are the beginning of a Word file; other office files are packed likewise."""
    return head.startswith(b"PK\x03\x04") and (b"word/" in head or name.endswith(".docx"))


_HEADERS = re.compile(rb"(?:[A-Z][\w-]{1,40}: ?[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*)*")


def _sniff_mail(name: str, head: bytes) -> bool:
    """Whether it begins with the headers of a mail, not just with "Diagnosis: gout"."""
    found = _HEADERS.match(head)
    return bool(found and re.search(rb"(?im)^(?:mime-version|message-id|received):", found[0]))


_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html)\b", re.I | re.S
)


_SNIFFS: Mapping[str, Callable[[str, bytes], bool]] = MappingProxyType(
    {
        "pdf": lambda name, head: b"%PDF-" in head[:1024],
        "docx": _sniff_docx,
        "odt": lambda name, head: (
            head.startswith(b"PK\x03\x04") and b"vnd.oasis.opendocument.text" in head[:200]
        ),
        "rtf": lambda name, head: head.startswith(b"{\\rtf"),
        "eml": _sniff_mail,
        "html": lambda name, head: _HTML.match(head.removeprefix(b"\xef\xbb\xbf")) is not None,
    }
)
DOCX, PDF, ODT, RTF, MAIL, HTML = (
    shared.Format(kind, (f".{kind}", *more), read, shared.read_only, binary=_SNIFFS[kind], is_text=True)
    for kind, *more in (["docx"], ["pdf"], ["odt"], ["rtf"], ["eml"], ["html", ".htm", ".xhtml"])
)


# FHIR: texts that resources hold or have attached, a resource a document: by itself, in a Bundle, or a line
# each, as servers export them in bulk.

_ATTACHED = {"DocumentReference": "content", "DiagnosticReport": "presentedForm"}
_LISTS = frozenset({"ValueSet", "CodeSystem", "ConceptMap", "NamingSystem"})
_ENDINGS = {
    "text/plain": "txt",
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/rtf": "rtf",
    "application/rtf": "rtf",
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.oasis.opendocument.text": "odt",
}


def read_resources(path: Path, report: Report) -> Iterator[Located]:
    """The texts of a file of FHIR; what else it holds is counted."""
    others = Counter[str]()
    for place, record in json_records(path, report, as_list):
        entries = record.get("entry") if isinstance(record, dict) else None
        given = [each.get("resource") for each in objects(entries, "entry")] if entries else [record]
        resources = [each for each in given if isinstance(each, dict) and "resourceType" in each]
        others["value that is no resource"] += len(given) - len(resources)
        held = {f"Binary/{each.get('id')}": each for each in resources if each["resourceType"] == "Binary"}
        used = set[str]()
        for each in sorted(resources, key=lambda one: one["resourceType"] == "Binary"):
            if f"Binary/{each.get('id')}" in used:
                continue
            try:
                text = _of_resource(each, held, used, others, partial(_said_at, report, place))
                document = Document(str(each.get("id") or place.row), text, None, _about(each))
            except BadRecordError as error:
                report(Problem(error.kind, str(error), place, hint="Export the resource again."))
                continue
            if text.strip():
                yield place, document
            else:
                others[f"resource without a text of kind {each['resourceType']}"] += 1
    shared.not_read(others, path, report)


def _said_at(report: Report, place: Place, problem: Problem) -> None:
    report(replace(problem, place=place))


def _of_resource(
    resource: Mapping[str, Any],
    held: Mapping[str, Any],
    used: set[str],
    others: Counter[str],
    report: Report,
) -> str:
    """The text of a resource.

    Args:
        held: The contents that its Bundle holds, by the address that an attachment names; ``used`` takes in
            those that belong to another resource.
    """
    kind = resource["resourceType"]
    if kind == "Composition":
        return "\n".join(_sections(resource))
    given = objects(resource.get(_ATTACHED[kind]), _ATTACHED[kind]) if _ATTACHED.get(kind) else []
    attached = (
        [mapping(each.get("attachment"), "attachment") or each for each in given] if given else [resource]
    )
    texts: list[str] = []
    for each in sorted(attached, key=lambda one: not str(one.get("contentType")).startswith("text/plain")):
        address = str(each.get("url") or "")
        if address in held:
            used.add(address)
            each = {**held[address], **{key: said for key, said in each.items() if key == "contentType"}}
        if not each.get("data"):
            others["attachment that is somewhere else"] += bool(address)
        elif texts and kind == "DocumentReference":
            others["other form of a text that was read"] += 1
        else:
            texts.append(_of_attachment(each, str(resource.get("id") or kind), others, report))
    said = [str(resource["conclusion"])] if not any(texts) and resource.get("conclusion") else []
    return "\n".join(filter(None, [*texts, *said]))


def _of_attachment(attached: Mapping[str, Any], name: str, others: Counter[str], report: Report) -> str:
    said, _, rest = str(attached.get("contentType") or "text/plain").lower().partition(";")
    try:
        content = b64decode("".join(str(attached["data"]).split()), validate=True)
    except ValueError:
        others["attachment whose base64 is damaged"] += 1
        return ""
    ending = _ENDINGS.get(said.strip())
    if ending is None:
        others[f"attachment of kind {said.strip()}"] += 1
    elif ending == "txt":
        charset = rest.partition("charset=")[2].strip(" \"'")
        with suppress(LookupError, UnicodeDecodeError):
            return content.decode(charset or "utf-8")
        return decode(content, Place(name), report, windows=True) or ""
    else:
        with scratch() as folder:
            (file := Path(folder, f"attachment.{ending}")).write_bytes(content)
            return "\n".join(document.text.strip() for _, document in files_text([(name, file)], report))
    return ""


def _sections(part: Mapping[str, Any]) -> Iterator[str]:
    """Titles and narratives of a Composition and of the sections in it."""
    narrative = mapping(part.get("text"), "text").get("div") if "resourceType" not in part else None
    for said in (
        part.get("title"),
        _html("div", str(narrative).encode(), Told()).strip() if narrative else "",
    ):
        if said:
            yield str(said)
    for each in objects(part.get("section"), "section"):
        yield from _sections(each)


def _about(resource: Mapping[str, Any]) -> dict[str, str]:
    """Whose text it is, when it was written and what it is, as far as the resource says."""
    kind = mapping(resource.get("type"), "type") or mapping(resource.get("code"), "code")
    display = next(
        (each.get("display") for each in objects(kind.get("coding"), "coding") if each.get("display")), ""
    )
    date = resource.get("date") or resource.get("effectiveDateTime") or resource.get("issued")
    about = {
        "patient": mapping(resource.get("subject"), "subject").get("reference"),
        "date": date,
        "kind": kind.get("text") or display,
    }
    return {key: str(said) for key, said in about.items() if said}


def _sniff_fhir(name: str, head: str) -> bool:
    found = re.search(r'"resourceType"\s*:\s*"(\w+)"', head) if head.lstrip()[:1] in ("{", "[") else None
    return found is not None and found[1] not in _LISTS


FHIR = shared.Format("fhir", (".fhir.json",), read_resources, shared.read_only, sniff=_sniff_fhir)
