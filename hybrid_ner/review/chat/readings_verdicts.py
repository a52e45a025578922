"""Yes and no, labels, corrections: what a clause about spans stands for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from hybrid_ner.review.chat.reading import (
    Action,
    Clause,
    Item,
    Reading,
    UnclearError,
    asked,
    choices_about,
    decided,
    focus_of,
    label_of,
    named_spot,
    numbers_of,
    one_line,
    spots_of,
)
from hybrid_ner.review.chat.references import read_words
from hybrid_ner.review.chat.situation import Situation, Spot, numbers_said, quoted, spans_in, squeezed
from hybrid_ner.review.chat.words import is_known
from hybrid_ner.review.store.labels import labels_meant
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)


def said_of_one(line: str, situation: Situation) -> Reading | None:
    """What is said of one text in many words, none of which asks for anything else.

    "Tea is never anything. In any file.", "I don't want section 47 under Power. New label, Bail, that's
    where it goes.", "since when is an inspector an offence? Person.", "the probe isn't worth marking, take it
    out". Each word has to be the text, a label, or one of those that such a sentence is made of.
    """
    line = line.strip().replace("’", "'")
    if not situation.spots or len(line) > _LONGEST or re.match(r"(?i)not (?:every|all|each)\b", line):
        return None
    for pattern in _RE.NEW_NAME, _RE.NEW_NAME_AS, _RE.NEW_NAME_OWN:
        if (named := pattern.search(line)) and (made := _labeled_anew(line, named, situation)):
            return made
    if re.search(r"(?i)\b(?:is|it's|its|are) (?:called|named) ", line):
        return None  # "it's called the right ear, a body part": new words
    numbers, rest = _one_named(line, situation)
    spots = situation.these(numbers)
    if not spots or len({spot.surface.lower() for spot in spots}) > 1:
        return None
    text, number = spots[0].surface, numbers_said(numbers)
    never = _RE.NEVER.search(rest) and _RE.ANYWHERE.search(rest) and _made_of(rest, "NEVER_WORDS", situation)
    if never and squeezed(text) in squeezed(line):  # "pain is never a disease" is not of chest pain
        labels = _labels_in(rest, situation)[0]
        return Reading((" ".join((f"never {quoted(text)}", *labels[:1])),), writes=True)
    if _RE.WORTHLESS.search(rest) and _RE.OUT.search(rest) and _made_of(rest, "OUT_WORDS", situation):
        return Reading((f"no {number}",), writes=True)
    if len(spots) > 1 and not _RE.EACH_ONE.search(rest):
        return None
    line = _of_label(rest, {spot.label for spot in spots}, situation) or _remarked(rest, spots[0], situation)
    places = len(re.findall(rf"(?<!\w){re.escape(text)}(?!\w)", situation.text, re.IGNORECASE))
    if not line or (line[:2] != "no" and len(spots) != places and _RE.EACH_ONE.search(rest)):
        return None  # "vancomycin is right both times", of which one is no mention
    return Reading((line.format(number),), writes=True)


def _of_label(rest: str, given: set[str], situation: Situation) -> str:
    """The line that a sentence of the label of a mention asks for: it has a wrong one, or keeps its own."""
    labels, _ = _labels_in(rest, situation)
    first, *more = dict.fromkeys(labels) or [""]
    if given != {first}:
        return ""
    complains = _RE.COMPLAINS.search(rest) is not None
    if complains and len(more) == 1 and labels[-1] == more[0] and _made_of(rest, "LABELED_WORDS", situation):
        return f"{{}} is {more[0]}"
    if more:
        return ""
    if complains and _RE.OUT_BEHIND.search(rest) and _made_of(rest, "LABELED_WORDS", situation, "OUT_WORDS"):
        return "no {}"
    if (
        len(_RE.DENIES.findall(rest)) == 1
        and not _RE.NO_DENIAL.search(rest)
        and _made_of(rest, "DENY_WORDS", situation)
    ):
        return "no {}"
    return "ok {}" if _RE.KEEPS.match(rest) and _made_of(rest, "KEEP_WORDS", situation) else ""


def _remarked(rest: str, spot: Spot, situation: Situation) -> str:
    """The verdict behind a remark on a mention: "she was copied in by mistake, but she is a person"."""
    if _RE.OWN_RIGHT.fullmatch(rest):
        return "ok {}"
    found = _RE.REMARK.fullmatch(rest)
    if found is None or "REF" not in found["head"] or _RE.NO_REMARK.search(found["head"]):
        return ""
    head, said = found["head"], found["label"] or ""
    label = (labels_meant(said, situation.labels) or ("?",))[0] if said else spot.label
    if not {*_labels_in(head, situation)[0]} <= {spot.label} or (found["no"] and _RE.PRAISES.search(head)):
        return ""
    if found["no"]:
        return "no {}" if label == spot.label else ""
    subject, words = _RE.SUBJECT.match(head), read_words(head.replace("REF", " "), situation)
    if not subject and any(item.kind == "txt" for item in words.items):
        return ""  # what "it" is may be other words of the text
    if _RE.DENIES.search(head) or label not in situation.labels:
        return ""
    if label == spot.label:
        return "ok {}"
    return f"{{}} is {label}" if subject else ""  # "the cough began after it, a symptom"


_LONGEST = 160


def _words(said: str) -> list[str]:
    return re.findall(r"\w[\w'-]*|'s\b", said)


def _labels_in(said: str, situation: Situation) -> tuple[list[str], list[str]]:
    """The labels that words mean, one or two of them, in their order; and the other words."""
    words, labels, others, at = _words(said), list[str](), list[str](), 0
    while at < len(words):
        for count in (2, 1):
            phrase = " ".join(words[at : at + count])
            short = len(phrase) < _SHORT and phrase.lower() not in map(str.lower, situation.labels)
            meant = () if short or "REF" in phrase else labels_meant(phrase, situation.labels)
            if len(meant) == 1:
                break
        labels += meant if len(meant) == 1 else ()
        others += () if len(meant) == 1 else (words[at],)
        at += count
    return labels, others


_SHORT = 4
"""Letters below which a word is a label only as it is written: "a" begins "AE"."""


def _made_of(said: str, kind: str, situation: Situation, *more: str) -> bool:
    """Whether a sentence is made of words of kinds and labels alone."""
    known = re.compile("|".join(("REF", *(_RE.source(each) for each in (kind, *more)))), re.IGNORECASE)
    return all(map(known.fullmatch, _labels_in(said, situation)[1]))


def _one_named(line: str, situation: Situation) -> tuple[tuple[int, ...], str]:
    """The mentions of one text that a line names in full, in part or by number, and the line without it."""
    numbers: tuple[int, ...] = ()
    for spot in sorted(situation.spots, key=lambda each: -len(each.surface)):
        if spot.surface.casefold() not in line.casefold():
            continue  # a pattern takes longer to be made than a line to be looked through
        name = rf"(?<![\w-])(?:(?:the|an?|any) )?{re.escape(spot.surface)}(?:(?=['’]s)|e?s)?(?![\w-])"
        if found := re.search(name, line, re.IGNORECASE):
            numbers += tuple(situation.by_surface.get(squeezed(spot.surface), (spot.number,)))
            line = f"{line[: found.start()]} REF {line[found.end() :]}"
    for found in re.finditer(r"(?<![\w.,])(?:(?:number|no\.) )?(\d{1,3})(?![\w%]|[.,]\d)", line):
        numbers += (int(found[1]),)
    line = re.sub(r"(?<![\w.,])(?:(?:number|no\.) )?\d{1,3}(?![\w%]|[.,]\d)", "REF", line)
    whole = bool(numbers)
    for word in _words(line):
        held = (s for s in situation.spots if word.lower() in s.surface.lower().split() and len(word) > 3)
        inside = [s.number for s in held if not numbers or s.number in numbers]
        if inside and not (is_known(word.lower()) or labels_meant(word, situation.labels)):
            numbers = numbers if whole else tuple(inside)
            line = re.sub(rf"\b{re.escape(word)}\b", "REF", line)
    return tuple(dict.fromkeys(numbers)), re.sub(r"REF(?: REF)+", "REF", " ".join(line.split()))


def _labeled_anew(line: str, named: re.Match[str], situation: Situation) -> Reading | None:
    """A new label and the mention that gets it; ``None`` where anything else is said."""
    name, labels = named["name"], situation.labels
    numbers, rest = _one_named(f"{line[: named.start('name')]}{line[named.end('name') :]}", situation)
    if not numbers or name.lower() in map(str.lower, labels) or _RE.NO_NEW.search(rest):
        return None
    if not _made_of(rest, "NEW_WORDS", situation):
        return None
    if name.islower():
        name = name.upper() if all(map(str.isupper, labels)) else name.title()
    return Reading((f"label {name}", f"{numbers_said(numbers)} is {name}"), writes=True)


def amended(
    line: str, situation: Situation, understand: Callable[[str, Situation], Reading | None]
) -> Reading | None:
    """What is decided with its last word taken back: "2 is fine, no wait, 3"; "a drug, sorry, a test".

    Behind the slip stand nothing but other spans or another label; a question where it is not clear which of
    several spans is taken back. Whole steps are taken back by their number: "last two back please".
    """
    if (back := _steps_back(line, situation)) is not None:
        return back
    refuses = not situation.told and _RE.NO_THANKS.fullmatch(line)
    if refuses and (spot := situation.spot(situation.framed)) and spot.open:
        return Reading((f"no {spot.number}",), writes=True)
    slip = _RE.SLIP.search(line) if "?" not in line.rstrip(" ?") else None
    first = read_words(line[: slip.start()], situation) if slip else None
    if slip is None or first is None or all(item.by in ("this", "that") for item in first.items):
        return None  # "no, sorry, I meant 2", "not that one, I meant 5" are of what was decided before
    rest = read_words(slip["rest"], situation)
    bare, sure = rest.text.strip(" ;.,"), _RE.SURE.search(slip["how"]) is not None
    spans, label = _RE.OTHERS.fullmatch(bare), _RE.LABEL.fullmatch(bare)
    spans = (_RE.NOT_ONLY.fullmatch(bare) or spans) if sure else None
    marker = spans["new"] if spans else label["label"] if label else ""
    item = rest.item(marker) if marker else None
    if item is None or item.problem or item.by in ("this", "that", "all", "rest", "label"):
        return None
    read = understand(line[: slip.start()], situation)
    last = _RE.DECIDES.fullmatch(read.lines[-1]) if read and read.lines and not read.question else None
    if read is None or last is None or (label and len(item.labels) != 1):
        return None
    before = spans_in(last["spans"] or last["labeled"])
    numbers = {*item.numbers} if spans else before
    verb = item.labels[0] if label else last["given"] or last["verb"]
    new = _decided(numbers, verb, situation)
    if spans and len(before) > 1 and not numbers <= before:
        others = _decided({*sorted(before)[:-1]} | numbers, verb, situation)
        return asked("Which ones do you mean?", *((each, each) for each in (others, new)))
    return replace(read, lines=(*read.lines[:-1], new), writes=True)


_STEPS = {"three": 3, "3": 3, "four": 4, "4": 4}


def _steps_back(line: str, situation: Situation) -> Reading | None:
    """The last steps taken back: "last two back please", where it can't be about the last spans."""
    said = squeezed(line).replace("’", "'")
    one = _RE.STEP_BACK.fullmatch(said) is not None
    if not (situation.last and (one or _RE.STEPS_BACK.match(said))) or _RE.NO_STEP.search(said):
        return None
    bare = re.sub(r"\b[234]\b", "", said)
    others = (*situation.by_surface, *map(str.lower, situation.labels))
    names = any(re.search(rf"(?<!\w){re.escape(each)}s?(?!\w)", said) for each in others)
    if names or re.search(r"\d", bare):
        return None
    count = 1 if one else next((n for word, n in _STEPS.items() if re.search(rf"\b{word}\b", said)), 2)
    recent = all(spot.open for spot in situation.shown[-count:])
    return Reading(("undo",) * count, writes=True) if recent or _RE.MINE.search(said) else None


