"""What turns a sentence: a reason before it, a denial, a correction; and what it may not do."""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from dataclasses import replace
from itertools import islice

from hybrid_ner.review.chat.clauses import reasons_against, word_kinds
from hybrid_ner.review.chat.extents import NEAR
from hybrid_ner.review.chat.losses import less_kind
from hybrid_ner.review.chat.numbered import left_out
from hybrid_ner.review.chat.offers import in_plain, offered
from hybrid_ner.review.chat.parts import text_runs
from hybrid_ner.review.chat.reading import (
    Item,
    Reading,
    Wording,
    asked,
    choices_about,
    decided,
    named_spot,
    relabeled,
)
from hybrid_ner.review.chat.references import bared, read_words
from hybrid_ner.review.chat.situation import Situation, numbers_in, numbers_said, spans_in
from hybrid_ner.review.chat.whole import BARE, talk
from hybrid_ner.review.chat.words import is_english
from hybrid_ner.review.store.labels import A_LABEL, label_words
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)

DENIED = re.compile(
    r"(?i)\b(?:do|does|did|would)(?:n'?t| not) (?:really |quite )?(?:think|believe|feel|seem|look|sound"
    r"|suppose)\b"
    r"|\bi doubt (?:that |it\b)?"
)


def turned(found: Reading) -> Reading:
    """ "I don't think 3 is a disease" speaks for a rejection."""

    def turned(line: str) -> str:
        match = re.fullmatch(rf"(?:ok ([\d -]+)|([\d -]+) is {A_LABEL})", line)
        return f"no {match[1] or match[2]}" if match else line

    choices = [
        (name, line) if (to := turned(line)) == line else (to.replace("no ", "Reject ", 1), to)
        for name, line in found.choices[:1]
    ]
    lines = [line for _, line in choices]
    others = [each for each in found.choices[1:] if each[1] not in lines]
    return replace(found, lines=tuple(map(turned, found.lines)), choices=(*choices, *others))


CORRECTED = re.compile(
    r"(?i)(?<=\w)\W+(?:correction|(?:no,? )?pardon(?: me)?|scratch that|scrap that|strike that"
    r"|on second thoughts?|no wait|wait,? no|hold on)\b\W*(?:no\b\W*)?(?:just )?"
)
"""What takes back all that was said before: "2 is wrong, correction, 2 is right"."""


def beside_corrected(before: str, read: Reading) -> Reading:
    """What corrects a sentence, or a question where it decided more before: "1 ok 2 ok 3 no wait 3 ok"."""
    named = re.findall(r"(?<![\w-])\d+\b", before)  # the last of them is what is taken back
    numbers = {*named[:-1]} - {*named[-1:], *re.findall(r"\d+", " ".join(read.lines))}
    if not numbers:
        return read
    line = "; ".join(read.lines)
    return asked(
        f"`{line}`, and what of {' and '.join(sorted(numbers))}? Say it again.", (f"Only {line}", line)
    )


def corrected(
    line: str, situation: Situation, understand: Callable[[str, Situation], Reading | None]
) -> Reading | None:
    """What stands after a correction, about what was named before it: "2 is wrong, no wait, a drug"."""
    later = CORRECTED.search(line)
    if later is None or _RE.POINTS.search(line, later.end()):
        return None
    taken = read_words(line[: later.start()], situation)
    aim = named_spans(taken)
    if not line[later.end() :].strip(" .!") and re.search(r"(?:REF|TXT)\d", taken.text):
        sorry = re.search(r"(?i)pardon|sorry|apolog|excuse", later.group())
        return None if sorry else talk("", "never mind")  # "drop aspirin, scratch that"
    about = replace(situation, framed=min(aim), named=0) if len(aim) == 1 else situation
    read = understand(line[later.end() :], about)
    if read is None or not read.lines or not read.writes:
        return None
    return beside_corrected(line[: later.start()], read)


def flagged(
    line: str, situation: Situation, understand: Callable[[str, Situation], Reading | None]
) -> Reading | None:
    """What is asked for because of a doubt, and decides nothing: "not sure about this one, so flag it"."""
    order = _RE.FLAGS.search(line)
    flow = understand(line[order.start("then") :], situation) if order else None
    put_off = flow is not None and flow.lines and {each.split()[0] for each in flow.lines} <= {"flag", "skip"}
    return flow if put_off else None


