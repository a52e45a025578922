"""Speed of what users run, beside spaCy's EntityRuler, tokenizer and NER, in one run on one core.

    python benchmarks/speed.py [--size 600000] [--data ../shared/data] [--skip growth hybrid ...]

Every row names the command or function that gives it. Texts are dense and unseen: the first pass of each
engine is over text that no cache has met; "warm" is the second pass over the same. MB are millions of
characters, seconds are the processor's. ``asked`` is the least ratio to ``beside``.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bench_matching_data
import spacy

_FILES = {"medical": "raw_medical/pmc_abstracts", "legal": "raw_legal/us_appellate_opinions"}
_TUNED = 1_000_000
_RULE = "hybrid-ner label, predict --system rule; predict(nlp, documents, 'rule')"
_PIPE = "rule_pipeline(…).pipe(texts), load_pipeline(…).pipe(texts)"

Read = Callable[[Sequence[str]], Any]


def unseen(data: Path, domain: str, size: int) -> list[str]:
    """Texts of a domain, in an order of their own."""
    with gzip.open(data / f"{_FILES[domain]}.jsonl.gz", "rt") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    random.Random(11).shuffle(texts)
    chosen, total = [], 0
    for text in texts:
        chosen.append(text)
        total += len(text)
        if total >= size:
            break
    return chosen


@dataclass
class Table:
    """Rows as they are measured."""

    speeds: dict[str, tuple[float, float]] = field(default_factory=dict)

    def head(self) -> None:
        """Print the head."""
        print("| row | command or function | MB/s, first pass | warm | beside | ratio | asked | met |")
        print("|---|---|---|---|---|---|---|---|")

    def measure(self, name: str, how: str, texts: Sequence[str], read: Read, *gates: Gate) -> None:
        """Time two passes and print a row for each gate."""
        size = sum(map(len, texts)) / 1e6
        gc.collect()
        gc.freeze()  # or one row would pay for looking through what another made
        passes = []
        for _ in range(2):
            at = time.process_time()
            read(texts)
            passes.append(size / (time.process_time() - at))
        self.speeds[name] = passes[0], passes[1]
        for gate in gates or (Gate(),):
            self._row(name, how, gate)

    def _row(self, name: str, how: str, gate: Gate) -> None:
        first, warm = self.speeds[name]
        cells = [name, how, f"{first:.2f}", f"{warm:.2f}"]
        if gate.beside:
            other = self.speeds[gate.beside]
            ratio = (warm / other[1]) if gate.warm else (first / other[0])
            what = f"{gate.beside}, {'warm' if gate.warm else 'first pass'}"
            cells += [what, f"{ratio:.2f}", f"{gate.least:.2f}", "yes" if ratio >= gate.least else "no"]
        else:
            cells += [""] * 4
        print(f"| {' | '.join(cells)} |", flush=True)

    def value(self, name: str, how: str, value: float, most: float, unit: str) -> None:
        """Print a row of something that is to be small."""
        met = "yes" if value <= most else "no"
        print(f"| {name} | {how} | {value:.2f} {unit} | | | | ≤ {most:g} | {met} |", flush=True)


@dataclass(frozen=True)
class Gate:
    """Least ratio to another row."""

    beside: str = ""
    least: float = 0.0
    warm: bool = False


def piped(nlp: Any) -> Read:
    """Read as ``nlp.pipe`` does."""
    return lambda texts: [None for _ in nlp.pipe(texts, batch_size=32)]


def predicted(nlp: Any) -> Read:
    """Read as ``predict --system rule`` does."""
    from hybrid_ner import Document, predict

    def read(texts: Sequence[str]) -> Any:
        return [None for _ in predict(nlp, (Document(str(n), t) for n, t in enumerate(texts)), "rule")]

    return read


def entity_ruler(terms: Sequence[str], cache: int = 0) -> Any:
    """spaCy's EntityRuler, matching in any case."""
    nlp = spacy.blank("en")
    nlp.max_length = sys.maxsize
    ruler = nlp.add_pipe("entity_ruler", config={"phrase_matcher_attr": "LOWER"})
    ruler.add_patterns([{"label": "X", "pattern": term} for term in terms])
    if cache:
        nlp.tokenizer.max_cache_size = cache
    return nlp


