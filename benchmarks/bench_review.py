"""Load on the review store: 100,000 documents and 2,000,000 suggestions in one SQLite file.

Purpose: what a reviewer waits for. Every figure is the median (and the slowest) of repeated calls on a
store of full size, with its result checked; the same calls on a store a hundred times smaller run beside
them, so that the ratio shows what size costs, whatever the machine is doing.

Run: ``python benchmarks/bench_review.py [--documents 100000] [--store FILE]``. Making the store takes most
of the time; with ``--store`` it is kept and found again.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import accumulate
from pathlib import Path

from hybrid_ner.corpus import Document
from hybrid_ner.review import Reply, ReviewSession, ReviewStore, Suggestion, Vote
from hybrid_ner.review.store.card import default_tokenize
from hybrid_ner.review.store.lookups import surface_counts

SPANS = 20
WORDS = 160
LABELS = ("PROBLEM", "DRUG", "TEST", "PERSON")
BULK = "bulkterm"
SEED = 7


def _vocabulary(rng: random.Random, count: int) -> list[str]:
    letters = "abcdefghijklmnopqrstuvwxyz"
    return ["".join(rng.choices(letters, k=rng.randint(4, 11))) for _ in range(count)]


def documents(count: int, bulk: int) -> Iterator[tuple[Document, list[Suggestion]]]:
    """Texts of random words, suggestions on words of Zipf-like frequency; ``bulk`` texts hold one term."""
    rng = random.Random(SEED)
    filler, terms = _vocabulary(rng, 30_000), _vocabulary(rng, 20_000)
    weights = list(accumulate(1 / (rank + 10) for rank in range(len(terms))))
    every = max(1, count // bulk)
    for number in range(count):
        chosen = rng.choices(terms, cum_weights=weights, k=SPANS)
        if number % every == 0 and number // every < bulk:
            chosen[0] = BULK
        words = rng.choices(filler, k=WORDS - SPANS)
        for place, term in enumerate(chosen):
            words.insert(place * 8, term)
        yield _document(number, words, rng)


def _document(number: int, words: list[str], rng: random.Random) -> tuple[Document, list[Suggestion]]:
    text = " ".join(words) + "."
    found, at = [], 0
    for place, word in enumerate(words):
        if place % 8 == 0 and place // 8 < SPANS:
            label = LABELS[len(word) % len(LABELS)]
            kind, score = rng.choice(("both", "rule", "model")), round(rng.uniform(0.4, 1.0), 3)
            votes = []
            if kind != "model":
                evidence = {
                    "method": "exact",
                    "surface": word,
                    "reference": word,
                    "file": "terms.tsv",
                    "row": place,
                }
                votes.append(Vote("gazetteer", label, score, 1.0, evidence))
            if kind != "rule":
                votes.append(Vote("model", label, score))
            found.append(Suggestion(at, at + len(word), label, score, tuple(votes)))
        at += len(word) + 1
    return Document(f"doc{number}", text), found


def build(path: Path, count: int, bulk: int) -> float:
    """Fill a store; seconds."""
    begun = time.perf_counter()
    with ReviewStore.open(path) as store:
        project = store.create_project("load", LABELS)
        project.add_documents(document for document, _ in documents(count, bulk))
        project.add_suggestions("r1", ((d.doc_id, found) for d, found in documents(count, bulk)))
    return time.perf_counter() - begun


Spent = tuple[float, float]
"""Milliseconds by the clock, and of this process's own work: other jobs of the machine slow the first."""


def _once(run: Callable[[], object]) -> Spent:
    begun, worked = time.perf_counter(), time.process_time()
    run()
    return 1000 * (time.perf_counter() - begun), 1000 * (time.process_time() - worked)


def _times(run: Callable[[], object], repeat: int) -> list[Spent]:
    return [_once(run) for _ in range(repeat)]


