"""How large the package is, how its modules hang together, and through which of them a sentence runs.

python benchmarks/house.py [--domain medical legal generic] [--text TEXT]

Prints modules and lines, how many modules of the package a module imports (anywhere in the file), how many
are imported by one other alone, and for each domain which modules hold a function that runs when the shipped
rules read a sentence that they have read before.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections import Counter
from pathlib import Path
from types import FrameType

PACKAGE = Path(__file__).resolve().parents[1] / "hybrid_ner"
TEXT = "The patient with hypertension (HTN) was given aspirin 75 mg daily, no fever."


def modules() -> dict[str, Path]:
    """Every module of the package by its name; a package by that of its ``__init__``."""
    paths = sorted(PACKAGE.rglob("*.py"))
    names = (".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in paths)
    return {name.removesuffix(".__init__"): path for name, path in zip(names, paths, strict=True)}


def imported(path: Path, known: dict[str, Path]) -> set[str]:
    """Modules of the package that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in known else node.module for name in whole.values()}
    return found & known.keys()


def structure() -> None:
    """Sizes and imports."""
    known = modules()
    imports = {name: imported(path, known) - {name} for name, path in known.items()}
    importers = Counter(name for found in imports.values() for name in found)
    lines = sum(path.read_text(encoding="utf-8").count("\n") for path in known.values())
    print(f"modules {len(known)}, lines {lines:,}")
    print(f"imports a module {sum(map(len, imports.values())) / len(known):.2f}")
    print(f"imported by one other alone {sum(count == 1 for count in importers.values())}")


def road(domain: str, text: str) -> None:
    """Modules with a function that runs, and how often a call goes from one module to another."""
    from hybrid_ner import Gazetteer, Term, gather_terms, rule_pipeline

    own = Gazetteer([Term("hypertension", "Disease"), Term("aspirin", "Chemical")])
    nlp = rule_pipeline(own if domain == "generic" else gather_terms(domain), domain)
    nlp(text)
    calls: Counter[str] = Counter()
    crossed = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal crossed
        here, before = frame.f_code.co_filename, frame.f_back.f_code.co_filename if frame.f_back else ""
        if event == "call" and here.startswith(str(PACKAGE)):
            calls[here] += 1
            crossed += before != here and before.startswith(str(PACKAGE))

    sys.setprofile(note)
    nlp(text)
    sys.setprofile(None)
    print(f"{domain}: {len(calls)} modules, {crossed} crossings")
    print("  " + ", ".join(sorted(str(Path(name).relative_to(PACKAGE)) for name in calls)))


def main() -> None:
    """Print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--domain", nargs="*", default=["medical", "legal", "generic"])
    parser.add_argument("--text", default=TEXT)
    options = parser.parse_args()
    structure()
    for domain in options.domain:
        road(domain, options.text)


if __name__ == "__main__":
    main()
