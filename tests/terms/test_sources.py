"""``gazetteers/SOURCES.md``: every shipped file has a row with its source, counts and licence."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from typing import NamedTuple

import pytest

from hybrid_ner.io import shipped
from hybrid_ner.terms import Term
from hybrid_ner.terms.shipped import shipped_packs

Packs = Callable[[str], dict[str, tuple[Term, ...]]]
ROOT = shipped("gazetteers", "SOURCES.md").parent
FOLDERS = {"Medical": "medical", "Legal": "legal", "English words": "english"}


class Row(NamedTuple):
    """One row of a table: a file name or pattern, and the cells after it."""

    folder: str
    file: str
    source: str
    numbers: tuple[str, ...]
    licence: str


def rows() -> Iterator[Row]:
    folder = ""
    for line in (ROOT / "SOURCES.md").read_text(encoding="utf-8").splitlines():
        if heading := re.match(r"## ([\w ]+) \(", line):
            folder = FOLDERS[heading[1]]
        elif cell := re.match(r"\| `([^`]+)` \|", line):
            cells = [c.strip() for c in line.strip("| ").split("|")]
            assert all((cells[1], cells[-1])), line
            yield Row(folder, cell[1], cells[1], tuple(c.replace(",", "") for c in cells[2:-1]), cells[-1])


def test_every_file_has_one_row_and_every_row_a_file() -> None:
    listed = [(row.folder, row.file) for row in rows()]
    files = [
        path.relative_to(ROOT).as_posix().partition("/")
        for path in ROOT.rglob("*")
        if path.is_file() and path.name not in ("SOURCES.md", "packs.tsv")
    ]
    for folder, _, name in files:
        exact = [row for row in listed if row == (folder, name)]
        found = exact or [row for row in listed if row[0] == folder and fnmatch(name, row[1])]
        assert len(found) == 1, f"{folder}/{name}: {found}"
    for folder, pattern in listed:
        assert any(f == folder and fnmatch(name, pattern) for f, _, name in files), f"{folder}/{pattern}"


@pytest.mark.parametrize("domain", ["medical", "legal"])
def test_counts_and_defaults_are_those_of_the_files(domain: str, packs: Packs) -> None:
    by_file = {row.file: row for row in rows() if row.folder == domain}
    for pack in shipped_packs(domain):
        row = by_file[pack.path.name]
        terms = packs(domain)[pack.name]
        concepts = {term.concept_id for term in terms if term.concept_id}
        assert row.numbers == (str(len(terms)), str(len(concepts))), pack.name
        off = "not loaded by default" in row.source or "citation rules only" in row.source
        assert off is not pack.default, pack.name


def test_totals_in_the_text_are_those_of_the_files(packs: Packs) -> None:
    text = " ".join((ROOT / "SOURCES.md").read_text(encoding="utf-8").split())
    terms = {
        (term.text, term.label, term.concept_id): term
        for pack in shipped_packs("medical")
        if pack.default
        for term in packs("medical")[pack.name]
    }
    concepts = {term.concept_id for term in terms.values() if term.concept_id}
    assert f"The default packs hold {len(terms):,} terms of {len(concepts):,} concepts" in text
    counts = [sum(term.label == label for term in terms.values()) for label in ("Chemical", "Disease")]
    assert f"({counts[0]:,} chemical, {counts[1]:,} disease;" in text
    modes = [sum(term.mode == mode for term in terms.values()) for mode in ("folded", "case", "defined")]
    assert f"modes: {modes[0]:,} folded, {modes[1]:,} case, {modes[2]:,} defined)" in text


def test_counts_of_the_other_lists_are_those_of_the_files() -> None:
    by_file = {row.file: row for row in rows()}
    for folder, file, header in (
        ("medical", "parents.tsv.gz", 1),
        ("medical", "rules/gene_symbols.tsv.gz", 1),
        ("english", "words.txt.gz", 0),
    ):
        with gzip.open(ROOT / folder / file, "rt", encoding="utf-8") as lines:
            count = sum(1 for _ in lines) - header
        assert str(count) in " ".join(by_file[file].numbers).split(), file
    frequent = (ROOT / "english" / "frequent.txt").read_text(encoding="utf-8").splitlines()
    assert by_file["frequent.txt"].numbers == (str(sum(not line.startswith("#") for line in frequent)),)
