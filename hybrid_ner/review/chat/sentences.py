"""Several orders in one line: each is read alone, and nothing that one of them says is lost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import NamedTuple

from hybrid_ner.review.chat.offers import in_plain, offered, sensible
from hybrid_ner.review.chat.reading import (
    FLOWS,
    LEAVE,
    Reading,
    Understand,
    Wording,
    asked,
    decided,
    in_order,
)
from hybrid_ner.review.chat.references import bared, read_words
from hybrid_ner.review.chat.several import of_denied_label, of_ok_row
from hybrid_ner.review.chat.situation import (
    Situation,
    Spot,
    numbers_in,
    numbers_said,
    quoted,
    spans_in,
    squeezed,
)
from hybrid_ner.review.chat.turns import REASONS, named_spans
from hybrid_ner.review.chat.words import NUMBERS
from hybrid_ner.review.store.labels import A_LABEL, label_words, plain_words
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)


def by_sentences(line: str, situation: Situation, understand: Understand) -> Reading | None:
    """Several sentences, each read alone.

    "3 is fine. Six is a dose, and seven lacks the year." What one asks is asked with what the others do, so
    that nothing is lost; and what cannot be read at all is told before the rest is done.

    Returns:
        ``None`` for a single sentence and where none can be read.
    """
    read = _each_sentence(line, situation, understand)
    if read is None or not ({*read.done} - {*FLOWS} or read.asks):
        return None  # "no objections. Next one please" is more than the second
    if not read.asks and not read.strange:
        plain = all(sensible("; ".join(pair)) for pair in combinations(read.done, 2))
        return Reading(tuple(read.done), writes=True) if plain else None
    done, asks = read.done, read.asks
    firsts = [each.choices[0][1] for each in asks if each.choices[:1] != (LEAVE,)]
    told = f"I did not get “{read.strange[0]}”. The rest?" if read.strange else asks[0].question
    found = ["; ".join((*done, *firsts))]
    found += ["; ".join((*done, each)) for _, each in (asks[0].choices[1:-1] if len(asks) == 1 else ())]
    found += ["; ".join(done)] * (len(asks) > 1 and bool(done))
    kept = [each for each in dict.fromkeys(found) if each and sensible(each)][:_MOST_OFFERED]
    return asked(told, *((in_plain(each), each) for each in kept)) if kept else None


def says_more(apart: Reading, whole: Reading | None) -> bool:
    """Whether sentences read apart decide more than the line as a whole, which is nothing or a question."""
    known = _decides(whole.choices[0][1]) if whole and whole.choices else set()
    return len(_decides(apart.choices[0][1])) > len(known)


@dataclass
class _Sentences:
    """What the sentences of a line do, what they ask, and which cannot be read."""

    done: list[str] = field(default_factory=list)
    asks: list[Reading] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)


def _each_sentence(line: str, situation: Situation, understand: Understand) -> _Sentences | None:
    """Each sentence of a line read alone; ``None`` for a single one and where one turns another.

    "Keep 5. No, 6."; "he is the judge. So 3 is a person"; "I know her, she is a person; 3 is one".
    """
    parts = [part for part in _sentences(line, situation) if not _RE.EXCLAIMS.fullmatch(part)]
    if not 1 < len(parts) <= _MOST_SENTENCES or any(map(_RE.TURNS.match, parts[1:])):
        return None
    found, about, last = _Sentences(), 0, situation.last
    before = set[int]()
    for part in parts:
        words = read_words(part, situation)
        named = bool(named_spans(words)) or "TXT" in words.text
        points = _RE.POINTS.search(part) is not None
        framed = about if about and (points or not named) else situation.framed
        again = last if _RE.AGAIN.search(part) else situation.last
        read = understand(part, replace(situation, framed=framed, last=again))
        back = of_those(part, read, before, named=named)
        read = back or read
        if read is None or not (read.lines or read.question):
            if points:
                return None  # "the judge is missing; kindly add him"
            # "Och for heaven's sake"; "replay x" may be a command
            chat = read is None and part.count(" ") > 1 and not _RE.MAY_ORDER.search(words.text)
            chat = chat or bool(read and read.answer) or _RE.CHAT.fullmatch(part) is not None
            chat = chat and not any(  # "And Home, I said."
                re.search(rf"(?<!\w){re.escape(spot.surface)}(?!\w)", part) for spot in situation.waiting
            )
            found.strange += [] if chat else [part]
            continue
        lines = read.lines or tuple(each for _, each in read.choices[:1])
        first = lines[0] if lines else ""
        if read.question and (not _decides(first) or (first[:4] == "add " and _RE.DENIES.search(part))):
            # "let me be plainer"; but "pain is history, no event", and "the rest accordingly"
            lost = any(item.problem for item in words.named(words.text))
            found.strange += [part] if named or lost or _RE.OPERATES.search(part) else []
            continue
        quiet = read.lines and not read.writes and not {*read.lines} <= {*FLOWS}
        undoes = read.lines == ("undo",)  # "Undo that" names no mention
        several = _RE.SEVERAL.search(part) is not None
        vague = back is None and (several or (points and not (about or undoes)))
        if quiet or (not named and vague):
            return None
        if read.question:
            found.asks.append(read)
        found.done += read.lines
        last, before = (lines or (last,))[-1], used(read.lines, situation).numbers or before
        about = read.about or (min(before) if len(before) == 1 else about)
    found.done = list(in_order(Reading(tuple(found.done)), line).lines) if found.done else []
    found.strange += re.findall(r"(?i)(?<=\w[.!;] )no(?=\. also )", line)  # of what was asked before
    return found


def of_those(part: str, read: Reading | None, before: set[int], *, named: bool) -> Reading | None:
    """A verdict on what was told just before, not on all there is: "16 is an effect; simply accept them".

    Args:
        before: What the sentences before it have told something of.
        named: Whether it names mentions itself.
    """
    if read is None or read.lines not in (("ok",), ("no",)) or named or not before:
        return None
    if not _RE.SEVERAL.search(part) or _RE.OF_ALL.search(part):
        return None
    return replace(read, lines=(f"{read.lines[0]} {numbers_said(before)}",))


def joins_sentences(whole: Reading | None, apart: Reading, line: str, situation: Situation) -> bool:
    """Whether a line adds what one of its sentences alone only asks, or labels a span of another sentence.

    "aspirin. warfarin drug." gives aspirin no label.
    """
    adds = whole is not None and any(each.startswith("add ") for each in whole.lines)
    if whole and adds and {*whole.lines} == {*apart.choices[0][1].split("; ")}:
        return True  # "you missed the deposit, £12,125 is money. 9 is a period"
    labeled = [each for each in whole.lines if re.fullmatch(rf"[\d -]+ is {A_LABEL}", each)] if whole else []
    for part in _sentences(line, situation) if labeled else ():
        words = read_words(part, situation)
        items = words.named(words.text)
        alone = {n for item in items if item.by not in ("this", "that", "rest") for n in item.numbers}
        if _RE.SAYS_LABEL.search(words.text):
            continue
        if any(alone & numbers_in(each) not in (set(), numbers_in(each)) for each in labeled):
            return True
    return False


def _decides(line: str) -> set[str]:
    """The spans and words that a line is about."""
    texts = re.findall(r'"[^"]*"', line)
    return {*texts, *map(str, numbers_in(re.sub(r'"[^"]*"', "", line)))}


def _sentences(line: str, situation: Situation) -> list[str]:
    """A line at its full stops and semicolons, but for those in the document's own words."""
    parts = [line]
    for cut in reversed(list(_RE.STOP.finditer(line))):
        around = line[max(0, cut.start() - 6) : cut.end() + 5].strip()
        number = re.search(r"(?i)(?<!\d )\bno$", line[: cut.start()])  # "no. 5 is a drug"
        if around not in situation.text and not (number and line[cut.end()].isdecimal()):
            parts[0:1] = [parts[0][: cut.start()], parts[0][cut.end() :]]
    return [part for part in (each.strip(" .;!") for each in parts) if part]


