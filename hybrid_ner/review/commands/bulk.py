"""Commands over the whole corpus: look, accept, reject, relabel, and label what has no span yet.

Spans that fit a selection are found by index; texts are read only where words matter.
"""

from __future__ import annotations

import operator
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from rapidfuzz import process

from hybrid_ner.errors import InputError
from hybrid_ner.review.chat.reading import LEAVE
from hybrid_ner.review.commands import selection as picks
from hybrid_ner.review.commands.base import Asking, Command, Key, command
from hybrid_ner.review.commands.language import Cursor, ParseError, whole_number
from hybrid_ner.review.commands.selection import Selection
from hybrid_ner.review.commands.work import Plan, Work, confirm, rung
from hybrid_ner.review.document.spans import Numbers, short
from hybrid_ner.review.queue import decided_by
from hybrid_ner.review.reply import Pending, Reply, Table, digest
from hybrid_ner.review.store.card import SUGGESTED, to_suggested
from hybrid_ner.review.store.database import rows_in
from hybrid_ner.review.store.events import Change, EventDraft, Mention, StepDraft, mentions_event
from hybrid_ner.review.store.labels import assigned, find_label, reviewed_by
from hybrid_ner.review.store.lookups import texts_of
from hybrid_ner.review.store.postings import candidates, find_all, surface_key
from hybrid_ner.review.store.projection import to_mention
from hybrid_ner.review.store.reviewers import reviewer_names
from hybrid_ner.review.store.schema import document, mention, model_run, of_project, reviewer, suggestion
from hybrid_ner.text import excerpt, quantity
from hybrid_ner.text.offsets import Intervals

_VOTES: dict[str, tuple[str, ...]] = {"both": ("rule+model", "rule≠model")}
_VOTES |= {mark: (mark,) for mark in ("rule+model", "rule", "model", "split", "agree")}
"""Marks of suggestions that a word after ``source:`` stands for."""
_MARKS = {**_VOTES, "reviewer": ("reviewer",), "gazetteer": ("gazetteer",)}
"""The same with those of spans that were made in review."""
_READ = 1000
"""Suggestions read at a time."""


def _refuse_unknown(work: Work, selection: Selection) -> None:
    """Complain of a selection that fits nothing since nothing has its source or its method."""
    of_project = suggestion.c.project_id == work.project.id
    if selection.source and selection.source not in _MARKS:
        query = sa.select(suggestion.c.detail).where(of_project, suggestion.c.shown)
        details = work.connection.execute(query.execution_options(yield_per=_READ)).scalars()
        voters = {str(vote["source"]) for detail in details for vote in detail.get("votes", ())}
        _refuse("source", selection.source, {*_MARKS, *voters})
    if selection.method:
        suggested = sa.select(suggestion.c.method).where(of_project)
        decided = sa.select(mention.c.method).where(mention.c.project_id == work.project.id)
        methods = work.connection.scalars(suggested.union(decided))
        _refuse("method", selection.method, map(str, methods))


def _refuse(what: str, said: str, known: Iterable[str]) -> None:
    names = sorted(filter(None, known))
    if said in names:
        return
    close = process.extractOne(said.lower(), names, score_cutoff=60)
    meant = f"Did you mean `{what}:{close[0]}`? " if close else ""
    listed = f"The {what}s are {', '.join(names)}." if names else f"There is no {what} at all yet."
    raise InputError(f"no suggestion has the {what} {said!r}.", hint=f"{meant}{listed} Nothing changed.")


NEAR_WORDS = 10
"""Words on either side that count as near."""

_COMPARE = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "=": operator.eq}


@dataclass(frozen=True, slots=True)
class Hit:
    """A span that fits.

    Args:
        mention: As the reviewer sees it.
        chosen: Whether the pipeline chose it.
    """

    document_id: int
    mention: Mention
    chosen: bool


