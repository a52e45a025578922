"""Read documents with a hybrid pipeline and keep what one system, or all three, say; draw it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from itertools import starmap, tee
from pathlib import Path
from typing import Any

import spacy
import srsly
from spacy import displacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import load_model_from_config
from thinc.api import Config

from hybrid_ner.corpus.document import Document, Entity, documents_of, drawn
from hybrid_ner.errors import HybridNerError, InputError, ModelError, PluginError, given_path, missing_part
from hybrid_ner.io import UNREADABLE, Place, Problem
from hybrid_ner.pipeline import (
    CONCEPT_GROUP,
    CONTEXT_GROUP,
    MODEL_GROUP,
    RULE_GROUP,
    Recognizer,
    RuleReader,
    System,
    candidates_of,
    flags_by_span,
    given_pipeline,
    labeling_sources,
    prepared,
    system_spans,
    tell_learned,
)
from hybrid_ner.pipeline import SYSTEMS as SYSTEMS
from hybrid_ner.pipeline.hybrid_rules import HybridRules
from hybrid_ner.sources import NEAR_MATCHES, VETO, Vote
from hybrid_ner.text import quantity

_ENCODERS = ("tok2vec", "transformer")
"""Factories of components that only the model's answer needs, beside the recognizer."""

MAX_LENGTH = 50_000_000
"""Characters; spaCy's own limit of 1,000,000 guards parsers that are not used here."""


def parse_system(name: str) -> System:
    """The system of that name.

    Raises:
        InputError: There is none.
    """
    if name not in SYSTEMS:
        raise InputError(f"unknown system {name!r}.", hint=f"Use one of {', '.join(SYSTEMS)}.")
    return name


def load_pipeline(path: str | Path | bytes) -> Language:
    """Open a saved pipeline.

    Args:
        path: Its folder, or what ``nlp.to_bytes()`` gave. spaCy's own ``from_bytes`` fills a pipeline
            that has the same components already; a blank one stays blank.

    Raises:
        ModelError: The folder holds none, a half-written or a damaged one.
    """
    if isinstance(path, bytes):
        return _opened(partial(_from_bytes, path), "these bytes", "Call to_bytes() again.")
    folder = given_path(path)
    if not (folder / "config.cfg").is_file() or not (folder / "meta.json").is_file():
        raise ModelError(f"{folder}: no complete model here. Give the --out folder of a finished bootstrap.")
    again = "Run the command that made it again, with another --out or after removing the folder."
    return _opened(partial(spacy.load, folder), str(folder), again)


def _from_bytes(data: bytes) -> Language:
    config = Config().from_bytes(srsly.msgpack_loads(data)["config.cfg"], interpolate=False)
    nlp: Language = load_model_from_config(config).from_bytes(data)
    return nlp


def _opened(load: Callable[[], Language], what: str, again: str) -> Language:
    started = time.perf_counter()
    try:
        nlp = prepared(load())
    except HybridNerError:
        raise
    except Exception as error:
        if missing := missing_part(error):
            raise missing from error
        # Damaged files make spaCy, thinc, msgpack and json raise whatever they like.
        lines = (line.strip() for line in str(error).splitlines() if line.strip())
        said = f"{type(error).__name__}: {next(lines, 'no reason given')[:200]}"
        raise ModelError(f"{what}: the model cannot be opened ({said}). {again}") from error
    seconds = time.perf_counter() - started
    logging.getLogger(__name__).info("%s: opened in %.1f s: %s", what, seconds, ", ".join(nlp.pipe_names))
    nlp.max_length = MAX_LENGTH
    return nlp


def read_docs(nlp: Language, documents: Iterable[Document]) -> Iterator[tuple[Document, Doc]]:
    """Each document with its ``Doc``, read lazily and in order.

    One on which code of another package fails is left out where a command says so (``UNREADABLE``).

    Raises:
        PluginError: Such code failed.
    """
    settings = {part.name: {"failed": _failed} for part in labeling_sources(nlp)}
    pairs = ((document.text, document) for document in documents)
    for doc, document in nlp.pipe(pairs, as_tuples=True, batch_size=32, component_cfg=settings):
        yield document, doc


