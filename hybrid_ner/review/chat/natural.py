"""Sentences as lines of the command language: deterministic, and never writing what is not clearly meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from hybrid_ner.review.chat import readings_edges, readings_flow, readings_terms, readings_verdicts
from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.clauses import tells_only
from hybrid_ner.review.chat.frames import second_reading
from hybrid_ner.review.chat.reading import (
    LEAVE,
    Clause,
    Item,
    Reading,
    UnclearError,
    Wording,
    choices_about,
    filled,
)
from hybrid_ner.review.chat.references import read_words
from hybrid_ner.review.chat.situation import SMALL_TALK, Intent, Situation, intents, numbers_said, quoted
from hybrid_ner.review.chat.wording import LONGEST

__all__ = ["Reading", "understand"]

_MARKERS = re.compile(r"(?:REF|LAB|TXT|UNK|NUM|SRF)\d+")
_SPLIT = re.compile(r" ?[;,] (?:and |but |then |so )*| (?:and then|and|but|then|while|whereas) ")
_ASKS = re.compile(
    r"(?:is|was|did|should|shall|can|could|would|will|must|has|have|may)(?: not)?"
    r" (?:REF|TXT|UNK|SRF|LAB\d+ (?:is|okay|fine|right|wrong)|i |we |you |it |there |no |all )"
)
# "should say severe chest pain" asks nothing
_ORDERS = re.compile(r"(?i)(?:should|must|has to|needs to) (?:say|read|include)\b[^?]*$")
_AUXILIARY = re.compile(
    r"^(?:what if|what about|how about|and|is|was|do|does|did|should|shall|can|could|would|will"
    r"|must|has|have|may)(?: not)?"
    r"(?: (?:i|we|you think that|you think|you say|you))?\s+(?:not )?"
)
_BARE = re.compile(r"(?:okay|fine|right|wrong|yes|no|not)(?: (?:okay|fine|right|yes|no))*")
"""A verdict on nothing that is named."""
_READINGS = {**readings_verdicts.READINGS, **readings_edges.READINGS, **readings_terms.READINGS}
_READINGS |= readings_flow.READINGS
MOST_CLAUSES = 12


def understand(line: str, situation: Situation) -> Reading | None:
    """What a sentence stands for; ``None`` when it is not understood.

    Args:
        line: As typed.
        situation: What it can be about.
    """
    if len(line) > LONGEST:
        return None
    if situation.fresh and re.fullmatch(r"(?i)\W*cancel(?: (?:that|it|this))?\W*", line):
        return Reading(("undo",), writes=True)
    if talk := _talk("", line):
        return talk
    if (said := _in_words(line, situation)) != line:
        return understand(said, situation)
    if special := readings_terms.free_text(line) or _label_then(line, situation):
        return special
    wording = read_words(line, situation)
    if (later := _CORRECTED.search(line)) and (read := understand(line[later.end() :], situation)):
        if (
            read.lines
            and read.writes
            and not re.match(r"\W*(?:it|that|this|they|them)\b", line[later.end() :], re.I)
        ):
            return read
    text = wording.text
    polite = "POLITE" in text and text.count("?") < 2
    text = _squeezed(text.replace("POLITE", " "))
    text = re.sub(r"^REF\d+ (?:is )?LAB\d+ \? (?:no|noway|not|never) [,;]? ?(?=\w)", "", text)
    if (plain := _undoubted(text, wording, line)) != text:
        wording.text, text = plain, _squeezed(plain.replace("POLITE", " "))
        wording.loose = plain
    asks = not _ORDERS.match(line) and (("?" in text and not polite) or _ASKS.match(text) is not None)
    doubts = "DOUBT" in text
    bare = _squeezed(text.replace("?", " ; ").replace("DOUBT", " "))
    bare = _trimmed(bare)
    if re.match(r"[^\W\d_]+:\s", line):
        # "anatomy: 3 and 8 ok" is a heading.
        bare = re.sub(r"^LAB\d+ (?:[;,] )?(?=REF.* (?:okay|wrong|yes|no)\b)", "", bare)
    if not bare:
        return (
            _unsure(wording, situation)
            if doubts
            else Reading(answer="Type a command, or `?` for help.")
            if line.strip(" .!?") == ""
            else None
        )
    reader = _Reader(situation, wording)
    candidates = list(_candidates(bare, asks, line))
    loose = _trimmed(
        _squeezed(wording.loose.replace("?", " ; ").replace("DOUBT", " ").replace("POLITE", " "))
    )
    reader.named = reader.spans_named(bare)
    found = next(filter(None, map(reader.one, candidates)), None)
    found = found or next(filter(None, map(reader.whole, [*candidates, loose])), None)
    if found is None:
        if talk := _talk(bare, line):
            return talk
        found = second_reading(wording, situation, reader.one)
        if (found is None or found.question) and (plain := _REASONS.sub(" ", line)).strip() and plain != line:
            again = understand(plain, situation)
            found = again if again is not None and again.lines else found
    if (found is None or found.question) and not doubts:
        found = _beside_remarks(bare, wording, reader) or found
    if found is None:
        return (_unsure(wording, situation) if doubts else None) or _offer(wording, situation)
    if _DENIED.search(line):
        found = _turned(found)
    if (asks or doubts) and found.writes and found.lines:
        return _asked(found, situation, doubts)
    return found


_DENIED = re.compile(
    r"(?i)\b(?:do|does|did|would)(?:n'?t| not) (?:really |quite )?(?:think|believe|feel|seem|look|sound|suppose)\b"
    r"|\bi doubt (?:that |it\b)?"
)


def _turned(found: Reading) -> Reading:
    """ "I don't think 3 is a disease" speaks for a rejection."""

    def turned(line: str) -> str:
        match = re.fullmatch(r"(?:ok ([\d -]+)|([\d -]+) is \S+)", line)
        return f"no {match[1] or match[2]}" if match else line

    choices = [
        (name, line) if (to := turned(line)) == line else (to.replace("no ", "Reject ", 1), to)
        for name, line in found.choices[:1]
    ]
    others = [each for each in found.choices[1:] if each[1] not in dict(map(reversed, choices))]
    return replace(found, lines=tuple(map(turned, found.lines)), choices=(*choices, *others))


_PARTS_OF_NAMES = {
    "year": r"\b(?:19|20)\d\d\b",
    "dose|dosage|strength": r"\b\d+(?:\.\d+)? ?(?:mg|mcg|µg|g|ml|units?|IU)\b",
    "(?:(?:doctor|academic) )?title|honorific|salutation": r"\b(?:Dr|Mr|Mrs|Ms|Prof|Hon|J)\b\.?",
    "size|measurement": r"\b\d+(?:\.\d+)? ?(?:mm|cm)\b",
    "frequency": r"\b(?:once|twice|\w+ times) (?:daily|weekly|a day|a week)\b",
    "(?:company )?suffix": r"\b(?:Inc|LLC|Ltd|Corp|GmbH)\b\.?",
}
"""What people call words of the text that belong to a name or not: "leave off the year"."""
_EDGES = re.compile(
    r"(?i)\b(?:include|add|without|leave|drop|remove|cut|trim|strip|exclude|with|part of|belongs?|goes|needs?|have"
    r"|extend|take|put|lacks?|minus|except|no|lose|delete|erase|get rid|stays?)\b"
)


def _in_words(line: str, situation: Situation) -> str:
    """A sentence about where a span ends, with the words that "the dose" or "the year" stand for."""
    if not _EDGES.search(line) or "?" in line:
        return line
    for name, pattern in _PARTS_OF_NAMES.items():
        said = re.search(rf"(?i)\b(?:the |its |his |her |a )(?:{name})\b", line)
        found = {match.group() for match in re.finditer(pattern, situation.text)} if said else set()
        if (
            said
            and len(found) == 1
            and not any(each in line for each in found)
            and not situation.holds(said.group().split()[-1].lower())
        ):
            return f'{line[: said.start()]}"{found.pop()}"{line[said.end() :]}'
        if said and len(found) == 1 and line[said.end() :].lstrip(' "“').startswith(each := found.pop()):
            return (
                f"{line[: said.start()]}{line[said.end() :].lstrip()}" if each else line
            )  # "the dose 25 mg"
    return line


_CORRECTED = re.compile(
    r"(?i)(?<=\w)\W+(?:correction|scratch that|scrap that|strike that|on second thoughts?|no wait|wait,? no|hold on)\b"
    r"\W*(?:no\b\W*)?(?:just )?"
)
"""What takes back all that was said before: "2 is wrong, correction, 2 is right"."""


_FLOWS = ("flag", "unflag", "next", "skip", "back", "go", "export", "left", "progress", "retrain", "update")
"""Lines that decide nothing, and are done beside any remark."""


def _beside_remarks(text: str, wording: Wording, reader: _Reader) -> Reading | None:
    """A request that decides nothing beside clauses that only tell something: "put a flag on it, I have to ask"."""
    parts = [part for part in re.split(r" ?[;,] ?", text) if part]
    if not 1 < len(parts) <= MOST_CLAUSES:
        return None
    found: list[Reading] = []
    for part in parts:
        if re.search(r"\b(?:LAB\d+|DOUBT|if|unless|whether|or)\b", part):
            return None
        read = next(filter(None, map(reader.one, _candidates(part, "?" in text, ""))), None)
        if read is not None and read.lines and all(line.split()[0] in _FLOWS for line in read.lines):
            found.append(read)
        elif read is not None and read.writes or not tells_only(part, wording):
            return None
    return found[0] if len(found) == 1 else None


def _undoubted(text: str, wording: Wording, line: str) -> str:
    """A wording without what is only doubted of other spans: "2 is right, the first one I'm not sure about".

    "I think it is a person, please correct" asks for it all the same.
    """
    if "DOUBT" not in text:
        return text
    if re.match(r"(?i)\W*i (?:think|believe|would say)\b(?!.*\bbut\b)", line) and _ASKED_FOR.search(line):
        return _trimmed(_squeezed(text.replace("DOUBT", "")))
    parts = re.split(r"( ?[;,] ?(?:but )?| but )", text)
    named = [{n for m in re.findall(r"REF\d+", part) for n in wording.item(m).numbers} for part in parts]
    apart = [
        at
        for at, part in enumerate(parts)
        if "DOUBT" in part
        and _UNSURE.search(line)
        and named[at]
        and not any(named[at] & each for n, each in enumerate(named) if n != at)
        and all(
            wording.item(m).by not in ("all", "rest", "that", "this") for m in re.findall(r"REF\d+", part)
        )
    ]
    rest = [part for at, part in enumerate(parts) if at not in apart]
    kept = "".join(rest)
    return (
        text if not apart or "DOUBT" in kept or not re.search(r"REF\d", kept) else _trimmed(_squeezed(kept))
    )


_UNSURE = re.compile(
    r"(?i)\b(?:i(?:'m| am) (?:not (?:quite |so |really )?sure|unsure)|i (?:do not|don't) know|i have to (?:check|ask))\b"
)
_ASKED_FOR = re.compile(
    r"(?i)[,.;] (?:so )?(?:please|could you|can you|do) (?:change|correct|fix|relabel|update|do|mark|label|tag|make)\b"
    r"[^?]*\W*$"
)


def _label_then(line: str, situation: Situation) -> Reading | None:
    """A new label and what it is for: "seizures is a symptom, make a label Symptom and put it there"."""
    found = readings_terms.LABEL_THEN.fullmatch(line)
    if found is None or "?" in line or found["name"] in situation.labels:
        return None
    it = re.fullmatch(r"(?:it|that|this|them|those)", found["what"].strip())
    subject = read_words(found["before"] if it and found["before"].strip() else found["what"], situation)
    markers = re.findall(r"(?:REF|TXT)\d+", subject.text)
    items = [subject.item(marker) for marker in markers]
    if len(markers) != 1 or items[0].problem or "DOUBT" in subject.text:
        return None
    name, item = found["name"], items[0]
    then = (
        f"{numbers_said(item.numbers)} is {name}" if item.kind == "ref" else f"add {quoted(item.said)} {name}"
    )
    return Reading((f"label {name}", then), writes=True)


_REASONS = re.compile(
    r"(?i)(?<!just)(?<!only)(?<!not)(?<!and)(?<!but)(?:^|,? )\b(?:because|since|given that|seeing that"
    r"|as (?=(?:it|they|he|she|there|we|i)(?:'\w+)? ))"
    r"(?! (?:when|then|last))(?![^,;.!?]*\b(?:if|unless|maybe|perhaps|what)\b)[^,;.!?]*,?"
)
"""A reason, which does not change what it is given for: "because the note says so"."""


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _trimmed(text: str) -> str:
    text = re.sub(r"(?:[;,] )+(?=[;,])", "", text)
    return re.sub(r"^[;, ]+|[;, ]+$", "", text)


@lru_cache(maxsize=1)
def _opener() -> re.Pattern[str]:
    each = "|".join(sorted(map(re.escape, w.OPENERS), key=len, reverse=True))
    return re.compile(rf"^(?:{each}|fine|right) ?(?:[,;] ?)?(?=\S)")


_ALSO = re.compile(r"(?i)^\W*and\b|\b(?:also|too|as well|likewise|same)\b")


def _candidates(text: str, asks: bool, raw: str) -> Iterable[str]:
    """The wording as it is, and without what only leads up to it."""
    if found := re.fullmatch(
        r"(?:(?:sorry|oops|wait|whoops|rather|no wait|no sorry|no no) ?[,;]? ?|no [,;] (?:(?:no"
        r"|wait|sorry) ?[,;]? ?)*)"
        r"(LAB\d+|REF\d+)",
        text,
    ):
        yield f"{'i rather meant' if text.startswith('no ,') else 'i meant'} {found.group(1)}"
    yield text
    if (found := re.fullmatch(r"(?:and |also )*(REF\d+)", text)) and _ALSO.search(raw):
        yield f"same for {found.group(1)}"
    forms = [shorter := text]
    for _ in range(3):
        cut = _opener().sub("", shorter, count=1)
        cut = re.sub(r"^(?:UNK\d+ )?[,;] ", "", cut)
        if cut == shorter or _takes_back(shorter, cut):
            break
        forms.append(shorter := cut)
        yield shorter
    for each in forms:
        if (closed := _CLOSER.sub("", each)) != each and not asks:
            yield closed
    if asks:
        yield _AUXILIARY.sub("", text)
        yield _AUXILIARY.sub("", shorter)


_CLOSER = re.compile(
    r"(?<!not)(?<!no)(?<! is)(?<!as)(?<!looks)(?<!and)(?<!all) ?[,;]? ?(?:and )?(?:okay|yes|sorry|my bad"
    r"|my mistake|oops|wait"
    r"|then|now|dear|you know|again|anyway|anyways|though|instead|ups|cool|nice|super|(?<=[,;] )fine|from now on|hm+"
    r"|would you|will you"
    r"|could you|can you)$"
)
"""What a sentence may end in after its point: "…, sorry"."""


def _takes_back(text: str, rest: str) -> bool:
    """Whether a sentence says yes and then no, or the other way round: "yes and no"."""
    if re.fullmatch(r"(?:no|not) (?:LAB|REF|TXT)\d+", text):
        return True
    if not _BARE.fullmatch(rest):
        return False
    first, second = (bool(re.match(r"(?:no|not|wrong)\b", each)) for each in (text, rest))
    return first != second


@dataclass
class _Reader:
    """Reads the clauses of one sentence."""

    situation: Situation
    wording: Wording
    named: tuple[int, ...] = ()
    tried: dict[tuple[str, str, int], Reading | None] = field(default_factory=dict)

    def whole(self, text: str) -> Reading | None:
        """Several clauses."""
        return self.several(text) or self.several(_parted(text))

    def spans_named(self, text: str) -> tuple[int, ...]:
        """The spans that are named one by one, so that "the rest" is not them."""
        items = [self.wording.item(marker) for marker in re.findall(r"REF\d+", text)]
        return tuple(n for item in items if item.by not in ("rest", "all") for n in item.numbers)

    def several(self, text: str) -> Reading | None:
        """Clauses one after the other, the longest first."""
        cuts = [(0, 0), *(match.span() for match in _SPLIT.finditer(text)), (len(text), len(text))]
        if not 3 <= len(cuts) <= MOST_CLAUSES + 2:
            return None
        return self._from(text, cuts, 0, "", 0, {})

    def _from(
        self,
        text: str,
        cuts: Sequence[tuple[int, int]],
        at: int,
        before: str,
        about: int,
        seen: dict[tuple[int, str, int], Reading | None],
    ) -> Reading | None:
        if at == len(cuts) - 1:
            return Reading()
        if (at, before, about) in seen:
            return seen[at, before, about]
        found: Reading | None = None
        for stop in range(len(cuts) - 1, at, -1):
            part = text[cuts[at][1] : cuts[stop][0]].strip()
            first = self.one(part, before, about) if part else Reading()
            if first is None or (at == 0 and stop == len(cuts) - 1):
                continue
            rest = self._from(text, cuts, stop, first.verdict, first.about or about, seen)
            if (
                rest is not None
                and at == 0
                and _BARE.fullmatch(part)
                and rest.lines not in (("next",), ("back",), ("skip",))
            ):
                # "Ok, 2 is wrong" accepts nothing: the first word only leads up to the rest.
                rest = None
            if rest is not None:
                found = first.then(rest)
                break
        seen[at, before, about] = found
        return found

    def one(self, text: str, before: str = "", about: int = 0) -> Reading | None:
        """A single clause; ``about`` is the span that the one before it was about."""
        key = (text, before, about)
        if key not in self.tried:
            self.tried[key] = self._one(text, before, about)
        return self.tried[key]

    def _one(self, text: str, before: str, about: int) -> Reading | None:
        everywhere = " everywhere" in f" {text}"
        here = re.search(r"\bhere\b", text) is not None
        plain = _squeezed(re.sub(r"\beverywhere\b", "", text)) if everywhere else text
        forms = [f"{plain} EVERYWHERE", plain] if everywhere else [plain]
        if here:
            forms.append(_squeezed(re.sub(r"\bhere\b", "", plain)))
        opened = _opener().sub("", plain, count=1)
        if before and opened != plain:
            forms.append(opened)
        for form in forms:
            for intent in intents():
                if intent.regex.fullmatch(form):
                    read = self._read(intent, form, before, everywhere, here, about)
                    if read is not None:
                        return read
        return None

    def _read(
        self, intent: Intent, form: str, before: str, everywhere: bool, here: bool, about: int
    ) -> Reading | None:
        items = [self.wording.item(marker) for marker in _MARKERS.findall(form)]
        items = [self._rest(item) for item in items]
        situation = replace(self.situation, framed=about) if about else self.situation
        clause = Clause(situation, form, items, self.wording, before, everywhere, here)
        try:
            if intent.lines.startswith("@"):
                read: Reading | None = _READINGS[intent.lines[1:]](clause)
            else:
                read = Reading((filled(intent.lines, clause),))
        except UnclearError as unclear:
            return unclear.reading
        if read is None:
            return None
        return read.of(intent)

    def _rest(self, item: Item) -> Item:
        if item.by != "rest":
            return item
        numbers = tuple(n for n in item.numbers if n not in self.named)
        problem = "" if numbers else "nothing else is open here"
        return Item("ref", item.said, numbers, by="all", problem=problem, every=True)


def _parted(text: str) -> str:
    """Clauses that follow each other without a sign: ``1 ok 2 no 3 ok``, ``2 accept 3 reject``."""
    if re.fullmatch(
        r"(?:REF\d+ (?:(?:accept|reject|okay|fine|right|wrong|yes|no)|(?:mark )?LAB\d+) ?)+", text
    ):
        return re.sub(r"(?<=\w) (?=REF\d)", " ; ", text)
    return re.sub(r"\b(okay|fine|right|wrong|yes|no|not|LAB\d+) (?=REF\d+)", r"\1 ; ", text)


def _asked(found: Reading, situation: Situation, doubts: bool) -> Reading:
    """A question instead of what doubt or a question mark leaves open."""
    line = "; ".join(found.lines)
    question = "You seem to be in doubt: shall I" if doubts else "Shall I"
    return choices_about(line, situation, f"{question} do that (`{line}`)?")


def _unsure(wording: Wording, situation: Situation) -> Reading:
    items = [wording.item(marker) for marker in re.findall(r"REF\d+", wording.text)]
    named = next((item.numbers[0] for item in items if len(item.numbers) == 1), 0)
    spot = situation.spot(named) or situation.focus
    if spot is None:
        return Reading(answer="Nothing is open here, so there is nothing to decide.")
    return choices_about(
        f"ok {spot.number}", situation, f"No hurry: what shall I do with {spot.number} “{spot.surface}”?"
    )


def _talk(text: str, line: str) -> Reading | None:
    said = _squeezed(re.sub(r"[^\w' ]", " ", line.lower()))
    for pattern, answer in SMALL_TALK:
        if re.fullmatch(pattern, text) or re.fullmatch(pattern, said):
            return Reading(answer=answer)
    return None


def _offer(wording: Wording, situation: Situation) -> Reading | None:
    """Readings to choose from, when a sentence names something and the rest is not understood."""
    items = [wording.item(marker) for marker in _MARKERS.findall(wording.text)]
    labels = tuple(dict.fromkeys(label for item in items if item.kind == "lab" for label in item.labels))
    for item in items:
        if item.kind == "ref" and len(item.numbers) == 1 and not item.problem:
            number = item.numbers[0]
            spot = situation.spot(number)
            if spot:
                question = f"I did not get what to do with {number} “{spot.surface}”."
                asked = choices_about(f"ok {number}", situation, question)
                other = next((label for label in labels if label != spot.label), "")
                named = ((f"As {other}", f"{number} is {other}"),) if other else ()
                return replace(asked, choices=(*named, *asked.choices))
    several = [item for item in items if item.kind == "ref" and len(item.numbers) > 1 and not item.problem]
    if len(several) == 1:
        said = numbers_said(several[0].numbers)
        return Reading(
            question=f"I did not get what to do with {said}.",
            choices=((f"Accept {said}", f"ok {said}"), (f"Reject {said}", f"no {said}"), LEAVE),
        )
    texts = [item for item in items if item.kind == "txt"]
    return _offer_text(texts[0].said, labels, situation) if len(texts) == 1 else None


def _offer_text(said: str, labels: tuple[str, ...], situation: Situation) -> Reading | None:
    """What words of the document may be meant for: to be a span, or the spans that they are part of."""
    places = situation.places(said)
    around = [
        spot.number for spot in situation.spots if any(s >= spot.start and e <= spot.end for s, e in places)
    ]
    if len(around) >= len(places) > 0:
        numbers = numbers_said(around)
        lines = [(f"Accept {numbers}", f"ok {numbers}"), (f"Reject {numbers}", f"no {numbers}")]
    else:
        wanted = labels or situation.labels
        lines = [(f"{said} is a {label}", f"add {quoted(said)} {label}") for label in wanted[:2]]
    if not lines:
        return None
    return Reading(question=f"What shall I do with “{said}”?", choices=(*lines, ("Leave it", "cancel")))
