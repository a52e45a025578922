"""What a page shows of a document, and whether a decision made on it still fits.

Two tabs, two people under one name, or a new model may change a document while a page still shows the
state of before. A decision therefore says what it was made on; where that is no longer so, the reviewer is
told and nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from hybrid_ner.errors import StaleError
from hybrid_ner.review.commands.base import Command
from hybrid_ner.review.document.spans import Numbers
from hybrid_ner.review.document.view import DocumentView
from hybrid_ner.review.store.card import Card
from hybrid_ner.review.store.events import Mention

__all__ = ["Shown", "ShownSpan", "refuse_stale", "refuse_stale_command"]


@dataclass(frozen=True, slots=True)
class ShownSpan:
    """A span as it was drawn: its characters, its label, and ``open``, ``accepted``, ``rejected`` or ``out``.

    ``out`` is rejected by nobody: another span took its place, or the term is blocked.
    """

    start: int
    end: int
    label: str
    status: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows when somebody decides.

    Args:
        doc_id: The document.
        spans: By number.
        version: Of the reviewer's state of the document, as ``DocumentView`` has it.
        whole: Whether these are all spans of the document, and not those of a part.
    """

    doc_id: str
    spans: Mapping[int, ShownSpan]
    version: int = 0
    whole: bool = False

    @classmethod
    def of(cls, view: DocumentView) -> Shown:
        """Everything that a view draws."""
        spans = {s.number: ShownSpan(s.start, s.end, s.label, _state(s.status, s.reason)) for s in view.spans}
        return cls(view.doc_id, spans, view.version, view.window is None)


def refuse_stale_command(card: Card, shown: Shown, command: Command) -> None:
    """Refuse a command on the open document when what it is about differs from what is shown.

    Raises:
        StaleError: Another document, span, label or decision than the page shows.
    """
    if shown.doc_id != card.doc_id:
        raise StaleError(
            f"this page shows {shown.doc_id}, and {card.doc_id} is open by now.",
            hint="Another tab or person of the same name went on. Nothing changed.",
        )
    numbers = getattr(command, "numbers", None)
    if isinstance(numbers, Numbers) and numbers.every:
        listed = [m.number for m in card.open if m.number not in numbers.but]
        listed += [n for n, span in shown.spans.items() if span.status == "open" and n not in numbers.but]
    else:
        listed = list(command.spans)
    refuse_stale(card, shown, listed, pushes=command.pushes)


def refuse_stale(
    card: Card, shown: Shown, numbers: Iterable[int], *, pushes: bool, at: tuple[int, int] | None = None
) -> None:
    """Refuse a decision on spans of the open document that are not as shown.

    Args:
        card: The document now.
        shown: The document as it was drawn.
        numbers: Spans that the decision is about; those that do not exist are left to it.
        pushes: Whether it takes the place of spans that were accepted there.
        at: Further characters that it takes.

    Raises:
        StaleError: A difference; the message names the first span that differs.
    """
    about = {m.number: m for number in numbers if (m := card.mention(number)) is not None}
    for number, mention in about.items():
        span = shown.spans.get(number)
        if span is None and not shown.whole:
            continue  # Typed by its number, which stands in another part.
        _compare(card, shown, mention, span)
    taken = [(m.start, m.end) for m in about.values()] + ([at] if at else [])
    for mention in _accepted_in(card, taken) if pushes else ():
        if mention.number not in about:
            _compare(card, shown, mention, shown.spans.get(mention.number))


def _accepted_in(card: Card, places: Iterable[tuple[int, int]]) -> Iterator[Mention]:
    accepted = [m for m in card.mentions if m.status == "accepted"]
    for start, end in places if accepted else ():
        yield from (m for m in accepted if m.overlaps(start, end))


def _compare(card: Card, shown: Shown, m: Mention, span: ShownSpan | None) -> None:
    now = ShownSpan(m.start, m.end, m.label, _state(m.status, m.reason))
    if span is not None and _same(span, now):
        return
    text = " ".join(card.text[m.start : m.end].split())
    seen = "the page does not show it" if span is None else f"the page shows {_told(card, span, now)}"
    raise StaleError(
        f"span {m.number} is “{text[:60]}” {m.label}, {_WORDS[now.status]}, and {seen}.",
        hint=f"It was changed elsewhere (step {card.version}; the page is of step {shown.version}). "
        "Nothing changed: look at it again, then decide.",
    )


_WORDS = {"open": "not decided", "accepted": "accepted", "rejected": "rejected", "out": "taken out"}


def _told(card: Card, span: ShownSpan, now: ShownSpan) -> str:
    words = [span.label, _WORDS.get(span.status, span.status)]
    if (span.start, span.end) != (now.start, now.end):
        words.insert(0, f"“{' '.join(card.text[span.start : span.end].split())[:60]}”")
    return ", ".join(words)


def _same(span: ShownSpan, now: ShownSpan) -> bool:
    """Whether a decision on the one is one on the other.

    A page draws its own decisions at once, but learns from the server only what these took out.
    """
    places = (span.start, span.end, span.label) == (now.start, now.end, now.label)
    undecided = {"open", "out"}
    return places and (span.status == now.status or {span.status, now.status} <= undecided)


def _state(status: str, reason: str) -> str:
    return "out" if status == "rejected" and reason else status