def _failed(doc: Doc, error: PluginError) -> None:
    _leave_out(doc._context, error)


def _leave_out(document: Document, error: PluginError) -> None:
    """Tell that code of another package fails on a document."""
    named = error.of(document.doc_id)
    if (report := UNREADABLE.get()) is None:
        raise named from error
    place = Place(str(error.path or ""), error.row)
    report(
        Problem("plug-in", f"{named.problem} The document is left out.", place, document.doc_id, error.hint)
    )


def predict(nlp: Language, documents: Iterable[Document], system: System) -> Iterator[Document]:
    """The documents with the entities that ``system`` gives them; gold in the input is ignored.

    Those that the pipeline has learned from are marked (``Document.was_learned``).

    Raises:
        ModelError: The pipeline does not have that system, for example rules when it was only trained.
        InputError: There is no such system, or something else than documents was given.
    """
    known = systems_of(nlp)
    if not isinstance(system, str) or system not in SYSTEMS:
        raise InputError(f"unknown system {system!r}.", hint=f"Use one of {', '.join(SYSTEMS)}.")
    if system not in known:
        raise ModelError(
            f"this pipeline has no answer of the {system} alone: it holds {', '.join(nlp.pipe_names)}. "
            "Use the system hybrid, or a pipeline made by bootstrap or retrain."
        )
    documents = tell_learned(nlp, documents_of(documents))
    if system == "rule" and RuleReader.serves(nlp, (*_recognizers(nlp), *_ENCODERS)):
        yield from read_rules(nlp, documents)
        return
    for document, doc in read_docs(nlp, documents):
        yield document_from(document, doc, system)


def systems_of(nlp: Language) -> tuple[System, ...]:
    """Those of ``SYSTEMS`` that a pipeline has an answer of: one that was only trained has no rules."""
    factories = {nlp.get_pipe_meta(name).factory for name in given_pipeline(nlp).pipe_names}
    parts = (pipe for _, pipe in nlp.pipeline if isinstance(pipe, HybridRules))
    rules = "entity_fusion" in factories or any(part.config.spans_key == RULE_GROUP for part in parts)
    answers = {"rule": rules, "model": bool(_recognizers(nlp)), "hybrid": True}
    return tuple(system for system in SYSTEMS if answers[system])


def _recognizers(nlp: Language) -> set[str]:
    """Factories of the components that answer as the model."""
    return {nlp.get_pipe_meta(name).factory for name, pipe in nlp.pipeline if isinstance(pipe, Recognizer)}


def predict_all(nlp: Language, documents: Iterable[Document]) -> dict[str, list[Document]]:
    """What each of a pipeline's systems answers, from one reading; as ``predict`` otherwise."""
    systems = systems_of(nlp)
    found: dict[str, list[Document]] = {system: [] for system in systems}
    for document, doc in read_docs(nlp, tell_learned(nlp, documents_of(documents))):
        for system in systems:
            found[system].append(document_from(document, doc, system))
    return found


def read_rules(nlp: Language, documents: Iterable[Document]) -> Iterator[Document]:
    """The documents with the entities that the rules give them, read without the model."""
    given, texts = tee(documents)
    for document, answer in zip(given, RuleReader(nlp).read(d.text for d in texts), strict=True):
        if isinstance(answer, PluginError):
            _leave_out(document, answer)
        else:
            yield replace(document, entities=tuple(starmap(_entity, answer)))


def _entity(vote: Vote, flags: tuple[str, ...]) -> Entity:
    attrs: dict[str, Any] = {"source": vote.source, **({"flags": list(flags)} if flags else {})}
    match = vote.match
    return Entity(match.start, match.end, match.label, next(iter(match.concept_ids), ""), attrs)


