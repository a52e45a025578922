"""Files that are written whole or not at all, and what their errors name; counts in words."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hybrid_ner.corpus import Corpus, Document
from hybrid_ner.domains.registry import DomainSettings, build_sources
from hybrid_ner.errors import InputError, told
from hybrid_ner.io import kept_database, write_folder
from hybrid_ner.registry import DOMAINS
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.text import atomic_path, guarded, named_after, quantity, remove_left, scratch, unguarded
from hybrid_ner.text.offsets import Intervals, Touching, Window, owned, windows_of
from tests.conftest import unprivileged


def test_full_disk_names_the_file_that_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    with pytest.raises(OSError, match="No space left") as caught, atomic_path(path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert caught.value.filename == str(path)
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_fails_leaves_none_of_its_files(tmp_path: Path) -> None:
    def fail(temporary: Path) -> None:
        for end in ("", "-wal", "-shm", "-journal"):
            Path(f"{temporary}{end}").touch()
        raise sqlite3.OperationalError

    with pytest.raises(sqlite3.OperationalError), atomic_path(tmp_path / "copy.sqlite3") as temporary:
        fail(temporary)
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


@pytest.mark.parametrize("name", ["l" * 255, "é" * 127, "new\nline", "caf\udce9"])
def test_any_name_that_a_file_may_have_is_written(tmp_path: Path, name: str) -> None:
    with atomic_path(tmp_path / name) as temporary:
        temporary.write_text("x", encoding="utf-8")
    assert [each.name for each in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("there", [True, False])
def test_a_link_is_written_through(tmp_path: Path, there: bool) -> None:
    (tmp_path / "archive").mkdir()
    target, link = tmp_path / "archive" / "december.jsonl", tmp_path / "latest.jsonl"
    link.symlink_to("archive/december.jsonl")
    if there:
        target.write_text("old", encoding="utf-8")
    with atomic_path(link) as temporary:
        temporary.write_text("new", encoding="utf-8")
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8") == "new"
    assert [each.name for each in target.parent.iterdir()] == [target.name]


def test_what_a_killed_process_left_goes_when_the_same_is_written_again(tmp_path: Path) -> None:
    if not (child := os.fork()):
        os._exit(0)
    os.waitpid(child, 0)
    begun = f".gold.{child}.7.part"
    (tmp_path / f"{begun}-wal").write_bytes(b"half")
    (tmp_path / begun).mkdir()
    (tmp_path / begun / "d1.txt").write_bytes(b"half")
    earlier = tmp_path / f".gold.{os.getpid()}.9.part"  # in a container each run may have the same number
    earlier.write_bytes(b"half")
    os.utime(earlier, (0, 0))
    others = {f".gold.{os.getpid()}.0.part", f".silver.{child}.7.part"}
    for name in others:
        (tmp_path / name).write_bytes(b"alive, or of another file")
    with write_folder(tmp_path / "gold") as folder:
        (folder / "d1.txt").write_bytes(b"whole")
    assert {each.name for each in tmp_path.iterdir()} == {"gold", *others}


KILLED = """
import os, sys, time
from hybrid_ner.corpus.formats.shared import standard_input, unpacked
from pathlib import Path
for folder in (standard_input().parent, unpacked(Path(sys.argv[1]))):
    os.utime(folder, (0, 0))
    print(folder, flush=True)
