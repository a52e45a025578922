"""From text to labeled character spans, without spaCy; and the gazetteer to begin with, of all term lists.

The user's lists come first, the shipped lists of the domain after them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

from hybrid_ner.errors import (
    OTHER_VERSION,
    CompiledFileError,
    InputError,
    ModelError,
    each_of,
    given_path,
    wrong_kind,
)
from hybrid_ner.io import keep_made, made_file
from hybrid_ner.matching.compiled import Compiled, CompiledGazetteer, checksum, fold_id, load_gazetteer
from hybrid_ner.matching.exact import GazetteerMatcher
from hybrid_ner.matching.match import Evidence, Fuzzy, FuzzyMode, Hits, Match
from hybrid_ner.matching.phrase_hash import build_phrases
from hybrid_ner.registry import DOMAINS
from hybrid_ner.terms import INDEXED_BY, Gazetteer
from hybrid_ner.terms.readers import LISTS_HINT, ReadReport, get_reader, read_gazetteer
from hybrid_ner.terms.readers.base import Reader, mapping
from hybrid_ner.terms.shipped import load_shipped, pack_domains, shipped_packs
from hybrid_ner.text import fold
from hybrid_ner.text.patterns import paused_gc

__all__ = [
    "Compiled",
    "CompiledGazetteer",
    "Evidence",
    "Fuzzy",
    "FuzzyMode",
    "GazetteerMatcher",
    "Hits",
    "Match",
    "fold",
    "gather_terms",
]


def terms_given(given: Gazetteer | str | Path, domain: str) -> Gazetteer:
    """A gazetteer as it is; or that of a list's path with the lists of the domain, or of the domain's name.

    Raises:
        InputError: It is none of these, or the list cannot be read.
    """
    if isinstance(given, str | Path):
        return gather_terms(domain, () if given == domain else given)
    if not isinstance(given, Gazetteer):
        raise wrong_kind("a Gazetteer", given, "Give Gazetteer.of(terms), or the path of a list.")
    return given


@paused_gc()
def gather_terms(
    domain: str,
    files: Iterable[str | Path] | str | Path = (),
    *,
    label: str = "",
    shipped: bool = True,
    skip_bad: bool = False,
    reports: list[ReadReport] | None = None,
    may_be_empty: bool = False,
    columns: str | Mapping[str, str] = "",
    told: Callable[[Path], Mapping[str, str]] = lambda path: {},
) -> Gazetteer:
    """Terms of the user's files, then those the domain ships.

    Args:
        domain: A registered domain; ``generic`` ships nothing.
        files: Term lists in any known format, or one.
        label: Label of every row of the files, instead of their own.
        shipped: Whether to add the domain's own lists.
        skip_bad: Count and list bad rows instead of stopping at the first.
        reports: Filled with what was read and skipped, one report a file.
        may_be_empty: Whether no term at all is fine, as where rules or sources of the user's own do the work.
        columns: Roles of the columns of those files that are tables: ``term=NAME,label=TYPE``.
        told: What is said of one list where nothing else does: its ``label``, ``columns`` (a project file),
            and ``otherwise``, the label of its rows that bring none (the page).

    Raises:
        InputError: Unknown domain, unusable file, or no term at all.
    """
    brings = DOMAINS.get(domain).terms is not None
    given: list[Gazetteer] = []
    for path in map(given_path, each_of(files, "the path of a list", LISTS_HINT)):
        own = told(path)
        labels: Any = {"label": label or own.get("label", ""), "otherwise": own.get("otherwise", "")}
        reading = read_gazetteer(path, **labels, skip_bad=skip_bad)
        if options := table_options(reading.reader, columns or own.get("columns", "")):
            reading = read_gazetteer(path, **labels, skip_bad=skip_bad, **options)
        given.append(reading.gazetteer())
        if reports is not None:
            reports.append(reading.report)
    if shipped and brings:
        given.append(compiled_shipped(domain))
        logging.getLogger(__name__).info("shipped lists of %s: %d terms", domain, len(given[-1]))
    if not given and may_be_empty:
        return Gazetteer()
    if not given:
        hint = f"Give --gazetteer FILE, or --domain {' or '.join(pack_domains())} for the shipped lists."
        raise InputError("there are no terms.", hint=hint)
    return given[0].merge(*given[1:]) if given[1:] else given[0]


_LARGE = 20_000
"""Terms from which a compiled file is worth its place on the disk: fewer are read in no time."""


def compiled_shipped(domain: str) -> Gazetteer:
    """The default packs of a domain: large ones are compiled once, into the user's cache.

    The name of the file tells the content of the packs, so that a new release compiles anew. Where nothing
    can be written the terms are read each time.
    """
    packs = [pack.path for pack in shipped_packs(domain) if pack.default]
    parents = packs[0].parent.glob("parents.tsv.gz") if packs else ()
    known = made_file("terms", domain, (*packs, *parents), f"{fold_id()} {INDEXED_BY}")
    with suppress(CompiledFileError):
        return load_gazetteer(known)
    terms = load_shipped(domain)
    if len(terms) < _LARGE:
        return terms
    _ = terms.surfaces, terms.fingerprint  # kept in the file too
    # Other forms are looked for of the user's own terms alone: of these there are none, wanted or not.
    compiled = Compiled(terms, build_phrases(term.text for term in terms.terms), variants=terms)
    return load_gazetteer(known, verify=False) if keep_made(known, compiled.save) else terms


def table_options(reader: Reader, columns: str | Mapping[str, str]) -> dict[str, Any]:
    """What to read a list with where columns are named: a text file is a table then, an ontology has none.

    Other options of the reader may stand among the roles: ``term=Name,sheet=Drugs``.
    """
    if not columns or not (reader.name == "txt" or any(f.name == "columns" for f in fields(reader.options))):
        return {}
    name = "csv" if reader.name == "txt" else reader.name
    known = {field.name for field in fields(get_reader(name).options)}
    given = mapping(columns, "columns") if isinstance(columns, str) else dict(columns)
    options = {key: value for key, value in given.items() if key in known}
    roles = {key: value for key, value in given.items() if key not in known}
    return {**options, "columns": roles, "format": name}


TERMS = "terms.gaz"
"""File of the terms of a saved component."""


def read_terms(given: Path | bytes, known: Iterable[Any] = ()) -> Gazetteer:
    """The terms of a saved component.

    Args:
        given: Their file, or its content.
        known: Gazetteers that are open already: one with the same content is given again.

    Raises:
        CompiledFileError: Damaged content.
        ModelError: Another version saved them.
    """
    try:
        content = checksum(given)
        for other in known:
            if getattr(other, "sha256", None) == content:
                return other  # type: ignore[no-any-return]
        return load_gazetteer(given)
    except CompiledFileError as error:
        if error.of_another_version:
            raise ModelError(OTHER_VERSION) from error
        raise
