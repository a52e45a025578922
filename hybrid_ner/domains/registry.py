"""The labeling sources of a pipeline: those of its domain, the user's own, and what was learned.

``RuleSource`` is what the rules of a domain are made of; a domain has all that its rules need from here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from spacy.tokens import Doc

from hybrid_ner.errors import InputError
from hybrid_ner.matching.match import Evidence, Fuzzy, Match
from hybrid_ner.registry import DOMAINS, Domain, others_code
from hybrid_ner.sources import (
    LISTED,
    VETO,
    LabelingSource,
    aggregate,
    heeding_own,
    is_own,
    read_matches,
    rule_match,
    rule_votes,
    unique,
    view_of,
)
from hybrid_ner.sources.functions import as_sources, code_of, runs_last, with_more_reads
from hybrid_ner.sources.gazetteer import AbbreviationSource, GazetteerSource
from hybrid_ner.sources.learned import (
    DistrustedSource,
    LearnedWord,
    LearnedWordSource,
    ReviewedTermSource,
    ReviewPolicy,
    Trust,
)
from hybrid_ner.sources.models import ModelSource
from hybrid_ner.sources.rule_sets import read_rules
from hybrid_ner.terms import Gazetteer
from hybrid_ner.text import brief
from hybrid_ner.text.patterns import Patterns, PerText, Remembered, WordPattern, alternation, past, runs

__all__ = [
    "LISTED",
    "VETO",
    "AbbreviationSource",
    "DomainSettings",
    "Evidence",
    "GazetteerSource",
    "LabelingSource",
    "Match",
    "Patterns",
    "PerText",
    "Remembered",
    "RuleSource",
    "WordPattern",
    "aggregate",
    "alternation",
    "build_sources",
    "first_word",
    "gold_path",
    "heeding_own",
    "is_own",
    "past",
    "read_matches",
    "rule_match",
    "runs",
    "sample_domains",
    "set_of",
    "unique",
    "unlabeled_path",
    "view_of",
]


@dataclass(frozen=True, slots=True)
class DomainSettings:
    """Which sources run, and the switches of the domain.

    Args:
        disabled: Names of sources to leave out.
        switches: Names of the domain's optional rules to turn on.
        learned: Words learned from raw text (``training.expansion``), as a source of their own.
        reviewed: What reviewed documents taught (``training.policy``), as sources of their own.
        sources: The user's own: names of registered sources, decorated functions or objects, and models
            (``spacy:PLACE``, or a file of settings).
        fuzzy: Whether near matches of terms are looked for, and whether they vote or are only suggested.
        variants: Whether other forms of the terms of own lists are looked for: number, hyphens, spelling.
        ids: Vocabularies that concept ids are wanted of, separated by commas; empty for those of the lists.
    """

    disabled: tuple[str, ...] = ()
    switches: tuple[str, ...] = ()
    learned: tuple[LearnedWord, ...] = ()
    reviewed: ReviewPolicy = field(default_factory=ReviewPolicy)
    sources: tuple[Any, ...] = ()
    fuzzy: Fuzzy = field(default_factory=Fuzzy)
    variants: bool = True
    ids: str = ""

    __repr__ = brief

    def __post_init__(self) -> None:
        for name in ("disabled", "switches", "sources"):
            if isinstance(one := getattr(self, name), str):  # not its letters
                object.__setattr__(self, name, (one,))

    def as_dict(self) -> dict[str, Any]:
        """Plain values; sources of the user's own with a hash of their code."""
        return {
            "disabled": list(self.disabled),
            "switches": list(self.switches),
            "learned": [asdict(word) for word in self.learned],
            "reviewed": asdict(self.reviewed),
            "sources": {source.name: code_of(source) for each in self.sources for source in as_sources(each)},
            "fuzzy": self.fuzzy.as_dict(),
            "variants": self.variants,
            **({"ids": self.ids} if self.ids else {}),
        }


def build_sources(
    domain: str, gazetteer: Gazetteer, settings: DomainSettings, *, judged: bool = True
) -> list[LabelingSource]:
    """The sources of a domain in order of trust; a user's own come first, or last where they ask for it.

    Args:
        judged: Whether models of which nothing is known are kept from counting beside rules.

    Raises:
        InputError: Unknown domain, switch or source name, or two sources of one name.
    """
    # A model that has to be told which labels to look for looks for those of the domain, else of the terms.
    labels = tuple(DOMAINS.get(domain).labels) or gazetteer.labels
    own: list[LabelingSource] = [
        source.with_labels(labels) if hasattr(source, "with_labels") else source
        for each in settings.sources
        for source in as_sources(each)
    ]
    first = [source for source in own if not runs_last(source)]
    names = tuple(source.name for source in first)
    built = _of_domain(DOMAINS.get(domain), gazetteer, settings)
    of_domain = [_set_up(source, settings) for source in built]
    read = [with_more_reads(source, names) for source in of_domain]
    sources = [*first, *read, *(source for source in own if runs_last(source))]
    policy = _with_unknown(sources, settings.reviewed) if judged else settings.reviewed
    sources = _with_reviewed(sources, policy)
    _check_names(sources, settings.disabled)
    return [source for source in sources if source.name not in settings.disabled]


def _set_up(source: LabelingSource, settings: DomainSettings) -> LabelingSource:
    """A domain builds its gazetteer source from the terms alone; how they are matched is said here."""
    if not isinstance(source, GazetteerSource) or type(source) is not GazetteerSource:
        return source  # a class of somebody's own knows itself how it matches
    made = GazetteerSource(source.gazetteer, source.name, settings.fuzzy, settings.variants)
    _ = made.matcher  # now, not with the first text
    return made


