"""Parties and counsel in the caption of a judgment: the lines above and below "Versus", and "For the Petitioner: …"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc

from hybrid_ner.matching.match import Match
from hybrid_ner.weak.legal.base import rule_match
from hybrid_ner.weak.legal.names import NAME, NameSource

__all__ = ["Captions"]

_HEAD = 9000
_ROLE = (
    r"(?:[Pp]etitioners?|[Aa]ppellants?|[Rr]espondents?|[Pp]laintiffs?|[Dd]efendants?|[Aa]pplicants?|[Cc]omplainants?|[Aa]ccused|[Oo]pponents?"
    r"|PETITIONERS?|APPELLANTS?|RESPONDENTS?|PLAINTIFFS?|DEFENDANTS?|APPLICANTS?)"
)
_VERSUS = re.compile(
    r"(?m)^[^\w\n]*(?:[vV]/?[sS]?\.?|[Vv]ersus|VERSUS|V\s?[eE]\s?[rR]\s?[sS]\s?[uU]\s?[sS]|[Aa]nd\s*:)[^\w\n]*$"
    rf"|(?<=\w)[ \t.]*\n?[^\w\n]*\b(?:Versus|Vs\.?|V/s\.?|VERSUS|vs\.|-vs-|-versus-)[ \t:-]*\n?(?=[^\n]*(?:\n[^\n]*){{0,6}}?(?:\.\.|…|--)\s*{_ROLE})"
)
_CAPTION = re.compile(
    rf"(?:\.\s?\.|…|--|\s{{4}}|:)\s*{_ROLE}|(?i:\bcoram\b|\bin\s+the\s+(?:high|supreme)\s+court|\bdate\s+of\s+(?:judgment|decision)|for\s+(?:the\s+)?(?:petitioner|appellant|respondent))"
)
_LABELED = re.compile(
    r"(?m)^[ \t]*(?P<side>Petitioner|PETITIONER|Appellant|APPELLANT|Respondent|RESPONDENT)s?[ \t]*:[ \t]*\n?[ \t]*(?P<name>[^\n]{2,140})"
)
_ABOVE = re.compile(
    r"(?i)^\W*(?:in\s+the|before|coram|the\s+hon\w*|dated?|present|between|judge?ment|order|prayer|reserved|pronounced|with$|and$"
    r"|connected|courts?|bench|civil|criminal|crl|writ|w\.?p|s\.?a|jurisdiction|appeal|petition|suit|case|c\.?c|i\.?d|f\.?i\.?r"
    r"|u/s|page|\(?\d+\)?\s*$)(?!\w)"
    r"|\bnos?\b\s*\.?\s*:?\s*\(?\d|/\s?(?:19|20)\d\d|\bof\s+(?:19|20)\d\d\b|={4,}|-{4,}|_{4,}|\*{3,}|\bjustice\b|\bhigh\s+court\b"
    r"|\bcourts?\b|jurisdiction"
)
_BELOW = re.compile(
    r"(?i)^\W*(?:for\s+(?:the\s+)?\w+|coram|dated?\b|judge?ment|o\s?r\s?d\s?e\s?r\b|prayer|\(?\s?by\s+(?:adv|sri|shri|smt|mr|ms)|advocate|adv\b|counsel|present|through\b|appearance"
    r"|writ\s+pet|criminal|civil|crl|this\s+(?:appeal|petition|writ|criminal|civil)|the\s+hon|appeal|petition\s+(?:under|filed)|mr\.|ms\.|with$|learned|shri\b.*(?:adv|counsel)|before|in\s+the|date\s+of)"
)
_NUMBER = re.compile(r"(?m)^[ \t)]*(?:\(?\d{1,2}\s?[.)\]]|\([a-z]\)|[A-Z]\d\.)[ \t]*")
_LEAD = re.compile(
    r"(?:(?:The|THE|Smt|Sh|Shri|Sri|Mr|Mrs|Ms|Dr|Km|Kum|Kumari|M\s?/\s?[sS]|Messrs|Late|Prof|Thiru|Tmt|SMT|SHRI|MR|MRS)\b[.,]?|[()\d.\s:*-])[ \t]*"
)
_CUT = re.compile(
    r"\s*(?:\(|\)|\.{2,}|…|\s{3,}|\t|\b[SDWwsdCc]/[oO]\b|\b[RrHh]/[oO]\b|&\s*(?:[Oo]rs|[Aa]nr|[Oo]thers|[Aa]nother|\d)|\b[Aa]nd\s+(?:[Oo]rs|[Aa]nr|[Oo]thers|[Aa]nother|\w+\s+[Oo]thers)"
    r"|\b[Rr]ep\b|\b[Rr]epresented|\b[Tt]hrough\b|,?\s*\b[Aa]ged?\b|\b[Ee]tc\b|;|--|\bby\s+its|\b[Ss]on\s+[Oo]f|\b[Ww]ife\s+[Oo]f|\bVs?\b\.?|\bV/s|\bVersus\b|:\s|\||\.\s+\.)"
)
_ONE_LINE = re.compile(
    r"(?m)^[ \t]*(?:\(?\d{1,3}[.)][ \t]*)?(?:[^\n]*?(?:/\d{2,4}|of[ ](?:19|20)\d\d)\W{1,4})?(?P<left>[A-Z][^\n]{2,80}?)[ \t]+"
    r"(?:Vs?\.?|V/s\.?|Versus|vs\.?|v/s\.?|versus|VERSUS|v\.)[ \t]+(?P<right>[A-Z][^\n]{2,100})$"
)
_COUNSEL = re.compile(
    r"(?i)\b(?:adv|advocates?|counsel|pleader|solicitor|g\.?p|a\.?p\.?p|a\.?g\.?p|i/b|amicus|standing|for\s+(?:the\s+)?(?:petitioner|appellant|respondent|applicant|plaintiff|defendant|state|r-?\d)|through|by\s+(?:sri|shri|mr|ms|smt|adv)|with\s+(?:mr|ms|shri|smt|sri))"
)


@dataclass(frozen=True)
class Captions(NameSource):
    """Parties and lawyers by layout.

    Args:
        offices: First words, folded, of offices that are parties.
    """

    offices: tuple[str, ...]

    @cached_property
    def _titled(self) -> re.Pattern[str]:
        return re.compile(
            r"(?<!\w)(?:Mr|Mrs|Ms|Miss|Shri|Sri|Smt|Sh|Dr|Kum|Adv|SRI|SMT|MR|Mr\.\s?Senior\s+Advocate|Advs)\b\s{0,2}[.:]?\s{0,3}"
            rf"(?:(?:Sri|Smt|Shri|Dr|Mr|SRI)\b\.?\s{{0,2}})?(?P<name>{NAME})"
        )

    def find(self, doc: Doc) -> Iterator[Match]:
        """Parties and lawyers in the caption, when the document has one."""
        text = doc.text[:_HEAD]
        if text.count("\n") < 3 or not _CAPTION.search(text):
            return
        parties = list(self._parties(text))
        yield from parties
        yield from self._lawyers(text, parties)

    def _parties(self, text: str) -> Iterator[Match]:
        for found in _LABELED.finditer(text):
            side = "RESPONDENT" if found["side"][0] in "Rr" else "PETITIONER"
            yield from self._party(text, *found.span("name"), side, "labeled line")
        for line in _ONE_LINE.finditer(text):
            yield from self._party(text, *line.span("left"), "PETITIONER", "line with Versus")
            yield from self._party(text, *line.span("right"), "RESPONDENT", "line with Versus")
        for versus in _VERSUS.finditer(text):
            yield from self._block(text, _start(text, versus.start()), versus.start(), "PETITIONER")
            yield from self._block(text, versus.end(), _end(text, versus.end()), "RESPONDENT")

    def _block(self, text: str, start: int, end: int, label: str) -> Iterator[Match]:
        numbers = [m for m in _NUMBER.finditer(text, start, end)]
        starts = [m.end() for m in numbers] or [start]
        for begin in starts:
            while begin < end and text[begin].isspace():
                begin += 1
            line = text.find("\n", begin, end)
            yield from self._party(text, begin, line if line >= 0 else end, label, "line beside Versus")

    def _party(self, text: str, start: int, end: int, label: str, rule: str) -> Iterator[Match]:
        while lead := _LEAD.match(text, start, end):
            start = lead.end()
        cut = _CUT.search(text, start, end)
        end = cut.start() if cut else end
        first = text[start:end].split(" ")[0].strip(".,").casefold()
        comma = text.find(",", start, end)
        if (
            comma > start
            and first not in self.offices
            and not re.match(r",\s*(?:Inc|Ltd|LLC)", text[comma:end])
        ):
            end = comma
        while end > start and (text[end - 1].isspace() or text[end - 1] in ".,-:;*=_"):
            end -= 1
        surface = text[start:end]
        if text[end : end + 1] == "." and re.search(r"\b(?:Ltd|Co|Corpn|Inc)$|\.[A-Z]$", surface):
            end += 1
        if len(surface) > 2 and surface[0].isupper() and not re.fullmatch(_ROLE, surface):
            yield rule_match(text, start, end, label, rule)

    def _lawyers(self, text: str, parties: list[Match]) -> Iterator[Match]:
        taken = {m.start for m in parties}
        for found in self._titled.finditer(text):
            span = self.person(text, *found.span("name"))
            if (
                span is None
                or span[0] in taken
                or re.search(r"(?i)justice\W*$", text[max(0, span[0] - 14) : span[0]])
            ):
                continue
            line = text.rfind("\n", 0, found.start()) + 1
            after = text.find("\n", span[1])
            around = text[line : after if after >= 0 else len(text)]
            previous = text[max(0, line - 120) : line]
            if _COUNSEL.search(around) or _COUNSEL.search(previous) or found.group().startswith("Adv"):
                yield rule_match(text, *span, "LAWYER", "counsel in the caption")


def _start(text: str, versus: int) -> int:
    """Start of the block above "Versus": below the last line that belongs to something else."""
    start = versus
    for _ in range(40):
        previous = text.rfind("\n", 0, max(0, start - 1)) + 1
        line = text[previous:start].strip()
        if line and _ABOVE.search(line):
            break
        start = previous
        if start == 0:
            break
    return start


def _end(text: str, versus: int) -> int:
    """End of the block below "Versus"."""
    end = versus
    for _ in range(60):
        following = text.find("\n", end)
        line = text[end : following if following >= 0 else len(text)].strip()
        if line and _BELOW.match(line):
            return end
        if following < 0:
            return len(text)
        end = following + 1
    return end
