"""Legal labeling sources: plain patterns over short lists, in order of trust."""

from __future__ import annotations

from hybrid_ner.domains.legal.base import GAZETTEER, LegalSettings, LegalSource
from hybrid_ner.domains.legal.base import rule_words as words
from hybrid_ner.domains.legal.citations import (
    CaseNumbers,
    Forms,
    Instruments,
    Precedents,
    Provisions,
    Statutes,
    reporter_key,
)
from hybrid_ner.domains.legal.courts import Captions, Courts, Judges, Parties, Witnesses
from hybrid_ner.domains.legal.names import Dates, OtherNames, Persons, PlaceGuard, Places
from hybrid_ner.domains.legal.organisations import Agencies, Companies, Institutions
from hybrid_ner.domains.legal.spread import Acting, Aliases, Spread
from hybrid_ner.sources import LabelingSource
from hybrid_ner.sources.gazetteer import GazetteerSource
from hybrid_ner.terms import Gazetteer
from hybrid_ner.terms.shipped import load_shipped

__all__ = ["LegalSettings", "LegalSource", "domain_sources", "legal_sources"]


def legal_sources(gazetteer: Gazetteer, settings: LegalSettings | None = None) -> list[LabelingSource]:
    """The gazetteer and every legal rule in order of trust, with word lists read from the shipped files.

    Args:
        gazetteer: Terms to look up.
        settings: Switches; the defaults when ``None``.
    """
    settings = settings or LegalSettings()
    sources = [*_citing(), *_naming(), *_people()]
    names = tuple(source.name for source in sources)
    aliases = Aliases("legal_aliases", (GAZETTEER, *names), words("alias_guard"))
    spread = Spread(
        "legal_spread",
        (*(name for name in names if name != "legal_captions"), aliases.name),
        (*words("company_forms"), *words("company_weak_forms")),
        (*words("spread_guard"), *words("name_guard")),
        words("given_names"),
    )
    acting = Acting("legal_acting", (GAZETTEER, *names, aliases.name, spread.name), words("alias_guard"))
    guard = PlaceGuard(
        "legal_place_guard", (*names, aliases.name, spread.name), words("place_after"), words("place_before")
    )
    every: list[LabelingSource] = [
        GazetteerSource(gazetteer, GAZETTEER),
        *sources,
        aliases,
        spread,
        acting,
        guard,
    ]
    return [source for source in every if source.name not in settings.skip]


def domain_sources(gazetteer: Gazetteer, switches: tuple[str, ...] = ()) -> list[LabelingSource]:
    """As the domain asks for them."""
    return legal_sources(gazetteer)


def _citing() -> list[LegalSource]:
    people = words("honorifics"), words("name_guard")
    reports = load_shipped("legal", ("reporters_india", "reporters_us"), parents=False)
    return [
        Forms("legal_forms", words("form_numbers")),  # before: "Schedule 14D-9" is no provision
        Instruments("legal_instruments"),
        Provisions("legal_provisions"),
        Statutes("legal_statutes", words("act_heads"), words("act_stops"), words("act_generic")),
        Courts(
            "legal_courts",
            words("court_heads"),
            words("court_stops"),
            words("court_generic"),
            words("court_officers"),
            words("court_officer_modifiers"),
            words("court_barriers"),
        ),
        Dates("legal_dates"),
        Captions("legal_captions", *people, words("party_offices"), words("party_stops")),
        CaseNumbers(
            "legal_case_numbers",
            words("case_types"),
            words("case_stops"),
            words("case_barriers"),
            words("case_kinds"),
            words("case_foreign"),
        ),
        Precedents(
            "legal_precedents",
            tuple(sorted({reporter_key(term.text) for term in reports})),
            words("precedent_stops"),
            words("precedent_barriers"),
            "legal_captions",
        ),
    ]


def _people() -> list[LegalSource]:
    people = words("honorifics"), words("name_guard")
    return [
        Judges("legal_judges", *people),
        Witnesses("legal_witnesses", *people),
        Parties("legal_parties", *people),
        Persons("legal_persons", *people, words("given_names"), words("indian_names")),
    ]


def _naming() -> list[LegalSource]:
    return [
        Companies(
            "legal_companies",
            words("company_forms"),
            words("company_left_stops"),
            words("company_generic"),
            words("company_weak_forms"),
            words("company_barriers"),
            words("company_before_of"),
            words("alias_guard"),
        ),
        Agencies("legal_agencies", words("agency_heads"), words("organization_stops")),
        Institutions(
            "legal_institutions",
            words("organization_heads"),
            words("organization_stops"),
            words("organization_generic"),
            words("seated_heads"),
        ),
        Places("legal_places", words("name_guard"), words("district_offices")),
        OtherNames("legal_other_names"),
    ]
