"""The gazetteer of a bootstrap: the user's lists first, the domain's shipped lists after them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from hybrid_ner.errors import InputError
from hybrid_ner.io import paused_gc
from hybrid_ner.registry import DOMAINS
from hybrid_ner.terms import Gazetteer
from hybrid_ner.terms.readers import ReadReport, read_gazetteer
from hybrid_ner.terms.readers.base import Reader
from hybrid_ner.terms.shipped import load_shipped, pack_domains


@paused_gc()
def gather_terms(
    domain: str,
    files: Iterable[Path] = (),
    *,
    label: str = "",
    shipped: bool = True,
    skip_bad: bool = False,
    reports: list[ReadReport] | None = None,
    may_be_empty: bool = False,
    columns: str = "",
    told: Callable[[Path], Mapping[str, str]] = lambda path: {},
) -> Gazetteer:
    """Terms of the user's files, then those the domain ships.

    Args:
        domain: A registered domain; ``generic`` ships nothing.
        files: Term lists in any known format.
        label: Label of every row of the files, instead of their own.
        shipped: Whether to add the domain's own lists.
        skip_bad: Count and list bad rows instead of stopping at the first.
        reports: Filled with what was read and skipped, one report a file.
        may_be_empty: Whether no term at all is fine, as where rules or sources of the user's own do the work.
        columns: Roles of the columns of those files that are tables: ``term=NAME,label=TYPE``.
        told: What a project file says of one list, its ``label`` and ``columns``, where nothing else does.

    Raises:
        InputError: Unknown domain, unusable file, or no term at all.
    """
    brings = DOMAINS.get(domain).terms is not None
    given: list[Gazetteer] = []
    for path in files:
        own = told(path)
        common = label or own.get("label", "")
        reading = read_gazetteer(path, label=common, skip_bad=skip_bad)
        if options := table_options(reading.reader, columns or own.get("columns", "")):
            reading = read_gazetteer(path, label=common, skip_bad=skip_bad, **options)
        given.append(reading.gazetteer())
        if reports is not None:
            reports.append(reading.report)
    if shipped and brings:
        given.append(load_shipped(domain))
        logging.getLogger(__name__).info("shipped lists of %s: %d terms", domain, len(given[-1]))
    if not given and may_be_empty:
        return Gazetteer()
    if not given:
        hint = f"Give --gazetteer FILE, or --domain {' or '.join(pack_domains())} for the shipped lists."
        raise InputError("there are no terms.", hint=hint)
    return given[0].merge(*given[1:])


def table_options(reader: Reader, columns: str) -> dict[str, Any]:
    """What to read a list with where columns are named: a text file is a table then, an ontology has none."""
    if not columns or not (reader.name == "txt" or any(f.name == "columns" for f in fields(reader.options))):
        return {}
    return {"columns": columns, "format": "csv" if reader.name == "txt" else reader.name}
