"""What a release is made of: pinned versions, and every component with its version and licence.

Purpose: ``requirements.lock`` lets a release be installed again exactly as it was tested;
``docs/components.md`` says what is in it and under which licence. Both are read from a clean environment into
which nothing but this package was installed, so that what lies about on a developer's machine is in neither.

Run: ``python benchmarks/maintain_release.py`` makes that environment (minutes, and packages from the index
that pip is set to); ``--python PATH`` names the Python of one that is there. ``--check`` writes nothing and
fails when the files name other components than pyproject.toml asks for.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterable, Iterator
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
LOCK, COMPONENTS = ROOT / "requirements.lock", ROOT / "docs" / "components.md"
EXTRAS = ("all",)
OWN = "hybrid-ner"
TOOLS = {"pip", "setuptools", "wheel", OWN}
READ = """
import json
from importlib import metadata
found = {}
for each in metadata.distributions():
    meta = each.metadata
    named = [c.split(" :: ")[-1] for c in meta.get_all("Classifier", []) if c.startswith("License :: ")]
    lines = (meta.get("License") or "").strip().splitlines()
    said = meta.get("License-Expression") or (lines[0] if lines and len(lines[0]) <= 80 else "")
    files = [str(f) for f in each.files or () if "licen" in f.name.lower() or "copying" in f.name.lower()]
    found[meta["Name"]] = {
        "version": each.version, "licence": said, "named": sorted(set(named)), "files": len(files),
        "about": (meta.get("Summary") or "").strip(),
    }
print(json.dumps(found))
"""


def clean_environment(folder: Path) -> Path:
    """An environment with nothing but this package and its extras; its Python."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    install = [python, "-m", "pip", "install", "-q", f"{ROOT}[{','.join(EXTRAS)}]"]
    subprocess.run(install, check=True)
    return python


def components(python: Path) -> dict[str, dict[str, object]]:
    """Every distribution of an environment but the package itself and the installer's tools."""
    said = subprocess.run([python, "-c", READ], check=True, capture_output=True, text=True).stdout
    found: dict[str, dict[str, object]] = json.loads(said)
    return {name: found[name] for name in sorted(found, key=str.casefold) if _key(name) not in TOOLS}


def _key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def lock_lines(found: dict[str, dict[str, object]]) -> list[str]:
    """One pinned requirement a line: no addresses, so that any index serves."""
    head = [
        "# Made by benchmarks/maintain_release.py from a clean install with the extras "
        + ", ".join(EXTRAS)
        + ".",
        f"# Python {sys.version_info.major}.{sys.version_info.minor} on Linux x86-64:"
        " pip install -r requirements.lock",
    ]
    return head + [f"{_key(name)}=={each['version']}" for name, each in found.items()]


def table_lines(found: dict[str, dict[str, object]]) -> list[str]:
    """The list of components in Markdown."""
    lines = [
        "# Components and their licences",
        "",
        f"What a clean install of hybrid_ner with its extras ({', '.join(EXTRAS)}) brings along, read",
        "from the packages' own metadata by `python benchmarks/maintain_release.py`. The versions are those",
        "of `requirements.lock`. Shipped term lists and their licences: `gazetteers/SOURCES.md`.",
        "",
        "| component | version | licence | what it is |",
        "|---|---|---|---|",
    ]
    for name, each in found.items():
        named = each["named"]
        assert isinstance(named, list)
        said = str(each["licence"])
        if said.casefold().startswith("copyright") and named:
            said = ""  # The first line of the licence itself: the classifier says which one it is.
        licence = said or ", ".join(named) or "not stated in its metadata"
        about = re.sub(r" \((?:[\w-]+\.)+[a-z]+\)", "", str(each["about"]))  # "… (example.org)": no addresses
        cells = (name, str(each["version"]), licence, about)
        lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    return lines


def _of_parts(parts: dict[str, list[str]], names: Iterable[str]) -> Iterator[str]:
    """The requirements of parts, and of the parts that they name."""
    for text in (text for name in names for text in parts[name]):
        wanted = Requirement(text)
        yield from _of_parts(parts, wanted.extras) if _key(wanted.name) == OWN else [text]


def missing() -> list[str]:
    """Requirements of pyproject.toml that the lock lacks, or holds in another version than they allow."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *_of_parts(project["optional-dependencies"], EXTRAS)]
    lines = [line for line in LOCK.read_text(encoding="utf-8").splitlines() if "==" in line]
    held = dict(line.split("==") for line in lines)
    table = [line for line in COMPONENTS.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    listed = {_key(line.split("|")[1].strip()) for line in table}
    problems = [f"{name} is locked and not listed" for name in held if name not in listed]
    for text in asked:
        wanted = Requirement(text)
        version = held.get(_key(wanted.name))
        if version is None or not wanted.specifier.contains(version):
            problems.append(f"{text}: the lock has {version or 'none'}")
    return problems


def main() -> None:
    """Write both files, or check them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", type=Path, help="Python of a clean environment")
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    if not given.check:
        with tempfile.TemporaryDirectory() as folder:
            found = components(given.python or clean_environment(Path(folder)))
        LOCK.write_text("\n".join(lock_lines(found)) + "\n", encoding="utf-8")
        COMPONENTS.write_text("\n".join(table_lines(found)) + "\n", encoding="utf-8")
        print(f"{len(found)} components")
    if problems := missing():
        raise SystemExit("\n".join(problems))


if __name__ == "__main__":
    main()
