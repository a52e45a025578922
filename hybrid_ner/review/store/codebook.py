"""The codebook of a project as the fold of its log: what its steps said of labels, those undone left out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hybrid_ner.corpus.codebook import Codebook, Example, Rule
from hybrid_ner.errors import InputError
from hybrid_ner.review.store.card import Card
from hybrid_ner.review.store.database import rows_in
from hybrid_ner.review.store.events import ONE_TEXT, EventDraft, Mention, StepDraft
from hybrid_ner.review.store.journal import Author, append
from hybrid_ner.review.store.labels import find_label, joined_labels, project_labels
from hybrid_ner.review.store.project import Project
from hybrid_ner.review.store.projection import load_texts
from hybrid_ner.review.store.schema import counting, document, event, mention, reviewer, step
from hybrid_ner.text import atomic_path, quantity

CODEBOOK = "codebook"
"""Kind of the steps and events that change it."""
_CONTEXT = 40
"""Characters beside an example: about six words, enough to see why."""


def codebook_of(project: Project) -> Codebook:
    """The codebook as it is now."""
    with project.read() as connection:
        return load_codebook(connection, project.id)


def load_codebook(connection: sa.Connection, project_id: int) -> Codebook:
    """The same inside a transaction; examples that were decided otherwise since do not stand any more.

    Those of documents that are withdrawn are left out until these come back.
    """
    labels: dict[str, dict[int, Rule]] = {label: {} for label in project_labels(connection, project_id)}
    joined, last = joined_labels(connection, project_id), 0
    for payload, number in _steps(connection, project_id):
        _apply(labels.setdefault(str(payload["label"]), {}), payload)
        last = number
    labels = {
        label: {number: replace(rule, examples=_called(rule, joined)) for number, rule in rules.items()}
        for label, rules in labels.items()
        if rules or label not in joined
    }
    standing, gone = _standing(connection, project_id, labels), _withdrawn(connection, project_id)

    def shown(rule: Rule) -> tuple[Example, ...]:
        return tuple(replace(e, stands=e in standing) for e in rule.examples if e.doc_id not in gone)

    book = {
        label: tuple(replace(rule, examples=shown(rule)) for _, rule in sorted(rules.items()))
        for label, rules in labels.items()
    }
    return Codebook(book, last)


def _called(rule: Rule, joined: Mapping[str, str]) -> tuple[Example, ...]:
    return tuple(replace(each, label=joined.get(each.label, each.label)) for each in rule.examples)


def joined_rules(connection: sa.Connection, project_id: int, name: str, into: str) -> list[EventDraft]:
    """The events that give the rules of a label to the one that it is joined into.

    A definition waits to be looked at where the other label has one.
    """
    book = load_codebook(connection, project_id)
    first = next_number(connection, project_id, into)
    drafts: list[EventDraft] = []
    for place, rule in enumerate(book.labels.get(name, ())):
        meant = rule.kind != "definition" or not book.definition(into)
        moved = replace(rule, number=first + place, accepted=rule.accepted and meant)
        drafts += (put_rule(into, moved), change_rule("drop", name, rule.number))
    return drafts


def codebook_versions(connection: sa.Connection, project_id: int) -> list[tuple[int, str]]:
    """Each version that brought or took a rule, after the step that made it, the last one as it is now.

    Examples and proposals change the name of a version, and not what people are to go by.
    """
    labels: dict[str, dict[int, Rule]] = {}
    found: list[tuple[int, str]] = []
    before: dict[str, list[tuple[str, str]]] = {}
    joined = joined_labels(connection, project_id)
    for payload, number in _steps(connection, project_id):
        _apply(labels.setdefault(str(payload["label"]), {}), payload)
        book = Codebook({label: tuple(rules.values()) for label, rules in labels.items()}, number)
        # Rules that go with a label into another one are the ones that people have gone by.
        held: dict[str, list[tuple[str, str]]] = {}
        for label in labels:
            held.setdefault(joined.get(label, label), []).extend((r.kind, r.text) for r in book.rules(label))
        held = {label: sorted(rules) for label, rules in held.items() if rules}
        if held != before:
            found = [each for each in found if each[0] != number] + [(number, book.version)]
        before = held
    now = load_codebook(connection, project_id).version
    return [*found[:-1], *((number, now) for number, _ in found[-1:])]


def _steps(connection: sa.Connection, project_id: int) -> list[tuple[Mapping[str, Any], int]]:
    """What steps that count said of labels, in order, with the number of each step."""
    query = counting(event.c.payload, step.c.number)
    rows = connection.execute(query.where(event.c.project_id == project_id, event.c.kind == CODEBOOK))
    return [(row.payload, row.number) for row in rows]


def _apply(rules: dict[int, Rule], payload: Mapping[str, Any]) -> None:
    """One change. What it is about may be gone: a step before it was undone."""
    number, op = int(payload["number"]), payload["op"]
    examples = tuple(Example(**each) for each in payload.get("examples", ()))
    if op == "put":
        rule = Rule(number, payload["kind"], payload["text"], examples, payload["by"], payload["accepted"])
        _hold(rules, rule)
    elif number not in rules:
        return
    elif op == "text":
        rules[number] = replace(rules[number], text=payload["text"], by="")
    elif op in ("like", "unlike"):
        known = {_place(each) for each in examples}
        kept = (each for each in rules[number].examples if _place(each) not in known)
        rules[number] = replace(rules[number], examples=(*kept, *(examples if op == "like" else ())))
    elif op == "accept":
        _hold(rules, replace(rules[number], accepted=True))
    elif op == "drop":
        del rules[number]


def _place(example: Example) -> tuple[str, int, int]:
    return example.doc_id, example.start, example.end


def _hold(rules: dict[int, Rule], rule: Rule) -> None:
    """Add a rule; a definition takes the place of the one before."""
    if rule.kind == "definition" and rule.accepted:
        for number in [n for n, each in rules.items() if each.kind == "definition" and each.accepted]:
            del rules[number]
    rules[rule.number] = rule


def _standing(
    connection: sa.Connection, project_id: int, labels: Mapping[str, Mapping[int, Rule]]
) -> set[Example]:
    """The examples whose reviewer still has them decided in this way."""
    examples = [e for rules in labels.values() for rule in rules.values() for e in rule.examples]
    m = mention.c
    query = (
        sa.select(document.c.doc_id, m.start_char, m.end_char, m.label, m.status, reviewer.c.name)
        .join(document, document.c.id == m.document_id)
        .join(reviewer, reviewer.c.id == m.reviewer_id)
        .where(m.project_id == project_id)
    )
    found = set(map(tuple, rows_in(connection, query, document.c.doc_id, {e.doc_id for e in examples})))
    # An example of an earlier text stands where its decision was carried over to the text of now.
    hashes = sa.select(event.c.id, event.c.document_id, event.c.content_hash)
    made = {row.id: row for row in rows_in(connection, hashes, event.c.id, {e.event for e in examples})}
    texts = load_texts(connection, [row.document_id for row in made.values() if row.document_id])

    def place(e: Example) -> tuple[str, int, int] | None:
        of = texts.get(made[e.event].document_id, ONE_TEXT) if e.event in made else ONE_TEXT
        moved = of.place(made[e.event].content_hash, e.start, e.end) if of.current else (e.start, e.end)
        return moved and (e.doc_id, *moved)

    return {e for e in examples if (at := place(e)) and (*at, e.label, e.decision, e.reviewer) in found}


def _withdrawn(connection: sa.Connection, project_id: int) -> set[str]:
    query = sa.select(document.c.doc_id).where(document.c.project_id == project_id)
    return set(connection.scalars(query.where(document.c.withdrawn.is_not(None))))


def next_number(connection: sa.Connection, project_id: int, label: str) -> int:
    """Number of the next rule of a label: those of undone steps are not given again."""
    query = sa.select(event.c.payload).where(event.c.project_id == project_id, event.c.kind == CODEBOOK)
    given = (each["number"] for each in connection.scalars(query) if each["label"] == label)
    return max(map(int, given), default=0) + 1


def example_of(card: Card, m: Mention, reviewer: str) -> Example:
    """A decision as an example.

    Raises:
        InputError: Nobody has decided on the span yet.
    """
    if m.status == "open" or not m.event_id:
        raise InputError(
            f"mention {m.number} is not decided yet, and an example stands on a decision.",
            hint=f"Say `ok {m.number}` or `no {m.number}` first. Nothing changed.",
        )
    return Example(
        card.doc_id,
        m.start,
        m.end,
        card.text[m.start : m.end],
        m.label,
        m.status,
        m.event_id,
        reviewer,
        *_context(card.text, m.start, m.end),
    )


def _context(text: str, start: int, end: int) -> tuple[str, str]:
    """Some text before and behind, in whole words."""
    first, last = max(0, start - _CONTEXT), min(len(text), end + _CONTEXT)
    while first and first < start and text[first - 1 : first + 1].isalnum():
        first += 1
    while last < len(text) and last > end and text[last - 1 : last + 1].isalnum():
        last -= 1
    return text[first:start], text[end:last]


def put_rule(label: str, rule: Rule) -> EventDraft:
    row = {"op": "put", "label": label, "number": rule.number, "kind": rule.kind, "text": rule.text}
    more = {"by": rule.by, "accepted": rule.accepted, "examples": _plain(rule.examples)}
    return EventDraft(CODEBOOK, {**row, **more})


def change_rule(op: str, label: str, number: int, **more: Any) -> EventDraft:
    """The event that changes a rule.

    Args:
        op: ``text``, ``like``, ``unlike``, ``accept`` or ``drop``.
        more: ``text``, or ``examples``.
    """
    if "examples" in more:
        more["examples"] = _plain(more["examples"])
    return EventDraft(CODEBOOK, {"op": op, "label": label, "number": number, **more})


def write_codebook(book: Codebook, path: Path, project: str) -> None:
    """Write it whole: JSON for an ending ``.json``, which models and other projects read, else Markdown."""
    text = book.markdown(f"Codebook of {project}")
    if path.suffix.lower() == ".json":
        text = json.dumps(book.as_dict(), ensure_ascii=False, indent=1) + "\n"
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _plain(examples: Iterable[Example]) -> list[dict[str, Any]]:
    rows = [asdict(each) for each in examples]
    return [{name: value for name, value in row.items() if name != "stands"} for row in rows]


def suggest_rules(
    project: Project, proposed: Mapping[str, Sequence[Rule]], by: str, line: str, *, accepted: bool = False
) -> int:
    """Put proposed rules into the codebook as suggestions, in one step; those that are there are left alone.

    Args:
        proposed: Label → rules; labels that the project lacks are refused.
        accepted: They hold at once and ``undo`` passes them over, as what a new project is made with.

    Returns:
        How many are new.

    Raises:
        InputError: A label that the project does not have.
    """
    author = Author(project.id, project.reviewer_id(by))
    with project.alone() as connection:
        book, labels = load_codebook(connection, project.id), project_labels(connection, project.id)
        drafts: list[EventDraft] = []
        for said, rules in proposed.items():
            label = find_label(said, labels)
            known = {(rule.kind, rule.text) for rule in book.labels.get(label, ())}
            new = [rule for rule in rules if (rule.kind, rule.text) not in known]
            first = next_number(connection, project.id, label)
            drafts += (
                put_rule(label, replace(rule, number=first + place, accepted=accepted))
                for place, rule in enumerate(new)
            )
        if drafts:
            said = f"codebook: {quantity(len(drafts), 'rule')} {'written' if accepted else 'proposed'}"
            kind = "meanings" if accepted else CODEBOOK
            append(connection, author, StepDraft(kind, said, tuple(drafts)), line)
    return len(drafts)
