"""What ``from hybrid_ner import …`` gives: every name is there, documented, and imported when it is used."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import hybrid_ner

DOCS = (Path(__file__).parent.parent / "docs" / "python.md").read_text(encoding="utf-8")


def test_every_name_is_there_and_documented() -> None:
    assert sorted(hybrid_ner.__all__) == sorted(hybrid_ner._MODULES)
    for name in hybrid_ner.__all__:
        assert getattr(hybrid_ner, name) is not None
        assert name in dir(hybrid_ner)
        assert re.search(rf"\b{name}\b", DOCS), f"docs/python.md does not show {name}"


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import hybrid_ner, sys; print(*{'spacy', 'numpy', 'catalogue', 'sqlalchemy'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == ""
