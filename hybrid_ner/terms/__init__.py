"""Terms and gazetteers: what to look for, and where each term comes from."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from operator import attrgetter
from typing import Any, Literal, get_args
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.errors import InputError, TermError, each_of, wrong_kind
from hybrid_ner.text import brief, fold, quantity
from hybrid_ner.text.patterns import paused_gc
from hybrid_ner.text.tokens import Hashes, hashes_between, places_of

__all__ = ["ADDED", "MATCH_MODES", "TERM_STATUSES", "Gazetteer", "GazetteerDiff", "GazetteerStats", "Term"]


TermStatus = Literal["preferred", "synonym", "abbreviation", "brand", "variant"]
MatchMode = Literal["folded", "case", "defined"]

TERM_STATUSES: tuple[str, ...] = get_args(TermStatus)
MATCH_MODES: tuple[str, ...] = get_args(MatchMode)
ADDED = "review:"
"""What the file of a term begins with that a reviewer added, whose name follows."""


@dataclass(frozen=True, slots=True)
class Term:
    """A string that names a concept.

    Args:
        text: The string as its source writes it; must hold a letter or a digit.
        label: Entity label, for example ``Disease``.
        concept_id: CURIE such as ``MESH:D009203``; empty when the source has none.
        status: How the string relates to its concept.
        source: Name of the list it comes from.
        mode: ``folded`` ignores case and typography, ``case`` wants the exact letters,
            ``defined`` matches only where the document itself defines the string
            (gene symbols and other ambiguous acronyms).
        file: File the row was read from.
        row: One-based row in that file, 0 when unknown.
        parent: For a generated variant, the text of the term it was derived from.
        rule: For a generated variant, the rule that made it.

    Raises:
        TermError: No strings, empty or punctuation-only text, empty label, unknown status or mode.
    """

    text: str
    label: str
    concept_id: str = ""
    status: TermStatus = "preferred"
    source: str = ""
    mode: MatchMode = "folded"
    file: str = ""
    row: int = 0
    parent: str = ""
    rule: str = ""

    def __post_init__(self) -> None:
        try:
            "".join((self.text, self.label, self.concept_id))  # the fastest look at what is no string
        except TypeError as error:
            raise self._error(f"a term is of strings: {error}.", "Convert numbers with str().") from error
        if not (self.text[:1].isalnum() or any(map(str.isalnum, self.text))):
            raise self._error(f"term {self.text!r} holds no letter or digit.", "Remove or correct the row.")
        if not self.label:
            raise self._error(f"term {self.text!r} has no label.", "Give the row or the whole file a label.")
        if self.status not in TERM_STATUSES:
            raise self._error(f"unknown status {self.status!r}.", f"Use one of {', '.join(TERM_STATUSES)}.")
        if self.mode not in MATCH_MODES:
            raise self._error(f"unknown match mode {self.mode!r}.", f"Use one of {', '.join(MATCH_MODES)}.")

    def _error(self, problem: str, hint: str) -> TermError:
        return TermError(problem, path=self.file or None, row=self.row or None, hint=hint)


MAX_ACRONYM = 6
"""Longest single token, in characters, that counts as an acronym."""


SYMBOLS = frozenset(("Am", "As", "At", "Be", "He", "In", "No", "Os"))
"""Of elements, that are words of English or Latin in small letters: "supplied as a powder"."""


def guess_mode(text: str) -> MatchMode:
    """``case`` for a short single token with two or more capitals (``ALS``, ``mRNAs``), else ``folded``.

    Read in any case, such acronyms are ordinary words far too often ("all", "aids", "was"), and so are the
    symbols of some elements ("As", "In", "He"), which have ``case`` too.
    """
    if text in SYMBOLS:
        return "case"
    if len(text) > MAX_ACRONYM or " " in text or text.islower():
        return "folded"
    return "case" if sum(map(str.isupper, text)) > 1 else "folded"


Key = tuple[str, str, str]
_HASHED_AT_ONCE = 10_000
_SHOWN_LABELS, _SHOWN_ROWS, _EXAMPLES = 4, 12, 3
_IGNORED = {code: None for code in range(128) if not chr(code).isalnum()}
_READ_AS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "ʼ": None})
"""Letters that Unicode does not decompose but that matching reads as these."""


def _key(term: Term) -> Key:
    return term.text, term.label, term.concept_id


def _letters(term: Term) -> str:
    """What matching cannot ignore of a term: equal for rows that it may confuse."""
    if term.text.isascii():
        return term.text.lower().translate(_IGNORED)
    plain = "".join(filter(str.isalnum, unicodedata.normalize("NFKD", term.text)))
    return "".join(filter(str.isalnum, plain.casefold())).translate(_READ_AS)


def _settings(term: Term) -> tuple[str, str, str]:
    return term.status, term.source, term.mode


def _unique(terms: Iterable[Term]) -> Iterator[Term]:
    """First terms of each key; a key is built only for a text that was seen before."""
    first: dict[str, Term] = {}
    more: set[Key] = set()
    for term in terms:
        earlier = first.get(term.text)
        if earlier is None:
            first[term.text] = term
            yield term
        elif (key := _key(term)) != _key(earlier) and key not in more:
            more.add(key)
            yield term


@dataclass(frozen=True, slots=True)
class GazetteerStats:
    """Counts of a gazetteer: terms, concepts, and terms by label, source, status and mode."""

    terms: int
    concepts: int
    ambiguous: int
    labels: Mapping[str, int]
    sources: Mapping[str, int]
    statuses: Mapping[str, int]
    modes: Mapping[str, int]

    __repr__ = brief


@dataclass(frozen=True, slots=True)
class GazetteerDiff:
    """Terms only in the other gazetteer, only in this one, and same key but other settings."""

    added: tuple[Term, ...]
    removed: tuple[Term, ...]
    changed: tuple[tuple[Term, Term], ...]

    __repr__ = brief


@dataclass(frozen=True)
class Gazetteer:
    """Ordered, unique terms; the first of equal ``(text, label, concept_id)`` rows wins.

    Ambiguity is kept: one string may name many concepts and carry many labels.

    Args:
        parents: Concept id → ids of its parent concepts, where the source has a hierarchy.
        name: Shown to people; not part of the fingerprint.
    """

    terms: tuple[Term, ...] = ()
    parents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    name: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.terms, Iterable):
            raise wrong_kind("terms", self.terms, "Give several Term(text, label).")
        given = tuple(each_of(self.terms, "terms", "Give Term(text, label) for each row."))
        if strangers := [kind for kind in {*map(type, given)} if not issubclass(kind, Term)]:
            other = next(each for each in given if type(each) in strangers)
            raise wrong_kind("a Term", other, "Give Term(text, label).")
        object.__setattr__(self, "terms", tuple(_unique(given)))

    def __len__(self) -> int:
        return len(self.terms)

    def __repr__(self) -> str:
        labels = ", ".join(self.labels[:_SHOWN_LABELS]) + ("…" if len(self.labels) > _SHOWN_LABELS else "")
        about = quantity(len(self), "term") + (f": {labels}" if labels else "")
        return f"<Gazetteer{f' {self.name!r}' if self.name else ''}, {about}>"

    def _repr_html_(self) -> str:
        """A small table for notebooks: terms by label, with the first of each."""
        counts: Counter[str] = Counter()
        first: dict[str, list[str]] = {}
        for term in self.terms:
            counts[term.label] += 1
            if len(first.setdefault(term.label, [])) < _EXAMPLES:
                first[term.label].append(term.text)
        rows = []
        for label, number in counts.most_common(_SHOWN_ROWS):
            cells = (label, f"{number:,}", ", ".join(first[label])[:120])
            rows.append(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>")
        if len(counts) > _SHOWN_ROWS:
            rows.append(f"<tr><td colspan=3>{quantity(len(counts) - _SHOWN_ROWS, 'more label')}</td></tr>")
        head = "<tr><th>label</th><th>terms</th><th>for example</th></tr>"
        caption = escape(f"{self.name or 'Gazetteer'}: {quantity(len(self), 'term')}")
        return f"<table><caption>{caption}</caption>{head}{''.join(rows)}</table>"

    def __iter__(self) -> Iterator[Term]:
        return iter(self.terms)

    def __getitem__(self, row: int) -> Term:
        return self.terms[row]

    def text(self, row: int) -> str:
        return self.terms[row].text

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Labels in alphabetical order."""
        return tuple(sorted({term.label for term in self.terms}))

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the rows; of their order only what decides counts.

        Among rows that differ in case, accents or punctuation alone the first gives a mention its label and
        first concept: these keep their order, all others are sorted.
        """
        terms = sorted(self.terms, key=_letters)
        rows = ["\t".join((t.text, t.label, t.concept_id, t.status, t.source, t.mode)) for t in terms]
        digest = hashlib.sha256()
        for start in range(0, len(rows), _HASHED_AT_ONCE):
            block = "\n".join(rows[start : start + _HASHED_AT_ONCE]) + "\n"
            digest.update(block.encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    @cached_property
    def surfaces(self) -> SurfaceIndex:
        """Look-up of the terms that ignore case, by their whole text."""
        return SurfaceIndex.of(self)

    def merge(self, *others: Gazetteer) -> Gazetteer:
        """This gazetteer followed by the others; earlier rows win over equal later ones."""
        every = (self, *others)
        if strangers := [each for each in every if not isinstance(each, Gazetteer)]:
            raise wrong_kind("a Gazetteer", strangers[0], "Give Gazetteer.of(terms), several one by one.")
        parents = {child: above for each in reversed(every) for child, above in each.parents.items()}
        return Gazetteer(tuple(term for each in every for term in each.terms), parents, self.name)

    def filter(self, keep: Callable[[Term], bool]) -> Gazetteer:
        """The terms for which ``keep`` is true, in the same order."""
        return Gazetteer(tuple(filter(keep, self.terms)), self.parents, self.name)

    def diff(self, newer: Gazetteer) -> GazetteerDiff:
        """What ``newer`` adds, removes and changes, compared with this one."""
        if not isinstance(newer, Gazetteer):
            raise wrong_kind("a Gazetteer", newer, "Give Gazetteer.of(terms), or load_gazetteer(path).")
        added: list[Term] = []
        changed: list[tuple[Term, Term]] = []
        with paused_gc():
            left = {_key(term): term for term in self.terms}
            for term in newer.terms:
                before = left.pop(_key(term), None)
                if before is None:
                    added.append(term)
                elif _settings(before) != _settings(term):
                    changed.append((before, term))
        changed.sort(key=lambda pair: _key(pair[0]))
        return GazetteerDiff(tuple(added), tuple(left.values()), tuple(changed))

    def stats(self) -> GazetteerStats:
        """Counts by label, source, status and mode; ``ambiguous`` strings carry several labels."""
        label_of: dict[str, str] = {}
        ambiguous = {t.text for t in self.terms if label_of.setdefault(t.text, t.label) != t.label}
        concepts = {term.concept_id for term in self.terms} - {""}
        named = map(attrgetter, ("label", "source", "status", "mode"))
        counts = (dict(Counter(map(name, self.terms))) for name in named)
        return GazetteerStats(len(self.terms), len(concepts), len(ambiguous), *counts)

    @classmethod
    def of(cls, terms: Iterable[Term], name: str = "") -> Gazetteer:
        """From any iterable of terms, without a hierarchy."""
        return cls(terms, {}, name)  # type: ignore[arg-type]


# Subtrees of a gazetteer's concepts: list them, count them, keep them or switch them off.

Parents = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class SubtreeCount:
    """A concept with its preferred name, and the concepts and terms in its subtree."""

    concept_id: str
    name: str
    concepts: int
    terms: int


def children_of(parents: Parents) -> dict[str, tuple[str, ...]]:
    """Concept → concepts directly below it, in the order of the source."""
    below: dict[str, list[str]] = {}
    for child, above in parents.items():
        for parent in above:
            below.setdefault(parent, []).append(child)
    return {parent: tuple(found) for parent, found in below.items()}


def subtree(parents: Parents, roots: Iterable[str]) -> set[str]:
    """The roots and every concept below one of them; cycles are allowed."""
    return _descend(children_of(parents), roots)


def _descend(below: Mapping[str, tuple[str, ...]], roots: Iterable[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        concept = waiting.pop()
        if concept not in found:
            found.add(concept)
            waiting.extend(below.get(concept, ()))
    return found


def restrict(gazetteer: Gazetteer, under: Iterable[str] = (), not_under: Iterable[str] = ()) -> Gazetteer:
    """Keep the terms of some subtrees (of all where none is named), and drop those of others.

    Raises:
        InputError: A concept that the gazetteer does not know.
    """
    under, not_under = tuple(under), tuple(not_under)
    if not under and not not_under:
        return gazetteer
    _check(gazetteer, (*under, *not_under))
    kept = subtree(gazetteer.parents, under) if under else None
    dropped = subtree(gazetteer.parents, not_under)
    return gazetteer.filter(
        lambda term: (kept is None or term.concept_id in kept) and term.concept_id not in dropped
    )


def count_children(gazetteer: Gazetteer, concept: str) -> list[SubtreeCount]:
    """The concept itself, then its children, each with the size of its subtree, largest first.

    Raises:
        InputError: A concept that the gazetteer does not know.
    """
    _check(gazetteer, [concept])
    terms = Counter(term.concept_id for term in gazetteer.terms)
    names: dict[str, str] = {}
    for term in gazetteer.terms:
        if term.status == "preferred" or term.concept_id not in names:
            names[term.concept_id] = term.text
    below = children_of(gazetteer.parents)
    counted = []
    for root in (concept, *below.get(concept, ())):
        found = _descend(below, [root])
        counted.append(SubtreeCount(root, names.get(root, ""), len(found), sum(terms[c] for c in found)))
    return counted[:1] + sorted(counted[1:], key=lambda count: (-count.terms, count.concept_id))


def _check(gazetteer: Gazetteer, concepts: Iterable[str]) -> None:
    unknown = set(concepts) - gazetteer.parents.keys()
    unknown -= {parent for above in gazetteer.parents.values() for parent in above}
    unknown -= {term.concept_id for term in gazetteer.terms}
    if unknown:
        hint = "Give a concept id as the gazetteer writes it, for example MESH:D009369."
        if not gazetteer.parents:
            hint = "It has no hierarchy: build it again from a source that keeps parents."
        problem = f"no concept {sorted(unknown)[0]!r} in {gazetteer.name or 'the gazetteer'}."
        raise InputError(problem, hint=hint)


# From the whole text of a term to its row, in one plain array that can be memory-mapped.

_SHORTEST = 4
"""Characters of the shortest term that is indexed."""
_FIRST_WORD = re.compile(r"[^\w]+")
_STARTS = 1 << 31
_ROW = _STARTS - 1
_ENDINGS = "seiy"
"""Letters of all endings in which the numbers of a word differ: "biopsies", "biopsy", "crises", "crisis"."""
INDEXED_BY = "stems"
"""What an index says more than whole texts; a file that lacks it is indexed anew."""


def surface_key(text: str) -> str:
    """What two spellings share that differ in case or typography alone."""
    return text.lower() if text.isascii() else fold(text)


class SurfaceIndex:
    """Finds the first term of a text that ignores case, and tells what may be a term in another spelling.

    Args:
        slots: Hash table: 32 bits of hash, one for "a term has this first word", 31 of row plus one.
        stems: Two bits for the stem of each term: ``may_hold`` tells what may be one.
        gazetteer: The terms; a row is read only to compare it.
    """

    def __init__(self, slots: NDArray[np.uint64], stems: NDArray[np.uint8], gazetteer: Gazetteer) -> None:
        self.slots, self.stems, self._gazetteer = slots, stems, gazetteer
        self._shift = 32 - (len(slots).bit_length() - 1)
        self._read = slots.data  # a number of a view takes half the time of one of an array

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.slots, self.stems, self._gazetteer)

    @classmethod
    def of(cls, gazetteer: Gazetteer) -> SurfaceIndex:
        """Index the terms that ignore case."""
        rows: dict[str, int] = {}
        for row, term in enumerate(gazetteer.terms):
            if term.mode == "folded" and len(term.text) >= _SHORTEST:
                rows.setdefault(surface_key(term.text), row)
        # White space first: few strings are then left to look at letter by letter.
        first = {_FIRST_WORD.split(begin, maxsplit=1)[0] for begin in {key.partition(" ")[0] for key in rows}}
        entries = [(_hash(key) << 32) | (row + 1) for key, row in rows.items()]
        entries += [(_hash(word) << 32) | _STARTS for word in first]
        return cls(_table(np.array(entries, dtype=np.uint64)), _bits(hashes_of(stems_of(rows))), gazetteer)

    def find(self, key: str) -> Term | None:
        """The first term whose ``surface_key`` this is."""
        row = self.row(key)
        return None if row is None else self._gazetteer[row]

    def row(self, key: str) -> int | None:
        """Row of that term."""
        hashed = _hash(key)
        slot, read, text = hashed >> self._shift, self._read, self._gazetteer.text
        while entry := read[slot]:
            if entry >> 32 == hashed and entry & _ROW:
                row = (entry & _ROW) - 1
                if surface_key(text(row)) == key:
                    return row
            slot += 1
        return None

    def starts(self, word: str) -> bool:
        """Whether some term has this first word, in lower case; seldom true though none has."""
        hashed = _hash(word)
        slot, read = hashed >> self._shift, self._read
        while entry := read[slot]:
            if entry >> 32 == hashed and entry & _STARTS:
                return True
            slot += 1
        return False


def squash(key: str) -> str:
    """Without hyphens and spaces."""
    return key.replace(" ", "").replace("-", "")


def stems_of(keys: Iterable[str]) -> list[str]:
    """What all numbers of a word or term share, however it is hyphenated."""
    return [squash(key).rstrip(_ENDINGS) for key in keys]


_AT_ONCE = 10_000
"""Strings that are hashed together: few enough for the working arrays to stay in the cache."""


def hashes_of(texts: Sequence[str]) -> Hashes:
    if len(texts) > _AT_ONCE:
        parts = (texts[at : at + _AT_ONCE] for at in range(0, len(texts), _AT_ONCE))
        return np.concatenate([hashes_of(part) for part in parts])
    bounds = np.zeros(len(texts) + 1, dtype=np.int32)
    np.cumsum([*map(len, texts)], out=bounds[1:])
    joined = "".join(texts).encode("utf-32-le", "surrogatepass")
    return hashes_between(np.frombuffer(joined, dtype=np.uint32), bounds)


def _bits(hashes: Hashes) -> NDArray[np.uint8]:
    bits = np.zeros(1 << min(32, max(10, (16 * len(hashes)).bit_length())), dtype=np.bool_)
    for places in places_of(hashes, len(bits)):
        bits[places] = True
    return np.packbits(bits, bitorder="little")


def _hash(text: str) -> int:
    return crc32(text.encode("utf-8", "surrogatepass"))


def _table(entries: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Open addressing without wrapping round: entries by hash, each at its place or the next free one."""
    bits = max(4, (2 * len(entries)).bit_length())
    entries = np.sort(entries)
    homes = (entries >> np.uint64(64 - bits)).astype(np.int64)
    order = np.arange(len(entries))
    places = order + np.maximum.accumulate(homes - order)
    last = int(places[-1]) if len(places) else 0
    table = np.zeros((1 << bits) + max(0, last + 2 - (1 << bits)), dtype=np.uint64)
    table[places] = entries
    return table
