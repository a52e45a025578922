"""Phrases that name spans: "the last two", "everything but 3", "the first warfarin", "it"."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, partial

from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.numbered import (
    EXCEPT_FIRST,
    all_but_these,
    all_without,
    beside,
    between,
    both,
    bounded,
    bounded_rest,
    by_parity,
    by_source,
    called,
    class_after_verb,
    counted_label,
    counted_spans,
    described,
    every_label,
    every_term,
    every_text,
    excepted,
    excepted_first,
    holding,
    in_sentence,
    labeled_class,
    listed,
    number,
    numeral,
    only_one,
    ordered,
    ordered_few,
    other_label,
    other_term,
    plural_class,
    rest,
    some_spans,
    spans,
    spans_between,
    term_spans,
    two_classes,
    two_ordered,
)
from hybrid_ner.review.chat.reading import Item, Wording, new_item, of_two_verdicts, same_again
from hybrid_ner.review.chat.situation import Situation
from hybrid_ner.review.chat.wording import worded

_NUMERALS = "|".join(w.NUMBERS)
_THING = r"(?:thing|one|mark)"


def read_words(line: str, situation: Situation) -> Wording:
    """The bare wording of a line.

    Args:
        line: As typed, at most ``LONGEST`` characters.
        situation: What it can be about.
    """
    wording = worded(line, situation)
    wording.loose = _reduced(wording.text.replace(" , ", " ,, "), wording, situation).replace(",,", ",")
    wording.text = _reduced(wording.text, wording, situation)
    return wording


def _reduced(text: str, wording: Wording, situation: Situation) -> str:
    """The wording with every phrase that names spans as one marker."""
    for pattern, make in _phrases():

        def put(match: re.Match[str], make: Callable[..., Item | str | None] = make) -> str:
            item = make(match, wording, situation)
            if item is None or isinstance(item, str):
                return item or match.group(0)
            return "" if item.kind == "gap" else new_item(wording, item)

        text = re.sub(" +", " ", pattern.sub(put, text)).strip()
    text = EXCEPT_FIRST.sub(partial(excepted_first, wording=wording), text)
    text = _ALL_BUT.sub(partial(_moved, wording=wording, situation=situation), text)
    same_again(text, wording)
    # "3 has the wrong label, should be drug": the second part is about 3 too.
    text = re.sub(
        r"(REF\d+)([^;,?]*?) ([;,]) (?:and |but |so )?(?=is (?:not )?(?:a |an |the )?(?:LAB|okay"
        r"|fine|right|wrong))",
        r"\1\2 \3 \1 ",
        text,
    )
    text = re.sub(r"\b(?:a|an|the|that(?= (?:REF|TXT))|this(?= document))\b ?", "", text)
    # "the fourth, pain, is not"; "the title, Mutual Agreement, is a law"
    text = re.sub(
        r"^(?:(?!not|no|if|okay|yes|right|wrong|fine)[a-z]+ |UNK\d+ ){1,2}, (?=TXT\d+ , (?:is|should"
        r"|must)\b)",
        "",
        text,
    )
    text = re.sub(
        r"((?:^|[;,] |\b(?:and|but|while) )(?:REF|TXT)\d+) , (?=(?:is|was|should|must|has|looks|needs)\b"
        r"(?! (?:REF|it\b)))",
        r"\1 ",
        text,
    )
    # "the span for embolism is too short"
    text = re.sub(r"^(?:thing|one) (?:for|of|on|around) (?=REF\d+ (?:is|should|needs?|has|must)\b)", "", text)
    return re.sub(r"\s+", " ", text).strip()


_ALL_BUT = re.compile(
    r"(?:(REF\d+) (?:here )?)?((?:is |looks |all )*(?:okay|fine|right|wrong|yes|no|stands?"
    r"|(?<=is )(?:accept|reject)"
    r"|stays?)) ?,? ?(?:except|but)(?:"
    r" (?:not|for))* (REF\d+)(?= ?(?:[;,?]|$)| (?:which|who|that) "
    r"| (?:is )?(?:no|not|wrong|out)(?: ?[;,?]|$))"
)
"""``everything is right but 3``."""


def _moved(match: re.Match[str], wording: Wording, situation: Situation) -> str:
    out = wording.item(match.group(3))
    if match.group(1) is None and (match.start() or not re.search(r"okay|fine|right|yes", match.group(2))):
        return match.group(0)
    if match.group(1) is None:
        # "looks good except 5"
        numbers = [spot.number for spot in situation.offered if spot.number not in out.numbers]
        return f"{new_item(wording, spans(numbers, 'all', 'all', out.problem))} is okay"
    whole = wording.item(match.group(1))
    single = len(whole.numbers) < 2 and not whole.problem
    span = whole.by == "number" and re.search(r"[-–]|\b(?:to|through|thru|till|until)\b", whole.said)
    if single or (whole.by not in ("all", "rest", "label", "order", "term") and not span):
        return match.group(0)
    numbers = [n for n in whole.numbers if n not in out.numbers]
    by = "rest" if whole.by == "rest" else "all"
    said = f"{new_item(wording, spans(numbers, 'all', by, whole.problem or out.problem))} {match.group(2)}"
    # "all is right except 5, which is a drug": the drug is 5
    apart = re.match(
        r" ?[,;]+ (?:and |but |so )?(?:[a-z]+ ){0,2}REF\d+\b| (?:is )?(?:no|not|wrong|out)\b|"
        r" ?,? ?(?:(?:which|who|that|it|he|she|REF\d+) (?:is|goes to|belongs to|goes under) )?(?:a |an "
        r"|the )?LAB",
        match.string[match.end() :],
    )
    return f"{said} ; {match.group(3)}" if apart else said


@lru_cache(maxsize=1)
def _phrases() -> tuple[tuple[re.Pattern[str], Callable[..., Item | str | None]], ...]:
    return tuple((re.compile(pattern), make) for pattern, make in _TABLE)


def _nothing(*_: object) -> Item:
    return Item("gap")


def _all(match: re.Match[str], wording: Wording, situation: Situation) -> Item:
    numbers = [spot.number for spot in situation.offered]
    them = re.fullmatch(r"(?:these|those|them|they)(?: (?:thing|one|mark))*", match.group())
    problem = "" if numbers else "nothing is open here"
    return spans(numbers, "them" if them else "all", "all", problem, every=True)


_CORRECTS = re.compile(
    r"(?i)\s*(?:(?:no|oh|oops|ah|ugh|never ?mind)[\s,]+)*(?:please )?"
    r"(?:(?:put|bring|get|take) (?:it|that) back|my (?:mistake|bad|error|fault)|apologies|whoops"
    r"|actually|sorry|oops|wait|(?:hold|hang) (?:on|up)|rather|on second thought)\b"
    # "no, it is a finding after all"
    r"|(?i:.*\bafter all\W*$)"
)


def _this(match: re.Match[str], wording: Wording, situation: Situation) -> Item:
    spot = situation.focus
    by = "this" if match.group().startswith(("this", "the")) else "that"
    if by == "that" and _CORRECTS.match(wording.raw) and (last := situation.last_decided):
        spot = last
    elif by == "that" and situation.named and (named := situation.spot(situation.named)):
        spot = named
    return spans((spot.number,) if spot else (), match.group(), by, "" if spot else "nothing is open here")


def _joined(match: re.Match[str], wording: Wording, situation: Situation) -> Item | str | None:
    markers = re.findall(r"REF\d+", match.group(1))
    items = [wording.item(marker) for marker in markers]
    mine = len(items) > 2 and items[-1].said in ("them", "it")
    mine = mine or re.match(r" (?:one )?(?:i|we) (?!want|mark)", match.string[match.end() :]) is not None
    if mine and match.group().endswith(f", {markers[-1]}"):
        # "5, 10 and 11, those I'll do later"
        numbers = [n for item in items[:-1] for n in item.numbers]
        problem = next((item.problem for item in items[:-1] if item.problem), "")
        return f"{new_item(wording, spans(numbers, match.group(), 'number', problem))} , {markers[-1]}"
    # the pain also, the rest I see after
    apart = items[-1].by == "rest" and re.search(r", ?REF\d+$", match.group(1)) is not None
    remarks = items[-1].by == "this" and re.match(r" (?:is|was) ", match.string[match.end() :])
    if (
        apart
        or remarks
        or any(item.said == "it" or item.by == "that" for item in items)
        or items[-1].said == "them"
        or of_two_verdicts(match)
    ):
        return None
    if items[0].by == "rest" and items[0].problem and " , " in f"{match.group()} " and len(items) == 2:
        items = items[1:]  # "the other one, atrial fibrillation"
    problem = next((item.problem for item in items if item.problem), "")
    numbers = [n for item in items for n in item.numbers]
    by = next((item.by for item in items if item.by in ("rest", "all")), "number")
    return spans(numbers, match.group(), by, problem)


_NUM, _SRF, _LAB, _REF = r"NUM\d+", r"SRF\d+", r"LAB\d+", r"REF\d+"
_ORDER = rf"(?:{'|'.join(w.ORDINALS)}|nth\d+)"
_FEW = rf"(?:few|couple|{_NUMERALS.removeprefix('one|')}|{_NUM})"
_BOUNDS = r"before|above|below|after|till|until|from|since|up to and including|up to|over|under"
_EVERY = r"(?:all|both)(?: of)?(?: (?:the|these|those|them|my|your))?"
_TABLE: tuple[tuple[str, Callable[..., Item | str | None]], ...] = (
    (
        rf"\b(?:all |all thing |thing )from ({_NUM}) (?:on )?(?:to|through|thru|till|until"
        rf"|up to) (?:the )?({_NUM})",
        spans_between,
    ),
    (r"\b(?:(?:all|the|those|these) )*(?:modelonly|ruleonly)\b", by_source),
    (r"\b(?:(?:all|the|those|these) )*(?:oddones|evenones)\b", by_parity),
    (rf"\b(?:the )?(?:no ?;|nr ?;?|num ?;?|nos ?;?|numbers?|digit)(?= {_NUM})", _nothing),
    (rf"\b(?:numbers?|nr|digit|thing) ({_NUMERALS})\b(?! (?:{_NUM}|words?\b))", numeral),
    (rf"\bthing(?= {_NUM})", _nothing),
    (
        rf"(?:(?<=except )|(?<=except for )|(?<=except the ))(?:the )?"
        rf"(?:(?:{_SRF}|{_NUM})(?:,? and | ?, ))*TXT\d+(?:(?:,? and | ?, )(?:the )?(?:SRF|NUM|TXT)\d+)*",
        excepted,
    ),
    (
        rf"^(?:the )?({_LAB})(?: and | ?, )(?:the )?({_LAB})(?= (?:(?:can|may|should|is|must|shall|looks?)"
        rf"(?: (?:is|both|all))* )?(?:okay|fine|right|accept|stay|wrong|reject)\b)",
        two_classes,
    ),
    (r"\b(?:the )?(?:word|words|term|terms|text|string|name|names)(?= (?:SRF|TXT|UNK)\d)", _nothing),
    (
        rf"\ball (?:the )?thing (?:from )?({_BOUNDS}) (?:the )?({_NUM})(?: on(?:wards?)?| and up"
        rf"| and below)?",
        bounded,
    ),
    (
        rf"\b(?:all )?(?:the )?rest (?:{_THING} )?(?:from )?({_BOUNDS}) (?:the )?({_NUM})(?: on(?:wards?)?)?",
        bounded_rest,
    ),
    (
        rf"\b(?:all|all thing|the thing|thing) (?:from )?({_BOUNDS}) (?:the )?({_NUM})(?: on(?:wards?)?)?"
        rf"(?:,? (?:down |on |up )?(?:to|till|until|through) (?:the )?(?:very )?(?:end|bottom)\b)?",
        bounded,
    ),
    (
        rf"\ball (?:thing )?between (?:the )?({_NUM}) and (?:the )?({_NUM})",
        between,
    ),
    (rf"\b(?:all |the |those |these )+thing is ({_LAB})(?= (?:is|looks?|should|can|must)\b)", every_label),
    # reject everything labelled as Disease
    (
        rf"(?:(?<=accept )|(?<=reject ))all(?: {_THING})? (?:that |which )?is ({_LAB})(?! (?:to|into) )",
        every_label,
    ),
    (
        rf"\b(?:from )?({_NUM}|{_NUMERALS}) (?:to|through|thru|till|until|up to) (?:the )?({_NUM}"
        rf"|{_NUMERALS})"
        rf"(?! words?\b)(?<=\w)",
        spans_between,
    ),
    (
        rf"\b(?:the )?({_ORDER}) ({_FEW})(?: of (?:the|them))?(?: {_THING}| ({_LAB}))?(?! words?\b)",
        ordered_few,
    ),
    (rf"\b(?:the )?({_ORDER})(?: and (?:the )?)({_ORDER})(?: {_THING})?(?! words?\b)", two_ordered),
    (
        rf"\b(?:the |that |all )*({_SRF}|{_LAB})(?: {_THING})? (?:in|of|from) (?:the )?({_ORDER}) "
        rf"(?:sentence|line)\b",
        in_sentence,
    ),
    (
        rf"\b(?:the |those |all )*(?:thing|all)() (?:in|of|from) (?:the )?({_ORDER}) (?:sentence|line)\b",
        in_sentence,
    ),
    (
        rf"\b(?:the |this |that )?({_ORDER})(?: (?:(?:thing )?of (?:the )?)?(?:({_SRF}|TXT\d+)|({_LAB})"
        rf"|(?:of them"
        rf"|{_THING})(?![\w])))?"
        rf"(?: {_THING})?(?! (?:words?|document|time|sentence|line|letter|page|steps?|mark|changes?|actions?"
        rf"|edits?|decisions?|operation|entry|click|command|NUM|go|undo)\b)(?! ?(?:words?"
        rf"|document)\b)(?! (?:UNK\d|i\b|we\b|you\b|he\b|she\b|they\b|show\b|like\b))",
        ordered,
    ),
    (
        rf"\b{_EVERY} (?:two )?(?:thing |places |cases )?(?:of |with )?(?:the )?({_SRF})(?: {_THING})?",
        every_term,
    ),
    (
        rf"\b(?:{_EVERY}(?: {_THING})?|(?:the|those|these) thing) (?:(?:that|which|what) is(?: marked)?"
        rf"|(?:you|model|it) (?:called"
        rf"|marked)|marked|mark|with (?:the )?(?:mark )?|of (?:the )?(?:type|mark)"
        rf"|under)"
        rf"(?: (?:mark|as|is))* ?({_LAB})(?! (?:to|into) )",
        every_label,
    ),
    (
        rf"(?<!the )\b(?:one|some|any|two|three|few|several|many|most|part|half) of (?:the |all )?(?:them"
        rf"|these|those|{_LAB}|{_THING})"
        rf"(?: {_THING})?\b",
        some_spans,
    ),
    (rf"\bthe (?:two|three|four|NUM\d+) ({_SRF})", every_term),
    (
        rf"\b(?:all |both )?(?:the|both|those|these|all|(?<=accept)|(?<=reject)|(?<=okay)|(?<=mark)|^)"
        rf" ?(?:({_NUMERALS.removeprefix('one|')}) )?(TXT\d+) {_THING}\b",
        holding,
    ),
    (rf"\b(?:the|both|those|these) ({_NUMERALS.removeprefix('one|')}) (TXT\d+)\b", holding),
    (r"\bthe only (?:thing|one)(?: (?:here|there|left))?(?= ?(?:[;,]|$))", only_one),
    (rf"\b(?:all )?the ({_NUMERALS.removeprefix('one|')}) ({_LAB})(?: {_THING})?", counted_label),
    (
        rf"\ball (?:the |of the |these )?({_NUMERALS.removeprefix('one|')})(?: {_THING})?(?! {_LAB}"
        rf"| {_SRF}| words?\b)",
        counted_spans,
    ),
    (rf"\b{_EVERY} (?:two |thing )?(?:of )?((?:TXT|UNK)\d+)", every_text),
    (
        rf"\b(?:the |that )?(?:one|span|thing) (?:right |just |directly )?(before|after) (?:the "
        rf"|that )?({_NUM}|{_SRF}|it|that)\b"
        rf"(?! words?)",
        beside,
    ),
    (rf"\b{_EVERY} (?:two )?({_LAB})(?: {_THING})?", every_label),
    (
        rf"\b(?:the|this|that) (TXT\d+) ({_LAB})(?= (?:is|was|looks?|should|can|must|has|needs?|stays?)\b)",
        described,
    ),
    (rf"\b(?:the|this|that) (?:{_LAB}) (?:called |named )?({_SRF})", term_spans),
    (rf"\b(?:the|this|that) (?:{_LAB}) (?:called |named )?(TXT\d+)", called),
    (rf"\b(?:all )?(?:the )?rest (?:of (?:the )?)?({_SRF})", other_term),
    (rf"\b(?:all )?(?:the )?rest of (?:the )?({_LAB})(?: {_THING})?", other_label),
    (rf"\b(?:the|that|this) ({_SRF})(?: thing\b)?", term_spans),
    (
        rf"(?<!is )(?<!as )(?<!to )(?<!not )(?<!into )(?<!\d )\b(?:the|these|those) ({_LAB})(?:"
        rf" {_THING})?(?! {_SRF})(?! (?:number|UNK\d+) (?:is|was|looks?|should|has) )",
        labeled_class,
    ),
    (
        rf"\b(?:the|these|those|them|they)(?: {_THING})? both\b|\bboth(?: of)?(?: (?:the|these"
        rf"|those|them))?(?: {_THING})?\b(?! {_REF}| {_NUM}| {_SRF})",
        both,
    ),
    (r"\b(?:these|the|those|them) two(?: (?:thing|one))?\b(?! (?:words?|TXT|UNK))", both),
    (
        rf"\b(?:all )?(?:the )?rest(?: ({_NUMERALS}))?(?: (?:of|on|in) (?:it|them|the (?:thing|list|show"
        rf"|document)))?"
        rf"(?: {_THING})?\b(?! {_NUM})",
        rest,
    ),
    (rf"\b({_LAB}) ,? ?(?:is )?all(?= (?:okay|fine|right|wrong|yes|no)\b)", plural_class),
    (
        rf"\b(?:{_EVERY}|all of them|them all|they all|these|those|them|they is all|they)(?:"
        rf" {_THING})?(?: {_THING})?(?! (?:{_NUM}|{_SRF}|work|model|log|history|label|TXT|UNK))\b",
        _all,
    ),
    (
        r"\b(?:this|that|the (?:current|marked|selected|highlighted|framed|boxed|active|present))"
        r"(?: (?:thing|one|word|words|term|phrase|name|mark|text|part|result|case"
        r"|entry)\b)?(?! (?:document|words?|model|update|train|version)\b)|\bit\b(?! is missing)"
        r"|\bthe (?:thing|one) (?:framed|highlighted|selected|boxed)\b",
        _this,
    ),
    (
        rf"(?:^|(?<=[,;] )|(?<=and )|(?<=for )|(?<=to )|(?<=both ))(?!one LAB)({_NUMERALS})"
        rf"(?= (?:and|,|is\b|to\b|okay|fine|right|wrong|no\b|yes\b|LAB|not\b|REF|NUM))",
        numeral,
    ),
    (
        rf"(?:(?<=okay )|(?<=right )|(?<=wrong ))(?!one)({_NUMERALS})(?= is\b)|(?<=and )({_NUMERALS})\b"
        rf"|(?<=accept )({_NUMERALS})\b|(?<=reject )({_NUMERALS})\b"
        rf"|(?<=mark )({_NUMERALS})\b(?! (?:thing|word|one)\b)|(?<=meant )({_NUMERALS})\b",
        numeral,
    ),
    (rf"\b({_NUM}(?: {_NUM})+)\b", listed),
    (rf"\b(?:the )?({_NUM})(?: {_THING}\b(?! words?\b| more\b))?", number),
    (rf"\b({_SRF})\b(?: thing\b)?", term_spans),
    (rf"\b({_LAB})(?= (?:is |is all )?(?:okay|fine|right|wrong|yes|no)\b)(?<!not LAB)", plural_class),
    (rf"(?<=accept )({_LAB})\b|(?<=reject )({_LAB})\b", class_after_verb),
    (rf"(?:both )?({_REF}(?:(?: ?, ?and | ?, ?| and | plus )(?:also )?{_REF})+)", _joined),
    (rf"(?P<whole>{_REF}) ?,? ?except (?:for )?(?P<out>{_REF})", all_without),
    (rf"^except (?:for )?(?P<out>{_REF}) ?,? ?(?P<whole>{_REF})", all_without),
    (
        rf"(?:(?<=accept )(?<!is accept )|(?<=reject )(?<!is reject )|(?<=^okay )|(?<=^yes )"
        rf"|(?<=^wrong )|(?<=^okay , )|(?<=^fine )|(?<=^right )|^)except (?:for )?({_REF})"
        rf"(?! ?,? (?:accept|reject|mark) {_REF})",
        all_but_these,
    ),
)