def find_hits(work: Work, selection: Selection) -> list[Hit]:
    """Spans that fit, by document and start.

    Raises:
        InputError: An unknown label, source or method, or a document that is not in the project.
    """
    label = find_label(selection.label, work.labels) if selection.label else ""
    hits: list[Hit] = []
    if selection.status in ("", "open"):
        hits += _untouched(work, selection, label)
    hits += _touched(work, selection, label)
    if not hits:
        _refuse_unknown(work, selection)
    if selection.flags:
        hits = [hit for hit in hits if set(selection.flags) <= set(hit.mention.flags)]
    if selection.skipped:
        gone = _documents(work, selection.skipped)
        hits = [hit for hit in hits if hit.document_id not in gone]
    if selection.likely:
        hits = [hit for hit in hits if hit.chosen]
    if selection.mine:
        waiting = sa.select(document.c.id).where(work.queue.waits(document.c.id))
        ids = sorted({hit.document_id for hit in hits})
        asked = {row[0] for row in rows_in(work.connection, waiting, document.c.id, ids)}
        hits = [hit for hit in hits if hit.document_id in asked]
    if selection.only:
        hits = _listed(work, hits, selection.only)
    if selection.without:
        places = _at(work, selection.without)
        hits = [hit for hit in hits if place_of(hit) not in places]
    if selection.near:
        hits = _near(work, hits, selection.near)
    return sorted(hits, key=lambda hit: (hit.document_id, hit.mention.start, -hit.mention.end))


def _untouched(work: Work, selection: Selection, label: str) -> Iterable[Hit]:
    s = suggestion.c
    named = selection.source if selection.source not in ("", *_VOTES) else ""
    columns = (*SUGGESTED, s.detail) if named else SUGGESTED
    query = sa.select(*columns).where(
        s.project_id == work.project.id, s.shown, ~decided_by(work.author.reviewer_id)
    )
    if selection.term:
        query = query.where(s.surface_key == surface_key(selection.term))
    query = _conditions(query, suggestion, selection, label)
    if not named and selection.source:
        query = query.where(s.mark.in_(_VOTES[selection.source]))
    for row in work.connection.execute(query).all():
        if not named or any(vote["source"] == named for vote in row.detail.get("votes", ())):
            yield Hit(row.document_id, to_suggested(row), row.chosen)


def _touched(work: Work, selection: Selection, label: str) -> Iterable[Hit]:
    m = mention.c
    query = sa.select(mention).where(
        m.project_id == work.project.id,
        m.reviewer_id == work.author.reviewer_id,
        m.reason.not_in(("merged", "split")),
    )
    if selection.status:
        query = query.where(m.status == selection.status)
    if selection.term:
        query = query.where(m.surface_key == surface_key(selection.term))
    if selection.source:
        if selection.source not in _MARKS:
            return
        query = query.where(m.mark.in_(_MARKS[selection.source]))
    for row in work.connection.execute(_conditions(query, mention, selection, label)).all():
        yield Hit(row.document_id, to_mention(row), True)


def _conditions(query: sa.Select[Any], table: sa.Table, selection: Selection, label: str) -> sa.Select[Any]:
    if label:
        query = query.where(table.c.label == label)
    if selection.method:
        query = query.where(table.c.method == selection.method)
    for condition in selection.scores:
        query = query.where(_COMPARE[condition.operator](table.c.score, condition.value))
    return query


def place_of(hit: Hit) -> tuple[int, int, int]:
    """Row of the document, and characters."""
    return hit.document_id, hit.mention.start, hit.mention.end


def _at(work: Work, said: Iterable[tuple[str, int, int]]) -> set[tuple[int, int, int]]:
    """Places by row of their document."""
    places = list(said)
    rows = {name: min(_documents(work, [name])) for name in dict.fromkeys(p[0] for p in places)}
    return {(rows[name], start, end) for name, start, end in places}


