"""Exact matching against PhraseMatcher, EntityRuler, FlashText and raw pyahocorasick.

Every engine and size runs in a process of its own, so that memory is its own. Times are processor time
of one thread, the best of several passes over the same texts: the machine may be shared, ratios hold.
The phrase hash is compared span by span with the pyahocorasick engine; the share of equal spans is
printed for the others, which cut words by other rules.

    python benchmarks/bench_matching_exact.py --sizes 1000 10000 100000 1000000 --plot growth.svg
    pytest benchmarks/bench_matching_exact.py --benchmark-only     # the small sizes

FlashText is not a dependency: without it its rows are left out.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from bench_matching_data import terms, texts
from bench_matching_engines import CALLS, ENGINES, TUNED, Engine, as_spans, load_time
from bench_matching_plot import write_plot

_CHARACTERS = 1_500_000
_SPACY = ("phrase_matcher", "entity_ruler")
_GROWING = ("hash_arrays", "rule_docs", "hash_fuzzy", "automaton")
_LENGTHS = (1_000, 10_000, 100_000, 1_000_000, 5_000_000)


def _resident() -> float:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _speed(engine: Engine, documents: list[str], passes: int) -> float:
    best = min(_seconds(engine, documents) for _ in range(passes))
    return sum(map(len, documents)) / 1e6 / best


def _seconds(engine: Engine, documents: list[str]) -> float:
    start = time.process_time()
    engine(documents)
    return time.process_time() - start


def _agreement(engine: Engine, names: list[str], documents: list[str]) -> tuple[int, int]:
    """Spans that differ from the reference engine's, and the reference's number of spans."""
    ours = as_spans(engine(documents), len(documents))
    reference = as_spans(ENGINES["automaton"](names)(documents), len(documents))
    pairs = list(zip(ours, reference, strict=True))
    return sum(len({*a} ^ {*b}) for a, b in pairs), sum(map(len, reference))


def measure(name: str, size: int) -> dict[str, Any]:
    """Build, memory and speed of one engine."""
    names = terms(size)
    documents = {kind: texts(kind, _CHARACTERS) for kind in ("medical", "legal")}
    ENGINES[name](names[:10])(documents["medical"][:5])  # imports and compiled code
    before, start = _resident(), time.process_time()
    engine = ENGINES[name](names)
    row: dict[str, Any] = {"engine": name, "terms": size, "build": time.process_time() - start}
    engine(documents["medical"][:5])
    row["memory"] = _resident() - before
    passes = 2 if name in _SPACY else 4
    for kind, sample in documents.items():
        row[f"{kind} first"] = _speed(engine, sample, 1)
        row[kind] = _speed(engine, sample, passes)
        if name in _SPACY:
            engine.nlp.tokenizer.max_cache_size = TUNED  # type: ignore[attr-defined]
            engine(sample)
            row[f"{kind} tuned"] = _speed(engine, sample, passes)
            engine.nlp.tokenizer.max_cache_size = 10_000  # type: ignore[attr-defined]
    differ, spans = _agreement(engine, names, documents["medical"][:100] + documents["legal"][:10])
    row |= {"differ": differ, "spans": spans}
    if name.startswith("hash_a"):
        assert differ == 0, f"{differ} of {spans} spans differ from the reference"
    return row


def measure_load(size: int) -> dict[str, Any]:
    """Load time and file size of a compiled gazetteer, in a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "terms.gaz"
        load_time(terms(size), path)
        code = (
            "import time; from hybrid_ner.matching import GazetteerMatcher\n"
            "import hybrid_ner.matching.compiled\n"
            f"t = time.perf_counter(); GazetteerMatcher.load({str(path)!r}); print(time.perf_counter() - t)"
        )
        took = [
            float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout)
            for _ in range(3)
        ]
        return {"engine": "load", "terms": size, "load": min(took), "file": path.stat().st_size / 1e6}


_SHARE = """
import sys
from hybrid_ner.matching import GazetteerMatcher
matcher = GazetteerMatcher.load(sys.argv[1], verify=False)
for line in sys.stdin:
    matcher.match(line)
    print(*open("/proc/self/smaps_rollup").read().split(), flush=True)
"""


