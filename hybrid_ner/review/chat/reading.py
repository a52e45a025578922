"""From the things that a clause names to lines: what cannot be said in a template."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hybrid_ner.errors import InputError
from hybrid_ner.review.chat.situation import Situation, Spot, numbers_in, numbers_said, quoted, spans_in
from hybrid_ner.review.store.labels import A_LABEL, labels_meant
from hybrid_ner.text import quantity

if TYPE_CHECKING:
    from hybrid_ner.review.chat.situation import Intent

Choice = tuple[str, str]
"""What a button says, and the line that it sends."""
LEAVE: Choice = ("Leave it", "cancel")
GOODBYE = "Everything is saved; you can stop here and go on where you stopped. {left}"
CONTRADICTS = "You say both yes and no to"
WHICH = "Which one do you mean?"
WHICH_LABEL = "Which label is right"


@dataclass(frozen=True, slots=True)
class Item:
    """Something that a sentence speaks of.

    Args:
        kind: ``ref`` (spans), ``txt`` (words of the document that are no span), ``unk`` (words that are not
            there), ``lab`` (a label), ``num`` or ``srf`` (on their way to ``ref``).
        said: Its words as typed.
        numbers: The spans.
        labels: The labels that the words may mean.
        by: How spans were named: ``number``, ``term``, ``this``, ``that``, ``order``, ``all``,
            ``rest``, ``label``.
        every: It was said with "all" or "every".
        plural: The label was said in the plural.
        problem: Why it is not clear which spans are meant.
        count: Of "the last three", how many.
    """

    kind: str
    said: str = ""
    numbers: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()
    by: str = ""
    every: bool = False
    plural: bool = False
    problem: str = ""
    count: int = 1


@dataclass
class Wording:
    """The bare wording: ``REF0 is not LAB1 ; next``, with the items that the markers stand for.

    ``loose`` is the same with commas kept apart, as in ``accept 1 and 2, 3 is wrong``; the items from
    ``since`` on are of the wording that is made now.
    """

    text: str
    items: list[Item]
    raw: str = ""
    loose: str = ""
    since: int = 0

    def item(self, marker: str) -> Item:
        """What a marker stands for."""
        return self.items[int(marker[3:])]

    def named(self, text: str, kinds: str = "REF") -> list[Item]:
        """What the markers of a text stand for, in order; of some kinds with ``|`` between: ``REF|TXT``."""
        return [self.items[int(number)] for number in re.findall(rf"(?:{kinds})(\d+)", text)]


def new_item(wording: Wording, item: Item) -> str:
    """Keep an item, and the marker that stands for it."""
    wording.items.append(item)
    return f"{item.kind.upper()}{len(wording.items) - 1}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a sentence stands for.

    Args:
        lines: Lines of the command language, to be run one after the other.
        question: What is asked instead.
        choices: Readings to choose from, for a question.
        answer: What is said, when there is nothing to do.
        writes: Whether the lines change decisions.
        verdict: ``ok``, ``no`` or a label: what the clause said of its spans, for one that leaves it out.
        soft: What is asked may be answered by the rest of the sentence.
    """

    lines: tuple[str, ...] = ()
    question: str = ""
    choices: tuple[Choice, ...] = ()
    answer: str = ""
    writes: bool = False
    verdict: str = ""
    soft: bool = False

    def of(self, intent: Intent) -> Reading:
        """The same, knowing what the intent is for."""
        first = self.lines[0].split(" ", 1)[0] if self.lines else ""
        said = self.verdict or (first if first in ("ok", "no") else "")
        return replace(self, writes=self.writes or intent.writes, verdict=said)

    @property
    def about(self) -> int:
        """The one span that this is about, so that "…, but medication" is too; 0 for none or several."""
        lines = self.lines or tuple(line for _, line in self.choices if self.soft)
        named = {int(n) for line in lines for n in re.findall(r"^(?:ok |no |reopen )?(\d+)(?= |$)", line)}
        several = any(re.match(r"(?:ok|no|reopen)? ?\d+[ -]\d", line) for line in lines)
        return named.pop() if len(named) == 1 and not several else 0

    def then(self, rest: Reading) -> Reading:
        """This, and what the rest of the sentence says; a question of either is the question of both."""
        if (
            self.soft
            and rest.lines
            and not rest.question
            and (self.verdict in ("", rest.verdict) or relabeled(rest.lines))
        ):
            asked_add = next((line for _, line in self.choices if line.startswith("add ")), "")
            label = re.fullmatch(rf"\d+ is ({A_LABEL})", rest.lines[0])
            if asked_add and label and len(rest.lines) == 1:
                # "missing the word chills, put as problem" is about chills
                return replace(rest, lines=(f"{asked_add.rsplit(' ', 1)[0]} {label.group(1)}",))
            return rest
        added = [line.rsplit(" ", 1)[0] for line in self.lines if line.startswith("add ")]
        told = rest.question and rest.choices and rest.choices[0][1] in self.lines[-1:]
        if told or (rest.soft and added and all(line.startswith(added[-1]) for _, line in rest.choices[:-1])):
            return self  # "chills is a problem as well, please add it"; "reject 1, it's not a drug"
        if self.question or rest.question:
            return self if self.question else rest
        if rest.soft and rest.lines and set(decided(rest.lines, "no")) <= set(relabeled(self.lines)):
            return self  # "Jane is a person, she isn't a company"
        wrong = decided(self.lines, "no")
        if len(self.lines) == 1 and wrong and set(wrong) <= set(relabeled(rest.lines)):
            return rest  # "3 is wrong, it's a drug"
        if len(self.lines) == len(wrong) == 1 and "".join(rest.lines).startswith(f"{wrong[0]} = "):
            return rest  # "5 is wrong, it should be pituitary hemorrhage"
        both = _contradicted(self.lines, rest.lines)
        if both:
            n = min(both)
            return Reading(
                question=f"{CONTRADICTS} {n}: which is it?",
                choices=((f"Accept {n}", f"ok {n}"), (f"Reject {n}", f"no {n}"), LEAVE),
            )
        lines = (
            *self.lines,
            *(line for line in rest.lines if line in ("undo", "redo", "next") or line not in self.lines),
        )
        if lines in (("skip", "next"), ("next", "skip")):
            lines = ("skip",)
        if len(lines) == 2 and lines[1] == "next" and re.fullmatch(r"ok(?: [\d -]+)?", lines[0]):
            lines = (f"{lines[0]} next",)
        answer = "" if lines else " ".join(filter(None, (self.answer, rest.answer)))
        return Reading(
            lines, answer=answer, writes=self.writes or rest.writes, verdict=rest.verdict or self.verdict
        )


