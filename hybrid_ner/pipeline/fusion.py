"""Fuse rules and model into the entities of a document, and flag what its text says of each.

Rules come first: aggregated rule spans stand, and a model span is added where no rule span is, when its
probability reaches ``min_score``. Where reviewed documents show that another policy is better, a retrained
pipeline uses that one. The rule and the model answer stay on the document as ``doc.spans["rule"]`` and
``doc.spans["model"]``, so that one pipeline gives all three.
"""

from __future__ import annotations

import json
import warnings
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

import numpy as np
from spacy.attrs import ENT_IOB, ENT_KB_ID, ENT_TYPE
from spacy.language import Language
from spacy.scorer import get_ner_prf
from spacy.tokens import Doc, Span, SpanGroup
from spacy.training import Example

from hybrid_ner.errors import ModelError
from hybrid_ner.matching.match import Evidence, Match
from hybrid_ner.pipeline.scored_ner import MODEL_GROUP, ScoredSpan, bare, rebounded, surest
from hybrid_ner.registry import DOMAINS
from hybrid_ner.sources import decided, view_of, write_later, write_matches
from hybrid_ner.sources.context import Trigger, context_rules, read_lists, shipped_lists
from hybrid_ner.text.patterns import paused_gc

RULE_GROUP = "rule"
System = Literal["rule", "model", "hybrid"]
SYSTEMS: tuple[System, ...] = get_args(System)
Key = tuple[int, int, str]
"""Start, end and label of a span; of tokens on a document."""
Policy = Literal["rules_first", "model_first", "model_only", "pooled"]
_INSIDE, _OUTSIDE, _BEGINS = 1, 2, 3
"""spaCy's ``Token.ent_iob``."""
TRUST = 0.15
"""Weight of the rules' answer beside the probability of a model that knows it already; more for rules that
few documents cannot better, less for a model that has seen many (``training.choose_fusion``)."""