def _listed(work: Work, hits: Sequence[Hit], said: Iterable[tuple[str, int, int]]) -> list[Hit]:
    """The spans at places that somebody ticked."""
    places = _at(work, said)
    found = [hit for hit in hits if place_of(hit) in places]
    gone = len(places) - len({place_of(hit) for hit in found})
    if gone:
        raise InputError(
            f"{gone:,} of the {len(places):,} places have no such mention any more.",
            hint="The list has changed since: look at it again. Nothing changed.",
        )
    return found


def _documents(work: Work, said: Iterable[str]) -> set[int]:
    found = set()
    for name in said:
        if (number := document_named(work.connection, work.project.id, name)) is None:
            raise InputError(f"there is no document {name!r}.", hint="Nothing changed.")
        found.add(number)
    return found


def document_named(connection: sa.Connection, project_id: int, name: str) -> int | None:
    """Row of the document of that id, or else of that number."""
    where = (document.c.doc_id == name, document.c.position == whole_number(name))
    query = sa.select(document.c.id).where(of_project(project_id), sa.or_(*where))
    return connection.scalar(query.order_by(sa.case((where[0], 0), else_=1)).limit(1))


def _near(work: Work, hits: Sequence[Hit], words: str) -> list[Hit]:
    possible = set(candidates(work.connection, work.project.id, words))
    hits = [hit for hit in hits if hit.document_id in possible]
    texts = texts_of(work.connection, (hit.document_id for hit in hits))
    return [hit for hit in hits if _stands_near(texts[hit.document_id], hit.mention, words)]


def _stands_near(text: str, m: Mention, words: str) -> bool:
    left = list(re.finditer(r"\w+", text[: m.start]))[-NEAR_WORDS:]
    right = list(zip(range(NEAR_WORDS), re.finditer(r"\w+", text[m.end :]), strict=False))
    start = left[0].start() if left else m.start
    end = m.end + (right[-1][1].end() if right else 0)
    return bool(find_all(text[start : m.start], words) or find_all(text[m.end : end], words))


_REVIEWED = " including reviewed"
SAMPLES = 8
_STATUS = {"accept": "accepted", "reject": "rejected", "relabel": "accepted"}
_PAST = {"accept": "accepted", "reject": "rejected", "relabel": "relabeled", "add": "added"}


@command(
    "all, A",
    says='all "afib": every occurrence: count, documents, labels and status, samples',
    keys=(
        Key("A", "all {text}", "every occurrence: the verdict on the mention for its whole term, filled in"),
    ),
    reads=picks.selection,
)
class Occurrences(Asking):
    loose = True
    selection: picks.Selection

    def run(self, work: Work) -> Reply:
        hits = find_hits(work, self.selection)
        tally = Counter((hit.mention.label, hit.mention.status) for hit in hits)
        lines = [f"{label} {status}: {count}" for (label, status), count in sorted(tally.items())]
        term = self.selection.term
        bare = _bare(work, self.selection)
        lines += _bare_told(bare, term, "LABEL")
        said = f"{_size(hits)} {short(term)}" if term else _size(hits)
        if bare and not hits:
            where = quantity(len({place.document_id for place in bare}), "document")
            said = f"{short(term)} is marked nowhere; it stands in {where}"
        table = sample_table(work, hits) if hits else _bare_table(work, bare)
        return Reply(said, lines=tuple(lines), table=table)


