"""The labeling sources of each domain: how they are built, saved and restored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hybrid_ner.errors import InputError
from hybrid_ner.terms import Gazetteer
from hybrid_ner.weak.source import LabelingSource

__all__ = ["DOMAINS", "DomainSettings", "SavedSource", "build_sources", "restore_source"]