REASONS = re.compile(
    r"(?i)(?<!just)(?<!only)(?<!not)(?<!and)(?<!but)(?:^|,? )\b(?:because|becuase|becasue|bc|b/c|cuz|coz"
    r"|bcuz|bcoz|cos|'cause|since|given that|seeing that"
    r"|(?:it|that|this|which)(?:'s| is| was) (?:the (?:very |only |main )?reason|why)(?! (?:not|it|that)\b)"
    r"|as (?=(?:it|they|he|she|there|we|i)(?:'\w+)? )(?!(?:it|they) stands?\b))"
    r"(?! (?:when|then|last))(?![^,;.!?]*\b(?:if|unless|maybe|perhaps|what)\b)[^,;.!?]*,?"
)
"""A reason, which does not change what it is given for: "because the note says so"."""


CONCEDED = re.compile(
    r"(?i),? \b(?:even though|even if|although|though(?= (?:it|they|he|she|we|i|the|that|this)\b)|despite"
    r"|in spite of"
    r"|regardless of)\b(?![^,;.!?]*\b(?:wrong|not|no|never|right|correct|ok|okay|fine|reject|accept|remove"
    r"|drop"
    r"|delete|should|must|wants?|needs?|like|includ\w+|extend\w*|if|maybe|perhaps|an?)\b)[^,;.!?]*"
)
"""What is granted beside a decision: "even though they stopped it"."""


def reason_first(
    line: str, situation: Situation, understand: Callable[[str, Situation], Reading | None]
) -> Reading | None:
    """What is decided after its reason: "because he's the judge, JUDGE for 2".

    The reason is about what is named after it, so that it may not say anything else of that.
    """
    found = _RE.WHY.match(line) or _RE.DESCRIBED.match(line)
    if found is None:
        return None
    why, then = (read_words(part, situation) for part in (found["why"], line[found.end() :]))
    if found.re is _RE.DESCRIBED and _RE.SAYS_MORE.search(_RE.SAME.sub("", why.text)):
        return None  # "not aspirin, drop warfarin"
    named = named_spans(then)
    read = understand(line[found.end() :], situation) if named and "DOUBT" not in why.text else None
    if read is None or not read.lines or not read.writes or read.question:
        return None
    given = {each.rpartition(" is ")[2] for each in read.lines if " is " in each}
    kept = {spot.label for spot in situation.these(decided(read.lines, "ok"))}
    for marker in re.findall(r"(?<!not )(?<!no )(?<!noway )LAB\d+", why.text):
        if (given or kept) and not (given or kept) & set(why.item(marker).labels):
            return offered(list(read.lines), None)  # "because it's a disease, 3 is a drug"
    return offered(list(read.lines), None) if named_spans(why) - named else read


def remark_last(
    line: str, situation: Situation, understand: Callable[[str, Situation], Reading | None]
) -> Reading | None:
    """What is decided before a remark on it: "reject the last one, it is the lady who drives him home".

    The spans are named before the remark, and the remark may say nothing that decides, doubts or turns.
    """
    if "?" in line or _is_list(line):
        return None
    for cut in islice(_RE.PAUSE.finditer(line), _MOST_PAUSES):
        told = _RE.PAST.sub("told", line[cut.end() :])  # "yes to 4, the GP confirmed it": no order
        told, praised = _RE.AS_I.sub("", told), read_words(told, situation)
        if re.search(r"DOUBT(?! not have)", praised.text) or named_spans(praised) or "?" in praised.text:
            told = praised.raw
        head, tail = (read_words(part, situation) for part in (line[: cut.start()], told))
        points = [item.by for item in head.named(head.text)] == ["this"]
        own = {situation.framed} if points and situation.framed else named_spans(head)
        named = own or "TXT" in head.text
        read = understand(line[: cut.start()], situation) if named else None
        if read is None or not read.lines or not read.writes or read.question:
            continue
        done = {*decided(read.lines, "ok"), *decided(read.lines, "no"), *relabeled(read.lines)}
        edges = {int(each.split()[0]) for each in read.lines if re.match(r"\d+ = ", each)}
        alone = len(read.lines) == 1 and edges
        if alone or (done and not edges and done <= own):
            tells = _RE.TELLS.match(line, cut.end()) and not reasons_against(tail.text, line)
            own = named_spans(tail) & done  # "3 is good and 9 is out, delay by itself isn't a date"
            about = [each for each in read.lines if own & set(map(int, re.findall(r"\d+", each)))]
            lines = about or read.lines[-1:]
            if tells and all(_remarks_on(tail, each, done | edges, situation) for each in lines):
                return read
    return None


