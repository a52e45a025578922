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
_LETTER = {name: letter for letter, name in _GREEK.items()}
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
_ARABIC_AFTER = re.compile(rf"\b((?:{_COUNTED})s? )(1[0-5]|[1-9])(?![\w.])", re.I | re.A)

_BETWEEN_WORDS = re.compile(r"(?<=\w)-(?=\w)")
_SHORT_FIRST = re.compile(rf"(?:\w{{1,4}}|{'|'.join(_LETTER)}) [^\W_]{{3,}}", re.IGNORECASE)
_SINGLE_HYPHEN = re.compile(r"([A-Za-z]{3,})-([A-Za-z]{3,})")


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
    if _BETWEEN_WORDS.search(text):
        yield _BETWEEN_WORDS.sub(" ", text)
        single = _SINGLE_HYPHEN.fullmatch(text)
        if single:
            yield single[1] + single[2]
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
