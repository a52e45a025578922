"""Spans that are divided, or joined: "split 6, bisoprolol is the drug and 2.5 mg the dose"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.clauses import MARKER, kind, word_kinds
from hybrid_ner.review.chat.extents import other_place, widened
from hybrid_ner.review.chat.losses import Piece, kind_meant, label_like, of_words, written
from hybrid_ner.review.chat.reading import Item, Reading, Wording
from hybrid_ner.review.chat.situation import Situation, Spot, quoted, squeezed
from hybrid_ner.review.document.spans import SIGNS
from hybrid_ner.review.store.labels import label_words

_JOINTS = re.compile(
    r",? (?:(?:combined|together|along|coupled|mixed|in combination|in conjunction) with|followed by"
    r"|as well as) "
    r"|,? (?:and|or|plus|&|with|und) |, | ?[/;+] ?"
)
"""What stands between two names in one span: "ceftriaxone and azithromycin", "D1 combined with D2"."""


def _joints(text: str) -> list[re.Match[str]]:
    """What stands between names, and no sign of an amount: "18 g/kg"."""
    figures = [each.span() for each in _FIGURES.finditer(text)]
    return [m for m in _JOINTS.finditer(text) if not any(a < m.start() and m.end() <= b for a, b in figures)]


_ONE = r"(?:only |just |really |actually |all |but )*(?:one|single)(?: (?:and )?(?:one|single|same|whole))*"
_TWO = r"(?:\w+ly )?two(?: (?:different|separate|split|distinct|own))*"
_NOUN = r"(?:LAB\d+|UNK\d+|things?|mark|name|term|title|words?|phrase)"
BESIDE = 12
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
    items = wording.named(text)
    own = [item for item in items if item.said != "them" and item.by not in ("all", "rest")]
    own = [item for item in own if item.by not in ("this", "that")] or own
    said = [wording.item(m).said for m in re.findall(r"TXT\d+", text)]
    if parts == joins:
        return ()
    labels = {label for m in re.findall(r"LAB\d+", text) for label in wording.item(m).labels}
    many = re.search(rf"\bsplit\b(?! {_TWO})", text) is not None and not re.search(rf"\b{_TWO}\b", plain)
    made = _parted(own, said, situation, many=many) if parts else _joined(own, said, situation)
    line, about = made
    other = [label for label in labels if about and about.label not in labels]
    if about and about.label in labels and len(re.findall(r"LAB\d+", text)) == 1:
        labels = {about.label}  # "drugs" may be of two labels
    if len(labels) > 1 or (other and parts):
        return ()
    return tuple(filter(None, (line, *(f"{about.number} is {label}" for label in other if about))))


def _parted(
    own: Sequence[Item], said: Sequence[str], situation: Situation, *, many: bool = True
) -> tuple[str, Spot | None]:
    numbers = {n for item in own for n in item.numbers} or {situation.part_of(each) for each in said}
    spot = situation.spot(numbers.pop()) if len(numbers) == 1 else None
    joints = _joints(spot.surface) if spot else []
    if spot is None:
        return "", None
    places = sorted((spot.surface.lower().find(each.lower()), len(each)) for each in said)
    if said and (len(said) != 2 or places[0][0] < 0):
        return "", None  # "4 is two drugs, aspirin and warfarin", where it has others
    if said:
        between = spot.surface[sum(places[0]) : places[1][0]]
        joints = [m for m in joints if m.group().strip() == between.strip()]
    listed = many and len(joints) > 1 and not said and all("," in m.group() for m in joints)
    if len(joints) != 1 and not listed:
        return "", None
    return f"split {spot.number} at {quoted(joints[0].group().strip())}", spot


def _joined(own: Sequence[Item], said: Sequence[str], situation: Situation) -> tuple[str, Spot | None]:
    named = {n for item in own for n in item.numbers if item.by in ("number", "term", "order")}
    if len(said) == 1 and len(situation.held(said[0])) > 1:
        named = {spot.number for spot in situation.held(said[0])}
    spots = sorted((spot for n in named if (spot := situation.spot(n))), key=lambda spot: spot.start)
    apart = any(b.start - a.end > BESIDE for a, b in pairwise(spots))
    if len(spots) < 2 or apart or (said and len(situation.held(said[0])) < 2):
        return "", None
    return f"merge {' '.join(str(spot.number) for spot in spots)}", spots[0]


_DIVIDES = re.compile(
    r"(?i)\bsplit(?:s|ting)?\b"
    r"|\b(?:break|divide|cut|part|take|pull) (?:up )?(?:(?:number|suggestion|mention) )?"
    r"(?:\d+|it|this|that) (?:up |apart )?(?:into\b|$)|\bdivided?\b|\bseparate(?:ly|d)?\b"
    r"|\btwo (?:(?:different|separate|distinct) )?(?:[\w-]+ )?[a-z]{3,}s\b"
    r"|\b(?:is|are|holds?|contains?) (?:really |actually )?(?:three|four) (?:[\w-]+ )?[a-z]{3,}\b"
    r"|\b(?:is|are|as|be|into|has|holds|contains|makes) (?:really |actually )?two\b"
    r"|\bare (?:separate|different|distinct) [a-z]+s\b"
    r"|\b(?:off|out of) (?:number )?\d+[,;]? and (?:tag|mark|label|make|call) (?:it|that)\b"
    r"|\b(?:off|out of) (?:number )?\d+[,;.:] (?:it|that|which)(?:'?s| is) an? "
    r"|\bmake (?:number )?\d+ two\b|\bmake two (?:[a-z]+ )?(?:out )?(?:of|from) \d"
    r"|\bone (?:part|half|piece|bit) is\b"
    r"|^\W*\d+,? (?:=|take|keep|is|should be) (?:just |only )?[^,;]+?,? (?:and|n|then) "
    r"(?:(?:also )?add\b|[^,;]+ is (?:also )?an? [^,;]+ (?:as well|too|also)\W*$)"
)
_EACH = r"(?:numbers? )?\d+(?:(?:,| and|, and| &| n)(?: also)?(?: split| divide)? ?(?:number )?\d+)+"
_SPLIT_EACH = re.compile(
    rf"(?i)(?:please |so |and |now |then |also )*(?:(?:split|divide|separate)(?: up)? (?P<one>{_EACH})"
    rf"|(?P<two>{_EACH}),? (?:both |each |also |must be |should be |are to be |please )*"
    r"(?:split|divided?|separated?))"
    r"(?: (?:up|too|both|each|please|apart|(?:into|in) two(?: \w+)?))*\W*"
)
"""Split 17 and 19; 17, 19 split"""
_NO_DIVISION = re.compile(
    r"(?i)\?|\b(?:not|never|undo|why|how|who|was|were|did|if|unless|maybe|perhaps|next|skip|join|merge"
    r"|together|only (?:got|took|have|marked|half))\b"
    r"|n't\b|\b(?:accept|reject|keep|drop|delete|remove)\b"
    # "6 only glovebox, argon is a separate material": what stays is said
    r"|^\W*(?:number )?\d+ (?:is )?(?:only|just) (?!two\b|three\b|[23]\b)[^,;]+[,;]"
)
_NOT_TOGETHER = re.compile(
    r"(?i)[,;.] (?:and |so )?(?:they|these) (?:should|must|do)(?:n.t| not) (?:be )?(?:\w+ )?together\W*$"
)
"""They are two separate meds, they shouldn't be lumped together"""
_FIGURES = re.compile(r"(?:[$€£¥] ?)?\d[\d.,/-]*(?: ?(?:%|[a-zµμ]{1,5}(?:/[a-z\d]+)*\b))?", re.IGNORECASE)
_LEADS = re.compile(r"(?i)^(?:(?:the|an?|and|or|its|of)\s+)+|[\s,;:()]+(?:and|or|the|of|with)?$")


