"""The orders of the queue, in words."""

from __future__ import annotations

__all__ = ["ORDERS", "order_name"]

ORDERS = {
    "disagree": "rules and model disagree",
    "uncertain": "least certain first",
    "fuzzy": "similar spellings",
    "new-terms": "new terms of the model",
    "conflicts": "overlapping suggestions",
    "random": "random",
    "flagged": "flagged",
    "mine": "my reviewed documents",
}


def order_name(order: str) -> str:
    """An order in words; one that has none, as it was typed."""
    return ORDERS.get(order, order)
