"""The labeling sources for medical text in order of trust, their lists and switches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from spacy.tokens import Doc

from hybrid_ner.domains.medical import diseases, guards
from hybrid_ner.domains.medical.base import CHEMICAL, DISEASE, is_clinical
from hybrid_ner.domains.medical.spelling import FollowingSource, SpellingSource, split_words
from hybrid_ner.domains.registry import (
    AbbreviationSource,
    GazetteerSource,
    LabelingSource,
    Match,
    Patterns,
    Remembered,
    RuleSource,
    WordPattern,
    alternation,
    first_word,
    past,
    rule_match,
    set_of,
)
from hybrid_ner.io import read_list, shipped
from hybrid_ner.terms import Gazetteer
from hybrid_ner.terms.shipped import COLUMNS, shipped_packs, table_rows


def _entries(name: str) -> tuple[str, ...]:
    """Of a file of ``gazetteers/medical/rules``."""
    return read_list(shipped("gazetteers", "medical", "rules", f"{name}.txt"))


def _short_forms() -> dict[str, tuple[str, ...]]:
    """The terms of two packs of short forms: rules read them in notes without being asked to."""
    forms: dict[str, list[str]] = {DISEASE: [], CHEMICAL: []}
    for pack in ("clinical_notes", "clinical_abbreviations"):
        path = shipped("gazetteers", "medical", f"{pack}.tsv")
        for _, (term, label, *_) in table_rows(path, COLUMNS):
            forms[label].append(term)
    return {"note_diseases": tuple(forms[DISEASE]), "note_drugs": tuple(forms[CHEMICAL])}


def medical_sources(gazetteer: Gazetteer, switches: Iterable[str] = ()) -> list[LabelingSource]:
    """The medical sources in order of trust; each may read the groups of those before it.

    Args:
        switches: ``genetics``: "C2-deficient" is a mention as "C2 deficiency" is, as papers on genetics are
            annotated; elsewhere it mostly describes animals.

    Raises:
        InputError: An unknown switch.
    """
    lists = Remembered(_entries)
    lists.update(_short_forms())
    modifiers = (*lists["body_sites"], *lists["disease_kinds"], *lists["heredity"])
    in_notes = lists["note_heads"], lists["note_sites"]
    sources: list[LabelingSource] = [
        GazetteerSource(gazetteer),
        SpellingSource(gazetteer, (*lists["stop_terms"], *lists["banned_terms"])),
        ChemicalClasses("chemical_classes", lists["chemical_classes"]),
        Formulas("formulas", lists["formulas"]),
        CompoundCodes("compound_codes", lists["code_exceptions"]),
        diseases.DiseaseWords("disease_words", lists["disease_words"]),
        diseases.DiseaseSuffixes("disease_suffixes", lists["disease_suffixes"], lists["suffix_exceptions"]),
        diseases.DiseaseHeads("disease_heads", lists["disease_heads"], modifiers, *in_notes),
        diseases.LossPhrases("loss_phrases", lists["loss_phrases"], lists["body_sites"]),
        diseases.Deficiencies("deficiencies", "genetics" in {*switches}),
        SystematicNames("systematic_names", lists["chemical_morphemes"], lists["chemical_endings"]),
        guards.ClinicalTerms("clinical_findings", DISEASE, lists["clinical_findings"]),
        guards.ClinicalTerms("clinical_drugs", CHEMICAL, lists["clinical_drugs"]),
        guards.NoteForms("note_diseases", DISEASE, lists["note_diseases"]),
        guards.NoteForms("note_drugs", CHEMICAL, lists["note_drugs"]),
    ]
    chemicals = lists["chemical_morphemes"], lists["chemical_salts"]
    sources.append(ChemicalNames("chemical_names", _names(sources), *chemicals))
    sources.append(
        diseases.DiseaseSites("disease_sites", _names(sources), lists["sites_of"], lists["body_sites"])
    )
    sources.append(AbbreviationSource(_names(sources)))
    sources.append(diseases.DiseaseTails("disease_tails", _names(sources), lists["disease_tails"]))
    sources.append(diseases.DiseaseTypes("disease_types", _names(sources)))
    sources.append(
        diseases.DiseaseModifiers("disease_modifiers", _names(sources), modifiers, sites=in_notes[1])
    )
    sources.append(DrugCombinations("drug_combinations", _names(sources)))
    sources.append(guards.LabGuard("lab_guard", _names(sources), lists["analytes"]))
    forms = (*lists["note_diseases"], *lists["note_drugs"])
    sources.append(guards.NoteGuard("note_guard", _names(sources), lists["note_bare"], forms))
    cells = lists["whole_names"], lists["genera"], lists["cell_lines"]
    sources.append(guards.NameGuard("name_guard", _names(sources), *cells))
    files = tuple(pack.path.name for pack in shipped_packs("medical"))
    genes = lists["gene_heads"], lists["protein_names"], files
    sources.append(guards.GeneGuard("gene_guard", _names(sources), *genes))
    return sources


def _names(sources: list[LabelingSource]) -> tuple[str, ...]:
    return tuple(source.name for source in sources)


# Chemicals that no list has: names by their endings and heads, systematic names, classes.

_RE = Patterns(__file__)

_OPENERS, _CLOSERS = "([{", ")]}"


@dataclass(frozen=True)
class ChemicalNames(FollowingSource):
    """Extends found chemicals to their whole systematic name.

    Args:
        morphemes: Parts of systematic names.
        salts: Words after a chemical that belong to it.
    """

    morphemes: tuple[str, ...]
    salts: tuple[str, ...]

    _systematic = _RE.own("SYSTEMATIC", re.compile)
    _salt = _RE.own("SALT", re.compile)

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        chemicals = self.chosen(doc, CHEMICAL)
        for match in chemicals:
            start, end = self._chunk(text, match, chemicals)
            end = past(self._salt, text, end)
            if (start, end) != (match.start, match.end):
                yield rule_match(text, start, end, CHEMICAL, text[match.start : match.end])

    def _chunk(self, text: str, match: Match, chemicals: list[Match]) -> tuple[int, int]:
        start, end = _chunk_bounds(text, match.start, match.end)
        if start < match.start and text[match.start - 1] not in "-]":
            start = match.start
        if end > match.end and text[match.end] not in "-(":
            end = match.end
        while start < match.start and not self._belongs(text[start : match.start]):
            start = _next_part(text, start, match.start)
        while end > match.end and not self._follows(text[match.end : end]):
            parts = list(_RE.PART.finditer(text, match.end, end))
            end = parts[-2].end() if len(parts) > 1 else match.end
        return _balanced(text, start, end, match)

    def _belongs(self, rest: str) -> bool:
        parts = [part.group() for part in _RE.PART.finditer(rest)]
        if rest.endswith("]") and "-" not in rest:
            return False
        return bool(parts) and all(
            _RE.LOCANT.fullmatch(part) or self._systematic.fullmatch(part) for part in parts
        )

    def _follows(self, rest: str) -> bool:
        """Whether the end of a chunk belongs to the name: more than a bare number, as receptors have."""
        parts = [part.group() for part in _RE.PART.finditer(rest)]
        return self._belongs(rest) and any(self._systematic.fullmatch(part) for part in parts)


_LONGEST_NAME = 400
"""Characters of a name before and behind a part of it: a line of 100,000 without a space is none."""


def _chunk_bounds(text: str, start: int, end: int) -> tuple[int, int]:
    first, last = max(0, start - _LONGEST_NAME), min(len(text), end + _LONGEST_NAME)
    while start > first and not text[start - 1].isspace() and text[start - 1] not in "/;=<>":
        start -= 1
    while end < last and not text[end].isspace() and text[end] not in "/;=<>":
        end += 1
    return start, end


def _next_part(text: str, start: int, limit: int) -> int:
    part = _RE.PART.search(text, start, limit)
    if part is None:
        return limit
    following = _RE.PART.search(text, part.end(), limit)
    return following.start() if following else limit


def _balanced(text: str, start: int, end: int, match: Match) -> tuple[int, int]:
    """Without punctuation at the edges, and without brackets that open or close outside."""
    while end > match.end and not (text[end - 1].isalnum() or text[end - 1] in _CLOSERS):
        end -= 1
    while start < match.start and not (text[start].isalnum() or text[start] in _OPENERS):
        start += 1
    opened = sum(text.count(c, start, end) for c in _OPENERS)
    closed = sum(text.count(c, start, end) for c in _CLOSERS)
    return (start, end) if opened == closed else (match.start, match.end)


@dataclass(frozen=True)
class ChemicalClasses(RuleSource):
    """Names of drug classes.

    Args:
        classes: Phrases of up to three words.
    """

    classes: tuple[str, ...]

    _known = set_of("classes")
    _first = set_of("classes", each=first_word)

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        for start, end in split_words(text).listed(self._known, self._first):
            yield rule_match(text, start, end, CHEMICAL, text[start:end].lower())


@dataclass(frozen=True)
class Formulas(RuleSource):
    """Element symbols and formulas with their exact letters."""

    formulas: tuple[str, ...]

    @cached_property
    def _pattern(self) -> WordPattern:
        symbols = alternation(tuple(map(re.escape, self.formulas)))
        return WordPattern(rf"{_RE.source('ION')}|(?<![\w.]){symbols}(?![\w.]*\w)|{_RE.source('BARE')}")

    def find(self, doc: Doc) -> Iterator[Match]:
        """Every listed formula, and ambiguous symbols where the text around them settles it."""
        text = doc.text
        for found in self._pattern.finditer(text):
            yield rule_match(text, found.start(), found.end(), CHEMICAL, found.group())


@dataclass(frozen=True)
class DrugCombinations(FollowingSource):
    """Two drugs that are given as one: "piperacillin/tazobactam", "trimethoprim-sulfamethoxazole"."""

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        if not is_clinical(text):
            return
        chemicals = self.chosen(doc, CHEMICAL)
        for first, second in pairwise(chemicals):
            between = text[first.end : second.start]
            if between.strip(" ") in {"/", "-"} and len(between) <= _JOINT:
                yield rule_match(text, first.start, second.end, CHEMICAL, "combination")


_JOINT = 3
"""Characters of " / "."""


@dataclass(frozen=True)
class CompoundCodes(RuleSource):
    """Development codes of compounds: ``MK-801``, ``GR 55562``, ``BD1063``.

    Args:
        exceptions: Letter prefixes that start other codes.
    """

    exceptions: tuple[str, ...]

    _excluded = set_of("exceptions")

    def find(self, doc: Doc) -> Iterator[Match]:
        """Two to five capitals and three or more digits, as one word or joined by a hyphen or space.

        "TIA 2019" is a short form and a year, "PV-2026-118" and "lot AB-4471" number a file and a batch.
        """
        text = doc.text
        for found in _RE.CODE.finditer(text):
            numbered = _RE.NUMBERED.search(text, max(0, found.start() - _NUMBERED), found.start())
            if not numbered and found.group(1).upper() not in self._excluded:
                yield rule_match(text, found.start(), found.end(), CHEMICAL, "compound code")


_NUMBERED = 24
"""Characters before a code in which a word for what it numbers stands: "accession number "."""
_LONG_PART = 4
_LONG_WORD = 12
_PUNCTUATION = ")]}.,:'\"”"


@dataclass(frozen=True)
class SystematicNames(RuleSource):
    """Chunks without spaces that hold several parts of systematic names.

    Args:
        morphemes: Parts of systematic names.
        endings: How such a name ends.
    """

    morphemes: tuple[str, ...]
    endings: tuple[str, ...]

    @cached_property
    def _part(self) -> re.Pattern[str]:
        return re.compile(alternation(tuple(m for m in self.morphemes if len(m) >= _LONG_PART)))

    @cached_property
    def _endings(self) -> tuple[str, ...]:
        return tuple(ending + plural for ending in self.endings for plural in ("", "s"))

    def find(self, doc: Doc) -> Iterator[Match]:
        """Every chunk with two parts, or one part and a locant, and such an ending."""
        text = doc.text
        may_be = self._may_be
        for found in _RE.LONG_CHUNK.finditer(text):
            if not may_be[found.group()]:
                continue
            start, end = _trimmed(found)
            if self._is_name(text[start:end].lower()):
                yield rule_match(text, start, end, CHEMICAL, "systematic name")

    @cached_property
    def _may_be(self) -> Remembered[bool]:
        return Remembered(self._ends)

    def _ends(self, chunk: str) -> bool:
        return chunk.lower().rstrip(_PUNCTUATION).endswith(self._endings)

    def _is_name(self, name: str) -> bool:
        if not name.rstrip(")]}").endswith(self._endings):
            return False
        located = "-" in name and any(map(str.isdigit, name))
        if not located and (name.endswith("yl") or ("-" not in name and len(name) < _LONG_WORD)):
            return False
        parts = len(self._part.findall(name))
        return parts >= 2 or (parts == 1 and located)


def _trimmed(found: re.Match[str]) -> tuple[int, int]:
    start, end = found.span()
    text = found.string
    while end > start and (text[end - 1] in _PUNCTUATION[3:] or _unbalanced(text[start:end], -1)):
        end -= 1
    while start < end and (text[start] in "'\"“" or _unbalanced(text[start:end], 0)):
        start += 1
    if text[start] in "([{" and _encloses(text[start:end]):
        return start + 1, end - 1
    return start, end


def _encloses(chunk: str) -> bool:
    """Whether the bracket that opens the chunk is closed by its last character."""
    depth = 0
    for at, char in enumerate(chunk):
        depth += (char in "([{") - (char in ")]}")
        if depth == 0:
            return at == len(chunk) - 1
    return False


def _unbalanced(chunk: str, at: int) -> bool:
    """Whether the bracket at one edge has no partner inside the chunk."""
    pairs = {")": "(", "]": "[", "}": "{", "(": ")", "[": "]", "{": "}"}
    bracket = chunk[at]
    return bracket in pairs and chunk.count(bracket) > chunk.count(pairs[bracket])
