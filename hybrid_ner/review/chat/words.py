"""The words that natural sentences are made of: each canonical word with what else people say for it.

The lists stand in ``words.toml``; ``tests/review/phrasings`` says what each sentence has to do.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

_LISTS: dict[str, Any] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))

NUMBERS: dict[str, int] = {word: n for n, word in enumerate(_LISTS["numbers"].split(), 1)}
ORDINALS: dict[str, int] = {word: n for n, word in enumerate(_LISTS["ordinals"].split(), 1)}
ORDINALS |= _LISTS["more_ordinals"]
CONTRACTIONS: dict[str, str] = _LISTS["contractions"]
"""A word as typed (apostrophes left out) and what it stands for."""
CANONICAL: dict[str, str] = _LISTS["canonical"]
"""Canonical word → what else is said for it: single words first, then phrases, each after ``|``."""
FILLERS: str = _LISTS["fillers"]
"""Words that never change what a sentence means."""
OPENERS: tuple[str, ...] = tuple(_LISTS["openers"].split(" | "))
"""What a sentence may begin with before it comes to the point."""
REQUESTS: tuple[str, ...] = tuple(_LISTS["requests"].split(" | "))
"""Ways to ask for something; what follows is what is wanted."""
POLITE: tuple[str, ...] = tuple(_LISTS["polite"].split(" | "))
"""Requests in the form of a question: the question mark is only polite."""
DOCUMENTS: str = _LISTS["documents"]
"""What people call a document; only after "next", since these words stand in documents as well."""
DOUBTS: str = _LISTS["doubts"]
"""Words of doubt: what stands beside them is asked, never done."""
ORDERS: dict[str, str] = _LISTS["orders"]
"""Order of the queue → words that ask for it."""
KNOWN: str = _LISTS["known"]
"""Words that only the rules for phrases know."""
SAYS: dict[str, str] = _LISTS["says"]
"""What canonical words say of a span, for the second reading: yes, no, missing; ``glue`` says nothing."""


_BETTER = (
    r"(?: (?:right|okay|fine|better|best|more|most|the|it|them|sense|proper|mark|one|well|label|then|here"
    r"|UNK\d+))*(?= ?(?:[;,.?]|$))"
)

REWRITES: tuple[tuple[str, str], ...] = (
    # it is a lab value, so Test would be correct; the appellant, so petitioner fits better
    (
        rf"(?: ?[;,])? \b(?:so|then|hence|therefore) (LAB\d+) (?:would be|is|will be|should be"
        rf"|would fit|fits?"
        rf"|suits?|would suit|makes|seems){_BETTER}",
        r" , it is \1",
    ),
    (
        rf"(?<=[;,] )(LAB\d+) (?:(?:would )?(?:fits?|suits?|matches)|(?:is|would be) (?:better|best|more))"
        rf"{_BETTER}",
        r"it is \1",
    ),
    # it would be better as a drug
    (
        r"\b(?:(?:would|should|will) )?(?:is|be) (?:better|best|more)(?: off)? (?:as|under|in|with) (?="
        r"(?:a |an |the )?LAB)",
        "is ",
    ),
    # you have not got hypotension yet
    (
        r"\byou (?:have|did|do) not (?:(?:yet|have|has|got|get|mark|show|pick up|catch|include|see|notice"
        r"|spot) )+"
        r"(?=(?:the )?TXT)",
        "missing ",
    ),
    # it needs the Disease label
    (
        r"\b(needs?|has|have|gets?|wants?|deserves?|carry|carries|takes?|under|give|use) the (LAB\d+) "
        r"(?:mark|thing|label"
        r"|type)\b",
        r"\1 \2",
    ),
    # the second I want removed
    (
        r"((?:NUM|SRF)\d+|one|first|second|third|fourth|last|rest) (?:i|we) (?:want|would like|need|prefer)"
        r"(?: to)?"
        r"(?: (?:is|be|see|have|get))* (?=(?:reject|accept|wrong|out|gone|okay|mark)\b)",
        r"\1 thing ",
    ),
    # let's go with procedure for central line
    (r"\b(?:go|stick|settle) (?:with|for) (?=(?:a |an |the )?LAB)", "mark "),
    (r"(?<=LAB\d) (?:just )?like (?:the )?(?:SRF|NUM)\d+$", ""),
    # how sure are you that 6 is a disease
    (r"\b(sure|certain|confident|you|say|think) that (?=(?:the )?(?:NUM|SRF|TXT)\d)", r"\1 "),
    # a person like the other one
    (
        r"(?<=\d) (?:just )?(?:like|as) (?:the )?(?:other|rest|first|last|second)(?: (?:one|thing|two"
        r"|SRF\d+))?$",
        "",
    ),
    # the date in 1
    (r"\b(?:the )?LAB\d+ (?:in|at) (?:number |nr |no )?(?=NUM\d)", ""),
    # warfarin is right both times
    (
        r"^(?=.*SRF)(.*?) (?:(?:both|two|each|all) times?|(?:in|at|on) (?:both|all) (?:places?|spots?"
        r"|sentences|lines|cases|paragraphs))\b",
        r"\1",
    ),
    # wrong, drop it
    (r"^(?:wrong|noway) ?[,;] (?=reject )", ""),
    # 5 needs the word in front of it
    (r"\b(words?) before of\b", r"\1 before"),
    (r"\beverywhere (?=(?:it|they) (?:is|are)\b)", "everywhere , "),
    # in every file, Kovacs is a person
    (r"^everywhere ?, (?=(?:SRF|TXT)\d+ )", "everywhere "),
    # a law reference, the name of a person
    (
        r"(LAB\d+) (?:reference|name|term|expression|abbreviation)s?\b"
        r"(?= ?(?:[;,?.]|$)| (?:is|are|all|look)\b)",
        r"\1",
    ),
    (r"\bname of (?:a |an )?(?=LAB)", ""),
    # 8 is a place, the rest before it are fine
    (r"^(?P<it>NUM\d+)\b(.*)\brest (before|after) (?:it|that|this)\b", r"\g<it>\2rest \3 \g<it>"),
    # the PETITIONER in this matter; effusions, all three words
    (r"(?<=LAB\d) (?:in|of|under|for) (?:this|these|the present|our) UNK\d+(?= ?(?:[;,?]|$))", ""),
    (rf"^((?:SRF|TXT)\d+) ?,? (?:all|both)(?: the)?(?: (?:{'|'.join(NUMBERS)}|NUM\d+))? words$", r"whole \1"),
    (r"^(TXT\d+) ?,? (?:all(?: of it)?|whole(?: thing| phrase)?|in full)$", r"whole \1"),
    (r" ?,(?: ,)+", " ,"),
    (r"\bexcept ,", "except"),
    (r"\b(?:references?|mentions?) (?:to|of) (?=(?:the )?SRF\d)", ""),
    # the appellant, being Tata Steel, is the petitioner
    (
        r"^(?:the )?LAB\d+ , (?:is |being |namely )*((?:SRF|TXT)\d+) ,(?= (?:is|should|must|ought|has"
        r"|goes|belongs)\b)",
        r"\1",
    ),
    # the State of Delaware
    (r"\b(?:the )?LAB\d+ of (?=(?:TXT|SRF)\d)", ""),
    # intimate how many are left
    (r"^ *(?:please )?UNK\d+ (?:me |us )?(?:that )?(?=(?:how|what|why|where|which)\b)", ""),
    (r"^(?:the )?same (?=is\b)", "it "),
    # never got coded, was not picked up
    (
        r"\b(?:(?:is|was|were|got|has|have|had|been) )*(?:not|never) (?:(?:is|was|been|got"
        r"|get) )*(?:marked|mark|missing)"
        r"(?: up)?(?= ?(?:[;,.?]|$))",
        "is missing",
    ),
    (r"\bis missing up\b", "is missing"),
    (r"\b(?:got|gets|get|has been|have been|had been|was) missing\b(?! up)", "is missing"),
    (r"\b(?:should|must|ought to|has to|needs to|need to) (?:read|say)\b", "is"),
    (r"(?<=\w )save (?:for )?(?=(?:NUM|SRF)\d)", "except "),
    # from Finding to Medication
    (r"\bfrom (?:a |an )?LAB\d+ (?:to|into) (?=(?:a |an )?LAB)", "to "),
    # tell me why, do you know where
    (
        r"(?:^|(?<=[;,] )|(?<=POLITE ))(?:(?:tell|show|let|explain|remind|is there|do) (?:to )?(?:me|us"
        r"|you)|i want|i like"
        r"|i would like|any idea|idea|say)(?: (?:to|know|see|find out|understand|please))* (?=(?:why|what|how"
        r"|where|which|who)\b)",
        "",
    ),
    # she is a person; "he is wrong" may be about anybody
    (r"\b(?:she|he) (?:is|was) (?=(?:not )?(?:a |an |the )?LAB)", "it is "),
    # I wonder why
    (r"^i DOUBT (?=(?:why|what|how|where|which|who)\b)", ""),
    (r"\btoo\b(?=$| [;,?.])", ""),
    # 9 needs both words before it
    (r"\bboth words (before|after)\b", r"two words \1"),
    (r"\b(words?) (before|after) (?:it|that|this)\b(?=$| [;,?.])", r"\1 \2"),
    # the word fever, it is no problem
    (r"(?<!except )(?<!except the )((?:SRF|NUM)\d+) ,? ?it is\b", r"\1 is"),
    # the address 12 Pier Road
    (r"\b(?:the|this|that) UNK\d+ (?=(?:TXT|SRF)\d)", ""),
    (r"\ball (?:but|except for)\b(?! (?:mark|accept|reject|it|they|LAB\d+) )", "all except"),
    # looks fine, both of them
    (
        r"^(?:(?:it|that|they|all) )?(?:looks?|is|sounds?|seems?) (okay|fine|right|wrong) ?[,;] (?=(?:both"
        r"|all)\b[^,;]*$)",
        r"\1 ",
    ),
    # India can come off the court
    (
        r"((?:TXT|SRF)\d+) (?:(?:can|should|must|may|has to|needs to|ought to) )(?:come|go|drop|fall"
        r"|is left|is taken"
        r"|is cut) (?:off|out of|away from) ",
        r"leave off \1 from ",
    ),
    # the CT at the top and the one at the bottom; CT top and bottom; the one at the very beginning
    (r"((?:SRF\d+|LAB\d+|thing|one)) (?:top|first) and (?:bottom|last)\b", r"first \1 and last \1"),
    (
        r"((?:SRF\d+|LAB\d+|thing|one)) (?:(?:right|up|way|all the way|near|at|on|from|in|toward|towards"
        r"|close to"
        r"|closer to) )+(?:the )?(?:very )?(?:top|beginning|start)\b(?: of (?:it|the document"
        r"|this document))?",
        r"first \1",
    ),
    (
        r"((?:SRF\d+|LAB\d+|thing|one)) (?:(?:right|down|way|all the way|near|at|on|from|in|toward|towards"
        r"|close to"
        r"|closer to) )+(?:the )?(?:very )?(?:bottom|end)\b(?: of (?:it|the document|this document))?",
        r"last \1",
    ),
    # the later warfarin, the upper one
    (r"\b(?:later|latter|lower|bottom) (?=(?:SRF\d+|LAB\d+|thing|one)\b)", "last "),
    (
        r"(?<!one )(?<!thing )(?<!right )(?<!just )(?<!directly )(?<!immediately )"
        r"\b(?:before|former|upper|top) (?=(?:SRF\d+|LAB\d+)\b)",
        "first ",
    ),
    # the bit that says Repeat, the places where it says nodule, the ones about Oakland
    (
        r"\b(?:thing|bit|part|word|places?|one|all thing) (?:(?:that|which|where it|where you|saying|say"
        r"|read|reads|says"
        r"|about|for|with|it|you|have|has|mark|marked|the|word) )+(?=(?:SRF)\d)",
        "",
    ),
    # it should go with the places
    (
        r"\b((?:mark|set|add|belongs?|goes|go)(?: (?:it|this|that|them|one|(?:SRF|NUM|TXT)\d+))?)"
        r" (?:with|among|amongst|under|in|into|to|on) (?:the |other |all |our )+(?=LAB\d+(?: thing|"
        r" one)?(?: ?[;,?]|$))",
        r"\1 as ",
    ),
    # Turn both PERSON labels into PARTY; both labels are correct
    (r"(LAB\d+) (?:labels|mark|marks)\b(?= (?:to|into|is|as)\b)", r"\1 thing"),
    (r"\bboth labels\b", "both"),
    # Delhi should not be tagged
    (
        r"\b(?:should|must|need|ought|do|does|has|had) not (?:to )?(?:have been |have |be |is "
        r"|been )*(?:marked|here|there|in there|included|listed|on the list)\b",
        "is wrong",
    ),
    # 3 should be a drug, 3 is supposed to be a drug
    (
        r"\b(?:should|must|has to|have to|needs to|need to|ought to|got to|will|would) (?:have"
        r" been|be)\b(?! ?\?)",
        "is",
    ),
    (r"\b(?:is|are|was) (?:supposed|meant) to be\b|\bshould read\b", "is"),
    (r"\b(?:should|must|can|could|ought|would|will|does|do) not (?:to )?(?:be|is)\b", "is not"),
    (r"\b(?:should|must|ought) never be\b", "is never"),
    (r"\b(?:are|be|am)\b", "is"),
    (r"\bwere\b", "was"),
    (r"\bis (?:all|both)\b(?= (?:(?:okay|fine|right|wrong)\b|LAB))", "is"),
    (r"\bis marked as\b|\bget marked as\b|\bmarked as\b|\bis marked (?=LAB|to LAB)", "is "),
    (r"\bis called\b", "is "),
    (r"\bcounts? as\b", "is"),
    (r"\b(?:is|was|get) not (?:being )?marked\b", "is missing"),
    (r"\bis of (?:the )?(?:type|mark)\b|\bhas the mark\b|\bshould have (?:the )?mark\b", "is"),
    (r"\bso is (?:the )?((?:LAB|SRF|NUM)\d+)\b", r"also the \1 likewise"),
    (
        r"\bso (?:is|are) (?!(?:it|he|she|that|this)\b)([^;,?]*?)(?= ?[;.]?$)",
        r"also \1 likewise",
    ),
    (r"\b(?:that|it|this) all\b", "all"),
    (r"\bif (?:possible|you can|you want)\b", ""),
)
"""Canonical forms of what no single word says."""

SPOKEN: tuple[tuple[str, str], ...] = (
    (
        r"(?i)^(?:(?:yes|yep|yeah|sure|ok|okay|right)\W+)?(?:go for it|do it|do that|please do|make it so"
        r"|go ahead and do it)\W*$",
        "yes",
    ),
    (r"(?i)^(?:oops\W+)?wrong (?:button|key|click)\W+", "oops, "),
    (r"(?i)\b(?:a )?second (?:opinion|look|reading|review|check)\b", "another look"),
    (r"(?i)\b(?:nobody|no[ -]?one)\b", "nobody"),
    # what I leave open: the rest I can't judge
    (
        r"(?i)\b(i|we)(?:(?:'d| would) rather not| can't| cannot| can not| couldn't) (?:judge|decide|tell"
        r"|say|assess|rule"
        r"|comment|touch)\b",
        r"\1 have not checked",
    ),
    (r"(?i),? (?:and )?nothing (?:else|more) to \w+(?: (?:here|there))?(?= *[.!]*$)", ""),
    (
        r"(?i)\b(?:(?:has |have )?(?:slipped|fell|slid|fallen) (?:through|past|by)(?: the (?:cracks|net))?"
        r"|went (?:missing"
        r"|unnoticed|unmarked|untagged)|escaped (?:you|notice)|got away)\b",
        "is missing",
    ),
    (
        r"(?i)\b(?:you|it|we|they) (?:did(?:n't|nt| not)|failed to) (?:pick|catch|mark|tag|notice|spot|find"
        r"|get|see"
        r"|highlight|label) (?:it|that|this|them)(?: up)?(?=\W*$)",
        "you missed it",
    ),
    (
        r"(?i)\bwhat(?:ever)?(?:'s| is) (?:left|still open|remaining)(?: over)?(?= (?:is|are|looks?|can"
        r"|should|must)\b)",
        "the rest",
    ),
    (
        r"(?i),? ?\b(?:i\.e\.?|that is to say|in other words|(?:which|that) makes (?:it|that|her|him|them))"
        r"(?=[ ,]),?",
        ", so",
    ),
    (r"(?i)\b(?:too|also|as well) (?=\()", ""),
    (
        r"(?i)\b(ones?|two|three|four|five|spans?|things?|suggestions?|both) (?:that |which )?you(?:'ve"
        r"| have| had)?"
        r"(?: got| found| marked| tagged| suggested| shown| proposed)+\b",
        r"\1",
    ),
)
"""What people say in several words, in a line as typed, and the plainer words for it."""

NO_ADVERBS = re.compile(
    r"(?:hard|bare|scarce|rare|part|near|false|wrong|incorrect|mistak|suppos|alleg|appar|un|dis|usual"
    r"|rough|like|sure"
    r"|possib|probab|seeming|potential|presum|hypothet|theoretic|nominal|suspicious|question|doubt"
    r"|previous|former)\w*ly$"
    r"|(?:famil|suppl|appl|repl|ital|assemb|anomal|butterf|multipl|impl|compl|dai|week|month|year|ear"
    r"|friend|elder|order"
    r"|monopo|home|on)\w*ly$"
)
"""Words in "-ly" that turn a meaning, and those that are no adverbs."""

DIRECTIONS = re.compile(
    r"\b(?:(?:extend|expand|grow|enlarge|stretch|widen|lengthen|word|words|token|tokens|shorten|trim"
    r"|shrink|cut|more)"
    r" (?:\w+ ){0,3}(?:left|right)\b|(?:left|right) (?:word|words|token|side|edge|end|boundary)\b"
    r"|(?:on|to|from|at) (?:the )?(?:left|right)(?: side)?\b)"
)
"""Where "left" and "right" are directions."""


@lru_cache(maxsize=1)
def canonical_words() -> tuple[dict[str, str], dict[str, str]]:
    """Single words, and phrases, each with its canonical word; fillers have none."""
    single: dict[str, str] = {}
    phrases: dict[str, str] = {}
    for name, said in (*CANONICAL.items(), ("", FILLERS)):
        one, *more = said.split("|")
        single.update(dict.fromkeys(one.split(), name))
        phrases.update({phrase.strip(): name for phrase in more})
    return single, phrases


@lru_cache(maxsize=1)
def phrase_patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Phrases as patterns, the longest first, each with its canonical word."""
    _, phrases = canonical_words()
    found = []
    for size in sorted({len(phrase.split()) for phrase in phrases}, reverse=True):
        same = {phrase: name for phrase, name in phrases.items() if len(phrase.split()) == size}
        for name in dict.fromkeys(same.values()):
            each = "|".join(re.escape(phrase) for phrase, its in same.items() if its == name)
            found.append((re.compile(rf"(?<![\w])(?:{each})(?![\w])"), name))
    return tuple(found)


