"""Weak labels of a corpus as one file with a manifest."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hybrid_ner import __version__
from hybrid_ner.corpus import Corpus, Document, write_corpus
from hybrid_ner.pipeline.build import rule_pipeline, take_misaligned
from hybrid_ner.terms import Gazetteer
from hybrid_ner.text import atomic_path
from hybrid_ner.training.predict import document_from, read_docs
from hybrid_ner.weak.domains import DomainSettings

__all__ = ["label_corpus", "manifest_path"]


def manifest_path(output: Path) -> Path:
    """Where the manifest of a file of weak labels is."""
    return output.with_name(output.name + ".manifest.json")


def label_corpus(
    gazetteer: Gazetteer,
    domain: str,
    settings: DomainSettings,
    corpus: Corpus,
    output: Path,
    *,
    report: Callable[[str, float, str], None] = lambda step, share, line: None,
) -> dict[str, Any]:
    """Write the rules' aggregated labels, then the manifest: a file without one is not whole.

    Args:
        gazetteer: Terms for the domain's sources.
        domain: Whose sources to run.
        settings: Their switches.
        corpus: Text; annotations in it are not read.
        output: File in any corpus format.
        report: Told about progress.

    Returns:
        The manifest: counts, misaligned matches, and fingerprints of all inputs.
    """
    nlp = rule_pipeline(gazetteer, domain, settings)
    counts: Counter[str] = Counter()
    labels: Counter[str] = Counter()
    text_hash = hashlib.sha256()

    def labeled() -> Iterator[Document]:
        for document, doc in read_docs(nlp, corpus):
            text_hash.update(f"{document.doc_id}\t{document.content_hash}\n".encode("utf-8", "surrogatepass"))
            result = document_from(document, doc, "hybrid")
            counts.update(documents=1, tokens=len(doc), entities=len(doc.ents))
            labels.update(entity.label for entity in result.entities or ())
            report("label", 0.0, f"{counts['documents']:,} documents, {counts['entities']:,} spans")
            yield result

    manifest_path(output).unlink(missing_ok=True)
    write_corpus(output, labeled())
    manifest = {
        **counts,
        "entities": counts["entities"],
        "labels": dict(sorted(labels.items())),
        "misaligned": [asdict(match) for match in take_misaligned(nlp)],
        "domain": domain,
        "settings": asdict(settings),
        "gazetteer_fingerprint": gazetteer.fingerprint,
        "corpus_fingerprint": text_hash.hexdigest(),
        "version": __version__,
    }
    with atomic_path(manifest_path(output)) as temporary:
        temporary.write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
    return manifest
