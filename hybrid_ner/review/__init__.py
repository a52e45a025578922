"""Chat-style review: a small command language over an append-only log of decisions.

Terminal, page and replay use the same three classes::

    store = ReviewStore.open("review.sqlite3")            # or "postgresql+psycopg://…"
    project = store.create_project("notes", labels=("Disease", "Chemical"), domain="medical")
    project.add_documents(documents)                      # hybrid_ner.corpus Documents
    project.add_suggestions("r1", pairs)                  # (doc_id, [Suggestion, …]) pairs
    project.add_docs("r1", docs)                          # or spaCy Docs with one span group per source

    session = ReviewSession(store, "notes", "ana")        # opens where ana stopped
    reply = session.handle("ok all but 4")                # a typed line, a key or a button
    reply = session.handle("2 is not a disease")          # or a sentence: see docs/chat.md
    reply = session.apply(Operation("accept", …))         # an edit of the annotator component

``help(ReviewSession)`` says what it takes and can do; ``files=FileAccess(folder)`` lets ``export`` and
``replay`` reach files, and without it no line does. With ``shown=Shown.of(view)`` a decision on anything that
the view did not show is refused.

``KEYS`` lists the keyboard: each ``Key`` has ``key`` (as ``KeyboardEvent.key``), ``command`` with ``{n}`` for
the selected span, ``{label}`` for a label and ``{text}`` for what must still be typed, and ``help``.
``COMMANDS`` is the grammar that help, parser and suggestions come from.

A session holds no state of its own: position, order, pending confirmation and chat lines are rows of
the store, written in the transaction of the step. Make one per request or keep one; both see the same.
Sessions are cheap (two queries) and may be used from one thread at a time; a store may be shared.

Errors: a line that cannot be understood or applied is a ``Reply`` of level ``error``. ``StoreError`` is
raised only when the store itself fails (disk full, read only, newer version, unreachable).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hybrid_ner.review.commands import COMMANDS, KEYS, CommandSpec, Key, offered, parse
    from hybrid_ner.review.commands.work import FileAccess
    from hybrid_ner.review.document import DocumentView, LogRow, SpanView, TurnRow
    from hybrid_ner.review.queue import QueueRow
    from hybrid_ner.review.reply import Pending, Reply, Table
    from hybrid_ner.review.rounds import GateReport, JobStatus, ModelService
    from hybrid_ner.review.rounds.terms import TermIndex
    from hybrid_ner.review.screen import Operation, Shown, ShownSpan
    from hybrid_ner.review.session import ReviewSession
    from hybrid_ner.review.store import ReviewStore
    from hybrid_ner.review.store.project import Project
    from hybrid_ner.review.store.suggestion import Suggestion, Vote

# Imported when they are asked for: a process that trains needs no language, and took a second longer with it.
_FACE = {
    "commands": ("COMMANDS", "KEYS", "CommandSpec", "Key", "offered", "parse"),
    "commands.work": ("FileAccess",),
    "document": ("DocumentView", "LogRow", "SpanView", "TurnRow"),
    "queue": ("QueueRow",),
    "reply": ("Pending", "Reply", "Table"),
    "rounds": ("GateReport", "JobStatus", "ModelService"),
    "rounds.terms": ("TermIndex",),
    "screen": ("Operation", "Shown", "ShownSpan"),
    "session": ("ReviewSession",),
    "store": ("ReviewStore",),
    "store.project": ("Project",),
    "store.suggestion": ("Suggestion", "Vote"),
}
_MODULES = {name: f"hybrid_ner.review.{module}" for module, names in _FACE.items() for name in names}

__all__ = [
    "COMMANDS",
    "KEYS",
    "CommandSpec",
    "DocumentView",
    "FileAccess",
    "GateReport",
    "JobStatus",
    "Key",
    "LogRow",
    "ModelService",
    "Operation",
    "Pending",
    "Project",
    "QueueRow",
    "Reply",
    "ReviewSession",
    "ReviewStore",
    "Shown",
    "ShownSpan",
    "SpanView",
    "Suggestion",
    "Table",
    "TermIndex",
    "TurnRow",
    "Vote",
    "offered",
    "parse",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_MODULES[name]), name)
    return value
