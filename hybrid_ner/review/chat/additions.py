"""Several missing things named at once, in lists and with labels before or behind them.

"The dates are not marked, 3 May 2024, 4 June 2024 and 1 July 2024"; "a and b are pests, c and d are places";
"add emphysema finding, L4/L5 site". Every word of the line has to be accounted for: nothing is added of a
list that is understood in part.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, permutations

from hybrid_ner.review.chat.listed import kind_of, listed, pattern_of, without_title
from hybrid_ner.review.chat.losses import label_like
from hybrid_ner.review.chat.reading import Choice, Item, Reading, asked, named_texts
from hybrid_ner.review.chat.sentences import by_sentences
from hybrid_ner.review.chat.situation import Situation, Spot, added_line, numbers_said, quoted, squeezed
from hybrid_ner.review.chat.words import is_english
from hybrid_ner.review.store.labels import A_LABEL, label_words, labels_meant
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)


@dataclass(frozen=True, slots=True)
class _Node:
    """What a list has in its order: names that stand together, a label, or a word that repeats one.

    Args:
        kind: ``names``, ``label``, ``again`` (likewise, of what stands before it), ``so`` (so is …).
        texts: The names, as the text writes them.
        labels: What the label may mean.
        plural: It was said of several.
        each: Which places of each name are meant, as it is said: ``all``, how many there are ("2"), the
            second one ("#2"), or those of all documents (``everywhere``); empty for the only one.
    """

    kind: str
    texts: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    plural: bool = False
    each: tuple[str, ...] = ()


def additions(line: str, situation: Situation, *, alone: bool = False) -> Reading | None:
    """The lines for a list of what is missing; a question where it is not clear, ``None`` for no list.

    Args:
        line: One sentence, as typed.
        situation: What it can be about.
        alone: A single name is a list too, and none at all is asked for: "dates missing".
    """
    if "?" in line and (alone or not _RE.REQUEST.match(line)) and not asks_for(line):
        return None
    line = _RE.OWNED.sub(" is ", line.replace("’", "'").rstrip(" ?"))
    agrees = _RE.AGREES.match(line)
    line = line[agrees.end() :] if agrees else line
    found = listed(line, situation)
    if found is None:
        return None
    signs, texts, labels = found
    if _RE.CONCLUDES.search(line) or (len(texts) == 1 and _RE.WHEREVER.search(line)):
        return None
    if parted := _parted(line, texts, labels, situation):
        return Reading(parted, writes=True)
    said = _in_signs(signs)
    if not _RE.WHOLE.fullmatch(said):
        return None
    told = re.search(r"MISSING|ADD", said) is not None and "SOIS" not in said
    if not texts:
        others = _RE.VAGUE.search(line) is not None
        return _which_ones(labels, situation, told=told, others=others) if alone and not agrees else None
    nodes, links = _nodes(said, texts, labels)
    several = any(node.plural for node in nodes) or _RE.SEVERAL.search(line)
    single = not several and _RE.SINGLE.search(_RE.LEADS.sub("", line)) is not None
    quotes = re.findall(r"[\"“]([^\"”]+)[\"”]", line)
    if _RE.ONE_OF_TWO.search(line):
        return None
    if any(
        (single and len(node.texts) > 1)
        or _one_name(node.texts, line, situation, several or node.texts[0] in quotes)
        for node in nodes
        if node.texts
    ):
        return None
    given = _given(nodes, links, situation, told=told)
    if not given or not (alone or len(given) > 1 or any(each for _, _, each in given)):
        return None
    read = _reading(given, situation, told=told, alone=alone)
    about = {int(n) for each in read.lines for n in re.findall(r"^(?:ok )?(\d+)", each)} if read else set()
    if agrees and not (situation.focus and situation.focus.number in about):
        return None  # "yup add the chimney" accepts something else as well
    return read


def as_added(found: Reading | None, line: str, situation: Situation) -> Reading | None:
    """The same lines with every place of added words, and of a sum ("bonds of £9,000") only its figures."""

    def each(added: re.Match[str]) -> str:
        if f'"{added[1]}"' in line:
            return added.group()
        words, label = re.sub(r"(?i)^(?:and|or|but|also) ", "", added[1]), added[2]
        figures = [f.group() for kind in ("date", "money") for f in re.finditer(pattern_of(kind), words)]
        rest = words.replace(figures[0], "") if len(figures) == 1 else ""
        kind = re.fullmatch(r"[a-z ]+ of (?:the )?| (?:from|to|by|with|for|on) [a-zA-Z ]+", rest)
        if kind and label_like(figures[0], situation) == label:
            words = figures[0]
            if (held := situation.spot(situation.part_of(words))) and held.label == label:
                return f"{held.number} = {quoted(words)}"
        other, made = words[0].swapcase() + words[1:], f"add {quoted(words)} {label}"
        stands = [situation.text[a:b] for name in (words, other) for a, b in situation.places(name)]
        twice = stands == [words, other] and situation.bare(other) and not _RE.ONE_PLACE.search(line)
        return f"{made}; add {quoted(other)} {label}" if twice else made

    if found is None or not (found.lines or found.choices):
        return found
    lines = [part for made in found.lines for part in re.split("; (?=add )", _RE.ADDED.sub(each, made))]
    lines = [made for n, made in enumerate(lines) if not made.startswith("add ") or made not in lines[:n]]
    lines = _without_descriptions(lines, line, situation)
    choices = ((name, _RE.ADDED.sub(each, made)) for name, made in found.choices)
    return replace(found, lines=tuple(lines), choices=tuple(choices))


def _without_descriptions(lines: list[str], line: str, situation: Situation) -> list[str]:
    """Lines that add no words which only tell what another mention is: "the transfer, 9 May 1998"."""
    added = {made: (new[1], new[2]) for made in lines if (new := _RE.ADDED.fullmatch(made))}

    def tells(words: str, label: str) -> bool:
        small = re.fullmatch("[a-z ]+", words) is not None
        beside = {each for each, own in added.values() if small and own == label and kind_of(each)}
        beside |= {s.surface for s in situation.spots if f"{s.number} is {label}" in lines}
        whose = {s.surface for s in situation.spots if kind_of(s.surface)}  # "the cap of £250,000"
        return any(f"{words}, {e}" in line for e in beside) or any(f"{words} of {e}" in line for e in whose)

    return [made for made in lines if made not in added or not tells(*added[made])]


def asks_for(line: str) -> bool:
    """Whether a line asks where something is and then wants it added: "where's the rash? put it in"."""
    return _RE.ASKS_FOR.match(line.replace("’", "'")) is not None


def in_sentences(
    line: str, situation: Situation, understand: Callable[[str, Situation], Reading | None]
) -> Reading | None:
    """One list that goes over several sentences, "K and H are missing. Both are parties"; else each alone."""
    found = additions(line, situation) if _RE.STOP.search(line) else None
    return found if found and found.lines else by_sentences(line, situation, understand)


def _parted(line: str, texts: Sequence[str], labels: Sequence[Item], situation: Situation) -> tuple[str, ...]:
    """The lines that make two of the one span which holds both names: "x and y, two materials, not one"."""
    if len(texts) != 2 or not _RE.PARTED.search(line):
        return ()
    first, second = (squeezed(text) for text in texts)
    for spot in situation.spots:
        said = squeezed(spot.surface)
        joint = said.removeprefix(first).removesuffix(second)
        if said != f"{first}{joint}{second}" or len(joint.strip(" ,")) >= _JOINT:
            continue
        label = labels[0].labels[0] if labels and len(labels[0].labels) == 1 else spot.label
        if label == spot.label:
            return (f"split {spot.number} at {quoted(joint.strip())}",)
        one = (f"{spot.number} = {quoted(spot.surface[: len(first)])}", f"{spot.number} is {label}")
        return (*one, f"add {quoted(spot.surface[-len(second) :])} {label}")
    return ()


_JOINT = 6
"""Characters above which what stands between two names is no sign and no "and"."""


def _one_name(texts: Sequence[str], line: str, situation: Situation, several: object) -> bool:
    """Whether names may be one, as they stand so in the text ("Pell and Farrow"), or one holds another."""
    # "bumetanide, digoxin and pregabalin" are three; "her solicitors, Pell and Farrow" may be two
    pairs = [p for p in pairwise(texts) if len(texts) < 3 or all(each[:1].isupper() for each in p)]
    rows = {squeezed(f"{one}{joint}{two}") for one, two in pairs for joint in (" and ", " & ", ", ")}
    listed_so = any(row in squeezed(line) and situation.holds(row) for row in rows)
    plain = [f" {squeezed(text)} " for text in texts]
    return (listed_so and not several) or any(a in b for a, b in permutations(plain, 2))


def _in_signs(signs: str) -> str:
    """A list in the signs of its grammar: ``IS MISSING ADD ALSO SOIS EACH`` and commas."""
    signs = " ".join(signs.split())
    spaced = [(pattern, f" {sign} ") for pattern, sign in _RE.rules("signs")]
    for pattern, sign in (*spaced, *_RE.rules("tidy")):
        if pattern.search(signs):
            signs = " ".join(pattern.sub(sign, signs).split())
    return signs


def _nodes(said: str, texts: Sequence[str], labels: Sequence[Item]) -> tuple[list[_Node], list[int]]:
    """What a list has in its order, and how strongly each is tied to the one before it; nothing for no list.

    2 for "is", 1 where nothing stands between, 0 for a comma, -1 where "missing" or "add" parts them.
    """
    nodes: list[_Node] = []
    links: list[int] = []
    tie, ahead = 1, ""
    for token in said.split():
        if token in (",", "IS", "MISSING", "ADD"):
            tie = 2 if token == "IS" or tie == 2 else min(tie, 0 if token == "," else -1)
            continue
        if which := _RE.PLACES.fullmatch(token):
            nodes = _placed(nodes, which[1], which[2])
            ahead = (
                _places_of(which[1], which[2]) if not nodes else ahead
            )  # "both times iodide is a material"
            continue
        if token[0] == "I":
            node = _Node("names", (texts[int(token[1:])],), each=(ahead,))
            beside = nodes and nodes[-1].kind == "names" and tie == 1
            if beside and not _apart(nodes[-1].texts[-1], node.texts[0], labels):
                return [], []  # "40 mg twice daily": one name
            if nodes and nodes[-1].kind == "names" and (beside or tie == 0):
                each = nodes[-1].each + node.each
                nodes[-1] = replace(nodes[-1], texts=nodes[-1].texts + node.texts, each=each)
                tie = 1
                continue
        elif token[0] == "L":
            node = _Node("label", labels=labels[int(token[1:])].labels, plural=labels[int(token[1:])].plural)
        else:
            node = _Node("so" if token == "SOIS" else "again")
        nodes.append(node)
        links.append(tie)
        tie = 1
    return nodes, links


def _places_of(sign: str, count: str) -> str:
    return {"EVERY": "everywhere", "ALLOF": "all", "NTH": f"#{count}"}.get(sign, count or "all")


def _placed(nodes: Sequence[_Node], sign: str, count: str) -> list[_Node]:
    """What a list has so far, with the places that a sign says of its last names, or of all: "x2", "both".

    "Both" and "all three" behind so many names only say that these are all.
    """
    named = [n for n, node in enumerate(nodes) if node.kind == "names"]
    about = set(named if sign in ("EVERY", "ALLOF") else named[-1:])
    last = nodes and nodes[-1].kind == "names" and sign in ("EACH", "NTH")  # "England, Buyer x3"
    placed = list(nodes)
    for n in about:
        size = len(nodes[n].texts)
        if sign != "SUM" or size == 1:
            each = (_places_of(sign, count),)
            placed[n] = replace(nodes[n], each=nodes[n].each[:-1] + each if last else each * size)
    return placed


def _apart(one: str, other: str, labels: Sequence[Item]) -> bool:
    """Whether names without a sign between them are two: "losartan flecainide meds", of several meds."""
    words = not re.search(r"\d", one + other) and " " not in one + other
    strange = not any(map(is_english, (one.lower(), other.lower())))
    return words and (strange or any(label.plural for label in labels))


_Given = list[tuple[str, str, str]]
"""Names, each with its label (empty where none is said) and which of its places are meant."""


def _given(
    nodes: Sequence[_Node], links: Sequence[int], situation: Situation, *, told: bool
) -> _Given | None:
    """Each name with its label; ``None`` where a label or a name is left over, or has two."""
    behind = next((node.kind for node in nodes if node.kind in ("label", "names")), "") == "names"
    used: set[int] = set()
    found: _Given = []
    for at, node in enumerate(nodes):
        if node.kind != "names":
            continue
        left = at - 1 if _claims(nodes, links, at - 1, at) else None
        right = at + 1 if _claims(nodes, links, at + 1, at) else None
        texts = node.texts
        if left in used and behind and right is None and links[at] <= 0:
            left = None  # "Lund party, pledge clause": the party is Lund
        elif left in used and right is not None and links[right] >= links[at]:
            left = None
        if left is not None and right is not None:
            before, after = links[at], links[right]
            if before > 0 and after == 2 and left not in used and nodes[left].kind == "label":
                if (nodes[right].plural and len(texts) > 1) or len(texts) < 2:
                    return None  # "add the date 3 May and Leeds and York are places"
                label = _label_of(nodes, left, situation)
                found += list(zip(texts[:-1], [label] * len(texts), node.each, strict=False))
                used.add(left)
                texts, left = texts[-1:], None
            elif before > after or (before == after and not behind):
                right = None
            else:
                left = None
        place = left if left is not None else right
        own = [_like_others(text, situation) for text in texts] if place is None else []
        if not told and not all(own) and any(each.kind == "label" for each in nodes):
            return None
        label = "" if place is None else _label_of(nodes, place, situation)
        if place is not None:
            if not label:
                return None
            used.add(place)
        plural = place is not None and nodes[place].plural
        beside = links[max(at, place or 0)] != 0
        for n, text in enumerate(texts, 1):
            named = _own_label(text, situation) if not plural and not (beside and n == len(texts)) else ""
            found.append((text, named or label, node.each[n - 1 - len(texts)]))
    spare = [at for at, node in enumerate(nodes) if node.kind in ("label", "so") and at not in used]
    given = {label for _, label, _ in found}
    if any(
        nodes[at].kind == "so" or not given >= {*nodes[at].labels} for at in spare
    ):  # "the site C6 as well": no other label
        return None
    return found


def _claims(nodes: Sequence[_Node], links: Sequence[int], at: int, names: int) -> bool:
    """Whether a label may be that of the names beside it, and is not that of others which are nearer.

    "The dose 10 mg is missing and the site C6": the site is not that of the dose.
    """
    if not 0 <= at < len(nodes) or nodes[at].kind not in ("label", "so" if at < names else "again"):
        return False
    other = 2 * at - names
    apart = links[max(at, names)] < 0
    nearer = 0 <= other < len(nodes) and nodes[other].kind == "names" and links[max(at, other)] >= 0
    return not (apart and nearer)


def _label_of(nodes: Sequence[_Node], at: int, situation: Situation) -> str:
    """The label at a place of the list, or the one that is repeated there; empty where it is not one."""
    if nodes[at].kind == "label":
        return nodes[at].labels[0] if len(nodes[at].labels) == 1 else ""
    before = [node.labels for node in nodes[:at] if node.kind == "label"]
    if before:
        return before[-1][0] if len(before[-1]) == 1 else ""
    last = re.search(rf'(?:add ".*" (?:[@#]\S+ )?|\d is )({A_LABEL})$', situation.last)
    return last[1] if last and last[1] in situation.labels else ""


def _reading(given: _Given, situation: Situation, *, told: bool, alone: bool) -> Reading | None:
    """The lines that give names their labels; a question where one stands in several places.

    Also where no label is said for words, and none is known: which one, for all of them.
    """
    named = [(text, label or _like_others(text, situation), each) for text, label, each in given]
    strange = [text for text, label, _ in named if not label]
    if (strange and not (told and alone)) or (len(given) == 1 and not given[0][1] and strange):
        return None
    if strange:
        each_as = [
            (f"As {label}", _lines([(t, own or label, e) for t, own, e in named], situation, told=told)[0])
            for label in situation.labels
        ]
        choices = [(name, "; ".join(lines)) for name, lines in each_as if lines]
        return asked(f"What {_are(strange)}?", *choices[:_MOST_LABELS]) if choices else None
    lines, several = _lines(named, situation, told=told)
    marked = len(given) == 1 and given[0][2] and squeezed(given[0][0]) in situation.by_surface
    if marked or not any(lines):
        return None  # "warfarin is a drug wherever it shows up", which is marked: no addition
    if not any(re.match(r"add |\d+ = ", line) for line in lines) and not any(each for _, _, each in given):
        return None
    if not several:
        return Reading(tuple(lines), writes=True)
    if len(given) == 1 and not given[0][2]:
        return Reading((f"add {quoted(several[0])} {named[0][1]}",), writes=True)
    if any(each.isdecimal() for text, _, each in given if text in several):
        stands = " and ".join(f"“{text}” {_times(len(situation.places(text)))}" for text in several)
        return asked(f"Here stands {stands}: all of them?", ("Every time", "; ".join(lines)))
    first = [each for at, each in enumerate(lines) if _bare(each) not in map(_bare, lines[:at])]
    return asked(
        f"{named_texts(several)} {'stands' if len(several) == 1 else 'stand'} here"
        " more than once: every time?",
        ("Every time", "; ".join(lines)),
        ("The first time only", "; ".join(first)),
    )


def _times(count: int) -> str:
    return "once" if count == 1 else "twice" if count == 2 else f"{count} times"


_MOST_LABELS = 6
"""Labels that are offered for words which none is said for: all, in most projects."""


def _are(texts: Sequence[str]) -> str:
    return f"{'is' if len(texts) == 1 else 'are'} {named_texts(texts)}"


def _lines(given: _Given, situation: Situation, *, told: bool) -> tuple[list[str], list[str]]:
    """The lines for names with labels, none where one of them cannot be; which stand in several places.

    Also those that stand in more or fewer places than is said.
    """
    lines: list[str] = []
    several: list[str] = []
    new = told
    for text, label, each in given:
        marks = _marks(text, label, situation, each=each, told=told)
        if marks is None:
            return [], []
        own, free = marks
        lines += (*own, *free)
        counted = each.isdecimal() and int(each) not in (len(own) + len(free), len(free))
        several += [text] if (len(free) > 1 and not each) or counted else []
        new = new or bool(free) or bool(each)
    return (list(dict.fromkeys(lines)) if new else []), several


def _bare(line: str) -> str:
    return re.sub(r'(?<=" )#\d+ ', "", line)


def _marks(
    text: str, label: str, situation: Situation, *, each: str, told: bool
) -> tuple[list[str], list[str]] | None:
    """The lines for the mentions that a name has, and for its places without one; ``None`` if it is a part.

    A mention that is missing by what is said is another place than those that are decided.
    """
    places = situation.places(text)
    if each:
        pattern = re.compile(rf"(?i)(?<!\w){re.escape(text)}(?!\w)".replace(r"\ ", r"\s+"))
        places = [found.span() for found in pattern.finditer(situation.text)] or places
    if each[:1] == "#":
        places = places[int(each[1:]) - 1 :][:1]
    own: list[Spot] = []
    free: list[tuple[int, int]] = []
    part = situation.spot(situation.part_of(text)) if situation.names(text) and not told else None
    for start, end in [] if part else places:
        over = [spot for spot in situation.spots if spot.meets(start, end)]
        same = [spot for spot in over if squeezed(spot.surface) == without_title(squeezed(text))]
        own += same
        within = over[0] if len(over) == 1 and over[0].open and told else None
        if within and not same and start <= within.start and within.end <= end and len(places) == 1:
            # "add trastuzumab deruxtecan Drug", where trastuzumab is marked alone
            longer = f"{within.number} = {quoted(situation.text[start:end])}"
            return [longer, *([f"{within.number} is {label}"] if within.label != label else [])], []
        if over and not same and (not told or len(places) == 1 or any(s.label == label for s in over)):
            return None  # "10 mg", where "10 mg daily" is marked so: an edge of it may be meant
        if not over:
            free.append((start, end))
    own += [part] if part else []
    if not own and not free:
        return None
    waits = [spot for spot in own if spot.open]
    if own and free and not each:
        own, free = (waits, []) if waits or not told else ([], free)
    lines = [
        f"ok {spot.number}" if spot.open and spot.label == label else f"{spot.number} is {label}"
        for spot in own
    ]
    if each == "everywhere":
        return lines, [f"add all {quoted(text)} {label}"]
    return lines, [added_line(place, label, situation) for place in free]


def _like_others(text: str, situation: Situation) -> str:
    """The label of a name that none is said for: that of what is like it, or the one that it names itself."""
    return label_like(text, situation) or _own_label(text, situation)


def _own_label(text: str, situation: Situation) -> str:
    """The label that words name themselves: "rent review clause"."""
    head = label_words(situation.labels).get((text.split()[-1].lower(),), ((), False))[0]
    return head[0] if len(head) == 1 and " " in text else ""


def _which_ones(labels: Sequence[Item], situation: Situation, *, told: bool, others: bool) -> Reading | None:
    """What to ask of "the dates are missing", and of "other dates too": never are these what is framed."""
    named = {each.labels for each in labels if each.plural or told}
    meant = named.pop() if len(named) == 1 else ()
    if len(meant) != 1 or not (told or others):
        return None
    label = meant[0]
    waiting = [spot.number for spot in situation.waiting if spot.label == label]
    found = list(_candidates(label, situation))
    example = f"`add {quoted(found[0][0] if found else 'WORDS')} {label}`"
    choices: list[Choice] = []
    if waiting and not told:
        choices.append((f"Accept {numbers_said(waiting)}", f"ok {numbers_said(waiting)}"))
    if found:
        names = ", ".join(text for text, _ in found)
        choices.append((f"Add {names}", "; ".join(line for _, line in found)))
    return asked(f"Which ones are missing as {label}? Say their words, as in {example}.", *choices)


def _candidates(label: str, situation: Situation) -> Iterator[tuple[str, str]]:
    """What the text has that is written like the mentions of a label, with the lines to add it."""
    kinds = {kind_of(spot.surface) for spot in situation.spots if spot.label == label} - {""}
    kinds |= {"date"} if labels_meant("date", situation.labels) == (label,) else set()
    patterns = [pattern_of(kind) for kind in sorted(kinds)]
    for found in re.finditer("|".join(patterns), situation.text) if patterns else ():
        start, end = found.span()
        if not any(spot.meets(start, end) for spot in situation.spots):
            text = " ".join(found.group().split())
            yield text, added_line((start, end), label, situation)
