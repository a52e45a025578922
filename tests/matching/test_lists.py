"""Shipped lists are compiled once, into the user's cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from hybrid_ner import matching
from hybrid_ner.matching.compiled import CompiledGazetteer
from hybrid_ner.pipeline import rule_pipeline
from hybrid_ner.terms import Gazetteer
from hybrid_ner.terms.shipped import load_shipped

DOMAIN = "legal"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(matching, "_LARGE", 1)
    return tmp_path / "hybrid_ner"


def refuse(domain: str) -> Gazetteer:
    raise AssertionError(f"the lists of {domain} are read again")


def test_lists_are_compiled_once_and_stay_the_same(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = load_shipped(DOMAIN)
    first = matching.gather_terms(DOMAIN)
    assert first == plain
    assert first.fingerprint == plain.fingerprint
    monkeypatch.setattr(matching, "load_shipped", refuse)
    again = matching.gather_terms(DOMAIN)
    assert isinstance(again, CompiledGazetteer)
    assert again == plain
    text = "The Supreme Court of India and the Securities and Exchange Commission met in Mumbai."
    docs = [rule_pipeline(terms, DOMAIN)(text) for terms in (plain, again)]
    assert docs[0].ents
    assert docs[0].to_json() == docs[1].to_json()


def test_a_damaged_or_an_older_file_is_replaced(cache: Path) -> None:
    matching.gather_terms(DOMAIN)
    (file,) = cache.iterdir()
    file.write_bytes(file.read_bytes()[:-100])
    older = cache / f"terms-{DOMAIN}-0123456789abcdef.gaz"
    older.write_bytes(b"of an earlier release")
    assert len(matching.gather_terms(DOMAIN)) == len(load_shipped(DOMAIN))
    assert list(cache.iterdir()) == [file]
    assert isinstance(matching.load_gazetteer(file), CompiledGazetteer)


def test_where_nothing_can_be_written_lists_are_read(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert type(matching.gather_terms(DOMAIN)) is Gazetteer


def test_small_lists_are_not_kept(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "_LARGE", 1_000_000)
    assert type(matching.gather_terms(DOMAIN)) is Gazetteer
    assert not cache.exists()
