"""What a document talks about: genes, or a patient. Rules that would harm elsewhere ask here first.

A kind is told by how many different features of a list occur, so that one word decides nothing. A text of
100,000 characters holds every word sooner or later: what is longer than a few pages is judged by its pages.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import islice
from typing import Literal, NamedTuple

from hybrid_ner.io import read_list, shipped
from hybrid_ner.text.prefilter import PerText, WordPattern

_PAGE = 4_000
"""Characters of a page: a long report or a full-text article is judged page by page."""
_GENES, _MUCH_OF_GENES = 3, 6
"""Features: abstracts on disease genes have three to five of them, those on cells and proteins more."""
_CLINICAL = 5
_PAPER = 4
"""Features that a text needs more when it speaks as a paper does: an abstract about a case is no note."""

_NOTE = 2
"""Features of notes that a page needs; one more for each kind of speech that notes lack."""
_DENSE = 2.5
"""Features of notes on 1,000 characters, and points of terseness, of a note: case reports have 0 to 2.5,
notes 3 to 20."""
_ABSTRACT = 2_000
"""Characters: one paragraph of that length, with a title at most, is often an abstract; it needs one more."""

_HEADED = re.compile(r"\W{0,3}(?:[A-Z\d/&-]+[ ]){1,4}(?:[A-Z]{3,}|\d)|(?:ED|ER|RN|PT|OT) NOTE")
"""What no abstract begins with: ``NURSING NOTE 0700``, ``MRI BRAIN W/WO CONTRAST``."""

_GENE_FEATURES = (
    r"\btranscription\w*",
    r"\bpromoters?\b",
    r"\benhancers?\b",
    r"\bm?RNAs?\b",
    r"\bgene expression\b|\bexpression of \w+ gene",
    r"\bcDNAs?\b|\bDNA[- ]binding\b",
    r"\bbinding (?:sites?|proteins?|activity)\b",
    r"\bNF[- ]?(?:kappa|κ)|\bAP-1\b|\bSTAT\d|\bNFAT",
    r"\bcell lines?\b|\bJurkat\b|\bHL-?60\b|\bHeLa\b",
    r"\b(?:lympho|mono|leuk?co|granulo|thymo)cytes?\b|\bmacrophages?\b|\b[TB][- ]cells?\b",
    r"\bnuclear (?:extracts?|factor|protein|receptor)",
    r"\breceptors?\b",
    r"\bkinases?\b",
    r"\bcytokines?|\binterleukin|\bIL-\d|\binterferon|\bTNF\b",
    r"\btransfect\w*|\bplasmids?\b|\breporter\b",
    r"\bphosphorylat\w+",
    r"\bproteins?\b",
    r"\bgenes?\b",
    r"\bmonoclonal\b|\bantibod\w+|\bantigens?\b",
    r"\bkDa\b|\bkilodalton|\bamino acids?\b",
    r"\bmutants?\b|\bdomains?\b|\bsequences?\b",
    r"\bactivation of\b|\binduction of\b|\bsignal(?:l?ing| transduction)\b",
    r"\bhuman \w+ cells\b|\bcells\b",
)
"""Each begins with a word; behind it, in a pair, what may stand elsewhere ("75mg/day")."""
_CLINICAL_FEATURES: tuple[str | tuple[str, str], ...] = (
    r"\byears?[- ]old\b|\by/?o\b|\b\d\d[- ]?[MF]\b",
    r"\bphysical exam|\bon examination\b|\bexam:",
    r"\bpresented (?:to|with|at)\b|\bpresents with\b|\bp/w\b",
    r"\b(?:was|were) admitted\b|\badmission\b|\badmitted (?:for|to|with)\b",
    r"\b(?:he|she|her|his)\b",
    r"\bdischarged?\b",
    r"\bhistory of\b|\bh/o\b|\bpast medical history\b|\bpmhx?\b",
    (r"\b(?:mg|g|mcg)/d?l\b|\b(?:mmol|u|iu|meq)/l\b", r"/μl\b|/mm3\b"),
    (r"\bmm ?hg\b|\bbpm\b|\bblood pressure\b|\bbp\b", r"beats/min"),
    r"\b(?:computed tomography|ct|mri|ultrasound|x-ray|cxr|radiograph\w*|echocardiogra\w+)\b",
    r"\blaboratory\b|\blabs?\b",
    r"\bfollow[- ]up\b|\bf/u\b",
    r"\bthe patient\b|\bpt\b|\bpatient (?:was|is|denies|reports)\b",
    r"\bbiopsy\b|\bhistopatholog\w+",
    (r"\b(?:twice|once|three times) (?:a day|daily)|\b[bt]id\b|\bq\d+h\b|\bprn\b|\bpo\b", r"mg/day|mg daily"),
    r"\bdenie[sd]\b|\bc/o\b|\bcomplain\w* of\b|\bchief complaint\b|\bcc:|\bhpi\b",
    r"\b(?:emergency (?:department|room)|hospital|clinic|ward|icu|intensive care)\b",
    r"\bunremarkable\b|\bwithin normal limits?\b|\bwnl\b|\bnormal range\b|\breference range\b",
    r"\bdiagnosis of\b|\bwas diagnosed\b|\bassessment\b|\bimpression:|\ba/p\b",
    r"\bsurgery\b|\bunderwent\b|\bs/p\b|\bstatus post\b",
    r"\bafebrile\b|\btemperature\b|\bvitals?\b|\bheart rate\b|\bhr \d|\bpulse\b",
    # Notes of a few lines: what heads them, short forms, laboratory values, what nurses and examiners write.
    r"\b(?:discharge summary|(?:progress|nursing|ed|triage|consult|operative|clinic) note"
    r"|(?:pathology|operative|radiology) report|final diagnosis)\b",
    r"\b(?:hx|dx|sx|abd|cxr|uds|mse|s/s|2/2)\b",
    r"\b(?:wbc|hgb|hct|bnp|spo2)\b",
    r"\b(?:indication|findings|technique|comparison|allergies|medications|meds|impression|plan|mse):",
    r"\b(?:a&o|flat affect|bedside|ambulation|foley|core biopsy|s1s2)\b",
)


def _groups() -> dict[str, list[str]]:
    """Groups of lines of ``note_features.txt``: HEADING, CARE, and the features by number."""
    text = shipped("gazetteers", "medical", "rules", "note_features.txt").read_text(encoding="utf-8")
    groups: dict[str, list[str]] = {}
    for number, block in enumerate(text.split("\n\n")):
        lines = [line for line in block.splitlines() if line and not line.startswith("#")]
        if lines:
            named = lines[0] in ("HEADING", "CARE")
            groups[lines[0] if named else str(number)] = lines[named:]
    return groups


def _note_features() -> list[str]:
    """One expression for each feature of notes: a heading, two of them, then those of the file."""
    groups = _groups()
    heading = f"LINE(?:{'|'.join(groups.pop('HEADING'))})[ ]?:"
    del groups["CARE"]
    features = [heading, rf"{heading}[\s\S]*?{heading}", *("|".join(lines) for lines in groups.values())]
    return [each.replace("LINE", _begun("\n.;")).replace("CLAUSE", _begun("\n.;,:")) for each in features]


def _begun(behind: str) -> str:
    """Where a word begins a text, or stands behind one of these characters and a few spaces.

    As a look behind, not as a match of what stands there: an expression is then known to begin with its word.
    """
    return rf"\b(?:(?<![\s\S])|{'|'.join(rf'(?<=[{behind}]{spaces})' for spaces in _INDENTS)})"


_INDENTS = ("", r"\s", r"\s\s", r"\s\s\s", r"\s\s\s\s")


_PLAIN = re.compile(
    r"the|of|an?|was|were|is|are|that|which|be|been|have|has|had|this|these|we|by|as|its?|or|and|in|to|for|shall"
    r"|will|may|can"
)
"""Words that running text cannot do without: 22 % of an abstract at least, 8 % of the words of a note."""
_FEW_WORDS = 6
_TERSE: tuple[tuple[float, ...], ...] = ((), (0.1, 0.15), (0.15, 0.2), (0.15, 0.2), (0.15, 0.22))
"""By how many words of care a text has, below which shares of plain words it earns a point."""
_FEW_LINES = 600
"""Characters of a note that is too short for features: its words of care are looked for in more lists."""
_MOST_TERSE = max(map(len, _TERSE))
_WORDS, _SEGMENTS = re.compile(r"[A-Za-z][A-Za-z'-]*"), re.compile(r"[.;:](?=\s|$)|\n")


@cache
def _care() -> re.Pattern[str]:
    """Words of care, in lower case."""
    return re.compile(rf"\b(?:{'|'.join(_groups()['CARE'])})\b")


@cache
def _care_words() -> frozenset[str]:
    """Findings, drugs, sites and analytes of one word, as the lists of the rules have them."""
    lists = ("clinical_findings", "clinical_drugs", "body_sites", "analytes")
    entries = (
        entry
        for name in lists
        for entry in read_list(shipped("gazetteers", "medical", "rules", f"{name}.txt"))
    )
    return frozenset(entry.lower() for entry in entries if " " not in entry)


_MANY = (
    r"\bpatients\b(?! name)|\b(?:rats|mice|rabbits|dogs|volunteers|subjects|families|participants|controls)\b"
    r"|\b(?:study|studied|trial|randomi[sz]ed|retrospective|prospective|cohort|meta-analysis|guidelines?)\b"
    r"|\b(?:all|\d+) (?:children|women|men|cases|infants)\b|\bversus\b"
    r"|\bp ?[<=] ?0?\.\d|\bn ?= ?\d"
)
_LAW = (
    r"\b(?:plaintiffs?|defendants?|claimant|appellant|respondent|petitioner|tribunal|court|agreement|alleges?d?"
    r"|statute|prosecution|witness|accused|appeal|offender|deposed|section \d+|alj|commissioner|hereby"
    r"|pursuant|shall|sellers?|buyers?|borrower|lenders?|shareholders?|the company)\b"
)
_ELSEWHERE = (
    r"\b(?:tbsp|tsp|oven|simmer|roast(?:ed)?|bake|grill|fry|flour|garlic|dough|marinade|broth|recipe|squats?"
    r"|reps?|laps?|kick-?off|half[- ]time|coach|striker|goalkeeper|pitch|training plan|pace|swim|injury list"
    r"|cpu|rpm|server|disk|pump|firmware|engine|brakes?|misfire|boiler|printer|router|battery|charger"
    r"|refund(?:ed)?|seller|courier|warranty|(?:[1-5]|one|two|three|four|five) stars?|would (?:not )?buy"
    r"|bought|compost|prune|repot|rent|allowances?|tax|invoice)\b"
)
"""Kitchen, sport, machines, reviews of goods: as terse as notes, and with words of the body."""
_PAPER_SPEECH = (
    r"\bwe (?:report|describe|present|review)|\bcase reports?\b|\bthis (?:report|case|article|paper|study)\b"
    r"|\bliterature\b|\bconclusions?\b|\b(?:objectives?|background|methods):|\breported cases?\b"
    r"|\bto our knowledge\b|\b(?:is|are) reported\b|\bauthors?\b"
)
_ENOUGH = _CLINICAL + 1 + _PAPER
_Kind = Literal["genes", "clinical", "paper", "note", "many", "law", "elsewhere"]
_OTHERS: tuple[_Kind, ...] = ("paper", "many", "law", "elsewhere")


class _Features(NamedTuple):
    """All features: their kinds, expressions, and those that need not begin with a word, by number."""

    kinds: list[_Kind]
    patterns: list[WordPattern]
    elsewhere: dict[int, re.Pattern[str]]


@cache
def _features() -> _Features:
    kinds: list[tuple[_Kind, str | tuple[str, str]]] = [
        *(("genes", feature) for feature in _GENE_FEATURES),
        *(("clinical", feature) for feature in _CLINICAL_FEATURES),
        *(("note", feature) for feature in _note_features()),
        ("paper", _PAPER_SPEECH),
        ("many", _MANY),
        ("law", _LAW),
        ("elsewhere", _ELSEWHERE),
    ]
    pairs = [feature if isinstance(feature, tuple) else (feature, "") for _, feature in kinds]
    patterns = [WordPattern(first, re.IGNORECASE) for first, _ in pairs]
    # In exact letters, over pages in lower case: what they begin with is then looked for as a string.
    elsewhere = {number: re.compile(second) for number, (_, second) in enumerate(pairs) if second}
    return _Features([kind for kind, _ in kinds], patterns, elsewhere)


def talks_of_genes(text: str, much: bool = False) -> bool:
    """Whether the text is about genes, proteins and cells, where names of chemicals stand in other names.

    Args:
        text: Any text.
        much: Whether it must be about little else.
    """
    return _about_little_else(text) if much else _about_genes(text)


@PerText
def _about_genes(text: str) -> bool:
    return _most_pages(text, "genes", _GENES)


@PerText
def _about_little_else(text: str) -> bool:
    return _most_pages(text, "genes", _MUCH_OF_GENES)


@PerText
def is_clinical(text: str) -> bool:
    """Whether the text tells of a patient: a note or a case report, not an abstract about many."""
    if len(text) < _PAGE and _is_short_note(text):
        return True
    abstract = len(text) < _ABSTRACT and text.count("\n") <= 1 and not _HEADED.match(text)
    about_many = abstract and _count(text, "many") > 0
    return _most_pages(text, "clinical", _CLINICAL + abstract + about_many, _PAPER)


@PerText
def is_note(text: str) -> bool:
    """Whether the text is a note: about a patient, and as dense with headings and short forms as notes are.

    Case reports tell of a patient too, in sentences, and are annotated by another guideline.
    """
    if not is_clinical(text):
        return False
    if len(text) < _FEW_LINES and _is_short_note(text):
        return True
    page = text[:_PAGE]
    asked = _DENSE + 2 * _count(page, "paper") - 1_000 * _count(page, "note") / len(page)
    return asked <= 0 or (asked <= _MOST_TERSE and _terseness(page) >= asked)


def is_case_report(text: str) -> bool:
    """Whether the text tells of a patient in the sentences of a paper, not of a note."""
    return is_clinical(text) and not is_note(text)


def _is_short_note(text: str) -> bool:
    """Whether a page has the headings, short forms and turns of notes, and little of papers and law."""
    asked = _NOTE + sum(_count(text, kind) for kind in _OTHERS)
    asked += _count(text, "elsewhere")  # these tell more than a word of law
    found = _count(text, "note")
    return found >= asked or (found + _MOST_TERSE >= asked and found + _terseness(text) >= asked)


def _terseness(text: str) -> int:
    """0 to 2: how far a text is fragments about a patient, ``IV site without redness. Pain controlled.``"""
    words = _WORDS.findall(text.lower())
    segments = len(_SEGMENTS.findall(text))
    if len(words) < _FEW_WORDS or not 2 <= segments <= 0.8 * len(words):  # a list of words is no text
        return 0
    plain = sum(_PLAIN.fullmatch(word) is not None for word in words) / len(words)
    told = set(_care().findall(text.lower()))
    if len(text) < _FEW_LINES and segments > 2:  # one sentence is no note
        told |= _care_words().intersection(words)
    limits = _TERSE[min(len(_TERSE) - 1 - (len(text) >= _FEW_LINES), len(told))]
    return sum(plain < limit for limit in limits)


def _most_pages(text: str, kind: _Kind, least: int, paper: int = 0) -> bool:
    """Whether more than half of the pages have so many features, and ``paper`` more in a paper's speech."""
    count = max(1, round(len(text) / _PAGE))
    size = len(text) // count + 1
    kinds = []
    for at in range(0, len(text), size):
        page = text[at : at + size]
        found = _count(page, kind)
        kinds.append(found >= least + paper or (found >= least and not _count(page, "paper")))
    return 2 * sum(kinds) > len(kinds) if len(kinds) > 1 else any(kinds)


@lru_cache(maxsize=64)  # three questions are asked of every page
def _count(page: str, kind: _Kind) -> int:
    """How many features of a kind a page has; more than ``_ENOUGH`` are not counted."""
    kinds, patterns, elsewhere = _features()
    lower = page.lower()
    found = (
        1
        for number, pattern in enumerate(patterns)
        if kinds[number] == kind
        and (pattern.matches(page) or (number in elsewhere and elsewhere[number].search(lower) is not None))
    )
    return sum(islice(found, _ENOUGH))
