"""Learn from reviewed documents what term lists do not state: which surfaces count, and which votes fail."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from math import ceil, comb, exp, log, sqrt
from types import MappingProxyType
from typing import Any, NamedTuple

from spacy.tokens import Doc, Span

from hybrid_ner.corpus.document import Entity, without_overlaps
from hybrid_ner.matching import Match
from hybrid_ner.pipeline import Voters
from hybrid_ner.sources import aggregate, learned, read_matches, view_of, write_matches
from hybrid_ner.terms import ADDED, Gazetteer
from hybrid_ner.text import brief, fold, plain_line, quantity


@dataclass(frozen=True, slots=True)
class Decided:
    """What reviewers decided in one document.

    Args:
        accepted: Spans that are right, with their labels.
        rejected: Spans that are wrong.
        complete: The document was read to the end: whatever is not accepted is no entity.
    """

    accepted: tuple[Entity, ...] = ()
    rejected: tuple[Entity, ...] = ()
    complete: bool = False

    __repr__ = brief

    def __bool__(self) -> bool:
        return self.complete or bool(self.accepted or self.rejected)

    @property
    def spans(self) -> set[tuple[int, int, str]]:
        """Characters and label of everything that is accepted."""
        return {(each.start, each.end, each.label) for each in self.accepted}

    def judge(self, start: int, end: int, label: str) -> bool | None:
        """Whether a span names an accepted entity, if only in part; ``None`` where nobody decided."""
        if any(e.label == label and e.start < end and start < e.end for e in self.accepted):
            return True
        if self.complete or any((e.start, e.end, e.label) == (start, end, label) for e in self.rejected):
            return False
        return None

    def is_exact(self, start: int, end: int, label: str) -> bool | None:
        """Whether a span has exactly the characters and label of an accepted one; ``None``: undecided."""
        found = self.judge(start, end, label)
        if found is None and any(e.start < end and start < e.end for e in self.accepted):
            return False  # reviewers gave these characters another label
        return found and any((e.start, e.end, e.label) == (start, end, label) for e in self.accepted)


def correct(doc: Doc, decided: Decided) -> list[str]:
    """Put the decisions into ``doc.ents``.

    Returns:
        One line for each accepted span that fits no tokens or lies over a longer one.
    """
    accepted, overlapping = without_overlaps(decided.accepted)
    spans = [doc.char_span(e.start, e.end, e.label) for e in accepted]
    unfit = [e for e, span in zip(accepted, spans, strict=True) if span is None]
    text = view_of(doc).text
    misfit = [f"{e.start}-{e.end} {e.label} “{text[e.start : e.end]}”" for e in (*overlapping, *unfit)]
    wanted = [span for span in spans if span is not None]
    kept: list[Span] = []
    if not decided.complete:
        wrong = {(e.start, e.end, e.label) for e in decided.rejected}
        taken = {token for span in wanted for token in range(span.start, span.end)}
        kept = [
            ent
            for ent in doc.ents
            if (ent.start_char, ent.end_char, ent.label_) not in wrong
            and taken.isdisjoint(range(ent.start, ent.end))
        ]
    doc.set_ents([*wanted, *kept])
    return misfit


_SHOWN = 3


def misfit_sentence(misfit: Sequence[str]) -> str:
    """What is said of accepted spans that cannot be learned; empty where all can."""
    if not misfit:
        return ""
    more = f"; and {len(misfit) - _SHOWN:,} more" if len(misfit) > _SHOWN else ""
    named = "; ".join(map(plain_line, misfit[:_SHOWN])) + more
    return f"{quantity(len(misfit), 'mention')} ending inside a word or overlapping a longer one: {named}"


_LEAST_RIGHT, _LEAST_OF_ANY = 0.45, 0.25
"""A vote that is right less often costs more precision than it gives recall: half of the F1 to be reached, of
a good one at most; a vote counts as right here if it is so in part, so it is a little more."""
_OF_F1 = 0.9
_USUAL_F1, _USUAL_SPANS = 0.6, 30
"""F1 of rules that is supposed before any accepted span is seen, and spans it counts for."""
_PRIOR = 3.0
"""Documents that the share over all votes counts for."""
_BROAD = ("source", "rule")
_BROAD_PRIOR, _BROAD_RIGHT = 3.0, 0.5
"""Documents of usual size that a whole source or rule begins with, and the least share there: when it falls,
all that it knows falls, so few documents full of one word must not decide (``benchmarks/learner.md``)."""
_LEAST_DOCUMENTS = 2
_TERM_RIGHT = 0.6
NEEDED = 0.5
"""Precision from which more spans always raise F1: what is added has to be right more often than half of F1
(Lipton, Elkan and Naryanaswamy 2014), and F1 is at most 1."""
_Z = 1.96
"""Of a 95 % interval."""
_TERM_PRIOR = (0.7, 1.0)
"""Right and seen documents that a surface starts with: one acceptance is enough, one miss undoes it."""

Key = tuple[str, ...]
"""What votes are counted by."""


class Reviewed(NamedTuple):
    """A document that the rules have read, and what reviewers decided in it."""

    doc: Doc
    decided: Decided


class _Tally:
    """By key: how many votes were right and how many there were, in each document that has any."""

    def __init__(self) -> None:
        self.counts: defaultdict[Key, list[tuple[int, int]]] = defaultdict(list)

    def add(self, judged: Iterable[tuple[Key, bool]]) -> None:
        found: defaultdict[Key, list[bool]] = defaultdict(list)
        for key, verdict in judged:
            found[key].append(verdict)
        for key, verdicts in found.items():
            self.counts[key].append((sum(verdicts), len(verdicts)))

    def seen(self, key: Key) -> int:
        """Documents with such votes."""
        return len(self.counts.get(key, ()))

    def right(self, key: Key) -> float:
        """Those where they were right; a document with both kinds counts in part."""
        return sum(right / votes for right, votes in self.counts.get(key, ()))

    def share(self, key: Key, right: float, seen: float) -> float:
        """Share of right documents, starting from ``right`` of ``seen``."""
        return (self.right(key) + right) / (self.seen(key) + seen)

    def may_be_right(self, key: Key, share: float, documents: float) -> float:
        """Share of right votes, one standard error above what is to be expected.

        F1 counts votes, and the votes of a document stand or fall together: it is a ratio of sums over
        documents, with the error of such a ratio (Cochran 1977, Sampling Techniques, 6.3).

        Args:
            key: Seen in some document.
            share: Expected before any is seen …
            documents: … which counts for so many, with as many votes as those with any have on average.
        """
        counts = self.counts[key]
        usual, number = sum(votes for _, votes in counts) / len(counts), len(counts) + documents
        whole = usual * number
        expected = (sum(right for right, _ in counts) + documents * usual * share) / whole
        apart = sum((right - expected * votes) ** 2 for right, votes in counts)
        apart += documents * (usual * (share - expected)) ** 2
        return expected + sqrt(apart * number / (number - 1)) / whole


def learn_policy(reviewed: Iterable[Reviewed], voters: Voters) -> learned.ReviewPolicy:
    """What the decisions say about terms and votes.

    Args:
        reviewed: Documents that a rule pipeline without a policy has read.
        voters: Its labeling sources.
    """
    return policy_of([observed(each, voters) for each in reviewed], voters)


class Observed(NamedTuple):
    """What a reviewed document says of terms and votes, whatever else was reviewed.

    Args:
        missed: Surface and label of every accepted span that the rules do not have exactly.
        judged: Key of every decided vote by what it can be judged by, and whether it was right.
        found: The decided spans of rules, by characters.
        by_rules: Verdicts on votes of rules …
        by_models: … and on votes of models.
    """

    reviewed: Reviewed
    text: str
    missed: tuple[tuple[str, str], ...]
    judged: tuple[tuple[Key, bool], ...]
    found: tuple[tuple[int, int, str], ...]
    by_rules: Counter[bool]
    by_models: Counter[bool]


def observed(reviewed: Reviewed, voters: Voters) -> Observed:
    """Look at a document that a rule pipeline without a policy has read."""
    text = view_of(reviewed.doc).text
    rules = [name for name in voters.counting if name not in voters.models]
    missed = tuple(_missed(reviewed, text, rules))
    by_rules, by_models = Counter[bool](), Counter[bool]()
    judged: list[tuple[Key, bool]] = []
    found: list[tuple[int, int, str]] = []
    for source, match in aggregate(reviewed.doc, voters.counting):
        verdict = reviewed.decided.judge(match.start, match.end, match.label)
        if verdict is not None:
            (by_models if source in voters.models else by_rules)[verdict] += 1
            if source not in voters.models:
                found.append((match.start, match.end, match.label))
            keys = (
                key
                for key in learned.vote_keys(source, match)
                if source not in voters.models or key[0] in ("model", "source")
            )
            judged += [((*key, match.label), verdict) for key in keys]
    return Observed(reviewed, text, missed, tuple(judged), tuple(found), by_rules, by_models)


def policy_of(documents: Sequence[Observed], voters: Voters) -> learned.ReviewPolicy:
    """What the documents say together."""
    trust = learn_trust([each.reviewed for each in documents], voters.rules, voters.earning)
    return learned.ReviewPolicy(_terms(documents), _distrusted(documents), trust)


def unaided(terms: Gazetteer) -> Gazetteer:
    """A list without what reviewers added, to read what is learned from.

    A term that was added is right there because it was read there. It would teach that rules know everything:
    on text that nobody has read the hybrid then falls to what they know (``benchmarks/learner.md``).
    """
    return terms.filter(lambda term: not term.file.startswith(ADDED))


def added_terms(terms: Gazetteer) -> list[tuple[str, str]]:
    """Folded text and label of each term that reviewers added."""
    return sorted({(fold(term.text), term.label) for term in terms if term.file.startswith(ADDED)})


def less_added(policy: learned.ReviewPolicy, added: Iterable[Sequence[str]]) -> learned.ReviewPolicy:
    """A policy without the terms that stand in the list, with their concepts and who added them."""
    known = set(map(tuple, added))
    terms = tuple(term for term in policy.terms if (fold(term.text), term.label) not in known)
    return replace(policy, terms=terms)


_BY_TERM = frozenset(("exact", "folded", "variant", "fuzzy"))
"""How a vote for a term is recognized."""
_LISTED, _LEAST_LISTED, _OF_REVIEWED = 0.9, 3, 0.5
"""Share of accepted spans that are terms, documents that have it, and their share of those with any."""
_LEAST_SOME, _OF_SOME, _BY_CHANCE = 4, 0.15, 12.0
"""Documents that have it, and their share, where a list was made from some of the reviewed documents; and
how many times as many have it as would by chance, at the share of the others: 13 times and more in most lists
made so from a fifth to a half of them, less than 12 in others (``benchmarks/learner.md``)."""
_TIMES, _LEAST_RARE = 1.5, 10
"""How many times as many rare terms as elsewhere tell where a list comes from, and the least number of them:
1.5 to 18 times in lists that were made so, at most 1.1 in others on documents drawn at random
(``benchmarks/learner.md``)."""
_LACKED = 0.03
"""Share of the terms that a list of these documents' words would lack, below which it was made from them:
0.00 to 0.01 in lists made so, 0.04 and more in others (``benchmarks/learner.md``)."""
_HIDDEN = 0.7
"""Share of accepted spans that are terms from which such a list is not believed in a document, at least."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A list that was made from reviewed documents: it knows what it knows because it was read there.

    Args:
        documents: Their ids.
        terms: Folded text and label of the terms that were accepted in one of them alone. The list would not
            have them without this document; it would have those of several.
        why: What tells it.
    """

    documents: tuple[str, ...]
    terms: frozenset[tuple[str, str]]
    why: str

    def sentence(self) -> str:
        documents, terms = (
            quantity(len(self.documents), "reviewed document"),
            quantity(len(self.terms), "term"),
        )
        return (
            f"probably made from {documents}: nearly every mention there is a term, and {self.why}; what one "
            f"of them alone has ({terms}) counts as unknown there. On text that it was made from no score "
            "tells how the model does on other text"
        )

    def hide(self, reviewed: Mapping[str, Reviewed], sources: Iterable[str]) -> None:
        """Take the votes for these terms out of the documents, in place."""
        for doc, name in product((reviewed[doc_id].doc for doc_id in self.documents), sources):
            votes = read_matches(doc, name)
            kept = [vote for vote in votes if _term(vote) not in self.terms]
            if len(kept) < len(votes):
                write_matches(doc, name, kept)


def terms_by_file(terms: Gazetteer) -> dict[str, int]:
    """How many terms each file of a list has, as ``copied_list`` tells them apart."""
    return Counter(file for file, *_ in {(term.file, fold(term.text), term.label) for term in terms})


def copied_list(
    reviewed: Mapping[str, Reviewed],
    others: Callable[[], Iterable[Doc]],
    sources: Sequence[str],
    listed_terms: Mapping[str, int] = MappingProxyType({}),
) -> Copied | None:
    """Whether a list was made from the reviewed documents; ``None`` where nothing says so.

    A list that holds what was accepted has nearly every mention of these documents, and more terms that stand
    in one document alone than it has for text that nobody has reviewed. Where it was made from some of them,
    there are many more documents with nearly every mention than its share in the others lets expect. Where
    all text is reviewed and full of terms, a file is told by what it lacks (``_used_up``).

    Args:
        reviewed: Read by the rules.
        others: Documents that nobody has reviewed, read by them too; asked for only where they count.
        sources: Those whose votes count.
        listed_terms: How many terms each file of the list has.
    """
    whole = {doc_id: each for doc_id, each in reviewed.items() if each.decided.complete}
    right: dict[str, set[tuple[str, str]]] = {}
    share: dict[str, float] = {}
    for doc_id, (doc, decided) in whole.items():
        accepted = decided.spans
        found = {_span(vote): term for vote, term in _terms_in(doc, sources) if _span(vote) in accepted}
        share[doc_id] = len(found) / len(accepted) if accepted else 0.0
        right[doc_id] = {*found.values()}
    listed = [doc.doc for doc_id, doc in whole.items() if share[doc_id] >= _LISTED]
    sizes = {doc_id: len(each.decided.spans) for doc_id, each in whole.items() if each.decided.accepted}
    rest = [each.doc for doc_id, each in reviewed.items() if share.get(doc_id, 0.0) < _LISTED]
    hidden_from, instead = _HIDDEN, list[Doc]()
    if len(listed) < max(_LEAST_LISTED, _OF_REVIEWED * len(sizes)):
        usual, expected = _by_chance(share, sizes)
        hidden_from, instead = max(_HIDDEN, (1 + usual) / 2), rest
        if len(listed) < max(_LEAST_SOME, _OF_SOME * len(sizes), _BY_CHANCE * expected):
            return None
    hidden = [doc_id for doc_id in right if share[doc_id] >= hidden_from]
    times_accepted = Counter(term for doc_id in hidden for term in right[doc_id])
    terms = frozenset(term for term, count in times_accepted.items() if count == 1)
    unread = [*others()]
    if not (elsewhere := unread or instead):
        theirs, known = _used_up([each.doc for each in whole.values()], sources, listed_terms)
        why = f"all but {known - len(theirs):,} of its {quantity(known, 'term')} stand in reviewed documents"
        return Copied(tuple(hidden), terms & theirs, why) if theirs else None
    seen = Counter(term for doc in (*listed, *rest, *unread) for term in _terms_of(doc, sources))

    def rare(docs: Sequence[Doc]) -> int:
        return sum(seen[term] == 1 for doc in docs for term in _terms_of(doc, sources))

    here, tokens = rare(listed), sum(map(len, listed))
    times = here / max(1, tokens) * sum(map(len, elsewhere)) / (rare(elsewhere) + 0.5)
    if here < _LEAST_RARE or times < _TIMES:
        return None
    return Copied(tuple(hidden), terms, f"rare terms are {times:.1f} times as frequent as in other text")


def _used_up(
    docs: Iterable[Doc], sources: Sequence[str], listed_terms: Mapping[str, int]
) -> tuple[frozenset[tuple[str, str]], int]:
    """Terms that stand in these documents, of files of which nearly all do; and how many terms these have.

    A list that comes from elsewhere has many terms that stand nowhere in them: as many at least as the terms
    that stand in one and in two of them tell (Chao 1984).
    """
    standing: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for doc in docs:
        votes = _terms_in(doc, sources)
        for file, term in {(told.file, term) for vote, term in votes if (told := vote.evidence)}:
            standing[file][term] += 1
    found, known = set[tuple[str, str]](), 0
    for file, seen in standing.items():
        once, twice = (sum(count == times for count in seen.values()) for times in (1, 2))
        lacking = once * (once - 1) / (2 * (twice + 1))
        listed = max(len(seen), listed_terms.get(file, 0))
        if file in listed_terms and once >= _LEAST_RARE and listed - len(seen) < _LACKED * lacking:
            found, known = found | {*seen}, known + listed
    return frozenset(found), known


def _by_chance(share: Mapping[str, float], sizes: Mapping[str, int]) -> tuple[float, float]:
    """The share of terms in documents that are not full of them, and how many would be full at that share.

    Args:
        share: Document → share of its accepted spans that are terms.
        sizes: Document → its accepted spans.
    """
    rest = [doc_id for doc_id in sizes if share[doc_id] < _LISTED]
    found, seen = sum(share[doc_id] * sizes[doc_id] for doc_id in rest), sum(sizes[doc_id] for doc_id in rest)
    usual = (found + 1) / (seen + 2)

    def full(size: int) -> float:
        more = range(ceil(_LISTED * size), size + 1)
        return sum(exp(log(comb(size, n)) + n * log(usual) + (size - n) * log(1 - usual)) for n in more)

    return usual, sum(map(full, sizes.values()))


def copied_facts(copied: Copied | None) -> dict[str, Any]:
    """A list that was made from reviewed documents, as plain values."""
    if copied is None:
        return {}
    counts = {"documents": len(copied.documents), "terms": len(copied.terms)}
    return {"copied": {**counts, "sentence": copied.sentence()}}


def _terms_in(doc: Doc, sources: Iterable[str]) -> Iterator[tuple[Match, tuple[str, str]]]:
    """Votes for terms, with what they are for."""
    votes = (vote for name in sources for vote in read_matches(doc, name))
    return ((vote, term) for vote in votes if (term := _term(vote)))


def _terms_of(doc: Doc, sources: Iterable[str]) -> set[tuple[str, str]]:
    return {term for _, term in _terms_in(doc, sources)}


def _term(vote: Match) -> tuple[str, str] | None:
    """Folded text and label of the term that a vote is for; ``None`` for other votes."""
    told = vote.evidence
    return (fold(told.reference), vote.label) if told and told.method in _BY_TERM else None


def _span(vote: Match) -> tuple[int, int, str]:
    return vote.start, vote.end, vote.label


def with_sentence(found: Any) -> dict[str, Any]:
    """A dataclass as plain values, with what it says to people."""
    return asdict(found) | {"sentence": found.sentence()}


def policy_facts(policy: learned.ReviewPolicy) -> dict[str, Any]:
    """What was learned, as plain values."""
    facts: dict[str, Any] = {"reviewed_terms": len(policy.terms), "distrusted": len(policy.distrusted)}
    if policy.trust:
        facts["trust"] = list(map(with_sentence, policy.trust))
    return facts


def learn_trust(
    documents: Sequence[Reviewed], rules: Sequence[str], models: Sequence[str]
) -> tuple[learned.Trust, ...]:
    """How often what a model adds to the rules is right, by label, and whether that is enough to count.

    The rest of a model's votes changes nothing: it stands only where no rule does. A label counts when the
    lower end of its interval is above ``NEEDED``.

    Args:
        documents: Read by a pipeline without a policy.
        rules: Sources whose votes stand before those of any model.
        models: Each is looked at by itself.
    """
    return tuple(each for model in models for each in trust_of(model, _added(documents, rules, model)))


def trust_of(model: str, told: Mapping[tuple[str, int, str], Sequence[bool]]) -> Iterator[learned.Trust]:
    """What a model has earned by label, and of all other labels together.

    Args:
        model: Its name.
        told: By label, document and surface, whether each vote that it adds is right.
    """
    for label in sorted({label for label, *_ in told}):
        right, seen, low, high = interval({k: v for k, v in told.items() if k[0] == label})
        yield learned.Trust(model, label, right, seen, low, high, low > NEEDED)
    yield learned.Trust(model, "", *interval(told), counts=False)


def _added(
    documents: Sequence[Reviewed], rules: Sequence[str], model: str
) -> dict[tuple[str, int, str], list[bool]]:
    """By label, document and surface: which votes of a model that no rule stands against are right."""
    told: defaultdict[tuple[str, int, str], list[bool]] = defaultdict(list)
    for number, (doc, decided) in enumerate(documents):
        text = doc.text
        for vote in aggregate(doc, [*rules, model]):
            match = vote.match
            verdict = decided.is_exact(match.start, match.end, match.label)
            if vote.source == model and verdict is not None:
                told[match.label, number, fold(text[match.start : match.end])].append(verdict)
    return told


def interval(told: Mapping[Any, Sequence[bool]]) -> tuple[int, int, float, float]:
    """Right votes, all votes, and the 95 % interval of the share that is right.

    Votes for one surface of one document stand or fall together, so the interval is that of fewer votes
    (effective sample size, Kish 1965).

    Args:
        told: By document and surface, whether each vote is right.
    """
    sizes = [len(each) for each in told.values()]
    right, seen = sum(sum(each) for each in told.values()), sum(sizes)
    single = seen**2 / sum(size**2 for size in sizes) if seen else 0.0
    low, high = wilson(right / max(1, seen) * single, single)
    return right, seen, low, high


def wilson(right: float, seen: float) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927), also right for few and for shares near 0 and 1."""
    if not seen:
        return 0.0, 1.0
    share, width = right / seen, _Z**2 / seen
    middle = (share + width / 2) / (1 + width)
    reach = _Z * sqrt(share * (1 - share) / seen + width / (4 * seen)) / (1 + width)
    return round(max(0.0, middle - reach), 4), round(min(1.0, middle + reach), 4)


