"""Statutes, their provisions, and forms filed under them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from spacy.tokens import Doc

from hybrid_ner.domains.legal.base import LegalSource, Walk, alternation, rule_match, walk_left
from hybrid_ner.matching.match import Match
from hybrid_ner.text.prefilter import WordPattern

_CONNECTORS = frozenset({"of", "and", "&", "for", "the", "to", "from", "on", "against", "or"})
_YEAR = re.compile(
    r"\s?[.,]?\s{0,40}(?:\((?:1[6-9]|20)\d\d\b\)?|(?:of\s{1,40})?(?:1[6-9]|20)\d\d\b)(?![-/.]\d)"
    r"(?:\s?\((?:Cth|NSW|Vic|Qld|SA|WA|Tas|ACT|NT|UK|NZ|Ont|BC|Alta)\))?"
)
"""``Act, 1977``, ``Act (1977)``, ``Act 2001 (Cth)``; an outer bracket stays: ``(the Sea Act of 1940)``."""
_NUMBERED = WordPattern(
    r"\b(?:Act|Ordinance|Regulation)\s{1,40}(?:No\.?\s{0,40})?(?:\d{1,3}"
    r"|[IVXLC]{1,7})\s{1,40}of\s{1,40}(?:1[6-9]|20)\d\d\b"
)
_CODE_OF = WordPattern(
    r"\bCode\s{1,40}of\s{1,40}(?!(?:Business|Ethic|Conduct|Practice|Professional|Corporate)\w{0,3}\b)(?:[A-Z][\w-]{1,40}|Federal)(?:\s{1,40}"
    r"(?:and\s{1,40})?[A-Z][\w-]{1,40}){0,3}(?:\s{0,40},?\s{0,40}\(?(?:of\s{1,40})?"
    r"(?:1[89]|20)\d\d\b\)?)?"
)
_CONSTITUTION = WordPattern(
    r"\bConstitution(?:\s{1,40}of\s{1,40}(?:the\s{1,40})?[A-Z]\w{1,40}(?:\s{1,40}"
    r"(?:of\s{1,40})?[A-Z]\w{1,40})?)?\b"
)
_COMMUNITY = WordPattern(
    r"(?:\b(?:Council|Commission|Delegated|Implementing|Framework|COUNCIL|COMMISSION|DELEGATED|IMPLEMENTING)\s){0,3}"
    r"\b(?:Regulation|Directive|Decision|REGULATION|DIRECTIVE|DECISION)\s"
    r"(?:\((?:EU|EC|EEC|Euratom)[\w, ]{0,12}\)\s(?:No\.?\s)?\d{1,4}/\d{1,4}"
    r"|(?:No\.?\s)?\d{2,4}/\d{1,4}/(?:EC|EU|EEC|JHA|CFSP)|20\d\d/\d{2,4})(?![\w/])"
)
"""``Council Regulation (EC) No 834/2007``, ``Directive 2009/128/EC``."""
_TREATY = WordPattern(
    r"(?:\b(?!The\b)[A-Z][\w’'-]{1,20}\s){0,4}\b(?:Convention|Covenant|Protocol|Treaty|Federal\sAct|Law)\s"
    r"(?:on|against|concerning|relating\sto|for\sthe(?=\s(?:Protection|Prevention|Suppression|Unification)))\s"
    r"(?:the\s)?(?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)[A-Z][\w-]{2,30}"
    r"(?:(?:[ ](?:and(?![ ]the\b)|(?:of|for|in|or|to|on)(?:[ ]the)?)){0,2}[ ][A-Z][\w-]{2,30}){0,8}"
)
"""``Vienna Convention on the Law of Treaties``, ``Federal Act on Data Protection``."""
_EARLIER = re.compile(
    r"\b[A-Z]{2,8}\sand\s{1,3}[Tt]he\s{1,3}|\bCode\sof\s(?:[A-Z]\w+\s){1,3}and\s{1,3}[Tt]he\s{1,3}|\b(?:Act|Code|Regulation|Directive|Law|Ordinance)(?:,?\s(?:of\s)?\d{4})?(?:\s\([^()]{1,20}\))?,?\s(?:and|or)\s{1,3}[Tt]he\s{1,3}"
    r"|\([A-Z]{2,8}\),?\s(?:and|or)\s{1,3}(?:[Tt]he\s{1,3})?"
)
"""Another law in front: ``the Data Regulation (DR) and the Harbor Privacy Act``."""
_BARE_YEAR = WordPattern(r"\b(?:1[6-9]|20)\d\d\s{1,40}Act\b|\bAct\s{1,40}of\s{1,40}(?:1[6-9]|20)\d\d\b")


@dataclass(frozen=True)
class Statutes(LegalSource):
    """Legislation by head word, by number and year, and by fixed forms.

    Args:
        heads: Words that end a name of legislation.
        stops: Capitalized words that do not belong to the name in front of the head.
        generic: Whole names, folded, that name no single piece of legislation.
    """

    heads: tuple[str, ...]
    stops: tuple[str, ...]
    generic: tuple[str, ...]

    @cached_property
    def _head(self) -> WordPattern:
        return WordPattern(rf"(?<![\w-]){alternation(self.heads)}(?![\w-])")

    @cached_property
    def _walk(self) -> Walk:
        heads = frozenset(head.casefold() for head in self.heads)
        return Walk(_CONNECTORS, frozenset(self.stops), heads, commas=True, numbers=False)

    @cached_property
    def _generic(self) -> frozenset[str]:
        return frozenset(self.generic)

    def find(self, doc: Doc) -> Iterator[Match]:
        """Legislation in the text."""
        text = doc.text
        yield from self._named(text)
        for rule, pattern in (
            ("act by number", _NUMBERED),
            ("act by year", _BARE_YEAR),
            ("code of", _CODE_OF),
            ("constitution", _CONSTITUTION),
            ("European act by number", _COMMUNITY),
            ("treaty or law on a subject", _TREATY),
        ):
            for found in pattern.finditer(text):
                yield rule_match(text, found.start(), found.end(), "STATUTE", rule)

    def _named(self, text: str) -> Iterator[Match]:
        for found in self._head.finditer(text):
            start = walk_left(text, found.start(), self._walk)
            for earlier in _EARLIER.finditer(text, start, found.start()):
                start = earlier.end()
            name = " ".join(text[start : found.end()].split()).casefold()
            if start == found.start() or name in self._generic:
                continue
            subject = _CODE_OF.match(text, found.start())  # "California Code of Civil Procedure"
            year = subject or _YEAR.match(text, found.end())
            end = year.end() if year else found.end()
            yield rule_match(text, start, end, "STATUTE", f"… {found.group()}")


_SUB = r"(?:\s?\(\s?(?:\d{1,3}(?:-?[A-Z])?|[ivxlc]{1,6}|[A-Za-z]{1,2})\s?\))"
_LETTER = r"(?:\s?-\s?[A-Z]{1,3}\b|[A-Z]{1,3}\b|\s[A-Z]\b(?=\s{1,40}(?:of|and|I\.?P|Cr|to)\b))?"
_NUMBER = rf"(?:\d{{1,4}}{_LETTER}(?:\.\d{{1,3}})*{_SUB}{{0,4}})"
_ROMAN = rf"(?:[IVXLC]{{1,7}}(?:-?[A-Z])?\b{_SUB}{{0,3}})"
_SEP = (
    r"(?:\s{0,40},\s{0,40}(?:and\s{1,40}|or\s{1,40}|&\s{0,40})?|\s{0,40}/\s{0,40}|\s{1,40}and\s{1,40}"
    r"|\s{0,40}&\s{0,40}|\s{1,40}or\s{1,40}|\s{1,40}to\s{1,40}|\s{0,40}-\s{0,40}|\s{1,40}r/w\s{1,40}"
    r"|\s{1,40}read\s{1,40}with\s{1,40})"
)
_LIST = rf"{_NUMBER}(?:{_SEP}(?:{_NUMBER}|{_SUB}+(?!\w)))*"
_ROMAN_LIST = rf"(?:{_NUMBER}|{_ROMAN})(?:{_SEP}(?:{_NUMBER}|{_ROMAN}|{_SUB}+(?!\w)))*"
_SUB_LIST = rf"(?:{_SUB}+|{_NUMBER})(?:{_SEP}(?:{_SUB}+|{_NUMBER}))*"
_HYPHEN = r"[-\s\xad]?"
_SMALL = (
    rf"(?:[Ss]ub{_HYPHEN}(?:[Ss]ections?|[Ss]ecs?\.|[Cc]lauses?|[Rr]ules?|[Aa]rticles?|[Ss]\.|[Rr]\.)"
    r"|[Cc]lauses?|[Cc]ls?\.|[Pp]roviso(?:\s{1,40}to)?|[Ee]xplanation)"
)
_WORD = (
    r"(?:[Ss]ections?|SECTIONS?|[Aa]rticles?|ARTICLES?|[Rr]ules?|RULES?|[Rr]egulations?|[Ss]ecs?\.?"
    r"|[Aa]rts?\.?"
    r"|Ss?\.|Rr?\.|(?<=[Uu]/)[Ss]s?\.?|(?<![\w.])ss?(?:\.\s?|\s)(?=\d)|(?<![\w.])r\.\s?(?=\d)|§§?)"
)
_CHAPTER = r"(?:[Cc]hapters?|CHAPTER|[Ss]chedules?|[Ee]ntry|[Ee]ntries|[Pp]art|[Aa]ppendix)"
_ORDINAL = r"(?:First|Second|Third|Fourth|Fifth|Sixth|Seventh|Eighth|Ninth|Tenth|Eleventh|Twelfth)"
_BASE = rf"{_WORD}\s{{0,40}}-?\s{{0,40}}(?:Nos?\.?\s{{0,40}})?{_LIST}"
_RULES = (
    (
        "section, article or rule",
        rf"(?:{_SMALL}\s{{0,40}}{_SUB_LIST}\s{{1,40}}(?:of|to|in)\s{{1,40}}(?:the\s{{1,40}})?){{0,2}}{_BASE}"
        rf"(?:\s{{0,40}},?\s{{0,40}}{_SMALL}\s{{0,40}}{_SUB_LIST}|\s{{1,40}}of\s{{1,40}}"
        rf"(?:the\s{{1,40}})?(?:{_CHAPTER}|[Oo]rder)\s{{1,40}}(?:{_NUMBER}"
        rf"|{_ROMAN}))?",
    ),
    (
        "order and rule",
        rf"(?:[Oo]rder|ORDER|O\.)\s{{0,40}}-?\s{{0,40}}(?:{_NUMBER}|{_ROMAN})[\s,.\xad]{{0,40}}"
        rf"(?:[Rr]ules?|RULES?"
        rf"|[Rr]r?\.)\s{{0,40}}-?\s{{0,40}}{_LIST}"
        rf"(?:\s{{0,40}},?\s{{0,40}}{_SMALL}\s{{0,40}}{_SUB_LIST})?",
    ),
    ("order", rf"(?:Order|ORDER)\s{{1,40}}{_ROMAN}(?=\s{{1,40}}of\b|\s{{1,40}}C\.?\s?P\.?\s?C)"),
    (
        "clause or sub-section",
        rf"(?:{_SMALL}\s{{0,40}}{_SUB_LIST}(?:\s{{1,40}}(?:of|to)\s{{1,40}})?){{1,2}}(?<!\s)",
    ),
    ("chapter, part or schedule", rf"{_CHAPTER}\s{{0,40}}-?\s{{0,40}}{_ROMAN_LIST}"),
    ("numbered schedule", rf"{_ORDINAL}\s{{1,40}}Schedule"),
)
_AMERICAN = WordPattern(
    r"(?:§§?\s?|(?<![\w.])(?:Rule|Section|Sec\.)\s{1,3})\d{1,5}[a-zA-Z]{0,3}(?:[-.–]\d{1,4}[a-z]{0,2}){0,3}"
    rf"{_SUB}{{0,5}}(?![\w§])"
)
"""``§ 78j(b)``, ``§ 240.10b-5``, ``Rule 10b-5``."""
_PATTERNS = tuple((rule, WordPattern(rf"(?<![\w.]){pattern}(?!\w)")) for rule, pattern in _RULES)


@dataclass(frozen=True)
class Provisions(LegalSource):
    """Provisions by citation pattern."""

    def find(self, doc: Doc) -> Iterator[Match]:
        """Provisions in the text."""
        text = doc.text
        for rule, pattern in (*_PATTERNS, ("American section or rule", _AMERICAN)):
            for found in pattern.finditer(text):
                yield rule_match(text, found.start(), found.end(), "PROVISION", rule)


_LETTERED = (
    r"(?:[A-Z]{1,3}-?\d{1,4}[A-Z]{0,3}|\d{1,4}-?[A-Z]{1,4}\d{0,3}|[A-Z]-[A-Z]{1,4}|[A-Z]{2,4}-\d{1,2})"
    r"(?:-\d{1,2}|\s?-?(?:BEN(?:-E)?|INT|DIV|MISC|NEC))?(?:/A)?(?![\w/-])"
)
_SCHEDULE = WordPattern(
    r"\b(?:[Ss]chedules?|SCHEDULES?)\s{1,40}(?:TO-[A-Z]|1[34][A-Z](?:-\d{1,2})?(?:/A)?)(?![\w/-])"
)


_BARE = WordPattern(
    r"(?<![\w/.-])(?<!Form )(?<!Forms )(?<!FORM )"
    r"(?:10-(?:K|Q)(?:SB)?|8-K|20-F|6-K|S-4|N-CSR)(?:/A)?(?![\w/-])"
)
"""Forms that everybody calls by their number: ``our most recent 10-K and 8-K filings``."""


@dataclass(frozen=True)
class Forms(LegalSource):
    """Forms by their number.

    Args:
        name: Name of the source.
        numbers: Those that are plain numbers.
    """

    numbers: tuple[str, ...]

    @cached_property
    def _form(self) -> WordPattern:
        plain = rf"{alternation(self.numbers)}(?![\w/-]|\.\d)"
        return WordPattern(
            r"\b(?:Substitute\s{1,40}|(?:19|20)\d\d\s)?(?:Forms?|FORMS?)\s{1,40}(?:No\.?\s{0,40})?"
            + f"(?:{_LETTERED}|{plain})"
        )

    def find(self, doc: Doc) -> Iterator[Match]:
        """Forms in the text."""
        text = doc.text
        rules = ("form", self._form), ("schedule that is filed", _SCHEDULE), ("number of a form", _BARE)
        for rule, pattern in rules:
            for found in pattern.finditer(text):
                yield rule_match(text, found.start(), found.end(), "FORM", rule)


_WORD_OF_NAME = (
    r"(?:(?!(?:Fund|Trust|Form|Plan|Index|Committee)[ ])(?:[A-Z0-9&][\w&.’'/-]{0,30}(?:(?<=Co\.),)?"
    r"|\([A-Z][\w.]{0,11}\)|of|and|for|the|[(]k[)])[ \xa0]{1,2})"
)
"""What stands behind a fund, a trust or a form begins anew: ``Harbor Growth Fund Russell 3000 Index``."""
_FIRST = (
    r"(?=[A-Z\d])(?<![\w&.])"
    r"(?!(?:The|A|An|And|Of|For|This|That|Each|Our|Its|Such|Any|In|To|By|Under|Notes?)\b)"
)
_GENERIC = (
    r"(?:Deferred|Employees?|Executives?|Supplemental|Long-Term|Directors?|Non-Employee|Key|Amended|Existing"
    r"|Annual|Management|Incentive|Bonus|Stock|Equity|Savings|Pension|Retirement|Severance|Profit|Benefits?"
    r"|Health|401)[ \xa0]"
)
"""Kinds of plans: a name of one needs more in front ("Deferred Compensation Plan" is any)."""
_BENEFIT = (
    r"(?:(?:401[ ]?\([ ]?k[ ]?\)|(?:Incentive|Bonus|Option|Award|Purchase|Ownership|Savings|Pension"
    r"|Retirement|Severance|Deferral|Profit[ ]Sharing|Investment"
    r"|Compensation|Benefit|Benefits|Accumulation|Equity|Stock"
    r"|Thrift|Welfare|Contribution)(?:[ ]and)?)[ \xa0]{1,2}(?:[A-Z&][\w&-]{0,30}[ \xa0]{1,2}){0,3})"
)
_SECTIONED = r"(?:40[13]|457|529)[ ]?\([ ]?[a-z][ ]?\)[ ](?:[A-Z][\w-]+[ ]){0,3}"
_INSTRUMENTS = (
    # "Russell 3000 Index", "Harbor Municipal Bond Index", "Lipper Growth Funds Classification"
    (
        "index",
        WordPattern(r"\b(?:Index|Classification)(?![\w-])(?!(?:[ ][A-Z]\w+){0,3}[ ]Fund)"),
        re.compile(rf"{_FIRST}{_WORD_OF_NAME}{{1,12}}?(?:Index|Classification)\Z"),
    ),
    # "Harbor Advantage 401 (k) program": by the section of the tax code a plan may be small
    (
        "plan by its section",
        WordPattern(rf"\b{_SECTIONED}(?:plan|program|Program)(?![\w-])"),
        re.compile(rf"{_FIRST}(?!{_GENERIC})(?:[A-Z][\w&.’'/-]{{0,30}}[ ]){{1,5}}{_SECTIONED}\w+\Z"),
    ),
    # "Acme 2005 Management Incentive Plan", "Mills Inc. 401 (k) Savings Plan and Trust"
    (
        "benefit plan",
        WordPattern(r"\bPlan(?:[ ]and[ ]Trust)?(?![\w-])"),
        re.compile(rf"{_FIRST}(?!{_GENERIC}){_WORD_OF_NAME}{{1,12}}?{_BENEFIT}Plan(?:[ ]and[ ]Trust)?\Z"),
    ),
)
"""Rule, the words that end a name, and the name up to them."""
_SMALL_WORDS = (
    r"(?:a|about|an|and|as|at|by|for|from|in|into|is|its|not|of|on|or|other|than|that|the|their|to|under"
    r"|when|whether|with|without)"
)
_STANDARD = WordPattern(
    r"(?:\b(?:(?:ASC|ASU|Codification|Update)[ ](?:Topic[ ])?(?:No\.[ ])?\d{3,4}(?:-\d{1,2}){0,3},?"
    r"|(?:S?FAS|FIN|EITF|SAB|SAS|Interpretation|Opinion|Standards?|Bulletin|Issue|Board|Force)"
    r"(?:[ ]\([A-Z]{2,5}\))?[ ](?:Nos?\.[ ]?)?\d{1,3}(?:-\d{1,2})?(?:[ ]?\([A-Z]\))?,?(?=,|[ ][“\"(]))[ ]"
    r"|\(Topic[ ]\d{3}\)[,:][ ])"
    r"(?:[“\"][ ]?(?P<quoted>[A-Z][^“”\"\n]{3,200}?)[,.]?[ ]?[”\"]"
    r"|\((?P<bracketed>[A-Z][a-z]{2,20}(?:[ ][A-Za-z-]{1,20}){2,14})\)"
    r"|(?P<name>[A-Z][\w–-]{3,30}"
    rf"(?:(?:[ ]–)?(?:[ ]{_SMALL_WORDS}){{0,3}}[ ](?!Topic|Update|AS[CU]|Jan|Feb|Mar|Apr|May|June?|July?|Aug"
    r"|Sep|Oct|Nov|Dec)[A-Z][\w–-]{2,30}){0,18})(?![\w-]))"
)
"""``ASU 2010-20, Receivables (Topic 310): Disclosures about Loans``, ``Opinion No. 25, “ Stock Issued ”``."""
_MARKET = WordPattern(
    r"\b(?:(?:OTC|Over-the-Counter)[ ]?Bulletin[ ]Board|OTCBB|OTCQ[BX]|Pink[ ]Sheets?"
    r"|(?:(?:NASDAQ|Nasdaq)[ ])?"
    r"(?:National[ ]Market(?:[ ]System)?|(?:Global|Capital)[ ](?:Select[ ])?Market))(?![\w-])"
)
"""``OTC Bulletin Board``, ``Pink Sheets``, ``Nasdaq Global Select Market``."""
_NAMED = (
    # "the Black-Scholes option-pricing model"
    (
        "pricing model",
        WordPattern(
            r"\bBlack[- ]Scholes(?:[- ]Merton)?(?:[ -](?:[Oo]ption|[Vv]aluation|[Pp]ricing)){0,3}"
            r"(?:[ ](?:[Mm]odel|[Ff]ormula|[Mm]ethod))?(?![\w-])"
        ),
    ),
    # "American Depositary Receipts", "ADRs"
    (
        "depositary receipt",
        WordPattern(
            r"\b(?:American|Global|European|International)[ ]Deposit[ao]ry[ ](?:Receipt|Share)s?(?![\w-])"
            r"|\b[AGE]DRs?(?![\w-])"
        ),
    ),
)
_REACH = 160
"""Characters before its last word that the name of an index or a plan is looked for."""


@dataclass(frozen=True)
class Instruments(LegalSource):
    """Indices, benefit plans, accounting standards and trading markets that filings name."""

    outranks: ClassVar[bool] = True

    def find(self, doc: Doc) -> Iterator[Match]:
        """Instruments in the text."""
        text = doc.text
        for rule, head, name in _INSTRUMENTS:
            done = 0
            for last in head.finditer(text):
                found = name.search(text, max(done, last.start() - _REACH), last.end())
                done = last.end()
                if found:
                    yield rule_match(text, found.start(), found.end(), "INSTRUMENT", rule)
        for found in _STANDARD.finditer(text):
            yield rule_match(text, *found.span(found.lastgroup or 0), "INSTRUMENT", "title of a standard")
        for rule, pattern in (("market", _MARKET), *_NAMED):
            for found in pattern.finditer(text):
                yield rule_match(text, found.start(), found.end(), "INSTRUMENT", rule)
