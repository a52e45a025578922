"""Phrases that name spans: "the last two", "everything but 3", "the first warfarin", "it"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial

from spacy.lang.en.stop_words import STOP_WORDS

from hybrid_ner.review.chat import numbered
from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.listed import as_written
from hybrid_ner.review.chat.losses import kind_meant
from hybrid_ner.review.chat.numbered import left_out, place_of, spans
from hybrid_ner.review.chat.reading import Item, Wording, new_item
from hybrid_ner.review.chat.short import in_full
from hybrid_ner.review.chat.situation import Situation, squeezed
from hybrid_ner.review.chat.wording import is_name, worded
from hybrid_ner.review.chat.words import corrected, is_english, is_known, without_shell
from hybrid_ner.text.patterns import Patterns

_NUMERALS = "|".join(w.NUMBERS)
_RE = Patterns(
    __file__, NUMERALS=_NUMERALS, MANY=_NUMERALS.removeprefix("one|"), ORDINALS="|".join(w.ORDINALS)
)


_WORD = re.compile(r"(?<![\w'’\"“/@.-])[^\W\d_]{4,}(?![\w'’\"”/@-])")


_SPELLINGS = re.compile(rf"(?i)(?<![\w'-])(?:{'|'.join(w.SPELLINGS)})(?![\w'-])")


_DOTTED = re.compile(r"\b(Mrs?|Ms|Dr|Prof|Co|Ltd|Inc|Corp|[JS]r|St|Hon)\.")


def without_slips(line: str, situation: Situation) -> str:
    """A line whose misspelled words of the language are mended before any pattern looks for them.

    Args:
        line: As typed; what is in quotes stays.
        situation: What it can be about: names are no slips.
    """
    line = in_full(line, situation)
    for plain, accented in situation.accented.items():
        # "Eireann" for "Éireann"
        line = re.sub(rf"(?i)\b{re.escape(plain)}\b", accented, line)
    for hyphened in set(re.findall(r"\b\w+-\w+\b", situation.text)):
        # "xray" for "x-ray"
        if hyphened.replace("-", "").lower() in line.lower().replace(" ", ""):
            line = re.sub(rf"(?i)\b{hyphened.replace('-', ' ?')}\b", hyphened, line)
    for short, word in set(_ABBREVIATED.findall(situation.text)):
        if not situation.holds(f"{short} {word}".lower()):
            # "e coli" for "E. coli"
            line = re.sub(rf"(?i)\b{short} {word}\b", f"{short}. {word}", line)

    def spelled(match: re.Match[str]) -> str:
        word = match.group()
        return word if situation.holds(word.lower()) else w.SPELLINGS[word.lower()]

    line = _SPELLINGS.sub(spelled, line)
    # "5 ought to begin at Mr.", where the text has no full stop behind it
    line = _DOTTED.sub(lambda said: said.group() if said.group() in situation.text else said[1], line)

    def mended(match: re.Match[str]) -> str:
        word = match.group()
        before = line[: match.start()].rstrip()
        named = word[0].isupper() and before[-1:].isalpha() and not before.isupper()  # "back to Nowak"
        if beside := _of_a_phrase(word, before, line[match.end() :], situation):
            return beside
        if not word[1:].islower() or named or is_name(word, situation):
            return word
        meant = corrected(word.lower())
        return meant.capitalize() if word[0].isupper() else meant

    parts = re.split(r"(\"[^\"]*\"|“[^”]*”)", line)
    line = "".join(part if n % 2 else _WORD.sub(mended, part) for n, part in enumerate(parts))
    return _in_figures(line, situation)


_ABBREVIATED = re.compile(r"\b([A-Z][a-z]{0,3})\. (?=([A-Za-z][\w'-]{2,}))")
"""A word cut short before another one, "E. coli" or "St. Mary": what people type without the full stop."""


def _of_a_phrase(word: str, before: str, after: str, situation: Situation) -> str:
    """The word of the text that one is a slip of, where the word beside it stands beside that there too.

    "salbutmol inhaler" can be nothing else than the one salbutamol inhaler; empty for any other word.
    """
    low = word.lower()
    if len(low) < _PHRASE or is_english(low) or situation.holds(low) or not (near := situation.near(low)):
        return ""
    beside = [rf"{near} {each}" for each in re.findall(r"^ ([\w'-]+)", after.lower()) if not is_known(each)]
    beside += [rf"{each} {near}" for each in re.findall(r"([\w'-]+)$", before.lower()) if not is_known(each)]
    return near if any(map(situation.holds, beside)) else ""


_PHRASE = 6
"""Letters of such a word, at least."""


def bared(line: str, situation: Situation) -> str:
    """A line without slips and without what stands around it, but with words of the text at its end.

    "mark the local police chief" is no greeting to a chief.
    """
    line = _RE.TOO_AND.sub(r"\1 too. ", without_slips(line, situation))
    joined = re.match(r"(?:And|Also|Then),? (?=([A-Z][\w'-]+))", line)
    if joined and situation.holds(joined[1].lower()) and joined.group() not in situation.text:
        line = line[joined.end() :]  # "And Tidewell Ltd is a party", where the text has "and Tidewell Ltd"
    bare, whole = without_shell(line), " ".join(line.split())
    at, end = whole.find(bare), squeezed(" ".join(whole.strip(" .!?").split()[-2:]))
    cut = at >= 0 and not bare.lower().strip(" .!?").endswith(end)
    return whole[at:] if cut and situation.holds(end) else bare


_ONES, _TEENS = [*w.NUMBERS][:9], [*w.NUMBERS][12:19]
_LARGE = re.compile(
    rf"(?i)(\"[^\"]*\")|(?<![\w£$€-])({'|'.join(_TEENS)}"
    rf"|({'|'.join(w.TENS)})(?:[ -]({'|'.join(_ONES)}))?)(?![\w'-])"
)
_COUNTED = re.compile(r"(?i)\b(?:all|these|those|the|other|next|last|first|for|than)$")
"""Words before a number that counts: "all thirteen", "the other fourteen"."""


def _in_figures(line: str, situation: Situation) -> str:
    """A line with numbers above twelve in figures where they name a span: "sixteen may stand".

    "thirty days" stays where the text has these words, and so does what counts spans. 6600 is 6,600 where
    the text writes it so.
    """

    def figure(said: re.Match[str]) -> str:
        before, after = line[: said.start()].rstrip(" ,"), line[said.end() :].split()[:1]
        if said[1] or _COUNTED.search(before) or _RE.UNIT.match(line, said.end()):
            return said.group()
        # "fifteen per cent", "Section Twenty"
        beside = [f"{said[2]} {word}" for word in after]
        beside += [f"{word} {said[2]}" for word in before.split()[-1:] if not is_known(word.lower())]
        if any(situation.holds(squeezed(each).strip(".,;:!")) for each in (said[2], *beside)):
            return said.group()
        tens, ones = (said[3] or "").lower(), (said[4] or "").lower()
        number = w.TENS[tens] + w.NUMBERS.get(ones, 0) if tens else w.NUMBERS[said[2].lower()]
        return str(number) if situation.spot(number) else said.group()

    def amount(said: re.Match[str]) -> str:
        parted = f"{int(said.group()):,}"
        return parted if situation.holds(parted) else said.group()

    line = as_written(line, situation)
    return re.sub(r"(?<![\d.,/-])\d{4,7}(?![\d.,/-])", amount, _LARGE.sub(figure, line))


_TITLES = frozenset(("mr", "mrs", "ms", "miss", "dr", "prof", "sir"))


def read_words(line: str, situation: Situation) -> Wording:
    """The bare wording of a line.

    Args:
        line: As typed, at most ``LONGEST`` characters.
        situation: What it can be about.
    """
    kept: dict[tuple[str, Situation], Wording] = situation.kept.setdefault("words", {})
    if (line, situation) not in kept:
        wording = kept[line, situation] = worded(line, situation)
        wording.loose = _reduced(wording.text.replace(" , ", " ,, "), wording, situation).replace(",,", ",")
        wording.since = len(wording.items)
        wording.text = _reduced(wording.text, wording, situation)
    # Who reads on may change its own.
    return replace(kept[line, situation], items=[*kept[line, situation].items])


def _reduced(text: str, wording: Wording, situation: Situation) -> str:
    """The wording with every phrase that names spans as one marker, and no title before a name: "Mr. Rao"."""
    for kind, at in re.findall(r"\b(UNK|TXT)(\d+) (?=(?:SRF|TXT)\d)", text):
        if wording.items[int(at)].said.lower().rstrip(".") in _TITLES:
            text = text.replace(f"{kind}{at} ", "")
    text = re.sub(" +", " ", text).strip()
    for pattern, make in _phrases():

        def put(match: re.Match[str], make: Callable[..., Item | str | None] = make) -> str:
            item = make(match, wording, situation)
            if item is None or isinstance(item, str):
                return item or match.group(0)
            return "" if item.kind == "gap" else new_item(wording, item)

        if pattern.search(text):
            text = re.sub(" +", " ", pattern.sub(put, text)).strip()
    text = _RE.ALL_BUT.sub(partial(_moved, wording=wording, situation=situation), text)
    same_again(text, wording)
    # "3 has the wrong label, should be drug": the second part is about 3 too.
    for head, sign in (("", "[;,]"), ("(?:^|(?<=[;,] ))", "and")):
        then = rf"({sign}) (?:and |but |so )?(?=is (?:not )?(?:a |an |the )?(?:LAB|okay|fine|right|wrong))"
        text = re.sub(rf"{head}(REF\d+)([^;,?]*?) {then}", r"\1\2 \3 \1 ", text)
    text = re.sub(r"\b(?:a|an|the|that(?= (?:REF|TXT))|this(?= document))\b ?", "", text)
    # "12 Pier Road is an address, mark it as GPE"
    text = re.sub(
        r"^TXT\d+ is (?:UNK\d+ )+[,;] (?=(?:POLITE )?(?:mark|add|include) REF\d+ (?:as |to )?LAB\d+$)",
        "",
        text,
    )
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
    # "take 1 and 2 and reject the rest"; "pass the first" may skip it too
    for verb, plain in (("take", "accept"), ("pass", "DOUBT accept")):
        text = re.sub(
            rf"(^|[;,] |and |but ){verb} (REF\d+)(?= ?(?:[;,]|and\b|but\b|$))",
            partial(_taken, plain=plain, wording=wording),
            text,
        )
    # "the span for embolism is too short"
    text = re.sub(r"^(?:thing|one) (?:for|of|on|around) (?=REF\d+ (?:is|should|needs?|has|must)\b)", "", text)
    return re.sub(r"\s+", " ", _plainly_labeled(text, wording)).strip()


def _plainly_labeled(text: str, wording: Wording) -> str:
    """A wording without what only confirms a label, or denies another one beside it."""
    # "pain, symptom, correct"
    text = re.sub(r"(REF\d+ ,? ?LAB\d+) , (?:okay|fine|right|yes)(?= ?(?:;|$))", r"\1", text)
    for what in re.findall(r"REF\d+(?= ?,? (?:(?:is )?LAB|not|no))", text):
        if wording.item(what).by not in ("this", "that"):
            # "metformin, drug, not event"; "metformin no event, drug"
            beside = rf"({what} (?:, |is )?LAB\d+) ,? ?(?:and )?(?:not|no) LAB\d+(?= ?(?:[;,.]|$))"
            text = re.sub(beside, r"\1", text)
            text = re.sub(rf"({what}) ,? ?(?:not|no) LAB\d+ , (?:but )?(?=LAB\d+(?: ?;|$))", r"\1 is ", text)
    return text


def same_again(text: str, wording: Wording) -> None:
    """Let "it" and "them" mean what the sentence has named before: ``3 is no disease, it's a drug``."""
    named: Item | None = None
    several: Item | None = None
    since, pair, passed = 0, False, False
    for found in re.finditer(r"REF\d+|TXT\d+", text):
        marker = found.group()
        item = wording.item(marker)
        adds = (_IN if item.kind == "txt" else _OF).search(text[since : found.start()])
        if adds and item.by != "that" and (named is not None or adds[1]):
            passed = passed or item.kind == "ref"
            continue  # "they held it"; "section 7 is of the Agreement, so it's no law"
        if item.by == "that" and named is not None:
            doubt = "it may be said of either" if passed and item.said == "that" else named.problem
            by = named.by if named.kind == "txt" else "number"
            wording.items[int(marker[3:])] = replace(named, by=by, problem=doubt)
        elif item.said == "them" and not several and named and _PLURAL.search(named.said):
            # "the seizures are an effect; simply accept them": they, and not all that is shown
            wording.items[int(marker[3:])] = replace(named, by="number" if named.kind == "ref" else named.by)
        elif several and (item.by == "that" or item.said == "them" or (item.said == "both" and pair)):
            # "every warfarin is a drug, accept them"; "1 and 2 I have checked, both are right"
            by = "term" if several.by == "term" else "number"
            wording.items[int(marker[3:])] = replace(several, by=by, every=False)
        elif named and item.said == "them" and named.kind == "ref" and named.said.rstrip(" .").endswith("s"):
            # "The coins are too vague, leave them out", where one mention is called coins
            wording.items[int(marker[3:])] = replace(named, by="number", every=False)
        elif (
            named
            and named.kind == item.kind == "ref"
            and item.by not in _POINTS
            and item.numbers not in ((), named.numbers)
            and _OBJECT.fullmatch(text[since : found.start()])
        ):
            # "pain was why they gave warfarin, so reject it"
            named = replace(named, problem="it may be said of either")
        elif item.kind == "txt" or (len(item.numbers) == 1 and item.by not in _POINTS):
            named = item
            since = found.start() if _HEADS.search(text[: found.start()]) else found.end()
        elif item.by in ("number", "term", "label", "order") and len(item.numbers) > 1:
            several, pair = item, len(item.numbers) == 2


