"""Medicine: chemicals and diseases in abstracts and clinical notes."""

from __future__ import annotations

from pathlib import Path

from hybrid_ner.io import shipped
from hybrid_ner.registry import Domain

__all__ = ["DOMAIN"]

LABELS: dict[str, tuple[str, ...]] = {
    "Chemical": (
        "DRUG",
        "SUBSTANCE",
        "MEDICATION",
        "COMPOUND",
        "SIMPLE_CHEMICAL",
        "TREATMENT",
        "CHED",
        "CHEM",
    ),
    "Disease": (
        "SpecificDisease",
        "DISEASE_OR_SYNDROME",
        "DISORDER",
        "DIAGNOSIS",
        "PROBLEM",
        "CONDITION",
        "DiseaseClass",
        "PATHOLOGY",
        "DISO",
    ),
}

DOMAIN = Domain(
    "medical",
    "Medical",
    sources="hybrid_ner.domains.medical.sources:medical_sources",
    labels=LABELS,
    terms=shipped("gazetteers", "medical"),
    samples=Path(__file__).parent / "samples",
    switches=("genetics",),
    context=shipped("gazetteers", "medical", "rules"),
    # Beside the full shipped lists learned words do not help; beside a small list they do (measured).
    expand=(False, True),
    variants=False,
    order=10,
    meanings={
        "Chemical": "a drug or another chemical substance",
        "Disease": "a disease, disorder, injury or symptom",
    },
)
