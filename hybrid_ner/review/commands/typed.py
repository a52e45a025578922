"""Typed commands: what a line means, before anything is looked up."""

from __future__ import annotations

from dataclasses import dataclass

from hybrid_ner.review.commands.answers import Confirm, Dismiss, Except, Which
from hybrid_ner.review.commands.targets import Command, Condition, Numbers, Selection

__all__ = (
    "Abbr",
    "Accept",
    "Add",
    "Adjudicate",
    "Agreement",
    "Back",
    "Boundary",
    "Bulk",
    "Cancel",
    "Changes",
    "Command",
    "Compare",
    "Condition",
    "Confirm",
    "Confusions",
    "Defer",
    "Diff",
    "Dismiss",
    "Except",
    "Export",
    "Find",
    "Flag",
    "Go",
    "Help",
    "Labels",
    "Left",
    "Link",
    "LinkAll",
    "Log",
    "Merge",
    "Never",
    "NewLabel",
    "Next",
    "Numbers",
    "Occurrences",
    "Order",
    "Promote",
    "Redo",
    "Reject",
    "Relabel",
    "Reopen",
    "ReplayFile",
    "Retrain",
    "Rollback",
    "Score",
    "Selection",
    "Split",
    "Status",
    "Take",
    "TermAdd",
    "Undo",
    "Update",
    "Variant",
    "Which",
    "WhoChanged",
    "Why",
    "WhyNot",
    "WorstTerms",
)


@dataclass(frozen=True, slots=True)
class Accept(Command):
    """``ok``; ``then_next`` moves on."""

    numbers: Numbers
    then_next: bool = False


@dataclass(frozen=True, slots=True)
class Reject(Command):
    """``no``."""

    numbers: Numbers


@dataclass(frozen=True, slots=True)
class Reopen(Command):
    """``reopen``: take a decision back by hand."""

    numbers: Numbers


@dataclass(frozen=True, slots=True)
class Defer(Command):
    """``skip``."""


@dataclass(frozen=True, slots=True)
class Flag(Command):
    """``flag "note"``, or ``unflag`` when ``note`` is ``None``."""

    note: str | None


@dataclass(frozen=True, slots=True)
class Relabel(Command):
    """``2 is DRUG``."""

    numbers: Numbers
    label: str


@dataclass(frozen=True, slots=True)
class Boundary(Command):
    """``3 = "…"``, or tokens to take in (positive) or give up (negative) on either side.

    ``at`` are the characters of the quote, where it may stand more than once.
    """

    number: int
    quote: str = ""
    left: int = 0
    right: int = 0
    at: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Link(Command):
    """``3 -> concept``."""

    number: int
    concept: str


@dataclass(frozen=True, slots=True)
class Add(Command):
    """``add "ECHO" #2 TEST``; ``which`` 0 asks when the string occurs more than once.

    ``at`` are its characters, where no number tells which one is meant.
    """

    text: str
    label: str
    which: int = 0
    at: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Merge(Command):
    """``merge 2 3``."""

    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Split(Command):
    """``split 2 at "and"``."""

    number: int
    at: str


@dataclass(frozen=True, slots=True)
class Why(Command):
    """``why 3``."""

    number: int


@dataclass(frozen=True, slots=True)
class WhyNot(Command):
    """``why not "ECG"``."""

    text: str


@dataclass(frozen=True, slots=True)
class WhoChanged(Command):
    """``who changed 2``."""

    number: int


@dataclass(frozen=True, slots=True)
class Occurrences(Command):
    """``all "afib"``: look, change nothing."""

    selection: Selection


@dataclass(frozen=True, slots=True)
class Bulk(Command):
    """A decision over the corpus.

    Args:
        action: ``accept``, ``reject``, ``relabel`` or ``add`` (label every occurrence that has no span).
        selection: Which spans.
        label: New label for ``relabel`` and ``add``.
    """

    action: str
    selection: Selection
    label: str = ""


@dataclass(frozen=True, slots=True)
class LinkAll(Command):
    """``link all "afib" -> concept [scope]``."""

    selection: Selection
    concept: str
    scope: str = "list"


