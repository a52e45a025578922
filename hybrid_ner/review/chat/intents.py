"""What people say: the table of intents (``intents.txt``), and small talk."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from hybrid_ner.review.chat.words import canonical_words

__all__ = ["SMALL_TALK", "Intent", "intents", "vocabulary"]

_SHORT = {
    "{ok}": r"(?:okay|fine|right)",
    "{doc}": r"(?:document|thing|one)",
    "{today}": r"(?: (?:for )?(?:today|now|the day|tonight|the moment|this evening))?",
}
_NAMED = (("R", r"REF\\d+"), ("L", r"LAB\\d+"), ("T", r"(?:REF|TXT|UNK)\\d+"))


@dataclass(frozen=True)
class Intent:
    """One thing that people want.

    Args:
        example: How somebody may say it.
        lines: Template of the line, or the name of a reading after ``@``.
        patterns: Bare wordings.
        writes: Whether it changes decisions, so that doubt and questions only ask for it.
    """

    example: str
    lines: str
    patterns: tuple[str, ...]
    writes: bool = True

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """All wordings as one pattern."""
        each = []
        for pattern in self.patterns:
            for short, meant in _SHORT.items():
                pattern = pattern.replace(short, meant)
            pattern = _canonical(pattern)
            for name, marker in _NAMED:
                pattern = re.sub(rf"\b{name}\b", marker, pattern)
            each.append(f"(?:{pattern})")
        return re.compile("|".join(each))


def _canonical(pattern: str) -> str:
    """A wording may be written in any words: they are read as the canonical ones."""
    single, _ = canonical_words()
    return re.sub(r"(?<![\\{\w])[a-z]{2,}(?![\w}])", lambda m: single.get(m.group(), m.group()), pattern)


@lru_cache(maxsize=1)
def intents() -> tuple[Intent, ...]:
    """The table, from the first intent that is tried to the last."""
    found: list[Intent] = []
    for line in (Path(__file__).with_suffix(".txt")).read_text(encoding="utf-8").splitlines():
        if line.startswith("    "):
            last = found[-1]
            found[-1] = Intent(last.example, last.lines, (*last.patterns, line.strip()), last.writes)
        elif " => " in line:
            example, _, lines = line.partition("=>")
            asks = lines.endswith("(asks)")
            found.append(Intent(example.strip(), lines.removesuffix("(asks)").strip(), (), not asks))
    return tuple(found)


_GONE = "All right, nothing changed."
SMALL_TALK: tuple[tuple[str, str], ...] = (
    (r"(?:hi|hello|hey|good morning|good afternoon|good evening|greetings|hallo)(?: (?:there"
     r"|assistant|all|you))*",
     "Hello! {left}"),
    (r"(?:thanks|thank you|thx|cheers|cool|nice|great|super|awesome|wow|bravo|good bot)(?: (?:so"
     r" much|a lot|very much))?"
     r"|(?:well done|good job|great job|nice work|good work)|you(?: a|')re (?:\w+ )?(?:great|good"
     r"|the best)(?: \w+)?",
     "You are welcome. {left}"),
    (r"(?:good ?)?bye(?: bye)?(?: .*)?|good night|see you(?: \w+)*|ciao|until tomorrow|so long|take care",
     "Everything is saved; go on where you stopped whenever you like."),
    (r"no (?:thank you|problem|worries|need|matter)|no thanks(?: .*)?|i am (?:tired|hungry|bored)"
     r"|i'm (?:tired|hungry|bored)",
     _GONE),
    (r"how are you(?: (?:today|doing))*", "Ready when you are. {left}"),
    (r"(?:who|what) (?:are|is) you|what's your name|are you (?:a )?(?:robot|human|bot|ai)",
     "I show the spans that were found, and you decide. {left}"),
    (r"(?:hm+|mmh?|well|so|wait|hold on|one moment|moment|a moment|just a (?:second|moment"
     r"|minute)|thinking|one second)"
     r"|let me think(?: .*)?", "Take your time; nothing changes until you decide."),
    (r"(?:never mind|nevermind|forget (?:it|about it|this|that)|nothing|do nothing|ignore that"
     r"|leave it|leave|cancel"
     r"|cancel (?:that|it|this)|drop it|don't bother|it doesn't matter|doesn't matter)", _GONE),
)  # fmt: skip
"""What is said besides, with what to answer; it changes nothing."""


def vocabulary() -> set[str]:
    """Every word that a wording knows."""
    patterns = [*_SHORT.values(), *(pattern for intent in intents() for pattern in intent.patterns)]
    return {word for text in patterns for word in re.findall(r"[a-z]{2,}", re.sub(r"\\.", " ", text))}