_CUT = (
    r"(?:cut|split|chopped|broken|broke|torn|tore|divided|sliced|separated|halved|parted)"
    r"(?: (?:up|it|that|this|them))*(?: (?:in|into) (?:half|two|halves|pieces|three)| apart| up)*"
)
_AGAIN = (
    r"(?:[,;.:] (?:so |and |please |kindly |(?:can|could|would|will) you )*(?:put|join|make|glue|stick|merge"
    r"|stitch|bring|fit)(?: it| that| them| this)?(?: all| back| up| one| together| again| into one)*)?\W*"
)
_TORN = tuple(
    re.compile(rf"(?i)(?:please |no,? |hey,? )?{pattern}{_AGAIN}")
    for pattern in (
        # X is a single diagnosis and you have cut it in half, please put it back together
        r"(?:the )?(?P<x>[^,;:?]+?) (?:is|are|makes?) (?:really |actually )?(?:one|a single)(?: [\w-]+){0,2}"
        rf"(?:,|;| and| but| which)* (?:you|it|that)(?:'ve| have|'s| has| was| is)*(?: been| got)? {_CUT}",
        # X belongs together, you tore it apart
        rf"(?:the )?(?P<x>[^,;:?]+?) belongs together(?:,|;| and| but)* you(?:'ve| have)? {_CUT}",
        # X got chopped in two
        rf"(?:the )?(?P<x>[^,;:?]+?) (?:got|was|has been|is|were|has got) {_CUT}",
        # you have cut X in two
        r"you(?:'ve| have)? (?:cut|split|chopped|broken|broke|torn|tore|divided|halved)(?: up)? (?:the )?"
        r"(?P<x>[^,;:?]+?) (?:(?:in|into) (?:half|two|halves|pieces|three)|apart|up)",
    )
)
"""One name that is marked in pieces."""


