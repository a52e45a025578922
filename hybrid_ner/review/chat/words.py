"""The words that natural sentences are made of: each canonical word with what else people say for it.

The lists stand in ``words.toml``, what no list can say in ``rewrites.txt``; ``tests/review/phrasings`` says
what each sentence has to do.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from rapidfuzz.distance import OSA

from hybrid_ner.sources.gazetteer import find_definitions
from hybrid_ner.text.patterns import Patterns, alternation

_LISTS: dict[str, Any] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))

NUMBERS: dict[str, int] = {word: n for n, word in enumerate(_LISTS["numbers"].split(), 1)}
ORDINALS: dict[str, int] = {word: n for n, word in enumerate(_LISTS["ordinals"].split(), 1)}
ORDINALS |= _LISTS["more_ordinals"]
CONTRACTIONS: dict[str, str] = _LISTS["contractions"]
"""A word as typed (apostrophes left out) and what it stands for."""
SPELLINGS: dict[str, str] = _LISTS["spellings"]
"""How dialects and phones spell words of the language."""
CANONICAL: dict[str, str] = _LISTS["canonical"]
"""Canonical word → what else is said for it: single words first, then phrases, each after ``|``."""
FILLERS: str = _LISTS["fillers"]
"""Words that never change what a sentence means."""
OPENERS: tuple[str, ...] = tuple(_LISTS["openers"].split(" | "))
"""What a sentence may begin with before it comes to the point."""
REQUESTS: tuple[str, ...] = tuple(_LISTS["requests"].split(" | "))
"""Ways to ask for something; what follows is what is wanted."""
POLITE: tuple[str, ...] = tuple(_LISTS["polite"].split(" | "))
"""Requests in the form of a question: the question mark is only polite."""
DOCUMENTS: str = _LISTS["documents"]
"""What people call a document; only after "next", since these words stand in documents as well."""
DOUBTS: str = _LISTS["doubts"]
"""Words of doubt: what stands beside them is asked, never done."""
ORDERS: dict[str, str] = _LISTS["orders"]
"""Order of the queue → words that ask for it."""
EVERYDAY: dict[str, dict[str, str]] = _LISTS["everyday"]
"""Kinds of things that few projects mark: nouns for them, and words of labels that may mean them."""
JUDGED: dict[str, str] = _LISTS["judged"]
"""What tells beside a word for "marked" whether that is right."""
KNOWN: str = _LISTS["known"]
"""Words that only the rules for phrases know."""
FIGURES: dict[str, Any] = _LISTS["figures"]
"""Words of figures that are dictated, with how documents write currencies, units and their prefixes."""
SAYS: dict[str, str] = _LISTS["says"]
"""What canonical words say of a span, for the second reading: yes, no, missing; ``glue`` says nothing."""


_REWRITES = Patterns(Path(__file__).with_name("rewrites.txt"), COUNTS="|".join(NUMBERS))

PATTERN_WORDS = frozenset(
    re.findall(r"[a-z]{4,}(?![a-z(?\\[])", Path(__file__).with_name("rewrites.txt").read_text("utf-8"))
)
"""Words of the rewrites, which are no slips either."""

_QUOTES = str.maketrans({**dict.fromkeys("“”„«»", '"'), **dict.fromkeys("‘’`´", "'"), "\u00a0": " "})


_QUOTED = re.compile(r'"([^"]*)"')


_THOUSANDS, _APART = re.compile(r"(?<=\d),(?=\d{3}(?!\d))"), "\N{ARABIC THOUSANDS SEPARATOR}"
"""The comma of "$10,000" parts no clauses: another sign stands for it while sentences are rewritten."""


def typed(line: str) -> str:
    """A line without what only the keyboard or the phone made of it: curly quotes, hands with a thumb up."""
    line = _THOUSANDS.sub(_APART, line.translate(_QUOTES))
    rules: list[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]] = [*_counting()]
    for pattern, said in (*rules, *_REWRITES.rules("spoken"), *_REWRITES.rules("typed")):
        if pattern.search(line):  # a template is looked at before anything is found
            plain = pattern.sub(said, line)
            # What is in quotes stays: "every morning" is no "regularly" there.
            line = plain if all(text in plain for text in _QUOTED.findall(line)) else line
    for pattern, _ in _REWRITES.rules("spelled"):
        line = pattern.sub(_in_figures, line)
    return _in_words(line.replace(_APART, ","))


def _in_words(line: str) -> str:
    """A definition written with signs in words: "HIT = heparin-induced thrombocytopenia"."""
    said = _REWRITES.DEFINES.fullmatch(line)
    if said is None:
        return line
    short, text = said["short"], f"{said['short']} ({said['long']})"
    spelled = any(each.short == short and each.start == len(short) + 2 for each in find_definitions(text))
    return f"{short} means {said['long']}{said['here'] or ''}" if spelled else line


TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60}


def _in_figures(number: re.Match[str]) -> str:
    tens = number.groupdict().get("tens") or ""
    return str(TENS.get(tens.lower(), 0) + NUMBERS[number["n"].lower()])


def _counting() -> list[tuple[re.Pattern[str], Callable[[re.Match[str]], str]]]:
    """Numbers in words behind what they count: "span four" is number 4."""

    def counted(number: re.Match[str]) -> str:
        return f"{number['what'] or 'number'} {NUMBERS[number['n'].lower()]}"

    return [(pattern, counted) for pattern, _ in _REWRITES.rules("counted")]


def compared(line: str) -> str:
    """A line without the document that it only compares with: "as in the letter, Quayle alone will do"."""
    return _REWRITES.COMPARED.sub("", line)


def without_shell(line: str) -> str:
    """A sentence without greetings, fillers and thanks around it: "Hi, umm 2 is wrong, thanks!"

    What is left has two words at least: "no thanks" is no rejection.
    """
    line = " ".join(re.sub(r"(?<=[\w\"')]) *[\r\n]+\s*", ". ", line.strip()).split())
    # "would you do that please" is asked for, without "please" it is a question
    asks = re.match(r"(?i)(?:would|could|can|will) (?:you|we|i)\b", line)
    shells = (_REWRITES.BEFORE, _REWRITES.LEAD)
    for shell in shells if asks else (_REWRITES.AFTER, _REWRITES.TAIL, *shells):
        bare = shell.sub("", line)
        line = bare if len(bare.split()) > 1 else line
    return line


def without_remarks(line: str) -> str:
    """A sentence without what its writer says around it: praise, apologies, habits, turns of speech.

    "Before I forget, 2 is wrong, we always leave these out". More than ``without_shell`` takes away, so for
    sentences that are not done as they stand. What is left has two words at least.
    """
    for shell in (_REWRITES.BEFORE_ALL, _REWRITES.AFTER_ALL):
        bare = shell.sub("", line)
        line = bare if len(bare.split()) > 1 else line
    return line


def greets(line: str) -> bool:
    """Whether a line is a greeting alone: "Good morning, I hope that you are well."."""
    return re.fullmatch(rf"(?i)(?:{_REWRITES.source('GREETS')}[ ,.!;:–-]*)+", line.strip()) is not None


NO_ADVERBS = re.compile(
    r"(?:hard|bare|scarce|rare|part|near|false|wrong|incorrect|mistak|suppos|alleg|appar|un|dis|usual"
    r"|rough|like|sure"
    r"|possib|probab|seeming|potential|presum|hypothet|theoretic|nominal|suspicious|question|doubt"
    r"|previous|former)\w*ly$"
    r"|(?:famil|suppl|appl|repl|ital|assemb|anomal|butterf|multipl|impl|compl|dai|week|month|year|ear"
    r"|friend|elder|order"
    r"|monopo|home|on)\w*ly$"
)
"""Words in "-ly" that turn a meaning, and those that are no adverbs."""

DIRECTIONS = re.compile(
    r"\b(?:(?:extend|expand|grow|enlarge|stretch|widen|lengthen|word|words|token|tokens|shorten|trim"
    r"|shrink|cut|more)"
    r" (?:\w+ ){0,3}(?:left|right)\b|(?:left|right) (?:word|words|token|side|edge|end|boundary)\b"
    r"|(?:on|to|from|at) (?:the )?(?:left|right)(?: side)?\b)"
)
"""Where "left" and "right" are directions."""


@lru_cache(maxsize=1)
def canonical_words() -> tuple[dict[str, str], dict[str, str]]:
    """Single words, and phrases, each with its canonical word; fillers have none."""
    single: dict[str, str] = {}
    phrases: dict[str, str] = {}
    for name, said in (*CANONICAL.items(), ("", FILLERS)):
        one, *more = said.split("|")
        single.update(dict.fromkeys(one.split(), name))
        phrases.update({phrase.strip(): name for phrase in more})
    return single, phrases


VOWELS = re.compile("[aeiou]")


def nearest(word: str, targets: dict[str, list[str]]) -> str:
    """The known word that a slip of the finger stands for; the word itself when none is close.

    Args:
        word: In small letters.
        targets: Known words by their first letter.
    """
    if not word.isalpha() or len(word) < (4 if VOWELS.search(word) else 3):
        return word
    if not VOWELS.search(word):
        short = [each for each in targets.get(word[0], ()) if VOWELS.sub("", each) == word]
        return min(short, key=lambda each: (len(each), each), default=word)
    most = 1 if len(word) < 7 else 2
    near: dict[str, int] = {}
    firsts = dict.fromkeys((word[0], word[1]))
    for target in (t for first in firsts for t in targets.get(first, ())):
        distance = OSA.distance(word, target, score_cutoff=most)
        if distance <= most and (target[0] == word[0] or distance == 1):
            near[target] = distance
    single = canonical_words()[0]
    # "verb" is no slip for "very", and "praty" none for "pray", which would vanish
    kept = {t: min(len(word), len(t)) > 4 or single.get(t, t) or sorted(t) == sorted(word) for t in near}
    near = {t: far for t, far in near.items() if kept[t]}
    said = ("okay", "fine", "right", "wrong", "accept", "reject")
    return min(
        near,
        key=lambda t: (near[t], t in CONTRACTIONS, *_slip(word, t), single.get(t, t) not in said, t),
        default=word,
    )


_KEYS = {
    key: (column + 0.35 * row, row)
    for row, keys in enumerate(("qwertyuiop", "asdfghjkl", "zxcvbnm"))
    for column, key in enumerate(keys)
}


def _slip(word: str, target: str) -> tuple[int, bool]:
    """How likely a slip is: letters swapped, one too many or too few, the key beside, another one.

    "laso" is "also" and not "last", "finw" is "fine" and not "find".
    """
    pairs = [(_KEYS.get(a), _KEYS.get(b)) for a, b in zip(word, target, strict=False) if a != b]
    beside = all(a and b and abs(a[0] - b[0]) <= 1 and abs(a[1] - b[1]) <= 1 for a, b in pairs)
    swapped = sorted(word) == sorted(target)
    return 0 if swapped else 1 if len(word) != len(target) else 2 if beside else 3, target[0] != word[0]


@lru_cache(maxsize=1)
def phrase_patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Phrases as patterns, the longest first, each with its canonical word."""
    _, phrases = canonical_words()
    found = []
    for name, after in (("right", ""), ("wrong", r"(?! (?:as|for|under)\b)")):  # "wrongly marked as a drug"
        each = alternation(phrase for phrase, its in _marked_so().items() if its == name)
        found.append((re.compile(rf"(?<![\w]){each}(?![\w]){after}"), name))
    for size in sorted({len(phrase.split()) for phrase in phrases}, reverse=True):
        same = {phrase: name for phrase, name in phrases.items() if len(phrase.split()) == size}
        for name in dict.fromkeys(same.values()):
            each = "|".join(re.escape(phrase) for phrase, its in same.items() if its == name)
            found.append((re.compile(rf"(?<![\w])(?:{each})(?![\w])"), name))
    return tuple(found)


