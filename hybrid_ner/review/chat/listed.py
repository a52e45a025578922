"""What a list names, as typed or dictated: words of the text, labels, figures by their kind and value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.reading import Item, Wording
from hybrid_ner.review.chat.situation import Situation, squeezed
from hybrid_ner.review.chat.words import CONTRACTIONS, is_english, is_known
from hybrid_ner.review.store.labels import abbreviated, label_words, labels_meant

_LONGEST = 12
"""Words of the longest name that is looked for in the text."""
_TOKEN = re.compile(
    r"\"[^\"]+\"|“[^”]+”|(?:[$€£¥§#] ?)?\d(?:[\w.,/:%-]*[\w%])?|[$€£¥§]|\w+(?:[/&'’.-]\w+)*%?|[^\w\s]"
)
"""A word, an amount with its sign and commas (£1,416.00, 0.5 mg, L4/L5), what is in quotes, a sign."""
MONTHS = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
)
FIGURE = r"\d+(?:[.,]\d+)*"
_KINDS = {
    "date": rf"\b\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{MONTHS}\.?(?:,? \d{{4}})?\b"
    rf"|\b{MONTHS} \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?\b|\b{MONTHS} \d{{4}}\b"
    r"|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|\b\d{4}-\d\d-\d\d\b",
    "money": rf"[$€£¥] ?{FIGURE}(?: ?(?:k|m|bn|million|billion)\b)?",
    "share": rf"\b{FIGURE} ?%",
}
"""How figures of a kind are written: 19 June 2025, £1,416.00, 40%."""
_MEASURE = re.compile(rf"{FIGURE}(?: ?(?:x|by|-|–|to) ?{FIGURE})* ?(?P<unit>[a-zA-Zµμ°]+(?:/[\w.]+)*)")
"""A figure with its unit: 0.5 mg, 18 x 14 mm, 3 mg/kg."""
_TITLES = frozenset(("mr", "mrs", "ms", "miss", "dr", "prof", "sir"))
_NO_START = frozenset(
    ("the", "a", "an", "and", "or", "but", "of", "is", "are", "was", "were", "as", "in", "on", "at", "to",
     "for", "with", "by", "from", "upon", "that", "which", "this", "these", "those", "not", "no", "so", "add",
     "his", "her", "their", "our", "my", "its", "both", "all")
)  # fmt: skip
"""Words that no name of a list begins or ends with, unless it is in quotes."""


_COUNTED = frozenset(("more", "further", "other", "additional", "missing", "new"))
"""Behind a number that counts: "3 more dates"."""


@lru_cache(maxsize=1)
def _own_words() -> frozenset[str]:
    """The words that the patterns of ``additions.txt`` know, which are no names where they stand alone."""
    text = Path(__file__).with_name("additions.txt").read_text(encoding="utf-8")
    return frozenset(re.findall(r"[a-z]{2,}", re.sub(r"\(\?[:!<=]*|\\.|^#.*$", " ", text, flags=re.M)))


def listed(line: str, situation: Situation) -> tuple[str, list[str], list[Item]] | None:
    """A line with marks (``I0``, ``L0``) for words of the text and labels; these words, and these labels.

    ``None`` where it names a span by number: that is no list of what is missing.

    Args:
        line: As typed.
        situation: What it can be about.
    """
    line = _prepared(line, situation)
    tokens = list(_TOKEN.finditer(line))
    texts: list[str] = []
    labels: list[Item] = []
    signs: list[str] = []
    at = 0
    while at < len(tokens):
        label, plural, label_size = _label_at(tokens, at, situation)
        text, size = _text_at(tokens, at, line, situation)
        figures = size and label_size and re.search(r"\d", text) and label_size < size
        first = f"{text.lower().split(' ')[0]} "  # "claim 4", where claim 1 is a Claim: no label before "4"
        figures = figures and not any(each.startswith(first) for each in situation.by_surface)
        if label_size and (label_size >= size or figures):
            labels.append(Item("lab", labels=label, plural=plural))
            signs.append(f"L{len(labels) - 1}")
            at += label_size
        elif size:
            texts.append(text)
            signs.append(f"I{len(texts) - 1}")
            at += size
        else:
            word = tokens[at].group().strip()
            nth = re.fullmatch(r"#(\d+)", word)
            if nth and signs and re.fullmatch(r"I\d+", signs[-1]):
                word = f"nth{nth[1]}"  # "tin oxide #2"
            after = tokens[at + 1].group().lower() if at + 1 < len(tokens) else ""
            counts = after in _COUNTED or _label_at(tokens, at + 1, situation)[1]
            if word.isdecimal() and situation.spot(int(word)) and not counts:
                return None
            signs.append(word.lower())
            at += 1
    return " ".join(signs), texts, labels


_PLACES = r"(?:places|times|mentions|occurrences|instances|spots)"
_SEVERAL = {"both": "2", "two": "2", "twice": "2", "three": "3", "thrice": "3", "four": "4", "five": "5"}
_TURNS = (
    r"(?: (?:that |which |where )?(?:it|they|he|she)(?:'s| is| are)? (?:turns? up|occurs?|appears?|stands?"
    r"|comes? up|shows? up|mentioned|named|there|written|used|found)(?: here)?)?"
)
_COUNT = re.compile(
    r"(?i)(?<![\w,.-])(?:[x×] ?(?P<x>\d)|(?P<y>\d) ?[x×]|all (?P<a>\d)(?=[\s),.;]*(?:$|[),.;]))"
    r"|(?:(?:it |they )?(?:is |are |stands? |occurs? )(?:here |there )?|(?:in |at )?(?:all |the )*)"
    rf"(?P<t>\d|{'|'.join(_SEVERAL)})(?:(?<=twice)|(?<=thrice)| (?:more )?{_PLACES}){_TURNS})"
    r"(?![\w,.]\w|\w| of\b)"
)
"""How many places are meant: x2, (2x), "3 times", "all 3", "in both places", "both times it turns up"."""


_MORE = 6
"""Letters that a word of the text has more than a word of the language that is short for it: "spiro"."""


def _prepared(line: str, situation: Situation) -> str:
    """A line with counts as signs of the list, and words of the text in full: "spiro" for spironolactone."""

    def counted(said: re.Match[str]) -> str:
        held = situation.holds(squeezed(said.group()))
        many = next(filter(None, said.groups())).lower()
        return said.group() if held else f" each{_SEVERAL.get(many, many)} "

    def full(said: re.Match[str]) -> str:
        word = said.group().lower()
        if is_known(word) or word in _own_words() or situation.holds(word):
            return said.group()
        if labels_meant(word, situation.labels) or abbreviated(word, situation.labels):
            return said.group()
        begun = {each for each in re.findall(r"[^\W\d_]+", situation.text) if each.lower().startswith(word)}
        more = len(min(begun, default="")) - len(word)
        return begun.pop() if len(begun) == 1 and more >= (_MORE if is_english(word) else 1) else said.group()

    parts = re.split(r"(\"[^\"]*\"|“[^”]*”)", line)
    return "".join(
        part if n % 2 else _COUNT.sub(counted, re.sub(r"(?<![\w-])[^\W\d_]{4,}(?![\w-])", full, part))
        for n, part in enumerate(parts)
    )


def _label_at(
    tokens: Sequence[re.Match[str]], at: int, situation: Situation
) -> tuple[tuple[str, ...], bool, int]:
    known = label_words(situation.labels)
    if at >= len(tokens):
        return (), False, 0
    for size in (3, 2, 1):
        each = [token.group().lower() for token in tokens[at : at + size]]
        words = tuple(part for word in each for part in re.split(r"[_-]", word))
        if len(each) == size and words in known:
            one = (*words[:-1], words[-1].removesuffix("s"))
            several = one != words and known.get(one, ((), False))[0] == known[words][0]  # "meds"
            return known[words][0], known[words][1] or several, size
    word = tokens[at].group().lower()
    strange = len(word) > 4 and word.isalpha() and not (is_known(word) or is_english(word))
    if strange and word not in _own_words() and not situation.holds(word):
        meant = labels_meant(word, situation.labels)
        if meant:
            return meant, word.endswith("s"), 1
    own = is_known(word) and word not in CONTRACTIONS  # "prob", which is else "probably"
    own = own or word in _own_words() or situation.holds(word)
    short = () if own else abbreviated(word, situation.labels)
    return short, word.endswith("s"), len(short)


def _text_at(tokens: Sequence[re.Match[str]], at: int, line: str, situation: Situation) -> tuple[str, int]:
    """The longest words of the text that begin here, as it writes them, and how many words of the line."""
    first = tokens[at].group()
    if first[0] in '"“':
        said = first[1:-1].strip()
        return (_written(said, situation), 1) if situation.holds(said.lower()) else ("", 0)
    found = "", 0
    for size in range(1, min(_LONGEST, len(tokens) - at) + 1):
        last = tokens[at + size - 1]
        said = line[tokens[at].start() : last.end()].strip()
        forms = dict.fromkeys((said, re.sub(r"(?<=\d)(?=[a-zA-Zµ])", " ", said)))  # "0.5mg"
        held = [each for each in forms if squeezed(each) in situation.small]
        if not held:
            break
        if last.group()[-1].isalnum() or last.group()[-1] in "%)":
            fits = (e for e in held if situation.holds(squeezed(e)) and _is_name(e, size, situation))
            found = next(((_written(each, situation), size) for each in fits), found)
    return found if found[1] else _full_name(tokens, at, situation)


def _is_name(said: str, size: int, situation: Situation) -> bool:
    """Whether words of the text may be meant as such, and are no words of the sentence, nor two names."""
    low = squeezed(said)
    if low in situation.by_surface and not low.isdecimal():
        return size > 1 or not (is_known(low) or low in _own_words()) or said[0].isupper()
    words = [word.strip(",;:.()").lower() for word in said.split()]
    named = said[:4] == "The " and re.search(rf"(?<=[\w,] ){re.escape(said)}(?!\w)", situation.text)
    initial = re.match(r"[A-Z]\. [A-Z]", said) and said in situation.text  # "A. Bello"
    begins = bool(words and words[0]) and (words[0] not in _NO_START or named or initial)
    if not begins or words[-1] in _NO_START:
        return False
    if re.search(r"[;:!?] |(?<!\b[A-Z])\. |, (?![A-Z\d])|\b(?:and|or)\b|&", said):
        return False
    if "," in re.sub(r"\d,\d", "", said) and not re.search(r"\d", said):
        return False  # "Leeds, York" are two
    own = {word in _own_words() or bool(is_known(word)) for word in words}
    if size == 1:
        number = said.isdecimal() and situation.spot(int(said))
        figure = re.search(r"\d", said) or (True not in own and len(said) > 1)
        return bool(figure) and not number and low not in _TITLES
    return False in own or not any(word in _own_words() for word in words)


def _written(said: str, situation: Situation) -> str:
    """Words as the text writes them; a bare amount with the sign that the text has before it."""
    start, end = (situation.places(said) or [(0, 0)])[0]
    text = " ".join(situation.text[start:end].split()) or said
    signed = situation.text[start - 1 : start] if re.fullmatch(FIGURE, text) and start else ""
    others = [spot.surface for spot in situation.spots if spot.surface[:1] == signed]
    return f"{signed}{text}" if signed and signed in "$€£¥" and others else text


def _full_name(tokens: Sequence[re.Match[str]], at: int, situation: Situation) -> tuple[str, int]:
    """The one person of the text with this surname, where it has not got the title: "Mr Zielinski"."""
    title = tokens[at].group().lower().rstrip(".")
    rest = tokens[at + 1 : at + 3]
    if title not in _TITLES or not rest:
        return "", 0
    dot = rest[0].group() == "."
    surname = rest[-1].group() if dot and len(rest) > 1 else rest[0].group()
    named = set(re.findall(rf"\b(?:[A-Z][\w'-]+ )+{re.escape(surname)}\b", situation.text))
    named = {each for each in named if each.split()[0].lower() not in _TITLES}
    return (named.pop(), 3 if dot else 2) if len(named) == 1 and surname[0].isupper() else ("", 0)


def without_title(name: str) -> str:
    """A name without "Mr" before it."""
    title, _, rest = name.partition(" ")
    return rest if rest and title.rstrip(".").lower() in _TITLES else name


def kind_of(text: str) -> str:
    """What figures of a text are: a date, money, a share, a measure with its unit; empty for words."""
    found = next((name for name, pattern in _KINDS.items() if re.fullmatch(pattern, text)), "")
    measure = None if found else _MEASURE.fullmatch(text)
    return found or (measure["unit"] if measure else "")


def pattern_of(kind: str) -> str:
    """The pattern of figures of a kind, as ``kind_of`` names them."""
    return _KINDS.get(kind) or rf"\b{FIGURE} ?{re.escape(kind)}\b"


# Figures as they are dictated, as the document writes them: "three million pounds" is £3,000,000.

_WHOLE: dict[str, int] = {**w.NUMBERS, **w.TENS, **w.FIGURES["tens"], "a": 1, "zero": 0, "oh": 0, "nought": 0}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
_SHORT = {"k": "thousand", "m": "million", "mn": "million", "bn": "billion"}
_NUMERAL = "|".join(sorted(_WHOLE.keys() - {"a", "oh", "nought"}, key=len, reverse=True))
_SCALE = "|".join(_SCALES)
_RUN = re.compile(
    rf"(?i)(?<![\w.,£$€-])(?:(?:zero|nought)(?= point)"
    rf"|\d+(?:,\d{{3}})*(?:\.\d+)?(?= ?(?:{_SCALE})\b| ?[a-z°])|a(?= (?:{_SCALE})\b)"
    rf"|(?:{_NUMERAL}|hundred(?= [a-z]))\b)"
    rf"(?:[ -](?:(?:and )?(?:{_NUMERAL}|{_SCALE})|point(?: (?:{_NUMERAL}|oh|nought))+)\b)*"
)
"""A number in words, or one in figures before a word: "a hundred and five", "eighteen point four"."""
_FIGURE = re.compile(rf"(?i)(?<![\w.,])(\d+(?:,\d{{3}})*(?:\.\d+)?)(?: ?({_SCALE}|bn|mn|[km])\b)?")
"""A figure of the document: 4,250,000; 1.2 million."""
_UNITS: dict[str, str] = w.FIGURES["units"]
_SIGNS: dict[str, str] = w.FIGURES["money"]
_PREFIXES: dict[str, str] = w.FIGURES["prefixes"]
_DAYS = {word: n for word, n in w.ORDINALS.items() if n > 0 and word.isalpha()}
_DAYS |= {word: n for n, word in enumerate(w.FIGURES["days"].split(), 13)} | {"thirtieth": 30}
_ORDINAL = "|".join(sorted(_DAYS, key=len, reverse=True))
_SHORT_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may(?= \\d{4})|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_DAY = re.compile(
    rf"(?i)\b(?:the )?(?:(?P<tens>twenty|thirty)[ -])?"
    rf"(?P<one>{_ORDINAL}|{_NUMERAL}|\d{{1,2}}(?:st|nd|rd|th)?)(?: of (?P<month>{MONTHS})"
    rf"| (?P<plain>(?-i:{MONTHS}))|(?<=\d) (?P<short>{_SHORT_MONTHS})\.?)\b"
    rf"(?: (?P<year>\d{{4}}|(?:two thousand(?: and)?|twenty|nineteen)(?:[ -](?:{_NUMERAL}))+))?"
)
"""A day as it is said: "the thirty-first of January", "two April twenty twenty-five", "12 nov 2025"."""


def as_written(line: str, situation: Situation) -> str:
    """A line with the figures that were dictated as the document writes them; others stay.

    A number that the document has in these words stays, and so does a small one without a unit: it may be
    that of a span.

    Args:
        line: As typed; what is in quotes stays.
        situation: What it can be about.
    """
    parts = re.split(r"(\"[^\"]*\"|“[^”]*”)", line)
    return "".join(part if n % 2 else _parted(part, situation) for n, part in enumerate(parts))


def _parted(part: str, situation: Situation) -> str:
    part = _DAY.sub(lambda said: _day(said, situation), part)
    at, done = 0, ""
    for run in _RUN.finditer(part):
        if run.start() < at:
            continue
        unit, size = _unit(part, run.end())
        said = part[run.start() : run.end() + size]
        written = "" if situation.holds(squeezed(said)) else _figure(run.group(), unit, situation)
        if written:
            done += part[at : run.start()] + written
            at = run.end() + size
    return done + part[at:]


def _day(said: re.Match[str], situation: Situation) -> str:
    """The one date of the document on that day, with its year."""
    if situation.holds(squeezed(said.group())):
        return said.group()
    one = said["one"].lower()
    day = int(found[0]) if (found := re.match(r"\d+", one)) else _DAYS.get(one) or _WHOLE.get(one, 0)
    day += _WHOLE[said["tens"].lower()] if said["tens"] else 0
    year = said["year"] or ""
    year = year if year.isdecimal() or not year else str(_year(year))
    month = said["month"] or said["plain"] or said["short"]  # "the second may stand"
    spoken = (str(day), month[:3].lower())
    marked = {spot.surface for spot in situation.spots if _parts_of(spot.surface) == spoken}
    if said["short"] and not year and len(marked) == 1:
        return marked.pop()  # "the 15 jan date needs its year"
    dates = {found.group() for found in re.finditer(pattern_of("date"), situation.text)}
    same = [each for each in dates if _parts_of(each) == spoken and each.endswith(year)]
    return same[0] if len(same) == 1 else said.group()


def _parts_of(date: str) -> tuple[str, str]:
    """Day and month of a date as the document writes it: 2 and apr."""
    day = re.search(r"(?<!\d)0?(\d{1,2})(?!\d)", date)
    month = re.search(r"[A-Za-z]{3}", re.sub(r"(?<=\d)(?:st|nd|rd|th)| of ", " ", date))
    return day[1] if day else "", month[0].lower() if month else ""


def _year(said: str) -> int:
    """2025 of "two thousand and twenty-five" or "twenty twenty-five"."""
    if "thousand" in said.lower():
        return int(_value(said))
    first, *rest = re.split(r"[ -]", said)
    return int(_WHOLE[first.lower()]) * 100 + int(_value(" ".join(rest)))


def _value(said: str) -> Decimal:
    """What a number in words or in figures is worth."""
    total = current = Decimal(0)
    digits = ""
    for word in re.split(r"[ -]", said.lower().replace(",", "")):
        if word == "point":
            digits = "0."
        elif digits:
            digits += str(_WHOLE.get(word, 0))
        elif re.fullmatch(r"\d+(?:\.\d+)?", word):
            current += Decimal(word)
        elif word == "hundred":
            current = (current or Decimal(1)) * 100
        elif word in _SCALES:
            total, current = total + (current or 1) * _SCALES[word], Decimal(0)
        elif word != "and":
            current += _WHOLE[word]
        if digits and word in _SCALES:  # "one point two million"
            digits = digits[:-1]
            return (current + Decimal(digits)) * _SCALES[word]
    return total + current + (Decimal(digits) if len(digits) > 2 else 0)


def _unit(line: str, at: int) -> tuple[str, int]:
    """The unit that is named from here on, as a pattern of how documents write it, and its length."""
    found = _unit_words().match(line, at)
    if found is None:
        return "", 0
    return _written_unit(squeezed(found.group())), len(found.group())


@lru_cache(maxsize=1)
def _unit_words() -> re.Pattern[str]:
    plain = "|".join(sorted((*_UNITS, *_SIGNS), key=len, reverse=True))
    one = rf"(?:(?:square|cubic) )?(?:(?:{'|'.join(_PREFIXES)})[ -]?)?(?:{plain})s?"
    return re.compile(rf"(?i)[ -](?:of )?{one}(?: per {one})?\b")


def _written_unit(said: str) -> str:
    """ "square metres per gram" as m2/g; money as its name."""
    signs = []
    for each in said.removeprefix("of ").split(" per ") if said not in ("per cent", "-per cent") else [said]:
        word, power = each.strip(" -"), ""
        if power_of := re.match(r"(square|cubic) ", word):
            word, power = word[power_of.end() :], "[2²]" if power_of[1] == "square" else "[3³]"
        prefix = ""
        for name, sign in _PREFIXES.items() if word not in _UNITS else ():
            rest = re.fullmatch(rf"{name}[ -]?(.+)", word)
            if rest and rest[1].rstrip("s") in {unit.rstrip("s") for unit in _UNITS}:
                word, prefix = rest[1], sign
        for names in (_SIGNS, _UNITS):
            known = next((names[x] for x in (word, word.removesuffix("s")) if x in names), "")
            if known:
                signs.append(f"{prefix}(?:{known}){power}")
                break
    return r"\s?/\s?".join(signs)


def _figure(said: str, unit: str, situation: Situation) -> str:
    """The figure of the document that is worth as much, in that unit; empty without just one way to write it.

    Without a unit only one with a fraction, or one that no span and no count has.
    """
    value = _value(said)
    if not unit and value == int(value) and (value <= _LEAST or re.search(r"\d", said)):
        return ""
    forms = set()
    for start, end, worth in _figures(situation.text):
        if worth != value:
            continue
        if not unit:
            forms.add(_whole(situation.text[start:end], situation))
            continue
        behind = re.compile(rf"\s?(?:{unit})(?![A-Za-z])").match(situation.text, end)
        before = situation.text[max(0, start - _AHEAD) : start]
        ahead = re.search(rf"(?<![A-Za-z])(?:{unit})\s?$", before)
        if ahead:
            forms.add(situation.text[start - len(ahead.group()) : end])
        elif behind:
            forms.add(situation.text[start : behind.end()])
    return forms.pop() if len(forms) == 1 else ""


def _whole(figure: str, situation: Situation) -> str:
    """The one span that begins with a figure, with its unit, where that stands nowhere else."""
    spans = {
        spot.surface
        for spot in situation.spots
        if re.match(rf"[£$€]?{re.escape(figure)}(?![\d.,])", spot.surface)
    }
    return spans.pop() if len(spans) == len(situation.places(figure)) == 1 else figure


_LEAST = 999
"""Numbers in words up to this one may count, or be those of spans, unless a unit follows."""
_AHEAD = 5
"""Characters of the longest name of a currency before a figure, with its space."""


def _figures(text: str) -> Iterator[tuple[int, int, Decimal]]:
    """The figures of a text: where each begins and ends, and what it is worth."""
    for found in _FIGURE.finditer(text):
        scale = (found[2] or "").lower()
        money = re.search(r"(?:[£$€]|[A-Z]{3}) ?$", text[max(0, found.start() - 4) : found.start()])
        plain = Decimal(found[1].replace(",", ""))
        if scale in _SHORT and not money:
            yield found.start(1), found.end(1), plain  # 5 m is no million
        else:
            yield found.start(), found.end(), plain * _SCALES.get(_SHORT.get(scale, scale), 1)


_IS_LABEL = re.compile(r" ?,? (?:they )?is (?:(?:both|all|each|clearly) )*(?:an? |the )?(LAB\d+)")
"""What gives a label to the last ones: "the last two are both authorities"."""


def last_few(
    picked: list[int], match: re.Match[str], wording: Wording, situation: Situation
) -> tuple[list[int], str]:
    """The last mentions as they are meant, and what is unclear: where so many are left, those are the last.

    A label gives none to a decided mention that has another one, and "dates" may be said of the two dates.
    """
    left = [spot.number for spot in situation.shown if spot.open]
    if len(left) == len(picked):
        return left, ""
    label = _IS_LABEL.match(match.string, match.end())
    labels = wording.item(label[1]).labels if label else ()
    spots = situation.these(picked)
    others = [spot for spot in spots if labels and spot.label not in labels]
    of_label = [spot for spot in situation.shown if spot.open and spot.label in labels]
    unclear = others and (any(not spot.open for spot in others) or len(of_label) == len(picked))
    unclear = unclear or len({spot.open for spot in spots}) > 1  # one is decided, and more are left
    return picked, "it may be the last ones or those that are left" if unclear else ""
