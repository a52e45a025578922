"""Commands on models: everything goes to the injected ``ModelService``."""

from __future__ import annotations

from hybrid_ner.errors import InputError
from hybrid_ner.review.commands import typed as c
from hybrid_ner.review.commands.confirm import Plan, confirm, digest
from hybrid_ner.review.commands.context import Work
from hybrid_ner.review.reply import Reply
from hybrid_ner.review.roles import require
from hybrid_ner.review.rounds.models import JobStatus, ModelService
from hybrid_ner.review.store.events import EventDraft, StepDraft

__all__ = ["cancel", "diff", "promote", "retrain", "rollback", "score", "status"]


def _models(work: Work) -> ModelService:
    if work.services.models is None:
        raise InputError(
            "this session has no models.", hint="Open the page with `hybrid-ner review serve`: it makes them."
        )
    return work.services.models


def _job(status: JobStatus) -> Reply:
    said = f"training: {status.state}" + (f", {status.message}" if status.message else "")
    return Reply(said + (f"; candidate {status.candidate}" if status.candidate else ""))


def retrain(work: Work, command: c.Retrain) -> Reply:
    """``retrain``: start the one job, or say which one runs."""
    started = _models(work).start_retrain(work.project.name, work.reviewer)
    reply = _job(started)
    return _logged(work, "retrain", reply, {"state": started.state}) if started.did else reply


def status(work: Work, command: c.Status) -> Reply:
    """``status``."""
    return _job(_models(work).status())


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
    return Reply(f"scores of {name}", table=models.scores(command.model))


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
    verdict = "passes" if gate.passed else "does NOT pass"
    what = f"{command.model} {verdict} the gate: {gate.summary}"
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
