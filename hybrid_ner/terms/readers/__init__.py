"""Readers of term files: one module for formats of a kind, imported when a file asks for it.

``load_gazetteer`` gives a gazetteer; ``read_gazetteer`` gives the terms one by one, with a report of
what was read and what was skipped.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from hybrid_ner.bounds import reading
from hybrid_ner.errors import (
    Hint,
    InputError,
    PluginError,
    TermError,
    each_of,
    given_path,
    spelled,
    wrong_kind,
)
from hybrid_ner.guarded import check_office
from hybrid_ner.io import refuse_packed
from hybrid_ner.registry import READERS, others_code
from hybrid_ner.terms import MATCH_MODES, Gazetteer, Term, variants
from hybrid_ner.terms.readers.base import Reader, make
from hybrid_ner.terms.readers.files import WORKBOOKS, Files, label_of_name, unpacked_name
from hybrid_ner.terms.readers.rdf import is_rdf, vocabulary
from hybrid_ner.terms.readers.report import NOT_WANTED, ReadReport, Recorder
from hybrid_ner.terms.shipped import find_pack, names_of_packs
from hybrid_ner.text import exact_form, quantity
from hybrid_ner.text.patterns import paused_gc

__all__ = [
    "FORMATS",
    "ReadReport",
    "Reading",
    "get_reader",
    "guess_format",
    "load_gazetteer",
    "read_gazetteer",
    "reader_names",
]


# The formats by name, and the guess of a file's format.

DRAFT_MARK = "# draft of terms: not a term list"
"""First line of a table that a language model wrote and nobody has judged."""

FORMATS: dict[str, str] = {
    "gazetteer": "interchange:TSV",
    "umls": "umls",
    "rxnorm": "umls:RXNORM",
    "taxonomy": "umls:TAXONOMY",
    "mesh-xml": "mesh:XML",
    "mesh-ascii": "mesh:ASCII",
    "snomed": "clinical:SNOMED",
    "icd10cm-xml": "codes:XML",
    "icd10cm-order": "codes:ORDER",
    "claml": "codes:CLAML",
    "meddra": "codes:MEDDRA",
    "loinc": "clinical:LOINC",
    "atc": "codes:ATC",
    "drugbank": "codes:DRUGBANK",
    "ctd": "mesh:CTD",
    "unii": "codes:UNII",
    "gleif": "entities:GLEIF",
    "wikidata": "entities:WIKIDATA",
    "obo": "ontologies:TEXT",
    "obograph": "ontologies:GRAPH",
    "tbx": "entities:TBX",
    "skos": "rdf:SKOS",
    "owl": "ontologies:OWL",
    "yaml": "lists:NESTED",
    "xml": "rdf:XML",
    "jsonl": "interchange:JSONL",
    "xlsx": "tables:XLSX",
    "markdown": "lists:MARKDOWN",
    "csv": "tables:DELIMITED",
    "txt": "written:PLAIN",
}
"""Format → module of this package, and what the reader is called there if not ``READER``.

