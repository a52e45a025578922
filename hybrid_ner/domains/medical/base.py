"""What the medical sources know beforehand: what a text talks about, genes or a patient; British spelling."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import islice
from typing import Literal

from hybrid_ner.io import read_list, shipped
from hybrid_ner.text.patterns import Patterns, PerText, WordPattern

_RE = Patterns(__file__)

CHEMICAL = "Chemical"
DISEASE = "Disease"


# What a document talks about. A kind is told by how many different features of a list occur, so that one word
# decides nothing. A text of 100,000 characters holds every word sooner or later: what is longer than a few
# pages is judged by its pages.

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
_FEW_WORDS = 6
_TERSE: tuple[tuple[float, ...], ...] = ((), (0.1, 0.15), (0.15, 0.2), (0.15, 0.2), (0.15, 0.22))
"""By how many words of care a text has, below which shares of plain words it earns a point."""
_FEW_LINES = 600
"""Characters of a note that is too short for features: its words of care are looked for in more lists."""
_MOST_TERSE = max(map(len, _TERSE))


@cache
def _care() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(_groups()['CARE'])})\b")


@cache
def _care_words() -> frozenset[str]:
    """Findings, drugs, sites and analytes of one word, as the lists of the rules have them."""
    lists = ("clinical_findings", "clinical_drugs", "body_sites", "analytes")
    files = (shipped("gazetteers", "medical", "rules", f"{name}.txt") for name in lists)
    return frozenset(entry.lower() for file in files for entry in read_list(file) if " " not in entry)


_ENOUGH = _CLINICAL + 1 + _PAPER
_Kind = Literal["genes", "clinical", "paper", "note", "many", "law", "elsewhere"]
_OTHERS: tuple[_Kind, ...] = ("paper", "many", "law", "elsewhere")


_Feature = tuple[WordPattern, re.Pattern[str] | None]
"""An expression, and one in lower case that need not begin with a word."""


@cache
def _features() -> dict[_Kind, list[_Feature]]:
    listed: tuple[_Kind, ...] = ("genes", "clinical")
    kinds: list[tuple[_Kind, tuple[str, str]]] = [
        *((kind, row) for kind in listed for row in _RE.made(kind, str)),
        *(("note", (feature, "")) for feature in _note_features()),
        *((kind, (_RE.source(kind.upper()), "")) for kind in _OTHERS),
    ]
    found: dict[_Kind, list[_Feature]] = {}
    for kind, (first, second) in kinds:
        # In exact letters, over pages in lower case: what it begins with is then looked for as a string.
        elsewhere = re.compile(second) if second else None
        found.setdefault(kind, []).append((WordPattern(first, re.IGNORECASE), elsewhere))
    return found


@PerText
def talks_of_genes(text: str) -> bool:
    """Whether the text is about genes, proteins and cells, where names of chemicals stand in other names."""
    return _most_pages(text, "genes", _GENES)


@PerText
def talks_mostly_of_genes(text: str) -> bool:
    """Whether it is about little else."""
    return _most_pages(text, "genes", _MUCH_OF_GENES)


@PerText
def is_clinical(text: str) -> bool:
    """Whether the text tells of a patient: a note or a case report, not an abstract about many."""
    if len(text) < _PAGE and _is_short_note(text):
        return True
    abstract = len(text) < _ABSTRACT and text.count("\n") <= 1 and not _RE.HEADED.match(text)
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


@PerText
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
    words = _RE.WORDS.findall(_lower(text))
    segments = len(_RE.SEGMENTS.findall(text))
    if len(words) < _FEW_WORDS or not 2 <= segments <= 0.8 * len(words):  # a list of words is no text
        return 0
    plain = sum(_RE.PLAIN.fullmatch(word) is not None for word in words) / len(words)
    told = set(_care().findall(_lower(text)))
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


_lower = PerText(str.lower)


@lru_cache(maxsize=64)  # three questions are asked of every page
def _count(page: str, kind: _Kind) -> int:
    """How many features of a kind a page has; more than ``_ENOUGH`` are not counted."""
    lower = _lower(page)
    found = (
        1
        for pattern, elsewhere in _features()[kind]
        if pattern.matches(page) or (elsewhere is not None and elsewhere.search(lower) is not None)
    )
    return sum(islice(found, _ENOUGH))


# How a name is spelled otherwise.


def spelling_variants(surface: str) -> Iterator[tuple[str, str]]:
    """Other spellings of a folded string and the rule of each, the surest first."""
    yield from _numbers(surface)
    if "-" in surface:
        yield surface.replace("-", " "), "space for hyphen"
        yield surface.replace("-", ""), "without hyphen"
    elif " " in surface:
        yield surface.replace(" ", "-"), "hyphen for space"
    if not surface.isalpha() and _RE.CODE_GAP.search(surface):
        for joint in ("", " ", "-"):
            yield _RE.CODE_GAP.sub(joint, surface), "joint of letters and digits"
    if is_british(surface):
        other = american(surface)
        yield other, "British spelling"
        for variant, _ in _numbers(other):
            yield variant, "British spelling, plural or singular"


@cache
def _british() -> tuple[re.Pattern[str], dict[str, str]]:
    """British parts of words, longest first, and what each becomes."""
    parts = dict(_RE.made("british", str))
    return re.compile("|".join(sorted(parts, key=len, reverse=True))), parts


def is_british(text: str) -> bool:
    """Whether a string in lower case has a part that Americans write otherwise."""
    for sign in _RE.each("SIGNS"):
        if sign in text:
            return _british()[0].search(text) is not None
    return False


def american(text: str) -> str:
    pattern, parts = _british()
    return pattern.sub(lambda part: parts[part.group()], text) if is_british(text) else text


def _numbers(surface: str) -> Iterator[tuple[str, str]]:
    if surface.endswith("ies"):
        yield surface[:-3] + "y", "plural"
    elif surface.endswith("ses") or surface.endswith("xes") or surface.endswith("ches"):
        yield surface[:-2], "plural"
        yield surface[:-2] + "is", "plural"
    if surface.endswith("s") and not surface.endswith(("ss", "us", "is")):
        yield surface[:-1], "plural"
    elif not surface.endswith("s"):
        yield surface + "s", "singular"
        if surface.endswith("y"):
            yield surface[:-1] + "ies", "singular"
