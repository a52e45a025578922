"""What each labeling source is worth: how much it covers, with whom it agrees, and how often it is right.

Without gold, the number of right votes of a source is estimated from which of them two other, independent
sources cast as well, as the size of a population is from animals that are caught twice (Chapman 1951,
University of California Publications in Statistics 1), by the two sources that agree most. The lower end of
the interval is told, and at least what is confirmed. Wrong votes are taken to be confirmed by nobody, so
sources that share their errors look better than they are; what is hard for all makes them look worse. The
rules confirm each other by design, so they are one source here.

Before anybody has reviewed, a model counts for a label where two things are told by that: most of what it
adds to the rules is said by another model as well, and where rules speak too it says the same (``earned``).

With reviewed documents the share of right votes is counted, and an interval is given (Wilson 1927), in which
the votes for one surface of one document stand or fall together (Kish 1965).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import combinations, islice
from math import sqrt
from types import MappingProxyType
from typing import Any

import numpy as np
from spacy.tokens import Doc

from hybrid_ner.corpus import Document
from hybrid_ner.domains.registry import VETO, DomainSettings, aggregate, build_sources, read_matches
from hybrid_ner.pipeline import READ_ATTR, Voters, notes_of, rule_pipeline, voters_of
from hybrid_ner.sources.learned import DistrustedSource, Trust
from hybrid_ner.sources.models import ModelSource
from hybrid_ner.terms import Gazetteer
from hybrid_ner.text import fold, quantity
from hybrid_ner.text.offsets import Intervals
from hybrid_ner.training.choose_fusion import counts_of, f1
from hybrid_ner.training.policy import NEEDED, Decided, Reviewed, interval, learn_trust, trust_of
from hybrid_ner.training.predict import read_docs

_Span = tuple[int, int, str]
_ONE_SIDED = 1.645
_Votes = Mapping[str, frozenset[_Span]]
"""Source → its votes in a document."""


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """One source, and one of its labels.

    Args:
        label: Empty for all its labels together.
        documents: In how many documents.
        coverage: The same as a share of all documents.
        overlap: Share of its votes that another source casts as well.
        conflict: Share that overlap a vote of another source with other characters or another label.
        estimated: Share that is right, at least, as the agreement of independent sources tells; ``None``
            without one that knows the label.
        right: Right ones by review …
        seen: … of so many that were decided on.
        low: The share that is right is between ``low`` …
        high: … and ``high`` (95 %).
        alone: Spans of the rules' answer that would not be there without its votes.
        f1_without: What leaving out its votes adds to the strict F1 of the rules' answer on completely
            reviewed documents, between -1 and 1; ``None`` without such documents.
    """

    source: str
    label: str
    votes: int
    documents: int
    coverage: float
    overlap: float
    conflict: float
    estimated: float | None
    right: int
    seen: int
    low: float
    high: float
    alone: int
    f1_without: float | None


@dataclass(frozen=True, slots=True)
class Worth:
    """What the sources of a pipeline are worth.

    Args:
        documents: Read.
        reviewed: Of them decided on, if only in part.
        rows: By source, in order of trust, all labels first.
        trust: What each model has earned by review.
    """

    documents: int
    reviewed: int
    voters: Voters
    rows: tuple[SourceFacts, ...]
    trust: tuple[Trust, ...]


def source_facts(read: Iterable[tuple[Doc, Decided]], voters: Voters) -> Worth:
    """Look at documents that the sources have read.

    Args:
        read: Documents with every vote, and what was decided in each.
        voters: The sources.
    """
    pairs = [Reviewed(doc, decided) for doc, decided in read]
    decided = [each for each in pairs if each.decided]
    work = _Work(pairs, voters)
    names = (*voters.counting, *voters.silent)
    rows = tuple(row for name in names for row in work.rows(name))
    if decided:
        trust = learn_trust(decided, voters.rules, voters.earning)
    else:
        trust = trust_by_agreement([doc for doc, _ in pairs], voters)
    return Worth(len(pairs), len(decided), voters, rows, trust)


READ = 200
"""Documents that are read to see which models agree: what they answer is kept, so nothing is asked twice."""


def earned(
    gazetteer: Gazetteer,
    domain: str,
    settings: DomainSettings,
    documents: Iterable[Document],
    told: Callable[[str], None] = lambda line: None,
) -> tuple[tuple[Trust, ...], bool]:
    """What the models among the sources have earned by agreeing, before anybody has reviewed.

    Args:
        documents: Text, of which the first documents are read.

    Returns:
        The trust, for ``DomainSettings.reviewed``, nothing where there are no rules that a model could spoil
        or no model has to earn it; and whether every model answered.
    """
    made = build_sources(domain, gazetteer, settings)
    known = {each.source for each in settings.reviewed.trust}
    unknown = [t for s in made if isinstance(s, DistrustedSource) for t in s.trust if t.source not in known]
    models = {s.name: f"{s.kind} {s.identity}" for s in made if isinstance(s, ModelSource)}
    if not unknown or len(set(models.values())) < 2:
        return tuple(unknown), True
    nlp = rule_pipeline(gazetteer, domain, settings, judged=False)
    docs, whole = [], True
    for number, (_, doc) in enumerate(read_docs(nlp, islice(documents, READ)), 1):
        told(f"{quantity(number, 'document')} read to see which models agree")
        docs.append(doc)
        whole = whole and not any("unanswered" in notes for notes in notes_of(doc).values())
    names = {each.source for each in unknown}
    return tuple(t for t in trust_by_agreement(docs, voters_of(nlp), models) if t.source in names), whole


def with_trust(settings: DomainSettings, trust: Sequence[Trust]) -> DomainSettings:
    """The sources with what their models have earned."""
    known = settings.reviewed
    return replace(settings, reviewed=replace(known, trust=(*known.trust, *trust)))


def trust_by_agreement(
    docs: Sequence[Doc], voters: Voters, identities: Mapping[str, str] = MappingProxyType({})
) -> tuple[Trust, ...]:
    """What each model has earned by label, as far as agreement tells.

    Of what a model adds to the rules the share that another model says too, and with it the lower end of its
    interval, has to be above one half; and of its votes that overlap the rules' answer more than half have
    to be exactly that: a model that reads a label in another sense than the rules agrees with its like.

    Args:
        docs: Documents with every vote.
        voters: The sources.
        identities: What tells models apart, by name: one that was named twice does not confirm itself.
    """
    found: list[Trust] = []
    for model in voters.earning:
        own = identities.get(model, model)
        others = [name for name in voters.models if name != model and identities.get(name, name) != own]
        told: defaultdict[tuple[str, int, str], list[bool]] = defaultdict(list)
        same: defaultdict[str, list[bool]] = defaultdict(list)
        for number, doc in enumerate(docs):
            _compare(doc, number, voters.rules, model, others, told, same)
        strange = {label for label, each in same.items() if sum(each) <= NEEDED * len(each)}
        found += (
            replace(each, by="agreement", counts=each.counts and each.label not in strange)
            for each in trust_of(model, told)
        )
    return tuple(found)


def _compare(
    doc: Doc,
    number: int,
    rules: Sequence[str],
    model: str,
    others: Sequence[str],
    told: defaultdict[tuple[str, int, str], list[bool]],
    same: defaultdict[str, list[bool]],
) -> None:
    """Add which votes of a model another one casts that has read the document, and whether rules say so."""
    text, answer = doc.text, _answer(doc, rules)
    others = [name for name in others if name in doc.spans and doc.spans[name].attrs.get(READ_ATTR)]
    votes = _votes(doc, (model, *others))
    confirmed = frozenset().union(*(votes[name] for name in others))
    added = {(v.match.start, v.match.end, v.match.label) for v in aggregate(doc, [*rules, model])} - answer
    taken = Intervals((start, end) for start, end, _ in answer)
    for span in votes[model]:
        if span in added and others:
            told[span[2], number, fold(text[span[0] : span[1]])].append(span in confirmed)
        elif taken.overlap(span[0], span[1]):
            same[span[2]].append(span in answer)


def estimated_precision(votes: int, confirmed: Sequence[Set[Any]]) -> float | None:
    """Share of votes that is right, at least, by which of them other sources cast as well.

    Args:
        votes: How many a source cast.
        confirmed: For each independent source that knows the label, the votes that it confirms.

    Returns:
        Between 0 and 1; with one other source it is the share confirmed, without any ``None``.
    """
    if not votes or not confirmed:
        return None
    least = float(len(set().union(*confirmed)))
    if len(confirmed) > 1:
        first, second = max(combinations(confirmed, 2), key=lambda pair: len(pair[0] & pair[1]))
        least = max(least, _least_right(len(first), len(second), len(first & second)))
    return min(1.0, least / votes)


def _least_right(first: int, second: int, both: int) -> float:
    """Lower end (95 %, one side) of Chapman's estimate of a population that was caught twice."""
    whole = (first + 1) * (second + 1) / (both + 1) - 1
    variance = (first + 1) * (second + 1) * (first - both) * (second - both) / ((both + 1) ** 2 * (both + 2))
    return whole - _ONE_SIDED * sqrt(variance)


