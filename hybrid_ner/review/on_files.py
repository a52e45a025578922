"""Commands that write files."""

from __future__ import annotations

from hybrid_ner.review import commands as c
from hybrid_ner.review.exporting import export_documents, export_path
from hybrid_ner.review.gold import gold_in, report_in
from hybrid_ner.review.reply import Reply
from hybrid_ner.review.work import Work
from hybrid_ner.text import quantity

__all__ = ["export"]

SHOWN = 20
"""Lost annotations that the reply lists."""


def export(work: Work, command: c.Export) -> Reply:
    """``export jsonl [file]``: the gold; what is left out is said."""
    name = command.format.lower()
    path = export_path(name, work.project.name, command.path, work.services.folder)
    report = report_in(work.connection, work.author.project_id)
    if not report.documents:
        said = f"there is no gold yet: {report.sentence()}"
        return Reply(said)
    done = export_documents(gold_in(work.connection, work.author.project_id), name, path)
    lost = [problem.message for problem in done.lost.problems]
    said = f"{report.sentence()} → {done.path}"
    if lost:
        said += f"; this format cannot hold {quantity(len(lost), 'thing')}"
    return Reply(said, lines=tuple(lost[:SHOWN]))
