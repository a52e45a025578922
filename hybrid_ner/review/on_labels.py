"""The command that adds a label."""

from __future__ import annotations

from hybrid_ner.errors import InputError
from hybrid_ner.review import commands as c
from hybrid_ner.review.events import StepDraft
from hybrid_ner.review.label_list import label_drafts
from hybrid_ner.review.reply import Reply
from hybrid_ner.review.spans import short
from hybrid_ner.review.work import Work

__all__ = ["new_label"]

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
    place = len(work.labels) + 1
    said = f"label {name} added" + (f"; key {place}" if place <= KEYS else "")
    work.write(StepDraft("label", said, label_drafts(work.labels, [name])))
    return Reply(said, "done")