def _torn(line: str, situation: Situation) -> Reading | None:
    """The line that joins the spans which make up one name together; ``None`` for any other sentence."""
    for said in filter(None, (pattern.fullmatch(line) for pattern in _TORN)):
        spots, places = situation.held(name := said["x"].strip(' "')), situation.places(name)
        if len(spots) > 1 and any(a <= spots[0].start and spots[-1].end <= b for a, b in places):
            return Reading((f"merge {' '.join(str(spot.number) for spot in spots)}",), writes=True)
    return None


def divided(line: str, situation: Situation, *, told: bool = False, exact: bool = False) -> Reading | None:
    """The lines for one span that is several: its pieces named by their words, or by their labels.

    "split 4, the 8 mg is a dose"; "split 3 into the drug and the dose"; ``None`` for any other sentence.
    With ``told`` only where the sentence divides a span; with ``exact`` into just the words that it names.
    """
    line = re.sub(r"(?i)^((?:could|can|would|will) you\b[^?]*)\?\s*$", r"\1", line)
    if torn := _torn(line := _NOT_TOGETHER.sub("", line), situation):
        return torn
    if each := _SPLIT_EACH.fullmatch(line):
        numbers = [int(n) for n in re.findall(r"\d+", each["one"] or each["two"])]
        lines = [_parted([Item("ref", numbers=(n,))], (), situation)[0] for n in numbers]
        return Reading(tuple(lines), writes=True) if all(lines) else None
    if not _DIVIDES.search(line) or _NO_DIVISION.search(line):
        return None if told else other_place(line, situation)
    line = in_digits(line)
    spot = divided_spot(line, situation)
    if spot is None:
        return None
    if (cut := _AT_SIGN.search(line)) and (
        sign := SIGNS.get(cut["sign"].lower(), cut["sign"])
    ) in spot.surface:
        return Reading((f"split {spot.number} at {quoted(sign)}",), writes=True)
    if (cut := _SPLIT_AT.search(line)) and (pieces := _cut_at(cut, spot)):
        return written(pieces, spot, situation)
    marked, spot = spot, widened(line, spot, situation)
    found, rest = _named_pieces(line, spot, situation)
    if len(found) == 1 and (by := next(filter(None, (_by_kind(e, spot, found[0]) for e in rest)), None)):
        found, rest = [*found, by[0]], [each for each in rest if each != by[1]]
    joints = [joint.group().strip() for joint in _joints(spot.surface)]
    strange = [
        each.word
        for at, each in enumerate(rest)
        if not (each.labels or each.word in kind("parts") or word_kinds().get(each.word) == "glue")
        and not each.word.isdecimal()
        and each.word not in (*BESIDES, *joints, *squeezed(spot.surface).split())
        and not any(before.word in _COUNTS for before in rest[max(0, at - 2) : at])
    ]
    if strange or (marked != spot and re.search(r"(?i)\btwo words\b", line)):
        return None  # "pulmonary embolism is two words", of which one is marked
    if not found and (pieces := _at_all_joints(line, spot)):
        return written(pieces, spot, situation)
    named = [each.labels for each in rest if each.labels]
    every = {label for labels in named for label in labels}
    if (
        marked == spot
        and not exact
        and every <= {spot.label}
        and (joint := _one_joint(line, found, joints, spot, situation))
    ):
        return Reading((f"split {spot.number} at {quoted(joint)}",), writes=True)
    by_name = [each.labels[0] for each in rest if each.labels[:1] and each.labels[0].lower() == each.word]
    pieces = _pieces(found, named, {*by_name} or every, spot)
    figures = [each.span() for each in re.finditer(r"[£$€]?\d+(?:[.,]\d+)*", spot.surface)]
    inside = any(a < at < b for a, b in figures for each in pieces for at in (each.start, each.end))
    return written(pieces, spot, situation) if len(pieces) > 1 and not inside else None