Understand = Callable[[str, Situation], Reading | None]
"""What reads a part of a line, in the situation in which it was said."""


class UnclearError(Exception):
    """A clause that is understood but for one thing."""

    def __init__(self, reading: Reading) -> None:
        super().__init__(reading.question)
        self.reading = reading


class NotNamedError(Exception):
    """A clause does not name what a reading needs, so that it is something else."""


class _Named(list[Item]):
    """What a clause names of one kind."""

    def __getitem__(self, at: Any) -> Any:
        try:
            return super().__getitem__(at)
        except IndexError:
            raise NotNamedError from None


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause with what it names.

    Args:
        situation: What it can be about.
        text: Its bare wording.
        items: What it names, in order.
        wording: The whole sentence.
        before: Verdict of the clause before.
        everywhere: It is said of all documents.
        here: It is said of this document alone.
    """

    situation: Situation
    text: str
    items: Sequence[Item]
    wording: Wording
    before: str = ""
    everywhere: bool = False
    here: bool = False

    def refs(self) -> list[Item]:
        """The spans that it names; to ask for one that it does not name raises ``NotNamedError``."""
        return _Named(item for item in self.items if item.kind == "ref")

    def labels(self) -> list[Item]:
        """The labels that it names, as for ``refs``."""
        return _Named(item for item in self.items if item.kind == "lab")

    def texts(self) -> list[Item]:
        """The texts that it names, spans or not, as for ``refs``."""
        return _Named(
            item
            for item in self.items
            if item.kind in ("txt", "unk") or (item.kind == "ref" and item.by == "term")
        )


def relabeled(lines: Iterable[str]) -> list[int]:
    """Numbers that lines give a label to."""
    return decided([f"ok {line.partition(' is ')[0]}" for line in lines if " is " in line], "ok")


def _contradicted(before: Sequence[str], after: Sequence[str]) -> set[int]:
    """Spans of which two parts of a sentence say the opposite, or that they give two labels."""
    one, two = (
        {(n, line.partition(" is ")[2]) for line in lines for n in relabeled([line])}
        for lines in (before, after)
    )
    return (
        {n for n, label in one for m, other in two if n == m and label != other}
        or set(decided(after, "no")) & {n for n, _ in one}
        or set(decided(before, "ok")) & set(decided(after, "no"))
        or set(decided(before, "no")) & set(decided(after, "ok"))
    )


def decided(lines: Iterable[str], verb: str) -> list[int]:
    """Numbers that lines accept or reject one by one."""
    found: list[int] = []
    for line in lines:
        if re.fullmatch(rf"{re.escape(verb)} [\d -]+", line):
            for part in line.split()[1:]:
                first, _, last = part.partition("-")
                found += range(int(first), int(last or first) + 1)
    return found


def one_line(line: str) -> Reading:
    return Reading((line,))


def asked(question: str, *choices: Choice) -> Reading:
    return Reading(question=question, choices=(*choices, LEAVE))


def with_label(offered: Sequence[Choice], other: str) -> str:
    """The line of a choice of labels with another label, in each command that the choices differ in.

    Args:
        offered: Label and line of each choice: ``add "gout" A; add "rash" A``, then the same with ``B``.
    """
    (label, first), *more = offered
    commands = first.split("; ")
    others = [found for _, line in more if len(found := line.split("; ")) == len(commands)]
    return "; ".join(
        each.removesuffix(label) + other
        if each.endswith(f" {label}") and (not others or any(line[at] != each for line in others))
        else each
        for at, each in enumerate(commands)
    )


def which_words(words: str, line: str, situation: Situation) -> Reading | None:
    """What to say for "you missed the judge": a label's name, though the text has "Judge Sandhu" as well."""
    said = re.search(rf"(?i)\b(?:the|an?|any|some) ({re.escape(words)})\W*$", line)
    labels = labels_meant(words, situation.labels) if said and said[1] not in situation.text else ()
    return missing_of(labels[0]) if labels else None


