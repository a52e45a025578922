"""What a reader gives and tells while it reads: terms, rows skipped and why, bad rows, parents, notes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from html import unescape
from sys import intern
from typing import TYPE_CHECKING, Any

from hybrid_ner.errors import Hint, TermError, spelled
from hybrid_ner.registry import DOMAINS
from hybrid_ner.terms import MATCH_MODES, MAX_ACRONYM, SYMBOLS, TERM_STATUSES, Term, guess_mode
from hybrid_ner.terms.lint import english_words, is_everyday
from hybrid_ner.terms.variants import words
from hybrid_ner.text import quantity

if TYPE_CHECKING:
    from hybrid_ner.terms.readers.files import Files

EXAMPLES = 3
"""Rows kept as examples for each reason."""

NOT_WANTED = "type not wanted"
"""Reason of a row whose type the label map does not name."""


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_HALF = re.compile(r"[\ud800-\udfff]")  # of a pair of UTF-16 units, which JSON may hold alone: "\ud800"
_LONGEST = 10_000
"""More characters than any name; the longest systematic names of published lists have some 2,000."""

_LEAST_SHORT = 3
"""Letters of a short form of a terminology that is looked for in any text."""
_SHARED: dict[str, Any] = {word: word for word in (*TERM_STATUSES, *MATCH_MODES)}


@dataclass(slots=True)
class Skipped:
    """How many rows were left out for one reason, and the first of them as ``(row, what)``."""

    count: int = 0
    examples: list[tuple[int, str]] = field(default_factory=list)

    def add(self, row: int, what: str | bytes) -> None:
        self.count += 1
        if len(self.examples) < EXAMPLES:
            shown = what if isinstance(what, str) else what.decode("utf-8", "replace")
            self.examples.append((row, shown[:120]))


@dataclass(slots=True)
class ReadReport:
    """What was read from one path; complete once its terms are used up.

    Args:
        skipped: Rows left out on purpose, by reason.
        bad: Rows that could not be used, by problem; only with ``skip_bad``.
        notes: Anything else the user should know.
    """

    path: str
    format: str = ""
    rows: int = 0
    terms: int = 0
    skipped: dict[str, Skipped] = field(default_factory=lambda: defaultdict(Skipped))
    bad: dict[str, Skipped] = field(default_factory=lambda: defaultdict(Skipped))
    notes: list[str] = field(default_factory=list)

    def clear(self) -> None:
        self.rows = self.terms = 0
        for counted in (self.skipped, self.bad, self.notes):
            counted.clear()

    def lines(self) -> list[str]:
        """For people: one line a fact."""
        rows = f"{quantity(self.rows, 'row')}, " if self.rows or not self.terms else ""  # who counts none
        said = [f"{self.path}: {self.format}, {rows}{quantity(self.terms, 'term')}"]
        for kind, reasons in (("skipped", self.skipped), ("bad", self.bad)):
            for reason, found in sorted(reasons.items(), key=lambda item: -item[1].count):
                examples = "; ".join(f"row {row}: {what}" for row, what in found.examples)
                said.append(f"  {kind} {found.count:,}: {reason} ({examples})")
        return said + [f"  note: {note}" for note in self.notes]

    def sentence(self, labels: Mapping[str, int]) -> str:
        """What came of a list, for somebody who sees no report: how many terms of which label, what not."""
        most = sorted(labels, key=lambda label: -labels[label])
        each = ", ".join(f"{label} {labels[label]:,}" for label in most[:_MOST_LABELS])
        each = most[0] if len(most) == 1 else f"{each}, …" if len(most) > _MOST_LABELS else each
        said = [f"{quantity(self.terms, 'term')} ({each})"]
        for reason, found in (*self.skipped.items(), *self.bad.items()):
            row, what = found.examples[0]
            said.append(f"left out {quantity(found.count, 'row')}: {reason} (row {row}: {what})")
        return "; ".join([*said, *(_OPTION.sub("", note) for note in self.notes)]) + "."

    def as_dict(self) -> dict[str, Any]:
        """For scripts."""
        counts = {"rows": self.rows, "terms": self.terms}
        left_out = {"skipped": _plain(self.skipped), "bad": _plain(self.bad)}
        return {"path": self.path, "format": self.format, **counts, **left_out, "notes": self.notes}


_MOST_LABELS = 6
_OPTION = re.compile(r" \(--[^()]*\)")
"""What a note says of the command line."""


def _plain(reasons: Mapping[str, Skipped]) -> dict[str, Any]:
    return {
        reason: {"count": found.count, "examples": [{"row": r, "what": w} for r, w in found.examples]}
        for reason, found in reasons.items()
    }


@dataclass(slots=True)
class Recorder:
    """Turns what a reader found into terms, and writes the report.

    Args:
        label: Label of every row; empty to use the source's own types.
        otherwise: Label of rows that bring none, as somebody has chosen it.
        label_map: Own type of the source → label; an empty label excludes the type.
        fallback: Label of rows that bring none.
        guessed: Whose name the fallback is taken from: ``file`` or ``sheet``; empty where it is given.
        source: Name of the list; empty to let the reader name it.
        mode: Match mode of rows that bring none; ``auto`` guesses from the string.
        skip_bad: Count bad rows instead of stopping at the first.
        strict: A string that can be no term is a bad row; else it is skipped, as published terminologies
            hold some.
        taken: File names that shipped packs have.
        file: Name of the file that is being read, as terms keep it.
        where: Its full name, for messages.
        capitals: Whether a word in capitals is another one than in small letters: "ALL" among other names.
        brackets: Whether brackets behind a name hold other names of it, or what stands behind a colon.
        labeled_by: What says the label of each row ("column 'Kind'"): one that says none there has no other.
        parents: Concept → parents, in order.
    """

    report: ReadReport
    label: str = ""
    otherwise: str = ""
    label_map: Mapping[str, str] = field(default_factory=dict)
    fallback: str = ""
    guessed: str = ""
    source: str = ""
    mode: str = "folded"
    skip_bad: bool = False
    strict: bool = True
    taken: frozenset[str] = frozenset()
    file: str = ""
    where: str = ""
    capitals: bool = False
    brackets: bool = False
    labeled_by: str = ""
    parents: dict[str, dict[str, None]] = field(default_factory=dict)

    def begin(self, files: Files, name: str) -> str:
        """From here on rows belong to this member; a file called like a shipped pack is ``./NAME``."""
        file, self.where = files.shown(name), files.where(name)
        self.file = intern(spelled(f"./{file}" if file in self.taken else file))
        return name

    def learn(self, entries: Iterable[str], others: Iterable[str] = (), capitals: bool = False) -> None:
        """How a list is written, from its first entries and the other names beside them."""
        entries = list(entries)
        self.capitals = capitals or capitals_tell([*entries, *others])
        colons = 2 * sum(": " in entry for entry in entries) > len(entries)
        self.brackets = words.brackets_tell(map(words.with_brackets, entries) if colons else entries)
        kept = [] if self.brackets else [entry for entry in entries if words.keeps_brackets(entry)]
        where = "behind a colon" if colons else "in brackets behind a name"
        note = f"what stands {where} is read as other names" if self.brackets else ""
        if len(kept) > 1:
            how = "name | other name makes names of it"
            note = f"what stands in brackets is read as part of the name, first {kept[0]!r} ({how})"
        self.report.notes += [note] * (note not in ("", *self.report.notes))

    def silent(self) -> Recorder:
        """One with the same labels, for a pass before that which is reported."""
        return replace(self, report=ReadReport(self.report.path), skip_bad=True)

    def skip(self, reason: str, row: int, what: str | bytes) -> None:
        """Count a row that is left out on purpose."""
        self.report.skipped[reason].add(row, what)

    def not_wanted(self, row: int, what: str | bytes) -> None:
        """Count a row whose type the label map does not name."""
        self.skip(NOT_WANTED, row, what)

    def bad(self, problem: str, row: int, what: str = "", hint: str = "") -> None:
        """Stop at an unusable row, or count it under its problem.

        Args:
            problem: The kind of trouble, the same words for every such row.

        Raises:
            TermError: Unless ``skip_bad``.
        """
        if not self.skip_bad:
            said = f"{problem}: {what[:200]}" if what else problem
            hint = hint or Hint("bad row", "Correct the row, or skip bad rows with --skip-bad.")
            raise TermError(said if said.endswith(".") else said + ".", path=self.where, row=row, hint=hint)
        self.report.bad[problem].add(row, what or problem)

    def parent(self, child: str, parents: Iterable[str]) -> None:
        """Remember the parents of a concept."""
        for parent in parents:
            if child and parent and child != parent:
                self.parents.setdefault(intern(child), {})[intern(parent)] = None

    def common(self) -> str:
        """Label of rows that bring none; it is noted where the name of the file says it."""
        if self.guessed and self.fallback and not self.label:
            note = f"rows that bring no label have {self.fallback!r}, after the name of the {self.guessed}"
            if note not in self.report.notes:
                self.report.notes.append(note)
        return self.label or self.fallback

    def label_of_rest(self, row: int, text: str) -> str:
        """Label of a row that says none; empty for one that is bad, since the list says it of the others."""
        if self.labeled_by and not self.label and (self.guessed or not self.fallback):
            self.bad(f"no label in {self.labeled_by}", row, repr(text), _NO_LABEL_THERE)
            return ""
        if not (label := self.common()):
            self.bad("no label", row, repr(text), _NO_LABEL)
        return label

    def label_of(self, types: Iterable[str], *, by_prefix: bool = False) -> str:
        """Label of the first type that the label map names; the common label where there is no map.

        Args:
            by_prefix: Whether types are codes, of which the longest beginning in the map counts.
        """
        if not self.label_map:
            return self.common()
        for kind in types:
            keys = [kind[:end] for end in range(len(kind), 0, -1)] if by_prefix else [kind]
            if found := next((self.label_map[key] for key in keys if key in self.label_map), ""):
                return self.label or found
        return ""

    def wanted(self, types: Iterable[str], row: int, what: str, *, by_prefix: bool = False) -> str:
        """Label as ``label_of`` gives it; empty for a row that is left out, which is counted."""
        label = self.label_of(types, by_prefix=by_prefix)
        if not label and self.label_map:
            self.not_wanted(row, what)
        elif not label:
            self.bad("no label", row, what, "Give a label for the whole file, or a label map.")
        return label

    def term(self, *given: Any, **named: Any) -> Term | None:
        """The one of ``terms``, if there is one: for readers of other packages."""
        return next(iter(self.terms(*given, **named)), None)

    def names(
        self, text: str, row: int, label: str, concept_id: str, status: str, mode: str, source: str = ""
    ) -> tuple[Term, ...]:
        """A name of a terminology, or both that one holds: "POAG - Primary open angle glaucoma".

        Two letters mean too much ("CA", "OD"): they are found where a text says what they stand for.
        """
        if " - " not in text or not (both := words.short_and_full(text)):
            return self.terms(text, row, label, concept_id, status, mode, source)
        short = "defined" if len(both[0]) < _LEAST_SHORT else "case"
        return (
            *self.terms(both[1], row, label, concept_id, status, mode, source),
            *self.terms(both[0], row, label, concept_id, "abbreviation", short, source),
        )

    def terms(
        self,
        text: str,
        row: int,
        label: str,
        concept_id: str = "",
        status: str = "synonym",
        mode: str = "",
        source: str = "",
        parent: str = "",
        rule: str = "",
    ) -> tuple[Term, ...]:
        """One term with white space tidied, or none when the row is bad and bad rows are skipped."""
        # isprintable is false for every white space but the plain one.
        if "  " in text or text[:1] == " " or text[-1:] == " " or not text.isprintable():
            text = " ".join(text.split())
            if _CONTROL.search(text):
                return self._refuse("control characters in a term", row, repr(text))
        if not (whole := text + label + concept_id).isprintable() and _HALF.search(whole):
            return self._refuse("a lone surrogate, which is no valid Unicode", row, repr(text))
        if len(text) > _LONGEST:
            return self._refuse("too long for a term", row, f"{len(text):,} characters: {text[:40]}")
        chosen: Any = _SHARED.get(mode, mode) if mode else self.mode
        if chosen == "auto":
            chosen = "folded" if len(text) > MAX_ACRONYM else guess_mode(text)
        elif len(text) == 1 and not mode:
            chosen = "case"  # vitamin "C" is not the "c" of a list
        # Millions of rows share a few labels, sources and statuses: keep each string once.
        label, concept_id, source = intern(label), intern(concept_id), intern(source or self.source)
        kind: Any = _SHARED.get(status, status)
        try:
            term = Term(text, label, concept_id, kind, source, chosen, self.file, row, parent, rule)
        except TermError as error:
            if self.strict or any(map(str.isalnum, text)):  # no label, an unknown status or mode
                self.bad("unusable term", row, error.problem, error.hint)
            else:
                self.skip("no letter or digit", row, text)
            return ()
        self.report.terms += 1
        return (term,)

    def _refuse(self, problem: str, row: int, what: str) -> tuple[()]:
        """A bad row of one's own list; published terminologies hold some, and they are skipped."""
        (self.bad if self.strict else self.skip)(problem, row, what)
        return ()


