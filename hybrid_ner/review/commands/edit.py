"""Change the spans of the open document, and the labels there are."""

from __future__ import annotations

import re
from collections import Counter
from functools import partial

import sqlalchemy as sa

from hybrid_ner.errors import InputError
from hybrid_ner.review.chat.situation import quoted
from hybrid_ner.review.commands.base import NUMBER, Command, Key, Leading, OnCard, command
from hybrid_ner.review.commands.bulk import Bulk, find_hits, sample_table
from hybrid_ner.review.commands.decide import apply, apply_to
from hybrid_ner.review.commands.gazetteer import Meaning, ask_whole, edit_event, write_edit
from hybrid_ner.review.commands.language import Cursor, ParseError, words_of
from hybrid_ner.review.commands.selection import Selection, numbers_or_selection
from hybrid_ner.review.commands.work import Plan, Work, confirm, rung
from hybrid_ner.review.document import spans
from hybrid_ner.review.document.spans import Numbers
from hybrid_ner.review.queue import decided_by
from hybrid_ner.review.reply import Pending, Reply, Table, digest
from hybrid_ner.review.store.card import Card
from hybrid_ner.review.store.codebook import joined_rules
from hybrid_ner.review.store.events import JOINED, EventDraft, StepDraft
from hybrid_ner.review.store.labels import BY_PEOPLE, HIDDEN, find_label, joined_labels, label_drafts
from hybrid_ner.review.store.schema import mention, reviewer, suggestion
from hybrid_ner.text import excerpt, quantity


@command(
    NUMBER,
    says='2 is DRUG · 2 drug · 3 = "metropolol 25 mg" · 3 +1 · 3 -1 · 3 <1 · 3 >1 · 3 -> atrial '
    "fibrillation · 3 -> MESH:D001281 here: relabel; boundary by quote, or by words: right edge +/-, left "
    "edge < out / > in; link every mention of the text to a concept, or with `here` this one",
    keys=(
        *(Key(str(n), "{n} is {label}", f"relabel with label {n}") for n in range(1, 10)),
        Key("[", "{n} <1", "take in the word on the left"),
        Key("]", "{n} +1", "take in the word on the right"),
        Key("{", "{n} >1", "give up the first word"),
        Key("}", "{n} -1", "give up the last word"),
    ),
)
class Relabel(OnCard):
    """``2 is DRUG``. Digit keys are labels; typed in the chat box, a digit is a span number."""

    pushes = True
    numbers: Numbers
    label: str

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        numbers = cursor.numbers()
        token = cursor.peek()
        if not numbers or token is None:
            raise ParseError("say what to do with it.", hint="For example `2 is DRUG`, `ok 2` or `no 2`.")
        if token.kind in ("signed", "shift", "arrow") or (token.kind == "op" and token.text == "="):
            return _edge(cursor, _only(numbers))
        cursor.word("is")
        return cls(Numbers(numbers), cursor.label("2 is DRUG"))

    def run(self, work: Work) -> Reply:
        spans.pick(work.card(), self.numbers)
        label = find_label(self.label, work.labels)
        return apply_to(work, self.numbers, partial(spans.relabel, label=label), "relabel")


def _only(numbers: tuple[int, ...]) -> int:
    if len(numbers) != 1:
        raise ParseError("a boundary or a link is for one mention at a time.", hint="Nothing changed.")
    return numbers[0]


_GOES_ON = ("and", "as", "is", "it", "which", "but", "plus")
"""Words that a sentence goes on with behind a quoted text, so that it is no command."""


def _edge(cursor: Cursor, number: int) -> Command:
    if cursor.take("arrow"):
        concept = cursor.rest()
        if not concept or re.search(r'"[^"]+"', concept):  # '9 -> Test + "LVEF"' is a sentence
            raise ParseError("say which concept.", hint="For example `3 -> atrial fibrillation`.")
        return _link(number, concept)
    if cursor.take("op"):
        quoted = cursor.take("quoted")
        if quoted and (at := cursor.characters()):
            return Boundary(number, quote=quoted.text, at=at)
        more = cursor.peek() if quoted else None
        if more and (
            not more.text[0].isalnum() or more.text.lower() in _GOES_ON
        ):  # '6 = "MSI-high", biomarker'
            hint = 'For example `3 = "atrial fibrillation"`.'
            raise ParseError("name nothing but the new text.", hint=hint)
        if quoted:
            cursor.at -= 1
        return Boundary(number, quote=cursor.rest() or cursor.text("the new text of the mention"))
    left = right = 0
    while token := cursor.take("signed", "shift"):
        if token.kind == "signed":
            right += int(token.text)
        else:
            left += int(token.text[1:]) * (1 if token.text[0] == "<" else -1)
    return Boundary(number, left=left, right=right)


