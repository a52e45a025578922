"""What is offered when a sentence is not understood: the readings of the sentences that are nearest to it.

``examples.tsv`` holds wordings with the lines that they stand for, made of the phrasing files by
``python -m benchmarks.phrasings --examples``. Nothing of it is ever done by itself: the nearest is right in
about half of the cases, which is good for a button and not for a decision (``benchmarks/chat.md``).

``leanings.tsv`` holds the weights of a log-linear model (Berger, Della Pietra and Della Pietra 1996) that has
learned from the same files, by ``python -m benchmarks.phrasings --leanings``, whether a sentence accepts,
rejects or labels. Where all of a sentence but its tone is read, so that it would be asked back with a plain
verdict among the buttons, and the model is sure of that verdict, it is done (``settled``).
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from heapq import nlargest
from itertools import dropwhile, pairwise
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from hybrid_ner.matching.edits import everyday_words
from hybrid_ner.review.chat.reading import (
    LEAVE,
    WHICH,
    WHICH_LABEL,
    Choice,
    Item,
    Reading,
    Wording,
    asked,
    choices_about,
    named_spot,
)
from hybrid_ner.review.chat.situation import (
    Situation,
    Spot,
    numbers_in,
    numbers_said,
    quoted,
    spans_in,
    squeezed,
)
from hybrid_ner.review.chat.words import SAYS, is_known
from hybrid_ner.review.store.labels import A_LABEL, labels_meant
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)

NOT_SURE = "I am not sure what you mean. One of these?"
MARKER = re.compile(r"(REF|LAB|TXT|UNK)(\d+)")
"""What a wording names."""
_ANY = re.compile(r"(?:REF|LAB|TXT|UNK|NUM|SRF)\d+")
_SLOT = re.compile(r"\{(REF|LAB|TXT)(\d)\}")
_MOST = 3
"""Readings that are offered; more are no help to choose."""
_MOST_LABELS = 6
"""Labels that words may be given which are no span: all, in most projects."""
_NEAREST = 60
"""Examples that have a say."""
_ALONE, _BESIDE = 0.12, 0.02
"""Least nearness (sum of the cubed cosines of a reading's examples) where nothing else is to be chosen, and
beside other choices. "my dog is a disease" has 0.02, "asdf" 0.11; where a sentence of four files that was not
understood had the right reading among the nearest, that had 0.12 or more in half of the cases."""


_ANSWERED = 0.2
"""Least nearness at which a question is answered as the one that it is nearest to, rather than asked back."""
_ASKS = re.compile(r"\?|^(?:what|which|how|who|where|when)\b")
_TELLS = re.compile(r"left|score|progress|status|changes|labels|log|\? say")
"""Lines that only tell something."""


class _Index(NamedTuple):
    """The examples, ready to be looked up: rarity of each feature, where it stands, lines of each example."""

    rarity: Mapping[str, float]
    places: Mapping[str, list[tuple[int, float]]]
    lines: list[str]


def _features(text: str) -> Counter[str]:
    """Words, pairs, pairs with a word between, and the first word of a wording."""
    words = MARKER.sub(r"\1", text).split()
    found: Counter[str] = Counter(words)
    found.update(f"{one} {two}" for one, two in pairwise(words))
    found.update(f"{one} _ {two}" for one, two in zip(words, words[2:], strict=False))
    found.update(f"^{word}" for word in words[:1])
    return found


def _weighed(features: Mapping[str, int], rarity: Mapping[str, float], rarest: float) -> dict[str, float]:
    weights = {each: n * rarity.get(each, rarest) for each, n in features.items()}
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {each: weight / length for each, weight in weights.items()}


@lru_cache(maxsize=1)
def _index() -> _Index:
    rows = Path(__file__).with_name("examples.tsv").read_text(encoding="utf-8").splitlines()
    wordings, lines = zip(*(row.split("\t") for row in rows if not row.startswith("# ")), strict=True)
    features = [_features(wording) for wording in wordings]
    count = Counter(each for found in features for each in found)
    rarity = {each: math.log((len(features) + 1) / (n + 0.5)) for each, n in count.items()}
    places: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for number, found in enumerate(features):
        for each, weight in _weighed(found, rarity, 0.0).items():
            places[each].append((number, weight))
    return _Index(rarity, places, list(lines))


def nearest(text: str, wording: Wording) -> list[tuple[str, float]]:
    """Lines that sentences near to this one stand for, with what this one names, and how near they are."""
    rarity, places, lines = _index()
    cosines: dict[int, float] = defaultdict(float)
    for each, weight in _weighed(_features(text), rarity, math.log(2 * len(lines))).items():
        for number, other in places.get(each, ()):
            cosines[number] += weight * other
    named = _named(text, wording)
    near: dict[str, float] = defaultdict(float)
    for number, cosine in nlargest(_NEAREST, cosines.items(), key=itemgetter(1)):
        if line := _filled(lines[number], named):
            near[line] += cosine**3
    return sorted(near.items(), key=itemgetter(1), reverse=True)


def _named(text: str, wording: Wording) -> dict[str, list[Item]]:
    named: dict[str, list[Item]] = defaultdict(list)
    for kind, number in MARKER.findall(text):
        named["TXT" if kind == "UNK" else kind].append(wording.items[int(number)])
    return named


def _filled(line: str, named: Mapping[str, list[Item]]) -> str:
    """A line with what the sentence names in its slots; nothing where it names too little."""
    for slot in _SLOT.finditer(line):
        kind, number = slot[1], int(slot[2])
        if number >= len(named.get(kind, ())):
            return ""
        item = named[kind][number]
        if item.problem or not {"REF": item.numbers, "LAB": item.labels, "TXT": item.said}[kind]:
            return ""
    return _SLOT.sub(lambda slot: _said(slot[1], named[slot[1]][int(slot[2])]), line)


def _said(kind: str, item: Item) -> str:
    if kind == "REF":
        return numbers_said(item.numbers)
    return item.labels[0] if kind == "LAB" else quoted(item.said)


_IN_PLAIN = {
    "back": "Go back", "changes": "What has changed", "flag": "Flag it", "labels": "Which labels there are",
    "left": "What is left", "log": "What was done", "next": "Go on", "no all": "Reject all",
    "ok": "Accept all shown", "progress": "How far it is", "redo": "Do it again",
    "retrain": "Train the model", "score": "How good it is", "skip": "Leave it for later",
    "status": "How it goes", "undo": "Undo", "unflag": "Take the flag off",
    "update": "Learn from my decisions", "queue uncertain": "The least sure ones first",
    "queue disagree": "Disagreements first", "queue flagged": "The flagged ones",
    "queue random": "In any order", "cancel training": "Stop the training",
    "export jsonl": "Download my work", "? say": "What I can say",
}  # fmt: skip
_VERBS = (
    (re.compile(r"ok (\d[\d ,-]*)"), r"Accept \1"),
    (re.compile(r"no (\d[\d ,-]*)"), r"Reject \1"),
    (re.compile(r"reopen (\d[\d ,-]*)"), r"Open \1 again"),
    (re.compile(r"why (\d+)"), r"Why \1 is there"),
    (re.compile(r"go (\d+)"), r"Go to \1"),
    (re.compile(r'add "(.*)" ([^#@].*)'), r"“\1” is a \2"),
    (re.compile(r'(\d+) = "(.*)"'), r"\1 is “\2”"),
    (re.compile(r'never "(.*)"'), r"Never “\1”"),
    (re.compile(r'always "(.*)" (.+)'), r"Always take “\1” as a \2"),
    (re.compile(r'ok all "(.*)"'), r"Accept “\1” everywhere"),
    (re.compile(r'no all "(.*)"'), r"Reject “\1” everywhere"),
    (re.compile(r'add all "(.*)" (.+)'), r"“\1” is a \2 everywhere"),
    (re.compile(r'term \+ "(.*)" = ".*" (.+)'), r"Remember “\1” as a \2"),
    (re.compile(r'(?:all|find) "(.*)"'), r"Where “\1” stands"),
    (re.compile(r'why not "(.*)"'), r"Why “\1” was not found"),
    (re.compile(r'go "(.*)"'), r"Go to “\1”"),
    (re.compile(r"who changed (\d+)"), r"Who changed \1"),
    (re.compile(r"merge (\d[\d ,-]*)"), r"Join \1"),
    (re.compile(r"(\d+) >1"), r"\1 without its first word"),
    (re.compile(r"(\d+) -1"), r"\1 without its last word"),
    (re.compile(r"(\d+) <1"), r"\1 with the word before"),
    (re.compile(r"(\d+) \+1"), r"\1 with the word after"),
    (re.compile(rf"labels ({A_LABEL})"), r"About the label \1"),
    (re.compile(rf"label ({A_LABEL})"), r"A new label \1"),
    (re.compile(r"export (\w+)"), r"Download as \1"),
)


def in_plain(line: str) -> str:
    """What a button says of a line: ``no 3; next`` is "Reject 3, go on"."""
    said: list[str] = []
    for part in line.split("; "):
        plain = next((p.sub(to, part) for p, to in _VERBS if p.fullmatch(part)), _IN_PLAIN.get(part, part))
        said.append(plain if not said or not plain[:1].isupper() else plain[0].lower() + plain[1:])
    return ", ".join(said)


def sensible(line: str) -> bool:
    """Whether the parts of a line can all be done: none says a thing of a span twice, or two opposites.

    "no 14" beside an edge of 14, "ok 6 15 6" and "5-7 = …" are no choices that anybody wants.
    """
    kept: set[int] = set()
    rejected: set[int] = set()
    for part in line.split("; "):
        plain = re.sub(r'"[^"]*"(?: @\d+-\d+)?', '""', part)
        said = re.match(r"(ok|no|merge|reopen)? ?(\d[\d ,-]*?)(?= is | [=<>+]|$| -\d)(.*)", plain)
        if said is None or "->" in part:
            continue
        numbers = re.findall(r"\d+(?:-\d+)?", said[2])
        bounds = re.match(r" (?:=|[<>+]|-\d)", said[3]) is not None
        few = len(numbers) < 2 and "-" not in "".join(numbers)
        if len(set(numbers)) < len(numbers) or (bounds and not few) or (said[1] == "merge" and few):
            return False
        if bounds and re.search(r"[<>+-]\d{2,}", said[3]):
            return False
        about = set(numbers_in(said[2]))
        if said[1] == "no" and rejected & about:
            return False  # "3 to 5 - no, 4 is no sign, so drop 4", where the first no is none
        (rejected if said[1] in ("no", "reopen") else kept).update(about)
    return not kept & rejected


def possible(line: str, situation: Situation) -> bool:
    """Whether a line can be done: new words stand at their mention, those that are added in the text."""
    parts = line.split("; ")
    if re.match(r"undo|redo|go |label ", parts[0]):
        return True  # of what is there by then
    for part in parts:
        edge, added = re.fullmatch(r'(\d+) = "(.*)"', part), re.fullmatch(rf'add "(.*)" {A_LABEL}', part)
        less = re.fullmatch(r"(\d+) [>-](\d+)", part)
        spot = situation.spot(int((edge or less or ["", "0"])[1]))
        places = situation.places((edge or added or ["", "", ""])[2 if edge else 1])
        if edge and (spot is None or not any(spot.meets(a, b) for a, b in places)):
            return False
        if (added and not places) or (less and spot and int(less[2]) >= len(spot.surface.split())):
            return False
        judged = spans_in(part) if re.match(r"(?:ok|no) \d", part) else set()
        if not all(map(situation.spot, judged)):
            return False  # "March 2020 good" accepts no mention 2020
        if re.fullmatch(r"(?:why|go) \d+(?:[ ,-]+\d+)+", part):
            return False
    return True


def does_same(line: str, situation: Situation) -> frozenset[str]:
    """What a line does, equal for lines that do the same: ``3 is Drug`` of a drug, and ``ok 3``."""
    done: set[str] = set()
    for part in line.split("; "):
        said = re.fullmatch(rf"(ok |no |)(\d[\d ,-]*?)(?: is ({A_LABEL}))?", part)
        spots = situation.these(numbers_in(said[2])) if said else []
        if said is None or not spots or bool(said[1]) == bool(said[3]):
            done.add(part)
            continue
        own = {spot.number for spot in spots if said[3] in (None, spot.label)}
        verb = said[1] or "ok "
        done |= {f"{verb}{s.number}" if s.number in own else f"{s.number} is {said[3]}" for s in spots}
    return frozenset(done - {f"ok {each.split()[0]}" for each in done if " is " in each})


def offered(lines: Sequence[str], spot: Spot | None) -> Reading:
    """Lines to click on, and what else may be meant with the one span that they are about."""
    line = "; ".join(lines)
    choices: list[Choice] = [(in_plain(line), line)]
    if spot is not None:
        name = named_spot(spot)
        others = ((f"Reject {name}", f"no {spot.number}"), (f"Accept {name}", f"ok {spot.number}"))
        choices += [each for each in others if each[1] != line][:1]
    return asked("Do I get you right?", *choices)


def not_in_this(said: str, situation: Situation) -> str:
    """That words do not stand in this document, and where they do."""
    where = situation.elsewhere(said)
    return f"“{said}” does not stand in this document{f', but {where}' if where else ''}."


def stands_elsewhere(said: str, situation: Situation, label: str = "") -> Reading | None:
    """What to say of words that other documents have, and this one has not; ``None`` of all others."""
    # "you forgot him" is about no word of another document, nor is "Could" at the beginning of a sentence
    name = (len(said) > 3 or not said.islower()) and not _is_common(said)
    if not name or situation.holds(said.lower()) or not situation.elsewhere(said):
        return None
    places = quoted(said)
    teach = ((f"Remember it as {label}", f"always {places} {label}"),) if label else ()
    return asked(not_in_this(said, situation), ("Show where it stands", f"all {places}"), *teach)


def _is_common(word: str) -> bool:
    """Whether a word is one of the language of sentences or among the most frequent ones of English."""
    return is_known(word.lower()) or word.lower() in everyday_words()


def hides(line: str, situation: Situation) -> Reading | None:
    """ "Hide the label Witness": where that is done, since it holds for everybody."""
    said = _RE.HIDES.fullmatch(line)
    if said is None or not labels_meant(said["label"], situation.labels):
        return None
    return Reading(answer="Which labels are used is said on the page Queue, under Labels: nothing changed.")


_NAME = re.compile(r"[A-Z][\w.'’-]*(?: (?:(?:&|and|of|the|for|v\.?) )*[A-Z][\w.'’-]*)*")
"""Words that are a name by their looks: "Kessler & Partners LLP"."""
_SUBJECT = re.compile(r"(?:the |our )?(\S.*?) (?:is|are|was|were)\b")


def whole_work_back() -> Reading:
    """ "Undo everything": a word away from the last step, and rather asked about."""
    return asked(
        "Everything that you have ever decided in this project?",
        ("Only my last step", "undo"),
        ("Everything", "undo all"),
    )


def not_of_mentions(line: str, situation: Situation) -> Reading | None:
    """ "Delete document 3", "reject all by eve", "undo all my work": none is about the mentions shown."""
    if _RE.UNDO_ALL.fullmatch(line):
        return whole_work_back()
    if _RE.REDO_ALL.fullmatch(line) or (situation.last.startswith("undo") and _RE.BACK.fullmatch(line)):
        return Reading(("redo all",))
    whole = _RE.WHOLE.fullmatch(line)
    if whole and not (whole["what"] and situation.holds(whole["what"].lower())):
        number = (whole["what"] or "").split()[-1:]
        named = number[0].lstrip("#") if number else ""
        opens = f" (`go {named}` opens it)" if number else ""
        takes = f"`withdraw doc {named}` takes" if number else "`withdraw` takes"
        said = f"That is said of a whole document{opens}: {takes} it out of the project"
        return Reading(answer=f"{said}. Nothing changed.")
    whose = _RE.WHOSE.fullmatch(line)
    if whose and not _is_common(whose["who"]) and not situation.holds(whose["who"].lower()):
        who = whose["who"]
        said = f"`undo all by {who}` takes back what {who} has decided (for a lead)"
        return Reading(answer=f"{said}, `take {who}` lets it count in this document. Nothing changed.")
    return None


def of_others(line: str, wording: Wording, situation: Situation) -> Reading | None:
    """ "Kessler & Partners LLP are the lawyers", whose name another document has: where it stands."""
    named = (name.split() for name in _NAME.findall(line))
    names = [" ".join(dropwhile(_is_common, words)) for words in named]  # "Before Nora Quill"
    names = sorted(filter(None, names), key=len, reverse=True)[:_MOST]
    names += [said[1] for said in [_SUBJECT.match(line)] if said and len(said[1].split()) > 1]
    labels = [wording.item(marker).labels for marker in re.findall(r"LAB\d+", wording.text)]
    label = labels[0][0] if labels and len(labels[0]) == 1 and not _ASKS.search(line.lower()) else ""
    for name in names:
        if len(name) > 3 and (found := stands_elsewhere(name, situation, label)):
            return found
    return None


def beside_nearest(found: Reading, text: str, wording: Wording) -> Reading:
    """The same question with the nearest readings among its choices."""
    mine = [choice for choice in found.choices if choice[1] != "cancel"]
    if not (found.question and mine):
        return found
    more = _choices(nearest(text, wording), _BESIDE, (line for _, line in mine))
    more = more[: max(1, _MOST + 1 - len(mine))]
    return replace(found, choices=(*mine[:1], *more, *mine[1:], LEAVE))


def offer(text: str, wording: Wording, situation: Situation) -> Reading | None:
    """Readings to choose from; ``None`` where a sentence names nothing and is near to no other."""
    if named := _of_named(wording, situation):
        if re.fullmatch(r"TXT\d+", text) and '= "' in named.choices[0][1]:
            return named  # the words of an edge, and nothing else
        edges = [choice for choice in named.choices if ' = "' in choice[1] and choice[1][0].isdecimal()]
        likely = (each for each in nearest(text, wording) if possible(each[0], situation))
        more = [*edges, *_choices(likely, _BESIDE, (line for _, line in edges))][: _MOST + len(edges[:1])]
        lines = {line for _, line in more}
        others = [choice for choice in named.choices if choice[1] not in lines | {"cancel"}]
        return replace(named, choices=(*more, *others[: max(1, _MOST - len(more))], LEAVE))
    near = nearest(text, wording)
    if near and near[0][1] >= _ANSWERED and _ASKS.search(text) and _TELLS.fullmatch(near[0][0]):
        return Reading((near[0][0],))  # a question costs nothing to answer
    choices = _choices(near, _ALONE, ())
    return asked(NOT_SURE, *choices) if choices else None


def _choices(near: Iterable[tuple[str, float]], least: float, known: Iterable[str]) -> list[Choice]:
    told = set(known)
    lines = [line for line, how in near if how >= least and line not in told]
    return [(in_plain(line), line) for line in lines[:_MOST]]


def _of_named(wording: Wording, situation: Situation) -> Reading | None:
    """Readings to choose from, when a sentence names something and the rest is not understood."""
    items = [wording.item(marker) for marker in _ANY.findall(wording.text)]
    labels = tuple(dict.fromkeys(label for item in items if item.kind == "lab" for label in item.labels))
    if spot := _told_of(items, situation):
        question = f"I did not get what to do with {named_spot(spot)}."
        plain = choices_about(f"ok {spot.number}", situation, question)
        other = next((label for label in labels if label != spot.label), "")
        named = ((f"As {other}", f"{spot.number} is {other}"),) if other else ()
        edges = [] if "?" in wording.raw else _edges_told(spot, wording, situation)
        return replace(plain, choices=(*edges, *named, *plain.choices))
    several = [item for item in items if item.kind == "ref" and len(item.numbers) > 1 and not item.problem]
    if len(several) == 1:
        said = numbers_said(several[0].numbers)
        return Reading(
            question=f"I did not get what to do with {said}.",
            choices=((f"Accept {said}", f"ok {said}"), (f"Reject {said}", f"no {said}"), LEAVE),
        )
    texts = [item for item in items if item.kind == "txt"]
    return offer_words(texts[0].said, labels, situation) if len(texts) == 1 else None


def _told_of(items: Sequence[Item], situation: Situation) -> Spot | None:
    """The mention that a sentence is about: named, the one that its words are part of, or pointed at."""
    refs = [item for item in items if item.kind == "ref" and len(item.numbers) == 1 and not item.problem]
    named = [item.numbers[0] for item in refs if item.by in ("number", "term")]
    parts = [situation.part_of(item.said) for item in items if item.kind == "txt"]
    others = [item.numbers[0] for item in refs]
    return next((spot for n in (*named, *parts, *others) if n and (spot := situation.spot(n))), None)


_TOKEN = re.compile(r"\w+")
_BESIDE_EDGE = 60
"""Characters beside a mention in which words that it gains are looked for."""


def _edges_told(spot: Spot, wording: Wording, situation: Situation) -> list[Choice]:
    """Edges that a sentence about a mention may ask for: with its words, up to, without or only them."""
    raw, text = wording.raw, situation.text
    named = {str(n) for item in wording.items if item.by == "number" for n in item.numbers}
    labels = {word.lower() for item in wording.items if item.kind == "lab" for word in item.said.split()}
    said = {word.lower() for word in _TOKEN.findall(raw)} - named - labels
    inner = [(m.start() + spot.start, m.end() + spot.start) for m in _TOKEN.finditer(spot.surface)]
    quotes = [place for item in wording.items if item.kind == "txt" for place in situation.places(item.said)]
    within = [
        (a, b) for a, b in quotes if spot.start <= a and b <= spot.end and b - a < spot.end - spot.start
    ]
    told = within[:1] or [(a, b) for a, b in inner if text[a:b].lower() in said - _GLUE]
    start, end = _grown(spot, said, situation)
    edges = [(start, end), (start, spot.end), (spot.start, end)]
    if told and (first := told[0][0], last := told[-1][1]) != (inner[0][0], inner[-1][1]):
        after = next((a for a, _ in inner if a >= last), spot.end)
        before = next((b for _, b in reversed(inner) if b <= first), spot.start)
        cut = (after, spot.end) if first == inner[0][0] else (spot.start, before)
        ways = [cut, (first, last)] if _RE.LOSES.search(raw) else [(first, last), cut]
        ends = (spot.start, before if _RE.STOPS_BEFORE.search(raw) else last)
        ways = [ends, *ways] if _RE.ENDS.search(raw) else ways
        edges += [(first, spot.end), *ways] if _RE.BEGINS.search(raw) else ways
    texts = dict.fromkeys(text[a:b].strip(" ,;:") for a, b in edges if a < b)
    lines = [f"{spot.number} = {quoted(each)}" for each in texts if each not in ("", spot.surface)]
    return [(in_plain(line), line) for line in lines[:_MOST_EDGES]]


_MOST_EDGES = 2
"""Edges that are offered, so that a verdict stays among the buttons."""


def _grown(spot: Spot, said: set[str], situation: Situation) -> tuple[int, int]:
    """The mention with the words right before and behind it that are said, but for small ones at the ends."""
    edges = [spot.start, spot.end]
    left = situation.text[max(0, spot.start - _BESIDE_EDGE) : spot.start]
    right = situation.text[spot.end : spot.end + _BESIDE_EDGE]
    beside = ([*_TOKEN.finditer(left)][::-1], spot.start - len(left)), ([*_TOKEN.finditer(right)], spot.end)
    for side, (words, offset) in enumerate(beside):
        at = edges[side]
        for word in words:
            a, b = word.start() + offset, word.end() + offset
            gap = situation.text[b:at] if side == 0 else situation.text[at:a]
            if word[0].lower() not in said or re.search(r"[.,]\s|[;:!?\n]", gap):
                break
            at = a if side == 0 else b
            if word[0].lower() not in _GLUE:
                edges[side] = at
    return edges[0], edges[1]


_GLUE = frozenset(SAYS["glue"].split())
"""Words that say nothing of a mention: none grows by them alone."""


def offer_words(said: str, labels: tuple[str, ...], situation: Situation) -> Reading | None:
    """What words of the document may be meant for: to be a span, or the spans that they are part of."""
    places = situation.places(said)
    around = [
        spot.number for spot in situation.spots if any(s >= spot.start and e <= spot.end for s, e in places)
    ]
    listed = [spot for spot in situation.held(said) if squeezed(spot.surface) != squeezed(said)]
    edge = _edge_of(said, situation)
    if len(listed) == 1 and len(places) == 1 and not around:
        # "intermediate syndrome is the proper term", where "syndrome" is marked
        spot = listed[0]
        lines = [(f"{named_spot(spot)} is “{said}”", f"{spot.number} = {quoted(said)}")]
        lines += [(f"{said} is a {label}", f"add {quoted(said)} {label}") for label in labels[:2]]
    elif len(listed) > 1 and re.search(r"(?:\band\b|,|&)", said) and not around:
        numbers = numbers_said(spot.number for spot in listed)  # "flushing and wheeze, too"
        lines = [(f"Accept {numbers}", f"ok {numbers}"), (f"Reject {numbers}", f"no {numbers}")]
    elif len(around) >= len(places) > 0:
        numbers = numbers_said(around)
        lines = [(f"Accept {numbers}", f"ok {numbers}"), (f"Reject {numbers}", f"no {numbers}")]
    else:
        wanted = labels or situation.labels
        lines = [(f"{said} is a {label}", f"add {quoted(said)} {label}") for label in wanted[:_MOST_LABELS]]
    lines = [edge, *(each for each in lines if each != edge)] if edge else lines
    if not lines:
        return None
    return Reading(question=f"What shall I do with “{said}”?", choices=(*lines, LEAVE))


def _edge_of(said: str, situation: Situation) -> Choice | None:
    """The open span that words are a part of, as these words, or which they stand right beside, with them.

    "3,200 kg/ha" of "3,200 kg/ha in wheat"; "mg/kg" behind "0.09". Of several the one that is asked about.
    """
    edges: dict[int, str] = {}
    for start, end in situation.places(said):
        for spot in situation.waiting:
            inside = spot.start <= start and end <= spot.end and (start, end) != (spot.start, spot.end)
            gap = situation.text[min(end, spot.end) : max(start, spot.start)]
            over = spot.meets(start, end) and not (start <= spot.start and spot.end <= end)
            if over or (not gap.strip() and (end <= spot.start or spot.end <= start)):
                first, last = (start, end) if inside else (min(start, spot.start), max(end, spot.end))
                edges[spot.number] = " ".join(situation.text[first:last].split())
    focus = situation.focus
    number = focus.number if focus and focus.number in edges else next(iter(edges), 0)
    about = situation.spot(number) if len(edges) == 1 or (focus and number == focus.number) else None
    if about is None:
        return None
    return f"{named_spot(about)} is “{edges[number]}”", f"{number} = {quoted(edges[number])}"


LEANS = ("ok", "no", "label", "nothing", "other")
"""What a sentence may do: accept, reject or label, write nothing, or anything else."""
_SURE = 0.8
"""Least probability of a verdict that is done: of the sentences of nine people that had taken no part, 20 of
602 were settled so and none wrong; from 0.5 on four would be (``benchmarks/chat.md``)."""
_LONGEST = 40
"""Words of a verdict with all its reasons: of longer lines none was learned from."""
_SEEN = re.compile(r"\[\w+\]|[^\W\d_]+(?:'[a-z]+)?|[?.!,;:]")
_FRAMED = ("this", "that", "all", "rest", "order")
"""How spans are named without their words or numbers: these words are telling."""
_STANDS = {"ref": "[mention]", "srf": "[mention]", "num": "[mention]", "txt": "[text]"}
_PLAIN = {"ok": r"ok (\d[\d -]*)", "no": r"no (\d[\d -]*)", "label": rf"(\d[\d -]*) is ({A_LABEL})"}


def leaning_marks(line: str, wording: Wording, situation: Situation) -> set[str]:
    """What the model sees of a sentence: words, pairs and pairs with a word between, names as their kinds."""
    own, low = {spot.label for spot in _about(wording, situation)}, line.lower()
    for item in sorted(wording.items, key=lambda each: -len(each.said)):
        stands = _STANDS.get(item.kind, "")
        if item.kind == "lab":
            stands = "[own]" if own & {*item.labels} else "[label]"
        if stands and item.said and not (item.kind == "ref" and item.by in _FRAMED):
            said = rf"(?<!\w){re.escape(item.said.lower())}(?!\w)"
            low = re.sub(said, f" {stands} ", low, count=1)
    words = ["^", *_SEEN.findall(re.sub(r"\b\d+\b", "[mention]", low)), "$"]
    named = {n for item in wording.items if item.kind == "ref" for n in item.numbers}
    pairs = (f"{one} {two}" for one, two in pairwise(words))
    apart = (f"{one} _ {two}" for one, two in zip(words, words[2:], strict=False))
    framed = ("=framed",) if situation.framed else ()
    return {*words[1:-1], *pairs, *apart, *framed, f"=named {min(3, len(named))}", "="}


def _about(wording: Wording, situation: Situation) -> list[Spot]:
    """The spans that a sentence names, or the one that is asked about."""
    numbers = {n for item in wording.items if item.kind == "ref" for n in item.numbers}
    return situation.these(sorted(numbers or {situation.framed}))


@lru_cache(maxsize=1)
def _leanings() -> dict[str, list[float]]:
    rows = Path(__file__).with_name("leanings.tsv").read_text(encoding="utf-8").splitlines()
    cells = (row.split("\t") for row in rows if not row.startswith("# "))
    return {mark: [float(weight or 0) for weight in weights] for mark, *weights in cells}


def leaning(marks: Iterable[str]) -> tuple[str, float]:
    """What a sentence most probably does, one of ``LEANS``, and how probable that is."""
    known = _leanings()
    sums = [sum(column) for column in zip(*(known[mark] for mark in marks if mark in known), strict=True)]
    shares = [math.exp(each - max(sums)) for each in sums] or [1.0]
    return LEANS[shares.index(max(shares))], max(shares) / sum(shares)


def settled(found: Reading, line: str, wording: Wording, situation: Situation) -> Reading:
    """The verdict among the buttons of a question that the model is sure of; the question where it is not.

    Only for mentions that are named by number or words, or the one that is asked about, and where nothing
    holds back.
    """
    if (
        not found.choices
        or found.question.startswith((WHICH, WHICH_LABEL))
        or "everywhere" in wording.text
        or _RE.HOLDS_BACK.search(_RE.COURTESY.sub(" ", line))
    ):
        return found
    told = _RE.VERDICT_FIRST.sub("", wording.text) if "DOUBT" not in wording.text else wording.text
    if _RE.STRANGE.search(told) or line.count("?") > 1 or len(line.split()) > _LONGEST:
        return found
    kind, how = leaning(leaning_marks(line, wording, situation))
    if how < _SURE or kind not in _PLAIN:
        return found
    items = wording.named(wording.text, "REF|LAB|TXT|UNK")
    refs = [item for item in items if item.kind == "ref"]
    vague = any(item.problem or len(item.labels) > 1 for item in items)
    several = any(item.by == "term" and len(item.numbers) > 1 for item in refs)  # "poor", twice in the text
    if vague or several or any(item.by in ("all", "rest", "label") for item in refs):
        return found
    named = {n for item in refs if item.by not in ("this", "that") for n in item.numbers}
    if not (named or situation.framed):
        return found  # "…, so no", of nothing that is named or framed
    pointed = {n for item in refs for n in item.numbers}
    meant = named or pointed or {situation.framed}
    plain = {_one_verdict(each) for _, each in found.choices}
    fits = [m for each in plain if (m := re.fullmatch(_PLAIN[kind], each)) and {*numbers_in(m[1])} == meant]
    fits = [each for each in fits if _labels_fit(kind, each, wording, situation)]
    return Reading((fits[0][0],), writes=True) if len(fits) == 1 else found


def _one_verdict(line: str) -> str:
    """A choice that says one thing in several parts, as one: ``no 5; no 13``, ``5 is Period; ok 5``."""
    if len(parts := re.findall(r"(ok|no) (\d+)(?=; |$)", line)) == line.count("; ") + 1 > 1:
        verbs = {verb for verb, _ in parts}
        return f"{verbs.pop()} {' '.join(n for _, n in parts)}" if len(verbs) == 1 else line
    labeled = re.fullmatch(rf"(?:ok (\d+); )?((\d+) is {A_LABEL})(?:; ok (\d+))?", line)
    return labeled[2] if labeled and {labeled[1], labeled[4]} <= {labeled[3], None} else line


def _labels_fit(kind: str, line: re.Match[str], wording: Wording, situation: Situation) -> bool:
    """Whether a verdict goes with the labels that are said: a new one alone, or beside the denied old one."""
    said = {f"LAB{n}": wording.items[int(n)].labels[0] for n in re.findall(r"LAB(\d+)", wording.text)}
    if kind != "label":
        return len({*said.values()}) < 2
    own = {spot.label for n in numbers_in(line[1]) if (spot := situation.spot(n))}
    away = (rf"{_RE.source('DENIES')} {mark}\b|\b{mark}{_RE.source('MISTAKEN')}" for mark in said)
    denied = {m: re.search(each, wording.text) is not None for m, each in zip(said, away, strict=True)}
    return {*said.values()} - own == {line[2]} and all(denied[mark] == (said[mark] in own) for mark in said)
