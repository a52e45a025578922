"""The formats that documents are read from and written to: one module each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType

from hybrid_ner import registry
from hybrid_ner.bounds import reading
from hybrid_ner.corpus.document import Corpus, Document, Located, validated
from hybrid_ner.corpus.formats import brat, conll, docbin, doccano, jsonl, label_studio, prodigy, table, txt
from hybrid_ner.errors import CorpusError
from hybrid_ner.io import Problem, Report, fail

__all__ = ["FORMATS", "Format", "detect", "formats", "read_corpus", "write_corpus"]


@dataclass(frozen=True, slots=True)
class Format:
    """A way to keep documents in a file or a folder.

    Args:
        name: As given on the command line.
        suffixes: File name endings that stand for it.
        read: Parses; yields documents and where each was found.
        write: Writes whole or not at all; returns the number of documents.
        folder: Whether one corpus is a folder of files.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[Path, Report], Iterator[Located]]
    write: Callable[[Path, Iterable[Document], Report], int]
    folder: bool = False

    def read_all(self, path: Path, report: Report) -> Iterator[Located]:
        """As ``read``; a folder of single files is read file by file."""
        if self.folder or not path.is_dir():
            yield from self.read(path, report)
            return
        for file in sorted(path.rglob("*")):
            if file.is_file() and self.holds(file):
                yield from self.read(file, report)

    def holds(self, file: Path) -> bool:
        """Whether the file's name stands for this format."""
        return file.name.lower().endswith(self.suffixes)


_ALL = (
    Format("jsonl", (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz"), jsonl.read, jsonl.write),
    Format("brat", (".ann",), brat.read, brat.write, folder=True),
    Format("txt", (".txt",), txt.read, txt.write, folder=True),
    Format("conll", (".conll", ".iob", ".bio", ".iob2", ".conll.gz", ".bioes"), conll.read, conll.write),
    Format("biluo", (".biluo", ".bilou"), conll.read, conll.write_biluo),
    Format("spacy", (".spacy",), docbin.read, docbin.write),
    Format("csv", (".csv", ".tsv", ".csv.gz", ".tsv.gz"), table.read, table.write),
    # Endings that others use too: these three are read only by name.
    Format("label-studio", (), label_studio.read, label_studio.write),
    Format("doccano", (), doccano.read, doccano.write),
    Format("prodigy", (), prodigy.read, prodigy.write),
)

_OFFICE = (".doc", ".docx", ".odt", ".pdf", ".rtf", ".xls", ".xlsx", ".htm", ".html")

FORMATS: Mapping[str, Format] = MappingProxyType({each.name: each for each in _ALL})


def formats() -> dict[str, Format]:
    """Every format by name: those above, and those that other packages bring."""
    return {**FORMATS, **{name: each for name, each in registry.FORMATS.all() if name not in FORMATS}}


def detect(path: Path, name: str | None = None) -> Format:
    """The format called ``name``, or else the one that the path's ending or the folder's files stand for."""
    if name is not None:
        known = formats()
        if name not in known:
            raise CorpusError(f"unknown format {name!r}.", path=path, hint=f"Use one of {', '.join(known)}.")
        return known[name]
    found = _in_folder(path) if path.is_dir() else [each for each in formats().values() if each.holds(path)]
    if len(found) == 1:
        return found[0]
    raise _unknown(path, found)


def _unknown(path: Path, found: Sequence[Format]) -> CorpusError:
    if path.suffix.lower() in _OFFICE:
        hint = "Save it as plain text (.txt); the review page imports the text of DOCX and PDF files."
        return CorpusError(f"{path.suffix} is no format of documents here.", path=path, hint=hint)
    if path.is_dir() and not any(path.iterdir()):
        return CorpusError("the folder is empty.", path=path, hint="Give one that holds documents.")
    several = f" (it could be {' or '.join(each.name for each in found)})" if found else ""
    what = "folder's files do" if path.is_dir() else "file name does"
    return CorpusError(
        f"the {what} not tell the format{several}.",
        path=path,
        hint="Use an ending such as .jsonl, or name the format, as hybrid-ner corpus convert --from and --to "
        f"take it: one of {', '.join(formats())}.",
    )


def _in_folder(path: Path) -> list[Format]:
    files = [file for file in path.rglob("*") if file.is_file()]
    found = [each for each in formats().values() if any(map(each.holds, files))]
    # Annotations beside texts are one corpus in brat's form.
    return [FORMATS["brat"]] if FORMATS["brat"] in found else found


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
    with reading(path, CorpusError):
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