def in_digits(line: str) -> str:
    """A sentence that divides a span with the number of that in digits, and what it counts in words."""
    line = _COUNTED.sub(lambda said: f" {w.NUMBERS[said[1].lower()]}", line.replace(" n ", " and ")).strip()
    # 9 is 2 dx: type 2 diabetes / hypertension; simvastatin 40mg is 2 things; 8 holds 2 vessels
    counts = {"2": "two", "3": "three", "4": "four"}
    behind = "|".join(f"(?<=\\b{verb} )" for verb in ("is", "are", "be", "holds", "has", "contains"))
    return re.sub(rf"(?:{behind})[234](?= [a-z])", lambda said: counts[said[0]], line)


def _alike_figures(spot: Spot) -> list[Piece]:
    """Two figures of a span that are written alike, with words between: "5,450 euros, stock 3,975 euros"."""
    found = [each for each in _FIGURES.finditer(spot.surface) if re.search(r"[a-z%$€£¥]", each.group())]
    shapes = {re.sub(r"\d[\d.,/-]*", "0", each.group()) for each in found}
    ends = found and (found[0].start(), found[-1].end()) == (0, len(spot.surface))
    return [Piece(*each.span()) for each in found] if len(found) == 2 and len(shapes) == 1 and ends else []


def _one_joint(
    line: str, found: Sequence[Piece], joints: Sequence[str], spot: Spot, situation: Situation
) -> str:
    """What parts a span into two of its label: "and"; empty where its pieces or their labels are others."""
    labels = {
        each.label or label_like(spot.surface[each.start : each.end], situation, spot) for each in found
    }
    joint = next(iter(_joints(spot.surface)), None)
    if all(re.match(r"[$€£¥]?\d", spot.surface[each.start :]) for each in found) and _alike_figures(spot):
        return ""
    if joint is None or len(joints) != 1 or len(found) == 1 or not labels <= {"", spot.label}:
        return ""
    halves = [spot.surface[: joint.start()], spot.surface[joint.end() :]]
    bare = [_LEADS.sub("", half) for half in halves]  # "burglary and of handling stolen goods"
    whole = bare == halves or [spot.surface[each.start : each.end] for each in found] != bare
    return joints[0] if whole and (found or not re.search(r"\d", line)) else ""


