"""An edit made with the mouse: the same events as a typed command, bound to what was on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Operation", "OperationKind"]

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
