"""What reviewed documents gain (R-n): rules, model and hybrid after n documents of review, and in what time.

Purpose: show what reviewing is worth, that the hybrid is never noticeably worse than the better of rules and
model, and how often the choice of the fusion was right. The project holds the text of the corpus' train part
(at most ``--documents``); n of its documents are drawn at random (three draws) or taken in the order of the
product's own queue, an oracle answers them from train gold, and the product's fast update learns from them.
Scores are strict F1 on dev, whose text and gold no step sees: no rule, word or class is learned from it::

    python benchmarks/rounds.py                                    # every task
    python benchmarks/rounds.py --tasks bc5cdr-tenth ncbi --draws 3 --order random queue
    python benchmarks/rounds.py --tasks bc5cdr-tenth --n 50 --full # also the CNN's retraining and spacy train
    python benchmarks/rounds.py --tasks maccrobat-new --n 20 50 --forecast  # what was foretold, and what came
    python benchmarks/rounds.py --tasks bc5cdr --n 100 --seconds   # where they go, and the next update
    python benchmarks/rounds.py --tasks jnlpba --n 30 --copied 0.4 # a list made from 12 of the 30

``seconds`` are from the decisions to new suggestions in the project's other documents, on the clock and of
the processor; preparing the rules, which happens once a project, is told above each table. Tasks that are
labeled with fewer labels than their domain has are scored on these.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from expand import sample
from spacy.tokens import Doc

from hybrid_ner.corpus import Document, Entity, read_corpus
from hybrid_ner.matching import fold, gather_terms
from hybrid_ner.pipeline import FusionSettings, rule_pipeline
from hybrid_ner.pipeline.fusion import System, system_spans
from hybrid_ner.review.queue import Queue
from hybrid_ner.review.session import ReviewSession
from hybrid_ner.review.store import ReviewStore
from hybrid_ner.review.store.schema import document
from hybrid_ner.review.store.suggestion import suggestions_from_doc
from hybrid_ner.sources.learned import ReviewPolicy
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.terms.shipped import load_shipped
from hybrid_ner.training.bootstrap import BootstrapSettings, Report
from hybrid_ner.training.choose_fusion import NEXT, described
from hybrid_ner.training.policy import Decided
from hybrid_ner.training.predict import load_pipeline, read_docs
from hybrid_ner.training.recipe import train_on_documents
from hybrid_ner.training.retrain import RetrainSettings, retrain
from hybrid_ner.training.update import Update, rules_inputs, update_learner

HEADER = (
    "| reviewed | order | rule | model | hybrid (least to most) | hybrid - best | right choices | chosen "
    "| seconds (of the processor) |{more}\n|---|---|---|---|---|---|---|---|---|{lines}"
)
FORETOLD = "| reviewed | draw | foretold for ten more (80 %) | came on dev |\n|---|---|---|---|"
SPENT = (
    "| seconds (of the processor) | draw | votes | learning | saving | reading the others | all |\n"
    "|---|---|---|---|---|---|---|"
)
STEPS = {"label": "votes", "train": "learning", "assemble": "saving"}
MORE = 5
"""Documents that are reviewed until the next update, where its seconds are measured."""
SYSTEMS: tuple[System, ...] = ("rule", "model", "hybrid")
NOTICED = 0.3
"""A hybrid further behind the better of rules and model, in points, is a defect."""


@dataclass(frozen=True, slots=True)
class Task:
    """A corpus, what is known at the beginning, and how many documents are reviewed.

    Args:
        corpus: Folder of the corpus.
        domain: Whose rules run.
        n: Numbers of reviewed documents.
        share: Part of the shipped medical concepts that is the list.
        labels: Labels of the corpus to take part, and what they are called.
        own: Part of the distinct train mentions that is the list.
        kind: Only documents with this ``meta.kind``.
    """

    corpus: str
    domain: str
    n: tuple[int, ...] = (10, 50, 100)
    share: float = 0.0
    labels: tuple[tuple[str, str], ...] = ()
    own: float = 0.0
    kind: str = ""


_CLINICAL = (("Medication", "Chemical"), ("Disease_disorder", "Disease"), ("Sign_symptom", "Disease"))
_MEDICATION = (("Medication", "Chemical"), ("Disease_disorder", "Disease"))
_NEW = tuple((name, name) for name in ("Diagnostic_procedure", "Lab_value", "Biological_structure"))
_LONG = tuple((name, name) for name in ("History", "Family_history", "Detailed_description"))
_LONG += _NEW[:2]
_CITED = tuple((name, name) for name in ("PRECEDENT", "CASE_NUMBER", "COURT", "STATUTE", "PROVISION"))
_RENAMED = (("Chemical", "Substance"), ("Disease", "Finding"))
TASKS = {
    "bc5cdr-tenth": Task("bc5cdr", "generic", share=0.1),
    "bc5cdr-3percent": Task("bc5cdr", "generic", share=0.03),
    "maccrobat-clinical": Task("maccrobat", "medical", labels=_CLINICAL),
    "maccrobat-new": Task("maccrobat", "generic", labels=_NEW, own=0.3),
    "ncbi": Task("ncbi_disease", "medical", (50, 100, 593)),
    "preambles": Task("inlegalner", "legal", (50, 200), kind="preamble"),
    "judgments": Task("inlegalner", "legal", (500, 1000), kind="judgement"),
    "bc5cdr": Task("bc5cdr", "medical"),
    # Sets that nothing was tuned on: looked at after the fact.
    "jnlpba": Task("jnlpba", "generic", own=0.3),
    "ener": Task("ener", "generic", (2, 6, 12), own=0.3),  # as much text as 10, 30 and 60 abstracts and more
    "bc5cdr-renamed": Task("bc5cdr", "generic", labels=_RENAMED, own=0.1),
    "ncbi-tenth": Task("ncbi_disease", "generic", share=0.1),
    "judgments-own": Task("inlegalner", "generic", (20, 100, 500), own=0.3, kind="judgement"),
    # Lists of other sizes, and fewer labels than the lists have.
    "macc-med": Task("maccrobat", "medical", (5, 10, 25), labels=_MEDICATION),
    "macc-own60": Task("maccrobat", "generic", (5, 10, 25), labels=_CLINICAL, own=0.6),
    "bc5cdr-third": Task("bc5cdr", "generic", share=1 / 3),
    "bc5cdr-half": Task("bc5cdr", "generic", share=0.5),
    "ncbi-half": Task("ncbi_disease", "generic", (5, 10, 50), share=0.5),
    # Long phrases; those of case reports overlap, of which the longest is learned.
    "macc-long": Task("maccrobat", "generic", (10, 30), labels=_LONG, own=0.3),
    "judgments-long": Task("inlegalner", "generic", (50, 200), labels=_CITED, own=0.1, kind="judgement"),
}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    shared = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=shared, help="folder with one folder a corpus")
    parser.add_argument("--tasks", nargs="+", default=list(TASKS), choices=list(TASKS))
    parser.add_argument("--n", type=int, nargs="+", help="instead of the task's own numbers")
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--first", type=int, default=0, help="number of the first draw")
    parser.add_argument(
        "--copied", type=float, default=0.0, help="share of the reviewed that the list is from"
    )
    parser.add_argument("--order", nargs="+", default=["random"], choices=("random", "queue"))
    parser.add_argument("--documents", type=int, default=1000, help="documents of train in the project")
    parser.add_argument(
        "--forecast", action="store_true", help="review ten more and look at what was foretold"
    )
    parser.add_argument("--seconds", action="store_true", help="where the seconds of an update go")
    parser.add_argument("--full", action="store_true", help="also the CNN's retraining and plain spacy train")
    arguments = parser.parse_args()
    for name in arguments.tasks:
        run(name, arguments)


def run(name: str, arguments: argparse.Namespace) -> None:
    """Print the table of a task."""
    task, draws = TASKS[name], range(arguments.first, arguments.first + arguments.draws)
    train, dev = (read(arguments.data, task, part) for part in ("train", "dev"))
    with TemporaryDirectory() as folder:
        bench = Bench(task, own_terms(task, train), train[: arguments.documents], dev, Path(folder))
        started = time.perf_counter()
        zero = bench.zero()
        gold = sum(len(d.entities or ()) for d in dev)
        print(
            f"\n## {name}: {task.corpus} {task.kind} dev, {gold:,} gold, unseen text; "
            f"{len(bench.gazetteer):,} terms; {len(bench.train)} documents in the project\n\n"
            f"Without a reviewed document the rules have {zero:.1f}; prepared in "
            f"{time.perf_counter() - started:.0f} s.\n"
        )
        more = " retrained | seconds of the processor | spacy train | the same |" if arguments.full else ""
        header = HEADER.format(more=more, lines="---|" * more.count("|"))
        print(FORETOLD if arguments.forecast else SPENT if arguments.seconds else header, flush=True)
        if arguments.seconds:
            print(f"| a process that is to learn starts | | | | | | {started_process()} |", flush=True)
        if arguments.forecast or arguments.seconds:
            for number in arguments.n or task.n:
                lines = bench.spent if arguments.seconds else bench.foretold
                print(lines(number, draws), flush=True)
            return
        for number, order in product(arguments.n or task.n, arguments.order):
            if not arguments.copied:
                print(bench.row(number, order, draws, arguments.full), flush=True)
            for draw in draws if arguments.copied else ():
                other = bench.with_copied(number, draw, arguments.copied)
                print(other.row(number, order, [draw], arguments.full), flush=True)


def read(data: Path, task: Task, part: str) -> list[Document]:
    """Documents of a part with the labels of the task."""
    found = read_corpus(data / task.corpus / f"{part}.jsonl")
    wanted = [d for d in found if not task.kind or d.meta.get("kind") == task.kind]
    if not task.labels:
        return wanted
    names = dict(task.labels)
    return [replace(d, entities=tuple(_renamed(d.entities or (), names))) for d in wanted]


def _renamed(entities: Iterable[Entity], names: Mapping[str, str]) -> Iterator[Entity]:
    return (replace(e, label=names[e.label]) for e in entities if e.label in names)


def own_terms(task: Task, train: Sequence[Document]) -> Gazetteer:
    """The list of the task: shipped, a share of it, or a share of the distinct mentions of train."""
    if task.share:
        return sample(load_shipped("medical"), task.share)
    if not task.own:
        return gather_terms(task.domain)
    written: dict[tuple[str, str], str] = {}
    for d in train:
        for e in d.entities or ():
            written.setdefault((fold(d.text[e.start : e.end]), e.label), d.text[e.start : e.end])
    drawn = random.Random(0).sample(sorted(written), int(task.own * len(written)))
    # An annotation may be a lone full stop (E-NER), which is no term.
    return Gazetteer.of(Term(written[key], key[1]) for key in drawn if any(map(str.isalnum, key[0])))


class Bench:
    """A project with its rules, kept between updates as the product keeps them."""

    def __init__(
        self,
        task: Task,
        gazetteer: Gazetteer,
        train: Sequence[Document],
        dev: Sequence[Document],
        folder: Path,
    ) -> None:
        self.task, self.gazetteer, self.folder = task, gazetteer, folder
        self.train, self.dev = list(train), list(dev)
        self.bare = [Document(d.doc_id, d.text) for d in train]
        self.settings = BootstrapSettings(task.domain)
        self.labels = {e.label for d in [*train, *dev] for e in d.entities or ()}
        self._queue: list[str] = []

    def update(self, reviewed: Iterable[str], report: Report = lambda step, share, line: None) -> Update:
        """The product's fast update."""
        chosen = set(reviewed)
        decided = {d.doc_id: Decided(d.entities or (), (), True) for d in self.train if d.doc_id in chosen}
        return update_learner(
            self.gazetteer,
            self.bare,
            decided,
            self.folder / "model",
            self.settings,
            folder=self.folder / "kept",
            inputs=rules_inputs(self.settings, self.gazetteer.fingerprint),
            report=report,
        )

    def zero(self) -> float:
        """F1 of the rules on dev; all votes are kept from then on."""
        made = self.update([self.train[0].doc_id])
        for _ in made.read(self.bare):
            pass
        empty = made.rules.pipeline(ReviewPolicy())
        empty.add_pipe("entity_fusion", config={"sources": list(made.rules.names)})
        read = made.rules.read(self.dev, empty.vocab, lambda share, line: None)
        docs = made.rules.finish(empty, (doc for _, doc in read))
        return self.score(list(docs))["rule"]

    def with_copied(self, number: int, draw: int, share: float) -> Bench:
        """The same where the list holds every accepted mention of a share of the reviewed documents."""
        chosen = {*self.draw(number, draw)[: round(share * number)]}
        documents = (d for d in self.train if d.doc_id in chosen)
        written = ((d.text[e.start : e.end], e.label) for d in documents for e in d.entities or ())
        terms = [Term(*each) for each in dict.fromkeys(written) if any(map(str.isalnum, each[0]))]
        folder = self.folder / f"copied {number} {draw}"
        return Bench(self.task, Gazetteer.of([*self.gazetteer, *terms]), self.train, self.dev, folder)

    def row(self, number: int, order: str, draws: Sequence[int], full: bool) -> str:
        """One line of the table; the queue has one order and so one draw."""
        scores: list[dict[str, float]] = []
        seconds, chosen, others = [], [], []
        for draw in draws if order == "random" else draws[:1]:
            reviewed = self.draw(number, draw) if order == "random" else self.queue(number)
            started, worked = time.perf_counter(), processor_seconds()
            made = self.update(reviewed)
            waiting = [d for d in self.bare if d.doc_id not in set(reviewed)]
            for _ in made.read(waiting):
                pass
            seconds.append((time.perf_counter() - started, processor_seconds() - worked))
            scores.append(self.score([doc for _, doc in made.read(self.dev)]))
            chosen.append(_chosen(made))
            others += [self.full(reviewed)] if full else []
        best = [s["hybrid"] - max(s["rule"], s["model"]) for s in scores]
        hybrid = [s["hybrid"] for s in scores]
        mean = {name: sum(s[name] for s in scores) / len(scores) for name in SYSTEMS}
        cells = [str(len(reviewed)), order, f"{mean['rule']:.1f}", f"{mean['model']:.1f}"]
        cells += [f"**{mean['hybrid']:.1f}** ({min(hybrid):.1f} to {max(hybrid):.1f})"]
        cells += [f"{min(best):+.1f}", f"{sum(b >= -NOTICED for b in best)} of {len(best)}"]
        wall, cpu = (sum(column) / len(column) for column in zip(*seconds, strict=True))
        cells += ["; ".join(dict.fromkeys(chosen)), f"{wall:.0f} ({cpu:.0f})"]
        cells += [f"{sum(column) / len(column):.1f}" for column in zip(*others, strict=True)]
        return f"| {' | '.join(cells)} |"

    def foretold(self, number: int, draws: Sequence[int]) -> str:
        """What an update foretells of the next ten documents, and what these then bring on dev."""
        lines = []
        for draw in draws:
            reviewed = self.draw(number, draw)
            rest = sorted({d.doc_id for d in self.train} - set(reviewed))
            found, said = [], None
            for chosen in (reviewed, [*reviewed, *random.Random(draw).sample(rest, min(NEXT, len(rest)))]):
                made = self.update(chosen)
                said = said or made.counts["forecast"]
                found.append(self.score([doc for _, doc in made.read(self.dev)])["hybrid"])
            gain, low, high = (100 * said[name] for name in ("gain", "low", "high"))
            came = found[1] - found[0]
            cells = [str(number), str(draw), f"{gain:+.1f} ({low:.1f} to {high:.1f})", f"{came:+.1f}"]
            lines.append(f"| {' | '.join(cells)} |")
        return "\n".join(lines)

    def spent(self, number: int, draws: Sequence[int]) -> str:
        """Where the seconds of an update go, and of the next one with a few documents more."""
        lines = []
        for draw in draws:
            reviewed = self.draw(number + MORE, draw)
            for chosen, said in ((reviewed[:number], f"{number} reviewed"), (reviewed, f"{MORE} more")):
                begun: dict[str, tuple[float, float]] = {}

                def note(step: str, share: float, line: str, begun: dict[str, Any] = begun) -> None:
                    begun.setdefault(STEPS.get(step, step), (time.perf_counter(), processor_seconds()))

                note("label", 0.0, "")
                made = self.update(chosen, note)
                note("read", 0.0, "")
                for _ in made.read([d for d in self.bare if d.doc_id not in set(chosen)]):
                    pass
                note("end", 0.0, "")
                times = [begun[step] for step in (*STEPS.values(), "read", "end")]
                cells = [_seconds(*pair) for pair in (*pairwise(times), (times[0], times[-1]))]
                lines.append(f"| {said} | {draw} | {' | '.join(cells)} |")
        return "\n".join(lines)

    def draw(self, number: int, seed: int) -> list[str]:
        """Ids of documents drawn at random."""
        ids = [d.doc_id for d in self.train]
        return random.Random(seed).sample(ids, min(number, len(ids)))

    def queue(self, number: int) -> list[str]:
        """The first documents as a reviewer gets them: ten by the queue, an update, the next ten."""
        while len(self._queue) < number:
            waiting = [d for d in self.bare if d.doc_id not in set(self._queue)]
            if self._queue:
                pairs = self.update(self._queue).read(waiting)
            else:
                pairs = read_docs(rule_pipeline(self.gazetteer, self.task.domain), waiting)
            self._queue += self._first(waiting, pairs, min(NEXT, number - len(self._queue)))
        return self._queue[:number]

    def _first(
        self, waiting: Sequence[Document], pairs: Iterable[tuple[Document, Doc]], number: int
    ) -> list[str]:
        """The first documents of the default queue of a project with these suggestions."""
        with TemporaryDirectory() as folder, ReviewStore.open(f"{folder}/review.sqlite3") as store:
            project = store.create_project("rounds", sorted(self.labels))
            project.add_documents(waiting)
            project.add_suggestions("now", ((d.doc_id, suggestions_from_doc(doc)) for d, doc in pairs))
            session = ReviewSession(store, "rounds", "oracle")
            with project.read() as connection:
                value = Queue(project.id, project.reviewer_id("oracle"), session.order).value
                order = sa.select(document.c.doc_id).order_by(value, document.c.position)
                return list(connection.scalars(order.limit(number)))

    def score(self, docs: Sequence[Doc]) -> dict[str, float]:
        """Strict F1 on dev, in points, by system."""
        found: dict[str, float] = {}
        for system in SYSTEMS:
            right = predicted = gold = 0
            for doc, d in zip(docs, self.dev, strict=True):
                spans = {(s.start_char, s.end_char, s.label_) for s in system_spans(doc, system)}
                spans = {span for span in spans if span[2] in self.labels}
                wanted = {(e.start, e.end, e.label) for e in d.entities or ()}
                right, predicted = right + len(spans & wanted), predicted + len(spans)
                gold += len(wanted)
            found[system] = 200 * right / max(1, predicted + gold)
        return found

    def full(self, reviewed: Sequence[str]) -> tuple[float, float, float, float]:
        """F1 and processor seconds of a retraining with the CNN, and of ``spacy train`` on the same text."""
        chosen = set(reviewed)
        annotated = [d for d in self.train if d.doc_id in chosen]
        decided = {d.doc_id: Decided(d.entities or (), (), True) for d in annotated}
        started = processor_seconds()
        retrain(self.gazetteer, self.bare, decided, self.folder / "full", RetrainSettings(self.settings))
        between = processor_seconds()
        train_on_documents("cnn", annotated, self.folder / "plain")
        ended = processor_seconds()
        full, plain = (
            self.score([doc for _, doc in read_docs(load_pipeline(self.folder / name), self.dev)])["hybrid"]
            for name in ("full", "plain")
        )
        return full, between - started, plain, ended - between


def started_process() -> str:
    """Seconds until a fresh process has loaded what an update needs."""
    before = time.perf_counter(), processor_seconds()
    subprocess.run([sys.executable, "-c", "import hybrid_ner.review.rounds.round"], check=True)
    return _seconds(before, (time.perf_counter(), processor_seconds()))


def _seconds(before: tuple[float, float], after: tuple[float, float]) -> str:
    wall, cpu = (end - start for start, end in zip(before, after, strict=True))
    return f"{wall:.1f} ({cpu:.1f})"


def processor_seconds() -> float:
    """Of this process and of those it started."""
    return sum(os.times()[:4])


def _chosen(made: Update) -> str:
    kept: dict[str, Any] = made.nlp.config["hybrid"] or {}
    return described(FusionSettings(**kept["fusion"]))


if __name__ == "__main__":
    main()
