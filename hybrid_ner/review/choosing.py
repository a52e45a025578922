"""What an answer takes of the choices of a question, and what else it asks for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

from hybrid_ner.review.chat.offers import in_plain, sensible
from hybrid_ner.review.chat.reading import LEAVE, Choice, Reading, asked, decided
from hybrid_ner.review.chat.situation import Situation, numbers_said
from hybrid_ner.review.chat.words import NUMBERS, ORDINALS
from hybrid_ner.review.reply import CHOICE_LETTERS, Pending
from hybrid_ner.review.store.labels import labels_meant
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)

Understand = Callable[[str, Situation], Reading | None]


def _choice_at(pending: Pending, nth: str) -> Choice | None:
    """The choice at a place that is told by its order; ``None`` where there is none."""
    real = [each for each in pending.choices if each != LEAVE]
    word = nth.rpartition(" ")[2]
    place = ORDINALS.get(word) or NUMBERS.get(word) or int(re.sub(r"\D", "", nth) or 0)
    at = place - 1 if place > 0 else len(real) + place
    return real[at] if 0 <= at < len(real) else None


def spans_in(line: str) -> set[int]:
    """The spans that a line is about."""
    plain = re.sub(r'"[^"]*"', "", line)
    return {int(n) for n in re.findall(r"(?<![\w@-])\d+(?![\w-])", plain)}


def lettered(line: str, situation: Situation, pending: Pending, understand: Understand) -> Reading | None:
    """What an answer takes by the letters or the order of the choices, with what else it says.

    "(a)", "a please", "yes, a", "a and d", "b, and number 8 is a pesticide", "the second option, and 3 too".
    The question is asked once more where the rest cannot be followed or is about the same span; ``None`` for
    any other answer.
    """
    found = _RE.LETTERS.fullmatch(line) if "?" not in line else None
    if found is None or chosen_in_words(pending, line.strip(" .!").lower(), situation.labels):
        return None
    taken = [_choice_at(pending, nth) for nth in re.findall(rf"(?i){_RE.source('NTH')}", found["letters"])]
    for letter in re.findall(r"(?i)(?<![^\W_])[a-z](?![^\W_])", found["letters"]) if not taken else ():
        place = CHOICE_LETTERS.find(letter.lower())
        taken.append(pending.choices[place] if 0 <= place < len(pending.choices) else None)
    lines = [choice[1] for choice in taken if choice]
    more = (found["more"] or "").strip(" .!")
    if len(lines) < len(taken) or (not more and _RE.NTH.search(found["letters"].lower())):
        return None
    about = [spans_in(each) for each in lines]
    if any(a & b for a, b in combinations(about, 2)) and not sensible("; ".join(lines)):
        return _again(pending)
    if not more or _RE.ONLY_IT.fullmatch(more) or _RE.BECAUSE.fullmatch(more):
        return Reading(tuple(lines), writes=True)
    free = replace(situation, framed=0, named=0, waits=0, last=lines[-1], fresh=True, touched=0)
    return with_more(lines, understand(more, free)) or _again(pending)


def _again(pending: Pending) -> Reading:
    """The question once more, where an answer says more than can be followed."""
    told = " · ".join(name for name, _ in pending.choices)
    return Reading(answer=f"First this, one at a time: {pending.question} {told}")


def with_more(lines: list[str], rest: Reading | None) -> Reading | None:
    """What was chosen and what else is said; asked together where the rest is a question.

    "leave it" is left out before another order. ``None`` where the rest is about the same spans.
    """
    lines = [each for each in lines if each != "cancel"]
    about = set().union(*map(spans_in, lines)) if lines else set()
    if rest is None or not (rest.lines or rest.choices):
        return None
    if rest.question:
        both = ["; ".join((*lines, each)) for _, each in rest.choices if each != "cancel"]
        kept = [each for each in both if sensible(each)]
        return asked(rest.question, *((in_plain(each), each) for each in kept)) if kept else None
    if about & set().union(*map(spans_in, rest.lines)) and not sensible("; ".join((*lines, *rest.lines))):
        return None
    return Reading((*lines, *rest.lines), writes=True)


def chosen_in_words(pending: Pending, said: str, labels: tuple[str, ...]) -> str:
    """The line of the choice that an answer takes by its place and in more words; empty for anything else.

    "yes, the first option"; "the second, join"; "both, the first and the second", where one bounds a span and
    the other labels it; "all three of them".

    Args:
        said: In small letters, with single spaces and no sign at its end.
    """
    if found := _RE.PLACE.fullmatch(said):
        choice = _choice_at(pending, found["nth"])
        return choice[1] if choice else ""
    if found := _RE.PLACES.fullmatch(said):
        pair = [_choice_at(pending, nth) for nth in (found["nth"], found["then"])]
        lines = [each[1] for each in pair if each]
        both = "; ".join(sorted(lines, key=lambda line: " is " in line))
        alike = len(lines) == 2 and spans_in(lines[0]) == spans_in(lines[1])
        kinds = re.match(r'\d+ = "', both) and re.search(r"; \d+ is \S+$", both)
        return both if alike and kinds and sensible(both) else ""
    if (found := _RE.EACH.fullmatch(said)) and pending.answer:
        count = NUMBERS.get(found["count"]) or int(found["count"])
        return pending.answer if len(spans_in(pending.answer)) == count else ""
    if found := _RE.BUT_FOR.fullmatch(said):
        verb = pending.answer[:2]
        left = {*decided([pending.answer], verb)} - {int(n) for n in re.findall(r"\d+", found["but"])}
        alone = verb in ("ok", "no") and re.fullmatch(r"..(?: [\d-]+)+", pending.answer)
        return f"{verb} {numbers_said(left)}" if left and alone else ""
    if found := _RE.PLACE_MORE.fullmatch(said):
        choice = _choice_at(pending, found["nth"])
        words = set(re.findall(r"\w+", f"{choice[0]} {choice[1]}".lower())) if choice else set()
        more = re.findall(r"\w+", found["more"])
        if choice and _RE.ONLY_IT.fullmatch(found["more"].strip(" .!")):
            return choice[1]
        if choice and words.issuperset(more):
            return choice[1]
        meant = labels_meant(found["more"].strip(), labels) if choice else ()
        edge = re.fullmatch(r'(\d+) = ".*"', choice[1]) if choice else None
        return f"{edge[0]}; {edge[1]} is {meant[0]}" if edge and len(meant) == 1 else ""
    return ""


def verdict_chosen(pending: Pending, said: str, takes_yes: bool) -> str:
    """The one choice that accepts, or that rejects, for a bare verdict: "accept", "ok its fine", "reject".

    Args:
        takes_yes: Whether a yes answers the question, so that "ok" may be one.
    """
    if pending.kind != "choice":
        return ""
    accepts = _RE.OKS.fullmatch(said) or (not takes_yes and _RE.FINE.fullmatch(said))
    verb = "ok" if accepts else "no" if _RE.NOS.fullmatch(said) else ""
    lines = {line for _, line in pending.choices if verb and re.fullmatch(rf"{verb} \d[\d ,-]*", line)}
    return lines.pop() if len(lines) == 1 else ""


def dismissed(pending: Pending, said: str) -> bool:
    """Whether an answer only leaves the question: "Dear me. Leave it."; "no, just leave"."""
    return pending.kind == "choice" and _RE.DISMISSES.fullmatch(said) is not None


def half_chosen(pending: Pending, said: str) -> Reading | None:
    """The question once more where an answer names one of its choices and says more than can be followed.

    "the second, and then disease" is about the second choice, and not about the second span.
    """
    found = _RE.PLACE_MORE.fullmatch(said) or _RE.PLACES.fullmatch(said)
    if found is None or re.search(r'\d|"', said) or not _choice_at(pending, found["nth"]):
        return None
    if found.re is _RE.PLACE_MORE and re.match(r"(?:is|was|are|should|must|has|needs)\b", found["more"]):
        return None  # "the second, is wrong" is about a span
    return _again(pending)


def instead_of_all(
    line: str, situation: Situation, pending: Pending, understand: Understand
) -> Reading | None:
    """What is wanted instead of all choices: "Neither. I want it split in two"; of what was asked about."""
    found = _RE.INSTEAD.fullmatch(line)
    rest = found["rest"] if found else line
    pair = {line[3:] for _, line in pending.choices if re.fullmatch(r"(?:ok|no) \d+ \d+", line)}
    if len(pair) == 1 and _RE.JOINS.fullmatch(rest):
        return Reading((f"merge {pair.pop()}",), writes=True)
    if found is None or len(rest.split()) < 2:
        return None
    about = pending.about or situation.waits
    read = understand(rest, replace(situation, framed=about, named=about) if about else situation)
    return read if read and read.lines and not read.question else None
