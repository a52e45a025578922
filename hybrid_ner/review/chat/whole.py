"""A sentence before and beside its clauses: what leads up to it, what takes it back, what it doubts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache

from hybrid_ner.review.chat import readings_terms
from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.clauses import tells_only
from hybrid_ner.review.chat.reading import Reading, Wording
from hybrid_ner.review.chat.references import read_words
from hybrid_ner.review.chat.situation import Situation, numbers_said, quoted

MOST_CLAUSES = 12
_AUXILIARY = re.compile(
    r"^(?:what if|what about|how about|and|is|was|do|does|did|should|shall|can|could|would|will"
    r"|must|has|have|may)(?: not)?"
    r"(?: (?:i|we|you think that|you think|you say|you))?\s+(?:not )?"
)

BARE = re.compile(r"(?:okay|fine|right|wrong|yes|no|not)(?: (?:okay|fine|right|yes|no))*")
"""A verdict on nothing that is named."""


DENIED = re.compile(
    r"(?i)\b(?:do|does|did|would)(?:n'?t| not) (?:really |quite )?(?:think|believe|feel|seem|look|sound"
    r"|suppose)\b"
    r"|\bi doubt (?:that |it\b)?"
)


def turned(found: Reading) -> Reading:
    """ "I don't think 3 is a disease" speaks for a rejection."""

    def turned(line: str) -> str:
        match = re.fullmatch(r"(?:ok ([\d -]+)|([\d -]+) is \S+)", line)
        return f"no {match[1] or match[2]}" if match else line

    choices = [
        (name, line) if (to := turned(line)) == line else (to.replace("no ", "Reject ", 1), to)
        for name, line in found.choices[:1]
    ]
    lines = [line for _, line in choices]
    others = [each for each in found.choices[1:] if each[1] not in lines]
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
    r"(?i)\b(?:include|add|without|leave|drop|remove|cut|trim|strip|exclude|with|part of|belongs?|goes"
    r"|needs?|have"
    r"|extend|take|put|lacks?|minus|except|no|lose|delete|erase|get rid|stays?)\b"
)


def in_words(line: str, situation: Situation) -> str:
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


CORRECTED = re.compile(
    r"(?i)(?<=\w)\W+(?:correction|scratch that|scrap that|strike that|on second thoughts?|no wait"
    r"|wait,? no|hold on)\b"
    r"\W*(?:no\b\W*)?(?:just )?"
)
"""What takes back all that was said before: "2 is wrong, correction, 2 is right"."""


_FLOWS = ("flag", "unflag", "next", "skip", "back", "go", "export", "left", "progress", "retrain", "update")
"""Lines that decide nothing, and are done beside any remark."""


def beside_remarks(text: str, wording: Wording, one: Callable[[str], Reading | None]) -> Reading | None:
    """A request that decides nothing beside what only tells something: "flag it, I have to ask"."""
    parts = [part for part in re.split(r" ?[;,] ?", text) if part]
    if not 1 < len(parts) <= MOST_CLAUSES:
        return None
    found: list[Reading] = []
    for part in parts:
        if re.search(r"\b(?:LAB\d+|DOUBT|if|unless|whether|or)\b", part):
            return None
        read = next(filter(None, map(one, candidates(part, "?" in text, ""))), None)
        if read is not None and read.lines and all(line.split()[0] in _FLOWS for line in read.lines):
            found.append(read)
        elif (read is not None and read.writes) or not tells_only(part, wording):
            return None
    return found[0] if len(found) == 1 else None


def undoubted(text: str, wording: Wording, line: str) -> str:
    """A wording without what is only doubted of other spans: "2 is right, the first one I'm not sure about".

    "I think it is a person, please correct" asks for it all the same.
    """
    if "DOUBT" not in text:
        return text
    if re.match(r"(?i)\W*i (?:think|believe|would say)\b(?!.*\bbut\b)", line) and _ASKED_FOR.search(line):
        return trimmed(squeezed(text.replace("DOUBT", "")))
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
    return text if not apart or "DOUBT" in kept or not re.search(r"REF\d", kept) else trimmed(squeezed(kept))


_UNSURE = re.compile(
    r"(?i)\b(?:i(?:'m| am) (?:not (?:quite |so |really )?sure|unsure)|i (?:do not|don't) know"
    r"|i have to (?:check|ask))\b"
)


_ASKED_FOR = re.compile(
    r"(?i)[,.;] (?:so )?(?:please|could you|can you|do) (?:change|correct|fix|relabel|update|do|mark"
    r"|label|tag|make)\b"
    r"[^?]*\W*$"
)


def label_then(line: str, situation: Situation) -> Reading | None:
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


REASONS = re.compile(
    r"(?i)(?<!just)(?<!only)(?<!not)(?<!and)(?<!but)(?:^|,? )\b(?:because|since|given that|seeing that"
    r"|as (?=(?:it|they|he|she|there|we|i)(?:'\w+)? ))"
    r"(?! (?:when|then|last))(?![^,;.!?]*\b(?:if|unless|maybe|perhaps|what)\b)[^,;.!?]*,?"
)
"""A reason, which does not change what it is given for: "because the note says so"."""


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def trimmed(text: str) -> str:
    text = re.sub(r"(?:[;,] )+(?=[;,])", "", text)
    return re.sub(r"^[;, ]+|[;, ]+$", "", text)


@lru_cache(maxsize=1)
def opener() -> re.Pattern[str]:
    each = "|".join(sorted(map(re.escape, w.OPENERS), key=len, reverse=True))
    return re.compile(rf"^(?:{each}|fine|right) ?(?:[,;] ?)?(?=\S)")


_ALSO = re.compile(r"(?i)^\W*and\b|\b(?:also|too|as well|likewise|same)\b")


def candidates(text: str, asks: bool, raw: str) -> Iterable[str]:
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
        cut = opener().sub("", shorter, count=1)
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
    r"|then|now|dear|you know|again|anyway|anyways|though|instead|ups|cool|nice|super|(?<=[,;] )fine"
    r"|from now on|hm+"
    r"|would you|will you"
    r"|could you|can you)$"
)
"""What a sentence may end in after its point: "…, sorry"."""


def _takes_back(text: str, rest: str) -> bool:
    """Whether a sentence says yes and then no, or the other way round: "yes and no"."""
    if re.fullmatch(r"(?:no|not) (?:LAB|REF|TXT)\d+", text):
        return True
    if not BARE.fullmatch(rest):
        return False
    first, second = (bool(re.match(r"(?:no|not|wrong)\b", each)) for each in (text, rest))
    return first != second
