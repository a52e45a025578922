"""Words that a mention gains: said relative to it ("append Limited"), or by their kind ("it lacks its unit").

The words are those that stand right beside the mention. Where they stand a little further off, or would take
another mention in, what is nearest is asked.
Then the edges that the clauses of a message move (``Edging``), and a last look at the lines of a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import NamedTuple

from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.clauses import denied_words, only_sum
from hybrid_ner.review.chat.losses import beside, called, is_slip, kind_meant, less_kind, losses, only_kind
from hybrid_ner.review.chat.naming import POINTS, RE, Naming, Text, Thing, Told
from hybrid_ner.review.chat.offers import in_plain, offered
from hybrid_ner.review.chat.reading import Reading, asked
from hybrid_ner.review.chat.references import read_words
from hybrid_ner.review.chat.situation import Situation, Spot, numbers_in, quoted, squeezed
from hybrid_ner.review.chat.whole import unheard
from hybrid_ner.review.store.labels import A_LABEL, label_words, plain_words
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__, NUMERALS="|".join(w.NUMBERS), TENS="|".join(w.TENS))
_LONGEST = 160
"""Characters of such a sentence, at most: what is longer says several things."""
_FAR = 60
"""Characters between a mention and the words that it shall have, at most: a clause."""
_ORDERS = (
    "SPAN_ADDS",
    "SPAN_NEEDS",
    "WITH",
    "MISSES_AT",
    "LACKING",
    "TAKEN_IN",
    "ADDS_TO",
    "MISSES",
    "MISSING_IN",
    "GIVES",
    "ADDED",
)
_REACHES = ("STRETCHED", "REACHES", "FROM_ON")


class _Order(NamedTuple):
    """What a sentence asks for: the words, the mention, the side (``None``: not said), whether they are all
    up to there, and whether they may also be marked by themselves ("include the date")."""

    words: str
    span: str
    front: bool | None = None
    reaches: bool = False
    loose: bool = False


class Gain(NamedTuple):
    """The line that gives a mention words, and whether it can be done at once."""

    line: str
    sure: bool


def gain(line: str, situation: Situation) -> Gain | None:
    """What a sentence gives the one mention that it is about; ``None`` for any other sentence."""
    orders = list(_orders(line.strip(" .!?"))) if len(line) <= _LONGEST else []
    for order in orders:
        if (found := _given(order, situation)) and found.sure:
            return found
    return next(filter(None, (_given(order, situation) for order in orders)), None)


def _orders(line: str) -> Iterator[_Order]:
    for name in (*_REACHES, *_ORDERS):
        said = getattr(_RE, name).fullmatch(line)
        if said is None:
            continue
        parts = said.groupdict()
        span, how = (parts.get("span") or parts.get("whose") or "").strip(), parts.get("how") or ""
        side = f"{parts.get('side') or ''} {how}"
        front = True if _RE.FRONT.search(side) else False if _RE.BEHIND.search(side) else None
        if name in _REACHES:
            front = name == "FROM_ON"
        # "this date" is the framed mention
        span = re.sub(r"(?i)^(?:(?:this|that) [a-z]+|it|this|that)$", "", span)
        loose = re.match(r"(?i)(?:add|include|put|pick|mark)", how) is not None
        for words in _without_remark(said["words"] or parts["words_of"]):
            yield _Order(words, span, front, name in _REACHES, loose)


def _without_remark(words: str) -> Iterator[str]:
    """Words, and the same without what only comforts behind them: "its paint, bless it"."""
    yield words
    before, comma, after = words.partition(",")
    if comma and len(after.split()) < 4 and not _RE.ORDERS.search(after):
        yield before


def _given(order: _Order, situation: Situation) -> Gain | None:
    """The line for the one mention that has such words beside it."""
    of_label = _is_label(order.span, situation)
    if re.match(r"(?i)an? ", order.words) and _is_label(order.words, situation):
        return None  # "put a Date on March 2019"
    if (order.loose and of_label) or (not order.span and not (situation.framed or situation.waits)):
        return None
    # of one that is not named: the last one changed and the framed one, and no other that has such words
    for spots in islice(called(order.span, situation), None if order.span else 2):
        made = {s.number: (s, to) for s in spots if (to := _grown(s, order, situation))}
        if not made:
            continue
        (number, (spot, (start, end, sure))), *others = made.items()
        # "she takes aspirin" tells of somebody, though "she" stands in the sentence of a mention
        told = set(re.findall(r"\w+", order.span.lower())) & set(re.findall(r"\w+", spot.surface.lower()))
        weak = not (order.span == "" or told or of_label or _RE.NUMBERED.fullmatch(order.span))
        if others or (weak and not (sure and _RE.OF_KIND.match(order.words) and kind_meant(order.words))):
            return None
        covers = any(s is not spot and s.meets(start, end) for s in situation.spots)
        line = f"{number} = {quoted(situation.text[start:end])}"
        return Gain(line, sure and not covers)
    return None


def _grown(spot: Spot, order: _Order, situation: Situation) -> tuple[int, int, bool] | None:
    """Where a mention with the words begins and ends, and whether they stand right beside it."""
    bare = _RE.BARE.fullmatch(order.words)
    quotes = re.fullmatch(r"[\"'“‘](.+)[\"'”’]", order.words)
    # "the 4th day of" without the article, which belongs to the sentence
    each = [quotes[1]] if quotes else [*([bare["words"]] if bare else []), order.words]
    if _RE.IDLE.fullmatch(order.words):
        return None
    if order.loose and not order.span and order.front is None:
        each = [words for words in each if kind_meant(words) and not _is_label(words, situation)]
    for words in dict.fromkeys(each):
        if (found := _literal(spot, words, order, situation)) and found[2]:
            return found
        if found_kind := beside(situation.text, spot.start, spot.end, words, front=order.front):
            return *found_kind, True
        if found:
            return found
        if found_slip := _slip(spot, words, order.front, situation):
            return *found_slip, True
    return None


def _is_label(words: str, situation: Situation) -> bool:
    return plain_words(re.sub(r"(?i)^(?:the|its|an?) ", "", words)) in label_words(situation.labels)


_BETWEEN = re.compile(r"[\s,(]*(?:(?:of|the)\s+)*")
"""What may stand between a mention and words that are plainly its: "Clause 14.2 of the Lease"."""


def _literal(spot: Spot, words: str, order: _Order, situation: Situation) -> tuple[int, int, bool] | None:
    """The mention with the nearest place of the words, in its sentence and outside it."""
    text = situation.text
    said = r"\s+".join(map(re.escape, words.split()))
    pattern = re.compile(rf"(?i)(?<!\w){said}(?!\w)")
    near: list[tuple[int, int, int]] = []
    for place in pattern.finditer(text, max(0, spot.start - 2 * _FAR), spot.end + 2 * _FAR):
        start, end = place.span()
        before, behind = end <= spot.start, start >= spot.end
        gap = text[end : spot.start] if before else text[spot.end : start]
        wanted = before if order.front else behind if order.front is False else before or behind
        if wanted and len(gap) < _FAR and not re.search(r"[.;!?]\s+[A-Z(]|\n", gap):
            near.append((len(gap), start, end))
    if not near:
        return None
    gaps = sorted(near)
    length, start, end = gaps[0]
    gap = text[end : spot.start] if end <= spot.start else text[spot.end : start]
    either = len(gaps) > 1 and gaps[1][0] == length
    plain = _BETWEEN.fullmatch(gap) is not None and not ("," in gap and re.search(r"[^\W\d]{3}", order.span))
    sure = not either and (order.reaches or plain)
    return min(start, spot.start), max(end, spot.end), sure


def _slip(spot: Spot, words: str, front: bool | None, situation: Situation) -> tuple[int, int] | None:
    """The mention with as many words beside it, which the typed ones are a slip of: "its Limitd"."""
    count, text = len(words.split()), situation.text
    if count > _MOST_WORDS or situation.holds(words.lower()):
        return None
    after = list(re.finditer(r"[^\s,]+", text[spot.end : spot.end + 2 * _FAR]))[:count]
    if front is not True and len(after) == count:
        end = spot.end + len(text[spot.end : spot.end + after[-1].end()].rstrip(" .,;:)"))
        if is_slip(words, text[spot.end + after[0].start() : end]):
            return spot.start, end
    first = max(0, spot.start - 2 * _FAR)
    before = list(re.finditer(r"[^\s,]+", text[first : spot.start]))[-count:]
    if front is not False and len(before) == count:
        start = first + before[0].start()
        if is_slip(words, text[start : spot.start].strip(" ,")):
            return start, spot.end
    return None


_MOST_WORDS = 5
"""Words that may have a slip in them, at most."""


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
            over = spot.meets(a, b)
            if over and any(s != spot and a <= s.start and s.end <= b for s in situation.spots):
                return made
    return ""


_ARTICLE = re.compile(r"(\d+) = \"(the|an?|with) (.+)\"")


def _without_article(made: str, line: str, situation: Situation) -> str:
    """An edge without the article or the "with" of the sentence: "the full name is the Technology Court".

    "3 with febrile", where the text has "with febrile neutropenia".
    """
    found = _ARTICLE.fullmatch(made)
    spot = situation.spot(int(found[1])) if found else None
    if not found or not spot or spot.surface.lower().startswith(f"{found[2]} "):
        return made
    is_one = r"(?:^|[,;.] )(?=.*\b(?:is|are|makes?) (?:one|a single|all)\b)"  # "the X is one party"
    said = rf"(?i)(?:{is_one}|\b(?:is|are|called|named|say|read) ){found[2]} {re.escape(found[3])}"
    if found[2] == "with":
        said = rf"(?i)(?<![\"“])\bwith {re.escape(found[3].split()[0])}\b"
    inside = squeezed(spot.surface) in squeezed(found[3])
    return f"{found[1]} = {quoted(found[3])}" if inside and re.search(said, line) else made


def _repeated(found: Reading | None, line: str, situation: Situation) -> Reading | None:
    """The same, or a question where "both times" was said and one of them was left out."""
    only = found.lines[0] if found and len(found.lines) == 1 and not found.question else ""
    simple = re.fullmatch(rf"(?:(ok|no) )?(\d+)( is {A_LABEL})?", only)
    spot = situation.spot(int(simple[2])) if simple and _RE.ALIKE_IN.search(line) else None
    if simple is None or spot is None:
        return found
    alike = [s for s in situation.waiting if squeezed(s.surface) == squeezed(spot.surface) and s != spot]
    more = [f"{s.number}{simple[3]}" if simple[3] else f"{simple[1]} {s.number}" for s in alike]
    return offered([only, *more], None) if more else found


def _unread(found: Reading, line: str, situation: Situation) -> str:
    """The verdict in a line on something that nobody knows: "Elm Road is right, my friend is right"."""
    if not found.writes or found.question or not found.lines:
        return ""
    alone = re.fullmatch(r"(?:ok|no) \d+", "; ".join(found.lines))
    if alone and (far := RE.FURTHER_TOO.search(line)):
        return far.group()
    for part in RE.VERDICT_IN.finditer(line):
        wording = read_words(re.sub(r"['’]s(?= \w+$)", " is", part["said"]), situation)
        texts = [wording.item(marker).said for marker in re.findall(r"TXT\d+", wording.text)]
        if any(len(situation.bare(text)) < len(situation.places(text)) for text in texts):
            continue  # "Marsh is right", of Leon Marsh
        if re.fullmatch(
            r"(?:(?:UNK\d+|TXT\d+|[a-z]+) )*(?:is )?(?:all )?(?:okay|fine|right|wrong)", wording.text
        ):
            verb = re.match(r"(?i)(?:is|are) ", part["said"])  # of words that stand before a comma
            return line[: part.end("said")] if verb else part["said"]
    return ""


def kept_whole(
    found: Reading | None, line: str, situation: Situation, *, whole: bool = False
) -> Reading | None:
    """The same, or the question without an edge by which a mention takes in another one unasked.

    Also the question that names a verdict on something unknown.

    Args:
        whole: No word of the line is left out.
    """
    found = _repeated(found, line, situation)
    if found is not None and not whole and (said := _unread(found, line, situation)):
        choice = "; ".join(found.lines)
        return asked(f"I did not get “{said}”. The rest?", (in_plain(choice), choice))
    if found is not None and any('"' in each for each in found.lines):
        lines = tuple(only_sum(_without_article(e, line, situation), line, situation) for e in found.lines)
        found = replace(found, lines=lines) if lines != tuple(found.lines) else found
    done = found.lines if found is not None and found.writes and not found.question else ()
    if done and (asks := unheard(done, line, situation)):
        return offered(asks, situation.focus)
    if any(denied_words(each, line) for each in done):
        return offered(list(done), None)
    if found is not None and (edge := swallowing(found, line, situation)):
        return offered([each for each in found.lines if each != edge], None)
    return found


class Edging(Naming):
    """Makes the lines that give mentions words or take words from them."""

    def edges(self, spots: Sequence[Spot], words: str, how: str) -> list[str] | None:
        """Lines that give words to each mention (``lacks``), or take them from it (``off``)."""
        made: list[str] = []
        for whole_spot in spots:
            a, b = self.extent(whole_spot)  # as it was cut before: "lose the for, and put oral on the front"
            spot = replace(whole_spot, start=a, end=b, surface=self.situation.text[a:b])
            others = (s for s in self.situation.spots if s != whole_spot)
            now = replace(self.situation, spots=(*others, spot))
            bare = RE.WORD_ITSELF.sub("", words)
            if how == "off":
                verb = re.fullmatch(r"(?i)(?:the |its )?(?:final |last )?(?:verb|word)", words)
                last = spot.surface.rsplit(" ", 1)
                sure = verb and len(last) == 2 and last[1].islower()
                found = [f"{spot.number} = {quoted(last[0])}"] if sure else None
                plain = re.escape(re.sub(r"(?i)^(?:the|that|its) ", "", bare).strip(' "“”'))
                at_edge = rf"(?is)(?:(.+?)[\s,.;:]+{plain}|{plain}[\s,.;:]+(.+))"
                if kind := less_kind(spot.surface, bare):
                    found = [f"{spot.number} = {quoted(kind)}"]  # "the section" of section 104 of the Act
                elif cut := re.fullmatch(at_edge, spot.surface):
                    found = [f"{spot.number} = {quoted(cut[1] or cut[2])}"]
                found = found or losses(f"remove {bare} from {spot.number}", self.situation)
            else:
                side = {"begin with": "front", "start with": "front", "end with": "end"}.get(how)
                front = f" at the {side}" if side else ""
                bare = re.sub(r"(?i)\b(?:pound|dollar|euro)s? (?:sign|symbol)", "currency", bare)
                whole = self._becomes([spot], bare, shrinks=False)
                got = None if whole else gain(f"{spot.number} lacks {bare}{front}", now)
                found = whole[1] if whole else [got.line] if got and got.sure else None
                parts = [part for part in re.split(RE.LISTS, bare) if part]
                if not found and len(parts) > 1:
                    each = [self.edges([spot], part, how) for part in parts]
                    found = [line for lines in each for line in lines or ()] if all(each) else None
            if not found:
                return None
            dot = bare[-1:].isalpha() and not re.search(rf'(?i)(?<!\w){re.escape(bare)}"$', found[-1])
            if dot:
                found = [re.sub(rf'(?i)({re.escape(bare)})\."$', r'\1"', each) for each in found]
            made += [re.sub(r'= "[.,;:]\s*', '= "', each) for each in found]
        return made

    def _edged(self, spots: Sequence[Spot] | None, words: str, how: str, told: Told) -> Told | None:
        def again(others: Sequence[Thing]) -> list[str] | None:
            same = [each for each in others if isinstance(each, Spot)]
            return self.edges(same, words, how) if len(same) == len(others) else None

        lines = self.edges(spots, words, how) if spots else None
        gone = {e.split(" = ")[0] for e in lines or () if how == "off"}  # "with the year, but without the on"
        told = replace(told, lines=tuple(x for x in told.lines if x.split(" = ")[0] not in gone))
        return told.with_lines(lines, spots or (), again)

    def _whole(self, things: Sequence[Thing] | None, told: Told) -> Told | None:
        """Words that take in one mention each become it."""
        made, about = [], []
        rows = [(e, [p]) for e in things or () for p in (e.places if isinstance(e, Text) else ((0, 0),))]
        for each, places in rows:
            over = [s for s in self.situation.spots for a, b in places if a <= s.start and s.end <= b]
            touched = [s for s in self.situation.spots for a, b in places if s.meets(a, b) and s.open]
            if not isinstance(each, Text) or len(over) != 1 or touched not in ([], over):
                return None
            made.append(f"{over[0].number} = {quoted(each.words)}")
            about += over
        return told.with_lines(made, about, self._whole_again) if made else None

    def _whole_again(self, things: Sequence[Thing]) -> list[str] | None:
        found = self._whole(things, Told())
        return list(found.lines) if found else None

    def beside_told(self, said: str, told: Told) -> Told | None:
        """Words alone that the mention spoken of lacks, has too many of, or was joined to: "type 2 again"."""
        words = RE.MERE.sub("", said)
        words = re.sub(r"(?i)^(?:the|its|his|her) ", "", words) if words != said else words
        last = told.about[-1] if told.about else None
        if (told.lines[-1:] and told.lines[-1].startswith(("merge ", "deny "))) or not isinstance(last, Spot):
            merged = [s for s in told.about if isinstance(s, Spot)] if told.lines[-1:] else []
            inside = any(all(a <= s.start and s.end <= b for s in merged) for a, b in self.where(words))
            return told if len(merged) > 1 and inside and told.lines[-1].startswith("merge ") else None
        edge = re.match(rf'{last.number} = "(.*)"', told.lines[-1]) if told.lines else None
        plain = squeezed(words.strip(' "'))
        if told.lines and plain == squeezed(last.surface):
            return told  # "it is a problem, asthma"
        if edge and f" {plain} " in f" {squeezed(edge[1])} {squeezed(last.surface)} ":
            return told  # "with the dose please, 8 mg"; "5 has a verb on it, “claims”"
        if words != said or last in told.told_of or told.owed:
            made = self._becomes([last], words, shrinks=True)
            lines = made[1] if made else self.edges([last], words, "lacks") if self.where(words) else None
            return told.with_lines(lines, [last], None) if lines else None
        made = self._becomes([last], words, shrinks=False)
        if made is None and self.agreed and self.where(words) and not self.spots(words, told):
            lines = self.edges([last], words, "lacks")
            return told.with_lines(lines, [last], None) if lines else None
        return told.with_lines(made[1], [last], None) if made else None

    def paid(self, told: Told) -> bool:
        """Whether new edges follow where it was said that they are wrong."""
        return not told.owed or any(re.match(r"\d+ [=<>+-]|merge ", e) for e in told.lines[told.owed - 1 :])

    def complaint(self, said: re.Match[str], told: Told) -> Told | None:
        """ "You have dropped the year": of a mention whose new edges are said beside, or with the words."""
        words = said["words"] or ""
        if said["what"] and any(isinstance(e, Text) for e in self.things(said["what"], told) or ()):
            return None  # "the second gallbladder is missing" is another order
        focus = next((e for e in told.about if isinstance(e, Spot)), self.situation.focus)
        missed = re.fullmatch(r"(?i)left (?:off|out)|dropped|lost|forgot(?:ten)?|missed|taken", said["did"])
        of_it = said["did"].lower() != "missed" or re.match(r'(?i)(?:the|its|his|her|their) |"', words)
        if focus and missed and words and of_it and (lines := self.edges([focus], words, "lacks")):
            return told.with_lines(lines, [focus], None)
        named = self.things(re.sub(r"(?i)^(?:the|its|his|her|their) ", "", words), told) if words else None
        if named and any(isinstance(each, Text) for each in named):
            return None  # "you missed metformin" is another order
        edged = any(re.match(r"\d+ = |merge ", each) for each in told.lines[-2:])
        return told if edged else replace(told, owed=len(told.lines) + 1)

    def part_in(self, span: str, told: Told) -> Told | None:
        """What goes is a part of a mention: "the estimates in 10 must go"; "7 has a verb, drop it"."""
        last = next((e for e in told.about if isinstance(e, Spot) and e in told.told_of), None)
        if last and POINTS.fullmatch(span):
            cut = any(re.match(rf"{last.number} [=<>+-]", line) for line in told.lines[-1:])
            return told if cut else None
        inside = RE.WORDS_OF.fullmatch(span)
        spot = self.situation.spot(int(inside["n"] or inside["at"])) if inside else None
        words = (inside["words"] or inside["of"]) if inside else ""
        if not spot or squeezed(words) == squeezed(spot.surface):
            return None
        return self._edged([spot], words, "off", told)

    def _edge_so(self, words: str, things: Sequence[Thing]) -> list[str] | None:
        """The same words as the edges of others: "14 is the same"."""
        made = [self.bounded(each, words) if isinstance(each, Spot) else None for each in things]
        return [line for lines in made for line in lines or ()] if all(made) else None

    def stops(self, said: re.Match[str], told: Told) -> Told | None:
        """ "4 stops in a silly place": its edges are said before or behind."""
        spots = self.spots(said["s"], told) or self._of_label(said["s"])
        if spots and "in full" in said.group():
            return replace(told, owed=len(told.lines) + 1)
        if not spots:
            return None
        lines = self.edges(spots, "the verb", "off") if "verb" in (said["part"], said["eaten"]) else None
        told = told.with_lines(lines, spots, None) or replace(told, about=tuple(spots))
        return replace(told, told_of=(*told.told_of, *spots))

    def instead(self, said: re.Match[str], told: Told) -> Told | None:
        """ "Kerry Lamb instead of note taker": the words that it overlaps, or others with its label."""
        spots, what = self.spots(said["s"], told), RE.WHO_IS_IT.sub("", said["what"])
        if not spots or len(spots) != 1 or self.label(what):
            return None
        made = self._becomes(spots, what, shrinks=True) or self._moved(spots[0], what, near=False)
        return told.with_lines(made[1], spots, None) if made else None

    def only_want(self, said: re.Match[str], told: Told) -> Told | None:
        """ "I only want the figure", behind an edge."""
        last = next((e for e in told.about if isinstance(e, Spot)), None)
        if not last or not told.lines or not told.lines[-1].startswith(f"{last.number} = "):
            return None
        words = only_kind(last.surface, said["s"])
        return replace(told, lines=(*told.lines[:-1], f"{last.number} = {quoted(words)}")) if words else told

    def stands(self, said: re.Match[str], told: Told) -> Told | None:
        """ "it stands there as Brackenbury Estates Limited"; "he has a surname", of what was decided."""
        last = next((e for e in told.about if isinstance(e, Spot)), None)
        if not said["as"] or (last and squeezed(last.surface) == squeezed(said["as"])):
            return told if told.lines else None
        made = self._becomes([last], said["as"], shrinks=False) if last else None
        return told.with_lines(made[1], [made[0]], None) if made else None

    def name_of(self, said: re.Match[str], told: Told) -> Told | None:
        """ "osteonecrosis of the jaw is the full name of 16"; "for number 10 just Patel"."""
        made = self._becomes(self.spots(said["s"], told, many=True) or (), said["what"], shrinks=True)
        return told.with_lines(made[1], [made[0]], partial(self._edge_so, said["what"])) if made else None

    def is_called(self, said: re.Match[str], told: Told) -> Told | None:
        spot = next((e for e in told.about if isinstance(e, Spot)), None)
        if spot and squeezed(spot.surface) == squeezed(said["what"].strip('"')):
            return told
        made = self._becomes([spot], said["what"], shrinks=True) if spot else None
        return told.with_lines(made[1], [made[0]], partial(self._edge_so, said["what"])) if made else None

    def bare_of(self, said: re.Match[str], told: Told) -> Told | None:
        """ "chlorhexidine should be bare", of chlorhexidine mouthwash."""
        made = self._becomes(self.situation.spots, said["s"], shrinks=True)
        return told.with_lines(made[1], [made[0]], None) if made else None

    def word_by(self, said: re.Match[str], told: Told) -> Told | None:
        """ "include the word before in number 1"."""
        spots, count = self.spots(said["s"], told), w.NUMBERS.get((said["count"] or "one").strip(), 0)
        side = "+" if re.match("(?i)after|behind|follow", said["side"]) else "<"
        count = count or int(said["count"])
        lines = [f"{spot.number} {side}{count}" for spot in spots or ()]
        return told.with_lines(lines, spots, None) if spots else None

    def _becomes(self, spots: Sequence[Spot], what: str, *, shrinks: bool) -> tuple[Spot, list[str]] | None:
        """The one of several mentions that words are more of, or a part of, and its new edges."""
        words = re.sub(r"(?i)^(?:the (?:whole|full)(?: of| thing,?| phrase,?)? |in full )", "", what)
        bare = re.sub(r"(?i)^an? ", "", words)
        # "her brother Colin Wilmot"
        name = re.sub(r"(?i)^(?:his|her|their|my|our) (?:[a-z]+ ){1,2}(?-i:(?=[A-Z]))", "", words)
        article = [words, *([bare] if " " in bare else [])]
        forms = article if bare != words else [name, re.sub(r"(?i)^the ", "", words), words]
        for form in dict.fromkeys(forms):
            found = [(spot, made) for spot in spots if (made := self.bounded(spot, form, shrinks=shrinks))]
            if len(found) == 1:
                return found[0]
        return None

    def _moved(self, spot: Spot, what: str, *, near: bool = True) -> tuple[Spot, list[str]] | None:
        """ "the judge's name is Lindqvist", where the title before it is marked: the name instead of it."""
        places = [p for p in self.where(what) if spot.beside(*p) or not near]
        free = places and not any(
            s.start < places[0][1] and places[0][0] < s.end for s in self.situation.spots
        )
        if len(places) != 1 or not free:
            return None
        found = self.where(what)
        nth = f"#{found.index(places[0]) + 1} " if len(found) > 1 else ""
        text = quoted(self.situation.text[slice(*places[0])])
        return spot, [f"no {spot.number}", f"add {text} {nth}{spot.label}"]
