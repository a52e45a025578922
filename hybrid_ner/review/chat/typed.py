"""A line as typed, without what keyboards, phones and haste make of words."""

from __future__ import annotations

import re

from hybrid_ner.review.chat.words import DOCUMENTS, NUMBERS, SPOKEN

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
    (r"(?i)\b(?:appears?) (?=(?:as|for|in|on|at|before|twice|once|under|here|with)\b)", "is "),
    # 2 is right, no doubt; 3 is wrong without question
    (
        r"(?i)(?<=\w)[,;]? (?:there(?:'s| is) )?(?:no|without (?:a |any )?|beyond (?:a |any |all )?) ?"
        r"(?:doubt|question)(?: (?:about|of) (?:it|that|this))?(?=\W*(?:$|[,;.]))",
        "",
    ),
    # everything named Whitfield is a person; everything that is a drug is fine
    (
        r"(?i)\b(?:everything|anything|whatever|all) (?:(?:(?:that|which)(?:'s| is| was)? )?(?:named|called)"
        r"|(?:that|which)(?: says| reads|'s| is| are| was)) (?:an? |the )?(?=\w[^.;?]* (?:is|are|looks?) )",
        "every ",
    ),
    # hardest documents first, please
    (
        r"(?i)^(?:please |show |give me )*(?:the )?(?:most |least )?(?:hard|tough|trick|difficult|unsure"
        r"|uncertain|doubtful|shak|iffy|ambiguous|unclear|borderline|confident|certain)\w* (?:doc(?:ument)?s?"
        r"|notes?|files?|reports?|charts?|contracts?|cases?|ones?|texts?|letters?) (?:go |come )?first\b",
        "show me the unsure ones first",
    ),
    (r"(?i)\bmay (?=come (?:off|out|down|away)\b|go\b)", "shall "),
    # no, that should not have gone; nothing wrong here: what leads up to the point
    (
        r"(?i)^(?:(?:no|oops|sorry|oh|ah)\W+)?(?:(?:that|this|it|i) should(?:n't| not) have (?:been |gone"
        r"|happened|\w+ed)"
        r"\b[^.,;!?]*|(?:there(?:'s| is) |i see )?nothing (?:is )?wrong (?:here|there|with (?:it|that"
        r"|this)))[.,;!]+ (?=\w)",
        "",
    ),
    (
        r"(?i)\b(?:right |all the way )?(?:down|up|through|as far as) (?:to|until|till) (?="
        r"(?:and including )?"
        r"(?:number |nr |no\.? )?\d)|\bas far as (?=(?:number )?\d)",
        "up to ",
    ),
    (r"(?i)(?:^|(?<=\w)[,;.]) *(?:and )?(?:hence|therefore|thus|ergo|consequently),? (?=\w)", ", so "),
    # both as you have it
    (
        r"(?i)(?<=\w),? (?:both|all|each|they are) as (?:you|it|they|the model) (?:have|had|has|marked"
        r"|tagged|labell?ed"
        r"|suggest(?:s|ed)?|stands?)(?: (?:it|them|that))?(?= *[.!]*$)",
        "",
    ),
    (
        r"(?i),? \b(?:just |exactly )?as (?:you|it|they|the model) (?:have|had|has|marked|tagged|labell?ed"
        r"|suggest(?:s|ed)?"
        r"|did|stands?)(?: (?:it|them|that))?(?= *[.!]*$)",
        " as is",
    ),
    (r"(?i)\b(wrong|incorrect|mistaken|mis\w+ed|false|off): (?=\w)", r"\1, "),
    (rf"(?i)\bin this (?:short|long|little|small|brief|tiny|whole) (?:one|{_PAGES})\b", "in this one"),
    (r"(?i)\bwe're\b", "we are"),
    (r"(?i)\bon (?:second|further) thoughts?\b(?!,)", "actually"),
    # 3 and up, from 2 on, 4 and below
    (
        r"(?i)\b(?:(?:everything|all|the ones?|those|numbers?) )*(?:from )?(\d+) (?:and|or) (?:up"
        r"(?:wards?)?|onwards?"
        r"|higher|above|beyond|later|over)\b|\b(?:(?:everything|all|the ones?|those) )*from (\d+) "
        r"(?:onwards?|forward"
        r"|up)\b(?! to)(?: all(?= |$))?",
        r"everything from \1\2",
    ),
    (
        r"(?i)\b(?:(?:everything|all|numbers?) )*(\d+) (?:and|or) (?:down(?:wards?)?|lower|below|under)\b",
        r"everything up to \1",
    ),
    (r"(?i)\b(?:should|must|has to|needs to|can|may|ought to|shall) go (?=back\b)", ""),
    # ugh, hit the wrong key
    (
        r"(?i)(?:\b(?:i|i've|have|just|must have) )*\b(?:hit|pressed|clicked|tapped|chose|picked|selected"
        r"|punched)"
        r" (?:on )?the wrong (?:thing|one|key|button|number|line|span|row|box)\b",
        "oops",
    ),
    (
        r"(?i)\b((?:sort|figure|work|find|turn|point|spell|puzzle)(?:s|ed)?)( it| them| that| this| those"
        r"| these)?"
        r" out\b",
        r"\1\2",
    ),
    # throw it out, strike 3 off
    (
        r"(?i)\b(?:throw|toss|chuck|kick|strike|cross|rub|knock|weed|boot|wipe|cast|fling|clear|edit|rip)"
        r" ((?:it|that|this|them|those|these|both)(?: ones?| two)?|all of (?:it|them|those)|(?:number )?\d+)"
        r" (?:out|off|away)\b",
        r"reject \1",
    ),
    (r"(?i)\b(?:has|have|had)(?:n't|nt| not) (?:got |had )?any\b", "has none"),
    (r"(?i)\bevery (?:shift|day|morning|night|evening|week|month|year|hour|visit|afternoon)\b", "regularly"),
    (r"(?i)\bright (there|here)(?=[!.,; ]+(?:so|and|hence)\b)", r"\1"),
    # Court isn't marked: the word of the text, though it is a label too
    (
        r"(?i)^(?:the )?(\w{4,}) (?=(?:is|was)(?:n't|nt| not) (?:marked|tagged|labell?ed|there|in there"
        r"|on the list)"
        r"\b.*\b\1\b)",
        r'"\1" ',
    ),
    # 3 doesn't make sense, doesn't qualify here
    (
        r"(?i)\b(?:do|does)(?:n't| not) (?:really |quite )?(?:make (?:any |much |a lot of )?sense|qualify"
        r"|apply|fit(?: in)?"
        r"|hold(?: up)?|stand up|cut it|pass)(?= *(?:here|at all|for (?:me|us)|in (?:this|our)\b|[.!,;]|$))",
        "is wrong",
    ),
    (r"(?i)\bun-(?=[a-z]{3})", "un"),
    # nothing wrong with 2, I have no issue with it, can't argue with 3
    (
        r"(?i)\b(?:(?:there(?:'s| is| are|'re)|(?:i|we)(?:'ve| have| can see| see| find| got)+(?: got)?) )?"
        r"(?:no (?:issues?|complaints?|objections?|quarrel|qualms|concerns?"
        r"|worries|problems?|trouble|beef|argument|reservations?|gripes?|faults?) (?:here )?(?:with|about|to"
        r"|against|on|over|in)|nothing against)(?= (?!be\b))|\b(?:i |we |you )?can(?:'t|not| not) "
        r"(?:argue with"
        r"|fault|complain about|find fault with|object to)\b",
        "accept",
    ),
    (
        r"(?i)\b(?:(?:there(?:'s| is)|(?:i|we)(?:'ve| have| see)) )?no (?:need|use|place|room|call) (?:for"
        r"|of)"
        r"(?! (?:a |the |this |that )?(?:flag|bookmark|star)\b)",
        "reject",
    ),
    # 1 starts a word too late, ends two words too early
    *(
        (
            rf"(?i)\b(?:{verb})s? (a|one|two|three|\d) words? too (?:{late})\b|(?:is |are )?(a|one|two"
            rf"|three|\d)"
            rf" words? too {long} (?:at|in|on) (?:the |its )?(?:{side})\b",
            said,
        )
        for verb, late, long, side, said in (
            (
                "start|begin",
                "late",
                "short",
                "front|start|beginning|left",
                r"should include \1\2 words before",
            ),
            (
                "start|begin",
                "early|soon",
                "long",
                "front|start|beginning|left",
                r"without the first \1\2 words",
            ),
            (
                "end|stop|finishe?",
                "early|soon",
                "short",
                "end|back|right",
                r"should include \1\2 words after",
            ),
            ("end|stop|finishe?", "late", "long", "end|back|right", r"without the last \1\2 words"),
        )
    ),
    (r"(?i)\b(without the (?:first|last)|should include) (?:a|one) words(?= before| after|$|\W)", r"\1 word"),
    (
        r"(?i)\btake (the (?:first|last)(?: \w+)? words?) (?:off|out|away)(?: of| from)?\b",
        r"remove \1 from",
    ),
    (r"(?i)\bsecond (?:pair|set) of eyes\b", "another look"),
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
        r"(?i)^(?:the )?(\w{4,}) (?=(?:should|ought|must|has to|needs)\b[^,.;]*\b(?:as|be|an?|under) "
        r"(?:an? )?\1\b)",
        r'"\1" ',
    ),
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
        rf"|the two|any(?= (?:of the |of my |of our )?others?\b))(?: of)?"
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
        r"|she|you|we|that)(?: so)?(?=,)",
        "",
    ),
    # hypotension needs to go on the list
    (
        r"(?i)\b(?:should|must|can|(?:ha[sv]e?|ought|needs?) to) go (?=(?:on|in|to|under|into|as|with)\b)",
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
    for pattern, said in (*SPOKEN, *TYPED):
        line = re.sub(pattern, said, line)
    return line
