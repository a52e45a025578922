"""Legal labeling sources: one file each, all plain patterns over short lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hybrid_ner.errors import InputError
from hybrid_ner.terms import Gazetteer
from hybrid_ner.terms.shipped import load_shipped
from hybrid_ner.weak.legal.base import LegalSource
from hybrid_ner.weak.legal.case_numbers import CaseNumbers
from hybrid_ner.weak.legal.citations import reporter_key
from hybrid_ner.weak.legal.courts import Courts
from hybrid_ner.weak.legal.dates import Dates
from hybrid_ner.weak.legal.judges import Judges
from hybrid_ner.weak.legal.lists import rule_words
from hybrid_ner.weak.legal.parties import Parties
from hybrid_ner.weak.legal.persons import Persons
from hybrid_ner.weak.legal.precedents import Precedents
from hybrid_ner.weak.legal.provisions import Provisions
from hybrid_ner.weak.legal.settings import LegalSettings
from hybrid_ner.weak.legal.statutes import Statutes
from hybrid_ner.weak.legal.witnesses import Witnesses

__all__ = ["LegalSettings", "LegalSource", "legal_sources", "source_from_state"]

_KINDS: Mapping[str, type[LegalSource]] = {
    kind.__name__: kind
    for kind in (
        Statutes,
        Provisions,
        Courts,
        Dates,
        CaseNumbers,
        Precedents,
        Judges,
        Witnesses,
        Parties,
        Persons,
    )
}


def legal_sources(gazetteer: Gazetteer, settings: LegalSettings | None = None) -> list[LegalSource]:
    """The sources in order of trust, with their word lists read from the shipped files.

    Args:
        gazetteer: Terms that rules look up.
        settings: Switches; the defaults when ``None``.
    """
    settings = settings or LegalSettings()
    people = rule_words("honorifics"), rule_words("name_guard")
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
            rule_words("court_barriers"),
        ),
        Dates("legal_dates"),
        CaseNumbers(
            "legal_case_numbers",
            rule_words("case_types"),
            rule_words("case_stops"),
            rule_words("case_barriers"),
            rule_words("case_kinds"),
            rule_words("case_foreign"),
        ),
        Precedents(
            "legal_precedents",
            _reporters(),
            rule_words("precedent_stops"),
            rule_words("precedent_barriers"),
            settings.gazetteer,
        ),
        Judges("legal_judges", *people),
        Witnesses("legal_witnesses", *people),
        Parties("legal_parties", *people),
        Persons("legal_persons", *people, rule_words("given_names"), rule_words("indian_names")),
    ]
    return [source for source in sources if source.name not in settings.skip]


def _reporters() -> tuple[str, ...]:
    terms = load_shipped("legal", ("reporters_india", "reporters_us"), parents=False)
    return tuple(sorted({reporter_key(term.text) for term in terms}))


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
