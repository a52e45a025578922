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

_NUMBER = re.compile(r"\d+[A-Za-z]?|[IVX]+")
_LAST = re.compile(rf"(?:(?:sub)?type|grade|stage|group|class) \w+|{_NUMBER.pattern}", re.IGNORECASE)
"""Parts that stay behind the head in natural order: "… type 2", "… 10"; a number never stands before it."""

_ATTACHED = re.compile(
    r"-\Z|\b(?:salt|ester|ether|esters|salts|hydrochloride)\Z|\b(?:and|of|or|with|in) |\A(?:tri|mono)somy\b"
)
"""Parts that do not stand before the head as they are: "phenyl-", "disodium salt"."""

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


_QUALITIES = re.compile(
    r"(?:(?:malignant|benign|primary|secondary|acute|chronic|congenital|metastatic|recurrent) )*",
    re.IGNORECASE,
)
_SITE = re.compile(
    r"\b(?:abdomen|anus|aorta|appendix|arm|artery|atrium|back|bladder|bone|bones|bowel|brain|breast|bronchus|cecum"
    r"|cerebellum|cervix|cheek|chest|clavicle|colon|conjunctiva|cornea|cranium|diaphragm|duct|duodenum|ear|elbow"
    r"|epididymis|esophagus|oesophagus|eye|eyelid|face|femur|finger|foot|gallbladder|gland|groin|gum|hand|head|heart"
    r"|hip|humerus|ileum|intestine|iris|jaw|jejunum|joint|kidney|knee|larynx|leg|lens|limb|limbs|lip|liver|lung|lungs"
    r"|mandible|maxilla|mediastinum|meninges|mouth|mucosa|muscle|muscles|nail|nasopharynx|neck|nerve|nipple|node"
    r"|nodes|nose|oropharynx|ovary|palate|pancreas|parathyroid|pelvis|penis|pericardium|peritoneum|pharynx|pituitary"
    r"|placenta|pleura|prostate|rectum|retina|rib|sacrum|salivary glands|scalp|scrotum|shoulder|sinus|skin"
    r"|skull|spine|spleen|sternum|stomach|teeth|tendon|testis|thalamus|thigh|thymus|thyroid|tibia|toe|tongue|tonsil"
    r"|tooth|trachea|tract|tube|ureter|urethra|uterus|vagina|valve|vein|vertebra|vulva|wall|wrist)\Z",
    re.IGNORECASE,
)
"""Last words of the parts of the body, which take the article."""
_NO_SITE = re.compile(r"\b(?:and|or|with|without|type|due)\b|\b(?:left|right)\Z", re.IGNORECASE)


def inverted(text: str) -> Iterator[str]:
    """ "Anemia, Hemolytic, Autoimmune" → "Autoimmune Hemolytic Anemia", as thesauri mean it."""
    parts = text.split(", ")
    if not 1 < len(parts) <= _MAX_PARTS or any(c in text for c in "()[]{};:/"):
        return
    if any(not part.strip() or "," in part or _NO_MODIFIER.match(part) for part in parts[1:]):
        return
    if len(parts[0].split()) > _MAX_PARTS or not parts[0][:1].isalpha():
        return
    if any(_ATTACHED.search(part) for part in parts[1:]):
        return
    last = [part for part in parts[1:] if _LAST.fullmatch(part)]
    before = [part for part in reversed(parts[1:]) if part not in last]
    if not any(_NUMBER.fullmatch(part) for part in parts[1:]):
        yield " ".join(reversed(parts))
    if last:
        yield " ".join((*before, parts[0], *last))


def of_the(text: str) -> Iterator[str]:
    """ "cancer of the lung" ↔ "cancer of lung", and "lung cancer" for heads of diseases and offices."""
    found = _OF.match(text)
    if not found or " of " in found["whole"]:
        return
    head, whole = found["head"], found["whole"]
    if found["the"]:
        yield f"{head} of {whole}"
    if not _SITE.search(whole) or _NO_SITE.search(whole):
        return
    if not found["the"]:
        yield f"{head} of the {whole}"
    noun = _HEADS.search(head)
    if noun and _QUALITIES.fullmatch(head[: noun.start()]):
        yield f"{head[: noun.start()]}{whole} {noun[0]}"
