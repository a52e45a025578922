"""What clinicians write: findings, drugs, deficiencies and losses, and measured values that are no drugs.

Abstracts and notes are annotated by other guidelines: "mass", "antibiotics" are mentions in a note, and
"serum sodium 140 mmol/L" is a value: the sources for these look at documents alone that tell of a patient.
"Zinc deficiency" and "loss of vision" are mentions in both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise
from typing import ClassVar

from spacy.tokens import Doc

from hybrid_ner.domains.medical.base import CHEMICAL, DISEASE, MedicalSource, Words, rule_match, split_words
from hybrid_ner.domains.medical.document_kind import is_clinical, is_note
from hybrid_ner.domains.registry import is_own
from hybrid_ner.matching.match import Match
from hybrid_ner.sources import VETO, aggregate, read_matches
from hybrid_ner.text.patterns import Patterns
from hybrid_ner.text.prefilter import WordPattern, alternation

_RE = Patterns(__file__)

_REACH = 20


@dataclass(frozen=True)
class ClinicalTerms(MedicalSource):
    """Words and phrases that are mentions in text about a patient.

    Args:
        label: Label of the mentions.
        phrases: Lower-case phrases of up to five words.
    """

    label: str
    phrases: tuple[str, ...]

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.phrases)

    @cached_property
    def _first(self) -> frozenset[str]:
        return frozenset(phrase.partition(" ")[0] for phrase in self.phrases)

    def find(self, doc: Doc) -> Iterator[Match]:
        """Every listed phrase, the longest from each word."""
        text = doc.text
        if not is_clinical(text):
            return
        words = split_words(text)
        for number, word in enumerate(words.lower):
            length = words.phrase_at(number, self._known) if word in self._first else 0
            if length:
                start, end = words.starts[number], words.ends[number + length - 1]
                yield rule_match(text, start, end, self.label, text[start:end].lower())


@dataclass(frozen=True)
class DrugCombinations(MedicalSource):
    """Two drugs that are given as one: "piperacillin/tazobactam", "trimethoprim-sulfamethoxazole".

    Args:
        reads: Names of the sources whose chemicals are looked at.
    """

    reads: tuple[str, ...]

    def find(self, doc: Doc) -> Iterator[Match]:
        """Two chemicals with nothing but a slash or hyphen between them, as one."""
        text = doc.text
        if not is_clinical(text):
            return
        chemicals = [v.match for v in aggregate(doc, self.reads) if v.match.label == CHEMICAL]
        for first, second in pairwise(chemicals):
            between = text[first.end : second.start]
            if between.strip(" ") in {"/", "-"} and len(between) <= _JOINT:
                yield rule_match(text, first.start, second.end, CHEMICAL, "combination")


_JOINT = 3
"""Characters of " / "."""


@dataclass(frozen=True)
class LabGuard(MedicalSource):
    """Votes against chemicals that are measured, not given.

    Args:
        reads: Names of the sources whose chemicals are looked at.
        analytes: Lower-case names of what is only measured.
    """

    outvotes_own: ClassVar[bool] = True
    reads: tuple[str, ...]
    analytes: tuple[str, ...]

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.analytes)

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
        left = _RE.MEASURED_LEFT.search(text, max(0, match.start - _REACH), match.start)
        return left is not None or _RE.MEASURED_RIGHT.match(text, match.end) is not None


def _is_tested(text: str, match: Match) -> bool:
    return _RE.TEST_RIGHT.match(text, match.end) is not None


_MEASURED_ION = r"(?:Na|K|Ca|Mg|Cl|PO4|HCO3)\+?(?=(?: ?[:=] ?| )[<>]?\d)(?!(?<=Ca) (?:125|15|19|27|72))"
"""Ions by their symbol before a value: "K 5.1", "Na: 133"; "Ca 125" is an antigen."""


@dataclass(frozen=True)
class NoteForms(MedicalSource):
    """Short forms that are mentions in notes, and mean something else elsewhere.

    Args:
        label: Label of the mentions.
        forms: Exact letters; those without a capital in any case.
    """

    label: str
    forms: tuple[str, ...]

    @cached_property
    def _pattern(self) -> WordPattern:
        exact = alternation(tuple(re.escape(form) for form in self.forms if form != form.lower()))
        folded = alternation(tuple(re.escape(form) for form in self.forms if form == form.lower()))
        ion = f"|{_MEASURED_ION}" if self.label == CHEMICAL else ""
        # "97% RA" is room air, "500 MG" a dose; "PE:" and "Abx:" are headings.
        after = r"(?<!\d )(?<!% )(?<!\bon )" if self.label == DISEASE else r"(?<!\d )"
        pattern = rf"{after}(?<![\w/-])(?:(?!(?:PE|[Aa]bx) ?:)(?:{exact}|(?i:{folded}))(?![\w-]|/\w){ion})"
        return WordPattern(pattern)

    def find(self, doc: Doc) -> Iterator[Match]:
        """Every such form."""
        text = doc.text
        if is_note(text):
            for found in self._pattern.finditer(text):
                yield rule_match(text, found.start(), found.end(), self.label, found.group())


@dataclass(frozen=True)
class NoteGuard(MedicalSource):
    """Votes in notes against what is said of a patient, seen on a picture or given in general.

    Args:
        reads: Names of the sources whose votes are looked at.
        bare: Exact letters; those without a capital in any case.
        forms: Short forms of notes, which stand.
    """

    reads: tuple[str, ...]
    bare: tuple[str, ...]
    forms: tuple[str, ...]

    @cached_property
    def _bare(self) -> frozenset[str]:
        return frozenset(self.bare)

    @cached_property
    def _forms(self) -> frozenset[str]:
        return frozenset(self.forms)

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


_LOSS_REACH = 7
_LETTERS = frozenset("ABCDE")
_COMPONENTS = frozenset({"complement", "component", "factor", "protein", "terminal"})
_HEADS = frozenset({"deficiency", "deficiencies"})


@dataclass(frozen=True)
class Deficiencies(MedicalSource):
    """A deficiency together with what is deficient.

    Args:
        adjectives: Whether "C2-deficient" counts as well.
    """

    adjectives: bool = False

    def find(self, doc: Doc) -> Iterator[Match]:
        """Every deficiency with an enzyme, a protein or a symbol right before it."""
        text = doc.text
        words = split_words(text, skip_short_forms=True)
        for number, word in enumerate(words.lower):
            if word not in _HEADS and not (self.adjectives and word == "deficient"):
                continue
            first, last = self._first(words, number) if number else number, self._last(words, number)
            if first < number or last > number:
                start, end = words.starts[first], words.ends[last]
                yield rule_match(text, start, end, DISEASE, f"… {word}")

    @staticmethod
    def _last(words: Words, number: int) -> int:
        """The last word of "of the … enzyme" after the head, or the head itself."""
        at = number + 1
        if at >= len(words.lower) or words.lower[at] != "of":
            return number
        for last in range(at + 1, min(at + _LOSS_REACH, len(words.lower))):
            if words.gaps[last] not in {" ", "-"}:
                break
            surface = words.text[words.starts[last] : words.ends[last]]
            if _RE.SYMBOL.fullmatch(surface) or _RE.ENZYME.fullmatch(words.lower[last]):
                return last + _rest(words, last)
        return number

    def _first(self, words: Words, number: int) -> int:
        first = number - 1
        surface = words.text[words.starts[first] : words.ends[first]]
        if words.gaps[number] not in {" ", "-"}:
            return number
        if _RE.SYMBOL.fullmatch(surface):
            return self._component(words, first)
        if len(words.lower[first]) == 1 and first:
            first -= 1
        if not _RE.ENZYME.fullmatch(words.lower[first]):
            return number
        while (
            first
            and words.gaps[first] in {" ", "-", ", ", ",", "'-"}
            and _RE.NAME_PART.fullmatch(words.lower[first - 1])
        ):
            first -= 1
        return first

    @staticmethod
    def _component(words: Words, first: int) -> int:
        while first and words.lower[first - 1] in _COMPONENTS:
            first -= 1
        return first


def _rest(words: Words, last: int) -> int:
    """How many words after an enzyme or component belong to it: "A", "of complement"."""
    if words.lower[last] == "component" and words.lower[last + 1 : last + 3] == ("of", "complement"):
        return 2
    if last + 1 == len(words.starts) or words.gaps[last + 1] != " ":
        return 0
    return int(words.text[words.starts[last + 1] : words.ends[last + 1]] in _LETTERS)


@dataclass(frozen=True)
class LossPhrases(MedicalSource):
    """A way of saying that something is changed, and what is changed.

    Args:
        phrases: Entries ``how : what``.
        sites: Body sites that may stand between the two.
    """

    phrases: tuple[str, ...]
    sites: tuple[str, ...]

    @cached_property
    def _what(self) -> dict[str, frozenset[str]]:
        by_how: dict[str, set[str]] = {}
        for phrase in self.phrases:
            how, _, what = phrase.partition(" : ")
            by_how.setdefault(how, set()).add(what)
        return {how: frozenset(what) for how, what in by_how.items()}

    @cached_property
    def _first(self) -> frozenset[str]:
        return frozenset(how.partition(" ")[0] for how in self._what)

    @cached_property
    def _how(self) -> frozenset[str]:
        return frozenset(self._what)

    @cached_property
    def _sites(self) -> frozenset[str]:
        return frozenset(self.sites)

    def find(self, doc: Doc) -> Iterator[Match]:
        """Every such phrase."""
        text = doc.text
        words = split_words(text)
        for number, word in enumerate(words.lower):
            length = words.phrase_at(number, self._how) if word in self._first else 0
            last = self._last(words, number, length) if length else None
            if last is not None:
                start, end = words.starts[number], words.ends[last]
                yield rule_match(text, start, end, DISEASE, text[start:end].lower())

    def _last(self, words: Words, number: int, length: int) -> int | None:
        what = self._what[" ".join(words.lower[number : number + length])]
        at = number + length
        while at < len(words.lower) and words.gaps[at] in {" ", "-"}:
            found = words.phrase_at(at, what)
            if found and (at > number + length or not words.lower[at].startswith("function")):
                return at + found - 1
            step = words.phrase_at(at, self._sites)
            if not step:
                return None
            at += step
        return None
