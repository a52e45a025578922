"""Plain text lists."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers import read_gazetteer

Write = Callable[..., Path]


def test_one_term_a_line_with_rows_and_comments(write: Write) -> None:
    reading = read_gazetteer(write("Disease.txt", b"\xef\xbb\xbfflu\r\n\r\n# viral\r\n  lung   cancer \r\n"))
    found = [(t.text, t.label, t.row, t.file) for t in reading]
    assert found == [("flu", "Disease", 1, "Disease.txt"), ("lung cancer", "Disease", 4, "Disease.txt")]
    assert reading.report.skipped["comment"].examples == [(3, "# viral")]


def test_commas_are_part_of_the_term(write: Write) -> None:
    terms = list(read_gazetteer(write("x.txt", "pain, chest\n"), label="Disease"))
    assert [t.text for t in terms] == ["pain, chest"]


def test_a_line_of_punctuation_is_an_error_or_counted(write: Write) -> None:
    path = write("x.txt", "flu\n***\n")
    with pytest.raises(InputError, match=r"x\.txt, row 2: unusable term"):
        list(read_gazetteer(path, label="Disease"))
    reading = read_gazetteer(path, label="Disease", skip_bad=True)
    assert [t.text for t in reading] == ["flu"]
    assert reading.report.bad["unusable term"].count == 1


def test_a_table_in_a_text_file_is_read_as_one(write: Write) -> None:
    terms = list(read_gazetteer(write("x.txt", "term\tlabel\nflu\tDisease\n")))
    assert [(t.text, t.label) for t in terms] == [("flu", "Disease")]
    with pytest.raises(InputError, match=r"row 2: holds a tab: .*format csv"):
        list(read_gazetteer(write("y.txt", "flu\ncold\tDisease\n"), label="Disease"))


def test_no_label_at_all_is_an_error(write: Write) -> None:
    with pytest.raises(InputError, match="no label"):
        list(read_gazetteer(write("terms.txt", "flu\n")))