# The terms of one row or record.

EMPTY = re.compile(r"[^\w%°]*|-0-|#?n/?a\.?|#n/a|null|none|nan|\?+|\(blank\)", re.IGNORECASE)
"""What stands in a cell that holds nothing."""
OUT_OF_USE = re.compile(
    r"0|f(?:alse)?|no?|off|inactive|retired|obsolete|deprecated|superseded|deleted", re.IGNORECASE
)
"""What a column "Active" or "Status" holds of a row that is out of use; a discontinued product still is."""
_IN_USE = re.compile(
    r"0|f(?:alse)?|no?|nein|non|falsch|faux|\[\]|[☐✗✘❌]|active|current|valid", re.IGNORECASE
)
"""What a column "Deprecated" or "Withdrawn" holds of a row that is in use, if it is not empty."""


def give(
    values: Mapping[str, str], synonyms: Iterable[str], parents: Iterable[str], row: int, recorder: Recorder
) -> Iterator[Term]:
    """Terms of one record: its term, then its synonyms with the same label and concept."""
    text, labels = words.unquoted(unescaped(values.get("term", ""))), labels_of(values.get("label", ""))
    own = labels[0] if labels else ""
    text = text[: -len(own) - 3] if own and text.lower().endswith(f" ({own.lower()})") else text
    synonyms = dict.fromkeys(words.unquoted(unescaped(each)) for each in synonyms)
    gone = values.get("inactive", "").strip()
    if OUT_OF_USE.fullmatch(values.get("active", "")) or not (
        EMPTY.fullmatch(gone) or _IN_USE.fullmatch(gone)
    ):
        recorder.skip("not active", row, text)
        return
    synonyms = [each for each in synonyms if not EMPTY.fullmatch(each.strip()) and each.strip() != text]
    concept = values.get("concept_id", "")
    if coded := _CODED.fullmatch(text):
        text, concept = coded["name"], concept or coded["code"]
        _tell_first(_CODED_SAID, row, recorder)
    if not values.get("rule"):
        if "\n" in text.strip():
            _tell_first(_BREAKS, row, recorder)
        if operator_of(text):
            _tell_first(_OPERATORS, row, recorder)
        if _REGULAR.search(text):
            _tell_first(_PATTERNS, row, recorder)
        text, *also = _between_bars(text, row, recorder)
        text, synonyms, tag = _written(text, [*also, *synonyms], recorder.brackets)
        labels = labels or [words.TAG_LABELS.get(tag, re.sub(r"\W+", "_", tag))] * bool(tag)
    if recorder.label_map:
        mapped = [recorder.label_of([each]) for each in labels]
        labels = [*filter(None, mapped)] or [recorder.wanted(labels, row, f"{', '.join(labels)}: {text}")]
    else:
        labels = [recorder.label] if recorder.label else labels or [recorder.label_of_rest(row, text)]
    if not any(labels):
        return
    if synonyms and not concept:  # "Letter of Credit" → ``name:letter-of-credit``
        concept = "name:" + _NO_ID.sub("-", text.casefold()).strip("-")
    mode, source, rule = (values.get(role, "") for role in ("mode", "source", "rule"))
    origin = (values.get("parent", ""), rule) if rule else ()
    mixed = not mode and (recorder.capitals or not f"{text}{''.join(synonyms)}".isupper())
    recorder.parent(concept, (p.strip() for p in parents))
    status = values.get("status", "") or "preferred"
    for label in dict.fromkeys(labels):
        standing, made_of = status, origin
        for name in (text, *synonyms):
            own_mode = "case" if mixed and is_word_in_capitals(name.strip()) else mode
            yield from recorder.terms(name, row, label, concept, standing, own_mode, source, *made_of)
            standing, made_of = "synonym", ()