time.sleep(60)
"""


def test_text_that_a_killed_process_unpacked_goes_and_that_of_a_living_one_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with zipfile.ZipFile(tmp_path / "n.zip", "w") as archive:
        archive.writestr("a.txt", "private")
    others = [tmp_path / "hybrid-ner-scratch.new", tmp_path / "other"]
    for folder in others:
        folder.mkdir()
    command, pipes = [sys.executable, "-c", KILLED, str(tmp_path / "n.zip")], {"stdin": -1, "stdout": -1}
    where = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, env=where, text=True, **pipes) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("private")
        process.stdin.close()
        made = [Path(process.stdout.readline().strip()) for _ in range(2)]
        remove_left()
        assert all(any(folder.iterdir()) for folder in made)
        process.kill()
    with scratch() as folder:
        assert {*tmp_path.iterdir()} == {*others, tmp_path / "n.zip", folder}
    assert not folder.exists()


def test_a_folder_is_made_where_a_link_leads(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (link := tmp_path / "link").symlink_to("empty")
    with write_folder(link) as folder:
        (folder / "a.txt").touch()
    assert os.readlink(link) == "empty"
    assert [path.name for path in (tmp_path / "empty").iterdir()] == ["a.txt"]


@pytest.mark.parametrize("write", [atomic_path, write_folder])
def test_a_link_that_leads_to_itself_is_refused(
    write: Callable[[Path], AbstractContextManager[Path]], tmp_path: Path
) -> None:
    (link := tmp_path / "link").symlink_to("link")
    with pytest.raises(OSError, match="Too many levels") as caught, write(link):
        pass
    assert told(caught.value).startswith(f"{link}: Too many levels of symbolic links. Choose another path")


def test_a_file_that_may_not_be_written_to_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text("kept", encoding="utf-8")
    path.chmod(0o444)
    with (
        unprivileged(tmp_path, tmp_path, path),
        pytest.raises(PermissionError) as caught,
        atomic_path(path) as temporary,
    ):
        temporary.write_text("lost", encoding="utf-8")
    assert caught.value.filename == str(path)
    assert path.read_text(encoding="utf-8") == "kept"


@pytest.mark.parametrize(
    ("said", "step"),
    [
        ("database or disk is full", "No space left on device"),
        ("disk I/O error", r"Let one command at a time write to .*, and repeat this one"),
        ("attempt to write a readonly database", "Let one command at a time write to"),
        ("file is not a database", "Remove the file: what it held is made again"),
    ],
)
def test_a_database_of_kept_things_says_what_to_do_and_throws_nothing_away(
    tmp_path: Path, said: str, step: str
) -> None:
    path = tmp_path / "kept.sqlite3"
    with pytest.raises((OSError, InputError), match=step) as caught, kept_database(path, "SELECT 1"):
        raise sqlite3.DatabaseError(said)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("inside", ["model/.saving.7/ner/model", ".training.x7/dev.spacy", ".model.7.part"])
def test_a_file_in_a_hidden_folder_of_a_model_is_the_model(tmp_path: Path, inside: str) -> None:
    path = tmp_path / "model"
    with pytest.raises(OSError, match="No space left") as caught, named_after(path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(tmp_path / inside))
    assert caught.value.filename == str(path)


@pytest.mark.parametrize("other", ["model/ner/model", "other/.hidden.txt/../x", "../.cache/x"])
def test_a_file_of_its_own_beside_a_model_keeps_its_name(tmp_path: Path, other: str) -> None:
    with pytest.raises(OSError, match="No space left") as caught, named_after(tmp_path / "model"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(tmp_path / other))
    assert caught.value.filename == str(tmp_path / other)


def test_a_hidden_place_that_was_asked_for_keeps_its_name(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError) as caught, named_after(tmp_path / ".model"):
        raise IsADirectoryError(errno.EISDIR, "Is a directory", str(tmp_path / ".model" / "x"))
    assert caught.value.filename == str(tmp_path / ".model" / "x")


def test_what_fails_while_a_folder_is_copied_is_one_error(tmp_path: Path) -> None:
    said = [(f"last/{n}", f"best/{n}", f"[Errno 28] No space left on device: 'last/{n}'") for n in "ab"]
    with pytest.raises(OSError, match="No space left") as caught, named_after(tmp_path / "model"):
        raise shutil.Error(said)
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(tmp_path / "model"))
    with pytest.raises(shutil.Error), named_after(tmp_path / "model"):
        raise shutil.Error("the same file")


def test_a_failure_is_told_on_one_line_with_the_next_step() -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "out.json")
    assert told(full).startswith("out.json: No space left on device. Free some space, or")
    assert told(OSError(errno.ENOSPC, "No space left on device")).startswith("No space left on device. Free")
    assert told(OSError("odd")) == "odd."
    assert told(InputError("a\n  b", path="x", row=2, hint="Do it.")) == "x, row 2: a b Do it."


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


MANY = Gazetteer.of((Term(f"term {n}", "A<b>" if n else "B") for n in range(5_000)), "own.csv")


def test_gazetteer_is_one_line_and_a_small_table() -> None:
    assert repr(MANY) == "<Gazetteer 'own.csv', 5,000 terms: A<b>, B>"
    assert repr(Gazetteer()) == "<Gazetteer, 0 terms>"
    table = MANY._repr_html_()
    assert "<td>A&lt;b&gt;</td><td>4,999</td><td>term 1, term 2, term 3</td>" in table
    assert len(Gazetteer.of(Term("x" * 500, f"L{n}") for n in range(99))._repr_html_()) < 4_000


@pytest.mark.parametrize("domain", sorted(DOMAINS.names()))
def test_no_source_prints_its_lists(domain: str) -> None:
    sources = build_sources(domain, MANY, DomainSettings())
    assert max(len(repr(source)) for source in sources) < 200


def test_large_objects_are_one_short_line() -> None:
    text = "word " * 10_000
    assert repr(Document("d", text)).count("50,000 characters") == 1
    shown = [Corpus.of([Document("d", text)] * 99), Document("d", text), MANY.diff(Gazetteer()), MANY.stats()]
    assert all(len(line) < 200 and "\n" not in line for line in map(repr, shown))


# Taken characters, against a comparison with every span.

SPANS = st.tuples(st.integers(0, 20), st.integers(1, 6)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(st.lists(SPANS, max_size=10), SPANS)
def test_overlap_is_that_with_any_span(spans: list[tuple[int, int]], asked: tuple[int, int]) -> None:
    start, end = asked
    assert Intervals(spans).overlap(start, end) == any(a < end and start < b for a, b in spans)


@given(st.lists(SPANS, max_size=9))
def test_only_spans_that_overlap_none_before_are_taken(spans: list[tuple[int, int]]) -> None:
    taken, ours = list[tuple[int, int]](), Intervals()
    for start, end in spans:
        free = not any(a < end and start < b for a, b in taken)
        assert ours.take(start, end) == free
        taken += [(start, end)] if free else []


@given(st.lists(SPANS, max_size=9), SPANS)
def test_touching_spans_are_those_that_overlap(spans: list[tuple[int, int]], asked: tuple[int, int]) -> None:
    windows = [Window(start, end, start, end) for start, end in sorted(spans)]
    start, end = asked
    assert Touching(windows)(start, end) == [w for w in windows if w.start < end and start < w.end]


# Windows hold every character, end at sentences, and see whole what begins in them.

WORDS = st.text(st.sampled_from("ab .\n!é\u0301。 Xyz"), max_size=400)


@given(WORDS, st.integers(2, 60), st.integers(0, 30))
def test_windows_cover_every_character_once_and_stay_in_bounds(text: str, limit: int, overlap: int) -> None:
    windows = windows_of(text, limit, overlap)
    if not text.strip():
        assert windows == []
        return
    assert windows[0].first == 0
    assert windows[-1].last == len(text)
    assert all(a.last == b.first for a, b in itertools.pairwise(windows))
    for window in windows:
        assert window.start <= window.first <= window.last <= window.end
        # A letter with its marks is the one thing that is never cut, unless they are many.
        assert window.end - window.start <= limit or "\u0301" in text


def test_a_letter_with_thousands_of_marks_is_cut_like_any_text() -> None:
    text = "e" + "\u0301" * 3_000 + " warfarin"
    assert all(window.end - window.start <= 50 for window in windows_of(text, 50, 20))


def test_a_window_ends_where_a_sentence_ends_and_reads_on_past_its_own_part() -> None:
    text = "One two three. Four five six. Seven eight nine. Ten eleven twelve. The end."
    windows = windows_of(text, 40, 20)
    assert [text[w.start : w.end] for w in windows] == [
        "One two three. Four five six. ",
        "Four five six. Seven eight nine. ",
        "Seven eight nine. Ten eleven twelve. ",
        "Ten eleven twelve. The end.",
    ]
    assert all(w.last < w.end for w in windows[:-1])


def test_long_sentences_are_cut_at_white_space() -> None:
    text = "word " * 400
    windows = windows_of(text, 100, 40)
    assert all(text[w.start : w.end].split(" ")[0] == "word" for w in windows)
    assert all(w.last + 10 <= w.end for w in windows[:-1])


def test_cost_may_be_anything() -> None:
    def tokens(texts: list[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    text = "A b c d. " * 50
    windows = windows_of(text, 10, 4, tokens)
    assert max(tokens([text[w.start : w.end] for w in windows])) <= 10
    assert windows_of("a b", 10, 4, tokens) == [Window(0, 3, 0, 3)]


def test_what_two_windows_see_is_told_once() -> None:
    windows = [Window(0, 20, 0, 15), Window(10, 40, 15, 40)]
    told = list(owned(windows, [[(1, 3), (12, 18), (16, 20)], [(12, 18), (15, 20), (19, 25)]]))
    assert told == [[True, True, False], [False, False, True]]
