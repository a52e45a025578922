"""Spans by number and by order: ``3``, "one to four", "everything before 5", "the second warfarin"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache

from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.listed import last_few
from hybrid_ner.review.chat.reading import Item, Reading, Understand, Wording, new_item
from hybrid_ner.review.chat.situation import Situation, numbers_in, spans_in, squeezed
from hybrid_ner.review.chat.words import is_known
from hybrid_ner.review.store.labels import label_words
from hybrid_ner.review.store.postings import find_all
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__, NUMERALS="|".join(w.NUMBERS), ORDINALS="|".join(w.ORDINALS))


def spans(
    numbers: Iterable[int], said: str, by: str, problem: str = "", *, every: bool = False, count: int = 1
) -> Item:
    return Item("ref", said, tuple(dict.fromkeys(numbers)), by=by, problem=problem, every=every, count=count)


def checked(numbers: Iterable[int], said: str, situation: Situation, by: str = "number") -> Item:
    listed = tuple(numbers)
    known = {spot.number for spot in situation.spots}
    gone = [n for n in listed if n not in known]
    problem = f"there is no mention {gone[0]} here" if gone else ""
    return spans(listed, said, by, problem)


def number(match: re.Match[str], wording: Wording, situation: Situation) -> Item:
    item = wording.item(match.group(1))
    found = checked(item.numbers, item.said, situation)
    # "remove 1996 from 6": words of the document
    return Item("txt", item.said) if found.problem and situation.holds(item.said) else found


def listed(match: re.Match[str], wording: Wording, situation: Situation) -> Item:
    numbers = [n for marker in match.group(1).split() for n in wording.item(marker).numbers]
    return checked(numbers, match.group(), situation)


def numeral(match: re.Match[str], wording: Wording, situation: Situation) -> Item | None:
    word = next(filter(None, match.groups()))
    if word == "one" and re.match(r" (?:which|that|who)\b", match.string[match.end() :]):
        return None  # "two Sand are persons, and one which is a company"
    others = rf"(?i)\d|\b(?:numbers?|n[ro]|{'|'.join([*w.NUMBERS][1:])})\b"
    if word == "one" and not re.search(others, wording.raw):
        return spans((1,), word, "number", "number 1, or one of them: say which")  # "one is wrong"
    behind = match.string[match.end() :]
    count = re.search(rf"(?i)(?P<listed>\band |, ?|\bto |- ?|\w )?\b{word} are\b", wording.raw)
    if count and word != "one" and not (count["listed"] and count["listed"].strip()):
        return spans((), word, "number", "say which ones")  # "two are drugs and one is a test"
    counts = re.match(r" (LAB\d+)\b", behind)
    if counts and word != "one" and wording.item(counts[1]).plural:
        return spans((), word, "number", "say which ones")  # "two drugs"
    return checked((w.NUMBERS[word],), word, situation)


def spans_between(match: re.Match[str], wording: Wording, situation: Situation) -> Item | None:
    if not re.search(r"NUM|(?:through|thru)", match.group()):
        return None  # "one to two" words
    first, last = (
        (w.NUMBERS[each],) if each in w.NUMBERS else wording.item(each).numbers for each in match.groups()
    )
    known = {spot.number for spot in situation.spots}
    inside = range(first[0], min(last[-1], first[0] + 9999) + 1)
    return checked((n for n in inside if n in known or n in (first[0], last[-1])), match.group(), situation)


_ONE_BESIDE = re.compile(
    r"(?i)(?<!no )(?<!every )(?<!each )(?<!any )\b(?:span|one|mention|thing|entity|mark|suggestion|item)"
    r"(?: (?:that|which|comes|stands|is|just|right|directly|immediately))* (?:before|after)\b"
)


def bounded(match: re.Match[str], wording: Wording, situation: Situation) -> Item | None:
    if _ONE_BESIDE.search(wording.raw) and not match.group().startswith("all"):
        return None  # "the span before 3"
    word, limit = match.group(1), wording.item(match.group(2)).numbers[0]
    tests: dict[str, Callable[[int], bool]] = {
        "before": lambda n: n < limit, "above": lambda n: n < limit, "under": lambda n: n < limit,
        "after": lambda n: n > limit, "below": lambda n: n > limit, "over": lambda n: n > limit,
        "from": lambda n: n >= limit, "since": lambda n: n >= limit,
    }  # fmt: skip
    if word == "after" and match.group().endswith((" on", " onward")):
        word = "from"
    fits = tests.get(word)
    numbers = [s.number for s in situation.waiting if (fits(s.number) if fits else s.number <= limit)]
    return spans(numbers, match.group(), "order", "" if numbers else "nothing is open there")


def rest(match: re.Match[str], wording: Wording, situation: Situation) -> Item:
    count = w.NUMBERS[match.group(1)] if match.group(1) else 0
    several = count < 2 and len(situation.offered) > 1 and _THE_OTHER.search(wording.raw)
    problem = "there are several others; say its number or its words" if several else ""
    return spans([spot.number for spot in situation.offered], "the rest", "rest", problem, count=count)


_THE_OTHER = re.compile(
    r"(?i)\bo[the]{3}r one\b|\bthe other(?= *(?:[,.;!?]|$|(?:is|was|too|also|as well)\b))"
)
"""One, where "the others" are all: "reject the other one"."""


def bounded_rest(match: re.Match[str], wording: Wording, situation: Situation) -> Item | None:
    """Without what else the sentence names: "Jane is a person, everything else before 8 is fine"."""
    found = bounded(match, wording, situation)
    return replace(found, by="rest") if found else None


def place_of(word: str) -> int:
    return int(word[3:]) if word.startswith("nth") else w.ORDINALS[word]


def _nth(numbers: list[int], place: int) -> tuple[int, ...]:
    if not place:  # "the middle one" of an odd number
        return tuple(numbers[len(numbers) // 2 :][: len(numbers) % 2])
    at = place - 1 if place > 0 else place
    return (numbers[at],) if -len(numbers) <= at < len(numbers) else ()


_PAIR = re.compile(r"((?:SRF|NUM)\d+)(?: and | ?, ?)((?:SRF|NUM)\d+)\b")


def _listed_before(match: re.Match[str], wording: Wording) -> list[int]:
    """The two spans that a sentence names before "the first … the second …"."""
    pair, said = _PAIR.search(match.string[: match.start()]), match.string
    both = re.search(r"\bfirst\b", said) and re.search(r"\b(?:second|last)\b", said)
    if pair is None or not both:
        return []
    found = [n for marker in pair.groups() for n in wording.item(marker).numbers]
    return found if len(found) == 2 else []


_GROUP = re.compile(
    r".*\b(?:(?:all|both|every|the|these|those) (?:of the |the )?|^)((?:LAB|SRF)\d+)\b(?:(?!\d ;)[^?])*?"
    r"\b(?:except|but(?= (?:not\b|the $|$)))(?! .*\b(?:is|are|should|accept|reject)\b)"
)
"""The group that something is left out of, before the words of what it is."""


def _headed(match: re.Match[str], wording: Wording, situation: Situation) -> list[int]:
    """The spans that a heading or a group names: "Dates: first yes, second no", "all dates but the first"."""
    head = re.match(r"(?:the |both )?((?:LAB|SRF)\d+)(?: thing)? (?=the |REF|NUM|\w+)", match.string)
    if head is None or not re.match(r"[^:;,.?]{2,40}: ", wording.raw):
        head = _GROUP.match(match.string[: match.start()])
    if head is None:
        return []
    item = wording.item(head[1])
    return [*item.numbers] or [s.number for s in situation.labeled(item.labels)]


def ordered(match: re.Match[str], wording: Wording, situation: Situation) -> Item | str | None:
    place = place_of(match.group(1))
    if not place and match.group() == match.group(1) and situation.holds(match.group()):
        return None  # "central ok", where "central line" stands
    # "the second warfarin is wrong, but keep the first"; "the first party is right, the second a person"
    said = " , ".join(item.said for item in wording.items[wording.since :] if item.by == "order")
    before = re.findall(r" ((?:SRF|TXT|LAB)\d+)", said)
    term = match.group(2) or match.group(3) or (before[-1] if before else "")
    named: list[int] = []
    if term.startswith("LAB"):
        labels = wording.item(term).labels
        pool = [spot.number for spot in situation.shown if spot.label in labels]
        every = _nth([spot.number for spot in situation.shown], place)
        if every and not _nth(pool, place) and match.string[: match.start()].endswith("mark "):
            return f"{new_item(wording, spans(every, 'it', 'order'))} {term}"  # "label the ninth ORG"
    elif term:
        key = squeezed(wording.item(term).said)
        pool = [s.number for s in situation.in_text if s.number in situation.by_surface.get(key, ())]
        if term.startswith("TXT"):
            # "the second Harbor Point", of two Harbor Point LLC
            pool = [s.number for s in situation.in_text if squeezed(s.surface).startswith(f"{key} ")]
            if not pool:
                return None
        elif len(pool) == 1 and _elsewhere(wording.item(term).said, place, situation):
            return spans((), match.group(), "order", "that place of it is not marked")
        elif len(pool) == 1 or not _nth(pool, place):
            # "the first Kovacs", of Elena Kovacs and Kovacs
            pool = [s.number for s in situation.in_text if s.has(key)]
    elif named := _listed_before(match, wording) or _headed(match, wording, situation):
        pool = named
    else:
        pool = [spot.number for spot in situation.shown]
        if _nth(sorted(pool), place) != _nth(pool, place) and place > 0:
            return spans((), match.group(), "order", "the order of the numbers is not that of the text")
    found = _nth(pool, place)
    problem = "" if found else f"there is no {match.group(1)} one here"
    if place > 0 and not (term or named) and {*found} & _judged_before(match, wording):
        problem = "the sentence names that one before"  # "2 is right, the second is one too"
    return spans(found, match.group(), "order", problem)


def _elsewhere(said: str, place: int, situation: Situation) -> bool:
    """Whether words are marked once, and an ordinal means another of their places: "the last nitro"."""
    places = find_all(situation.text, said)
    if not (0 < place <= len(places) or place == -1) or len(places) < 2:
        return False
    start, end = places[place - 1 if place > 0 else place]
    return not any(spot.meets(start, end) for spot in situation.spots)


def _judged_before(match: re.Match[str], wording: Wording) -> set[int]:
    """The spans that a sentence judges before the words of a match."""
    said = re.findall(
        r"\b((?:SRF|NUM)\d+) (?:is |looks )?(?:okay|fine|right|stays?)\b", match.string[: match.start()]
    )
    return {n for marker in said for n in wording.item(marker).numbers}


def ordered_few(match: re.Match[str], wording: Wording, situation: Situation) -> Item:
    place, said = place_of(match.group(1)), match.group(2)
    count = wording.item(said).numbers[0] if said.startswith("NUM") else w.NUMBERS.get(said, 2)
    numbers = _headed(match, wording, situation) or [spot.number for spot in situation.shown]
    if match.group(3):  # "first three problems"
        numbers = [s.number for s in situation.shown if s.label in wording.item(match[3]).labels]
    middle = [] if (len(numbers) - count) % 2 else numbers[(len(numbers) - count) // 2 :][:count]
    picked = numbers[:count] if place > 0 else numbers[-count:] if place else middle
    problem = "" if len(picked) == count and place in (1, 0, -1) else f"there are only {len(numbers)} here"
    if place < 0 and not match.group(3) and not problem:
        picked, problem = last_few(picked, match, wording, situation)
    return spans(picked, match.group(), "order", problem, count=count)


def ordered_of_few(match: re.Match[str], wording: Wording, situation: Situation) -> Item:
    """The second of the last two."""
    count = wording.item(match[2]).numbers[0] if match[2].startswith("NUM") else w.NUMBERS.get(match[2], 2)
    numbers = [spot.number for spot in situation.shown]
    few = numbers[:count] if place_of(match[1]) > 0 else numbers[-count:]
    return spans(_nth(few, place_of(match[3])), match.group(), "order", "" if few else "there are none")


def two_ordered(match: re.Match[str], wording: Wording, situation: Situation) -> Item:
    numbers = _headed(match, wording, situation) or [spot.number for spot in situation.shown]
    if match[3]:  # "second and third pneumonia"
        item = wording.item(match[3])
        own = {*item.numbers} if item.numbers else {s.number for s in situation.labeled(item.labels)}
        own = own or {*situation.by_surface.get(squeezed(item.said), ())}
        numbers = [spot.number for spot in situation.in_text if spot.number in own]
    found = [n for group in (1, 2) for n in _nth(numbers, place_of(match.group(group)))]
    return spans(found, match.group(), "order", "" if len(found) == 2 else "there are not so many here")


def excepted(match: re.Match[str], wording: Wording, situation: Situation) -> Item | None:
    """What is left out, spans by a part of their words too: "except Oakland and Jane"."""
    markers = re.findall(r"(?:SRF|NUM|TXT)\d+", match.group())
    inside = [sorted(left_out(marker, wording, situation)) for marker in markers]
    numbers = [n for each in inside for n in each]
    return checked(numbers, match.group(), situation) if all(inside) else None


def left_out(marker: str, wording: Wording, situation: Situation) -> set[int]:
    """What an exception names, also within the words of a mention: "except Petrov", of Mr Petrov too."""
    item = wording.item(marker)
    if parts := re.findall(r"(?:REF|SRF|TXT)\d+", item.said):
        own = (m for m in parts if {*wording.item(m).numbers} <= {*item.numbers})  # "…, those are wrong"
        return {*item.numbers}.union(*(left_out(each, wording, situation) for each in own))
    words = item.by == "term" or item.kind == "txt"
    return {*item.numbers} | {s.number for s in situation.spots if words and s.has(item.said)}


def holding(match: re.Match[str], wording: Wording, situation: Situation) -> Item | None:
    """The spans that words are a part of: "the two Harbor Point ones", "the Kovacs one" of one mention."""
    item = wording.item(match.group(2))
    places = situation.places(item.said)
    around = [s.number for a, b in places for s in situation.spots if s.start <= a and b <= s.end]
    one = len({*around}) == 1 and match.group().endswith((" one", " thing")) and not match.group(1)
    if not around or (len(around) != len(places) and not one) or re.search(r"\bmissing\b", match.string):
        return None
    count = 2 if match.group().startswith("both") else w.NUMBERS.get(match.group(1) or "", 0)
    plural = bool(count) or item.plural or match.group().endswith("s")
    fits = len(set(around)) == count if count else plural or len(set(around)) == 1
    return spans(around, match.group(), "number", "" if fits else f"there are {len(set(around))} of them")


def nth_named(match: re.Match[str], *_: object) -> str:
    """ "Hypertension the first one" is the first hypertension."""
    return f"the {match[3]} {match[1]}"


def begun(match: re.Match[str], wording: Wording, situation: Situation) -> Item | None:
    """The one mention with a word that begins so: "the NYK one", of NYK204418."""
    said = re.compile(rf"(?i)(?<!\w){re.escape(wording.item(match[1]).said)}\w")
    found = [spot.number for spot in situation.waiting if said.search(spot.surface)]
    return spans(found, match.group(), "term") if len(found) == 1 else None


def called(match: re.Match[str], wording: Wording, situation: Situation) -> Item | None:
    """The span that a part of its name stands for: "that lady Jane"."""
    said = wording.item(match.group(1)).said
    return spans((situation.part_of(said),), said, "number") if situation.names(said) else None


def described(match: re.Match[str], wording: Wording, situation: Situation) -> Item | None:
    """The one span beside words of the text: "the rent (amount)", where it says "rent of $2,400"."""
    told, gap = match[match.lastindex or 1], r"(?s:(?:(?!\band\b).){0,24})" if match[2] else " of "
    if f'"{wording.item(match[1]).said}"' in wording.raw:
        return None  # 2 minus the "to"
    labels = wording.item(told).labels if told else situation.labels
    places, doc = situation.places(wording.item(match[1]).said), situation.text
    spots = [(s.start, s.end, s.number) for s in situation.labeled(labels)]
    near = {n for at, to, n in spots for a, b in places if a < to and re.fullmatch(gap, doc[b:at])}
    return spans(near, match.group(), "label") if len(near) == 1 else None


def two_classes(match: re.Match[str], wording: Wording, situation: Situation) -> Item | None:
    found = [
        (item, situation.labeled(item.labels)) for m in match.groups() if m for item in (wording.item(m),)
    ]
    clear = all(s and (item.plural or len(s) == 1 or item.said in item.labels) for item, s in found)
    return spans([s.number for _, spots in found for s in spots], match.group(), "label") if clear else None


def between(match: re.Match[str], wording: Wording, situation: Situation) -> Item | None:
    found = spans_between(match, wording, situation)
    return replace(found, by="all") if found else None


def other_term(match: re.Match[str], wording: Wording, situation: Situation) -> Item:
    """ "The other warfarin": not the one that was decided last."""
    item, last = wording.item(match.group(1)), situation.last_decided
    numbers = tuple(n for n in item.numbers if last is None or n != last.number)
    return replace(item, kind="ref", numbers=numbers)


def other_label(match: re.Match[str], wording: Wording, situation: Situation) -> Item:
    """ "The rest of the drugs": those that nobody has decided and the sentence does not name before."""
    item = wording.item(match.group(1))
    named = {n for each in wording.items if each.by in ("number", "term") for n in each.numbers}
    numbers = [s.number for s in situation.offered if s.label in item.labels and s.number not in named]
    return spans(numbers, match.group(), "label", "" if numbers else f"there is no other {item.said} here")


def _of_label(item: Item, situation: Situation, size: int = 0, *, every: bool = False) -> Item:
    """The spans of a label, which have to be so many where a size is told."""
    numbers = [spot.number for spot in situation.labeled(item.labels)]
    problem = "" if numbers else f"there is no {item.said} here"
    if size and len(numbers) != size:
        problem = f"there are {len(numbers)} of them"
    return replace(spans(numbers, item.said, "label", problem, every=every), labels=item.labels)


def every_label(match: re.Match[str], wording: Wording, situation: Situation) -> Item:
    size = 2 if match.group().startswith("both") else 0
    return _of_label(wording.item(match.group(1)), situation, size, every=True)


def counted_label(match: re.Match[str], wording: Wording, situation: Situation) -> Item:
    return _of_label(wording.item(match.group(2)), situation, w.NUMBERS[match.group(1)])


def by_source(match: re.Match[str], wording: Wording, situation: Situation) -> Item:
    source = "model" if "model" in match.group() else "rule"
    found = situation.found_by(source)
    problem = "" if found else f"only the {source} found nothing that is open here"
    return spans((spot.number for spot in found), f"{source}only", "source", problem)


def by_parity(match: re.Match[str], wording: Wording, situation: Situation) -> Item:
    rest = 1 if "odd" in match.group() else 0
    numbers = [spot.number for spot in situation.offered if spot.number % 2 == rest]
    return spans(numbers, match.group(), "order", "" if numbers else "there are none")


def labeled_class(match: re.Match[str], wording: Wording, situation: Situation) -> Item:
    item = wording.item(match.group(1))
    several = item.plural or re.search(r" (?:thing|one)s?$", match.group())
    found = _of_label(item, situation)
    return found if several or not found.numbers else _of_label(item, situation, 1)


def whole_class(match: re.Match[str], wording: Wording, situation: Situation) -> Item:
    """ "Dx all ok": every span of the label, however it is said."""
    return _of_label(replace(wording.item(match.group(1)), plural=True), situation, every=True)


def single_class(match: re.Match[str], wording: Wording, situation: Situation) -> Item | None:
    """ "Barley yes, gene yes": the one span of a label, where it is one of several verdicts."""
    item = wording.item(next(filter(None, match.groups())))
    found = _of_label(item, situation)
    return found if len(found.numbers) == 1 or item.plural else None


def plural_class(match: re.Match[str], wording: Wording, situation: Situation) -> Item | None:
    return labeled_class(match, wording, situation) if wording.item(match.group(1)).plural else None


def class_after_verb(match: re.Match[str], wording: Wording, situation: Situation) -> Item | None:
    marker = next(filter(None, match.groups()))
    found = _of_label(item := wording.item(marker), situation)
    return replace(found, problem="" if item.plural and found.numbers else "say which one")


def numbers_typed(said: str) -> Item:
    first, _, last = re.sub(r"\s", "", said).replace("–", "-").partition("-")
    start, stop = int(first), int(last or first)
    return Item("num", said, tuple(range(start, min(stop, start + 999) + 1)))


def some_spans(match: re.Match[str], wording: Wording, situation: Situation) -> Item:
    return spans((), match.group(), "order", "say which ones")


def counted_spans(match: re.Match[str], wording: Wording, situation: Situation) -> Item:
    """All that are open, which have to be as many as is said; one where none is: "the only one"."""
    numbers, many = [spot.number for spot in situation.offered], match.lastindex
    problem = "" if len(numbers) == (w.NUMBERS[match[1]] if many else 1) else f"there are {len(numbers)} here"
    return spans(numbers, "all" if many else match[0], "all" if many else "order", problem, every=bool(many))


def every_term(match: re.Match[str], wording: Wording, situation: Situation) -> Item:
    item, said = wording.item(match.group(1)), match.group()
    if said.startswith("both") and len(item.numbers) == 1:
        # "both dizziness spans", of dizziness and marked dizziness
        held = tuple(s.number for s in situation.in_text if s.has(item.said))
        problem = "" if len(held) == 2 else "there is one of it"
        return replace(item, kind="ref", numbers=held, problem=problem)
    size = next((n for word, n in w.NUMBERS.items() if f"the {word} " in said), len(item.numbers))
    size = 2 if said.startswith("both") and len(item.numbers) > 2 else size
    problem = item.problem or ("" if size == len(item.numbers) else f"there are {len(item.numbers)} of it")
    return replace(item, kind="ref", every=not said.startswith(("both", "the")), problem=problem)


def every_text(match: re.Match[str], wording: Wording, situation: Situation) -> Item:
    """Words of the text, or the mentions that all begin with them: "every Bexley Crane", of two LLPs."""
    item = wording.item(match.group(1))
    key, places = squeezed(item.said), len(situation.places(item.said))
    named = [s for s in situation.in_text if squeezed(s.surface).startswith(f"{key} ")]
    if len(named) == places > 1 and len({squeezed(spot.surface) for spot in named}) == 1:
        return spans((spot.number for spot in named), item.said, "number")
    return replace(item, every=True)


def term_spans(match: re.Match[str], wording: Wording, situation: Situation) -> Item:
    item = replace(wording.item(match.group(1)), kind="ref")
    said, place = re.escape(item.said), "(?:reference|mention|occurrence|instance) (?:to|of)"
    if re.search(rf"(?i)\bthe (?:{said} one|{place} {said})\b", wording.raw):
        # "the nausea one", of "nausea" and "nausea and vomiting"
        held = tuple(s.number for s in situation.waiting if s.has(item.said))
        return item if len(held) < 2 else replace(item, numbers=held, problem="there are several of it")
    return item


def both(match: re.Match[str], wording: Wording, situation: Situation) -> Item:
    last = re.fullmatch(r"(?:ok|no) (\d+) (\d+)", situation.last)
    if (
        last
        and situation.fresh
        and re.match(r"(?i)\W*(?:no|wait|sorry|oops|actually|hang on|hold on)\b", wording.raw)
    ):
        return checked(map(int, last.groups()), "both", situation)  # "reject 8 and 9", "no wait, keep both"
    numbers = _headed(match, wording, situation) or [s.number for s in situation.offered or situation.spots]
    open_ones = f"there are {len(numbers)} open ones" if situation.offered else "nothing is open here"
    return spans(numbers, "both", "all", "" if len(numbers) == 2 else open_ones)


def all_but_these(match: re.Match[str], wording: Wording, situation: Situation) -> Item:
    out, gone = wording.item(match.group(1)), left_out(match.group(1), wording, situation)
    numbers = [spot.number for spot in situation.offered if spot.number not in gone]
    unclear = out.numbers[1:] and match.string[match.end() :][:3] == " is" and "," in out.said
    return spans(numbers, match.group(), "all", "say which ones" if unclear else out.problem)


def all_without(match: re.Match[str], wording: Wording, situation: Situation) -> Item | str | None:
    """Spans but for those that are excepted: "2 to 5 except 3"; "except 3, accept all of them"."""
    parts, whole = match.groupdict(), wording.item(match["whole"])
    outs = wording.named(match["out"])
    out = {n for m in re.findall(r"REF\d+", match["out"]) for n in left_out(m, wording, situation)}
    if whole.by == "number" and not out & set(whole.numbers) and " ," in match.group() + " ,":
        # "accept 2, 3 and 9, but not 7"; but "except 7, 2 and 3"
        return None if "verb" in parts else whole
    within = whole.by == "number" and len(whole.numbers) > 2 and out <= set(whole.numbers)
    if " okay" in match.group() or not (within or whole.by in ("all", "rest", "label", "order", "term")):
        return None  # "ok 1 to 5 except 2 and 3" leaves these open
    problem = next((each.problem for each in (whole, *outs) if each.problem), "")
    left = spans((n for n in whole.numbers if n not in out), match.group(), "all", problem)
    return f"{parts['verb']}{new_item(wording, left)}" if parts.get("verb") else left


def _as_written(said: str, numbers: tuple[int, ...], situation: Situation) -> tuple[int, ...]:
    """The spans that are written as they are said, where capitals tell two names apart: USH2A and ush2a."""
    surfaces = {n: spot.surface for n in numbers if (spot := situation.spot(n))}
    same = tuple(n for n, surface in surfaces.items() if surface == said)
    apart = any(surface[1:] != said[1:] for surface in surfaces.values())
    return same if same and apart else numbers


def text_item(said: str, situation: Situation) -> Item:
    """A text: its spans, or its words in the document, or neither."""
    key = squeezed(said)
    for each in (key, key.removesuffix("'s"), key.removesuffix("s")):
        if each in situation.by_surface:
            numbers = _as_written(said[: len(each)], tuple(situation.by_surface[each]), situation)
            waiting = tuple(n for n in numbers if (spot := situation.spot(n)) and spot.open)
            return Item("srf", said[: len(each)], waiting or numbers, by="term")
    if (near := situation.near_span(key)) and not situation.holds(key):
        return text_item(near, situation)
    one = key.removesuffix("s")
    if one != key and not situation.holds(key) and situation.only_named(one):
        return Item("txt", said[:-1], plural=True)
    return Item("txt" if key and situation.holds(key) else "unk", said)


def beside_this(line: str, situation: Situation) -> str:
    """With the numbers of what stands beside the framed mention: "this is good and so is the one after"."""
    said, framed = _RE.BESIDE.search(line), situation.spot(situation.framed)
    order = [spot.number for spot in situation.shown]
    pointed = re.search(rf"(?i)(?<!after )(?<!before )\b{_RE.POINTED.pattern}", line)
    if said is None or framed is None or framed.number not in order or re.search(r"\d", line[: said.start()]):
        return line
    around = re.search(r"(?i)\b(?:it|this|that)\b", said["said"])
    if not (said["joined"] or ((said["so"] or said["judged"]) and (pointed or around))):
        return line
    side = said["one"] or said["next"] or said["follows"] or said["few"] or said["side"]
    count = (said["n"] or said["m"] or "one").lower()
    many, at = w.NUMBERS.get(count, 0) or int(count), order.index(framed.number)
    back = re.match(r"(?i)before|prec|above|prev|prior|last", side) is not None
    ahead = at if situation.just_before and not (pointed or around) else at + 1
    near = order[max(0, at - many) : at] if back else order[ahead : ahead + many]
    if len(near) < many:
        return line
    numbers = " and ".join(map(str, near))
    verb = re.sub(r"(?i)^(,? )(?:is|are|was|were)\b", r"\1are" if many > 1 else r"\1is", said["judged"] or "")
    head = line[: said.start("said")]
    head = re.sub(r" (?:to|for) $", " ", head) if said["joined"] else head  # "no to this and to the next one"
    line = f"{head}{numbers}{verb}{line[said.end() :]}"
    return re.sub(rf"(?i)\b(?:both )?{_RE.POINTED.pattern}(?=\b)", str(framed.number), line, count=1)


@lru_cache(maxsize=128)
def _singles(
    section: str, names: tuple[str, ...], labels: tuple[str, ...]
) -> list[tuple[re.Pattern[str], str]]:
    """The ways to say a single mention, with the names and labels that a line has."""

    def filled(pattern: str) -> re.Pattern[str]:
        each = (rf"(?<![\w'’-])(?P<name{n}>{_any_of(names)})" for n in range(pattern.count("{NAME}")))
        whole = re.sub(r"\{NAME\}", lambda _: next(each), pattern)
        return re.compile(whole.replace("{LABEL}", _any_of(labels)))

    if section:
        return [(filled(pattern), how) for pattern, how in _RE.made(section, str)]
    named = (("PAIRED", "both"), ("NEXT_TO", "beside"), ("BRACKETED", "number"))
    return [(filled(_RE.source(name)), how) for name, how in named]


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(each).replace(r"\ ", r"\s+") for each in words) or "(?!)"


def in_single_numbers(line: str, situation: Situation, section: str = "") -> str:
    """A line with the numbers of the mentions that it names one by one in other ways.

    Args:
        line: As typed.
        situation: What it can be about.
        section: Ways to say one, of ``numbered.txt``; those that can mean nothing else where none is told:
            "HIT (6)", "the one right after 5".
    """
    if not (section or _RE.SURE_SIGN.search(line)):
        return line
    small = squeezed(line)
    names = sorted((each for each in situation.by_surface if each in small), key=len, reverse=True)
    known = [" ".join(each) for each in label_words(situation.labels)] if section else []
    labels = sorted((each for each in known if each in small), key=len, reverse=True)
    taken: set[int] = set()

    def put(said: re.Match[str], how: str) -> str:
        number = _single(said, how, situation)
        within = said.string[: said.start()].count('"') % 2  # of new words: 3 is "the second aspirin"
        if not number or number in taken or within:
            return said.group()
        taken.add(number)
        return str(number)

    for pattern, how in _singles(section, tuple(names), tuple(labels)):
        line = pattern.sub(lambda said, how=how: put(said, how), line)  # type: ignore[misc]
    return line


def _single(said: re.Match[str], how: str, situation: Situation) -> int:
    """The number of the one mention that is meant; 0 where that is not clear."""
    ways = {key.rstrip("0123456789"): value.lower() for key, value in said.groupdict().items() if value}
    name = squeezed(ways.get("name", ""))
    numbers = [s.number for s in situation.in_text if s.number in situation.by_surface.get(name, ())]
    typed = next((int(ways[key]) for key in "nmk" if key in ways), w.NUMBERS.get(ways.get("said", ""), 0))
    after = re.match(r" ([\w'’-]+)", said.string[said.end() :])
    if typed and after and situation.holds(squeezed(f"{typed} {after[1]}")):
        return 0  # "the one after 11 March"
    if said.group().lower().startswith("no.") and re.search(r"\d\W*$", said.string[: said.start()]):
        return 0  # "5 - no. 6 - yes."
    if how == "both" and after and situation.holds(squeezed(f"{name} {after[1]}")):
        return 0  # make 5 wear and tear exclusion
    if how == "number" or (how == "both" and typed in numbers):
        return typed if situation.spot(typed) else 0
    if how == "both" or (len(numbers) != 1 and name and "nth" not in ways):
        return 0
    if how == "beside":
        order = [0, *(spot.number for spot in situation.shown), 0]
        base = typed or numbers[0]
        step = 1 if ways["side"] in ("after", "following", "behind") else -1
        return order[order.index(base) + step] if base in order else 0
    labels, plural = label_words(situation.labels).get(tuple(ways.get("label", "").split()), ((), False))
    if "nth" in ways:
        clear = "label" not in ways or not (plural or len(labels) > 1)
        return _nth_single(ways["nth"], numbers, labels, said.string, situation) if clear else 0
    if how == "label":
        return (
            numbers[0]
            if {spot.label for spot in situation.spots if spot.number in numbers} <= {*labels}
            else 0
        )
    before = re.search(r"([\w'’-]+) $", said.string[: said.start()])
    longer = (f"{before[1]} {name}" if before else "", f"{name} {after[1]}" if after else "")
    bare = squeezed(said.group()) == name and is_known(name)  # a word of the chat, or of the text
    others = (squeezed(s.surface) for s in situation.spots if s.number not in numbers)
    if squeezed(said.string).count(name) > 1 or any(f" {name} " in f" {each} " for each in others):
        return 0  # "Archimedes was a man, but Archimedes method is one"; nausea, beside "nausea and vomiting"
    return 0 if bare or any(situation.holds(squeezed(each)) for each in longer) else numbers[0]


def _nth_single(nth: str, named: list[int], labels: tuple[str, ...], line: str, situation: Situation) -> int:
    """The number that an ordinal means: of all, of a name or of a label; 0 where that is not clear."""
    if len(_RE.ORDINAL.findall(line)) > 1 and _RE.BARE.search(line):
        return 0  # "the first warfarin is right, the second one too": of the same words
    place = w.ORDINALS.get(nth) or int(re.sub(r"\D", "", nth) or 0)
    pool = named or [spot.number for spot in situation.shown if not labels or (spot.label,) == labels]
    small = squeezed(line)
    if named:
        places = situation.places(next(s.surface for s in situation.spots if s.number == named[0]))
        clear = len(places) == len(named) > 1
    else:
        of_group = _GROUP_SAID.search(line) or any(
            len(n) > 1 and each in small for each, n in situation.by_surface.items()
        )
        clear = len(labels) == 1 or not (of_group or pool != sorted(pool))
    found = _nth(pool, place) if place and clear else ()
    return found[0] if found and str(found[0]) not in re.findall(r"\b\d+\b", line) else 0


_GROUP_SAID = re.compile(
    r"(?i)^\W*(?:out )?of\b|\b(?:all|both|every|each|except|but|other|two|three|these|those|they|them)\b"
)
"""Words that make "the first one" one of a group."""


def by_single_numbers(
    line: str, situation: Situation, understand: Understand, section: str
) -> Reading | None:
    """What a line stands for with its mentions by number: a verdict or an edge takes one however it is named.

    Done only where the lines are about every mention that was so named, and about no other one that was not
    named by its number.
    """
    said = in_single_numbers(line, situation, section)
    if said == line or _BESIDE_EACH_OTHER.search(said):
        return None
    kept = {key: value for key, value in situation.kept.items() if key != "typed"}
    found = understand(said, replace(situation, kept=kept))
    if found is None or not (found.lines and found.writes) or found.question:
        return None
    decided, named = spans_in("; ".join(found.lines)), numbers_in(said)
    return found if decided <= named and named - numbers_in(line) <= decided else None


_BESIDE_EACH_OTHER = re.compile(r"(?<![\w.,-])\d{1,3} \d{1,3}(?![\w.,-])")
"""Two mentions with nothing between, one of which may be a word of something else: "no. 6 Harbour Mutual"."""
