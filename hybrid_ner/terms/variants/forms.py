"""What the rules of variants do to a text: spelling, number, order of words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType

from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)

# Variants of spelling and signs: British and American stems, Greek letters, hyphens, roman numerals.


@cache
def _where() -> dict[str, tuple[str, str]]:
    """Stem → what must stand before and behind it, for stems that are parts of other words too."""
    rows = ((row.partition("…"), stems.split()) for row, stems in _RE.made("around", str))
    return {stem: (before, behind) for (before, _, behind), stems in rows for stem in stems}


def _pattern(stems: dict[str, str]) -> re.Pattern[str]:
    """Any of the stems, longest first, but not where the text already has the other spelling."""
    parts = []
    for stem in sorted(stems, key=len, reverse=True):
        other = stems[stem]
        rest = f"(?!{other[len(stem) :]})" if other.startswith(stem) else ""
        before = f"(?<!{other[: -len(stem)]})" if other.endswith(stem) else ""
        if stem == "esophag":  # the o of "gastroesophageal" is that of the stomach
            before = r"(?<!\bo)(?<!oo)"
        ahead, behind = _where().get(stem, ("", ""))
        parts.append(ahead + before + stem + behind + rest)
    return re.compile("|".join(parts), re.IGNORECASE | re.ASCII)


@cache
def _stems(to: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """Stems of the other spelling, and what each becomes."""
    lines = Path(__file__).with_name("british.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("/") for line in lines if not line.startswith("#"))
    swapped = {one: other for one, _, other in pairs}
    if to == "british":
        swapped = {other: one for one, other in swapped.items()}
    return _pattern(swapped), swapped


def american(text: str) -> Iterator[str]:
    """American spelling of a British text."""
    return _swap(text, "american")


def british(text: str) -> Iterator[str]:
    """British spelling of an American text."""
    return _swap(text, "british")


def _swap(text: str, spelling: str) -> Iterator[str]:
    pattern, to = _stems(spelling)
    # Most texts hold none of the stems, and plain "in" sees that ten times faster than the pattern.
    lower = text.lower()
    if not any(stem in lower for stem in to):
        return
    changed = pattern.sub(lambda found: in_case_of(found[0], to[found[0].lower()]), text)
    if changed != text:
        yield changed


def in_case_of(shown: str, word: str) -> str:
    """``word`` in the case of ``shown``."""
    if shown.isupper():
        return word.upper()
    return word[0].upper() + word[1:] if shown[0].isupper() else word


_GREEK = {
    **{"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta"},
    **{"θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi"},
    **{"ρ": "rho", "σ": "sigma", "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi"},
    "ω": "omega",
}
_SHORT = ("eta", "iota", "mu", "nu", "xi", "omicron", "pi", "rho", "upsilon", "phi", "chi", "psi")
_LETTER = {name: letter for letter, name in _GREEK.items() if name not in _SHORT}
"""Names that are letters wherever they stand; the short ones are numerals, codes and names as well."""
_NAME = re.compile(rf"(?<![A-Za-z])({'|'.join(_LETTER)})(?![A-Za-z])", re.IGNORECASE | re.ASCII)
_NAMED = {**_GREEK, **{letter.upper(): name.title() for letter, name in _GREEK.items()}}
_NAMED |= {"µ": "mu", "ς": "sigma"}
_SYMBOL = re.compile(f"(?![μµ][A-Za-z])[{''.join(_NAMED)}]")  # but not the unit in "5 μg"

_NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV")
_TO_ARABIC = {numeral: str(number) for number, numeral in enumerate(_NUMERALS, start=1)}
_SHORT_FIRST = re.compile(rf"(?:[A-Z]|(?i:{'|'.join(_LETTER)})) [a-z]{{3,}}")


def greek(text: str) -> Iterator[str]:
    """ "α-tocopherol" ↔ "alpha-tocopherol"; "TNFα" → "TNFalpha" and "TNF-alpha"."""
    if _NAME.search(text):
        yield _NAME.sub(lambda found: _LETTER[found[1].lower()], text)
    if _SYMBOL.search(text):
        named = _SYMBOL.sub(lambda found: _NAMED[found[0]], text)
        yield named
        yield re.sub(rf"(?<=[A-Za-z0-9])({'|'.join(_LETTER)})\Z", r"-\1", named)


def greek_as_typed(text: str) -> Iterator[str]:
    """ "Δ9-THC" ↔ "delta-9-THC", "17β-estradiol" ↔ "17-beta-estradiol", and "ß-carotene" for "β-carotene"."""
    if "β" in text:
        yield text.replace("β", "ß")
    if numbered := _RE.NUMBERED_LETTER.match(text):  # the place of a double bond
        name = numbered[1].lower()
        letter = _LETTER.get(name, name)
        for shown in (letter, _NAMED[letter]):
            yield from (f"{shown}{mark}{numbered[2]}{text[numbered.end() :]}" for mark in ("", "-"))
    if _RE.LETTERED_NUMBER.search(text):  # the side on which a group stands
        for names, mark in ((_LETTER, ""), (_NAMED, ""), (_NAMED, "-"), (_NAMED, " ")):
            yield _RE.LETTERED_NUMBER.sub(partial(_side, names, mark), text)


def _side(names: Mapping[str, str], mark: str, found: re.Match[str]) -> str:
    shown = found[1].lower()
    return mark + names.get(shown, shown)


def hyphen(text: str) -> Iterator[str]:
    """Hyphen, space and slash: "beta-blocker" → "beta blocker", "betablocker"; "T cell" → "T-cell"."""
    if code := _RE.CODE.fullmatch(text):
        yield from (f"{code[1]}{between}{code[2]}" for between in (" ", "-", ""))
    elif _RE.BETWEEN_WORDS.search(text) and not _RE.SYSTEMATIC.search(text):
        yield _RE.BETWEEN_WORDS.sub(" ", text)
        if _RE.GLUED.fullmatch(text):
            yield text.replace("-", "")
    elif _SHORT_FIRST.fullmatch(text):
        yield text.replace(" ", "-")
    if re.search(r"\w/\w", text):
        for other in (" ", "-", " / "):
            yield re.sub(r"(?<=\w)/(?=\w)", other, text)


def roman(text: str) -> Iterator[str]:
    """ "type II" ↔ "type 2" after words that are counted, and a last "II" and above."""
    if _RE.ROMAN_AFTER.search(text):
        yield _RE.ROMAN_AFTER.sub(lambda found: found[1] + _TO_ARABIC[found[2].upper()], text)
    elif _RE.ROMAN_LAST.search(text):
        yield _RE.ROMAN_LAST.sub(lambda found: _TO_ARABIC[found[1]], text)
    if _RE.ARABIC_AFTER.search(text):
        yield _RE.ARABIC_AFTER.sub(lambda found: found[1] + _NUMERALS[int(found[2]) - 1], text)


# Variants of number, possessive and word order: "lenders", "Graves disease", "cancer of the lung".

_MAX_PARTS = 3


def inverted(text: str) -> Iterator[str]:
    """ "Anemia, Hemolytic, Autoimmune" → "Autoimmune Hemolytic Anemia", as thesauri mean it."""
    parts = (text if text.count(" - ") != 1 else text.replace(" - ", ", ")).split(", ")  # "hernia - inguinal"
    if not 1 < len(parts) <= _MAX_PARTS or any(c in text for c in "()[]{};:/"):
        return
    if len(parts[0].split()) > _MAX_PARTS or not parts[0][:1].isalpha():
        return
    for part in parts[1:]:
        if not part.strip() or "," in part or _RE.NO_MODIFIER.match(part) or _RE.ATTACHED.search(part):
            return
    last = [part for part in parts[1:] if _RE.LAST.fullmatch(part)]
    before = [part for part in reversed(parts[1:]) if part not in last]
    if not any(_RE.NUMBER.fullmatch(part) for part in parts[1:]):
        yield " ".join(reversed(parts))
    if last:
        yield " ".join((*before, parts[0], *last))


def is_site(name: str) -> bool:
    """Whether a name ends in a part of the body, which takes the article."""
    return _RE.SITE.search(name) is not None


def takes_article(head: str) -> bool:
    """Whether a head says of what it is with an article, or without: "pain at the injection site"."""
    return _RE.HEADS.search(head) is not None


def of_the(text: str) -> Iterator[str]:
    """ "cancer of the lung" ↔ "cancer of lung", and "lung cancer" for heads of diseases and offices."""
    found = _RE.OF.match(text)
    if not found or " of " in found["whole"]:
        return
    head, whole = found["head"], found["whole"]
    if found["the"]:
        yield f"{head} of {whole}"
    if not is_site(whole) or _RE.NO_SITE.search(whole):
        return
    if not found["the"]:
        yield f"{head} of the {whole}"
    noun = _RE.HEADS.search(head)
    if noun and _RE.QUALITIES.fullmatch(head[: noun.start()]):
        yield f"{head[: noun.start()]}{whole} {noun[0]}"


_SHORTEST = 4


def _split(text: str) -> tuple[str, str, str] | None:
    """Words before the head, the head noun, words after it ("of the …"); ``None`` without a plain head.

    An inverted text is put in its natural order first: only that is ever inflected.
    """
    if "," in text:
        text = next(inverted(text), "")
    connected = _RE.CONNECTED.search(text)
    front, back = (text[: connected.start()], text[connected.start() :]) if connected else (text, "")
    before, space, head = front.rpartition(" ")
    if len(head) < _SHORTEST or not _RE.HEAD.match(head.lower()) or head.isupper():
        return None
    return before + space, head, back


def plural(text: str) -> Iterator[str]:
    """Plural of the head noun, unless it is one or has none."""
    parts = _split(text)
    if parts is None:
        return
    before, head, back = parts
    lower = head.lower()
    countable = bool(_RE.COUNTABLE.search(lower)) and not lower.endswith("tis")
    if _RE.PLURAL.search(lower) or (not countable and (not before or _RE.MASS.search(lower))):
        return
    if lower == "acid" and _RE.ACID.search(before.lower()):
        return
    yield before + _first(head, _RE.rules("plurals")) + back


def singular(text: str) -> Iterator[str]:
    """Singular of the head noun, if it looks like a plural."""
    parts = _split(text)
    if parts is None or not _RE.PLURAL.search(parts[1].lower()):
        return
    before, head, back = parts
    if head.lower().endswith("ics") or " and " in before or _RE.NO_PLURAL.search(head.lower()):
        return
    yield before + _first(head, _RE.rules("singulars")) + back


def _first(word: str, endings: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    found = ((ending, other) for ending, other in endings if ending.search(word))
    return next((ending.sub(other, word, count=1) for ending, other in found), word)


def possessive(text: str) -> Iterator[str]:
    """Without the possessive ("Crohn disease") and without its apostrophe ("Crohns disease")."""
    if _RE.POSSESSIVE.search(text):
        yield _RE.POSSESSIVE.sub("", text)
        yield _RE.POSSESSIVE.sub(lambda found: found[1] or "", text)


def eponyms(text: str) -> Iterator[tuple[str, str]]:
    """With the possessive: "Marfan's syndrome"."""
    if found := _RE.EPONYM.fullmatch(text):
        yield "possessive", f"{found[1]}'s {found[2]}"


_ALL = (inverted, plural, singular, british, american, greek, possessive, hyphen, roman, of_the)
RULES: Mapping[str, Callable[[str], Iterable[str]]] = MappingProxyType(
    {rule.__name__.replace("_", "-"): rule for rule in _ALL}
)
"""Name → rule: a function from a text to the texts that may stand for it."""