@command()
class Boundary(OnCard):
    """``3 = "…"``, or tokens to take in (positive) or give up (negative) on either side.

    ``at`` are the characters of the quote, where it may stand more than once.
    """

    pushes = True
    number: int
    quote: str = ""
    left: int = 0
    right: int = 0
    at: tuple[int, int] | None = None

    def run(self, work: Work) -> Reply:
        card = work.card()
        tokens = work.tokens(card.text)
        if self.at is not None:
            edit = spans.move_to(card, self.number, *_characters(card, self.quote, self.at), tokens)
        elif self.quote:
            edit = spans.boundary_by_quote(card, self.number, self.quote, tokens)
        else:
            edit = spans.boundary_by_tokens(card, self.number, self.left, self.right, tokens)
        return apply(work, edit, "boundary")


@command()
class Link(OnCard):
    """``3 -> concept``, an id or a term: every mention of the text; ``3 -> concept here`` for this one."""

    asks_terms = True
    number: int
    concept: str
    here: bool = False

    def run(self, work: Work) -> Reply:
        card = work.card()
        m = spans.pick(card, Numbers((self.number,)))[0]
        if self.here or m.status == "rejected":
            found = work.services.terms.find(self.concept, m.label)
            return apply(work, spans.link(card, self.number, found.concept_id, found.text), "link")
        selection = Selection(term=card.text[m.start : m.end], label=m.label)
        try:
            return LinkAll(selection, self.concept, self.number).run(work)
        except InputError:
            if spans.place_of_quote(card, m, self.concept) is None:
                raise
            return Boundary(self.number, quote=self.concept).run(work)  # `33 -> "disease control rate"`


def _link(number: int, concept: str) -> Link:
    only = concept.removesuffix(" here")
    return Link(number, only, only != concept)


@command(
    "link",
    says='link all "afib" -> MESH:D001281 · link all "afib" -> atrial fibrillation · link 3 -> MESH:D001281: '
    "give every mention of a text a concept, and keep it in the term list",
)
class LinkAll(Command):
    """``link all "afib" -> concept``; ``number`` is the mention of the open document that it was said of."""

    asks_terms = True
    selection: Selection
    concept: str
    number: int = 0

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        found = numbers_or_selection(cursor)
        example = 'For example `link all "afib" -> MESH:D001281`.'
        if found is None or not cursor.take("arrow"):
            raise ParseError("name the mentions and the concept.", hint=example)
        concept = cursor.rest()
        if not concept:
            raise ParseError("say which concept.", hint=example)
        if isinstance(found, Numbers):
            return _link(_only(found.listed), concept)
        if not found.term:
            raise ParseError("say of which text.", hint=example)
        return cls(found, concept)

    def run(self, work: Work) -> Reply:
        term, said = self.selection.term, spans.short(self.selection.term)
        found = find_hits(work, self.selection)
        kept = [hit for hit in found if hit.mention.status != "rejected"]
        if not kept:
            return Reply(f"nothing to link: no mention of {said}")
        label = self.selection.label or Counter(hit.mention.label for hit in kept).most_common(1)[0][0]
        concept = work.services.terms.find(self.concept, label)
        known = concept.text == concept.concept_id
        named = concept.text if known else f"{concept.text} ({concept.concept_id})"
        hits = [h for h in kept if h.mention.label == label and h.mention.concept_id != concept.concept_id]
        if self.number and not hits:
            return Reply(f"{self.number} {said} is linked to {named} already, like every mention of it")
        documents = {hit.document_id for hit in hits}
        where = f"{quantity(len(hits), 'mention')} in {quantity(len(documents), 'document')}"
        what = f"link {where} {said} {label} → {named}, and keep it as a term"
        choices = ((f"Only {self.number}", f"{self.number} -> {self.concept} here"),) if self.number else ()
        token = digest([self, *((hit.document_id, hit.mention) for hit in hits)])
        kind = rung(len(hits), len(documents) if self.number else 2)
        table = sample_table(work, hits) if hits else None
        plan = Plan(kind, what, token, len(hits), len(documents), table=table, whole=True, choices=choices)
        if asked := ask_whole(work, plan):
            return asked
        changes = [(hit.document_id, hit.mention.change(concept_id=concept.concept_id)) for hit in hits]
        edit = edit_event("term", term, Meaning(label, concept.text, concept.concept_id))
        return write_edit(work, f"linked {where} {said} → {named}, kept as a term", changes, edit, "link")


