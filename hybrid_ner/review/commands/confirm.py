"""The confirmation ladder: the wider the step, the more deliberate the answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from hybrid_ner.review.commands.context import Work
from hybrid_ner.review.reply import Pending, PendingKind, Reply, Table

__all__ = ["ASK_SPANS", "COUNT_SPANS", "Plan", "confirm", "digest", "rung"]

ASK_SPANS = 10
"""More spans than this in one document need ``yes``."""
COUNT_SPANS = 100
"""More spans than this need ``yes`` with the count."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A step before it is taken.

    Args:
        kind: Answer it needs, ``None`` for none.
        what: What would happen, one line.
        token: Digest of what would change.
        count: Spans that would change.
        documents: Documents that would change.
        name: The answer of kind ``name``.
        lines: Preview under the line.
        table: Samples.
        without: Samples left out.
        whole: It cannot be taken without some of its samples.
    """

    kind: PendingKind | None
    what: str
    token: str
    count: int = 0
    documents: int = 0
    name: str = ""
    lines: tuple[str, ...] = ()
    table: Table | None = None
    without: tuple[int, ...] = ()
    whole: bool = False

    @property
    def answer(self) -> str:
        """The line that confirms."""
        return {"count": f"yes {self.count}", "name": self.name}.get(self.kind or "", "yes")


def rung(count: int, documents: int, *, gazetteer: bool = False, reviewed: int = 0) -> PendingKind | None:
    """The answer that a step of this size needs."""
    if count > COUNT_SPANS or gazetteer or reviewed:
        return "count"
    return "yes" if count > ASK_SPANS or documents > 1 else None


def digest(parts: Iterable[object]) -> str:
    """A token that changes when any part does."""
    made = hashlib.sha256()
    for part in parts:
        made.update(repr(part).encode("utf-8", "surrogatepass") + b"\n")
    return made.hexdigest()[:24]


def confirm(work: Work, plan: Plan) -> Reply | None:
    """``None`` when the step may be taken, else the question to show.

    A question that was asked for other data, or a wrong answer, asks again; nothing has changed then.
    """
    if plan.kind is None:
        return None
    given = work.answer
    if given is not None and given.pending.token == plan.token:
        if _accepts(plan, given.text) or (given.without and plan.kind == "yes"):
            return None
        return _ask(work, plan, plan.what, f"; to go on, type `{plan.answer}`")
    changed = "the data has changed since; " if given is not None and not given.without else ""
    return _ask(work, plan, changed + plan.what, f": type `{plan.answer}`{_or_except(plan)}")


def _accepts(plan: Plan, text: str) -> bool:
    if plan.kind == "yes":
        return text in ("", str(plan.count))
    return text == (str(plan.count) if plan.kind == "count" else plan.name)


def _or_except(plan: Plan) -> str:
    return " (or `except N` for a sample shown)" if plan.table and plan.table.rows and not plan.whole else ""


def _ask(work: Work, plan: Plan, question: str, how: str) -> Reply:
    pending = Pending(
        plan.kind or "yes",
        plan.answer,
        work.line,
        plan.token,
        plan.count,
        plan.documents,
        plan.without,
        question,
    )
    return work.ask(pending, Reply(question + how, "ask", plan.lines, plan.table))
