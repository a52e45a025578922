"""Where spans begin and end: by a count of words ("one word longer"), and by words of the text alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.frames import EDGES, edge_told
from hybrid_ner.review.chat.losses import label_like
from hybrid_ner.review.chat.reading import (
    Action,
    Clause,
    Reading,
    asked,
    focus_of,
    named_spot,
    one_line,
    spots_of,
)
from hybrid_ner.review.chat.readings_edges import bounded_spot, neighbours
from hybrid_ner.review.chat.situation import Situation, Spot, added_line, quoted, squeezed
from hybrid_ner.review.chat.words import regions, told_by, typed
from hybrid_ner.review.store.labels import labels_meant
from hybrid_ner.text.patterns import Patterns

RE = Patterns(__file__)

_TAKE = frozenset(
    ("include", "extend", "add", "with", "plus", "more", "belongs", "belong", "part", "start", "starts",
     "begin", "begins", "grow", "longer", "take")
)  # fmt: skip
_GIVE = frozenset(("without", "reject", "shorten", "except", "minus", "less", "shorter", "cut"))
_AROUND = frozenset(
    ("to", "of", "from", "in", "at", "by", "on", "word", "words", "token", "tokens", "must", "has", "side",
     "edge", "off", "away", "border", "boundary", "is", "end", "ends", "part", "too", "have", "need",
     "needs", "before", "after", "next", "first", "last", "it", "also", "mark", "should", *w.NUMBERS)
)  # fmt: skip
"""Words of sentences about the edges of a span: what takes words in, what gives them up, and the rest."""


_FEW = frozenset(
    ("longer", "short", "missing", "lacks", "needs", "add", "include", "extend", "plus", "more", "another",
     "with", "part", "belongs")
)  # fmt: skip
_MANY = frozenset(
    ("long", "shorter", "many", "much", "shorten", "reject", "wrong", "out", "off", "not", "cut")
)
_COUNTED = frozenset(
    ("word", "words", "is", "too", "by", "for", "to", "in", "on", "of", "at", "from", "and", "mark",
     "should", "must", "have", "has", "had", "need", "wants", "take", "go", "belong", "other", "also", "it",
     "does", "one", "part", "here", "right", "side", *w.NUMBERS)
)  # fmt: skip
"""Words of sentences about how many words a span lacks, or has too many, and the rest of them."""
_NO_END = frozenset(
    """\
    the a an and or of in on at to for with by from as is was are were had has have who which that but
    so then after before during until since while i we he she it they my our his her their its this
    """.split()  # noqa: SIM905
)
"""Words that hardly begin or end a name."""


def _counted_words(clause: Clause) -> Reading | None:
    """How many words a span lacks or has too many: "10 is one word too short", "5 has two words too many"."""
    if kept := re.search(r"\bonly (first|last) (?:(\w+) )?words?\b", clause.text):
        spot, count = bounded_spot(clause), w.NUMBERS.get(kept[2] or "one", 0)
        words = re.findall(r"\S+", spot.surface)
        left = len(words) - count
        line = f"{spot.number} {'-' if kept[1] == 'first' else '>'}{left}"
        return one_line(line) if count and left > 0 else None
    bare = set(re.sub(r"(?:REF|NUM)\d+", " ", clause.text).split())
    first, last = (
        bare & {"first", "start", "beginning", "front", "before", "left"},
        bare & {"last", "end", "after"},
    )
    sides = first | last | ({"right"} & bare if re.search(r"\b(?:on|to|at) right\b", clause.text) else set())
    few, many = bare & _FEW, bare & _MANY
    refs = [item for item in clause.refs() if not re.match(r"\d+ words?$", item.said)]
    alone = not clause.items and bare & {"more", "another", "longer", "shorter"}
    if (
        not bare <= _FEW | _MANY | _COUNTED | sides
        or not few | many
        or (first and last)
        or not (refs or alone)
    ):
        return None
    if "words" not in bare and "word" not in bare:
        return None
    gives = bool(many) and not ("short" in bare or "longer" in bare)
    if gives and bare & {"before", "after"}:
        return None
    spot = bounded_spot(replace(clause, items=refs))
    count = next((w.NUMBERS[word] for word in clause.text.split() if word in w.NUMBERS), 1)
    if gives and len(spot.surface.split()) <= count:
        return None
    ways = (f">{count}", f"-{count}") if gives else (f"<{count}", f"+{count}")
    if sides:
        return one_line(f"{spot.number} {ways[0] if first else ways[1]}")
    options = {
        way: (start, end) for way, start, end in neighbours(clause.situation.text, spot, count, shorter=gives)
    }
    if not gives and count == 1:
        # "frozen" in "and frozen shoulder": a name hardly begins with "and"
        text = clause.situation.text
        near = {
            "<1": (options.get("<1", (0, 0))[0], spot.start),
            "+1": (spot.end, options.get("+1", (0, 0))[1]),
        }
        named = [
            way for way, (start, end) in near.items() if way in options and _may_end_name(text[start:end])
        ]
        if len(named) == 1:
            return one_line(f"{spot.number} {named[0]}")
    said = clause.situation.text
    choices = [
        (f"“{' '.join(said[start:end].split())}”", f"{spot.number} {way}")
        for way, (start, end) in options.items()
    ]
    return asked(f"On which side of {named_spot(spot)}?", *choices[:2]) if choices else None


def _may_end_name(word: str) -> bool:
    """Whether a word beside a span may belong to its name: no sign stands between, and it is no "and"."""
    return re.fullmatch(r"\s*[\w'’/-]+\s*", word) is not None and squeezed(word) not in _NO_END


def _edge_words(clause: Clause) -> Reading | None:
    """Words beside the span, or its first or last ones: "2 should include the word before"."""
    return _beside_or_outer(clause) or _counted_words(clause)


def _beside_or_outer(clause: Clause) -> Reading | None:
    bare = re.sub(r"(?:REF|NUM)\d+", " ", clause.text).split()
    if not set(bare) <= _TAKE | _GIVE | _AROUND or not re.search(
        r"\b(?:before|after|next|first|last)\b", clause.text
    ):
        return None
    refs = clause.refs()
    counted = re.search(r"(REF\d+) words?\b", clause.text)
    if counted:
        refs = [item for item in refs if item is not clause.wording.item(counted.group(1))]
    if len({item.numbers for item in refs}) > 1 or not (
        set(bare) & (_TAKE | _GIVE) or (refs and clause.text.startswith("REF"))
    ):
        return None
    if "reject" in bare and not {"word", "words"} & set(bare):
        return None  # "next undeleted"
    spot = bounded_spot(replace(clause, items=refs))
    count = (
        clause.wording.item(counted.group(1)).numbers[0]
        if counted
        else next((w.NUMBERS[word] for word in bare if word in w.NUMBERS), 1)
    )
    left = bool({"before", "first"} & set(bare))
    if set(bare) & _GIVE:
        return one_line(f"{spot.number} >{count}" if left else f"{spot.number} -{count}")
    if {"first", "last"} & set(bare):
        return None
    return one_line(f"{spot.number} <{count}" if left else f"{spot.number} +{count}")


def _edge_moved(clause: Clause) -> Reading | None:
    """One edge by words: "move the left edge of 9 one word to the left"."""
    said = clause.wording.raw.lower()
    edge = re.search(
        r"\b(left|right|start|beginning|front|end|back)(?:ing)? ?(?:edge|boundary|border|side|limit|of|\b)",
        said,
    )
    way = re.search(
        r"\b(?:to the |to |towards the |further |more to the |words? )?(left|right|earlier|later|back"
        r"|forward)s?\W*$",
        said,
    )
    refs = clause.refs()
    moves = re.search(r"\b(?:move|shift|push|pull|drag|nudge|bring|slide|take|edge|boundary|side)\b", said)
    if not (edge and way and moves) or len(refs) > 1 or way.start(1) <= edge.start(1):
        return None  # "the site is right, it should include the word left"
    spot = spots_of(clause, refs[0])[0] if refs else focus_of(clause)
    number = re.search(r"\b(\w+) (?:more )?(?:words?|tokens?)\b", said)
    word = number.group(1) if number else ""
    count = w.NUMBERS.get(word) or (int(word) if word.isdecimal() else 1)
    first = edge.group(1) in ("left", "start", "beginning", "front")
    leftward = way.group(1) in ("left", "earlier", "back")
    sign = ("<" if leftward else ">") if first else ("-" if leftward else "+")
    return one_line(f"{spot.number} {sign}{count}")


READINGS: Mapping[str, Action] = {"edge_words": _edge_words, "edge_moved": _edge_moved}


_ONLY = re.compile(
    r"(?i)^(?:(?:only|just) (?P<after>[^,;.?\"]{2,50}?)|(?P<before>[^,;.?\"]{2,50}?),? (?:only|alone))"
    r"(?:[,;.] (?P<rest>[^?]{3,60}))?[.! ]*$"
)
"""Breathless only, moving is not the symptom"""
_NOT_OF = re.compile(
    r"(?i)^(?:the )?(?P<word>words? )?[\"']?(?P<words>[^,;.?\"]{2,40}?)[\"']?"
    r" (?:(?:does|do)(?:n't| not) belong|(?:has|have) no place|is not part)"
    r"(?: (?:to|in|with|there|of|here))*(?P<rest>[^,;.?]{0,30})[.! ]*$"
)
"""twice does not belong to the tube"""
_BOTH_SAID = re.compile(
    r"(?i)^(?P<number>\d+)[:,]? (?P<edge>(?:only|just) [^,;.?]{2,60}?),? (?:and )?(?:it'?s|it is|that'?s|is)"
    r"(?: also)? (?:an? )?(?P<label>[\w-]+)[.! ]*$"
)
"""10: only digital dermatitis, and its a disease"""


_IS_MEANT = re.compile(
    r"(?i)^(?:number )?(?P<what>\d+|[^,;:.?\"]{3,40}?)"
    r"(?:,? (?:it is|it's|its) | (?:is|was) (?:not (?:enough|complete|the whole \w+)|incomplete|too short"
    r"|only (?:half|part) of it)[:;,.] (?:it(?:'s| is| should be) )?)(?:the )?"
    r"(?P<words>[^,;:.?\"]{3,60}?)(?: is (?:what is )?meant| is the (?:term|name|phrase))?[.! ]*$"
)
"""13 it is heels red; widening is not enough: QRS widening is meant"""
_TOO = re.compile(
    r"(?i)^(?:and |also )?(?P<list>[^;.?!\"\d]{5,90}?),? (?:too|also|as well|likewise)(?: please)?[.! ]*$"
)
"""flushing and wheeze, too: two spans, though the text has the words as one"""


def _places(words: str, situation: Situation) -> list[tuple[int, int]]:
    """Where the document has words, in capitals or not."""
    each = re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", situation.text, re.IGNORECASE)
    return [match.span() for match in each] or situation.places(words)


def _over(words: str, spot: Spot, situation: Situation) -> bool:
    """Whether words of the text stand over a span, and are not the span."""
    over = any(spot.meets(start, end) for start, end in _places(words, situation))
    return over and squeezed(words) != squeezed(spot.surface)


def words_at(words: str, spot: Spot, situation: Situation) -> str:
    """Words as the text has them over a span; empty where they do not stand there."""
    for start, end in _places(words, situation):
        if spot.meets(start, end):
            return " ".join(situation.text[start:end].split())
    return ""


def in_its_words(line: str, situation: Situation) -> str:
    """A sentence about the one span that has, or stands in, words of the text, with its number."""
    if said := _BOTH_SAID.match(line):
        spot = situation.spot(int(said["number"]))
        words = re.sub(r"(?i)^(?:only|just) (?:the )?", "", said["edge"])
        meant = labels_meant(said["label"], situation.labels)
        if spot and len(meant) == 1 and _over(words, spot, situation):
            return f'{spot.number} should read "{words}", and {spot.number} is {meant[0]}'
    if said := _ONLY.match(line):
        words = said["after"] or said["before"]
        framed = situation.focus if situation.framed else None  # "Wheeze only", where others are wheeze alone
        number = framed.number if framed and framed.has(words) else situation.part_of(words)
        spot = situation.spot(number) if number else None
        rest = re.findall(r"[a-z]+", (said["rest"] or "").lower())
        # "moving is not the symptom" says why: it names a word that is to go
        gone = spot is not None and bool(set(rest) & set(squeezed(spot.surface).split())) and "not" in rest
        if spot and spot.open and _over(words, spot, situation) and (not rest or gone):
            return f'{spot.number} should read "{words}"'
    if said := _IS_MEANT.match(line):
        what = said["what"]
        spot = situation.spot(int(what)) if what.isdecimal() else None
        held = [each for each in situation.spots if _over(said["words"], each, situation)]
        named = [each for each in held if spot in (None, each) and (spot or each.has(what))]
        if len(named) == 1:
            return f'{named[0].number} should read "{words_at(said["words"], named[0], situation)}"'
    if said := _TOO.match(line):
        spots = situation.held(said["list"]) if len(situation.places(said["list"])) == 1 else []
        names = [squeezed(part) for part in re.split(r",? and |, ", said["list"])]
        if len(spots) > 1 and sorted(names) == sorted(squeezed(spot.surface) for spot in spots):
            return f"{' and '.join(str(spot.number) for spot in spots)} too"
    if said := _NOT_OF.match(line):
        number = situation.part_of(said["words"])
        spot = situation.spot(number) if number else None
        rest = [word for word in said["rest"].lower().split() if word not in ("the", "a", "an", "it", "that")]
        ends = squeezed(spot.surface).split() if spot else []
        edge = squeezed(said["words"]).split()
        at_end = edge in (ends[: len(edge)], ends[-len(edge) :])
        # "pain does not belong here" may be of all that is marked
        told = bool(rest) or said["word"] or re.search(r"(?i) (?:to|of|in) it\b", line)
        if spot and at_end and told and set(rest) <= {*ends, str(spot.number)}:
            whole = spot.surface.split()
            kept = whole[len(edge) :] if ends[: len(edge)] == edge else whole[: -len(edge)]
            text = " ".join(kept).strip(" ,;:")
            return f'{spot.number} should read "{text}"' if text else ""
    return ""


def widened(line: str, spot: Spot, situation: Situation) -> Spot:
    """A span with the words right before it that a sentence names with it: "bibasal crackles" of "crackles".

    Only words that stand so in the text, up to three, and no further than the sentence.
    """
    before = re.split(r"[.;:!?,]\s", situation.text[: spot.start])[-1]
    first = spot.surface.split()[0]
    words = list(re.finditer(r"\S+", before))[-3:]
    for word in words:
        start = spot.start - (len(before) - word.start())
        said = squeezed(f"{situation.text[start : spot.start]}{first}")
        if re.search(rf"(?<!\w){re.escape(said)}(?!\w)", squeezed(line)):
            return Spot(spot.number, start, spot.end, situation.text[start : spot.end], spot.label)
    return spot


def quoted_around(line: str, situation: Situation) -> tuple[str, Spot] | None:
    """The longest words of a sentence that the text has around just one span; ``None`` without any."""
    words = list(re.finditer(r"[^\s\"“”]+", line))
    for size in range(min(8, len(words)), 1, -1):
        for at in range(len(words) - size + 1):
            said = line[words[at].start() : words[at + size - 1].end()].strip(" ,;:.!?")
            held = situation.held(said) if situation.holds(said.lower()) else []
            if len(held) == 1 and _over(said, held[0], situation) and len(situation.places(said)) == 1:
                return said, held[0]
    return None


def for_each(
    line: str, situation: Situation, understand: Callable[[str, Situation], Reading | None]
) -> Reading | None:
    """An edge of several spans that are named together: "4 and 21 both lack the Co."; nothing else."""
    line = typed(line)
    said = _TOGETHER.search(line)
    spots = [situation.spot(int(n)) for n in re.findall(r"\d+", said.group())] if said else []
    if (
        said is None
        or "?" in line
        or any(a is None or b is None or b.start - a.end < NEAR for a, b in pairwise(spots))
    ):
        return None  # "15 and 16 is one word together" joins them
    lines: list[str] = []
    after = _OF_BOTH.sub(r"\1s", line[said.end() :])
    for spot in filter(None, spots):
        read = understand(f"{line[: said.start()]}{spot.number}{after}", situation)
        edges = read is not None and all(re.match(rf"{spot.number} [=<>+-]", each) for each in read.lines)
        if read is None or read.question or not edges:
            return None
        lines += read.lines
    return Reading(tuple(lines), writes=True) if lines else None


_TOGETHER = re.compile(
    r"(?i)(?<![\w.,])(?:both )?(?:numbers? )?\d{1,3}(?:, \d{1,3})*,? (?:and|&) \d{1,3}(?! \d)"
    r"(?: both| all| each)?(?!\w)"
)
_OF_BOTH = re.compile(r"(?i)^( (?:lack|need|want|end|begin|start|stop|run))\b")
"""Verbs of several, which take an "s" for one."""


NEAR = 6
"""Characters between two spans that are halves of one name: "Harlow & Finch"."""


def _left_over(line: str, situation: Situation) -> Reading | None:
    """The line for the one place of a word that is no mention by itself, told by where it stands."""
    said = RE.LEFT_OVER.match(line)
    places = situation.places(said["name"]) if said else []
    spans = {(spot.start, spot.end): spot for spot in situation.spots}
    free = [n for n, place in enumerate(places, 1) if place not in spans]
    if said is None or len(free) != 1:
        return None
    known = {spans[place].label for place in places if place in spans}
    labels = situation.labels_named(said["label"])
    if (said["label"] and len(labels) != 1) or not (labels or len(known) == 1):
        return None
    label, at = labels[0] if labels else known.pop(), f"#{free[0]} " if len(places) > 1 else ""
    return Reading((f"add {quoted(said['name'])} {at}{label}",), writes=True)


def other_place(line: str, situation: Situation) -> Reading | None:
    """The line that marks one more place of words, told by its order in the text; its label is said, or that
    of the places that are marked. ``None`` where that place is marked already, and for any other sentence."""
    if (left := _left_over(line, situation)) is not None:
        return left
    said = RE.ADDS_ONE.match(line)
    lines = places_told(said, "nth", situation) if said else []
    return Reading(tuple(lines), writes=True) if lines else None


def by_part(said: str, spots: Sequence[Spot] | None) -> bool:
    """Whether one mention is named by a part of its name or its title: "Marsh", of Leon Marsh."""
    words = squeezed(said).split()[-1:]
    only = spots[0] if spots and len(spots) == 1 else None
    if only is None or not words:
        return False
    name = words[0] in squeezed(only.surface).split() and squeezed(said) != squeezed(only.surface)
    return (only.surface.startswith("Dr ") and "doctor" in said.lower()) or (
        name and (said[:1].isupper() or said[:4].lower() == "the ")
    )


def places_told(said: re.Match[str], how: str, situation: Situation) -> list[str]:
    """The lines that mark what a clause says is missing, told by its place; none where that is not so.

    Args:
        said: A match of a row of ``places`` in ``extents.txt``.
        how: What the row is for.
    """
    ways = said.groupdict()
    whole = f"{ways.get('name')} {ways.get('label')}"
    if whole in said.group() and situation.holds(whole.lower()):
        ways |= {"name": whole, "label": None}  # "the second high court too": no "High" as a COURT
    meant = situation.labels_named(ways.get("label"))
    if ways.get("label") and len(meant) != 1 and how != "lacks":
        return []
    if how == "listed":
        names = re.split(r", and |, (?=\D)| and ", ways["names"])
    else:
        names = [each for each in (ways.get("name"), ways.get("name2")) if each]
    if how == "quoted" and re.fullmatch(r"(?i)one|place|time", names[0]):
        known = {squeezed(s.surface) for s in situation.spots if not s.out}
        names = [each for each in known if re.search(rf"(?i)(?<!\w){re.escape(each)}(?!\w)", ways["quote"])]
        names = [] if len(names) > 1 else names
    lines = [
        _unmarked_places(each.strip(), how, ways, meant[0] if meant else "", situation) for each in names
    ]
    made = [line for each in lines for line in each] if all(lines) else []
    return made if how != "every" or any(each.startswith("add ") for each in made) else []


def _unmarked_places(
    name: str, how: str, ways: Mapping[str, str | None], label: str, situation: Situation
) -> list[str]:
    """The lines for the places of a name that are meant, none of which has a mention yet."""
    text, count = situation.text, {"two": 2, "2": 2, "three": 3, "3": 3, "four": 4, "4": 4}
    places = [m.span() for m in re.finditer(rf"(?i)(?<!\w){re.escape(name)}(?!\w)", text)]
    over = [next((s for s in situation.spots if s.meets(a, b)), None) for a, b in places]
    free = [place for place, spot in zip(places, over, strict=True) if spot is None]
    known = {s.label for s in over if s and not s.out and squeezed(s.surface) == squeezed(name)}
    known = known or {s.label for s in over if s and not s.out}
    label = label or (known.pop() if len(known) == 1 else "" if known else label_like(name, situation))
    label = label or ("?" if how == "like" else "")  # that of the mentions before it
    which, where = (ways.get("which") or "").lower(), (ways.get("where") or "").lower()
    at = {"last": len(places) - 1}.get(which, w.ORDINALS.get(which, 0) - 1)
    if how == "end":
        at = len(places) - 1
    if at >= 0:
        free = [places[at]] if len(places) > 1 and at < len(places) and over[at] is None else []
    elif how == "quoted":
        quote = re.search(
            re.escape(squeezed(ways["quote"] or "")).replace(r"\ ", r"\s+"), text, re.IGNORECASE
        )
        free = [p for p in free if quote and quote.start() <= p[0] and p[1] <= quote.end()]
    elif how == "where" or (where and len(free) > 1):
        free = _told_where(where, free, situation)
    counted = {"twice": 2, "two times": 2, "three times": 3} | count
    many = how == "every" or (how == "lacks" and ways.get("count"))
    if ways.get("count") and len(free) != counted.get((ways["count"] or "").lower(), 0):
        return []
    if label and len(free) > 1 and how in ("again", "lacks") and not many:
        return [f"add {quoted(name)} {label}"]  # which of them is asked
    if not label or (len(free) > 1 and not many):
        return []
    own = [s for s in over if s and how == "every" and not s.out]
    if how in ("listed", "lacks", "nth") and which != "other":
        own = [s for s in (over[at : at + 1] if at >= 0 else over) if s and s.out]
    judged = [f"{s.number} is {label}" if s.label != label else f"ok {s.number}" for s in own]
    judged = [line for spot, line in zip(own, judged, strict=True) if spot.open or spot.out or " is " in line]
    return [*judged, *(added_line(place, label, situation) for place in free)]


def _told_where(where: str, places: Sequence[tuple[int, int]], situation: Situation) -> list[tuple[int, int]]:
    """Those of several places that stand where is said: in the last line, under a heading, near words."""
    text = situation.text
    if said := re.search(r"(last|first|second|third|fourth|fifth|final) (line|sentence|paragraph)", where):
        found = list(regions(text, said[2], said[1].replace("final", "last")))[:1]
        return [p for p in places if any(a <= p[0] and p[1] <= b for a, b in found)]
    for word in re.findall(r"[a-z]{4,}", where):
        if head := re.search(rf"(?m)(?:^|(?<=[.\n] )){word}(?: \w+)?:", text, re.IGNORECASE):
            end = re.search(r"[.\n] ?[A-Z][a-z]+(?: \w+)?:", text[head.end() :])
            last = head.end() + end.start() if end else len(text)
            return [p for p in places if head.end() <= p[0] < last]
    if re.search(r"\b(?:end|bottom)\b", where):
        return list(places[-1:])
    return told_by(text, places, where)


_BETWEEN = re.compile(r"[.;!]+\s+|\s[-–—]\s|,? (?:and|but|so) |, ")
_LEADS = re.compile(r"(?i)^(?:(?:and|but|also|then|so|well|wait|ok|okay)\b[, ]+)+")
_NO = re.compile(r"(?i)^(?:no|nah|nope)[, ]+")
_MOST_CUTS = 14


def clauses_told(line: str, situation: Situation) -> tuple[list[str], str]:
    """The lines of the clauses about edges and about places without a mention, and the line without these."""
    cuts = [(0, 0), *(m.span() for m in _BETWEEN.finditer(line) if not line.count('"', 0, m.start()) % 2)]
    cuts.append((len(line.rstrip(" .!;,")), len(line)))
    lines, left, at = list[str](), "", 0
    while at < len(cuts) - 1 < _MOST_CUTS:
        joined = "and " if " and " in line[slice(*cuts[at])] else ""
        for stop in range(len(cuts) - 1, at, -1):
            part = line[cuts[at][1] : cuts[stop][0]].strip(" ,")
            if part and (made := _clause(f"{joined}{part}", situation) or _clause(part, situation)):
                lines += made
                left = left.rstrip(" ,-–—") + (". " if left else "")
                at = stop
                break
        else:
            left += line[cuts[at][1] : cuts[at + 1][1]]
            at += 1
    return lines, left.strip(" ,.;-–—")


def _any_case(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _clause(part: str, situation: Situation) -> list[str]:
    kept: dict[tuple[str, Situation], list[str]] = situation.kept.setdefault("clauses", {})
    if (part, situation) not in kept:
        bare = _LEADS.sub("", part, count=1)
        tries = [(RE.made("places", _any_case), places_told, part)]
        tries += [(EDGES.made("clauses", _any_case), edge_told, each) for each in (bare, _NO.sub("", bare))]
        made = (
            read(said, how, situation)
            for rows, read, words in tries
            for pattern, how in rows
            if (said := pattern.fullmatch(words))
        )
        kept[part, situation] = next(filter(None, made), [])
    return kept[part, situation]