@command("relabel", says='relabel all "ECHO" -> TEST · relabel 2 3 -> TEST: relabel')
@command(
    "no all",
    says='no all "mi" where near "arbor" · no all source:model where neg: reject over the corpus; add '
    "`including reviewed` to touch decided mentions",
)
@command(
    "ok all",
    says='ok all "afib" · ok all score>0.95 label:DRUG except doc 31 · ok all "afib" only 3 @26-30 5 @0-4: '
    "accept over all documents; preview first; `only` and `except` take places too, `likely` only what the "
    "pipeline chose, `mine` only documents that wait for you",
)
class Bulk(Command):
    """A decision over the corpus.

    Args:
        action: ``accept``, ``reject``, ``relabel`` or ``add`` (label every occurrence that has no span).
        label: New label for ``relabel`` and ``add``.
    """

    action: str
    selection: picks.Selection
    label: str = ""

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        example = 'relabel all "ECHO" -> TEST'
        found = picks.numbers_or_selection(cursor)
        if found is None or not cursor.take("arrow"):
            raise ParseError("name the mentions and the label.", hint=f"For example `{example}`.")
        label = cursor.label(example)
        if isinstance(found, Numbers):
            from hybrid_ner.review.commands.edit import Relabel

            return Relabel(found, label)
        # As the preview advises it, at the end of the line.
        if label.lower().endswith(_REVIEWED):
            found, label = replace(found, reviewed=True), label[: -len(_REVIEWED)].strip()
        return cls("relabel", found, label)

    def run(self, work: Work) -> Reply:
        label = find_label(self.label, work.labels) if self.label else ""
        if self.action == "add":
            return _bulk_add(work, self.selection, label)
        found = find_hits(work, self.selection)
        fitting, others = _choose(found, self, label)
        without = _without(work, len(fitting))
        hits = [hit for number, hit in enumerate(fitting, 1) if number not in without]
        documents = {hit.document_id for hit in hits}
        aim, rest = f" as {label}" if label else "", _rest(others, self.action)
        too: tuple[tuple[str, str], ...] = ()
        if others["left"] and ";" not in work.line:
            # What a button says for those that were left out since they are decided, and its line.
            said = f"{self.action.capitalize()} the {others['left']:,} reviewed too"
            too = ((said, work.line + _REVIEWED),)
        if not hits:
            said = f"nothing to {self.action}{rest}"
            if not too:
                return Reply(said)
            pending = Pending("choice", "", work.line, "", question=said, choices=(*too, LEAVE))
            return work.ask(pending, Reply(said))
        plan = Plan(
            rung(len(hits), _wide(work, documents), reviewed=others["reviewed"]),
            f"{self.action} {_size(hits)}{aim}{rest}",
            digest((hit.document_id, hit.mention) for hit in fitting),
            len(hits),
            len(documents),
            table=sample_table(work, fitting, without),
            without=tuple(sorted(without)),
            choices=too,
        )
        others_keep = _others_keep(work, self) or others_count(work, documents)
        if asked := confirm(work, plan):
            return replace(asked, lines=(*asked.lines, *others_keep))
        past = _PAST[self.action]
        if label and all(hit.mention.label == label for hit in hits):
            past, aim = _PAST["accept"], ""  # the label that they have is no new one
        values = {"status": _STATUS[self.action], "reason": "", **({"label": label} if label else {})}
        changes = [(hit.document_id, hit.mention.change(**values)) for hit in hits]
        written = write_bulk(work, self.action, f"{past} {_size(hits)}{aim}{rest}", changes)
        if self.action == "reject":
            return replace(written, lines=others_keep)
        told = label or hits[0].mention.label
        lines = _bare_told(_bare(work, self.selection), self.selection.term, told)
        return replace(written, lines=(*lines, *others_keep))


def _others_keep(work: Work, said: Bulk) -> tuple[str, ...]:
    """What others have decided with a label that is renamed: it stays theirs."""
    named = said.selection.label
    if said.action != "relabel" or not (named and said.selection.reviewed):
        return ()
    m, whose = mention.c, reviewer.c
    where = (
        m.project_id == work.project.id,
        m.label == find_label(named, work.labels),
        m.status == "accepted",
    )
    counted = sa.select(whose.name, sa.func.count()).join(reviewer, whose.id == m.reviewer_id).where(*where)
    rows = work.connection.execute(
        counted.where(m.reviewer_id != work.author.reviewer_id).group_by(whose.name).order_by(whose.name)
    )
    people = ", ".join(f"{name} {count:,}" for name, count in rows)
    return (
        (f"What others have decided as {named} stays so ({people}): each renames their own.",)
        if people
        else ()
    )


