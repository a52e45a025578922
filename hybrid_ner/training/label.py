"""What the rules say of documents: as one file with a manifest, or kept between updates of the learner.

Steps that resume where their inputs are unchanged. Beside them the rules of a project, prepared once, and
every vote that they have cast, so that an update opens no term list and runs no rule::

    FOLDER/rules/            the labeling sources as a pipeline, without a model
    FOLDER/rules.json        what they were made from, and their names
    FOLDER/votes.sqlite3     every document that they have read, with every vote
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sqlite3
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from spacy.attrs import SPACY
from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup
from spacy.vocab import Vocab

from hybrid_ner import __version__, pipeline
from hybrid_ner.corpus import Corpus, Document, read_corpus, write_corpus
from hybrid_ner.corpus.formats import for_writing
from hybrid_ner.domains.registry import DomainSettings
from hybrid_ner.io import Report, fail, kept_database
from hybrid_ner.pipeline.token_features import WORDS, words_of
from hybrid_ner.sources.learned import DistrustedSource, ReviewedTermSource, ReviewPolicy
from hybrid_ner.terms import Gazetteer
from hybrid_ner.text import part_of, quantity
from hybrid_ner.text.tokenizer import TEXT, blank
from hybrid_ner.training.predict import document_from, load_pipeline, read_docs, read_rules
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
    for_writing(output, None)  # says now that no format has this ending, not after the reading
    trust, _ = earned(gazetteer, domain, settings, whole or corpus, partial(report, "trust", 0.0))
    settings = with_trust(settings, trust)
    nlp, noted = pipeline.rule_pipeline(gazetteer, domain, settings), ModelNotes()
    counts, labels, read = Counter[str](), Counter[str](), hashlib.sha256()

    def labeled() -> Iterator[Document]:
        if pipeline.RuleReader.serves(nlp):
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
        **pipeline.take_misaligned(nlp).as_dict(),
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
        for source, notes in pipeline.notes_of(doc).items():
            for kind, lines in notes.items():
                self._rows[kind] += (
                    {"id": document.doc_id, "source": source, "said": said} for said in lines
                )
        return doc

    def taken(self, nlp: Language) -> dict[str, Any]:
        """``models``: what each did; ``unanswered`` and ``problems``: rows. Empty without models."""
        did = {name: report.as_dict() for name, report in pipeline.take_reports(nlp).items()}
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
            inputs: Fingerprint of all that the results depend on beside the version of this package.
            made: Files the step leaves; the record is worth nothing without them.

        Files that were changed or damaged since are made again: the record names their sums.

        Returns:
            The results with ``reused``, and ``changed``: an earlier run had other inputs.
        """
        record, made = self.folder / f"{name}.json", list(made)
        # Another version may have kept other results under the same name.
        inputs, done = fingerprint(__version__, inputs), read_record(record)
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
        write_json(record, {"inputs": inputs, "made": _sums(made), "result": result})
        return {**result, "reused": False, "changed": known and not same}


# The rules of a project and their votes, kept between updates.

_BATCH = 64
_SCHEMA = "CREATE TABLE IF NOT EXISTS votes (rules TEXT, text TEXT, doc BLOB, PRIMARY KEY (rules, text))"

Told = Callable[[float, str], None]
"""Told the share of documents read and a line for people."""