@lru_cache(maxsize=1)
def _starts() -> re.Pattern[str]:
    each = "|".join(re.escape(words) for words in sorted(REQUESTS, key=len, reverse=True))
    fillers = "|".join(sorted(FILLERS.split(" | ")[0].split()))
    return re.compile(
        rf"((?:^|[;,?] )(?:(?:and|but|then|so|ok|okay|yes|no) )?)(?:(?:{fillers}) )*(?:POLITE"
        rf" )?({each}) (?!not\b)(?=\S)"
    )


def _start(match: re.Match[str]) -> str:
    return match.group(1) + ("POLITE " if match.group(2) in POLITE else "")


@lru_cache(maxsize=1)
def _doubts() -> re.Pattern[str]:
    one, *more = DOUBTS.split(" | ")
    each = "|".join(re.escape(p) for p in sorted((*more, *one.split()), key=len, reverse=True))
    return re.compile(rf"\b(?:{each})\b")


def in_canonical(text: str) -> str:
    single = canonical_words()[0]
    for _ in range(3):
        text = _starts().sub(_start, text)
    text = _doubts().sub("DOUBT", text)
    text = DIRECTIONS.sub(lambda m: m.group(0).replace("right", "after").replace("left", "before"), text)
    for pattern, name in phrase_patterns():
        text = pattern.sub(name, text)
    text = " ".join(single.get(word, word) for word in text.split())
    text = re.sub(r"\s+", " ", text).strip()
    for rewrite, name in REWRITES:
        text = re.sub(rewrite, name, text)
    return re.sub(r"\s+", " ", text).strip()
