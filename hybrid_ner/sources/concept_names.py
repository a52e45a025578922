"""From a mention to a concept of one vocabulary: candidates by name, ranked, all of them kept.

A name is looked up as it stands, then with its words in any order and number, then with words that mean the
same (``rules/concept_words.txt``: renal, kidney), then without what only qualifies it (acute, hereditary, the
salt of a drug). What the labeling source found is a candidate too, by way of the crosswalk. Among equal names
the preferred one of a concept stands first, then the concept that the document names elsewhere, or that lies
below or above one it names, then the descriptor.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybrid_ner.matching.compiled import Arrays, TermColumns
from hybrid_ner.terms import Term
from hybrid_ner.terms.shipped import Crosswalk, vocabulary_of
from hybrid_ner.terms.variants.forms import american
from hybrid_ner.text import brief, fold
from hybrid_ner.text.patterns import Patterns, Remembered, paused_gc

_RE = Patterns(__file__)

_SKIPPED = frozenset(
    ["a", "an", "and", "the", "of", "in", "or", "with", "to", "due", "by", "nos", "s", "type"]
)
_SHORT = 4
"""Letters of a name that has no plural: "Na" is not "NAS"."""
_HEREDITY = frozenset(
    ("hereditary", "familial", "inherited", "heritable", "genetic", "autosomal", "dominant", "recessive")
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A concept that a mention may name.

    Args:
        concept: Id in the vocabulary asked for.
        name: The name it was found by.
        how: ``name``, ``words``, ``meaning``, ``shortened`` or ``source``, from the surest on.
        via: Id of another vocabulary that led to it, if any.
        source: Who states the name, or the links from that id.
        preferred: Whether the name is the concept's own.
        stated: How many lists state that name for the concept.
    """

    concept: str
    name: str
    how: str
    via: str = ""
    source: str = ""
    preferred: bool = False
    stated: int = 0


@dataclass(frozen=True)
class ConceptWords:
    """Words that mean the same in names of diseases, and words that only qualify one.

    Args:
        same: Word → the word or words it stands for.
        qualifiers: Words that may be left out.
        salts: Second words of drug names that may be left out.
        whole: A mention → the name it stands for: formulas, codes, everyday words.
    """

    same: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    qualifiers: frozenset[str] = frozenset()
    salts: tuple[str, ...] = ()
    whole: Mapping[str, str] = field(default_factory=dict)

    __repr__ = brief

    def shorter(self, words: Sequence[str]) -> Iterator[list[str]]:
        """A mention without what qualifies it, then without its first words, one after the other."""
        plain = [word for word in words if word not in self.qualifiers]
        if words and words[-1] in self.qualifiers and plain:
            yield [*plain, words[-1]]  # the head: "congenital hearing loss"
        if plain and len(plain) < len(words):
            yield plain
        for first in range(1, len(plain)):
            yield plain[first:]

    def stands_for(self, text: str) -> str:
        """The name that a whole mention stands for; empty when it is a name itself."""
        return self.whole.get(text) or self.whole.get(" ".join(words_of(text)), "")

    def other_chemicals(self, text: str) -> Iterator[str]:
        """What else a chemical is called: the acid of an ion, a drug without or with its salt, no isomer."""
        lower = fold(text)
        acid = _RE.ION.sub("ic acid", lower)
        if acid != lower:
            yield acid
        words = lower.split()
        while len(words) > 1 and words[-1] in self.salts:
            words.pop()
            yield " ".join(words)
            yield _RE.ION.sub("ic acid", " ".join(words))
        if (bare := _RE.STEREO.sub("", lower)) != lower:
            yield bare
        yield from (f"{lower} {salt}" for salt in self.salts)

    def meaning(self, words: Iterable[str]) -> str:
        """Key of a name with each word replaced by what it stands for."""
        found = {each for word in words for each in self.same.get(word) or (_noun(word),)}
        return " ".join(sorted(found))


def words_of(text: str) -> list[str]:
    """The words of a name that tell it from others: folded, American, in the singular."""
    text = text.lower() if text.isascii() else fold(text)
    text = text.replace("'s ", " ")
    if _RE.BRITISH.search(text):
        text = next(american(text), text)
    return [_SINGULAR[word] for word in _RE.TOKEN.findall(text) if word not in _SKIPPED]


