"""Read and write corpora in any known format."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import partial
from pathlib import Path

from hybrid_ner.corpus.corpus import Corpus
from hybrid_ner.corpus.document import Document
from hybrid_ner.corpus.formats import Format, detect
from hybrid_ner.corpus.problems import Problem, Report, fail
from hybrid_ner.corpus.validate import validated
from hybrid_ner.errors import CorpusError

__all__ = ["read_corpus", "write_corpus"]


def read_corpus(
    path: str | Path,
    format: str | None = None,
    *,
    labels: Collection[str] | None = None,
    report: Report = fail,
) -> Corpus:
    """A corpus from a file or folder, read lazily and checked as it is read.

    Args:
        path: File or folder.
        format: Name of a format; by default the path's ending or the folder's content tells.
        labels: Labels that may occur; ``None`` allows any.
        report: Told about every unusable record or annotation. The default raises at the first;
            a ``ProblemLog`` keeps a list and leaves the unusable parts out.

    Raises:
        CorpusError: At once for a missing path or unknown format; while reading, for the first
            unusable record (unless ``report`` returns), and for a file without any document.
    """
    path = Path(path)
    if not path.exists():
        raise CorpusError("no such file or folder.", path=path, hint="Check the path.")
    chosen = detect(path, format)
    allowed = None if labels is None else frozenset(labels)
    return Corpus(partial(_read, path, chosen, report, allowed), path.name)


def _read(path: Path, chosen: Format, report: Report, labels: frozenset[str] | None) -> Iterator[Document]:
    first: list[Problem] = []

    def told(problem: Problem) -> None:
        if not first and not problem.warning:
            first.append(problem)
        report(problem)

    empty = True
    for document in validated(chosen.read_all(path, told), told, labels):
        empty = False
        yield document
    if empty:
        raise CorpusError(
            f"no usable document found (read as {chosen.name}).",
            path=path,
            hint=f"The first problem: {first[0].error()}" if first else "Check the file, or name its format.",
        )


def write_corpus(
    path: str | Path, documents: Iterable[Document], format: str | None = None, *, report: Report = fail
) -> int:
    """Write documents to a file or folder; it appears only once it is complete.

    Args:
        path: File or folder; an existing file is replaced.
        documents: In the order to write.
        format: Name of a format; by default the path's ending tells.
        report: Told about annotations that the format cannot hold. The default raises.

    Returns:
        The number of documents written.
    """
    path = Path(path)
    return detect(path, format).write(path, documents, report)
