"""A text read for its context triggers: tokens, segments (sentences, items, lines), and the triggers."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from hybrid_ner.sources.context_lists import CLAUSE, FLAGS, Trigger, TriggerTrie, normal_tokens

_ABBREVIATED = (
    r"(?<!\b[Dd]r)(?<!\b[MP][rt])(?<!\bMrs)(?<!\b[Mm]s)(?<!\bvs)(?<!\be\.g)(?<!\bi\.e)(?<!\bapprox)"
    r"(?<!\b[Ss]usp)(?<!\b[Pp]oss)(?<!\b[Pp]rob)"
)
_SENTENCE_END = re.compile(rf"{_ABBREVIATED}[.!](?=[\s\"')\]]|$)|(?<=[^\s(])\?(?=\s|$)")
"""Of marks; one that stands by itself, "? appendicitis", asks about what comes."""
_END_MARK = re.compile(r"[.!?]")
_LINE = re.compile(r"[^\n]*\n?")
_OPENS_ITEM = re.compile(r"\s*(?:[-*•·–+]\s|\d{1,2}[.)]\s|[\[(☐☑☒□■✓✔]|[A-Za-z][\w /&'-]{0,40}:|$)")
_GOES_ON = re.compile(
    r"(?:,|/|-|\b(?:and|or|nor|of|for|no|not|with|without|the|a|an|any|to|in|by|denies|h/o))\s*$", re.I
)


def word_set(text: str) -> frozenset[str]:
    """The words of a text between spaces."""
    return frozenset(text.split())


_ORDERS = word_set(
    "stop hold reduce discontinue take give use call return start please skip omit withhold administer "
    "resume contact seek go consider switch apply inject"
)
"""What a sheet of advice tells to do: "if fever occurs stop amoxicillin"."""
_HAPPENS = word_set(", occur occurs develop develops persist persists worsen worsens recur recurs")
_AGAINST_IT = ("prevent", "prophyla", "ppx", "px", "avoid")
_BY = word_set("with by using via he she we they i")
"""Behind what is to be prevented: "prophylaxis against thrombosis with heparin"."""
_LAST_WORDS = 40
"""Characters at the end of a line that hold the word by which it goes on."""
_SHORT_LINE = 55
"""Characters: a line that was wrapped is longer, so a capital behind a shorter one starts a sentence."""


class Hit(NamedTuple):
    """Triggers of one flag on the tokens ``[start, end)``."""

    start: int
    end: int
    flag: str
    triggers: tuple[Trigger, ...]

    def of(self, *kinds: str) -> Trigger | None:
        """The first trigger of one of these kinds."""
        for trigger in self.triggers:
            if trigger.kind in kinds:
                return trigger
        return None


@dataclass(frozen=True, slots=True)
class Scope:
    """Tokens ``[start, end)`` to which a trigger gives its flag."""

    start: int
    end: int
    trigger: Trigger


@dataclass(slots=True)
class Page:
    """Tokens of a text with its segments (sentences, items, lines) and the triggers in it.

    Args:
        text: The text.
        starts: First character of each token.
        ends: One past the last character of each token.
        tokens: Normal form of each token.
        segments: First token of each segment, in order.
        mentions: First token of each span that was asked about.
        mention_ends: Last token of each.
        hits: By flag, in order, none overlapping another of its flag.
    """

    text: str
    starts: list[int]
    ends: list[int]
    tokens: list[str]
    segments: list[int] = field(default_factory=list)
    mentions: frozenset[int] = frozenset()
    mention_ends: frozenset[int] = frozenset()
    hits: dict[str, list[Hit]] = field(default_factory=dict)
    _hit_of: dict[tuple[str, int], Hit] = field(default_factory=dict)

    def take(self, hits: dict[str, list[Hit]]) -> None:
        """Keep the hits, and where each of them starts."""
        self.hits = hits
        self._hit_of = {(flag, hit.start): hit for flag, found in hits.items() for hit in found}

    def tokens_of(self, span: tuple[int, int]) -> tuple[int, int]:
        """First and last token that a span of characters touches."""
        return bisect_right(self.ends, span[0]), bisect_left(self.starts, span[1]) - 1

    def segment(self, token: int) -> tuple[int, int]:
        """The tokens ``[start, end)`` of the segment that a token stands in."""
        number = bisect_right(self.segments, token) - 1
        end = self.segments[number + 1] if number + 1 < len(self.segments) else len(self.tokens)
        return self.segments[number], end

    def gap(self, token: int) -> str:
        """What stands between a token and the one before it."""
        return self.text[self.ends[token - 1] if token else 0 : self.starts[token]]

    def hit_at(self, flag: str, token: int) -> Hit | None:
        """The hit of a flag that starts with a token."""
        return self._hit_of.get((flag, token))

    def verb_at(self, token: int) -> bool:
        """Whether a finite verb starts with a token."""
        hit = self.hit_at(CLAUSE, token)
        return hit is not None and hit.of("verb") is not None

    def is_answer(self, token: int) -> bool:
        """Whether a token starts an answer, of whatever flag."""
        return any((hit := self.hit_at(flag, token)) and hit.of("answer") for flag in self.hits)


def read_page(text: str, spans: Sequence[tuple[int, int]], trie: TriggerTrie) -> Page:
    """Tokens, segments and triggers; one that touches a span is none, unless it is pseudo."""
    page = Page(text, *normal_tokens(text))
    inside = {
        token for span in spans for first, last in [page.tokens_of(span)] for token in range(first, last + 1)
    }
    hits = _hits(page.tokens, trie, inside)
    _settle(hits)
    page.take(hits)
    page.segments = _segments(page)
    touched = [page.tokens_of(span) for span in spans]
    page.mentions = frozenset(first for first, _ in touched)
    page.mention_ends = frozenset(last for _, last in touched)
    return page


def _settle(hits: dict[str, list[Hit]]) -> None:
    """Of a negated and a possible phrase on the same words the longer one counts: "nothing to suggest"."""
    one, other = hits["negated"], hits["possible"]
    hits["negated"], hits["possible"] = _without_covered(one, other), _without_covered(other, one)


def _without_covered(hits: list[Hit], others: list[Hit]) -> list[Hit]:
    kept, number = [], 0
    for hit in hits:
        while number < len(others) and others[number].end <= hit.start:
            number += 1
        other = others[number] if number < len(others) else None
        inside = other is not None and other.start <= hit.start and hit.end <= other.end
        opens = other is not None and other.of("before", "near", "after", "tail") is not None
        if not (inside and opens and other is not None and other.end - other.start > hit.end - hit.start):
            kept.append(hit)
    return kept


def _hits(tokens: list[str], trie: TriggerTrie, inside: set[int]) -> dict[str, list[Hit]]:
    hits: dict[str, list[Hit]] = {flag: [] for flag in (*FLAGS, CLAUSE)}
    for at in trie.starts(tokens):
        for flag, (end, triggers) in trie.longest(tokens, at).items():
            before = hits[flag][-1] if hits[flag] else None
            if before is not None and before.end > at:
                pseudo = any(t.kind == "pseudo" for t in triggers)  # "denies relief" in "pt denies relief"
                kept = before.of("pseudo", "before", "near") and not pseudo
                if end <= before.end or kept or triggers[0].kind == "stop":
                    continue
                hits[flag].pop()  # "is free" in "is free of carcinoma"
            if inside.isdisjoint(range(at, end)) or any(t.kind == "pseudo" for t in triggers):
                hits[flag].append(Hit(at, end, flag, triggers))
    return hits


def _segments(page: Page) -> list[int]:
    breaks = sorted({*_sentence_breaks(page.text), *_line_breaks(page.text)})
    firsts = {0}
    for at in breaks:
        token = bisect_left(page.starts, at)
        if token >= len(page.tokens):
            break
        asked = page.tokens[token - 1] == "?" if token else False
        if not (asked and page.is_answer(token)):
            firsts.add(token)
    return sorted(firsts)


def _sentence_breaks(text: str) -> Iterator[int]:
    marks = _END_MARK.finditer(text)  # what may end a sentence is told without looking behind every letter
    return (found.end() for found in marks if _SENTENCE_END.match(text, found.start()))


def _line_breaks(text: str) -> Iterator[int]:
    """Where a new line starts a new segment: an item, a heading, or a sentence behind a short line."""
    before = ""
    for found in _LINE.finditer(text):
        line = found.group()
        if found.start() and (not before.strip() or _starts_anew(before.rstrip(), line)):
            yield found.start()
        before = line


def _starts_anew(before: str, line: str) -> bool:
    goes_on = _GOES_ON.search(before[-_LAST_WORDS:])
    if _OPENS_ITEM.match(line) and not (goes_on and not line.lstrip()[:1].isupper()):
        return True
    first = line.lstrip()[:1]
    short = len(before) < _SHORT_LINE and not goes_on
    if short and before.isupper() and not line.isupper():
        return True
    return (first.isupper() or first.isdigit()) and (short or before.endswith((":", ".")))


def is_given(page: Page, hit: Hit, at: int) -> bool:
    """Whether what is done about it begins: the drug of "no seizures under valproate", "if rash, stop it"."""
    token, told = page.tokens[at], page.tokens[at - 1] in _HAPPENS or at - 1 in page.mention_ends
    if token in {"on", "under"} and at + 1 in page.mentions and hit.flag != "historical":
        return True
    if hit.flag != "hypothetical":
        return False
    against = any(word.startswith(_AGAINST_IT) for word in page.tokens[hit.start : hit.end])
    if against and (token in _BY or page.verb_at(at)):
        return True
    # Two mentions side by side: "to prevent stroke apixaban was started".
    return told and (token in _ORDERS or (at in page.mentions and at - 1 in page.mention_ends))


def is_recent(page: Page, start: int, end: int) -> bool:
    """Whether a history is that of the illness at hand: "gave a history of cough for three days"."""
    for at in range(start, end):
        if page.tokens[at] == "for" and {"day", "days", "hour", "hours", "week", "weeks"} & set(
            page.tokens[at + 1 : at + 5]
        ):
            return True
    return False
