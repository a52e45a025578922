"""The rules of a project, prepared once, and what they say of its documents, kept between updates.

::

    FOLDER/rules/            the labeling sources as a pipeline, without a model
    FOLDER/rules.json        what they were made from, and their names
    FOLDER/votes.sqlite3     every document that they have read, with every vote

An update of the learner then opens no term list and runs no rule.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from spacy.attrs import SPACY
from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup
from spacy.vocab import Vocab

from hybrid_ner import __version__
from hybrid_ner.corpus import Document
from hybrid_ner.io import kept_database
from hybrid_ner.pipeline import Voters, add_source, labeling_sources, notes_of, save, source_names, voters_of
from hybrid_ner.pipeline.token_features import words_of
from hybrid_ner.sources.learned import DistrustedSource, ReviewedTermSource, ReviewPolicy
from hybrid_ner.text import quantity
from hybrid_ner.text.tokenizer import TEXT, blank
from hybrid_ner.training.predict import load_pipeline
from hybrid_ner.training.registry import read_record, write_json

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
    voters: Voters

    def read(self, documents: Sequence[Document], vocab: Vocab, told: Told) -> Iterator[Doc]:
        """Each document with the votes of the sources, in order; only new ones are read by the rules.

        Args:
            documents: Any; annotations are not read.
            vocab: The vocabulary that the documents share.
            told: Told about progress.
        """
        for data in self._votes(documents, told):
            yield unpacked(data, vocab)

    def keep(self, documents: Sequence[Document], told: Told) -> None:
        """Have the rules read what is new, so that ``read`` then only looks up."""
        for _ in self._votes(documents, told):
            pass

    def _votes(self, documents: Sequence[Document], told: Told) -> Iterator[bytes]:
        rules: Language | None = None
        with kept_database(self.folder / "votes.sqlite3", _SCHEMA) as kept:
            rest, done = iter(documents), 0
            while batch := list(islice(rest, _BATCH)):
                marks, hashes = ", ".join("?" * len(batch)), [d.content_hash for d in batch]
                query = f"SELECT text, doc FROM votes WHERE rules = ? AND text IN ({marks})"
                found: dict[str, bytes] = dict(kept.execute(query, [self.inputs, *hashes]).fetchall())
                missing = {d.content_hash: d.text for d in batch if d.content_hash not in found}
                if missing:
                    rules = rules or load_pipeline(self.folder / "rules")
                    found |= self._cast(kept, rules, missing)
                yield from map(found.__getitem__, hashes)
                done += len(batch)
                told(done / len(documents), f"{quantity(done, 'document')} read")

    def _cast(self, kept: sqlite3.Connection, rules: Language, texts: dict[str, str]) -> dict[str, bytes]:
        packed: dict[str, bytes] = {}
        unanswered: set[str] = set()
        for text_hash, doc in zip(texts, rules.pipe(texts.values()), strict=True):
            del doc.spans["rule"]
            doc.set_ents([])
            if any("unanswered" in notes for notes in notes_of(doc).values()):
                unanswered.add(text_hash)  # a model was not reached: it is asked again the next time
            packed[text_hash] = packed_doc(doc)
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
            add_source(nlp, ReviewedTermSource(policy.terms), self.domain)
        for name in self.names:
            config = {"domain": self.domain, "counts": name in self.voters.counting}
            nlp.add_pipe("labeling_source", name=name, config=config)
        if policy.judges:
            reads = source_names(nlp)
            add_source(nlp, DistrustedSource(policy.distrusted, reads, trust=policy.trust), self.domain)
        return nlp

    def finish(self, nlp: Language, docs: Iterable[Doc]) -> Iterator[Doc]:
        """Run what comes after the sources on documents that carry their votes."""
        for name, pipe in nlp.pipeline:
            if name not in self.names:
                docs = pipe.pipe(docs, batch_size=_BATCH) if hasattr(pipe, "pipe") else map(pipe, docs)
        yield from docs

    def save(self, nlp: Language, out: Path) -> None:
        """Save a pipeline made by ``pipeline``; the sources' files are linked, not written again."""
        save(nlp, out, {name: self.folder / "rules" / name for name in self.names})


def packed_doc(doc: Doc) -> bytes:
    """A document with its span groups and entities.

    ``Doc.to_bytes`` and ``from_bytes`` take ten times as long: srsly looks through all installed packages for
    every span group.
    """
    groups = {name: [_spans(group), group.attrs] for name, group in doc.spans.items()}
    spaces = doc.to_array(SPACY).astype(int).tolist()
    plain = {"words": words_of(doc), "spaces": spaces, "groups": groups, "ents": _spans(doc.ents)}
    return zlib.compress(json.dumps(plain).encode(), 1)


def _spans(spans: Iterable[Span]) -> list[tuple[int, int, str, str]]:
    return [(span.start, span.end, span.label_, span.kb_id_) for span in spans]


def unpacked(data: bytes, vocab: Vocab) -> Doc:
    """The inverse of ``packed_doc``."""
    plain = json.loads(zlib.decompress(data))
    doc = Doc(vocab, words=plain["words"], spaces=plain["spaces"])
    pairs = zip(plain["words"], plain["spaces"], strict=True)
    # spaCy goes through all tokens for the text of a document, each time.
    setattr(doc.spans, TEXT, "".join(f"{word} " if space else word for word, space in pairs))
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
    record, inputs = folder / "rules.json", f"{__version__}.4 {inputs}"
    made = read_record(record)
    if made.get("inputs") != inputs or not (folder / "rules" / "config.cfg").is_file():
        record.unlink(missing_ok=True)
        nlp, facts = make()
        save(nlp, folder / "rules")
        (folder / "votes.sqlite3").unlink(missing_ok=True)  # of other rules
        names = [part.name for part in labeling_sources(nlp)]
        made = {"inputs": inputs, "names": names, "voters": voters_of(nlp)._asdict(), "facts": facts}
        write_json(record, made)
    voters = Voters(**{worth: tuple(names) for worth, names in made["voters"].items()})
    return PreparedRules(folder, inputs, domain, tuple(made["names"]), made["facts"], voters)
