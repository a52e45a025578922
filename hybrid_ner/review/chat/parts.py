"""Spans that are divided or joined, and words of the text that are words of the language too."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, product

from hybrid_ner.review.chat.clauses import MARKER, kind
from hybrid_ner.review.chat.lexicon import is_known
from hybrid_ner.review.chat.reading import (
    Action,
    Clause,
    Item,
    Reading,
    Wording,
    asked,
    label_of,
    named_spot,
    one_line,
    spots_of,
)
from hybrid_ner.review.chat.readings_edges import bounded_spot
from hybrid_ner.review.chat.situation import Situation, Spot, numbers_said, quoted, squeezed

_SIDE = "left|right|first|last|next|upper|lower"
_WORDS_OF_TEXT = (
    # cut with mild off 5
    r"(?i)\b(?:cut|trim|drop|remove|strip|lose|chop|clip|without|minus|omit|delete|take|knock|pull)"
    r"(?: out| off| away)?(?: the)?"
    r" ((?:with|of|for|to|and|in|at|from|on|by|or|the|per|once|twice|every|each) [\w'-]+(?: [\w'-]+){0,3}?)"
    r"(?= (?:off|from|out of|of|in)\b|\W*$)",
    # drop the less withholding part
    r"(?i)\b(?:cut|trim|drop|remove|strip|lose|chop|clip|without|minus|omit|delete|take|strike|leave)"
    r"(?: out| off| away)?(?: the)? (?!(?:the|first|last|next|whole|extra|other|one|two|three|four|\d+)\b)"
    r"([\w'-]+(?: [\w'-]+){0,4}?)(?= (?:part|bit|piece|portion|words?)\b)",
    # 8 without must
    r"(?i)(?<!\w)(?:without|minus|w/o|w/out|sans) (?:the )?(?:word )?(?!the\b)([a-z]+)(?=[.!?\s]*$)",
    # include once daily
    r"(?i)^(?:please )?(?:also )?(?:include|add|with|plus)"
    r" ((?:once|twice|the|of|and|per|in|with|on|for) [\w'-]+(?: [\w'-]+)?)(?=\W*$)",
    # right is part of the catheter name
    rf"(?i)^(?:the word )?({_SIDE})(?= (?:is|belongs|should be|goes) (?:also )?(?:part of|to|in|with)\b)",
    # 5 should start at left
    rf"(?i)\b(?:start|begin|end|stop)(?:s|ning|ping|ing)? (?:at|with|from|on|after|before)"
    rf" ({_SIDE})(?= and\b|\W*$)",
    # 3 should stop after job
    r"(?i)\b(?:start|begin|end|stop)s? (?:at|with|after|before) (?:the word )?([a-z]+)(?=\W*$)",
    # get rid of delay everywhere
    r"(?i)^(?:please )?(?:get rid of|reject|remove|delete|accept|ignore|never (?:tag|mark|label))"
    r" (?:the word )?(?!(?:all|both|it|this|that|these|those|them|everything|next|last|first|others?|rest)\b)"
    r"([a-z]+)"
    r"(?= (?:everywhere|again)\b|\W*$)",
)


_BESIDE_SPAN = re.compile(
    r"(?i)(?:^|\b(?:add|include|put|bring|attach|prepend|take|have)(?: also)? )(?:the )?(?:word )?"
    r"([a-z][\w'-]*)(?= (?:(?:also|too|should|must) )*(?:belongs?|goes?|is part|be|to|in|into|on|onto|with)\b"
    r"[^,;\d]*\b(\d+)\W*$)"
)
"""Judge belongs to 9; include also Judge in 9: a word beside a span, which may name a label as well."""


_NOT_THESE = re.compile(
    r"(?i)^([a-z][\w' -]{2,60}?),? (?:not|instead of|rather than) (?:just |only )?([a-z][\w' -]+?)\W*$"
)
"""both palms, not palms"""


_NAME = (
    r"(?!(?:the|an?|this|that|both|all|my|our|number)\b)"
    r"((?:[a-z]|[$€£]?\d)[\w',.-]*(?: (?!(?:and|or)\b)[\w'-]+){1,6}?)"
)
_IN_TEXT = (
    # not yet resolved is the outcome; flag leaf missing; possibly related = Causality
    re.compile(
        rf"(?i)^(?:the )?{_NAME}"
        r"(?= (?:is|are|was|were|isn't|should|missing|as)\b| ?[=:])"
    ),
    # add not to disparage the company as a duty; you missed flag leaf
    re.compile(
        r"(?i)\b(?:add|mark|tag|include|label|missed|forgot|missing|overlooked) (?:the )?"
        rf"{_NAME}(?= as\b| too\b|, | ?[.!]*$)"
    ),
    # 5 ends at progress payment
    re.compile(
        r"(?i)\b(?:end|stop|start|begin|finish|finishe)s?(?: (?:number )?\d+)?"
        r" (?:at|with|after|on|before) (?:the )?"
        rf"{_NAME}(?=, |\W*$)"
    ),
    # should read twice daily; just ten percent
    re.compile(
        rf"(?i)^(?:(?:it|that|this|\d+) )?(?:should (?:be|read|say)|just|only)(?: just| only)? (?:the )?"
        rf"{_NAME}(?=\W*$)"
    ),
)
"""Words of the text that a sentence begins with or adds."""


def _phrase(line: str, situation: Situation) -> re.Match[str] | None:
    """Words as they stand in the text, some of which are words of the chat and some are not."""
    for pattern in _IN_TEXT:
        said = pattern.search(line)
        words = said[1].lower().split() if said else []
        known = {bool(is_known(word)) for word in words}
        mixed = known == {True, False} or (pattern is not _IN_TEXT[0] and True in known)
        if said and pattern is _IN_TEXT[0] and situation.part_of(said[1].lower()):
            continue  # "High Court is a court" is about High Court of Justice
        if said and mixed and situation.holds(said[1].lower()):
            return said
    return None


def _beside(words: str, situation: Situation) -> bool:
    """Whether words stand right before or behind a span."""
    return any(
        not situation.text[min(end, s.end) : max(start, s.start)].strip()
        for start, end in situation.places(words)
        for s in situation.spots
        if end <= s.start or s.end <= start
    )


def with_quotes(line: str, situation: Situation) -> str:
    """A sentence with quotes around words of the text that are words of the language too."""
    if '"' in line:
        return line
    if (said := _NOT_THESE.match(line)) and re.search(rf"\b{said[2]}\b", said[1], re.IGNORECASE):
        return f'"{said[1]}", not "{said[2]}"' if situation.holds(said[1].lower()) else line
    if (said := _phrase(line, situation)) and squeezed(said[1]) not in situation.by_surface:
        return f'{line[: said.start(1)]}"{said[1]}"{line[said.end(1) :]}'
    if said := _BESIDE_SPAN.search(line):
        one = [spot for spot in situation.spots if spot.number == int(said[2])]
        if _beside(said[1].lower(), replace(situation, spots=tuple(one))):
            return f'{line[: said.start(1)]}"{said[1]}"{line[said.end(1) :]}'
    own = re.findall(r"(?<![\w-])\d+(?![\w-])", line)
    spot = situation.spot(int(own[0])) if len(own) == 1 else None
    ends = spot.surface.lower().split() if spot else []
    ends = [*ends[:1], *ends[-1:]]  # 6 without by
    for pattern in _WORDS_OF_TEXT:
        said = re.search(pattern, line)
        words = said[1].lower() if said else ""
        if said is None or not situation.holds(words):
            continue
        near = words in ends or situation.part_of(words) or _beside(words, situation)
        if re.fullmatch(_SIDE, words) or (near and is_known(words.split()[0])):
            return f'{line[: said.start(1)]}"{said[1]}"{line[said.end(1) :]}'
    return line


_JOINTS = re.compile(r",? (?:and|or|plus|&|with|und) |, | ?[/;+] ?")
"""What stands between two names in one span: "ceftriaxone and azithromycin"."""
_ONE = r"(?:only |just |really |actually |all |but )*(?:one|single)(?: (?:and )?(?:one|single|same|whole))*"
_TWO = r"(?:\w+ly )?two(?: (?:different|separate|split|distinct|own))*"
_NOUN = r"(?:LAB\d+|UNK\d+|things?|mark|name|term|title|words?|phrase)"
_BESIDE = 12
"""Characters between two spans that are said to be one: "section 52 of the Trade Practices Act"."""
_PARTED = re.compile(
    rf"\bsplit\b|\b(?:is|has|needs|should|contains|holds|have|hold) {_TWO}(?: {_NOUN}\b| ?(?:[;,]|$))"
    rf"|\bnot {_ONE}(?: {_NOUN}|[,;]|$)"
)
_JOINED = re.compile(
    rf"\bmerge\b|\btogether\b|\b(?:is|mark|as|be) {_ONE} {_NOUN}\b|\bnot {_TWO}\b|\ball one(?: thing)? ?;?$"
)


def parted_or_joined(text: str, wording: Wording, situation: Situation) -> tuple[str, ...]:
    """The lines for a sentence that makes two spans of one, or one of several; none for any other.

    "4 is two drugs, oxaliplatin and fluorouracil"; "8 and 9 are one diagnosis, join them".
    """
    # of what there are two: "rash and itching are two separate events"
    counted = {m for pair in re.findall(rf"(?:{_ONE}|{_TWO}) (UNK\d+)()", text) for m in pair}
    words = {t for t in text.split() if not MARKER.fullmatch(t) or (t.startswith("UNK") and t not in counted)}
    # "not one drug but two"
    plain = re.sub(rf"\bnot (?:{_ONE}|{_TWO})(?: {_NOUN})?", "", text)
    text = re.sub(rf" {_NOUN} but two\b", "", text)
    if not words <= kind("parts") or "not" in plain.split() or re.search(r"\bno\b(?! [,;])", plain):
        return ()
    parts, joins = _PARTED.search(text) is not None, _JOINED.search(text) is not None
    items = [wording.item(m) for m in re.findall(r"REF\d+", text)]
    own = [item for item in items if item.said != "them" and item.by not in ("all", "rest")]
    own = [item for item in own if item.by not in ("this", "that")] or own
    said = [wording.item(m).said for m in re.findall(r"TXT\d+", text)]
    if parts == joins:
        return ()
    labels = {label for m in re.findall(r"LAB\d+", text) for label in wording.item(m).labels}
    line, about = (_parted if parts else _joined)(own, said, situation)
    other = [label for label in labels if about and about.label not in labels]
    if about and about.label in labels and len(re.findall(r"LAB\d+", text)) == 1:
        labels = {about.label}  # "drugs" may be of two labels
    if len(labels) > 1 or (other and parts):
        return ()
    return tuple(filter(None, (line, *(f"{about.number} is {label}" for label in other if about))))


def _parted(own: Sequence[Item], said: Sequence[str], situation: Situation) -> tuple[str, Spot | None]:
    numbers = {n for item in own for n in item.numbers} or {situation.part_of(each) for each in said}
    spot = situation.spot(numbers.pop()) if len(numbers) == 1 else None
    joints = list(_JOINTS.finditer(spot.surface)) if spot else []
    if spot is None:
        return "", None
    places = sorted((spot.surface.lower().find(each.lower()), len(each)) for each in said)
    if said and (len(said) != 2 or places[0][0] < 0):
        return "", None  # "4 is two drugs, aspirin and warfarin", where it has others
    if said:
        between = spot.surface[sum(places[0]) : places[1][0]]
        joints = [m for m in joints if m.group().strip() == between.strip()]
    if len(joints) != 1:
        return "", None
    return f"split {spot.number} at {quoted(joints[0].group().strip())}", spot


def _joined(own: Sequence[Item], said: Sequence[str], situation: Situation) -> tuple[str, Spot | None]:
    named = {n for item in own for n in item.numbers if item.by in ("number", "term", "order")}
    if len(said) == 1 and len(situation.held(said[0])) > 1:
        named = {spot.number for spot in situation.held(said[0])}
    spots = sorted((spot for n in named if (spot := situation.spot(n))), key=lambda spot: spot.start)
    apart = any(b.start - a.end > _BESIDE for a, b in pairwise(spots))
    if len(spots) < 2 or apart or (said and len(situation.held(said[0])) < 2):
        return "", None
    return f"merge {' '.join(str(spot.number) for spot in spots)}", spots[0]


def _from_to(clause: Clause) -> Reading | None:
    """Both ends by their words: "5 should start at left and stop after effusion"."""
    situation, (first, last) = clause.situation, [item for item in clause.texts() if item.kind == "txt"][:2]
    spot = bounded_spot(clause)
    ranges = [
        (start, end)
        for start, _ in situation.places(first.said)
        for _, end in situation.places(last.said)
        if start < spot.end and spot.start < end
    ]
    if not ranges:
        return None
    start, end = min(ranges, key=lambda each: each[1] - each[0])
    return one_line(f"{spot.number} = {quoted(' '.join(situation.text[start:end].split()))}")


def _merge(clause: Clause) -> Reading | None:
    numbers = [n for item in clause.refs() for n in (spot.number for spot in spots_of(clause, item))]
    spots = [spot for n in dict.fromkeys(numbers) if (spot := clause.situation.spot(n))]
    if len({spot.surface.lower() for spot in spots}) < len(spots) > 2:
        # "join Repeat and CT", of two CT: those that stand together
        near = [(a, b) for a, b in product(spots, spots) if 0 < b.start - a.end < 5]
        numbers = [spot.number for spot in near[0]] if len(near) == 1 else []
    if len(set(numbers)) < 2:
        return (
            asked("Which ones? Name two or more, like `merge 2 3`.")
            if clause.text.startswith("merge")
            else None
        )
    alike = len({spot.surface for n in numbers if (spot := clause.situation.spot(n))}) == 1
    if alike and not clause.text.startswith("merge"):
        return None  # "both nodules are the same thing"
    labels = clause.labels()[:1]
    named = tuple(f"{min(numbers)} is {label_of(each, f'{min(numbers)} is {{}}')}" for each in labels)
    return Reading((f"merge {numbers_said(numbers)}", *named))


def _goes_with(clause: Clause) -> Reading | None:
    """ "Nodular belongs with basal cell carcinoma", where they stand side by side."""
    spots = sorted((s for item in clause.refs() for s in spots_of(clause, item)), key=lambda s: s.start)
    near = len(spots) == 2 and spots[1].start - spots[0].end <= _BESIDE
    return one_line(f"merge {numbers_said(spot.number for spot in spots)}") if near else None


def _split(clause: Clause) -> Reading | None:
    spot = bounded_spot(clause)
    item = next((i for i in clause.items if i.kind in ("txt", "unk")), None)
    said = clause.wording.raw
    if item is None and (match := re.search(r"(?i)\b(?:at|on|by)\s+[\"']?([\w-]+)[\"']?[.!]?\s*$", said)):
        word = match.group(1)
        inside = word.lower() in squeezed(spot.surface).split()
        return one_line(f"split {spot.number} at {quoted(word)}") if inside else None
    if item is not None:
        return one_line(f"split {spot.number} at {quoted(item.said)}")
    inner = re.findall(r"\b(?:and|or|with|of|in|to|from|after|by|for|due to)\b|[,/]", spot.surface)
    options = [(f"At “{word}”", f"split {spot.number} at {quoted(word)}") for word in dict.fromkeys(inner)]
    return asked(
        f'Where shall I split {named_spot(spot)}? Say `split {spot.number} at "WORD"`.', *options[:3]
    )


READINGS: Mapping[str, Action] = {
    "from_to": _from_to,
    "merge": _merge,
    "goes_with": _goes_with,
    "split": _split,
}