_NO_ID = re.compile(r"[^\w.+]+")
_BETWEEN_LABELS = re.compile(r"\s*[;|\n]\s*")


def labels_of(cell: str, alone: Collection[str] = ()) -> list[str]:
    """The labels that a cell holds: "Drug; Chemical"; "Drug/Chemical" where rows have one of them alone."""
    labels = [each for each in _BETWEEN_LABELS.split(cell) if not EMPTY.fullmatch(each)]
    pieces = [each.strip() for each in re.split(r"[/,+&]", cell)] if alone and len(labels) == 1 else []
    several = len(pieces) > 1 and all(pieces) and any(each in alone for each in pieces)
    return [*dict.fromkeys(pieces if several else labels)]


_NO_LABEL = Hint("label", "Give all rows one, --label Disease, or name its column: --columns label=NAME.")
_NO_LABEL_THERE = Hint(
    "label of row",
    "Write it there, leave such rows out with --skip-bad, or give all rows one label: --label Disease.",
)


def unescaped(text: str) -> str:
    """A name as HTML or Markdown show it: "Harrow &amp; Pike", "<i>E. coli</i>"; <br> is a line break."""
    text = unescape(text) if "&" in text and _ENTITY.search(text) else text
    text = words.without_marks(_BREAK.sub("\n", text)) if "<" in text or "[[" in text else text
    return words.plainly(text) if text.count("*") > 1 or text.count("_") > 1 else text


