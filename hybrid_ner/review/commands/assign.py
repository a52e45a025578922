"""Who reviews what: documents are shared out, everybody has a queue of their own, and progress is seen."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from hybrid_ner.errors import InputError
from hybrid_ner.review.commands.base import Asking, Command, Leading, command
from hybrid_ner.review.commands.language import Cursor, ParseError
from hybrid_ner.review.commands.team import reviewers_of
from hybrid_ner.review.commands.work import Plan, Work, confirm
from hybrid_ner.review.reply import Reply, Table, digest
from hybrid_ner.review.store.events import EventDraft, StepDraft
from hybrid_ner.review.store.journal import now
from hybrid_ner.review.store.labels import ASSIGN, assigned, deal, progress, reviewed_by
from hybrid_ner.review.store.project import LONGEST_NAME
from hybrid_ner.review.store.reviewers import reviewer_names
from hybrid_ner.review.store.schema import document, position, reviewer
from hybrid_ner.text import quantity

_EVERYBODYS = "the documents are everybody's again"


@command(
    "assign",
    says="assign ana, bob · assign ana, bob, carl each 2 · assign ana, bob overlap 20% · assign ana docs 1-40"
    " · assign nobody: share the documents among reviewers, each with a queue of their own",
)
class Assign(Leading):
    names: tuple[str, ...]
    each: int = 1
    overlap: float = 0.0
    first: int = 0
    last: int = 0

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        example = "`assign ana, bob each 2`"
        names: list[str] = [""]
        options: dict[str, Any] = {}
        while token := cursor.take():
            word = token.text.lower()
            if token.kind == "word" and word in ("each", "overlap", "docs", "documents"):
                options |= _assign_option("docs" if word == "documents" else word, cursor)
            elif token.kind == "comma" or (token.kind == "word" and word == "and"):
                names.append("")
            elif token.kind in ("word", "quoted") and not options and word not in ("as", "to", "is"):
                names[-1] = f"{names[-1]} {token.text.rstrip(',')}".strip()
                if token.text.endswith(","):
                    names.append("")
            else:
                raise ParseError("say who gets the documents.", hint=f"For example {example}.")
        found = tuple(dict.fromkeys(filter(None, names)))
        if not found:
            raise ParseError("say who gets the documents.", hint=f"For example {example}.")
        return cls(() if found == ("nobody",) else found, **options)

    def run(self, work: Work) -> Reply:
        if self.each > max(len(self.names), 1):
            raise InputError(f"{self.each} reviewers each, and {len(self.names)} named.", hint="Name more.")
        new = self._dealt(work)
        names = reviewer_names(work.connection, work.project.id)
        got = Counter(who for given in new.values() for who in given)
        shared = Counter(who for given in new.values() if len(given) > 1 for who in given)
        rows = tuple((names.get(who, ""), got[who], shared[who]) for who in sorted(got))
        table = Table(("who", "documents", "shared"), rows) if rows else None
        count = len(new) if self.names else 0
        what = f"{quantity(count, 'document')} for {', '.join(self.names)}" if self.names else _EVERYBODYS
        what += self._read_twice(new)
        token = digest(("assign", sorted(new.items())))
        if asked := confirm(work, Plan("yes", what, token, count, count, table=table, whole=True)):
            return asked
        payload: dict[str, list[int]] = {}
        for number, given in new.items():
            for who in given:
                payload.setdefault(str(who), []).append(number)
        said = f"{what}: everybody has a queue of their own" if self.names else what
        work.write(StepDraft(ASSIGN, said, (EventDraft(ASSIGN, payload),)))
        _leave_others(work, payload)
        return Reply(said, "done", table=table)

    def _read_twice(self, new: Mapping[int, Sequence[int]]) -> str:
        """How many documents an overlap comes to, since a share of them is seldom a whole number."""
        if not self.overlap:
            return ""
        share = self.overlap * len(new)
        down = "" if abs(share - round(share)) < 1e-6 else ", rounded down"
        more = sum(len(given) > self.each for given in new.values())
        return f", {more} of them read by one more ({self.overlap:.0%} of {len(new)}{down})"

    def _dealt(self, work: Work) -> dict[int, tuple[int, ...]]:
        """The whole deal after this one: documents that were named anew are dealt anew."""
        if not self.names:
            return {}
        place = document.c.position
        query = sa.select(document.c.id).where(document.c.project_id == work.project.id)
        if self.first:
            query = query.where(place >= self.first, place <= self.last)
        numbers = list(work.connection.scalars(query.order_by(place)))
        before = assigned(work.connection, work.project.id)
        whose = [_reviewer_row(work, name) for name in self.names]
        # Whoever has reviewed a document need not do it again, nor has anybody to do it instead.
        done = reviewed_by(work.connection, work.project.id)
        held = {n: dict.fromkeys((*before.get(n, ()), *done.get(n, ()))) for n in numbers}
        mine = {n: kept for n, given in held.items() if (kept := tuple(who for who in given if who in whose))}
        return {**(before if self.first else {}), **deal(numbers, whose, self.each, self.overlap, mine)}


def _assign_option(word: str, cursor: Cursor) -> dict[str, Any]:
    token = cursor.take("number", "range", "word")
    said = token.text.rstrip(",") if token else ""
    if word == "docs" and (match := re.fullmatch(r"(\d{1,9})(?:[-–](\d{1,9}))?", said)):
        first, last = int(match[1]), int(match[2] or match[1])
        if 0 < first <= last:
            return {"first": first, "last": last}
    if word == "each" and said.isdecimal() and 0 < int(said) <= 50:
        return {"each": int(said)}
    if word == "overlap" and (match := re.fullmatch(r"(\d{1,3})(?:\.\d+)?%?", said)) and int(match[1]) <= 100:
        return {"overlap": float(said.rstrip("%")) / 100}
    hint = "For example `each 2`, `overlap 20%`, `docs 1-40`. Nothing changed."
    raise ParseError(f"{said or word!r} is not understood after {word}.", hint=hint)


def _reviewer_row(work: Work, name: str) -> int:
    """Row of a reviewer, who need not have been here yet."""
    names = reviewers_of(work)
    found = next((n for known, n in names.items() if known.casefold() == name.casefold()), None)
    if found is not None:
        return found
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise InputError(f"{name[:40]!r} is no name of a reviewer.", hint="Nothing changed.")
    row = {"project_id": work.project.id, "name": name, "created": now()}
    return int(work.connection.execute(reviewer.insert().returning(reviewer.c.id), row).scalar_one())


def _leave_others(work: Work, payload: Mapping[str, Sequence[int]]) -> None:
    """Whoever has a document open that is somebody else's begins with the first of their own."""
    for who, numbers in payload.items():
        at = position.c.reviewer_id == int(who)
        here = work.connection.scalar(sa.select(position.c.document_id).where(at))
        if here is not None and here not in set(numbers):
            cleared = {"document_id": None, "at_value": None, "at_position": None}
            if int(who) == work.author.reviewer_id:
                work.go_on(fresh=True)
            else:
                work.connection.execute(position.update().where(at).values(cleared))


@command("progress", says="progress: how far everybody is")
class ProgressOf(Asking):
    def run(self, work: Work) -> Reply:
        rows = progress(work.connection, work.project.id)
        if not rows:
            return Reply("nobody has reviewed anything yet, and no document is assigned")
        columns = ("who", "reviewed", "of", "shared", "accepted", "rejected", "last")
        query = sa.select(sa.func.count()).where(document.c.project_id == work.project.id)
        # Where nobody was given any, all documents are everybody's.
        every = 0 if any(r.assigned for r in rows) else work.connection.scalar(query) or 0
        table = tuple(
            (r.reviewer, r.done, r.assigned, r.shared, r.accepted, r.rejected, r.last[:16]) for r in rows
        )
        said = ", ".join(
            f"{r.reviewer} {r.done:,}" + (f" of {of:,}" if (of := r.assigned or every) else "")
            for r in rows[:6]
        )
        return Reply(f"reviewed: {said}", table=Table(columns, table))
