"""Mentions of a list of one's own that the text inflects: how many are lost, and how right the variants are.

Purpose: the default of ``variants``. A paralegal's list of contract terms is looked for in contracts. What
the text has is found by a generous pattern that knows nothing of the package: each term with any plural,
possessive, hyphen or British spelling. A mention is lost when no match covers it.

    python benchmarks/inflection.py --data DATA [--documents 237] [--sample 100]

DATA holds ``raw_legal/edgar_contracts.jsonl.gz``. ``--sample`` prints that many variant matches, each surface
at most twice, to check by hand.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
from collections import Counter
from pathlib import Path

from hybrid_ner.domains.registry import DomainSettings
from hybrid_ner.pipeline import rule_pipeline
from hybrid_ner.sources import read_matches
from hybrid_ner.terms import Gazetteer, Term

TERMS = """
warrant; letter of credit; Change of Control; lender; borrower; security interest; event of default;
escrow agent; promissory note; guaranty; subsidiary; affiliate; indemnity; covenant; purchase price;
closing date; license; termination date; loan document; revolving loan; stockholder; common stock;
preferred share; registration statement; board of directors; intellectual property right; trade secret;
confidentiality agreement; non-competition agreement; arbitration; force majeure; governing law; notice
of default; power of attorney; bill of sale; letter of intent; severance payment; stock option;
restricted stock; good reason; fiduciary duty; material adverse effect; due diligence; representation and
warranty; liquidated damages; lien; mortgage; lessee; lessor; third party; deed of trust; assignment;
interest rate
"""


def terms() -> list[str]:
    """The list."""
    return [term.strip() for term in " ".join(TERMS.split()).split(";")]


def pattern(term: str) -> re.Pattern[str]:
    """The term as texts may write it."""
    words = []
    for word in re.split(r"[ -]", term):
        if word in ("of", "and", "in"):
            words.append(word)
            continue
        stem = re.escape(word)
        if word.endswith("y"):
            stem = f"{re.escape(word[:-1])}(?:y|ies)"
        elif word.endswith("s"):
            stem = f"{re.escape(word[:-1])}s?"
        elif word == "license":
            stem = "licen[cs]e"
        words.append(stem + (r"(?:e?s)?" if not word.endswith(("y", "s")) else ""))
    joint = r"(?:\s+|-|-\s+)"
    return re.compile(rf"(?<![\w-])(?:{joint.join(words)})(?![\w-])", re.IGNORECASE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--documents", type=int, default=237)
    parser.add_argument("--domain", default="generic")
    parser.add_argument("--sample", type=int, default=0)
    given = parser.parse_args()
    with gzip.open(given.data / "raw_legal" / "edgar_contracts.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line, _ in zip(lines, range(given.documents), strict=False)]
    wanted = [[m.span() for term in terms() for m in pattern(term).finditer(text)] for text in texts]
    total = sum(map(len, wanted))
    gazetteer = Gazetteer.of([Term(term, "TERM") for term in terms()])
    for variants in (False, True):
        nlp = rule_pipeline(gazetteer, given.domain, DomainSettings(variants=variants))
        nlp.max_length = 10**8
        lost: Counter[str] = Counter()
        made: dict[str, list[str]] = {}
        for text, places in zip(texts, wanted, strict=True):
            doc = nlp(text)
            found = [m for m in read_matches(doc, "gazetteer") if m.evidence]
            covered = bytearray(len(text))
            for match in found:
                covered[match.start : match.end] = b"\x01" * (match.end - match.start)
                if match.evidence and match.evidence.method == "variant":
                    around = " ".join(text[max(0, match.start - 40) : match.end + 30].split())
                    said = f"{match.evidence.sentence()}  … {around} …"
                    made.setdefault(match.evidence.surface.lower(), []).append(said)
            lost.update(text[s:e].lower() for s, e in places if covered.find(0, s, e) >= 0)
        share = 100 * lost.total() / max(1, total)
        print(f"variants={variants}: {lost.total():,} of {total:,} mentions lost ({share:.1f} %)")
        print("   ", ", ".join(f"{text!r} {count}" for text, count in lost.most_common(25)))
    print(f"{sum(map(len, made.values())):,} matches by a variant, {len(made)} surfaces")
    chance = random.Random(7)
    twice = [line for lines in made.values() for line in chance.sample(lines, min(2, len(lines)))]
    for line in chance.sample(twice, min(given.sample, len(twice))):
        print("   ", " ".join(line.split()))


if __name__ == "__main__":
    main()
