"""The codebook: what a label means, what it includes and excludes, where mentions begin and end."""

from __future__ import annotations

from collections.abc import Iterable

from hybrid_ner.corpus.codebook import KINDS, Codebook, Example, Rule
from hybrid_ner.errors import InputError
from hybrid_ner.review.commands.base import Asking, Command, command
from hybrid_ner.review.commands.language import Cursor, ParseError
from hybrid_ner.review.commands.work import Work
from hybrid_ner.review.document import spans
from hybrid_ner.review.document.spans import Numbers, short
from hybrid_ner.review.reply import Reply, Table
from hybrid_ner.review.store import codebook as kept
from hybrid_ner.review.store.events import EventDraft, StepDraft
from hybrid_ner.review.store.labels import find_label
from hybrid_ner.text import quantity

LONGEST = 2_000
"""Characters of a rule: longer ones are several rules."""
_SAID = {"means": "definition", **{kind: kind for kind in KINDS}}
_EXAMPLE = 'codebook Disease include "short forms" like 3'


@command(
    "codebook",
    says='codebook · codebook Disease · codebook Disease means "what it is" · '
    'codebook Disease include "short forms" like 3 · codebook Disease exclude "headings" like 4 · '
    'codebook Disease boundary "no articles" like 2 5 · '
    'codebook Disease 3 = "short forms too" · codebook Disease 3 like 5 · codebook Disease 3 unlike 5 · '
    "codebook Disease ok 4 · codebook Disease no 4: what labels mean, with decided mentions as examples; "
    "ok takes a proposed rule, no takes a rule out",
)
class ShowCodebook(Asking):
    loose = True
    label: str = ""

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        if cursor.peek() is None:
            return cls()
        label = cursor.text("a label", f"`{_EXAMPLE}`")
        if cursor.peek() is None:
            return cls(label)
        if kind := _SAID.get(cursor.word(*_SAID)):
            text = cursor.text("a rule", '"short forms"')
            return WriteRule(label, kind, text, cursor.listed(_EXAMPLE) if cursor.word("like") else ())
        if done := cursor.word("ok", "accept", "no", "drop"):
            op = "accept" if done in ("ok", "accept") else "drop"
            return ChangeRule(label, _rule_number(cursor), op)
        number = _rule_number(cursor)
        if cursor.take("op"):
            return ChangeRule(label, number, "text", cursor.text("a rule", '"short forms"'))
        op = cursor.word("like", "unlike")
        if not op:
            raise ParseError("say what becomes of the rule.", hint=f'For example `codebook {label} 3 = "…"`.')
        return ChangeRule(label, number, op, numbers=cursor.listed(f"codebook {label} 3 like 5"))

    def run(self, work: Work) -> Reply:
        book = kept.load_codebook(work.connection, work.project.id)
        if not self.label:
            return _overview(work, book)
        label = find_label(self.label, work.labels)
        rows = [
            (
                rule.number,
                rule.kind,
                rule.text,
                "; ".join(each.sentence() for each in rule.examples),
                "" if rule.accepted else f"proposed by {rule.by}",
            )
            for rule in (*book.rules(label), *book.suggested(label))
        ]
        if not rows:
            return Reply(f'nothing is written of {label} yet: `codebook {label} means "…"`')
        said = f"{label}: {book.definition(label) or 'no definition yet'}{_version(book)}"
        return Reply(said, table=Table(("rule", "kind", "text", "examples", ""), tuple(rows)))


def _rule_number(cursor: Cursor) -> int:
    if number := cursor.number("codebook Disease ok 3"):
        return number
    raise ParseError(
        "expected means, include, exclude, boundary, ok, no, or the number of a rule.",
        hint=f"For example `{_EXAMPLE}`. A label of several words stands in quotes. Nothing changed.",
    )


def _overview(work: Work, book: Codebook) -> Reply:
    rows = []
    for label in work.labels:
        examples = sum(len(rule.examples) for rule in book.rules(label))
        rules = len(book.rules(label)) - len(book.rules(label, "definition"))
        waiting = len(book.suggested(label)) or ""
        rows.append((label, book.definition(label), rules, examples, waiting))
    columns = ("label", "means", "rules", "examples", "proposed")
    said = f"codebook of {quantity(len(rows), 'label')}{_version(book)}" if book else "the codebook is empty"
    return Reply(said, table=Table(columns, tuple(rows)) if rows else None)


