"""Messages of several orders: each clause with its own mentions, words and label, no word left out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from hybrid_ner.review.chat.making import Making, kept_whole, settled
from hybrid_ner.review.chat.naming import NUMBERS, POINTS, RE, Text, Told
from hybrid_ner.review.chat.offers import in_plain
from hybrid_ner.review.chat.reading import Reading, asked, named_spot, named_texts
from hybrid_ner.review.chat.situation import (
    Situation,
    Spot,
    quoted,
    spans_in,
    squeezed,
)
from hybrid_ner.review.store.labels import likeliest

_LONGEST_MESSAGE, _MOST_PIECES, _MOST_LABELS = 320, 14, 9


def orders(line: str, situation: Situation) -> Reading | None:
    """What a message asks for whose every clause is one of those that can be told apart for certain.

    "the redundancy one is a scheme, call it an org. Norland is right"; "7 and 8 need LLP and Ltd, and 7 is an
    org". A clause goes on with what the one before was about, or does the same with others.

    Returns:
        ``None`` where a single word is not accounted for, so that the line is read in other ways.
    """
    plain = RE.UNSURE_LABEL.sub("", RE.LED.sub("", line.strip()))
    plain = RE.IS_SHORT.sub(r"\1 is ", plain)
    if len(line) > _LONGEST_MESSAGE or RE.DOUBTS.search(re.sub(r'"[^"]*"', "", plain)):
        return None
    if "?" in plain[:-1] or (plain.endswith("?") and not RE.POLITE.match(line)):
        return None
    reader = Orders(situation, many=RE.SEVERAL.search(plain) is not None)
    told: Told | None = Told(again=reader.before())
    sentences = _parted(RE.TURNED.sub(r"\g<s> should ", plain.rstrip(" ?")), situation)
    for at, sentence in enumerate(sentences):
        told = reader.sentence(sentence, told, first=at == 0) if told else None
    told = reader.guessed(told) if told else None
    named = {squeezed(e.surface if isinstance(e, Spot) else e.words) for e in told.recent} if told else ()
    several = len(named) > 1 and not RE.THINKS.search(line)
    if told is None or not (reader.acts > 1 or several or reader.own or told.loose):
        return None  # a single verdict is read in other ways
    lines = settled([*told.lines, *reader.others(told)], situation)
    if lines is None or not all(
        e == told.asks or any(e.number in spans_in(each) or quoted(e.surface) in each for each in lines)
        for e in told.told_of
    ):
        return None
    if told.asks and not any(told.asks.number in spans_in(each) for each in lines):
        n = told.asks.number
        ways = [(f"Reject {named_spot(told.asks)}", f"no {n}")]
        ways += [(f"{n} is {each}", f"{n} is {each}") for each in situation.labels if each != told.asks.label]
        return asked(
            f"What is {named_spot(told.asks)} then?",
            *((name, "; ".join([*lines, way])) for name, way in ways[:_MOST_LABELS]),
        )
    if (loose := [*{e.words: 0 for e in told.loose}]) and not re.search(RE.LISTS, "\n".join(loose)):
        labels = likeliest(loose[0], situation.labels, {})[:_MOST_LABELS]
        ways = [(f"As {x}", "; ".join([*lines, *(f"add {quoted(w)} {x}" for w in loose)])) for x in labels]
        return asked(f"What {'is' if len(loose) == 1 else 'are'} {named_texts(loose)}?", *ways)
    done = [made for each in lines if (made := _plain(each, lines, situation))]
    if not done or told.loose:
        return None
    choice = (in_plain("; ".join(done)), "; ".join(done)) if RE.ONLY_THINKS.search(line) else None
    doubt = "You seem to be in doubt: shall I do that?"
    return asked(doubt, choice) if choice else Reading(tuple(done), writes=True)


def _plain(line: str, lines: Sequence[str], situation: Situation) -> str:
    """A label that a mention has already as its verdict, and nothing beside its new edges."""
    number, _, label = line.partition(" is ")
    spot = situation.spot(int(number)) if label and number.isdecimal() else None
    if spot is None or spot.label != label:
        return line
    return "" if any(each.startswith(f"{number} = ") for each in lines) else f"ok {number}"


def _parted(line: str, situation: Situation) -> list[str]:
    """A message at its full stops, but for those in the document's own words."""
    parts, start = [], 0
    for cut in re.finditer(r"(?:[.;!]+|\s[-–—])(?=\s|$)\s*|\s*:\)\s*", line):
        ahead, then = line[start : cut.start() + 1], line[cut.end() :][:1]
        short = re.search(r"(?i)\b(?:mr|mrs|ms|dr|st|v)\.$", ahead) or (
            then.islower() and ahead.lower().endswith("ltd.")
        )
        number = then.isdecimal() and re.search(r"(?i)\S.*\bn[or]\.$", ahead)
        if (short and then.isalnum()) or number or line.count('"', 0, cut.start()) % 2:
            continue
        parts.append(line[start : cut.start()])
        start = cut.end()
    return [part for part in (each.strip(" ,.;!") for each in [*parts, line[start:]]) if part]


