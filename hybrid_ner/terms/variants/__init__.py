"""Variants of terms by named rules; each variant knows the term and the rule that it comes from."""

from hybrid_ner.terms.variants.expand import RULES, Expansion, expand, variants

__all__ = ["RULES", "Expansion", "expand", "variants"]
