"""TermBase eXchange: TBX 2 (``martif``) and TBX 3 (``tbx``), by ISO 30042."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from hybrid_ner.terms.readers.base import Options, Reader, is_wanted_language, option
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.report import NOT_WANTED, Recorder
from hybrid_ner.terms.readers.streams import LANG, local, records, value
from hybrid_ner.terms.term import Term, TermStatus

__all__ = ["READER", "TbxOptions"]

_ENTRIES = frozenset({"termEntry", "conceptEntry"})
_LANGUAGES = frozenset({"langSet", "langSec"})
_TERMS = frozenset({"tig", "ntig", "termSec"})
_ABBREVIATIONS = frozenset({"abbreviation", "acronym", "initialism", "shortForm"})
_UNKNOWN = "und"
"""Tag of a section without one, by BCP 47: it is in no language that was asked for."""
_UNWANTED = ("deprecated", "superseded", "obsolete", "rejected")


@dataclass(frozen=True, slots=True)
class TbxOptions(Options):
    """Options of TBX."""

    languages: tuple[str, ...] = option(("en",), "languages; en also takes en-GB")
    deprecated: bool = option(False, "also read deprecated and superseded terms")
    prefix: str = option("", "put before each id with a colon, for example IATE")


def _read(files: Files, options: TbxOptions, recorder: Recorder) -> Iterator[Term]:
    for number, entry in records(files, files.only(), recorder, _ENTRIES):
        common = (e for e in entry if local(e.tag) not in _LANGUAGES)
        fields = [field for e in common for field in _said(e, "subjectField")]
        identifier = entry.get("id", "")
        concept = f"{options.prefix}:{identifier}" if options.prefix and identifier else identifier
        label = recorder.label_of(fields)
        if not label and recorder.label_map:
            recorder.skip(NOT_WANTED, number, f"{identifier} ({', '.join(fields)})")
            continue
        if not label:
            recorder.bad("no label", number, identifier, "Give a label for the whole file, or a label map.")
            continue
        yield from _terms(number, entry, concept, label, options, recorder)


def _terms(
    number: int, entry: Element, concept: str, label: str, options: TbxOptions, recorder: Recorder
) -> Iterator[Term]:
    for section in (e for e in entry.iter() if local(e.tag) in _LANGUAGES):
        language = section.get(LANG) or section.get("lang") or _UNKNOWN
        for group in (e for e in section.iter() if local(e.tag) in _TERMS):
            text = next((value(e) for e in group.iter() if local(e.tag) == "term"), "")
            standings = _said(group, "administrativeStatus") or _said(group, "normativeAuthorization")
            standing = next(iter(standings), "")
            if not text:
                recorder.bad("term without text", number, concept)
            elif not is_wanted_language(language, options.languages):
                recorder.skip(f"language {language}", number, text)
            elif standing.startswith(_UNWANTED) and not options.deprecated:
                recorder.skip("deprecated", number, text)
            elif term := recorder.term(text, number, label, concept, _status(group, standing)):
                yield term


def _said(element: Element, category: str) -> list[str]:
    """Values of a data category: an attribute names it, or in the style DCT the element itself."""
    return [value(e) for e in element.iter() if category in (e.get("type"), local(e.tag))]


def _status(group: Element, standing: str) -> TermStatus:
    if not _ABBREVIATIONS.isdisjoint(_said(group, "termType")):
        return "abbreviation"
    return "preferred" if standing.startswith("preferred") else "synonym"


def _sniff(name: str, head: bytes) -> bool:
    return name.endswith(".tbx") or b"<martif" in head or b"<tbx " in head


READER = Reader("tbx", "TermBase eXchange", _read, _sniff, TbxOptions, own_labels=True)
