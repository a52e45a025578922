"""How fast, and in how much memory, a large terminology is read and worked on.

A made-up MRCONSO.RRF of the shape of UMLS (with MRSTY.RRF, other languages and suppressed rows) is
written to a temporary folder, then every step runs in a process of its own, so that each peak of memory
is that step's alone. Each step checks its result. The baseline of the same run is the barest loop over
the same file that still decodes and splits every row: machines are noisy, ratios hold. The commands are
timed whole, from the start of Python to the last line printed. Results: ``readers.md``.

    python benchmarks/bench_readers.py --rows 1000000
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

_ROOTS = ["cardio", "neuro", "hepato", "nephro", "gastro", "osteo", "dermato", "pulmo", "myo", "angio"]
_ENDS = ["pathy", "itis", "oma", "genic", "toxin", "blast", "ectasia", "algia", "stasis", "plasia"]
_FRENCH, _SUPPRESSED = 10, 20


def write_mrconso(folder: Path, rows: int) -> int:
    """Write both files; returns how many rows a reader with its defaults should give."""
    choose, wanted, row, concept = random.Random(7), 0, 0, 0
    words = [root + end for root in _ROOTS for end in _ENDS]
    with (folder / "MRCONSO.RRF").open("w") as conso, (folder / "MRSTY.RRF").open("w") as sty:
        while row < rows:
            concept += 1
            cui = f"C{concept:07d}"
            kind = (
                "T047|B2.2.1.2.1|Disease or Syndrome"
                if concept % 2
                else "T121|A1.4.1.1.1|Pharmacologic Substance"
            )
            sty.write(f"{cui}|{kind}|AT{concept}||\n")
            for number in range(min(choose.choice((1, 2, 4, 8)), rows - row)):
                row += 1
                language = "FRE" if row % _FRENCH == 0 else "ENG"
                suppress = "O" if row % _SUPPRESSED == 1 else "N"
                text = " ".join(choose.choices(words, k=choose.choice((1, 2, 3)))) + f" {concept} {number}"
                head = f"{cui}|{language}|P|L{row:07d}|PF|S{row:07d}|Y|A{row:08d}||M{concept}|D{concept}"
                conso.write(f"{head}|MSH|MH|D{concept:06d}|{text}|0|{suppress}|256|\n")
                wanted += language == "ENG" and suppress == "N"
    return wanted


def _split_only(folder: Path) -> int:
    with (folder / "MRCONSO.RRF").open("rb") as lines:
        return sum(len(line.decode().split("|")) == 19 for line in lines)


def _read(folder: Path) -> int:
    from hybrid_ner.terms.readers import read_gazetteer

    return sum(1 for _ in read_gazetteer(folder))


def _import(folder: Path) -> int:
    from hybrid_ner.terms.readers import read_gazetteer
    from hybrid_ner.terms.write import write_reading

    return write_reading(read_gazetteer(folder), folder / "terms.tsv")


def _load_rrf(folder: Path) -> int:
    from hybrid_ner.terms.readers import load_gazetteer

    return len(load_gazetteer(folder))


def _load(folder: Path) -> int:
    from hybrid_ner.terms.readers import load_gazetteer

    return len(load_gazetteer(folder / "terms.tsv"))


def _on_gazetteer(work: Callable[[Any], Any]) -> Callable[[Path], tuple[int, float]]:
    def run(folder: Path) -> tuple[int, float]:
        from hybrid_ner.terms.readers import load_gazetteer

        gazetteer = load_gazetteer(folder / "terms.tsv")
        started = time.perf_counter()
        found = work(gazetteer)
        return int(found), time.perf_counter() - started

    return run


def _lint(gazetteer: Any) -> int:
    from hybrid_ner.terms.lint import WordLists, lint

    return lint(gazetteer, WordLists.shipped()).terms


def _index(gazetteer: Any) -> int:
    from hybrid_ner.terms.lint import TermSearch

    return len(TermSearch(gazetteer).terms)


def _search(how: str, query: str) -> Callable[[Any], int]:
    def run(gazetteer: Any) -> int:
        from hybrid_ner.terms.lint import TermSearch

        index = TermSearch(gazetteer)
        index.search(query, how)  # type: ignore[arg-type]
        started = time.perf_counter()
        index.search(query, how)  # type: ignore[arg-type]
        return round((time.perf_counter() - started) * 1e6)

    return run


def _expand(rules: tuple[str, ...] = ()) -> Callable[[Any], int]:
    def run(gazetteer: Any) -> int:
        from hybrid_ner.terms.variants import RULES, expand

        expansion = expand(gazetteer, rules or RULES)
        assert len(expansion.gazetteer) == len(gazetteer) + sum(expansion.made.values())
        return len(expansion.gazetteer)

    return run


def _match(gazetteer: Any) -> int:
    from hybrid_ner.matching import GazetteerMatcher

    matcher = GazetteerMatcher(gazetteer)
    texts = [f"A case of {term.text}." for term in gazetteer.terms[:1000]]
    found = sum(len(matcher.match(text)) for text in texts)
    assert found >= len(texts), found
    return found


def _command(*words: str) -> Callable[[Path], tuple[int, float]]:
    def run(folder: Path) -> tuple[int, float]:
        given = [str(folder / word[1:]) if word.startswith("@") else word for word in words]
        started = time.perf_counter()
        program = [sys.executable, "-c", "from hybrid_ner.cli import main; main()", "gazetteer", *given]
        done = subprocess.run(program, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - started
        assert done.returncode == 0, done.stderr
        return len(done.stdout.splitlines()), seconds

    return run


_STEPS: dict[str, Callable[[Path], Any]] = {
    "baseline: decode and split": _split_only,
    "read MRCONSO, one by one": _read,
    "import MRCONSO to a file": _import,
    "load MRCONSO whole": _load_rrf,
    "load the gazetteer file": _load,
    "fingerprint": _on_gazetteer(lambda g: len(g.fingerprint)),
    "stats": _on_gazetteer(lambda g: g.stats().terms),
    "diff with itself": _on_gazetteer(lambda g: len(g.diff(g).added)),
    "lint": _on_gazetteer(_lint),
    "index for search": _on_gazetteer(_index),
    "variants, five rules": _on_gazetteer(_expand(("inverted", "plural", "singular", "american", "british"))),
    "variants, all rules": _on_gazetteer(_expand()),
    "matcher and 1,000 texts": _on_gazetteer(_match),
}
_COMMANDS: dict[str, tuple[str, ...]] = {
    "import MRCONSO": ("import", "@", "--out", "@again.tsv"),
    "import, gzipped": ("import", "@", "--out", "@again.tsv.gz"),
    "build": ("build", "@terms.tsv", "--out", "@again.tsv"),
    "build --variants all": ("build", "@terms.tsv", "--variants", "all", "--out", "@more.tsv"),
    "stats": ("stats", "@terms.tsv"),
    "diff with itself": ("diff", "@terms.tsv", "@terms.tsv"),
    "lint": ("lint", "@terms.tsv"),
    "search, substring": ("search", "@terms.tsv", "cardioitis 77"),
    "search, fuzzy": ("search", "@terms.tsv", "cardoitis neuropathy 777 1", "--how", "fuzzy"),
    "match a sentence": ("match", "@terms.tsv", "--text", "A case of cardioitis neuropathy."),
}
_QUERIES = {
    "substring": "cardioitis 77",
    "prefix": "neurotoxin he",
    "exact": "cardioitis",
    "fuzzy": "cardoitis neuropathy 777 1",
}


def _in_child(step: Callable[[Path], Any], folder: Path, queue: Any) -> None:
    started = time.perf_counter()
    found = step(folder)
    seconds = time.perf_counter() - started
    if isinstance(found, tuple):
        found, seconds = found
    usage = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    queue.put((found, seconds, usage / 1024))


def measure(step: Callable[[Path], Any], folder: Path) -> tuple[int, float, float]:
    """Result, seconds and peak megabytes of one step in a fresh process."""
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    child = context.Process(target=_in_child, args=(step, folder, queue))
    child.start()
    found = queue.get()
    child.join()
    return found  # type: ignore[no-any-return]


def run(rows: int) -> Iterator[dict[str, Any]]:
    """Measure every step; asserts that each gives what it should."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wanted = write_mrconso(folder, rows)
        baseline = 0.0
        for title, step in _STEPS.items():
            found, seconds, peak = measure(step, folder)
            if title.startswith("baseline"):
                assert found == rows
                baseline = seconds
            elif title in (
                "read MRCONSO, one by one",
                "import MRCONSO to a file",
                "load the gazetteer file",
                "lint",
            ):
                assert found == wanted, (title, found, wanted)
            yield {
                "step": title,
                "seconds": round(seconds, 2),
                "rows_per_second": round(rows / seconds),
                "times_baseline": round(seconds / baseline, 1),
                "peak_mb": round(peak),
            }
        for how, query in _QUERIES.items():
            micros, _, peak = measure(_on_gazetteer(_search(how, query)), folder)
            seconds = micros / 1e6
            yield {"step": f"search, {how}", "seconds": round(seconds, 4), "peak_mb": round(peak)}
        for title, words in _COMMANDS.items():
            _, seconds, peak = measure(_command(*words), folder)
            yield {"step": f"gazetteer {title}", "seconds": round(seconds, 1), "peak_mb": round(peak)}


def main() -> None:
    """Print one line a step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    for row in run(given.rows):
        if given.json:
            print(json.dumps(row))
        else:
            rate = (
                f"{row['rows_per_second']:>12,} rows/s  {row['times_baseline']:>5}x"
                if "rows_per_second" in row
                else ""
            )
            print(f"{row['step']:<32} {row['seconds']:>9} s  {row['peak_mb']:>6} MB  {rate}", flush=True)


if __name__ == "__main__":
    main()
