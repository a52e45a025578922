"""Rules written without Python: a YAML or TSV file, checked by its own examples, as a labeling source.

::

    name: doses
    label: Dose
    lists:
      units: [mg, ml, µg]
    rules:
      - pattern: '\\d+(?:\\.\\d+)? ?{units}'
        match: ["take [[5 mg]] daily", "[[2.5 ml]] at night"]
        no match: ["5 mgs"]
      - {heads: [ward, unit], label: Place, match: ["sent to [[Acute Medical Unit]]"]}
      - {suffixes: [itis], except: [arthritis], label: Disease, match: ["an old [[iritis]]"]}
      - {terms: [nil by mouth], label: Order, match: ["[[NIL by mouth]] from six"]}
      - {veto: [the unit], match: ["on [[the unit]]"]}

A TSV file has the columns ``kind`` and ``value``, and any of the others by their names above; several entries
of a cell stand between ``|``. What stands between ``[[`` and ``]]`` is what the rule finds in an example.
Every rule matches whole words; in terms and vetoes ``*`` is the rest of a word ("privileg*") and ``?`` a
letter or none, as in term lists. Capitals matter in patterns, and in short forms that are words too ("ME");
``case: true`` or ``case: false`` says otherwise. Terms are found in the number and spelling in which they are
written; those of a term list in others too.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from spacy.tokens import Doc

from hybrid_ner.errors import InputError, given_path
from hybrid_ner.matching.match import Evidence, Match
from hybrid_ner.sources import VETO, unique
from hybrid_ner.sources.regex_safety import UnsafePatternError, degree_of, finditer
from hybrid_ner.terms.readers.report import capitals_tell, is_word_in_capitals, operator_of
from hybrid_ner.terms.variants.forms import plural
from hybrid_ner.text import brief, without_space
from hybrid_ner.text.encodings import decoded, read_written

KINDS = ("pattern", "heads", "suffixes", "terms", "veto")
_SEVERAL = ("match", "no match", "except", "modifiers")
_FIELDS = ("label", "name", *_SEVERAL, "case")
_NAME = re.compile(r"[A-Za-z]\w*\Z")
_LIST = re.compile(r"\{([A-Za-z]\w*)\}")
_FLAGS = re.compile(r"\(\?([imsx]+)\)")
_BRACKETS = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
_CAPITAL = r"[^\W\d_a-zß-öø-ÿ][\w'’.-]{0,40}"
"""A word with a capital ("King's", "Saint-Denis", "St."); other scripts have no case and count too."""
_NO_NAME = (
    "The|A|An|In|On|At|Of|To|By|For|From|With|And|Or|But|As|Near|This|That|These|Those|Its|His|Her|Our|Their"
)
"""Words that begin a sentence, and no name that ends in a head."""
_LEAST_STEM = 2  # letters before a suffix: "iritis", not "itis" alone
_ROW = "row of the file"  # of a TSV file; a key that no YAML file would have
_EXAMPLE = "hybrid-ner rules --help shows an example."
_OF_PERL = re.compile(r"/.+/[a-z]*", re.DOTALL)  # "/section \\d+/i"
_POSIX = re.compile(r"\[:\w+:\]")  # "[[:alpha:]]+"
_LONGEST = 8  # words before a head, at most
_INSTEAD = (
    "Give what it names as terms: [privileg*, attorney client]; words near each other as a pattern: "
    r"'lease(?:\W+\w+){0,5}\W+terminat\w*' is lease W/5 terminat*. If it is meant so, add an example."
)
"""What a rule has for the operators of e-discovery and library searches."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a rule file.

    Args:
        kind: ``pattern`` (one regular expression; the group called ``span``, if there is one, is the
            mention), ``heads`` (nouns that end a mention of capitalized words, or of ``modifiers``),
            ``suffixes`` (endings of a word), ``terms`` or ``veto`` (phrases that are no mention, whatever
            else says so).
        entries: The pattern, or the words.
        name: What ``why`` calls it.
        match: Examples with the mentions in double brackets.
        no_match: Examples without a mention.
        without: Words that a suffix does not make a mention.
        modifiers: Words that may stand before a head, instead of capitalized ones; such a head is found in
            the plural too.
        case: Whether letters must match exactly: yes for a pattern, no for words, unless the file says so.
            Where it says nothing, short forms among terms that are words too ("ME") need their capitals.
    """

    kind: str
    entries: tuple[str, ...]
    label: str
    name: str
    match: tuple[str, ...] = ()
    no_match: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    modifiers: tuple[str, ...] = ()
    case: bool | None = None

    def regex(self) -> str:
        """The rule as one regular expression that matches whole words."""
        whole = rf"(?<!\w(?=\w))(?:{getattr(self, '_' + self.kind)()})(?!(?<=\w)\w)"
        # In a head's rule the words before it have capitals whatever becomes of the head.
        return whole if self.case or self.kind == "heads" else f"(?i:{whole})"

    def _pattern(self) -> str:
        flags = _FLAGS.match(self.entries[0])
        # "(?i)foo" stands at the start of a pattern of its own, not within one.
        return f"(?{flags[1]}:{self.entries[0][flags.end() :]})" if flags else self.entries[0]

    def _terms(self) -> str:
        """What the entries stand for; a short form that is also a word needs its capitals, as in lists."""
        loud = self.case is None and capitals_tell(self.entries)
        exact = [entry for entry in self.entries if loud and is_word_in_capitals(entry)]
        others = _wild(entry for entry in self.entries if entry not in exact)
        return f"(?-i:{_wild(exact)})|{others}" if exact else others

    _veto = _terms

    def _suffixes(self) -> str:
        return rf"[^\W\d_]{{{_LEAST_STEM},40}}(?:{_any(self.entries)})"

    def _heads(self) -> str:
        first = f"(?i:{_any(self.modifiers)})" if self.modifiers else _CAPITAL
        before = first if self.modifiers else rf"(?:{_CAPITAL}|of(?:\sthe)?|de(?:\sla)?|&)"
        entries = self.entries
        if self.modifiers and not self.case:  # common nouns: "grain aphids"; a name has one number
            one = f"{self.modifiers[0]} "
            entries += tuple(form.removeprefix(one) for entry in entries for form in plural(one + entry))
        heads = f"(?:{_any(entries)})" if self.case else f"(?i:{_any(entries)})"
        return rf"(?!(?:{_NO_NAME})\s){first}\s(?:{before}\s){{0,{_LONGEST - 1}}}?{heads}"


def _any(words: Iterable[str]) -> str:
    ordered = sorted(set(words), key=lambda word: (-len(word), word))
    # An empty list finds nothing; an empty alternative would be found everywhere.
    return "|".join(r"\s{1,4}".join(map(re.escape, word.split())) for word in ordered) or "(?!)"


def _wild(words: Iterable[str]) -> str:
    return _any(words).replace(r"\*", r"\w{0,64}").replace(r"\?", r"[^\W\d_]?")


@dataclass(frozen=True, slots=True)
class _Ready:
    rule: Rule
    pattern: re.Pattern[str]
    degree: int
    without: frozenset[str]

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        group: str | int = "span" if "span" in self.pattern.groupindex else 0
        for found in finditer(self.pattern, self.degree, text):
            start, end = without_space(text, *found.span(group))  # "80 mg " of `\d+ mg ?(?:od)?`
            if start < end and text[start:end].lower() not in self.without:
                yield start, end


def _ready(rule: Rule) -> _Ready:
    source = rule.regex()
    # Lists of words are safe by what they are; only what the user wrote needs to be looked at.
    degree = degree_of(source) if rule.kind == "pattern" else 0
    return _Ready(rule, re.compile(source), degree, frozenset(word.lower() for word in rule.without))


@dataclass(frozen=True)
class RuleSetSource:
    """The rules of one file as a labeling source.

    Args:
        rules: The rules; all vetoes or none of them.
        last: Whether it runs after all other sources, as vetoes must.
    """

    name: str
    rules: tuple[Rule, ...]
    last: bool = False
    reads_view: ClassVar[bool] = True

    __repr__ = brief

    def called(self, labels: Mapping[str, str]) -> RuleSetSource:
        """The same rules with other labels, for those that are named."""
        rules = tuple(replace(each, label=labels.get(each.label, each.label)) for each in self.rules)
        return replace(self, rules=rules)

    @cached_property
    def _compiled(self) -> tuple[_Ready, ...]:
        return tuple(map(_ready, self.rules))

    def __call__(self, doc: Doc) -> list[Match]:
        text = doc.text
        return unique(
            Match(start, end, each.rule.label, (), 1.0, Evidence("pattern", text[start:end], each.rule.name))
            for each in self._compiled
            for start, end in each.spans(text)
        )

    def to_state(self) -> dict[str, Any]:
        return {"name": self.name, "rules": [asdict(rule) for rule in self.rules], "last": self.last}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> RuleSetSource:
        rules = []
        for row in state["rules"]:
            values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}
            rules.append(Rule(**values))
        return cls(str(state["name"]), tuple(rules), bool(state["last"]))


def read_rules(*paths: str | Path) -> tuple[RuleSetSource, ...]:
    """The labeling sources of rule files: the rules of each, and after all others its vetoes.

    A file is called by its name, or its key ``name``; of two the second by its ending or folder too.

    Raises:
        InputError: Not such a file, an unsafe or broken pattern, or an example that does not hold.
    """
    taken: dict[str, Path] = {}
    return tuple(source for path in paths for source in _sources(given_path(path), taken))


def _sources(file: Path, taken: dict[str, Path]) -> tuple[RuleSetSource, ...]:
    name, rules, problems = check_rules(file)
    others = (f"{name}_{file.suffix[1:]}", re.sub(r"\W", "_", f"{file.absolute().parent.name}_{name}"))
    name = next((each for each in (name, *others) if each not in taken), name)
    taken[name] = file
    if problems:
        more = f" (and {len(problems) - 1} more; hybrid-ner rules check lists all)" if problems[1:] else ""
        raise InputError(problems[0] + more, path=file, hint=f"Correct the rule or the example. {_EXAMPLE}")
    votes = tuple(rule for rule in rules if rule.kind != "veto")
    vetoes = tuple(rule for rule in rules if rule.kind == "veto")
    sources = [RuleSetSource(name, votes)] if votes else []
    return (*sources, *([RuleSetSource(f"{name}_veto", vetoes, last=True)] if vetoes else []))


def check_rules(path: str | Path) -> tuple[str, tuple[Rule, ...], list[str]]:
    """Name and rules of a file, and as lines what is wrong with them.

    That is every row that is no rule, every pattern that may not run and every example that does not hold.

    Raises:
        InputError: Not such a file.
    """
    name, rules, problems = _read(given_path(path))
    return name, rules, [*problems, *(problem for rule in rules for problem in _problems(rule))]


def _problems(rule: Rule) -> Iterator[str]:
    if rule.kind == "pattern" and _CONTROL.search(rule.entries[0]):
        said = r"a control character, as \b is one in double quotes: put single quotes around the pattern"
        yield f"{rule.name}: {rule.entries[0]!r} holds {said}."
        return
    try:
        re.compile(rule.entries[0] if rule.kind == "pattern" else "")  # errors count from its own beginning
        ready = _ready(rule)
    except UnsafePatternError as error:
        yield f"{rule.name}: the pattern '{rule.entries[0]}' {error}."
        return
    except re.error as error:
        yield f"{rule.name}: '{rule.entries[0]}' is no regular expression ({error})."
        return
    searched = next(filter(operator_of, rule.entries), "")
    if searched and not any(list(ready.spans(text)) == wanted for text, wanted in map(_marked, rule.match)):
        said = f"a search string, whose {operator_of(searched)} would be looked for in the text too"
        yield f"{rule.name}: {searched!r} looks like {said}. {_INSTEAD}"
    for example in rule.match:
        text, wanted = _marked(example)
        found = list(ready.spans(text))
        if not wanted:
            yield f"{rule.name}: the example {example!r} has no mention in double brackets."
        elif found != wanted:
            any_case = bool(rule.case) and list(_ready(replace(rule, case=False)).spans(text)) == wanted
            hint = ". In other capitals it is: add case: false" * any_case
            said = f"expected {_said(text, wanted)}, found {_said(text, found)}{hint}"
            yield f"{rule.name}: in {text!r} {said}."
    for example in rule.no_match:
        found = list(ready.spans(example))
        if found:
            yield f"{rule.name}: in {example!r} expected nothing, found {_said(example, found)}."


def _marked(example: str) -> tuple[str, list[tuple[int, int]]]:
    text, spans, at = "", [], 0
    for found in _BRACKETS.finditer(example):
        text += example[at : found.start()]
        spans.append((len(text), len(text) + len(found.group(1))))
        text += found.group(1)
        at = found.end()
    return text + example[at:], spans


def _said(text: str, spans: Sequence[tuple[int, int]]) -> str:
    return ", ".join(f"“{text[start:end]}”" for start, end in spans) or "nothing"


def _read(path: Path) -> tuple[str, tuple[Rule, ...], list[str]]:
    content = decoded(path, "Give a rule file: .yaml or .tsv.")
    read = {".yaml": _yaml, ".yml": _yaml, ".tsv": _tsv}.get(path.suffix.lower())
    if read is None:
        raise InputError("expected a rule file.", path=path, hint="Use the ending .yaml or .tsv.")
    whole = read(content, path)
    stem = re.sub(r"\W", "_", path.stem)
    name = str(whole.get("name") or (stem if _NAME.match(stem) else f"rules_{stem}"))  # "2024 doses.yaml"
    if not _NAME.match(name):
        raise _bad(path, f"the name {name!r} is not one word of letters, digits and _")
    given = whole.get("rules")
    if not isinstance(given, list) or not (given or whole.get("problems")):
        dashes = ": each rule stands behind a dash" if isinstance(given, dict) else ""
        raise _bad(path, f"there is no list called rules, or it is empty{dashes}")
    label, lists = _label(whole.get("label"), "label", path), _lists(whole.get("lists"), path)
    rules, problems = [], list(map(str, whole.get("problems", ())))
    for number, row in enumerate(given, 1):
        try:
            rules.append(_rule(row, number, label, lists, path))
        except InputError as error:
            problems.append(error.problem)
    return name, tuple(rules), problems


def _yaml(content: str, path: Path) -> Mapping[str, Any]:
    whole = read_written(content, path, _EXAMPLE)
    if not isinstance(whole, dict):
        found = "a list" if whole else "nothing"
        raise _bad(path, f"expected the keys name, label, lists and rules, found {found}")
    unknown = set(whole) - {"name", "label", "lists", "rules"}
    if unknown:
        raise _bad(path, f"unknown key {min(map(str, unknown))!r}; use name, label, lists, rules")
    return whole


def _tsv(content: str, path: Path) -> Mapping[str, Any]:
    lines = re.split(r"\r\n?|\n", content)  # splitlines() would cut at U+2028 within a cell too
    rows = list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    header = [name.strip().lower() for name in rows[0]] if rows else []
    unknown = set(header) - {"kind", "value", *_FIELDS}
    if unknown or not {"kind", "value"} <= set(header):
        found = f"found {', '.join(header) or 'none'}"
        raise _bad(path, f"expected the columns kind and value, and any of {', '.join(_FIELDS)}; {found}")
    rules, problems = [], []
    for row, cells in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in cells) or cells[0].startswith("#"):
            continue
        if len(cells) > len(header):
            problems.append(f"row {row}: expected {len(header)} cells, found {len(cells)}.")
            continue
        filled = {key: cell.strip() for key, cell in zip(header, cells, strict=False) if cell.strip()}
        kind, value = filled.pop("kind", "").lower(), filled.pop("value", "")
        if len(value) > 2 and value[0] == value[-1] == '"':
            quotes = f"the quotes around {value} would be looked for in the text too"
            problems.append(f"row {row}: {quotes}. Leave them out; in a pattern \\x22 is a quote.")
            continue
        rule: dict[str, Any] = {k: _split(v) if k in _SEVERAL else v for k, v in filled.items()}
        rule[kind] = value if kind == "pattern" else _split(value)
        rules.append({_ROW: row, **rule})
    return {"rules": rules, "problems": problems}


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""What no text holds, and no pattern on purpose; line breaks and tabs may be meant."""


