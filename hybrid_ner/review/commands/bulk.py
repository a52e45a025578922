"""Commands over the whole corpus: look, accept, reject, relabel, and label what has no span yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import sqlalchemy as sa

from hybrid_ner.errors import InputError
from hybrid_ner.review.chat.reading import LEAVE
from hybrid_ner.review.commands import selection as picks
from hybrid_ner.review.commands.base import Asking, Command, Key, command
from hybrid_ner.review.commands.hits import Hit, find_hits, place_of
from hybrid_ner.review.commands.language import Cursor, ParseError
from hybrid_ner.review.commands.work import Plan, Work, confirm, rung
from hybrid_ner.review.document.spans import Numbers, short
from hybrid_ner.review.reply import Pending, Reply, Table, digest
from hybrid_ner.review.store.database import rows_in
from hybrid_ner.review.store.events import Change, EventDraft, StepDraft, mentions_event
from hybrid_ner.review.store.labels import find_label
from hybrid_ner.review.store.schema import document, model_run
from hybrid_ner.text import excerpt, quantity
from hybrid_ner.text.offsets import Intervals

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
        bare = picks.unlabeled(work, term) if term and self.selection == picks.Selection(term=term) else []
        if bare:
            where = quantity(len({place.document_id for place in bare}), "document")
            lines.append(f'not marked: {len(bare):,} in {where} (`add all "{term}" LABEL` labels them)')
        said = _size(hits)
        said += f" {short(term)}" if term else ""
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
        if asked := confirm(work, plan):
            return asked
        values = {"status": _STATUS[self.action], "reason": "", **({"label": label} if label else {})}
        changes = [(hit.document_id, hit.mention.change(**values)) for hit in hits]
        return write_bulk(work, self.action, f"{_PAST[self.action]} {_size(hits)}{aim}{rest}", changes)


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
    what = f"add {spans} {short(term)} {label} in {where}"
    token = digest((place.document_id, place.start, place.end) for place in places)
    plan = Plan(
        rung(len(kept), _wide(work, documents)),
        what,
        token,
        len(kept),
        len(documents),
        table=_bare_table(work, places, without),
        without=tuple(sorted(without)),
    )
    if asked := confirm(work, plan):
        return asked
    said = f"added {spans} {short(term)} {label} in {where}"
    return write_bulk(work, "add", said, picks.unlabeled_changes(work, kept, label, "accepted", "reviewer"))


def _bare_table(work: Work, places: Sequence[picks.Occurrence], without: Iterable[int] = ()) -> Table:
    shown = [(p.document_id, p.start, p.end, "", "not marked") for p in places[:SAMPLES]]
    return _samples(work, shown, without)