def _noun(word: str) -> str:
    """The noun of an adjective of blood or inflammation: "thrombocytopenic", "uremic", "colitic"."""
    if word.endswith(("penic", "emic")):
        return word[:-1] + "a"
    return word[:-1] + "s" if word.endswith("itic") else word


def _singular(word: str) -> str:
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith(("oses", "yses")):
        return word[:-2] + "is"
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("xes", "shes", "ches")) else word[:-1]


_SINGULAR = Remembered(_singular)
_BETWEEN = {code: None for code in range(128) if not chr(code).isalnum()}


def compact(text: str) -> str:
    """Letters and digits of a name alone: "FK-506" and "FK 506" are one."""
    if text.isascii():
        return text.lower().translate(_BETWEEN)
    return "".join(c for c in fold(text) if c.isalnum())


_LONGEST = 8
"""Words of a name that is looked for in another order."""


class NameIndex:
    """The names of a domain by three keys, whichever vocabulary is asked for.

    Args:
        arrays: What ``made`` gave, or a file with it, memory-mapped.
        words: Says what words mean; the same as when the arrays were made.
    """

    def __init__(self, arrays: Arrays, words: ConceptWords) -> None:
        self.words, self._arrays, self._names = words, arrays, TermColumns(arrays)

    __repr__ = brief

    @classmethod
    def made(cls, names: Iterable[Term], words: ConceptWords) -> dict[str, NDArray[Any]]:
        """The names as columns, and for every kind of key sorted hashes with the row of each."""
        alike: dict[str, list[Term]] = {}
        with paused_gc():
            for name in names:
                if name.concept_id:
                    alike.setdefault(compact(name.text), []).append(name)
            kept = [*chain.from_iterable(alike.values())]
            exact = [key for key, found in alike.items() for _ in found]
            others = [_keys(name, words) for name in kept]
            arrays = TermColumns.pack(kept)
            columns = exact, [turned for turned, _ in others], [meant for _, meant in others]
            for how, column in zip(_HOW, columns, strict=True):
                rows = np.flatnonzero(np.fromiter(map(bool, column), dtype=bool)).astype(np.uint32)
                hashes = np.fromiter(map(_hash, filter(None, column)), dtype=np.uint64)
                order = np.argsort(hashes, kind="stable")
                arrays |= {f"{how}.hashes": hashes[order], f"{how}.rows": rows[order]}
        return arrays

    def find(self, how: str, key: str) -> list[Term]:
        """The names with a key, in the order of the lists."""
        hashes, wanted = self._arrays[f"{how}.hashes"], np.uint64(_hash(key))
        first, end = (int(np.searchsorted(hashes, wanted, side)) for side in ("left", "right"))
        found = [self._names[row] for row in self._arrays[f"{how}.rows"][first:end].tolist()]
        number = _HOW.index(how)
        return [n for n in found if (compact(n.text), *_keys(n, self.words))[number] == key]

    def labels(self) -> Sequence[str]:
        return self._names.values("label")

    def concepts(self, label: str) -> Iterator[str]:
        """Concepts of the names of a label."""
        return self._names.beside("label", label, "concept_id")


def in_any_order(words: Iterable[str]) -> str:
    """Key of the same words in any order."""
    return " ".join(sorted(set(words)))


def _keys(name: Term, words: ConceptWords) -> tuple[str, str]:
    """Keys of the words of a name in any order, and of what they mean; empty for none."""
    is_disease = name.label == "Disease"
    # Words may not be turned in the names of the many supplementary chemicals.
    turns = " " in name.text and not (name.label == "Chemical" and name.concept_id.startswith("MESH:C"))
    found = words_of(name.text) if is_disease or turns else []
    if not found or len(found) > _LONGEST:
        return "", ""
    return in_any_order(found) if turns else "", words.meaning(found) if is_disease else ""


_HOW = ("exact", "words", "meaning")
"""Keys of a name: its letters, its words in any order, what they mean."""
KEYED_BY = 1
"""Raise when one of them changes: files made before are then made again."""


