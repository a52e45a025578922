"""A line as typed, without what keyboards, phones and haste make of words."""

from __future__ import annotations

import re

from hybrid_ner.review.chat.words import DOCUMENTS, NUMBERS

_COUNTS = "|".join(NUMBERS)


_PAGES = rf"(?:docs?|documents?|notes?|files?|texts?|records?|{'|'.join(DOCUMENTS.split()[:-1])})"


_FOUND = (
    r"(?:(?:has|had|have) )?(?:came up with|comes? up with|found|finds?|sees?|saw|suggest(?:s|ed)?"
    r"|marks?|marked"
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
    # Wilmington is right here as well as Kovacs
    (
        r"(?i)^([\w .]+?)(?:'s| is| are) (right|correct|fine|good|ok|okay|wrong)(?: in this one| here)?"
        r" as well as (\w[\w ]*)(?=[.!]*$)",
        r"\1 and \3 are \2",
    ),
    # scrap that last change: a step, and no span
    (
        r"(?i)^(?:please )?(?:scrap|drop|remove|delete|cancel|scratch|toss|ditch|withdraw|discard|reject"
        r"|erase|forget|strike|lose|bin|revoke) (?:my |that |the |this )*(?:last|latest|recent|previous)"
        r" (?:change|edit|correction)\b(?! (?:to|into|from|of)\b)",
        "undo my last step",
    ),
    # Court is a court here: the first is a word of the text
    (r"(?i)^(?:the )?(\w{4,}) (is|as) an? (?=\1\b)", r'"\1" \2 a '),
    (
        r"(?i)^(?:before|after) (?:that|this|we go on|i go on),?"
        r" (?=(?:please )?(?:show|take|go|open|let|can|bring|give)\b)",
        "",
    ),
    (r"(?i)^(?:in|at) (?:which|what) (?:place|part|passage|sentence|line|spot)s?\b", "where"),
    (
        r"(?i)\beverywhere (?:(?:that )?(?:you|we|i) (?:can )?(?:find|see) (?:it|them)"
        r"|(?:where )?it (?:appears|occurs|is mentioned|shows up|stands))\b",
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
        r"|deleted|struck|dropped|discarded|dismissed|taken out|left out|thrown out|crossed out|marked"
        r"|labell?ed)\b)",
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
        rf" (?:{_PAGES}|{'|'.join(DOCUMENTS.split()[:-1])})\b",
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


_QUOTES = str.maketrans({**dict.fromkeys("“”„«»", '"'), **dict.fromkeys("‘’`´", "'"), "\u00a0": " "})


def typed(line: str) -> str:
    """A line without what only the keyboard or the phone made of it: curly quotes, hands with a thumb up."""
    line = line.translate(_QUOTES)
    for pattern, said in TYPED:
        line = re.sub(pattern, said, line)
    return line
