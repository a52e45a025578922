"""What the words of a clause do: what it names, what it says of it, and what speaks against doing it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.reading import Item, Reading, Wording, decided, relabeled
from hybrid_ner.review.chat.situation import Situation, Spot, quoted, spans_in, squeezed
from hybrid_ner.review.store.labels import A_LABEL
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)
_WHO = frozenset(("i", "we", "you", "he", "she", "they", "who", "nobody"))

CUT = re.compile(
    r" ?[;,?] ?| (?:and then|and|but|so|then|because|since|which|who|while|whereas|although|though|plus|yet) "
)
MARKER = re.compile(r"(?:REF|LAB|TXT|UNK|NUM|SRF)\d+")
AGAINST_HERE = re.compile(
    r"\b(?:one|two|three|any|many|few|several|part|each) of (?:the )?REF"
    r"|\b(?:only|was|except|half|some(?! LAB)|most|almost|nearly|or|nor|either|where|when|like|until|till"
    r"|anything"
    r"|nothing|none)\b"
)
"""The same in a clause that names or decides something."""
JOINS = re.compile(r"^(?:(?:and|but|so|then|plus|yet|for|since|because) )+")


@dataclass(frozen=True)
class Said:
    """It says: ``ok``, ``no``, ``label``, ``not label``, ``wrong label``, ``missing``, ``leave``."""

    kind: str
    label: str = ""


Part = Item | Said


@lru_cache(maxsize=1)
def word_kinds() -> dict[str, str]:
    """Word → what it says of a span, or ``glue`` for words that only hold a clause together."""
    names = ("glue", "leave", "missing", "no", "ok")
    return {word: name for name in names for word in w.SAYS[name].split()}


@lru_cache(maxsize=32)
def kind(name: str) -> frozenset[str]:
    """The words of a kind: ``tells``, ``takes``, …"""
    return frozenset(w.SAYS[name].split())


def reasons_against(text: str, raw: str) -> list[str]:
    """The words of a sentence for which its lines are asked for: a question, doubt, a report.

    Args:
        text: In canonical words.
        raw: As typed.
    """
    raw = _RE.SAYS.sub(" ", _RE.ASK_YOU.sub(" ", raw))
    found = (_RE.AGAINST.search(text), _RE.REPORTED.search(raw), _RE.TOLD.search(raw))
    return [
        f"{name} {match.group()}"
        for name, match in zip(("turned", "reported", "told"), found, strict=True)
        if match
    ]


def plain_request(text: str) -> str:
    """A wording without its politeness: "would you be so kind as to"."""
    if "POLITE" in text and text.count("?") == 1:
        text = text.replace("?", ";")
    text = _RE.EXPLAINS.sub(" , ", _RE.POLITE.sub(" ", text))
    # "3 is fine it was held": what follows the verdict is another clause
    text = re.sub(
        r"(\b(?:okay|fine|right|wrong)|LAB\d+) (?=REF\d+ (?:is (?!TXT)|was )(?!LAB|okay|fine|right|wrong"
        r"|no\b))",
        r"\1 , ",
        text,
    )
    return re.sub(r" +", " ", text).strip()


def tells_only(text: str, wording: Wording, known: Sequence[int] = ()) -> bool:
    """Whether a clause says no verdict and names no span by number, order or its words but ``known`` ones."""
    words = [t for t in text.split() if not MARKER.fullmatch(t)]
    if any(word_kinds().get(word) in ("ok", "no", "missing", "leave") for word in words):
        return False
    items = wording.named(text)
    return "TXT" not in text and all(
        item.by in ("this", "that") or set(item.numbers) <= set(known) for item in items
    )


def led_up(text: str, wording: Wording) -> bool:
    """Whether a clause that comes first only tells something: "the report says there was no embolism"."""
    if re.match(
        r"(?:REF\d+|text|document|it) (?:only |just |even )?says? (?:that )?(?:(?:there|he|she|it|patient) "
        r"(?:is|was"
        r"|has|had) )?no (?:REF|UNK|TXT)\d+(?!.*(?:LAB|TXT|okay|fine|right|wrong|accept|reject))",
        text,
    ):
        return True  # "it says no pain, so …"
    if re.fullmatch(r"(?:there (?:is|was) )?no UNK\d+(?: here| there)?", text):
        return True  # "no PE, so drop embolism"
    if re.match(r"no REF\d+ (?:(?:is|was) )?(?:means|mention|report|seen|present|found)(?!.*LAB)", text):
        return True
    return re.match(r"(?:REF|TXT)\d", text) is None and states(text, wording, ())


def states(text: str, wording: Wording, spans: Iterable[int]) -> bool:
    """Whether a clause only tells something of spans that are decided: "Kovacs signed it".

    It has a subject and a verb, no verdict and no label, and names no other span.
    """
    words = [t for t in text.split() if not MARKER.fullmatch(t)]
    if not _RE.STATES.fullmatch(text) or re.search(r"\bLAB|\b(?:DOUBT|if|unless|whether|or|else)\b|\?", text):
        return False
    if words[:1] != ["nobody"] and any(
        word_kinds().get(word) in ("ok", "no", "missing", "leave") for word in words
    ):
        return False
    items = wording.named(text)
    named = {n for item in items if item.by not in ("this", "that") for n in item.numbers}
    if named & set(spans) and not set(words) & {"same", "also", "too", "like"}:
        return True  # "Kovacs signed it"
    return named <= set(spans)


def names_only(text: str, wording: Wording) -> str:
    """A clause without what it only tells of the span that it names.

    "Brightwell was tagged as a person, make it a party"; "Rao argued for the appellant, so he is a lawyer".
    """
    text = re.sub(r"^(REF\d+) (?:was|got) (?:is |mark(?:ed)? )+(?:as )?LAB\d+$", r"\1", text)
    if len(re.findall("LAB", wording.text)) > 1:  # "5 is down as a problem, but it is a drug"
        text = re.sub(
            r"^(REF\d+) (?:(?:is|was|has|been|mark|marked) )+(?:(?:down|listed|shown?|entered|recorded"
            r"|given|put|in) )?as LAB\d+$|^(REF\d+) has (?:mark |label )(?:of )?LAB\d+$",
            r"\1\2",
            text,
        )
        # "apixaban is an anticoagulant not a problem, relabel as drug"
        text = re.sub(r"^(REF\d+ is )(?:UNK\d+ ){1,4}(?:and )?(?=not LAB\d+$)", r"\1", text)
    told = re.match(r"(REF\d+) (UNK\d+) (?:for|against|to|in|on|at|with|by|from)\b(?!.*LAB)", text)
    verdict = re.search(r"\b(?:okay|fine|right|wrong|yes|no|accept|reject)\b", wording.text)
    named = told and not verdict and wording.item(told[2]).said.endswith("ed")
    return told[1] if told and named else text  # "aspirin helped with pain, wrong" may be about either


def only_asks(text: str, wording: Wording, said: Iterable[int]) -> bool:
    """Whether a clause only asks that what was said of these spans be done."""
    named = {n for item in wording.named(text) for n in item.numbers}
    return named <= set(said) and _RE.CHANGES.fullmatch(text) is not None


SUBJECT = ("okay", "fine", "right", "wrong", "yes", "no")


def without_tail(tokens: list[str]) -> list[str]:
    """A clause without what only adds to its verdict: "3 is wrong for our purposes"."""
    verdicts = [n for n, t in enumerate(tokens) if t.startswith("LAB") or word_kinds().get(t) in ("ok", "no")]
    for at in range((verdicts[0] if verdicts else len(tokens)) + 1, len(tokens)):
        tail = tokens[at:]
        ours = {"our", "my", "us", "project", "guideline", "guidelines"} & set(tail) or tail[0] in kind("by")
        if (
            tail[0] in kind("prepositions")
            and (ours or tokens[verdicts[0]].startswith("LAB"))
            and not any(
                t[:3] in ("REF", "LAB", "TXT", "NUM", "SRF")
                or word_kinds().get(t) in ("ok", "no", "leave", "missing")
                or t in kind("denies")
                for t in tail
            )
            and any(t.startswith("REF") for t in tokens[:at])
        ):
            return tokens[:at]
    return tokens


def labels_said(said: Sequence[Said]) -> list[str]:
    return list(dict.fromkeys(each.label for each in said if each.kind == "label"))


def spoken(tokens: Sequence[str], at: int) -> Part | str:
    """A word: what it says, nothing, or itself when it is strange."""
    token = tokens[at]
    name = word_kinds().get(token, "")
    after = next((t for t in tokens[at + 1 :] if t not in kind("between")), "")
    if token in kind("denies"):
        if after.startswith("LAB") or word_kinds().get(after) in ("ok", "no"):
            return ""
        if token in ("no", "noway") and after == "":
            return Said("no")
        return token if token == "no" else Said("unclear")
    if (
        token in ("marked", "called", "mark")
        and tokens[at - 1 : at]
        and tokens[at - 1] in ("you", "model", "they", "he", "she")
    ):
        return token  # "you called 3 a drug" tells what was
    if token in ("go", "goes") and at == len(tokens) - 1 and at and tokens[at - 1].startswith("REF"):
        return Said("no")
    if name in ("ok", "no"):
        if token == "wrong" and after == "mark":
            return Said("wrong label")
        refused = denied(tokens, at)
        if refused and token in ("accept", "wrong", "reject"):
            return Said("unclear")
        return Said("no" if refused else name)
    if name == "missing" or (name == "leave" and "as" not in tokens):
        return Said(name)
    if token in ("has", "have", "had") and tokens[at + 1 : at + 2] and tokens[at + 1].startswith("LAB"):
        return token if tokens[at + 2 : at + 3] != ["mark"] else ""
    if tokens[at - 1 : at] and tokens[at - 1].startswith("LAB") and token in kind("nouns"):
        return token  # "2 is a drug name in a title"
    return "" if name == "glue" else token


def pairs(parts: Sequence[Part]) -> Iterable[tuple[list[Item], list[Said]]]:
    """Subjects with what is said of them: ``S P S P``, or one ``P S P``."""
    runs: list[list[Part]] = []
    for part in parts:
        if runs and isinstance(runs[-1][0], Item) == isinstance(part, Item):
            runs[-1].append(part)
        else:
            runs.append([part])
    size = len(runs) if runs and not isinstance(runs[0][0], Item) and len(runs) % 2 else 2
    for at in range(0, len(runs), size):
        both = [part for run in runs[at : at + size] for part in run]
        yield [p for p in both if isinstance(p, Item)], [p for p in both if isinstance(p, Said)]


def denied(tokens: Sequence[str], at: int) -> bool:
    """Whether a word before this one denies it: "not a disease", "rather than a date"."""
    for back in range(at - 1, max(-1, at - 5), -1):
        before = tokens[back]
        if before in kind("denies"):
            return True
        if before in ("than", "of") and tokens[back - 1 : back] in (["rather"], ["instead"], ["place"]):
            return True
        if before not in kind("between") and not before.startswith("UNK"):
            return False
    return False


def found_first(text: str, wording: Wording, situation: Situation) -> Part | str:
    """What the first word of a clause is that is more than glue."""
    tokens, against = text.split(), list[str]()
    for at, token in enumerate(tokens):
        if (
            found := marked(tokens, at, wording, situation, against)
            if MARKER.fullmatch(token)
            else spoken(tokens, at)
        ):
            return found
    return ""


def parts_of(
    tokens: Sequence[str], wording: Wording, situation: Situation, against: list[str]
) -> tuple[list[Part], list[str], list[str]]:
    parts: list[Part] = []
    strange: list[tuple[int, str]] = []
    ends: list[tuple[int, bool]] = []
    for at, token in enumerate(tokens):
        found = (
            marked(tokens, at, wording, situation, against) if MARKER.fullmatch(token) else spoken(tokens, at)
        )
        second = isinstance(found, Item) and any(isinstance(p, Item) for p in parts)
        of_label = at > 1 and tokens[at - 1] == "of" and tokens[at - 2].startswith(("LAB", "UNK"))
        if second and isinstance(found, Item) and (found.kind == "txt" or of_label):
            found = found.said  # "thirty days is a notice period": no second subject
        if isinstance(found, str):
            strange += [(at, found)] if found else []
        else:
            parts.append(found)
            ends.append((at, isinstance(found, Said)))
        if isinstance(found, Said) and found.kind == "unclear":
            against.append(f"unclear {token}")
    words = [f"{_place(at, ends)} {word}" for at, word in strange]
    if strange and all(isinstance(part, Item) and part.kind == "txt" for part in parts):
        words += ["word " + part.said for part in parts if isinstance(part, Item)]
        parts = []  # a remark in words that the text has too
    return parts, words, [token for token in tokens if not MARKER.fullmatch(token)]


def marked(
    tokens: Sequence[str], at: int, wording: Wording, situation: Situation, against: list[str]
) -> Part | str:
    """A marker: what it names, the label that it says, or a strange word."""
    item = wording.item(tokens[at])
    if item.kind in ("ref", "txt"):
        if item.kind == "txt" and tokens[at - 1 : at] and tokens[at - 1] in _WHO and item.said.islower():
            return item.said  # "the reason they held it"
        if item.kind == "ref" and item.by != "rest" and denied(tokens, at):
            against.append(f"denied {item.said}")
        return item
    if item.kind != "lab":
        word = item.said.lower()
        small = word_kinds().get(word) == "glue" or word in ("mr", "mrs", "ms", "mister", "him", "her")
        return "" if item.kind == "unk" and small else item.said
    if len(item.labels) != 1:
        against.append(f"labels {item.said}")
    ahead, behind = tokens[:at], tokens[at + 1 :]
    if (
        all(word_kinds().get(t) == "glue" for t in ahead)
        and behind
        and behind[0] in ("is", "all", "looks", *SUBJECT)
    ):
        verdicts = [t for t in behind if t in SUBJECT]
        if verdicts and not any(t.startswith("REF") for t in behind):
            spans = situation.labeled(item.labels)
            problem = "" if spans and (item.plural or len(spans) == 1) else f"which {item.said}"
            return Item("ref", item.said, tuple(s.number for s in spans), by="label", problem=problem)
    if ahead[-1:] == ["from"] and any(t.startswith("LAB") for t in behind):
        return ""
    return Said("not label" if denied(tokens, at) else "label", item.labels[0])


def _place(at: int, ends: Sequence[tuple[int, bool]]) -> str:
    """Where a strange word stands: before what is named and said, between, or after it."""
    if not ends:
        return "alone"
    said = [place for place, says in ends if says]
    if at > ends[-1][0]:
        return "tail" if said else "named"
    return "head" if at < ends[0][0] else "mid"


def tells_why(text: str, waiting: bool, wording: Wording) -> bool:
    """Whether a clause with "not" is a remark: "he had none", "except 3, which is not one"."""
    if re.fullmatch(
        r"(?:it|he|she|there|patient|UNK\d+) (?:has|had|is|was) no REF\d+(?: here| today)?", text
    ):
        return True  # "she has no pain, so reject it"
    if re.match(
        r"(?:it|he|she|patient) (?:do|does|did|has|have|had) not (?:really )?(?:have|has|had|get)\b", text
    ):
        return not waiting
    excepted = any(item.by == "all" and "except" in item.said for item in wording.items)
    return excepted and re.fullmatch(r"(?:is|was) (?:not|no) (?:one|thing|any)", text) is not None


def concluded(
    text: str, wording: Wording, situation: Situation, one: Callable[[str], Reading | None]
) -> Reading | None:
    """A decision that follows from what is told before it: "we never code a suspicion, so HIT has to go".

    What is told may say nothing else of these spans, and decide nothing on others.
    """
    cut = _RE.SO.fullmatch(text)
    told = re.match(r"REF\d+(?= (?:(?:he|she|it|they) )?(?:is|was|has|had|means)\b)", text)
    then = _RE.I_DO.sub("", plain_request(_RE.NOT_MARKED.sub("reject ", cut["then"]))) if cut else ""
    if re.fullmatch(r"LAB\d+", then):
        # "Oakland is where they have the office, so GPE"
        then = f"{told[0]} is {then}" if told and wording.item(told[0]).by in ("term", "number") else ""
    found = one(then)
    if cut is None or found is None or not found.lines or not found.writes or found.question:
        return None
    spans = {*decided(found.lines, "ok"), *decided(found.lines, "no"), *relabeled(found.lines)}
    spans |= {int(line.split()[0]) for line in found.lines if " = " in line}
    spans |= {*decided(found.lines, "merge")}
    if not all(map(_RE.DECIDES.fullmatch, found.lines)) or _RE.OPEN.search(cut["why"]):
        return None
    spots = situation.these(spans)
    given = {line.rpartition(" is ")[2] for line in found.lines if " is " in line}
    wanted = given or {spot.label for spot in spots}
    rejects = any(line.startswith("no ") for line in found.lines)
    kept = {spot.label for spot in spots}
    about = _RE.RULE_FOR.sub(lambda m: "" if kept.issuperset(wording.item(m[0]).labels) else m[0], cut["why"])
    named: set[str] = set()
    for part in CUT.split(about):
        against: list[str] = []
        parts, _, words = parts_of(part.split(), wording, situation, against)
        said = {each.kind for each in parts if isinstance(each, Said)} - {"unclear"}
        items = [each for each in parts if isinstance(each, Item) and each.kind == "ref"]
        # "we stopped the warfarin, but it's a drug, so keep number 2", where there are two
        others = [each for each in items if not (spans.issuperset(each.numbers) or spans < {*each.numbers})]
        texts = [each.said for each in parts if isinstance(each, Item) and each.kind == "txt"]
        new = said and not all(_within(each, spots, situation) for each in texts)
        if _RE.POLICY.match(part) and all(each.by in ("label", "all", "that", "this") for each in others):
            continue  # "we do not mark the company a second time"
        labels = set(labels_said([each for each in parts if isinstance(each, Said)]))
        named |= labels
        if "missing" in said or (others and said) or new:
            return None
        if rejects and (said & {"ok", "label", "leave"}):
            return None
        if not rejects and (said & {"no", "wrong label", "leave"} or not labels <= wanted):
            return None
        if not (rejects or given) and ("not label" in said or kind("denies") & set(words)):
            return None
    if (
        len(named) == len(found.lines) == 1
        and found.lines[0].startswith("merge ")
        and named != {spots[0].label}
    ):
        return replace(found, lines=(*found.lines, f"{min(spans)} is {named.pop()}"))
    return found


def _within(text: str, spots: Sequence[Spot], situation: Situation) -> bool:
    """Whether words of the text are of these spans: "tea is no drug, so bin 9" (raspberry leaf tea)."""
    places = situation.places(text)
    return any(spot.meets(start, end) for start, end in places for spot in spots)


def in_more_places(told: Reading, found: Reading, situation: Situation) -> bool:
    """Whether a message also marks the other places of a mention that all else is said of."""
    added = [re.findall(r'^add "([^"]*)"', each) for each in told.lines]
    texts = [squeezed(text) for each in added for text in each]
    alike = bool(texts) and all(text in situation.by_surface for text in texts)
    numbers = [{n for line in each.lines for n in spans_in(line)} for each in (told, found)]
    return alike and numbers[0] == numbers[1] and not any(each.startswith("add ") for each in found.lines)


def instead_of(told: Reading, found: Reading, situation: Situation) -> bool:
    """Whether the words that a mention shall have were taken for another one: "coeliac disease, …" for 1."""
    edges = [m for e in told.lines if (m := re.match(r'(\d+) = "(.*)"', e))]
    done = [{n for line in each.lines for n in spans_in(line)} for each in (told, found)]
    words = {squeezed(edge[2]) for edge in edges if int(edge[1]) not in done[1]}
    return any(squeezed(s.surface) in words and s.number in done[1] - done[0] for s in situation.spots)


def better(told: Reading | None, found: Reading | None, line: str) -> bool:
    """Whether a message says what was read clause by clause rather than what was understood otherwise.

    Where that decides something too, only what leaves out a mention that a clause is about, or marks a part
    of words that a mention shall have ("…, so org, with the LLP").
    """
    if found and "stands here more than once" in found.question:
        return False
    if told is None or found is None or found.question or not found.lines:
        asks = told and told.question and not (found and found.answer and told.question.startswith("What "))
        return told is not None and not (asks and found and not found.question)
    edged = [{n for e in each.lines if " = " in e for n in spans_in(e)} for each in (told, found)]
    if edged[1] < edged[0] and all(
        any(n in spans_in(e) for e in told.lines) for e in found.lines for n in spans_in(e)
    ):
        return True  # "… is a person; the “of” is not part of her name"
    done = {n for each in found.lines for n in spans_in(each)}
    if told.question:  # "tranexamic acid needs adding; 9 is fine", of which only the verdict was read
        made = told.choices[0][1].split("; ")
        adds = any(e.startswith("add ") for e in made) and not any('"' in e for e in found.lines)
        asked = re.search(r"(?i)\b(?:add|miss|forg[eo]t|left out|mark|tag|includ|overlook)", line)
        return bool(adds and asked) and done <= {n for each in made for n in spans_in(each)}
    kept = {n for e in told.lines if e.startswith("ok ") for n in spans_in(e)}
    if kept and all(e.startswith("no ") and spans_in(e) & kept for e in found.lines):
        return True  # "6, 7 in; 8 out"
    if any(re.match(r'all "', e) and f"add{e[3:]} " in " ".join(told.lines) for e in found.lines):
        return True  # "it is, and so are filgrastim and nystatin"
    more = {*told.lines} - {*found.lines}
    if more and {*found.lines} < {*told.lines} and all(re.match(r"ok \d|add ", each) for each in more):
        return True  # "Quite. And Queen Mary goes on to Maternity Unit."
    if any(e.startswith("merge ") for e in told.lines) and edged[1] & {
        n for e in told.lines for n in spans_in(e)
    }:
        return True  # "put 9 and 10 together, with the “of the” between them"
    joins = {n for e in found.lines if e.startswith("merge ") for n in spans_in(e)}
    if joins & edged[0] and not any(e.startswith("merge ") for e in told.lines):
        return True  # "… one place, “22 Corn Street, Bristol”", with words that no mention has
    if any(" all " in line for line in told.lines) and not any(" all " in line for line in found.lines):
        return True  # "… in all letters, it is a bug"
    numbers = [{n for line in each.lines for n in spans_in(line)} for each in (told, found)]
    texts = [re.findall(r'"([^"]*)"', " ".join(each.lines)) for each in (told, found)]
    added = [text for line in found.lines for text in re.findall(r'^add "([^"]*)"', line)]
    inside = [any(squeezed(text) in squeezed(other) for other in texts[0]) for text in added]
    if numbers[1] < numbers[0]:
        return all(inside)
    shorter = any(squeezed(text) not in map(squeezed, texts[0]) for text in added)
    units = numbers[0] or not any(re.search(r"\d", text) for text in added)  # "the pounds" of 1,120 pounds
    return bool(units) and numbers[1] == numbers[0] and shorter and all(inside)


def only_sum(made: str, line: str, situation: Situation) -> str:
    """Words that are added under a label whose mentions are sums, but the sum alone: "deposit of £500"."""
    added, sums = re.fullmatch(rf'add "(.*)" ({A_LABEL})', made), re.compile(r"[$€£¥]\d(?:[\d.,]*\d)?")
    found = sums.findall(added[1]) if added and f'"{added[1]}"' not in line else []
    alike = [s.surface for s in situation.spots if added and s.label == added[2]]
    sure = len(found) == len(situation.places(found[0])) == 1 and len(alike) > 1 if found else False
    return f"add {quoted(found[0])} {added[2]}" if added and sure and all(map(sums.match, alike)) else made


def denied_words(made: str, line: str) -> bool:
    """Whether a mention is to become the words that it shall be without: "without the diagnosed"."""
    edge = re.match(r'\d+ = "(.*)"', made)
    return (
        edge is not None
        and re.search(rf"(?i)\bwithout (?:the )?{re.escape(edge[1])}(?!\w)", line) is not None
    )
