"""Suggestions: what the pipeline proposes, with every source's vote and the flags of its context."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from hybrid_ner.corpus.document import Document, context_flags
from hybrid_ner.errors import CorpusError
from hybrid_ner.matching.match import Evidence
from hybrid_ner.registry import DOMAINS
from hybrid_ner.sources import NEAR_MATCHES, VETO, read_matches
from hybrid_ner.sources.context import context_rules, read_lists

if TYPE_CHECKING:
    from spacy.tokens import Doc

MODEL = "model"
"""Name of the source (and span group) that holds the model's own predictions."""
RULES_TOGETHER = "rule"
_EVIDENCE = tuple(each.name for each in fields(Evidence) if each.init)
CONTEXT_FLAGS = "context"
"""Span group that repeats, in one answer, what the labeling sources said; it is no source itself."""


@dataclass(frozen=True, slots=True)
class Vote:
    """One source's opinion about a span.

    Args:
        source: Name of the labeling source; ``model`` is the trained model.
        score: Between 0 and 1.
        weight: Weight of the source in the fusion.
        evidence: ``hybrid_ner.matching.Evidence`` as plain values, may be empty.
    """

    source: str
    label: str
    score: float = 1.0
    weight: float = 1.0
    evidence: Mapping[str, Any] = field(default_factory=dict, compare=False, hash=False)

    @property
    def opines(self) -> bool:
        """Whether a model or a person among the labeling sources says it."""
        return self.evidence.get("method") == "model"