def missing_of(label: str) -> Reading:
    return Reading(answer=f'Which words? Say them as they stand in the text: `add "WORDS" {label}`.')


def named_texts(texts: Sequence[str]) -> str:
    """``“fever”, “cough” and “rash”``."""
    *first, last = (f"“{text}”" for text in texts)
    return f"{', '.join(first)} and {last}" if first else last


def named_spot(spot: Spot) -> str:
    return f"{spot.number} “{spot.surface}”"


def choices_about(line: str, situation: Situation, question: str) -> Reading:
    """A question about a line, with its opposite, an explanation, or leaving it."""
    numbers = [int(n) for n in re.findall(r"(?<![\w\"])\d+(?![\w\"])", re.sub(r'"[^"]*"', "", line))]
    others: list[Choice] = []
    if len(set(numbers)) == 1 and (spot := situation.spot(numbers[0])):
        n = spot.number
        line = f"ok {n}" if line == f"{n} is {spot.label}" else line
        options = (
            (f"Accept {named_spot(spot)} {spot.label}", f"ok {n}"),
            (f"Reject {named_spot(spot)}", f"no {n}"),
        )
        others = [option for option in options if option[1] != line]
        mine = next((option for option in options if option[1] == line), ("", ""))[0]
    else:
        mine = ""
    return Reading(question=question, choices=((mine or f"Yes: {line}", line), *others[:1], LEAVE))


def spots_of(clause: Clause, item: Item) -> list[Spot]:
    """The spans that are meant.

    Raises:
        UnclearError: It is not clear which.
    """
    if item.problem or not item.numbers:
        raise UnclearError(_which(clause, item))
    return clause.situation.these(item.numbers)