def beside_asides(
    line: str, situation: Situation, understand: Callable[[str, Situation], Reading | None]
) -> Reading | None:
    """What is asked for around what means nothing for it: "5, my lovely, is a drug"; "drop 2, if I may".

    An aside stands between pauses, names nothing that can be marked, and neither orders, doubts nor asks;
    one that agrees or denies stands before what it says too, and own faults only beside "undo".
    """
    masked = re.sub(r'"[^"]*"', lambda said: '"' * len(said.group()), line.rstrip(" .!?"))
    cuts = [0, *(at for cut in _RE.PIECES.finditer(masked) for at in cut.span()), len(masked)]
    pieces = [
        (line[a:b], line[b:c]) for a, b, c in zip(cuts[::2], cuts[1::2], [*cuts[2::2], None], strict=True)
    ]
    if len(pieces) == 1 or _is_list(line):
        return None
    kinds = [_aside(said, situation, last=at == len(pieces) - 1) for at, (said, _) in enumerate(pieces)]
    kept = [piece for piece, kind in zip(pieces, kinds, strict=True) if kind is None]
    if not kept:  # "that is a verb, my good fellow"
        kept = [piece for piece in pieces if (own := understand(piece[0], situation)) and own.writes]
        kinds = ["" if piece not in kept else None for piece in pieces]
    if not 0 < len(kept) < len(pieces):
        return None
    rest = "".join(said + sign for said, sign in kept[:-1]) + kept[-1][0]
    if BARE.fullmatch(read_words(rest, situation).text):
        return None  # "dear me, no"
    read = understand(rest + "?" * ("?" in line[len(masked) :]), situation)
    if read is None or not read.lines or read.question:
        return None
    added = [each[1] for line in read.lines if (each := re.match(r'add "(.*?)"', line))]
    if added and ("LAB" not in read_words(rest, situation).text or any(map(situation.held, added))):
        return None  # what takes in another mention is asked about, and ""11 mm", the old size" is no order
    rejects = all(each.startswith("no ") for each in read.lines)
    fits = {"", "fault" if read.lines == ("undo",) else "no" if rejects else "ok" if read.writes else ""}
    return read if {kind for kind in kinds if kind is not None} <= fits else None


def _aside(said: str, situation: Situation, *, last: bool) -> str | None:
    """What a piece that is an aside says all the same: nothing, ``ok``, ``no``, ``fault``; or ``None``."""
    if _RE.COURTEOUS.fullmatch(said):
        return ""
    wording = read_words(said, situation)
    if (
        _RE.TAG.fullmatch(said)
        or _RE.PASSED_ON.search(said)
        or reasons_against(wording.text, said)
        or re.search(r"[\d\"?]", said)
    ):
        return None
    plain = f" {' '.join(re.findall(r'[^ ,;()]+', said.lower()))} "
    if any(f" {surface} " in plain for surface in situation.by_surface):
        return None  # "no to the lunch", where lunch is a span
    names = label_words(situation.labels)
    text = re.sub(
        r"(?:REF|TXT|LAB)\d+", lambda found: _marker_left(wording.item(found.group()), names), wording.text
    )
    if re.fullmatch(r"(?:UNK\d+ ?)+", text):
        return None  # "heart failure, a-fib, ok ok" may mean another mention
    if called := _RE.VOCATIVE.fullmatch(said):  # "my lovely", "you silly sausage"
        text = re.sub(r"\b(?:okay|fine|wrong)\b(?!$)|(?<=my )fine$", "so", text)
    verdicts = {kind for word in text.split() if (kind := word_kinds().get(word)) in ("ok", "no")}
    verdicts |= {"no"} if _RE.DENIES.search(text) else set()
    bare = re.sub(r"\b(?:okay|fine|right|yes|wrong|no|not|noway)\b", "", text)
    if (
        len(verdicts) > 1
        or (verdicts and re.search(r"\bit\b", text))
        or _RE.NO_REMARK.search(bare)
        or _RE.MARKED.search(bare)
    ):
        return None
    if _RE.SUBJECT.match(said):
        return "fault" if re.match(r"(?i)(?:i|we)\b", said) and verdicts <= {"no"} else None
    if (verdicts and last) or (_RE.ACTS.match(text) and not (called or _RE.WISH.match(said))):
        return None
    return "".join(verdicts)


