"""Ray Data and Spark for real: two workers, one killed with -9; every row comes once, and in order again.

Run by ``.ci/slow``, which installs both: ``pip install "hybrid-ner[engines]"``, and Java for Spark. Each
engine runs in a process of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import spacy

ROWS, BATCH = 240, 20
TEXTS = ["Aspirin for headache, visit {}.", "No finding {}.", "Headache after aspirin {}. \U0001f600 aspirin"]

COMMON = """
import os, signal, sys, threading, time
from pathlib import Path
import pyarrow as pa
from hybrid_ner.scale import BatchLabeler

model, folder, rows, batch = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
texts = [{texts!r}[n % 3].format(n) for n in range(rows)]
table = pa.table({{"row": pa.array(range(rows), pa.int64()), "text": texts}})
labeler = BatchLabeler(model)
pids = folder / "pids"
pids.mkdir()


def slow(batch):
    # Slow enough to be caught in the middle; who works says so.
    (pids / str(os.getpid())).touch()
    time.sleep(0.3)
    return batch


def kill_one():
    # Once two workers are at it, one is killed as the kernel does where memory runs out.
    deadline = time.time() + 120
    while len(list(pids.iterdir())) < 2 and time.time() < deadline:
        time.sleep(0.05)
    time.sleep(0.2)
    victim = int(sorted(pids.iterdir())[0].name)
    os.kill(victim, signal.SIGKILL)
    (folder / "killed").write_text(str(victim))


def expected():
    return labeler.label_table(table).to_pylist()


threading.Thread(target=kill_one, daemon=True).start()
"""

RAY = """
import ray
ray.init(num_cpus=2, include_dashboard=False, logging_level="ERROR", log_to_driver=False)


def label(part):
    return labeler.label_table(slow(part))


found = ray.data.from_arrow(table).repartition(rows // batch).map_batches(label, batch_format="pyarrow")
got = pa.concat_tables(ray.get(found.to_arrow_refs())).sort_by("row").to_pylist()
"""

SPARK = """
from pyspark.sql import SparkSession
os.environ["PYSPARK_PYTHON"] = sys.executable
spark = (
    SparkSession.builder.master("local[2, 4]")
    .config("spark.ui.enabled", "false")
    .config("spark.driver.bindAddress", "127.0.0.1")
    .config("spark.sql.execution.arrow.maxRecordsPerBatch", batch)
    .getOrCreate()
)
entity = (
    "struct<start int, end int, label string, concept_id string, source string, model_score float, "
    "flags array<string>>"
)


def label(batches):
    return labeler(map(slow, batches))


given = spark.createDataFrame(list(zip(range(rows), texts)), "row long, text string")
found = given.repartition(rows // batch).mapInArrow(label, f"row long, text string, entities array<{entity}>")
got = [row.asDict(recursive=True) for row in found.orderBy("row").collect()]
"""

CHECK = """
assert (folder / "killed").exists(), "no worker was killed"
assert [row["row"] for row in got] == list(range(rows)), "rows are lost or doubled"
wanted = expected()
plain = lambda row: [(e["start"], e["end"], e["label"], e["source"]) for e in row["entities"]]
assert list(map(plain, got)) == list(map(plain, wanted))
print(sum(len(row["entities"]) for row in got), len(list(pids.iterdir())))
"""


def _needs(module: str) -> None:
    if find_spec(module) is None:
        if os.environ.get("HYBRID_NER_REQUIRE_ENGINES"):
            pytest.fail(f"{module} is not installed")
        pytest.skip(f"needs {module}: pip install 'hybrid-ner[engines]'")


def _anyones_pipeline(folder: Path) -> Path:
    """A saved pipeline with spaCy's own tokenizer, to which the rules were added."""
    (folder / "terms.csv").write_text("term,label,id\naspirin,Chemical,MESH:D001241\nheadache,Disease,\n")
    nlp = spacy.blank("en")
    nlp.add_pipe("hybrid_rules", config={"terms": str(folder / "terms.csv")})
    nlp.to_disk(folder / "model")
    return folder / "model"


@pytest.mark.slow
@pytest.mark.parametrize(("module", "engine"), [("ray", RAY), ("pyspark", SPARK)])
def test_every_row_once_though_a_worker_is_killed(module: str, engine: str, tmp_path: Path) -> None:
    _needs(module)
    model = _anyones_pipeline(tmp_path)
    script = tmp_path / "script.py"
    script.write_text(COMMON.format(texts=TEXTS) + engine + CHECK)
    root = str(Path(__file__).resolve().parents[2])
    env = {
        **os.environ,
        "PYTHONPATH": root,
        "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
        "PYSPARK_PYTHON": sys.executable,
    }
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", str(script), str(model), str(tmp_path), str(ROWS), str(BATCH)],
        env=env,
        capture_output=True,
        text=True,
        timeout=540,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    entities, workers = map(int, ran.stdout.split()[-2:])
    assert entities == ROWS // 3 * 5
    assert workers >= 3  # the killed one was replaced
