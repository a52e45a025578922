"""Labeling more text than one process should: record batches in and out, and file by file in shards."""

from hybrid_ner.scale.batches import ENTITIES, BatchLabeler
from hybrid_ner.scale.files import FileResult, label_files, label_store

__all__ = ["ENTITIES", "BatchLabeler", "FileResult", "label_files", "label_store"]
