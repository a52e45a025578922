"""Build the word vectors that come with the package, from openly licensed raw text.

Purpose: ``words/medical.words`` and ``words/legal.words``, byte for byte, from the raw text files that
``words/SOURCES.md`` names. Records whose licence does not let derived vectors go on under the project's own
terms (share-alike, non-commercial, unknown) are left out, and so are annotated corpora::

    python benchmarks/maintain_words.py [--data ../shared/data] [--domain medical legal]
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from hybrid_ner.words import BuildSettings, build_words, write_words

TARGET = Path(__file__).resolve().parents[1] / "words"
TEXTS = {
    "medical": (
        "case_report_abstracts",
        "pmc_abstracts",
        "pubmedqa_contexts",
        "medquad_nih",
        "pmc_fulltext",
    ),
    "legal": ("us_appellate_opinions", "dc_code_sections", "indian_judgment_sentences"),
}
OPEN = (
    "cc by",
    "cc by 4.0",
    "cc-by",
    "cc-zero",
    "cc-mark",  # the Public Domain Mark
    "mit (repository); abstracts from pubmed",
    "public domain (us federal court opinion)",
    "d.c. code (government edict, public domain; no licence file in repo)",
    "apache-2.0 (repository of the corpus)",
)
SETTINGS = BuildSettings(levels=7)  # four bits a number once packed, at a cosine of 0.99 to the full vectors


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    shared = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=shared, help="folder with raw_medical and raw_legal")
    parser.add_argument("--domain", nargs="+", default=list(TEXTS), choices=list(TEXTS))
    parser.add_argument("--out", type=Path, default=TARGET)
    arguments = parser.parse_args()
    for domain in arguments.domain:
        used: Counter[str] = Counter()
        texts = read(arguments.data / f"raw_{domain}", TEXTS[domain], used)
        words = build_words(texts, SETTINGS, domain, {"sources": "words/SOURCES.md"})
        path = arguments.out / f"{domain}.words"
        write_words(words, path)
        print(f"{path.name}: {len(words):,} words of {words.texts:,} texts, {path.stat().st_size:,} bytes")
        for line, count in sorted(used.items()):
            print(f"  {line}: {count:,}")


def read(folder: Path, names: tuple[str, ...], used: Counter[str]) -> Iterator[str]:
    """Texts under an open licence, counted by file and licence."""
    for name in names:
        with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for record in map(json.loads, lines):
                licence = str(record["meta"]["licence"])
                taken = licence.lower() in OPEN
                used[f"{name}, {licence}{'' if taken else ' (left out)'}"] += 1
                if taken:
                    yield record["text"]


if __name__ == "__main__":
    main()