def _decided(numbers: set[int], verb: str, situation: Situation) -> str:
    """The line that says ``ok``, ``no`` or a label of spans."""
    said = numbers_said(sorted(numbers))
    if verb in ("ok", "no"):
        return f"{verb} {said}"
    same = all((spot := situation.spot(n)) and spot.label == verb for n in numbers)
    return f"ok {said}" if same else f"{said} is {verb}"


def _everything(clause: Clause) -> Reading:
    situation = clause.situation
    refs = clause.refs()
    item = refs[0] if refs else None
    if item and ((item.by != "all" and " all" not in clause.text) or not _is_everything(clause, item)):
        return _verdict("ok", clause)  # "everything looks good apart from aspirin"
    if clause.everywhere:
        return Reading(("ok all status:open likely",), verdict="ok")
    framed = situation.spot(situation.framed)
    if (
        framed
        and len(situation.waiting) > 1
        and re.match(r"(?i)\W*(?:yes|yep|yeah|yup|aye)\b", clause.wording.raw)
    ):
        every = numbers_said(spot.number for spot in situation.offered)
        return asked(
            "All of them?",
            (f"Only {named_spot(framed)}", f"ok {framed.number}"),
            ("All of them", f"ok {every}"),
        )
    if len(situation.offered) == len(situation.waiting) or clause.text == "okay":
        return Reading(("ok",), verdict="ok")
    return Reading((f"ok {numbers_said(spot.number for spot in situation.offered)}",), verdict="ok")


