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
from hybrid_ner.review.reply import Reply

__all__ = ["HANDLERS", "Handler"]

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
    c.Status: on_models.status,
    c.Cancel: on_models.cancel,
    c.Promote: on_models.promote,
    c.Rollback: on_models.rollback,
    c.Agreement: on_team.agreement,
    c.Compare: on_team.compare,
    c.Adjudicate: on_team.adjudicate,
    c.Take: on_team.take,
    c.Export: on_files.export,
}
"""Confirmations and ``replay`` are handled by the session itself."""