@dataclass(frozen=True, slots=True)
class Never(Command):
    """``never "mi" [LABEL] [scope]``."""

    text: str
    label: str = ""
    scope: str = "list"


@dataclass(frozen=True, slots=True)
class TermAdd(Command):
    """``term + "afib" = atrial fibrillation PROBLEM [scope]``; the words after ``=`` as typed."""

    text: str
    words: tuple[str, ...]
    scope: str = "list"


@dataclass(frozen=True, slots=True)
class Variant(Command):
    """``variant "a-fib" [= term] [scope]``."""

    text: str
    of: str = ""
    scope: str = "list"


@dataclass(frozen=True, slots=True)
class Abbr(Command):
    """``abbr RA = right atrium [LABEL] [scope]``; the words after ``=`` as typed."""

    short: str
    words: tuple[str, ...]
    scope: str = "list"


@dataclass(frozen=True, slots=True)
class Next(Command):
    """``next``."""


@dataclass(frozen=True, slots=True)
class Back(Command):
    """``back``."""


@dataclass(frozen=True, slots=True)
class Go(Command):
    """``go 31`` or ``go note_17``."""

    where: str


@dataclass(frozen=True, slots=True)
class Order(Command):
    """``queue random 50``; an empty name lists the orders."""

    name: str = ""
    limit: int = 0


@dataclass(frozen=True, slots=True)
class Find(Command):
    """``find "statin"``."""

    text: str


@dataclass(frozen=True, slots=True)
class Undo(Command):
    """``undo``, ``undo 3``, ``undo bulk b7``, ``undo all``."""

    number: int = 0
    name: str = ""
    every: bool = False


@dataclass(frozen=True, slots=True)
class Redo(Command):
    """``redo``."""


@dataclass(frozen=True, slots=True)
class Log(Command):
    """``log``."""


@dataclass(frozen=True, slots=True)
class Score(Command):
    """``score [model]``."""

    model: str = ""


@dataclass(frozen=True, slots=True)
class Diff(Command):
    """``diff r2 r3``."""

    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Confusions(Command):
    """``confusions``."""


@dataclass(frozen=True, slots=True)
class WorstTerms(Command):
    """``worst terms``."""


@dataclass(frozen=True, slots=True)
class Retrain(Command):
    """``retrain``."""


@dataclass(frozen=True, slots=True)
class Update(Command):
    """``update``."""


@dataclass(frozen=True, slots=True)
class Changes(Command):
    """``changes``, ``changes r2``; empty for the newest model."""

    model: str


@dataclass(frozen=True, slots=True)
class Cancel(Command):
    """``cancel training``, ``stop``."""


@dataclass(frozen=True, slots=True)
class Status(Command):
    """``status``."""


@dataclass(frozen=True, slots=True)
class Promote(Command):
    """``promote r4``."""

    model: str


@dataclass(frozen=True, slots=True)
class Rollback(Command):
    """``rollback r2``."""

    model: str


@dataclass(frozen=True, slots=True)
class Agreement(Command):
    """``agreement``."""


@dataclass(frozen=True, slots=True)
class Compare(Command):
    """``compare with ana``."""

    reviewer: str


@dataclass(frozen=True, slots=True)
class Adjudicate(Command):
    """``adjudicate``."""


@dataclass(frozen=True, slots=True)
class Take(Command):
    """``take ana``."""

    reviewer: str


@dataclass(frozen=True, slots=True)
class Export(Command):
    """``export jsonl [file]``."""

    format: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class ReplayFile(Command):
    """``replay FILE``."""

    path: str


@dataclass(frozen=True, slots=True)
class NewLabel(Command):
    """``label NAME``."""

    name: str


@dataclass(frozen=True, slots=True)
class Left(Command):
    """``left``."""


@dataclass(frozen=True, slots=True)
class Labels(Command):
    """``labels``."""


@dataclass(frozen=True, slots=True)
class Help(Command):
    """``?`` or ``? topic``."""

    topic: str = ""