class EntityFusion:
    """Writes ``doc.ents`` and ``doc.spans["rule"]``.

    Args:
        sources: Names of the span groups of the labeling sources, in order of trust.
        min_score: Least probability of a model span.
        policy: Whose spans stand where both have one: ``rules_first`` or ``model_first``; ``model_only``
            leaves the rules out; ``pooled`` weighs every span by the model's probability and the rules'
            answer together (``pool``), for a model that tells what it considered.
        trust: Weight of the rules' answer where the two are pooled.
        earned: Source and label of models whose votes count, and the least share of what they add that is
            right: where the two are pooled, their spans have at least that probability.
        right: The probability that the rules' answer stands for where the two are pooled, see ``said_of``.
    """

    def __init__(
        self,
        sources: list[str],
        min_score: float,
        policy: Policy,
        trust: float = TRUST,
        earned: Iterable[Sequence[Any]] = (),
        right: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        self.sources, self.min_score, self.policy, self.trust = sources, min_score, policy, trust
        self.earned = {(source, label): float(low) for source, label, low in earned}
        self.right = right

    def __call__(self, doc: Doc) -> Doc:
        with paused_gc():
            rules = write_rules(doc, self.sources, RULE_GROUP)
            # Without a model (``exclude=["ner"]``) there is nothing to weigh the rules against.
            if MODEL_GROUP in doc.spans or self.policy == "model_only":
                doc.set_ents(self.fused(doc, spans_of(doc, rules)))
            else:
                set_ents(doc, rules)
        return doc

    def fused(self, doc: Doc, rules: list[Span] | None = None) -> list[Span]:
        """Non-overlapping spans of a document that carries both answers, by the policy.

        Args:
            doc: The document.
            rules: Spans of the rules' answer, where they are at hand.
        """
        if self.policy == "pooled":
            return self._pooled(doc)
        rules = system_spans(doc, "rule") if rules is None else rules
        group = doc.spans[MODEL_GROUP] if MODEL_GROUP in doc.spans else SpanGroup(doc)
        scores = group.attrs.get("scores", [1.0] * len(group))
        model = [span for span, score in zip(group, scores, strict=True) if score >= self.min_score]
        if self.policy == "model_only":
            return model
        first, second = (rules, model) if self.policy == "rules_first" else (model, rules)
        return joined(first, second)

    def _pooled(self, doc: Doc) -> list[Span]:
        model = doc.spans[MODEL_GROUP] if MODEL_GROUP in doc.spans else SpanGroup(doc)
        sure = {(s[0], s[1], s[2]): s[3] for s in model.attrs.get("considered", ())}
        rules = {(span.start, span.end, span.label_): span for span in system_spans(doc, "rule")}
        least = least_of(doc, self.earned) if self.earned else dict.fromkeys(rules, 0.0)
        edges = [(s[0], s[1], s[2]) for s in model.attrs.get("edges", ())]
        said = said_of(rules, sources_of(doc), self.right)
        chosen = pool(sure, least, self.trust, said, self.min_score, edges)
        return [rules.get(key) or Span(doc, *key) for key in chosen]

    def score(self, examples: Iterable[Example], **_: Any) -> dict[str, Any]:
        """Strict F of the rules, the model and the hybrid, for ``nlp.evaluate`` and ``spacy train``; that of
        the hybrid under spaCy's own names too, which ``spacy evaluate`` shows."""
        examples = list(examples)
        scores: dict[str, Any] = get_ner_prf(examples)
        for system in SYSTEMS:
            judged = [Example(_with_ents(eg.predicted, system), eg.reference) for eg in examples]
            result = get_ner_prf(judged)
            scores |= {f"{system}_{m}": result.get(f"ents_{m}") or 0.0 for m in "prf"}
        return scores


def sources_of(doc: Doc) -> dict[Key, str]:
    """Which source gave each span of the rules."""
    if RULE_GROUP not in doc.spans:
        return {}
    group = doc.spans[RULE_GROUP]
    pairs = zip(group, group.attrs.get("sources", ()), strict=False)
    return {(s.start, s.end, s.label_): by for s, by in pairs}


def least_of(doc: Doc, earned: Mapping[tuple[str, str], float]) -> dict[Key, float]:
    """Least probability of each rule span: what review says of the model among the sources that gave it."""
    return {key: earned.get((by, key[2]), 0.0) for key, by in sources_of(doc).items()}


def said_of(rules: Iterable[Key], sources: Mapping[Key, str], right: Mapping[str, float]) -> dict[Key, float]:
    """The probability that the rules' answer stands for, span by span.

    Args:
        right: That of a label by a source (``Drug|learned_words``), of a label by all others, and of all else
            (``""``). Where nothing is known the answer counts as certain.
    """
    other = right.get("", 1.0)
    names = ((key, f"{key[2]}|{sources.get(key, '')}") for key in rules)
    return {key: right.get(name, right.get(key[2], other)) for key, name in names}


def pool(
    model: Mapping[Key, float],
    rules: Mapping[Key, float],
    trust: float,
    said: Mapping[Key, float],
    min_score: float,
    edges: Iterable[Key] = (),
) -> list[Key]:
    """The surest spans by model and rules together (linear opinion pool, Stone 1961).

    Args:
        model: Probability of every span that the model considered.
        rules: Spans of the rules, and the least probability that each has whatever the model says.
        min_score: Least probability of a chosen span.
        edges: Where mentions begin and end for somebody who has learned from reviewed documents alone.
    """
    scored = []
    for key in {**model, **rules}:
        score = (1 - trust) * model.get(key, 0.0) + trust * said.get(key, 0.0)
        scored.append(ScoredSpan(*key, max(score, rules.get(key, 0.0))))
    chosen = rebounded(surest(scored, min_score), [ScoredSpan(*key, 1.0) for key in edges])
    return [(span.start, span.end, span.label) for span in chosen]


def write_rules(doc: Doc, sources: Sequence[str], key: str) -> list[Match]:
    """Aggregate the votes of the sources into ``doc.spans[key]``; the source of each span is an attribute."""
    origin, votes = decided(doc, sources)
    group = partial(_group, key, origin, votes)
    write_later(doc, key, group)
    view_of(doc).keep(key, votes, group)
    return votes


def _group(key: str, origin: Sequence[str], votes: Sequence[Match], doc: Doc) -> SpanGroup:
    tokens = view_of(doc).token_spans(votes)
    sources = [source for source, place in zip(origin, tokens, strict=True) if place is not None]
    return SpanGroup(doc, name=key, spans=spans_of(doc, votes), attrs={"sources": sources})


def _numbered(doc: Doc, votes: Sequence[Match]) -> Iterator[tuple[int, int, int, int]]:
    """Tokens of each vote, and label and concept as spaCy numbers them."""
    known = doc.vocab.strings.add
    for (_, _, label, concepts, _, _), tokens in zip(votes, view_of(doc).token_spans(votes), strict=True):
        if tokens is not None:
            yield *tokens, known(label), known(concepts[0]) if concepts else 0


def spans_of(doc: Doc, votes: Sequence[Match]) -> list[Span]:
    numbered = _numbered(doc, votes)  # by place and as numbers, as ``write_matches`` makes them
    return [Span(doc, start, end, label, None, None, concept) for start, end, label, concept in numbered]


def set_ents(doc: Doc, votes: Sequence[Match]) -> None:
    """As ``doc.set_ents`` with the rules' answer, which does not overlap, in half the time."""
    size = len(doc)
    columns = array("Q", [_OUTSIDE]) * size + array("Q", bytes(16 * size))
    for start, end, label, concept in _numbered(doc, votes):
        for token in range(start, end if label else start):  # by hand: most spans are a token or two
            columns[token] = _BEGINS if token == start else _INSIDE
            columns[token + size], columns[token + 2 * size] = label, concept
    table = np.frombuffer(columns, dtype=np.uint64).reshape(3, size).T
    doc.from_array([ENT_IOB, ENT_TYPE, ENT_KB_ID], table)


def joined(first: Sequence[Span], second: Sequence[Span]) -> list[Span]:
    """The first spans, and those of the second that share no token with them, in order."""
    taken = {token for span in first for token in range(span.start, span.end)}
    added = [s for s in second if taken.isdisjoint(range(s.start, s.end))]
    return sorted([*first, *added], key=lambda span: span.start)


def system_spans(doc: Doc, system: str) -> list[Span]:
    """The entities that one system gives on a document the hybrid pipeline has read."""
    if system == "hybrid":
        return list(doc.ents)
    group = {"rule": RULE_GROUP, "model": MODEL_GROUP}[system]
    return list(doc.spans.get(group, ()))


def _with_ents(doc: Doc, system: str) -> Doc:
    copy = bare(doc)
    copy.set_ents([Span(copy, s.start, s.end, s.label_) for s in system_spans(doc, system)])
    return copy


@Language.factory(
    "entity_fusion",
    assigns=["doc.ents", "token.ent_iob", "token.ent_type"],
    default_config={
        "sources": [],
        "min_score": 0.95,
        "policy": "rules_first",
        "trust": TRUST,
        "earned": [],
        "right": [],
    },
    default_score_weights={"rule_f": None, "model_f": None, "hybrid_f": 1.0},
)
def create_entity_fusion(
    nlp: Language,
    name: str,
    sources: list[str],
    min_score: float,
    policy: Policy,
    trust: float,
    earned: list[list[Any]],
    right: list[list[Any]],
) -> EntityFusion:
    return EntityFusion(sources, min_score, policy, trust, earned, dict(right))


# What clinical text says about each mention. Flags stand in ``doc.spans["context"]``, one span a flag with
# the trigger as evidence, so that they survive a ``DocBin``; ``span._.flags`` reads them for any span.

CONTEXT_GROUP = "context"
"""Span group of the flags: the label of a span is its flag in capitals."""
_LISTS = "lists.json"


class ContextFlags:
    """Gives the entities, and the spans of rules and model alone, their context flags.

    Args:
        name: Name of the component.
        lists: Trigger lists by flag; those that come with the package when ``None``.
    """

    def __init__(self, name: str = "context_flags", lists: dict[str, str] | None = None) -> None:
        self.name = name
        if lists is not None:
            self.lists = lists
        if not Span.has_extension("flags"):
            Span.set_extension("flags", getter=_flags)
        elif Span.get_extension("flags")[2] is not _flags:  # default, method, getter, setter
            said = "Span._.flags is an extension of somebody else, so it does not give the context flags."
            warnings.warn(f'{said} They are in doc.spans["{CONTEXT_GROUP}"].', stacklevel=2)

    @cached_property
    def lists(self) -> dict[str, str]:
        return shipped_lists()

    def __call__(self, doc: Doc) -> Doc:
        view = view_of(doc)
        every = chain(doc.ents, doc.spans.get(MODEL_GROUP, ()))
        answer = {(span.start_char, span.end_char) for span in every}
        spans = sorted(answer.union(match[:2] for match in view.votes(RULE_GROUP)))
        write_matches(doc, CONTEXT_GROUP, [*_as_matches(view.text, spans, self.found(view.text, spans))])
        return doc

    def found(self, text: str, spans: Sequence[tuple[int, int]]) -> list[dict[str, Trigger]]:
        """For each span of characters its flags, with the trigger behind each."""
        with paused_gc():
            return context_rules(self.lists).explain(text, spans)

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        return json.dumps(self.lists, ensure_ascii=False).encode()

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> ContextFlags:
        """Restore the trigger lists.

        Raises:
            ModelError: The data are none.
        """
        try:
            lists = json.loads(data)
            self.lists = {str(flag): str(text) for flag, text in lists.items()}
        except (ValueError, AttributeError) as error:
            raise ModelError(f"unreadable trigger lists ({error}). Save the model again.") from error
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _LISTS).write_bytes(self.to_bytes())

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> ContextFlags:
        """Read them from it.

        Raises:
            ModelError: The folder lacks them.
        """
        try:
            return self.from_bytes((Path(path) / _LISTS).read_bytes())
        except OSError as error:
            raise ModelError(f"{Path(path) / _LISTS}: {error.strerror}. Save the model again.") from error


