"""The pages under docs say only what is true: every block that can be run is run, in order, as written.

A block with a title is a file (```` ```yaml title="rules.yaml" ````); ``console`` blocks hold commands after
``$`` and what they print (``...`` stands for anything); ``python`` blocks with ``>>>`` are one session.
"""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import catalogue
import pytest
import yaml
from typer.testing import CliRunner

from hybrid_ner import registry
from hybrid_ner.cli import app

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "docs").rglob("*.md"))
_BLOCK = re.compile(r"^```(\w*)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _blocks(page: Path) -> Iterator[tuple[int, str, str, str]]:
    """Line, language, title and body of each block."""
    text = page.read_text(encoding="utf-8")
    for block in _BLOCK.finditer(text):
        title = re.search(r'title="([^"]+)"', block[2])
        yield text.count("\n", 0, block.start()) + 2, block[1], title[1] if title else "", block[3]


@pytest.fixture
def _own_plugins() -> Iterator[None]:
    """What a page registers ends with it; what the package itself registers when it is first used stays."""
    before = set(catalogue.REGISTRY)
    yield
    for key in set(catalogue.REGISTRY) - before:
        if key[0] == "hybrid_ner":
            del catalogue.REGISTRY[key]


@pytest.mark.usefixtures("_own_plugins")
@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_what_a_page_shows_happens(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(registry.PLUGINS_VARIABLE, "")  # a page's own plug-ins end with it
    globals_: dict[str, object] = {"__name__": "__main__"}
    for line, language, title, body in _blocks(page):
        if title:
            path = tmp_path / title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(body, encoding="utf-8")
        elif language == "console":
            _run_commands(f"{_name(page)}:{line}", body)
        elif language == "python" and ">>> " in body:
            _run_session(page, line, body, globals_)
        else:
            assert language in ("text", "toml", "json", "mermaid"), f"{_name(page)}:{line} is not run"


def _run_session(page: Path, line: int, body: str, globals_: dict[str, object]) -> None:
    test = doctest.DocTestParser().get_doctest(body, globals_, page.name, str(page), line - 1)
    said: list[str] = []
    doctest.DocTestRunner().run(test, out=said.append, clear_globs=False)
    assert not said, "".join(said)
    globals_.update(test.globs)


def _run_commands(where: str, body: str) -> None:
    for command in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        lines = command.split("\n")
        end = next(at for at, line in enumerate(lines) if not line.endswith("\\"))
        code, printed = _run("\n".join(lines[: end + 1]))
        expected = "\n".join(lines[end + 1 :]).strip("\n")
        assert code == 0, f"{where}: {lines[0]}\n{printed}"
        assert doctest.OutputChecker().check_output(expected + "\n", printed.strip("\n") + "\n", _FLAGS), (
            f"{where}: {lines[0]}\nexpected:\n{expected}\nprinted:\n{printed}"
        )


def _run(command: str) -> tuple[int, str]:
    """Exit status and standard output: in this process where no shell is needed, which saves the start."""
    line, _, file = command.replace("\\\n", " ").partition(" < ")
    program, *words = shlex.split(line)
    if program == "hybrid-ner" and not set("|>*") & set(command):
        typed = Path(file.strip()).read_text(encoding="utf-8") if file else None
        result = CliRunner().invoke(app, words, typed, catch_exceptions=False)
        return result.exit_code, result.stdout if result.exit_code == 0 else result.output
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=300,
    )
    return ran.returncode, ran.stdout + (ran.stderr if ran.returncode else "")


def test_names_of_the_table_can_be_imported() -> None:
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\|[^|]+\| (`hybrid_ner[^|]+)\|([^|]+)\|$", page, re.MULTILINE)
    assert len(rows) > 10
    for modules, names in rows:
        first, *others = re.findall(r"`([\w.]+)`", modules)
        paths = [first, *(first.rpartition(".")[0] + other for other in others)]
        found = [import_module(path) for path in paths]  # some names are loaded when they are asked for
        lacking = [n for n in re.findall(r"`(\w+)`", names) if not any(hasattr(m, n) for m in found)]
        assert not lacking, modules


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=_name)
def test_links_lead_to_files_of_the_repository(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


def _pages_of(nav: object) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    for each in nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else ():
        yield from _pages_of(each)


class _Loader(yaml.SafeLoader):
    """Python names, which mkdocs takes for extensions, are not looked up."""


_Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda loader, suffix, node: suffix)


def test_every_page_has_its_place_in_the_site() -> None:
    config = yaml.load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"), _Loader)
    assert sorted(_pages_of(config["nav"])) == sorted(str(page.relative_to(ROOT / "docs")) for page in PAGES)


@pytest.mark.slow
def test_the_site_builds_and_asks_nothing_of_other_hosts(tmp_path: Path) -> None:
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "mkdocs",
            "build",
            "--strict",
            "--quiet",
            "--site-dir",
            str(tmp_path / "site"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        timeout=300,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    pages = sorted((tmp_path / "site").rglob("*.html"))
    assert len(pages) >= len(PAGES)
    asked = re.compile(r'(?:\bsrc|<link[^>]*\bhref)="(?:https?:)?//[^"]+"')
    assert {page.name: found for page in pages if (found := asked.findall(page.read_text()))} == {}
