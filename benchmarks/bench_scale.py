"""Throughput by worker count: shards of ``predict-files``, spaCy's processes, Ray Data and Spark.

Purpose: how many documents a second a machine reads, what a second worker adds, and what an engine costs
beside plain shards. Every road labels the same Parquet files with the same pipeline, and its result is
compared with that of the first. CPU seconds are those of all its processes, which a busy machine does not
stretch (Ray's workers are no children of the script and are not counted). Start-up (opening the pipeline,
the engine) is measured apart, by a run on eight documents. The clock of a machine that others use at the same
time gives lower bounds; compare within one run.

Run: ``python benchmarks/bench_scale.py --workers 1 2 4`` (Ray and Spark where they are installed).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from hybrid_ner import gather_terms, load_pipeline, rule_pipeline, save
from hybrid_ner.domains.registry import unlabeled_path

FILES = 8
RAY = """
import sys, ray
from hybrid_ner.scale import BatchLabeler
model, source, workers = sys.argv[1], sys.argv[2], int(sys.argv[3])
ray.init(num_cpus=workers, include_dashboard=False, logging_level="ERROR", log_to_driver=False)
found = ray.data.read_parquet(source).map_batches(BatchLabeler(model).label_table, batch_format="pyarrow")
print(sum(len(row["entities"]) for row in found.iter_rows()))
"""
SPARK = """
import sys
from pyspark.sql import SparkSession
from hybrid_ner.scale import BatchLabeler
model, source, workers = sys.argv[1], sys.argv[2], int(sys.argv[3])
spark = SparkSession.builder.master(f"local[{workers}]").config("spark.ui.enabled", "false").getOrCreate()
spark.sparkContext.setLogLevel("OFF")
entity = ("struct<start int, end int, label string, concept_id string, source string, model_score float, "
          "flags array<string>>")
given = spark.read.parquet(source).repartition(8)
found = given.mapInArrow(BatchLabeler(model), f"id string, text string, entities array<{entity}>")
print(found.selectExpr("sum(size(entities)) as n").collect()[0]["n"])
"""
PIPE = """
import sys
from pathlib import Path
import pyarrow.parquet as pq
from hybrid_ner import load_pipeline
model, source, workers = sys.argv[1], sys.argv[2], int(sys.argv[3])
files = sorted(Path(source).glob("*.parquet"))
texts = [text for file in files for text in pq.read_table(file)["text"].to_pylist()]
nlp = load_pipeline(model)
print(sum(len(doc.ents) for doc in nlp.pipe(texts, n_process=workers, batch_size=64)))
"""


def corpus(folder: Path, documents: int) -> int:
    """Parquet files of shipped samples, repeated under new ids; gives the characters."""
    lines = unlabeled_path("medical").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    chosen = [f"{texts[n % len(texts)]} Visit {n}." for n in range(documents)]
    folder.mkdir(parents=True)
    size = -(-documents // FILES)
    for number in range(0, documents, size):
        part = chosen[number : number + size]
        table = pa.table({"id": [f"d{number + n}" for n in range(len(part))], "text": part})
        pq.write_table(table, folder / f"{number:06d}.parquet")
    return sum(map(len, chosen))


def shards(model: Path, source: Path, workers: int, out: Path) -> int:
    """One ``predict-files`` a worker."""
    base = [sys.executable, "-m", "hybrid_ner.cli", "predict-files", "--model", model, "--input", source]
    words = [*map(str, base), "--output", str(out), "--system", "rule", "--quiet", "--json"]
    running = [
        subprocess.Popen([*words, "--shard", f"{n}/{workers}"], stdout=subprocess.PIPE)
        for n in range(workers)
    ]
    said = [json.loads(each.communicate()[0]) for each in running]
    return sum(file["entities"] for each in said for file in each["files"])


def script(code: str) -> Callable[[Path, Path, int, Path], int]:
    """A road that is a script of its own."""

    def run(model: Path, source: Path, workers: int, out: Path) -> int:
        words = [sys.executable, "-W", "ignore", "-c", code, str(model), str(source), str(workers)]
        env = {**os.environ, "PYSPARK_PYTHON": sys.executable}
        ran = subprocess.run(words, capture_output=True, text=True, env=env, check=True)
        return int(ran.stdout.split()[-1])

    return run


def spent() -> float:
    """CPU seconds of every process that was started here and has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cpu_rate(model: Path, source: Path) -> float:
    """Characters that this process reads in a second of its own time, busy machine or not."""
    nlp = load_pipeline(model)
    texts = pq.read_table(source)["text"].to_pylist()[:400]
    list(nlp.pipe(texts[:5]))
    began = time.process_time()
    for _ in nlp.pipe(texts):
        pass
    return sum(map(len, texts)) / (time.process_time() - began)


def main() -> None:
    """Print one row a road and worker count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=4_000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--roads", nargs="+", default=["shards", "nlp.pipe", "ray", "spark"])
    given = parser.parse_args()
    roads = {"shards": shards, "nlp.pipe": script(PIPE)}
    roads |= {"ray": script(RAY)} if find_spec("ray") else {}
    roads |= {"spark": script(SPARK)} if find_spec("pyspark") else {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        save(rule_pipeline(gather_terms("medical"), "medical"), folder / "model")
        characters = corpus(folder / "many", given.documents)
        corpus(folder / "one", FILES)  # a document for each worker, so that each one starts
        print(f"{given.documents:,} documents, {characters:,} characters, {os.cpu_count()} cores", flush=True)
        rate = cpu_rate(folder / "model", folder / "many")
        print(
            f"{rate:,.0f} characters, {rate * given.documents / characters:,.0f} documents a CPU second",
            flush=True,
        )
        print("road      workers  start s  work s  documents/s  CPU s  documents/CPU s", flush=True)
        expected = None
        for name, run in ((name, run) for name, run in roads.items() if name in given.roads):
            for workers in given.workers:
                began, cpu = time.perf_counter(), spent()
                run(folder / "model", folder / "one", workers, folder / f"{name}{workers}one")
                start, before = time.perf_counter() - began, spent()
                at_start = before - cpu
                found = run(folder / "model", folder / "many", workers, folder / f"{name}{workers}")
                seconds = time.perf_counter() - began - 2 * start
                used = spent() - before - at_start
                expected = found if expected is None else expected
                assert found == expected, f"{name}: {found:,} entities, {expected:,} expected"
                rates = f"{given.documents / seconds:11,.0f}  {used:5.1f}  {given.documents / used:15,.0f}"
                print(f"{name:9} {workers:7}  {start:7.1f}  {seconds:6.1f}  {rates}", flush=True)


if __name__ == "__main__":
    main()
