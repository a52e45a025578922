"""The package keeps its layers: a module imports only what stands below it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "hybrid_ner"
LAYERS = (
    ("errors", "text", "resources"),
    ("corpus",),
    ("terms",),
    ("matching",),
    ("labels", "samples", "words"),
    ("weak", "pipeline"),
    ("training",),
    ("evaluation",),
    ("review",),
    ("scale",),
    ("cli", "ui"),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
ONLY_IN = {"spacy": {"weak", "pipeline", "training", "evaluation", "review", "corpus", "cli", "ui", "scale"}}
HEAVY_ONLY_IN = {"streamlit": {"ui"}, "typer": {"cli"}, "sqlalchemy": {"review"}}
# Reaches up on purpose: terms know how they are folded, corpora how spaCy keeps them.
ALLOWED = {
    ("terms", "matching"): "search, lint and match fold terms as the matcher does",
    ("corpus", "pipeline"): "formats that need token boundaries use the one tokenizer",
    ("corpus", "matching"): "shared mention surfaces are compared folded",
    ("labels", "corpus"): "labels are mapped on documents",
}


def _modules() -> list[Path]:
    return sorted(p for p in PACKAGE.rglob("*.py") if "migrations" not in p.parts)


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


def _layer(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", _modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_module_imports_only_lower_layers(path: Path) -> None:
    here = _layer(path)
    if here == "__init__":
        return
    for name in _imports(path):
        parts = name.split(".")
        if parts[0] == "hybrid_ner" and len(parts) > 1 and parts[1] != here:
            allowed = LEVEL[parts[1]] <= LEVEL[here] or (here, parts[1]) in ALLOWED
            assert allowed, f"{path.name} imports {name}, which stands above {here}"


@pytest.mark.parametrize("path", _modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_module_imports_libraries_of_its_layer(path: Path) -> None:
    here = _layer(path)
    for name in _imports(path):
        top = name.split(".")[0]
        where = ONLY_IN.get(top) or HEAVY_ONLY_IN.get(top)
        assert where is None or here in where, f"{path} imports {top}"


def test_no_module_is_without_a_layer() -> None:
    assert {_layer(p) for p in _modules()} - {"__init__"} <= set(LEVEL)
