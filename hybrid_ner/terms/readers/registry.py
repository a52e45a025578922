"""The formats by name, and the guess of a file's format."""

from __future__ import annotations

from importlib import import_module
from pathlib import PurePosixPath

from hybrid_ner.errors import InputError
from hybrid_ner.registry import READERS
from hybrid_ner.terms.readers.base import Reader
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.rdf import is_rdf, vocabulary

__all__ = ["DRAFT_MARK", "FORMATS", "check_text", "get_reader", "guess_format", "reader_names"]

DRAFT_MARK = "# draft of terms: not a term list"
"""First line of a table that a language model wrote and nobody has judged."""

FORMATS: dict[str, str] = {
    "gazetteer": "tsv",
    "umls": "umls",
    "rxnorm": "rxnorm",
    "mesh-xml": "mesh_xml",
    "mesh-ascii": "mesh_ascii",
    "snomed": "snomed",
    "icd10cm-xml": "icd10cm_xml",
    "icd10cm-order": "icd10cm_order",
    "loinc": "loinc",
    "atc": "atc",
    "drugbank": "drugbank",
    "ctd": "ctd",
    "unii": "unii",
    "gleif": "gleif",
    "wikidata": "wikidata",
    "obo": "obo",
    "obograph": "obograph",
    "tbx": "tbx",
    "skos": "skos",
    "owl": "owl",
    "jsonl": "jsonl",
    "xlsx": "xlsx",
    "csv": "delimited",
    "txt": "plain",
}
"""Format → module of this package; the first whose sniff says yes is taken, so general ones stand last."""

_GENERAL = ("jsonl", "csv", "txt")

_LONGER_HEADS = (1 << 20, 1 << 26)
_COMPRESSED = (".gz", ".bz2", ".xz")


def reader_names() -> tuple[str, ...]:
    """Every format: those of other packages stand before the general ones that almost any file looks like."""
    own = tuple(name for name in READERS.names() if name not in FORMATS)
    special = tuple(name for name in FORMATS if name not in _GENERAL)
    return (*special, *own, *_GENERAL)


def get_reader(name: str) -> Reader:
    """The reader of a format.

    Raises:
        InputError: There is no such format.
    """
    key = {"tsv": "csv", "text": "txt"}.get(name.lower(), name.lower())
    if key not in FORMATS:
        if name not in READERS:
            raise InputError(f"unknown format {name!r}.", hint=f"Use one of {', '.join(reader_names())}.")
        own: Reader = READERS.get(name)
        return own
    reader: Reader = import_module(f"hybrid_ner.terms.readers.{FORMATS[key]}").READER
    return reader


def guess_format(files: Files) -> Reader:
    """The reader whose files these look like.

    Raises:
        InputError: None fits, or the file is empty or binary.
    """
    readers = [get_reader(name) for name in reader_names()]
    if not files.is_single:
        return _by_members(files, readers)
    name = files.only()
    head = check_text(files, name)
    base = PurePosixPath(name).name.lower()
    for suffix in _COMPRESSED:
        base = base.removesuffix(suffix)
    if is_rdf(base, head):
        # What vocabulary a file is written in may stand behind a licence and many prefixes.
        sizes = iter(_LONGER_HEADS)
        while not vocabulary(head) and (size := next(sizes, 0)):
            head = files.head(name, size)
    for reader in readers:
        if reader.sniff(base, head):
            return reader
    raise InputError(
        "format not recognized.",
        path=files.where(name),
        hint=f"Name it with format=…, one of {', '.join(reader_names())}.",
    )


def _by_members(files: Files, readers: list[Reader]) -> Reader:
    for reader in readers:
        if reader.members and files.find(*reader.members):
            return reader
    files.only()
    raise AssertionError("only() raises for several members")


def check_text(files: Files, name: str) -> bytes:
    """The first bytes of a member: text, or the beginning of a workbook.

    Raises:
        InputError: It is empty, binary, or a web page.
    """
    head, where = files.head(name), files.where(name)
    if not head.strip():
        raise InputError("the file is empty.", path=where, hint="Check the file.")
    if head.startswith(DRAFT_MARK.encode()):
        raise InputError(
            "a model drafted these terms, and nobody has judged them.",
            path=where,
            hint=f"Give it as a source, which only suggests: --source draft:{where}.",
        )
    if head.startswith(b"PK\x03\x04") and name.lower().endswith((".xlsx", ".xlsm")):
        return head
    if b"\x00" in head:
        hint = "Give a text file; pickles, workbooks and other binary files are never read."
        raise InputError("holds NUL bytes: it is a binary file.", path=where, hint=hint)
    if head.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html")):
        hint = "Download the file again; many terminologies want a login first."
        raise InputError("is a web page.", path=where, hint=hint)
    return head
