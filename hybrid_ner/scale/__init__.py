"""Labeling more text than one process should: file by file in shards, or Arrow record batches in and out.

Batches come back the same, with a column of entities. One loop for every engine that hands out Arrow data;
the engine itself is not needed here. Spark::

    entity = "start int, end int, label string, concept_id string, source string, model_score float"
    notes.mapInArrow(BatchLabeler("model"), f"id long, text string, entities array<struct<{entity}>>")

Ray Data::

    notes.map_batches(BatchLabeler("model").label_table, batch_format="pyarrow")
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
from spacy.language import Language

from hybrid_ner.corpus import Document, Entity
from hybrid_ner.errors import CorpusError
from hybrid_ner.scale.files import FileResult, label_files, label_store
from hybrid_ner.training.predict import load_pipeline, parse_system, predict

__all__ = ["ENTITIES", "BatchLabeler", "FileResult", "label_files", "label_store"]


ENTITIES = pa.list_(
    pa.struct(
        [
            ("start", pa.int32()),
            ("end", pa.int32()),
            ("label", pa.string()),
            ("concept_id", pa.string()),
            ("source", pa.string()),
            ("model_score", pa.float32()),
            ("flags", pa.list_(pa.string())),
        ]
    )
)
"""Type of the column that is added. Offsets are code points of the text, half open; ``source`` names the
rules that voted for the span, ``model_score`` is the model's probability of it; both may be null."""


class BatchLabeler:
    """Adds a column of entities to record batches.

    It is a path and three names until it is first called, so it pickles into any worker, which loads the
    pipeline once.

    Args:
        model: Folder of a pipeline, readable by every worker.
        system: ``rule``, ``model`` or ``hybrid``.
        text: Column that holds the text; a null has null for entities.
        column: Name of the new column.

    Raises:
        InputError: There is no such system.
    """

    def __init__(
        self, model: str | Path, *, system: str = "hybrid", text: str = "text", column: str = "entities"
    ) -> None:
        self.model, self.system, self.text, self.column = str(model), parse_system(system), text, column

    @property
    def pipeline(self) -> Language:
        return _load(self.model)

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The batches in order, each with its entities.

        Raises:
            CorpusError: There is no column of text, or the new column is there already.
            ModelError: The model cannot be opened, or has no such system.
        """
        for batch in batches:
            yield self.label(batch)

    def schema(self, before: pa.Schema) -> pa.Schema:
        """What comes out for batches of a schema.

        Raises:
            CorpusError: As above.
        """
        names = ", ".join(before.names)
        place = before.get_field_index(self.text)
        if place < 0:
            raise CorpusError(f"no column {self.text!r} among {names}.", hint="Name the column of the text.")
        if not (pa.types.is_string(kind := before.field(place).type) or pa.types.is_large_string(kind)):
            problem = f"column {self.text!r} holds {kind}, expected strings."
            raise CorpusError(problem, hint="Convert it first.")
        if self.column in before.names:
            problem = f"there is a column {self.column!r} already."
            raise CorpusError(problem, hint="Give the new one another name.")
        return before.append(pa.field(self.column, ENTITIES))

    def label_table(self, table: pa.Table) -> pa.Table:
        """A table with its entities, for engines that hand out tables (Ray Data's ``map_batches``)."""
        return pa.Table.from_batches(self(table.to_batches()), self.schema(table.schema))

    def label(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        schema = self.schema(batch.schema)
        texts = batch.column(self.text).to_pylist()
        documents = (Document(str(row), text) for row, text in enumerate(texts) if text is not None)
        labeled = predict(self.pipeline, documents, self.system)
        rows = [None if text is None else [*map(_row, next(labeled).entities or ())] for text in texts]
        return pa.RecordBatch.from_arrays([*batch.columns, pa.array(rows, ENTITIES)], schema=schema)


def _row(entity: Entity) -> dict[str, Any]:
    row = {"start": entity.start, "end": entity.end, "label": entity.label}
    said = {name: entity.attrs.get(name) for name in ("source", "model_score", "flags")}
    return {**row, "concept_id": entity.concept_id or None, **said}


@lru_cache(maxsize=1)
def _load(folder: str) -> Language:
    return load_pipeline(folder)
