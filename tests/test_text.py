"""Files that are written whole or not at all, and what their errors name; counts in words."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hybrid_ner.text import atomic_path, guarded, named_after, quantity, unguarded


def test_full_disk_names_the_file_that_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    with pytest.raises(OSError, match="No space left") as caught, atomic_path(path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert caught.value.filename == str(path)
    assert list(tmp_path.iterdir()) == []


def test_temporary_name_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("out.json")
    with pytest.raises(PermissionError) as caught, named_after(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / ".out.json.7.part"))
    assert caught.value.filename == str(path)


def test_errors_of_other_files_keep_their_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught, named_after(tmp_path / "out.json"):
        (tmp_path / "source.txt").read_text(encoding="utf-8")
    assert caught.value.filename == str(tmp_path / "source.txt")


def test_quantity_agrees_in_number() -> None:
    shown = [quantity(1, "document"), quantity(0, "document"), quantity(1200, "entry", "entries")]
    assert shown == ["1 document", "0 documents", "1,200 entries"]


@pytest.mark.parametrize(
    "cell",
    [
        '=HYPERLINK("http://x.test","a")',
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\uff1d1+1",
        "- aspirin",
    ],
)
def test_no_cell_begins_a_formula(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "aspirin", "-0.5", "+12 %", "1-2", "'tis", "x=1", "'"])
def test_other_cells_stay(cell: str) -> None:
    assert guarded(cell) == cell == unguarded(cell)


@given(st.text(alphabet="'=+-@\t\r a1.", max_size=6))
@example("'=1")
@example("''-")
@example("-5")
@example("'-5")
def test_guard_comes_off_again(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell
