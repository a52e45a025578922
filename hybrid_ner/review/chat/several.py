"""Lines about several mentions: new words for each, figures that are missing, one of many and many of one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.clauses import kind, word_kinds
from hybrid_ner.review.chat.extents import clauses_told
from hybrid_ner.review.chat.losses import FIGURES, Piece, of_words, written
from hybrid_ner.review.chat.offers import in_plain
from hybrid_ner.review.chat.pieces import BESIDE, BESIDES, divided, divided_spot, in_digits
from hybrid_ner.review.chat.reading import (
    FLOWS,
    Item,
    Reading,
    Understand,
    Wording,
    asked,
    in_order,
    kept_apart,
    settled,
)
from hybrid_ner.review.chat.references import read_words
from hybrid_ner.review.chat.situation import (
    Situation,
    Spot,
    added_line,
    numbers_said,
    quoted,
    spans_in,
    squeezed,
)
from hybrid_ner.review.store.labels import A_LABEL, label_words, plain_words
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__, NUMERALS="|".join(w.NUMBERS))


def several(line: str, situation: Situation, understand: Understand) -> Reading | None:
    """The lines for new words of several mentions, or for figures to add; ``None`` for any other line."""
    bare, asks = line.strip(" .!"), "?" in line
    made = _corrected(bare, situation)  # "…, can you correct both?"
    if not asks:
        made = made or _combined(bare, situation) or _grown(bare, situation)
        made = made or _dictated(line, situation, understand) or _figures(line, situation)
    if made:
        return Reading(tuple(made), writes=True)
    if (said := _RE.CANCELS.match(line)) and situation.fresh:
        rest = understand(line[said.end() :], situation)
        if rest and rest.lines and rest.writes and "undo" not in rest.lines:
            return rest
    if not asks and (pair := _both(bare, situation, understand)):
        return pair
    cut = None if asks else _cut(bare, situation) or _cut_into(line, situation)
    return cut or as_one(line, situation)


def _both(line: str, situation: Situation, understand: Understand) -> Reading | None:
    """What is said of "both" beside the two that are named: "no sticky eye, no mastitis, both out"."""
    said = next(filter(None, (getattr(_RE, name).fullmatch(line) for name in _BOTH)), None)
    if said is None:
        return None
    told = read_words(said["told"], situation)
    items = told.named(told.text)
    names = sum(len(re.findall(r"REF\d", item.said)) or 1 for item in items)
    named = not any(item.problem or item.by in ("this", "that", "all", "rest") for item in items)
    parts = said.groupdict()
    if names != 2 or not named or _RE.JUDGED.search(told.text):
        # '3 lose the "in", 4 add complete, then both fine'
        edged = understand(said["told"], situation) if _RE.OKAY.search(parts.get("how") or "") else None
        edges = [each for each in edged.lines if re.match(r"\d+ = ", each)] if edged else []
        return edged if edged and edged.writes and len(edges) > 1 else None
    numbers = numbers_said({n for item in items for n in item.numbers})
    return understand(f"{parts['verb'] or ''} {numbers} {parts.get('how') or ''}".strip(), situation)


_BOTH = ("BOTH_LAST", "BOTH_FIRST", "BOTH_NAMED")


def as_one(line: str, situation: Situation) -> Reading | None:
    """The line that joins spans which stand beside each other, in words of one's own for it."""
    if said := _RE.TO_JOIN.match(line):
        spots = sorted(situation.spots, key=lambda spot: spot.start)
        at = next((n for n, spot in enumerate(spots) if spot.number == int(said[1])), -1)
        other = at + (1 if said["after"] else -1)
        pair = [spots[n] for n in (at, other) if 0 <= n < len(spots)] if at >= 0 else []
    elif said := _RE.AS_ONE.match(line):
        numbers = [int(n) for n in (said["first"], said["last"]) if n]
        pair = situation.these(numbers) or situation.held(said["name"] or "")
        labels = label_words(situation.labels).get(((said["noun"] or "").lower(),), ((), False))[0]
        if labels and not all(spot.label in labels for spot in pair):
            return None  # "8 and 9 are one diagnosis" may give a label too
    else:
        return None
    pair = sorted(pair, key=lambda spot: spot.start)
    near = len(pair) == 2 and pair[1].start - pair[0].end <= BESIDE
    whole = squeezed(said.groupdict().get("whole") or "")
    if near and whole and whole != squeezed(situation.text[pair[0].start : pair[1].end]):
        return None
    return Reading((f"merge {pair[0].number} {pair[1].number}",), writes=True) if near else None


