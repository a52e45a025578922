"""What is said of what was just said.

A choice in other words, another span than the one that was asked about, the same for one more, other words
for a span that was bounded a moment ago, a protest.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from hybrid_ner.review.chat.gains import kept_whole
from hybrid_ner.review.chat.natural import understand
from hybrid_ner.review.chat.offers import in_plain
from hybrid_ner.review.chat.orders import orders
from hybrid_ner.review.chat.reading import (
    FLOWS,
    LEAVE,
    Reading,
    asked,
    choices_about,
    named_spot,
    with_label,
)
from hybrid_ner.review.chat.references import bared, read_words
from hybrid_ner.review.chat.situation import (
    Situation,
    Spot,
    numbers_in,
    numbers_said,
    quoted,
    spans_in,
    squeezed,
)
from hybrid_ner.review.chat.weighing import about_these
from hybrid_ner.review.chat.wording import LONGEST
from hybrid_ner.review.chat.words import is_known
from hybrid_ner.review.choosing import (
    SOME,
    Understand,
    beside_yes,
    first_this,
    instead_of_all,
    named_of,
    of_same_word,
    otherwise,
    rest_too,
    with_more,
)
from hybrid_ner.review.commands.bulk import document_named
from hybrid_ner.review.commands.edit import Boundary, Link, NewLabel, Relabel
from hybrid_ner.review.commands.gazetteer import Always, Never
from hybrid_ner.review.commands.language import Line, read_line, script
from hybrid_ner.review.commands.move import _RE as _RE_MOVE
from hybrid_ner.review.commands.move import (
    AT_A_GLANCE,
    Back,
    Go,
    document_with,
    documents_meant,
    move_in,
    searches,
)
from hybrid_ner.review.commands.undo import meant_again
from hybrid_ner.review.commands.work import Work
from hybrid_ner.review.document import pages_of
from hybrid_ner.review.reply import Pending
from hybrid_ner.review.store.labels import A_LABEL, labels_meant
from hybrid_ner.review.store.lookups import withdrawals
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)

EITHER = "Which do you mean?"
"""What is asked where a line only points, and two mentions were spoken of."""


def led_by_yes(
    line: str, situation: Situation, pending: Pending | None, understand: Understand
) -> Reading | None:
    """A yes to what was asked last, and an order about something else: "yes. 5 ok, 6 is Regent Crown".

    "It is not" denies what the assistant asks by itself, also without an order behind it.
    Without a question that waits, the one that stands is about the first open span: "is “£330” a sum?". What
    only agrees in more words ("yes, that's fine"), or denies something ("yes, 3 isn't a disease"), is no
    second order.
    """
    found = _RE.YES_AND.fullmatch(line) if "?" not in line else None
    focus, verb = situation.focus, "ok"
    if found is None and pending is None:
        found, verb = _RE.NOT_AND.fullmatch(line), "no"
    if pending is not None:
        answer = pending.answer if pending.kind == "choice" else ""
    else:
        answer = f"{verb} {focus.number}" if focus and focus.open and situation.asked else ""
    if found is None or not answer:
        return None
    ways = found.groupdict()
    if ways.get("chosen") and pending is None:
        return None
    said, sign = ways["rest"] or ways.get("more") or "", ways["sign"] or ways.get("dot") or ""
    meant = labels_meant(ways.get("as") or "", situation.labels)
    if meant and (focus is None or meant != (focus.label,)):
        return None
    if verb == "no" and not said:
        return Reading((answer,), writes=True)
    if _RE.DENIAL.match(said) and not re.search("[.;]", sign) and not _RE.ISNT.fullmatch(said):
        return None  # "yes, 3 isn't a disease" agrees with that
    alone = _RE.OF_ANOTHER.fullmatch(said) or (pending is None and about_these(line, situation) != line)
    if sign.strip() == "," and alone:
        return None  # "yes, timolol is right" says yes to that alone, and "yes, 7 and 8 are drugs" to these
    if focus and verb == "ok" and _RE.BUT_EDGE.match(said):  # "yes but with Hashimoto's in front"
        edge = understand(f"{focus.number} {said}", situation)
        begins = edge and not edge.question and "".join(edge.lines).startswith(f"{focus.number} =")
        return edge if begins else None
    more = beside_yes(said, verb, focus.label if focus else "", situation)
    more = of_same_word(more, answer, situation)
    rest = understand(more, replace(situation, last=answer))  # "yes. 5 and 6 also"
    whole = orders(line, situation) if answer == f"ok {focus.number if focus else 0}" else None
    whole = kept_whole(whole, line, situation, whole=True)
    if whole and (rest is None or rest.question or "".join(rest.lines).startswith("all ")):
        return whole  # "It is, on both occasions, as is Lloyds."
    if rest is None:
        return None
    flows = all(each in FLOWS or each.startswith("go ") for each in rest.lines)
    if not (rest.question or (rest.lines and (rest.writes or verb == "no" or flows))):
        return None
    agrees = pending and focus and rest.lines == (f"ok {focus.number}",)
    if agrees and not re.search(r"(?:REF|TXT)\d|NUM", read_words(more, situation).text):
        return Reading((answer,), writes=True)  # "yes, precisely" agrees twice
    lines = rest.lines or tuple(each for _, each in rest.choices[:1])
    about, named = spans_in(answer), [spans_in(each) for each in lines]
    others = set().union(*named) - about
    if about & set().union(*named) or not (others or re.match(r'add "|next$|skip$|undo|go ', lines[0])):
        return whole  # "yes, 3 is right", "yes, that's fine": the same once more
    return with_more([answer], rest)


def in_reply(
    line: str, situation: Situation, pending: Pending | None, understand: Understand
) -> Reading | None:
    """What a sentence means by what was said right before it; ``None`` for any other sentence.

    Args:
        situation: What it can be about.
        pending: The question that waits, if one does.
        understand: Reads a sentence by itself.
    """
    waits = pending if pending is not None and pending.kind == "choice" else None
    for part in (meant_again, otherwise):
        if (found := part(line, situation, understand)) is not None:
            return found
    if waits and _RE.ALIKE.fullmatch(line) and (found := _alike(line, situation, waits, understand)):
        return found
    if waits and (found := instead_of_all(line, situation, waits, understand)) is not None:
        return found
    if waits and (found := _words_for(line, situation, waits)) is not None:
        return found
    if (found := _redirected(line, situation, waits, understand)) is not None:
        return found
    if (found := led_by_yes(line, situation, pending, understand)) is not None:
        return found
    if pending is None and situation.fresh:
        if _RE.PROTESTS.fullmatch(line):
            return asked("Shall I take the last step back?", ("Undo", "undo"))
        if (more := _RE.MOREOVER.fullmatch(line)) and situation.touched:
            rest = re.sub(r"(?i)^ ?('s|s|is) (?:also )?", "is ", more["rest"])
            return understand(f"{situation.touched} {rest}", situation)
        if _RE.OTHER_TOO.fullmatch(line):
            return _other_too(situation, understand)
        if (found := _less(line, situation, understand)) is not None:
            return found
        for again in (_swapped, _other_words, _restored, _with_sign, _only_part, _kind_too):
            if (found := again(line, situation)) is not None:
                return found
        full = _in_full(line, situation)
        found = (meant_again(full, situation, understand) or understand(full, situation)) if full else None
        if found is not None and found.lines:
            return found
    return _turned_to(line, situation) if pending is None else None


def of_next(found: Reading, line: str, situation: Situation) -> Reading:
    """What a line means by what was done and asked right before it.

    A label given to a span that has it already answers what is asked of the next: "no, that's a vessel". What
    only excuses itself behind an order takes nothing back: "9 was a property after all. My mistake".
    """
    if found.lines[:1] == ("undo",) and _RE.APOLOGY.fullmatch(line) and not _RE.UNDOES.search(line):
        return replace(found, lines=found.lines[1:] or found.lines)
    found = _of_topic(rest_too(found, line, situation, understand), line, situation)
    if situation.fresh and _RE.TOO.search(line):
        found = _unlike(found, line, situation)
    spot, focus = situation.spot(situation.touched), situation.focus
    if spot is None or focus is None or not (situation.asked and _RE.ANSWERS.match(line)):
        return found
    if situation.last.startswith("no "):
        return found  # "no, it is a finding after all"
    same = found.lines == (f"{spot.number} is {spot.label}",) and not spot.open and focus.open
    return replace(found, lines=(f"{focus.number} is {spot.label}",)) if same else found


def _unlike(found: Reading, line: str, situation: Situation) -> Reading:
    """What "too" would add under the label of a moment ago, asked where one has figures and the other none.

    "Anna Keller is a person", and then "0.5 percent too".
    """
    added = [re.fullmatch(rf'add ("[^"]*") {A_LABEL}', run) for run in found.lines]
    before = re.findall(r'"([^"]*)"', situation.last)
    before = before or [spot.surface for spot in situation.these(spans_in(situation.last))]
    texts = [each[1] for each in added if each]
    figures = {re.search(r"\d", each) is not None for each in (*before, *texts)}
    if not texts or len(texts) < len(added) or len(figures) < _SEVERAL:
        return found
    told = set(line.lower().split()) - set(" ".join(texts).lower().replace('"', " ").split())
    if any(labels_meant(word, situation.labels) for word in told):
        return found
    each_as = ((f"As {label}", [f"add {text} {label}" for text in texts]) for label in situation.labels)
    asks = " and ".join(f"“{text[1:-1]}”" for text in texts)
    return asked(f"What is {asks}?", *((name, "; ".join(runs)) for name, runs in each_as))


def _of_topic(found: Reading, line: str, situation: Situation) -> Reading:
    """What a line that only points says of the mention that is talked of, and not of the next one.

    "What's 8?", then "a diagnosis"; "is 3 a disease?", "no", then "make it a chemical". After a rejection the
    assistant asks about the next one: "it's a drug" may be said of either, and so may "it's nothing" where
    other things were said between, or "throw it out" behind a decision on a mention further down.
    """
    found = _of_group(found, line, situation)
    talked, opens = situation.spot(situation.named), re.fullmatch(r"reopen (\d+)", "; ".join(found.lines))
    if talked and talked.open and opens and int(opens[1]) != talked.number and _points_only(line, situation):
        return Reading(answer=f"{named_spot(talked)} stays open.")  # "why 3?", "leave it open"
    bounded = re.fullmatch(r'(\d+) = "[^"]*"', situation.last) if situation.fresh else None
    touched = int(bounded[1]) if bounded else situation.touched
    group = situation.these(spans_in(situation.last) if situation.fresh else ())
    if not touched and len({squeezed(each.surface) for each in group}) == 1:
        touched = group[0].number  # "chlamydia is right, both times", and then "where else is it?"
    about = situation.named or situation.lately or touched
    focus, spot = situation.focus, situation.spot(about)
    if focus is None or spot is None or not _points_only(line, situation):
        return found
    answers = situation.asked and situation.last.startswith("ok ") and not situation.named
    if answers and _RE.ANSWERS.match(line) and not _RE.CORRECTS.search(line):
        return found  # "2 is fine"; "One is left: is 1 a problem?"; "no, it is a test"
    if found.lines in (("ok",), ("ok all",)) and situation.named:
        return asked(EITHER, *((in_plain(run), run) for run in (f"ok {spot.number}", "ok all")))
    if found.lines == (f"all {quoted(focus.surface)}",):  # "where else is it?"
        return understand(line, replace(situation, framed=spot.number)) or found
    lines = found.lines or tuple(run for _, run in found.choices if run != "cancel")
    if spot is focus or set().union(*map(spans_in, lines)) != {focus.number}:
        return found
    again = understand(line, replace(situation, framed=spot.number))
    if again is None:
        return found
    labels = "".join(again.lines or [run for _, run in again.choices[:1]]).startswith(f"{spot.number} is ")
    says_it = _RE.SAYS_IT.search(line) is not None
    # Nobody asked about a mention behind the one that is asked about: it was named.
    further = focus.start < spot.start and focus is situation.offered[0]
    named = spot.number == touched and (further or (says_it and bool(_RE.CORRECTS.search(line))))
    if situation.named and (labels or found.question):
        return again
    if named and (found.question or (spot.out and labels and says_it and not _same_label(again, spot))):
        return again  # "AS is no drug", then "it's a disease"
    if not (again.lines and found.lines and again.lines != found.lines):
        return found
    own = "; ".join(again.lines)
    known = situation.named or situation.lately or named
    # "a brand", of what is one already, and no answer to whether the next is a date
    given = _same_label(again, spot) and (spot.out or focus.label == spot.label)
    other = known and labels and (says_it or focus.start < spot.start) and not given
    denies = spot.out and re.match(r"(?i)\W*no\W+(?:it|that|this)\b", line) and own == f"ok {spot.number}"
    drops = further and says_it and own == f"no {spot.number}"
    open_still = spot.open and says_it and (situation.named or situation.lately)
    if not (situation.named or other or denies or drops or open_still):
        return found
    return asked(EITHER, *((in_plain(run), run) for run in (own, "; ".join(found.lines))))


def _same_label(found: Reading, spot: Spot) -> bool:
    return "; ".join(found.lines).endswith(f" is {spot.label}")


def _of_group(found: Reading, line: str, situation: Situation) -> Reading:
    """What "them" means right after several were decided: these, and not all that is open.

    "Reject both", then "hm no, keep them"; where the same is said once more it is asked whether all is meant.
    Mentions with the same words are one: "Sheila Gorman is no company", then "she's a person".
    """
    group = spans_in(situation.last) if situation.fresh and _RE.DECIDES.fullmatch(situation.last) else set()
    group = group or {*situation.group}
    twins = len({spot.surface.lower() for spot in situation.these(group)}) == 1
    one = twins and not _RE.THEM.search(line) and _RE.SAYS_IT.search(line) is not None
    if len(group) < _SEVERAL or not (one or _RE.THEM.search(line)) or numbers_in(line):
        return found
    words = read_words(bared(line, situation), situation)
    if any(item.by not in ("this", "that", "all") for item in words.named(words.text)):
        return found
    runs = [run for run in found.lines or [each for _, each in found.choices] if run != "cancel"]
    shown = {spot.number for spot in situation.offered[: 1 if one else None]}
    if not any(run in ("ok", "ok all", "no all") or (shown and spans_in(run) >= shown) for run in runs):
        return found
    own = _said_of(group, line, situation, alone=one)
    if not own or (one and own == situation.last):
        return found
    if own == situation.last:
        return asked("Of all that is open here?", *((in_plain(run), run) for run in runs))
    if one and not (situation.last.startswith("no ") and " is " in own):
        return asked(EITHER, *((in_plain(run), run) for run in (own, "; ".join(found.lines)) if run))
    return Reading((own,), writes=True)


def _said_of(group: set[int], line: str, situation: Situation, *, alone: bool) -> str:
    """The line for what is said of some mentions, as if no others were shown; empty where it asks."""
    some = (
        replace(spot, open=spot.number in group, out=False, chosen=spot.number in group)
        for spot in situation.spots
    )
    framed = min(group) if alone else 0
    free = replace(
        situation, spots=tuple(some), framed=framed, named=0, lately=0, last="", touched=0, fresh=False
    )
    again = understand(line, free)
    if again is None or again.question or len(again.lines) != 1:
        return ""
    said, found = (
        numbers_said(sorted(group)),
        re.fullmatch(r"(ok|no)\b[\w -]*|[\d ,-]+( is .+)", again.lines[0]),
    )
    return "" if found is None else f"{found[1]} {said}" if found[1] else f"{said}{found[2]}"


_SEVERAL = 2
"""Mentions of which "them" may be said."""


def _points_only(line: str, situation: Situation) -> bool:
    """Whether a line names no mention and no words: "it's a drug", "a drug", "yes"."""
    words = read_words(bared(line, situation), situation)
    refs = words.named(words.text)
    return not (
        "TXT" in words.text or numbers_in(line) or any(each.by not in ("this", "that") for each in refs)
    )


def as_edge(
    said: Line,
    now: Callable[[], Situation],
    is_concept: Callable[[str, str], bool],
    understand: Understand,
) -> Reading | None:
    """What a command for a concept or for words asks for that are no such: ``33 -> "disease control rate"``.

    The words that stand at the span are where it begins and ends, and what follows is read as a sentence:
    ``9 = "oxaliplatin" / 10 Drug``. ``None`` where the command can be done, or where no such words stand.

    Args:
        now: What it can be about.
        is_concept: Whether a text is a concept of a label on the term lists.
    """
    command = said.command
    if isinstance(command, Relabel):
        return _named_as(command, now())
    if not isinstance(command, Link | Boundary) or len(said.text) > LONGEST:
        return None
    situation = now()
    if (spot := situation.spot(command.number)) is None:
        return None
    asks = command.concept if isinstance(command, Link) else command.quote
    if not asks or (isinstance(command, Link) and is_concept(asks, spot.label)):
        return None
    if isinstance(command, Boundary) and situation.places(asks):
        return None
    cuts = [*_RE.CUTS.finditer(asks), None]
    for cut in reversed(cuts):
        words = asks[: cut.start() if cut else len(asks)].strip(" \"'“”")
        places = situation.places(words) if words else []
        if not any(spot.meets(start, end) for start, end in places):
            continue
        if squeezed(words) == squeezed(spot.surface) and cut is None:
            return None
        edge, more = f"{spot.number} = {quoted(words)}", asks[cut.end() :].strip() if cut else ""
        if not more:
            return Reading((edge,), writes=True)
        more = re.sub(r" ?/ ?", "; ", more)
        start, end = next((a, b) for a, b in places if spot.meets(a, b))
        new = replace(spot, start=start, end=end, surface=situation.text[start:end])
        spots = tuple(new if each is spot else each for each in situation.spots)
        return with_more([edge], understand(more, replace(situation, spots=spots, framed=spot.number)))
    return None


def _named_as(command: Relabel, situation: Situation) -> Reading | None:
    """New edges where what is given for a label is a part of the span: ``15 is aspirin``."""
    spots = [situation.spot(n) for n in command.numbers.listed]
    words = squeezed(command.label)
    if len(spots) != 1 or spots[0] is None or labels_meant(command.label, situation.labels):
        return None
    surface = squeezed(spots[0].surface)
    within = f" {words} " in f" {surface} " and words != surface
    return Reading((f"{spots[0].number} = {quoted(command.label)}",), writes=True) if within else None


def redone(line: str, situation: Situation) -> Reading | None:
    """ "Redo it, I said", and "put it back" or "no, that was right" after something was taken back."""
    undone = len(re.findall(r"\bundo\b", situation.last)) if situation.fresh else 0
    if situation.fresh and (right := _RE.WAS_RIGHT.fullmatch(line)):
        kept = [spot.number for spot in situation.these(numbers_in(right["but"] or "")) if spot.open]
        if undone and kept:
            only = f"ok {numbers_said(kept)}"
            return asked("Shall I do what was undone again?", ("Redo", "redo"), (in_plain(only), only))
        if undone or re.search(r"(?:^|; )reopen [\d -]+$", situation.last):
            return Reading(("redo" if undone else "undo",))
    if _RE.REDOES_TWO.fullmatch(line):
        return Reading(("redo", "redo"))
    if undone and (back := _RE.PUTS_BACK.fullmatch(line)):
        return Reading(("redo",) * (undone if back["them"] else 1))
    return Reading(("redo",)) if _RE.REDOES.fullmatch(line) else None


def _alike(line: str, situation: Situation, pending: Pending, understand: Understand) -> Reading | None:
    """A question about one span asked of one more: "likewise the container", while a question waits.

    What was done before the question is not what is repeated, and a question is not yet a decision.
    """
    about = re.fullmatch(rf"(ok |no |)(\d+)( is {A_LABEL}|)", pending.answer)
    if about is None or not (about[1] or about[3]):
        return None
    found = understand(line, replace(situation, last=pending.answer, framed=0, named=0, waits=0))
    mine = re.fullmatch(
        rf"(ok |no |)([\d ,-]+)( is {A_LABEL}|)", found.lines[0] if found and found.lines else ""
    )
    if found is None or len(found.lines) != 1 or mine is None or (mine[1], mine[3]) != (about[1], about[3]):
        return None
    both = f"{about[1]}{numbers_said(spans_in(pending.answer) | spans_in(found.lines[0]))}{about[3]}"
    return asked("For both?", (in_plain(both), both), (in_plain(found.lines[0]), found.lines[0]))


def _redirected(
    line: str, situation: Situation, pending: Pending | None, understand: Understand
) -> Reading | None:
    """What is said of another span than the one that was heard: "no, I mean 5, only the word pain".

    Without more words the sentence that the question is about is read once more, of the span that is named.
    """
    found = _RE.REDIRECTS.fullmatch(line)
    if found is None:
        return None
    wording = read_words(found["what"].strip(), situation)
    items = wording.named(wording.text)
    single = re.fullmatch(r"(?:number )?REF\d+", wording.text) and not items[0].problem
    if not single or len(items[0].numbers) != 1 or items[0].by in ("this", "that", "all", "rest"):
        return None
    number = items[0].numbers[0]
    about = replace(situation, framed=number, named=number, waits=number, last="", fresh=False)
    if found["more"]:
        plain = _RE.OF_IT.sub("", found["more"])
        for said in (f"{number} {plain}", f"{number} is {plain}", found["more"]):
            read = understand(said, about)
            if read and read.lines and read.writes and set().union(*map(spans_in, read.lines)) == {number}:
                return read
        return None
    if pending is None:
        return None
    again = understand(pending.line, about)
    if again is not None and again.lines and again.writes and not again.question:
        done = set().union(*map(spans_in, again.lines))
        return again if done == {number} else None
    lines = [each for _, each in pending.choices if spans_in(each) == {pending.about} and pending.about]
    lines = [re.sub(rf"(?<![\w-]){pending.about}(?![\w-])", str(number), each) for each in lines]
    lines = [each for each in lines if '"' not in each]
    if not lines:
        return None
    spot = situation.spot(number)
    question = f"Of {named_spot(spot)}, then?" if spot else pending.question
    return asked(question, *((in_plain(each), each) for each in lines))


def _swapped(line: str, situation: Situation) -> Reading | None:
    """Two that were decided in one line, the other way round: "15 is a place and 16 a party", "swap them"."""
    each = re.findall(rf"(ok|no) (\d+)(?:; |$)|(\d+) is ({A_LABEL})(?:; |$)", situation.last)
    numbers = [int(number or other) for _, number, other, _ in each]
    spots = situation.these(numbers)
    if not _RE.OTHER_WAY.fullmatch(line) or len({*numbers}) != len(spots) or len(spots) != _SEVERAL:
        return None
    if "; ".join(situation.last.split("; ")[_SEVERAL:]):
        return None
    (a, b), verdicts = spots, [verb for verb, *_ in each]
    if {*verdicts} == {"ok", "no"}:
        return Reading(
            tuple(f"{verb} {n}" for verb, n in zip(reversed(verdicts), numbers, strict=True)), writes=True
        )
    if a.label == b.label or "no" in verdicts:
        return None
    return Reading((f"{a.number} is {b.label}", f"{b.number} is {a.label}"), writes=True)


def _other_words(line: str, situation: Situation) -> Reading | None:
    """Other words for the span that was bounded or added a moment ago: "no, bibasal crackles"."""
    found = _RE.OTHER_WORDS.fullmatch(line)
    said = found["text"].strip(" \"'") if found else ""
    bounded = [int(n) for n in re.findall(r'(?:^|; )(\d+) (?:= "|[<>+-]\d)', situation.last)]
    added = 'add "' in situation.last and situation.touched
    numbers = [*bounded, *([situation.touched] if added else [])]
    places = situation.places(said) if said and numbers else []
    meant = {
        spot.number
        for spot in situation.spots
        if spot.number in numbers
        and squeezed(spot.surface) != squeezed(said)
        and any(spot.meets(start, end) for start, end in places)
    }
    return Reading((f"{meant.pop()} = {quoted(said)}",), writes=True) if len(meant) == 1 else None


def _words_for(line: str, situation: Situation, pending: Pending) -> Reading | None:
    """Other words for the span that a question is about: "correct: anaphylactoid reaction".

    Longer ones; where the question is where it begins and ends also a part of it, or what stands beside it.
    """
    spot = situation.spot(situation.waits)
    found = _RE.WORDS_FOR.fullmatch(line) if spot else None
    said = found["text"].strip(" \"'") if found else ""
    if spot is None or squeezed(said) in situation.by_surface:
        return None
    edges = all(re.fullmatch(rf"{spot.number}(?: [<>+-]\d+)+|cancel", run) for _, run in pending.choices)
    for start, end in situation.places(said) if said else []:
        if edges and spot.beside(start, end):
            start, end = min(start, spot.start), max(end, spot.end)
        held = start <= spot.start and spot.end <= end
        if held or (edges and spot.start <= start and end <= spot.end):
            words = " ".join(situation.text[start:end].split())
            return Reading((f"{spot.number} = {quoted(words)}",), writes=True)
    return None


def _restored(line: str, situation: Situation) -> Reading | None:
    """A word that was cut off a span a moment ago and comes back: "put porcine back"."""
    found = _RE.RESTORES.fullmatch(line) or _RE.BELONGS.fullmatch(line) or _RE.ALSO_IN.fullmatch(line)
    spot = situation.spot(situation.touched)
    if found is None or spot is None or not re.search(r" (?:= \"|[<>+-]\d)", situation.last):
        return None
    for start, end in situation.places(found["text"]):
        if spot.beside(start, end):
            words = situation.text[min(start, spot.start) : max(end, spot.end)]
            return Reading((f"{spot.number} = {quoted(' '.join(words.split()))}",), writes=True)
    return None


def _less(line: str, situation: Situation, understand: Understand) -> Reading | None:
    """What goes back of several that were decided a moment ago: "but not the first", "no, only 2"."""
    group = spans_in(situation.last) if _RE.DECIDES.fullmatch(situation.last) else set()
    found = SOME.fullmatch(line) if len(group) >= _SEVERAL and "?" not in line else None
    named = named_of(group, found["what"], situation) if found else set()
    if found is None or not named:
        return None
    back = sorted(group - named if found["only"] else named)
    again = meant_again(f"put {' and '.join(map(str, back))} back how it was", situation, understand)
    if again and all(run.startswith("reopen ") for run in again.lines):
        return replace(again, lines=(f"reopen {numbers_said(back)}",))
    return again


def _other_too(situation: Situation, understand: Understand) -> Reading:
    """ "The other one too": the other mention of the words that were decided or bounded a moment ago."""
    was = next((past.was.get(situation.touched) for past in situation.past()), None)
    spot = was or situation.spot(situation.touched)
    same = situation.by_surface.get(squeezed(spot.surface), []) if spot else []
    others = [number for number in same if number != situation.touched]
    found = understand(f"{others[0]} too", situation) if len(others) == 1 else None
    return found or Reading(answer="Which other one? Say its number. Nothing changed.")


def _in_full(line: str, situation: Situation) -> str:
    """What leans on the line that was done last, in full: "as is 8" after an acceptance; empty for others."""
    kinds = {"ok": r"ok\b|[\d -]+ is ", "fine": r"ok\b", "no": "no ", "merge": "merge ", "any": ""}
    rules = (_RE.rules(f"after_{kind}") for kind, last in kinds.items() if re.match(last, situation.last))
    for pattern, full in (each for section in rules for each in section):
        if (found := pattern.fullmatch(line)) and not (
            (label := found.groupdict().get("label")) and len(labels_meant(label, situation.labels)) != 1
        ):
            return found.expand(full)
    return ""


def _only_part(line: str, situation: Situation) -> Reading | None:
    """Which of the words that a mention has just taken in belong to it: "just pleural"."""
    found, spot = _RE.ONLY_PART.fullmatch(line), situation.spot(situation.touched)
    was = next((past.was.get(spot.number) for past in situation.past()), None) if found and spot else None
    if found is None or spot is None or was is None or not (spot.start <= was.start and was.end <= spot.end):
        return None
    for start, end in situation.places(found["text"]):
        if spot.start <= start and end <= spot.end and was.beside(start, end) and not was.meets(start, end):
            words = situation.text[min(start, was.start) : max(end, was.end)]
            lines = (f"{spot.number} = {quoted(each)}" for each in (words, found["text"]))
            return asked("Which words are it?", *((in_plain(each), each) for each in lines))
    return None


def _kind_too(line: str, situation: Situation) -> Reading | None:
    """The mentions of another label, judged as those of one were: "equipment as well", after the drugs.

    "Drug too", after one mention, may be the label of the next.
    """
    found = _RE.KIND_TOO.fullmatch(line)
    labels = labels_meant(found["label"], situation.labels) if found else ()
    judged, verb = spans_in(situation.last), situation.last[:3]
    done = {spot.label for spot in situation.these(judged)}
    spots = [spot.number for spot in situation.offered if spot.label in labels]
    several = len(judged) > 1 or bool(found and (found["all"] or found["label"].endswith("s")))
    if not (several and spots and len(labels) == len(done) == 1) or done & {*labels}:
        return None
    return Reading((f"{verb}{numbers_said(spots)}",), writes=True) if verb in ("ok ", "no ") else None


def _with_sign(line: str, situation: Situation) -> Reading | None:
    """The sign beside what was added or bounded a moment ago: "pound sign", "with the euro sign please"."""
    found, spot = _RE.SIGN.fullmatch(line), situation.spot(situation.touched)
    if found is None or spot is None:
        return None
    sign = _SIGNS.get(found["name"].lower().removesuffix(" sign").removesuffix(" symbol"), found["name"])
    for start, end in ((spot.start - 1, spot.end), (spot.start, spot.end + 1)):
        text = situation.text[start:end]
        if text.startswith(sign) or text.endswith(sign):
            return Reading((f"{spot.number} = {quoted(text)}",), writes=True)
    return None


_SIGNS = {"pound": "£", "dollar": "$", "euro": "€", "yen": "¥", "percent": "%", "per cent": "%", "hash": "#"}
_SIGNS |= {"percentage": "%", "degree": "°", "plus": "+", "minus": "-"}


def _turned_to(line: str, situation: Situation) -> Reading | None:
    """A span that somebody turns to and says nothing of: "ok now the cows one" accepts nothing."""
    found = _RE.TURNS_TO.fullmatch(line)
    named = situation.by_surface.get(squeezed(found["what"]), []) if found else []
    spots = situation.these(named)
    if found is None or not spots:
        return None
    spot = next((each for each in spots if each.open), spots[0])
    return choices_about(f"ok {spot.number}", situation, f"What shall I do with {named_spot(spot)}?")


def as_label(pending: Pending, said: str, labels: tuple[str, ...]) -> str:
    """The choice with a label that an answer such as "yes, as a device" or "it's a drug" takes.

    A label beside those that were offered does as well. "not a device" takes back the question where that is
    the one label it offers.
    """
    longest, lines = sorted(labels, key=len, reverse=True), [line for _, line in pending.choices]
    said_of = ((next((label for label in longest if line.endswith(f" {label}")), ""), line) for line in lines)
    offered = [each for each in said_of if each[0]]
    edge = next((line for line in lines if re.match(r'\d+ = "', line)), "")
    if not offered and pending.about:
        # "23 is here already": "as a lawyer" is about 23, and not about what is framed
        heard = edge == lines[0] and not _RE.NOT_HEARD.match(pending.question)
        offered = [("", f"{edge}; {pending.about} is " if heard else f"{pending.about} is ")]
    judged = {re.sub("^(?:ok|no) ", "", each) for each in lines if each != "cancel"}
    both = judged.pop() if not offered and len(judged) == 1 else ""
    if re.fullmatch(r"\d[\d -]+", both) and len(spans_in(both)) > 1:
        offered = [("", f"{both} is ")]  # "I did not get what to do with 1 11": "are procedures"
    if not offered:
        return ""
    said = _RE.AFTER_LABEL.sub("", said)
    first, *more = _RE.INSTEAD.split(said, maxsplit=1)
    for one, other in ((first, *more), (*more, first)) if more else ():
        if _denied(one, labels):
            said = other
    answer = _RE.BEFORE_LABEL.match(said)
    meant = labels_meant(said[answer.end() :] if answer else said, labels)
    if len(meant) != 1:
        return ""
    if answer and _DENIES_LABEL.search(answer.group()):
        return "cancel" if [label for label, _ in offered] == list(meant) else ""
    return with_label(offered, meant[0])


def of_question(found: Reading, pending: Pending, line: str, situation: Situation) -> Reading:
    """What a line that only points says of the question that waits, and of no other mention.

    After "What is “hypotension”?", "put it under disease" is an answer and "bin it" leaves the question:
    neither is said of the mention that is looked at next. What else only points is told of the question.
    """
    focus, lines = situation.focus, found.lines or tuple(run for _, run in found.choices if run != "cancel")
    about = set().union(*map(spans_in, (pending.line, *(run for _, run in pending.choices))))
    if focus is None or focus.number in about or set().union(*map(spans_in, lines)) != {focus.number}:
        return found
    if not _points_only(line, situation):
        return found
    label = re.fullmatch(rf"\d+ is ({A_LABEL})", "; ".join(found.lines))
    if label and (taken := as_label(pending, label[1], situation.labels)):
        return Reading((taken,), writes=True)
    if found.lines and all(run.startswith("no ") for run in found.lines):
        rejects = [run for _, run in pending.choices if re.fullmatch(r"no [\d -]+", run)]
        return Reading((rejects[0] if len(rejects) == 1 else "cancel",), writes=True)
    return first_this(pending)


_DENIES_LABEL = re.compile(r"\b(?:(?:not|isn't|aren't)[ ,]+(?:(?:an?|the|as|to be)[ ,]+)*|no )$")
"""Before a label: "not a drug" denies it, "no, it is a drug" and "no, a drug" do not."""


def _denied(said: str, labels: tuple[str, ...]) -> list[str]:
    """The labels that an answer denies: "it's not a drug"."""
    answer = _RE.BEFORE_LABEL.match(said)
    denies = answer is not None and _DENIES_LABEL.search(answer.group())
    return list(labels_meant(said[answer.end() :], labels)) if answer and denies else []


def denied_label(pending: Pending, line: str, labels: tuple[str, ...]) -> Reading | None:
    """The question once more, the label that is denied behind the others: "they are not drugs"."""
    said = " ".join(line.lower().replace("’", "'").strip(" .!?…").split())
    denied = [f"As {label}" for label in _denied(said, labels)] if pending.kind == "choice" else []
    left = tuple(each for each in pending.choices if each[0] not in denied)
    return Reading(question=pending.question, choices=left) if left != pending.choices else None


def doubted_label(pending: Pending, line: str, labels: tuple[str, ...]) -> Reading | None:
    """The question once more, when a label is named in doubt: "maybe a device"."""
    offered = [each for each in pending.choices if each[0].startswith("As ")]
    doubt = _RE.DOUBTED.match(line)
    if pending.kind != "choice" or not offered or doubt is None:
        return None
    meant = labels_meant(line[doubt.end() :].strip(" .!?…"), labels)
    if len(meant) != 1:
        return None
    lines = [(name.removeprefix("As "), line) for name, line in offered]
    chosen = (f"As {meant[0]}", with_label(lines, meant[0]))
    others = [each for each in pending.choices if each not in (chosen, LEAVE)][:2]
    return Reading(question=f"You seem to be in doubt. {pending.question}", choices=(chosen, *others, LEAVE))


# Lines that move to another document, and what is said behind such a move.


def takes_out(work: Work, line: str, situation: Situation) -> Reading | None:
    """A document that should not be there, or that should be there again; either is asked about.

    "This is the wrong patient, remove the document"; "this letter is a duplicate of d3"; "bring it back", of
    the document that was taken out. Not so "take the note out", where that is a mention.
    """
    said = line.strip().replace("’", "'")
    if _RE.BRINGS_BACK.fullmatch(said):
        out = withdrawals(work.connection, work.project.id)
        return Reading((f"reinstate {quoted(out[-1].doc_id)}",)) if len(out) == 1 else None
    if _RE.ERASES.fullmatch(said):
        return Reading(("erase",))
    if found := _RE.OUT_OF_PLACE.fullmatch(said):
        return Reading((f"withdraw because {quoted(found['why'] or found['wrong'])}",))
    found = _RE.WITHDRAWS.fullmatch(said)
    if found is None:
        return None
    before, after = found["before"] or "", found["after"] or ""
    marked = any(word in situation.by_surface for word in found["order"].lower().split())
    if marked or (before and not _RE.NOT_OURS.search(before)):
        return None
    why = before or after.removeprefix("it is ").removeprefix("it's ")
    if found["number"] and document_named(work.connection, work.project.id, found["number"]) is None:
        return None
    which = f"withdraw doc {quoted(found['number'])}" if found["number"] else "withdraw"
    return Reading((f"{which} because {quoted(why)}" if why else which,))


def goes_to(work: Work, line: str, situation: Situation) -> Reading | None:
    """The document that a line names and wants to see: "could you open PATH-1 first?", "case 2 pls".

    Also "on we go to the lease", and the whole of a name that stands alone.
    """
    alone = line.strip(" .!")
    if work.document_row(alone) is not None and not (
        is_known(alone.lower()) or situation.holds(alone.lower())
    ):
        return Reading((_go(alone),))
    bare = _RE.PLAIN_NAME.sub("", alone)
    if " " in bare and not situation.holds(bare.lower()) and (name := work.document_called(bare)):
        return Reading((_go(name),))  # "the award notice please"
    if onward := _RE.ON_WE_GO.fullmatch(line):
        on = f"go on{onward['to']}"
        return goes_to(work, on, situation) or understand(on, situation)
    topics = (_RE.LETTER_ABOUT, _RE.OPENS_ONE)
    for pattern in (_RE.NAMED, _RE.GOES_TO, _RE.GOES_TO_WORD, *topics, _RE.GOES_TO_WORDS):
        found = pattern.fullmatch(line)
        loosely = pattern is _RE.GOES_TO_WORDS
        name = work.document_called(found["name"], loosely=loosely) if found else ""
        by_words = loosely or pattern is _RE.GOES_TO_WORD
        if found and not name and (pattern in topics or (loosely and " " in found["name"])):
            here = situation.holds(found["name"].lower())  # "let us continue with the processing agreement"
            name = str((not here and document_with(work, found["name"])) or "")
        if found and name and not (by_words and found["name"].lower() in situation.by_surface):
            before = (found.groupdict().get("before") or "").strip(" .,;!?")
            return Reading((*_before_move(before, situation), _go(name)))
    meant = move_in(work, line, situation)
    also = documents_meant(work, meant[2].strip(" .?!")) if meant and meant[2] else []
    if meant and (too := [each for each in also if each in meant[1]]):
        meant = (meant[0], too, "")  # "back to the first statement, Helen's"
    if meant is None or (meant[2] and not _RE_MOVE.PURPOSE.fullmatch(meant[2])):
        return None
    if len(names := meant[1]) > 1:
        return asked("Which document?", *((f"Go to {name}", _go(name)) for name in names))
    lines = _before_move(meant[0], situation)
    return Reading((*lines, _go(names[0]))) if lines or _says_nothing(meant[0], situation) else None


def finds_here(work: Work, line: str, situation: Situation) -> Reading | None:
    """A place in the open document that a line wants to see: "scroll to the governing law clause".

    A plain "go to" is taken so in a long document alone; "in here" and "scroll" are said of any. Words that
    do not stand there, and names of documents, mean something else.
    """
    if ends := _RE.ENDS_IN.fullmatch(line):
        return Reading(("go top" if _RE.TOP.search(ends["place"] or ends["scrolled"]) else "go end",))
    if page := _RE.TO_PAGE.fullmatch(line):
        known = pages_of(work.connection, work.place.document_id or 0)
        return Reading((f"go page {page['number']}",)) if known else None
    if _RE.NEXT_FOUND.fullmatch(line):
        last = next((searched for searched, _ in searches(work) if searched), None)
        return Reading((f"find {quoted(last.text)}{' here' if last.here else ''}",)) if last else None
    found = _RE.GOES_IN.fullmatch(line) or _RE.WHERE_IN.fullmatch(line)
    if found is None:
        return None
    said = found["words"].lower()
    sure = found["here"] or found["verb"] or _RE.SECTION.search(said)
    if not sure and (len(situation.text) <= AT_A_GLANCE or "go" not in found.re.groupindex):
        return None
    about = _RE.SECTION_ABOUT.fullmatch(said)
    words = (said, _RE.IS_SECTION.sub("", said), about["words"] if about else "", _RE.NUMBERED.sub("", said))
    if labels_meant(said, situation.labels) or work.document_called(said):
        return None
    for each in dict.fromkeys(words):
        if situation.holds(each) and not (each.isdecimal() or all(map(is_known, each.split()))):
            return Reading((f"find {quoted(each)} here",))
    return None


def _before_move(before: str, situation: Situation) -> tuple[str, ...]:
    """What is to be done before a move; nothing for a question or a musing."""
    first = understand(before, situation) if before and not _RE.LEAVES.fullmatch(before) else None
    decides = first is not None and first.writes and not first.question
    return first.lines if first and decides else ()


def _says_nothing(before: str, situation: Situation) -> bool:
    """Whether what stands before a move asks for nothing: it names nothing, refuses, or muses."""
    before = _RE_MOVE.FIRST.sub("", f"{before} ").strip(" -")
    if not before or _RE.LEAVES.fullmatch(before) or _RE_MOVE.REFUSES.fullmatch(before):
        return True
    wording = read_words(before, situation)
    return "DOUBT" in wording.text or not re.search(r"(?:REF|LAB|TXT|NUM)\d", wording.text)


def _go(name: str) -> str:
    return f"go {name}" if re.fullmatch(r"\S+", name) else f"go {quoted(name)}"


def may_move(line: str) -> bool:
    """Whether a line may begin with a move, or a yes, and say more."""
    begins = _RE.MOVES.fullmatch(line) or _RE.YES_THEN.fullmatch(line) or _FILE_LAST.fullmatch(line)
    return begins is not None or _RE.MAY_MOVE.search(line) is not None


def yes_first(pending: Pending, line: str, situation: Situation) -> tuple[str, str] | None:
    """A yes to a question that nothing else answers, and what is said behind it: "yes, and go to doc 2".

    It may be said of what there is only when the yes is done: "yes, and hail is one" of a new label.
    """
    found = _RE.YES_THEN.fullmatch(line) if pending.kind in ("yes", "count") else None
    if found is None:
        return None
    asked_for, rest = read_line(pending.line).command, found["rest"]
    label = asked_for.name if isinstance(asked_for, NewLabel) else ""
    one = _RE.IS_ONE.fullmatch(rest)
    if label and one and re.search(r"(?i)\b(?:one|some)\b", rest[one.end("what") :]):
        verb = "are" if " and " in one["what"] else "is"
        return pending.answer, f"{one['what']} {verb} {label}"
    if label and labels_meant(rest.split()[-1].strip(" .!"), (label,)):
        return pending.answer, rest  # "microcalcifications and heterogeneity are findings"
    term = re.search(r'"[^"]*"', pending.line)
    if one and term and isinstance(asked_for, Always | Never) and situation.holds(one["what"].lower()):
        return pending.answer, pending.line.replace(term[0], quoted(one["what"]))
    read = understand(rest, replace(situation, framed=0, named=0, waits=0))
    if read is None or not read.lines or read.question:
        return None
    verdicts = all(re.match(r"(?:ok|no)\b", each) for each in read.lines)
    if verdicts and not re.search(r"(?:REF|LAB|TXT)\d", read_words(rest, situation).text):
        return None  # "yes, please do so" says nothing more
    if (some := SOME.fullmatch(rest)) and some["only"]:
        return None  # "ok, then just 19"
    if read.lines == ("skip",) and line[: found.start("rest")].rstrip().endswith(","):
        return None  # "ok, later" puts off the question
    return (pending.answer, rest) if read.writes or _MOVES.fullmatch(read.lines[0]) else None


_FILE_LAST = re.compile(r"(?P<first>[^`]+); (?P<file>export \S+)")
"""Lines with a file behind them, which no other line may stand beside: ``ok 1; export jsonl``."""
_MOVES = re.compile(r"next|back|skip|go .+|export .+")


def renamed(pending: Pending, line: str) -> str:
    """The line for a new label whose name is set right: "no; the name is just Symptom"."""
    said = _RE.LABEL_NAME.fullmatch(line) if isinstance(read_line(pending.line).command, NewLabel) else None
    return f"label {said['name']}" if said else ""


def moves_first(work: Work, line: str, situation: Situation) -> tuple[str, str] | None:
    """A move at the head of a line, and what is said of the document that is then open.

    "go o4; 14 Biomarker", "back. 2 is fine", "go to lease, 11 should be ok after all". ``None`` where the
    line moves only, or asks for nothing besides.
    """
    if (pending := work.place.pending) and (taken := yes_first(pending, line, situation)):
        return taken
    if work.place.pending and (both := _FILE_LAST.fullmatch(line)) and script(f"{both['first']}; next"):
        return both["first"], both["file"]
    named = work.place.pending is not None and any(
        line.strip().lower() == name.lower() for name, _ in work.place.pending.choices
    )
    if named or about_these(line, situation) == "undo":
        return None  # "Go to letter 2 and do it", which is offered; "back, I clicked too fast"
    found = _RE.MOVES.fullmatch(line)
    head, rest = (found[each].strip() if found else "" for each in ("head", "rest"))
    said = read_line(head).command if head else None
    name = work.document_called(said.where) if isinstance(said, Go) else ""
    plain = _go(name) if name else "back" if isinstance(said, Back) else ""
    by_head = (goes_to(work, head, situation) or understand(head, situation)) if head and not plain else None
    read = Reading((plain,)) if plain else by_head
    if read is None or len(read.lines) != 1 or not re.fullmatch(r"back|go .+", read.lines[0]):
        meant = move_in(work, line, situation)
        one = meant is not None and len(meant[1]) == 1 and _says_nothing(meant[0], situation)
        if meant is None or not one or not meant[2] or _RE_MOVE.PURPOSE.fullmatch(meant[2]):
            return None
        return _go(meant[1][0]), re.sub(r"(?i)^(?:and|then|so)\b[ ,]*", "", meant[2])
    if _RE_MOVE.PURPOSE.fullmatch(rest):
        return None
    if read_line(rest).command is None:  # of another document it is read when that is open
        then = understand(rest, situation)
        talks = then is not None and not (then.lines or then.question)
        if talks or (then is None and read.lines[0] == "back"):
            return None
    return read.lines[0], rest


def moves_last(line: str, situation: Situation) -> Reading | None:
    """A move behind remarks that name nothing: "no no, I wasn't done there! Back to the other one."."""
    found = _RE.MOVES_LAST.fullmatch(line)
    if found is None or re.search(r"(?:REF|LAB|TXT)\d", read_words(found["told"], situation).text):
        return None
    read = understand(found["move"], situation)
    moves = read is not None and len(read.lines) == 1 and re.fullmatch(r"next|back|skip|go .+", read.lines[0])
    return read if moves else None
