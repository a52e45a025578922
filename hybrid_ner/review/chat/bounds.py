"""Words that spans shall be, in clauses of a few words: "12 only 0.8 l/ha"; "Dry: dry cough"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.gains import Edging, gain
from hybrid_ner.review.chat.losses import losses
from hybrid_ner.review.chat.naming import POINTS, RE, Thing, Told
from hybrid_ner.review.chat.offers import offered, sensible
from hybrid_ner.review.chat.reading import Reading, Understand
from hybrid_ner.review.chat.readings_edges import SHORTENED
from hybrid_ner.review.chat.sentences import in_parts
from hybrid_ner.review.chat.situation import (
    Situation,
    Spot,
    numbers_in,
    quoted,
    squeezed,
)
from hybrid_ner.review.chat.words import is_known
from hybrid_ner.review.store.labels import label_words, plain_words
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__, NUMERALS="|".join(w.NUMBERS))

_Range = tuple[int, int]
_FAR = 60
"""Characters between a span and the words that it shall begin or end with."""
_ADDS = frozenset(
    ("add", "needs", "need", "with", "plus", "include", "includes", "lacks", "lack", "missing", "takes",
     "take", "wants", "want", "run", "runs", "extend")
)  # fmt: skip
_SHRINKS = frozenset(
    ("only", "just", "should", "must", "be", "make", "change", "read", "say", "has", "have", "to", "keep",
     "shorten", "trim", "cut", "=", "->")
)  # fmt: skip
_BEGINS = frozenset(("begin", "begins", "beginning", "start", "starts", "starting"))
_ENDS = frozenset(("end", "ends", "stop", "stops", "finish", "finishes"))
_REACHES = frozenset(("up", "goes", "go", "runs", "run", "reach", "reaches", "extend", "extends"))
"""Words between a span and its words that say what becomes of it."""


def bounded(line: str, situation: Situation, understand: Understand) -> Reading | None:
    """The lines for a sentence that gives a span the words that it shall be; ``None`` for any other.

    Spans are named by number or by their words; their new words are the longest that stand so in the text
    at the span. A doubt or a question makes it one that is asked.
    """
    return (
        _bounded(line, situation)
        or _likewise(line, situation, understand)
        or _beside_bounds(line, situation, understand)
    )


def _bounded(line: str, situation: Situation) -> Reading | None:
    """The lines for a sentence of such clauses alone."""
    line = _RE.SIGHS.sub("", line)
    doubts = _RE.DOUBTS.search(line) is not None
    said = _RE.COMPARED.sub(_each_of_two, _RE.DOUBTS.sub("", line).strip(" .!?"))
    lines = _one(said, situation) or _listed(said, situation)
    if not lines and (given := gain(_RE.LEAD.sub("", said), situation)):
        lines, doubts = [given.line], doubts or not given.sure
    if not lines or not sensible("; ".join(lines)):
        return None
    return offered(lines, None) if doubts else Reading(tuple(lines), writes=True)


def _each_of_two(said: re.Match[str]) -> str:
    """ "Neither 10 nor 18 is complete: the former is …, and the latter …" with the numbers."""
    rest = re.sub(r"(?i)\bthe former\b", said["a"], said["rest"])
    return re.sub(r"(?i)\bthe latter\b", said["b"], rest)


def _listed(line: str, situation: Situation) -> list[str]:
    """The lines of several such clauses, each of which names its span."""
    parts = [part for part in _RE.NEXT_CLAUSE.split(line) if part.strip(" ,.;")]
    each = [_one(part.strip(" ,.;"), situation) for part in parts] if len(parts) > 1 else []
    bare = [_RE.BARE_WORDS.fullmatch(part.strip(" ,.;")) for part in parts]
    labels = label_words(situation.labels)
    words = [re.sub(r"(?i)^(?:is|are|as) (?:an? )?", "", said["words"]) if said else "" for said in bare]
    if any(each) and all(said and plain_words(said) not in labels for said in words):
        # "7 urinary catheter, 9 aspirin": fewer words too, beside those of others; but "3 court" is a label
        only = (f"{said['n']} only {said['words']}" for said in bare if said)
        each = [lines or _one(less, situation) for lines, less in zip(each, only, strict=True)]
    return [line for lines in each for line in lines] if each and all(each) else []


def _one(line: str, situation: Situation) -> list[str]:
    """The lines of one clause; none where it is anything else."""
    line = _RE.LEAD.sub("", line)
    line = _RE.rewritten("said_so", line)
    if labeled := _with_label(line, situation):
        return labeled
    if said := _RE.TAKE.fullmatch(line):
        held = situation.held(said["words"])
        one = held[0] if len(held) == 1 and squeezed(held[0].surface) != squeezed(said["words"]) else None
        return [f"{one.number} = {quoted(said['words'])}"] if one else []
    if said := _RE.FIGURE_ONLY.fullmatch(line):
        return _figure(said["unit"] or "", situation)
    if said := _RE.NAME_FIGURE.fullmatch(line):
        return _named_figure(said["name"], said["figure"], situation)
    if less := losses(line, situation) or _less(line, situation):
        return less
    spots, rest, named = _subject(line, situation)
    tail = _RE.LABEL_TOO.search(rest)
    if tail and re.match(r",? and an? ", tail.group()) and not re.search(r"(?i)\bbe\b", rest[: tail.start()]):
        tail = None  # "7 needs the dose and a date", but "5 should be the whole phrase, …, and an Asset"
    meant = situation.labels_named(tail["label"]) if tail else ()
    if tail and len(meant) == 1 and (lines := _one(line[: len(line) - len(tail.group())], situation)):
        numbers = {each.split()[0] for each in lines}  # "5 is 600 kg, that's the amount"
        return lines + [f"{n} is {meant[0]}" for n in numbers] if len(lines) == 1 else []
    bare = _RE.TAIL.sub("", rest)
    only = "only " if re.search(r"(?i)\b(?:only|alone|itself|own)\b", rest[len(bare) :]) else ""
    only += "with " if "belong" in rest[len(bare) :] else ""
    bare = _without(bare, spots)
    quotes = re.findall(r'"([^"]+)"', bare)
    bare = bare.replace('"', "").strip(" ,.;:")
    for link, words in _cuts(bare):
        told = {*only.split(), *re.findall(r"[a-z]+|=|->", link.lower())}
        if told & _CUTS and not told & _CUTS_TO:
            continue  # '7 make it shorter, cut "ends at L1"'
        if not told & _ADDS and any(squeezed(words) == squeezed(spot.surface) for spot in spots):
            return []  # "13 is 3,200 kg/ha", which it is
        if words != quotes[0] if len(quotes) == 1 else len(words) < 2 or _RE.NO_START.match(words):
            continue
        if named and not told and (link.strip() == "," or len(words.split()) < 2):
            continue  # "leads, pacemaker leads" may be two
        if lines := _lines(spots, told or ({":"} & {*link} if named else set()), words, named, situation):
            return lines
    given = gain(line, situation)
    return [given.line] if given and given.sure else []


def _with_label(line: str, situation: Situation) -> list[str]:
    """Words and label of one span: '9 -> Test + "LVEF"'; "TSH is the test and low is not part of it"."""
    labels = label_words(situation.labels)
    if said := _RE.LABEL_FIRST.fullmatch(line):
        meant = labels.get(plain_words(said["label"]), ((), False))[0]
        lines = _one(f"{said['n']} = {said['words']}", situation) if len(meant) == 1 else []
        return [*lines, f"{lines[0].split()[0]} is {meant[0]}"] if len(lines) == 1 else []
    if (said := _RE.PART_ONLY.fullmatch(line)) is None:
        return []
    meant = labels.get(plain_words(said["label"]), ((), False))[0]
    spot, out = situation.spot(situation.part_of(said["words"])), squeezed(said["out"])
    if spot is None or len(meant) != 1 or not spot.has(out):
        return []
    lines = [f"{spot.number} = {quoted(said['words'])}"] if out not in squeezed(said["words"]) else []
    return [*lines, f"{spot.number} is {meant[0]}"] if lines else []


def _subject(line: str, situation: Situation) -> tuple[list[Spot], str, bool]:
    """The spans that a clause begins with, the rest of it, and whether they are named by their words."""
    if said := _RE.NUMBERED.match(line):
        numbers = [w.NUMBERS.get(n.lower(), 0) or int(n) for n in _RE.NUMBER.findall(said["numbers"])]
        spots = situation.these(numbers)
        return (spots if len(spots) == len(numbers) else []), line[said.end() :], False
    if said := _RE.OF_LAST.match(line):
        # "It begins with 118A", right after it was changed; "yep, only 0.8 l/ha", of what was asked
        last = situation.spot(situation.touched) if situation.fresh else None
        spot = None if said["yes"] else last
        spot = spot or situation.spot(situation.waits) or situation.focus
        return [spot] if spot else [], line[said.end("head") :], False
    small = re.sub(r"(?i)^the ", "", line)
    if (own := re.match(r'"([^"]+)"', small)) and squeezed(own[1]) in situation.by_surface:
        small = f"{own[1]}{small[own.end() :]}"
    if said := _RE.NAME_NUMBER.match(small):  # Impella 2 should say CP
        spot = situation.spot(int(said["n"]))
        if spot and squeezed(said["name"]) in squeezed(spot.surface):
            return [spot], small[said.end() :], False
    names = [name for name in situation.by_surface if _begins(small.lower(), name)]
    name = max(names, key=len, default="")
    spots = situation.these(situation.by_surface.get(name, ()))
    return spots, small[len(name) :], True


def _begins(line: str, name: str) -> bool:
    return line.startswith(name) and not line[len(name) : len(name) + 1].isalnum()


def _without(rest: str, spots: Sequence[Spot]) -> str:
    """A clause less the words of its span that are to go: "3,200 kg/ha without the in wheat"."""
    said = _RE.LESS.search(rest)
    inside = said and all(spot.has(said["out"]) for spot in spots)
    return rest[: said.start()] if said and inside else rest


def _less(line: str, situation: Situation) -> list[str]:
    """The span that begins with words, less those at its end: "conus without the ends at L1"."""
    said = _RE.NAMED_LESS.fullmatch(line)
    spot = situation.spot(situation.part_of(said["name"])) if said else None
    if said is None or spot is None:
        return []
    out = re.search(rf"(?i)[\s,;(-]+{re.escape(said['out'])}\)?$", spot.surface)
    front = re.match(rf"(?i){re.escape(said['out'])}[\s,;-]+(?=\w)", spot.surface)
    kept = re.sub(_NO_END, "", spot.surface[: out.start()]) if out else ""
    kept = kept or (spot.surface[front.end() :] if front else "")
    inside = squeezed(said["name"]) in (squeezed(kept), squeezed(spot.surface)) or squeezed(
        said["name"]
    ) in squeezed(kept)
    label = situation.labels_named(said["label"])
    if not kept or not inside or (said["label"] and len(label) != 1):
        return []
    lines = [f"{spot.number} = {quoted(kept)}"]
    return lines + [f"{spot.number} is {each}" for each in label if each != spot.label]


_NO_END = r"(?i)(?:[\s,]+(?:of|the|an?|and|or|in|at|for|to|by|from|with))+$"


def _cuts(rest: str) -> Iterator[tuple[str, str]]:
    """What may stand between a span and its words, from nothing to the most, with the words after it."""
    at = 0
    while rest[at:].strip():
        yield rest[:at], rest[at:].strip()
        if (more := _RE.LINK.match(rest, at)) is None or more.end() == at:
            return
        at = more.end()


def _lines(spots: Sequence[Spot], told: set[str], words: str, named: bool, situation: Situation) -> list[str]:
    """The lines that give words to each span, or a phrase of them to each."""
    if plain_words(words) in label_words(situation.labels) and not told & {"only", "just"}:
        return []
    label, words = _label_first(words, situation)
    alone = named and squeezed(words) in situation.by_surface
    ranges = {s.number: at for s in spots if not alone and (at := _range(s, told, words, named, situation))}
    same = len(spots) > 1 and len(set(ranges.values())) < len(
        ranges
    )  # "5 and 6 need type 2 diabetes and gout"
    if same or not ranges or (len(ranges) < len(spots) and not named):
        ranges = _phrase_each(spots, told, words, named, situation)
    lines = [_placed(n, at, situation) for n, at in ranges.items()]
    return lines + [
        f"{n} is {label}" for n in ranges if label and (one := situation.spot(n)) and one.label != label
    ]


def _placed(number: int, at: _Range, situation: Situation) -> str:
    """The line for a span at new characters, which a quote alone finds only where they meet the old ones."""
    spot = situation.spot(number)
    apart = spot is None or at[1] <= spot.start or spot.end <= at[0]
    return f"{number} = {quoted(situation.text[slice(*at)])}{f' @{at[0]}-{at[1]}' if apart else ''}"


def _phrase_each(
    spots: Sequence[Spot], told: set[str], words: str, named: bool, situation: Situation
) -> dict[int, _Range]:
    """One phrase for each span in their order: "7 and 8 should be cardiac arrest and renal failure"."""
    for sign in (r",? and |, ", r", "):
        phrases = re.split(sign, words)
        if len(spots) > 1 and len(phrases) == len(spots):
            pairs = zip(spots, phrases, strict=True)
            found = {s.number: at for s, phrase in pairs if (at := _range(s, told, phrase, named, situation))}
            if len(found) == len(spots):
                return found
    return {}


def _label_first(words: str, situation: Situation) -> tuple[str, str]:
    """A label that stands before the words of a span, and the words: "4 pest citri"."""
    said = re.match(r"(?i)(?:an? )?([\w-]+)[,:]? (?=\w)", words)
    meant = situation.labels_named(said[1]) if said else ()
    if said and len(meant) == 1 and not situation.holds(words.lower()):
        return meant[0], words[said.end() :]
    return "", words


def _range(spot: Spot, told: set[str], words: str, named: bool, situation: Situation) -> _Range | None:
    """Where a span begins and ends that words are given to; ``None`` where they do not stand at it."""
    text = situation.text
    if not words.strip():
        return None
    pattern = r"\s+".join(map(re.escape, words.split()))
    before, after = (r"(?<!\w)" if words[:1].isalnum() else ""), (r"(?!\w)" if words[-1:].isalnum() else "")
    reach = _FAR + 2 * len(words)  # words that stand further off are not those of this span
    window = max(0, spot.start - reach), spot.end + reach
    for start, end in (m.span() for m in re.compile(f"(?i){before}{pattern}{after}").finditer(text, *window)):
        if text[end : end + 1] == "." and SHORTENED.fullmatch(words.split()[-1]):
            end += 1  # "should be Mehta J."
        over = spot.meets(start, end)
        gap = text[min(end, spot.end) : max(start, spot.start)]
        near = over or (len(gap) < _FAR and not re.search(r"[.;]\s|\n", gap))
        if told & _BEGINS or {"back", "to"} <= told:
            if near and start < spot.end and start != spot.start:
                return start, spot.end
        elif told & _ENDS or (told & _REACHES and "to" in told):
            if near and end > spot.start and end != spot.end and not told & {"before"}:
                return spot.start, end
        elif made := _made(spot, (start, end), told, words, named, situation):
            return made
    return None


def _made(
    spot: Spot, place: _Range, told: set[str], words: str, named: bool, situation: Situation
) -> _Range | None:
    """A span with words that stand at a place, by what is said between it and them."""
    start, end = place
    whole = min(start, spot.start), max(end, spot.end)
    over, covers = spot.meets(start, end), whole == place
    if place == (spot.start, spot.end):
        return None

    def others() -> bool:
        each = (s for s in situation.spots if s.start < whole[1] and whole[0] < s.end)
        return any(s.number != spot.number for s in each)

    beside = not over and re.fullmatch(r"\s*", situation.text[min(end, spot.end) : max(start, spot.start)])
    strange = any(not is_known(word) for word in re.findall(r"[^\W\d_]+", words.lower()))
    if covers:
        return place if told or not others() else None
    if told & _ADDS:
        return whole if (over or beside) and whole != (spot.start, spot.end) and not others() else None
    if over:
        return place if told & _SHRINKS and not named else None
    if beside and told & {"=", "->"} and " " in words and not others():
        return place  # "7 = EUR 1,200,000", where 7 has become what stands behind it
    # "7 in situ": words right behind it; "impella 7 should say CP"
    plain = not told or bool(told & {"=", "say", "says", "read", "reads"})
    return whole if beside and strange and plain and not named and not others() else None


def _figure(unit: str, situation: Situation) -> list[str]:
    """The figure of the span that is asked about, with its unit: "just the number and kg/ha"."""
    spot = situation.spot(situation.waits) or situation.focus
    unit = "" if not unit else r" ?[^\W\d_]\S*" if unit.startswith("unit") else rf" ?{re.escape(unit)}"
    found = list(re.finditer(rf"(?i)(?:[$€£¥] ?)?\d[\d.,]*{unit}(?!\w)", spot.surface)) if spot else []
    if spot is None or len(found) != 1 or len(found[0].group()) == len(spot.surface):
        return []
    return [f"{spot.number} = {quoted(found[0].group())}"]


def _beside_bounds(line: str, situation: Situation, understand: Understand) -> Reading | None:
    """Several orders, one of which gives a span its words: "6 no. 5 and 7 r ok but 7 in situ. rest fine"."""
    parts = [each for part in _RE.STOPS.split(line) for each in _two(part.strip(), situation)]
    each = [_one(part.strip(" .,;!"), situation) for part in parts]
    if len(parts) < 2 or not any(each):
        return None
    if found := in_parts(line, situation, understand):
        return found
    reads = [None if said else understand(part, situation) for said, part in zip(each, parts, strict=True)]
    sure = [list(read.lines) if read and read.writes and not read.question else [] for read in reads]
    alike = [said or read for said, read in zip(each, sure, strict=True)]
    depends = "?" in line or _RE.DEPENDS.search(line) or _RE.REST.search(line)
    if all(alike) and not depends and not _RE.POINTS.search(line):
        together = tuple(dict.fromkeys(made for lines in alike for made in lines))
        about = [n for made in together for n in numbers_in(re.sub(r'"[^"]*"', "", made))]
        if len(set(about)) == len(about):  # "exclude the strength, so just "aspirin"": one order
            return Reading(together, writes=True)
    # "Four should be electron microscopy. The band gap's fine", where the text goes on like that too
    lines = [made for said, part in zip(each, parts, strict=True) for made in said or _fine(part, situation)]
    over = [
        cut for cut in _RE.STOPS.finditer(line) if line[cut.start() - 4 : cut.end() + 4] in situation.text
    ]
    if not over or "?" in line:
        return None
    whole = len(lines) == len(parts) and sensible("; ".join(lines))
    return Reading(tuple(lines), writes=True) if whole else offered(lines, None)


def _fine(part: str, situation: Situation) -> list[str]:
    """The span that stands right behind what is said to be right: "the band gap's fine", of 1.58 eV."""
    said = _RE.IS_FINE.fullmatch(part.strip(" .,;!"))
    before = (
        rf"(?i)(?<!\w){re.escape(said['name'])}(?: (?:is|was|are|of|at|stood at))?[:=]? $" if said else ""
    )
    near = [s for s in situation.waiting if said and re.search(before, situation.text[: s.start])]
    return [f"ok {near[0].number}"] if len(near) == 1 else []


def _named_figure(name: str, figure: str, situation: Situation) -> list[str]:
    """The figure of the one span that has it, near a word: "fees 500 only" for "£500 plus VAT to fees"."""
    pattern = re.compile(rf"[$€£¥]?(?<![\d.,]){re.escape(figure)}(?![\d.,]*\d)")
    near = {
        spot.number: found.group()
        for spot in situation.spots
        if (found := pattern.search(spot.surface)) and found.group() != spot.surface
        if squeezed(name) in squeezed(situation.text[max(0, spot.start - _FAR) : spot.end + _FAR])
    }
    return [f"{n} = {quoted(text)}" for n, text in near.items()] if len(near) == 1 else []


def _two(part: str, situation: Situation) -> list[str]:
    """A part of a sentence, cut at the comma where a clause of new words for a span begins or ends."""
    if _one(part, situation):
        return [part]
    for cut in _RE.CLAUSE_END.finditer(part):
        before, after = part[: cut.start()], part[cut.end() :]
        ends = re.search(r"[a-z]", cut.group()) and _one(before, situation)  # "…, and accept 10"
        if " " in before and (ends or _one(after, situation)):
            return [before, after]
    return [part]


def _likewise(line: str, situation: Situation, understand: Understand) -> Reading | None:
    """An order about one span, done with one more: "12 should stop at "ha", and number 13 likewise".

    "aspirin without the dose, same for bisop": the other one may be called by how its name begins.
    """
    said = None if "?" in line else _RE.LIKEWISE.fullmatch(line) or _RE.SAME_FOR.fullmatch(line)
    other = _other(said["n"], situation) if said else 0
    first = understand(said["first"], situation) if said and other else None
    if said is None or first is None or not first.lines or not first.writes or first.question:
        return None
    about = {n for each in first.lines for n in re.findall(r"^(?:ok |no )?(\d+)\b", each)}
    if len(about) != 1 or str(other) in about or not all(re.match(r"\d+ [=<>+-]", x) for x in first.lines):
        return None
    own = situation.spot(int(about.pop()))
    names = [word for word, n in w.NUMBERS.items() if own and n == own.number]
    names += [str(own.number), re.escape(own.surface.split()[0])] if own else []
    called = rf"(?i)(?<![\w.,-])(?:{'|'.join(names)})(?![\w-]|[.,]\d)"
    again = re.sub(called, str(other), said["first"], count=1)
    second = understand(again, situation) if again != said["first"] else None
    alike = second and second.lines and all(re.match(rf"{other} [=<>+-]", each) for each in second.lines)
    return Reading((*first.lines, *second.lines), writes=True) if second and alike else None


def _other(said: str, situation: Situation) -> int:
    """Number of the span that is called by its number, or by how its name begins; 0 for none or several."""
    if said.isdecimal() or said.lower() in w.NUMBERS:
        return w.NUMBERS.get(said.lower(), 0) or int(said)
    spots = [s.number for s in situation.spots if s.surface.lower().startswith(said.lower())]
    return spots[0] if len(spots) == 1 else 0


_CUTS = frozenset(("cut", "trim", "shorten"))
_CUTS_TO = frozenset(("to", "at", "after", "until", "down", "back"))
"""Without such a word "cut" takes the words away."""


_NEXT_TO = 3
"""Characters between mentions that are joined, at most."""


class Joining(Edging):
    """Makes the lines that join mentions."""

    def _neighbours(self, said: str) -> list[Spot] | None:
        """The two mentions with such words that stand side by side: "chocolate and agar"."""
        words = [part for part in re.split(RE.LISTS, said) if part]
        places = self.where(" ".join(words)) if len(words) == 2 else []
        spots = [s for s in self.situation.spots if any(a <= s.start and s.end <= b for a, b in places)]
        return spots if len(places) == 1 and len(spots) == 2 else None

    def joined(self, said: re.Match[str], told: Told) -> Told | None:
        """Neighbours as one: "3 4 and 14 15" are two pairs."""
        if all(self.label(part) for part in re.split(RE.LISTS, said["s"]) if part):
            return None  # "statute and provision belong together" names no mention
        spots = self._neighbours(said["s"]) or self.spots(said["s"], told) or []
        if POINTS.fullmatch(said["s"]) and not told.about:
            spots = self._just_added() or spots
        if spots and (into := said.groupdict().get("into")):
            (start, end), places = (min(s.start for s in spots), max(s.end for s in spots)), self.where(into)
            return told.with_lines(self._joins(spots), spots, None) if (start, end) in places else None
        lines, label = (
            self._joins(spots),
            self.label(next((said[g] for g in ("label", "kind", "sort") if said.groupdict().get(g)), "")),
        )
        if lines and label and len(lines) == 1 and min(spots, key=lambda s: s.start).label != label:
            lines = [*lines, f"{min(spots, key=lambda s: s.start).number} is {label}"]
        return told.with_lines(lines, spots, self._join_again) if lines else None

    def _joins(self, spots: Sequence[Spot]) -> list[str] | None:
        if len({spot.number for spot in spots}) < 2:
            return None  # "pituitary belongs to it"
        rows: list[list[Spot]] = []
        for spot in sorted(spots, key=lambda each: each.start):
            gap = self.situation.text[rows[-1][-1].end : spot.start] if rows else ""
            if rows and (len(gap) <= _NEXT_TO or (len(spots) == 2 and RE.SMALL_GAP.fullmatch(gap))):
                rows[-1].append(spot)
            else:
                rows.append([spot])
        if not rows or any(len(row) < 2 for row in rows):
            return None
        return [f"merge {' '.join(str(each.number) for each in row)}" for row in rows]

    def _just_added(self) -> list[Spot]:
        """The mentions that the last step has added: "make it one place"."""
        texts = re.findall(r'add "([^"]*)"', self.situation.last) if self.situation.fresh else []
        mine = [s for s in self.situation.in_text if s.source == "reviewer" and not s.out]
        last = [s for s in mine if squeezed(s.surface) in map(squeezed, texts)]
        beside = [s for s in mine if len(last) == 1 and s not in last and self._joins([*last, s])]
        return [*last, *beside]

    def between(self, said: re.Match[str], told: Told) -> Told | None:
        spots = sorted((e for e in told.about if isinstance(e, Spot)), key=lambda e: e.start)
        if len(spots) < 2 or not told.lines or not any(e.startswith("merge ") for e in told.lines[-2:]):
            return None
        gap = self.situation.text[spots[0].end : spots[-1].start]
        return told if squeezed(said["words"].strip('"')) == squeezed(gap) else None

    def _join_again(self, things: Sequence[Thing]) -> list[str] | None:
        found = self._joins([each for each in things if isinstance(each, Spot)])
        return found if all(isinstance(each, Spot) for each in things) else None
