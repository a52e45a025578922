"""What every medical labeling source shares."""

from __future__ import annotations

from hybrid_ner.weak.rules import RuleSource as MedicalSource
from hybrid_ner.weak.rules import rule_match

__all__ = ["CHEMICAL", "DISEASE", "MedicalSource", "rule_match"]

CHEMICAL = "Chemical"
DISEASE = "Disease"