def _everything_next(clause: Clause) -> Reading | None:
    if re.match(r"fine|right", clause.text) and not re.match(
        r"(?i)\W*(?:accepted|approved|confirmed|correct|agreed|true)\b", clause.wording.raw
    ):
        return None  # "great, next" only goes on
    if re.match(r"(?i)\W*ok(?:ay)? (?:go|move|moving|on|proceed|take|bring|show)\b", clause.wording.raw):
        return None  # and so does "okay move on to the next patient"
    return _everything(replace(clause, text="okay" if clause.text.startswith("okay") else "")).then(
        Reading(("next",))
    )


def _fine(clause: Clause) -> Reading:
    spot = focus_of(clause)
    offered = clause.situation.offered
    if len(offered) == 1:
        return one_line(f"ok {spot.number}")
    return asked(
        "Is this one fine, or all of them?",
        (f"Accept {named_spot(spot)}", f"ok {spot.number}"),
        (f"Accept all {len(offered)}", f"ok {numbers_said(s.number for s in offered)}"),
    )


def _verdict(verb: str, clause: Clause) -> Reading:
    lines = []
    for item in clause.refs():
        each_everywhere(clause, item, f"{verb} all {{}}")
        bulk = bulk_term(clause, item)
        if bulk:
            lines.append(f"{verb} all {quoted(bulk)}")
        elif item.by == "label" and clause.everywhere:
            label = label_of(item, f"{verb} all label:{{}}")
            lines.append(f"{verb} all label:{label}")
        elif item.by == "all" and _is_everything(clause, item):
            here = verb if verb == "ok" else "no all"
            all_over = f"{verb} all status:open{' likely' if verb == 'ok' else ''}"
            lines.append(all_over if clause.everywhere else here)
        else:
            lines.append(f"{verb} {numbers_of(clause, item)}")
    return Reading(tuple(lines), verdict=verb)