def generic(table: Table, texts: Sequence[str], count: int) -> None:
    """A list of one's own, beside the EntityRuler with the same terms."""
    from hybrid_ner import Gazetteer, Term, rule_pipeline

    terms = [name for name, _ in bench_matching_data.concept_terms(count)]
    stock, tuned = f"EntityRuler, {count:,} terms", f"EntityRuler with a large cache, {count:,} terms"
    table.measure(stock, "spaCy", texts, piped(entity_ruler(terms)))
    table.measure(
        tuned, "spaCy, tokenizer.max_cache_size = 1,000,000", texts, piped(entity_ruler(terms, _TUNED))
    )
    gazetteer = Gazetteer.of(Term(text, "X") for text in terms)
    gates = [Gate(stock, 1.0), Gate(stock, 2.0, warm=True), Gate(tuned, 1.0, warm=True)]
    for road, how, read in (("Doc", _PIPE, piped), ("no Doc", _RULE, predicted)):
        nlp = rule_pipeline(gazetteer)
        table.measure(f"generic, {count:,} terms, {road}", how, texts, read(nlp), *gates)


def rules(table: Table, domain: str, model: Path, texts: Sequence[str], least: float) -> None:
    """The rules of a domain, from a saved pipeline, beside its tokenizer."""
    from hybrid_ner import load_pipeline

    alone = f"tokenizing alone, {domain}"
    spacys = spacy.blank("en").tokenizer
    table.measure(alone, "spaCy", texts, lambda t: [None for _ in spacys.pipe(t)])
    nlp = load_pipeline(model)
    own = f"tokenizing alone, {domain}, the product's tokenizer"
    table.measure(own, "nlp.tokenizer.pipe(texts)", texts, lambda t: [None for _ in nlp.tokenizer.pipe(t)])
    for road, how, read, gate in (
        ("Doc", _PIPE, piped, Gate(alone, least)),
        ("no Doc", _RULE, predicted, Gate(alone, 2 * least)),
    ):
        opened = load_pipeline(model)
        read(opened)([_SENTENCE])
        table.measure(f"{domain} rules, {road}", how, texts, read(opened), gate)


_SENTENCE = "Patients with breast cancer took aspirin. The Supreme Court affirmed Smith v. Jones, 3 F.3d 4."


def hybrid(table: Table, model: Path, texts: Sequence[str]) -> None:
    """Rules and a student trained for a moment on their labels, beside the same NER alone."""
    from spacy.training import Example

    from hybrid_ner import load_pipeline
    from hybrid_ner.pipeline import FusionSettings
    from hybrid_ner.text.tokenizer import blank

    labeler = load_pipeline(model)
    docs = list(labeler.pipe(texts[:40]))
    students = {}
    for name in ("ner", "scored_ner"):
        nlp = blank()
        ner = nlp.add_pipe(name, name="ner")
        for label in ("Chemical", "Disease"):
            ner.add_label(label)
        examples = [Example(nlp.make_doc(doc.text), doc) for doc in docs]
        nlp.initialize(lambda examples=examples: examples)
        for start in range(0, len(examples), 8):
            nlp.update(examples[start : start + 8])
        students[name] = nlp
    both = load_pipeline(model)
    both.add_pipe("ner", source=students["scored_ner"], before="entity_fusion")
    both.get_pipe("entity_fusion").min_score = FusionSettings().min_score or 0.95
    rest = texts[40:]
    table.measure("NER alone", "spaCy: nlp.pipe(texts)", rest, piped(students["ner"]))
    gate = Gate("NER alone", 0.6)
    table.measure("hybrid", "hybrid-ner predict; load_pipeline(…).pipe(texts)", rest, piped(both), gate)


