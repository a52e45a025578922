"""Which function runs which command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hybrid_ner.review.commands import (
    on_bulk,
    on_gazetteer,
    on_info,
    on_labels,
    on_log,
    on_models,
    on_moves,
    on_spans,
    on_team,
)
from hybrid_ner.review.commands import on_labels as on_files
from hybrid_ner.review.commands import typed as c
from hybrid_ner.review.commands.context import Work
from hybrid_ner.review.commands.grammar import parse, script
from hybrid_ner.review.commands.lexer import ParseError, whole_number
from hybrid_ner.review.reply import Pending, Reply

__all__ = ["ASKING", "HANDLERS", "NARROW", "Handler", "answer_of", "is_wide", "only_asks"]

Handler = Callable[[Work, Any], Reply]

HANDLERS: Mapping[type, Handler] = {
    c.Accept: on_spans.accept,
    c.Reject: on_spans.reject,
    c.Reopen: on_spans.reopen,
    c.Defer: on_spans.defer,
    c.Flag: on_spans.flag,
    c.Relabel: on_spans.relabel,
    c.Boundary: on_spans.boundary,
    c.Link: on_spans.link,
    c.Add: on_spans.add,
    c.Merge: on_spans.merge,
    c.Split: on_spans.split,
    c.Why: on_info.why,
    c.WhyNot: on_info.why_not,
    c.WhoChanged: on_info.who_changed,
    c.Left: on_info.left,
    c.Labels: on_info.labels,
    c.Help: on_info.help_about,
    c.NewLabel: on_labels.new_label,
    c.Confusions: on_info.confusions,
    c.WorstTerms: on_info.worst_terms,
    c.Occurrences: on_bulk.occurrences,
    c.Bulk: on_bulk.bulk,
    c.Never: on_gazetteer.never,
    c.LinkAll: on_gazetteer.link_all,
    c.TermAdd: on_gazetteer.term,
    c.Variant: on_gazetteer.variant,
    c.Abbr: on_gazetteer.abbr,
    c.Next: on_moves.following,
    c.Back: on_moves.back,
    c.Go: on_moves.go,
    c.Order: on_moves.order,
    c.Find: on_moves.find,
    c.Undo: on_log.undo,
    c.Redo: on_log.redo,
    c.Log: on_log.log,
    c.Score: on_models.score,
    c.Diff: on_models.diff,
    c.Retrain: on_models.retrain,
    c.Update: on_models.update,
    c.Changes: on_models.changes,
    c.Status: on_models.status,
    c.Cancel: on_models.cancel,
    c.Promote: on_models.promote,
    c.Rollback: on_models.rollback,
    c.Agreement: on_team.agreement,
    c.Compare: on_team.compare,
    c.Adjudicate: on_team.adjudicate,
    c.Take: on_team.take,
    c.Export: on_files.export,
    c.ReplayFile: on_files.replay,
}
"""Confirmations, and ``replay`` where it may read files, are handled by the session itself."""

ASKING = frozenset(
    (
        *(c.Why, c.WhyNot, c.WhoChanged, c.Help, c.Confusions, c.WorstTerms, c.Occurrences, c.Log, c.Score),
        *(c.Diff, c.Changes, c.Status, c.Agreement, c.Compare, c.Export),
    )
)
"""Commands that write nothing into the store: they run without a lock."""
NARROW = ASKING | frozenset(
    (
        *(c.Accept, c.Reject, c.Reopen, c.Defer, c.Flag, c.Relabel, c.Boundary, c.Link, c.Add, c.Merge),
        *(c.Split, c.Next, c.Back, c.Go, c.Order, c.Find, c.Confirm, c.Except, c.Which, c.Dismiss),
    )
)
"""Commands that depend on this reviewer's own decisions alone, in one document or on the way to the next one.
They wait for other reviewers only while they append to the log. Others lock the project from the start."""


def only_asks(line: str) -> bool:
    """Whether a line writes nothing into the store, whatever question is open."""
    try:
        return type(parse(line)) in ASKING
    except ParseError:
        return False


def is_wide(pending: Pending | None, line: str) -> bool:
    """Whether a line, or the one that it answers, looks at more than this reviewer's document and queue."""
    try:
        return any(type(each) not in NARROW for each in _meant(pending, line))
    except ParseError:
        return False


def _meant(pending: Pending | None, line: str) -> list[Any]:
    """The commands that a line, several joined, or the answer to a question would run."""
    answer = answer_of(pending, line)
    if answer is None and (several := script(line)):
        return [parse(each) for each in several]
    answer = answer or parse(line)
    if pending is not None and isinstance(answer, c.Confirm | c.Except | c.Which):
        return [parse(each) for each in script(pending.line) or (pending.line,)]
    return [answer]


def answer_of(pending: Pending | None, line: str) -> Any:
    """A bare name or number that answers the pending question."""
    said = line.strip()
    if pending is None:
        return None
    if pending.kind == "name" and said == pending.answer:
        return c.Confirm(said)
    if pending.kind == "which" and (number := whole_number(said)) is not None:
        return c.Which(number)
    return None
