"""What the clauses of a message do to what they name: labels, edges, joins and divisions as lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.bounds import Joining
from hybrid_ner.review.chat.listed import kind_of
from hybrid_ner.review.chat.losses import Piece, label_like, written
from hybrid_ner.review.chat.naming import POINTS, RE, Again, Text, Thing, Told
from hybrid_ner.review.chat.situation import Spot, quoted, spans_in, squeezed
from hybrid_ner.review.chat.words import regions
from hybrid_ner.review.store.labels import A_LABEL

_TITLED = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Dame|Sister)\.? [A-Z]")
"""A title before a name, which says that it is a person."""


class Making(Joining):
    """Makes the lines for what is named."""

    def before(self) -> Again | None:
        """What the line before did, so that "and so is PCR" can be said of it."""
        last = self.situation.last if self.situation.fresh else ""
        label = re.fullmatch(rf"(?:[\d -]+ is|add \".*\"(?: #\d+)?) ({A_LABEL})", last)
        verdict = re.fullmatch(r"(ok|no) [\d -]+", last)
        if label:
            return partial(self._labeled_so, label[1])
        return None if not verdict else self._accept if verdict[1] == "ok" else self._reject

    def _labeled_so(self, label: str, things: Sequence[Thing]) -> list[str] | None:
        return self.labeled(things, label)

    def _judge(self, verb: str, things: Sequence[Thing]) -> list[str] | None:
        spots = [each for each in things if isinstance(each, Spot)]
        return [f"{verb} {spot.number}" for spot in spots] if len(spots) == len(things) else None

    def _accept(self, things: Sequence[Thing]) -> list[str] | None:
        return self._judge("ok", things)

    def _reject(self, things: Sequence[Thing]) -> list[str] | None:
        return self._judge("no", things)

    def _deny(self, things: Sequence[Thing]) -> list[str] | None:
        return self._judge("deny", things)

    def likewise(self, told: Told) -> Told | None:
        """What was to be done as the clause behind it: "same for the other warfarin, this one is right"."""
        last = next((each for each in reversed(told.about) if isinstance(each, Spot)), None)
        sure = last and told.again == self._accept
        same = self.as_label(told.like, last.label, told) if last and sure else None
        return same if told.like else told

    def labeled(self, things: Sequence[Thing], label: str) -> list[str] | None:
        """Lines that give mentions a label and mark words with it: whole, where they take in a mention."""
        made: list[str] = []
        for each in things:
            if isinstance(each, Spot):
                made.append(f"{each.number} is {label}")
                continue
            for place in each.places:
                words = " ".join(self.situation.text[slice(*place)].split())
                touched = ((s, self.extent(s)) for s in self.situation.spots_at(*place) if s.open)
                over = [s for s, (a, b) in touched if a < place[1] and place[0] < b]
                if len(over) == 1 and kind_of(over[0].surface) and words.endswith(f" of {over[0].surface}"):
                    made.append(f"{over[0].number} is {label}")  # "the price of £342,500 is an amount"
                    continue
                grown = over[0] if len(over) == 1 and over[0] in self._inside(place) else None
                if over and grown is None:
                    return None
                alike = self.situation.places(words)
                nth = alike.index(place) + 1 if len(alike) > 1 and place in alike else 0
                if grown:  # "grandmother Maureen Finch", where it says "the grandmother, Maureen Finch"
                    words = re.sub(r"^[a-z][\w ]*, (?=[A-Z])", "", words)
                    made += [f"{grown.number} = {quoted(words)}", f"{grown.number} is {label}"]
                else:
                    made.append(f"add {quoted(words)} {f'#{nth} ' if nth else ''}{label}")
        return made

    def refusing(self, told: Told, *, alone: bool) -> Told | None:
        """A no to what is asked of the framed mention, of which nothing else is said: "hardly"."""
        focus = self.situation.focus
        self.own = self.own or self.refused
        if not self.refused or not focus or any(focus.number in spans_in(line) for line in told.lines):
            return told
        framed, others = self.situation.framed > 0, [each for each in told.recent if each != focus]
        sure = framed or (not others and (alone or told.about))
        return told.with_lines([f"no {focus.number}"], [focus], None) if sure else None

    def his_name(self, said: re.Match[str], told: Told) -> Told | None:
        found = self.named_whole(said["s"], "", told)
        return found or self._whole(self.things(said["s"], told, many=True), told)

    def nth_time(self, said: re.Match[str], told: Told) -> Told | None:
        """ "the second time simply Calder Bank", of mentions with the same words."""
        what = re.sub(r"(?i) (?:is )?(?:fine|right|ok)$", "", said["what"])
        nth = {"1st": 1, "2nd": 2, "3rd": 3}.get(low := said["nth"].lower(), w.ORDINALS.get(low, 0))
        last = next((e for e in told.about if isinstance(e, Spot)), self.situation.focus)
        alike = [s for s in self.situation.in_text if last and squeezed(s.surface) == squeezed(last.surface)]
        spot = next(iter(alike[nth - 1 : nth] if nth > 0 else alike[nth:][:1]), None)
        if spot is None:
            return None
        same = squeezed(spot.surface) == squeezed(what)
        lines = [f"ok {spot.number}"] if same else self.bounded(spot, what)
        return told.with_lines(lines, [spot], self._accept if same else None)

    def nor_is(self, said: re.Match[str], told: Told) -> Told | None:
        """ "Companies House is not", behind "It is a company"."""
        spots, last = self.spots(said["s"], told), next(iter(told.about), None)
        edge, word = re.fullmatch(r'\d+ = "(.*)"', "".join(told.lines[-1:])), squeezed(said["s"].strip('"'))
        if edge and isinstance(last, Spot) and word in squeezed(last.surface):
            return told if word not in squeezed(edge[1]) else None  # "paraprotein is, remains isn't"
        if not spots or not told.lines or not isinstance(last, Spot):
            return None
        if len(told.about) <= len(spots) and last in spots:
            return None
        gone = {f"ok {each.number}" for each in spots} if {*spots} < {*told.about} else ()
        told = replace(
            told, lines=tuple(x for x in told.lines if x not in gone)
        )  # "both fine, the second isn't"
        return told.with_lines(self._deny(spots), spots, self._deny)

    def need_not(self, said: re.Match[str], told: Told) -> Told | None:
        """ "you need not mark them anywhere"."""
        spots = self.spots(said["s"], told)
        if not spots or len({squeezed(each.surface) for each in spots}) > 1:
            return None
        gone = told.with_lines([f"no {each.number}" for each in spots], spots, self._reject)
        return self.everywhere(said, gone) if gone and said["far"] else gone

    def leave_so(self, said: re.Match[str], told: Told) -> Told | None:
        spots = self.spots(said["s"] or said["of"] or "it", told)
        if not spots or (said["it"] is not None and not told.lines):
            return None
        if said["alone"]:  # what is open is left to be decided
            return None if any(each.open for each in spots) else replace(told)
        return told.with_lines(self._accept(spots), spots, self._accept)

    def many_said(self, span: str) -> bool:
        """Whether several mentions are meant by their name: "both Patels"."""
        return re.match(r"(?i)(?:both|all|each|every)\b|\d+(?:,| and)", span) is not None

    def one_that(self, said: re.Match[str], told: Told) -> Told | None:
        """ "the section and the Act to be one reference, that is “section 239 of the Insolvency Act”"."""
        named = {*re.findall(r"[^\W\d]{3,}", said["of"].lower())} - {"the", "and", "both", "two", "they"}
        if not named <= {*re.findall(r"\w+", said["s"].lower())} and not self.spots(said["of"], told):
            return None
        spots = self.spots(said["of"], told) or []
        found = self.named_whole(said["s"].strip('"'), "", told, of=spots if len(spots) > 1 else ())
        label = self.label(said["kind"] or "")
        first = min(spots, key=lambda s: s.start) if spots else None
        if found and label and first and first.label != label:
            return replace(found, lines=(*found.lines, f"{first.number} is {label}"))
        return found

    def less(self, said: re.Match[str], told: Told) -> Told | None:
        groups = said.groupdict()
        span = groups.get("s") or groups.get("at") or "it"
        words = groups["words"] or groups["less"]
        last = POINTS.fullmatch(span) and not told.about and self.last_done()  # "it still begins with cites"
        spots = (
            [s for s in last or () if self.edges([s], words, "off")]
            or self.spots(span, told)
            or self.holding(span)
            or [spot for spot in self._of_label(span) or () if self.edges([spot], words, "off")]
        )
        if spots and all(f"no {spot.number}" in told.lines for spot in spots):
            return replace(told)  # "the judge's name is Lindqvist, the title isn't part of it"
        if spots and self.cut_off(words):
            return told  # "only the £4,625, the plus is no part of it"
        several = self.many_said(span) or said.re is RE.LOSES or self.every
        found = self._edged(spots, words, "off", told) if len(spots) == 1 or several else None
        lacks = found is None and said.re is RE.LESS_THAN and re.search(r"(?i) (?:is|are) without ", said[0])
        return self._edged(spots, words, "lacks", told) if lacks and len(spots) == 1 else found

    def words_off(self, said: re.Match[str], told: Told) -> Told | None:
        """ "mild off": of the one mention that begins or ends with it."""
        words = re.escape(re.sub(r"(?i)^the ", "", said["words"]))
        spots = [s for s in self.situation.waiting if re.search(rf"(?i)^{words} | {words}$", s.surface)]
        return self._edged(spots, said["words"], "off", told) if len(spots) == 1 else None

    def lacks(self, said: re.Match[str], told: Told) -> Told | None:
        """ "7 and 8 need LLP and Ltd", each its own; "2 and 16 should each include the section"."""
        groups = said.groupdict()
        about = [each for each in told.about if isinstance(each, Spot)] if not said["s"] else []
        spots = about or self.spots(said["s"] or "it", told, many=True) or self.holding(said["s"])
        how = (groups.get("keep") or "lacks").lower()
        each = [part for part in re.split(RE.LISTS, said["words"]) if part]
        if spots and len(each) == len(spots) > 1:
            made = [self.edges([spot], words, how) for spot, words in zip(spots, each, strict=True)]
            if all(made):
                return told.with_lines([line for lines in made for line in lines or ()], spots, None)
        if not spots and (said["s"] or "").lower().startswith("the ") and not self.where(said["s"]):
            bare, marked = squeezed(said["s"])[4:], [s for s in self.situation.spots if not s.out]
            like = [s for s in marked if bare in squeezed(s.surface)]
            fit = [s for s in like or self.situation.waiting if self.edges([s], said["words"], how)]
            spots = fit if len(fit) == 1 else []  # "the address should go on to Thornbury"
        pair = self.spots(re.sub(r"(?i)^(?:its|the|his|her) ", "", said["words"]), told) or []
        if spots and len(spots) == 1 and pair and (one := self._joins([*spots, *pair])):
            one = self.ceded(one, said["words"])  # "hand-foot needs its syndrome"
            return told.with_lines(one, [*spots, *pair], self._join_again)
        if spots:
            return self._edged(spots, said["words"], how, told)
        alone = groups.get("keep") in ("keep", "retain", "have") and not re.search(r",| and ", said["words"])
        if said.re is RE.WITH and not spots:
            return replace(told, owed=len(told.lines) + 1)  # "with the year, please: join 11 and 12"
        things = self.things(said["s"], told) if alone else None
        return self._whole(things, told)  # "Dr Neil Farrow should keep his title"

    def belongs(self, said: re.Match[str], told: Told) -> Told | None:
        pair = [*(self.spots(said["s"], told) or ()), *(self.spots(said["words"], told) or ())]
        if len(pair) == 2 and (lines := self._joins(pair)):
            return told.with_lines(lines, pair, self._join_again)
        return self._edged(self.spots(said["s"], told), said["words"], "lacks", told)

    def gapped(self, said: re.Match[str], told: Told) -> Told | None:
        """ "the church its saint", behind "The date lacks its year"."""
        edged = any(re.match(r"\d+ = ", each) for each in told.lines[-1:])
        spots = self.spots(said["s"], told) if edged else None
        words, quote = said["words"].strip('"'), said["words"][0] == '"'
        if quote and (made := self._becomes(spots or (), words, shrinks=True)):
            return told.with_lines(made[1], [made[0]], None)
        return self._edged(spots, said["words"], "lacks", told)

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
        if told.loose and told.loose == told.about:
            return told  # "I also said Mrs Hughes further down"
        about = [each for each in told.about if isinstance(each, Spot)]
        words = {squeezed(each.surface) for each in about}
        others: list[Thing] = [
            s for s in self.situation.in_text if squeezed(s.surface) in words and s not in about
        ]
        if told.lines[-1:] and re.match(r"\d+ is |add ", told.lines[-1]):
            self.own, others = True, [*others, *self.everywhere_here(about)]
        if not others or (told.lines[-1:] and told.lines[-1].startswith("merge ")):
            return told if told.lines else None
        made = told.again(others) if told.again else None
        return told.with_lines(made, [*about, *others], told.again) if made else None

    def everywhere_here(self, things: Sequence[Thing]) -> list[Thing]:
        """The places of the words of mentions that no mention has: "every videolaryngoscope is a device"."""
        words = dict.fromkeys(squeezed(e.surface) for e in things if isinstance(e, Spot))
        places = {each: tuple(self.unmarked(each)) for each in words}
        return [Text(self.situation.text[slice(*at[0])], at) for at in places.values() if at]

    def same_label(self, said: re.Match[str], told: Told) -> Told | None:
        """ "Quill should be the same as Halloran": the label of the other."""
        like = self.spots(said["as"] or said["with"], told, many=True)
        like = like or self.holding(said["as"] or said["with"])
        labels = {spot.label for spot in like or ()}
        self.own = True
        return self.as_label(self.things(said["s"], told), labels.pop(), told) if len(labels) == 1 else None

    def both_are(self, said: re.Match[str], told: Told) -> Told | None:
        """ "lidocaine and adrenaline, both drugs": each of them, and not the words from one to the other."""
        label, parts = self.label(said["label"]), [part for part in re.split(RE.LISTS, said["s"]) if part]
        things = [self.thing(part, told) for part in parts]
        if not label or len(parts) < 2 or not all(things):
            return None
        return self.as_label([each for found in things for each in found or ()], label, told)

    def each_label(self, said: str, told: Told) -> Told | None:
        """ "condition and procedure", behind two missing things: a label for each."""
        labels = [self.label(part) for part in re.split(RE.LISTS, said) if part]
        if not all(labels) or not 1 < len(labels) == len(told.about):
            return None
        about, found = told.about, told
        for each, label in zip(about, labels, strict=True):
            found = self.as_label([each], label, found) or found
        return replace(found, about=about) if len(found.lines) >= len(told.lines) + len(labels) else None

    def begins(self, said: re.Match[str], told: Told) -> Told | None:
        """ "the very last sentence begins with "Abbott", who is a person"."""
        text, found = self.situation.text, []
        for start, end in regions(self.situation.text, said["unit"], said["nth"]):
            edge = 1 if said["end"] else 0
            at = (start, len(text[:end].rstrip(" \n.;:!?")))[edge]
            found += [p for p in self.where(said["s"]) if p[edge] == at]
        things = [self.at(place) for place in dict.fromkeys(found)]
        only = things[0] if len(things) == 1 else None
        if isinstance(only, Spot) and (made := self.bounded(only, said["s"].strip('"'))):
            told = told.with_lines(made, [only], None) or told  # "DS Halloran", of DS Halloran gave
        label = self.label(said["label"] or "")
        self.own = True
        if label or not things:
            return self.as_label(things, label, told) if label else None
        return replace(told, about=tuple(things))

    def one_whole(self, said: re.Match[str], told: Told) -> Told | None:
        """ "insulin glargine is one drug": its pieces are joined wherever it stands in pieces."""
        return self.named_whole(said["s"], said["label"] or "", told)

    def named_whole(self, said: str, kind: str, told: Told, *, of: Sequence[Spot] = ()) -> Told | None:
        label, places = self.label(kind), self.where(said)
        if len(kind.split()) > 2 and not label:
            return None
        spots = [s for s in self.situation.in_text if not s.out and (not of or s in of)]
        rows = [[s for s in spots if a <= s.start and s.end <= b] for a, b in places]
        pairs = [(row, place) for row, place in zip(rows, places, strict=True) if len(row) > 1]
        if not pairs and len(places) == 1 and len(rows[0]) == 1:
            return self._whole(self.things(said, told), told)  # "the Tax Court is one"
        rows = [row for row, _ in pairs]
        lines = [
            f"merge {' '.join(str(each.number) for each in row)}"
            if (row[0].start, row[-1].end) == (a, b)
            else f"{row[0].number} = {quoted(self.situation.text[a:b])}"
            for row, (a, b) in pairs
        ]
        lines += [f"{row[0].number} is {label}" for row in rows if label and row[0].label != label]
        return told.with_lines(lines, [row[0] for row in rows], None) if rows else None

    def split(self, said: re.Match[str], told: Told) -> Told | None:
        """ "number 3 needs splitting into two": at the one joining word that it has."""
        spots = self.spots(said["s"] or said["of"], told)
        joined = re.compile(r"\s*,\s*(?:and\s+)?|\s+(?:and|or|/|&|with)\s+(?:the\s+|an?\s+)?")
        joins = list(joined.finditer(spots[0].surface)) if spots else []
        first = f"{spots[0].number} = " if spots and POINTS.fullmatch(said["s"] or "") else "-"
        if any(line.startswith(first) for line in told.lines):
            return told  # "15 is three drugs, split it"
        count = re.search(r"(?i)\b(two|three|four|five)\b", said.group())
        if not spots or len(spots) != 1 or len(joins) != (w.NUMBERS[count[1].lower()] - 1 if count else 1):
            return None
        ends = [0, *(at for join in joins for at in join.span()), len(spots[0].surface)]
        pieces = [Piece(a, b, spots[0].label) for a, b in zip(ends[::2], ends[1::2], strict=True)]
        read = written(pieces, spots[0], self.situation)
        return told.with_lines(read.lines, spots, None) if read.lines else None

    def on_its_own(self, said: re.Match[str], told: Told) -> Told | None:
        """ "section 98 should be on its own and the act on its own": the pieces of one mention."""
        pairs = [(s, p) for s in self.situation.spots for p in self.where(said["one"])]
        spots = [s for s, (a, b) in pairs if (s.start == a) != (s.end == b) and s.start <= a and b <= s.end]
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
        spots = self.spots(said["s"] or "it", told) or self.holding(said["s"] or "it")
        if not spots or len(spots) != 1:
            return None
        starts = [a for a, _ in self.where(said["start"]) if a <= spots[0].end]
        starts = [spots[0].start] if said["start"] == "here" else starts
        ends = [b for _, b in self.where(said["end"]) if b >= spots[0].start]
        words = self.situation.text[starts[-1] : ends[0]] if starts and ends else ""
        made = self.bounded(spots[0], words) if words else None
        return told.with_lines(made, spots, None) if made else None

    def no_name(self, said: re.Match[str], told: Told) -> Told | None:
        spots = self.spots(said["s"], told)
        if self.cut_off(said["s"]):
            return told  # "Castleway alone is right, appealing is a verb"
        return told.with_lines(self._deny(spots), spots, None) if spots and len(spots) == 1 else None

    def why(self, said: re.Match[str], told: Told) -> Told | None:
        """ "it's the word may", behind what rejects it."""
        gone = told.lines[-1:] and re.match(r"(?:deny|no|ok) \d+$", told.lines[-1])
        words = said.groupdict().get("what") or re.sub(r"(?i)^\w+(?:'s| is| are|s)? ", "", said.group())
        focus = self.situation.focus
        first = focus is not None and not told.lines and not told.about
        if focus and first:
            told = replace(told, about=(focus,), told_of=(focus,))
        tells = told.lines[-1:] and " is " in told.lines[-1] and RE.COMES_FROM.match(words)
        self.own = self.own or bool(tells)
        if not (gone or first or tells) or self.label(words) or re.search(r"\d", words):
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
        self.own = self.own or any(isinstance(each, Text) for each in things)
        found = told.with_lines(self.labeled(things, label), things, partial(self._labeled_so, label))
        return replace(found, loose=loose) if found else None

    def lacking(self, said: re.Match[str], told: Told) -> Told | None:
        """Words that are missing, whose labels follow."""
        groups = said.groupdict()
        named = said["s"] or groups.get("what") or groups.get("told") or groups.get("un") or ""
        named += groups.get("at") or ""
        things = self.things(named, told, many=True)
        texts = [each for each in things or () if isinstance(each, Text)]
        if said.re is RE.COMES_AGAIN:
            places = self.unmarked(re.sub("(?i)^the ", "", named))
            texts = [each for each in map(self.at, places) if isinstance(each, Text)]
            things = list(texts) if len(texts) == 1 else None
        parts = [self.unmarked(part) for part in re.split(RE.LISTS, named) if part]
        if len(texts) < len(things or ("",)) and len(parts) > 1 and all(len(each) == 1 for each in parts):
            things = [Text(self.situation.text[slice(*p[0])], tuple(p)) for p in parts]  # "Mr Pole and Helen"
            texts = [each for each in things if isinstance(each, Text)]
        if things and len(texts) == len(things):  # where they stand alone, if they are marked elsewhere
            free = [Text(t.words, tuple(p for p in t.places if p in self.unmarked(t.words))) for t in texts]
            texts = [each for each in free if each.places]
            things = list(texts)
        if not things and said["s"] and re.fullmatch(r"(?:the )?[a-z]+(?: [a-z]+){0,2}", named):
            self.tells = named  # "You missed the bail date. 3 March at 10:00, Time."
            return replace(told)
        if not things or len(texts) != len(things):
            return None
        self.missed = True
        return replace(told, about=tuple(texts), loose=(*told.loose, *texts), listed=tuple(texts))

    def add(self, said: re.Match[str], told: Told) -> Told | None:
        groups = said.groupdict()
        kind = said["label"] or groups.get("kind") or ""
        label = self.label(kind)
        named = said["s"] or groups.get("it") or ""
        if kind and not label and said.re is RE.ADD:
            named, kind = f"{named} under {kind}", ""  # "mark simvastatin again under plan"
        spot = next((e for e in told.about if isinstance(e, Spot)), self.situation.focus)
        inside = (
            spot and not label and said.re is RE.GOES_IN and re.search(r"\b(?:be|come) in\b", said.group())
        )
        if spot and inside and (found := self._edged([spot], named, "lacks", told)):
            return found  # "the year ought to be in there too"
        things = self.things(named, told, many=self.many)
        texts = [each for each in things or () if isinstance(each, Text)]
        if not things or len(texts) != len(things) or (kind and not label):
            return None
        if label:
            return self.as_label(things, label, told)
        return replace(told, about=tuple(texts), loose=(*told.loose, *texts), listed=tuple(texts))

    def all_are(self, said: re.Match[str], told: Told) -> Told | None:
        label, loose = self.label(said["label"]), told.loose
        if "both" in said.group().lower() and len(loose) == 1:  # "asthma and restless legs"
            parts = [self.thing(part, told) for part in loose[0].words.split(" and ")]
            loose = tuple(each for one in parts for each in one or () if isinstance(each, Text))
            told = replace(told, loose=loose)
            if len(loose) != len(parts):
                return None
        about: Sequence[Thing] = loose or (told.told_of if len(told.told_of) > 1 else ())
        return self.as_label(about, label, told) if label and about else None

    def guessed(self, told: Told) -> Told:
        """Missing words with the label that they name ("Policy ENV7"), or that the same words have.

        A name also has the label of the mention that it ends: "Vance", of Peter Vance.
        """
        edged = {each.partition(" = ")[0] for each in told.lines}
        cut = [s for s in self.situation.spots if str(s.number) in edged]
        for text in told.loose:
            if any(s.start <= a and b <= s.end for s in cut for a, b in text.places):
                continue  # "1 is just Labrador, MN is his missing bits"
            first, last = (text.words.split()[at] for at in (0, -1))
            words, spots = squeezed(text.words), self.situation.spots
            like = [s for s in spots if f"{squeezed(s.surface)} ".startswith(f"{words} ")]
            ends = [s for s in spots if last[0].isupper() and not s.out and s.surface.split()[-1] == last]
            same = {s.label for s in like or ends}
            # "Bell", where it says Sister Bell
            named = self.situation.text[max(0, text.places[0][0] - 8) : text.places[0][1]]
            if not same and (_TITLED.match(text.words) or re.search(_TITLED.pattern + r"\S*$", named)):
                same = {self.label("person")} - {""}
            part = [s for s in spots if {first, last} & {*s.surface.split()} and self.label(first) == s.label]
            joined = [e.split()[1] for e in told.lines if e.startswith("merge ")]  # "and the same name below"
            whole = [s for s in spots if str(s.number) in joined and squeezed(s.surface) in words]
            same = same or {s.label for s in part or whole}  # or "six-minute walk test"
            same = same or {self.label(last) if " " in text.words else ""} - {""}
            same = same or {label_like(text.words, self.situation)} - {""}
            same = same or {self.kind} - {""}  # "yes, a drug, so is X, and you missed Y"
            if len(same) == 1:
                told = self.as_label([text], same.pop(), told) or told
        return told

    def others(self, told: Told) -> list[str]:
        """Lines for all that no clause is about: "and everything else is fine"."""
        done = {n for each in told.lines for n in spans_in(each)}
        left = [s for s in self.situation.offered if s.number not in done and s not in told.recent]
        return [f"{told.rest} {s.number}" for s in left if told.rest]

    def everywhere(self, said: re.Match[str], told: Told) -> Told | None:
        """ "and do that in the other documents too": the last lines for all documents."""
        spots = [each for each in told.about if isinstance(each, Spot)]
        alike = len({squeezed(each.surface) for each in spots}) == 1 < len(spots)
        if alike and all(re.match(r"(?:ok|no|deny) \d+$", e) for e in told.lines[-len(spots) :]):
            told = replace(told, lines=told.lines[: len(told.lines) - len(spots) + 1], about=(spots[0],))
            spots = spots[:1]
        last = told.lines[-1] if told.lines else ""
        if found := re.fullmatch(rf'(add) ("[^"]*") (?:#\d+ )?({A_LABEL})', last):
            line, self.own = f"add all {found[2]} {found[3]}", True
        elif len({squeezed(s.surface) for s in spots}) != 1:
            return None
        elif found := re.fullmatch(rf"(ok|no|deny) \d+|\d+ is ({A_LABEL})", last):
            verb, label = {"deny": "no", None: "relabel"}.get(found[1], found[1]), found[2]
            line = f"{verb} all {quoted(spots[0].surface)}{f' -> {label}' if label else ''}"
        else:
            return None
        return replace(told, lines=(*told.lines[: -max(1, len(spots))], line), told_of=())