def _as_matches(
    text: str, spans: Sequence[tuple[int, int]], found: Sequence[Mapping[str, Trigger]]
) -> Iterator[Match]:
    for (start, end), flags in zip(spans, found, strict=True):
        for flag, trigger in sorted(flags.items()):
            why = Evidence("pattern", text[start:end], trigger.phrase, Path(trigger.file).name)
            yield Match(start, end, flag.upper(), (), 1.0, why)


def flags_by_span(doc: Doc) -> dict[tuple[int, int], tuple[str, ...]]:
    """The flags of each flagged span, by its characters; empty without the component."""
    found: dict[tuple[int, int], tuple[str, ...]] = {}
    for span in doc.spans.get(CONTEXT_GROUP, ()):
        key = span.start_char, span.end_char
        found[key] = (*found.get(key, ()), span.label_.lower())
    return found


def _flags(span: Span) -> tuple[str, ...]:
    return flags_by_span(span.doc).get((span.start_char, span.end_char), ())


def add_context_flags(nlp: Language, domain: str) -> None:
    """Append the component where the domain has use for it."""
    folder = DOMAINS.get(domain).context if domain in DOMAINS else None
    if folder is not None:
        nlp.add_pipe("context_flags").lists = read_lists(folder)


@Language.factory("context_flags", assigns=["doc.spans"])
def create_context_flags(nlp: Language, name: str) -> ContextFlags:
    return ContextFlags(name)