class Orders(Making):
    """Reads the clauses of a message."""

    def sentence(self, said: str, told: Told, *, first: bool) -> Told | None:
        """One sentence, at its commas and joining words; the longest clauses first."""
        if first and (yes := RE.YES.match(said)):
            rest = said[yes.end() :].strip(" ,")
            focus = self.situation.spot(self.situation.framed)
            if self.label(rest):
                return None  # "yes, party" may be said of what was asked
            if yes["but"] or not focus:
                return self.sentence(rest, told, first=False) if rest and focus else None
            told = told.with_lines([f"ok {focus.number}"], [focus], self._accept) or told
            return self.sentence(rest, told, first=False) if rest else told
        if first and (no := RE.NO.match(said)):
            if no.end() == len(said):
                return None if self.situation.asked else told
            found = self.sentence(said[no.end() :], told, first=False)
            focus = self.situation.focus
            return found if found and focus and focus in found.recent else None
        said = RE.REASON.sub("", said)
        if RE.IDLE_PART.fullmatch(said):
            return told
        masked = re.sub(r'"[^"]*"', lambda quote: "q" * len(quote.group()), said)
        cuts = [(0, 0), *(cut.span() for cut in _CLAUSE_CUT.finditer(masked)), (len(said), len(said))]
        return self._from(said, cuts, 0, told, {}) if len(cuts) <= _MOST_PIECES else None

    def _from(
        self,
        said: str,
        cuts: Sequence[tuple[int, int]],
        at: int,
        told: Told,
        tried: dict[tuple[int, Told], Told | None],
    ) -> Told | None:
        if at == len(cuts) - 1:
            return told
        for stop in range(len(cuts) - 1, at, -1):
            part = said[cuts[at][1] : cuts[stop][0]].strip()
            after = self.clause(part, told)
            found = self._from(said, cuts, stop, after, tried) if after else None
            if found is not None:
                self.acts += after is not told
                return found
        return None

    def clause(self, said: str, told: Told) -> Told | None:
        """What a clause adds to what was told; ``None`` where it cannot be read for certain."""
        said = RE.LED.sub("", said.strip(" ,:."))
        said = f"it is {said[4:]}" if said[:4].lower() == "its " and self.label(said[4:]) else said
        if far := RE.EVERYWHERE.fullmatch(said):
            return self.everywhere(far, told)
        if far := RE.FAR_TOO.fullmatch(said):
            near = self.clause(far["near"], told)
            return self.everywhere(far, near) if near else None
        if again := RE.ALIKE_TOO.fullmatch(RE.TRAILING.sub("", said)):
            whole = self._read(said, told)
            before = None if whole else self.clause(again["near"], told)
            return whole or (self.alike(again, before) if before else None)
        return self._read(said, told)

    def _read(self, said: str, told: Told) -> Told | None:
        if not said or RE.IDLE_PART.fullmatch(said):
            self.own = self.own or RE.MISSED_IT.search(said) is not None
            return told
        forms = [said]
        for pattern in (RE.TRAILING, RE.TOO, RE.TRAILING):
            if (shorter := pattern.sub("", forms[-1])) != forms[-1] and shorter:
                forms.append(shorter)
        for form in dict.fromkeys(reversed(forms)):
            for name, read in _CLAUSES:
                for match in filter(None, [getattr(RE, name).fullmatch(form)]):
                    if (found := read(self, match, told)) is not None:
                        self.own = self.own or name in _OWN
                        return found
        return self._bare(forms[-1], told, too=len(forms) > 1)

    def ok(self, said: re.Match[str], told: Told) -> Told | None:
        spots = self.spots(said["s"], told)
        return told.with_lines(self._accept(spots), spots, self._accept) if spots else None

    def out(self, said: re.Match[str], told: Told) -> Told | None:
        things = self.things(said["s"], told)
        spots = [each for each in things or () if isinstance(each, Spot)]
        if things and not spots:
            return told  # what is no mention needs no rejecting
        plain = squeezed(said["s"]).removeprefix("the ")
        cuts = any(re.search(rf"^{re.escape(plain)} | {re.escape(plain)}$", s.surface) for s in spots)
        if not spots or len(spots) != len(things or ()) or cuts:
            return None  # "drop mild" may be said of a word
        return told.with_lines(self._reject(spots), spots, self._reject)

    def denied(self, said: re.Match[str], told: Told) -> Told | None:
        """ "20 isn't a date": it goes, unless it is said what it is."""
        spots, label = self.spots(said["s"], told), self.label(said["label"])
        focus = self.situation.focus
        if (
            not spots
            and focus
            and not told.lines
            and focus.label == label
            and said["s"].lower().startswith("an")
        ):
            return replace(told, about=(focus,), told_of=(focus,))  # "an operation isn't a test, bin it"
        if not spots or not label or any(spot.label != label for spot in spots):
            return None
        return told.with_lines(self._deny(spots), spots, self._deny)

    def not_a(self, said: re.Match[str], told: Told) -> Told | None:
        label = self.label(said["label"])
        if any(isinstance(e, Spot) and squeezed(said["label"]) == squeezed(e.surface) for e in told.about):
            return told if told.lines and " = " in told.lines[-1] else None  # "…, not Gram stain alone"
        last = told.about[0] if len(told.about) == 1 else None
        if label and isinstance(last, Spot) and last in told.told_of and last.label == label:
            return replace(told, asks=last)  # "… is a wurble, not a drug": and what is that?
        if not label and told.lines[-1:] and told.lines[-1].startswith(("deny", "no ")):
            return told if len(said["label"].split()) < 3 else None  # "an auxiliary verb, not a month"
        given = [line for line in told.lines[-len(told.about) :] if " is " in line or line.startswith("add ")]
        return told if label and given and not any(line.endswith(f" {label}") for line in given) else None

    def is_what(self, said: re.Match[str], told: Told) -> Told | None:
        """ "X is a LABEL", or "X is WORDS" that it overlaps."""
        what = RE.BUT_NOT.sub("", said["what"])
        denied = RE.BUT_NOT.search(said["what"])
        self.own = self.own or denied is not None
        if label := self.label(what) if not denied or denied["what"] else "":
            things = self.things(said["s"], told, many=re.search(r"(?i)(?:s|people)$", what) is not None)
            return self.as_label(things, label, told)
        spots = self.spots(said["s"], told)
        spots = spots or self._of_label(said["s"])
        kind = denied["what"] if denied and re.fullmatch(r"(?i)an? [\w -]+", what) else None
        if kind and spots and len(spots) == 1 and self.label(kind) == spots[0].label:
            return replace(told, about=tuple(spots), told_of=(*told.told_of, *spots), asks=spots[0])
        only = (
            said["be"] != "is"
            or re.search(r"(?i)\b(?:just|only|simply|merely)\b", said.group())
            or NUMBERS.fullmatch(said["s"])
        )
        if "call" in said["be"]:
            what = re.sub(r"(?i)^an? ", "", what)
        made = self._becomes(spots or self.holding(said["s"]), what, shrinks=bool(only))
        self.own = self.own or "call" in said["be"] or bool(made and not spots)
        if made is None and not spots and re.match(r"(?i)(?:the|its|his|her) ", said["s"]):
            made = self._becomes(self.situation.waiting, what, shrinks=False)  # "the council is …"
        if made is None and POINTS.fullmatch(said["s"]):
            made = self._becomes(self.situation.waiting, what, shrinks=True)
        if made is None and spots and len(spots) == 1 and re.search(r"(?i)\bname\b", said["s"]):
            made = self._moved(spots[0], what)
        return told.with_lines(made[1], [made[0]], None) if made else None

    def call(self, said: re.Match[str], told: Told) -> Told | None:
        if re.match(r"(?i)it\W", said["s"]):
            return None  # "make it section 34, one provision"
        label = self.label(RE.BUT_NOT.sub("", said["label"]))
        return self.as_label(self.things(said["s"], told), label, told) if label else None

    def too(self, said: re.Match[str], told: Told) -> Told | None:
        """What is as the one before: "and so is PCR", "same for 14"."""
        if told.again is None and (found := self.about_only(said, told)):
            spots = tuple(each for each in found.about if isinstance(each, Spot))
            return (
                replace(found, told_of=(*found.told_of, *spots)) if len(spots) == len(found.about) else None
            )
        things = self.things(said["s"], told, many=self.many) if told.again else None
        made = told.again(things) if told.again and things else None
        return told.with_lines(made, things, told.again) if made and things else None

    def one_too(self, said: re.Match[str], told: Told) -> Told | None:
        """ "GDH is one too", of the label spoken of last."""
        if not told.lines:
            return None  # of what the same message says, and not the line before
        things = self.things(said["s"], told)
        last = next((each for each in reversed(told.about) if isinstance(each, Spot)), None)
        new = things is not None and all(isinstance(each, Text) for each in things)
        verdict = told.again in (self._accept, self._reject)
        label = last.label if last and new and told.again == self._accept else ""
        return self.as_label(things, label, told) if label else None if verdict else self.too(said, told)

    def lacking(self, said: re.Match[str], told: Told) -> Told | None:
        """Words that are missing, whose labels follow."""
        things = self.things(said["s"] or said["what"], told)
        texts = [each for each in things or () if isinstance(each, Text)]
        if not things or len(texts) != len(things):
            return None
        return replace(told, about=tuple(texts), loose=(*told.loose, *texts), listed=tuple(texts))

    def add(self, said: re.Match[str], told: Told) -> Told | None:
        label = self.label(said["label"] or "")
        things = self.things(said["s"], told, many=self.many)
        texts = [each for each in things or () if isinstance(each, Text)]
        if not things or len(texts) != len(things) or (said["label"] and not label):
            return None
        if label:
            return self.as_label(things, label, told)
        return replace(told, about=tuple(texts), loose=(*told.loose, *texts), listed=tuple(texts))

    def all_are(self, said: re.Match[str], told: Told) -> Told | None:
        label = self.label(said["label"])
        return self.as_label(told.loose, label, told) if label and told.loose else None

    def new_words(self, said: re.Match[str], told: Told) -> Told | None:
        """ "4 hashimotos thyroiditis", "type 1 diabetes for 2"."""
        made = self._becomes(self.spots(said["s"], told) or (), said["what"], shrinks=False)
        return told.with_lines(made[1], [made[0]], None) if made else None

    def turns_to(self, said: re.Match[str], told: Told) -> Told | None:
        """ "make it primary hyperparathyroidism": the one mention that the words are more of."""
        if label := self.label(said["what"]):
            return self.as_label(self.things(said["s"] or "it", told), label, told)
        spots = self.spots(said["s"] or "it", told)
        made = self._becomes(spots or (), said["what"], shrinks=True)
        made = made or self._becomes(self.situation.waiting, said["what"], shrinks=False)
        return told.with_lines(made[1], [made[0]], None) if made else None

    def less(self, said: re.Match[str], told: Told) -> Told | None:
        groups = said.groupdict()
        span = groups.get("s") or groups.get("at") or "it"
        words = groups["words"] or groups["less"]
        spots = (
            self.spots(span, told)
            or self.holding(span)
            or [spot for spot in self._of_label(span) or () if self.edges([spot], words, "off")]
        )
        if spots and all(f"no {spot.number}" in told.lines for spot in spots):
            return replace(told)  # "the judge's name is Lindqvist, the title isn't part of it"
        return self._edged(spots, words, "off", told) if len(spots) == 1 else None

    def words_off(self, said: re.Match[str], told: Told) -> Told | None:
        """ "mild off": of the one mention that begins or ends with it."""
        words = re.escape(re.sub(r"(?i)^the ", "", said["words"]))
        spots = [s for s in self.situation.waiting if re.search(rf"(?i)^{words} | {words}$", s.surface)]
        return self._edged(spots, said["words"], "off", told) if len(spots) == 1 else None

    def lacks(self, said: re.Match[str], told: Told) -> Told | None:
        """ "7 and 8 need LLP and Ltd", each its own; "2 and 16 should each include the section"."""
        groups = said.groupdict()
        about = [each for each in told.about if isinstance(each, Spot)] if not said["s"] else []
        spots, how = (
            about or self.spots(said["s"] or "it", told, many=True) or self.holding(said["s"]),
            (groups.get("keep") or "lacks").lower(),
        )
        each = [part for part in re.split(RE.LISTS, said["words"]) if part]
        if spots and len(each) == len(spots) > 1:
            made = [self.edges([spot], words, how) for spot, words in zip(spots, each, strict=True)]
            if all(made):
                return told.with_lines([line for lines in made for line in lines or ()], spots, None)
        if spots:
            return self._edged(spots, said["words"], how, told)
        alone = groups.get("keep") in ("keep", "retain", "have") and not re.search(r",| and ", said["words"])
        things = self.things(said["s"], told) if alone else None
        return self._whole(things, told)  # "Dr Neil Farrow should keep his title"

    def belongs(self, said: re.Match[str], told: Told) -> Told | None:
        return self._edged(self.spots(said["s"], told), said["words"], "lacks", told)

    def gapped(self, said: re.Match[str], told: Told) -> Told | None:
        """ "the church its saint", behind "The date lacks its year"."""
        edged = any(re.match(r"\d+ = ", each) for each in told.lines[-1:])
        spots = self.spots(said["s"], told) if edged else None
        made = (
            self._becomes(spots or (), said["words"].strip('"'), shrinks=True)
            if said["words"][0] == '"'
            else None
        )
        if made:
            return told.with_lines(made[1], [made[0]], None)
        return self._edged(spots, said["words"], "lacks", told)

    def others_not(self, said: re.Match[str], told: Told) -> Told | None:
        return told if any(re.match(r"\d+ = ", each) for each in told.lines[-1:]) else None

    def about_only(self, said: re.Match[str], told: Told) -> Told | None:
        """ "not 11"; "like PCR": what only leads up to another clause."""
        if told.lines and said.re is RE.NOT_IT:
            return None  # "accept all the problems but not 5"
        things = self.things(said["s"], told)
        return replace(told, about=tuple(things), recent=(*told.recent, *things)) if things else None

    def described(self, said: re.Match[str], told: Told) -> Told | None:
        """ "Hallam Stokes is a firm": something told of a mention, about which another clause decides."""
        things = self.things(said["s"], told)
        if things and all(isinstance(each, Text) for each in things) and not self.label(said["what"]):
            texts = tuple(each for each in things if isinstance(each, Text))
            return replace(
                told, about=texts, loose=(*told.loose, *texts)
            )  # "Grace Nwosu is our lead, add her"
        spots = self.spots(said["s"], told)
        if not spots or len(spots) != 1 or self.label(said["what"]):
            return None
        return replace(told, about=tuple(spots), told_of=(*told.told_of, *spots))

    def rest(self, said: re.Match[str], told: Told) -> Told | None:
        return replace(told, rest="no" if said["no"] else "ok") if not told.rest else None

    def _bare(self, said: str, told: Told, *, too: bool) -> Told | None:
        """A clause without a verb: words and their label, what is as the last one, or new words."""
        words, whole = said.split(" "), bool(self.where(said))
        if label := self.label(said) if told.about and not whole and said[:4].lower() != "the " else "":
            return self.as_label(told.about, label, told)
        if told.told_of and RE.OUT_ONLY.fullmatch(said):
            return told.with_lines(self._reject(told.about), told.about, self._reject)
        for size in (1, 2):
            label = self.label(" ".join(words[-size:])) if len(words) > size and not whole else ""
            named = re.sub(r"(?i)(?:,? (?:also|too|as|is|an?))+$", "", " ".join(words[:-size]))
            things = self.things(named, told, many=words[-1].endswith("s")) if label else None
            if things and (found := self.as_label(things, label, told)):
                return found
        things = self.things(said, told)
        focus = self.situation.focus if things and not (too or told.lines) else None
        if focus and (made := self.bounded(focus, re.sub(r"(?i)^the ", "", said))):
            self.own = self.own or " " in said
            return told.with_lines(made, [focus], None)
        if things and too and told.again and (made := told.again(things)):
            return told.with_lines(made, things, told.again)
        if things and too and not told.lines and all(isinstance(e, Spot) for e in things):
            return told.with_lines(self._accept(things), things, self._accept)
        if things and (found := self._whole(things, told)):
            return found
        if things and (told.listed == () or told.loose) and all(isinstance(each, Text) for each in things):
            texts = [each for each in things if isinstance(each, Text)]
            return replace(told, about=tuple(texts), loose=(*told.loose, *texts))
        return None