_MOST_SENTENCES, _MOST_OFFERED = 12, 4
_MOST_CUTS, _LONGEST_PART = 24, 4
"""Places at which a line is divided; pieces that one order may have, each of which is read once more."""


def first_asks(line: str, situation: Situation, understand: Understand) -> Reading | None:
    """An order behind a question: "what is 14 again? anyway, 12 is a drug"."""
    found = _RE.FIRST_ASKS.fullmatch(line)
    answer = understand(found["asks"], situation) if found else None
    if found is None or answer is None or answer.writes or answer.question:
        return None
    lines = _alone(found["then"], replace(situation, part=True), understand)
    return Reading((*answer.lines, *lines), writes=True) if lines else None


def last_asks(line: str, situation: Situation, understand: Understand) -> Reading | None:
    """A question behind a musing: "I think that concludes this one. What remains to be done?"."""
    found = _RE.LAST_ASKS.fullmatch(line)
    if found is None:
        return None
    before, answer = understand(found["before"], situation), understand(found["asks"], situation)
    decides = before is not None and before.lines
    return None if decides or answer is None or answer.question else answer


class Used(NamedTuple):
    """What lines are about: numbers of spans, and all their words in small letters."""

    numbers: set[int]
    words: str


def used(lines: Sequence[str], situation: Situation) -> Used:
    """The spans that lines are about, and the words in them and of these spans."""
    numbers = {n for line in lines for n in spans_in(line)}
    texts = [text for line in lines for text in re.findall(r'"((?:[^"\\]|\\.)*)"', line)]
    texts += [spot.surface for spot in situation.spots if spot.number in numbers]
    return Used(numbers, " | ".join(" ".join(text.casefold().split()) for text in texts))