def growth(table: Table, domain: str, model: Path, data: Path) -> None:
    """Exponent of the time that one text takes, from 1 kB to 5 MB."""
    from hybrid_ner import load_pipeline

    read = predicted(load_pipeline(model))
    whole = "\n\n".join(unseen(data, domain, 5_000_000))[:5_000_000]
    read([whole[-3_000:]])
    sizes, seconds = (1_000, 10_000, 100_000, 1_000_000, 5_000_000), []
    for size in sizes:
        repeats = max(1, 20_000 // size)
        at = time.process_time()
        for number in range(repeats):
            read([whole[number * size : (number + 1) * size]])
        seconds.append((time.process_time() - at) / repeats)
    exponent = math.log(seconds[-1] / seconds[0]) / math.log(sizes[-1] / sizes[0])
    said = " · ".join(f"{s:.3f}" for s in seconds)
    table.value(f"{domain}: growth 1 kB to 5 MB ({said} s)", _RULE, exponent, 1.05, "exponent")


def exact(table: Table, texts: Sequence[str], count: int = 100_000) -> None:
    """Match objects, beside daachorse with boundaries, overlaps and offsets in Python."""
    import daachorse

    from hybrid_ner import Gazetteer, GazetteerMatcher, Term

    names = dict.fromkeys(name.lower() for name, _ in bench_matching_data.concept_terms(count))
    machine = daachorse.CharwiseDoubleArrayAhoCorasick(list(names))

    def whole(text: str) -> list[tuple[int, int]]:
        lower, size, last = text.lower(), len(text), 0
        spans = []
        for start, end, _ in machine.find_overlapping(lower):
            if start and lower[start - 1].isalnum() and lower[start].isalnum():
                continue
            if end < size and lower[end].isalnum() and lower[end - 1].isalnum():
                continue
            spans.append((start, end))
        chosen = []
        for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
            if start >= last:
                chosen.append((start, end))
                last = end
        return chosen

    table.measure("daachorse with a Python filter", "daachorse", texts, lambda t: [whole(text) for text in t])
    matcher = GazetteerMatcher(Gazetteer.of(Term(name, "X") for name in names))
    gate = Gate("daachorse with a Python filter", 1.5)
    table.measure(
        f"Match objects, {count:,} terms",
        "GazetteerMatcher.match_batch(texts)",
        texts,
        lambda t: list(matcher.match_batch(t)),
        gate,
        Gate(gate.beside, 1.5, warm=True),
    )


_LOAD = """
import sys, time
from hybrid_ner import load_pipeline
import spacy
at = time.process_time()
load_pipeline(sys.argv[1])
print(time.process_time() - at)
"""


def opening(table: Table, model: Path) -> None:
    """Load, and a whole command: with no byte code on the disk, and with what ``pip install`` leaves."""
    took = min(float(_run([sys.executable, "-c", _LOAD, str(model)])[0]) for _ in range(3))
    table.value("load of a saved medical pipeline", "load_pipeline(folder)", took, 1.5, "s")
    with tempfile.TemporaryDirectory() as folder:
        text, out = Path(folder, "a.txt"), Path(folder, "out.jsonl")
        text.write_text(_SENTENCE)
        command = [
            sys.executable,
            "-m",
            "hybrid_ner.cli",
            "predict",
            "--system",
            "rule",
            "--model",
            str(model),
        ]
        command += ["--input", str(text), "--output", str(out), "--quiet"]
        how = "hybrid-ner predict --system rule"
        bare = _run(command, PYTHONPYCACHEPREFIX=folder, PYTHONDONTWRITEBYTECODE="1")[1]
        table.value("first use, nothing compiled, not even Python's own library", how, bare, 3.0, "s")
        compiled = {"PYTHONPYCACHEPREFIX": folder, "PYTHONDONTWRITEBYTECODE": ""}  # an empty one is none
        _run(command, **compiled)
        name = "first use after pip install, which compiles what it installs"
        table.value(name, how, _run(command, **compiled)[1], 3.0, "s")


def _run(command: list[str], **more: str) -> tuple[str, float]:
    before = os.times()
    done = subprocess.run(command, env={**os.environ, **more}, capture_output=True, text=True, check=True)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return done.stdout, used


def _steps(data: Path, size: int, folder: Path) -> Iterator[tuple[str, Callable[[Table], None]]]:
    from hybrid_ner import gather_terms, rule_pipeline, save

    texts = {domain: unseen(data, domain, size) for domain in _FILES}
    models = {domain: folder / domain for domain in _FILES}
    for domain, model in models.items():
        save(rule_pipeline(gather_terms(domain), domain), model)
    mixed = [text for pair in zip(texts["medical"], texts["legal"] * 99, strict=False) for text in pair][:400]
    for count in (10_000, 100_000):
        yield f"generic-{count}", lambda table, count=count: generic(table, texts["medical"], count)
    yield "exact", lambda table: exact(table, mixed[:200])
    for domain, least in (("medical", 0.5 / 1.5), ("legal", 0.4 / 1.5)):
        yield domain, lambda t, d=domain, least=least: rules(t, d, models[d], texts[d], least)
    yield "hybrid", lambda table: hybrid(table, models["medical"], texts["medical"])
    yield "opening", lambda table: opening(table, models["medical"])
    for domain in _FILES:
        yield f"growth-{domain}", lambda t, d=domain: growth(t, d, models[d], data)


def main(arguments: Iterable[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=600_000, help="characters of each domain's texts")
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data")
    parser.add_argument("--skip", nargs="*", default=[], help="steps to leave out, by how their names begin")
    options = parser.parse_args(None if arguments is None else list(arguments))
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    table = Table()
    with tempfile.TemporaryDirectory() as folder:
        steps = _steps(options.data, options.size, Path(folder))
        table.head()
        for name, step in steps:
            if not any(name.startswith(skipped) for skipped in options.skip):
                step(table)


if __name__ == "__main__":
    main()
