"""The tokenizer of every pipeline here: spaCy's English rules, split finer, with a larger cache.

spaCy keeps ``cisplatin-induced``, ``5-FU/LV`` or ``s.302/34`` whole, so that gold spans inside them have no
token boundary. Splitting at hyphens, slashes and other inner punctuation lets more gold spans align.

spaCy cuts affixes off a chunk between spaces one by one and looks through the rest of the chunk for each:
8,000 opening brackets take seven seconds. Here a long chunk is cut at its ends alone, into the same tokens.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from operator import itemgetter
from threading import RLock
from typing import Any

import spacy
from spacy.attrs import ORTH
from spacy.lang import lex_attrs
from spacy.lang.en import lex_attrs as english
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.util import compile_infix_regex, compile_prefix_regex, compile_suffix_regex
from spacy.vocab import Vocab
from srsly import msgpack_dumps, msgpack_loads

from hybrid_ner import __version__
from hybrid_ner.errors import InputError
from hybrid_ner.text.offsets import VALUE_BEHIND, TokenEdges
from hybrid_ner.text.prefilter import needs_other_than_letters, words_inside

# spaCy's attributes of a new word, told quicker: the same values, mostly by one call of C.
#
# Each word that is new to a vocabulary is asked for two dozen attributes, letter by letter in Python: two
# thirds of the time of tokenizing a text of new words. Most words are letters alone, which are no
# punctuation, no address and no sum of money.

_BRACKETS = frozenset("()[]{}<>")
_QUOTES = frozenset("\"'`«»‘’‚‛“”„‟‹›❮❯") | {"''", "``"}
_LEFT = frozenset("([{<\"'«‘‚‛“„‟‹❮") | {"``"}
_RIGHT = frozenset(")]}>\"'»’”›❯") | {"''"}
_NUMBERS = frozenset((*english._num_words, *english._ordinal_words))
_LONG = 100
"""Characters from which spaCy says no more of a shape."""


def _like_num(text: str) -> bool:
    if text.isalpha():
        return text.lower() in _NUMBERS
    found: bool = english.like_num(text)
    return found


def _shape(text: str) -> str:
    if text.isascii() and len(text) < _LONG:
        if text.isalpha():
            if text.islower():
                return "xxxx"[: len(text)]
            if text.isupper():
                return "XXXX"[: len(text)]
            if text.istitle():
                return "Xxxxx"[: len(text)]
        elif text.isdigit():
            return "dddd"[: len(text)]
    shape: str = lex_attrs.word_shape(text)
    return shape


_QUICK: dict[Any, Any] = {
    lex_attrs.lower: str.lower,
    lex_attrs.prefix: itemgetter(0),
    lex_attrs.suffix: itemgetter(slice(-3, None)),
    lex_attrs.is_alpha: str.isalpha,
    lex_attrs.is_ascii: str.isascii,
    lex_attrs.is_digit: str.isdigit,
    lex_attrs.is_lower: str.islower,
    lex_attrs.is_space: str.isspace,
    lex_attrs.is_title: str.istitle,
    lex_attrs.is_upper: str.isupper,
    lex_attrs.is_bracket: _BRACKETS.__contains__,
    lex_attrs.is_quote: _QUOTES.__contains__,
    lex_attrs.is_left_punct: _LEFT.__contains__,
    lex_attrs.is_right_punct: _RIGHT.__contains__,
    lex_attrs.is_punct: lambda text: not text.isalnum() and lex_attrs.is_punct(text),
    lex_attrs.is_currency: lambda text: not text.isalnum() and lex_attrs.is_currency(text),
    lex_attrs.like_email: lambda text: "@" in text and lex_attrs.like_email(text),
    lex_attrs.like_url: lambda text: ("." in text or ":" in text) and lex_attrs.like_url(text),
    lex_attrs.word_shape: _shape,
    english.like_num: _like_num,
}


def quicken(vocab: Vocab) -> None:
    """Put quicker functions of the same values in the place of spaCy's own; others stay."""
    getters = vocab.lex_attr_getters  # type: ignore[attr-defined]  # not in the stubs
    for attribute, getter in getters.items():
        getters[attribute] = _QUICK.get(getter, getter)


