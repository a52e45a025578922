"""Where spans begin and end, in sentences that no wording fits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.clauses import CUT, MARKER, kind, word_kinds
from hybrid_ner.review.chat.offers import offered
from hybrid_ner.review.chat.reading import Item, Reading, Wording
from hybrid_ner.review.chat.situation import Situation, Spot, quoted


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
    for start, end in situation.places(said):
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
            kept = (left or right) if cuts and (away or "shorten" not in cuts) else said
            kept = re.sub(r"(?i)[\s,;-]+(?:of|the|and|for|at|in|to|&)$", "", kept)
            return (" ".join(kept.split()), not (left and right)) if kept else None
        takes = words & kind("takes")
        gap = doc[min(end, spot.end) : max(start, spot.start)]
        if named and len(gap) < 25 and re.fullmatch(r"[\s,]*(?:(?:of|the)\s+)*", gap):
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
    spots = [s for s in situation.spots if s.start < end and start < s.end and s.label == label]
    if len(spots) != 1:
        return ""
    spot = spots[0]
    if spot.open and spot.start <= start and end <= spot.end:
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


_STANDS = re.compile(
    r"REF\d+ (?:belongs?|comes|stands|lies|sits|refers?|is)"
    r"(?: (?:to|in|of|by|part|before|after|next|followed))+ TXT\d+(?: ?;)?"
)
"""What only tells where a span stands: "section 7 belongs to the Agreement"."""
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
    named = [wording.item(m) for m in re.findall(r"REF\d+", text)]
    numbers = _spoken_of(text, named, wording, situation)
    if _STANDS.fullmatch(text):
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
        if not made:
            continue
        spot, (line, known) = made[0]
        rivals = {m for part in used for m in re.findall(r"TXT\d+", part)} - {marker}
        rivals = {
            m
            for m in rivals
            if (to := edge_meant(spot, wording.item(m).said, about, own, situation)) and to[0] != line
        }
        rivals = {m for m in rivals if wording.item(m).said.lower() not in line.lower()}
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
    held = {s.number for a, b in places for s in situation.spots if a <= s.start and s.end <= b}
    # "it's type 2 diabetes, take the whole thing" is about the span in these words
    numbers = [n for item in own if item.by not in ("this", "that") or not held for n in item.numbers]
    return numbers or (sorted(held) if own and len(held) == 1 else [])


def bulk(groups: dict[str, list[int]], sure: bool, situation: Situation, one: Spot | None) -> Reading | None:
    """The lines for all documents, each of which asks by itself."""
    lines: dict[str, None] = {}
    for to, numbers in groups.items():
        for spot in filter(None, map(situation.spot, numbers)):
            term = quoted(spot.surface)
            lines[f"{to} all {term}" if to in ("ok", "no") else f"relabel all {term} -> {to}"] = None
    if len(lines) == 1 and sure:
        return Reading(tuple(lines), writes=True)
    return offered(list(lines)[:1], one) if lines else None
