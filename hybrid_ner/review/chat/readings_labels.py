"""Labels: what a clause that gives, changes, denies or asks for one stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.edges import relabels
from hybrid_ner.review.chat.reading import (
    WHICH,
    WHICH_LABEL,
    Action,
    Clause,
    Item,
    Reading,
    UnclearError,
    Understand,
    asked,
    choices_about,
    focus_of,
    label_of,
    named_spot,
    numbers_of,
    one_line,
    spots_of,
)
from hybrid_ner.review.chat.readings_edges import every_one, extended, otherwise_written
from hybrid_ner.review.chat.readings_verdicts import bulk_term, each_everywhere
from hybrid_ner.review.chat.references import read_words
from hybrid_ner.review.chat.situation import Situation, Spot, numbers_said, quoted, spans_in, squeezed
from hybrid_ner.review.document.explain import spoken_label
from hybrid_ner.review.store.labels import A_LABEL, label_words, plain_words
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)


def labeled_so(line: str, situation: Situation) -> str:
    """A line that gives one mention a label in words around it, in plain ones; any other line as it is.

    "wrong drawer, this lives in procedure"; "Broca's aphasia needs its own kind, make one called Language".
    """
    labels, own = label_words(situation.labels), {each.lower() for each in situation.labels}
    for section in ("labeled", "named"):
        for pattern, told in _RE.rules(section):
            if (said := pattern.fullmatch(line)) is None:
                continue
            parts = {name: text or "" for name, text in said.groupdict().items()}
            given = [name for name in ("label", "second", "denied") if parts.get(name)]
            meant = {name: labels.get(plain_words(parts[name]), ((), False))[0] for name in given}
            known = section == "labeled" and all(len(each) == 1 for each in meant.values())
            parts |= {name: each[0] for name, each in meant.items() if known}
            if known or (
                section == "named"
                and parts["label"].lower() not in own
                and len(meant.get("denied", "L")) == 1
                and _is_named(parts["of"], situation)
            ):
                parts["label"] = parts["label"].replace(" ", "_")  # "6: Medical history, not Indication"
                return told.format(**{**parts, "of": _one_named(parts.get("of", ""), situation)})
    return line


def _is_named(said: str, situation: Situation) -> bool:
    """Whether words are a number, words of the text, or only point at a mention."""
    name = _one_named(said, situation)
    pointed = re.fullmatch(r"(?i)(?:(?:number|item) )?\d{1,3}|(?:this|that|it)(?: one)?", name) is not None
    return pointed or situation.holds(squeezed(name))


def _one_named(said: str, situation: Situation) -> str:
    """The number of the one mention that words name, or end in: "the time limit of 22 July 2024"."""
    for words in (said, re.sub(r"(?i)^the [\w ]+? (?:of|on|in|at) ", "", said)):
        numbers = situation.by_surface.get(squeezed(words), ())
        if len(numbers) == 1:
            return str(numbers[0])
    return said


def _not_label(clause: Clause) -> Reading:
    item = clause.refs()[0]
    if item.by == "term" and clause.everywhere:
        line = f"never {quoted(item.said)} {{}}"
        return one_line(line.format(label_of(clause.labels()[-1], line)))
    label, spots = clause.labels()[-1], spots_of(clause, item)
    fits = [spot for spot in spots if spot.label in label.labels]
    # "the court is not a place" says nothing against a COURT
    kinds = item.by in ("this", "that", "label") or "LAB" in item.said
    if item.by == "term" and 0 < len(fits) < len(spots):
        # "spirometry is not a device", where one of two is marked as that
        return Reading((f"no {numbers_said(spot.number for spot in fits)}",), verdict="no", soft=True)
    if len(fits) == len(spots) or not kinds:
        # Whoever names a span rejects it, whatever its label is now: "2 is not a disease".
        return Reading((f"no {numbers_of(clause, item)}",), verdict="no", soft=True)
    return _denied_other(label, spots, fits)


def _denied_other(label: Item, spots: list[Spot], fits: list[Spot]) -> Reading:
    """A label is denied of spans that do not have it: "this isn't a statute", said of a place."""
    others = [spot for spot in spots if spot not in fits]
    said = ", ".join(f"{named_spot(spot)} is {spoken_label(spot.label)}" for spot in others[:3])
    numbers = numbers_said(spot.number for spot in spots)
    right = numbers_said(spot.number for spot in fits)
    question = asked(
        f"{said} now, and no {label.said}. Is it wrong?",
        (f"Reject {numbers}", f"no {numbers}"),
        *(((f"Reject only {right}", f"no {right}"),) if fits else ()),
        *((f"Accept {named_spot(spot)}", f"ok {spot.number}") for spot in others[:1]),
    )
    return replace(question, soft=True, verdict="no")


def _denied_of_kind(clause: Clause) -> Reading | None:
    """What is called one label and denied another: "this court is not a place", "this drug is no disease"."""
    item, kind, other = clause.refs()[0], clause.labels()[0], clause.labels()[-1]
    spots = spots_of(clause, item)
    if item.by not in ("this", "that") or len(kind.labels) != 1 or len(spots) != 1:
        return None
    spot = spots[0]
    mine = (f"As {kind.labels[0]}", f"{spot.number} is {kind.labels[0]}")
    if spot.label in kind.labels:
        mine = (f"Accept {named_spot(spot)}", f"ok {spot.number}")
    return asked(
        f"You call {named_spot(spot)} {kind.said} and no {other.said}: what shall I do?",
        mine,
        (f"Reject {named_spot(spot)}", f"no {spot.number}"),
    )


_PHRASES = frozenset(
    ("problem", "issue", "concern", "worry", "deal", "surprise", "priority", "must", "question", "doubt",
     "joke", "coincidence", "matter", "hurry", "rush", "bother", "thing", "match", "bit", "clue")
)  # fmt: skip
"""What may be denied without a word on what a span is: "2 is not a problem"."""


def _not_kind(clause: Clause) -> Reading | None:
    """A kind is denied that no label has: "lunch is not a food"."""
    kind = re.search(
        r"(?i)\b(?:not|n't|no|isnt|never) (?:really |just )?an? ([a-z-]+)\W*$", clause.wording.raw
    )
    if kind is None or kind[1].lower() in _PHRASES:
        return None
    return Reading((f"no {numbers_of(clause, clause.refs()[0])}",), verdict="no", soft=True)


def _other_kind(clause: Clause) -> Reading | None:
    """A no, and what it is instead, for which there is no label: "no, that's a city"."""
    its = r"(?:just |only )?(?:an?|his|her|their|its|my|our) (?:[a-z-]+ )?"
    kind = re.search(rf"(?i)(?:is|'s|s|was) {its}([a-z-]+)\W*$", clause.wording.raw)
    if kind is None or kind[1].lower() in _PHRASES:
        return None
    return Reading((f"no {numbers_of(clause, clause.refs()[0])}",), verdict="no")


def _not_label_this(clause: Clause) -> Reading:
    spot = focus_of(clause)
    label = clause.labels()[0]
    if spot.label in label.labels:
        return Reading((f"no {spot.number}",), verdict="no")
    others = [each for each in clause.situation.labeled(label.labels) if each.open][:2]
    return asked(
        f"{named_spot(spot)} is a {spot.label}, so which one is not a {label.said}?",
        *((f"Reject {named_spot(each)}", f"no {each.number}") for each in (spot, *others)),
    )


def relabel(clause: Clause) -> Reading | None:
    """``3 is Chemical``; a text without a span is added, a term meant everywhere is relabeled in bulk."""
    lines = []
    first = clause.refs()[0] if clause.refs() else None
    if any(
        item.by not in ("this", "that") and item.numbers != first.numbers
        for item in clause.refs()[1:]
        if first
    ):
        return None  # "accept 1, 2, 10 is a test" is not about 2 alone
    label = clause.labels()[0]
    if not clause.refs() and (texts := clause.texts()):
        # "add hypotension, that's a disease"; "the line is a device, make it a test" may mean central line
        line = f"add {quoted(texts[0].said)} {{}}"
        told = re.search("missing|add|new", raw := clause.wording.raw) or f'"{texts[0].said}"' in raw
        if clause.situation.part_of(texts[0].said) and not told:
            return None
        return one_line(line.format(label_of(label, line)))
    for item in clause.refs()[:1]:
        each_everywhere(clause, item, f"relabel all {{}} -> {label.labels[0]}")
        bulk = bulk_term(clause, item)
        if bulk:
            name = label_of(label, f"relabel all {quoted(bulk)} -> {{}}")
            lines += relabels(bulk, name, clause.wording.raw, clause.situation)
            continue
        numbers, now = numbers_of(clause, item), clause.situation
        unsaid = not (now.framed or now.waits or now.last or now.named) and now.offered[1:]
        if item.said.startswith("that") and unsaid:  # "that should be a hazard", with nothing framed
            line = f"{numbers} is {label_of(label, f'{numbers} is {{}}')}"
            raise UnclearError(asked(f"{WHICH} Perhaps {named_spot(focus_of(clause))}?", (line, line)))
        if item.by == "all" and len(item.numbers) > 3:
            raise UnclearError(
                asked(
                    f"All {len(item.numbers)} of them?",
                    (
                        f"Yes: {numbers} as {label.said}",
                        f"{numbers} is {label_of(label, numbers + ' is {}')}",
                    ),
                )
            )
        lines.append(f"{numbers} is {label_of(label, f'{numbers} is {{}}')}")
    return Reading(tuple(lines), verdict=label.said)


def _relabel_no_other(clause: Clause) -> Reading | None:
    """A label, and a kind that is none here: "3 is a drug, not a boat"; but "Jane is a party, not Rao"."""
    kind = re.search(r"(?i)\b(?:not|than|of|no) (?:just )?an? [a-z-]+\W*$", clause.wording.raw)
    return relabel(clause) if kind else None


def _respectively(clause: Clause) -> Reading | None:
    """As many labels as spans, in order: "apixaban and troponin are Drug and Test"."""
    spots, labels = spots_of(clause, clause.refs()[0]), clause.labels()
    if len(clause.refs()) != 1 or len(spots) != len(labels):
        return None
    return Reading(
        tuple(
            f"{s.number} is {label_of(each, f'{s.number} is {{}}')}"
            for s, each in zip(spots, labels, strict=True)
        )
    )


def _swapped(clause: Clause) -> Reading | None:
    """Each of two spans gets the label of the other."""
    spots = [spot for item in clause.refs() for spot in spots_of(clause, item)]
    if len(spots) != 2:
        return asked("Which two? Name them, like “swap the labels of 2 and 3”.")
    (one, other), labels = spots, {spot.label for spot in spots}
    if len(labels) == 1:
        return Reading(answer=f"{named_spot(one)} and {named_spot(other)} are both {labels.pop()}.")
    return Reading((f"{one.number} is {other.label}", f"{other.number} is {one.label}"))


def _mixed_up(clause: Clause) -> Reading | None:
    """The same, where it may be something else than the labels that is mixed up."""
    found = _swapped(clause)
    if found is None or not found.lines:
        return found
    return asked("Shall they change labels?", ("; ".join(found.lines), "; ".join(found.lines)))


def _last_label(clause: Clause) -> Clause:
    """The clause with the last label only: that of "not a disease but a drug"."""
    kept = [item for item in clause.items if item.kind != "lab"]
    return replace(clause, items=[*kept, clause.labels()[-1]])


def _relabel_not(clause: Clause) -> Reading | None:
    return relabel(_last_label(clause))


def relabel_this(clause: Clause) -> Reading:
    label = clause.labels()[0]
    if label.plural and re.fullmatch(r"LAB\d+", clause.wording.text):
        return one_line(f"all label:{label_of(label, 'all label:{}')}")  # "just drugs please"
    alike = [s.number for s in clause.situation.in_text if s.open and s.label in label.labels]
    if label.plural and clause.before in ("ok", "no") and alike:  # "accept places and dates"
        return one_line(f"{clause.before} {numbers_said(alike)}")
    spot = focus_of(clause)
    denied = re.search(r"\bnot (LAB\d+)", clause.wording.text)
    last = clause.situation.last_decided if clause.situation.fresh else None
    if denied and last and last.label in (wrong := clause.wording.item(denied[1]).labels):
        # "no, PARTY, not PERSON", after a span was made a PERSON; what is framed now may be one as well
        corrects = re.match(r"(?i)\W*(?:no|sorry|oops|wait|excuse|pardon|i meant)\b", clause.wording.raw)
        spot = last if corrects or spot.label not in wrong else spot
    return Reading((f"{spot.number} is {label_of(label, f'{spot.number} is {{}}')}",), verdict=label.said)


def _relabel_this_not(clause: Clause) -> Reading:
    return relabel_this(_last_label(clause))


def which_label(clause: Clause) -> Reading:
    """The label is wrong, and nobody said which one is right."""
    refs = clause.refs()
    spots = spots_of(clause, refs[-1]) if refs else [focus_of(clause)]
    if len(spots) != 1:
        return Reading(
            question="Which one has the wrong label? Say its number, and the right label.", soft=True
        )
    spot = spots[0]
    others = [label for label in clause.situation.labels if label != spot.label]
    choices = [(f"{spot.number} is {label}", f"{spot.number} is {label}") for label in others[:6]]
    none = (f"None: reject {spot.number}", f"no {spot.number}")
    return replace(asked(f"{WHICH_LABEL} for {named_spot(spot)}?", *choices, none), soft=True)


def _label_means(clause: Clause) -> Reading | None:
    """What a label is for; ``None`` for words that are no label."""
    said = clause.items[0].said if clause.items else ""
    known = {label.casefold() for label in clause.situation.labels}
    if not clause.items or (clause.items[0].kind != "lab" and said.casefold() not in known):
        return None
    labels = tuple(dict.fromkeys(each for item in clause.items for each in item.labels if item.kind == "lab"))
    return Reading((f"labels {labels[0]}",) if len(labels) == 1 else ("labels",))


def _is_nothing_here(noun: str, labels: Sequence[str]) -> bool:
    """Whether an everyday noun says that a span is no entity here: "March is a month", without any label
    that months could have."""
    for kind in w.EVERYDAY.values():
        if noun.lower().removesuffix("s") in kind["nouns"].split():
            split = re.compile("(?<=[a-z])(?=[A-Z])")
            words = {part for label in labels for part in plain_words(split.sub(" ", label))}
            near = re.compile(rf"(?:{kind['labels']})s?")
            return not any(near.fullmatch(word) for word in words)
    return False


def _nothing_here(clause: Clause) -> Reading | None:
    """A label is denied, and an everyday noun says what it is: "Bright is staff, not a drug"."""
    noun = clause.items[1].said if clause.items[1].kind in ("unk", "txt") else clause.text.split()[2]
    if not _is_nothing_here(noun, clause.situation.labels):
        return None
    return Reading((f"no {numbers_of(clause, clause.refs()[0])}",), verdict="no")


def _unknown_label(clause: Clause) -> Reading | None:
    if not clause.refs():
        return None
    item, name = clause.refs()[0], clause.items[-1]
    if clause.before in ("ok", "no") and item.numbers == (clause.situation.framed,):
        return Reading()  # "5 is wrong, it's a duration" says why
    spots = spots_of(clause, item)
    if len(spots) != 1 or not name.said[:1].isalpha() or " " in name.said:
        return None
    n = spots[0].number
    if _is_nothing_here(name.said, clause.situation.labels) and "DOUBT" not in clause.wording.text:
        return one_line(f"no {n}")
    options = [(f"As {label}", f"{n} is {label}") for label in clause.situation.labels[:1]]
    question = asked(
        f"There is no label for “{name.said}” yet. What is {named_spot(spots[0])}?",
        (f"Reject {named_spot(spots[0])}", f"no {n}"),
        *options,
        (f"Add a label {name.said}", f"label {name.said}"),
    )
    # "thirty days is a period and not a date, so remove": a no says what becomes of it
    return replace(question, soft=True, verdict="no") if clause.text.startswith("REF") else question


def _same_label(clause: Clause) -> Reading | None:
    """The label of another span: "10 gets the same label as 11"."""
    first, second = clause.items[0], clause.items[-1]
    if re.match(r"same (?:mark|thing)? ?(?:as|like)", clause.text):
        first, second = second, first
    others = spots_of(clause, second) if second.kind == "ref" else []
    if len({spot.label for spot in others}) != 1:
        return None
    label = others[0].label
    if first.kind == "txt":
        return one_line(f"add {quoted(first.said)} {label}")
    spots = spots_of(clause, first) if first.kind == "ref" else []
    told = "mark" in clause.text.split() or all(spot.label != label for spot in spots)
    numbers = numbers_said(spot.number for spot in spots)
    if not told:
        return choices_about(f"ok {numbers}", clause.situation, f"Is {numbers} right, too?")
    return one_line(f"{numbers} is {label}") if spots else None


def in_each_place(line: str, situation: Situation, understand: Understand) -> Reading | None:
    """What is said of all places of some words here, marked or not: "vancomycin is a drug both times".

    Its mentions are decided and the places without one are marked, where no other mention stands over them;
    a "wherever" that may mean other documents too, which have these words, is left to the bulk lines.
    """
    every = None if _RE.BEYOND.search(line[:-1]) else _RE.EVERY_HERE.fullmatch(line)
    if every and (said := every_one(every, situation)):
        return said
    if only := _RE.EVERY_WORD.fullmatch(line):  # "every carbimazole in this text, just the word"
        around = [s.number for s in situation.waiting if s.has(only["name"])]
        edge = Reading((f"{around[0]} = {quoted(only['name'])}",), writes=True) if len(around) == 1 else None
        return _bounded(edge, situation) if edge else None
    found = _RE.EACH_PLACE.search(line)
    if found is None or _RE.BEYOND.search(line):
        return _other_places(line, situation, understand)
    rest, both = line, bool(found["both"])
    while found:
        loose = bool(found["loose"]) and not found["scope"]
        rest = f"{rest[: found.start()]}{rest[found.end() :]}"
        found = _RE.EACH_PLACE.search(rest)
    if marks := _RE.MARKS.fullmatch(rest):
        rest = f"{marks['name']} is right"
    wording = read_words(rest, situation)
    terms = {squeezed(item.said) for item in wording.items if item.kind == "ref" and item.by == "term"}
    if len(terms) > 1 or (loose and any(map(situation.elsewhere, terms))):
        return None
    read = understand(rest, situation)
    if read is None or read.question:
        return None
    if _RE.AGREES.fullmatch(rest) and situation.focus and situation.asked:  # "no both times"
        terms = {squeezed(situation.focus.surface)}
    named = extended(terms.pop(), read, situation, both=both) if terms else None
    return _bounded(read, situation) or named


def _bounded(read: Reading, situation: Situation) -> Reading | None:
    """New words of a mention, marked in the other places too: "Halvorsen Marine AS in full, both times"."""
    new = [each for each in read.lines if each.startswith("add ")]
    kept = "; ".join(each for each in read.lines if each not in new)
    edge = re.fullmatch(rf'(\d+) = "(.*?)"(?:; (?:\1 is ({A_LABEL})|ok \1))?', kept)
    spot = situation.spot(int(edge[1])) if edge else None
    if edge is None or spot is None or (edge[3] and edge[3] != spot.label):
        return None
    if any(f"add {quoted(edge[2])} " not in each for each in new):
        return None
    bare, places = situation.bare(edge[2].lower()), situation.places(edge[2].lower())
    # "Foods plc", of "Foods plc must"
    cut = [spot.number for a, b in places if spot.start <= a and b <= spot.end]
    held = [[s.number for s in situation.spots if a <= s.start and s.end <= b] for a, b in places]
    inside = cut or [each[0] for each in held if each]  # the others there are out, as they overlap
    if len(bare) + len(inside) != len(places) or spot.number not in inside:
        return None
    edges = (f"{n} = {quoted(edge[2])}" for n in inside)
    added = [f"add {quoted(edge[2])} #{at} {spot.label}" for at, p in enumerate(places, 1) if p in bare]
    added += otherwise_written(edge[2], spot.label, situation)
    return replace(read, lines=(*edges, *added))


def _other_places(line: str, situation: Situation, understand: Understand) -> Reading | None:
    """What was said of a mention, said of its other places too: "yes, and the place at the end same"."""
    told, last = _RE.MAY_YOU.sub(r"\1", line), situation.last_decided
    if last and "?" not in told and _RE.LIKEWISE.search(told) and _only_other(told, last):
        return _others_like(last, situation.last, told, situation)  # "same for the other meloxicam"
    if "?" in line or not _RE.OTHER.search(line):
        return None
    read = understand(said["head"], situation) if (said := _RE.SAID_OF.match(line)) else None
    if said is None or read is None or read.question or len(read.lines) != 1 or not read.writes:
        return None
    spots = situation.these(spans_in(read.lines[0]))
    same = len(spots) == 1 and _only_other(said["rest"], spots[0])
    return _others_like(spots[0], read.lines[0], said["rest"], situation, first=read.lines) if same else None


def _only_other(said: str, spot: Spot) -> bool:
    """Whether words say only that there is another place of a name, and that the same goes for it."""
    name = rf"{re.escape(spot.surface)}|(?:that|this) {spot.label}"
    if re.search(r"(?i)\bnext\b", said) and not re.search(rf"(?i)(?<!\w)(?:{name})(?!\w)", said):
        return False  # "2 is wrong, and the next one too": the one behind it
    said = re.sub(rf"(?i)(?<!\w)(?<!third )(?:{name})(?!\w)", "one", said)
    plain = re.findall(r"[\w-]+", re.sub("['’]", "", said.lower()))
    return _RE.OTHER.search(said) is not None and all(map(_RE.OTHER_WORDS.fullmatch, plain))


def _others_like(
    spot: Spot, line: str, said: str, situation: Situation, *, first: tuple[str, ...] = ()
) -> Reading | None:
    """The lines for the other mentions and unmarked places of the words of one, as it was decided."""
    decided = re.fullmatch(rf"(ok|no|accept|reject|a|x)? ?\d+(?: (?:is|->) ({A_LABEL}))?", line)
    if decided is None:
        return None
    name = squeezed(spot.surface)
    others = [s.number for s in situation.in_text if s.open and squeezed(s.surface) == name and s != spot]
    places, bare = situation.places(name), situation.bare(name)
    refused = decided[1] in ("no", "reject", "x")
    free = [] if refused else [at for at, place in enumerate(places, 1) if place in bare]
    every = re.search(r"(?i)\b(?:every(?:where)?|all|each|any|others|ones|times|places)\b", said)
    if (not others and not free) or (len(others) + len(free) > 1 and not every):
        return None
    label = decided[2] or spot.label
    verb, given = "no " if refused else "ok ", f" is {label}" if decided[2] and not refused else ""
    same = (f"{'' if given else verb}{numbers_said(others)}{given}",)
    added = tuple(f"add {quoted(spot.surface)} #{at} {label}" for at in free)
    return Reading((*first, *(same if others else ()), *added), writes=True)


READINGS: Mapping[str, Action] = {
    "which_label": which_label,
    "label_means": _label_means,
    "not_label": _not_label,
    "not_label_this": _not_label_this,
    "relabel": relabel,
    "not_kind": _not_kind,
    "nothing_here": _nothing_here,
    "other_kind": _other_kind,
    "relabel_no_other": _relabel_no_other,
    "respectively": _respectively,
    "relabel_not": _relabel_not,
    "relabel_this": relabel_this,
    "relabel_this_not": _relabel_this_not,
    "unknown_label": _unknown_label,
    "denied_of_kind": _denied_of_kind,
    "swapped": _swapped,
    "mixed_up": _mixed_up,
    "same_label": _same_label,
}