_PLURAL = re.compile(r"(?i)[a-z]{3,}(?<![su])(?<!is)s$")
"""A name that "them" may stand for: "the seizures", but not "sepsis" or "abscess"."""
_POINTS = ("all", "rest", "this", "that")
_ADDS = "of|in|under|by|from|at|with|for"
_IN = re.compile(
    rf"\b(?:{_ADDS}|to [a-z]+|to|is|was|has|had|(they|s?he|we|i|who)) (?:(?:the|an?|only|not|even|still) )*$"
)
_OF = re.compile(rf"^()(?:REF|TXT)\d+ (?:(?!and |but )[^;,?])*\b(?:{_ADDS}|about|where) $")
_OBJECT = re.compile(
    r"REF\d+ (?!.*(?:\b(?:and|or|but|so|while|as|like|okay|fine|right|wrong|no|not|accept|reject|mark)\b"
    r"|LAB))"
    r"[a-z][^;,?]* "
)
_HEADS = re.compile(r"(?:^|[;,] |\b(?:and|but|so) )(?:(?:the|an?) )?$")
_VERDICT = r"(?:okay|yes|no|fine|right|wrong|accept|reject)"


def of_two_verdicts(match: re.Match[str]) -> bool:
    """Whether a comma parts what two verdicts are about: ``ok 1 2, 5 wrong`` · ``no 5 6, 10 drug``."""
    if "," not in match.group():
        return False
    before, after = match.string[: match.start()], match.string[match.end() :]
    listed = re.search(r" , ?(and )?REF\d+$", match.group())
    if listed and re.search(r"\b(?:accept|reject|mark) $", before):
        # "throw out the last one, HIT is too vague"; "accept 3 and 12, and 17 has to read blurred vision"
        verb = r" (?:is|was|has|had|does|do|can|looks?|says?) "
        verb += r"(?!REF|(?:a |an |the )?LAB|all\b|no\b|not\b|both\b)"
        apart = re.match(rf"{verb}(?!{_VERDICT})", after) is not None
        if apart or not listed[1]:
            return apart
    return bool(
        re.search(rf"\b{_VERDICT} (?:for |on |with |about )?$", before)
        and re.match(rf" (?:is )?(?:all )?(?:not )?(?:an? |the )?(?:{_VERDICT}\b|LAB\d)", after)
    )


