"""The package keeps its layers: every file imports only what stands below it, without exceptions."""

from __future__ import annotations

import ast
import re
from functools import cache
from importlib import import_module
from pathlib import Path

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
    *("term_queue", "rows", "choosing", "answering", "listening", "showing", "session", "__init__"),
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


def test_modules_import_only_lower_layers() -> None:
    wrong = []
    for path, name in ((each, name) for each in _modules() for name in sorted(_imports(each))):
        here, parts = _layer(path), name.split(".")
        if here == "__init__":
            continue
        if parts[0] == "hybrid_ner" and len(parts) > 1 and LAYERS.index(parts[1]) > LAYERS.index(here):
            wrong.append(f"{path} imports {name}, which stands above")
        elif here not in ONLY_IN.get(parts[0], {here}):
            wrong.append(f"{path} imports {name}")
    assert not wrong, "\n".join(wrong)


def test_wings_of_review_import_one_way() -> None:
    wrong = []
    for path in sorted((PACKAGE / "review").rglob("*.py")):
        here = REVIEW.index(path.relative_to(PACKAGE / "review").parts[0].removesuffix(".py"))
        for name in sorted(_imports(path)):
            parts = name.split(".")
            if parts == ["hybrid_ner", "review"]:
                wrong.append(f"{path} imports from the face of the package that it is part of")
            elif parts[:2] == ["hybrid_ner", "review"] and REVIEW.index(parts[2]) > here:
                wrong.append(f"{path} imports {name}, which stands above")
    assert not wrong, "\n".join(wrong)


def test_no_module_is_without_a_layer() -> None:
    assert {_layer(p) for p in _modules()} - {"__init__"} <= set(LAYERS)


def test_what_benchmarks_import_is_there() -> None:
    """They are run once in a while, so a module that was moved would be missed late."""
    lacking = []
    for path in sorted((PACKAGE.parent / "benchmarks").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hybrid_ner"):
                module, names = import_module(node.module or ""), {each.name for each in node.names}
                inner = {each.stem for each in Path(module.__file__ or "").parent.iterdir()}
                lacking += [
                    f"{path.name}: {module.__name__}.{n}" for n in names - inner if not hasattr(module, n)
                ]
    assert lacking == []


def test_what_docstrings_name_is_there() -> None:
    """A reader who follows ``module.name`` to a function or class finds it, also after it was moved."""
    texts = {path: path.read_text(encoding="utf-8") for path in _modules()}
    defined: dict[str, set[Path]] = {}
    for path, text in texts.items():
        for name in re.findall(r"^(?:def|class) (\w+)", text, re.MULTILINE):
            defined.setdefault(name, set()).add(path)
    wrong = []
    for path, found in ((path, found) for path, text in texts.items() for found in _NAMED.finditer(text)):
        *modules, name = found[1].split(".")
        for folder in (each for each in path.parents if each.is_relative_to(PACKAGE) and name in defined):
            first, named = folder / modules[0], folder.joinpath(*modules)
            within = {named / "__init__.py", named.with_suffix(".py")} & defined[name]
            is_there = within or (named / name).is_dir() or (named / f"{name}.py").is_file()
            if (first.is_dir() or first.with_suffix(".py").is_file()) and not is_there:
                wrong.append(f"{path.relative_to(PACKAGE)}: {found[0]}")
    assert not wrong, "\n".join(wrong)


_NAMED = re.compile(r"``((?:[a-z_]+\.)+[A-Za-z_]+)(?:\(\))?``")
"""``choose_fusion.choose()``."""
