"""Fuzzy matching on planted edits, against QuickUMLS, spaczz and rapidfuzz brute force.

Mentions that the exact matcher finds in medical abstracts get one edit (from 5 characters) or two (from
12): insertions, deletions, replacements, swaps, at random places. Recall counts a planted mention when its
exact characters come back (span) with its concept in first place (top 1); the candidate recall is that of
the index before any choice. False hits are fuzzy matches in the text as it was; some are right (plurals,
spelling variants). Everyday words are never matched fuzzily and not planted.

Times are processor time of one thread. The baselines get fewer texts, since they are slow.

    python benchmarks/bench_fuzzy.py --terms 100000 --quickumls /path/to/python/with/quickumls
    pytest benchmarks/bench_fuzzy.py --benchmark-only     # small sizes, this package alone
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from bench_matching_data import concept_terms, texts
from rapidfuzz import process
from rapidfuzz.distance import OSA

from hybrid_ner.matching import GazetteerMatcher
from hybrid_ner.matching.edits import everyday_words
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.text import fold

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
Found = list[list[tuple[int, int, str]]]


def _rows(chosen: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Without everyday words: those are never matched fuzzily."""
    everyday = everyday_words()
    return [row for row in chosen if fold(row[0]) not in everyday]


def _matcher(rows: Sequence[tuple[str, str]]) -> GazetteerMatcher:
    gazetteer = Gazetteer.of(Term(term, "X", concept) for term, concept in rows)
    return GazetteerMatcher(gazetteer, fuzzy="suggest")