def _split(cell: str) -> list[str]:
    return [part.strip() for part in cell.split("|") if part.strip()]


def _label(given: Any, where: str, path: Path) -> str:
    if isinstance(given, (list, dict)):
        raise _bad(path, f"{where}: expected one text, found {given!r}")
    return " ".join(str(given or "").split())


def _lists(given: Any, path: Path) -> dict[str, tuple[str, ...]]:
    if given is not None and not isinstance(given, dict):
        raise _bad(path, "lists: expected names with a list of words each")
    return {str(name): _strings(words, f"list {name}", path) for name, words in (given or {}).items()}


def _rule(row: Any, number: int, label: str, lists: Mapping[str, tuple[str, ...]], path: Path) -> Rule:
    where = f"rule {number}"
    if not isinstance(row, dict):
        raise _bad(path, f"{where}: expected keys such as pattern, label and match, found {row!r}")
    where = f"row {row.pop(_ROW)}" if _ROW in row else where
    row = {str(key).replace("_", " "): value for key, value in row.items()}
    kinds = [kind for kind in KINDS if kind in row]
    unknown = set(row) - {*KINDS, *_FIELDS}
    if len(kinds) != 1 or unknown:
        found = f"; {_unknown(min(unknown))}" if unknown else f"; found {' and '.join(kinds) or 'none'}"
        raise _bad(path, f"{where}: expected exactly one of {', '.join(KINDS)}{found}")
    kind = kinds[0]
    entries = _strings(row[kind], f"{where}, {kind}", path)
    if kind == "pattern":
        if len(entries) != 1:
            raise _bad(path, f"{where}: expected one pattern")
        entries = (_filled(entries[0], lists, where, path),)
        if _OF_PERL.fullmatch(entries[0]):
            raise _bad(path, f"{where}: the slashes of {entries[0]} would be looked for in the text too")
        if posix := _POSIX.search(entries[0]):
            raise _bad(path, f"{where}: {posix[0]} is not known here, a letter is [^\\W\\d_]")
    label = VETO if kind == "veto" else _label(row.get("label"), f"{where}, label", path) or label
    if not label:
        raise _bad(path, f"{where}: there is no label")
    name = str(row.get("name") or f"{path.name} {where}")
    match, no_match, without, modifiers = (
        _strings(row.get(key, ()), f"{where}, {key}", path) for key in _SEVERAL
    )
    if modifiers and kind != "heads":
        raise _bad(path, f"{where}: modifiers stand before heads, not before {kind}")
    unsaid = True if kind == "pattern" else None
    case = _case(row["case"], where, path) if "case" in row else unsaid
    return Rule(kind, entries, label, name, match, no_match, without, modifiers, case)


