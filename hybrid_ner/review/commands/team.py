"""Several reviewers: agreement, comparison, adjudication."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import sqlalchemy as sa
from rapidfuzz import process

from hybrid_ner.errors import InputError
from hybrid_ner.review.commands.base import Asking, Command, Leading, command
from hybrid_ner.review.commands.bulk import document_named
from hybrid_ner.review.commands.language import Cursor, ParseError, words_of
from hybrid_ner.review.commands.work import Plan, Work, confirm
from hybrid_ner.review.document import differences as sides
from hybrid_ner.review.document.spans import short
from hybrid_ner.review.reply import Reply, Table, digest
from hybrid_ner.review.store.card import Card, load_card
from hybrid_ner.review.store.database import chunks, rows_in
from hybrid_ner.review.store.events import NO_REASON, Change, EventDraft, Span, StepDraft, accepted
from hybrid_ner.review.store.journal import now
from hybrid_ner.review.store.labels import ASSIGN, assigned, deal, find_label, progress, reviewed_by
from hybrid_ner.review.store.lookups import texts_of, withdrawals, withdrawn_said
from hybrid_ner.review.store.project import LONGEST_NAME, withdrawal
from hybrid_ner.review.store.reviewers import (
    agree,
    differences,
    independent_states,
    krippendorff_alpha,
    reviewer_names,
)
from hybrid_ner.review.store.schema import (
    count_documents,
    document,
    document_state,
    mention,
    of_project,
    position,
    reviewer,
)
from hybrid_ner.text import excerpt, quantity


@command(
    "agreement",
    says="agreement · agreement by label: F1, Cohen's kappa of two reviewers, Krippendorff's alpha of more",
)
class Agreement(Asking):
    by_label: bool = False

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        cursor.word("by", "per")
        return cls(bool(cursor.word("label", "labels")))

    def run(self, work: Work) -> Reply:
        shared = list(_reviewed_together(work))
        if not shared:
            return Reply("no two reviewers have reviewed the same document yet")
        if self.by_label:
            return _agreement_by_label(shared)
        rows = _agreement_of_pairs(shared)
        columns = (
            *("first", "second", "documents", "span F1", "token kappa", "both", "first only"),
            "second only",
        )
        first = rows[0]
        said = f"{first[0]} and {first[1]}: F1 {first[3]:.2f}, word kappa {first[4]:.2f}"
        said += f" on {quantity(first[2], 'document')}"
        if len(rows) > 1:
            alpha = krippendorff_alpha((tokens, list(by.values())) for tokens, by in shared)
            people = len({name for _, by in shared for name in by})
            said += (
                f"; {quantity(len(rows) - 1, 'more pair')}; all {people}: Krippendorff's alpha {alpha:.2f}"
            )
        return Reply(said, table=Table(columns, tuple(rows)))


_Shared = tuple[Sequence[tuple[int, int]], dict[str, tuple[Span, ...]]]
"""Token boundaries of a document, and what each of at least two reviewers accepted, by name."""


def _agreement_of_pairs(shared: Sequence[_Shared]) -> list[tuple[Any, ...]]:
    """One row for each pair of reviewers that share documents."""
    rows = []
    for first, second in combinations(dict.fromkeys(name for _, by in shared for name in by), 2):
        pairs = [(tokens, by[first], by[second]) for tokens, by in shared if first in by and second in by]
        if pairs:
            a = agree(pairs)
            counts = (a.both, a.first, a.second)
            rows.append((first, second, a.documents, round(a.f1, 4), round(a.kappa, 4), *counts))
    return rows


def _agreement_by_label(shared: Sequence[_Shared]) -> Reply:
    """One row for each label, over all pairs, that with the least agreement first."""
    rows = []
    for label in sorted({span[2] for _, by in shared for spans in by.values() for span in spans}):
        narrow = [
            (tokens, [[span for span in spans if span[2] == label] for spans in by.values()])
            for tokens, by in shared
        ]
        a = agree((tokens, *two) for tokens, spans in narrow for two in combinations(spans, 2))
        rows.append((label, round(a.f1, 4), round(a.kappa, 4), a.both, a.first + a.second))
    rows.sort(key=lambda row: (row[1], row[0]))
    said = f"least agreed on: {rows[0][0]}, F1 {rows[0][1]:.2f}" if rows else "nobody has marked anything"
    return Reply(said, table=Table(("label", "span F1", "token kappa", "both", "one only"), tuple(rows)))


def reviewers_of(work: Work) -> dict[str, int]:
    names = reviewer_names(work.connection, work.project.id)
    return {name: who for who, name in names.items()}


def find_reviewer(work: Work, said: str) -> tuple[str, int]:
    names = reviewers_of(work)
    fits = [name for name in names if name.casefold() == said.casefold()]
    if fits:
        return fits[0], names[fits[0]]
    close = _close_name(said, list(names))
    meant = f"Did you mean {close}? " if close else ""
    raise InputError(f"there is no reviewer {said!r}.", hint=f"{meant}Reviewers: {', '.join(names)}.")


def _close_name(said: str, names: Sequence[str], least: float = 60) -> str:
    """The reviewer whose name is most like another; empty where none is."""
    close = process.extractOne(said, names, score_cutoff=least)
    return str(close[0]) if close else ""


def _reviewed_together(work: Work) -> Iterator[_Shared]:
    """The documents that two or more reviewers have finished, as they were before any adjudication."""
    names = {who: name for name, who in reviewers_of(work).items()}
    state = document_state.c
    query = sa.select(state.document_id).where(state.done, state.reviewer_id.in_(names))
    query = query.group_by(state.document_id).having(sa.func.count() > 1).order_by(state.document_id)
    for ids in chunks(work.connection.scalars(query).all()):
        states = independent_states(work.connection, work.project.id, ids)
        texts = texts_of(work.connection, ids)
        for number in ids:
            done = {name: states[(who, number)] for who, name in names.items() if (who, number) in states}
            by = {name: accepted(state) for name, state in done.items()}
            if len(by) > 1:
                yield work.tokens(texts[number]), by


_SLIP = 85
"""So alike, of 100, are names of which one is a slip: "Dr. Ana Mueller", where Dr. Ana Müller is here."""


@command(
    "compare",
    says="compare with ana: differences in this document",
    reads=words_of("the name of a reviewer", "`compare with ana`"),
)
class Compare(Asking):
    loose = True
    skips = "with"
    reviewer: str

    def run(self, work: Work) -> Reply:
        name, other = find_reviewer(work, self.reviewer)
        card = work.card()
        theirs = load_card(work.connection, other, card.id)
        rows = differences(accepted(card.state), accepted(theirs.state))
        table = tuple(
            (short(card.text[s:e]), f"{s}-{e}", mine or "-", their or "-") for s, e, mine, their in rows
        )
        differs = f"{quantity(len(rows), 'difference')} with {name}"
        said = f"{card.doc_id}: {differs if rows else f'as {name} has it'}"
        notes = [
            f"{who} has not finished it"
            for who, s in ((name, theirs.state), ("you", card.state))
            if not s.done
        ]
        lines = tuple(note.replace("you has", "you have") for note in notes)
        return Reply(
            said, lines=lines, table=Table(("text", "at", work.reviewer, name), table) if rows else None
        )


@command("adjudicate", says="adjudicate: a document that reviewers disagree on, version beside version")
class Adjudicate(Command):
    moves = True

    def run(self, work: Work) -> Reply:
        waiting = sides.conflicts(work.connection, work.project.id)
        if not waiting:
            return Reply("no conflict: wherever two reviewers have finished, they agree")
        here = work.place.document_id or 0
        if here not in waiting or not versions_of(work).open:
            work.move(next((number for number in waiting if number > here), waiting[0]))
        return _compared(versions_of(work, len(waiting)))


def versions_of(work: Work, waiting: int = 0) -> sides.Versions:
    """The versions of the document on the card."""
    card = work.card()
    me = work.author.reviewer_id
    return sides.load_versions(work.connection, work.project.id, card, work.tokens(card.text), me, waiting)


def _compared(versions: sides.Versions) -> Reply:
    """Version beside version, with what may be said."""
    a = versions.agreement
    said = f"doc {versions.position} {versions.doc_id}: {quantity(len(versions.open), 'difference')}"
    if len(versions.reviewers) > 1:
        said += f" between {' and '.join(versions.reviewers)}, F1 {a.f1:.2f}, word kappa {a.kappa:.2f}"
    rows = tuple(
        (
            each.number,
            excerpt(versions.text, each.start, each.end),
            *(_spelled(versions.text, spans) for spans in each.versions),
            each.settled,
        )
        for each in versions.differences
    )
    # A name as the language takes it.
    said_of = (f'"{name}"' if " " in name or name in _WORDS else name for name in versions.reviewers)
    names = " · ".join(f"`settle 1 {name}`" for name in said_of)
    lines = (f"{names} · `settle 1 both` · `settle 1 none` · `settle 1 is LABEL`",) if rows else ()
    columns = ("number", "where", *versions.reviewers, "settled")
    return Reply(said, lines=lines, table=Table(columns, rows) if rows else None)


def _spelled(text: str, spans: Sequence[Span]) -> str:
    return ", ".join(f"{short(text[s:e])} {label}" for s, e, label in spans) or "-"


_WORDS = ("both", "none", "neither", "is", "rest")
_EXAMPLE = "`settle 1 ana`"


@command(
    "settle",
    says="settle 1 ana · settle 2 both · settle 3 none · settle 4 is DRUG · settle rest ana: "
    "what counts where reviewers differ",
)
class Settle(Leading):
    on_card = True
    number: int
    choice: str
    label: str = ""

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        number = 0 if cursor.word("rest") else cursor.span(_EXAMPLE)
        if cursor.word("is"):
            return cls(number, "", cursor.label("settle 4 is DRUG"))
        if word := cursor.word("both", "none", "neither"):
            return cls(number, "none" if word == "neither" else word)
        return cls(number, cursor.rest() or cursor.text("whose version", _EXAMPLE))

    def run(self, work: Work) -> Reply:
        card, versions = work.card(), versions_of(work)
        if len(versions.reviewers) < 2:
            hint = "Somebody may have taken a review back: `adjudicate` shows what is to be settled."
            raise InputError(f"{card.doc_id} has no two finished reviews now.", hint=hint)
        chosen = [d for d in versions.differences if self.number in (0, d.number)]
        chosen = chosen if self.number else list(versions.open)
        if not chosen:
            hint = f"There are {len(versions.differences)}; see `adjudicate`. Nothing changed."
            raise InputError(f"there is no difference {self.number or 'left'} here.", hint=hint)
        label = find_label(self.label, work.labels) if self.label else ""
        places, choice = self._places(work, versions, label)
        changes = [] if any(d.settled for d in versions.differences) else sides.agreed(card, versions)
        for each in chosen:
            changes += _taken(card, versions, each, places, label)
        events = card.decided(changes)
        for each in chosen:
            payload = {"start": each.start, "end": each.end, "choice": choice}
            events.append(card.event(sides.SETTLED, payload))
        left = [d for d in versions.open if d not in chosen]
        texts = ", ".join(short(versions.text[d.start : d.end]) for d in chosen[:5])
        said = f"{card.doc_id}: {choice} for {texts}"
        if not left:
            events += _finished(card)
            said += "; all differences are settled, your version counts"
        work.write_card("adjudicate", said, events, len(changes))
        more = f"{quantity(len(left), 'difference')} left" if left else "`adjudicate` for the next document"
        return Reply(f"{said}; {more}", "done")

    def _places(self, work: Work, versions: sides.Versions, label: str) -> tuple[tuple[int, ...], str]:
        """Whose versions are meant, and how it is kept."""
        everybody = tuple(range(len(versions.reviewers)))
        if label:
            return everybody, label
        if self.choice in ("both", "none"):
            return everybody if self.choice == "both" else (), self.choice
        name, _ = find_reviewer(work, self.choice)
        if name not in versions.reviewers:
            raise InputError(f"{name} has not finished {versions.doc_id}.", hint="Nothing changed.")
        return (versions.reviewers.index(name),), name


def _taken(
    card: Card, versions: sides.Versions, difference: sides.Difference, places: tuple[int, ...], label: str
) -> list[Change]:
    if label:
        # Another label for the span: of spans of different length the first reviewer's that has one.
        places = next(((p,) for p in places if difference.versions[p]), places)
    elif len(places) > 1 and not difference.together:
        raise InputError(
            f"the mentions of difference {difference.number} overlap, so only one version can count.",
            hint="Take one of them, or `none`. Nothing changed.",
        )
    return sides.taken(card, versions, difference, places, label)


def _finished(card: Card) -> list[EventDraft]:
    return [card.event("done", {"done": True}), card.event("adjudicated", {"adjudicated": True})]


@command(
    "take",
    says="take ana: let a reviewer's decisions count for this document",
    reads=words_of("the name of a reviewer", "`take ana`"),
)
class Take(Leading):
    on_card = True
    loose = True
    reviewer: str

    def run(self, work: Work) -> Reply:
        name, other = find_reviewer(work, self.reviewer)
        card = work.card()
        theirs = load_card(work.connection, other, card.id)
        if not theirs.state.done:
            raise InputError(f"{name} has not finished {card.doc_id}.", hint="Nothing changed.")
        changes: list[Change] = []
        if other != work.author.reviewer_id:
            given = theirs.state.mentions
            own = [m for key, m in card.state.mentions.items() if m.status == "accepted" and key not in given]
            changes += (m.change(status="rejected", reason="overlap") for m in own)
            changes += (m.copied() for m in sorted(given.values(), key=lambda m: m.status == "accepted"))
        said = f"{card.doc_id}: {name}'s version counts, {quantity(len(accepted(theirs.state)), 'mention')}"
        events = [*card.decided(changes), *_finished(card)]
        return work.write_card("adjudicate", said, events, len(changes))


Dealt = dict[int, tuple[int, ...]]
"""Rows of reviewers by the row of a document."""

# Who reviews what: documents are shared out, everybody has a queue of their own, and progress is seen.

_EVERYBODYS = "the documents are everybody's again"


@command(
    "assign",
    says="assign ana, bob · assign ana, bob, carl each 2 · assign ana, bob overlap 20% · assign ana docs 1-40"
    " · assign nobody: share the documents among reviewers, each with a queue of their own",
)
class Assign(Leading):
    names: tuple[str, ...]
    each: int = 1
    overlap: float = 0.0
    first: int = 0
    last: int = 0

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        example = "`assign ana, bob each 2`"
        names: list[str] = [""]
        options: dict[str, Any] = {}
        while token := cursor.take():
            word = token.text.lower()
            if token.kind == "word" and word in ("each", "overlap", "docs", "documents"):
                options |= _assign_option("docs" if word == "documents" else word, cursor)
            elif token.kind == "comma" or (token.kind == "word" and word == "and"):
                names.append("")
            elif token.kind in ("word", "quoted") and not options and word not in ("as", "to", "is"):
                names[-1] = f"{names[-1]} {token.text.rstrip(',')}".strip()
                if token.text.endswith(","):
                    names.append("")
            else:
                raise ParseError("say who gets the documents.", hint=f"For example {example}.")
        found = tuple(dict.fromkeys(filter(None, names)))
        if not found:
            raise ParseError("say who gets the documents.", hint=f"For example {example}.")
        return cls(() if found == ("nobody",) else found, **options)

    def run(self, work: Work) -> Reply:
        if self.each > max(len(self.names), 1):
            raise InputError(f"{self.each} reviewers each, and {len(self.names)} named.", hint="Name more.")
        slips = self._slips(work)
        new, kept = self._dealt(work)
        names = reviewer_names(work.connection, work.project.id)
        whole = {**kept, **new}
        got = Counter(who for given in whole.values() for who in given)
        shared = Counter(who for given in whole.values() if len(given) > 1 for who in given)
        rows = tuple((names.get(who, ""), got[who], shared[who]) for who in sorted(got))
        table = Table(("who", "documents", "shared"), rows) if rows else None
        count = len(new) if self.names else 0
        what = f"{quantity(count, 'document')} for {', '.join(self.names)}" if self.names else _EVERYBODYS
        what += self._read_twice(new)
        token = digest(("assign", sorted(whole.items())))
        if asked := confirm(work, Plan("yes", what + slips, token, count, count, table=table, whole=True)):
            return asked
        payload: dict[str, list[int]] = {}
        for number, given in whole.items():
            for who in given:
                payload.setdefault(str(who), []).append(number)
        said = f"{what}: everybody has a queue of their own" if self.names else what
        work.write(StepDraft(ASSIGN, said, (EventDraft(ASSIGN, payload),)))
        _leave_others(work, payload)
        return Reply(said, "done", table=table)

    def _slips(self, work: Work) -> str:
        """Names that nobody has here, and who may be meant: documents of a slip wait for nobody."""
        here = [*reviewers_of(work)]
        known = {name.casefold() for name in here}
        new = {name: _close_name(name, here, _SLIP) for name in self.names if name.casefold() not in known}
        said = [f"{name} was never here: did you mean {close}" for name, close in new.items() if close]
        return f" ({'; '.join(said)})" if said else ""

    def _read_twice(self, new: Mapping[int, Sequence[int]]) -> str:
        """How many documents an overlap comes to, since a share of them is seldom a whole number."""
        if not self.overlap:
            return ""
        share = self.overlap * len(new)
        down = "" if abs(share - round(share)) < 1e-6 else ", rounded down"
        more = sum(len(given) > self.each for given in new.values())
        return f", {more} of them read by one more ({self.overlap:.0%} of {len(new)}{down})"

    def _dealt(self, work: Work) -> tuple[Dealt, Dealt]:
        """The documents that are dealt, and the deal before, of which those that are not named stay."""
        if not self.names:
            return {}, {}
        place = document.c.position
        query = sa.select(document.c.id).where(of_project(work.project.id))
        if self.first:
            query = query.where(place >= self.first, place <= self.last)
        numbers = list(work.connection.scalars(query.order_by(place)))
        before = assigned(work.connection, work.project.id)
        whose = [_reviewer_row(work, name) for name in self.names]
        # Whoever has reviewed a document need not do it again, nor has anybody to do it instead.
        done = reviewed_by(work.connection, work.project.id)
        held = {n: dict.fromkeys((*before.get(n, ()), *done.get(n, ()))) for n in numbers}
        mine = {n: kept for n, given in held.items() if (kept := tuple(who for who in given if who in whose))}
        return deal(numbers, whose, self.each, self.overlap, mine), before if self.first else {}


def _assign_option(word: str, cursor: Cursor) -> dict[str, Any]:
    if word == "docs":
        return _from_to(cursor, "For example `each 2`, `overlap 20%`, `docs 1-40`. Nothing changed.")
    token = cursor.take("number", "range", "word")
    said = token.text.rstrip(",") if token else ""
    if word == "each" and said.isdecimal() and 0 < int(said) <= 50:
        return {"each": int(said)}
    if word == "overlap" and (match := re.fullmatch(r"(\d{1,3})(?:\.\d+)?%?", said)) and int(match[1]) <= 100:
        return {"overlap": float(said.rstrip("%")) / 100}
    hint = "For example `each 2`, `overlap 20%`, `docs 1-40`. Nothing changed."
    raise ParseError(f"{said or word!r} is not understood after {word}.", hint=hint)


def _from_to(cursor: Cursor, hint: str) -> dict[str, int]:
    """The first and the last number of documents that stand together: ``41-183``."""
    token = cursor.take("number", "range", "word")
    said = token.text.rstrip(",") if token else ""
    if match := re.fullmatch(r"(\d{1,9})(?:[-–](\d{1,9}))?", said):  # "41-183", "41"
        first, last = int(match[1]), int(match[2] or match[1])
        if 0 < first <= last:
            return {"first": first, "last": last}
    raise ParseError(f"{said or 'docs'!r} is not understood after docs.", hint=hint)


def _reviewer_row(work: Work, name: str) -> int:
    """Row of a reviewer, who need not have been here yet."""
    names = reviewers_of(work)
    found = next((n for known, n in names.items() if known.casefold() == name.casefold()), None)
    if found is not None:
        return found
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise InputError(f"{name[:40]!r} is no name of a reviewer.", hint="Nothing changed.")
    row = {"project_id": work.project.id, "name": name, "created": now()}
    return int(work.connection.execute(reviewer.insert().returning(reviewer.c.id), row).scalar_one())


def _leave_others(work: Work, payload: Mapping[str, Sequence[int]]) -> None:
    """Whoever has a document open that is somebody else's begins with the first of their own."""
    for who, numbers in payload.items():
        at = position.c.reviewer_id == int(who)
        here = work.connection.scalar(sa.select(position.c.document_id).where(at))
        if here is not None and here not in set(numbers):
            cleared = {"document_id": None, "at_value": None, "at_position": None}
            if int(who) == work.author.reviewer_id:
                work.go_on(fresh=True)
            else:
                work.connection.execute(position.update().where(at).values(cleared))