def unused(wording: Wording, lines: Sequence[str], situation: Situation) -> list[str]:
    """The markers of a sentence that no line has anything to do with: named spans, words of the text."""
    numbers, words = used(lines, situation)
    found: list[str] = []
    for marker in re.findall(r"(?:REF|TXT)\d+", wording.text):
        item = wording.item(marker)
        said = " ".join(item.said.casefold().split())
        if item.kind == "ref" and item.by in ("number", "term", "order"):
            each = item.by == "number" and "REF" not in item.said  # "split 6, aspirin is" names no 6 and 9
            lacks = not {*item.numbers} <= numbers if each else numbers.isdisjoint(item.numbers)
            adds = item.by == "order" and any(each.startswith("add ") for each in lines)
            if lacks and not adds and not (item.by == "term" and said in words):
                found.append(marker)
        elif item.kind == "txt" and not (said in words or all(e in words for e in _RE.ROW.split(said))):
            found.append(marker)
    return found


def unaccounted(lines: Sequence[str], line: str, situation: Situation) -> bool:
    """Whether a line says more than its lines do, so that it has to be asked before anything is written.

    It counts more mentions or names others ("they should both go", of which one is rejected), denies at its
    end what it said ("reject 4, hmm, not 4"; "it is a drug, no."), speaks of other documents too, gives a
    label to what is only rejected, or has a word that nobody knows where it decides ("get rid of this
    microphone").
    """
    about = used(lines, situation).numbers
    whole = any(_RE.WHOLE.fullmatch(each) for each in lines)
    if any(" = " in each for each in lines) and _RE.OR_EDGE.search(line):
        return True
    if not (about or whole) or any(map(_RE.FURTHER.match, lines)):
        return False
    if count := _RE.COUNTS.search(line):
        made = len(situation.offered) if whole else len(about) + sum(each[:4] == "add " for each in lines)
        wanted = NUMBERS[(count["n"] or "two").lower()]
        if made < wanted or (whole and made > wanted):
            return True
    again = _RE.NOT_LAST.search(line)
    if again and re.search(rf"(?i)(?<!\w){again['said']}(?!\w)", line[: again.start()]):
        said = again["said"].lower()
        if (NUMBERS.get(said) or int(said if said.isdecimal() else 0)) in about:
            return True
    if any(_cut_at_comma(each, line, situation) for each in lines):
        return True
    if len(lines) == 1 and (_RE.BETWEEN.fullmatch(line) or _RE.UNSURE_OF.search(line)):
        return True
    wording = read_words(line, situation)
    if _RE.ELSEWHERE.search(line) and not _RE.NEAR.search(line):
        return True
    if _RE.ENDS_IN_NO.search(line) and not any(each.startswith(("no ", "undo")) for each in lines):
        return True
    if all(map(_RE.PLAIN.fullmatch, lines)) and _points_past(about, line, wording):
        return True
    sure = not ("?" in line or "DOUBT" in wording.text)
    if sure and _labels_rejected(lines, wording, situation):
        return True
    told = [*lines, *(spot.surface for spot in situation.these(about))]
    return (not whole and _forgets(about, told, line, wording)) or _strange(lines, line, situation)


