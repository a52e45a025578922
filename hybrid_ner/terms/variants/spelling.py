"""British and American spelling of medical and legal words, by stems."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["STEMS", "american", "british"]

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