_CLAUSE_CUT = re.compile(
    r"(?i)\s*[,:]\s+(?:(?:and|but|then)\s+)?|\s*,(?=[^\s\d])|\s+(?=so )|\s+\+\s+"
    r"|\s+(?:and then|and|but|then|plus|while|whereas)\s+"
)
_CLAUSES = (
    ("NOT_BUT", Orders.call), ("REST_AHEAD", Orders.rest), ("ADD_TO", Orders.lacks),
    ("GIVE", Orders.lacks), ("NUMBERED", Orders.new_words), ("FOR", Orders.new_words),
    ("NOT_A", Orders.not_a), ("NOT_IT", Orders.about_only), ("LIKE", Orders.about_only),
    ("REST_BEHIND", Orders.rest), ("OTHERS_NOT", Orders.others_not), ("SO_IS", Orders.too),
    ("AGAIN", Orders.too), ("EVERYWHERE", Orders.everywhere), ("WORDS_OFF", Orders.words_off),
    ("WITHOUT_IT", Orders.less), ("FROM_TO", Orders.from_to), ("THERE_IS", Orders.lacking),
    ("ON_ITS_OWN", Orders.on_its_own), ("WORDS_IN", Orders.lacks), ("ONE_WHOLE", Orders.one_whole),
    ("JOINED_UP", Orders.joined), ("JOINED_BEHIND", Orders.joined),
    ("JOIN_THEM", Orders.join_them), ("ONE_AHEAD", Orders.one_whole), ("HIS_NAME", Orders.one_whole),
    ("ALIKE", Orders.alike), ("SPLIT_IN", Orders.split), ("LACKING_HERE", Orders.lacking),
    ("ALL_ARE", Orders.all_are), ("GOES_IN", Orders.add), ("ADD", Orders.add),
    ("NO_NAME", Orders.no_name), ("DENIED", Orders.denied), ("NO_PART", Orders.less),
    ("NOT_THERE", Orders.less),
    ("NOT_INCLUDE", Orders.less), ("SUPERFLUOUS", Orders.less), ("HAS_EXTRA", Orders.less),
    ("TAKE_OFF", Orders.less), ("OFF_AGAIN", Orders.less), ("LESS_THAN", Orders.less),
    ("ONE_TOO", Orders.one_too), ("IS", Orders.is_what), ("CALL", Orders.call),
    ("TURNS_TO", Orders.turns_to), ("OK_BEHIND", Orders.ok), ("OK_AHEAD", Orders.ok),
    ("OUT_BEHIND", Orders.out), ("OUT_MUST", Orders.out), ("OUT_AHEAD", Orders.out),
    ("EXTEND", Orders.lacks), ("LACKS", Orders.lacks), ("BELONGS", Orders.belongs),
    ("GAPPED", Orders.gapped), ("WITH", Orders.lacks), ("WHY", Orders.why), ("MERELY", Orders.merely),
    ("DESCRIBED", Orders.described),
)  # fmt: skip
"""Kinds of clauses, by the names of their patterns, in the order in which they are tried."""
_OWN = frozenset(
    ("NOT_INCLUDE", "SUPERFLUOUS", "HAS_EXTRA", "EXTEND", "LACKS", "GOES_IN", "LACKING_HERE", "SPLIT_IN",
     "ONE_WHOLE", "ON_ITS_OWN", "JOINED_BEHIND", "JOIN_THEM", "ONE_AHEAD", "HIS_NAME",
     "ALIKE", "TAKE_OFF", "THERE_IS", "WITHOUT_IT",)
)  # fmt: skip
"""Those that are read here also where they are all that is said."""


