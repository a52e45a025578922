"""Lines that move to another document, and what is said behind such a move."""

from __future__ import annotations

import re

from hybrid_ner.review.chat.natural import understand
from hybrid_ner.review.chat.reading import Reading
from hybrid_ner.review.chat.situation import Situation, quoted
from hybrid_ner.review.commands.work import Work
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)


def goes_to(work: Work, line: str, situation: Situation) -> Reading | None:
    """The document that a line names and wants to see: "could you open PATH-1 first?", "case 2 pls"."""
    found = _RE.NAMED.fullmatch(line) or _RE.GOES_TO.fullmatch(line)
    name = work.document_called(found["name"]) if found else ""
    if not found or not name:
        return None
    before = (found.groupdict().get("before") or "").strip(" .,;!?")
    first = understand(before, situation) if before else None
    if first and (first.question or (first.lines and not first.writes)) and not _RE.LEAVES.fullmatch(before):
        first = None  # a question or a musing before it
    lines = first.lines if first and first.writes else ()
    return Reading((*lines, f"go {name}" if re.fullmatch(r"\S+", name) else f"go {quoted(name)}"))
