"""Sample documents written for this project: realistic, invented, free to use."""

from __future__ import annotations

from pathlib import Path

from hybrid_ner.errors import InputError
from hybrid_ner.registry import DOMAINS

__all__ = ["gold_path", "sample_domains", "unlabeled_path"]


def sample_domains() -> tuple[str, ...]:
    """Domains with samples."""
    return tuple(name for name, domain in DOMAINS.all() if domain.samples is not None)


def gold_path(domain: str) -> Path:
    """Annotated samples of a domain, as JSON Lines.

    Raises:
        InputError: The domain is unknown or has none.
    """
    return _folder(domain) / "gold.jsonl"


def unlabeled_path(domain: str) -> Path:
    """Samples without annotation, as JSON Lines.

    Raises:
        InputError: The domain is unknown or has none.
    """
    return _folder(domain) / "unlabeled.jsonl"


def _folder(domain: str) -> Path:
    folder = DOMAINS.get(domain).samples
    if folder is None:
        raise InputError(f"no samples for {domain!r}.", hint=f"Use one of {', '.join(sample_domains())}.")
    return folder
