"""Greek letters, hyphens, slashes and roman numerals."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["greek", "hyphen", "roman"]

_GREEK = {
    **{"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta"},
    **{"θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi"},
    **{
        "ρ": "rho",
        "σ": "sigma",
        "τ": "tau",
        "υ": "upsilon",
        "φ": "phi",
        "χ": "chi",
        "ψ": "psi",
        "ω": "omega",
    },
}
_SHORT = ("eta", "iota", "mu", "nu", "xi", "omicron", "pi", "rho", "upsilon", "phi", "chi", "psi")
_LETTER = {name: letter for letter, name in _GREEK.items() if name not in _SHORT}
"""Names that are letters wherever they stand; the short ones are numerals, codes and names as well."""
_NAME = re.compile(rf"(?<![A-Za-z])({'|'.join(_LETTER)})(?![A-Za-z])", re.IGNORECASE | re.ASCII)
_NAMED = {
    **_GREEK,
    **{letter.upper(): name.title() for letter, name in _GREEK.items()},
    "µ": "mu",
    "ς": "sigma",
}
_SYMBOL = re.compile(f"(?![μµ][A-Za-z])[{''.join(_NAMED)}]")  # but not the unit in "5 μg"

_NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV")
_TO_ARABIC = {numeral: str(number) for number, numeral in enumerate(_NUMERALS, start=1)}
_TO_ROMAN = {number: numeral for numeral, number in _TO_ARABIC.items()}
_COUNTED = (
    "article|chapter|class|division|factor|grade|group|level|part|phase|schedule|section|stage|subtype|title|type"
    "|volume"
)
_ROMAN_AFTER = re.compile(
    rf"\b((?:{_COUNTED})s? )({'|'.join(sorted(_NUMERALS, key=len, reverse=True))})\b", re.I | re.A
)
_ROMAN_LAST = re.compile(r"(?<=[A-Za-z]{4} )(II|III|IV|VI|VII|VIII|IX)\Z")
_ARABIC_AFTER = re.compile(rf"(?<!growth )(?<!tion )\b((?:{_COUNTED})s? )([1-8])(?![\w.])", re.I | re.A)

_BETWEEN_WORDS = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
_SYSTEMATIC = re.compile(
    r"[\d'′,)\]]-|-[\d(\[]|[()\[\]]|(?<![A-Za-z])(?:[a-z]|[NOS])-(?=[a-z])|\A[A-Z][a-z]{2}-[A-Z][a-z]{2}\b"
)
"""Systematic names and peptides, in which a hyphen is part of the notation."""
_CODE = re.compile(r"([A-Z]{1,5})[ -](\d{2,}[A-Z]?)")
_SHORT_FIRST = re.compile(rf"(?:[A-Z]|(?i:{'|'.join(_LETTER)})) [a-z]{{3,}}")
_GLUED = re.compile(
    r"((?:anti|non|pre|post|multi|over|under|sub|inter|intra|extra|hyper|hypo|micro|macro|neuro|cardio|gastro|broncho"
    r"|immuno|radio|chemo|poly|pseudo|super|ultra|iodo|cyclo))-([a-z]{3,})|(beta|alpha)-(blockers?)",
    re.IGNORECASE,
)


def greek(text: str) -> Iterator[str]:
    """ "α-tocopherol" ↔ "alpha-tocopherol"; "TNFα" → "TNFalpha" and "TNF-alpha"."""
    if _NAME.search(text):
        yield _NAME.sub(lambda found: _LETTER[found[1].lower()], text)
    if _SYMBOL.search(text):
        named = _SYMBOL.sub(lambda found: _NAMED[found[0]], text)
        yield named
        yield re.sub(rf"(?<=[A-Za-z0-9])({'|'.join(_LETTER)})\Z", r"-\1", named)


def hyphen(text: str) -> Iterator[str]:
    """Hyphen, space and slash: "beta-blocker" → "beta blocker", "betablocker"; "T cell" → "T-cell"."""
    if code := _CODE.fullmatch(text):
        yield from (f"{code[1]}{between}{code[2]}" for between in (" ", "-", ""))
    elif _BETWEEN_WORDS.search(text) and not _SYSTEMATIC.search(text):
        yield _BETWEEN_WORDS.sub(" ", text)
        if _GLUED.fullmatch(text):
            yield text.replace("-", "")
    elif _SHORT_FIRST.fullmatch(text):
        yield text.replace(" ", "-")
    if re.search(r"\w/\w", text):
        for other in (" ", "-", " / "):
            yield re.sub(r"(?<=\w)/(?=\w)", other, text)


def roman(text: str) -> Iterator[str]:
    """ "type II" ↔ "type 2" after words that are counted, and a last "II" and above."""
    if _ROMAN_AFTER.search(text):
        yield _ROMAN_AFTER.sub(lambda found: found[1] + _TO_ARABIC[found[2].upper()], text)
    elif _ROMAN_LAST.search(text):
        yield _ROMAN_LAST.sub(lambda found: _TO_ARABIC[found[1]], text)
    if _ARABIC_AFTER.search(text):
        yield _ARABIC_AFTER.sub(lambda found: found[1] + _TO_ROMAN[found[2]], text)
