"""Rows of a list that was shown in the conversation: "the third row is a law", "all but the last row"."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import takewhile

import sqlalchemy as sa

from hybrid_ner.review.chat.reading import Reading
from hybrid_ner.review.chat.situation import Spot, numbers_in, numbers_said, spans_in
from hybrid_ner.review.chat.words import NUMBERS, ORDINALS
from hybrid_ner.review.commands.bulk import SAMPLES, Occurrences, find_hits
from hybrid_ner.review.commands.explain import ROWS, Left, open_likely
from hybrid_ner.review.commands.language import Line, read_line
from hybrid_ner.review.commands.undo import Rejected, earlier
from hybrid_ner.review.commands.work import Work
from hybrid_ner.review.store.labels import find_label
from hybrid_ner.review.store.postings import surface_key
from hybrid_ner.review.store.schema import turn
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)


def in_numbers_of_rows(work: Work, said: Line) -> Line | Reading:
    """The line with numbers for the rows of the list that was shown last: "the third row is a law".

    Right behind a list, or behind what was said of its rows alone, "the first one", "both" and "the rest" are
    rows too. What is told instead of a row that is not there, or stands in another document.
    """
    pending, line = work.place.pending, said.text
    if not _RE.MAY_BE_ROWS.search(line) or (pending and pending.kind != "choice"):
        return said
    listed = rows_listed(work)
    shown, several = listed.rows[: listed.shown], listed.several
    here = {m.number: m for m in work.card().mentions}
    own = (number for document_id, number in listed.rows if document_id == work.place.document_id)
    mine = [number for number in dict.fromkeys(own) if number in here]
    if not mine:
        return said
    bare = bool(listed.since) and pending is None and not _RE.OF_STEPS.search(line)
    problem = ""
    named = numbers_in(line)
    open_rows = [n for n in mine if here[n].status == "open" and n not in named]

    def in_numbers(found: re.Match[str]) -> str:
        nonlocal problem
        lines = (found["noun"] or "").lower().strip().startswith("line")
        if lines and re.search(r"(?i)\b(?:in|of|from) $", found.string[: found.start()]):
            return found[0]  # "Bielak in the first line"
        if not (found["noun"] or found["nrs"] or (bare and found[0].lower().startswith("the "))):
            return found[0]
        places = _places_of(found, len(shown))
        if not places:
            return found[0]
        if several > 1 and not (found["noun"] or found["nrs"]) and any(at < several for at in places):
            return found[0]  # of those that were decided a moment ago
        if len(shown) < len(listed.rows) and "last" in found[0].lower():
            problem = f"That list shows {len(shown)} of {len(listed.rows)}: say the number. Nothing changed."
            return found[0]
        if any(not 0 <= at < len(shown) for at in places):
            problem = f"That list has {len(shown)} rows. Nothing changed."
            return found[0]
        if any(shown[at][0] != work.place.document_id for at in places):
            problem = "That row stands in another document: open it first. Nothing changed."
            return found[0]
        return " and ".join(str(shown[at][1]) for at in places)

    line = _RE.ROW.sub(in_numbers, line)
    if problem:
        return Reading(answer=problem)
    rest = (_RE.IN_LIST, *((_RE.OTHER_ROWS,) if bare and listed.since == _ROWS_SINCE else ()))
    rest += (_RE.ALL_BUT_ROWS,) if named and named <= {*mine} and bare else ()
    for pattern in rest if open_rows else ():
        line = pattern.sub(numbers_said(open_rows).replace(" ", " and "), line)
    pair = [n for n in mine if here[n].status != "rejected"]
    if bare and len(pair) == PAIR:
        line = _RE.BOTH_ROWS.sub(f"{pair[0]} and {pair[1]}", line)
    return said if line == said.text else read_line(line)


PAIR = 2
_ROWS_SINCE = 2
"""What was said since a list, when it was about its rows alone."""


def _places_of(found: re.Match[str], count: int) -> list[int]:
    """The places of the rows that words name, from 0 in a list of so many."""
    if found["many"]:
        many = NUMBERS.get(found["many"].lower()) or int(found["many"])
        return list(range(many) if found["end"].lower() == "first" else range(count - many, count))
    if found["nrs"]:
        return [int(each) - 1 for each in re.findall(r"\d+", found["nrs"])]
    places = []
    for word in re.findall(r"(?i)last but one|second to last|\w+", found["nths"]):
        place = -2 if " " in word else ORDINALS.get(word.lower()) or int(re.sub(r"\D", "", word) or 0)
        places += [place - 1 if place > 0 else count + place] if place else []
    return places


@dataclass(frozen=True, slots=True)
class RowsListed:
    """A list that was shown in the conversation.

    Args:
        rows: Document and number of each mention, row by row, as they were then.
        shown: How many of them the reply showed.
        since: 1 when nothing was said since, 2 when only rows of it were decided, 0 for anything else.
        several: How many rows the last line has decided.
    """

    rows: list[tuple[int, int]] = field(default_factory=list)
    shown: int = 0
    since: int = 0
    several: int = 0


def rows_listed(work: Work) -> RowsListed:
    """The list that was shown last of the document on the card, of those that are still in sight."""
    query = sa.select(turn.c.line, turn.c.level, turn.c.echo, turn.c.doc_id).where(
        turn.c.reviewer_id == work.author.reviewer_id
    )
    turns = work.connection.execute(query.order_by(turn.c.id.desc()).limit(_ROWS_IN_SIGHT)).all()
    since: list[str] = []
    plain = True
    for row in takewhile(lambda row: row.doc_id == work.doc_id(), turns):
        command = read_line(row.line).command if row.level == "info" else None
        told = _RE.TELLS_ROWS.findall(row.echo) if row.level == "info" else []
        rows, shown = [(work.place.document_id or 0, int(n)) for n in told], len(told)
        if isinstance(command, Occurrences | Left | Rejected):
            steps = sum(-1 if each.startswith("undo") else 1 for each in since)
            rows = _as_listed(work, command, max(steps, 0))
            limit = SAMPLES if isinstance(command, Occurrences) else ROWS
            shown = min(limit, len(rows))
        elif len(rows) < PAIR:
            rows = []
        if rows:
            about = [spans_in(each) for each in since]
            plain = plain and all(each and each <= {n for _, n in rows} for each in about)
            return RowsListed(rows, shown, 1 + bool(since) if plain else 0, len(about[0]) if about else 0)
        since += [row.line] if row.level == "done" else []
        plain = plain and row.level == "done"
    return RowsListed()


_ROWS_IN_SIGHT = 12
"""Lines of the conversation in which a list is still looked at."""


def _as_listed(work: Work, command: Occurrences | Left | Rejected, steps: int) -> list[tuple[int, int]]:
    """The mentions of a list, as it was before the last steps."""
    was: dict[int, Spot | None] = {}
    for past in earlier(work)[:steps]:
        was |= past.was
    here = work.place.document_id or 0
    spots = {n: spot for n, spot in was.items() if spot is not None}
    if isinstance(command, Occurrences):
        chosen = command.selection
        label = find_label(chosen.label, work.labels) if chosen.label else ""
        now = [(hit.document_id, hit.mention.number) for hit in find_hits(work, chosen)]
        kept = {
            n
            for n, spot in spots.items()
            if (not label or spot.label == label)
            and (not chosen.term or surface_key(spot.surface) == surface_key(chosen.term))
            and (
                not chosen.status
                or chosen.status == ("open" if spot.open else "rejected" if spot.out else "accepted")
            )
        }
    elif isinstance(command, Left):
        now = [(here, m.number) for m in open_likely(work)]
        kept = {n for n, spot in spots.items() if spot.open}
    else:
        now = [(here, m.number) for m in work.card().mentions if m.status == "rejected" and not m.reason]
        kept = {n for n, spot in spots.items() if spot.out}
    mine = {n for document_id, n in now if document_id == here and n not in was} | kept
    at = {m.number: m.start for m in work.card().mentions}
    before = [each for each in now if each[0] < here]
    after = [each for each in now if each[0] > here]
    return [*before, *((here, n) for n in sorted(mine, key=lambda n: at.get(n, 0))), *after]
