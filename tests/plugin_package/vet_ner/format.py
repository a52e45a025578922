"""A corpus format: one visit a line, `id<TAB>text<TAB>start:end:label …`, in files that end in .visits."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from hybrid_ner import Document, Entity
from hybrid_ner.corpus.document import Located
from hybrid_ner.corpus.formats import Format
from hybrid_ner.io import Place, Report


def _read(path: Path, report: Report) -> Iterator[Located]:
    for row, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        name, text, spans = [*line.split("\t"), "", ""][:3]
        parts = [span.split(":") for span in spans.split()]
        entities = tuple(Entity(int(start), int(end), label) for start, end, label in parts)
        yield Place(str(path), row), Document(name, text, entities if spans else None)


def _write(path: Path, documents: Iterable[Document], report: Report) -> int:
    rows = []
    for each in documents:
        spans = " ".join(f"{e.start}:{e.end}:{e.label}" for e in each.entities or ())
        rows.append(f"{each.doc_id}\t{each.text}\t{spans}\n")
    path.write_text("".join(rows), encoding="utf-8")
    return len(rows)


FORMAT = Format("visits", (".visits",), _read, _write)
