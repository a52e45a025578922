"""A new candidate from a reviewed project: rules and model both learn from what reviewers decided.

1. The rules learn terms that reviewers added and votes that they reject (``training.policy``).
2. A student is trained on completely reviewed documents, several times over, and on the rules' labels of the
   others, with the decisions put in. Rules that miss more than a quarter of what reviewers accept would teach
   it that entities are none, so then it learns from reviewed documents alone.
3. A third of the reviewed documents is kept out of both and decides how rules and model are fused
   (``training.choose_fusion``), and whether the student stays or the CRF of ``training.crf`` takes its place;
   rules and model then learn from these too.

The recipe ``crf`` trains no student at all: that is the fast update of ``training.update``.

Review edits of the gazetteer are expected to be in ``gazetteer`` already. ``benchmarks/rounds.md`` has what
each step gains.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from hybrid_ner import pipeline
from hybrid_ner.corpus import Corpus, Document, Entity
from hybrid_ner.corpus.document import documents_of
from hybrid_ner.corpus.split import apart, group_duplicates
from hybrid_ner.errors import CorpusError, given_path, wrong_kind
from hybrid_ner.matching import terms_given
from hybrid_ner.terms import Gazetteer
from hybrid_ner.text import fold, part_folder, quantity
from hybrid_ner.training import policy
from hybrid_ner.training.bootstrap import BootstrapSettings, Report, given_settings, terms_facts
from hybrid_ner.training.choose_fusion import RULES_ALONE, Choice, calibrate, choose_fusion
from hybrid_ner.training.crf import CrfWork, Learned, learn_crf, prior_size
from hybrid_ner.training.expansion import learn_from
from hybrid_ner.training.predict import read_docs
from hybrid_ner.training.recipe import learns_votes, load_recipe, schedule, train_student, write_training_data
from hybrid_ner.training.update import crf_facts, rules_inputs, update_learner, words_for
from hybrid_ner.words import WordVectors

LEAST_RECALL = 0.75
"""Rules that find less of what reviewers accept teach the student more wrong than right (measured)."""
_LEAST_COMPLETE = 9
"""Completely reviewed documents from which a third is kept out."""
_THIRD = 3
_EPOCHS_ON = 4
"""Passes over the reviewed documents when the kept-out third joins them."""


@dataclass(frozen=True, slots=True)
class RetrainSettings:
    """How a candidate is made.

    Args:
        bootstrap: Domain, sources, fusion, recipe and token budget, as for the first model.
        repeats: How often a completely reviewed document is shown for one showing of the others.
        folder: Where the recipe ``crf`` keeps rules and votes for the next time; by default ``OUT.work``
            beside the pipeline.
    """

    bootstrap: BootstrapSettings
    repeats: int = 3
    folder: Path | None = None

    def __post_init__(self) -> None:
        given_settings(self.bootstrap)


def retrain(
    gazetteer: Gazetteer | str | Path,
    documents: Iterable[Document],
    decided: Mapping[str, policy.Decided],
    out: str | Path,
    settings: RetrainSettings,
    report: Report = lambda step, share, line: None,
) -> dict[str, Any]:
    """Label, correct, train and assemble; the pipeline appears in ``out`` when it is complete.

    Args:
        gazetteer: Terms for the rules, review edits included; or a path or name, as for ``bootstrap``.
        documents: Text of the project; documents kept apart for scoring must not be in it.
        decided: Document id → decisions.
        out: Folder for the hybrid pipeline.
        report: Told about progress.

    Returns:
        Counts of the training data; ``misfit``: decided spans that fit no tokens; what the rules learned and,
        with enough reviewed documents, how ``fusion`` was chosen.

    Raises:
        CorpusError: Nothing to learn from.
        InputError: Another process writes to ``out``.
    """
    out = given_path(out)
    if not isinstance(settings, RetrainSettings):
        raise wrong_kind("RetrainSettings", settings, 'Give RetrainSettings(BootstrapSettings("generic")).')
    if not isinstance(decided, Mapping):
        raise wrong_kind("decisions by document id", decided, 'Give {"d1": Decided(accepted=…)}.')
    load_recipe(settings.bootstrap.recipe, settings.bootstrap.overrides)  # complains now, not at the end
    pipeline.check_out(out)
    gazetteer = terms_given(gazetteer, settings.bootstrap.domain)
    documents = [*documents_of(documents)]
    if learns_votes(settings.bootstrap.recipe):
        folder = settings.folder or pipeline.work_folder(out)
        inputs = rules_inputs(settings.bootstrap, gazetteer.fingerprint)
        given = gazetteer, documents, decided, out, settings.bootstrap
        return dict(update_learner(*given, folder=folder, inputs=inputs, report=report).counts)
    out.parent.mkdir(parents=True, exist_ok=True)
    with pipeline.alone(out), part_folder(out) as folder:
        work = _Work(gazetteer, documents, decided, settings, folder, report)
        student = work.learn()
        report("assemble", 0.0, "putting rules and model together")
        nlp = work.assemble(student)
        pipeline.note_learned(nlp, (d.content_hash for d in documents if decided.get(d.doc_id)))
        nlp.config["hybrid"] = {
            "domain": settings.bootstrap.domain,
            **terms_facts(gazetteer),
            "recipe": "crf" if work.crf else settings.bootstrap.recipe,
            "fusion": asdict(work.fusion),
        }
        pipeline.save(nlp, out)
    return {**work.counter, "misfit": list(dict.fromkeys(work.misfit)), **work.learned}


class _Work:
    """One retraining; ``sources`` and ``fusion`` are what is known so far.

    ``counter`` counts training data, ``misfit`` lists decided spans that fit no tokens, and ``learned`` says
    what the reviewed documents taught beside the student.
    """

    def __init__(
        self,
        gazetteer: Gazetteer,
        documents: list[Document],
        decided: Mapping[str, policy.Decided],
        settings: RetrainSettings,
        folder: Path,
        report: Report,
    ) -> None:
        self.gazetteer, self.documents, self.decided = gazetteer, documents, decided
        self.added = policy.added_terms(gazetteer)
        self.judged = policy.unaided(gazetteer) if self.added else gazetteer
        self.bootstrap, self.repeats = settings.bootstrap, max(1, settings.repeats)
        self.folder, self.report = folder, report
        self.counter: Counter[str] = Counter()
        self.voters = pipeline.Voters()
        self.misfit: list[str] = []
        self.learned: dict[str, Any] = {}
        self.sources, self.fusion = self.bootstrap.sources, self.bootstrap.fusion
        complete = sorted((d for d in documents if self._of(d).complete), key=lambda d: d.content_hash)
        self.words: WordVectors | None = None
        self.others: list[Doc] = []
        self.kept_out = _third(complete) if len(complete) >= _LEAST_COMPLETE else []
        self.crf: Learned | None = None

    def learn(self) -> Language:
        """The student; ``sources`` and ``fusion`` are final afterwards."""
        self._expand()
        reviewed = self._read_decided()
        kept_out = {d.doc_id for d in self.kept_out}
        self._take_policy([r for doc_id, r in reviewed.items() if doc_id not in kept_out])
        rules = self._rules()
        others = [d for d in self.documents if d.doc_id not in kept_out]
        judged = self._rules(self.judged) if self.added else rules
        if self.kept_out and self._recall(judged) < LEAST_RECALL:
            others = [d for d in others if self._of(d).complete]
        student = self._train(
            "first", self._examples(rules, others, self.repeats, self.bootstrap.train_tokens)
        )
        free = self.bootstrap.fusion.min_score is None
        if free:
            self._bound(student)
        if not self.kept_out:
            return student
        bounded = self.fusion
        if free and self._crf_is_better(self._choose_fusion(student), reviewed):
            return self._crf(reviewed)
        self._take_policy(reviewed.values())
        student = self._learn_on([*self.kept_out, *others])
        if free and self.fusion == bounded:
            self._bound(student)  # surer of itself now: the bound asks for a higher probability
        return student

    def assemble(self, student: Language) -> Language:
        sources = replace(self.sources, reviewed=policy.less_added(self.sources.reviewed, self.added))
        return pipeline.assemble(self.gazetteer, self.bootstrap.domain, sources, student, self.fusion)

    def _of(self, document: Document) -> policy.Decided:
        return self.decided.get(document.doc_id, policy.Decided())

    def _rules(self, terms: Gazetteer | None = None, *, judged: bool = True) -> Language:
        terms = self.gazetteer if terms is None else terms
        self.report("label", 0.0, f"preparing {quantity(len(terms), 'term')}")
        return pipeline.rule_pipeline(terms, self.bootstrap.domain, self.sources, judged=judged)

    def _expand(self) -> None:
        if self.bootstrap.expands:
            self.report("expand", 0.0, "learning words from the text")
            text = [Corpus.of(self.documents)]
            words, step = learn_from(self.gazetteer, text, self.folder, self.bootstrap.expansion)
            self.sources = replace(self.sources, learned=words)
            self.learned["learned_words"] = step["words"]

    def _read_decided(self) -> dict[str, policy.Reviewed]:
        reviewed = self._read_by(self.judged)
        unread = [d for d in self.documents if not self._of(d)][: prior_size(len(reviewed))]
        sources = self.voters.rules
        listed = policy.terms_by_file(self.judged)
        if copied := policy.copied_list(
            reviewed, lambda: (doc for _, doc in read_docs(self._rules(), unread)), sources, listed
        ):
            self.learned |= policy.copied_facts(copied)
            self.added = [*self.added, *sorted(copied.terms)]
            self.judged = self.judged.filter(lambda term: (fold(term.text), term.label) not in copied.terms)
            return self._read_by(self.judged)
        return reviewed

    def _read_by(self, terms: Gazetteer) -> dict[str, policy.Reviewed]:
        """What was decided on, read by rules with these terms."""
        rules = self._rules(terms, judged=False)
        self.voters = pipeline.voters_of(rules)
        read = read_docs(rules, [d for d in self.documents if self._of(d)])
        return {document.doc_id: policy.Reviewed(doc, self._of(document)) for document, doc in read}

    def _take_policy(self, reviewed: Iterable[policy.Reviewed]) -> None:
        found = policy.learn_policy(reviewed, self.voters)
        self.sources = replace(self.sources, reviewed=found)
        self.learned |= policy.policy_facts(found)

    def _recall(self, rules: Language) -> float:
        """Share of the spans accepted in the kept-out documents that a rule finds, if only in part."""
        found = total = 0
        for document, doc in read_docs(rules, self.kept_out):
            answer = policy.Decided(tuple(Entity(e.start_char, e.end_char, e.label_) for e in doc.ents))
            for entity in self._of(document).accepted:
                total += 1
                found += bool(answer.judge(entity.start, entity.end, entity.label))
        self.learned["rule_recall"] = round(found / max(1, total), 3)
        return found / total if total else 1.0

    def _bound(self, student: Language) -> None:
        least = calibrate(student, self.folder / "first-dev.spacy").min_score
        self.fusion = replace(self.fusion, min_score=least)

    def _choose_fusion(self, student: Language) -> Choice:
        kept_out = quantity(len(self.kept_out), "reviewed document")
        self.report("fusion", 0.0, f"comparing ways to join them on {kept_out}")
        nlp = pipeline.assemble(self.judged, self.bootstrap.domain, self.sources, student, self.fusion)
        choice = choose_fusion(nlp, self.kept_out, self.decided, self.fusion)
        self.fusion = choice.settings
        self.learned["fusion"] = policy.with_sentence(choice)
        return choice

    def _crf_is_better(self, student: Choice, reviewed: Mapping[str, policy.Reviewed]) -> bool:
        """Whether the CRF would be chosen, and has more on the kept-out documents than the student's best."""
        kept_out = {d.doc_id for d in self.kept_out}
        self.words = words_for(self.bootstrap, self.documents)
        unread = [d for d in self.documents if not self._of(d)][: prior_size(len(reviewed))]
        self.others = [doc for _, doc in read_docs(self._rules(), unread)]
        work = CrfWork(reviewed, self.voters, self.words, self.others)
        found = work.judge_on([n for n, doc_id in enumerate(work.ids) if doc_id in kept_out])
        self.learned["compared_on"] = found.documents
        self.learned["crf_f1"] = found.f1
        self.learned["student_f1"] = student.best_f1
        return found.settings != RULES_ALONE and found.f1 > student.best_f1

    def _crf(self, reviewed: Mapping[str, policy.Reviewed]) -> Language:
        """The CRF in the student's place, fitted on all reviewed documents, with its fusion."""
        self._take_policy(reviewed.values())
        told = partial(self.report, "finish")
        self.crf = learn_crf(reviewed, self.voters, self.words, self.others, told)
        self.counter.update(reviewed=len(self.kept_out), documents=len(self.kept_out))
        self.fusion = self.crf.fusion
        self.learned |= crf_facts(self.crf)
        student = pipeline.blank()
        self.crf.add_to(student, self.voters, {}, self.words)
        return student

    def _learn_on(self, documents: Sequence[Document]) -> Language:
        """The student after more passes over all reviewed documents and about as much other text."""
        reviewed = sum(len(d.text.split()) for d in documents if self._of(d).complete)
        first, told = self.counter, self.report
        self.report = lambda step, share, line: told("finish", share if step == "train" else 0.0, line)
        docs = self._examples(self._rules(), documents, 1, 2 * reviewed)
        student = self._train("second", docs, self.folder / "first", {"training.max_epochs": _EPOCHS_ON})
        self.report = told
        self.counter = first + Counter(reviewed=len(self.kept_out), documents=len(self.kept_out))
        return student

    def _train(
        self,
        name: str,
        docs: Iterable[Doc],
        base: Path | None = None,
        overrides: Mapping[str, Any] = MappingProxyType({}),
    ) -> Language:
        train, dev = self.folder / f"{name}-train.spacy", self.folder / f"{name}-dev.spacy"
        tokens, held_out = write_training_data(docs, train, dev)
        if not self.counter["entities"]:
            raise CorpusError(
                "neither the rules nor the reviewers found an entity, so there is nothing to learn from.",
                hint="Accept some spans, or add terms that fit the documents.",
            )
        self.counter.update(train_tokens=tokens, dev_tokens=held_out)
        return train_student(
            self.bootstrap.recipe,
            train,
            dev,
            self.folder / name,
            overrides={**schedule(tokens), **overrides, **self.bootstrap.overrides},
            progress=lambda share, line: self.report("train", share, line),
            base=base,
        )

    def _examples(
        self, rules: Language, documents: Iterable[Document], repeats: int, budget: int
    ) -> Iterator[Doc]:
        """Labeled documents up to the token budget; the completely reviewed ones come first and always."""
        ordered = sorted(documents, key=lambda d: not self._of(d).complete)
        counter: Counter[str] = Counter()
        for document, doc in read_docs(rules, ordered):
            decision = self._of(document)
            times = repeats if decision.complete else 1
            if not decision.complete and counter["tokens"] + len(doc) > budget and counter["tokens"]:
                counter["left_out"] += 1
                continue
            self.misfit += [f"{document.doc_id} {place}" for place in policy.correct(doc, decision)]
            kind = "reviewed" if decision.complete else "partly_reviewed" if decision else "weak"
            counter.update({kind: 1, "documents": 1, "tokens": len(doc) * times, "entities": len(doc.ents)})
            done = f"{counter['documents']:,} of {quantity(len(ordered), 'document')}"
            self.report("label", counter["documents"] / len(ordered), done)
            yield from [doc] * times
        self.counter = counter


def _third(documents: Sequence[Document]) -> list[Document]:
    """A third of the documents, none of which is a near-copy of one of the others; else none."""
    parts = apart(group_duplicates(d.text for d in documents), _THIRD, range(len(documents)))
    if len(parts) < _THIRD:
        return []
    # One with more than half of them is full of copies.
    chosen = parts[0] if 2 * len(parts[0]) <= len(documents) else min(parts, key=len)
    return [documents[place] for place in chosen]