def _unknown(key: str) -> str:
    near = get_close_matches(key.lower(), (*KINDS, *_FIELDS), 1)
    return f"{key!r} is unknown" + (f", {near[0]!r} is not" if near else "")


def _case(given: Any, where: str, path: Path) -> bool:
    said = str(given).lower()
    if said not in ("true", "yes", "1", "false", "no", "0"):
        raise _bad(path, f"{where}, case: expected true or false, found {given!r}")
    return said in ("true", "yes", "1")


def _filled(pattern: str, lists: Mapping[str, tuple[str, ...]], where: str, path: Path) -> str:
    """The pattern with the words of lists where ``{name}`` stands."""

    def words(found: re.Match[str]) -> str:
        if found[1] not in lists:
            known = f"; lists: {', '.join(lists)}" if lists else ""
            if pattern[: found.start()].lower().endswith(r"\p"):  # \p{L}, which other engines know
                known = rf"; \p{found[0]} is not known here, a letter is [^\W\d_]"
            raise _bad(path, f"{where}: there is no list {found[1]!r}{known}")
        return f"(?:{_any(lists[found[1]])})"

    return _LIST.sub(words, pattern)


def _strings(given: Any, what: str, path: Path) -> tuple[str, ...]:
    given = [given] if isinstance(given, str) else given
    if not isinstance(given, (list, tuple)) or not all(isinstance(each, str) for each in given):
        raise _bad(path, f"{what}: expected words (one with a colon in quotes), found {given!r}")
    texts = tuple(each.strip() for each in given)
    if "" in texts:
        raise _bad(path, f"{what}: an entry is empty")
    return texts


def _bad(path: Path, problem: str) -> InputError:
    return InputError(f"{problem}.", path=path, hint=_EXAMPLE)