def _marker_left(item: Item, names: Container[tuple[str, ...]]) -> str:
    """What speaks against an aside: no "her" that the text has too, no "it", nothing near a label."""
    words = tuple(item.said.lower().split())
    small = all(word_kinds().get(word) == "glue" or word in ("her", "him") for word in words)
    near = item.kind == "lab" and words not in names and is_english(item.said.lower())
    return " " if near or (item.kind == "txt" and small) else "it" if item.by in ("this", "that") else "REF"


_MOST_PAUSES = 3
"""Commas of a sentence behind which a remark may begin."""


def _remarks_on(tail: Wording, line: str, done: set[int], situation: Situation) -> bool:
    rejects = line.startswith("no ")
    if _RE.NO_REMARK.search(tail.text) or (not rejects and _RE.DENIES.search(tail.text)):
        return False
    spots = [spot for spot in situation.spots if spot.number in done]
    given = line.partition(" is ")[2] if re.match(r"\d[\d -]* is ", line) else ""
    wanted = set() if rejects else {given or spot.label for spot in spots}
    for marker in re.findall(r"(?<!not )(?<!no )(?:REF|LAB|TXT)\d+", tail.text):
        item = tail.item(marker)
        own = item.by in ("this", "that") or item.said == "them" or {*item.numbers} <= done
        if (item.kind == "ref" and not own) or (item.kind == "lab" and not {*item.labels} <= wanted):
            return False
        for start, end in situation.places(item.said) if item.kind == "txt" else []:
            given_up = rejects or " = " in line
            inside = given_up and any(s.start <= start and end <= s.end for s in spots)
            over = any(s.meets(start, end) for s in situation.spots)
            if over and not inside:
                return False  # "10 no, Daisy Hill": longer words for it, or another one
    return True


def as_quoted(
    line: str, situation: Situation, understand: Callable[[str, Situation], Reading | None]
) -> Reading | None:
    """What a sentence asks for whose words are partly words of the text: "slow infusion is a route"."""
    if "?" in line or _is_list(line):
        return None
    for said in islice(text_runs(line, situation), _MOST_ORDERS):
        read = understand(f'{line[: said.start()]}"{said.group()}"{line[said.end() :]}', situation)
        if read is not None and read.lines and read.writes and not read.question:
            adds = any(each.startswith("add ") for each in read.lines)
            if adds and situation.part_of(said.group()):
                continue  # "Equality Act is a statute" may be of Equality Act 2010
            return read
    return None


def _is_list(line: str) -> bool:
    """Whether a line has more parts than anyone says two things in: "1 ok, 2 no, 3 ok, …"."""
    return sum(map(line.count, ",;.")) > _MOST_PARTS


_MOST_PARTS = 24
_MOST_ORDERS = 4
"""Places at which a second order may begin: each part is read again."""