def _which(clause: Clause, item: Item) -> Reading:
    why = item.problem or "I do not know which one you mean"
    spots = clause.situation.these(item.numbers)
    said = item.said if not re.search(r"[A-Z]{3}\d", item.said) else "that"
    verb = "no" if re.search(r"wrong|reject|no\b|not", clause.text) else "ok"
    word = "Reject" if verb == "no" else "Accept"
    if len(spots) == 1 and item.by == "term":
        options = [(f"{word} {named_spot(spots[0])}", f"{verb} {spots[0].number}")]
        if clause.labels() and (verb == "ok" or len(clause.labels()) > 1):
            label = clause.labels()[-1].labels[0]
            options = [(f"As {label}", f"{spots[0].number} is {label}")]
        return asked(
            f"Do you mean {named_spot(spots[0])}? {item.problem[:1].upper()}{item.problem[1:]}.", *options
        )
    if 1 < len(spots) <= 3:
        return asked(
            f"Which one: {why}?", *((f"{word} {named_spot(s)}", f"{verb} {s.number}") for s in spots)
        )
    return Reading(
        question=f"{WHICH} About “{said}”: {why}.",
        choices=(("Show what is left", "left"), LEAVE),
    )


def numbers_of(clause: Clause, item: Item) -> str:
    return numbers_said(spot.number for spot in spots_of(clause, item))


_CORRECTS = re.compile(
    r"(?i)^\W*(?:(?:no|oh|hm+|well)\W+)*(?:sorry|oops|wait|actually|i meant?|rather|no wait|no[, ]+as an?\b"
    r"|make that|(?:or )?better|on second thoughts?|(?:it |that )?should(?:'ve| have) been"
    r"|wrong (?:label|type|kind))\b"
    r"|\b(?:sorry|oops|i meant?|my mistake|my bad|rather|after all|again)\W*$"
)
"""What sets right the decision before: "actually landlord, sorry", "on second thoughts reject"."""


def focus_of(clause: Clause) -> Spot:
    """The mention that is meant where a sentence names none: the framed one, or the one that it corrects."""
    spot, last = clause.situation.focus, clause.situation.last_decided
    if last and clause.situation.fresh and _CORRECTS.search(clause.wording.raw):
        return last
    if spot is None:
        raise UnclearError(
            Reading(answer="Nothing is open here. Say `next` for the next document, or name a mention.")
        )
    return spot


def label_of(item: Item, line: str) -> str:
    """The label meant; ``line`` has ``{}`` where it goes, ``label:{}`` where several words need quotes."""
    written = {each: quoted(each) if "label:{}" in line and " " in each else each for each in item.labels}
    if len(item.labels) == 1:
        return written[item.labels[0]]
    options = [(f"As {label}", line.format(written[label])) for label in item.labels[:3]]
    if item.said[:1].isupper():  # "label Party", where petitioners and respondents are parties
        options.append((f"A new label {item.said}", f"label {quoted(item.said)}"))
    raise UnclearError(asked(f"“{item.said}” could be {' or '.join(item.labels)}: which one?", *options))


def filled(template: str, clause: Clause) -> str:
    """A template with the framed span (``{f}``) and what the clause names (``{0}``, quoted as ``{0q}``)."""

    def put(match: re.Match[str]) -> str:
        if match.group(1) == "f":
            return str(focus_of(clause).number)
        place = int(match.group(1)[0])
        if place >= len(clause.items):
            raise InputError(
                f"{template!r} has {match.group()}, and its wording names"
                f" {quantity(len(clause.items), 'thing')}.",
                hint="The first thing that a wording names is {0}.",
            )
        item = clause.items[place]
        if match.group(1).endswith("q"):
            return quoted(item.said)
        spots = spots_of(clause, item)
        if template.startswith(("why", "who")) and len(spots) > 1:
            return str(spots[0].number)
        return numbers_said(spot.number for spot in spots)

    return re.sub(r"\{(\w+)\}", put, template)


Action = Callable[[Clause], Reading | None]
"""What a clause stands for; ``None`` when it is something else."""


FLOWS = ("next", "back", "skip")
"""Lines that leave the document."""
AFTERTHOUGHT = re.compile(r"(?i)\b(?:oh|wait|but first|before (?:that|this|i)|also|forgot|missed)\b")
"""What is said after "next" and still belongs before it: "next! oh, and 3 is a place"."""