# What does not belong into the project: the wrong patient, a duplicate, consent that was withdrawn.


_SEVERAL = "For example `withdraw docs 41-183 because imported by mistake`. Nothing changed."


@command(
    "withdraw",
    says="withdraw · withdraw because wrong patient · withdraw doc 31 because duplicate "
    "· withdraw docs 41-183 because imported by mistake: take documents out of the project; their decisions "
    "are kept",
)
class Withdraw(Leading):
    moves = True
    document: str = ""
    reason: str = ""
    first: int = 0
    last: int = 0

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        several = _from_to(cursor, _SEVERAL) if cursor.word("docs", "documents") else {}
        one = not several and cursor.word("doc", "document")
        named = cursor.text("a document", "`withdraw doc 31`") if one else ""
        return cls(named, cursor.rest() if cursor.word("because") else "", **several)

    def run(self, work: Work) -> Reply:
        found = self._documents(work)
        doc_ids = list(found.values())
        draft = withdrawal(work.connection, work.project.id, doc_ids, self.reason)
        decided = sa.select(mention.c.reviewer_id, mention.c.document_id)
        count = Counter(row[0] for row in rows_in(work.connection, decided, mention.c.document_id, found))
        names = reviewer_names(work.connection, work.project.id)
        it, brings = ("it", "brings it") if len(found) == 1 else ("them", "brings them")
        kept = f"{quantity(count.total(), 'decision')} of {' and '.join(names[who] for who in sorted(count))}"
        kept = f"{kept} kept with {it}" if count else f"nothing is decided in {it}"
        why = f" ({self.reason})" if self.reason else ""
        back = f"`reinstate {f'docs {self.first}-{self.last}' if self.first else doc_ids[0]}` {brings} back"
        named = _called(doc_ids)
        token = digest(("withdraw", sorted(found), self.reason, sorted(count.items())))
        table = Table(("document",), tuple((each,) for each in doc_ids)) if self.first else None
        what = f"take {named} out of the project{why}: {kept}, {back}"
        plan = Plan("yes", what, token, count.total(), len(found), table=table, whole=True)
        if asked := confirm(work, plan):
            return asked
        work.write(draft, doc_ids)
        work.leave_withdrawn()
        model = work.model_in_use()
        learned = f"{model} may have learned from {it}: `retrain` makes a model that has not"
        trained = count and model and work.services.models and work.services.models.pipeline(model)
        where = f" → {work.where()}" if work.place.document_id else ""
        return Reply(f"{draft.summary}; {back}{where}", "done", lines=(learned,) if trained else ())

    def _documents(self, work: Work) -> dict[int, str]:
        """Row → id of the documents that are meant."""
        if not self.first:
            number = None
            if self.document:
                number = document_named(work.connection, work.project.id, self.document)
                if number is None:
                    raise work.no_document(self.document)
            card = work.card_of(number) if number else work.card()
            return {card.id: card.doc_id}
        query = sa.select(document.c.id, document.c.doc_id).where(of_project(work.project.id))
        place = document.c.position
        query = query.where(place >= self.first, place <= self.last).order_by(place)
        found = {row.id: row.doc_id for row in work.connection.execute(query)}
        if not found:
            said = f"there is no document from {self.first} to {self.last}."
            raise InputError(said, hint="Nothing changed.")
        return found