def document_from(document: Document, doc: Doc, system: System) -> Document:
    """``document`` with the entities of one system, each with the systems and sources behind it."""
    by = {"source": _by_span(doc, RULE_GROUP, "sources"), "model_score": _by_span(doc, MODEL_GROUP, "scores")}
    by_rules = doc.spans[CONCEPT_GROUP] if CONCEPT_GROUP in doc.spans else system_spans(doc, "rule")
    concepts = {(s.start, s.end, s.label_): s.kb_id_ for s in by_rules}
    flagged, entities = flags_by_span(doc), []
    for span in system_spans(doc, system):
        key = span.start, span.end, span.label_
        attrs: dict[str, Any] = {name: found[key] for name, found in by.items() if key in found}
        if flags := flagged.get((span.start_char, span.end_char)):
            attrs["flags"] = list(flags)
        if len(candidates := [each["concept"] for each in candidates_of(span)]) > 1:
            attrs["concepts"] = candidates
        concept = concepts.get(key, "")
        entities.append(Entity(span.start_char, span.end_char, span.label_, concept, attrs))
    return replace(document, entities=tuple(entities))


def _by_span(doc: Doc, group: str, attribute: str) -> dict[tuple[int, int, str], Any]:
    if group not in doc.spans:
        return {}
    spans = doc.spans[group]
    values = spans.attrs.get(attribute, [None] * len(spans))
    return {(s.start, s.end, s.label_): value for s, value in zip(spans, values, strict=True)}


_TIERS = {RULE_GROUP: "rules", MODEL_GROUP: "model", NEAR_MATCHES: "near match", CONTEXT_GROUP: "context"}
_MOST_TOKENS = 2_000
"""Tokens whose tiers are drawn: displaCy makes an element of each."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A document for a notebook; in a terminal it is one line.

    Args:
        doc: As a pipeline of this package has read it.
        groups: Further span groups to draw, by name: those of single sources, for example.
    """

    doc: Doc
    groups: tuple[str, ...] = ()

    def __repr__(self) -> str:
        found = ", ".join(f"{name} {len(self.doc.spans[key])}" for key, name in self._tiers())
        ents = quantity(len(self.doc.ents), "entity", "entities")
        return f"<document of {quantity(len(self.doc), 'token')}, {ents}{f': {found}' if found else ''}>"

    def _tiers(self) -> Iterator[tuple[str, str]]:
        for key, name in {**_TIERS, **{group: group for group in self.groups}}.items():
            if key in self.doc.spans and len(self.doc.spans[key]):
                yield key, name

    def _repr_html_(self) -> str:
        doc = self.doc
        ents = [(e.start_char, e.end_char, e.label_) for e in doc.ents]
        return drawn(doc.text, ents, str(doc.user_data.get("title", ""))) + self._drawn_tiers()

    def _drawn_tiers(self) -> str:
        spans = [row for key, name in self._tiers() for row in self._rows(key, name)]
        if not spans:
            return ""
        tokens = [escape(token.text) for token in self.doc[:_MOST_TOKENS]]
        row = {"text": escape(self.doc.text), "tokens": tokens, "spans": spans}
        html: str = displacy.render(row, style="span", manual=True, jupyter=False)
        left = len(self.doc) - len(tokens)
        return html + (f"<p>tiers of the other {left:,} tokens are not drawn</p>" if left > 0 else "")

    def _rows(self, key: str, name: str) -> Iterator[dict[str, Any]]:
        """The spans of one tier; a model's with its probability."""
        group = self.doc.spans[key]
        scores = group.attrs.get("scores") or [None] * len(group)
        for span, score in zip(group, scores, strict=True):
            if span.end <= _MOST_TOKENS and span.label_ != VETO:
                sure = f" {score:.2f}" if score is not None else ""
                label = escape(f"{name}: {span.label_}{sure}")
                yield {"start_token": span.start, "end_token": span.end, "label": label}


def show(doc: Doc, *groups: str) -> Shown:
    """A document for a notebook: entities, then rules, model, near matches and context flags in tiers.

    Args:
        doc: As a pipeline of this package has read it.
        *groups: Span groups of single sources to draw too (``"gazetteer"``).
    """
    if not isinstance(doc, Doc):
        raise InputError(f"expected a Doc, found {repr(doc)[:60]}.", hint="Give nlp(text).")
    return Shown(doc, groups)
