"""Record batches in, record batches with entities out."""

from __future__ import annotations

import pickle
from pathlib import Path

import pyarrow as pa
import pytest

from hybrid_ner.errors import CorpusError, InputError, ModelError
from hybrid_ner.scale import ENTITIES, BatchLabeler

ASPIRIN = {
    "start": 0,
    "end": 7,
    "label": "Chemical",
    "concept_id": "MESH:D001241",
    "source": "gazetteer",
    "model_score": None,
    "flags": None,
}


def batch(*texts: str | None, **columns: list[object]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({"text": pa.array(texts, pa.string()), **columns})


def test_adds_entities_and_keeps_every_column_and_row(model: Path) -> None:
    given = [
        batch("Aspirin helps.", None, "", note=[1, 2, 3]),
        batch("\U0001f600 for the headache", note=[4]),
        batch(note=pa.array([], pa.int64())),
    ]
    first, second, third = BatchLabeler(model)(given)
    assert first.drop_columns(["entities"]) == given[0]
    assert first.column("entities").to_pylist() == [[ASPIRIN], None, []]
    assert [(e["start"], e["end"]) for e in second.column("entities")[0].as_py()] == [(10, 18)]
    assert third.num_rows == 0
    assert {one.schema.field("entities").type for one in (first, second, third)} == {ENTITIES}


def test_columns_are_named(model: Path) -> None:
    given = pa.RecordBatch.from_pydict({"note": pa.array(["Aspirin"], pa.large_string()), "entities": [0]})
    (found,) = BatchLabeler(model, text="note", column="found")([given])
    assert found.column_names == ["note", "entities", "found"]
    assert found.column("found").to_pylist() == [[ASPIRIN]]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"text": "body"}, "no column 'body' among text, number"),
        ({"text": "number"}, "'number' holds int64, expected strings"),
        ({"column": "number"}, "a column 'number' already"),
    ],
)
def test_bad_columns_are_named(model: Path, options: dict[str, str], said: str) -> None:
    with pytest.raises(CorpusError, match=said):
        list(BatchLabeler(model, **options)([batch("Aspirin", number=[1])]))  # type: ignore[arg-type]


def test_a_system_that_does_not_exist_is_refused_before_any_worker_starts() -> None:
    with pytest.raises(InputError, match=r"unknown system 'best'\. Use one of rule, model, hybrid"):
        BatchLabeler("model", system="best")


def test_a_system_the_pipeline_lacks_is_refused(model: Path) -> None:
    with pytest.raises(ModelError, match="no answer of the model"):
        list(BatchLabeler(model, system="model")([batch("Aspirin")]))


def test_tables_keep_their_rows_also_without_any(model: Path) -> None:
    table = pa.Table.from_batches([batch("Aspirin"), batch("x", "y")])
    found = BatchLabeler(model).label_table(table)
    assert found.column("entities").to_pylist() == [[ASPIRIN], [], []]
    assert BatchLabeler(model).label_table(table.slice(0, 0)).schema == found.schema


def test_pickles_before_and_after_use(model: Path) -> None:
    labeler = BatchLabeler(model)
    fresh, used = pickle.dumps(labeler), (list(labeler([batch("x")])), pickle.dumps(labeler))[1]
    assert len(used) == len(fresh) < 1000
    (found,) = pickle.loads(used)([batch("Aspirin")])
    assert found.column("entities").to_pylist() == [[ASPIRIN]]
