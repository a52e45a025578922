"""What is missing, what to teach, where to go and what to ask."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from hybrid_ner.review.chat.clauses import MARKER, kind, word_kinds
from hybrid_ner.review.chat.losses import label_like
from hybrid_ner.review.chat.offers import in_plain, not_in_this, stands_elsewhere
from hybrid_ner.review.chat.reading import (
    Action,
    Clause,
    Item,
    Reading,
    Wording,
    asked,
    focus_of,
    label_of,
    named_spot,
    named_texts,
    numbers_of,
    one_line,
    spots_of,
    which_words,
)
from hybrid_ner.review.chat.readings_labels import relabel
from hybrid_ner.review.chat.references import read_words
from hybrid_ner.review.chat.situation import Situation, Spot, numbers_said, quoted, squeezed
from hybrid_ner.review.store.labels import labels_meant
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)


def _missing(clause: Clause) -> Reading | None:
    item = clause.texts()[0] if clause.texts() else None
    if item is None:
        return None
    if item.kind == "ref":
        spots = spots_of(clause, item)
        spot = spots[0]
        if clause.everywhere and len({each.label for each in spots}) == 1:
            return one_line(f"ok all {quoted(item.said)}")  # "tag every warfarin in all documents"
        if len(clause.situation.places(item.said)) > len(spots) and spot.label:
            return asked(
                f"{named_spot(spot)} is here already.",
                (f"Accept {named_spot(spot)}", f"ok {numbers_said(s.number for s in spots)}"),
                ("Mark the others too", f"add all {quoted(item.said)} {spot.label}"),
            )
        return asked(
            f"{named_spot(spot)} is here already, as {spot.label}.",
            (f"Accept {named_spot(spot)}", f"ok {numbers_said(s.number for s in spots)}"),
        )
    if item.kind == "unk":
        if near := clause.situation.near(item.said):
            return _nearest(clause, item, near)
        nowhere = f"“{item.said}” does not stand in this document, so there is nothing to mark."
        return stands_elsewhere(item.said, clause.situation) or Reading(answer=nowhere)
    if known := which_words(item.said, clause.wording.raw, clause.situation):
        return known
    if item.every or clause.everywhere:
        return _label_question(clause, item, f"add all {quoted(item.said)} {{}}")
    return _label_question(clause, item, f"add {quoted(item.said)} {{}}")


def _nearest(clause: Clause, item: Item, near: str, label: Item | None = None) -> Reading:
    """Which label for the word of the document that a misspelled one is nearest to."""
    known = label.labels if label else clause.situation.labels_of(near) or clause.situation.labels
    options = [(f"As {name}", f"add {quoted(near)} {name}") for name in known[:3]]
    return asked(f"There is no “{item.said}” here. Do you mean “{near}”?", *options)


def _label_question(clause: Clause, item: Item, line: str) -> Reading:
    """The line with the label that the text is known under, or a question for it.

    A word beside the framed span, told by what it is, is to be taken in: "add the year".
    """
    framed = clause.situation.spot(clause.situation.framed)
    for start, end in clause.situation.places(item.said) if framed and "word" in clause.wording.raw else []:
        if framed and clause.situation.text[min(end, framed.end) : max(start, framed.start)] == " ":
            text = clause.situation.text[min(start, framed.start) : max(end, framed.end)]
            return one_line(f"{framed.number} = {quoted(text)}")
    if like := label_like(item.said, clause.situation):
        return one_line(line.format(like))
    labels = clause.situation.labels_of(item.said) or clause.situation.labels
    options = [(f"As {label}", line.format(label)) for label in labels[:3]]
    return replace(asked(f"What is “{item.said}”?", *options), soft=True)


def _several(clause: Clause) -> Reading | None:
    """Words of the text and one label for each of them: "fever and swollen ankles are symptoms"."""
    texts, labels = clause.texts(), clause.labels()
    if clause.everywhere or any(item.kind == "unk" or item.every for item in texts):
        return None
    lines = [
        f"{item.numbers[0]} is {{}}" if item.kind == "ref" else f"add {quoted(item.said)} {{}}"
        for item in texts
    ]
    inside = any(clause.situation.part_of(item.said) for item in texts if item.kind != "ref")
    if inside or any(len(item.numbers) != 1 for item in texts if item.kind == "ref"):
        return None
    if labels:
        whole = " and ".join(item.said for item in texts)
        if clause.situation.places(whole.lower()) and re.search(
            r"(?i)\b(?:is|as|be) an? ", clause.wording.raw
        ):
            lines = [f"add {quoted(whole)} {{}}"]  # "Penhallow and Dray should be marked as a party"
        return Reading(
            tuple(line.format(label_of(labels[0], line)) for line in lines), verdict=labels[0].said
        )
    each = clause.situation.labels[:3]
    choices = [(f"As {label}", "; ".join(line.format(label) for line in lines)) for label in each]
    return replace(asked(f"What are {named_texts([item.said for item in texts])}?", *choices), soft=True)


def _add(clause: Clause) -> Reading | None:
    texts = clause.texts()
    if not texts:
        return None
    item, label = texts[0], clause.labels()[0 if re.match(r"TXT\d+ (?:is )?LAB", clause.text) else -1]
    if item.kind == "ref":
        return relabel(replace(clause, items=[item, label]))
    if item.kind == "unk":
        near = clause.situation.near(item.said)
        return _nearest(clause, item, near, label) if near else _teach(clause)
    inner = [spot for spot in clause.situation.held(item.said) if _amounts_to(item.said, spot)]
    if len(inner) == 1 and f'"{item.said}"' not in clause.wording.raw:
        return relabel(
            replace(clause, items=[Item("ref", item.said, (inner[0].number,), by="number"), label])
        )
    verb = "add all" if clause.everywhere or item.every else "add"
    if verb == "add all" and clause.situation.elsewhere(item.said):
        verb = "always"  # what is suggested elsewhere is meant too: "tag every warfarin in all documents"
    words = f"{verb} {quoted(item.said)} {{}}"
    if line := _joins(clause, item, label):
        return one_line(line)
    line = words.format(label_of(label, words))
    spot = clause.situation.spot(clause.situation.part_of(item.said))
    adds = re.search(r"\b(?:missing|add|new|plus)\b", clause.text + clause.wording.raw)
    told = adds or f'"{item.said}"' in clause.wording.raw
    same = spot is not None and spot.open and label.labels == (spot.label,)
    place = set(labels_meant("place", clause.situation.labels))
    named = clause.situation.names(item.said) or (spot and _heads(item.said, spot, clause.wording.raw))
    if spot and not told and named and not same and not place & set(label.labels):
        return relabel(replace(clause, items=[Item("ref", item.said, (spot.number,), by="number"), label]))
    # "High Court", of "High Court in Manchester allowed the appeal", may say where it ends
    long = spot is not None and len(spot.surface.split()) - len(item.said.split()) > _TITLE
    if spot and same and not told and not long:
        return Reading(
            (f"ok {spot.number}",), verdict=label.said
        )  # "X-ray - test", where "chest x-ray" is one
    if spot and (same or not told):
        # "Tata is a petitioner", where only Tata Steel stands; "India is a place" in Supreme Court of India;
        # "Forth & Lomond is a lender", of Forth & Lomond Bank plc
        name = label.labels[0]
        return asked(
            f"“{item.said}” is part of {named_spot(spot)}.",
            (f"{named_spot(spot)} as {name}", f"ok {spot.number}" if same else f"{spot.number} is {name}"),
            (f"Only “{item.said}” as {name}", line),
        )
    return one_line(line)


def _amounts_to(said: str, spot: Spot) -> bool:
    """Whether words only say what a marked figure is of: "the fee of £3,200,000"."""
    before = squeezed(said).removesuffix(squeezed(spot.surface))
    return (
        re.search(r"\d", spot.surface) is not None
        and re.fullmatch(r"[a-z ]+ of (?:the )?", before) is not None
    )


_NO_HEAD = re.compile(
    r"(?i)\b(?:of|in|at|from|to|for|per|with|by|and|or|on|the|an?) \S+$"
    r"|\b(?:inc|llc|llp|ltd|plc|corp|co|gmbh)\W*$"
)


_SHORT_OF = re.compile(r"(?i)(?:,? (?:\(?\d[\d/()-]*\)?|inc|llc|llp|ltd|limited|plc|corp|co|gmbh)\.?)+")
"""What is left out of a name without making it another: a year, the form of a company."""

_TITLE = 2
"""Words that a name may lack in speech: "Okafor" for Mr Justice Okafor."""


def _heads(word: str, spot: Spot, line: str) -> bool:
    """Whether words stand for the name that they begin or end: "tube is a device", of an endotracheal tube.

    "High Court" is so for "High Court of Justice", "Equality Act" for "Equality Act 2010", and "Delhi" is not
    for "High Court of Delhi"; several words only as "the hernia repair", of a left inguinal hernia repair.
    """
    name, said = squeezed(spot.surface), squeezed(word)
    one = said.isalpha() or (said.replace(" ", "").isalpha() and f"the {said} " in squeezed(line))
    ends = name.endswith(f" {said}") and one and _NO_HEAD.search(name) is None
    short = name.startswith(f"{said} ") and _SHORT_OF.fullmatch(name, len(said)) is not None
    return ends or short or name.startswith(f"{said} of ")


def missed(text: str, wording: Wording, situation: Situation) -> tuple[str, ...]:
    """The lines for words that a sentence says are missing, and elsewhere in it what they are.

    "you've missed bisoprolol after metformin, that's one of his drugs"; "codeine and stroke were missed:
    codeine is a drug and stroke is a condition".
    """
    # "ten days' notice before an audit got missed"
    text = re.sub(
        r"(TXT\d+) (?:before|after|in|at|from|under|near|behind) TXT\d+ (?=is missing)", r"\1 ", text
    )
    words = {t for t in text.split() if not MARKER.fullmatch(t)}
    decides = any(word_kinds().get(word) in ("ok", "no", "leave") for word in words)
    if decides or words & (kind("denies") | _OPEN) or not (found := _RE.MISSED.search(text)):
        return ()
    told = {wording.item(m).said.lower(): wording.item(lab) for m, lab in _RE.TOLD.findall(text)}
    labels = {wording.item(m).labels for m in re.findall(r"LAB\d+", text)}
    said = [wording.item(m).said for m in re.findall(r"TXT\d+", found.group())]
    if len(labels) == 1 and len(said) == 1:
        told = {said[0].lower(): wording.item(re.findall(r"LAB\d+", text)[0])}
    clear = all((item := told.get(each.lower())) and len(item.labels) == 1 for each in said)
    spans = [
        wording.item(m) for m in re.findall(r"(?<!after )(?<!before )(?<!in )(?<!at )(?<!of )(REF\d+)", text)
    ]
    named = any(item.by not in ("this", "that", "all") and item.said.lower() not in told for item in spans)
    if not said or not clear or named or any(situation.part_of(each) for each in said):
        return ()
    return tuple(f"add {quoted(each)} {told[each.lower()].labels[0]}" for each in said)


_OPEN = frozenset(
    ["DOUBT", "?", "if", "or", "whether", "unless", "except", "instead", "then", "without", "but"]
)


def _joins(clause: Clause, item: Item, label: Item) -> str:
    """The line for words beside the one span of a label: "add per month to the amount"."""
    text, spots = clause.situation.text, clause.situation.labeled(label.labels)
    if label.plural or not re.search(r"(?i)\b(?:to|with) (?:the|its)\b", clause.wording.raw):
        return ""
    for start, end in clause.situation.places(item.said):
        for spot in spots:
            apart = spot.end <= start or end <= spot.start
            if apart and not text[min(end, spot.end) : max(start, spot.start)].strip():
                return f"{spot.number} = {quoted(text[min(start, spot.start) : max(end, spot.end)])}"
    return ""


def _teach(clause: Clause) -> Reading:
    """A label for words that this document does not have: whether to remember them for all documents."""
    term = " ".join(item.said for item in clause.items if item.kind == "unk")
    if near := clause.situation.near(term):
        return _nearest(clause, replace(clause.items[0], said=term), near, clause.labels()[-1])
    line = f"always {quoted(term)} {{}}"
    label = label_of(clause.labels()[-1], line)
    if clause.everywhere and clause.situation.elsewhere(term):
        return Reading((line.format(label),), writes=True)  # the preview asks
    new = re.fullmatch(r"label (\w[\w -]*)", clause.wording.raw.strip(" .!"))  # "label Serious AE", beside AE
    return asked(
        f"{not_in_this(term, clause.situation)} Remember it as {label} for all documents?",
        (f"Yes, as {label}", line.format(label)),
        *([(f"A new label {new[1]}", f"label {quoted(new[1])}")] if new else []),
        ("Look for it in the other documents", f"find {quoted(term)}"),
    )


def _teach_not(clause: Clause) -> Reading:
    """No label for words that this document does not have."""
    term = " ".join(item.said for item in clause.items if item.kind == "unk")
    return asked(
        f"{not_in_this(term, clause.situation)} Never mark it anywhere?",
        (f"Never mark “{term}”", f"never {quoted(term)}"),
    )


def _term_of(clause: Clause) -> str:
    if texts := clause.texts():
        return texts[0].said
    return spots_of(clause, clause.refs()[0])[0].surface


def _never(clause: Clause) -> Reading | None:
    if not clause.texts() and not any(i.by in ("this", "that", "number") for i in clause.refs()):
        return None
    line = f"never {quoted(_term_of(clause))}{' {}' * bool(clause.labels())}{' here' if clause.here else ''}"
    return one_line(line.format(*(label_of(each, line) for each in clause.labels()[:1])))


def _never_this(clause: Clause) -> Reading | None:
    if not re.search(r"(?i)\bagain\b", clause.wording.raw):
        return None  # "never", which may answer anything
    last = clause.situation.last_decided if clause.situation.fresh else None
    spot = last if last and last.out else focus_of(clause)
    return one_line(f"never {quoted(spot.surface)}")


def _ignore(clause: Clause) -> Reading | None:
    refs = clause.refs()
    if refs and clause.here:
        return Reading((f"no {numbers_of(clause, refs[0])}",), verdict="no")
    if refs and refs[0].by == "label":
        return _ignore_label(clause)
    term = _term_of(clause)
    first = (("Reject it here", f"no {numbers_of(clause, refs[0])}"),) if refs else ()
    return asked(
        "Only here, or never again anywhere?", *first, (f"Never mark “{term}”", f"never {quoted(term)}")
    )


def _ignore_label(clause: Clause) -> Reading | None:
    """Mentions of a label are not wanted: "don't tag places", "hide the diseases"."""
    item = next(i for i in clause.items if i.labels or i.by == "label")
    label = item.labels[0] if item.labels else spots_of(clause, item)[0].label
    here = [str(spot.number) for spot in clause.situation.spots if spot.label == label and spot.open]
    first = ((f"Reject the {label} here", f"no {' '.join(here)}"),) if here else ()
    return asked(
        f"Reject {label} only here, or in all documents?",
        *first,
        (f"Reject every open {label}", f"no all label:{label}"),
    )


def _always(clause: Clause) -> Reading:
    line = f"always {quoted(_term_of(clause))} {{}}{' here' if clause.here else ''}"
    return one_line(line.format(label_of(clause.labels()[0], line)))


def _always_as_it_is(clause: Clause) -> Reading | None:
    """ "Warfarin is always right": with the label that its mentions have here, where that is one."""
    named = clause.texts() or [item for item in clause.refs() if item.by in ("this", "that", "number")]
    labels = {spot.label for item in named for spot in spots_of(clause, item)}
    if len(named) != 1 or len(labels) != 1:
        return None
    here = " here" if clause.here else ""
    return one_line(f"always {quoted(_term_of(clause))} {labels.pop()}{here}")


_SHORT = re.compile(r"(?i)(?!(?:it|its|this|that|they|which|he|she|here|there|what)$).+")
"""Of "it just means the untreated plants" is nothing an abbreviation."""


def _abbreviation(clause: Clause) -> Reading | None:
    short = clause.items[0]
    raw = clause.wording.raw
    match = re.search(
        r"(?i)\b(?:means?|stands? for|is short for|short for|is (?:an|the) (?:abbreviation|short"
        r" form|acronym) (?:for|of)|abbreviates|is shorthand for)\s+",
        raw,
    )
    if match is None or not _SHORT.fullmatch(short.said):
        return None
    meaning = re.sub(
        r"(?i)[\s,]*(?:\b(?:here|in this (?:document|note|text|context|case)|everywhere|in all"
        r" documents|please|too)\b[\s.!]*)+$",
        "",
        raw[match.end() :],
    ).strip(" .!\"'")
    if not meaning or re.match(r"(?i)(?:there|it|that|this|he|she|they|we|i|you|nothing|no|not)\b", meaning):
        return None  # "no fever means there isn't one"
    scope = " here" if clause.here else ""
    labels = clause.situation.labels_of(meaning) or tuple(
        dict.fromkeys(s.label for s in clause.situation.spots if s.number in short.numbers)
    )
    line = f"abbr {quoted(short.said)} = {quoted(meaning)} {{}}{scope}"
    if len(labels) == 1:
        return one_line(line.format(labels[0]))
    return asked(
        f"What is “{meaning}”?",
        *((f"A {label}", line.format(label)) for label in (labels or clause.situation.labels)[:3]),
    )


def _why_not(clause: Clause) -> Reading | None:
    item = next((i for i in clause.items if i.kind in ("txt", "unk", "ref")), None)
    if item is None:
        return None
    if item.kind == "ref" and item.by != "term":
        return one_line(f"why {spots_of(clause, item)[0].number}")
    return one_line(f"why not {quoted(item.said)}")


def _why_loosely(clause: Clause) -> Reading | None:
    """Why something is what it is, or is not there, whatever else the question says."""
    if re.search(r"\b(?:not|no|missing|never|wrong)\b", clause.text):
        return _why_not(clause)
    if refs := clause.refs():
        return one_line(f"why {spots_of(clause, refs[0])[0].number}")
    places = clause.situation.places(clause.texts()[0].said)
    around = [s for s in clause.situation.spots if any(s.start <= a and b <= s.end for a, b in places)]
    return one_line(f"why {around[0].number}") if around else _why_not(clause)


def _who_changed(clause: Clause) -> Reading | None:
    item = clause.items[-1]
    numbers = item.numbers if item.kind == "ref" else (clause.situation.part_of(item.said),)
    return one_line(f"who changed {numbers[0]}") if numbers and numbers[0] else None


def _where(clause: Clause) -> Reading | None:
    named = [i for i in clause.items if i.kind in ("txt", "unk") or i.by == "term"]
    item = (named or list(clause.items))[-1]
    if item.kind == "ref" and item.by == "label":
        return one_line(f"all label:{label_of(item, 'all label:{}')}")
    if item.kind == "ref" and item.by in ("all", "rest"):
        return one_line("left")
    term = item.said if item.kind != "ref" or item.by == "term" else spots_of(clause, item)[0].surface
    one, stands = re.sub(r"(?:'s|s)$", "", term), clause.situation
    known = [each for each in (term, one) if stands.places(each) or stands.elsewhere(each)]
    term = known[0] if known else term  # "show me all the mehtas"
    longer = {s.surface for s in stands.in_text if f"{s.surface} ".startswith(f"{term} ") and term.istitle()}
    term = longer.pop() if len(longer) == 1 else term  # "where else does Brackenbury occur?"
    return one_line(f"all {quoted(term)}")


LABEL_THEN = re.compile(
    r"(?i)(?:(?P<before>.*?)\b(?:make|create|add|define|open|introduce|need|want|like|have|require)(?:"
    r" me| us)?)?"
    r"(?: ?(?:a|an|the|another|one|new|further|additional|extra|addl\.?))* ?"
    r"\b(?:label|category|class|type|heading)"
    r"(?: called| named| entitled|,|:)*[: ]+[\"'“]?(?P<name>[A-Za-z]\w+)[\"'”]?(?:,| and|;|\.)+ (?:then "
    r"|and |please )*"
    r"(?:(?:put|use|move|give|set|apply|mark|tag|label|record|file|place|list|assign) )?(?P<what>.+?)"
    r"(?: (?:goes|belongs|comes|should go))?"
    r"(?: (?:there|so|(?:in|into|under|on|to|as|with|for)(?: (?:it|that|there|this one|the new one))?))?"
    r"(?:,? (?:please|thanks|thx|ty))?[.!]*"
)
"""A label to make, and what to put there: "create the label Device, then put central line under it"."""


_ID = r"(?P<id>[A-Za-z][\w-]*:(?:[\w-]|\.(?=\w))+)[\s.!]*"
_TO_ID = r"(?: the)?(?: (?:concept|id|identifier|code|entry))* (?:is |with |of |under )?"
_LINKED = tuple(
    re.compile(rf"(?i)(?:please |pls |can you |could you )?{said}{_ID}")
    for said in (
        # "link 3 to MESH:D003920", "map all the afibs onto MESH:D001281"
        rf"(?:link|map|connect|attach|normali[sz]e|code) (?P<what>.+?) (?:to|with|as|onto|under){_TO_ID}",
        rf"(?:give|assign) (?P<what>.+?)(?: an?| the)? (?:concept|id|identifier|code){_TO_ID}",
        r"(?:the )?(?:right |correct )?(?:concept |code )?(?:id|concept|code|identifier) (?:of|for) "
        r"(?P<what>.+?) (?:is|should be|must be|ought to be) ",
        rf"(?P<what>.+?) (?:has|have|gets?|needs?|is|should have|should be|takes?|means?|refers to){_TO_ID}",
    )
)


def _linked(line: str, situation: Situation) -> Reading | None:
    """A concept id for what is named: "link 3 to MESH:D003920", "the id of diabetes is MESH:D003920"."""
    for match in (pattern.fullmatch(line.strip()) for pattern in _LINKED):
        if match is None:
            continue
        subject = read_words(match["what"], situation)
        items = subject.named(subject.text, "REF|TXT|LAB|UNK")
        spots = situation.these(items[0].numbers) if len(items) == 1 and not items[0].problem else []
        names = {" ".join(spot.surface.split()) for spot in spots}
        if len(names) == 1 and not {"DOUBT", "not", "no"} & set(subject.text.split()):
            one = str(spots[0].number) if len(spots) == 1 else f"link all {quoted(names.pop())}"
            return Reading((f"{one} -> {match['id']}",), writes=True)
    return None


def project_wide(line: str, situation: Situation) -> Reading | None:
    """What a line asks of the whole project: a term for good, a new label with what it is for.

    "Please always accept ciprofloxacin as an antibiotic"; "could we have a new label SYMPTOM, and put the
    diarrhoea under it?".
    """
    said = re.sub(r"(?i)^(\W*(?:can|could|would|will) you .*)\?$", r"\1", line.strip().replace("’", "'"))
    two = _RE.ALWAYS_TWO.fullmatch(said) if _RE.TO_ALL_SAID.search(said) else None
    if two and len(labels := labels_meant(two["label"], situation.labels)) == 1:
        lines = [f"always {quoted(two[each])} {labels[0]}" for each in ("one", "two")]
        return asked("One term at a time: which first?", *((in_plain(each), each) for each in lines))
    for pattern in (_RE.ALWAYS_AS, _RE.KEPT_AS, _RE.ALWAYS_IS):
        found = pattern.fullmatch(said) if _RE.TO_ALL_SAID.search(said) else None
        labels = labels_meant(found["label"], situation.labels) if found else ()
        term = found["term"].strip() if found else ""
        if (bare := re.sub("(?i)^(?:an?|the) ", "", term)).lower() in situation.by_surface:
            term = bare  # "a registered charge is always a Burden"
        stands = len(term) > 1 and (situation.holds(term.lower()) or situation.elsewhere(term))
        if len(labels) == 1 and stands and not (term.isdecimal() or POINTS.fullmatch(term)):
            return Reading((f"always {quoted(term)} {labels[0]}",), writes=True)
    if thing := _RE.THING_LABEL.match(said):
        said = f"need a label {thing['name']}. put {thing['x'] or thing['y'] or thing['z']} in it"
    found = _RE.NEW_LABEL_THEN.fullmatch(said) or _RE.LABEL_IT_IS.fullmatch(said)
    name = found["name"] if found else ""
    if not (found and name[0].isupper() and name not in situation.labels and _RE.MAKING.search(said)):
        return None
    here = found["here"] and (found["denied"] or str(situation.framed or ""))  # "…, and use it here"
    made, what = f"label {name}", (found["put"] or found["goes"] or found["use"] or here or "").strip(" .")
    if not what:
        return None if found["here"] or found["denied"] else Reading((made,), writes=True)
    words = read_words(what, situation)
    items = words.named(words.text, "REF|TXT")
    whole = re.sub(r"(?i)^the ", "", what)
    if len(items) != 1 or items[0].kind != "ref":  # "warehouse supervisor", of which one word is known
        inside = (situation.part_of(whole),)  # "boot goes in that", of Offloading boot
        items = [Item("txt", whole)] if situation.holds(whole.lower()) else items
        items = [Item("ref", whole, inside)] if inside[0] else items
    told = read_words(found["denied"] or "", situation)
    denied = [item.numbers for item in told.named(told.text)]
    if len(items) != 1 or items[0].problem or (found["denied"] and denied != [items[0].numbers]):
        return None
    n, said = numbers_said(items[0].numbers), quoted(items[0].said)
    then = f"{n} is {name}" if items[0].kind == "ref" else f"add {said} {name}"
    return Reading((made, then), writes=True)


POINTS = _RE.POINTS
"""Words that only point at what was named before."""


def free_text(line: str, situation: Situation) -> Reading | None:
    """Sentences that end in words of their own, which are taken as typed."""
    if linked := _linked(line, situation):
        return linked
    said = line.strip()
    ways = ("NEW_LABEL", "LABEL_NEEDED", "LABEL_ADDED", "LABEL_FOR", "LABEL_CALLED", "LABEL_USEFUL")
    if match := next(filter(None, (getattr(_RE, each).fullmatch(said) for each in ways)), None):
        name = re.sub(r"(?i)^(?:for|called|named) (?=\w)", "", match.group(1))  # "a label for procedures"
        return Reading((f"label {name}",), writes=True)
    if match := _RE.FLAG_ON.fullmatch(said):
        return Reading(("flag", "next"), writes=True)
    if match := _RE.FLAG.fullmatch(said) or _RE.ABOUT.fullmatch(said) or _RE.NOTE.fullmatch(said):
        note = match.group(1).strip().strip("\"'“”").rstrip("?")
        return Reading((f"flag {quoted(note)}",), writes=True)
    return None


READINGS: Mapping[str, Action] = {
    "missing": _missing,
    "several": _several,
    "add": _add,
    "teach": _teach,
    "teach_not": _teach_not,
    "never": _never,
    "never_this": _never_this,
    "ignore": _ignore,
    "ignore_label": _ignore_label,
    "always": _always,
    "always_as_it_is": _always_as_it_is,
    "abbreviation": _abbreviation,
    "why_not": _why_not,
    "why_loosely": _why_loosely,
    "where": _where,
    "who_changed": _who_changed,
}