class _Work:
    """The votes of all documents, and the rules' answer with and without each source."""

    def __init__(self, pairs: Sequence[Reviewed], voters: Voters) -> None:
        self.pairs, self.voters = pairs, voters
        self.names = (*voters.counting, *voters.silent)
        self.votes: list[_Votes] = [_votes(doc, self.names) for doc, _ in pairs]
        rules = [name for name in voters.counting if name not in voters.models]
        self.rules = [_answer(doc, rules) for doc, _ in pairs]
        self.answers = [_answer(doc, voters.counting) for doc, _ in pairs]
        self.scored = [place for place, each in enumerate(pairs) if each.decided.complete]

    def rows(self, source: str) -> Iterator[SourceFacts]:
        """All labels together, then each."""
        labels = sorted({label for votes in self.votes for _, _, label in votes[source]})
        rest = [name for name in self.voters.counting if name != source]
        counts = source in self.voters.counting and bool(labels)
        without = [_answer(doc, rest) for doc, _ in self.pairs] if counts else self.answers
        return (self._row(source, label, without) for label in (["", *labels] if labels else []))

    def _row(self, source: str, label: str, without: Sequence[frozenset[_Span]]) -> SourceFacts:
        own = [_labeled(votes[source], label) for votes in self.votes]
        number, documents = sum(map(len, own)), sum(map(bool, own))
        overlap, conflict = (each / max(1, number) for each in self._company(source, own))
        estimated, reviewed = self._estimated(source, own), self._reviewed(own)
        pairs = zip(self.answers, without, strict=True)
        alone = sum(len(_labeled(now - then, label)) for now, then in pairs)
        change = self._f1(without, label) - self._f1(self.answers, label) if self.scored else None
        votes = number, documents, documents / max(1, len(self.pairs)), overlap, conflict, estimated
        return SourceFacts(source, label, *votes, *reviewed, alone, change)

    def _company(self, source: str, own: Sequence[frozenset[_Span]]) -> tuple[int, int]:
        """Votes that another source casts as well, and votes that overlap another one of another source."""
        overlap = conflict = 0
        for votes, spans in zip(self.votes, own, strict=True):
            others = {span for name in self.names if name != source for span in votes[name]}
            overlap += len(spans & others)
            ordered = sorted(others)
            starts = np.array([start for start, _, _ in ordered])
            longest = max((end - start for start, end, _ in ordered), default=0)
            for span in spans:
                first, last = np.searchsorted(starts, [span[0] - longest, span[1]]) if ordered else (0, 0)
                conflict += any(o[1] > span[0] and o != span for o in ordered[first:last])
        return overlap, conflict

    def _estimated(self, source: str, own: Sequence[frozenset[_Span]]) -> float | None:
        """Of each label by the sources that know it; of all labels the mean over votes of these labels."""
        number = Counter(label for spans in own for _, _, label in spans)
        right = votes = 0.0
        for label, count in number.items():
            labeled = [_labeled(spans, label) for spans in own]
            share = estimated_precision(count, self._confirmed(source, labeled, label))
            right += count * (share or 0.0)
            votes += count * (share is not None)
        return right / votes if votes else None

    def _confirmed(
        self, source: str, own: Sequence[frozenset[_Span]], label: str
    ) -> list[set[tuple[int, _Span]]]:
        """For each independent source that knows the label, the votes that it confirms."""
        others = [[votes[n] for votes in self.votes] for n in self.voters.models if n != source]
        if source in self.voters.models:
            others.append(self.rules)
        knowing = [said for said in others if any(_labeled(spans, label) for spans in said)]
        return [
            {(place, span) for place, spans in enumerate(own) for span in spans & said[place]}
            for said in knowing
        ]

    def _reviewed(self, own: Sequence[frozenset[_Span]]) -> tuple[int, int, float, float]:
        """Right votes, those decided on, and the interval of their share."""
        told: defaultdict[tuple[int, str, str], list[bool]] = defaultdict(list)
        for place, ((doc, decided), spans) in enumerate(zip(self.pairs, own, strict=True)):
            text = doc.text if decided and spans else ""
            for start, end, label in spans if text else ():
                if (verdict := decided.is_exact(start, end, label)) is not None:
                    told[place, fold(text[start:end]), label].append(verdict)
        return interval(told)

    def _f1(self, answers: Sequence[frozenset[_Span]], label: str) -> float:
        counts = np.zeros(3, dtype=np.int64)
        for place in self.scored:
            found = _labeled(answers[place], label)
            gold = _labeled(frozenset(self.pairs[place].decided.spans), label)
            counts += counts_of(found, gold)
        return float(f1(counts))


def _labeled(spans: frozenset[_Span], label: str) -> frozenset[_Span]:
    return frozenset(span for span in spans if span[2] == label) if label else spans


def _votes(doc: Doc, names: Iterable[str]) -> _Votes:
    return {
        name: frozenset((m.start, m.end, m.label) for m in read_matches(doc, name) if m.label != VETO)
        for name in names
    }


def _answer(doc: Doc, names: Sequence[str]) -> frozenset[_Span]:
    votes = (vote.match for vote in aggregate(doc, names))
    return frozenset((m.start, m.end, m.label) for m in votes)