def _hash(key: str) -> int:
    return int.from_bytes(blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


class ConceptNames:
    """Names of concepts, to be asked for by what a text says; ids of ``vocabularies``, the best first."""

    def __init__(
        self,
        index: NameIndex,
        crosswalk: Crosswalk,
        vocabularies: Sequence[str],
        parents: Callable[[], Mapping[str, tuple[str, ...]]],
    ) -> None:
        self._index, self.words, self._parents = index, index.words, parents
        self.crosswalk, self.vocabularies = crosswalk, tuple(vocabularies)
        self._targets: dict[str, tuple[str, ...]] = {}

    __repr__ = brief

    @cached_property
    def labels(self) -> set[str]:
        """Labels of which some concept is in the vocabularies."""
        return {each for each in self._index.labels() if any(map(self.targets, self._index.concepts(each)))}

    def targets(self, concept: str) -> tuple[str, ...]:
        """The ids wanted for a concept of any vocabulary, the nearest first."""
        found = self._targets.get(concept)
        if found is None:
            same = self.crosswalk.to(concept, self.vocabularies)
            found = self._targets[concept] = tuple(each.concept for each in same)
        return found

    def _wanted(self, entries: Iterable[Term]) -> list[Term]:
        return [entry for entry in entries if self.targets(entry.concept_id)]

    def exact(self, text: str) -> list[Term]:
        """Entries of a name, whatever stands between its letters, in either number."""
        key = compact(text)
        found = self._index.find("exact", key)
        if len(key) > _SHORT:
            found += self._index.find("exact", key[:-1] if key.endswith("s") else f"{key}s")
        return self._wanted(found)

    def by_words(self, text: str) -> list[Term]:
        """Entries of the same words in any order."""
        return self._wanted(self._index.find("words", in_any_order(words_of(text))))

    def by_meaning(self, words: Sequence[str]) -> list[Term]:
        """Entries of words that mean the same."""
        return self._wanted(self._index.find("meaning", self.words.meaning(words)))

    def induced(self, text: str) -> list[Term]:
        """Entries of a disease that a drug brought about ("Dyskinesia, Drug-Induced")."""
        for cause in ("drug", "substance", "chemically", "chemical drug"):
            if found := self.by_words(f"{text} {cause} induced"):
                return found
        return []

    def named(self, text: str, label: str) -> list[Candidate]:
        """Concepts with a name of exactly these words, in any order."""
        return self._ranked([e for e in self.by_words(text) if e.label == label], "context")

    def caused(self, text: str) -> list[Candidate]:
        return self._ranked([e for e in self.induced(text) if e.label in ("Disease", "")], "context")

    def is_first(self, found: Sequence[Candidate]) -> bool:
        """Whether the best candidate is of the vocabulary that is preferred."""
        return bool(found) and vocabulary_of(found[0].concept) == self.vocabularies[0]

    def is_near(self, concept: str, others: Collection[str]) -> bool:
        """Whether a concept is one of the others, or a parent or child of one."""
        parents = self._parents()
        above = parents.get(concept, ())
        return concept in others or any(
            other in above or concept in parents.get(other, ()) for other in others
        )

    def find(self, text: str, label: str = "", ids: Iterable[str] = ()) -> list[Candidate]:
        """Every concept that a mention may name, the likeliest first; the document is not asked yet.

        Args:
            text: The mention, or the long form of it.
            ids: What the labeling source said.
        """
        found: dict[str, Candidate] = {}
        for how, entries in self._levels(text, label):
            kept = [e for e in entries if e.label == label] if label in self.labels else entries
            for candidate in self._ranked(kept, how):
                found.setdefault(candidate.concept, candidate)
            if how == "name":
                for candidate in self.given(text, ids):
                    found.setdefault(candidate.concept, candidate)
            if found:
                return list(found.values())
        return self._joined(text, label) if label == "Disease" else []

    def _levels(self, text: str, label: str) -> Iterator[tuple[str, list[Term]]]:
        if whole := self.words.stands_for(text):
            yield "meaning", self.exact(whole)
        is_chemical, is_disease = (
            label == kind or label not in self.labels for kind in ("Chemical", "Disease")
        )
        if is_chemical and (acid := _RE.ION.sub("ic acid", text)) != text and not text.endswith("s"):
            yield "meaning", self.exact(acid)
        yield "name", self.exact(text)
        yield "words", self.by_words(text) if " " in text or "-" in text else []
        if is_disease:
            if induced := _RE.INDUCED.match(text):
                yield "meaning", self.induced(induced[1])
            if turned := _RE.OF.fullmatch(text):
                text = f"{turned[2]} {turned[1]}"
                yield "words", self.by_words(text)
            words = words_of(text)
            yield "meaning", self.by_meaning(words)
            if _RE.CONJOINED.search(text):
                return  # two diseases: each by itself
            if (plain := _RE.TYPE.sub("", text)) != text:
                yield "shortened", self.exact(plain) or self.by_words(plain)
            for kept in self.words.shorter(words):
                if self.words.meaning(kept) in ("disease", "syndrome"):
                    yield "shortened", self._inherited(words)
                    continue  # "venous complications" are no Disease (D004194)
                if whole := self.words.stands_for(" ".join(kept)):
                    yield "shortened", self.exact(whole)
                yield "shortened", self.by_words(" ".join(kept))
                yield "shortened", self.by_meaning(kept)
        if is_chemical:
            for other in self.words.other_chemicals(text):
                yield "shortened", self.exact(other)

    def _inherited(self, words: Sequence[str]) -> list[Term]:
        """What "recessive disorder" and "X-linked disease" are."""
        if "linked" in words and "x" in words:
            return self.exact("Genetic Diseases, X-Linked")
        return [] if _HEREDITY.isdisjoint(words) else self.exact("Genetic Diseases, Inborn")

    def _joined(self, text: str, label: str) -> list[Candidate]:
        """The ids of "breast and ovarian cancer", joined by a bar, where both parts have one."""
        parts = _RE.CONJOINED.split(text)
        head = parts[-1].split()
        if len(parts) < 2 or not all(parts) or len(head) < 2:
            return self.find(_RE.CONJOINED.sub(" ", text), label) if len(parts) > 1 else []
        found = [
            (self.find(f"{part} {head[-1]}", label) or self.find(part, label))[:1] for part in parts[:-1]
        ]
        found.append(self.find(parts[-1], label)[:1])
        if not all(found):
            return []
        best = [each[0] for each in found]
        ids = dict.fromkeys(each.concept for each in best)
        return [Candidate("|".join(ids), " + ".join(b.name for b in best), "joined", "", best[0].source)]

    def given(self, text: str, ids: Iterable[str]) -> list[Candidate]:
        """What the ids of a labeling source are called in the vocabulary asked for."""
        return [
            Candidate(same.concept, text, "source", concept if same.steps else "", same.source)
            for concept in ids
            for same in self.crosswalk.to(concept, self.vocabularies)
        ]

    def _ranked(self, entries: Sequence[Term], how: str) -> list[Candidate]:
        """One candidate a concept: the preferred name first, then what most lists say, then a descriptor."""
        votes: dict[str, set[str]] = {}
        best: dict[str, tuple[bool, Term]] = {}
        for entry in entries:
            for number, target in enumerate(self.targets(entry.concept_id)):
                if number == 0:
                    votes.setdefault(target, set()).add(entry.source)
                own = entry.status == "preferred" and entry.concept_id == target
                if target not in best or (own and not best[target][0]):
                    best[target] = own, entry

        def order(target: str) -> tuple[bool, int, int, bool, str]:
            vocabulary = self.vocabularies.index(vocabulary_of(target))
            given = len(votes.get(target, ()))
            return not best[target][0], vocabulary, -given, ":D" not in target, target

        ranked = []
        for target in sorted(best, key=order):
            is_own, entry = best[target]
            via = entry.concept_id if entry.concept_id != target else ""
            said = len(votes.get(target, ()))
            ranked.append(Candidate(target, entry.text, how, via, entry.source, is_own, said))
        return ranked