def without_article(made: str, line: str, situation: Situation) -> str:
    """A line for an edge without the article of the sentence: "1 should be the High Court"."""
    edge = re.fullmatch(r'(\d+) = "([Tt]he) (.+)"', made)
    spot = situation.spot(int(edge[1])) if edge else None
    if edge is None or spot is None or spot.surface[:4].lower() == "the " or _RE.WITH_THE.search(line):
        return made
    if edge[2] == "The" and f"the {edge[3].lower()}" not in re.sub(r"\bThe\b", "", line).lower():
        return made  # "the is missing in 22", "22 should be The Ballot Act"
    return f"{edge[1]} = {quoted(edge[3])}" if squeezed(spot.surface) in squeezed(edge[3]) else made


def _cut_at_comma(made: str, line: str, situation: Situation) -> bool:
    """Whether a mention that is named whole would be cut at its comma: "March 3, 2021 is fine"."""
    edge = re.fullmatch(r'(\d+) = "(.*)"', made)
    spot = situation.spot(int(edge[1])) if edge else None
    if edge is None or spot is None or "," not in spot.surface or _RE.SHORTER.search(line):
        return False
    pieces = [piece.strip() for piece in spot.surface.lower().split(",")]
    return spot.surface.lower() in line.lower() and edge[2].lower() in pieces


def _points_past(about: set[int], line: str, wording: Wording) -> bool:
    """Whether "it" was taken for the mention on the screen, though the line has named something else before.

    "The membership number is no amount, so remove it", of a number that is named in other words.
    """
    for marker in re.finditer(r"REF\d+", wording.text):
        item = wording.item(marker.group())
        if item.by in ("this", "that") and {*item.numbers} <= about:
            before = map(wording.item, re.findall(r"(?:TXT|UNK)\d+", wording.text[: marker.start()]))
            if any(re.search(rf"(?i)\b(?:the|that|this|at|on) {re.escape(e.said)}\b", line) for e in before):
                return True
    return False


def _labels_rejected(lines: Sequence[str], wording: Wording, situation: Situation) -> bool:
    """Whether what gets another label is only rejected: "No, a sleep disturbance is a symptom, not a …"."""
    rejected = {*decided(lines, "no")} if all(each.startswith("no ") for each in lines) else set[int]()
    for named, label in _RE.GIVEN.findall(wording.text):
        spots = situation.these({*wording.item(named).numbers} & rejected)
        if spots and not {spot.label for spot in spots} & {*wording.item(label).labels}:
            return True
    return False


def _forgets(about: set[int], told: Sequence[str], line: str, wording: Wording) -> bool:
    """Whether a line names a mention by its number that no line of the command language is about.

    What is left out, left for later or taken back, what only says where something stands, and a figure of the
    words that are meant ("the 9 Jan 2019 date is right"), is none.

    Args:
        about: Numbers that the lines are about.
        told: The lines, and the texts of these mentions.
    """
    figures = {figure for each in told for figure in re.findall(r"[\w-]+", re.sub(r"^[\d -]+ = ", "", each))}
    if _RE.LATER.search(line) or _RE.LEAVES.search(line):
        return False
    for item in wording.named(wording.text):
        said = item.said.lower()
        figure = item.by == "number" and (said in NUMBERS or (said.isdecimal() and said not in figures))
        if figure and not {*item.numbers} <= about:
            at = [
                m.start()
                for m in re.finditer(rf"(?i)(?<!\w){said}(?! ?%|\w)(?!{_RE.source('THINGS')})", line)
            ]
            if at and not any(_RE.SPARED.search(line[:start]) for start in at):
                return True
    return False