def _taken(match: re.Match[str], plain: str, wording: Wording) -> str:
    pointing = wording.item(match[2]).by in ("this", "that")
    return match.group() if pointing else f"{match[1]}{plain} {match[2]}"


def _moved(match: re.Match[str], wording: Wording, situation: Situation) -> str:
    out, gone = wording.item(match.group(3)), left_out(match.group(3), wording, situation)
    if match.group(1) is None and (match.start() or not re.search(r"okay|fine|right|yes", match.group(2))):
        return match.group(0)
    if match.group(1) is None:
        # "looks good except 5"
        numbers = [spot.number for spot in situation.offered if spot.number not in gone]
        return f"{new_item(wording, spans(numbers, 'all', 'all', out.problem))} is okay"
    whole = wording.item(match.group(1))
    single = len(whole.numbers) < 2 and not whole.problem
    span = re.search(r"[-–]|\b(?:to|through|thru|till|until)\b", whole.said) or {*whole.numbers} >= gone
    span = whole.by == "number" and span
    if single or (whole.by not in ("all", "rest", "label", "order", "term") and not span):
        return match.group(0)
    numbers = [n for n in whole.numbers if n not in gone]
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
    known = {**vars(numbered), **globals()}
    return tuple((pattern, known.get(name) or known[f"_{name}"]) for pattern, name in _RE.rules("phrases"))


