"""Sentences as lines of the command language: deterministic, and never writing what is not clearly meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from hybrid_ner.review.chat import (
    extents,
    parts,
    readings_edges,
    readings_flow,
    readings_labels,
    readings_terms,
    readings_verdicts,
)
from hybrid_ner.review.chat.additions import additions, asks_for, in_sentences
from hybrid_ner.review.chat.bounds import bounded
from hybrid_ner.review.chat.clauses import concluded
from hybrid_ner.review.chat.edges import in_numbers
from hybrid_ner.review.chat.frames import second_reading
from hybrid_ner.review.chat.gains import kept_whole
from hybrid_ner.review.chat.numbered import by_single_numbers
from hybrid_ner.review.chat.offers import (
    beside_nearest,
    hides,
    not_of_mentions,
    of_others,
    offer,
    offer_words,
    offered,
)
from hybrid_ner.review.chat.orders import by_clauses
from hybrid_ner.review.chat.parts import with_quotes
from hybrid_ner.review.chat.pieces import divided, parted_or_joined
from hybrid_ner.review.chat.reading import (
    AFTERTHOUGHT,
    CONTRADICTS,
    FLOWS,
    WHICH,
    WHICH_LABEL,
    Clause,
    Item,
    NotNamedError,
    Reading,
    UnclearError,
    Wording,
    asked,
    choices_about,
    filled,
    in_order,
    kept_apart,
)
from hybrid_ner.review.chat.references import bared, read_words
from hybrid_ner.review.chat.sentences import (
    beside,
    by_sentences,
    doubtful,
    first_asks,
    in_parts,
    joins_sentences,
    last_asks,
    leaves_out,
    loses,
    one_by_one,
    only_works,
    parted,
    says_more,
    unused,
    with_rest,
)
from hybrid_ner.review.chat.several import adds_edges, covers, reworded, several, told_apart
from hybrid_ner.review.chat.short import plainer
from hybrid_ner.review.chat.situation import Intent, Situation, intents, longest, numbers_said
from hybrid_ner.review.chat.turns import (
    CONCEDED,
    DENIED,
    REASONS,
    about_named,
    as_quoted,
    beside_asides,
    but_excepted,
    corrected,
    doubted,
    flagged,
    labeled_too,
    lost,
    only_approves,
    pointed_too,
    reason_first,
    remark_last,
    strayed,
    turned,
)
from hybrid_ner.review.chat.weighing import (
    about_these,
    in_bounds,
    in_plain_words,
    of_a_part,
    others_of_label,
    turns,
    weighed,
)
from hybrid_ner.review.chat.whole import (
    BARE,
    MOST_CLAUSES,
    WAITS,
    added_too,
    beside_remarks,
    candidates,
    in_words,
    label_then,
    not_here,
    of_another,
    of_whom,
    opener,
    squeezed,
    talk,
    trimmed,
    undoubted,
    unrefuted,
    which_of,
)
from hybrid_ner.review.chat.wording import LONGEST
from hybrid_ner.review.chat.words import without_remarks
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)

_READINGS = {**readings_verdicts.READINGS, **readings_labels.READINGS, **readings_edges.READINGS}
_READINGS |= {**extents.READINGS, **readings_terms.READINGS, **readings_flow.READINGS, **parts.READINGS}


def _at_once(line: str, situation: Situation) -> Reading | None:
    """What is read as typed: small talk, "cancel", a new label, words that a part of a name is known by."""
    if (situation.told or situation.fresh) and _RE.HEARD.fullmatch(line):
        return talk("", "thanks")
    if not situation.waiting and situation.place and _RE.NOTHING_MORE.fullmatch(line):
        return Reading(("next",))
    if situation.waiting and _RE.NOTHING_ELSE.fullmatch(line):
        open_ones = f"{len(situation.waiting)} are still open here"
        return asked(f"{open_ones}: what of them?", ("Accept them", "ok"), ("Reject them", "no all"))
    pieces = talk("", line) or readings_labels.in_each_place(line, situation, understand)
    pieces = pieces or bounded(line, situation, understand) or divided(line, situation)
    if (pieces := pieces or additions(line, situation)) is not None:
        return pieces
    told = _RE.NOT_ONLY_HERE.sub("everywhere, ", line)
    if (said := with_quotes(in_words(told, situation), situation)) != line:
        return _whole(said, situation)
    others = (readings_terms.free_text, label_then, added_too, of_whom, of_another)
    return next(filter(None, (each(line, situation) for each in others)), None)


def _bare(wording: Wording, line: str) -> tuple[str, bool, bool]:
    """The wording without politeness, whether it asks, and whether it doubts."""
    text = wording.text
    polite = "POLITE" in text and text.count("?") < 2
    text = squeezed(text.replace("POLITE", " "))
    text = re.sub(r"^REF\d+ (?:is )?LAB\d+ \? (?:no|noway|not|never) [,;]? ?(?=\w)", "", text)
    text = _RE.OF_LABEL.sub("", _RE.NO_SUCH.sub(r"\1 is ", text))
    if (plain := undoubted(text, wording, line)) != text:
        wording.text, text = plain, squeezed(plain.replace("POLITE", " "))
        wording.loose = plain
    if mind := _RE.MIND.match(text):
        wording.text = wording.loose = text = text[mind.end() :]
    if (
        (taken := _RE.TAKEN.match(text))
        and wording.item(taken[1]).by == "that"
        and _RE.SCRAPS_IT.match(wording.raw)
    ):
        wording.text = wording.loose = text = text[taken.start("rest") :]
    if (topic := _RE.TOPIC.match(text)) and _points_back(topic, wording):
        # "10 bin it", "the aspirin, make it a drug"
        text = squeezed(f"{topic['before']} {topic['named']} {topic['after']}")
        wording.text = wording.loose = text
    if (only := _RE.OPPOSITE.match(text)) and wording.item(only["rest"]).by in ("rest", "all"):
        wording.text = wording.loose = text = text[only.end() :]
    asks = not _RE.ORDERS.match(line) and (("?" in text and not polite) or _RE.ASKS.match(text) is not None)
    bare = trimmed(squeezed(text.replace("?", " ; ").replace("DOUBT", " ")))
    if re.match(r"[^:;,.?]{2,40}:\s", line):
        bare = _RE.HEADING.sub("", bare)
    return bare, asks, "DOUBT" in text


def _points_back(topic: re.Match[str], wording: Wording) -> bool:
    """Whether a pronoun means the span that the sentence begins with."""
    named, pointed = wording.item(topic["named"]), wording.item(topic["pointed"])
    back = pointed.by in ("this", "that") or pointed.numbers == named.numbers
    return back and named.by in ("number", "term") and len(named.numbers) == 1


_APART = (in_parts, as_quoted, extents.for_each)
"""Readers of lines that say several things, or whose words are partly words of the text."""


def understand(line: str, situation: Situation) -> Reading | None:
    """What a sentence stands for; ``None`` when it is not understood.

    Args:
        line: As typed.
        situation: What it can be about.
    """
    if situation.fresh and _RE.TAKES_BACK.fullmatch(line):
        return Reading(("undo",), writes=True)
    if _RE.NOT_YET.fullmatch(line):
        return Reading(answer=WAITS)
    typed_so, line = line, in_plain_words(line, situation)
    line = about_these(in_bounds(others_of_label(line, situation), situation), situation)
    read: dict[tuple[str, Situation], Reading | None] = situation.kept.setdefault("read", {})
    line = in_numbers(line, situation)
    first_time = len(line) <= LONGEST and longest(line, situation) == line and (line, situation) not in read
    by_number = (
        partial(by_single_numbers, line, situation, understand) if first_time else lambda section: None
    )
    if (single := by_number("single")) is not None:
        read[line, situation] = single
    if (line, situation) not in read:  # "sorry, no wait, sorry, no wait"
        typed, amended, fits = longest(line, situation), readings_verdicts.amended, len(line) <= LONGEST
        found = (amended(line, situation, understand) or _whole(line, situation)) if fits else None
        found = by_clauses(found, line, situation) if fits and typed == line else found
        whole = told_apart(line, situation, understand, alone=True) if fits else None
        told = whole or (told_apart(line, situation, understand) if fits else None)
        if told and (found is None or found.question or not covers(found, told) or whole):
            found = told
        first = found.choices[0][1] if found is not None and found.choices else ""
        goes = first.startswith("go ") or bool(found and found.question.startswith(WHICH_LABEL))
        if (found is None or found.question) and not goes and fits:
            aside = kept_whole(beside_asides(line, situation, understand), line, situation)
            found = readings_flow.work_meant(line, situation) or aside or found
            if (found is None or found.question) and (bare := without_remarks(line)) != line:
                again = understand(bare, situation)
                found = again if again and again.writes and again.lines else found
        if fits and not situation.part and (found is None or found.question or turns(line)):
            again = weighed(line, replace(situation, part=True), understand)
            found = again if again and (not again.question or found is None) else found
        if found is None or found.question:
            found = by_number("called") or found
        if found and found.question:
            found = but_excepted(which_of(found, line, situation), line, situation)
        read[line, situation] = _to_next_mention(of_a_part(found, typed_so, situation), line, situation)
    return read[line, situation]


def _to_next_mention(found: Reading | None, line: str, situation: Situation) -> Reading | None:
    """ "This one is fine, on to the next": the next mention, where others are open in the document."""
    said = re.fullmatch(r"((?:ok|no) (\d+))(?:;)? next", "; ".join(found.lines)) if found else None
    others = said and any(spot.number != int(said[2]) for spot in situation.offered)
    return Reading((said[1],), writes=True) if said and others and _RE.THIS_ONE_NEXT.search(line) else found


def _whole(line: str, situation: Situation) -> Reading | None:
    """What a line stands for; its parts instead where these use more of it, or a question for them."""
    line = readings_labels.labeled_so(plainer(line, situation), situation)
    found = readings_edges.tidied(_read(line, situation), line, situation)
    if found is None or not found.lines or found.question:
        return reworded(line, situation) or found
    if not found.writes and (both := first_asks(line, situation, understand)):
        return both
    wording = read_words(bared(line, situation), situation)
    found = labeled_too(with_rest(found, wording, situation), wording, situation)
    if (question := doubtful(found, wording, situation)) is not None:
        return question
    left, works = unused(wording, found.lines, situation), only_works(found)
    parts = in_parts(line, situation, understand) if left or works else None
    if parts and works and {*found.lines} < {*parts.lines} - {*FLOWS}:
        return in_order(kept_apart(parts), line)
    may_lose = bool(left) and found.writes and leaves_out(line)
    asks = (each(line, situation, understand) for each in (by_sentences, partial(beside, found)) if may_lose)
    for other in (parts, *asks):
        lines = (other.lines or other.choices[0][1].split("; ")) if other else ()
        if other and len(unused(wording, lines, situation)) < len(left):
            return in_order(kept_apart(other), line) if other.lines else other
    if found.writes and (edges := reworded(line, situation)) and adds_edges(edges, found, left):
        return edges
    return offered(list(found.lines), None) if loses(found, line, wording, left, situation) else found


def _read(line: str, situation: Situation) -> Reading | None:
    if (said := not_of_mentions(line, situation)) is not None:
        return said
    line = plainer(bared(line, situation), situation)
    if (said := several(line, situation, understand)) is not None:
        return said
    if (on := _RE.NEXT_ONE.match(line)) and not AFTERTHOUGHT.search(line):
        rest = understand(line[on.end() :], situation)  # "Next. Metformin, drug.": the next mention
        if rest is not None and (rest.question or (rest.lines and rest.writes)):
            return rest
    then = _RE.NEXT_TOO.match(line)
    if then and (len(then["rest"].split()) > 1 or _RE.VERBS.fullmatch(then["rest"])):
        # "6 is a false positive, that's it for this one, next"
        first = understand(then["rest"], situation)
        if first and first.writes and first.lines and not first.question and first.lines[-1] not in FLOWS:
            whole = _understood(line, situation)
            every = f"ok {numbers_said(spot.number for spot in situation.offered)} next"  # "looks good, next"
            ways = (f"{'; '.join(first.lines)} next", "ok next", every)
            one = whole and "; ".join(whole.lines).replace("; next", " next") in ways
            return whole if one else replace(first, lines=(*first.lines, "next"))
    apart = in_sentences(line, situation, understand) if "?" not in line else None
    if apart and apart.lines:
        return apart
    found = _understood(line, situation)
    for pattern, sign in ((_RE.JOINED, ". "), (_RE.RUN_ON, ", ")):
        # "3 is Jane she's a person"; "2 is wrong plus 3 is a drug"; but "let's pretend 2 is a drug"
        if (found is None or found.question) and (cut := pattern.search(line)):
            before = read_words(line[: cut.start()], situation)
            named = before.named(before.text, "REF|TXT")
            says = _RE.SAYS.search(before.text) and "DOUBT" not in before.text
            if says and any(item.by not in ("this", "that") for item in named):
                again = _understood(pattern.sub(sign, line), situation)
                sure = again and again.lines and again.writes and not again.question
                back = again and any(each.startswith(("undo", "merge")) for each in again.lines)
                found = again if sure and not back else found
    found = (last_asks(line, situation, understand) or found) if found is None or found.question else found
    if found is None or found.question or asks_for(line):
        others = (each(line, situation, understand) for each in _APART)
        added = None if found and _RE.IS_IT.fullmatch(line) else additions(line, situation, alone=True)
        found = added or next(filter(None, others), found)
    more = apart and (found is None or found.question) and says_more(apart, found)
    if apart and (more or joins_sentences(found, apart, line, situation)):
        found = apart
    if found is None and "?" not in line and (around := extents.quoted_around(line, situation)):
        found = offer_words(around[0], (), situation)  # "left pleural effusion, small"
    return in_order(kept_apart(found), line) if found and len(found.lines) > 1 else found


def _understood(line: str, situation: Situation) -> Reading | None:
    if (said := _at_once(line, situation)) is not None:
        return said
    if (said := reason_first(line, situation, understand)) is not None:
        return said
    wording = read_words(line, situation)
    near = wording.text
    if (said := corrected(line, situation, understand)) is not None:
        return said
    bare, asks, doubts = _bare(wording, line)
    if not bare:
        told = None if line.strip(" .!?") else Reading(answer="Type a command, or `?` for help.")
        return _unsure(wording, situation) if doubts else told
    if doubts and (flow := flagged(line, situation, understand)):
        return flow
    if (each := one_by_one(bare, situation)) is not None:
        return each
    if not (asks or doubts) and (parted := parted_or_joined(near, wording, situation)):
        return Reading(parted, writes=True)
    reader = _Reader(situation, wording)
    forms = list(candidates(bare, asks, line))
    loose = trimmed(squeezed(wording.loose.replace("?", " ; ").replace("DOUBT", " ").replace("POLITE", " ")))
    reader.named = reader.spans_named(bare)
    found = next(filter(None, map(reader.one, forms)), None)
    found = found or next(filter(None, map(reader.whole, [*forms, loose])), None)
    unsure = found is None or found.question.startswith((CONTRADICTS, WHICH))
    if found is None and (small := talk(bare, line)):
        return small
    if first := found is None:
        found = second_reading(wording, situation, reader.one)
    if (first or found is None or found.question) and not doubts:
        found = concluded(bare, wording, situation, reader.one) or found
    if found is None or found.question:
        found = _without_reasons(line, situation, wording, first=first) or found
    if (found is None or found.question) and not doubts:
        found = beside_remarks(bare, wording, reader.one) or found
    if (found is None or found.question) and not (asks or doubts):
        added = readings_terms.missed(near, wording, situation)
        found = Reading(added, writes=True) if added else found
    if (found is None or found.question) and not doubts:
        found = remark_last(line, situation, understand) or found
    if found is None:
        nothing = not_here(line) or (_unsure(wording, situation) if doubts else None)
        found = hides(line, situation) or of_others(line, wording, situation) or nothing
        return found or offer(near, wording, situation)
    if unsure and not doubts:
        found = beside_nearest(found, near, wording)
    if DENIED.search(line):
        found = turned(found)
    found = labeled_too(pointed_too(found, wording, situation), wording, situation)
    if (asks or doubts) and found.writes and found.lines:
        return doubted(found, situation, doubts)
    if len(found.lines) > 1 and {*found.lines} == {"undo"}:
        return found  # "undo the last 2": no mention 2
    if lost(found, wording) or only_approves(found, wording) or strayed(found, wording, situation):
        return offered(list(found.lines), None)
    return which_of(found, line, situation)


def _without_reasons(line: str, situation: Situation, wording: Wording, *, first: bool) -> Reading | None:
    """What a sentence asks for beside its reasons, where that is about what the whole of it names."""
    plain, found = CONCEDED.sub("", REASONS.sub(" ", line)), None
    if first and plain.strip() and plain != line:
        again = understand(plain, situation)
        found = again if again is not None and again.lines and about_named(again, wording) else None
    if (found is None or found.question) and (plain := unrefuted(line)) != line:
        again = understand(plain, situation)
        rejects = again is not None and again.lines and all(re.match(r"no \d", x) for x in again.lines)
        found = again if rejects and about_named(again, wording) else found
    return found


@dataclass
class _Reader:
    """Reads the clauses of one sentence."""

    situation: Situation
    wording: Wording
    named: tuple[int, ...] = ()
    tried: dict[tuple[str, str, int], Reading | None] = field(default_factory=dict)

    def whole(self, text: str) -> Reading | None:
        """Several clauses."""
        return self.several(text) or self.several(parted(text))

    def spans_named(self, text: str) -> tuple[int, ...]:
        """The spans that are named one by one, so that "the rest" is not them."""
        items = self.wording.named(text)
        return tuple(n for item in items if item.by not in ("rest", "all") for n in item.numbers)

    def several(self, text: str) -> Reading | None:
        """Clauses one after the other, the longest first."""
        cuts = [(0, 0), *(match.span() for match in _RE.SPLIT.finditer(text)), (len(text), len(text))]
        if not 3 <= len(cuts) <= MOST_CLAUSES + 2:
            return None
        return self._from(text, cuts, 0, "", 0, {})

    def _from(
        self,
        text: str,
        cuts: Sequence[tuple[int, int]],
        at: int,
        before: str,
        about: int,
        seen: dict[tuple[int, str, int], Reading | None],
    ) -> Reading | None:
        if at == len(cuts) - 1:
            return Reading()
        if (at, before, about) in seen:
            return seen[at, before, about]
        found: Reading | None = None
        for stop in range(len(cuts) - 1, at, -1):
            part = text[cuts[at][1] : cuts[stop][0]].strip()
            first = self.one(part, before, about) if part else Reading()
            if at and _RE.AGREEING.fullmatch(part) and stop < len(cuts) - 1:
                first = Reading()  # "what about wages, yes, that one is a claim too"
            if first is None or (at == 0 and stop == len(cuts) - 1):
                continue
            rest = self._from(text, cuts, stop, first.verdict, first.about or about, seen)
            if (
                first.lines[-1:]
                and first.lines[-1].startswith("add ")
                and _RE.LABEL.fullmatch(text[cuts[stop][1] :])
            ):
                rest = Reading()  # "mark effusion, Finding too"
            if (
                rest is not None
                and at == 0
                and BARE.fullmatch(part)
                and rest.lines not in (("next",), ("back",), ("skip",))
            ):
                # "Ok, 2 is wrong" accepts nothing: the first word only leads up to the rest.
                rest = None
            named = [item.by for item in self.wording.named(text[cuts[stop][1] :])]
            if first.soft and first.question and "number" in named:
                rest = None  # "add colistin, and 5 is a test": no label of colistin
            if rest is not None:
                found = (self._that_too(part, text, first, rest) if at == 0 else None) or first.then(rest)
                break
        seen[at, before, about] = found
        return found

    def _that_too(self, part: str, text: str, first: Reading, rest: Reading) -> Reading | None:
        """Whether what is pointed at is meant beside the span named next: "that's wrong, HIT is nothing"."""
        items = self.wording.named(part)
        points = [item.by for item in items] in (["that"], ["this"]) and first.about and rest.about
        same = first.verdict == rest.verdict and first.verdict in ("ok", "no") and first.about != rest.about
        labels = [line.partition(" is ")[2] for line in (*first.lines, *rest.lines)]
        same = same or (len(labels) == 2 and labels[0] == labels[1] != "" and first.about != rest.about)
        if points and first.verdict == "no" and first.about != rest.about and labels[-1]:
            # "that is wrong, because 200 mg is not a drug but a dose" is said of that alone
            return rest
        if not (points and same) or re.search(r"\b(?:and|also|too|likewise|both)\b", text):
            return None
        verb, only = "Reject" if rest.verdict == "no" else "Accept", "; ".join(rest.lines)
        verb = f"{labels[0]} for" if labels[0] else verb
        spot = self.situation.spot(first.about)
        said = f"{first.about} “{spot.surface}”" if spot else str(first.about)
        both = (f"{verb} both", "; ".join((*first.lines, only)))
        return asked(f"Do you mean {said} as well?", (f"{verb} {rest.about} alone", only), both)

    def one(self, text: str, before: str = "", about: int = 0) -> Reading | None:
        """A single clause; ``about`` is the span that the one before it was about."""
        key = (text, before, about)
        if key not in self.tried:
            self.tried[key] = self._one(text, before, about)
        return self.tried[key]

    def _one(self, text: str, before: str, about: int) -> Reading | None:
        everywhere = " everywhere" in f" {text}"
        here = re.search(r"\bhere\b", text) is not None
        plain = squeezed(re.sub(r"\beverywhere\b", "", text)) if everywhere else text
        forms = [f"{plain} EVERYWHERE", plain] if everywhere else [plain]
        if here:
            forms.append(squeezed(re.sub(r"\bhere\b", "", plain)))
        opened = opener().sub("", plain, count=1)
        if before and opened != plain:
            forms.append(opened)
        for form in (form for form in forms if form.strip()):
            for intent in intents():
                if intent.regex.fullmatch(form):
                    read = self._read(intent, form, before, everywhere, here, about)
                    if read is not None:
                        return read
        return None

    def _read(
        self, intent: Intent, form: str, before: str, everywhere: bool, here: bool, about: int
    ) -> Reading | None:
        items = [self._rest(self.wording.item(marker)) for marker in _RE.MARKERS.findall(form)]
        situation = replace(self.situation, framed=about) if about else self.situation
        clause = Clause(situation, form, items, self.wording, before, everywhere, here)
        try:
            if intent.lines.startswith("@"):
                read: Reading | None = _READINGS[intent.lines[1:]](clause)
            else:
                line = filled(intent.lines, clause)
                # "googled it" looks for no "it"
                read = None if re.fullmatch(r'find "(?:it|this|that|them)"', line) else Reading((line,))
        except UnclearError as unclear:
            return unclear.reading
        except NotNamedError:
            return None
        if read is None:
            return None
        return read.of(intent)

    def _rest(self, item: Item) -> Item:
        pointed = _RE.THEM.search(self.wording.raw) if item.by == "all" else None
        before = self.wording.raw[: pointed.start()].lower() if pointed else ""
        spots = self.situation.these(self.named)
        if len(spots) > 1 and any(each.surface.lower() in before for each in spots):
            # "lisinopril is a drug, so I accept all of them"
            return replace(item, numbers=self.named, by="term", every=False)
        if item.by != "rest":
            return item
        numbers = tuple(n for n in item.numbers if n not in self.named)
        problem = item.problem if len(numbers) > 1 else "" if numbers else "nothing else is open here"
        if numbers and item.count > 1 and item.count not in (len(numbers), len(item.numbers)):
            problem = f"{len(numbers)} are open"  # "accept the other three"
        return Item("ref", item.said, numbers, by="all", problem=problem, every=not problem)


def _unsure(wording: Wording, situation: Situation) -> Reading:
    items = wording.named(wording.text)
    named = next((item.numbers[0] for item in items if len(item.numbers) == 1), 0)
    spot = situation.spot(named) or situation.focus
    if spot is None:
        return Reading(answer="Nothing is open here, so there is nothing to decide.")
    return choices_about(
        f"ok {spot.number}", situation, f"No hurry: what shall I do with {spot.number} “{spot.surface}”?"
    )
