"""A sentence before and beside its clauses: what leads up to it, what takes it back, what it doubts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from hybrid_ner.review.chat import readings_terms
from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.clauses import MARKER, Said, kind, labels_said, tells_only, word_kinds
from hybrid_ner.review.chat.reading import GOODBYE, Item, Reading, Wording, asked, decided, new_item
from hybrid_ner.review.chat.references import read_words
from hybrid_ner.review.chat.situation import Situation, numbers_said, quoted, spans_in
from hybrid_ner.review.store.labels import A_LABEL
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__, NUMERALS="|".join(w.NUMBERS))

MOST_CLAUSES = 12

BARE = re.compile(r"(?:okay|fine|right|wrong|yes|no|not)(?: (?:okay|fine|right|yes|no))*")
"""A verdict on nothing that is named."""


_PARTS_OF_NAMES = {
    "year": r"\b(?:19|20)\d\d\b",
    "dose|dosage|strength": r"\b\d+(?:\.\d+)? ?(?:mg|mcg|µg|g|ml|units?|IU)\b",
    "(?:(?:doctor|academic) )?title|honorific|salutation": r"\b(?:Dr|Mr|Mrs|Ms|Prof|Hon|J)\b\.?",
    "(?:[a-z]+ )?(?:figure|amount|sum)": r"(?:[$€£¥] ?|\b[A-Z]{3} )?\b\d[\d,]*(?:\.\d+)?\b",
    "size|measurement": r"\b\d+(?:\.\d+)? ?(?:mm|cm)\b",
    "frequency": r"\b(?:once|twice|\w+ times) (?:daily|weekly|a day|a week)\b",
    "(?:dollar|currency|euro|pound) (?:sign|symbol)": r"[$€£]",
    "brackets?|parenthes[ie]s|(?:bracket|part) in (?:brackets|parentheses)": r"(?<=\()[^)]{2,40}(?=\))",
    "(?:company )?suffix": r"\b(?:Inc|LLC|Ltd|Corp|GmbH|Limited|plc|PLC|LLP)\b\.?",
    "ltd": r"\bL(?:td|imited)\b\.?",
    "(?<!\\ba )(?:(?:last|final|trailing|closing) )?(?:full ?stop|period|dot)": r"\.(?=\W|$)",
    "(?<!\\bat the )(?:(?:last|final|trailing|closing) )?comma(?! and)": r",",
    "(?:(?:last|final|trailing|closing) )?semi-?colon": r";",
    "(?:(?:last|final|trailing|closing) )?colon": r":",
}
"""What people call words of the text that belong to a name or not: "leave off the year"."""


def in_words(line: str, situation: Situation) -> str:
    """A sentence about where a span ends, with the words that "the dose" or "the year" stand for."""
    line = _RE.rewritten("few_words", line)
    if not _RE.EDGES.search(line) or "?" in line:
        return line
    numbers = [int(n) for n in re.findall(r"(?<![\w.-])\d+(?![\w-])", line)]
    if said := re.match(rf"(?i)(?:number )?({'|'.join(w.NUMBERS)}) (?=needs|without)", line):
        numbers.append(w.NUMBERS[said[1].lower()])
    numbers += [w.ORDINALS[n] for n in re.findall(r"(?i)\bthe (\w+) (?:one|span)\b", line) if n in w.ORDINALS]
    own = situation.these(numbers)
    focus = own[0] if len(own) == 1 else situation.focus
    if (cut := _RE.CHARACTER.fullmatch(line)) and (
        spot := (None if own else situation.spot(situation.touched)) or focus
    ):
        # "take the last character off 14"
        first = re.search(r"(?i)first|front|start|beginning|left", cut.group()) is not None
        return f"{spot.number} should be {quoted(spot.surface[1:] if first else spot.surface[:-1])}"
    for name, pattern in _PARTS_OF_NAMES.items():
        # "the dose" of a span; but "100 mg as a dose" gives it a label
        said = re.search(
            rf"(?i)(?<!as )(?<!is )(?<!are )(?<!be )(?<!not )\b(?:the |its |his |her |a )(?:{name})\b", line
        )
        if said is None:
            continue
        spots = [(m.group(), m.start()) for m in re.finditer(pattern, situation.text)]
        inside = {each for each, at in spots if focus and focus.start <= at < focus.end}
        new = situation.spot(situation.touched) if not (numbers or inside) else None
        if new and any(new.start <= at < new.end for _, at in spots):
            # "without the full stop", of what was just made longer
            return in_words(f"{line.rstrip(' .!')} in {new.number}", situation)
        beside = {each for each, at in spots if focus and focus.beside(at, at + len(each))}
        found = inside or {each for each, _ in spots}
        if len(found) > 1:  # "the year" of a date is the one that stands beside it
            found = beside or {e for e, at in spots for s in situation.spots if s.beside(at, at + len(e))}
        if len(found) != 1:
            continue
        part, after = found.pop(), line[said.end() :]
        if part[-1:].isalnum() and after.lstrip(' "“').startswith(part):
            return f"{line[: said.start()]}{after.lstrip()}"  # "the dose 25 mg"
        # "the year" may be words of the text too
        if not situation.holds(said.group().split()[-1].lower()) or (own and part in inside | beside):
            return f'{line[: said.start()]}the word "{part}"{after}'
    return line


_FLOWS = ("flag", "unflag", "next", "skip", "back", "go", "export", "left", "progress", "retrain", "update")
"""Lines that decide nothing, and are done beside any remark."""


def beside_remarks(text: str, wording: Wording, one: Callable[[str], Reading | None]) -> Reading | None:
    """A request that decides nothing beside what only tells something: "flag it, I have to ask"."""
    parts = [part for part in re.split(r" ?[;,] ?", text) if part]
    if not 1 < len(parts) <= MOST_CLAUSES:
        return None
    flagged = re.match(r"flag (REF\d+)$", parts[0])  # "flag 9, I have to ask my attorney about it"
    known = wording.item(flagged[1]).numbers if flagged else ()
    found: list[Reading] = []
    for part in parts:
        if re.search(r"\b(?:(?<!our )(?<!my )LAB\d+|DOUBT|if|unless|whether|or)\b", part):
            return None
        read = next(filter(None, map(one, candidates(part, "?" in text, ""))), None)
        if read is not None and read.lines and all(line.split()[0] in _FLOWS for line in read.lines):
            found.append(read)
        elif (read is not None and read.writes) or not tells_only(part, wording, known):
            return None
    return found[0] if len(found) == 1 else None


def undoubted(text: str, wording: Wording, line: str) -> str:
    """A wording without what is only doubted of other spans: "2 is right, the first one I'm not sure about".

    "I think it is a person, please correct" asks for it all the same.
    """
    if "DOUBT" not in text:
        return text
    thinks = re.match(r"(?i)\W*i (?:think|believe|would say)\b(?!.*\bbut\b)", line)
    if (thinks and _RE.ASKED_FOR.search(line)) or _RE.ORDER_LAST.search(line):
        return trimmed(squeezed(text.replace("DOUBT", "")))
    text = re.sub(
        r"(?<=\d) ?[;,] (?:so |and |please )*leave (?:it|REF\d+)(?: (?:open|alone|out|be))*(?= ?;?$)",
        "",
        text,
    )
    parts = re.split(r"( ?[;,] ?(?:but )?| but )", text)
    named = [
        {n for item in wording.named(part) for n in (item.numbers if item.by != "rest" else (-1,))}
        for part in parts
    ]
    apart = [
        at
        for at, part in enumerate(parts)
        if "DOUBT" in part
        and _RE.UNSURE.search(line)
        and named[at]
        and not any(named[at] & each for n, each in enumerate(named) if n != at)
        and all(item.by not in ("all", "that", "this") for item in wording.named(part))
    ]
    rest = [part for at, part in enumerate(parts) if at not in apart]
    kept = "".join(rest)
    kept = re.sub(r"(?: (?:but|and|so)| ?[;,])+$", "", kept.rstrip())
    return text if not apart or "DOUBT" in kept or not re.search(r"REF\d", kept) else trimmed(squeezed(kept))


def label_then(line: str, situation: Situation) -> Reading | None:
    """A new label and what it is for: "seizures is a symptom, make a label Symptom and put it there"."""
    found = readings_terms.LABEL_THEN.fullmatch(line)
    if found is None or "?" in line or found["name"] in situation.labels:
        return None
    it = re.fullmatch(r"(?:it|that|this|them|those)", found["what"].strip())
    subject = read_words(found["before"] if it and found["before"].strip() else found["what"], situation)
    items = subject.named(subject.text, "REF|TXT")
    if len(items) != 1 or items[0].problem or "DOUBT" in subject.text:
        return None
    name, item = found["name"], items[0]
    then = (
        f"{numbers_said(item.numbers)} is {name}" if item.kind == "ref" else f"add {quoted(item.said)} {name}"
    )
    return Reading((f"label {name}", then), writes=True)


def unrefuted(line: str) -> str:
    """A sentence without why something is rejected: "drop number 5, embolism was ruled out"."""
    return _RE.rewritten("refuted", line)


def not_here(line: str) -> Reading | None:
    """What to say to "the company number is wrong", where no span is that."""
    said = _RE.SUBJECT.fullmatch(line)
    if said is None:
        return None
    return Reading(
        answer=f"No mention here reads “{said[1]}”. Say its words as they stand in the text, or its number."
    )


def which_of(found: Reading, line: str, situation: Situation) -> Reading:
    """A question for which one, where one of several is spoken of: "one of the two warfarins is wrong"."""
    lines = found.lines or tuple(found.choices[0][1].split("; ") if found.choices else ())
    decides = {verb: decided(lines, verb) for verb in ("ok", "no")}
    verb, numbers = max(decides.items(), key=lambda each: len(each[1]))
    part = found.question and re.search(r"(?i)\bpart of\b", line)  # "the clinic is not a part of the body"
    if len(numbers) < 2 or part or not _RE.ONE_OF.search(line):
        return found
    spots = situation.these(numbers)
    verb = "no" if _RE.FAULTY.search(line) else verb  # "one of the itchings has been marked wrongly"
    name = "Accept" if verb == "ok" else "Reject"
    return asked(
        "Which one?",
        *((f"{name} {s.number} “{s.surface}”", f"{verb} {s.number}") for s in spots[:_MOST_ONES]),
    )


_MOST_ONES = 6


def of_whom(line: str, situation: Situation) -> Reading | None:
    """ "Take me back to Mr Okonjo": another document, where this one has not got the name."""
    back = _RE.BACK_TO.fullmatch(line)
    if (
        back
        and not situation.holds(back["what"].lower())
        and (place := situation.document_with(back["what"]))
    ):
        return Reading((f"go {place}",))
    said = _RE.WHOSE.fullmatch(line)
    if said is None or situation.holds(said["name"].lower()) or situation.has_document(said["name"]):
        return None
    return Reading((f"find {quoted(said['name'])}",)) if said["titled"] or " " in said["name"] else None


def added_too(line: str, situation: Situation) -> Reading | None:
    """Words that are added as those before them were: "add captopril as a drug", then "diclofenac too"."""
    said, last = (
        _RE.TOO.fullmatch(line),
        re.fullmatch(rf'add ".*" (?:[@#]\S+ )?({A_LABEL})', situation.last),
    )
    what = (said["what"] or said["more"]).strip() if said else ""
    if not (said and last) or not situation.holds(what.lower()) or situation.part_of(what):
        return None
    more = f"add {quoted(what)} {last[1]}"
    if "?" in line:
        return asked("Shall I do that?", (f"Add “{what}” as {last[1]}", more))
    return Reading((more,), writes=True)


def of_another(line: str, situation: Situation) -> Reading | None:
    """ "In note 7, 4 is a date", said on another document: nothing is done that the screen does not show."""
    if (said := _RE.ORDERED.match(line)) and (place := _place_of(said[1].lower(), situation)):
        return _there(f"document {place}", f"go {place}", line[said.end() :])
    for said in filter(None, (_RE.ELSEWHERE.match(line), _RE.ELSEWHERE_LAST.search(line))):
        if (name := said[1]) != situation.document and situation.has_document(name):
            return _there(name, f"go {quoted(name)}", f"{line[: said.start()]}{line[said.end() :]}")
    return None


def _there(name: str, go: str, rest: str) -> Reading:
    """The question for what is said of another document: to do it there, or to go there alone."""
    both = (f"Go to {name} and do it", f"{go}; {rest.strip(' .,')}")
    return asked(f"That is about {name}: shall we go there first?", both, (f"Go to {name}", go))


def _place_of(order: str, situation: Situation) -> int:
    """Number of the document that is the second, the next or the last; 0 where that is none or this one."""
    here, last = situation.place, situation.last_document()
    beside = {"next": here + 1, "following": here + 1, "previous": here - 1, "last": last}
    beside["other"] = 3 - here if last == 2 else 0
    place = beside.get(order) or w.ORDINALS.get(order, 0)
    return place if here and 1 <= place <= last and place != here else 0


_DECIDES = ("ok", "no", "missing", "leave")


def remarks(text: str, later: Sequence[str], wording: Wording) -> tuple[int, ...]:
    """The span that a clause only tells something of, where a later one decides it.

    "HIT is only suspected here, so throw it out"; "thirty days is how long and not when, so 5 is out".
    """
    said = re.match(
        r"(?:and |but |so )*(?:(REF\d+) (?:is|was|has|had|does|do|did|means?|comes?|stands?|UNK\d+)\b"
        r"|no (REF\d+)(?: here| there)?$)",
        text,
    )
    words = {t for t in text.split() if not MARKER.fullmatch(t)}
    if (
        said is None
        or any(word_kinds().get(word) in _DECIDES for word in words)
        or words
        & (kind("takes") - {"in", "with", "to", "from", "after", "before"} | {"DOUBT", "if", "?", "except"})
        or re.search(r"\b(?:is|was|as|mark|called|means?) (?:(?:really|more|just|only|rather) )*LAB", text)
    ):
        return ()
    about = wording.item(said[1] or said[2]).numbers
    others = wording.named(text)
    if len(about) != 1 or (
        not re.search(r" same (?:UNK\d+|\w+) as (?:in |at |for |under )?REF", text)
        and any(item.by == "number" and item.numbers != about for item in others)
    ):
        return ()
    decided = any(
        any(item.numbers == about and item.kind == "ref" for item in wording.named(part))
        and any(
            word_kinds().get(word) in ("ok", "no")
            or (not re.search("(?<!same )LAB", text) and word[:3] == "LAB")
            for word in part.split()
        )
        for part in later
    )
    alone = re.compile(r"(?:so |then |hence )*(?:out|off|wrong|reject|okay|right|fine|accept)")
    return about if decided or (later and alone.fullmatch(later[0])) else ()


def goes_on(text: str, wording: Wording) -> bool:
    """Whether a clause goes on with the remark before it: "… and not a diagnosis", "… and a signatory"."""
    items = wording.named(text)
    if re.match(r"(?:and |but )?not ", text):
        return all(item.by in ("label", "all") for item in items)
    return not re.search(r"REF|LAB|TXT", text) and re.fullmatch(r"(?:UNK\d+ ?)+", text) is not None


def told_only(
    text: str, words: Sequence[str], waiting: bool, wording: Wording, besides: Callable[[str], Reading | None]
) -> bool:
    """Whether a clause that decides nothing only tells something: "I used to live there".

    "promote r2" may be wanted too, and "heart failure, a-fib, ok" names something that is not known.
    """
    first = text.split()[0]
    first = wording.item(first).said if MARKER.fullmatch(first) else first
    if waiting and not any(word_kinds().get(word) for word in words):
        return False
    if "TXT" not in text and {"is", "was", "has", "had", "have"} & set(
        words[1:] if len(text.split()) == len(words) else words
    ):
        return not besides(text)  # "patient has none", "once is enough"
    return (first in kind("tells") or (not words and first.endswith("ed"))) and not besides(text)


def verdict(number: int, said: Sequence[Said], situation: Situation, against: list[str]) -> str:
    """What is to be done with a span: ``ok``, ``no``, a label, or nothing; doubts are added."""
    kinds = {each.kind for each in said}
    labels, spot = labels_said(said), situation.spot(number)
    if kinds == {"leave"}:
        return ""
    if kinds >= {"no", "unclear"} and "ok" not in kinds:
        kinds -= {"unclear"}  # "not confirmed, strike it"
    other = bool(labels) and spot is not None and labels[-1] != spot.label
    if (
        len(labels) > 1
        or (kinds >= {"ok", "no"})
        or kinds & {"missing", "unclear", "leave"}
        or ("ok" in kinds and other)
    ):
        against.append(f"conflict {number}")
    if labels:
        if "not label" in kinds and any(e.kind == "not label" and e.label == labels[-1] for e in said):
            against.append(f"denied {labels[-1]}")
        return labels[-1]
    if "wrong label" in kinds:
        against.append("wrong label")
    if "not label" in kinds:
        if spot and not any(each.label == spot.label for each in said if each.kind == "not label"):
            against.append(f"otherlabel {spot.label}")
        return "no"
    return "no" if kinds & {"no", "wrong label"} else "ok" if "ok" in kinds else ""


LEFT = re.compile(
    r"\b(?:i|we) (?:leave|skip|keep) (?:open|later|for later|undecided|pending|for now)\b|"
    r"\b(?:i|we) (?:(?:have|did|do|can|could) not (?:(?:yet|really) )*|(?:have to|will|would|shall|must|need"
    r"|want|is going) (?:(?:to|rather|first) )*)(?:look|seen?|show|check|read|decided?|get|got|judge|know"
    r"|tell|ask|leave|think|skip)"
)
"""Of spans that nobody decides now: "the first one I have not looked at yet"."""


def by_name(text: str, wording: Wording, situation: Situation) -> str:
    """A clause whose subject is the one span that its name stands for: "Whitfield is a tenant"."""
    first = re.match(r"(TXT\d+) (?=(?:is|was|should|must) (?:TXT|UNK))", text)
    if first is None or not situation.names(said := wording.item(first[1]).said):
        return text
    item = Item("ref", said, (situation.part_of(said),), by="term")
    return f"{new_item(wording, item)} {text[first.end() :]}"


def inside_of(word: str, wording: Wording, situation: Situation) -> int:
    """The span in longer words for it, where the sentence names it too: "counsel Rao … change 3"."""
    named = {n for item in wording.items if item.by == "number" for n in item.numbers}
    places = situation.places(word) if word else []
    inside = [s.number for a, b in places for s in situation.spots_at(a, b) if a <= s.start and s.end <= b]
    return inside[0] if len(inside) == len(places) == 1 and inside[0] in named else 0


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def trimmed(text: str) -> str:
    text = re.sub(r"(?:[;,] )+(?=[;,])", "", text)
    return re.sub(r"^[;, ]+|[;, ]+$", "", text)


@lru_cache(maxsize=1)
def opener() -> re.Pattern[str]:
    each = "|".join(sorted(map(re.escape, w.OPENERS), key=len, reverse=True))
    return re.compile(rf"^(?:{each}|fine|right) ?(?:[,;] ?)?(?=\S)")


def candidates(text: str, asks: bool, raw: str) -> Iterable[str]:
    """The wording as it is, and without what only leads up to it."""
    if found := re.fullmatch(
        r"(?:(?:sorry|oops|wait|whoops|rather|no wait|no sorry|no no) ?[,;]? ?|no [,;] (?:(?:no"
        r"|wait|sorry) ?[,;]? ?)*)"
        r"(LAB\d+|REF\d+)",
        text,
    ):
        yield f"{'i rather meant' if text.startswith('no ,') else 'i meant'} {found.group(1)}"
    yield text
    if (found := re.fullmatch(r"(?:and |also )*(REF\d+)", text)) and _RE.ALSO.search(raw):
        yield f"same for {found.group(1)}"
    forms = [shorter := text]
    for _ in range(3):
        cut = opener().sub("", shorter, count=1)
        cut = re.sub(r"^(?:UNK\d+ )?[,;] ", "", cut)
        if cut == shorter or _takes_back(shorter, cut):
            break
        forms.append(shorter := cut)
        yield shorter
    for each in forms:
        two = re.search(r"(?:REF|TXT)\d+ (?:and|,) (?:REF|TXT)\d+ okay$", each)
        if (closed := _RE.CLOSER.sub("", each)) != each and not asks and not two:
            yield closed
    if (own := re.sub(r"^(?:i|we) (?=(?:take|undo|bring|put) )", "", text)) != text:
        yield own  # "I take 3 back"
    if asks:
        yield _RE.AUXILIARY.sub("", text)
        yield _RE.AUXILIARY.sub("", shorter)


def _takes_back(text: str, rest: str) -> bool:
    """Whether a sentence says yes and then no, or the other way round: "yes and no"."""
    if re.fullmatch(r"(?:no|not) (?:LAB|REF|TXT)\d+", text):
        return True
    if not BARE.fullmatch(rest):
        return False
    first, second = (bool(re.match(r"(?:no|not|wrong)\b", each)) for each in (text, rest))
    return first != second


_GONE = "All right, nothing changed."
WAITS = "Take your time; nothing changes until you decide."
SMALL_TALK: tuple[tuple[str, str], ...] = (
    (r"(?:hi|hello|hey|good morning|good afternoon|good evening|greetings|hallo)(?: (?:there"
     r"|assistant|all|you))*",
     "Hello! {left}"),
    (r"(?:thanks|thank you|thx|cheers|cool|nice|great|super|awesome|wow|bravo|good bot)(?: (?:so"
     r" much|a lot|very much))?"
     r"|(?:well done|good job|great job|nice work|good work)|you(?: a|')re (?:\w+ )?(?:great|good"
     r"|the best)(?: \w+)?"
     r"|(?:thanks|thank you|thx|ty|cheers),? (?:you(?:'re| are| re)?|u r|ur|ure) (?:\w+ ){0,2}\w+"
     r"|(?:thanks|thank you|thx|ty|cheers)[,!.;]* (?:(?:that|it)(?:'s| is| was) )?"
     r"(?:(?:very|so|really|most) )?(?:lovely|splendid|kind(?: of you)?|wonderful|marvell?ous"
     r"|brilliant|helpful|excellent|good of you)",
     "You are welcome. {left}"),
    (r"(?:good ?)?bye(?: bye)?|good night|see you(?: \w+)*|ciao|until tomorrow|so long|take care", GOODBYE),
    (r"no (?:thank you|problem|worries|need|matter)|no thanks(?: .*)?|i am (?:tired|hungry|bored)"
     r"|i'm (?:tired|hungry|bored)",
     _GONE),
    (r"how are you(?: (?:today|doing))*", "Ready when you are. {left}"),
    (r"(?:(?:hi|hello|hey|sorry|please|excuse me|good (?:morning|afternoon|evening)|so|but|and"
     r"|i (?:do not|don't|didn't) (?:understand|get)(?: (?:this|it|that|anything))?"
     r"|i(?:'m| am) (?:new|lost|confused)(?: here| to this)?) )*"
     r"(?:what (?:do )?i (?:have to|must|should) do(?: here| now)? (?:i |are |is |with ).*"
     r"|how (?:do |can |should |must |would |to )?(?:i |we |one )?(?:say|tell you|express|let you know) .*"
     r"|how (?:do|can|should) (?:i|we) mark (?:it|this|that|them)"
     r"|(?:and )?how (?:does|do) (?:it|this|that|all this|these) work(?: here)?)",
     "Each number is a suggestion: say what of it is right or wrong, as in “1 is right”, “2 is wrong”, “3 is"
     " a LABEL”, “4 should be WORDS”, “the rest is fine”; “WORDS is a LABEL” marks what was missed."
     " `next` goes on, `undo` takes the last step back, and `? say` shows more."),
    (r"(?:who|what) (?:are|is) you|what's your name|are you (?:a )?(?:robot|human|bot|ai)",
     "I show what was found, and you decide. {left}"),
    (r"(?:hm+|mmh?|well|so|wait|hold on|one moment|moment|a moment|just a (?:second|moment"
     r"|minute)|thinking|(?:give me )?(?:a|one) second|not yet)"
     r"|let me think(?!.*\b(?:later|back|skip|next|tomorrow)\b)(?: .*)?",
     WAITS),
    (r"(?:never ?mind(?:,? (?:it|that)(?:'s| s| is) (?:fine|ok|okay|good|all ?right))?|nothing|do nothing"
     r"|forget (?:it|about it|this|that)|ignore that|leave it"
     r"|leave|cancel|cancel (?:that|it|this)|drop it|don't bother|it doesn't matter|doesn't matter)", _GONE),
)  # fmt: skip
"""What is said besides, with what to answer; it changes nothing."""


def talk(text: str, line: str) -> Reading | None:
    if w.greets(line):
        return Reading(answer=SMALL_TALK[0][1])
    said = squeezed(re.sub(r"[^\w' ]", " ", line.lower()))
    for pattern, answer in SMALL_TALK:
        if re.fullmatch(pattern, text) or re.fullmatch(pattern, said):
            return Reading(answer=answer)
    return None


def unheard(done: Sequence[str], line: str, situation: Situation) -> list[str]:
    """The lines to ask about where a sentence doubts what it was read as, or says more; else none."""
    about, spot = set().union(*map(spans_in, done)), situation.spot(situation.framed)
    if _RE.AGREES_FIRST.match(line) and spot and spot.open and spot.number not in about:
        return [f"ok {spot.number}", *done]
    at = {w.NUMBERS.get(each.lower(), 0) for each in _RE.AT_NUMBER.findall(line)} - {0, *about}
    denies = _RE.NOT_HERE.search(line) and all(each.startswith("ok ") for each in done)
    return [*done] if denies or _RE.COULD_BE.match(line) or any(map(situation.spot, at)) else []
