"""Captions of judgments, and case numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from spacy.tokens import Doc

from hybrid_ner.domains.legal.base import NAME, LegalSource, Walk, alternation, rule_match, walk_left
from hybrid_ner.domains.legal.persons import NameSource
from hybrid_ner.matching.match import Match
from hybrid_ner.text.prefilter import WordPattern

_HEAD = 9000
_ROLE = (
    r"(?:[Pp]etitioners?|[Aa]ppellants?|[Rr]espondents?|[Pp]laintiffs?|[Dd]efendants?|[Aa]pplicants?"
    r"|[Cc]omplainants?|[Aa]ccused|[Oo]pponents?"
    r"|PETITIONERS?|APPELLANTS?|RESPONDENTS?|PLAINTIFFS?|DEFENDANTS?|APPLICANTS?)"
)
_VERSUS = re.compile(
    r"(?m)^[^\w\n]{0,200}(?:[vV]/?[sS]?\.?|[Vv]ersus|VERSUS|V\s?[eE]\s?[rR]\s?[sS]\s?[uU]\s?[sS]"
    r"|[Aa]nd\s{0,9}:)[^\w\n]{0,200}$"
    rf"|(?<=\w)[ \t.]{{0,40}}\n?[^\w\n]{{0,90}}\b(?:Versus|Vs\.?|V/s\.?|VERSUS|vs\.|-vs-"
    rf"|-versus-)[ \t:-]{{0,40}}\n?"
    rf"(?=[^\n]{{0,160}}(?:\n[^\n]{{0,160}}){{0,6}}?(?:\.\.|…|--)\s{{0,40}}{_ROLE})"
    r"|(?:(?<=Petitioner)|(?<=Appellant)|(?<=Petitioners)|(?<=Appellants))[ \t.]{1,40}(?:Versus"
    r"|Vs\.?)[ \t.]{0,40}$"
)
_ROLE_LINE = re.compile(rf"(?:\.\.|…|::|\s{{4}})[\s.]{{0,20}}{_ROLE}|(?i:^\W{{0,40}}(?:in|through)\b)")
_CAPTION = re.compile(
    rf"(?:\.\s?\.|…|--|\s{{4}}|:)\s{{0,40}}{_ROLE}|(?i:\bcoram\b|\bin\s{{1,40}}the\s{{1,40}}(?:high"
    rf"|supreme)\s{{1,40}}court"
    rf"|\bdate\s{{1,40}}of\s{{1,40}}(?:judgment|decision)|for\s{{1,40}}(?:the\s{{1,40}})?(?:petitioner"
    rf"|appellant|respondent))"
)
_LABELED = re.compile(
    r"(?m)^[ \t]{0,40}(?P<side>Petitioner|PETITIONER|Appellant|APPELLANT|Respondent"
    r"|RESPONDENT)s?[ \t]{0,40}:[ \t]{0,40}\n?[ \t]{0,40}(?P<name>[^\n]{2,140})"
)
_ABOVE = re.compile(
    r"(?i)^\W{0,40}(?:in\s{1,40}the|before|coram|the\s{1,40}hon\w{0,9}|dated?|present|between"
    r"|judge?ment|order|prayer|reserved"
    r"|pronounced|with$|and$|connected|courts?|bench|civil|criminal|crl|writ|w\.?p|s\.?a|jurisdiction"
    r"|appeal|petition|suit|case"
    r"|memo|c\.?c|i\.?d|f\.?i\.?r|u/s|page|\(?\d{1,4}\)?\s{0,40}$|[a-z][a-z. ]{0,30}:)(?!\w)"
    r"|/\s?(?:19|20)\d\d|\bof\s{1,9}(?:19|20)\d\d\b|={4,40}|-{4,40}|_{4,40}|\*{3,40}|\bjustice\b"
    r"|\bhigh\s{1,9}court\b"
    r"|\bcourts?\b|jurisdiction"
)
_HEADING = re.compile(
    r"(?i)^\W{0,40}(?:in\s{1,9}the\s{1,9}matter|in\s{1,9}re\b|unique\b|original\s{1,9}side|exhibits?\b"
    r"|\(\s?(?:for|against)\b|[a-z][a-z.() -]{0,30}\bnos?\b[.:\s]{0,9}[\w/-]{0,9}\d{1,6}\s?/\s?\d{1,4}\b"
    r"|[a-z]{1,4}[\s\xad-]{0,3}\d{1,5}/\d{2,4}\W{0,40}$)"
)
_ADDRESS = re.compile(r"(?i)\b(?:h\.?\s?no|house|plot|flat|door|shop|r/o|street|road|nagar|floor)\b")
_ADDRESSED = re.compile(r"[^\n]*(?:\n[ \t]*[^\s\d.][^\n]*){0,6}")
"""An office and the lines of its address."""
_BELOW = re.compile(
    r"(?i)^\W*(?:for\s{1,40}(?:the\s{1,40})?\w+|coram|dated?\b|judge?ment|o\s?r\s?d\s?e\s?r\b|prayer"
    r"|\(?\s?by\s{1,40}"
    r"(?:adv|sri|shri|smt|mr|ms)|advocate|adv\b|counsel|present|through\b|appearance"
    r"|writ\s{1,40}pet|criminal|civil|crl|this\s{1,40}(?:appeal|petition|writ|criminal|civil)"
    r"|the\s{1,40}hon|appeal"
    r"|petition\s{1,40}(?:under|filed)|mr\.|ms\.|with$|learned|shri\b.*(?:adv|counsel)|before"
    r"|in\s{1,40}the|date\s{1,40}of)"
)
_NUMBER = re.compile(r"(?m)^[ \t)]{0,40}(?:\(?\d{1,2}\s?[.)\]]|\([a-z]\)|[A-Z]\d\.)[ \t]{0,40}")
_LEAD = re.compile(
    r"(?:(?:The|THE|Smt|Sh|Shri|Sri|Mr|Mrs|Ms|Dr|Km|Kum|Kumari|M\s?/\s?[sS]|Messrs|Late|Prof|Thiru|Tmt"
    r"|SMT|SHRI|MR|MRS)\b[.,]?|[()\d.\s:*-])[ \t]{0,40}"
)
_ENDS = (
    r"\.{2,}|…|(?<=\S)[ \xa0]{3,}|(?<=\S)\s?\t|\b[SDWwsdCc]/[oO]\b|\b[RrHh]/[oO]\b|&\s{0,40}(?:[Oo]rs|[Aa]nr"
    r"|[Oo]thers"
    r"|[Aa]nother|\d)|\b[Aa]nd\s{1,40}(?:[Oo]rs|[Aa]nr|[Oo]thers|[Aa]nother|\w+\s{1,40}[Oo]thers)"
    r"|\b[Rr]ep\b|\b[Rr]epresented|\b[Tt]hrough\b|,?\s{0,40}\b[Aa]ged?\b|\b[Ee]tc\b|;|--|,?\s[Bb]y\b"
    r"|\b[Ss]on\s{1,40}[Oo]f|\b[Ww]ife\s{1,40}[Oo]f|(?<=[\w.)] )Vs?\b\.?|\bV/s|\bVersus\b|:\s|\||\.\s{1,40}\."
)
_CUT, _OFFICE_CUT = re.compile(rf"\s{{0,40}}(?:\(|\)|{_ENDS})"), re.compile(rf"\s{{0,40}}(?:{_ENDS})")
_ONE_LINE = re.compile(
    r"(?m)^[ \t]{0,40}(?:\(?\d{1,3}[.)][ \t]{0,40})?(?:[^\n]{0,90}?(?:/\d{2,4}|of[ ](?:19"
    r"|20)\d\d)\W{1,4})?(?P<left>[A-Z][^\n]{2,80}?)[ \t]{1,40}"
    r"(?:Vs?\.?|V/s\.?|Versus|vs\.?|v/s\.?|versus|VERSUS|v\.)[ \t]{1,40}(?P<right>[A-Z][^\n]{2,100})$"
)
_COUNSEL = re.compile(
    r"(?i)\b(?:adv|advocates?|counsel|pleader|solicitor|g\.?p|a\.?p\.?p|a\.?g\.?p|i/b|amicus|standing"
    r"|(?<!evidence )for\s{1,40}(?:the\s{1,40})?(?:petitioner|appellant|respondent|applicant|plaintiff"
    r"|defendant|state|r-?\d)"
    r"|through|by\s{1,40}(?:sri|shri|mr|ms|smt|adv)|with\s{1,40}(?:mr|ms|shri|smt|sri))"
)


_BESIDE, _LINE = 110, 160
"""Characters of a line beside a lawyer's name that may tell one: a paragraph of a judgment is one line."""
_HEADED = WordPattern(
    r"(?m)^[ \t]{0,40}(?P<left>[A-Z][^\n]{2,160}?),?\s{1,40}"
    r"(?:Plaintiff|Petitioner|Appellant|Claimant|PLAINTIFF|PETITIONER|APPELLANT)"
    r"(?:s|S|\(s\))?,?\s{1,40}(?:[vV]s?\.|VS\.|-?against-?|AGAINST)\s{1,40}"
    r"(?P<right>[A-Z][^\n]{2,160}(?:\n[^\n]{2,160}){0,2}?),?\s{1,40}"
    r"(?:Defendant|Respondent|Appellee|DEFENDANT|RESPONDENT|APPELLEE)"
)
_SIDE_BY_SIDE = re.compile(r"\s{0,3};\s{0,3}(?:and\s{1,3})?|,?\s{1,3}(?:and|AND|&(?=\sJOHN DOE))\s{1,3}")
_DESCRIBED = re.compile(
    r"\s\((?=[A-Z])|,?\s{1,3}(?:et\.?\sal\b|ET\.?\sAL\b|an?\s[a-z]|individually|INDIVIDUALLY|on\sbehalf|ON\sBEHALF|in\s(?:his|her|their)\s|d/b/a|inclusive|as\s[a-z])"
)
"""What says more of a party than its name: ``Harbor Mills, Inc., a Delaware corporation``."""


