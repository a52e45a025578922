"""What readers share: what one is, its options, decoding, and what stands between values of a cell.

Whoever writes a reader needs nothing else but helpers for XML and tables (``streams``): it is given files and
options, and hands terms to a recorder.
"""

from __future__ import annotations

import ast
import csv
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from functools import partial
from typing import Any, NamedTuple, TypeVar, cast, get_origin, get_type_hints

from hybrid_ner.errors import Hint as Hint
from hybrid_ner.errors import InputError as InputError
from hybrid_ner.io import is_western
from hybrid_ner.terms import Term as Term
from hybrid_ner.terms.readers.files import Files as Files
from hybrid_ner.terms.readers.report import Recorder as Recorder
from hybrid_ner.terms.readers.report import give as give

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Options:
    """Base of every reader's options: none."""


class OptionHelp(NamedTuple):
    name: str
    default: str
    help: str


def option(default: T, help: str, choices: tuple[str, ...] = ()) -> T:
    """A dataclass field with its help; mappings are copied.

    Args:
        choices: The only words it takes, in any case; any word when empty.
    """
    held: Any = {"default_factory": default.copy} if isinstance(default, dict) else {"default": default}
    return cast(T, field(**held, metadata={"help": help, "choices": choices}))


def describe(kind: type[Options]) -> list[OptionHelp]:
    """Every option of a reader with its default, in order."""
    return [OptionHelp(f.name, _shown(f), f.metadata["help"]) for f in fields(kind)]


def make(kind: type[Options], given: Mapping[str, Any], reader: str) -> Options:
    """Build options from values or from text (``ENG,FRE``, ``true``, ``T047=Disease,T121=Chemical``).

    Raises:
        InputError: An option the reader lacks, or a value it cannot use.
    """
    known = get_type_hints(kind)
    choices = {f.name: f.metadata["choices"] for f in fields(kind)}
    values: dict[str, Any] = {}
    for name, value in given.items():
        key = name.replace("-", "_")
        if key not in choices:
            hint = Hint("option", "Its options: {listed}.", listed=", ".join(choices) or "none")
            raise InputError(f"{reader} has no option {name!r}.", hint=hint)
        said = _value(known[key], value, f"option {name}")
        values[key] = _chosen(said, choices[key], f"option {name}") if choices[key] else said
    return kind(**values)


def _chosen(value: Any, choices: tuple[str, ...], name: str) -> Any:
    """The word or words as the reader spells them."""
    if isinstance(value, tuple):
        return tuple(_chosen(word, choices, name) for word in value)
    for choice in choices:
        if choice.lower() == value.lower():
            return choice
    raise InputError(f"{name} takes {', '.join(choices)}, found {value!r}.", hint="Use one of them.")


_FLAGS = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}


def _value(wanted: Any, value: Any, name: str) -> Any:
    """A value of the type that the option has."""
    if wanted is bool:
        if (flag := _FLAGS.get(str(value).lower())) is None:
            raise InputError(f"{name} takes true or false, found {value!r}.", hint="Use true or false.")
        return flag
    if wanted is int:
        try:
            return int(value)
        except (TypeError, ValueError):
            hint = "Give a whole number."
            raise InputError(f"{name} takes a whole number, found {value!r}.", hint=hint) from None
    if wanted is str:
        if not isinstance(value, str):
            raise InputError(f"{name} takes text, found {value!r}.", hint="Give it as text.")
        return value
    if get_origin(wanted) is tuple:
        parts = value.split(",") if isinstance(value, str) else value
        return tuple(str(part).strip() for part in parts if str(part).strip())
    if not isinstance(value, str | Mapping):
        raise InputError(f"{name} takes KEY=VALUE pairs, found {value!r}.", hint="Give text, or a dict.")
    return mapping(value, name) if isinstance(value, str) else dict(value)


