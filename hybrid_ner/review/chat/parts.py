"""Words of the text that are words of the language too, and spans that are divided or joined at a word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise, product

from hybrid_ner.review.chat.edges import apposed, begun, framed_words, headed, joined, numbered
from hybrid_ner.review.chat.extents import in_its_words
from hybrid_ner.review.chat.reading import (
    Action,
    Clause,
    Reading,
    asked,
    choices_about,
    label_of,
    named_spot,
    one_line,
    spots_of,
)
from hybrid_ner.review.chat.readings_edges import bounded_spot
from hybrid_ner.review.chat.situation import Situation, Spot, numbers_said, quoted, squeezed
from hybrid_ner.review.chat.words import is_known
from hybrid_ner.review.store.labels import label_words

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
    # 8 without must; 4 lose was done
    r"(?i)(?<!\w)(?:without|minus|w/o|w/out|sans|lose|drop) (?:the )?(?:word )?(?!the\b)"
    r"([a-z]+(?: [a-z]+){0,2})(?=[.!?\s]*$)",
    # include once daily
    r"(?i)^(?:please )?(?:also )?(?:include|add|with|plus)"
    r" ((?:once|twice|the|of|and|per|in|with|on|for) [\w'-]+(?: [\w'-]+)?)(?=\W*$)",
    # drop the since; drop the trailing and from 1
    r"(?i)^(?:please )?(?:cut|trim|drop|strip|lose|chop|clip|omit|take off)(?: the)?"
    r"(?: (?:word|trailing|leading|final|stray|last|first|extra))*"
    r" (since|and|or|of|over|near|with|for|to|in|at|on|by|from|the|an?)"
    r"(?= (?:from|off|of|in|at) (?:number )?\d|\W*$)",
    # per quarter can go
    r"(?i)^(?:the )?([\w'-]+(?: [\w'-]+){0,3}?)"
    r"(?= (?:can|should|must|may|has to|needs to) (?:go|come off)\W*$)",
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
    r"(?= (?:everywhere|again|in (?:all|every|each))\b|\W*$)",
)


_BESIDE_SPAN = re.compile(
    r"(?i)(?:^|\b(?:add|include|put|bring|attach|prepend|take|have)(?: also)? )(?:the )?(?:word )?"
    r"([a-z][\w'-]*)(?= (?:(?:also|too|should|must) )*(?:belongs?|goes?|is part|be|to|in|into|on|onto|with)\b"
    r"[^,;\d]*\b(\d+)\W*$)"
)
"""Judge belongs to 9; include also Judge in 9: a word beside a span, which may name a label as well."""


_OTHER = re.compile(r"(?<![\w.-])\d+(?![\w-])")
_SAME_WORDS = re.compile(
    r"(?i)(?<![\w.-])(\d+) (?:should|must|ought to|has to) (?:also )?(?:read|say) (?:exactly )?(?:the )?"
    r"same(?: (?:as|like) (?:number )?(\d+))?\W*$"
)
"""9 is right, and 2 should read the same"""
_BESIDE_FRAMED = (
    # Dr is part of the name
    re.compile(
        r"(?i)^(?:the )?(?:word )?\"?([\w'-]+)\.?\"? (?:is|belongs) (?:also )?(?:a |in |to |with )*"
        r"(?:part of )?(?:the|its|his|her|their) (?:full |whole )?(?:name|title|term|phrase|address|drug)\W*$"
    ),
    # invasive's missing
    re.compile(
        r"^(?:[Tt]he )?(?:word )?([a-z][a-z-]+)(?:'s| is) (?:missing|left out|left off|cut off)"
        r"(?: (?:there|in front|at the (?:front|start|beginning)|before it))?\W*$"
    ),
    # cuffed as well
    re.compile(r"^([a-z][\w-]*) (?:as well|too|also)\W*$"),
)
"""A word right before the framed span, which it is to take in."""


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
        r"(?= (?:is|are|was|were|isn't|should|missing|as|got|has|have|needs?|must|before)\b| ?[=:])"
    ),
    # add ibuprofen as a drug and swells up as a reaction
    re.compile(rf"(?i) and (?:the )?{_NAME}(?= as an? )"),
    # add not to disparage the company as a duty; you missed flag leaf
    re.compile(
        r"(?i)\b(?:add|mark|tag|include|label|missed|forgot|missing|overlooked) (?:the )?"
        rf"{_NAME}(?= as\b| too\b| and\b|, | ?[.!]*$)"
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
        mixed = mixed or (
            said is not None and words[0] in ("every", "each", "once", "twice", "before", "after")
        )
        if said and pattern is _IN_TEXT[0] and situation.part_of(said[1].lower()):
            continue  # "High Court is a court" is about High Court of Justice
        ends = words[-1:] in (["is"], ["are"], ["was"], ["were"], ["has"], ["had"])  # "CISG is"
        if said and mixed and not ends and situation.holds(said[1].lower()):
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


_GIVES = re.compile(
    r"(?i)\b(?:lose|drop|cut|trim|strip|chop|without|minus|remove|omit|(?:take|leave) (?:off|out)"
    r"|(?:does|do|should|must)(?:n'?t| not) (?:belong|be)|not part|only|just|keep|up ?to|until|till"
    r"|(?:stop|end|start|begin)s?|finish(?:es)?|should (?:be|read|say))\b"
)
_GROWS = re.compile(
    r"(?i)\b(?:whole|full|(?:in)?complete|entire|missing|left (?:out|off)|part of|belongs?|includ\w+|short"
    r"|should (?:be|read|say|have)|needs?|extend|not just|title)\b|^\W*(?:number )?\d+(?:'s| is|:) $"
    r"|^\W*(?:make|set|change|turn|fix) (?:number )?\d+ (?:to |into )?$"
)
"""What is said where words inside a span are meant, and where words that stand around or beside it are."""
_TO_NUMBER = re.compile(
    r"(?i)\b(?:extend|expand|stretch|lengthen|widen) (?:number )?\d+ (?:up )?(?:to|until|till|through)"
    r" (\d{3,})\b"
)
"""Extend 7 to 2019: no number of a span."""
_TAKES = re.compile(
    r"(?i)\b(?:whole|full|complete|entire|includ\w+|extend|title|should (?:read|say)|short)\b"
    r"|^\W*(?:make|set|change|turn|fix) (?:number )?\d"
)
"""The same for words with "and" in them: "fever and chills should be a problem" names two."""
_LONGEST_RUN = 14
_LOOSE_ENDS = frozenset(
    ("and", "or", "but", "so", "is", "the", "a", "an", "of", "with", "for", "to", "in", "at")
)
_LOOSE_STARTS = frozenset(("and", "or", "but", "so", "is", "the", "a", "an"))
"""Words that a sentence goes on with behind words of the text, and that stand before them."""


def _as_it_stands(line: str, situation: Situation) -> str:
    """The longest words of a sentence that stand so in, around or beside the one span it is about.

    "lose the since 0430": words of the language among them are no words of the sentence.
    """
    named = [int(n) for n in re.findall(r"(?<![\w.-])\d+(?![\w-]|[.,]\d)", line)]
    own = situation.these(named)
    if len(own) > 1:  # "cut 2 to just free T4 and accept 4"
        clauses = re.split(r"[,;.] | and | but ", line)
        single = (clause for clause in clauses if len(_OTHER.findall(clause)) == 1)
        return next(filter(None, (_as_it_stands(clause, situation) for clause in single)), "")
    spot = own[0] if own else situation.focus
    if spot is None:
        return ""
    words = list(re.finditer(r"[^\s\"]+", line))
    for size in range(min(_LONGEST_RUN, len(words)), 1, -1):
        for at in range(len(words) - size + 1):
            said = line[words[at].start() : words[at + size - 1].end()].strip(" ,;:.!?")
            if (
                spot.has(said)
                and words[at][0].lower() not in _LOOSE_STARTS
                and at + size == len(words)
                and _GIVES.search(line[: words[at].start()])
            ):
                return said  # "10 without the lame with": nothing comes after it
            if _stands_by(said, line[: words[at].start()], line, spot, situation):
                return said
    return ""


def _stands_by(said: str, before: str, line: str, spot: Spot, situation: Situation) -> bool:
    """Whether words of a sentence are those of the text at a span, and not of the sentence."""
    each = [word.strip("(),;:.").lower() for word in said.split()]
    labels = label_words(situation.labels)
    known = {bool(is_known(word)) or (word,) in labels for word in each}
    listed = re.search(r"\b(?:and|or)\b|,", said) is not None
    if (
        not each
        or each[-1] in _LOOSE_ENDS
        or each[0] in _LOOSE_STARTS
        or False not in known
        or not situation.holds(said.lower())
        or squeezed(said) in situation.by_surface
    ):
        return False
    rest = f"{before} {line[len(before) + len(said) :]}"
    for start, end in situation.places(said):
        inside = spot.start <= start and end <= spot.end
        gap = situation.text[min(end, spot.end) : max(start, spot.start)]
        if inside and squeezed(spot.surface) in squeezed(line):
            continue  # "Supreme Court of India minus India" says its name
        if inside and True in known and _GIVES.search(rest):
            return True
        grows = (_GROWS.search(rest) or _GROWS.search(before)) and (not listed or _TAKES.search(rest))
        if not inside and not gap.strip() and grows:
            return True
    return False


_FIGURE = re.compile(
    r"(?<![\w.,/$€£-])(?:[$€£¥] ?)?\d+(?:[.,]\d+)*(?: ?%| ?([a-zA-Zµμ]{1,6}(?:/[a-zA-Z\d.]+)*)\b)?(?![\w/])"
)
"""0.01 mIU/L; £96,400; 2 mg/kg/h"""


def _figures(line: str, situation: Situation) -> str:
    """A sentence with quotes around figures of the text that are no span and no number of one."""

    def each(said: re.Match[str]) -> str:
        text = said.group()
        # "1 April 2025" is one date
        unit = said[1] or ""
        plain = (
            text.isdecimal() or bool(is_known(unit.lower())) or re.match("[A-Z][a-z]{2}", unit) is not None
        )
        own = squeezed(text) in situation.by_surface or not situation.holds(text.lower())
        # "4 mm nodule", "metoprolol 25 mg": a part of longer words of the text
        before, after = line[: said.start()].split()[-1:], line[said.end() :].split()[:1]
        longer = [f"{word} {text}" for word in before if not is_known(word.lower())]
        longer += [f"{text} {word}" for word in after if not is_known(word.lower())]
        part = any(situation.holds(each.lower().strip(".,;:!")) for each in longer)
        return text if plain or own or part else f'"{text}"'

    return _FIGURE.sub(each, line)


def _reworded(line: str, situation: Situation) -> str:
    """A sentence about one span, in the words of the text or with its number; empty for any other."""
    for said_of in (apposed, joined, in_its_words, framed_words, headed, numbered, begun):
        if words := said_of(line, situation):
            return words
    if (said := _NOT_THESE.match(line)) and re.search(rf"\b{said[2]}\b", said[1], re.IGNORECASE):
        return f'"{said[1]}", not "{said[2]}"' if situation.holds(said[1].lower()) else ""
    if focus := situation.spot(situation.framed):
        for pattern in _BESIDE_FRAMED:
            said = pattern.match(line)
            places = situation.places(said[1].lower()) if said else []
            if said and any(situation.text[end : focus.start] in (" ", ". ") for _, end in places):
                return f'include "{said[1]}" in {focus.number}'
    said = _SAME_WORDS.search(line)
    others = [n for n in _OTHER.findall(line) if said and n != said[1]]
    like = situation.spot(int((said[2] if said else "") or (others[0] if others else 0)))
    return f'{line[: said.start()]}{said[1]} should read "{like.surface}"' if said and like else ""


def _near_span(line: str, situation: Situation) -> re.Match[str] | None:
    """Words of the language that are words of the text in, or beside, the span that is spoken of."""
    own = re.findall(r"(?<![\w-])\d+(?![\w-])", line)
    spot = situation.spot(int(own[0])) if len(own) == 1 else None
    spot = spot if own else situation.spot(situation.framed)
    ends = spot.surface.lower().split() if spot else []
    ends = [*ends[:1], *ends[-1:]]  # 6 without by
    for pattern in _WORDS_OF_TEXT:
        said = re.search(pattern, line)
        words = said[1].lower() if said else ""
        if said is None or not situation.holds(words):
            continue
        near = words in ends or situation.part_of(words) or _beside(words, situation)
        near = near or (spot is not None and spot.has(words))  # 4 stops at IN
        if re.fullmatch(_SIDE, words) or (near and is_known(words.split()[0])):
            return said
    said = _TO_NUMBER.search(line)
    return said if said and int(said[1]) > len(situation.spots) and situation.holds(said[1]) else None


_NO_RUN = frozenset(
    ("the", "a", "an", "this", "that", "these", "those", "and", "or", "but", "so", "is", "are", "was", "it",
     "no", "not", "yes", "all", "both", "first", "second", "third", "last", "next", "other", "add", "mark",
     "tag", "label", "drop", "reject", "accept", "keep", "remove", "also", "as", "my", "our", "his", "her",
     "their", "to", "please")
)  # fmt: skip
_NO_END = _LOOSE_ENDS | {"are", "was", "were", "has", "had"}
"""Words that do not begin, or end, a run of words of the text."""


_SEVERAL = re.compile(r"(?i)\b(?:both|are|were)\b|s\W*$")
"""Sweaty and nauseated are symptoms: two of them"""


def text_runs(line: str, situation: Situation) -> Iterator[re.Match[str]]:
    """Words of a sentence that stand so in the text and are no span, the longest first.

    Some of them are words of the chat and some are not: "twice daily", "slow infusion", "fine of £900".
    """
    words = list(re.finditer(r"[^\s\"]+", re.sub(r'"[^"]*"', lambda said: '"' * len(said.group()), line)))
    labels = label_words(situation.labels)
    longer: list[tuple[int, int]] = []
    for size in range(min(_LONGEST_RUN, len(words)), 1, -1):
        for at in range(len(words) - size + 1):
            said = line[words[at].start() : words[at + size - 1].end()].rstrip(" ,;:.!")
            each = [word.strip("(),;:.").lower() for word in said.split()]
            if not each:
                continue  # ", ,"
            two = "and" in each and _SEVERAL.search(line)
            if each[0] in _AT and each[-1].isdecimal() and situation.spot(int(each[-1])):
                continue  # "wrong label on 3", where the text has "on 3 March"
            if two or each[0] in _NO_RUN or each[-1] in _NO_END or re.search(r"[;:.!\"] |, (?!\d)", said):
                continue
            known = {bool(is_known(word)) or (word,) in labels for word in each}
            found = re.compile(re.escape(said)).match(line, words[at].start()) if len(known) == 2 else None
            inner = found and any(a <= found.start() and found.end() <= b for a, b in longer)
            if found and not inner and situation.holds(said.lower()):
                longer.append(found.span())
                # "trimethoprim made her sick" is about trimethoprim
                plain = f" {squeezed(said)} "
                if not any(f" {name} " in plain for name in situation.by_surface):
                    yield found


_AT = frozenset(("on", "in", "at", "of", "for", "to", "from", "with"))
"""Words before the number of a mention."""
_MAY = re.compile(
    r"(?i)(?:^(?:the )?|\b(?:accept|reject|drop|keep|remove|delete|tag|mark|label|unmark|never|the) )(may)"
    r"(?=\W*$| (?:is|isn'?t|was|in|at|of|as|no|ok|yes|too|here|everywhere)\b)"
)
"""The month, where a span is called May: "never tag may as a date"."""


def with_quotes(line: str, situation: Situation) -> str:
    """A sentence with quotes around words of the text that are words of the language too."""
    if '"' in line:
        return line
    for surface in situation.by_surface:
        # The second Dagoretti/Riruta/1187: a sign that parts words elsewhere
        at = line.lower().find(surface) if re.search(r"\w[/&]\w", surface) else -1
        if at >= 0 and at + len(surface) <= len(line):
            return f'{line[:at]}"{line[at : at + len(surface)]}"{line[at + len(surface) :]}'
    if "may" in situation.by_surface and (may := _MAY.search(line)):
        return f'{line[: may.start(1)]}"{may[1]}"{line[may.end(1) :]}'
    if words := _reworded(line, situation):
        return words
    line = _figures(line, situation)
    if (said := _phrase(line, situation)) and squeezed(said[1]) not in situation.by_surface:
        line = f'{line[: said.start(1)]}"{said[1]}"{line[said.end(1) :]}'
        second = _IN_TEXT[1].search(line, said.end(1))
        if second and situation.holds(second[1].lower()) and squeezed(second[1]) not in situation.by_surface:
            line = f'{line[: second.start(1)]}"{second[1]}"{line[second.end(1) :]}'
    if '"' in line:
        return line
    if said := _BESIDE_SPAN.search(line):
        one = [spot for spot in situation.spots if spot.number == int(said[2])]
        if _beside(said[1].lower(), replace(situation, spots=tuple(one))):
            return f'{line[: said.start(1)]}"{said[1]}"{line[said.end(1) :]}'
    if said := _near_span(line, situation):
        return f'{line[: said.start(1)]}"{said[1]}"{line[said.end(1) :]}'
    if words := _as_it_stands(line, situation):
        return line.replace(words, f'"{words}"', 1)
    return line


_BESIDE = 12
"""Characters between two spans that belong together: "section 52 of the Trade Practices Act"."""


def _from_to(clause: Clause) -> Reading | None:
    """Both ends by their words: "5 should start at left and stop after effusion"."""
    situation, (first, last) = clause.situation, [item for item in clause.texts() if item.kind == "txt"][:2]
    spot = bounded_spot(clause)
    ranges = [
        (start, end)
        for start, _ in situation.places(first.said)
        for _, end in situation.places(last.said)
        if spot.meets(start, end)
    ]
    if not ranges:
        return None
    start, end = min(ranges, key=lambda each: each[1] - each[0])
    return one_line(f"{spot.number} = {quoted(' '.join(situation.text[start:end].split()))}")


def _merge(clause: Clause) -> Reading | None:
    numbers = [n for item in clause.refs() for n in (spot.number for spot in spots_of(clause, item))]
    spots = clause.situation.these(dict.fromkeys(numbers))
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
    alike = len({spot.surface for spot in clause.situation.these(numbers)}) == 1
    if alike and not clause.text.startswith("merge"):
        return None  # "both nodules are the same thing"
    ordered = sorted(spots, key=lambda spot: spot.start)
    apart = any(b.start - a.end > 2 * _BESIDE for a, b in pairwise(ordered))
    if apart and not clause.text.startswith("merge"):
        line = f"merge {numbers_said(numbers)}"
        return choices_about(line, clause.situation, "They stand apart: shall they be one, with all between?")
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
    inner = re.findall(
        r"\b(?:and|or|with|of|in|to|from|after|by|for|due to)\b|(?<!\d)[,/]|[,/](?!\d)", spot.surface
    )
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
