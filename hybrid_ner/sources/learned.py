"""What text and reviewers taught the rules: learned words, accepted terms, votes that reviewers reject."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from spacy.tokens import Doc

from hybrid_ner.matching import Evidence, GazetteerMatcher, Match, fold
from hybrid_ner.matching.edits import everyday_words
from hybrid_ner.sources import VETO, read_matches, view_of
from hybrid_ner.terms import Gazetteer, Term, guess_mode
from hybrid_ner.text import brief, quantity

_WORD = re.compile(r"(?<![^\W_])[^\W\d_]{4,}(?![^\W_])")
_PREFIX = re.compile(r"(?<![^\W_])(?:[^\W\d_]|\d+(?:,\d+)*)-$")
_JOINTS = (" ", "-")
_PREFIX_REACH = 16
"""Characters before a word in which its prefix ("2,4-", "N-") may start."""
_ENDINGS = (6, 5, 4)
"""Letters of an ending that tells a kind of words ("-azosin", "-statin", "-olol"), longest first."""
_BEFORE = 2
"""Letters of a word before its ending, at least."""


@dataclass(frozen=True, slots=True)
class LearnedWord:
    """A folded word with the label and score the classifier gives it, and its number of documents.

    A word that begins with a hyphen is an ending: its score is the share of the words with it that are known
    or learned, their number stands in place of that of documents.
    """

    word: str
    label: str
    score: float
    documents: int

    @property
    def is_ending(self) -> bool:
        return self.word.startswith("-")


def words_of(text: str) -> Iterator[tuple[int, int]]:
    """Characters ``[start, end)`` of the words a classifier may learn: four letters or more, no digit."""
    return (found.span() for found in _WORD.finditer(text))


def endings_of(word: str) -> Iterator[str]:
    """What a folded word may be known by, longest first: "-prolol", "-rolol", "-olol" for "metoprolol"."""
    for size in _ENDINGS:
        if len(word) >= size + _BEFORE:
            yield f"-{word[-size:]}"


class LearnedWordSource:
    """Votes for every learned word that the text holds; a one-letter or numeric prefix goes with it.

    A word that was not learned itself is known by the longest learned ending that it has, unless it is an
    everyday word: so words are found that no text at hand held.
    """

    name = "learned_words"
    reads_view: ClassVar[bool] = True

    def __init__(self, words: Iterable[LearnedWord]) -> None:
        self.words = tuple(words)
        self._words = {item.word: item for item in self.words}
        self._has_endings = any(item.is_ending for item in self._words.values())

    def __call__(self, doc: Doc) -> list[Match]:
        """One match a word, in order; neighbours of one label ("folic acid") are one match."""
        text = view_of(doc).text
        spans = ((start, end, self._known(fold(text[start:end]))) for start, end in words_of(text))
        found: list[tuple[int, int, LearnedWord]] = []
        for start, end, item in spans:
            if item is None:
                continue
            if found and item.label == found[-1][2].label and text[found[-1][1] : start] in _JOINTS:
                first, _, before = found.pop()
                start, item = first, min(before, item, key=lambda word: word.score)
            found.append((start, end, item))
        return [_match(text, start, end, item) for start, end, item in found]

    def _known(self, word: str) -> LearnedWord | None:
        if (found := self._words.get(word)) is not None or not self._has_endings or word in everyday_words():
            return found
        return next((self._words[ending] for ending in endings_of(word) if ending in self._words), None)

    def to_state(self) -> dict[str, Any]:
        rows = [[item.word, item.label, item.score, item.documents] for item in self._words.values()]
        return {"words": rows}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> LearnedWordSource:
        return cls(LearnedWord(*row) for row in state["words"])


def _match(text: str, start: int, end: int, item: LearnedWord) -> Match:
    prefix = _PREFIX.search(text[max(0, start - _PREFIX_REACH) : start])
    if prefix is not None:
        start -= len(prefix.group())
    what = f"learned ending {item.word}" if item.is_ending else "learned word"
    evidence = Evidence("learned", text[start:end], what, score=item.score)
    return Match(start, end, item.label, (), item.score, evidence)


@dataclass(frozen=True, slots=True)
class ReviewedTerm:
    """A surface that reviewers accepted where no rule had it.

    Args:
        text: As it stood in a document.
        label: The reviewers' label.
        right: Documents in which it is an entity with this label; a document with both kinds counts in part.
        seen: Reviewed documents that hold it.
        concept_id: That of most accepted mentions that have one.
    """

    text: str
    label: str
    right: float
    seen: int
    concept_id: str = ""


@dataclass(frozen=True, slots=True)
class Distrust:
    """A kind of vote that reviewers mostly reject.

    Args:
        kind: ``surface``, ``head`` (the last word), ``rule``, ``source`` or ``model`` (name and surface).
        value: Which one.
        label: Label of the votes.
        right: Documents in which such votes were right, as in ``ReviewedTerm``.
        seen: Reviewed documents with such votes.
    """

    kind: str
    value: str
    label: str
    right: float
    seen: int

    def sentence(self) -> str:
        return (
            f"{self.kind} “{self.value}” as {self.label}: "
            f"right in {self.right:g} of {quantity(self.seen, 'reviewed document')}"
        )


@dataclass(frozen=True, slots=True)
class Trust:
    """What reviewers say of the votes that a model adds where no rule has one.

    Args:
        source: Its name.
        label: Label of the votes; empty for all together, which stands for labels that nobody has reviewed.
        right: Votes with exactly the accepted characters and label …
        seen: … of those that reviewers decided on.
        low: The share that is right is between ``low`` …
        high: … and ``high`` (95 %); votes for one surface of one document stand or fall together.
        counts: Whether such votes count.
        by: What tells it: ``review``, or ``agreement`` of other sources that are independent of it.
    """

    source: str
    label: str
    right: int
    seen: int
    low: float
    high: float
    counts: bool
    by: str = "review"

    def sentence(self) -> str:
        what = f"{self.source}, {self.label or 'any other label'}"
        if not self.seen:
            return f"{what}: only shown, since nobody has decided on what it adds"
        if not (self.label or self.counts):  # the share is that of the labels that are known
            return f"{what}: only shown, since nothing tells whether it helps there"
        found = "are right" if self.by == "review" else "have another model's vote too"
        share = f"{self.right:,} of {self.seen:,} votes that it adds {found}"
        between = f"{100 * self.low:.0f} to {100 * self.high:.0f} %"
        return f"{what}: {'counts' if self.counts else 'only shown'}, {share} ({between})"


@dataclass(frozen=True, slots=True)
class ReviewPolicy:
    """Everything learned from one set of reviewed documents; ``training.policy`` learns it.

    Args:
        terms: Surfaces that count.
        distrusted: Kinds of votes that do not.
        trust: Of each model that has to earn it; one that is here counts only for the labels that say so.
    """

    terms: tuple[ReviewedTerm, ...] = ()
    distrusted: tuple[Distrust, ...] = ()
    trust: tuple[Trust, ...] = ()

    __repr__ = brief

    def __bool__(self) -> bool:
        return bool(self.terms or self.judges)

    @property
    def earned(self) -> tuple[tuple[str, str, float], ...]:
        """Source and label of models that count, and the least share of what they add that is right."""
        return tuple((each.source, each.label, each.low) for each in self.trust if each.counts)

    @property
    def judges(self) -> bool:
        """Whether it may speak against a vote."""
        return bool(self.distrusted or self.trust)


def vote_keys(source: str, match: Match) -> Iterator[tuple[str, str]]:
    """Kind and value of everything that a vote can be judged by."""
    evidence = match.evidence
    if evidence is not None:
        surface = fold(evidence.surface)
        yield "surface", surface
        if " " in surface:
            yield "head", surface.rsplit(" ", 1)[1]
        if evidence.method == "pattern":
            yield "rule", f"{source}: {evidence.reference}"
        if evidence.method == "model":
            yield "model", f"{source}: {surface}"
    yield "source", source


class ReviewedTermSource:
    """Votes for every reviewed term that the text holds as whole words."""

    name = "reviewed_terms"
    reads_view: ClassVar[bool] = True

    def __init__(self, terms: Sequence[ReviewedTerm]) -> None:
        self.terms = tuple(terms)
        self._matcher = terms_matcher((term.text, term.label, term.concept_id) for term in terms)
        self._said = {
            fold(t.text): f"accepted in {t.right:g} of {quantity(t.seen, 'reviewed document')}" for t in terms
        }

    def __call__(self, doc: Doc) -> list[Match]:
        text = view_of(doc).text
        found = ((match, text[match.start : match.end]) for match in self._matcher.match(text))
        return [m._replace(evidence=Evidence("reviewed", s, self._said.get(fold(s), ""))) for m, s in found]

    def to_state(self) -> dict[str, Any]:
        return {"terms": [asdict(term) for term in self.terms]}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> ReviewedTermSource:
        return cls([ReviewedTerm(**row) for row in state["terms"]])


class DistrustedSource:
    """Votes against spans whose every vote is of a distrusted kind, or of a model that has not earned it."""

    name = "distrusted"
    reads_view: ClassVar[bool] = True

    def __init__(
        self, distrusted: Sequence[Distrust], reads: Sequence[str], trust: Sequence[Trust] = ()
    ) -> None:
        self.distrusted, self.reads, self.trust = tuple(distrusted), tuple(reads), tuple(trust)
        self._by_key = {(d.kind, d.value, d.label): d for d in distrusted}
        self._earned = {(each.source, each.label): each for each in trust}
        self.said = {f"{each.source}|{each.label}": each.sentence() for each in trust}

    def __call__(self, doc: Doc) -> list[Match]:
        """One vote against each such span."""
        reasons: dict[tuple[int, int], list[Distrust | Trust | None]] = defaultdict(list)
        for source in self.reads:
            for match in read_matches(doc, source):
                if match.label != VETO:
                    reasons[match.start, match.end].append(self._reason(source, match))
        text = view_of(doc).text
        return [
            Match(start, end, VETO, (), 1.0, Evidence("reviewed", text[start:end], found[0].sentence()))
            for (start, end), found in sorted(reasons.items())
            if found[0] is not None and None not in found
        ]

    def _reason(self, source: str, match: Match) -> Distrust | Trust | None:
        earned = self._earned.get((source, match.label), self._earned.get((source, "")))
        if earned is not None and not earned.counts:
            return earned
        keys = ((kind, value, match.label) for kind, value in vote_keys(source, match))
        return next((self._by_key[key] for key in keys if key in self._by_key), None)

    def to_state(self) -> dict[str, Any]:
        distrusted, trust = [*map(asdict, self.distrusted)], [*map(asdict, self.trust)]
        return {"reads": list(self.reads), "distrusted": distrusted, "trust": trust}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> DistrustedSource:
        trust = [Trust(**row) for row in state.get("trust", ())]
        rows = [Distrust(**row) for row in state["distrusted"]]
        return cls(rows, state["reads"], trust)


def terms_matcher(terms: Iterable[tuple[str, ...]]) -> GazetteerMatcher:
    """Matcher of surfaces with label and perhaps concept, each in the match mode that its letters suggest."""
    rows = [
        Term(text, label, "".join(concept), source="review", mode=guess_mode(text))
        for text, label, *concept in terms
    ]
    return GazetteerMatcher(Gazetteer.of(rows))
