"""Edits made in the annotator, run as the commands they stand for and bound to what was on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hybrid_ner.errors import InputError
from hybrid_ner.review.commands.work import Work
from hybrid_ner.review.document import edges, spans
from hybrid_ner.review.document.spans import Edit, Numbers
from hybrid_ner.review.reply import Reply
from hybrid_ner.review.screen import Shown, refuse_stale
from hybrid_ner.review.store.card import Card
from hybrid_ner.review.store.labels import find_label

__all__ = ["Operation", "OperationKind", "operate", "operation_line"]


OperationKind = Literal["accept", "reject", "relabel", "add", "boundary", "reopen"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One edit of the annotator component.

    Args:
        kind: What to do. ``boundary`` moves span ``number`` to ``[start, end)``; ``add`` makes a new
            span there; ``reopen`` takes back a decision; the others act on span ``number``.
        doc_id: Document it was made in.
        content_hash: Hash of the text it was made on; another hash is refused.
        client_id: Identity of the browser tab.
        sequence: Grows by one with every operation of that tab; a repeated pair changes nothing and
            gets the answer that was given the first time.
        number: Span number (not for ``add``).
        start: First character, code points.
        end: One past the last character.
        surface: The text the client sees at ``[start, end)`` (of the span itself for operations on a
            number); a difference is refused.
        label: New label for ``relabel`` and ``add``.
        shown: What the page shows of the spans it is about; a difference is refused.
    """

    kind: OperationKind
    doc_id: str
    content_hash: str
    client_id: str
    sequence: int
    number: int = 0
    start: int = -1
    end: int = -1
    surface: str = ""
    label: str = ""
    shown: Shown | None = None


def operation_line(op: Operation) -> str:
    """The typed command that does the same, on one line."""
    quoted = _quoted(op)
    return {
        "accept": f"ok {op.number}",
        "reject": f"no {op.number}",
        "reopen": f"reopen {op.number}",
        "relabel": f"{op.number} is {op.label}",
        "add": f"add {quoted} {op.label}",
        "boundary": f"{op.number} = {quoted}",
    }[op.kind]


def operate(work: Work, op: Operation) -> Reply:
    """Check an operation against the document it was made on, and write it.

    Raises:
        InputError: Another text, another surface, an unknown span or label.
    """
    document_id = work.document_row(op.doc_id)
    if document_id is None:
        raise InputError(f"there is no document {op.doc_id!r}.", hint="Reload the page.")
    work.move(document_id)
    card = work.card()
    if op.shown is not None:
        _refuse_stale(card, op, op.shown)
    _check(card, op)
    edit = _edit(work, card, op)
    work.line = _replayable(card, op, work.line)
    return work.write_edit(edit, op.kind)


def _refuse_stale(card: Card, op: Operation, shown: Shown) -> None:
    at = (op.start, op.end) if op.kind in ("add", "boundary") else None
    refuse_stale(card, shown, (op.number,), pushes=op.kind not in ("reject", "reopen"), at=at)


def _check(card: Card, op: Operation) -> None:
    if card.content_hash != op.content_hash:
        raise InputError(f"{op.doc_id} has another text than the page shows.", hint="Reload the page.")
    if op.kind in ("add", "boundary"):
        start, end = op.start, op.end
        if not 0 <= start < end <= len(card.text):
            raise InputError(f"{start}-{end} lies outside {op.doc_id}.", hint="Reload the page.")
    else:
        m = spans.pick(card, Numbers((op.number,)))[0]
        start, end = m.start, m.end
    if op.surface != card.text[start:end]:
        raise InputError(
            f"the page shows {spans.short(op.surface)} where {op.doc_id} has "
            f"{spans.short(card.text[start:end])}.",
            hint="Reload the page.",
        )


def _edit(work: Work, card: Card, op: Operation) -> Edit:
    numbers = Numbers((op.number,))
    if op.kind == "accept":
        return spans.accept(card, numbers, work.chosen(card))
    if op.kind == "reject":
        return spans.reject(card, numbers)
    if op.kind == "reopen":
        return spans.reopen(card, numbers)
    if op.kind == "relabel":
        return spans.relabel(card, numbers, find_label(op.label, work.labels))
    tokens = work.tokens(card.text)
    if op.kind == "boundary":
        return edges.move_to(card, op.number, op.start, op.end, tokens)
    flags = work.flag(card.text, [(op.start, op.end)])[0]
    return spans.add_at(card, op.start, op.end, find_label(op.label, work.labels), tokens, flags)


def _quoted(op: Operation) -> str:
    # A session file has a line for each command, so that a line break in the text becomes a space.
    return '"' + " ".join(op.surface.split()).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _replayable(card: Card, op: Operation, line: str) -> str:
    """The typed command, with the characters that were meant where the quote does not tell them."""
    meant, surface = (op.start, op.end), " ".join(op.surface.split())
    if op.kind == "add":
        places = spans.occurrences_in(card.text, surface)
        if places == [meant]:
            return line
        which = f"#{places.index(meant) + 1}" if meant in places else f"@{op.start}-{op.end}"
        return f"add {_quoted(op)} {which} {op.label}"
    if op.kind == "boundary":
        m = spans.pick(card, Numbers((op.number,)))[0]
        if edges.place_of_quote(card, m, surface) != meant:
            return f"{line} @{op.start}-{op.end}"
    return line
