"""Names of persons: lists of given names and surnames, and the words beside them that tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from spacy.tokens import Doc

from hybrid_ner.domains.legal.base import NAME, LegalSource, NameBefore, Searched, alternation, rule_match
from hybrid_ner.matching.match import Match
from hybrid_ner.sources import read_matches
from hybrid_ner.text.prefilter import WordPattern

HONORIFIC = (
    r"(?:(?:Mr|Mrs|Ms|Miss|Shri|Sri|Shree|Sh|Smt|Kumari|Km|Kum|Dr|Prof|Sir|Capt|Col|Late|late|Messrs|MR"
    r"|MRS|MS|SHRI|SRI"
    r"|SMT|SH|DR|Thiru|Tmt)\b\.?\s{0,3})"
)
KNOWN_NAME = "known given or family name"
"""The rule that has nothing but the lists of names."""
_TOKEN = re.compile(r"[^\s]+")
_GLUED = re.compile(r"(?:(?:Smt|Shri|Sri|Sh|Mr|Mrs|Ms|Dr|Pt|Per|PER|DR|MR)\.)+(?=[A-Z])")
_JUNIOR = re.compile(r"\.?,?\s(?:Jr|Sr(?=\.\s?(?:\n|$)))\.|,?\s(?:II|III|IV|Jr(?=\s?(?:[\n,;(]|$)))\b")
_LAST_INITIAL = re.compile(r"(?<=[a-z] )(?:[A-Z]\.){0,2}[A-Z](?=\.)")
"""A name that ends with an initial keeps its full stop: ``Stone Ada M.``"""
_POSSESSIVE = ("'s", "’s", "‟s")
_JUDGE = ("J", "JJ", "C", "CJ", "C.J")
"""Before a full stop the mark of a judge ("Mahajan J."), no initial."""
_RANKS = frozenset({"HC", "SI", "S.I", "ASI", "A.S.I", "SHO", "PSI", "P.S.I", "IO", "PW", "P.W", "DW", "D.W"})
"""Behind a name its rank or the number of a witness: ``Sukhdev Singh HC (PW-3)``."""
_INNER = ("shri", "sri", "smt", "mr", "mrs", "ms", "sh", "dr")
"""Titles that are never part of a name: it begins behind the last of them."""
_STRIP = ".,;:()[]'\"’”"


@dataclass(frozen=True)
class NameSource(LegalSource):
    """A source that labels names of persons.

    Args:
        honorifics: Forms of address and ranks in front of a name.
        guard: Words that end a name.
    """

    outranks: ClassVar[bool] = True

    honorifics: tuple[str, ...]
    guard: tuple[str, ...]

    @cached_property
    def titles(self) -> str:
        """A pattern for any number of forms of address."""
        return rf"(?:{alternation(self.honorifics)}\b\.?\s{{0,3}})*"

    @cached_property
    def _titles(self) -> frozenset[str]:
        return frozenset(word.casefold() for word in self.honorifics)

    @cached_property
    def _guard(self) -> frozenset[str]:
        return frozenset(word.casefold() for word in self.guard)

    def person(self, text: str, start: int, end: int) -> tuple[int, int] | None:
        """The name inside ``[start, end)`` without titles and what follows; ``None`` when there is none."""
        tokens = [(m.group().strip(_STRIP), m.start(), m.end()) for m in _TOKEN.finditer(text, start, end)]
        inner = [place for place, token in enumerate(tokens) if token[0].casefold() in _INNER]
        tokens = tokens[inner[-1] :] if inner else tokens  # "Inspector of Factories Shri Ram Lal"
        while tokens and tokens[0][0].casefold() in self._titles:
            tokens.pop(0)
        kept = next((i for i, token in enumerate(tokens) if token[0].casefold() in self._guard), len(tokens))
        tokens = _once(tokens[:kept]) if kept > 3 else tokens[:kept]
        while tokens and tokens[-1][0].casefold() in {"@", "alias", "urf", ""}:
            tokens.pop()
        while len(tokens) > 2 and tokens[-1][0] in _RANKS:
            tokens.pop()
        while len(tokens) > 1 and tokens[-1][0] in _JUDGE and text.startswith(".", tokens[-1][2]):
            tokens.pop()
        if not tokens or not any(len(token[0]) > 2 for token in tokens):
            return None
        first, last = tokens[0][1], tokens[-1][2]
        glued = _GLUED.match(text, first, last)
        first = glued.end() if glued else first
        junior = _JUNIOR.match(text, last)
        last = junior.end() if junior else last
        last = last - 2 if text[first:last].endswith(_POSSESSIVE) else last
        while not junior and text[last - 1] in _STRIP:
            last -= 1
        initial = _LAST_INITIAL.match(text, tokens[-1][1]) if len(tokens) > 1 else None
        return first, last + (initial is not None and initial.end() == last)

    def people(self, text: str, pattern: Searched, label: str, rule: str) -> Iterator[Match]:
        """Names in the group ``name`` of every match of ``pattern``."""
        for found in pattern.finditer(text):
            span = self.person(text, *found.span("name"))
            if span:
                yield rule_match(text, *span, label, rule)

    def listed(self, text: str, pattern: Searched, label: str, rule: str) -> Iterator[Match]:
        """As ``people``, with the further names of a list where the group ``plural`` matched."""
        for found in pattern.finditer(text):
            spans = [found.span("name")]
            if found["plural"]:
                spans += self._others(text, found.end())
            for start, end in spans:
                span = self.person(text, start, end)
                if span:
                    yield rule_match(text, *span, label, rule)

    def _others(self, text: str, end: int) -> Iterator[tuple[int, int]]:
        """The names behind the first of a list: ``, Khusi Ram and Beni Ram``."""
        while found := self._further.match(text, end):
            yield found.span("name")
            end = found.end()

    @cached_property
    def _further(self) -> re.Pattern[str]:
        return re.compile(rf"(?:,\s(?:(?:and|&)\s)?|\s(?:and|&)\s){self.titles}(?P<name>{NAME})")


def _once(tokens: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """A name written twice, once: ``/s/ Ada M. Stone Ada M. Stone``."""
    words = [token[0].casefold() for token in tokens]
    if "alias" in words or "@" in words:
        return tokens
    again = next((i for i in range(2, len(words)) if words[i] == words[0] and len(words[0]) > 2), len(words))
    return tokens[:again]


_RUN, _LETTERS = re.compile(NAME), re.compile("[A-Za-z]+")
_KIN = (
    r"\b(?:[SDWsdwCc]/[oO]\.?|(?:son|daughter|wife|widow|husband|father|mother|brother|sister|uncle"
    r"|aunt|nephew|niece|cousin"
    r"|father-in-law|mother-in-law|brother-in-law|sister-in-law)(?:\s{1,40}of\s{1,40}(?:late\s{1,40}"
    r"|the\s{1,40})?|\s{0,40}-\s{0,40}|\s{1,40}))"
)
_RELATION = (
    r"(?:son|daughter|wife|widow|husband|father|mother|brother|sister|uncle|aunt|nephew|niece|cousin|grandson|granddaughter"
    r"|stepson|stepdaughter|friend|spouse|partner)"
)
_FULL = r"[A-Z][A-Za-z]{1,20}(?:[ ][A-Z]\.){0,2}(?:[ ][A-Z][A-Za-z’'-]{1,20}){1,3}"
"""Two words at least."""
_OPENING = (
    "(?:The|This|That|These|Those|For|Our|All|Any|Such|Each|However|Under|When|There|Upon|After|Before|Following"
    "|Section|Item|Part|Note|With|From|Where|While|Since|Both|Other|Some|Most|Please|Not|See|You|Your|They|She|His|Her)"
)
"""Words behind a full stop that begin a sentence rather than end a name ("hepatitis B. The")."""
_FAMILY = (
    r"(?:(?:Mc|Mac|De|Di|Du|La|Le|St\.[ ]|O['’]|D['’]|[vV]an[ ](?:der?[ ])?|[vV]on[ ]|de[ ](?:la[ ])?)?"
    r"[A-Z][a-z]{2,20}(?:-[A-Z][a-z]{2,20})?)"
)
"""``Stone``, ``McDonald``, ``O'Neill``, ``van der Berg``, ``Stone-Rivers``."""
_RULES = (
    ("title …", rf"\b{HONORIFIC}(?P<name>{NAME})"),
    ("kin of …", rf"{_KIN}{HONORIFIC}{{0,2}}(?P<name>{NAME})"),
    # "my niece, Ada Stone"
    ("my kin, …", rf"\b(?:my|his|her|their)\s(?:[a-z]+\s)?{_RELATION},\s(?P<name>{NAME})"),
    # "I, Ada Stone, of", "AFFIDAVIT OF ADA STONE", "(testimony of Ada Stone)"
    ("I, …", rf"\bI,\s{HONORIFIC}?(?P<name>{_FULL}),\s"),
    (
        "affidavit of …",
        r"\b(?:[Aa]ffidavit|AFFIDAVIT|[Tt]estimony|TESTIMONY|[Tt]estament|TESTAMENT|[Dd]eposition|DEPOSITION)\s(?:of|OF)\s"
        rf"{HONORIFIC}?(?P<name>{_FULL})",
    ),
    # "Yours faithfully, Ada Stone", "contact Ada Stone at (202)"
    (
        "close of a letter",
        r"\b(?:[Ss]incerely|[Tt]ruly(?:\s[Yy]ours)?|[Ff]aithfully|[Rr]espectfully(?:\s[Ss]ubmitted)?|[Rr]egards),\s{1,9}"
        rf"(?:/s/\s{{0,9}})?(?P<name>{_FULL})(?!\s{{0,9}}(?:/s/|By:))",
    ),
    (
        "contact …",
        rf"\b(?:[Cc]ontact|[Tt]elephone|[Cc]all)\s(?P<name>{_FULL})(?=(?:,\s[\w, ]{{3,60}})?,?\sat\s[(+\d])",
    ),
    # "Ada Stone ("Employee")"
    (
        "person by a role",
        NameBefore(
            r",?\s\(\s?(?:the\s|together,?\s)?[“\"]\s?(?:Employee|Executive|Consultant|Optionee|Grantee|Participant|Testator"
            r"|Testatrix|Decedent|Indemnitee|Landlord|Tenant|Guarantor|Claimant|Borrower|Deponent)\s?[”\"]",
            r"\(\s?(?:the\s|together,?\s)?[“\"]",
        ),
    ),
    (
        "accused …",
        rf"\b(?:[Aa]ccused|[Dd]eceased|[Cc]omplainant|[Pp]rosecutrix|[Ii]njured|[Vv]ictim|[Ii]nformant"
        rf"|co-accused)\s{{0,40}},?\s?(?:[Nn]o\.?\s?\d{{1,2}}"
        rf"|\d{{1,2}})?\s?[-–:,]?\s?{HONORIFIC}{{0,2}}(?P<name>{NAME})",
    ),
    ("A1 …", rf"\bA-?\d{{1,2}}\s?[-,]?\s?\(?{HONORIFIC}?(?P<name>{NAME})"),
    (
        "one …",
        rf"(?<!of\s)(?<!only\s)(?<!than\s)(?<!least\s)(?<!any\s)(?<!each\s)\b(?:one|namely"
        rf"|named)\s{{0,40}},?\s{{0,40}}{HONORIFIC}{{0,2}}(?P<name>{NAME})",
    ),
    (
        "… (deceased)",
        NameBefore(
            r"\s?(?:\(\s?|,\s)(?:since\s{1,40})?(?:deceased|complainant|injured|prosecutrix|A-?\d)\b",
            r"deceased|complainant|injured|prosecutrix|A-?\d",
        ),
    ),
    ("…'s case", NameBefore(r"['’‟]s\s{1,40}case\b", "case")),
    (
        "rank …",
        rf"\b(?:Inspector|Sub-Inspector|S\.?I\.?|ASI|A\.S\.I\.?|HC|Head\s{{1,40}}Constable|Constable|Ct\.|ACP"
        rf"|DSP|SHO|PSI|P\.S\.I\.?)\s{{1,40}}(?P<name>{NAME})",
    ),
    # "Detective Lorenzo", no "Agent Bank"
    (
        "rank …, American",
        r"\b(?:Detective|(?<!ive )(?<!cial )(?<!ing )(?<![Tt]he )(?<![Aa]n )Officer|Special\sAgent"
        r"|Sergeant|Sgt\.|Trooper|Lieutenant|Lt\.|(?:Agent|Deputy)(?=\s\w+\s(?:testified|said|stopped|arrested|found|searched)))\s"
        r"(?P<name>[A-Z][a-z]{2,15}(?:\s[A-Z][a-z]{2,15})?)(?=[\s,.;’'])",
    ),
    # "Harold P. Mason", no "Exhibit A. The": two full words around one initial, and no further name behind
    (
        "first name, initial, family name",
        r"(?P<name>[A-Z](?<![\w&-].)(?!(?:ppendix|nnex|ttachment|able|igure|ype|ier|evel|ategory|roup|nit|lock)\b)[a-z]{2,15}"
        rf"[ ][A-Z]\.[ ](?!{_OPENING}\b){_FAMILY})"
        r"(?![\w&’'-]|[ ][A-Z][a-z])",
    ),
    # "agreed by R. Paul Stone on behalf of": a letter at the start of a line or sentence counts
    (
        "initial, first name, family name",
        rf"(?<=[a-z,] )(?P<name>[A-Z]\.[ ](?!{_OPENING}\b)[A-Z][a-z]{{2,15}}[ ]{_FAMILY})"
        r"(?![\w&’'-]|[ ][A-Z][a-z])",
    ),
    # "Stone Ada M." on a line of its own, as forms have it
    (
        "family name, first name, initial",
        rf"(?:^|(?<=\n))(?!{_OPENING}\b)(?!(?:Exhibit|Appendix|Annex|Schedule|Class|Series|Form)\b)"
        rf"(?P<name>{_FAMILY}[ ]"
        r"[A-Z][a-z]{2,15}[ ][A-Z]\.)[ \t]*(?=\n|$)",
    ),
    # "Ada Stone testified", "Ada Stone appeals her conviction"
    (
        "… testified",
        NameBefore(
            r"\s(?:testified|pleaded\sguilty|pled\sguilty|was\s(?:convicted|indicted|sentenced|arrested|born)"
            r"|appeals\s(?:his|her|from\shis|from\sher))\b",
            r"testified|pleaded|pled\s|was\s(?:convicted|indicted|sentenced|arrested|born)|appeals\s(?:his|her|from)",
            f"(?P<name>{_FULL})",
        ),
    ),
    ("signed …", rf"/s/\s{{0,40}}(?P<name>{NAME})"),
    (
        "by …",
        rf"(?:^|\n|\s)(?:(?:By|Name|Attn|Attention|ATTN)\s?:|[Aa]ttention\s{{1,3}}of)\s{{0,40}}"
        rf"(?:/s/\s{{0,40}})?{HONORIFIC}?(?P<name>{NAME})",
    ),
    (
        "…, office",
        NameBefore(
            r",\s(?:(?:our|the|its|as|Jr\.|Esq\.|Ph\.?D\.?,?|M\.?D\.?,?|CPA,?)\s?){0,2}(?:President|Chairman"
            r"|Chief\s{1,40}(?:Executive|Financial|Operating)|Vice\s{1,40}President|Executive\s{1,40}Vice"
            r"|Senior\s{1,40}Vice|Secretary|Treasurer|Director|General\s{1,40}Counsel|CEO|CFO|COO"
            r"|Managing\s{1,40}(?:Director|Partner)|Esq)",
            "President|Chairman|Chief|Vice|Executive|Senior|Secretary|Treasurer|Director|General|C[EFO]O"
            "|Managing|Esq",
        ),
    ),
    (
        "office, …",
        rf"\b(?:Chief\s{{1,40}}(?:Executive|Financial|Operating)\s{{1,40}}Officer|CEO|CFO|President|Chairman"
        rf"|Treasurer|Secretary)\s{{0,40}},\s(?P<name>{NAME})",
    ),
)
_PATTERNS: tuple[tuple[str, Searched], ...] = tuple(
    (rule, WordPattern(pattern) if isinstance(pattern, str) else pattern) for rule, pattern in _RULES
)


