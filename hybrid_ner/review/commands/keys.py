"""The keyboard: which key types which command while the chat box has no focus."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["KEYS", "Key"]


@dataclass(frozen=True, slots=True)
class Key:
    """A key and its command.

    Args:
        key: As ``KeyboardEvent.key`` names it.
        command: The line to send; ``{n}`` is the selected span, ``{open}`` the
            open spans that the screen counts, ``{label}`` the label of a digit key, and
            a line that ends in ``{text}`` goes to the chat box to be completed.
        needs_span: It acts on the selected span.
        help: What it does.
    """

    key: str
    command: str
    needs_span: bool
    help: str


KEYS: tuple[Key, ...] = (
    Key("a", "ok {n}", True, "accept the span"),
    Key("Enter", "ok {open} next", False, "accept the rest, save, next"),
    Key("x", "no {n}", True, "reject the span"),
    Key(" ", "skip", False, "skip: it comes back at the end"),
    Key("f", "flag {text}", False, "flag with a note"),
    *(Key(str(n), "{n} is {label}", True, f"relabel with label {n}") for n in range(1, 10)),
    Key("[", "{n} <1", True, "take in the word on the left"),
    Key("]", "{n} +1", True, "take in the word on the right"),
    Key("{", "{n} >1", True, "give up the first word"),
    Key("}", "{n} -1", True, "give up the last word"),
    Key("n", "add {text}", False, "new span"),
    Key("w", "why {n}", True, "why this span"),
    Key("A", "all {text}", False, "every occurrence: the verdict on the span for its whole term, filled in"),
    Key("ArrowRight", "next", False, "next document"),
    Key("ArrowLeft", "back", False, "document before"),
    Key("/", "find {text}", False, "find"),
    Key("Backspace", "undo", False, "undo"),
    Key("h", "?", False, "help"),
)
"""Digit keys are labels only here: typed in the chat box, a digit is a span number."""
