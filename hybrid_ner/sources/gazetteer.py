"""Terms of the lists, and the abbreviations of found spans that a document defines itself, as sources.

Abbreviations are found by Schwartz and Hearst's algorithm ("A Simple Algorithm for Identifying Abbreviation
Definitions in Biomedical Text", PSB 2003). A definition is ``long form (short form)`` or the other way round;
the characters of the short form must occur in the long form in order, the first one at the start of a word.
The short form then takes the label of the long form, everywhere in the document; where the long form is no
entity, the short form is voted down.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain
from typing import Any, ClassVar

from spacy.tokens import Doc

from hybrid_ner.matching import (
    Compiled,
    CompiledGazetteer,
    Evidence,
    Fuzzy,
    FuzzyMode,
    GazetteerMatcher,
    Match,
)
from hybrid_ner.sources import VETO, decided
from hybrid_ner.terms import Gazetteer
from hybrid_ner.terms.lint import english_words
from hybrid_ner.terms.variants import begins_little, is_verb, name_behind, with_own_variants
from hybrid_ner.text import brief
from hybrid_ner.text.patterns import Patterns
from hybrid_ner.words import SHIPPED, load_words

_DIGITS, _MARKS = frozenset("0123456789"), frozenset(".)")
_LAST_NUMBER = re.compile(r"\s+([1-9]\d?)\Z")  # Psoriasis 2
_ITEM = 400
"""Characters in which the items before and behind are looked for."""
_RATE = "eGFR"
"""The estimated filtration rate, which has all letters of a gene in another case: "eGFR 62 ml/min"."""


class GazetteerSource:
    """Votes for every term of a gazetteer that the text holds as whole words.

    Args:
        fuzzy: Whether near matches are looked for, and whether they vote or are only suggested.
        variants: Whether to look for other forms of the terms that no shipped list has, too.
    """

    reads_view: ClassVar[bool] = True
    reads_texts: ClassVar[bool] = True

    def __init__(
        self,
        gazetteer: Gazetteer,
        name: str = "gazetteer",
        fuzzy: Fuzzy | FuzzyMode = "off",
        variants: bool = False,
    ) -> None:
        self.gazetteer, self.name, self.variants = gazetteer, name, variants
        self.fuzzy = Fuzzy.of(fuzzy)

    @cached_property
    def matcher(self) -> GazetteerMatcher:
        """Built when it is first asked for, since a domain's source may be given other settings first."""
        return self.matcher_of()

    def matcher_of(self, *, every_label: bool = False) -> GazetteerMatcher:
        """A matcher with this source's settings; ``every_label`` keeps all labels of an ambiguous string."""
        words = known_words() if self.fuzzy.is_on else None
        terms = self.gazetteer
        if isinstance(terms, CompiledGazetteer) and not terms.serves(variants=self.variants):
            terms = Gazetteer(terms.terms, terms.parents, terms.name)  # compiled for another setting
        if self.variants and not isinstance(terms, CompiledGazetteer):
            terms = with_own_variants(terms)
        return GazetteerMatcher(terms, every_label=every_label, fuzzy=self.fuzzy, common_words=words)

    def compiled(self) -> Compiled:
        return self.matcher.compiled(self.gazetteer if self.variants else None)

    def __repr__(self) -> str:
        return f"GazetteerSource({self.gazetteer!r}, name={self.name!r})"

    def __call__(self, doc: Doc) -> list[Match]:
        """The longest matches, and the near matches that vote."""
        return self.in_place(doc.text, self.matcher.match(doc.text))

    def read(self, texts: Sequence[str]) -> Iterator[tuple[list[Match], list[Match]]]:
        """For each text the matches that vote, and the near matches that are only suggested."""
        for text, (found, near) in zip(texts, self.matcher.match_apart(texts), strict=True):
            yield self.in_place(text, found), near

    def in_place(self, text: str, found: list[Match]) -> list[Match]:
        """Matches as they stand in the text: no verbs, and no name that takes in the mark of a list's item.

        Without variants of a term that are verbs ("Borrower warrants that"); "Psoriasis" of "1. Psoriasis
        2. Gout", where there is a term "Psoriasis 2", too. Nor is an "eGFR" a gene, and "no aspirin" the
        compound NO-aspirin.
        """
        if _RATE in text:
            found = [
                m for m in found if text[m[0] : m[1]] != _RATE or m[5] is None or _RATE in m[5].reference
            ]
        if any(text[m[1] - 1] in _DIGITS and text[m[1] : m[1] + 1] in _MARKS for m in found):
            found = [self._without_mark(text, m) for m in found]
        if any(begins_little(text, m[0]) for m in found):
            found = [kept for m in found if (kept := self._without_word(text, m))]
        if not self.variants:
            return found
        verbs = {m[:2] for m in found if _is_made(m[5]) and is_verb(text, m[0], m[1])}
        return [m for m in found if m[:2] not in verbs] if verbs else found

    def _without_mark(self, text: str, match: Match) -> Match:
        """The shorter name of a match whose number begins the next item of a list that is being counted."""
        number = _LAST_NUMBER.search(text, match.start, match.end)
        mark = text[match.end : match.end + 1]
        if number is None or mark not in _MARKS or not text[match.end + 1 : match.end + 2].isspace():
            return match
        line = text[max(0, match.start - _ITEM) : match.start].rpartition("\n")[2]
        behind = text[match.end : match.end + _ITEM]
        own = int(number[1])
        if not re.search(rf"(?<![\w.]){own - 1}\{mark}\s", line) or re.search(rf"\s{own}\{mark}\s", behind):
            return match
        shorter = self.matcher.lookup(text[match.start : number.start()])
        if shorter is None or shorter.label != match.label:
            return match
        return shorter._replace(start=match.start, end=number.start())

    def _without_word(self, text: str, match: Match) -> Match | None:
        """The name behind a little word that has the letters of a symbol; nothing where there is none."""
        listed = match.evidence.reference if match.evidence else ""
        if not (start := name_behind(text, match.start, match.end, listed)):
            return match
        name = self.matcher.lookup(text[start : match.end])
        return name and name._replace(start=start, end=match.end)

    def to_state(self) -> dict[str, Any]:
        fuzzy = {"fuzzy": self.fuzzy.as_dict()} if self.fuzzy.is_on else {}
        return {"name": self.name, **fuzzy, **({"variants": True} if self.variants else {})}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], gazetteer: Gazetteer | None) -> GazetteerSource:
        fuzzy = Fuzzy.restore(state.get("fuzzy", {}))
        source = cls(gazetteer or Gazetteer(), str(state["name"]), fuzzy, bool(state.get("variants")))
        _ = source.matcher  # now, not with the first text
        return source