def _called(doc_ids: Sequence[str]) -> str:
    """``a``; ``3 documents, a to c``: the first and the last say whether these are meant."""
    first, last = doc_ids[0], doc_ids[-1]
    return first if len(doc_ids) == 1 else f"{quantity(len(doc_ids), 'document')}, {first} to {last},"


@command(
    "reinstate",
    says="reinstate note_17 · reinstate docs 41-183: bring documents back that were withdrawn, with their "
    "decisions",
)
class Reinstate(Leading):
    moves = True
    loose = True
    document: str

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        return cls(cursor.rest())

    def run(self, work: Work) -> Reply:
        found = withdrawals(work.connection, work.project.id)
        said = self.document.removeprefix("doc ").strip()
        fits = [w for w in found if w.doc_id == self.document] or [
            w for w in found if said in (w.doc_id, str(w.position)) or (not said and len(found) == 1)
        ][:1]
        several = re.fullmatch(r"doc(?:ument)?s (\d{1,9})[-–](\d{1,9})", said)  # "docs 41-183"
        if several and not fits:
            fits = [w for w in found if int(several[1]) <= w.position <= int(several[2])]
        if not fits:
            named = ", ".join(w.doc_id for w in found[:_NAMED]) + (" …" if len(found) > _NAMED else "")
            hint = f"Withdrawn: {named}." if found else "No document is withdrawn."
            raise InputError("say which document." if not said else f"{said!r} is not withdrawn.", hint=hint)
        doc_ids = [w.doc_id for w in fits]
        draft = withdrawal(work.connection, work.project.id, doc_ids, None)
        work.write(draft, doc_ids)
        work.move(work.document_row(fits[0].doc_id))
        return Reply(f"{draft.summary} → {work.where()}", "done")


