"""Yes and no, labels, corrections: what a clause about spans stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping
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
from hybrid_ner.review.chat.situation import Spot, numbers_said, quoted
from hybrid_ner.review.document.explain import spoken_label
from hybrid_ner.review.store.labels import labels_meant


def _everything(clause: Clause) -> Reading:
    situation = clause.situation
    refs = clause.refs()
    item = refs[0] if refs else None
    if item and ((item.by != "all" and " all" not in clause.text) or not _is_everything(clause, item)):
        return _verdict("ok", clause)  # "everything looks good apart from aspirin"
    if clause.everywhere:
        return Reading(("ok all status:open likely",), verdict="ok")
    if len(situation.offered) == len(situation.waiting) or clause.text == "okay":
        return Reading(("ok",), verdict="ok")
    return Reading((f"ok {numbers_said(spot.number for spot in situation.offered)}",), verdict="ok")


def _everything_next(clause: Clause) -> Reading | None:
    if re.match(r"fine|right", clause.text) and not re.match(
        r"(?i)\W*(?:accepted|approved|confirmed|correct|agreed|true)\b", clause.wording.raw
    ):
        return None  # "great, next" only goes on
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
        _each_everywhere(clause, item, f"{verb} all {{}}")
        bulk = _bulk_term(clause, item)
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


def _bulk_term(clause: Clause, item: Item) -> str:
    """The text that is meant in all documents; empty when only spans of this one are."""
    if clause.everywhere and item.by in ("this", "that", "number", "order") and len(item.numbers) == 1:
        return spots_of(clause, item)[0].surface
    if item.by == "term" and (clause.everywhere or (item.every and not clause.here)):
        return item.said
    return ""


def _each_everywhere(clause: Clause, item: Item, line: str) -> None:
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
    if not spots or any(spot.open for spot in spots) or not situation.last:
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


def _not_label(clause: Clause) -> Reading:
    item = clause.refs()[0]
    if item.by == "term" and clause.everywhere:
        return one_line(f"never {quoted(item.said)}")
    label, spots = clause.labels()[-1], spots_of(clause, item)
    fits = [spot for spot in spots if spot.label in label.labels]
    if len(fits) == len(spots) or item.by not in ("this", "that"):
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


def _elliptic_yes(clause: Clause) -> Reading | None:
    """ "It is", and "2 is too" after a verdict on another one."""
    item = clause.refs()[0]
    if item.by in ("this", "that"):
        return Reading((f"ok {focus_of(clause).number}",), verdict="ok")
    if clause.before == "no" and re.search(r"\bnot ?[;,]? (?:and |but )?REF\d+ is\b", clause.wording.text):
        return _verdict("ok", clause)  # "four's right, five isn't, six is"
    if clause.before in ("ok", "no"):
        return _verdict(clause.before, clause)
    meant = labels_meant(clause.before, clause.situation.labels) if clause.before else ()
    line = f"{numbers_of(clause, item)} is {meant[0]}" if len(meant) == 1 else ""
    return Reading((line,), verdict=clause.before) if line else None


def _elliptic_no(clause: Clause) -> Reading | None:
    item = clause.refs()[0]
    if clause.before and clause.before != "no":
        return Reading((f"no {numbers_of(clause, item)}",), verdict="no")
    spots = spots_of(clause, item)
    alone = re.fullmatch(r"(?i)\W*(?:(?:no|nope|nah)\W+)?not th(?:is|at)(?: one)?\W*", clause.wording.raw)
    if len(spots) == 1 and alone:
        return Reading((f"no {spots[0].number}",), verdict="no")  # "nope, not this one"
    last = re.fullmatch(r"(ok |no )(\d+)", plain_verbs(clause.situation.last))
    if last and [spot.number for spot in spots[:-1]] == [int(last.group(2))]:
        return Reading(("undo", f"{last.group(1)}{spots[-1].number}"))  # "not 2, 9!"
    if len(spots) != 1:
        return None
    done = [n for verb in ("ok", "no") for n in decided([plain_verbs(clause.situation.last)], verb)]
    if len(done) > 1 and spots[0].number in done:
        return Reading((f"reopen {spots[0].number}",), writes=True)  # "accept 5 and 6", "wait, not 6"
    return choices_about(
        f"no {spots[0].number}", clause.situation, f"What is {named_spot(spots[0])} not? I changed nothing."
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
        if clause.situation.part_of(texts[0].said) and not re.search(
            'missing|add|new|["“]', clause.wording.raw
        ):
            return None
        return one_line(line.format(label_of(label, line)))
    for item in clause.refs()[:1]:
        _each_everywhere(clause, item, f"relabel all {{}} -> {label.labels[0]}")
        bulk = _bulk_term(clause, item)
        if bulk:
            lines.append(
                f"relabel all {quoted(bulk)} -> {label_of(label, f'relabel all {quoted(bulk)} -> {{}}')}"
            )
            continue
        numbers = numbers_of(clause, item)
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


def _last_label(clause: Clause) -> Clause:
    """The clause with the last label only: that of "not a disease but a drug"."""
    kept = [item for item in clause.items if item.kind != "lab"]
    return replace(clause, items=[*kept, clause.labels()[-1]])


def _relabel_not(clause: Clause) -> Reading | None:
    return relabel(_last_label(clause))


def relabel_this(clause: Clause) -> Reading:
    spot = focus_of(clause)
    denied = re.search(r"\bnot (LAB\d+)", clause.wording.text)
    last = clause.situation.last_decided if clause.situation.fresh else None
    if denied and last and last.label in (wrong := clause.wording.item(denied[1]).labels):
        # "no, PARTY, not PERSON", after a span was made a PERSON
        spot = spot if spot.label in wrong else last
    label = clause.labels()[0]
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
    choices = [(f"{spot.number} is {label}", f"{spot.number} is {label}") for label in others[:3]]
    none = (f"None: reject {spot.number}", f"no {spot.number}")
    return replace(asked(f"Which label is right for {named_spot(spot)}?", *choices, none), soft=True)


def _label_means(clause: Clause) -> Reading | None:
    """What a label is for; ``None`` for words that are no label."""
    said = clause.items[0].said if clause.items else ""
    known = {label.casefold() for label in clause.situation.labels}
    if not clause.items or (clause.items[0].kind != "lab" and said.casefold() not in known):
        return None
    labels = tuple(dict.fromkeys(each for item in clause.items for each in item.labels if item.kind == "lab"))
    return Reading((f"labels {labels[0]}",) if len(labels) == 1 else ("labels",))


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
    options = [(f"As {label}", f"{n} is {label}") for label in clause.situation.labels[:2]]
    question = asked(
        f"There is no label for “{name.said}” yet. What is {named_spot(spots[0])}?",
        *options,
        (f"Add a label {name.said}", f"label {name.said}"),
    )
    # "thirty days is a period and not a date, so remove": a no says what becomes of it
    return replace(question, soft=True, verdict="no") if clause.text.startswith("REF") else question


def plain_verbs(line: str) -> str:
    return re.sub(r"^(?:x|reject)(?= )", "no", re.sub(r"^(?:a|accept)(?= )", "ok", line))


READINGS: Mapping[str, Action] = {
    "which_label": which_label,
    "label_means": _label_means,
    "everything": _everything,
    "everything_next": _everything_next,
    "fine": _fine,
    "only": _only,
    "accept": _accept,
    "was_right": _was_right,
    "reject": _reject,
    "not_only": _not_only,
    "no_number": _no_number,
    "reject_all": _reject_all,
    "not_label": _not_label,
    "not_label_this": _not_label_this,
    "elliptic_no": _elliptic_no,
    "elliptic_yes": _elliptic_yes,
    "relabel": relabel,
    "respectively": _respectively,
    "relabel_not": _relabel_not,
    "relabel_this": relabel_this,
    "relabel_this_not": _relabel_this_not,
    "unknown_label": _unknown_label,
}
