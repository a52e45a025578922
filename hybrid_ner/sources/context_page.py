"""A text read for its context triggers: tokens, segments (sentences, items, lines), and triggers.

The phrases of all lists stand in one trie, so that a text is read once.

The trigger lists of the flags, ``context_<flag>.txt``, are expanded: a phrase may hold choices,
``(is|was|) negative (for|)``, names of a row ``define``, ``{rel} has``, a number ``#``, a year ``@``, and a
bracket ``\\(``.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, compress, count
from pathlib import Path
from typing import Any, NamedTuple

from hybrid_ner.corpus.document import FLAGS
from hybrid_ner.errors import InputError
from hybrid_ner.io import shipped
from hybrid_ner.text.encodings import decoded
from hybrid_ner.text.patterns import Patterns, Remembered

__all__ = ["FLAGS"]

CLAUSE = "clause"
"""The list whose phrases end clauses of every flag."""
KINDS = ("before", "near", "after", "tail", "answer", "section", "pseudo", "stop", "verb")
_PART = re.compile(r"\\\(|\\\)|[()|]|\{\w+\}|[^\s()|{}\\]+")
_MOST = 10_000
"""Phrases that one row may stand for: more is a slip of the pen."""


class Trigger(NamedTuple):
    """A phrase of a list; a named tuple, since there are 60,000.

    Attributes:
        phrase: In lower case, single spaces.
        flag: One of ``FLAGS``, or ``CLAUSE``.
        kind: One of ``KINDS``.
        file: List it was read from.
        row: One-based row in it.
    """

    phrase: str
    flag: str
    kind: str
    file: str = ""
    row: int = 0


def read_lists(folder: str | Path) -> dict[str, str]:
    """Text of the list of every flag, and of the clauses; those that a folder lacks are empty.

    Raises:
        InputError: A folder without such a file, or with one of another name.
    """
    paths = {f"context_{flag}.txt": flag for flag in (*FLAGS, CLAUSE)}
    found = sorted(each.name for each in Path(folder).glob("context_*.txt"))
    odd = next((name for name in found if name not in paths), None) if found else "no list"
    if odd is not None:
        said = f"{odd} is none of the lists of context." if found else "no list of context is in it."
        raise InputError(said, path=Path(folder), hint=f"Call the files {', '.join(paths)}.")
    texts = dict.fromkeys(paths.values(), "")
    return texts | {paths[name]: decoded(Path(folder, name), "Save it in UTF-8.") for name in found}


def shipped_lists() -> dict[str, str]:
    """The lists that come with the package."""
    return read_lists(shipped("gazetteers", "medical", "rules"))


def read_triggers(text: str, path: Path, flag: str) -> tuple[list[Trigger], dict[str, list[str]]]:
    """Expanded triggers of a list, and the phrases it gives names to.

    Args:
        path: File that errors and evidence name.
        flag: Flag its triggers give.

    A row is ``kind<TAB>phrase``; ``#`` at its start makes it a comment.

    Raises:
        InputError: A row of another form, an unknown name, an open bracket, or far too many choices.
    """
    triggers: dict[tuple[str, str], Trigger] = {}
    names: dict[str, list[str]] = {}
    file = path.name
    for row, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        kind, _, phrase = line.partition("\t")
        name, sign, choices = phrase.partition(" = ")
        defines = kind == "define" and bool(sign)
        if not defines and (kind not in KINDS or not phrase.strip()):
            raise InputError(
                f"expected `kind<TAB>phrase` with kind one of {', '.join(KINDS)}, found {line!r}.",
                path=path,
                row=row,
                hint="Correct the row.",
            )
        try:
            expanded = _expand((choices if defines else phrase).lower(), names)
        except ValueError as error:
            raise InputError(f"{error}: {phrase!r}.", path=path, row=row, hint="Correct the row.") from error
        if defines:
            names[name] = expanded
            continue
        for each in expanded:
            triggers.setdefault((kind, each), Trigger(each, flag, kind, file, row))
    return list(triggers.values()), names


def _expand(phrase: str, names: Mapping[str, Sequence[str]]) -> list[str]:
    """Every string that a phrase with choices stands for; names in it stay."""
    parts = _PART.findall(phrase)
    found, rest = _alternatives(parts, names)
    if rest:
        raise ValueError("a bracket is closed that was never opened")
    return [text for text in dict.fromkeys(found) if text]


def _alternatives(parts: list[str], names: Mapping[str, Sequence[str]]) -> tuple[list[str], list[str]]:
    """Strings up to a closing bracket or the end, and the parts after it."""
    done: list[str] = []
    current = [""]
    while parts:
        part, parts = parts[0], parts[1:]
        if part == ")":
            return done + current, [part, *parts]
        if part == "|":
            done, current = done + current, [""]
            continue
        if part == "(":
            choices, parts = _alternatives(parts, names)
            if not parts:
                raise ValueError("a bracket is never closed")
            parts = parts[1:]
        elif part.startswith("{"):
            if part[1:-1] not in names:
                raise ValueError(f"no row defines {part}")
            choices = [part]
        else:
            choices = [part.removeprefix("\\")]
        if len(current) * len(choices) > _MOST:
            raise ValueError("the row stands for too many phrases")
        current = [f"{left} {right}".strip() for left in current for right in choices]
    return done + current, []


_RE = Patterns(__file__)


def normal_tokens(text: str) -> tuple[list[int], list[int], list[str]]:
    """Where each token of a text starts and ends, and its normal form.

    Lower case; a number but 0 is ``#``, a year ``@``, and a hyphen between two words is none of the tokens:
    "gram-negative" is read as "gram negative".
    """
    plain = text.replace("’", "'").lower()
    if len(plain) != len(text):  # "İ" has two characters in lower case
        plain = text.replace("’", "'")
    # A hyphen between words becomes white space before the text is cut.
    parts = _RE.TOKEN.split(_RE.HYPHEN.sub(" ", plain))  # gap, token, gap, …: quicker than match objects
    places = list(accumulate(map(len, parts)))
    return places[0:-1:2], places[1::2], [*map(_NORMAL.__getitem__, parts[1::2])]


def _normal(token: str) -> str:
    if token[0].isdigit():
        if token.isdigit():
            return "0" if token == "0" else "@" if _RE.YEAR.fullmatch(token) else "#"
        if token[-1] == "s" and token[:-1].isdigit():
            return "#s"
    return token


_NORMAL = Remembered(_normal)


class _State:
    """Places in the trie that the same tokens lead to: after Thompson, made when a text first needs them.

    Args:
        places: Nodes in order of preference, each with the nodes at which to go on behind the names it is in.
        found: By flag the triggers whose phrases end here.
    """

    __slots__ = ("following", "found", "places")

    def __init__(self, places: list[_Place], found: list[tuple[str, tuple[Trigger, ...]]]) -> None:
        self.places, self.found = places, found
        self.following: dict[str, _State] = {}


class TriggerTrie:
    """Looks up every list at once.

    Args:
        triggers: Expanded triggers; ``{name}`` in a phrase stands for any phrase of that name.
        names: Phrases by name.
    """

    def __init__(self, triggers: Iterable[Trigger], names: Mapping[str, Sequence[str]]) -> None:
        self._root: dict[Any, Any] = {}
        self._names: dict[str, dict[Any, Any]] = {}
        known = {"": self._root}
        for trigger in triggers:
            _node(known, trigger.phrase).setdefault(None, []).append(trigger)
        for name, phrases in names.items():
            known = {"": self._names.setdefault(f"{{{name}}}", {})}
            for phrase in phrases:
                _node(known, phrase)[None] = True
        self.first = frozenset(self._firsts(self._root))
        self._start = self._state([(self._root, ())])
        self._second = Remembered(self._behind)

    def _firsts(self, node: dict[Any, Any]) -> Iterator[str]:
        """Tokens that a phrase of a node can start with."""
        for key in node:
            if isinstance(key, str):
                yield from self._firsts(self._names[key]) if key in self._names else (key,)

    def starts(self, tokens: list[str]) -> Iterator[int]:
        """Where a phrase may start, told by two tokens: at "no evidence", not at "no one"."""
        second, behind = self._second, [*tokens[1:], ""]
        for at in compress(count(), map(self.first.__contains__, tokens)):
            more = second[tokens[at]]
            if more is None or behind[at] in more:
                yield at

    def _behind(self, first: str) -> frozenset[str] | None:
        """What may stand behind the first token of a phrase; ``None`` where it is a phrase by itself."""
        state = self._step(self._start, first)
        return None if state.found else frozenset(key for node, _ in state.places for key in node if key)

    def longest(self, tokens: list[str], at: int) -> dict[str, tuple[int, tuple[Trigger, ...]]]:
        """For each flag the longest phrase that starts with token ``at``: its end and its triggers."""
        found: dict[str, tuple[int, tuple[Trigger, ...]]] = {}
        state, place = self._start, at
        while state.places and place < len(tokens):
            state = state.following.get(tokens[place]) or self._step(state, tokens[place])
            place += 1
            for flag, triggers in state.found:
                found[flag] = place, triggers
        return found

    def _step(self, state: _State, token: str) -> _State:
        """Where a token leads to that was not met in this state before."""
        reached = [(node[token], rest) for node, rest in state.places if token in node]
        if not reached:
            return _NOWHERE
        following = state.following[token] = self._state(reached)
        return following

    def _state(self, reached: Iterable[_Place]) -> _State:
        """The state of some nodes, with those that need no further token to reach from them."""
        places: list[_Place] = []
        found: dict[str, list[Trigger]] = {}
        seen: set[tuple[int, ...]] = set()
        for node, rest in self._reached(reached):
            key = id(node), *map(id, rest)
            if key in seen:
                continue
            seen.add(key)
            places.append((node, rest))
            if not rest:
                for trigger in node.get(None, ()):
                    of_flag = found.setdefault(trigger.flag, [])
                    of_flag += [trigger] * (trigger not in of_flag)
        return _State(places, [(flag, tuple(triggers)) for flag, triggers in found.items()])

    def _reached(self, places: Iterable[_Place]) -> Iterator[_Place]:
        for node, rest in places:
            if rest and None in node:  # a name ends here
                yield from self._reached([(rest[0], rest[1:])])
            yield node, rest
            for name in node.get(_NAMED, ()):
                yield from self._reached([(self._names[name], (node[name], *rest))])


_Place = tuple[dict[Any, Any], tuple[dict[Any, Any], ...]]
_NOWHERE = _State([], [])
_NAMED = 0
"""Key of a node under which the names stand that may follow."""


def _node(known: dict[str, dict[Any, Any]], phrase: str) -> dict[Any, Any]:
    """The node of a trie that a phrase leads to; ``known`` has those of all phrases so far by their words."""
    if (node := known.get(phrase)) is None:
        before, _, part = phrase.rpartition(" ")
        node = _node(known, before)
        if part.startswith("{") and part.endswith("}") and len(part) > 2:
            names = node.setdefault(_NAMED, [])
            if part not in names:
                names.append(part)
            node = node.setdefault(part, {})
        else:
            for token in _tokens_of(part):
                node = node.setdefault(token, {})
        known[phrase] = node
    return node


@lru_cache(maxsize=10_000)  # the same few thousand words make up every phrase
def _tokens_of(part: str) -> tuple[str, ...]:
    return tuple(normal_tokens(part)[2])


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


class Scope(NamedTuple):
    """Tokens ``[start, end)`` to which a trigger gives its flag."""

    start: int
    end: int
    trigger: Trigger


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


def find_hits(tokens: list[str], trie: TriggerTrie, inside: set[int]) -> dict[str, list[Hit]]:
    """By flag, in order, the triggers in a text; on the tokens ``inside`` pseudo triggers alone."""
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
    # Of a negated and a possible phrase on the same words the longer one counts: "nothing to suggest".
    one, other = hits["negated"], hits["possible"]
    return {**hits, "negated": _without_covered(one, other), "possible": _without_covered(other, one)}


_LAST_WORDS = 40
"""Characters at the end of a line that hold the word by which it goes on."""
_SHORT_LINE = 55
"""Characters: a line that was wrapped is longer, so a capital behind a shorter one starts a sentence."""
_BOXES = frozenset("☐□☑☒■✓✔_[+-−")
"""Tokens, or ``BOX``, without one of which no line has a box or sign."""


class Page:
    """A text read for some spans: its tokens, segments (sentences, items, lines), and the triggers in it.

    A trigger that touches a span is none, unless it is pseudo.

    Attributes:
        starts: First character of each token.
        ends: One past the last character of each token.
        tokens: Normal form of each token.
        segments: First token of each segment, in order.
        mentions: First token of each span.
        mention_ends: Last token of each.
        asked: Number of each segment that a span begins or ends in.
        hits: By flag, in order, none overlapping another of its flag.
        of_kind: By kind of trigger the flag and first token of each hit.
    """

    def __init__(self, text: str, spans: Sequence[tuple[int, int]], trie: TriggerTrie) -> None:
        self.text = text
        self.starts, self.ends, self.tokens = normal_tokens(text)
        touched = [self.tokens_of(span) for span in spans]
        inside = {token for first, last in touched for token in range(first, last + 1)}
        self.hits = find_hits(self.tokens, trie, inside)
        self._hit_of = {(flag, hit.start): hit for flag, found in self.hits.items() for hit in found}
        self.of_kind: defaultdict[str, set[tuple[str, int]]] = defaultdict(set)
        for place, hit in self._hit_of.items():
            for trigger in hit.triggers:
                self.of_kind[trigger.kind].add(place)
        self._answers = {token for _, token in self.of_kind["answer"]}
        self.segments = _segments(self)
        self.mentions = frozenset(first for first, _ in touched)
        self.mention_ends = frozenset(last for _, last in touched)
        edges = self.mentions | self.mention_ends
        self.asked = frozenset(bisect_right(self.segments, token) - 1 for token in edges)

    def tokens_of(self, span: tuple[int, int]) -> tuple[int, int]:
        """First and last token that a span of characters touches."""
        return bisect_right(self.ends, span[0]), bisect_left(self.starts, span[1]) - 1

    def segment(self, token: int) -> tuple[int, int]:
        """The tokens ``[start, end)`` of the segment that a token stands in."""
        number = bisect_right(self.segments, token) - 1
        end = self.segments[number + 1] if number + 1 < len(self.segments) else len(self.tokens)
        return self.segments[number], end

    def is_asked(self, hit: Hit) -> bool:
        """Whether a span stands in the segment of a trigger: no phrase reaches over its segment."""
        first, last = (bisect_right(self.segments, at) - 1 for at in (hit.start, hit.end - 1))
        return first in self.asked or (last > first and not self.asked.isdisjoint(range(first, last + 1)))

    @property
    def has_layout(self) -> bool:
        """Whether a trigger may head a section, or there is what check boxes and signs are made of."""
        marks = not _BOXES.isdisjoint(self.tokens) or _RE.BOX.search(self.text) is not None
        return marks or bool(self.of_kind["section"])

    def gap(self, token: int) -> str:
        """What stands between a token and the one before it."""
        return self.text[self.ends[token - 1] if token else 0 : self.starts[token]]

    def hit_at(self, flag: str, token: int) -> Hit | None:
        """The hit of a flag that starts with a token."""
        return self._hit_of.get((flag, token))

    def verb_at(self, token: int) -> bool:
        """Whether a finite verb starts with a token."""
        return (CLAUSE, token) in self.of_kind["verb"]

    def stop_at(self, flag: str, token: int) -> bool:
        """Whether what ends the scopes of a flag starts with a token."""
        stops = self.of_kind["stop"]
        return (CLAUSE, token) in stops or (flag, token) in stops

    def is_answer(self, token: int) -> bool:
        """Whether a token starts an answer, of whatever flag."""
        return token in self._answers


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
    marks = _RE.END_MARK.finditer(text)  # what may end a sentence is told without looking behind every letter
    return (found.end() for found in marks if _RE.SENTENCE_END.match(text, found.start()))


def _line_breaks(text: str) -> Iterator[int]:
    """Where a new line starts a new segment: an item, a heading, or a sentence behind a short line."""
    before = ""
    for found in _RE.LINE.finditer(text):
        line = found.group()
        if found.start() and (not before.strip() or _starts_anew(before.rstrip(), line)):
            yield found.start()
        before = line


def _starts_anew(before: str, line: str) -> bool:
    goes_on = _RE.GOES_ON.search(before[-_LAST_WORDS:])
    if _RE.OPENS_ITEM.match(line) and not (goes_on and not line.lstrip()[:1].isupper()):
        return True
    first = line.lstrip()[:1]
    short = len(before) < _SHORT_LINE and not goes_on
    if short and before.isupper() and not line.isupper():
        return True
    return (first.isupper() or first.isdigit()) and (short or before.endswith((":", ".")))