_TAKEN = {"ner", "rule", "model", "entity_fusion", "near_matches", "context", "context_flags", "concept_ids"}
_TAKEN |= {"tokenizer", "vocab"}
"""Components, files and span groups that a pipeline has by itself."""


def _check_names(sources: Iterable[LabelingSource], disabled: Iterable[str]) -> None:
    names: list[str] = []
    for source in sources:
        if source.name in names or source.name in _TAKEN:
            two = f"two labeling sources are called {source.name!r}"
            what = two if source.name in names else f"a labeling source cannot be called {source.name!r}"
            raise InputError(f"{what}.", hint="Give each a name of its own; a rule file by its key name.")
        names.append(source.name)
    for name in disabled:
        if name not in names:
            raise InputError(
                f"no labeling source {name!r} to disable.", hint=f"Use any of {', '.join(names)}."
            )


def _of_domain(domain: Domain, gazetteer: Gazetteer, settings: DomainSettings) -> list[LabelingSource]:
    for name in settings.switches:
        if name not in domain.switches:
            known = f"Use any of {', '.join(domain.switches)}." if domain.switches else "It has none."
            raise InputError(f"the domain {domain.name} has no switch {name!r}.", hint=known)
    learned: list[LabelingSource] = [LearnedWordSource(settings.learned)] if settings.learned else []
    build = domain.builder()
    if build is not None:
        with others_code(f"the domain {domain.name!r}", build):
            return [*build(gazetteer, settings.switches), *learned]
    # Abbreviations come last: they veto, and a learned word may be the long form of one.
    rules = read_rules(domain.rules) if domain.rules is not None else ()
    before: list[LabelingSource] = [GazetteerSource(gazetteer), *rules, *learned]
    return [*before, AbbreviationSource(tuple(source.name for source in before))]


def _with_unknown(sources: Sequence[LabelingSource], policy: ReviewPolicy) -> ReviewPolicy:
    """The policy with every model that has to earn trust and has none yet.

    Where nothing but such models speaks, they count: there is nothing that they could spoil.
    """
    known = {each.source for each in policy.trust}
    models = [source for source in sources if isinstance(source, ModelSource) and source.earns]
    unknown = tuple(Trust(s.name, "", 0, 0, 0.0, 1.0, counts=False) for s in models if s.name not in known)
    if not unknown or not (policy.terms or any(map(_says_something, sources))):
        return policy
    return replace(policy, trust=(*policy.trust, *unknown))


def _says_something(source: LabelingSource) -> bool:
    """Whether it is a rule, or a list with terms; abbreviations only repeat what others say."""
    if isinstance(source, (ModelSource, AbbreviationSource)):
        return isinstance(source, ModelSource) and source.counts and not source.earns
    return not isinstance(source, GazetteerSource) or bool(len(source.gazetteer))


def _with_reviewed(sources: list[LabelingSource], policy: ReviewPolicy) -> list[LabelingSource]:
    if policy.terms:
        sources = [ReviewedTermSource(policy.terms), *sources]
    if policy.judges:
        # A vote that does not count is no reason to let a distrusted one stand.
        reads = [source.name for source in sources if getattr(source, "counts", True)]
        sources = [*sources, DistrustedSource(policy.distrusted, reads, trust=policy.trust)]
    return sources


# Sample documents written for this project: realistic, invented, free to use.


def sample_domains() -> tuple[str, ...]:
    """Names of the domains that have sample texts, and annotated ones."""
    return tuple(name for name, domain in DOMAINS.all() if domain.has_samples)


def gold_path(domain: str) -> Path:
    """Annotated samples of a domain, as JSON Lines.

    Raises:
        InputError: The domain is unknown or has none.
    """
    return _folder(domain) / "gold.jsonl"


def unlabeled_path(domain: str) -> Path:
    """Samples without annotation, as JSON Lines.

    Raises:
        InputError: The domain is unknown or has none.
    """
    return _folder(domain) / "unlabeled.jsonl"


def _folder(domain: str) -> Path:
    found = DOMAINS.get(domain)
    if found.samples is None or not found.has_samples:
        where = found.samples or "its folder samples/"
        hint = f"Put texts into unlabeled.jsonl, and annotated ones into gold.jsonl, in {where}"
        others = sample_domains()
        hint += f"; or use one of {', '.join(others)}." if others else "."
        raise InputError(f"no samples for {domain!r}.", hint=hint)
    return found.samples


@dataclass(frozen=True)
class RuleSource:
    """A labeling source whose whole state is its fields: strings, numbers, flags and tuples of strings."""

    name: str
    reads_view: ClassVar[bool] = True
    outvotes_own: ClassVar[bool] = False
    """Whether its votes against hold for terms that the user listed: they lie in another name."""

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        type.__setattr__(cls, "__repr__", brief)  # or each dataclass below prints its whole lists

    __repr__ = brief

    __call__ = rule_votes

    def find(self, doc: Doc) -> Iterator[Match]:
        """Every match, in any order, repeats allowed."""
        raise NotImplementedError


def set_of(*fields: str, each: Callable[[str], str] = str) -> cached_property[frozenset[str]]:
    """A property of a source: these fields as a set, of whose entries ``each`` says what is kept."""
    return cached_property(lambda source: frozenset(each(w) for f in fields for w in getattr(source, f)))


def first_word(phrase: str) -> str:
    """What a phrase begins with: few words of a text need to be looked at for more."""
    return phrase.partition(" ")[0]