def strayed(found: Reading, wording: Wording, situation: Situation) -> bool:
    """Whether what is done leaves out what the sentence names, or does in one place what it says of all.

    "+fissured plaques, a sign" may not label the framed span, nor "Oramorph is a drug everywhere, in each
    note" accept one mention.
    """
    if not found.lines or not found.writes or found.question:
        return False
    texts = [wording.item(marker).said for marker in re.findall(r"TXT\d+", wording.text)]
    if all(line.startswith("add ") for line in found.lines):
        said = " ".join(found.lines).casefold()
        listed = re.findall(r"(?:\band|,|\bplus|\badd|\balso) TXT(\d+)", wording.text)
        named = [wording.items[int(number)].said for number in listed]
        return any(text.casefold() not in said and not situation.part_of(text) for text in named)
    longer = re.findall(r"REF\d+ is (TXT\d+)", wording.text)
    said = " ".join(found.lines).casefold()
    for text in (wording.item(marker).said for marker in longer):
        held = {spot.number for spot in situation.held(text)}
        if held & {*relabeled(found.lines)} and text.casefold() not in said:
            return True  # "blood is blood sugar, it's a symptom": the words are lost
    parts = [(n, text) for text in texts if (n := situation.part_of(text))]
    whole = len({n for n, _ in parts}) == 1 < len({text.lower() for _, text in parts})
    whole = whole and not all(text.lower() in " ".join(found.lines).lower() for _, text in parts)
    if whole and re.search(r"TXT\d+ (?:is )?LAB\d+ ?(?:[,;]|and) (?:and )?TXT\d+ (?:is )?LAB", wording.text):
        return True  # "edible crab species, mating behaviour", where both are one span
    added = any(line.startswith("add ") for line in found.lines)
    focus = situation.focus
    if added and focus and f"ok {focus.number}" in found.lines and focus.number not in named_spans(wording):
        return True  # "the rent is a money amount, so yes"
    pairs = [re.match(r"(\d+)[ -](\d+) is ", line) for line in found.lines]
    spots = [(situation.spot(int(pair[1])), situation.spot(int(pair[2]))) for pair in pairs if pair]
    near = any(a and b and 0 <= b.start - a.end < NEAR for a, b in spots)
    if near and re.search(r"(?i)\b(?:are|is) (?:all )?the same (?!label|type|as|way|kind)[a-z]", wording.raw):
        return True  # "1 out, 2 and 3 are the same company": Harlow & Finch
    if any(re.match(r"\d+[ -]\d.* is ", line) for line in found.lines) and _RE.AS_ONE.search(wording.raw):
        return True  # "5 and 6 are the same cite, one statute" wants them joined
    if any(line.startswith("relabel all") for line in found.lines) and decided(found.lines, "no"):
        return True  # "HIT is a finding in all letters, it is a test and no illness"
    if _left_out(found, wording, situation):
        return True
    local = all(re.match(r"(?:ok|no) \d|\d[\d -]* is ", line) for line in found.lines)
    if local and _RE.EVERYWHERE.search(re.sub(r'"[^"]*"', "", wording.raw)):
        return True
    done = {*decided(found.lines, "ok"), *decided(found.lines, "no")}
    done |= {*relabeled(found.lines)}
    if not local or focus is None or done != {focus.number} or named_spans(wording):
        return False
    if found.verdict == "no" and re.match(r"no\b", wording.text):
        return False  # "no, that's his sister"
    if re.search(r"(?i)\b(?:called|named) ", wording.raw) and re.search(r"\bis UNK\d", wording.text):
        return True  # "it's called pleural rub, and that's a symptom", where the text has no such words
    return any(not any(focus.meets(start, end) for start, end in situation.places(text)) for text in texts)


def _left_out(found: Reading, wording: Wording, situation: Situation) -> bool:
    """Whether a label that is taken back, a question, what is quoted or what is lacking is in no line."""
    if relabeled(found.lines) and _RE.GIVEN_UP.search(wording.text):
        return True  # "heart, delete, anatomy no device"; "3 is no event, it's a treatment, no"
    terms = wording.named(wording.text)
    one = [situation.spot(item.numbers[0]) for item in terms if item.by == "term" and len(item.numbers) == 1]
    longer = (s.surface for s in situation.spots)
    if _RE.EACH_TIME.search(wording.raw) and any(
        a and a.surface in b != a.surface for b in longer for a in one
    ):
        return True  # "Harlow is a party each time", where Harlow & Finch is another span
    if all(' = "' in line for line in found.lines) and _RE.THEN_OUT.search(wording.text):
        return True  # "she's allergic to penicillin and didn't get it, so that goes"
    joins = any(line.startswith(("merge", "split", "abbr")) or ' = "' in line for line in found.lines)
    if not joins and _RE.ONE_THING.search(wording.text):
        return True  # "the date bits are one thing, 10 is good"
    if any(line.startswith("why") for line in found.lines):
        return True  # "pleural effusion for 9, and what's with heart as a device, no"
    about = {n for line in found.lines for n in numbers_in(re.sub(r'"[^"]*"', "", line))}
    used = " ".join(found.lines).casefold() + " ".join(
        spot.surface.casefold() for spot in situation.spots if spot.number in about
    )
    writes = any(' = "' in line or line.startswith("add ") for line in found.lines)
    if writes and any(text.casefold() not in used for text in re.findall(r'"([^"]{3,})"', wording.raw)):
        return True  # 'and "emphysema", and "pleural effusion" instead of effusion for 9'
    lacking = re.findall(r"(REF\d+) (?:lacks|needs|misses|wants)\b", wording.text)
    # "six is a dose, and seven lacks the year"
    return bool(about) and any(not {*wording.item(each).numbers} <= about for each in lacking)


