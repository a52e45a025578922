"""Term lists and raw text in, a hybrid pipeline out: label, train, fuse.

Every step leaves its result in ``OUT.work`` with a fingerprint of its inputs, so that a second run, or a run
after an interruption, repeats only what changed. It stands beside the model, which is passed on without the
documents. ``OUT`` itself becomes a spaCy pipeline at the very end: its ``config.cfg`` is moved in last, so a
half-written folder never loads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.util import minibatch

from hybrid_ner import __version__, pipeline
from hybrid_ner.corpus import Corpus, Document
from hybrid_ner.corpus.document import documents_of
from hybrid_ner.domains.registry import DomainSettings
from hybrid_ner.errors import CorpusError, given_path, wrong_kind
from hybrid_ner.matching import terms_given
from hybrid_ner.registry import DOMAINS
from hybrid_ner.sources.learned import Trust
from hybrid_ner.sources.models.endpoint import ModelReport
from hybrid_ner.terms import Gazetteer
from hybrid_ner.text import atomic_path, brief, named_after, quantity
from hybrid_ner.training.choose_fusion import LEAST_SPANS, REPEATS, calibrate
from hybrid_ner.training.expansion import ExpansionSettings, learn_from
from hybrid_ner.training.label import ModelNotes, Steps, fingerprint
from hybrid_ner.training.predict import load_pipeline, read_docs
from hybrid_ner.training.recipe import load_recipe, recipe_path, schedule, train_student, write_training_data
from hybrid_ner.training.trust import READ, earned, with_trust

PART = 200
"""Documents in one file of weak labels."""
_MISSING = ".unanswered.json"
"""Record of a part in which a model did not answer: for people, and never reused."""

_ASKED_DOCUMENTS, _ASKED_TERMS, _CLEARLY = 20, 50_000, 1.5
"""Most documents and terms for which other rules are asked, and how many times as much is worth saying."""

_COUNTED = ("documents", "tokens", "entities", "misaligned", "reused", "changed")
"""What is summed up over the files of weak labels."""

Report = Callable[[str, float, str], None]
"""Told the step's name, the share done (0 to 1) and a line for people."""


@dataclass(frozen=True, slots=True)
class BootstrapSettings:
    """What a bootstrap may be told; the defaults are fixed once for a domain, not per corpus.

    Args:
        domain: Whose labeling sources to use.
        sources: Switches of the domain's sources.
        fusion: How rules and model are fused.
        recipe: Training recipe or config file.
        overrides: Config settings by dotted name.
        train_tokens: Tokens of weakly labeled text to train on, the corpus before the unlabeled text.
        expand: Whether to learn words the lists lack from the text (``expansion``); ``None``: as the
            domain says, where lists are small. Beside full shipped lists it does not help.
        expansion: How they are learned.
        forget: What the CRF is not to learn about boundaries: kinds of ``crf.KINDS``, or words.
    """

    domain: str
    sources: DomainSettings = field(default_factory=DomainSettings)
    fusion: pipeline.FusionSettings = field(default_factory=pipeline.FusionSettings)
    recipe: str = "cnn"
    overrides: Mapping[str, Any] = field(default_factory=dict)
    train_tokens: int = 600_000
    expand: bool | None = None
    expansion: ExpansionSettings = field(default_factory=ExpansionSettings)
    forget: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        # Sources may be functions, which ``asdict`` would copy.
        return {**asdict(replace(self, sources=DomainSettings())), "sources": self.sources.as_dict()}

    @property
    def expands(self) -> bool:
        """``expand``, decided."""
        return DOMAINS.get(self.domain).expands(True) if self.expand is None else self.expand


@dataclass(frozen=True, slots=True)
class BootstrapResult:
    """What was made.

    Args:
        model: Folder that ``spacy.load`` opens.
        steps: Result of every step by name: counts, seconds, whether it was reused.
    """

    model: Path
    steps: Mapping[str, Mapping[str, Any]]

    __repr__ = brief


