"""Verdicts with their reasons: what is weighed in a line, and taken back in it, and what comes of it.

A line is taken sentence by sentence. What decides says so in the end ("port is what one drinks after dinner,
so no"), a sentence that neither names nor orders anything is a remark, and one that only agrees or denies is
about what was weighed before it ("well, we do tag symptoms. OK yes"). The whole is done only where every
sentence is accounted for; doubt, conditions and what others say leave it to the question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import partial

from hybrid_ner.review.chat.offers import in_plain, sensible
from hybrid_ner.review.chat.reading import Reading, asked, decided
from hybrid_ner.review.chat.references import read_words
from hybrid_ner.review.chat.sentences import of_those
from hybrid_ner.review.chat.situation import Situation, Spot, numbers_said, quoted, spans_in, squeezed
from hybrid_ner.review.chat.words import NUMBERS, in_sentence_of, sentences_of
from hybrid_ner.review.store.labels import label_words, labels_meant, plain_words
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)
_Understand = Callable[[str, Situation], Reading | None]


def others_of_label(line: str, situation: Situation) -> str:
    """A line with open mentions that it tells by their label, besides those it names, by their numbers.

    "accept the other dates"; "it is, and the three other amounts too". Where it counts others than there are,
    and where the text has these words, the line stays as it is.
    """
    found = _RE.OTHERS.search(line)
    if found is None or situation.holds(found[0].lower()) or _RE.SOME_OF.search(line[: found.start()]):
        return line
    meant, own = labels_meant(found["label"], situation.labels), found["label"].lower()
    besides, named = spans_in(situation.last) | {situation.waits}, {*situation.by_surface.get(own, ())}
    if named & besides or any(not s.open for s in situation.spots if s.number in named):
        numbers = [s.number for s in situation.offered if s.number in named - besides]
    else:
        besides |= {spot.number for spot in situation.spots if spot.surface.lower() in line.lower()}
        numbers = [s.number for s in situation.offered if (s.label,) == meant and s.number not in besides]
    said = (found["count"] or found["more"] or "").lower()
    count = NUMBERS.get(said) or int(said or 0)
    plural = bool(count) or bool(named) or found["label"].lower().endswith(("s", "people", "kin"))
    if not numbers or (count and count != len(numbers)) or (not plural and len(numbers) > 1):
        return line
    words = " ".join(map(str, numbers))
    behind = re.sub(r"^ (is|are)\b", " are" if len(numbers) > 1 else " is", line[found.end() :])
    return f"{line[: found.start()]}{words}{behind}"


def in_plain_words(line: str, situation: Situation) -> str:
    """A verdict or a label without the reason, contrast or second clause beside it, in plain words.

    "Okoro is fine in 14 and 21", where these are called so; a "part of the body", where a label is Body Part;
    "Mr Osei is a barrister", where the mention is "Osei"; "40 mg is the dose of pantoprazole"; "this is a
    symptom and not a trigger", where a trigger was accepted a moment ago and no other one is asked about;
    "everything after that is wrong" and "the last one wasn't", of what was decided a moment ago; "where is
    warfarin?".
    """
    line = line.replace("’", "'")
    for words in (plain_words(label) for label in situation.labels):
        if len(words) == 2:
            whose = r"(?:the |an? |his |her |our |my |your |their |this )?"
            said = rf"(?i)\b{words[1]}(s?) of {whose}{words[0]}\b"
            line = re.sub(said, rf"{words[0]} {words[1]}\1", line)
    if said_in := _RE.FINE_IN.match(line):
        numbers = {int(n) for n in re.findall(r"\d+", said_in["numbers"])}
        name = re.sub("^the ", "", squeezed(said_in["name"]))
        if all(spot and spot.has(name) for spot in map(situation.spot, numbers)):
            return f"{said_in['numbers']} {'are' if len(numbers) > 1 else 'is'} {said_in['how']}"
    for beside in (_RE.TITLE, _RE.OF_ANOTHER):
        if (found := beside.search(line)) and squeezed(found["name"]) in situation.by_surface:
            line = line[: found.start("out")] + line[found.end("out") :]
    if (turned := _RE.NOT_THAT.match(line)) and (last := _decided_last(situation)):
        meant, denied = (situation.labels_named(turned[each]) for each in ("label", "denied"))
        focus = situation.focus
        if meant and denied == (last.label,) and (focus is None or focus.label != last.label):
            line = f"{last.number} is {meant[0]}"
    kind = _RE.KIND_ALONE.match(line)
    if kind and label_words(situation.labels).get(plain_words(kind["kind"]), ((), False))[1]:
        line = kind["kind"]
    unasked = not (situation.fresh or situation.told)
    if unasked and not situation.waits and (agrees := _RE.YES_BESIDE.match(line)):
        line = line[agrees.end() :]  # which is said of nothing where nothing was asked
    bound = _RE.AROUND_THAT.match(line) if situation.fresh else None
    if bound and len(decided := spans_in(situation.last)) == 1:
        line = f"{bound['head']} {bound['side']} {min(decided)}{bound['rest']}"
    nth = _RE.NTH_DECIDED.match(line) if situation.fresh and situation.last.startswith("ok ") else None
    several, place = sorted(spans_in(situation.last)), _NTH[nth["nth"].lower()] if nth else 0
    if nth and 1 < len(several) > place:
        line = f"{several[place]} is wrong"  # of those that were just accepted
    where = _RE.WHERE_IS.fullmatch(line)
    if where and situation.holds(where["name"].lower()):
        line = f"where else does it say {where['name']}?"
    line = _RE.rewritten("reasons", line)
    return _RE.TOLD_BY.sub(partial(_nearest, situation=situation), line)


_NTH = {"first": 0, "second": 1, "third": 2, "last": -1}


def _decided_last(situation: Situation) -> Spot | None:
    """The one mention that the line before accepted."""
    said = re.fullmatch(r"ok (\d+)", situation.last) if situation.fresh else None
    return situation.spot(int(said[1])) if said else None


_ABOVE = ("above", "over", "higher than", "more than", "at least")


def _nearest(said: re.Match[str], situation: Situation) -> str:
    """The number of the one of several mentions of a name that stands nearest to words of its sentence."""
    numbers = situation.by_surface.get(squeezed(said["name"]), ())
    spots = situation.these(numbers)
    words = re.finditer(rf"(?i)(?<!\w){re.escape(said['near'])}(?!\w)", situation.text)
    places = [each.span() for each in words]
    near = in_sentence_of(situation.text, [(s.start, s.end) for s in spots], places)
    if len(spots) < 2 or len(places) != 1 or not near:
        return said.group()
    far = {abs(s.start - places[0][0]): s.number for s in spots if (s.start, s.end) in near}
    return str(far[min(far)])


def in_bounds(line: str, situation: Situation) -> str:
    """A line with the open mentions that it tells by where they begin and end by their numbers.

    "everything up to corneal oedema, apart from the eye"; "all the diseases from 8 to 12"; "everything below
    0.55". Where a bound or what is left out cannot be read, the line stays as it is.
    """
    last = max((spot.number for spot in situation.waiting), default=0)
    line = _RE.TO_THE_END.sub(rf"\g<all> from \g<from> to {last}", line)
    found = _RE.GROUP.match(line)
    if found is None or not (found["head"].strip() or _RE.JUDGES.search(found["rest"])):
        return line
    label = found["label"] or found["one"] or found["kind"]
    label = "" if label and _RE.MARKS.fullmatch(label) else label
    meant = labels_meant(label, situation.labels) if label else ()
    within = _within(found, situation)
    but = _RE.WITHOUT.match(found["rest"])
    rest = f"{but['before']}{but['after'] or ''}" if but else found["rest"]
    numbers = [s.number for s in situation.waiting if s.number in within and (not label or s.label in meant)]
    for each in re.split(r",? and |, | or ", but["out"]) if but else ():
        named = _in_group(each, numbers, situation)
        if not named:
            return line
        numbers = [n for n in numbers if n not in named]
    plain = not (label or but) and re.fullmatch(r"(?i)(?:[a-z]+ )+\d+(?: [a-z]+ \d+)?", found["bound"])
    if not numbers or len(meant) > 1 or plain or (found["both"] and len(numbers) != 2):
        return line
    said = re.sub(r"^,? ?(is|are)\b", " are" if len(numbers) > 1 else " is", rest)
    said = re.sub(r"^ (is|are)\b", r" \1 not", said) if found["none"] else said
    if found["none"] and not re.match(" (?:is|are) not", said):
        return line
    return f"{found['head']}{' '.join(map(str, numbers))}{said}"


def _within(found: re.Match[str], situation: Situation) -> set[int]:
    """The open mentions between the bounds that are said; none where one cannot be read."""
    every = {s.number: s for s in situation.waiting}
    if found["score"]:
        number, above = re.sub(r"[^\d.]", "", found["score"]), found["less"].lower() in _ABOVE
        least = float(number) if "." in number else int(number) / 100
        return {n for n, s in every.items() if (s.score > least if above else s.score < least)}
    if found["place"]:
        told = situation.places(re.sub(r"(?i)^the ", "", found["place"].strip()).lower())
        spans = [(s.start, s.end) for s in every.values()]
        near = [{*in_sentence_of(situation.text, spans, [each])} for each in told]
        alike = near and all(each == near[0] for each in near)
        return {n for n, s in every.items() if alike and (s.start, s.end) in near[0]}
    if found["side"]:
        ends = _ends(found["end"], situation)
        if len(ends) != 1:
            return set()
        side, end = found["side"].lower(), ends[0]
        if side in ("after", "behind"):
            return {n for n in every if n > end}
        return {n for n in every if n < end or (n == end and side != "before")}
    inside: set[int] = set()
    for each in _RE.EACH_RANGE.finditer(found["bound"]):
        pairs = [(a, b) for a in _ends(each["a"], situation) for b in _ends(each["b"], situation) if a < b]
        if len(pairs) != 1:
            return set()
        inside |= {n for n in every if pairs[0][0] <= n <= pairs[0][1]}
    return inside


def _ends(said: str, situation: Situation) -> list[int]:
    """The mentions that a bound can be: a number, or all words of a mention."""
    said = re.sub(r"(?i)^(?:(?:the|number|no\.) ?)+(?=[\w])", "", said.strip())
    if said.isdecimal():
        return [int(said)] if situation.spot(int(said)) else []
    spots = situation.these(situation.by_surface.get(squeezed(said), []))
    if not spots and len(said) > 3:  # "the mitral regurg", of one severe mitral regurgitation
        begun = re.compile(r"\b" + r"\w* ".join(map(re.escape, squeezed(said).split())))
        held = [spot for spot in situation.spots if begun.search(squeezed(spot.surface))]
        spots = held if len(held) == len(begun.findall(squeezed(situation.text))) else []
    typed = [spot for spot in spots if spot.surface == said]  # "ampicillin", and not Ampicillin
    return [spot.number for spot in (typed if len(typed) == 1 else spots)]


def _in_group(said: str, numbers: list[int], situation: Situation) -> set[int]:
    """Which of some mentions one is that is left out of them: by number, words, a word or label."""
    said = re.sub(r"(?i)^(?:and )?(?:(?:the|number|for|not) )+", "", said.strip(" ."))
    if named := {*_ends(said, situation)} & {*numbers}:
        return named
    spots = situation.these(numbers)
    held = {s.number for s in spots if s.has(said)}
    meant = labels_meant(said, situation.labels)
    labeled = {s.number for s in spots if (s.label,) == meant}
    return held if len(held) == 1 else labeled if len(labeled) == 1 or said.endswith("s") else set()


def about_these(line: str, situation: Situation) -> str:
    """A line that says of what it is: "yes, 7 and 8 are drugs"; "make that a judge instead of a lawyer".

    "Back, I clicked too fast" is about the last step.
    """
    if situation.fresh and (_RE.SLIPPED.match(line) or _RE.LAST_RIGHT.match(line)):
        return "undo"
    yes = _RE.YES_LABELED.match(line) if situation.asked else None
    if yes and labels_meant(yes["label"], situation.labels):
        return yes["rest"] if _named(yes["rest"], situation) else line
    said = _RE.INSTEAD.match(line)
    new, old = (labels_meant(said[each], situation.labels) if said else () for each in ("new", "old"))
    if said and len(new) == len(old) == 1:
        about = (situation.last_decided, situation.spot(situation.framed), situation.focus)
        spot = next((each for each in about if each and each.label == old[0]), None)
        if spot is None:  # nobody has that label: which one "that" is, is asked
            others = [each.number for each in situation.spots if each.label == old[0]]
            return f"maybe {others[0] if len(others) == 1 else 'this'} is {new[0]}"
        return f"{spot.number} is {new[0]}"
    return _of_its_words(line, situation)


def _of_its_words(line: str, situation: Situation) -> str:
    """With the mention that words around it, or a word of it, are: "visual acuity isn't an illness"."""
    if (said := _RE.DENIED.match(line)) and squeezed(said["what"]) not in situation.by_surface:
        places = situation.places(said["what"].lower())
        held = [s for s in situation.waiting if any(a <= s.start and s.end <= b for a, b in places)]
        if len(places) == len(held) == 1 and labels_meant(said["label"], situation.labels) == (
            held[0].label,
        ):
            return f"{held[0].number} is not a {said['label']}"
    if said := _RE.TITLE_OUT.match(line):
        out = squeezed(said["out"])
        ends = [
            s.number
            for s in situation.spots
            if squeezed(s.surface).startswith(f"{out} ") or squeezed(s.surface).endswith(f" {out}")
        ]
        return f'"{said["out"]}" should not be part of {ends[0]}' if len(ends) == 1 else line
    if (said := _RE.FORGOTTEN_BY.match(line)) and len(situation.places(said["what"].lower())) == 1:
        return f"{said['what']} {said['how']}"

    def in_quotes(found: re.Match[str]) -> str:
        return f'"{found[0]}"' if found[0] in situation.text else found[0]

    return _RE.CAPITALS.sub(in_quotes, line)


def of_a_part(found: Reading | None, line: str, situation: Situation) -> Reading | None:
    """A reading of what is said of a part of what is shown, which never offers to decide all of it."""
    every = {spot.number for spot in situation.offered}
    if found is None or len(every) < 3 or not _RE.PART.search(line):
        return found
    kinds = [every]
    if bounded := _RE.GROUP.match(line):  # "all the diseases after the fall", and not all the diseases
        if found.question and bounded["both"]:  # "both of the rooms after 3", of which there are five
            return asked(_WHICH_PART)
        said = bounded["label"] or bounded["kind"] or ""
        meant = labels_meant(said, situation.labels)
        kinds += [{s.number for s in situation.offered if (s.label,) == meant}] if meant else []

    def takes_all(run: str) -> bool:
        every_one = any(kind and kind <= spans_in(run) for kind in kinds)
        return every_one or bool(re.search(r"(?:^|; )(?:ok|no all)(?:;|$)", run))

    few = [choice for choice in found.choices if not takes_all(choice[1])]
    if found.question and len(few) == len(found.choices):
        return found
    if not found.question and not any(re.fullmatch("ok|no all", each) for each in found.lines):
        return found
    left = [choice for choice in few if choice[1] != "cancel"]
    return asked(found.question if left else _WHICH_PART, *left)


_WHICH_PART = "Which ones do you mean? Say them by number, like “3 to 7 are fine”."


def without_dropped(line: str) -> str:
    """A line without what is at once taken back in it: "heel without the left? no, leave it, 5 is fine"."""
    said = _RE.DROPPED.fullmatch(line)
    if said is None or not re.search(r"[^\W\d]", said["then"] + said["before"]):
        return line
    return f"{said['before']}{said['then'].lstrip(' ,.;!')}".strip()


def plainly(line: str, situation: Situation) -> str:
    """A line without what was taken back in it, and with its verdicts in plain words."""
    line = without_dropped(line)
    if (said := _RE.TURNED.search(line)) and (anew := _named(said["then"], situation)):
        kept = _kept_before(line, said.start(), anew, situation)
        line = kept.rstrip(", ") if kept and _RE.ONLY_NOT.fullmatch(said["then"]) else kept + said["then"]
    line = _RE.BEYOND.sub(lambda found: f"{found[0].split()[0]} right", _RE.ASIDE.sub("", line))
    line = _RE.STILL_FINE.sub(" is right", line)
    if (two := _RE.SECOND_TOO.search(line)) and two["name"].lower() in situation.by_surface:
        line = f"{line[: two.start()]}{two['head']}{two['name']} {line[two.end() :]}"
    return _RE.NO_IS.sub(lambda found: found[0] if _is_label(found["what"], situation) else found["no"], line)


def _kept_before(line: str, end: int, anew: Collection[int], situation: Situation) -> str:
    """What stands of a line that is taken back at a place: "1 ok, " of "1 ok, 2 no, wait, 2 is fine".

    Args:
        anew: The mentions that are decided anew behind it.
    """
    sentence = line.rfind(". ", 0, end) + 1
    for cut in reversed([*_RE.STEP.finditer(line, sentence, end)]):
        before = _named(line[sentence : cut.start()], situation)
        if before and not {*before} & {*anew} and {*_named(line[cut.end() : end], situation)} <= {*anew}:
            return f"{line[: cut.start()]}, "
    return line[:sentence]


def _is_label(said: str, situation: Situation) -> bool:
    head = re.sub(r"(?i)^(?:the|an?) | (?:of|for|in|on) .*$", "", said)
    return bool(labels_meant(head, situation.labels))


def _named(said: str, situation: Situation) -> list[int]:
    """The mentions that words name, and not only point at."""
    words = read_words(said, situation)
    items = words.named(words.text)
    named = {n for each in items if each.by not in _POINTING for n in each.numbers}
    texts = words.named(words.text, "TXT")
    places = [at for each in texts for at in situation.places(each.said)]  # "albumin in the urine"
    near = [(s, a, b) for a, b in places for s in situation.spots_at(a, b) if s.open]
    around = {s.number for s, a, b in near if a <= s.start and s.end <= b}
    within = {s.number for s, a, b in near if s.start <= a and b <= s.end}
    return sorted(named | (around or (within if len(within) == 1 else set())))


_POINTING = ("this", "that", "all", "rest", "label", "order")
"""How mentions are meant that are not named."""


class _Weighed:
    """What the sentences of a line decide, in turn."""

    def __init__(self, situation: Situation, understand: _Understand) -> None:
        self.situation, self.understand = situation, understand
        self.lines: list[str] = []
        self.about: set[int] = set()
        self.turned = False
        self.left: list[str] = []

    def take(self, said: str, *, first: bool) -> None:
        """One sentence: an answer, a verdict alone, a reason with a verdict, an order or a remark."""
        if first and self._answers(said):
            return
        for pattern, verb in ((_RE.ALONE_OK, "ok"), (_RE.ALONE_NO, "no")):
            if self.about and pattern.fullmatch(said):
                if self.turned:
                    self._decide([f"{verb} {numbers_said(self.about)}"], turns=True)
                    return
                if f"{verb} {numbers_said(self.about)}" in self.lines:
                    return
        if _RE.WELL.match(said) and not _named(said, self.situation):
            self.turned = True
            return
        if lines := self._told(said):
            self._decide(lines)
        elif not self._remarks(said):
            self.left.append(said)

    def _answers(self, said: str) -> bool:
        """A yes or a no to the question that stands, with a remark on why behind the no."""
        focus = self.situation.focus
        if focus is None or not (focus.open and self.situation.asked) or self.situation.waits:
            return False
        head, why = _RE.HEAD.fullmatch(said), _RE.NO_WHY.fullmatch(said)
        if head:
            self._decide([f"{'ok' if head['yes'] else 'no'} {focus.number}"])
            return True
        if why is None or not {*_named(why["why"], self.situation)} <= {focus.number}:
            return False
        parts = set(focus.surface.lower().split()) & set(re.findall(r"\w+", why["why"].lower()))
        if parts and focus.surface.lower() not in why["why"].lower():
            return False  # "no, she's drowsy", of "drowsy now": other words for it
        if re.search(_RE.source("ORDERS"), read_words(why["why"], self.situation).text):
            return False
        if re.search(r"(?i)\b(?:said|meant?|what|leave|so)\b", why["why"]):
            return False
        self._decide([f"no {focus.number}"])
        return True

    def _told(self, said: str) -> list[str]:
        """The lines of a sentence that decides."""
        said = re.sub(r"(?i)^(?:and|but|so|then|well|ok|okay)\b[ ,]*(?=\S+ \S)", "", said)
        if lines := self._by_reason(said):
            return lines
        if not re.search(r"(?:REF|TXT|LAB|NUM)\d", read_words(said, self.situation).text):
            return []  # "very well"
        named = bool(_named(said, self.situation))
        only = min(self.about) if len(self.about) == 1 and not named else self.situation.framed
        read = self.understand(said, replace(self.situation, framed=only))  # "…; accept it"
        read = of_those(said, read, self.about, named=named) or read
        return [*read.lines] if read and read.writes and read.lines and not read.question else []

    def _by_reason(self, said: str) -> list[str]:
        """ "Port is what one drinks after dinner, so no", "the bond, neither one thing nor the other"."""
        if found := _RE.NOT_WHOLE.match(said):
            whole = self.situation.by_surface.get(squeezed(found["whole"]), [])
            label = labels_meant(found["label"], self.situation.labels)
            spot = self.situation.spot(whole[0]) if len(whole) == 1 else None
            if spot and len(label) == 1 and f" {squeezed(found['name'])}" in f" {squeezed(spot.surface)}":
                edge = f"{spot.number} = {quoted(found['name'])}"
                return [edge] if spot.label == label[0] else [edge, f"{spot.number} is {label[0]}"]
        if found := _RE.BOTH_BUT.match(said):
            same = self.situation.by_surface.get(squeezed(found["what"]), [])
            if len(same) == 2 and squeezed(found["what"]) in squeezed(found["words"]):
                return [f"ok {same[0]}", f"{same[1]} = {quoted(found['words'])}"]
        for pattern in (_RE.NEITHER, _RE.BUT_NONE):
            if (found := pattern.match(said)) and (numbers := _named(found["what"], self.situation)):
                more = said[found.end() :].strip(" ,;.")
                more = "" if _RE.DROPS.fullmatch(re.sub(r"^(?:and )?so ", "", more)) else more
                rest = self._told(more) if more else []
                return [f"no {numbers_said(numbers)}", *rest] if rest or not more else []
        if (found := _RE.NOT_LABEL.match(said)) and (numbers := _named(found["what"], self.situation)):
            spots = self.situation.these(numbers)
            is_so = said[: found.end("why")]  # "the test" alone may be a mention of that label
            told = re.search(r"LAB\d", read_words(is_so, self.situation).text)
            denied = labels_meant(found["label"], self.situation.labels)
            one = re.fullmatch(r"(?i)one|ours|(?:one|any) of .*", found["label"])
            told = told or re.fullmatch(r"(?i) (?:an?|the|just an?|only an?)? ?[\w-]+", found["why"])
            if not told and (one or {(spot.label,) for spot in spots} == {denied}):
                return [f"no {numbers_said(numbers)}"]
        found = _RE.SO.match(said)
        drops = _RE.DROPS.fullmatch(found["then"]) if found else None
        keeps = _RE.KEEPS.fullmatch(found["then"]) if found and not drops else None
        if found is None or not (drops or keeps):
            return []
        numbers = self._reasoned(found["why"], found["then"])
        return [f"{'no' if drops else 'ok'} {numbers_said(numbers)}"] if numbers else []

    def _reasoned(self, why: str, then: str) -> list[int]:
        """The mentions that a reason is about: those it names, or the one that is asked about."""
        if re.match(r"(?i)\W*(?:no|nope|nah|yes|yeah|yep|what|how)\b", why):
            return []
        why = _RE.IDLE.sub("", _RE.WE_TAG.sub("", why))
        text = read_words(why, self.situation).text
        if re.search(
            r"\b(?:accept|reject|mark|add|missing|miss(?:es)?|lacks?|okay|fine|right|wrong|yes|all|rest|others?)\b|DOUBT",
            text,
        ):
            return []
        numbers, focus = _named(why, self.situation), self.situation.focus
        if (
            not numbers
            and re.search(r"(?:TXT|LAB|NUM)\d", text)
            and not re.match(r"REF\d+ (?:is|was) ", text)
        ):
            return []
        if not numbers:
            return (
                [focus.number]
                if focus and focus.open and self.situation.asked and not self.situation.waits
                else []
            )
        spots = self.situation.these(numbers)
        names = {squeezed(spot.surface) for spot in spots}
        if _RE.SEVERAL.search(then):
            return [] if "both" in then.lower() and len(names) != 2 and len(numbers) != 2 else numbers
        return numbers if len(names) == 1 else []

    def _remarks(self, said: str) -> bool:
        """Whether a sentence decides nothing: it names and orders nothing, or gives a no its why."""
        said = _RE.IDLE.sub("", said)
        words = read_words(said, self.situation)
        if len(said.split()) < _REMARK and not _RE.SIGH.fullmatch(said):
            return not said.strip(" ,.")  # "replay x" may be an order
        if _named(said, self.situation) or re.search(r'["\d]', said):
            return False
        if re.search(
            r"(?i)^\W*(?:yes|no|yep|nope|out|in)\W|\b(?:yes|no|yep|nope|out|too|instead)\W*$", said + " "
        ):
            return False
        denied = (
            bool(self.lines)
            and self.lines[-1].startswith("no ")
            and re.search(r"\b(?:not?|noway)\b", words.text)
        )
        text = re.sub(r"LAB\d+|\balso\b", "", words.text) if denied else words.text
        return re.search(_RE.source("ORDERS"), text) is None

    def _decide(self, lines: list[str], *, turns: bool = False) -> None:
        about = set().union(*map(spans_in, lines))
        if turns or self.turned:
            self.lines = [each for each in self.lines if not spans_in(each) & about]
        self.lines += [each for each in lines if each not in self.lines]
        self.about, self.turned = about or self.about, False


def weighed(line: str, situation: Situation, understand: _Understand) -> Reading | None:
    """What a line with reasons comes to; ``None`` where it has none, or not all of it is accounted for.

    Where some of it decides and the rest is not understood, that is asked, and the rest is said.
    """
    plain = plainly(line, situation)
    sentences = sentences_of(plain)
    if (
        plain != line
        and len(sentences) == 1
        and (read := understand(plain, situation))
        and read.lines
        and not read.question
    ):
        return read if read.writes else None
    if len(sentences) > _MOST or _RE.AGAINST.search(plain):
        return None
    found = _Weighed(situation, understand)
    for at, said in enumerate(sentences):
        found.take(said, first=at == 0)
    if not found.lines or not sensible("; ".join(found.lines)):
        return None
    if not found.left:
        other = _relabeled_by(line, decided(found.lines, "ok"), situation)
        return None if other else Reading(tuple(found.lines), writes=True)
    if len(found.left) == len(sentences) or len(found.lines) < len(sentences) - len(found.left):
        return None
    told, lines = " … ".join(found.left), "; ".join(found.lines)
    return asked(f"I did not get “{told}”. The rest?", (in_plain(lines), lines))


def _relabeled_by(line: str, accepted: Iterable[int], situation: Situation) -> bool:
    """Whether a line says of what it accepts another label: "every Kestrel is a party, so take them"."""
    wording = read_words(line, situation)
    told = re.findall(r"(REF\d+) is (?:an? |the )?(LAB\d+)", wording.text)
    return any(
        spot.label not in wording.item(label).labels
        for what, label in told
        for n in {*wording.item(what).numbers} & {*accepted}
        if (spot := situation.spot(n))
    )


_REMARK = 3
"""Words of a sentence from which on it may be a remark."""
_MOST = 6
"""Sentences of a line that is weighed."""


def turns(line: str) -> bool:
    """Whether a line takes back some of what it says, so that what is read first may be what was given up."""
    return _RE.TURNS.search(line) is not None