def _cut(line: str, situation: Situation) -> Reading | None:
    """The pieces of a span on both sides of a word: "thirteen is two sums, A and B. Split it at stock"."""
    said = next((each for each in _RE.AT_WORD.finditer(line) if each.end() == len(line)), None)
    spot = divided_spot(in_digits(line), situation) if said else None
    if said is None or spot is None:
        return None
    places = list(re.finditer(rf"(?i)(?<!\w){re.escape(said['word'])}(?!\w)", spot.surface))
    if len(places) != 1:
        return None
    labels, own = label_words(situation.labels), squeezed(spot.surface).split()
    for word in re.findall(r"[^\W\d_]+", line[: said.start()].lower()):
        known = word in kind("parts") or word in BESIDES or word_kinds().get(word) == "glue" or word in own
        if not (known or plain_words(word) in labels or word in w.NUMBERS):
            return None  # "13 is Jane, split 15 at with" says more
    sides = (0, places[0].start()), (places[0].end(), len(spot.surface))
    pieces = [_bare_piece(spot.surface, *side) for side in sides]
    return written(pieces, spot, situation) if all(each.start < each.end for each in pieces) else None


def _bare_piece(surface: str, start: int, end: int) -> Piece:
    """A side of a span without the signs and the "and" that it begins or ends with."""
    text = surface[start:end]
    begin = _RE.LOOSE_START.match(text)
    stop = _RE.LOOSE_END.search(text)
    return Piece(start + (begin.end() if begin else 0), start + (stop.start() if stop else len(text)))


def _cut_into(line: str, situation: Situation) -> Reading | None:
    """The pieces that a line of several sentences names, but for a word that is in none of them."""
    whole = line
    if re.search(r"(?i)\b(?:only|just|alone)\b", line):
        return None  # "hydrocortisone only, dose separate" says which piece stays

    def inside(said: re.Match[str]) -> str:
        word = (said["word"] or said["out"]).lower()
        return "" if any(word in squeezed(spot.surface).split() for spot in situation.spots) else said.group()

    line = _RE.NOT_IN.sub(inside, line)
    return (
        divided(line, situation, told=True, exact=line != whole)
        if line != whole or _RE.STOP.search(line)
        else None
    )


def _number(said: str) -> int:
    return w.NUMBERS.get(said.lower(), 0) or int(said)


def _over(words: str, situation: Situation) -> list[tuple[Spot, str]]:
    """The spans that meet words of the text and are not these, each with the words as the text has them."""
    return [
        (spot, " ".join(situation.text[start:end].split()))
        for start, end in situation.places(words)
        for spot in situation.spots
        if spot.meets(start, end) and (start, end) != (spot.start, spot.end)
    ]


def _combined(line: str, situation: Situation) -> list[str]:
    """Mentions that are one with what stands between or beside them: "combine 5 and 6: "…" is one Test"."""
    said = _RE.COMBINED.fullmatch(line)
    labels = situation.labels_named(said["label"]) if said else ()
    if said is None or len(labels) != 1:
        return []
    numbers = {_number(each) for each in _RE.NUMBER.findall(said["numbers"])}
    over = _over(said["words"], situation)
    if len(over) != len(numbers) or {spot.number for spot, _ in over} != numbers:
        return []
    spot, words = next((each for each in over if each[0].label == labels[0]), over[0])
    if not situation.places(words)[0][0] <= spot.start:
        return []
    label = [] if spot.label == labels[0] else [f"{spot.number} is {labels[0]}"]
    return [f"{spot.number} = {quoted(words)}", *label]


def _corrected(line: str, situation: Situation) -> list[str]:
    """New words of mentions that are called otherwise: "the lady is Ms Petra Ahlgren and …, correct both"."""
    said = _RE.FIXED.fullmatch(line)
    parts = [_RE.NAMED_IS.fullmatch(part) for part in _RE.NEXT_NAMED.split(said["list"])] if said else []
    found = [_over(part["words"].strip(' ".,'), situation) if part else [] for part in parts]
    if not parts or any(len(over) != 1 for over in found):
        return []
    return [f"{spot.number} = {quoted(words)}" for ((spot, words),) in found]


