"""The package keeps its layers: every file imports only what stands below it, without exceptions."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "hybrid_ner"
LAYERS = (
    "errors",
    "bounds",
    "guarded",
    "project_file",
    "text",
    "registry",
    "io",
    "terms",
    "matching",
    "corpus",
    "words",
    "sources",
    "domains",
    "pipeline",
    "training",
    "evaluation",
    "review",
    "scale",
    "ui",
    "cli",
)
"""Lowest first; a package imports itself and what stands before it."""
REVIEW = (
    *(
        "reply",
        "store",
        "queue",
        "rounds",
        "document",
        "chat",
        "commands",
        "screen",
    ),
    *("term_queue", "answering", "listening", "showing", "session", "__init__"),
)
"""The wings of ``review`` and what stands between them, in the same way."""
ONLY_IN = {
    "spacy": {*LAYERS} - {"errors", "bounds", "guarded", "io", "terms", "matching", "ui", "cli"},
    "streamlit": {"ui"},
    "typer": {"cli"},
    "sqlalchemy": {"review"},
}


def _modules() -> list[Path]:
    return sorted(p for p in PACKAGE.rglob("*.py") if "migrations" not in p.parts)


@cache
def _imports(path: Path) -> frozenset[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return frozenset(found)


def _layer(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", _modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_module_imports_only_lower_layers(path: Path) -> None:
    here = _layer(path)
    if here == "__init__":
        return
    for name in _imports(path):
        parts = name.split(".")
        if parts[0] == "hybrid_ner" and len(parts) > 1:
            assert LAYERS.index(parts[1]) <= LAYERS.index(here), f"{path} imports {name}, which stands above"
        elif parts[0] in ONLY_IN:
            assert here in ONLY_IN[parts[0]], f"{path} imports {name}"


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "review").rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_wings_of_review_import_one_way(path: Path) -> None:
    inside = path.relative_to(PACKAGE / "review").parts
    here = REVIEW.index(inside[0].removesuffix(".py"))
    for name in _imports(path):
        parts = name.split(".")
        if parts[:2] == ["hybrid_ner", "review"]:
            assert len(parts) > 2, f"{path} imports from the face of the package that it is part of"
            assert REVIEW.index(parts[2]) <= here, f"{path} imports {name}, which stands above"


def test_no_module_is_without_a_layer() -> None:
    assert {_layer(p) for p in _modules()} - {"__init__"} <= set(LAYERS)
