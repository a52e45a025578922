"""What several people and models said of the same texts, each under its name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from hybrid_ner.bounds import reading
from hybrid_ner.corpus.document import Document, Entity, Opinion, with_usable_entities
from hybrid_ner.corpus.formats import detect, read_corpus, write_corpus
from hybrid_ner.errors import CorpusError
from hybrid_ner.io import ProblemLog, Report, fail


def read_opinions(path: str | Path, format: str | None = None, *, report: Report = fail) -> Iterator[Opinion]:
    """What each person or model said of each text; a text may come several times.

    Args:
        path: File or folder in any format. Exports of Argilla, Label Studio and Prodigy say who annotated,
            answered or suggested; a record of another format may have an ``annotator``.
        format: Name of a format; by default the content or the path's ending tells.
        report: As for ``read_corpus``; it is told as well how many answers were not read, and why.

    Raises:
        CorpusError: As ``read_corpus``, and for a file in which nobody said anything.
    """
    path, empty = Path(path), True
    chosen = detect(path, format) if path.is_file() else None
    if chosen is None or chosen.opinions is None:
        for document in read_corpus(path, format, report=report):
            if document.entities is not None:
                empty = False
                yield Opinion(document, str(document.meta.get("annotator") or ""))
    else:
        with reading(path, CorpusError):
            for place, each in chosen.opinions(path, report):
                empty = False
                yield replace(each, document=with_usable_entities(each.document, place, report))
    if empty:
        raise CorpusError(
            "nobody has labeled anything in it.", path=path, hint="Give documents with entities."
        )


def names_in(path: Path) -> tuple[str, ...]:
    """Names of who said something in a file, in order; empty where it has none."""
    stat = path.stat()
    return _names(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=64)
def _names(path: Path, changed: int, size: int) -> tuple[str, ...]:
    if path.is_dir() or detect(path).opinions is None:
        return ()
    found = dict.fromkeys(each.by for each in read_opinions(path, report=ProblemLog()))
    return tuple(filter(None, found))


_OUR_OWN = ("model", "rule", "gazetteer", "abbreviations", "near_matches", "context", "distrusted")
"""Names of parts of a pipeline that nobody else may have."""


def source_name(said: str) -> str:
    """The name of a person, model or file as the name of a labeling source: ``ana@example.org`` stays."""
    plain = re.sub(r"[^\w@+-]+", "_", said.strip()).strip("_")[:60] or "others"
    return f"{plain}_said" if plain.lower() in _OUR_OWN else plain


def keep_opinions(opinions: Iterable[Opinion], folder: Path, default: str) -> dict[str, Path]:
    """Write what each one said into a file of its own, beside what it said of other texts before.

    Args:
        opinions: As read.
        folder: For the files, ``NAME.jsonl``.
        default: Name of those that have none.

    Returns:
        Name of the source → its file.
    """
    said: dict[str, dict[str, Document]] = {}
    for each in opinions:
        mine = said.setdefault(source_name(each.by or default), {})
        key = each.document.content_hash
        before = mine[key].entities or () if key in mine else ()
        entities = tuple(_plain(e, each.by) for e in each.document.entities or ())
        mine[key] = Document(key[:32], each.document.text, (*before, *entities))
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, Path] = {}
    for name, documents in said.items():
        files[name] = path = folder / f"{name}.jsonl"
        kept = {d.content_hash: d for d in read_corpus(path)} if path.is_file() else {}
        write_corpus(path, ({**kept, **documents}).values())
    return files


def _plain(entity: Entity, by: str) -> Entity:
    """With its score, and who said it."""
    kept = {key: entity.attrs[key] for key in ("score", "model_score", "probability") if key in entity.attrs}
    return replace(entity, attrs={**kept, **({"source": by} if by else {})})
