"""CONTRIBUTING.md says only what is true: its files are written, its sessions run, its groups exist."""

from __future__ import annotations

import doctest
import re
import tomllib
from pathlib import Path

import pytest

from hybrid_ner import registry

PAGE = Path(__file__).parent.parent / "CONTRIBUTING.md"
TEXT = PAGE.read_text(encoding="utf-8")
FILES = re.findall(r"^```\w*\n# ([\w/]+\.\w+)\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def test_files_and_sessions_work_as_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(registry.PLUGINS_VARIABLE, "")
    for name, content in FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    assert len(FILES) == 8
    results = doctest.testfile(str(PAGE), module_relative=False)
    assert results.attempted > 20
    assert results.failed == 0


def test_the_entry_point_groups_are_those_of_the_registries() -> None:
    (block,) = re.findall(r"^```toml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    every = (each for each in vars(registry).values() if isinstance(each, registry.Registry))
    assert set(tomllib.loads(block)["project"]["entry-points"]) == {each.group for each in every}


def test_each_addition_is_about_ten_lines() -> None:
    for name, content in FILES:
        assert sum(1 for line in content.splitlines() if line.strip()) <= 12, name