def _strange(lines: Sequence[str], line: str, situation: Situation) -> bool:
    """Whether a word that nobody knows stands in a clause that decides, and no other clause decides the same.

    Where a label is said ("the actual diagnosis", "the test itself") and before a mention ("moreover, 3") it
    does no harm, nor where lines give edges or add something. Of 1,093 right sentences this asks 2; any
    unknown word would ask 102 (``benchmarks/chat.md``).
    """
    if not all(map(_RE.PLAIN.fullmatch, lines)):
        return False
    wording = read_words(bared(line, situation), situation)
    unknown: set[int] = set()
    sure: set[int] = set()
    for clause in _RE.CLAUSE.split(wording.text):
        plain = _RE.HARMLESS.sub("", clause)
        if "LAB" not in plain and _RE.DECIDING.search(plain):
            numbers = {n for item in wording.named(plain) for n in item.numbers}
            unknown, sure = (unknown | numbers, sure) if "UNK" in plain else (unknown, sure | numbers)
    return bool(unknown - sure)


def in_parts(line: str, situation: Situation, understand: Understand) -> Reading | None:
    """Two or more orders, cut where each is sure by itself, leaves out nothing, and is about something else.

    "2 dx, and cut "was done" off 4"; "1 2 fine 9 no 14 finding". Parts are as long as they can be.
    """
    cuts = [] if "?" in line or situation.part else _cuts(line, situation)
    if not 0 < len(cuts) < _MOST_CUTS:
        return None
    again = replace(situation, part=True)
    within = replace(again, last="")  # "3, 4" of "3, 4 and 7 are fine" is no more of what was said before
    starts, ends = [0, *(cut.end() for cut in cuts)], [*(cut.start() for cut in cuts), len(line)]
    # What the parts from the nth on are: from the last to the first.
    found: list[tuple[tuple[str, ...], ...] | None] = [None] * len(starts) + [()]
    for first in reversed(range(len(starts))):
        for last in reversed(range(first, min(first + _LONGEST_PART, len(ends)))):
            rest = found[last + 1]
            if rest is None or (first, last) == (0, len(ends) - 1):
                continue
            part = line[starts[first] : ends[last]]
            if lines := _alone(part, again if _RE.AGAIN.search(part) else within, understand):
                found[first] = (lines, *rest)
                break
    return _together(found[0] or (), situation)


def beside(found: Reading, line: str, situation: Situation, understand: Understand) -> Reading | None:
    """The question for what is understood, with an order at the end of the line that it leaves out."""
    within = replace(situation, part=True)
    for cut in [] if "?" in line or situation.part else _cuts(line, situation)[:_MOST_CUTS]:
        orders = _RE.IMPERATIVE.match(line, cut.end())
        last = _alone(line[cut.end() :], within, understand) if orders else ()
        if last and not {*last} & {*found.lines} and sensible("; ".join((*found.lines, *last))):
            return offered([*found.lines, *last], None)
    return None


def _together(parts: Sequence[tuple[str, ...]], situation: Situation) -> Reading | None:
    """The lines of all parts; ``None`` where two of them are about the same span."""
    decided = {n for lines in parts if not _RE.REST.search(lines[0]) for n in used(lines, situation).numbers}
    made: list[str] = []
    done: set[int] = set()
    for lines in parts:
        if _RE.REST.search(lines[0]):  # of "the rest", what no other part decides
            verb, pool = lines[0].split()[0], numbers_in(lines[0])  # "the rest of the sums are right"
            left = (pool or {spot.number for spot in situation.offered}) - decided
            lines = (f"{verb} {numbers_said(left)}",) if left else ()
        about = used(lines, situation).numbers
        if about & done and not sensible("; ".join((*made, *lines))):
            return None
        made += lines
        done |= about
    return Reading(tuple(made), writes=True) if made else None


def _cuts(line: str, situation: Situation) -> list[re.Match[str]]:
    """Where a line may be divided: at full stops, words that join, commas, and before numbers."""
    found: list[re.Match[str]] = []
    for cut in _RE.CUT.finditer(line):
        before, after = line[: cut.start()], line[cut.end() :]
        around = line[max(0, cut.start() - 6) : cut.end() + 5].strip()
        quoted = before.count('"') % 2 or (cut["stop"] and around in situation.text)
        listed = before[-1:].isdecimal() and after[:1].isdecimal() and _RE.LISTS.search(before)
        if not quoted and not listed:  # "accept 1, 4 and 6"
            found.append(cut)
    return found


