"""What the clauses of a message name: mentions by number, words, order or label, and words that are none."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.losses import kind_meant
from hybrid_ner.review.chat.readings_edges import places_of
from hybrid_ner.review.chat.situation import Situation, Spot, quoted, squeezed
from hybrid_ner.review.chat.words import in_sentence_of, is_english, is_known, regions, told_by
from hybrid_ner.review.store.labels import label_words, labels_meant, plain_words
from hybrid_ner.text.patterns import Patterns

RE = Patterns(Path(__file__).with_name("orders.txt"))
"""The patterns of clauses and of what they name."""
_STEM = 4
"""Letters that words share, at least, where one is another form of the other."""
_SIGNED = re.compile(r"(?i)\b(?:regards|sincerely|faithfully|truly|wishes|signed)\W*$")
"""What stands before the name of who writes: "I'm right", of a letter."""
_COUNTS = (("two", 2), ("both", 2), ("three", 3), ("four", 4))
_SEVERAL = re.compile(r"(?i)they|them|th[eo]se|both|(?:th[eo]se|the) two|all (?:three|four|of them)")
_FAR = 60
"""Characters between mentions that are beside each other, at most: a clause."""


class Text(NamedTuple):
    """Words of the document that are no mention by themselves, and where each of their places is."""

    words: str
    places: tuple[tuple[int, int], ...]


Thing = Spot | Text
Again = Callable[[Sequence[Thing]], "list[str] | None"]
"""What was done with the mentions of a clause, to be done with others: "and so is …"."""


@dataclass(frozen=True)
class Told:
    """What the clauses so far have done and named.

    Args:
        lines: What is to be done; ``deny 3`` rejects a mention unless something else is said of it.
        about: What the last clause was about.
        again: How to do the same with others.
        loose: Words that are missing and have no label so far.
        listed: What a list named, so that "the second" is of it.
        recent: All that was named so far.
        told_of: Mentions that something was only told of, about which another clause has to decide.
        rest: What is to be done with all others: ``ok`` or ``no``.
        asks: A mention that is not what its label says, and of which it is not clear what it is.
        like: What is to be done as the next clause does: "same for the other one, this is right".
        owed: Lines before a complaint ("you have cut it in half"), and one; new edges have to follow.
    """

    lines: tuple[str, ...] = ()
    about: tuple[Thing, ...] = ()
    again: Again | None = None
    loose: tuple[Text, ...] = ()
    listed: tuple[Thing, ...] = ()
    recent: tuple[Thing, ...] = ()
    told_of: tuple[Spot, ...] = ()
    rest: str = ""
    asks: Spot | None = None
    owed: int = 0
    like: tuple[Thing, ...] = ()

    def with_lines(
        self, lines: Sequence[str] | None, things: Sequence[Thing], again: Again | None
    ) -> Told | None:
        if lines is None:
            return None
        recent = (*(each for each in self.recent if each not in things), *things)
        return replace(
            self, lines=(*self.lines, *lines), about=tuple(things), again=again or self.again, recent=recent
        )


NUMBERS, POINTS = RE.NUMBERS, RE.POINTS
_EDGES = re.compile(r'\d+ = "(.*)"')  # 4 = "severe cough"


def with_verdict(line: str, lines: Sequence[str], situation: Situation) -> str:
    """A label that a mention has already as its verdict, and nothing beside its new edges."""
    number, _, label = line.partition(" is ")
    spot = situation.spot(int(number)) if label and number.isdecimal() else None
    if spot is None or spot.label != label:
        return line
    return "" if any(each.startswith(f"{number} = ") for each in lines) else f"ok {number}"


class Naming:
    """Tells what a clause names in a document."""

    def __init__(self, situation: Situation, *, many: bool = False) -> None:
        self.situation, self.many = situation, many
        self.acts, self.own, self.missed, self.tells = 0, False, False, ""
        self.lines: tuple[str, ...] = ()
        self.agreed, self.refused, self.every, self.kind = False, False, False, ""
        self.excepts: tuple[Thing, ...] = ()

    def things(self, said: str, told: Told, *, many: bool = False) -> list[Thing] | None:
        """What a list names, in order; ``None`` where a part of it names nothing, or it is not clear what."""
        # "both fever and chills", which stand together
        each_one = re.match(r"(?i)both (?!of\b).+ and ", said)
        whole = None if each_one else self.thing(said, told, many=many)
        taken = [p for each in whole or () if isinstance(each, Text) for p in each.places]
        row = any(many or len(self._inside(place)) > 1 for place in taken)
        if whole is not None and not row:
            return whole
        found: list[Thing] = []
        both = re.match(r"(?i)both ", said)
        parts = [part for part in re.split(RE.LISTS, said[both.end() :] if both else said) if part]
        on = any(RE.NEXT_FEW.fullmatch(part.removeprefix("the ")) for part in parts)
        pointed = [p for p in parts if (POINTS.fullmatch(p) and not on) or RE.NTH_ONE_OF.fullmatch(p)]
        if len(parts) > 1 and pointed:
            return whole  # "2 and 4, that's fine"; "Bexley, the first one"; not "this and the next one"
        each = [self.thing(part, told, many=many) for part in parts if len(parts) > 1]
        if each and both and each[0] is None:
            each[0] = self.thing(f"both {parts[0]}", told)  # "both general anaesthetics and surgical removal"
        side = RE.AT_END.search(said) or RE.AT_START.search(said)
        far = [self.thing(f"{part}{side.group()}", told) for part in parts[:-1]] if side and each else []
        each[: len(far)] = far if all(far) else each[: len(far)]  # "Hart and Quill at the very end"
        kind = re.fullmatch(r"(?i)(?:all|both) (?P<label>.+)", parts[-1]) if len(each) > 1 else None
        new = (isinstance(thing, Text) for one in each[:-1] for thing in one or ())
        if None in each or (kind and self.label(kind["label"]) and all(new)):
            return whole  # "X, Y and Z, all tests"
        if len(each) > 1 and " and " not in said and all(one == each[0] for one in each):
            return each[0]  # "the other date, the one in May"
        found += [thing for one in each for thing in one or ()]
        return found or whole

    def _inside(self, place: tuple[int, int]) -> list[Spot]:
        return [s for s in self.situation.spots if place[0] <= s.start and s.end <= place[1]]

    def spots(self, said: str, told: Told, *, many: bool = False) -> list[Spot] | None:
        found = self.things(said, told, many=many)
        spots = [each for each in found or () if isinstance(each, Spot)]
        title = RE.TITLE.match(said) if len(spots) < len(found or ("",)) else None
        if title and (named := self.spots(said[title.end() :], told)):
            return named  # "Dr Mbeki", of Frances Mbeki
        return spots if found and len(spots) == len(found) else None

    def by_head(self, said: str) -> list[Spot]:
        """The one mention whose last word stands in it alone: "neuropathy", "the bank" of Northgate Bank."""
        word, the = squeezed(said).removeprefix("the "), said[:4].lower() == "the "
        ends = [s for s in self.situation.waiting if squeezed(s.surface).endswith(f" {word}")]
        if len(ends) != 1 or not word.isalpha() or len(word) < _STEM + 1 - 2 * the:
            return []
        places = self.situation.places
        once = len(places(word)) == len(places(ends[0].surface))
        self.own = self.own or (once and the)
        return ends if once else []

    def _but(self, said: re.Match[str], told: Told) -> list[Thing] | None:
        """ "all the platelets except the blood film one", which is named or stands in its sentence."""
        every = self.things(said["s"], told, many=True) or []
        places = [(s.start, s.end) for s in every if isinstance(s, Spot)]
        near = in_sentence_of(self.situation.text, places, self.where(RE.THE_ONE.sub("", said["but"])))
        out = self.things(said["but"], replace(told, about=tuple(every), listed=tuple(every)))
        out = out or [self.at(place) for place in near if len(near) == 1]
        self.own, self.excepts = True, tuple(out)
        names = [e.surface for e in out if isinstance(e, Spot)]  # also of Mr Petrov
        spots = [e for e in every if isinstance(e, Spot)]
        left = [e for e in spots if e not in out and not any(map(e.has, names))]
        return [*left] if out and len(spots) == len(every) > 1 else None

    def thing(self, said: str, told: Told, *, many: bool = False) -> list[Thing] | None:
        said, many = said.strip(" ,"), many or self.every
        if POINTS.fullmatch(said):
            return self._pointed(said, told)
        if but := RE.EXCEPT.fullmatch(said):
            return self._but(but, told)
        if RE.JUST_DONE.fullmatch(said):
            return [*self.last_done()] or None
        every = re.match(r"(?i)(?:both|all|every|each)(?: of)?(?: the)? (?=\w)", said)
        if every and every[0][:4].lower() == "both" and (label := self.label(said[every.end() :])):
            two = [spot for spot in self.situation.waiting if spot.label == label]
            return list(two) if len(two) == 2 else None
        if every and not self.where(said):  # "every morning" may stand there
            said, many = said[every.end() :], True
        if ends := RE.EACH_TIME.search(said):
            said, many, every = said[: ends.start()], True, ends
        said = re.sub(r"(?i)^(?:the|that|this|an?|another) (?=\S)| (?:it|him|her)self$", "", said)
        if by := RE.ONE_BY.fullmatch(said):
            row, near = self.situation.in_text[:: -1 if by["up"] else 1], self.thing(by["s"] or "it", told)
            return [*row[row.index(near[0]) + 1 :][:1]] if near and isinstance(near[0], Spot) else None
        if nexts := RE.NEXT_FEW.fullmatch(said):
            return self._next(w.NUMBERS.get((nexts["count"] or nexts["some"] or "one").lower(), 0), told)
        if every and len(told.told_of) > 1 and self.label(said) in {s.label for s in told.told_of}:
            same = {s.label for s in told.told_of} == {self.label(said)}
            return list(told.told_of) if same else None  # "4, 12, 13. All offences, all correct."
        if numbers := NUMBERS.fullmatch(said):
            spots = [self.situation.spot(int(n)) for n in re.findall(r"\d+", numbers["n"])]
            return None if None in spots else [spot for spot in spots if spot]
        if among := RE.ONE_IN.fullmatch(said):
            return self._in_text(among["words"], many=False)
        if inside := RE.IN_NUMBER.fullmatch(said):
            spot = self.situation.spot(int(inside["n"]))
            return [spot] if spot else None
        few = re.match(r"(?i)(two|three|four|five|six|seven|eight|\d) (?=[a-z])", said) if every else None
        if few:
            found = self.thing(said[few.end() :], told, many=True)
            self.own, count = True, w.NUMBERS.get(few[1].lower()) or int(few[1])
            return found if found and len(found) == count else None
        if said.lower() in ("i", "me", "myself"):
            mine = [s for s in self.situation.spots if _SIGNED.search(self.situation.text[: s.start])]
            return list(mine) if len(mine) == 1 else None
        if year := RE.OF_YEAR.fullmatch(said):
            dated = [s for s in self.situation.spots if year["s"] in s.surface.split()]
            dated = [s for s in dated if year["of"] in self.situation.text[s.start : s.end + 6]]
            return list(dated) if len(dated) == 1 else None
        alike = RE.NTH_ONE.fullmatch(said)
        if alike and not told.listed and (one := self._alike(alike, told)):
            return [one]
        if told.listed and (nth := w.ORDINALS.get(said.lower().removesuffix(" one"), 0)):
            return [told.listed[nth - (nth > 0)]] if 0 < abs(nth) <= len(told.listed) else None
        cut = RE.CALLED.match(said)
        if cut and (named := self.thing(said[cut.end() :], told, many=many)):
            return named
        said = RE.HERE_IN.sub("", said)
        found = self._placed(said, told) or self._in_text(said, many=many)
        found = found or self._described(said, told, many=many)
        return found or self._sharing(said, every=every)

    def _sharing(self, said: str, *, every: re.Match[str] | None) -> list[Thing] | None:
        """The open mentions that share a word in the plural: "the kidneys", "both general anaesthetics"."""
        words = squeezed(said).split()
        if not words or len(words[-1]) < _STEM + 2 or not words[-1].endswith("s") or self.label(said):
            return None

        def fits(word: str, own: Sequence[str]) -> bool:
            stem = word[: max(_STEM, len(word) - 4)] if every else word[:-1]
            return word in own or any(e == stem or (every and e.startswith(stem)) for e in own)

        found = [
            spot
            for spot in self.situation.waiting
            if all(fits(word, re.findall(r"[\w'’-]+", spot.surface.lower())) for word in words)
        ]
        both = every is not None and "both" in every.group().lower()
        return list(found) if len(found) > 1 and (not both or len(found) == 2) else None

    def _next(self, count: int, told: Told) -> list[Thing] | None:
        """ "the two which follow": behind what was spoken of last."""
        last = told.about[-1] if told.about else self.situation.just_before or self.situation.focus
        behind = [s for s in self.situation.in_text if isinstance(last, Spot) and s.start > last.start]
        return list(behind[:count]) if 0 < count <= len(behind) else None

    def _alike(self, said: re.Match[str], told: Told) -> Spot | None:
        """ "the last one", "the second one": of those with its words; "the oral one" by its neighbour."""
        last = told.about[0] if told.about else self.situation.focus
        words = squeezed(last.surface) if isinstance(last, Spot) else ""
        same = [s for s in self.situation.in_text if squeezed(s.surface) == words]
        nth, word = w.ORDINALS.get(said["which"].lower(), 0), said["which"].lower()
        if nth < 0 and len(same) < 2:
            same = list(self.situation.shown)
        if nth:
            return next(iter(same[nth - 1 : nth] if nth > 0 else same[nth:][:1]), None)
        beside = [
            s for s in same if re.search(rf"(?i)\b{re.escape(word)}\s*$", self.situation.text[: s.start])
        ]
        return beside[0] if len(beside) == 1 else None

    def _pointed(self, said: str, told: Told) -> list[Thing] | None:
        several = _SEVERAL.fullmatch(said)
        focus = self.situation.focus
        if self.excepts and not several:
            return list(self.excepts)  # "all but the last one, that isn't a date"
        if several:
            count = next((n for word, n in _COUNTS if word in said.lower()), 0)
            if count == 2 == len(self.situation.waiting) and not told.recent:
                return list(self.situation.waiting)
            one = told.about[0] if len(told.about) == 1 else None
            if isinstance(one, Spot) and not count and one.surface[-1:] == "s":
                return [one]  # "administrators": "you need not mark them"
            about = told.about if not count or len(told.about) == count else told.recent[-count:]
            free = () if about or told.lines else self.situation.waiting
            about = free if len(free) == count == 2 else about
            return list(about) if len(about) > 1 and (not count or len(about) == count) else None
        if told.about:
            alike = {squeezed(e.surface) if isinstance(e, Spot) else e.words for e in told.about}
            return list(told.about) if len(alike) == 1 else None
        return [focus] if focus else None

    def _placed(self, said: str, told: Told) -> list[Thing] | None:
        """ "the second hydrocortisone", "hydrocortisone at the end", "vancomycin in the “resistant” bit"."""
        text, nth, places = self.situation.text, 0, []
        words = re.sub(r"(?i)^(?:second|third|other|last|first) ", "", said)
        if by := RE.NEXT_TO_IT.fullmatch(said):
            known = self.situation.labels_named(by["what"])
            near = (
                self._pointed("it", told) if POINTS.fullmatch(by["s"]) else self._in_text(by["s"], many=False)
            )
            at = near[0].start if near and isinstance(near[0], Spot) else -1
            fits = sorted(
                (s for s in self.situation.in_text if s.label in known), key=lambda s: abs(s.start - at)
            )
            return [fits[0]] if fits and at >= 0 and abs(fits[0].start - at) < _FAR else None
        if inside := RE.IN_WORDS.fullmatch(words):
            around = self.where(next(filter(None, inside.groups()[1:])))
            found = self.where(self._words(inside["s"], told))
            places = [p for p in found if any(a <= p[0] and p[1] <= b for a, b in around)]
            places = places or in_sentence_of(text, found, around)
        elif down := RE.DOWN.fullmatch(words):
            last = next((e for e in told.about if isinstance(e, Spot)), self.situation.focus)
            one = last.surface if last and down["s"].lower() in ("one", "the one") else ""
            places = self.unmarked(one or self._words(down["s"], told))
        elif part := RE.IN_PART.fullmatch(words):
            places = self._in_part(part)
        elif (tells := RE.WHO_DOES.fullmatch(said)) and len(found := self.where(tells["s"])) > 1:
            places = told_by(self.situation.text, found, tells["does"])
        elif side := RE.AT_END.search(words) or RE.AT_START.search(words):
            found, end = self.where(self._words(words[: side.start()], told)), side.re is RE.AT_END
            places = found[-1:] if end else found[:1]
            edge = re.split(r"(?<=[.!?])\s+(?=[A-Z])", text.strip())[-1 if end else 0]
            most = max(len(edge), len(text) // 3)  # "at the bottom", above "With kind regards"
            if places and (len(text) - places[0][0] if end else places[0][1]) > most:
                return None
        elif len(parts := said.split(" ", 1)) == 2:
            nth = 0 if parts[1].lower() in w.NUMBERS else w.ORDINALS.get(parts[0].lower(), 0)
            brief = self.situation.by_initials(parts[1].upper()) or parts[1]  # "the first AF"
            found = (self.where(parts[1]) or self.where(brief)) if nth else []
            kind = label_words(self.situation.labels).get(plain_words(parts[1]))
            if kind and parts[0].lower() == "other" and told.about and not found:
                rest = [s for s in self.situation.labeled(kind[0]) if s not in told.about]
                return [rest[0]] if len(rest) == 1 else None  # "the other date"
            if parts[0].lower() == "other" and not told.about:
                found = self.unmarked(parts[1])
                nth = 1 if len(found) == 1 else 0
            elif parts[0].lower() == "other":
                own = [e for e in told.about if isinstance(e, Spot)]
                found = [p for p in self.where(parts[1]) if not any(e.start <= p[0] < e.end for e in own)]
                nth = 1 if len(found) == 1 else 0
            places = found[nth - 1 : nth] if nth > 0 else found[nth:][:1] if nth else []
        return [self.at(places[0])] if len(places) == 1 else None

    def _words(self, said: str, told: Told) -> str:
        """What is looked for in another place: the words that are said, or those of what was spoken of."""
        last = next(iter(told.about), self.situation.focus)
        if not RE.SAME_WORDS.fullmatch(said) or last is None:
            return re.sub(r"(?i)^(?:the |an? )?(?:(?:second|third|other|last|first) )?", "", said)
        if told.lines[-1:] and told.lines[-1].startswith("merge "):
            spots = [s for s in self.situation.spots if str(s.number) in told.lines[-1].split()]
            return self.situation.text[min(s.start for s in spots) : max(s.end for s in spots)]
        return last.words if isinstance(last, Text) else self.situation.text[slice(*self.extent(last))]

    def _in_part(self, said: re.Match[str]) -> list[tuple[int, int]]:
        """The one place that words have in a sentence, line or paragraph: "Mrs Hughes, para 2"."""
        for start, end in regions(
            self.situation.text, said["unit"] or said["kind"], said["nth"] or said["n"]
        ):
            found = [p for p in self.where(said["s"]) if start <= p[0] and p[1] <= end]
            if len(found) == 1:
                return found
        return []

    def unmarked(self, words: str) -> list[tuple[int, int]]:
        """The places of words that lie in no mention."""
        return self.situation.unmarked(self.where(words))

    def at(self, place: tuple[int, int]) -> Thing:
        """What stands at a place: the mention there, or words that are none."""
        each = ((s, self.extent(s)) for s in self.situation.spots_at(*place))
        spots = [s for s, (start, end) in each if start <= place[0] and place[1] <= end]
        best = min(spots, key=lambda s: (not s.open, s.end - s.start), default=None)
        for start, end in self.situation.names_elsewhere if best is None else ():
            if start <= place[0] and place[1] <= end:
                place = start, end  # "the second Marsh", where it says Leon Marsh again
        return best or Text(" ".join(self.situation.text[slice(*place)].split()), (place,))

    def extent(self, spot: Spot) -> tuple[int, int]:
        """Where a mention begins and ends, cut as the message so far says: "4 is only enucleation, and …"."""
        own = (each for each in self.lines if each.startswith(f"{spot.number} = "))
        words = next((edge[1] for each in own if (edge := _EDGES.match(each))), spot.surface)
        at = spot.surface.find(words)
        return (spot.start + at, spot.start + at + len(words)) if at >= 0 else (spot.start, spot.end)

    def last_done(self) -> list[Spot]:
        """The mention that was added or changed last, as long as nothing else was."""
        was = {} if self.situation.touched else next((past.was for past in self.situation.past()), {})
        number = self.situation.touched or (next(iter(was)) if len(was) == 1 else 0)
        return [s for s in self.situation.spots if s.number == number and not s.out]

    def cut_off(self, said: str) -> bool:
        """Whether the message so far has cut words off a mention."""
        words = re.escape(squeezed(RE.WORD_ITSELF.sub("", said)).removeprefix("the "))
        has = re.compile(rf"(?i)(?<!\w){words}(?!\w)").search
        now = ((s.surface, self.situation.text[slice(*self.extent(s))]) for s in self.situation.spots)
        return any(has(whole) and not has(left) for whole, left in now)

    def where(self, said: str) -> list[tuple[int, int]]:
        """Where words stand, whatever their apostrophes and hyphens, or with one slip each."""
        found = self.situation.once(
            "where", said, lambda: places_of(RE.DAY_OF.sub(r"\1 \2", said), self.situation)
        )
        return list(found)

    def _in_text(self, said: str, *, many: bool) -> list[Thing] | None:
        places = self.where(said) or (self.where(said[:-1]) if many and said[-1:] == "s" else [])
        found = [self.at(place) for place in places]
        equal = [s for s in self.situation.in_text if (s.start, s.end) in places]
        # a part of a mention names it where it is one of its names: "Norland", and no "pain" of a chest pain
        pairs = [(e, a) for e, (a, _) in zip(found, places, strict=True) if isinstance(e, Spot)]
        named = dict.fromkeys(e for e, a in pairs if not self.situation.text[a].islower())
        labels = {e.label for e in equal} if many else {""}  # "every Whitlock", of Jane Whitlock too
        spots = [e for e in named if e.label in labels] or equal or list(named)
        if len({s.surface for s in spots}) > 1:  # "Joanne" is "Joanne Pryce", and no "Joanne Pryce called"
            spots = [s for s in spots if not any(s.surface.startswith(f"{each.surface} ") for each in spots)]
        if len(spots) > 1 and not many:
            spots = [s for s in spots if s.open] or spots
            if not equal and len(spots) > 1:
                return None
        if spots:
            return list(spots)
        texts = [each for each in found if isinstance(each, Text)]
        sum_of = re.compile(r"(?<![\w.,])[$€£]?\d(?:[\d.,]*\d)?\s$")
        one = len(places) == 1 and texts and texts[0].words.isalpha()
        if one and (figure := sum_of.search(self.situation.text[: places[0][0]])):  # "the pounds" of the sum
            place = (figure.start(), places[0][1])
            return [Text(self.situation.text[slice(*place)], (place,))]
        return [Text(texts[0].words, tuple(places))] if texts and (len(places) == 1 or many) else None

    def _described(self, said: str, told: Told, *, many: bool) -> list[Thing] | None:
        """The mentions of a label, or the one said in part: "the act", "the redundancy one"."""
        words = [each for each in re.findall(r"[\w'’-]+", said.lower()) if each not in ("one", "the", "of")]
        known = label_words(self.situation.labels).get(tuple(words))
        spoken = [e for e in told.about if isinstance(e, Spot) and known and e.label in known[0]]
        if known and len(spoken) == 1 and not many:
            return [spoken[0]]  # "the date is a date", of two that were named
        if known:
            spots = self.situation.labeled(known[0])
            several, focus = known[1] or many, self.situation.focus
            if focus and focus in spots and self.situation.asked and not (several or told.lines):
                return [focus]  # "the date is correct", of the one that is asked about
            looks = [s for s in spots if any(re.fullmatch(p, s.surface) for p, _ in kind_meant(words[-1]))]
            spots = tuple(looks) if len(looks) == 1 and not several else spots
            return list(spots) if spots and (several or len(spots) == 1) else None
        if len(words) > 1 and label_words(self.situation.labels).get((words[-1],)):
            known = label_words(self.situation.labels)[(words[-1],)]
            found = self._in_text(said.rsplit(" ", 1)[0], many=many or known[1])
            fits = found and all(isinstance(e, Spot) and e.label in known[0] for e in found)
            return found if fits else None
        if words[1:] == ["name"]:
            words = [re.sub("['’]?s$", "", words[0])]  # "judges name"
        words = ["dr" if each == "doctor" else each for each in words]
        if len(words) == 2 and RE.TITLE.fullmatch(words[0]):  # "Mr Wolski", of Mr Andrzej Wolski
            title = re.compile(rf"(?i)\b{words[0]}\.?\s*$")
            own = [s for s in self.situation.waiting if title.search(self.situation.text[: s.start])]
            own = [s for s in own if words[1] in s.surface.lower().split()]
            if len(own) == 1:
                return list(own)
        brief = words[0] if len(words) == 1 and words[0].isalpha() and 1 < len(words[0]) < 5 else ""
        if brief and not (is_known(brief) or is_english(brief) or self.situation.holds(brief)):
            letters = re.compile(rf"(?i){'[a-z]*'.join(brief)}[a-z]*" if len(brief) > 2 else "-")
            initials = self.situation.by_initials(brief.upper())  # "af", of atrial fibrillation
            alike = [s for s in self.situation.waiting if squeezed(s.surface) == initials]
            alike = alike or [s for s in self.situation.waiting if letters.fullmatch(s.surface)]  # "vanc"
            return list(alike) if len(alike) == 1 else None
        begun = [s for s in self.situation.waiting if re.fullmatch(rf"(?i){re.escape(said)}\w*", s.surface)]
        if len(said) >= _STEM and len({squeezed(s.surface) for s in begun}) == 1:
            return list(begun)  # "pred", of prednisolone
        has = [s for s in self.situation.in_text if {*words} <= {*re.findall(r"[\w'’-]+", s.surface.lower())}]
        if words and len(has) == 1 and has[0].number == self.situation.touched:
            return [*has]  # "fluids", of the IV fluids that were just added
        has = has if len(has) == 1 else [s for s in has if s.open]
        names = words and re.search(rf"(?<!\w){words[0].capitalize()}", has[0].surface) if has else None
        sure = names or len(words) > 1 or re.search(r"(?i)\bone$", said)
        return list(has) if words and len(has) == 1 and sure else None

    def label(self, said: str) -> str:
        """The one label that words mean; empty where they mean none, or several."""
        words = RE.KIND_OF.sub("", RE.BEFORE_LABEL.sub("", RE.MARKED_AS.sub("", said.strip(" ,"))))
        known = self.situation.labels_named(words)
        if not known and 2 < len(words) <= _STEM and not self.situation.holds(words.lower()):
            known = tuple(x for x in self.situation.labels if x.lower().startswith(words.lower()))  # "med"
        low = words.lower()
        if (
            not known
            and len(low) > _STEM
            and low.isalpha()
            and not (self.situation.holds(low) or is_english(low))
        ):
            known = labels_meant(words, self.situation.labels)  # "horone", of Hormone
        return known[0] if len(known) == 1 else ""

    def holding(self, said: str) -> list[Spot]:
        """The one open mention that has words, which gains or loses others: "daptomycin without both"."""
        words = re.compile(rf"(?<!\w){re.escape(squeezed(said).removeprefix('the '))}(?!\w)")
        having = [s for s in self.situation.waiting if words.search(squeezed(s.surface))]
        return having if len(having) == 1 else []

    def _of_label(self, said: str) -> list[Spot] | None:
        """The mentions of a label that is said in the singular, one of which is meant: "the amount"."""
        known = label_words(self.situation.labels).get(plain_words(re.sub(r"(?i)^the ", "", said)))
        return list(self.situation.labeled(known[0])) if known and not known[1] else None

    def bounded(self, spot: Spot, words: str, *, shrinks: bool = True) -> list[str] | None:
        """The line that gives a mention the words that it overlaps, more or fewer than it has."""
        own = spot.start, spot.end
        places = [p for p in self.where(words) if p[0] < spot.end and spot.start < p[1] and p != own]
        others = [s for p in places for s in self.situation.spots_at(*p) if s.open and s is not spot]
        more = [
            (a, b)
            for a, b in places
            if a <= spot.start and spot.end <= b
            if not any(s.start < a < s.end or s.start < b < s.end for s in others)
        ]
        less = [p for p in places if spot.start <= p[0] and p[1] <= spot.end] if shrinks else []
        moved = [  # "postpartum haemorrhage", of "haemorrhage of"
            (a, b)
            for a, b in places
            if (shrinks or " " in words) and " " in self.situation.text[a:b]
            if a < spot.start < b < spot.end or spot.start < a < spot.end < b  # of "diagnosed coeliac"
            if (self.situation.text[b : spot.end] or self.situation.text[spot.start : a]).strip().islower()
            if not any(s.meets(a, b) for s in others)
        ]
        fits = len(places) == 1 and (more or less or moved)
        return [f"{spot.number} = {quoted(self.situation.text[slice(*fits[0])])}"] if fits else None

    def ceded(self, made: list[str], words: str) -> list[str]:
        """The lines where a mention takes words of the one before: "3 should begin with 5 mg"."""
        joined = re.fullmatch(r"merge (\d+) (\d+)", "; ".join(made))
        pair = [s for n in joined.groups() if (s := self.situation.spot(int(n)))] if joined else []
        left = pair[0].surface[: -len(words)].rstrip() if len(pair) == 2 else ""
        if not left or squeezed(pair[0].surface) != squeezed(f"{left} {words}"):
            return made
        taken = self.situation.text[pair[0].end - len(words) : pair[1].end]
        return [f"{pair[0].number} = {quoted(left)}", f"{pair[1].number} = {quoted(taken)}"]