def _nothing(*_: object) -> Item:
    return Item("gap")


def _all(match: re.Match[str], wording: Wording, situation: Situation) -> Item:
    numbers = [spot.number for spot in situation.offered]
    them = re.fullmatch(r"(?:these|those|them|they)(?: (?:thing|one|mark))*", match.group())
    problem = "" if numbers else "nothing is open here"
    return spans(numbers, "them" if them else "all", "all", problem, every=True)


def _this(match: re.Match[str], wording: Wording, situation: Situation) -> Item:
    spot = situation.focus
    by = "this" if match.group().startswith(("this", "the")) else "that"
    again = " is " in situation.last and re.match(r"(?i)\W*make that\b", wording.raw)  # "make that Company"
    if by == "that" and (asked := situation.spot(situation.waits)):
        spot = asked  # "actually no, keep it", after a question about another span than the last decided one
    elif by == "that" and (again or _RE.CORRECTS.match(wording.raw)) and (last := situation.last_decided):
        spot = last
    elif (
        by == "that"
        and situation.fresh
        and not situation.framed
        and re.match(r"(?i)\W*no\b", wording.raw)
        and (last := situation.spot(situation.touched))
        and not situation.last.split("; ")[-1].startswith(
            "no "
        )  # "£1,460 is left: is it an address?" comes after it
    ):
        spot = last  # "accept 3", then "no, it is a variant"
    elif by == "that" and situation.named and (named := situation.spot(situation.named)):
        spot = named
    return spans((spot.number,) if spot else (), match.group(), by, "" if spot else "nothing is open here")