def bootstrap(
    gazetteer: Gazetteer | str | Path,
    corpus: Iterable[Document],
    out: str | Path,
    settings: BootstrapSettings,
    *,
    unlabeled: Iterable[Iterable[Document]] = (),
    report: Report = lambda step, share, line: None,
) -> BootstrapResult:
    """Bootstrap a hybrid pipeline; annotations in the corpora are never read.

    Args:
        gazetteer: Terms for the domain's sources; or the path of a list, which those of the domain are added
            to, or the name of the domain for those alone.
        corpus: The text to be good at; what is no ``Corpus`` is held in memory.
        out: Folder for the pipeline.
        unlabeled: More text of the same kind.
        report: Told about progress.

    Raises:
        InputError: Unusable input, or another process writes to ``out``; what is finished by then is kept for
            the next run.
    """
    out, settings = given_path(out), given_settings(settings)
    load_recipe(settings.recipe, settings.overrides)  # complains now, not after the labeling
    pipeline.check_out(out)
    gazetteer, corpus = terms_given(gazetteer, settings.domain), _kept(corpus)
    with pipeline.alone(out):
        return _bootstrap(gazetteer, corpus, out, settings, unlabeled, report)


def _bootstrap(
    gazetteer: Gazetteer,
    corpus: Corpus,
    out: Path,
    settings: BootstrapSettings,
    unlabeled: Iterable[Iterable[Document]],
    report: Report,
) -> BootstrapResult:
    more = [unlabeled] if isinstance(unlabeled, Corpus) else unlabeled
    corpora = [("corpus", corpus), *((f"unlabeled{number}", _kept(each)) for number, each in enumerate(more))]
    steps: dict[str, Mapping[str, Any]] = {}
    if settings.expands:
        report("expand", 0.0, "learning words from the text")
        texts = [part for _, part in corpora]
        words, steps["expand"] = learn_from(gazetteer, texts, pipeline.work_folder(out), settings.expansion)
        settings = replace(settings, sources=replace(settings.sources, learned=words))
        report("expand", 1.0, f"{quantity(steps['expand']['words'], 'word')} learned")
    settings, steps["trust"] = _with_trust(gazetteer, corpus, out, settings, report)
    work = _Work(gazetteer, out, settings, report)
    labeled = [work.label(name, part) for name, part in corpora]
    weak = fingerprint([step["labels_id"] for step in labeled])
    data = work.steps.run("data", fingerprint(weak, settings.train_tokens), work.data, work.examples)
    _check_found(labeled, data["entities"])
    recipe = recipe_path(settings.recipe).read_text(encoding="utf-8")
    learned = fingerprint(weak, settings.train_tokens, recipe, dict(settings.overrides))
    train = partial(work.train, data["train_tokens"])
    student = work.steps.run("train", learned, train, [*work.examples, work.student])
    final = work.finish(fingerprint(learned, settings.as_dict()), student["min_score"])
    if settings.domain == "generic":
        report("domain", 0.0, "asking what other rules would find")
        steps |= {"domain": found} if (found := other_rules(gazetteer, corpus)) else {}
    total: Counter[str] = Counter()
    for step in labeled:
        total.update({k: v for k, v in step.items() if isinstance(v, int)})
    in_all = {**total, "models": {name: did.as_dict() for name, did in work.models.items()}}
    steps |= {"label": in_all, "data": data, "train": student, "assemble": final}
    return BootstrapResult(out, steps)


def _check_found(labeled: Iterable[Mapping[str, Any]], entities: int) -> None:
    if not any(step.get("documents") for step in labeled):
        raise CorpusError("there is no document to learn from.", hint="Give at least one.")
    if not entities:
        raise CorpusError(
            "the lists and rules found no entity in any document, so there is nothing to learn from.",
            hint="Check that the gazetteer fits the text: hybrid-ner gazetteer match.",
        )


def given_settings(given: Any) -> BootstrapSettings:
    """The settings, if they are some; people give the domain's name instead."""
    if not isinstance(given, BootstrapSettings):
        hint = f"Give BootstrapSettings({given if isinstance(given, str) else 'generic'!r})."
        raise wrong_kind("BootstrapSettings", given, hint)
    DOMAINS.get(given.domain)  # complains now
    if not isinstance(given.sources, DomainSettings):
        raise wrong_kind("DomainSettings", given.sources, 'Give DomainSettings(sources=("doses",)).')
    if not isinstance(given.overrides, Mapping):
        raise wrong_kind("overrides", given.overrides, 'Give {"training.max_epochs": 2}.')
    return given


def _kept(given: Iterable[Document]) -> Corpus:
    """Documents that can be read more than once, as ``bootstrap`` does; an iterator could not."""
    return given if isinstance(given, Corpus) else Corpus.of(documents_of(given))