def near_match(votes: Iterable[Mapping[str, Any]]) -> str:
    """Which term a misspelled one is, and its edits: ``almost “aspirin” (“i” missing)``; empty for others."""
    found = (vote.get("evidence") or {} for vote in votes)
    evidence = next((each for each in found if each.get("method") == "fuzzy" and each.get("reference")), None)
    if evidence is None:
        return ""
    edits = "; ".join(evidence.get("edits", ()))
    return f"almost “{evidence['reference']}”" + (f" ({edits})" if edits else "")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A proposed span.

    Args:
        start: First character.
        end: One past the last character.
        score: Between 0 and 1.
        votes: Sources that labeled exactly these characters.
        chosen: Whether the hybrid pipeline chose it; false for a vote that lost.
        rule: The fusion rule that chose it, in words.
        concept_id: Best concept.
        flags: Context flags; computed at import for medical projects when empty.
        opinions: ``agree`` where all of several models and people say it, ``split`` where only some do.
    """

    start: int
    end: int
    label: str
    score: float = 1.0
    votes: tuple[Vote, ...] = ()
    chosen: bool = True
    rule: str = ""
    concept_id: str = ""
    flags: tuple[str, ...] = ()
    opinions: str = ""

    def to_record(self) -> dict[str, Any]:
        """Plain values, which ``suggestions_from_record`` reads; ``asdict`` would copy every evidence."""
        return {**_plain(self), "votes": self._votes()}

    def _votes(self) -> list[dict[str, Any]]:
        return [{**_plain(vote), "evidence": dict(vote.evidence)} for vote in self.votes]

    @property
    def model(self) -> Vote | None:
        return next((vote for vote in self.votes if vote.source == MODEL), None)

    @property
    def best_rule(self) -> Vote | None:
        """The rule vote with the best score; without one, that of a model or person among the sources."""
        own = [v for v in self.votes if v.source != MODEL]
        rules = [v for v in own if not v.opines]
        return max(rules or own, key=lambda v: v.score, default=None)

    @property
    def mark(self) -> str:
        """``rule``, ``model``, ``rule+model``, or ``rule≠model`` when their labels differ.

        Models and people among the sources stand on the side of the trained model; where there are several,
        it is ``split`` or, without a rule, ``agree``.
        """
        rule = next((v for v in (self.best_rule,) if v is not None and not v.opines), None)
        others = [v for v in self.votes if v.source == MODEL or v.opines]
        model = self.model or max(others, key=lambda v: v.score, default=None)
        if rule and model and rule.label != model.label:
            return "rule≠model"
        if self.opinions == "split" or (self.opinions and not rule):
            return self.opinions
        return "rule+model" if rule and model else "model" if model else "rule"

    @property
    def method(self) -> str:
        """How the best rule source recognized it, empty for model only."""
        return str(self.best_rule.evidence.get("method", "")) if self.best_rule else ""

    def detail(self) -> dict[str, Any]:
        """What is stored beside the columns."""
        return {"votes": self._votes(), "rule": self.rule, "concept": self.concept_id}


def _plain(each: Vote | Suggestion) -> dict[str, Any]:
    return {name: getattr(each, name) for name in each.__slots__}


def suggestions_from_record(entities: list[Mapping[str, Any]]) -> list[Suggestion]:
    """From the ``entities`` of a JSON Lines record.

    ``score``, ``votes`` (or ``sources`` or ``source``: names only), ``model_score``, ``chosen``, ``rule``
    and ``flags`` are optional.
    """
    return [_from_entity(entity) for entity in entities]


def suggestions_from_document(document: Document) -> list[Suggestion]:
    """From the entities of a document and their attributes.

    Raises:
        CorpusError: An attribute by the name of those of a suggestion is none, such as a score in words.
    """
    made = []
    for e in document.entities or ():
        place = {"start": e.start, "end": e.end, "label": e.label, "concept_id": e.concept_id}
        try:
            made.append(_from_entity({**e.attrs, **place}))
        except (TypeError, ValueError) as error:
            said = f"what is said of {e.label} [{e.start}, {e.end}) of document {document.doc_id!r}"
            hint = "score and model_score are numbers, votes and sources lists: correct or leave them out."
            raise CorpusError(f"{said} cannot be used ({error}).", hint=hint) from error
    return made


def _from_entity(entity: Mapping[str, Any]) -> Suggestion:
    label, score = str(entity["label"]), float(1.0 if entity.get("score") is None else entity["score"])
    votes = tuple(Vote(**vote) for vote in entity.get("votes") or ())
    if not votes:
        names = [*(entity.get("sources") or ()), *([entity["source"]] if entity.get("source") else [])]
        votes = tuple(Vote(str(name), label, score) for name in names)
        if entity.get("model_score") is not None:
            votes = (*votes, Vote(MODEL, label, float(entity["model_score"])))
    return Suggestion(
        int(entity["start"]),
        int(entity["end"]),
        label,
        score,
        votes,
        bool(entity.get("chosen", True)),
        str(entity.get("rule", "")),
        str(entity.get("concept_id", "")),
        context_flags(entity),
        str(entity.get("opinions", "")),
    )


def suggestions_from_doc(doc: Doc) -> list[Suggestion]:
    """From the span groups of a ``Doc``: one group per source, ``doc.ents`` as the hybrid choice."""
    from hybrid_ner.pipeline import READ_ATTR, TRUST_ATTR

    # What models among the sources have earned, by ``source|label``.
    earnings = [doc.spans[name].attrs.get(TRUST_ATTR, {}) for name in doc.spans]
    trust = {key: said for each in earnings for key, said in each.items()}
    found: dict[tuple[int, int], list[Vote]] = {}
    concepts: dict[tuple[int, int], str] = {}
    against: dict[tuple[int, int], str] = {}
    for name in doc.spans:
        if name in (RULES_TOGETHER, CONTEXT_FLAGS):
            continue
        matches = read_matches(doc, name)
        scores = doc.spans[name].attrs.get("scores") or [match.score for match in matches]
        for match, score in zip(matches, scores, strict=True):
            place = (match.start, match.end)
            if match.label == VETO:
                said = f": {match.evidence.reference}" if match.evidence else ""
                against[place] = f"voted down by {name}{said}"
                continue
            # Flat, so that nothing has to be copied as asdict does.
            evidence = {name: getattr(match.evidence, name) for name in _EVIDENCE} if match.evidence else {}
            if earned := trust.get(f"{name}|{match.label}", trust.get(f"{name}|")):
                evidence[TRUST_ATTR] = earned
            found.setdefault(place, []).append(Vote(name, match.label, float(score), 1.0, evidence))
            if match.concept_ids:
                concepts.setdefault(place, match.concept_ids[0])
    chosen = {(e.start_char, e.end_char): e for e in doc.ents}
    for place, vote in _considered(doc, found):
        found.setdefault(place, []).append(vote)
    read = {name for name in doc.spans if name == MODEL or doc.spans[name].attrs.get(READ_ATTR)}
    if NEAR_MATCHES in doc.spans:
        found = _without_covered(found, chosen)
    made = []
    for place in sorted(found.keys() | chosen.keys()):
        votes = tuple(found.get(place, ()))
        ent = chosen.get(place)
        best = max(votes, key=lambda vote: vote.score, default=None)
        label = ent.label_ if ent is not None else best.label if best else ""
        score = max((v.score for v in votes if v.label == label), default=best.score if best else 1.0)
        said = "a near match, which casts no vote" if _is_near(votes) else ""
        rule = _rule_of(votes, label) if ent is not None else against.get(place, said)
        concept = (ent.kb_id_ if ent is not None else "") or concepts.get(place, "")
        opinions = _opinions(votes, label, read)
        made.append(Suggestion(*place, label, score, votes, ent is not None, rule, concept, (), opinions))
    return made


def _considered(
    doc: Doc, found: Mapping[tuple[int, int], list[Vote]]
) -> Iterator[tuple[tuple[int, int], Vote]]:
    """The model's vote for each entity that nobody else gave: alone it was not sure enough to give it.

    One whose edges were moved (``rebounded``) has the probability of the surest span that it overlaps.
    """
    listed = doc.spans[MODEL].attrs.get("considered", ()) if MODEL in doc.spans else ()
    for ent in doc.ents if listed else ():
        place = (ent.start_char, ent.end_char)
        if any(vote.label == ent.label_ for vote in found.get(place, ())):
            continue
        over = [
            ((start, end) == (ent.start, ent.end), float(score))
            for start, end, label, score in listed
            if label == ent.label_ and start < ent.end and ent.start < end
        ]
        if over:
            yield place, Vote(MODEL, ent.label_, max(over)[1])


def _opinions(votes: Iterable[Vote], label: str, read: Collection[str]) -> str:
    """Whether the models and people who have read the document agree on a place."""
    said = {vote.source: vote.label for vote in votes if vote.source in read}
    if not said or len(read) < 2:
        return ""
    return "agree" if len(said) == len(read) and set(said.values()) == {label} else "split"


def _is_near(votes: Iterable[Vote]) -> bool:
    """Whether nothing but near matches speak for it."""
    return {vote.source for vote in votes} == {NEAR_MATCHES}


def _without_covered(
    found: Mapping[tuple[int, int], list[Vote]], chosen: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], list[Vote]]:
    """Without near matches inside an entity: what was chosen says more."""
    entities = sorted(chosen)

    def is_covered(place: tuple[int, int]) -> bool:
        # They do not overlap: only the last one that begins there or before can hold it.
        at = bisect_right(entities, place[0], key=itemgetter(0)) - 1
        return at >= 0 and place[1] <= entities[at][1] and place != entities[at]

    return {place: votes for place, votes in found.items() if not (_is_near(votes) and is_covered(place))}


def _rule_of(votes: tuple[Vote, ...], label: str) -> str:
    agree = [vote.source for vote in votes if vote.label == label]
    against = [f"{vote.source} says {vote.label}" for vote in votes if vote.label != label]
    said = f"{' and '.join(agree)} agree" if len(agree) > 1 else f"{agree[0]} alone" if agree else "pipeline"
    return said + (f"; lost: {', '.join(against)}" if against else "")


Flagger = Callable[[str, Sequence[tuple[int, int]]], list[tuple[str, ...]]]


def flagger(domain: str) -> Flagger:
    """The function that gives each span of a text its flags."""
    # A project may outlive the package of its domain: it is still to be opened.
    folder = DOMAINS.get(domain).context if domain in DOMAINS else None
    return context_rules(read_lists(folder)).flags if folder else lambda text, spans: [()] * len(spans)
