"""Rows of a table that hold no term: names of the rows below them ("Antibiotics" over its drugs), remarks."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from hybrid_ner.terms.readers import headings
from hybrid_ner.terms.readers.columns import Columns
from hybrid_ner.terms.readers.headings import plain
from hybrid_ner.terms.readers.report import Recorder, are_known

CHOICES = ("auto", "skip", "terms")
"""What rows with nothing but a term may be: judged by the table, names of groups, terms."""

_PLURAL = re.compile(r".*[^\Waeiousy]s|.*(?:[aeiou]|[a-z]y)[a-z]*es", re.IGNORECASE | re.DOTALL)
_REMARK = re.compile(
    r"(?i)(?:\*|†|‡|©|n\.?b\.|notes?\b|source\b|legend\b|abbreviations?\b|quelle\b|stand\b|hinweis|prepared\b"
    r"|(?:last )?(?:updated|revised|reviewed)\b|printed\b|approved\b|version\b|page \d|end of\b"
    r"|\W*(?:continued|cont(?:inuation|['’]d)|fortsetzung|suite)\b)"
)
"""How a line under a table begins: "Source: pharmacy", "* restricted", "Last updated 3 May"."""
_WORDS = 10
"""Words from which a cell beside which nothing stands is a remark."""
_RUN = 2
"""Names of groups that may follow each other: "Anti-infectives" over "Antibiotics"."""
_MANY = 1_000
"""Rows that are looked at; where there are so many, the last of them is not the last of the table."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Which rows are names of others.

    Args:
        place: Position of the term.
        lone: Which rows that fill this cell alone are names of groups: ``every``, those in ``capitals``,
            those with a ``colon``, or none but those of ``whole``.
        remarks: Whether every term has something in two further columns, so that a lone remark is no term.
        whole: Numbers of rows that are one cell.
        label: Whether the names are labels of the rows below.
        starred: Whether a remark explains what a star behind a name means.
        blocks: Position of a column of labels in which an empty cell stands for the one above, or -1.
    """

    place: int
    lone: str
    remarks: bool = False
    whole: Collection[int] = ()
    label: bool = False
    starred: bool = False
    blocks: int = -1

    @classmethod
    def judged(
        cls,
        rows: Sequence[Sequence[str]],
        columns: Columns,
        asked: str,
        whole: Collection[int],
        recorder: Recorder,
    ) -> Groups:
        """As the first rows of a table show it; what was decided, or may be meant, is noted.

        Rows are names of groups if one stands first and none last, and further columns are empty in all of
        them and filled in all others: codes and something else, or, beside names in the plural, any. Or if
        they alone are in capitals or end in a colon.
        """
        place = columns.at["term"]
        lone = [at for at, row in enumerate(rows) if _is_lone(row, place)]
        names = [rows[at][place].strip() for at in lone]
        others = [row for row in rows if not _is_lone(row, place)]
        told = [at for at in _telling(columns) if others and all(row[at].strip() for row in others)]
        remarks = len(told) > 1
        blocks = _blocks(rows, columns, recorder)
        starred = remarks and any(name.startswith("*") for name in names)
        kept = [at for at, name in zip(lone, names, strict=True) if not (remarks and is_remark(name))]
        names = [rows[at][place].strip() for at in kept]
        if columns.parts or asked == "terms" or not (names or whole):
            left = asked != "terms"
            whole = whole if left else ()
            return cls(place, "", remarks and left, whole, starred=starred, blocks=blocks)
        if asked == "skip":
            return cls(place, "every", remarks, whole, starred=starred, blocks=blocks)
        terms = [row[place].strip() for row in others]
        sections = _are_sections(kept, len(rows), len(others))
        several = _are_plural(names, terms)
        # Terms that nobody has coded lack all codes at once: a column of another kind tells more.
        coded = [at for at in told if headings.is_coded([row[at].strip() for row in others])]
        mixed = 0 < len(coded) < len(told) and len(names) > 1 and len(others) > len(names)
        signs = (several and (len(told) > 1 or len(names) > 1)) or mixed
        sure = "every" if sections and told and signs else ""
        sure = sure or _stand_out([row[place].strip() for row in rows], kept)
        head = columns.names[place] if columns.names else place + 1
        known = "label" not in columns.at and not recorder.label and are_known(names) and len(names) > 1
        if sure:
            which = {"capitals": " in capitals", "colon": " that end in a colon"}.get(sure, "")
            note = f"rows{which} that fill no column but {head!r} are read as names of the rows below them"
            note = f"{note}, which are their labels" if known else note
            recorder.report.notes.append(f"{note} (--set groups=terms reads them as terms)")
        elif len(whole) < len(names) and sections and (told or len(names) > 1):
            note = f"rows that fill no column but {head!r} are read as terms, first {names[0]!r}"
            recorder.report.notes.append(
                f"{note}: if they name the rows below them, leave them out (--set groups=skip)"
            )
        return cls(place, sure, remarks, whole, known and bool(sure), starred, blocks)

    def reason(self, row: int, cells: Sequence[str]) -> str:
        """Why a row holds no term; empty where it may hold one."""
        if not _is_lone(cells, self.place):
            return ""
        if self.remarks and is_remark(cells[self.place]):
            return "text beside the table"
        named = self.lone == "every" or row in self.whole or self.lone == _form(cells[self.place].strip())
        return GROUP if named else ""

    def cleaned(self, cells: list[str]) -> list[str]:
        """The cells of a term without the star of a footnote behind it: "Clarithromycin*"."""
        if self.starred and len(cells) > self.place and (name := cells[self.place].rstrip("* ")):
            return [*cells[: self.place], name, *cells[self.place + 1 :]]
        return cells


GROUP = "name of a group of rows"


def _is_lone(row: Sequence[str], place: int) -> bool:
    return len(row) > place and bool(row[place].strip()) and sum(map(bool, map(str.strip, row))) == 1


def is_remark(text: str) -> bool:
    """Whether a cell with nothing beside it is no name but a remark."""
    return bool(_REMARK.match(text.strip())) or len(text.split()) >= _WORDS


def _blocks(rows: Sequence[Sequence[str]], columns: Columns, recorder: Recorder) -> int:
    """Position of labels that stand in the first row of each block alone: "Disease", "", "", "Drug", ""."""
    at = columns.at.get("label", -1)
    said = [row[at].strip() for row in rows if at >= 0 and sum(map(bool, map(str.strip, row))) > 0]
    filled = [label for label in said if label]
    if recorder.label or len(filled) < 2 or not said[0] or len({*filled}) < len(filled) or "" not in said:
        return -1
    if len(filled) * 2 > len(said) or len(said) < _BLOCK:
        return -1
    head = columns.names[at] if columns.names else at + 1
    recorder.report.notes.append(f"empty cells of column {head!r} are read as the one above them")
    return at


_BLOCK = 4
"""Rows of a table at least in which blocks can be told."""


def _telling(columns: Columns) -> list[int]:
    """Positions of columns that rarely are empty: not those of other names, and no remarks."""
    named = {columns.at[role] for role in ("term", *headings.SEVERAL) if role in columns.at}
    named |= {*columns.also, *([] if columns.given_names is None else [columns.given_names])}
    heads = columns.names or ("",) * columns.width
    return [at for at, head in enumerate(heads) if at not in named and not _FREE.search(plain(head))]


_FREE = re.compile(
    r"\b(?:notes?|comments?|remarks?|bemerkung(?:en)?|anmerkung(?:en)?|see|kommentar|definition)\b"
)


def _are_sections(lone: Sequence[int], rows: int, others: int) -> bool:
    """Whether one stands first and none last, and fewer than three follow each other."""
    if not lone or lone[0] != 0 or (lone[-1] == rows - 1 and rows < _MANY) or len(lone) > others:
        return False
    return not any({*range(at, at + _RUN + 1)} <= {*lone} for at in lone)


def _form(name: str) -> str:
    return "colon" if name.endswith(":") else "capitals" if name.isupper() and len(name) > _SHORT else "other"


_SHORT = 3
_LONG = 6
"""Letters of names in capitals on average that are no acronyms."""


def _stand_out(terms: Sequence[str], lone: Sequence[int]) -> str:
    """How names of groups are written among others, if terms never are: in capitals, with a colon."""
    for form in ("colon", "capitals"):
        named = [at for at in lone if _form(terms[at]) == form]
        others = len(terms) - len(named)
        if not named or sum(_form(term) == form for term in terms) > len(named) or len(named) > others:
            continue
        long = sum(len(terms[at]) for at in named) >= _LONG * len(named)
        if form == "colon" or (long and len(named) > 1 and _are_sections(named, len(terms), others)):
            return form
    return ""


def _are_plural(names: Sequence[str], terms: Sequence[str]) -> bool:
    several = sum(_PLURAL.fullmatch(term) is not None for term in terms)
    return all(map(_PLURAL.fullmatch, names)) and 4 * several <= len(terms)
