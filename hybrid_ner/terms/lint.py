"""Find terms that will match too much, or that say two things, before a text shows it.

Terms are looked at one by one, as read, so that repeated rows are seen too.
"""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from hybrid_ner.io import paused_gc, shipped
from hybrid_ner.terms import Term

KINDS = {
    "markup": "holds markup, an address, an escape or damaged characters",
    "too-short": "so short that it matches inside ordinary text",
    "too-common": "an everyday English word",
    "number": "only digits",
    "gene-symbol": "also the symbol of a gene, and not limited to texts that define it",
    "species": "an organism in a list of chemicals",
    "protein": "a protein, gene or nucleic acid by its name in a list of chemicals",
    "ambiguous": "one string with several labels",
    "duplicate": "stands there already, with the same label and concept",
}
"""Kind of finding → what is wrong."""

_MARKUP = re.compile(
    r"</?[a-z][^>]*>|&(?:[a-z]+|#\d+);|\{\{|\}\}|\[\[|\]\]|https?://|''|\\[nt\"]|[\x00-\x1f\x7f-\x9f\ufffd]|Ã[\x80-\xbf]|â€",
    re.IGNORECASE,
)
_MAYBE_MARKUP = re.compile(r"[<&{}\[\]:'\\\x00-\x1f\x7f-\x9f\ufffdÃãâÂ]")
"""A character that every kind of markup has: few terms do, and looking for it is cheap."""
_CHEMICALS = frozenset({"chemical", "chemicals", "drug", "drugs", "medication", "compound"})
"""Labels, in lower case, of lists that hold no organisms and no proteins."""
_EPITHET = re.compile(r"(?!\w*(?:ide|an|ine|ate|ose|one)$)[a-z]{3,}(?: (?:var|subsp|sp|ssp)\.? [a-z]{3,})?")
_SHORTEST = 3
_KEPT = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """A term and what is wrong with it; ``other`` is the term it collides with, if it does."""

    kind: str
    term: Term
    other: Term | None = None


@dataclass(slots=True)
class LintReport:
    """Counts by kind, and the first findings of each.

    Args:
        terms: Terms looked at.
        counts: Findings by kind.
        findings: In the order of the terms.
    """

    terms: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def sorted(self) -> list[Finding]:
        """Findings by kind, then in the order of the terms."""
        order = {kind: number for number, kind in enumerate(KINDS)}
        return sorted(self.findings, key=lambda finding: order[finding.kind])


@dataclass(frozen=True, slots=True)
class WordLists:
    """What terms are compared with.

    Args:
        common: Everyday words, in lower case.
        genes: Gene symbols, as written.
        genera: First words of species, in lower case.
        proteins: Names of proteins and nucleic acids, matched on the whole term in lower case.
    """

    common: Collection[str] = frozenset()
    genes: Collection[str] = frozenset()
    genera: Collection[str] = frozenset()
    proteins: re.Pattern[str] | None = None

    @classmethod
    def shipped(cls) -> WordLists:
        """The lists that come with the package."""
        common = read_words(shipped("gazetteers", "english", "frequent.txt"))
        everyday = read_words(shipped("gazetteers", "medical", "rules", "common_english.txt"))
        genes = read_words(shipped("gazetteers", "medical", "rules", "gene_symbols.tsv.gz"))
        rules = shipped("gazetteers", "medical", "rules")
        proteins = re.compile("|".join(f"(?:{name})" for name in read_words(rules / "protein_names.txt")))
        return cls(
            frozenset(w.lower() for w in (*common, *everyday)),
            frozenset(genes) - {"symbol"},
            frozenset(genus.lower() for genus in read_words(rules / "genera.txt")),
            proteins,
        )


def read_words(path: Path) -> list[str]:
    """Entries of a list, one a line, without comments; gzipped where the name says so."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        stripped = (line.partition("  #")[0].strip() for line in lines if not line.startswith("#"))
        return [line for line in stripped if line]


def english_words() -> frozenset[str]:
    """Folded words of the shipped list: ASCII letters only, at least two."""
    return word_list(shipped("gazetteers", "english", "words.txt.gz"))


@cache
def word_list(path: Path) -> frozenset[str]:
    """Words of a gzip file with one word a line."""
    return frozenset(gzip.decompress(path.read_bytes()).decode("utf-8").split())


def lint(
    terms: Iterable[Term], words: WordLists, *, kept: int = _KEPT, kinds: Collection[str] = tuple(KINDS)
) -> LintReport:
    """Look at every term once.

    Args:
        terms: As read; a gazetteer has dropped repeated rows already.
        words: Lists to compare with.
        kept: Findings kept of each kind; the counts are always whole.
        kinds: What to look for.
    """
    report = LintReport()
    seen: dict[str, Term | list[Term]] = {}
    with paused_gc():
        for term in terms:
            report.terms += 1
            for kind, other in _findings(term, words, seen):
                if kind not in kinds:
                    continue
                report.counts[kind] += 1
                if report.counts[kind] <= kept:
                    report.findings.append(Finding(kind, term, other))
    return report


def _findings(
    term: Term, words: WordLists, seen: dict[str, Term | list[Term]]
) -> Iterator[tuple[str, Term | None]]:
    folded = term.text.casefold()
    if _MAYBE_MARKUP.search(term.text) and _MARKUP.search(term.text):
        yield "markup", None
    if term.text.isdigit():
        yield "number", None
    elif term.mode == "folded" and len(term.text) < _SHORTEST:
        yield "too-short", None
    if folded in words.common and term.mode == "folded":
        yield "too-common", None
    if term.mode != "defined" and term.text in words.genes:
        yield "gene-symbol", None
    if term.label.lower() in _CHEMICALS:
        yield from ((kind, None) for kind in name_classes(folded, words))
    yield from _collisions(term, folded, seen)


def name_classes(folded: str, words: WordLists) -> Iterator[str]:
    """Classes of names that a list of chemicals must not hold."""
    genus, space, epithet = folded.partition(" ")
    if space and genus in words.genera and _EPITHET.fullmatch(epithet):
        yield "species"
    if words.proteins is not None and words.proteins.fullmatch(folded):
        yield "protein"


def _collisions(
    term: Term, folded: str, seen: dict[str, Term | list[Term]]
) -> Iterator[tuple[str, Term | None]]:
    before = seen.get(folded)
    if before is None:
        seen[folded] = term
        return
    everything = before if isinstance(before, list) else [before]
    earlier = [other for other in everything if _collide(term, other)]
    for other in earlier:
        if other.label == term.label and other.concept_id == term.concept_id:
            yield "duplicate", other
            return
    different = next((other for other in earlier if other.label != term.label), None)
    if different is not None and all(other.label != term.label for other in earlier):
        yield "ambiguous", different
    seen[folded] = [*everything, term]


def _collide(one: Term, other: Term) -> bool:
    """Whether some text matches both: two terms that want exact letters must have the same."""
    return one.text == other.text or "folded" in (one.mode, other.mode)