def _with_part(match: re.Match[str], wording: Wording, situation: Situation) -> str | None:
    """The span that words beside another one are a part of: "Mehta and Supreme Court are right"."""
    said = wording.item(match[2]).said
    number = situation.part_of(said)
    return f"{match[1]}{new_item(wording, spans((number,), said, 'term'))}{match[3]}" if number else None


_APART = re.compile(
    r"(?:(?:^|[;,] )(?:not|skip)|DOUBT(?: about| on| of| by)?|i have not (?:checked|seen|looked at)) $"
)
"""What the first of two is about alone: "unsure about metoprolol, fever is right"."""


def _joined(match: re.Match[str], wording: Wording, situation: Situation) -> Item | str | None:
    markers = re.findall(r"REF\d+", match.group(1))
    items = [wording.item(marker) for marker in markers]
    pair = items[-1].said in ("them", "both")
    mine = len(items) > 2 and (pair or items[-1].said == "it")
    mine = mine or re.match(r" (?:one )?(?:i|we) (?!want|mark)", match.string[match.end() :]) is not None
    if mine and re.search(rf"(?:,{'|and' * pair}) {markers[-1]}$", match.group()):
        # "5, 10 and 11, those I'll do later"; "I checked 1 and 2 and they're both correct"
        numbers = [n for item in items[:-1] for n in item.numbers]
        problem = next((item.problem for item in items[:-1] if item.problem), "")
        return f"{new_item(wording, spans(numbers, match.group(), 'number', problem))} , {markers[-1]}"
    if (
        len(items) > 2
        and items[-1].by == "that"
        and match.group().endswith(f", {markers[-1]}")
        and re.match(r" (?:is|was) ", match.string[match.end() :])
        and not re.search(r"(?:^|[;,] |and )(?:accept|reject|mark)\b[^;,]*$", match.string[: match.start()])
    ):
        items = items[:-1]  # "2 and 4, that's fine"
    if len(items) > 2 and of_two_verdicts(match) and (cut := re.search(r", (?:and )?REF\d+$", match.group())):
        # "accept 1, 4 and 6, and 3 is a drug": the last one belongs to what follows
        numbers = [n for item in items[:-1] for n in item.numbers]
        problem = next((item.problem for item in items[:-1] if item.problem), "")
        return f"{new_item(wording, spans(numbers, match.group(), 'number', problem))} {cut.group()}"
    # the pain also, the rest I see after
    apart = items[-1].by == "rest" and re.search(r", ?REF\d+$", match.group(1)) is not None
    remarks = items[-1].by == "this" and re.match(r" (?:is|was) ", match.string[match.end() :])
    # "not the first one, the second is right"
    two = _APART.search(match.string[: match.start()]) and ", REF" in match.group()
    if (
        apart
        or (two and re.match(" (?:is |looks )?(?:okay|fine|right)", match.string[match.end() :]))
        or remarks
        or any(item.said == "it" or item.by == "that" for item in items)
        or pair
        or of_two_verdicts(match)
    ):
        return None
    if items[0].by == "rest" and items[0].problem and " , " in f"{match.group()} " and len(items) == 2:
        items = items[1:]  # "the other one, atrial fibrillation"
    problem = next((item.problem for item in items if item.problem), "")
    numbers = [n for item in items for n in item.numbers]
    by = next((item.by for item in items if item.by in ("rest", "all")), "number")
    return spans(numbers, match.group(), by, problem)


