"""Where spans begin and end, in sentences that no wording fits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.clauses import CUT, MARKER, kind, word_kinds
from hybrid_ner.review.chat.numbered import in_single_numbers
from hybrid_ner.review.chat.offers import offered
from hybrid_ner.review.chat.reading import Item, Reading, Wording
from hybrid_ner.review.chat.situation import Situation, Spot, quoted, spans_in, squeezed
from hybrid_ner.review.store.labels import label_words, plain_words
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)
_GAP = 25
"""Characters that a mention and words which it may take in are apart: white space, "of", "the"."""


def edge_meant(
    spot: Spot, said: str, text: str, named: bool, situation: Situation
) -> tuple[str, bool] | None:
    """The new text of a span, and whether the sentence says so in words that are known."""
    words = set(text.split())
    edges = {
        "whole",
        "full",
        "complete",
        "entire",
        "words",
        "word",
        "belongs",
        "belong",
        "short",
        "part",
        "finished",
    }
    cuts = words & {"without", "reject", "minus", "shorten", "cut", "off", "out", "except", "no"}
    doc = situation.text
    for start, end in situation.places_within(said, spot.start - _GAP + 1, spot.end + _GAP - 1):
        if start <= spot.start and spot.end <= end:
            if not words & (kind("takes") | {"whole", "full", "thing", "complete", "entire", "merge"}) and (
                not named or words & kind("denies")
            ):
                return None  # "counsel Rao is the lawyer, so change 3" is nothing about where it begins
            return " ".join(doc[start:end].split()), not cuts
        if spot.start <= start and end <= spot.end:
            if not named or not (cuts or words & {"only", "just", "read", "say", "shorten"}):
                return None
            left, right = doc[spot.start : start].strip(" ,;-"), doc[end : spot.end].strip(" ,;-")
            away = re.search(r"(?:shorten|cut) TXT\d+ (?:from|off|out of) ", text)  # "trim chest from 8"
            # "reject 20, 11 should be only heparin" leaves out nothing of 11
            target = re.search(r"\b(?:is|read|say) (?:only )?TXT\d+", text) and cuts <= {"reject", "no"}
            kept = (left or right) if cuts and not target and (away or "shorten" not in cuts) else said
            kept = re.sub(r"(?i)[\s,;-]+(?:of|the|and|for|at|in|to|&)$", "", kept)
            return (" ".join(kept.split()), not (left and right)) if kept else None
        takes = words & kind("takes")
        gap = doc[min(end, spot.end) : max(start, spot.start)]
        if named and re.fullmatch(r"[\s,]*(?:(?:of|the)\s+)*", gap):
            if "missing" in words or re.search(r"LAB", text) or not (words & edges or takes):
                return None  # "metoprolol was stopped"
            return " ".join(doc[min(start, spot.start) : max(end, spot.end)].split()), bool(
                takes
            ) and not cuts
    return None


def parted(text: str, wording: Wording, situation: Situation) -> tuple[str, ...]:
    """Lines for one span that is two: "the Act stays STATUTE and 1996 becomes a DATE"."""
    labeled = dict(re.findall(r"(TXT\d+) (?:(?!TXT|LAB|not\b|no\b|never\b)\S+ ){0,5}(LAB\d+)", text))
    said = {wording.item(m).said.lower(): m for m in re.findall(r"TXT\d+", text)}
    markers = list(said.values())
    items = {marker: wording.item(marker) for marker in markers}
    inside = {situation.part_of(item.said) for item in items.values()}
    spot = situation.spot(min(inside)) if len(inside) == 1 and len(markers) == 2 else None
    if spot is None or not (len(labeled) == 2 or (labeled and re.search(r"\b(?:split|own)\b", text))):
        return ()
    labels = {m: wording.item(labeled[m]).labels if m in labeled else (spot.label,) for m in markers}
    stays = [m for m in markers if labels[m] == (spot.label,)]
    goes = [m for m in markers if m not in stays and len(labels[m]) == 1]
    if len(stays) != 1 or len(goes) != 1 or items[goes[0]].said in items[stays[0]].said:
        return ()
    kept, new = quoted(items[stays[0]].said), quoted(items[goes[0]].said)
    return f"{spot.number} = {kept}", f"add {new} {labels[goes[0]][0]}"


def not_just(text: str, wording: Wording) -> str:
    """ "pulmonary embolism, not just embolism" as words that the span shall include."""
    short = re.search(
        r"(TXT\d+)(?: (?!not\b|no\b|wrong\b|REF|TXT|reject|DOUBT|if\b)[\w-]+){0,4} ?,? (?:and |it is )?not "
        r"(?:only )?(REF\d+)(?: alone| only| by itself)? ?;?$",
        text,
    )
    if short is None or wording.item(short[2]).said.lower() not in wording.item(short[1]).said.lower():
        return text
    return f"{text[: short.start()]} include {short[1]} in {short[2]}"


def joined_or_inside(word: str, labels: Sequence[str], situation: Situation, raw: str) -> str:
    """The line for words that a label is given to and that are no span, but share words with one.

    Inside an open span of that label they stand for it; where they hold spans and are said to be one, the
    span of that label becomes them. Empty where neither fits.
    """
    places = situation.places(word)
    if len(places) != 1 or len(labels) != 1:
        return ""
    (start, end), label = places[0], labels[0]
    spots = [s for s in situation.spots if s.meets(start, end) and s.label == label]
    if len(spots) != 1:
        return ""
    spot = spots[0]
    much = len(spot.surface.split()) - len(word.split()) > 2  # "Okafor" for Mr Justice Okafor
    if spot.open and spot.start <= start and end <= spot.end and not much:
        return f"ok {spot.number}"
    whole = re.search(
        r"(?i)\b(?:as|be|is|into) (?:one|a single)\b|\b(?:join|merge|whole|together|all one)\b"
        r"|^[^:\"]{2,20}: *\"",
        raw,
    )
    if whole and start <= spot.start and spot.end <= end:
        return f"{spot.number} = {quoted(' '.join(situation.text[start:end].split()))}"
    return ""


def of_edges(text: str) -> bool:
    """Whether a clause has no other words than those that say where a span begins and ends."""
    # "not just the last word"
    plain = re.sub(r"\bnot (?:only )?(?:first|last|finished|complete|whole|full)\b", "", text)
    words = {t for t in plain.split() if not MARKER.fullmatch(t)}
    known = {t for t in words if word_kinds().get(t) == "glue"} | set(w.SAYS["edge"].split())
    return "UNK" not in text and not words - known and not words & kind("denies") - {"without"}


_STRONG = frozenset(
    (
        "include",
        "extend",
        "add",
        "merge",
        "plus",
        "read",
        "say",
        "shorten",
        "complete",
        "whole",
        "full",
        "needs",
    )
)


def plainly_edges(text: str, named: Sequence[Item]) -> bool:
    """Whether words about a span's edges are to be done though others stand between.

    They say no verdict, and name the span by number or place, or take words in: "span s/b type 2 diabetes".
    """
    words = set(text.split())
    verdicts = {word for word, says in word_kinds().items() if says in ("ok", "no", "leave", "missing")}
    if words & (verdicts | kind("denies") | {"goes", "go", "was", "DOUBT", "?"}):
        return False
    return any(item.by in ("number", "order") for item in named) or bool(words & _STRONG)


@dataclass(frozen=True, slots=True)
class Edge:
    """Words that a span shall have, lose, or be.

    Args:
        text: The sentence without these words.
        number: The span.
        line: What changes it; empty where nothing is said of edges.
        sure: Every word of what is said is known.
    """

    text: str
    number: int = 0
    line: str = ""
    sure: bool = True


def edge_found(text: str, wording: Wording, situation: Situation) -> Edge:
    """The line for words that a span shall have, lose, or be, and the text without these words."""
    named = wording.named(text)
    numbers = _spoken_of(text, named, wording, situation)
    if _RE.STANDS.fullmatch(text):
        return Edge(text)
    text = not_just(text, wording)
    be = re.fullmatch(r"(?:UNK\d+ )?(?:thing |REF\d+ )?is (?:only )?(TXT\d+)", text)
    words = wording.item(be[1]).said if be else ""
    if words and (situation.held(words) or situation.part_of(words)):
        text = f"read {text}"  # "should say severe chest pain"
    parts = [part for part in CUT.split(text) if part.strip()]
    plain = [part for part in parts if of_edges(part)]
    labels = {label for each in re.findall(r"LAB\d+", text) for label in wording.item(each).labels}
    # the words of a clause that speaks of edges come first
    order = [
        (not _target(m, text), not any(m in p.split() for p in plain)) for m in re.findall(r"TXT\d+", text)
    ]
    for _, marker in sorted(zip(order, re.findall(r"TXT\d+", text), strict=True), key=lambda each: each[0]):
        used = [part for part in parts if marker in part.split() or part in plain]
        # "x-ray without chest" leaves out chest, and not x-ray
        said = wording.item(marker).said
        about = re.sub(rf"\b(?:without|minus|except|no|not) (?!{marker}\b)TXT\d+", "", " ".join(used))
        # "counsel Rao is the lawyer, so change 3" is nothing about where it begins
        own = bool(numbers) and ("LAB" not in about or re.search('[="“]', wording.raw) is not None)
        spots = [s for s in situation.spots if not numbers or s.number in numbers]
        made = [(s, to) for s in spots if (to := edge_meant(s, said, about, own, situation))]
        if len(made) > 1:
            # of two spans that a longer one covers, the one of its label
            made = [each for each in made if each[0].label in labels][:1] if labels else []
        # "section 5 of the Act" without "the section" is no "5 of the Act"
        made = [(s, to) for s, to in made if not re.match(r"\d+\w* of ", to[0]) or s.surface[0].isdigit()]
        if not made:
            continue
        spot, (line, known) = made[0]
        rivals = {m for part in used for m in re.findall(r"TXT\d+", part)} - {marker}
        rivals = {
            m
            for m in rivals
            if (to := edge_meant(spot, wording.item(m).said, about, own, situation)) and to[0] != line
        }
        # what is to be left out may not stay: "take "the appeal" and "allowed" off 5"
        stays = len(line) < len(spot.surface)
        others = {m: wording.item(m).said.lower() for m in rivals}
        rivals = {
            m for m, own in others.items() if own != line.lower() and (stays or own not in line.lower())
        }
        clear = not rivals or _target(marker, text)
        sure = clear and ((known and all(map(of_edges, used))) or plainly_edges(text, named))
        kept = [part for part in parts if part not in used]
        kept += [t for part in used for t in part.split() if t.startswith("LAB")]
        dotted = re.search(rf'{re.escape(line)}\.(?:"| [a-z])', wording.raw)
        if dotted and f"{line}." in situation.text:
            line += "."  # "Mehta J."
        return Edge(" , ".join(kept), spot.number, f"{spot.number} = {quoted(line)}", sure)
    return Edge(text)


def _target(marker: str, text: str) -> bool:
    """Whether words are said to be what a span shall be: "should read TXT2"."""
    return re.search(rf"\b(?:is|reads?|says?|become|becomes|includes?) {marker}\b", text) is not None


def _spoken_of(text: str, named: Sequence[Item], wording: Wording, situation: Situation) -> list[int]:
    """The spans whose edges a sentence may be about; none where it names none."""
    own = [item for item in named if item.by not in ("all", "rest", "label")]
    own = own or [item for item in named if item.by == "label" and len(item.numbers) == 1]
    places = [p for m in re.findall(r"TXT\d+", text) for p in situation.places(wording.item(m).said)]
    held = {s.number for a, b in places for s in situation.spots_at(a, b) if a <= s.start and s.end <= b}
    # "it's type 2 diabetes, take the whole thing" is about the span in these words
    numbers = [n for item in own if item.by not in ("this", "that") or not held for n in item.numbers]
    return numbers or (sorted(held) if own and len(held) == 1 else [])


_ANY_NAME = ("name", "term", "phrase", "span", "title", "entity", "mention", "expression")
"""What any span may be called, so that the framed one is meant: "Mrs belongs to the name"."""


def apposed(line: str, situation: Situation) -> str:
    """What is missing, named with its label before it: "add the date March 2019"."""
    if "?" in line or not _RE.ADDING.search(line):
        return ""
    words = list(re.finditer(r"[^\s,:]+", line))
    labels = label_words(situation.labels)
    for at, word in enumerate(words[:-1]):
        if plain_words(word.group()) not in labels or (at == 0 and not word.group()[0].isupper()):
            continue
        label = labels[plain_words(word.group())][0]
        first = at + 1 + (words[at + 1].group() in ("missing", "called", "named"))
        for last in range(len(words), first, -1):
            said = line[words[first].start() : words[last - 1].end()].rstrip(".!")
            if situation.places(longer := f"{word.group()} {said}".lower()):
                said = longer  # "section 397", where sections are provisions
            places = situation.places(said.lower())
            if (
                not places
                or len(label) != 1
                or _RE.ADDS.fullmatch(said)  # "an allergy is missing"
                or any(s.meets(a, b) for a, b in places for s in situation.spots)
            ):
                continue
            before = re.sub(
                r"(?i)\b(?:the|an?|another|one more)(?: (?:first|second|last|new|other))? $",
                "",
                line[: word.start()],
            )
            rest = f"{before} {line[words[last - 1].end() :]}"
            return f'add "{said}" as {label[0]}' if _RE.ADDS.fullmatch(rest) else ""
    return ""


_FRAMED_IS = tuple(
    re.compile(pattern)
    for pattern in (
        # too short, should be dry cough; too much text, aspirin is enough
        r"(?i)(?:(?:it|this)(?:'s| is) )?(?:too (?:short|long|much|little)(?: text)?|incomplete"
        r"|not complete|cut off|wrong (?:boundary|boundaries|extent|edges?))[,;:.] "
        r"(?:(?:it )?(?:should|must) be |it'?s |just |only |make it )*"
        r"([^,;.?]+?)(?: is enough| is sufficient| will do| only| alone)?[.!]*",
        # just the drug name, aspirin; both words, Holter monitor
        r"(?i)(?:just|only) the (?:\w+ )?(?:name|word|words|term|title|noun|surname)[,:] ([^,;.?]+?)[.!]*",
        r"(?i)(?:both|all|all three|the two|the three) words[,:]? ([^,;.?]+?)[.!]*",
        # the correct term would be Holter monitor
        r"(?i)(?:the )?(?:correct|right|full|complete|proper|whole|entire) (?:term|name|phrase|expression"
        r"|title|wording|text|span)(?: here)?"
        r"(?: would be| is| should be| reads| ought to be|:) ([^,;.?]+?)[.!]*",
        # I would mark just dizziness here
        r"(?i)(?:i|we)(?:'d| would| should)? (?:mark|tag|take|use|keep|highlight|have) (?:just|only) "
        r"([^,;.?]+?)(?: here)?[.!]*",
        # I only need 1,840 pounds there; the amount is only 1,840 pounds
        r"(?i)(?:i|we) (?:only|just) (?:need|want) ((?:[^,;.?]|,(?=\d))+?)(?: here| there)?[.!]*",
        r"(?i)the \w+ (?:itself )?is (?:only|just) ((?:[^,;.?]|,(?=\d))+?)[.!]*",
    )
)


def framed_words(line: str, situation: Situation) -> str:
    """What the framed span shall be, where only its words are given: "both words, Holter monitor"."""
    spot = situation.focus
    said = next(filter(None, (pattern.fullmatch(line) for pattern in _FRAMED_IS)), None)
    if spot is None or said is None or any(s.surface.lower() == said[1].lower() for s in situation.spots):
        return ""
    words = said[1].strip('"“” ')
    over = any(spot.meets(start, end) for start, end in situation.places(words.lower()))
    return f'{spot.number} should read "{words}"' if over else ""


_NUMBERED = rf"(?:(?:number|no\.?|span) )?(?P<n>\d{{1,3}}|{'|'.join(w.NUMBERS)})"
_AND_WORDS = tuple(
    re.compile(rf"(?i){pattern}")
    for pattern in (
        # Number five, the krater, splendid
        rf"{_NUMBERED},? (?:(?:the|that|this|an?) )?(?P<words>[^,;.?!]{{2,40}}), ?(?=[a-z])",
        # The word judge at seven is merely a description
        rf"(?:the )?(?:(?:words?|term|name) )?(?P<words>[^,;.?!]{{2,40}}?) (?:at|in|under|of) {_NUMBERED}"
        r" (?=(?:is|isn'?t|was|should|must|ought|can|needs|has)\b)",
    )
)


def numbered(line: str, situation: Situation) -> str:
    """A span named by its number and its words, which others have too, by its number alone.

    Or, where words of the text are all that is said of it, these as its own: "25 end of june".
    """
    for pattern in _AND_WORDS:
        said = pattern.match(line)
        spot = situation.spot(w.NUMBERS.get(said["n"].lower(), 0) or int(said["n"])) if said else None
        label = (
            pattern is _AND_WORDS[0] and said and plain_words(said["words"]) in label_words(situation.labels)
        )
        if said and spot and not label and spot.has(said["words"]):
            return f"{spot.number} {line[said.end() :]}"
    said = _RE.ITS_WORDS.fullmatch(line)
    spot = situation.spot(int(said["n"])) if said else None
    if said and spot and len(squeezed(spot.surface)) < len(words := said["words"].lower()):
        over = any(a <= spot.start and spot.end <= b for a, b in situation.places(words))
        return f'{spot.number} should read "{said["words"]}"' if over else ""
    return ""


def headed(line: str, situation: Situation) -> str:
    """A span named by the last word of its name: "the garage is a place", of Hargreaves Garage."""
    if (said := _RE.HEADED.fullmatch(line)) is None or len(situation.places(said["word"].lower())) != 1:
        return ""
    word = said["word"].lower()
    spots = [s for s in situation.spots if s.surface.lower().endswith(f" {word}")]
    named = plain_words(word) in label_words(situation.labels) or word in situation.by_surface
    if named or len(spots) != 1 or not (said["before"] or said["after"].strip(".!")):
        return ""
    return f"{said['before']}{spots[0].number}{said['after']}"


def begun(line: str, situation: Situation) -> str:
    """Mentions of one name, called by its first words: "osterley fine", of Osterley Joinery plc."""
    if (said := _RE.BEGUN.fullmatch(line)) is None or (
        key := squeezed(said["words"])
    ) in situation.by_surface:
        return ""
    if " " not in key and (w.is_known(key) or w.is_english(key)):
        return ""
    spots = [s for s in situation.spots if squeezed(s.surface).startswith(f"{key} ")]
    alone = situation.only_named(key) and len(situation.places(key)) == len(spots) > 1
    one = len({(squeezed(s.surface), s.label) for s in spots}) == 1
    return f"{' and '.join(str(s.number) for s in spots)} {said['rest']}" if alone and one else ""


def joined(line: str, situation: Situation) -> str:
    """Words that belong to the one span of a label that they stand beside: "2021 belongs to the date"."""
    if said := _RE.NEEDS.fullmatch(line):
        after = [start for start, _ in situation.places(said[2].lower())]
        ending = [s for s in situation.spots if s.surface.lower().endswith(f" {said[1].lower()}")]
        own = [spot.number for spot in ending if any(0 < start - spot.end < 3 for start in after)]
        return f'include "{said[2]}" in {own[0]}' if len(own) == 1 else ""
    if (said := _RE.BELONGS.fullmatch(line)) is None:
        return ""
    labels = situation.labels_named(said[2])
    framed = [situation.focus] if said[2].lower() in _ANY_NAME and situation.focus else []
    if not (labels or framed):  # "grade II belongs to the murmur"
        framed = [s for s in situation.spots if said[2].lower() in (s.surface.lower().split() or [""])[-1:]]
    places = situation.places(said[1].lower())
    beside = [
        spot.number
        for spot in framed or situation.labeled(labels)
        for start, end in places
        if spot.beside(start, end)
    ]
    return f'include "{said[1]}" in {beside[0]}' if len(beside) == 1 else ""


# "change LR7 to Problem everywhere", "every LR7 should be Problem"
_OF_MENTIONS = re.compile(r"(?i)\b(?:re-?label|chang|switch|mov|turn|correct|fix|instead|should|wrong)|->|→")
"""What is said of mentions that there are, rather than of the words."""


def relabels(term: str, label: str, raw: str, situation: Situation) -> list[str]:
    """The lines that give words a label in all documents, and mark their places without a mention.

    Where the line speaks of mentions ("change LR7 everywhere") these alone; where other documents have the
    words too, the term is kept ("aspirin's a drug every time, all documents"). "All the vancomycins are
    drugs" is of those that are shown.
    """
    shown = term.lower() in situation.by_surface and _RE.OF_SHOWN.match(raw)
    marks = situation.bare(term) and not (shown or _OF_MENTIONS.search(raw))
    if marks and situation.elsewhere(term):
        return [f"always {quoted(term)} {label}"]
    lines = [f"relabel all {quoted(term)} -> {label}", f"add all {quoted(term)} {label}"]
    return lines if marks else lines[:1]


def bulk(
    groups: dict[str, list[int]], sure: bool, situation: Situation, one: Spot | None, raw: str
) -> Reading | None:
    """The lines for all documents, each of which asks by itself."""
    lines: dict[str, None] = {}
    for to, numbers in groups.items():
        for spot in filter(None, map(situation.spot, numbers)):
            made = [f"{to} all {quoted(spot.surface)}"]
            made = made if to in ("ok", "no") else relabels(spot.surface, to, raw, situation)
            lines |= dict.fromkeys(made[: None if sure else 1])
    if len([each for each in lines if not each.startswith("add ")]) == 1 and sure:
        return Reading(tuple(lines), writes=True)
    return offered(list(lines)[:1], one) if lines else None


def in_numbers(line: str, situation: Situation) -> str:
    """A line with the numbers of the groups in it that are told by a label, or by a name and a count.

    "All the other amounts": those that are open and not named before. What is left out of a group with what
    it is instead is wrong: "all the drugs are right except Lasix, that's a doctor". But "make her other
    person" says a label, where one is called so.
    """
    for label in (each for each in situation.labels if each.lower().startswith("other")):
        said = re.sub("[_ -]", "[_ -]", label)
        line = re.sub(rf"(?i)(?<!the )(?<!all )(?<!any )(?<!every )(?<!these )\b{said}s?\b", label, line)
    line = in_single_numbers(line, situation)
    for pattern, how in _RE.rules("groups"):
        line = pattern.sub(partial(_group, how=how, situation=situation), line)
    return line


def _group(said: re.Match[str], how: str, situation: Situation) -> str:
    ways, before = said.groupdict(), said.string[: said.start()].lower()
    name, spots = ways.get("name") or "", _members(ways, how, situation)
    focus = situation.focus
    if _RE.PART_OF.search(before) or (how == "agreed" and not situation.asked):
        return said.group()
    if how in ("other", "same"):
        answered = focus.number if focus and re.match(r"\W*no\b", before) else 0
        said_of = spans_in(situation.last) | {answered}
        rest = before + said.string[said.end() :].lower()
        spots = [s for s in spots if squeezed(s.surface) not in rest and s.number not in said_of]
        exact = [s for s in spots if squeezed(s.surface) == squeezed(name)]
        spots = exact or spots
    if how == "money" and re.match(
        r"(?i) (?:as |is |are )*(?:correct|right|ok|okay|fine)", said.string[said.end() :]
    ):
        labels = [s.label for s in spots]
        spots = [s for s in spots if s.label == max(labels, key=labels.count)]
    if how == "pair":
        spots = [s for s in spots if squeezed(s.surface) == squeezed(name)]
        verdict = re.sub(rf"(?i)^{re.escape(name)} (?=\w)", "", ways["y"])
        both = len(spots) > 1 and len(spots) == len(situation.places(spots[0].surface))
        return f"{spots[0].number} {ways['is']}. {spots[1].number} {verdict}" if both else said.group()
    said_count = next((ways[each] for each in ("count", "count2") if ways.get(each)), "").lower()
    counted = w.NUMBERS.get(said_count, int(said_count) if said_count.isdecimal() else 0)
    agreed = how == "agreed" and focus and len(spots) == counted + 1
    one = how == "other" and re.match(r"(?i)the other (?!.*(?:s|people|kin)$)", said.group())
    if not spots or (counted and len(spots) != counted and not agreed) or (one and len(spots) > 1):
        return f"some of the {ways['label']}" if spots and ways.get("label") else said.group()
    if how == "agreed":
        return f"{_listed(sorted({*spots, *([focus] if focus else [])}, key=lambda s: s.number))} are right"
    if how == "but":
        out = [s for s in spots if squeezed(ways["but"]) in squeezed(s.surface)]
        kept = [s for s in spots if s not in out]
        why = f". {out[0].number} is wrong" if ways["why"] and len(out) == 1 else ""
        return f"{_listed(kept)} are right{why}" if kept and len(out) == 1 else said.group()
    return f"{name}{ways['said']}. {spots[0].number} " if how == "apart" else _listed(spots)


def _members(ways: Mapping[str, str | None], how: str, situation: Situation) -> list[Spot]:
    """The mentions of a group: those of a name, or the open ones of a label or with a sign of money."""
    name, nth = ways.get("name") or "", ways.get("nth") or ""
    if not name:
        labels = situation.labels_named(ways.get("label"))
        sign = {"dollar": "$", "pound": "£", "euro": "€"}.get((said := ways.get("money") or "").lower(), said)
        return [s for s in situation.offered if s.label in labels or (sign and sign in s.surface)]
    found = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", 0 if how == "capital" else re.IGNORECASE)
    spots = [s for s in situation.in_text if found.search(s.surface) and (s.open or how != "same")]
    if not nth:
        return spots
    at = {"last": -1, "end": -1, "other": 1}.get(nth, w.ORDINALS.get(nth, 0) - 1)
    whole = [m.span() for m in found.finditer(situation.text)]
    if how in ("capital", "apart_end"):  # "the second Hail", where the text has "hail" too
        mixed = how == "apart_end" or len(whole) < len(
            re.findall(found.pattern, situation.text, re.IGNORECASE)
        )
        place = whole[at] if -len(whole) <= at < len(whole) and mixed else None
        return [s for s in spots if place and s.start <= place[0] < s.end]
    return [s for s in spots if squeezed(s.surface) == squeezed(name)][at : at + 1 or None]


def _listed(spots: Sequence[Spot]) -> str:
    *first, last = [str(spot.number) for spot in spots]
    return f"{', '.join(first)} and {last}" if first else last
