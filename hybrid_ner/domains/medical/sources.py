"""The labeling sources for medical text in order of trust, their lists and switches."""

from __future__ import annotations

from collections.abc import Iterable

from hybrid_ner.domains.medical.base import CHEMICAL, DISEASE
from hybrid_ner.domains.medical.chemicals import (
    ChemicalClasses,
    ChemicalNames,
    CompoundCodes,
    DrugCombinations,
    Formulas,
    SystematicNames,
)
from hybrid_ner.domains.medical.diseases import (
    Deficiencies,
    DiseaseHeads,
    DiseaseModifiers,
    DiseaseSites,
    DiseaseSuffixes,
    DiseaseTails,
    DiseaseTypes,
    DiseaseWords,
    LossPhrases,
)
from hybrid_ner.domains.medical.guards import (
    ClinicalTerms,
    GeneGuard,
    LabGuard,
    NameGuard,
    NoteForms,
    NoteGuard,
)
from hybrid_ner.domains.medical.spelling import SpellingSource
from hybrid_ner.domains.registry import AbbreviationSource, GazetteerSource, LabelingSource, Remembered
from hybrid_ner.io import read_list, shipped
from hybrid_ner.terms import Gazetteer
from hybrid_ner.terms.shipped import COLUMNS, shipped_packs, table_rows


def _entries(name: str) -> tuple[str, ...]:
    """Of a file of ``gazetteers/medical/rules``."""
    return read_list(shipped("gazetteers", "medical", "rules", f"{name}.txt"))


def _short_forms() -> dict[str, tuple[str, ...]]:
    """The terms of two packs of short forms: rules read them in notes without being asked to."""
    forms: dict[str, list[str]] = {DISEASE: [], CHEMICAL: []}
    for pack in ("clinical_notes", "clinical_abbreviations"):
        path = shipped("gazetteers", "medical", f"{pack}.tsv")
        for _, (term, label, *_) in table_rows(path, COLUMNS):
            forms[label].append(term)
    return {"note_diseases": tuple(forms[DISEASE]), "note_drugs": tuple(forms[CHEMICAL])}


def medical_sources(gazetteer: Gazetteer, switches: Iterable[str] = ()) -> list[LabelingSource]:
    """The medical sources in order of trust; each may read the groups of those before it.

    Args:
        switches: ``genetics``: "C2-deficient" is a mention as "C2 deficiency" is, as papers on genetics are
            annotated; elsewhere it mostly describes animals.

    Raises:
        InputError: An unknown switch.
    """
    lists = Remembered(_entries)
    lists.update(_short_forms())
    modifiers = (*lists["body_sites"], *lists["disease_kinds"], *lists["heredity"])
    in_notes = lists["note_heads"], lists["note_sites"]
    sources: list[LabelingSource] = [
        GazetteerSource(gazetteer),
        SpellingSource(gazetteer, (*lists["stop_terms"], *lists["banned_terms"])),
        ChemicalClasses("chemical_classes", lists["chemical_classes"]),
        Formulas("formulas", lists["formulas"]),
        CompoundCodes("compound_codes", lists["code_exceptions"]),
        DiseaseWords("disease_words", lists["disease_words"]),
        DiseaseSuffixes("disease_suffixes", lists["disease_suffixes"], lists["suffix_exceptions"]),
        DiseaseHeads("disease_heads", lists["disease_heads"], modifiers, *in_notes),
        LossPhrases("loss_phrases", lists["loss_phrases"], lists["body_sites"]),
        Deficiencies("deficiencies", "genetics" in {*switches}),
        SystematicNames("systematic_names", lists["chemical_morphemes"], lists["chemical_endings"]),
        ClinicalTerms("clinical_findings", DISEASE, lists["clinical_findings"]),
        ClinicalTerms("clinical_drugs", CHEMICAL, lists["clinical_drugs"]),
        NoteForms("note_diseases", DISEASE, lists["note_diseases"]),
        NoteForms("note_drugs", CHEMICAL, lists["note_drugs"]),
    ]
    chemicals = lists["chemical_morphemes"], lists["chemical_salts"]
    sources.append(ChemicalNames("chemical_names", _names(sources), *chemicals))
    sources.append(DiseaseSites("disease_sites", _names(sources), lists["sites_of"], lists["body_sites"]))
    sources.append(AbbreviationSource(_names(sources)))
    sources.append(DiseaseTails("disease_tails", _names(sources), lists["disease_tails"]))
    sources.append(DiseaseTypes("disease_types", _names(sources)))
    sources.append(DiseaseModifiers("disease_modifiers", _names(sources), modifiers, sites=in_notes[1]))
    sources.append(DrugCombinations("drug_combinations", _names(sources)))
    sources.append(LabGuard("lab_guard", _names(sources), lists["analytes"]))
    forms = (*lists["note_diseases"], *lists["note_drugs"])
    sources.append(NoteGuard("note_guard", _names(sources), lists["note_bare"], forms))
    guards = lists["whole_names"], lists["genera"], lists["cell_lines"]
    sources.append(NameGuard("name_guard", _names(sources), *guards))
    files = tuple(pack.path.name for pack in shipped_packs("medical"))
    genes = lists["gene_heads"], lists["protein_names"], files
    sources.append(GeneGuard("gene_guard", _names(sources), *genes))
    return sources


def _names(sources: list[LabelingSource]) -> tuple[str, ...]:
    return tuple(source.name for source in sources)
