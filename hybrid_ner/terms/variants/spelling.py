"""Variants of spelling and signs: British and American stems, Greek letters, hyphens, roman numerals."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["STEMS", "american", "british", "greek", "hyphen", "roman"]


_PAIRS = """
aemia/emia aemic/emic anaesth/anesth aetiolog/etiolog caecum/cecum caecal/cecal faecal/fecal faeces/feces
haemo/hemo haema/hema paediatr/pediatr orthopaed/orthoped gynaec/gynec praevia/previa caesarean/cesarean
caesium/cesium aesthetic/esthetic encyclopaed/encycloped
oedema/edema oesophag/esophag oestr/estr foetus/fetus foetal/fetal rrhoea/rrhea pnoea/pnea coeliac/celiac
coelom/celom homoeo/homeo manoeuvr/maneuver diarrhoeal/diarrheal
tumour/tumor humour/humor colour/color labour/labor behaviour/behavior honour/honor favour/favor
harbour/harbor neighbour/neighbor endeavour/endeavor
sulph/sulf fibre/fiber centre/center litre/liter titre/titer calibre/caliber theatre/theater
isation/ization paralyse/paralyze analyse/analyze dialyse/dialyze catalyse/catalyze
grey/gray mould/mold aluminium/aluminum judgement/judgment licence/license defence/defense offence/offense
pretence/pretense instalment/installment fulfilment/fulfillment enrolment/enrollment skilful/skillful
catalogue/catalog dialogue/dialog analogue/analog programme/program counsellor/counselor
cancelled/canceled labelled/labeled labelling/labeling signalling/signaling traveller/traveler
practise/practice ageing/aging leucocyt/leukocyt
"""

STEMS: tuple[tuple[str, str], ...] = tuple(
    (one, other) for one, _, other in (pair.partition("/") for pair in _PAIRS.split())
)
"""British and American stems; a stem may stand anywhere in a word."""


_WHERE = {
    "emic": (r"(?<!syst)(?<!epid)(?<!end)(?<!pand)(?<!acad)(?<!pol)", r"(?![a-z])"),
    "emia": ("", r"(?=s?(?![a-z]))"),
    "hemo": (r"(?<![ct])", ""),
    "hema": (r"(?<![cty])(?<!nt)", ""),
    "estr": (r"(?:(?<![a-z])|(?<=yl)|(?<=xy))", r"(?=adiol|an|iol|on|og|us|ous)"),
    "edema": (r"(?:(?<![a-z])|(?<=lymph)|(?<=papill)|(?<=myx)|(?<=scler))", r"(?![n])"),
    "color": (r"(?<![a-z])", r"(?!ado|ect|im|ation)"),
    "labor": (r"(?<![a-z])", r"(?!at|io)"),
    "humor": ("", r"(?!al|ous)"),
    "honor": ("", r"(?!ar)"),
    "liter": (r"(?<![a-z])", r"(?=s?(?![a-z]))"),
    "titer": (r"(?<![a-z])", r"(?=s?(?![a-z]))"),
    "aging": (r"(?<![a-z])", ""),
    "analog": ("", r"(?=s?(?![a-z]))"),
    "dialog": ("", r"(?=s?(?![a-z]))"),
    "catalog": ("", r"(?=s?(?![a-z]))"),
    "titre": (r"(?<![a-z])", r"(?=s?(?![a-z]))"),
    "litre": (r"(?<![a-z])", r"(?=s?(?![a-z]))"),
    "oesophag": (r"(?:(?<![a-z])|(?<=o))", ""),
    "oestr": (r"(?:(?<![a-z])|(?<=yl)|(?<=xy))", ""),
    "oedema": (r"(?:(?<![a-z])|(?<=lymph)|(?<=papill)|(?<=myx)|(?<=scler))", ""),
    "paralyse": ("", r"(?!s)"),
    "dialyse": ("", r"(?!s)"),
    "catalyse": ("", r"(?!s)"),
    "analyse": ("", r"(?!s)"),
    "faecal": ("", r"(?!is)"),
    "haema": ("", r"(?!tobi)"),
}
"""Stems that are parts of other words too ("systemic", "colorectal"): what must stand before and behind."""


def _pattern(stems: dict[str, str]) -> re.Pattern[str]:
    """Any of the stems, longest first, but not where the text already has the other spelling."""
    parts = []
    for stem in sorted(stems, key=len, reverse=True):
        other = stems[stem]
        rest = f"(?!{other[len(stem) :]})" if other.startswith(stem) else ""
        before = f"(?<!{other[: -len(stem)]})" if other.endswith(stem) else ""
        ahead, behind = _WHERE.get(stem, ("", ""))
        parts.append(ahead + before + stem + behind + rest)
    return re.compile("|".join(parts), re.IGNORECASE | re.ASCII)


_TO_AMERICAN = dict(STEMS)
_TO_BRITISH = {other: one for one, other in STEMS}
_BRITISH, _AMERICAN = _pattern(_TO_AMERICAN), _pattern(_TO_BRITISH)


def american(text: str) -> Iterator[str]:
    """American spelling of a British text."""
    yield from _swap(text, _BRITISH, _TO_AMERICAN)


def british(text: str) -> Iterator[str]:
    """British spelling of an American text."""
    yield from _swap(text, _AMERICAN, _TO_BRITISH)


def _swap(text: str, pattern: re.Pattern[str], to: dict[str, str]) -> Iterator[str]:
    # Most texts hold none of the stems, and plain "in" sees that ten times faster than the pattern.
    lower = text.lower()
    if not any(stem in lower for stem in to):
        return
    changed = pattern.sub(lambda found: _like(found[0], to[found[0].lower()]), text)
    if changed != text:
        yield changed


def _like(shown: str, word: str) -> str:
    """``word`` in the case of ``shown``."""
    if shown.isupper():
        return word.upper()
    return word[0].upper() + word[1:] if shown[0].isupper() else word


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
