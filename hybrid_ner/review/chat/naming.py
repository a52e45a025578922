"""What the clauses of a message name: mentions by number, words, order or label, and words that are none."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from rapidfuzz.distance import OSA

from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.extents import regions, told_by
from hybrid_ner.review.chat.losses import kind_meant
from hybrid_ner.review.chat.situation import Situation, Spot, quoted, squeezed
from hybrid_ner.review.chat.words import is_english, is_known
from hybrid_ner.review.store.labels import label_words, plain_words
from hybrid_ner.text.patterns import Patterns

RE = Patterns(Path(__file__).with_name("orders.txt"))
"""The patterns of clauses and of what they name."""
_STEM = 4
"""Letters that words share, at least, where one is another form of the other."""
_SIGNED = re.compile(r"(?i)\b(?:regards|sincerely|faithfully|truly|wishes|signed)\W*$")
"""What stands before the name of who writes: "I'm right", of a letter."""
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

    def with_lines(
        self, lines: Sequence[str] | None, things: Sequence[Thing], again: Again | None
    ) -> Told | None:
        if lines is None:
            return None
        recent = (*(each for each in self.recent if each not in things), *things)
        return replace(
            self, lines=(*self.lines, *lines), about=tuple(things), again=again or self.again, recent=recent
        )


NUMBERS = re.compile(
    r"(?i)(?:numbers?|nos|nos?\.|nr\.?|mentions?|spans?|#)?\s*(?P<n>#?\d{1,3}(?:th)?(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*|\s+)#?\d{1,3})*)"
)
POINTS = re.compile(
    r"(?i)it|this|that|this one|that one|he|she|him|her|they|them|those|these|both"
    r"|(?:those|these|the) two|all (?:three|four|of them)"
    r"|(?:his|her|its|their|the) (?:full |whole |proper |correct |right |real |complete )?(?:name|figure|sum)"
)


class Naming:
    """Tells what a clause names in a document."""

    def __init__(self, situation: Situation, *, many: bool = False) -> None:
        self.situation, self.many = situation, many
        self.acts, self.own, self.missed, self.tells = 0, False, False, ""
        self.lines: tuple[str, ...] = ()
        self.agreed, self.refused, self.every = False, False, False

    def things(self, said: str, told: Told, *, many: bool = False) -> list[Thing] | None:
        """What a list names, in order; ``None`` where a part of it names nothing, or it is not clear what."""
        each_one = re.match(
            r"(?i)both (?!of\b).+ and ", said
        )  # "both fever and chills", which stand together
        whole = None if each_one else self.thing(said, told, many=many)
        row = whole and any(
            many or len([s for s in self.situation.spots if a <= s.start and s.end <= b]) > 1
            for each in whole
            if isinstance(each, Text)
            for a, b in each.places
        )
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

    def spots(self, said: str, told: Told, *, many: bool = False) -> list[Spot] | None:
        found = self.things(said, told, many=many)
        spots = [each for each in found or () if isinstance(each, Spot)]
        return spots if found and len(spots) == len(found) else None

    def thing(self, said: str, told: Told, *, many: bool = False) -> list[Thing] | None:
        said, many = said.strip(" ,"), many or self.every
        if POINTS.fullmatch(said):
            return self._pointed(said, told)
        every = re.match(r"(?i)(?:both|all|every|each)(?: of)?(?: the)? (?=\w)", said)
        if every and every[0][:4].lower() == "both" and (label := self.label(said[every.end() :])):
            two = [spot for spot in self.situation.waiting if spot.label == label]
            return list(two) if len(two) == 2 else None
        if every and not self.where(said):  # "every morning" may stand there
            said, many = said[every.end() :], True
        if ends := re.search(
            r"(?i)(?:,? (?:(?:on )?both (?:times|occasions)|twice|all of them|both|throughout|all|each))$",
            said,
        ):
            said, many, every = said[: ends.start()], True, ends
        said = re.sub(r"(?i)^(?:the|that|this|an?|another) (?=\S)", "", said)
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
            near = [s for s in self.situation.spots if year["s"] in s.surface.split()]
            near = [s for s in near if year["of"] in self.situation.text[s.start : s.end + 6]]
            return list(near) if len(near) == 1 else None
        alike = RE.NTH_ONE.fullmatch(said)
        if alike and not told.listed and (one := self._alike(alike, told)):
            return [one]
        if told.listed and (nth := w.ORDINALS.get(said.lower().removesuffix(" one"), 0)):
            return [told.listed[nth - 1]] if 0 < nth <= len(told.listed) else None
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
        last = told.about[-1] if told.about else self.situation.focus
        behind = [s for s in self.situation.in_text if isinstance(last, Spot) and s.start > last.start]
        return list(behind[:count]) if 0 < count <= len(behind) else None

    def _alike(self, said: re.Match[str], told: Told) -> Spot | None:
        """ "the last one", "the second one": of those with its words; "the oral one" by its neighbour."""
        last = told.about[0] if told.about else self.situation.focus
        same = [
            s
            for s in self.situation.in_text
            if isinstance(last, Spot) and squeezed(s.surface) == squeezed(last.surface)
        ]
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
        several = re.fullmatch(
            r"(?i)they|them|those|these|both|(?:those|these|the) two|all (?:three|four|of them)", said
        )
        focus = self.situation.focus
        if several:
            count = (
                2
                if re.search(r"(?i)two|both", said)
                else 3
                if "three" in said.lower()
                else 4
                if "four" in said.lower()
                else 0
            )
            one = told.about[0] if len(told.about) == 1 else None
            if isinstance(one, Spot) and not count and one.surface[-1:] == "s":
                return [one]  # "administrators": "you need not mark them"
            about = told.about if not count or len(told.about) == count else told.recent[-count:]
            return list(about) if len(about) > 1 and (not count or len(about) == count) else None
        if told.about:
            alike = {squeezed(e.surface) if isinstance(e, Spot) else e.words for e in told.about}
            return list(told.about) if len(alike) == 1 else None
        return [focus] if focus else None

    def _placed(self, said: str, told: Told) -> list[Thing] | None:
        """ "the second hydrocortisone", "hydrocortisone at the end", "vancomycin in the “resistant” bit"."""
        text, nth, places = self.situation.text, 0, []
        if by := RE.NEXT_TO_IT.fullmatch(said):
            known = label_words(self.situation.labels).get(plain_words(by["what"]), ((), False))[0]
            near = (
                self._pointed("it", told) if POINTS.fullmatch(by["s"]) else self._in_text(by["s"], many=False)
            )
            at = near[0].start if near and isinstance(near[0], Spot) else -1
            fits = sorted(
                (s for s in self.situation.in_text if s.label in known), key=lambda s: abs(s.start - at)
            )
            return [fits[0]] if fits and at >= 0 and abs(fits[0].start - at) < _FAR else None
        if inside := RE.IN_WORDS.fullmatch(said):
            around = self.where(inside["around"])
            words = re.sub(r"(?i)^(?:second|third|other|last|first) ", "", inside["s"])
            places = [p for p in self.where(words) if any(a <= p[0] and p[1] <= b for a, b in around)]
        elif part := RE.IN_PART.fullmatch(said):
            places = self._in_part(part)
        elif (tells := RE.WHO_DOES.fullmatch(said)) and len(found := self.where(tells["s"])) > 1:
            places = told_by(self.situation.text, found, tells["does"])
        elif side := RE.AT_END.search(said) or RE.AT_START.search(said):
            found, end = self.where(said[: side.start()]), side.re is RE.AT_END
            places = found[-1:] if end else found[:1]
            edge = re.split(r"(?<=[.!?])\s+(?=[A-Z])", text.strip())[-1 if end else 0]
            most = max(len(edge), len(text) // 3)  # "at the bottom", above "With kind regards"
            if places and (len(text) - places[0][0] if end else places[0][1]) > most:
                return None
        elif len(parts := said.split(" ", 1)) == 2:
            nth = 0 if parts[1].lower() in w.NUMBERS else w.ORDINALS.get(parts[0].lower(), 0)
            found = self.where(parts[1]) if nth else []
            kind = label_words(self.situation.labels).get(plain_words(parts[1]))
            if kind and parts[0].lower() == "other" and told.about and not found:
                rest = [s for s in self.situation.labeled(kind[0]) if s not in told.about]
                return [rest[0]] if len(rest) == 1 else None  # "the other date"
            if parts[0].lower() == "other" and not told.about:
                found = self.unmarked(parts[1])
                nth = 1 if len(found) == 1 else 0
            elif parts[0].lower() == "other":
                found = [
                    p
                    for p in self.where(parts[1])
                    if not any(isinstance(e, Spot) and e.start <= p[0] < e.end for e in told.about)
                ]
                nth = 1 if len(found) == 1 else 0
            places = found[nth - 1 : nth] if nth > 0 else found[nth:][:1] if nth else []
        return [self.at(places[0])] if len(places) == 1 else None

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
        spots = self.situation.spots
        return [p for p in self.where(words) if not any(s.start < p[1] and p[0] < s.end for s in spots)]

    def at(self, place: tuple[int, int]) -> Thing:
        """What stands at a place: the mention there, or words that are none."""
        each = ((s, self.extent(s)) for s in self.situation.spots)
        spots = [s for s, (start, end) in each if start <= place[0] and place[1] <= end]
        best = min(spots, key=lambda s: (not s.open, s.end - s.start), default=None)
        for name in {s.surface for s in self.situation.spots} if best is None else ():
            around = [p for p in self.situation.bare(name) if p[0] <= place[0] and place[1] <= p[1]]
            place = around[0] if around else place  # "the second Marsh", where it says Leon Marsh again
        return best or Text(" ".join(self.situation.text[slice(*place)].split()), (place,))

    def extent(self, spot: Spot) -> tuple[int, int]:
        """Where a mention begins and ends, cut as the message so far says: "4 is only enucleation, and …"."""
        edges = [re.match(rf'{spot.number} = "(.*)"', line) for line in self.lines]
        words = next((edge[1] for edge in edges if edge), spot.surface)
        at = spot.surface.find(words)
        return (spot.start + at, spot.start + at + len(words)) if at >= 0 else (spot.start, spot.end)

    def where(self, said: str) -> list[tuple[int, int]]:
        """Where words stand, whatever their apostrophes and hyphens, or with one slip each."""
        said = re.sub(r"(?i)\b(\d+)(?:k\b| grand\b)", r"\1,000", said.strip(" \"“”'‘’,.")).strip()
        said = RE.DAY_OF.sub(r"\1 \2", said)
        words = re.findall(r"[^\s,]+", said)
        if not words or not re.search(r"\w", said):
            return []
        for each in (words, [self._own(word, alone=len(words) == 1) for word in words]):
            pattern = r"[\s,-]+".join(
                "['’-]?".join(map(re.escape, re.sub("['’-]", "", word) or word)) for word in each
            )
            exact = rf"(?<![\w/])(?<!\d[.,]){pattern}(?![\w/]|[.,]\d)"
            short = len(said) < 4 and said.isupper()  # "MR" is no Mr
            for flags in (0 if short else re.IGNORECASE,):
                if found := [m.span() for m in re.finditer(exact, self.situation.text, flags)]:
                    return found
        return []

    def _own(self, word: str, *, alone: bool = True) -> str:
        """The one word of the document that a typed one is short for, or a slip of."""
        low, text = word.lower(), {*re.findall(r"[^\W\d_][\w'’-]+", self.situation.small)}
        if low in text or len(low) < 3 or not low.isalpha():
            return word
        begun = {each for each in text if each.startswith(low)}
        if not begun and len(low) > 3 and not (alone and is_english(low)):  # "dept"
            short = re.compile(".*".join(low))
            begun = {each for each in text if len(each) > len(low) + 2 and short.fullmatch(each)}
        near = {
            each for each in text if each[0] == low[0] and OSA.distance(each, low) <= max(1, len(each) // 7)
        }
        fits = (
            begun
            if len(low) > 2 and not (is_english(low) and (alone or len(low) < 4))
            else near
            if len(low) > 4 and not is_english(low)
            else set()
        )
        fits = fits or (near if len(low) > 4 and not is_english(low) else set())
        return fits.pop() if len(fits) == 1 else word

    def _in_text(self, said: str, *, many: bool) -> list[Thing] | None:
        places = self.where(said) or (self.where(said[:-1]) if many and said[-1:] == "s" else [])
        found = [self.at(place) for place in places]
        equal = [s for s in self.situation.in_text if (s.start, s.end) in places]
        # a part of a mention names it where it is one of its names: "Norland", and no "pain" of a chest pain
        named = [
            e
            for e, (a, _) in zip(found, places, strict=True)
            if isinstance(e, Spot) and not self.situation.text[a].islower()
        ]
        spots = equal or list(dict.fromkeys(each for each in named if isinstance(each, Spot)))
        if len({s.surface for s in spots}) > 1:  # "Joanne" is "Joanne Pryce", and no "Joanne Pryce called"
            spots = [s for s in spots if not any(s.surface.startswith(f"{each.surface} ") for each in spots)]
        if len(spots) > 1 and not many:
            spots = [s for s in spots if s.open] or spots
            if not equal and len(spots) > 1:
                return None
        if spots:
            return list(spots)
        texts = [each for each in found if isinstance(each, Text)]
        figure = (
            re.search(r"(?<![\w.,])[$€£]?\d(?:[\d.,]*\d)?\s$", self.situation.text[: places[0][0]])
            if len(places) == 1 and texts
            else None
        )
        if figure and texts[0].words.isalpha():  # "the pounds" are those of the one sum
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
            several = known[1] or many
            looks = [s for s in spots if any(re.fullmatch(p, s.surface) for p, _ in kind_meant(words[-1]))]
            spots = tuple(looks) if len(looks) == 1 and not several else spots
            return list(spots) if spots and (several or len(spots) == 1) else None
        if len(words) > 1 and label_words(self.situation.labels).get((words[-1],)):
            known = label_words(self.situation.labels)[(words[-1],)]
            found = self._in_text(said.rsplit(" ", 1)[0], many=many or known[1])
            return (
                found if found and all(isinstance(e, Spot) and e.label in known[0] for e in found) else None
            )
        if words[1:] == ["name"]:
            words = [re.sub("['’]?s$", "", words[0])]  # "judges name"
        words = ["dr" if each == "doctor" else each for each in words]
        brief = words[0] if len(words) == 1 and words[0].isalpha() and 1 < len(words[0]) < 5 else ""
        if brief and not (is_known(brief) or is_english(brief) or self.situation.holds(brief)):
            letters = re.compile(rf"(?i){'[a-z]*'.join(brief)}[a-z]*")  # "vanc" for vancomycin
            alike = [s for s in self.situation.waiting if letters.fullmatch(s.surface)]
            return list(alike) if len(alike) == 1 else None
        having = [
            s for s in self.situation.in_text if {*words} <= {*re.findall(r"[\w'’-]+", s.surface.lower())}
        ]
        having = having if len(having) == 1 else [s for s in having if s.open]
        names = words and re.search(rf"(?<!\w){words[0].capitalize()}", having[0].surface) if having else None
        sure = names or len(words) > 1 or re.search(r"(?i)\bone$", said)
        return list(having) if words and len(having) == 1 and sure else None

    def label(self, said: str) -> str:
        """The one label that words mean; empty where they mean none, or several."""
        words = re.sub(
            r"(?i)^(?:an?|the|as|another|proper|also|all|both|really|each)\s+",
            "",
            RE.MARKED_AS.sub("", said.strip(" ,")),
        )
        words = re.sub(
            r"(?i)^(?:named|proper|real|actual|separate|public|private|government"
            r"|(?:bit|piece|kind|type|sort) of(?: an?)?)\s+",
            "",
            words,
        )
        known = label_words(self.situation.labels).get(plain_words(words), ((), False))[0]
        return known[0] if len(known) == 1 else ""

    def holding(self, said: str) -> list[Spot]:
        """The one open mention that has words, which gains or loses others: "daptomycin without both"."""
        words = squeezed(said).removeprefix("the ")
        having = [s for s in self.situation.waiting if f" {words} " in f" {squeezed(s.surface)} "]
        return having if len(having) == 1 else []

    def _of_label(self, said: str) -> list[Spot] | None:
        """The mentions of a label that is said in the singular, one of which is meant: "the amount"."""
        known = label_words(self.situation.labels).get(plain_words(re.sub(r"(?i)^the ", "", said)))
        return list(self.situation.labeled(known[0])) if known and not known[1] else None

    def bounded(self, spot: Spot, words: str, *, shrinks: bool = True) -> list[str] | None:
        """The line that gives a mention the words that it overlaps, more or fewer than it has."""
        places = [
            p
            for p in self.where(words)
            if p[0] < spot.end and spot.start < p[1] and p != (spot.start, spot.end)
        ]
        others = [s for s in self.situation.waiting if s != spot]
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
            if (shrinks or " " in words) and a < spot.start < b < spot.end and " " in self.situation.text[a:b]
            if self.situation.text[b : spot.end].strip().islower()
            if not any(a < s.end and s.start < b for s in others)
        ]
        fits = len(places) == 1 and (more or less or moved)
        return [f"{spot.number} = {quoted(self.situation.text[slice(*fits[0])])}"] if fits else None