def leaves_out(line: str) -> bool:
    """Whether a line that leaves out something may have lost an order: not where it is left for later."""
    return _RE.LEAVES.search(line) is None


def with_rest(found: Reading, wording: Wording, situation: Situation) -> Reading:
    """What a span gives up and gets a label of its own: "5 = rifampicin and dapsone is a drug as well"."""
    bounded = {int(m[1]): m[2] for each in found.lines if (m := re.match(r'(\d+) = "(.*)"', each))}
    lines = found.lines
    for match in _RE.LABELED.finditer(wording.text):
        said, labels = wording.item(match[1]).said, wording.item(match[2]).labels
        for number, words in bounded.items():
            spot = situation.spot(number)
            cut = spot and spot.has(said) and said not in words
            if cut and len(labels) == 1 and not any(said in each for each in lines):
                judged = (f"ok {number}", f"{number} is {labels[0]}")
                kept = tuple(each for each in lines if each not in judged)
                lines = (*kept, f"add {quoted(said)} {labels[0]}")
    return replace(found, lines=lines)


def loses(found: Reading, line: str, wording: Wording, left: Sequence[str], situation: Situation) -> bool:
    """Whether what a line leaves out is quoted, what a verb is about ("drop the severe"), or judged."""
    edges = any(re.match(r"\d+ (?:=|[<>+-])|merge|split|undo", line) for line in found.lines)
    if not found.writes or _RE.CORRECTS.search(wording.raw):
        return False
    wanted = {quote.casefold() for quote in _RE.WANTED.findall(wording.raw)}
    lacks = any(wording.item(each).said.casefold() in wanted for each in left)
    ordered = {marker for marker in left if wording.item(marker).kind == "txt"}
    verbs = not edges and any(m[1] in ordered for m in _RE.ORDERED.finditer(wording.text))
    return lacks or verbs or _passed_over(found, line, wording, left, situation)


def _passed_over(
    found: Reading, line: str, wording: Wording, left: Sequence[str], situation: Situation
) -> bool:
    """Whether something that is judged, labeled or said to be as another is, is in no line: "as is the cyst".

    What a wording has lost on the way is looked for in the line as typed.
    """
    for name in ("ALSO", "LISTED", "JUDGED", "BESIDE", "SAME", "IS_TOO", "NOTHING"):
        for match in getattr(_RE, name).finditer(wording.text):
            if match["what"] in left or match["what"].startswith("UNK"):
                return True
    for match in _RE.LIST_HEAD.finditer(wording.text):
        if match["what"] in left and len(wording.item(match["more"]).numbers) > 1:
            return True  # "the stenosis, the fibrillation and the CKD are right"
    edges = [wording.item(m["what"]).said for m in _RE.IS_WORDS.finditer(wording.text) if m["what"] in left]
    done = used(found.lines, situation).numbers
    if any(
        _reach_over(said, done, situation) and not re.search(rf"\ban? {re.escape(said)}", line)
        for said in edges
    ):
        return True  # "it's postpartum haemorrhage and then …", where a mention has a word too much
    texts = " | ".join(text for each in found.lines for text in re.findall(r'"([^"]*)"', each)).casefold()
    bounded = {int(each.split()[0]) for each in found.lines if re.match(r"\d+ = ", each)}
    numbers = used(found.lines, situation).numbers
    whole = [spot for spot in situation.spots if spot.number in numbers - bounded]
    for match in _RE.LABELED.finditer(wording.text):
        said = squeezed(wording.item(match[1]).said)
        if said not in texts and not any(
            said in (own := squeezed(spot.surface)) or own in said for spot in whole
        ):
            return True  # "counsel Rao" is a span whose words are "Rao"
    said, plain = squeezed(line), squeezed(wording.raw)
    gone = (each for each in situation.by_surface if each in said and each not in plain)
    return any(
        numbers.isdisjoint(situation.by_surface[each])
        and re.search(_RE.DROPPED.pattern.replace("NAME", re.escape(each)), said)
        for each in gone
    )


def _reach_over(words: str, done: set[int], situation: Situation) -> bool:
    """Whether words of the text take in a span that a line is about, or stand over one that none is about."""
    return any(
        spot.meets(start, end) and (start, end) != (spot.start, spot.end)
        for start, end in situation.places(words)
        for spot in situation.waiting
        if spot.number not in done or (start <= spot.start and spot.end <= end)
    )


