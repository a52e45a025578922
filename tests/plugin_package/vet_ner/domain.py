"""A domain: labels with what others call them, and a folder of terms; its sources are the usual ones."""

from pathlib import Path

from hybrid_ner import Domain

DOMAIN = Domain(
    "vet",
    "Veterinary",
    labels={"Animal": ("SPECIES",), "Sign": ("Disease", "SYMPTOM"), "Dose": ()},
    terms=Path(__file__).parent / "terms",
)
