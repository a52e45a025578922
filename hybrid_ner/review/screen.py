"""What a page shows of a document and sends of it: edits of the mouse, bound to what was on the screen.

Two tabs, two people under one name, or a new model may change a document while a page still shows the
state of before. A decision therefore says what it was made on; where that is no longer so, the reviewer is
told and nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from hybrid_ner.errors import InputError, StaleError
from hybrid_ner.review.chat.situation import quoted
from hybrid_ner.review.commands.base import Command
from hybrid_ner.review.commands.decide import Accept, Reject, Reopen
from hybrid_ner.review.commands.edit import Add, Boundary, Relabel
from hybrid_ner.review.commands.work import Work
from hybrid_ner.review.document import DocumentView, spans
from hybrid_ner.review.document.spans import Numbers
from hybrid_ner.review.reply import Reply
from hybrid_ner.review.store.card import Card
from hybrid_ner.review.store.events import Mention


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


def as_left(
    work: Work, commands: Iterable[Command], shown: Shown | None
) -> Iterator[tuple[Command, Shown | None]]:
    """Commands of one line, each with what the page would show by then: the line's own changes count.

    Behind a command that moves the page shows what is open then.
    """
    for command in commands:
        before = _card_of(work, shown)
        yield command, shown
        now = _card_of(work, shown)
        if before and not now and command.moves:
            shown = None
        if shown is not None and before and now:
            own = set(now.mentions) - set(before.mentions)
            shown = replace(shown, spans={**shown.spans, **{m.number: _drawn(m) for m in own}})


def _card_of(work: Work, shown: Shown | None) -> Card | None:
    """The shown document as it is now, where it is the open one."""
    card = work.card() if shown is not None and work.place.document_id is not None else None
    return card if card and shown and card.doc_id == shown.doc_id else None


def _drawn(m: Mention) -> ShownSpan:
    return ShownSpan(m.start, m.end, m.label, _state(m.status, m.reason))


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
    accepted = [m for m in card.mentions if m.status == "accepted" and m.number not in about]
    for start, end in taken if pushes and accepted else ():
        for mention in (m for m in accepted if m.overlaps(start, end)):
            _compare(card, shown, mention, shown.spans.get(mention.number))


def _compare(card: Card, shown: Shown, m: Mention, span: ShownSpan | None) -> None:
    now = _drawn(m)
    # A page draws its own decisions at once, but learns from the server only what these took out.
    same = span is not None and (span.status == now.status or {span.status, now.status} <= {"open", "out"})
    if span is not None and same and replace(span, status=now.status) == now:
        return
    text = " ".join(card.text[m.start : m.end].split())
    seen = "the page does not show it"
    if span is not None:
        words = [span.label, _WORDS.get(span.status, span.status)]
        if (span.start, span.end) != (now.start, now.end):
            words.insert(0, f"“{' '.join(card.text[span.start : span.end].split())[:60]}”")
        seen = f"the page shows {', '.join(words)}"
    raise StaleError(
        f"mention {m.number} is “{text[:60]}” {m.label}, {_WORDS[now.status]}, and {seen}.",
        hint="It was changed meanwhile, in another tab or program. "
        "Nothing changed: look at it again, then decide.",
    )


_WORDS = {"open": "not decided", "accepted": "accepted", "rejected": "rejected", "out": "taken out"}


def _state(status: str, reason: str) -> str:
    return "out" if status == "rejected" and reason else status


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
    surface = quoted(op.surface)
    return {
        "accept": f"ok {op.number}",
        "reject": f"no {op.number}",
        "reopen": f"reopen {op.number}",
        "relabel": f"{op.number} is {op.label}",
        "add": f"add {surface} {op.label}",
        "boundary": f"{op.number} = {surface}",
    }[op.kind]


def _command(op: Operation) -> Command:
    numbers, at = Numbers((op.number,)), (op.start, op.end)
    commands: dict[str, Command] = {
        "accept": Accept(numbers),
        "reject": Reject(numbers),
        "reopen": Reopen(numbers),
        "relabel": Relabel(numbers, op.label),
        "add": Add(op.surface, op.label, at=at),
        "boundary": Boundary(op.number, op.surface, at=at),
    }
    return commands[op.kind]


def operate(work: Work, op: Operation) -> Reply:
    """Check an operation against the document it was made on, and write it.

    Raises:
        InputError: Another text, another surface, an unknown span or label.
    """
    document_id = work.document_row(op.doc_id)
    if document_id is None:
        raise work.no_document(op.doc_id, "Reload the page.")
    work.move(document_id)
    card = work.card()
    if op.shown is not None:
        at = (op.start, op.end) if op.kind in ("add", "boundary") else None
        refuse_stale(card, op.shown, (op.number,), pushes=op.kind not in ("reject", "reopen"), at=at)
    _check(card, op)
    work.line = _replayable(card, op, work.line)
    return _command(op).run(work)


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


def _replayable(card: Card, op: Operation, line: str) -> str:
    """The typed command, with the characters that were meant where the quote does not tell them."""
    meant, surface = (op.start, op.end), " ".join(op.surface.split())
    if op.kind == "add":
        places = spans.occurrences_in(card.text, surface)
        if places == [meant]:
            return line
        which = f"#{places.index(meant) + 1}" if meant in places else f"@{op.start}-{op.end}"
        return f"add {quoted(op.surface)} {which} {op.label}"
    if op.kind == "boundary":
        m = spans.pick(card, Numbers((op.number,)))[0]
        if spans.place_of_quote(card, m, surface) != meant:
            return f"{line} @{op.start}-{op.end}"
    return line
