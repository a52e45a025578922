"""Where spans begin and end, told by words of the text alone: several at once, or the one that has them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hybrid_ner.review.chat.reading import Reading
from hybrid_ner.review.chat.situation import Situation, Spot, quoted, squeezed
from hybrid_ner.review.store.labels import labels_meant

_NUMBERS = r"(?P<numbers>\d+(?:(?:,| and| &| n| ?\+|, and) ?\d+)+)"
_SEVERAL = re.compile(
    rf"(?i)^(?:please )?(?:both )?(?:numbers? )?{_NUMBERS}[,:]? (?:(?:are|is|should|must|need|needs|want|both"
    r"|each|all|to|be|read|say|the|whole|full|complete|entire|thing|things|phrase|phrases|words|name|names|term|terms"
    r"|miss|lack|=|->|should both)[,:]? )*(?P<words>[^;?\"]{3,120}?)[.! ]*$"
)
"""5 and 6 need the whole thing, type 2 diabetes and chronic kidney disease; 7 n 16 are wound infection."""
_ONLY = re.compile(
    r"(?i)^(?:(?:only|just) (?P<after>[^,;.?\"]{2,50}?)|(?P<before>[^,;.?\"]{2,50}?),? (?:only|alone))"
    r"(?:[,;.] (?P<rest>[^?]{3,60}))?[.! ]*$"
)
"""Breathless only, moving is not the symptom"""
_NOT_OF = re.compile(
    r"(?i)^(?:the )?(?P<word>words? )?[\"']?(?P<words>[^,;.?\"]{2,40}?)[\"']?"
    r" (?:(?:does|do)(?:n't| not) belong|(?:has|have) no place|is not part)"
    r"(?: (?:to|in|with|there|of|here))*(?P<rest>[^,;.?]{0,30})[.! ]*$"
)
"""twice does not belong to the tube"""
_BOTH_SAID = re.compile(
    r"(?i)^(?P<number>\d+)[:,]? (?P<edge>(?:only|just) [^,;.?]{2,60}?),? (?:and )?(?:it'?s|it is|that'?s|is)"
    r"(?: also)? (?:an? )?(?P<label>[\w-]+)[.! ]*$"
)
"""10: only digital dermatitis, and its a disease"""


_IS_MEANT = re.compile(
    r"(?i)^(?:number )?(?P<what>\d+|[^,;:.?\"]{3,40}?)"
    r"(?:,? (?:it is|it's|its) | (?:is|was) (?:not (?:enough|complete|the whole \w+)|incomplete|too short"
    r"|only (?:half|part) of it)[:;,.] (?:it(?:'s| is| should be) )?)(?:the )?"
    r"(?P<words>[^,;:.?\"]{3,60}?)(?: is (?:what is )?meant| is the (?:term|name|phrase))?[.! ]*$"
)
"""13 it is heels red; widening is not enough: QRS widening is meant"""
_TOO = re.compile(
    r"(?i)^(?:and |also )?(?P<list>[^;.?!\"\d]{5,90}?),? (?:too|also|as well|likewise)(?: please)?[.! ]*$"
)
"""flushing and wheeze, too: two spans, though the text has the words as one"""


def _places(words: str, situation: Situation) -> list[tuple[int, int]]:
    """Where the document has words, in capitals or not."""
    each = re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", situation.text, re.IGNORECASE)
    return [match.span() for match in each] or situation.places(words)


def _over(words: str, spot: Spot, situation: Situation) -> bool:
    """Whether words of the text stand over a span, and are not the span."""
    over = any(start < spot.end and spot.start < end for start, end in _places(words, situation))
    return over and squeezed(words) != squeezed(spot.surface)


def _has(spot: Spot, word: str) -> bool:
    return f" {squeezed(word)} " in f" {squeezed(spot.surface)} "


def words_at(words: str, spot: Spot, situation: Situation) -> str:
    """Words as the text has them over a span; empty where they do not stand there."""
    for start, end in _places(words, situation):
        if start < spot.end and spot.start < end:
            return " ".join(situation.text[start:end].split())
    return ""


def several_bounds(line: str, situation: Situation) -> Reading | None:
    """New words for several spans: the same for each, or one phrase each in their order."""
    found = _SEVERAL.match(line)
    spots = [situation.spot(int(n)) for n in re.findall(r"\d+", found["numbers"])] if found else []
    if found is None or len(spots) < 2 or not all(spots):
        return None
    known = [spot for spot in spots if spot]
    pieces = _phrases(found["words"], known, situation)
    if not pieces:
        return None
    return Reading(
        tuple(
            f"{spot.number} = {quoted(words_at(words, spot, situation))}"
            for spot, words in zip(known, pieces, strict=True)
        ),
        writes=True,
    )


def _phrases(said: str, spots: Sequence[Spot], situation: Situation) -> list[str]:
    """For each span the words that it shall be; none where they are not clear."""
    if all(_over(said, spot, situation) for spot in spots):
        places = _places(said, situation)
        apart = len({at for at in places for s in spots if at[0] < s.end and s.start < at[1]}) == len(spots)
        if apart:
            return [said] * len(spots)
    for cut in re.finditer(r",? and |, ", said):
        parts = said[: cut.start()], said[cut.end() :]
        each = zip(parts, spots, strict=True) if len(spots) == 2 else []
        if len(spots) == 2 and all(_over(words, spot, situation) for words, spot in each):
            return list(parts)
    return []


def in_its_words(line: str, situation: Situation) -> str:
    """A sentence about the one span that has, or stands in, words of the text, with its number."""
    if said := _BOTH_SAID.match(line):
        spot = situation.spot(int(said["number"]))
        words = re.sub(r"(?i)^(?:only|just) (?:the )?", "", said["edge"])
        meant = labels_meant(said["label"], situation.labels)
        if spot and len(meant) == 1 and _over(words, spot, situation):
            return f'{spot.number} should read "{words}", and {spot.number} is {meant[0]}'
    if said := _ONLY.match(line):
        words = said["after"] or said["before"]
        number = situation.part_of(words)
        spot = situation.spot(number) if number else None
        rest = re.findall(r"[a-z]+", (said["rest"] or "").lower())
        # "moving is not the symptom" says why: it names a word that is to go
        gone = spot is not None and bool(set(rest) & set(squeezed(spot.surface).split())) and "not" in rest
        if spot and spot.open and _over(words, spot, situation) and (not rest or gone):
            return f'{spot.number} should read "{words}"'
    if said := _IS_MEANT.match(line):
        what = said["what"]
        spot = situation.spot(int(what)) if what.isdecimal() else None
        held = [each for each in situation.spots if _over(said["words"], each, situation)]
        named = [each for each in held if spot in (None, each) and (spot or _has(each, what))]
        if len(named) == 1:
            return f'{named[0].number} should read "{words_at(said["words"], named[0], situation)}"'
    if said := _TOO.match(line):
        spots = situation.held(said["list"]) if len(situation.places(said["list"])) == 1 else []
        names = [squeezed(part) for part in re.split(r",? and |, ", said["list"])]
        if len(spots) > 1 and sorted(names) == sorted(squeezed(spot.surface) for spot in spots):
            return f"{' and '.join(str(spot.number) for spot in spots)} too"
    if said := _NOT_OF.match(line):
        number = situation.part_of(said["words"])
        spot = situation.spot(number) if number else None
        rest = [word for word in said["rest"].lower().split() if word not in ("the", "a", "an", "it", "that")]
        ends = squeezed(spot.surface).split() if spot else []
        edge = squeezed(said["words"]).split()
        at_end = edge in (ends[: len(edge)], ends[-len(edge) :])
        # "pain does not belong here" may be of all that is marked
        told = bool(rest) or said["word"] or re.search(r"(?i) (?:to|of|in) it\b", line)
        if spot and at_end and told and set(rest) <= {*ends, str(spot.number)}:
            whole = spot.surface.split()
            kept = whole[len(edge) :] if ends[: len(edge)] == edge else whole[: -len(edge)]
            text = " ".join(kept).strip(" ,;:")
            return f'{spot.number} should read "{text}"' if text else ""
    return ""


def widened(line: str, spot: Spot, situation: Situation) -> Spot:
    """A span with the words right before it that a sentence names with it: "bibasal crackles" of "crackles".

    Only words that stand so in the text, up to three, and no further than the sentence.
    """
    before = re.split(r"[.;:!?,]\s", situation.text[: spot.start])[-1]
    first = spot.surface.split()[0]
    words = list(re.finditer(r"\S+", before))[-3:]
    for word in words:
        start = spot.start - (len(before) - word.start())
        said = squeezed(f"{situation.text[start : spot.start]}{first}")
        if re.search(rf"(?<!\w){re.escape(said)}(?!\w)", squeezed(line)):
            return Spot(spot.number, start, spot.end, situation.text[start : spot.end], spot.label)
    return spot


def quoted_around(line: str, situation: Situation) -> tuple[str, Spot] | None:
    """The longest words of a sentence that the text has around just one span; ``None`` without any."""
    words = list(re.finditer(r"[^\s\"“”]+", line))
    for size in range(min(8, len(words)), 1, -1):
        for at in range(len(words) - size + 1):
            said = line[words[at].start() : words[at + size - 1].end()].strip(" ,;:.!?")
            held = situation.held(said) if situation.holds(said.lower()) else []
            if len(held) == 1 and _over(said, held[0], situation) and len(situation.places(said)) == 1:
                return said, held[0]
    return None