def _american(text: str) -> Iterator[Match]:
    """Parties of a heading ``ADA STONE, Plaintiff, v. HARBOR MILLS, LLC and JOHN DOE, Defendants.``"""
    for found in _HEADED.finditer(text):
        if ".." in found.group() or "…" in found.group():
            continue  # Indian: a line a party, its role behind dots
        for side, label in (("left", "PETITIONER"), ("right", "RESPONDENT")):
            begin, end = found.span(side)
            cuts = [(m.start(), m.end()) for m in _SIDE_BY_SIDE.finditer(text, begin, end)]
            for low, high in zip((begin, *(b for _, b in cuts)), (*(a for a, _ in cuts), end), strict=True):
                more = _DESCRIBED.search(text, low, high)
                name = text[low : more.start() if more else high].rstrip(" ,")
                if name[:1].isupper() and len(name) > 2:
                    yield rule_match(text, low, low + len(name), label, "heading with v.")


@dataclass(frozen=True)
class Captions(NameSource):
    """Parties and lawyers by layout.

    Args:
        offices: First words, folded, of offices that are parties.
        stops: Folded beginnings of lines that name no party.
    """

    offices: tuple[str, ...]
    stops: tuple[str, ...]

    @cached_property
    def _titled(self) -> re.Pattern[str]:
        return re.compile(
            r"(?<!\w)(?:Mr|Mrs|Ms|Miss|Shri|Sri|Smt|Sh|Dr|Kum|Adv|SRI|SMT|MR|Mr\.\s?Senior\s{1,40}Advocate"
            r"|Advs)\b\s{0,2}[.:]?\s{0,3}"
            rf"(?:(?:Sri|Smt|Shri|Dr|Mr|SRI)\b\.?\s{{0,2}})?(?P<name>{NAME})"
        )

    def find(self, doc: Doc) -> Iterator[Match]:
        """Parties and lawyers in the caption, when the document has one."""
        text = doc.text[:_HEAD]
        yield from _american(text)
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
        numbers = list(_NUMBER.finditer(text, start, end))
        limits = [*(m.start() for m in numbers), end]
        entries = [(m.end(), limit) for m, limit in zip(numbers, limits[1:], strict=True)]
        if not numbers or (label == "RESPONDENT" and text[start : limits[0]].strip()):
            entries.insert(0, (start, limits[0]))
        for begin, limit in entries:
            while begin < limit and text[begin].isspace():
                begin += 1
            line = text.find("\n", begin, limit)
            stop = line if line >= 0 else limit
            if self._is_office(text, begin, stop):
                stop = _ADDRESSED.match(text, begin, limit).end()  # type: ignore[union-attr]
            yield from self._party(text, begin, stop, label, "line beside Versus")

    def _is_office(self, text: str, start: int, end: int) -> bool:
        while lead := _LEAD.match(text, start, end):
            start = lead.end()
        return text[start:end].split(" ")[0].strip(".,").casefold() in self.offices

    def _party(self, text: str, start: int, end: int, label: str, rule: str) -> Iterator[Match]:
        while lead := _LEAD.match(text, start, end):
            start = lead.end()
        office = self._is_office(text, start, end)
        cut = (_OFFICE_CUT if office else _CUT).search(text, start, end)
        end = cut.start() if cut else end
        comma = text.find(",", start, end)
        if comma > start and not office and not re.match(r",\s{0,40}(?:Inc|Ltd|LLC)", text[comma:end]):
            end = comma
        while end > start and (text[end - 1].isspace() or text[end - 1] in ".,-:;*=_"):
            end -= 1
        surface = text[start:end]
        if text[end : end + 1] == "." and re.search(r"\b(?:Ltd|Co|Corpn|Inc)$|\.[A-Z]$", surface):
            end += 1
        if surface.casefold().startswith(self.stops):
            return
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
            low, high = max(line, span[0] - _BESIDE), span[1] + _BESIDE
            around = text[low : min(after, high) if after >= 0 else high]
            previous = text[max(0, line - 120) : line] if len(text[line:after]) < _LINE else ""
            if _COUNSEL.search(around) or _COUNSEL.search(previous) or found.group().startswith("Adv"):
                yield rule_match(text, *span, "LAWYER", "counsel in the caption")