def _first_words(text: str, doc: Doc) -> frozenset[str]:
    """The words that companies of a document begin with."""
    found = read_matches(doc, "legal_companies")
    return frozenset(text[m.start : m.end].split(None, 1)[0].strip(_STRIP) for m in found)


def _before_firm(text: str, run: re.Match[str], firms: frozenset[str]) -> int:
    """Where a name ends that its firm follows without a comma: ``Paul Stone Harbor Mills``."""
    for number, token in enumerate(_TOKEN.finditer(text, *run.span())):
        if number > 1 and token.group().strip(_STRIP) in firms:
            return run.start() + len(text[run.start() : token.start()].rstrip())
    return run.end()


@dataclass(frozen=True)
class Persons(NameSource):
    """Persons without a role in the case.

    Args:
        given: English-language given names; further words must follow.
        indian: Indian given and family names; one alone is enough.
    """

    given: tuple[str, ...]
    indian: tuple[str, ...]

    @cached_property
    def _given(self) -> frozenset[str]:
        return frozenset(self.given) | frozenset(name.upper() for name in self.given)

    @cached_property
    def _indian(self) -> frozenset[str]:
        return frozenset(self.indian) | frozenset(name.upper() for name in self.indian)

    @cached_property
    def _names(self) -> frozenset[str]:
        return self._given | self._indian

    def find(self, doc: Doc) -> Iterator[Match]:
        """Persons in the text."""
        text = doc.text
        for rule, pattern in _PATTERNS:
            yield from self.people(text, pattern, "OTHER_PERSON", rule)
        firms = _first_words(text, doc)
        for run in _RUN.finditer(text):
            # No name that is known: most runs are the beginnings of sentences.
            if self._names.isdisjoint(_LETTERS.findall(run.group())):
                continue
            end = _before_firm(text, run, firms) if firms else run.end()
            span = self.person(text, run.start(), end)
            if span and span[1] >= end - (text[end - 1] == ".") and self._known(text[slice(*span)]):
                yield rule_match(text, *span, "OTHER_PERSON", KNOWN_NAME, 0.8)

    def _known(self, name: str) -> bool:
        words = _LETTERS.findall(name)
        return (len(words) > 1 and words[0] in self._given) or not self._indian.isdisjoint(words)
