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

_COUNTS = "|".join(NUMBERS)
_PAGES = rf"(?:docs?|documents?|notes?|files?|texts?|records?|{'|'.join(_LISTS['documents'].split()[:-1])})"

_FOUND = (
    r"(?:(?:has|had|have) )?(?:came up with|comes? up with|found|finds?|sees?|saw|suggest(?:s|ed)?|marks?|marked"
    r"|tagged|tags?|propos(?:es|ed)|produced|guess(?:es|ed)|thought of|has|caught|spotted|picked up|picked"
    r"|detected|added|made|labell?ed|flagged)"
)
_WHAT = (
    r"(?:ones?|spans?|things?|suggestions?|those|mentions?|guesses|hits|entit(?:y|ies)|marks|everything|all"
    r"|anything|whatever|what|labels|which)"
)
_MAKER = r"(?:model|ai|machine|computer|classifier)"

TYPED: tuple[tuple[str, str], ...] = (
    # the ones that only the model came up with; which ones did only the model find; model-only ones
    *(
        (
            rf"(?i)(?:\b(?:the|all|those|these) )*\b(?:{_WHAT}(?: which| that|,| did| were| are| was)* "
            rf"(?:only the (?:{maker})|the (?:{maker}) (?:alone|only)|(?:found |suggested |marked |tagged )?"
            rf"(?:only |just )?by the (?:{maker})(?: alone| only)?(?<!the model)(?<!the rules))(?: {_FOUND})?"
            rf"|(?:{maker})[- ]only(?: {_WHAT})?)(?![\w-])",
            f" {said} ",
        )
        for maker, said in ((_MAKER, "modelonly"), (r"rules?|lists?|term lists?|dictionary", "ruleonly"))
    ),
    # odd numbers, the even ones
    *(
        (rf"(?i)\b{each}(?:[- ]numbered)?(?: (?:numbers|ones|spans|numbered ones))?(?= |,|$)", f"{each}ones")
        for each in ("odd", "even(?= numbers| ones| spans|-numbered| numbered)")
        if each == "odd"
    ),
    (r"(?i)\beven(?:[- ]numbered)? (?:numbers|ones|spans)\b", "evenones"),
    (r"(?i)(?<=oddones )(.*)\beven\b", r"\1evenones"),
    (r"(?i)\b(?:up to|through|thru) and including\b", "up to"),
    (r"(?i)\b(?:do not|don'?t) (?:want to )?keep\b", "remove"),
    (r"(?i)\bfrom (?:now|here) on,? (?=.*\balways\b)", ""),
    (r"(?i)\bfrom now on\b", "always"),
    (r"(?i)\b(?:get|have|send me|give me|make me) (?:a|the) (?:file|export|download)\b", "download file"),
    # you left it out, it has been left out: missing, and no rejection
    (
        r"(?i)\b(?:you|it|they|model|we)(?:'ve| have| has)? left (?:it|that|this|them|one) out\b",
        "you missed it",
    ),
    (r"(?i)\b(?:(?:has|have|had) been|was|were) left out\b", "is missing"),
    (r"(?i)^i(?:'m| am) sorry\b(?=[,.;])", "sorry"),
    # Court is a court here: the first is a word of the text
    (r"(?i)^(?:the )?(\w{4,}) (is|as) an? (?=\1\b)", r'"\1" \2 a '),
    (r"(?i)^(?:in|at) (?:which|what) (?:place|part|passage|sentence|line|spot)s?\b", "where"),
    (
        r"(?i)\beverywhere (?:(?:that )?(?:you|we|i) (?:can )?(?:find|see) (?:it|them)|(?:where )?it (?:appears|occurs|is mentioned|shows up|stands))\b",
        "everywhere",
    ),
    (r"(?i)\b(?:ctrl|cmd|strg)[ +-]?z\b|⌘ ?z", "undo"),
    (r"(?i)\b(?:ctrl|cmd|strg)[ +-]?(?:shift[ +-]?z|y)\b", "redo"),
    # do this 1 later, the 2nd 1
    (r"(?i)\b(this|that|another|next|last|each|every|\d(?:st|nd|rd|th)) 1(?![\d-])", r"\1 one"),
    # 1s good, 3s a drug
    (r"\b(\d{1,3})'?s\b(?= \w)", r"\1 is"),
    # accept all, yeah right: nobody says that who means it
    (
        r"(?i)(?<=\w)(?:[,.;!]|\.\.\.)* (?:(?:yeah|ya|oh) (?:right|sure)|as if|if you say so)[.!]*$",
        " maybe",
    ),
    (r"(?i)(?<=[\w\"'])(?:[,.;!]+| [-–—]+) not[.!]*$", " maybe"),
    (r"(?i)^ya(?:'ll|ll)? (?=(?:can|could|should|may|must)\b)", "you "),
    (r"(?i)\blgtm\b", "looks good"),
    # in each of the documents before us, on every chart, "…, all docs"; here and in the other report
    (
        rf"(?i)(?:(?:,? (?:in|on|from|of|across|through|throughout|over))|,|;) (?:all|every|each|both"
        rf"|the two)(?: of)?"
        rf"(?: single| the| these| those| my| our| other)*(?: other)? {_PAGES}s?(?:"
        rf" (?:in|of) (?:this|the|my|our)"
        rf" (?:project|corpus|set|batch|data ?set))?(?: before us)?(?![\w])",
        " everywhere",
    ),
    (
        rf"(?i),? (?:here|(?:in|on|of) this (?:one|{_PAGES})) (?:and|n) (?:also )?(?:in|on"
        rf"|of) the others?(?: one| {_PAGES})?"
        r"(?: too| also| as well)?(?![\w])",
        " everywhere",
    ),
    # whatever is labelled ORG; anything tagged as Disease
    (
        r"(?i)\b(?:whatever|anything)(?= (?:(?:that |which )?(?:is|was|has been|you(?:'ve)?|under|with)? ?)"
        r"(?:labell?ed|tagged|marked|called|classed|classified|the label)\b)",
        "everything",
    ),
    (r"(?i)^(?:let|may) the record show(?: that)? ", ""),
    # both the first and the fourth
    (r"(?i)\bboth (?=(?:the )?(?:first|second|third|fourth|fifth|last|\d+)(?:st|nd|rd|th)? and\b)", ""),
    # may stand: a permission, no doubt
    (
        r"(?i)\bmay (?=(?:stand|stay|remain)\b|be (?:accepted|approved|confirmed|kept|rejected|removed"
        r"|deleted|struck|dropped|discarded|dismissed|taken out|left out|thrown out|crossed out|marked|labell?ed)\b)",
        "shall ",
    ),
    # this doc only
    (
        rf"(?i),? (?:but )?(?:in |on |for )?this (?:one|{_PAGES})(?: only| alone)(?![\w])|,? (?:only"
        rf" here|here only)\b"
        rf"|,? (?:but )?only (?:in|on|for) this (?:one|{_PAGES})(?![\w])",
        " here",
    ),
    (r"(?i)\b(right|wrong|correct|fine|ok|okay|yes|no) period (?=\w)", r"\1. "),
    (r"(?i)\bits (?=own\b)", ""),
    (
        rf"(?i),? (?:wherever|whenever|each time|every time|everywhere) (?:it|they|he|she|that)"
        rf" (?:appears?|occurs?|shows up|comes up|stands?) in (?:this|the)"
        rf" (?:{_PAGES}|{'|'.join(_LISTS['documents'].split()[:-1])})\b",
        " here",
    ),
    (rf"(?i) ?\((?:in )?(?:all|every|each)(?: the| of the| single)? {_PAGES}s?\)", " everywhere"),
    # for the client: …
    (r"(?i)^for (?:the |our |my )?\w+(?: \w+)?: ", ""),
    # dictated
    (r"(?i) comma\b", ","),
    (r"(?i) (?:period|full stop|new line|newline)[.!]*$", "."),
    (r"(?i) question mark[.?]*$", "?"),
    (r"(?i)\b([a-z]) ([a-z]) ([a-z])\b(?! [a-z]\b)", r"\1\2\3"),
    *((rf"(?i)\b(document|doc|number|note|page) {word}\b", rf"\1 {n}") for word, n in NUMBERS.items()),
    (rf"(?i)\bthe ({_COUNTS}) (first|last)\b", r"the \2 \1"),
    *(
        (
            rf"(?i)\b(except|reject|accept|delete|remove|keep|numbers?|and|but) {word}\b(?= (?:and|is"
            rf"|are)\b|[ .!]*$)",
            rf"\1 {n}",
        )
        for word, n in NUMBERS.items()
        if n > 1
    ),
    *(
        (rf"(?i)\b{word}\b(?=(?:,? and|,)? (?:{_COUNTS}|\d+)\b(?! (?:words?|times|steps?)))", str(n))
        for word, n in NUMBERS.items()
    ),
    *(
        (rf"(?i)\b{tens}[ -]{word}\b", str(ten + n))
        for tens, ten in (("twenty", 20), ("thirty", 30), ("forty", 40), ("fifty", 50), ("sixty", 60))
        for word, n in list(NUMBERS.items())[:9]
    ),
    (r"(?i)\b(put|mark|label|tag|class|classify)( it| this| that)? like (?=(?:a |an )?[A-Z])", r"\1\2 as "),
    # brought the appeal, didn't they
    (
        r"(?i), (?:is|are|was|were|do|does|did|has|have|had|won?|ca|could|would|should)n'?t (?:it|they|he"
        r"|she|you|we|that)"
        r"(?: so)?(?=,)",
        "",
    ),
    # hypotension needs to go on the list
    (
        r"(?i)\b(?:should|must|has to|needs? to|have to|ought to|can) go (?=(?:on|in|to|under|into|as"
        r"|with|among)\b)",
        "belongs ",
    ),
    # all are correct only
    (r"(?i)\b(correct|right|fine|ok|okay|good|wrong) only\b", r"\1"),
    (r"(?<=\w)/(?=[A-Z][a-z]+\b)", " "),
    (r"(?i)\bb4\b", "before"),
    (r"(?i)\bw/ ?(?=\w)", "with "),
    (r"(?i)(?<= of )em\b|(?<=ok )em\b", "them"),
    # would you do that please
    (r"(?i)^((?:would|will|could|can) you) (?!please\b)(.*?),? please(?=[.?!]*$)", r"\1 please \2"),
    (r"(?i)^(?:could|can|may|might) (?:i|we) (?:please )?(?:see|have|get|look at|view)\b", "show me"),
    (r"(?i)^undo (?:x ?(\d{1,2})|(\d{1,2}) ?x)$", r"undo \1\2 times"),
    (r"(?i)^(?:bulk|batch|mass)[ -](accept|reject|approve|delete|remove) (?:all )?", r"\1 every "),
    # y is 3 a drug
    (r"(?i)^y (?=(?:is|are|was|did|do|does|not|isn'?t|didn'?t)\b)", "why "),
    (r"(?i)\b(what|who|which) all\b(?= (?:can|could|do|may|is|are|does))", r"\1"),
    # Anatomy ✗ → Procedure ✓
    (r"(?i)\b(\w+) ?(?:✗|✘|❌|❎) ?(?:→|-+>|=+>|⇒) ?(\w+)(?: ?[✓✔☑✅])?", r"not \1 but \2"),
    # ✓ ✗ and 11 X, but not x2; ≠ and |
    ("[👍👌✅✔✓☑💯🆗]", " yes "),
    ("[👎❌✖✗✘🚫⛔]", " no "),
    (r"(?i)(?<=\d) x(?= *(?:[;,.|]|$))", " no "),
    (r"(?i) ?\b[x×](?: ?2|\s?two)\b(?! ?\d)(?= )", " both "),
    (r" ?(?:≠|!=) ?", " is not "),
    (r" ?\| ?", " ; "),
    (r"^ *(?:<-+|←|⬅|↩|⟲) *", ""),
    # @doc 4; # open?
    (r"(?i)^@ ?(?=(?:doc|document|note|page) )", "go to "),
    (r"(?i)# (?=(?:open|left|to go|remaining)\b)", "how many "),
    (r"(?i)^status\? (?=how many)", ""),
    ("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d]", " "),
    # 1 n 2 ok: "and"; in "1 y 2 n" it is no
    (r"(?i)^((?:accept |reject |ok |no )?\d+) n (?=\d+ (?!y\b|n\b)[a-z])(?!.*\b[yn]\b)", r"\1 and "),
    # metoprolol n lisinopril r drugs
    (r"(?i)(?<=[a-z]{3}) n (?=[a-z]{3})", " and "),
)
"""What keyboards and phones make of words, and the words."""