def compiled_terms(gazetteer: Gazetteer, sources: Iterable[Any]) -> Compiled:
    """The terms that sources share, as a saved pipeline keeps them."""
    for source in sources:
        if isinstance(source, GazetteerSource) and source.gazetteer is gazetteer:
            return source.compiled()
    return GazetteerMatcher(gazetteer).compiled()


def _is_made(why: Evidence | None) -> bool:
    """Whether it is another form of its term, or "tenants act" for the "Tenants Act"."""
    act = why is not None and why.reference.endswith("s Act") and why.surface.islower()
    return act or (why is not None and why.method == "variant")


@cache
def known_words() -> frozenset[str]:
    """What is no misspelling: English words, and those that the shipped medical and legal texts keep using.

    A dictionary lacks the words of a trade ("nociception", "microg", "ANOVA"), and one edit away from each of
    them some term is easily found: on clean abstracts that was most of what near matches got wrong.
    """
    used = (word for name in SHIPPED for word in load_words(name).words if word.isascii() and word.isalpha())
    return english_words() | frozenset(used)


_RE = Patterns(__file__)
_MAX_SHORT = 12
_REACH = 600
"""Characters before a parenthesis in which its long form may start."""
_FEW = 40
"""Short forms whose beginnings are found sooner one by one than by looking at every word."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A short form and where its long form stands: characters ``[start, end)``."""

    short: str
    short_start: int
    start: int
    end: int


def find_definitions(text: str) -> list[Definition]:
    """The abbreviations a text defines, in order; the first definition of a short form stands."""
    found: dict[str, Definition] = {}
    for definition in _definitions(text):
        found.setdefault(definition.short, definition)
    return list(found.values())


def _definitions(text: str) -> Iterator[Definition]:
    for bracket in _RE.PARENTHESIS.finditer(text):
        group = 1 if bracket.group(1) is not None else 2
        inside, offset = bracket.group(group), bracket.start(group)
        short = inside if inside.isalnum() else _introduced(inside)
        if _is_short_form(short) and (places := _long_form(text, bracket.start(), short)):
            yield Definition(short, offset + inside.index(short), *places)
            continue
        if " " in inside and (definition := _reversed(text, bracket.start(), inside, offset)):
            yield definition


