"""Figures as they are dictated, as the document writes them: "three million pounds" is £3,000,000."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from hybrid_ner.review.chat import words as w
from hybrid_ner.review.chat.listed import MONTHS, pattern_of
from hybrid_ner.review.chat.situation import Situation, squeezed

_WHOLE: dict[str, int] = {**w.NUMBERS, **w.TENS, **w.FIGURES["tens"], "a": 1, "zero": 0, "oh": 0, "nought": 0}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
_SHORT = {"k": "thousand", "m": "million", "mn": "million", "bn": "billion"}
_NUMERAL = "|".join(sorted(_WHOLE.keys() - {"a", "oh", "nought"}, key=len, reverse=True))
_SCALE = "|".join(_SCALES)
_RUN = re.compile(
    rf"(?i)(?<![\w.,£$€-])(?:(?:zero|nought)(?= point)"
    rf"|\d+(?:,\d{{3}})*(?:\.\d+)?(?= ?(?:{_SCALE})\b| ?[a-z°])|a(?= (?:{_SCALE})\b)"
    rf"|(?:{_NUMERAL})\b)(?:[ -](?:(?:and )?(?:{_NUMERAL}|{_SCALE})|point(?: (?:{_NUMERAL}|oh|nought))+)\b)*"
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
_DAY = re.compile(
    rf"(?i)\b(?:the )?(?:(?P<tens>twenty|thirty)[ -])?"
    rf"(?P<one>{_ORDINAL}|{_NUMERAL}|\d{{1,2}}(?:st|nd|rd|th)?)(?: of (?P<month>{MONTHS})"
    rf"| (?P<plain>(?-i:{MONTHS})))\b"
    rf"(?: (?P<year>\d{{4}}|(?:two thousand(?: and)?|twenty|nineteen)(?:[ -](?:{_NUMERAL}))+))?"
)
"""A day as it is said: "the thirty-first of January", "two April twenty twenty-five"."""


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
    spoken = (str(day), (said["month"] or said["plain"])[:3].lower())  # "the second may stand"
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
        ahead = re.compile(rf"(?:{unit})\s?$").search(situation.text[max(0, start - _AHEAD) : start])
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
