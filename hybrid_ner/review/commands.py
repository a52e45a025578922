"""Typed commands: what a line means, before anything is looked up."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = [
    "Abbr",
    "Accept",
    "Add",
    "Adjudicate",
    "Agreement",
    "Back",
    "Boundary",
    "Bulk",
    "Cancel",
    "Command",
    "Compare",
    "Condition",
    "Confirm",
    "Confusions",
    "Defer",
    "Diff",
    "Except",
    "Export",
    "Find",
    "Flag",
    "Go",
    "Help",
    "Link",
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
    "Variant",
    "Which",
    "WhoChanged",
    "Why",
    "WhyNot",
    "WorstTerms",
]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Spans by number, or all open ones but some."""

    listed: tuple[int, ...] = ()
    every: bool = False
    but: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """``score>0.95``."""

    operator: str
    value: float


@dataclass(frozen=True, slots=True)
class Selection:
    """Spans of the whole corpus.

    Args:
        term: Folded surface; empty for any.
        label: As typed, fuzzy; empty for any.
        source: ``rule``, ``model``, ``both`` or the name of a source.
        method: ``exact``, ``fuzzy``, …
        scores: Every condition must hold.
        near: Words that must stand near the span.
        flags: Context flags that it must have.
        status: ``open``, ``accepted`` or ``rejected``.
        skipped: Documents left out, as typed.
        reviewed: Decided spans are touched as well.
    """

    term: str = ""
    label: str = ""
    source: str = ""
    method: str = ""
    scores: tuple[Condition, ...] = ()
    near: str = ""
    flags: tuple[str, ...] = ()
    status: str = ""
    skipped: tuple[str, ...] = ()
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class Accept:
    """``ok``; ``then_next`` moves on."""

    numbers: Numbers
    then_next: bool = False


@dataclass(frozen=True, slots=True)
class Reject:
    """``no``."""

    numbers: Numbers


@dataclass(frozen=True, slots=True)
class Reopen:
    """``reopen``: take a decision back by hand."""

    numbers: Numbers


@dataclass(frozen=True, slots=True)
class Defer:
    """``skip``."""


@dataclass(frozen=True, slots=True)
class Flag:
    """``flag "note"``, or ``unflag`` when ``note`` is ``None``."""

    note: str | None


@dataclass(frozen=True, slots=True)
class Relabel:
    """``2 is DRUG``."""

    numbers: Numbers
    label: str


@dataclass(frozen=True, slots=True)
class Boundary:
    """``3 = "…"``, or tokens to take in (positive) or give up (negative) on either side."""

    number: int
    quote: str = ""
    left: int = 0
    right: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """``3 -> concept``."""

    number: int
    concept: str


@dataclass(frozen=True, slots=True)
class Add:
    """``add "ECHO" #2 TEST``; ``which`` 0 asks when the string occurs more than once."""

    text: str
    label: str
    which: int = 0


@dataclass(frozen=True, slots=True)
class Merge:
    """``merge 2 3``."""

    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """``split 2 at "and"``."""

    number: int
    at: str


@dataclass(frozen=True, slots=True)
class Why:
    """``why 3``."""

    number: int


@dataclass(frozen=True, slots=True)
class WhyNot:
    """``why not "ECG"``."""

    text: str


@dataclass(frozen=True, slots=True)
class WhoChanged:
    """``who changed 2``."""

    number: int


@dataclass(frozen=True, slots=True)
class Occurrences:
    """``all "afib"``: look, change nothing."""

    selection: Selection


@dataclass(frozen=True, slots=True)
class Bulk:
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
class Never:
    """``never "mi" [LABEL] [scope]``."""

    text: str
    label: str = ""
    scope: str = "list"


@dataclass(frozen=True, slots=True)
class TermAdd:
    """``term + "afib" = atrial fibrillation PROBLEM [scope]``; the words after ``=`` as typed."""

    text: str
    words: tuple[str, ...]
    scope: str = "list"


