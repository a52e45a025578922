"""Labeling sources for medical text."""

from __future__ import annotations

from hybrid_ner.terms import Gazetteer
from hybrid_ner.weak.abbreviations import AbbreviationSource
from hybrid_ner.weak.medical.gazetteer import GazetteerSource
from hybrid_ner.weak.medical.settings import MedicalSettings
from hybrid_ner.weak.source import LabelingSource

__all__ = ["MedicalSettings", "medical_sources"]


def medical_sources(gazetteer: Gazetteer, settings: MedicalSettings | None = None) -> list[LabelingSource]:
    """The medical sources in order of trust."""
    settings = settings or MedicalSettings.shipped()
    sources: list[LabelingSource] = [GazetteerSource(gazetteer)]
    sources.append(AbbreviationSource(tuple(source.name for source in sources)))
    return sources