def _is_everything(clause: Clause, item: Item) -> bool:
    spots_of(clause, item)
    return set(item.numbers) == {spot.number for spot in clause.situation.waiting}


def bulk_term(clause: Clause, item: Item) -> str:
    """The text that is meant in all documents; empty when only spans of this one are."""
    if clause.everywhere and item.by in ("this", "that", "number", "order") and len(item.numbers) == 1:
        return spots_of(clause, item)[0].surface
    if item.by == "term" and (clause.everywhere or (item.every and not clause.here)):
        return item.said
    return ""


def each_everywhere(clause: Clause, item: Item, line: str) -> None:
    """Several texts that are meant in all documents are asked for one after the other.

    Raises:
        UnclearError: Always, where there are several.
    """
    if clause.everywhere and item.by == "number":
        terms = dict.fromkeys(spot.surface for spot in spots_of(clause, item))
        if len({term.lower() for term in terms}) > 1:
            options = [(f"“{term}” everywhere", line.format(quoted(term))) for term in terms]
            raise UnclearError(asked("One at a time in all documents: which first?", *options[:4]))


def _only(clause: Clause) -> Reading:
    numbers = numbers_of(clause, clause.refs()[0])
    if clause.text.endswith(" only") and not re.search(r"(?i)\bkeep", clause.wording.raw):
        return Reading((f"ok {numbers}",), verdict="ok")  # "accept the first one only"
    return asked(
        f"Accept {numbers}, and what about the rest?",
        (f"Accept {numbers}, leave the rest open", f"ok {numbers}"),
        (f"Accept {numbers}, reject the rest", f"ok {numbers}; no all"),
    )


