"""The labeling sources of each domain: how they are built, saved and restored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from hybrid_ner.errors import InputError
from hybrid_ner.sources.abbreviations import AbbreviationSource
from hybrid_ner.sources.base import LabelingSource
from hybrid_ner.sources.gazetteer import GazetteerSource
from hybrid_ner.sources.learned import (
    DistrustedSource,
    LearnedWord,
    LearnedWordSource,
    ReviewedTermSource,
    ReviewPolicy,
)
from hybrid_ner.terms import Gazetteer

__all__ = ["DOMAINS", "DomainSettings", "build_sources", "restore_source", "source_state"]

DOMAINS = ("medical", "legal", "generic")
"""``generic`` knows nothing of a subject: the user's terms and the abbreviations a document defines."""


@dataclass(frozen=True, slots=True)
class DomainSettings:
    """Which of a domain's sources run, and its switches.

    Args:
        disabled: Names of sources to leave out.
        switches: Names of the domain's optional rules to turn on.
        learned: Words learned from raw text (``weak.expand``), as a source of their own.
        reviewed: What reviewed documents taught (``training.policy``), as sources of their own.
    """

    disabled: tuple[str, ...] = ()
    switches: tuple[str, ...] = ()
    learned: tuple[LearnedWord, ...] = ()
    reviewed: ReviewPolicy = field(default_factory=ReviewPolicy)


def build_sources(domain: str, gazetteer: Gazetteer, settings: DomainSettings) -> list[LabelingSource]:
    """The sources of a domain in order of trust.

    Raises:
        InputError: Unknown domain, switch or source name.
    """
    sources = _with_reviewed(_sources(domain, gazetteer, settings), settings.reviewed)
    names = [source.name for source in sources]
    for name in settings.disabled:
        if name not in names:
            raise InputError(
                f"no labeling source {name!r} to disable.", hint=f"Use any of {', '.join(names)}."
            )
    return [source for source in sources if source.name not in settings.disabled]


def _sources(domain: str, gazetteer: Gazetteer, settings: DomainSettings) -> list[LabelingSource]:
    learned: list[LabelingSource] = [LearnedWordSource(settings.learned)] if settings.learned else []
    if domain == "generic":
        # Abbreviations come last: they veto, and a learned word may be the long form of one.
        before = [GazetteerSource(gazetteer), *learned]
        return [*before, AbbreviationSource(tuple(source.name for source in before))]
    return [*_subject_sources(domain, gazetteer, settings.switches), *learned]


def _with_reviewed(sources: list[LabelingSource], policy: ReviewPolicy) -> list[LabelingSource]:
    if policy.terms:
        sources = [ReviewedTermSource(policy.terms), *sources]
    if policy.distrusted:
        reads = tuple(source.name for source in sources)
        sources = [*sources, DistrustedSource(policy.distrusted, reads)]
    return sources


def _subject_sources(domain: str, gazetteer: Gazetteer, switches: tuple[str, ...]) -> list[LabelingSource]:
    if domain == "medical":
        from hybrid_ner.domains.medical import MedicalSettings, medical_sources

        return list(medical_sources(gazetteer, MedicalSettings.of(switches)))
    if domain == "legal":
        from hybrid_ner.domains.legal import LegalSettings, legal_sources

        return list(legal_sources(gazetteer, LegalSettings()))
    raise InputError(f"unknown domain {domain!r}.", hint=f"Use one of {', '.join(DOMAINS)}.")


def source_state(source: LabelingSource) -> dict[str, Any]:
    """What a source is, as plain values that JSON can hold; a gazetteer's rows are kept apart."""
    if isinstance(source, GazetteerSource):
        return {"kind": "GazetteerSource", "name": source.name}
    if isinstance(source, AbbreviationSource):
        return {"kind": "AbbreviationSource", **asdict(source)}
    state: dict[str, Any] = source.to_state()  # type: ignore[attr-defined]
    return state


def restore_source(domain: str, state: Mapping[str, Any], gazetteer: Gazetteer | None) -> LabelingSource:
    """The source that ``source_state`` described.

    Args:
        domain: Domain that built it.
        state: Its state.
        gazetteer: The gazetteer of the pipeline, for sources that look terms up.
    """
    if state.get("kind") == "GazetteerSource":
        return GazetteerSource(gazetteer or Gazetteer(), str(state["name"]))
    if state.get("kind") == "AbbreviationSource":
        reads, name, veto = state["reads"], str(state["name"]), bool(state["veto"])
        return AbbreviationSource(tuple(reads), name, veto)
    for kind in (LearnedWordSource, ReviewedTermSource, DistrustedSource):
        if state.get("kind") == kind.__name__:
            return kind.from_state(state)
    if domain == "legal":
        from hybrid_ner.domains.legal import source_from_state

        return source_from_state(state)
    from hybrid_ner.domains.medical import source_from_state as medical_source

    return medical_source(state, gazetteer)
