"""What the clauses of a message do to what they name: labels, edges, joins and divisions as lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from hybrid_ner.review.chat.gains import gain
from hybrid_ner.review.chat.losses import Piece, losses, written
from hybrid_ner.review.chat.naming import RE, Again, Naming, Text, Thing, Told
from hybrid_ner.review.chat.offers import offered
from hybrid_ner.review.chat.reading import Reading
from hybrid_ner.review.chat.situation import (
    Situation,
    Spot,
    numbers_in,
    numbers_said,
    quoted,
    spans_in,
    squeezed,
)

_NEXT_TO = 3
"""Characters between mentions that are joined, at most."""


class Making(Naming):
    """Makes the lines for what is named."""

    def before(self) -> Again | None:
        """What the line before did, so that "and so is PCR" can be said of it."""
        last = self.situation.last if self.situation.fresh else ""
        label = re.fullmatch(r"(?:[\d -]+ is|add \".*\"(?: #\d+)?) (\S+)", last)
        verdict = re.fullmatch(r"(ok|no) [\d -]+", last)
        if label:
            return partial(self._labeled_so, label[1])
        return None if not verdict else self._accept if verdict[1] == "ok" else self._reject

    def _labeled_so(self, label: str, things: Sequence[Thing]) -> list[str] | None:
        return self.labeled(things, label)

    def _accept(self, things: Sequence[Thing]) -> list[str] | None:
        return (
            [f"ok {e.number}" for e in things if isinstance(e, Spot)]
            if all(isinstance(e, Spot) for e in things)
            else None
        )

    def _reject(self, things: Sequence[Thing]) -> list[str] | None:
        return (
            [f"no {e.number}" for e in things if isinstance(e, Spot)]
            if all(isinstance(e, Spot) for e in things)
            else None
        )

    def _deny(self, things: Sequence[Thing]) -> list[str] | None:
        spots = [each for each in things if isinstance(each, Spot)]
        return [f"deny {spot.number}" for spot in spots] if len(spots) == len(things) else None

    def labeled(self, things: Sequence[Thing], label: str) -> list[str] | None:
        """Lines that give mentions a label and mark words with it: whole, where they take in a mention."""
        made: list[str] = []
        for each in things:
            if isinstance(each, Spot):
                made.append(f"{each.number} is {label}")
                continue
            for place in each.places:
                over = [s for s in self.situation.spots if s.open and s.start < place[1] and place[0] < s.end]
                grown = (
                    over[0]
                    if len(over) == 1 and place[0] <= over[0].start and over[0].end <= place[1]
                    else None
                )
                if over and grown is None:
                    return None
                nth = self.where(each.words).index(place) + 1 if len(self.where(each.words)) > 1 else 0
                made.append(
                    f"{grown.number} = {quoted(each.words)}"
                    if grown
                    else f"add {quoted(each.words)} {f'#{nth} ' if nth else ''}{label}"
                )
                made += [f"{grown.number} is {label}"] if grown else []
        return made

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
            if shrinks and a < spot.start < b < spot.end and " " in self.situation.text[a:b]
            if self.situation.text[b : spot.end].strip().islower()
            if not any(a < s.end and s.start < b for s in others)
        ]
        fits = len(places) == 1 and (more or less or moved)
        return [f"{spot.number} = {quoted(self.situation.text[slice(*fits[0])])}"] if fits else None

    def _becomes(self, spots: Sequence[Spot], what: str, *, shrinks: bool) -> tuple[Spot, list[str]] | None:
        """The one of several mentions that words are more of, or a part of, and its new edges."""
        words = re.sub(r"(?i)^(?:the (?:whole|full)(?: of| thing,?| phrase,?)? |in full )", "", what)
        forms = [words] if re.match(r"(?i)an? ", words) else [re.sub(r"(?i)^the ", "", words), words]
        for form in dict.fromkeys(forms):
            found = [(spot, made) for spot in spots if (made := self.bounded(spot, form, shrinks=shrinks))]
            if len(found) == 1:
                return found[0]
        return None

    def _moved(self, spot: Spot, what: str) -> tuple[Spot, list[str]] | None:
        """ "the judge's name is Lindqvist", where the title before it is marked: the name instead of it."""
        places = [p for p in self.where(what) if spot.beside(*p)]
        free = places and not any(
            s.start < places[0][1] and places[0][0] < s.end for s in self.situation.spots
        )
        if len(places) != 1 or not free:
            return None
        found = self.where(what)
        nth = f"#{found.index(places[0]) + 1} " if len(found) > 1 else ""
        text = quoted(self.situation.text[slice(*places[0])])
        return spot, [f"no {spot.number}", f"add {text} {nth}{spot.label}"]

    def edges(self, spots: Sequence[Spot], words: str, how: str) -> list[str] | None:
        """Lines that give words to each mention (``lacks``), or take them from it (``off``)."""
        made: list[str] = []
        for spot in spots:
            bare = re.sub(
                r"(?i)^(?:the |its |a )?(?:final |last )?(?:(?:word|verb|noun)s? (?=[\"“\w])|(?=[\"“]))",
                "",
                words,
            )
            if how == "off":
                verb = re.fullmatch(r"(?i)(?:the |its )?(?:final |last )?(?:verb|word)", words)
                last = spot.surface.rsplit(" ", 1)
                found = (
                    [f"{spot.number} = {quoted(last[0])}"]
                    if verb and len(last) == 2 and last[1].islower()
                    else None
                )
                found = found or losses(f"remove {bare} from {spot.number}", self.situation)
            else:
                front = {
                    "begin with": " at the front",
                    "start with": " at the front",
                    "end with": " at the end",
                }.get(how, "")
                whole = self._becomes([spot], bare, shrinks=False)
                got = None if whole else gain(f"{spot.number} lacks {bare}{front}", self.situation)
                found = whole[1] if whole else [got.line] if got and got.sure else None
                parts = [part for part in re.split(RE.LISTS, bare) if part]
                if not found and len(parts) > 1:
                    each = [self.edges([spot], part, how) for part in parts]
                    found = [line for lines in each for line in lines or ()] if all(each) else None
            if not found:
                return None
            made += [re.sub(r'= "[.,;:]\s*', '= "', each) for each in found]
        return made

    def _edged(self, spots: Sequence[Spot] | None, words: str, how: str, told: Told) -> Told | None:
        def again(others: Sequence[Thing]) -> list[str] | None:
            same = [each for each in others if isinstance(each, Spot)]
            return self.edges(same, words, how) if len(same) == len(others) else None

        return told.with_lines(self.edges(spots, words, how), spots, again) if spots else None

    def _whole(self, things: Sequence[Thing] | None, told: Told) -> Told | None:
        """Words that take in one mention each become it."""
        made, about = [], []
        rows = [(e, [p]) for e in things or () for p in (e.places if isinstance(e, Text) else ((0, 0),))]
        for each, places in rows:
            over = [s for s in self.situation.spots for a, b in places if a <= s.start and s.end <= b]
            touched = [
                s for s in self.situation.spots for a, b in places if a < s.end and s.start < b and s.open
            ]
            if not isinstance(each, Text) or len(over) != 1 or touched not in ([], over):
                return None
            made.append(f"{over[0].number} = {quoted(each.words)}")
            about += over
        return told.with_lines(made, about, self._whole_again) if made else None

    def _whole_again(self, things: Sequence[Thing]) -> list[str] | None:
        found = self._whole(things, Told())
        return list(found.lines) if found else None

    def _neighbours(self, said: str) -> list[Spot] | None:
        """The two mentions with such words that stand side by side: "chocolate and agar"."""
        words = [part for part in re.split(RE.LISTS, said) if part]
        places = self.where(" ".join(words)) if len(words) == 2 else []
        spots = [s for s in self.situation.spots if any(a <= s.start and s.end <= b for a, b in places)]
        return spots if len(places) == 1 and len(spots) == 2 else None

    def joined(self, said: re.Match[str], told: Told) -> Told | None:
        """Neighbours as one: "3 4 and 14 15" are two pairs."""
        spots = self._neighbours(said["s"]) or self.spots(said["s"], told) or []
        lines = self._joins(spots)
        return told.with_lines(lines, spots, self._join_again) if lines else None

    def _joins(self, spots: Sequence[Spot]) -> list[str] | None:
        rows: list[list[Spot]] = []
        for spot in sorted(spots, key=lambda each: each.start):
            if rows and 0 <= spot.start - rows[-1][-1].end <= _NEXT_TO:
                rows[-1].append(spot)
            else:
                rows.append([spot])
        if not rows or any(len(row) < 2 for row in rows):
            return None
        return [f"merge {' '.join(str(each.number) for each in row)}" for row in rows]

    def _join_again(self, things: Sequence[Thing]) -> list[str] | None:
        found = self._joins([each for each in things if isinstance(each, Spot)])
        return found if all(isinstance(each, Spot) for each in things) else None

    def join_them(self, said: re.Match[str], told: Told) -> Told | None:
        """ "put it together", of what was joined in the clause before; "Tom Ellis, put them together"."""
        if said["s"]:
            return self.named_whole(said["s"], "", told)
        if told.lines[-1:] and told.lines[-1].startswith("merge "):
            return told
        spots = [each for each in told.about if isinstance(each, Spot)]
        made = self._joins(spots)
        return told.with_lines(made, spots, self._join_again) if made else None

    def alike(self, said: re.Match[str], told: Told) -> Told | None:
        """ "both times", "further down": the same for all mentions that have the same words."""
        about = [each for each in told.about if isinstance(each, Spot)]
        words = {squeezed(each.surface) for each in about}
        others = [s for s in self.situation.in_text if squeezed(s.surface) in words and s not in about]
        if not others or (told.lines[-1:] and told.lines[-1].startswith("merge ")):
            return told if told.lines else None
        made = told.again(others) if told.again else None
        return told.with_lines(made, [*about, *others], told.again) if made else None

    def one_whole(self, said: re.Match[str], told: Told) -> Told | None:
        """ "insulin glargine is one drug": its pieces are joined wherever it stands in pieces."""
        return self.named_whole(said["s"], said["label"] or "", told)

    def named_whole(self, said: str, kind: str, told: Told) -> Told | None:
        label, places = self.label(kind), self.where(said)
        if len(kind.split()) > 2 and not label:
            return None
        rows = [
            [s for s in self.situation.in_text if s.open and a <= s.start and s.end <= b] for a, b in places
        ]
        rows = [row for row in rows if len(row) > 1]
        lines = [f"merge {' '.join(str(each.number) for each in row)}" for row in rows]
        lines += [f"{row[0].number} is {label}" for row in rows if label and row[0].label != label]
        return told.with_lines(lines, [row[0] for row in rows], None) if rows else None

    def split(self, said: re.Match[str], told: Told) -> Told | None:
        """ "number 3 needs splitting into two": at the one joining word that it has."""
        spots = self.spots(said["s"] or said["of"], told)
        joined = re.compile(r"\s*,\s*|\s+(?:and|or|/|&)\s+(?:the\s+)?")
        joins = list(joined.finditer(spots[0].surface)) if spots else []
        if not spots or len(spots) != 1 or len(joins) != 1:
            return None
        (start, end), size, label = joins[0].span(), len(spots[0].surface), spots[0].label
        read = written([Piece(0, start, label), Piece(end, size, label)], spots[0], self.situation)
        return told.with_lines(read.lines, spots, None) if read.lines else None

    def on_its_own(self, said: re.Match[str], told: Told) -> Told | None:
        """ "section 98 should be on its own and the act on its own": the pieces of one mention."""
        spots = [
            s for s in self.situation.spots for a, b in self.where(said["one"]) if s.start == a and b < s.end
        ]
        spots += [
            s for s in self.situation.spots for a, b in self.where(said["one"]) if s.end == b and s.start < a
        ]
        if len(spots) != 1:
            return None
        spot, (a, b) = spots[0], self.where(said["one"])[0]
        first = a == spot.start
        rest = spot.surface[b - spot.start :] if first else spot.surface[: a - spot.start]
        rest = re.sub(r"(?i)^(?:[\s,]|of\b|the\b|and\b)+|(?:[\s,]|\bof|\bthe|\band)+$", "", rest)
        at = spot.surface.rfind(rest) if first else spot.surface.find(rest)
        own = {*re.findall(r"\w+", re.sub(r"(?i)\bthe\b", "", said["other"] or "").lower())}
        if not own <= {*re.findall(r"\w+", rest.lower())}:
            return None
        pieces = [Piece(a - spot.start, b - spot.start, spot.label), Piece(at, at + len(rest), spot.label)]
        read = written(pieces, spot, self.situation)
        return told.with_lines(read.lines, [spot], None) if read.lines else None

    def from_to(self, said: re.Match[str], told: Told) -> Told | None:
        """ "so from section 98 to 1996": where the mention begins and ends."""
        spots = self.spots(said["s"] or "it", told)
        if not spots or len(spots) != 1:
            return None
        starts = [a for a, _ in self.where(said["start"]) if a <= spots[0].end]
        ends = [b for _, b in self.where(said["end"]) if b >= spots[0].start]
        words = self.situation.text[starts[-1] : ends[0]] if starts and ends else ""
        made = self.bounded(spots[0], words) if words else None
        return told.with_lines(made, spots, None) if made else None

    def no_name(self, said: re.Match[str], told: Told) -> Told | None:
        spots = self.spots(said["s"], told)
        return told.with_lines(self._deny(spots), spots, None) if spots and len(spots) == 1 else None

    def why(self, said: re.Match[str], told: Told) -> Told | None:
        """ "it's the word may", behind what rejects it."""
        gone = told.lines[-1:] and re.match(r"(?:deny|no) \d+$", told.lines[-1])
        words = re.sub(r"(?i)^\w+(?:'s| is| are|s)? ", "", said.group())
        focus = self.situation.focus
        first = focus is not None and not told.lines and not told.about
        if focus and first:
            told = replace(told, about=(focus,), told_of=(focus,))
        if not (gone or first) or self.label(words) or re.search(r"\d", words):
            return None
        spot = next((each for each in told.about if isinstance(each, Spot)), None)
        return told if spot and not self.bounded(spot, words) else None

    def merely(self, said: re.Match[str], told: Told) -> Told | None:
        """ "just a key for the cupboard", behind "isn't equipment"."""
        return self.why(said, told) if told.lines[-1:] and told.lines[-1].startswith("deny ") else None

    def as_label(self, things: Sequence[Thing] | None, label: str, told: Told) -> Told | None:
        if not things:
            return None
        loose = tuple(each for each in told.loose if each not in things)
        found = told.with_lines(self.labeled(things, label), things, partial(self._labeled_so, label))
        return replace(found, loose=loose) if found else None

    def guessed(self, told: Told) -> Told:
        """Missing words with the label that they name ("Policy ENV7"), or that the same words have."""
        for text in told.loose:
            first, last = (text.words.split()[at] for at in (0, -1))
            words = squeezed(text.words)
            same = {
                s.label for s in self.situation.spots if f"{squeezed(s.surface)} ".startswith(f"{words} ")
            }
            same = same or {
                s.label
                for s in self.situation.spots
                if {first, last} & {*s.surface.split()} and self.label(first) == s.label
            }
            if len(same) == 1:
                told = self.as_label([text], same.pop(), told) or told
        return told

    def others(self, told: Told) -> list[str]:
        """Lines for all that no clause is about: "and everything else is fine"."""
        done = {n for each in told.lines for n in spans_in(each)} | {
            e.number for e in told.recent if isinstance(e, Spot)
        }
        return (
            [f"{told.rest} {s.number}" for s in self.situation.offered if s.number not in done]
            if told.rest
            else []
        )

    def everywhere(self, said: re.Match[str], told: Told) -> Told | None:
        """ "and do that in the other documents too": the last lines for all documents."""
        spots = [each for each in told.about if isinstance(each, Spot)]
        last = told.lines[-1] if told.lines else ""
        if found := re.fullmatch(r'(add) ("[^"]*") (?:#\d+ )?(\S+)', last):
            line, self.own = f"add all {found[2]} {found[3]}", True
        elif len(spots) == 1 and (found := re.fullmatch(r"(ok|no|deny) \d+|\d+ is (\S+)", last)):
            verb = "no" if found[1] == "deny" else found[1]
            line = (
                f"{verb or 'relabel'} all {quoted(spots[0].surface)}{f' -> {found[2]}' if found[2] else ''}"
            )
        else:
            return None
        return replace(told, lines=(*told.lines[:-1], line), told_of=())


def settled(lines: Sequence[str], situation: Situation) -> list[str] | None:
    """Lines without those that others make needless; ``None`` where two say the opposite."""
    lines = list(dict.fromkeys(lines))
    bounded = {int(each.split()[0]) for each in lines if re.match(r"\d+ = ", each)}
    labeled = {int(each.split()[0]): each for each in lines if re.match(r"\d+ is ", each)}
    gone = {int(each.split()[1]) for each in lines if re.match(r"no \d", each)}
    kept = {int(each.split()[1]) for each in lines if re.match(r"ok \d", each)}
    if len(labeled) < sum(" is " in each and each[0].isdecimal() for each in lines) or gone & (
        kept | bounded | {*labeled}
    ):
        return None
    if kept & bounded & {*labeled}:
        return None  # "death wishes are a symptom, so 5 is right": longer words, and those of 5
    for n in bounded:
        edges = [each for each in lines if each.startswith(f"{n} = ")]
        if len(edges) > 1:
            if (both := _united([each.split(" ", 2)[2].strip('"') for each in edges], situation)) is None:
                return None
            lines = [each for each in lines if each not in edges[1:]]
            lines[lines.index(edges[0])] = f"{n} = {both}"
    made: list[str] = []
    for each in lines:
        verb, _, rest = each.partition(" ")
        if verb == "ok" and rest.isdecimal() and int(rest) in bounded | {*labeled}:
            continue
        if verb == "deny":
            if int(rest) in kept:
                return None
            each = f"no {rest}"
            if int(rest) in bounded | {*labeled} or each in lines:
                continue
        made.append(each)
    return _together(made)


def _united(texts: Sequence[str], situation: Situation) -> str | None:
    """The stretch of the document that edges moved in several steps take in; ``None`` where it is not one."""
    places = [situation.places(text) for text in texts]
    if any(len(each) != 1 for each in places):
        return None
    start, end = min(each[0][0] for each in places), max(each[0][1] for each in places)
    touch = max(each[0][0] for each in places) <= min(each[0][1] for each in places)
    return quoted(situation.text[start:end]) if touch else None


def _together(lines: Sequence[str]) -> list[str]:
    """Verdicts in a row as one line: ``ok 1 4 6``."""
    made: list[str] = []
    for each in lines:
        verb, _, rest = each.partition(" ")
        last = made[-1].partition(" ") if made else ("", "", "")
        if verb in ("ok", "no") and last[0] == verb and rest.isdecimal() and '"' not in last[2]:
            made[-1] = f"{verb} {numbers_said({*numbers_in(last[2]), int(rest)})}"
        else:
            made.append(each)
    return made


def swallowing(found: Reading | None, line: str, situation: Situation) -> str:
    """The edge of an accepted mention that is to take in another one by words that nobody has said.

    "calcium yes, PTH yes, … make it primary hyperparathyroidism", from the calcium on. Empty without one.
    """
    lines = found.lines if found and not found.question else ()
    for made in lines:
        edge = re.match(r'(\d+) = "(.*)"', made)
        spot = situation.spot(int(edge[1])) if edge else None
        if edge is None or spot is None or squeezed(edge[2]) in squeezed(line):
            continue
        accepted = any(spot.number in numbers_in(each) for each in lines if re.match(r"ok \d", each))
        for a, b in situation.places(edge[2]) if accepted else []:
            over = a < spot.end and spot.start < b
            if over and any(s != spot and a <= s.start and s.end <= b for s in situation.spots):
                return made
    return ""


_ARTICLE = re.compile(r"(\d+) = \"(the|an?) (.+)\"")


def _without_article(made: str, line: str, situation: Situation) -> str:
    """An edge without the article of the sentence: "the full name is the Technology Court"."""
    found = _ARTICLE.fullmatch(made)
    spot = situation.spot(int(found[1])) if found else None
    if not found or not spot or spot.surface.lower().startswith(f"{found[2]} "):
        return made
    said = rf"(?i)\b(?:is|are|called|named|say|read) {found[2]} {re.escape(found[3])}"
    inside = squeezed(spot.surface) in squeezed(found[3])
    return f"{found[1]} = {quoted(found[3])}" if inside and re.search(said, line) else made


def _repeated(found: Reading | None, line: str, situation: Situation) -> Reading | None:
    """The same, or a question where "both times" was said and one of them was left out."""
    only = found.lines[0] if found and len(found.lines) == 1 and not found.question else ""
    simple = re.fullmatch(r"(?:(ok|no) )?(\d+)( is \S+)?", only)
    spot = situation.spot(int(simple[2])) if simple and RE.ALIKE_IN.search(line) else None
    if simple is None or spot is None:
        return found
    alike = [s for s in situation.waiting if squeezed(s.surface) == squeezed(spot.surface) and s != spot]
    more = [f"{s.number}{simple[3]}" if simple[3] else f"{simple[1]} {s.number}" for s in alike]
    return offered([only, *more], None) if more else found


def kept_whole(found: Reading | None, line: str, situation: Situation) -> Reading | None:
    """The same, or the question without an edge by which a mention takes in another one unasked."""
    found = _repeated(found, line, situation)
    if found is not None and any(" = " in each for each in found.lines):
        lines = tuple(_without_article(each, line, situation) for each in found.lines)
        found = replace(found, lines=lines) if lines != tuple(found.lines) else found
    if found is not None and (edge := swallowing(found, line, situation)):
        return offered([each for each in found.lines if each != edge], None)
    return found
