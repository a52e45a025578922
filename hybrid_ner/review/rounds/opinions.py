"""What other people and models said, as labeling sources of a project: each under its name.

The files that were imported may go; what was said is kept with the project, a file for each source.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from hybrid_ner.corpus import Document, read_corpus
from hybrid_ner.corpus.document import Opinion
from hybrid_ner.corpus.opinions import keep_opinions
from hybrid_ner.review.rounds.model_runs import registry_of
from hybrid_ner.review.rounds.models import ModelSetup
from hybrid_ner.review.rounds.round import first_round
from hybrid_ner.review.store.project import Project
from hybrid_ner.review.store.schema import document
from hybrid_ner.text import quantity

FOLDER = "predictions"
"""Below the folder of a project."""


@dataclass(frozen=True, slots=True)
class OpinionImport:
    """What became of an import.

    Args:
        added: Documents that are new in the project.
        known: Texts that it had.
        spans: Spans by name of the source.
        shown: Whether the documents show them; otherwise the model in use knows nothing of them yet.
    """

    added: int
    known: int
    spans: dict[str, int]
    shown: bool

    def sentence(self) -> str:
        """For people."""
        named = ", ".join(f"{name} ({count:,})" for name, count in self.spans.items())
        said = f"{quantity(self.added, 'document')} added, {self.known:,} known; suggestions of {named}"
        if self.shown:
            return said
        return f"{said}; the model in use was trained without them: `update` or `retrain` lets it hear them"


def import_opinions(
    project: Project,
    setup: ModelSetup,
    opinions: Iterable[Opinion],
    *,
    default: str,
    by: str = "admin",
    report: Callable[[str, float, str], None] = lambda step, share, line: None,
) -> OpinionImport:
    """Make what others said sources of a project, and show it where only rules have spoken so far.

    Args:
        project: The project; texts that it lacks are added.
        setup: How its models are made; it is saved with the new sources.
        opinions: As ``corpus.opinions.read_opinions`` gives them.
        default: Name of the source for opinions without a name.
        by: Who imports, for the log.
        report: Told about progress.
    """
    given = list(opinions)
    added, known = _add(project, given, by)
    specs = keep_named(setup.folder, given, default)
    folder = setup.folder / FOLDER
    counts = {name: _spans(folder / f"{name}.jsonl") for name in specs}
    setup = replace(setup, sources=(*(s for s in setup.sources if s not in specs.values()), *specs.values()))
    setup.save(project)
    registry = registry_of(project, setup)
    trained = bool(current := registry.current()) and registry.get(current).pipeline is not None
    if not trained:
        first_round(project, setup, report, by)
    return OpinionImport(added, known, counts, not trained)


def keep_named(folder: Path, opinions: Iterable[Opinion], default: str) -> dict[str, str]:
    """Keep what was said below the folder of a project; name of each source → how the project names it."""
    files = keep_opinions(opinions, folder / FOLDER, default)
    return {name: json.dumps({"predictions": str(path), "name": name}) for name, path in files.items()}


def _spans(path: Path) -> int:
    return sum(len(document.entities or ()) for document in read_corpus(path))


def _add(project: Project, opinions: Iterable[Opinion], by: str) -> tuple[int, int]:
    """Add the texts that the project lacks, under ids that it has not."""
    with project.read() as connection:
        rows = connection.execute(
            sa.select(document.c.doc_id, document.c.content_hash).where(document.c.project_id == project.id)
        ).all()
    ids, texts = {row.doc_id for row in rows}, {row.content_hash for row in rows}
    new: dict[str, Document] = {}
    had: set[str] = set()
    for each in (opinion.document for opinion in opinions):
        key = each.content_hash
        if key in texts:
            had.add(key)
        elif key not in new:
            doc_id = each.doc_id if each.doc_id not in ids else f"{each.doc_id} {key[:8]}"
            ids.add(doc_id)
            new[key] = Document(doc_id, each.text, None, each.meta)
    if new:
        project.add_documents(new.values(), by=by)
    return len(new), len(had)