@command(
    "add, n",
    says='add "ECHO" TEST · add "ECHO" #2 TEST · add "ECHO" @65-69 TEST · add all "ECHO" TEST: new mention: '
    "the only one, the second one, the one at these characters; `add all` labels every occurrence of "
    "all documents that is not marked",
    keys=(Key("n", "add {text}", "new mention"),),
)
class Add(OnCard):
    """``add "ECHO" #2 TEST``; ``which`` 0 asks when the string occurs more than once.

    ``at`` are its characters, where no number tells which one is meant.
    """

    loose = True
    text: str
    label: str
    which: int = 0
    at: tuple[int, int] | None = None

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        everywhere = bool(cursor.word("all"))
        text = cursor.text("the text of the new mention")
        token = cursor.take("hash")
        which = int(token.text[1:]) if token else 0
        at = cursor.characters()
        label = cursor.label('add "ECHO" TEST')
        return Bulk("add", Selection(term=text), label) if everywhere else cls(text, label, which, at)

    def run(self, work: Work) -> Reply:
        card = work.card()
        label = find_label(self.label, work.labels)
        if self.at is not None:
            places = [_characters(card, self.text, self.at)]
        else:
            places = spans.occurrences_in(card.text, self.text)
        said = spans.short(self.text)
        if not places:
            raise InputError(
                f"{said} does not occur in {card.doc_id}.",
                hint="Quote the text as the document writes it. Nothing changed.",
            )
        which = self.which or (work.answer.which if work.answer and len(places) > 1 else 0)
        if not which and len(places) > 1:
            places = _unmarked(places, card)
        if not which and len(places) > 1:
            rows = tuple((f"#{n}", excerpt(card.text, *place)) for n, place in enumerate(places, 1))
            token = digest([card.doc_id, card.content_hash, self.text])
            question = f"{said} occurs {len(places)} times"
            choices = _every_place(self.text, label, len(places))
            pending = Pending(
                "which", "#1", work.line, token, len(places), 1, question=question, choices=choices
            )
            table = Table(("which", "where"), rows)
            return work.ask(pending, Reply(f"{question}: type `#1` to `#{len(places)}`", table=table))
        if which > len(places):
            times = quantity(len(places), "time")
            raise InputError(f"{said} occurs {times}, there is no #{which}.", hint="Nothing changed.")
        start, end = places[max(which, 1) - 1]
        flags = work.flag(card.text, [(start, end)])[0]
        return apply(work, spans.add_at(card, start, end, label, work.tokens(card.text), flags), "add")


_AT_ONCE = 20
"""Places of a text that one line marks: more are marked by ``add all``, which shows them first."""


def _every_place(text: str, label: str, count: int) -> tuple[tuple[str, str], ...]:
    """What else may be wanted where one of several places is asked for: all of them, here or everywhere."""
    said, name = quoted(text), quoted(label) if " " in label else label
    here = "; ".join(f"add {said} #{number} {name}" for number in range(1, count + 1))
    everywhere = ("Everywhere", f"add all {said} {name}")
    return ((f"All {count} here", here), everywhere) if count <= _AT_ONCE else (everywhere,)


def _unmarked(places: list[tuple[int, int]], card: Card) -> list[tuple[int, int]]:
    """The one place that no accepted mention holds ("Pryce" beside "Alan Pryce"), else all of them."""
    taken = [(m.start, m.end) for m in card.mentions if m.status == "accepted"]
    free = [(s, e) for s, e in places if not any(start <= s and e <= end for start, end in taken)]
    return free if len(free) == 1 else places


def _characters(card: Card, quote: str, at: tuple[int, int]) -> tuple[int, int]:
    """The characters named, when the quote stands there; white space counts as white space."""
    there = card.text[at[0] : at[1]]
    if there.split() != quote.split():
        raise InputError(
            f"characters {at[0]}-{at[1]} of {card.doc_id} are not {spans.short(quote)}.",
            hint="Nothing changed.",
        )
    return at


@command("merge", says="merge 2 3: make one mention of several")
class Merge(OnCard):
    pushes = True
    numbers: tuple[int, ...]

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        numbers = cursor.numbers()
        if len(numbers) < 2:
            raise ParseError("name two mentions or more.", hint="For example `merge 2 3`.")
        return cls(numbers)

    def run(self, work: Work) -> Reply:
        card = work.card()
        return apply(work, spans.merge(card, self.numbers, work.tokens(card.text)), "merge")


