"""Word lists of the rules: plain text, one entry a line, with comments that say what the list is for.

::

    # heads.txt: nouns that make a disease mention together with an organ word.
    toxicity
    damage    # a comment after two spaces
"""

from __future__ import annotations

import re
from pathlib import Path

from hybrid_ner.errors import InputError

__all__ = ["alternation", "read_list", "read_mapping"]

_COMMENT = re.compile(r"(?:^|\s{2,}|\t)#.*$")


def read_list(path: Path) -> tuple[str, ...]:
    """Entries of a list in file order, without comments and blank lines.

    Raises:
        InputError: An entry occurs twice, or the list is empty.
    """
    seen: dict[str, int] = {}
    for row, entry in _entries(path):
        if entry in seen:
            raise InputError(
                f"{entry!r} stands in row {seen[entry]} already.",
                path=path,
                row=row,
                hint="Remove one of them.",
            )
        seen[entry] = row
    if not seen:
        raise InputError("the list holds no entry.", path=path, hint="Install hybrid-ner again.")
    return tuple(seen)


def read_mapping(path: Path) -> dict[str, str]:
    """Two-column list (``from = to``) as a dictionary.

    Raises:
        InputError: A row without exactly one `` = `` sign, or one key twice.
    """
    pairs: dict[str, str] = {}
    for row, entry in _entries(path):
        left, sign, right = entry.partition(" = ")
        if not sign or left in pairs:
            found = "a second row for the same key" if sign else "no ` = `"
            raise InputError(f"expected `from = to`, found {found}: {entry!r}.", path=path, row=row)
        pairs[left.strip()] = right.strip()
    return pairs


def alternation(entries: tuple[str, ...]) -> str:
    """A regular expression source that matches any entry, longest first; entries are expressions."""
    return "(?:" + "|".join(sorted(entries, key=lambda entry: (-len(entry), entry))) + ")"


def _entries(path: Path) -> list[tuple[int, str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    stripped = ((row, _COMMENT.sub("", line).strip()) for row, line in enumerate(lines, 1))
    return [(row, entry) for row, entry in stripped if entry]