def named_spans(wording: Wording) -> set[int]:
    """The spans that are named, and not only pointed at."""
    items = wording.named(wording.text)
    return {n for item in items if item.by not in ("this", "that", "all", "rest") for n in item.numbers}


def about_named(found: Reading | None, wording: Wording) -> bool:
    """Whether what is left of a sentence is about what all of it names: "Costs isn't anybody, reject"."""
    lines, named = found.lines if found else (), named_spans(wording)
    done = {*decided(lines, "ok"), *decided(lines, "no"), *relabeled(lines)}
    return not named or not done or bool(done & named)


def pointed_too(found: Reading, wording: Wording, situation: Situation) -> Reading:
    """What is decided without what is only pointed at beside it: "a lab value: 10 is a test"."""
    done = {*decided(found.lines, "ok"), *decided(found.lines, "no"), *relabeled(found.lines)}
    named, focus = named_spans(wording), situation.focus
    if focus is None or done - named != {focus.number} or not named & done or found.question:
        return found
    others = tuple(line for line in found.lines if focus.number not in spans_in(line.partition(" is ")[0]))
    if len(others) < len(found.lines) and _RE.OF_CLAUSE.search(wording.text):
        return replace(found, lines=others)
    if len({re.sub(r"[\d ,-]+", "", line) for line in found.lines}) > 1:
        return found
    if re.search(r"\b(?:also|too|both|plus|same|likewise)\b", wording.raw) or re.search(
        r"\band (?:REF|LAB|accept|reject|mark)", wording.text
    ):
        return found
    verb, _, label = re.sub(r"[\d ,-]+", " ", found.lines[0]).strip().partition(" ")
    numbers = numbers_said(done & named)
    line = f"{numbers} is {label}" if verb == "is" else f"{verb} {numbers}"
    if not any(item.by in ("this", "that") for item in wording.named(wording.text)):
        return replace(found, lines=(line,))
    both = ("; ".join(found.lines), "; ".join(found.lines))
    return asked(f"Do you mean {named_spot(focus)} as well?", (line, line), both)


def labeled_too(found: Reading, wording: Wording, situation: Situation) -> Reading:
    """New edges with the label said beside them: "ragi biscuits is the product", "11 + X, a test"."""
    found = replace(found, lines=tuple(_untitled(line, wording, situation) for line in found.lines))
    edge = re.fullmatch(r'(\d+) = ".*"', found.lines[0]) if len(found.lines) == 1 else None
    ends = r"(?: of (?:(?:UNK|TXT)\d+|[a-z]+) ?$| (?:here|there)\b|(?! \w))"
    said = re.findall(rf"(?:\b(?:is|as)|[,;:]) (LAB\d+){ends}", wording.text)
    spot = situation.spot(int(edge[1])) if edge else None
    if spot is None or len(said) != 1:
        return found
    labels = wording.item(said[0]).labels
    if len(labels) != 1 or spot.label in labels:
        return found
    return replace(found, lines=(*found.lines, f"{spot.number} is {labels[0]}"))


def _untitled(line: str, wording: Wording, situation: Situation) -> str:
    """A line that accepts a mention which is called by title and label: "nurse penn is a person"."""
    made = re.fullmatch(rf'(?:\d+ = |add )"(.*?)"(?: {A_LABEL})?', line)
    said = re.search(r"\bis (LAB\d+) ?(?:$|[,;])", wording.text)
    if made is None or said is None:
        return line
    labels, places = wording.item(said[1]).labels, situation.places(made[1])
    named = [situation.text[a:b] for a, b in places]
    owners = [s for s in situation.spots for a, b in places if a <= s.start and s.end <= b]
    bare = [s for s in owners if (s.label,) == labels and s.surface in {less_kind(n, "title") for n in named}]
    return f"ok {bare[0].number}" if len(bare) == len(owners) == 1 else line