@dataclass(frozen=True, slots=True)
class Variant:
    """``variant "a-fib" [= term] [scope]``."""

    text: str
    of: str = ""
    scope: str = "list"


@dataclass(frozen=True, slots=True)
class Abbr:
    """``abbr RA = right atrium [LABEL] [scope]``; the words after ``=`` as typed."""

    short: str
    words: tuple[str, ...]
    scope: str = "list"


@dataclass(frozen=True, slots=True)
class Next:
    """``next``."""


@dataclass(frozen=True, slots=True)
class Back:
    """``back``."""


@dataclass(frozen=True, slots=True)
class Go:
    """``go 31`` or ``go note_17``."""

    where: str


@dataclass(frozen=True, slots=True)
class Order:
    """``queue random 50``; an empty name lists the orders."""

    name: str = ""
    limit: int = 0


@dataclass(frozen=True, slots=True)
class Find:
    """``find "statin"``."""

    text: str


@dataclass(frozen=True, slots=True)
class Undo:
    """``undo``, ``undo 3``, ``undo bulk b7``, ``undo all``."""

    number: int = 0
    name: str = ""
    every: bool = False


@dataclass(frozen=True, slots=True)
class Redo:
    """``redo``."""


@dataclass(frozen=True, slots=True)
class Log:
    """``log``."""


@dataclass(frozen=True, slots=True)
class Score:
    """``score [model]``."""

    model: str = ""


@dataclass(frozen=True, slots=True)
class Diff:
    """``diff r2 r3``."""

    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Confusions:
    """``confusions``."""


@dataclass(frozen=True, slots=True)
class WorstTerms:
    """``worst terms``."""


@dataclass(frozen=True, slots=True)
class Retrain:
    """``retrain``."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """``cancel``."""


@dataclass(frozen=True, slots=True)
class Status:
    """``status``."""


@dataclass(frozen=True, slots=True)
class Promote:
    """``promote r4``."""

    model: str


@dataclass(frozen=True, slots=True)
class Rollback:
    """``rollback r2``."""

    model: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """``agreement``."""


@dataclass(frozen=True, slots=True)
class Compare:
    """``compare with ana``."""

    reviewer: str


@dataclass(frozen=True, slots=True)
class Adjudicate:
    """``adjudicate``."""


@dataclass(frozen=True, slots=True)
class Take:
    """``take ana``."""

    reviewer: str


@dataclass(frozen=True, slots=True)
class Export:
    """``export jsonl [file]``."""

    format: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class ReplayFile:
    """``replay FILE``."""

    path: str


@dataclass(frozen=True, slots=True)
class NewLabel:
    """``label NAME``."""

    name: str


@dataclass(frozen=True, slots=True)
class Help:
    """``?`` or ``? topic``."""

    topic: str = ""


@dataclass(frozen=True, slots=True)
class Confirm:
    """``yes``, ``yes 128``, ``yes r4``."""

    answer: str = ""


@dataclass(frozen=True, slots=True)
class Except:
    """``except 3``: the pending step without some of its samples."""

    numbers: tuple[int, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Which:
    """``#2``: which occurrence, when one was asked for."""

    number: int


Command = (
    Accept
    | Reject
    | Reopen
    | Defer
    | Flag
    | Relabel
    | Boundary
    | Link
    | Add
    | Merge
    | Split
    | Why
    | WhyNot
    | WhoChanged
    | Occurrences
    | Bulk
    | Never
    | TermAdd
    | Variant
    | Abbr
    | Next
    | Back
    | Go
    | Order
    | Find
    | Undo
    | Redo
    | Log
    | Score
    | Diff
    | Confusions
    | WorstTerms
    | Retrain
    | Cancel
    | Status
    | Promote
    | Rollback
    | Agreement
    | Compare
    | Adjudicate
    | Take
    | Export
    | ReplayFile
    | NewLabel
    | Help
    | Confirm
    | Except
    | Which
)
