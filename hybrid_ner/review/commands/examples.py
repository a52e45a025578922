"""Examples of help in the words of a project: its own labels, and what is marked in its documents.

Examples are written with medical words, of which each stands for a label or a mention of the project.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from hybrid_ner.registry import DOMAINS
from hybrid_ner.review.store.lookups import human_name

_LABELS = (
    frozenset({"disease", "problem", "symptom", "person"}),
    frozenset({"drug", "chemical"}),
    frozenset({"test"}),
)
"""Words for the label of the first mention, the second, the third: the last one where there are fewer."""
_MENTIONS = {
    **dict.fromkeys(("afib", "mi", "hypotension", "cheerful", "warfarin", "statin"), 0),
    **dict.fromkeys(("pain", "busulfan", "aspirin", "ibuprofen", "arbor", "ecg", "atrial fibrillation"), 1),
    **dict.fromkeys(("echo", "hit", "metropolol 25 mg"), 2),
}
"""Words for a mention → which one."""
_PHRASES = ("severe chest pain", "pituitary hemorrhage", "right atrium", "myocardial infarction")
"""Words for a mention of several words; its first word and the others have their own, and its initials."""
_FIRST, _REST = ("pituitary", "chest", "left"), ("chest pain", "hemorrhage", "effusion")
_INITIALS = ("RA", "MI")
_SPELLING, _CONCEPT = "a-fib", r"MESH:D\d+"
_LEFT = r"(?<=start at )left"
_PATTERNS = (
    *(*_PHRASES, *_REST, *_FIRST[:2], _LEFT, _SPELLING, *_MENTIONS, *map(str.lower, _INITIALS), _CONCEPT),
    *(f"{word}s?" for words in _LABELS for word in words),
)
_WORD = re.compile(
    rf"\b(?P<article>an? )?(?P<said>{'|'.join(sorted(_PATTERNS, key=len, reverse=True))})\b", re.IGNORECASE
)
_PLAIN = re.compile(r"(?=.*[^\W\d_])\w[\w .'’&-]{1,23}(?<![ .'’&-])")
"""A mention that is easily said: "Royal Court", no quotes and no signs of the language."""


@dataclass(frozen=True, slots=True)
class Words:
    """What stands for the words of examples.

    Args:
        labels: Labels as people see them, that of the first mention first; without any nothing is changed.
        mentions: Texts that are marked; without any the examples say NAME.
    """

    labels: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()

    def told(self, example: str) -> str:
        """An example in these words; empty where it tells labels apart of which there is but one."""
        if not self.labels:
            return example
        places = {_place(found["said"].lower()) for found in _WORD.finditer(example)} - {-1}
        if len(places) > 1 and len(self.labels) == 1:
            return ""
        return _WORD.sub(self._word, example)

    def _word(self, found: re.Match[str]) -> str:
        said, article = found["said"], found["article"] or ""
        if (place := _place(said.lower())) < 0:
            return article + self._mention(said)
        label = self.labels[min(place, len(self.labels) - 1)]
        if typed := said != said.lower():
            label = label if re.fullmatch(r"[\w-]+", label) else f'"{label}"'
        label = label if typed or label.isupper() else label.lower()
        label = f"{label}s" if said.endswith("s") and not label.endswith("s") else label
        an = label.strip('"')[:1].lower() in "aeio"
        return f"{'an' if an else 'a'} {label}" if article else label

    def _mention(self, said: str) -> str:
        low, one = said.lower(), self.mentions[0] if self.mentions else "NAME"
        long = next((each for each in self.mentions if " " in each), "NAME OF SEVERAL")
        if said in _INITIALS:
            return "".join(word[0] for word in long.split()).upper()
        if low == _SPELLING:
            return one.replace(" ", "-") if " " in one else one.swapcase()
        if re.fullmatch(_CONCEPT, said):
            return said if {"Disease", "Chemical"} & {*self.labels} else "Q1234"
        if low in (*_PHRASES, *_FIRST, *_REST):
            first, rest = long.split(" ", 1)
            return long if low in _PHRASES else first if low in _FIRST else rest
        return self.mentions[_MENTIONS[low] % len(self.mentions)] if self.mentions else "NAME"


MANUAL = Words()
"""Nobody's words: examples as they are written."""


def words_for(labels: Iterable[str], mentions: Iterable[tuple[str, str]], domain: str) -> Words:
    """The words of a project.

    Args:
        labels: In key order.
        mentions: Text and label of what is marked in the open document; where that is nothing, what is
            marked in a sample of the domain.
    """
    labels = tuple(labels)
    easy = _easy(mentions, labels) or _easy(_samples(domain), labels)
    first = {label: said for said, label in reversed(easy)}  # one of each label before further ones
    said = dict.fromkeys((*(first[label] for label in labels if label in first), *(s for s, _ in easy)))
    shown = map(human_name, sorted(labels, key=lambda label: label not in first))
    return Words(tuple(dict.fromkeys(shown)), tuple(said))


def _easy(mentions: Iterable[tuple[str, str]], labels: Sequence[str]) -> list[tuple[str, str]]:
    return [(said, label) for said, label in mentions if label in labels and _PLAIN.fullmatch(said)]


@lru_cache(maxsize=8)
def _samples(domain: str) -> Sequence[tuple[str, str]]:
    """What is marked in the first sample of a domain; nothing where it has none."""
    gold = DOMAINS.get(domain).gold if domain in DOMAINS.names() else None
    if gold is None or not gold.is_file():
        return ()
    with gold.open(encoding="utf-8") as lines:
        first = json.loads(next(lines))
    return [(first["text"][each["start"] : each["end"]], each["label"]) for each in first["entities"]]


def _place(word: str) -> int:
    return next((n for n, words in enumerate(_LABELS) if {word, word.removesuffix("s")} & words), -1)