def measure_shared(size: int, processes: int = 2) -> dict[str, Any]:
    """Memory of processes that match with one compiled file at the same time."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "terms.gaz"
        load_time(terms(size), path)
        command = [sys.executable, "-c", _SHARE, str(path)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        running = [subprocess.Popen(command, **pipes) for _ in range(processes)]  # type: ignore[call-overload]
        text = " ".join(texts("medical", 1_500_000)).replace("\n", " ") + "\n"
        found = {}
        for count in range(1, processes + 1):
            for process in running[:count]:
                process.stdin.write(text)
                process.stdin.flush()
                fields = process.stdout.readline().split()
            found[str(count)] = {n: int(fields[fields.index(f"{n}:") + 1]) / 1e3 for n in ("Rss", "Pss")}
        for process in running:
            process.communicate()
        return {"engine": "shared", "terms": size, "file": path.stat().st_size / 1e6, "processes": found}


def measure_lengths(name: str, size: int = 100_000) -> dict[str, Any]:
    """Speed of an engine, and memory it takes for a while, on single documents of growing length."""
    engine = ENGINES[name](terms(size))
    engine(["so that working memory and caches are there"])
    whole = "\n\n".join(texts("medical", max(_LENGTHS)))
    row: dict[str, Any] = {"engine": f"lengths of {name}", "terms": size, "lengths": {}, "peaks": {}}
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    before = _status("VmRSS")
    for length in _LENGTHS:
        row["lengths"][length] = _speed(engine, [whole[:length]], 3 if length > 1_000_000 else 5)
        row["peaks"][length] = _status("VmHWM") - before
    return row


def _status(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1e3


def _in_process(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, __file__, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{' '.join(arguments)}: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return {}
    row: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return row


def run(sizes: list[int], engines: list[str]) -> list[dict[str, Any]]:
    """Measure everything, one process after the other."""
    rows = []
    for size in sizes:
        for name in engines:
            rows.append(_in_process("--one", name, str(size)))
            print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
        rows.append(_in_process("--one", "load", str(size)))
        rows.append(_in_process("--one", "shared", str(size)))
    rows += [_in_process("--one", f"lengths of {name}", "100000") for name in _GROWING]
    return [row for row in rows if row]


def table(rows: list[dict[str, Any]]) -> str:
    """The results as Markdown."""
    head = ["terms", "what a user calls", "build s", "memory MB", "medical MB/s", "legal MB/s", "first pass"]
    head.append("spans that differ")
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in rows:
        if "medical" not in row:
            continue
        for cache in ("", " tuned") if "medical tuned" in row else ("",):
            shown = CALLS[row["engine"]] + (
                {"": " (stock cache)", " tuned": " (tuned cache)"}[cache] if row["engine"] in _SPACY else ""
            )
            cells = [f"{row['terms']:,}", shown, f"{row['build']:.2f}", f"{row['memory']:,.0f}"]
            cells += [f"{row[kind + cache]:.1f}" for kind in ("medical", "legal")]
            first = f"{row['medical first']:.1f} · {row['legal first']:.1f}"
            cells.append("" if cache else first)
            cells.append(f"{row['differ']:,} of {row['spans']:,}")
            lines.append("| " + " | ".join(cells) + " |")
    for row in rows:
        if "load" in row:
            lines.append(
                f"\nLoad of {row['terms']:,} compiled terms: {row['load']:.3f} s ({row['file']:.0f} MB file)."
            )
        if "processes" in row:
            said = (f"{n}: {m['Rss']:.0f} / {m['Pss']:.0f}" for n, m in row["processes"].items())
            lines.append(f"\nResident / proportional MB by processes, {row['terms']:,}: {', '.join(said)}.")
        if "lengths" in row:
            speeds = (f"{int(k):,}: {v:.0f} ({row['peaks'][k]:.0f})" for k, v in row["lengths"].items())
            lines.append(f"\n{row['engine']}, MB/s (peak MB) by characters: {', '.join(speeds)}.")
    return "\n".join(lines)


@pytest.mark.parametrize("size", [1_000, 10_000])
@pytest.mark.parametrize(
    "name", ["hash_arrays", "hash_matches", "automaton", "raw_pyahocorasick", "phrase_matcher"]
)
def test_text_to_spans(benchmark: Any, name: str, size: int) -> None:
    documents = texts("medical", 200_000)
    names = terms(size)
    engine = ENGINES[name](names)
    engine(documents)
    benchmark.group = f"text to spans, {size:,} terms"
    result = benchmark(engine, documents)
    if name.startswith("hash"):
        assert as_spans(result, len(documents)) == as_spans(
            ENGINES["automaton"](names)(documents), len(documents)
        )


@pytest.mark.parametrize("size", [1_000, 10_000])
@pytest.mark.parametrize("name", ["rule_docs", "entity_ruler"])
def test_text_to_docs(benchmark: Any, name: str, size: int) -> None:
    documents = texts("medical", 200_000)
    names = terms(size)
    engine = ENGINES[name](names)
    engine(documents)
    benchmark.group = f"text to Doc, {size:,} terms, spaCy's stock cache"
    result = benchmark(engine, documents)
    if name == "rule_docs":  # spans that fit no tokens are listed apart
        reference = as_spans(ENGINES["automaton"](names)(documents), len(documents))
        assert all({*ours} <= {*found} for ours, found in zip(result, reference, strict=True))
        assert sum(map(len, result)) >= 0.9 * sum(map(len, reference))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--engines", nargs="+", default=list(ENGINES), choices=list(ENGINES))
    parser.add_argument("--plot", type=Path, help="write the growth plot, SVG")
    parser.add_argument("--json", type=Path, help="also write the rows")
    parser.add_argument("--one", nargs=2, metavar=("ENGINE", "SIZE"), help=argparse.SUPPRESS)
    parser.add_argument("--rows", type=Path, help="measure nothing: show and plot rows of an earlier --json")
    given = parser.parse_args()
    if given.one:
        name, size = given.one[0], int(given.one[1])
        steps = {"load": measure_load, "shared": measure_shared}
        if name.startswith("lengths of "):
            row = measure_lengths(name.removeprefix("lengths of "), size)
        else:
            row = steps[name](size) if name in steps else measure(name, size)
        print(json.dumps(row))
        return
    rows = json.loads(given.rows.read_text()) if given.rows else run(given.sizes, given.engines)
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1))
    if given.plot:
        given.plot.write_text(write_plot(rows))
    print(table(rows))


if __name__ == "__main__":
    main()
