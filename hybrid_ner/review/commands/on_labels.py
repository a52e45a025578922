"""The command that adds a label."""

from __future__ import annotations

from hybrid_ner.errors import InputError
from hybrid_ner.review.commands import typed as c
from hybrid_ner.review.commands.confirm import Plan, confirm, digest
from hybrid_ner.review.commands.context import Work
from hybrid_ner.review.document.spans import short
from hybrid_ner.review.reply import Reply
from hybrid_ner.review.store.events import StepDraft
from hybrid_ner.review.store.gold import GOLD_FORMATS, export_documents, export_path, gold_in, report_in
from hybrid_ner.review.store.labels import label_drafts
from hybrid_ner.text import quantity

__all__ = ["export", "new_label", "replay"]


LONGEST = 100
KEYS = 9
"""Digit keys."""


def new_label(work: Work, command: c.NewLabel) -> Reply:
    """``label NAME``: one more label, which can be undone."""
    name = " ".join(command.name.split())
    if len(name) > LONGEST or not any(map(str.isalnum, name)):
        raise InputError(
            f"{short(name)} is no name of a label.",
            hint=f"Use letters and digits, at most {LONGEST}. Nothing changed.",
        )
    known = next((label for label in work.labels if label.casefold() == name.casefold()), "")
    if known:
        return Reply(f"label {known} is there already")
    plan = Plan(
        "yes",
        f"a new label {name}, beside {', '.join(work.labels)}",
        digest([*work.labels, name]),
        whole=True,
    )
    asked = confirm(work, plan)
    if asked is not None:
        return asked
    place = len(work.labels) + 1
    said = f"label {name} added" + (f"; key {place}" if place <= KEYS else "")
    work.write(StepDraft("label", said, label_drafts(work.labels, [name])))
    return Reply(said, "done")


SHOWN = 20
"""Lost annotations that the reply lists."""


def export(work: Work, command: c.Export) -> Reply:
    """``export jsonl [file]``: the gold; what is left out is said.

    A session without files answers with the format alone: whoever shows the answer offers a download.
    """
    name = command.format.lower()
    files = work.services.files
    if files is None:
        return _download(name, command.path)
    path = export_path(name, work.project.name, command.path, files.folder)
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


def _download(name: str, path: str) -> Reply:
    if name not in GOLD_FORMATS:
        raise InputError(f"unknown export format {name!r}.", hint=f"Use one of {', '.join(GOLD_FORMATS)}.")
    if path:
        raise InputError(
            f"this session writes no files, so {path!r} was not written.",
            hint=f"Download the file with `export {name}`, or run `hybrid-ner review export` in a terminal.",
        )
    return Reply(f"the gold as a {name} file, saved on your own computer", download=name)


def replay(work: Work, command: c.ReplayFile) -> Reply:
    """``replay FILE`` where the session may read no files; one that may does it itself."""
    raise InputError(
        "`replay` reads a file on the server, which this session may not.",
        hint="In a terminal on the server: hybrid-ner review replay STORE FILE (STORE is "
        "review.sqlite3 in the workspace folder). Nothing changed.",
    )
