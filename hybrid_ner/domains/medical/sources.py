"""Labeling sources for medical text, one file each."""

from __future__ import annotations

from hybrid_ner.domains.medical.base import CHEMICAL, DISEASE, MedicalSettings, MedicalSource
from hybrid_ner.domains.medical.chemicals import (
    ChemicalClasses,
    ChemicalNames,
    CompoundCodes,
    Formulas,
    SystematicNames,
)
from hybrid_ner.domains.medical.clinical import (
    ClinicalTerms,
    Deficiencies,
    DrugCombinations,
    LabGuard,
    LossPhrases,
    NoteForms,
    NoteGuard,
)
from hybrid_ner.domains.medical.diseases import (
    DiseaseHeads,
    DiseaseModifiers,
    DiseaseSites,
    DiseaseSuffixes,
    DiseaseTails,
    DiseaseTypes,
    DiseaseWords,
)
from hybrid_ner.domains.medical.guards import GeneGuard, NameGuard
from hybrid_ner.domains.medical.spelling import SpellingSource
from hybrid_ner.sources import LabelingSource
from hybrid_ner.sources.abbreviations import AbbreviationSource
from hybrid_ner.sources.gazetteer import GazetteerSource
from hybrid_ner.terms import Gazetteer
from hybrid_ner.terms.shipped import shipped_packs

__all__ = ["MedicalSettings", "MedicalSource", "domain_sources", "medical_sources"]


def medical_sources(gazetteer: Gazetteer, settings: MedicalSettings | None = None) -> list[LabelingSource]:
    """The medical sources in order of trust; each may read the groups of those before it."""
    settings = settings or MedicalSettings.shipped()
    lists = settings.lists
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
        Deficiencies("deficiencies", settings.genetics),
        SystematicNames("systematic_names", lists["chemical_morphemes"], lists["chemical_endings"]),
    ]
    sources.append(ClinicalTerms("clinical_findings", DISEASE, lists["clinical_findings"]))
    sources.append(ClinicalTerms("clinical_drugs", CHEMICAL, lists["clinical_drugs"]))
    sources.append(NoteForms("note_diseases", DISEASE, lists["note_diseases"]))
    sources.append(NoteForms("note_drugs", CHEMICAL, lists["note_drugs"]))
    chemicals = lists["chemical_morphemes"], lists["chemical_salts"]
    sources.append(ChemicalNames("chemical_names", _names(sources), *chemicals))
    sources.append(DiseaseSites("disease_sites", _names(sources), lists["sites_of"], lists["body_sites"]))
    sources.append(AbbreviationSource(_names(sources)))
    sources.append(DiseaseTails("disease_tails", _names(sources), lists["disease_tails"]))
    sources.append(DiseaseTypes("disease_types", _names(sources)))
    sources.append(DiseaseModifiers("disease_modifiers", _names(sources), modifiers, sites=in_notes[1]))
    sources.append(DrugCombinations("drug_combinations", _names(sources)))
    sources.append(LabGuard("lab_guard", _names(sources), lists["analytes"]))
    sources.append(
        NoteGuard(
            "note_guard", _names(sources), lists["note_bare"], (*lists["note_diseases"], *lists["note_drugs"])
        )
    )
    guards = lists["whole_names"], lists["genera"], lists["cell_lines"]
    sources.append(NameGuard("name_guard", _names(sources), *guards))
    files = tuple(pack.path.name for pack in shipped_packs("medical"))
    genes = lists["gene_heads"], lists["protein_names"], files
    sources.append(GeneGuard("gene_guard", _names(sources), *genes))
    return sources


def domain_sources(gazetteer: Gazetteer, switches: tuple[str, ...] = ()) -> list[LabelingSource]:
    """As the domain asks for them."""
    return medical_sources(gazetteer, MedicalSettings.of(switches))


def _names(sources: list[LabelingSource]) -> tuple[str, ...]:
    return tuple(source.name for source in sources)
