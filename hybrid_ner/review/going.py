"""Lines that move to another document, and what is said behind such a move."""

from __future__ import annotations

import re

from hybrid_ner.review.chat.natural import understand
from hybrid_ner.review.chat.reading import Reading
from hybrid_ner.review.chat.references import read_words
from hybrid_ner.review.chat.situation import Situation, quoted
from hybrid_ner.review.chat.words import is_known
from hybrid_ner.review.commands.language import read_line
from hybrid_ner.review.commands.move import Back, Go
from hybrid_ner.review.commands.work import Work
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)


def goes_to(work: Work, line: str, situation: Situation) -> Reading | None:
    """The document that a line names and wants to see: "could you open PATH-1 first?", "case 2 pls".

    Also "on we go to the lease", and the whole of a name that stands alone.
    """
    alone = line.strip(" .!")
    if work.document_row(alone) is not None and not (
        is_known(alone.lower()) or situation.holds(alone.lower())
    ):
        return Reading((_go(alone),))
    if onward := _RE.ON_WE_GO.fullmatch(line):
        on = f"go on{onward['to']}"
        return goes_to(work, on, situation) or understand(on, situation)
    for pattern in (_RE.NAMED, _RE.GOES_TO, _RE.GOES_TO_WORD):
        found = pattern.fullmatch(line)
        name = work.document_called(found["name"]) if found else ""
        if found and name and not (pattern is _RE.GOES_TO_WORD and is_here(found["name"], situation)):
            break
    else:
        return None
    before = (found.groupdict().get("before") or "").strip(" .,;!?")
    first = understand(before, situation) if before else None
    if first and (first.question or (first.lines and not first.writes)) and not _RE.LEAVES.fullmatch(before):
        first = None  # a question or a musing before it
    lines = first.lines if first and first.writes else ()
    return Reading((*lines, _go(name)))


def _go(name: str) -> str:
    return f"go {name}" if re.fullmatch(r"\S+", name) else f"go {quoted(name)}"


def is_here(name: str, situation: Situation) -> bool:
    """Whether a word is a span of this document, which "go to the lease" may mean as well."""
    return name.lower() in situation.by_surface


def may_move(line: str) -> bool:
    """Whether a line may begin with a move and say more."""
    return _RE.MOVES.fullmatch(line) is not None


def moves_first(work: Work, line: str, situation: Situation) -> tuple[str, str] | None:
    """A move at the head of a line, and what is said of the document that is then open.

    "go o4; 14 Biomarker", "back. 2 is fine", "go to lease, 11 should be ok after all". ``None`` where the
    line moves only, or asks for nothing besides.
    """
    found = _RE.MOVES.fullmatch(line)
    if found is None:
        return None
    head, rest = found["head"].strip(), found["rest"].strip()
    said = read_line(head).command
    name = work.document_called(said.where) if isinstance(said, Go) else ""
    plain = _go(name) if name else "back" if isinstance(said, Back) else ""
    read = Reading((plain,)) if plain else goes_to(work, head, situation) or understand(head, situation)
    if read is None or len(read.lines) != 1 or not re.fullmatch(r"back|go .+", read.lines[0]):
        return None
    if read_line(rest).command is None:
        then = understand(rest, situation)
        if then is None or not (then.lines or then.question):
            return None
    return read.lines[0], rest


def moves_last(line: str, situation: Situation) -> Reading | None:
    """A move behind remarks that name nothing: "no no, I wasn't done there! Back to the other one."."""
    found = _RE.MOVES_LAST.fullmatch(line)
    if found is None or re.search(r"(?:REF|LAB|TXT)\d", read_words(found["told"], situation).text):
        return None
    read = understand(found["move"], situation)
    moves = read is not None and len(read.lines) == 1 and re.fullmatch(r"next|back|skip|go .+", read.lines[0])
    return read if moves else None