The first whose sniff says yes is taken, so general ones stand last.
"""

_GENERAL = ("xml", "jsonl", "csv", "txt")

_LONGER_HEADS = (1 << 20, 1 << 26)
_DOCUMENTS = (".doc", ".docx", ".rtf", ".odt", ".pdf", ".xls", ".ppt", ".pptx")


def reader_names() -> tuple[str, ...]:
    """Every format: those of other packages stand before the general ones that almost any file looks like."""
    own = READERS.beside(FORMATS)
    special = tuple(name for name in FORMATS if name not in _GENERAL)
    return (*special, *own, *_GENERAL)


def get_reader(name: str) -> Reader:
    """The reader of a format.

    Raises:
        InputError: There is no such format.
    """
    key = {"tsv": "csv", "text": "txt", "md": "markdown", "yml": "yaml"}.get(name.lower(), name.lower())
    if key not in FORMATS:
        if name not in READERS:
            raise InputError(f"unknown format {name!r}.", hint=f"Use one of {', '.join(reader_names())}.")
        return _of_others(READERS.get(name))
    module, _, called = FORMATS[key].partition(":")
    return cast(Reader, getattr(import_module(f"hybrid_ner.terms.readers.{module}"), called or "READER"))


def _of_others(reader: Reader) -> Reader:
    """The reader of another package: a ``PluginError`` tells where its code fails or gives no terms."""
    called = f"the term list format {reader.name!r}"

    def read(files: Files, options: Any, recorder: Recorder) -> Iterator[Term]:
        with others_code(called, reader.read, on=files.path):
            for each in reader.read(files, options, recorder):
                if not isinstance(each, Term):
                    hint = "Give what recorder.term(text, row, label) gives, where it gives something."
                    raise PluginError(f"{called} gave {repr(each)[:80]}.", path=files.path, hint=hint)
                yield each

    def sniff(name: str, head: bytes) -> bool:
        with others_code(called, reader.sniff):
            return bool(reader.sniff(name, head))

    return replace(reader, read=read, sniff=sniff)


def guess_format(files: Files) -> Reader:
    """The reader whose files these look like.

    Raises:
        InputError: None fits, or the file is empty or binary.
    """
    usable = dict(READERS.all(FORMATS))  # one that cannot be had is told, and the others go on
    readers = [get_reader(name) for name in reader_names() if name in FORMATS or name in usable]
    if not files.is_single:
        for reader in readers:
            if reader.members and files.find(*reader.members):
                return reader
    name = files.only()  # raises for several members
    head = check_text(files, name)
    base = unpacked_name(name)
    if is_rdf(base, head):
        # What vocabulary a file is written in may stand behind a licence and many prefixes.
        sizes = iter(_LONGER_HEADS)
        while not vocabulary(head) and (size := next(sizes, 0)):
            head = files.head(name, size)
    found = next((reader for reader in readers if reader.sniff(base, head)), None)
    plainly = found is None or found.name in _GENERAL
    if plainly and (base.endswith(".rrf") or _CONCEPTS.match(head)):
        hint = "Give MRCONSO.RRF (RXNCONSO.RRF of RxNorm), or the folder that holds it."
        raise InputError("is a table of UMLS without names.", path=files.where(name), hint=hint)
    if found is not None:
        return found
    if base.endswith(_DOCUMENTS):
        hint = f"{_AS_TEXT}, as CSV UTF-8 or as .xlsx, and give that."
        raise InputError("is a document, not a term list.", path=files.where(name), hint=hint)
    hint = Hint("format", "Name it with format=…, one of {names}.", names=", ".join(reader_names()))
    raise InputError("format not recognized.", path=files.where(name), hint=hint)


_CONCEPTS = re.compile(rb"C\d{7}\|[TALS]\d{3,}\|")
"""How a row of a UMLS table begins: MRSTY, MRREL, MRDEF, …"""
_AS_TEXT = "Save its list as text (one term a line)"
_RECORDS = "Export the names as CSV, or one a line."
_NO_LISTS = (
    (rb"BEGIN:VCARD", "holds visiting cards (vCard).", "Export the contacts as CSV."),
    (rb"BEGIN:VCALENDAR", "is a calendar.", _RECORDS),
    (rb"TY  - ", "holds references (RIS).", "Export the keywords as CSV, or one a line."),
    (rb"PMID- \d", "holds references (MEDLINE, nbib).", "Export the keywords as CSV, or one a line."),
    (
        rb"(?:%[^\n]*\n\s*)*@[a-z]+\s*\{[^\n]*,\s*\n",
        "holds references (BibTeX).",
        "Export the keywords as CSV.",
    ),
    (rb"@[a-z]+\{[^\n{}]*,[^\n]*=\s*[{\"]", "holds references (BibTeX).", "Export the keywords as CSV."),
    (rb"(?:FHS|BHS|MSH)\|\^~\\", "holds messages of HL7 v2.", _RECORDS),
    (rb"=LDR  |\d{5}[acdnop][a-z][^\n]{3}22\d{5}", "holds records of a library (MARC).", _RECORDS),
    (rb"From [^\n]+\d{4}\r?\n[\w-]+: ", "holds mails (mbox).", _RECORDS),
    (rb"1\r?\n\d\d:\d\d:\d\d,\d{3} --> |WEBVTT", "holds subtitles.", _RECORDS),
    (
        rb"(?:<\?xml[^>]*>\s*|<!DOCTYPE[^>]*>\s*|<!--.*?-->\s*)*"
        rb"<(?:PubmedArticleSet|ClinicalDocument|akomaNtoso|deIdi2b2|TEI|pmc-articleset|us-patent-\w+)\b",
        "holds documents in XML.",
        "Give it as documents (a corpus), and a list of names here.",
    ),
    (rb'MSGID "', "holds translations (gettext).", "Export the words as CSV, or one a line."),
    (rb"\{\\RTF", "is a document, not a term list.", f"{_AS_TEXT}, as .docx or CSV UTF-8."),
)
"""Files of names that are no lists, by how they begin: what they are, and the next step."""


def check_text(files: Files, name: str) -> bytes:
    """The first bytes of a member: text, or the beginning of a workbook.

    Raises:
        InputError: It is empty, binary, or a web page.
    """
    head, where = files.head(name), files.where(name)
    refuse_packed(head, where)
    if not head.strip():
        raise InputError("the file is empty.", path=where, hint="Check the file.")
    if head.startswith(DRAFT_MARK.encode()):
        hint = f"Give it as a source, which only suggests: --source draft:{where}."
        raise InputError("a model drafted these terms, and nobody has judged them.", path=where, hint=hint)
    if head.startswith(b"PK\x03\x04") and name.lower().endswith(WORKBOOKS):
        return head
    if b"\x00" in head:
        check_office(head, name, where)
        hint = "Give a text file, in UTF-8; pickles, workbooks and other binary files are never read."
        raise InputError("holds NUL bytes: it is a binary file.", path=where, hint=hint)
    for begins, what, hint in _NO_LISTS:
        if re.match(rb"(?i)\s*(?:" + begins + rb")", head):
            raise InputError(what, path=where, hint=hint)
    if _WEB_PAGE.match(head):
        hint = "Save its list as text or CSV; many terminologies want a login first."
        raise InputError("is a web page.", path=where, hint=hint)
    return head


_WEB_PAGE = re.compile(
    rb"(?is)\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*"
    rb"<(?:!doctype html|(?:html|head|body|meta|table|t[rdh]|dl)\b)"
)
"""A page, or the piece of one that holds a table: "<table><tr><td>…"."""
_LOG = logging.getLogger(__name__)

_WATCHED = 10_000


def _conflicts(terms: Iterable[Term]) -> Iterator[str]:
    """What a list of one's own says in two ways: labels of one name, spellings of one label."""
    first: dict[str, Term] = {}
    second, spelled = [], dict[str, dict[str, None]]()
    for term in terms:
        spelled.setdefault(exact_form(term.label).casefold(), {})[term.label] = None
        one = first.setdefault(term.text if term.mode == "case" else term.text.casefold(), term)
        if one.label != term.label:
            second.append((one, term))
    for names in spelled.values():
        if len(names) > 1:
            alike = len({*map(exact_form, names)}) < len(names)  # "Drug" with a space of no width in it
            shown = ", ".join(map(repr, names) if alike else names)
            what = "white space or signs differ" if alike else "their capitals differ"
            yield f"{shown} are different labels, as {what}"
    if second:
        one, other = second[0]
        here = f"{other.text!r} is {one.label} in row {one.row} and {other.label} in row {other.row}"
        yield f"{quantity(len(second), 'name')} with a second label, of which the first counts: {here}"


