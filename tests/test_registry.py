"""Registries: names without imports, clear errors, and plug-in files."""

from __future__ import annotations

import os
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from hybrid_ner.errors import InputError
from hybrid_ner.registry import DOMAINS, PLUGINS_VARIABLE, SOURCES, Domain, Registry, load_plugin


@pytest.fixture(autouse=True)
def _no_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PLUGINS_VARIABLE, "")


def test_the_shipped_domains_come_through_the_same_door() -> None:
    assert {"generic", "legal", "medical"} <= set(DOMAINS.names())
    assert DOMAINS.get("legal").terms is not None
    assert all(isinstance(domain, Domain) for _, domain in DOMAINS.all())


def test_an_unknown_name_says_which_are_near_or_known() -> None:
    with pytest.raises(InputError, match=r"unknown domain 'legl'\. Did you mean legal"):
        DOMAINS.get("legl")
    with pytest.raises(InputError, match="unknown thing 'x'"):
        Registry[int]("things", "thing").get("x")


def test_a_broken_package_is_named_and_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [EntryPoint("broken", "no_such_module:x", "hybrid_ner_things")]
    things: Registry[int] = Registry("things", "thing")
    monkeypatch.setattr(things, "_points", lambda: points)
    monkeypatch.setattr("catalogue.REGISTRY", {})
    things.register("mine", 1)
    with pytest.raises(InputError, match="'broken' of no_such_module:x cannot be imported"):
        things.get("broken")
    with pytest.warns(UserWarning, match="left out: the thing 'broken'"):
        assert dict(things.all()) == {"mine": 1}


def test_two_packages_of_one_name_are_both_named(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [EntryPoint("x", f"{module}:x", "hybrid_ner_things") for module in ("one", "two")]
    things: Registry[int] = Registry("things", "thing")
    monkeypatch.setattr(things, "_points", lambda: points)
    with pytest.raises(InputError, match="one:x and two:x both bring a thing 'x'"):
        things.get("x")


def test_a_plugin_file_registers_once_and_is_handed_on(tmp_path: Path) -> None:
    file = tmp_path / "own_rules_1.py"
    file.write_text("from hybrid_ner import labeling_source\nlabeling_source('own_1')(lambda doc: [])\n")
    load_plugin(file)
    load_plugin(str(file))
    assert "own_1" in SOURCES
    assert os.environ[PLUGINS_VARIABLE] == str(file)


def test_unusable_plugin_files_are_errors(tmp_path: Path) -> None:
    broken = tmp_path / "own_rules_2.py"
    broken.write_text("1 / 0\n")
    with pytest.raises(InputError, match=r"cannot be run \(ZeroDivisionError"):
        load_plugin(broken)
    taken = tmp_path / "json.py"
    taken.write_text("")
    with pytest.raises(InputError, match="a module called 'json' exists already"):
        load_plugin(taken)
    with pytest.raises(InputError, match="expected a Python file"):
        load_plugin(tmp_path / "none.py")