def _start(text: str, versus: int) -> int:
    """Start of the block above "Versus": below the last line that belongs to something else."""
    start = versus
    for _ in range(150):
        previous = text.rfind("\n", 0, max(0, start - 1)) + 1
        line = text[previous:start].strip()
        if line and _ABOVE.search(line) and not _ROLE_LINE.search(line):
            break
        if _HEADING.match(line) and not _ADDRESS.search(line):
            break
        start = previous
        if start == 0:
            break
    return start


def _end(text: str, versus: int) -> int:
    """End of the block below "Versus"."""
    end = versus
    for _ in range(200):
        following = text.find("\n", end)
        line = text[end : following if following >= 0 else len(text)].strip()
        if line and _BELOW.match(line):
            return end
        if following < 0:
            return len(text)
        end = following + 1
    return end


_CONNECTORS = frozenset({"of", "and", "&", "under", "for", "from"})
_PART = r"(?:[A-Z]{1,2}-)?\d{1,6}(?:-?[A-Z]{1,2}\b)?(?:\s?\([A-Za-z]{1,5}\))?(?:-[A-Z]{1,3}\b|-\d{1,5})?"
_YEAR = (
    r"(?:\s{0,40}/\s{0,40}(?:[A-Z][A-Za-z]{0,4}\s{0,40}/\s{0,40})?(?:(?:19|20)\d\d|\d\d)\b(?!/)"
    r"|\s{1,40}(?:of|OF|Of)\s{1,40}"
    r"(?:of\s{1,40})?(?:18|19|20)\d\d\b)"
)
_SEP = (
    r"(?:\s{0,40},\s{0,40}(?:and\s{1,40}|&\s{0,40})?|\s{1,40}and\s{1,40}|\s{0,40}&\s{0,40}"
    r"|\s{1,40}to\s{1,40}|\s{1,40})"
)
_NUMBERED = WordPattern(
    rf"(?:\b(?:Nos?|NOS?|no)\b\s?[.,:]*\s{{0,40}}|\b(?:Nos?|NOS?)\.?)(?:\s{{0,40}}:\s{{0,40}})?"
    rf"{_PART}(?:{_SEP}{_PART}(?={_SEP}{_PART}|{_YEAR})|{_YEAR}|{_SEP}{_PART}{_YEAR})*"
)
_LIST = (
    rf"{_PART}(?:\s{{0,40}},\s{{0,40}}{_PART}|\s{{0,40}}&\s{{0,40}}{_PART})*{_YEAR}(?:{_SEP}{_PART}{_YEAR})*"
)
_DOCKET = WordPattern(
    r"\b(?:(?:Civil|Criminal|Case|Docket|Civ\.?|Cr\.?|C\.A\.)\s{1,40}(?:Action\s{1,40})?)?"
    r"(?:Nos?\.\s{0,40})?(?:\d{1,2}:)?\d{2,4}-(?:cv|cr|bk|mc|ap|md|ml|CV|CR|BK|MC|AP|MD)-\d{2,6}(?:-[A-Z]{1,5})*\b"
)
_AMERICAN = WordPattern(
    r"\b(?:C\.\s?A\.|Civ(?:il|\.)\s{1,3}A(?:ction|\.)|Crim(?:inal|\.)\s{1,3}(?:Action|Case)|Docket|Cause|Index|Appeal|Case)"
    r"\s{1,3}Nos?\.\s{0,3}\d{2,4}-(?:[A-Z]{1,3}-)?\d{2,6}(?:-[A-Z]{1,5})?(?:/\d{4})?(?:\s\([A-Z]{2,4}\)){0,2}(?![\w-])"
)
_NUMBERED_FILE = WordPattern(
    r"\b(?:Civil\s{1,3}Action(?:\s{1,3}File)?|Case|CASE|Docket|DOCKET|Cause|CAUSE|Index|INDEX|Indictment|Adversary(?:\s{1,3}Proceeding)?)"
    r"\s{1,3}(?:Nos?\.|NO\.):?\s{0,3}(?=[A-Z\d:/-]{0,12}\d{3})[A-Z\d](?:[A-Z\d]|[:/-](?=[A-Za-z\d])|(?<=[:\d-])(?:cv|cr|mc)(?=-)){4,24}"
    r"(?![\w/-])"
)
"""``Civil Action File No. 2022CV361847``, ``Index No. 651234/2020``, ``Cause No. D-1-GN-20-001234``."""
_ENDS_YEAR = re.compile(rf"{_YEAR}\s{{0,40}}$")