def _pieces(
    found: Sequence[Piece], named: Sequence[tuple[str, ...]], given: set[str], spot: Spot
) -> list[Piece]:
    """The pieces of a span: those that are named, or what the labels that are named tell apart."""
    pieces = list(found) or _by_measure(named, spot) or _in_order(named, spot)
    pieces = pieces or (_alike_figures(spot) if given <= {spot.label} else [])
    if not (pieces or named):
        figures = list(_FIGURES.finditer(spot.surface))
        pieces = _with_rest(Piece(*figures[0].span()), spot) if len(figures) == 1 else []
    if found and len(given) == 1:
        pieces = [each if each.label else Piece(each.start, each.end, *given) for each in found]
    other = {label for labels in named for label in labels} - {spot.label}
    if len(found) == len(other) == 1 and not found[0].label:
        # "take once daily off 2 and tag it as a schedule"
        pieces = [Piece(found[0].start, found[0].end, *other)]
    if len(pieces) == 1 and pieces[0].label:
        pieces = _with_rest(pieces[0], spot)
    return pieces


def _at_all_joints(line: str, spot: Spot) -> list[Piece]:
    """The names of a span that is three or more, where a sentence counts them or names what parts them."""
    many, joints = _IN_MANY.search(line), [each.span() for each in _joints(spot.surface)]
    count = len(joints) + 1
    if many is None or count < 3 or w.NUMBERS.get((many["count"] or "").lower(), count) != count:
        return []
    ends = [0, *(at for joint in joints for at in joint), len(spot.surface)]
    return [Piece(*pair) for pair in zip(ends[::2], ends[1::2], strict=True)]


