"""What the site needs beside its pages: the files of the repository that they link to.

In the repository a page says ``[rounds](../benchmarks/rounds.md)``. Those files stand outside ``docs``, so
they are added to the site under ``repository/``, and links are turned to where their file stands in the site.
A link to what the site has no page for (a folder, a script) keeps its words alone.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

ROOT = Path(__file__).parent.parent
EXTRA = (
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "gazetteers/SOURCES.md",
    "hybrid_ner/domains/geography/README.md",
    "words/SOURCES.md",
    *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "benchmarks").glob("*.md")),
    *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "benchmarks").glob("*.svg")),
)
_LINK = re.compile(
    r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s#]+)(#[^)\s]*)?\)"
)  # "[rounds](rounds.md#spread)"


def _in_site(path: str) -> str | None:
    """Where a file of the repository stands in the site: "docs/chat.md" → "chat.md"."""
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    if path == "README.md":
        return "index.md"
    return f"repository/{path}" if path in EXTRA else None


def _in_repository(uri: str) -> str:
    return uri.removeprefix("repository/") if uri.startswith("repository/") else f"docs/{uri}"


def on_files(files: Any, config: Any) -> Any:
    """Add the files of the repository that pages link to."""
    for name in EXTRA:
        files.append(File.generated(config, f"repository/{name}", abs_src_path=str(ROOT / name)))
    hooks = files.get_file_from_path("site_hooks.py")
    if hooks:
        files.remove(hooks)
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Turn links between files of the repository into links of the site."""
    uri = page.file.src_uri
    here = posixpath.dirname(_in_repository(uri))

    def turned(link: re.Match[str]) -> str:
        if "://" in link[3] or link[3].startswith("mailto:"):
            return link[0]
        path = _in_site(posixpath.normpath(posixpath.join(here, link[3])))
        if path is None:
            return link[2]
        anchor = (link[4] or "") if path != "index.md" else ""  # it has other headings than the README
        target = posixpath.relpath(path, posixpath.dirname(uri) or ".")
        return f"{link[1]}[{link[2]}]({target}{anchor})"

    return _LINK.sub(turned, markdown)