_EDGE_WORDS = frozenset(
    """\
    is are be it that this its must should has have had read reads say says call called name named names
    phrase whole full complete all both each first second third last other and or but also too then so
    just only without with missing lack lacks mark include extend before after front
    behind beginning end start begins ends starts from to of in at on for the a an part belongs belong
    does do not longer short shorter long cut actually correctly properly please lol there here my i we
    mean meant words word one really rather days day month year numbers number comma stop dot simply own
    alone itself by add listed in right wrong incomplete obviously nothing else i.e. namely
    """.split()  # noqa: SIM905
)
"""Words around the new words of a mention that say nothing else: "it should read …, the days are missing"."""


def reworded(line: str, situation: Situation) -> Reading | None:
    """New edges of every mention that words of the line overlap and go beyond, and a label behind a comma.

    "it's Employment Judge Rahman, lose "listed" and add Employment in front"; "3 May 2024 and 17 May 2024,
    the days are missing from both". Everything else that the line names lies in the old or the new words,
    and no other word of it says anything.
    """
    wording = read_words(line, situation)
    items = {marker: wording.item(marker) for marker in _RE.MARKERS.findall(wording.text)}
    made = _new_words(wording.text, items, situation)
    if not made or "?" in line or "DOUBT" in wording.text:
        return None
    if not all(_kept(spot, words, line, situation) for spot, words in made.values()):
        return None
    inside = squeezed(" | ".join(text for spot, words in made.values() for text in (words, spot.surface)))
    numbers, labels = {spot.number for spot, _ in made.values()}, {spot.label for spot, _ in made.values()}
    for marker, item in items.items():
        named = item.kind == "ref" and item.by not in ("this", "that", "all", "rest", "order")
        outside = item.kind == "txt" and squeezed(item.said) not in inside
        if marker not in made and (outside or (named and not {*item.numbers} <= numbers)):
            return None
    label = _RE.LABEL_BEHIND.search(wording.text)
    denied = set(_RE.LABEL_DENIED.findall(wording.text))
    if (
        not label
        and any(labels & {*items[each].labels} for each in denied)
        and not _RE.OWN.search(wording.text)
    ):
        return None  # "queen mary isn't a person, it's the Queen Mary Maternity Unit": and what is that?
    said = {each for each, item in items.items() if each[:3] == "LAB" and not labels & {*item.labels}}
    given = items[label[1]].labels if label else ()
    if given and any(_within(words, spot) and spot.label not in given for spot, words in made.values()):
        return None  # "3 is Jane, she's a person", of Jane Whitfield
    scraps = "|".join(each for each in items if each[:3] == "TXT" and each not in made)
    bare = re.sub(rf"\breject (?={scraps or '$^'})", " ", wording.text)
    rest = re.findall(r"[^\W\d_]+", _RE.LED_BY_NO.sub("", _RE.MARKERS.sub(" ", bare)).lower())
    unread = said - denied - ({label[1]} if label else set())
    if unread or (label and (len(given) != 1 or len(made) > 1)) or not {*rest} <= _EDGE_WORDS:
        return None
    lines = [f"{spot.number} = {quoted(words)}" for spot, words in made.values()]
    lines += [f"{spot.number} is {given[0]}" for spot, _ in made.values() if given and spot.label != given[0]]
    return Reading(tuple(lines), writes=True)


def _new_words(
    text: str, items: Mapping[str, Item], situation: Situation
) -> dict[str, tuple[Spot, str]] | None:
    """Markers of words → the mention that they are the new ones of, with them; ``None`` where two compete."""
    made: dict[str, tuple[Spot, str]] = {}
    for marker, item in items.items():
        told = item.kind == "txt" and _tells_edges(marker, text, situation)
        met = _over(item.said, situation) if told else []
        over = [(spot, words) for spot, words in met if squeezed(words) not in squeezed(spot.surface)]
        if len(over) > 1 or any(spot == over[0][0] for spot, _ in made.values() if over):
            return None
        if over:
            made[marker] = over[0]
    for match in _RE.IS_WITHIN.finditer(text):
        own, words = items[match["own"]].numbers, items[match["words"]].said
        spot = situation.spot(own[0]) if len(own) == 1 else None
        if spot and _within(words, spot) and spot not in {each for each, _ in made.values()}:
            made[match["words"]] = spot, words  # "number 2 is Central Procurement Office", without "has"
    return made


def _within(words: str, spot: Spot) -> bool:
    """Whether words are a part of a mention, whatever its signs, and not all of it."""
    surface = re.sub("[,;:]", "", squeezed(spot.surface))
    return f" {squeezed(words)} " in f" {surface} " and squeezed(words) != surface