_SIGN = r"(?:[\"'](?:,|;|and|&)[\"']|(?:the )?(?:commas?|and))"
_IN_MANY = re.compile(
    r"(?i)\b(?P<count>three|four|five)\b|\bat (?:every|each|all|both)\b(?! comma)"
    rf"|\bat {_SIGN} and (?:at )?{_SIGN}\W*$"
)
"""Split 13 in three; split 13 at "," and "and"."""
BESIDES = frozenset(
    ("number", "span", "separately", "also", "each", "own", "there", "namely", "splitting", "splits",
     "should", "go", "off", "tag", "label", "call", "its", "would", "could", "can", "will", "you", "please",
     "ok", "other", "dx", "three", "four", "five", "in", "into", "at", "every", "comma", "commas", "all",
     "em", "them", "both", "out", "suggestion", "mention", "therefore", "accordingly", "divided", "separated",
     "respectively", "itself", "entity", "entities", "contains", "contain", "holds", "names", "pieces",
     "divide", "want", "wants", "separating", "make", "add", "now", "half", "piece", "pieces", "bit", "well",
     "too")
)  # fmt: skip
"""Words of such a sentence beside those that the wordings of ``parted_or_joined`` know."""
_COUNTED = re.compile(
    rf"(?i)(?:\b(?:number|span|suggestion|mention|no\.?|(?<=split)|(?<=divide)|(?<=separate)) "
    rf"|^(?=\w+ (?:is|are|has|holds|contains|should|needs)\b))({'|'.join(w.NUMBERS)})\b"
)
_COUNTS = frozenset(("two", "three", "four", "separate", "different", "distinct"))
"""Before a word for what the pieces are: "two separate purchasers"."""


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of the line that is no piece, in small letters, with the labels that it may mean."""

    word: str
    labels: tuple[str, ...] = ()


def divided_spot(line: str, situation: Situation) -> Spot | None:
    """The one span to divide that is named by number, or the framed one where none is."""
    named = {
        int(n) for n in re.findall(r"(?<![\w.,$€£-])\d+(?![\w%-]|[.,]\d| ?(?:mg|g|ml|%|days|years)\b)", line)
    }
    spots = [spot for n in named if (spot := situation.spot(n)) and not _in_words(str(n), line, situation)]
    if len(spots) == 1:
        return spots[0]
    text = re.sub(r"\s", "", line.lower())
    called = {each for each in situation.by_surface if len(each) > _LONG and each.replace(" ", "") in text}
    numbers = situation.by_surface[max(called, key=len)] if called else []
    if len(numbers) == 1 and named <= {*numbers}:
        return situation.spot(numbers[0])  # "simvastatin 40mg is two things, split it"
    framed = not named and re.match(r"(?i)(?:please )?(?:split (?:it|this|that)\b|two\b)", line)
    if framed or named:
        return situation.focus if framed else None
    holding = [spot for spot in situation.spots if len(_named_pieces(line, spot, situation)[0]) > 1]
    return holding[0] if len(holding) == 1 else None


_LONG = 5
"""Characters of a span that is named by its words in a sentence that divides it, at least."""


def _in_words(number: str, line: str, situation: Situation) -> bool:
    """Whether a number of the line is one of the words of a span: "30 days"."""
    said = re.search(rf"(?<![\w.]){number} [\w-]+", line)
    return said is not None and situation.holds(said.group().lower())


def _by_kind(said: _Word, spot: Spot, other: Piece) -> tuple[Piece, _Word] | None:
    """The piece of a kind: "into the draft lease and the date", of "draft lease dated 3 March 2025"."""
    for pattern, _ in kind_meant(said.word) if len(said.labels) == 1 else ():
        for match in re.finditer(pattern, spot.surface):
            if match.end() <= other.start or other.end <= match.start():
                return Piece(*match.span(), said.labels[0]), said
    return None


def _named_pieces(line: str, spot: Spot, situation: Situation) -> tuple[list[Piece], list[_Word]]:
    """The pieces of a span that a line names, each with its label, and the other words of the line.

    A label stands behind its piece ("600 kg, amount, and okra, crop"), or before it where the first one does
    ("the drug hydrocortisone and the dose 200 mg").
    """
    words = list(re.finditer(r"[\w$€£¥%](?:[\w'./,%-]*[\w%])?", line))
    known = label_words(situation.labels)
    pieces: list[Piece] = []
    rest: list[_Word] = []
    waiting = ""
    at = since = 0
    while at < len(words):
        said = [line[words[at].start() : word.end()] for word in words[at:]]
        between = _GIVEN.fullmatch(line[since : words[at].start()])
        size, (start, end) = _longest(said, spot.surface, pieces)
        if size:
            pieces.append(Piece(start, end, waiting if between else ""))
            rest = rest[:-1] if waiting and between else rest
            at, waiting = at + size, ""
            since = words[at - 1].end()
            continue
        names = (tuple(each.group().lower() for each in words[at : at + n]) for n in (3, 2, 1))
        name = next((name for name in names if name in known), ())
        named, (labels, several) = len(name), known.get(name, ((), False))
        if len(labels) == 1 and between and pieces and not pieces[-1].label:
            pieces[-1] = Piece(pieces[-1].start, pieces[-1].end, labels[0])
        else:
            rest.append(_Word(words[at].group().lower(), labels))
            waiting = labels[0] if len(labels) == 1 and not several else waiting if between else ""
            since = words[at + max(named, 1) - 1].end() if labels else since
        at += max(named, 1)
    return pieces, rest


_GIVEN = re.compile(r"(?i)[\s(=:,.\"“”']*(?:(?:is|as|being|becomes|should be|the|an?)\b[\s\"“”']*)*")
"""bisoprolol is the drug; 2.5 mg (dose); "200 mg" as a dose"""
_NO_ENDS = re.compile(r"(?i)(?:and|or|the|an?|of|with|in|at|to|is|for|on|by|as|two)")
"""No piece of a span begins or ends with one of these."""


def _longest(said: Sequence[str], surface: str, taken: Sequence[Piece]) -> tuple[int, tuple[int, int]]:
    """How many words from here on stand in a span, beside what is taken and with no joint in them; where."""
    for size in range(len(said), 0, -1):
        text = said[size - 1]
        words = text.split()
        if _NO_ENDS.fullmatch(words[0]) or _NO_ENDS.fullmatch(words[-1]) or _joints(text):
            continue
        pattern = re.sub(r"(?<=\d)(?:\\ )?(?=[a-zA-Zµ%])", " ?", re.escape(text))  # 80mg
        for match in re.finditer(rf"(?i)(?<!\w){pattern}(?!\w)", surface):
            if match.span() != (0, len(surface)) and not any(
                match.start() < each.end and each.start < match.end() for each in taken
            ):
                return size, match.span()
    return 0, (-1, -1)


def _by_measure(named: Sequence[tuple[str, ...]], spot: Spot) -> list[Piece]:
    """The pieces of a span for two labels, one of which is of figures: "the drug and the dose"."""
    labels = [each[0] for each in named if len(each) == 1]
    figures = list(_FIGURES.finditer(spot.surface))
    measures = [each for each in labels if of_words(each)]
    if len(labels) != 2 or len(figures) != 1 or len(measures) != 1:
        return []
    measured = Piece(*figures[0].span(), measures[0])
    pieces = _with_rest(measured, spot)
    other = next(each for each in labels if each != measures[0])
    return [each if each == measured else Piece(each.start, each.end, other) for each in pieces]


_SPLIT_AT = re.compile(
    r"(?i)\bsplit (?:\d+|it|this|that) (?P<side>before|after) (?:the )?(?:words? )?"
    r"[\"']?(?P<word>[^\"',;]+?)[\"']?\W*$"
)
"""Split 5 after venlafaxine"""


_AT_SIGN = re.compile(
    rf"(?i)\b(?:split|divided?|separated?)(?: (?:it|this|that|\d+))?(?: up)? (?:at|on|by) "
    rf"(?:the |every |each |all )*[\"']?(?P<sign>(?:{'|'.join(SIGNS)})(?=(?:e?s| signs?)?\b)|[/,;+&|-])"
    r"(?:e?s| signs?)?[\"']?\W*$"
)
"""Split 1 at the slash; split 7 at every comma"""


def _cut_at(cut: re.Match[str], spot: Spot) -> list[Piece]:
    """The two sides of a span, cut before or after a word of it; none where it has the word not, or twice."""
    places = list(re.finditer(rf"(?i)(?<!\w){re.escape(cut['word'])}(?!\w)", spot.surface))
    at = (places[0].start() if cut["side"] == "before" else places[0].end()) if len(places) == 1 else 0
    sides = (0, at), (at, len(spot.surface))
    pieces = []
    for start, end in sides:
        text = spot.surface[start:end]
        bare = _LEADS.sub("", text.rstrip(" ,;:(")).strip(" ,;:()")
        if bare:
            begin = start + text.index(bare)
            pieces.append(Piece(begin, begin + len(bare)))
    return pieces if len(pieces) == 2 else []


_LOOSE_JOINT = re.compile(r"(?<=\w),? (?:of|at|in|from|for|by|on) (?=\w)")


def _in_order(named: Sequence[tuple[str, ...]], spot: Spot) -> list[Piece]:
    """The two sides of a span for two labels in their order: "split 2 into person and place" for "Agnes
    Thornbury of Lower Quay"."""
    labels = [each[0] for each in named if len(each) == 1]
    joints = _joints(spot.surface) or list(_LOOSE_JOINT.finditer(spot.surface))
    if len(set(labels)) != 2 or len(labels) != 2 or len(joints) != 1:
        return []
    start, end = joints[0].span()
    return [Piece(0, start, labels[0]), Piece(end, len(spot.surface), labels[1])]


def _with_rest(piece: Piece, spot: Spot) -> list[Piece]:
    """A piece and what the span has beside it, where that is on one side.

    Where one word joins two names in the span, the piece is the whole of its name: "stent" in "ERCP with a
    plastic stent".
    """
    joints = _joints(spot.surface)
    if len(joints) == 1:
        joint = joints[0]
        article = re.compile(r"(?:the|an?)\s+", re.IGNORECASE).match(spot.surface, joint.end())
        sides = (0, joint.start()), (article.end() if article else joint.end(), len(spot.surface))
        mine = [side for side in sides if side[0] <= piece.start and piece.end <= side[1]]
        if len(mine) == 1:
            return [Piece(*side, piece.label if side == mine[0] else "") for side in sides]
    left, right = spot.surface[: piece.start], spot.surface[piece.end :]
    rest = []
    for begin, text in ((0, left), (piece.end, right)):
        plain = _LEADS.sub("", text.rstrip(" ,;:(")).strip(" ,;:()")
        if plain:
            start = begin + text.index(plain)
            rest.append(Piece(start, start + len(plain)))
    return sorted([piece, *rest], key=lambda each: each.start) if len(rest) == 1 else []
