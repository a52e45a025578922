"""Phrases that name spans: "the last two", "everything but 3", "the first warfarin", "it"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache, partial

from hybrid_ner.review.chat import numbered
from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.numbered import excepted_first, spans
from hybrid_ner.review.chat.reading import Item, Wording, new_item, of_two_verdicts, same_again
from hybrid_ner.review.chat.situation import Situation
from hybrid_ner.review.chat.wording import corrected, is_name, worded
from hybrid_ner.text.patterns import Patterns

_NUMERALS = "|".join(w.NUMBERS)
_RE = Patterns(
    __file__, NUMERALS=_NUMERALS, MANY=_NUMERALS.removeprefix("one|"), ORDINALS="|".join(w.ORDINALS)
)


_WORD = re.compile(r"(?<![\w'’\"“/@.-])[^\W\d_]{4,}(?![\w'’\"”/@-])")


def without_slips(line: str, situation: Situation) -> str:
    """A line whose misspelled words of the language are mended before any pattern looks for them.

    Args:
        line: As typed; what is in quotes stays.
        situation: What it can be about: names are no slips.
    """

    for accented in set(re.findall(r"\w*[^\W\d_a-zA-Z]\w*", situation.text)):
        # "Eireann" for "Éireann"
        plain = "".join(c for c in unicodedata.normalize("NFKD", accented) if not unicodedata.combining(c))
        if plain != accented and plain.isascii():
            line = re.sub(rf"(?i)\b{re.escape(plain)}\b", accented, line)
    for hyphened in set(re.findall(r"\b\w+-\w+\b", situation.text)):
        # "xray" for "x-ray"
        if hyphened.replace("-", "").lower() in line.lower().replace(" ", ""):
            line = re.sub(rf"(?i)\b{hyphened.replace('-', ' ?')}\b", hyphened, line)

    def mended(match: re.Match[str]) -> str:
        word = match.group()
        if not word[1:].islower() or is_name(word, situation):
            return word
        meant = corrected(word.lower())
        return meant.capitalize() if word[0].isupper() else meant

    parts = re.split(r"(\"[^\"]*\"|“[^”]*”)", line)
    return "".join(part if n % 2 else _WORD.sub(mended, part) for n, part in enumerate(parts))


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
    """The wording with every phrase that names spans as one marker, and no title before a name: "Mr. Rao"."""
    for kind, at in re.findall(r"\b(UNK|TXT)(\d+) (?=(?:SRF|TXT)\d)", text):
        if wording.items[int(at)].said.lower().rstrip(".") in (
            "mr",
            "mrs",
            "ms",
            "miss",
            "dr",
            "prof",
            "sir",
        ):
            text = text.replace(f"{kind}{at} ", "")
    for pattern, make in _phrases():

        def put(match: re.Match[str], make: Callable[..., Item | str | None] = make) -> str:
            item = make(match, wording, situation)
            if item is None or isinstance(item, str):
                return item or match.group(0)
            return "" if item.kind == "gap" else new_item(wording, item)

        text = re.sub(" +", " ", pattern.sub(put, text)).strip()
    text = _RE.EXCEPT_FIRST.sub(partial(excepted_first, wording=wording), text)
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
    return re.sub(r"\s+", " ", text).strip()


def _taken(match: re.Match[str], plain: str, wording: Wording) -> str:
    pointing = wording.item(match[2]).by in ("this", "that")
    return match.group() if pointing else f"{match[1]}{plain} {match[2]}"


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
    if by == "that" and _RE.CORRECTS.match(wording.raw) and (last := situation.last_decided):
        spot = last
    elif by == "that" and situation.named and (named := situation.spot(situation.named)):
        spot = named
    return spans((spot.number,) if spot else (), match.group(), by, "" if spot else "nothing is open here")


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