_ENTITY = re.compile(r"&(?:#?\w{2,8});")
_BREAK = re.compile(r"(?i)\s*(?:<br\s*/?>|</(?:p|li|div)>\s*(?=<|\S))\s*")


def _written(text: str, synonyms: list[str], listed: bool) -> tuple[str, list[str], str]:
    """A name without its brackets, what they say beside the synonyms, and the semantic tag of any of them.

    Args:
        listed: Whether brackets behind the name hold other names in this list.
    """
    if not any(map(words.may_be_several, (text, *synonyms))):
        return text, synonyms, ""
    names = [words.names_of(name, listed and name == text) for name in dict.fromkeys((text, *synonyms))]
    others = [name for each in names[1:] for name in (each.name, *each.others)]
    others = [name for name in dict.fromkeys([*others, *names[0].others]) if name != names[0].name]
    return names[0].name, others, next((each.tag for each in names if each.tag), "")


_BREAKS = "line breaks in names are read as spaces (put other names in a column of synonyms)"
_OPERATORS = "AND, OR, NOT and W/5 of a search are looked for as words (give each name a row, as privileg*)"
_PATTERNS = (
    "what looks like a regular expression is looked for as it is written"
    " (* stands for any letters; a rule file takes patterns: --rules)"
)
_REGULAR = re.compile(
    r"\\[bBdDsSwWAZ](?![a-z]{2})|\(\?[:i=!<]|[\w)\]]\{\d+(?:,\d*)?\}|\[[\w-]{1,12}\][?*+{]|\[([A-Za-z])(?i:\1)\](?=[a-z])"
    r"|\A\^\w|\.[*+](?=[a-z]|\Z)|[a-z]\?[a-z]|\)\?|\((?:[\w -]+\|)+[\w -]+\)|\A/[^/]+/[gimsu]*\Z"
)
"""\\bdiabet\\w+, ^fever$, colou?r, [Aa]spirin, hyper(tension|lipidemia), .*itis, /aspirin/i"""
_CODED = re.compile(r"(?P<code>[A-Za-z0-9._-]*)\^(?P<name>[^\^]*[^\W\d_][^\^]*)(?:\^[\w.-]*)*")
_CODED_SAID = "what HL7 has as CODE^NAME^SYSTEM is read as the name and its id"
"""GLU^Glucose^L"""
_OPERATOR = re.compile(r"(?<=[\s)])(?:OR|AND(?: NOT)?|NOT|(?i:w|near|pre|adj)/\d+)(?=[\s(])")
"""privileg* OR counsel, lease W/5 terminat*"""


