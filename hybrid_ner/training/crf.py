"""Fit the CRF on reviewed documents, judge it on those left out, choose the fusion, foretell the next gain.

Every reviewed document is read once by rules and weights that have learned from the others alone (folds over
documents, near-copies in one fold: who has learned from the one knows the other). That decides how rules and
model are fused, and the same with half of the documents gives a learning curve, from which the gain of the
next documents is foretold. What it has learned about where mentions begin is said in words (``habits``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, zip_longest
from math import ceil
from typing import Any, NamedTuple

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc, Token

from hybrid_ner.corpus.split import apart, group_duplicates
from hybrid_ner.pipeline import RULE_GROUP, FusionSettings, Key, Voters, write_rules
from hybrid_ner.pipeline.crf import CrfEntityRecognizer
from hybrid_ner.pipeline.crf_model import CrfModel, CrfSettings, all_tags
from hybrid_ner.pipeline.dense_tagger import DenseTagger, fit_dense
from hybrid_ner.pipeline.encoder import TokenStates
from hybrid_ner.pipeline.scored_ner import SpanScorer
from hybrid_ner.pipeline.token_features import Numbered, Part, Stretch, TokenFeatures
from hybrid_ner.sources import aggregate, write_matches
from hybrid_ner.sources.learned import DistrustedSource, ReviewedTermSource, ReviewPolicy
from hybrid_ner.text import brief, fold, quantity
from hybrid_ner.training import pooling
from hybrid_ner.training.choose_fusion import (
    RULES_ALONE,
    Choice,
    Counts,
    Forecast,
    f1,
    f1_of,
    forecast,
)
from hybrid_ner.training.jobs import forked, started
from hybrid_ner.training.policy import Reviewed, correct, observed, policy_of
from hybrid_ner.words import WordVectors

_LEAST_DOCUMENTS, _LEAST_SPANS = 4, 15
"""Completely reviewed documents below which rules stay alone, and accepted spans below which nothing is
foretold and rules stay alone that have been right so far: seven made rules with 15 look like ones with 83."""
_FEW_SPANS, _UNJUDGED = 20, 30
"""Accepted spans that are enough in two or three documents, and in one, of which nothing can be left out to
judge by (``benchmarks/learner.md``)."""
_LEAST_EDGES = 250
"""Accepted spans below which reviewed documents do not tell where mentions begin and end: up to 218 cost
more than they gained, 364 and more gained (``benchmarks/learner.md``)."""
_LEAST_CURVE = 8
"""Documents from which something is foretold; near-copies count as one."""
_LEAST_JUDGING = 10
"""Documents from which spans are judged as a whole; with fewer it was not measured."""
_FEW, _MANY = 20, 60
_JUDGED = 30
"""Iterations of weights that only judge: a little worse in half the time (``benchmarks/learner.md``)."""
STRONG = 0.75
"""Rules with this F1 or more are always learned from: few documents tell too little of what they know."""
_MOST_OTHERS, _OTHERS_JUDGED = 300, 100
"""Documents that only the rules have labeled: as many as help, and as few as judging can do with."""
Told = Callable[[float, str], None]
"""Told the share of the fitting done and a line for people."""


@dataclass(frozen=True)
class Learned:
    """What a set of reviewed documents taught.

    Args:
        choice: How the fusion was chosen; ``None`` with too few documents.
        forecast: What the next documents will bring; ``None`` with too few.
        misfit: Decided spans that fit no tokens or overlap longer ones.
        habits: What the documents say about where mentions begin.
        dense: Weights of the network beside it.
        edges, untold: See ``CrfEntityRecognizer.learn``; beside strong rules.
        spans: Judges spans as a whole; ``None`` with too few documents.
        fusion: What was chosen, or without a choice what so few documents are worth.
        waits: Why rules stay alone for now, and what would change that; empty where a model takes part.
        numbered: The features of what it has learned from; who reads with the weights knows them already.
        rows: Those of each text that nobody has reviewed, by token.
    """

    model: CrfModel
    policy: ReviewPolicy
    choice: Choice | None
    forecast: Forecast | None
    misfit: tuple[str, ...]
    habits: tuple[Habit, ...] = ()
    dense: DenseTagger | None = None
    edges: CrfModel | None = None
    untold: CrfModel | None = None
    spans: SpanScorer | None = None
    fusion: FusionSettings = RULES_ALONE
    waits: str = ""
    numbered: Numbered | None = None
    rows: Mapping[str, Sequence[Sequence[Part]]] = field(default_factory=dict)

    __repr__ = brief

    def add_to(
        self,
        nlp: Language,
        voters: Voters,
        config: Mapping[str, Any],
        words: WordVectors | None,
        states: TokenStates | None = None,
    ) -> None:
        """Append a recognizer with the weights; it hears the votes of ``voters``."""
        heard = {"sources": list(voters.rules), "heard": list(voters.heard)}
        recognizer = nlp.add_pipe("crf_ner", name="ner", config={**heard, **config})
        given = self.model, words, states, self.dense, self.edges, self.untold, self.spans
        recognizer.learn(*given, numbered=self.numbered, rows=self.rows)


def learn_crf(
    reviewed: Mapping[str, Reviewed],
    voters: Voters,
    words: WordVectors | None,
    others: Iterable[Doc],
    told: Told,
    settings: CrfSettings | None = None,
    states: TokenStates | None = None,
) -> Learned:
    """Learn from reviewed documents.

    Args:
        reviewed: Document id → document with the votes of the sources, and its decisions.
        voters: The sources.
        words: Classes and vectors of words.
        others: Some documents that nobody has reviewed, with the votes of the sources (``prior_size``); only
            beside strong rules they are asked for.
        told: Told about progress.
        settings: Of the CRF.
        states: What a frozen encoder sees of tokens.
    """
    work = CrfWork(reviewed, voters, words, others, settings, states, learns=True)
    weights, choice, forecast = work.learn(told)
    policy = policy_of([*work.observed, *work.partly], voters)
    known, waits = habits(work.complete, work.settings.forget), "" if work.enough else work.waits()
    fusion = choice.settings if choice else pooling.limited(work.ways[0], ()) if work.enough else RULES_ALONE
    rows = zip((doc.text for doc in work.others), work.other_rows, strict=True)
    parts = (tuple(work.misfit), known, *weights[1:], fusion, waits, work.numbered, dict(rows))
    return Learned(weights.model, policy, choice, forecast, *parts)


def prior_size(reviewed: int) -> int:
    """Documents labeled by the rules that are enough beside so many reviewed ones, and not slow."""
    return min(3 * reviewed, _MOST_OTHERS)


class _Weights(NamedTuple):
    """See ``CrfEntityRecognizer.learn``."""

    model: CrfModel
    dense: DenseTagger | None
    edges: CrfModel | None
    untold: CrfModel | None
    spans: SpanScorer | None = None


_LONGEST_FIRST = ("model", "untold")
"""Weights that have learned from all documents, beside the network, in the order in which they are fitted."""
_MISS_LITTLE, _SOONER = 0.8, 2 / 3
"""Where rules with this F1 or more are learned from, this share of the iterations is enough; with 75 it cost
0.3 (``benchmarks/learner.md``)."""
_BEGUN = 2
"""So many times fewer iterations lead as far where weights begin with those of a part of the documents."""


@dataclass(frozen=True, slots=True)
class _Trial:
    """Learn from some documents and answer others; numbers are places in ``CrfWork.complete``.

    Args:
        held_out: Documents to answer; none to get the weights.
        whole: Whether all others are learned from, not half of them.
        part: Which of the weights are asked for, a field of ``_Weights``; ``edges`` come with ``model``.
    """

    learn: tuple[int, ...]
    held_out: tuple[int, ...] = ()
    whole: bool = True
    part: str = "model"


class CrfWork:
    """Reviewed documents with their features; ``complete`` are those the weights are fitted on.

    Where the rules know more than few documents can teach, their answers on documents that nobody has
    reviewed are learned as well: weights then begin near the rules instead of near nothing. The network
    learns from reviewed documents alone, so where ``learn`` is to follow it begins while others are read.
    """

    def __init__(
        self,
        reviewed: Mapping[str, Reviewed],
        voters: Voters,
        words: WordVectors | None,
        others: Iterable[Doc] = (),
        settings: CrfSettings | None = None,
        states: TokenStates | None = None,
        *,
        learns: bool = False,
    ) -> None:
        self.settings = settings or CrfSettings()
        self.voters, self.words, self.states = voters, words, states
        self.ids = [doc_id for doc_id, each in reviewed.items() if each.decided.complete]
        self.complete = [each for each in reviewed.values() if each.decided.complete]
        self.groups = group_duplicates(each.doc.text for each in self.complete)
        self.distinct = len(set(self.groups))
        pairs = zip(self.ids, self.complete, strict=True)
        self.misfit = [f"{key} {place}" for key, each in pairs for place in correct(each.doc, each.decided)]
        self.observed = [observed(each, voters) for each in self.complete]
        self.partly = [observed(each, voters) for each in reviewed.values() if not each.decided.complete]
        # Rules may know labels that a project does not use: nobody accepted one of these.
        self.labels = {entity.label for each in self.complete for entity in each.decided.accepted}
        answers, told = [], []
        for n, each in enumerate(self.complete):
            found, gold = self._by_rules(each.doc), each.decided.spans
            answers.append((set(found), gold))
            told += pooling.told_of(n, found, gold, each.doc.text, found)
        (rules_f1, error), right = f1_of(answers), pooling.judged_rules(told)
        accepted = sum(len(each.doc.ents) for each in self.complete)  # what fits no tokens teaches nothing
        self.accepted, self.needed = accepted, _least_spans(len(self.complete), rules_f1)
        self.enough, self._strong = accepted >= self.needed, rules_f1 >= STRONG
        self._miss_little = rules_f1 >= _MISS_LITTLE
        more = bool(voters.earning), right, self.settings.least_score, error
        self.ways: Sequence[FusionSettings] = pooling.crf_ways(rules_f1, accepted, *more)
        features = TokenFeatures(voters.rules, words, self.settings.forget, voters.heard, states)
        features.look_up(each.doc for each in self.complete)
        self.numbered = Numbered(features)
        self.rows: list[list[list[Part]]] = []
        self.stretches: list[list[Stretch]] = []
        for each in self.complete:
            rows = features(each.doc)
            self.stretches.append(self.numbered(each.doc, rows))
            self.rows.append(rows)
        self.tags = all_tags(tag for each in self.stretches for one in each for tag in set(one.tags))
        network = partial(self.fit_network, range(len(self.complete)))
        self._network = self.tags, started(network) if learns else network
        self.others = list(others) if self._strong else []
        self.with_prior = bool(self.others)
        features.look_up(self.others)
        for doc in self.others:
            doc.set_ents([doc.char_span(*span) for span in self._by_rules(doc)])
        self.other_rows = list(map(features, self.others))
        self.prior = list(map(self.numbered, self.others, self.other_rows))
        learned = (each for one in [*self.stretches, *self.prior] for each in one)
        self.tags = all_tags(tag for stretch in learned for tag in set(stretch.tags))
        self.thorough = False

    def fit(
        self,
        numbers: Sequence[int],
        iterations: int | None = None,
        *,
        alone: bool = False,
        start: CrfModel | None = None,
    ) -> CrfModel:
        """Weights from some of the documents, and with the prior from others that the rules labeled.

        Args:
            numbers: Places in ``complete``.
            iterations: Fewer than usual, for weights that only judge.
            alone: Without the others.
            start: What is learned from the same ones alone, to begin with (coarse to fine).
        """
        chosen = [self.stretches[n] for n in numbers]
        others = 0 if alone else prior_size(len(numbers))
        chosen += self.prior[: others if iterations is None else min(others, _OTHERS_JUDGED)]
        learned = (stretch for each in chosen for stretch in each)
        most = self._iterations(iterations, begun=start is not None)
        few, single = replace(self.settings, iterations=most), self._soon and self.with_prior
        return CrfModel.fit(learned, self.numbered, few, start, single=single)

    @property
    def _knows_edges(self) -> bool:
        """Whether reviewed documents alone tell what rules do not: beside strong ones, after many spans."""
        return self.with_prior and self.accepted >= _LEAST_EDGES

    @property
    def _soon(self) -> bool:
        """Whether less learning is enough."""
        return self._miss_little and self.accepted >= _LEAST_EDGES

    def _iterations(self, most: int | None = None, *, begun: bool = False) -> int:
        share = (_SOONER if self._soon and self.with_prior else 1) / (_BEGUN if begun else 1)
        return ceil(min(most or self.settings.iterations, self.settings.iterations) * share)

    def fit_network(self, numbers: Sequence[int]) -> DenseTagger | None:
        """Weights of the network from the reviewed documents alone."""
        docs, rows = [self.complete[n].doc for n in numbers], [self.rows[n] for n in numbers]
        return fit_dense(self.numbered.features, docs, rows, self.tags, self.settings, self._soon)

    def _whole_network(self) -> DenseTagger | None:
        """The same from all of them, as it was begun; anew in case others brought in a label."""
        tags, fitted = self._network
        return fitted() if tags == self.tags else self.fit_network(range(len(self.complete)))

    def fit_edges(self, numbers: Sequence[int], iterations: int | None = None) -> CrfModel | None:
        """Weights from the reviewed documents alone: the rules' answers teach that their edges are right.

        They find less, but know better where what is found begins and ends.
        """
        if not self._knows_edges:
            return None
        found = self.fit(numbers, iterations, alone=True)
        return found if found.tags == self.tags else None

    def fit_untold(self, numbers: Sequence[int]) -> CrfModel | None:
        """Weights of the words alone, from the reviewed documents and the rules' answers on others.

        Who hears the sources learns that what none of them has is hardly ever a mention; this one has to tell
        mentions by their words, and finds some that no list has.
        """
        if not self._knows_edges:
            return None
        told = chain.from_iterable([*(self.stretches[n] for n in numbers), *self.prior])
        learned = self.numbered.without_votes(list(told))
        few = replace(self.settings, iterations=self._iterations(_JUDGED))
        found = CrfModel.fit(learned, self.numbered, few, single=self._soon)
        return found if found.tags == self.tags else None

    def fit_spans(self, answers: Sequence[pooling.Answered]) -> SpanScorer | None:
        """Weights that judge spans as a whole, from what models said of documents that they had not read."""
        if len(answers) < _LEAST_JUDGING:
            return None
        return pooling.fit_spans(self.numbered.features, [each.doc for each in self.complete], answers)

    def learn(self, told: Told) -> tuple[_Weights, Choice | None, Forecast | None]:
        """The weights, the fusion by documents left out, and what more documents would bring.

        What is judged is the CRF without the network, its spans not judged as a whole: a little less, in half
        the time.
        """
        number = len(self.complete)
        line = f"learning from {quantity(number, 'document')}"
        told(0.0, line)
        jobs = [_Trial(tuple(range(number)), part=part) for part in _LONGEST_FIRST]
        parts: dict[str, Any] = {}
        if self.distinct < 2 or not self.enough:
            for job in jobs:
                parts |= self._done(job)
            return _Weights(**parts, dense=self._whole_network()), None, None
        folds = min(_folds(number), self.distinct)
        self.numbered.grid(slice(0))  # made once, not by every copy of this process
        trials = [*self._trials(folds, 1.0), *jobs]
        trials += self._trials(folds, 0.5) if self.distinct >= _LEAST_CURVE else []
        answers: dict[bool, dict[int, pooling.Answered]] = {True: {}, False: {}}
        for done, (trial, found) in enumerate(zip(trials, forked(self._done, trials), strict=True)):
            if trial.held_out:
                answers[trial.whole] |= zip(trial.held_out, found, strict=True)
            else:
                parts |= found
            if done + 1 == folds:  # while the others are still fitted
                parts["spans"] = self.fit_spans(_in_order(answers[True]))
            told((done + 1) / len(trials), line)
        whole, weights = _in_order(answers[True]), _Weights(**parts, dense=self._whole_network())
        counts = pooling.count_ways(self.ways, whole, self.labels)
        choice = pooling.choose_crf(counts)
        learned = number - -(-number // folds)
        other, share = pooling.doubt(counts, choice.settings)

        def used_on(*, judged: bool) -> FusionSettings:
            first, second = (pooling.limited(way, whole, judged=judged) for way in (choice.settings, other))
            return pooling.between(first, second, share)

        settings, reached = used_on(judged=weights.spans is not None), used_on(judged=False)
        now = float(f1(pooling.counts_by(reached, whole, self.labels).sum(0)))
        best = pooling.limited(choice.best, whole, judged=weights.spans is not None)
        used = replace(choice, settings=settings, best=best, learned=learned, f1=now)
        # Where nothing is found that is right there is no curve to follow.
        if self.distinct < _LEAST_CURVE or self.accepted < _LEAST_SPANS or not choice.f1:
            return weights, used, None
        half = pooling.count_ways([choice.settings], _in_order(answers[False]), self.labels)[choice.settings]
        return weights, used, forecast(number, learned, half, counts[choice.settings])

    def waits(self) -> str:
        """Why a model is not weighed beside the rules, and what would change that."""
        mentions = quantity(self.accepted, "accepted mention") + " that can be learned" * bool(self.misfit)
        seen = f"{mentions} in {quantity(len(self.ids), 'reviewed document')}"
        more = f"more, until {quantity(self.needed, 'mention is', 'mentions are')} accepted"
        if len(self.ids) < _LEAST_DOCUMENTS:
            more = f"{_LEAST_DOCUMENTS} documents, or two with {_FEW_SPANS} mentions"
        return f"rules alone for now: {seen} cannot tell what a model is worth: review {more}"

    def left_out(
        self, folds: int, share: float = 1.0, *, alone: bool = False
    ) -> dict[FusionSettings, Counts]:
        """Counts of every way of fusion on each document, having learned from a share of the others.

        Args:
            folds: Parts of the documents.
            share: Part of the others to learn from.
            alone: One fold after the other in this process, to measure its time.
        """
        self.thorough, trials = True, self._trials(folds, share)
        done = map(self._tried, trials) if alone else forked(self._tried, trials)
        pairs = (zip(trial.held_out, found, strict=True) for trial, found in zip(trials, done, strict=True))
        return pooling.count_ways(self.ways, _in_order(dict(chain.from_iterable(pairs))), self.labels)

    def judge_on(self, kept_out: Sequence[int]) -> Choice:
        """The fusion by some of the documents, having learned from the others."""
        self.thorough, out = True, set(kept_out)
        others = tuple(n for n in range(len(self.complete)) if n not in out)
        tried = self._tried(_Trial(others, tuple(kept_out)))
        return pooling.choose_crf(pooling.count_ways(self.ways, tried, self.labels))

    def _trials(self, folds: int, share: float) -> list[_Trial]:
        parts, trials = self.folds(folds), []
        order = [n for each in zip_longest(*parts) for n in each if n is not None]
        for held_out in parts:
            others = [n for n in order if n not in set(held_out)]
            learn = others[: max(1, round(share * len(others)))]
            trials.append(_Trial(tuple(learn), held_out, share == 1.0))
        return trials

    def folds(self, number: int) -> list[tuple[int, ...]]:
        """The documents in so many parts, near-copies together, always the same ones."""
        return apart(self.groups, number, np.random.default_rng(0).permutation(len(self.complete)).tolist())

    def _done(self, trial: _Trial) -> Any:
        if trial.held_out:
            return self._tried(trial)
        if trial.part == "untold":
            return {"untold": self.fit_untold(trial.learn)}
        edges = self.fit_edges(trial.learn)
        return {"edges": edges, "model": self.fit(trial.learn, start=edges)}

    def _tried(self, trial: _Trial) -> list[pooling.Answered]:
        """What rules and model say of each document held out."""
        known, counting = [*(self.observed[n] for n in trial.learn), *self.partly], self.voters.counting
        policy = policy_of(known, self.voters)
        first = ReviewedTermSource(policy.terms)
        last = DistrustedSource(policy.distrusted, (first.name, *counting), trust=policy.trust)
        self._answer(trial.learn, trial.held_out)
        found = []
        for doc, decided in (self.complete[n] for n in trial.held_out):
            for source in (first, last):
                write_matches(doc, source.name, source(doc))
            write_rules(doc, [first.name, *counting, last.name], RULE_GROUP)
            found.append(pooling.Answered.of(doc, decided.spans, policy.earned))
            for source in (first, last):
                del doc.spans[source.name]
        return found

    def _answer(self, learn: Sequence[int], held_out: Sequence[int]) -> None:
        """Write the model's spans into the documents held out."""
        vocab, voters = self.complete[0].doc.vocab, self.voters
        crf = CrfEntityRecognizer(vocab, "ner", voters.rules, self.settings, voters.heard)
        most = min(_JUDGED, self.settings.iterations)
        dense = self.fit_network(learn) if self.thorough else None
        edges = self.fit_edges(learn, most)
        model = self.fit(learn, most, start=edges)
        crf.learn(model, self.words, self.states, dense, edges, numbered=self.numbered)
        docs = [self.complete[n].doc for n in held_out]
        accepted = [doc.ents for doc in docs]
        crf.read(docs, [self.rows[n] for n in held_out], explain=False)
        for doc, entities in zip(docs, accepted, strict=True):
            doc.set_ents(entities)  # what is fitted next in this process learns from them

    def _by_rules(self, doc: Doc) -> dict[Key, str]:
        votes = ((m.start, m.end, m.label, source) for source, m in aggregate(doc, self.voters.rules))
        return {(start, end, label): by for start, end, label, by in votes if label in self.labels}


