"""Look through terms: which will match too much, or say two things; and search by text, concept or likeness.

Checks look at terms one by one, as read, so that repeated rows are seen too. For a search all folded
texts stand in one string, one a line: finding a substring among a million terms is a pass of a few hundredths
of a second.
"""

from __future__ import annotations

import gzip
import re
import unicodedata
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import islice
from pathlib import Path
from typing import Literal

from hybrid_ner.errors import InputError
from hybrid_ner.io import shipped
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.text.patterns import Patterns, paused_gc

_RE = Patterns(__file__)

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

_CHEMICALS = frozenset({"chemical", "chemicals", "drug", "drugs", "medication", "compound"})
"""Labels, in lower case, of lists that hold no organisms and no proteins."""
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
    """Findings by kind, all counted, and the first of each in the order of the terms."""

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
        rules = shipped("gazetteers", "medical", "rules")
        common = read_words(shipped("gazetteers", "english", "frequent.txt"))
        everyday = read_words(rules / "common_english.txt")
        return cls(
            frozenset(w.lower() for w in (*common, *everyday)),
            frozenset(read_words(rules / "gene_symbols.tsv.gz")) - {"symbol"},
            frozenset(genus.lower() for genus in read_words(rules / "genera.txt")),
            re.compile("|".join(f"(?:{name})" for name in read_words(rules / "protein_names.txt"))),
        )


def read_words(path: Path) -> list[str]:
    """Entries of a list, one a line, without comments; gzipped where the name says so."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        stripped = (line.partition("  #")[0].strip() for line in lines if not line.startswith("#"))
        return [line for line in stripped if line]


def is_everyday(word: str) -> bool:
    """Whether a word in small letters is English, or a little one of its neighbours: "als" is no ALS."""
    return word in english_words() or word in _RE.each("ELSEWHERE")


@cache
def english_words() -> frozenset[str]:
    """Folded words of the shipped list: ASCII letters only, at least two."""
    packed = shipped("gazetteers", "english", "words.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode("utf-8").split())


def lint(
    terms: Iterable[Term], words: WordLists, *, kept: int = _KEPT, kinds: Collection[str] = tuple(KINDS)
) -> LintReport:
    """Look at every term once.

    Args:
        terms: As read; a gazetteer has dropped repeated rows already.
        kept: Findings kept of each kind; the counts are always whole.
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
    if _RE.MAYBE_MARKUP.search(term.text) and _RE.MARKUP.search(term.text):
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
    genus, _, epithet = folded.partition(" ")
    if genus in words.genera and _RE.EPITHET.fullmatch(epithet):
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
    # Some text matches both: two terms that want exact letters must have the same.
    earlier = [o for o in everything if o.text == term.text or "folded" in (term.mode, o.mode)]
    same = (o for o in earlier if (o.label, o.concept_id) == (term.label, term.concept_id))
    if duplicate := next(same, None):
        yield "duplicate", duplicate
        return
    if earlier and all(other.label != term.label for other in earlier):
        yield "ambiguous", earlier[0]
    seen[folded] = [*everything, term]


How = Literal["substring", "prefix", "exact", "concept", "fuzzy"]
HOW: tuple[How, ...] = ("substring", "prefix", "exact", "concept", "fuzzy")

_CUTOFF = 75.0
_LENGTH_SLACK = 0.4
_END = "\n"


@dataclass(frozen=True, slots=True)
class Found:
    """A term and how alike it is to what was asked for, from 0 to 100."""

    term: Term
    score: float = 100.0


_APART = re.compile(r"[\s\-‐‑‒–—−]+")
"""What parts words: people write Ehlers-Danlos with a hyphen, a dash or a space."""


def plain(text: str) -> str:
    """Lower case without accents, on one line; words stand apart by one space, however they are joined."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _APART.sub(" ", text.casefold())


class TermSearch:
    """An index over one gazetteer; building it costs about a microsecond a term."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.terms = gazetteer.terms
        texts = [plain(term.text) for term in self.terms]
        self._blob = _END + _END.join(texts) + _END
        self._starts = array("Q")
        at = 1
        for text in texts:
            self._starts.append(at)
            at += len(text) + 1

    def search(
        self, query: str, how: How = "substring", *, limit: int = 20, offset: int = 0, label: str = ""
    ) -> list[Found]:
        """Terms in order of the gazetteer, for ``fuzzy`` the most alike first.

        Args:
            query: What to look for; case, accents, hyphens and spaces do not matter.
            how: ``substring``, ``prefix`` (of the whole term), ``exact``, ``concept`` (id) or ``fuzzy``.
            offset: How many to pass over first, for pages.

        Raises:
            InputError: An empty query, or an unknown way.
        """
        if not query.strip():
            raise InputError("the query is empty.", hint="Give something to look for.")
        if how not in HOW:
            raise InputError(f"unknown way to search {how!r}.", hint=f"Use one of {', '.join(HOW)}.")
        if how == "fuzzy":
            found = self._fuzzy(query)
        else:
            found = (Found(self.terms[number]) for number in self._numbers(query, how))
        kept = (each for each in found if not label or each.term.label == label)
        return list(islice(kept, offset, offset + limit))

    def count(self, query: str, how: How = "substring", *, label: str = "") -> int:
        """How many terms there are in all; not for ``fuzzy``."""
        numbers = self._numbers(query, how)
        return sum(not label or self.terms[number].label == label for number in numbers)

    def _numbers(self, query: str, how: How) -> Iterator[int]:
        if how == "concept":
            yield from (n for n, term in enumerate(self.terms) if term.concept_id == query)
            return
        before, after = _END * (how in ("prefix", "exact")), _END * (how == "exact")
        wanted, skip = before + plain(query) + after, len(before)
        at = self._blob.find(wanted)
        while at >= 0:
            number = bisect_right(self._starts, at + skip) - 1
            yield number
            if number + 1 == len(self._starts):
                return
            at = self._blob.find(wanted, self._starts[number + 1] - skip)

    @cached_property
    def _by_length(self) -> dict[int, tuple[list[str], list[int]]]:
        """Length → folded texts of this length and their numbers."""
        lengths: dict[int, tuple[list[str], list[int]]] = {}
        for number, text in enumerate(self._blob[1:-1].split(_END) if self.terms else ()):
            texts, numbers = lengths.setdefault(len(text), ([], []))
            texts.append(text)
            numbers.append(number)
        return lengths

    def _fuzzy(self, query: str) -> Iterator[Found]:
        from rapidfuzz import fuzz, process

        wanted = plain(query)
        slack = max(2, round(len(wanted) * _LENGTH_SLACK))
        scored: list[tuple[float, int]] = []
        for length in range(max(1, len(wanted) - slack), len(wanted) + slack + 1):
            texts, numbers = self._by_length.get(length, ([], []))
            alike = process.extract(
                wanted, texts, scorer=fuzz.ratio, score_cutoff=_CUTOFF, limit=None, processor=None
            )
            scored += [(score, numbers[position]) for _, score, position in alike]
        scored.sort(key=lambda one: (-one[0], one[1]))
        return (Found(self.terms[number], score) for score, number in scored)