@lru_cache(maxsize=1)
def _marked_so() -> dict[str, str]:
    """How a thing was marked, and what that says of it: "picked by mistake", "rightly highlighted"."""
    picked, every = JUDGED["picked"].split(), f"{JUDGED['picked']} {JUDGED['labeled']}".split()
    found = {f"{each} {how}": "wrong" for each in every for how in JUDGED["wrong"].split(" | ")}
    for verbs, hows, name in ((every, "right", "right"), (picked, "wrongly", "wrong")):
        pairs = [(each, how) for each in verbs for how in JUDGED[hows].split()]
        found |= {" ".join(each): name for one, two in pairs for each in ((one, two), (two, one))}
    return found


@lru_cache(maxsize=1)
def _starts() -> re.Pattern[str]:
    each = "|".join(re.escape(words) for words in sorted(REQUESTS, key=len, reverse=True))
    fillers = "|".join(sorted(FILLERS.split(" | ")[0].split()))
    return re.compile(
        rf"((?:^|[;,?] )(?:(?:and|but|then|so|ok|okay|yes|no) )?)(?:(?:{fillers}) )*(?:POLITE"
        rf" )?({each}) (?!not\b)(?=\S)"
    )


def _start(match: re.Match[str]) -> str:
    return match.group(1) + ("POLITE " if match.group(2) in POLITE else "")


