"""Damaged files for every reader: bits flipped, ends cut off, parts spliced in, numbers blown up.

Each try runs in a child with bounds of time and memory; what comes out is either a reading or an error of
this package, nothing else. ``benchmarks/fuzz.py`` prints the table of a long run; ``tests/test_fuzz.py`` is a
short one.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import random
import re
import resource
import signal
import tempfile
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from hybrid_ner.bounds import limited
from hybrid_ner.corpus import Document, Entity, read_corpus, write_corpus
from hybrid_ner.errors import HybridNerError
from hybrid_ner.terms.readers import load_gazetteer
from tests.terms.readers import (
    test_clinical,
    test_codes,
    test_entities,
    test_interchange,
    test_mesh,
    test_ontologies,
    test_published,
    test_rdf,
    test_umls,
)

__all__ = ["SECONDS", "Outcome", "fuzz", "samples", "table"]

SECONDS = 10
"""Of one try; the slowest reading of a whole sample takes a hundredth of a second."""
IDLE = 120.0
"""Seconds of the clock after which a try that does nothing is stopped: it waits for something."""
MEMORY = 1 << 30
"""Bytes that a try may take beyond those of the process that begins it."""
_UNPACKED = 64 << 20

Read = Callable[[Path], Any]


@dataclass(frozen=True, slots=True)
class Sample:
    """A whole file of one format and how it is read."""

    format: str
    name: str
    content: bytes
    read: Read


@dataclass(slots=True)
class Outcome:
    """What came of the tries of one format."""

    format: str
    tries: int = 0
    read: int = 0
    refused: int = 0
    others: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    memory: int = 0
    bad: list[tuple[str, bytes]] = field(default_factory=list)


def samples(folder: Path) -> list[Sample]:
    """One or more whole files of every format."""
    return [*_lists(), *_corpora(folder), *_uploads()]


def _lists() -> Iterator[Sample]:
    csv = "term,label,synonyms\n" + "".join(
        f'"fever {n}, high",Disease,pyrexia|heat {n}\n' for n in range(40)
    )
    tsv = "term\tlabel\tconcept_id\tstatus\tmode\tsource\nfever\tDisease\tD:1\tpreferred\tfolded\tx\n"
    patterns = [
        {"label": "D", "pattern": [{"LOWER": "made"}, {"ORTH": "fever"}]},
        {"label": "D", "pattern": "flu"},
    ]
    bindings = json.dumps({"head": {"vars": ["item"]}, "results": {"bindings": test_entities.BINDINGS}})
    turtle = (
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        '<http://x.test/1> a skos:Concept ; skos:prefLabel "fever"@en ; skos:altLabel "pyrexia"@en .\n'
    )
    for format, name, text in (
        ("csv", "Disease.csv", csv),
        ("txt", "Disease.txt", "fever\nchest pain\n" * 9),
        ("gazetteer", "a.tsv", tsv * 1),
        ("jsonl", "a.jsonl", "".join(json.dumps(each) + "\n" for each in patterns)),
        ("jsonl", "a.json", json.dumps(patterns)),
        ("yaml", "a.yaml", "Drug:\n  - aspirin\n  - ibuprofen: [Advil, Nurofen]\nDisease: [flu, gout]\n"),
        ("yaml", "b.json", '{"Drug": ["aspirin", "ibuprofen"], "Disease": ["flu"]}'),
        (
            "markdown",
            "Drug.md",
            "# Drugs\n\n- **aspirin** (ASA)\n\n| Name | Brand |\n|---|---|\n| x1 | y1 |\n",
        ),
        ("umls", "MRCONSO.RRF", test_umls.CONSO),
        ("rxnorm", "RXNCONSO.RRF", test_umls.ROWS),
        ("mesh-ascii", "d2024.bin", test_mesh.DESCRIPTORS),
        ("mesh-xml", "desc2024.xml", test_mesh.DESC),
        ("snomed", "sct2_Description_Snapshot-en_X.txt", test_clinical.DESCRIPTIONS),
        ("icd10cm-xml", "icd10cm_tabular_2024.xml", test_codes.XML),
        ("icd10cm-order", "icd10cm_order_2024.txt", test_codes.ORDER),
        ("loinc", "Loinc.csv", test_published.LOINC),
        ("atc", "atc.csv", test_published.ATC),
        ("drugbank", "drugbank vocabulary.csv", test_published.DRUGBANK),
        ("ctd", "CTD_chemicals.csv", test_published.CTD),
        ("unii", "UNII_Names_1.txt", test_published.UNII),
        ("gleif", "gleif.csv", test_published.GLEIF),
        ("wikidata", "w.json", bindings),
        ("obo", "a.obo", test_ontologies.OBO),
        ("tbx", "a.tbx", test_interchange.MARTIF),
        ("skos", "a.rdf", test_rdf.SKOS),
        ("skos", "a.ttl", turtle),
        ("owl", "a.owl", test_rdf.OWL),
    ):
        content = text if isinstance(text, bytes) else text.encode()
        yield Sample(format, name, content, partial(_terms, format))
    for suffix, pack in ((".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)):
        yield Sample(f"csv{suffix}", f"Disease.csv{suffix}", pack(csv.encode()), partial(_terms, "csv"))
        yield Sample(f"csv{suffix}", f"Disease.csv{suffix}", pack(csv.encode()), partial(_terms, None))
    yield Sample("csv.zip", "Disease.zip", _zipped("Disease.csv", csv.encode()), partial(_terms, "csv"))
    release = _zipped_all(dict(test_clinical.FILES))
    yield Sample("snomed.zip", "release.zip", release, partial(_terms, "snomed"))


def _zipped(name: str, content: bytes) -> bytes:
    return _zipped_all({name: content})


def _zipped_all(files: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def _terms(format: str | None, path: Path) -> None:
    load_gazetteer(path, format, label="X", skip_bad=path.stat().st_size % 2 == 0)


_TEXT = "Fever 😀 and chest pain; no afib.\nTook 5-FU/LV for naïve “pain”."
_DOCUMENTS = [
    Document("d1", _TEXT, (Entity(0, 5, "Disease", "D:1"), Entity(12, 22, "Disease")), {"ward": 7}),
    Document("d2", "Nothing of note.", ()),
]


_ELSEWHERE = {
    "webanno": "#FORMAT=WebAnno TSV 3.3\n#T_SP=webanno.custom.Sign|value|identifier\n\n\n#Text=No 😀 pain.\n"
    "1-1\t0-2\tNo\t_\t_\n1-2\t3-5\t😀\tA[1]|B\tx[1]|*\n1-3\t6-10\tpain\tA[1]\tx[1]\n",
    "uima-xmi": '<xmi:XMI xmlns:xmi="http://www.omg.org/XMI" xmlns:cas="http:///uima/cas.ecore" '
    'xmlns:t="http:///x/type.ecore"><cas:Sofa xmi:id="1" sofaID="v" sofaString="No 😀 pain."/>'
    '<t:Sign xmi:id="2" sofa="1" begin="6" end="10" value="A"/></xmi:XMI>',
    "uima-json": '{"%FEATURE_STRUCTURES": [{"%ID": 1, "%TYPE": "uima.cas.Sofa", "sofaString": "No 😀 pain."},'
    ' {"%ID": 2, "%TYPE": "x.Sign", "@sofa": 1, "begin": 6, "end": 10, "value": "A"}]}',
    "conllu": "# newdoc id = a\n# text = No pain.\n1\tNo\t_\t_\t_\t_\t_\t_\t_\tEntity=(e1-A-1-\n"
    "2-3\tpain.\t_\t_\t_\t_\t_\t_\t_\tSpacesAfter=\\n\n2\tpain\t_\t_\t_\t_\t_\t_\t_\tEntity=e1)\n"
    "3\t.\t_\t_\t_\t_\t_\t_\t_\t_\n3.1\tx\t_\t_\t_\t_\t_\t_\t_\tNER=B-A\n\n",
    "argilla": '{"id": "1", "fields": {"text": "No pain."}, "responses": {"span": [{"value": [{"start": '
    '3, "end": 7, "label": "A"}], "status": "submitted"}]}}',
    "jsonl": '{"tokens": ["No", "pain"], "ner_tags": ["O", "B-A"]}\n'
    '{"text": "No pain", "ents": [[3, 7, "A"]]}\n["No pain", {"entities": [[3, 7, "A"]]}]\n'
    '{"content": "No pain", "annotation": [{"label": ["A"], '
    '"points": [{"start": 3, "end": 6, "text": "pain"}]}]}\n',
}
"""Files of formats that are only read."""


def _corpora(folder: Path) -> Iterator[Sample]:
    names = {
        "jsonl": "a.jsonl",
        "conll": "a.conll",
        "biluo": "a.biluo",
        "spacy": "a.spacy",
        "csv": "a.csv",
        "label-studio": "a.json",
        "doccano": "b.jsonl",
        "prodigy": "c.jsonl",
        "pubtator": "a.pubtator",
        "bioc-xml": "a.xml",
        "bioc-json": "b.json",
        "parquet": "a.parquet",
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for format, name in names.items():
            write_corpus(folder / name, _DOCUMENTS, format)
            content = (folder / name).read_bytes()
            yield Sample(f"corpus {format}", name, content, partial(_corpus, format))
    yield Sample("corpus txt", "a.txt", _TEXT.encode(), partial(_corpus, "txt"))
    for format, content in _ELSEWHERE.items():
        yield Sample(f"corpus {format}", "d.data", content.encode(), partial(_corpus, format))
    packed = gzip.compress((folder / "a.jsonl").read_bytes())
    yield Sample("corpus jsonl.gz", "a.jsonl.gz", packed, partial(_corpus, "jsonl"))
    ann = b"T1\tDisease 0 5\tFever\nN1\tReference T1 D:1\tFever\nT2\tDisease 12 22\tchest pain\n"
    yield Sample("corpus brat", "a.ann", ann, _brat)


def _corpus(format: str, path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        list(read_corpus(path, format))


def _brat(path: Path) -> None:
    path.with_suffix(".txt").write_bytes(_TEXT.encode())
    _corpus("brat", path.parent)


def _uploads() -> Iterator[Sample]:
    from tests.ui.test_importing import pdf_file, word_file

    table = b"id,text\n1,Fever\n2,Rash\n"
    for name, content in (
        ("a.docx", word_file()),
        ("a.pdf", pdf_file("Took aspirin for fever")),
        ("a.txt", _TEXT.encode()),
        ("b.csv", table),
    ):
        yield Sample(f"upload {name.split('.')[1]}", name, content, _upload)
    # Word files are packed: damage to their parts only shows when it is done before they are packed.
    yield Sample("upload docx part", "part.docx", _document_part(word_file()), partial(_part, word_file()))


def _upload(path: Path) -> None:
    from hybrid_ner.ui.importing import read_upload

    list(read_upload({"name": path.name, "path": str(path)}))


def _document_part(docx: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        return archive.read("word/document.xml")


def _part(docx: bytes, path: Path) -> None:
    part = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    path.write_bytes(_zipped_all({**files, "word/document.xml": part}))
    _upload(path)


def damaged(content: bytes, others: Sequence[bytes], draw: random.Random) -> bytes:
    """The content with one to three kinds of damage."""
    kinds = (_flip, _cut, _splice, _repeat, _number, _bytes, _nest)
    for kind in draw.choices(kinds, k=draw.choice((1, 1, 1, 2, 3))):
        content = kind(content or b"x", others, draw)
    return content


def _flip(content: bytes, others: Sequence[bytes], draw: random.Random) -> bytes:
    made = bytearray(content)
    for _ in range(draw.choice((1, 1, 2, 8))):
        made[draw.randrange(len(made))] ^= 1 << draw.randrange(8)
    return bytes(made)


def _cut(content: bytes, others: Sequence[bytes], draw: random.Random) -> bytes:
    at = draw.randrange(len(content))
    return draw.choice((content[:at], content[at:]))


def _splice(content: bytes, others: Sequence[bytes], draw: random.Random) -> bytes:
    other = draw.choice(others) or b"x"
    start, at = draw.randrange(len(other)), draw.randrange(len(content))
    return content[:at] + other[start : start + draw.randint(1, 200)] + content[at:]


def _repeat(content: bytes, others: Sequence[bytes], draw: random.Random) -> bytes:
    at = draw.randrange(len(content))
    piece = content[at : at + draw.randint(1, 40)]
    return content[:at] + piece * draw.choice((2, 50, 5000)) + content[at:]


def _number(content: bytes, others: Sequence[bytes], draw: random.Random) -> bytes:
    """Another number where there is one: sizes and offsets are what readers trust."""
    places = list(re.finditer(rb"\d+", content))
    if not places:
        return content
    found = draw.choice(places)
    number = draw.choice((b"0", b"-1", b"100000000", b"9" * 30, b"9" * 5000, b"1e999", b"NaN"))
    return content[: found.start()] + number + content[found.end() :]


def _bytes(content: bytes, others: Sequence[bytes], draw: random.Random) -> bytes:
    at = draw.randrange(len(content))
    strange = (b"\0", b"\xff\xfe", b"\r", b'"', b"\xed\xa0\x80", b"\x1f\x8b", b"&x;", b"\\", b"\n", b"\t")
    return content[:at] + draw.choice(strange) + content[at:]


def _nest(content: bytes, others: Sequence[bytes], draw: random.Random) -> bytes:
    at = draw.randrange(len(content))
    opened = draw.choice((b"[", b'{"a":', b"<a>", b"(", b'"'))
    return content[:at] + opened * draw.choice((3, 300, 20_000)) + content[at:]


def fuzz(count: int, *, seed: int = 0, seconds: float = float("inf"), only: str = "") -> dict[str, Outcome]:
    """Try ``count`` damaged files of every sample, or fewer where the time is up first.

    Args:
        count: Tries of each sample.
        seed: Equal seeds give equal files.
        seconds: Of the clock, for all.
        only: A part of the names of the formats.
    """
    found: dict[str, Outcome] = {}
    stop = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        every = [sample for sample in samples(Path(folder)) if only in sample.format]
        contents = [sample.content for sample in every]
        block = 25
        for begin in range(0, count, block):
            for sample in every:
                if time.monotonic() > stop:
                    return found
                outcome = found.setdefault(sample.format, Outcome(sample.format))
                numbers = range(begin, min(count, begin + block))
                _block(
                    sample, contents, [f"{seed} {sample.name} {n}" for n in numbers], outcome, Path(folder)
                )
    return found


def _block(sample: Sample, others: Sequence[bytes], seeds: list[str], outcome: Outcome, folder: Path) -> None:
    """Tries in one child, and the rest in another where one ends it."""
    while seeds:
        rows = _child(sample, others, seeds, folder)
        for said, took, memory in rows:
            outcome.slowest, outcome.memory = max(outcome.slowest, took), max(outcome.memory, memory)
            _count(outcome, said, sample, others, seeds.pop(0))
        if seeds and len(rows) < len(seeds) + len(rows):
            _count(
                outcome, f"stopped after {SECONDS} s, or idle, or by a signal", sample, others, seeds.pop(0)
            )


def _count(outcome: Outcome, said: str, sample: Sample, others: Sequence[bytes], seed: str) -> None:
    outcome.tries += 1
    if said == "read":
        outcome.read += 1
    elif said == "refused":
        outcome.refused += 1
    else:
        outcome.others[said] += 1
        outcome.bad.append((seed, damaged(sample.content, others, random.Random(seed))))


def _child(
    sample: Sample, others: Sequence[bytes], seeds: Sequence[str], folder: Path
) -> list[tuple[str, float, int]]:
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        try:
            _work(sample, others, seeds, folder, writer)
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as lines:
        rows = [tuple(json.loads(line)) for line in lines if line.endswith("\n")]
    os.waitpid(child, 0)
    return rows  # type: ignore[return-value]


def _work(sample: Sample, others: Sequence[bytes], seeds: Sequence[str], folder: Path, writer: int) -> None:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY,) * 2)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number, seed in enumerate(seeds):
        # Of the processor: a busy machine is no endless reader. One that waits for ever is stopped too.
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        _stop_when_idle()
        place = folder / f"{os.getpid()}-{number}"
        place.mkdir()
        path = place / sample.name
        path.write_bytes(damaged(sample.content, others, random.Random(seed)))
        started = time.perf_counter()
        said = _tried(sample, path)
        took = time.perf_counter() - started
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        memory = max(0, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
        os.write(writer, (json.dumps([said, took, memory]) + "\n").encode())


def _stop_when_idle() -> None:
    """End this process after ``IDLE`` seconds of the clock in which it used no processor time.

    The clock alone would also end one that computes and gets no turn: beside other work of a higher priority
    a reading of a second took two minutes.
    """
    used = time.process_time()

    def look(*_: object) -> None:
        nonlocal used
        before, used = used, time.process_time()
        if used - before < 0.001:  # looking itself takes some microseconds
            os._exit(1)

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, IDLE, IDLE)


def _tried(sample: Sample, path: Path) -> str:
    try:
        with limited(unpacked=_UNPACKED):
            sample.read(path)
    except HybridNerError as error:
        return "refused" if not isinstance(error.__cause__, MemoryError) else "more memory than is given"
    except BaseException as error:
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
        return f"{type(error).__name__}: {str(error)[:80]} ({where})"
    return "read"


def table(found: dict[str, Outcome]) -> Iterator[str]:
    """One line a format, and one for all."""
    yield f"{'format':18} {'tries':>7} {'read':>7} {'refused':>8} {'others':>7} {'slowest':>9} {'memory':>9}"
    every = Outcome("all")
    for each in found.values():
        every.tries, every.read = every.tries + each.tries, every.read + each.read
        every.refused, every.others = every.refused + each.refused, every.others + each.others
        every.slowest, every.memory = max(every.slowest, each.slowest), max(every.memory, each.memory)
    for each in (*found.values(), every):
        yield (
            f"{each.format:18} {each.tries:7,} {each.read:7,} {each.refused:8,} {each.others.total():7,} "
            f"{each.slowest:7.2f} s {each.memory / 1024:5.0f} MiB"
        )
    for said, count in every.others.most_common():
        yield f"  {count:,} {said}"
