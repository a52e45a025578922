"""Word lists with comments."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid_ner.errors import InputError
from hybrid_ner.io import read_list, read_mapping, shipped
from hybrid_ner.text.patterns import alternation

RULES = shipped("gazetteers", "medical", "rules")


def write(folder: Path, text: str) -> Path:
    path = folder / "list.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_comments_and_blank_lines_are_left_out(tmp_path: Path) -> None:
    path = write(tmp_path, "# what for\n\ndamage\nC# sharp\nfailure  # a note\n")
    assert read_list(path) == ("damage", "C# sharp", "failure")


def test_an_entry_given_twice_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"list.txt, row 3: 'a' stands in row 1 already"):
        read_list(write(tmp_path, "a\nb\na\n"))


def test_an_empty_list_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no entry"):
        read_list(write(tmp_path, "# only a comment\n"))


def test_a_mapping(tmp_path: Path) -> None:
    assert read_mapping(write(tmp_path, "# british = american\nhaem = hem\n")) == {"haem": "hem"}
    with pytest.raises(InputError, match="row 1: expected `from = to`"):
        read_mapping(write(tmp_path, "haem hem\n"))


def test_the_longest_alternative_comes_first() -> None:
    assert re.match(alternation(("a", "ab")), "ab").group() == "ab"  # type: ignore[union-attr]


_ENTRIES = (
    "a",
    "ab?",
    "Ab",
    "aB",
    "a?b",
    "a|bc",
    "(?:a|b)b",
    "b",
    "b+a",
    "bab",
    r"\ba",
    "a[bB]",
    "aa",
    "B1",
    "1b",
)


@given(st.lists(st.sampled_from(_ENTRIES)), st.text("abAB1 ", max_size=6), st.sampled_from([0, re.I]))
def test_entries_that_share_a_letter_match_as_before(entries: list[str], text: str, flags: int) -> None:
    plain = "|".join(sorted(entries, key=lambda entry: (-len(entry), entry)))
    found = re.finditer(alternation(entries), text, flags)
    assert [m.span() for m in found] == [m.span() for m in re.finditer(f"(?:{plain})", text, flags)]


@pytest.mark.parametrize("name", sorted(path.name for path in RULES.glob("*.txt")))
def test_every_shipped_list_says_what_it_is_for(name: str) -> None:
    path = RULES / name
    first, *rows = path.read_text(encoding="utf-8").splitlines()
    assert first.startswith("# ")
    assert [row for row in rows if row and not row.startswith("# ")]