def doubtful(found: Reading, wording: Wording, situation: Situation) -> Reading | None:
    """The question for lines that are taken back, cannot all be meant, or lose what a span is to have.

    "3 no, ah, wait, leave it" decides nothing; "Passive death wishes are a symptom, so 5 is right" may not
    add what takes in the span that it accepts, "9 should stay but be reduced to "Olanzapine"" not accept the
    whole of it, "16 same, 17 no" not reject 16; "this is very wrong, go back" is said of the step before.
    """
    if not found.writes:
        return None
    if situation.fresh and found.lines[-1] == "back" and _RE.DISMAY.search(wording.raw):
        return asked("Shall I take back the last step?", ("Undo it", "undo"), ("Go back", "back"))
    if not sensible("; ".join(found.lines)):
        return asked("Which of these?", *((in_plain(line), line) for line in found.lines[:_MOST_OFFERED]))
    if any(_joins_unnamed(line, wording) for line in found.lines):
        return asked("Which ones shall I join? Say their numbers.", ("Show what is left", "left"))
    if _RE.EVERYWHERE.search(wording.raw) and any(re.match(r"\d+ (?:=|[<>+-]\d)", x) for x in found.lines):
        here = "; ".join(found.lines)
        return asked("Edges are moved in one document at a time: shall I do it here?", (in_plain(here), here))
    plain = [line for line in found.lines if re.fullmatch(rf"ok [\d ,-]+|[\d ,-]+ is {A_LABEL}", line)]
    kept = {spot.number: squeezed(spot.surface) for line in plain for spot in _spots(line, situation)}
    texts = [squeezed(text) for line in found.lines for text in _RE.TEXTS.findall(line)]
    wanted = [(n, quote) for quote in _RE.QUOTED.findall(wording.raw) for n in kept if _part(quote, kept[n])]
    if wanted and not any(squeezed(quote) in text for _, quote in wanted for text in texts):
        edges = "; ".join(f"{n} = {quoted(quote)}" for n, quote in wanted)
        return asked("Do I get you right?", (in_plain(edges), edges), (in_plain(plain[0]), plain[0]))
    if question := of_denied_label(found, wording, situation) or of_ok_row(found, wording):
        return question
    adds = any(line.startswith("add ") for line in found.lines)
    named = [item.by for item in wording.named(wording.text)]
    if "undo" in found.lines and {"label", "all", "rest"} & {*named}:
        return offered(found.lines, None)  # "undo. keep grounds": which there are is known behind the undo
    if any(_cuts_name(line, wording, situation) for line in found.lines):
        return offered(found.lines, None)
    longer = adds and any(_part(surface, text) for surface in kept.values() for text in texts)
    same = [n for m in _RE.SAME.finditer(wording.text) for n in wording.item(m[1]).numbers]
    joined = any(n in spans_in(line) and spans_in(line) - {n} for n in same for line in found.lines)
    if longer or joined or _retracted(wording.raw, situation) or _RE.NO_IS.search(wording.raw):
        spots = [spot for line in found.lines for spot in _spots(line, situation)]
        return offered(found.lines, spots[0] if len(spots) == 1 else None)
    return None


def _spots(line: str, situation: Situation) -> list[Spot]:
    return situation.these(sorted(spans_in(line)))


def _cuts_name(line: str, wording: Wording, situation: Situation) -> bool:
    """Whether words are added without one behind them that was taken for the label, which is said again.

    "Section 8 of the asylum act missing, statute", where an act is a statute too.
    """
    if (added := re.match(rf'add "(.*?)" ({A_LABEL})$', line)) is None:
        return False
    text, label = added.groups()
    behind = re.search(rf"(?i){re.escape(text)} (\w+)(?=.*\b{re.escape(label)}\b)", wording.raw)
    if behind is None or behind[1].lower() == label.lower():
        return False
    return label_words(situation.labels).get(plain_words(behind[1]), ((),))[0] == (label,)


def _joins_unnamed(line: str, wording: Wording) -> bool:
    """Whether many mentions would become one that nobody has named: "join them", where all are open."""
    joined = spans_in(line) if line.startswith("merge ") else set()
    return len(joined) > _FEW and not joined <= numbers_in(wording.raw)