def _introduced(inside: str) -> str:
    """The short form that a bracket begins with, without the words before it and the quotes around it."""
    begin = _RE.INTRODUCED.match(inside)
    rest = inside[begin.end() :] if begin else inside
    if quoted := _RE.IN_QUOTES.match(rest):
        return quoted[1]
    short = _RE.SPLIT.split(rest, maxsplit=1)[0].strip()
    return short if sum(map(str.isupper, short)) > 1 else _RE.SPLIT.split(inside, maxsplit=1)[0].strip()


def _reversed(text: str, opening: int, inside: str, offset: int) -> Definition | None:
    """``short (long form)``: the word before the parenthesis is the short form."""
    before = _RE.LAST_WORD.search(text[max(0, opening - _MAX_SHORT - 1) : opening])
    short = before.group().strip() if before else ""
    if not (_is_short_form(short) and short != short.lower() and " " in inside.strip()):
        return None
    at = _best_start(inside, short)
    if at is None or len(inside) - at <= len(short):
        return None
    return Definition(short, text.rindex(short, 0, opening), offset + at, offset + len(inside.rstrip()))


def _is_short_form(short: str) -> bool:
    fits = 2 <= len(short) <= _MAX_SHORT and short.count(" ") < 2 and "/" not in short
    return fits and short[0].isalnum() and any(map(str.isalpha, short)) and not short.endswith(".")


def _long_form(text: str, opening: int, short: str) -> tuple[int, int] | None:
    """Where the long form before ``opening`` starts and ends, if those words spell out the short form."""
    words = min(len(short) + 5, len(short) * 2)
    begin = max(0, opening - _REACH)
    left = text[begin:opening].rstrip()
    piece = left[max(left.rfind(mark) + 1 for mark in (". ", "; ", "(", ")", ": ")) :]
    parts = piece.rsplit(None, words)
    candidate = piece[len(parts[0]) if len(parts) > words else 0 :].lstrip()
    at = _best_start(candidate, short)
    if at is None or len(candidate) - at <= len(short) or short in candidate[at:].split():
        return None
    end = begin + len(left)
    return end - len(candidate) + at, end


def _best_start(long: str, short: str) -> int | None:
    """Match the short form from its end; the first character must begin a word."""
    lower = long.lower()
    if len(lower) != len(long):  # "İ" has two characters in lower case
        lower = "".join(char.lower()[:1] for char in long)
    position = len(long)
    for number in range(len(short) - 1, -1, -1):
        wanted = short[number].lower()
        if not wanted.isalnum():
            continue
        position = lower.rfind(wanted, 0, position)
        while number == 0 and position > 0 and long[position - 1].isalnum():
            position = lower.rfind(wanted, 0, position)
        if position < 0:
            return None
    start = long.rfind(" ", 0, position) + 1
    return max(start, long.rfind("/", 0, position) + 1) if short[0].isalpha() else start


@dataclass(frozen=True, slots=True)
class AbbreviationSource:
    """Spreads the label of a defined abbreviation over its document.

    Args:
        reads: Names of earlier sources, in order of trust, whose spans decide on a long form.
        veto: Whether a short form whose long form is no entity is voted down.
    """

    reads: tuple[str, ...]
    name: str = "abbreviations"
    veto: bool = True
    reads_view: ClassVar[bool] = True

    __repr__ = brief

    def __call__(self, doc: Doc) -> list[Match]:
        """Votes for and against every occurrence of every defined short form."""
        text = doc.text
        if "(" not in text and "[" not in text:
            return []
        spans = _Decided(decided(doc, self.reads)[1])
        known = {d.short: (spans.naming(text, d), text[d.start : d.end]) for d in find_definitions(text)}
        for short, named in spans.before_brackets(text):
            if known.get(short, (None, ""))[0] is None:
                known[short] = named, text[named.start : named.end]
        places = _occurrences(text, known)
        votes = (self._votes(places[short], short, long, match) for short, (match, long) in known.items())
        return [*chain.from_iterable(votes)]

    def _votes(
        self, places: Iterable[tuple[int, int]], short: str, long_form: str, known: Match | None
    ) -> Iterator[Match]:
        evidence = Evidence("abbreviation", short, long_form)
        against = known is not None or (self.veto and sum(map(str.isupper, short)) > 1)
        for start, end in places:
            if against:
                yield Match(start, end, VETO, (), 1.0, evidence)
            if known is not None:
                yield Match(start, end, known.label, known.concept_ids, 1.0, evidence)