def _with_trust(
    gazetteer: Gazetteer, corpus: Corpus, out: Path, settings: BootstrapSettings, report: Report
) -> tuple[BootstrapSettings, Mapping[str, Any]]:
    """The settings with what models among the sources have earned, and the step that told it."""

    def look() -> dict[str, Any]:
        told = partial(report, "trust", 0.0)
        found, whole = earned(gazetteer, settings.domain, settings.sources, corpus, told)
        return {"trust": [asdict(each) for each in found], "whole": whole}

    if not settings.sources.sources:
        return settings, {"trust": []}
    read = fingerprint([(d.doc_id, d.content_hash) for d in islice(corpus, READ)])
    inputs = fingerprint(
        __version__, gazetteer.fingerprint, settings.domain, settings.sources.as_dict(), read
    )
    steps = Steps(pipeline.work_folder(out))
    step = steps.run("trust", inputs, look)
    if not step["whole"]:  # a model did not answer: the next run looks again
        (steps.folder / "trust.json").unlink(missing_ok=True)
    trust = [Trust(**row) for row in step["trust"]]
    sentences = {"sentences": [each.sentence() for each in trust]}
    return replace(settings, sources=with_trust(settings.sources, trust)), {**step, **sentences}


def other_rules(gazetteer: Gazetteer, documents: Iterable[Document]) -> dict[str, Any]:
    """The domain whose rules find clearly more beside these terms, if their labels are among its own.

    Args:
        gazetteer: Terms of own lists; a large one is no reason to wait for more indexes.
        documents: Text, of which the first few documents are read.

    Returns:
        ``domain``, ``spans`` that its rules find, ``generic`` spans without them, and ``documents`` read;
        empty where none does.
    """
    if not 0 < len(gazetteer) <= _ASKED_TERMS:
        return {}
    read = list(islice(documents, _ASKED_DOCUMENTS))
    named = {label.casefold() for label in gazetteer.labels}
    counts = {"generic": _spans(gazetteer, "generic", read)}
    for name, domain in DOMAINS.all():
        scheme = {own.casefold() for label, others in domain.labels.items() for own in (label, *others)}
        if name != "generic" and domain.sources is not None and named & scheme:
            counts[name] = _spans(gazetteer, name, read)
    best = max(counts, key=counts.__getitem__)
    if counts[best] < _CLEARLY * max(1, counts["generic"]):
        return {}
    return {"domain": best, "spans": counts[best], "generic": counts["generic"], "documents": len(read)}


def _spans(gazetteer: Gazetteer, domain: str, documents: Iterable[Document]) -> int:
    nlp = pipeline.rule_pipeline(gazetteer, domain)
    return sum(len(doc.ents) for _, doc in read_docs(nlp, documents))


def terms_facts(gazetteer: Gazetteer) -> dict[str, Any]:
    """What a pipeline says of the terms it was made with."""
    return {"gazetteer_fingerprint": gazetteer.fingerprint, "gazetteer_terms": len(gazetteer)}