def _was_right(clause: Clause) -> Reading | None:
    """What was decided the other way a moment ago: "actually 3 was right"."""
    item, situation = clause.refs()[0], clause.situation
    spots = spots_of(clause, item)
    verb = "no" if re.search(r"\bnot\b|wrong$", clause.text) else "ok"
    if item.by in ("this", "that"):
        spots = [last] if situation.fresh and verb == "ok" and (last := situation.last_decided) else []
    plain = item.by == "number" and re.match(
        r"(?i)\W*(?:number |no\.? ?|#)?\d+ (?:was|has been)\b", clause.wording.raw
    )
    if not spots or not (plain or situation.last) or (any(spot.open for spot in spots) and not plain):
        return None
    return Reading((f"{verb} {numbers_said(spot.number for spot in spots)}",), verdict=verb)


def _accept(clause: Clause) -> Reading | None:
    if not clause.situation.waiting and [item.said for item in clause.refs()] == ["all"]:
        return Reading(("ok",), verdict="ok")  # "all good, next", where nothing is open any more
    if clause.text.endswith("likewise"):
        return _verdict(clause.before, clause) if clause.before in ("ok", "no") else None
    return _verdict("ok", clause)


def _reject(clause: Clause) -> Reading | None:
    said = {label for item in clause.labels() for label in item.labels}
    if said and any(spot.label not in said for item in clause.refs() for spot in spots_of(clause, item)):
        return None  # "neither 2 nor 3 is a drug", where one of them is no drug now
    if re.match(r"no REF\d+ is wrong$", clause.text) and any(item.by != "number" for item in clause.refs()):
        numbers = numbers_of(clause, clause.refs()[0])  # "no span above 3 is wrong"
        return asked("None of them is wrong?", (f"Accept {numbers}", f"ok {numbers}"))
    if "not" in clause.text.split() and any(item.every and item.by == "all" for item in clause.refs()):
        # "All are not right" may mean some or all.
        return asked("Not all of them, or none of them?", ("None of them: reject all", "no all"))
    return _verdict("no", clause)


def _not_only(clause: Clause) -> Reading:
    """The one wrong and the other right: "not pain, only warfarin"."""
    wrong, right = clause.refs() if clause.text.startswith("not") else reversed(clause.refs())
    lines = (f"no {numbers_of(clause, wrong)}", f"ok {numbers_of(clause, right)}")
    return Reading(lines, verdict="ok")


def _no_number(clause: Clause) -> Reading | None:
    """``ok 1, no 5``; "no pain" may be a remark on the text."""
    item = clause.refs()[0]
    return _verdict("no", clause) if item.by in ("number", "order", "label") else None


def _reject_all(clause: Clause) -> Reading:
    # "none of these are good except 1" is about fewer than all
    waiting = {spot.number for spot in clause.situation.waiting}
    refs = [item for item in clause.refs() if item.by != "all" or set(item.numbers) < waiting]
    if refs and refs[0].by == "number" and re.match(r"no REF\d+ is", clause.text):
        # "No 5 is right" may be "No, 5 is right".
        line = f"no {numbers_of(clause, refs[0])}"
        return choices_about(line, clause.situation, "Right or wrong?")
    if refs:
        return _verdict("no", clause)
    return Reading(("no all status:open" if clause.everywhere else "no all",), verdict="no")


