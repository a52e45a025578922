"""The fast update: from decisions to a new pipeline in seconds, since only the CRF is fitted.

The rules are prepared once and their votes kept (``training.label``); the CRF, the terms and votes that
reviewers taught and the choice of the fusion are learned anew from all reviewed documents. ``rehearse`` is a
simulated review: documents are answered as their gold says, and others score what that taught.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from spacy.lang.en import English
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import create_vocab

from hybrid_ner import pipeline
from hybrid_ner.corpus import Corpus, Document
from hybrid_ner.errors import CorpusError
from hybrid_ner.pipeline.crf_model import CrfSettings
from hybrid_ner.pipeline.encoder import TokenStates
from hybrid_ner.sources.learned import ReviewPolicy
from hybrid_ner.terms import Gazetteer
from hybrid_ner.text import brief, quantity
from hybrid_ner.text.patterns import paused_gc
from hybrid_ner.training import policy
from hybrid_ner.training.bootstrap import BootstrapSettings, Report, terms_facts
from hybrid_ner.training.choose_fusion import Counts, counts_of, f1
from hybrid_ner.training.crf import Learned, hidden_words, learn_crf, prior_size
from hybrid_ner.training.expansion import learn_from
from hybrid_ner.training.jobs import forked
from hybrid_ner.training.label import PreparedRules, doc_of, fingerprint, plain_doc, prepare_rules
from hybrid_ner.training.recipe import learns_votes, load_recipe
from hybrid_ner.words import WordVectors, resolve_words

_PART = 50
"""Documents that a process reads before it hands them over."""


@dataclass(frozen=True)
class Update:
    """A pipeline that has learned from the decisions, saved in its folder.

    Args:
        counts: What it learned from and what it learned, as plain values, in the form that ``retrain`` gives.
        nlp: The pipeline; it lacks the terms of the sources, so it reads what ``read`` gives it.
    """

    counts: Mapping[str, Any]
    rules: PreparedRules
    nlp: Language

    def read(
        self, documents: Sequence[Document], report: Report = lambda step, share, line: None
    ) -> Iterator[tuple[Document, Doc]]:
        """Documents as the new pipeline reads them, from the votes that are kept, on all cores."""
        documents = self.rules.keep(documents, partial(report, "label"))
        parts = [documents[n : n + _PART] for n in range(0, len(documents), _PART)]
        done = 0
        for part, read in zip(parts, forked(self._read, parts), strict=True):
            for document, plain in zip(part, read, strict=True):
                yield document, doc_of(plain, self.nlp.vocab)
            done += len(part)
            report("suggest", done / len(documents), f"{done:,} of {quantity(len(documents), 'document')}")

    def _read(self, documents: Sequence[Document]) -> list[dict[str, Any]]:
        docs = self.rules.read(documents, self.nlp.vocab, lambda share, line: None)
        with paused_gc():
            return [plain_doc(doc) for doc in self.rules.finish(self.nlp, (doc for _, doc in docs))]


def update_learner(
    gazetteer: Gazetteer | Callable[[], Gazetteer],
    documents: Sequence[Document],
    decided: Mapping[str, policy.Decided],
    out: str | Path,
    settings: BootstrapSettings,
    *,
    folder: str | Path,
    inputs: str,
    report: Report = lambda step, share, line: None,
) -> Update:
    """Learn from every decision so far and save the pipeline in ``out``.

    Args:
        gazetteer: Terms for the rules, review edits included; a function is called when they are needed.
        documents: Text of the project; documents kept apart for scoring must not be in it. Words that a list
            lacks are learned from it once, with the rules.
        decided: Document id → decisions.
        out: Folder for the pipeline.
        settings: Domain, sources, fusion and expansion, as for the first model.
        folder: Where rules and votes are kept for the next update.
        inputs: Fingerprint of everything that the rules depend on: term files, their edits, settings.
        report: Told about progress.

    Raises:
        CorpusError: No document was decided on.
        InputError: Another process writes to ``out``.
    """
    out, folder = Path(out), Path(folder)
    pipeline.check_out(out, trains=False)
    crf = crf_settings(settings)
    with pipeline.alone(out):
        with paused_gc():
            read = read_reviewed(
                gazetteer, documents, decided, settings, folder=folder, inputs=inputs, report=report, crf=crf
            )
            rules, told = read.rules, partial(report, "train")
            learned = learn_crf(read.reviewed, rules.voters, read.words, read.others, told, crf, read.states)
        known = [*rules.facts.get("added", ()), *(read.copied.terms if read.copied else ())]
        learned = replace(learned, policy=policy.less_added(learned.policy, known))
        # What was asked for by hand, else what was learned.
        fusion = learned.fusion if settings.fusion.min_score is None else settings.fusion
        report("assemble", 0.0, "putting rules and model together")
        nlp = _assemble(read, learned, fusion, settings, crf)
        pipeline.note_learned(nlp, (d.content_hash for d in documents if d.doc_id in read.reviewed))
        rules.save(nlp, out)
    return Update(_counts(read, learned), rules, nlp)


def crf_settings(settings: BootstrapSettings) -> CrfSettings:
    """Those of the recipe ``crf`` with the overrides (``components.ner.l1``).

    Raises:
        InputError: A setting that it does not have.
    """
    names = {f"components.ner.{field.name}": field.name for field in fields(CrfSettings)}
    given, recipe = dict(settings.overrides), settings.recipe
    if not learns_votes(recipe):  # overrides of another recipe are not meant for this one
        given, recipe = {name: value for name, value in given.items() if name in names}, "crf"
    chosen = load_recipe(recipe, given).interpolate()["components"]["ner"]
    found = CrfSettings(**{name: chosen[name] for name in names.values()})
    return replace(found, forget=hidden_words([*found.forget, *settings.forget]))


@dataclass(frozen=True)
class ReadDocuments:
    """Everything that a learner is fitted on.

    Args:
        rules: The rules, with the votes they have cast so far.
        reviewed: Document id → document with the votes, and its decisions.
        others: Some documents that nobody has reviewed, with the votes; read when they are asked for.
        copied: The list, where it was made from the reviewed documents; its votes for what was accepted there
            are taken out of them.
    """

    rules: PreparedRules
    reviewed: dict[str, policy.Reviewed]
    others: Iterable[Doc]
    words: WordVectors | None
    states: TokenStates | None = None
    copied: policy.Copied | None = None

    __repr__ = brief


def read_reviewed(
    gazetteer: Gazetteer | Callable[[], Gazetteer],
    documents: Sequence[Document],
    decided: Mapping[str, policy.Decided],
    settings: BootstrapSettings,
    *,
    folder: Path,
    inputs: str,
    report: Report = lambda step, share, line: None,
    crf: CrfSettings | None = None,
) -> ReadDocuments:
    """Prepare the rules and have them read what was decided on; as ``update_learner`` does.

    Raises:
        CorpusError: No document was decided on.
    """
    make = partial(_rules, gazetteer, documents, settings, folder, report)
    rules = prepare_rules(folder, inputs, settings.domain, make)
    known = [d for d in documents if decided.get(d.doc_id, policy.Decided())]
    if not known:
        hint = "Accept or reject some spans, or finish a document."
        raise CorpusError("there is no decision to learn from.", hint=hint)
    vocab, reader = create_vocab("en", English.Defaults), rules
    if "added" in rules.facts:
        place, given = folder / "unaided", rules_inputs(settings, rules.facts["unaided"])
        make = partial(_rules, partial(_unaided, gazetteer), documents, settings, place, report)
        reader = prepare_rules(place, given, settings.domain, make)
    read = reader.read(known, vocab, partial(report, "label"))
    reviewed = {d.doc_id: policy.Reviewed(doc, decided[d.doc_id]) for d, doc in read}
    unread = sorted((d for d in documents if d.doc_id not in reviewed), key=lambda d: d.content_hash)
    more = rules.read(unread[: prior_size(len(reviewed))], vocab, partial(report, "label"))
    others: Iterable[Doc] = (doc for _, doc in more)

    def read_others() -> Iterable[Doc]:
        nonlocal others
        others = [*others]
        return others

    listed = reader.facts.get("listed_terms", {})
    if copied := policy.copied_list(reviewed, read_others, rules.voters.rules, listed):
        copied.hide(reviewed, rules.voters.rules)
    states, encoder = None, (crf or crf_settings(settings)).encoder
    if encoder:
        report("label", 1.0, "reading with the encoder; what it sees is kept")
        states = TokenStates.fit(encoder, [each.doc for each in reviewed.values()], folder / "states.sqlite3")
    return ReadDocuments(rules, reviewed, others, words_for(settings, documents), states, copied)


def words_for(settings: BootstrapSettings, documents: Iterable[Document]) -> WordVectors | None:
    """The shipped classes and vectors of words that fit the text best, or those asked for."""
    return resolve_words(settings.expansion.words, (d.text for d in documents))


def rules_inputs(settings: BootstrapSettings, *terms: Any) -> str:
    """Fingerprint of what the rules depend on.

    Args:
        settings: Of which domain, sources and expansion count.
        terms: Whatever tells the term lists apart: a fingerprint, or files with their sizes and times.
    """
    sources = replace(settings.sources, learned=(), reviewed=ReviewPolicy()).as_dict()
    return fingerprint(settings.domain, sources, settings.expands, asdict(settings.expansion), terms)


def _rules(
    gazetteer: Gazetteer | Callable[[], Gazetteer],
    documents: Sequence[Document],
    settings: BootstrapSettings,
    folder: Path,
    report: Report,
) -> tuple[Language, dict[str, Any]]:
    """The rules without anything that reviewers taught, and what is to be known of them."""
    report("rules", 0.0, "preparing the rules, which later updates find ready")
    terms = gazetteer() if callable(gazetteer) else gazetteer
    facts = {**terms_facts(terms), "listed_terms": policy.terms_by_file(terms)}
    if added := policy.added_terms(terms):
        facts |= {"added": added, "unaided": policy.unaided(terms).fingerprint}
    sources = settings.sources
    if settings.expands:
        words, step = learn_from(terms, [Corpus.of(documents)], folder, settings.expansion)
        sources = replace(sources, learned=words)
        facts["learned_words"] = step["words"]
    return pipeline.rule_pipeline(terms, settings.domain, sources, judged=False), facts


def _unaided(gazetteer: Gazetteer | Callable[[], Gazetteer]) -> Gazetteer:
    return policy.unaided(gazetteer() if callable(gazetteer) else gazetteer)


def _assemble(
    read: ReadDocuments,
    learned: Learned,
    fusion: pipeline.FusionSettings,
    settings: BootstrapSettings,
    crf: CrfSettings,
) -> Language:
    rules = read.rules
    nlp = rules.pipeline(learned.policy)
    # The encoder is saved with the weights, so its place on this machine is nothing to be told.
    config = {**asdict(crf), "forget": list(crf.forget), "encoder": ""}
    learned.add_to(nlp, rules.voters, config, read.words, read.states)
    pipeline.add_fusion(nlp, settings.domain, settings.sources.ids, **fusion.config(learned.policy.earned))
    nlp.config["hybrid"] = {
        "domain": settings.domain,
        "recipe": "crf",
        "fusion": asdict(fusion),
        **{name: rules.facts[name] for name in ("gazetteer_fingerprint", "gazetteer_terms")},
    }
    return nlp


def _counts(read: ReadDocuments, learned: Learned) -> dict[str, Any]:
    rules, reviewed = read.rules, read.reviewed
    complete = [each for each in reviewed.values() if each.decided.complete]
    counts: dict[str, Any] = {
        "terms": rules.facts["gazetteer_terms"],
        "reviewed": len(complete),
        "partly_reviewed": len(reviewed) - len(complete),
        "documents": len(reviewed),
        "tokens": sum(len(each.doc) for each in complete),
        "entities": sum(len(each.decided.accepted) for each in complete),
        "misfit": list(learned.misfit),
    }
    if "learned_words" in rules.facts:
        counts["learned_words"] = rules.facts["learned_words"]
    return counts | policy.copied_facts(read.copied) | crf_facts(learned)


def crf_facts(learned: Learned) -> dict[str, Any]:
    """What was learned beside the weights, as plain values."""
    facts: dict[str, Any] = {"features": len(learned.model.weights), **policy.policy_facts(learned.policy)}
    if learned.habits:
        facts["boundaries"] = [habit.as_dict() for habit in learned.habits]
    if learned.choice:
        facts["fusion"] = policy.with_sentence(learned.choice)
    if learned.waits:
        facts["waits"] = {"sentence": learned.waits}
    if learned.forecast:
        facts["forecast"] = policy.with_sentence(learned.forecast)
    return facts


_TENTH = 10


@dataclass(frozen=True, slots=True)
class Round:
    """What so many reviewed documents have taught.

    Args:
        reviewed: Documents.
        counts: System → right, predicted and annotated spans of each document kept out.
        seconds: From the decisions to the new suggestions.
    """

    reviewed: int
    counts: dict[pipeline.System, Counts]
    seconds: float

    def f1(self, system: pipeline.System = "hybrid") -> float:
        """Strict micro F1 on the documents kept out, between 0 and 1."""
        return float(f1(self.counts[system].sum(0)))

    def wrong(self, system: pipeline.System = "hybrid") -> int:
        """Spans that were missed, and those that are wrong."""
        right, predicted, gold = self.counts[system].sum(0).tolist()
        return int(predicted + gold - 2 * right)


def small_list(gazetteer: Gazetteer) -> Gazetteer:
    """The terms of one concept in ten, always the same ones: as small as a list of one's own often is."""
    return Gazetteer.of(t for t in gazetteer if crc32((t.concept_id or t.text).encode()) % _TENTH == 0)