@dataclass(frozen=True)
class CaseNumbers(LegalSource):
    """Case numbers by kind of proceedings, "No." and year.

    Args:
        types: Abbreviated kinds of proceedings that may stand without "No.".
        stops: Capitalized words that do not belong to the kind of proceedings.
        barriers: Capitalized words, folded, that a kind of proceedings starts after.
        kinds: Lower-case words that name a kind of proceedings ("suit No. 5 of 1990").
        foreign: First words of numbers of other things ("FIR No. 5/2001").
    """

    types: tuple[str, ...]
    stops: tuple[str, ...]
    barriers: tuple[str, ...]
    kinds: tuple[str, ...]
    foreign: tuple[str, ...]

    @cached_property
    def _short(self) -> WordPattern:
        return WordPattern(rf"(?<![\w.-]){alternation(self.types)}\s?-?{_LIST}")

    @cached_property
    def _walk(self) -> Walk:
        lower = frozenset(self.kinds)
        return Walk(_CONNECTORS, frozenset(self.stops), frozenset(self.barriers), most=7, lower=lower)

    def find(self, doc: Doc) -> Iterator[Match]:
        """Case numbers in the text."""
        text = doc.text
        for found in _NUMBERED.finditer(text):
            if not _ENDS_YEAR.search(found.group()):
                continue
            start = walk_left(text, found.start(), self._walk)
            line = text[start : found.start()].rpartition("\n")[2]
            indented, line = line[:1].isspace(), line.lstrip()
            if line and (indented or " " in line.strip()):  # "S. K. SHETTY\nWRIT PETITION NO. 5 OF 2021"
                start = found.start() - len(line)
            if start == found.start() or text[start : found.start()].casefold().startswith(self.foreign):
                continue
            yield rule_match(text, start, found.end(), "CASE_NUMBER", "kind of proceedings, No., year")
        for rule, pattern in (
            ("short kind of proceedings, year", self._short),
            ("docket", _DOCKET),
            ("docket", _AMERICAN),
            ("number of a file", _NUMBERED_FILE),
        ):
            for found in pattern.finditer(text):
                yield rule_match(text, found.start(), found.end(), "CASE_NUMBER", rule)