_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Thai, Lao, Burmese, Khmer, kana and Chinese characters: nothing stands between the words of a text."""


def _unspaced(terms: Iterable[Term]) -> Iterator[str]:
    """That terms of such scripts are looked for as whole words only, as all are."""
    if found := [term.text for term in terms if _UNSPACED.search(term.text)]:
        said = f"{quantity(len(found), 'term')} in a script without spaces between words, first {found[0]!r}"
        yield f"{said}: found where spaces or signs stand on both sides, not within running text"


def _without_forms(terms: Sequence[Term]) -> Iterator[str]:
    """That a list is too long for other forms of its terms."""
    if len(terms) > variants.MOST:
        most = f"more than {variants.MOST:,} terms"
        yield f"{most}: found as they are written, not in the plural or with other hyphens"


def _sentences(terms: Sequence[Term]) -> Iterator[str]:
    """That a list is one of texts: names are no sentences."""
    found = [
        term.text for term in terms if term.text.count(" ") > (2 if term.text[-1] in ".!?" else _LONG_NAME)
    ]
    if len(found) > 1 and 2 * len(found) > len(terms):
        yield f"most terms are whole sentences, first {found[0][:60]!r}: texts are given as a corpus"


_LONG_NAME = 15
"""Words of a name at most, as good as always: lists have longer ones, but not mostly."""


class Reading:
    """Terms of one path, read while they are asked for.

    ``report`` says what was read and what was skipped so far; ``watch`` may be set to a function that is told
    the number of terms now and then.
    """

    def __init__(self, files: Files, reader: Reader, options: Any, recorder: Recorder) -> None:
        self._open = partial(reader.read, files, options, recorder)
        self._files = files
        self._recorder, self.report = recorder, recorder.report
        self.reader = reader
        self.watch: Callable[[int], None] | None = None

    def __iter__(self) -> Iterator[Term]:
        """The terms; a second pass starts over, and so do the counts."""
        self.report.clear()
        self._recorder.parents.clear()
        with reading(self._recorder.where or self.report.path, TermError):
            yield from self._open() if self.watch is None else self._watched(self.watch)

    def _watched(self, watch: Callable[[int], None]) -> Iterator[Term]:
        for number, term in enumerate(self._open(), start=1):
            if number % _WATCHED == 0:
                watch(number)
            yield term

    @property
    def holds_variants(self) -> bool:
        """Whether it is a gazetteer file with generated variants."""
        if self.reader.name != "gazetteer":
            return False
        return "rule" in self._files.head(self._files.only()).partition(b"\n")[0].decode().split("\t")

    @property
    def parents(self) -> dict[str, tuple[str, ...]]:
        """Concept → parents, as far as read."""
        return {child: tuple(parents) for child, parents in self._recorder.parents.items()}

    def gazetteer(self, name: str = "") -> Gazetteer:
        """Read to the end.

        Raises:
            InputError: A bad row (unless bad rows are skipped), or no term at all.
        """
        with paused_gc():
            terms = tuple(self.some())
        if self.reader.own_labels:
            self.report.notes += [
                *_conflicts(terms),
                *_unspaced(terms),
                *_sentences(terms),
                *_without_forms(terms),
            ]
        _LOG.info("%s: %s, format %s", self.report.path, quantity(len(terms), "term"), self.reader.name)
        return Gazetteer(terms, self.parents, name or Path(self.report.path).name)

    def some(self) -> Iterator[Term]:
        """The terms; that there was none is an error.

        Raises:
            InputError: At the end, with what was skipped.
        """
        yield from self
        if not self.report.terms:
            left_out = (*self.report.skipped.items(), *self.report.bad.items())
            reasons = "; ".join(f"{found.count} {why}" for why, found in left_out)  # "2 language de"
            found = quantity(self.report.rows, "row") + (f" ({reasons})" if reasons else "")
            hint = next((hint for why, hint in _INSTEAD.items() if why in reasons), _CHECK)
            raise InputError(f"no term found in {found}.", path=self.report.path, hint=hint)


_CHECK = Hint("rows", "Check the format and the options that select rows.")
_INSTEAD = {
    "language": Hint("language", "Name the languages to read: --set languages=fr,de (languages= in Python)."),
    NOT_WANTED: Hint(
        "types", "Give all of them a label: --label Disease, or some by their type: --map TYPE=LABEL."
    ),
    "text beside lists and tables": Hint(
        "prose", "Write - before each term, or read the file as one term a line: --format txt."
    ),
}
"""Why rows were left out → the next step where no term is left."""


def _given_label(said: object, path: Path) -> str:
    """A label as it was given; empty for none."""
    if not isinstance(said, str):
        raise wrong_kind("a label", said, 'Give it as text, "" for none.')
    if said and not said.strip():
        raise InputError("the label is blank.", path=path, hint=Hint("label", "Name it: --label Disease."))
    return said.strip()


def read_gazetteer(
    path: str | Path,
    format: str | None = None,
    *,
    label: str = "",
    otherwise: str = "",
    label_map: Mapping[str, str] | None = None,
    source: str = "",
    mode: str = "",
    skip_bad: bool = False,
    member: str = "",
    **options: Any,
) -> Reading:
    """Open a term file.

    Args:
        path: A file, a compressed file, a zip archive, a folder of a release, or a shipped pack
            (``medical/anatomy``).
        format: Name of a format (see ``FORMATS``); guessed when not given.
        label: Label of every row; overrides what the rows say.
        otherwise: Label of the rows that bring none, instead of the name of the file.
        label_map: The source's own types → labels; other types are skipped, an empty label excludes one.
        source: Name of the list, kept in every term that brings none.
        mode: Match mode of rows that bring none: ``folded``, ``case``, ``defined`` or ``auto`` (exact
            letters for short acronyms); by default what fits the format.
        skip_bad: Count and list bad rows instead of stopping at the first.
        member: The file to read in an archive or folder of several.

    Raises:
        InputError: No such file, no such format or option, or no label can be given.
    """
    if mode and mode not in (*MATCH_MODES, "auto"):
        raise InputError(f"unknown match mode {mode!r}.", hint=f"Use auto, {', '.join(MATCH_MODES)}.")
    with reading(path := given_path(path)):
        files = Files(find_pack(str(path)) or path, member)
        reader = get_reader(format) if format else guess_format(files)
        if files.is_single:
            check_text(files, files.only())
    label, otherwise = _given_label(label, path), _given_label(otherwise, path)
    label = label or ("" if reader.own_labels else otherwise)  # rows of terminologies bring none
    named = label_of_name(spelled(files.path.name.split(".")[0]))
    recorder = Recorder(
        ReadReport(spelled(str(path)), reader.name),
        label=label,
        otherwise=otherwise,
        label_map=label_map or ({} if label else reader.label_map),
        fallback=otherwise or (named if reader.own_labels else reader.label),
        guessed="file" if reader.own_labels and not otherwise else "",
        source=source or reader.source,
        mode=mode or reader.mode,
        skip_bad=skip_bad,
        strict=reader.strict,
        taken=names_of_packs(files.path),
    )
    if not (recorder.label or recorder.label_map or recorder.fallback or reader.own_labels):
        hint = Hint("option", "Give a label for all of them, or a label map from the source's own types.")
        raise InputError(f"{reader.title}: rows bring no label.", path=recorder.report.path, hint=hint)
    return Reading(files, reader, make(reader.options, options, reader.name), recorder)


LISTS_HINT = "Give the path of a file, or Gazetteer.of(terms) with a Term(text, label) for each row."


def load_gazetteer(
    path: str | Path | Iterable[str | Path], format: str | None = None, **given: Any
) -> Gazetteer:
    """Read one term file, or several as one gazetteer in which earlier files win, as ``read_gazetteer``.

    Raises:
        InputError: A path cannot be read, or a row is bad.
    """
    paths = each_of(path, "the path of a list", LISTS_HINT)
    read = [read_gazetteer(one, format, **given).gazetteer() for one in paths]
    if not read:
        raise InputError("no term file was given.", hint="Give at least one.")
    return read[0] if len(read) == 1 else read[0].merge(*read[1:])