def others_count(work: Work, documents: Iterable[int]) -> tuple[str, ...]:
    """What a step of mine does not change: documents that count as others have finished them.

    Those that wait for me do not belong here: what I decide in them counts when I have finished them.
    """
    me, names = work.author.reviewer_id, reviewer_names(work.connection, work.project.id)
    done, dealt = (of(work.connection, work.project.id) for of in (reviewed_by, assigned))
    found = {n: done[n] for n in documents if set(done.get(n, ())) - {me}}
    theirs = {n for n in found if me not in (*found[n], *dealt.get(n, ()))}
    told = []
    for among, rest in (
        (theirs, "not by you: what counts there stays as they have it, until you have finished it too"),
        ({n for n in found if me in found[n]}, "and by you: where you differ now, somebody has to settle it"),
    ):
        people = ", ".join(sorted({names[who] for n in among for who in found[n] if who != me}))
        if among:
            count = quantity(len(among), "document")
            told.append(f"{count} of these finished by {people}, {rest} (`adjudicate`).")
    return tuple(told)


def _bare(work: Work, selection: picks.Selection) -> list[picks.Occurrence]:
    """Places of the words without a mention, where nothing but the words was chosen."""
    plain = replace(selection, reviewed=False) == picks.Selection(term=selection.term)
    return picks.unlabeled(work, selection.term) if selection.term and plain else []


def _bare_told(bare: Sequence[picks.Occurrence], term: str, label: str) -> tuple[str, ...]:
    if not bare:
        return ()
    where = quantity(len({place.document_id for place in bare}), "document")
    return (f'not marked: {len(bare):,} in {where} (`add all "{term}" {label}` labels them)',)


def _size(hits: Sequence[Hit]) -> str:
    documents = {hit.document_id for hit in hits}
    return f"{quantity(len(hits), 'mention')} in {quantity(len(documents), 'document')}"


def _wide(work: Work, documents: set[int]) -> int:
    """Documents, where a single one that is not on the card counts as wide."""
    return 1 if documents == {work.place.document_id} else max(2, len(documents))


def _without(work: Work, count: int) -> set[int]:
    """Samples left out."""
    if work.answer is None:
        return set()
    for number in work.answer.without:
        if not 1 <= number <= min(count, SAMPLES):
            raise InputError(f"there is no sample {number}.", hint=f"Samples: 1 to {min(count, SAMPLES)}.")
    return set(work.answer.pending.without) | set(work.answer.without)


def _choose(found: Sequence[Hit], command: Bulk, label: str) -> tuple[list[Hit], Counter[str]]:
    """Hits that a step would change, and how many it leaves alone or touches although they are decided."""
    status, others = _STATUS[command.action], Counter[str]()
    kept: list[Hit] = []
    for hit in found:
        m = hit.mention
        if m.status == status and (not label or m.label == label) and not m.reason:
            others["same"] += 1
        elif m.status != "open" and not command.selection.reviewed:
            others["left"] += 1
        else:
            others["reviewed"] += m.status != "open"
            kept.append(hit)
    free = kept if command.action == "reject" else apart(kept)
    others["overlapping"] = len(kept) - len(free)
    return free, others


def apart(hits: Sequence[Hit]) -> list[Hit]:
    """Of hits that overlap in a document, the chosen, then the more certain, then the longer one."""
    taken: dict[int, Intervals] = {}
    kept = []
    for hit in sorted(hits, key=lambda h: (not h.chosen, -h.mention.score, h.mention.start - h.mention.end)):
        if taken.setdefault(hit.document_id, Intervals()).take(hit.mention.start, hit.mention.end):
            kept.append(hit)
    return sorted(kept, key=place_of)


