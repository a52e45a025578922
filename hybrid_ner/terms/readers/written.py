"""What people write into a line or cell of their own: several names, marks, remarks, a definition."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from hybrid_ner.terms.lint import english_words

_BRACKET = re.compile(r"(?P<name>.{2,}?)\s+(?:\((?P<round>[^()]+)\)|\[(?P<square>[^\[\]]+)\])\s*", re.DOTALL)
_AKA = re.compile(
    r"(?:abbr(?:ev(?:iation|iated)?)?\.?|also(?: known as| called)?|aka|a\.k\.a\.|also:|syn(?:onym)?s?[.:]?"
    r"|formerly|or|known as|called|brand(?: name)?s?:?|short(?: for)?:?)\s+(?=\S)",
    re.IGNORECASE,
)
"""Words in brackets that introduce another name: "(aka heart attack)"."""
_QUOTE = re.compile(r"(?:the\s+)?(?=[\"“][^\"“”]+[\"”]\Z)")
_PIECES = re.compile(r"\s*[;,|]\s+|\s*;\s*|\s+(?:or|and)\s+|\s+/\s+|(?<=[A-Z])/(?=[A-Z])")
_SHORT = re.compile(
    r"(?=[^\s]*[A-Za-z][^\s]*[A-Za-z])(?=[^\s]*[A-Z][^\s]*[A-Z0-9])[A-Za-z][A-Za-z0-9&/.+-]{1,9}"
)
SEMANTIC_TAGS = frozenset(
    """
    disorder; finding; procedure; substance; body structure; morphologic abnormality; observable entity;
    organism; medicinal product; medicinal product form; clinical drug; product; situation; event; cell;
    qualifier value; physical object; regime/therapy; specimen; cell structure; occupation; person;
    social concept; assessment scale; tumor staging; staging scale; navigational concept; environment;
    physical force; attribute; ethnic group; record artifact; racial group; life style; religion/philosophy;
    administrative concept; linkage concept; dose form; basic dose form; unit of presentation;
    geographic location; special concept; role; state of matter
    """.replace("\n    ", " ")
    .strip()
    .split("; ")
)
"""Tags behind the names of SNOMED CT; the table of somebody's own export has them too."""
TAG_LABELS = {
    "disorder": "Disease",
    "substance": "Chemical",
    "body structure": "Anatomy",
    "procedure": "Procedure",
}
"""Tag of the fully specified name → label where the user gives none."""
_LEAST = 5
"""Letters of a single word from which a bracket behind it may be left out: "Na (sodium)" stays as it is."""


@dataclass(frozen=True, slots=True)
class Names:
    """What one entry says.

    Args:
        name: The name itself.
        others: More names of the same thing.
        tag: Semantic tag behind the name, as SNOMED CT writes it: "(disorder)".
    """

    name: str
    others: tuple[str, ...] = ()
    tag: str = ""


_TWO = re.compile(r"(.{3,}?)(?:\s*[/;|=]\s*|,\s+|\s+[–—-]+\s+)(\S{2,10})")
"""Two names of one thing: "total knee arthroplasty / TKA"."""


_MARKED = re.compile(r"[(\[/;|=–]|, | -+ ")


def may_be_several(text: str) -> bool:
    """Whether an entry is worth a closer look: most hold one name and no mark."""
    return _MARKED.search(text) is not None


def names_of(text: str) -> Names:
    """The names of an entry: "atrial fibrillation (AF, AFib)", "needle holder (Mayo-Hegar)".

    Short forms and names behind "aka" in the brackets stand beside the name; a semantic tag is none of it.
    What else stands in brackets may be left out in a text where the name is clear without it.
    """
    if (two := _TWO.fullmatch(text)) and is_short_for(two[2], two[1]):
        return Names(two[1], (two[2],))
    found = _BRACKET.fullmatch(text)
    if not found or text.count("(") > 1 or text[0] in "([":
        return Names(text)
    name, inside = found["name"].strip(), (found["round"] or found["square"]).strip()
    if inside.lower() in SEMANTIC_TAGS and found["round"]:
        return Names(name, tag=inside.lower())
    aka = _AKA.match(inside) or _QUOTE.match(inside)  # "Pinecrest Pharmaceuticals, Inc. ("Pinecrest")"
    pieces = [piece.strip(" \"'“”") for piece in _PIECES.split(inside[aka.end() :] if aka else inside)]
    if all(pieces) and (aka or all(is_short_for(piece, name) for piece in pieces)):
        return Names(name, tuple(pieces))
    if is_short_for(name, inside):
        return Names(name, (inside,))  # "TSH (thyroid-stimulating hormone)"
    several = len(pieces) > 1 or inside.isupper()  # kinds: "vitamin B (B1, B6)", "factor (II)"
    return Names(text, (name,)) if _is_clear(name) and not several else Names(text)


