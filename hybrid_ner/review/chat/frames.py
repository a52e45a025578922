"""A second reading, for sentences that no wording of the table fits: what is named, and what is said of it.

A sentence is cut into clauses, and each clause into what it names (spans, texts of the document, labels) and
what it says of them (yes, no, a label, missing). Clauses that name and say nothing are remarks. What is named
stays the subject until something else is named: "Oakland, I used to live there, it's a city". The lines are
done only where nothing speaks against it: every word of a clause that decides is accounted for, nobody
doubts, asks, supposes or reports, and nothing is said of one span in two ways. Otherwise they are offered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.clauses import (
    AGAINST_HERE,
    CUT,
    JOINS,
    Said,
    found_first,
    kind,
    labels_said,
    led_up,
    names_only,
    only_asks,
    pairs,
    parts_of,
    plain_request,
    reasons_against,
    states,
    tells_only,
    tells_why,
    without_tail,
)
from hybrid_ner.review.chat.edges import bulk, edge_found, joined_or_inside, parted
from hybrid_ner.review.chat.losses import less_kind
from hybrid_ner.review.chat.offers import offered
from hybrid_ner.review.chat.reading import Item, Reading, Wording
from hybrid_ner.review.chat.situation import Situation, Spot, numbers_said, quoted, spans_in, squeezed
from hybrid_ner.review.chat.whole import LEFT, by_name, goes_on, inside_of, remarks, told_only, verdict
from hybrid_ner.review.store.labels import label_words, plain_words
from hybrid_ner.text.patterns import Patterns

EDGES = Patterns(__file__, NUMERALS="|".join(w.NUMBERS))


def second_reading(
    wording: Wording, situation: Situation, besides: Callable[[str], Reading | None]
) -> Reading | None:
    """Lines for a sentence, or a question that offers them; ``None`` when it decides nothing.

    Args:
        wording: The sentence in canonical words.
        situation: What it can be about.
        besides: Reads a clause that names nothing: "next", "undo".
    """
    frames = _Frames(situation, wording, besides)
    text = plain_request(wording.text)
    frames.against += reasons_against(text, wording.raw)
    if lines := parted(text, wording, situation):
        against = [each for each in frames.against if each != "turned would"]
        return offered(lines, None) if against else Reading(lines, writes=True)
    frames.everywhere = re.search(r"(?i)\beverywhere\b", text) is not None
    text = frames.edges(re.sub(r"(?i) ?\beverywhere\b", "", text))
    text = re.sub(r"\bdo not (?:mark|include|take|use) (REF\d+)(?= here\b)", r"reject \1", text)
    signs = ["", *(sign.group().strip() for sign in CUT.finditer(text))]
    parts = [by_name(part.strip(), wording, situation) for part in CUT.split(text)]
    told = False
    for at, part in enumerate(parts):
        frames.apart = signs[at] in ("but", "while", "whereas")
        # "pain is the reason and not a diagnosis, so 4 is wrong"
        about = remarks(part, parts[at + 1 :], wording)
        frames.spans = list(about) or frames.spans
        told = bool(about) or (told and goes_on(part, wording))
        if not told:
            frames.clause(part)
    if re.search(r"\b(?:reject|shorten|cut) TXT\d+ (?:from|of|off|in|out)\b", text):
        frames.against.append("piece")  # words to take from a span, and no span to reject
    return frames.reading()


_REMARKS = re.compile(r"REF\d+ (?:was|is|has|had) ")
_APART = re.compile(r"(?i)\b(?:but|except|only|though|however|apart from)\b")
_DID = ("clicked", "made", "did", "have made")
_ALSO = re.compile(r"(?i)\b(?:also|too|as well|likewise)\b")
_TAKEN_BACK = {"wait", "sorry", "oops", "actually", "how", "what"} | {f"i {w}" for w in _DID}
"""What speaks against a decision and not against taking one back."""


@dataclass
class _Frames:
    """What is known after each clause.

    Args:
        said: What is said of each span.
        new: The same of words that are no span.
        after: Lines that come last: "next".
        unnamed: Something was said before anything was named.
        lines: Lines about where spans begin and end.
        spans, word: What is spoken of now.
        waiting: It was named, and nothing was said of it yet.
        reasons: Strange words of clauses that only say what something is or is not.
        against: Why the lines are asked for and not done.
    """

    situation: Situation
    wording: Wording
    besides: Callable[[str], Reading | None]
    said: dict[int, list[Said]] = field(default_factory=dict)
    new: dict[str, list[Said]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    unnamed: bool = False
    partial: bool = False
    part: bool = False
    everywhere: bool = False
    spans: list[int] = field(default_factory=list)
    word: str = ""
    waiting: bool = False
    verb_first: bool = False
    loose: bool = False
    odd: bool = False
    apart: bool = False
    every: bool = False
    group: set[int] = field(default_factory=set)
    last: list[Said] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    against: list[str] = field(default_factory=list)

    # what a clause says

    def clause(self, text: str) -> None:
        """Take in the next clause."""
        text = JOINS.sub("", text)
        if not text or self._besides(text) or self._as_before(text) or self._only_tells(text):
            return
        parts, strange, words = parts_of(
            without_tail(names_only(text, self.wording).split()), self.wording, self.situation, self.against
        )
        kinds = {part.kind for part in parts if isinstance(part, Said)}
        names = [part for part in parts if isinstance(part, Item)]
        if self._decides_nothing(text, kinds, names, strange, words):
            return
        if not parts and strange and not told_only(text, words, self.waiting, self.wording, self.besides):
            self.against += [f"remark {each}" for each in strange]
        if parts:
            self._doubt(text, kinds, names, strange)
            self.verb_first = isinstance(parts[0], Said)
        for each, said in pairs(parts):
            open_ones = (
                i.by == "rest" or i.said == "them" or {*i.numbers}.isdisjoint(self.said) for i in each
            )
            if {"later", "after", "show", "open"} & set(words) and not said and any(open_ones):
                self.waiting = False
                continue  # "the rest I see after"
            self._name(each)
            if said or (each and self.last and kind("again") & set(words)):
                self._say(said or self.last)
            elif each:
                # "sustain 1, wrong": a strange word that comes first may be a verdict
                odd = bool(strange) and not isinstance(found_first(text, self.wording, self.situation), Item)
                self.waiting, self.loose, self.odd = True, bool(strange), odd

    def _only_tells(self, text: str) -> bool:
        """Whether a clause is a remark on what is decided, or leaves open what is not."""
        texts = [self.wording.item(m).said.lower() for m in re.findall(r"TXT\d+", text)]
        taken = " ".join(self.lines).lower()
        if (
            texts
            and all(each in taken for each in texts)
            and tells_only(re.sub(r"TXT\d+ ?", "", text), self.wording)
        ):
            return True  # "pituitary belongs to the bleed too, 5 is pituitary hemorrhage"
        done = (self.said or self.new) and not self.waiting
        decided = set(self.said) | {int(line.split()[0]) for line in self.lines}
        if (done or (self.lines and not self.waiting)) and states(text, self.wording, decided):
            return True
        if not (done or self.waiting or self.new) and led_up(text, self.wording):
            return True
        if tells_why(text, self.waiting, self.wording) or (done and only_asks(text, self.wording, self.said)):
            return True
        named = {n for item in self.wording.named(text) for n in self._rest(item).numbers}
        # "the first one I have not looked at yet"
        left = LEFT.search(text) and "LAB" not in text and named
        return bool(left) and named.isdisjoint(self.said)

    def _as_before(self, text: str) -> bool:
        """Whether a clause says the same again, or the opposite, in no words of its own."""
        if self.last and re.fullmatch(r"(?:REF|TXT)\d+(?: is one)?", text) and _ALSO.search(self.wording.raw):
            # "4 and 6 are right but 5 is one too": one of what?
            self.against += ["one"] if text.endswith(" one") and not labels_said(self.last) else []
            self._name([self.wording.item(text.split()[0])])
            self._say(self.last)
            return True
        accepted = {each.kind for each in self.last} == {"ok"}
        if accepted and re.fullmatch(r"(?:REF|TXT)\d+ (?:(?:is|does) )?not(?: (?:one|any|thing))?", text):
            self._name([self.wording.item(text.split()[0])])
            self._say([Said("no")])  # "the first four are right, embolism isn't"
            return True
        return False

    def _decides_nothing(
        self, text: str, kinds: set[str], names: Sequence[Item], strange: Sequence[str], words: Sequence[str]
    ) -> bool:
        """Whether the words of a clause come to no decision."""
        pointing = all(item.by in ("this", "that") or item.said == "them" for item in names)
        if not kinds and pointing and names and (strange or self.said or self.new):
            if {"later", "after"} & set(words):
                self.waiting = False  # "all but 5 and 10, those I'll do later"
            if not (self.spans or self.word or self.said or self.new):
                # "this is a symptom, not a disease, so out"
                self._name([item for item in names if item.said != "them"])
            if re.match(r"mark REF\d+ TXT", text) and not (self.said or self.new or self.lines):
                self.against.append(f"text {text}")  # "make it X, one Y"
            return True  # "reject 10, this is only a verb"
        about = {n for item in names for n in item.numbers}
        if not kinds and strange and about and about <= set(self.said) and _REMARKS.match(text):
            return True  # "lisinopril is fine even though it was held"
        if kinds != {"leave"}:
            return kinds == {"unclear"} and not names and bool(strange)
        # "6 I leave to the doctors"; "all correct except 3 and 4, leave those"
        open_ones = about and self.said and about.isdisjoint(self.said)
        return bool(open_ones) or any("except" in item.said for item in self.wording.items)

    def _besides(self, text: str) -> bool:
        """Whether a clause is a line of its own, "next", or only leads on: "no", "yes"."""
        if kind("moves") & set(text.split()):
            read = self.besides(text)
            if read is not None and read.lines and not read.question:
                self.after += [
                    line for line in read.lines if line not in self.after or line in ("undo", "redo")
                ]
                return True
            self.against.append(f"move {text}")
        agrees = text in ("yes", "okay", "fine", "right") and not self.waiting
        if (agrees and self.word) or (text in ("no", "not", "noway") and (self.spans or self.word)):
            self.against.append(f"between {text}")  # "five and six belong together, no, just reject six"
        return agrees or text in ("no", "not", "noway")

    def _doubt(self, text: str, kinds: set[str], names: Sequence[Item], strange: Sequence[str]) -> None:
        """What speaks against a clause that names or decides something."""
        here = AGAINST_HERE.search(text)
        if here and (kinds or here.group() != "was"):
            self.against.append(f"here {here.group()}")
        if strange and kinds:
            told = self.reasons if kinds <= {"label", "not label"} else self.against
            told += strange
        elif kinds >= {"label", "no"}:
            self.against.append(f"both {text}")
        every = [
            item for item in names if item.by in ("all", "rest") and not (item.said == "them" and self.spans)
        ]
        if ("label" in kinds and every) or re.search(
            r"LAB\d+ is (?!(?:okay|fine|right) (?:for|on|with) REF).*REF", text
        ):
            self.against.append(f"every {text}")
        if self.waiting and self.odd and kinds and not names:
            self.against.append("odd before")

    # who it is said of

    def _name(self, items: Sequence[Item]) -> None:
        spans: list[int] = []
        word = ""
        items = [self._rest(item) for item in items]
        own = [
            item for item in items if item.by not in ("this", "that") and item.said not in ("them", "both")
        ]
        if len({item.numbers for item in own if item.kind == "ref"}) > 1:
            self.against.append("several spans")  # "from 8 on all is wrong"
        items = own or items
        self.part = self.part and not own
        for item in items:
            if item.problem and item.said in ("them", "both") and not self.spans:
                self.against.append(f"which {item.problem}")
            if item.by in ("this", "that") or item.said in ("them", "both"):
                spans += self.spans if self.spans or self.word else item.numbers
                self.against += ["both of one"] if item.said == "both" and len(spans) == 1 else []
                word = word or self.word
                continue
            if item.problem or (item.kind == "ref" and not item.numbers):
                self.against.append(f"which {item.problem or item.said}")
            if item.kind == "txt":
                inside = self.situation.part_of(item.said)
                part = bool(inside) and not self.situation.names(item.said)
                self.part, self.partial = part, self.partial or part
                self.against += ["part beside"] if part and len(items) > 1 else []
                spans += (inside,) if inside else ()
                word = "" if inside else item.said
            spans += item.numbers
        if not items:
            return
        self.every = any(item.by in ("all", "rest") and len(item.numbers) > 2 for item in own or items)
        if inside := inside_of(word, self.wording, self.situation):
            spans, word = [inside], ""
        whole = any(item.by == "all" and item.said not in ("them", "both") for item in items)
        rest = all(item.by == "rest" for item in items)  # "3 needs a second look, approve the other four"
        within = bool(spans) and set(spans) <= set(self.spans)  # "1 and 3 are mixed up, the first is a drug"
        if self.waiting and not rest and not within and (whole or self.word or set(self.spans) - set(spans)):
            if self.loose or whole or self.verb_first or self.apart:
                self.against.append("loose before")  # "3 and 9 and reject 10" may want 10 alone
            # what was named before waits for the same: "seizures, pain, keep", "chills and fever are wrong"
            spans = [*self.spans, *spans]
            word = word or (self.word if re.search(r"(?i)\band\b|&", self.wording.raw) else "")
            if self.word and self.word != word:
                self.against.append(f"two {self.word}")
        self.spans, self.word, self.waiting = list(dict.fromkeys(spans)), word, False

    def _rest(self, item: Item) -> Item:
        """The rest without what else the sentence names."""
        if item.by != "rest":
            return item
        named = {n for each in self.wording.items if each.by not in ("rest", "all") for n in each.numbers}
        named |= {self.situation.part_of(each.said) for each in self.wording.items if each.kind == "txt"}
        numbers = tuple(n for n in item.numbers if n not in named)
        fits = item.count < 2 or item.count == len(numbers)
        one = item.problem if len(numbers) > 1 else ""
        return replace(item, numbers=numbers, problem=one if fits else f"there are {len(numbers)} others")

    def _say(self, said: Sequence[Said]) -> None:
        self.last, self.waiting = list(said), False
        if self.every and labels_said(said):
            self.against.append("every")  # "everything except for 10, which is a test"
        if any((each.label and self.part) or (each.kind == "no" and self.part) for each in said):
            self.against.append("partial word")  # "India" may be a place in Supreme Court of India
        if self.word:  # beside spans too: "fever and chills are both problems"
            self.new.setdefault(self.word, []).extend(said)
        if self.word and not self.spans:
            return
        spans = self.spans
        if not spans:
            # nothing is named: the framed span, which has to be asked
            self.against.append("this span")
            self.unnamed = True
            focus = self.situation.focus
            spans = [focus.number] if focus else []
        for number in spans:
            if len(spans) == 1 and number in self.group and _APART.search(self.wording.raw):
                self.said[number] = []  # "all organizations are right, but Jane isn't one, she's a person"
            self.said.setdefault(number, []).extend(said)
        self.group |= set(spans) if len(spans) > 1 else set()

    # where spans begin and end

    def edges(self, text: str) -> str:
        """Lines for words that a span shall have, lose, or be; the text without these words."""
        found = edge_found(text, self.wording, self.situation)
        if found.line:
            self.lines.append(found.line)
            self.spans = [found.number]
            self.against += [] if found.sure else ["edge words"]
        return found.text

    # what it comes to

    def reading(self) -> Reading | None:
        """The lines, or a question for them."""
        self.against += [] if self._backed() else self.reasons
        lines = list(self.lines)
        if self.unnamed and len(self.against) > 1:
            return None
        about = {int(line.split()[0]) for line in self.lines}
        told = bool(self.lines) and set(self.spans) <= about  # "the dose goes with metoprolol, add 25 mg"
        if self.waiting and not told and (self.said or self.new or (self.lines and self.odd)):
            self.against.append("waiting span")
        groups: dict[str, list[int]] = {}
        for number, said in self.said.items():
            if to := verdict(number, said, self.situation, self.against):
                groups.setdefault(to, []).append(number)
        if self.everywhere:
            sure = not self.against and not self.partial
            return bulk(groups, sure, self.situation, self._one(), self.wording.raw)
        for to, numbers in groups.items():
            each = numbers_said(numbers)
            lines.append(f"{to} {each}" if to in ("ok", "no") else f"{each} is {to}")
        for word, said in self.new.items():
            if line := joined_or_inside(word, labels_said(said), self.situation, self.wording.raw):
                lines.append(line)
                continue
            labels = labels_said(said) or list(self.situation.labels_of(word))
            places = self.situation.places(word)
            over = [(s, p) for s in self.situation.spots for p in places if s.start < p[1] and p[0] < s.end]
            more = (len(word.split()) - len(s.surface.split()) for s, _ in over)
            longer = (
                all(s.open and p[0] <= s.start and s.end <= p[1] for s, p in over)
                and max(more, default=0) < 3
            )
            initial = re.search(r"\b[A-Z]$", word)  # "Mehta J. is a judge", where Mehta is marked
            if over and not (longer and len(places) == 1 and labels_said(said) and not initial):
                self.against.append(f"overlap {word}")  # "pedicle screws, a device" stands for "screws"
            if len(labels) == 1 and not {"ok", "no"} & {each.kind for each in said}:
                lines.append(f"add {quoted(word)} {labels[0]}")
            else:
                self.against.append(f"nolabel {word}")
        if (
            not lines
            and self.after
            and not self.waiting
            and {each.partition(" ")[2] for each in self.against} <= _TAKEN_BACK
        ):
            return Reading(tuple(self.after), writes=True)
        if not lines:
            return None
        if any(line in ("undo", "redo") for line in self.after):
            self.against.append("undo too")
        first = re.match(r"(?i)\W*(?:please )?(?:undo|take (?:that|this|it) back|revert)\b", self.wording.raw)
        lines = [*self.after, *lines] if first and self.after[:1] == ["undo"] else [*lines, *self.after]
        if any(" = " in line for line in lines) and self._numbered() - {
            n for e in lines for n in spans_in(e)
        }:
            self.against.append("number left out")  # "it is type 1 diabetes in both of those, 9 and 15"
        if not self.against:
            return Reading(tuple(lines), writes=True)
        return offered(lines, self._one())

    def _backed(self) -> bool:
        """Whether a verdict and the reason for it, each in its own clause, say the same of every span.

        "4 is correct, it is the date of the collection", of a date: whatever else the reason tells.
        """
        agree = {("ok", "label"), ("no", "not label")}
        return (
            bool(self.said)
            and not self.new
            and all(
                (spot := self.situation.spot(number)) is not None
                and len(verdicts := {each.kind for each in said} & {"ok", "no"}) == 1
                and {(*verdicts, each.kind) for each in said if each.label} <= agree
                and {each.label for each in said if each.label} == {spot.label}
                for number, said in self.said.items()
            )
        )

    def _numbered(self) -> set[int]:
        """The mentions that the sentence names by their numbers."""
        named = (each for each in self.wording.items if each.kind == "ref" and each.by == "number")
        return {n for each in named for n in each.numbers}

    def _one(self) -> Spot | None:
        """The one span that all of it is about."""
        return self.situation.spot(next(iter(self.said))) if len(self.said) == 1 and not self.new else None


def _owners(said: str, situation: Situation) -> list[Spot]:
    """The mentions in these words, the one that has them among others, or that of a number."""
    if number := w.NUMBERS.get(said.lower(), int(said) if said.isdecimal() else 0):
        return [spot] if (spot := situation.spot(number)) else []
    named = [spot for spot in situation.spots if squeezed(spot.surface) == squeezed(said)]
    around = [s for s in situation.spots if not s.out and s.has(said)]
    return named or (around if len(around) == 1 else [])


def _grown(spots: Sequence[Spot], words: str, situation: Situation, *, longer: bool = False) -> list[str]:
    """A line for each mention over which words stand that are not its own; with ``longer`` around it."""
    made, name = [], re.compile(rf"(?i)(?<!\w){re.escape(words)}(?!\w)")
    if plain_words(words) in label_words(situation.labels):
        return []
    for spot in spots:
        at = [
            m.span() for m in name.finditer(situation.text) if m.start() < spot.end and spot.start < m.end()
        ]
        at = [(a, b) for a, b in at if not longer or (a <= spot.start and spot.end <= b)]
        over = [s for s in situation.spots for a, b in at if s != spot and not s.out and s.meets(a, b)]
        if len(at) == 1 and at[0] != (spot.start, spot.end) and not over:
            made.append(f"{spot.number} = {quoted(situation.text[slice(*at[0])])}")
    return made


def _within(words: str, situation: Situation, less: str = "") -> list[Spot]:
    """The mention in hand that has words beside others, or else the one that does; with ``less`` both."""
    pattern = re.compile(rf"(?i)(?<!\w){re.escape(words)}(?!\w)")
    spots = [s for s in situation.spots if not s.out and pattern.search(s.surface)]
    spots = [s for s in spots if squeezed(s.surface) != squeezed(words)]
    spots = [s for s in spots if not less or s.has(less)]
    hand = [s for s in spots if s.number in (situation.touched, situation.framed)]
    return hand[:1] or spots


def edge_told(said: re.Match[str], how: str, situation: Situation) -> list[str]:
    """The lines of a clause about where mentions begin and end; none where its words are not so in the text.

    Args:
        said: A match of a row of ``clauses`` in ``frames.txt``.
        how: What the row is for.
    """
    ways = said.groupdict()
    x, y, v, n = (ways.get(name) or "" for name in "xyvn")
    owners = _owners(n or x, situation)
    if how in ("reworded", "longer"):
        return _grown(owners, y, situation, longer=how == "longer")
    if how == "kept":
        return [f"ok {spot.number}" for spot in owners if spot.open]
    if how == "less_kind":
        labels = situation.labels_named(ways["label"])
        pool = [s for s in _within(y, situation) if s.label in labels]
        bare = less_kind(pool[0].surface, v) if len(pool) == 1 else ""
        return [f"{pool[0].number} = {quoted(bare)}"] if squeezed(bare) == squeezed(y) else []
    if how == "pair":
        owners = [s for s in situation.spots if squeezed(y).startswith(f"{squeezed(s.surface)} ")]
        owners = [s for s in owners if len(s.surface) == max(len(each.surface) for each in owners)]
        return _grown(owners, y[len(owners[0].surface) + 1 :], situation, longer=True) if owners else []
    if how in ("holds_one", "holds_open"):
        inside = [s for s in situation.spots if (s.open or how == "holds_one") and not s.out]
        made = [each for s in inside for each in _grown([s], y, situation, longer=True)]
        return made if len(made) == 1 else []
    if how == "labeled":
        owners = [s for s in owners if squeezed(s.surface) == squeezed(x)]
        labels = situation.labels_named(ways["label"])
        edge = _grown(owners, y, situation) if len(owners) == 1 and len(labels) == 1 else []
        named = [f"{owners[0].number} is {labels[0]}"] if edge and owners[0].label != labels[0] else []
        return [*edge, *named]
    if how in ("shorter", "instead", "only"):
        pool = owners or (_within(y, situation) if how != "instead" else _within(v, situation))
        if how == "shorter" and v and not n:
            pool = _within(v, situation)
        made = _grown(pool, y, situation)
        return made if len(made) == 1 and f" {squeezed(v)} " not in f" {squeezed(y)} " else []
    spots = _within(v, situation, x) if how in ("minus", "less") and not n else owners
    if how == "plus":
        return _gained(spots or ([situation.focus] if situation.focus and not x else []), v, situation)
    if len(spots) != 1:
        return []
    rest = re.sub(rf"(?i)^{re.escape(v)}[\s,]+|[\s,]+{re.escape(v)}$", "", spots[0].surface)
    rest = re.sub(r"(?: (?:in|of|on|at|for|with|by|to|the|an?|and|from))+$", "", rest)
    return [f"{spots[0].number} = {quoted(rest)}"] if rest != spots[0].surface else []


_BETWEEN = 13
"""Characters between a mention and a word that it gains, with what stands there: "noon on 6 May"."""


def _gained(spots: Sequence[Spot], words: str, situation: Situation) -> list[str]:
    """The line that takes words in which stand near the one mention, with what is between."""
    for spot in spots if len(spots) == 1 else ():
        for at in re.finditer(rf"(?i)(?<!\w){re.escape(words)}(?!\w)", situation.text):
            start, end = min(at.start(), spot.start), max(at.end(), spot.end)
            between = situation.text[min(at.end(), spot.end) : max(at.start(), spot.start)]
            over = any(s != spot and s.meets(start, end) for s in situation.spots)
            beside = at.end() <= spot.start or spot.end <= at.start()
            if beside and len(between) < _BETWEEN and not over and not re.search(r"[.;:!?\n]", between):
                return [f"{spot.number} = {quoted(situation.text[start:end])}"]
    return []
