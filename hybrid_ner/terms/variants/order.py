"""Word order: comma inversions turned round, and "X of the Y" against "Y X"."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["inverted", "of_the"]

_MAX_PARTS = 3
_NO_MODIFIER = re.compile(
    r"(?:and|or|with|without|not|nos|nec|due|in|of|by|for|on|to|other|unspecified|inc|llc|llp|lp|ltd|limited"
    r"|plc|co|corp|corporation|gmbh|sa|ag|nv|jr|sr|ii|iii|iv|md|phd|esq|et|etc|see)\b\.?",
    re.IGNORECASE,
)
"""First words of a part behind a comma that does not modify what stands before it."""

_OF = re.compile(r"(?P<head>[\w' -]+?) of (?P<the>the )?(?P<whole>[\w' -]+)\Z")
_HEADS = re.compile(
    r"(?:abscess|(?:adeno)?carcinoma|agenesis|aneurysm|atresia|atrophy|cancer|cirrhosis|cyst|degeneration|disease"
    r"|disorder|dysfunction|dysplasia|failure|fibrosis|fistula|fracture|ha?emorrhage|hyperplasia|hypertrophy"
    r"|hypoplasia|infection|inflammation|injury|insufficiency|ischa?emia|lesion|lymphoma|malformation|metastasis"
    r"|necrosis|neoplasm|obstruction|pain|perforation|polyp|prolapse|rupture|sarcoma|stenosis|swelling|thrombosis"
    r"|toxicity|trauma|tuberculosis|tumou?r|ulcer|weakness|department|ministry)\Z",
    re.IGNORECASE,
)
"""Heads for which "Y X" says the same as "X of Y"; it does not for names such as "Bank of the West"."""


def inverted(text: str) -> Iterator[str]:
    """ "Anemia, Hemolytic, Autoimmune" → "Autoimmune Hemolytic Anemia"; one order, as thesauri mean it."""
    parts = text.split(", ")
    if not 1 < len(parts) <= _MAX_PARTS or any(c in text for c in "()[]{};:/"):
        return
    if any(not part.strip() or "," in part or _NO_MODIFIER.match(part) for part in parts[1:]):
        return
    if len(parts[0].split()) > _MAX_PARTS or not parts[0][0].isalpha():
        return
    yield " ".join(reversed(parts))


def of_the(text: str) -> Iterator[str]:
    """ "cancer of the lung" ↔ "cancer of lung", and "lung cancer" for heads of diseases and offices."""
    found = _OF.match(text)
    if not found or " of " in found["whole"]:
        return
    head, whole = found["head"], found["whole"]
    yield f"{head} of {whole}" if found["the"] else f"{head} of the {whole}"
    if _HEADS.search(head) and not whole.lower().startswith(("a ", "an ")):
        yield f"{whole} {head}"