def measure(path: Path, bulk: int, repeat: int) -> dict[str, list[Spent]]:
    """What each call took, by its name."""
    found: dict[str, list[Spent]] = {}
    default_tokenize("warm")
    with ReviewStore.open(path) as store:
        found["open the session and its first card"] = _times(lambda: _open(store), 3)
        session = _open(store)
        found["first page of the queue (100 rows)"] = _times(session.queue, 5)
        found["next document"] = _times(lambda: session.handle("next"), repeat)
        found["draw the card"] = _times(session.view, repeat)
        numbers = iter(range(1, SPANS))
        found["one decision"] = _times(lambda: session.handle(f"ok {next(numbers)}"), SPANS - 2)
        found["undo it"] = _times(lambda: session.handle("undo"), 10)
        found["save and next (ok next, yes)"] = _times(lambda: _both(session, "ok next", "yes"), repeat)
        found[f"all: a term of {bulk:,} spans"] = _times(lambda: session.handle(f'all "{BULK}"'), 3)
        rare, bare = _rare(session), _bare(session)
        found["all: the rarest term on the card"] = _times(lambda: session.handle(f'all "{rare}"'), 5)
        found["all: a word that no span covers"] = _times(lambda: session.handle(f'all "{bare}"'), 5)
        found |= _bulk(session, bulk, repeat)
    return found


def _open(store: ReviewStore) -> ReviewSession:
    session = ReviewSession(store, "load", "ana")
    assert session.view() is not None
    return session


def _bulk(session: ReviewSession, bulk: int, repeat: int) -> dict[str, list[Spent]]:
    replies: list[Reply] = []
    preview = _once(lambda: replies.append(session.handle(f'ok all "{BULK}"')))
    pending = replies[-1].pending
    assert pending is not None
    assert pending.count >= bulk - 5 * repeat, replies
    step = _once(lambda: replies.append(session.handle(pending.answer)))
    assert replies[-1].level == "done"
    assert len(replies[-1].changed) == pending.count
    undo = _once(lambda: replies.append(session.handle("undo")))
    assert replies[-1].level == "done"
    left = session.handle(f'ok all "{BULK}"').pending
    assert left is not None
    assert left.count == pending.count
    return {
        f"preview of a bulk step over {bulk:,} spans": [preview],
        f"the bulk step itself ({bulk:,} spans)": [step],
        "undo of the bulk step": [undo],
    }


def _both(session: ReviewSession, first: str, second: str) -> None:
    reply = session.handle(first)
    if reply.pending is not None:
        session.handle(second)


def _rare(session: ReviewSession) -> str:
    view = session.view()
    assert view is not None
    counts = surface_counts(session.project, [span.surface for span in view.spans])
    return min(counts, key=lambda surface: counts[surface])


def _bare(session: ReviewSession) -> str:
    view = session.view()
    assert view is not None
    covered = {span.surface for span in view.spans}
    return next(word for word in view.text.rstrip(".").split() if word not in covered)


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--bulk", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=30)
    parser.add_argument("--store", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = given.store or Path(folder) / "load.sqlite3"
        if not path.exists():
            spent = build(path, given.documents, given.bulk)
            size = f"{given.documents:,} documents, {given.documents * SPANS:,} suggestions"
            print(f"built {size} in {spent:.0f} s")
        print(f"file {path.stat().st_size / 2**20:,.0f} MiB")
        small = Path(folder) / "small.sqlite3"
        bulk_small = max(1, given.bulk // 100)
        build(small, max(100, given.documents // 100), bulk_small)
        large, reference = measure(path, given.bulk, given.repeat), measure(small, bulk_small, given.repeat)
    print(f"{'ms':46}{'median':>9}{'slowest':>9}{'own work':>9}{'1/100 size':>12}{'ratio':>7}")
    for (name, spent), less in zip(large.items(), reference.values(), strict=True):
        clock, work = ([each[kind] for each in spent] for kind in (0, 1))
        middle, own = statistics.median(clock), statistics.median(work)
        base = statistics.median(each[1] for each in less)
        print(f"{name:46}{middle:9.1f}{max(clock):9.1f}{own:9.1f}{base:12.1f}{own / base:7.1f}")


if __name__ == "__main__":
    main()