@lru_cache(maxsize=1)
def _doubts() -> re.Pattern[str]:
    one, *more = DOUBTS.split(" | ")
    each = "|".join(re.escape(p) for p in sorted((*more, *one.split()), key=len, reverse=True))
    return re.compile(rf"\b(?:{each})\b")


def in_canonical(text: str) -> str:
    single = canonical_words()[0]
    for _ in range(3):
        text = _starts().sub(_start, text)
    text = _doubts().sub("DOUBT", text)
    text = DIRECTIONS.sub(lambda m: m.group(0).replace("right", "after").replace("left", "before"), text)
    for pattern, name in phrase_patterns():
        text = pattern.sub(name, text)
    text = " ".join(single.get(word, word) for word in text.split())
    text = re.sub(r"\s+", " ", text).strip()
    return re.sub(r"\s+", " ", _REWRITES.rewritten("canonical", text)).strip()


PHRASE = 10
"""Words of the longest text that is looked for in the document, and of the longest phrase."""


@lru_cache(maxsize=1)
def lexicon() -> tuple[dict[str, str], frozenset[str]]:
    """Single words and what they stand for, and every known word."""
    from hybrid_ner.review.chat.situation import vocabulary  # which reads its wordings with these words

    single, phrases = canonical_words()
    known = {*single, *CANONICAL, *NUMBERS, *ORDINALS, *CONTRACTIONS}
    doubts = DOUBTS.split(" | ")
    for text in (*phrases, *OPENERS, *REQUESTS, *CONTRACTIONS.values(), *doubts, *ORDERS.values()):
        known.update(text.split())
    known.update(vocabulary(), KNOWN.split())
    return single, frozenset(known)


