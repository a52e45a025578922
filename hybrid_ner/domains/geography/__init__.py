"""Places of the world: written without Python, but for this file, which names the folder."""

from __future__ import annotations

from pathlib import Path

from hybrid_ner.registry import read_domain

__all__ = ["DOMAIN"]

DOMAIN = read_domain(Path(__file__).parent)
