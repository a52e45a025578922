"""Where tables begin: titles above them, units below their headings, several beside each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hybrid_ner.terms.readers import headings


def rows_above(rows: Sequence[Sequence[str]]) -> int:
    """How many rows stand above the headings: a title with nothing beside it, headings merged over others.

    "Implant register", then "Device, , Manufacturer, " over "Name, Model, Company, Country".
    """
    filled_in = [sum(map(bool, map(str.strip, row))) for row in rows]
    for at in range(1, min(_MOST_ABOVE, len(rows) - 1)):
        # "Done by: K. Amsel; 12.03.2024" and blank rows stand above headings that fill more cells.
        more = filled_in[at] > max(1 + (at < 3), *filled_in[:at])
        if more and not any(map(names_term, rows[:at])) and are_headings(rows[at], rows[at + 1 :]):
            return at
    count = 0
    while len(rows) > count + 2:
        first, second, third = ([cell.strip() for cell in row] for row in rows[count : count + 3])
        filled = sum(map(bool, first))
        below = [row for row in rows[count + 2 :] if sum(map(bool, map(str.strip, row))) > 1]
        # A name of a group under the headings.
        named = below and sum(map(bool, third)) < 2 and are_headings(second, below)
        third = [*below[0]] if named else third
        title = filled <= 1 < min(sum(map(bool, second)), sum(map(bool, third)))
        # "Term, , Code, " over "Preferred, Alternative, ICD, Local": both rows name the term.
        merged = 0 < filled < sum(map(bool, second)) and all(second) and names_term(second)
        if not (title or merged):
            break
        count += 1
    return count


_MOST_ABOVE = 12
"""Rows above the headings of a table at most: a title, who made it, when."""


def are_headings(cells: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    return names_term(cells) or "term" in headings.told_by_rows(cells, {}, below)[0]


def names_term(cells: Sequence[str]) -> bool:
    return "term" in headings.alike(cells, headings.usual(cells))[0]


def are_units(cells: Sequence[str]) -> bool:
    """Whether all that a row holds stands in brackets: "(text), (code), (mg)"."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    return len(filled) > 1 and all(re.fullmatch(r"\([^()]*\)|\[[^][]*\]", cell) for cell in filled)


# Tables that stand beside each other under the same headings: "Name, Type, , Name, Type".


def beside(first: Sequence[str]) -> list[tuple[int, int]]:
    """Where each of several tables with the same headings begins and ends; empty for one table."""
    cells = [*map(headings.plain, first)]
    starts = [at for at, cell in enumerate(cells) if cell and cell == next(filter(None, cells))]
    ends = [*starts[1:], len(cells)]
    blocks = [[*map(str.strip, cells[start:end])] for start, end in zip(starts, ends, strict=True)]
    while blocks and len({*map(len, blocks)}) > 1 and any(not block[-1] for block in blocks):
        blocks = [block[:-1] if not block[-1] else block for block in blocks]
    same = len(blocks) > 1 and all(block == blocks[0] for block in blocks) and "" not in blocks[0][:1]
    return [(start, start + len(blocks[0])) for start in starts] if same else []


def stacked(
    rows: Iterator[tuple[int, list[str]]], blocks: Sequence[tuple[int, int]], labels: Sequence[str] = ()
) -> Iterator[tuple[int, list[str]]]:
    """The rows of tables that stand beside each other as those of one, the headings once.

    Args:
        labels: What stands above each table, for a last column of labels; none where nothing does.
    """
    for number, (row, cells) in enumerate(rows):
        cells = cells + [""] * (blocks[-1][1] - len(cells))
        more = ["label"] * len(blocks) if labels and number == 0 else labels
        for at, (start, end) in enumerate(blocks[: 1 if number == 0 else None]):
            if any(map(str.strip, piece := cells[start:end])):
                yield row, [*piece, *more[at : at + 1]]