def _least_spans(documents: int, rules_f1: float) -> int:
    """Accepted spans below which rules stay alone."""
    if documents < _LEAST_DOCUMENTS:
        return _FEW_SPANS if documents > 1 else _UNJUDGED
    return _LEAST_SPANS if rules_f1 >= STRONG else 1


def _in_order(answers: Mapping[int, pooling.Answered]) -> list[pooling.Answered]:
    return [answers[number] for number in sorted(answers)]


def _folds(documents: int) -> int:
    """More folds where documents are few and fitting takes no time."""
    return min(documents, 10) if documents <= _FEW else 5 if documents <= _MANY else 2


# Where mentions begin, in words ("severity stays outside"): that is mostly about words at the left edge,
# "severe pain" or "pain". Each such word is looked at where it stands directly before a mention (outside) or
# begins one (inside). The CRF learns the same from its features; a habit that a reviewer does not want is
# hidden from it.

KINDS: Mapping[str, frozenset[str]] = {
    name: frozenset(words.split())
    for name, words in {
        "severity": (
            "mild moderate severe profound extreme marked slight minor major massive serious significant"
        ),
        "course": "acute chronic subacute recurrent persistent progressive intermittent transient stable",
        "location": (
            "left right bilateral unilateral upper lower anterior posterior lateral medial proximal distal "
            "central peripheral superior inferior dorsal ventral"
        ),
        "time": "new old prior previous former recent early late initial current",
        "titles": "mr mrs ms dr shri smt sri justice hon'ble honourable honorable learned sir",
        "articles": "the a an this that these those his her its their our",
        "doubt": "possible probable suspected likely presumed alleged apparent",
    }.items()
}
"""Words that annotation guidelines have rules about, by what they tell."""
_LEAST_PLACES, _IN_DOCUMENTS = 3, 2
"""Places, and documents that they are in, from which a habit is told."""
_CLEAR, _WORDS_SHOWN = 0.75, 3


