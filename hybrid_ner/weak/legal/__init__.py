"""Legal labeling sources: one file each, all plain patterns over short lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hybrid_ner.errors import InputError
from hybrid_ner.terms import Gazetteer
from hybrid_ner.weak.legal.base import LegalSource
from hybrid_ner.weak.legal.courts import Courts
from hybrid_ner.weak.legal.dates import Dates
from hybrid_ner.weak.legal.lists import rule_words
from hybrid_ner.weak.legal.provisions import Provisions
from hybrid_ner.weak.legal.settings import LegalSettings
from hybrid_ner.weak.legal.statutes import Statutes

__all__ = ["LegalSettings", "LegalSource", "legal_sources", "source_from_state"]

_KINDS: Mapping[str, type[LegalSource]] = {
    kind.__name__: kind for kind in (Statutes, Provisions, Courts, Dates)
}


def legal_sources(gazetteer: Gazetteer, settings: LegalSettings | None = None) -> list[LegalSource]:
    """The sources in order of trust, with their word lists read from the shipped files.

    Args:
        gazetteer: Terms that rules look up.
        settings: Switches; the defaults when ``None``.
    """
    settings = settings or LegalSettings()
    sources: list[LegalSource] = [
        Provisions("legal_provisions"),
        Statutes(
            "legal_statutes", rule_words("act_heads"), rule_words("act_stops"), rule_words("act_generic")
        ),
        Courts(
            "legal_courts",
            rule_words("court_heads"),
            rule_words("court_stops"),
            rule_words("court_generic"),
            rule_words("court_officers"),
            rule_words("court_officer_modifiers"),
        ),
        Dates("legal_dates"),
    ]
    return [source for source in sources if source.name not in settings.skip]


def source_from_state(state: Mapping[str, Any]) -> LegalSource:
    """The source that ``to_state`` described.

    Raises:
        InputError: Unknown kind of source.
    """
    kind = _KINDS.get(str(state.get("kind")))
    if kind is None:
        raise InputError(
            f"unknown legal source {state.get('kind')!r}.", hint=f"Use one of {', '.join(sorted(_KINDS))}."
        )
    return kind.from_state(state)
