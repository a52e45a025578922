"""Commands on models: everything goes to the injected ``ModelService``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import sqlalchemy as sa

from hybrid_ner.errors import InputError
from hybrid_ner.review.commands import typed as c
from hybrid_ner.review.commands.confirm import Plan, confirm, digest
from hybrid_ner.review.commands.context import Work
from hybrid_ner.review.reply import Reply, Table
from hybrid_ner.review.roles import require
from hybrid_ner.review.rounds.models import JobStatus, ModelService, Place, changed_sentence
from hybrid_ner.review.store.events import EventDraft, StepDraft
from hybrid_ner.review.store.schema import document

__all__ = [
    "cancel",
    "changes",
    "diff",
    "promote",
    "retrain",
    "rollback",
    "score",
    "spelled",
    "status",
    "update",
]

CHANGED = 50
"""Documents that ``changes`` lists."""


def _models(work: Work) -> ModelService:
    if work.services.models is None:
        raise InputError(
            "this session has no models.", hint="Open the page with `hybrid-ner review serve`: it makes them."
        )
    return work.services.models


def _job(status: JobStatus) -> Reply:
    said = f"{'update' if status.fast else 'training'}: {status.state}"
    said += f", {status.message}" if status.message else ""
    return Reply(said + (f"; candidate {status.candidate}" if status.candidate else ""))


def retrain(work: Work, command: c.Retrain) -> Reply:
    """``retrain``: start the one job, or say which one runs."""
    return _start(work, fast=False)


def update(work: Work, command: c.Update) -> Reply:
    """``update``: the same job in seconds, since only the CRF is fitted."""
    return _start(work, fast=True)


def _start(work: Work, *, fast: bool) -> Reply:
    started = _models(work).start_retrain(work.project.name, work.reviewer, fast=fast)
    reply = _job(started)
    if not started.did:
        return reply
    if started.state == "running":
        reply = replace(reply, lines=("`status` says how far it is",))
    return _logged(work, "retrain", reply, {"state": started.state, "kind": "fast" if fast else "full"})


def status(work: Work, command: c.Status) -> Reply:
    """``status``: how far it is, and at the end what changed and how to see, use and leave it."""
    found = _models(work).status()
    reply = _job(found)
    if not found.lines:
        return reply
    changed, *learned = found.lines
    name = found.candidate
    use = f"`promote {name}` puts it into use, `undo` brings the old suggestions back"
    if work.model_in_use() == name:
        use = f"{name} is in use"
    return replace(reply, lines=(f"{changed}; see them with `changes {name}`", *learned, use))


def changes(work: Work, command: c.Changes) -> Reply:
    """``changes r2``: the documents in which a model suggests something else, with what is new and gone."""
    models = _models(work)
    if command.model:
        _known(models, command.model)
    found = models.changes(command.model)
    beside = f"beside {found.before}" if found.before else "with nothing before it"
    said = f"{found.model} {beside}: {changed_sentence(found.counts())}"
    shown = found.documents[:CHANGED]
    query = sa.select(document.c.doc_id, document.c.position, document.c.text).where(
        document.c.project_id == work.author.project_id, document.c.doc_id.in_([d.doc_id for d in shown])
    )
    texts = {row.doc_id: row for row in work.connection.execute(query)}
    rows = [
        (row.position, each.doc_id, spelled(row.text, each.new), spelled(row.text, each.gone))
        for each in shown
        if (row := texts.get(each.doc_id))
    ]
    if not rows:
        return Reply(said)
    title = f"`go {rows[0][0]}` opens the first"
    if len(found.documents) > CHANGED:
        title = f"the first {CHANGED} of {len(found.documents):,} documents; {title}"
    return Reply(said, table=Table(("doc", "id", "new", "gone"), tuple(rows), title))


def spelled(text: str, places: Iterable[Place]) -> str:
    """``heparin Drug, chest pain Disease (2)``: each text once with its label, and how often."""
    counted = Counter(f"{' '.join(text[start:end].split())} {label}" for start, end, label in places)
    return ", ".join(f"{said} ({times})" if times > 1 else said for said, times in counted.items())


def cancel(work: Work, command: c.Cancel) -> Reply:
    """``stop``, ``cancel training``."""
    models = _models(work)
    before = models.status()
    if before.by != work.reviewer:
        require(work, "lead", "stop a training that somebody else started")
    reply = _job(after := models.cancel())
    return _logged(work, "stop", reply, {"started_by": before.by}) if after.did else reply


def _logged(work: Work, kind: str, reply: Reply, payload: dict[str, str]) -> Reply:
    """The same answer, with a step in the log; ``undo`` passes it over."""
    work.write(StepDraft(kind, reply.echo, (EventDraft(kind, payload),)))
    return reply


def score(work: Work, command: c.Score) -> Reply:
    """``score [model]``."""
    models = _models(work)
    if command.model:
        _known(models, command.model)
    name = command.model or work.model_in_use() or "the rules"
    learned = models.learned(command.model)
    return Reply(f"scores of {name}", lines=learned, table=models.scores(command.model))


def diff(work: Work, command: c.Diff) -> Reply:
    """``diff r2 r3``."""
    models = _models(work)
    for name in (command.first, command.second):
        _known(models, name)
    return Reply(f"{command.first} and {command.second}", table=models.compare(command.first, command.second))


def _known(models: ModelService, name: str) -> None:
    names = models.models()
    if name not in names:
        raise InputError(f"there is no model {name!r}.", hint=f"Models: {', '.join(names) or 'none'}.")


def promote(work: Work, command: c.Promote) -> Reply:
    """``promote r4``: show the gate, ask for the name, then switch."""
    models = _models(work)
    _known(models, command.model)
    if work.model_in_use() == command.model:
        return Reply(f"{command.model} is in use already")
    gate = models.gate(command.model)
    what = f"{command.model} {gate.verdict}: {gate.summary}"
    lines = tuple(f"worse: {line}" for line in gate.worse)
    return _switch(work, "promote", command.model, what, lines)


def rollback(work: Work, command: c.Rollback) -> Reply:
    """``rollback r2``: ask for the name, then restore model, gazetteer and settings together."""
    models = _models(work)
    _known(models, command.model)
    if work.model_in_use() == command.model:
        return Reply(f"{command.model} is in use already")
    what = f"go back from {work.model_in_use() or 'no model'} to {command.model}, with gazetteer and settings"
    return _switch(work, "rollback", command.model, what, ())


def _switch(work: Work, kind: str, name: str, what: str, lines: tuple[str, ...]) -> Reply:
    previous = work.model_in_use()
    plan = Plan("name", what, digest([kind, name, previous]), name=name, lines=lines)
    asked = confirm(work, plan)
    if asked is not None:
        return asked
    work.use_model(name)
    said = f"{name} is now in use" + (f", {previous} was" if previous else "")
    payload = {"model": name, "previous": previous}
    work.write(StepDraft(kind, said, (EventDraft(kind, payload),)))
    return Reply(said, "done")