_SENTENCE = re.compile(r"(?<!Dr)(?<!Mr)(?<!Ms)(?<!Mrs)(?<!Inc)(?<!\b[A-Z])[.!?]\s+(?=[A-Z])")


def _in_sentence(match: re.Match[str], wording: Wording, situation: Situation) -> Item:
    """ "The warfarin in the second sentence", and no other of several names before it."""
    said, place = match.group(1), place_of(match.group(2))
    everything = spans((s.number for s in situation.shown), "span", "all")
    items = wording.named(said, "SRF|LAB") or [everything]
    ends = [*(each.end() for each in _SENTENCE.finditer(situation.text)), len(situation.text)]
    if not 0 <= (at := place - 1 if place > 0 else len(ends) + place) < len(ends):
        return spans((), match.group(), "order", "there are not so many sentences here")
    start, numbers, lacking = at and ends[at - 1], [], ""
    for item in items:
        pool = item.numbers or [s.number for s in situation.labeled(item.labels)]
        here = [n for n in pool if (spot := situation.spot(n)) and start <= spot.start < ends[at]]
        lacking = lacking or ("" if here else f"there is no {item.said} in it")
        numbers += here
    return spans(numbers, match.group(), "order", lacking)


def _beside(match: re.Match[str], wording: Wording, situation: Situation) -> Item | None:
    """ "The one after 3", "the one before it": the neighbor in the text."""
    named = [item for item in wording.items if item.by == "order" and len(item.numbers) == 1]
    if match.group(2) not in ("it", "that"):
        named = [wording.item(match.group(2))]
    order = [spot.number for spot in situation.shown]
    if not named or len(named[-1].numbers) != 1 or named[-1].numbers[0] not in order:
        return None
    at = order.index(named[-1].numbers[0]) + (1 if match.group(1) == "after" else -1)
    found = order[at : at + 1] if at >= 0 else []
    return spans(found, match.group(), "order", "" if found else "there is none there")