_INNER = r"[\-‐‑‒–—−/\\()\[\]{}<>,;:+=*&|~·•\"“”'’‘`@#%^_!?…­]"
_INVISIBLE = r"[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
"""Zero-width spaces, direction and byte-order marks, as copied from web pages; joiners stay in their word."""
_DIGIT_LETTER_DOT = r"(?<=[A-Za-zÀ-ɏ\)])\.(?=[A-Z0-9\(<\[“”\"])"
"""The end of a sentence that is glued to what follows: "leak.Next", "leak.</p>", "fever.[12]"."""
_ELLIPSIS = r"\.\.\.+"
_STOP = r"(?<=[A-Za-z]\.)\."
"""A full stop behind that of an abbreviation, "Acme, Inc..": two dots are no ellipsis."""
_NO_WORD = re.compile(r"[a-zäöü]\.|8-?\)")
"""Special cases of spaCy that put the end of a sentence, or a bracket, into a unit or figure: "30 mg/l.",
"500 h.", "(n = 8)". Abbreviations ("p.m.", "Dr.", "vs.") keep their full stop."""
TEXT = "_hybrid_ner_text"
"""Attribute of ``doc.spans`` that holds the text a ``Doc`` was made from."""
CACHE_SIZE = 500_000
"""Chunks that the tokenizer remembers; spaCy's default of 10,000 is slow on real corpora."""


_LOOKED = 100_000
"""Characters of text after which all special cases are cut, since most of them have come."""
LONGEST = 128
"""Characters of a chunk that spaCy's own loop still cuts in a millisecond."""
_WINDOW = 32
"""Characters at the edge of a chunk that are looked at; more when an affix (a run of dots) fills them."""
_BEHIND = 4
"""Characters that a suffix looks back at, at most: ``(?<=°[FfCcKk])``."""


_EDGES = ".,;:!?()[]'\"“”‘’"


class Cut(int):
    """A place between two tokens, as the match of an infix without characters."""

    def start(self) -> int:
        return self

    end = start


class BoundedTokenizer(Tokenizer):  # type: ignore[misc]
    """spaCy's tokenizer in time that grows with the text, whatever the text is.

    Each of its 1,300 special cases is cut when a text comes that holds it: cutting all takes longer than all
    the rest of making a pipeline, and most tokenizers are made to be saved, or for a few texts.
    """

    def __init__(self, vocab: Any, rules: Any = None, *args: Any, **kwargs: Any) -> None:
        self._lock = RLock()
        self._waiting: dict[str, Any] = {}
        super().__init__(vocab, None, *args, **kwargs)
        self._guard(rules)

    @property
    def rules(self) -> dict[str, Any]:
        """The special cases, those that are cut and those that wait."""
        with self._lock:
            return {**self._waiting, **Tokenizer.rules.__get__(self)}

    @rules.setter
    def rules(self, rules: Any) -> None:
        self._waiting = {}
        Tokenizer.rules.__set__(self, rules)

    def settle(self, text: str | None = None) -> None:
        """Cut the special cases that a text may hold, or all.

        spaCy looks for them over spaces too ("I 'm"): it leaves such places as they are, but may miss others
        for them. So white space is passed over here: what was cut for other texts changes no token.
        """
        if not self._waiting:
            return
        with self._lock:  # of several threads each finds all cases of its text
            found: Iterable[str] = self._waiting
            if text is not None and self._looked < _LOOKED:
                inside, spaced = words_inside(self._cases)
                found = {*spaced, *(case for _, case in inside.iter("".join(text.split())))}
                self._looked += len(text)
            own = Tokenizer.rules.__get__(self)  # added since
            new = {case: self._waiting.pop(case) for case in tuple(found) if case in self._waiting}
            self._load_special_cases({case: rule for case, rule in new.items() if case not in own})

    def to_bytes(self, *, exclude: Any = ()) -> Any:
        """As spaCy's, which writes those special cases alone that are cut."""
        if "exceptions" in exclude or not self._waiting:
            return super().to_bytes(exclude=exclude)
        written = msgpack_loads(super().to_bytes(exclude=[*exclude, "exceptions"]))
        behind = {name: written.pop(name) for name in ("faster_heuristics",) if name in written}
        return msgpack_dumps({**written, "exceptions": dict(sorted(self.rules.items())), **behind})

    def explain(self, text: str) -> Any:
        self.settle()
        return super().explain(text)

    def __call__(self, string: str) -> Any:
        """The tokens of a text.

        spaCy remembers how a chunk is cut until the first special case ("don't") of a text, and nothing
        behind it. So chunks that are new are cut first, those by themselves that may hold a special case.
        """
        cut = super().__call__
        string = str(string)  # a string of numpy is one of a kind of its own
        try:
            if self._waiting:
                self.settle(string)
            if not self._known.issuperset(chunks := string.split()):
                self._learn(set(chunks).difference(self._known))
            doc = cut(string)
        except UnicodeEncodeError as error:
            at = next(place for place, each in enumerate(string) if "\ud800" <= each <= "\udfff")
            said = f"the text holds half a character at {at}, which is no valid Unicode."
            raise InputError(said, hint='Leave it out: text.encode("utf-8", "replace").decode().') from error
        # ``Doc.text`` joins the tokens anew; what is kept beside the span groups is not saved.
        setattr(doc.spans, TEXT, string)
        return doc

    def _learn(self, fresh: set[str]) -> None:
        """Let spaCy remember how new chunks are cut."""
        known, special, words, cut = self._known, self._special, [], super().__call__
        for chunk in fresh:
            bare = chunk.strip(_EDGES)
            if bare.isalpha() and bare not in special:
                words.append(chunk)
            elif len(chunk) <= LONGEST:
                cut(chunk)
        cut(" ".join(words))
        if len(known) + len(fresh) > CACHE_SIZE:
            known.clear()
        known.update(fresh)

    def from_bytes(self, bytes_data: bytes, *, exclude: Any = ()) -> BoundedTokenizer:
        """As spaCy's; the patterns that are read are guarded again."""
        super().from_bytes(bytes_data, exclude=[*exclude, "exceptions"])
        self._guard({} if "exceptions" in exclude else msgpack_loads(bytes_data).get("exceptions", {}))
        return self

    def _guard(self, rules: Any) -> None:
        """Take the patterns, and let the rules wait: spaCy cuts all of them anew where a pattern changes."""
        prefix, suffix, infix = (
            re.compile(function.__self__.pattern)
            for function in (self.prefix_search, self.suffix_search, self.infix_finditer)  # type: ignore[has-type]
        )
        self._known: set[str] = set()
        self._special = frozenset(rule.strip(_EDGES) for rule in rules or ())
        chunk = _LongChunk(prefix, suffix, infix, rules)
        self.prefix_search: Any = _Short(prefix).search
        self.suffix_search: Any = _Short(suffix).search
        self.infix_finditer: Any = _Infixes(infix, chunk).finditer
        self._waiting, self._cases, self._looked = dict(rules or {}), frozenset(rules or ()), 0