@dataclass(frozen=True, slots=True)
class Habit:
    """Words that mostly stand inside, or mostly outside of mentions.

    Args:
        kind: What they tell: a key of ``KINDS``.
        inside: Whether mentions take them in.
        words: Those met, most frequent first.
        agree: Places where it is so …
        places: … of all places.
        label: Of the mentions, where those of another label are the other way round.
    """

    kind: str
    inside: bool
    words: tuple[str, ...]
    agree: int
    places: int
    label: str = ""

    def sentence(self) -> str:
        """``severity (severe, mild) stays outside: 9 of 10 places``; ``… stays outside of Sign: …``."""
        named = ", ".join(self.words[:_WORDS_SHOWN]) + (", …" if len(self.words) > _WORDS_SHOWN else "")
        verb, where = ("belong", "inside") if self.inside else ("stay", "outside")
        where = f"{verb}{'' if self.kind.endswith('s') else 's'} {where}"  # "articles stay", "severity stays"
        where += f" of {self.label}" * bool(self.label)
        return f"{self.kind} ({named}) {where}: {self.agree} of {quantity(self.places, 'place')}"

    def as_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "inside": self.inside, "sentence": self.sentence()}


def habits(reviewed: Iterable[Reviewed], forget: Collection[str] = ()) -> tuple[Habit, ...]:
    """Every clear habit of the completely reviewed documents but with words to forget, most places first."""
    seen: dict[str, list[_Place]] = defaultdict(list)
    for number, (doc, decided) in enumerate(reviewed):
        for entity in decided.accepted if decided.complete else ():
            for inside, word in _at_edge(doc, entity.start, entity.end):
                for kind, words in KINDS.items():
                    if word in words and word not in forget:
                        seen[kind].append(_Place(inside, word, number, entity.label))
    found = [habit for kind, places in seen.items() for habit in _habits(kind, places)]
    return tuple(sorted(found, key=lambda habit: -habit.places))