def mapping(value: str, name: str) -> dict[str, str]:
    """``A=x,B=y`` as a mapping; ``A=`` gives an empty value, ``synonyms`` said twice two lines.

    Raises:
        InputError: A part without an equals sign, or a key twice.
    """
    pairs: dict[str, str] = {}
    for part in filter(None, (p.strip() for p in value.split(","))):
        key, sign, mapped = part.partition("=")
        if not sign or not key.strip():
            hint = "Write KEY=VALUE,KEY=VALUE."
            raise InputError(f"{name} takes KEY=VALUE pairs, found {part!r}.", hint=hint)
        key, mapped = key.strip(), mapped.strip()
        if pairs.get(key, mapped) != mapped:
            if key not in REPEATED:
                said = f"{name} names {key} twice: {pairs[key]!r} and {mapped!r}."
                raise InputError(
                    said,
                    hint="Keep one of them; only synonyms, and labels with ticks, may stand in several.",
                )
            mapped = f"{pairs[key]}\n{mapped}"
        pairs[key] = mapped
    return pairs


REPEATED = ("synonyms", "label")
"""Roles that several columns may have."""


def _shown(declared: Any) -> str:
    value = declared.default if declared.default is not MISSING else declared.default_factory()
    if isinstance(value, Mapping):
        return ",".join(f"{key}={mapped}" for key, mapped in value.items())
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


_QUOTING = {
    "field larger": "a field of more than 131,072 characters, as when a quote is not closed",
    "unexpected end": "a quote is not closed",
    "new-line character": "a carriage return inside a row",
    "expected after": "text behind a closing quote",
}


@dataclass(frozen=True, slots=True)
class Reader:
    """One format.

    Args:
        name: As given to ``format=``.
        title: What it reads, for people.
        read: Gives the terms of some files, lazily; skipped and bad rows go to the recorder.
        sniff: Whether a file is of this format, by its lower-case name without a compression suffix
            and its first bytes.
        options: Dataclass of its options.
        members: Patterns of the base names that a folder or archive of this format holds.
        label_map: Own types of the source → labels, used where the user gives none.
        label: Label of every row where the user gives none.
        own_labels: Rows may carry their label, or the file name may.
        source: Name of the list where rows do not say.
        mode: Match mode where rows do not say; ``auto`` guesses.
        strict: Whether a string without a letter or digit is an error.
    """

    name: str
    title: str
    read: Callable[[Files, Any, Recorder], Iterator[Term]]
    sniff: Callable[[str, bytes], bool]
    options: type[Options] = Options
    members: tuple[str, ...] = ()
    label_map: Mapping[str, str] = field(default_factory=dict)
    label: str = ""
    own_labels: bool = False
    source: str = ""
    mode: str = "auto"
    strict: bool = False


OWN_LIST: Mapping[str, Any] = {"own_labels": True, "mode": "folded", "strict": True}
"""What holds for formats in which people bring lists of their own."""


def looks(
    *,
    named: str | tuple[str, ...] = (),
    ends: tuple[str, ...] = (),
    begins: bytes = b"",
    holds: tuple[bytes, ...] = (),
    columns: tuple[str, ...] = (),
) -> Callable[[str, bytes], bool]:
    """What sniffs a format: any of these signs will do.

    Args:
        named: How the file's name begins.
        ends: How its name ends.
        begins: How the file begins.
        holds: Marks in its first bytes.
        columns: Headings, in small letters, that a table of this format has all of.
    """

    def sniff(name: str, head: bytes) -> bool:
        by_name = name.startswith(named) or name.endswith(ends)
        marked = any(mark in head for mark in holds) or (bool(begins) and head.startswith(begins))
        return by_name or marked or (bool(columns) and {*columns} <= {*header_of(head)})

    return sniff


def header_of(head: bytes) -> list[str]:
    return delimited_header(head)[0]


def delimited_header(head: bytes) -> tuple[list[str], str]:
    """Cells of the first line, in lower case, and the delimiter: a tab where the line holds one."""
    first = head.partition(b"\n")[0].decode("utf-8", "replace").strip()
    delimiter = "\t" if "\t" in first else ";" if first.count(";") > first.count(",") else ","
    try:
        cells = next(csv.reader([first], delimiter=delimiter), [])
    except csv.Error:
        cells = []
    return [cell.strip().lower() for cell in cells], delimiter