def _rest(others: Counter[str], action: str) -> str:
    words = {"left": "reviewed left out", "reviewed": "of them reviewed"}
    words["overlapping"] = "overlapping left out"
    words["same"] = f"{_PAST[action]} already"
    parts = [f"{others[name]} {said}" for name, said in words.items() if others[name]]
    return f" ({'; '.join(parts)})" if parts else ""


def sample_table(work: Work, hits: Sequence[Hit], without: Iterable[int] = ()) -> Table:
    """The first hits in their context, numbered for ``except N``."""
    return _samples(
        work, [(*place_of(h), h.mention.label, h.mention.status) for h in hits[:SAMPLES]], without
    )


def _samples(work: Work, places: Sequence[tuple[int, int, int, str, str]], without: Iterable[int]) -> Table:
    """Rows of documents, characters, label and status as samples, numbered from 1."""
    query = sa.select(document.c.id, document.c.doc_id, document.c.text)
    found = work.connection.execute(query.where(document.c.id.in_([place[0] for place in places])))
    known, left_out = {row.id: row for row in found}, set(without)
    rows = tuple(
        (n, known[number].doc_id, label, status, excerpt(known[number].text, start, end))
        for n, (number, start, end, label, status) in enumerate(places, 1)
        if n not in left_out
    )
    return Table(("sample", "document", "label", "status", "context"), rows)


def bulk_events(work: Work, changes: Iterable[tuple[int, Change]]) -> tuple[list[EventDraft], list[str]]:
    """One event a document, bound to its text and model run; and the ids of the documents."""
    grouped: dict[int, list[Change]] = {}
    for document_id, change in changes:
        grouped.setdefault(document_id, []).append(change)
    query = (
        sa.select(document.c.id, document.c.doc_id, document.c.content_hash, model_run.c.name)
        .outerjoin(model_run, model_run.c.id == document.c.run_id)
        .order_by(document.c.id)
    )
    rows = rows_in(work.connection, query, document.c.id, sorted(grouped))
    events = [mentions_event(row.id, grouped[row.id], row.content_hash, row.name or "") for row in rows]
    return events, [row.doc_id for row in rows]


def write_bulk(work: Work, kind: str, said: str, changes: Sequence[tuple[int, Change]]) -> Reply:
    """Write one step over many documents; it gets a name for ``undo bulk``."""
    events, names = bulk_events(work, changes)
    written = work.write(StepDraft(f"bulk {kind}", said, tuple(events), spans=len(changes), bulk=True), names)
    return Reply(f"{said} [{written.name}]", "done")


def _bulk_add(work: Work, selection: picks.Selection, label: str) -> Reply:
    term = selection.term
    places = picks.unlabeled(work, term)
    without = _without(work, len(places))
    kept = [place for number, place in enumerate(places, 1) if number not in without]
    documents = {place.document_id for place in kept}
    if not kept:
        return Reply(f"every place of {short(term)} is marked already, or there is none")
    spans, where = quantity(len(kept), "mention"), quantity(len(documents), "document")
    what, others_keep = f"add {spans} {short(term)} {label} in {where}", others_count(work, documents)
    token = digest((place.document_id, place.start, place.end) for place in places)
    plan = Plan(
        rung(len(kept), _wide(work, documents)),
        what,
        token,
        len(kept),
        len(documents),
        lines=others_keep,
        table=_bare_table(work, places, without),
        without=tuple(sorted(without)),
    )
    if asked := confirm(work, plan):
        return asked
    said = f"added {spans} {short(term)} {label} in {where}"
    changes = picks.unlabeled_changes(work, kept, label, "accepted", "reviewer")
    return replace(write_bulk(work, "add", said, changes), lines=others_keep)


def _bare_table(work: Work, places: Sequence[picks.Occurrence], without: Iterable[int] = ()) -> Table:
    shown = [(p.document_id, p.start, p.end, "", "not marked") for p in places[:SAMPLES]]
    return _samples(work, shown, without)
