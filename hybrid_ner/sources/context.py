"""Context of a mention in clinical text: negated, historical, of a relative, hypothetical, or possible.

Trigger phrases open a scope before or after them; a mention in the scope gets the flag. A scope ends with
the clause or sentence, at a stop phrase, or after ``WINDOW`` words without a comma or conjunction. A pseudo
trigger looks like a trigger and opens none. The method is that of ConText (Harkema et al. 2009,
doi:10.1016/j.jbi.2009.05.002) after NegEx (Chapman et al. 2001, doi:10.1006/jbin.2001.1029), with the page's
layout beside it: sections, check boxes, "Fever: none". The lists are data files, ``context_<flag>.txt``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from hybrid_ner.sources.context_layout import layout_scopes
from hybrid_ner.sources.context_page import (
    FLAGS,
    Hit,
    Page,
    Scope,
    Trigger,
    TriggerTrie,
    read_lists,
    read_triggers,
    shipped_lists,
)
from hybrid_ner.text.patterns import Patterns

__all__ = ["FLAGS", "Trigger", "read_lists", "shipped_lists"]

# All is counted in tokens. Scopes of one flag and direction never overlap, and no look to the side is longer
# than the clause, so that the work grows with the length of the text.


_RE = Patterns(__file__)

WINDOW = 12
"""Words that a scope reaches at most without a comma or conjunction."""
_NEAR = 7
"""Words of a noun phrase behind an adjective such as "possible"."""
_LIST = frozenset({",", "and", "or", "/", "&", "nor"})
_JOINS = frozenset({"and", "or", "nor", "&"})
_NOUN_ENDS = _RE.each("NOUN_ENDS")
_DETERMINERS = frozenset({"no", "without", "neither", "nor", "never", "w/o", "denies", "denied"})
_SINGULAR = frozenset({"is", "was", "has", "isn't", "wasn't", "remains"})
_AGAINST = frozenset({"vs", "versus", "v/s"})
_SHORT_SEGMENT = 14
"""Tokens: "pneumonia vs atelectasis" stands in a short line, a comparison of treatments in a long one."""
_PLURAL = frozenset({"are", "were", "have", "aren't", "weren't"})
_OF_ONE = _RE.each("OF_ONE")
_ASKS = _RE.each("ASKS")
_DEGREES = _RE.each("DEGREES")
_COUNTS = _RE.each("COUNTS")
_ORDERS = _RE.each("ORDERS")
_HAPPENS = _RE.each("HAPPENS")
_AGAINST_IT = ("prevent", "prophyla", "ppx", "px", "avoid")
_BY = _RE.each("BY")
_RECENT = _RE.each("RECENT")
_FINITE = frozenset({"negated", "historical"})
"""Flags whose scope to the right ends at a finite verb: "history of asthma is admitted with …"."""
_CLAUSES = frozenset({"negated", "historical", "possible", "family"})
"""Flags for which a part between commas that holds a verb is a clause of its own."""


def phrase_scopes(page: Page) -> Iterator[Scope]:
    """The scope of every trigger phrase that a span may stand in, flag by flag."""
    verbs = _Verbs(page)
    for flag in FLAGS:
        hits = [hit for hit in page.hits[flag] if not hit.of("pseudo")]
        for previous, hit, following in zip([None, *hits], hits, [*hits[1:], None], strict=False):
            if not page.is_asked(hit) or _is_in_figure(page, hit):
                continue
            found = _scopes(page, hit, previous, following, verbs)
            yield from (scope for scope in found if scope.start < scope.end)


def _is_in_figure(page: Page, hit: Hit) -> bool:
    """Whether a nought is one of the figures of a number or a scheme: "aspirin 1-0-1", "5,0 mg"."""
    if page.tokens[hit.start] != "0":
        return False
    start, end = page.starts[hit.start], page.ends[hit.end - 1]
    before, behind = page.text[max(0, start - 2) : start], page.text[end : end + 2]
    return bool(_RE.FIGURE_BEFORE.fullmatch(before) or _RE.FIGURE_BEHIND.fullmatch(behind))


def _scopes(
    page: Page, hit: Hit, previous: Hit | None, following: Hit | None, verbs: _Verbs
) -> Iterator[Scope]:
    forward, backward = hit.of("before", "near"), hit.of("after", "tail")
    word = page.tokens[hit.start]
    if forward and not _stands(page, hit, forward):
        forward = None
    if (answer := hit.of("answer")) and _answers(page, hit):
        yield Scope(_asked(page, hit, previous), hit.start, answer)
        return
    if word == "?":
        attached = hit.start > 0 and page.gap(hit.start) == ""
        forward, backward = (None, backward) if attached and _is_doubt(page, hit) else (forward, None)
        forward = None if attached else forward
    elif word in _AGAINST:
        if not _weighs(page, hit):
            return
    elif forward and backward:
        # "PE suspected." but "suspected PE"; "PE excluded on CT", where nothing else can be meant
        denied = page.tokens[hit.end - 1] in {"out", "excluded"} and hit.start - 1 in page.mention_ends
        denied = denied and not any(at in page.mentions for at in range(hit.end, page.segment(hit.start)[1]))
        forward, backward = (None, backward) if denied or _closes(page, hit.end) else (forward, None)
    if backward:
        yield Scope(_left(page, hit, backward, previous), hit.start, backward)
        if hit.flag == "historical" and (subject := _subject(page, hit)):
            yield Scope(*subject, backward)
    if forward:
        end = _right(page, hit, forward, following, verbs)
        if hit.flag != "historical" or not _is_recent(page, hit.end, end):
            yield Scope(hit.end, end, forward)


def _stands(page: Page, hit: Hit, forward: Trigger) -> bool:
    """Whether a word of many uses opens a scope: "Neg fever, neg rash", "should chest pain recur"."""
    if forward.kind == "near" and hit.flag == "negated":
        return hit.start == page.segment(hit.start)[0] or page.tokens[hit.start - 1] in {",", ":", ";", "/"}
    return forward.kind != "near" or hit.flag != "hypothetical" or hit.end in page.mentions


_DONE = _RE.each("DONE")


def _subject(page: Page, hit: Hit) -> tuple[int, int] | None:
    """What was dealt with then: "Pneumonia" in "Pneumonia was treated with ceftriaxone in 2017"."""
    first, _ = page.segment(hit.start)
    for at in range(hit.end - 1, max(first, hit.start - WINDOW), -1):
        if page.tokens[at] == ";":
            return None
        if page.tokens[at] in _DONE and page.tokens[at - 1] in {"was", "were"}:
            return first, at - 1
    return None


def _weighs(page: Page, hit: Hit) -> bool:
    """Whether "vs" stands between two explanations, not between the arms of a study."""
    first, last = page.segment(hit.start)
    return last - first <= _SHORT_SEGMENT and not any(t[0] in "#%=" for t in page.tokens[first:last])


def _is_doubt(page: Page, hit: Hit) -> bool:
    """Whether a question mark behind a word says that it is in doubt, not that somebody is asked."""
    first, _ = page.segment(hit.start)
    asked = page.tokens[first] in _ASKS
    return not asked and not (hit.end < len(page.tokens) and page.is_answer(hit.end))


def _closes(page: Page, at: int) -> bool:
    """Whether nothing more of the clause comes: "PE suspected." but "suspected PE"."""
    following = page.tokens[at + 1 : at + 2]
    if following and following[0][0] in "#0" and page.gap(at + 1) == page.gap(at) == "":
        return False  # "lactate 0.5"
    if at >= page.segment(at - 1)[1] or page.tokens[at] in {",", ";", ".", ")", "but", "and", "?", "!"}:
        return True
    return "  " in page.gap(at) or "\t" in page.gap(at)  # columns: "Rash: N   Cough: Y"


_BARE = frozenset({"no", "0", "neg", "negative"})
"""Answers without a colon: "nausea yes, vomiting no", "edema 0", "flu neg"."""
_COPULAS = _RE.each("COPULAS")


def _answers(page: Page, hit: Hit) -> bool:
    before = page.tokens[hit.start - 1] if hit.start else ""
    column = "\t" in page.gap(hit.start) or "  " in page.gap(hit.start)
    dash = before in {"-", "–", "—"} and page.gap(hit.start) != ""
    bare = page.tokens[hit.start] in _BARE and before not in _COPULAS
    scale = page.tokens[hit.start : hit.start + 2] == ["0", "/"]  # "pain 0/10 at rest"
    return scale or ((before in {":", "?", "=", "("} or dash or column or bare) and _closes(page, hit.end))


def _asked(page: Page, hit: Hit, previous: Hit | None) -> int:
    """First token of what an answer belongs to: back to the last answer, colon or start of the segment."""
    first, _ = page.segment(hit.start)
    at = hit.start - 1  # the colon, dash or question mark itself
    at -= page.tokens[at] in {":", "?", "=", "(", "-", "–", "—"}
    alone = at + 1 == hit.start and page.tokens[at + 1] in _BARE - {"no"}
    ends = {":", ";", "?", ",", "#", "."} if alone else {":", ";", "?"}  # "lungs clear, edema 0"
    while at >= first and page.tokens[at] not in ends and not page.is_answer(at):
        at -= 1
    return max(at + 1, previous.end if previous and previous.end > first else 0)


class _Verbs:
    """Tells where finite verbs stand; each comma and conjunction is asked about a few times at most."""

    def __init__(self, page: Page) -> None:
        self._tokens, self._ends = page.tokens, {*page.segments, len(page.tokens)}
        self._verb_at = page.verb_at

    def follows(self, at: int) -> bool:
        """Whether a finite verb follows a token before the next comma, conjunction or segment."""
        at += 1
        while at not in self._ends and self._tokens[at] not in {",", ";", "and"}:
            if self._verb_at(at):
                return True
            at += 1
        return False  # the verb of the next sentence is none of this one's


def _right(page: Page, hit: Hit, trigger: Trigger, following: Hit | None, verbs: _Verbs) -> int:
    """One past the last token of a scope to the right."""
    _, limit = page.segment(hit.end - 1)
    if following and following.of("before", "near"):
        limit = min(limit, following.start)
    near, words, at = trigger.kind == "near", 0, hit.end
    while at < limit and words < (_NEAR if near else WINDOW):
        token = page.tokens[at]
        if token == ":" and at == hit.end:
            at += 1
            continue
        if token == ":" or page.stop_at(hit.flag, at) or (near and token in _NOUN_ENDS):
            break
        if hit.flag in _FINITE and page.verb_at(at):
            break
        if at > hit.end and _is_given(page, hit, at):
            break
        if token in _LIST:
            if _new_clause(page, hit, at, verbs):
                break
            words = 0 if not near else words
        elif token.isalnum():
            words += 1
        at += 1
    return at


def _is_given(page: Page, hit: Hit, at: int) -> bool:
    """Whether what is done about it begins: the drug of "no seizures under valproate", "if rash, stop it"."""
    token, told = page.tokens[at], page.tokens[at - 1] in _HAPPENS or at - 1 in page.mention_ends
    if token in {"on", "under"} and at + 1 in page.mentions and hit.flag != "historical":
        return True
    if hit.flag != "hypothetical":
        return False
    against = any(word.startswith(_AGAINST_IT) for word in page.tokens[hit.start : hit.end])
    done = against and (token in _BY or page.verb_at(at))
    # Two mentions side by side: "to prevent stroke apixaban was started".
    return done or (told and (token in _ORDERS or (at in page.mentions and at - 1 in page.mention_ends)))


def _is_recent(page: Page, start: int, end: int) -> bool:
    """Whether a history is that of the illness at hand: "gave a history of cough for three days"."""
    spans = (page.tokens[at + 1 : at + 5] for at in range(start, end) if page.tokens[at] == "for")
    return any(not _RECENT.isdisjoint(words) for words in spans)


def _new_clause(page: Page, hit: Hit, at: int, verbs: _Verbs) -> bool:
    """Whether a comma or conjunction ends the list that a scope runs over."""
    token, following = page.tokens[at], page.tokens[at + 1] if at + 1 < len(page.tokens) else ""
    if token == ",":
        if following in _JOINS:
            return False
        others = (page.hit_at(flag, at + 1) for flag in FLAGS if flag != hit.flag)
        if any(other is not None and other.of("before", "near") for other in others):
            return True
        told = hit.flag == "negated" and _told_apart(page, at + 1)
        return told or (hit.flag in _CLAUSES and verbs.follows(at))
    if token == "and":
        listed = hit.flag == "negated" and page.tokens[hit.start] in _DETERMINERS
        return hit.flag in _FINITE and not listed and verbs.follows(at)
    return False


def _told_apart(page: Page, at: int) -> bool:
    """Whether a part between commas tells of a finding that is there, not one more of those denied.

    By its degree ("mild edema"), a count ("melena twice") or a doubt ("stricture not excluded").
    """
    end = min(page.segment(at - 1)[1], at + WINDOW)
    if at >= end or {"or", "nor"} & set(page.tokens[at:end]):
        return False
    if page.tokens[at] in _DEGREES:
        return True
    for place in range(at, end):
        if page.tokens[place] in {",", ";", "and"}:
            return False
        doubt = page.hit_at("possible", place)
        if page.tokens[place] in _COUNTS or (doubt and page.tokens[place] != "?" and doubt.of("after")):
            return place > at
    return False


def _left(page: Page, hit: Hit, trigger: Trigger, previous: Hit | None) -> int:
    """First token of a scope to the left."""
    first, _ = page.segment(hit.start)
    if previous and previous.end > first:
        first = previous.end
    if trigger.kind == "tail":
        at = hit.start
        ends = _NOUN_ENDS | _JOINS - ({"or"} if page.tokens[at] == "?" else set())  # "cyst or metastasis?"
        while at > first and hit.start - at < _NEAR and page.tokens[at - 1] not in ends:
            at -= 1
        return at
    plural = not _PLURAL.isdisjoint(page.tokens[hit.start : hit.end])
    single = page.tokens[hit.start] in _SINGULAR or (page.tokens[hit.end - 1] in _OF_ONE and not plural)
    joint, words, at = hit.start, 0, hit.start - 1
    while at >= first and words < WINDOW:
        token = page.tokens[at]
        if token in {";", ":"}:
            return at + 1
        if page.verb_at(at) or page.stop_at(hit.flag, at) or token in {"with", "for"}:
            # "showed a mass, and PE was excluded": what the verb governs ends at the joint.
            return joint if joint < hit.start else at + 1
        if token in {",", "and"}:
            joint = at + 1 if joint == hit.start else joint
            if single and token == ",":
                return at + 1
            words = 0
        elif token.isalnum():
            words += 1
        at -= 1
    return at + 1


class ContextRules:
    """Trigger lists, ready to use.

    Args:
        names: Phrases that ``{name}`` in a trigger stands for.
    """

    def __init__(
        self, triggers: Iterable[Trigger], names: Mapping[str, Sequence[str]] = MappingProxyType({})
    ) -> None:
        self.triggers = tuple(triggers)
        self._trie = TriggerTrie(self.triggers, names)

    @classmethod
    def from_texts(cls, texts: Mapping[str, str], folder: Path = Path()) -> ContextRules:
        """The rules of lists that were read already, by flag; errors name their files in a folder.

        Raises:
            InputError: A row that is no trigger.
        """
        triggers: list[Trigger] = []
        names: dict[str, list[str]] = {}
        for flag, text in texts.items():
            read, named = read_triggers(text, folder / f"context_{flag}.txt", flag)
            triggers += read
            names |= named
        return cls(triggers, names)

    def flags(self, text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[str, ...]]:
        """Flags of each span ``(start, end)`` in characters, sorted by name."""
        return [tuple(sorted(found)) for found in self.explain(text, spans)]

    def explain(self, text: str, spans: Sequence[tuple[int, int]]) -> list[dict[str, Trigger]]:
        """The trigger behind each flag of each span; time grows with the text's length."""
        if not spans or not self.triggers:
            return [{} for _ in spans]
        page = Page(text, spans, self._trie)
        covers: dict[str, dict[int, Trigger]] = {flag: {} for flag in FLAGS}
        layout = layout_scopes(page) if page.has_layout else ()
        for scope in (*layout, *phrase_scopes(page)):
            cover = covers[scope.trigger.flag]
            for token in range(scope.start, scope.end):
                cover.setdefault(token, scope.trigger)
        return [_flags_of(page, span, covers) for span in spans]


def _flags_of(page: Page, span: tuple[int, int], covers: dict[str, dict[int, Trigger]]) -> dict[str, Trigger]:
    first, last = page.tokens_of(span)
    found: dict[str, Trigger] = {}
    for flag, cover in covers.items():
        trigger = cover.get(first) or cover.get(last)
        if trigger is not None:
            found[flag] = trigger
    if "negated" in found and found["negated"].kind in ("after", "answer"):
        # "Workup for DVT was negative": the question was asked and is answered.
        found.pop("possible", None)
        found.pop("hypothetical", None)
    return found


@lru_cache(maxsize=2)
def _rules_of(texts: tuple[tuple[str, str], ...]) -> ContextRules:
    return ContextRules.from_texts(dict(texts))


def context_rules(texts: Mapping[str, str]) -> ContextRules:
    """The rules of some lists; those of the same lists are built once."""
    return _rules_of(tuple(texts.items()))
