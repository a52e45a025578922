"""What the review engine asks of model training, and how a project's models are made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Protocol

from hybrid_ner.corpus import Document, read_corpus
from hybrid_ner.corpus.codebook import Codebook
from hybrid_ner.domains.registry import DomainSettings
from hybrid_ner.matching import Fuzzy, gather_terms
from hybrid_ner.pipeline import FusionSettings
from hybrid_ner.registry import DOMAINS, load_plugins
from hybrid_ner.review.reply import Table
from hybrid_ner.review.store.codebook import codebook_of
from hybrid_ner.review.store.labels import joined_labels
from hybrid_ner.review.store.overlay import Overlay
from hybrid_ner.review.store.project import Project
from hybrid_ner.sources.models.settings import with_codebook, with_renamed
from hybrid_ner.sources.rule_sets import read_rules
from hybrid_ner.terms import Gazetteer
from hybrid_ner.terms.variants import PEOPLE
from hybrid_ner.text import quantity
from hybrid_ner.training.bootstrap import BootstrapSettings
from hybrid_ner.training.registry import read_json


@dataclass(frozen=True, slots=True)
class JobStatus:
    """The retraining job.

    Args:
        state: ``idle``, ``queued``, ``running``, ``done``, ``failed`` or ``cancelled``.
        message: One line for the reviewer.
        candidate: Model id that the job made, when ``done``.
        did: Whether this call started or stopped it.
        fast: Whether it is an update, which fits only the CRF.
        lines: When ``done``: what changed, how rules and model are fused, what more documents will bring.
        share: Of the whole job, between 0 and 1, when ``running``.
    """

    state: str
    message: str = ""
    candidate: str = ""
    by: str = ""
    did: bool = False
    fast: bool = False
    lines: tuple[str, ...] = ()
    share: float = 0.0

    @property
    def is_alive(self) -> bool:
        """Whether it runs, or waits for its turn."""
        return self.state in ("queued", "running")

    def started_already(self) -> JobStatus:
        """What somebody is told who asks for another one."""
        said = f"{self.by or 'somebody'} started it already"
        return replace(self, message=f"{said}; {self.message}" if self.message else said)


Place = tuple[int, int, str]
"""Characters and label of a suggestion."""


@dataclass(frozen=True, slots=True)
class Change:
    """A document in which two models suggest something else.

    Args:
        new: Suggestions that only the later model has, in order of the text.
        gone: Suggestions that only the earlier model has.
    """

    doc_id: str
    new: tuple[Place, ...]
    gone: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """What a model suggests otherwise than the one before it, and nobody has decided that way already.

    Args:
        before: The model in use, or for that one the model that it followed; empty when there was none.
        documents: Every document with a difference, in the order of the project.
    """

    model: str
    before: str
    documents: tuple[Change, ...]

    def counts(self) -> dict[str, int]:
        """Suggestions that are ``new`` and ``gone``, and the ``documents`` that differ."""
        return {
            "new": sum(len(each.new) for each in self.documents),
            "gone": sum(len(each.gone) for each in self.documents),
            "documents": len(self.documents),
        }


def changed_sentence(counts: Mapping[str, int]) -> str:
    """``41 suggestions new, 17 gone in 12 documents``, of ``Changes.counts``."""
    if not counts["documents"]:
        return "no suggestion is new or gone"
    new, where = quantity(counts["new"], "suggestion"), quantity(counts["documents"], "document")
    return f"{new} new, {counts['gone']:,} gone in {where}"


@dataclass(frozen=True, slots=True)
class GateReport:
    """Candidate against the current model on frozen gold.

    Args:
        current: Model id now in use, empty when none.
        passed: Whether hybrid F1 fell by no more than the margin.
        worse: Labels that got worse, with their figures.
        unsure: The gold is too little to tell, so that ``passed`` says nothing.
        untested: The two were never tested on the same documents; neither does it say anything then.
    """

    candidate: str
    current: str
    passed: bool
    summary: str
    worse: tuple[str, ...] = ()
    unsure: bool = False
    untested: bool = False

    @property
    def verdict(self) -> str:
        """``passes the gate``, for people."""
        if self.unsure or self.untested:
            return "is not decided by the gate"
        return "passes the gate" if self.passed else "does NOT pass the gate"


class ModelService(Protocol):
    """Training, gate and registry behind the commands on models."""

    def start_retrain(self, project: str, reviewer: str, *, fast: bool = False) -> JobStatus:
        """Start the one job, or say which one is running; ``fast`` fits only the CRF, in seconds."""

    def status(self) -> JobStatus:
        """The running or the last job."""

    def cancel(self) -> JobStatus:
        """Stop the running job."""

    def current(self) -> str:
        """Id of the model in use, empty when none; the store's word, where it has said one, counts."""

    def models(self) -> tuple[str, ...]:
        """Ids of every model, oldest first."""

    def pipeline(self, model_id: str) -> Path | None:
        """Folder of its saved pipeline, ``None`` for rules alone."""

    def gate(self, candidate: str) -> GateReport:
        """Compare a candidate with the current model."""

    def use(self, model_id: str) -> None:
        """Let the files follow the store: model, gazetteer and settings together; empty for none.

        Called after the step is committed, and again when a session opens; doing it twice changes nothing.
        """

    def scores(self, model_id: str = "") -> Table:
        """Rule, model and hybrid on frozen gold, seen and unseen; of the current model by default."""

    def compare(self, first: str, second: str) -> Table:
        """Scores of two models side by side."""

    def changes(self, model_id: str = "") -> Changes:
        """Suggestions that a model has new or no longer; of the newest by default."""

    def learned(self, model_id: str = "") -> tuple[str, ...]:
        """How a model fuses and what more documents bring, in sentences; of the last training by default."""


