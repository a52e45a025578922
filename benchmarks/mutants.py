"""How many small mistakes the tests would notice: mutants of the modules where a mistake costs most.

Purpose: a test that passes says little; one that fails when the code is wrong says much. Each mutant changes
one comparison, boolean, constant or returned value of one module, in a copy of the package, and runs the
tests that mirror the module. It is *killed* when a test fails and *lives* otherwise; every one that lives is
printed with its line. A sample is drawn with a fixed seed, so that two runs compare.

Run: ``python benchmarks/mutants.py [--sample 10] [--only gold,undo] [--seed 7]``. About five seconds each on
an idle core.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
REVIEW = "tests/review"
TARGETS: dict[str, tuple[str, tuple[str, ...]]] = {
    "matching": (
        "hybrid_ner/matching/match.py",
        ("tests/matching/test_engine.py", "tests/matching/test_exact.py"),
    ),
    "offsets": (
        "hybrid_ner/review/document/spans.py",
        (f"{REVIEW}/test_edges.py", f"{REVIEW}/test_session.py"),
    ),
    "fusion": ("hybrid_ner/pipeline/fusion.py", ("tests/pipeline/test_fusion.py",)),
    "choose_fusion": ("hybrid_ner/training/choose_fusion.py", ("tests/training/test_choose_fusion.py",)),
    "undo": (
        "hybrid_ner/review/commands/undo.py",
        (f"{REVIEW}/test_undo.py", f"{REVIEW}/test_transcripts.py", f"{REVIEW}/test_session.py"),
    ),
    "fold": ("hybrid_ner/review/store/events.py", (f"{REVIEW}/test_fold.py",)),
    "gate": ("hybrid_ner/review/rounds/model_service.py", (f"{REVIEW}/test_model_service.py",)),
    "gold": (
        "hybrid_ner/review/store/gold.py",
        (f"{REVIEW}/test_gold.py", f"{REVIEW}/test_team.py", f"{REVIEW}/test_exporting.py"),
    ),
    "decisions": ("hybrid_ner/review/rounds/decisions.py", (f"{REVIEW}/test_decisions.py",)),
}
COMPARED: dict[type, type] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
TIMEOUT = 600
LOG = "last.log"
"""What the tests of the last mutant said, beside the copy."""
LIBRARIES = (
    "spacy",
    "spacy.lang.en",
    "sqlalchemy.orm",
    "alembic.command",
    "typer.testing",
)
"""What every run needs, loaded once."""


def mutants(tree: ast.Module) -> Iterator[tuple[int, str, ast.Module]]:
    """Line, what was changed, and the changed module; docstrings and annotations are left alone."""
    for index, (node, _) in enumerate(_places(tree)):
        for number in range(len(_changes(node))):
            changed = copy.deepcopy(tree)
            target, parent = list(_places(changed))[index]
            before = ast.unparse(target)
            new = _changes(target)[number]
            _replace(parent, target, new)
            yield getattr(node, "lineno", 0), f"{before[:70]}  →  {ast.unparse(new)[:70]}", changed


def _places(tree: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Every node that can be changed, with its parent."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue  # a docstring
        if isinstance(child, ast.arg | ast.Import | ast.ImportFrom):
            continue
        if isinstance(child, ast.AnnAssign | ast.FunctionDef | ast.ClassDef):
            # Without decorators and defaults: `frozen=True` protects the reader, not the result.
            parts = [child.value] if isinstance(child, ast.AnnAssign) else child.body
            for part in parts:
                if part is not None:
                    if _changes(part):
                        yield part, child
                    yield from _places(part)
            continue
        if _changes(child):
            yield child, tree
        yield from _places(child)


def _changes(node: ast.AST) -> list[ast.AST]:
    """What a node may be replaced by."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARED:
        ops: list[ast.cmpop] = [COMPARED[type(node.ops[0])](), *node.ops[1:]]
        return [ast.Compare(node.left, ops, node.comparators)]
    if isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        # And each operand left out in turn.
        return [ast.BoolOp(other, node.values), *(value for value in node.values[:2])]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return [node.operand]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        return (
            [] if isinstance(node.left, ast.JoinedStr | ast.List) else [ast.BinOp(node.left, op, node.right)]
        )
    if isinstance(node, ast.Return) and node.value is not None:
        return [ast.Return(ast.Constant(None))]
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        return [ast.Constant(not node.value)]
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        new = 0.5 if node.value == 0.9 else node.value + 1
        return [ast.Constant(new)]
    return []