def _distrusted(documents: Sequence[Observed]) -> tuple[learned.Distrust, ...]:
    """Kinds of votes that are mostly wrong.

    What is known of a surface or of rules at large comes from rules alone: a bad model must not discredit
    them.
    """
    tally, by_rules, by_models = _Tally(), Counter[bool](), Counter[bool]()
    for each in documents:
        tally.add(each.judged)
        by_rules.update(each.by_rules)
        by_models.update(each.by_models)
    every = by_rules or by_models
    share = every[True] / max(1, every.total())
    least, at_large = _least_right(documents), max(share, _BROAD_RIGHT)

    def expected(key: Key) -> float:
        if key[0] in _BROAD:
            return tally.may_be_right(key, at_large, _BROAD_PRIOR)
        return tally.share(key, share * _PRIOR, _PRIOR)

    return tuple(
        learned.Distrust(key[0], key[1], key[2], round(tally.right(key), 2), tally.seen(key))
        for key in sorted(tally.counts)
        if tally.seen(key) >= _LEAST_DOCUMENTS and expected(key) < least
    )


def _least_right(documents: Sequence[Observed]) -> float:
    """Share of right votes below which a kind of vote does harm: where rules do badly, less is enough.

    F1 gains by whatever is right more often than half of the F1 to be reached (Lipton, Elkan and Naryanaswamy
    2014).
    """
    gold = [each.reviewed.decided.spans for each in documents]
    labels = {label for spans in gold for *_, label in spans}  # others are none of the project's
    found = [{span for span in each.found if span[2] in labels} for each in documents]
    right = sum(len(a & b) for a, b in zip(found, gold, strict=True))
    accepted = sum(map(len, gold))
    reached = 2 * right / max(1, sum(map(len, found)) + accepted)
    expected = (reached * accepted + _USUAL_F1 * _USUAL_SPANS) / (accepted + _USUAL_SPANS)
    return min(_LEAST_RIGHT, max(_LEAST_OF_ANY, _OF_F1 * expected))


