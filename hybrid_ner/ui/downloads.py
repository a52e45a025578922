"""The gold of a project as a file to download."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from hybrid_ner.corpus import write_corpus
from hybrid_ner.corpus.problems import ProblemLog
from hybrid_ner.review.gold import gold_documents
from hybrid_ner.review.project import Project

__all__ = ["GOLD_FORMATS", "gold_file"]

GOLD_FORMATS = {
    "jsonl": "gold.jsonl",
    "spacy": "gold.spacy",
    "conll": "gold.conll",
    "csv": "gold.csv",
    "brat": "gold",
}


def gold_file(project: Project, form: str) -> tuple[str, bytes, list[str]]:
    """Name, content, and what the format could not hold."""
    problems = ProblemLog()
    name = GOLD_FORMATS[form]
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        write_corpus(path, gold_documents(project), form, report=problems)
        content = _zipped(path) if path.is_dir() else path.read_bytes()
        full = f"{name}.zip" if path.is_dir() else name
    return full, content, [problem.message for problem in problems.problems]


def _zipped(folder: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    return packed.getvalue()
