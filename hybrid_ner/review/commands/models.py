"""Commands on models: everything goes to the injected ``ModelService``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import ClassVar

import sqlalchemy as sa

from hybrid_ner.errors import InputError
from hybrid_ner.review.commands.base import Asking, Command, Leading, command
from hybrid_ner.review.commands.language import Cursor, word_of
from hybrid_ner.review.commands.work import Plan, Work, confirm
from hybrid_ner.review.reply import Reply, Table, digest
from hybrid_ner.review.rounds import JobStatus, ModelService, Place, changed_sentence
from hybrid_ner.review.store.events import EventDraft, StepDraft
from hybrid_ner.review.store.labels import BY_PEOPLE
from hybrid_ner.review.store.schema import document, mention, of_project
from hybrid_ner.text import quantity

ROWS = 30
CHANGED = 50
"""Documents that ``changes`` lists."""


def _models(work: Work, *asked: str) -> ModelService:
    """The models of the session; it has those that are asked for, of which an empty name says none."""
    models = work.services.models
    if models is None:
        raise InputError(
            "this session has no models.", hint="Open the page with `hybrid-ner review serve`: it makes them."
        )
    known = models.models() if asked else ()
    for name in asked:
        if name and name not in known:
            raise InputError(f"there is no model {name!r}.", hint=f"Models: {', '.join(known) or 'none'}.")
    return models


_STANDS = {
    "queued": "waits for its turn",
    "running": "is running",
    "done": "is done",
    "failed": "did not end well",
    "cancelled": "was stopped",
}
"""How a job stands, for people."""


def _job(status: JobStatus, stands: str = "") -> Reply:
    said = f"{_name(status.fast)} {stands or _STANDS.get(status.state, status.state)}"
    if status.state == "idle":
        said = "nothing was learned yet: `update` learns in seconds, and says what more documents will bring"
    said += f": {status.message}" if status.message and status.state != "cancelled" else ""
    if status.candidate and status.candidate not in status.message:
        said += f"; the new model is {status.candidate}"
    done = round(status.share * _WIDTH)
    bar = (f"[{'#' * done}{'.' * (_WIDTH - done)}] {status.share:.0%} of all",) if status.share else ()
    return Reply(said, lines=bar)


def news(work: Work) -> str:
    """How a training job stands that runs, or whose model nobody has taken or left; empty without one."""
    if work.services.models is None:
        return ""
    found = work.services.models.status()
    made = found.candidate if found.state == "done" else ""
    waits = made and made not in (work.model_in_use(), "") and made == work.services.models.models()[-1]
    if not (found.is_alive or waits):
        return ""
    said = _job(found).echo
    return f"{said[:1].upper()}{said[1:]}" + (
        f" (`status` says more, `promote {made}` uses it)." if waits else "."
    )


def _name(fast: bool) -> str:
    return "the update" if fast else "the training"


_WIDTH = 40
"""Characters of a bar."""


@command("score", says="score · score r2: rule, model and hybrid, seen and unseen", reads=Cursor.rest)
class Score(Asking):
    loose = True
    model: str = ""

    def run(self, work: Work) -> Reply:
        models = _models(work, self.model)
        used = work.model_in_use()
        name = self.model or used or "the rules"
        newest = next(reversed(models.models()), "")
        try:
            table, said = models.scores(self.model), f"scores of {name}"
        except InputError:
            if self.model or newest in ("", used):
                raise
            # The one in use was made before there was anything to test it on.
            table, said = models.scores(newest), f"scores of {newest}, which is not in use yet"
        learned = map(in_words, models.learned(self.model))
        return Reply(said + _reached(table), lines=tuple(learned), table=table)


_SYSTEMS = {"rule": "the rules alone", "model": "the model alone", "hybrid": "both together"}


def _reached(table: Table) -> str:
    """What each reaches in all, of the table of scores; nothing where it says no F1."""
    if "F1" not in table.columns:
        return ""
    place = table.columns.index("F1")
    said = [f"{_SYSTEMS[row[0]]} {row[place]}" for row in table.rows if row[0] in _SYSTEMS]
    return f": of 100, {', '.join(said)}" if said else ""


@command("diff", says="diff r2 r3: two models side by side")
class Diff(Asking):
    first: str
    second: str

    @classmethod
    def read(cls, cursor: Cursor) -> Command:
        names = [cursor.text("two model names", "`diff r2 r3`") for _ in range(2)]
        return cls(*names)

    def run(self, work: Work) -> Reply:
        models = _models(work, self.first, self.second)
        return Reply(f"{self.first} and {self.second}", table=models.compare(self.first, self.second))


_KINDS = {"fusion": "rules and model", "copied": "term list", "forecast": "more documents"}
_KINDS |= {"boundaries": "edges of mentions", "misfit": "not learned"}
"""What a sentence about the last training speaks of, for people."""


def in_words(learned: str) -> str:
    """A sentence of ``ModelService.learned`` with its kind in words."""
    kind, mark, said = learned.partition(": ")
    return f"{_KINDS.get(kind, kind)}{mark}{said}"


@command("confusions", says="confusions: labels that were corrected, and to what")
class Confusions(Asking):
    def run(self, work: Work) -> Reply:
        m = mention.c
        outcome = sa.case((m.status == "rejected", "(none)"), else_=m.label)
        query = (
            sa.select(m.base_label, outcome.label("became"), sa.func.count())
            .where(m.project_id == work.project.id, m.status != "open", BY_PEOPLE)
            .group_by(m.base_label, sa.text("became"))
            .order_by(sa.func.count().desc(), m.base_label, sa.text("became"))
        )
        rows = [(base or "(none)", became, count) for base, became, count in work.connection.execute(query)]
        wrong = sum(count for base, became, count in rows if base != became)
        total = sum(count for _, _, count in rows)
        changed = f"{wrong:,} of {quantity(total, 'decision')} changed the suggestion"
        said = changed if total else "nothing is decided yet"
        return Reply(said, table=Table(("suggested", "decided", "mentions"), tuple(rows[:ROWS])))


@command("worst", says="worst terms: terms that are rejected most")
class WorstTerms(Asking):
    skips = "terms"

    def run(self, work: Work) -> Reply:
        m = mention.c
        wrong = sa.func.sum(sa.case((m.status == "rejected", 1), (m.label != m.base_label, 1), else_=0))
        query = (
            sa.select(m.surface_key, m.base_label, wrong, sa.func.count())
            .where(m.project_id == work.project.id, m.base_label != "", m.status != "open", BY_PEOPLE)
            .group_by(m.surface_key, m.base_label)
            .having(wrong > 0)
            .order_by(wrong.desc(), m.surface_key, m.base_label)
            .limit(ROWS)
        )
        rows = tuple(
            (term, label, int(bad), total) for term, label, bad, total in work.connection.execute(query)
        )
        corrected = f"{quantity(len(rows), 'term was', 'terms were')} corrected"
        said = corrected if rows else "no suggested term was corrected yet"
        return Reply(said, table=Table(("term", "label", "corrected", "decided"), rows))


@command("retrain", says="retrain: train a candidate in the background")
class Retrain(Leading):
    fast: ClassVar[bool] = False

    def run(self, work: Work) -> Reply:
        models, project, reviewer = _models(work), work.project.name, work.reviewer
        if (now := models.status()).is_alive:
            return _job(now.started_already())

        def begin() -> Reply:
            started = models.start_retrain(project, reviewer, fast=self.fast)
            if not (started.did and started.state == "running"):
                return replace(_job(started), lines=())
            return replace(_job(started, "has started"), lines=("`status` says how far it is",))

        said = f"{_name(self.fast)} begins"
        return _later(work, ("retrain", {"kind": "fast" if self.fast else "full"}), said, begin)


@command("update", says="update: learn from the decisions in seconds, as a candidate")
class Update(Retrain):
    fast = True


@command("status", says="status: the training job, and what it changed")
class Status(Asking):
    def run(self, work: Work) -> Reply:
        found = _models(work).status()
        reply = _job(found)
        if not found.lines:
            return reply
        changed, *learned = found.lines
        name = found.candidate
        use = f"`promote {name}` puts it into use, `undo` brings the old suggestions back"
        if work.model_in_use() == name:
            use = f"{name} is in use"
        see = f"{changed}; see them with `changes {name}`" if changed[0].isdigit() else changed
        return replace(reply, lines=(see, *map(in_words, learned), use))


@command(
    "changes",
    says="changes · changes r2: documents with suggestions that a model has new or no longer",
    reads=Cursor.rest,
)
class Changes(Asking):
    model: str

    def run(self, work: Work) -> Reply:
        models = _models(work, self.model)
        found = models.changes(self.model)
        beside = f"beside {found.before}" if found.before else "with nothing before it"
        said = f"{found.model} {beside}: {changed_sentence(found.counts())}"
        shown = found.documents[:CHANGED]
        query = sa.select(document.c.doc_id, document.c.position, document.c.text).where(
            of_project(work.project.id), document.c.doc_id.in_([d.doc_id for d in shown])
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
        return Reply(said, table=Table(("no.", "document", "new", "gone"), tuple(rows), title))


def spelled(text: str, places: Iterable[Place]) -> str:
    """``“heparin” Drug, “chest pain” Disease (2)``: each text once with its label, and how often."""
    counted = Counter(f"“{' '.join(text[start:end].split())}” {label}" for start, end, label in places)
    return ", ".join(f"{said} ({times})" if times > 1 else said for said, times in counted.items())


@command("stop", says="stop · cancel training: stop the training job")
class Stop(Command):
    skips = "training"

    def run(self, work: Work) -> Reply:
        models = _models(work)
        before = models.status()
        if before.by != work.reviewer:
            work.require("lead", "stop a training that somebody else started")
        if not before.is_alive:
            return Reply("nothing to stop: no update and no training is running")
        said = f"{_name(before.fast)} is stopped"
        return _later(work, ("stop", {"started_by": before.by}), said, lambda: _job(models.cancel()))


def _later(work: Work, step: tuple[str, dict[str, str]], said: str, begin: Callable[[], Reply]) -> Reply:
    """A step in the log, which ``undo`` passes over; what it says begins when the log has it for good."""
    work.write(StepDraft(step[0], said, (EventDraft(*step),)))
    work.later.append((said, begin))
    return Reply(said)


@command(
    "promote",
    says="promote r4: use a candidate; shows the gate report first",
    reads=word_of("the name of the model", "`promote r4`"),
)
class Promote(Leading):
    alone = True
    model: str

    def run(self, work: Work) -> Reply:
        models, previous = _models(work, self.model), work.model_in_use()
        if previous == self.model:
            return Reply(f"{self.model} is in use already")
        what, lines = self.asks(models, previous)
        kind = type(self).__name__.lower()
        plan = Plan("name", what, digest([kind, self.model, previous]), name=self.model, lines=lines)
        if asked := confirm(work, plan):
            return asked
        work.use_model(self.model)
        said = f"{self.model} is now in use" + (f", {previous} was" if previous else "")
        work.write(StepDraft(kind, said, (EventDraft(kind, {"model": self.model, "previous": previous}),)))
        return Reply(said, "done")

    def asks(self, models: ModelService, previous: str) -> tuple[str, tuple[str, ...]]:
        """What is asked, and the lines below it."""
        gate = models.gate(self.model)
        return f"{self.model} {gate.verdict}: {gate.summary}", tuple(f"worse: {line}" for line in gate.worse)


@command(
    "rollback",
    says="rollback r2: go back to an earlier model",
    reads=word_of("the name of the model", "`rollback r2`"),
)
class Rollback(Promote):
    def asks(self, models: ModelService, previous: str) -> tuple[str, tuple[str, ...]]:
        return f"go back from {previous or 'no model'} to {self.model}, with its term lists and settings", ()