class _Work:
    def __init__(self, gazetteer: Gazetteer, out: Path, settings: BootstrapSettings, report: Report) -> None:
        self.settings, self.out, self.report, self.gazetteer = settings, out, report, gazetteer
        self.folder = pipeline.work_folder(out)
        self.steps = Steps(self.folder)
        self.parts: list[Path] = []
        self.examples = (self.folder / "train.spacy", self.folder / "dev.spacy")
        self.student = self.folder / "student" / "model-last"
        self._rules: Language | None = None
        self.models: dict[str, ModelReport] = {}
        self.rules_id = fingerprint(
            __version__, gazetteer.fingerprint, settings.domain, settings.sources.as_dict()
        )

    @property
    def rules(self) -> Language:
        """The rule pipeline, built when a step first needs it."""
        if self._rules is None:
            self.report("label", 0.0, f"building the matcher for {quantity(len(self.gazetteer), 'term')}")
            self._rules = pipeline.rule_pipeline(self.gazetteer, self.settings.domain, self.settings.sources)
        return self._rules

    def label(self, name: str, corpus: Corpus) -> dict[str, Any]:
        """Weak labels of one corpus, in parts that are each reused when nothing in them changed."""
        totals: Counter[str] = Counter()
        ids: list[str] = []
        for number, batch in enumerate(minibatch(corpus, PART)):
            part = f"labels/{name}-{number:05d}"
            inputs = fingerprint(self.rules_id, [(d.doc_id, d.content_hash) for d in batch])
            path = self.folder / f"{part}.spacy"
            step = self.steps.run(part, inputs, partial(self._label_part, path, batch), [path])
            totals.update({k: step[k] for k in _COUNTED})
            totals["parts"] += 1
            for model, did in step.get("models", {}).items():
                self.models.setdefault(model, ModelReport()).add(did)
            record = self.folder / f"{part}.json"
            record.with_suffix(_MISSING).unlink(missing_ok=True)
            if missing := step.get("unanswered") or step["documents"] < len(batch):
                # Not whole: the next run makes this part again, and asks no model for what was answered.
                record.replace(record.with_suffix(_MISSING))
                inputs = fingerprint(inputs, missing)
            ids.append(inputs)
            self.parts.append(path)
            done = f"{quantity(totals['documents'], 'document')}, {quantity(totals['entities'], 'span')}"
            self.report("label", 0.0, f"{name}: {done}")
        return {**totals, "labels_id": fingerprint(ids)}

    def _label_part(self, path: Path, batch: list[Document]) -> dict[str, Any]:
        docbin = DocBin(store_user_data=False)
        documents = tokens = entities = 0
        noted = ModelNotes()
        for document, doc in read_docs(self.rules, batch):
            docbin.add(doc)
            noted.add(document, doc)
            tokens += len(doc)
            entities += len(doc.ents)
            documents += 1
        with atomic_path(path) as temporary:
            docbin.to_disk(temporary)
        misaligned = pipeline.take_misaligned(self.rules)
        return {
            "documents": documents,  # fewer than were given where others' code fails on some
            "tokens": tokens,
            "entities": entities,
            "misaligned": misaligned.total,
            "misaligned_examples": [m.surface for m in misaligned[:20]],
            **noted.taken(self.rules),
        }

    def data(self) -> dict[str, Any]:
        """Training windows from the weak labels, up to the token budget."""
        counts = Counter(documents=0, tokens=0, entities=0)

        def within_budget() -> Iterator[Doc]:
            for path in self.parts:
                for doc in DocBin().from_disk(path).get_docs(self.rules.vocab):
                    if counts["tokens"] + len(doc) > self.settings.train_tokens and counts["tokens"]:
                        counts["left_out"] += 1
                        continue
                    counts.update(documents=1, tokens=len(doc), entities=len(doc.ents))
                    yield doc

        train, dev = write_training_data(within_budget(), *self.examples)
        return {"train_tokens": train, "dev_tokens": dev, **counts}

    def train(self, tokens: int) -> dict[str, Any]:
        """The student, trained by the recipe on so many tokens until it only repeats the rules."""
        held_out = DocBin().from_disk(self.examples[1]).get_docs(self.rules.vocab)
        enough = REPEATS if sum(len(doc.ents) for doc in held_out) >= LEAST_SPANS else 2.0
        with named_after(self.student):
            student = train_student(
                self.settings.recipe,
                *self.examples,
                self.student.parent,
                overrides={**schedule(tokens), **self.settings.overrides},
                progress=lambda share, line: self.report("train", share, line),
                enough=enough,
            )
        found = calibrate(student, self.examples[1])
        labels = list(student.get_pipe("ner").labels)
        return {"labels": labels, **asdict(found), "repeats": found.repeats}

    def finish(self, inputs: str, min_score: float) -> dict[str, Any]:
        """The pipeline in ``out``, unless it is there: another command may have put its own there since."""
        config = self.out / "config.cfg"
        if not config.is_file() or inputs not in config.read_text(encoding="utf-8", errors="replace"):
            (self.folder / "assemble.json").unlink(missing_ok=True)
        return self.steps.run("assemble", inputs, partial(self._assemble, inputs, min_score))

    def _assemble(self, inputs: str, min_score: float) -> dict[str, Any]:
        """Rules, student and fusion in one pipeline, moved into place."""
        self.report("assemble", 0.0, "saving the hybrid pipeline")
        student = load_pipeline(self.student)
        settings, fusion = self.settings, self.settings.fusion
        if fusion.min_score is None:
            fusion = replace(fusion, min_score=min_score)
        nlp = pipeline.assemble(self.gazetteer, settings.domain, settings.sources, student, fusion)
        about = {"domain": settings.domain, **terms_facts(self.gazetteer), "recipe": settings.recipe}
        nlp.config["hybrid"] = {**about, "inputs": inputs}
        pipeline.save(nlp, self.out)
        return {"pipeline": nlp.pipe_names}