def _elliptic_yes(clause: Clause) -> Reading | None:
    """ "It is", and "2 is too" after a verdict on another one."""
    item = clause.refs()[0]
    if item.by in ("this", "that"):
        return Reading((f"ok {focus_of(clause).number}",), verdict="ok")
    marker = clause.text.split(" is")[0].split()[-1]
    more = re.search(r"(?i)\b(?:also|too|likewise|as well)\b", clause.wording.raw)
    denied = re.search(rf"\b(?:not|neither|nor)\b([^;]*)[;,] *(?:[\w]+ )?{marker}\b", clause.wording.text)
    if clause.before == "no" and denied and not more:
        # "four's right, five isn't, six is"; "7 is not right, although 13 is"; "2 is not a drug, 3 is"
        named = [clause.wording.item(each) for each in re.findall(r"LAB\d+", denied[1])]
        label = f" is {label_of(named[-1], '{}')}" if named else ""
        numbers = numbers_of(clause, item)
        return Reading((f"{numbers}{label}",), verdict="ok") if label else _verdict("ok", clause)
    but = re.search(r"\bbut REF\d+ is$", clause.wording.text)
    if clause.before in ("ok", "no") and not but:  # "1 is wrong but 2 is" may be right or wrong
        return _verdict(clause.before, clause)
    meant = labels_meant(clause.before, clause.situation.labels) if clause.before else ()
    line = f"{numbers_of(clause, item)} is {meant[0]}" if len(meant) == 1 else ""
    return Reading((line,), verdict=clause.before) if line else None


def _elliptic_no(clause: Clause) -> Reading | None:
    item = clause.refs()[0]
    if clause.before and clause.before != "no":
        return Reading((f"no {numbers_of(clause, item)}",), verdict="no")
    spots = spots_of(clause, item)
    labeled = clause.situation.fresh and " is " in clause.situation.last  # "3 is a drug", "not this one"
    alone = not labeled and re.fullmatch(
        r"(?i)\W*(?:(?:no|nope|nah)\W+)?not th(?:is|at)(?: one)?\W*", clause.wording.raw
    )
    if len(spots) == 1 and alone:
        return Reading((f"no {spots[0].number}",), verdict="no")  # "nope, not this one"
    last = re.fullmatch(r"(ok |no )(\d+)", clause.situation.last)
    if last and [spot.number for spot in spots[:-1]] == [int(last.group(2))]:
        return Reading(("undo", f"{last.group(1)}{spots[-1].number}"))  # "not 2, 9!"
    if len(spots) != 1:
        return None
    done = [n for verb in ("ok", "no") for n in decided([clause.situation.last], verb)]
    if len(done) > 1 and spots[0].number in done:
        return Reading((f"reopen {spots[0].number}",), writes=True)  # "accept 5 and 6", "wait, not 6"
    plain = re.fullmatch(r"(?i)\W*(?:and )?not (?:number |no\.? ?)?\d+\W*", clause.wording.raw)
    if plain and not labeled and spots[0].open:
        return Reading((f"no {spots[0].number}",), verdict="no")  # "not 11"
    return choices_about(
        f"no {spots[0].number}", clause.situation, f"What is {named_spot(spots[0])} not? I changed nothing."
    )


def _looks_fine(clause: Clause) -> Reading | None:
    """ "Looks good" is about what is framed, where something is."""
    spot = clause.situation.spot(clause.situation.framed)
    return one_line(f"ok {spot.number}") if spot else _everything(clause)


READINGS: Mapping[str, Action] = {
    "everything": _everything,
    "everything_next": _everything_next,
    "fine": _fine,
    "only": _only,
    "accept": _accept,
    "looks_fine": _looks_fine,
    "was_right": _was_right,
    "reject": _reject,
    "not_only": _not_only,
    "no_number": _no_number,
    "reject_all": _reject_all,
    "elliptic_no": _elliptic_no,
    "elliptic_yes": _elliptic_yes,
}
