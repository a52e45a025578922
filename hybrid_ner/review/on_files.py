"""Commands that write files."""

from __future__ import annotations

from hybrid_ner.review import commands as c
from hybrid_ner.review.reply import Reply
from hybrid_ner.review.work import Work

__all__ = ["export"]


def export(work: Work, command: c.Export) -> Reply:
    return Reply("")
