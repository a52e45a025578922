"""Gazetteer edits from review: they go into the project's overlay, never into shipped files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import ClassVar

import sqlalchemy as sa

from hybrid_ner.errors import HybridNerError, InputError
from hybrid_ner.review.commands import selection as picks
from hybrid_ner.review.commands.base import Command, command
from hybrid_ner.review.commands.bulk import apart, bulk_events, find_hits, others_count, sample_table
from hybrid_ner.review.commands.language import Cursor, ParseError
from hybrid_ner.review.commands.work import Plan, Work, confirm, rung
from hybrid_ner.review.document.spans import short
from hybrid_ner.review.reply import Reply, digest
from hybrid_ner.review.rounds.terms import letters_of
from hybrid_ner.review.store.events import Change, EventDraft, StepDraft
from hybrid_ner.review.store.labels import find_label, plain_words
from hybrid_ner.review.store.overlay import SCOPES, OverlayEntry, load_overlay
from hybrid_ner.review.store.postings import surface_key
from hybrid_ner.review.store.schema import mention, suggestion
from hybrid_ner.terms import Term
from hybrid_ner.text import fold, quantity

_SCOPES = {**{scope: scope for scope in SCOPES}, "document": "here"}
"""Word that ends a line → scope."""
_DEFAULT = "list"


def _scope(cursor: Cursor) -> str:
    return _SCOPES.get(cursor.word(*_SCOPES), _DEFAULT)


def _label(cursor: Cursor) -> tuple[str, str]:
    """The label that follows, empty where none does, and the scope behind it.

    A scope is in small letters and without quotes: a label may be called "Document".
    """
    if token := cursor.take("quoted"):
        return token.text, _scope(cursor)
    words = cursor.words()
    scope = _SCOPES[words.pop()] if words and words[-1] in _SCOPES else _DEFAULT
    return " ".join(words), scope


@command(
    "never",
    says='never "mi" · never "you" PERSON · never "mi" here: reject all, and never suggest the term again',
)
class Never(Command):
    loose = True
    text: str
    label: str = ""
    scope: str = _DEFAULT

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        return cls(cursor.text("the term to block"), *_label(cursor))

    def run(self, work: Work) -> Reply:
        label = find_label(self.label, work.labels) if self.label else ""
        _usable(self.text)
        wanted = picks.Selection(term=self.text, label=label, status="open")
        hits = find_hits(work, wanted)
        if self.scope == "here":
            hits = [hit for hit in hits if hit.document_id == work.place.document_id]
        documents = {hit.document_id for hit in hits}
        aim, where = f" {label}" if label else "", quantity(len(documents), "document")
        what = f"never {short(self.text)}{aim} ({_where(work, self.scope)}): "
        many = f"{quantity(len(hits), 'open mention')} in {where}" if hits else "no open mention"
        what += f"rejects {many} and blocks the term"
        token = digest([self, *((hit.document_id, hit.mention) for hit in hits)])
        table = sample_table(work, hits) if hits else None
        kind, lines = rung(len(hits), 2), others_count(work, documents)
        if asked := ask_whole(
            work,
            Plan(kind, what, token, len(hits), len(documents), lines=lines, table=table, whole=True),
        ):
            return asked
        edit = edit_event("never", self.text, Meaning(label, "", ""), self.scope)
        said = f"{short(self.text)}{aim} is blocked; rejected {quantity(len(hits), 'mention')} in {where}"
        changes = [(hit.document_id, hit.mention.change(status="rejected", reason="never")) for hit in hits]
        return replace(write_edit(work, said, changes, edit), lines=lines)


@command(
    "always",
    says='always "mi" PROBLEM · always "mi" PROBLEM here: accept all, mark the rest, keep it as a term',
)
class Always(Command):
    loose = True
    asks_terms = True
    text: str
    label: str
    scope: str = _DEFAULT

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        text, example = cursor.text("the term to accept"), 'For example `always "mi" PROBLEM`.'
        label, scope = _label(cursor)
        if not label:
            raise ParseError("say its label.", hint=example)
        return cls(text, label, scope)

    def run(self, work: Work) -> Reply:
        label = find_label(self.label, work.labels)
        _usable(self.text)
        only = work.place.document_id if self.scope == "here" else None
        found = find_hits(work, picks.Selection(term=self.text))
        found = [hit for hit in found if only in (None, hit.document_id)]
        hits = apart([hit for hit in found if hit.mention.status == "open"])
        places, left = picks.unmarked(work, self.text, only)
        left += sum(hit.mention.status != "open" and hit.mention.label != label for hit in found)
        documents = {h.document_id for h in hits} | {place.document_id for place in places}
        others = sorted({hit.mention.label for hit in hits if hit.mention.label != label})
        what = f"accepts {quantity(len(hits), 'open mention')}"
        what += f" (some as {', '.join(others)} until now)" if others else ""
        what += f", marks {len(places)} more" if places else ""
        what += f" in {quantity(len(documents), 'document')} and keeps it as a term"
        what += f"; {left} reviewed left out" if left else ""
        what = f"always {short(self.text)} {label} ({_where(work, self.scope)}): {what}"
        token = digest([self, *places, *((hit.document_id, hit.mention) for hit in hits)])
        table, count = sample_table(work, hits) if hits else None, len(hits) + len(places)
        lines = others_count(work, documents)
        plan = Plan(rung(count, 2), what, token, count, len(documents), lines=lines, table=table, whole=True)
        if asked := ask_whole(work, plan):
            return asked
        changes = [(h.document_id, h.mention.change(status="accepted", label=label, reason="")) for h in hits]
        changes += picks.unlabeled_changes(work, places, label, "accepted", "gazetteer")
        meaning = Meaning(label, "", next((t.concept_id for t in _terms(work, self.text, label)), ""))
        said = f"the term {short(self.text)} {label} kept; accepted {quantity(len(changes), 'mention')}"
        said += f" in {quantity(len(documents), 'document')}" if changes else ""
        edit = edit_event("term", self.text, meaning, self.scope)
        return replace(write_edit(work, said, changes, edit, "always"), lines=lines)


@command(
    "term",
    says='term + "afib" = atrial fibrillation PROBLEM · term + "afib" = atrial fibrillation PROBLEM global: '
    "add a term; scope here, list (default) or global",
)
class TermAdd(Command):
    """``term + "afib" = atrial fibrillation PROBLEM [scope]``; the words after ``=`` as typed."""

    asks_terms = True
    action: ClassVar[str] = "term"
    text: str
    words: tuple[str, ...]
    scope: str = _DEFAULT

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        cursor.word("+", "add")
        text = cursor.text("the term to add")
        return cls(text, *_definition(cursor, 'term + "afib" = atrial fibrillation PROBLEM'))

    def run(self, work: Work) -> Reply:
        return _add(work, self.action, self.text, _meaning(work, self.words), self.scope)


@command("variant", says='variant "a-fib" · variant "a-fib" = afib: add a spelling')
class Variant(Command):
    asks_terms = True
    text: str
    of: str = ""
    scope: str = _DEFAULT

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        text = cursor.text("the spelling to add")
        if not _is_op(cursor):
            return cls(text, "", _scope(cursor))
        words, scope = _definition(cursor, 'variant "a-fib" = afib')
        return cls(text, " ".join(words), scope)

    def run(self, work: Work) -> Reply:
        if self.of:
            found: list[Term] = _terms(work, self.of) or _decided(work, self.of)
            problem = f"{short(self.of)} is not on the term lists."
            hint = f'Add it first: `term + "{self.of}" = NAME LABEL`. Nothing changed.'
        else:
            letters, card = letters_of(fold(self.text)), work.card()
            accepted = (m for m in card.mentions if m.status == "accepted")
            here = (Term(card.text[m.start : m.end], m.label, m.concept_id) for m in accepted)
            added = load_overlay(work.connection, work.project.id).added(card.doc_id)
            alike = (term for term in (*added, *here) if letters_of(fold(term.text)) == letters)
            found = [*work.services.terms.same_letters(self.text), *alike]
            problem = f"no term has the same letters as {short(self.text)}."
            hint = f'Say which: `variant "{self.text}" = TERM`. Nothing changed.'
        if not found:
            raise InputError(problem, hint=hint)
        best = found[0]
        return _add(work, "variant", self.text, Meaning(best.label, best.text, best.concept_id), self.scope)


@command("abbr", says="abbr RA = right atrium here: add an abbreviation")
class Abbr(TermAdd):
    """``abbr RA = right atrium [LABEL] [scope]``; the words after ``=`` as typed."""

    action = "abbr"

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        text = cursor.text("the abbreviation")
        return cls(text, *_definition(cursor, "abbr RA = right atrium here"))


def _is_op(cursor: Cursor) -> bool:
    token = cursor.peek()
    return token is not None and token.kind == "op" and token.text == "="


def _definition(cursor: Cursor, example: str) -> tuple[tuple[str, ...], str]:
    words = cursor.words() if _is_op(cursor) and cursor.take() else []
    scope = _DEFAULT
    if len(words) > 1 and words[-1] in _SCOPES:
        scope = _SCOPES[words.pop()]
    if not words:
        raise ParseError("say what it stands for after `=`.", hint=f"For example `{example}`.")
    return tuple(words), scope


@dataclass(frozen=True, slots=True)
class Meaning:
    label: str
    concept: str
    concept_id: str


def edit_event(action: str, text: str, meaning: Meaning, scope: str = _DEFAULT) -> EventDraft:
    row = {"action": action, "text": text, "label": meaning.label, "scope": scope}
    return EventDraft("gazetteer", {**row, "concept": meaning.concept, "concept_id": meaning.concept_id})


def ask_whole(work: Work, plan: Plan) -> Reply | None:
    """The question of a step that is taken as a whole; ``None`` when it may be taken."""
    if work.answer is not None and work.answer.without:
        raise InputError(
            "a change of the term list is taken or left as a whole.",
            hint=f"Type `{plan.answer}`, or decide the mentions.",
        )
    return confirm(work, plan)


def _where(work: Work, scope: str) -> str:
    if scope == "here":
        return f"only in {work.card().doc_id}"
    return "in every project" if scope == "global" else "in this project"


def _usable(text: str) -> None:
    if not fold(text) or not any(map(str.isalnum, text)):
        raise InputError(f"{short(text)} holds no letter or digit.", hint="Nothing changed.")


def write_edit(
    work: Work, said: str, changes: Sequence[tuple[int, Change]], edit: EventDraft, kind: str = ""
) -> Reply:
    """Write the changes of spans and the edit of the gazetteer as one step."""
    events, names = bulk_events(work, changes)
    kind, here = f"gazetteer {kind or edit.payload['action']}", work.place.document_id or 0
    written = work.write(StepDraft(kind, said, (*events, edit), here, len(changes), bulk=True), names)
    return Reply(f"{said} [{written.name}]", "done")


def _meaning(work: Work, words: tuple[str, ...]) -> Meaning:
    """Label and concept of ``atrial fibrillation PROBLEM``; the label may be left out when it is known."""
    name, label = " ".join(words), ""
    # Of several words where they are the label itself: "rent Amount due" is no rent amount that is due.
    whole = {plain_words(each): each for each in work.labels}
    for at in range(1, len(words)):
        if label := whole.get(plain_words(" ".join(words[at:])), ""):
            name = " ".join(words[:at])
            break
    if not label and len(words) > 1:
        with suppress(InputError):
            label = find_label(words[-1], work.labels)
            name = " ".join(words[:-1])
    known = _terms(work, name, label) or _decided(work, name, label)
    if not label and not known:
        raise InputError(
            f"{short(name)} is not known, so its label is not either.",
            hint=f"Add one of {', '.join(work.labels)} at the end. Nothing changed.",
        )
    concept = next((found.concept_id for found in known if not label or found.label == label), "")
    return Meaning(label or known[0].label, name, concept)


def _terms(work: Work, text: str, label: str = "") -> list[Term]:
    overlay = load_overlay(work.connection, work.project.id)
    key = fold(text)
    added = [t for t in overlay.added(work.card().doc_id) if fold(t.text) == key]
    return [*work.services.terms.terms(text, label), *added]


def _decided(work: Work, text: str, label: str = "") -> list[Term]:
    """The label that the reviewer accepted most recently for this surface."""
    m = mention.c
    query = sa.select(m.label, m.concept_id).where(
        m.project_id == work.project.id,
        m.reviewer_id == work.author.reviewer_id,
        m.surface_key == surface_key(text),
        m.status == "accepted",
    )
    newest = query.order_by(m.event_id.desc(), m.document_id, m.base_start, m.base_end, m.copy)
    rows = work.connection.execute(newest.limit(5)).all()
    return [Term(text, row.label, row.concept_id) for row in rows if label in ("", row.label)]


def _add(work: Work, action: str, text: str, meaning: Meaning, scope: str) -> Reply:
    _usable(text)
    only = work.place.document_id if scope == "here" else None
    places, reviewed = picks.unmarked(work, text, only, OverlayEntry(action, text).mode)
    hits = find_hits(work, picks.Selection(term=text))
    documents = {place.document_id for place in places}
    same = not meaning.concept or fold(meaning.concept) == fold(text)
    means = f"{short(text)} {meaning.label}" if same else f"{short(text)} = {meaning.concept} {meaning.label}"
    what = f"the {_KINDS[action]} {means} ({_where(work, scope)}): "
    what += f"{quantity(len(places), 'new suggestion')} in {quantity(len(documents), 'document')}"
    what += f"; {quantity(len(hits), 'mention')} of it already" if hits else ""
    if other := sorted({hit.mention.label for hit in hits if hit.mention.label != meaning.label}):
        what += f", some as {', '.join(other)}"
    what += f"; {reviewed} in reviewed documents left out" if reviewed else ""
    token = digest([action, text, meaning, scope, *places])
    plan = Plan(rung(len(places), 2), what, token, len(places), len(documents))
    if asked := ask_whole(work, plan):
        return asked
    changes = picks.unlabeled_changes(work, places, meaning.label, "open", "gazetteer")
    said = f"the {_KINDS[action]} {means} added"
    if changes:
        where = quantity(len(documents), "document")
        said += f"; {quantity(len(changes), 'new suggestion')} in {where}"
    return write_edit(work, said, changes, edit_event(action, text, meaning, scope))


_KINDS = {"term": "term", "variant": "spelling", "abbr": "abbreviation"}
"""What each edit adds, for people."""


def labels_of(work: Work, text: str) -> tuple[str, ...]:
    """Labels that a text was accepted or suggested with, or has in the term lists."""
    key = surface_key(text)
    m, s = mention.c, suggestion.c
    decided = sa.select(m.label).where(
        m.project_id == work.project.id, m.surface_key == key, m.status == "accepted"
    )
    found = list(work.connection.scalars(decided.distinct()))
    if not found:
        shown = sa.select(s.label).where(s.project_id == work.project.id, s.surface_key == key, s.shown)
        found = list(work.connection.scalars(shown.distinct()))
    terms = work.services.terms
    if not found and getattr(terms, "ready", True):
        with suppress(HybridNerError):
            found = [term.label for term in terms.terms(text)]
    return tuple(label for label in dict.fromkeys(found) if label in work.labels)


_SHORT_FORM = re.compile(r"(?:^| )[A-Z]{2,5}$")
"""The last word is one: "bad OA"."""


def label_guess(work: Work, text: str) -> str:
    """The label of the listed terms that end like a text, if it is one of the project.

    How a short form ends says nothing: "acute PE" would be a chemical.
    """
    if _SHORT_FORM.search(text):
        return ""
    with suppress(HybridNerError):
        label = work.services.terms.labels_like([text], work.labels)[0]
        return label if label in work.labels else ""
    return ""
