"""How the time of every labeling source, of the tokenizer and of the chat's lexer grows on hostile text.

    python benchmarks/growth.py [--domain medical] [--size 100000] [--seconds 60] [--pattern "v. " …]

Each text is one pattern repeated, read at a size and at ten times of it, in a process of its own with a
limit of time. The exponent of the growth is the logarithm to ten of the two times' ratio: 1 for time that
grows with the text, 2 for its square. Printed are the steps with an exponent above 1.1 in three tries, of
those that take more than a tenth of a second, those that ran into the limit, how many were measured, and the
largest exponent and time. Nothing else is to be printed.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress

_REPEATED = (
    '(|)|[|]|{|a|A|1|.|,|-|/|\'|"|“|‘|«|;|:|_|\\|é|§|&|*|<| |\n|\t|\r\n|\xa0|\\"|. |- |( |) |\' |" |'
    "“ |a |A |1 |a\n|v. |v. v. |Section |Sections 1, |1, |1, 2 and |and |of the |the |of |Act |Act, |"
    "the Act of |Court of |Supreme |J. |J.J. |Mr. |Mr. Smith, |Smith v. |A v. B |A. B. |Inc. |"
    "Smith, Inc., |U.S. |F. 3d |2012 |(2012) |No. |no. 1/|dated |Rule 1(a)|(AB) |A (AB) |"
    'alpha beta (AB), |(A|(a) |a (b |[a] |("A") |A ("A") |Word |Word Word, |disease |disease of |'
    "acute |acid |-acid|2,4-di|(2,4)-|no |denies |history of |or |breast and |cancer, |mg |induced-|"
    "hyper|methyl|deficiency of |loss of |s/p |vs. |Ab|a1-|State of |District of |New York, |Judge |"
    "Justice A and |M/s. |Ltd. |in re |In the matter of |Petitioner |Appellant(s) |...Respondent\n|"
    "Versus\n|PW-1 |art. 1 |s. 1, |/ |u/s |r/w |Sec. 1 r/w |(A) (B) (C) |AB (CD) |1, 2, 3, |non-|😀 |"
    "e\u0301|\u0301|שלום |et al., |Smith et al., 2010; |12\t3.4\t56\n|1 2 3 4 5 6\n|漢字かな|漢a字b|"
    "§ 1, |[1-3], |alpha{n} beta{n} (A{n}B) |A{n}B (C{n}D) |x{n}|X{n}-|Smith{n} v. Jones{n}, |§ {n}; |"
    "p < 0.05, |[ ] |(x) |___ |-a, +b, |A: B: |“‘a|a’” |http://a.b/c?d=e&|a@b.c |<p>|&nbsp;|\u200b|"
    "ﬁ|ß|İ|aB|a1|of 1 |\n \n|\r|{n}, |{n}.{n}\t|The {n} Act of the {n} Act |"
    "Acme{n} Inc. |disease{n} of |no a{n}, |eye{n} eyes{n} "
)
PATTERNS = _REPEATED.split("|")
"""What hostile texts repeat: every bracket and quote, and the words that the rules begin with."""


_NOISE = 0.01
"""Seconds below which a step is not worth measuring: the first touch of a copied page costs as much."""
_LONG = 0.1
"""Seconds above which it matters how a step grows."""
_LINEAR = 1.1
"""Exponent up to which the time is taken to grow with the text: caches and collections add a little."""
_TRIES = 3


def pieces(pattern: str, size: int) -> str:
    """The pattern repeated to a size in characters; ``{n}`` in it is another number each time."""
    count = size // len(pattern) + 1
    if "{n}" not in pattern:
        return (pattern * count)[:size]
    return "".join(pattern.replace("{n}", str(number)) for number in range(count))[:size]


def steps(nlp: object, text: str) -> Iterator[tuple[str, float]]:
    """Processor seconds of every step over one text."""
    from hybrid_ner.review.commands.language import ParseError, tokenize  # imported before the fork

    at = time.process_time()
    with suppress(ParseError):
        tokenize(text)
    yield "chat lexer", time.process_time() - at
    at = time.process_time()
    doc = nlp.make_doc(text)  # type: ignore[attr-defined]
    yield "tokenizer", time.process_time() - at
    for name, pipe in nlp.pipeline:  # type: ignore[attr-defined]
        at = time.process_time()
        doc = pipe(doc)
        yield name, time.process_time() - at


def measured(nlp: object, text: str, seconds: int) -> dict[str, float]:
    """Seconds of each step, in a child; the step that was not finished in time has -1."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        signal.setitimer(signal.ITIMER_PROF, seconds)
        with os.fdopen(writer, "w") as out:
            for name, took in steps(nlp, text):
                out.write(json.dumps([name, took]) + "\n")
                out.flush()
            out.write('["", 0]\n')
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as lines:
        found = dict(map(json.loads, lines))
    os.waitpid(child, 0)
    if "" not in found:
        names = ["chat lexer", "tokenizer", *nlp.pipe_names]  # type: ignore[attr-defined]
        found[names[len(found)]] = -1.0
    found.pop("", None)
    return found


def main(given: Sequence[str]) -> None:
    """Measure and print."""
    from hybrid_ner.domains.registry import DomainSettings
    from hybrid_ner.pipeline import rule_pipeline
    from hybrid_ner.review.commands import language  # noqa: F401  # for the children
    from hybrid_ner.terms.shipped import load_shipped

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--domain", action="append")
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--pattern", action="append")
    args = parser.parse_args(given)
    for domain in args.domain or ("medical", "legal"):
        nlp = rule_pipeline(load_shipped(domain), domain, DomainSettings())
        nlp("A first text, so that everything is loaded.")
        gc.collect()
        gc.freeze()  # else every collection in a child copies the pages of the lists
        count = slow = 0
        worst, steepest = ("", "", 0.0), ("", "", 0.0)
        for pattern in args.pattern or PATTERNS:
            small, large = both(nlp, pattern, args)
            count += len(large)
            for name, took in large.items():
                if took > worst[2]:
                    worst = (name, pattern, took)
                power = exponent(small.get(name, 0.0), took)
                tries = _TRIES - 1
                while took >= 0 and power > _LINEAR and tries:
                    again, took_again = (each.get(name, -1.0) for each in both(nlp, pattern, args))
                    power, tries = min(power, exponent(again, took_again)), tries - 1
                if took > _LONG and power > steepest[2]:
                    steepest = (name, pattern, power)
                if took < 0 or small.get(name, 0.0) < 0 or power > _LINEAR:
                    slow += 1
                    said = "over the limit" if took < 0 else f"{took:7.2f} s, exponent {power:.2f}"
                    print(f"{domain:8} {name:28} {pattern!r:24} {said}", flush=True)
        print(
            f"{domain}: {count} steps of {10 * args.size:,} characters, {slow} grow faster than the text; "
            f"largest exponent {steepest[2]:.2f} ({steepest[0]} on {steepest[1]!r}); "
            f"slowest {worst[0]} on {worst[1]!r}: {worst[2]:.2f} s",
            flush=True,
        )


def both(nlp: object, pattern: str, args: argparse.Namespace) -> tuple[dict[str, float], dict[str, float]]:
    """Seconds of each step at the size and at ten times of it."""
    return (
        measured(nlp, pieces(pattern, args.size), args.seconds),
        measured(nlp, pieces(pattern, 10 * args.size), args.seconds),
    )


def exponent(before: float, took: float) -> float:
    """Of the growth over ten times the text; 0 where it is too short to matter."""
    return math.log10(took / max(before, _NOISE)) if took > _LONG else 0.0


if __name__ == "__main__":
    main(sys.argv[1:])
