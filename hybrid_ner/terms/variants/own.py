"""Other forms of the terms of a user's own list: number, hyphens, spelling, signs, and these together.

A list that somebody writes has one form of a name ("Change of Control"), the text has any of them
("Change-of-Control", "warrants" for "Warrant"). The rules of ``RULES`` are made for terminologies and for a
reader who looks through what they make; these run unseen, over nouns of every kind, and leave out what would
be another word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from hybrid_ner.terms.variants.forms import RULES, in_case_of
from hybrid_ner.terms.variants.words import combined, other_words

_MOST_WORDS = 5
"""Words of a term whose spaces may be hyphens: longer ones are phrases, which nobody writes so."""
_SHORTEST, _SHORTEST_HEAD = 4, 3
_WORD = re.compile(r"[A-Za-z]+")
_CONNECTED = re.compile(
    r"[ -](?:of|in|with|not to|due|by|from|for|on|to|without|under|and|or|as|at)[ -]|(?<=[a-z])-de-(?=[a-z])"
    r"|(?<=[a-z]) (?:de|da|du|di|à la) (?=[a-z])|(?<=[a-z])(?<!hors) d['’](?=[a-z])",
    re.I,
)
_PAIR = re.compile(r"([A-Za-z]+) (and|or|&) ([A-Za-z]+)", re.I)
_NOUN = re.compile(r"(?:[A-Za-z]['’])?[^\W\d_]+")
"""A head that has a plural: "slipper", "jalapeño", "d'oeuvre"."""
_COMPOUND = re.compile(r"[A-Za-z0-9]+(?:[-/][A-Za-z0-9]+)*")
_ALPHANUMERIC, _DIGITS = re.compile(r"[A-Za-z0-9]+"), re.compile(r"(?=\w*[A-Za-z])(?=\w*\d)[A-Za-z0-9]{3,6}")
_POSTPOSED = re.compile(
    r"[ -](?:at[ -]law|in[ -]law|(?:(?<=er-)|(?<=or-))(?:by|up|on|in)|martial|elect|emeritus|designate"
    r"|laureate|(?<=notary )public|(?:(?<=attorney )|(?<=solicitor )|(?<=auditor )|(?<=governor )"
    r"|(?<=surgeon )|(?<=inspector )|(?<=consul )|(?<=postmaster ))general)\Z",
    re.IGNORECASE,
)
_PARTICLE = re.compile(r"(?<!er)(?<!or)-(?:on|up|in|out|off|down|over|by)\Z", re.IGNORECASE)
"""What stands behind a head: "passer-by", "court-martial", "attorney general"."""
_VOWEL = re.compile(r"[aeiouyáéíóúàèìòùâêîôûäëïöüåæøœ]", re.I)
_NO_PLURALS = frozenset(
    """
    advice equipment information knowledge software hardware money cash evidence property research progress
    traffic law good custom arm new mean damage thank premise proceed earning saving due content work manner
    spectacle glass will may must can real general special legal net gross fair best other same own per air
    blood water
    """.split()  # noqa: SIM905 (a list is read more easily so)
)
"""One-word terms whose plural is another word or none ("damage", "good", "custom")."""
_ONLY_PLURAL = frozenset(
    """
    goods customs arms news means damages thanks premises proceeds earnings savings dues contents works
    manners spectacles glasses wills headquarters series species rights holdings minutes remains securities
    futures stocks utilities counterparts diabetes rabies measles mumps herpes scabies caries facies atlas
    pancreas bias lens corps chaos canvas texas kansas arkansas gas plus aids basics economics
    """.split()  # noqa: SIM905
)
"""Words in -s whose form without it is another word or none."""
_PLURALS = tuple(
    (re.compile(rf"(?:{ending})\Z"), cut, others)
    for ending, cut, others in (
        ("child", 0, ("ren",)),
        ("^ox", 0, ("en",)),
        ("(?<!ger)(?<!hu)(?<!ro)(?<!nor)(?<!talis)(?<!cai)(?<!otto)(?<!sha)man", 2, ("en",)),
        ("person", 0, ("s",)),
        ("(?:^|fore|club|web)foot", 3, ("eet",)),
        ("(?:^|eye|milk)tooth", 4, ("eeth",)),
        ("^goose", 4, ("eese",)),
        ("^(?:dor)?mouse|^louse", 4, ("ice",)),
        ("(?:leaf|loaf|thief|sheaf|calf|half|shelf|self|wolf|wharf|scarf|hoof)", 1, ("ves",)),
        ("(?:kni|wi|li)fe", 2, ("ves",)),
        (
            "(?:potat|tomat|her|ech|torped|vet|embarg|carg|mang|mosquit|volcan|buffal|tornad|mott|domin|archipelag)o",
            0,
            ("es", "s"),
        ),
        ("(?:index|vertex|vortex|apex|cortex|codex|simplex)", 2, ("ices", "exes")),
        ("(?:matrix|appendix|helix|cervix|radix|varix)", 2, ("ices", "ixes")),
        (
            "(?:cact|menisc|fung|radi|nucle|bacill|loc|thromb|embol|alumn|syllab|stimul|foc|termin|strept\\w+cocc|\\w+cocc)us",
            2,
            ("i", "uses"),
        ),
        (
            "(?:bacteri|addend|memorand|dat|strat|spectr|ov|errat|curricul|medi|sept|bacul|diverticul)um",
            2,
            ("a", "ums"),
        ),
        ("(?:criteri|phenomen|gangli|mitochondri)on", 2, ("a",)),
        ("(?:violoncell|librett|concert|virtuos|graffit)o", 1, ("i", "os")),
        ("(?:ell|larv|alg|vertebr|formul|antenn|bursa|papill|nebul|lamin)a", 0, ("e", "s")),
        ("(?:s|ax|test)is", 2, ("es",)),
        ("(?:[aâ]t|bur|abl|trouss|nouv)eau", 0, ("x", "s")),
        ("(?:s|x|z|ch|sh)", 0, ("es",)),
        ("[^aeiou]y", 1, ("ies",)),
    )
)
"""Endings, how many of their letters go, and what comes instead, the most usual first."""
_REGULAR = dict(
    pair.split("/", 1)
    for pair in """
    children/child men/man women/woman feet/foot teeth/tooth mice/mouse indices/index vertices/vertex
    apices/apex vortices/vortex codices/codex appendices/appendix matrices/matrix helices/helix
    cervices/cervix addenda/addendum memoranda/memorandum criteria/criterion bacteria/bacterium
    phenomena/phenomenon strata/stratum spectra/spectrum ova/ovum data/datum diagnoses/diagnosis
    analyses/analysis prostheses/prosthesis axes/axis leaves/leaf halves/half lives/life shelves/shelf
    thieves/thief wives/wife knives/knife loaves/loaf wolves/wolf calves/calf cacti/cactus fungi/fungus
    nuclei/nucleus radii/radius larvae/larva algae/alga vertebrae/vertebra formulae/formula potatoes/potato
    tomatoes/tomato heroes/hero persons/person
    """.split()  # noqa: SIM905
)
"""Plurals of everyday words that no ending tells, and their singulars."""
_ISE = re.compile(r"(?<=[a-z]{2})(al|or|ar|im|an|on|il|er|ogn|ut)i([sz])(?=(?:e[drs]?|es|ing|able)\b)")
"""Verbs that Britain writes with s too: "collateralised", "authorize"."""
_SPELLED = {name: rule for name, rule in RULES.items() if name not in ("plural", "singular")}
"""The rules for everything but number."""
_SPELLINGS = ("american", "british")


def own_forms(text: str) -> Iterator[tuple[str, str]]:
    """Other forms of a term that ignores case, each with the rule that makes it; repeats are possible."""
    spelled = [("", text), *((rule, form) for form, rule in name_forms(text))]
    spelled += [(rule, other) for rule, make in _SPELLED.items() for other in make(text)]
    spelled += [("hyphen", other) for other in _joined(text)]
    spelled += other_words(text)
    spelled += _events(text)
    for how, turned in [each for each in spelled if each[0] in ("inverted", "greek")]:
        # "Anaemia, iron deficiency", "β-blocker"
        spelled += [(f"{how}, {rule}", form) for rule in _SPELLINGS for form in RULES[rule](turned)]
        spelled += [(f"{how}, hyphen", form) for form in _joined(turned)]
    spelled += [
        (f"{rule}, hyphen", other)
        for rule, form in spelled
        if rule.endswith(_SPELLINGS)
        for other in (*_joined(form), *combined(form), *(word for _, word in other_words(form)))
    ]
    if _ISE.search(text):
        spelled += [("spelling", _ISE.sub(rf"\1i{letter}", text)) for letter in "sz"]
    for rule, form in spelled:
        if rule:
            yield form, rule
        for number, other in _numbers(form):
            yield other, f"{number}, {rule}" if rule else number
            if not rule:
                yield from ((joined, f"{number}, hyphen") for joined in _joined(other))


_CODE = re.compile(r"(?<![\w-])(?:([A-Za-z]{1,5})-?(\d{1,4}[A-Za-z]?)|(\d{1,4})-([A-Za-z]{2,5}))(?![\w-])")
_BEHIND = re.compile(r"(?<=[a-z]-)([A-Z][A-Za-z]{0,4})(-?)(\d{1,4}[A-Z]?)(?![\w-])")
_BEFORE = re.compile(r"(anti|non|pre|post|phospho)-(?=\w)", re.IGNORECASE)
"""What stands before a name with a hyphen, which may be a space: "anti phospho-ERK1/2"."""
_INITIAL = re.compile(r"\b(?:[A-Z]|St|Mt|Ft|Dr|Mr|Mrs|Ms|Jr|Sr|[Nn]o|[Vv]ol|[Ss]ec|[Ff]ig|[Aa]rt)\.(?=\s)")
_INITIALS = re.compile(r"\b(?:[A-Z]\.){2,5}(?=\s[A-Za-z]|\Z)")
_SHORT_PLACES = {"St.": "Saint", "Mt.": "Mount", "Ft.": "Fort"}
_LONG_PLACE = re.compile(r"(?:Saint|Mount|Fort) (?=[A-Z])")
_SECTION = re.compile(r"(?<![\w.])(?:(?:[Ss]ection|[Ss]ec\.|[Ss]ect\.|§) ?|(?<=U\.S\.C\. )(?=\d))(?=\d)")
_STOP = re.compile(r"(?<=\b[A-Z])\.")
_SUBSECTION = re.compile(r"(?<=[\d)]) ?(?=\(\w{1,4}\))")
_EDITION = re.compile(r"(?<=\d):(?:19|20)\d\d\Z")
_ACRONYM_FIRST = re.compile(r"[B-HJ-Z][A-Z]{1,2}(?= [A-Z][a-z])")
_YEAR_LAST = re.compile(r"(?<=[A-Za-z]),? ((?:1[6-9]|20)\d\d)\Z")
_INITIAL_LAST = re.compile(r"(?<=[a-z]) [A-Z]\.\Z")
_LETTERS_FOR = dict(zip("äöüÄÖÜßøå", ("ae", "oe", "ue", "Ae", "Oe", "Ue", "ss", "oe", "aa"), strict=True))
_FOREIGN = re.compile("|".join(_LETTERS_FOR))
_BRACKETED = re.compile(r"(?<=\w) ?(?=\([IVX]+\))")
_LETTERS = re.compile(r"\b([A-Za-z])/([A-Za-z])\b")


def _numbered_forms(text: str) -> Iterator[tuple[str, str]]:
    """Sections and editions: "42 U.S.C. § 1983", "Rule 12(b)(6)", "ISO 9001:2015"."""
    if _SECTION.search(text):  # "Section 1983", "42 U.S.C. § 1983"
        marks = ("§ ", "§", "Section ", "section ", "Sec. ", "s. ", "s ", *([""] if "U.S.C" in text else []))
        for form in (_SECTION.sub(mark, text) for mark in marks):
            yield from ((form, "section"), (_STOP.sub("", form), "section"))
    if _SUBSECTION.search(text):  # "Rule 12(b)(6)"
        yield from ((_SUBSECTION.sub(mark, text), "bracket") for mark in ("", " "))
        yield _SUBSECTION.sub(" ", text, count=1), "bracket"
    if "_" in text and " " not in text:  # "shortness_of_breath"
        yield text.replace("_", " "), "underscore"
    if _EDITION.search(text):  # "ISO 9001:2015"
        yield _EDITION.sub("", text), "edition"


def name_forms(text: str) -> Iterator[tuple[str, str]]:
    """Forms in which signs differ, and no letter: those that names of people and bodies have as well."""
    if _INITIALS.search(text):  # "U.S. Treasury bill"
        yield _INITIALS.sub(lambda found: found[0].replace(".", ""), text), "full stop"
    elif _INITIAL.search(text):  # "St. John's wort", "E. coli"
        yield _INITIAL.sub(lambda found: found[0][:-1], text), "full stop"
        yield re.sub(r"(?<=\b[A-Z]\.) (?=\w)", "", text), "full stop"
        if long := _SHORT_PLACES.get(text[:3]):
            yield long + text[3:], "full stop"
    elif _INITIAL_LAST.search(text):  # "Rosalind K."
        yield text[:-1], "full stop"
    elif acronym := _ACRONYM_FIRST.match(text):  # "HMS Victory"
        yield ".".join(acronym[0]) + "." + text[acronym.end() :], "full stop"
    elif _LONG_PLACE.match(text):  # "Saint Mary's Hospital"
        yield from ((_LONG_PLACE.sub(text[0] + short, text), "full stop") for short in ("t. ", "t "))
    yield from _numbered_forms(text)
    if _YEAR_LAST.search(text):  # "Data Protection Act 2018"
        yield from ((_YEAR_LAST.sub(rf"{mark} \1", text), "year") for mark in (",", " of", ""))
    if "&" in text:
        yield re.sub(r"\s?&\s?", " & ", text), "ampersand"
        yield re.sub(r"(?<=\b[A-Z])\s?&\s?(?=[A-Z]\b)", "&", text), "ampersand"
    if re.search(r"[A-Za-z]{3} (?:&|and) [A-Za-z]{3}", text):
        yield re.sub(r"(?<=[A-Za-z]{3}) & (?=[A-Za-z]{3})", " and ", text), "ampersand"
        yield re.sub(r"(?<=[A-Za-z]{3}) and (?=[A-Za-z]{3})", " & ", text), "ampersand"
    if _FOREIGN.search(text):  # "Grüner Veltliner", "Malmö"
        yield _FOREIGN.sub(lambda found: _LETTERS_FOR[found[0]], text), "letters"
    if _BRACKETED.search(text):  # "iron(III) oxide"
        yield from ((_BRACKETED.sub(mark, text), "bracket") for mark in ("", " "))
    if "%" in text:
        yield re.sub(r"(?<=\d) ?%", " %", text), "percent"
        yield re.sub(r"(?<=\d) ?%", "%", text), "percent"
    if _LETTERS.search(text):  # "M/V Ever Given"
        yield _LETTERS.sub(r"\1\2", text), "slash"
    if behind := _BEHIND.search(text):  # "anti-Ki-67"
        yield _BEHIND.sub(lambda found: f"{found[1]}{'' if found[2] else '-'}{found[3]}", text), "hyphen"
    if (before := _BEFORE.match(text)) and (behind or not _COMPOUND.fullmatch(text)):
        yield f"{before[1]} {text[before.end() :]}", "hyphen"
    if code := _CODE.search(text):  # "5-FU", "B12", "25-OH vitamin D"
        first, second = (code[1], code[2]) if code[1] else (code[3], code[4])
        spaced = ("-", "") if len(code[0]) < _SHORT_CODE else ("-", "", " ")
        for between in spaced if code[1] else ("-", "", " "):
            yield f"{text[: code.start()]}{first}{between}{second}{text[code.end() :]}", "hyphen"


_SHORT_CODE = 4
"""Characters of a code whose letters and digits no space may part: "B 12" may be a row and its number."""
_OTHER_WORD = re.compile("re-(?:sign|cover|create|form|lease|mark|sort|present)|co-op", re.IGNORECASE)
_CLOSED = re.compile(
    r"\b(?:(?i:non|re|by|co|pre|sub|cross|multi|inter|anti|over|under|mid|semi|post|peri|intra|extra|trans|super"
    r"|ultra|micro|macro|counter|tele|[a-z]{2,9}o(?=-[a-z]{4}))|[A-Za-z]{4,8}(?=-[a-z]{3,5}\b)"
    r"|[A-Za-z](?=-[A-Za-z]{3})|[A-Z][a-z](?=-[A-Z][a-z])"
    r"|[a-z]{2,6}(?=-(?:on|up|in|out|off|down|end|back|over|forward|through)\b)|[A-Z]{2,3}(?=-[A-Z]{2}\b)|[A-Z]{2}(?=-[a-z]{2,4}[A-Z]))-(?=[A-Za-z])",
    re.ASCII,
)
"""Hyphens that are left out as well: "non-party", "fork-lift", "X-ray", "CK-MB"."""
_GAP = re.compile("[ -]")
_SMALL = re.compile(r"(?<=[A-Za-z]) (of|in|to|at|by|for) (?=[A-Za-z])", re.IGNORECASE)


def _joined(text: str) -> Iterator[str]:
    """Hyphens for spaces, everywhere or at the first place, and spaces for hyphens: "third-party claim"."""
    words = text.split(" ")
    if 1 < len(words) <= _MOST_WORDS and all(map(_WORD.fullmatch, words)):
        yield "-".join(words)
        if len(words) > 2:
            yield f"{words[0]}-{' '.join(words[1:])}"
            yield _SMALL.sub(r"-\1-", text)
    elif 1 < len(words) < _MOST_WORDS and all(map(_COMPOUND.fullmatch, words)):
        yield f"{words[0]}-{' '.join(words[1:])}"
    if "-" in text and all(map(_ALPHANUMERIC.fullmatch, re.split("[ -]", text))):
        yield text.replace("-", " ")
        yield text.replace(" ", "-")
        words = _GAP.split(text)
        if text.count("-") == 1 and 2 < len(words) <= _MOST_WORDS and all(map(_WORD.fullmatch, words)):
            at = next(n for n, gap in enumerate(_GAP.findall(text)) if gap == "-")
            # "non-small cell lung cancer", "non small-cell lung cancer", "non-small-cell lung cancer"
            for hyphens in ({at + 1}, {at, at + 1}) if at + 2 < len(words) else ({at - 1}, {at - 1, at}):
                marks = ["-" if n in hyphens else " " for n in range(len(words) - 1)]
                yield "".join(map("".join, zip(words, (*marks, ""), strict=True)))
        if not _OTHER_WORD.match(text) and text.count("-") == 1 and _CLOSED.search(text):
            yield _CLOSED.sub(lambda found: found[0][:-1], text)


def _numbers(text: str) -> Iterator[tuple[str, str]]:
    """The head noun in the other number: what stands before the first "of", "in", "to"; of "X and Y" both."""
    if pair := _PAIR.fullmatch(text):
        heads = [next(_numbers(word), None) for word in (pair[1], pair[3])]
        if heads[0] and heads[1] and heads[0][0] == heads[1][0]:
            yield heads[0][0], f"{heads[0][1]} {pair[2]} {heads[1][1]}"
    elif " and " in text and (last := next(_numbers(text.rpartition(" and ")[2]), None)):
        yield last[0], f"{text.rpartition(' and ')[0]} and {last[1]}"  # "hazard analysis and control points"
    connected = _connected(text)
    front, back = (text[: connected.start()], text[connected.start() :]) if connected else (text, "")
    place = max(front.rfind(" "), front.rfind("-")) + 1
    before, head = front[:place], front[place:]
    if _PARTICLE.search(text):
        yield "plural", f"{text}s"  # "add-ons"
        return
    if _DIGITS.fullmatch(head) and not back:
        yield "plural", f"{text}s"  # "4x4s"
        return
    if (
        (len(head) < _SHORTEST_HEAD and head.lower() != "ox")
        or not _NOUN.fullmatch(head)
        or not _VOWEL.search(head)
    ):
        return
    lower, alone = head.lower(), not before
    if head[-1] == "s" and head[:-1].isupper() and len(head) >= _SHORTEST_HEAD:
        yield "singular", before + head[:-1] + back  # "PPIs"
        return
    if lower == "media" and before:
        yield "singular", before + in_case_of(head, "medium") + back
    elif other := _REGULAR.get(lower):
        yield "singular", before + in_case_of(head, other) + back
    elif lower.endswith("s") and not lower.endswith(("ss", "us", "is")):
        if lower not in _ONLY_PLURAL and not (alone and len(lower) <= _SHORTEST):
            yield "singular", before + in_case_of(head, _singular(lower)) + back
    elif not (alone and lower in _NO_PLURALS):
        yield from (("plural", before + in_case_of(head, other) + back) for other in _plurals(lower))


_EVENT = re.compile(
    r"(?:failure|rupture|fracture|breach|loss|theft|repair|removal|withdrawal|renewal|refusal|approval|abuse|misuse"
    r"|damage|leakage|spillage|storage|delivery|recovery|discovery|injury|biopsy|growth|release|transfer|control"
    r"|port|date|place|rate|contract|certificate|risk|duty|notice|level|\w{3,}(?:[ts]ion|ment|ence|ance|lysis|plasty|[et]omy|osis|itis|ectasis|stasis))s?",
    re.IGNORECASE,
)
"""Heads of compounds that are what happens to the word before them: "bearing failure", "discharge port"."""
_OF = re.compile(r"([a-z]+) of (?:the )?((?:[a-z]{3,} ){0,2}[a-z]{3,})")
_HAPPENED = re.compile(r"(ruptur|fractur|dislocat|perforat|infect|contaminat|obstruct)(?:e|ion)", re.I)
"""Events that name the thing they happened to as well: "ruptured ligaments"."""


def _events(text: str) -> Iterator[tuple[str, str]]:
    """ "failure of the bearings" for "bearing failure", "discharge port" for "port of discharge"."""
    if (turned := _OF.fullmatch(text)) and _EVENT.fullmatch(turned[1]):
        yield "order", f"{turned[2]} {turned[1]}"
    thing, _, head = text.rpartition(" ")
    words = thing.split()
    if (
        not words
        or _CONNECTED.search(text)
        or not _EVENT.fullmatch(head)
        or not all(map(_WORD.fullmatch, words))
    ):
        return
    for each in (thing, *(other for _, other in _numbers(thing)))[:2]:
        yield from (("of-the", f"{head} of {article}{each}") for article in ("the ", ""))
    if happened := _HAPPENED.fullmatch(head):
        yield "order", f"{happened[1]}ed {thing}"


def _connected(text: str) -> re.Match[str] | None:
    """What ends the part of a term that holds its head; of "due-on-sale clause" nothing does."""
    found = _CONNECTED.search(text)
    while (
        found
        and found[0][0] == "-"
        and (found[0][-1] == " " or " " in text[found.end() :] or found[0].lower() == "-and-")
    ):
        found = _CONNECTED.search(text, found.end())
    return found or _POSTPOSED.search(text)


def _plurals(word: str) -> Iterator[str]:
    for ending, cut, others in _PLURALS:
        if ending.search(word):
            yield from (word[: len(word) - cut] + other for other in others)
            return
    yield word + "s"


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "zzes", "ches", "shes")):
        return word[:-2]
    return word[:-1]


# Entries of ICD-10: "Pneumonia, unspecified organism", "Essential (primary) hypertension".

_ENTRY_CODE = re.compile(r"(?:\w+:)?[A-TV-Z]\d[0-9A-Z](?:\.?[0-9A-Z]{1,4})?")
_VAGUE = re.compile(
    r",? (?:[\w ]{0,30}\b(?:unspecified|not (?:elsewhere |otherwise )?(?:specified|classified)|nos)\b[^,]*"
    r"|(?:un)?complicated|initial encounter|subsequent encounter|sequela|single episode|without [^,]+)",
    re.IGNORECASE,
)
_WITHOUT = re.compile(r" without (?:\w+ ){0,3}\w+\Z", re.IGNORECASE)
_LEAST_ENTRY = 4
"""Letters of an entry that is cut: "Gout, unspecified"."""
_MOST_CUT = 6
"""Parts that an entry loses at most: every cut has forms of its own, and hostile cells hold hundreds."""
_UNSPECIFIED = re.compile(r"\Aunspecified ", re.IGNORECASE)
_WITHIN = re.compile(r" \([a-z ]+\)(?= )")


def is_entry(concept: str) -> bool:
    """Whether an id is a code of ICD-10, whose entries say what they leave open."""
    return _ENTRY_CODE.fullmatch(concept) is not None


def entry_forms(text: str) -> Iterator[tuple[str, str]]:
    """What a clinician writes for an entry: without what it leaves open or rules out."""
    name, before = _UNSPECIFIED.sub("", _WITHIN.sub("", text), count=1), ""
    for _ in range(_MOST_CUT):
        if name == before or len(name) < _LEAST_ENTRY:
            return
        if name != text:
            yield name, "entry"
        before, comma = name, name.rfind(",")
        if name.endswith(" unspecified"):  # "Chronic kidney disease, stage 3 unspecified"
            name = name.removesuffix(" unspecified").rstrip(",")
            continue
        vague = comma > 0 and _VAGUE.fullmatch(name[comma:])
        name = name[:comma] if vague else _WITHOUT.sub("", name)