def ready(nlp: Language) -> Language:
    """The pipeline with its special cases cut (50 ms), so that a long first text does not wait for them."""
    if isinstance(nlp.tokenizer, BoundedTokenizer):
        nlp.tokenizer.settle()
    return nlp


class _Short:
    """Searches for an affix of a chunk that is not long; ``pattern`` is what spaCy saves."""

    def __init__(self, compiled: re.Pattern[str]) -> None:
        self.pattern, self._search = compiled.pattern, compiled.search
        self._skips = needs_other_than_letters(compiled)

    def search(self, text: str) -> re.Match[str] | None:
        plain = self._skips and text.isascii() and text.isalpha()
        return None if plain or len(text) > LONGEST else self._search(text)


class _Infixes:
    """Finds the infixes of a chunk, of a long one all places where it is cut."""

    def __init__(self, compiled: re.Pattern[str], chunk: _LongChunk) -> None:
        self.pattern, self._finditer, self._chunk = compiled.pattern, compiled.finditer, chunk
        self._skips = needs_other_than_letters(compiled)

    def finditer(self, text: str) -> Iterable[Any]:
        if len(text) > LONGEST:
            return self._chunk.cuts(text)
        return () if self._skips and text.isascii() and text.isalpha() else self._finditer(text)


class _LongChunk:
    """The loop of spaCy's tokenizer over one chunk, which never copies or searches the whole of it."""

    def __init__(
        self, prefix: re.Pattern[str], suffix: re.Pattern[str], infix: re.Pattern[str], rules: Any
    ) -> None:
        self._prefix, self._suffix, self._infix = prefix, suffix, infix
        self._special_cases = rules or {}

    @cached_property
    def _rules(self) -> dict[str, Any]:
        """Without what affixes or infixes take apart ("don't"): spaCy's second pass puts it together."""
        affixes = self._prefix, self._suffix, self._infix
        return {k: v for k, v in self._special_cases.items() if not any(p.search(k) for p in affixes)}

    @cached_property
    def _longest_rule(self) -> int:
        return max(map(len, self._rules), default=0)

    def cuts(self, text: str) -> Iterator[Cut]:
        """Every place between two tokens."""
        start, end, before, after = 0, len(text), [0], [len(text)]
        while end > start and not self._special(text, start, end):
            left = self._prefix_length(text, start, end)
            right = self._suffix_length(text, start + left, end)
            if left and self._special(text, start + left, end):
                right = 0
            elif right and self._special(text, start, end - right):
                left = 0
            elif left + right > end - start:
                right = 0
            if not left + right:
                break
            if left:
                start += left
                before.append(start)
            if right:
                end -= right
                after.append(end)
        inner = self._inner(text, start, end) if end > start else ()
        places = dict.fromkeys((*before, *inner, *reversed(after)))
        return (Cut(place) for place in places if 0 < place < len(text))

    def _special(self, text: str, start: int, end: int) -> bool:
        return end - start <= self._longest_rule and text[start:end] in self._rules

    def _prefix_length(self, text: str, start: int, end: int) -> int:
        window = _WINDOW
        while True:
            found = self._prefix.match(text[start : min(end, start + window)])
            if found is None or found.end() < window or start + window >= end:
                return found.end() if found else 0
            window *= 2

    def _suffix_length(self, text: str, start: int, end: int) -> int:
        window = _WINDOW
        while True:
            begin = max(start, end - window)
            found = self._suffix.search(text[begin:end])
            if found is None or found.start() > _BEHIND or begin == start:
                return len(found.group()) if found else 0
            window *= 2

    def _inner(self, text: str, start: int, end: int) -> Iterator[int]:
        middle = text[start:end]
        if middle in self._rules:
            for piece in self._rules[middle]:
                start += len(piece["ORTH"] if "ORTH" in piece else piece[ORTH])
                yield start
            return
        for found in self._infix.finditer(middle):
            if found.start():
                yield start + found.start()
                yield start + found.end()