@lru_cache(maxsize=1)
def own_words() -> tuple[frozenset[str], dict[str, list[tuple[str, ...]]]]:
    """The known words without those that only stand in phrases, and these phrases by their first word.

    "contract" may be a word of the document, and "in every contract" is still a phrase.
    """
    from hybrid_ner.review.chat.situation import vocabulary

    single, known = lexicon()
    _, phrases = canonical_words()
    others = (*OPENERS, *REQUESTS, DOUBTS, *ORDERS.values(), *CONTRACTIONS.values(), KNOWN)
    own = {*single, *CANONICAL, *NUMBERS, *ORDINALS, *CONTRACTIONS, *vocabulary()}
    own.update(" ".join(others).split())
    by_first: dict[str, list[tuple[str, ...]]] = {}
    for phrase in sorted((*phrases, *_marked_so()), key=len, reverse=True):
        words = tuple(phrase.split())
        if any(len(word) > 3 for word in {*words} - own):
            by_first.setdefault(words[0], []).append(words)
    short = {word for word in known if len(word) < 4}
    return frozenset(known & own | short), by_first


def phrase_words(found: list[re.Match[str]], at: int) -> int:
    """Tokens from here on that are a phrase of the language."""
    said = [token.group().lower().replace("'", "") for token in found[at : at + PHRASE]]
    return next((len(ws) for ws in own_words()[1].get(said[0], ()) if tuple(said[: len(ws)]) == ws), 0)


def is_known(word: str) -> bool:
    """Whether a word is one of the language of sentences, alone."""
    return word in own_words()[0]


