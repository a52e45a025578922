"""Patterns in a text file are those that are written there, and are read when they are asked for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import hybrid_ner
from hybrid_ner.errors import InputError
from hybrid_ner.text.patterns import Patterns

_PACKAGE = Path(hybrid_ner.__file__).parent

_ROWS = r"""# What years look like: 1999
YEAR = (?:19
    |20)\d\d
# Act of 1999
ACT ^= \bAct of <YEAR>
FOLDED = (?i)<SIDE>s?

[said]
# 5 May 1999
\d+ May <YEAR>  =>  day of <YEAR>
nothing  =>  ""
um+  =>
so\b  =>  ", so "
"""


def _patterns(folder: Path) -> Patterns:
    (folder / "acts.txt").write_text(_ROWS, encoding="utf-8")
    return Patterns(folder / "acts.py", SIDE="party")


def test_a_row_goes_on_and_takes_in_others(tmp_path: Path) -> None:
    found = _patterns(tmp_path)
    assert found.YEAR.pattern == r"(?:19|20)\d\d"
    assert found.FOLDED.fullmatch("PARTYs")
    assert found.YEAR is found.YEAR


def test_patterns_that_begin_with_words(tmp_path: Path) -> None:
    text = "Fact of 1999, Act of 2001"
    assert [m.group() for m in _patterns(tmp_path).words.ACT.finditer(text)] == ["Act of 2001"]


def test_rows_of_a_section_stand_for_something(tmp_path: Path) -> None:
    rules = _patterns(tmp_path).rules("said")
    assert [(pattern.pattern, said) for pattern, said in rules] == [
        (r"\d+ May (?:19|20)\d\d", "day of <YEAR>"),
        ("nothing", ""),
        ("um+", ""),
        (r"so\b", ", so "),
    ]
    assert isinstance(rules[0][0], re.Pattern)


def test_rules_of_a_section_rewrite_a_line_and_look_at_no_template_for_nothing(tmp_path: Path) -> None:
    """A process keeps 512 templates, fewer than the chat has: each was taken apart for every sentence."""
    assert _patterns(tmp_path).rewritten("said", "um, 5 May 1999 so nothing") == ", day of <YEAR> , so  "
    (tmp_path / "acts.txt").write_text("[said]\nfew  =>  \\9\n", encoding="utf-8")
    found = Patterns(tmp_path / "acts.py")
    assert found.rewritten("said", "many") == "many"
    with pytest.raises(re.error, match="invalid group reference"):
        found.rewritten("said", "few")


def test_nothing_is_read_before_it_is_asked_for(tmp_path: Path) -> None:
    patterns = Patterns(tmp_path / "missing.py")
    with pytest.raises(FileNotFoundError):
        _ = patterns.YEAR


def test_a_row_that_is_missing_is_named(tmp_path: Path) -> None:
    found = _patterns(tmp_path)
    with pytest.raises(AttributeError, match=r"acts\.txt has no row DAY"):
        _ = found.DAY
    with pytest.raises(AttributeError, match="YEAR"):
        _ = found.words.YEAR


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("# What is wrong\nYEAR = (?:19\n    |20\n", "acts.txt, row 2: no pattern: missing )"),
        ("YEAR = \\d{4}\nACT = Act of <YAER>\n", "acts.txt, row 2: <YAER> stands in no row above."),
        ("\n\\d{4}\n", "acts.txt, row 2: no name. Write NAME = PATTERN."),
    ],
)
def test_what_is_wrong_is_told_with_its_row(tmp_path: Path, rows: str, said: str) -> None:
    (tmp_path / "acts.txt").write_text(rows, encoding="utf-8")
    with pytest.raises(InputError) as told:
        _ = Patterns(tmp_path / "acts").YEAR
    assert said in str(told.value)


def test_every_file_of_patterns_is_read_and_all_of_it_compiles() -> None:
    files = [file for file in _PACKAGE.rglob("*.txt") if re.search(r"^[A-Z_]+ \^?= ", file.read_text(), re.M)]
    assert len(files) > 20
    for file in files:
        found = Patterns(
            file,
            **dict.fromkeys(("NAME", "HONORIFIC", "COUNTS", "NUMERALS", "TENS", "MANY"), "x"),
            ORDINALS="x",
        )
        for section in found._rows.sections:
            assert found.made(
                section, lambda row: [re.compile(part) for part in re.split("  NEAR.*?  ", row)]
            )
        for name in found._rows.words:
            assert getattr(found.words, name)


def test_rows_that_rules_name_are_there() -> None:
    """A rule of what was done names the row of what may stand behind it: nothing else reads that row."""
    found = Patterns(_PACKAGE / "review" / "commands" / "explain.py")
    named = {behind for _, behind in found.rules("done")}
    assert named
    assert all(map(found.source, named))
