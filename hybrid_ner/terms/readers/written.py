"""How people write the lines and cells of a list: bullets, marks, remarks, definitions, several values."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from hybrid_ner.terms.readers.base import is_short_for
from hybrid_ner.terms.readers.report import capitals_tell

_REMARK = re.compile(r"(?:\s+(?:#|//)\s+(?!\d).*|\s+\t*//.*)\Z", re.DOTALL)
_COMMENT = re.compile(
    r"(?:#|//|;|--+(?=\s|\Z)|%%)|={3,}\s*\Z|(?:page|seite|p\.) \d+(?: ?(?:of|von|/) ?\d+)?\s*\Z",
    re.IGNORECASE,
)
_BULLET = re.compile(r"\s*(?:[-*+•·‣▪●–]|\(?\d{1,4}[.)]|\(?[a-z][.)]|\[[ xX]?\])\s+(?=\S)")
_MARKED_LINE = re.compile(r"\s*[-*+•·‣▪●–]\s+(?=\S)")
_DEFINED = re.compile(
    r"\s*(?:the\s+term\s+)?[\"“”'‘](?P<first>[^\"“”]{2,80})[\"”’'](?P<more>(?:\s*(?:,|or|and|,\s*or|,\s*and)\s*"
    r"[\"“][^\"“”]{2,80}[\"”])*)\s*(?:\([^()]*\)\s*)?,?\s*(?:(?:\w+\s+){0,3}?(?:means?|includes?|refers?|is|are"
    r"|ha(?:s|ve))\b|:|=|[–—-]\s)",
    re.IGNORECASE,
)
"""A line of the definitions of a contract: "Affiliate" means any entity that …"""
_QUOTED = re.compile(r"[\"“]([^\"“”]{2,80})[\"”]")
_MOST = 0.8


def is_comment(line: str) -> bool:
    """Whether a line of a plain list is no term but a comment or a rule of dashes."""
    return _COMMENT.match(line.lstrip()) is not None


def without_remark(line: str) -> str:
    """A line without the remark behind it: "chest pain   # incl. tightness"."""
    return _REMARK.sub("", line).rstrip()


def unquoted(line: str) -> str:
    """A line without the quotes around all of it."""
    found = _WHOLE_QUOTED.fullmatch(line.strip())
    return found[1] or found[2] if found else line


_WHOLE_QUOTED = re.compile(r"[\"“]([^\"“”]+)[\"”],?|'([^']+)',?")


def without_bullet(line: str) -> str:
    """A line without "- ", "• ", "3. " or "[x] " before it."""
    found = _BULLET.match(line)
    while found:
        line = line[found.end() :]
        found = _BULLET.match(line) if line.startswith("[") else None
    return line


def have_bullets(lines: Sequence[str]) -> bool:
    """Whether nearly all lines have one: a list of chemicals may hold "5. " or "- " in a name.

    Where headings stand between them, half of the lines suffice for a mark that begins no name.
    """
    marked = sum(_BULLET.match(line) is not None for line in lines)
    plainly = sum(_MARKED_LINE.match(line) is not None for line in lines)
    return len(lines) > 1 and (marked >= _MOST * len(lines) or 2 * plainly >= len(lines) > 4)


_BETWEEN = re.compile(r"\s+(?:[–—=-]+>?|[→⇒])\s+|:\s+|\s+:\s*")


def parted(lines: Sequence[str]) -> str:
    """What stands behind a dash, colon or sign of equality in nearly all lines, if anything.

    Returns:
        ``names`` where it is another name ("HTN - hypertension", "grippe = influenza"), ``remarks`` where it
        explains, else nothing.
    """
    cut = [_BETWEEN.split(line, maxsplit=1) for line in lines]
    cut = [parts for parts in cut if len(parts) == 2 and all(parts)]
    if len(lines) < 2 or len(cut) < _MOST * len(lines):
        return ""
    short = sum(is_short_for(one, other) or is_short_for(other, one) for one, other in cut)
    equal = sum(_EQUAL.search(line) is not None for line in lines)
    return "names" if 2 * max(short, equal) >= len(cut) else "remarks"


_EQUAL = re.compile(r" (?:=>?|->|→|⇒) ")


_LISTED = re.compile(r"\s*[,;]\s+(?:and\s+|or\s+)?")
_MOST_LISTED = 4
"""Words of a name among several in one line."""


def are_rows_of_names(lines: Sequence[str]) -> bool:
    """Whether lines hold several names each ("aspirin, ibuprofen, naproxen,"), not one that is turned.

    At least four a line on average, or three where there is one line or most begin with small letters.
    """
    rows = [[piece for piece in _LISTED.split(line) if piece.strip(" ,;.")] for line in lines]
    pieces = [piece for row in rows for piece in row]
    if not pieces or any(len(piece.split()) > _MOST_LISTED for piece in pieces):
        return False
    small = 2 * sum(piece[0].islower() for piece in pieces) > len(pieces)
    return len(pieces) >= (3 if small or len(rows) == 1 else 4) * len(rows)


def listed(line: str) -> list[str]:
    """The names of such a line."""
    return [name for piece in _LISTED.split(line) if (name := piece.strip(' ,;."“”'))]


def part(line: str) -> tuple[str, str]:
    """A line before and behind the first dash, colon or sign of equality."""
    first, *rest = _BETWEEN.split(line, maxsplit=1)
    return first.strip(), rest[0].strip() if rest else ""


def are_definitions(lines: Sequence[str]) -> bool:
    """Whether nearly all lines define a term in quotes."""
    return len(lines) > 1 and sum(_DEFINED.match(line) is not None for line in lines) >= _MOST * len(lines)


def defined(line: str) -> list[str]:
    """The terms that a line defines: "Lender" or "Lenders" means …"""
    found = _DEFINED.match(line)
    return [found["first"], *_QUOTED.findall(found["more"])] if found else []


_TITLED = re.compile(r"\s*(?:\[[^\[\]]+\]|([=*~_-])\1+\s*[^=*~_-].*?\s*\1{2,}|[^,;]{2,60}:)\s*")
"""A heading of the lines below it: "[LUNG]", "== Lung ==", "Lung:"."""
_ICD = r"[A-TV-Z]\d\d(?:\.\d{1,4})?"
_NUMBERED = re.compile(rf"({_ICD}|[A-Z]{{0,5}}[-:.]?\d[\d.:/-]*)(?:\s{{2,}}|\t\s*)(?=\S)")
_CODED = re.compile(rf"({_ICD}|\d{{5,8}}|[A-Z]{{2,5}}[-:.]\d{{3,}}|\d{{3,5}}-\d)(?: | [–—|-] )(?=[^\W\d_])")
"""A code before a term: "101  pleural effusion", "R05 Cough"."""


class Style:
    """How the lines of a list are written, as the first of them show; people are told.

    Args:
        lines: Those that hold something and are no comments.
        notes: What people are told.
    """

    __slots__ = (
        "begun",
        "bullets",
        "capitals",
        "code",
        "counts",
        "definitions",
        "headed",
        "mark",
        "parts",
        "rows",
        "titles",
    )

    def __init__(self, lines: Sequence[str], notes: list[str]) -> None:
        self.begun = self.bullets = False
        self.titles = _titles(lines)
        lines = [line for line in lines if line.strip() and not is_comment(line)]
        self.headed = 0 < 2 * sum(map(bool, map(_TITLED.fullmatch, lines))) < len(lines)
        lines = [line for line in lines if not self.is_heading(line)]
        self.counts = sum(_COUNT.search(line) is not None for line in lines) >= max(3, _MOST * len(lines))
        if self.counts:
            notes.append("numbers behind the terms are read as counts or pages")
        self.bullets = have_bullets(lines)
        if self.bullets and not all(map(_BULLET.match, lines)):
            notes.append("the terms stand behind bullets; titles and lines with a colon are left out")
            between = lines[next(at for at, line in enumerate(lines) if _BULLET.match(line)) :]
            self.begun = any(":" not in line and not _BULLET.match(line) for line in between)
            lines = [line for line in lines if _BULLET.match(line)]
        entries = [self.entry(line) for line in lines]
        self.code = next((code for code in (_NUMBERED, _CODED) if _are_coded(entries, code)), None)
        entries = [self.coded(entry)[1] for entry in entries]
        self.capitals = capitals_tell(entries)
        self.definitions = are_definitions(entries)
        self.parts = parted(entries)
        self.rows = not (self.parts or self.definitions) and are_rows_of_names(entries)
        self.mark = next((mark for mark, least in _MARKS if _are_split(entries, mark, least)), None)
        if self.mark and not self.rows:
            notes.append("several names of one thing stand in a line")
        elif self.mark:
            self.mark = None
        if self.code:
            notes.append("codes before the terms are read as their ids")
        if self.definitions:
            notes.append("the terms are what the lines define in quotes")
        elif self.parts:
            read = "another name" if self.parts == "names" else "a remark"
            notes.append(f"what stands behind a dash, = or : in a line is read as {read}")
        if self.rows:
            notes.append("lines hold several names with commas between them")
        if any(without_remark(line) != line.rstrip() for line in lines):
            notes.append("what stands behind # or // in a line is read as a remark")

    def is_heading(self, line: str) -> bool:
        """Whether a line is a heading, of which a list has fewer than terms."""
        if line.strip() in self.titles:
            return True
        if self.bullets and not self.begun:
            self.begun = _BULLET.match(line) is not None
            return not self.begun
        if self.bullets and ":" in line and not _BULLET.match(line):
            return True
        return self.headed and _TITLED.fullmatch(line) is not None

    def entry(self, line: str) -> str:
        """A line without its remark, its bullet, a comma at its end and the count or page behind dots."""
        line = without_remark(line)
        line = line.rstrip(",;") if '"' not in line else line
        line = _COUNT.sub("", line) if self.counts else line
        return unquoted(without_bullet(line) if self.bullets else line)

    def coded(self, entry: str) -> tuple[str, str]:
        """The code before a term, if the list has them, and the term."""
        found = self.code.match(entry) if self.code else None
        return (found[1], entry[found.end() :]) if found else ("", entry)


_COUNT = re.compile(r"(?:\s*\.{3,}\s*|\s+\()\d{1,6}\)?\s*\Z")
"""A page or how often: "abscess ..... 3", "asthma (4)"."""
_MARKS = ((re.compile(r"\s*\|\s*"), 0.5), (re.compile(r"\s*\t\s*"), 0.6), (re.compile(r"\s*;\s*"), 0.5))
"""What stands between names of one thing, and in what share of the lines at least."""


def _are_split(lines: Sequence[str], mark: re.Pattern[str], least: float) -> bool:
    cut = [mark.split(line.strip()) for line in lines]
    several = [pieces for pieces in cut if len(pieces) > 1]
    short = all(len(piece.split()) <= 2 * _MOST_LISTED for pieces in several for piece in pieces)
    return bool(several) and short and len(several) >= least * len(lines)


def _titles(lines: Sequence[str]) -> frozenset[str]:
    """Lines that are no terms: the heading of the only column, and titles with a rule under them."""
    found = {line.strip() for line, under in pairwise(lines) if _is_underline(under.strip(), line.strip())}
    filled = [line.strip() for line in lines if line.strip() and not is_comment(line)]
    if len(filled) > 2 and _HEADS.issuperset(part.lower() for part in _BETWEEN.split(filled[0])):
        found.add(filled[0])
    letters = [line.strip() for line, below in pairwise(lines) if _is_letter(line.strip(), below.strip())]
    found.update(letters if len(letters) > 1 else ())
    blank = [at for at, line in enumerate(lines) if not line.strip()]
    shouted = bool(filled) and filled[0].isupper() and not any(map(str.isupper, filled[1:]))
    if blank == [1] and len(filled) > 2 and (shouted or _OF_LIST.search(filled[0])):
        found.add(filled[0])  # a title, a blank line, and then the list
    return frozenset(found - {""})


_HEADS = frozenset(
    "term terms name names phrase keyword keywords entity synonym synonyms alias abbreviation meaning".split()  # noqa: SIM905
)
"""What heads the only column of a list, or the two parts of its lines: "term = synonym"."""
_OF_LIST = re.compile(
    r"\b(?:lists?|terms?|names|glossary|vocabulary|catalog(?:ue)?|register|index|version|updated|as of)\b",
    re.IGNORECASE,
)


def _is_letter(line: str, below: str) -> bool:
    """Whether a line is a letter of the alphabet over what begins with it."""
    return len(line) == 1 and line.isalpha() and below[:1].casefold() == line.casefold() and len(below) > 1


def _is_underline(rule: str, title: str) -> bool:
    """Whether it is a rule under a title, not between two terms: as long as the title, or of equal signs."""
    return (len(rule) > 2 and set(rule) <= {"="}) or (
        len(rule) > 3 and set(rule) <= set("-~") and abs(len(rule) - len(title)) < 2
    )


def _are_coded(lines: Sequence[str], code: re.Pattern[str]) -> bool:
    """Whether codes stand before nearly all terms, and differ."""
    found = [match[1] for line in lines if (match := code.match(line))]
    return len(found) > 2 and len(found) >= _MOST * len(lines) and len(set(found)) == len(found)


# What stands between the values of a cell.

_COMMA_SPACE, _COMMA = re.compile(r",\s+"), re.compile(r"(?<!\d),|,(?!\d)")
_QUALIFIERS = frozenset(
    {"nos", "unspecified", "acute", "chronic", "type", "other", "nec", "not", "with", "without"}
)
"""Words that begin what follows the comma of one turned name: ``Asthma, unspecified``."""


@dataclass(frozen=True, slots=True)
class Separators:
    """What stands between several values of a cell; a list in brackets is one whatever stands in it.

    Args:
        mark: ``|``, ``;``, `` / ``, a line break or a comma; empty where cells hold one value each.
        pattern: The comma, as the column writes it: ``2,4-D`` is one name. Beside another mark it holds for
            the cells without that mark.
    """

    mark: str = "|"
    pattern: re.Pattern[str] | None = None

    @classmethod
    def judged(cls, rows: Sequence[tuple[str, str]]) -> Separators:
        """From many cells, each with the term beside it.

        A comma separates where most cells that hold one cannot be turned names (``Cancer, lung``): they have
        words that the term lacks.
        """
        for mark in ("|", ";", "\n", " / "):
            if any(mark in cell for _, cell in rows):
                others = cls.judged([(term, cell) for term, cell in rows if mark not in cell])
                return cls(mark, others.pattern if others.mark == "," else None)
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
        if self.pattern is None or (self.mark != "," and self.mark in cell):
            return cell.split(self.mark) if self.mark else [cell]
        values: list[str] = []
        for piece in self.pattern.split(cell):
            # A comma inside brackets separates nothing: "iron(II,III) oxide", "vitamin B (B1, B6)".
            if values and sum(map(values[-1].count, "([")) > sum(map(values[-1].count, ")]")):
                values[-1] += f", {piece}"
            else:
                values.append(piece)
        return values


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