def adds_edges(edges: Reading, found: Reading, left: Sequence[str]) -> bool:
    """Whether new edges say more than what was understood: not where that has other ones for a span.

    Args:
        left: What the line names and nothing understood is about.
    """
    known = {line.partition(" = ")[0]: line for line in found.lines if " = " in line}
    if any(known.get(line.partition(" = ")[0], line) != line for line in edges.lines):
        return False
    about = {n for line in found.lines for n in spans_in(line)}
    return not {*edges.lines} <= {*found.lines} and (bool(left) or spans_in(edges.lines[0]) <= about)


def of_ok_row(found: Reading, wording: Wording) -> Reading | None:
    """Whether a verdict that leads a row is that of all but the last: "ok 5 and 6 and 10 is a dose"."""
    row = next((line for line in found.lines if re.fullmatch(rf"\d[\d -]* is {A_LABEL}", line)), "")
    numbers, (last, label) = sorted(spans_in(row)), row.rpartition(" is ")[::2]
    if len(numbers) < 2 or not last or not _RE.OK_ROW.match(wording.raw):
        return None
    apart = (f"ok {numbers_said(numbers[:-1])}", f"{numbers[-1]} is {label}")
    each = (("All of them", [row]), (f"{apart[1]} alone", [*apart]))
    rest = [line for line in found.lines if line != row]
    choices = ((name, "; ".join([*lines, *rest])) for name, lines in each)
    return asked(f"Is {label} said of all of them?", *choices)


def of_denied_label(found: Reading, wording: Wording, situation: Situation) -> Reading | None:
    """The question what a span is that gets new edges and keeps a label which the line says it is not."""
    for match in _RE.DENIED_LABEL.finditer(wording.text):
        numbers = wording.item(match["what"]).numbers
        spot = situation.spot(numbers[0]) if len(numbers) == 1 and not match["own"] else None
        if spot is None or spot.label not in wording.item(match["label"]).labels:
            continue  # "holiday on its own is not a claim, it is unpaid holiday pay"
        edge = next((line for line in found.lines if line.startswith(f"{spot.number} = ")), "")
        if edge and not any(line.startswith(f"{spot.number} is ") for line in found.lines):
            others = [label for label in situation.labels if label != spot.label][:_MOST_LABELS]
            ways = ((label, f"{edge}; {spot.number} is {label}") for label in others)
            return asked(f"And what is it, if no {spot.label}?", *ways, ("Leave the label", edge))
    return None


_MOST_LABELS = 4


def _tells_edges(marker: str, text: str, situation: Situation) -> bool:
    """Whether words are said to be those of a mention: behind "is" or "reads", alone, or where some lack."""
    if re.fullmatch(rf"{marker}[ ;.]*", text):
        return situation.framed > 0
    said = re.search(
        rf"(?:\b(?:is|be|read|reads|say|says|called|named)|[=:]) {marker}\b(?! is (?!missing))", text
    )
    return said is not None or re.search(rf"{marker}\b.*,.* is missing\b", text) is not None


def _kept(spot: Spot, words: str, line: str, situation: Situation) -> bool:
    """Whether new words have all of the old ones, or the line tells the words that go or the number."""
    gone = [word for word in squeezed(spot.surface).split() if word not in squeezed(words).split()]
    told = re.findall(r"[\w'-]+", squeezed(line))
    return {*gone} <= {*told} or str(spot.number) in told


def _grown(line: str, situation: Situation) -> list[str]:
    """A mention that is called by a part of it, in its new words: "mite should be poultry red mite"."""
    said = _RE.SHOULD_BE.fullmatch(line)
    over = _over(said["words"], situation) if said else []
    if said is None or len(over) != 1 or squeezed(said["name"]) in situation.by_surface:
        return []
    (spot, words), name = over[0], said["name"]
    covers = squeezed(spot.surface) in squeezed(words)
    part = spot.has(name) and f" {squeezed(name)} " in f" {squeezed(words)} "
    return [f"{spot.number} = {quoted(words)}"] if covers and part else []


def _dictated(line: str, situation: Situation, understand: Understand) -> list[str]:
    """Numbers with a verdict or with new words each: "Five, accept. Six, windscreen shattered."."""
    parts = [part.strip(" .,;!") for part in _RE.STOP.split(line)]
    said = [_RE.NUMBERED.fullmatch(part) for part in parts if part]
    lines: list[str] = []
    worded = False
    if len(said) < 2 or not all(said) or _RE.APART.search(line):
        return []
    for each in filter(None, said):
        spot = situation.spot(_number(each["n"]))
        words = _words_of(spot, each["rest"], situation) if spot else ""
        if spot is None:
            return []
        if words:
            worded = True
            made: tuple[str, ...] = (f"{spot.number} = {quoted(words)}",)
        else:
            read = understand(f"{spot.number} {each['rest']}", situation)
            made = read.lines if read and read.writes and not read.question else ()
            if not made or {n for one in made for n in spans_in(one)} != {spot.number}:
                return []
        lines += made
    return lines if worded else []


