"""One term of a gazetteer, and its match mode where the source states none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from hybrid_ner.errors import TermError

TermStatus = Literal["preferred", "synonym", "abbreviation", "brand", "variant"]
MatchMode = Literal["folded", "case", "defined"]

TERM_STATUSES: tuple[str, ...] = get_args(TermStatus)
MATCH_MODES: tuple[str, ...] = get_args(MatchMode)


@dataclass(frozen=True, slots=True)
class Term:
    """A string that names a concept.

    Args:
        text: The string as its source writes it; must hold a letter or a digit.
        label: Entity label, for example ``Disease``.
        concept_id: CURIE such as ``MESH:D009203``; empty when the source has none.
        status: How the string relates to its concept.
        source: Name of the list it comes from.
        mode: ``folded`` ignores case and typography, ``case`` wants the exact letters,
            ``defined`` matches only where the document itself defines the string
            (gene symbols and other ambiguous acronyms).
        file: File the row was read from.
        row: One-based row in that file, 0 when unknown.
        parent: For a generated variant, the text of the term it was derived from.
        rule: For a generated variant, the rule that made it.

    Raises:
        TermError: Empty or punctuation-only text, empty label, unknown status or mode.
    """

    text: str
    label: str
    concept_id: str = ""
    status: TermStatus = "preferred"
    source: str = ""
    mode: MatchMode = "folded"
    file: str = ""
    row: int = 0
    parent: str = ""
    rule: str = ""

    def __post_init__(self) -> None:
        if not (self.text[:1].isalnum() or any(map(str.isalnum, self.text))):
            raise self._error(f"term {self.text!r} holds no letter or digit.", "Remove or correct the row.")
        if not self.label:
            raise self._error(f"term {self.text!r} has no label.", "Give the row or the whole file a label.")
        if self.status not in TERM_STATUSES:
            raise self._error(f"unknown status {self.status!r}.", f"Use one of {', '.join(TERM_STATUSES)}.")
        if self.mode not in MATCH_MODES:
            raise self._error(f"unknown match mode {self.mode!r}.", f"Use one of {', '.join(MATCH_MODES)}.")

    @property
    def case_sensitive(self) -> bool:
        """Whether a match must have the term's exact letters."""
        return self.mode != "folded"

    def _error(self, problem: str, hint: str) -> TermError:
        return TermError(problem, path=self.file or None, row=self.row or None, hint=hint)


MAX_ACRONYM = 6
"""Longest single token, in characters, that counts as an acronym."""


def guess_mode(text: str) -> MatchMode:
    """``case`` for a short single token with two or more capitals (``ALS``, ``mRNAs``), else ``folded``.

    Read in any case, such acronyms are ordinary words far too often ("all", "aids", "was").
    """
    if len(text) > MAX_ACRONYM or " " in text or text.islower():
        return "folded"
    return "case" if sum(map(str.isupper, text)) > 1 else "folded"
