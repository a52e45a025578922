"""Law: opinions, judgments, contracts and filings, of the United States and India above all."""

from __future__ import annotations

from pathlib import Path

from hybrid_ner.io import shipped
from hybrid_ner.registry import Domain

__all__ = ["DOMAIN"]

_PERSON = ("PERSON", "PER", "Person", "NAME")
_ORGANIZATION = ("ORGANIZATION", "ORGANISATION", "BUSINESS", "COMPANY", "CORPORATION", "Organization")

LABELS: dict[str, tuple[str, ...]] = {
    "COURT": ("TRIBUNAL", "COURT_NAME", "Court", "GRT"),
    "STATUTE": ("LEGISLATION/ACT", "LEGISLATION", "ACT", "LAW", "LAWS", "CODE", "GS", "Statute"),
    "PROVISION": ("SECTION", "ARTICLE", "CLAUSE", "Provision"),
    "CASE_NUMBER": ("CASE_NO", "CASENUMBER", "DOCKET_NUMBER", "DOCKET", "Case_Number"),
    "PRECEDENT": ("CASE_CITATION", "CITATION", "CASE", "CASE_LAW", "RS", "Precedent"),
    "DATE": ("Date", "TIME"),
    "FORM": ("FILING", "MISCELLANEOUS", "MISC"),
    "INSTRUMENT": ("MISCELLANEOUS", "MISC"),
    "OTHER_NAME": ("MISCELLANEOUS", "MISC", "NORP"),
    "GPE": ("LOCATION", "LOC", "PLACE", "JURISDICTION", "Location"),
    # OTHER_PERSON stands before the roles: it is what a bare PERSON means.
    "OTHER_PERSON": _PERSON,
    "ORG": _ORGANIZATION,
    "GOVERNMENT": ("GOVERNMENT_BODY", "AGENCY", "AUTHORITY", "INSTITUTION", "INN", "ORG", *_ORGANIZATION),
    "JUDGE": ("RR", "OTHER_PERSON", *_PERSON),
    "LAWYER": ("ATTORNEY", "COUNSEL", "AN", "OTHER_PERSON", *_PERSON),
    "PETITIONER": ("APPELLANT", "PLAINTIFF", "PARTY", "OTHER_PERSON", *_PERSON),
    "RESPONDENT": ("DEFENDANT", "APPELLEE", "PARTY", "OTHER_PERSON", *_PERSON),
    "WITNESS": ("OTHER_PERSON", *_PERSON),
}

MEANINGS = {
    "COURT": "a court or tribunal by its name",
    "STATUTE": "an act, code, treaty or set of rules by its name",
    "PROVISION": "a part of a statute: section 123, Article 14",
    "CASE_NUMBER": "the number under which a court keeps a case",
    "PRECEDENT": "a decided case that is cited: its parties with the report",
    "DATE": "a date of the calendar",
    "FORM": "a form that is filed: Form 10-K",
    "INSTRUMENT": "a named index, benefit plan, accounting standard or market",
    "OTHER_NAME": "a name that is nobody's and no place's: a nationality, a time zone",
    "GPE": "a country, state, region, city or other place",
    "OTHER_PERSON": "a person whose part in a case is not said",
    "ORG": "a company, firm, bank or other organisation",
    "GOVERNMENT": "a government, ministry, agency or authority",
    "JUDGE": "who decides a case",
    "LAWYER": "who speaks or writes for a party",
    "PETITIONER": "who brings a case: claimant, plaintiff, appellant",
    "RESPONDENT": "against whom a case is brought: defendant, appellee",
    "WITNESS": "who testifies in a case",
}
"""What labels mean, for people."""

DOMAIN = Domain(
    "legal",
    "Legal",
    sources="hybrid_ner.domains.legal.sources:legal_sources",
    labels=LABELS,
    terms=shipped("gazetteers", "legal"),
    samples=Path(__file__).parent / "samples",
    variants=False,
    order=20,
    meanings=MEANINGS,
)
