"""Sample documents written for this project: realistic, invented, free to use."""

from __future__ import annotations

from pathlib import Path

__all__ = ["SAMPLE_DOMAINS", "gold_path", "unlabeled_path"]

SAMPLE_DOMAINS = ("medical", "legal")

_FOLDER = Path(__file__).parent


def gold_path(domain: str) -> Path:
    """Annotated samples of a domain, as JSON Lines."""
    return _FOLDER / domain / "gold.jsonl"


def unlabeled_path(domain: str) -> Path:
    """Samples without annotation, as JSON Lines."""
    return _FOLDER / domain / "unlabeled.jsonl"
