"""Where to go, what to show, what comes again: what a clause that decides nothing new stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.extents import words_at
from hybrid_ner.review.chat.offers import in_plain, whole_work_back
from hybrid_ner.review.chat.reading import (
    GOODBYE,
    Action,
    Clause,
    Item,
    Reading,
    asked,
    choices_about,
    decided,
    focus_of,
    label_of,
    missing_of,
    named_spot,
    numbers_of,
    one_line,
    spots_of,
)
from hybrid_ner.review.chat.readings_labels import relabel_this, which_label
from hybrid_ner.review.chat.situation import Situation, numbers_in, numbers_said, quoted, spans_in, squeezed
from hybrid_ner.review.store.labels import A_LABEL, label_words
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)


def _next_thing(clause: Clause) -> Reading | None:
    """ "next patient": what people call a document; words that nothing here has can be nothing else."""
    item = clause.items[0]
    return one_line("next") if item.kind == "unk" or item.said.lower() in w.DOCUMENTS.split() else None


def _next_mention(clause: Clause) -> Reading | None:
    """ "next mention": the open one behind what is framed, in this document."""
    if not re.search(r"(?i)\b(?:mention|span|suggestion|highlight|entity|annotation)\b", clause.wording.raw):
        return None
    situation, at = clause.situation, clause.situation.framed
    later = [spot for spot in situation.spots if spot.open and spot.number > at]
    spot = later[0] if later else situation.focus
    question = f"The next open one is {named_spot(spot)}: is it right?" if spot else ""
    return choices_about(f"ok {spot.number}", situation, question) if spot else None


def _find_document(clause: Clause) -> Reading | None:
    """ "Take me back to the lease": the document that has the word, where it is what documents are called."""
    said = clause.items[-1].said
    return one_line(f"find {quoted(said)}") if said.lower() in w.DOCUMENTS.split() else None


_NAME = re.compile(r"([^\W\d_]+)[ _-]?(?:number |no\.? |nr\.? |#)?(\d{1,6})(?!.*\d)")


def _document_named(clause: Clause) -> str:
    """The document that a word and a number are the name of: "note 05", also as "note_05" or "note 5".

    A name wins over a position: document 5 of the project may be called "note 03".
    """
    said = _NAME.search(clause.wording.raw)
    if said is None:
        return ""
    widths = range(len(said[2]), 7)
    names = (
        f"{word}{sign}{said[2].zfill(width)}"
        for width in widths
        for word in dict.fromkeys((said[1], said[1].lower(), said[1].capitalize(), said[1].upper()))
        for sign in (" ", "_", "-", "")
    )
    return next((name for name in names if clause.situation.has_document(name)), "")


def _go(clause: Clause) -> Reading | None:
    item = clause.items[-1] if clause.items else None
    if item is None:
        word = next(
            (word for word in clause.text.split() if word in w.ORDINALS or word.startswith("nth")), ""
        )
        place = int(word[3:]) if word.startswith("nth") else w.ORDINALS.get(word, 0)
        return one_line(f"go {place}") if place > 0 else None
    if item.kind in ("ref", "num") and item.by != "term":
        if item.by != "number":
            return None
        if name := _document_named(clause):
            return one_line(f"go {quoted(name)}")
        n = item.numbers[0] if item.numbers else 0
        if len(item.numbers) == 1 and ("document" in clause.text or item.problem):
            return one_line(f"go {n}")
        spot = clause.situation.spot(n)
        if spot and n > clause.situation.last_document():
            return one_line(f"why {n}")  # there are not so many documents: the mention is meant
        about = ((f"Mention {named_spot(spot)}", f"why {n}"),) if spot else ()
        return asked(f"Document {n}?", (f"Go to document {n}", f"go {n}"), *about)
    if item.said.isdecimal() and "document" in clause.text:
        return one_line(f"go {item.said}")  # a figure of the text, too
    if clause.situation.has_document(item.said):
        return one_line(f"go {quoted(item.said)}")
    look = (f"Look for “{item.said}” in the texts", f"find {quoted(item.said)}")
    if item.said.isdecimal() and int(item.said) <= clause.situation.last_document():
        return asked(f"Document {item.said}?", (f"Go to document {item.said}", f"go {item.said}"), look)
    return asked(f"No document is called “{item.said}”.", look)


def _order(clause: Clause) -> Reading | None:
    said = set(re.findall(r"[a-z-]+", clause.wording.raw.lower())) | set(clause.text.split())
    for name, words in w.ORDERS.items():
        if name == "flagged" and re.search(
            r"\b(?:mark|take|put|reject|add) (?:a |the )?(?:\w+ )?(?:flag|bookmark)", clause.text
        ):
            return None  # "put a flag on this"
        if name == "flagged" and re.search(r"\bflag (?:REF|it\b|document)", clause.text):
            return None  # "…, flag it"
        if name == "new-terms" and _RE.OF_LABELS.search(clause.wording.raw):
            return None  # "make a new label called Material"
        if said & set(words.split()):
            return one_line(f"queue {name}")
    return None


def _show_label(clause: Clause) -> Reading | None:
    item = clause.items[0] if clause.items else None
    if item is None or not item.labels:
        return None
    return one_line(f"all label:{label_of(item, 'all label:{}')}")


def _here(clause: Clause) -> Reading:
    """ "where am I?": the name of the document, and what is left."""
    situation = clause.situation
    return Reading(answer=f"This is document {situation.place}, “{situation.document}”. {{left}}")


def _where_next(clause: Clause) -> Reading:
    """How to go on or back: said, with the way a click away."""
    if re.search(r"\b(?:before|last)\b", clause.text):
        return asked(
            "The left arrow key, or the Back button, goes to the document before.", ("Go back", "back")
        )
    return asked("The right arrow key, or the Next button, goes to the next document.", ("Go on", "next"))


def _missed_label(clause: Clause) -> Reading | None:
    """Something of a label is missing, and not said what: "you missed the date"."""
    said = next((item for item in clause.items if item.labels), None)
    if said is None or (said.kind == "ref" and said.numbers and said.by != "label"):
        return None
    return missing_of(said.labels[0])


def _learns(clause: Clause) -> Reading:
    """What is learned from: "does the model learn from what I reject?"."""
    return Reading(
        answer="From everything that you accept, reject, correct and add. New suggestions come when you say"
        " `update` (seconds) or `retrain` (minutes)."
    )


def work_meant(line: str, situation: Situation) -> Reading | None:
    """What a line asks of the work, whatever stands around it: "right, go and learn from that".

    Only where it names no mention or number, no label but as in "good at sites", and is nothing else.
    """
    said = squeezed(line).replace("’", "'")
    inside = (each for each in situation.by_surface if each in said)  # making a pattern takes long
    names = any(re.search(rf"(?<!\w){re.escape(each)}(?!\w)", said) for each in inside)
    bare = re.sub(r"\blast \d\b", "last", said)
    labels = {key for key in label_words(situation.labels) if len(key) == 1} - _WORKS
    bare = re.sub(
        r"\b(?:at|in|with|on|about|your) (?:the )?([\w-]+)", lambda m: "" if (m[1],) in labels else m[0], bare
    )
    if names or re.search(r"\d", bare) or any((word,) in labels for word in re.findall(r"[\w-]+", bare)):
        return None
    if asks := next((asks for pattern, asks in _RE.rules("asks") if pattern.match(said)), ""):
        return one_line(asks)
    if _RE.NO_WORK.search(said) or ("?" in said and not _RE.POLITE.match(said)):
        return None
    order = next((order for pattern, order in _RE.rules("orders") if pattern.match(said)), "")
    if order == "undo once":
        return Reading(("undo",), writes=True) if situation.last else None
    if order == "go":
        word = next(word for word in said.split() if word in w.ORDINALS)
        return one_line(f"go {w.ORDINALS[word]}")
    return one_line(f"export {_format(said)}" if order == "export" else order) if order else None


_WORKS = frozenset({("work",), ("file",), ("document",), ("note",)})
"""Words of labels that say what is worked on."""


def _download(clause: Clause) -> Reading:
    said = clause.wording.raw.lower()
    if not (new := _RE.NEW.search(said)):
        return one_line(f"export {_format(said)}")
    if not new["day"] and "since" in said and not _RE.LAST.search(said):
        return Reading(answer="Since which day? For example `export table since 2026-11-30`.")
    return one_line(f"export {_format(said)} since {new['day'] or 'last'}")


def _format(said: str) -> str:
    """The format that a line names, in small letters: JSON lines where it names none."""
    names = dict.fromkeys(
        ("jsonl", "csv", "brat", "conll", "biluo", "spacy", "doccano", "prodigy", "label-studio", "table")
    )
    names |= {"json": "jsonl", "label studio": "label-studio"}
    names |= dict.fromkeys(("excel", "xlsx", "spreadsheet"), "table")
    found = next((name for name in names if name in said), "jsonl")
    return names.get(found) or found


def _saved(clause: Clause) -> Reading:
    return Reading(answer="Every decision is saved the moment you make it. {left}")


def _goodbye(clause: Clause) -> Reading | None:
    if any(item.by == "number" for item in clause.refs()):
        return None  # "it's 4"
    return Reading(answer=GOODBYE)


def _other_document(clause: Clause) -> Reading | None:
    """ "Open the other document again", of two, or where somebody came from."""
    if not clause.refs() or clause.refs()[0].said != "the rest":
        return None
    situation = clause.situation
    return one_line(f"go {3 - situation.place}" if situation.last_document() == 2 else "back")


def _skip(clause: Clause) -> Reading | None:
    """The document is put off; a span that is named stays open."""
    named = [item for item in clause.refs()[:1] if item.by in ("number", "term", "order", "label")]
    spot = clause.situation.focus
    if not named and spot and _RE.ONE_SPAN.search(clause.wording.raw):
        return Reading(answer=f"All right, {spot.number} stays as it is. {{left}}")  # "skip that, next span"
    if not named:
        return one_line("skip")
    if re.search(r"[;,].*\b(?:okay|fine|right|wrong|accept|reject|LAB\d+)\b", clause.text):
        return None  # "skip 2, 1 is fine"
    return Reading(answer=f"All right, {numbers_of(clause, named[0])} stays as it is. {{left}}")


def _go_steps(clause: Clause) -> Reading | None:
    """ "two documents back", "to the last document", "the document after the next"."""
    situation, words = clause.situation, clause.text.split()
    last = situation.last_document()
    if {"last", "final"} & set(words):
        return one_line(f"go {last}") if last else None
    count = next((w.NUMBERS[word] for word in words if word in w.NUMBERS), 2)
    count = next((int(item.said) for item in clause.items if item.said.isdecimal()), count)
    place = situation.place + (-count if {"back", "before"} & set(words) else count)
    if not situation.place or not last:
        return None
    return one_line(f"go {min(max(place, 1), last)}")


def _again(clause: Clause) -> Reading | None:
    """What was said last, of another span: "the same for 6", "and the other warfarin too"."""
    item = clause.refs()[0] if clause.refs() else None
    last = re.fullmatch(rf"(ok |no |)([\d ,-]+)( is {A_LABEL}|)", clause.situation.last)
    if item is not None and (edge := re.fullmatch(r'(\d+) = "(.*)"', clause.situation.last)):
        return _again_bounded(clause, item, int(edge[1]), edge[2])
    if item is None or item.by == "that" or last is None or not (last[1] or last[3]):
        return None
    numbers = numbers_of(clause, item)
    if re.search(r"\b(?:not|no|never|except)\b", clause.text):
        return None
    done = {spot.label for spot in clause.situation.these(spans_in(last[2]))}
    others = {spot.label for spot in spots_of(clause, item)} - done
    if last[1] == "ok " and len(done) == 1 and others and _RE.BE_SAME.search(clause.wording.raw):
        label = done.pop()  # "10 should be the same", behind a yes to a problem, where 10 is a drug
        choices = (f"{numbers} is {label}", f"ok {numbers}")
        return asked(f"As {label} too?", *((in_plain(each), each) for each in choices))
    return Reading((f"{last[1]}{numbers}{last[3]}",), writes=True)


def _again_bounded(clause: Clause, item: Item, before: int, words: str) -> Reading | None:
    """What was said last of where a span begins and ends, of another one: "7 is wound infection", "16 too".

    Where the same words stand around the other one it takes them; else what "too" can mean is that it is
    right as it is, which is done for the span that the session asks about, or for all of a list.
    """
    situation, raw = clause.situation, clause.wording.raw
    spots = [spot for spot in spots_of(clause, item) if spot.number != before]
    if not spots or re.search(r"\b(?:not|no|never|except)\b", clause.text):
        return None
    around = {spot.number: words_at(words, spot, situation) for spot in spots}
    if all(around.values()):
        other = (spot for spot in spots if squeezed(spot.surface) != squeezed(words))
        lines = tuple(f"{spot.number} = {quoted(around[spot.number])}" for spot in other)
        return Reading(lines, writes=True) if lines else None
    if item.by == "that" or not all(spot.open for spot in spots) or re.search(r"(?i)\bsame\b", raw):
        return None
    numbers = numbers_said(spot.number for spot in spots)
    sure = spots == [situation.focus] or len(spots) > 1
    if sure:
        return Reading((f"ok {numbers}",), writes=True)
    return choices_about(f"ok {numbers}", situation, f"Is {named_spot(spots[0])} right as it is?")


def _same_as(clause: Clause) -> Reading | None:
    """What was done with another span a moment ago, of this one: "same as I did for 2"."""
    *named, source = clause.refs()
    last = re.fullmatch(rf"(ok |no |)([\d ,-]+)( is {A_LABEL}|)", clause.situation.last)
    done = decided([f"ok {last[2].strip()}"], "ok") if last and (last[1] or last[3]) else []
    spots = spots_of(clause, named[0]) if named else [focus_of(clause)]
    numbers = [spot.number for spot in spots]
    if last is None or not {*source.numbers} <= {*done} or {*numbers} & {*done}:
        return None
    return Reading((f"{last[1]}{numbers_said(numbers)}{last[3]}",), writes=True)


def _is_all(clause: Clause) -> Reading | None:
    """ "Is that all?", which no "and so is that" is."""
    asks = re.search(r"(?i)\?|^\W*(?:so |and |well |ok |okay )*(?:is|are)\b", clause.wording.raw)
    return one_line("left") if asks else None


def _found_by(clause: Clause) -> Reading | None:
    """The spans of all documents that only the model, or only the rules, found."""
    if clause.items[0].by != "source":
        return None
    return one_line(f"all source:{'model' if clause.items[0].said == 'modelonly' else 'rule'}")


def _reopen(clause: Clause) -> Reading | None:
    """Of several spans in the same words, those that were decided."""
    if not clause.refs():
        return None
    item, situation = clause.refs()[0], clause.situation
    spots = spots_of(clause, item)
    steps = situation.last and re.search(r"(?i)\blast\b", clause.wording.raw)
    if steps and len(spots) > 1 and all(spot.open for spot in spots):
        return Reading(("undo",) * len(spots))  # "the last two were wrong, take them back": steps
    if item.by in ("this", "that") and spots[0].open and (last := situation.last_decided):
        spots = [last]  # "restore it", after it was rejected
    if item.by == "term":
        same = [s for s in situation.spots if s.surface.lower() == spots[0].surface.lower() and not s.open]
        spots = same or spots
    changed = re.match(r"undo (?:\w+ )?(?:mark|edit)\b", clause.text)
    if changed and [spot.number for spot in spots] == [situation.touched]:
        return one_line("undo")  # "undo the change of 20", whose edges were moved last
    return one_line(f"reopen {numbers_said(spot.number for spot in spots)}")


def _back_one(clause: Clause) -> Reading:
    """ "Go back one": the last step, or the document before where nothing was done here a moment ago."""
    return one_line("undo" if clause.situation.fresh and "document" not in clause.text else "back")


def _as_it_was(clause: Clause) -> Reading | None:
    """What was decided last is open again; what is open stays as it is suggested."""
    spots, last = spots_of(clause, clause.refs()[0]), clause.situation.last_decided
    numbers = numbers_said(spot.number for spot in spots)
    if all(spot.open for spot in spots):  # "leave it as it was" decides nothing
        if clause.refs()[0].by not in ("this", "that"):
            return one_line(f"ok {numbers}")
        return choices_about(f"ok {numbers}", clause.situation, "Shall it stay?")
    if last is not None and last in spots:
        return one_line(f"reopen {numbers}")
    return choices_about(f"reopen {numbers}", clause.situation, f"Shall {numbers} be open again?")


def _take_back(clause: Clause) -> Reading | None:
    """ "I withdraw that" is a step back, "withdraw 3" opens it again, "scratch 3" rejects it."""
    if not clause.refs():
        return None
    item = clause.refs()[0]
    if item.by in ("this", "that", "order"):
        return one_line("undo")
    return one_line(f"{'no' if clause.text.startswith('scratch') else 'reopen'} {numbers_of(clause, item)}")


def _meant(clause: Clause) -> Reading | None:
    if clause.text.startswith("mark") and clause.refs()[0].by != "that":
        return None
    if re.fullmatch(r"(?:REF\d+|it) is what (?:i|we) (?:meant|mean|wanted)", clause.text):
        pointing = clause.refs()[-1].by in ("this", "that")
        return Reading(answer="Good. {left}") if pointing else None
    instead = re.search(r"instead of|rather than|REF\d+ ?,? (?:and )?not REF", clause.text) is not None
    if re.match(r"REF\d+ ?,? (?:and )?not REF", clause.text):
        gone = clause.situation.last_decided
        if gone is None or (gone.number,) != clause.refs()[-1].numbers:
            return None  # "5, not 6" corrects what was done with 6 a moment ago
    numbers = numbers_of(clause, clause.refs()[0 if instead else -1])
    last = clause.situation.last
    match = re.fullmatch(r"(ok |no |reopen |)([\d ,-]+)( is .+|)", last)
    if match is None or not (match.group(1) or match.group(3)):
        spot = spots_of(clause, clause.refs()[-1])[0]
        return choices_about(
            f"ok {spot.number}", clause.situation, f"What shall I do with {named_spot(spot)}?"
        )
    if said := re.match(r"i meant to (accept|reject) ", clause.text):
        return Reading(("undo", f"{'ok' if said[1] == 'accept' else 'no'} {numbers}"))
    return _instead(f"{match.group(1)}{numbers}{match.group(3)}", last, clause)


def _instead(line: str, last: str, clause: Clause) -> Reading:
    """What is meant in place of the last step; beside it, where that was no slip of one span a moment ago."""
    if not clause.situation.fresh:
        return one_line(line)
    alike = len({re.sub(r"[\d ,-]+", " ", each) for each in (line, last)}) == 1
    alike = alike or numbers_in(line) == numbers_in(last)
    if alike and len(numbers_in(last)) == 1:
        return Reading(("undo", line))
    return asked(f"Shall I take back `{last}` as well?", (line, line), (f"undo; {line}", f"undo; {line}"))


def _meant_verdict(clause: Clause) -> Reading | None:
    """The other verdict for what the last line decided: "oops, I meant yes"."""
    last = re.fullmatch(r"(?:ok |no |)([\d ,-]+?)(?: is .+|)", clause.situation.last)
    if last is None:
        spot = focus_of(clause)
        return choices_about(
            f"ok {spot.number}", clause.situation, f"What shall I do with {named_spot(spot)}?"
        )
    said = re.sub(
        r" ?[;,]? ?(?:and )?not (?:to )?(?:okay|fine|right|yes|accept|no|wrong|reject)(?: (?:it|REF\d+))?$",
        "",
        clause.text,
    )
    verb = "no" if re.search(r"\b(?:no|wrong|reject)(?: (?:it|REF\d+))?$", said) else "ok"
    if clause.refs() and clause.refs()[0].by not in ("this", "that"):
        return _instead(f"{verb} {numbers_of(clause, clause.refs()[0])}", last.group(), clause)
    return one_line(f"{verb} {last.group(1).strip()}")


def _meant_label(clause: Clause) -> Reading | None:
    if " was " in clause.text and " is " not in clause.situation.last:
        return None  # "no, ORG was right", after it was made a PERSON
    label = clause.labels()[0] if re.search(r" not LAB\d+$", clause.text) else clause.labels()[-1]
    rather = "rather" in clause.text and " is " not in clause.situation.last
    match = re.fullmatch(r"(?:ok |no |)([\d ,-]+?)(?: is .+|)", clause.situation.last)
    named = [item for item in clause.refs() if item.by not in ("this", "that")]
    if rather or not (match or named):
        return relabel_this(clause)
    numbers = numbers_of(clause, named[-1]) if named or not match else match[1].strip()
    line = f"{numbers} is {label_of(label, f'{numbers} is {{}}')}"
    return _instead(line, match[0], clause) if named and match else one_line(line)


_STEPS = re.compile(r"\b(?:mark|step|changes|edit|action|time|decision)s?$")


def _undo_many(clause: Clause) -> Reading:
    item = clause.items[0] if clause.items else None
    count = item.count if item else 1
    if item is None:
        count = next((w.NUMBERS[word] for word in clause.text.split() if word in w.NUMBERS), 2)
    elif item.kind == "num" or (item.by == "number" and _STEPS.search(clause.text)):
        count = item.numbers[0]
    elif item.said == "both":
        count = 2
    elif item.by in ("all",):
        return _undo_all(clause)
    elif len(item.numbers) == 1 and (
        item.by in ("number", "term")
        or (item.by == "order" and re.search(r"first|nth|second|third", item.said))
    ):
        n, last = item.numbers[0], clause.situation.last_decided
        if last and last.number == n:
            return one_line("undo")
        return asked(
            f"Undo your last step, or open {n} again?",
            ("Undo my last step", "undo"),
            (f"Open {n} again", f"reopen {n}"),
        )
    if count > 20:
        return _undo_all(clause)
    return Reading(("undo",) * count)


def _undo_all(clause: Clause) -> Reading:
    return whole_work_back()


def _all_here_back(clause: Clause) -> Reading:
    decided = [spot.number for spot in clause.situation.spots if not spot.open]
    if not decided:
        return Reading(answer="Nothing is decided in this document. {left}")
    return one_line(f"reopen {numbers_said(decided)}")


def _mistake(clause: Clause) -> Reading:
    if clause.refs() and clause.refs()[0].by in ("number", "term", "order"):
        # "Oakland was mislabelled": what stands here, not what was done.
        return replace(which_label(clause), soft=True)
    if clause.situation.fresh and all(item.by in ("this", "that") for item in clause.refs()):
        return one_line("undo")
    spot = clause.situation.focus
    more = ((f"Reject {named_spot(spot)}", f"no {spot.number}"),) if spot else ()
    return asked("Shall I take your last step back?", ("Undo my last step", "undo"), *more)


READINGS: Mapping[str, Action] = {
    "again": _again,
    "here": _here,
    "mistake": _mistake,
    "reopen": _reopen,
    "skip": _skip,
    "other_document": _other_document,
    "take_back": _take_back,
    "as_it_was": _as_it_was,
    "back_one": _back_one,
    "undo_all": _undo_all,
    "all_here_back": _all_here_back,
    "undo_many": _undo_many,
    "meant_verdict": _meant_verdict,
    "meant_label": _meant_label,
    "meant": _meant,
    "is_all": _is_all,
    "same_as": _same_as,
    "go_steps": _go_steps,
    "found_by": _found_by,
    "next_thing": _next_thing,
    "next_mention": _next_mention,
    "find_document": _find_document,
    "go": _go,
    "order": _order,
    "show_label": _show_label,
    "where_next": _where_next,
    "missed_label": _missed_label,
    "learns": _learns,
    "download": _download,
    "saved": _saved,
    "goodbye": _goodbye,
}
