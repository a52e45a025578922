"""The gold of a project as a file to download."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hybrid_ner.review.store.codebook import codebook_of
from hybrid_ner.review.store.gold import export_documents, export_path, gold_documents, with_codebook
from hybrid_ner.review.store.project import Project


@dataclass(frozen=True, slots=True)
class GoldFile:
    """A file to download.

    Args:
        name: Made from the project's name.
        content: The whole file; a folder is packed.
        documents: How many it holds.
        lost: What the format could not hold.
    """

    name: str
    content: bytes
    documents: int
    lost: tuple[str, ...]


def gold_file(project: Project, form: str) -> GoldFile:
    """The gold in a format, as ``export`` writes it; no file stays behind.

    Raises:
        InputError: Unknown format.
    """
    with TemporaryDirectory() as folder:
        path = export_path(form, project.name, "", Path(folder))
        gold = with_codebook(gold_documents(project), codebook_of(project).version)
        done = export_documents(gold, form, path)
        packed = path.is_dir()
        content = _zipped(path) if packed else path.read_bytes()
    name = f"{path.name}.zip" if packed else path.name
    return GoldFile(name, content, done.documents, tuple(p.message for p in done.lost.problems))


def _zipped(folder: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    return packed.getvalue()