def _of_kind(match: re.Match[str], wording: Wording, situation: Situation) -> Item | None:
    """The one mention that has this word or is of that kind: "the day", of day 12 or of Saturday."""
    ways = (rf"(?i).*\b{match[1]}\b.*", *(pattern for pattern, _ in kind_meant(match[1])))
    each = ([s.number for s in situation.waiting if re.fullmatch(way, s.surface)] for way in ways)
    return spans(found, match.group(), "term") if len(found := next(filter(None, each), [])) == 1 else None


def _told_of(match: re.Match[str], wording: Wording, situation: Situation) -> Item | None:
    """The one mention that words beside it tell of: the father, Mr Reith; the date of the hearing."""
    item, label, text = wording.item(match["what"]), match.groupdict().get("label"), situation.text
    ends = [each.end() for each in re.finditer(rf"(?i)(?<!\w){re.escape(item.said)}(?!\w)", text)]
    if not item.said.islower() or _ADDING.search(match.string) or (label and len(ends) > 1):
        return None  # "the agreement date", where the text speaks of the agreement again
    pool = situation.labeled(wording.item(label).labels) if label else situation.waiting
    for way in (_NEAR, _LATER) if label else (_APPOSED,):
        if near := {s.number for s in pool for end in ends if way.fullmatch(text, end, max(end, s.start))}:
            break
    # "drop the since" is about an edge, "the was does not belong to it" too
    if not (label or match.string[: match.start()].endswith("reject ") or item.said in STOP_WORDS):
        near = {situation.part_of(item.said)} - {0} or near
    said = re.match(r" is (not )?(?:an? |the )?(LAB\d+)", match.string[match.end() :])
    spot = situation.spot(min(near, default=0)) if len(near) == 1 else None
    if spot is None or (said and not said[1] and spot.label not in wording.item(said[2]).labels):
        return None
    return spans((spot.number,), item.said, "term")


_ADDING = re.compile(r"\b(?:missing|add|include|without|word)\b")
_APPOSED = re.compile(r", (?:[A-Z][\w.]* ){0,3}")
_NEAR, _LATER = re.compile(r"(?s)(?:(?!\band\b)[^.;]){1,24}"), re.compile(r"[^.;]*\b(?:on|for|at|by|is|of) ")
"""What stands between "the father" and his name, or between an event and its date."""
