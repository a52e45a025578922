"""Which regular expressions may run on any text: those whose backtracking stays small.

A pattern is turned into its position automaton (Glushkov), in which every way through a loop is an edge.
Two ways round a loop over the same characters, as in ``(a+)+`` or ``(a|a)*``, make the number of ways
exponential; loops in a row that can share their characters, as in ``\\w*\\w*\\w*``, make it a power of the
length. The tests are those for infinite ambiguity of Weber and Seidl, "On the degree of ambiguity of finite
automata", 1991.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

_UNROLLED = 8
"""A repeat of at most so many times is written out; more count as a loop."""
_MOST = 400
"""Positions of a pattern that is looked at; a longer one should be a list of terms."""
_MOST_STATES = 60_000
_DEGREE = 2
"""Loops in a row that can share characters, at most: each multiplies the steps by a window's length."""
_WINDOWS = {0: (2000, 2400), 1: (800, 1000), 2: (100, 300)}
"""Degree → characters in which matches start, and characters that are looked at from there."""
_SAMPLE = "aAzZ09_ \t\n.,;:-'\"()/é中٣½"
"""Representatives of what categories and negated classes hold beside the characters of the pattern."""

Node = tuple[Any, Any]


class UnsafePatternError(ValueError):
    """A pattern that could take very long, or that is too long to tell."""


@dataclass
class _Automaton:
    """Positions with the characters they take, and the number of ways from one to the next."""

    taken: list[frozenset[str]] = field(default_factory=list)
    follow: Counter[tuple[int, int]] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Part:
    """Part of a pattern: ways to match nothing (two stand for more), and where it may begin and end.

    A position is listed once for every way, so that the edges between two parts are counted.
    """

    nullable: int
    first: tuple[int, ...] = ()
    last: tuple[int, ...] = ()


class _Builder:
    def __init__(self, alphabet: Iterable[str], ignore_case: bool) -> None:
        self.made, self.ignore_case = _Automaton(), ignore_case
        self.alphabet = tuple(dict.fromkeys(alphabet))

    def sequence(self, nodes: Sequence[Node]) -> _Part:
        whole = _Part(1)
        for node in nodes:
            whole = self._then(whole, self._node(node))
        return whole

    def _then(self, left: _Part, right: _Part) -> _Part:
        self._link(left.last, right.first)
        first = (*left.first, *right.first * left.nullable)
        last = (*right.last, *left.last * right.nullable)
        return _Part(min(2, left.nullable * right.nullable), first, last)

    def _link(self, last: Iterable[int], first: Iterable[int]) -> None:
        first = tuple(first)
        self.made.follow.update((one, other) for one in last for other in first)

    def _node(self, node: Node) -> _Part:
        kind, value = node
        if kind in (op.AT, op.ASSERT, op.ASSERT_NOT):
            return _Part(1)
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            return self._repeat(*value)
        if kind is op.SUBPATTERN:
            before, added, removed = self.ignore_case, value[1], value[2]
            self.ignore_case = bool((before or added & re.IGNORECASE) and not removed & re.IGNORECASE)
            part = self.sequence(value[3])
            self.ignore_case = before
            return part
        if kind is op.ATOMIC_GROUP:
            return self.sequence(value)
        if kind is op.BRANCH:
            parts = [self.sequence(each) for each in value[1]]
            return _Part(
                min(2, sum(part.nullable for part in parts)),
                tuple(p for part in parts for p in part.first),
                tuple(p for part in parts for p in part.last),
            )
        if kind in (op.GROUPREF, op.GROUPREF_EXISTS):
            raise UnsafePatternError("refers back to a group, which cannot be bounded")
        return self._position(node)

    def _repeat(self, least: int, most: int, body: Sequence[Node]) -> _Part:
        if most <= _UNROLLED:
            # "x{1,3}" is x(?:x(?:x)?)?: as xx?x?, the second x could be left out for the third.
            whole = _Part(1)
            for number in reversed(range(most)):
                whole = self._then(self.sequence(body), whole)
                whole = _Part(min(2, whole.nullable + (number >= least)), whole.first, whole.last)
            return whole
        part = self.sequence(body)
        if part.nullable and (least > 1 or most is not op.MAXREPEAT):
            raise UnsafePatternError("repeats a part that can be empty many times, as (a?){50} does")
        self._link(part.last, part.first)
        return _Part(int(part.nullable > 0 or least == 0), part.first, part.last)

    def _position(self, node: Node) -> _Part:
        if len(self.made.taken) >= _MOST:
            raise UnsafePatternError(f"has more than {_MOST} parts; write its words as terms or as a list")
        self.made.taken.append(frozenset(c for c in self.alphabet if self._takes(node, c)))
        number = len(self.made.taken) - 1
        return _Part(0, (number,), (number,))

    def _takes(self, node: Node, char: str) -> bool:
        both = {char, char.lower(), char.upper()} if self.ignore_case else {char}
        return any(_takes(node, each) for each in both)