@command(
    "split",
    says='split 2 at "and": make two mentions of one, or all of a list, without the words between',
)
class Split(OnCard):
    number: int
    at: str

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        numbers = cursor.numbers()
        if len(numbers) != 1 or not cursor.word("at"):
            raise ParseError("name one mention and where.", hint='For example `split 2 at "and"`.')
        return cls(numbers[0], cursor.text("the words between the two mentions"))

    def run(self, work: Work) -> Reply:
        card = work.card()
        return apply(work, spans.split(card, self.number, self.at, work.tokens(card.text)), "split")


LONGEST = 100


@command(
    "label",
    says="label NAME: add a label to the project",
    reads=words_of("the name of the label", "`label DRUG`"),
)
class NewLabel(Command):
    name: str

    def run(self, work: Work) -> Reply:
        name = " ".join(self.name.split())
        if len(name) > LONGEST or not any(map(str.isalnum, name)):
            raise InputError(
                f"{spans.short(name)} is no name of a label.",
                hint=f"Use letters and digits, at most {LONGEST}. Nothing changed.",
            )
        known = next((label for label in work.labels if label.casefold() == name.casefold()), "")
        if known:
            return Reply(f"label {known} is there already")
        joined = joined_labels(work.connection, work.project.id)
        if into := next((joined[each] for each in joined if each.casefold() == name.casefold()), ""):
            raise InputError(
                f"{name} was joined into {into}, and is that label.",
                hint="Undo that (`log` has the step), or choose another name. Nothing changed.",
            )
        what = f"a new label {name}, beside {', '.join(work.labels)}"
        if asked := confirm(work, Plan("yes", what, digest([*work.labels, name]), whole=True)):
            return asked
        said = f"label {name} added"
        work.write(StepDraft("label", said, label_drafts(work.labels, [name])))
        work.reread()
        return Reply(said, "done")


@command(
    "join",
    says="join label Prob into Problem: two labels become one; what is accepted, rejected or open stays so",
)
class JoinLabel(Leading):
    """Everybody's mentions of a label, and those of suggestions to come, have another one from then on."""

    name: str
    into: str

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        example = "`join label Prob into Problem`"
        if not cursor.word("label", "labels"):
            raise ParseError("say which labels.", hint=f"For example {example}.")
        name = cursor.text("a label", example)
        if not cursor.word("into", "to", "with"):
            raise ParseError("say into which label.", hint=f"For example {example}.")
        return cls(name, cursor.text("a label", example))

    def run(self, work: Work) -> Reply:
        name, into = (find_label(said, work.labels) for said in (self.name, self.into))
        if name == into:
            raise InputError(f"{self.name!r} and {self.into!r} are one label.", hint="Nothing changed.")
        if unused := [each for each in (name, into) if each in work.project.settings.get(HIDDEN, ())]:
            raise InputError(f"{unused[0]} is not used.", hint="Use it again first. Nothing changed.")
        waits, decided, people = _of_label(work, name)
        said = f"{waits:,} open, " + ", ".join(
            f"{decided[each]:,} {each}" for each in ("accepted", "rejected")
        )
        said += f" ({', '.join(people)})" if people else ""
        token = digest([name, into, waits, *sorted(decided.items())])
        what = f"join the label {name} into {into}: its mentions are {into}, and stay {said}"
        if asked := confirm(work, Plan("yes", what, token, waits + decided.total(), whole=True)):
            return asked
        place = work.labels.index(name)
        event = EventDraft(JOINED, {"name": name, "into": into, "place": place})
        echo = f"joined the label {name} into {into}: its mentions stay {said}"
        rules = joined_rules(work.connection, work.project.id, name, into)
        work.write(StepDraft("join label", echo, (event, *rules), spans=waits + decided.total()))
        work.reread()
        return Reply(echo, "done")


def _of_label(work: Work, label: str) -> tuple[int, Counter[str], list[str]]:
    """Open suggestions of a label, everybody's decided mentions of it by outcome, and whose these are."""
    s, m = suggestion.c, mention.c
    shown = (s.project_id == work.project.id, s.label == label, s.shown, ~decided_by(work.author.reviewer_id))
    waits = work.connection.scalar(sa.select(sa.func.count()).where(*shown)) or 0
    query = sa.select(m.status, reviewer.c.name, sa.func.count())
    query = query.join(reviewer, reviewer.c.id == m.reviewer_id)
    query = query.where(m.project_id == work.project.id, m.label == label, BY_PEOPLE)
    rows = work.connection.execute(query.group_by(m.status, reviewer.c.name).order_by(reviewer.c.name)).all()
    decided = Counter[str]()
    for status, _, count in rows:
        decided[status] += count
    return waits, decided, list(dict.fromkeys(name for _, name, _ in rows))