def _terms(documents: Sequence[Observed]) -> tuple[learned.ReviewedTerm, ...]:
    candidates = _candidates(documents)
    matcher = learned.terms_matcher(candidates.items())
    tally = _Tally()
    concepts: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for (_, decided), text, *_ in documents:
        accepted = {(e.start, e.end): e.label for e in decided.accepted}
        for e in decided.accepted:
            concepts[fold(text[e.start : e.end]), e.label].update([e.concept_id] * bool(e.concept_id))
        judged: list[tuple[Key, bool]] = []
        for match in matcher.match(text):
            key = (fold(text[match.start : match.end]),)
            label = accepted.get((match.start, match.end))
            if label is not None or decided.judge(match.start, match.end, match.label) is not None:
                judged.append((key, label == match.label))
        tally.add(judged)
    terms = []
    for text, label in sorted(candidates.items()):
        key = (fold(text),)
        if tally.seen(key) and tally.share(key, *_TERM_PRIOR) > _TERM_RIGHT:
            concept = next(iter(concepts[*key, label].most_common(1)), ("",))[0]
            terms.append(
                learned.ReviewedTerm(text, label, round(tally.right(key), 2), tally.seen(key), concept)
            )
    return tuple(terms)


def _missed(reviewed: Reviewed, text: str, sources: Sequence[str]) -> Iterator[tuple[str, str]]:
    votes = (vote.match for vote in aggregate(reviewed.doc, sources))
    had = {(match.start, match.end, match.label) for match in votes}
    for entity in reviewed.decided.accepted:
        surface = text[entity.start : entity.end]
        if (entity.start, entity.end, entity.label) not in had and sum(map(str.isalnum, surface)) > 1:
            yield surface, entity.label


def _candidates(documents: Sequence[Observed]) -> dict[str, str]:
    """Accepted surfaces that the rules do not have exactly, each with its most frequent label."""
    labels: defaultdict[str, Counter[str]] = defaultdict(Counter)
    written: dict[str, str] = {}
    for surface, label in (pair for each in documents for pair in each.missed):
        labels[fold(surface)][label] += 1
        written.setdefault(fold(surface), surface)
    return {written[key]: counts.most_common(1)[0][0] for key, counts in labels.items()}