def _words_of(spot: Spot, rest: str, situation: Situation) -> str:
    """The words of the text over a span that are said behind its number; empty for anything else."""
    if more := _RE.REST_OF.fullmatch(rest):
        after = re.compile(r"[^\s,;]*[\w)]").match(situation.text, spot.end)
        grown = situation.text[spot.start : after.end()] if after else ""
        return grown if grown.lower().endswith((more["tail"] or "").lower()) else ""
    words = _RE.LED.sub("", _RE.LED.sub("", rest)).strip(' "')
    if plain_words(words) in label_words(situation.labels) or not words:
        return ""
    return next((text for each, text in _over(words, situation) if each == spot), "")


def _figures(line: str, situation: Situation) -> list[str]:
    """Figures that are missing, each beside words of the text that only tell which one is meant.

    "Ductwork sum 8,300 euros and the interim of 15,000 euros, add both"; "towing 310 euros too". Only for a
    label of figures, and only where every other word is of the text, of a label, or of such a list.
    """
    if _RE.REFUSES.search(line) or not _RE.ADDS.search(line):
        return []
    found = [(each, _figure_at(each, line, situation)) for each in _RE.FIGURE.finditer(line)]
    if not found or not all(place for _, place in found):
        return []
    behind = re.match(r"[ ]*[^\W\d_]+", line[found[0][0].end() :]) if len(found) == 1 else None
    if behind and situation.holds(squeezed(f"{found[0][0].group()} {behind.group()}")):
        return []  # "40 mg twice daily" is more than the figure
    label = _label_of(_RE.FIGURE.sub(" ", line), [place for _, place in found if place], situation)
    tells = _told(line, situation)
    # without such words it is a plain list, which ``additions`` reads
    return [added_line(place, label, situation) for _, place in found if place] if label and tells else []


def _told(line: str, situation: Situation) -> bool:
    """Whether words of the text stand beside the figures of a line, and tell of nothing else there."""
    labels = label_words(situation.labels)
    beside = re.compile(_RE.source("BESIDE"), re.IGNORECASE)
    tells, lone = False, False
    for each in _RE.FIGURE.finditer(line):
        joined = re.search(r"([^\W\d_]{3,}) (?:and|&|plus) (?:the )?$", line[: each.start()])
        if joined and situation.holds(joined[1].lower()) and plain_words(joined[1]) not in labels:
            return False  # "the chimney and £990" are two
    for part in _RE.NEXT_PART.split(line):
        words = re.findall(r"[^\s,;.:!()\"–—-]+", _RE.FIGURE.sub(" ", part))
        words = [word for word in words if not (plain_words(word) in labels or beside.fullmatch(word))]
        figure = _RE.FIGURE.search(part)
        if not all(situation.holds(word.lower()) for word in words):
            return False
        if lone and not (figure and not part[: figure.start()].strip()):
            return False  # "oxycodone and 10 mg" are two
        lone = bool(words) and not figure
        tells = tells or bool(words)
    return tells and not lone


def _figure_at(said: re.Match[str], line: str, situation: Situation) -> tuple[int, int] | None:
    """The one place of a figure that no span has: of several the one near the word that is said before it."""
    text = said.group()
    unit = said["unit"] and situation.holds(squeezed(text))
    if said["unit"] and not unit:
        text = text[: said.start("unit") - said.start()].rstrip()
    pattern = re.escape(text).replace(r"\ ", r"\s*")
    more = "" if unit or re.search(r"[$€£¥%]", text) else r"(?:\s(?:pounds?|dollars?|euros?|yen|francs?)\b)?"
    places = [
        m.span() for m in re.finditer(rf"(?i)(?<![\w.,]){pattern}{more}(?![\w%]|[.,]\d)", situation.text)
    ]
    if not unit and not re.search(r"[^\w\s]", text):
        return None  # a number of a span, or a year
    free = [at for at in places if not any(s.start < at[1] and at[0] < s.end for s in situation.spots)]
    words = re.findall(r"[^\W\d_]{4,}", line[: said.start()])[-1:]
    near = [
        at for at in free if words and words[0].lower() in situation.text[max(0, at[0] - 40) : at[0]].lower()
    ]
    return free[0] if len(free) == 1 else near[0] if len(near) == 1 else None