def hidden_words(names: Iterable[str]) -> tuple[str, ...]:
    """The words of kinds, and words named one by one, folded and in order."""
    return tuple(sorted({word for name in names for word in KINDS.get(name, (fold(name),))}))


def _at_edge(doc: Doc, start: int, end: int) -> Iterable[tuple[bool, str]]:
    """The word that begins a mention of several, and the word right before it, folded."""
    span = doc.char_span(start, end)
    if span is None:
        return
    if len(span) > 1:
        yield True, _edge_word(span[0])
    before = doc[span.start - 1] if span.start else None
    if before is not None and before.whitespace_:
        yield False, _edge_word(before)


def _edge_word(token: Token) -> str:
    """The word, folded; none for an initial ("A. Sharma") or a letter of a name ("A-raf"): no article."""
    word = fold(token.text).rstrip(".")
    alone = token.whitespace_ and not token.text.endswith(".")
    return word if alone or len(word) > 1 else ""


class _Place(NamedTuple):
    """A word at the edge of a mention, the number of its document, and the mention's label."""

    inside: bool
    word: str
    document: int
    label: str


def _habits(kind: str, places: Sequence[_Place]) -> list[Habit]:
    """The habit of all mentions; where labels are clearly the other way round, that of each."""
    labels = sorted({place.label for place in places})
    each = [_habit(kind, [p for p in places if p.label == label], label) for label in labels]
    found = [habit for habit in each if habit]
    if len({habit.inside for habit in found}) < 2:
        found = [habit for habit in [_habit(kind, places)] if habit]
    return found


def _habit(kind: str, places: Sequence[_Place], label: str = "") -> Habit | None:
    within = sum(place.inside for place in places)
    inside = 2 * within >= len(places)
    agree = within if inside else len(places) - within
    documents = len({place.document for place in places})
    if len(places) < _LEAST_PLACES or documents < _IN_DOCUMENTS or agree < _CLEAR * len(places):
        return None
    words = [place.word for place in places if place.inside is inside]
    met = sorted(set(words), key=lambda word: (-words.count(word), word))
    return Habit(kind, inside, tuple(met), agree, len(places), label)