def rehearse(
    gazetteer: Gazetteer,
    text: Iterable[Document],
    gold: Sequence[Document],
    numbers: Sequence[int],
    settings: BootstrapSettings,
    folder: Path,
    report: Report = lambda step, share, line: None,
) -> Iterator[Round]:
    """Review the first documents of one half of the gold, and score on the other half each time.

    Args:
        text: Other documents of the project.
        gold: Annotated documents; those of the second half are never learned from, their text neither.
        numbers: How many are reviewed, fewest first; 0 for what there is before any review.
    """
    seen, kept_out = gold[::2], gold[1::2]
    project = [Document(d.doc_id, d.text) for d in (*seen, *text)]
    inputs = rules_inputs(settings, gazetteer.fingerprint)
    for number in numbers:
        decided = {
            d.doc_id: policy.Decided(d.entities or (), (), complete=True) for d in seen[: max(1, number)]
        }
        started = time.perf_counter()
        given, kept = (gazetteer, project, decided, folder / "model", settings), folder / "kept"
        made = update_learner(*given, folder=kept, inputs=inputs, report=report)
        seconds = time.perf_counter() - started
        yield Round(number, _scored(made, kept_out, rules_only=number == 0), seconds)


def _scored(made: Update, kept_out: Sequence[Document], *, rules_only: bool) -> dict[pipeline.System, Counts]:
    # Rules and model look at the text alone.
    read = made.read(kept_out)
    if rules_only:
        nlp = made.rules.pipeline(ReviewPolicy())
        nlp.add_pipe("entity_fusion", config={"sources": list(made.rules.names)})
        pairs = list(made.rules.read(kept_out, nlp.vocab, lambda share, line: None))
        docs = made.rules.finish(nlp, (doc for _, doc in pairs))
        read = zip((document for document, _ in pairs), docs, strict=True)
    rows: dict[pipeline.System, list[tuple[int, int, int]]] = {system: [] for system in pipeline.SYSTEMS}
    for document, doc in read:
        wanted = {(e.start, e.end, e.label) for e in document.entities or ()}
        for system in pipeline.SYSTEMS:
            found = {(s.start_char, s.end_char, s.label_) for s in pipeline.system_spans(doc, system)}
            rows[system].append(counts_of(found, wanted))
    return {system: np.array(each, dtype=np.int64) for system, each in rows.items()}