def operator_of(text: str) -> str:
    """The first operator of a search string, if it is one: "BED AND BREAKFAST" in capitals is none."""
    found = None if text.isupper() else _OPERATOR.search(text)
    return found[0] if found else ""


def _tell_first(said: str, row: int, recorder: Recorder) -> None:
    """What is said of the first row of a kind alone."""
    if not any(note.startswith(said) for note in recorder.report.notes):
        recorder.report.notes.append(f"{said}, first row {row}")


def _between_bars(text: str, row: int, recorder: Recorder) -> list[str]:
    """The names of a cell "aspirin | ASA"; "22298006 |Gout|", where a piece is no name, is one, and told."""
    names = [each.strip() for each in text.split("|")]
    if _IN_BRACKETS.search(text):  # "hyper(tension|lipidemia)"
        return [text]
    said = "names with a bar between them are names of one thing"
    if not all(any(map(str.isalpha, each)) for each in names):
        said, names = "a bar is read as part of a name (put the name in a column by itself)", [text]
    if "|" in text:
        _tell_first(said, row, recorder)
    return names


_IN_BRACKETS = re.compile(r"\([^()|]*\|[^()]*\)")


def is_word_in_capitals(text: str) -> bool:
    """Whether a short form is also a word: "SIR" of a self-insured retention is not the "Sir" of a letter."""
    return text in SYMBOLS or (len(text) <= MAX_ACRONYM and text.isupper() and is_everyday(text.lower()))


