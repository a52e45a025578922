"""Terms and texts for the matcher benchmarks: real ones where ../shared is present, else made up."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from functools import cache
from itertools import accumulate, islice
from pathlib import Path

__all__ = ["concept_terms", "terms", "texts"]

_SHARED = Path(__file__).resolve().parents[2] / "shared"
_FILES = {
    "medical": "raw_medical/pmc_abstracts",
    "cases": "raw_medical/case_report_abstracts",
    "legal": "raw_legal/us_appellate_opinions",
}
_TAILS = [
    "syndrome", "type 2", "disease", "familial", "acute", "in children", "deficiency", "(disorder)",
    "agreement", "act of 1984", "receptor antagonist", "secondary to trauma",
]  # fmt: skip
_ONSETS = ["b", "c", "d", "f", "g", "h", "l", "m", "n", "p", "r", "s", "t", "v", "th", "st", "tr", "ch"]
_NUCLEI = ["a", "e", "i", "o", "u", "en", "er", "in", "on", "al"]
_WORDS = 50_000
"""Different words of made-up texts; how often they stand follows Zipf's law."""
_MARKS = {"": 92, ",": 5, ";": 1, ")": 1, "-like": 1}
_WORDS_IN_TERM = {1: 5, 2: 6, 3: 3, 4: 1, 5: 1}
"""How often each stands, or is so long."""


def concept_terms(count: int, *, kind: str = "*", likely_half: bool = True) -> list[tuple[str, str]]:
    """Distinct (term, concept id).

    Args:
        count: How many; past what the shared lists hold, terms with a tail added.
        kind: ``medical``, ``legal`` or ``*``.
        likely_half: Every second one is made of words of the texts, as long as there are such, so that
            small lists match something too; without it the choice is random.
    """
    rows = dict(_read_terms(kind)) or dict(_made_up_terms(max(count // 2, 1000)))
    choose = random.Random(1)
    names = sorted(rows)
    choose.shuffle(names)
    said = {
        word
        for group in ("medical", "legal")
        for text in texts(group, 1_500_000)
        for word in text.lower().split()
    }
    likely = [name for name in names if said.issuperset(name.lower().split())]
    likely = likely[: count // 2 if likely_half else 0]
    names = [*likely, *islice(_without(names, likely), count - len(likely))]
    choose.shuffle(names)
    chosen = [(name, rows[name]) for name in names[:count]]
    seen = {name.lower() for name in names}
    while len(chosen) < count:
        name = f"{choose.choice(names)} {choose.choice(_TAILS)}"
        if name.lower() not in seen:
            seen.add(name.lower())
            chosen.append((name, f"X:{len(chosen)}"))
    return chosen


def _without(names: list[str], some: list[str]) -> Iterator[str]:
    gone = set(some)
    return (name for name in names if name not in gone)


def terms(count: int) -> list[str]:
    """The terms alone."""
    return [name for name, _ in concept_terms(count)]


def texts(kind: str, characters: int) -> list[str]:
    """Documents of a kind, ``medical`` or ``legal``, of about this many characters in all."""
    source = _SHARED / "data" / f"{_FILES[kind]}.jsonl.gz"
    found, size = [], 0
    for text in _read_texts(source) if source.exists() else _made_up_texts(kind):
        found.append(text)
        size += len(text)
        if size >= characters:
            break
    return found


def _read_terms(kind: str) -> Iterator[tuple[str, str]]:
    seen = set()
    for path in sorted((_SHARED / "terms").glob(f"{kind}/*.tsv*")):
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
            for line in islice(file, 1, None):
                name, concept = [*line.rstrip("\n").split("\t"), ""][:2]
                name = name.strip()
                usable = any(map(str.isalpha, name)) and len(name) < 200 and "&lt;" not in name
                if usable and name.lower() not in seen:
                    seen.add(name.lower())
                    yield name, concept


def _read_texts(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt") as file:
        for line in file:
            yield json.loads(line)["text"]


@cache
def _vocabulary() -> tuple[list[str], list[float]]:
    """Made-up words, the frequent ones short, and their cumulated weights."""
    choose = random.Random(3)
    words: dict[str, None] = {}
    while len(words) < _WORDS:
        syllables = choose.randint(1, 2) if len(words) < 1000 else choose.randint(2, 4)
        words["".join(choose.choice(_ONSETS) + choose.choice(_NUCLEI) for _ in range(syllables))] = None
    return list(words), list(accumulate(1 / (rank + 2.7) ** 1.15 for rank in range(_WORDS)))


def _made_up_terms(count: int) -> Iterator[tuple[str, str]]:
    """Terms of one to five words, most of them rare, as in terminologies."""
    choose = random.Random(5)
    words, _ = _vocabulary()
    lengths = choose.choices(list(_WORDS_IN_TERM), list(_WORDS_IN_TERM.values()), k=count)
    for number, length in enumerate(lengths):
        yield " ".join(choose.choices(words[200:], k=length)), f"X:{number}"


def _made_up_texts(kind: str) -> Iterator[str]:
    """Sentences with names of terms, numbers and marks; as many new words as real text of this kind has."""
    choose = random.Random(4)
    length = 3000 if kind == "legal" else 250
    words, weights = _vocabulary()
    names = [name for name, _ in _made_up_terms(2000)]
    while True:
        marks = choose.choices(list(_MARKS), list(_MARKS.values()), k=length)
        said = list(map(str.__add__, choose.choices(words, cum_weights=weights, k=length), marks))
        for _ in range(length // 25):
            said[choose.randrange(length)] = choose.choice(
                (choose.choice(names), str(choose.randrange(3000)))
            )
        yield ". ".join(" ".join(said[i : i + 20]).capitalize() for i in range(0, length, 20)) + "."