def text_lines(
    files: Files, name: str, recorder: Recorder, *, or_cp1252: bool = False
) -> Iterator[tuple[int, str]]:
    """Numbered lines of an UTF-8 file; another line is bad, or read as Windows-1252 where that may be."""
    recorder.begin(files, name)
    for row, line in enumerate(files.lines(name), start=1):
        if (text := decode(line, row, recorder, or_cp1252=or_cp1252)) is not None:
            yield row, text


def decode(line: bytes, row: int, recorder: Recorder, *, or_cp1252: bool = True) -> str | None:
    """UTF-8, else Windows-1252 (noted once) where that may be; ``None`` for a skipped bad row."""
    problem = "neither UTF-8 nor Windows-1252" if or_cp1252 else "not valid UTF-8"
    for encoding in ("utf-8", "cp1252") if or_cp1252 else ("utf-8",):
        try:
            text = line.decode(encoding)
        except UnicodeDecodeError as error:
            found = f"byte 0x{line[error.start]:02x} at {error.start}"
            continue
        note = "some rows are not UTF-8 and were read as Windows-1252"
        if encoding == "utf-8" or is_western(text):
            recorder.report.notes += [note] * (encoding != "utf-8" and note not in recorder.report.notes)
            return text.removeprefix("\ufeff")  # of each file, where several were put together
        problem, found = "neither UTF-8 nor in a Western code page", f"{text[:40]!r}: save it as UTF-8"
    recorder.bad(problem, row, found)
    return None


def quoting_problem(error: Exception, first: int = 0, last: int = 0) -> str:
    """What is wrong with the quotes of a row, in other words than those of the module csv.

    Args:
        error: As raised by a CSV reader.
        first: Row it began to read.
        last: Row it has reached: an open quote swallows the rows between.
    """
    said = next((words for part, words in _QUOTING.items() if part in str(error)), str(error))
    return f"{said}, up to row {last}" if last > first else said


def in_language(tag: str, wanted: Collection[str]) -> bool:
    """Whether a language tag (BCP 47) is wanted; ``en`` takes ``en-GB`` and Latin, no tag any."""
    tag = "en" if tag.lower() == "la" else tag  # "res judicata", "Listeria monocytogenes"
    return not tag or not wanted or any(f"{tag}-".lower().startswith(f"{w}-".lower()) for w in wanted)


_COMMA_SPACE, _COMMA = re.compile(r",\s+"), re.compile(r"(?<!\d),|,(?!\d)")
_BAR = re.compile(r"\|(?![^()]*\))")
"""A bar between names, not that of "hyper(tension|lipidemia)"."""
_QUALIFIERS = frozenset(
    {
        *("nos", "unspecified", "acute", "chronic", "type", "other", "nec", "not", "with", "without"),
        *("revised", "modified", "abridged", "edition", "version"),
        *("subunit", "member", "polypeptide", "isoform", "homolog", "subfamily"),
    }
)
"""Words that begin what follows the comma of one name: ``Asthma, unspecified``, ``Scale, revised``."""


