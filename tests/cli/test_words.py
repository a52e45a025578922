"""``hybrid-ner words``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hybrid_ner import words
from hybrid_ner.cli import app
from hybrid_ner.cli._bootstrap import Request
from hybrid_ner.words import load_words
from tests.training.test_expand import DRUGS, PLACES, TEXTS

RUN = CliRunner()


def _text(path: Path, texts: list[str]) -> Path:
    rows = [json.dumps({"id": str(number), "text": text}) for number, text in enumerate(texts)]
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def test_build_writes_a_file_that_show_reads(tmp_path: Path) -> None:
    out = tmp_path / "own.words"
    text = _text(tmp_path / "text.jsonl", TEXTS)
    done = RUN.invoke(app, ["words", "build", str(text), "--out", str(out), "--dimensions", "10", "--json"])
    assert done.exit_code == 0, done.output
    made = json.loads(done.stdout)
    assert (made["name"], made["texts"], made["bytes"]) == ("own", len(TEXTS), out.stat().st_size)
    assert made["fingerprint"] == load_words(out).fingerprint
    shown = RUN.invoke(app, ["words", "show", DRUGS[0], "--words", str(out), "--json", "--count", "3"])
    (entry,) = json.loads(shown.stdout)
    assert entry["known"]
    assert {near for near, _ in entry["neighbours"]} <= {*DRUGS, *PLACES}


def test_show_lists_neighbours_and_classes_of_the_shipped_words() -> None:
    shown = RUN.invoke(app, ["words", "show", "Cisplatin"])
    assert shown.exit_code == 0
    assert "medical: Cisplatin, in " in shown.stdout
    assert "carboplatin" in shown.stdout
    assert "of 1000: " in shown.stdout
    assert "legal: Cisplatin, not in the vocabulary" in shown.stdout


def test_text_without_repeated_words_is_refused(tmp_path: Path) -> None:
    text = _text(tmp_path / "text.jsonl", ["one two"])
    done = RUN.invoke(app, ["words", "build", str(text), "--out", str(tmp_path / "own.words")])
    assert done.exit_code == 2
    assert "no word twice" in done.stderr
    assert not (tmp_path / "own.words").exists()


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    done = RUN.invoke(app, ["words", "show", "word", "--words", str(_text(tmp_path / "a.jsonl", TEXTS))])
    assert done.exit_code == 2
    assert "not a file of word vectors" in done.stderr


def test_words_of_a_request_reach_the_expansion() -> None:
    assert Request("generic", Path("c"), Path("o"), words="none").settings.expansion.words == "none"
    assert Request("generic", Path("c"), Path("o")).settings.expansion.words == "auto"


@pytest.mark.parametrize("out", ["folder", "file/made.words"])
def test_place_that_takes_no_file_is_told_before_the_work(
    out: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "text.txt").write_text("a word and a word", encoding="utf-8")
    monkeypatch.setattr(words, "build_words", lambda *given: pytest.fail("worked in vain"))
    result = RUN.invoke(app, ["words", "build", str(tmp_path / "text.txt"), "--out", str(tmp_path / out)])
    assert result.exit_code == 2, result.output
    assert result.stderr.splitlines()[-1].startswith(f"error: {tmp_path / out.split('/')[0]}")