@command("withdrawn", says="withdrawn: the documents that were taken out, and why")
class Withdrawn(Asking):
    def run(self, work: Work) -> Reply:
        found = withdrawals(work.connection, work.project.id)
        rows = tuple((w.position, w.doc_id, w.reason or NO_REASON, w.reviewer, w.at[:16]) for w in found)
        table = Table(("no.", "document", "reason", "who", "when"), rows) if rows else None
        return Reply(withdrawn_said(found) or "no document is withdrawn", table=table)


@command("erase", says="erase: where the text of a document is erased for good, which no line does")
class Erase(Asking):
    loose = True

    def run(self, work: Work) -> Reply:
        doc_id = work.doc_id() or "DOC"
        return Reply(
            "no line erases a text, since that cannot be undone: *Not our document?* on the page does, and "
            f"`hybrid-ner review erase STORE {doc_id} --reason …` in a terminal; `withdraw` takes the "
            "document out of the project at once, and can be undone"
        )


_NAMED = 6
"""People in the sentence; the table has all."""


_LISTED = 20
"""Documents that an answer names."""


@command("progress", says="progress: how far everybody is")
class ProgressOf(Asking):
    def run(self, work: Work) -> Reply:
        rows = progress(work.connection, work.project.id)
        if not rows:
            return Reply("nobody has reviewed anything yet, and no document is assigned")
        columns = ("who", "reviewed", "of", "shared", "accepted", "rejected", "last")
        # Where nobody was given any, all documents are everybody's.
        every = 0 if any(r.assigned for r in rows) else count_documents(work.connection, work.project.id)
        table = tuple(
            (r.reviewer, r.done, r.assigned, r.shared, r.accepted, r.rejected, r.last[:16]) for r in rows
        )
        said = ", ".join(
            f"{r.reviewer} {r.done:,}" + (f" of {of:,}" if (of := r.assigned or every) else "")
            for r in rows[:_NAMED]
        ) + (" …" if len(rows) > _NAMED else "")
        out = withdrawn_said(withdrawals(work.connection, work.project.id))
        lines = tuple(filter(None, (_mine(work), out)))
        return Reply(f"reviewed: {said}", lines=lines, table=Table(columns, table))


def _mine(work: Work) -> str:
    """The documents that who asks has reviewed, by name."""
    state = document_state.c
    query = sa.select(document.c.doc_id).join(document_state, state.document_id == document.c.id)
    query = query.where(of_project(work.project.id), state.reviewer_id == work.author.reviewer_id, state.done)
    found = work.connection.scalars(query.order_by(document.c.position)).all()
    more = f" and {len(found) - _LISTED:,} more" if len(found) > _LISTED else ""
    return f"by you: {', '.join(found[:_LISTED])}{more}" if found else ""