def but_excepted(found: Reading, line: str, situation: Situation) -> Reading:
    """A question whose choices decide no mention with others that the line leaves out of them."""
    wording = read_words(bared(line, situation), situation)
    out = {
        n
        for marker in re.findall(r"\bexcept (?:for )?(REF\d+)", wording.text)
        for n in left_out(marker, wording, situation)
    }

    def less(said: str) -> str:
        parts = [(re.fullmatch(r"(ok|no) [\d ,-]+", each), each) for each in said.split("; ")]
        left = ((verb, each, sorted(spans_in(each) - out) if verb else []) for verb, each in parts)
        group = ((f"{verb[1]} {numbers_said(n)}" if verb and n else each) for verb, each, n in left)
        return "; ".join(group) if out else said

    kept: dict[str, str] = {}
    for name, said in found.choices:
        kept.setdefault(less(said), name if less(said) == said else in_plain(less(said)))
    return replace(found, choices=tuple((name, said) for said, name in kept.items()))


def only_approves(found: Reading, wording: Wording) -> bool:
    """Whether an approval would make something new: "rent amount ok", where no span reads so."""
    text = wording.text.strip(" ;")
    new = any(re.match(r"add |\d+ is ", line) for line in found.lines)
    return new and _RE.APPROVAL.fullmatch(text) is not None


def lost(found: Reading, wording: Wording) -> set[int]:
    """The spans that a sentence names by number and that nothing is done with.

    "1 should be Severe chest pain and move 3 to chemical" may not do the first part alone.
    """
    judged = re.findall(r"(REF\d+) (?:is )?(?:okay|fine|right|wrong|accept|reject)\b", wording.text)
    judged += re.findall(r"\b(?:accept|reject) (REF\d+)", wording.text)
    if judged and found.lines and all(line in ("retrain", "update") for line in found.lines):
        return {0}  # "remove 2 and start the training"
    said = re.findall(r"(REF\d+) (?:is|looks|should|must|has)\b", wording.text)
    named = {n for m in said if wording.item(m).by in ("term", "number") for n in wording.item(m).numbers}
    if found.lines == ("undo",) and (named or _RE.VERDICT_TOO.search(wording.text)):
        return named or {0}  # "no, visit is nothing, undo that", where the last step was another one
    if not found.lines or not found.writes or found.question or _RE.INSTEAD.search(wording.raw):
        return set()
    items = wording.named(wording.text)
    last, raw = found.lines[-1], wording.raw
    one = len(found.lines) > 1 and re.fullmatch(r"(?:ok|no) \d+", last) and _RE.OF_SEVERAL.search(raw)
    if one or (_RE.WHOLE.search(raw) and "TXT" in wording.text and '"' not in "".join(found.lines)):
        return {0}  # "the court the law and the location are right"; "the whole address: 12 Pier Road"
    if any(item.by == "order" and item.problem for item in items):
        return {0}
    plain = all(re.match(rf"(?:ok|no) \d|\d[\d ,-]* is {A_LABEL}$", line) for line in found.lines)
    edge = _RE.EDGE_TOO.search(raw)
    if plain and edge and ("TXT" in wording.text or edge["verb"].lower() not in ("say", "read")):
        return {0}  # "2 is right and 5 shouldn't include charge of"
    if any(item.by in ("all", "rest") for item in wording.items):
        return set()  # "3 and 6 still need a decision, approve the other four"
    judged = re.findall(r"(REF\d+) (?:is )?(?:okay|fine|right|wrong|accept|reject)\b", wording.text)
    judged += re.findall(r"\b(?:yes|no|okay) (?:to|for) (REF\d+)", wording.text)
    items = [item for item in items if item.by == "number"] + [wording.item(marker) for marker in judged]
    named = {n for item in items for n in item.numbers}
    ranges = [m for line in found.lines for m in re.findall(r"(\d+)(?:-(\d+))?", line)]
    done = {n for first, last in ranges for n in range(int(first), int(last or first) + 1)}
    return named - done if done else set()


def doubted(found: Reading, situation: Situation, doubts: bool) -> Reading:
    """A question instead of what doubt or a question mark leaves open."""
    line = "; ".join(found.lines)
    question = "You seem to be in doubt: shall I" if doubts else "Shall I"
    return choices_about(line, situation, f"{question} do that (`{line}`)?")
