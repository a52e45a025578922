"""Commands that move through the documents."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, takewhile
from typing import Any

import sqlalchemy as sa
from rapidfuzz import process
from rapidfuzz.distance import OSA

from hybrid_ner.errors import InputError
from hybrid_ner.review.chat.situation import Situation, quoted
from hybrid_ner.review.chat.words import ORDINALS, is_known
from hybrid_ner.review.commands.base import Command, Key, command
from hybrid_ner.review.commands.bulk import Hit, Occurrences, document_named, find_hits
from hybrid_ner.review.commands.language import Cursor, ParseError, read_line, words_of
from hybrid_ner.review.commands.work import Plan, Work, confirm
from hybrid_ner.review.document import pages_of
from hybrid_ner.review.queue import LISTS, ORDER_NAMES
from hybrid_ner.review.reply import Reply, Table, digest
from hybrid_ner.review.store.card import Card
from hybrid_ner.review.store.events import EventDraft, StepDraft
from hybrid_ner.review.store.labels import labels_meant
from hybrid_ner.review.store.postings import candidates, occurrences, words_holding
from hybrid_ner.review.store.ranking import order_words
from hybrid_ner.review.store.schema import (
    document,
    last_position,
    model_run,
    of_project,
    turn,
    withdrawn_documents,
)
from hybrid_ner.text import excerpt, quantity
from hybrid_ner.text.patterns import Patterns

_RE = Patterns(__file__)

FOUND = 50
"""Documents that ``find`` lists."""
WORDS = 12
"""Longer words that it names when nothing holds the text as a whole word."""
AT_A_GLANCE = 5_000
"""Characters of a document that is seen as a whole: in a longer one ``find`` goes from place to place."""
_LOOKED_BACK = 200
"""Lines of the log that are read for the places that it has shown; a place is shown with each."""


_LISTED = {"mine": "begun by you and not finished", "again": "reviewed by you, with something new"}


def go_next(work: Work, reply: Reply) -> Reply:
    """Move to the next document of the queue and say so after the echo of ``reply``."""
    if not work.go_on():
        left = work.queue.left(work.connection)
        listed = work.place.queue in LISTS
        waits = f"is {_LISTED.get(work.order, work.order)}" if listed else "waits"
        said = f"{reply.echo}; no other document {waits}".removeprefix("; ")
        if not listed:
            said += f", {left} left in all" if left else " for you"
            if left and (names := work.queue.held(work.connection)):
                said += f" (open with {', '.join(names)} now)"
        return replace(reply, echo=said)
    return replace(reply, echo=f"{reply.echo} → {work.where()}".removeprefix(" → "))


def document_with(work: Work, words: str) -> int:
    """Number of the document that words stand in: the one seen before this, or the only other one; or 0."""
    d, here = document.c, work.place.document_id
    query = sa.select(d.id, d.position).where(
        of_project(work.author.project_id), d.id != here, d.text.icontains(words, autoescape=True)
    )
    last = work.place.back[-1] if work.place.back else 0
    seen = work.connection.execute(query.where(d.id == last)).first()
    found = [seen] if seen else work.connection.execute(query.order_by(d.position).limit(2)).all()
    return found[0].position if len(found) == 1 else 0


_OPENING = 240
"""First characters of a document, in which stands what it is about."""
_TITLE = 50
"""Those in which it says what it is."""
_FEW = 60
"""Documents in whose names and first words a slip of the pen is looked for."""
_NO_NAME = frozenset(_RE.source("NO_NAME").split("|"))


def documents_meant(work: Work, said: str, *, wide: bool = True) -> list[str]:
    """Ids of the documents that words are the name of, or what it is about: "the memo on the new panel".

    All of the words stand in the name, or else in the name and the first words of the document; of a few
    documents also with a letter wrong.

    Args:
        said: As typed, without what leads up to it.
        wide: Its first sentences count, and not only what it is headed with.
    """
    if name := work.document_called(said, loosely=True):
        return [name]
    plain = re.sub(r"['’]s\b", "", said.lower())
    words = [each for each in re.findall(r"[^\W_]+", plain) if each not in _NO_NAME]
    if not words or len(words) > 8 or all(map(str.isdecimal, words)):
        return []  # "document 3" is none that begins with a 3
    d = document.c
    opening = sa.func.substr(d.text, 1, _OPENING).label("opening")
    query = sa.select(d.doc_id, opening).where(of_project(work.author.project_id))
    told = sa.func.lower(d.doc_id + " " + opening)
    stems = [each.removesuffix("s") for each in words]
    having = [told.contains(each, autoescape=True) for each in stems]
    rows = work.connection.execute(query.where(*having).order_by(d.position).limit(_FEW)).all()
    found = [(row.doc_id, _words_in(row.doc_id), row.opening) for row in rows]
    for held in (0, _TITLE, _OPENING) if wide else (0, _TITLE):
        if ids := [doc_id for doc_id, name, text in found if {*stems} <= name | _words_in(text[:held])]:
            return ids[:3]
    if not wide:
        return []
    if near := _misspelled(work, query.order_by(d.position).limit(_FEW + 1), stems):
        return near
    bare = [each for each in words if not _RE.HAS_KIND.fullmatch(each)]  # whatever kind of document it is
    return documents_meant(work, " ".join(bare)) if bare and len(bare) < len(words) else []


def _words_in(text: str) -> set[str]:
    return {each.removesuffix("s") for each in re.findall(r"[^\W_]+", text.lower())}


def _misspelled(work: Work, query: sa.Select[Any], stems: list[str]) -> list[str]:
    """Ids of the documents that have the words when one letter of the longer ones may be wrong."""
    rows = work.connection.execute(query).all()

    def holds(row: Any) -> bool:
        known = _words_in(row.doc_id) | _words_in(row.opening)
        near = (
            stem in known or (len(stem) > 4 and any(OSA.distance(stem, each) == 1 for each in known))
            for stem in stems
        )
        return all(near)

    return [row.doc_id for row in rows if holds(row)][:3] if len(rows) <= _FEW else []


def elsewhere(work: Work, words: str) -> str:
    """Where words stand beside the document on the card: ``2 times in “d2”``; empty for nowhere."""
    found = [
        (number, len(places))
        for number, _, places in occurrences(work.connection, work.author.project_id, words)
        if number != work.place.document_id
    ]
    if not found:
        return ""
    count = sum(number for _, number in found)
    times = "once" if count == 1 else f"{count:,} times"
    if len(found) > 1:
        return f"{times} in {len(found):,} others"
    d = document.c
    return f"{times} in “{work.connection.scalar(sa.select(d.doc_id).where(d.id == found[0][0]))}”"


def document_before(work: Work) -> int:
    """Row of the document that stands before the one on the card in the project; 0 without one."""
    if work.place.document_id is None:
        return 0
    query = (
        sa.select(document.c.id)
        .where(of_project(work.author.project_id), document.c.position < work.card().position)
        .order_by(document.c.position.desc())
    )
    return work.connection.scalar(query.limit(1)) or 0


def move_in(work: Work, line: str, situation: Situation) -> tuple[str, list[str], str] | None:
    """The move to a document in a line: what stands before it, the documents it may mean, what stands behind.

    "Lovely. Could you show me the outbreak email again? I want to check something"; "back to the letter,
    goitre is a disease there". A verb that only shows ("could we have …") and a name alone do where the
    words are those of a kind of document or of a name, and no words of the document on the card.
    """
    if len(line) > _LONGEST_MOVE or situation.place == 0:
        return None
    told = _RE.IN_OTHER.fullmatch(line)
    if told and not situation.holds(told["name"].lower()):
        ids = documents_meant(work, told["name"])
        if len(ids) == 1 and ids != [situation.document]:
            return "", ids, told["rest"]
    cuts = [(found.start(), found.end()) for found in _RE.CUT.finditer(line)][:_MOST_CUTS]
    starts = [0, *(end for start, end in cuts if line[start:end].strip())]
    for begin in starts:
        for stop, then in reversed([*((a, b) for a, b in cuts if a > begin), (len(line), len(line))]):
            said = line[begin:stop].strip(" ,.;:!?-")
            for pattern in (_RE.STRONG, _RE.WEAK):
                found = pattern.fullmatch(said) if said and not _RE.NO_ORDER.search(said) else None
                ids = _named_by(work, found, situation, strong=pattern is _RE.STRONG) if found else []
                if ids:
                    return line[:begin].strip(), ids, line[then:].strip()
    return None


_LONGEST_MOVE, _MOST_CUTS = 300, 8


def _named_by(work: Work, found: re.Match[str], situation: Situation, *, strong: bool) -> list[str]:
    """Ids of the documents that the words of a move may mean."""
    if nth := found["nth"]:
        word = {"frist": "first", "1st": "first", "2nd": "second", "3rd": "third", "final": "last"}
        last = situation.last_document()
        place = {"last": last}.get(nth := word.get(nth.lower(), nth.lower())) or ORDINALS.get(nth, 0)
        query = sa.select(document.c.doc_id).where(
            of_project(work.author.project_id), document.c.position == place
        )
        shown = strong or _RE.SHOWN.search(found[0])  # "show me the first letter once more"
        ids = list(work.connection.scalars(query)) if shown and place <= last else []
        return [] if ids == [situation.document] else ids  # "back to the last doc" is the one before
    name = found["name"].lower()
    holding = _RE.HOLDING.fullmatch(name) is not None
    bare = " ".join(each for each in name.split() if each not in _NO_NAME)  # "the farmer one"
    if len(name) < 3 or not bare or bare in situation.by_surface or name in situation.by_surface:
        return []
    kind = _RE.HAS_KIND.search(name)
    towards = strong and kind and " " in bare  # "on to the brain MRI"
    words = re.sub("['’]s(?= |$)", "", bare).split()  # "that one's right"
    if all(map(is_known, words)) and not towards and work.document_row(name) is None:
        return []  # "this one later"
    if labels_meant(name, situation.labels):
        return []
    if not (strong or kind or holding or re.search(r"[\d_]", name)):
        return []
    ids = documents_meant(work, found["name"], wide=bool(kind) or " " in name)
    if not ids and (by := _RE.HOLDING.fullmatch(name)) and not situation.holds(by["words"]):
        place = document_with(work, by["words"])  # "the sentence with Paul Denby again"
        return [str(place)] if place else []
    exact = ids[:1] == [found["name"]]
    own = exact or any(_words_in(name) - _NO_NAME <= _words_in(each) for each in ids)
    here = situation.holds(name) and not (kind and strong)
    wished = strong or kind or exact
    if not strong and ids == [situation.document]:
        return []  # "one is persistent atrial fibrillation", which this document begins with
    return ids if wished and (own or not here) else []


class Moving(Command):
    __slots__ = ()

    effect = "own"
    moves = True


@command("next", says="next: save and go on", keys=(Key("ArrowRight", "next", "next document"),))
class Next(Moving):
    on_card = True

    def run(self, work: Work) -> Reply:
        """``next``: a document in which nothing is open is saved as reviewed.

        Suggestions that the pipeline itself did not choose do not keep it open: nobody has to reject them.
        """
        if work.place.document_id is None:
            return go_next(work, Reply(""))
        card = work.card()
        waiting = list(filter(work.chosen(card), card.open)) if card.open else []
        if waiting or card.state.done:
            count = len(waiting)
            return go_next(work, Reply(f"left {count} open in {card.doc_id}" if count else ""))
        return go_next(work, mark_done(work, card))


def mark_done(work: Work, card: Card) -> Reply:
    """Say that the document was read and is complete."""
    said = f"{card.doc_id} is reviewed" + ("" if card.mentions else ", it holds nothing")
    if card.open:
        said += f", {quantity(len(card.open), 'less likely mention')} left out"
    return work.write_card("done", said, [card.event("done", {"done": True})])


@command("complete", says="complete all: every document in which all is decided counts as reviewed")
class Complete(Command):
    proposed = False

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        if not cursor.word("all"):
            hint = "`complete all` counts every decided document as reviewed, `next` the open one."
            raise ParseError("say all.", hint=hint)
        return cls()

    def run(self, work: Work) -> Reply:
        """``complete all``: after a review by term, which leaves documents open for what was missed."""
        query = sa.select(document.c.id, document.c.doc_id, document.c.content_hash, model_run.c.name)
        query = query.outerjoin(model_run, model_run.c.id == document.c.run_id)
        found = work.connection.execute(
            query.where(work.queue.all_decided()).order_by(document.c.position)
        ).all()
        if not found:
            return Reply("no document is left in which all is decided")
        many = quantity(len(found), "document")
        plan = Plan(
            "yes",
            f"count {many} as reviewed in which all is decided, without looking for what was missed",
            digest(row.id for row in found),
            len(found),
            len(found),
            table=Table(("document",), tuple((row.doc_id,) for row in found[:FOUND])),
            whole=True,
        )
        if asked := confirm(work, plan):
            return asked
        done = {"done": True}
        events = (EventDraft("done", done, row.id, row.content_hash, row.name or "") for row in found)
        said = f"{many} reviewed"
        written = work.write(
            StepDraft("bulk done", said, tuple(events), bulk=True), [r.doc_id for r in found]
        )
        return Reply(f"{said} [{written.name}]", "done")


@command("back", says="back: the document before", keys=(Key("ArrowLeft", "back", "document before"),))
class Back(Moving):
    def run(self, work: Work) -> Reply:
        """``back``: the one seen before, or else the one that stands before it in the project."""
        gone = withdrawn_documents(work.connection, work.project.id)
        if seen := [number for number in work.place.back if number not in gone]:
            *rest, last = seen
        elif last := document_before(work):
            rest = []
        else:
            return Reply("there is no document before this one")
        work.move(last, remember=False)
        work.place = replace(work.place, back=tuple(rest))
        return Reply(work.where())


ENDS = {"top": 0, "end": -1}
"""What ``go`` takes for a place in the open document: its first and its last word."""


@command(
    "go",
    says="go 31 · go note_17 · go page 7 · go top · go end: a document, or a place in it",
)
class Go(Moving):
    loose = True
    where: str

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        where = cursor.rest()
        if not where:
            raise ParseError("say where.", hint="For example `go 31`.")
        return cls(where)

    def run(self, work: Work) -> Reply:
        page = re.fullmatch(r"page (\d{1,5})", self.where)
        inside = page or self.where in ENDS
        if inside and work.place.document_id and work.document_row(self.where) is None:
            return self._page(work, int(page[1])) if page else self._end(work)
        where = self.where.removeprefix("doc ").strip()
        found = work.document_row(self.where)
        if found is None:
            found = document_named(work.connection, work.project.id, where)
        if found is None:
            found = work.document_row(work.document_called(where))
        if found is None:
            last = last_position(work.connection, work.project.id)
            raise work.no_document(where, f"Use 1 to {last}, or an id.")
        work.move(found)
        return Reply(work.where())

    def _end(self, work: Work) -> Reply:
        words = [found.span() for found in re.finditer(r"\S+", work.card().text)] or [(0, 0)]
        return Reply(f"the {self.where} of {work.doc_id()}", place=words[ENDS[self.where]])

    def _page(self, work: Work, number: int) -> Reply:
        pages, text = pages_of(work.connection, work.place.document_id or 0), work.card().text
        if not 1 <= number <= len(pages):
            hint = f"Its pages are 1 to {len(pages)}." if pages else "Only PDFs say where their pages begin."
            raise InputError(f"{work.doc_id()} has no page {number}.", hint=f"{hint} Nothing changed.")
        first = re.compile(r"\S+").search(text, pages[number - 1])
        place = first.span() if first else (len(text), len(text))
        return Reply(f"page {number} of {len(pages)} of {work.doc_id()}", place=place)


@command(
    "queue",
    says="queue disagree · queue uncertain · queue fuzzy · queue new-terms · queue conflicts · queue random "
    "50 · queue flagged · queue mine · queue again: order of the queue",
)
class Order(Moving):
    loose = True
    name: str = ""
    limit: int = 0

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        token = cursor.take("word")
        return cls(token.text.lower() if token else "", cursor.number("queue random 50"))

    def run(self, work: Work) -> Reply:
        if not self.name:
            orders = ", ".join(ORDER_NAMES)
            return Reply(f"order {work.order} ({order_words(work.order)}); orders: {orders}")
        name = self.name.replace("_", "-")
        if name not in ORDER_NAMES:
            close = process.extractOne(name, ORDER_NAMES, score_cutoff=60)
            meant = f"Did you mean `queue {close[0]}`? " if close else ""
            raise InputError(f"there is no order {name!r}.", hint=f"{meant}Orders: {', '.join(ORDER_NAMES)}.")
        if name == "disagree" and not work.project.mixed:
            raise InputError(
                "nothing disagrees yet: there is no model beside the rules.",
                hint="`queue uncertain` gives the least certain first. Nothing changed.",
            )
        work.place = replace(work.place, queue=name, limit=self.limit)
        left = work.queue.left(work.connection)
        if not work.go_on(fresh=True):
            return Reply(f"{order_words(name)}: no document")
        waiting = quantity(left, "document") if name in LISTS else f"{left:,} left"
        return Reply(f"{order_words(name)}: {waiting} → {work.where()}")


@command(
    "find",
    says='find "statin" · find "statin" here: its next place, in a long document or in the next one',
    keys=(Key("/", "find {text}", "find"),),
)
class Find(Moving):
    loose = True
    text: str
    here: bool = False

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        said = cursor.tokens[cursor.at :]
        if [each.kind for each in said] == ["quoted", "word"] and said[1].text.lower() == "here":
            cursor.at = len(cursor.tokens)
            return cls(said[0].text, here=True)
        return cls(words_of("the text to look for")(cursor))

    def run(self, work: Work) -> Reply:
        """Go to the next place: in a long document through all of its places, then on to the next document.

        With ``here`` it stays in the open one, whatever its length, and begins anew behind the last place.
        """
        current, project = work.place.document_id or 0, work.author.project_id
        ids = candidates(work.connection, project, self.text)
        # The open one and those behind it first, so that going on reaches all of them.
        rounds = [n for n in ids if n >= current], [n for n in ids if n < current]
        found = (each for ids in rounds for each in occurrences(work.connection, project, self.text, ids))
        held = {number: (text, places) for number, text, places in islice(found, FOUND)}
        if not held:
            words = words_holding(work.connection, project, self.text, WORDS)
            within = f" as a word of its own; it is part of {', '.join(words)}" if words else ""
            return Reply(f"no document holds “{self.text}”{within}")
        text, here = held.get(current, ("", []))
        others = [number for number in held if number != current]
        if self.here and not here:
            hold = quantity(len(others), "other document holds", "other documents hold")
            return Reply(
                f"“{self.text}” does not stand here; {hold} it: `find {quoted(self.text)}` leads there"
            )
        nth = self._times(work) if self.here or len(text) > AT_A_GLANCE else len(here)
        if nth >= len(here) and others and not self.here:
            work.move(others[0])
            here, nth = held[others[0]][1], 0
        nth %= len(here)
        return self._told(work, held, nth)

    def _times(self, work: Work) -> int:
        """How many places of the text were shown in the open document since it was opened."""
        times = 0
        for searched, about in searches(work):
            same = searched is not None and searched.text == self.text
            if about != work.doc_id():
                return times + same  # it led here
            times += same
        return times

    def _told(self, work: Work, held: dict[int, tuple[str, list[tuple[int, int]]]], nth: int) -> Reply:
        opened = work.place.document_id or 0
        query = sa.select(document.c.id, document.c.position, document.c.doc_id)
        rows = work.connection.execute(query.where(document.c.id.in_(held)).order_by(document.c.id)).all()
        table = tuple(
            (row.position, row.doc_id, len(places), excerpt(text, *places[nth if row.id == opened else 0]))
            for row in rows
            for text, places in (held[row.id],)
        )
        text, places = held[opened]
        more = "at least " if len(held) == FOUND else ""
        said = f"{more}{quantity(len(held), 'document holds', 'documents hold')} “{self.text}”"
        said += f" → {work.where()}"
        if self.here or len(text) > AT_A_GLANCE:
            said += f", place {nth + 1} of {len(places)}"
        if page := bisect_right(pages_of(work.connection, opened), places[nth][0]):
            said += f", page {page}"
        return Reply(said, table=Table(("no.", "document", "times", "where"), table), place=places[nth])


def searches(work: Work) -> Iterator[tuple[Find | None, str]]:
    """What the last lines looked for, the newest first, and the document that was open; ``None``: nothing."""
    query = sa.select(turn.c.line, turn.c.doc_id).where(turn.c.reviewer_id == work.author.reviewer_id)
    for line, about in work.connection.execute(query.order_by(turn.c.id.desc()).limit(_LOOKED_BACK)):
        searched = read_line(line).command
        yield searched if isinstance(searched, Find) else None, about


def listed_last(work: Work) -> tuple[str, list[Hit]]:
    """The open mentions that the very last line listed, and the line that did; nothing where it did not."""
    query = sa.select(turn.c.line).where(turn.c.reviewer_id == work.author.reviewer_id)
    line = work.connection.execute(query.order_by(turn.c.id.desc()).limit(1)).scalar() or ""
    command = read_line(line).command
    hits = find_hits(work, command.selection) if isinstance(command, Occurrences) else []
    return line, [hit for hit in hits if hit.mention.status == "open"]


_TYPED_LABEL = re.compile(r"(\d[\d ,-]*?)(?: is)? ([^\W\d].*)")
"""A label as it is typed for numbers: ``3 LAWYER``."""


def _plainly(line: str, labels: tuple[str, ...]) -> str:
    """A line with the words that sentences become: ``accept 2`` is ``ok 2``, ``3 lawyer`` ``3 is LAWYER``."""
    line = re.sub(r"^(?:x|reject)(?= )", "no", re.sub(r"^(?:a|accept)(?= )", "ok", line))
    typed = _TYPED_LABEL.fullmatch(line)
    meant = labels_meant(typed[2], labels) if typed else ()
    return f"{typed[1]} is {meant[0]}" if typed and len(meant) == 1 else line


def last_turns(work: Work) -> tuple[str, bool, bool, bool, tuple[str, ...], tuple[int, ...], bool]:
    """The last line that wrote something in this document, and the lines since then, the newest first.

    Between them whether the question that was asked last is about the first open span: nothing else was asked
    since something was written, after which the assistant asks about that span; whether the very last line
    wrote something here, or was only answered; the mentions whose decision it took back; and whether it was
    not understood.
    """
    query = sa.select(turn.c.line, turn.c.level, turn.c.echo, turn.c.doc_id).where(
        turn.c.reviewer_id == work.author.reviewer_id
    )
    rows = work.connection.execute(query.order_by(turn.c.id.desc()).limit(6)).all()
    here = [row for row in rows if row.doc_id == work.doc_id()]
    last = "; ".join(
        _plainly(part, work.labels)
        for part in next((row.line for row in here if row.level == "done"), "").split("; ")
    )
    fresh = bool(rows) and bool(here) and rows[0] is here[0] and rows[0].level == "done"
    told = bool(rows) and rows[0].level == "info"
    asks = (row.level == "ask" for row in rows if row.level in ("ask", "done"))
    since = takewhile(lambda row: row.doc_id == work.doc_id() and row.level != "done", rows)
    undone = (
        re.findall(r"(?<![^ (])(\d+) “", here[0].echo)
        if fresh and re.fullmatch(r"undo(?: \d+)?", last)
        else []
    )
    refused = bool(rows) and rows[0].level == "error"
    lines = tuple(row.line for row in since)
    return last, not next(asks, False), fresh, told, lines, tuple(map(int, undone)), refused