def _version(book: Codebook) -> str:
    return f" (version {book.version})" if book else ""


@command()
class WriteRule(Command):
    """``codebook Disease include "…" like 3``."""

    on_card = True
    loose = True
    label: str
    kind: str
    text: str
    numbers: tuple[int, ...] = ()

    def run(self, work: Work) -> Reply:
        label, text = find_label(self.label, work.labels), _checked(self.text)
        book = kept.load_codebook(work.connection, work.project.id)
        examples = _examples(work, self.numbers)
        old = next(iter(book.rules(label, "definition") if self.kind == "definition" else ()), None)
        if known := next((r for r in book.rules(label, self.kind) if r.text == text and not examples), None):
            return Reply(f"{label}, rule {known.number} says so already")
        if old is not None:
            number, events = old.number, [kept.change_rule("text", label, old.number, text=text)]
            events += [kept.change_rule("like", label, number, examples=examples)] if examples else []
        else:
            number = kept.next_number(work.connection, work.project.id, label)
            events = [kept.put_rule(label, Rule(number, self.kind, text, examples))]
        like = f", like {_shown(e.text for e in examples)}" if examples else ""
        told = "means" if self.kind == "definition" else f"rule {number}, {self.kind}:"
        return _written(work, events, f"{label} {told} {short(text)}{like}{_instead(old)}")


@command()
class ChangeRule(Command):
    """``codebook Disease 3 = "…"``, ``… 3 like 5``, ``… 3 unlike 5``, ``… ok 3``, ``… no 3``."""

    on_card = True
    label: str
    rule: int
    op: str
    text: str = ""
    numbers: tuple[int, ...] = ()

    def run(self, work: Work) -> Reply:
        label = find_label(self.label, work.labels)
        book = kept.load_codebook(work.connection, work.project.id)
        rule = next((r for r in book.labels.get(label, ()) if r.number == self.rule), None)
        if rule is None:
            known = ", ".join(str(r.number) for r in book.labels.get(label, ())) or "none"
            raise InputError(
                f"{label} has no rule {self.rule} (rules: {known}).", hint=f"See `codebook {label}`."
            )
        said = f"{label} rule {rule.number}"
        if self.op == "text":
            text = _checked(self.text)
            return self._write(work, label, f"{said}: {short(text)}{_instead(rule)}", text=text)
        if self.op in ("like", "unlike"):
            examples = _examples(work, self.numbers)
            return self._write(
                work, label, f"{said}, {self.op} {_shown(e.text for e in examples)}", examples=examples
            )
        if self.op == "accept" and rule.accepted:
            return Reply(f"{said} holds already")
        done = "holds now" if self.op == "accept" else "is taken out"
        one = self.op == "accept" and rule.kind == "definition"  # a label has one definition
        old = next(iter(book.rules(label, "definition") if one else ()), None)
        return self._write(work, label, f"{said} {done}: {short(rule.text)}{_instead(old)}")

    def _write(self, work: Work, label: str, said: str, **more: object) -> Reply:
        return _written(work, [kept.change_rule(self.op, label, self.rule, **more)], said)


def _instead(old: Rule | None) -> str:
    """The rule whose place is taken, so that nobody loses it unseen."""
    return f", instead of {short(old.text)}" if old is not None else ""


def _checked(text: str) -> str:
    line = " ".join(text.split())
    if len(line) > LONGEST:
        raise InputError(
            f"a rule of {len(line):,} characters.", hint=f"Use at most {LONGEST:,}, or write several rules."
        )
    return line


def _examples(work: Work, numbers: tuple[int, ...]) -> tuple[Example, ...]:
    if not numbers:
        return ()
    card = work.card()
    return tuple(kept.example_of(card, m, work.reviewer) for m in spans.pick(card, Numbers(numbers)))


def _shown(texts: Iterable[str]) -> str:
    return ", ".join(map(short, texts))


def _written(work: Work, events: list[EventDraft], said: str) -> Reply:
    work.write(StepDraft(kept.CODEBOOK, said, tuple(events)))
    return Reply(said, "done")