def longest(line: str, situation: Situation) -> str:
    """The longest line read in a situation so far: the one that was typed, where this is a part of it."""
    seen = situation.kept.setdefault("typed", {})
    seen["line"] = max(seen.get("line", ""), line, key=len)
    return str(seen["line"])


def by_clauses(found: Reading | None, line: str, situation: Situation) -> Reading | None:
    """What was understood of a line, or what its clauses say where that is more (``better``)."""
    told = None if situation.part else orders(line, situation)
    return kept_whole(told if better(told, found) else found, line, situation)


def better(told: Reading | None, found: Reading | None) -> bool:
    """Whether a message says what was read clause by clause rather than what was understood otherwise.

    Where that decides something too, only what leaves out a mention that a clause is about, or marks a part
    of words that a mention shall have ("…, so org, with the LLP").
    """
    if told is None or found is None or found.question or not found.lines:
        return told is not None and not (told.question and found and not found.question)
    edged = [{n for e in each.lines if " = " in e for n in spans_in(e)} for each in (told, found)]
    if edged[1] < edged[0] and all(
        any(n in spans_in(e) for e in told.lines) for e in found.lines for n in spans_in(e)
    ):
        return True  # "… is a person; the “of” is not part of her name"
    if any(" all " in line for line in told.lines) and not any(" all " in line for line in found.lines):
        return True  # "… in all letters, it is a bug"
    numbers = [{n for line in each.lines for n in spans_in(line)} for each in (told, found)]
    texts = [
        re.findall(r'"([^"]*)"', " ".join(line for line in each.lines if " " in line))
        for each in (told, found)
    ]
    added = [text for line in found.lines for text in re.findall(r'^add "([^"]*)"', line)]
    inside = [any(squeezed(text) in squeezed(other) for other in texts[0]) for text in added]
    if numbers[1] < numbers[0]:
        return all(inside)
    shorter = any(squeezed(text) not in map(squeezed, texts[0]) for text in added)
    units = numbers[0] or not any(re.search(r"\d", text) for text in added)  # "the pounds" of 1,120 pounds
    return bool(units) and numbers[1] == numbers[0] and shorter and all(inside)