def _replace(parent: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for name, value in ast.iter_fields(parent):
        if value is old:
            setattr(parent, name, new)
        elif isinstance(value, list):
            setattr(parent, name, [new if each is old else each for each in value])


def survives(copied: Path, module: str, tree: ast.Module, tests: tuple[str, ...]) -> bool:
    """Whether the tests pass with the changed module in its place."""
    path = copied / module
    original = path.read_text(encoding="utf-8")
    path.write_text(ast.unparse(ast.fix_missing_locations(tree)), encoding="utf-8")
    try:
        child = os.fork()
        if not child:
            try:
                os._exit(_test(copied, tests))
            finally:  # whatever happens, nothing of the parent is run twice
                traceback.print_exc()
                os._exit(1)
        return os.waitpid(child, 0)[1] == 0
    finally:
        path.write_text(original, encoding="utf-8")


def _test(copied: Path, tests: tuple[str, ...]) -> int:
    """Run the tests in this process, a child that has the libraries but nothing of the package yet."""
    signal.alarm(TIMEOUT)  # an endless loop is noticed
    os.chdir(copied)
    os.environ["PYTHONPATH"] = str(copied)
    sys.path.insert(0, str(copied))
    with (copied.parent / LOG).open("w") as log:
        for stream in (1, 2):
            os.dup2(log.fileno(), stream)
    options = ("-x", "-q", "-n", "0", "-p", "no:cacheprovider", "-m", "not postgres and not slow")
    code = int(pytest.main([*options, *tests]))
    sys.stdout.flush()
    return code


def copy_package(folder: Path) -> Path:
    """The package and its tests, to be changed."""
    copied = folder / "copy"
    ignore = shutil.ignore_patterns("__pycache__", ".venv", "gazetteers", ".git*")
    shutil.copytree(ROOT, copied, ignore=ignore)
    (copied / "gazetteers").symlink_to(ROOT / "gazetteers")
    return copied


def main() -> None:
    """Print one line a module, and every mutant that lives."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=10)
    parser.add_argument("--only", default=",".join(TARGETS))
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    total = killed = 0
    for name in LIBRARIES:
        import_module(name)
    with tempfile.TemporaryDirectory() as folder:
        copied = copy_package(Path(folder))
        for name in given.only.split(","):
            module, tests = TARGETS[name]
            tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
            if not survives(copied, module, tree, tests):
                print((Path(folder) / LOG).read_text(encoding="utf-8")[-3000:], file=sys.stderr)
                raise SystemExit(f"{name}: the tests fail without any change")
            found = list(mutants(tree))
            chosen = random.Random(given.seed).sample(found, min(given.sample, len(found)))
            begun, lived = time.monotonic(), []
            for line, change, mutant in chosen:
                if survives(copied, module, mutant, tests):
                    lived.append(f"    {module}:{line}: {change}")
            total, killed = total + len(chosen), killed + len(chosen) - len(lived)
            share = f"{len(chosen) - len(lived)} of {len(chosen)} killed ({len(found)} possible)"
            print(f"{name:14}{share}, {time.monotonic() - begun:.0f} s", *lived, sep="\n", flush=True)
    print(f"{killed} of {total} killed ({killed / max(1, total):.0%})")


if __name__ == "__main__":
    main()