_BETTER = (
    r"(?: (?:right|okay|fine|better|best|more|most|the|it|them|sense|proper|mark|one|well|label|then|here"
    r"|UNK\d+))*(?= ?(?:[;,.?]|$))"
)

REWRITES: tuple[tuple[str, str], ...] = (
    # it is a lab value, so Test would be correct; the appellant, so petitioner fits better
    (
        rf"(?: ?[;,])? \b(?:so|then|hence|therefore) (LAB\d+) (?:would be|is|will be|should be|would fit|fits?"
        rf"|suits?|would suit|makes|seems){_BETTER}",
        r" , it is \1",
    ),
    (
        rf"(?<=[;,] )(LAB\d+) (?:(?:would )?(?:fits?|suits?|matches)|(?:is|would be) (?:better|best|more))"
        rf"{_BETTER}",
        r"it is \1",
    ),
    # let's go with procedure for central line
    (r"\b(?:go|stick|settle) (?:with|for) (?=(?:a |an |the )?LAB)", "mark "),
    (r"(?<=LAB\d) (?:just )?like (?:the )?(?:SRF|NUM)\d+$", ""),
    # how sure are you that 6 is a disease
    (r"\b(sure|certain|confident|you|say|think) that (?=(?:the )?(?:NUM|SRF|TXT)\d)", r"\1 "),
    # a person like the other one
    (
        r"(?<=\d) (?:just )?(?:like|as) (?:the )?(?:other|rest|first|last|second)(?: (?:one|thing|two|SRF\d+))?$",
        "",
    ),
    # the date in 1
    (r"\b(?:the )?LAB\d+ (?:in|at) (?:number |nr |no )?(?=NUM\d)", ""),
    # warfarin is right both times
    (r"^(?=.*SRF)(.*?) (?:both|two|each|all) times?\b", r"\1"),
    # 5 needs the word in front of it
    (r"\b(words?) before of\b", r"\1 before"),
    (r"\beverywhere (?=(?:it|they) (?:is|are)\b)", "everywhere , "),
    # a law reference, the name of a person
    (
        r"(LAB\d+) (?:reference|name|term|expression|abbreviation)s?\b"
        r"(?= ?(?:[;,?.]|$)| (?:is|are|all|look)\b)",
        r"\1",
    ),
    (r"\bname of (?:a |an )?(?=LAB)", ""),
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
    (r"\ball (?:but|except for)\b", "all except"),
    # the CT at the top and the one at the bottom; CT top and bottom; the one at the very beginning
    (r"((?:SRF\d+|LAB\d+|thing|one)) (?:top|first) and (?:bottom|last)\b", r"first \1 and last \1"),
    (
        r"((?:SRF\d+|LAB\d+|thing|one)) (?:at|on|from|in) (?:the )?(?:very )?(?:top|beginning|start)\b",
        r"first \1",
    ),
    (r"((?:SRF\d+|LAB\d+|thing|one)) (?:at|on) (?:the )?(?:very )?(?:bottom|end)\b", r"last \1"),
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