def is_short_for(piece: str, name: str) -> bool:
    """Whether a piece in capitals begins as a word of the name does: "AFib", but "Aspirin (NSAID)"."""
    if not _SHORT.fullmatch(piece):
        return _is_clipped(piece, name)
    firsts = {word[0].lower() for word in re.findall(r"\w+", name)}
    inner = name.lower()
    if piece[0].lower() not in firsts:
        return False
    letters = [letter for letter in piece.lower() if letter.isalpha()]
    if " " not in name:  # "pneumothorax (PTX)": its letters in their order
        rest = iter(inner)
        return len(letters) > 2 and inner[0] == letters[0] and all(letter in rest for letter in letters)
    return len(firsts) > 1 and all(letter in inner for letter in letters[:3])


def _is_clipped(piece: str, name: str) -> bool:
    """Whether the words of a piece begin words of the name in their order: "lap chole"."""
    words, parts = iter(name.lower().split()), piece.lower().split()
    return len(parts) > 1 and all(
        len(part) > 1 and any(word != part and word.startswith(part.rstrip(".")) for word in words)
        for part in parts
    )


def _is_clear(name: str) -> bool:
    words = name.split()
    if len(words) > 1:
        return True
    return len(name) >= _LEAST and not name.isupper() and name.lower() not in english_words()


_REMARK = re.compile(r"(?:\s+(?:#|//)\s+(?!\d).*|\s+\t*//.*)\Z", re.DOTALL)
_COMMENT = re.compile(r"(?:#|//|;|--+(?=\s|\Z)|%%)|={3,}\s*\Z")
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
    return [name for piece in _LISTED.split(line) if (name := piece.strip(" ,;."))]


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

    __slots__ = ("begun", "bullets", "code", "definitions", "headed", "mark", "parts", "rows", "titles")

    def __init__(self, lines: Sequence[str], notes: list[str]) -> None:
        self.begun = self.bullets = False
        self.titles = _titles(lines)
        lines = [line for line in lines if line.strip() and not is_comment(line)]
        self.headed = 0 < 2 * sum(map(bool, map(_TITLED.fullmatch, lines))) < len(lines)
        lines = [line for line in lines if not self.is_heading(line)]
        self.bullets = have_bullets(lines)
        if self.bullets and not all(map(_BULLET.match, lines)):
            notes.append("the terms stand behind bullets; titles and lines with a colon are left out")
            between = lines[next(at for at, line in enumerate(lines) if _BULLET.match(line)) :]
            self.begun = any(":" not in line and not _BULLET.match(line) for line in between)
            lines = [line for line in lines if _BULLET.match(line)]
        entries = [self.entry(line) for line in lines]
        self.code = next((code for code in (_NUMBERED, _CODED) if _are_coded(entries, code)), None)
        entries = [self.coded(entry)[1] for entry in entries]
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
        """A line without its remark and bullet."""
        line = without_remark(line)
        return unquoted(without_bullet(line) if self.bullets else line)

    def coded(self, entry: str) -> tuple[str, str]:
        """The code before a term, if the list has them, and the term."""
        found = self.code.match(entry) if self.code else None
        return (found[1], entry[found.end() :]) if found else ("", entry)


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


def _is_underline(rule: str, title: str) -> bool:
    """Whether it is a rule under a title, not between two terms: as long as the title, or of equal signs."""
    return (len(rule) > 2 and set(rule) <= {"="}) or (
        len(rule) > 3 and set(rule) <= set("-~") and abs(len(rule) - len(title)) < 2
    )


def _are_coded(lines: Sequence[str], code: re.Pattern[str]) -> bool:
    """Whether codes stand before nearly all terms, and differ."""
    found = [match[1] for line in lines if (match := code.match(line))]
    return len(found) > 2 and len(found) >= _MOST * len(lines) and len(set(found)) == len(found)