def _label_of(rest: str, places: Sequence[tuple[int, int]], situation: Situation) -> str:
    """The label of figures that is said, or the one that mentions with the same unit have."""
    labels = label_words(situation.labels)
    keys = [plain_words(word) for word in re.findall(r"[^\W\d_]+", rest)]
    named = {
        tuple(each for each in labels[key][0] if of_words(each, FIGURES)) for key in keys if key in labels
    }
    if named:
        meant = named.pop() if len(named) == 1 else ()
        return meant[0] if len(meant) == 1 else ""
    units = {re.sub(r"[\d.,\s]", "", situation.text[a:b]).lower() for a, b in places}
    alike = {
        spot.label
        for spot in situation.spots
        if spot.surface[-1:].isalpha() and re.sub(r"[\d.,\s]", "", spot.surface).lower() in units
    }
    alike = {each for each in alike or situation.labels if of_words(each, FIGURES)}
    return alike.pop() if len(alike) == 1 else ""


def told_apart(
    line: str, situation: Situation, understand: Understand, *, alone: bool = False
) -> Reading | None:
    """The clauses of a line about edges and about what is missing, with what the rest of it says.

    "Reserpine stands. Iron turns up again where it upset her stomach"; the question with both where the rest
    asks or is not understood. With ``alone`` only where such clauses are all of it.
    """
    lines, left = ([], "") if "?" in line or situation.part else clauses_told(line, situation)
    left = "" if _RE.FILLER.match(left) or (lines and _RE.WHOLE_TOO.match(left)) else left
    if not lines or (alone and left):
        return None
    labels = situation.labels_named(_RE.ITS_LABEL.sub("", left))
    if len(labels) == 1 and all(each[:4] == "add " for each in lines):  # "add the second heparin, drug"
        lines, left = [f"{each.rpartition(' ')[0]} {labels[0]}" for each in lines], ""
    spans = {n for each in lines for n in spans_in(each)}
    if len(spans) == 1 and _RE.OF_IT.match(left):  # "blood is blood sugar, it's no medicine"
        situation = replace(situation, framed=min(spans), named=0)
    rest = understand(left, situation) if left else Reading()
    about = [n for each in (rest.lines if rest else ()) for n in spans_in(each)]
    like = {spot.label for spot in situation.these(about)}
    if len(like) == 1:
        lines = [each.removesuffix("?") + min(like) if each.endswith(" ?") else each for each in lines]
    if any(each.endswith(" ?") for each in lines):
        return None
    if rest is None or rest.question:
        first = rest.choices[0][1] if rest and rest.choices else "cancel"
        more = [] if first == "cancel" else first.split("; ")
        both = settled([*more, *lines], situation) if more else None
        choice = "; ".join(both or lines)
        told = "Do I get you right?" if both else f"I did not get “{left}”. The rest?"
        return asked(told, (in_plain(choice), choice))
    both = settled([*rest.lines, *lines], situation)
    if both is None or (rest.lines and not rest.writes and rest.lines[0] not in FLOWS):
        choice = "; ".join(lines)
        return asked(f"I did not get “{left}”. The rest?", (in_plain(choice), choice))
    return in_order(kept_apart(Reading(tuple(both), writes=True)), line)


def covers(found: Reading, told: Reading) -> bool:
    """Whether what was understood of a line does all that its clauses say of edges and of places."""
    lines = told.lines or tuple(told.choices[0][1].split("; "))
    done = Counter(re.sub(r"(?<=\") #\d+", "", each) for each in found.lines)
    moves = Counter(each.split()[0] for each in found.lines if re.match(r"\d+ (?:=|<|>|-)", each))
    moved = {number for number, times in moves.items() if times == 1}
    texts = " | ".join(re.findall(r'"([^"]*)"', " ".join(found.lines)))  # "Helpline Polska Sp. z o.o."
    added = Counter(
        re.sub(r"(?<=\") #\d+", "", each)
        for each in lines
        if (m := re.match('add "(.*?)"', each)) and (each in done or m[1] not in texts)
    )
    edges = {each.split()[0] for each in lines if re.match(r"\d+ = ", each)}
    more = {*told.lines} > {*found.lines}  # "steatosis: the whole of it, and hemangioma's fine"
    return added <= done and edges <= moved and not more