class _Decided:
    """Spans of a document in order that do not overlap, to be found by where they begin and end."""

    def __init__(self, spans: Sequence[Match]) -> None:
        self._spans = spans
        self._starts = [span[0] for span in spans]
        self._by_end = {span[1]: span for span in spans}

    def naming(self, text: str, definition: Definition) -> Match | None:
        """The span that names the long form.

        It ends where the long form ends, or before a word like "gene" there, and covers at least half of
        it or begins with the same letter; or it goes on after the short form ("von Hippel-Lindau (VHL)
        disease").
        """
        end = definition.end
        tail = _RE.TAIL.search(text, definition.start, end)
        ends = {end, tail.start()} if tail else {end}
        for match in self._near(definition.start, ends):
            beyond = definition.short_start + len(definition.short) if definition.short_start >= end else end
            if match.start <= definition.start and match.end > beyond:
                if _RE.GOES_ON.search(text, definition.short_start, match.end):
                    return match
            elif match.end in ends and _names(text, definition, match):
                return match
        return None

    def before_brackets(self, text: str) -> Iterator[tuple[str, Match]]:
        """Short forms in brackets right after a span that share its initials in any order ("(DM)")."""
        for bracket in _RE.BRACKET.finditer(text):
            at = bracket.start()
            if not (match := self._by_end.get(at - text[at - 1 : at].isspace())):
                continue
            initials = [word[0].upper() for word in re.findall(r"[^\W_]+", text[match.start : match.end])]
            for short in re.split(r"\s*/\s*|,\s*|\s+(?:or|and)\s+", bracket.group(1)):
                if sum(map(str.isupper, short)) > 1 and _is_short_form(short):
                    common = Counter(c for c in short if c.isupper()) & Counter(initials)
                    # "WASP" is the protein of the disease "Wiskott-Aldrich syndrome".
                    product = short.endswith("P") and "P" not in initials
                    if common.total() >= max(2, len(short) - 1) and not product:
                        yield short, match

    def _near(self, start: int, ends: Iterable[int]) -> list[Match]:
        """The last span that begins at or before ``start`` and those that end at ``ends``, in order."""
        before = bisect_right(self._starts, start)
        found = {self._spans[before - 1].start: self._spans[before - 1]} if before else {}
        found |= {span.start: span for end in ends if (span := self._by_end.get(end))}
        return [found[key] for key in sorted(found)]


def _names(text: str, definition: Definition, match: Match) -> bool:
    if match.start < definition.start:
        return False
    shared = match.end - match.start
    if shared * 2 >= definition.end - definition.start:
        return True
    long_form = text[definition.start : definition.end]
    return "-" in long_form or text[match.start].lower() == definition.short[0].lower()


def _occurrences(text: str, shorts: Collection[str]) -> dict[str, list[tuple[int, int]]]:
    """Where each short form stands as a word, also with the s of a plural; the text is read once for all.

    Short forms are looked up by the letters and digits they begin with: a search for each of them would
    read a long text as often as it defines abbreviations.
    """
    found: dict[str, list[tuple[int, int]]] = {short: [] for short in shorts}
    if not found:
        return found
    by_beginning: dict[str, list[str]] = {}
    for short in shorts:
        begin = _RE.WORD.match(short)
        assert begin is not None, "short forms begin with a letter or digit"
        by_beginning.setdefault(begin.group(), []).append(short)
    for short, start in _candidates(text, by_beginning):
        end = _end_of(text, short, start)
        if end and (not found[short] or found[short][-1][1] <= start):
            found[short].append((start, end))
    return found


def _end_of(text: str, short: str, start: int) -> int:
    """Where a short form that begins here ends as a word, with the s of a plural; 0 where it is another."""
    end = start + len(short)
    if not text.startswith(short, start):
        return 0
    end += text.startswith("s", end)
    following = text[end : end + 1]
    return 0 if following.isalnum() or following == "_" else end


def _candidates(text: str, by_beginning: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, int]]:
    """Short forms and starts of words that they may be, for each short form in order of the text."""
    if len(by_beginning) <= _FEW:
        for beginning, shorts in by_beginning.items():
            for word in _words(text, beginning):
                yield from ((short, word.start()) for short in shorts)
        return
    for word in _RE.WORD.finditer(text):
        letters = word.group()
        for beginning in (letters, letters[:-1]) if letters[-1] == "s" else (letters,):
            yield from ((short, word.start()) for short in by_beginning.get(beginning, ()))


def _words(text: str, beginning: str) -> Iterator[re.Match[str]]:
    """The words that are these letters and digits, or these with an s."""
    at = text.find(beginning)
    while at >= 0:
        word = _RE.WORD.match(text, at)
        inside = at > 0 and _RE.WORD.match(text, at - 1)
        if word and not inside and len(word.group()) - len(beginning) <= word.group().endswith("s"):
            yield word
        at = text.find(beginning, at + len(beginning))