@dataclass(frozen=True, slots=True)
class Separators:
    """What stands between several values of a cell; a list in brackets is one whatever stands in it.

    Args:
        mark: ``|``, ``;``, `` / ``, a line break, a comma, or those of Chinese (``、``, ``；``); empty where
            cells hold one value each.
        pattern: The comma, as the column writes it (``2,4-D`` is one name); for cells without a mark.
        others: Marks of cells without ``mark``: "Levaquin / Tavanic" under "Tegretol; Timonil". They
            part what stands between ``mark`` too: "Nexium; Antra / Mups".
    """

    mark: str = "|"
    pattern: re.Pattern[str] | None = None
    others: tuple[str, ...] = ()

    def beside_bars(self, cells: Sequence[str]) -> Separators:
        """The same for a table in which bars stand between names: there a comma mostly belongs to one.

        As programs write it: "BRCA1/BRCA2-containing complex, subunit 1" beside "RNF53|BRCC1".
        """
        said = [cell for cell in cells if cell.strip()]
        commas = sum("," in cell for cell in said)
        if self.pattern is None or (commas > 1 and 2 * commas > len(said)):
            return self
        return Separators(self.mark if self.mark != "," else "|")

    @classmethod
    def judged(cls, rows: Sequence[tuple[str, str]]) -> Separators:
        """From many cells, each with the term beside it.

        A comma separates where most cells that hold one cannot be turned names (``Cancer, lung``): they have
        words that the term lacks.
        """
        for mark in ("|", ";", "\n", " / ", "；", "、"):
            if any(mark in cell for _, cell in rows):
                left = cls.judged(rest := [(term, cell) for term, cell in rows if mark not in cell])
                is_used = left.mark != "," and any(left.mark in cell for _, cell in rest)
                return cls(mark, left.pattern, (left.mark, *left.others) if is_used else ())
        with_comma = [(term, cell) for term, cell in rows if "," in cell]
        commas = sum(cell.count(",") for _, cell in with_comma)
        spaced = sum(len(_COMMA_SPACE.findall(cell)) for _, cell in with_comma)
        comma = cls(",", _COMMA_SPACE if 2 * spaced > commas else _COMMA)
        votes = [_is_list(term, comma.split(cell)) for term, cell in with_comma]
        return comma if sum(votes) * 2 > len(votes) else cls("|")

    def split(self, cell: str) -> list[str]:
        """The values of a cell."""
        if cell[:1] == "[" and cell[-1:] == "]" and (found := _bracketed(cell)) is not None:
            return found
        marks = [mark for mark in (self.mark, *self.others) if mark and mark in cell]
        if self.pattern is not None and not {*marks} - {","}:
            return outside_brackets(self.pattern, cell)
        parts = [cell]
        for mark in marks:
            cut = _BAR.split if mark == "|" else partial(outside_brackets, mark)
            parts = [each for part in parts for each in cut(part)]
        return parts


def outside_brackets(mark: str | re.Pattern[str], text: str) -> list[str]:
    """A text cut at a mark, but not within brackets: "iron(II,III) oxide", "vitamin B (B1, B6)"."""
    pattern = re.compile(re.escape(mark)) if isinstance(mark, str) else mark
    if "(" not in text and "[" not in text:
        return pattern.split(text)
    pieces, begun = [], 0
    for found in pattern.finditer(text):
        held = text[begun : found.start()]
        is_open = sum(map(held.count, "([")) > sum(map(held.count, ")]"))
        if not (is_open and _CLOSING.search(text, found.end())):
            pieces.append(held)
            begun = found.end()
    return [*pieces, text[begun:]]


_CLOSING = re.compile(r"[)\]]")


def are_names(cells: Sequence[str]) -> bool:
    """Whether a semicolon in cells of terms stands between names: "aspirin; ASA", no "Fracture; hip".

    What a turned name begins with comes again ("Fracture; wrist"), and ends in a word that narrows it.
    """
    cut = [outside_brackets(";", cell) for cell in cells if ";" in cell]
    parted = [[*map(str.strip, pieces)] for pieces in cut if len(pieces) > 1]
    heads = [pieces[0].lower() for pieces in parted]
    narrows = any(_QUALIFIERS.intersection(pieces[1].lower().split()[:1]) for pieces in parted)
    return bool(heads) and len(set(heads)) == len(heads) and not narrows


def _bracketed(cell: str) -> list[str] | None:
    """The values of a list as JSON or Python writes it."""
    for parse in (json.loads, ast.literal_eval):
        try:
            found = parse(cell)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(found, list) and all(isinstance(value, (str, int)) for value in found):
            return [str(value) for value in found]
    return None


def _is_list(term: str, pieces: Sequence[str]) -> bool:
    """Whether the pieces of a cell are several names, not one that is turned about its comma."""
    if len(pieces) < 2:
        return False
    words = [set(re.findall(r"\w+", piece.lower())) for piece in pieces]
    own, said = set(re.findall(r"\w+", term.lower())), set().union(*words)
    if len(own & said) * 2 > len(said) or words[1] & _QUALIFIERS:
        return False
    return len(pieces) > 2 or not own & said or bool(words[1] - own)
