"""What rules take on a text of one long line grows with the text: counted in steps, not in seconds."""

from __future__ import annotations

from hybrid_ner.domains.medical.sources import _LONGEST_NAME, _chunk_bounds


def test_a_name_is_not_looked_for_in_a_whole_line_without_spaces() -> None:
    line = "-".join(f"X{n}" for n in range(20_000))
    at = len(line) // 2
    assert _chunk_bounds(line, at, at + 4) == (at - _LONGEST_NAME, at + 4 + _LONGEST_NAME)
    assert _chunk_bounds("a 2,4-di-methyl b", 9, 15) == (2, 15)