HELD_OUT = 5
"""One reviewed document in so many is kept apart for scoring."""


FOR_REVIEW = Fuzzy("label", tuple((label, "suggest") for label in PEOPLE))
"""Near matches vote where people check the result: with an edit in a fifth of the mentions F1 rises by 11,
and clean text loses nothing (``benchmarks/typos.py``). Names of people are too alike for that."""


@dataclass(frozen=True, slots=True)
class ModelSetup:
    """How a project's models are made: the settings of its row in the store, and the folder of its files.

    Args:
        folder: Where term lists, rule files and models are.
        shipped: Whether the domain's own term lists are used.
        label: Label of term rows that carry none.
        lists: Name of a term list → its own ``label`` and ``columns``, where it needs some.
        spelled: Label as a list spells it → the label of the project that it is.
        switches: Optional rules of the domain to turn on.
        disabled: Labeling sources to leave out.
        sources: Registered labeling sources to run beside the domain's.
        plugins: Files of the user's own that register some of them.
        repeats: Showings of a reviewed document for one of the others.
        overrides: Training settings by dotted name.
        fuzzy: What becomes of near matches of terms; see ``FOR_REVIEW``.
        variants: Whether other forms of the terms of own lists are looked for.
        ids: Vocabularies of the concept ids, with commas; empty for the ids of the lists.
        forget: What a fast update is not to learn about boundaries.
        codebook: What models are told of the labels; it is kept in the log, not in the settings.
        joined: Label that was joined into another one in review → that one; it is kept in the log too.
    """

    folder: Path
    domain: str = "generic"
    shipped: bool = True
    label: str = ""
    lists: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    spelled: Mapping[str, str] = field(default_factory=dict)
    switches: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    recipe: str = "cnn"
    train_tokens: int = 600_000
    repeats: int = 3
    fusion: FusionSettings = field(default_factory=FusionSettings)
    overrides: Mapping[str, Any] = field(default_factory=dict)
    fuzzy: Fuzzy = FOR_REVIEW
    variants: bool = True
    ids: str = ""
    forget: tuple[str, ...] = ()
    codebook: Codebook = field(default_factory=Codebook, compare=False)
    joined: Mapping[str, str] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        load_plugins(self.plugins)
        DOMAINS.get(self.domain)

    @classmethod
    def of(cls, project: Project, folder: Path) -> ModelSetup:
        """The settings of a project, with the defaults for what it says nothing about."""
        kept = _adopted(project, folder) if (folder / OLD_FILE).is_file() else project.settings
        known = {each.name for each in fields(cls)} - {"folder", "codebook", "joined"}
        kept = {name: value for name, value in kept.items() if name in known}
        for name in ("switches", "disabled", "sources", "plugins", "forget"):
            kept[name] = tuple(kept.get(name, ()))
        kept["fusion"] = FusionSettings(**kept.get("fusion", {}))
        if "fuzzy" in kept:
            kept["fuzzy"] = Fuzzy.restore(kept["fuzzy"])
        with project.read() as connection:
            joined = joined_labels(connection, project.id)
        return cls(folder, **kept, codebook=codebook_of(project), joined=joined)

    @property
    def settings(self) -> dict[str, Any]:
        """As plain values, for ``ReviewStore.create_project``."""
        kept = asdict(replace(self, codebook=Codebook()))
        del kept["folder"], kept["codebook"], kept["joined"]
        return kept

    def save(self, project: Project) -> None:
        project.change_settings(self.settings)

    @property
    def models(self) -> Path:
        """Folder of the models."""
        return self.folder / "models"

    @property
    def job(self) -> Path:
        """Folder of the training job."""
        return self.folder / "job"

    @property
    def term_files(self) -> tuple[Path, ...]:
        """The user's term lists."""
        return _files(self.folder / "terms")

    @property
    def rule_files(self) -> tuple[Path, ...]:
        """The user's rule files (``sources.rule_sets``)."""
        return _files(self.folder / "rules")

    def terms_stamp(self) -> list[Any]:
        """What tells the term lists apart without reading them."""
        files = [(path.name, path.stat()) for path in self.term_files]
        stamps = [[name, found.st_size, found.st_mtime_ns] for name, found in files]
        own = [dict(each) for each in (self.lists, self.called) if each]
        return [self.domain, self.shipped, self.label, stamps, *own]

    @property
    def called(self) -> dict[str, str]:
        """Label as a list spells it → the label of the project that it is now."""
        return {**self.joined, **{each: self.joined.get(own, own) for each, own in self.spelled.items()}}

    def told(self, file: Path) -> Mapping[str, str]:
        """Label and columns that one term list needs."""
        return self.lists.get(file.name, {})

    def gazetteer(self, overlay: Overlay | None = None) -> Gazetteer:
        """The terms of the lists with the review edits applied; review edits alone when there is no list."""
        base = Gazetteer()
        if self.term_files or (self.shipped and DOMAINS.get(self.domain).terms is not None):
            base = gather_terms(
                self.domain, self.term_files, label=self.label, shipped=self.shipped, told=self.told
            )
        if called := self.called:
            terms = (replace(t, label=called.get(t.label, t.label)) for t in base)
            base = replace(base, terms=tuple(terms))
        return overlay.apply(base) if overlay else base

    @property
    def told_sources(self) -> tuple[str, ...]:
        """The sources, told which labels were joined; models that are asked for labels know the codebook."""
        return with_renamed(with_codebook(self.sources, self.codebook), self.joined)

    @property
    def bootstrap(self) -> BootstrapSettings:
        """The same for training."""
        own = (each.called(self.joined) for each in read_rules(*self.rule_files))
        return BootstrapSettings(
            domain=self.domain,
            sources=DomainSettings(
                self.disabled,
                self.switches,
                sources=(*self.told_sources, *own),
                fuzzy=self.fuzzy,
                variants=self.variants,
                ids=self.ids,
            ),
            fusion=self.fusion,
            recipe=self.recipe,
            overrides=self.overrides,
            train_tokens=self.train_tokens,
            expand=DOMAINS.get(self.domain).expands(self.shipped),
            forget=self.forget,
        )

    @property
    def gold_path(self) -> Path:
        """Where frozen gold that was given from the start is."""
        return self.folder / "gold.jsonl"

    def gold(self, reviewed: Iterable[Document]) -> list[Document]:
        """The frozen gold: the given one, else the reviewed documents that are kept apart."""
        if self.gold_path.is_file():
            return [d for d in read_corpus(self.gold_path) if d.entities is not None]
        return [d for d in reviewed if is_held_out(d)]

    def may_train_on(self, document: Document, gold: Iterable[Document]) -> bool:
        """Whether a document is no gold, by its text."""
        if not self.gold_path.is_file() and is_held_out(document):
            return False
        return document.content_hash not in {d.content_hash for d in gold}


NOTICES = "notes.json"
"""What people should know of the files of a project, in its folder, until somebody has closed it."""
OLD_FILE = "setup.json"
"""Where older versions kept these settings, beside the models and apart from the project's row."""


def _adopted(project: Project, folder: Path) -> dict[str, Any]:
    """The settings of a project after the file of an older version was taken over into its row.

    The file is renamed, so that only the row counts from then on. Where both name a domain, ``generic`` is
    what nobody had chosen: a page wrote it for projects that were made in a terminal.
    """
    old, row = dict(read_json(folder / OLD_FILE) or {}), project.settings
    if "recipe" not in row:
        domain = row.get("domain", "generic")
        old["domain"] = domain if domain != "generic" else old.get("domain", domain)
        row = project.change_settings(old)
    with suppress(OSError):
        # Another process may have renamed it; in a folder that cannot be written it is passed over.
        (folder / OLD_FILE).replace(folder / f"{OLD_FILE}.old")
    return row


def _files(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(path for path in folder.iterdir() if path.is_file())) if folder.is_dir() else ()


def is_held_out(document: Document) -> bool:
    """Whether a reviewed document is kept apart for scoring: decided by its text, once and for all."""
    return int(document.content_hash[:8], 16) % HELD_OUT == 0
