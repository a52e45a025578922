"""Other forms of the terms of a user's own list: number, hyphens, spelling, signs, and these together.

A list that somebody writes has one form of a name ("Change of Control"), the text has any of them
("Change-of-Control", "warrants" for "Warrant"). The rules of ``RULES`` are made for terminologies and for a
reader who looks through what they make; these run unseen, over nouns of every kind, and leave out what would
be another word.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import combinations, pairwise, product

from hybrid_ner.terms.lint import english_words
from hybrid_ner.terms.variants.forms import RULES, eponyms, greek_as_typed, in_case_of, takes_article
from hybrid_ner.terms.variants.words import combined, other_words
from hybrid_ner.text import fold
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)

_MOST_WORDS = 5
"""Words of a term whose spaces may be hyphens: longer ones are phrases, which nobody writes so."""
_SHORTEST, _SHORTEST_HEAD = 4, 3
_SPELLED = {name: rule for name, rule in RULES.items() if name not in ("plural", "singular")}
"""The rules for everything but number."""
_SPELLINGS = ("american", "british")


def own_forms(text: str, language: str = "") -> Iterator[tuple[str, str]]:
    """Other forms of a term that ignores case, each with the rule that makes it; repeats are possible.

    Args:
        language: The language of the term, if its list tells that (``languages_of``).
    """
    text = _RE.DASH.sub("-", unicodedata.normalize("NFC", text))
    spelled = [("", text), *((rule, form) for form, rule in name_forms(text))]
    spelled += [(rule, other) for rule, make in _SPELLED.items() for other in make(text)]
    spelled += [("hyphen", other) for other in _joined(text)]
    spelled += [("greek", other) for other in greek_as_typed(text)]
    spelled += [("letters", other) for other in _umlauts(text)]
    spelled += [("brackets", other) for other in _brackets(text)]
    spelled += (*other_words(text), *_events(text), *eponyms(text))
    spelled += [("locant", other) for other in _locants(text)]
    spelled += [("article", other) for other in _articled(text)]
    spelled += [("order", other) for other in _findings(text)]
    if last := _RE.ADJECTIVE_LAST.fullmatch(text):  # "Rash maculo-papular", as MedDRA has it
        spelled.append(("inverted", f"{last[2]} {last[1]}"))
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
    if _RE.ISE.search(text):
        spelled += [("spelling", _RE.ISE.sub(rf"\1i{letter}", text)) for letter in "sz"]
    for rule, form in spelled:
        if rule:
            yield form, rule
        for number, other in _numbers(form) if rule != "edition" else ():
            yield other, f"{number}, {rule}" if rule else number
            if not rule:
                yield from ((joined, f"{number}, hyphen") for joined in _joined(other))
                yield from ((typed, f"{number}, letters") for typed in _letters(other))
    yield from _declined(text)
    rule = DECLINED if language == "german" else "case" if language in _WITH_CASES else "plural"
    yield from ((form, rule) for form in _inflected(text, language))


def _brackets(text: str) -> Iterator[str]:
    """Brackets within a word in the other kind: "benzo[a]pyrene" ↔ "benzo(a)pyrene"."""
    for found, other in ((_RE.SQUARE, r"(\1)"), (_RE.ROUND, r"[\1]")):
        if found.search(text):
            yield found.sub(other, text)


_SHORT_PLACES = {"St.": "Saint", "Mt.": "Mount", "Ft.": "Fort"}
_LETTERS_FOR = dict(zip("äöüÄÖÜßøå", ("ae", "oe", "ue", "Ae", "Oe", "Ue", "ss", "oe", "aa"), strict=True))
_FOREIGN = re.compile("|".join(_LETTERS_FOR))


_TYPED = re.compile(r"(?<![aeiouyäöüq])(?:ae|[ou]e(?![aeiouy]))(?!s?(?:[\W\d_]|\Z))", re.IGNORECASE)
"""What may stand for an umlaut: no "ue" of "neue" and "value", no "oe" of "toe"."""
_LEAST_TYPED = 5
"""Letters of a word that is read so: "Oedem", not the name "Boer"."""


def _letters(text: str) -> Iterator[str]:
    """Umlauts as two letters: "Gruener Veltliner", "Malmoe"."""
    text = unicodedata.normalize("NFC", text)
    if _FOREIGN.search(text):
        yield _FOREIGN.sub(lambda found: _LETTERS_FOR[found[0]], text)


def _umlauts(text: str) -> Iterator[str]:
    """Umlauts for two letters, where no word becomes an everyday one: "Ödem", no "pots" for "poets"."""
    if not _TYPED.search(text):
        return
    words = text.split(" ")
    made = [_TYPED.sub(lambda found: "äÄöÖüÜ"["aAoOuU".index(found[0][0])], word) for word in words]
    made = [new if len(old) >= _LEAST_TYPED else old for old, new in zip(words, made, strict=True)]
    if made != words and not any(fold(new) in english_words() for new in made if new not in words):
        yield " ".join(made)


def other_letters(text: str) -> tuple[str, ...]:
    """A text with its umlauts as the other keyboard has them: "Oedem" of "Ödem", and the other way round."""
    return (*_letters(text), *_umlauts(text))


def _declined(text: str) -> Iterator[tuple[str, str]]:
    """The other cases of a German adjective and its noun: "akuten Nierenversagens"."""
    for ending, said in _RE.made("adjectives", re.compile):
        if found := ending.search(text):
            stem, noun = text[: found.end()].rstrip("rsnm"), text[found.end() :]
            forms = [f"{stem[:-1]}{other}" for other in said.split()]
            nouns = (noun, *(other for _, other in _numbers(noun)))
            yield from ((form + other, "case") for form in forms for other in nouns)


DECLINED = "case of a noun"
"""Rule of the nouns of a German list, which have capitals: "versuchen" is no case of "Versuch"."""
_ROMANCE = ("french", "spanish", "portuguese", "italian")
_LEAST_SIGNED, _SIGNED, _CLEARLY = 3, 0.2, 1.5
"""Terms of a list that show its language, their share of those that are not English, and how often more they
are than those that show another one."""
_SAMPLED = 2_000
"""Terms that are looked at of a long list."""
_MOSTLY = 2 / 3
"""Share of terms that are not English from which a list has no English ones: "Hand", "Arm", "Finger"."""


def languages_of(texts: Iterable[str]) -> dict[str, str]:
    """The language of each term of a list, where it is one whose endings are known and not English.

    A term alone does not say it ("banca", "Handgelenk"), a list does: some of its terms have endings, signs
    or little words that hardly another language has. Terms all of whose words are English have no other
    language in a list that has some of both.
    """
    texts = dict.fromkeys(texts)
    foreign = [text for text in texts if not _is_english(text)]
    sample = foreign[:: len(foreign) // _SAMPLED + 1]
    signs = _RE.made("languages", re.compile)
    counts = Counter(of for text in sample for of in {of for sign, of in signs if sign.search(text)})
    (language, most), (_, next_most) = [*counts.most_common(2), ("", 0), ("", 0)][:2]
    if most < max(_LEAST_SIGNED, _SIGNED * len(sample), _CLEARLY * next_most):
        return {}
    if language == "nordic":  # "hudutslag" is a word of several of them
        signed = Counter(_RE.OF_ONE_NORDIC.findall(" ".join(sample).lower()))
        language = "swedish" if signed["ä"] + signed["ö"] > signed["æ"] + signed["ø"] else "danish"
    alone = len(foreign) >= _MOSTLY * len(texts)
    return dict.fromkeys(texts if alone else foreign, language) if language in _INFLECTED else {}


_DECLINED_TOGETHER = {"polish": ("polish_adjectives",), "czech": ("czech_adjectives", "czech_soft")}
"""Languages whose adjectives have the case of their noun, and the sections with the endings of these."""
_GERMANIC = ("swedish", "danish", "dutch")
"""Danish stands for Norwegian too: their endings are nearly the same."""
_WITH_CASES = (*_DECLINED_TOGETHER, "turkish")
_INFLECTED = (*_ROMANCE, "german", *_GERMANIC, *_WITH_CASES)
"""Languages whose endings are known; the signs of others keep their lists from being taken for these."""


def _is_english(text: str) -> bool:
    words = [word for word in re.findall(r"[^\W\d_]+", text) if len(word) >= _SHORTEST_HEAD]
    return english_words().issuperset(map(str.lower, words))


_MOST_AGREEING = 3
"""Words of a phrase that may agree: a noun and two adjectives."""


def _inflected(text: str, language: str) -> Iterator[str]:
    """Other numbers and cases of a term of a language, or of one that shows which family it is of."""
    if language == "german":
        before, head, back = _parted(text)
        if len(head) >= _SHORTEST_HEAD and _RE.NOUN.fullmatch(head) and not head.isupper():
            yield from (f"{before}{other}{back}" for other in _ended(head, "german"))
    elif adjectives := _DECLINED_TOGETHER.get(language):
        for endings in adjectives:
            yield from _declined_together(text, language, endings)
    elif language in _GERMANIC:
        yield from _beside_adjectives(text, language)
    elif language == "turkish":
        start, space, noun = text.rpartition(" ")
        for section in ("turkish", "turkish_compounds")[: 1 + bool(space)]:
            yield from (f"{start}{space}{form}" for form in _ended(noun, section))
    elif language or _RE.ROMANCE.search(text):
        for each in (language,) if language else _ROMANCE:
            yield from _agreeing(text, each, each)
        if language:  # "conseillère municipale"
            yield from _agreeing(text, f"{language}_women", f"{language}_beside")


def _agreeing(text: str, head: str, beside: str) -> Iterator[str]:
    """Plurals and feminine forms of a French, Italian, Portuguese or Spanish phrase: "personnes concernées".

    Args:
        head: Section with the endings of its first word.
        beside: Section with those of the words behind that.
    """
    link = _RE.LINK.search(text)
    front, back = (text[: link.start()], text[link.start() :]) if link else (text, "")
    words = _RE.GAP.split(front)
    if len(words) > _MOST_AGREEING or not all(map(_RE.NOUN.fullmatch, words)):
        return
    gaps = (*_RE.GAP.findall(front), "")
    made = [_ended(words[0], head) or (head == beside) * (words[0],)]
    made += [_ended(word, beside) or (word,) for word in words[1:]]
    for number in range(max(map(len, made)) if made[0] else 0):
        forms = (each[min(number, len(each) - 1)] for each in made)
        yield "".join(map("".join, zip(forms, gaps, strict=True))) + back


def _beside_adjectives(text: str, language: str) -> Iterator[str]:
    """Forms of a noun of the north or Dutch, and of the adjectives before it: "allergiska reaktioner"."""
    link = _RE.GERMANIC_LINK.search(text)
    front, back = (text[: link.start()], text[link.start() :]) if link else (text, "")
    *beside, last = front.split(" ")
    before, dash, noun = last.rpartition("-")
    if len(beside) < _MOST_AGREEING and len(noun) >= _SHORTEST_HEAD and _RE.NOUN.fullmatch(noun):
        made = [(word, *_ended(word, f"{language}_adjectives")) for word in beside]
        nouns = [f"{before}{dash}{form}" for form in (noun, *_ended(noun, language))]
        yield from (f"{' '.join(forms)}{back}" for forms in product(*made, nouns))


def _declined_together(text: str, language: str, adjectives: str) -> Iterator[str]:
    """Cases of a Polish or Czech noun with the adjectives beside it: "sądu okręgowego", "umowy o pracę"."""
    words = text.split(" ")
    if _RE.PARTICIPLE.fullmatch(text):  # "pozwany", "obžalovaná"
        yield from _ended(text, adjectives)
    for place in range(min(len(words), _MOST_AGREEING)):
        nouns = _ended(words[place], language)
        for end in range(place + 1, min(len(words), _MOST_AGREEING) + 1):
            beside = [_ended(word, adjectives) for word in (*words[:place], *words[place + 1 : end])]
            if not nouns or not all(beside):
                break
            for noun, *others in zip(nouns, *beside, strict=True):
                yield " ".join((*others[:place], noun, *others[place:], *words[end:]))


@lru_cache(maxsize=65536)
def _ended(word: str, language: str) -> tuple[str, ...]:
    """A word with its other endings: as many letters go as are said, and what is said comes instead.

    "-" is no ending; one with "^" before it changes the last vowel, "Köpfe" of "Kopf", and one with "~" what
    keeps that vowel long or short: "talen" of "taal", "pillen" of "pil", "blodpropper" of "blodprop".
    """
    lower = word.lower()
    found = (said for ending, said in _RE.made(language, _last) if ending.search(lower))
    cut, *endings = next(found, "0 .").split()
    if endings == ["."]:
        return ()
    stem = lower[: len(lower) - int(cut)]
    changed = {"^": _umlaut, "~": _open}
    made = (
        changed[end[0]](stem) + end[1:] if end[0] in changed else stem + end.strip("-")
        for end in endings or "-"
    )
    return tuple(in_case_of(word, form) for form in made)


def _open(stem: str) -> str:
    """A Dutch stem before a vowel: "tal" of "taal", "pill" of "pil", and "pijn" as it is."""
    shorter = _RE.LONG_VOWEL.sub(r"\1", stem)
    return shorter if shorter != stem else _RE.SHORT_VOWEL.sub(r"\1\2\2", stem)


def _umlaut(stem: str) -> str:
    """ "köpf" of "kopf", "häus" of "haus"; what has no such vowel as it is."""
    return _RE.LAST_VOWEL.sub(lambda found: "äöü"["aou".index(found[0])], stem, count=1)


def _numbered_forms(text: str) -> Iterator[tuple[str, str]]:
    """Sections, editions, units: "42 U.S.C. § 1983", "Rule 12(b)(6)", "ISO 9001:2015", "20 mg"."""
    if _RE.SECTION.search(text):  # "Section 1983", "42 U.S.C. § 1983"
        marks = ("§ ", "§", "Section ", "section ", "Sec. ", "s. ", "s ", *([""] if "U.S.C" in text else []))
        marks += ("s", "s.") if _RE.SECTION_OF.search(text) else ()  # "s106 agreement"
        for form in (_RE.SECTION.sub(mark, text) for mark in marks):
            yield from ((form, "section"), (_RE.STOP.sub("", form), "section"))
    if _RE.SUBSECTION.search(text):  # "Rule 12(b)(6)"
        yield from ((_RE.SUBSECTION.sub(mark, text), "bracket") for mark in ("", " "))
        yield _RE.SUBSECTION.sub(" ", text, count=1), "bracket"
    if text.startswith("Morbus "):  # "Morbus Crohn"
        yield from ((f"M.{gap}{text[7:]}", "full stop") for gap in (" ", ""))
    if "_" in text and " " not in text:  # "shortness_of_breath"
        yield text.replace("_", " "), "underscore"
    if _RE.EDITION.search(text):  # "ISO 9001:2015"
        yield _RE.EDITION.sub("", text), "edition"
    for close, apart in ((_RE.BEFORE_UNIT, _RE.BETWEEN_UNIT), (_RE.BEFORE_DIGIT, None)):
        if close.search(text):  # "Vexora 20 mg", "stage 3", "FlowGuard 3000"
            yield close.sub("", text), "space"
        elif apart and apart.search(text):
            yield apart.sub(" ", text), "space"
    if _RE.FORM.search(text):  # "Form 10-K"
        yield _RE.FORM.sub("", text), "hyphen"


def name_forms(text: str) -> Iterator[tuple[str, str]]:
    """Forms in which signs differ, and no letter: those that names of people and bodies have as well."""
    if _RE.INITIALS.search(text):  # "U.S. Treasury bill", "J.R. Mortensen"
        yield _RE.INITIALS.sub(lambda found: found[0].replace(".", ""), text), "full stop"
        yield re.sub(r"(?<=\b[A-Z]\.)(?=[A-Z]\.)", " ", text), "full stop"
    elif _RE.INITIAL.search(text):  # "St. John's wort", "E. coli"
        yield _RE.INITIAL.sub(lambda found: found[0][:-1], text), "full stop"
        yield from (
            (re.sub(rf"(?<=\b[A-Z]\.) (?={before})", "", text), "full stop") for before in (r"\w", r"[A-Z]\.")
        )
        if long := _SHORT_PLACES.get(text[:3]):
            yield long + text[3:], "full stop"
    elif _RE.INITIAL_LAST.search(text):  # "Rosalind K."
        yield text[:-1], "full stop"
    elif acronym := _RE.ACRONYM_FIRST.match(text):  # "HMS Victory"
        yield ".".join(acronym[0]) + "." + text[acronym.end() :], "full stop"
    elif _RE.ACRONYM.fullmatch(text):  # "UTI"
        yield ".".join(text) + ".", "full stop"
    elif _RE.LONG_PLACE.match(text):  # "Saint Mary's Hospital"
        yield from ((_RE.LONG_PLACE.sub(text[0] + short, text), "full stop") for short in ("t. ", "t "))
    if _RE.SHORT_PLACE.search(text):  # "St Brannock's Hospice"
        yield _RE.SHORT_PLACE.sub(r"\1.", text), "full stop"
    yield from _numbered_forms(text)
    if dated := _RE.DATED.fullmatch(text):  # "Employment Rights Act 1996", "TULRCA 1992"
        yield dated[1], "edition"
    if _RE.YEAR_LAST.search(text):  # "Data Protection Act 2018"
        yield from ((_RE.YEAR_LAST.sub(rf"{mark} \1", text), "year") for mark in (",", " of", ""))
    if "&" in text:
        yield re.sub(r"\s?&\s?", " & ", text), "ampersand"
        for mark in "&+":  # "N+V"
            yield re.sub(r"(?<=\b[A-Z])\s?&\s?(?=[A-Z]\b)", mark, text), "ampersand"
        yield text.replace("&", "&amp;"), "ampersand"  # as it stands in what was copied from web pages
    if "Regulations" in text:
        yield from ((text.replace("Regulations", short), "short form") for short in ("Regs", "Regs."))
    if _RE.FIRM.search(text):  # "Hollis, Ward & Pratt", "Advisory, Conciliation and Arbitration Service"
        yield from ((form, "comma") for form in (text.replace(",", ""), _RE.BEFORE_LAST.sub(r"\1, ", text)))
    if re.search(r"[A-Za-z]{3} (?:&|and) [A-Za-z]{3}", text):
        yield re.sub(r"(?<=[A-Za-z]{3}) & (?=[A-Za-z]{3})", " and ", text), "ampersand"
        yield re.sub(r"(?<=[A-Za-z]{3}) and (?=[A-Za-z]{3})", " & ", text), "ampersand"
    yield from ((typed, "letters") for typed in _letters(text))
    if _RE.BRACKETED.search(text):  # "iron(III) oxide"
        yield from ((_RE.BRACKETED.sub(mark, text), "bracket") for mark in ("", " "))
    if "%" in text:
        yield re.sub(r"(?<=\d) ?%", " %", text), "percent"
        yield re.sub(r"(?<=\d) ?%", "%", text), "percent"
    if _RE.LETTERS.search(text):  # "M/V Ever Given"
        yield _RE.LETTERS.sub(r"\1\2", text), "slash"
    if behind := _RE.BEHIND.search(text):  # "anti-Ki-67"
        yield _RE.BEHIND.sub(lambda found: f"{found[1]}{'' if found[2] else '-'}{found[3]}", text), "hyphen"
    if (before := _RE.BEFORE.match(text)) and (behind or not _RE.COMPOUND.fullmatch(text)):
        yield f"{before[1]} {text[before.end() :]}", "hyphen"
    if code := _RE.CODE.search(text):  # "5-FU", "B12", "25-OH vitamin D"
        first, second = (code[1], code[2]) if code[1] else (code[3], code[4])
        spaced = ("-", "") if len(code[0]) < _SHORT_CODE else ("-", "", " ")
        for between in spaced if code[1] else ("-", "", " "):
            yield f"{text[: code.start()]}{first}{between}{second}{text[code.end() :]}", "hyphen"


_SHORT_CODE = 4
"""Characters of a code whose letters and digits no space may part: "B 12" may be a row and its number."""


def _joined(text: str) -> Iterator[str]:
    """Hyphens for spaces, everywhere or at the first place, and spaces for hyphens: "third-party claim"."""
    words = text.split(" ")
    if _RE.BEFORE_NUMBER.search(text):  # "interleukin 2 receptor subunit alpha"
        yield _RE.BEFORE_NUMBER.sub(lambda found: "- "[found[0] == "-"], text)
    if 1 < len(words) <= _MOST_WORDS and all(map(_RE.WORD.fullmatch, words)):
        yield "-".join(words)
        if len(words) > 2:
            yield f"{words[0]}-{' '.join(words[1:])}"
            yield _RE.SMALL.sub(r"-\1-", text)
            yield f"{' '.join(words[:-1])}-{words[-1]}"
    elif 1 < len(words) < _MOST_WORDS and all(map(_RE.COMPOUND.fullmatch, words)):
        yield f"{words[0]}-{' '.join(words[1:])}"
    if "-" in text and all(map(_RE.ALPHANUMERIC.fullmatch, re.split("[ -]", text))):
        yield text.replace("-", " ")
        yield text.replace(" ", "-")
        words = _RE.GAP.split(text)
        if text.count("-") == 1 and 2 < len(words) <= _MOST_WORDS and all(map(_RE.WORD.fullmatch, words)):
            at = next(n for n, gap in enumerate(_RE.GAP.findall(text)) if gap == "-")
            # "non-small cell lung cancer", "non small-cell lung cancer", "non-small-cell lung cancer"
            for hyphens in ({at + 1}, {at, at + 1}) if at + 2 < len(words) else ({at - 1}, {at - 1, at}):
                marks = ["-" if n in hyphens else " " for n in range(len(words) - 1)]
                yield "".join(map("".join, zip(words, (*marks, ""), strict=True)))
        if not _RE.OTHER_WORD.match(text) and text.count("-") == 1 and _RE.CLOSED.search(text):
            yield _RE.CLOSED.sub(lambda found: found[0][:-1], text)


@cache
def irregular_plurals() -> dict[str, str]:
    """Plurals that no ending tells, with their singulars: "teeth" of "tooth"."""
    return dict(pair.split("/", 1) for pair in _RE.each("REGULAR"))


def _last(ending: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{ending})\Z")


def _numbers(text: str) -> Iterator[tuple[str, str]]:
    """The head noun in the other number: what stands before the first "of", "in", "to"; of "X and Y" both."""
    if pair := _RE.PAIR.fullmatch(text):
        heads = [next(_numbers(word), None) for word in (pair[1], pair[3])]
        if heads[0] and heads[1] and heads[0][0] == heads[1][0]:
            yield heads[0][0], f"{heads[0][1]} {pair[2]} {heads[1][1]}"
    elif " and " in text and (last := next(_numbers(text.rpartition(" and ")[2]), None)):
        yield last[0], f"{text.rpartition(' and ')[0]} and {last[1]}"  # "hazard analysis and control points"
    before, head, back = _parted(text)
    if _RE.TWO_WORDS.fullmatch(back):  # "right to work check"
        start, _, noun = text.rpartition(" ")
        yield from ((number, f"{start} {other}") for number, other in _numbers(noun))
    if _RE.PARTICLE.search(text):
        yield "plural", f"{text}s"  # "add-ons"
        return
    if _RE.DIGITS.fullmatch(head) and not back:
        yield "plural", f"{text}s"  # "4x4s"
        return
    lower, alone = head.lower(), not before
    if _RE.SHORT_FORM.fullmatch(head):
        yield "plural", f"{before}{head}s{back}"  # "BWs", "HRBPs"
        return
    short = len(head) < _SHORTEST_HEAD and lower != "ox"
    if short or not _RE.NOUN.fullmatch(head) or not _RE.VOWEL.search(head):
        return
    if head[-1] == "s" and head[:-1].isupper() and len(head) >= _SHORTEST_HEAD:
        yield "singular", before + head[:-1] + back  # "PPIs"
        return
    if lower == "media" and before:
        yield "singular", before + in_case_of(head, "medium") + back
    elif other := irregular_plurals().get(lower):
        yield "singular", before + in_case_of(head, other) + back
    elif lower.endswith("s") and not lower.endswith(("ss", "us", "is")):
        if lower not in _RE.each("ONLY_PLURAL") and not (alone and len(lower) <= _SHORTEST):
            yield "singular", before + in_case_of(head, _singular(lower)) + back
    elif singular := _german_singular(head):
        yield "singular", before + singular + back
    elif not (alone and lower in _RE.each("NO_PLURALS")):
        yield from (("plural", before + in_case_of(head, other) + back) for other in plurals(lower))


def _events(text: str) -> Iterator[tuple[str, str]]:
    """ "failure of the bearings" for "bearing failure", "discharge port" for "port of discharge"."""
    if (turned := _RE.OF.fullmatch(text)) and _RE.EVENT.fullmatch(turned[1]):
        yield "order", f"{turned[2]} {turned[1]}"
    thing, _, head = text.rpartition(" ")
    words = thing.split()
    happens = words and all(map(_RE.WORD.fullmatch, words)) and _RE.EVENT.fullmatch(head)
    if not happens or _RE.CONNECTED.search(text):
        return
    for each in (thing, *(other for _, other in _numbers(thing)))[:2]:
        yield from (("of-the", f"{head} of {article}{each}") for article in ("the ", ""))
    if happened := _RE.HAPPENED.fullmatch(head):
        yield "order", f"{happened[1]}ed {thing}"


def _articled(text: str) -> Iterator[str]:
    """With articles within: "fracture of the neck of the femur", "pain at the injection site"."""
    links = [link.end() for link in _RE.BEFORE_NOUN.finditer(text)]
    head = text[: text.find(" ", 0, links[0] - 1)] if links else ""
    if not 0 < len(links) <= _MOST_AGREEING or not (_RE.EVENT.fullmatch(head) or takes_article(head)):
        return
    for number in range(1, len(links) + 1):
        for places in combinations(links, number):
            parts = [text[start:end] for start, end in pairwise((0, *places, len(text)))]
            yield "the ".join(parts)


def _locants(text: str) -> Iterator[str]:
    """A systematic name with spaces at its numbers: "2, 4-dinitrophenol", "toluene 2,4-diisocyanate"."""
    if _RE.LOCANT.search(text):
        yield _RE.LOCANTS.sub(", ", text)
        yield from (_RE.BEHIND_LOCANT.sub(mark, text) for mark in (" ", " -"))
        yield _RE.BEFORE_LOCANT.sub(" ", text)


_FEW_NUMBERS, _MOST_NUMBERS = 12, 60
"""Terms that differ by their number, up to which two are written in every way, and in any way at all."""


def numbered_together(texts: Iterable[str]) -> Iterator[tuple[str, tuple[str, str]]]:
    """What two terms that differ by their number are called in one, and the two: "BRCA1/2", "stage I/II".

    Terms with one beginning and end go together: "type 1 diabetes" and "type 2 diabetes", "hepatitis B" and
    "hepatitis C".
    """
    groups: dict[tuple[str, str], dict[str, str]] = {}
    for text in texts:
        if found := _RE.NUMBERED.fullmatch(text):
            groups.setdefault((found[1], found[3]), {}).setdefault(found[2], text)
    for (before, behind), numbers in groups.items():
        if 1 < len(numbers) <= _MOST_NUMBERS:
            in_order = sorted(numbers, key=lambda number: (not number.isdigit(), len(number), number))
            for pair in combinations(in_order, 2):
                both = numbers[pair[0]], numbers[pair[1]]
                yield from ((form + behind, both) for form in _in_one(before, pair, len(numbers)))


def _in_one(before: str, pair: tuple[str, str], several: int) -> Iterator[str]:
    """Two numbers behind one beginning: "CK7/20", "grade 2 or 3", "types 1 and 2"."""
    first, second = pair
    stem = before.rstrip(" -")
    word = stem.rpartition(" ")[2]
    begins = [before, f"{stem}-", f"{stem} "]
    if before[-1] == " ":
        begins += [f"{stem[: -len(word)]}{in_case_of(word, each)} " for each in plurals(word.lower())]
    few = several <= _FEW_NUMBERS
    for begin in begins if few else begins[:1]:
        yield from (f"{begin}{first}{mark}{second}" for mark in ("/", " and ", *_OTHER_MARKS * few))


_OTHER_MARKS = (" / ", "-", " or ", " & ", " to ")

_MORE, _LESS = ("increased", "raised", "elevated"), ("decreased", "reduced", "lowered")


def _findings(text: str) -> Iterator[str]:
    """ "raised ALT" for "ALT increased", "prolonged QT interval" for "QT interval prolonged"."""
    if found := _RE.FOUND.fullmatch(text):
        how = found[2].lower()
        for other in next((words for words in (_MORE, _LESS) if how in words), (how,)):
            yield f"{other} {found[1]}"
            yield f"{found[1]} {other}"


def _parted(text: str) -> tuple[str, str, str]:
    """What stands before the head of a term, the head, and what stands behind it: "of the …"."""
    connected = _connected(text)
    front, back = (text[: connected.start()], text[connected.start() :]) if connected else (text, "")
    place = max(front.rfind(" "), front.rfind("-")) + 1
    return front[:place], front[place:], back


def _connected(text: str) -> re.Match[str] | None:
    """What ends the part of a term that holds its head; of "due-on-sale clause" nothing does."""
    found = _RE.CONNECTED.search(text)
    while (
        found
        and found[0][0] == "-"
        and (found[0][-1] == " " or " " in text[found.end() :] or found[0].lower() == "-and-")
    ):
        found = _RE.CONNECTED.search(text, found.end())
    return found or _RE.POSTPOSED.search(text)


@lru_cache(maxsize=65536)
def plurals(word: str) -> tuple[str, ...]:
    """Plurals of a word in small letters, the most usual first; of German ones the other cases too."""
    for ending, said in _RE.made("plurals", _last):
        if ending.search(word):
            cut, *others = said.split()
            return tuple(word[: len(word) - int(cut)] + other for other in others)
    return (word + "s",)


def _german_singular(word: str) -> str:
    """ "Lebermetastase" of "Lebermetastasen"; nothing of other words."""
    rows = _RE.made("singulars", _last) if word[-1] in "nN" else ()
    return next((word[: -int(cut)] for ending, cut in rows if ending.search(word.lower())), "")


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "zzes", "ches", "shes")):
        return word[:-2]
    return word[:-1]


# Entries of ICD-10: "Pneumonia, unspecified organism", "Essential (primary) hypertension".

_LEAST_ENTRY = 4
"""Letters of an entry that is cut: "Gout, unspecified"."""
_MOST_CUT = 6
"""Parts that an entry loses at most: every cut has forms of its own, and hostile cells hold hundreds."""


def is_entry(concept: str) -> bool:
    """Whether an id is a code of ICD-10, whose entries say what they leave open."""
    return _RE.ENTRY_CODE.fullmatch(concept) is not None


def leaves_open(text: str) -> bool:
    """Whether a name says that it does, as an entry of a classification: "Glaucoma NEC"."""
    return _RE.LEFT_OPEN.search(text) is not None


def entry_forms(text: str) -> Iterator[tuple[str, str]]:
    """What a clinician writes for an entry: without what it leaves open or rules out."""
    name, before = _RE.UNSPECIFIED.sub("", _RE.WITHIN.sub("", text), count=1), ""
    if leaves_open(name):
        yield _RE.LEFT_OPEN.sub("", name), "entry"
    for _ in range(_MOST_CUT):
        if name == before or len(name) < _LEAST_ENTRY:
            return
        if name != text:
            yield name, "entry"
        before, comma = name, name.rfind(",")
        if name.endswith(" unspecified"):  # "Chronic kidney disease, stage 3 unspecified"
            name = name.removesuffix(" unspecified").rstrip(",")
            continue
        vague = comma > 0 and _RE.VAGUE.fullmatch(name[comma:])
        # "Asma no especificada, sin complicaciones"
        name = name[:comma] if vague else _RE.WITHOUT.sub("", _RE.LEFT_OPEN.sub("", name))
