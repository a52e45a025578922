"""What is a mention in a note alone, and what is none anywhere although a list or rule says so.

Abstracts and notes are annotated by other guidelines: "mass", "antibiotics" are mentions in a note, and
"serum sodium 140 mmol/L" is a value: what stands here for these looks only at documents about a patient.

Votes against, never an entity: genes and proteins by name and head word, species, cell lines, and names whose
parts are chemicals or diseases by themselves. Some hold in any text; those that would harm clinical text
("dopamine receptor" names dopamine there) hold only where the document talks of genes.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import ClassVar

from spacy.tokens import Doc

from hybrid_ner.domains.medical.base import (
    CHEMICAL,
    DISEASE,
    is_clinical,
    is_note,
    talks_mostly_of_genes,
    talks_of_genes,
)
from hybrid_ner.domains.medical.spelling import FollowingSource, split_words
from hybrid_ner.domains.registry import (
    VETO,
    Match,
    Patterns,
    PerText,
    RuleSource,
    WordPattern,
    alternation,
    first_word,
    is_own,
    read_matches,
    rule_match,
    set_of,
    view_of,
)

_RE = Patterns(__file__)

_NEAR = 20
"""Characters before a chemical in which a word may say that it is measured: "24-hour urinary "."""


@dataclass(frozen=True)
class ClinicalTerms(RuleSource):
    """Words and phrases that are mentions in text about a patient.

    Args:
        phrases: Lower-case phrases of up to five words.
    """

    label: str
    phrases: tuple[str, ...]

    _known = set_of("phrases")
    _first = set_of("phrases", each=first_word)

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        for start, end in split_words(text).listed(self._known, self._first) if is_clinical(text) else ():
            yield rule_match(text, start, end, self.label, text[start:end].lower())


@dataclass(frozen=True)
class LabGuard(FollowingSource):
    """Votes against chemicals that are measured, not given.

    Args:
        analytes: Lower-case names of what is only measured.
    """

    outvotes_own: ClassVar[bool] = True
    analytes: tuple[str, ...]

    _known = set_of("analytes")

    def find(self, doc: Doc) -> Iterator[Match]:
        """A vote against every chemical that is such a name, or stands where a measured one does."""
        text = doc.text
        if not is_clinical(text):
            return
        note = is_note(text)
        for name in self.reads:
            for match in read_matches(doc, name):
                measured = _is_tested if note or is_own(match) else self._measured
                if match.label == CHEMICAL and measured(text, match):
                    yield rule_match(text, match.start, match.end, VETO, "measured, not given")

    def _measured(self, text: str, match: Match) -> bool:
        if text[match.start : match.end].lower() in self._known:
            return True
        left = _RE.MEASURED_LEFT.search(text, max(0, match.start - _NEAR), match.start)
        return left is not None or _RE.MEASURED_RIGHT.match(text, match.end) is not None


def _is_tested(text: str, match: Match) -> bool:
    return _RE.TEST_RIGHT.match(text, match.end) is not None


@dataclass(frozen=True)
class NoteForms(RuleSource):
    """Short forms that are mentions in notes, and mean something else elsewhere.

    Args:
        forms: Exact letters; those without a capital in any case.
    """

    label: str
    forms: tuple[str, ...]

    @cached_property
    def _pattern(self) -> WordPattern:
        exact = alternation(tuple(re.escape(form) for form in self.forms if form != form.lower()))
        folded = alternation(tuple(re.escape(form) for form in self.forms if form == form.lower()))
        ion = f"|{_RE.source('MEASURED_ION')}" if self.label == CHEMICAL else ""
        # "97% RA" is room air, "500 MG" a dose; "PE:" and "Abx:" are headings.
        after = r"(?<!\d )(?<!% )(?<!\bon )" if self.label == DISEASE else r"(?<!\d )"
        pattern = rf"{after}(?<![\w/-])(?:(?!(?:PE|[Aa]bx) ?:)(?:{exact}|(?i:{folded}))(?![\w-]|/\w){ion})"
        return WordPattern(pattern)

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        if is_note(text):
            for found in self._pattern.finditer(text):
                yield rule_match(text, found.start(), found.end(), self.label, found.group())


@dataclass(frozen=True)
class NoteGuard(FollowingSource):
    """Votes in notes against what is said of a patient, seen on a picture or given in general.

    Args:
        bare: Exact letters; those without a capital in any case.
        forms: Short forms of notes, which stand.
    """

    bare: tuple[str, ...]
    forms: tuple[str, ...]

    _bare = set_of("bare")
    _forms = set_of("forms")

    def find(self, doc: Doc) -> Iterator[Match]:
        """A vote against every vote on exactly such a word: "drowsy", "medication", "OGD"."""
        text = doc.text
        if not is_note(text):
            return
        votes = {name: read_matches(doc, name) for name in self.reads}
        diseases = {match.start for matches in votes.values() for match in matches if match.label == DISEASE}
        defined = {(match.start, match.end) for match in votes.get("abbreviations", ())}
        for match in chain.from_iterable(votes.values()):
            surface = text[match.start : match.end]
            bare = surface in self._bare or surface.lower() in self._bare
            bare = bare or (surface.lower() == "bleeding" and match.end + 1 in diseases)
            if bare or ((match.start, match.end) not in defined and self._is_rare(surface, match)):
                yield rule_match(text, match.start, match.end, VETO, "no mention in a note")

    def _is_rare(self, surface: str, match: Match) -> bool:
        """Whether a short form is known from a list of rare diseases or of all compounds alone."""
        rare = match.evidence is not None and match.evidence.file in _RARE
        return rare and surface not in self._forms and _RE.SHORT.fullmatch(surface) is not None


_RARE = frozenset(
    f"{name}.tsv.gz" for name in ("doid", "mesh_disease_supplements", "mesh_chemical_supplements")
)


_REACH = 30


@dataclass(frozen=True)
class NameGuard(FollowingSource):
    """Votes against parts of species, cell lines and fixed names, in any text.

    Args:
        wholes: Fixed names, as expressions.
        genera: First words of species.
    """

    outvotes_own: ClassVar[bool] = True
    wholes: tuple[str, ...]
    genera: tuple[str, ...]
    lines: tuple[str, ...]

    @cached_property
    def _pattern(self) -> WordPattern:
        lines = alternation(tuple(re.escape(line).replace(r"\-", "[- ]?") for line in self.lines))
        species = rf"{alternation(self.genera)} [a-z]{{3,}}"
        lower = alternation(tuple(genus.lower() for genus in self.genera if len(genus) > _SHORT_GENUS))
        pattern = (
            rf"(?<!\w)(?:(?P<whole>(?i:{alternation(self.wholes)}))|(?P<line>{lines})"
            rf"|(?P<species>{species}|{lower} [a-z]{{3,}}|[A-Z]\. {_RE.source('EPITHETS')}))(?!\w)"
        )
        return WordPattern(pattern)

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        votes = _votes(doc, self.reads)
        every = self._pattern.finditer(text) if votes else ()
        named = [(found.start(), found.end(), found.lastgroup) for found in every]
        starts = [start for start, _, _ in named]
        for match in votes:
            # Names do not overlap: a vote can lie in the last one that begins before it alone.
            start, end, kind = named[bisect_right(starts, match.start) - 1] if named else (0, 0, "")
            inside = start <= match.start and match.end <= end
            if inside and _is_part(match, start, str(kind), text[start:end]):
                yield rule_match(text, match.start, match.end, VETO, f"part of {text[start:end]!r}")
        for match in votes:
            if match.label == CHEMICAL and (found := _receptor(text, match)):
                yield rule_match(text, match.start, match.end, VETO, f"name of a receptor with{found!r}")
            if _is_code(text, match) and (cells := _RE.CODED_CELLS.match(text, match.end)):
                yield rule_match(text, match.start, match.end, VETO, f"named before{cells.group()!r}")


_SHORT_GENUS = 4
"""Letters: "mus", "bos" and "loa" are too short to be told from words without their capital."""


def _receptor(text: str, match: Match) -> str:
    """The words that make a hormone part of the name of its receptor, if there are some."""
    if not _RE.HORMONE.fullmatch(text, match.start, match.end):
        return ""
    found = _RE.RECEPTOR.match(text, match.end) or _RE.SHARED_HEAD.match(text, match.end)
    return found.group() if found else ""


def _is_part(match: Match, start: int, kind: str, name: str) -> bool:
    """Whether a vote inside a name is none: not dopamine in "Drosophila dopamine receptor"."""
    if kind == "species":
        organism = match.start == start if match.label == CHEMICAL else match.start > start
        return organism and (match.label == CHEMICAL or _RE.ORGANISM.search(name) is not None)
    return kind == "whole" or match.label == CHEMICAL


def _is_code(text: str, match: Match) -> bool:
    """Whether a chemical vote is on a bare code that a rule took for a compound."""
    return (
        match.label == CHEMICAL
        and match.evidence is not None
        and match.evidence.reference == "compound code"
        and _RE.CODE.fullmatch(text[match.start : match.end]) is not None
    )


@dataclass(frozen=True)
class GeneGuard(FollowingSource):
    """Votes against parts of names of genes, proteins and cells, where the document talks of them.

    Args:
        heads: Last words of such names, as expressions.
        proteins: Whole names of proteins, as expressions.
        files: Files of the shipped lists: an own term named like a protein stands.
    """

    outvotes_own: ClassVar[bool] = True
    heads: tuple[str, ...]
    proteins: tuple[str, ...]
    files: tuple[str, ...]

    _head = _RE.own("GENE_HEAD", re.compile)
    _protein = _RE.own("PROTEIN", re.compile)

    @cached_property
    def _shipped(self) -> frozenset[str]:
        return frozenset(("", *self.files))

    def find(self, doc: Doc) -> Iterator[Match]:
        text = doc.text
        if is_clinical(text):
            return
        genes, cells = talks_of_genes(text), talks_mostly_of_genes(text)
        following: Match | None = None
        for match in reversed(_votes(doc, self.reads)):
            if match.label == DISEASE:
                reason = _line(text, match) if cells or (genes and _is_of_blood(match, text)) else ""
                reason = reason or (_named(text, match, _RE.VIRUS, _RE.NAMED_CELLS) if genes else "")
            else:
                reason = self._reason(text, match, following) if genes else ""
            if reason:
                following = match
                yield rule_match(text, match.start, match.end, VETO, reason)

    def _reason(self, text: str, match: Match, following: Match | None) -> str:
        """Why a chemical is part of the name of a gene, protein or cell, if it is."""
        if self._is_protein(text, match):
            return "name of a protein or nucleic acid"
        if _RE.LEFT_PART.search(text, max(0, match.start - _REACH), match.start):
            return "part of a longer symbol"
        found = self._head.match(text, match.end)
        if found and not _RE.NO_FILLER.search(found.group()):
            return f"name of a gene or protein with{found.group()!r}"
        if _RE.RICH.match(text, match.end):
            return "part of a protein that is rich in it"
        shared = _RE.SHARED_HEAD, _RE.LINES, _RE.MODIFIED
        if found := next(filter(None, (pattern.match(text, match.end) for pattern in shared)), None):
            return f"name of a protein or cell line with{found.group()!r}"
        return self._joined(text, match, following)

    def _is_protein(self, text: str, match: Match) -> bool:
        ours = match.evidence is None or match.evidence.file in self._shipped
        return ours and self._protein.fullmatch(text[match.start : match.end]) is not None

    def _joined(self, text: str, match: Match, following: Match | None) -> str:
        """ "estrogen" in "estrogen and progesterone receptors": it shares the head."""
        if following is None or match.label != CHEMICAL or following.start - match.end > _REACH:
            return ""
        between = text[match.end : following.start]
        return "shares a head with the next name" if _RE.JOINT.fullmatch(between) else ""


def _is_of_blood(match: Match, text: str) -> bool:
    """Whether a disease is one that most cell lines are called after, in a text without patients."""
    return _RE.OF_BLOOD.search(text, match.start, match.end) is not None and not _tells_of_people(text)


@PerText
def _tells_of_people(text: str) -> bool:
    return _RE.PEOPLE.search(text) is not None


@PerText
def _names_a_line(text: str) -> bool:
    return _RE.LINE_NAME.search(text) is not None


def _named(text: str, match: Match, *patterns: re.Pattern[str]) -> str:
    """Why a vote is part of a longer name, as what stands behind it says ("T cell leukemia virus type I")."""
    found = next(filter(None, (pattern.match(text, match.end) for pattern in patterns)), None)
    return f"named with{found.group()!r}" if found else ""


def _line(text: str, match: Match) -> str:
    """Why a disease is part of the name of a cell line or virus, if it is."""
    named = _RE.CELL_LINE.match(text, match.end)
    if named and not _tells_of_people(text) and (_is_of_blood(match, text) or _names_a_line(text)):
        return f"named with{named.group()!r}"
    found = _RE.LINE.match(text, match.end)
    if found and not _RE.NO_FILLER.search(found.group()):
        return f"named with{found.group()!r}"
    if cells := _RE.CELLS.match(text, match.end):
        near = (max(0, match.start - _REACH), match.start), (cells.end(), cells.end() + _REACH // 2)
        if any(_RE.LINE_NAME.search(text, *part) for part in near):
            return "named with a cell line"
    return ""


def _votes(doc: Doc, reads: tuple[str, ...]) -> list[Match]:
    """Every chemical and disease vote, in order, chosen or not: a veto frees shorter ones."""
    every = view_of(doc).voted(reads)
    votes = [m for _, matches in every for m in matches if m.label in (CHEMICAL, DISEASE)]
    return sorted(votes, key=lambda m: (m.start, m.end))