_FEW = 3
"""Mentions that "them" may be, to be joined."""


def _part(text: str, whole: str) -> bool:
    """Whether words are a part of others, and not all of them."""
    return squeezed(text) != whole and squeezed(text) in whole


def _retracted(line: str, situation: Situation) -> bool:
    """Whether a line takes back what it says and says nothing instead: "3 no, ah, wait, leave it"."""
    if (back := _RE.RETRACTS.search(line)) is None:
        return False
    tail = read_words(line[back.end() :], situation)
    return not (named_spans(tail) or re.search(r"(?:LAB|TXT)\d", tail.text))


def only_works(found: Reading) -> bool:
    """Whether nothing is decided: the lines train, flag, give out or go on."""
    return bool(found.lines) and all(map(_RE.WORKS.fullmatch, found.lines))


def _alone(part: str, situation: Situation, understand: Understand) -> tuple[str, ...]:
    """The lines of a part that is sure by itself and names what it is about; none for any other."""
    part = REASONS.sub(" ", part).strip(" ,.;!-–/")
    if _RE.DEPENDS.search(part) or (" " not in part and not _RE.WORK.fullmatch(part)):
        return ()
    if _RE.REST.search(part):
        read = understand(part, situation)
        verb = read.lines[0].split()[0] if read and len(read.lines) == 1 and not read.question else ""
        pool = numbers_said(numbers_in(read.lines[0])) if read and verb else ""
        return (f"{verb} rest {pool}".strip(),) if verb in ("ok", "no") else ()
    wording = read_words(part, situation)
    own = _RE.TOPIC.match(wording.text) or _RE.DIVIDED.match(part)
    points = None if own else _RE.POINTED.search(part)
    if points and not named_spans(read_words(part[: points.start()], situation)):
        return ()  # "it is a drug"; but "10 bin it", "delete 7, it is merely an adjective"
    read = understand(part, situation)
    if read is None or not read.lines or read.question or only_works(read) or not read.writes:
        return read.lines if read and not read.question and only_works(read) else ()
    if not all(re.search(r'\d|"', line) for line in read.lines):
        return ()  # "the other two are right" may not accept everything
    items = wording.named(wording.text)
    by = {"number", "term", "label"} | (set() if _RE.AGAIN.search(part) else {"order"})
    named = {n for item in items if item.by in by for n in item.numbers}
    for held in (situation.held(wording.item(m).said) for m in re.findall(r"TXT\d+", wording.text)):
        named |= {spot.number for spot in held} if len(held) == 1 else set()  # take “bare-metal stent”
    whole = used(read.lines, situation).numbers <= named and not unused(wording, read.lines, situation)
    return read.lines if whole else ()


def parted(text: str) -> str:
    """Clauses that follow each other without a sign: ``1 ok 2 no 3 ok``, ``2 accept 3 reject``."""
    if re.fullmatch(
        r"(?:REF\d+ (?:(?:accept|reject|okay|fine|right|wrong|yes|no)|(?:mark )?LAB\d+) ?)+", text
    ):
        return re.sub(r"(?<=\w) (?=REF\d)", " ; ", text)
    # fever is right add chills as a problem
    text = re.sub(r"\b(okay|fine|right|wrong) (?=(?:add|accept|reject|undo|skip|flag)\b)", r"\1 ; ", text)
    return re.sub(r"\b(okay|fine|right|wrong|yes|no|not|out|off|LAB\d+) (?=REF\d+|next$)", r"\1 ; ", text)


def one_by_one(text: str, situation: Situation) -> Reading | None:
    """Verdicts in a row are about the open spans in the order of the text, where there are as many."""
    if not _RE.VERDICTS.fullmatch(text):
        return None
    said = [
        "no" if each in ("no", "wrong", "reject") else "ok" for each in re.findall(r"\b(?!and\b)\w+", text)
    ]
    if len(set(said)) < 2:
        return None
    spots = situation.offered
    if len(said) == len(spots):
        lines = tuple(f"{verb} {spot.number}" for verb, spot in zip(said, spots, strict=True))
        return Reading(lines, writes=True)
    return Reading(answer=f"{len(said)} answers for {len(spots)} open ones: say which number each is for.")
