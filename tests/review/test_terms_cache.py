"""The term table in its file: the same terms, and never those of other lists."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.review.rounds import ModelSetup
from hybrid_ner.review.rounds import terms as terms_cache
from hybrid_ner.review.rounds.terms import TermTable, table_path, term_table


@pytest.fixture
def setup(tmp_path: Path) -> ModelSetup:
    (tmp_path / "terms").mkdir()
    (tmp_path / "terms" / "Drug.csv").write_text(
        "term,label,concept_id\nAspirin,Drug,M:1\nASS,Drug,M:1\nass,Animal,\nCafé,Place,M:2\n",
        encoding="utf-8",
    )
    return ModelSetup(tmp_path, "generic")


class Counter:
    """How often a table was built."""

    times = 0

    def __call__(self) -> None:
        self.times += 1


def shape(table: TermTable) -> list[object]:
    lines = [list(each) for each in (table.keys, table.letters, table.concepts)]
    return [list(table.terms), lines, table.labels, list(table.label_numbers), list(table.ambiguous)]


def test_second_opening_reads_the_file(setup: ModelSetup) -> None:
    built = Counter()
    first, second = term_table(setup, built), term_table(setup, built)
    assert built.times == 1
    assert shape(first) == shape(second) == shape(TermTable.of(setup.gazetteer().terms))
    assert list(first.ambiguous) == [0, 1, 1, 0]


@pytest.mark.parametrize("change", ["content", "new list", "setting"])
def test_table_of_other_lists_is_built_again(setup: ModelSetup, change: str) -> None:
    term_table(setup)
    lists = setup.folder / "terms"
    if change == "content":
        # The same name, size and time: only the content says that it is another list.
        path = lists / "Drug.csv"
        before = path.stat()
        path.write_text(path.read_text(encoding="utf-8").replace("Aspirin", "Aspirox"), encoding="utf-8")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    elif change == "new list":
        (lists / "Disease.txt").write_text("fever\n", encoding="utf-8")
    else:
        setup = ModelSetup(setup.folder, "generic", label="Thing")
    built = Counter()
    assert shape(term_table(setup, built)) == shape(TermTable.of(setup.gazetteer().terms))
    assert built.times == 1


def test_damaged_file_is_replaced(setup: ModelSetup) -> None:
    whole = shape(term_table(setup))
    path = table_path(setup)
    content = path.read_bytes()
    for damaged in (content[:-64], content[:-1] + b"\x07", b"", b"something else"):
        path.write_bytes(damaged)
        assert shape(term_table(setup)) == whole
        assert path.read_bytes() == content


def test_table_of_other_code_is_built_again(setup: ModelSetup, monkeypatch: pytest.MonkeyPatch) -> None:
    term_table(setup)
    monkeypatch.setattr(terms_cache, "_code", lambda: "newer")
    built = Counter()
    term_table(setup, built)
    assert built.times == 1


def test_where_nothing_can_be_written_the_table_stays_in_memory(
    setup: ModelSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*given: object) -> None:
        raise PermissionError("read-only")

    monkeypatch.setattr(TermTable, "save", refused)
    assert len(term_table(setup)) == 4
    assert not table_path(setup).exists()


def test_unusable_list_is_named(setup: ModelSetup) -> None:
    (setup.folder / "terms" / "bad.csv").write_text("term\n!!!\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"bad\.csv"):
        term_table(setup)
