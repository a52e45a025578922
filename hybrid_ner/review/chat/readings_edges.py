"""Where spans begin and end: "2 should include the word before", "join 2 and 3"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from rapidfuzz.distance import OSA

from hybrid_ner.review.chat.losses import whole_date
from hybrid_ner.review.chat.reading import (
    LEAVE,
    Action,
    Choice,
    Clause,
    Item,
    Reading,
    UnclearError,
    asked,
    choices_about,
    focus_of,
    named_spot,
    one_line,
    spots_of,
)
from hybrid_ner.review.chat.short import meant
from hybrid_ner.review.chat.situation import Situation, Spot, numbers_said, quoted, spans_in, squeezed
from hybrid_ner.review.chat.words import is_english
from hybrid_ner.review.store.labels import A_LABEL


def bounded_spot(clause: Clause) -> Spot:
    """The span whose boundary is spoken of: the one named other than by its text, or the framed one."""
    for item in clause.refs():
        if item.by == "that" and (changed := _just_changed(clause)):
            return changed
        if item.by != "term" or len(clause.refs()) == 1:
            spots = spots_of(clause, item)
            if len(spots) == 1:
                return spots[0]
            raise UnclearError(
                Reading(question="Which one? A boundary is for one mention at a time.", choices=(LEAVE,))
            )
    refs = clause.refs()
    return spots_of(clause, refs[0])[0] if refs else _just_changed(clause) or focus_of(clause)


_CORRECTS = re.compile(
    r"(?i)\W*(?:no|nope|nah|not|sorry|oops|wait|actually|hmm?|rather|hold on|i (?:meant|mean)"
    r"|on second thought)\b"
)


def _just_changed(clause: Clause) -> Spot | None:
    """The span that a correction is about: what the line before it has added or changed."""
    situation = clause.situation
    adds = situation.last.startswith("add ")
    return situation.spot(situation.touched) if adds or _CORRECTS.match(clause.wording.raw) else None


def _holding(clause: Clause, piece: str) -> Spot:
    """The span to take a word from when none is named: the framed one, or the only one that has it."""
    situation = clause.situation
    having = [spot for spot in situation.spots if spot.has(piece)]
    focus = situation.focus
    around = [situation.spot(situation.part_of(item.said)) for item in clause.texts()[1:]]
    if not clause.refs() and len(around) == 1 and around[0] in having:
        return around[0]  # "cut right off the atrium"
    # "held is not part of the judge", where two judges are marked
    named = [item for item in clause.refs() if not (item.by == "label" and len(item.numbers) > 1)]
    if named or (focus is not None and focus in having) or len(having) != 1:
        return bounded_spot(clause)
    return having[0]


def _whole(clause: Clause) -> Reading:
    if any(item.kind == "txt" for item in clause.items) and (made := _takes_in(clause)):
        return made  # "effusions should be the full phrase, bilateral pleural effusions"
    spot = bounded_spot(clause)
    labels = clause.labels()[0].labels if clause.labels() and not clause.refs() else (spot.label,)
    if spot.label not in labels and len(own := clause.situation.labeled(labels)) == 1:
        spot = own[0]  # "take the whole company name", where a date is framed
    words = re.findall(r"longer|shorter|short|long|small|large|big|narrow|wide|shorten|extend", clause.text)
    text = clause.situation.text
    options: list[Choice] = []
    shorter = words and words[0] in ("long", "large", "big", "wide", "shorten", "shorter")
    for line, start, end in neighbours(text, spot, shorter=bool(shorter)):
        options.append((f"“{' '.join(text[start:end].split())}”", f"{spot.number} {line}"))
    return replace(asked(f"Where does {named_spot(spot)} begin and end?", *options[:3]), soft=True)


def neighbours(text: str, spot: Spot, count: int = 1, *, shorter: bool) -> Iterable[tuple[str, int, int]]:
    """The span with ``count`` words more or fewer on either side, and more on both: line, start and end."""
    if shorter:
        inside = [m.span() for m in re.finditer(r"\S+", text[spot.start : spot.end])]
        if len(inside) > count:
            yield f">{count}", spot.start + inside[count][0], spot.end
            yield f"-{count}", spot.start, spot.start + inside[-count - 1][1]
        return
    left = re.search(rf"(?:\S+\s*){{{count}}}$", text[max(0, spot.start - 80 * count) : spot.start])
    right = re.match(rf"(?:\s*[^\s.,;:]+){{{count}}}", text[spot.end : spot.end + 80 * count])
    start = spot.start - len(left.group()) if left else spot.start
    end = spot.end + len(right.group()) if right else spot.end
    if left:
        yield f"<{count}", start, spot.end
    if right:
        yield f"+{count}", spot.start, end
    if left and right:
        yield f"<{count} +{count}", start, end


def _becomes(clause: Clause) -> Reading | None:
    refs = clause.refs()
    others = clause.texts()
    if not refs:
        return None
    spot = spots_of(clause, refs[0])[0]
    target = next((item for item in others if item is not refs[0]), None)
    if target is None or len(refs[0].numbers) != 1 or target.kind == "unk":
        return None
    inner = squeezed(target.said) in squeezed(spot.surface) and squeezed(target.said) != squeezed(
        spot.surface
    )
    if (
        inner
        and not re.search(
            r"\b(?:only|just|should|must|mark|shorten|has|needs?|read|say|correct|fix|keep|use|becomes)\b",
            f"{clause.wording.raw} {clause.text}",
            re.I,
        )
        and not re.search(r"[=:\"]", clause.wording.raw)
    ):
        return None  # "3 is Jane" says who that is
    if not any(spot.meets(start, end) for start, end in clause.situation.places(target.said)):
        # "4: per month too"; "4 should say moderate", where that stands right before it
        also = re.search(r"(?i)\b(?:too|also|as well)\b", clause.wording.raw) or (
            re.search(r"(?i)\bshould (?:say|read)\b", clause.wording.raw)
            and spot in _touching(target.said, clause.situation)
        )
        return _takes_in(clause) if also and clause.text.startswith("REF") else None
    if squeezed(target.said) == squeezed(spot.surface):
        return None  # "ditch 9, that's her sister", where 9 is "sister"
    return one_line(f"{spot.number} = {quoted(target.said)}")


def _rather_words(clause: Clause) -> Reading | None:
    """Other words for a span: "both palms, not palms"."""
    if not clause.texts():
        return None  # "5, not 6"
    words, instead = clause.texts()[0], clause.items[-1]
    numbers = instead.numbers if instead.kind == "ref" else (clause.situation.part_of(instead.said),)
    spot = clause.situation.spot(numbers[0]) if len(numbers) == 1 else None
    if spot is None or instead.by not in ("term", "") or squeezed(instead.said) != squeezed(spot.surface):
        return None
    places = clause.situation.places(words.said)
    if not any(spot.meets(start, end) for start, end in places):
        return None
    return one_line(f"{spot.number} = {quoted(words.said)}")


def _only_piece(clause: Clause) -> Reading | None:
    """A piece of a span that is all it should be: only where the whole sentence says "just" or "only"."""
    enough = re.search(
        r"(?i)\bonly\W*$|\b(?:enough|sufficient|suffices|will do|alone|by itself|on its own)\b",
        clause.text + clause.wording.raw,
    )
    less = " without " in clause.text and clause.text.startswith("TXT")
    if (
        not enough
        and not less
        and not re.match(
            r"\W*(?:no\W+)?(?:(?:it |that )?should )?(?:just|only|merely|simply|mark only|take only)\b",
            clause.wording.raw,
            re.I,
        )
    ):
        return None
    item = clause.texts()[0] if clause.texts() else None
    kind = clause.refs()[0] if clause.refs() and len(clause.items) == 1 else None
    if kind and kind.by == "label":
        return one_line(f"all label:{spots_of(clause, kind)[0].label}")  # "just the drugs"
    if item is None or (len(clause.items) != 1 and "without" not in clause.text):
        return None
    piece, situation = squeezed(item.said), clause.situation
    word = re.compile(rf"(?<!\w){re.escape(piece)}(?!\w)")
    around = [spot for spot in situation.spots if word.search(squeezed(spot.surface))]
    longer = [spot for spot in around if squeezed(spot.surface) != piece]
    framed = [
        spot for spot in longer if situation.focus is not None and spot.number == situation.focus.number
    ]
    chosen = framed or longer or ([] if around else situation.held(item.said))
    if len(chosen) == 1:
        return one_line(f"{chosen[0].number} = {quoted(item.said)}")
    options = [
        (f"Make {named_spot(s)} “{item.said}”", f"{s.number} = {quoted(item.said)}") for s in chosen[:2]
    ]
    options += [(f"Accept {named_spot(s)}", f"ok {s.number}") for s in around if s not in longer][:2]
    return asked(f"What shall be only “{item.said}”?", *options[:3]) if options else None


def _is_just(clause: Clause) -> Reading | None:
    """The span is no longer than it shall be: "metoprolol 25 mg should be just metoprolol"."""
    longer, ref = clause.items[0], clause.refs()[0]
    just = re.search(r"(?i)\b(?:just|only|merely|simply)\b", clause.wording.raw)
    if not just or ref.by != "term" or squeezed(ref.said) not in squeezed(longer.said):
        return None
    line = f"ok {numbers_said(spot.number for spot in spots_of(clause, ref))}"
    return choices_about(line, clause.situation, f"It is just “{ref.said}” already. Is it right?")


def _piece(clause: Clause) -> Item | None:
    """The words to take in or to give up, in a clause that also names the span."""
    texts = clause.texts()
    refs = clause.refs()
    plain = [item for item in texts if item.kind != "ref"] or (texts if len(refs) > 1 else [])
    # "6 without 1996": a number that is no span.
    plain += [item for item in refs[1:] if item.by == "number" and item.problem]
    return min(plain, key=lambda item: item.kind == "unk", default=None)


def _takes_in(clause: Clause) -> Reading | None:
    item = _piece(clause)
    if item is None:
        return None
    text, unnamed = clause.situation.text, not clause.refs()
    held = clause.situation.held(item.said) if unnamed else []
    held = held or (_touching(item.said, clause.situation) if unnamed else [])
    spot = held[0] if len(held) == 1 else bounded_spot(clause)
    whole = " ".join(spot.surface.split())
    at = f" {whole.lower()} ".find(f" {squeezed(item.said)} ")
    if at >= 0 and re.search(r"\b(?:ends?|stops?)\b", clause.text):
        return None  # "citric acid rose ends at acid", though "malic acid" stands before it
    if at > 0 and re.search(r"\b(?:starts?|begins?) (?:at|with|from|on)\b", clause.text):
        return one_line(f"{spot.number} = {quoted(whole[at:])}")
    places = [p for p in clause.situation.places(item.said) if p[0] < spot.start or p[1] > spot.end]
    if not places:
        return None
    start, end = min(places, key=lambda p: max(spot.start - p[1], p[0] - spot.end, 0))
    if max(spot.start - end, start - spot.end, 0) > 60:
        return Reading(answer=f"“{item.said}” stands too far from {named_spot(spot)}.")
    # "… include 2022." ends the sentence
    ends = clause.wording.raw.rstrip().endswith(f"{item.said}.") and not SHORTENED.fullmatch(item.said)
    dotted = (f"{item.said}." in clause.wording.raw and not ends) or re.fullmatch("[A-Z]", item.said)
    if text[end : end + 1] == "." and len(item.said) < 5 and dotted:
        end += 1  # "Mehta should include the J."
    between = text[end : spot.start] + text[spot.end : start]
    start, end = min(start, spot.start), max(end, spot.end)
    line = f"{spot.number} = {quoted(' '.join(text[start:end].split()))}"
    over = any(s != spot and s.meets(start, end) for s in clause.situation.spots)
    # "include chills", where "and" stands between, may be a mention of its own
    if unnamed and not held and (over or re.search(r"\w|[;:.]", between)):
        return choices_about(line, clause.situation, f"Shall {named_spot(spot)} take in all of that?")
    return one_line(line)


SHORTENED = re.compile(r"[A-Z]|Dr|Mrs?|Ms|Prof|Inc|Corp|Ltd|Co|Bros|[JS]r|Hon|St|Esq|No|[vV]s?")
"""Words that are written with a full stop."""


def tidied(found: Reading | None, line: str, situation: Situation) -> Reading | None:
    """Lines that divide a span once, and end with the full stop of an abbreviation where it was typed.

    "The acids are two. Split number one"; "1 add N.V.", at the end of a sentence.
    """

    def stopped(said: re.Match[str]) -> str:
        last = said[1].split()[-1:] or [""]
        short = re.fullmatch(r"(?:\w\.)+\w", last[0]) or SHORTENED.fullmatch(last[0])
        typed = short and re.search(rf"(?i)(?<!\w){re.escape(last[0])}\.", line)
        return f'"{said[1]}."' if typed and f"{squeezed(said[1])}." in situation.small else said[0]

    if found is None:
        return None
    edges = re.compile(r'(?:(?<== )|(?<=^add ))"((?:[^"\\]|\\.)+)"')
    choices = tuple((name, edges.sub(stopped, each)) for name, each in found.choices)
    lines = [whole_date(edges.sub(stopped, each), line, situation) for each in found.lines]
    lines = [_whole_name(each, line, situation) for each in lines]
    once = [each for n, each in enumerate(lines) if each not in lines[:n] or not each.startswith("split ")]
    return replace(found, lines=tuple(once), choices=_denied_last(choices, line))


def _whole_name(added: str, line: str, situation: Situation) -> str:
    """A line that adds words, with the pronoun of a title before them, or the label that ends the name.

    "Her Honour"; "also need unscheduled visit in there", where that is what stands in the text.
    """
    said = re.fullmatch(rf'add "([^"]+)" ({A_LABEL})', added)
    more = re.search(rf"(?i)(?<![\w\"]){re.escape(said[1])} ([\w-]+)", line) if said else None
    if said and more and said[2] in situation.labels_named(more[1]):
        whole = f"{said[1]} {more[1]}"
        if len(situation.places(squeezed(whole))) == len(situation.places(squeezed(said[1]))):
            return f'add "{whole}" {said[2]}'
    honour = re.match(
        r'add "((?:Honour|Majesty|Royal|Excellency|Grace|Worship|Lordship|Ladyship)\b[^"]*)"', added
    )
    if honour and (own := re.search(rf"\b(?:Her|His) {re.escape(honour[1])}", line)):
        return added.replace(honour[1], own.group()) if own.group() in situation.text else added
    return added


_NOT_TO = re.compile(
    r"(?i)\b(?:not|never|nobody|no one"
    r"|(?:do|does|did|is|are|was|were|should|would|could|wo|ca|must|has|have)n'?t)\b[^,;.:]*?\b"
    r"(?:(?P<no>reject|strike|remov|delet|drop|refus|dismiss|bin|ditch|throw|wrong)\w*"
    r"|(?P<ok>accept|keep|ok|okay|fine)\w*|(?P<label>chang|mark|label|call|tag)\w*)\b"
)
"""Do not strike 3; nobody said 7 was wrong"""


def _denied_last(choices: tuple[Choice, ...], line: str) -> tuple[Choice, ...]:
    """The choices of a question, with what the sentence says not to do behind the others."""
    first = choices[0][1] if len(choices) > 2 else ""
    starts = {"no": r"no \d", "ok": r"ok \d", "label": r"[\d -]+ is "}
    if (said := _NOT_TO.search(line)) and re.match(starts[str(said.lastgroup)], first):
        return *choices[1:-1], choices[0], choices[-1]
    return choices


def _touching(words: str, situation: Situation) -> list[Spot]:
    """The spans that words stand right beside: the name for "include the Dr."."""
    return [
        s
        for s in situation.spots
        for start, end in situation.places(words)
        if re.fullmatch(r"[\s,]*", situation.text[min(end, s.end) : max(start, s.start)])
        and (end <= s.start or s.end <= start)
    ]


_GRADES = re.compile(r"(?i)(?:the )?(?:grade|stage|type|class|level|phase|category|score)")
"""Words that a number belongs to: "grade 3 neutropenia" without the grade."""


def _gives_up(clause: Clause) -> Reading | None:
    item = _piece(clause)
    if item is None or re.search(r"TXT\d+ (?:and|,) TXT\d+", clause.text):
        return None  # "take "the appeal" and "allowed" off 5"
    alone = len(clause.items) == 1 and not re.search(r"\b(?:from|of|off|out)\b", clause.text)
    rejects = clause.text.startswith("reject") and alone
    if rejects and (item.every or clause.everywhere):
        return one_line(f"no all {quoted(item.said)}")
    piece = squeezed(item.said)
    spot = _holding(clause, piece)
    inner = squeezed(spot.surface)
    ends = re.search(r"\b(?:ends?|stops?|ending|finish(?:es)?)\b(?! before)", clause.text)
    at = inner.find(piece)
    if at < 0:
        return Reading(answer=f"“{item.said}” is no part of {named_spot(spot)}.")
    whole = " ".join(spot.surface.split())
    if ends:
        return one_line(f"{spot.number} = {quoted(whole[: at + len(piece)])}")
    left, right = whole[:at].strip(" ,;-("), whole[at + len(piece) :].strip(" ,;-)")
    if not right and left.count("(") > left.count(")"):
        left = left[: left.rindex("(")].strip(" ,;-")  # "(the Supplier)" goes as a whole
    # "Supreme Court of India" without India ends at Court
    if not left and re.match(r"(?:\d+|[IVX]+)(?:[-–/]\d+)? [^\W\d]", right) and _GRADES.fullmatch(piece):
        right = right.partition(" ")[2]  # "grade 3 neutropenia" without the grade
    left = (
        re.sub(r"(?:[\s,]+(?:of|the|an?|and|or|in|at|for|to|by|from|with))+$", "", left)
        if not right
        else left
    )
    framed = clause.situation.framed == spot.number
    # 'leave out "fixed for"', "drop the 324 mg": no name of anything
    edge = re.search(
        r"\d|\b(?:of|for|with|by|in|on|at|to|the|and|or|per)$"
        r"|^(?:of|for|with|by|in|on|at|to|and|or|plus|per|since|from|until|till|after|before|due|during)\b",
        piece,
    )
    cuts = r"(?i)\b(?:trim|cut|strip|chop|clip)\b|\blose (?:the )?\w+(?:ing|ed)\b"  # lose the radiating
    edge = edge or re.search(cuts, clause.wording.raw)
    if (
        rejects
        and not framed
        and not (edge and piece != inner)
        and "word" not in clause.wording.raw.lower()
        and (left or right)
    ):
        return asked(
            f"“{item.said}” is no mention of its own here.",
            (f"Make {named_spot(spot)} “{left or right}”", f"{spot.number} = {quoted(left or right)}"),
            (f"Reject “{item.said}” in all documents", f"no all {quoted(item.said)}"),
        )
    if left and right:
        return asked(
            "That would leave two parts: which one?",
            (f"“{left}”", f"{spot.number} = {quoted(left)}"),
            (f"“{right}”", f"{spot.number} = {quoted(right)}"),
        )
    return one_line(f"{spot.number} = {quoted(left or right)}") if left or right else None


def every_one(said: re.Match[str], situation: Situation) -> Reading | None:
    """Each mention and unmarked place of a name: "every Unit 4 in here is a Property"."""
    judged = re.fullmatch(r"(?i)(?:all |both )?(?:right|fine|ok|okay|good|correct)", said["label"])
    label = situation.labels_named(said["label"])
    here = said["far"] or said["near"] or said["lot"] or said["both"]
    plain = (said["name"], re.sub("(?i)(?<=.{3})e?s$", "", said["name"]))
    names = [squeezed(each) for each in (*plain, *(meant(each, situation) for each in plain))]
    short = [n for n in situation.by_surface if "".join(re.findall(r"\b\w", n)).upper() == said["name"]]  # AF
    name = next((each for each in (*names, *short) if each in situation.by_surface), "")
    own = [spot for spot in situation.in_text if squeezed(spot.surface) == name]
    if not (own and here) or len(label) != (0 if judged else 1):
        return None
    done, bare = numbers_said(spot.number for spot in own if spot.open or label), situation.bare(name)
    line = f"{done} is {label[0]}" if label else f"ok {done}"
    whole = extended(name, Reading((line,)), situation, both=bool(said["both"])) if done else None
    return whole if not said["both"] or len(own) + len(bare) == 2 else None


def otherwise_written(words: str, label: str, situation: Situation) -> list[str]:
    """The line for the one place of words with another first letter: Apixaban, beside apixaban."""
    other = words[:1].swapcase() + words[1:]
    new = situation.places(other) != situation.places(words) and len(situation.bare(other)) == 1
    return [f"add {quoted(other)} {label}"] if new else []


def extended(name: str, read: Reading, situation: Situation, *, both: bool = False) -> Reading | None:
    """The line about mentions of some words, for all of their mentions and unmarked places."""
    own = [spot for spot in situation.in_text if squeezed(spot.surface) == name]
    line = read.lines[0] if len(read.lines) == 1 else ""
    decided = re.fullmatch(rf"(?:(ok|no) )?[\d -]+(?: is ({A_LABEL}))?", line)
    if not own or decided is None or not spans_in(read.lines[0]) <= {spot.number for spot in own}:
        return None
    done = numbers_said({spot.number for spot in own if spot.open} | spans_in(read.lines[0]))
    verb, label = decided[1] or "", decided[2] or ""
    if verb == "no":
        return replace(read, lines=(f"no {done}",))
    places, bare = situation.places(name), situation.bare(name)
    free = [] if both and len(own) == 2 else [at for at, place in enumerate(places, 1) if place in bare]
    labels = {label} if label else {spot.label for spot in own}
    rest = sorted({*places} - {*bare} - {(spot.start, spot.end) for spot in own})
    torn = [[s for s in situation.waiting if a <= s.start and s.end <= b] for a, b in rest]
    parts = [numbers_said(s.number for s in each) for each in torn if {s.label for s in each} == labels]
    count = len([*own, *free, *parts])
    if len(labels) != 1 or (both and count != 2) or count < len(places):
        return None  # "nausea both times", where one is "nausea and vomiting"
    words, first = quoted(own[0].surface), f"{done} is {label}" if label else f"ok {done}"
    edges = (f"{each} = {words}" if each.isdecimal() else f"merge {each}" for each in parts)
    added = [f"add {words} #{at} {next(iter(labels))}" for at in free]
    added += otherwise_written(own[0].surface, next(iter(labels)), situation)
    return replace(read, lines=(first, *edges, *added), writes=True)


READINGS: Mapping[str, Action] = {
    "whole": _whole,
    "becomes": _becomes,
    "rather_words": _rather_words,
    "is_just": _is_just,
    "only_piece": _only_piece,
    "takes_in": _takes_in,
    "gives_up": _gives_up,
}


def places_of(said: str, situation: Situation) -> list[tuple[int, int]]:
    """Where words stand, whatever their apostrophes and hyphens, or with one slip each."""
    said = re.sub(r"(?i)\b(\d+)(?:k\b| grand\b)", r"\1,000", said.strip(" \"“”'‘’,.")).strip()
    words = re.findall(r"[^\s,]+", said) if re.search(r"\w", said) else []
    meant = [_own(word, situation, alone=len(words) == 1) for word in words]
    there = situation.once("there", "", lambda: re.sub("['’-]", "", situation.text).casefold())
    for each in (words, meant) if words else ():
        bare = [re.sub("['’-]", "", word) or word for word in each]
        if any(word.strip("'’-") and word.casefold() not in there for word in bare):
            continue  # a pattern takes longer to be made than a text to be looked through
        plain = ("['’-]?".join(map(re.escape, word)) for word in bare)
        exact = r"(?<![\w/])(?<!\d[.,])" + r"[\s,-]+".join(plain) + r"(?![\w/]|[.,]\d)"
        short = len(said) < 4 and said.isupper()  # "MR" is no Mr
        if found := [m.span() for m in re.finditer(exact, situation.text, 0 if short else re.IGNORECASE)]:
            return found
    return []


def _own(word: str, situation: Situation, *, alone: bool) -> str:
    """The one word of the document that a typed one is short for, or a slip of."""
    low = word.lower()
    text = situation.once("vocabulary", "", lambda: {*re.findall(r"[^\W\d_][\w'’-]+", situation.small)})
    if low in text or len(low) < 3 or not low.isalpha():
        return word
    begun, english = {each for each in text if each.startswith(low)}, is_english(low)
    if not begun and len(low) > 3 and not (alone and english):  # "dept"
        short = re.compile(".*".join(low))
        begun = {each for each in text if len(each) > len(low) + 2 and short.fullmatch(each)}
    slips = [each for each in text if each[0] == low[0] and OSA.distance(each, low) <= max(1, len(each) // 7)]
    near = {*slips} if len(low) > 4 and not english else set()
    fits = near if english and (alone or len(low) < 4) else begun or near
    return fits.pop() if len(fits) == 1 else word
