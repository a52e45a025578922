"""Weak labels of a corpus as one file with a manifest; steps that resume where their inputs are unchanged."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from hybrid_ner import __version__
from hybrid_ner.corpus import Corpus, Document, read_corpus, write_corpus
from hybrid_ner.domains.registry import DomainSettings
from hybrid_ner.io import Report, fail
from hybrid_ner.pipeline import RuleReader, notes_of, rule_pipeline, take_misaligned, take_reports
from hybrid_ner.terms import Gazetteer
from hybrid_ner.text import atomic_path, part_of, quantity
from hybrid_ner.training.predict import document_from, read_docs, read_rules
from hybrid_ner.training.registry import read_record, write_json
from hybrid_ner.training.trust import earned, with_trust

_LOG = logging.getLogger(__name__)


def manifest_path(output: Path) -> Path:
    return output.with_name(output.name + ".manifest.json")


def labeled_documents(paths: Iterable[Path], report: Report = fail) -> Iterator[Document]:
    """Documents of files of labels, one file after the other.

    A shard that got no document is an empty file; its manifest says that nothing is missing.
    """
    for path in paths:
        if not path.is_file() or read_record(manifest_path(path)).get("documents") != 0:
            yield from read_corpus(path, report=report)


def label_corpus(
    gazetteer: Gazetteer,
    domain: str,
    settings: DomainSettings,
    corpus: Corpus,
    output: Path,
    *,
    report: Callable[[str, float, str], None] = lambda step, share, line: None,
    lost: Report = fail,
    whole: Corpus | None = None,
) -> dict[str, Any]:
    """Write the rules' aggregated labels, then the manifest: a file without one is not whole.

    Args:
        corpus: Text; annotations in it are not read.
        output: File in any corpus format.
        lost: Told about what the format of ``output`` cannot hold.
        whole: The corpus of which this one is a shard: models count alike in all shards.

    Returns:
        The manifest: counts, misaligned matches, and fingerprints of all inputs.
    """
    trust, _ = earned(gazetteer, domain, settings, whole or corpus, partial(report, "trust", 0.0))
    settings = with_trust(settings, trust)
    nlp, noted = rule_pipeline(gazetteer, domain, settings), ModelNotes()
    counts, labels, read = Counter[str](), Counter[str](), hashlib.sha256()

    def labeled() -> Iterator[Document]:
        if RuleReader.serves(nlp):
            rows = read_rules(nlp, corpus)
        else:
            rows = (document_from(d, noted.add(d, doc), "hybrid") for d, doc in read_docs(nlp, corpus))
        for document in rows:
            entities, about = document.entities or (), f"{document.doc_id}\t{document.content_hash}\n"
            read.update(about.encode("utf-8", "surrogatepass"))
            counts.update(documents=1, characters=len(document.text), entities=len(entities))
            labels.update(entity.label for entity in entities)
            number, spans = quantity(counts["documents"], "document"), quantity(counts["entities"], "span")
            report("label", 0.0, f"{number}, {spans}")
            yield document

    with _set_aside(manifest_path(output)):
        write_corpus(output, labeled(), report=lost)
    manifest = {
        **{name: counts[name] for name in ("documents", "characters", "entities")},
        "labels": dict(sorted(labels.items())),
        "misaligned": [asdict(match) for match in take_misaligned(nlp)],
        **noted.taken(nlp),
        "trust": [each.sentence() for each in trust],
        "domain": domain,
        "settings": settings.as_dict(),
        "gazetteer_fingerprint": gazetteer.fingerprint,
        "corpus_fingerprint": read.hexdigest(),
        "version": __version__,
    }
    write_json(manifest_path(output), manifest)
    return manifest


class ModelNotes:
    """What went wrong with models among the sources, document by document."""

    def __init__(self) -> None:
        self._rows: dict[str, list[dict[str, str]]] = {"unanswered": [], "problems": []}

    def add(self, document: Document, doc: Doc) -> Doc:
        """Take in one document as it was read, and give it on."""
        for source, notes in notes_of(doc).items():
            for kind, lines in notes.items():
                self._rows[kind] += (
                    {"id": document.doc_id, "source": source, "said": said} for said in lines
                )
        return doc

    def taken(self, nlp: Language) -> dict[str, Any]:
        """``models``: what each did; ``unanswered`` and ``problems``: rows. Empty without models."""
        did = {name: report.as_dict() for name, report in take_reports(nlp).items()}
        return {"models": did, **self._rows} if did else {}


@contextmanager
def _set_aside(path: Path) -> Iterator[None]:
    """A file that belongs to one that is made anew: gone when that is there, back when it failed."""
    kept = part_of(path)
    with suppress(FileNotFoundError):
        os.replace(path, kept)
    try:
        yield
    except BaseException:
        with suppress(FileNotFoundError):
            os.replace(kept, path)
        raise
    kept.unlink(missing_ok=True)


def fingerprint(*values: Any) -> str:
    """SHA-256 over plain values (strings, numbers, lists, dicts with string keys)."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()


def _sums(made: Sequence[Path]) -> list[str] | None:
    """What each file holds, in short; of a folder only that it is there. ``None`` when one is missing."""
    if not all(path.exists() for path in made):
        return None
    return ["" if path.is_dir() else file_sum(path) for path in made]


def file_sum(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class Steps:
    """Runs named steps in a folder, and skips one whose record names the same inputs."""

    folder: Path

    def run(
        self, name: str, inputs: str, work: Callable[[], dict[str, Any]], made: Iterable[Path] = ()
    ) -> dict[str, Any]:
        """The step's results: from its record when nothing changed, else by running ``work``.

        Args:
            inputs: Fingerprint of all that the results depend on.
            made: Files the step leaves; the record is worth nothing without them.

        Files that were changed or damaged since are made again: the record names their sums.

        Returns:
            The results with ``reused``, and ``changed``: an earlier run had other inputs.
        """
        record, made = self.folder / f"{name}.json", list(made)
        done = read_record(record)
        known = "result" in done
        same = known and done["inputs"] == inputs
        if same and done["made"] == _sums(made):
            _LOG.info("step %s: reused", name)
            return {**done["result"], "reused": True, "changed": False}
        record.unlink(missing_ok=True)
        started = time.perf_counter()
        result = work()
        result["seconds"] = round(time.perf_counter() - started, 1)
        _LOG.info("step %s: made in %.1f s", name, result["seconds"])
        with atomic_path(record) as temporary:
            kept = {"inputs": inputs, "made": _sums(made), "result": result}
            temporary.write_text(json.dumps(kept, indent=1), encoding="utf-8")
        return {**result, "reused": False, "changed": known and not same}