@lru_cache(maxsize=1)
def _slip_targets() -> dict[str, list[str]]:
    """Known words of four letters and more, by their first letter."""
    targets: dict[str, list[str]] = {}
    for word in lexicon()[1]:
        if len(word) > 3 and word.isalpha():
            targets.setdefault(word[0], []).append(word)
    return targets


def corrected(word: str) -> str:
    """The known word that a slip of the finger stands for; the word itself when none is close."""
    return nearest(word, _slip_targets())


def is_english(word: str) -> bool:
    """Whether a word is no slip for one of the language: "company" is not "command"."""
    from hybrid_ner.terms.lint import english_words

    return len(word) > 3 and word in english_words()


def stemmed(word: str) -> str:
    """``removing`` and ``removed`` without their ending, when that is a known word."""
    for ending in ("ing", "ed"):
        stem = word.removesuffix(ending)
        if stem != word:
            for each in (stem, stem + "e", stem[:-1]):
                if len(each) > 2 and is_known(each):
                    return each
    return word


def sentences_of(line: str) -> list[str]:
    """A message at its full stops, but for those in the document's own words."""
    parts, start = [], 0
    for cut in re.finditer(r"(?:[.;!]+|\s[-–—])(?=\s|$)\s*|\s*:\)\s*", line):
        ahead, then = line[start : cut.start() + 1], line[cut.end() :][:1]
        short = re.search(r"(?i)\b(?:mr|mrs|ms|dr|st|v|chr(?:on)?|art|rez|sek|vit)\.$", ahead) or (
            then.islower() and ahead.lower().endswith("ltd.")
        )
        number = then.isdecimal() and re.search(r"(?i)\S.*\bn[or]\.$", ahead)
        if (short and then.isalnum()) or number or line.count('"', 0, cut.start()) % 2:
            continue
        parts.append(line[start : cut.start()])
        start = cut.end()
    return [part for part in (each.strip(" ,.;!") for each in [*parts, line[start:]]) if part]


_SENTENCES = re.compile(r"(?<!Dr)(?<!Mr)(?<!Ms)(?<!Mrs)(?<!\b[A-Z])[.!?]\s+(?=[A-Z\d])|\n+")
_LINES, _PARAGRAPHS = re.compile(r"\n+"), re.compile(r"\n\s*\n")
_CUTS = {"sent": (_SENTENCES,), "line": (_SENTENCES, _LINES), "para": (_PARAGRAPHS, _LINES)}
"""What parts a text into sentences, lines and paragraphs: "line" may be said of a sentence."""


def regions(text: str, unit: str, nth: str) -> Iterator[tuple[int, int]]:
    """Where a sentence, line or paragraph is that is told by its order; a line may be either."""
    at = ORDINALS.get(nth.lower()) or NUMBERS.get(nth.lower()) or int(re.sub(r"\D", "", nth) or 0)
    for cut in _CUTS.get(unit[:4].lower(), (*_CUTS["sent"], *_CUTS["para"])):
        ends = [
            *(each.end() for each in cut.finditer(text.rstrip())),
            len(text),
        ]
        row = list(zip([0, *ends], ends, strict=False))
        if at and -len(row) <= (n := at - 1 if at > 0 else at) < len(row):
            n, headed = n % len(row), at > 0 and "." not in text[: ends[0]].strip(" .")
            yield from row[n + headed : n + headed + 1]  # behind a heading, or "Dear Mr Okafor,"
            yield from row[n : n + headed]


def told_by(text: str, places: Sequence[tuple[int, int]], tells: str) -> list[tuple[int, int]]:
    """The one of several places behind which is told what is said of it: "the Abbott who is to draft"."""
    said = {*re.findall(r"[a-z]{4,}", tells.lower())}
    text = text.lower()
    behind = [
        len(said & {*re.findall(r"[a-z]{4,}", re.split(r"[.;]\s", text[end:])[0])}) for _, end in places
    ]
    best = max(behind)
    return [places[behind.index(best)]] if best and behind.count(best) == 1 else []


def in_sentence_of(
    text: str, places: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """The places in whose sentence others are: "in the bit about Dr Osei"."""
    gap = re.compile(r"(?<=[.;!?])\s+(?=[A-Z])|\n")
    return [p for p in places if any(not gap.search(text, min(p[0], a), max(p[1], b)) for a, b in others)]