def are_labels(values: Sequence[str]) -> bool:
    """Whether values beside names are labels: most are labels of a domain, or few come again and again."""
    if not all(value and len(value.split()) <= _SOME and value.upper() != value.lower() for value in values):
        return False
    few = len(values) > _SOME - 2 and 2 * len(set(values)) <= len(values)
    return len(values) > 1 and (few or are_known(values))


def are_known(values: Sequence[str]) -> bool:
    """Whether most are labels of a domain, in the singular or plural."""
    return 2 * sum(value.strip().lower().removesuffix("s") in _known_labels() for value in values) > len(
        values
    )


@cache
def _known_labels() -> frozenset[str]:
    """Labels of all domains, and what other schemes call them, in small letters."""
    said = {*words.TAG_LABELS.values()}
    for _, domain in DOMAINS.all():
        said.update(domain.labels, *domain.labels.values())
    return frozenset(map(str.lower, said))


def capitals_tell(names: Iterable[str]) -> bool:
    """Whether a list that holds these writes in capitals only what is written so: acronyms, symbols of genes.

    Some of its names have small letters, or all are short and hardly one is a word: not "FEVER", "RASH".
    """
    names = [name for name in names if name.upper() != name.lower()]
    shouted = [name for name in names if name.isupper()]
    if len(names) - len(shouted) > len(names) / _SOME:
        return True
    if shouted and all(len(name) <= _SIDES for name in shouted):
        return True  # "RE", "LE", "OD": not the "re:" of a letter, though words of the dictionary
    known = sum(name.lower() in english_words() for name in shouted)
    return all(len(name) <= MAX_ACRONYM + 2 for name in shouted) and 2 * known < len(shouted)


_SOME, _SIDES = 5, 2


def parents_note(levels: list[int], texts: Sequence[str]) -> list[str]:
    """What is said of a list in levels, each of whose first ones has others below: these may be no terms."""
    top = [at for at, level in enumerate(levels) if level == min(levels)]
    if len(top) < 2 or not all(levels[at + 1 : at + 2] > [levels[at]] for at in top):
        return []
    said = f"items with others below them are read as terms too, first {texts[top[0]]!r}"
    return [f"{said}: take them out if not"]