def in_order(found: Reading, line: str) -> Reading:
    """Lines with what is taken back first, and what leaves the document last.

    "no, aspirin is a drug! undo"; "next! oh, and 3 is a place". A "next" before orders without such an
    afterthought means the next mention: "Next. Metformin, drug."
    """
    back = [each for each in found.lines if each == "undo"]
    if len(back) > 1 and not re.search(
        r"(?i)\d|\b(?:two|three|four|five|six|twice|both|couple|pair|few|all)\b", line
    ):
        back = back[:1]  # "go back one, I was wrong"
    flow = [each for each in found.lines if each in FLOWS]
    others = [each for each in found.lines if each not in (*back, *flow)]
    if others and found.lines[0] == "next" and not AFTERTHOUGHT.search(line):
        flow = flow[1:]
    return replace(found, lines=(*back, *others, *flow))


def kept_apart(found: Reading) -> Reading:
    """Lines without rejecting, among several in the same words, the one that is bounded or labeled beside.

    "milk isn't a disease but the second one is milk fever". What is accepted needs not be opened before:
    "put 7 back, it's right".
    """
    again = {f"reopen {n}" for n in decided(found.lines, "ok")}
    found = replace(found, lines=tuple(line for line in found.lines if line not in again))
    done = {int(n) for line in found.lines for n in re.findall(r'^(\d+) (?:= "|is )', line)}
    lines = []
    for line in found.lines:
        numbers = decided([line], "no")
        left = [n for n in numbers if n not in done]
        lines.append(f"no {numbers_said(left)}" if left and len(left) < len(numbers) else line)
    return replace(found, lines=tuple(lines))


def settled(lines: Sequence[str], situation: Situation) -> list[str] | None:
    """Lines without those that others make needless; ``None`` where two say the opposite."""
    lines = list(dict.fromkeys(lines))
    added = [each.rpartition(" ")[0] for each in lines if each.startswith("add ")]
    if len(added) > len({*added}):
        return None  # a text with two labels
    bounded = {int(each.split()[0]) for each in lines if re.match(r"\d+ = ", each)}
    labeled = {int(each.split()[0]): each for each in lines if re.match(r"\d+ is ", each)}
    gone = {n for each in lines if re.match(r"no \d", each) for n in spans_in(each)}
    kept = {n for each in lines if re.match(r"ok \d", each) for n in spans_in(each)}
    joined = {n for each in lines if each.startswith("merge ") for n in spans_in(each)}
    if len(labeled) < sum(" is " in each and each[0].isdecimal() for each in lines) or gone & (
        kept | bounded | {*labeled} | joined  # "reject 5, it's part of 6"
    ):
        return None
    if kept & bounded & {*labeled}:
        return None  # "death wishes are a symptom, so 5 is right": longer words, and those of 5
    for n in bounded:
        edges = [each for each in lines if each.startswith(f"{n} = ")]
        if len(edges) > 1:
            if (both := _united([each.split(" ", 2)[2].strip('"') for each in edges], situation)) is None:
                return None
            lines = [each for each in lines if each not in edges[1:]]
            lines[lines.index(edges[0])] = f"{n} = {both}"
    made: list[str] = []
    for each in lines:
        verb, _, rest = each.partition(" ")
        if verb == "ok" and rest.isdecimal() and int(rest) in bounded | {*labeled}:
            continue
        if verb == "deny":
            if int(rest) in kept:
                return None
            each = f"no {rest}"
            if int(rest) in bounded | {*labeled} or each in lines:
                continue
        made.append(each)
    return _together(made)


def _united(texts: Sequence[str], situation: Situation) -> str | None:
    """The stretch of the document that edges moved in several steps take in; ``None`` where it is not one."""
    places = [situation.places(text) for text in texts]
    if any(len(each) != 1 for each in places):
        return None
    start, end = min(each[0][0] for each in places), max(each[0][1] for each in places)
    touch = max(each[0][0] for each in places) <= min(each[0][1] for each in places)
    return quoted(situation.text[start:end]) if touch else None


def _together(lines: Sequence[str]) -> list[str]:
    """Verdicts in a row as one line: ``ok 1 4 6``."""
    made: list[str] = []
    for each in lines:
        verb, _, rest = each.partition(" ")
        last = made[-1].partition(" ") if made else ("", "", "")
        if verb in ("ok", "no") and last[0] == verb and rest.isdecimal() and '"' not in last[2]:
            made[-1] = f"{verb} {numbers_said({*numbers_in(last[2]), int(rest)})}"
        else:
            made.append(each)
    return made
