"""The pages under docs say only what is true: their sessions run as written, their links lead somewhere."""

from __future__ import annotations

import doctest
import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "docs").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_sessions_print_what_they_say(page: Path) -> None:
    results = doctest.testfile(str(page), module_relative=False)
    assert results.failed == 0
    assert results.attempted == page.read_text(encoding="utf-8").count("\n>>> ")


def test_names_of_the_table_can_be_imported() -> None:
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\|[^|]+\| (`hybrid_ner[^|]+)\|([^|]+)\|$", page, re.MULTILINE)
    assert len(rows) > 10
    for modules, names in rows:
        first, *others = re.findall(r"`([\w.]+)`", modules)
        paths = [first, *(first.rpartition(".")[0] + other for other in others)]
        known = {name for path in paths for name in vars(import_module(path))}
        assert set(re.findall(r"`(\w+)`", names)) <= known, modules


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_links_lead_to_files_of_the_repository(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_is_linked_from_the_readme(page: Path) -> None:
    assert f"docs/{page.name}" in (ROOT / "README.md").read_text(encoding="utf-8")
