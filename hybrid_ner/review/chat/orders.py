"""Messages of several orders: each clause with its own mentions, words and label, no word left out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from hybrid_ner.review.chat.additions import as_added
from hybrid_ner.review.chat.clauses import better, denied_words, in_more_places, instead_of
from hybrid_ner.review.chat.extents import by_part
from hybrid_ner.review.chat.gains import kept_whole
from hybrid_ner.review.chat.making import Making
from hybrid_ner.review.chat.naming import NUMBERS, POINTS, RE, Text, Thing, Told, with_verdict
from hybrid_ner.review.chat.offers import in_plain, offered
from hybrid_ner.review.chat.reading import Reading, asked, named_spot, named_texts, settled, which_words
from hybrid_ner.review.chat.references import bared, read_words
from hybrid_ner.review.chat.short import plainer
from hybrid_ner.review.chat.situation import Situation, Spot, quoted, spans_in, squeezed
from hybrid_ner.review.chat.turns import labeled_too
from hybrid_ner.review.chat.words import sentences_of
from hybrid_ner.review.store.labels import A_LABEL, likeliest

_LONGEST_MESSAGE, _MOST_PIECES, _MOST_LABELS = 320, 14, 9


def orders(line: str, situation: Situation) -> Reading | None:
    """What a message asks for whose every clause is one of those that can be told apart for certain.

    "the redundancy one is a scheme, call it an org. Norland is right"; "7 and 8 need LLP and Ltd, and 7 is an
    org". A clause goes on with what the one before was about, or does the same with others.

    Returns:
        ``None`` where a single word is not accounted for, so that the line is read in other ways.
    """
    plain = _plainer(line.strip(), situation)
    bare = RE.EXCEPT_IN.sub("", re.sub(r'"[^"]*"', "", plain))
    if len(line) > _LONGEST_MESSAGE or RE.YES_AND_NO.fullmatch(line) or RE.DOUBTS.search(bare):
        return None
    if "?" in plain[:-1] or (plain.endswith("?") and not RE.POLITE.match(line)):
        return None
    reader = Orders(situation, many=RE.SEVERAL.search(plain) is not None)
    told: Told | None = Told(again=reader.before())
    reader.own = "?" in line.rstrip(" ?") or any(getattr(RE, name).match(line) for name in _FIRST)
    sentences = sentences_of(RE.TURNED.sub(r"\g<s> should ", plain.rstrip(" ?")))
    for at, sentence in enumerate(sentences):
        first = at == 0 or not (told and (told.lines or told.about or told.loose))
        told = reader.sentence(sentence, told, first=first) if told else None
    told = reader.likewise(told) if told else None
    told = reader.refusing(told, alone=len(sentences) == 1) if told and reader.paid(told) else None
    told = reader.guessed(told) if told else None
    named = {squeezed(e.surface if isinstance(e, Spot) else e.words) for e in told.recent} if told else ()
    several = len(named) > 1 and not RE.THINKS.search(line)
    if told is None or not (reader.acts > 1 or several or reader.own or told.loose):
        return None  # a single verdict is read in other ways
    lines = settled([*told.lines, *reader.others(told)], situation)
    if reader.tells and not (told.loose or told.lines):
        return None
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
    if len(told.loose) == 1 and not lines and (known := which_words(told.loose[0].words, line, situation)):
        return known
    if (loose := [*{e.words: 0 for e in told.loose}]) and not re.search(RE.LISTS, "\n".join(loose)):
        labels = likeliest(loose[0], situation.labels, {})[:_MOST_LABELS]
        ways = [(f"As {x}", "; ".join([*lines, *(f"add {quoted(w)} {x}" for w in loose)])) for x in labels]
        return asked(f"What {'is' if len(loose) == 1 else 'are'} {named_texts(loose)}?", *ways)
    done = [made for each in lines if (made := with_verdict(each, lines, situation))]
    if not done or told.loose:
        return None
    choice = (in_plain("; ".join(done)), "; ".join(done)) if RE.ONLY_THINKS.search(line) else None
    doubt = "You seem to be in doubt: shall I do that?"
    return asked(doubt, choice) if choice else Reading(tuple(done), writes=True)


def _plainer(line: str, situation: Situation) -> str:
    """A message in the words that clauses are made of: "it's" is "it is", and asides are gone."""
    plain = line if RE.YES.match(line) else RE.LED.sub("", line)
    plain = RE.ASKED_FOR.sub(r"\g<s>.", plain)
    for word in re.findall(r"\b([A-Za-z]{4,})s (?:not )?an? [a-z]", plain):
        if situation.holds(word.lower()) and not situation.holds(f"{word.lower()}s"):
            plain = plain.replace(f"{word}s ", f"{word} is ")  # "apixabans a drug"
    plain = RE.WHICH_FOLLOW.sub(" that", RE.ASIDE.sub("", RE.UNSURE_LABEL.sub("", plain)))
    plain = RE.WHICH_IT.sub(", it ", plain)
    supposed, focus = RE.SUPPOSED.search(plain), situation.focus
    if supposed and focus and Making(situation).label(supposed["label"]) == focus.label:
        plain = plain[: supposed.start()] + plain[supposed.end() :]
    return RE.rewritten("plainer", plain)


class Orders(Making):
    """Reads the clauses of a message."""

    def sentence(self, said: str, told: Told, *, first: bool) -> Told | None:
        """One sentence, at its commas and joining words; the longest clauses first."""
        yes = RE.YES.match(said) if first else None
        both = yes and not self.situation.framed and re.match(r"(?i)both\b", yes[0])
        if yes and not both and (not yes["as"] or self.label(yes["as"])):
            return self._agreed(yes, told)
        if first and (no := RE.REFUSED.match(said) or RE.NO.match(said)):
            if no.end() == len(said) or no.re is RE.REFUSED:
                self.refused = self.situation.asked or no.re is RE.REFUSED
                return self.sentence(said[no.end() :], told, first=False) if said[no.end() :] else told
            found = self.sentence(said[no.end() :], told, first=False)
            rest = said[no.end() :]
            if self.label(rest) or re.match(r"(?i)(?:that|it|this)(?:'s| is) (?:just|only|merely) ", rest):
                return None  # "no, court"; "nope, that's just the county": no edges
            focus, self.own = self.situation.focus, True
            if found and focus and focus in found.told_of:
                self.refused = not any(focus.number in spans_in(e) for e in found.lines)
                return found  # "No, that is a duration. …"
            return found if found and (focus is None or focus in found.recent) else None
        said = RE.REASON.sub("", said)
        if RE.IDLE_PART.fullmatch(said):
            return told
        masked = re.sub(r'"[^"]*"', lambda quote: "q" * len(quote.group()), said)
        cuts = [(0, 0), *(cut.span() for cut in _CLAUSE_CUT.finditer(masked)), (len(said), len(said))]
        return self._from(said, cuts, 0, told, {}) if len(cuts) <= _MOST_PIECES else None

    def _agreed(self, yes: re.Match[str], told: Told) -> Told | None:
        """A yes to what is asked of the framed mention, and what is said behind it."""
        focus, but = self.situation.spot(self.situation.framed), yes["but"]
        rest = yes.string[yes.end() :].strip(" ,")
        if not focus or self.label(rest) or (yes["as"] and self.label(yes["as"]) != focus.label):
            return None  # "yes, party" may be said of what was asked
        if re.match(r"(?i)both\b", yes[0]) and not rest:
            return None
        self.agreed = self.own = True
        self.kind = focus.label if yes["as"] else ""
        about = replace(told, about=(focus,), recent=(*told.recent, focus))
        only = self.sentence(rest, about, first=False) if but and rest else None
        if only and any(focus.number in spans_in(line) for line in only.lines):
            return only  # "yes but type 2"
        told = told.with_lines([f"ok {focus.number}"], [focus], self._accept) or told
        return self.sentence(rest, told, first=False) if rest else told

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
        said, self.lines = RE.LED.sub("", said.strip(" ,:.")), told.lines
        its = said[:4].lower() == "its " and (self.label(said[4:]) or self.where(said[4:]))
        said = f"it is {said[4:]}" if its else said
        if far := RE.EVERYWHERE.fullmatch(said):
            return self.everywhere(far, told)
        if far := RE.FAR_TOO.fullmatch(said):
            near = self.clause(far["near"], told)
            return self.everywhere(far, near) if near else None
        if again := RE.ALIKE_TOO.fullmatch(RE.TRAILING.sub("", said)):
            whole, self.every = self._read(said, told), True
            same = whole and (whole.lines, whole.loose, whole.like) == (told.lines, told.loose, told.like)
            whole = None if whole is not told and same else whole
            before = None if whole else self.clause(again["near"], told)
            self.every = False
            return whole or (self.alike(again, before) if before else None)
        return self._read(said, told)

    def _read(self, said: str, told: Told) -> Told | None:
        if RE.SEPARATE.fullmatch(said):
            return None  # which pieces these are is told elsewhere
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
        if RE.NEXT.fullmatch(forms[-1]) and not RE.TOO.search(said):
            return None  # "2 is wrong, next please" goes on
        return self._bare(forms[-1], told, too=len(forms) > 1)

    def ok(self, said: re.Match[str], told: Told) -> Told | None:
        listed = said["s"].lower() in ("all", "both") and len(told.told_of) > 1
        if listed and any(" is " in with_verdict(line, (), self.situation) for line in told.lines):
            return None  # "2, 4: all dates, all correct", of two persons
        kind, _, rest = said["s"].partition(", ")
        if said.re is RE.BOTH_ARE and rest and (label := self.label(kind)):
            return self.as_label(self.things(rest, told), label, told)  # "both are persons, 3 and 4"
        if said.re is RE.BOTH_ARE and told.about and (label := self.label(said["s"])):
            # "weight loss is there twice, both are signs": these, and not all that have the label
            both = [*dict.fromkeys((*told.about, *self.everywhere_here(told.about)))]
            return self.as_label(both, label, told) if len(both) > 1 else None
        spots = list(told.told_of) if listed else self.spots(said["s"], told) or self.by_head(said["s"])
        self.own = self.own or by_part(said["s"], spots)
        focus, (first, *more) = self.situation.focus, said["s"].split(", ")
        edge = self.bounded(focus, first) if focus and (more or said.re is RE.IS_SO) else None
        if edge and focus:
            return told.with_lines(None if more else edge, [focus], None)  # "Helen Marsh, Osei is right"
        if not spots and len(held := self.holding(said["s"])) == 1 and not self.label(said["s"]):
            spots, told = held, replace(told, owed=len(told.lines) + 1)  # "candidiasis yes but lose the for"
        return told.with_lines(self._accept(spots), spots, self._accept) if spots else None

    def out(self, said: re.Match[str], told: Told) -> Told | None:
        if part := self.part_in(said["s"], told):
            return part
        last = next((f"{e.number} = " for e in told.about if isinstance(e, Spot)), "-")
        if POINTS.fullmatch(said["s"]) and told.lines[-1:] and told.lines[-1].startswith(last):
            return told  # "the “of” has crept in, take that out"
        scraps = RE.SCRAPS_THE.match(said.group()) is not None  # "bin the ink", of black ink
        things = (self.by_head(said["s"]) if scraps else []) or self.things(said["s"], told)
        spots = [each for each in things or () if isinstance(each, Spot)]
        if things and not spots:
            return told  # what is no mention needs no rejecting
        plain = squeezed(said["s"]).strip('"').removeprefix("the ")
        cuts = any(re.search(rf"(?i)^{re.escape(plain)} | {re.escape(plain)}$", s.surface) for s in spots)
        if cuts and said.group().endswith(" come off"):
            return self._edged(spots, plain, "off", told)  # "although per week should come off"
        if not spots or len(spots) != len(things or ()) or (cuts and not scraps):
            return None  # "drop mild" may be said of a word
        self.own = self.own or by_part(said["s"], spots)
        return told.with_lines(self._reject(spots), spots, self._reject)

    def denied(self, said: re.Match[str], told: Told) -> Told | None:
        """ "20 isn't a date": it goes, unless it is said what it is."""
        spots, label = self.spots(said["s"], told) or self.by_head(said["s"]), self.label(said["label"])
        focus = self.situation.focus
        alone = focus is not None and not (spots or told.lines) and focus.label == label
        if focus and alone and said["s"].lower().startswith("an"):
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
        what = RE.TRAILING.sub("", RE.BUT_NOT.sub("", RE.WAS_MISSED.sub("", said["what"])))
        self.missed = self.missed or RE.WAS_MISSED.search(said["what"]) is not None
        if RE.APPROVED.fullmatch(what):  # "right", which may be a word of "right colon" too
            return told if self.agreed and POINTS.fullmatch(said["s"]) else None
        denied = RE.BUT_NOT.search(said["what"])
        self.own = self.own or denied is not None
        if label := self.label(what) if not denied or denied["what"] else "":
            things = self.things(said["s"], told, many=re.search(r"(?i)(?:s|people)$", what) is not None)
            more = None if things or not told.lines else self.things(said["s"], told, many=True)
            things = more if more and all(isinstance(e, Text) for e in more) else things
            things = things or list(self.by_head(said["s"]))
            if things and RE.EVERY_ONE.match(said["s"]):
                things, self.own = [*things, *self.everywhere_here(things)], True
            return self.as_label(things, label, told)
        spots = self.spots(said["s"], told, many=denied is not None) or self._of_label(said["s"])
        kind = denied["what"] if denied and re.fullmatch(r"(?i)an? [\w -]+", what) else None
        same = len({squeezed(s.surface) for s in spots or ()}) == 1
        if kind and spots and same and self.label(kind) == spots[0].label:
            return replace(told, about=tuple(spots), told_of=(*told.told_of, *spots), asks=spots[0])
        only = re.search(r"(?i)\b(?:just|only|simply|merely)\b", said.group())
        if "call" in said["be"]:
            what = re.sub(r"(?i)^an? ", "", what)
        made = self._becomes(
            spots or self.holding(said["s"]),
            what,
            shrinks=bool(only or said["be"] != "is" or NUMBERS.fullmatch(said["s"])),
        )
        if spots and same and len(spots) > 1 and (lines := self._edge_so(what, spots)):
            return told.with_lines(lines, spots, partial(self._edge_so, what))  # "4 and 13 should read …"
        says = re.search(r"call|should|must|ought|read", said["be"])
        self.own = self.own or bool(says or (made and not spots))
        if made is None and not spots and re.match(r"(?i)(?:the|its|his|her) ", said["s"]):
            made = self._becomes(self.situation.waiting, what, shrinks=False)  # "the council is …"
        pointed = POINTS.fullmatch(said["s"])
        if pointed and re.match(r"(?i)(?:his|her|their|my|our) ", what):
            return self.described(said, told)  # "she is his wife"
        if made is None and pointed:
            if told.lines[-1:] and re.match(rf'\d+ = ".*\b{re.escape(what)}\b', told.lines[-1], re.I):
                return told  # "9 is without its year, it is 2024"
            made = self._becomes(self.last_done(), what, shrinks=True)
            made = made or self._becomes(self.situation.waiting, what, shrinks=True)
        if made is None and spots and len(spots) == 1 and re.search(r"(?i)\bname\b", said["s"]):
            made = self._moved(spots[0], what)
        return told.with_lines(made[1], [made[0]], partial(self._edge_so, what)) if made else None

    def call(self, said: re.Match[str], told: Told) -> Told | None:
        if re.match(r"(?i)it\W", said["s"]):
            return None  # "make it section 34, one provision"
        label = self.label(RE.BUT_NOT.sub("", said["label"]))
        things = (self.things(said["s"], told) or self.holding(said["s"])) if label else None
        return self.as_label(things, label, told) if label else None

    def too(self, said: re.Match[str], told: Told) -> Told | None:
        """What is as the one before: "and so is PCR", "same for 14"."""
        if told.again is None and told.loose:
            things = self.things(said["s"], told)
            texts = tuple(each for each in things or () if isinstance(each, Text))
            if texts and len(texts) == len(things or ()):
                return replace(told, about=texts, loose=(*told.loose, *texts))  # "missing, and so is …"
        if told.again is None and (found := self.about_only(said, told)):
            spots = tuple(each for each in found.about if isinstance(each, Spot))
            if len(spots) == len(found.about):
                return replace(found, told_of=(*found.told_of, *spots))
            return replace(told, like=found.about)  # "same for the other warfarin; this one is right"
        things = self.things(said["s"], told, many=self.many) if told.again else None
        last = next((each for each in reversed(told.about) if isinstance(each, Spot)), None)
        if last and things and told.again == self._accept and not any(isinstance(e, Spot) for e in things):
            return self.as_label(things, last.label, told)  # "yup, and so are ibrutinib and acalabrutinib"
        if things and tuple(things) == told.about and any(" = " in each for each in told.lines[-1:]):
            return None  # "the “on” is too much in 2, and so is “at Reading”"
        made = told.again(things) if told.again and things else None
        if made is None and told.again == self._accept and things and told.lines:
            last = next((each for each in reversed(told.about) if isinstance(each, Spot)), None)
            return self.as_label(things, last.label, told) if last else None  # "yup, and so is ibrutinib"
        return told.with_lines(made, things, told.again) if made and things else None

    def one_too(self, said: re.Match[str], told: Told) -> Told | None:
        """ "GDH is one too", of the label spoken of last."""
        if not told.lines:
            return None  # of what the same message says, and not the line before
        things = self.things(said["s"], told)
        last = next((each for each in reversed(told.about) if isinstance(each, Spot)), None)
        new = things is not None and all(isinstance(each, Text) for each in things)
        verdict = told.again in (self._accept, self._reject)
        same = [e for e in things or () if last and isinstance(e, Spot) and e.label == last.label]
        if verdict and told.again == self._accept and same and len(same) == len(things or ()):
            return told.with_lines(self._accept(same), same, self._accept)
        denied = any(e.startswith("deny ") for e in told.lines) and last not in (things or ())
        denied = denied and told.again in (self._deny, self._reject)  # "Y isn't an org so out, X is one"
        label = last.label if last and (denied or (new and told.again == self._accept)) else ""
        return self.as_label(things, label, told) if label else None if verdict else self.too(said, told)

    def new_words(self, said: re.Match[str], told: Told) -> Told | None:
        """ "4 hashimotos thyroiditis", "type 1 diabetes for 2"."""
        what = RE.MERE.sub("", said["what"])
        made = self._becomes(self.spots(said["s"], told) or (), what, shrinks=what != said["what"])
        return told.with_lines(made[1], [made[0]], None) if made else None

    def turns_to(self, said: re.Match[str], told: Told) -> Told | None:
        """ "make it primary hyperparathyroidism": the one mention that the words are more of."""
        if label := self.label(said["what"]):
            return self.as_label(self.things(said["s"] or "it", told), label, told)
        spots = self.spots(said["s"] or "it", told)
        made = self._becomes(spots or (), said["what"], shrinks=True)
        made = made or self._becomes(self.situation.waiting, said["what"], shrinks=False)
        return told.with_lines(made[1], [made[0]], None) if made else None

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
        texts = tuple(each for each in things or () if isinstance(each, Text))
        if texts and len(texts) == len(things or ()) and not self.label(said["what"]):
            return replace(told, about=texts, loose=(*told.loose, *texts))  # "… is our lead, add her"
        spots = self.spots(said["s"], told) or (self.holding(said["s"]) if said["s"].count(" ") > 1 else [])
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
        if found := self.each_label(said, told) or self.beside_told(said, told):
            return found
        if (told.told_of or "deny" in "".join(told.lines[-1:])) and RE.OUT_ONLY.fullmatch(said):
            return told.with_lines(self._reject(told.about), told.about, self._reject)
        if told.told_of and not set(told.about) - {*told.told_of} and RE.OK_ONLY.fullmatch(said):
            return told.with_lines(self._accept(told.about), told.about, self._accept)
        for size in (1, 2):
            label = self.label(" ".join(words[-size:])) if len(words) > size and not whole else ""
            named = re.sub(r"(?i)(?:,? (?:also|too|as|is|an?))+$", "", " ".join(words[:-size]))
            verb = re.fullmatch(r"(?i)(?:both|all|they|these|those)(?: is| are| were)?", named)
            things = self.things(named, told, many=words[-1].endswith("s")) if label and not verb else None
            if things and (found := self.as_label(things, label, told)):
                return found
        return self._named(said, self.things(said, told), told, too=too)

    def _named(self, said: str, things: list[Thing] | None, told: Told, *, too: bool) -> Told | None:
        """A clause that only names: as the last one, the words of a mention, or missing words."""
        things = things or ([*self.by_head(said)] if too else []) or None
        if things and NUMBERS.fullmatch(said) and not (told.lines or told.about) and len(things) > 1:
            spots = tuple(each for each in things if isinstance(each, Spot))
            return replace(told, about=spots, told_of=spots)  # "4, 12, 13. All offences, all correct."
        no_spots = all(isinstance(each, Text) for each in things or ())
        if things and self.missed and no_spots and told.again and (made := told.again(things)):
            return told.with_lines(made, things, told.again)
        if things and self.excepts and self.situation.focus in things and not told.lines:
            return told.with_lines(self._accept(things), things, self._accept)
        focus = self.situation.focus if things and not (too or told.lines) else None
        if focus and (edge := self._becomes([focus], said, shrinks=True)):
            self.own = self.own or " " in said
            return told.with_lines(edge[1], [focus], None)
        if things and too and told.again and (made := told.again(things)):
            # "dyspepsia too, and postoperative bleeding"
            self.missed = self.missed or told.again not in (self._accept, self._reject)
            self.own = self.own or no_spots
            return told.with_lines(made, things, told.again)
        if things and too and not told.lines and all(isinstance(e, Spot) for e in things):
            return told.with_lines(self._accept(things), things, self._accept)
        if things is None and self.agreed:
            things = self.things(said, told, many=True)
        joined = self.named_whole(said, "", told) if told.owed else None
        if found := joined or (self._whole(things, told) if things else None):
            return found
        if things and self.agreed and all(isinstance(each, Spot) for each in things):
            return told.with_lines(self._accept(things), things, self._accept)
        if things and (told.listed == () or told.loose) and all(isinstance(each, Text) for each in things):
            texts = [each for each in things if isinstance(each, Text)]
            return replace(told, about=tuple(texts), loose=(*told.loose, *texts))
        return None


_CLAUSE_CUT = re.compile(
    r"(?i)\s*[,:]\s+(?:(?:and|but|then)\s+)?|\s*,(?=[^\s\d])|\s+(?=so |it is an? )|\s+\+\s+"
    r"|\s+(?:and then|and|but|then|plus|while|whereas)\s+"
)
_CLAUSES = (
    ("SO_LABEL", Orders.call), ("SAME_LABEL", Orders.same_label), ("BEGINS", Orders.begins),
    ("ALL_OF_LABEL", Orders.both_are), ("COMES_AGAIN", Orders.lacking), ("INCLUDED", Orders.add),
    ("NOT_BUT", Orders.call), ("INSTEAD", Orders.instead), ("SWAP", Orders.instead),
    ("REST_AHEAD", Orders.rest), ("ADD_TO", Orders.lacks), ("GIVE", Orders.lacks),
    ("NUMBERED", Orders.new_words), ("FOR", Orders.new_words), ("NOT_A", Orders.not_a),
    ("NOT_IT", Orders.about_only), ("LIKE", Orders.about_only), ("REST_BEHIND", Orders.rest),
    ("OTHERS_NOT", Orders.others_not), ("SO_IS", Orders.too), ("AGAIN", Orders.too),
    ("EVERYWHERE", Orders.everywhere), ("WORDS_OFF", Orders.words_off), ("WITHOUT_IT", Orders.less),
    ("FROM_TO", Orders.from_to), ("THERE_IS", Orders.lacking), ("ON_ITS_OWN", Orders.on_its_own),
    ("WORDS_IN", Orders.lacks), ("ONE_WHOLE", Orders.one_whole), ("JOINED_UP", Orders.joined),
    ("JOINED_BEHIND", Orders.joined), ("MAKE_ONE", Orders.joined), ("SAME_IS", Orders.too),
    ("ONE_THAT", Orders.one_that), ("ALL_ONE", Orders.one_whole), ("WORD_BY", Orders.word_by),
    ("NAME_OF", Orders.name_of), ("HOW_READ", Orders.name_of), ("FOR_JUST", Orders.name_of),
    ("NTH_TIME", Orders.nth_time), ("BARE_OF", Orders.bare_of), ("LEAVE_SO", Orders.leave_so),
    ("STOPS", Orders.stops), ("ONLY_WANT", Orders.only_want), ("COMPLAINT", Orders.complaint),
    ("STANDS", Orders.stands), ("IS_CALLED", Orders.is_called), ("NEED_NOT", Orders.need_not),
    ("TAKE_IN", Orders.lacks), ("GOES_ON", Orders.lacks), ("BETWEEN", Orders.between),
    ("JOIN_THEM", Orders.join_them), ("ONE_AHEAD", Orders.one_whole), ("HIS_NAME", Orders.his_name),
    ("ALIKE", Orders.alike), ("CREPT", Orders.less), ("PUT_ON", Orders.lacks), ("IS_SO", Orders.ok),
    ("ARE_IN", Orders.ok),
    ("SPLIT_IN", Orders.split), ("LACKING_HERE", Orders.lacking), ("ALL_ARE", Orders.all_are),
    ("GOES_IN", Orders.add), ("ADD", Orders.add), ("NO_NAME", Orders.no_name), ("NOR_IS", Orders.nor_is),
    ("BOTH_ARE", Orders.ok), ("DENIED", Orders.denied), ("NO_PART", Orders.less),
    ("NOT_THERE", Orders.less), ("NOT_INCLUDE", Orders.less), ("SUPERFLUOUS", Orders.less),
    ("HAS_EXTRA", Orders.less), ("TAKE_OFF", Orders.less), ("LOSES", Orders.less),
    ("OFF_AGAIN", Orders.less), ("LESS_THAN", Orders.less), ("ONE_TOO", Orders.one_too),
    ("IS", Orders.is_what), ("CALL", Orders.call), ("TO_LABEL", Orders.call), ("OUT_MUST", Orders.out),
    ("TURNS_TO", Orders.turns_to), ("OK_BEHIND", Orders.ok), ("OK_AHEAD", Orders.ok),
    ("OUT_BEHIND", Orders.out), ("OUT_AHEAD", Orders.out), ("TAKE_AWAY", Orders.less),
    ("EXTEND", Orders.lacks),
    ("LACKS", Orders.lacks), ("BELONGS", Orders.belongs), ("GAPPED", Orders.gapped), ("WITH", Orders.lacks),
    ("WHY", Orders.why), ("REALLY", Orders.why), ("MERELY", Orders.merely), ("THAT_IS_OK", Orders.ok),
    ("THAT_IS", Orders.described), ("DESCRIBED", Orders.described),
)  # fmt: skip
"""Kinds of clauses, by the names of their patterns, in the order in which they are tried."""
_OWN = frozenset(
    ("NO_PART", "INSTEAD", "SWAP", "STOPS", "FOR", "OFF_AGAIN", "GOES_ON", "NOT_INCLUDE", "SUPERFLUOUS",
     "HAS_EXTRA", "EXTEND", "LACKS", "GOES_IN", "LACKING_HERE", "SPLIT_IN", "ONE_WHOLE", "ON_ITS_OWN",
     "JOINED_BEHIND", "JOIN_THEM", "ONE_AHEAD", "HIS_NAME", "ALIKE", "TAKE_OFF", "THERE_IS", "WITHOUT_IT",
     "MAKE_ONE", "ONE_THAT", "ALL_ONE", "WORD_BY", "NAME_OF", "HOW_READ", "FOR_JUST", "NTH_TIME", "BARE_OF",
     "LOSES", "LESS_THAN", "BOTH_ARE", "COMPLAINT", "TAKE_IN", "JOINED_UP", "FROM_TO", "CREPT", "PUT_ON",
     "TAKE_AWAY", "ARE_IN", "TO_LABEL")
)  # fmt: skip
"""Those that are read here also where they are all that is said."""
_FIRST = ("LISTED_ALL", "WHAT_ABOUT", "PROTESTS", "NOT_OTHER", "COMES_AGAIN", "EVERY_ONE", "WHERE_IS",
          "NTH_ALIKE", "GOES_WITH", "INSTEAD_OF", "EDGE_STILL")  # fmt: skip
"""Beginnings of messages that are understood here alone: "every X is", "what about X and Y? people"."""


def _disputed(told: Reading, found: Reading, line: str, situation: Situation) -> bool:
    """Whether the words that clauses give a mention may as well be none, so that what is understood stays.

    The line is nothing but a part of the mention, or says that somebody is one person; or what stands in
    brackets would become a part of it: "Jane Whitfield (the tenant) is a person".
    """
    edges = [each for each in map(re.compile(r'(\d+) = "(.*)"').fullmatch, told.lines) if each]
    if not found.question:
        return {*found.lines} < {*told.lines} and any("(" in edge[2] for edge in edges) and '"' not in line
    alone = len(edges) == len(told.lines) == 1 and squeezed(edges[0][2]) == squeezed(line.strip(" .!"))
    spot = situation.spot(int(edges[0][1])) if alone else None
    inside = spot is not None and squeezed(edges[0][2]) in squeezed(spot.surface)
    return inside or (bool(edges) and RE.ONE_PERSON.search(line) is not None)


def by_clauses(found: Reading | None, line: str, situation: Situation) -> Reading | None:
    """What was understood of a line, or what its clauses say where that is more (``better``)."""
    told = None if situation.part or RE.WONDERS.fullmatch(line) else orders(line, situation)
    told = told and labeled_too(told, read_words(bared(line, situation), situation), situation)
    asks = told is None and (found is None or found.question) and not situation.part
    if asks and (said := plainer(line, situation)) != line:
        told = orders(said, situation)
    if told is not None and found is not None and _disputed(told, found, line, situation):
        told = None
    first: object = any(getattr(RE, name).match(line) for name in _FIRST)
    year = RE.OF_YEAR.search(line)  # "the Act of 1986"
    first = first or (year and found and any(f'"{year["of"]}"' in each for each in found.lines))
    first = first or RE.EXCEPT_IN.search(line) or (told and found and instead_of(told, found, situation))
    first = first or (told and found and in_more_places(told, found, situation))
    first = first or (found and any(denied_words(each, line) for each in found.lines))
    first = first or ("?" in line and told and told.lines and found and not found.writes)  # "… It is."
    plain = [[squeezed(re.sub(r'(?<=") #\d+', "", e)) for e in x.lines] for x in (told, found) if x]
    first = first or (len(plain) == 2 and plain[0] == plain[1])  # "back pain in the last sentence is …"
    if found is not None and found.writes and told is None and RE.LISTED_ALL.match(line):
        found = offered(list(found.lines), None)
    only = found.lines[0] if found and len(found.lines) == 1 else ""
    exact = re.fullmatch(rf'add ("[^"]*\.") {A_LABEL}', only)
    if exact and exact[1] in line and told and len(told.lines) <= len(found.lines if found else ()):
        told = None  # 'add "Mehta J." as a judge', with its stop
    whole = better(told, found, line) or bool(told and first)
    return kept_whole(as_added(told if whole else found, line, situation), line, situation, whole=whole)
