"""spaCy pipelines: the tokenizer, labeling sources, recognizer and fusion."""

from hybrid_ner.pipeline.build import FusionSettings, assemble, rule_pipeline, save
from hybrid_ner.text.tokenizer import blank

__all__ = ["FusionSettings", "assemble", "blank", "rule_pipeline", "save"]