def _takes(node: Node, char: str) -> bool:
    kind, value = node
    if kind is op.LITERAL:
        return bool(ord(char[0]) == value)
    if kind is op.NOT_LITERAL:
        return bool(ord(char[0]) != value)
    if kind is op.RANGE:
        return bool(value[0] <= ord(char[0]) <= value[1])
    if kind is op.CATEGORY:
        name = str(value).lower()
        tests = {"digit": char.isdigit(), "space": char.isspace(), "word": char.isalnum() or char == "_"}
        return next(found != ("not" in name) for word, found in tests.items() if name.endswith(word))
    if kind is op.IN:
        negated = value[0][0] is op.NEGATE
        return bool(any(_takes(each, char) for each in value if each[0] is not op.NEGATE) != negated)
    return bool(kind is op.ANY)


def _inside(nodes: Any) -> Iterator[Node]:
    """Every node, from whatever depth."""
    for node in nodes if isinstance(nodes, (list, tuple, _parser.SubPattern)) else ():
        if isinstance(node, tuple) and len(node) == 2:
            yield node
        yield from _inside(node)


def _literals(nodes: Any) -> Iterator[str]:
    for kind, value in _inside(nodes):
        if kind is op.LITERAL or kind is op.NOT_LITERAL:
            yield chr(value)
        elif kind is op.RANGE:
            yield from map(chr, (*value, sum(value) // 2))


def degree_of(pattern: str, flags: int = 0) -> int:
    """How many loops in a row can share their characters: 0 for a pattern of bounded length.

    Raises:
        UnsafePatternError: Exponential, or more than two.
        re.error: No pattern.
    """
    parsed = _parser.parse(pattern, flags)
    flags |= parsed.state.flags
    # The insides of lookarounds run by themselves.
    looked = (list(value[1]) for kind, value in _inside(parsed) if kind is op.ASSERT or kind is op.ASSERT_NOT)
    return max(_degree(nodes, parsed, flags) for nodes in (list(parsed), *looked))


def _degree(nodes: Sequence[Node], parsed: Any, flags: int) -> int:
    builder = _Builder((*_SAMPLE, *_literals(parsed)), bool(flags & re.IGNORECASE))
    builder.sequence(nodes)
    made = builder.made
    after: defaultdict[int, list[int]] = defaultdict(list)
    for one, other in made.follow:
        after[one].append(other)
    groups = _components(range(len(made.taken)), after)
    loops = [group for group in groups if len(group) > 1 or (group[0], group[0]) in made.follow]
    for group in loops:
        _check_loop(group, made, after)
    return _longest_chain(loops, made, after)


def _check_loop(group: Sequence[int], made: _Automaton, after: Mapping[int, list[int]]) -> None:
    inside = set(group)
    several = "repeats a part that can match the same characters in several ways, as (a+)+ does"
    if any(made.follow[p, q] > 1 for p in group for q in after[p] if q in inside):
        raise UnsafePatternError(several)
    pairs: dict[tuple[int, int], list[tuple[int, int]]] = {}
    todo = [(p, p) for p in group]
    while todo:
        pair = todo.pop()
        if pair in pairs:
            continue
        if len(pairs) > _MOST_STATES:
            raise UnsafePatternError("is too complicated to be sure that it ends in time")
        pairs[pair] = [
            (q, r)
            for q in after[pair[0]]
            for r in after[pair[1]]
            if q in inside and r in inside and made.taken[q] & made.taken[r]
        ]
        todo += pairs[pair]
    for component in _components(list(pairs), pairs):
        if any(p == q for p, q in component) and any(p != q for p, q in component):
            raise UnsafePatternError(several)


def _longest_chain(loops: Sequence[Sequence[int]], made: _Automaton, after: Mapping[int, list[int]]) -> int:
    follows: defaultdict[int, list[int]] = defaultdict(list)
    for one, first in enumerate(loops):
        for two, second in enumerate(loops):
            if one != two and _share_words(first, second, made, after):
                follows[one].append(two)
    depth: dict[int, int] = {}

    def longest(number: int) -> int:
        if number not in depth:
            depth[number] = 1 + max((longest(other) for other in follows[number]), default=0)
        return depth[number]

    most = max((longest(number) for number in range(len(loops))), default=0)
    if most > _DEGREE:
        raise UnsafePatternError(
            f"has {most} open repeats in a row that can share characters, as .*.*.* does; bound them, "
            "for example {0,8}, or say what stands between"
        )
    return most


def _share_words(
    first: Sequence[int], second: Sequence[int], made: _Automaton, after: Mapping[int, list[int]]
) -> bool:
    """Whether some word leads round the first loop, from it to the second, and round the second."""
    one, two = set(first), set(second)
    if not any(made.taken[p] & made.taken[q] for p in one for q in two):
        return False
    return any(_reaches((p, p, q), (p, q, q), one, two, made, after) for p in first for q in second)


def _reaches(
    start: tuple[int, int, int],
    goal: tuple[int, int, int],
    one: set[int],
    two: set[int],
    made: _Automaton,
    after: Mapping[int, list[int]],
) -> bool:
    seen, todo = {start}, deque([start])
    while todo:
        x, y, z = todo.popleft()
        for a in after[x]:
            for b in after[y]:
                shared = made.taken[a] & made.taken[b] if a in one else frozenset()
                for c in after[z] if shared else ():
                    state = a, b, c
                    if c in two and state not in seen and shared & made.taken[c]:
                        if state == goal:
                            return True
                        seen.add(state)
                        todo.append(state)
        if len(seen) > _MOST_STATES:
            raise UnsafePatternError("is too complicated to be sure that it ends in time")
    return False


def _components(nodes: Iterable[Any], after: Mapping[Any, Sequence[Any]]) -> list[list[Any]]:
    """Strongly connected components (Tarjan), without recursion."""
    number: dict[Any, int] = {}
    low: dict[Any, int] = {}
    stack: list[Any] = []
    on_stack: set[Any] = set()
    found: list[list[Any]] = []
    for root in nodes:
        work = [(root, iter(after.get(root, ())))] if root not in number else []
        if work:
            number[root] = low[root] = len(number)
            stack.append(root)
            on_stack.add(root)
        while work:
            node, rest = work[-1]
            for other in rest:
                if other not in number:
                    number[other] = low[other] = len(number)
                    stack.append(other)
                    on_stack.add(other)
                    work.append((other, iter(after.get(other, ()))))
                    break
                if other in on_stack:
                    low[node] = min(low[node], number[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == number[node]:
                    cut = stack.index(node)
                    found.append(stack[cut:])
                    on_stack.difference_update(stack[cut:])
                    del stack[cut:]
    return found


def finditer(pattern: re.Pattern[str], degree: int, text: str) -> Iterator[re.Match[str]]:
    """Matches as ``pattern.finditer`` gives them, from windows of bounded length: linear in the text.

    A match that would reach beyond its window is shorter, or is none.
    """
    stride, reach = _WINDOWS[degree]
    at = 0
    while at < len(text):
        limit = min(at + stride, len(text))
        end = min(at + reach, len(text))
        for found in pattern.finditer(text, at, end):
            if found.start() >= limit:
                break
            if found.end() == end < len(text) and degree:
                continue  # cut off: what follows might have changed it
            yield found
            limit = max(limit, found.end())
        at = limit