def cuts_at_spaces(tokenizer: Any) -> bool:
    """Whether a tokenizer cuts at white space first, whatever its special cases."""
    rules = tokenizer.rules or () if isinstance(tokenizer, Tokenizer) else ["no such"]
    return max(map(len, map(str.split, rules)), default=0) < 2


def token_edges(tokenizer: Tokenizer) -> TokenEdges:
    """Tells where tokens lie; of a tokenizer that ``cuts_at_spaces``."""

    def cut(chunk: str) -> frozenset[int]:
        if isinstance(tokenizer, BoundedTokenizer) and tokenizer._waiting:
            tokenizer.settle(chunk)
        # spaCy's own call: cutting new chunks first is for whole texts.
        return frozenset(token.idx for token in Tokenizer.__call__(tokenizer, chunk))

    return TokenEdges(tokenizer, cut, LONGEST, CACHE_SIZE)


@spacy.registry.tokenizers("hybrid_ner.Tokenizer.v1")
def create_tokenizer() -> Callable[[Language], Tokenizer]:
    """Registered as ``hybrid_ner.Tokenizer.v1``."""
    return _make


def name_requirement(nlp: Language) -> None:
    """Let ``spacy package`` write this package among what a pipeline needs.

    It looks for that in files ``top_level.txt``, which wheels of hatchling do not have.
    """
    needed = nlp.meta.setdefault("requirements", [])
    if not any(each.startswith("hybrid-ner") for each in needed):
        needed.append(version_range("hybrid-ner", __version__))


def version_range(package: str, version: str) -> str:
    """From this version to before the next that may break: the next minor one below 1.0."""
    major, minor = [*map(int, re.findall(r"\d+", version)[:2]), 0, 0][:2]
    return f"{package}>={version},<{major + 1 if major else f'0.{minor + 1}'}"


def _make(nlp: Language) -> Tokenizer:
    quicken(nlp.vocab)
    name_requirement(nlp)
    defaults = nlp.Defaults
    prefixes = [*(defaults.prefixes or []), _INNER, _INVISIBLE]
    suffixes = [_ELLIPSIS if each == r"\.\.+" else each for each in defaults.suffixes or []]
    suffixes += [_INNER, _INVISIBLE, r"(?<=[\w\)\]])\.", _STOP]
    infixes = [*(defaults.infixes or []), _INNER, _INVISIBLE, _DIGIT_LETTER_DOT, VALUE_BEHIND]
    tokenizer = BoundedTokenizer(
        nlp.vocab,
        rules={k: v for k, v in (defaults.tokenizer_exceptions or {}).items() if not _NO_WORD.fullmatch(k)},
        prefix_search=compile_prefix_regex(prefixes).search,
        suffix_search=compile_suffix_regex(suffixes).search,
        infix_finditer=compile_infix_regex(infixes).finditer,
        url_match=None,
    )
    tokenizer.max_cache_size = CACHE_SIZE
    return tokenizer


def blank() -> Language:
    """An empty English pipeline with this tokenizer, for texts of any length."""
    nlp = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": "hybrid_ner.Tokenizer.v1"}}})
    # spaCy's limit of 1,000,000 characters guards parsers, which are not used here.
    nlp.max_length = sys.maxsize
    return nlp
