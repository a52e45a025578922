"""What an answer takes of the choices of a question, and what else it asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations

from hybrid_ner.review.chat.offers import in_plain, sensible
from hybrid_ner.review.chat.reading import FLOWS, LEAVE, Choice, Item, Reading, asked, decided
from hybrid_ner.review.chat.references import read_words
from hybrid_ner.review.chat.situation import Situation, numbers_in, numbers_said, spans_in
from hybrid_ner.review.chat.turns import REASONS
from hybrid_ner.review.chat.weighing import others_of_label, without_dropped
from hybrid_ner.review.chat.words import NUMBERS, ORDINALS
from hybrid_ner.review.commands.bulk import Bulk
from hybrid_ner.review.commands.decide import Reject, Reopen
from hybrid_ner.review.commands.edit import Link, Relabel
from hybrid_ner.review.commands.gazetteer import Always, Never, TermAdd, Variant
from hybrid_ner.review.commands.language import read_line
from hybrid_ner.review.reply import CHOICE_LETTERS, Pending
from hybrid_ner.review.store.labels import A_LABEL, labels_meant
from hybrid_ner.review.store.postings import surface_key
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)

SOME: re.Pattern[str] = _RE.SOME
"""What leaves out some of several, or takes these alone: "not the gout", "only the first of them"."""
Understand = Callable[[str, Situation], Reading | None]


def _choice_at(pending: Pending, nth: str) -> Choice | None:
    """The choice at a place that is told by its order; ``None`` where there is none."""
    real = [each for each in pending.choices if each != LEAVE]
    word = nth.rpartition(" ")[2]
    place = {"top": 1, "bottom": -1}.get(word) or ORDINALS.get(word) or NUMBERS.get(word)
    place = place or int(re.sub(r"\D", "", nth) or 0)
    at = place - 1 if place > 0 else len(real) + place
    return real[at] if 0 <= at < len(real) else None


def _other_choice(pending: Pending, situation: Situation) -> str:
    """The second of two choices; empty where "the other" may be another mention of the same words."""
    real = [line for _, line in pending.choices if line != "cancel"]
    words = [s.surface.lower() for s in situation.these(spans_in("; ".join(real)))]
    twins = [s for s in situation.spots if s.surface.lower() in words]
    return real[1] if len(real) == _TWO and len(twins) == len(words) else ""


_TWO = 2
"""Choices of which one is the other."""


def lettered(line: str, situation: Situation, pending: Pending, understand: Understand) -> Reading | None:
    """What an answer takes by the letters or the order of the choices, with what else it says.

    "(a)", "yes, exactly as you say in a", "a and d", "the top one", "b, and number 8 is a pesticide",
    "a 18 pesticide, the rest is fine". What is said besides is read with the chosen spans decided, and asked
    together with the choice where it asks or cannot be read; ``None`` for any other answer.
    """
    places = pending.kind == "which" or pending.question.endswith("every time?")
    if every := _RE.EVERY_THEN.fullmatch(line) if places and pending.choices else None:
        return _taken([pending.choices[0][1]], every["more"] or "", situation, understand)
    if _RE.OTHER_ONE.fullmatch(line):
        other = _other_choice(pending, situation)
        return Reading((other,), writes=True) if other else first_this(pending)
    found = _letters_in(_RE.EXCLAIMS.sub("", line), situation, pending)
    if found is None or chosen_in_words(pending, line.strip(" .!").lower(), situation.labels):
        return None
    letters, more = found["letters"], (found["more"] or "").strip(" .!")
    taken = [_choice_at(pending, nth) for nth in re.findall(rf"(?i){_RE.source('NTH')}", letters)]
    for letter in _RE.ALONE.findall(letters) if not taken else ():
        place = CHOICE_LETTERS.find(letter.lower())
        taken.append(pending.choices[place] if 0 <= place < len(pending.choices) else None)
        if taken[-1] is None and letter.lower() not in _NO_LETTERS:
            return _no_such(letter, more, pending, situation, understand)
    lines = [choice[1] for choice in taken if choice]
    if len(lines) < len(taken) or (not more and _RE.NTH.search(letters.lower())):
        return None
    about = [spans_in(each) for each in lines]
    if any(a & b for a, b in combinations(about, 2)) and not sensible("; ".join(lines)):
        return first_this(pending, ", one at a time")
    if _RE.STAYS.fullmatch(more):
        return Reading(tuple(re.sub(r"; next$", "", each) for each in lines), writes=True)
    if not more or _RE.ONLY_IT.fullmatch(more) or _RE.BECAUSE.fullmatch(more):
        return Reading(tuple(lines), writes=True)
    return _taken(lines, more, situation, understand)


def _taken(lines: list[str], more: str, situation: Situation, understand: Understand) -> Reading:
    """What is chosen and what else is said, with the chosen spans decided."""
    if not more or only_talk(more, situation, set().union(*map(spans_in, lines))):
        return Reading(tuple(lines), writes=True)
    if found := _RE.NOT_THESE.fullmatch(more):  # "b but not mass, mass is a disease"
        names = {n for item in _named(found["what"], situation, "REF") for n in item.numbers}
        kept = without("; ".join(lines), names)
        if names and kept and kept != tuple("; ".join(lines).split("; ")):
            return _taken(list(kept), (found["more"] or "").strip(), situation, understand)
    after, verb = _after(lines, situation), "no" if re.match(r"no\b", lines[0]) else "ok"
    for each in lines if re.match(r"(?:ok|no) |\d+ (?:is|=) ", lines[0]) else ():  # "the other amounts"
        more = beside_yes(of_same_word(others_of_label(more, after), each, situation), verb, "", after)
    rest = _command(more) or understand(more, after)
    return with_more(lines, rest) or _both_ways(lines, rest, more)


_NO_LETTERS = "inykux"
"""Letters that say something by themselves: I, no, yes, OK, you, out."""


def _letters_in(line: str, situation: Situation, pending: Pending) -> re.Match[str] | None:
    """The letters of a line, behind what leads up to them; ``None`` where it names no choice.

    What leads up to them names no other span than those that the question is about.
    """
    if found := _RE.LETTERS.fullmatch(line):
        name = re.match(r"[A-Z]\. ?[^\W\d_]+", line)
        if name and situation.places(name[0]):
            return None  # "A. Bello is a lawyer": an initial
        more = found["more"] or ""
        spaced = not found["sign"] and more[:1].isdigit()
        alone = re.match(r"\d+", more)
        return None if spaced and alone and not situation.spot(int(alone[0])) else found
    found = _RE.LED_UP.fullmatch(line)
    if found and found["so"]:
        return found  # "it is no ship, so a": what is told leads to the choice
    if found is None or _RE.TURNS.search(found["lead"]):
        return None
    about = set().union(*(spans_in(each) for _, each in pending.choices))
    others = [
        item for item in _named(found["lead"], situation) if not {*item.numbers} or {*item.numbers} - about
    ]
    return None if others else found


def _named(said: str, situation: Situation, kinds: str = "REF|TXT") -> list[Item]:
    """What a text names by more than "it" or "that"."""
    words = read_words(said, situation)
    items = [words.item(marker) for marker in re.findall(rf"(?:{kinds})\d+", words.text)]
    return [item for item in items if item.by not in ("this", "that")]


def only_talk(said: str, situation: Situation, about: set[int]) -> bool:
    """Whether what stands beside a choice asks for nothing: "as I said", "poor Jonas" of a chosen span."""
    if _RE.TURNS.search(said) or re.search(r'[\d"?+]', said) or _command(said):
        return False
    wording = read_words(said, situation)
    items = wording.named(wording.text, "REF|LAB|TXT")
    return wording.text.count("UNK") < _STRANGE and all(
        item.by in ("this", "that") or (item.kind == "ref" and item.numbers and {*item.numbers} <= about)
        for item in items
    )


_STRANGE = 2
"""Words that nobody knows, from which a remark may be an order: "poor old Jonas" has one."""


def _after(lines: Sequence[str], situation: Situation) -> Situation:
    """The document as it is once lines are done: "the rest" is nothing that they decide."""
    done = set().union(*map(spans_in, lines)) if lines else set()
    spots = tuple(replace(s, open=s.open and s.number not in done) for s in situation.spots)
    return replace(situation, spots=spots, framed=0, named=0, waits=0, last=lines[-1], fresh=True, touched=0)


def _command(said: str) -> Reading | None:
    """A command that only shows something: "labels", also with a question mark."""
    line = said.rstrip(" ?.!")
    command = read_line(line).command
    return Reading((line,)) if command is not None and command.effect == "asks" else None


def _no_such(
    letter: str, more: str, pending: Pending, situation: Situation, understand: Understand
) -> Reading:
    """What is said to a letter that no choice has; an order behind it is asked for."""
    letters = CHOICE_LETTERS[: len(pending.choices)]
    told = f"There is no “{letter}” among these"
    rest = understand(more, replace(situation, framed=0, named=0, waits=0)) if more else None
    lines = [rest.lines] if rest and rest.lines else [(each,) for _, each in rest.choices] if rest else []
    kept = [line for each in lines if (line := "; ".join(each)) != "cancel" and sensible(line)]
    if kept:
        return asked(f"{told}. What else you say, alone?", *((in_plain(each), each) for each in kept[:3]))
    choices = " · ".join(f"{each}) {name}" for each, (name, _) in zip(letters, pending.choices, strict=False))
    return Reading(answer=f"{told}: {choices}")


def _both_ways(lines: list[str], rest: Reading | None, more: str) -> Reading:
    """A choice and what else is said, where that is not understood or is about the same spans."""
    lines = [each for each in lines if each != "cancel"]
    chosen = "; ".join(lines)
    if rest is None or not rest.lines:
        choices = ((in_plain(chosen), chosen),) if chosen else ()
        return asked(f"I did not get “{more}”. The rest?" if lines else f"I did not get “{more}”.", *choices)
    kept = "; ".join((*without("; ".join(lines), set().union(*map(spans_in, rest.lines))), *rest.lines))
    return asked("Do I get you right?", (in_plain(kept), kept), (in_plain(chosen), chosen))


def without(line: str, numbers: set[int]) -> tuple[str, ...]:
    """The parts of a line for all spans but some: what is said of them later is what counts."""
    kept: list[str] = []
    for part in line.split("; "):
        said = re.fullmatch(r"((?:ok|no) |)(\d[\d ,-]*?)( is .+| = .+|)", part)
        left = numbers_in(said[2]) - numbers if said else set()
        if said is None:
            kept.append(part)
        elif left:
            kept.append(f"{said[1]}{numbers_said(left)}{said[3]}")
    return tuple(kept)


def left_then(line: str, situation: Situation, pending: Pending, understand: Understand) -> Reading | None:
    """A question that is left, and what is said behind that: "leave it. 6 should be just 42 nm"."""
    found = _RE.LEFT_THEN.fullmatch(line) if pending.kind == "choice" else None
    if found is None:
        return None
    if instead := instead_of_all(line, situation, pending, understand):
        return instead
    more, names = found["more"].strip(), _named(REASONS.sub(" ", found["more"]), situation, "REF")
    free = replace(situation, framed=0, named=0, waits=0) if names else situation
    if _RE.ASKED_ONLY.fullmatch(more.lower().rstrip(" .!")):
        return Reading(("cancel",))
    rest = _command(more) or understand(more, free)
    if rest and (rest.lines or rest.question):
        return rest
    return Reading(("cancel",)) if only_talk(more, situation, set()) else _both_ways([], None, more)


def first_this(pending: Pending, how: str = "") -> Reading:
    """The question once more, where a line is no answer to it, or says more than can be followed."""
    names = f" {' · '.join(name for name, _ in pending.choices)}"
    told = names if pending.kind == "choice" else f". Type `{pending.answer}`, or `no` to leave it."
    return Reading(answer=f"First this{how}: {pending.question}{told}")


def with_more(lines: list[str], rest: Reading | None) -> Reading | None:
    """What was chosen and what else is said; asked together where the rest is a question.

    "leave it" is left out before another order. ``None`` where the rest is about the same spans.
    """
    lines = [each for each in lines if each != "cancel"]
    about = set().union(*map(spans_in, lines)) if lines else set()
    if rest is None or not (rest.lines or rest.choices):
        return None
    if rest.question:
        added = set(re.findall(r'add ".*?"', "; ".join(lines)))
        more = [each for _, each in rest.choices if each != "cancel"]
        more = [each for each in more if not added & set(re.findall(r'add ".*?"', each))]
        both = ["; ".join((*lines, each)) for each in more]
        kept = [each for each in both if sensible(each)]
        return asked(rest.question, *((in_plain(each), each) for each in kept)) if kept else None
    if about & set().union(*map(spans_in, rest.lines)) and not sensible("; ".join((*lines, *rest.lines))):
        return None
    both = [*lines, *rest.lines]
    flows = [each for each in both if each in FLOWS]
    return Reading((*(each for each in both if each not in FLOWS), *flows[-1:]), writes=True)


_IN_TURN = re.compile(r",? (?:in (?:that|this|the same) order|in turn|respectively)$")
_ARTICLE = re.compile(r"^(?:an?|the) ")


def _each_its_label(pending: Pending, said: str, labels: tuple[str, ...]) -> str:
    """New words with a label each: "drug, condition and equipment, in that order", asked what they are."""
    said = _IN_TURN.sub("", said)
    parts = [part for part in re.split(r"(?:,| and | then )+(?:and |then )?", said) if part.strip()]
    parts = said.split() if len(parts) == 1 else parts
    pieces = pending.choices[0][1].split("; ") if pending.choices else []
    new = [at for at, piece in enumerate(pieces) if re.fullmatch(rf'add ".*" {A_LABEL}', piece)]
    names = [*dict.fromkeys(pieces[at].rpartition(" ")[0].lower() for at in new)]  # "Back pain" twice is one
    if not 1 < len(names) == len(parts):
        return ""
    meant: dict[int, str] = {}
    for nth, part in enumerate(parts):
        found = _RE.WHOSE.fullmatch(part.strip())
        label = labels_meant(_ARTICLE.sub("", part.strip()), labels)
        who, at = found["who"] if found and len(label) != 1 else "", nth
        if found and who:  # "codeine is a drug, the other one a condition"
            label, fits = labels_meant(found["what"], labels), [n for n, x in enumerate(names) if who in x]
            left, word = [n for n in range(len(names)) if n not in meant], who.removesuffix(" one")
            last = word in ("other", "latter", "rest") and len(left) == 1
            at = fits[0] if len(fits) == 1 else left[0] if last else ORDINALS.get(word, 0) - 1
        if len(label) == 1:
            meant[at] = label[0]
    if {*meant} != {*range(len(names))}:
        return ""
    for at in new:
        name = pieces[at].rpartition(" ")[0]
        pieces[at] = f"{name} {meant[names.index(name.lower())]}"
    return "; ".join(pieces)


def chosen_in_words(pending: Pending, said: str, labels: tuple[str, ...]) -> str:
    """The line of the choice that an answer takes by its place and in more words; empty for anything else.

    "yes, the first option"; "the second, join"; "both, the first and the second", where one bounds a span and
    the other labels it; "all three of them".

    Args:
        said: In small letters, with single spaces and no sign at its end.
    """
    if each := _each_its_label(pending, said, labels):
        return each
    if found := _RE.PLACE.fullmatch(said):
        choice = _choice_at(pending, found["nth"])
        return choice[1] if choice else ""
    if found := _RE.PLACES.fullmatch(said):
        pair = [_choice_at(pending, nth) for nth in (found["nth"], found["then"])]
        lines = [each[1] for each in pair if each]
        both = "; ".join(sorted(lines, key=lambda line: " is " in line))
        alike = len(lines) == 2 and spans_in(lines[0]) == spans_in(lines[1])
        kinds = re.match(r'\d+ = "', both) and re.search(rf"; \d+ is {A_LABEL}$", both)
        return both if alike and kinds and sensible(both) else ""
    if (found := _RE.EACH.fullmatch(said)) and pending.answer:
        count = NUMBERS.get(found["count"]) or int(found["count"])
        added = [line for _, line in pending.choices if re.fullmatch(rf'add "[^"]*" {A_LABEL}', line)]
        if len(added) == count > 1 and len({each.rpartition(" ")[0] for each in added}) == count:
            return "; ".join(added)
        many = {len(spans_in(pending.answer)), len(re.findall(r'(?:^|; )add "', pending.answer))}
        return pending.answer if count in many else ""
    if found := _RE.BUT_FOR.fullmatch(said):
        verb = pending.answer[:2]
        left = {*decided([pending.answer], verb)} - {int(n) for n in re.findall(r"\d+", found["but"])}
        alone = verb in ("ok", "no") and re.fullmatch(r"..(?: [\d-]+)+", pending.answer)
        return f"{verb} {numbers_said(left)}" if left and alone else ""
    if found := _RE.PLACE_MORE.fullmatch(said):
        choice = _choice_at(pending, found["nth"])
        told = " ".join((*choice, in_plain(choice[1]))) if choice else ""
        words = set(re.findall(r"\w+", told.lower()))
        more = re.findall(r"\w+", found["more"])
        if choice and _RE.ONLY_IT.fullmatch(found["more"].strip(" .!")):
            return choice[1]
        if choice and words.issuperset(more):
            return choice[1]
        meant = labels_meant(found["more"].strip(), labels) if choice else ()
        edge = re.fullmatch(r'(\d+) = ".*"', choice[1]) if choice else None
        return f"{edge[0]}; {edge[1]} is {meant[0]}" if edge and len(meant) == 1 else ""
    return ""


def judged(pending: Pending, said: str) -> str:
    """The verdict on all mentions that a question is about: "both may be accepted", "those may go"."""
    found = _RE.JUDGED.fullmatch(said) if pending.kind == "choice" else None
    verdicts = [line for _, line in pending.choices if re.fullmatch(r"(?:ok|no) [\d -]+", line)]
    answer = pending.answer if spans_in(pending.answer) or not verdicts else verdicts[0]
    about = spans_in(answer) if found and re.fullmatch(r"[^\"]*", answer) else set()
    count = (found["count"] or found["two"] or ("two" if found["who"] == "both" else "")) if found else ""
    if found is None or len(about) < 2 or (count and (NUMBERS.get(count) or int(count)) != len(about)):
        return ""
    keeps = not re.search(r"(?:^|; )(?:no|reopen) ", answer)
    if found["keeps"] and keeps:
        return answer  # also where some are given a label
    return f"{'ok' if found['keeps'] else 'no'} {numbers_said(about)}"


def labelled(
    line: str, situation: Situation, pending: Pending, take: Callable[[str], str], understand: Understand
) -> Reading | None:
    """A label for words that were asked about, and a remark: "disease, it's negated of course".

    Also how often they are marked: "Kinship, naturally, in both places". ``None`` where what stands beside
    the label decides, doubts or reports anything.

    Args:
        take: The line of the choice that a label takes.
    """
    found = _RE.LABEL_AND.fullmatch(line)
    if found is None or not any(name.startswith("As ") for name, _ in pending.choices) or take(line.lower()):
        return None
    chosen, more = take(found["head"].lower().strip()), _RE.SURELY.sub("", found["more"], count=1)
    added = re.fullmatch(rf'add (".*") ({A_LABEL})', chosen)
    if not chosen or chosen == "cancel":
        return None
    if added and _RE.IN_EACH.fullmatch(more):
        if len(situation.places(added[1].strip('"'))) == 1:
            return Reading((chosen,), writes=True)
        each = understand(f"mark {added[1]} as {added[2]} every time", situation)
        return each if each and each.lines else None
    words = read_words(more, situation)
    items = words.named(words.text, "REF|LAB")
    told = any(each.by not in ("this", "that") and each.said != "them" for each in items)
    if told or re.search(r'[\d"?]', more) or _RE.NO_LABEL_REMARK.search(words.text):
        named = any(each.kind == "ref" for each in items) or not items
        rest = understand(more, _after([chosen], situation)) if named and "?" not in more else None
        return with_more([chosen], rest) if rest and not rest.question else None  # "disease. And 3 is a drug"
    return Reading((chosen,), writes=True)


def as_you_say(line: str, situation: Situation, pending: Pending, understand: Understand) -> Reading | None:
    """What a question offers, but for what is said of some: "14 is only X; the others as you say"."""
    found = _RE.AS_YOU_SAY.fullmatch(line) if pending.kind == "choice" else None
    rest = understand(found["first"], replace(situation, framed=0, named=0, waits=0)) if found else None
    if rest is None or rest.question or not (rest.lines and rest.writes):
        return None
    about = set().union(*map(spans_in, rest.lines))
    if not about or about > spans_in(pending.answer):
        return None
    return Reading((*without(pending.answer, about), *rest.lines), writes=True)


def verdict_chosen(pending: Pending, said: str, takes_yes: bool) -> str:
    """The one choice that accepts, or that rejects, for a bare verdict: "accept", "ok its fine", "reject".

    Args:
        takes_yes: Whether a yes answers the question, so that "ok" may be one.
    """
    if pending.kind != "choice":
        return ""
    accepts = _RE.OKS.fullmatch(said) or (not takes_yes and _RE.FINE.fullmatch(said))
    verb = "ok" if accepts else "no" if _RE.NOS.fullmatch(said) else ""
    about = r"\d+" if said.endswith(" one") else r"\d[\d ,-]*"
    about = 'add ".*' if _RE.ADDS.fullmatch(said) else f"{verb} {about}" if verb else "(?!)"
    lines = {line for _, line in pending.choices if re.fullmatch(about, line)}
    return lines.pop() if len(lines) == 1 else ""


def shows_it(said: str) -> bool:
    """Whether an answer asks to be shown what is offered: "yeah, show me"."""
    return _RE.SHOWS.fullmatch(said) is not None


def dismissed(pending: Pending, said: str) -> bool:
    """Whether an answer only leaves the question: "Dear me. Leave it."; of missed words, "they are wrong"."""
    of_words = all(line.startswith("add ") for _, line in pending.choices if line != "cancel")
    return pending.kind in ("choice", "yes", "count") and bool(
        _RE.DISMISSES.fullmatch(said) or (of_words and _RE.ARE_NOTHING.fullmatch(said))
    )


def half_chosen(pending: Pending, said: str) -> Reading | None:
    """The question once more where an answer names one of its choices and says more than can be followed.

    "the second, and then disease" is about the second choice, and not about the second span.
    """
    found = _RE.PLACE_MORE.fullmatch(said) or _RE.PLACES.fullmatch(said)
    if told := _RE.PLACE_TOLD.fullmatch(said):  # "I meant your first suggestion: both are to be kept"
        choice = _choice_at(pending, told["nth"])
        return Reading((choice[1],), writes=True) if choice else None
    if found is None or re.search(r'\d|"', said) or not _choice_at(pending, found["nth"]):
        return None
    if found.re is _RE.PLACE_MORE and re.match(r"(?:is|was|are|should|must|has|needs)\b", found["more"]):
        return None  # "the second, is wrong" is about a span
    return first_this(pending, ", one at a time")


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


def only_here(pending: Pending, situation: Situation) -> str:
    """The line of a question about all documents, for the one on the card; empty where it has none."""
    command = read_line(pending.line).command
    if isinstance(command, Link):
        return f"{pending.line} here"
    if isinstance(command, TermAdd | Variant):
        return f"{pending.line} here" if command.scope == "list" else ""
    if isinstance(command, Always | Never):
        term, verb = command.text, command.label if isinstance(command, Always) else "no"
    elif isinstance(command, Bulk) and command.action != "add":
        verb = {"accept": "ok", "reject": "no"}.get(command.action, command.label)
        term = command.selection.term
    else:
        return ""
    key = surface_key(term)
    numbers = " ".join(str(s.number) for s in situation.waiting if key and surface_key(s.surface) == key)
    return (f"{verb} {numbers}" if verb in ("ok", "no") else f"{numbers} is {verb}") if numbers else ""


def some_of(pending: Pending, line: str, situation: Situation) -> Reading | None:
    """Which of the mentions a question is about are meant, or which are not: "not the gout", "only 10, 13".

    Of a question about mentions of the card, which a command names by their numbers.
    """
    command, found = read_line(pending.line).command, SOME.fullmatch(line)
    if found is None or not isinstance(command, Reject | Reopen | Relabel):
        return None
    given, out = command.numbers, set[int]()
    about = ({spot.number for spot in situation.waiting} if given.every else {*given.listed}) - {*given.but}
    if named := named_of(about, found["what"], situation):
        out = about - named if found["only"] else named
    return Reading((f"except {numbers_said(out)}",), writes=True) if out else first_this(pending)


def named_of(about: set[int], said: str, situation: Situation) -> set[int]:
    """Some of a group, by numbers, words or place in it: "the first of them"; empty for all or others."""
    if found := _RE.PLACE_IN.fullmatch(said):
        order, count = sorted(about), NUMBERS.get(found["count"] or "one", 1)
        word = found["nth"].lower()
        at = len(order) - count if word == "last" else ORDINALS.get(word, 0) - 1
        return {*order[at : at + count]} if at >= 0 and count < len(order) else set()
    named = {n for item in _named(said, situation, "REF") for n in item.numbers}
    return named if named < about else set()


def otherwise(line: str, situation: Situation, understand: Understand) -> Reading | None:
    """An order beside which something is taken back or asked, or that tells how many it is about."""
    ways = (_taken_out, _then_asks, _all_left)
    return next((found for way in ways if (found := way(line, situation, understand)) is not None), None)


def _taken_out(line: str, situation: Situation, understand: Understand) -> Reading | None:
    """What is said before something that is at once taken back: "…, plus X as… no, forget that".

    Also an order without what follows from it: "make that X, then I think it is right".
    """
    if (plain := without_dropped(line)) != line:
        return understand(plain, situation)  # "5 without the left? no, leave it, 5 is fine"
    if (plain := _RE.THEN_RIGHT.sub("", line)) != line:
        read = understand(plain, situation)
        return read if read and read.lines and not read.question else None
    if back := _RE.TAKES_BACK.fullmatch(line):
        told = read_words(back["gone"], situation).text
        if re.search(r"(?:REF|LAB|TXT)\d", told):
            for cut in reversed([0, *(each.start() for each in re.finditer(", ", back["gone"]))]):
                kept = f"{back['kept']}{back['gone'][:cut]}".strip()  # "3 ok, 8 ok, 15 is … - no, leave it"
                first = understand(kept, situation) if kept and not _RE.ONLY_SIGHS.fullmatch(kept) else None
                if first is not None and first.writes and not first.question:
                    return first
            return Reading(answer="All right, nothing changed.")
    found = _RE.TAKEN_OUT.fullmatch(line)
    kept = re.sub(r"(?i)[\s,]*(?:\b(?:plus|and|also|then)|,)\s*$", "", found["kept"]) if found else ""
    if found is None or (found["just"] and found["just"].lower() not in kept.lower()):
        return None
    if _RE.ONLY_SIGHS.fullmatch(found["gone"]):
        return None  # "drop 14. No, wait, forget it" takes back all of it
    return understand(kept, situation) if kept else None


def _then_asks(line: str, situation: Situation, understand: Understand) -> Reading | None:
    """An order, and a question behind it that only shows something: "they are fine. Is that everything?"."""
    if (found := _RE.THEN_ASKS.fullmatch(line)) is None:
        return None
    first, shown = understand(found["before"], situation), understand(found["asks"], situation)
    counted = _RE.ALL_COUNTED.fullmatch(found["before"])
    if counted and NUMBERS.get(counted["count"].lower()) == len(situation.offered):
        first = understand(f"{counted['all']}{counted['more']}", situation)
    if first is None or first.question or not (first.writes and first.lines):
        return None
    if shown is None or shown.writes or len(shown.lines) != 1:
        return None
    return Reading((*first.lines, *shown.lines), writes=True)


def _all_left(line: str, situation: Situation, understand: Understand) -> Reading | None:
    """As many as are open or named: "accept the three that are open", "adrenal is anatomy, drop all four"."""
    if named := _RE.ALL_NAMED.fullmatch(line):
        items = _named(named["told"], situation, "REF")
        numbers = sorted({n for item in items for n in item.numbers})
        if len(numbers) == NUMBERS.get(named["count"].lower()) and all(x.by == "term" for x in items):
            return understand(f"{named['verb']} {numbers_said(numbers)}", situation)
    found = _RE.ACCEPT_LEFT.fullmatch(line)
    said = found["count"].lower() if found else ""
    count = 2 if said == "both" else NUMBERS.get(said) or int(said or 0)
    if found is None or count != len(situation.offered):
        return None
    verb = "no" if found["verb"].lower() in ("reject", "remove", "drop") else "ok"
    return Reading((f"{verb} {numbers_said(each.number for each in situation.offered)}",), writes=True)


def rest_too(found: Reading, line: str, situation: Situation, understand: Understand) -> Reading:
    """With what the end of a line says of the rest, where that is in no line yet."""
    said = _RE.REST_LAST.search(line) if found.lines and found.writes and not found.question else None
    done = set().union(*map(spans_in, found.lines))
    left = {spot.number for spot in situation.offered} - done
    if said is None or not left or any(re.match("ok\\b(?! \\d)|undo|no all", each) for each in found.lines):
        return found
    if {*decided(found.lines, "ok")} - {spot.number for spot in situation.spots if not spot.open}:
        return found
    return replace(found, lines=(*found.lines, f"ok {numbers_said(sorted(left))}"))


def beside_yes(said: str, verb: str, label: str, situation: Situation) -> str:
    """What stands behind a yes or a no, in full: "15 isn't though", "GDH is one too", "plus 2 and 3".

    Args:
        verb: ``ok`` or ``no``, as the question was answered.
        label: Label of the mention that is asked about, empty for none.
    """
    if _RE.ISNT.fullmatch(said):
        return _RE.ISNT.sub(r"\g<what> is wrong", said)
    said = _RE.IS_ONE.sub(f"is a {label}", said) if label else said
    spans = re.fullmatch(r"(?:REF\d+[ ;,]*)+", read_words(said, situation).text)
    return f"{'accept' if verb == 'ok' else 'reject'} {said}" if spans else said


def of_same_word(said: str, answer: str, situation: Situation) -> str:
    """ "Second ok", behind a yes to a question about one mention: of the other one with its words."""
    found, about = _RE.OTHER_PLACE.fullmatch(said), spans_in(answer)
    spot = situation.spot(next(iter(about))) if len(about) == 1 else None
    if found is None or spot is None:
        return said
    same = [each.number for each in situation.spots if each.surface.lower() == spot.surface.lower()]
    at = ORDINALS.get(found["nth"].lower(), 2 if len(same) == 2 else 0)
    other = same[at - 1] if 0 < at <= len(same) else 0
    if found["nth"].lower() in ("other", "other one"):
        other = next((n for n in same if n != spot.number), 0) if len(same) == 2 else 0
    return f"{other} is {found['verdict']}" if other and other != spot.number else said


def with_others(line: str, situation: Situation) -> str:
    """A verdict on what is asked about and on others, with its number: "ok and 2 as well, 15 no"."""
    said, focus = _RE.VERDICT_AND.fullmatch(line), situation.focus if situation.asked else None
    each = said or _RE.VERDICT_EACH.fullmatch(line)
    if each is None or focus is None:
        return line
    judged = "wrong" if each["no"] else "right"
    if said is None:
        return f"{focus.surface} is {judged} {each['each']}"
    return f"{focus.number} and {said['n']} are {judged}{said['rest']}"


def told_why(line: str, situation: Situation) -> str:
    """The verdict on the mention that is asked about, before a remark on why: "no, a knee's a body part".

    Returns:
        ``ok`` or ``no``; empty where what follows may be an order, a condition, or about something else.
    """
    found = _RE.TOLD_WHY.fullmatch(line) if situation.asked and situation.focus else None
    if found is None or situation.focus is None or _RE.NO_REMARK.search(found["why"]):
        return ""
    if found["yes"] and _RE.DENIES.search(found["why"]):
        return ""
    wording = read_words(found["why"].replace("is the other ", "is the "), situation)
    items = wording.named(wording.text, "REF|LAB")
    labels = {label for each in items for label in each.labels}
    kinds = ("all", "label") if found["yes"] else ()  # "that is the contracting party" tells what it is
    refs = {n for each in items if each.by not in kinds for n in each.numbers}
    mine = {situation.focus.label} if found["yes"] or _RE.DENIES.search(found["why"]) else set()
    own = refs <= {situation.focus.number} and labels <= mine
    if not own or re.search(r"\b(?:accept|reject|mark|add|split|merge)\b", wording.text):
        return ""
    return "ok" if found["yes"] else "no"


STILL = "Still open: "
"""Before a question that an order about something else has left, asked once more."""


def still(pending: Pending | None, line: str, done: Sequence[str]) -> Pending | None:
    """A question that waited when a line did something else, once more; ``None`` where it is answered."""
    if pending is None or not still_asked(pending, line, done):
        return None
    return replace(pending, question=f"{STILL}{pending.question}")


def still_asked(pending: Pending, line: str, lines: Sequence[str]) -> bool:
    """Whether a question that waits is as open as before, when other lines than its own were done.

    Not where the line says no to it, takes a step back, goes on, takes a choice or decides what it is about;
    and not a question whether a sentence was understood, once another one was.
    """
    if pending.kind != "choice" or _RE.LEAVES_IT.match(line) or _RE.UNDERSTOOD.match(pending.question):
        return False
    if pending.question.startswith(STILL) or any(
        re.match(r"undo|redo|cancel|go |next|back|skip|label", x) for x in lines
    ):
        return False
    asks = [each for _, each in pending.choices if each != "cancel"]
    if any(part in lines for each in asks for part in each.split("; ")):
        return False
    about, done = set().union(*map(spans_in, asks)), set().union(*map(spans_in, lines))
    words = set(re.findall(r'add (".*?")', "; ".join(asks).lower()))
    added = set(re.findall(r'add (".*?")', "; ".join(lines).lower()))
    everything = any(re.fullmatch(r"(?:ok|no)(?: all| next)?", each) for each in lines)
    only_shows = not any(spans_in(each) or each.startswith("add ") for each in asks)
    return bool(done or added) and not (about & done or words & added or everything or only_shows)
