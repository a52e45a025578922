"""What a learner sees of a token: the word, its shape and class, its neighbors, and what every source says.

A feature is a string, ``name=value``; a number before the name is an offset in tokens (``-1w=severe``: the
word before is "severe"). Features come in parts that recur from token to token, so that a learner can
remember the score of a part.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import ORTH
from spacy.tokens import Doc

from hybrid_ner.pipeline.encoder import TokenStates
from hybrid_ner.sources import aggregate, view_of
from hybrid_ner.text import fold as fold_anew
from hybrid_ner.words import WordVectors

fold = lru_cache(maxsize=65536)(fold_anew)
"""Folded words, kept: every word of a text is folded several times."""

Places = NDArray[np.int64]
Floats = NDArray[np.float64]
Feature = str | tuple[str, float]
"""A name alone counts once."""


class Part(tuple[Feature, ...]):
    """Features that go together: a word seen from a place, or what the rules say there.

    Equal parts of one ``TokenFeatures`` are the same object, and are remembered as such: to look at all their
    strings each time would take longer than the rest.
    """

    __slots__ = ()
    __hash__ = object.__hash__
    __eq__ = object.__eq__


class NumberPart(Part):
    """Features that are numbers, kept as an array.

    Args:
        names: Of the numbers.
        numbers: As many.
    """

    def __new__(cls, names: Sequence[str], numbers: Any) -> Self:
        """An empty tuple, whose features are made when they are asked for."""
        made = super().__new__(cls)
        made.names, made.numbers = names, numbers
        return made

    def __getnewargs__(self) -> tuple[Sequence[str], Any]:
        return self.names, self.numbers

    names: Sequence[str]
    numbers: Any

    def __iter__(self) -> Iterator[Feature]:
        return zip(self.names, self.numbers.tolist(), strict=True)


class OwnPart(NumberPart):
    """Numbers of one token alone, which it makes no sense to remember."""


class VotePart(Part):
    """Features that tell what the sources say."""

    __slots__ = ()


STATE = "e"
"""Stands for all numbers of the state of an encoder."""
_DIMENSIONS = 50
"""Numbers of a word vector that are used: more cost time and gain nothing (``benchmarks/learner.md``)."""
_SCALE = 2.5
"""Of vectors of unit length, so that their numbers weigh about a third of a feature that is there or not."""
_REACH = 2
"""Tokens to each side that a token sees."""
_NUMBERS = tuple(f"x{number}" for number in range(_DIMENSIONS))
"""Names of the numbers of a word vector."""
_LONGEST = 600
"""Tokens after which the next line or sentence begins a new stretch, so that time and memory stay bounded."""
_OFFSETS = tuple(range(-_REACH, _REACH + 1))
WORDS = "words"
"""Attribute of ``doc.spans`` with the texts of the tokens, for a document that was made from them."""


class TokenFeatures:
    """The features of every token of a document.

    Args:
        sources: Span groups of the labeling sources, in order of trust.
        words: Classes and vectors of words, from raw text.
        hidden: Folded words of which nothing is seen but that they are there: nothing can be learned of them.
        heard: Span groups of further sources: their votes are features, and no part of the rules' answer.
    """

    def __init__(
        self,
        sources: Sequence[str],
        words: WordVectors | None = None,
        hidden: Collection[str] = (),
        heard: Sequence[str] = (),
        states: TokenStates | None = None,
    ) -> None:
        self.sources, self.words, self.hidden = tuple(sources), words, frozenset(hidden)
        self.heard, self.states = tuple(heard), states
        self._state_names = tuple(f"{STATE}{n}" for n in range(states.size if states else 0))
        self._parts: dict[str, tuple[Part, ...]] = {}
        self._said: dict[tuple[str, ...], Part] = {}
        self._around: dict[tuple[str, ...], Part] = {}
        self._elsewhere: dict[tuple[tuple[str, ...], str], Part] = {}
        self._classes: dict[str, tuple[str, ...]] = {}
        self._vectors: dict[str, NumberPart] = {}

    def __call__(self, doc: Doc) -> list[list[Part]]:
        """For each token the parts of its features; equal parts recur, so that they can be remembered."""
        words = words_of(doc)
        rules = self._rules(doc, words)
        self._look_up(words)
        if self.states:
            for row, state in zip(rules, self.states(doc), strict=True):
                row.append(OwnPart(self._state_names, state))
        rows: list[list[Part]] = []
        for start, end in stretches(doc):
            inside = words[start:end]
            seen = [self._seen(word) for word in ("",) * _REACH + (*inside,) + ("",) * _REACH]
            for place, word in enumerate(inside):
                row = rules[start + place]
                row += [seen[place + n][n] for n in range(len(_OFFSETS))]
                if word in self._vectors:
                    row.append(self._vectors[word])
                rows.append(row)
        return rows

    def look_up(self, docs: Iterable[Doc]) -> None:
        """Learn the words of many documents at once, which is faster than one document at a time."""
        documents = list(docs)
        self._look_up({word for doc in documents for word in words_of(doc)})
        if self.states:
            self.states.look_up(documents)

    def _seen(self, word: str) -> tuple[Part, ...]:
        """A word as it is seen from each place around it; none stands for the end of the text."""
        if word not in self._parts:
            said = self._describe(word) if word else ("w=",)
            around = [[f"{offset}{name}" for name in said] for offset in _OFFSETS]
            if word:
                around[_REACH] += self._letters(word)
            self._parts[word] = tuple(map(Part, around))
        return self._parts[word]

    def _look_up(self, words: Iterable[str]) -> None:
        """Classes and vectors of the words not met so far, all at once."""
        new = sorted({word for word in words if word not in self._classes})
        if self.words is None or not new:
            return
        known = [word for word in new if self.words.row(word) is not None]
        found = sorted(self.words.classes_of(known).items())
        for number, word in enumerate(known):
            self._classes[word] = tuple(f"c{count}={column[number]}" for count, column in found)
        vectors = self.words.vectors(new, guess=False)[:, :_DIMENSIONS] * _SCALE
        for number, word in enumerate(new):
            self._classes.setdefault(word, ("c=?",))  # by its letters a class is rarely guessed right
            if vectors[number].any() and not self.hides(word):
                self._vectors[word] = NumberPart(_NUMBERS[: vectors.shape[1]], vectors[number].astype(float))

    def _describe(self, word: str) -> Sequence[str]:
        if self.hides(word):
            return ("h=",)
        return (f"w={fold(word) or word}", f"s={_shape(word)}", *self._classes.get(word, ()))

    def _letters(self, word: str) -> Iterator[str]:
        if not self.hides(word):
            folded = fold(word) or word
            yield from (f"p{size}={folded[:size]}" for size in (2, 3, 4, 5))
            yield from (f"s{size}={folded[-size:]}" for size in (2, 3, 4, 5))
            yield from (f"y={each}" for each in folded.split("-") if each and "-" in folded)

    def hides(self, word: str) -> bool:
        """Whether nothing is to be learned of the word."""
        return bool(self.hidden) and (fold(word) or word).rstrip(".") in self.hidden

    def _rules(self, doc: Doc, words: Sequence[str]) -> list[list[Part]]:
        answers, origins = self._answers(doc)
        padded = ["-"] * _REACH + answers + ["-"] * _REACH
        elsewhere = _elsewhere(words, answers)
        rows: list[list[Part]] = []
        for place, votes in enumerate(self._votes(doc)):
            row = [self._answered(tuple(padded[place : place + 2 * _REACH + 1]))]
            if origins[place]:
                folded = fold(words[place])
                row.append(self._one((f"as={answers[place]}|{origins[place]}",)))
                if folded.rstrip(".") not in self.hidden:
                    row.append(self._one((f"aw={answers[place]}|{folded}",)))
            if said := elsewhere[place]:
                row.append(self._told(said, answers[place]))
            row += [self._one((vote,)) for vote in votes]
            rows.append(row)
        return rows

    def _answered(self, around: tuple[str, ...]) -> Part:
        if around not in self._around:
            self._around[around] = VotePart(f"{o}a={a}" for o, a in zip(_OFFSETS, around, strict=True))
        return self._around[around]

    def _told(self, said: tuple[str, ...], answer: str) -> Part:
        known = self._elsewhere.get((said, answer))
        if known is None:
            both = f"da={'+'.join(said)}|{answer}"
            known = self._elsewhere[said, answer] = self._one((*(f"d={each}" for each in said), both))
        return known

    def _one(self, said: tuple[str, ...]) -> Part:
        if said not in self._said:
            self._said[said] = VotePart(said)
        return self._said[said]

    def _answers(self, doc: Doc) -> tuple[list[str], list[str]]:
        """What the rules together say at each token, and the source that says it."""
        answers, origins = ["O"] * len(doc), [""] * len(doc)
        votes = aggregate(doc, self.sources)
        places = view_of(doc).token_spans(vote.match for vote in votes)
        for vote, (start, end) in zip(votes, (tokens or (0, 0) for tokens in places), strict=True):
            for n in range(start, end):
                first, last = n == start, n == end - 1
                place = ("S" if last else "B") if first else ("L" if last else "I")
                answers[n] = f"{place}-{vote.match.label}"
                origins[n] = vote.source
        return answers, origins

    def _votes(self, doc: Doc) -> list[list[str]]:
        votes: list[list[str]] = [[] for _ in range(len(doc))]
        for source in (*self.sources, *self.heard):
            for span in doc.spans.get(source, ()):
                for place in range(span.start, span.end):
                    edges = f"{place == span.start:d}{place == span.end - 1:d}"
                    votes[place].append(f"v={source}|{span.label_}|{edges}")
        return votes


def _elsewhere(words: Sequence[str], answers: Sequence[str]) -> list[tuple[str, ...]]:
    """For each token what the rules label the same word elsewhere in the document; ``O``: nothing."""
    folded = [fold(word) if word[:1].isalnum() else "" for word in words]
    pairs = list(zip(folded, (answer[2:] or answer for answer in answers), strict=True))
    seen: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for (word, label), times in Counter(pairs).items():
        seen[word][label] = times
    said = {
        (word, label): tuple(sorted(other for other, n in seen[word].items() if n > (other == label)))
        if word
        else ()
        for word, label in set(pairs)
    }
    return [said[pair] for pair in pairs]


def stretches(doc: Doc) -> Iterator[tuple[int, int]]:
    """Tokens ``[start, end)`` that are read as one: up to a blank line, or in long text a line or sentence.

    Mentions run over line breaks ("HIGH COURT OF DELHI\\nAT NEW DELHI") and over what looks like the end of a
    sentence ("Hon'ble Mr. Justice"), hardly ever over a blank line.
    """
    start = 0
    for place, word in enumerate(words_of(doc)):
        lines, long = word.count("\n"), place - start >= _LONGEST
        if lines > 1 or (long and (lines or (word in (".", "!", "?") and doc[place].whitespace_))):
            yield start, place + 1
            start = place + 1
    if start < len(doc):
        yield start, len(doc)


def words_of(doc: Doc) -> list[str]:
    """The texts of the tokens, which nobody changes; to go through the tokens takes three times as long."""
    known: list[str] = getattr(doc.spans, WORDS, [])
    if len(known) == len(doc):
        return known
    strings = doc.vocab.strings
    return [strings[orth] for orth in doc.to_array(ORTH).tolist()]


def bio_tags(doc: Doc) -> list[str]:
    """``doc.ents`` as one tag a token."""
    tags = ["O"] * len(doc)
    for span in doc.ents:
        for place in range(span.start, span.end):
            tags[place] = f"{'I' if place > span.start else 'B'}-{span.label_}"
    return tags


def tagged(doc: Doc) -> Iterator[tuple[int, int, list[str]]]:
    """Stretches of a document that carries its entities, tokens ``[start, end)``, with their tags."""
    tags = bio_tags(doc)
    for start, end in stretches(doc):
        # An annotated mention may run over a blank line: its second half begins a stretch here.
        yield start, end, [tags[start].replace("I-", "B-", 1), *tags[start + 1 : end]]


class Stretch(NamedTuple):
    """A stretch of text to learn from.

    Args:
        parts: Numbers of the parts of features of its tokens, one token after the other.
        sizes: How many each token has.
        tags: One a token.
    """

    parts: Places
    sizes: Places
    tags: Sequence[str]


class Numbered:
    """Documents as a ``CrfModel`` is fitted on them, any number of times.

    Args:
        features: What is seen of a token.
    """

    def __init__(self, features: TokenFeatures) -> None:
        self.features = features
        self._places: dict[Part, int] = {}
        self._columns: dict[str, int] = {}
        self._ends, self._features, self._values = array("q", [0]), array("q"), array("d")
        self._votes: list[int] = []
        self._numeric: dict[Sequence[str], array[int]] = {}
        self._grid: Any = None

    def __call__(self, doc: Doc, rows: Sequence[Sequence[Part]] | None = None) -> list[Stretch]:
        """Stretches of a document that carries its entities, and perhaps its features if they are known."""
        rows = self.features(doc) if rows is None else rows
        parts = [part for row in rows for part in row]
        known = zip(parts, map(self._places.get, parts), strict=True)
        numbers = np.array(
            [self._place(part) if place is None else place for part, place in known], dtype=int
        )
        sizes = np.array([len(row) for row in rows], dtype=int)
        ends = np.append(0, np.cumsum(sizes))
        return [
            Stretch(numbers[ends[start] : ends[end]], sizes[start:end], tags)
            for start, end, tags in tagged(doc)
        ]

    def without_votes(self, stretches: Sequence[Stretch]) -> Iterator[Stretch]:
        """The same text without what the sources say."""
        seen = np.ones(len(self._ends) - 1, dtype=int)
        seen[self._votes] = 0
        for parts, sizes, tags in stretches:
            kept = seen[parts]
            starts = np.cumsum(sizes) - sizes
            yield Stretch(parts[kept > 0], np.add.reduceat(kept, starts), tags)

    def _place(self, part: Part) -> int:
        """Of a part that is not known so far, or of one token alone."""
        if isinstance(part, NumberPart):
            if part.names not in self._numeric:
                self._numeric[part.names] = array("q", map(self._column, part.names))
            self._features.extend(self._numeric[part.names])
            self._values.frombytes(np.asarray(part.numbers, dtype=float).tobytes())
        for each in () if isinstance(part, NumberPart) else part:
            name, value = (each, 1.0) if isinstance(each, str) else each
            self._features.append(self._column(name))
            self._values.append(value)
        self._ends.append(len(self._features))
        place = len(self._ends) - 2
        if isinstance(part, VotePart):
            self._votes.append(place)
        if not isinstance(part, OwnPart):
            self._places[part] = place
        return place

    def _column(self, name: str) -> int:
        return self._columns.setdefault(name, len(self._columns))

    def names(self, columns: Iterable[int]) -> list[str]:
        """Of the features with these numbers."""
        known = list(self._columns)
        return [known[column] for column in columns]

    def numeric(self) -> list[int]:
        """Numbers of the features that are numbers."""
        return sorted({column for columns in self._numeric.values() for column in columns})

    def grid(self, parts: Places | slice) -> Any:
        """Value of each feature (column) of these parts (rows), sparse."""
        from scipy.sparse import csr_matrix

        shape = len(self._ends) - 1, len(self._columns)
        if self._grid is None or self._grid.shape != shape:
            kept = (np.array(each) for each in (self._values, self._features, self._ends))
            self._grid = csr_matrix(tuple(kept), shape=shape)
        return self._grid[parts]

    def rows(self, weights: Mapping[str, Floats], tags: int) -> Floats:
        """Weights of every feature so far (row) for each tag; of one that has none they are 0."""
        rows = np.zeros((len(self._columns), tags))
        names = [name for name in weights if name in self._columns]
        if names:
            rows[[self._columns[name] for name in names]] = [weights[name] for name in names]
        return rows

    def scores(self, weights: Mapping[str, Floats], tags: int) -> tuple[dict[Part, int], Any]:
        """Rows of all parts so far that recur, and what each row adds to the score of each tag."""
        return dict(self._places), self.grid(slice(None)) @ self.rows(weights, tags)


class PartGrid:
    """Features (columns) of parts (rows): names are there or not, numbers stand in nearly all rows that have
    any, so that a product with a dense block is faster than with a sparse one.

    Args:
        grid: All of them, sparse.
        numeric: Which columns are numbers.
    """

    def __init__(self, grid: Any, numeric: NDArray[np.bool_]) -> None:
        from scipy.sparse import csr_matrix

        self._columns, rows = (
            np.flatnonzero(numeric),
            np.repeat(np.arange(grid.shape[0]), np.diff(grid.indptr)),
        )
        there = numeric[grid.indices]
        self._rows = np.flatnonzero(np.bincount(rows[there], minlength=grid.shape[0]))
        self._numbers: Floats = np.zeros((len(self._rows), len(self._columns)))
        places = self._rows.searchsorted(rows[there]), self._columns.searchsorted(grid.indices[there])
        self._numbers[places] = grid.data[there]
        ends = np.append(0, np.cumsum(np.bincount(rows[~there], minlength=grid.shape[0])))
        self._named = csr_matrix((grid.data[~there], grid.indices[~there], ends), shape=grid.shape)
        self._named_back = self._named.T.tocsr()

    def scores(self, weights: Floats) -> Floats:
        """Score of each part for each tag by the weights of features."""
        found = self._named @ weights
        found[self._rows] += self._numbers @ weights[self._columns]
        return np.asarray(found)

    def back(self, parts: Floats) -> Floats:
        """For each feature the sum of what its parts have."""
        found = self._named_back @ parts
        found[self._columns] += self._numbers.T @ parts[self._rows]
        return np.asarray(found)


@lru_cache(maxsize=65536)
def letter_marks(word: str) -> tuple[str, ...]:
    """The shape of a word, then its beginnings and ends and itself, as names."""
    folded = fold(word) or word
    ends = (
        f"{kind}{size}={part}"
        for size in (2, 3, 4)
        for kind, part in (("s", folded[-size:]), ("p", folded[:size]))
    )
    return (f"s={_shape(word)}", *ends, f"w={folded}")


def _shape(word: str) -> str:
    kinds = ["X" if c.isupper() else "x" if c.islower() else "d" if c.isdigit() else c for c in word]
    return "".join(c for n, c in enumerate(kinds) if kinds[max(0, n - 2) : n] != [c, c])[:8]


_KINDS = {"w": "the word is", "s": "its shape is", "c": "the class of the word is", "a": "the rules say"}
_PLACES = {0: "", 1: "right behind it ", -1: "right before it ", 2: "two behind it ", -2: "two before it "}
_EDGES = {"10": "begins here", "01": "ends here", "11": "is exactly this word", "00": "goes on here"}


def told(name: str) -> str:
    """A feature for people; several may read alike, then they say the same in finer and coarser form."""
    if "=" not in name:
        return "how the encoder reads it here" if name[0] == STATE else "words used like it in raw text"
    key, value = name.split("=", 1)
    if key == "v":
        source, label, edges = value.rsplit("|", 2)
        by = "the term lists" if source == "gazetteer" else source.replace("_", " ")
        return f"by {by} {label} {_EDGES[edges]}"
    if key in ("as", "aw"):
        key, value = "0a", value.split("|", 1)[0]
    if key in ("d", "da"):
        said = [each if each != "O" else "nothing" for each in value.split("|", 1)[0].split("+")]
        return f"elsewhere in the document the rules say {' and '.join(said)} of the word"
    if key == "y":
        return f"a part of it is {value}"
    if key[0] in "ps":
        return f"it {'begins' if key[0] == 'p' else 'ends'} with {value}"
    sign = 2 if key[0] == "-" else 1
    kind = key[sign]
    if kind == "h":
        return f"{_PLACES[int(key[:sign])]}a word of which nothing is learned"
    if kind == "a":
        value = {"O": "nothing", "-": "nothing, the document ends"}.get(value, value[2:])
    if kind == "c":
        value = f"{value} of {key[sign + 1 :]}" if key[sign + 1 :] else "unknown"
    return f"{_PLACES[int(key[:sign])]}{_KINDS[kind]} {value or 'none, the text ends'}"