@dataclass(frozen=True, slots=True)
class PreparedRules:
    """Labeling sources in a folder, with the votes they have cast so far.

    Args:
        folder: See the module.
        inputs: Fingerprint of everything they were made from.
        names: The sources in order of trust.
        facts: What their making told, for example how many words were learned.
        voters: The same sources by what their votes are worth.
    """

    folder: Path
    inputs: str
    domain: str
    names: tuple[str, ...]
    facts: dict[str, Any]
    voters: pipeline.Voters

    def read(self, documents: Sequence[Document], vocab: Vocab, told: Told) -> Iterator[tuple[Document, Doc]]:
        """Each document with the votes of the sources, in order; only new ones are read by the rules.

        As ``read_docs`` it may leave some out.

        Args:
            documents: Any; annotations are not read.
            vocab: The vocabulary that the documents share.
            told: Told about progress.
        """
        for document, data in self._votes(documents, told):
            yield document, doc_of(json.loads(zlib.decompress(data)), vocab)

    def keep(self, documents: Sequence[Document], told: Told) -> list[Document]:
        """Have the rules read what is new, so that ``read`` of what is given back only looks up."""
        return [document for document, _ in self._votes(documents, told)]

    def _votes(self, documents: Sequence[Document], told: Told) -> Iterator[tuple[Document, bytes]]:
        rules: Language | None = None
        with kept_database(self.folder / "votes.sqlite3", _SCHEMA) as kept:
            rest, done = iter(documents), 0
            while batch := list(islice(rest, _BATCH)):
                marks, hashes = ", ".join("?" * len(batch)), [d.content_hash for d in batch]
                query = f"SELECT text, doc FROM votes WHERE rules = ? AND text IN ({marks})"
                found: dict[str, bytes] = dict(kept.execute(query, [self.inputs, *hashes]).fetchall())
                missing = {d.content_hash: d for d in batch if d.content_hash not in found}
                if missing:
                    rules = rules or load_pipeline(self.folder / "rules")
                    found |= self._cast(kept, rules, missing)
                yield from ((d, found[d.content_hash]) for d in batch if d.content_hash in found)
                done += len(batch)
                told(done / len(documents), f"{done:,} of {quantity(len(documents), 'document')}")

    def _cast(
        self, kept: sqlite3.Connection, rules: Language, documents: dict[str, Document]
    ) -> dict[str, bytes]:
        packed: dict[str, bytes] = {}
        unanswered: set[str] = set()
        for document, doc in read_docs(rules, documents.values()):
            text_hash = document.content_hash
            del doc.spans["rule"]
            doc.set_ents([])
            if any("unanswered" in notes for notes in pipeline.notes_of(doc).values()):
                unanswered.add(text_hash)  # a model was not reached: it is asked again the next time
            packed[text_hash] = zlib.compress(json.dumps(plain_doc(doc)).encode(), 1)
        with kept:
            kept.executemany(
                "INSERT OR REPLACE INTO votes VALUES (?, ?, ?)",
                [(self.inputs, text_hash, packed[text_hash]) for text_hash in packed.keys() - unanswered],
            )
        return packed

    def pipeline(self, policy: ReviewPolicy) -> Language:
        """The sources in their places, without their terms and rules, and those of the policy around them.

        It reads documents of ``read`` (``finish``); saved with ``save`` it is whole.
        """
        nlp = blank()
        if policy.terms:
            pipeline.add_source(nlp, ReviewedTermSource(policy.terms), self.domain)
        for name in self.names:
            config = {"domain": self.domain, "counts": name in self.voters.counting}
            nlp.add_pipe("labeling_source", name=name, config=config)
        if policy.judges:
            reads = pipeline.source_names(nlp)
            judge = DistrustedSource(policy.distrusted, reads, trust=policy.trust)
            pipeline.add_source(nlp, judge, self.domain)
        return nlp

    def finish(self, nlp: Language, docs: Iterable[Doc]) -> Iterator[Doc]:
        """Run what comes after the sources on documents that carry their votes."""
        for name, pipe in nlp.pipeline:
            if name not in self.names:
                docs = pipe.pipe(docs, batch_size=_BATCH) if hasattr(pipe, "pipe") else map(pipe, docs)
        yield from docs

    def save(self, nlp: Language, out: Path) -> None:
        """Save a pipeline made by ``pipeline``; the sources' files are linked, not written again."""
        pipeline.save(nlp, out, {name: self.folder / "rules" / name for name in self.names})


def plain_doc(doc: Doc) -> dict[str, Any]:
    """A document with its span groups and entities as plain values, for ``doc_of``.

    ``Doc.to_bytes`` and ``from_bytes`` take ten times as long: srsly looks through all installed packages for
    every span group.
    """
    groups = {name: [_spans(group), group.attrs] for name, group in doc.spans.items()}
    spaces = doc.to_array(SPACY).astype(int).tolist()
    return {"words": words_of(doc), "spaces": spaces, "groups": groups, "ents": _spans(doc.ents)}


def _spans(spans: Iterable[Span]) -> list[tuple[int, int, str, str]]:
    return [(span.start, span.end, span.label_, span.kb_id_) for span in spans]


def doc_of(plain: Mapping[str, Any], vocab: Vocab) -> Doc:
    """The inverse of ``plain_doc``."""
    doc = Doc(vocab, words=plain["words"], spaces=plain["spaces"])
    pairs = zip(plain["words"], plain["spaces"], strict=True)
    # spaCy goes through all tokens for the text of a document and for its words, each time.
    setattr(doc.spans, TEXT, "".join(f"{word} " if space else word for word, space in pairs))
    setattr(doc.spans, WORDS, plain["words"])
    for name, (spans, attrs) in plain["groups"].items():
        made = [Span(doc, start, end, label, kb_id=kb_id) for start, end, label, kb_id in spans]
        doc.spans[name] = SpanGroup(doc, name=name, spans=made, attrs=attrs)
    doc.set_ents([Span(doc, start, end, label, kb_id=kb_id) for start, end, label, kb_id in plain["ents"]])
    return doc


def prepare_rules(
    folder: Path, inputs: str, domain: str, make: Callable[[], tuple[Language, dict[str, Any]]]
) -> PreparedRules:
    """The rules in a folder, made anew when they were made from something else.

    Args:
        inputs: Fingerprint of everything that they depend on.
        make: Gives a pipeline with the sources, and facts about it as plain values.
    """
    record, inputs = folder / "rules.json", f"{__version__}.5 {inputs}"
    made = read_record(record)
    if made.get("inputs") != inputs or not (folder / "rules" / "config.cfg").is_file():
        record.unlink(missing_ok=True)
        nlp, facts = make()
        pipeline.save(nlp, folder / "rules")
        (folder / "votes.sqlite3").unlink(missing_ok=True)  # of other rules
        names = [part.name for part in pipeline.labeling_sources(nlp)]
        made = {"inputs": inputs, "names": names, "voters": pipeline.voters_of(nlp)._asdict(), "facts": facts}
        write_json(record, made)
    voters = pipeline.Voters(**{worth: tuple(names) for worth, names in made["voters"].items()})
    return PreparedRules(folder, inputs, domain, tuple(made["names"]), made["facts"], voters)