@dataclass
class Planted:
    """Texts with edited mentions: (start, end, concepts) of each, and the texts as they were."""

    texts: list[str]
    mentions: list[list[tuple[int, int, set[str]]]]
    clean: list[str]

    def some(self, count: int) -> Planted:
        """Texts from all over, for engines that are slow."""
        return self._at(range(0, len(self.texts), max(1, len(self.texts) // count)))

    def shortest(self, count: int) -> Planted:
        """The shortest texts that hold a planted mention."""
        holding = (i for i in range(len(self.texts)) if self.mentions[i])
        return self._at(sorted(holding, key=lambda i: len(self.texts[i]))[:count])

    def _at(self, places: Sequence[int]) -> Planted:
        texts, mentions = [self.texts[i] for i in places], [self.mentions[i] for i in places]
        return Planted(texts, mentions, [self.clean[i] for i in places])


def edit(word: str, choose: random.Random) -> str:
    """One random edit."""
    at = choose.randrange(len(word))
    kind = choose.choice(["insert", "delete", "replace", "swap"])
    if kind == "insert":
        return word[:at] + choose.choice(_LETTERS) + word[at:]
    if kind == "delete":
        return word[:at] + word[at + 1 :]
    if kind == "replace":
        return word[:at] + choose.choice(_LETTERS) + word[at + 1 :]
    return word[:at] + word[at : at + 2][::-1] + word[at + 2 :]


def plant(matcher: GazetteerMatcher, documents: list[str], share: float = 0.6) -> Planted:
    """Edit a share of the exact mentions."""
    choose = random.Random(5)
    planted = Planted([], [], documents)
    for text, matches in zip(documents, matcher.match_batch(documents), strict=True):
        parts, mentions, done, length = [], [], 0, 0
        for match in matches:
            surface = text[match.start : match.end]
            edits = 2 if len(surface) >= 12 else 1
            if len(surface) < 5 or choose.random() > share:
                continue
            changed = surface
            for _ in range(edits):
                changed = edit(changed, choose)
            if changed != changed.strip() or OSA.distance(fold(changed), fold(surface)) != edits:
                continue
            parts += [text[done : match.start], changed]
            length += match.start - done
            mentions.append((length, length + len(changed), {*match.concept_ids}))
            length += len(changed)
            done = match.end
        planted.texts.append("".join((*parts, text[done:])))
        planted.mentions.append(mentions)
    return planted


def score(
    name: str, planted: Planted, found: Found, clean: Found, seconds: float, build: float
) -> dict[str, Any]:
    """Recall of the mentions, false hits in the clean texts, speed."""
    total = span = top = 0
    for mentions, hits in zip(planted.mentions, found, strict=True):
        by_span = {(start, end): concept for start, end, concept in hits}
        for start, end, concepts in mentions:
            total += 1
            span += (start, end) in by_span
            top += by_span.get((start, end)) in concepts
    words = sum(len(text.split()) for text in planted.clean)
    return {
        "engine": name,
        "planted": total,
        "span": span / total,
        "top1": top / total,
        "false": 1000 * sum(map(len, clean)) / words,
        "speed": sum(map(len, planted.clean)) / 1e6 / seconds,
        "build": build,
    }


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = time.process_time()
    result = work()
    return result, time.process_time() - start


def ours(rows: Sequence[tuple[str, str]], planted: Planted, matcher: GazetteerMatcher) -> dict[str, Any]:
    """Gated anchors: exact and fuzzy together are timed."""

    def find(documents: list[str]) -> Found:
        return [
            [(m.start, m.end, m.concept_ids[0] if m.concept_ids else "") for m in matches]
            for matches in matcher.suggest_batch(documents)
        ]

    find(planted.clean[:5])
    _, build = _timed(lambda: GazetteerMatcher(matcher.gazetteer, fuzzy="suggest"))
    clean, seconds = min((_timed(lambda: find(planted.clean)) for _ in range(3)), key=lambda pair: pair[1])
    row = score("hybrid_ner, gated", planted, find(planted.texts), clean, seconds, build)
    index, groups = matcher._fuzzy.index, matcher._groups  # type: ignore[union-attr]
    for gated, part in ((True, planted), (False, planted.some(100))):
        hit = total = 0
        for proposals, mentions in zip(index.proposals(part.texts, gated=gated), part.mentions, strict=True):
            near = {(p.start, p.end, t.concept_id) for p in proposals for t in groups.terms(p.group)}
            total += len(mentions)
            hit += sum(any((s, e, c) in near for c in concepts) for s, e, concepts in mentions)
        row["candidates" if gated else "ungated"] = hit / total
    return row


def quickumls(
    python: str, rows: Sequence[tuple[str, str]], planted: Planted, threshold: float
) -> dict[str, Any]:
    """QuickUMLS in its own interpreter; hits below similarity 1 count as fuzzy."""
    documents = [*planted.texts, *planted.clean]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"terms": rows, "texts": documents, "threshold": threshold}, file)
        file.flush()
        script = Path(__file__).with_name("bench_fuzzy_quickumls.py")
        done = subprocess.run([python, str(script), file.name], capture_output=True, text=True, check=True)
    result = json.loads(done.stdout.splitlines()[-1])
    spans = [[(s, e, c) for s, e, c, similarity in row if similarity < 1] for row in result["spans"]]
    half, size = len(planted.texts), sum(map(len, documents))
    seconds = result["seconds"] * sum(map(len, planted.clean)) / size
    name = f"QuickUMLS {threshold}"
    return score(name, planted, spans[:half], spans[half:], seconds, result["build"])


def brute_force(rows: Sequence[tuple[str, str]], planted: Planted) -> dict[str, Any]:
    """rapidfuzz: every window of up to six words against every term."""
    keys = [fold(term) for term, _ in rows]

    def find(documents: list[str]) -> Found:
        return [_windows(text, keys, rows) for text in documents]

    found = find(planted.texts)
    clean, seconds = _timed(lambda: find(planted.clean))
    return score("rapidfuzz brute force", planted, found, clean, seconds, 0.0)


def _windows(text: str, keys: list[str], rows: Sequence[tuple[str, str]]) -> list[tuple[int, int, str]]:
    places, at = [], 0
    for word in text.split():
        start = text.index(word, at)
        at = start + len(word)
        places.append((start, start + len(word.rstrip(".,;:)"))))
    found = []
    for i in range(len(places)):
        for j in range(i, min(i + 6, len(places))):
            start, end = places[i][0], places[j][1]
            window = fold(text[start:end])
            most = 0 if len(window) < 5 else 1 if len(window) < 12 else 2
            near = process.extractOne(window, keys, scorer=OSA.distance, score_cutoff=most) if most else None
            if near and near[1]:
                found.append((near[1], start - end, start, end, rows[near[2]][1]))
    chosen: list[tuple[int, int, str]] = []
    for _, _, start, end, concept in sorted(found):
        if all(end <= s or start >= e for s, e, _ in chosen):
            chosen.append((start, end, concept))
    return chosen


def spaczz(rows: Sequence[tuple[str, str]], planted: Planted, count: int) -> dict[str, Any]:
    """spaczz FuzzyMatcher with its defaults, on the terms that were planted and some more."""
    import spacy
    from spaczz.matcher import FuzzyMatcher

    wanted = {concept for mentions in planted.mentions for *_, ids in mentions for concept in ids}
    some = sorted(rows, key=lambda row: row[1] not in wanted)[:count]
    nlp = spacy.blank("en")
    matcher = FuzzyMatcher(nlp.vocab)
    start = time.process_time()
    for term, concept in some:
        matcher.add(concept or "X", [nlp.make_doc(term)])
    build = time.process_time() - start

    def find(documents: list[str]) -> Found:
        found = []
        for text in documents:
            doc = nlp.make_doc(text)
            hits = [(doc[a:b], c) for c, a, b, ratio, _ in matcher(doc) if ratio < 100]
            found.append([(span.start_char, span.end_char, concept) for span, concept in hits])
        return found

    found = find(planted.texts)
    clean, seconds = _timed(lambda: find(planted.clean))
    return score(f"spaczz, {len(some):,} terms", planted, found, clean, seconds, build)


@pytest.mark.parametrize("size", [1_000, 10_000])
def test_fuzzy(benchmark: Any, size: int) -> None:
    matcher = _matcher(_rows(concept_terms(size, kind="medical")))
    planted = plant(matcher, texts("medical", 200_000))
    benchmark.group = f"planted edits, {size:,} terms"
    found = benchmark(lambda: list(matcher.suggest_batch(planted.texts)))
    spans = [{(match.start, match.end) for match in matches} for matches in found]
    places = [(s, e) in near for near, row in zip(spans, planted.mentions, strict=True) for s, e, _ in row]
    assert sum(places) >= 0.9 * len(places) > 0


def table(results: list[dict[str, Any]]) -> str:
    """The results as Markdown."""
    head = ["engine", "planted", "span recall", "top-1 recall", "false per 1,000 words", "MB/s", "build s"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in results:
        cells = [row["engine"], f"{row['planted']:,}", f"{row['span']:.3f}", f"{row['top1']:.3f}"]
        cells += [f"{row['false']:.2f}", f"{row['speed']:.4g}", f"{row['build']:.1f}"]
        lines.append("| " + " | ".join(cells) + " |")
        if "candidates" in row:
            lines.append(
                f"| … its candidates | | {row['candidates']:.3f} gated, "
                f"{row['ungated']:.4f} ungated | | | | |"
            )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--terms", type=int, default=100_000)
    parser.add_argument("--quickumls", help="interpreter that has quickumls installed")
    parser.add_argument("--spaczz", action="store_true", help="also run spaczz, which must be installed")
    parser.add_argument("--brute", type=int, default=4, help="texts for rapidfuzz brute force")
    parser.add_argument("--kind", default="medical", help="lists the terms come from; * for all")
    parser.add_argument(
        "--likely-half", action="store_true", help="half of the terms from words of the texts"
    )
    given = parser.parse_args()
    rows = _rows(concept_terms(given.terms, kind=given.kind, likely_half=given.likely_half))
    matcher = _matcher(rows)
    planted = plant(matcher, [*texts("medical", 1_000_000), *texts("cases", 1_000_000)])
    steps: list[Callable[[], dict[str, Any]]] = [lambda: ours(rows, planted, matcher)]
    if given.quickumls:
        steps += [partial(quickumls, given.quickumls, rows, planted.some(400), t) for t in (0.7, 0.5)]
    steps.append(lambda: brute_force(rows, planted.shortest(given.brute)))
    if given.spaczz:
        steps += [partial(spaczz, rows, planted.shortest(n), size) for n, size in ((60, 1000), (4, 10_000))]
    results = []
    for step in steps:
        results.append(step())
        print(json.dumps(results[-1]), file=sys.stderr, flush=True)
    print(table(results))


if __name__ == "__main__":
    main()
